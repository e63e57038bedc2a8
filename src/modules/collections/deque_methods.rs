//! The methods of `deque`.

use super::deque::Deque;
use crate::modules::support::size_argument;
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{protocol, str};
use crate::this;
use crate::types::builtin_items;

/// `append`.
pub fn append(t: &Thread, v: &Value, item: &Value) -> PyResult {
    push_right(t, v, this!(v, Deque), item.clone()).map(|()| Value::NONE)
}

/// `appendleft`.
pub fn append_left(t: &Thread, v: &Value, item: &Value) -> PyResult {
    push_left(t, v, this!(v, Deque), item.clone()).map(|()| Value::NONE)
}

fn push_right(t: &Thread, v: &Value, this: &Deque, item: Value) -> PyResult<()> {
    let (item, limit) = (Stored::new(item), this.limit());
    let gone = this.grow(t, v, 1, |ring| {
        ring.push_back(item);
        if ring.len() > limit { ring.pop_front() } else { None }
    })?;
    drop(gone);
    Ok(())
}

fn push_left(t: &Thread, v: &Value, this: &Deque, item: Value) -> PyResult<()> {
    let (item, limit) = (Stored::new(item), this.limit());
    let gone = this.grow(t, v, 1, |ring| {
        ring.push_front(item);
        if ring.len() > limit { ring.pop_back() } else { None }
    })?;
    drop(gone);
    Ok(())
}

/// `clear`.
pub fn clear(t: &Thread, v: &Value) -> PyResult {
    let gone = this!(v, Deque).change(t, v, std::mem::take);
    drop(gone);
    Ok(Value::NONE)
}

/// The items of an iterable whose items can be taken at one moment.
fn items_at_once(t: &Thread, iterable: &Value) -> Option<Vec<Value>> {
    match iterable.downcast_exact::<Deque>() {
        Some(other) => Some(other.items(t, iterable)),
        None => builtin_items(t, iterable),
    }
}

/// `extend`. Atomic where the iterable is a builtin container.
pub fn extend(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    let this = this!(v, Deque);
    if let Some(items) = items_at_once(t, iterable) {
        this.append_all(t, v, items)?;
        return Ok(Value::NONE);
    }
    if iterable.is(v) {
        // An instance of a subclass: what it iterates over is about to grow.
        let items = protocol::collect(t, iterable)?;
        this.append_all(t, v, items)?;
        return Ok(Value::NONE);
    }
    protocol::for_each(t, iterable, |item| push_right(t, v, this, item))?;
    Ok(Value::NONE)
}

/// `extendleft`. Atomic where the iterable is a builtin container.
pub fn extend_left(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    let this = this!(v, Deque);
    let items = if iterable.is(v) { Some(protocol::collect(t, iterable)?) } else { items_at_once(t, iterable) };
    let Some(items) = items else {
        protocol::for_each(t, iterable, |item| push_left(t, v, this, item))?;
        return Ok(Value::NONE);
    };
    let limit = this.limit();
    let mut stored: Vec<Stored> = items.into_iter().map(Stored::new).collect();
    let gone = this.grow(t, v, stored.len().min(limit.saturating_add(1)), |ring| {
        let mut gone = Vec::new();
        for item in stored.drain(..) {
            ring.push_front(item);
            if ring.len() > limit {
                gone.extend(ring.pop_back());
            }
        }
        gone
    })?;
    drop(gone);
    Ok(Value::NONE)
}

/// `pop`.
pub fn pop(t: &Thread, v: &Value) -> PyResult {
    take(t, this!(v, Deque).change(t, v, |ring| ring.pop_back()))
}

/// `popleft`.
pub fn pop_left(t: &Thread, v: &Value) -> PyResult {
    take(t, this!(v, Deque).change(t, v, |ring| ring.pop_front()))
}

fn take(t: &Thread, item: Option<Stored>) -> PyResult {
    item.map(Stored::into_value).ok_or_else(|| raise::index_error(t, "pop from an empty deque"))
}

/// `reverse`.
pub fn reverse(t: &Thread, v: &Value) -> PyResult {
    this!(v, Deque).change(t, v, |ring| ring.make_contiguous().reverse());
    Ok(Value::NONE)
}

/// `rotate`.
pub fn rotate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let n = b.opt(1).map_or(Ok(1), |n| size_argument(t, n))?;
    this!(v, Deque).change(t, v, |ring| {
        if !ring.is_empty() {
            // The remainder is below the length, so it fits.
            let steps = n.rem_euclid(ring.len() as i64) as usize;
            ring.rotate_right(steps);
        }
    });
    Ok(Value::NONE)
}

#[cold]
fn mutated(t: &Thread) -> Raised {
    raise::runtime_error(t, "deque mutated during iteration")
}

