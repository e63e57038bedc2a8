//! Slabs, deferred frees and the cycle collector.

/// Memory for an object: `size` bytes, aligned to 16, not initialised. Aborts when there is none.
#[inline]
pub fn alloc(size: usize) -> *mut u8 {
    // SAFETY: malloc has no preconditions.
    let block = unsafe { libc::malloc(size) };
    if block.is_null() {
        std::alloc::handle_alloc_error(std::alloc::Layout::from_size_align(size, 16).expect("a size"));
    }
    block.cast()
}

/// Gives back a block of `alloc`, by any thread.
///
/// # Safety
/// Nobody uses the block any more.
#[inline]
pub unsafe fn free(block: *mut u8) {
    // SAFETY: from `alloc`.
    unsafe { libc::free(block.cast()) }
}

/// Hands the calling thread's slabs on; the thread allocates no more.
pub fn leave() {}
