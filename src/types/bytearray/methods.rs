//! The methods that change a bytearray. Each is one atomic step after its arguments are read.

use super::payload::{self, Change, change, resize};
use super::{make, with};
use crate::object::args::{Args, Bound};
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::types::bytes::args::{self, bytes_like, position};
use crate::types::bytes::construct::{collect, from_object};
use crate::types::bytes::payload as bytes;
use crate::types::bytes::{repeated, times};
use crate::types::slice::{self, Indices, Slice};

pub fn append(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let byte = args::byte(t, item)?;
    resize(t, v, 1, |s| s.push(byte))?;
    Ok(Value::NONE)
}

pub fn extend(t: &Thread, v: &Value, iterable: &Value) -> PyResult {
    if iterable.is(v) {
        let look = |s: &mut payload::Store| Change::Resize(s.as_slice().len());
        change(t, v, look, |s| s.double())?;
        return Ok(Value::NONE);
    }
    if args::is_bytes_like(iterable) {
        return add_bytes(t, v, iterable).map(|()| Value::NONE);
    }
    if iterable.downcast::<Str>().is_some() {
        return Err(raise::type_error(t, "expected iterable of integers; got: 'str'"));
    }
    if iterable.class().slots.iter.get().is_none() && iterable.class().slots.getitem.get().is_none() {
        let message = format!("can't extend bytearray with {}", iterable.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let added = collect(t, iterable, "byte must be in range(0, 256)")?;
    append_all(t, v, &added)?;
    Ok(Value::NONE)
}

fn append_all(t: &Thread, v: &Value, added: &[u8]) -> PyResult<()> {
    let look = |_: &mut payload::Store| if added.is_empty() { Change::Done(()) } else { Change::Resize(added.len()) };
    change(t, v, look, |s| s.append(added))
}

/// Appends the bytes of a bytes-like object.
fn add_bytes(t: &Thread, v: &Value, other: &Value) -> PyResult<()> {
    let added = bytes_like(t, other)?;
    append_all(t, v, &added)
}

/// `self += other`
pub fn in_place_concat(t: &Thread, v: &Value, other: &Value) -> PyResult {
    if !args::is_bytes_like(other) {
        let message = format!("can't concat {} to {}", other.class().display_name(), v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    add_bytes(t, v, other)?;
    Ok(v.clone())
}

/// `self *= n`
pub fn in_place_repeat(t: &Thread, v: &Value, n: &Value) -> PyResult {
    if n.class().slots.index.get().is_none() && !n.is_small_int() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let n = times(t, n)?;
    let copy = with(t, v, <[u8]>::to_vec).unwrap_or_default();
    let product = repeated(t, &copy, n)?;
    // Between the look and the change another thread may have written: multiply what is there then.
    let look = |s: &mut payload::Store| {
        let len = s.as_slice().len();
        // `repeated` has found that it fits what there was; the rest of the room is for what there is.
        let more = if len > copy.len() { len.saturating_mul(n) } else { 0 };
        if n == 1 || len == 0 { Change::Done(()) } else { Change::Resize(more) }
    };
    change(t, v, look, |s| {
        let now = s.vec();
        if *now == copy { *now = product } else { *now = now.repeat(n) }
    })?;
    Ok(v.clone())
}

pub fn insert(t: &Thread, v: &Value, index: &Value, item: &Value) -> PyResult {
    let i = args::ssize(t, index)?;
    let byte = args::byte(t, item)?;
    resize(t, v, 1, |s| {
        let len = s.as_slice().len();
        let i = if i < 0 { (i + len as i64).max(0) as usize } else { (i as usize).min(len) };
        s.vec().insert(i, byte);
    })?;
    Ok(Value::NONE)
}

pub fn pop(t: &Thread, b: &Bound<'_>) -> PyResult {
    let i = b.opt(1).map_or(Ok(-1), |v| args::ssize(t, v))?;
    let look = |s: &mut payload::Store| {
        let len = s.as_slice().len();
        match position(i, len) {
            _ if len == 0 => Change::Done(Err("pop from empty bytearray")),
            None => Change::Done(Err("pop index out of range")),
            Some(_) => Change::Resize(0),
        }
    };
    let popped = change(t, b.req(0), look, |s| {
        let len = s.as_slice().len();
        match position(i, len) {
            Some(i) => {
                let byte = s.as_slice()[i];
                s.splice(i, i + 1, b"");
                Ok(byte)
            }
            None => Err("pop index out of range"),
        }
    })?;
    match popped {
        Ok(byte) => Ok(Value::int(i64::from(byte))),
        Err(message) => Err(raise::index_error(t, message)),
    }
}

pub fn remove(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let byte = args::byte(t, item)?;
    let place = |s: &payload::Store| memchr::memchr(byte, s.as_slice());
    let look = |s: &mut payload::Store| if place(s).is_some() { Change::Resize(0) } else { Change::Done(false) };
    let removed = change(t, v, look, |s| match place(s) {
        Some(i) => {
            s.splice(i, i + 1, b"");
            true
        }
        None => false,
    })?;
    if removed { Ok(Value::NONE) } else { Err(raise::value_error(t, "value not found in bytearray")) }
}

pub fn reverse(t: &Thread, v: &Value) -> PyResult {
    payload::with_mut(t, v, <[u8]>::reverse);
    Ok(Value::NONE)
}

pub fn clear(t: &Thread, v: &Value) -> PyResult {
    resize(t, v, 0, |s| *s.vec() = Vec::new())?;
    Ok(Value::NONE)
}

pub fn copy(t: &Thread, v: &Value) -> PyResult {
    Ok(make(with(t, v, <[u8]>::to_vec).unwrap_or_default()))
}

pub fn resize_to(t: &Thread, v: &Value, size: &Value) -> PyResult {
    let given = args::ssize(t, size)?;
    let Ok(n) = usize::try_from(given) else {
        let message = format!("bytearray.resize(): new size must be >= 0, got {given}");
        return Err(raise::value_error(t, message));
    };
    let look = |s: &mut payload::Store| {
        let len = s.as_slice().len();
        if len == n { Change::Done(()) } else { Change::Resize(n.saturating_sub(len)) }
    };
    change(t, v, look, |s| s.vec().resize(n, 0))?;
    Ok(Value::NONE)
}

pub fn alloc(t: &Thread, v: &Value) -> PyResult {
    // One more than needed, as for the zero byte that C code wants at the end.
    let n = change(t, v, |s| Change::Done(s.capacity()), |_| 0)?;
    Ok(Value::uint(n as u64 + 1))
}

pub fn sizeof(t: &Thread, v: &Value) -> PyResult {
    let n = change(t, v, |s| Change::Done(s.capacity()), |_| 0)?;
    Ok(Value::uint((n + 24 + size_of::<payload::ByteArray>()) as u64))
}

pub fn reduce(t: &Thread, v: &Value) -> PyResult {
    reduce_for(t, v, 2)
}

pub fn reduce_ex(t: &Thread, b: &Bound<'_>) -> PyResult {
    let protocol = b.opt(1).map_or(Ok(0), |v| protocol::index_i64(t, v))?;
    reduce_for(t, b.req(0), protocol)
}

fn reduce_for(t: &Thread, v: &Value, protocol: i64) -> PyResult {
    let state = protocol::call_method(t, v, &known().__getstate__, &[])?;
    let copy = with(t, v, <[u8]>::to_vec).unwrap_or_default();
    let args = if protocol < 3 {
        let text = crate::types::str::value::make(TextRef::from_latin1(&copy));
        if copy.is_empty() { Vec::new() } else { vec![text, names::intern("latin-1")] }
    } else if copy.is_empty() {
        Vec::new()
    } else {
        vec![bytes::from_vec(copy)]
    };
    Ok(tuple::from_slice(&[v.class().to_value(), tuple::from_vec(args), state]))
}

/// `self[key] = value` and `del self[key]`
pub fn set_item(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    if let Some(slice) = key.downcast::<Slice>() {
        return set_slice(t, v, slice, value);
    }
    if !key.is_small_int() && key.class().slots.index.get().is_none() {
        let message = format!("bytearray indices must be integers or slices, not {}", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let i = protocol::index_size(t, key)?;
    let out_of_range = || raise::index_error(t, "bytearray index out of range");
    let Some(value) = value else {
        let look = |s: &mut payload::Store| match position(i, s.as_slice().len()) {
            Some(_) => Change::Resize(0),
            None => Change::Done(false),
        };
        let deleted = change(t, v, look, |s| {
            let Some(i) = position(i, s.as_slice().len()) else { return false };
            s.splice(i, i + 1, b"");
            true
        })?;
        return if deleted { Ok(()) } else { Err(out_of_range()) };
    };
    let byte = args::byte(t, value)?;
    let set = payload::with_mut(t, v, |s| match position(i, s.len()) {
        Some(i) => {
            s[i] = byte;
            true
        }
        None => false,
    });
    if set == Some(true) { Ok(()) } else { Err(out_of_range()) }
}

fn set_slice(t: &Thread, v: &Value, slice: &Slice, value: Option<&Value>) -> PyResult<()> {
    let new = match value {
        None => Vec::new(),
        Some(value) => {
            let no_bytes = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
            let number = value.class().slots.index.get().is_some() || value.is_small_int() || value.is_float();
            if !args::is_bytes_like(value) && (number || value.downcast::<Str>().is_some()) {
                return Err(raise::type_error(t, no_bytes));
            }
            from_object(t, value, "bytearray")?
        }
    };
    let bounds = slice::bounds(t, slice)?;
    // The outcome: the two lengths that do not go together.
    let look = |s: &mut payload::Store| {
        let at = bounds.over(s.as_slice().len());
        if at.step != 1 && !new.is_empty() && new.len() != at.len {
            return Change::Done(Err((new.len(), at.len)));
        }
        if new.len() != at.len {
            return Change::Resize(new.len());
        }
        write(s, at, &new);
        Change::Done(Ok(()))
    };
    let outcome = change(t, v, look, |s| {
        let at = bounds.over(s.as_slice().len());
        if at.step == 1 {
            let start = at.start as usize;
            s.splice(start, start + at.len, &new);
        } else {
            delete(s, at);
        }
        Ok(())
    })?;
    outcome.map_err(|(given, needed)| {
        let message = format!("attempt to assign bytes of size {given} to extended slice of size {needed}");
        raise::value_error(t, message)
    })
}

fn write(s: &mut payload::Store, at: Indices, new: &[u8]) {
    let bytes = s.as_mut_slice();
    for (i, &byte) in at.positions().zip(new) {
        bytes[i] = byte;
    }
}

/// Takes out the items of an extended slice.
fn delete(s: &mut payload::Store, at: Indices) {
    let mut gone = at.positions().collect::<Vec<_>>();
    if at.step < 0 {
        gone.reverse();
    }
    let mut gone = gone.into_iter().peekable();
    let mut i = 0;
    s.vec().retain(|_| {
        let keep = gone.next_if_eq(&i).is_none();
        i += 1;
        keep
    });
}

/// `bytearray.__init__`: the bytes become those of the arguments.
pub fn init(t: &Thread, v: &Value, call: Args<'_>) -> PyResult<()> {
    let bytes = crate::types::bytes::construct::read(t, "bytearray", call)?.into_vec(t)?;
    let is_empty = bytes.is_empty();
    let look = |s: &mut payload::Store| {
        if s.as_slice().is_empty() && is_empty { Change::Done(()) } else { Change::Resize(0) }
    };
    change(t, v, look, |s| *s.vec() = bytes)
}

/// `repr`: the quotes are chosen as for bytes, but single quotes are always escaped.
pub fn repr(t: &Thread, v: &Value) -> PyResult {
    let copy = with(t, v, <[u8]>::to_vec).unwrap_or_default();
    let quote = if copy.contains(&b'\'') && !copy.contains(&b'"') { '"' } else { '\'' };
    let inside = crate::types::str::codec::escapes::encode_bytes(&copy);
    let inside = String::from_utf8_lossy(&inside);
    Ok(str::from_str(&format!("{}(b{quote}{inside}{quote})", v.class().name())))
}
