//! Address space: reserving large blocks whose pages are made as they are touched.

use rustix::mm::{MapFlags, MremapFlags, ProtFlags, mmap_anonymous, mremap, munmap};

/// Reserves `bytes` of zeroed memory that costs nothing until touched. None where the address space is used up.
pub fn reserve(bytes: usize) -> Option<*mut u8> {
    // SAFETY: a fresh private mapping.
    let block = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            bytes,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE | MapFlags::NORESERVE,
        )
    };
    block.ok().map(<*mut _>::cast)
}

/// Makes a block of `reserve` larger, zeroed beyond `old` bytes; it may move. None where the address space is used up: then
/// it is as it was.
///
/// # Safety
/// Nobody else uses the block, which has `old` bytes.
pub unsafe fn grow(block: *mut u8, old: usize, new: usize) -> Option<*mut u8> {
    // SAFETY: by the caller.
    unsafe { mremap(block.cast(), old, new, MremapFlags::MAYMOVE) }.ok().map(<*mut _>::cast)
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

/// Ends the process with a message on standard error and status 1, without asking anything of memory.
pub fn end_process(message: &[u8]) -> ! {
    // SAFETY: the message is as long as it says. There is nobody to tell that it could not be written.
    unsafe {
        let _ = libc::write(2, message.as_ptr().cast(), message.len());
        libc::_exit(1)
    }
}
