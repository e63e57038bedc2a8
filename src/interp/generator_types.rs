//! The types of generators and coroutines: methods and attributes.

use super::frame_object;
use super::generator::{self, Generator};
use super::monitor::legacy;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::sync::shim::atomic::Ordering::Relaxed;

/// The payload behind a value that a row of these tables was called on.
pub(super) fn this<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Generator> {
    generator::of(v).ok_or_else(|| raise::type_error(t, "a generator, coroutine or asynchronous generator is required"))
}

pub(super) fn repr(t: &Thread, v: &Value) -> PyResult {
    let g = this(t, v)?;
    let text = format!("<{} object {} at {:#x}>", v.class().name(), str::lossy(&g.qualname()), v.id());
    Ok(str::from_str(&text))
}

fn throw_row(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "throw")?;
    let pos = args.pos();
    if !(2..=4).contains(&pos.len()) {
        let message = match pos.len() {
            1 => "throw expected at least 1 argument, got 0".to_string(),
            n => format!("throw expected at most 3 arguments, got {}", n - 1),
        };
        return Err(raise::type_error(t, message));
    }
    if pos.len() > 2 {
        (crate::object::hooks::get().warn)(
            t,
            &core_types::exc::DEPRECATION_WARNING.as_value(),
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    generator::throw(t, &pos[0], &pos[1..])
}

const SEND_DOC: &str = "Send 'arg' into the generator,\nreturn next yielded value or raise StopIteration.";
const THROW_DOC: &str = "Raise exception in generator, return next yielded value or raise\nStopIteration.";
const CLOSE_DOC: &str = "Raise GeneratorExit inside the generator.";

pub(super) fn get_name(t: &Thread, v: &Value) -> PyResult {
    Ok(this(t, v)?.name())
}

pub(super) fn get_qualname(t: &Thread, v: &Value) -> PyResult {
    Ok(this(t, v)?.qualname())
}

fn set_text(t: &Thread, v: &Value, which: &str, slot: &Slot, value: Option<&Value>) -> PyResult<()> {
    let Some(text) = value.filter(|v| str::view(v).is_some()) else {
        return Err(raise::type_error(t, format!("{which} must be set to a string object")));
    };
    let Some(header) = v.header() else { return Ok(()) };
    let old = {
        let _guard = t.lock(header);
        slot.swap(Some(text.clone()))
    };
    drop(old);
    Ok(())
}

pub(super) fn set_name(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    set_text(t, v, "__name__", &this(t, v)?.name, value)
}

pub(super) fn set_qualname(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    set_text(t, v, "__qualname__", &this(t, v)?.qualname, value)
}

pub(super) fn get_code(t: &Thread, v: &Value) -> PyResult {
    Ok(this(t, v)?.code().as_value())
}

pub(super) fn get_running(t: &Thread, v: &Value) -> PyResult {
    Ok(Value::bool(this(t, v)?.is_running()))
}

pub(super) fn get_suspended(t: &Thread, v: &Value) -> PyResult {
    Ok(Value::bool(this(t, v)?.is_suspended()))
}

pub(super) fn get_delegate(t: &Thread, v: &Value) -> PyResult {
    Ok(this(t, v)?.delegate().unwrap_or(Value::NONE))
}

pub(super) fn get_frame(t: &Thread, v: &Value) -> PyResult {
    let g = this(t, v)?;
    // SAFETY: the frame is claimed while its object is made; a running generator's frame is found on the stack.
    let object = g.with_frame(|frame| unsafe { frame_object::of(t, frame) });
    Ok(object.or_else(|| g.is_running().then(|| frame_object::of_generator(t, v)).flatten()).unwrap_or(Value::NONE))
}

fn class_getitem(t: &Thread, class: &Value, item: &Value) -> PyResult {
    (crate::object::hooks::get().generic_alias)(t, class, item)
}

static GENERATOR_METHODS: &[Method] = &[
    Method::new("send", "($self, value, /)", NativeFn::F2(generator::send), SEND_DOC),
    Method::new("throw", "", NativeFn::Raw(throw_row), THROW_DOC),
    Method::new("close", "($self, /)", NativeFn::F1(generator::close), CLOSE_DOC),
    Method::new("__class_getitem__", "($type, item, /)", NativeFn::F2(class_getitem), "See PEP 585").class_method(),
];

static COROUTINE_METHODS: &[Method] = &[
    Method::new(
        "send",
        "($self, value, /)",
        NativeFn::F2(generator::send),
        "Send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration.",
    ),
    Method::new(
        "throw",
        "",
        NativeFn::Raw(throw_row),
        "Raise exception in coroutine, return next iterated value or raise\nStopIteration.",
    ),
    Method::new("close", "($self, /)", NativeFn::F1(generator::close), "Raise GeneratorExit inside coroutine."),
    Method::new("__class_getitem__", "($type, item, /)", NativeFn::F2(class_getitem), "See PEP 585").class_method(),
];

static GENERATOR_ATTRIBUTES: &[GetSet] = &[
    GetSet::new("__name__", get_name, set_name, "name of the generator"),
    GetSet::new("__qualname__", get_qualname, set_qualname, "qualified name of the generator"),
    GetSet::read_only("gi_code", get_code, ""),
    GetSet::read_only("gi_running", get_running, ""),
    GetSet::read_only("gi_suspended", get_suspended, ""),
    GetSet::read_only("gi_frame", get_frame, ""),
    GetSet::read_only("gi_yieldfrom", get_delegate, "object being iterated by yield from, or None"),
];

pub static GENERATOR_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(repr),
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(generator::next),
        send: Some(generator::send_slot),
        finalize: Some(generator::finalize),
        ..SlotTable::EMPTY
    },
    methods: GENERATOR_METHODS,
    getset: GENERATOR_ATTRIBUTES,
    flags: flag::DISALLOW_INSTANTIATION | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "generator", layout_of::<Generator>(true))
};

