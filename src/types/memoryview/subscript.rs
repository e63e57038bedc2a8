//! Subscripts of memoryview.

use super::items::{checked_char, pack, unpack};
use super::view::{Geometry, Live, live};
use crate::object::buffer::{self, Request};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::types::bytes::args::position;
use crate::types::slice::{self, Slice};

fn is_index(v: &Value) -> bool {
    v.is_small_int() || v.class().slots.index.get().is_some()
}

/// An index. ValueError where working it out released the view.
fn index(t: &Thread, live: &Live<'_>, v: &Value) -> PyResult<i64> {
    let i = protocol::index_size(t, v)?;
    live.check_again(t)?;
    Ok(i)
}

/// The address of the item at `indices`, one per dimension. IndexError out of bounds.
fn address(t: &Thread, g: &Geometry, indices: &[i64]) -> PyResult<*mut u8> {
    let mut data = g.data;
    for (dimension, &i) in indices.iter().enumerate() {
        let Some(i) = position(i, g.shape[dimension] as usize) else {
            let message = format!("index out of bounds on dimension {}", dimension + 1);
            return Err(raise::index_error(t, message));
        };
        // SAFETY: the exporter vouches that indices within the shape stay inside its memory.
        data = unsafe { data.offset(i as isize * g.strides[dimension]) };
    }
    Ok(data)
}

/// The indices of a tuple key, one per dimension; `None` if it is no tuple of indices.
fn tuple_indices(t: &Thread, live: &Live<'_>, key: &Value) -> PyResult<Option<Vec<i64>>> {
    let Some(tuple) = key.downcast::<Tuple>() else { return Ok(None) };
    if !tuple.items().iter().all(is_index) {
        return Ok(None);
    }
    let (given, dimensions) = (tuple.items().len(), live.geometry().shape.len());
    if given < dimensions {
        return Err(raise::not_implemented(t, "sub-views are not implemented"));
    }
    if given > dimensions {
        let message = format!("cannot index {dimensions}-dimension view with {given}-element tuple");
        return Err(raise::type_error(t, message));
    }
    tuple.items().iter().map(|v| index(t, live, v)).collect::<PyResult<Vec<_>>>().map(Some)
}

fn is_slice_tuple(key: &Value) -> bool {
    key.downcast::<Tuple>()
        .is_some_and(|tuple| !tuple.items().is_empty() && tuple.items().iter().all(|v| v.downcast::<Slice>().is_some()))
}

/// The view of a slice of the first dimension.
fn sliced(t: &Thread, g: &Geometry, slice: &Slice) -> PyResult<Geometry> {
    let at = slice::bounds(t, slice)?.over(g.shape[0] as usize);
    let mut new = g.clone();
    // The start of an empty slice may lie anywhere, and then not even be a pointer.
    if at.len > 0 {
        new.data = g.data.wrapping_offset(at.start as isize * g.strides[0]);
    }
    new.shape[0] = at.len as isize;
    new.strides[0] = g.strides[0].wrapping_mul(at.step as isize);
    new.len = new.shape.iter().product::<isize>() as usize * g.item_size;
    Ok(new)
}

fn read(t: &Thread, live: &Live<'_>, data: *const u8) -> PyResult {
    let g = live.geometry();
    let c = checked_char(t, &g.format)?;
    // SAFETY: the view is alive and `data` is the address of an item.
    Ok(unpack(c, &unsafe { g.item(data) }))
}

/// Item `i` of a one-dimensional view; `None` past the end.
pub fn item(t: &Thread, live: &Live<'_>, i: usize) -> PyResult<Option<Value>> {
    let g = live.geometry();
    if i >= g.shape.first().map_or(0, |&n| n as usize) {
        return Ok(None);
    }
    // SAFETY: the index is within the shape.
    read(t, live, unsafe { g.data.offset(i as isize * g.strides[0]) }).map(Some)
}

