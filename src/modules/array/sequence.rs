//! Arrays as sequences: subscripts, slices, concatenation, comparison, `repr`.

use super::kind::{Class, Item, Kind};
use super::payload::{Array, of, overwrite, resize, snapshot, with};
use super::{check_array, make};
use crate::bytecode::opcode::CompareOp;
use crate::object::buffer;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, quick};
use crate::sync::may_fail;
use crate::sync::shim::weakened;
use crate::types::sequence::{push_repr, repeat_count};
use crate::types::slice::{self, Slice};
use crate::types::str::codec::native;

/// The values of a copy of the items.
pub fn values(t: &Thread, kind: Kind, bytes: &[u8]) -> PyResult<Vec<Value>> {
    bytes.chunks_exact(kind.size).map(|b| kind.decode(t, b)).collect()
}

/// The place of an index; `None` outside.
fn place(i: i64, len: usize) -> Option<usize> {
    let i = if i < 0 { i.checked_add(len as i64)? } else { i };
    usize::try_from(i).ok().filter(|&i| i < len)
}

/// The bytes of the item at an index, read in one step.
#[inline]
pub fn raw_item(t: &Thread, v: &Value, i: i64) -> Option<Item> {
    let kind = of(v).kind;
    with(t, v, |bytes| {
        // SAFETY: one of the array's own items.
        let read = |i| unsafe { buffer::read_item(bytes.as_ptr().add(i * kind.size), kind.size) };
        place(i, kind.count(bytes.len())).map(read)
    })
}

/// The item at an index, read in one step.
#[inline]
pub fn item(t: &Thread, v: &Value, i: i64) -> PyResult<Option<Value>> {
    let kind = of(v).kind;
    match raw_item(t, v, i) {
        None => Ok(None),
        Some(item) if kind.class != Class::Text => Ok(Some(kind.number_of(item))),
        Some(item) => kind.decode(t, &item[..kind.size]).map(Some),
    }
}

/// An index argument.
#[inline]
fn index_of(t: &Thread, key: &Value) -> PyResult<i64> {
    if let Some(i) = key.as_small_int() {
        return Ok(i);
    }
    if crate::object::bigint::view(key).is_none() && key.class().slots.index.get().is_none() {
        return Err(raise::type_error(t, "array indices must be integers"));
    }
    protocol::index_size(t, key)
}

pub fn getitem(t: &Thread, v: &Value, key: &Value) -> PyResult {
    if let Some(slice) = key.downcast::<Slice>() {
        let bounds = slice::bounds(t, slice)?;
        let kind = of(v).kind;
        let part = with(t, v, |bytes| {
            let at = bounds.over(bytes.len() / kind.size);
            if at.step == 1 {
                let start = at.start as usize * kind.size;
                return bytes[start..start + at.len * kind.size].to_vec();
            }
            let items = at.positions().flat_map(|i| bytes[i * kind.size..(i + 1) * kind.size].iter().copied());
            items.collect()
        });
        return Ok(make(kind, part));
    }
    let i = index_of(t, key)?;
    match item(t, v, i)? {
        Some(item) => Ok(item),
        None => Err(raise::index_error(t, "array index out of range")),
    }
}

pub fn setitem(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    if let Some(slice) = key.downcast::<Slice>() {
        return match value {
            Some(value) => assign_slice(t, v, slice, value),
            None => delete_slice(t, v, slice),
        };
    }
    let i = index_of(t, key)?;
    let kind = of(v).kind;
    let size = kind.size;
    let done = match value {
        Some(value) => {
            let item = kind.encode(t, value)?;
            with(t, v, |bytes| {
                let place = place(i, kind.count(bytes.len()));
                // SAFETY: one of the array's own items.
                place.map(|i| unsafe { buffer::write_item(bytes.as_mut_ptr().add(i * size), item, size) })
            })
        }
        None => {
            if place(i, of(v).len()).is_none() {
                None
            } else {
                resize(t, v, |bytes| place(i, bytes.len() / size).map(|i| drop(bytes.drain(i * size..(i + 1) * size))))?
            }
        }
    };
    done.ok_or_else(|| raise::index_error(t, "array assignment index out of range"))
}

