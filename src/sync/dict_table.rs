//! The storage of dict and set: a compact table in order of insertion, looked up without a lock, changed under its object's
//! lock.
//!
//! | word | who writes it | meaning |
//! |---|---|---|
//! | `table` | the lock's holder | the block (see `table_block`), or `EMPTY`, or `BUSY` while a writer changes many entries |
//! | `state` | the lock's holder | `version << 32 \| len << 1 \| changing`; the version counts added and removed keys |
//!
//! Rules:
//! 1. A lookup loads `table` (Acquire), probes the index, compares, and loads the value last. It takes no lock.
//! 2. A key is added by writing its entry and then the index slot; removed by emptying value and key, in this order.
//!    `state` is marked `changing` before and gets its new length after; who asks for the length meanwhile waits. So a thread
//!    that has seen a key come or go never sees the length of before.
//! 3. When the block is full, its live entries move to a new block, which is published by one store. The old block is retired
//!    and never changed again.
//! 4. Changes of many entries that shall be atomic (`Edit` from `bulk`) hide the block behind `BUSY` meanwhile. A lookup that
//!    misses and finds that it has looked at `BUSY` waits and tries again.
//! 5. Comparing keys must not run Python code inside: the caller's closure says `Unknown`, and gets the key, counted, and a
//!    position to go on from. As index slots are written once and offsets given once, all that was compared before that
//!    position stays compared, as long as the table has the same number (`Hint`).
//! 6. (number of the block, offset) names a key for ever: `Place` guards an inline cache.
//!
//! Why a lookup is atomic: a hit returns what the value slot held at its Acquire load, in an entry whose key never changes to
//! another; in a retired block, what it held when the block was retired, which is after this lookup loaded `table`. A hit
//! whose value is gone was removed during the lookup. A miss is true at the moment when the empty index slot was loaded (or
//! the block retired): had the key been there throughout, its index slot, written before, would have been found.

use super::reclaim::{OutOfMemory, Reclaim, wait_for_writer};
use super::shim::atomic::{AtomicPtr, AtomicU64, Ordering::*};
use super::shim::{Loads, const_unless_loom, weakened};
use super::slot::{Counted, Dead, Slot};
use super::table_block::{Entry, NONE, Probe, Table, busy, empty, log_for};
pub use super::table_block::{NoValue, ValueCell};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;

const CHANGING: u64 = 1;

/// The table of a dict.
pub type DictTable<K, V> = HashTable<K, Slot<V>>;
/// The table of a set.
pub type SetTable<K> = HashTable<K, NoValue>;

/// See the module's documentation.
pub struct HashTable<K: Counted, C: ValueCell> {
    table: AtomicPtr<Table>,
    state: AtomicU64,
    entries: PhantomData<(K, C)>,
}

// SAFETY: readers touch atomic words and entries that were complete when published; changes happen under the object's lock.
unsafe impl<K: Counted + Send + Sync, C: ValueCell + Send + Sync> Send for HashTable<K, C> {}
// SAFETY: as above.
unsafe impl<K: Counted + Send + Sync, C: ValueCell + Send + Sync> Sync for HashTable<K, C> {}

/// What a comparison of two keys with equal hashes found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    Equal,
    Different,
    /// Only Python code can tell.
    Unknown,
}

/// Two keys have equal hashes, and Python code has to compare them: `key` is the one in the table.
#[must_use = "compare, then go on with `answer`"]
pub struct Ask<K> {
    /// The key in the table, counted; on the left of `==`.
    pub key: K,
    id: u64,
    offset: u32,
    probe: Probe,
}

impl<K> Ask<K> {
    /// Where the next attempt goes on, after the comparison said `equal`; and the key, for the caller to drop.
    pub fn answer(self, equal: bool) -> (Hint, K) {
        let at = At { id: self.id, offset: self.offset, probe: self.probe };
        (Hint(if equal { Known::Equal(at) } else { Known::Different(at) }), self.key)
    }
}

/// What is known from comparisons made before.
#[derive(Clone, Copy)]
pub struct Hint(Known);

#[derive(Clone, Copy)]
enum Known {
    Nothing,
    Equal(At),
    Different(At),
}

#[derive(Clone, Copy)]
struct At {
    id: u64,
    offset: u32,
    probe: Probe,
}

impl Hint {
    /// Nothing compared yet.
    pub const START: Hint = Hint(Known::Nothing);
}

/// Result of a lookup.
#[must_use]
pub enum Get<K, V> {
    Found(V),
    Missing,
    Ask(Ask<K>),
}

/// Result of an insertion.
#[must_use = "drop what comes back after unlocking"]
pub enum Inserted<K, V> {
    /// The key was not there.
    New,
    /// The key was there (and stays the one in the table): the value before, and the key that was not needed.
    Replaced(V, K),
    /// Nothing has changed; unlock, compare, lock, try again.
    Ask(Ask<K>, K, V),
    /// Nothing has changed; raise `MemoryError` after unlocking.
    OutOfMemory(K, V),
}

