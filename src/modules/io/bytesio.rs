//! `BytesIO`: a stream of bytes in memory. Each call is atomic under the object's lock.
//!
//! While buffers are lent out (`getbuffer`) the bytes stay where they are: a change of size raises BufferError.

use super::base::{self, BUFFERED_IO_BASE, FLAGS};
use super::size_arg;
use crate::modules::support::{Guarded, Parameters, set_instance_dict};
use crate::object::args::{Args, Bound};
use crate::object::buffer::{self, Buffer, Request};
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{ByCount, GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, tuple};
use crate::sync::exports::Exports;
use crate::sync::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::this;
use crate::types::bytes::payload as bytes;
use crate::types::memoryview;

struct State {
    bytes: Vec<u8>,
    at: usize,
    closed: bool,
}

/// See the module's documentation.
pub struct BytesIo {
    state: Guarded<State>,
    /// Buffers lent out; grows under the lock only.
    exports: Exports,
}

pub static BYTES_IO: StaticType = StaticType::new(&SPEC);

// SAFETY: `BYTES_IO`'s layout is `BytesIo`.
unsafe impl Payload for BytesIo {
    fn layout_type() -> &'static Type {
        &BYTES_IO
    }
}

static SPEC: TypeSpec = TypeSpec {
    base: Some(&BUFFERED_IO_BASE),
    doc: "Buffered I/O implementation using an in-memory bytes buffer.",
    signature: "(initial_bytes=b'')",
    slots: SlotTable {
        new: Some(|_, class, _| {
            let state = Guarded::new(State { bytes: Vec::new(), at: 0, closed: false });
            Ok(alloc::new(class, BytesIo { state, exports: Exports::new() }))
        }),
        init: Some(init),
        next: Some(next),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::ByCount(&READ),
            "Read at most size bytes, returned as a bytes object.",
        ),
        Method::new(
            "read1",
            "($self, size=-1, /)",
            NativeFn::ByCount(&READ),
            "Read at most size bytes, returned as a bytes object.",
        ),
        Method::new(
            "readline",
            "($self, size=-1, /)",
            NativeFn::ByCount(&READLINE),
            "Next line from the file, as a bytes object.",
        ),
        Method::new(
            "readlines",
            "($self, size=None, /)",
            NativeFn::Bound(readlines),
            "List of bytes objects, each a line from the file.",
        ),
        Method::new("readinto", "($self, buffer, /)", NativeFn::F2(readinto), "Read bytes into buffer."),
        Method::new("write", "($self, b, /)", NativeFn::F2(write), "Write bytes to file."),
        Method::new("writelines", "($self, lines, /)", NativeFn::F2(writelines), "Write lines to the file."),
        Method::new(
            "getvalue",
            "($self, /)",
            NativeFn::F1(getvalue),
            "Retrieve the entire contents of the BytesIO object.",
        ),
        Method::new(
            "getbuffer",
            "($self, /)",
            NativeFn::F1(getbuffer),
            "Get a read-write view over the contents of the BytesIO object.",
        ),
        Method::new("seek", "($self, pos, whence=0, /)", NativeFn::Bound(seek), "Change stream position."),
        Method::new("tell", "($self, /)", NativeFn::F1(tell), "Current file position, an integer."),
        Method::new(
            "truncate",
            "($self, size=None, /)",
            NativeFn::Bound(truncate),
            "Truncate the file to at most size bytes.",
        ),
        Method::new("close", "($self, /)", NativeFn::F1(close), "Disable all I/O operations."),
        Method::new("flush", "($self, /)", NativeFn::F1(|t, v| open(t, v, |_| Value::NONE)), "Does nothing."),
        Method::new(
            "readable",
            "($self, /)",
            NativeFn::F1(|t, v| open(t, v, |_| Value::TRUE)),
            "Returns True if the IO object can be read.",
        ),
        Method::new(
            "writable",
            "($self, /)",
            NativeFn::F1(|t, v| open(t, v, |_| Value::TRUE)),
            "Returns True if the IO object can be written.",
        ),
        Method::new(
            "seekable",
            "($self, /)",
            NativeFn::F1(|t, v| open(t, v, |_| Value::TRUE)),
            "Returns True if the IO object can be seeked.",
        ),
        Method::new("isatty", "($self, /)", NativeFn::F1(|t, v| open(t, v, |_| Value::FALSE)), "Always returns False."),
        Method::new("__getstate__", "($self, /)", NativeFn::F1(getstate), ""),
        Method::new("__setstate__", "($self, state, /)", NativeFn::F2(setstate), ""),
    ],
    getset: &[GetSet::read_only(
        "closed",
        |t, v| Ok(Value::bool(with(t, v, |s| s.closed))),
        "True if the file is closed.",
    )],
    flags: FLAGS,
    ..TypeSpec::new("_io", "BytesIO", layout_of::<BytesIo>(false))
};

fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut State) -> R) -> R {
    this!(v, BytesIo).state.with(t, v, f)
}

/// Runs `f` on the state of an open stream.
fn open<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut State) -> R) -> PyResult<R> {
    let done = with(t, v, |s| if s.closed { None } else { Some(f(s)) });
    done.ok_or_else(|| raise::value_error(t, "I/O operation on closed file."))
}

/// Runs `f`, which may move the bytes, unless they are lent out.
fn resize<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut State) -> R) -> PyResult<R> {
    let exports = &this!(v, BytesIo).exports;
    open(t, v, |s| (!exports.any()).then(|| f(s)))?.ok_or_else(|| is_lent(t))
}

/// The bytes are lent out.
fn is_lent(t: &Thread) -> Raised {
    raise::buffer_error(t, "Existing exports of data: object cannot be re-sized")
}

static PARAMETERS: Parameters = Parameters::new("(initial_bytes=b'')");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind_call(t, "BytesIO", args)?;
    let initial = match b.non_none(0) {
        Some(initial) => buffer::get(t, initial, Request::Read)?.to_vec(),
        None => Vec::new(),
    };
    let exports = &this!(v, BytesIo).exports;
    let fresh = State { bytes: initial, at: 0, closed: false };
    let old = with(t, v, |s| (!exports.any()).then(|| std::mem::replace(s, fresh)));
    old.map(drop).ok_or_else(|| is_lent(t))
}

/// Takes up to `limit` bytes from the position on.
/// The next bytes, at most so many.
fn take(s: &mut State, limit: usize) -> &[u8] {
    let start = s.at.min(s.bytes.len());
    let end = start.saturating_add(limit).min(s.bytes.len());
    s.at = s.at.max(end);
    &s.bytes[start..end]
}

fn take_line(s: &mut State, limit: usize) -> &[u8] {
    let rest = s.bytes.get(s.at..).unwrap_or(&[]);
    let line = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
    take(s, line.min(limit))
}

/// `read` and `read1`.
const READ: ByCount = ByCount {
    one: Some(|t, v| open(t, v, |s| bytes::from_slice(take(s, usize::MAX)))),
    two: Some(|t, v, size| {
        let limit = limit(t, size)?;
        open(t, v, |s| bytes::from_slice(take(s, limit)))
    }),
    ..ByCount::NONE
};

/// `readline`.
const READLINE: ByCount = ByCount {
    one: Some(|t, v| open(t, v, |s| bytes::from_slice(take_line(s, usize::MAX)))),
    two: Some(|t, v, size| {
        let limit = limit(t, size)?;
        open(t, v, |s| bytes::from_slice(take_line(s, limit)))
    }),
    ..ByCount::NONE
};

/// A number of bytes; negative or None: all.
fn limit(t: &Thread, size: &Value) -> PyResult<usize> {
    Ok(usize::try_from(size_arg(t, Some(size))?).unwrap_or(usize::MAX))
}

