//! Comparison and hashing of plain values without running Python code: numbers, str, None and the like.
//!
//! Each answers None where the general way (`protocol`) has to decide. What is answered here is what that would answer.

use super::core_types;
use super::protocol;
use super::raise::PyResult;
use super::str::Str;
use super::thread::Thread;
use super::tuple::Tuple;
use super::type_object::Type;
use super::value::Value;
use crate::object::operator_kind::CompareOp;
use std::cmp::Ordering;

/// An immediate number: ints and bools as i64, floats as f64.
enum Number {
    Int(i64),
    Float(f64),
}

#[inline(always)]
fn number(v: &Value) -> Option<Number> {
    if let Some(i) = v.as_small_int() {
        Some(Number::Int(i))
    } else if let Some(f) = v.as_float() {
        Some(Number::Float(f))
    } else {
        v.as_bool().map(|b| Number::Int(b as i64))
    }
}

/// Whether an instance of exactly `class` equals no immediate.
fn is_plain_class(class: &Type) -> bool {
    std::ptr::eq(class, &*core_types::STR)
}

/// `a is b or a == b`, if that runs no Python code.
#[inline(always)]
pub fn eq(a: &Value, b: &Value) -> Option<bool> {
    if a.is(b) {
        return Some(true);
    }
    if a.is_small_int() && b.is_small_int() {
        return Some(false);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Some(x.eq(y));
    }
    eq_rest(a, b)
}

fn eq_rest(a: &Value, b: &Value) -> Option<bool> {
    match (a.is_object(), b.is_object()) {
        (false, false) => Some(match (number(a), number(b)) {
            // An immediate int is exact as a float.
            (Some(x), Some(y)) => compare_numbers(x, y) == Some(Ordering::Equal),
            _ => false,
        }),
        (true, true) => None,
        (true, false) => is_plain_class(a.class()).then_some(false),
        (false, true) => is_plain_class(b.class()).then_some(false),
    }
}

fn compare_numbers(x: Number, y: Number) -> Option<Ordering> {
    match (x, y) {
        (Number::Int(x), Number::Int(y)) => Some(x.cmp(&y)),
        (Number::Int(x), Number::Float(y)) => (x as f64).partial_cmp(&y),
        (Number::Float(x), Number::Int(y)) => x.partial_cmp(&(y as f64)),
        (Number::Float(x), Number::Float(y)) => x.partial_cmp(&y),
    }
}

/// `a < b`, if that runs no Python code and raises nothing.
#[inline(always)]
pub fn lt(a: &Value, b: &Value) -> Option<bool> {
    if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
        return Some(x < y);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
        return Some(x.view() < y.view());
    }
    Some(compare_numbers(number(a)?, number(b)?) == Some(Ordering::Less))
}

/// `a is b or a == b`.
#[inline(always)]
pub fn eq_or_ask(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    match eq(a, b) {
        Some(answer) => Ok(answer),
        None => protocol::compare_bool(t, a, b, CompareOp::Eq),
    }
}

/// `a < b`.
#[inline(always)]
pub fn lt_or_ask(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    match lt(a, b) {
        Some(answer) => Ok(answer),
        None => protocol::compare_bool(t, a, b, CompareOp::Lt),
    }
}

/// `hash(v)` of an exact str, immediate int or bool, or of an exact tuple that was hashed before.
#[inline(always)]
pub fn hash(v: &Value) -> Option<i64> {
    if let Some(s) = v.downcast_exact::<Str>() {
        return Some(s.hash());
    }
    // Immediate ints are smaller than the hash modulus, so they are their own hashes.
    match v.as_small_int().or_else(|| v.as_bool().map(i64::from)) {
        Some(-1) => Some(-2),
        Some(i) => Some(i),
        None => v.downcast_exact::<Tuple>()?.known_hash(),
    }
}

/// `hash(v)`. Raises what hashing raises.
#[inline(always)]
pub fn hash_or_ask(t: &Thread, v: &Value) -> PyResult<i64> {
    match hash(v) {
        Some(hash) => Ok(hash),
        None => protocol::hash(t, v),
    }
}