/// Result of a removal.
#[must_use = "drop what comes back after unlocking"]
pub enum Deleted<K, V> {
    Gone(K, V),
    Missing,
    /// Nothing has changed; unlock, compare, lock, try again.
    Ask(Ask<K>),
}

/// Names a key of one table for ever, for inline caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The block's number, unique in the process.
    pub table: u64,
    pub offset: u32,
}

/// Names the set of keys that a table has now, for caching that a key is missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeySet {
    table: u64,
    state: u64,
}

enum Found<K> {
    Hit(u32),
    Miss,
    Ask(Ask<K>),
    /// The table has changed since its pointer was loaded.
    Stale,
}

/// Without the lock. The caller is pinned.
impl<K: Counted, C: ValueCell> HashTable<K, C> {
    const_unless_loom! {
        /// No entries, no memory.
        pub fn new() -> HashTable<K, C> {
            HashTable { table: AtomicPtr::new(empty()), state: AtomicU64::new(0), entries: PhantomData }
        }
    }

    /// No entries, room for `capacity`.
    pub fn with_capacity(capacity: usize) -> Result<HashTable<K, C>, OutOfMemory> {
        let dict = HashTable::new();
        if capacity > 0 {
            dict.table.store(Table::create::<K, C>(log_for(capacity, false)?)?, Relaxed);
        }
        Ok(dict)
    }

