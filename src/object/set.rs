//! The payload of set and frozenset: insertion-ordered, looked up without a lock, changed under the object's lock.
//!
//! `types/set` adds the Python methods. Hashing and comparing elements may run Python code, which happens outside the lock.

use super::alloc;
use super::core_types;
use super::dict::Dict;
use super::exception::visit_slot;
use super::header::{Header, Object};
use super::keys::{self, counted};
use super::list::no_memory;
use super::quick;
use super::raise::PyResult;
use super::slots::Visit;
use super::thread::Thread;
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::sync::dict_table::{Deleted, Get, Hint, Inserted, SetTable};
use crate::sync::lock::LockGuard;
use crate::sync::reclaim::OutOfMemory;
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// An element with its hash.
pub type Element = (i64, Value);

/// See the module's documentation. A set uses its header's lock: sets are only made by this module, inside objects.
pub struct Set {
    table: SetTable<Value>,
    /// The hash of a frozenset; -1 until it is computed.
    hash: AtomicI64,
}

/// The payload of frozenset: the same, never changed once it is built.
#[repr(transparent)]
pub struct FrozenSet(Set);

// SAFETY: `FROZENSET`'s layout is `FrozenSet`.
unsafe impl Payload for FrozenSet {
    fn layout_type() -> &'static Type {
        &core_types::FROZENSET
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }

    fn clear(&self) {
        // A cycle through a frozenset is broken at its other members.
    }
}

// SAFETY: `SET`'s layout is `Set`.
unsafe impl Payload for Set {
    fn layout_type() -> &'static Type {
        &core_types::SET
    }

    fn trace(&self, visit: Visit) {
        for (_, key, _) in self.table.entries() {
            visit_slot(key, visit);
        }
    }

    fn clear(&self) {
        Thread::with_current(|t| self.clear_all(t));
    }
}

/// The payload of a set, frozenset or instance of a subclass of either.
#[inline(always)]
pub fn of(v: &Value) -> Option<&Set> {
    v.downcast::<Set>().or_else(|| v.downcast::<FrozenSet>().map(|frozen| &frozen.0))
}

/// The payload of an exact set or frozenset.
#[inline(always)]
pub fn of_exact(v: &Value) -> Option<&Set> {
    v.downcast_exact::<Set>().or_else(|| v.downcast_exact::<FrozenSet>().map(|frozen| &frozen.0))
}

