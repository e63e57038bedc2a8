//! The payload of list: an array that is indexed without a lock and changed under the object's lock.
//!
//! `types/list` adds the Python methods. What is here runs no Python code, except that values which leave the list are
//! dropped (after unlocking) or given to the caller.

use super::core_types;
use super::exception::visit_slot;
use super::header::{Header, Object};
use super::raise::{self, PyResult};
use super::slots::Visit;
use super::thread::{self, Thread};
use super::type_object::{Payload, Type};
use super::value::Value;
use super::{alloc, tuple};
use crate::sync::list_array::ListArray;
use crate::sync::lock::LockGuard;
use crate::sync::may_fail::insist;
use crate::sync::reclaim::OutOfMemory;

/// See the module's documentation. Lists exist only as payloads of objects: they use their header's lock.
pub struct List {
    array: ListArray<Value>,
}

// SAFETY: `LIST`'s layout is `List`.
unsafe impl Payload for List {
    fn layout_type() -> &'static Type {
        &core_types::LIST
    }

    fn trace(&self, visit: Visit) {
        self.array.slots().iter().for_each(|slot| visit_slot(slot, visit));
    }

    fn clear(&self) {
        Thread::with_current(|t| self.clear_all(t));
    }
}

/// MemoryError, for an array that could not be had.
#[cold]
pub fn no_memory(t: &Thread) -> raise::Raised {
    raise::memory_error(t, "")
}

