//! BaseException: arguments, cause, context, traceback, notes.

use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::dict::Dict;
use crate::object::exception::BaseException;
use crate::object::instance;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, list, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::*;
use crate::types::traceback::Traceback;
use crate::types::type_::instances;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Common base class for all exceptions",
    slots: SlotTable { repr: Some(repr), str: Some(to_str), init: Some(init), new: Some(new), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), ""),
        Method::new("__setstate__", "($self, state, /)", NativeFn::F2(setstate), ""),
        Method::new(
            "with_traceback",
            "($self, object, /)",
            NativeFn::F2(with_traceback),
            "Set self.__traceback__ to tb and return self.",
        ),
        Method::new("add_note", "($self, object, /)", NativeFn::F2(add_note), "Add a note to the exception"),
    ],
    getset: &[
        GetSet::new("args", |_, v| Ok(args_of(v)), set_args, ""),
        GetSet::new("__traceback__", |_, v| Ok(read(v, |e| &e.traceback)), set_traceback, ""),
        GetSet::new("__context__", |_, v| Ok(read(v, |e| &e.context)), set_context, "exception context"),
        GetSet::new("__cause__", |_, v| Ok(read(v, |e| &e.cause)), set_cause, "exception cause"),
        GetSet::new(
            "__suppress_context__",
            |_, v| Ok(Value::bool(of(v).is_some_and(|e| e.suppress_context.load(Relaxed)))),
            set_suppress_context,
            "",
        )
        .as_member(),
        GetSet::new("__dict__", instances::get_dict, instances::set_native_dict, ""),
    ],
    flags: flag::BASETYPE | flag::HAS_DICT,
    ..TypeSpec::new("builtins", "BaseException", layout_of::<BaseException>(true))
};

/// The common part of an exception's payload.
#[inline]
pub fn of(v: &Value) -> Option<&BaseException> {
    v.downcast::<BaseException>()
}

/// What a slot of the common part holds, or None.
fn read(v: &Value, slot: fn(&BaseException) -> &Slot) -> Value {
    of(v).and_then(|e| slot(e).load()).unwrap_or(Value::NONE)
}

/// Replaces what a slot of an object holds; `None` and Python's None empty it.
pub fn replace(t: &Thread, v: &Value, slot: &Slot, value: Option<&Value>) {
    let Some(header) = v.header() else { return };
    let old = {
        let _guard = t.lock(header);
        slot.swap(value.and_then(Value::non_none).cloned())
    };
    drop(old);
}

/// The tuple `args`.
pub fn args_of(v: &Value) -> Value {
    of(v).and_then(|e| e.args.load()).unwrap_or_else(names::empty_tuple)
}

/// Sets `args` to a tuple.
pub fn put_args(t: &Thread, v: &Value, args: Value) {
    if let Some(e) = of(v) {
        replace(t, v, &e.args, Some(&args));
    }
}

/// The `new` slot of exceptions without data of their own; keywords are left to `__init__`.
pub fn new(_: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    Ok(alloc::new(class, BaseException::new(tuple::from_slice(args.pos()))))
}

/// The `init` slot: remembers the arguments.
pub fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    if args.has_keywords() {
        args.no_keywords(t, v.class().name())?;
    }
    // `new` has remembered the same arguments, most often.
    let known = of(v).and_then(|e| e.args.load());
    let same = |known: &Value| {
        let items = tuple::items(known);
        items.len() == args.pos().len() && items.iter().zip(args.pos()).all(|(a, b)| a.is(b))
    };
    if !known.is_some_and(|known| same(&known)) {
        put_args(t, v, tuple::from_slice(args.pos()));
    }
    Ok(())
}