    /// Number of entries.
    #[inline(always)]
    pub fn len(&self) -> usize {
        (self.settled_state() >> 1) as usize & 0x7fff_ffff
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Changes whenever a key is added or removed (not when a value is replaced).
    #[inline(always)]
    pub fn version(&self) -> u32 {
        (self.settled_state() >> 32) as u32
    }

    #[inline(always)]
    fn settled_state(&self) -> u64 {
        // Acquire: pairs with the Release in `Edit::finish`.
        let state = self.state.load(Acquire);
        if state & CHANGING != 0 && !weakened("dict: changing") {
            return self.await_state();
        }
        state
    }

    #[cold]
    fn await_state(&self) -> u64 {
        let mut round = 0;
        loop {
            wait_for_writer(&mut round);
            let state = self.state.load(Acquire);
            if state & CHANGING == 0 {
                return state;
            }
        }
    }

    /// Looks up the key with this hash and word. `compare` is given the word of a key with the same hash that is not
    /// identical. It may look at nothing that the key's destructor ends, since nobody counts the key.
    #[inline]
    pub fn get<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        word: u64,
        hint: Hint,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Get<K, C::Item> {
        let mut round = 0;
        loop {
            // Acquire: pairs with the Release where a table is published.
            let at = self.table.load(Acquire);
            // SAFETY: a pinned thread may read what `table` names.
            let table = unsafe { &*at };
            table.touch();
            match find::<K, C, R, false>(table, reclaim, hash, word, hint, &mut compare) {
                // SAFETY: from the index.
                Found::Hit(offset) => match unsafe { table.entry::<K, C>(offset) }.value.attempt() {
                    Ok(Some(value)) => return Get::Found(value),
                    Ok(None) => return Get::Missing,
                    Err(Dead) if weakened("dict: dead value") => return Get::Missing,
                    Err(Dead) => {}
                },
                Found::Miss if at != busy() => return Get::Missing,
                Found::Ask(ask) => return Get::Ask(ask),
                Found::Miss | Found::Stale => {}
            }
            wait_for_writer(&mut round);
        }
    }

    /// Looks up as `get` does, for the key in the table itself. `Err` gives the offset of an entry whose key has ended (in a
    /// table that does not count its keys; see `names`).
    pub fn get_key<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        word: u64,
        hint: Hint,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Result<Get<K, K>, usize> {
        let mut round = 0;
        loop {
            let at = self.table.load(Acquire);
            // SAFETY: as in `get`.
            let table = unsafe { &*at };
            table.touch();
            match find::<K, C, R, false>(table, reclaim, hash, word, hint, &mut compare) {
                // SAFETY: from the index.
                Found::Hit(offset) => match unsafe { table.entry::<K, C>(offset) }.key.attempt() {
                    Ok(Some(key)) => return Ok(Get::Found(key)),
                    Ok(None) => return Ok(Get::Missing),
                    Err(Dead) => return Err(offset as usize),
                },
                Found::Miss if at != busy() => return Ok(Get::Missing),
                Found::Ask(ask) => return Ok(Get::Ask(ask)),
                Found::Miss | Found::Stale => {}
            }
            wait_for_writer(&mut round);
        }
    }

    /// The place of the key with this hash and word, if it is there and can be told without Python code.
    pub fn place<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        word: u64,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Option<Place> {
        // SAFETY: as in `get`.
        let table = unsafe { &*self.table.load(Acquire) };
        table.touch();
        match find::<K, C, R, false>(table, reclaim, hash, word, Hint::START, &mut compare) {
            Found::Hit(offset) => Some(Place { table: table.number(reclaim), offset }),
            _ => None,
        }
    }

    /// The value at a place, if the table is still the one and the key still there. Otherwise look it up again.
    #[inline(always)]
    pub fn load_at(&self, place: Place) -> Option<C::Item> {
        // SAFETY: as in `get`.
        let table = unsafe { &*self.table.load(Acquire) };
        table.touch();
        if table.id() != place.table && !weakened("dict: place guard") {
            return None;
        }
        // SAFETY: this block gave the offset to an entry (its number is nobody else's). The caller read the place from its own
        // memory, so the entry was complete before.
        unsafe { table.entry::<K, C>(place.offset) }.value.attempt().unwrap_or(None)
    }

    /// The present set of keys, if the table has any.
    pub fn key_set<R: Reclaim>(&self, reclaim: &R) -> Option<KeySet> {
        let state = self.settled_state();
        // SAFETY: as in `get`.
        let table = unsafe { &*self.table.load(Acquire) };
        table.touch();
        let number = table.number(reclaim);
        let keys = KeySet { table: number, state };
        (number != 0 && self.has_keys(keys)).then_some(keys)
    }

    /// Whether no key was added or removed since `keys` was taken.
    #[inline(always)]
    pub fn has_keys(&self, keys: KeySet) -> bool {
        // SAFETY: as in `get`.
        let table = unsafe { &*self.table.load(Acquire) };
        table.touch();
        // Acquire: a state that has not changed was stored before what we have looked at changes.
        table.id() == keys.table && (self.state.load(Acquire) == keys.state || weakened("dict: key set"))
    }

    /// The first entry at `offset` or beyond: its offset, key and value. Iteration goes on at that offset + 1; if keys were
    /// added or removed meanwhile (see `version`), entries may have moved.
    pub fn next_item(&self, offset: usize) -> Option<(usize, K, C::Item)> {
        self.scan(offset, |entry| {
            let Some(key) = entry.key.attempt()? else { return Ok(None) };
            Ok(entry.value.attempt()?.map(|value| (key, value)))
        })
        .map(|(offset, (key, value))| (offset, key, value))
    }

    /// As `next_item`, the key alone.
    pub fn next_key(&self, offset: usize) -> Option<(usize, K)> {
        self.scan(offset, |entry| entry.key.attempt())
    }

    /// As `next_item`, the value alone.
    pub fn next_value(&self, offset: usize) -> Option<(usize, C::Item)> {
        self.scan(offset, |entry| if entry.key.is_empty() { Ok(None) } else { entry.value.attempt() })
    }

    /// The last entry before `offset`: its offset, key and value. Iterating backward goes on at that offset.
    pub fn previous_item(&self, offset: usize) -> Option<(usize, K, C::Item)> {
        let mut round = 0;
        'again: loop {
            let at = self.table.load(Acquire);
            // SAFETY: as in `get`.
            let table = unsafe { &*at };
            table.touch();
            for offset in (0..table.used().min(u32::try_from(offset).unwrap_or(NONE))).rev() {
                // SAFETY: below `used`.
                let entry = unsafe { table.entry::<K, C>(offset) };
                match (entry.key.attempt(), entry.value.attempt()) {
                    (Ok(Some(key)), Ok(Some(value))) => return Some((offset as usize, key, value)),
                    (Ok(_), Ok(_)) => {}
                    _ => {
                        wait_for_writer(&mut round);
                        continue 'again;
                    }
                }
            }
            if at != busy() {
                return None;
            }
            wait_for_writer(&mut round);
        }
    }

    #[inline]
    fn scan<T>(
        &self,
        from: usize,
        mut take: impl FnMut(&Entry<K, C>) -> Result<Option<T>, Dead>,
    ) -> Option<(usize, T)> {
        let mut round = 0;
        'again: loop {
            let at = self.table.load(Acquire);
            // SAFETY: as in `get`.
            let table = unsafe { &*at };
            table.touch();
            for offset in u32::try_from(from).unwrap_or(NONE)..table.used() {
                // SAFETY: below `used`.
                match take(unsafe { table.entry(offset) }) {
                    Ok(Some(item)) => return Some((offset as usize, item)),
                    Ok(None) => {}
                    Err(Dead) => {
                        wait_for_writer(&mut round);
                        continue 'again;
                    }
                }
            }
            if at != busy() {
                return None;
            }
            wait_for_writer(&mut round);
        }
    }
}

