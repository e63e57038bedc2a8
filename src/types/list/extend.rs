//! Appending the items of any iterable.

use super::payload;
use crate::object::list::{List, no_memory};
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::types::iteration::{self, Builtin};
use crate::types::range::Range;

/// `list.extend(iterable)`. Atomic where the iterable is a builtin container (both are locked); else item by item.
///
/// Raises TypeError for what is not iterable, MemoryError, and what the iterator raises.
pub fn extend(t: &Thread, v: &Value, iterable: &Value) -> PyResult<()> {
    let Some(this) = payload(v) else { return Ok(()) };
    if let Some(other) = iterable.downcast_exact::<List>() {
        return this.extend_list(t, other);
    }
    if let Some(other) = iterable.downcast_exact::<Tuple>() {
        return this.extend_slice(t, other.items());
    }
    if iterable.is(v) {
        return this.extend_list(t, this);
    }
    if let Some(range) = iterable.downcast_exact::<Range>().and_then(|range| range.small) {
        let len = usize::try_from(range.len).unwrap_or(usize::MAX);
        return extend_with(t, this, len, |i| Value::int(range.item(i as u64)));
    }
    if let Some(source) = Builtin::of(iterable) {
        let guard = t.lock_two(
            ["stress: list.extend by a container", "stress: list.extend by a container, the other"],
            this.header(),
            source.header(),
        );
        let mut items = source.items_locked().into_iter();
        // By reference: what there is no room for is dropped after the lock is given back.
        let done = this.array().extend(t, items.by_ref());
        drop(guard);
        return done.map_err(|_| no_memory(t));
    }
    extend_iterator(t, this, iterable)
}

fn extend_with(t: &Thread, this: &List, count: usize, item: impl FnMut(usize) -> Value) -> PyResult<()> {
    let guard = this.lock_for("stress: list.extend by a range", t);
    let done = this.array().extend_with(t, count, item);
    drop(guard);
    done.map_err(|_| no_memory(t))
}

fn extend_iterator(t: &Thread, this: &List, iterable: &Value) -> PyResult<()> {
    let iterator = protocol::iter(t, iterable)?;
    let hint = protocol::length_hint(t, iterable, 8)?;
    // A hint that cannot be true is ignored; one that is merely too much is believed.
    if hint > isize::MAX as usize / 8 && hint.saturating_add(this.len()) <= isize::MAX as usize {
        return Err(no_memory(t));
    }
    protocol::give_rest(t, &iterator, &mut Append { list: this, rounds: 0 })
}

/// Appends items to a list.
struct Append<'a> {
    list: &'a List,
    rounds: usize,
}

impl protocol::Take for Append<'_> {
    fn quick(&mut self, t: &Thread, item: Value) -> PyResult<Option<Value>> {
        self.list.append(t, item).map(|()| None)
    }

    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        self.list.append(t, item)?;
        self.rounds += 1;
        iteration::poll(t, self.rounds)?;
        Ok(true)
    }
}
