//! Exceptions on their way: from frame to frame until a handler covers the instruction.

use super::call;
use super::frame::{Frame, Return};
use super::monitor::{copies, raising};
use super::stack;
use super::{frame_object, generator};
use crate::bytecode::opcode::{Op, encode};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::traceback;

/// Where an exception ended up.
pub enum Unwound {
    /// A handler of `*frame` goes on.
    Handled,
    /// It left the frame that the loop was entered with.
    Left(Raised),
}

/// Finds the handler. `add_place` says whether the first frame is to be added to the traceback (not when re-raising).
///
/// # Safety
/// `*frame` is the innermost frame, saved; `entry` is at or below it.
#[cold]
#[inline(never)]
pub unsafe fn unwind(
    t: &Thread,
    frame: &mut *mut Frame,
    entry: *mut Frame,
    mut raised: Raised,
    mut add_place: bool,
) -> Unwound {
    loop {
        let current = *frame;
        let mut exception = raise::take(t, raised);
        // SAFETY: by the caller; each frame below was saved when it called.
        unsafe {
            let reraised = !add_place;
            if add_place {
                add_traceback(t, current, &exception);
            }
            add_place = true;
            if t.instrument.active.get() {
                copies::settle(t, current);
                if t.instrument.raising.get() {
                    exception = raising::raised(t, current, reraised, exception);
                }
            }
            let index = (*current).lasti();
            let base = Frame::locals(current).add((*current).code().local_count());
            // Where the exception was raised first: a handler's end raises it again.
            let mut first = None;
            if reraised && (*current).sp > base && (*current).code().instructions[index] == encode(Op::RERAISE, 1) {
                first = stack::view(*(*current).sp.sub(1)).as_small_int();
            }
            if let Some(handler) = (*current).code().handler(index) {
                let depth = base.add(handler.depth as usize);
                // Held while values are dropped, which may run code that raises.
                while (*current).sp > depth {
                    (*current).sp = (*current).sp.sub(1);
                    stack::release(*(*current).sp);
                }
                if handler.lasti {
                    *(*current).sp = Value::int(first.unwrap_or(index as i64)).into_bits();
                    (*current).sp = (*current).sp.add(1);
                }
                *(*current).sp = exception.into_bits();
                (*current).sp = (*current).sp.add(1);
                (*current).ip = (*current).start.add(handler.target as usize);
                if t.instrument.active.get() {
                    copies::note_jump(t, current, index, handler.target as usize);
                    let exception = stack::copy(*(*current).sp.sub(1));
                    if let Err(other) = handled(t, current, exception) {
                        raised = raise::again(t, other);
                        add_place = false;
                        continue;
                    }
                }
                return Unwound::Handled;
            }
            if let Some(place) = first {
                // The frame ends there, as `f_lineno` shows.
                (*current).ip = (*current).start.add(place as usize + 1);
            }
            while (*current).sp > base {
                (*current).sp = (*current).sp.sub(1);
                stack::release(*(*current).sp);
            }
            if t.instrument.raising.get() {
                exception = raising::unwound(t, current, exception);
            }
            let (action, previous, last) = ((*current).action, (*current).previous, current == entry);
            let instance = (*current).instance;
            if (*current).generator != 0 {
                generator::finish(t, current);
            } else {
                call::end(t, current);
            }
            if action == Return::Init {
                stack::release(instance);
            }
            if action == Return::Next && exception.class().is_subtype(&exc::STOP_ITERATION) {
                // The end of the caller's iteration, whose instruction and cache word are behind `ip`.
                let target = *(*previous).ip.sub(2) >> 8;
                (*previous).ip = (*previous).start.add(target as usize);
                (*previous).sp = (*previous).sp.sub(1);
                *frame = previous;
                stack::release(*(*previous).sp);
                drop(exception);
                return Unwound::Handled;
            }
            raised = raise::again(t, exception);
            if last {
                return Unwound::Left(raised);
            }
            *frame = previous;
        }
    }
}

/// Tells tools of a handler that goes on. The error is what one of them raised, at the handler's first instruction.
///
/// # Safety
/// The frame is the innermost, with its place saved.
unsafe fn handled(t: &Thread, frame: *mut Frame, exception: Value) -> Result<(), Value> {
    if !t.instrument.raising.get() {
        return Ok(());
    }
    // SAFETY: by the caller. The place is as if the first instruction had raised.
    unsafe {
        (*frame).ip = (*frame).ip.add(1);
        raising::handled(t, frame, exception)?;
        (*frame).ip = (*frame).ip.sub(1);
    }
    Ok(())
}

/// Puts a frame in front of an exception's traceback.
///
/// # Safety
/// The frame is alive and saved.
unsafe fn add_traceback(t: &Thread, frame: *mut Frame, exception: &Value) {
    let Some(payload) = exception.downcast::<BaseException>() else { return };
    // SAFETY: by the caller.
    let (object, lasti) = unsafe { (frame_object::of(t, frame), (*frame).lasti() as i64) };
    // The line is looked up by whoever asks for it.
    let place = traceback::new(payload.traceback.load(), object, lasti, -1);
    let Some(header) = exception.header() else { return };
    let old = {
        let _guard = t.lock(header);
        payload.traceback.swap(Some(place))
    };
    drop(old);
}
