//! `sys.settrace`, `sys.setprofile`, and what belongs to them.

use crate::interp::monitor::legacy::{self, Which};
use crate::interp::quicken;
use crate::object::audit;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;

fn set(t: &Thread, which: Which, event: &str, function: &Value) -> PyResult {
    audit::event(t, event, || [])?;
    legacy::set(t, which, function.non_none().cloned());
    Ok(Value::NONE)
}

fn set_everywhere(t: &Thread, which: Which, event: &str, function: &Value) -> PyResult {
    audit::event(t, event, || [])?;
    legacy::set_everywhere(t, which, function.non_none().cloned());
    Ok(Value::NONE)
}

fn get(t: &Thread, which: Which) -> PyResult {
    Ok(legacy::get(t, which).unwrap_or(Value::NONE))
}

/// `func(*args)`, which is reported although a callback runs.
fn call_tracing(t: &Thread, function: &Value, args: &Value) -> PyResult {
    let Some(args) = args.downcast::<Tuple>() else {
        let message = format!("call_tracing() argument 2 must be tuple, not {}", args.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let busy = t.instrument.busy.replace(0);
    let apart = quicken::switch(t, false);
    let result = protocol::call_values(t, function, args.items());
    quicken::switch(t, apart);
    t.instrument.busy.set(busy);
    result
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "settrace",
        "($module, function, /)",
        NativeFn::F1(|t, v| set(t, Which::Trace, "sys.settrace", v)),
        "Set the global debug tracing function.\n\nIt will be called on each function call.  See the debugger chapter\n\
         in the library manual.",
    ),
    Method::new(
        "_settraceallthreads",
        "($module, function, /)",
        NativeFn::F1(|t, v| set_everywhere(t, Which::Trace, "sys.settrace", v)),
        "Set the global debug tracing function in all running threads belonging to the current interpreter.\n\n\
         It will be called on each function call. See the debugger chapter\nin the library manual.",
    ),
    Method::new(
        "gettrace",
        "($module, /)",
        NativeFn::F0(|t| get(t, Which::Trace)),
        "Return the global debug tracing function set with sys.settrace.\n\nSee the debugger chapter in the library manual.",
    ),
    Method::new(
        "setprofile",
        "($module, function, /)",
        NativeFn::F1(|t, v| set(t, Which::Profile, "sys.setprofile", v)),
        "Set the profiling function.\n\nIt will be called on each function call and return.  See the profiler\n\
         chapter in the library manual.",
    ),
    Method::new(
        "_setprofileallthreads",
        "($module, function, /)",
        NativeFn::F1(|t, v| set_everywhere(t, Which::Profile, "sys.setprofile", v)),
        "Set the profiling function in all running threads belonging to the current interpreter.\n\n\
         It will be called on each function call and return.  See the profiler\nchapter in the library manual.",
    ),
    Method::new(
        "getprofile",
        "($module, /)",
        NativeFn::F0(|t| get(t, Which::Profile)),
        "Return the profiling function set with sys.setprofile.\n\nSee the profiler chapter in the library manual.",
    ),
    Method::new(
        "call_tracing",
        "($module, func, args, /)",
        NativeFn::F2(call_tracing),
        "Call func(*args), while tracing is enabled.\n\nThe tracing state is saved, and restored afterwards.  This is\n\
         intended to be called from a debugger from a checkpoint, to recursively\ndebug some other code.",
    ),
];
