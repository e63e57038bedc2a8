//! The operators of `timedelta`.

use super::delta::{Span, TIMEDELTA, from_parts, from_total, int_of, span_of, total_of};
use super::fields::MICROS;
use crate::bytecode::opcode::BinaryOp;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{bigint, operator, protocol};
use crate::types::{float, int};
use dashu_int::IBig;
use dashu_int::ops::DivRemEuclid;

/// Whether an order is what a comparison asks for.
pub fn holds(op: CompareOp, order: std::cmp::Ordering) -> Value {
    Value::bool(crate::types::bytes::holds(op, order))
}

pub fn compare(_: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    Ok(match (span_of(a), span_of(b)) {
        (Some(x), Some(y)) => holds(op, x.cmp(&y)),
        _ => Value::NOT_IMPLEMENTED,
    })
}

/// Two spans' sum, or with `sign` -1 their difference.
fn combine(t: &Thread, x: Span, y: Span, sign: i64) -> PyResult {
    let part = |x: i32, y: i32| i64::from(x) + sign * i64::from(y);
    from_parts(t, part(x.days, y.days), part(x.seconds, y.seconds), part(x.micros, y.micros))
}

fn both(t: &Thread, a: &Value, b: &Value, sign: i64) -> PyResult {
    match (span_of(a), span_of(b)) {
        (Some(x), Some(y)) => combine(t, x, y, sign),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub fn add(t: &Thread, a: &Value, b: &Value) -> PyResult {
    both(t, a, b, 1)
}

pub fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    both(t, a, b, -1)
}

pub fn negative(t: &Thread, v: &Value) -> PyResult {
    match span_of(v) {
        Some(span) => combine(t, Span::ZERO, span, -1),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub fn multiply(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (span, factor) = match (span_of(a), span_of(b)) {
        (Some(span), None) => (span, b),
        (None, Some(span)) => (span, a),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    if bigint::view(factor).is_some() {
        let product = match total_of(factor) {
            Some(factor) => span.total().checked_mul(factor),
            // Beyond an i128: nothing but zero stays within one.
            None => span.is_zero().then_some(0),
        };
        return from_total(t, &TIMEDELTA, product);
    }
    if float::object::as_float(factor).is_some() {
        let [above, below] = ratio(t, factor)?;
        return scale(t, span, &above, &below);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

/// `float.as_integer_ratio()`, which a subclass may have changed.
fn ratio(t: &Thread, factor: &Value) -> PyResult<[Value; 2]> {
    let pair = protocol::call_method_str(t, factor, "as_integer_ratio", &[])?;
    if pair.downcast::<Tuple>().is_none() {
        let kind = pair.class().display_name();
        let message = format!("unexpected return type from as_integer_ratio(): expected tuple, not '{kind}'");
        return Err(raise::type_error(t, message));
    }
    match tuple::items(&pair) {
        [above, below] => Ok([above.clone(), below.clone()]),
        _ => Err(raise::value_error(t, "as_integer_ratio() must return a 2-tuple")),
    }
}

/// The span times a fraction, to the nearest microsecond, half to even.
fn scale(t: &Thread, span: Span, above: &Value, below: &Value) -> PyResult {
    let product = operator::binary(t, &int_of(span.total()), above, BinaryOp::Multiply)?;
    let (Some(m), Some(n)) = (int::as_int(&product), int::as_int(below)) else {
        return Err(raise::type_error(t, "non-integer arguments in division"));
    };
    let (m, n) = (big(m), big(n));
    if n == IBig::ZERO {
        return Err(raise::zero_division(t, "division by zero"));
    }
    let (m, n) = if n < IBig::ZERO { (-m, -n) } else { (m, n) };
    let (quotient, rest) = m.div_rem_euclid(&n);
    let twice = IBig::from(rest) * IBig::from(2);
    let odd = &quotient % IBig::from(2) != IBig::ZERO;
    let up = twice > n || twice == n && odd;
    from_total(t, &TIMEDELTA, i128::try_from(&(quotient + IBig::from(i32::from(up)))).ok())
}

fn big(n: int::IntRef<'_>) -> IBig {
    match n {
        int::IntRef::Small(i) => IBig::from(i),
        int::IntRef::Big(i) => i.clone(),
    }
}

pub fn true_divide(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some(span) = span_of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(other) = span_of(b) {
        return operator::binary(t, &int_of(span.total()), &int_of(other.total()), BinaryOp::TrueDivide);
    }
    if bigint::view(b).is_some() {
        return scale(t, span, &Value::int(1), b);
    }
    if float::object::as_float(b).is_some() {
        let [above, below] = ratio(t, b)?;
        return scale(t, span, &below, &above);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

pub fn floor_divide(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some(span) = span_of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(other) = span_of(b) {
        return operator::binary(t, &int_of(span.total()), &int_of(other.total()), BinaryOp::FloorDivide);
    }
    if bigint::view(b).is_some() {
        let quotient = operator::binary(t, &int_of(span.total()), b, BinaryOp::FloorDivide)?;
        if bigint::view(&quotient).is_none() {
            // A subclass of int answers what it likes.
            let kind = quotient.class().display_name();
            return Err(raise::type_error(t, format!("unsupported operand type(s) for divmod(): '{kind}' and 'int'")));
        }
        return from_total(t, &TIMEDELTA, total_of(&quotient));
    }
    Ok(Value::NOT_IMPLEMENTED)
}

pub fn remainder(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (span_of(a), span_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let rest = operator::binary(t, &int_of(x.total()), &int_of(y.total()), BinaryOp::Remainder)?;
    from_total(t, &TIMEDELTA, total_of(&rest))
}

pub fn divmod(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (span_of(a), span_of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let pair = operator::divmod(t, &int_of(x.total()), &int_of(y.total()))?;
    let [quotient, rest] = tuple::items(&pair) else { unreachable!("divmod of two ints") };
    let rest = from_total(t, &TIMEDELTA, total_of(rest))?;
    Ok(tuple::from_array([quotient.clone(), rest]))
}

pub fn total_seconds(t: &Thread, v: &Value) -> PyResult {
    match span_of(v) {
        Some(span) => seconds_of(t, span.total()),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Microseconds as seconds, rounded once.
pub fn seconds_of(t: &Thread, micros: i128) -> PyResult {
    /// Up to here, ints are floats exactly.
    const EXACT: u128 = 1 << 53;
    if micros.unsigned_abs() <= EXACT {
        return Ok(Value::float(micros as f64 / MICROS as f64));
    }
    operator::binary(t, &int_of(micros), &Value::int(MICROS), BinaryOp::TrueDivide)
}
