//! The version of something that is looked up often and changes seldom: what guards compare before they believe a cache.
//! Here of a class; nothing in it knows.
//!
//! Rules:
//! 1. A version is a number that no other owner has or had; 0 is none. It is given out on demand (`assign`) and taken back
//!    (`void`, `begin_change`), never given out again.
//! 2. Who fills a cache assigns a version first, then looks things up, and keeps what it found only if the version is still
//!    there. Who uses a cache believes it if it finds the cache's version.
//! 3. Who changes what is looked up calls `begin_change` before and `end_change` after; in between no version is given out.
//!    Where a change only adds what nobody can have seen yet, `void` after it and before anybody sees it is enough.
//! 4. What a change replaced is dropped after its end, and its memory outlives the readers that were pinned then.
//!
//! Why nobody finds an old value in a cache after somebody has seen the new one: the cache's version was assigned before the
//! old value was found. If it was voided by `begin_change`, whoever saw the new value makes its readers see the void, since
//! that came first. Otherwise it was given out after that void: its giver, and who finds it there, has seen the void
//! (Acquire) and with it that a change is under way, and does not use the version.
//!
//! Why a cache may hold a bare word, uncounted: who finds the version has not seen the end of the change, hence was pinned
//! before what was replaced was dropped (rule 4).

use super::shim::atomic::{AtomicU32, Ordering::*};
use super::shim::{const_unless_loom, weakened};

/// See the module's documentation.
pub struct Version {
    number: AtomicU32,
    /// Changes that are under way.
    changes: AtomicU32,
}

#[allow(clippy::new_without_default, reason = "loom's is no constant")]
impl Version {
    const_unless_loom! {
        /// No version yet.
        pub fn new() -> Version {
            Version { number: AtomicU32::new(0), changes: AtomicU32::new(0) }
        }
    }

    /// The version, for guards; 0 when none is assigned.
    #[inline(always)]
    pub fn get(&self) -> u32 {
        // Acquire: who finds a version, or its void, sees what its giver or changer saw.
        self.number.load(Acquire)
    }

    /// The version, assigned now if there is none; 0 when `fresh` has no more, and during a change.
    pub fn assign(&self, mut fresh: impl FnMut() -> u32) -> u32 {
        loop {
            let version = self.get();
            if version != 0 {
                // After the version: who sees one that was given out during a change sees the change.
                let calm = weakened("version: look at changes") || self.changes.load(Acquire) == 0;
                return if calm { version } else { 0 };
            }
            let fresh = fresh();
            // AcqRel: this finds the void of a change, and then the change below, or that void comes after and takes the version.
            match self.number.compare_exchange(0, fresh, AcqRel, Acquire) {
                Ok(_) if weakened("version: look again") || self.changes.load(Acquire) == 0 => return fresh,
                Ok(_) => {
                    let _ = self.number.compare_exchange(fresh, 0, AcqRel, Relaxed);
                    return 0;
                }
                // Another thread was faster.
                Err(_) => {}
            }
        }
    }

    /// What is looked up is about to change: until `end_change`, nothing can be remembered of it.
    pub fn begin_change(&self) {
        // Relaxed: `void` below is a Release: who finds the version void sees that a change is under way.
        self.changes.fetch_add(1, Relaxed);
        if !weakened("version: void first") {
            self.void();
        }
    }

    /// The change that `begin_change` announced is done.
    pub fn end_change(&self) {
        // Release: who gives out a version from here on finds what is new.
        self.changes.fetch_sub(1, if weakened("version: end release") { Relaxed } else { Release });
    }

    /// Takes the version back: what caches know is void.
    pub fn void(&self) {
        // Release: pairs with the Acquires in `get` and `assign`. A swap: it comes after what it replaces, and `assign`'s
        // compare-exchange before it or after.
        self.number.swap(0, AcqRel);
    }
}
