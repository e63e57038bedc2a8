//! Biased reference counts: the owner counts without atomic read-modify-writes, everybody else with them.
//!
//! After Choi, Shull and Torrellas, "Biased Reference Counting" (PACT 2018), in the form that PEP 703 gives it.
//!
//! | word | who writes it | meaning |
//! |---|---|---|
//! | `owner` | creator; owner once, to `MERGED`; anybody while the world is stopped | whom the count is biased to, or a sentinel |
//! | `local` | the owner (merging: whoever merges) | references counted by the owner |
//! | `shared` | everybody | `count << 2 \| state`; the count may be negative while `local` is positive |
//!
//! States of `shared`:
//!
//! | state | meaning |
//! |---|---|
//! | none | biased; the true count is `local + count` |
//! | `QUEUED` | lies in its owner's merge queue, which holds one reference |
//! | `MERGED` | `local` no longer counts; the true count is `count` |
//! | `MERGED` with count 0 | dead: no reference can be taken any more |
//!
//! Rules:
//! 1. A thread that finds its own id in `owner` may change `local` plainly: only it ever stores anything else there.
//! 2. A foreign decrement that would find `count == 0` in an unqueued, unmerged word does not subtract: it sets `QUEUED`
//!    and gives its reference to the owner's queue. The owner takes it back with `merge(-1)`.
//! 3. The owner's last decrement of a published object is a compare-exchange 0 -> dead on `shared`. A lock-free reader's
//!    `try_incref_shared` is a compare-exchange on the same word, so one of the two sees the other (see `slot`).
//! 4. Whoever is answered `Last` is alone with the object: it runs the finaliser, drops the payload and retires the memory.

use super::shim::atomic::{AtomicU32, Ordering::*};
use super::shim::{Loads, linger, weakened};

/// `owner` of an object whose `local` no longer counts.
pub const MERGED_OWNER: u32 = 0;
/// `owner` of an object that is never counted and never freed.
pub const IMMORTAL: u32 = u32::MAX;
/// `owner` of an object that each thread counts in its own table; `local` is the index there.
pub const SHARDED: u32 = u32::MAX - 1;
/// `owner` of an object that is ending or whose memory is free.
pub const ENDED: u32 = u32::MAX - 2;
/// The largest id that a thread may have. Ids start at 1.
pub const MAX_THREAD_ID: u32 = u32::MAX - 16;

const QUEUED: u32 = 1;
const MERGED: u32 = 2;
const ONE: u32 = 4;
const STATE: u32 = 3;

/// What is left to do after a reference was given back.
#[must_use]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Released {
    /// Nothing.
    Alive,
    /// That was the last reference; the caller now owns the object's remains.
    Last,
    /// The reference went to the owner's merge queue: the caller puts the object there.
    Queue,
}

/// The three count words of an object's header.
#[repr(C)]
pub struct Counts {
    /// In a model: what the owner knows of `owner` without a step of its own (see `shim::Loads`).
    #[cfg(loom)]
    owner_knows: std::sync::atomic::AtomicU32,
    owner: AtomicU32,
    local: AtomicU32,
    shared: AtomicU32,
}

impl Counts {
    /// One reference, held by thread `me`.
    #[inline(always)]
    pub fn new(me: u32) -> Counts {
        Counts {
            #[cfg(loom)]
            owner_knows: std::sync::atomic::AtomicU32::new(me),
            owner: AtomicU32::new(me),
            local: AtomicU32::new(1),
            shared: AtomicU32::new(0),
        }
    }

    /// Never counted.
    #[cfg(not(loom))]
    pub const fn immortal() -> Counts {
        Counts { owner: AtomicU32::new(IMMORTAL), local: AtomicU32::new(0), shared: AtomicU32::new(0) }
    }

    #[inline(always)]
    pub fn owner(&self) -> u32 {
        // Relaxed: a thread can only find its own id here if it wrote it (rule 1); sentinels carry no data.
        self.owner.load(Relaxed)
    }

    /// Whether the count is biased to thread `me`, the caller.
    #[inline(always)]
    pub fn is_owned_by(&self, me: u32) -> bool {
        // A thread that is the owner is the only one that writes the word, so it may as well look at its own note.
        #[cfg(loom)]
        if self.owner_knows.load(Relaxed) == me {
            return true;
        }
        self.owner() == me
    }

    fn set_owner(&self, owner: u32) {
        #[cfg(loom)]
        self.owner_knows.store(owner, Relaxed);
        // Relaxed: as in `owner`. Who makes an object nobody's, or sharded, says so in `shared` or stops the world as well.
        self.owner.store(owner, Relaxed);
    }

    /// The owner's count, or the table index of a sharded object.
    #[inline(always)]
    pub fn local(&self) -> u32 {
        self.local.load(Relaxed)
    }

    /// The foreign count, which may be negative, and whether the counts are merged.
    pub fn shared(&self) -> (i32, bool) {
        // Acquire: who finds it merged sees the owner's last changes of `local`.
        let word = self.shared.load(Acquire);
        ((word as i32) >> 2, word & MERGED != 0)
    }

