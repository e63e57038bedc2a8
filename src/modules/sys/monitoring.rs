//! `sys.monitoring` (PEP 669): the Python face of `interp::monitor`.

use crate::bytecode::code::Code;
use crate::interp::monitor::fire::{DISABLE, MISSING};
use crate::interp::monitor::tools::{self, TOOLS};
use crate::interp::monitor::{Event, NAMES};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::instrument::EVENTS;
use crate::object::names;
use crate::object::native;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{dict, protocol, str};
use crate::types::{module_, simple_namespace};

fn tool(t: &Thread, v: &Value) -> PyResult<usize> {
    let n = protocol::index_i64(t, v)?;
    match usize::try_from(n) {
        Ok(n) if n < TOOLS => Ok(n),
        _ => Err(raise::value_error(t, format!("invalid tool {n} (must be between 0 and 5)"))),
    }
}

fn tool_in_use(t: &Thread, v: &Value) -> PyResult<usize> {
    let n = tool(t, v)?;
    match tools::name(n) {
        Some(_) => Ok(n),
        None => Err(raise::value_error(t, format!("tool {n} is not in use"))),
    }
}

fn code<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Code> {
    v.downcast::<Code>().ok_or_else(|| raise::type_error(t, "code must be a code object"))
}

const C_EVENTS: u32 = Event::CReturn.bit() | Event::CRaise.bit();

/// A set of events as tools keep it: the ends of calls in Rust come with the calls, either way of a branch is both.
fn event_set(t: &Thread, v: &Value, local: bool) -> PyResult<u32> {
    let given = protocol::index_i64(t, v)?;
    let invalid = |kind: &str| Err(raise::value_error(t, format!("invalid {kind}event set 0x{:x}", given as u32)));
    let Some(mut set) = u32::try_from(given).ok().filter(|set| *set < 1 << EVENTS) else { return invalid("") };
    if set & C_EVENTS != 0 && set & (C_EVENTS | Event::Call.bit()) != C_EVENTS | Event::Call.bit() {
        return Err(raise::value_error(t, "cannot set C_RETURN or C_RAISE events independently"));
    }
    set &= !C_EVENTS;
    if set & Event::Branch.bit() != 0 {
        set = set & !Event::Branch.bit() | Event::BranchLeft.bit() | Event::BranchRight.bit();
    }
    if local && set >= Event::Raise.bit() {
        return invalid("local ");
    }
    Ok(set)
}

fn use_tool_id(t: &Thread, id: &Value, name: &Value) -> PyResult {
    let n = tool(t, id)?;
    if str::view(name).is_none() {
        return Err(raise::value_error(t, "tool name must be a str"));
    }
    if !tools::take(n, name) {
        return Err(raise::value_error(t, format!("tool {n} is already in use")));
    }
    Ok(Value::NONE)
}

fn clear_tool_id(t: &Thread, id: &Value) -> PyResult {
    let n = tool(t, id)?;
    if tools::name(n).is_some() {
        tools::clear(t, n, false);
    }
    Ok(Value::NONE)
}

fn free_tool_id(t: &Thread, id: &Value) -> PyResult {
    let n = tool(t, id)?;
    if tools::name(n).is_some() {
        tools::clear(t, n, true);
    }
    Ok(Value::NONE)
}

fn get_tool(t: &Thread, id: &Value) -> PyResult {
    Ok(tools::name(tool(t, id)?).unwrap_or(Value::NONE))
}

fn register_callback(t: &Thread, id: &Value, event: &Value, function: &Value) -> PyResult {
    let n = tool(t, id)?;
    let event = protocol::index_i64(t, event)?;
    if (event as u64).count_ones() != 1 {
        return Err(raise::value_error(t, "The callback can only be set for one event at a time"));
    }
    let index = event.trailing_zeros() as usize;
    if index >= EVENTS {
        return Err(raise::value_error(t, format!("invalid event {event}")));
    }
    audit::event(t, "sys.monitoring.register_callback", || [function.clone()])?;
    Ok(tools::set_callback(n, index, function.non_none().cloned()).unwrap_or(Value::NONE))
}

fn get_events(t: &Thread, id: &Value) -> PyResult {
    Ok(Value::int(tools::events(tool(t, id)?).into()))
}

fn set_events(t: &Thread, id: &Value, events: &Value) -> PyResult {
    tool(t, id)?;
    let set = event_set(t, events, false)?;
    tools::set_events(t, tool_in_use(t, id)?, set);
    Ok(Value::NONE)
}

fn get_local_events(t: &Thread, id: &Value, of: &Value) -> PyResult {
    let of = code(t, of)?;
    Ok(Value::int(tools::local_events(tool(t, id)?, of).into()))
}

fn set_local_events(t: &Thread, b: &Bound<'_>) -> PyResult {
    let of = code(t, b.req(1))?;
    tool(t, b.req(0))?;
    let set = event_set(t, b.req(2), true)?;
    tools::set_local_events(t, tool_in_use(t, b.req(0))?, of, set);
    Ok(Value::NONE)
}

fn restart_events(t: &Thread) -> PyResult {
    tools::restart(t);
    Ok(Value::NONE)
}

fn all_events(_: &Thread) -> PyResult {
    let masks = tools::masks();
    let pairs = NAMES.iter().zip(masks).filter(|(_, mask)| *mask != 0);
    Ok(dict::from_pairs(pairs.map(|(name, mask)| (names::intern(name), Value::int(mask.into())))))
}

static FUNCTIONS: &[Method] = &[
    Method::new("use_tool_id", "($module, tool_id, name, /)", NativeFn::F2(use_tool_id), ""),
    Method::new("clear_tool_id", "($module, tool_id, /)", NativeFn::F1(clear_tool_id), ""),
    Method::new("free_tool_id", "($module, tool_id, /)", NativeFn::F1(free_tool_id), ""),
    Method::new("get_tool", "($module, tool_id, /)", NativeFn::F1(get_tool), ""),
    Method::new("register_callback", "($module, tool_id, event, func, /)", NativeFn::F3(register_callback), ""),
    Method::new("get_events", "($module, tool_id, /)", NativeFn::F1(get_events), ""),
    Method::new("set_events", "($module, tool_id, event_set, /)", NativeFn::F2(set_events), ""),
    Method::new("get_local_events", "($module, tool_id, code, /)", NativeFn::F2(get_local_events), ""),
    Method::new("set_local_events", "($module, tool_id, code, event_set, /)", NativeFn::Bound(set_local_events), ""),
    Method::new("restart_events", "($module, /)", NativeFn::F0(restart_events), ""),
    Method::new("_all_events", "($module, /)", NativeFn::F0(all_events), ""),
];

/// Sets `sys.monitoring`.
pub fn init(t: &Thread, sys: &Value) -> PyResult<()> {
    let module = module_::new("sys.monitoring", None);
    let name = names::intern("sys.monitoring");
    for method in FUNCTIONS {
        let f = native::new_function(method, Some(module.clone()), Some(name.clone()));
        module_::set(&module, method.name, f);
    }
    module_::set(&module, "DISABLE", (**DISABLE).clone());
    module_::set(&module, "MISSING", (**MISSING).clone());
    for (tool, id) in [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)] {
        module_::set(&module, tool, Value::int(id));
    }
    let events = NAMES.iter().enumerate().map(|(i, name)| (*name, Value::int(1 << i)));
    let events = simple_namespace::new(t, events.chain([("NO_EVENTS", Value::int(0))]));
    module_::set(&module, "events", events);
    protocol::set_attr(t, sys, &names::intern("monitoring"), &module)
}
