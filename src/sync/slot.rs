//! A word in a heap object that holds a counted value and is read without a lock.
//!
//! Rules:
//! 1. `store` and `take` are called with the containing object's lock held (or by its only holder). They mark the new
//!    value published before it can be seen, and store with Release.
//! 2. `load` takes no lock: Acquire load, then an attempt to count.
//! 3. Memory of a published object is not reused before every reader that was attached at its end has passed a safepoint.
//!
//! Why `load` needs no second look at the slot:
//! 1. The reader is pinned, so a published object that it can still see has a valid header (rule 3).
//! 2. If the header names the reader as the owner, nobody else can merge or free the object: `local += 1` is right.
//! 3. Otherwise the count attempt fails exactly when the object is dead, and the owner's last decrement is a
//!    compare-exchange on the same word: either it sees the reader's count or the reader sees the end.
//! 4. The owner sees the published flag whenever it matters: `local` reaches zero only through references that the owner
//!    itself took back, and taking one from a slot synchronises with the store that published it.
//!
//! The value returned is the slot's at the moment of the Acquire load. A failed attempt means that the slot has changed
//! since: the reader looks again.

use super::shim::atomic::{AtomicU64, Ordering::*};
use super::shim::{Loads, weakened};
use std::marker::PhantomData;

/// A counted value that fits in one non-zero word.
///
/// # Safety
/// `into_word` and `from_word` are inverse and move the reference; `try_count` follows the rules above.
pub unsafe trait Counted: Sized {
    /// The word that `into_word` would give: two values are identical if their words are equal.
    #[inline(always)]
    fn word(&self) -> u64 {
        // SAFETY: the copy becomes its word at once and is not dropped.
        unsafe { std::ptr::read(self) }.into_word()
    }
    /// Gives up the value for its word, which is not zero.
    fn into_word(self) -> u64;
    /// Takes a reference that `into_word` gave up.
    ///
    /// # Safety
    /// `word` came from `into_word`, and its reference is not used again.
    unsafe fn from_word(word: u64) -> Self;
    /// Marks the value as visible to other threads.
    fn publish(&self);
    /// Takes one more reference to the value behind `word`, unless it is dead.
    ///
    /// # Safety
    /// `word` was read from a slot by a pinned thread.
    unsafe fn try_count(word: u64) -> bool;
    /// A new reference to the value behind `word`, which is known to live.
    ///
    /// # Safety
    /// Something keeps the value alive during the call.
    unsafe fn count(word: u64) -> Self;
}

/// The slot held a value that has ended: the slot, or the memory that it lies in, has been replaced since.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dead;

/// See the module's documentation. Zero stands for empty.
#[repr(transparent)]
pub struct Slot<T: Counted>(AtomicU64, PhantomData<T>);

// SAFETY: the word is atomic; values cross threads only through counted references.
unsafe impl<T: Counted> Send for Slot<T> {}
// SAFETY: as above.
unsafe impl<T: Counted> Sync for Slot<T> {}

impl<T: Counted> Slot<T> {
    #[cfg(not(loom))]
    #[allow(clippy::declare_interior_mutable_const, reason = "an initial value")]
    pub const EMPTY: Slot<T> = Slot(AtomicU64::new(0), PhantomData);

    pub fn empty() -> Slot<T> {
        Slot(AtomicU64::new(0), PhantomData)
    }

    #[inline]
    pub fn new(value: T) -> Slot<T> {
        value.publish();
        Slot(AtomicU64::new(value.into_word()), PhantomData)
    }

    /// A slot for a bare word, as `put_word`.
    ///
    /// # Safety
    /// `word` is a published value's, and the reference that it stands for is the caller's to give.
    #[inline(always)]
    pub unsafe fn from_word(word: u64) -> Slot<T> {
        Slot(AtomicU64::new(word), PhantomData)
    }

    pub fn from_option(value: Option<T>) -> Slot<T> {
        value.map_or_else(Slot::empty, Slot::new)
    }

    /// A counted copy of the present value.
    #[inline(always)]
    pub fn load(&self) -> Option<T> {
        loop {
            // Acquire: pairs with the Release in `swap`; what the writer did before is seen.
            let word = self.0.load(if weakened("slot: acquire") { Relaxed } else { Acquire });
            if word == 0 {
                return None;
            }
            // SAFETY: read from a slot just now, by an attached (pinned) thread.
            if unsafe { T::try_count(word) } {
                // SAFETY: the reference just counted.
                return Some(unsafe { T::from_word(word) });
            }
        }
    }

    /// One attempt of `load`, for slots in memory that may be retired: there a dead value stays in the slot, and the reader has
    /// to start over from the pointer to that memory.
    #[inline(always)]
    pub fn attempt(&self) -> Result<Option<T>, Dead> {
        // Acquire: as in `load`.
        let word = self.0.load(Acquire);
        if word == 0 {
            return Ok(None);
        }
        // SAFETY: as in `load`.
        unsafe { if T::try_count(word) { Ok(Some(T::from_word(word))) } else { Err(Dead) } }
    }

    /// Replaces the value; the caller drops the old one after unlocking.
    #[inline]
    #[must_use = "drop the old value after unlocking"]
    pub fn swap(&self, value: Option<T>) -> Option<T> {
        let word = match value {
            Some(value) => {
                if !weakened("slot: publish") {
                    value.publish();
                }
                value.into_word()
            }
            None => 0,
        };
        // Writers hold the lock, so a load and a store do; Release pairs with the Acquire in `load`.
        let old = self.0.own();
        self.0.store(word, if weakened("slot: release") { Relaxed } else { Release });
        // SAFETY: the slot's own reference, which it no longer holds.
        (old != 0).then(|| unsafe { T::from_word(old) })
    }

    /// Stores into a slot that is known to be empty.
    #[inline]
    pub fn init(&self, value: T) {
        value.publish();
        self.0.store(value.into_word(), Release);
    }

    /// Empties the slot; the caller drops the value after unlocking.
    #[must_use = "drop the old value after unlocking"]
    pub fn take(&self) -> Option<T> {
        self.swap(None)
    }

    /// Stores a bare word: its reference moves here without being counted or published anew.
    ///
    /// # Safety
    /// `word` is 0 or a published value's, and the reference that it stands for is the caller's to give. Whatever the slot
    /// held is somebody else's by now.
    #[inline(always)]
    pub unsafe fn put_word(&self, word: u64) {
        // Release: pairs with the Acquire in `load`.
        self.0.store(word, Release);
    }

    /// The bare word, for identity comparisons, guards and the collector.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.0.load(Acquire)
    }

    /// As `word`, for the lock's holder.
    #[inline(always)]
    pub fn own_word(&self) -> u64 {
        self.0.own()
    }

    /// As `is_empty`, for the lock's holder.
    #[inline(always)]
    pub fn is_vacant(&self) -> bool {
        self.own_word() == 0
    }

    pub fn is_empty(&self) -> bool {
        self.word() == 0
    }
}

impl<T: Counted> Drop for Slot<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}