/// Looks for a key in one block.
#[inline(always)]
fn find<K: Counted, C: ValueCell, R: Reclaim, const LOCKED: bool>(
    table: &Table,
    reclaim: &R,
    hash: u64,
    word: u64,
    hint: Hint,
    compare: &mut impl FnMut(u64) -> Match,
) -> Found<K> {
    let mask = table.mask();
    let mut probe = match hint.0 {
        Known::Nothing => Probe::start(hash, mask),
        known => match resume::<K, C>(table, known, hash) {
            Ok(probe) => probe,
            Err(offset) => return Found::Hit(offset),
        },
    };
    loop {
        let offset = table.index::<LOCKED>(probe);
        if offset == NONE {
            return Found::Miss;
        }
        // SAFETY: from the index.
        let entry = unsafe { table.entry::<K, C>(offset) };
        if entry.hash == hash {
            let key = if LOCKED { entry.key.own_word() } else { entry.key.word() };
            if key == word {
                return Found::Hit(offset);
            }
            if key != 0 {
                match compare(key) {
                    Match::Equal => return Found::Hit(offset),
                    Match::Different => {}
                    Match::Unknown => return ask(table, reclaim, key, offset, probe),
                }
            }
        }
        probe.advance(mask);
    }
}

/// Where to go on, or (as `Err`) where the key is.
#[cold]
fn resume<K: Counted, C: ValueCell>(table: &Table, known: Known, hash: u64) -> Result<Probe, u32> {
    let mask = table.mask();
    match known {
        // SAFETY: the block with this number gave the offset to an entry.
        Known::Equal(at) if weakened("dict: hint") => Err(at.offset),
        // SAFETY: the block with this number gave the offset to an entry.
        Known::Equal(at) if at.id == table.id() && !unsafe { table.entry::<K, C>(at.offset) }.key.is_empty() => {
            Err(at.offset)
        }
        Known::Different(at) if at.id == table.id() => {
            let mut probe = at.probe;
            probe.advance(mask);
            Ok(probe)
        }
        _ => Ok(Probe::start(hash, mask)),
    }
}

#[cold]
fn ask<K: Counted, R: Reclaim>(table: &Table, reclaim: &R, key: u64, offset: u32, probe: Probe) -> Found<K> {
    // SAFETY: read from a slot by a pinned thread.
    if !unsafe { K::try_count(key) } {
        return Found::Stale;
    }
    // SAFETY: the reference just counted.
    let key = unsafe { K::from_word(key) };
    Found::Ask(Ask { key, id: table.number(reclaim), offset, probe })
}

/// Under the object's lock (or by its only holder). None of this calls into Python or drops a key or value.
impl<K: Counted, C: ValueCell> HashTable<K, C> {
    #[inline(always)]
    fn edit<'t, R: Reclaim>(&'t self, reclaim: &'t R) -> Edit<'t, K, C, R> {
        Edit {
            dict: self,
            reclaim,
            table: Cell::new(self.table.own()),
            state: Cell::new(self.state.own()),
            hidden: false,
        }
    }

    /// Begins a change of many entries that readers see as one. Between its steps nothing else may look at this table.
    pub fn bulk<'t, R: Reclaim>(&'t self, reclaim: &'t R) -> Edit<'t, K, C, R> {
        let mut edit = self.edit(reclaim);
        if reclaim.multi() && !weakened("dict: busy") {
            edit.hidden = true;
            edit.begin();
            // The entries' and index's own Release stores come after, so who sees any of them sees `BUSY` or later.
            self.table.store(busy(), Release);
        }
        edit
    }

