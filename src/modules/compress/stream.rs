//! The safe face of zlib: compressing and decompressing streams.

use libz_rs_sys as z;
use std::ffi::{CStr, c_int};

/// What the library answered when it could not do as asked.
#[derive(Debug)]
pub struct Failure {
    pub code: i32,
    pub message: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// A stream. It stays where it is in memory, as its state knows its place.
pub struct Stream {
    z: Box<z::z_stream>,
    way: Way,
}

// SAFETY: the state belongs to this stream alone; nothing in it is tied to a thread.
unsafe impl Send for Stream {}

/// What one step did.
pub struct Step {
    pub used: usize,
    /// `Z_OK`, `Z_STREAM_END` or `Z_BUF_ERROR`; or `Z_NEED_DICT` of decompressing.
    pub code: i32,
}

fn version() -> *const std::ffi::c_char {
    z::zlibVersion()
}

const SIZE: c_int = size_of::<z::z_stream>() as c_int;

impl Stream {
    /// A compressing stream.
    pub fn deflate(level: i32, method: i32, wbits: i32, mem_level: i32, strategy: i32) -> Result<Stream, Failure> {
        let mut s = Stream { z: Box::default(), way: Way::Out };
        // SAFETY: a fresh stream in its final place.
        let code = unsafe { z::deflateInit2_(&mut *s.z, level, method, wbits, mem_level, strategy, version(), SIZE) };
        s.made(code)
    }

    /// A decompressing stream.
    pub fn inflate(wbits: i32) -> Result<Stream, Failure> {
        let mut s = Stream { z: Box::default(), way: Way::In };
        // SAFETY: a fresh stream in its final place.
        let code = unsafe { z::inflateInit2_(&mut *s.z, wbits, version(), SIZE) };
        s.made(code)
    }

    fn made(self, code: i32) -> Result<Stream, Failure> {
        if code == z::Z_OK {
            return Ok(self);
        }
        let failure = self.failure(code);
        // There is no state to end.
        std::mem::forget(self);
        Err(failure)
    }

    /// What is wrong after a call answered `code`.
    pub fn failure(&self, code: i32) -> Failure {
        let message = match code {
            z::Z_VERSION_ERROR => Some("library version mismatch".to_string()),
            _ if self.z.msg.is_null() => match code {
                z::Z_BUF_ERROR => Some("incomplete or truncated stream".to_string()),
                z::Z_STREAM_ERROR => Some("inconsistent stream state".to_string()),
                z::Z_DATA_ERROR => Some("invalid input data".to_string()),
                _ => None,
            },
            // SAFETY: messages of the library are constants that end with 0.
            _ => Some(unsafe { CStr::from_ptr(self.z.msg) }.to_string_lossy().into_owned()),
        };
        Failure { code, message }
    }

    /// Sets the dictionary.
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> Result<(), Failure> {
        let (data, len) = (dictionary.as_ptr(), dictionary.len() as u32);
        let code = match self.way {
            // SAFETY: the stream is initialised; the bytes are copied during the call.
            Way::In => unsafe { z::inflateSetDictionary(&mut *self.z, data, len) },
            // SAFETY: as above.
            Way::Out => unsafe { z::deflateSetDictionary(&mut *self.z, data, len) },
        };
        if code == z::Z_OK { Ok(()) } else { Err(self.failure(code)) }
    }

    /// Processes some of `input`, adding at most `room` bytes to `out`.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize, flush: i32) -> Step {
        out.reserve(room);
        let spare = out.spare_capacity_mut();
        let room = room.min(spare.len()).min(u32::MAX as usize);
        let given = input.len().min(u32::MAX as usize);
        self.z.next_in = input.as_ptr();
        self.z.avail_in = given as u32;
        self.z.next_out = spare.as_mut_ptr().cast();
        self.z.avail_out = room as u32;
        let code = match self.way {
            // SAFETY: the stream is initialised, and its pointers name `given` and `room` bytes.
            Way::In => unsafe { z::inflate(&mut *self.z, flush) },
            // SAFETY: as above.
            Way::Out => unsafe { z::deflate(&mut *self.z, flush) },
        };
        let written = room - self.z.avail_out as usize;
        // SAFETY: the library has written so many bytes at the start of the spare capacity.
        unsafe { out.set_len(out.len() + written) };
        let used = given - self.z.avail_in as usize;
        self.z.next_in = std::ptr::null();
        self.z.avail_in = 0;
        // Copying a stream asks for a place here, though there is no room in it.
        self.z.next_out = std::ptr::NonNull::dangling().as_ptr();
        self.z.avail_out = 0;
        Step { used, code }
    }

    /// A stream in the same state.
    pub fn copy(&mut self) -> Result<Stream, Failure> {
        let mut s = Stream { z: Box::default(), way: self.way };
        let code = match self.way {
            // SAFETY: the source is initialised, the target fresh and in its final place.
            Way::In => unsafe { z::inflateCopy(&mut *s.z, &*self.z) },
            // SAFETY: as above.
            Way::Out => unsafe { z::deflateCopy(&mut *s.z, &mut *self.z) },
        };
        s.made(code)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        match self.way {
            // SAFETY: the stream is initialised and not used again.
            Way::In => unsafe { z::inflateEnd(&mut *self.z) },
            // SAFETY: as above.
            Way::Out => unsafe { z::deflateEnd(&mut *self.z) },
        };
    }
}

/// The Adler-32 checksum, going on from `start`.
pub fn adler32(start: u32, data: &[u8]) -> u32 {
    let mut sum = start as z::uLong;
    for part in data.chunks(1 << 30) {
        // SAFETY: the pointer names `part.len()` bytes.
        sum = unsafe { z::adler32(sum as _, part.as_ptr(), part.len() as u32) } as z::uLong;
    }
    sum as u32
}
