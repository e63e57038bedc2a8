//! What arrived from outside (signals), noted by handlers that may interrupt anything, and looked at by one thread.
//!
//! | word | who writes it | meaning |
//! |---|---|---|
//! | `pending[n]` | `note` sets it, `take` clears it | number `n` has arrived |
//! | `any` | `note` sets it, `arrived` clears it | some `pending` may be set |
//!
//! Rules:
//! 1. `note` writes `pending`, then `any`, then calls the looking thread; each step is one atomic operation.
//! 2. Who looks clears `any` first, and then takes what is pending: what arrives meanwhile sets `any` again, and calls again.
//! 3. `any` is only changed by read-modify-writes, each of which continues the others' release sequences: so who finds it set
//!    sees what *all* have noted that came before, not only the last one.

use super::shim::atomic::{AtomicBool, Ordering::*};
use super::shim::weakened;

/// See the module's documentation. `N` is one more than the largest number.
pub struct Arrivals<const N: usize> {
    pending: [AtomicBool; N],
    any: AtomicBool,
}

impl<const N: usize> Arrivals<N> {
    /// None.
    #[cfg(not(loom))]
    #[allow(clippy::new_without_default, reason = "as the other primitives")]
    pub const fn new() -> Arrivals<N> {
        Arrivals { pending: [const { AtomicBool::new(false) }; N], any: AtomicBool::new(false) }
    }

    /// None.
    #[cfg(loom)]
    pub fn new() -> Arrivals<N> {
        Arrivals { pending: std::array::from_fn(|_| AtomicBool::new(false)), any: AtomicBool::new(false) }
    }

    /// Notes that `number` has arrived; then the looking thread is to be called. Safe in a signal handler.
    pub fn note(&self, number: usize) {
        if let Some(pending) = self.pending.get(number) {
            // Relaxed: `any` below orders it.
            pending.store(true, Relaxed);
        }
        self.remark();
    }

    /// Says that some numbers are still to be looked at; then the looking thread is to be called.
    pub fn remark(&self) {
        if weakened("arrivals: one at a time") {
            return self.any.store(true, Release);
        }
        // Release: pairs with the Acquire in `arrived`.
        self.any.swap(true, if weakened("arrivals: release") { Relaxed } else { Release });
    }

    /// Whether anything has arrived since the last call. What has is then to be taken.
    pub fn arrived(&self) -> bool {
        // Acquire: pairs with the Release in `remark`.
        self.any.swap(false, AcqRel)
    }

    /// Whether a number is pending, which it then is no more.
    pub fn take(&self, number: usize) -> bool {
        // Relaxed: `arrived` has ordered what came before; what comes later is announced anew.
        self.pending[number].load(Relaxed) && self.pending[number].swap(false, AcqRel)
    }

    /// Forgets all: the child of a fork.
    pub fn forget(&self) {
        self.pending.iter().for_each(|pending| pending.store(false, Relaxed));
        self.any.swap(false, AcqRel);
    }
}
