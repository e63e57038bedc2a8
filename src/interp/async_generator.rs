//! Asynchronous generators: values that an `await` step must not mistake for awaited ones, and the awaitables of their
//! methods.
//!
//! An asynchronous generator is a `Generator` that is only driven through the awaitables here. Its `driven` flag says that
//! one of them is under way (`ag_running`), `closed` that it has ended or is being closed. An awaitable is used once; its
//! state moves from Fresh to Begun to Used, each by whoever steps it.

use super::generator::{self, Generator, Ran};
use super::generator_types::{get_code, get_delegate, get_frame, get_name, get_qualname, get_suspended, repr, this};
use super::generator_types::{set_name, set_qualname};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{Sent, SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::sync::shim::atomic::{AtomicU8, Ordering::*};

/// A value that the generator's own `yield` gave, on its way through the frames.
pub struct Wrapped(pub Stored);

/// The type of wrapped values; Python never sees one.
pub static WRAPPED: StaticType = StaticType::new(&WRAPPED_SPEC);

pub static WRAPPED_SPEC: TypeSpec =
    TypeSpec::new("builtins", "async_generator_wrapped_value", layout_of::<Wrapped>(true));

// SAFETY: `WRAPPED`'s layout is `Wrapped`.
unsafe impl Payload for Wrapped {
    fn layout_type() -> &'static Type {
        &WRAPPED
    }

    fn trace(&self, visit: Visit) {
        visit(&self.0);
    }
}

/// `INTRINSIC_ASYNC_GEN_WRAP`.
pub fn wrap(v: &Value) -> Value {
    alloc::new(&WRAPPED, Wrapped(Stored::new(v.clone())))
}

const FRESH: u8 = 0;
const BEGUN: u8 = 1;
const USED: u8 = 2;

/// What an awaitable does to its generator.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `__anext__()` and `asend(value)`.
    Send,
    /// `athrow(...)`.
    Throw,
    /// `aclose()`.
    Close,
}

impl Kind {
    fn reused(self) -> &'static str {
        match self {
            Kind::Send => "cannot reuse already awaited __anext__()/asend()",
            _ => "cannot reuse already awaited aclose()/athrow()",
        }
    }

    /// The method that makes such steps.
    fn called(self) -> &'static str {
        match self {
            Kind::Send => "asend",
            _ => self.method(),
        }
    }

    fn method(self) -> &'static str {
        match self {
            Kind::Send => "anext",
            Kind::Throw => "athrow",
            Kind::Close => "aclose",
        }
    }
}

/// The payload of both kinds of awaitables.
pub struct Step {
    generator: Stored,
    kind: Kind,
    /// The value to send, or the tuple of arguments to throw.
    input: Stored,
    state: AtomicU8,
}

/// `async_generator_asend`.
pub static SEND_STEP: StaticType = StaticType::new(&SEND_STEP_SPEC);
/// `async_generator_athrow`, which `aclose()` answers as well.
pub static THROW_STEP: StaticType = StaticType::new(&THROW_STEP_SPEC);

// SAFETY: the layout of `SEND_STEP` is `Step`; `THROW_STEP` is final and has the same, and `step_of` names both.
unsafe impl Payload for Step {
    fn layout_type() -> &'static Type {
        &SEND_STEP
    }

    fn trace(&self, visit: Visit) {
        visit(&self.generator);
        visit(&self.input);
    }
}

fn step_of<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Step> {
    let header = v.header().filter(|_| v.is_exact(&SEND_STEP) || v.is_exact(&THROW_STEP));
    match header {
        // SAFETY: both types carry this payload.
        Some(header) => Ok(unsafe { header.payload::<Step>() }),
        None => Err(raise::type_error(t, "an awaitable of an asynchronous generator is required")),
    }
}

/// Calls the hooks of `sys.set_asyncgen_hooks()` when an asynchronous generator is iterated for the first time.
fn first_iteration(t: &Thread, v: &Value) -> PyResult<()> {
    let g = this(t, v)?;
    if g.hooks_done.swap(true, AcqRel) {
        return Ok(());
    }
    let (first, finalizer) = t.asyncgen_hooks.borrow().clone();
    if let (Some(finalizer), Some(header)) = (finalizer, v.header()) {
        let old = {
            let _guard = t.lock(header);
            g.extra.swap(Some(finalizer))
        };
        drop(old);
    }
    match first {
        Some(first) => protocol::call_values(t, &first, std::slice::from_ref(v)).map(drop),
        None => Ok(()),
    }
}

