//! Functions of real numbers, and how they fail.

use super::libm;
use super::special::{self, MathError};
use crate::object::args::{Args, Bound};
use crate::object::protocol::{self, as_f64};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, operator, tuple};
use crate::types::float::{self, text};
use crate::types::int::{self, IntRef, number};

/// What a function asks of its argument when it has no value there: a message that ends in ", got " and the argument.
pub(super) struct Domain(pub &'static str);

const POSITIVE: Domain = Domain("expected a positive input");

#[cold]
fn outside(t: &Thread, domain: &Domain, x: f64) -> Raised {
    raise::value_error(t, format!("{}, got {}", domain.0, text::repr(x)))
}

#[cold]
fn domain_error(t: &Thread) -> Raised {
    raise::value_error(t, "math domain error")
}

#[cold]
fn range_error(t: &Thread) -> Raised {
    raise::overflow_error(t, "math range error")
}

/// A function that is defined everywhere and never overflows.
#[inline(always)]
pub(super) fn total(t: &Thread, v: &Value, f: impl Fn(f64) -> f64) -> PyResult {
    Ok(Value::float(f(as_f64(t, v)?)))
}

/// A function that has no value where its result is nan or infinite for a finite argument.
#[inline(always)]
pub(super) fn within(t: &Thread, v: &Value, f: impl Fn(f64) -> f64, domain: &Domain) -> PyResult {
    let x = as_f64(t, v)?;
    let r = f(x);
    if (r.is_nan() && !x.is_nan()) || (r.is_infinite() && x.is_finite()) {
        return Err(outside(t, domain, x));
    }
    Ok(Value::float(r))
}

/// A function that may overflow.
#[inline(always)]
pub(super) fn growing(t: &Thread, v: &Value, f: impl Fn(f64) -> f64) -> PyResult {
    let x = as_f64(t, v)?;
    let r = f(x);
    if r.is_infinite() && x.is_finite() {
        return Err(range_error(t));
    }
    Ok(Value::float(r))
}

/// `gamma` and `lgamma`.
pub(super) fn gamma_like(t: &Thread, v: &Value, f: fn(f64) -> Result<f64, MathError>) -> PyResult {
    let x = as_f64(t, v)?;
    f(x).map(Value::float).map_err(|e| match e {
        MathError::Domain => outside(t, &Domain("expected a noninteger or positive integer"), x),
        MathError::Range => range_error(t),
    })
}

pub(super) fn gamma(t: &Thread, v: &Value) -> PyResult {
    gamma_like(t, v, special::gamma)
}

pub(super) fn lgamma(t: &Thread, v: &Value) -> PyResult {
    gamma_like(t, v, special::lgamma)
}

/// A logarithm, of ints of any size too.
pub(super) fn logarithm(t: &Thread, v: &Value, f: impl Fn(f64) -> f64) -> PyResult<f64> {
    if let Some(i) = int::as_int(v) {
        // The number may be huge, so it is not shown.
        if i.signum() <= 0 {
            return Err(raise::value_error(t, POSITIVE.0));
        }
        return Ok(match number::to_f64(i) {
            Some(x) => f(x),
            None => {
                let (mantissa, exp) = number::frexp(i);
                f(mantissa) + f(2.0) * exp as f64
            }
        });
    }
    let x = as_f64(t, v)?;
    if x <= 0.0 {
        return Err(outside(t, &POSITIVE, x));
    }
    Ok(f(x))
}

pub(super) fn log(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "math.log")?;
    match args.exactly_positional(t, "log", 1, 2)? {
        [x, base] => {
            let numerator = logarithm(t, x, f64::ln)?;
            let denominator = logarithm(t, base, f64::ln)?;
            if denominator == 0.0 {
                return Err(raise::zero_division(t, "division by zero"));
            }
            Ok(Value::float(numerator / denominator))
        }
        args => logarithm(t, &args[0], f64::ln).map(Value::float),
    }
}

/// `floor` and `ceil`: by the special method, else of the number as a float.
pub(super) fn rounded(t: &Thread, v: &Value, method: &str, f: impl Fn(f64) -> f64) -> PyResult {
    if let Some(x) = v.as_float() {
        return float::object::truncated(t, f(x));
    }
    if v.is_small_int() {
        return Ok(v.clone());
    }
    if let Some(result) = protocol::call_special(t, v, &names::intern(method), &[])? {
        return Ok(result);
    }
    float::object::truncated(t, f(as_f64(t, v)?))
}