fn assign_slice(t: &Thread, v: &Value, slice: &Slice, value: &Value) -> PyResult<()> {
    let Some(other) = value.downcast::<Array>() else {
        let message = format!("can only assign array (not \"{}\") to array slice", value.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let kind = of(v).kind;
    if other.kind != kind {
        return Err(raise::type_error(t, "bad argument type for built-in operation"));
    }
    let bounds = slice::bounds(t, slice)?;
    // A copy first: the array may be assigned to a slice of itself, and two locks are not needed.
    let new = snapshot(t, value);
    let (size, count) = (kind.size, new.len() / kind.size);
    if bounds.step == 1 {
        let in_place = with(t, v, |bytes| {
            let at = bounds.over(bytes.len() / size);
            let start = at.start as usize * size;
            (at.len == count).then(|| overwrite(bytes, start, &new, size)).is_some()
        });
        if in_place {
            return Ok(());
        }
        return resize(t, v, |bytes| {
            let at = bounds.over(bytes.len() / size);
            let start = at.start as usize;
            drop(bytes.splice(start * size..(start + at.len) * size, new));
        });
    }
    let wanted = with(t, v, |bytes| {
        let at = bounds.over(bytes.len() / size);
        if at.len == count {
            for (i, item) in at.positions().zip(new.chunks_exact(size)) {
                overwrite(bytes, i * size, item, size);
            }
        }
        at.len
    });
    if wanted != count {
        let message = format!("attempt to assign array of size {count} to extended slice of size {wanted}");
        return Err(raise::value_error(t, message));
    }
    Ok(())
}

fn delete_slice(t: &Thread, v: &Value, slice: &Slice) -> PyResult<()> {
    let bounds = slice::bounds(t, slice)?;
    let size = of(v).kind.size;
    if bounds.over(of(v).len()).len == 0 {
        return Ok(());
    }
    resize(t, v, |bytes| {
        let at = bounds.over(bytes.len() / size);
        if at.step == 1 {
            let start = at.start as usize;
            bytes.drain(start * size..(start + at.len) * size);
            return;
        }
        let mut gone = vec![false; bytes.len() / size];
        at.positions().for_each(|i| gone[i] = true);
        let kept = bytes.chunks_exact(size).zip(&gone).filter(|(_, gone)| !**gone).flat_map(|(b, _)| b.iter().copied());
        *bytes = kept.collect();
    })
}

pub fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some(other) = b.downcast::<Array>() else {
        let message = format!("can only append array (not \"{}\") to array", b.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if other.kind != of(a).kind {
        return Err(raise::type_error(t, "bad argument type for built-in operation"));
    }
    let mut bytes = snapshot(t, a);
    bytes.extend_from_slice(&snapshot(t, b));
    Ok(make(of(a).kind, bytes))
}

pub fn iconcat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if b.downcast::<Array>().is_none() {
        let message = format!("can only extend with array (not \"{}\")", b.class().display_name());
        return Err(raise::type_error(t, message));
    }
    super::methods::extend_value(t, a, b)?;
    Ok(a.clone())
}

/// `bytes * n`; MemoryError where it is too much.
fn times(t: &Thread, bytes: &[u8], n: usize) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    let fits = bytes.len().checked_mul(n).is_some_and(|len| may_fail::reserve_exact(&mut out, len).is_ok());
    if !fits {
        return Err(crate::types::int::object::out_of_memory(t));
    }
    for _ in 0..if bytes.is_empty() { 0 } else { n } {
        out.extend_from_slice(bytes);
    }
    Ok(out)
}

pub fn repeat(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = repeat_count(t, count)?;
    Ok(make(of(v).kind, times(t, &snapshot(t, v), n)?))
}

pub fn imultiply(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = repeat_count(t, count)?;
    if n != 1 && !of(v).is_empty() {
        loop {
            let before = snapshot(t, v);
            let new = times(t, &before, n)?;
            // Not where another thread has changed the items since: what it did would be undone.
            let done = resize(t, v, |bytes| {
                let same = *bytes == before || weakened("stress: array *= looks again");
                if same {
                    *bytes = new;
                }
                same
            })?;
            if done {
                break;
            }
        }
    }
    Ok(v.clone())
}

/// The place of the first item from `start` up to `stop` that equals `x`, and the item's bytes.
pub fn find(t: &Thread, v: &Value, x: &Value, start: usize, stop: usize) -> PyResult<Option<(usize, Item)>> {
    let kind = of(v).kind;
    let mut i = start;
    while i < stop {
        let Some(raw) = raw_item(t, v, i as i64) else { break };
        if quick::eq_or_ask(t, &kind.decode(t, &raw[..kind.size])?, x)? {
            return Ok(Some((i, raw)));
        }
        i += 1;
    }
    Ok(None)
}

pub fn contains(t: &Thread, v: &Value, x: &Value) -> PyResult<bool> {
    Ok(find(t, v, x, 0, usize::MAX)?.is_some())
}

pub fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !check_array(a) || !check_array(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (ka, kb) = (of(a).kind, of(b).kind);
    let (x, y) = (snapshot(t, a), snapshot(t, b));
    let (nx, ny) = (x.len() / ka.size, y.len() / kb.size);
    if nx != ny && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    for (p, q) in x.chunks_exact(ka.size).zip(y.chunks_exact(kb.size)) {
        if ka == kb && p == q && ka.class != Class::Float {
            continue;
        }
        let (p, q) = (ka.decode(t, p)?, kb.decode(t, q)?);
        // Not by identity: a nan differs from itself.
        if !protocol::compare_bool(t, &p, &q, CompareOp::Eq)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => protocol::compare(t, &p, &q, op),
            };
        }
    }
    Ok(Value::bool(crate::types::int::object::holds(op, nx.cmp(&ny))))
}

pub fn repr(t: &Thread, v: &Value) -> PyResult {
    let kind = of(v).kind;
    let bytes = snapshot(t, v);
    let name = v.class().name().to_string();
    let mut out = Growing::new();
    out.push_str(&format!("{name}('{}'", kind.letter as char));
    if !bytes.is_empty() {
        out.push_str(", ");
        if kind.class == Class::Text {
            push_repr(t, &mut out, &text_of(t, &bytes)?)?;
        } else {
            out.push_str("[");
            for (i, b) in bytes.chunks_exact(kind.size).enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                push_repr(t, &mut out, &kind.number(b))?;
            }
            out.push_str("]");
        }
    }
    out.push_str(")");
    out.finish(t)
}

/// Items of an array of characters as a str.
pub fn text_of(t: &Thread, bytes: &[u8]) -> PyResult {
    let mut text = Growing::new();
    for (i, b) in bytes.chunks_exact(4).enumerate() {
        let c = u32::from_ne_bytes([b[0], b[1], b[2], b[3]]);
        if c > 0x10_ffff {
            let problem = "code point not in range(0x110000)";
            return Err(native::decode_error(t, "utf-32-le", bytes, i * 4, i * 4 + 4, problem));
        }
        text.push(c);
    }
    text.finish(t)
}
