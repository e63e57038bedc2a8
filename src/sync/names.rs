//! The interning table: one object for each text, found without a lock, and gone when nobody refers to it any more.
//!
//! The table is cut into shards by hash. A shard is a set whose keys it does not count (`Entry`), and a mutex for changes.
//!
//! Rules:
//! 1. A lookup finds an entry without a lock and tries to count the object. That fails only when the object has ended.
//! 2. Adding takes the shard's mutex and looks again. An entry whose object has ended is replaced there.
//! 3. An object that was interned takes itself out (`forget`) at its end, under the mutex, before anything of it goes away: an
//!    entry that is found under the mutex has its text. `forget` removes the object's own entry and no other, since it may
//!    have been replaced (rule 2).
//! 4. The mutex is held for the table's work only: nothing is made, dropped, compared by Python code or waited for meanwhile.
//!
//! Why there is one object for each text: entries are added under the mutex after a look that found no living one with the
//! text. An ended object is not revived (names have no finaliser), so its successor is the only one.
//!
//! Callers keep a small cache per thread in front, so that the shards' lines are seldom touched at all.

use super::dict_table::{Deleted, Get, Hint, Inserted, Match, SetTable};
use super::reclaim::{OutOfMemory, Reclaim};
use super::shim::{Mutex, Padded, weakened};
use super::slot::Counted;
use super::stats::{self, Shared};
use std::marker::PhantomData;

const SHARDS: usize = if cfg!(loom) { 1 } else { 64 };

/// See the module's documentation.
pub struct Names<N: Counted> {
    shards: [Padded<Shard<N>>; SHARDS],
}

struct Shard<N: Counted> {
    mutex: Mutex<()>,
    table: SetTable<Entry<N>>,
}

/// A name that the table does not count. One that came from a lookup has been counted, for the caller.
struct Entry<N>(u64, PhantomData<N>);

// SAFETY: counting is the name's; an entry is its word, and moves no reference of its own.
unsafe impl<N: Counted> Counted for Entry<N> {
    fn into_word(self) -> u64 {
        self.0
    }

    unsafe fn from_word(word: u64) -> Self {
        Entry(word, PhantomData)
    }

    fn publish(&self) {}

    unsafe fn try_count(word: u64) -> bool {
        // SAFETY: the caller's.
        unsafe { weakened("names: count") || N::try_count(word) }
    }

    unsafe fn count(word: u64) -> Self {
        Entry(word, PhantomData)
    }
}

impl<N: Counted> Entry<N> {
    /// The name, with the reference that a lookup counted.
    fn into_name(self) -> N {
        // SAFETY: counted by `try_count`.
        unsafe { N::from_word(self.0) }
    }
}

impl<N: Counted> Names<N> {
    #[cfg(not(loom))]
    /// No names.
    pub const fn new() -> Names<N> {
        Names { shards: [const { Padded(Shard { mutex: Mutex::new(()), table: SetTable::new() }) }; SHARDS] }
    }

    #[cfg(loom)]
    pub fn new() -> Names<N> {
        Names { shards: std::array::from_fn(|_| Padded(Shard { mutex: Mutex::new(()), table: SetTable::new() })) }
    }

    fn shard(&self, hash: u64) -> &Shard<N> {
        // The table uses the low bits.
        &self.shards[(hash >> 48) as usize % SHARDS]
    }

