//! Changes of something process-wide that every thread keeps a copy of: none misses one, and none looks for it in vain.
//!
//! Rules:
//! 1. Who changes it does so first, then counts the change, and then calls all threads on the list to their safepoints.
//! 2. A thread takes over what there is when it is called, and once before it runs its first code, when it is on the list.
//!
//! A thread that comes into being during a change: it writes the list and then reads the count (`begin`), the other writes the
//! count and then reads the list (`announce`), each with a sequentially consistent fence in between. So one of them sees the
//! other's write.

use super::shim::atomic::{AtomicU64, Ordering::*, fence};
use super::shim::{const_unless_loom, weakened};
use super::world::{Member, World};
use std::ptr;

/// See the module's documentation.
pub struct Changes(AtomicU64);

impl Changes {
    const_unless_loom! {
        /// None so far.
        pub fn new() -> Changes {
            Changes(AtomicU64::new(0))
        }
    }

    /// Counts a change that was made, and calls all threads but `me` by the attention bits `bits`.
    pub fn announce<X>(&self, world: &World<X>, me: &Member<X>, bits: u32) {
        // Release: pairs with the Acquire in `count`. (A thread that saw the count without the change would be called below.)
        self.0.fetch_add(1, Release);
        // SeqCst: pairs with the fence in `begin`.
        if !weakened("changes: announce fence") {
            fence(SeqCst);
        }
        for member in world.members() {
            if !ptr::eq::<Member<X>>(&**member, me) && !weakened("changes: call") {
                member.notify(bits);
            }
        }
    }

    /// How many there were, for a thread that takes them over. One that comes later calls for it again.
    pub fn count(&self) -> u64 {
        // Acquire: pairs with the Release in `announce`: what was changed is seen.
        self.0.load(Acquire)
    }

    /// As `count`, for a thread that has just come to be on the list of threads.
    pub fn begin(&self) -> u64 {
        // SeqCst: pairs with the fence in `announce`.
        if !weakened("changes: begin fence") {
            fence(SeqCst);
        }
        self.count()
    }
}

impl Default for Changes {
    fn default() -> Self {
        Changes::new()
    }
}
