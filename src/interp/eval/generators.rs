//! Generators and coroutines.

use super::registers::*;
use crate::interp::frame::Return;
use crate::interp::stack::{self};
use crate::interp::{call, generator};
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
    let t = r.t;
    unary!(r, |x| generator::yield_from_iter(t, x, r.code()));
    Ok(Flow::Next)
}

/// `YIELD_VALUE`.
#[inline(always)]
pub fn yield_value(r: &mut Registers) -> Next {
    let t = r.t;
    let v = r.pop_value();
    r.save();
    // SAFETY: see `Registers`.
    let (action, previous) = unsafe { generator::suspend(t, r.frame) };
    match action {
        Return::ToRust => return Ok(Flow::Yield(v)),
        _ => {
            // `FOR_ITER` and `SEND` both go on with the value pushed.
            r.frame = previous;
            r.load();
            r.push_value(v);
        }
    }
    Ok(Flow::Next)
}

/// `SEND`.
#[inline(always)]
pub fn send(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let receiver = stack::view(r.peek(2));
    if let Some(inner) = generator::start_send(t, &receiver) {
        let v = r.pop_value();
        r.save();
        // SAFETY: the generator is ours until it yields.
        r.frame = unsafe { generator::enter(t, inner, r.frame, Return::Send, v)? };
        r.load();
        return Ok(Flow::Next);
    }
    let v = r.pop_value();
    r.save();
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
