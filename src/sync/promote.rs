//! Finding the objects that threads fight over, so that each thread can count them in a table of its own.
//!
//! After the idea of sloppy counters (Boyd-Wickizer et al., "An Analysis of Linux Scalability to Many Cores", OSDI 2010),
//! applied to those objects only that turn out to need it.
//!
//! Rules:
//! 1. A thread looks at every `INTERVAL`-th of its foreign increments, and warms that object (`Heat::warm`). Heat lies in
//!    the object's own flags, so any number of objects may be contended at once and nothing is kept for those that are not.
//! 2. Who finds an object hot takes one reference to it and asks for a promotion: at a stop of the world, so that nobody is
//!    between reading the owner and counting (`count`).
//! 3. Promotion (`Counts::promote`) takes the sum of both halves as a base, which the promoting thread enters into its own
//!    table, and makes the object sharded. An object that lies in a merge queue then stays there: its queue's reference is
//!    part of the base, and who drains the queue takes it from its own table (`Counts::sharded`) instead of merging.
//! 4. From then on an increment or decrement is a plain addition to the thread's own table; a table's entry may be negative.
//!    Only the sum means anything, and only while the world is stopped: the collector finds the object's end.

use super::shim::atomic::{AtomicU16, Ordering::Relaxed};

/// Every how many foreign increments a thread looks at an object. A prime: loops over a few objects do not resonate with it.
pub const INTERVAL: u32 = 61;
/// Where the heat lies in an object's flags; everything from here on belongs to it.
pub const SHIFT: u32 = 13;
const HOT: u16 = u16::MAX >> SHIFT;

/// Warms an object whose flags these are; whether it is hot. Two threads that warm at once may cool it: it warms again.
pub fn warm(flags: &AtomicU16) -> bool {
    // Relaxed: a statistic.
    if flags.load(Relaxed) >> SHIFT == HOT {
        return true;
    }
    flags.fetch_add(1 << SHIFT, Relaxed);
    false
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn heat_leaves_the_other_flags_alone() {
        let flags = AtomicU16::new(5);
        let rounds = (0..100).take_while(|_| !warm(&flags)).count();
        assert_eq!(rounds, HOT as usize);
        assert_eq!(flags.load(Relaxed) & ((1 << SHIFT) - 1), 5);
        assert!(warm(&flags));
    }
}
