//! Arithmetic and comparison of immediates, on bare words.

use crate::bytecode::opcode::{BinaryOp, CompareOp};
use crate::interp::stack::Word;
use crate::object::value::Value;
use std::mem::ManuallyDrop;

#[inline(always)]
fn view(w: Word) -> ManuallyDrop<Value> {
    // SAFETY: a bound word; immediates own nothing and pointers are not followed here.
    ManuallyDrop::new(unsafe { Value::from_bits(w) })
}

/// The result of an operator on two immediates, where it is simple and raises nothing; else None.
#[inline(always)]
pub fn fast(op: BinaryOp, a: Word, b: Word) -> Option<Word> {
    let (a, b) = (view(a), view(b));
    if a.is_small_int() && b.is_small_int() {
        return ints(op, a.small_int_value(), b.small_int_value());
    }
    let (x, y) = match (a.is_float(), b.is_float()) {
        (true, true) => (a.float_value(), b.float_value()),
        (true, false) if b.is_small_int() => (a.float_value(), b.small_int_value() as f64),
        (false, true) if a.is_small_int() => (a.small_int_value() as f64, b.float_value()),
        _ => return None,
    };
    floats(op, x, y)
}

/// An operator on two immediate ints.
#[inline(always)]
pub fn ints(op: BinaryOp, a: i64, b: i64) -> Option<Word> {
    use BinaryOp::*;
    // Operands have 51 bits: sums fit i64, products are checked.
    let result = match op {
        Add | IAdd => a + b,
        Subtract | ISubtract => a - b,
        Multiply | IMultiply => a.checked_mul(b)?,
        FloorDivide | IFloorDivide if b != 0 => {
            let q = a.wrapping_div(b);
            if a % b != 0 && (a < 0) != (b < 0) { q - 1 } else { q }
        }
        Remainder | IRemainder if b != 0 => {
            let r = a.wrapping_rem(b);
            if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
        }
        And | IAnd => a & b,
        Or | IOr => a | b,
        Xor | IXor => a ^ b,
        LShift | ILShift if (0..13).contains(&b) => a << b,
        RShift | IRShift if b >= 0 => a >> b.min(63),
        TrueDivide | ITrueDivide if b != 0 => {
            const EXACT: i64 = 1 << 50;
            // Both convert exactly, so one rounding is left, as CPython asks for.
            return (a.abs() <= EXACT && b.abs() <= EXACT).then(|| Value::float(a as f64 / b as f64).into_bits());
        }
        _ => return None,
    };
    Value::small_int(result).map(Value::into_bits)
}

/// An operator on two floats.
#[inline(always)]
pub fn floats(op: BinaryOp, x: f64, y: f64) -> Option<Word> {
    use BinaryOp::*;
    let result = match op {
        Add | IAdd => x + y,
        Subtract | ISubtract => x - y,
        Multiply | IMultiply => x * y,
        TrueDivide | ITrueDivide if y != 0.0 => x / y,
        _ => return None,
    };
    Some(Value::float(result).into_bits())
}

/// A comparison of two immediate numbers; None for anything else.
#[inline(always)]
pub fn compare(op: CompareOp, a: Word, b: Word) -> Option<bool> {
    let (a, b) = (view(a), view(b));
    if a.is_small_int() && b.is_small_int() {
        let (x, y) = (a.small_int_value(), b.small_int_value());
        return Some(match op {
            CompareOp::Lt => x < y,
            CompareOp::Le => x <= y,
            CompareOp::Eq => x == y,
            CompareOp::Ne => x != y,
            CompareOp::Gt => x > y,
            CompareOp::Ge => x >= y,
        });
    }
    // An immediate int has 51 bits: it converts exactly.
    let number = |v: &Value| {
        if v.is_float() { Some(v.float_value()) } else { v.as_small_int().map(|i| i as f64) }
    };
    let (x, y) = (number(&a)?, number(&b)?);
    Some(match op {
        CompareOp::Lt => x < y,
        CompareOp::Le => x <= y,
        CompareOp::Eq => x == y,
        CompareOp::Ne => x != y,
        CompareOp::Gt => x > y,
        CompareOp::Ge => x >= y,
    })
}
