//! What the published arrays and tables ask of their user: where retired memory goes, and fresh numbers.

use super::may_fail::may_fail;
use super::shim::{Canary, schedule, spin_loop};
use std::alloc::{Layout, alloc, alloc_zeroed};
use std::ptr::NonNull;

/// The calling thread, as the containers see it.
pub trait Reclaim {
    /// Whether the process ever had a second thread. Changes at safepoints only.
    fn multi(&self) -> bool;
    /// Calls `block.free()` once no pinned thread can still read it; at once if there is only this thread.
    fn retire(&self, block: Block);
    /// A number that nobody in the process got before, not 0. (Threads take them in ranges.)
    fn fresh_id(&self) -> u64;
}

/// There is not enough memory, or the size is absurd.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

/// Memory that nobody finds any more, but that some may still be reading.
#[must_use = "memory that is not freed leaks"]
pub struct Block {
    start: NonNull<u8>,
    layout: Layout,
    #[cfg(loom)]
    canary: *const Canary,
}

// SAFETY: a block is memory without an owner; only its holder frees it.
unsafe impl Send for Block {}

impl Block {
    /// Memory allocated with `allocate(layout)`; `canary` lies in it.
    pub(super) fn new(start: *mut u8, layout: Layout, canary: &Canary) -> Block {
        #[cfg(not(loom))]
        let _ = canary;
        Block {
            start: NonNull::new(start).expect("allocated"),
            layout,
            #[cfg(loom)]
            canary,
        }
    }

    /// Size in bytes, as weight in a `Limbo`.
    pub fn size(&self) -> usize {
        self.layout.size()
    }

    /// Overwrites it all.
    pub fn fill(&self, byte: u8) {
        // SAFETY: the memory is ours, of that size.
        unsafe { self.start.as_ptr().write_bytes(byte, self.layout.size()) }
    }

    /// Gives the memory back.
    ///
    /// # Safety
    /// No thread can still read it.
    pub unsafe fn free(self) {
        // In a model the memory stays, so that a wrong reader finds a dead canary instead of anything at all.
        #[cfg(loom)]
        // SAFETY: the canary lies in the memory, which is still there.
        unsafe {
            (*self.canary).kill();
        }
        // SAFETY: allocated with this layout; not used any more.
        unsafe { deallocate(self.start.as_ptr(), self.layout) }
    }
}

/// Memory for an array or table, filled with zeros if wanted.
pub(super) fn allocate(layout: Layout, zeroed: bool) -> Result<NonNull<u8>, OutOfMemory> {
    debug_assert!(layout.size() > 0);
    may_fail(|| {
        // SAFETY: the size is not zero.
        NonNull::new(unsafe { if zeroed { alloc_zeroed(layout) } else { alloc(layout) } }).ok_or(OutOfMemory)
    })
}

/// Frees what `allocate` gave (in a model: at the end of the run).
///
/// # Safety
/// As for `std::alloc::dealloc`.
pub(super) unsafe fn deallocate(start: *mut u8, layout: Layout) {
    #[cfg(loom)]
    super::shim::bury(start, layout);
    #[cfg(not(loom))]
    // SAFETY: the caller's.
    unsafe {
        std::alloc::dealloc(start, layout);
    }
}

/// Lets the writer that hides an array or table finish. It holds the lock and runs no Python code, so this is short.
#[cold]
pub(super) fn wait_for_writer(round: &mut u32) {
    *round += 1;
    if cfg!(loom) || schedule::is_mine() || *round < 64 {
        spin_loop();
    } else {
        std::thread::yield_now();
    }
}
