//! The payload of bytearray: bytes that change under the object's lock, and the count of buffers lent out.
//!
//! Rules for threads:
//! 1. `store` is touched only under the object's lock. The length is also in `len`, for reading without it.
//! 2. While `exports` is not zero the bytes stay where they are: a change of size raises BufferError. `exports` grows
//!    under the lock only, so a resize that saw zero under the lock is alone.
//! 3. Whoever holds an exported buffer reads and writes the bytes without the lock; that may tear bytes written at the
//!    same time, as in every Python.

use crate::object::buffer::Buffer;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotId;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type};
use crate::object::value::Value;
use crate::sync::exports::Exports;
use crate::sync::may_fail;
use crate::sync::shim::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::sync::shim::weakened;
use crate::types::iteration::is_shared;
use std::cell::UnsafeCell;

/// Bytes that can lose their beginning cheaply.
#[derive(Default)]
pub struct Store {
    bytes: Vec<u8>,
    /// The bytes before this are gone.
    start: usize,
}

impl Store {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The bytes, for changes that keep their number.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..]
    }

    /// Adds bytes at the end.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds the bytes that are there once more.
    pub fn double(&mut self) {
        self.bytes.extend_from_within(self.start..);
    }

    /// Adds a byte at the end.
    pub fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    /// The bytes as a vector, for any change.
    pub fn vec(&mut self) -> &mut Vec<u8> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        &mut self.bytes
    }

    /// Puts `new` in place of the bytes from `from` to `to`.
    pub fn splice(&mut self, from: usize, to: usize, new: &[u8]) {
        let len = self.as_slice().len();
        if to - from == new.len() {
            self.as_mut_slice()[from..to].copy_from_slice(new);
        } else if from == len {
            self.append(new);
        } else if from == 0 && new.len() < to {
            // The beginning shrinks: move the start, not the rest. Half of the block may lie idle.
            self.start += to - new.len();
            self.as_mut_slice()[..new.len()].copy_from_slice(new);
            if self.start > self.bytes.len() / 2 {
                self.vec();
            }
        } else {
            self.vec().splice(from..to, new.iter().copied());
        }
    }

    /// Bytes that fit without asking for memory.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

/// See the module's documentation.
pub struct ByteArray {
    store: UnsafeCell<Store>,
    len: AtomicUsize,
    exports: Exports,
}

// SAFETY: rules 1 to 3.
unsafe impl Sync for ByteArray {}

// SAFETY: `BYTEARRAY`'s layout is `ByteArray`.
unsafe impl Payload for ByteArray {
    fn layout_type() -> &'static Type {
        &core_types::BYTEARRAY
    }
}

impl ByteArray {
    /// With these bytes.
    pub fn new(bytes: Vec<u8>) -> ByteArray {
        let len = AtomicUsize::new(bytes.len());
        ByteArray { store: UnsafeCell::new(Store { bytes, start: 0 }), len, exports: Exports::new() }
    }

    /// The number of bytes, without the lock.
    pub fn len(&self) -> usize {
        self.len.load(Relaxed)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Runs `f` on the bytes of a bytearray, under its lock: `f` must not call Python, drop values or block. `None` for
/// anything but a bytearray.
pub fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> Option<R> {
    let this = v.downcast::<ByteArray>()?;
    let _guard = t.lock_for("stress: bytearray reads", v.header()?);
    // SAFETY: rule 1.
    Some(f(unsafe { &*this.store.get() }.as_slice()))
}

/// [`with`], with no bytes for anything but a bytearray.
pub fn with_or_empty<R>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> R {
    let (Some(this), Some(header)) = (v.downcast::<ByteArray>(), v.header()) else { return f(&[]) };
    let _guard = t.lock_for("stress: bytearray reads", header);
    // SAFETY: rule 1.
    f(unsafe { &*this.store.get() }.as_slice())
}

/// The bytes at one moment of a bytearray that other threads may have; None for anything else. An operation that lent them
/// instead would make another thread's change of size fail.
pub fn copy_if_shared(t: &Thread, v: &Value) -> Option<Vec<u8>> {
    let native = v.class().slots.same(SlotId::buffer, &core_types::BYTEARRAY.slots);
    if native && is_shared(v.header()?) { with(t, v, <[u8]>::to_vec) } else { None }
}

/// Runs `f` on the bytes under the lock, to change them in place.
pub fn with_mut<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut [u8]) -> R) -> Option<R> {
    let this = v.downcast::<ByteArray>()?;
    let _guard = t.lock_for("stress: bytearray writes", v.header()?);
    // SAFETY: rule 1.
    Some(f(unsafe { &mut *this.store.get() }.as_mut_slice()))
}

