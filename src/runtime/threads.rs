//! Starting and ending threads that run Python.

use crate::interp::frame::{self, FrameStack};
use crate::interp::monitor;
use crate::interp::quicken;
use crate::object::core_types;
use crate::object::hooks::ThreadBody;
use crate::object::raise;
use crate::object::raise::PyResult;
use crate::object::thread::{self, Thread};

/// Bytes of a new thread's native stack where nothing else is asked for. Pages are made as they are touched.
const STACK_BYTES: usize = 16 << 20;

/// A smaller stack is not given: checks of native recursion need room below their limit.
const LEAST_STACK: usize = 1 << 20;

/// Makes the calling thread one that runs Python: its context, attached, with a frame stack.
pub fn enter(stack_bytes: usize, frames: FrameStack) -> Box<Thread> {
    let t = Thread::start(stack_bytes);
    frames.install(&t);
    t
}

/// Undoes `enter`: frees what the thread has, hands on what others may need.
pub fn leave(t: Box<Thread>) {
    // The last objects may have finalisers: they need the frame stack.
    t.close();
    quicken::release(&t);
    frame::release_stack(&t);
    t.finish();
}

/// Starts a thread (`Hooks::spawn`). The mode switches from one thread to many before the first.
pub fn spawn(t: &Thread, stack_bytes: usize, body: ThreadBody) -> PyResult<()> {
    if thread::is_ending() {
        let class = &core_types::exc::PYTHON_FINALIZATION_ERROR;
        return Err(raise::new(t, class, "can't create new thread at interpreter shutdown"));
    }
    if !thread::ids_are_left() {
        return Err(raise::runtime_error(t, "can't start new thread"));
    }
    if !thread::multi() {
        thread::set_multi();
    }
    let recursion_limit = t.recursion_limit.get();
    let stack = if stack_bytes == 0 { STACK_BYTES } else { stack_bytes.max(LEAST_STACK) };
    // Here, where there is somebody to tell that there is no room.
    let Some(frames) = FrameStack::reserve().filter(|_| !fails_in_test()) else {
        return Err(raise::runtime_error(t, "can't start new thread"));
    };
    let started = std::thread::Builder::new().stack_size(stack).spawn(move || {
        let t = enter(stack, frames);
        t.recursion_limit.set(recursion_limit);
        monitor::begin(&t);
        let ended = body(&t);
        leave(t);
        ended();
    });
    started.map(drop).map_err(|_| raise::runtime_error(t, "can't start new thread"))
}

/// Whether a test wants this start to fail. Never, in a real build.
fn fails_in_test() -> bool {
    #[cfg(feature = "proof")]
    return crate::modules::faults::thread_start_fails();
    #[cfg(not(feature = "proof"))]
    false
}
