//! Counts, per thread, the writes to cache lines that other threads use. Compiled to nothing without `sharing-stats`.
//!
//! This is the only thread-local of `sync`: it measures the primitives and takes no part in them. A test runs a program
//! whose threads share nothing and asserts that the counters stay put.

/// What kind of shared line was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Shared {
    /// A reference count changed by a thread that is not the owner.
    ForeignCount,
    /// The lock byte or the flags of an object that another thread owns.
    ForeignHeader,
    /// An object put on another thread's merge queue.
    MergeQueue,
    /// An object lock that another thread held.
    ContendedLock,
    /// The epoch clock moved.
    Epoch,
    /// A thread's attention word set by another.
    Attention,
    /// The name table changed.
    Names,
    /// A block freed to another thread's slab.
    ForeignFree,
    /// Any other structure that belongs to the process.
    Global,
}

/// Number of kinds in `Shared`.
pub const KINDS: usize = Shared::Global as usize + 1;

/// What the kinds are called, in their order.
pub const NAMES: [&str; KINDS] = [
    "foreign count",
    "foreign header",
    "merge queue",
    "contended lock",
    "epoch",
    "attention",
    "names",
    "foreign free",
    "global",
];

#[cfg(all(feature = "sharing-stats", not(loom)))]
mod imp {
    use super::{KINDS, Shared};
    use std::cell::Cell;

    thread_local! {
        static COUNTS: [Cell<u64>; KINDS] = const { [const { Cell::new(0) }; KINDS] };
    }

    /// Notes one write of a shared line by this thread.
    #[inline]
    pub fn note(kind: Shared) {
        // A thread that is ending has nothing left to measure.
        let _ = COUNTS.try_with(|counts| {
            let count = &counts[kind as usize];
            count.set(count.get() + 1);
        });
    }

    /// This thread's counts, indexed by `Shared as usize`.
    pub fn counts() -> [u64; KINDS] {
        COUNTS.with(|counts| std::array::from_fn(|kind| counts[kind].get()))
    }
}

#[cfg(not(all(feature = "sharing-stats", not(loom))))]
mod imp {
    use super::{KINDS, Shared};

    /// Notes one write of a shared line by this thread: nothing, in this build.
    #[inline(always)]
    pub fn note(_kind: Shared) {}

    /// Zeros, in this build.
    pub fn counts() -> [u64; KINDS] {
        [0; KINDS]
    }
}

pub use imp::{counts, note};

#[cfg(all(test, feature = "sharing-stats", not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn counts_are_per_thread() {
        let before = counts()[Shared::Names as usize];
        note(Shared::Names);
        std::thread::spawn(|| note(Shared::Names)).join().unwrap();
        assert_eq!(counts()[Shared::Names as usize], before + 1);
    }
}
