//! Generators driven by native functions (`sum`, `tuple` and their kin): in one run of the loop, from the first item to the
//! last.
//!
//! What needs no Python code is done with an item at once (`Take::quick`), while the generator runs. For anything else it
//! is suspended first, as it is for a caller of `__next__`.

use super::eval::{self, Start};
use super::frame::{self, Frame, Return};
use super::generator::{Generator, owner, start, suspend};
use super::quicken;
use super::stack::Word;
use crate::object::protocol::Take;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::sync::claim::{FINISHED, SUSPENDED};

/// Who takes what a generator yields.
pub struct Sink<'a> {
    take: &'a mut dyn Take,
    /// Why the generator was left at a yield.
    left: Option<PyResult<Poured>>,
}

/// How `drive` ended, where nothing was raised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Poured {
    /// With the generator.
    All,
    /// The function has answered false.
    Enough,
    /// Somebody else has run the generator in between: the rest is to be asked for item by item.
    Lost,
}

/// Runs a generator to its end, and gives `take` what it yields, until that answers false.
pub fn drive(t: &Thread, v: &Value, take: &mut dyn Take) -> PyResult<Poured> {
    let Some(g) = v.downcast_exact::<Generator>() else { return Ok(Poured::Lost) };
    if !frame::has_room(t, t.stack_top.get(), 0) || t.stack_is_low() {
        return Ok(Poured::Lost);
    }
    match g.claim() {
        // Asking for an item tells what is wrong.
        None => return Ok(Poured::Lost),
        Some(FINISHED) => return Ok(Poured::All),
        Some(_) => {}
    }
    let mut sink = Sink { take, left: None };
    // SAFETY: claimed; `keep` holds the generator.
    unsafe {
        let keep = v.clone();
        let frame =
            start(t, g, t.frame.get().cast(), Return::Sink, Value::NONE.into_bits(), quicken::enter(t, g.code()));
        (*frame).instance = &raw mut sink as Word;
        let exit = eval::run(t, frame, Start::Go);
        drop(keep);
        exit?;
    }
    sink.left.unwrap_or(Ok(Poured::All))
}

/// Gives the sink that drives a frame what that yields; the frame that goes on, which is a generator's own where the sink
/// takes it at once. None where the sink is to be left.
///
/// # Safety
/// As `suspend`; `drive` runs the generator, and holds it.
pub unsafe fn pour(t: &Thread, frame: *mut Frame, v: Value) -> Option<*mut Frame> {
    // SAFETY: by the caller; the sink lives as long as it drives.
    let sink = unsafe { &mut *((*frame).instance as *mut Sink<'_>) };
    match sink.take.quick(t, v) {
        Ok(None) => {
            // SAFETY: by the caller; there is room for the value that was yielded.
            unsafe {
                *(*frame).sp = Value::NONE.into_bits();
                (*frame).sp = (*frame).sp.add(1);
            }
            Some(frame)
        }
        // SAFETY: by the caller.
        Ok(Some(v)) => unsafe { pour_suspended(t, frame, sink, v) },
        Err(raised) => {
            // SAFETY: by the caller.
            unsafe { suspend(t, frame) };
            sink.left = Some(Err(raised));
            None
        }
    }
}

/// Suspends a generator, gives what it yields to the sink, and makes its frame the innermost again.
///
/// # Safety
/// As `pour`.
unsafe fn pour_suspended(t: &Thread, frame: *mut Frame, sink: &mut Sink<'_>, v: Value) -> Option<*mut Frame> {
    // SAFETY: by the caller. Once suspended, the frame is anybody's.
    unsafe {
        suspend(t, frame);
        let left = match sink.take.take(t, v) {
            Ok(true) => {
                let g = owner(frame);
                match g.claim() {
                    Some(SUSPENDED) => {
                        (*frame).instance = std::ptr::from_mut(sink) as Word;
                        let caller = t.frame.get().cast();
                        let sent = Value::NONE.into_bits();
                        return Some(start(t, g, caller, Return::Sink, sent, quicken::enter(t, g.code())));
                    }
                    Some(_) => Ok(Poured::All),
                    None => Ok(Poured::Lost),
                }
            }
            Ok(false) => Ok(Poured::Enough),
            Err(raised) => Err(raised),
        };
        sink.left = Some(left);
        None
    }
}
