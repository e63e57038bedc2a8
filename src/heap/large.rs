//! The process's allocator: mimalloc, with large blocks counted as the object heap's pages are.
//!
//! What objects keep outside of the heap (the arrays of lists, tables of dicts, buffers, digits) is garbage with them, so the
//! collector's trigger has to see it grow. Small blocks go along with objects, which are counted already.

use super::page::PAGE_BYTES;
#[cfg(not(sanitized))]
use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned,
};
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

/// Whether mimalloc's plain functions, which are faster than those that take an alignment, give this one anyway: blocks are
/// aligned to a word, and from 16 bytes on to 16 (`MI_MAX_ALIGN_SIZE`).
#[cfg(not(sanitized))]
#[inline(always)]
fn is_plain(align: usize, size: usize) -> bool {
    align <= 8 || align == 16 && size >= 16
}

// Under a sanitizer its own allocator serves: it does not see what mimalloc does.
#[cfg(sanitized)]
use std::alloc::System;

// SAFETY: the system's allocator does the work.
#[cfg(sanitized)]
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, layout.size());
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        // SAFETY: the caller's.
        unsafe { System.realloc(block, layout, size) }
    }
}

// SAFETY: mimalloc does the work.
#[cfg(not(sanitized))]
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        let block = unsafe {
            if is_plain(layout.align(), layout.size()) {
                mi_malloc(layout.size())
            } else {
                mi_malloc_aligned(layout.size(), layout.align())
            }
        }
        .cast::<u8>();
        if layout.size() >= PAGE_BYTES && !block.is_null() {
            note(layout.size(), 0);
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        let block = unsafe {
            if is_plain(layout.align(), layout.size()) {
                mi_zalloc(layout.size())
            } else {
                mi_zalloc_aligned(layout.size(), layout.align())
            }
        }
        .cast::<u8>();
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
        unsafe { mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        let fresh = unsafe {
            if is_plain(layout.align(), size) {
                mi_realloc(block.cast(), size)
            } else {
                mi_realloc_aligned(block.cast(), size, layout.align())
            }
        }
        .cast::<u8>();
        if layout.size().max(size) >= PAGE_BYTES && !fresh.is_null() {
            note(size, layout.size());
        }
        fresh
    }
}
