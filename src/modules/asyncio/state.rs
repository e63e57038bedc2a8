//! The payload of futures, and its transitions.
//!
//! A future is pending until somebody gives it a result, an exception or cancels it, once: under the object's lock, which
//! the callbacks leave at the same moment. They are scheduled on the loop after that, in the order in which they were added.

use crate::sync::shim::atomic::{AtomicU8, Ordering::*};
use std::collections::HashMap;

use foldhash::fast::FixedState;
use smallvec::SmallVec;

use crate::modules::support::{Guarded, put};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::header::flag as header_flag;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Stored, Value};
use crate::object::{dict, names, protocol, str};

use super::future::FUTURE;
use super::library;
use super::task::TASK;

/// What a future can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Status {
    Pending,
    Cancelled,
    /// With a result.
    Returned,
    /// With an exception.
    Raised,
}

/// Callbacks with their contexts.
type Callbacks = SmallVec<[(Stored, Stored); 1]>;

/// The futures that wait for one.
#[derive(Default)]
pub enum Waiters {
    #[default]
    None,
    One(Stored),
    /// By address.
    #[allow(clippy::box_collection, reason = "few futures have several waiters: the others shall be small")]
    Many(Box<HashMap<u64, Stored, FixedState>>),
}

impl Waiters {
    fn visit(&self, visit: Visit) {
        match self {
            Waiters::None => {}
            Waiters::One(waiter) => visit(waiter),
            Waiters::Many(all) => all.values().for_each(|waiter| visit(waiter)),
        }
    }
}

/// What is touched under the future's lock only.
#[derive(Default)]
pub struct Body {
    /// None until `__init__` has run.
    pub event_loop: Option<Stored>,
    pub callbacks: Callbacks,
    /// The result or the exception.
    pub outcome: Option<Stored>,
    /// The traceback that the exception had when it was set.
    traceback: Option<Stored>,
    /// In debug mode, where the future was made.
    pub source: Option<Stored>,
    pub message: Option<Stored>,
    /// The exception that ended a cancelled task, to be raised once.
    pub cancelled: Option<Stored>,
    pub awaited_by: Waiters,
    /// `_asyncio_future_blocking`: what was yielded comes from awaiting the future.
    pub is_blocking: bool,
    /// Whether the exception is reported when nobody has asked for it.
    pub logs: bool,
}

/// The payload of futures; tasks begin with it.
#[repr(C)]
pub struct Future {
    /// A `Status`. Stored under the lock (Release), loaded by anybody (Acquire): who sees a future done sees its outcome.
    status: AtomicU8,
    pub body: Guarded<Body>,
}

// SAFETY: `FUTURE`'s layout is `Future`.
unsafe impl Payload for Future {
    fn layout_type() -> &'static Type {
        &FUTURE
    }

    fn trace(&self, visit: Visit) {
        let body = self.body.stopped();
        let parts = [&body.event_loop, &body.outcome, &body.traceback, &body.source, &body.message, &body.cancelled];
        parts.into_iter().flatten().for_each(|part| visit(part));
        for (callback, context) in &body.callbacks {
            visit(callback);
            visit(context);
        }
        body.awaited_by.visit(visit);
    }

    fn clear(&self) {
        drop(self.body.replace_unreachable(Body::default()));
    }
}

/// Stores a value, for use under the lock: what was there is for the caller to drop afterwards.
pub fn stored(value: &Value) -> Option<Stored> {
    Some(Stored::new(value.clone()))
}

/// A copy of a stored value.
pub fn copy_of(part: &Option<Stored>) -> Option<Value> {
    part.as_deref().cloned()
}

impl Future {
    pub fn blank() -> Future {
        Future { status: AtomicU8::new(Status::Pending as u8), body: Guarded::new(Body::default()) }
    }

    pub fn status(&self) -> Status {
        match self.status.load(Acquire) {
            0 => Status::Pending,
            1 => Status::Cancelled,
            2 => Status::Returned,
            _ => Status::Raised,
        }
    }