    /// Adds the key or replaces its value. Atomic.
    #[inline]
    pub fn insert<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        key: K,
        value: C::Item,
        hint: Hint,
        compare: impl FnMut(u64) -> Match,
    ) -> Inserted<K, C::Item> {
        self.edit(reclaim).insert(hash, key, value, hint, compare)
    }

    /// Removes the key. Atomic.
    #[inline]
    pub fn delete<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        word: u64,
        hint: Hint,
        compare: impl FnMut(u64) -> Match,
    ) -> Deleted<K, C::Item> {
        self.edit(reclaim).delete(hash, word, hint, compare)
    }

    /// Replaces the value at a place: the one before, or `value` back if the key is gone from there. Atomic.
    #[inline]
    pub fn store_at(&self, place: Place, value: C::Item) -> Result<C::Item, C::Item> {
        // SAFETY: the current table, under the lock.
        let table = unsafe { &*self.table.own() };
        if table.id() == place.table {
            // SAFETY: the block with this number gave the offset to an entry.
            let entry = unsafe { table.entry::<K, C>(place.offset) };
            if !entry.key.is_vacant() {
                return Ok(entry.value.swap(value).expect("a live entry has a value"));
            }
        }
        Err(value)
    }

    /// Removes the entry at `offset` (from iteration, or a `Place`'s) if it is live. Atomic.
    pub fn delete_at<R: Reclaim>(&self, reclaim: &R, offset: usize) -> Option<(K, C::Item)> {
        let edit = self.edit(reclaim);
        // SAFETY: the current table.
        let table = unsafe { &*edit.table.get() };
        let offset = u32::try_from(offset).ok().filter(|&offset| offset < table.used_locked())?;
        edit.remove(offset)
    }

    /// Removes the entry that was added last. Atomic.
    pub fn pop_last<R: Reclaim>(&self, reclaim: &R) -> Option<(K, C::Item)> {
        let edit = self.edit(reclaim);
        // SAFETY: the current table.
        let offset = unsafe { &*edit.table.get() }.last::<K, C>()?;
        edit.remove(offset)
    }

    /// Removes everything. Atomic.
    pub fn clear<'r, R: Reclaim>(&self, reclaim: &'r R) -> RemovedTable<'r, K, C, R> {
        self.replace(reclaim, HashTable::new())
    }

    /// Takes over the contents of `other`, which nobody else has, in place of its own. Atomic.
    pub fn replace<'r, R: Reclaim>(&self, reclaim: &'r R, other: HashTable<K, C>) -> RemovedTable<'r, K, C, R> {
        let edit = self.edit(reclaim);
        edit.begin();
        let old = edit.table.get();
        let fresh = other.table.own();
        let len = (other.state.own() >> 1) & 0x7fff_ffff;
        mem::forget(other);
        edit.table.set(fresh);
        // Release: pairs with the Acquire in `get`.
        self.table.store(fresh, Release);
        let version = (edit.state.get() >> 32).wrapping_add(1);
        edit.state.set(version << 32 | len << 1 | CHANGING);
        drop(edit);
        RemovedTable { table: old, next: 0, reclaim, entries: PhantomData }
    }

    /// A copy, with counted keys and values and no gaps.
    pub fn copy(&self) -> Result<HashTable<K, C>, OutOfMemory> {
        let copy = HashTable::with_capacity(self.len_locked())?;
        // SAFETY: nobody else has the copy; it has room, and the keys differ.
        let table = unsafe { &*copy.table.own() };
        for (hash, key, value) in self.entries() {
            // SAFETY: as above; the entry's own references keep key and value alive under the lock.
            unsafe { table.append(Entry { hash, key: Slot::new(K::count(key.own_word())), value: value.copy() }) };
        }
        copy.state.store((table.used_locked() as u64) << 1, Relaxed);
        Ok(copy)
    }

    /// Hash, key and value of each live entry, in order.
    pub fn entries(&self) -> impl Iterator<Item = (u64, &Slot<K>, &C)> {
        // SAFETY: the current table; tables are retired under the lock that the caller holds.
        let table = unsafe { &*self.table.own() };
        (0..table.used_locked()).filter_map(|offset| {
            // SAFETY: below `used`.
            let entry = unsafe { table.entry::<K, C>(offset) };
            (!entry.key.is_vacant()).then_some((entry.hash, &entry.key, &entry.value))
        })
    }

    /// The length, for the lock's holder, who may be changing it.
    pub fn len_locked(&self) -> usize {
        (self.state.own() >> 1) as usize & 0x7fff_ffff
    }

    /// Makes room for `additional` more entries.
    pub fn reserve<R: Reclaim>(&self, reclaim: &R, additional: usize) -> Result<(), OutOfMemory> {
        self.edit(reclaim).reserve(additional)
    }
}

/// Changes to a table, by the lock's holder. They are complete when this is dropped.
pub struct Edit<'t, K: Counted, C: ValueCell, R: Reclaim> {
    dict: &'t HashTable<K, C>,
    reclaim: &'t R,
    table: Cell<*mut Table>,
    /// What `state` shall be; `CHANGING` once it differs from what it was.
    state: Cell<u64>,
    /// Readers see `BUSY` until the end.
    hidden: bool,
}

