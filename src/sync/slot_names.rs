//! The numbering of names: one name has one number, for all who ask.
//!
//! Rules:
//! 1. A name gets the next number under the lock, after a second look; an entry is written once, before `len` counts it
//!    (Release), and stays, and so does its bit in `seen`. So lookups take no lock, and most of those for names that have no
//!    number (methods, for one) end at `seen`.
//! 2. `counted` runs under the lock when a name has just been numbered, before its number is given to anybody by `add`: here
//!    it voids the class's version. A lookup may find the number a moment earlier; who fills a cache under a version that was
//!    assigned before loses it, and under one that was assigned after `counted` finds the name.

use super::shim::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};
use super::shim::{Loads, Mutex, weakened};

/// At most `BLOCK * BLOCKS` names: words that are not 0.
pub struct SlotNames<const BLOCK: usize, const BLOCKS: usize> {
    /// Each made when it is needed: most classes do with one. They are freed with this.
    blocks: [AtomicPtr<[AtomicU64; BLOCK]>; BLOCKS],
    len: AtomicU32,
    /// A bit for each name, which others may share.
    seen: AtomicU64,
    adding: Mutex<()>,
}

/// The bit of a name. Names are pointers, so their lowest bits say nothing.
#[inline(always)]
fn bit(name: u64) -> u64 {
    1 << ((name >> 3).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

impl<const BLOCK: usize, const BLOCKS: usize> SlotNames<BLOCK, BLOCKS> {
    /// No names.
    #[allow(clippy::new_without_default, reason = "as the other primitives")]
    pub fn new() -> SlotNames<BLOCK, BLOCKS> {
        let none = |_| AtomicPtr::new(std::ptr::null_mut());
        SlotNames {
            blocks: std::array::from_fn(none),
            len: AtomicU32::new(0),
            seen: AtomicU64::new(0),
            adding: Mutex::new(()),
        }
    }

    /// The number of a name among the first `len`, which are there.
    #[inline]
    fn position(&self, len: usize, name: u64) -> Option<usize> {
        for (i, block) in self.blocks[..len.div_ceil(BLOCK)].iter().enumerate() {
            // Relaxed, as the load of the name: `len` orders both.
            let block = block.load(Relaxed);
            #[cfg(loom)]
            assert!(!block.is_null(), "counted before it was there");
            // SAFETY: there are names in it, so there is the block; it stays.
            let block = unsafe { &*block };
            let here = &block[..(len - i * BLOCK).min(BLOCK)];
            if let Some(at) = here.iter().position(|n| n.load(Relaxed) == name) {
                return Some(i * BLOCK + at);
            }
        }
        None
    }

    /// The number of a name.
    #[inline]
    pub fn find(&self, name: u64) -> Option<usize> {
        // Acquire: pairs with the Release in `add`, after block, entry and bit.
        let len = self.len.load(Acquire) as usize;
        if self.seen.load(Relaxed) & bit(name) == 0 {
            return None;
        }
        self.position(len, name)
    }

    /// Numbers a name (rule 2). None: there are enough.
    pub fn add(&self, name: u64, counted: impl FnOnce()) -> Option<usize> {
        let _adding = self.adding.lock();
        // Only the lock's holder writes.
        let len = self.len.own() as usize;
        if let Some(number) = self.position(len, name)
            && !weakened("slot names: look again")
        {
            return Some(number);
        }
        let place = self.blocks.get(len / BLOCK)?;
        let mut block = place.own();
        if block.is_null() {
            block = Box::into_raw(Box::new(std::array::from_fn(|_| AtomicU64::new(0))));
            place.store(block, Relaxed);
        }
        // SAFETY: just made, or as in `position`.
        let block = unsafe { &*block };
        block[len % BLOCK].store(name, Relaxed);
        let seen = self.seen.own() | bit(name);
        let seen_last = weakened("slot names: seen last");
        if !seen_last {
            self.seen.store(seen, Relaxed);
        }
        let order = if weakened("slot names: release") { Relaxed } else { Release };
        // No schedule of the whole machine has noticed this one: another thread would have to void what it knew, learn the class
        // anew and fill its cache between the two steps, and it learns after many misses only. Loom's model, whose reader
        // fills at once, fails.
        if weakened("slot names: void last") {
            counted();
            self.len.store(len as u32 + 1, order);
        } else {
            self.len.store(len as u32 + 1, order);
            counted();
        }
        if seen_last {
            self.seen.store(seen, Relaxed);
        }
        Some(len)
    }
}

impl<const BLOCK: usize, const BLOCKS: usize> Drop for SlotNames<BLOCK, BLOCKS> {
    fn drop(&mut self) {
        for block in self.blocks.iter().map(|block| block.load(Relaxed)).filter(|block| !block.is_null()) {
            // SAFETY: made in `add`.
            drop(unsafe { Box::from_raw(block) });
        }
    }
}