    pub fn is_done(&self) -> bool {
        self.status() != Status::Pending
    }

    /// Makes the future what it is after `__init__`; `v` is its object.
    pub fn reset(&self, t: &Thread, v: &Value, event_loop: Value) {
        let fresh = Body { event_loop: Some(Stored::new(event_loop)), ..Body::default() };
        let old = self.body.with(t, v, |body| {
            self.status.store(Status::Pending as u8, Release);
            std::mem::replace(body, fresh)
        });
        drop(old);
    }

    /// The loop; None before `__init__`.
    pub fn event_loop(&self, t: &Thread, v: &Value) -> Option<Value> {
        self.body.with(t, v, |body| copy_of(&body.event_loop))
    }

    /// Whether this is its loop.
    pub fn is_bound_to(&self, t: &Thread, v: &Value, event_loop: &Value) -> bool {
        self.body.with(t, v, |body| body.event_loop.as_ref().is_some_and(|own| own.is(event_loop)))
    }

    /// The transition from pending to something else: `fill` sets the outcome, and answers what it replaced. False where the
    /// future was not pending.
    fn complete<R>(&self, t: &Thread, v: &Value, status: Status, fill: impl FnOnce(&mut Body) -> R) -> PyResult<bool> {
        // Outside of the closure: what `fill` holds is not dropped under the lock where it is not called.
        let mut fill = Some(fill);
        let done = self.body.with(t, v, |body| {
            if self.is_done() {
                return None;
            }
            let replaced = fill.take()?(body);
            self.status.store(status as u8, Release);
            Some((replaced, std::mem::take(&mut body.callbacks), copy_of(&body.event_loop)))
        });
        let Some((replaced, callbacks, event_loop)) = done else { return Ok(false) };
        drop(replaced);
        if let Some(event_loop) = event_loop {
            for (callback, context) in callbacks {
                library::call_soon(t, &event_loop, callback.into_value(), Some(v), &context)?;
            }
        }
        Ok(true)
    }

    /// Sets the result; InvalidStateError where the future is not pending.
    pub fn set_result(&self, t: &Thread, v: &Value, result: Value) -> PyResult<()> {
        let result = Stored::new(result);
        if self.complete(t, v, Status::Returned, |body| body.outcome.replace(result))? {
            self.forget_finaliser(v);
            return Ok(());
        }
        Err(library::invalid_state(t, "invalid state"))
    }

    /// A future with a result has nothing to report when it ends: its finaliser need not run, unless a class of a program
    /// has another.
    fn forget_finaliser(&self, v: &Value) {
        if is_native(v)
            && let Some(header) = v.header()
        {
            header.set_flag(header_flag::FINALIZED);
        }
    }

    /// Sets the exception, an instance or a class of one; InvalidStateError where the future is not pending.
    pub fn set_exception(&self, t: &Thread, v: &Value, exception: &Value) -> PyResult<()> {
        if self.is_done() {
            return Err(library::invalid_state(t, "invalid state"));
        }
        let made = match exception.downcast::<Type>() {
            Some(class) if class.is_subtype(&exc::BASE_EXCEPTION) => protocol::call_values(t, exception, &[])?,
            _ => exception.clone(),
        };
        let Some(payload) = made.downcast::<BaseException>() else {
            return Err(raise::type_error(t, "invalid exception object"));
        };
        let traceback = payload.traceback.load();
        let made = if made.class().is_subtype(&exc::STOP_ITERATION) { without_stop(t, made)? } else { made };
        let (outcome, traceback) = (Stored::new(made), traceback.map(Stored::new));
        let fill = |body: &mut Body| {
            body.logs = true;
            (body.outcome.replace(outcome), std::mem::replace(&mut body.traceback, traceback))
        };
        if self.complete(t, v, Status::Raised, fill)? {
            return Ok(());
        }
        Err(library::invalid_state(t, "invalid state"))
    }