pub(super) fn trunc(t: &Thread, v: &Value) -> PyResult {
    if let Some(x) = v.as_float() {
        return float::object::truncated(t, x);
    }
    match protocol::call_special(t, v, &names::intern("__trunc__"), &[])? {
        Some(result) => Ok(result),
        None => {
            let message = format!("type {} doesn't define __trunc__ method", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

pub(super) fn frexp(t: &Thread, v: &Value) -> PyResult {
    let (mantissa, exp) = libm::frexp(as_f64(t, v)?);
    Ok(tuple::from_iter(2, [Value::float(mantissa), Value::int(i64::from(exp))]))
}

pub(super) fn ldexp(t: &Thread, v: &Value, exp: &Value) -> PyResult {
    let x = as_f64(t, v)?;
    let Some(exp) = int::as_int(exp) else {
        return Err(raise::type_error(t, "Expected an int as second argument to ldexp."));
    };
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::float(x));
    }
    // Beyond this every float has overflowed or become zero.
    let exp = exp.saturate_i64().clamp(-100_000, 100_000) as i32;
    let r = libm::ldexp(x, exp);
    if r.is_infinite() { Err(range_error(t)) } else { Ok(Value::float(r)) }
}

pub(super) fn modf(t: &Thread, v: &Value) -> PyResult {
    let x = as_f64(t, v)?;
    let (fraction, whole) = if x.is_infinite() { (0f64.copysign(x), x) } else { (x.fract().copysign(x), x.trunc()) };
    Ok(tuple::from_iter(2, [Value::float(fraction), Value::float(whole)]))
}

pub(super) fn fmod(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (x, y) = (as_f64(t, a)?, as_f64(t, b)?);
    if y.is_infinite() && x.is_finite() {
        return Ok(Value::float(x));
    }
    let r = libm::fmod(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain_error(t)) } else { Ok(Value::float(r)) }
}

pub(super) fn remainder(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (x, y) = (as_f64(t, a)?, as_f64(t, b)?);
    let r = libm::remainder(x, y);
    if r.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain_error(t)) } else { Ok(Value::float(r)) }
}

pub(super) fn pow(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (x, y) = (as_f64(t, a)?, as_f64(t, b)?);
    // The C library follows Annex F for infinities and nans.
    let r = x.powf(y);
    if !x.is_finite() || !y.is_finite() {
        return Ok(Value::float(r));
    }
    if r.is_nan() || (r.is_infinite() && x == 0.0) {
        return Err(domain_error(t));
    }
    if r.is_infinite() { Err(range_error(t)) } else { Ok(Value::float(r)) }
}

pub(super) fn fma(t: &Thread, x: &Value, y: &Value, z: &Value) -> PyResult {
    let (x, y, z) = (as_f64(t, x)?, as_f64(t, y)?, as_f64(t, z)?);
    let r = x.mul_add(y, z);
    if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(raise::value_error(t, "invalid operation in fma"));
    }
    if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(raise::overflow_error(t, "overflow in fma"));
    }
    Ok(Value::float(r))
}

pub(super) fn isclose(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (x, y) = (as_f64(t, b.req(0))?, as_f64(t, b.req(1))?);
    let relative = b.opt(2).map_or(Ok(1e-9), |v| as_f64(t, v))?;
    let absolute = b.opt(3).map_or(Ok(0.0), |v| as_f64(t, v))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(raise::value_error(t, "tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::TRUE);
    }
    if x.is_infinite() || y.is_infinite() {
        return Ok(Value::FALSE);
    }
    let distance = (x - y).abs();
    Ok(Value::bool(distance <= (relative * y).abs() || distance <= (relative * x).abs() || distance <= absolute))
}

pub(super) fn nextafter(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (x, y) = (as_f64(t, b.req(0))?, as_f64(t, b.req(1))?);
    let Some(steps) = b.non_none(2) else { return Ok(Value::float(libm::nextafter(x, y))) };
    let steps = protocol::index(t, steps)?;
    let steps = int::as_int(&steps).unwrap_or(IntRef::Small(0));
    if steps.is_negative() {
        return Err(raise::value_error(t, "steps must be a non-negative integer"));
    }
    Ok(Value::float(steps_after(x, y, steps.to_u64().unwrap_or(u64::MAX))))
}

/// The float `steps` floats after `x` on the way to `y`, or `y`.
fn steps_after(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() || x == y {
        return y;
    }
    // Floats in order are integers in order, but for the sign's representation; zeros coincide.
    let place = |x: f64| {
        let magnitude = (x.to_bits() & !(1 << 63)) as i64;
        if x.is_sign_negative() { -magnitude } else { magnitude }
    };
    let (from, to) = (place(x), place(y));
    if from.abs_diff(to) <= steps {
        return y;
    }
    let at = if to > from { from + steps as i64 } else { from - steps as i64 };
    let magnitude = f64::from_bits(at.unsigned_abs());
    // Zero keeps the sign of the side that it was come to from.
    if at < 0 || (at == 0 && x.is_sign_negative()) { -magnitude } else { magnitude }
}

pub(super) fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let next = libm::nextafter(x, f64::INFINITY);
    if next.is_infinite() { x - libm::nextafter(x, f64::NEG_INFINITY) } else { next - x }
}

/// `prod`.
pub(super) fn prod(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut acc = b.opt(1).cloned().unwrap_or(Value::int(1));
    protocol::for_each(t, b.req(0), |item| {
        acc = match (acc.as_small_int(), item.as_small_int()) {
            (Some(x), Some(y)) if x.checked_mul(y).is_some() => Value::int(x * y),
            _ => operator::binary(t, &acc, &item, crate::bytecode::opcode::BinaryOp::Multiply)?,
        };
        Ok(())
    })?;
    Ok(acc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stepping() {
        assert_eq!(steps_after(1.0, 2.0, 3), 1.0 + 3.0 * f64::EPSILON);
        assert_eq!(steps_after(0.0, -1.0, 1), -5e-324);
        assert_eq!(steps_after(5e-324, -1.0, 3), -1e-323);
        assert_eq!(steps_after(1.0, 2.0, u64::MAX), 2.0);
        assert!(steps_after(-5e-324, 1.0, 1).is_sign_negative());
        assert_eq!(ulp(1.0), f64::EPSILON);
        assert_eq!(ulp(0.0), 5e-324);
        assert_eq!(ulp(f64::MAX), 1.99584030953472e292);
    }
}
