//! Waiting threads: the parking lot, and the mutex and the condition variable over it.
//!
//! | file | holds |
//! |---|---|
//! | `lot` | queues of waiting threads, by the address that they wait for |
//! | `mutex` | a lock whose word names its holder |
//! | `condvar` | a condition variable, also for threads that hold no mutex while they begin to wait |
//! | `system` | the system's part: sleeping until a word changes, and the lock of a queue |
//!
//! What a fork needs of it: the child has one thread, but the memory of all. So
//! 1. the lot can be frozen: whoever freezes it has all its queues, and no thread is in the middle of changing one. The
//!    child forgets those that waited; a lock is never handed to one of them;
//! 2. a mutex that a thread holds while it is detached names that thread from the moment it is held, also when it was handed
//!    over: the child finds out that the holder does not exist, and takes the lock over in one step;
//! 3. any other mutex is only taken by threads that are attached, and given back before their next safepoint, so that none is
//!    held while the world is stopped. Detached threads wait for it to be free (`await_free`) or changed (`Condvar::await_change`)
//!    without taking it.

pub mod condvar;
pub mod lot;
pub mod mutex;
mod system;

use lot::Lot;

/// Queues of the process's lot: enough that threads which wait for different things seldom meet.
#[cfg(not(loom))]
pub const QUEUES: usize = 256;
/// One, so that models meet.
#[cfg(loom)]
pub const QUEUES: usize = 1;

/// The process's lot.
#[cfg(not(loom))]
pub fn lot() -> &'static Lot<QUEUES> {
    static LOT: Lot<QUEUES> = Lot::new();
    &LOT
}

/// The model's lot.
#[cfg(loom)]
pub fn lot() -> &'static Lot<QUEUES> {
    loom::lazy_static! {
        static ref LOT: Lot<QUEUES> = Lot::new();
    }
    &LOT
}