fn make(t: &Thread, v: &Value, kind: Kind, input: Value) -> PyResult {
    first_iteration(t, v)?;
    let step = Step { generator: Stored::new(v.clone()), kind, input: Stored::new(input), state: AtomicU8::new(FRESH) };
    Ok(match kind {
        Kind::Send => alloc::new(&SEND_STEP, step),
        _ => alloc::new_fixed(&THROW_STEP, step),
    })
}

/// Whether an exception is how an asynchronous generator ends.
fn is_end(t: &Thread, raised: &Raised) -> bool {
    raise::matches(t, raised, &exc::STOP_ASYNC_ITERATION) || raise::matches(t, raised, &exc::GENERATOR_EXIT)
}

fn stop_async_iteration(t: &Thread) -> Raised {
    raise::with_args(t, &exc::STOP_ASYNC_ITERATION, names::empty_tuple())
}

/// What running the generator came to, as a step's answer: a value that it yielded itself ends the step.
fn unwrap(t: &Thread, g: &Generator, ran: PyResult<Ran>) -> PyResult<Sent> {
    let raised = match ran {
        Ok(Ran::Yield(v)) => {
            return Ok(match v.downcast_exact::<Wrapped>() {
                Some(wrapped) => {
                    g.driven.store(false, Release);
                    Sent::Return((*wrapped.0).clone())
                }
                None => Sent::Yield(v),
            });
        }
        Ok(Ran::Return(_)) => stop_async_iteration(t),
        Err(raised) => raised,
    };
    if is_end(t, &raised) {
        g.closed.store(true, Release);
    }
    g.driven.store(false, Release);
    Err(raised)
}

/// The end of an `aclose()` or `athrow()`: an orderly end of the generator is what `aclose()` wants.
fn ended(t: &Thread, g: &Generator, step: &Step, raised: Raised) -> PyResult<Sent> {
    g.driven.store(false, Release);
    step.state.store(USED, Release);
    if step.kind == Kind::Close && is_end(t, &raised) {
        drop(raise::take(t, raised));
        return Ok(Sent::Return(Value::NONE));
    }
    Err(raised)
}

/// What running the generator in an `aclose()` came to: it must not yield a value any more.
fn closing(t: &Thread, g: &Generator, step: &Step, ran: PyResult<Ran>) -> PyResult<Sent> {
    match ran {
        Ok(Ran::Yield(v)) if v.downcast_exact::<Wrapped>().is_some() => {
            g.driven.store(false, Release);
            step.state.store(USED, Release);
            Err(raise::runtime_error(t, "async generator ignored GeneratorExit"))
        }
        Ok(Ran::Yield(v)) => Ok(Sent::Yield(v)),
        Ok(Ran::Return(_)) => {
            let raised = stop_async_iteration(t);
            ended(t, g, step, raised)
        }
        Err(raised) => ended(t, g, step, raised),
    }
}

/// Moves a fresh step to Begun and takes the generator; false where the step has begun already.
fn begin(t: &Thread, g: &Generator, step: &Step) -> PyResult<bool> {
    match step.state.load(Acquire) {
        USED => return Err(raise::runtime_error(t, step.kind.reused())),
        BEGUN => return Ok(false),
        _ => {}
    }
    if g.driven.swap(true, AcqRel) {
        step.state.store(USED, Release);
        let method = step.kind.method();
        return Err(raise::runtime_error(t, format!("{method}(): asynchronous generator is already running")));
    }
    step.state.store(BEGUN, Release);
    Ok(true)
}

/// One step of an awaitable: `send(value)`.
fn send(t: &Thread, v: &Value, value: &Value) -> PyResult<Sent> {
    let step = step_of(t, v)?;
    let receiver: &Value = &step.generator;
    let g = this(t, receiver)?;
    if step.kind == Kind::Send {
        let fresh = begin(t, g, step)?;
        let input: &Value = if fresh && value.is_none() { &step.input } else { value };
        g.driven.store(true, Release);
        let answer = unwrap(t, g, generator::resume(t, receiver, g, input.clone(), None));
        if !matches!(answer, Ok(Sent::Yield(_))) {
            step.state.store(USED, Release);
        }
        return answer;
    }
    let state = step.state.load(Acquire);
    if state != USED && g.is_finished() {
        step.state.store(USED, Release);
        if state == BEGUN {
            g.driven.store(false, Release);
        }
        return Ok(Sent::Return(Value::NONE));
    }
    if !begin(t, g, step)? {
        let ran = generator::resume(t, receiver, g, value.clone(), None);
        return if step.kind == Kind::Close { closing(t, g, step, ran) } else { thrown(t, g, step, ran) };
    }
    if g.closed.load(Acquire) {
        g.driven.store(false, Release);
        step.state.store(USED, Release);
        return Err(stop_async_iteration(t));
    }
    if !value.is_none() {
        g.driven.store(false, Release);
        step.state.store(FRESH, Release);
        return Err(raise::runtime_error(t, "can't send non-None value to a just-started coroutine"));
    }
    if step.kind == Kind::Close {
        g.closed.store(true, Release);
        let raised = raise::with_args(t, &exc::GENERATOR_EXIT, names::empty_tuple());
        let ran = generator::throw_inner(t, receiver, g, raised);
        return closing(t, g, step, ran);
    }
    let ran = generator::throw_args(t, receiver, g, tuple::items(&step.input));
    thrown(t, g, step, ran)
}

