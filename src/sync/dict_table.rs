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
//! Orderings: whatever is read of `table`, `state`, index slots and values without the lock is an Acquire, and pairs with the
//! Release of the store that it reads from. The lock's holder reads plainly (`own`), and a table that only its maker has is
//! filled with Relaxed stores.
//!
//! Why a lookup is atomic: a hit returns what the value slot held at its Acquire load, in an entry whose key never changes to
//! another; in a retired block, what it held when the block was retired, which is after this lookup loaded `table`. A hit
//! whose value is gone was removed during the lookup. A miss is true at the moment when the empty index slot was loaded (or
//! the block retired): had the key been there throughout, its index slot, written before, would have been found.

use super::reclaim::{OutOfMemory, Reclaim, wait_for_writer};
use super::shim::atomic::{AtomicPtr, AtomicU64, Ordering::*};
use super::shim::{Loads, const_unless_loom, linger, weakened};
use super::slot::{Counted, Dead, Slot};
use super::table_block::{Entry, NONE, Probe, Table, busy, empty, log_for};
pub use super::table_block::{NoValue, ValueCell};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem;

mod edit;
pub use edit::{Edit, RemovedTable, Selection};

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
    pub table: u64,
    pub state: u64,
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
    #[inline(always)]
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
            linger();
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

    /// The number of the present block: as long as it is the same, an offset that was found empty stays empty.
    pub fn block_number<R: Reclaim>(&self, reclaim: &R) -> u64 {
        // SAFETY: as in `get`.
        unsafe { &*self.table.load(Acquire) }.number(reclaim)
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

    /// The bare entry at a place, if the table is still the one: for a value's word that the caller counts itself.
    #[inline(always)]
    pub fn cell_at(&self, place: Place) -> Option<&C> {
        // SAFETY: as in `load_at`; a retired block stays readable while the caller is pinned.
        unsafe {
            let table = &*self.table.load(Acquire);
            table.touch();
            let same = table.id() == place.table || weakened("dict: place guard");
            same.then(|| &table.entry::<K, C>(place.offset).value)
        }
    }

    /// The offset of the key with this hash and word in the present block, if it is there and can be told without Python code: a
    /// guess where it is in other tables too.
    pub fn offset<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        word: u64,
        mut compare: impl FnMut(u64) -> Match,
    ) -> Option<u32> {
        // SAFETY: as in `get`.
        let table = unsafe { &*self.table.load(Acquire) };
        table.touch();
        match find::<K, C, R, false>(table, reclaim, hash, word, Hint::START, &mut compare) {
            Found::Hit(offset) => Some(offset),
            _ => None,
        }
    }

    /// The bare entry of a key, known by its word, if it is at this offset: as `cell_at`, for any table. An entry's key never
    /// changes to another, so the value loaded after the key is that of this key, or gone.
    #[inline(always)]
    pub fn cell_of(&self, word: u64, offset: u32) -> Option<&C> {
        // SAFETY: as in `load_at`; below `used` entries are complete.
        unsafe {
            let table = &*self.table.load(Acquire);
            table.touch();
            let entry = (offset < table.used()).then(|| table.entry::<K, C>(offset))?;
            (entry.key.word() == word).then_some(&entry.value)
        }
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

#[cfg(all(test, not(loom)))]
mod tests;
