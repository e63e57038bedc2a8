//! The type `Future`.

use crate::modules::contextvars;
use crate::modules::support::{CLASS_GETITEM, Parameters, list_of};
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, names, protocol, set, str};
use crate::this;

use super::future_iter;
use super::library;
use super::state::{self, Body, Future, Status, copy_of};

/// `asyncio.Future`.
pub static FUTURE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "This class is *almost* compatible with concurrent.futures.Future.\n\n\
          result() and exception() do not take a timeout and raise an exception when the future isn't done yet.\n\
          Callbacks are always called by way of the event loop's call_soon().\n\
          It is not compatible with the wait() and as_completed() functions of concurrent.futures.",
    signature: "(*, loop=None)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Future::blank()))),
        init: Some(init),
        repr: Some(|t, v| library::FUTURE_REPR.call(t, std::slice::from_ref(v))),
        iter: Some(future_iter::new),
        await_: Some(future_iter::new),
        finalize: Some(|t, v| state::report_unretrieved(t, v, this!(v, Future))),
        ..SlotTable::EMPTY
    },
    methods: &[
        RESULT,
        EXCEPTION,
        Method::new(
            "set_result",
            "($self, result, /)",
            NativeFn::F2(|t, v, result| alive(t, v)?.set_result(t, v, result.clone()).map(|()| Value::NONE)),
            "Marks the future done and sets its result.\n\nRaises InvalidStateError if it is done already.",
        ),
        Method::new(
            "set_exception",
            "($self, exception, /)",
            NativeFn::F2(|t, v, exception| alive(t, v)?.set_exception(t, v, exception).map(|()| Value::NONE)),
            "Marks the future done and sets an exception.\n\nRaises InvalidStateError if it is done already.",
        ),
        ADD_DONE_CALLBACK,
        REMOVE_DONE_CALLBACK,
        Method::new(
            "cancel",
            "($self, /, msg=None)",
            NativeFn::Bound(|t, b| {
                let v = b.req(0);
                Ok(Value::bool(alive(t, v)?.cancel(t, v, b.opt(1).cloned())?))
            }),
            "Cancels the future and schedules its callbacks.\n\nReturns False if it is done already.",
        ),
        CANCELLED,
        DONE,
        GET_LOOP,
        MAKE_CANCELLED_ERROR,
        CLASS_GETITEM,
    ],
    getset: &COMMON,
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_asyncio", "Future", layout_of::<Future>(true))
};

const RESULT: Method = Method::new(
    "result",
    "($self, /)",
    NativeFn::F1(|t, v| this!(v, Future).result(t, v)),
    "Returns the result.\n\nRaises the exception if one was set, CancelledError if the future was cancelled, and\n\
     InvalidStateError if it isn't done yet.",
);

const EXCEPTION: Method = Method::new(
    "exception",
    "($self, /)",
    NativeFn::F1(exception),
    "Returns the exception that was set, or None.\n\nRaises CancelledError if the future was cancelled, and\n\
     InvalidStateError if it isn't done yet.",
);

const ADD_DONE_CALLBACK: Method = Method::new(
    "add_done_callback",
    "($self, fn, /, *, context=<unrepresentable>)",
    NativeFn::Bound(add_done_callback),
    "Adds a callback to be run when the future becomes done.\n\n\
     It is called with the future. If that is done already, the callback is scheduled with call_soon.",
);

const REMOVE_DONE_CALLBACK: Method = Method::new(
    "remove_done_callback",
    "($self, fn, /)",
    NativeFn::F2(|t, v, callback| Ok(Value::uint(alive(t, v)?.remove_callback(t, v, callback)? as u64))),
    "Removes all instances of a callback.\n\nReturns the number of callbacks removed.",
);

const CANCELLED: Method = Method::new(
    "cancelled",
    "($self, /)",
    NativeFn::F1(|_, v| Ok(Value::bool(this!(v, Future).status() == Status::Cancelled))),
    "Returns whether the future was cancelled.",
);

const DONE: Method = Method::new(
    "done",
    "($self, /)",
    NativeFn::F1(|_, v| Ok(Value::bool(this!(v, Future).is_done()))),
    "Returns whether the future is done: has a result or an exception, or was cancelled.",
);

const GET_LOOP: Method = Method::new(
    "get_loop",
    "($self, /)",
    NativeFn::F1(|t, v| this!(v, Future).event_loop(t, v).ok_or_else(|| uninitialized(t, v))),
    "Returns the event loop that the future is bound to.",
);

const MAKE_CANCELLED_ERROR: Method = Method::new(
    "_make_cancelled_error",
    "($self, /)",
    NativeFn::F1(|t, v| this!(v, Future).cancelled_error(t, v)),
    "Makes the CancelledError to raise if the future is cancelled.\n\n\
     To be called once: it gives up the exception that was saved as its context.",
);

