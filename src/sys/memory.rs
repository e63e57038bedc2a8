//! Address space: reserving large blocks whose pages are made as they are touched.
//!
//! The calls are the C library's, which the sanitizers know: to them, memory that went back and came again is new.

/// Reserves `bytes` of zeroed memory that costs nothing until touched. None where the address space is used up.
pub fn reserve(bytes: usize) -> Option<*mut u8> {
    let (access, kind) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE);
    // SAFETY: a fresh private mapping.
    let block = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
    (block != libc::MAP_FAILED).then_some(block.cast())
}

/// Makes a block of `reserve` larger, zeroed beyond `old` bytes; it may move. None where the address space is used up: then
/// it is as it was.
///
/// # Safety
/// Nobody else uses the block, which has `old` bytes.
#[cfg(not(sanitized))]
pub unsafe fn grow(block: *mut u8, old: usize, new: usize) -> Option<*mut u8> {
    // SAFETY: by the caller.
    let block = unsafe { libc::mremap(block.cast(), old, new, libc::MREMAP_MAYMOVE) };
    (block != libc::MAP_FAILED).then_some(block.cast())
}

/// As above, in a way that the sanitizers see.
///
/// # Safety
/// As above.
#[cfg(sanitized)]
pub unsafe fn grow(block: *mut u8, old: usize, new: usize) -> Option<*mut u8> {
    let larger = reserve(new)?;
    // SAFETY: by the caller; the other block is fresh.
    unsafe {
        std::ptr::copy_nonoverlapping(block, larger, old);
        release(block, old);
    }
    Some(larger)
}

/// Gives a block of `reserve` back.
///
/// # Safety
/// Nobody uses the block any more.
pub unsafe fn release(block: *mut u8, bytes: usize) {
    // SAFETY: by the caller. An error would mean that the block was none: nothing to be done.
    unsafe {
        libc::munmap(block.cast(), bytes);
    }
}

/// Gives the memory of pages back to the system; their contents become zero when touched again.
pub fn discard(block: *mut u8, bytes: usize) {
    // SAFETY: the range belongs to a mapping of `reserve`. An error leaves the memory as it is.
    unsafe {
        libc::madvise(block.cast(), bytes, libc::MADV_DONTNEED);
    }
}

/// Ends the process with a message on standard error and status 1, without asking anything of memory.
pub fn end_process(message: &[u8]) -> ! {
    // SAFETY: the message is as long as it says. There is nobody to tell that it could not be written.
    unsafe {
        let _ = libc::write(2, message.as_ptr().cast(), message.len());
        libc::_exit(1)
    }
}
