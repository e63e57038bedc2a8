//! The operand stack, constants, locals and cells.

use super::registers::*;
use crate::interp::ops::names;
use crate::interp::stack::{self};
use crate::types;

/// `NOP`.
#[inline(always)]
pub fn nop(_: &mut Registers) -> Next {
    Ok(Flow::Next)
}

/// `POP_TOP`.
#[inline(always)]
pub fn pop_top(r: &mut Registers) -> Next {
    Ok(Flow::Release(r.pop()))
}

/// `PUSH_NULL`.
#[inline(always)]
pub fn push_null(r: &mut Registers) -> Next {
    r.push(0);
    Ok(Flow::Next)
}

/// `COPY`.
#[inline(always)]
pub fn copy(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::dup(r.peek(arg)));
    Ok(Flow::Next)
}

/// `SWAP`.
#[inline(always)]
pub fn swap(r: &mut Registers) -> Next {
    let arg = r.arg();
    let (a, b) = (r.peek(1), r.peek(arg));
    r.put(1, b);
    r.put(arg, a);
    Ok(Flow::Next)
}

/// `COPY_COPY`.
#[inline(always)]
pub fn copy_copy(r: &mut Registers) -> Next {
    r.skip_word();
    let (a, b) = (r.peek_apart(2), r.peek_apart(1));
    r.push(stack::borrow(a));
    r.push(stack::borrow(b));
    Ok(Flow::Next)
}

/// `COPY_BORROW`.
#[inline(always)]
pub fn copy_borrow(r: &mut Registers) -> Next {
    r.push(stack::borrow(r.peek(r.arg())));
    Ok(Flow::Next)
}

/// `SWAP_SWAP`.
#[inline(always)]
pub fn swap_swap(r: &mut Registers) -> Next {
    let (first, second) = (r.arg(), r.take_next());
    let top = r.peek(first);
    r.put(first, r.peek(1));
    r.put(1, top);
    let top = r.peek(second);
    r.put(second, r.peek(1));
    r.put(1, top);
    Ok(Flow::Next)
}

/// `LOAD_CONST`.
#[inline(always)]
pub fn load_const(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(r.constant(arg));
    Ok(Flow::Next)
}

/// `LOAD_FAST_BORROW`.
#[inline(always)]
pub fn load_fast_borrow(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::borrow(r.local(arg)));
    Ok(Flow::Next)
}

/// `LOAD_FAST_BORROW_2`.
#[inline(always)]
pub fn load_fast_borrow_2(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::borrow(r.local(arg & 0xfff)));
    r.push(stack::borrow(r.local(arg >> 12)));
    Ok(Flow::Next)
}

/// `LOAD_FAST`.
#[inline(always)]
pub fn load_fast(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::dup(r.local(arg)));
    Ok(Flow::Next)
}

/// `LOAD_FAST_CHECK`.
#[inline(always)]
pub fn load_fast_check(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    let w = r.local(arg);
    if w == 0 {
        r.save();
        return Err(names::unbound_local(t, r.code(), arg));
    }
    r.push(stack::copy_word(w));
    Ok(Flow::Next)
}

/// `LOAD_FAST_AND_CLEAR`.
#[inline(always)]
pub fn load_fast_and_clear(r: &mut Registers) -> Next {
    let arg = r.arg();
    let w = r.local(arg);
    // SAFETY: see `Registers`.
    unsafe { *r.locals().add(arg) = 0 };
    r.push(w);
    Ok(Flow::Next)
}

/// `STORE_FAST`.
#[inline(always)]
pub fn store_fast(r: &mut Registers) -> Next {
    let arg = r.arg();
    // SAFETY: see `Registers`.
    let w = unsafe { stack::keep(r.pop()) };
    Ok(Flow::Release(r.replace_local(arg, w)))
}

/// `STORE_FAST_STORE_FAST`.
#[inline(always)]
pub fn store_fast_store_fast(r: &mut Registers) -> Next {
    let arg = r.arg();
    // SAFETY: see `Registers`.
    let w = unsafe { stack::keep(r.pop()) };
    r.store_local(arg, w);
    let next = r.take_next();
    // SAFETY: see `Registers`.
    let w = unsafe { stack::keep(r.pop()) };
    Ok(Flow::Release(r.replace_local(next, w)))
}

/// `STORE_FAST_LOAD_FAST`.
#[inline(always)]
pub fn store_fast_load_fast(r: &mut Registers) -> Next {
    let arg = r.arg();
    // SAFETY: see `Registers`.
    let w = unsafe { stack::keep(r.pop()) };
    r.store_local(arg, w);
    let next = r.take_next();
    r.push(stack::borrow(r.local(next)));
    Ok(Flow::Next)
}

/// `LOAD_FAST_LOAD_CONST`.
#[inline(always)]
pub fn load_fast_load_const(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::borrow(r.local(arg)));
    let next = r.take_next();
    r.push(r.constant(next));
    Ok(Flow::Next)
}

/// `DELETE_FAST`.
#[inline(always)]
pub fn delete_fast(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let w = r.local(arg);
    if w == 0 {
        return Err(names::unbound_local(t, r.code(), arg));
    }
    // SAFETY: see `Registers`.
    unsafe {
        *r.locals().add(arg) = 0;
        stack::release(w);
    }
    Ok(Flow::Next)
}

/// `MAKE_CELL`.
#[inline(always)]
pub fn make_cell(r: &mut Registers) -> Next {
    let arg = r.arg();
    let w = r.local(arg);
    // SAFETY: see `Registers`.
    let contents = (w != 0).then(|| unsafe { stack::take(w) });
    // SAFETY: see `Registers`.
    unsafe { *r.locals().add(arg) = types::cell::new(contents).into_bits() };
    Ok(Flow::Next)
}

/// `COPY_FREE_VARS`.
#[inline(always)]
pub fn copy_free_vars(r: &mut Registers) -> Next {
    let arg = r.arg();
    // SAFETY: see `Registers`.
    unsafe { names::copy_free_vars(r.frame, arg) };
    Ok(Flow::Next)
}

/// `LOAD_CLOSURE`.
#[inline(always)]
pub fn load_closure(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.push(stack::copy_word(r.local(arg)));
    Ok(Flow::Next)
}

/// `LOAD_DEREF`.
#[inline(always)]
pub fn load_deref(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    // SAFETY: see `Registers`.
    match unsafe { names::load_cell(r.local(arg)) } {
        0 => {
            r.save();
            return Err(names::unbound_cell(t, r.code(), arg));
        }
        w => r.push(w),
    }
    Ok(Flow::Next)
}

/// `STORE_DEREF`.
#[inline(always)]
pub fn store_deref(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let v = r.pop_value();
    names::set_cell(t, &stack::view(r.local(arg)), Some(v));
    Ok(Flow::Next)
}

/// `DELETE_DEREF`.
#[inline(always)]
pub fn delete_deref(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    if names::set_cell(t, &stack::view(r.local(arg)), None).is_none() {
        return Err(names::unbound_cell(t, r.code(), arg));
    }
    Ok(Flow::Next)
}

/// `LOAD_FROM_DICT_OR_DEREF`.
#[inline(always)]
pub fn load_from_dict_or_deref(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let w = r.peek(1);
    let v = names::load_from_dict_or_deref(t, r.code(), &stack::view(w), r.local(arg), arg)?;
    r.put(1, v.into_bits());
    Ok(Flow::Release(w))
}
