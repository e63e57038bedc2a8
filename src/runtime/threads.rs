//! Starting and ending threads that run Python.

use crate::interp::frame;
use crate::interp::quicken;
use crate::object::raise::PyResult;
use crate::object::thread::{self, Thread};
use crate::object::value::Value;
use crate::object::{protocol, raise};
use std::sync::atomic::{AtomicUsize, Ordering::*};

/// Bytes of a new thread's native stack; `_thread.stack_size()`. Pages are made as they are touched.
pub static STACK_SIZE: AtomicUsize = AtomicUsize::new(16 << 20);

/// Threads started by `spawn` that have not ended (`_thread._count()`).
pub static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Makes the calling thread one that runs Python: its context, attached, with a frame stack.
pub fn enter(stack_bytes: usize) -> Box<Thread> {
    let t = Thread::start(stack_bytes);
    frame::reserve_stack(&t);
    t
}

/// Undoes `enter`: frees what the thread has, hands on what others may need.
pub fn leave(t: Box<Thread>) {
    quicken::release(&t);
    frame::release_stack(&t);
    t.finish();
}

/// Starts a thread that calls `body` with its own context. The mode switches from one thread to many before the first.
/// Raises RuntimeError "can't start new thread" where the system refuses.
pub fn spawn(t: &Thread, body: impl FnOnce(&Thread) + Send + 'static) -> PyResult<()> {
    if !thread::multi() {
        thread::set_multi();
    }
    let recursion_limit = t.recursion_limit.get();
    let stack = STACK_SIZE.load(Relaxed);
    COUNT.fetch_add(1, Relaxed);
    let started = std::thread::Builder::new().stack_size(stack).spawn(move || {
        let t = enter(stack);
        t.recursion_limit.set(recursion_limit);
        body(&t);
        leave(t);
        COUNT.fetch_sub(1, Relaxed);
    });
    match started {
        Ok(_) => Ok(()),
        Err(_) => {
            COUNT.fetch_sub(1, Relaxed);
            Err(raise::runtime_error(t, "can't start new thread"))
        }
    }
}

/// Calls a function on the present thread and reports what it raises as `report` says.
pub fn call_reporting(t: &Thread, function: &Value, args: &[Value], report: fn(&Thread, Value)) {
    if let Err(raised) = protocol::call_values(t, function, args) {
        let e = raise::take(t, raised);
        report(t, e);
    }
}
