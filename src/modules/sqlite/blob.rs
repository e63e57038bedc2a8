//! `sqlite3.Blob`: a blob in a table, as a file of fixed size and as a sequence of bytes.

use super::connection::{self, Connection};
use super::convert::c_string;
use super::errors;
use super::prepared::away;
use super::services::schema;
use crate::object::args::Bound;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol};
use crate::sync::shim::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::sys::sqlite::blob::Blob as Open;
use crate::this;
use crate::types::bytes::args::{bytes_like, c_int};
use crate::types::bytes::payload as bytes;
use crate::types::slice::{self, Slice};
use std::sync::Arc;

/// The payload.
pub struct Blob {
    connection: Stored,
    blob: Arc<Open>,
    offset: AtomicUsize,
}

/// `sqlite3.Blob`
pub static BLOB: StaticType = StaticType::new(&TypeSpec {
    slots: SlotTable {
        len: Some(|t, v| Ok(ready(t, v)?.len)),
        getitem: Some(get_item),
        setitem: Some(set_item),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "close",
            "($self, /)",
            NativeFn::F1(|t, v| {
                let this = this!(v, Blob);
                connection::ready(t, &this.connection)?;
                t.detached(|| this.blob.close());
                Ok(Value::NONE)
            }),
            "Close the blob.",
        ),
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|t, v| {
                ready(t, v)?;
                Ok(v.clone())
            }),
            "Blob context manager enter.",
        ),
        Method::new(
            "__exit__",
            "($self, type, val, tb, /)",
            NativeFn::Bound(|t, b| {
                let blob = ready(t, b.req(0))?;
                t.detached(|| blob.close());
                Ok(Value::FALSE)
            }),
            "Blob context manager exit.",
        ),
        Method::new(
            "read",
            "($self, length=-1, /)",
            NativeFn::Bound(|t, b| {
                let length = b.opt(1).map_or(Ok(-1), |v| c_int(t, v))?;
                let blob = ready(t, b.req(0))?;
                let this = this!(b.req(0), Blob);
                let offset = this.offset.load(Relaxed).min(blob.len);
                let rest = blob.len - offset;
                let length = usize::try_from(length).unwrap_or(rest).min(rest);
                let data = read(t, blob, offset, length)?;
                this.offset.store(offset + length, Relaxed);
                Ok(bytes::from_vec(data))
            }),
            "Read data at the current offset position.\n\n  length\n    Read length in bytes.\n\nIf the end of the blob is \
             reached, the data up to end of file will be returned.\nWhen length is not specified, or is negative, \
             Blob.read() will read until the\nend of the blob.",
        ),
        Method::new(
            "seek",
            "($self, offset, origin=0, /)",
            NativeFn::Bound(seek),
            "Set the current access position to offset.\n\nThe origin argument defaults to os.SEEK_SET (absolute blob \
             positioning).\nOther values for origin are os.SEEK_CUR (seek relative to the current position)\nand \
             os.SEEK_END (seek relative to the blob's end).",
        ),
        Method::new(
            "tell",
            "($self, /)",
            NativeFn::F1(|t, v| {
                ready(t, v)?;
                Ok(Value::uint(this!(v, Blob).offset.load(Relaxed) as u64))
            }),
            "Return the current access position for the blob.",
        ),
        Method::new(
            "write",
            "($self, data, /)",
            NativeFn::F2(|t, v, data| {
                let data = bytes_like(t, data)?;
                let blob = ready(t, v)?;
                let this = this!(v, Blob);
                let offset = this.offset.load(Relaxed);
                write(t, blob, offset, &data)?;
                this.offset.store(offset + data.len(), Relaxed);
                Ok(Value::NONE)
            }),
            "Write data at the current offset.\n\nThis function cannot change the blob length.  Writing beyond the end of \
             the\nblob will result in an exception being raised.",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION | flag::HAS_WEAKREFS | flag::KEYED,
    ..TypeSpec::new("sqlite3", "Blob", layout_of::<Blob>(true))
});

// SAFETY: `BLOB`'s layout is `Blob`.
unsafe impl Payload for Blob {
    fn layout_type() -> &'static Type {
        &BLOB
    }

    fn trace(&self, visit: Visit) {
        visit(&self.connection);
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        away(|| self.blob.close());
    }
}

/// `Connection.blobopen(table, column, row, *, readonly=False, name='main')`
pub fn open(t: &Thread, b: &Bound<'_>) -> PyResult {
    let database = connection::ready(t, b.req(0))?;
    let table = c_string(t, b.req(1), "blobopen", "1")?;
    let column = c_string(t, b.req(2), "blobopen", "2")?;
    let row = match bigint::view(&protocol::index(t, b.req(3))?) {
        Some(bigint::IntView::Small(row)) => row,
        Some(bigint::IntView::Big(row)) => match i64::try_from(row) {
            Ok(row) => row,
            Err(_) => return Err(raise::overflow_error(t, "Python int too large to convert to SQLite INTEGER")),
        },
        None => 0,
    };
    let readonly = b.opt(4).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let schema = schema(t, b.opt(5), "blobopen")?;
    let opened = t.detached(|| Open::open(&database, [&schema, &table, &column], row, !readonly));
    let blob = Arc::new(opened.map_err(|failure| errors::failure(t, &failure))?);
    let known = &this!(b.req(0), Connection).blobs;
    {
        let mut known = known.lock();
        known.retain(|blob| blob.strong_count() > 0);
        known.push(Arc::downgrade(&blob));
    }
    let connection = Stored::new(b.req(0).clone());
    Ok(alloc::new(&BLOB, Blob { connection, blob, offset: AtomicUsize::new(0) }))
}

