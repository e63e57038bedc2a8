//! The input of an unpickler: bytes at hand, or a file that is read as far as needed.

use super::unpickling_error;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::args::{ByteArg, bytes_like};
use crate::types::bytes::payload as bytes;

/// How much is looked at ahead in a file that can do so.
const PEEK: usize = 128 * 1024;

/// A file's methods.
pub struct File {
    pub read: Value,
    pub readline: Value,
    pub readinto: Option<Value>,
    pub peek: Option<Value>,
}

/// See the module's documentation.
pub struct Input<'a> {
    source: Source<'a>,
    at: usize,
}

enum Source<'a> {
    Memory(ByteArg<'a>),
    File {
        file: &'a File,
        /// What was read, and looked at ahead.
        buffer: Vec<u8>,
        /// From here on the buffer was only looked at: the file still has it.
        consumed: usize,
    },
}

#[cold]
fn truncated(t: &Thread) -> Raised {
    unpickling_error(t, "pickle data was truncated")
}

impl<'a> Input<'a> {
    pub fn memory(bytes: ByteArg<'a>) -> Input<'a> {
        Input { source: Source::Memory(bytes), at: 0 }
    }

    pub fn file(file: &'a File) -> Input<'a> {
        Input { source: Source::File { file, buffer: Vec::new(), consumed: 0 }, at: 0 }
    }

    fn bytes(&self) -> &[u8] {
        match &self.source {
            Source::Memory(bytes) => bytes,
            Source::File { buffer, .. } => buffer,
        }
    }

    /// The next opcode. EOFError at the end.
    #[inline]
    pub fn opcode(&mut self, t: &Thread) -> PyResult<u8> {
        if let Some(&byte) = self.bytes().get(self.at) {
            self.at += 1;
            return Ok(byte);
        }
        self.fill(t, 1)?;
        match self.bytes().get(self.at) {
            Some(&byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => Err(raise::eof_error(t, "Ran out of input")),
        }
    }

    /// The next `n` bytes.
    #[inline]
    pub fn take(&mut self, t: &Thread, n: usize) -> PyResult<&[u8]> {
        if self.bytes().len() - self.at < n {
            self.fill(t, n)?;
            if self.bytes().len() - self.at < n {
                return Err(truncated(t));
            }
        }
        let from = self.at;
        self.at += n;
        Ok(&self.bytes()[from..from + n])
    }

    #[inline]
    pub fn array<const N: usize>(&mut self, t: &Thread) -> PyResult<[u8; N]> {
        match self.take(t, N)?.first_chunk() {
            Some(bytes) => Ok(*bytes),
            None => Err(truncated(t)),
        }
    }

    /// The next line, without its end.
    pub fn line(&mut self, t: &Thread) -> PyResult<&[u8]> {
        let from = self.at;
        if let Some(n) = memchr::memchr(b'\n', &self.bytes()[from..]) {
            self.at = from + n + 1;
            return Ok(&self.bytes()[from..from + n]);
        }
        self.skip_consumed(t)?;
        let Source::File { file, buffer, consumed } = &mut self.source else { return Err(truncated(t)) };
        let rest = buffer.split_off(self.at.min(buffer.len()));
        let line = protocol::call_values(t, &file.readline, &[])?;
        let Some(line) = bytes::view(&line) else {
            let message = format!("readline() returned a non-bytes object ({})", line.class().name());
            return Err(raise::value_error(t, message));
        };
        *buffer = [&rest, line].concat();
        *consumed = buffer.len();
        match buffer.strip_suffix(b"\n") {
            Some(line) => {
                self.at = buffer.len();
                Ok(line)
            }
            None => Err(truncated(t)),
        }
    }

    /// The next line, which must not be empty.
    pub fn full_line(&mut self, t: &Thread) -> PyResult<&[u8]> {
        match self.line(t)? {
            [] => Err(truncated(t)),
            line => Ok(line),
        }
    }

    /// Makes sure that a frame's bytes are at hand.
    pub fn frame(&mut self, t: &Thread, n: usize) -> PyResult<()> {
        self.take(t, n)?;
        self.at -= n;
        Ok(())
    }

    /// Fills `target` (a bytearray's bytes) without a detour where the file can.
    pub fn take_into(&mut self, t: &Thread, n: usize) -> PyResult<Vec<u8>> {
        Ok(self.take(t, n)?.to_vec())
    }

    /// Tells the file that what was looked at ahead has been used.
    pub fn skip_consumed(&mut self, t: &Thread) -> PyResult<()> {
        let Source::File { file, buffer, consumed } = &mut self.source else { return Ok(()) };
        if self.at > *consumed {
            let n = self.at - *consumed;
            drop(protocol::call_values(t, &file.read, &[Value::uint(n as u64)])?);
        }
        buffer.truncate(self.at.max(*consumed).min(buffer.len()));
        *consumed = buffer.len();
        Ok(())
    }

    /// Reads until there are `n` bytes, if the file has so many.
    #[cold]
    fn fill(&mut self, t: &Thread, n: usize) -> PyResult<()> {
        self.skip_consumed(t)?;
        let at = self.at;
        let Source::File { file, buffer, consumed } = &mut self.source else { return Ok(()) };
        buffer.drain(..at);
        self.at = 0;
        *consumed = buffer.len();
        let missing = n - buffer.len();
        if missing < PEEK
            && let Some(peek) = &file.peek
        {
            match protocol::call_values(t, peek, &[Value::uint(PEEK as u64)]) {
                Ok(ahead) => {
                    let ahead = bytes_like(t, &ahead)?;
                    if ahead.len() >= missing {
                        buffer.extend_from_slice(&ahead);
                        return Ok(());
                    }
                }
                Err(raised) => raise::suppress(t, raised, &crate::object::core_types::exc::NOT_IMPLEMENTED_ERROR)?,
            }
        }
        let data = protocol::call_values(t, &file.read, &[Value::uint(missing as u64)])?;
        let Some(data) = bytes::view(&data) else {
            let message = format!("read() returned non-bytes object ({})", data.class().name());
            return Err(raise::value_error(t, message));
        };
        buffer.extend_from_slice(data);
        *consumed = buffer.len();
        Ok(())
    }
}
