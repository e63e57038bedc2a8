//! The numbering of names: one name has one number, for all who ask.
//!
//! Rules:
//! 1. A name gets the next number under the lock, after a second look; an entry is written once, before `len` counts it
//!    (Release), and stays. So lookups take no lock.
//! 2. `counted` runs under the lock when a name has just been numbered, before its number is given to anybody by `add`: here
//!    it voids the class's version. A lookup may find the number a moment earlier; who fills a cache under a version that was
//!    assigned before loses it, and under one that was assigned after `counted` finds the name.

use super::shim::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering::*};
use super::shim::{Loads, Mutex, weakened};

/// At most `ROOM` names: words that are not 0.
pub struct SlotNames<const ROOM: usize> {
    /// Made when it is needed; freed with this.
    names: AtomicPtr<[AtomicU64; ROOM]>,
    len: AtomicU32,
    adding: Mutex<()>,
}

impl<const ROOM: usize> SlotNames<ROOM> {
    /// No names.
    #[allow(clippy::new_without_default, reason = "as the other primitives")]
    pub fn new() -> SlotNames<ROOM> {
        SlotNames { names: AtomicPtr::new(std::ptr::null_mut()), len: AtomicU32::new(0), adding: Mutex::new(()) }
    }

    /// The number of a name.
    #[inline]
    pub fn find(&self, name: u64) -> Option<usize> {
        // Acquire: pairs with the Release in `add`, after array and entry.
        let len = self.len.load(Acquire) as usize;
        if len == 0 {
            return None;
        }
        let names = self.names.load(Relaxed);
        #[cfg(loom)]
        assert!(!names.is_null(), "counted before it was there");
        // SAFETY: there are names, so there is the array; it stays.
        let names = unsafe { &*names };
        // Relaxed, as the load of the array: `len` orders both.
        names[..len].iter().position(|n| n.load(Relaxed) == name)
    }

    /// Numbers a name (rule 2). None: there are enough.
    pub fn add(&self, name: u64, counted: impl FnOnce()) -> Option<usize> {
        let _adding = self.adding.lock();
        // Only the lock's holder writes.
        let len = self.len.own() as usize;
        let mut names = self.names.own();
        if names.is_null() {
            names = Box::into_raw(Box::new(std::array::from_fn(|_| AtomicU64::new(0))));
            self.names.store(names, Relaxed);
        }
        // SAFETY: just made, or as in `find`.
        let names = unsafe { &*names };
        if let Some(number) = names[..len].iter().position(|n| n.own() == name)
            && !weakened("slot names: look again")
        {
            return Some(number);
        }
        if len == ROOM {
            return None;
        }
        names[len].store(name, Relaxed);
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
        Some(len)
    }
}

impl<const ROOM: usize> Drop for SlotNames<ROOM> {
    fn drop(&mut self) {
        let names = self.names.load(Relaxed);
        if !names.is_null() {
            // SAFETY: made in `add`.
            drop(unsafe { Box::from_raw(names) });
        }
    }
}
