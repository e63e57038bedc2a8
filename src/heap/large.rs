//! The process's allocator: mimalloc, with blocks that are not small counted as the object heap's pages are.
//!
//! What objects keep outside of the heap (the arrays of lists, tables of dicts, buffers, digits) is garbage with them, so the
//! collector's trigger has to see it grow. Small blocks go along with objects, which are counted already. A thread sums up
//! the bytes that it takes and gives, and writes the process's counter for whole pages only.

use super::page::PAGE_BYTES;
use crate::sync::shim::atomic::{AtomicIsize, Ordering::Relaxed};
#[cfg(not(sanitized))]
use libmimalloc_sys::{
    mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc, mi_zalloc_aligned,
};
use std::alloc::{GlobalAlloc, Layout};

/// See the module's documentation.
pub struct Allocator;

/// Bytes from which on a block is counted: a few times an object's size.
const COUNTED: usize = 512;

crate::thread_word!(
    /// The bytes that the thread has taken, less those that it has given back, since it last told: less than a page's.
    UNTOLD = "orochi_untold_bytes"
);
/// What threads that have exited had not told.
static LEFT: AtomicIsize = AtomicIsize::new(0);

/// The bytes that count of a block.
#[inline(always)]
fn counted(size: usize) -> isize {
    if size >= COUNTED { size as isize } else { 0 }
}

/// Notes bytes taken (or, negative, given back).
#[inline]
fn note(bytes: isize) {
    let sum = UNTOLD::get() as isize + bytes;
    UNTOLD::set(if sum.unsigned_abs() < PAGE_BYTES { sum } else { tell(sum) } as u64);
}

/// Counts whole pages; answers the bytes that are left.
#[cold]
fn tell(bytes: isize) -> isize {
    let pages = bytes / PAGE_BYTES as isize;
    if pages > 0 {
        super::grow(pages as usize);
    } else {
        super::shrink(pages.unsigned_abs());
    }
    bytes - pages * PAGE_BYTES as isize
}

/// The thread ends: what it has not told is left to others.
pub(super) fn leave() {
    let sum = LEFT.swap(0, Relaxed) + UNTOLD::get() as isize;
    UNTOLD::set(0);
    LEFT.fetch_add(tell(sum), Relaxed);
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
        note(counted(layout.size()));
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(counted(layout.size()));
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(-counted(layout.size()));
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(counted(size) - counted(layout.size()));
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
        if layout.size() >= COUNTED && !block.is_null() {
            note(counted(layout.size()));
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
        if layout.size() >= COUNTED && !block.is_null() {
            note(counted(layout.size()));
        }
        block
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.size() >= COUNTED {
            note(-counted(layout.size()));
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
        if layout.size().max(size) >= COUNTED && !fresh.is_null() {
            note(counted(size) - counted(layout.size()));
        }
        fresh
    }
}
