//! Running a task's coroutine: one step, up to what it awaits next or to its end.

use crate::modules::contextvars;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{Sent, SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, names, native, protocol, str};
use crate::this;

use super::library;
use super::running;
use super::state::{self, Future, copy_of, is_native};
use super::task::{Task, cancel_any};

/// What the loop calls to take a step: a task, and the exception to raise in it.
pub struct StepCall {
    task: Stored,
    exception: Option<Stored>,
}

/// The type of `StepCall`.
pub static STEP_CALL: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { call: Some(call), ..SlotTable::EMPTY },
    getset: &[GetSet::read_only("__self__", |_, v| Ok(Value::clone(&this!(v, StepCall).task)), "")],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_asyncio", "TaskStepMethWrapper", layout_of::<StepCall>(true))
};

// SAFETY: `STEP_CALL`'s layout is `StepCall`.
unsafe impl Payload for StepCall {
    fn layout_type() -> &'static Type {
        &STEP_CALL
    }

    fn trace(&self, visit: Visit) {
        visit(&self.task);
        if let Some(exception) = &self.exception {
            visit(exception);
        }
    }
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "function")?;
    if !args.pos().is_empty() {
        return Err(raise::type_error(t, "function takes no positional arguments"));
    }
    let this = this!(v, StepCall);
    step(t, &this.task, this.exception.as_deref().cloned())
}

/// What a future that a task waits for calls when it is done.
static WAKEUP: Method = Method::new("task_wakeup", "", NativeFn::F2(wakeup), "");

/// Schedules a step.
pub fn schedule(t: &Thread, v: &Value, event_loop: &Value, context: &Value, exception: Option<Value>) -> PyResult<()> {
    let call = StepCall { task: Stored::new(v.clone()), exception: exception.map(Stored::new) };
    library::call_soon(t, event_loop, alloc::new(&STEP_CALL, call), None, context)
}

/// Takes the first step at once, within the step of another task or none.
pub fn start_now(t: &Thread, v: &Value, this: &Task, event_loop: &Value, context: &Value) -> PyResult<()> {
    let previous = running::swap_current_task(t, event_loop, Some(v.clone()))?;
    this.listing.enter(v);
    let stepped = contextvars::enter(t, context).and_then(|()| {
        let stepped = run(t, v, this, event_loop, None);
        match contextvars::exit(t, context) {
            Ok(()) => stepped,
            // What the coroutine raised goes first.
            Err(raised) => stepped.and(Err(raised)),
        }
    });
    let restored = running::swap_current_task(t, event_loop, previous);
    if this.future.is_done() {
        this.listing.leave();
        let coroutine = this.doing.with(t, v, |doing| doing.coroutine.take());
        drop(coroutine);
    }
    stepped?;
    restored.map(drop)
}

/// Takes a step, as the loop's current task.
fn step(t: &Thread, v: &Value, exception: Option<Value>) -> PyResult {
    let this = this!(v, Task);
    let Some(event_loop) = this.future.event_loop(t, v) else {
        return Err(raise::runtime_error(t, "Task object is not initialized."));
    };
    running::enter_task(t, &event_loop, v)?;
    let stepped = run(t, v, this, &event_loop, exception);
    if this.future.is_done() {
        this.listing.leave();
    }
    match stepped {
        Ok(()) => running::leave_task(t, &event_loop, v)?,
        Err(raised) => {
            // What the coroutine raised goes first.
            let first = raise::take(t, raised);
            if let Err(raised) = running::leave_task(t, &event_loop, v) {
                drop(raise::take(t, raised));
            }
            return Err(raise::again(t, first));
        }
    }
    Ok(Value::NONE)
}

