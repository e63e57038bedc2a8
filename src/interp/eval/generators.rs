//! Generators and coroutines.

use super::registers::*;
use crate::bytecode::opcode::Op;
use crate::interp::frame::Return;
use crate::interp::generator::Generator;
use crate::interp::stack::{self};
use crate::interp::{call, drive, generator};
use crate::object::core_types;
use crate::object::protocol;
use crate::object::slots::Sent;
use crate::object::value::Value;

/// `RETURN_GENERATOR`.
#[inline(always)]
pub fn return_generator(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    // SAFETY: the frame's locals are complete; it is left now.
    let made = unsafe { generator::from_frame(t, r.frame) };
    // SAFETY: see `Registers`.
    let (action, previous) = unsafe { ((*r.frame).action, (*r.frame).previous) };
    // SAFETY: the frame was emptied by `from_frame`.
    unsafe { call::pop(t, r.frame) };
    match action {
        Return::ToRust => return Ok(Flow::Return(made)),
        _ => {
            r.frame = previous;
            r.load();
            r.push_value(made);
        }
    }
    Ok(Flow::Next)
}

/// `GET_YIELD_FROM_ITER`.
#[inline(always)]
pub fn get_yield_from_iter(r: &mut Registers) -> Next {
    if r.top_is(&core_types::GENERATOR) {
        return Ok(Flow::Next);
    }
    via!(get_yield_from_iter_of)
}

/// The same of what is no generator.
fn get_yield_from_iter_of(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| generator::yield_from_iter(t, x, r.code()));
    Ok(Flow::Next)
}

/// `YIELD_VALUE`.
#[inline(always)]
pub fn yield_value(r: &mut Registers) -> Next {
    let t = r.t;
    // SAFETY: see `Registers`.
    if unsafe { (*r.frame).action } == Return::Sink {
        return rest_outside!(yield_to_sink);
    }
    // SAFETY: the word is off the stack.
    let w = unsafe { stack::keep(r.pop()) };
    r.save();
    loop {
        // SAFETY: see `Registers`.
        let (action, previous) = unsafe { generator::suspend(t, r.frame) };
        if action == Return::ToRust {
            // SAFETY: the word is ours.
            return Ok(Flow::Yield(unsafe { stack::take(w) }));
        }
        r.frame = previous;
        // One that delegates to this yields the value at once.
        // SAFETY: see `Registers`.
        if unsafe { !generator::passes_on(previous) } {
            break;
        }
    }
    // `FOR_ITER` and `SEND` both go on with the value pushed.
    r.load();
    r.push(w);
    Ok(Flow::Next)
}

/// `YIELD_VALUE` to a native function that drives the generator.
fn yield_to_sink(r: &mut Registers) -> Next {
    let v = r.pop_value();
    r.save();
    // SAFETY: see `Registers`.
    match unsafe { drive::pour(r.t, r.frame, v) } {
        Some(frame) => {
            r.frame = frame;
            r.load();
            if r.next_word() as u8 == Op::RESUME as u8 && r.t.record.attention() == 0 && !r.is_deep() {
                // The next instruction at once.
                r.skip_word();
            }
            Ok(Flow::Next)
        }
        None => Ok(Flow::Yield(Value::NONE)),
    }
}

/// `SEND`.
#[inline(always)]
pub fn send(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    unsafe {
        (*r.frame).ip = r.ip;
        (*r.frame).sp = r.sp;
        let Some(mut frame) = generator::send_step(r.t, r.frame, r.peek(2)) else { return via!(send_any) };
        // Those that delegate in their turn are passed through at once.
        while r.t.record.attention() == 0
            && let Some(inner) = generator::delegate_step(r.t, frame)
        {
            frame = inner;
        }
        r.frame = frame;
        r.load();
        Ok(Flow::Next)
    }
}

/// `SEND` to what is no generator or coroutine, or is running, or at its end.
fn send_any(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    let v = r.pop_value();
    r.save();
    let receiver = stack::view(r.peek(1));
    match protocol::send(t, &receiver, &v)? {
        Sent::Yield(v) => r.push_value(v),
        Sent::Return(v) => {
            r.push_value(v);
            r.jump(arg);
        }
    }
    Ok(Flow::Next)
}

/// `END_SEND`.
#[inline(always)]
pub fn end_send(r: &mut Registers) -> Next {
    r.save();
    let v = r.pop();
    r.drop_top();
    r.push(v);
    Ok(Flow::Next)
}

/// `GET_AWAITABLE`.
#[inline(always)]
pub fn get_awaitable(r: &mut Registers) -> Next {
    if r.top_is(&core_types::COROUTINE) && generator::of(&stack::view(r.peek(1))).is_some_and(Generator::is_created) {
        return Ok(Flow::Next);
    }
    via!(get_awaitable_of)
}

/// The same of what is no fresh coroutine.
fn get_awaitable_of(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    unary!(r, |x| generator::awaitable(t, x, arg));
    Ok(Flow::Next)
}

/// `GET_AITER`.
#[inline(always)]
pub fn get_aiter(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| generator::aiter(t, x));
    Ok(Flow::Next)
}

/// `GET_ANEXT`.
#[inline(always)]
pub fn get_anext(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    r.push_value(generator::anext(t, &stack::view(r.peek(1)))?);
    Ok(Flow::Next)
}
