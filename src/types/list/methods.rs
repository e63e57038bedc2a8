//! The methods and operators of list.

use super::{extend as extend_any, payload};
use crate::object::args::Args;
use crate::object::list::{List, no_memory};
use crate::object::raise::{self, PyResult};
use crate::object::table::ByCount;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, core_types, protocol, quick};
use crate::sync::reclaim::OutOfMemory;
use crate::types::sequence;

pub fn append(t: &Thread, v: &Value, item: &Value) -> PyResult {
    if let Some(this) = payload(v) {
        this.append(t, item.clone())?;
    }
    Ok(Value::NONE)
}

pub fn clear(t: &Thread, v: &Value) -> PyResult {
    if let Some(this) = payload(v) {
        this.clear_all(t);
    }
    Ok(Value::NONE)
}

pub fn copy(t: &Thread, v: &Value) -> PyResult {
    payload(v).map_or(Ok(Value::NONE), |this| this.copy(t))
}

pub fn count(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let count = payload(v).map_or(Ok(0), |this| sequence::count(t, this, item))?;
    Ok(Value::uint(count as u64))
}

pub fn extend(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    extend_any::extend(t, v, iterable)?;
    Ok(Value::NONE)
}

pub fn index(t: &Thread, args: Args<'_>) -> PyResult {
    let Some((v, _)) = args.pos().split_first() else { return Ok(Value::NONE) };
    let rest = args.skip(1).exactly_positional(t, "index", 1, 3)?;
    payload(v).map_or(Ok(Value::NONE), |this| sequence::index(t, this, rest, "list"))
}

pub fn insert(t: &Thread, v: &Value, index: &Value, item: &Value) -> PyResult {
    let index = size_argument(t, index)?;
    if let Some(this) = payload(v) {
        this.insert(t, index, item.clone())?;
    }
    Ok(Value::NONE)
}

/// An argument that is a size or place.
fn size_argument(t: &Thread, v: &Value) -> PyResult<i64> {
    if let Some(i) = v.as_small_int() {
        return Ok(i);
    }
    match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(i)) => Ok(i),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t")),
    }
}

/// `list.pop`.
pub const POP: ByCount = ByCount {
    one: Some(|t, v| match payload(v) {
        Some(this) => this.pop(t).ok_or_else(|| raise::index_error(t, "pop from empty list")),
        None => Ok(Value::NONE),
    }),
    two: Some(|t, v, index| match payload(v) {
        Some(this) => this.pop_index(t, size_argument(t, index)?).map_err(|empty| {
            raise::index_error(t, if empty { "pop from empty list" } else { "pop index out of range" })
        }),
        None => Ok(Value::NONE),
    }),
    ..ByCount::NONE
};

/// Atomic: what is removed was the first equal item at one moment.
pub fn remove(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let Some(this) = payload(v) else { return Ok(Value::NONE) };
    match remove_quickly(t, this, item) {
        Ok(Some(removed)) => {
            drop(removed);
            return Ok(Value::NONE);
        }
        Ok(None) => return Err(raise::value_error(t, "list.remove(x): x not in list")),
        Err(()) => {}
    }
    loop {
        let items = this.items(t);
        let mut place = None;
        for (i, candidate) in items.iter().enumerate() {
            if quick::eq_or_ask(t, candidate, item)? {
                place = Some(i);
                break;
            }
        }
        let Some(place) = place else { return Err(raise::value_error(t, "list.remove(x): x not in list")) };
        // Only if everything up to there is as it was when it was compared.
        let guard = this.lock_for("stress: list.remove", t);
        let slots = this.array().slots();
        let same = slots.len() > place && slots.iter().zip(&items[..=place]).all(|(s, i)| s.word() == i.bits());
        let removed = if same { this.array().remove(t, place) } else { None };
        drop(guard);
        if removed.is_some() {
            return Ok(Value::NONE);
        }
    }
}

/// `remove` under the lock, as long as comparing runs no Python code; `Err` when it would.
fn remove_quickly(t: &Thread, this: &List, item: &Value) -> Result<Option<Value>, ()> {
    let _guard = this.lock_for("stress: list.remove", t);
    let mut place = None;
    for (i, slot) in this.array().slots().iter().enumerate() {
        let word = slot.word();
        // SAFETY: the slot keeps its value while we hold the lock.
        let candidate = unsafe { Value::from_ref(&word) };
        match quick::eq(candidate, item) {
            Some(true) => {
                place = Some(i);
                break;
            }
            Some(false) => {}
            None => return Err(()),
        }
    }
    Ok(place.and_then(|place| this.array().remove(t, place)))
}

pub fn reverse(t: &Thread, v: &Value) -> PyResult {
    if let Some(this) = payload(v) {
        let _guard = this.lock_for("stress: list.reverse", t);
        this.array().reverse(t);
    }
    Ok(Value::NONE)
}

pub fn size_of(_t: &Thread, v: &Value) -> PyResult {
    let slots = payload(v).map_or(0, |this| this.array().capacity());
    Ok(Value::uint(
        (v.class().instance_size.load(crate::sync::shim::atomic::Ordering::Relaxed) as usize + slots * 8) as u64,
    ))
}

/// `list + list`. Atomic: both are locked.
pub fn add(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (payload(a), payload(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    x.concat(t, y)
}

/// What `list + x` comes to when neither side's `__add__` will do.
pub fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if payload(b).is_some() {
        return add(t, a, b);
    }
    let message = format!("can only concatenate list (not \"{}\") to list", b.class().display_name());
    Err(raise::type_error(t, message))
}

pub fn iadd(t: &Thread, a: &Value, b: &Value) -> PyResult {
    extend_any::extend(t, a, b)?;
    Ok(a.clone())
}

/// `list * n` and `n * list`.
pub fn multiply(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match (payload(a), payload(b)) {
        (Some(_), None) if bigint::view(b).is_some() => repeat(t, a, b),
        (None, Some(_)) if bigint::view(a).is_some() => repeat(t, b, a),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Atomic: the items are those of one moment.
pub fn repeat(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = sequence::repeat_count(t, count)?;
    let Some(this) = payload(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    this.repeated(t, n)
}

/// `list *= n`. Atomic.
pub fn imultiply(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = sequence::repeat_count(t, count)?;
    let Some(this) = payload(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    debug_assert!(v.class().has_layout(&core_types::LIST));
    if n == 0 {
        this.clear_all(t);
        return Ok(v.clone());
    }
    let guard = this.lock_for("stress: list *= n", t);
    let array = this.array();
    let len = array.len();
    let done = match len.checked_mul(n - 1).filter(|&more| more <= isize::MAX as usize / 8) {
        // The items are read from the array that `extend_with` may have grown.
        Some(more) => array.extend_with(t, more, |i| {
            let word = array_word(array, i % len);
            // SAFETY: the slot keeps its value while we hold the lock.
            unsafe { Value::from_ref(&word) }.clone()
        }),
        None => Err(OutOfMemory),
    };
    drop(guard);
    match done {
        Ok(()) => Ok(v.clone()),
        Err(OutOfMemory) => Err(no_memory(t)),
    }
}

fn array_word(array: &crate::sync::list_array::ListArray<Value>, index: usize) -> u64 {
    array.slots()[index].word()
}