fn readlines(t: &Thread, b: &Bound<'_>) -> PyResult {
    let limit = size_arg(t, b.opt(1))?;
    let mut lines = Vec::new();
    let mut total = 0;
    loop {
        let line = open(t, b.req(0), |s| take_line(s, usize::MAX).to_vec())?;
        if line.is_empty() {
            break;
        }
        total += line.len() as i64;
        lines.push(bytes::from_vec(line));
        if limit > 0 && total >= limit {
            break;
        }
    }
    crate::modules::support::list_of(t, lines)
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    open(t, v, |s| {
        let line = take_line(s, usize::MAX);
        (!line.is_empty()).then(|| bytes::from_slice(line))
    })
}

fn readinto(t: &Thread, v: &Value, target: &Value) -> PyResult {
    let target = base::writable(t, target, "readinto")?;
    // A copy: the target may be these very bytes.
    let data = open(t, v, |s| take(s, target.len).to_vec())?;
    target.as_mut_slice()[..data.len()].copy_from_slice(&data);
    Ok(Value::int(data.len() as i64))
}

fn write(t: &Thread, v: &Value, data: &Value) -> PyResult {
    // To say no before anything is asked of `data`; `resize` asks again.
    resize(t, v, |_| ())?;
    let lent;
    let copied;
    let data = match bytes::view(data) {
        Some(data) => data,
        None => {
            lent = buffer::get(t, data, Request::Read)?;
            copied = lent.to_vec();
            &copied
        }
    };
    if data.is_empty() {
        return open(t, v, |_| Value::int(0));
    }
    let written = resize(t, v, |s| {
        let end = s.at + data.len();
        let more = end.saturating_sub(s.bytes.len());
        may_fail::reserve(&mut s.bytes, more)?;
        if s.bytes.len() < s.at {
            s.bytes.resize(s.at, 0);
        }
        let over = s.bytes.len().min(end) - s.at;
        s.bytes[s.at..s.at + over].copy_from_slice(&data[..over]);
        s.bytes.extend_from_slice(&data[over..]);
        s.at = end;
        Ok(())
    })?;
    written.map_err(|OutOfMemory| raise::memory_error(t, ""))?;
    Ok(Value::int(data.len() as i64))
}

fn writelines(t: &Thread, v: &Value, lines: &Value) -> PyResult {
    open(t, v, |_| ())?;
    protocol::for_each(t, lines, |line| write(t, v, &line).map(drop))?;
    Ok(Value::NONE)
}

fn getvalue(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |s| s.bytes.clone()).map(bytes::from_vec)
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let offset = match b.req(1) {
        v if v.as_float().is_some() => {
            return Err(raise::type_error(t, "'float' object cannot be interpreted as an integer"));
        }
        v => crate::types::bytes::args::ssize(t, v)?,
    };
    let whence = b.opt(2).map_or(Ok(0), |w| protocol::index_i64(t, w))?;
    open(t, v, |_| ())?;
    if whence == 0 && offset < 0 {
        return Err(raise::value_error(t, format!("negative seek value {offset}")));
    }
    if !matches!(whence, 0..=2) {
        return Err(raise::value_error(t, format!("invalid whence ({whence}, should be 0, 1 or 2)")));
    }
    let at = open(t, v, |s| {
        let from = match whence {
            0 => 0,
            1 => s.at as i64,
            _ => s.bytes.len() as i64,
        };
        let at = from.checked_add(offset)?.max(0);
        s.at = at as usize;
        Some(at)
    })?;
    at.map(Value::int).ok_or_else(|| raise::overflow_error(t, "new position too large"))
}

fn tell(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |s| Value::int(s.at as i64))
}

fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    open(t, v, |_| ())?;
    let size = match b.non_none(1) {
        Some(size) => protocol::index_size(t, size)?,
        None => open(t, v, |s| s.at as i64)?,
    };
    if size < 0 {
        return Err(raise::value_error(t, format!("negative size value {size}")));
    }
    if open(t, v, |s| (size as usize) < s.bytes.len())? {
        resize(t, v, |s| s.bytes.truncate(size as usize))?;
    } else {
        resize(t, v, |_| ())?;
    }
    Ok(Value::int(size))
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let exports = &this!(v, BytesIo).exports;
    let old = with(t, v, |s| {
        (!exports.any()).then(|| {
            s.closed = true;
            std::mem::take(&mut s.bytes)
        })
    });
    old.map(|_| Value::NONE).ok_or_else(|| is_lent(t))
}

fn getstate(t: &Thread, v: &Value) -> PyResult {
    let (data, at) = open(t, v, |s| (s.bytes.clone(), s.at))?;
    let attributes = match protocol::lookup_attr(t, v, &known().__dict__)? {
        Some(d) if protocol::is_true(t, &d)? => protocol::as_dict(t, &d)?.copy(t)?,
        _ => Value::NONE,
    };
    Ok(tuple::from_slice(&[bytes::from_vec(data), Value::int(at as i64), attributes]))
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let [data, at, attributes] = tuple::items(state) else {
        let message = format!(
            "{}.__setstate__ argument should be 3-tuple, got {}",
            v.class().display_name(),
            state.class().display_name()
        );
        return Err(raise::type_error(t, message));
    };
    if bigint_missing(at) {
        let message = format!("second item of state must be an integer, not {}", at.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let at = protocol::index_size(t, at)?;
    if at < 0 {
        return Err(raise::value_error(t, "position value cannot be negative"));
    }
    let data = buffer::get(t, data, Request::Read)?.to_vec();
    resize(t, v, |s| {
        s.at = at as usize;
        std::mem::replace(&mut s.bytes, data)
    })?;
    merge_attributes(t, v, attributes)?;
    Ok(Value::NONE)
}

fn bigint_missing(v: &Value) -> bool {
    crate::object::bigint::view(v).is_none()
}

/// Puts pickled attributes into an object.
pub fn merge_attributes(t: &Thread, v: &Value, attributes: &Value) -> PyResult<()> {
    if attributes.is_none() {
        return Ok(());
    }
    let Some(entries) = attributes.downcast::<crate::object::dict::Dict>() else {
        let message = format!("third item of state should be a dict, got a {}", attributes.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let merged = protocol::get_attr(t, v, &known().__dict__)?;
    protocol::as_dict(t, &merged)?.update_from(t, entries, true)?;
    set_instance_dict(t, v, Some(&merged))
}

/// What `getbuffer()` views: lends the stream's bytes.
pub struct Lender {
    stream: Stored,
}

pub static BYTES_IO_BUFFER: StaticType = StaticType::new(&LENDER_SPEC);

// SAFETY: `BYTES_IO_BUFFER`'s layout is `Lender`.
unsafe impl Payload for Lender {
    fn layout_type() -> &'static Type {
        &BYTES_IO_BUFFER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.stream);
    }
}

static LENDER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { buffer: Some(lend), ..SlotTable::EMPTY },
    flags: crate::object::type_object::flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_io", "_BytesIOBuffer", layout_of::<Lender>(true))
};

fn lend(t: &Thread, v: &Value, _: Request) -> PyResult<Buffer> {
    let stream = &*this!(v, Lender).stream;
    let exports = &this!(stream, BytesIo).exports;
    let (data, len) = open(t, stream, |s| {
        exports.lend();
        (s.bytes.as_mut_ptr(), s.bytes.len())
    })?;
    Ok(Buffer::bytes(v.clone(), data, len, false, Some(release)))
}

fn release(v: &Value) {
    if let Some(lender) = v.downcast::<Lender>()
        && let Some(stream) = lender.stream.downcast::<BytesIo>()
    {
        stream.exports.give_back();
    }
}

fn getbuffer(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |_| ())?;
    let lender = alloc::new(&BYTES_IO_BUFFER, Lender { stream: Stored::new(v.clone()) });
    memoryview::from_object(t, &lender)
}
