//! Weak references: who points to an object without keeping it alive.
//!
//! A reference is an object with a `Link`, the word of what it points to: 0 once that is dead. A sharded table has, for each
//! object that is pointed to, its references, uncounted.
//!
//! Rules:
//! 1. `enter` publishes the target and the reference, and marks the target, before anybody can find one through the other. So
//!    both end by their shared words and their memory goes through the epoch, and whoever ends the target sees the mark.
//! 2. A link is set once, by the thread that makes the reference. It becomes 0 under the lock of its target's shard: by the
//!    target's end (`detach`), or by the reference's own (`leave`), whichever comes first. `detach` comes before the target's
//!    memory is retired, `leave` before the reference's.
//! 3. `get` takes no lock. A word that is not 0 was read before `detach` was over, by a pinned thread: so the header that it
//!    names is still there, and is counted as a lock-free reader counts what it finds in a slot.
//! 4. The table's entries are not counted. Under the lock a listed reference has not left, so its header is there; it may be
//!    ending, and is handed out only if it can be counted.
//! 5. Looking for a reference that would do, and entering a new one where there is none, is one step under the lock: of several
//!    threads that want the one reference without callback all get the same.
//!
//! Nothing is called, dropped or waited for while a shard is locked.

use super::shim::atomic::{AtomicU64, Ordering::*};
use super::shim::{Mutex, const_unless_loom, weakened};
use super::slot::Counted;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::marker::PhantomData;

const SHARDS: usize = if cfg!(loom) { 1 } else { 64 };

/// Where a reference keeps its target.
pub struct Link(AtomicU64);

impl Link {
    const_unless_loom! {
        /// Not yet pointing anywhere.
        pub fn new() -> Link {
            Link(AtomicU64::new(0))
        }
    }

    /// The target, if it lives. Without a lock.
    #[inline]
    pub fn get<T: Counted>(&self) -> Option<T> {
        // Acquire: pairs with the Release in `detach`: who finds 0 sees what the target's end had done by then.
        let word = self.0.load(Acquire);
        // SAFETY: rule 3; the reference is the one just counted.
        unsafe { (word != 0 && T::try_count(word)).then(|| T::from_word(word)) }
    }

    /// Whether the target is gone, or was never set.
    pub fn is_dead(&self) -> bool {
        // Acquire: as in `get`.
        self.0.load(Acquire) == 0
    }
}

impl Default for Link {
    fn default() -> Self {
        Link::new()
    }
}

/// References by target, words of both.
type Entries<S> = HashMap<u64, Vec<u64>, S>;

/// See the module's documentation. `S` hashes the words of targets.
pub struct WeakTable<T: Counted, S: BuildHasher + Default> {
    shards: [Mutex<Option<Entries<S>>>; SHARDS],
    values: PhantomData<T>,
}

// SAFETY: the shards hold words only, each behind its lock.
unsafe impl<T: Counted, S: BuildHasher + Default + Send> Sync for WeakTable<T, S> {}
// SAFETY: as above.
unsafe impl<T: Counted, S: BuildHasher + Default + Send> Send for WeakTable<T, S> {}

impl<T: Counted, S: BuildHasher + Default> WeakTable<T, S> {
    /// No references.
    #[cfg(not(loom))]
    #[allow(clippy::new_without_default, reason = "as the other primitives")]
    pub const fn new() -> WeakTable<T, S> {
        WeakTable { shards: [const { Mutex::new(None) }; SHARDS], values: PhantomData }
    }

    /// No references.
    #[cfg(loom)]
    pub fn new() -> WeakTable<T, S> {
        WeakTable { shards: std::array::from_fn(|_| Mutex::new(None)), values: PhantomData }
    }

    fn shard(&self, target: u64) -> &Mutex<Option<Entries<S>>> {
        &self.shards[(target >> 4) as usize % SHARDS]
    }

