//! The process's allocator: mimalloc, with large blocks counted as the object heap's pages are.
//!
//! What objects keep outside of the heap (the arrays of lists, tables of dicts, buffers, digits) is garbage with them, so the
//! collector's trigger has to see it grow. Small blocks go along with objects, which are counted already.

use super::page::PAGE_BYTES;
use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout};

/// See the module's documentation.
pub struct Allocator;

fn note(taken: usize, given: usize) {
    let pages = |bytes: usize| if bytes >= PAGE_BYTES { bytes / PAGE_BYTES } else { 0 };
    let (taken, given) = (pages(taken), pages(given));
    if taken > given {
        super::grow(taken - given);
    } else if given > taken {
        super::shrink(given - taken);
    }
}

// SAFETY: mimalloc does the work.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        let block = unsafe { MiMalloc.alloc(layout) };
        if layout.size() >= PAGE_BYTES && !block.is_null() {
            note(layout.size(), 0);
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        let block = unsafe { MiMalloc.alloc_zeroed(layout) };
        if layout.size() >= PAGE_BYTES && !block.is_null() {
            note(layout.size(), 0);
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() >= PAGE_BYTES {
            note(0, layout.size());
        }
        // SAFETY: the caller's.
        unsafe { MiMalloc.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        let fresh = unsafe { MiMalloc.realloc(block, layout, size) };
        if layout.size().max(size) >= PAGE_BYTES && !fresh.is_null() {
            note(size, layout.size());
        }
        fresh
    }
}