    /// Cancels; false where the future is not pending.
    pub fn cancel(&self, t: &Thread, v: &Value, message: Option<Value>) -> PyResult<bool> {
        let message = message.map(Stored::new);
        self.silence(t, v);
        self.complete(t, v, Status::Cancelled, |body| std::mem::replace(&mut body.message, message))
    }

    /// Nobody need be told of the exception any more.
    pub fn silence(&self, t: &Thread, v: &Value) {
        self.body.with(t, v, |body| body.logs = false);
    }

    /// Adds a callback, or schedules it at once where the future is done.
    pub fn add_callback(&self, t: &Thread, v: &Value, callback: Value, context: Value) -> PyResult<()> {
        let (callback, context) = (Stored::new(callback), Stored::new(context));
        let late = self.body.with(t, v, |body| {
            if self.is_done() {
                return Some((callback, context, copy_of(&body.event_loop)));
            }
            body.callbacks.push((callback, context));
            None
        });
        match late {
            Some((callback, context, Some(event_loop))) => {
                library::call_soon(t, &event_loop, callback.into_value(), Some(v), &context)
            }
            _ => Ok(()),
        }
    }

    /// Removes the callbacks that are equal to one; answers how many.
    pub fn remove_callback(&self, t: &Thread, v: &Value, callback: &Value) -> PyResult<usize> {
        // Comparing runs Python code: on a copy; what is equal is removed by identity.
        let known: Vec<Value> =
            self.body.with(t, v, |body| body.callbacks.iter().map(|(known, _)| Value::clone(known)).collect());
        let mut equal = Vec::new();
        for known in known {
            if protocol::eq(t, &known, callback)? {
                equal.push(known);
            }
        }
        let removed = self.body.with(t, v, |body| {
            let (gone, kept): (Callbacks, Callbacks) = std::mem::take(&mut body.callbacks)
                .into_iter()
                .partition(|(known, _)| equal.iter().any(|e| e.is(known)));
            body.callbacks = kept;
            gone
        });
        Ok(removed.len())
    }

    /// The exception that a cancelled future raises.
    pub fn cancelled_error(&self, t: &Thread, v: &Value) -> PyResult {
        let (saved, message) = self.body.with(t, v, |body| (body.cancelled.take(), copy_of(&body.message)));
        match (saved, message.as_ref().and_then(Value::non_none)) {
            (Some(saved), _) => Ok(saved.into_value()),
            (None, Some(message)) => library::CANCELLED_ERROR.call(t, std::slice::from_ref(message)),
            (None, None) => library::CANCELLED_ERROR.call(t, &[]),
        }
    }

    /// Raises what a cancelled future raises.
    #[cold]
    pub fn raise_cancelled(&self, t: &Thread, v: &Value) -> Raised {
        self.cancelled_error(t, v).map_or_else(|raised| raised, |exception| raise::value(t, exception))
    }

    /// The result of a future that is done: raises its exception, or that it was cancelled. InvalidStateError where it is
    /// pending.
    pub fn result(&self, t: &Thread, v: &Value) -> PyResult {
        match self.outcome(t, v)? {
            Ok(result) => Ok(result),
            Err(exception) => Err(raise::value(t, exception)),
        }
    }

    /// As `result`, but answers the exception instead of raising it.
    pub fn outcome(&self, t: &Thread, v: &Value) -> PyResult<Result<Value, Value>> {
        match self.status() {
            Status::Pending => Err(library::invalid_state(t, "Result is not set.")),
            Status::Cancelled => self.cancelled_error(t, v).map(Err),
            Status::Returned => Ok(Ok(self.body.with(t, v, |body| copy_of(&body.outcome)).unwrap_or(Value::NONE))),
            Status::Raised => {
                let (exception, traceback) = self.body.with(t, v, |body| {
                    body.logs = false;
                    (copy_of(&body.outcome), copy_of(&body.traceback))
                });
                let exception = exception.unwrap_or(Value::NONE);
                // What the tracebacks of others who were told have grown to is not this one's business.
                if let Some(payload) = exception.downcast::<BaseException>() {
                    put(t, &exception, &payload.traceback, traceback);
                }
                Ok(Err(exception))
            }
        }
    }
}