impl List {
    /// The header of the list's object.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: lists are only made by `wrap`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// Takes the list's lock.
    #[inline(always)]
    pub fn lock(&self, t: &Thread) -> LockGuard<'_> {
        t.lock(self.header())
    }

    /// Takes the list's lock, for a step that tests leave it out of by its name.
    #[inline(always)]
    pub fn lock_for(&self, step: &str, t: &Thread) -> LockGuard<'_> {
        t.lock_for(step, self.header())
    }

    /// The array, for compound operations of `types/list`: its rules on the lock apply.
    #[inline(always)]
    pub fn array(&self) -> &ListArray<Value> {
        &self.array
    }

    /// Number of items. Without the lock.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.array.len()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.array.is_empty()
    }

    /// The item at `index`. Atomic, without the lock.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.array.get(index)
    }

    /// The item at `index`, which counts from the end where it is negative. Atomic, without the lock.
    #[inline(always)]
    pub fn get_index(&self, index: i64) -> Option<Value> {
        if index >= 0 { self.array.get(index as usize) } else { self.get_from_end(index) }
    }

    fn get_from_end(&self, index: i64) -> Option<Value> {
        loop {
            let len = self.len();
            let item = self.array.get(usize::try_from(len as i64 + index).ok()?);
            // The place counted from an end that has moved since would be another one.
            if self.len() == len {
                return item;
            }
        }
    }

    /// As `get_index`, for an index from the start: quick, but None may also mean that `get_index` is to be asked.
    #[inline(always)]
    pub fn get_quick(&self, index: i64) -> Option<Value> {
        // A negative index is past every end.
        self.array.get_quick(index as usize)
    }

    /// `list[index] = value` while there is one thread only; answers the old item if there is such a place.
    #[inline(always)]
    pub fn set_alone(&self, index: i64, value: impl FnOnce() -> Value) -> Option<Value> {
        debug_assert!(!thread::multi());
        let place = self.place(index)?;
        self.array.set(place, value()).ok()
    }

    /// The place that a possibly negative index means. The lock is held.
    #[inline(always)]
    fn place(&self, index: i64) -> Option<usize> {
        let len = self.array.len();
        let place = if index < 0 { index + len as i64 } else { index };
        (place >= 0 && (place as usize) < len).then_some(place as usize)
    }

    /// `list[index] = value`; answers the old item, or `value` itself if there is no such place. Atomic.
    #[inline]
    pub fn set_index(&self, t: &Thread, index: i64, value: Value) -> Result<Value, Value> {
        let _guard = self.lock_for("stress: list.setitem", t);
        match self.place(index) {
            Some(place) => self.array.set(place, value),
            None => Err(value),
        }
    }

    /// `list.append(value)`. Atomic. Raises MemoryError.
    #[inline]
    pub fn append(&self, t: &Thread, value: Value) -> PyResult<()> {
        let guard = self.lock_for("stress: list.append", t);
        let done = self.array.push(t, value);
        drop(guard);
        done.map_err(|value| {
            drop(value);
            no_memory(t)
        })
    }

    /// `list.pop()`: the last item. Atomic.
    #[inline]
    pub fn pop(&self, t: &Thread) -> Option<Value> {
        let _guard = self.lock_for("stress: list.pop", t);
        self.array.pop(t)
    }

    /// `list.pop(index)`: the item, or whether the list was empty. Atomic.
    pub fn pop_index(&self, t: &Thread, index: i64) -> Result<Value, bool> {
        let _guard = self.lock_for("stress: list.pop(i)", t);
        match self.place(index) {
            Some(place) => self.array.remove(t, place).ok_or(false),
            None => Err(self.array.is_empty()),
        }
    }

    /// `del list[index]`: the item, for the caller to drop. Atomic.
    pub fn remove_index(&self, t: &Thread, index: i64) -> Option<Value> {
        self.pop_index(t, index).ok()
    }

    /// `list.insert(index, value)`. Atomic. Raises MemoryError.
    pub fn insert(&self, t: &Thread, index: i64, value: Value) -> PyResult<()> {
        let guard = self.lock_for("stress: list.insert", t);
        let len = self.array.len() as i64;
        let place = if index < 0 { (index.saturating_add(len)).max(0) } else { index.min(len) };
        let done = self.array.insert(t, place as usize, value);
        drop(guard);
        done.map_err(|value| {
            drop(value);
            no_memory(t)
        })
    }

    /// Appends items that are at hand. Atomic. Raises MemoryError.
    pub fn extend(&self, t: &Thread, items: Vec<Value>) -> PyResult<()> {
        if items.is_empty() {
            return Ok(());
        }
        let mut items = items.into_iter();
        let guard = self.lock(t);
        // By reference: what there is no room for is dropped after the lock is given back.
        let done = self.array.extend(t, items.by_ref());
        drop(guard);
        done.map_err(|OutOfMemory| no_memory(t))
    }

    /// Appends a tuple's (or other unchanging slice's) items. Atomic. Raises MemoryError.
    pub fn extend_slice(&self, t: &Thread, items: &[Value]) -> PyResult<()> {
        let guard = self.lock_for("stress: list.extend by a tuple", t);
        let done = self.array.extend(t, items.iter().cloned());
        drop(guard);
        done.map_err(|OutOfMemory| no_memory(t))
    }

    /// Appends the items of another list, or of this one. Atomic: both are locked. Raises MemoryError.
    pub fn extend_list(&self, t: &Thread, other: &List) -> PyResult<()> {
        let guard = t.lock_two(
            ["stress: list.extend by a list", "stress: list.extend by a list, the other"],
            self.header(),
            other.header(),
        );
        let done = self.array.extend_from(t, &other.array);
        drop(guard);
        done.map_err(|OutOfMemory| no_memory(t))
    }

    /// Empties the list. Atomic.
    pub fn clear_all(&self, t: &Thread) {
        let guard = self.lock_for("stress: list.clear", t);
        let removed = self.array.take_all(t);
        drop(guard);
        drop(removed);
    }

    /// All items at one moment. Atomic.
    pub fn items(&self, t: &Thread) -> Vec<Value> {
        let _guard = self.lock_for("stress: list.items", t);
        self.array.copy_range(0..self.array.len()).collect()
    }

    /// A new list of `count` items: those at `first`, `first + step`, ..., where `range` answers the three for the present
    /// length. Atomic. Raises MemoryError.
    #[inline]
    pub fn slice(&self, t: &Thread, range: impl FnOnce(usize) -> (usize, isize, usize)) -> PyResult {
        let guard = self.lock_for("stress: list.slice", t);
        let (first, step, count) = range(self.array.len());
        let copied = self.array.copy_of(first, step, count);
        drop(guard);
        wrap(t, &core_types::LIST, copied)
    }

    /// A new list of the same items. Atomic. Raises MemoryError.
    pub fn copy(&self, t: &Thread) -> PyResult {
        self.slice(t, |len| (0, 1, len))
    }

    /// A new list of this one's items and then the other's. Atomic: both are locked. Raises MemoryError.
    pub fn concat(&self, t: &Thread, other: &List) -> PyResult {
        let guard =
            t.lock_two(["stress: list concat", "stress: list concat, the other"], self.header(), other.header());
        let copied = self.array.concat(&other.array);
        drop(guard);
        wrap(t, &core_types::LIST, copied)
    }

    /// A new list of the items, `times` times over. Atomic. Raises MemoryError.
    pub fn repeated(&self, t: &Thread, times: usize) -> PyResult {
        let guard = self.lock_for("stress: list * n", t);
        let copied = self.array.repeated(times);
        drop(guard);
        wrap(t, &core_types::LIST, copied)
    }

    /// A new tuple of the items. Atomic.
    pub fn to_tuple(&self, t: &Thread) -> Value {
        let _guard = self.lock_for("stress: list.items", t);
        let len = self.array.len();
        tuple::from_iter(len, self.array.copy_range(0..len))
    }

    /// Views the items as they are at this moment, with the lock held: `f` runs no Python code and drops no value.
    #[inline]
    pub fn with_items<R>(&self, t: &Thread, f: impl FnOnce(&[Value]) -> R) -> R {
        let _guard = self.lock_for("stress: list.items", t);
        let slots = self.array.slots();
        // SAFETY: a slot is a word, and below the length that of a value, which stays as long as the lock is held.
        f(unsafe { std::slice::from_raw_parts(slots.as_ptr().cast::<Value>(), slots.len()) })
    }
}