impl Set {
    /// The header of the set's object.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: sets are only made by `wrap`, as payloads of objects, a `FrozenSet` being no more than its `Set`.
        unsafe { Object::header_of(self) }
    }

    /// Takes the set's lock.
    #[inline(always)]
    pub fn lock(&self, t: &Thread) -> LockGuard<'_> {
        t.lock(self.header())
    }

    /// Takes the set's lock, for a step that tests leave it out of by its name.
    #[inline(always)]
    pub fn lock_for(&self, step: &str, t: &Thread) -> LockGuard<'_> {
        t.lock_for(step, self.header())
    }

    /// The table, for compound operations of `types/set`: its rules on the lock apply.
    #[inline(always)]
    pub fn table(&self) -> &SetTable<Value> {
        &self.table
    }

    /// Number of elements. Without the lock.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `element in set`. Raises what hashing and comparing raise. Atomic, without the lock.
    #[inline]
    pub fn contains(&self, t: &Thread, element: &Value) -> PyResult<bool> {
        let hash = keys::hash_of_element(t, element)?;
        self.contains_hashed(t, element, hash)
    }

    /// `contains` with a known hash.
    #[inline]
    pub fn contains_hashed(&self, t: &Thread, element: &Value, hash: i64) -> PyResult<bool> {
        let mut hint = Hint::START;
        loop {
            match self.table.get(t, hash as u64, element.bits(), hint, keys::compare(element)) {
                Get::Found(()) => return Ok(true),
                Get::Missing => return Ok(false),
                Get::Ask(ask) => hint = keys::resolve(t, ask, element)?,
            }
        }
    }

    /// `contains` where no Python code has to run for it, with the element's hash; None where it may have to. Atomic.
    #[inline]
    pub fn contains_quick(&self, t: &Thread, element: &Value, hash: i64) -> Option<bool> {
        match self.table.get(t, hash as u64, element.bits(), Hint::START, keys::compare(element)) {
            Get::Found(()) => Some(true),
            Get::Missing => Some(false),
            Get::Ask(_) => None,
        }
    }

    /// `set.add(element)`; answers whether it was new. Atomic.
    #[inline(always)]
    pub fn add(&self, t: &Thread, element: Value) -> PyResult<bool> {
        let hash = keys::hash_of_element(t, &element)?;
        self.add_hashed(t, element, hash)
    }

    /// As `add`, without Python code: answers the element where only that can tell. Atomic.
    pub fn add_quick(&self, t: &Thread, element: Value) -> PyResult<Option<Value>> {
        let Some(hash) = quick::hash(&element) else { return Ok(Some(element)) };
        let compare = keys::compare_locked(&element);
        let guard = self.lock_for("stress: set.add", t);
        let inserted = self.table.insert(t, hash as u64, element, (), Hint::START, compare);
        drop(guard);
        match inserted {
            Inserted::New | Inserted::Replaced(..) => Ok(None),
            Inserted::Ask(_, element, ()) => Ok(Some(element)),
            Inserted::OutOfMemory(..) => Err(no_memory(t)),
        }
    }

    /// `add` with a known hash.
    #[inline(never)]
    pub fn add_hashed(&self, t: &Thread, element: Value, hash: i64) -> PyResult<bool> {
        let (mut element, mut hint) = (element, Hint::START);
        loop {
            let compare = keys::compare_locked(&element);
            let guard = self.lock_for("stress: set.add", t);
            let inserted = self.table.insert(t, hash as u64, element, (), hint, compare);
            drop(guard);
            match inserted {
                Inserted::New => return Ok(true),
                Inserted::Replaced((), _) => return Ok(false),
                Inserted::Ask(ask, e, ()) => {
                    hint = keys::resolve(t, ask, &e)?;
                    element = e;
                }
                Inserted::OutOfMemory(..) => return Err(no_memory(t)),
            }
        }
    }

    /// Removes an element with a known hash; answers whether it was there. Atomic.
    pub fn remove_hashed(&self, t: &Thread, element: &Value, hash: i64) -> PyResult<bool> {
        let mut hint = Hint::START;
        loop {
            let guard = self.lock_for("stress: set.remove", t);
            let deleted = self.table.delete(t, hash as u64, element.bits(), hint, keys::compare_locked(element));
            drop(guard);
            match deleted {
                Deleted::Gone(..) => return Ok(true),
                Deleted::Missing => return Ok(false),
                Deleted::Ask(ask) => hint = keys::resolve(t, ask, element)?,
            }
        }
    }

    /// Removes and answers some element. Atomic.
    pub fn pop(&self, t: &Thread) -> Option<Value> {
        let _guard = self.lock_for("stress: set.pop", t);
        self.table.pop_last(t).map(|(element, ())| element)
    }

    /// All elements at one moment.
    pub fn items(&self, t: &Thread) -> Vec<Value> {
        let _guard = self.lock_for("stress: set.items", t);
        self.items_locked()
    }

    /// All elements at one moment. The lock is held.
    pub fn items_locked(&self) -> Vec<Value> {
        self.table.entries().map(|(_, key, _)| counted(key.word())).collect()
    }

    /// All elements with their hashes at one moment. The lock is held.
    pub fn elements_locked(&self) -> Vec<Element> {
        self.table.entries().map(|(hash, key, _)| (hash as i64, counted(key.word()))).collect()
    }

    /// All elements with their hashes at one moment.
    pub fn elements(&self, t: &Thread) -> Vec<Element> {
        let _guard = self.lock_for("stress: set.items", t);
        self.elements_locked()
    }

    /// Adds all elements of another set. Atomic where comparing elements runs no Python code: both are locked, and readers
    /// see all changes at once. Raises what comparing raises.
    pub fn update_from(&self, t: &Thread, other: &Set) -> PyResult<()> {
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let guard = t.lock_two(["stress: set.update", "stress: set.update, the other"], self.header(), other.header());
        if self.table.len_locked() == 0 {
            let copied = other.table.copy(0);
            let removed = copied.map(|copy| self.table.replace(t, copy));
            drop(guard);
            return removed.map(drop).map_err(|OutOfMemory| no_memory(t));
        }
        let mut out: Vec<Value> = Vec::new();
        let mut rest = self.add_many(
            t,
            &mut other.table.entries().map(|(hash, key, _)| (hash as i64, counted(key.word()))),
            &mut out,
        );
        drop(guard);
        drop(out);
        self.add_rest(t, &mut rest)
    }

    /// A new set with the elements of both. Atomic where comparing elements runs no Python code: both are locked. Raises
    /// what comparing raises, MemoryError.
    pub fn union(&self, t: &Thread, other: &Set, class: &Type) -> PyResult {
        let mut rest: Vec<Element> = Vec::new();
        let guard = t.lock_two(["stress: set |", "stress: set |, the other"], self.header(), other.header());
        let copied = self.table.copy(if std::ptr::eq(self, other) { 0 } else { other.table.len_locked() });
        if let Ok(table) = &copied
            && !std::ptr::eq(self, other)
        {
            for (hash, key, _) in other.table.entries() {
                let word = key.own_word();
                // SAFETY: the slot keeps its value while we hold the lock.
                let element = unsafe { Value::from_ref(&word) };
                match table.contains_locked(hash, word, keys::compare_locked(element)) {
                    Some(true) => {}
                    // SAFETY: nobody else has the new table, which has room for all elements of both.
                    Some(false) if rest.is_empty() => unsafe { table.append(hash, element.clone(), ()) },
                    _ => rest.push((hash as i64, element.clone())),
                }
            }
        }
        drop(guard);
        let Ok(table) = copied else { return Err(no_memory(t)) };
        let v = wrap(class, table);
        if let Some(set) = of(&v) {
            set.add_rest(t, &mut rest)?;
        }
        Ok(v)
    }

    /// Adds all keys of a dict. Atomic as `update_from`.
    pub fn update_from_dict(&self, t: &Thread, other: &Dict) -> PyResult<()> {
        let mut out: Vec<Value> = Vec::new();
        let guard = t.lock_two(["stress: set.update", "stress: set.update, the other"], self.header(), other.header());
        let mut elements = other.table().entries().map(|(hash, key, _)| (hash as i64, counted(key.word())));
        let mut rest = self.add_many(t, &mut elements, &mut out);
        drop(guard);
        drop(out);
        self.add_rest(t, &mut rest)
    }

    /// Adds elements at hand. Atomic where comparing elements runs no Python code.
    pub fn add_all(&self, t: &Thread, elements: Vec<Element>) -> PyResult<()> {
        let mut out: Vec<Value> = Vec::new();
        let guard = self.lock_for("stress: set.add many", t);
        let mut rest = self.add_many(t, &mut elements.into_iter(), &mut out);
        drop(guard);
        drop(out);
        self.add_rest(t, &mut rest)
    }

    /// Adds elements as one change, up to the first that Python code has to compare (or that there is no memory for);
    /// answers the rest. The lock is held. Values to be dropped after unlocking go to `out`.
    fn add_many(&self, t: &Thread, elements: &mut dyn Iterator<Item = Element>, out: &mut Vec<Value>) -> Vec<Element> {
        let edit = self.table.bulk(t);
        let mut rest = Vec::new();
        for (hash, element) in &mut *elements {
            let compare = keys::compare_locked(&element);
            match edit.insert(hash as u64, element, (), Hint::START, compare) {
                Inserted::New => {}
                Inserted::Replaced((), element) => out.push(element),
                Inserted::Ask(ask, element, ()) => {
                    out.push(ask.answer(false).1);
                    rest.push((hash, element));
                    break;
                }
                Inserted::OutOfMemory(element, ()) => {
                    rest.push((hash, element));
                    break;
                }
            }
        }
        rest.extend(elements);
        rest
    }

    fn add_rest(&self, t: &Thread, rest: &mut Vec<Element>) -> PyResult<()> {
        for (hash, element) in rest.drain(..) {
            self.add_hashed(t, element, hash)?;
        }
        Ok(())
    }

    /// Puts the contents of `fresh`, a set that nobody else has, in place of its own. Atomic.
    pub fn replace(&self, t: &Thread, fresh: SetTable<Value>) {
        let guard = self.lock_for("stress: set.replace", t);
        let removed = self.table.replace(t, fresh);
        drop(guard);
        drop(removed);
    }

    /// Empties the set. Atomic.
    pub fn clear_all(&self, t: &Thread) {
        let guard = self.lock_for("stress: set.clear", t);
        let removed = self.table.clear(t);
        drop(guard);
        drop(removed);
    }

    /// A new instance of `class` (set, frozenset or a subclass) with the same elements. Atomic. Raises MemoryError.
    pub fn copy(&self, t: &Thread, class: &Type) -> PyResult {
        let guard = self.lock_for("stress: set.copy", t);
        let copied = self.table.copy(0);
        drop(guard);
        match copied {
            Ok(table) => Ok(wrap(class, table)),
            Err(OutOfMemory) => Err(no_memory(t)),
        }
    }

    /// The cached hash of a frozenset, if it was computed.
    pub fn cached_hash(&self) -> Option<i64> {
        let hash = self.hash.load(Relaxed);
        (hash != -1).then_some(hash)
    }

    pub fn cache_hash(&self, hash: i64) {
        self.hash.store(hash, Relaxed);
    }
}