/// RuntimeError in place of a StopIteration, which could not be raised into what awaits the future.
fn without_stop(t: &Thread, stop: Value) -> PyResult {
    let raised =
        raise::runtime_error(t, "StopIteration interacts badly with generators and cannot be raised into a Future");
    let made = raise::take(t, raised);
    if let Some(payload) = made.downcast::<BaseException>() {
        drop(payload.cause.swap(Some(stop.clone())));
        payload.suppress_context.store(true, Relaxed);
        drop(payload.context.swap(Some(stop)));
    }
    Ok(made)
}

/// Whether a value is a future or task of exactly these classes: its methods are those of this module.
#[inline]
pub fn is_native(v: &Value) -> bool {
    v.is_exact(&FUTURE) || v.is_exact(&TASK)
}

/// `future_add_to_awaited_by`: of anything but futures of this module and their subclasses nothing is recorded.
pub fn add_awaited_by(t: &Thread, v: &Value, waiter: &Value) {
    let (Some(this), Some(_)) = (v.downcast::<Future>(), waiter.downcast::<Future>()) else { return };
    let new = Stored::new(waiter.clone());
    // What is not needed is dropped after unlocking.
    let unused = this.body.with(t, v, |body| match &mut body.awaited_by {
        Waiters::One(one) if one.is(&new) => Some(new),
        Waiters::Many(all) => all.insert(new.bits(), new),
        place => {
            *place = match std::mem::take(place) {
                Waiters::One(one) => Waiters::Many(Box::new([one, new].into_iter().map(|w| (w.bits(), w)).collect())),
                _ => Waiters::One(new),
            };
            None
        }
    });
    drop(unused);
}

/// `future_discard_from_awaited_by`.
pub fn discard_awaited_by(t: &Thread, v: &Value, waiter: &Value) {
    let (Some(this), Some(_)) = (v.downcast::<Future>(), waiter.downcast::<Future>()) else { return };
    let gone = this.body.with(t, v, |body| match &mut body.awaited_by {
        Waiters::One(one) if one.is(waiter) => match std::mem::take(&mut body.awaited_by) {
            Waiters::One(one) => Some(one),
            _ => None,
        },
        Waiters::Many(all) => all.remove(&waiter.bits()),
        _ => None,
    });
    drop(gone);
}

/// The futures that wait for one, at this moment.
pub fn waiters(t: &Thread, v: &Value, this: &Future) -> Option<Vec<Value>> {
    this.body.with(t, v, |body| match &body.awaited_by {
        Waiters::None => None,
        Waiters::One(one) => Some(vec![Value::clone(one)]),
        Waiters::Many(all) => Some(all.values().map(|waiter| Value::clone(waiter)).collect()),
    })
}

/// The `finalize` slot's part that futures and tasks share: reports an exception that nobody has asked for.
pub fn report_unretrieved(t: &Thread, v: &Value, this: &Future) {
    let found = this.body.with(t, v, |body| {
        let logs = std::mem::replace(&mut body.logs, false);
        logs.then(|| (copy_of(&body.event_loop), copy_of(&body.outcome), copy_of(&body.source)))
    });
    let Some((Some(event_loop), exception, source)) = found else { return };
    let message = format!("{} exception was never retrieved", v.class().name());
    let mut entries = vec![
        (names::intern("message"), str::from_str(&message)),
        (names::intern("exception"), exception.unwrap_or(Value::NONE)),
        (names::intern("future"), v.clone()),
    ];
    entries.extend(source.map(|source| (names::intern("source_traceback"), source)));
    library::report(t, &event_loop, dict::from_pairs(entries));
}
