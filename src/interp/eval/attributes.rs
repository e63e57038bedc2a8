//! Attributes and methods.

use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast::{self};
use crate::interp::ops::attributes;
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self};
use crate::object::protocol;
use crate::object::value::Value;

/// Replaces the object by what the cache finds.
macro_rules! load_attr {
    ($r:ident, $f:ident) => {{
        let w = $r.peek(1);
        let Some(found) = either!($r, $f(w)) else { return Ok(Flow::As(Op::LOAD_ATTR)) };
        $r.skip_word();
        $r.put(1, found);
        Ok(Flow::Release(w))
    }};
}

/// Loads what is not to be bound, for a call.
macro_rules! load_unbound {
    ($r:ident, $f:ident) => {{
        let w = $r.peek(1);
        let Some(found) = either!($r, $f(w)) else { return Ok(Flow::As(Op::LOAD_METHOD)) };
        $r.skip_word();
        $r.put(1, found);
        $r.push(0);
        Ok(Flow::Release(w))
    }};
}

/// `LOAD_ATTR`.
#[inline(always)]
pub fn load_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::load_attr(t, site, r.peek(1), r.name(arg), false));
    unary!(r, |object| protocol::get_attr(t, object, r.name(arg)));
    Ok(Flow::Next)
}

/// `LOAD_ATTR_SLOT`.
#[inline(always)]
pub fn load_attr_slot(r: &mut Registers) -> Next {
    load_attr!(r, slot)
}

/// `LOAD_ATTR_CLASS`.
#[inline(always)]
pub fn load_attr_class(r: &mut Registers) -> Next {
    load_attr!(r, of_class)
}

/// `LOAD_ATTR_MODULE`.
#[inline(always)]
pub fn load_attr_module(r: &mut Registers) -> Next {
    load_attr!(r, of_module)
}

/// `LOAD_ATTR_TYPE`.
#[inline(always)]
pub fn load_attr_type(r: &mut Registers) -> Next {
    load_attr!(r, of_type)
}

/// `LOAD_ATTR_PROPERTY`.
#[inline(always)]
pub fn load_attr_property(r: &mut Registers) -> Next {
    let t = r.t;
    enter!(r, fast::calls::property(t, r.frame, r.sp, r.cache()), LOAD_ATTR);
    Ok(Flow::Next)
}

/// `LOAD_FAST_LOAD_ATTR`.
#[inline(always)]
pub fn load_fast_load_attr(r: &mut Registers) -> Next {
    let arg = r.arg();
    let w = r.local(arg);
    let next = r.next_word();
    if next as u8 == Op::LOAD_ATTR_SLOT as u8 {
        r.skip_word();
        if let Some(found) = either!(r, slot(w)) {
            r.push(found);
            r.skip_word();
            return Ok(Flow::Next);
        }
        // The second instruction does what is left.
        r.word = next;
        r.push(stack::borrow(w));
        return Ok(Flow::Redo);
    }
    r.push(stack::borrow(w));
    Ok(Flow::Next)
}

/// `LOAD_METHOD`.
#[inline(always)]
pub fn load_method(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::load_attr(t, site, r.peek(1), r.name(arg), true));
    r.save();
    let w = r.peek(1);
    let (callable, bind) = attributes::load_method(t, &stack::view(w), r.name(arg))?;
    r.put(1, callable.into_bits());
    if bind {
        r.push(w);
    } else {
        r.push(0);
        // SAFETY: see `Registers`.
        unsafe { stack::release(w) };
    }
    Ok(Flow::Next)
}

/// `LOAD_METHOD_CLASS`.
#[inline(always)]
pub fn load_method_class(r: &mut Registers) -> Next {
    let w = r.peek(1);
    // SAFETY: see `Registers`.
    match either!(r, of_class(w)) {
        Some(method) => {
            r.put(1, method);
            r.push(w);
        }
        None => return Ok(Flow::As(Op::LOAD_METHOD)),
    }
    r.skip_word();
    Ok(Flow::Next)
}

/// `LOAD_METHOD_SLOT`.
#[inline(always)]
pub fn load_method_slot(r: &mut Registers) -> Next {
    load_unbound!(r, slot)
}

/// `LOAD_METHOD_PLAIN`.
#[inline(always)]
pub fn load_method_plain(r: &mut Registers) -> Next {
    load_unbound!(r, of_class)
}

/// `LOAD_METHOD_MODULE`.
#[inline(always)]
pub fn load_method_module(r: &mut Registers) -> Next {
    load_unbound!(r, of_module)
}

/// `LOAD_METHOD_TYPE`.
#[inline(always)]
pub fn load_method_type(r: &mut Registers) -> Next {
    load_unbound!(r, of_type)
}

