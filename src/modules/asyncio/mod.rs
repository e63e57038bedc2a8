//! `_asyncio`: futures and tasks, and which loop and task a thread runs.
//!
//! | file | holds |
//! |---|---|
//! | `running` | per thread: the running loop, the current task, the list of tasks that it made |
//! | `library` | what is needed of asyncio's Python modules; calls of a loop's methods |
//! | `state` | the payload of futures and its transitions |
//! | `future` | the type `Future` |
//! | `future_iter` | what awaiting a future iterates over |
//! | `task` | the type `Task` |
//! | `step` | running a task's coroutine, and what follows from its answer |
//!
//! State lies under each object's own lock, which is never held while Python code runs: a transition takes the callbacks
//! out and schedules them afterwards. The event loop itself is Python code of one thread, as ever; what other threads may do
//! is to look at futures and tasks, to complete and cancel them, and to list all tasks.

pub mod future;
pub mod future_iter;
mod library;
mod running;
mod state;
mod step;
pub mod task;

use crate::modules::support::hide;
use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "_get_running_loop",
            "($module, /)",
            NativeFn::F0(|_| Ok(running::running_loop().unwrap_or(Value::NONE))),
            "Returns the thread's running event loop or None.\n\nMeant for event loops.",
        ),
        Method::new(
            "_set_running_loop",
            "($module, loop, /)",
            NativeFn::F1(|t, v| {
                running::set_running_loop(t, v.non_none().cloned());
                Ok(Value::NONE)
            }),
            "Sets the thread's running event loop.\n\nMeant for event loops.",
        ),
        Method::new(
            "get_running_loop",
            "($module, /)",
            NativeFn::F0(running_loop),
            "Returns the thread's running event loop; raises RuntimeError if there is none.",
        ),
        Method::new(
            "get_event_loop",
            "($module, /)",
            NativeFn::F0(library::event_loop),
            "Returns the running event loop, or where none runs, the one that the event loop policy answers.",
        ),
        Method::new(
            "current_task",
            "($module, /, loop=None)",
            NativeFn::Bound(|t, b| Ok(running::current_task(&the_loop(t, b)?).unwrap_or(Value::NONE))),
            "Returns the task that a loop (the running one) executes now, or None.",
        ),
        Method::new(
            "all_tasks",
            "($module, /, loop=None)",
            NativeFn::Bound(|t, b| running::all_tasks(t, &the_loop(t, b)?)),
            "Returns the set of a loop's tasks that are not done.",
        ),
        Method::new(
            "_register_task",
            "($module, /, task)",
            NativeFn::Bound(|t, b| running::register(t, b.req(0))),
            "Enters a task that is scheduled on an event loop into the list of tasks.",
        ),
        Method::new(
            "_unregister_task",
            "($module, /, task)",
            NativeFn::Bound(|t, b| running::unregister(t, b.req(0))),
            "Takes a task off the list of tasks.",
        ),
        Method::new(
            "_register_eager_task",
            "($module, /, task)",
            NativeFn::Bound(|t, b| running::register_eager(t, b.req(0))),
            "Enters a task that is about to be executed eagerly into the list of tasks.",
        ),
        Method::new(
            "_unregister_eager_task",
            "($module, /, task)",
            NativeFn::Bound(|t, b| running::unregister_eager(t, b.req(0))),
            "Takes a task that has finished its first eager step off the list of tasks.",
        ),
        Method::new(
            "_enter_task",
            "($module, /, loop, task)",
            NativeFn::Bound(|t, b| running::enter_task(t, b.req(0), b.req(1)).map(|()| Value::NONE)),
            "Makes a task the one that the running loop executes.\n\nRaises RuntimeError if it executes another.",
        ),
        Method::new(
            "_leave_task",
            "($module, /, loop, task)",
            NativeFn::Bound(|t, b| running::leave_task(t, b.req(0), b.req(1)).map(|()| Value::NONE)),
            "Ends the execution of a task.\n\nRaises RuntimeError if the running loop does not execute it.",
        ),
        Method::new(
            "_swap_current_task",
            "($module, /, loop, task)",
            NativeFn::Bound(|t, b| {
                let task = b.req(1).non_none().cloned();
                Ok(running::swap_current_task(t, b.req(0), task)?.unwrap_or(Value::NONE))
            }),
            "Makes a task (or None) the one that the running loop executes; returns the one that it executed.",
        ),
        Method::new(
            "future_add_to_awaited_by",
            "($module, fut, waiter, /)",
            NativeFn::F2(|t, future, waiter| {
                state::add_awaited_by(t, future, waiter);
                Ok(Value::NONE)
            }),
            "Records that a future is awaited by another.",
        ),
        Method::new(
            "future_discard_from_awaited_by",
            "($module, fut, waiter, /)",
            NativeFn::F2(|t, future, waiter| {
                state::discard_awaited_by(t, future, waiter);
                Ok(Value::NONE)
            }),
            "Records that a future is no longer awaited by another.",
        ),
    ],
    types: &[&future::FUTURE, &task::TASK, &future_iter::FUTURE_ITER, &step::STEP_CALL, &running::LEASE],
    init: Some(init),
    ..ModuleSpec::new("_asyncio", "Accelerator module for asyncio")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    running::install();
    hide(t, module, &["FutureIter", "TaskStepMethWrapper", "_Lease"])?;
    protocol::set_attr(t, module, &crate::object::names::intern("_eager_tasks"), running::eager_tasks())
}

/// `get_running_loop()`.
fn running_loop(t: &Thread) -> PyResult {
    running::running_loop().ok_or_else(|| raise::runtime_error(t, "no running event loop"))
}

/// The loop that an argument names, or the running one.
fn the_loop(t: &Thread, b: &Bound<'_>) -> PyResult {
    match b.non_none(0) {
        Some(given) => Ok(given.clone()),
        None => running_loop(t),
    }
}
