//! `_thread`: starting threads, locks, thread-local values.
//!
//! | file | holds |
//! |---|---|
//! | `lock` | `lock` and `RLock` |
//! | `handle` | starting and joining |
//! | `local` | `_local` |

pub mod handle;
mod local;
pub mod lock;

use crate::object::core_types::exc;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str, tuple};

crate::struct_sequence! {
    pub ExceptHookArgs, EXCEPT_HOOK_ARGS, EXCEPT_HOOK_ARGS_SPEC: "_thread", "_ExceptHookArgs",
    "ExceptHookArgs\n\nType used to pass arguments to threading.excepthook.";
    visible 4; flags 0;
    0 exc_type "Exception type";
    1 exc_value "Exception value";
    2 exc_traceback "Exception traceback";
    3 thread "Thread";
}

/// `threading.excepthook`.
fn excepthook(t: &Thread, args: &Value) -> PyResult {
    if !args.is_exact(&EXCEPT_HOOK_ARGS) {
        return Err(raise::type_error(t, "_thread.excepthook argument type must be ExceptHookArgs"));
    }
    let [class, e, place, thread] = tuple::items(args) else { return Ok(Value::NONE) };
    if class.is(&exc::SYSTEM_EXIT.as_value()) {
        return Ok(Value::NONE);
    }
    let sys = (hooks::get().import)(t, "sys")?;
    let mut file = protocol::lookup_attr(t, &sys, &names::known().stderr)?.filter(|f| !f.is_none());
    if file.is_none() {
        file = protocol::lookup_attr(t, thread, &names::intern("_stderr"))?.filter(|f| !f.is_none());
    }
    let Some(file) = file else { return Ok(Value::NONE) };
    let name = match protocol::lookup_attr(t, thread, &names::intern("_name"))? {
        Some(name) if !thread.is_none() => protocol::to_string(t, &name)?,
        _ => handle::ident(t).to_string(),
    };
    let text = str::from_str(&format!("Exception in thread {name}:\n"));
    protocol::call_method(t, &file, &names::known().write, &[text])?;
    let module = (hooks::get().import)(t, "traceback")?;
    let print = protocol::get_attr_str(t, &module, "print_exception")?;
    let all = [class.clone(), e.clone(), place.clone(), file.clone()];
    protocol::call(t, &print, crate::object::args::Args::new(&all, &[names::intern("file")]))?;
    protocol::call_method(t, &file, &names::known().flush, &[])
}

fn interrupt_main(t: &Thread, b: &crate::object::args::Bound<'_>) -> PyResult {
    let number = b.opt(0).map_or(Ok(2), |n| protocol::index_i64(t, n))?;
    if !(1..65).contains(&number) {
        return Err(raise::value_error(t, "signal number out of range"));
    }
    (hooks::get().simulate_signal)(number as i32);
    // On the main thread itself it is due now.
    if handle::is_main(t) && t.record.attention() != 0 {
        (hooks::get().check_attention)(t)?;
    }
    Ok(Value::NONE)
}

fn stack_size(t: &Thread, b: &crate::object::args::Bound<'_>) -> PyResult {
    let old = handle::STACK_SIZE.load(crate::sync::shim::atomic::Ordering::Relaxed);
    if let Some(size) = b.opt(0) {
        let size = protocol::index_i64(t, size)?;
        if size < 0 {
            return Err(raise::value_error(t, "size must be 0 or a positive value"));
        }
        if size != 0 && size < 32 << 10 {
            return Err(raise::value_error(t, format!("size not valid: {size} bytes")));
        }
        handle::STACK_SIZE.store(size as usize, crate::sync::shim::atomic::Ordering::Relaxed);
    }
    Ok(Value::int(old as i64))
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    set("error", exc::RUNTIME_ERROR.to_value())?;
    set("LockType", lock::LOCK.to_value())?;
    set("TIMEOUT_MAX", Value::float(lock::TIMEOUT_MAX))?;
    set("_NAME_MAXLEN", Value::int(15))?;
    crate::types::struct_sequence::finish::<ExceptHookArgs>();
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "start_new_thread",
            "",
            NativeFn::Raw(handle::start_new),
            "Start a new thread and return its identifier.",
        ),
        Method::new("start_new", "", NativeFn::Raw(handle::start_new), "An obsolete synonym of start_new_thread()."),
        Method::new(
            "start_joinable_thread",
            "(function, handle=None, daemon=True)",
            NativeFn::Bound(handle::start_joinable),
            "Start a thread that can be joined.",
        ),
        Method::new(
            "daemon_threads_allowed",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::TRUE)),
            "Return True if daemon threads are allowed in the current interpreter.",
        ),
        Method::new("allocate_lock", "($module, /)", NativeFn::F0(|_| Ok(lock::new())), "Create a new lock object."),
        Method::new(
            "allocate",
            "($module, /)",
            NativeFn::F0(|_| Ok(lock::new())),
            "An obsolete synonym of allocate_lock().",
        ),
        Method::new(
            "get_ident",
            "($module, /)",
            NativeFn::F0(|t| Ok(Value::uint(handle::ident(t)))),
            "Return a non-zero integer that uniquely identifies the current thread.",
        ),
        Method::new(
            "get_native_id",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::int(crate::sys::thread::native_id() as i64))),
            "Return a non-negative integer identifying the thread as reported by the OS.",
        ),
        Method::new(
            "_get_main_thread_ident",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::uint(handle::main_ident()))),
            "Internal only.",
        ),
        Method::new(
            "_is_main_interpreter",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::TRUE)),
            "Return True if the current interpreter is the main Python interpreter.",
        ),
        Method::new("_make_thread_handle", "($module, ident, /)", NativeFn::F1(handle::make), "Internal only."),
        Method::new(
            "_shutdown",
            "($module, /)",
            NativeFn::F0(handle::shutdown),
            "Wait for all non-daemon threads (other than the calling thread) to stop.",
        ),
        Method::new(
            "_count",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::uint(handle::count() as u64))),
            "Return the number of currently running Python threads, excluding the main thread.",
        ),
        Method::new(
            "_excepthook",
            "($module, excepthookargs, /)",
            NativeFn::F1(excepthook),
            "Handle uncaught Thread.run() exception.",
        ),
        Method::new(
            "set_name",
            "($module, name)",
            NativeFn::F1(handle::set_name),
            "Set the name of the current thread.",
        ),
        Method::new("exit", "($module, /)", NativeFn::F0(handle::exit), "Raise SystemExit, to end the thread."),
        Method::new("exit_thread", "($module, /)", NativeFn::F0(handle::exit), "An obsolete synonym of exit()."),
        Method::new(
            "interrupt_main",
            "($module, signum=2, /)",
            NativeFn::Bound(interrupt_main),
            "Simulate the arrival of the given signal in the main thread.",
        ),
        Method::new(
            "stack_size",
            "($module, size=0, /)",
            NativeFn::Bound(stack_size),
            "Return the thread stack size used when creating new threads.",
        ),
    ],
    types: &[&lock::LOCK, &lock::RLOCK, &handle::HANDLE, &local::LOCAL, &EXCEPT_HOOK_ARGS],
    init: Some(init),
    ..ModuleSpec::new(
        "_thread",
        "This module provides primitive operations to write multi-threaded programs.\nThe 'threading' module provides a more convenient interface.",
    )
};
