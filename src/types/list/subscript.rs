//! Items and slices of a list: reading, assigning, deleting.

use super::payload;
use crate::object::list::{List, no_memory};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};
use crate::sync::list_array::Items;
use crate::sync::reclaim::OutOfMemory;
use crate::types::iteration::Builtin;
use crate::types::slice::{self, Bounds, Indices, Slice};

/// What stands between the brackets.
enum Subscript {
    Index(i64),
    Slice(Bounds),
}

fn subscript(t: &Thread, key: &Value) -> PyResult<Subscript> {
    if let Some(i) = key.as_small_int() {
        return Ok(Subscript::Index(i));
    }
    if let Some(slice) = key.downcast::<Slice>() {
        return slice::bounds(t, slice).map(Subscript::Slice);
    }
    index(t, key).map(Subscript::Index)
}

/// `list[key]`.
pub fn get(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let Some(this) = payload(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(slice) = key.downcast::<Slice>() {
        // At once: by `subscript`, its bounds would go through memory twice.
        return get_slice(t, this, slice::bounds(t, slice)?);
    }
    let i = match key.as_small_int() {
        Some(i) => i,
        None => index(t, key)?,
    };
    this.get_index(i).ok_or_else(|| raise::index_error(t, "list index out of range"))
}

/// An index that is no immediate int.
fn index(t: &Thread, key: &Value) -> PyResult<i64> {
    if bigint::view(key).is_some() || key.class().slots.index.get().is_some() {
        return protocol::index_size(t, key);
    }
    let message = format!("list indices must be integers or slices, not {}", key.class().display_name());
    Err(raise::type_error(t, message))
}

/// `list[slice]`. Atomic: the items are those of one moment.
#[inline]
pub fn get_slice(t: &Thread, this: &List, bounds: Bounds) -> PyResult {
    this.slice(t, |length| {
        let range = bounds.over(length);
        (range.start as usize, range.step as isize, range.len)
    })
}

/// `list[key] = value` and `del list[key]`.
pub fn set(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(this) = payload(v) else { return Ok(()) };
    match (subscript(t, key)?, value) {
        (Subscript::Index(i), Some(value)) => match this.set_index(t, i, value.clone()) {
            Ok(old) => {
                drop(old);
                Ok(())
            }
            Err(_) => Err(raise::index_error(t, "list assignment index out of range")),
        },
        (Subscript::Index(i), None) => match this.remove_index(t, i) {
            Some(old) => {
                drop(old);
                Ok(())
            }
            None => Err(raise::index_error(t, "list assignment index out of range")),
        },
        (Subscript::Slice(bounds), None) => delete_slice(t, this, bounds),
        (Subscript::Slice(bounds), Some(value)) => set_slice(t, this, bounds, value),
    }
}

fn delete_slice(t: &Thread, this: &List, bounds: Bounds) -> PyResult<()> {
    let mut removed = Items::new();
    let guard = this.lock_for("stress: del list[slice]", t);
    let range = bounds.over(this.array().len());
    let done = if range.step == 1 {
        let start = range.start as usize;
        this.array().splice(t, start..start + range.len, &mut removed)
    } else {
        let (low, step) = ascending(range);
        this.array().remove_where(t, range.len, |i| i >= low && (i - low) % step == 0, &mut removed)
    };
    drop(guard);
    drop(removed);
    done.map_err(|OutOfMemory| no_memory(t))
}

/// The lowest position of a slice and the distance between positions.
fn ascending(range: Indices) -> (usize, usize) {
    if range.step > 0 {
        return (range.start as usize, range.step as usize);
    }
    let low = range.start + range.step * (range.len.max(1) as i64 - 1);
    (low.max(0) as usize, range.step.unsigned_abs() as usize)
}

/// `list[slice] = value` where the value is a list that nobody else has or will use, as long as the slice: what was there is
/// put into it. False where it is not as long, or the slice has a step. Atomic.
pub fn exchange_slice(t: &Thread, this: &List, bounds: Bounds, value: &List) -> bool {
    let _guard = this.lock_for("stress: list[slice] = x", t);
    let range = bounds.over(this.array().len());
    let fits = range.step == 1 && range.len == value.len();
    if fits {
        this.array().exchange_all(t, range.start as usize, value.array());
    }
    fits
}

/// `list[slice] = value`.
pub fn set_slice(t: &Thread, this: &List, bounds: Bounds, value: &Value) -> PyResult<()> {
    let mut items = Items::new();
    let done = if let Some(source) = Builtin::of(value) {
        // Both are locked, so that no other thread sees one without the other's state.
        let guard = t.lock_two(
            ["stress: list[slice] = x", "stress: list[slice] = x, the other"],
            this.header(),
            source.header(),
        );
        let done = match source.items_into(&mut items) {
            Ok(()) => replace(t, this, bounds, &mut items),
            Err(OutOfMemory) => Err(Refused::OutOfMemory),
        };
        drop(guard);
        done
    } else {
        items = Items::from_vec(collect(t, value)?);
        let guard = this.lock_for("stress: list[slice] = x", t);
        let done = replace(t, this, bounds, &mut items);
        drop(guard);
        done
    };
    let count = items.len();
    // What came out; or, where nothing has changed, what was to come in.
    drop(items);
    done.map_err(|refused| match refused {
        Refused::OutOfMemory => no_memory(t),
        Refused::Misfit(len) => {
            raise::value_error(t, format!("attempt to assign sequence of size {count} to extended slice of size {len}"))
        }
    })
}

/// The items of any iterable, with the message for what is none.
fn collect(t: &Thread, value: &Value) -> PyResult<Vec<Value>> {
    let slots = &value.class().slots;
    if slots.iter.get().is_none() && slots.getitem.get().is_none() {
        return Err(raise::type_error(t, "must assign iterable to extended slice"));
    }
    protocol::collect(t, value)
}

/// Why a slice assignment did not take place, to be told after unlocking.
enum Refused {
    OutOfMemory,
    /// The length of the extended slice that the items do not fit.
    Misfit(usize),
}

/// Puts items in the place of a slice, and what was there in theirs. The lock is held.
fn replace(t: &Thread, this: &List, bounds: Bounds, items: &mut Items<Value>) -> Result<(), Refused> {
    let range = bounds.over(this.array().len());
    if range.step == 1 {
        let start = range.start as usize;
        return this.array().splice(t, start..start + range.len, items).map_err(|OutOfMemory| Refused::OutOfMemory);
    }
    if items.len() != range.len {
        return Err(Refused::Misfit(range.len));
    }
    this.array().exchange_many(t, range.positions(), items);
    Ok(())
}
