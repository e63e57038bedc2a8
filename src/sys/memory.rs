//! Address space: reserving large blocks whose pages are made as they are touched.

use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};

/// Reserves `bytes` of zeroed memory that costs nothing until touched. Aborts where the address space is used up.
pub fn reserve(bytes: usize) -> *mut u8 {
    // SAFETY: a fresh private mapping.
    let block = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            bytes,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE | MapFlags::NORESERVE,
        )
    };
    match block {
        Ok(block) => block.cast(),
        Err(_) => std::alloc::handle_alloc_error(
            std::alloc::Layout::from_size_align(bytes, 4096).expect("a size below the address space"),
        ),
    }
}

/// Makes a block of `reserve` larger, zeroed beyond `old` bytes; it may move. Aborts where the address space is used up.
///
/// # Safety
/// Nobody else uses the block, which has `old` bytes.
pub unsafe fn grow(block: *mut u8, old: usize, new: usize) -> *mut u8 {
    // SAFETY: by the caller.
    match unsafe { mremap(block.cast(), old, new, MremapFlags::MAYMOVE) } {
        Ok(block) => block.cast(),
        Err(_) => std::alloc::handle_alloc_error(
            std::alloc::Layout::from_size_align(new, 4096).expect("a size below the address space"),
        ),
    }
}

/// Gives a block of `reserve` back.
///
/// # Safety
/// Nobody uses the block any more.
pub unsafe fn release(block: *mut u8, bytes: usize) {
    // SAFETY: by the caller. An error would mean that the block was none: nothing to be done.
    let _ = unsafe { munmap(block.cast(), bytes) };
}

/// Gives the memory of pages back to the system; their contents become zero when touched again.
pub fn discard(block: *mut u8, bytes: usize) {
    // SAFETY: the range belongs to a mapping of `reserve`. An error leaves the memory as it is.
    let _ = unsafe { rustix::mm::madvise(block.cast(), bytes, rustix::mm::Advice::LinuxDontNeed) };
}
