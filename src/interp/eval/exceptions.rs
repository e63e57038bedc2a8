//! Raising and handling exceptions.

use super::registers::*;
use crate::interp::ops::exceptions;
use crate::interp::stack::{self};
use crate::object::exception::BaseException;
use crate::object::raise;
use crate::object::value::Value;

/// `PUSH_EXC_INFO`.
#[inline(always)]
pub fn push_exc_info(r: &mut Registers) -> Next {
    let t = r.t;
    let e = stack::copy(r.peek(1));
    let previous = t.handled.replace(Some(e)).unwrap_or(Value::NONE);
    let w = r.pop();
    r.push_value(previous);
    r.push(w);
    Ok(Flow::Next)
}

/// `POP_EXCEPT`.
#[inline(always)]
pub fn pop_except(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let previous = r.pop_value();
    let previous = (!previous.is_none()).then_some(previous);
    let old = t.handled.replace(previous);
    r.save();
    drop(old);
    Ok(Flow::Next)
}

/// `CHECK_EXC_MATCH`.
#[inline(always)]
pub fn check_exc_match(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let (e, class) = (r.peek(2), r.peek(1));
    let matches = exceptions::matches(t, &stack::view(e), &stack::view(class))?;
    r.drop_top();
    r.push_value(Value::bool(matches));
    Ok(Flow::Next)
}

/// `CHECK_EG_MATCH`.
#[inline(always)]
pub fn check_eg_match(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let (e, class) = (r.peek(2), r.peek(1));
    let (matched, rest) = exceptions::group_match(t, &stack::view(e), &stack::view(class))?;
    r.drop_words(2);
    r.push_value(rest);
    r.push_value(matched);
    Ok(Flow::Next)
}

/// `RAISE_VARARGS`.
#[inline(always)]
pub fn raise_varargs(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let cause = if arg == 2 { Some(r.pop_value()) } else { None };
    let e = if arg >= 1 { Some(r.pop_value()) } else { None };
    r.save();
    let (raised, again) = exceptions::raise(t, e, cause);
    if again { Ok(Flow::Again(raised)) } else { Err(raised) }
}

/// `RERAISE`.
#[inline(always)]
pub fn reraise(r: &mut Registers) -> Next {
    let t = r.t;
    let e = r.pop_value();
    r.save();
    if e.downcast::<BaseException>().is_none() {
        // From a `split` of somebody's own, or code that no compiler made.
        return Err(raise::system_error(t, "re-raises what is no exception"));
    }
    // This instruction's own place decides which handler is next. The place that operand 1 keeps under
    // the exception is in the traceback already.
    Ok(Flow::Again(raise::again(t, e)))
}

/// `WITH_EXCEPT_START`.
#[inline(always)]
pub fn with_except_start(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let [method, this, e] = [r.peek(5), r.peek(4), r.peek(1)];
    r.push_value(exceptions::call_exit(t, method, this, &stack::view(e))?);
    Ok(Flow::Next)
}

/// `CLEANUP_THROW`.
#[inline(always)]
pub fn cleanup_throw(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    match exceptions::stop_value(t, &stack::view(r.peek(1))) {
        Some(v) => {
            r.drop_words(3);
            r.push_value(Value::NONE);
            r.push_value(v);
        }
        None => {
            let e = r.pop_value();
            return Ok(Flow::Again(raise::again(t, e)));
        }
    }
    Ok(Flow::Next)
}

/// `END_ASYNC_FOR`.
#[inline(always)]
pub fn end_async_for(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let e = r.pop_value();
    if exceptions::is_stop_async(&e) {
        drop(e);
        r.drop_top();
    } else {
        return Ok(Flow::Again(raise::again(t, e)));
    }
    Ok(Flow::Next)
}