    /// Makes a not yet shared object immortal.
    pub fn make_immortal(&self) {
        self.set_owner(IMMORTAL);
    }

    /// Makes an object sharded with table index `index`. The caller is alone with it (just created, or the world is
    /// stopped) and keeps the present total as the base of the tables' sum.
    pub fn make_sharded(&self, index: u32) {
        self.set_owner(SHARDED);
        // Relaxed: nobody else has it, or the end of the stop orders it.
        self.local.store(index, Relaxed);
        self.shared.store(0, Relaxed);
    }

    /// Makes a living object sharded with table index `index`, at a stop of the world; answers the base of the tables' sum.
    #[must_use = "the base goes into a table"]
    pub fn promote(&self, index: u32) -> i64 {
        let total = self.total();
        self.make_sharded(index);
        total
    }

    /// The table index of a sharded object. Who drains a merge queue asks this first (`promote`, rule 3).
    #[inline]
    pub fn sharded(&self) -> Option<u32> {
        (self.owner() == SHARDED && !weakened("promotion: queued")).then(|| self.local())
    }

    /// Ends a sharded object whose tables sum up to nothing: no reference can be taken any more.
    pub fn end_sharded(&self) {
        self.mark_ended(true);
    }

    /// Takes a reference as the owner. The caller has found its id in `owner`.
    #[inline(always)]
    pub fn incref_owned(&self) {
        self.local.store(self.local.own().wrapping_add(1), Relaxed);
    }

    /// Gives back a reference as the owner; true when `local` reached zero and `release_owned` must follow.
    #[inline(always)]
    pub fn decref_owned(&self) -> bool {
        let left = self.local.own().wrapping_sub(1);
        self.local.store(left, Relaxed);
        left == 0
    }

    /// The owner's step after its count reached zero. `plain` says that no lock-free reader can exist: the object was
    /// never published, or the process has one thread.
    #[inline]
    pub fn release_owned(&self, plain: bool) -> Released {
        // Acquire: pairs with the Release in `decref_shared`, whose thread's writes to the payload come first.
        let mut word = self.shared.to_update(if weakened("count: release acquire") { Relaxed } else { Acquire });
        if (plain || weakened("count: last decref")) && word == 0 {
            if !plain {
                linger();
            }
            return Released::Last;
        }
        // From here on the owner is nobody. Relaxed: whoever acts on it goes through `shared` first.
        self.set_owner(MERGED_OWNER);
        loop {
            let merged = (word & !STATE) | MERGED;
            // AcqRel: Release gives our writes to the thread that frees; Acquire pairs with `decref_shared`.
            let order = if weakened("count: release acquire") { Release } else { AcqRel };
            match self.shared.compare_exchange_weak(word, merged, order, Acquire) {
                Ok(_) if merged == MERGED => return Released::Last,
                Ok(_) => return Released::Alive,
                Err(seen) => word = seen,
            }
        }
    }

    /// Takes a reference as a thread that is not the owner; the caller knows that the object lives. (Callers note foreign
    /// changes in `stats`.)
    #[inline]
    pub fn incref_shared(&self) {
        // Relaxed: a new reference is made from one that exists, as in `Arc`.
        self.shared.fetch_add(ONE, Relaxed);
    }

    /// Takes a reference as a thread that is not the owner, unless the object is dead.
    #[inline]
    pub fn try_incref_shared(&self) -> bool {
        // Acquire: pairs with the Release of the last decrement, which came after the reference left its slot; so a reader
        // that fails and looks at the slot again does not find the same value.
        let mut word = self.shared.to_update(Acquire);
        loop {
            if word == MERGED && !weakened("count: dead") {
                return false;
            }
            // Acquire: as above, and with the merge that a later owner check relies on.
            match self.shared.compare_exchange_weak(word, word.wrapping_add(ONE), Acquire, Acquire) {
                Ok(_) => return true,
                Err(seen) => word = seen,
            }
        }
    }

    /// Gives back a reference as a thread that is not the owner.
    #[inline]
    pub fn decref_shared(&self) -> Released {
        let mut word = self.shared.to_update(Relaxed);
        loop {
            let queue = word == 0 && !weakened("count: queue");
            let next = if queue { QUEUED } else { word.wrapping_sub(ONE) };
            // Release: our writes to the object come before its end; Acquire: if this is the end, so do all others'.
            let order = if weakened("count: decref order") { Relaxed } else { AcqRel };
            match self.shared.compare_exchange_weak(word, next, order, Relaxed) {
                Ok(_) if queue => return Released::Queue,
                Ok(_) if next == MERGED => return Released::Last,
                Ok(_) => return Released::Alive,
                Err(seen) => word = seen,
            }
        }
    }

