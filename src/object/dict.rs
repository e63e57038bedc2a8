//! The payload of dict: insertion-ordered, read without a lock, changed under the object's lock.
//!
//! `types/dict` adds the Python methods; here is what the object layer and the evaluation loop need. Hashing and comparing
//! keys may run Python code, which happens outside the lock; str, immediates and tuples of them are compared without.

use super::alloc;
use super::core_types;
use super::exception::visit_slot;
use super::header::{Header, Object};
use super::keys::{self, counted};
use super::list::no_memory;
use super::raise::{self, PyResult};
use super::slots::Visit;
use super::str::Str;
use super::thread::Thread;
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::heap::shortage;
use crate::sync::dict_table::{Deleted, DictTable, Get, Hint, Inserted, KeySet, Place};
use crate::sync::lock::LockGuard;
use crate::sync::may_fail::insist;
use crate::sync::reclaim::OutOfMemory;

/// A key with its hash and value.
pub type Entry = (i64, Value, Value);

/// See the module's documentation. A dict uses its header's lock: its methods may only be called once it is (the beginning
/// of) an object's payload.
#[derive(Default)]
#[repr(C)]
pub struct Dict {
    table: DictTable<Value, Value>,
}

// SAFETY: `DICT`'s layout is `Dict`.
unsafe impl Payload for Dict {
    fn layout_type() -> &'static Type {
        &core_types::DICT
    }

    fn trace(&self, visit: Visit) {
        for (_, key, value) in self.table.entries() {
            visit_slot(key, visit);
            visit_slot(value, visit);
        }
    }

    fn clear(&self) {
        Thread::with_current(|_| self.clear_all());
    }
}

impl Dict {
    /// An empty dict, to be made (the beginning of) an object's payload.
    pub const fn new() -> Dict {
        Dict { table: DictTable::new() }
    }

    /// A dict of these entries, as `new`.
    pub const fn from_table(table: DictTable<Value, Value>) -> Dict {
        Dict { table }
    }