/// BaseException.__str__.
pub fn to_str(t: &Thread, v: &Value) -> PyResult {
    let args = args_of(v);
    match tuple::items(&args) {
        [] => Ok(names::empty_str()),
        [only] => protocol::to_str(t, only),
        _ => protocol::to_str(t, &args),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let args = args_of(v);
    let mut out = crate::object::growing::Growing::new();
    out.push_str(v.class().name());
    let inner = match tuple::items(&args) {
        [only] => {
            out.push_str("(");
            protocol::repr(t, only)?
        }
        _ => protocol::repr(t, &args)?,
    };
    if let Some(view) = str::view(&inner) {
        out.push_text(view);
    }
    if tuple::items(&args).len() == 1 {
        out.push_str(")");
    }
    out.finish(t)
}

/// The exception's own attributes as a dict; None where there are none.
pub fn own_dict(v: &Value) -> Option<Value> {
    let header = v.header()?;
    let entries = instance::attributes(header)?.entries();
    (!entries.is_empty()).then(|| crate::object::dict::from_pairs(entries))
}

/// `(class, args)` or `(class, args, dict)`.
pub fn reduce(_: &Thread, v: &Value) -> PyResult {
    Ok(reduce_with(v, args_of(v)))
}

/// `reduce` with other arguments than `args`.
pub fn reduce_with(v: &Value, args: Value) -> Value {
    let mut parts = vec![v.class().to_value(), args];
    parts.extend(own_dict(v));
    tuple::from_vec(parts)
}

/// Sets attributes from a dict.
pub fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(state) = state.downcast::<Dict>() else { return Err(raise::type_error(t, "state is not a dictionary")) };
    for (name, value) in state.entries() {
        protocol::set_attr(t, v, &name, &value)?;
    }
    Ok(Value::NONE)
}

fn with_traceback(t: &Thread, v: &Value, traceback: &Value) -> PyResult {
    set_traceback(t, v, Some(traceback))?;
    Ok(v.clone())
}

fn add_note(t: &Thread, v: &Value, note: &Value) -> PyResult {
    if str::view(note).is_none() {
        let message = format!("note must be a str, not '{}'", note.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let notes = match protocol::lookup_attr(t, v, &known().__notes__)? {
        Some(notes) => notes,
        None => {
            let notes = list::new();
            protocol::set_attr(t, v, &known().__notes__, &notes)?;
            notes
        }
    };
    match notes.downcast::<list::List>() {
        Some(notes) => notes.append(t, note.clone())?,
        None => return Err(raise::type_error(t, "Cannot add note: __notes__ is not a list")),
    }
    Ok(Value::NONE)
}

fn set_args(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "args may not be deleted")) };
    let args =
        if value.is_exact(&core_types::TUPLE) { value.clone() } else { tuple::from_vec(protocol::collect(t, value)?) };
    put_args(t, v, args);
    Ok(())
}

fn set_traceback(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        None => return Err(raise::type_error(t, "__traceback__ may not be deleted")),
        Some(tb) if !tb.is_none() && tb.downcast::<Traceback>().is_none() => {
            return Err(raise::type_error(t, "__traceback__ must be a traceback or None"));
        }
        Some(_) => {}
    }
    if let Some(e) = of(v) {
        replace(t, v, &e.traceback, value);
    }
    Ok(())
}

/// Checks a value for `__cause__` or `__context__`.
fn check_chained(t: &Thread, value: Option<&Value>, what: &str) -> PyResult<()> {
    match value {
        None => Err(raise::type_error(t, format!("__{what}__ may not be deleted"))),
        Some(e) if !e.is_none() && !e.class().is_subtype(&exc::BASE_EXCEPTION) => {
            Err(raise::type_error(t, format!("exception {what} must be None or derive from BaseException")))
        }
        Some(_) => Ok(()),
    }
}

fn set_context(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    check_chained(t, value, "context")?;
    if let Some(e) = of(v) {
        replace(t, v, &e.context, value);
    }
    Ok(())
}

fn set_cause(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    check_chained(t, value, "cause")?;
    put_cause(t, v, value);
    Ok(())
}

/// Sets `__cause__` (or empties it) and hides the context, as `raise ... from ...` does.
pub fn put_cause(t: &Thread, v: &Value, value: Option<&Value>) {
    if let Some(e) = of(v) {
        replace(t, v, &e.cause, value);
        e.suppress_context.store(true, Relaxed);
    }
}

fn set_suppress_context(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "can't delete numeric/char attribute")) };
    let Some(flag) = value.as_bool() else { return Err(raise::type_error(t, "attribute value type must be bool")) };
    if let Some(e) = of(v) {
        e.suppress_context.store(flag, Relaxed);
    }
    Ok(())
}
