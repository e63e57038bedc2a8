//! How many buffers of a container are lent out: while there are any, its bytes stay where they are.
//!
//! Rules:
//! 1. Bytes are lent with the container's lock held: who borrows them finds them in place, and is counted before the lock is free.
//! 2. Who wants to move or free the bytes asks `any` with the lock held, and does so before the lock is free. So nobody gets
//!    them between the question and the move.
//! 3. Buffers are given back without the lock, after their last use (Release); who then finds none lent (Acquire) comes after it.

use super::shim::atomic::{AtomicUsize, Ordering::*};
use super::shim::{const_unless_loom, weakened};

/// See the module's documentation.
pub struct Exports(AtomicUsize);

impl Exports {
    const_unless_loom! {
        /// None.
        pub fn new() -> Exports {
            Exports(AtomicUsize::new(0))
        }
    }

    /// One more buffer is lent; the container is locked.
    pub fn lend(&self) {
        // Relaxed: the lock orders it before every later question.
        self.0.fetch_add(1, Relaxed);
    }

    /// A buffer has come back: nobody uses it any more.
    pub fn give_back(&self) {
        // Release: pairs with the Acquire in `count`.
        self.0.fetch_sub(1, if weakened("exports: release") { Relaxed } else { Release });
    }

    /// How many buffers are lent. Means something only while the container is locked, or to say no early.
    pub fn count(&self) -> usize {
        // Acquire: pairs with the Release in `give_back`, of which each continues the earlier ones' release sequence.
        self.0.load(if weakened("exports: acquire") { Relaxed } else { Acquire })
    }

    /// Whether any buffer is lent; as `count`.
    pub fn any(&self) -> bool {
        self.count() != 0
    }
}

impl Default for Exports {
    fn default() -> Self {
        Exports::new()
    }
}