/// `self[key]`
pub fn get(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let live = live(t, v)?;
    let g = live.geometry();
    if g.shape.is_empty() {
        return match key.downcast::<Tuple>() {
            Some(tuple) if tuple.items().is_empty() => read(t, &live, g.data),
            _ if key.is(&Value::ELLIPSIS) => Ok(v.clone()),
            _ => Err(raise::type_error(t, "invalid indexing of 0-dim memory")),
        };
    }
    if is_index(key) {
        let i = index(t, &live, key)?;
        if g.shape.len() > 1 {
            return Err(raise::not_implemented(t, "multi-dimensional sub-views are not implemented"));
        }
        return read(t, &live, address(t, g, &[i])?);
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let part = sliced(t, g, slice)?;
        live.check_again(t)?;
        return Ok(live.sibling(part));
    }
    if let Some(indices) = tuple_indices(t, &live, key)? {
        return read(t, &live, address(t, g, &indices)?);
    }
    if is_slice_tuple(key) {
        return Err(raise::not_implemented(t, "multi-dimensional slicing is not implemented"));
    }
    Err(raise::type_error(t, "memoryview: invalid slice key"))
}

fn write(t: &Thread, live: &Live<'_>, data: *mut u8, value: &Value) -> PyResult<()> {
    let g = live.geometry();
    let c = checked_char(t, &g.format)?;
    let (bytes, size) = pack(t, c, &g.format, value)?;
    // The conversion may have run code that released the view.
    live.check_again(t)?;
    // SAFETY: the view is alive and writable, and `data` is the address of an item of `size` bytes.
    unsafe { buffer::write_item(data, bytes, size) };
    Ok(())
}

/// `self[key] = value`
pub fn set(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let live = live(t, v)?;
    let g = live.geometry();
    if g.readonly {
        return Err(raise::type_error(t, "cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(raise::type_error(t, "cannot delete memory")) };
    if g.shape.is_empty() {
        let whole = key.is(&Value::ELLIPSIS) || key.downcast::<Tuple>().is_some_and(|k| k.items().is_empty());
        return if whole {
            write(t, &live, g.data, value)
        } else {
            Err(raise::type_error(t, "invalid indexing of 0-dim memory"))
        };
    }
    if is_index(key) {
        if g.shape.len() > 1 {
            return Err(raise::not_implemented(t, "sub-views are not implemented"));
        }
        let i = index(t, &live, key)?;
        return write(t, &live, address(t, g, &[i])?, value);
    }
    if let Some(slice) = key.downcast::<Slice>()
        && g.shape.len() == 1
    {
        return set_slice(t, &live, slice, value);
    }
    if let Some(indices) = tuple_indices(t, &live, key)? {
        return write(t, &live, address(t, g, &indices)?, value);
    }
    if key.downcast::<Slice>().is_some() || is_slice_tuple(key) {
        let message = "memoryview slice assignments are currently restricted to ndim = 1";
        return Err(raise::not_implemented(t, message));
    }
    Err(raise::type_error(t, "memoryview: invalid slice key"))
}

fn plain(format: &str) -> &str {
    format.strip_prefix('@').unwrap_or(format)
}

fn set_slice(t: &Thread, live: &Live<'_>, slice: &Slice, value: &Value) -> PyResult<()> {
    let source = buffer::get(t, value, Request::Read)?;
    let target = sliced(t, live.geometry(), slice)?;
    let same = plain(&source.format) == plain(&target.format)
        && source.item_size == target.item_size
        && source.shape.as_slice() == target.shape.as_slice();
    if !same {
        let message = "memoryview assignment: lvalue and rvalue have different structures";
        return Err(raise::value_error(t, message));
    }
    live.check_again(t)?;
    // A copy in between: source and target may overlap.
    let bytes = source.to_vec();
    for (i, item) in bytes.chunks(target.item_size.max(1)).enumerate() {
        // SAFETY: the view is alive and writable; the item is within the sliced shape.
        unsafe {
            let to = target.data.offset(i as isize * target.strides[0]);
            buffer::write_items(to, item, target.item_size);
        }
    }
    Ok(())
}