    /// Ends the bias: folds `local` and `extra` into `shared`. Called by the owner (draining its queue, with
    /// `extra == -1` for the queue's reference), by whoever acts for an owner that has exited, or with the world stopped.
    /// An object that it ends is marked so at once: after a stop its end is put off, and a walk over the heap may come first.
    pub fn merge(&self, extra: i32) -> Released {
        let mut word = self.shared.to_update(Acquire);
        loop {
            let merged = word & MERGED != 0;
            let local = if merged { 0 } else { self.local.own() as i32 };
            let count = ((word as i32) >> 2) + local + extra;
            let next = ((count as u32) << 2) | MERGED;
            if !merged {
                self.set_owner(MERGED_OWNER);
            }
            match self.shared.compare_exchange_weak(word, next, AcqRel, Acquire) {
                Ok(_) if next == MERGED => {
                    self.mark_ended(false);
                    return Released::Last;
                }
                Ok(_) => return Released::Alive,
                Err(seen) => word = seen,
            }
        }
    }

    /// Marks an object whose end has begun: a walk over the heap passes it by, and nobody counts it any more. `plain` as for
    /// `release_owned`, which has then left `shared` as it was: a weak reference may still be followed, by this thread, before
    /// the end gets to it.
    #[inline]
    pub fn mark_ended(&self, plain: bool) {
        if plain && !weakened("count: plain end") {
            // Relaxed: nobody else can find it (it was never published, or there is one thread).
            self.shared.store(MERGED, Relaxed);
        }
        self.set_owner(ENDED);
    }

    /// Gives a dead object one reference again, held by thread `me`, so that its finaliser can run.
    pub fn revive(&self, me: u32) {
        self.local.store(1, Relaxed);
        self.set_owner(me);
        // Release: a reader that now succeeds in `try_incref_shared` sees the two words above.
        self.shared.swap(0, Release);
    }

    /// Gives back the reference of `revive` after the finaliser; whether the end goes on. `plain` as for `release_owned`.
    /// Not for an object that was made sharded meanwhile.
    pub fn is_over_after_revival(&self, me: u32, plain: bool) -> bool {
        // While the finaliser ran, this thread may have merged its queue, and so lost the bias.
        let released = if !self.is_owned_by(me) {
            self.decref_shared()
        } else if self.decref_owned() {
            self.release_owned(plain)
        } else {
            Released::Alive
        };
        // `Queue` cannot be: the word of an object that is nobody's is merged.
        let last = released == Released::Last;
        if last {
            self.mark_ended(plain);
        }
        last
    }

    /// Whether the caller, who is the owner, holds the only reference.
    #[inline(always)]
    pub fn is_unique(&self, me: u32) -> bool {
        // Acquire: pairs with the Release in `decref_shared`: what others did with their references comes first.
        self.is_owned_by(me) && self.local.own() == 1 && self.shared.load(Acquire) == 0
    }

    /// Whether the caller, who is the owner, holds `count` references and nobody else holds any.
    #[inline(always)]
    pub fn is_held_by(&self, me: u32, count: u32) -> bool {
        let others = self.shared.load(Acquire) != 0 && !weakened("stress: a str that others hold stays");
        self.is_owned_by(me) && self.local.own() == count && !others
    }

    /// Takes references off the count that others go on holding. The world is stopped; `return_from_trial` comes before it goes on.
    /// Not for sharded and immortal objects.
    #[inline(always)]
    pub fn take_for_trial(&self, times: u32) {
        if self.owner() == MERGED_OWNER {
            self.shared.store(self.shared.own().wrapping_sub(times.wrapping_mul(ONE)), Relaxed);
        } else {
            self.local.store(self.local.own().wrapping_sub(times), Relaxed);
        }
    }

    /// Puts them back.
    #[inline(always)]
    pub fn return_from_trial(&self, times: u32) {
        self.take_for_trial(times.wrapping_neg());
    }

    /// The true count, exact when nobody else is counting. Not meaningful for sharded and immortal objects.
    pub fn total(&self) -> i64 {
        let (shared, merged) = self.shared();
        shared as i64 + if merged { 0 } else { self.local.load(Relaxed) as i32 as i64 }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_merging_ends_is_marked_before_its_end_runs() {
        // Made by thread 1, its reference given back by thread 2: the queue holds it.
        let counts = Counts::new(1);
        assert_eq!(counts.decref_shared(), Released::Queue);
        assert_eq!(counts.merge(-1), Released::Last);
        assert_eq!(counts.owner(), ENDED);
        assert!(!counts.try_incref_shared());
        // So is one of a process with one thread.
        let counts = Counts::new(1);
        assert!(counts.decref_owned() && counts.release_owned(true) == Released::Last);
        counts.mark_ended(true);
        assert!(!counts.try_incref_shared());
        counts.revive(1);
        assert!(counts.try_incref_shared() && counts.decref_shared() == Released::Alive);
        assert!(counts.is_over_after_revival(1, true) && !counts.try_incref_shared());
        // One that others still hold is nobody's, and alive.
        let counts = Counts::new(1);
        counts.incref_shared();
        counts.incref_owned();
        assert_eq!(counts.decref_shared(), Released::Alive);
        assert_eq!(counts.merge(-1), Released::Alive);
        assert_eq!(counts.owner(), MERGED_OWNER);
        assert!(counts.try_incref_shared());
    }
}
