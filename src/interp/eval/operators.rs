//! Arithmetic, comparisons, truth.

use super::operands::*;
use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast;
use crate::interp::ops::{self};
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self, Word};
use crate::object::operator;
use crate::object::protocol;
use crate::object::str::Str;
use crate::object::value::Value;
use crate::types::str::operators as text;

/// An operation on two immediate ints, scaled as `Value::small_int_scaled` says; None where the result is no immediate.
#[inline(always)]
fn ints<S: Operands>(r: &mut Registers, f: impl FnOnce(i64, i64) -> Option<i64>) -> Next {
    let (a, b) = S::get(r);
    match both_ints(a, b).and_then(|(a, b)| f(a, b)) {
        Some(result) => replace_value::<S>(r, Value::small_int_from_scaled(result)),
        None => miss::<S>(Op::BINARY_OP),
    }
}

/// An operation on two floats.
#[inline(always)]
fn floats<S: Operands>(r: &mut Registers, f: impl FnOnce(f64, f64) -> f64) -> Next {
    let (a, b) = S::get(r);
    match both_floats(a, b) {
        Some((a, b)) => replace_value::<S>(r, Value::float(f(a, b))),
        None => miss::<S>(Op::BINARY_OP),
    }
}

/// Ends a generic form, whose place is saved: a result in place of two operands.
#[inline(always)]
fn replace_counted(r: &mut Registers, a: Word, b: Word, result: Value) -> Next {
    r.shrink(1);
    r.put(1, result.into_bits());
    // SAFETY: the words are off the stack.
    unsafe {
        stack::release(b);
        stack::release(a);
    }
    Ok(Flow::Next)
}

/// A comparison of immediates, and the conditional jump behind it.
#[inline(always)]
fn compare_jump<S: Operands, T: PartialOrd>(
    r: &mut Registers,
    both: impl FnOnce(Word, Word) -> Option<(T, T)>,
) -> Next {
    let (a, b) = S::get(r);
    let Some((a, b)) = both(a, b) else { return miss::<S>(Op::COMPARE_OP) };
    let result = compares((r.operation::<S>() >> 8) as usize, &a, &b);
    r.use_up::<S>();
    // The form is chosen where such an instruction follows.
    let next = r.next_word();
    r.skip_word();
    if result == (next as u8 == Op::POP_JUMP_IF_TRUE as u8) {
        r.jump((next >> 8) as usize);
    }
    Ok(Flow::Next)
}

/// A comparison of immediates.
#[inline(always)]
fn compare<T: PartialOrd>(r: &mut Registers, both: impl FnOnce(Word, Word) -> Option<(T, T)>) -> Next {
    let Some((a, b)) = both(r.peek(2), r.peek(1)) else { return Ok(Flow::As(Op::COMPARE_OP)) };
    replace_value::<OnStack>(r, Value::bool(compares(r.arg(), &a, &b)))
}

/// `BINARY_OP`.
#[inline(always)]
pub fn binary_op(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::binary_op(site, r.peek(2), r.peek(1), ops::binary_op(arg)));
    let (a, b) = (r.peek(2), r.peek(1));
    let op = ops::binary_op(arg);
    if let Some(result) = ops::arithmetic::fast(op, a, b) {
        // Both are immediates: nothing to release.
        r.shrink(1);
        r.put(1, result);
        return Ok(Flow::Next);
    }
    r.save();
    let result = if op == BinaryOp::IAdd && ops::can_append(a) {
        // SAFETY: see `Registers`.
        (unsafe { ops::append_in_place(t, r.frame, r.sp, a, b, r.ip) })?
    } else {
        let (a, b) = (stack::view(a), stack::view(b));
        if matches!(op, BinaryOp::Add | BinaryOp::IAdd)
            && a.downcast_exact::<Str>().is_some()
            && b.downcast_exact::<Str>().is_some()
        {
            text::concat(t, &a, &b)?
        } else {
            operator::binary(t, &a, &b, op)?
        }
    };
    let (a, b) = (r.peek(2), r.peek(1));
    replace_counted(r, a, b, result)
}

/// `BINARY_ADD_INT`.
#[inline(always)]
pub fn binary_add_int<S: Operands>(r: &mut Registers) -> Next {
    ints::<S>(r, i64::checked_add)
}