fn get_origin(t: &Thread, v: &Value) -> PyResult {
    Ok(this(t, v)?.extra.load().unwrap_or(Value::NONE))
}

static COROUTINE_ATTRIBUTES: &[GetSet] = &[
    GetSet::new("__name__", get_name, set_name, "name of the coroutine"),
    GetSet::new("__qualname__", get_qualname, set_qualname, "qualified name of the coroutine"),
    GetSet::read_only("cr_code", get_code, ""),
    GetSet::read_only("cr_running", get_running, ""),
    GetSet::read_only("cr_suspended", get_suspended, ""),
    GetSet::read_only("cr_frame", get_frame, ""),
    GetSet::read_only("cr_await", get_delegate, "object being awaited on, or None"),
    GetSet::read_only("cr_origin", get_origin, ""),
];

pub static COROUTINE_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(repr),
        await_: Some(|_, v| Ok(alloc::new(&COROUTINE_WRAPPER, Wrapper(Stored::new(v.clone()))))),
        send: Some(generator::send_slot),
        finalize: Some(generator::finalize),
        ..SlotTable::EMPTY
    },
    methods: COROUTINE_METHODS,
    getset: COROUTINE_ATTRIBUTES,
    flags: flag::DISALLOW_INSTANTIATION | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "coroutine", layout_of::<Generator>(true))
};

/// What `coroutine.__await__()` answers: an iterator over the coroutine.
pub struct Wrapper(Stored);

/// The type of `Wrapper`.
pub static COROUTINE_WRAPPER: StaticType = StaticType::new(&WRAPPER_SPEC);

// SAFETY: `COROUTINE_WRAPPER`'s layout is `Wrapper`.
unsafe impl Payload for Wrapper {
    fn layout_type() -> &'static Type {
        &COROUTINE_WRAPPER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.0);
    }
}

fn wrapped(t: &Thread, v: &Value) -> PyResult {
    match v.downcast::<Wrapper>() {
        Some(w) => Ok((*w.0).clone()),
        None => Err(raise::type_error(t, "a coroutine_wrapper is required")),
    }
}

pub static WRAPPER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(|t, v| generator::next(t, &wrapped(t, v)?)),
        send: Some(|t, v, sent| generator::send_slot(t, &wrapped(t, v)?, sent)),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "send",
            "($self, value, /)",
            NativeFn::F2(|t, v, sent| generator::send(t, &wrapped(t, v)?, sent)),
            SEND_DOC,
        ),
        Method::new(
            "throw",
            "",
            NativeFn::Raw(|t, args| match args.pos() {
                [v, rest @ ..] => generator::throw(t, &wrapped(t, v)?, rest),
                [] => Err(raise::type_error(t, "throw expected at least 1 argument, got 0")),
            }),
            THROW_DOC,
        ),
        Method::new("close", "($self, /)", NativeFn::F1(|t, v| generator::close(t, &wrapped(t, v)?)), CLOSE_DOC),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "coroutine_wrapper", layout_of::<Wrapper>(true))
};

