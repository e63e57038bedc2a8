//! The buffer protocol (PEP 3118, PEP 688): how an object lends its bytes.

use super::raise::{self, PyResult};
use super::thread::{Thread, multi};
use super::value::Value;
use crate::sync::shim::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::Relaxed};
use crate::sync::shim::weakened;

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

/// Copies the item of `size` bytes at `at` to the beginning of an array, in one step where it lies as an item of its size
/// should: then no write of another thread is seen half done. `size` is at most 8.
///
/// # Safety
/// There are that many bytes, which others change by `write_item` only, if at all.
#[inline]
pub unsafe fn read_item(at: *const u8, size: usize) -> [u8; MAX_ITEM] {
    let mut item = [0; MAX_ITEM];
    // SAFETY: by the caller; the address is that of an atomic of this size.
    unsafe {
        match size {
            8 if at.cast::<AtomicU64>().is_aligned() => item = (*at.cast::<AtomicU64>()).load(Relaxed).to_ne_bytes(),
            4 if at.cast::<AtomicU32>().is_aligned() => {
                item[..4].copy_from_slice(&(*at.cast::<AtomicU32>()).load(Relaxed).to_ne_bytes());
            }
            2 if at.cast::<AtomicU16>().is_aligned() => {
                item[..2].copy_from_slice(&(*at.cast::<AtomicU16>()).load(Relaxed).to_ne_bytes());
            }
            _ => (0..size).for_each(|i| item[i] = (*at.add(i).cast::<AtomicU8>()).load(Relaxed)),
        }
    }
    item
}

/// Puts the `size` first bytes of `item` to `at`, as `read_item` reads them.
///
/// # Safety
/// There are that many bytes, and the caller may write them.
#[inline]
pub unsafe fn write_item(at: *mut u8, item: [u8; MAX_ITEM], size: usize) {
    let [a, b, c, d, ..] = item;
    let size = if weakened("stress: items are written in one step") { size | 16 } else { size };
    // SAFETY: as in `read_item`.
    unsafe {
        match size {
            8 if at.cast::<AtomicU64>().is_aligned() => {
                (*at.cast::<AtomicU64>()).store(u64::from_ne_bytes(item), Relaxed);
            }
            4 if at.cast::<AtomicU32>().is_aligned() => {
                (*at.cast::<AtomicU32>()).store(u32::from_ne_bytes([a, b, c, d]), Relaxed);
            }
            2 if at.cast::<AtomicU16>().is_aligned() => {
                (*at.cast::<AtomicU16>()).store(u16::from_ne_bytes([a, b]), Relaxed);
            }
            _ => (0..size & 15).for_each(|i| (*at.add(i).cast::<AtomicU8>()).store(item[i], Relaxed)),
        }
    }
}

/// The largest item that is read and written in one step.
pub const MAX_ITEM: usize = 8;

/// Adds `len` bytes from `at` on to `out`, item by item as `read_item` reads them.
///
/// # Safety
/// As `read_item`, for all the items.
pub unsafe fn read_items(at: *const u8, len: usize, item_size: usize, out: &mut Vec<u8>) {
    if !multi() || !(2..=MAX_ITEM).contains(&item_size) {
        // SAFETY: by the caller; nobody else is there to write, or a byte is an item.
        return out.extend_from_slice(unsafe { std::slice::from_raw_parts(at, len) });
    }
    out.reserve(len);
    for place in (0..len).step_by(item_size) {
        // SAFETY: by the caller.
        let item = unsafe { read_item(at.add(place), item_size) };
        out.extend_from_slice(&item[..item_size]);
    }
}

/// Puts items to `at`, one by one as `write_item` does.
///
/// # Safety
/// As `write_item`, for all the items.
pub unsafe fn write_items(at: *mut u8, bytes: &[u8], item_size: usize) {
    if !multi() || !(2..=MAX_ITEM).contains(&item_size) {
        // SAFETY: by the caller, who has the bytes for itself: they are not those at `at`.
        return unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), at, bytes.len()) };
    }
    for (index, bytes) in bytes.chunks_exact(item_size).enumerate() {
        let mut item = [0; MAX_ITEM];
        item[..item_size].copy_from_slice(bytes);
        // SAFETY: by the caller.
        unsafe { write_item(at.add(index * item_size), item, item_size) };
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
            let mut out = Vec::with_capacity(self.len);
            // SAFETY: the exporter keeps `len` bytes in place until `release`.
            unsafe { read_items(self.data, self.len, self.item_size, &mut out) };
            return out;
        }
        let mut out = Vec::with_capacity(self.len);
        self.gather(0, self.data, &mut out);
        out
    }

    fn gather(&self, dimension: usize, data: *const u8, out: &mut Vec<u8>) {
        if dimension == self.shape.len() {
            // SAFETY: the exporter vouches that shape and strides stay inside its memory.
            return unsafe { read_items(data, self.item_size, self.item_size, out) };
        }
        for i in 0..self.shape[dimension] {
            // SAFETY: as above.
            self.gather(dimension + 1, unsafe { data.offset(i * self.strides[dimension]) }, out);
        }
    }
}
