//! Subscripts of maps.

use super::payload::{check_writable, open};
use crate::object::buffer::{self, Request};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;
use crate::types::slice::{self, Slice};

/// An index as a place below `len`.
fn place(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i + len as i64 } else { i };
    usize::try_from(i).ok().filter(|i| *i < len)
}

pub fn getitem(t: &Thread, v: &Value, key: &Value) -> PyResult {
    if let Some(slice) = key.downcast::<Slice>() {
        let bounds = slice::bounds(t, slice)?;
        let data: Vec<u8> = open(t, v, |m, _| {
            let all = m.bytes();
            bounds.over(all.len()).positions().map(|i| all[i]).collect()
        })?;
        return Ok(bytes::from_vec(data));
    }
    if key.class().slots.index.get().is_none() {
        return Err(raise::type_error(t, "mmap indices must be integers"));
    }
    let i = protocol::index_size(t, key)?;
    match open(t, v, |m, _| place(i, m.len()).map(|i| m.bytes()[i]))? {
        Some(byte) => Ok(Value::int(byte.into())),
        None => Err(raise::index_error(t, "mmap index out of range")),
    }
}

pub fn setitem(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    check_writable(t, v)?;
    if let Some(slice) = key.downcast::<Slice>() {
        let Some(value) = value else {
            return Err(raise::type_error(t, "mmap object doesn't support slice deletion"));
        };
        let bounds = slice::bounds(t, slice)?;
        // A copy: the bytes may be the map's own.
        let data = buffer::get(t, value, Request::Read)?.to_vec();
        let fits = open(t, v, |m, _| {
            let all = m.bytes_mut();
            let places = bounds.over(all.len()).positions();
            if places.len() != data.len() {
                return false;
            }
            places.zip(&data).for_each(|(i, byte)| all[i] = *byte);
            true
        })?;
        return if fits { Ok(()) } else { Err(raise::index_error(t, "mmap slice assignment is wrong size")) };
    }
    if key.class().slots.index.get().is_none() {
        return Err(raise::type_error(t, "mmap indices must be integers"));
    }
    let i = protocol::index_size(t, key)?;
    let len = open(t, v, |m, _| m.len())?;
    if place(i, len).is_none() {
        return Err(raise::index_error(t, "mmap index out of range"));
    }
    let Some(value) = value else {
        return Err(raise::type_error(t, "mmap object doesn't support item deletion"));
    };
    if value.class().slots.index.get().is_none() {
        return Err(raise::type_error(t, "mmap item value must be an int"));
    }
    let n = protocol::index_i64(t, value).or_else(|raised| {
        raise::suppress(t, raised, &crate::object::core_types::exc::OVERFLOW_ERROR)?;
        Ok(-1)
    })?;
    let Ok(byte) = u8::try_from(n) else {
        return Err(raise::value_error(t, "mmap item value must be in range(0, 256)"));
    };
    let done = open(t, v, |m, _| place(i, m.len()).map(|i| m.bytes_mut()[i] = byte))?;
    done.ok_or_else(|| raise::index_error(t, "mmap index out of range"))
}