/// Makes the object of a table.
pub fn wrap(class: &Type, table: SetTable<Value>) -> Value {
    let set = Set { table, hash: AtomicI64::new(-1) };
    if class.has_layout(&core_types::FROZENSET) { alloc::new(class, FrozenSet(set)) } else { alloc::new(class, set) }
}

/// A new empty instance of `class`, set, frozenset or a subclass of these.
pub fn new_with_class(class: &Type) -> Value {
    wrap(class, SetTable::new())
}

/// A new empty set.
#[inline]
pub fn new() -> Value {
    new_with_class(&core_types::SET)
}

/// A new table of these elements. Raises what hashing and comparing raise, MemoryError.
pub fn table_of(t: &Thread, items: Vec<Value>) -> PyResult<SetTable<Value>> {
    let Ok(table) = SetTable::with_capacity(items.len()) else { return Err(no_memory(t)) };
    // Nobody else has the table, so Python code may run at any moment.
    for element in items {
        let hash = keys::hash_of_element(t, &element)?;
        let (mut element, mut hint) = (element, Hint::START);
        loop {
            let compare = keys::compare_locked(&element);
            match table.insert(t, hash as u64, element, (), hint, compare) {
                Inserted::New | Inserted::Replaced(..) => break,
                Inserted::Ask(ask, e, ()) => {
                    hint = keys::resolve(t, ask, &e)?;
                    element = e;
                }
                Inserted::OutOfMemory(..) => return Err(no_memory(t)),
            }
        }
    }
    Ok(table)
}

/// A new instance of `class` with the elements of an iterator. Raises what hashing and comparing raise.
pub fn from_iter(t: &Thread, class: &Type, elements: impl IntoIterator<Item = Value>) -> PyResult {
    let v = new_with_class(class);
    if let Some(set) = of(&v) {
        for element in elements {
            set.add(t, element)?;
        }
    }
    Ok(v)
}