    /// Points `reference`, whose link is `link`, at `target`, which `mark` marks as pointed to.
    pub fn enter(&self, link: &Link, reference: &T, target: &T, mark: impl FnOnce()) {
        let _none = self.find_or_enter(link, reference, target, mark, |_| false);
    }

    /// The oldest living reference to `target` for which `wanted` says true; where there is none, `reference` becomes one.
    /// `wanted` sees words of references under the lock, and may look at what never changes in them, no more.
    pub fn find_or_enter(
        &self,
        link: &Link,
        reference: &T,
        target: &T,
        mark: impl FnOnce(),
        wanted: impl Fn(u64) -> bool,
    ) -> Option<T> {
        if !weakened("weak: publish target") {
            target.publish();
        }
        if !weakened("weak: publish reference") {
            reference.publish();
        }
        if !weakened("weak: mark") {
            mark();
        }
        let word = target.word();
        let mut guard = self.shard(word).lock();
        let list = guard.get_or_insert_default().entry(word).or_default();
        if !weakened("weak: look again")
            && let Some(found) = first_living(list, wanted)
        {
            return Some(found);
        }
        // Relaxed: nobody else has the reference yet, and whoever gets it sees what its maker did.
        link.0.store(word, Relaxed);
        list.push(reference.word());
        None
    }

    /// Forgets the target, as part of the end of `reference`, whose link is `link`.
    pub fn leave(&self, link: &Link, reference: u64) {
        // Acquire: as in `get`.
        let word = link.0.load(Acquire);
        if word == 0 {
            // Whoever has just detached it may still be trying to count it: the memory goes through the epoch.
            return;
        }
        let mut guard = self.shard(word).lock();
        // Relaxed, here and below: links change under the lock, and nobody follows one that is ending.
        if link.0.load(Relaxed) == 0 || weakened("weak: leave") {
            return;
        }
        link.0.store(0, Relaxed);
        if let Some(entries) = guard.as_mut()
            && let Some(list) = entries.get_mut(&word)
        {
            list.retain(|other| *other != reference);
            if list.is_empty() {
                entries.remove(&word);
            }
        }
    }

    /// The living references to the object `target`, oldest first.
    pub fn references(&self, target: u64) -> Vec<T> {
        let guard = self.shard(target).lock();
        let list = guard.as_ref().and_then(|entries| entries.get(&target));
        list.map_or_else(Vec::new, |list| list.iter().filter_map(|word| living(*word)).collect())
    }

    /// The oldest living reference to the object `target` for which `wanted` says true (see `find_or_enter`).
    pub fn find(&self, target: u64, wanted: impl Fn(u64) -> bool) -> Option<T> {
        first_living(self.shard(target).lock().as_ref()?.get(&target)?, wanted)
    }

    /// As part of the end of the object `target`: clears all links to it, and answers the references that live. `link_of`
    /// finds the link of a reference.
    pub fn detach<'a>(&self, target: u64, link_of: impl Fn(u64) -> &'a Link) -> Vec<T> {
        let mut guard = self.shard(target).lock();
        let Some(list) = guard.as_mut().and_then(|entries| entries.remove(&target)) else { return Vec::new() };
        let mut alive = Vec::new();
        for word in list {
            if !weakened("weak: clear") {
                // Release: pairs with the Acquire in `get`.
                link_of(word).0.store(0, Release);
            }
            alive.extend(living(word));
        }
        alive
    }
}

/// A new reference to the object behind an entry, unless it is ending. The shard is locked.
fn living<T: Counted>(word: u64) -> Option<T> {
    // SAFETY: rule 4; the reference is the one just counted.
    unsafe { (T::try_count(word) || weakened("weak: living")).then(|| T::from_word(word)) }
}

fn first_living<T: Counted>(list: &[u64], wanted: impl Fn(u64) -> bool) -> Option<T> {
    list.iter().find_map(|word| if wanted(*word) { living(*word) } else { None })
}
