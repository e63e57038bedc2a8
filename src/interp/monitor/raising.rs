//! Exceptions on their way, as tools see them. Called by `unwind` only where somebody asked.

use super::fire::{offset, tell};
use super::{Event, copies};
use crate::bytecode::code::Code;
use crate::interp::frame::Frame;
use crate::object::raise::{self, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;

/// Tells of an exception at a frame's place. Answers the exception to go on with: what a callback raised takes its place.
///
/// # Safety
/// The frame is the innermost, and saved.
unsafe fn report(t: &Thread, frame: *mut Frame, event: Event, exception: Value) -> Result<Value, Value> {
    let tools = t.instrument.tools[event as usize].get();
    if tools == 0 || t.instrument.busy.get() > 0 {
        return Ok(exception);
    }
    // SAFETY: by the caller.
    let (code, last): (&Code, usize) = unsafe { ((*frame).code(), (*frame).lasti()) };
    let at = copies::start_of(code, last);
    match tell(t, code, event, tools, &[offset(at), exception.clone()]) {
        Ok(_) => Ok(exception),
        Err(raised) => Err(raise::take(t, raised)),
    }
}

fn either(result: Result<Value, Value>) -> Value {
    result.unwrap_or_else(|other| other)
}

/// An exception was raised, or raised again, in a frame.
///
/// # Safety
/// As `report`.
pub unsafe fn raised(t: &Thread, frame: *mut Frame, again: bool, exception: Value) -> Value {
    let event = if again { Event::Reraise } else { Event::Raise };
    // SAFETY: by the caller.
    either(unsafe { report(t, frame, event, exception) })
}

/// A handler was found, and the frame is at it. The error is what a callback raised there.
///
/// # Safety
/// As `report`.
pub unsafe fn handled(t: &Thread, frame: *mut Frame, exception: Value) -> Result<(), Value> {
    // SAFETY: by the caller.
    unsafe { report(t, frame, Event::ExceptionHandled, exception) }.map(drop)
}

/// An exception leaves a frame.
///
/// # Safety
/// As `report`.
pub unsafe fn unwound(t: &Thread, frame: *mut Frame, exception: Value) -> Value {
    // SAFETY: by the caller.
    either(unsafe { report(t, frame, Event::PyUnwind, exception) })
}

/// `throw()` goes on with a generator's frame, which has just become the innermost.
///
/// # Safety
/// As `report`.
pub unsafe fn thrown(t: &Thread, frame: *mut Frame, raised: Raised) -> Raised {
    if !t.instrument.active.get() {
        return raised;
    }
    let exception = raise::take(t, raised);
    // SAFETY: by the caller. The frame goes on from its saved place.
    unsafe {
        copies::settle(t, frame);
        let exception = either(report(t, frame, Event::PyThrow, exception));
        raise::again(t, exception)
    }
}