/// What running the generator in an `athrow()` came to.
fn thrown(t: &Thread, g: &Generator, step: &Step, ran: PyResult<Ran>) -> PyResult<Sent> {
    match unwrap(t, g, ran) {
        Ok(Sent::Return(v)) => {
            step.state.store(USED, Release);
            Ok(Sent::Return(v))
        }
        Ok(awaited) => Ok(awaited),
        Err(raised) => ended(t, g, step, raised),
    }
}

/// `throw(...)` of an awaitable.
fn throw(t: &Thread, v: &Value, args: &[Value]) -> PyResult<Sent> {
    let step = step_of(t, v)?;
    let receiver: &Value = &step.generator;
    let g = this(t, receiver)?;
    begin(t, g, step)?;
    g.driven.store(true, Release);
    let ran = generator::throw_args(t, receiver, g, args);
    if step.kind == Kind::Close {
        return closing(t, g, step, ran);
    }
    let answer = unwrap(t, g, ran);
    if !matches!(answer, Ok(Sent::Yield(_))) {
        step.state.store(USED, Release);
    }
    answer
}

/// The answer of a step as a method gives it: the end is StopIteration.
fn as_result(t: &Thread, sent: Sent) -> PyResult {
    match sent {
        Sent::Yield(v) => Ok(v),
        Sent::Return(v) => Err(raise::stop_iteration(t, (!v.is_none()).then_some(v))),
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    match send(t, v, &Value::NONE)? {
        Sent::Yield(v) => Ok(Some(v)),
        Sent::Return(v) if v.is_none() => Ok(None),
        Sent::Return(v) => Err(raise::stop_iteration(t, Some(v))),
    }
}

fn throw_row(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "throw")?;
    match args.pos() {
        [v, rest @ ..] if !rest.is_empty() => {
            let sent = throw(t, v, rest)?;
            as_result(t, sent)
        }
        _ => Err(raise::type_error(t, "throw expected at least 1 argument, got 0")),
    }
}

/// `close()` of an awaitable.
fn close(t: &Thread, v: &Value) -> PyResult {
    let step = step_of(t, v)?;
    if step.state.load(Acquire) == USED {
        return Ok(Value::NONE);
    }
    match throw(t, v, &[exc::GENERATOR_EXIT.to_value()]) {
        Ok(Sent::Yield(_)) => Err(raise::runtime_error(t, "coroutine ignored GeneratorExit")),
        Ok(Sent::Return(_)) => Ok(Value::NONE),
        Err(raised) if is_end(t, &raised) || raise::matches(t, &raised, &exc::STOP_ITERATION) => {
            drop(raise::take(t, raised));
            Ok(Value::NONE)
        }
        Err(raised) => Err(raised),
    }
}

/// The `finalize` slot of steps: warns of one that nobody has awaited.
fn finalize_step(t: &Thread, v: &Value) {
    // SAFETY: the slot of types whose instances all carry this payload.
    let Some(step) = v.header().map(|header| unsafe { header.payload::<Step>() }) else { return };
    let Some(g) = generator::of(&step.generator).filter(|_| step.state.load(Acquire) == FRESH) else { return };
    let name = protocol::repr_lossy(t, &g.qualname());
    let message = format!("coroutine method '{}' of {name} was never awaited", step.kind.called());
    let warned = (crate::object::hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), &message, 1);
    if let Err(raised) = warned {
        let e = raise::take(t, raised);
        (crate::object::hooks::get().unraisable)(t, e, "", Some(&step.generator));
    }
}