impl<K: Counted, C: ValueCell, R: Reclaim> Edit<'_, K, C, R> {
    /// Rule 2: from now on the length is unknown to others.
    #[inline(always)]
    fn begin(&self) {
        let state = self.state.get();
        if state & CHANGING == 0 {
            self.state.set(state | CHANGING);
            if self.reclaim.multi() {
                self.dict.state.store(state | CHANGING, Release);
            }
        }
    }

    #[inline(always)]
    fn table(&self) -> &Table {
        // SAFETY: the current table, which only the lock's holder replaces.
        unsafe { &*self.table.get() }
    }

    /// As `HashTable::insert`.
    #[inline]
    pub fn insert(
        &self,
        hash: u64,
        key: K,
        value: C::Item,
        hint: Hint,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Inserted<K, C::Item> {
        let word = key.word();
        match find::<K, C, R, true>(self.table(), self.reclaim, hash, word, hint, &mut compare) {
            Found::Hit(offset) => {
                // SAFETY: from the index.
                let entry = unsafe { self.table().entry::<K, C>(offset) };
                let old = entry.value.swap(value).expect("a live entry has a value");
                Inserted::Replaced(old, key)
            }
            Found::Ask(ask) => Inserted::Ask(ask, key, value),
            Found::Stale => unreachable!("keys in the current table live while its lock is held"),
            Found::Miss => {
                if self.table().is_full() && self.grow().is_err() {
                    return Inserted::OutOfMemory(key, value);
                }
                self.begin();
                // SAFETY: there is room, and the key was not found.
                unsafe { self.table().append(Entry { hash, key: Slot::new(key), value: C::new(value) }) };
                self.state.set(self.state.get().wrapping_add(1 << 32 | 2));
                Inserted::New
            }
        }
    }

    /// The value of the key, counted; for "insert unless there".
    pub fn get(&self, hash: u64, word: u64, hint: Hint, mut compare: impl FnMut(u64) -> Match) -> Get<K, C::Item> {
        match find::<K, C, R, true>(self.table(), self.reclaim, hash, word, hint, &mut compare) {
            // SAFETY: from the index.
            Found::Hit(offset) => match unsafe { self.table().entry::<K, C>(offset) }.value.attempt() {
                Ok(Some(value)) => Get::Found(value),
                _ => unreachable!("a live entry has a live value"),
            },
            Found::Miss => Get::Missing,
            Found::Ask(ask) => Get::Ask(ask),
            Found::Stale => unreachable!("keys in the current table live while its lock is held"),
        }
    }

    /// As `HashTable::delete`.
    #[inline]
    pub fn delete(
        &self,
        hash: u64,
        word: u64,
        hint: Hint,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Deleted<K, C::Item> {
        match find::<K, C, R, true>(self.table(), self.reclaim, hash, word, hint, &mut compare) {
            Found::Hit(offset) => match self.remove(offset) {
                Some((key, value)) => Deleted::Gone(key, value),
                None => Deleted::Missing,
            },
            Found::Miss => Deleted::Missing,
            Found::Ask(ask) => Deleted::Ask(ask),
            Found::Stale => unreachable!("keys in the current table live while its lock is held"),
        }
    }

    /// Empties the entry, if it is live.
    fn remove(&self, offset: u32) -> Option<(K, C::Item)> {
        // SAFETY: the caller's offset is below `used`.
        let entry = unsafe { self.table().entry::<K, C>(offset) };
        if entry.key.is_vacant() {
            return None;
        }
        self.begin();
        let value = entry.value.take()?;
        let key = entry.key.take()?;
        self.state.set(self.state.get().wrapping_add(1 << 32).wrapping_sub(2));
        Some((key, value))
    }

    /// Makes room for `additional` more entries.
    pub fn reserve(&self, additional: usize) -> Result<(), OutOfMemory> {
        let live = (self.state.get() >> 1) as usize & 0x7fff_ffff;
        let log = log_for(live.checked_add(additional).ok_or(OutOfMemory)?, false)?;
        if log > self.table().log() { self.move_to(log) } else { Ok(()) }
    }

    #[cold]
    fn grow(&self) -> Result<(), OutOfMemory> {
        let live = (self.state.get() >> 1) as usize & 0x7fff_ffff;
        self.move_to(log_for(live + 1, true)?)
    }

    /// Moves the live entries to a new block (rule 3).
    fn move_to(&self, log: u8) -> Result<(), OutOfMemory> {
        let old = self.table.get();
        let fresh = Table::create::<K, C>(log)?;
        // SAFETY: the new block has room for all live entries, whose references move there.
        unsafe {
            for offset in 0..(*old).used_locked() {
                let entry = (*old).entry::<K, C>(offset);
                if !entry.key.is_vacant() {
                    let key = Slot::<K>::empty();
                    key.put_word(entry.key.own_word());
                    (*fresh).append(Entry { hash: entry.hash, key, value: entry.value.moved() });
                }
            }
        }
        self.table.set(fresh);
        if !self.hidden {
            // Release: pairs with the Acquire in `get`.
            self.dict.table.store(fresh, if weakened("dict: publish release") { Relaxed } else { Release });
        }
        // SAFETY: nobody finds the old block any more.
        unsafe { Table::retire::<K, C, R>(old, self.reclaim) };
        Ok(())
    }
}

impl<K: Counted, C: ValueCell, R: Reclaim> Drop for Edit<'_, K, C, R> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.hidden {
            // Release: pairs with the Acquire in `get`.
            self.dict.table.store(self.table.get(), Release);
        }
        let state = self.state.get();
        if state & CHANGING != 0 {
            // Release: pairs with the Acquire in `settled_state`.
            self.dict.state.store(state & !CHANGING, if weakened("dict: len release") { Relaxed } else { Release });
        }
    }
}

impl<K: Counted, C: ValueCell> Default for HashTable<K, C> {
    fn default() -> Self {
        HashTable::new()
    }
}

impl<K: Counted, C: ValueCell> Drop for HashTable<K, C> {
    fn drop(&mut self) {
        let table = self.table.own();
        // SAFETY: nobody else has the table; each reference is taken once.
        unsafe {
            for offset in 0..(*table).used_locked() {
                let entry = (*table).entry::<K, C>(offset);
                let word = entry.key.own_word();
                if word != 0 {
                    drop((K::from_word(word), entry.value.steal()));
                }
            }
            Table::destroy::<K, C>(table);
        }
    }
}

