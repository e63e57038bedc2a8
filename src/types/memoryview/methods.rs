//! The methods of memoryview.

use super::items::{checked_char, native_char, native_size, unpack};
use super::subscript::item;
use super::view::{self, Extents, Geometry, Live, MemoryView, live};
use crate::bytecode::opcode::CompareOp;
use crate::object::alloc::check_room;
use crate::object::args::Bound;
use crate::object::buffer::{self, Request};
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, list, protocol, tuple};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::types::bytes::args::ssize;
use crate::types::bytes::methods::hex_format;
use crate::types::bytes::{hex, payload};
use std::borrow::Cow;

/// The bytes of all items.
pub fn all_bytes(live: &Live<'_>, fortran: bool) -> Vec<u8> {
    // SAFETY: the view is alive.
    unsafe { live.geometry().to_vec(fortran) }
}

pub fn release(t: &Thread, v: &Value) -> PyResult {
    view::release(t, v).map(|()| Value::NONE)
}

pub fn enter(t: &Thread, v: &Value) -> PyResult {
    live(t, v)?;
    Ok(v.clone())
}

pub fn exit(t: &Thread, b: &Bound<'_>) -> PyResult {
    release(t, b.req(0))
}

pub fn tobytes(t: &Thread, b: &Bound<'_>) -> PyResult {
    let live = live(t, b.req(0))?;
    let order = match b.non_none(1) {
        None => "C".into(),
        Some(v) if v.downcast::<Str>().is_some() => str::lossy(v),
        Some(v) => {
            let message = format!("tobytes() argument 'order' must be str or None, not {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    let fortran = match &*order {
        "C" => false,
        "F" => true,
        // As it lies, if it lies in Fortran order only.
        "A" => live.geometry().is_f_contiguous() && !live.geometry().is_c_contiguous(),
        _ => return Err(raise::value_error(t, "order must be 'C', 'F' or 'A'")),
    };
    check_room(t, live.geometry().len)?;
    Ok(payload::from_vec(all_bytes(&live, fortran)))
}

pub fn to_hex(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (sep, group) = hex_format(t, b.opt(1), b.opt(2))?;
    let live = live(t, b.req(0))?;
    check_room(t, live.geometry().len)?;
    hex::to_str(t, &all_bytes(&live, false), sep, group)
}

/// The items below `data` as nested lists.
fn nested(g: &Geometry, c: u8, dimension: usize, data: *const u8) -> PyResult {
    if dimension == g.shape.len() {
        // SAFETY: the caller keeps the view alive, and the indices are within the shape.
        return Ok(unpack(c, &unsafe { g.item(data) }));
    }
    let items = (0..g.shape[dimension])
        .map(|i| nested(g, c, dimension + 1, data.wrapping_offset(i * g.strides[dimension])))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(list::from_vec(items))
}

pub fn tolist(t: &Thread, v: &Value) -> PyResult {
    let live = live(t, v)?;
    let g = live.geometry();
    nested(g, checked_char(t, &g.format)?, 0, g.data)
}

pub fn toreadonly(t: &Thread, v: &Value) -> PyResult {
    let live = live(t, v)?;
    Ok(live.sibling(Geometry { readonly: true, ..live.geometry().clone() }))
}

/// `memoryview._from_flags(object, flags)`: for tests of the buffer protocol.
pub fn from_flags(t: &Thread, b: &Bound<'_>) -> PyResult {
    let flags = protocol::index_i64(t, b.req(2))?;
    let request = if flags & 1 != 0 { Request::Write } else { Request::Read };
    Ok(view::from_buffer(buffer::get(t, b.req(1), request)?))
}

pub fn cast(t: &Thread, b: &Bound<'_>) -> PyResult {
    let live = live(t, b.req(0))?;
    let Some(format) = str::view(b.req(1)) else {
        let message = format!("cast() argument 'format' must be str, not {}", b.req(1).class().display_name());
        return Err(raise::type_error(t, message));
    };
    let format = format.to_utf8_lossy().into_owned();
    let g = live.geometry();
    if !g.is_c_contiguous() {
        return Err(raise::type_error(t, "memoryview: casts are restricted to C-contiguous views"));
    }
    let shape = b.opt(2);
    if let Some(shape) = shape
        && list::sequence_items(t, shape).is_none()
    {
        return Err(raise::type_error(t, "shape must be a list or a tuple"));
    }
    let shape = shape.and_then(|shape| list::sequence_items(t, shape));
    if shape.as_ref().is_some_and(|shape| shape.len() > 64) {
        return Err(raise::value_error(t, "memoryview: number of dimensions must not exceed 64"));
    }
    if g.shape.len() != 1 && shape.as_ref().is_some_and(|shape| shape.len() != 1) {
        return Err(raise::type_error(t, "memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let native = |format: &str| native_char(format).and_then(|c| native_size(c).map(|size| (c, size)));
    let Some((to, item_size)) = native(&format) else {
        let message = "memoryview: destination format must be a native single character format prefixed with an \
                       optional '@'";
        return Err(raise::value_error(t, message));
    };
    let Some((from, _)) = native(&g.format) else {
        let message = "memoryview: source format must be a native single character format prefixed with an optional \
                       '@'";
        return Err(raise::value_error(t, message));
    };
    let is_byte = |c: u8| matches!(c, b'b' | b'B' | b'c');
    if !is_byte(from) && !is_byte(to) {
        return Err(raise::type_error(t, "memoryview: cannot cast between two non-byte formats"));
    }
    if g.len % item_size != 0 {
        return Err(raise::type_error(t, "memoryview: length is not a multiple of itemsize"));
    }
    let shape = match shape {
        None => Extents::from_elem((g.len / item_size) as isize, 1),
        Some(given) => extents(t, &given, item_size, g.len)?,
    };
    let strides = Geometry::c_strides(&shape, item_size);
    Ok(live.sibling(Geometry { item_size, format: Cow::Owned(format), shape, strides, ..g.clone() }))
}

/// A shape from a cast's argument, which must cover `len` bytes.
fn extents(t: &Thread, given: &[Value], item_size: usize, len: usize) -> PyResult<Extents> {
    let mut shape = Extents::new();
    let mut product = item_size as isize;
    for v in given {
        if bigint::view(v).is_none() {
            return Err(raise::type_error(t, "memoryview.cast(): elements of shape must be integers"));
        }
        let n = ssize(t, v)? as isize;
        if n <= 0 {
            return Err(raise::value_error(t, "memoryview.cast(): elements of shape must be integers > 0"));
        }
        let Some(next) = product.checked_mul(n) else {
            return Err(raise::value_error(t, "memoryview.cast(): product(shape) > SSIZE_MAX"));
        };
        product = next;
        shape.push(n);
    }
    if product as usize != len {
        return Err(raise::type_error(t, "memoryview: product(shape) * itemsize != buffer size"));
    }
    Ok(shape)
}

/// Checks that a view has one dimension, for `count` and `index`.
fn one_dimension(t: &Thread, g: &Geometry) -> PyResult<()> {
    match g.shape.len() {
        0 => Err(raise::type_error(t, "invalid lookup on 0-dim memory")),
        1 => Ok(()),
        _ => Err(raise::not_implemented(t, "multi-dimensional lookup is not implemented")),
    }
}

pub fn count(t: &Thread, v: &Value, wanted: &Value) -> PyResult {
    let live = live(t, v)?;
    one_dimension(t, live.geometry())?;
    let (mut n, mut i) = (0, 0);
    while let Some(item) = item(t, &live, i)? {
        n += i64::from(protocol::eq(t, &item, wanted)?);
        i += 1;
    }
    Ok(Value::int(n))
}

pub fn index(t: &Thread, b: &Bound<'_>) -> PyResult {
    let live = live(t, b.req(0))?;
    one_dimension(t, live.geometry())?;
    let len = live.geometry().shape[0] as i64;
    let bound = |v: Option<&Value>, default: i64| -> PyResult<i64> {
        let i = v.map_or(Ok(None), |v| crate::types::slice::clipped(t, v))?.unwrap_or(default);
        Ok(if i < 0 { (i.saturating_add(len)).max(0) } else { i.min(len) })
    };
    let (start, stop) = (bound(b.opt(2), 0)?, bound(b.opt(3), i64::MAX)?);
    for i in start..stop {
        match item(t, &live, i as usize)? {
            Some(item) if protocol::eq(t, &item, b.req(1))? => return Ok(Value::int(i)),
            _ => {}
        }
    }
    Err(raise::value_error(t, "memoryview.index(x): x not found"))
}

/// `==` and `!=` with anything that lends its bytes: same shape and equal items.
pub fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let answer = |equal: bool| Ok(Value::bool(equal == (op == CompareOp::Eq)));
    if view::is_released(a) || view::is_released(b) {
        return answer(a.is(b));
    }
    let live = live(t, a)?;
    if b.class().slots.buffer.get().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = match buffer::get(t, b, Request::Read) {
        Ok(other) => other,
        Err(raised) => {
            drop(raise::take(t, raised));
            return Ok(Value::NOT_IMPLEMENTED);
        }
    };
    let g = live.geometry();
    if g.shape != other.shape {
        return answer(false);
    }
    let (Some(x), Some(y)) = (native_char(&g.format), native_char(&other.format)) else {
        return answer(g.format == other.format && all_bytes(&live, false) == other.to_vec());
    };
    let (mine, theirs) = (all_bytes(&live, false), other.to_vec());
    // Equal bytes are equal items, unless they can be NaN.
    if x == y && !matches!(x, b'e' | b'f' | b'd') {
        return answer(mine == theirs);
    }
    if native_size(x) != Some(g.item_size) || native_size(y) != Some(other.item_size) {
        return answer(false);
    }
    for (p, q) in mine.chunks(g.item_size).zip(theirs.chunks(other.item_size)) {
        if !protocol::compare_bool(t, &unpack(x, p), &unpack(y, q), CompareOp::Eq)? {
            return answer(false);
        }
    }
    answer(true)
}

/// `hash`: that of the bytes, for read-only views of bytes.
pub fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    // Known once and for all: a released view still has its hash.
    let known = v.downcast::<MemoryView>().map_or(0, |view| view.hash.load(Relaxed));
    if known != 0 {
        return Ok(known);
    }
    let live = live(t, v)?;
    let g = live.geometry();
    if !g.readonly {
        return Err(raise::value_error(t, "cannot hash writable memoryview object"));
    }
    if !matches!(native_char(&g.format), Some(b'B' | b'b' | b'c')) {
        return Err(raise::value_error(t, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    // The exporter has to be hashable: a read-only view of something that changes is not.
    protocol::hash(t, &live.exporter())?;
    let hash = crate::object::text::hash_bytes(&all_bytes(&live, false));
    live.view.hash.store(hash, Relaxed);
    Ok(hash)
}

/// A tuple of sizes.
pub fn sizes(extents: &[isize]) -> Value {
    tuple::from_iter(extents.len(), extents.iter().map(|&n| Value::int(n as i64)))
}