/// `BINARY_SUBTRACT_INT`.
#[inline(always)]
pub fn binary_subtract_int<S: Operands>(r: &mut Registers) -> Next {
    ints::<S>(r, i64::checked_sub)
}

/// `BINARY_MULTIPLY_INT`.
#[inline(always)]
pub fn binary_multiply_int<S: Operands>(r: &mut Registers) -> Next {
    // One of them scaled: so is the product.
    ints::<S>(r, |a, b| (a >> Value::INT_SCALE).checked_mul(b))
}

/// `BINARY_OP_INT`.
#[inline(always)]
pub fn binary_op_int(r: &mut Registers) -> Next {
    let arg = r.arg();
    let (a, b) = (r.peek(2), r.peek(1));
    let unscaled = both_ints(a, b).map(|(a, b)| (a >> Value::INT_SCALE, b >> Value::INT_SCALE));
    let result = unscaled.and_then(|(a, b)| ops::arithmetic::ints(ops::binary_op(arg), a, b));
    let Some(result) = result else { return Ok(Flow::As(Op::BINARY_OP)) };
    r.replace::<OnStack>(result);
    Ok(Flow::Next)
}

/// `BINARY_ADD_FLOAT`.
#[inline(always)]
pub fn binary_add_float<S: Operands>(r: &mut Registers) -> Next {
    floats::<S>(r, |a, b| a + b)
}

/// `BINARY_SUBTRACT_FLOAT`.
#[inline(always)]
pub fn binary_subtract_float<S: Operands>(r: &mut Registers) -> Next {
    floats::<S>(r, |a, b| a - b)
}

/// `BINARY_MULTIPLY_FLOAT`.
#[inline(always)]
pub fn binary_multiply_float<S: Operands>(r: &mut Registers) -> Next {
    floats::<S>(r, |a, b| a * b)
}

/// `BINARY_DIVIDE_FLOAT`.
#[inline(always)]
pub fn binary_divide_float<S: Operands>(r: &mut Registers) -> Next {
    let (a, b) = S::get(r);
    match both_floats(a, b).filter(|(_, b)| *b != 0.0) {
        Some((a, b)) => replace_value::<S>(r, Value::float(a / b)),
        None => miss::<S>(Op::BINARY_OP),
    }
}

/// `COMPARE_OP`.
#[inline(always)]
pub fn compare_op(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::compare_op(site, r.peek(2), r.peek(1), arg));
    let (a, b) = (r.peek(2), r.peek(1));
    let op = ops::compare_op(arg & 15);
    if let Some(result) = ops::arithmetic::compare(op, a, b) {
        r.shrink(1);
        r.put(1, Value::bool(result).into_bits());
        return Ok(Flow::Next);
    }
    r.save();
    let mut result = ops::compare(t, &stack::view(a), &stack::view(b), op)?;
    if arg as u32 & COMPARE_TO_BOOL != 0 && result.as_bool().is_none() {
        result = Value::bool(protocol::is_true(t, &result)?);
    }
    replace_counted(r, a, b, result)
}

/// `COMPARE_OP_INT`.
#[inline(always)]
pub fn compare_op_int(r: &mut Registers) -> Next {
    compare(r, both_ints)
}

/// `COMPARE_OP_FLOAT`.
#[inline(always)]
pub fn compare_op_float(r: &mut Registers) -> Next {
    compare(r, both_floats)
}

/// `COMPARE_OP_INT_JUMP`.
#[inline(always)]
pub fn compare_op_int_jump<S: Operands>(r: &mut Registers) -> Next {
    compare_jump::<S, _>(r, both_ints)
}

/// `COMPARE_OP_FLOAT_JUMP`.
#[inline(always)]
pub fn compare_op_float_jump<S: Operands>(r: &mut Registers) -> Next {
    compare_jump::<S, _>(r, both_floats)
}

/// `COMPARE_OP_STR`.
#[inline(always)]
pub fn compare_op_str(r: &mut Registers) -> Next {
    let arg = r.arg();
    let (a, b) = (r.peek(2), r.peek(1));
    let (x, y) = (stack::view(a), stack::view(b));
    let (Some(x), Some(y)) = (x.downcast_exact::<Str>(), y.downcast_exact::<Str>()) else {
        return Ok(Flow::As(Op::COMPARE_OP));
    };
    let equal = std::ptr::eq(x, y) || x.eq(y);
    r.skip_word();
    r.shrink(1);
    r.put(1, Value::bool(equal == (ops::compare_op(arg & 15) == CompareOp::Eq)).into_bits());
    // SAFETY: see `Registers`; the end of a str runs no code.
    unsafe {
        stack::release(b);
        stack::release(a);
    }
    Ok(Flow::Next)
}

