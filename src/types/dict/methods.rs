//! The methods and operators of dict.

use super::update::update_from;
use crate::object::args::Args;
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult};
use crate::object::table::ByCount;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{alloc, core_types, keys, list, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::*;
use crate::types::set::algebra::Keys;

/// `dict.get`.
pub const GET: ByCount =
    ByCount { two: Some(|t, v, key| get(t, v, key, &Value::NONE)), three: Some(get), ..ByCount::NONE };

#[inline(always)]
fn get(t: &Thread, v: &Value, key: &Value, default: &Value) -> PyResult {
    let Some(this) = v.downcast::<Dict>() else { return Ok(Value::NONE) };
    Ok(this.get(t, key)?.unwrap_or_else(|| default.clone()))
}

/// `dict.setdefault`.
pub const SET_DEFAULT: ByCount =
    ByCount { two: Some(|t, v, key| set_default(t, v, key, &Value::NONE)), three: Some(set_default), ..ByCount::NONE };

fn set_default(t: &Thread, v: &Value, key: &Value, default: &Value) -> PyResult {
    let Some(this) = v.downcast::<Dict>() else { return Ok(Value::NONE) };
    this.set_default(t, key, keys::hash_of_key(t, key)?, default)
}

/// `dict.pop`.
pub const POP: ByCount = ByCount {
    two: Some(|t, v, key| remove(t, v, key)?.ok_or_else(|| raise::key_error(t, key))),
    three: Some(|t, v, key, default| Ok(remove(t, v, key)?.unwrap_or_else(|| default.clone()))),
    ..ByCount::NONE
};

fn remove(t: &Thread, v: &Value, key: &Value) -> PyResult<Option<Value>> {
    v.downcast::<Dict>().map_or(Ok(None), |this| this.remove(t, key))
}

pub fn pop_item(t: &Thread, v: &Value) -> PyResult {
    match v.downcast::<Dict>().and_then(|this| this.pop_item(t)) {
        Some((key, value)) => Ok(tuple::from_iter(2, [key, value])),
        None => Err(raise::key_error(t, &str::from_str("popitem(): dictionary is empty"))),
    }
}

pub fn clear(_t: &Thread, v: &Value) -> PyResult {
    if let Some(this) = v.downcast::<Dict>() {
        this.clear_all();
    }
    Ok(Value::NONE)
}

pub fn copy(t: &Thread, v: &Value) -> PyResult {
    v.downcast::<Dict>().map_or(Ok(Value::NONE), |this| this.copy(t))
}

pub fn update(t: &Thread, args: Args<'_>) -> PyResult {
    let Some((v, _)) = args.pos().split_first() else { return Ok(Value::NONE) };
    super::update::update_args(t, v, "update", args.skip(1))?;
    Ok(Value::NONE)
}

/// `dict.fromkeys(iterable, value)`: through `__setitem__` where the class makes something other than a dict.
pub fn from_keys(t: &Thread, args: Args<'_>) -> PyResult {
    let Some((class, _)) = args.pos().split_first() else { return Ok(Value::NONE) };
    let rest = args.skip(1).exactly_positional(t, "fromkeys", 1, 2)?;
    let value = &rest.get(1).cloned().unwrap_or(Value::NONE);
    let made = match class.downcast::<Type>() {
        Some(class) if std::ptr::eq(class, &*core_types::DICT) => dict::new(),
        _ => protocol::call(t, class, Args::EMPTY)?,
    };
    if let Some(this) = made.downcast_exact::<Dict>() {
        if let Some(known) = Keys::of_exact(&rest[0]) {
            // The hashes are at hand.
            let guard = t.lock_for("stress: dict.fromkeys", known.header());
            let elements = known.elements_locked();
            drop(guard);
            for (hash, key) in elements {
                drop(this.set_hashed(t, key, hash, value.clone())?);
            }
            return Ok(made);
        }
        protocol::for_each(t, &rest[0], |key| this.set(t, key, value.clone()).map(drop))?;
    } else {
        protocol::for_each(t, &rest[0], |key| protocol::set_item(t, &made, &key, value))?;
    }
    Ok(made)
}

pub fn size_of(_t: &Thread, v: &Value) -> PyResult {
    // An entry of three words, and four bytes of index at a load of two thirds.
    let entries = v.downcast::<Dict>().map_or(0, Dict::len);
    Ok(Value::uint(v.class().instance_size.load(Relaxed) as u64 + entries as u64 * 30))
}

/// `dict | dict`. Atomic: both are locked.
pub fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let guard = t.lock_two(["stress: dict |", "stress: dict |, the other"], x.header(), y.header());
    let copied = x.table().copy(0);
    let entries = y.entries_locked();
    drop(guard);
    let Ok(table) = copied else { return Err(list::no_memory(t)) };
    let result = alloc::new_fixed(&core_types::DICT, Dict::from_table(table));
    if let Some(fresh) = result.downcast::<Dict>() {
        for (hash, key, value) in entries {
            drop(fresh.set_hashed(t, key, hash, value)?);
        }
    }
    Ok(result)
}

/// `dict |= mapping` or pairs.
pub fn ior(t: &Thread, a: &Value, b: &Value) -> PyResult {
    update_from(t, a, b)?;
    Ok(a.clone())
}
