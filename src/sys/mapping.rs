//! Mapped memory: files and anonymous pages as bytes.

use std::io::{Error, Result};

/// A mapping, given back when dropped.
pub struct Mapping {
    data: *mut u8,
    len: usize,
}

// SAFETY: plain memory; who shares it sees to races.
unsafe impl Send for Mapping {}

/// How to map.
#[derive(Clone, Copy)]
pub struct How {
    pub len: usize,
    pub protection: i32,
    pub flags: i32,
    /// -1: none.
    pub fd: i32,
    pub offset: i64,
}

impl Mapping {
    /// `mmap`.
    pub fn new(how: How) -> Result<Mapping> {
        // SAFETY: a fresh mapping at an address of the system's choice.
        let data = unsafe { libc::mmap(std::ptr::null_mut(), how.len, how.protection, how.flags, how.fd, how.offset) };
        if data == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        Ok(Mapping { data: data.cast(), len: how.len })
    }

    pub fn data(&self) -> *mut u8 {
        self.data
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes: never, the system maps none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: mapped, by `new`. Others may change shared pages meanwhile: bytes may be torn, as in every Python.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// The bytes for writing, of a mapping that allows it.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; the caller has checked the protection.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len) }
    }

    /// Changes the size; the bytes may move.
    pub fn resize(&mut self, len: usize) -> Result<()> {
        // SAFETY: our own mapping.
        let data = unsafe { libc::mremap(self.data.cast(), self.len, len, libc::MREMAP_MAYMOVE) };
        if data == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        (self.data, self.len) = (data.cast(), len);
        Ok(())
    }

    /// Writes pages back to the file.
    pub fn flush(&self, start: usize, len: usize) -> Result<()> {
        assert!(start <= self.len && len <= self.len - start);
        // SAFETY: a part of our own mapping.
        if unsafe { libc::msync(self.data.add(start).cast(), len, libc::MS_SYNC) } != 0 {
            return Err(Error::last_os_error());
        }
        Ok(())
    }

    /// `madvise`. Advice that takes memory away harms nobody: pages come back as zeros or from the file.
    pub fn advise(&self, start: usize, len: usize, advice: i32) -> Result<()> {
        assert!(start <= self.len && len <= self.len - start);
        // SAFETY: a part of our own mapping.
        if unsafe { libc::madvise(self.data.add(start).cast(), len, advice) } != 0 {
            return Err(Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nobody uses any more.
        unsafe { libc::munmap(self.data.cast(), self.len) };
    }
}