/// The blob, if it and its connection are open and this thread may use them.
fn ready<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Open> {
    let this = this!(v, Blob);
    connection::ready(t, &this.connection)?;
    if this.blob.is_closed() { Err(closed(t)) } else { Ok(&this.blob) }
}

fn closed(t: &Thread) -> raise::Raised {
    errors::programming(t, "Cannot operate on a closed blob.")
}

fn read(t: &Thread, blob: &Open, offset: usize, length: usize) -> PyResult<Vec<u8>> {
    let mut data = alloc::zeroed(t, length)?;
    match t.detached(|| blob.read(&mut data, offset)) {
        Some(Ok(())) => Ok(data),
        Some(Err(failure)) => Err(errors::failure(t, &failure)),
        None => Err(closed(t)),
    }
}

fn write(t: &Thread, blob: &Open, offset: usize, data: &[u8]) -> PyResult<()> {
    if offset > blob.len || data.len() > blob.len - offset {
        return Err(raise::value_error(t, "data longer than blob length"));
    }
    match t.detached(|| blob.write(data, offset)) {
        Some(Ok(())) => Ok(()),
        Some(Err(failure)) => Err(errors::failure(t, &failure)),
        None => Err(closed(t)),
    }
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let offset = i64::from(c_int(t, b.req(1))?);
    let origin = b.opt(2).map_or(Ok(0), |v| c_int(t, v))?;
    let blob = ready(t, b.req(0))?;
    let this = this!(b.req(0), Blob);
    let start = match origin {
        libc::SEEK_SET => 0,
        libc::SEEK_CUR => this.offset.load(Relaxed) as i64,
        libc::SEEK_END => blob.len as i64,
        _ => return Err(raise::value_error(t, "'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")),
    };
    let at = start + offset;
    if at > i64::from(i32::MAX) {
        return Err(raise::overflow_error(t, "seek offset results in offset overflow"));
    }
    match usize::try_from(at).ok().filter(|at| *at <= blob.len) {
        Some(at) => {
            this.offset.store(at, Relaxed);
            Ok(Value::NONE)
        }
        None => Err(raise::value_error(t, "offset out of blob range")),
    }
}

fn is_index(key: &Value) -> bool {
    key.is_small_int() || key.class().slots.index.get().is_some()
}

/// A subscript that is an index.
fn place(t: &Thread, blob: &Open, key: &Value) -> PyResult<usize> {
    let index = protocol::index_size(t, key)?;
    let index = if index < 0 { index + blob.len as i64 } else { index };
    match usize::try_from(index).ok().filter(|index| *index < blob.len) {
        Some(index) => Ok(index),
        None => Err(raise::index_error(t, "Blob index out of range")),
    }
}

fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let blob = ready(t, v)?;
    if key.class().is_subtype(&core_types::SLICE) {
        let places = slice::bounds(t, this!(key, Slice))?.over(blob.len).positions();
        let data = read(t, blob, 0, blob.len)?;
        return Ok(bytes::from_vec(places.map(|at| data[at]).collect()));
    }
    if !is_index(key) {
        return Err(raise::type_error(t, "Blob indices must be integers"));
    }
    let at = place(t, blob, key)?;
    read(t, blob, at, 1).map(|data| Value::int(data[0].into()))
}

fn set_item(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let blob = ready(t, v)?;
    let is_slice = key.class().is_subtype(&core_types::SLICE);
    let Some(value) = value else {
        let what = if is_slice { "slice" } else { "item" };
        return Err(raise::type_error(t, format!("Blob doesn't support {what} deletion")));
    };
    if is_slice {
        let places = slice::bounds(t, this!(key, Slice))?.over(blob.len).positions();
        let data = bytes_like(t, value)?;
        if data.len() != places.len() {
            return Err(raise::index_error(t, "Blob slice assignment is wrong size"));
        }
        let (Some(first), Some(last)) = (places.clone().min(), places.clone().max()) else { return Ok(()) };
        let mut part = read(t, blob, first, last + 1 - first)?;
        places.zip(data.iter()).for_each(|(at, byte)| part[at - first] = *byte);
        return write(t, blob, first, &part);
    }
    if !is_index(key) {
        return Err(raise::type_error(t, "Blob indices must be integers"));
    }
    let at = place(t, blob, key)?;
    if bigint::view(value).is_none() {
        let message = format!("'{}' object cannot be interpreted as an integer", value.class().display_name());
        return Err(raise::type_error(t, message));
    }
    match value.as_small_int().map(u8::try_from) {
        Some(Ok(byte)) => write(t, blob, at, &[byte]),
        _ => Err(raise::value_error(t, "byte must be in range(0, 256)")),
    }
}
