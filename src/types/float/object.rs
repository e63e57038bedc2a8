//! The type `float`: its payload for instances of subclasses, and its operators.
//!
//! A float itself is an immediate; only instances of subclasses are objects.

use super::arith::{self, Power};
use super::{convert, methods, text};
use crate::bytecode::opcode::CompareOp;
use crate::object::core_types;
use crate::object::core_types::exc;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::SlotTable;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{str, tuple};
use crate::types::complex::object as complex;
use crate::types::int;
use crate::types::int::number;

/// The payload of an instance of a subclass.
pub struct Float(pub f64);

// SAFETY: `FLOAT`'s layout is `Float`.
unsafe impl Payload for Float {
    fn layout_type() -> &'static Type {
        &core_types::FLOAT
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A float from a number or a text; without arguments 0.0.",
    signature: "(x=0, /)",
    slots: SlotTable {
        new: Some(convert::construct),
        repr: Some(|_, v| Ok(str::from_str(&text::repr(of(v))))),
        hash: Some(|_, v| Ok(arith::hash(of(v)).unwrap_or_else(|| protocol::identity_hash(v)))),
        richcompare: Some(compare),
        add: Some(|t, a, b| total(t, a, b, |x, y| x + y)),
        subtract: Some(|t, a, b| total(t, a, b, |x, y| x - y)),
        multiply: Some(|t, a, b| total(t, a, b, |x, y| x * y)),
        remainder: Some(|t, a, b| divide(t, a, b, arith::modulo)),
        divmod: Some(divmod),
        power: Some(power),
        floor_divide: Some(|t, a, b| divide(t, a, b, arith::floor_div)),
        true_divide: Some(|t, a, b| divide(t, a, b, |x, y| x / y)),
        negative: Some(|_, v| Ok(Value::float(-of(v)))),
        positive: Some(|_, v| Ok(Value::float(of(v)))),
        absolute: Some(|_, v| Ok(Value::float(of(v).abs()))),
        bool: Some(|_, v| Ok(of(v) != 0.0)),
        int: Some(|t, v| truncated(t, of(v))),
        float: Some(|_, v| Ok(Value::float(of(v)))),
        ..SlotTable::EMPTY
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    flags: flag::BASETYPE | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "float", layout_of::<Float>(false))
};

/// The number behind a float or an instance of a subclass.
#[inline(always)]
pub fn as_float(v: &Value) -> Option<f64> {
    match v.as_float() {
        Some(x) => Some(x),
        None => v.downcast::<Float>().map(|f| f.0),
    }
}

/// The number of a value that the caller of a slot or method has checked to be a float.
#[inline(always)]
pub(super) fn of(v: &Value) -> f64 {
    as_float(v).expect("the self of a float's operation is a float")
}

/// An operand of a float operator: a float, or an int made one; `None` for anything else.
///
/// Raises OverflowError for an int that is too large.
#[inline]
pub fn operand(t: &Thread, v: &Value) -> PyResult<Option<f64>> {
    if let Some(x) = as_float(v) {
        return Ok(Some(x));
    }
    match int::as_int(v) {
        Some(i) => int::object::to_f64(t, i).map(Some),
        None => Ok(None),
    }
}

/// Both operands; `None` where an operator is to pass.
#[inline]
fn operands(t: &Thread, a: &Value, b: &Value) -> PyResult<Option<(f64, f64)>> {
    // The left one is converted first, as CPython does, which decides between OverflowError and passing.
    let Some(x) = operand(t, a)? else { return Ok(None) };
    Ok(operand(t, b)?.map(|y| (x, y)))
}

/// An operator that always has a result.
#[inline(always)]
fn total(t: &Thread, a: &Value, b: &Value, f: impl FnOnce(f64, f64) -> f64) -> PyResult {
    Ok(operands(t, a, b)?.map_or(Value::NOT_IMPLEMENTED, |(x, y)| Value::float(f(x, y))))
}

/// A division.
#[inline(always)]
fn divide(t: &Thread, a: &Value, b: &Value, f: impl FnOnce(f64, f64) -> f64) -> PyResult {
    match operands(t, a, b)? {
        None => Ok(Value::NOT_IMPLEMENTED),
        Some((_, 0.0)) => Err(by_zero(t)),
        Some((x, y)) => Ok(Value::float(f(x, y))),
    }
}

#[cold]
fn by_zero(t: &Thread) -> Raised {
    raise::zero_division(t, "division by zero")
}

fn divmod(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match operands(t, a, b)? {
        None => Ok(Value::NOT_IMPLEMENTED),
        Some((_, 0.0)) => Err(by_zero(t)),
        Some((x, y)) => {
            let (q, r) = arith::divmod(x, y);
            Ok(tuple::from_iter(2, [Value::float(q), Value::float(r)]))
        }
    }
}

fn power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    if !modulus.is_none() {
        if operands(t, a, b)?.is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        return Err(raise::type_error(t, "pow() 3rd argument not allowed unless all arguments are integers"));
    }
    match operands(t, a, b)? {
        Some((x, y)) => power_of(t, x, y),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `x ** y`: a float, or a complex number for a fractional power of a negative one.
pub fn power_of(t: &Thread, x: f64, y: f64) -> PyResult {
    match arith::pow(x, y) {
        Power::Value(r) => Ok(Value::float(r)),
        Power::ZeroToNegative => Err(raise::zero_division(t, "zero to a negative power")),
        Power::Complex => complex::power_of(t, x, y),
        Power::Overflow => {
            // The C library's ERANGE.
            let args = [Value::int(34), str::from_str("Numerical result out of range")];
            Err(raise::with_args(t, &exc::OVERFLOW_ERROR, tuple::from_iter(2, args)))
        }
    }
}

fn compare(_t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some(x) = as_float(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    let order = if let Some(y) = as_float(b) {
        x.partial_cmp(&y)
    } else if let Some(i) = int::as_int(b) {
        number::cmp_f64(i, x).map(std::cmp::Ordering::reverse)
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    // Nothing but `!=` holds of a nan.
    Ok(Value::bool(order.map_or(op == CompareOp::Ne, |o| int::object::holds(op, o))))
}

/// `int(x)`.
///
/// Raises OverflowError for an infinity, ValueError for nan.
pub fn truncated(t: &Thread, x: f64) -> PyResult {
    match number::from_f64(x) {
        Some(i) => Ok(int::to_value(i)),
        None if x.is_nan() => Err(raise::value_error(t, "cannot convert float NaN to integer")),
        None => Err(raise::overflow_error(t, "cannot convert float infinity to integer")),
    }
}
