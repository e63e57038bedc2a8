//! Where pages come from: chunks of address space, cut into aligned pages.

use super::page::PAGE_BYTES;
use crate::sync::shim::Mutex;
use crate::sys::memory;

/// Bytes reserved at a time.
const CHUNK_BYTES: usize = 16 << 20;
/// Pages kept with their memory; above that the memory goes back to the system.
const KEPT: usize = 64;

struct Pool {
    /// Pages given back, with memory.
    warm: Vec<usize>,
    /// Pages given back, without.
    cold: Vec<usize>,
    /// The uncut part of the newest chunk.
    next: usize,
    end: usize,
}

static POOL: Mutex<Pool> = Mutex::new(Pool { warm: Vec::new(), cold: Vec::new(), next: 0, end: 0 });

/// A page of `PAGE_BYTES`, aligned to as much. Its contents are anything.
pub fn take_page() -> *mut u8 {
    crate::sync::stats::note(crate::sync::stats::Shared::Global);
    let mut pool = POOL.lock();
    if let Some(page) = pool.warm.pop().or_else(|| pool.cold.pop()) {
        return page as *mut u8;
    }
    if pool.next == pool.end {
        let chunk = memory::reserve(CHUNK_BYTES + PAGE_BYTES) as usize;
        pool.next = chunk.next_multiple_of(PAGE_BYTES);
        pool.end = pool.next + CHUNK_BYTES;
    }
    let page = pool.next;
    pool.next += PAGE_BYTES;
    page as *mut u8
}

/// Gives a page back.
pub fn give_page(page: *mut u8) {
    crate::sync::stats::note(crate::sync::stats::Shared::Global);
    let mut pool = POOL.lock();
    if pool.warm.len() < KEPT {
        pool.warm.push(page as usize);
    } else {
        memory::discard(page, PAGE_BYTES);
        pool.cold.push(page as usize);
    }
}

fn large_layout(bytes: usize) -> std::alloc::Layout {
    std::alloc::Layout::from_size_align(bytes, PAGE_BYTES).expect("a size below the address space")
}

/// Memory for a large object's page, aligned to `PAGE_BYTES`.
pub fn take_large(bytes: usize) -> *mut u8 {
    let layout = large_layout(bytes);
    // SAFETY: the layout is not empty.
    let block = unsafe { std::alloc::alloc(layout) };
    if block.is_null() {
        std::alloc::handle_alloc_error(layout);
    }
    block
}

/// Gives memory of `take_large` back.
pub fn free_large(block: *mut u8, bytes: usize) {
    // SAFETY: from `take_large` with this size.
    unsafe { std::alloc::dealloc(block, large_layout(bytes)) }
}
