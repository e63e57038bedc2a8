//! What instructions do beyond their fast paths, by area.

pub mod argument_errors;
pub mod arithmetic;
pub mod attributes;
pub mod build;
pub mod classes;
pub mod exceptions;
pub mod imports;
pub mod intrinsics;
pub mod matching;
pub mod names;

use super::frame::Frame;
use super::stack::{self, Word};
use crate::bytecode::opcode::{BinaryOp, CompareOp, Op, arg as arg_of};
use crate::object::hooks;
use crate::object::list::List;
use crate::object::operator;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str::Str;
use crate::object::thread::{self, Thread};
use crate::object::value::Value;
use crate::sync::shim::weakened;

/// The operator that an operand names. The compiler and the `.pyc` loader check the range.
#[inline(always)]
pub fn binary_op(arg: usize) -> BinaryOp {
    BinaryOp::ALL[arg]
}

/// The comparison that an operand names.
#[inline(always)]
pub fn compare_op(arg: usize) -> CompareOp {
    CompareOp::ALL[arg]
}

/// Acts on the thread's attention bits; raises what signal handlers and other threads ask for.
#[cold]
pub fn attention(t: &Thread) -> PyResult<()> {
    (hooks::get().safepoint)(t)
}

/// `-x`.
pub fn negative(t: &Thread, x: &Value) -> PyResult {
    if let Some(f) = x.as_float() {
        return Ok(Value::float(-f));
    }
    if let Some(v) = x.as_small_int().and_then(|i| Value::small_int(-i)) {
        return Ok(v);
    }
    operator::unary(t, x, |s| &s.negative, "unary -")
}

/// `a op b`, with the frequent types looked at first.
#[inline]
pub fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if matches!(op, CompareOp::Eq | CompareOp::Ne)
        && let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>())
    {
        return Ok(Value::bool((a.is(b) || x.eq(y)) == (op == CompareOp::Eq)));
    }
    protocol::compare(t, a, b, op)
}

/// `object[key]`, with list and tuple by immediate int looked at first.
#[inline]
pub fn subscript(t: &Thread, object: &Value, key: &Value) -> PyResult {
    if let Some(i) = key.as_small_int() {
        if let Some(list) = object.downcast_exact::<List>() {
            if let Some(v) = list.get_index(i) {
                return Ok(v);
            }
        } else if let Some(tuple) = object.downcast_exact::<crate::object::tuple::Tuple>() {
            let items = tuple.items();
            let index = if i < 0 { i + items.len() as i64 } else { i };
            if let Some(v) = usize::try_from(index).ok().and_then(|i| items.get(i)) {
                return Ok(v.clone());
            }
        }
    }
    protocol::get_item(t, object, key)
}

/// `next(iterator)`; a `StopIteration` that the iterator raised itself counts as the end.
#[inline]
pub fn next(t: &Thread, iterator: &Value) -> PyResult<Option<Value>> {
    protocol::next(t, iterator)
}

/// Whether the left operand of `+=` is a str that this frame may own alone.
#[inline(always)]
pub fn can_append(w: Word) -> bool {
    stack::is_pointer(w) && stack::view(w).downcast_exact::<Str>().is_some()
}

/// `a += b` for str. Where the next instruction stores the result in the local that alone holds `a`, the str grows in
/// place: nobody can tell it from a new one.
///
/// # Safety
/// The operands are the two top words; `ip` is at the next instruction.
pub unsafe fn append_in_place(
    t: &Thread,
    frame: *mut Frame,
    _sp: *mut Word,
    a: Word,
    b: Word,
    ip: *const u32,
) -> PyResult {
    // SAFETY: by the caller; the operand of a store names a local of the frame.
    let (next, local) = unsafe {
        let next = *ip;
        let is_store =
            matches!(Op::decode(next), Some(Op::STORE_FAST | Op::STORE_FAST_STORE_FAST | Op::STORE_FAST_LOAD_FAST));
        (is_store, if is_store { *Frame::locals(frame).add(arg_of(next) as usize) } else { 0 })
    };
    // A borrowed local belongs to the caller's frame too.
    if next && local == stack::clean(a) && local != stack::clean(b) {
        let (left, right) = (stack::view(a), stack::view(b));
        if let (Some(header), Some(tail)) = (left.header(), crate::object::str::view(&right)) {
            // The local's reference, and the operand's own unless it is borrowed.
            let mine = if stack::is_borrowed(a) { 1 } else { 2 };
            let alone = header.counts().is_held_by(t.id, mine)
                && (!(header.has_flag(crate::object::header::flag::PUBLISHED) && thread::multi())
                    || weakened("stress: a str that others hold stays"));
            // SAFETY: the local and the operand are the only references, and both are about to go.
            if alone && unsafe { crate::object::str::append_in_place(&left, tail) } {
                return Ok(stack::copy(a));
            }
        }
    }
    operator::binary(t, &stack::view(a), &stack::view(b), BinaryOp::IAdd)
}