fn frame_payload<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a frame_object::FrameObject> {
    v.downcast().ok_or_else(|| raise::type_error(t, "a frame is required"))
}

fn frame_repr(t: &Thread, v: &Value) -> PyResult {
    let f = frame_payload(t, v)?;
    let Some(code) = f.code.downcast::<crate::bytecode::code::Code>() else { return protocol::repr(t, &f.code) };
    let file = protocol::repr_lossy(t, &code.filename);
    let text = format!(
        "<frame at {:#x}, file {file}, line {}, code {}>",
        v.id(),
        f.line().map_or("None".to_string(), |n| n.to_string()),
        str::lossy(&code.name)
    );
    Ok(str::from_str(&text))
}

fn frame_line(t: &Thread, v: &Value) -> PyResult {
    Ok(frame_payload(t, v)?.line().map_or(Value::NONE, |n| Value::int(n as i64)))
}

fn set_line(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let f = frame_payload(t, v)?;
    let Some(line) = value else {
        return Err(raise::attribute_error(t, v, &str::from_str("f_lineno"), "cannot delete attribute"));
    };
    f.jump(t, line)
}

fn get_trace(t: &Thread, v: &Value) -> PyResult {
    Ok(frame_payload(t, v)?.trace_function.load().unwrap_or(Value::NONE))
}

fn set_trace(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    legacy::set_local(t, v, value.and_then(Value::non_none).cloned());
    Ok(())
}

fn truth(t: &Thread, value: Option<&Value>) -> PyResult<bool> {
    match value {
        Some(v) => v.as_bool().ok_or_else(|| raise::type_error(t, "attribute value type must be bool")),
        None => Err(raise::type_error(t, "can't delete numeric/char attribute")),
    }
}

fn set_trace_lines(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    frame_payload(t, v)?.trace_lines.store(truth(t, value)?, Relaxed);
    Ok(())
}

fn set_trace_opcodes(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let on = truth(t, value)?;
    frame_payload(t, v)?.trace_opcodes.store(on, Relaxed);
    if on {
        legacy::ask_for_opcodes(t);
    }
    Ok(())
}

/// `frame.clear()`.
fn frame_clear(t: &Thread, v: &Value) -> PyResult {
    let f = frame_payload(t, v)?;
    frame_object::clear(t, f)?;
    Ok(Value::NONE)
}

pub static FRAME_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { repr: Some(frame_repr), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "clear",
        "($self, /)",
        NativeFn::F1(frame_clear),
        "Clear all references held by the frame.",
    )],
    getset: &[
        GetSet::read_only("f_back", |t, v| Ok(frame_payload(t, v)?.back(t).unwrap_or(Value::NONE)), ""),
        GetSet::read_only("f_code", |t, v| Ok((*frame_payload(t, v)?.code).clone()), ""),
        GetSet::read_only("f_globals", |t, v| Ok(frame_payload(t, v)?.globals()), ""),
        GetSet::read_only("f_builtins", |t, v| Ok(frame_payload(t, v)?.builtins()), ""),
        GetSet::read_only("f_locals", |t, v| Ok(frame_payload(t, v)?.locals()), ""),
        GetSet::read_only("f_lasti", |t, v| Ok(Value::int(frame_payload(t, v)?.lasti().max(-1) * 2)), ""),
        GetSet::new("f_lineno", frame_line, set_line, ""),
        GetSet::new("f_trace", get_trace, set_trace, ""),
        GetSet::new(
            "f_trace_lines",
            |t, v| Ok(Value::bool(frame_payload(t, v)?.trace_lines.load(Relaxed))),
            set_trace_lines,
            "",
        ),
        GetSet::new(
            "f_trace_opcodes",
            |t, v| Ok(Value::bool(frame_payload(t, v)?.trace_opcodes.load(Relaxed))),
            set_trace_opcodes,
            "",
        ),
        GetSet::read_only("f_generator", |t, v| Ok(frame_payload(t, v)?.generator().unwrap_or(Value::NONE)), ""),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "frame", layout_of::<frame_object::FrameObject>(true))
};