const STEP_SLOTS: SlotTable = SlotTable {
    finalize: Some(finalize_step),
    iter: Some(|_, v| Ok(v.clone())),
    await_: Some(|_, v| Ok(v.clone())),
    next: Some(next),
    send: Some(send),
    ..SlotTable::EMPTY
};

static STEP_METHODS: &[Method] = &[
    Method::new(
        "send",
        "($self, value, /)",
        NativeFn::F2(|t, v, value| {
            let sent = send(t, v, value)?;
            as_result(t, sent)
        }),
        "Send a value into the awaitable, return what it waits for next.",
    ),
    Method::new("throw", "", NativeFn::Raw(throw_row), "Raise an exception inside the awaitable."),
    Method::new("close", "($self, /)", NativeFn::F1(close), "Raise GeneratorExit inside the awaitable."),
];

/// Whether a value is what an asynchronous generator's methods answer: its end raises StopIteration.
pub fn is_step(v: &Value) -> bool {
    v.is_exact(&SEND_STEP) || v.is_exact(&THROW_STEP)
}

pub static SEND_STEP_SPEC: TypeSpec = TypeSpec {
    slots: STEP_SLOTS,
    methods: STEP_METHODS,
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "async_generator_asend", layout_of::<Step>(true))
};

pub static THROW_STEP_SPEC: TypeSpec = TypeSpec {
    slots: STEP_SLOTS,
    methods: STEP_METHODS,
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "async_generator_athrow", layout_of::<Step>(true))
};

fn athrow(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "athrow")?;
    match args.pos() {
        [v, rest @ ..] if !rest.is_empty() && rest.len() <= 3 => {
            if rest.len() > 1 {
                let message =
                    "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.";
                (crate::object::hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)?;
            }
            make(t, v, Kind::Throw, tuple::from_vec(rest.to_vec()))
        }
        [_, ..] => {
            let n = args.pos().len() - 1;
            let bound = if n == 0 { "at least 1 argument" } else { "at most 3 arguments" };
            Err(raise::type_error(t, format!("athrow expected {bound}, got {n}")))
        }
        [] => Err(raise::type_error(t, "athrow expected at least 1 argument, got 0")),
    }
}

/// The `finalize` slot: the event loop's hook closes the generator; without one it is closed here.
fn finalize(t: &Thread, v: &Value) {
    let Some(g) = generator::of(v) else { return };
    if g.is_finished() {
        return;
    }
    if let Some(finalizer) = g.extra.load()
        && !g.closed.load(Acquire)
    {
        if let Err(raised) = protocol::call_values(t, &finalizer, std::slice::from_ref(v)) {
            let e = raise::take(t, raised);
            (crate::object::hooks::get().unraisable)(t, e, "", Some(v));
        }
        return;
    }
    generator::finalize(t, v);
}

fn get_running(t: &Thread, v: &Value) -> PyResult {
    Ok(Value::bool(this(t, v)?.driven.load(Acquire)))
}

fn class_getitem(t: &Thread, class: &Value, item: &Value) -> PyResult {
    (crate::object::hooks::get().generic_alias)(t, class, item)
}

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(repr),
        aiter: Some(|_, v| Ok(v.clone())),
        anext: Some(|t, v| make(t, v, Kind::Send, Value::NONE)),
        finalize: Some(finalize),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "asend",
            "($self, value, /)",
            NativeFn::F2(|t, v, value| make(t, v, Kind::Send, value.clone())),
            "asend(v) -> send 'v' in generator.",
        ),
        Method::new("athrow", "", NativeFn::Raw(athrow), "athrow(value) -> raise exception in generator."),
        Method::new(
            "aclose",
            "($self, /)",
            NativeFn::F1(|t, v| make(t, v, Kind::Close, Value::NONE)),
            "aclose() -> raise GeneratorExit inside generator.",
        ),
        Method::new("__class_getitem__", "($type, item, /)", NativeFn::F2(class_getitem), "See PEP 585").class_method(),
    ],
    getset: &[
        GetSet::new("__name__", get_name, set_name, "name of the async generator"),
        GetSet::new("__qualname__", get_qualname, set_qualname, "qualified name of the async generator"),
        GetSet::read_only("ag_code", get_code, ""),
        GetSet::read_only("ag_running", get_running, ""),
        GetSet::read_only("ag_suspended", get_suspended, ""),
        GetSet::read_only("ag_frame", get_frame, ""),
        GetSet::read_only("ag_await", get_delegate, "object being awaited on, or None"),
    ],
    flags: flag::DISALLOW_INSTANTIATION | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "async_generator", layout_of::<Generator>(true))
};
