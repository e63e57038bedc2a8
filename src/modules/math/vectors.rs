//! Functions of sequences: `fsum`, `sumprod`, `dist`, `hypot`.

use super::sums::{DotProduct, Fsum, FsumError, norm};
use crate::bytecode::opcode::BinaryOp;
use crate::object::args::Args;
use crate::object::protocol::{self, as_f64};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{core_types, operator};
use crate::types::int::{self, IntBuf, IntRef, arith, number};
use smallvec::SmallVec;

/// Coordinates on the stack, if they are few.
type Vector = SmallVec<[f64; 16]>;

pub(super) fn fsum(t: &Thread, sequence: &Value) -> PyResult {
    let error = |e: FsumError| -> Raised {
        match e {
            FsumError::Overflow => raise::overflow_error(t, "intermediate overflow in fsum"),
            FsumError::Infinities => raise::value_error(t, "-inf + inf in fsum"),
        }
    };
    let mut total = Fsum::default();
    protocol::for_each(t, sequence, |item| total.add(as_f64(t, &item)?).map_err(error))?;
    total.value().map(Value::float).map_err(error)
}

/// The largest magnitude and whether there is a nan; the vector is made of magnitudes.
fn length(mut vector: Vector) -> f64 {
    let mut max = 0.0f64;
    let mut found_nan = false;
    for x in vector.iter_mut() {
        *x = x.abs();
        found_nan |= x.is_nan();
        if *x > max {
            max = *x;
        }
    }
    norm(&mut vector, max, found_nan)
}

pub(super) fn hypot(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "math.hypot")?;
    let vector: Vector = args.pos().iter().map(|v| as_f64(t, v)).collect::<PyResult<_>>()?;
    Ok(Value::float(length(vector)))
}

/// A point as a tuple of coordinates.
fn point(t: &Thread, v: &Value) -> PyResult<Value> {
    if v.downcast::<Tuple>().is_some() {
        return Ok(v.clone());
    }
    let mut items = Vec::new();
    protocol::for_each(t, v, |item| {
        items.push(item);
        Ok(())
    })?;
    Ok(tuple::from_vec(items))
}

pub(super) fn dist(t: &Thread, p: &Value, q: &Value) -> PyResult {
    let (p, q) = (point(t, p)?, point(t, q)?);
    let (p, q) = (tuple::items(&p), tuple::items(&q));
    if p.len() != q.len() {
        return Err(raise::value_error(t, "both points must have the same number of dimensions"));
    }
    let mut vector = Vector::new();
    for (x, y) in p.iter().zip(q) {
        vector.push(as_f64(t, x)? - as_f64(t, y)?);
    }
    Ok(Value::float(length(vector)))
}

/// An exact int, or a bool: what sums of products take for ints.
fn whole(v: &Value, bools: bool) -> Option<IntRef<'_>> {
    (v.is_small_int() || v.is_exact(&core_types::INT) || (bools && v.as_bool().is_some()))
        .then(|| int::as_int(v))
        .flatten()
}

/// Both factors as floats, if one is a float and the other a float, int or bool that is not too large.
fn floats(p: &Value, q: &Value) -> Option<(f64, f64)> {
    let other = |v: &Value| whole(v, true).and_then(number::to_f64);
    match (p.as_float(), q.as_float()) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) => Some((x, other(q)?)),
        (None, Some(y)) => Some((other(p)?, y)),
        _ => None,
    }
}

/// Sums by the kind of the terms, as far as they stay of one kind: ints exactly, then floats in extended precision, then
/// by the operators.
pub(super) fn sumprod(t: &Thread, p: &Value, q: &Value) -> PyResult {
    let (p, q) = (protocol::iter(t, p)?, protocol::iter(t, q)?);
    let mut total = Value::int(0);
    let mut ints = Some(IntBuf::Small(0));
    let mut dot = Some(DotProduct::default());
    let mut dot_used = false;
    let plus = |total: &Value, term: &Value| operator::binary(t, total, term, BinaryOp::Add);
    loop {
        let (x, y) = (protocol::next(t, &p)?, protocol::next(t, &q)?);
        let pair = match (x, y) {
            (Some(x), Some(y)) => Some((x, y)),
            (None, None) => None,
            _ => return Err(raise::value_error(t, "Inputs are not the same length")),
        };
        if let Some(sum) = &mut ints {
            if let Some((x, y)) = &pair
                && let (Some(x), Some(y)) = (whole(x, false), whole(y, false))
            {
                *sum = arith::add(sum.as_ref(), arith::mul(x, y).as_ref());
                continue;
            }
            // The first term that is no product of ints ends this way of summing.
            if let Some(sum) = ints.take()
                && sum != IntBuf::Small(0)
            {
                total = plus(&total, &int::to_value(sum))?;
            }
        }
        if let Some(sum) = dot {
            if let Some((x, y)) = &pair
                && let Some((x, y)) = floats(x, y)
                && let Some(next) = sum.add(x, y)
            {
                dot = Some(next);
                dot_used = true;
                continue;
            }
            dot = None;
            if dot_used {
                total = plus(&total, &Value::float(sum.value()))?;
            }
        }
        let Some((x, y)) = pair else { return Ok(total) };
        let term = operator::binary(t, &x, &y, BinaryOp::Multiply)?;
        total = plus(&total, &term)?;
    }
}
