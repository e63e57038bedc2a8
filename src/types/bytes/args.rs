//! Reading the arguments of byte methods: byte strings, single bytes, ranges.

use crate::object::args::Args;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, protocol};
use crate::types::{bytearray, slice};
use std::ops::Deref;

/// Contiguous bytes borrowed from an argument.
pub enum ByteArg<'a> {
    /// Of a bytes object.
    Slice(&'a [u8]),
    /// Of any other object that lends its bytes.
    Lent(Buffer),
    /// Copied, where the bytes are not contiguous, or are of a bytearray that other threads may change.
    Copied(Vec<u8>),
}

impl Deref for ByteArg<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            ByteArg::Slice(s) => s,
            ByteArg::Lent(b) => b.as_slice(),
            ByteArg::Copied(v) => v,
        }
    }
}

/// The bytes of a bytes-like object. BufferError where they are not contiguous.
#[inline]
pub fn bytes_like<'a>(t: &Thread, v: &'a Value) -> PyResult<ByteArg<'a>> {
    if let Some(s) = super::payload::view(v) {
        return Ok(ByteArg::Slice(s));
    }
    if let Some(copy) = bytearray::copy_if_shared(t, v) {
        return Ok(ByteArg::Copied(copy));
    }
    let lent = buffer::get(t, v, Request::Read)?;
    if !lent.is_contiguous() {
        return Err(raise::buffer_error(t, "memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(ByteArg::Lent(lent))
}

/// The bytes of a bytes-like object of any shape, copied where they are not contiguous.
pub fn bytes_like_any<'a>(t: &Thread, v: &'a Value) -> PyResult<ByteArg<'a>> {
    if let Some(s) = super::payload::view(v) {
        return Ok(ByteArg::Slice(s));
    }
    if let Some(copy) = bytearray::copy_if_shared(t, v) {
        return Ok(ByteArg::Copied(copy));
    }
    let lent = buffer::get(t, v, Request::Read)?;
    Ok(if lent.is_contiguous() { ByteArg::Lent(lent) } else { ByteArg::Copied(lent.to_vec()) })
}

/// Whether the object lends its bytes.
pub fn is_bytes_like(v: &Value) -> bool {
    v.class().slots.buffer.get().is_some()
}

/// What `find`, `count` and `in` look for.
pub enum Needle<'a> {
    /// One byte.
    Byte([u8; 1]),
    /// A byte string.
    Bytes(ByteArg<'a>),
}

impl Deref for Needle<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Needle::Byte(b) => b,
            Needle::Bytes(b) => b,
        }
    }
}

/// Reads an argument that is a byte string or an int.
pub fn needle<'a>(t: &Thread, v: &'a Value) -> PyResult<Needle<'a>> {
    if is_bytes_like(v) {
        return bytes_like(t, v).map(Needle::Bytes);
    }
    if bigint::view(v).is_none() && v.class().slots.index.get().is_none() {
        let message = format!("argument should be integer or bytes-like object, not '{}'", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    byte(t, v).map(|b| Needle::Byte([b]))
}

/// An int from 0 to 255; ValueError "byte must be in range(0, 256)".
#[inline]
pub fn byte(t: &Thread, v: &Value) -> PyResult<u8> {
    if let Some(b) = v.as_small_int().and_then(|i| u8::try_from(i).ok()) {
        return Ok(b);
    }
    match u8::try_from(protocol::index_clipped(t, v)?) {
        Ok(b) => Ok(b),
        Err(_) => Err(raise::value_error(t, "byte must be in range(0, 256)")),
    }
}

/// A size or count; OverflowError where it does not fit a machine word.
pub fn ssize(t: &Thread, v: &Value) -> PyResult<i64> {
    if let Some(i) = v.as_small_int() {
        return Ok(i);
    }
    match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(i)) => Ok(i),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t")),
    }
}

/// A C int, such as a tab size; OverflowError where it does not fit.
pub fn c_int(t: &Thread, v: &Value) -> PyResult<i32> {
    let i = protocol::index_clipped(t, v)?;
    i32::try_from(i).map_err(|_| raise::overflow_error(t, "Python int too large to convert to C int"))
}

/// A count such as `maxsplit`: negative means no limit.
pub fn limit(t: &Thread, v: Option<&Value>) -> PyResult<usize> {
    match v {
        None => Ok(usize::MAX),
        Some(v) => Ok(usize::try_from(ssize(t, v)?).unwrap_or(usize::MAX)),
    }
}

/// Optional bounds of a range, as `find` takes them.
#[derive(Clone, Copy, Default)]
pub struct Range {
    start: Option<i64>,
    end: Option<i64>,
}

impl Range {
    /// Reads `start` and `end`, the arguments after the first.
    pub fn read(t: &Thread, args: &[Value]) -> PyResult<Range> {
        let bound = |v: Option<&Value>| v.map_or(Ok(None), |v| slice::clipped(t, v));
        Ok(Range { start: bound(args.get(1))?, end: bound(args.get(2))? })
    }

    /// The range within `len` items; `None` where it starts past its end (an empty needle is then not found).
    pub fn within(self, len: usize) -> Option<(usize, usize)> {
        let clip = |bound: Option<i64>, default: usize| match bound {
            None => default,
            Some(i) if i < 0 => len.saturating_sub(i.unsigned_abs().try_into().unwrap_or(usize::MAX)),
            Some(i) => usize::try_from(i).unwrap_or(usize::MAX),
        };
        let (start, end) = (clip(self.start, 0), clip(self.end, len).min(len));
        (start <= end).then_some((start, end))
    }
}

/// The arguments of `find` and its kin after `self`: one to three, no keywords.
pub fn find_args<'a>(t: &Thread, args: Args<'a>, name: &str) -> PyResult<(&'a Value, Range)> {
    let rest = args.skip(1).exactly_positional(t, name, 1, 3)?;
    Ok((&rest[0], Range::read(t, rest)?))
}

/// The position that index `v` stands for in `len` items; `None` out of range.
pub fn position(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add(len as i64)? } else { i };
    usize::try_from(i).ok().filter(|&i| i < len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_clip() {
        let r = |start, end, len| Range { start, end }.within(len);
        assert_eq!(r(None, None, 3), Some((0, 3)));
        assert_eq!(r(Some(-2), Some(99), 3), Some((1, 3)));
        assert_eq!(r(Some(-9), Some(-1), 3), Some((0, 2)));
        assert_eq!(r(Some(4), None, 3), None);
        assert_eq!(r(Some(2), Some(1), 3), None);
        assert_eq!(r(Some(i64::MIN), Some(i64::MAX), 3), Some((0, 3)));
        assert_eq!(position(-1, 3), Some(2));
        assert_eq!(position(-4, 3), None);
        assert_eq!(position(i64::MIN, 3), None);
    }
}
