//! Equality of dicts.

use crate::bytecode::opcode::CompareOp;
use crate::object::dict::{Dict, Entry};
use crate::object::list::no_memory;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{alloc, core_types, keys, quick};
use crate::sync::dict_table::{Get, Hint};

/// `==` and `!=`.
pub fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    match op {
        CompareOp::Eq => Ok(Value::bool(equal(t, x, y)?)),
        CompareOp::Ne => Ok(Value::bool(!equal(t, x, y)?)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Whether both have equal keys with equal values, at one moment: both are locked, and copied if Python code has to compare.
pub fn equal(t: &Thread, x: &Dict, y: &Dict) -> PyResult<bool> {
    if std::ptr::eq(x, y) && x.is_empty() {
        return Ok(true);
    }
    let guard = t.lock_two(["stress: dict ==", "stress: dict ==, the other"], x.header(), y.header());
    if x.table().len_locked() != y.table().len_locked() {
        return Ok(false);
    }
    if let Some(answer) = equal_locked(t, x, y) {
        return Ok(answer);
    }
    let entries = x.entries_locked();
    let copied = y.table().copy(0);
    drop(guard);
    let Ok(table) = copied else { return Err(no_memory(t)) };
    let other = alloc::new(&core_types::DICT, Dict::from_table(table));
    other.downcast::<Dict>().map_or(Ok(false), |other| all_equal(t, &entries, other))
}

/// Under both locks; None if Python code has to compare. What is dropped here does not end: the tables have it.
fn equal_locked(t: &Thread, x: &Dict, y: &Dict) -> Option<bool> {
    for (hash, key, value) in x.table().entries() {
        let (key, value) = (key.word(), value.word());
        // SAFETY: the table keeps both under its lock.
        let (key, value) = unsafe { (Value::from_ref(&key), Value::from_ref(&value)) };
        match y.table().get(t, hash, key.bits(), Hint::START, keys::compare(key)) {
            Get::Found(other) if !keys::deep_eq(&other, value)? => return Some(false),
            Get::Found(_) => {}
            Get::Missing => return Some(false),
            Get::Ask(_) => return None,
        }
    }
    Some(true)
}

fn all_equal(t: &Thread, entries: &[Entry], other: &Dict) -> PyResult<bool> {
    for (hash, key, value) in entries {
        match other.get_hashed(t, key, *hash)? {
            Some(found) if quick::eq_or_ask(t, &found, value)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}
