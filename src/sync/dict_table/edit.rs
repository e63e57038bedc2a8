//! Changes to a table, by the holder of its object's lock.

use super::*;
use smallvec::SmallVec;

/// Offsets of entries.
pub type Selection = SmallVec<[u32; 32]>;

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
    #[inline(always)]
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

    /// A copy, with counted keys and values and no gaps, and room for `additional` more entries.
    pub fn copy(&self, additional: usize) -> Result<HashTable<K, C>, OutOfMemory> {
        let len = self.len_locked();
        let copy = HashTable::with_capacity(len.checked_add(additional).ok_or(OutOfMemory)?)?;
        // SAFETY: the copy is new, and this table is locked.
        if !cfg!(loom) && unsafe { Table::copy_whole::<K, C>(self.table.own(), copy.table.own(), len) } {
            copy.state.store((len as u64) << 1, Relaxed);
            return Ok(copy);
        }
        for (hash, key, value) in self.entries() {
            // SAFETY: the copy is new and has room; the keys differ.
            unsafe { copy.append_copy(hash, key, value) };
        }
        Ok(copy)
    }

    /// Appends an entry.
    ///
    /// # Safety
    /// Nobody else has this table, which has room and no equal key.
    pub unsafe fn append(&self, hash: u64, key: K, value: C::Item) {
        // SAFETY: by the caller.
        unsafe { (*self.table.own()).append(hash, Slot::new(key), C::new(value), false) };
        self.state.store(self.state.own() + 2, Relaxed);
    }

    /// Appends a counted copy of an entry of a locked table.
    ///
    /// # Safety
    /// Nobody else has this table, which has room and no equal key.
    unsafe fn append_copy(&self, hash: u64, key: &Slot<K>, value: &C) {
        // SAFETY: by the caller; the entry's own references, which are published, keep key and value alive under the lock.
        unsafe {
            let key = Slot::<K>::from_word(K::count(key.own_word()).into_word());
            (*self.table.own()).append(hash, key, value.copy(), false);
        }
        self.state.store(self.state.own() + 2, Relaxed);
    }

    /// The offsets of the entries for which `wanted`, given hash and key's word, says true; none at all where it cannot tell.
    pub fn select(&self, mut wanted: impl FnMut(u64, u64) -> Option<bool>) -> Option<Selection> {
        let mut selection = Selection::new();
        // SAFETY: the current table, under the lock.
        let table = unsafe { &*self.table.own() };
        for offset in 0..table.used_locked() {
            // SAFETY: below `used`.
            let entry = unsafe { table.entry::<K, C>(offset) };
            let key = entry.key.own_word();
            if key != 0 && wanted(entry.hash, key)? {
                selection.push(offset);
            }
        }
        Some(selection)
    }

    /// A new table of copies of the selected entries of one or more tables, all of them locked and all keys different.
    pub fn copy_selected(parts: &[(&HashTable<K, C>, &Selection)]) -> Result<HashTable<K, C>, OutOfMemory> {
        let copy = HashTable::with_capacity(parts.iter().map(|(_, selection)| selection.len()).sum())?;
        for (from, selection) in parts {
            // SAFETY: as in `select`, whose offsets they are; the copy is new and has room.
            unsafe {
                let table = &*from.table.own();
                for &offset in selection.iter() {
                    let entry = table.entry::<K, C>(offset);
                    copy.append_copy(entry.hash, &entry.key, &entry.value);
                }
            }
        }
        Ok(copy)
    }

    /// Whether the key with this hash and word is there; None if only Python code can tell.
    #[inline]
    pub fn contains_locked(&self, hash: u64, word: u64, mut compare: impl FnMut(u64) -> Match) -> Option<bool> {
        // SAFETY: as in `select`.
        let table = unsafe { &*self.table.own() };
        let mask = table.mask();
        let mut probe = Probe::start(hash, mask);
        loop {
            let offset = table.index::<true>(probe);
            if offset == NONE {
                return Some(false);
            }
            // SAFETY: from the index.
            let entry = unsafe { table.entry::<K, C>(offset) };
            if entry.hash == hash {
                let key = entry.key.own_word();
                if key == word {
                    return Some(true);
                }
                if key != 0 {
                    match compare(key) {
                        Match::Equal => return Some(true),
                        Match::Different => {}
                        Match::Unknown => return None,
                    }
                }
            }
            probe.advance(mask);
        }
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
    #[inline(always)]
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
                let table = self.table();
                // SAFETY: there is room, and the key was not found.
                unsafe { table.append(hash, Slot::new(key), C::new(value), table.may_reuse(self.reclaim)) };
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
                    (*fresh).append(entry.hash, key, entry.value.moved(), false);
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
