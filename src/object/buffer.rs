//! The buffer protocol (PEP 3118, PEP 688): how an object lends its bytes.

use super::raise::{self, PyResult};
use super::thread::Thread;
use super::value::Value;

/// What the borrower wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    Read,
    Write,
}

/// Borrowed bytes. The exporter's `release` is called when the buffer is dropped; it keeps the exporter alive.
pub struct Buffer {
    /// The object whose bytes these are.
    pub exporter: Value,
    pub data: *mut u8,
    /// Bytes.
    pub len: usize,
    pub readonly: bool,
    /// Bytes of an item; the product of `shape` times it is `len`.
    pub item_size: usize,
    /// The `struct` format of an item.
    pub format: std::borrow::Cow<'static, str>,
    pub shape: smallvec::SmallVec<[isize; 1]>,
    /// Bytes from one item to the next, by dimension.
    pub strides: smallvec::SmallVec<[isize; 1]>,
    /// Called once, when the bytes are no longer used.
    pub release: Option<fn(&Value)>,
}

// SAFETY: the bytes belong to the exporter, whose lock and export count guard them.
unsafe impl Send for Buffer {}

impl Buffer {
    /// A one-dimensional buffer of plain bytes.
    pub fn bytes(exporter: Value, data: *mut u8, len: usize, readonly: bool, release: Option<fn(&Value)>) -> Buffer {
        Buffer {
            exporter,
            data,
            len,
            readonly,
            item_size: 1,
            format: "B".into(),
            shape: smallvec::smallvec![len as isize],
            strides: smallvec::smallvec![1],
            release,
        }
    }

    /// The bytes, of a contiguous buffer.
    ///
    /// A program that writes them from another thread at the same time may see torn data, as in every Python; the memory
    /// itself stays valid.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the exporter keeps `len` bytes in place until `release`.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// The bytes, for writing.
    #[allow(clippy::mut_from_ref)]
    pub fn as_mut_slice(&self) -> &mut [u8] {
        assert!(!self.readonly, "a read-only buffer");
        // SAFETY: as above; requested for writing.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            release(&self.exporter);
        }
    }
}

/// Borrows an object's bytes; TypeError "a bytes-like object is required, not 'X'" where it has none to lend.
pub fn get(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    match v.class().slots.buffer.get() {
        Some(f) => f(t, v, request),
        None => {
            Err(raise::type_error(t, format!("a bytes-like object is required, not '{}'", v.class().display_name())))
        }
    }
}

impl Buffer {
    /// Whether the items lie one after the other in C order (last index fastest).
    pub fn is_contiguous(&self) -> bool {
        let mut expected = self.item_size as isize;
        for (&n, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if n > 1 && stride != expected {
                return self.len == 0;
            }
            expected *= n;
        }
        true
    }

    /// The bytes in C order, of any buffer.
    pub fn to_vec(&self) -> Vec<u8> {
        if self.is_contiguous() {
            return self.as_slice().to_vec();
        }
        let mut out = Vec::with_capacity(self.len);
        self.gather(0, self.data, &mut out);
        out
    }

    fn gather(&self, dimension: usize, data: *const u8, out: &mut Vec<u8>) {
        if dimension == self.shape.len() {
            // SAFETY: the exporter vouches that shape and strides stay inside its memory.
            out.extend_from_slice(unsafe { std::slice::from_raw_parts(data, self.item_size) });
            return;
        }
        for i in 0..self.shape[dimension] {
            // SAFETY: as above.
            self.gather(dimension + 1, unsafe { data.offset(i * self.strides[dimension]) }, out);
        }
    }
}