/// What a change of size wants to do with the present bytes.
pub enum Change<R> {
    /// Nothing that depends on the size: this is the outcome.
    Done(R),
    /// The size changes, and grows by at most this: run the second step.
    Resize(usize),
}

/// Why there was no change of size.
enum Refused {
    Lent,
    NoMemory,
}

/// Looks at the bytes with `look`, and if that asks for it, resizes with `resize`, all in one atomic step. BufferError
/// where buffers are lent out, MemoryError. Both run under the lock: see `with`.
pub fn change<R>(
    t: &Thread,
    v: &Value,
    look: impl FnOnce(&mut Store) -> Change<R>,
    resize: impl FnOnce(&mut Store) -> R,
) -> PyResult<R> {
    let (Some(this), Some(header)) = (v.downcast::<ByteArray>(), v.header()) else {
        return Err(raise::type_error(t, "expected a bytearray"));
    };
    let outcome = {
        let _guard = t.lock_for("stress: bytearray changes of size", header);
        // SAFETY: rule 1.
        let store = unsafe { &mut *this.store.get() };
        match look(store) {
            Change::Done(outcome) => Ok(outcome),
            Change::Resize(_) if this.exports.any() && !weakened("stress: bytearray is lent") => Err(Refused::Lent),
            Change::Resize(more) if may_fail::reserve(&mut store.bytes, more).is_err() => Err(Refused::NoMemory),
            Change::Resize(_) => {
                let outcome = resize(store);
                this.len.store(store.as_slice().len(), Relaxed);
                Ok(outcome)
            }
        }
    };
    outcome.map_err(|refused| match refused {
        Refused::Lent => raise::buffer_error(t, "Existing exports of data: object cannot be re-sized"),
        Refused::NoMemory => raise::memory_error(t, ""),
    })
}

/// Resizes with `f`, by `more` bytes at most, in one atomic step; BufferError where buffers are lent out, MemoryError.
pub fn resize<R>(t: &Thread, v: &Value, more: usize, f: impl FnOnce(&mut Store) -> R) -> PyResult<R> {
    change(t, v, |_| Change::Resize(more), f)
}

/// Lends the bytes.
pub fn export(t: &Thread, v: &Value) -> PyResult<Buffer> {
    let (Some(this), Some(header)) = (v.downcast::<ByteArray>(), v.header()) else {
        return Err(raise::type_error(t, "expected a bytearray"));
    };
    let (data, len) = {
        let _guard = t.lock_for("stress: bytearray changes of size", header);
        this.exports.lend();
        // SAFETY: rule 1.
        let bytes = unsafe { &mut *this.store.get() }.as_mut_slice();
        (bytes.as_mut_ptr(), bytes.len())
    };
    Ok(Buffer::bytes(v.clone(), data, len, false, Some(release)))
}

fn release(v: &Value) {
    if let Some(this) = v.downcast::<ByteArray>() {
        this.exports.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::Store;

    #[test]
    fn splices() {
        let mut s = Store::default();
        s.append(b"0123456789");
        s.splice(0, 3, b"");
        assert_eq!(s.as_slice(), b"3456789");
        s.splice(0, 2, b"x");
        assert_eq!(s.as_slice(), b"x56789");
        s.splice(6, 6, b"ab");
        assert_eq!(s.as_slice(), b"x56789ab");
        s.splice(1, 3, b"-----");
        assert_eq!(s.as_slice(), b"x-----789ab");
        s.splice(0, 11, b"");
        assert_eq!(s.as_slice(), b"");
        s.splice(0, 0, b"q");
        assert_eq!(s.as_slice(), b"q");
        s.splice(0, 1, b"rst");
        assert_eq!(s.as_slice(), b"rst");
    }
}
