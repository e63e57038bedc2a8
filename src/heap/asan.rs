//! What AddressSanitizer has to know of the heap; built in with `-Zsanitizer=address` only.
//!
//! A block is poisoned but for the bytes that were asked for. One that is freed stays poisoned as a whole until many others
//! were freed after it by the same thread, so that whoever still looks at it is caught. Then it goes on a free list, where
//! its front (`page::Free`) is readable.

use super::page::{FREE_MARK, Free, PAGE_BYTES, Page};
use crate::sync::shim::atomic::Ordering::Relaxed;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

unsafe extern "C" {
    fn __asan_poison_memory_region(start: *const u8, bytes: usize);
    fn __asan_unpoison_memory_region(start: *const u8, bytes: usize);
    fn __asan_address_is_poisoned(start: *const u8) -> i32;
}

/// Bytes that a thread's freed blocks take before the oldest of them is used again.
const HELD_BYTES: usize = 4 << 20;

thread_local! {
    static HELD: RefCell<VecDeque<*mut u8>> = const { RefCell::new(VecDeque::new()) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn block_bytes(block: *mut u8) -> usize {
    // SAFETY: every block lies in a page.
    unsafe { (*Page::of(block)).block_bytes as usize }
}

/// A block is handed out, for an object of `size` bytes.
pub fn hand_out(block: *mut u8, size: usize) {
    // SAFETY: memory of a block.
    unsafe { __asan_unpoison_memory_region(block, size) }
}

/// A block lies on a free list: all but its front is out of bounds.
pub fn put_away(block: *mut u8) {
    // SAFETY: memory of a block.
    unsafe {
        __asan_poison_memory_region(block, block_bytes(block));
        __asan_unpoison_memory_region(block, size_of::<Free>());
    }
}

/// A page is given back, and may get blocks of another size.
pub fn clear_page(page: *mut u8) {
    // SAFETY: memory of a page.
    unsafe { __asan_unpoison_memory_region(page, PAGE_BYTES) }
}

/// Whether a block may be looked at.
pub fn is_readable(block: *mut u8) -> bool {
    // SAFETY: asks about an address.
    unsafe { __asan_address_is_poisoned(block) == 0 }
}

/// Takes a block that nobody uses, and frees those that were held for long.
///
/// # Safety
/// As `heap::free`.
pub unsafe fn quarantine(block: *mut u8) {
    let bytes = block_bytes(block);
    // SAFETY: by the caller nobody uses the block.
    unsafe {
        // The walk over the heap does not look into poisoned blocks; the mark is for when it is poisoned no more.
        (*block.cast::<Free>()).mark.store(FREE_MARK, Relaxed);
        __asan_poison_memory_region(block, bytes);
    }
    BYTES.set(BYTES.get() + bytes);
    HELD.with_borrow_mut(|held| held.push_back(block));
    // SAFETY: as above.
    unsafe { release_down_to(HELD_BYTES) }
}

/// Frees all that the thread holds.
pub fn release_all() {
    // SAFETY: what is held was freed.
    unsafe { release_down_to(0) }
}

unsafe fn release_down_to(limit: usize) {
    while BYTES.get() > limit
        && let Some(block) = HELD.with_borrow_mut(VecDeque::pop_front)
    {
        BYTES.set(BYTES.get() - block_bytes(block));
        // SAFETY: by the caller.
        unsafe {
            if (*Page::of(block)).large_bytes != 0 {
                __asan_unpoison_memory_region(block, block_bytes(block));
            } else {
                put_away(block);
            }
            super::free_now(block);
        }
    }
}
