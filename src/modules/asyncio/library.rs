//! What is needed of asyncio's Python modules, looked up when it is first needed: those modules import this one.

use std::sync::OnceLock;

use crate::object::args::Args;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::{Stored, Value};
use crate::object::{attribute, core_types, hooks, instance, names, protocol, tuple};

use super::running;

/// Something that a module of the library defines.
pub struct Item {
    module: &'static str,
    name: &'static str,
    found: OnceLock<Stored>,
}

impl Item {
    const fn new(module: &'static str, name: &'static str) -> Item {
        Item { module, name, found: OnceLock::new() }
    }

    /// The value; imports the module when asked for the first time.
    pub fn get(&self, t: &Thread) -> PyResult<&Value> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let module = (hooks::get().import)(t, self.module)?;
        let found = protocol::get_attr_str(t, &module, self.name)?;
        Ok(self.found.get_or_init(|| Stored::new(found)))
    }

    /// Calls it.
    pub fn call(&self, t: &Thread, args: &[Value]) -> PyResult {
        protocol::call_values(t, self.get(t)?, args)
    }
}

pub static CANCELLED_ERROR: Item = Item::new("asyncio.exceptions", "CancelledError");
pub static INVALID_STATE_ERROR: Item = Item::new("asyncio.exceptions", "InvalidStateError");
pub static FUTURE_REPR: Item = Item::new("asyncio.base_futures", "_future_repr");
pub static TASK_REPR: Item = Item::new("asyncio.base_tasks", "_task_repr");
pub static GET_STACK: Item = Item::new("asyncio.base_tasks", "_task_get_stack");
pub static PRINT_STACK: Item = Item::new("asyncio.base_tasks", "_task_print_stack");
pub static IS_COROUTINE: Item = Item::new("asyncio.coroutines", "iscoroutine");
pub static EXTRACT_STACK: Item = Item::new("traceback", "extract_stack");
pub static WEAK_SET: Item = Item::new("weakref", "WeakSet");
static POLICY: Item = Item::new("asyncio.events", "_get_event_loop_policy");

/// Raises `asyncio.InvalidStateError`.
#[cold]
pub fn invalid_state(t: &Thread, message: &str) -> Raised {
    let made = INVALID_STATE_ERROR.call(t, &[crate::object::str::from_str(message)]);
    made.map_or_else(|raised| raised, |exception| raise::value(t, exception))
}

/// Whether an exception is an `asyncio.CancelledError`.
pub fn is_cancelled_error(t: &Thread, exception: &Value) -> PyResult<bool> {
    let class = CANCELLED_ERROR.get(t)?;
    Ok(class.downcast::<Type>().is_some_and(|class| exception.class().is_subtype(class)))
}

/// `get_event_loop()`.
pub fn event_loop(t: &Thread) -> PyResult {
    if let Some(running) = running::running_loop() {
        return Ok(running);
    }
    let policy = POLICY.call(t, &[])?;
    protocol::call_method_str(t, &policy, "get_event_loop", &[])
}

/// Names that calls of a loop's methods use.
struct Known {
    call_soon: Value,
    get_debug: Value,
    context: Value,
    msg: Value,
    cancel: Value,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| Known {
        call_soon: names::intern("call_soon"),
        get_debug: names::intern("get_debug"),
        context: names::intern("context"),
        msg: names::intern("msg"),
        cancel: names::intern("cancel"),
    })
}

/// Calls a method: of the first argument, which is passed on as the first. A function of the class is called without a
/// bound method between.
pub fn call_method(t: &Thread, name: &Value, args: Args<'_>) -> PyResult {
    let object = &args.pos()[0];
    let class = object.class();
    if class.has_flag(flag::PLAIN_GETATTR)
        && let Some(function) = attribute::lookup(t, class, name)
        && function.is_exact(&core_types::FUNCTION)
        && object.header().and_then(instance::attributes).is_none_or(|own| own.get(name).is_none())
    {
        t.assert_unlocked();
        if t.stack_is_low() {
            return Err(protocol::stack_overflow(t, " while calling a Python object"));
        }
        return (hooks::get().call_function)(t, &function, args);
    }
    let method = protocol::get_attr(t, object, name)?;
    protocol::call(t, &method, args.skip(1))
}

/// `loop.call_soon(function, argument, context=context)`.
pub fn call_soon(
    t: &Thread,
    event_loop: &Value,
    function: Value,
    argument: Option<&Value>,
    context: &Value,
) -> PyResult<()> {
    let known = known();
    let names = std::slice::from_ref(&known.context);
    match argument {
        Some(argument) => {
            let all = [event_loop.clone(), function, argument.clone(), context.clone()];
            call_method(t, &known.call_soon, Args::new(&all, names)).map(drop)
        }
        None => {
            let all = [event_loop.clone(), function, context.clone()];
            call_method(t, &known.call_soon, Args::new(&all, names)).map(drop)
        }
    }
}

/// `bool(loop.get_debug())`.
pub fn is_debugging(t: &Thread, event_loop: &Value) -> PyResult<bool> {
    let answer = call_method(t, &known().get_debug, Args::positional(std::slice::from_ref(event_loop)))?;
    protocol::is_true(t, &answer)
}

/// `bool(future.cancel(msg=message))`.
pub fn cancel(t: &Thread, future: &Value, message: Option<Value>) -> PyResult<bool> {
    let known = known();
    let all = [future.clone(), message.unwrap_or(Value::NONE)];
    let answer = call_method(t, &known.cancel, Args::new(&all, std::slice::from_ref(&known.msg)))?;
    protocol::is_true(t, &answer)
}

/// `future.add_done_callback(callback, context=context)`.
pub fn add_done_callback(t: &Thread, future: &Value, callback: Value, context: Value) -> PyResult<()> {
    let all = [future.clone(), callback, context];
    let name = names::intern("add_done_callback");
    call_method(t, &name, Args::new(&all, std::slice::from_ref(&known().context))).map(drop)
}

/// The loop of anything like a future: `get_loop()`, or where it has none, `_loop`.
pub fn loop_of(t: &Thread, future: &Value) -> PyResult {
    match protocol::lookup_attr(t, future, &names::intern("get_loop"))? {
        Some(get) => protocol::call_values(t, &get, &[]),
        None => protocol::get_attr_str(t, future, "_loop"),
    }
}

/// Reports a problem of a future or task by its loop's exception handler: "Cannot raise" is no way, for it is ending.
pub fn report(t: &Thread, event_loop: &Value, context: Value) {
    let name = names::intern("call_exception_handler");
    let all = [event_loop.clone(), context];
    if let Err(raised) = call_method(t, &name, Args::positional(&all)) {
        let e = raise::take(t, raised);
        (hooks::get().unraisable)(t, e, "", Some(event_loop));
    }
}

/// Calls `str(value)` unless it is an exact str.
pub fn name_of(t: &Thread, value: &Value) -> PyResult {
    if value.is_exact(&core_types::STR) { Ok(value.clone()) } else { protocol::to_str(t, value) }
}

/// A tuple of a callback and its context.
pub fn pair(callback: Value, context: Value) -> Value {
    tuple::from_array([callback, context])
}