/// Makes the object of an array.
#[inline(always)]
fn wrap(t: &Thread, class: &Type, array: Result<ListArray<Value>, OutOfMemory>) -> PyResult {
    match array {
        Ok(array) => Ok(alloc::new(class, List { array })),
        Err(OutOfMemory) => Err(no_memory(t)),
    }
}

/// A new empty list.
#[inline]
pub fn new() -> Value {
    alloc::new_fixed(&core_types::LIST, List { array: ListArray::new() })
}

/// A new empty instance of `class`, list or a subclass.
#[inline]
pub fn new_with_class(class: &Type) -> Value {
    alloc::new(class, List { array: ListArray::new() })
}

/// A new list of items from an iterator that knows their number. Raises MemoryError.
#[inline]
pub fn from_exact(t: &Thread, items: impl ExactSizeIterator<Item = Value>) -> PyResult {
    wrap(t, &core_types::LIST, ListArray::from_exact(items))
}

/// A new list, for those who cannot raise MemoryError (see `heap::shortage`).
pub fn from_vec(items: Vec<Value>) -> Value {
    from_items(items.into_iter())
}

/// A new list of few items, such as those of a display, for those who cannot raise MemoryError (see `heap::shortage`).
#[inline]
pub fn from_items(items: impl ExactSizeIterator<Item = Value>) -> Value {
    let len = items.len();
    match insist(|| ListArray::from_exact(items)) {
        Ok(array) => alloc::new_fixed(&core_types::LIST, List { array }),
        Err(OutOfMemory) => crate::heap::shortage::end(len * 8),
    }
}

/// A new list of copies. Raises MemoryError.
pub fn from_slice(t: &Thread, items: &[Value]) -> PyResult {
    from_exact(t, items.iter().cloned())
}

/// The items at one moment of a list, tuple or instance of a subclass of these; None for anything else.
pub fn sequence_items(t: &Thread, v: &Value) -> Option<Vec<Value>> {
    if let Some(list) = v.downcast::<List>() {
        return Some(list.items(t));
    }
    v.downcast::<tuple::Tuple>().map(|tuple| tuple.items().to_vec())
}