/// Resumes the coroutine, with an exception to raise in it or without, and sees to what it answers.
fn run(t: &Thread, v: &Value, this: &Task, event_loop: &Value, exception: Option<Value>) -> PyResult<()> {
    if this.future.is_done() {
        let exception = exception.unwrap_or(Value::NONE);
        let (task, shown) = (protocol::repr(t, v)?, protocol::repr(t, &exception)?);
        let message = format!("__step(): already done: {} {}", str::lossy(&task), str::lossy(&shown));
        return Err(library::invalid_state(t, &message));
    }
    let (must_cancel, waited_for, coroutine) = this.doing.with(t, v, |doing| {
        (std::mem::take(&mut doing.must_cancel), doing.waits_for.take(), copy_of(&doing.coroutine))
    });
    drop(waited_for);
    let exception = match exception {
        _ if !must_cancel => exception,
        Some(exception) if library::is_cancelled_error(t, &exception)? => Some(exception),
        _ => Some(this.future.cancelled_error(t, v)?),
    };
    let Some(coroutine) = coroutine else { return Err(raise::runtime_error(t, "uninitialized Task object")) };
    let sent = match exception {
        None => protocol::send(t, &coroutine, &Value::NONE),
        Some(exception) => throw(t, &coroutine, exception),
    };
    drop(coroutine);
    match sent {
        Ok(Sent::Yield(yielded)) => wait_for(t, v, this, event_loop, yielded),
        Ok(Sent::Return(result)) => {
            // Cancelled right before the coroutine ended?
            if this.doing.with(t, v, |doing| std::mem::take(&mut doing.must_cancel)) {
                let message = this.future.body.with(t, v, |body| copy_of(&body.message));
                return this.future.cancel(t, v, message).map(drop);
            }
            this.future.set_result(t, v, result)
        }
        Err(raised) => end_raised(t, v, this, raised),
    }
}

/// Raises an exception in the coroutine.
fn throw(t: &Thread, coroutine: &Value, exception: Value) -> PyResult<Sent> {
    match protocol::call_method(t, coroutine, &names::known().throw, &[exception]) {
        Ok(yielded) => Ok(Sent::Yield(yielded)),
        Err(raised) if raise::matches(t, &raised, &exc::STOP_ITERATION) => {
            let stop = raise::take(t, raised);
            protocol::get_attr(t, &stop, &names::known().value).map(Sent::Return)
        }
        Err(raised) => Err(raised),
    }
}

/// The coroutine has ended with an exception.
#[cold]
fn end_raised(t: &Thread, v: &Value, this: &Task, raised: Raised) -> PyResult<()> {
    let exception = raise::take(t, raised);
    if library::is_cancelled_error(t, &exception)? {
        let saved = state::stored(&exception);
        let old = this.future.body.with(t, v, |body| std::mem::replace(&mut body.cancelled, saved));
        drop(old);
        return this.future.cancel(t, v, None).map(drop);
    }
    this.future.set_exception(t, v, &exception)?;
    let class = exception.class();
    if class.is_subtype(&exc::KEYBOARD_INTERRUPT) || class.is_subtype(&exc::SYSTEM_EXIT) {
        // It ends the loop as well.
        return Err(raise::again(t, exception));
    }
    Ok(())
}

