//! What `bytes` and `bytearray` have in common: the methods are written once, over `Kind`.

use super::payload;
use crate::object::core_types;
use crate::object::thread::Thread;
use crate::object::value::Value;

/// `bytes` or `bytearray`.
pub trait Kind: Send + Sync + 'static {
    /// The type's name.
    const NAME: &'static str;
    /// Runs `f` on the bytes of `v`, atomically: `f` must not call Python, drop values or block.
    fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> R;
    /// A new object with these bytes.
    fn make(bytes: Vec<u8>) -> Value;
    /// A new object with a copy of these bytes.
    fn make_slice(bytes: &[u8]) -> Value;
    /// The object itself, where a method that changes nothing may answer it.
    fn unchanged(v: &Value) -> Option<Value>;
}

/// `bytes`.
pub struct BytesKind;

impl Kind for BytesKind {
    const NAME: &'static str = "bytes";

    #[inline]
    fn with<R>(_t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> R {
        f(payload::view(v).unwrap_or_default())
    }

    fn make(bytes: Vec<u8>) -> Value {
        payload::from_vec(bytes)
    }

    fn make_slice(bytes: &[u8]) -> Value {
        payload::from_slice(bytes)
    }

    fn unchanged(v: &Value) -> Option<Value> {
        v.is_exact(&core_types::BYTES).then(|| v.clone())
    }
}