    /// The header of the dict's object.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: by the rule on the type, the dict lies at the beginning of an object's payload.
        unsafe { Object::header_of(self) }
    }

    /// Takes the dict's lock.
    #[inline(always)]
    pub fn lock(&self, t: &Thread) -> LockGuard<'_> {
        t.lock(self.header())
    }

    /// Takes the dict's lock, for a step that tests leave it out of by its name.
    #[inline(always)]
    pub fn lock_for(&self, step: &str, t: &Thread) -> LockGuard<'_> {
        t.lock_for(step, self.header())
    }

    /// The table, for compound operations of `types/dict`: its rules on the lock apply.
    #[inline(always)]
    pub fn table(&self) -> &DictTable<Value, Value> {
        &self.table
    }

    /// `d[key]`, or None where it is absent. Raises what hashing and comparing raise. Atomic, without the lock.
    #[inline]
    pub fn get(&self, t: &Thread, key: &Value) -> PyResult<Option<Value>> {
        let hash = keys::hash_of_key(t, key)?;
        self.get_hashed(t, key, hash)
    }

    /// `get` with a known hash.
    #[inline]
    pub fn get_hashed(&self, t: &Thread, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        let mut hint = Hint::START;
        loop {
            match self.table.get(t, hash as u64, key.bits(), hint, keys::compare(key)) {
                Get::Found(value) => return Ok(Some(value)),
                Get::Missing => return Ok(None),
                Get::Ask(ask) => hint = keys::resolve(t, ask, key)?,
            }
        }
    }

    /// `get` for an exact str in a dict whose keys are expected to be str: runs no Python code. A key of another type
    /// never equals it here.
    #[inline]
    pub fn get_str(&self, key: &Value) -> Option<Value> {
        let s = key.downcast::<Str>()?;
        let t = Thread::current();
        match self.table.get(t, s.hash() as u64, key.bits(), Hint::START, keys::compare_str(s)) {
            Get::Found(value) => Some(value),
            Get::Missing | Get::Ask(_) => None,
        }
    }

    /// `key in d` where no Python code has to run for it, with the key's hash; None where it may have to. Atomic.
    #[inline]
    pub fn contains_quick(&self, t: &Thread, key: &Value, hash: i64) -> Option<bool> {
        match self.table.get(t, hash as u64, key.bits(), Hint::START, keys::compare(key)) {
            Get::Found(_) => Some(true),
            Get::Missing => Some(false),
            Get::Ask(_) => None,
        }
    }

    /// `key in d` with a known hash.
    pub fn contains_hashed(&self, t: &Thread, key: &Value, hash: i64) -> PyResult<bool> {
        Ok(self.get_hashed(t, key, hash)?.is_some())
    }

    /// `d[key] = value`; answers the old value. Atomic.
    #[inline(always)]
    pub fn set(&self, t: &Thread, key: Value, value: Value) -> PyResult<Option<Value>> {
        let hash = keys::hash_of_key(t, &key)?;
        self.set_hashed(t, key, hash, value)
    }

    /// `set` with a known hash.
    #[inline(never)]
    pub fn set_hashed(&self, t: &Thread, key: Value, hash: i64, value: Value) -> PyResult<Option<Value>> {
        let (mut key, mut value, mut hint) = (key, value, Hint::START);
        loop {
            let compare = keys::compare_locked(&key);
            let guard = self.lock_for("stress: dict.setitem", t);
            let inserted = self.table.insert(t, hash as u64, key, value, hint, compare);
            drop(guard);
            match inserted {
                Inserted::New => return Ok(None),
                Inserted::Replaced(old, _) => return Ok(Some(old)),
                Inserted::Ask(ask, k, v) => {
                    hint = keys::resolve(t, ask, &k)?;
                    (key, value) = (k, v);
                }
                Inserted::OutOfMemory(..) => return Err(no_memory(t)),
            }
        }
    }

    /// `set` for an exact str in a dict whose keys are expected to be str: runs no Python code.
    #[inline]
    pub fn set_str(&self, key: &Value, value: Value) -> Option<Value> {
        let s = key.downcast::<Str>()?;
        let t = Thread::current();
        let guard = self.lock_for("stress: dict.setitem of a str", t);
        let insert = || self.table.insert(t, s.hash() as u64, key.clone(), value, Hint::START, keys::compare_str(s));
        let inserted = insist(insert);
        drop(guard);
        match inserted {
            Inserted::Replaced(old, _) => Some(old),
            Inserted::New => None,
            Inserted::Ask(..) => unreachable!("comparing str asks nothing"),
            Inserted::OutOfMemory(..) => shortage::end(size_of::<Entry>()),
        }
    }

    /// `set_str` of a key that is not there yet, in a dict that only the caller knows: without the lock.
    pub fn init_str(&self, t: &Thread, key: &Value, value: Value) {
        let Some(s) = key.downcast::<Str>() else { return };
        let insert = || self.table.insert(t, s.hash() as u64, key.clone(), value, Hint::START, keys::compare_str(s));
        match insist(insert) {
            Inserted::New => {}
            Inserted::OutOfMemory(..) => shortage::end(size_of::<Entry>()),
            Inserted::Replaced(..) | Inserted::Ask(..) => unreachable!("a new key"),
        }
    }

    /// `d.setdefault(key, default)` with a known hash: the present value, or `default`, which was added. Atomic.
    pub fn set_default(&self, t: &Thread, key: &Value, hash: i64, default: &Value) -> PyResult<Value> {
        let mut hint = Hint::START;
        loop {
            let guard = self.lock_for("stress: dict.setdefault", t);
            let ask = match self.table.get(t, hash as u64, key.bits(), hint, keys::compare_locked(key)) {
                Get::Found(value) => return Ok(value),
                Get::Missing => {
                    let (key, value) = (key.clone(), default.clone());
                    let compare = keys::compare_locked(&key);
                    let inserted = self.table.insert(t, hash as u64, key, value, hint, compare);
                    drop(guard);
                    match inserted {
                        Inserted::OutOfMemory(..) => return Err(no_memory(t)),
                        // The key is still missing: the lock was held since it was looked for.
                        _ => return Ok(default.clone()),
                    }
                }
                Get::Ask(ask) => ask,
            };
            drop(guard);
            hint = keys::resolve(t, ask, key)?;
        }
    }

    /// Removes a key; answers its value, or None where it was absent. Atomic.
    pub fn remove(&self, t: &Thread, key: &Value) -> PyResult<Option<Value>> {
        let hash = keys::hash_of_key(t, key)?;
        self.remove_hashed(t, key, hash)
    }

    /// `remove` with a known hash.
    pub fn remove_hashed(&self, t: &Thread, key: &Value, hash: i64) -> PyResult<Option<Value>> {
        let mut hint = Hint::START;
        loop {
            let guard = self.lock_for("stress: dict.delitem", t);
            let deleted = self.table.delete(t, hash as u64, key.bits(), hint, keys::compare_locked(key));
            drop(guard);
            match deleted {
                Deleted::Gone(_, value) => return Ok(Some(value)),
                Deleted::Missing => return Ok(None),
                Deleted::Ask(ask) => hint = keys::resolve(t, ask, key)?,
            }
        }
    }

    /// Removes a key if its value is still `value`; answers whether it did. Atomic.
    pub fn remove_if_same(&self, t: &Thread, key: &Value, value: &Value) -> PyResult<bool> {
        let hash = keys::hash_of_key(t, key)?;
        let mut hint = Hint::START;
        loop {
            let guard = self.lock_for("stress: dict.remove if same", t);
            let (present, deleted) = match self.table.get(t, hash as u64, key.bits(), hint, keys::compare_locked(key)) {
                Get::Found(present) if present.is(value) => {
                    let deleted = self.table.delete(t, hash as u64, key.bits(), hint, keys::compare_locked(key));
                    (Some(present), deleted)
                }
                Get::Found(present) => (Some(present), Deleted::Missing),
                Get::Missing => (None, Deleted::Missing),
                Get::Ask(ask) => (None, Deleted::Ask(ask)),
            };
            drop(guard);
            drop(present);
            match deleted {
                Deleted::Gone(..) => return Ok(true),
                Deleted::Missing => return Ok(false),
                Deleted::Ask(ask) => hint = keys::resolve(t, ask, key)?,
            }
        }
    }

    /// `remove` for an exact str in a dict whose keys are expected to be str: runs no Python code.
    pub fn remove_str(&self, t: &Thread, key: &Value) -> Option<Value> {
        let s = key.downcast::<Str>()?;
        let guard = self.lock_for("stress: dict.delitem", t);
        let deleted = self.table.delete(t, s.hash() as u64, key.bits(), Hint::START, keys::compare_str(s));
        drop(guard);
        match deleted {
            Deleted::Gone(_, value) => Some(value),
            Deleted::Missing | Deleted::Ask(_) => None,
        }
    }

    /// Removes and answers the entry that was added last. Atomic.
    pub fn pop_item(&self, t: &Thread) -> Option<(Value, Value)> {
        let _guard = self.lock_for("stress: dict.popitem", t);
        self.table.pop_last(t)
    }

    /// Number of entries. Without the lock.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.table.len()
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next entry at or after `*position`, which is moved past it. Without the lock.
    pub fn next(&self, position: &mut usize) -> Option<(Value, Value)> {
        let (offset, key, value) = self.table.next_item(*position)?;
        *position = offset + 1;
        Some((key, value))
    }

    /// All keys and values at one moment.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let _guard = self.lock_for("stress: dict views to list", Thread::current());
        self.table.entries().map(|(_, key, value)| (counted(key.word()), counted(value.word()))).collect()
    }

    /// All keys and values at one moment, with the keys' hashes. The lock is held.
    pub fn entries_locked(&self) -> Vec<Entry> {
        self.table
            .entries()
            .map(|(hash, key, value)| (hash as i64, counted(key.word()), counted(value.word())))
            .collect()
    }

    /// All keys at one moment. The lock is held.
    pub fn keys_locked(&self) -> Vec<Value> {
        self.table.entries().map(|(_, key, _)| counted(key.word())).collect()
    }

    /// All values at one moment. The lock is held.
    pub fn values_locked(&self) -> Vec<Value> {
        self.table.entries().map(|(_, _, value)| counted(value.word())).collect()
    }

    /// Empties the dict. Atomic.
    pub fn clear_all(&self) {
        let t = Thread::current();
        let guard = self.lock_for("stress: dict.clear", t);
        let removed = self.table.clear(t);
        drop(guard);
        drop(removed);
    }

    /// A new dict with the same entries. Atomic. Raises MemoryError.
    pub fn copy(&self, t: &Thread) -> PyResult {
        let guard = self.lock_for("stress: dict.copy", t);
        let copied = self.table.copy(0);
        drop(guard);
        match copied {
            Ok(table) => Ok(alloc::new_fixed(&core_types::DICT, Dict { table })),
            Err(OutOfMemory) => Err(no_memory(t)),
        }
    }

    /// Takes over all entries of another dict; those here win over them unless `replace`. Atomic where comparing keys runs
    /// no Python code: both are locked, and readers see all changes at once. Raises what comparing raises.
    pub fn update_from(&self, t: &Thread, other: &Dict, replace: bool) -> PyResult<()> {
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let mut out: Vec<Value> = Vec::new();
        let mut rest: Vec<Entry> = Vec::new();
        let guard =
            t.lock_two(["stress: dict.update", "stress: dict.update, the other"], self.header(), other.header());
        let version = other.table.version();
        let failed = if self.table.len_locked() == 0 {
            match other.table.copy(0) {
                Ok(copy) => {
                    let removed = self.table.replace(t, copy);
                    drop(guard);
                    drop(removed);
                    return Ok(());
                }
                Err(OutOfMemory) => true,
            }
        } else {
            let edit = self.table.bulk(t);
            let mut entries = other.table.entries();
            let mut failed = false;
            for (hash, key, value) in entries.by_ref() {
                let (key, value) = (counted(key.word()), counted(value.word()));
                let compare = keys::compare_locked(&key);
                let add = if replace {
                    None
                } else {
                    Some(edit.get(hash, key.bits(), Hint::START, keys::compare_locked(&key)))
                };
                match add {
                    Some(Get::Found(present)) => {
                        out.extend([present, key, value]);
                        continue;
                    }
                    Some(Get::Ask(ask)) => {
                        out.push(ask.answer(false).1);
                        rest.push((hash as i64, key, value));
                        break;
                    }
                    Some(Get::Missing) | None => {}
                }
                match edit.insert(hash, key, value, Hint::START, compare) {
                    Inserted::New => {}
                    Inserted::Replaced(old, key) => out.extend([old, key]),
                    Inserted::Ask(ask, key, value) => {
                        out.push(ask.answer(false).1);
                        rest.push((hash as i64, key, value));
                        break;
                    }
                    Inserted::OutOfMemory(key, value) => {
                        out.extend([key, value]);
                        failed = true;
                        break;
                    }
                }
            }
            // Python code has to compare keys: the rest goes entry by entry.
            if !rest.is_empty() {
                rest.extend(
                    entries.map(|(hash, key, value)| (hash as i64, counted(key.word()), counted(value.word()))),
                );
            }
            drop(edit);
            failed
        };
        drop(guard);
        drop(out);
        if failed {
            return Err(no_memory(t));
        }
        for (hash, key, value) in rest {
            if replace {
                drop(self.set_hashed(t, key, hash, value)?);
            } else {
                drop(self.set_default(t, &key, hash, &value)?);
            }
            if other.table.version() != version {
                return Err(raise::runtime_error(t, "dict mutated during update"));
            }
        }
        Ok(())
    }

    /// The place of a str key, for inline caches; see `sync::dict_table`.
    pub fn place_of_str(&self, t: &Thread, key: &Value) -> Option<Place> {
        let s = key.downcast::<Str>()?;
        self.table.place(t, s.hash() as u64, key.bits(), keys::compare_str(s))
    }

    /// The value at a place, if the key is still there; None says: look it up again. Without the lock.
    #[inline(always)]
    pub fn load_at(&self, place: Place) -> Option<Value> {
        self.table.load_at(place)
    }

    /// The word of the value at a place, uncounted; None or 0 says: look the key up. Without the lock.
    #[inline(always)]
    pub fn word_at(&self, place: Place) -> Option<u64> {
        self.table.cell_at(place).map(|cell| cell.word())
    }

    /// The offset of an interned name, a guess for `word_of`.
    pub fn offset_of_str(&self, t: &Thread, key: &Value) -> Option<u32> {
        let s = key.downcast::<Str>()?;
        self.table.offset(t, s.hash() as u64, key.bits(), keys::compare_str(s))
    }

    /// The word of the value of a key with this word, uncounted, if it is at this offset; None or 0 says: look the key up. Without
    /// the lock.
    #[inline(always)]
    pub fn word_of(&self, key: u64, offset: u32) -> Option<u64> {
        self.table.cell_of(key, offset).map(|cell| cell.word())
    }

    /// Replaces the value at a place; answers the old one, or `value` back: look the key up again. Atomic.
    #[inline]
    pub fn store_at(&self, t: &Thread, place: Place, value: Value) -> Result<Value, Value> {
        let _guard = self.lock_for("stress: dict.setitem of a str", t);
        self.table.store_at(place, value)
    }

    /// The present set of keys, for caching that a key is missing: taken before the lookup that misses.
    pub fn key_set(&self, t: &Thread) -> Option<KeySet> {
        self.table.key_set(t)
    }

    /// Whether no key was added or removed since `keys` was taken.
    #[inline(always)]
    pub fn has_keys(&self, keys: KeySet) -> bool {
        self.table.has_keys(keys)
    }
}