/// The coroutine has yielded: a future that it awaits, None to go on in the loop's next cycle, or something wrong.
fn wait_for(t: &Thread, v: &Value, this: &Task, event_loop: &Value, yielded: Value) -> PyResult<()> {
    if yielded.is_none() {
        return schedule(t, v, event_loop, &context_of(t, v, this), None);
    }
    if yielded.is(v) {
        return fail(t, v, this, event_loop, Wrong::Itself, v);
    }
    let is_native = is_native(&yielded);
    let blocking = match yielded.downcast::<Future>() {
        Some(future) if is_native => {
            let (fits, blocks) = future.body.with(t, &yielded, |body| {
                let fits = body.event_loop.as_ref().is_some_and(|own| own.is(event_loop));
                (fits, if fits { std::mem::replace(&mut body.is_blocking, false) } else { false })
            });
            fits.then_some(blocks)
        }
        _ => match protocol::lookup_attr(t, &yielded, &names::intern("_asyncio_future_blocking"))? {
            None => return fail(t, v, this, event_loop, Wrong::NoFuture, &yielded),
            Some(blocking) if blocking.is_none() => return fail(t, v, this, event_loop, Wrong::NoFuture, &yielded),
            Some(blocking) if library::loop_of(t, &yielded)?.is(event_loop) => Some(protocol::is_true(t, &blocking)?),
            Some(_) => None,
        },
    };
    match blocking {
        None => return fail(t, v, this, event_loop, Wrong::OtherLoop, &yielded),
        Some(false) => return fail(t, v, this, event_loop, Wrong::NoAwait, &yielded),
        Some(true) => {}
    }
    state::add_awaited_by(t, &yielded, v);
    let (wakeup, context) = (native::new_bound(&WAKEUP, v.clone()), context_of(t, v, this));
    match yielded.downcast::<Future>() {
        Some(future) if is_native => future.add_callback(t, &yielded, wakeup, context)?,
        _ => {
            protocol::set_attr(t, &yielded, &names::intern("_asyncio_future_blocking"), &Value::FALSE)?;
            library::add_done_callback(t, &yielded, wakeup, context)?;
        }
    }
    let (waits_for, mut old) = (state::stored(&yielded), None);
    let must_cancel = this.doing.with(t, v, |doing| {
        old = std::mem::replace(&mut doing.waits_for, waits_for);
        doing.must_cancel
    });
    drop(old);
    if must_cancel {
        let message = this.future.body.with(t, v, |body| copy_of(&body.message));
        if cancel_any(t, &yielded, message)? {
            this.doing.with(t, v, |doing| doing.must_cancel = false);
        }
    }
    Ok(())
}

fn context_of(t: &Thread, v: &Value, this: &Task) -> Value {
    this.doing.with(t, v, |doing| copy_of(&doing.context)).unwrap_or(Value::NONE)
}

fn shown(t: &Thread, v: &Value) -> PyResult<String> {
    Ok(str::lossy(&protocol::repr(t, v)?).into_owned())
}

/// Why a task does not wait for what its coroutine has yielded.
#[derive(Clone, Copy)]
enum Wrong {
    Itself,
    OtherLoop,
    /// A future that was yielded instead of awaited.
    NoAwait,
    NoFuture,
}

/// Schedules a step that raises RuntimeError in the coroutine.
#[cold]
fn fail(t: &Thread, v: &Value, this: &Task, event_loop: &Value, wrong: Wrong, yielded: &Value) -> PyResult<()> {
    let (task, what) = (shown(t, v)?, shown(t, yielded)?);
    let message = match wrong {
        Wrong::Itself => format!("Task cannot await on itself: {task}"),
        Wrong::OtherLoop => format!("Task {task} got Future {what} attached to a different loop"),
        Wrong::NoAwait => format!("yield was used instead of yield from in task {task} with {what}"),
        Wrong::NoFuture if yielded.is_exact(&core_types::GENERATOR) => {
            format!("yield was used instead of yield from for generator in task {task} with {what}")
        }
        Wrong::NoFuture => format!("Task got bad yield: {what}"),
    };
    let raised = raise::runtime_error(t, message);
    let error = raise::take(t, raised);
    schedule(t, v, event_loop, &context_of(t, v, this), Some(error))
}

/// What a task waited for is done: the next step raises what that raises.
fn wakeup(t: &Thread, v: &Value, future: &Value) -> PyResult {
    state::discard_awaited_by(t, future, v);
    let outcome = match future.downcast::<Future>() {
        Some(this) if is_native(future) => this.outcome(t, future).map(Result::err),
        _ => protocol::call_method_str(t, future, "result", &[]).map(|_| None),
    };
    let exception = outcome.unwrap_or_else(|raised| Some(raise::take(t, raised)));
    step(t, v, exception)
}
