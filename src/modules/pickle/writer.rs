//! The output of a pickler: opcodes in frames, in memory or on their way to a file.

use super::opcode::{BINGET, BINPUT, FRAME, GET, LONG_BINGET, LONG_BINPUT, MEMOIZE, PUT};
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;

/// A frame is closed when it has grown to this many bytes.
pub const FRAME_TARGET: usize = 64 * 1024;
/// Smaller frames go without a header.
const FRAME_MIN: usize = 4;
/// The opcode and a length.
const FRAME_HEADER: usize = 9;

/// See the module's documentation.
pub struct Writer {
    out: Vec<u8>,
    /// The `write` of a file, which takes what is done; None: all stays in memory.
    file: Option<Value>,
    framing: bool,
    /// Where the header of the open frame lies.
    frame: Option<usize>,
}

impl Writer {
    /// Output for a file's `write`, or (None) for memory.
    pub fn new(file: Option<Value>) -> Writer {
        Writer { out: Vec::with_capacity(256), file, framing: false, frame: None }
    }

    /// What was written to memory.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Frames what follows.
    pub fn start_framing(&mut self) {
        self.framing = true;
    }

    /// Closes the last frame.
    pub fn end_framing(&mut self) {
        self.close_frame();
        self.framing = false;
    }

    #[inline]
    fn open(&mut self) {
        if self.framing && self.frame.is_none() {
            self.frame = Some(self.out.len());
            self.out.extend_from_slice(&[0xfe; FRAME_HEADER]);
        }
    }

    #[inline]
    pub fn byte(&mut self, b: u8) {
        self.open();
        self.out.push(b);
    }

    #[inline]
    pub fn bytes(&mut self, b: &[u8]) {
        self.open();
        self.out.extend_from_slice(b);
    }

    /// An opcode with its argument.
    #[inline]
    pub fn op(&mut self, opcode: u8, argument: &[u8]) {
        self.open();
        self.out.push(opcode);
        self.out.extend_from_slice(argument);
    }

    /// An opcode with data of which the number of bytes, fewer than 256, is told.
    #[inline]
    pub fn counted(&mut self, opcode: u8, data: &[u8]) {
        self.open();
        self.out.reserve(2 + data.len());
        self.out.push(opcode);
        self.out.push(data.len() as u8);
        self.out.extend_from_slice(data);
    }

    fn close_frame(&mut self) {
        let Some(start) = self.frame.take() else { return };
        let len = self.out.len() - start - FRAME_HEADER;
        if len >= FRAME_MIN {
            self.out[start] = FRAME;
            self.out[start + 1..start + FRAME_HEADER].copy_from_slice(&(len as u64).to_le_bytes());
        } else {
            self.out.drain(start..start + FRAME_HEADER);
        }
    }

    /// Called between objects: closes a frame that has grown large.
    #[inline]
    pub fn boundary(&mut self, t: &Thread) -> PyResult<()> {
        match self.frame {
            Some(start) if self.out.len() - start - FRAME_HEADER >= FRAME_TARGET => {
                self.close_frame();
                self.flush(t)
            }
            _ => Ok(()),
        }
    }

    /// Hands all that was written to the file.
    pub fn flush(&mut self, t: &Thread) -> PyResult<()> {
        if let Some(file) = &self.file
            && !self.out.is_empty()
        {
            let done = bytes::from_vec(std::mem::replace(&mut self.out, Vec::with_capacity(256)));
            drop(protocol::call_values(t, file, &[done])?);
        }
        Ok(())
    }

    /// A header and a payload, which goes outside of frames (and to a file by itself) if it is large; `object` is then
    /// what is written, else a copy.
    pub fn payload(&mut self, t: &Thread, header: &[u8], data: &[u8], object: Option<&Value>) -> PyResult<()> {
        if data.len() < FRAME_TARGET {
            self.bytes(header);
            self.out.extend_from_slice(data);
            return Ok(());
        }
        self.close_frame();
        self.out.extend_from_slice(header);
        if let Some(file) = self.file.clone() {
            self.flush(t)?;
            let object = object.map_or_else(|| bytes::from_slice(data), Value::clone);
            drop(protocol::call_values(t, &file, &[object])?);
        } else {
            self.out.extend_from_slice(data);
        }
        Ok(())
    }

    /// Fetches an object from the memo.
    pub fn get(&mut self, binary: bool, number: u32) {
        match (binary, u8::try_from(number)) {
            (false, _) => self.op(GET, format!("{number}\n").as_bytes()),
            (true, Ok(byte)) => self.op(BINGET, &[byte]),
            (true, Err(_)) => self.op(LONG_BINGET, &number.to_le_bytes()),
        }
    }

    /// Enters the object on the stack into the memo.
    pub fn put(&mut self, protocol: u8, number: u32) {
        match u8::try_from(number) {
            _ if protocol >= 4 => self.byte(MEMOIZE),
            _ if protocol == 0 => self.op(PUT, format!("{number}\n").as_bytes()),
            Ok(byte) => self.op(BINPUT, &[byte]),
            Err(_) => self.op(LONG_BINPUT, &number.to_le_bytes()),
        }
    }
}
