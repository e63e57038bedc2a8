//! Jumps and pattern matching.

use super::registers::*;
use crate::interp::ops::{self, matching};
use crate::interp::quicken;
use crate::interp::stack;
use crate::object::protocol;
use crate::object::raise;
use crate::object::value::Value;

/// `RESUME`.
#[inline(always)]
pub fn resume(r: &mut Registers) -> Next {
    if r.t.record.attention() != 0 {
        return via!(attend);
    }
    if r.is_deep() {
        return Ok(Flow::Bounce);
    }
    Ok(Flow::Next)
}

/// Does what the thread is asked for.
fn attend(r: &mut Registers) -> Next {
    r.save();
    if r.t.record.attention() != 0 {
        ops::attention(r.t)?;
        // The frame may run another copy of its code since (`monitor`).
        r.load();
    }
    Ok(Flow::Next)
}

/// `JUMP`.
#[inline(always)]
pub fn jump(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.jump(arg);
    Ok(Flow::Next)
}

/// `JUMP_BACKWARD`.
#[inline(always)]
pub fn jump_backward(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    if unsafe { (*r.frame).caches.is_null() } {
        return via!(jump_backward_cold);
    }
    if r.t.record.attention() != 0 {
        return via!(jump_backward_attending);
    }
    r.jump(r.arg());
    if r.is_deep() {
        return Ok(Flow::Bounce);
    }
    Ok(Flow::Next)
}

/// `JUMP_BACKWARD` when the thread is asked for something. What that raises is raised here: the jump's target may lie behind
/// another handler, or before the first.
fn jump_backward_attending(r: &mut Registers) -> Next {
    attend(r)?;
    r.jump(r.arg());
    Ok(Flow::Next)
}

/// `JUMP_BACKWARD` in cold code, which it warms.
fn jump_backward_cold(r: &mut Registers) -> Next {
    if let Some((start, caches)) = quicken::back_edge(r.t, r.code()) {
        // SAFETY: see `Registers`; the copy has the same instructions at the same indexes.
        unsafe {
            r.ip = start.offset(r.ip.offset_from((*r.frame).start));
            (*r.frame).start = start;
            (*r.frame).caches = caches;
        }
    }
    jump_backward_attending(r)
}

/// `POP_JUMP_IF_TRUE`, `POP_JUMP_IF_FALSE`: jumps at `WANTED`.
#[inline(always)]
pub fn pop_jump_if<const WANTED: bool>(r: &mut Registers) -> Next {
    let w = r.peek(1);
    if w != Value::TRUE.bits() && w != Value::FALSE.bits() {
        return if WANTED { via!(pop_jump_if_any::<true>) } else { via!(pop_jump_if_any::<false>) };
    }
    r.shrink(1);
    if (w == Value::TRUE.bits()) == WANTED {
        r.jump(r.arg());
    }
    Ok(Flow::Next)
}

/// The same of any value.
fn pop_jump_if_any<const WANTED: bool>(r: &mut Registers) -> Next {
    r.save();
    let w = r.peek(1);
    let truth = protocol::is_true(r.t, &stack::view(w))?;
    r.shrink(1);
    if truth == WANTED {
        r.jump(r.arg());
    }
    Ok(Flow::Release(w))
}

/// `POP_JUMP_IF_NONE`, `POP_JUMP_IF_NOT_NONE`: jumps if it is None as `WANTED` says.
#[inline(always)]
pub fn pop_jump_if_none<const WANTED: bool>(r: &mut Registers) -> Next {
    let w = r.pop();
    if (w == Value::NONE.bits()) == WANTED {
        r.jump(r.arg());
    }
    Ok(Flow::Release(w))
}

/// `JUMP_IF_TRUE_OR_POP`, `JUMP_IF_FALSE_OR_POP`: jumps at `WANTED`.
#[inline(always)]
pub fn jump_if_or_pop<const WANTED: bool>(r: &mut Registers) -> Next {
    r.save();
    if protocol::is_true(r.t, &stack::view(r.peek(1)))? == WANTED {
        r.jump(r.arg());
        return Ok(Flow::Next);
    }
    Ok(Flow::Release(r.pop()))
}

/// `GET_LEN`.
#[inline(always)]
pub fn get_len(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    let n = protocol::len(t, &stack::view(r.peek(1)))?;
    r.push_value(Value::int(n as i64));
    Ok(Flow::Next)
}

/// `MATCH_MAPPING`.
#[inline(always)]
pub fn match_mapping(r: &mut Registers) -> Next {
    r.push_value(Value::bool(matching::is_mapping(&stack::view(r.peek(1)))));
    Ok(Flow::Next)
}

/// `MATCH_SEQUENCE`.
#[inline(always)]
pub fn match_sequence(r: &mut Registers) -> Next {
    r.push_value(Value::bool(matching::is_sequence(&stack::view(r.peek(1)))));
    Ok(Flow::Next)
}

/// `MATCH_KEYS`.
#[inline(always)]
pub fn match_keys(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    r.push_value(matching::keys(t, &stack::view(r.peek(2)), &stack::view(r.peek(1)))?);
    Ok(Flow::Next)
}

/// `MATCH_CLASS`.
#[inline(always)]
pub fn match_class(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let [subject, class, keywords] = [r.peek(3), r.peek(2), r.peek(1)].map(stack::view);
    let result = matching::class(t, &subject, &class, arg, &keywords)?;
    r.drop_words(3);
    r.push_value(result);
    Ok(Flow::Next)
}

/// `LAST_GENERIC`.
#[inline(always)]
pub fn last_generic(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    Err(raise::system_error(t, "not an instruction"))
}
