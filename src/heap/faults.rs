//! Allocations of a thread that fail because a test wants it, in a build with the feature `proof`.
//!
//! What may fail fails. What may not succeeds, but its thread owes a MemoryError, as if the reserve had served it
//! (`heap::shortage`).
//!
//! What may not, and is larger than what the reserve gives out, would end the process. It is noted (`unasked`), unless its room
//! was asked for just before (`shortage::has_room`).

use super::{page::PAGE_BYTES, shortage};
use crate::sync::may_fail;
use std::cell::Cell;

/// Which allocations of the calling thread fail.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Allocations that succeed before the first that fails.
    pub left: u64,
    /// How many apart those are that fail after it; 0: it is the only one.
    pub every: u64,
    /// Whether those count as well that may not fail.
    pub all: bool,
}

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    /// Allocations that counted since the plan was set, and those of them that failed.
    static COUNTS: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    /// Bytes whose room was asked for and that have not been taken yet, and the largest block that was taken without.
    static ROOM: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// What an object has besides the bytes that its room is asked for.
const HEADER: usize = 1024;

/// Sets which allocations of this thread fail; answers how many have counted and failed since this was called last.
pub fn set(plan: Option<Plan>) -> (u64, u64) {
    PLAN.set(plan);
    if plan.is_some() {
        ROOM.set((0, 0));
    }
    COUNTS.replace((0, 0))
}

/// Whether some allocations of this thread are to fail.
pub fn is_set() -> bool {
    PLAN.get().is_some()
}

/// Room for so many bytes was asked for, and is there.
pub fn note_room(bytes: usize) {
    ROOM.set((bytes, ROOM.get().1));
}

/// The largest block since a plan was set last that would have ended the process; 0: none would have.
pub fn unasked() -> usize {
    ROOM.get().1
}

/// Whether an allocation of `size` bytes fails, which may.
#[inline]
pub fn strikes(size: usize) -> bool {
    // A thread that is ending has no plan any more.
    PLAN.try_with(Cell::get).ok().flatten().is_some_and(|plan| count(plan, size))
}

#[cold]
fn count(plan: Plan, size: usize) -> bool {
    let marked = may_fail::is_marked();
    // What is larger than what the reserve gives out ends the process, which is not what a test wants.
    if !marked && size > PAGE_BYTES {
        let (asked, unasked) = ROOM.get();
        let covered = size <= asked.saturating_add(HEADER);
        ROOM.set((asked.saturating_sub(size), if covered { unasked } else { unasked.max(size) }));
        return false;
    }
    if !marked && !plan.all {
        return false;
    }
    let (counted, failed) = COUNTS.get();
    let strikes = plan.left == 0;
    let left = if strikes { plan.every.wrapping_sub(1) } else { plan.left - 1 };
    PLAN.set(Some(Plan { left, ..plan }));
    COUNTS.set((counted + 1, failed + u64::from(strikes)));
    if strikes && !marked {
        shortage::note();
    }
    strikes && marked
}
