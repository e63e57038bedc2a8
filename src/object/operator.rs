//! Operators on two operands: which operand's slot is asked first, and what happens when both pass.

use super::protocol;
use super::raise::{self, PyResult, Raised};
use super::slots::{Binary, SlotCell, Slots};
use super::thread::Thread;
use super::value::Value;
use crate::object::operator_kind::BinaryOp;

/// A slot of the operator family, picked from a type's slots.
type Pick = fn(&Slots) -> &SlotCell<Binary>;

/// Asks the operands' slots, the right one first where its type derives from the left one's. `NotImplemented` when both
/// pass.
fn ask(t: &Thread, a: &Value, b: &Value, pick: Pick) -> PyResult {
    let (ca, cb) = (a.class(), b.class());
    let fa = pick(&ca.slots).get();
    let mut fb = if std::ptr::eq(ca, cb) { None } else { pick(&cb.slots).get() };
    if let (Some(x), Some(y)) = (fa, fb)
        && x as usize == y as usize
        && !cb.is_subtype(ca)
    {
        fb = None;
    }
    if let Some(f) = fa {
        if let Some(g) = fb
            && cb.is_subtype(ca)
        {
            let result = g(t, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
            fb = None;
        }
        let result = f(t, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    match fb {
        Some(g) => g(t, a, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn pick(op: BinaryOp) -> Pick {
    use BinaryOp::*;
    match op {
        Add | IAdd => |s| &s.add,
        And | IAnd => |s| &s.and,
        FloorDivide | IFloorDivide => |s| &s.floor_divide,
        LShift | ILShift => |s| &s.lshift,
        MatMul | IMatMul => |s| &s.matmul,
        Multiply | IMultiply => |s| &s.multiply,
        Remainder | IRemainder => |s| &s.remainder,
        Or | IOr => |s| &s.or,
        RShift | IRShift => |s| &s.rshift,
        Subtract | ISubtract => |s| &s.subtract,
        TrueDivide | ITrueDivide => |s| &s.true_divide,
        // Power goes its own way: it has a third operand.
        Xor | IXor | Power | IPower => |s| &s.xor,
    }
}

fn pick_in_place(op: BinaryOp) -> Option<Pick> {
    use BinaryOp::*;
    Some(match op {
        IAdd => |s| &s.iadd,
        IAnd => |s| &s.iand,
        IFloorDivide => |s| &s.ifloor_divide,
        ILShift => |s| &s.ilshift,
        IMatMul => |s| &s.imatmul,
        IMultiply => |s| &s.imultiply,
        IRemainder => |s| &s.iremainder,
        IOr => |s| &s.ior,
        IPower => |s| &s.ipower,
        IRShift => |s| &s.irshift,
        ISubtract => |s| &s.isubtract,
        ITrueDivide => |s| &s.itrue_divide,
        IXor => |s| &s.ixor,
        _ => return None,
    })
}

/// `a op b`, or `a op= b`.
pub fn binary(t: &Thread, a: &Value, b: &Value, op: BinaryOp) -> PyResult {
    use BinaryOp::*;
    protocol::check_recursion(t, "")?;
    if let Some(pick) = pick_in_place(op)
        && let Some(f) = pick(&a.class().slots).get()
    {
        let result = f(t, a, b)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if matches!(op, Power | IPower) {
        let result = ask_power(t, a, b, &Value::NONE)?;
        return if result.is_not_implemented() { Err(unsupported(t, a, b, op)) } else { Ok(result) };
    }
    let result = ask(t, a, b, pick(op))?;
    if !result.is_not_implemented() {
        return Ok(result);
    }
    match op {
        Add | IAdd => {
            let slots = &a.class().slots;
            let f = if op == IAdd { slots.iconcat.get().or(slots.concat.get()) } else { slots.concat.get() };
            if let Some(f) = f {
                return f(t, a, b);
            }
        }
        Multiply | IMultiply => {
            if let Some(f) = a.class().slots.repeat.get() {
                return repeat(t, f, a, b);
            }
            if let Some(f) = b.class().slots.repeat.get() {
                return repeat(t, f, b, a);
            }
        }
        _ => {}
    }
    Err(unsupported(t, a, b, op))
}

fn repeat(t: &Thread, f: Binary, sequence: &Value, count: &Value) -> PyResult {
    if super::bigint::view(count).is_none() && count.class().slots.index.get().is_none() {
        let message = format!("can't multiply sequence by non-int of type '{}'", count.class().display_name());
        return Err(raise::type_error(t, message));
    }
    f(t, sequence, count)
}

fn ask_power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let (ca, cb) = (a.class(), b.class());
    let (fa, fb) = (ca.slots.power.get(), cb.slots.power.get());
    if let (Some(f), true) = (fb, !std::ptr::eq(ca, cb) && cb.is_subtype(ca)) {
        let result = f(t, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if let Some(f) = fa {
        let result = f(t, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if let (Some(f), false) = (fb, std::ptr::eq(ca, cb)) {
        let result = f(t, a, b, modulus)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    match modulus.class().slots.power.get() {
        Some(f) if !modulus.is_none() => f(t, a, b, modulus),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `pow(a, b, modulus)`.
pub fn power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let result = ask_power(t, a, b, modulus)?;
    if !result.is_not_implemented() {
        return Ok(result);
    }
    let (ca, cb) = (a.class().display_name(), b.class().display_name());
    let message = if modulus.is_none() {
        format!("unsupported operand type(s) for ** or pow(): '{ca}' and '{cb}'")
    } else {
        format!("unsupported operand type(s) for ** or pow(): '{ca}', '{cb}', '{}'", modulus.class().display_name())
    };
    Err(raise::type_error(t, message))
}

/// `divmod(a, b)`.
pub fn divmod(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let result = ask(t, a, b, |s| &s.divmod)?;
    if !result.is_not_implemented() {
        return Ok(result);
    }
    let (ca, cb) = (a.class().display_name(), b.class().display_name());
    Err(raise::type_error(t, format!("unsupported operand type(s) for divmod(): '{ca}' and '{cb}'")))
}

#[cold]
fn unsupported(t: &Thread, a: &Value, b: &Value, op: BinaryOp) -> Raised {
    let (ca, cb) = (a.class().display_name(), b.class().display_name());
    let text = match op {
        BinaryOp::Power => "** or pow()",
        _ => op.text(),
    };
    raise::type_error(t, format!("unsupported operand type(s) for {text}: '{ca}' and '{cb}'"))
}

/// `-x`, `+x`, `~x`, `abs(x)` by slot; "bad operand type for unary -: 'str'".
pub fn unary(t: &Thread, x: &Value, slot: fn(&Slots) -> &SlotCell<super::slots::Unary>, text: &str) -> PyResult {
    match slot(&x.class().slots).get() {
        Some(f) => f(t, x),
        None => Err(raise::type_error(t, format!("bad operand type for {text}: '{}'", x.class().display_name()))),
    }
}