/// `LOAD_FAST_LOAD_METHOD`.
#[inline(always)]
pub fn load_fast_load_method(r: &mut Registers) -> Next {
    let arg = r.arg();
    let w = r.local(arg);
    let next = r.next_word();
    if next as u8 == Op::LOAD_METHOD_CLASS as u8 {
        r.skip_word();
        if let Some(method) = either!(r, of_class(w)) {
            r.push(method);
            r.push(stack::borrow(w));
            r.skip_word();
            return Ok(Flow::Next);
        }
        // The second instruction does what is left.
        r.word = next;
        r.push(stack::borrow(w));
        return Ok(Flow::Redo);
    }
    r.push(stack::borrow(w));
    Ok(Flow::Next)
}

/// `LOAD_SUPER_ATTR`.
#[inline(always)]
pub fn load_super_attr(r: &mut Registers) -> Next {
    r.skip_word();
    load_super(r, false)
}

/// `LOAD_SUPER_METHOD`.
#[inline(always)]
pub fn load_super_method(r: &mut Registers) -> Next {
    let words = [r.peek(3), r.peek(2), r.peek(1)];
    adapt!(r, |site| specialize::load_super_method(site, words, r.name(r.arg())));
    load_super(r, true)
}

#[inline(always)]
fn load_super(r: &mut Registers, method: bool) -> Next {
    r.save();
    let [sup, class, object] = [r.peek(3), r.peek(2), r.peek(1)].map(stack::view);
    let (found, bind) = attributes::load_super(r.t, &sup, &class, &object, r.name(r.arg()), method)?;
    let object = r.pop();
    r.drop_words(2);
    r.push_value(found);
    if method && bind {
        r.push(object);
        return Ok(Flow::Next);
    }
    if method {
        r.push(0);
    }
    Ok(Flow::Release(object))
}

/// `LOAD_SUPER_METHOD_CACHED`.
#[inline(always)]
pub fn load_super_method_cached(r: &mut Registers) -> Next {
    let [sup, class, object] = [r.peek(3), r.peek(2), r.peek(1)];
    // SAFETY: see `Registers`.
    let Some(method) = (unsafe { fast::attributes::of_super(sup, class, object, r.cache()) }) else {
        return Ok(Flow::As(Op::LOAD_SUPER_METHOD));
    };
    r.skip_word();
    r.put(3, method);
    r.put(2, object);
    r.shrink(1);
    r.save();
    // SAFETY: see `Registers`.
    unsafe {
        stack::release(class);
        stack::release(sup);
    }
    Ok(Flow::Next)
}

/// `LOAD_SPECIAL`.
#[inline(always)]
pub fn load_special(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let w = r.peek(1);
    let (method, bind) = attributes::load_special(t, &stack::view(w), arg)?;
    r.put(1, method.into_bits());
    if bind {
        r.push(w);
    } else {
        r.push(0);
        // SAFETY: see `Registers`.
        unsafe { stack::release(w) };
    }
    Ok(Flow::Next)
}

/// `STORE_ATTR`.
#[inline(always)]
pub fn store_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::store_attr(t, site, r.peek(1), r.name(arg)));
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    protocol::set_attr(t, &stack::view(object), r.name(arg), &stack::view(value))?;
    r.drop_words(2);
    Ok(Flow::Next)
}

/// `STORE_ATTR_SLOT`.
#[inline(always)]
pub fn store_attr_slot(r: &mut Registers) -> Next {
    let t = r.t;
    // The lock may have to be waited for.
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    let Some(old) = either!(r, store_slot(t, object, value)) else { return Ok(Flow::As(Op::STORE_ATTR)) };
    r.skip_word();
    r.shrink(2);
    r.save();
    // SAFETY: see `Registers`.
    unsafe {
        stack::release(old);
        stack::release(object);
    }
    Ok(Flow::Next)
}

/// `STORE_ATTR_ADD`.
#[inline(always)]
pub fn store_attr_add(r: &mut Registers) -> Next {
    let t = r.t;
    // The lock may have to be waited for.
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    let Some(()) = (unsafe { fast::attributes::store_add(t, object, value, r.cache()) }) else {
        return Ok(Flow::As(Op::STORE_ATTR));
    };
    r.skip_word();
    r.shrink(2);
    r.save();
    Ok(Flow::Release(object))
}

/// `DELETE_ATTR`.
#[inline(always)]
pub fn delete_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    protocol::del_attr(t, &stack::view(r.peek(1)), r.name(arg))?;
    Ok(Flow::Release(r.pop()))
}