/// A new empty dict.
#[inline]
pub fn new() -> Value {
    alloc::new_fixed(&core_types::DICT, Dict::new())
}

/// A new dict with room for `capacity` entries. Raises MemoryError.
pub fn with_capacity(t: &Thread, capacity: usize) -> PyResult {
    match DictTable::with_capacity(capacity) {
        Ok(table) => Ok(alloc::new_fixed(&core_types::DICT, Dict { table })),
        Err(OutOfMemory) => Err(no_memory(t)),
    }
}

/// A new dict of `count` pairs, a later one of which replaces an earlier one with an equal key. Raises MemoryError and what
/// hashing and comparing raise.
pub fn from_display(t: &Thread, count: usize, mut pair: impl FnMut(usize) -> (Value, Value)) -> PyResult {
    let Ok(table) = DictTable::with_capacity(count) else { return Err(no_memory(t)) };
    let mut done = 0;
    let rest = loop {
        if done == count {
            break None;
        }
        let (key, value) = pair(done);
        done += 1;
        let Some(s) = key.downcast_exact::<Str>() else { break Some((key, value)) };
        let (hash, word) = (s.hash() as u64, key.bits());
        if table.contains_locked(hash, word, keys::compare_str(s)) != Some(false) {
            break Some((key, value));
        }
        // SAFETY: nobody else has the table, which has room for all pairs; its keys are str, none of them equal to this one.
        unsafe { table.append(hash, key, value) };
    };
    let made = alloc::new_fixed(&core_types::DICT, Dict { table });
    if let (Some((key, value)), Some(dict)) = (rest, made.downcast::<Dict>()) {
        dict.set(t, key, value)?;
        for i in done..count {
            let (key, value) = pair(i);
            dict.set(t, key, value)?;
        }
    }
    Ok(made)
}

/// A new dict with room for `capacity` entries, or where memory is short, without: for those who cannot raise.
pub fn with_room(capacity: usize) -> Value {
    let table = DictTable::with_capacity(capacity).unwrap_or_else(|OutOfMemory| DictTable::new());
    alloc::new_fixed(&core_types::DICT, Dict { table })
}

/// A new dict of str keys.
pub fn from_pairs(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
    let v = new();
    if let Some(d) = v.downcast::<Dict>() {
        for (key, value) in pairs {
            drop(d.set_str(&key, value));
        }
    }
    v
}