/// Asks `f` about each item from `start` to `stop` and its index until it answers true; the index. RuntimeError if the
/// deque is changed meanwhile.
fn find(
    t: &Thread,
    v: &Value,
    this: &Deque,
    (start, stop): (usize, usize),
    mut f: impl FnMut(&Value) -> PyResult<bool>,
) -> PyResult<Option<usize>> {
    let version = this.version();
    for i in start..stop {
        let (item, now) = this.item(t, v, i);
        if now != version {
            return Err(mutated(t));
        }
        let Some(item) = item else { break };
        if f(&item)? {
            return Ok(Some(i));
        }
        if this.version() != version {
            return Err(mutated(t));
        }
    }
    Ok(None)
}

/// `in`.
pub fn contains(t: &Thread, v: &Value, value: &Value) -> PyResult<bool> {
    Ok(find(t, v, this!(v, Deque), (0, usize::MAX), |item| protocol::eq(t, item, value))?.is_some())
}

/// `count`.
pub fn count(t: &Thread, v: &Value, value: &Value) -> PyResult {
    let mut count = 0;
    find(t, v, this!(v, Deque), (0, usize::MAX), |item| {
        count += i64::from(protocol::eq(t, item, value)?);
        Ok(false)
    })?;
    Ok(Value::int(count))
}

/// `index`.
pub fn index(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "deque.index")?;
    let v = &args.pos()[0];
    let rest = args.skip(1).exactly_positional(t, "index", 1, 3)?;
    let this = this!(v, Deque);
    let len = this.len() as i64;
    let bound = |i: usize, default: i64| match rest.get(i) {
        None => Ok(default),
        Some(bound) => {
            let bound = protocol::index_clipped(t, bound)?;
            Ok(if bound < 0 { (bound + len).max(0) } else { bound })
        }
    };
    let range = (bound(1, 0)? as usize, bound(2, len)?.min(len) as usize);
    match find(t, v, this, range, |item| protocol::eq(t, item, &rest[0]))? {
        Some(i) => Ok(Value::uint(i as u64)),
        None => Err(missing(t, &rest[0])),
    }
}

/// ValueError: the value is not there.
fn missing(t: &Thread, value: &Value) -> Raised {
    match protocol::repr(t, value) {
        Ok(shown) => raise::value_error(t, format!("{} is not in deque", str::lossy(&shown))),
        Err(raised) => raised,
    }
}

/// `remove`.
pub fn remove(t: &Thread, v: &Value, value: &Value) -> PyResult {
    let this = this!(v, Deque);
    let version = this.version();
    let mut i = 0;
    loop {
        let (item, now) = this.item(t, v, i);
        if now != version {
            return Err(raise::index_error(t, "deque mutated during remove()."));
        }
        let Some(item) = item else {
            return Err(missing(t, value));
        };
        if protocol::eq(t, &item, value)? {
            return match this.grow_if(t, v, Some(version), 0, |ring| ring.remove(i))?.flatten() {
                Some(gone) => {
                    drop(gone);
                    Ok(Value::NONE)
                }
                None => Err(raise::index_error(t, "deque mutated during remove().")),
            };
        }
        i += 1;
    }
}

/// `insert`.
pub fn insert(t: &Thread, v: &Value, index: &Value, value: &Value) -> PyResult {
    let index = size_argument(t, index)?;
    let this = this!(v, Deque);
    let (item, limit) = (Stored::new(value.clone()), this.limit());
    let refused = this.change(t, v, |ring| {
        let len = ring.len();
        if len >= limit {
            return Some(item);
        }
        let place = if index < 0 { index.saturating_add(len as i64).max(0) } else { index.min(len as i64) };
        ring.insert(place as usize, item);
        None
    });
    match refused {
        Some(item) => {
            drop(item);
            Err(raise::index_error(t, "deque already at its maximum size"))
        }
        None => Ok(Value::NONE),
    }
}

/// The number that an index object stands for.
fn place(t: &Thread, key: &Value) -> PyResult<i64> {
    if !key.is_small_int() && key.class().slots.index.get().is_none() {
        let message = format!("sequence index must be integer, not '{}'", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    protocol::index_size(t, key)
}

fn at(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok().filter(|&i| i < len)
}

/// `deque[index]`.
pub fn get(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let index = place(t, key)?;
    let item = this!(v, Deque).look(t, v, |ring| at(index, ring.len()).map(|i| Value::clone(&ring[i])));
    item.ok_or_else(|| raise::index_error(t, "deque index out of range"))
}

/// `deque[index] = value` and `del deque[index]`.
pub fn set(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let index = place(t, key)?;
    let this = this!(v, Deque);
    let old = match value {
        Some(value) => {
            let mut item = Some(Stored::new(value.clone()));
            let done = this.look(t, v, |ring| {
                let i = at(index, ring.len())?;
                Some(std::mem::replace(&mut ring[i], item.take()?))
            });
            drop(item);
            if done.is_none() {
                return Err(raise::index_error(t, "deque index out of range"));
            }
            done
        }
        None => {
            let done = this.change(t, v, |ring| at(index, ring.len()).and_then(|i| ring.remove(i)));
            if done.is_none() {
                return Err(raise::index_error(t, "deque index out of range"));
            }
            done
        }
    };
    drop(old);
    Ok(())
}
