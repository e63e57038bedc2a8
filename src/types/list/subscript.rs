//! Items and slices of a list: reading, assigning, deleting.

use super::payload;
use crate::object::list::{self, List, no_memory};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};
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
    if bigint::view(key).is_some() || key.class().slots.index.get().is_some() {
        return protocol::index_size(t, key).map(Subscript::Index);
    }
    let message = format!("list indices must be integers or slices, not {}", key.class().display_name());
    Err(raise::type_error(t, message))
}

/// `list[key]`.
pub fn get(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let Some(this) = payload(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    match subscript(t, key)? {
        Subscript::Index(i) => this.get_index(i).ok_or_else(|| raise::index_error(t, "list index out of range")),
        Subscript::Slice(bounds) => get_slice(t, this, bounds),
    }
}

/// Atomic: the items are those of one moment.
fn get_slice(t: &Thread, this: &List, bounds: Bounds) -> PyResult {
    let guard = this.lock(t);
    let array = this.array();
    let range = bounds.over(array.len());
    let mut items = Vec::new();
    if items.try_reserve_exact(range.len).is_err() {
        drop(guard);
        return Err(no_memory(t));
    }
    if range.step == 1 {
        let start = range.start as usize;
        items.extend(array.copy_range(start..start + range.len));
    } else {
        let slots = array.slots();
        items.extend(range.positions().map(|i| {
            let word = slots[i].word();
            // SAFETY: the slot keeps its value while we hold the lock.
            unsafe { Value::from_ref(&word) }.clone()
        }));
    }
    drop(guard);
    list::from_exact(t, items.into_iter())
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
    let guard = this.lock(t);
    let range = bounds.over(this.array().len());
    let removed = if range.step == 1 {
        let start = range.start as usize;
        this.array().splice(t, start..start + range.len, Vec::new()).map_err(drop)
    } else {
        let (low, step) = ascending(range);
        this.array().remove_where(t, range.len, |i| i >= low && (i - low) % step == 0).map_err(drop)
    };
    drop(guard);
    removed.map(drop).map_err(|()| no_memory(t))
}

/// The lowest position of a slice and the distance between positions.
fn ascending(range: Indices) -> (usize, usize) {
    if range.step > 0 {
        return (range.start as usize, range.step as usize);
    }
    let low = range.start + range.step * (range.len.max(1) as i64 - 1);
    (low.max(0) as usize, range.step.unsigned_abs() as usize)
}

fn set_slice(t: &Thread, this: &List, bounds: Bounds, value: &Value) -> PyResult<()> {
    if let Some(source) = Builtin::of(value) {
        // Both are locked, so that no other thread sees one without the other's state.
        let guard = t.lock_two(this.header(), source.header());
        let done = replace(t, this, bounds, source.items_locked());
        drop(guard);
        return done.finish(t);
    }
    let items = collect(t, value)?;
    let guard = this.lock(t);
    let done = replace(t, this, bounds, items);
    drop(guard);
    done.finish(t)
}

/// The items of any iterable, with the message for what is none.
fn collect(t: &Thread, value: &Value) -> PyResult<Vec<Value>> {
    let slots = &value.class().slots;
    if slots.iter.get().is_none() && slots.getitem.get().is_none() {
        return Err(raise::type_error(t, "must assign iterable to extended slice"));
    }
    protocol::collect(t, value)
}

/// How a slice assignment ended, to be told after unlocking.
enum Replaced<'t> {
    Done(Result<crate::sync::list_array::Removed<'t, Value, Thread>, Vec<Value>>),
    /// The items, given back, and the length of the extended slice that they do not fit.
    Misfit(Vec<Value>, usize),
}

impl Replaced<'_> {
    fn finish(self, t: &Thread) -> PyResult<()> {
        match self {
            Replaced::Done(Ok(removed)) => {
                drop(removed);
                Ok(())
            }
            Replaced::Done(Err(items)) => {
                drop(items);
                Err(no_memory(t))
            }
            Replaced::Misfit(items, len) => Err(raise::value_error(
                t,
                format!("attempt to assign sequence of size {} to extended slice of size {len}", items.len()),
            )),
        }
    }
}

/// Puts items in the place of a slice. The lock is held.
fn replace<'t>(t: &'t Thread, this: &List, bounds: Bounds, items: Vec<Value>) -> Replaced<'t> {
    let range = bounds.over(this.array().len());
    if range.step == 1 {
        let start = range.start as usize;
        return Replaced::Done(this.array().splice(t, start..start + range.len, items));
    }
    if items.len() != range.len {
        return Replaced::Misfit(items, range.len);
    }
    Replaced::Done(this.array().set_many(t, range.positions(), items))
}