/// `IS_OP`.
#[inline(always)]
pub fn is_op(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.save();
    let (b, a) = (r.pop(), r.pop());
    let same = (stack::clean(a) == stack::clean(b)) != (arg == 1);
    r.push_value(Value::bool(same));
    // SAFETY: see `Registers`.
    unsafe {
        stack::release(b);
        stack::release(a);
    }
    Ok(Flow::Next)
}

/// `CONTAINS_OP`.
#[inline(always)]
pub fn contains_op(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.skip_word();
    r.save();
    let (item, container) = (stack::view(r.peek(2)), stack::view(r.peek(1)));
    let found = match fast::items::contains(t, &container, &item) {
        Some(found) => found,
        None => protocol::contains(t, &container, &item)?,
    };
    r.drop_words(2);
    r.push_value(Value::bool(found != (arg == 1)));
    Ok(Flow::Next)
}

/// `UNARY_NEGATIVE`.
#[inline(always)]
pub fn unary_negative(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| ops::negative(t, x));
    Ok(Flow::Next)
}

/// `UNARY_POSITIVE`.
#[inline(always)]
pub fn unary_positive(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| operator::unary(t, x, |s| &s.positive, "unary +"));
    Ok(Flow::Next)
}

/// `UNARY_INVERT`.
#[inline(always)]
pub fn unary_invert(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| operator::unary(t, x, |s| &s.invert, "unary ~"));
    Ok(Flow::Next)
}

/// `UNARY_NOT`.
#[inline(always)]
pub fn unary_not(r: &mut Registers) -> Next {
    let t = r.t;
    unary!(r, |x| protocol::is_true(t, x).map(|b| Value::bool(!b)));
    Ok(Flow::Next)
}

/// `TO_BOOL`.
#[inline(always)]
pub fn to_bool(r: &mut Registers) -> Next {
    let t = r.t;
    r.skip_word();
    unary!(r, |x| protocol::is_true(t, x).map(Value::bool));
    Ok(Flow::Next)
}

/// The values of two words that are immediate ints, scaled (`Value::small_int_scaled`).
#[inline(always)]
fn both_ints(a: Word, b: Word) -> Option<(i64, i64)> {
    let (a, b) = (immediate(a), immediate(b));
    a.both_small_ints(&b).then(|| (a.small_int_scaled(), b.small_int_scaled()))
}

/// The values of two words that are floats.
#[inline(always)]
fn both_floats(a: Word, b: Word) -> Option<(f64, f64)> {
    let (a, b) = (immediate(a), immediate(b));
    (a.is_float() && b.is_float()).then(|| (a.float_value(), b.float_value()))
}

/// A word to be looked at as an immediate.
#[inline(always)]
fn immediate(w: Word) -> std::mem::ManuallyDrop<Value> {
    // SAFETY: a bound word; never dropped, and not followed where it is a pointer.
    std::mem::ManuallyDrop::new(unsafe { Value::from_bits(w) })
}

/// The comparison that an operand of `COMPARE_OP` names, of numbers, without a branch.
#[inline(always)]
#[allow(clippy::neg_cmp_op_on_partial_ord, reason = "NaNs: neither less nor greater")]
fn compares<T: PartialOrd>(arg: usize, a: &T, b: &T) -> bool {
    // For each `CompareOp` four bits: whether it holds for less, equal, greater, and not comparable (a NaN).
    const HOLDS: u32 = 0b0110_0100_1101_0010_0011_0001;
    const { assert!(CompareOp::Lt as u32 == 0 && CompareOp::Ne as u32 == 3 && CompareOp::Ge as u32 == 5) };
    // 0: less, 1: equal, 2: greater, 3: not comparable.
    let relation = u32::from(!(a < b)) + u32::from(!(a <= b)) + u32::from(!(a <= b) && !(a > b));
    HOLDS >> ((arg as u32 & 7) * 4 + relation) & 1 != 0
}