    /// The name with this hash for which `same` says `Equal`, if there is one. `same(word, locked)` is asked about names with
    /// the hash; unless `locked`, the name may be ending, and `same` says `Unknown` if it cannot look at it then.
    /// `Err` says that the answer needs the lock: `intern` has it.
    fn find<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        mut same: impl FnMut(u64, bool) -> Match,
    ) -> Result<Option<N>, ()> {
        match self.shard(hash).table.get_key(reclaim, hash, 0, Hint::START, |word| same(word, false)) {
            Ok(Get::Found(entry)) => Ok(Some(entry.into_name())),
            Ok(Get::Missing) => Ok(None),
            Ok(Get::Ask(ask)) => {
                // Found as a candidate, and counted: compare it while it lives.
                let name = ask.key.into_name();
                match same(name.word(), true) {
                    Match::Equal => Ok(Some(name)),
                    _ => Err(()),
                }
            }
            Err(_) => Err(()),
        }
    }

    /// The name with this hash for which `same` says `Equal`, or else what `make` makes, which is the name from now on.
    pub fn intern<R: Reclaim>(
        &self,
        reclaim: &R,
        hash: u64,
        mut same: impl FnMut(u64, bool) -> Match,
        make: impl FnOnce() -> N,
    ) -> Result<N, OutOfMemory> {
        if let Ok(Some(name)) = self.find(reclaim, hash, &mut same) {
            return Ok(name);
        }
        let fresh = make();
        fresh.publish();
        stats::note(Shared::Names);
        let shard = self.shard(hash);
        let guard = shard.mutex.lock();
        loop {
            match shard.table.get_key(reclaim, hash, 0, Hint::START, |word| same(word, true)) {
                Ok(Get::Found(entry)) if !weakened("names: look again") => {
                    drop(guard);
                    // `fresh` goes after the lock.
                    return Ok(entry.into_name());
                }
                Ok(_) => break,
                // An object that has ended and not yet forgotten itself (rule 2).
                Err(ended) => {
                    let gone = shard.table.delete_at(reclaim, ended);
                    debug_assert!(gone.is_some());
                }
            }
        }
        let entry = Entry(fresh.word(), PhantomData);
        match shard.table.insert(reclaim, hash, entry, (), Hint::START, |_| Match::Different) {
            Inserted::New => Ok(fresh),
            _ => Err(OutOfMemory),
        }
    }

    /// Takes a name out, at its end (rule 3).
    pub fn forget<R: Reclaim>(&self, reclaim: &R, hash: u64, word: u64) {
        stats::note(Shared::Names);
        let shard = self.shard(hash);
        let _guard = shard.mutex.lock();
        let same = if weakened("names: own entry") { Match::Equal } else { Match::Different };
        match shard.table.delete(reclaim, hash, word, Hint::START, |_| same) {
            // Entries own nothing, so dropping them here is nothing.
            Deleted::Gone(..) | Deleted::Missing | Deleted::Ask(_) => {}
        }
    }

    /// How many names there are; exact when nobody adds or ends any.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.table.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<N: Counted> Default for Names<N> {
    fn default() -> Self {
        Names::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::testing::{Ref, Yard};
    use super::*;

    #[test]
    fn one_object_for_each_text_while_it_lives() {
        let yard = Yard::new(1, true);
        let here = yard.enter(0);
        let one = here.intern(5);
        assert_eq!(here.intern(5).word(), one.word());
        assert_ne!(here.intern(6).word(), one.word());
        // 6 had no other reference.
        assert_eq!(yard.names.len(), 1);
        let word = one.word();
        drop(one);
        assert!(yard.names.is_empty());
        let again: Ref = here.intern(5);
        assert_ne!(again.word(), word, "the old one's memory waits for its epoch");
        drop(again);
        here.assert_nothing_left();
    }

    #[test]
    fn a_name_behind_a_removed_one_is_found() {
        let yard = Yard::new(1, true);
        let here = yard.enter(0);
        // Another name keeps the block in use, so that the removed entry stays in front of its successor.
        let other = here.intern(5);
        drop(here.intern(6));
        let again: Ref = here.intern(6);
        assert_eq!(here.intern(6).word(), again.word());
        drop((again, other));
        here.assert_nothing_left();
    }

    #[test]
    fn threads_agree_while_names_come_and_go() {
        let yard = Yard::new(4, true);
        std::thread::scope(|scope| {
            for index in 0..4 {
                let yard = &yard;
                scope.spawn(move || {
                    let here = yard.enter(index);
                    for round in 0..3000 {
                        let name = here.intern(round % 7);
                        assert_eq!(name.value(), round % 7);
                        assert_eq!(here.intern(round % 7).word(), name.word());
                        drop(name);
                        here.safepoint();
                    }
                });
            }
        });
        let here = yard.enter(0);
        here.assert_nothing_left();
        assert!(yard.names.is_empty());
    }
}