static COMMON: [GetSet; 10] = [
    GetSet::read_only("_state", |_, v| Ok(str::from_str(state_name(this!(v, Future).status()))), ""),
    GetSet::new("_asyncio_future_blocking", |t, v| read(t, v, |b| Value::bool(b.is_blocking)), set_blocking, ""),
    GetSet::read_only("_loop", |t, v| read(t, v, |b| or_none(&b.event_loop)), ""),
    GetSet::read_only("_callbacks", callbacks, ""),
    GetSet::read_only("_result", |t, v| outcome(t, v, Status::Returned), ""),
    GetSet::read_only("_exception", |t, v| outcome(t, v, Status::Raised), ""),
    GetSet::new("_log_traceback", |t, v| read(t, v, |b| Value::bool(b.logs)), set_log_traceback, ""),
    GetSet::read_only("_source_traceback", |t, v| read(t, v, |b| or_none(&b.source)), ""),
    GetSet::new("_cancel_message", |t, v| read(t, v, |b| or_none(&b.message)), set_cancel_message, ""),
    GetSet::read_only("_asyncio_awaited_by", awaited_by, ""),
];

/// What `_state` answers.
fn state_name(status: Status) -> &'static str {
    match status {
        Status::Pending => "PENDING",
        Status::Cancelled => "CANCELLED",
        Status::Returned | Status::Raised => "FINISHED",
    }
}

fn read(t: &Thread, v: &Value, f: impl FnOnce(&Body) -> Value) -> PyResult {
    Ok(this!(v, Future).body.with(t, v, |body| f(body)))
}

fn or_none(part: &Option<Stored>) -> Value {
    copy_of(part).unwrap_or(Value::NONE)
}

fn outcome(t: &Thread, v: &Value, wanted: Status) -> PyResult {
    if this!(v, Future).status() == wanted { read(t, v, |body| or_none(&body.outcome)) } else { Ok(Value::NONE) }
}

#[cold]
fn uninitialized(t: &Thread, v: &Value) -> raise::Raised {
    let kind = if v.downcast::<super::task::Task>().is_some() { "Task" } else { "Future" };
    raise::runtime_error(t, format!("{kind} object is not initialized."))
}

/// The payload of a future whose `__init__` has run.
pub fn alive<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Future> {
    let this = this!(v, Future);
    if this.body.with(t, v, |body| body.event_loop.is_some()) { Ok(this) } else { Err(uninitialized(t, v)) }
}

/// What the `__init__` of futures and tasks has in common.
pub fn start(t: &Thread, v: &Value, event_loop: Option<&Value>) -> PyResult {
    let this = this!(v, Future);
    let event_loop = match event_loop {
        Some(given) => given.clone(),
        None => library::event_loop(t)?,
    };
    this.reset(t, v, event_loop.clone());
    if library::is_debugging(t, &event_loop)? {
        let source = Stored::new(library::EXTRACT_STACK.call(t, &[])?);
        let old = this.body.with(t, v, |body| body.source.replace(source));
        drop(old);
    }
    Ok(event_loop)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new("(*, loop=None)");
    let b = PARAMETERS.bind_call(t, "Future", args)?;
    start(t, v, b.non_none(0)).map(drop)
}

fn exception(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Future);
    match this.status() {
        Status::Pending => Err(library::invalid_state(t, "Exception is not set.")),
        Status::Cancelled => Err(this.raise_cancelled(t, v)),
        Status::Returned => Ok(Value::NONE),
        Status::Raised => {
            this.silence(t, v);
            read(t, v, |body| or_none(&body.outcome))
        }
    }
}

fn add_done_callback(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = alive(t, v)?;
    let context = b.non_none(2).cloned().unwrap_or_else(|| contextvars::copy(&contextvars::current(t)));
    this.add_callback(t, v, b.req(1).clone(), context)?;
    Ok(Value::NONE)
}

fn callbacks(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Future);
    let pairs: Vec<(Value, Value)> = this.body.with(t, v, |body| {
        body.callbacks.iter().map(|(callback, context)| (Value::clone(callback), Value::clone(context))).collect()
    });
    if pairs.is_empty() {
        return Ok(Value::NONE);
    }
    list_of(t, pairs.into_iter().map(|(callback, context)| library::pair(callback, context)).collect())
}

fn awaited_by(t: &Thread, v: &Value) -> PyResult {
    match state::waiters(t, v, this!(v, Future)) {
        Some(waiters) => set::from_iter(t, &core_types::FROZENSET, waiters),
        None => Ok(Value::NONE),
    }
}

fn given<'a>(t: &Thread, v: &Value, name: &str, value: Option<&'a Value>) -> PyResult<&'a Value> {
    value.ok_or_else(|| raise::attribute_error(t, v, &names::intern(name), "cannot delete attribute"))
}

fn set_blocking(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let blocks = protocol::is_true(t, given(t, v, "_asyncio_future_blocking", value)?)?;
    alive(t, v)?.body.with(t, v, |body| body.is_blocking = blocks);
    Ok(())
}

fn set_log_traceback(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    if protocol::is_true(t, given(t, v, "_log_traceback", value)?)? {
        return Err(raise::value_error(t, "_log_traceback can only be set to False"));
    }
    this!(v, Future).silence(t, v);
    Ok(())
}

fn set_cancel_message(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let message = Stored::new(given(t, v, "_cancel_message", value)?.clone());
    let old = this!(v, Future).body.with(t, v, |body| body.message.replace(message));
    drop(old);
    Ok(())
}
