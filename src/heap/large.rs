//! The process's allocator: mimalloc, with blocks that are not small counted as the object heap's pages are.
//!
//! What objects keep outside of the heap (the arrays of lists, tables of dicts, buffers, digits) is garbage with them, so the
//! collector's trigger has to see it grow. Small blocks go along with objects, which are counted already. A thread sums up
//! the bytes that it takes and gives, and writes the process's counter for whole pages only.

use super::page::PAGE_BYTES;
use super::shortage;
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

/// The allocator below: mimalloc, or the system's under a sanitizer, which does not see what mimalloc does.
#[cfg(not(sanitized))]
mod below {
    use super::*;

    /// # Safety
    /// As `GlobalAlloc::alloc`.
    #[inline(always)]
    pub unsafe fn alloc(layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                mi_malloc(layout.size())
            } else {
                mi_malloc_aligned(layout.size(), layout.align())
            }
        }
        .cast()
    }

    /// # Safety
    /// As `GlobalAlloc::alloc_zeroed`.
    #[inline(always)]
    pub unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe {
            if is_plain(layout.align(), layout.size()) {
                mi_zalloc(layout.size())
            } else {
                mi_zalloc_aligned(layout.size(), layout.align())
            }
        }
        .cast()
    }

    /// # Safety
    /// As `GlobalAlloc::dealloc`.
    #[inline(always)]
    pub unsafe fn dealloc(block: *mut u8, _: Layout) {
        // SAFETY: the caller's.
        unsafe { mi_free(block.cast()) }
    }

    /// # Safety
    /// As `GlobalAlloc::realloc`.
    #[inline(always)]
    pub unsafe fn realloc(block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe {
            if is_plain(layout.align(), size) {
                mi_realloc(block.cast(), size)
            } else {
                mi_realloc_aligned(block.cast(), size, layout.align())
            }
        }
        .cast()
    }
}

#[cfg(sanitized)]
mod below {
    use super::*;
    use std::alloc::System;

    /// # Safety
    /// As `GlobalAlloc::alloc`.
    pub unsafe fn alloc(layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    /// # Safety
    /// As `GlobalAlloc::alloc_zeroed`.
    pub unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    /// # Safety
    /// As `GlobalAlloc::dealloc`.
    pub unsafe fn dealloc(block: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(block, layout) }
    }

    /// # Safety
    /// As `GlobalAlloc::realloc`.
    pub unsafe fn realloc(block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Whether a test wants this allocation to fail. Never, in a real build.
#[inline(always)]
fn strikes(size: usize) -> bool {
    #[cfg(feature = "proof")]
    return super::faults::strikes(size);
    #[cfg(not(feature = "proof"))]
    {
        let _ = size;
        false
    }
}

/// `realloc` by a new block: where the old one is of the reserve, or the new one must be.
///
/// # Safety
/// As `GlobalAlloc::realloc`.
#[cold]
unsafe fn move_to_new(block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
    // SAFETY: the caller's: the alignment was good before, the size is its own word.
    unsafe {
        let fresh = below::alloc(Layout::from_size_align_unchecked(size, layout.align()));
        let fresh = if fresh.is_null() {
            let again = || below::alloc(Layout::from_size_align_unchecked(size, layout.align()));
            shortage::after(again, size, layout.align())
        } else {
            fresh
        };
        if !fresh.is_null() {
            std::ptr::copy_nonoverlapping(block, fresh, layout.size().min(size));
            if shortage::holds(block) {
                shortage::give(block, layout.size().max(layout.align()));
            } else {
                below::dealloc(block, layout);
            }
        }
        fresh
    }
}

// SAFETY: mimalloc does the work; where it has no more memory, `shortage`.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if strikes(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's.
        let mut block = unsafe { below::alloc(layout) };
        if block.is_null() {
            // SAFETY: the caller's.
            block = shortage::after(|| unsafe { below::alloc(layout) }, layout.size(), layout.align());
        }
        if layout.size() >= COUNTED && !block.is_null() {
            note(counted(layout.size()));
        }
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if strikes(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's.
        let mut block = unsafe { below::alloc_zeroed(layout) };
        if block.is_null() {
            // SAFETY: the caller's.
            block = shortage::after(|| unsafe { below::alloc(layout) }, layout.size(), layout.align());
            if !block.is_null() {
                // SAFETY: a block of that size.
                unsafe { block.write_bytes(0, layout.size()) };
            }
        }
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
        unsafe {
            if shortage::holds(block) {
                shortage::give(block, layout.size().max(layout.align()));
            } else {
                below::dealloc(block, layout);
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let stays = size <= layout.size() && size >= layout.size() / 2;
        if !stays && strikes(size) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's.
        let fresh = unsafe {
            if shortage::holds(block) {
                move_to_new(block, layout, size)
            } else {
                let fresh = below::realloc(block, layout, size);
                if fresh.is_null() { move_to_new(block, layout, size) } else { fresh }
            }
        };
        if layout.size().max(size) >= COUNTED && !fresh.is_null() {
            note(counted(size) - counted(layout.size()));
        }
        fresh
    }
}
