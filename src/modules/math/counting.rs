//! Functions of integers: `gcd`, `lcm`, `isqrt`, `factorial`, `comb`, `perm`.

use crate::object::args::{Args, Bound};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::int::{self, IntBuf, IntRef, arith, theory};

/// An argument through `__index__`.
fn integer(t: &Thread, v: &Value) -> PyResult<Value> {
    protocol::index(t, v)
}

fn of(v: &Value) -> IntRef<'_> {
    int::as_int(v).unwrap_or(IntRef::Small(0))
}

/// `gcd(*integers)` and `lcm(*integers)`; `empty` is the result of no arguments.
pub(super) fn fold(t: &Thread, args: Args<'_>, name: &str, empty: i64, f: fn(IntRef, IntRef) -> IntBuf) -> PyResult {
    args.no_keywords(t, name)?;
    let mut acc = IntBuf::Small(empty);
    for (i, v) in args.pos().iter().enumerate() {
        let v = integer(t, v)?;
        acc = if i == 0 { arith::abs(of(&v)) } else { f(acc.as_ref(), of(&v)) };
    }
    Ok(int::to_value(acc))
}

pub(super) fn isqrt(t: &Thread, v: &Value) -> PyResult {
    let n = integer(t, v)?;
    match theory::isqrt(of(&n)) {
        Some(root) => Ok(int::to_value(root)),
        None => Err(raise::value_error(t, "isqrt() argument must be nonnegative")),
    }
}

pub(super) fn factorial(t: &Thread, v: &Value) -> PyResult {
    let n = integer(t, v)?;
    if of(&n).is_negative() {
        return Err(raise::value_error(t, "factorial() not defined for negative values"));
    }
    let Some(n) = of(&n).to_i64() else {
        return Err(raise::overflow_error(t, format!("factorial() argument should not exceed {}", i64::MAX)));
    };
    theory::factorial(n as u64).map(int::to_value).map_err(|e| int::object::error(t, e))
}

/// Both arguments of `comb` and `perm`, checked not to be negative.
fn pair(t: &Thread, n: &Value, k: &Value) -> PyResult<(Value, Value)> {
    let (n, k) = (integer(t, n)?, integer(t, k)?);
    if of(&n).is_negative() {
        return Err(raise::value_error(t, "n must be a non-negative integer"));
    }
    if of(&k).is_negative() {
        return Err(raise::value_error(t, "k must be a non-negative integer"));
    }
    Ok((n, k))
}

pub(super) fn comb(t: &Thread, n: &Value, k: &Value) -> PyResult {
    let (n, k) = pair(t, n, k)?;
    let rest = arith::sub(of(&n), of(&k));
    if rest.as_ref().is_negative() {
        return Ok(Value::int(0));
    }
    let least = if arith::cmp(rest.as_ref(), of(&k)).is_lt() { rest.as_ref() } else { of(&k) };
    let Some(least) = least.to_i64() else {
        return Err(raise::overflow_error(t, format!("min(n - k, k) must not exceed {}", i64::MAX)));
    };
    theory::comb(of(&n), least as u64).map(int::to_value).map_err(|e| int::object::error(t, e))
}

pub(super) fn perm(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(k) = b.non_none(1) else { return factorial(t, b.req(0)) };
    let (n, k) = pair(t, b.req(0), k)?;
    if arith::cmp(of(&n), of(&k)).is_lt() {
        return Ok(Value::int(0));
    }
    let Some(k) = of(&k).to_i64() else {
        return Err(raise::overflow_error(t, format!("k must not exceed {}", i64::MAX)));
    };
    theory::perm(of(&n), k as u64).map(int::to_value).map_err(|e| int::object::error(t, e))
}
