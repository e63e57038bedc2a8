//! Where pages come from: chunks of address space, cut into aligned pages.

use super::page::PAGE_BYTES;
use super::shortage;
use crate::sync::may_fail;
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

/// A page of `PAGE_BYTES`, aligned to as much. Its contents are anything. None where there is no memory.
pub fn take_page() -> Option<*mut u8> {
    crate::sync::stats::note(crate::sync::stats::Shared::Global);
    let mut pool = POOL.lock();
    if let Some(page) = pool.warm.pop().or_else(|| pool.cold.pop()) {
        return Some(page as *mut u8);
    }
    if pool.next == pool.end {
        let sizes = [CHUNK_BYTES, CHUNK_BYTES / 16, PAGE_BYTES];
        let found = sizes.into_iter().find_map(|bytes| Some((memory::reserve(bytes + PAGE_BYTES)? as usize, bytes)));
        let (chunk, bytes) = found?;
        pool.next = chunk.next_multiple_of(PAGE_BYTES);
        pool.end = pool.next + bytes;
    }
    let page = pool.next;
    pool.next += PAGE_BYTES;
    Some(page as *mut u8)
}

/// Gives the address space of pages that nobody uses back to the system, unless the pool is being used. Answers whether there
/// was any.
pub fn release_pool() -> bool {
    // Another thread, or this one, whose list of pages is what there is no room for.
    let Some(mut pool) = POOL.try_lock() else { return false };
    let mut found = false;
    loop {
        let Some(page) = pool.cold.pop().or_else(|| pool.warm.pop()) else { return found };
        // SAFETY: nobody uses it.
        unsafe { memory::release(page as *mut u8, PAGE_BYTES) };
        found = true;
    }
}

/// Gives a page back.
pub fn give_page(page: *mut u8) {
    crate::sync::stats::note(crate::sync::stats::Shared::Global);
    if shortage::holds(page) {
        // SAFETY: taken as a page, and given up by the caller.
        unsafe { shortage::give(page, PAGE_BYTES) };
        return;
    }
    let mut pool = POOL.lock();
    let warm = pool.warm.len() < KEPT;
    let list = if warm { &mut pool.warm } else { &mut pool.cold };
    if may_fail::reserve(list, 1).is_err() {
        drop(pool);
        // SAFETY: given up by the caller, and in no list.
        unsafe { memory::release(page, PAGE_BYTES) };
        return;
    }
    list.push(page as usize);
    if !warm {
        memory::discard(page, PAGE_BYTES);
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
