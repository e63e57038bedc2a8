//! The payload of bytes: immutable bytes, inline after the payload for bytes itself, in a block of their own for
//! subclasses and for large values that were built elsewhere.

use crate::object::text::hash_bytes;
use crate::object::type_object::{Payload, Type};
use crate::object::value::Value;
use crate::object::{alloc, core_types, names};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use std::sync::LazyLock;

/// From this length on, `from_vec` keeps the vector's block instead of copying it into the object.
const ADOPT: usize = 4096;

/// See the module's documentation.
pub struct Bytes {
    /// 0 until computed (a true 0 is computed again, which is harmless).
    hash: AtomicI64,
    data: *const u8,
    len: usize,
    /// Whether `data` is a boxed slice of its own.
    owned: bool,
}

// SAFETY: the bytes never change; the hash is atomic.
unsafe impl Send for Bytes {}
// SAFETY: as above.
unsafe impl Sync for Bytes {}

// SAFETY: `BYTES`'s layout is `Bytes`.
unsafe impl Payload for Bytes {
    fn layout_type() -> &'static Type {
        &core_types::BYTES
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if self.owned {
            // SAFETY: an owned block came from `Box::into_raw` in `adopt`.
            drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.data.cast_mut(), self.len)) });
        }
    }
}

impl Bytes {
    fn adopt(bytes: Vec<u8>) -> Bytes {
        let len = bytes.len();
        let data = Box::into_raw(bytes.into_boxed_slice()).cast::<u8>();
        Bytes { hash: AtomicI64::new(0), data, len, owned: true }
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `len` bytes that live and stay unchanged as long as `self`.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }

    /// Python's `hash()`, cached.
    pub fn hash(&self) -> i64 {
        match self.hash.load(Relaxed) {
            0 => {
                let hash = hash_bytes(self.as_slice());
                self.hash.store(hash, Relaxed);
                hash
            }
            hash => hash,
        }
    }
}

/// The bytes objects of one byte, and the empty one at 256; immortal.
static SMALL: LazyLock<Vec<Value>> = LazyLock::new(|| {
    (0..=256u32)
        .map(|b| {
            let v = if b == 256 { new_inline(&[]) } else { new_inline(&[b as u8]) };
            names::immortalize(&v);
            v
        })
        .collect()
});

fn new_inline(bytes: &[u8]) -> Value {
    alloc::new_with_tail(&core_types::BYTES, bytes.len(), |tail| {
        // SAFETY: the tail has room for the bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), tail, bytes.len()) };
        Bytes { hash: AtomicI64::new(0), data: tail, len: bytes.len(), owned: false }
    })
}

/// A bytes object with a copy of these bytes.
pub fn from_slice(bytes: &[u8]) -> Value {
    match bytes {
        [] => empty(),
        [b] => SMALL[usize::from(*b)].clone(),
        _ => new_inline(bytes),
    }
}

/// A bytes object with these bytes.
pub fn from_vec(bytes: Vec<u8>) -> Value {
    if bytes.len() < ADOPT {
        return from_slice(&bytes);
    }
    alloc::new(&core_types::BYTES, Bytes::adopt(bytes))
}

/// A bytes object of this length, with the bytes that `fill` puts in place of zeros.
pub fn from_fill(len: usize, fill: impl FnOnce(&mut [u8])) -> Value {
    if !(2..ADOPT).contains(&len) {
        let mut bytes = vec![0; len];
        fill(&mut bytes);
        return from_vec(bytes);
    }
    alloc::new_with_tail(&core_types::BYTES, len, |tail| {
        // SAFETY: the tail has room for the bytes, which are initialised first; nobody else knows it yet.
        unsafe {
            tail.write_bytes(0, len);
            fill(std::slice::from_raw_parts_mut(tail, len));
        }
        Bytes { hash: AtomicI64::new(0), data: tail, len, owned: false }
    })
}

/// `b""`.
pub fn empty() -> Value {
    SMALL[256].clone()
}

/// An instance of `class`, bytes or a subclass of it.
pub fn new_with_class(class: &Type, bytes: Vec<u8>) -> Value {
    if std::ptr::eq(class, &*core_types::BYTES) {
        return from_vec(bytes);
    }
    alloc::new(class, Bytes::adopt(bytes))
}

/// The bytes of an instance of bytes or of a subclass.
#[inline]
pub fn view(v: &Value) -> Option<&[u8]> {
    v.downcast::<Bytes>().map(Bytes::as_slice)
}
