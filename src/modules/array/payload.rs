//! The payload of arrays: items in memory, changed under the object's lock.
//!
//! Rules for threads:
//! 1. `bytes` is touched only under the object's lock. Its length is also in `len`, for reading without it.
//! 2. While `exports` is not zero the items stay where they are: a change of size raises BufferError. `exports` grows
//!    under the lock only.
//! 3. Whoever holds an exported buffer reads and writes without the lock, as in every Python. So that no item is seen half
//!    written, items are read and written in one step each (`object::buffer::read_item`), with the lock or without.

use super::kind::{Item, Kind};
use crate::modules::support::header_of;
use crate::object::buffer::{self, Buffer};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
use crate::object::value::Value;
use crate::sync::exports::Exports;
use crate::sync::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::sync::shim::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::sync::shim::weakened;
use std::cell::UnsafeCell;

/// See the module's documentation.
pub struct Array {
    pub kind: Kind,
    /// Aligned by the allocator to 16 at least, which suits all items.
    bytes: UnsafeCell<Vec<u8>>,
    len: AtomicUsize,
    exports: Exports,
}

// SAFETY: rules 1 to 3.
unsafe impl Sync for Array {}

// SAFETY: `ARRAY`'s layout is `Array`.
unsafe impl Payload for Array {
    fn layout_type() -> &'static Type {
        &super::ARRAY
    }
}

impl Array {
    /// With these items.
    pub fn new(kind: Kind, bytes: Vec<u8>) -> Array {
        let len = AtomicUsize::new(bytes.len());
        Array { kind, bytes: UnsafeCell::new(bytes), len, exports: Exports::new() }
    }

    /// How many items, without the lock.
    #[inline]
    pub fn len(&self) -> usize {
        self.len.load(Relaxed) / self.kind.size
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The payload of a value that the caller of a slot or method has checked to be an array.
#[inline]
pub fn of(v: &Value) -> &Array {
    v.downcast::<Array>().expect("the self of an array's operation is an array")
}

/// Runs `f` on the bytes of an array under its lock: `f` must not call Python, drop values or block.
#[inline]
pub fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut [u8]) -> R) -> R {
    let this = of(v);
    let _guard = t.lock_for("stress: array items", header_of(v));
    // SAFETY: rule 1.
    f(unsafe { &mut *this.bytes.get() })
}

/// A copy of the bytes at one moment.
pub fn snapshot(t: &Thread, v: &Value) -> Vec<u8> {
    let size = of(v).kind.size;
    with(t, v, |bytes| {
        let mut copy = Vec::with_capacity(bytes.len());
        // SAFETY: the array's own items.
        unsafe { buffer::read_items(bytes.as_ptr(), bytes.len(), size, &mut copy) };
        copy
    })
}

/// Copies `new` over the items from byte `at` on. For `with`.
pub fn overwrite(bytes: &mut [u8], at: usize, new: &[u8], size: usize) {
    let place = &mut bytes[at..at + new.len()];
    // SAFETY: the array's own items, in whole.
    unsafe { buffer::write_items(place.as_mut_ptr(), new, size) };
}

/// Runs `f`, which may change the number of items, in one atomic step. `f` as for `with`.
///
/// Raises BufferError where buffers are lent out.
pub fn resize<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
    grow(t, v, 0, f)
}

/// `resize`, by at most `more` bytes. Raises MemoryError as well.
pub fn grow<R>(t: &Thread, v: &Value, more: usize, f: impl FnOnce(&mut Vec<u8>) -> R) -> PyResult<R> {
    let this = of(v);
    let outcome = {
        let _guard = t.lock_for("stress: array changes of size", header_of(v));
        if !this.exports.any() || weakened("stress: array is lent") {
            // SAFETY: rule 1.
            let bytes = unsafe { &mut *this.bytes.get() };
            may_fail::reserve(bytes, more).map(|()| {
                let outcome = f(bytes);
                this.len.store(bytes.len(), Relaxed);
                Some(outcome)
            })
        } else {
            Ok(None)
        }
    };
    match outcome {
        Ok(Some(outcome)) => Ok(outcome),
        Ok(None) => Err(raise::buffer_error(t, "cannot resize an array that is exporting buffers")),
        Err(OutOfMemory) => Err(raise::memory_error(t, "")),
    }
}

/// Adds an item at the end.
pub fn push(t: &Thread, v: &Value, item: Item) -> PyResult<()> {
    let size = of(v).kind.size;
    grow(t, v, size, |bytes| bytes.extend_from_slice(&item[..size]))
}

/// Lends the items.
pub fn export(t: &Thread, v: &Value) -> Buffer {
    let this = of(v);
    let (data, len) = {
        let _guard = t.lock_for("stress: array changes of size", header_of(v));
        this.exports.lend();
        // SAFETY: rule 1.
        let bytes = unsafe { &mut *this.bytes.get() };
        (bytes.as_mut_ptr(), bytes.len())
    };
    let mut buffer = Buffer::bytes(v.clone(), data, len, false, Some(release));
    let kind = this.kind;
    buffer.item_size = kind.size;
    // Characters of either code lie in memory as those of `w`.
    let letter = if kind.letter == b'u' { b'w' } else { kind.letter };
    buffer.format = (letter as char).to_string().into();
    buffer.shape = smallvec::smallvec![(len / kind.size) as isize];
    buffer.strides = smallvec::smallvec![kind.size as isize];
    buffer
}

fn release(v: &Value) {
    of(v).exports.give_back();
}

/// Where the items lie, for `buffer_info`.
pub fn address(t: &Thread, v: &Value) -> (u64, usize) {
    with(t, v, |bytes| (bytes.as_ptr() as u64, bytes.len()))
}