/// Entries that left a table. Drop it after unlocking; it can also be iterated.
#[must_use = "drop the removed entries after unlocking"]
pub struct RemovedTable<'r, K: Counted, C: ValueCell, R: Reclaim> {
    table: *mut Table,
    next: u32,
    reclaim: &'r R,
    entries: PhantomData<(K, C)>,
}

impl<K: Counted, C: ValueCell, R: Reclaim> Iterator for RemovedTable<'_, K, C, R> {
    type Item = (K, C::Item);

    fn next(&mut self) -> Option<Self::Item> {
        // SAFETY: ours until it is retired; its words stay as they are, since others may be reading them.
        let table = unsafe { &*self.table };
        while self.next < table.used_locked() {
            // SAFETY: below `used`; each entry's references are taken once.
            unsafe {
                let entry = table.entry::<K, C>(self.next);
                self.next += 1;
                let word = entry.key.own_word();
                if word != 0 {
                    return Some((K::from_word(word), entry.value.steal()?));
                }
            }
        }
        None
    }
}

impl<K: Counted, C: ValueCell, R: Reclaim> Drop for RemovedTable<'_, K, C, R> {
    fn drop(&mut self) {
        self.by_ref().for_each(drop);
        // SAFETY: nobody finds the block any more, and its references are gone.
        unsafe { Table::retire::<K, C, R>(self.table, self.reclaim) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::testing::{Here, Ref, Yard};
    use super::*;

    /// Keys are immediates or objects; equal objects have equal values.
    fn same(key: u64, other: &Ref) -> Match {
        // SAFETY: in these tests keys live while they are compared.
        let key = mem::ManuallyDrop::new(unsafe { Ref::from_word(key) });
        if key.value() == other.value() { Match::Equal } else { Match::Different }
    }

    /// Few hash values, so that probes collide.
    fn hash(key: u64) -> u64 {
        key % 7 * 0x1_0000_0001
    }

    fn put(here: &Here, dict: &DictTable<Ref, Ref>, key: u64, value: u64) -> Option<u64> {
        let (key, probe) = (Ref::new(key), Ref::new(key));
        match dict.insert(here, hash(key.value()), key, Ref::new(value), Hint::START, |word| same(word, &probe)) {
            Inserted::New => None,
            Inserted::Replaced(old, _) => Some(old.value()),
            _ => panic!(),
        }
    }

    fn get(here: &Here, dict: &DictTable<Ref, Ref>, key: u64) -> Option<u64> {
        let probe = Ref::new(key);
        match dict.get(here, hash(key), probe.word(), Hint::START, |word| same(word, &probe)) {
            Get::Found(value) => Some(value.value()),
            Get::Missing => None,
            Get::Ask(_) => panic!(),
        }
    }

    fn remove(here: &Here, dict: &DictTable<Ref, Ref>, key: u64) -> Option<u64> {
        let probe = Ref::new(key);
        match dict.delete(here, hash(key), probe.word(), Hint::START, |word| same(word, &probe)) {
            Deleted::Gone(_, value) => Some(value.value()),
            Deleted::Missing => None,
            Deleted::Ask(_) => panic!(),
        }
    }

    fn items(dict: &DictTable<Ref, Ref>) -> Vec<(u64, u64)> {
        let mut at = 0;
        std::iter::from_fn(|| {
            let (offset, key, value) = dict.next_item(at)?;
            at = offset + 1;
            Some((key.value(), value.value()))
        })
        .collect()
    }

    #[test]
    fn operations_match_an_ordered_model() {
        for multi in [false, true] {
            let yard = Yard::new(1, multi);
            let here = yard.enter(0);
            let dict = DictTable::new();
            let mut model: Vec<(u64, u64)> = Vec::new();
            let mut seed = 1u64;
            for round in 0..4000 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let key = (seed >> 33) % 60 + 1;
                let there = model.iter().position(|(k, _)| *k == key);
                match (seed >> 50) % 5 {
                    0 | 1 => {
                        let old = put(&here, &dict, key, round + 1);
                        assert_eq!(old, there.map(|at| mem::replace(&mut model[at].1, round + 1)));
                        if there.is_none() {
                            model.push((key, round + 1));
                        }
                    }
                    2 => assert_eq!(remove(&here, &dict, key), there.map(|at| model.remove(at).1)),
                    3 => assert_eq!(get(&here, &dict, key), there.map(|at| model[at].1)),
                    _ => {
                        let last = dict.pop_last(&here).map(|(key, value)| (key.value(), value.value()));
                        assert_eq!(last, model.pop());
                    }
                }
                assert_eq!(dict.len(), model.len());
                if round % 50 == 0 {
                    assert_eq!(items(&dict), model);
                    assert_eq!(items(&dict.copy().unwrap()), model);
                }
                here.safepoint();
            }
            let version = dict.version();
            let removed = dict.clear(&here).map(|(key, value)| (key.value(), value.value())).collect::<Vec<_>>();
            assert_eq!(removed, model);
            assert!(dict.is_empty() && dict.version() != version && items(&dict).is_empty());
            drop(dict);
            here.assert_nothing_left();
        }
    }

    #[test]
    fn all_index_widths() {
        let yard = Yard::new(1, false);
        let here = yard.enter(0);
        let set = SetTable::new();
        for key in 1..60_000u64 {
            let key = Ref::immediate(key);
            let hash = key.word();
            assert!(matches!(set.insert(&here, hash, key, (), Hint::START, |_| Match::Different), Inserted::New));
        }
        for key in 1..65_000u64 {
            let found = matches!(set.get(&here, key, key, Hint::START, |_| Match::Different), Get::Found(()));
            assert_eq!(found, key < 60_000);
        }
        assert_eq!(set.len(), 59_999);
    }

    #[test]
    fn python_comparisons_go_on_where_they_were() {
        let yard = Yard::new(1, true);
        let here = yard.enter(0);
        let dict = DictTable::new();
        for key in [1, 8, 15] {
            put(&here, &dict, key, key * 10);
        }
        let (mut hint, mut asked) = (Hint::START, Vec::new());
        let found = loop {
            match dict.get(&here, hash(15), 0, hint, |_| Match::Unknown) {
                Get::Ask(ask) => {
                    let value = ask.key.value();
                    asked.push(value);
                    hint = ask.answer(value == 15).0;
                }
                Get::Found(value) => break value.value(),
                Get::Missing => panic!(),
            }
        };
        assert_eq!((found, asked), (150, vec![1, 8, 15]));
        // The entry that was found equal goes away: the search begins again, and misses.
        remove(&here, &dict, 15);
        let probe = Ref::new(15);
        assert!(matches!(dict.get(&here, hash(15), 0, hint, |word| same(word, &probe)), Get::Missing));
    }

    #[test]
    fn places_and_key_sets_notice_changes() {
        let yard = Yard::new(1, true);
        let here = yard.enter(0);
        let dict = DictTable::new();
        assert_eq!(dict.key_set(&here), None);
        put(&here, &dict, 1, 10);
        let probe = Ref::new(1);
        let place = dict.place(&here, hash(1), 0, |word| same(word, &probe)).unwrap();
        let keys = dict.key_set(&here).unwrap();
        assert_eq!(dict.load_at(place).unwrap().value(), 10);
        assert_eq!(dict.store_at(place, Ref::new(11)).unwrap().value(), 10);
        assert!(dict.has_keys(keys));
        put(&here, &dict, 2, 20);
        assert!(!dict.has_keys(keys));
        assert_eq!(dict.load_at(place).unwrap().value(), 11);
        remove(&here, &dict, 1);
        put(&here, &dict, 1, 12);
        assert!(dict.load_at(place).is_none() && dict.store_at(place, Ref::new(13)).is_err());
        for key in 3..20 {
            put(&here, &dict, key, 1);
        }
        assert!(dict.load_at(place).is_none());
    }

    #[test]
    fn readers_race_with_everything() {
        let yard = Yard::new(4, true);
        let dict = DictTable::new();
        let done = std::sync::atomic::AtomicBool::new(false);
        let here = yard.enter(0);
        let put = |key: u64| match dict.insert(
            &here,
            hash(key),
            Ref::immediate(key),
            Ref::new(key * 1000),
            Hint::START,
            |_| Match::Different,
        ) {
            Inserted::New => {}
            Inserted::Replaced(old, _) => assert_eq!(old.value(), key * 1000),
            _ => panic!(),
        };
        put(1);
        std::thread::scope(|scope| {
            for index in 1..4 {
                let (yard, dict, done) = (&yard, &dict, &done);
                scope.spawn(move || {
                    let here = yard.enter(index);
                    while !done.load(Relaxed) {
                        for key in 1..20 {
                            let hit = dict.get(&here, hash(key), key, Hint::START, |_| Match::Different);
                            if let Get::Found(value) = hit {
                                assert_eq!(Ref::value(&value), key * 1000);
                            } else {
                                assert_ne!(key, 1, "the first key is never removed");
                            }
                        }
                        assert!(dict.len() <= 20);
                        let mut at = 0;
                        while let Some((offset, key, value)) = dict.next_item(at) {
                            at = offset + 1;
                            assert_eq!(value.value(), Ref::value(&key) * 1000);
                        }
                        here.safepoint();
                    }
                });
            }
            for round in 0..5000u64 {
                let key = round * 7 % 19 + 1;
                put(key);
                put(round % 3 + 1);
                let other = round * 11 % 18 + 2;
                let gone = dict.delete(&here, hash(other), other, Hint::START, |_| Match::Different);
                assert!(!matches!(gone, Deleted::Ask(_)));
                drop(gone);
                here.safepoint();
            }
            done.store(true, Relaxed);
        });
        drop(dict);
        here.assert_nothing_left();
    }
}
