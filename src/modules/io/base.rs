//! `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`: what all streams share.

use super::{forgive, n, size_arg, unsupported};
use crate::modules::support::{INSTANCE_DICT, iter_self, list_of};
use crate::object::args::{Args, Bound};
use crate::object::attribute;
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{alloc, protocol};
use crate::types::bytes::payload as bytes;

pub static IO_BASE: StaticType = StaticType::new(&IO_BASE_SPEC);
pub static RAW_IO_BASE: StaticType = StaticType::new(&RAW_SPEC);
pub static BUFFERED_IO_BASE: StaticType = StaticType::new(&BUFFERED_SPEC);
pub static TEXT_IO_BASE: StaticType = StaticType::new(&TEXT_SPEC);

/// The flags of all stream classes.
pub const FLAGS: u64 = flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS;

static IO_BASE_SPEC: TypeSpec = TypeSpec {
    doc: "The abstract base class for all I/O classes.",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new_plain(class))),
        init: Some(|_, _, _| Ok(())),
        iter: Some(iter),
        next: Some(next),
        finalize: Some(finalize),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("seek", "($self, offset, whence=0, /)", NativeFn::Raw(seek), "Change the stream position."),
        Method::new("tell", "($self, /)", NativeFn::F1(tell), "Return current stream position."),
        Method::new("truncate", "($self, size=None, /)", NativeFn::Raw(truncate), "Truncate file to size bytes."),
        Method::new("flush", "($self, /)", NativeFn::F1(flush), "Flush write buffers, if applicable."),
        Method::new("close", "($self, /)", NativeFn::F1(close), "Flush and close the IO object."),
        Method::new("seekable", "($self, /)", NativeFn::F1(no), "Return whether object supports random access."),
        Method::new("readable", "($self, /)", NativeFn::F1(no), "Return whether object was opened for reading."),
        Method::new("writable", "($self, /)", NativeFn::F1(no), "Return whether object was opened for writing."),
        Method::new("_checkClosed", "($self, /)", NativeFn::Raw(check_closed_method), ""),
        Method::new("_checkSeekable", "($self, /)", NativeFn::Raw(|t, a| first(a, |v| check_seekable(t, v))), ""),
        Method::new("_checkReadable", "($self, /)", NativeFn::Raw(|t, a| first(a, |v| check_readable(t, v))), ""),
        Method::new("_checkWritable", "($self, /)", NativeFn::Raw(|t, a| first(a, |v| check_writable(t, v))), ""),
        Method::new("fileno", "($self, /)", NativeFn::F1(fileno), "Return underlying file descriptor if one exists."),
        Method::new("isatty", "($self, /)", NativeFn::F1(isatty), "Return whether this is an 'interactive' stream."),
        Method::new("__enter__", "($self, /)", NativeFn::F1(enter), ""),
        Method::new("__exit__", "($self, /, *exc_info)", NativeFn::Raw(exit), ""),
        Method::new(
            "readline",
            "($self, size=-1, /)",
            NativeFn::Bound(readline),
            "Read and return a line from the stream.",
        ),
        Method::new(
            "readlines",
            "($self, hint=-1, /)",
            NativeFn::Bound(readlines),
            "Return a list of lines from the stream.",
        ),
        Method::new("writelines", "($self, lines, /)", NativeFn::F2(writelines), "Write a list of lines to stream."),
    ],
    getset: &[
        GetSet::read_only("__dict__", INSTANCE_DICT.get, INSTANCE_DICT.doc),
        GetSet::read_only("closed", closed, ""),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "_IOBase", NO_LAYOUT)
};

fn first(args: Args<'_>, check: impl FnOnce(&Value) -> PyResult<()>) -> PyResult {
    match args.pos().first() {
        Some(v) => check(v).map(|()| Value::TRUE),
        None => Ok(Value::TRUE),
    }
}

fn seek(t: &Thread, _: Args<'_>) -> PyResult {
    Err(unsupported(t, "seek"))
}

fn tell(t: &Thread, v: &Value) -> PyResult {
    protocol::call_method(t, v, &n().seek, &[Value::int(0), Value::int(1)])
}

fn truncate(t: &Thread, _: Args<'_>) -> PyResult {
    Err(unsupported(t, "truncate"))
}

fn fileno(t: &Thread, _: &Value) -> PyResult {
    Err(unsupported(t, "fileno"))
}

fn no(_: &Thread, _: &Value) -> PyResult {
    Ok(Value::FALSE)
}

/// Whether `close()` of `_IOBase` itself ran.
fn marked_closed(t: &Thread, v: &Value) -> PyResult<bool> {
    Ok(protocol::lookup_attr(t, v, &n().__IOBase_closed)?.is_some())
}

fn closed(t: &Thread, v: &Value) -> PyResult {
    marked_closed(t, v).map(Value::bool)
}

/// `v.closed`, as a bool.
pub fn is_closed(t: &Thread, v: &Value) -> PyResult<bool> {
    let closed = protocol::get_attr(t, v, &n().closed)?;
    protocol::is_true(t, &closed)
}

/// ValueError where `v.closed`.
pub fn check_closed(t: &Thread, v: &Value) -> PyResult<()> {
    if is_closed(t, v)? { Err(raise::value_error(t, "I/O operation on closed file.")) } else { Ok(()) }
}

fn check_closed_method(t: &Thread, args: Args<'_>) -> PyResult {
    if let Some(v) = args.pos().first() {
        check_closed(t, v)?;
    }
    Ok(Value::NONE)
}

fn check(t: &Thread, v: &Value, name: &Value, message: &str) -> PyResult<()> {
    let answer = protocol::call_method(t, v, name, &[])?;
    if answer.as_bool() == Some(true) { Ok(()) } else { Err(unsupported(t, message)) }
}

/// UnsupportedOperation unless `v.seekable()`.
pub fn check_seekable(t: &Thread, v: &Value) -> PyResult<()> {
    check(t, v, &n().seekable, "File or stream is not seekable.")
}

/// UnsupportedOperation unless `v.readable()`.
pub fn check_readable(t: &Thread, v: &Value) -> PyResult<()> {
    check(t, v, &n().readable, "File or stream is not readable.")
}

/// UnsupportedOperation unless `v.writable()`.
pub fn check_writable(t: &Thread, v: &Value) -> PyResult<()> {
    check(t, v, &n().writable, "File or stream is not writable.")
}

fn flush(t: &Thread, v: &Value) -> PyResult {
    if marked_closed(t, v)? {
        return Err(raise::value_error(t, "I/O operation on closed file."));
    }
    Ok(Value::NONE)
}

/// `_IOBase.close`: flushes and marks the object closed, also where flushing fails.
pub fn close(t: &Thread, v: &Value) -> PyResult {
    if marked_closed(t, v)? {
        return Ok(Value::NONE);
    }
    let flushed = protocol::call_method(t, v, &n().flush, &[]).map(drop);
    super::chained(t, flushed, || attribute::generic_set(t, v, &n().__IOBase_closed, Some(&Value::TRUE)))?;
    Ok(Value::NONE)
}

fn isatty(t: &Thread, v: &Value) -> PyResult {
    check_closed(t, v)?;
    Ok(Value::FALSE)
}

fn enter(t: &Thread, v: &Value) -> PyResult {
    check_closed(t, v)?;
    Ok(v.clone())
}

fn exit(t: &Thread, args: Args<'_>) -> PyResult {
    match args.pos().first() {
        Some(v) => protocol::call_method(t, v, &n().close, &[]),
        None => Err(raise::type_error(t, "unbound method _IOBase.__exit__() needs an argument")),
    }
}

fn iter(t: &Thread, v: &Value) -> PyResult {
    check_closed(t, v)?;
    iter_self(t, v)
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let line = protocol::call_method(t, v, &n().readline, &[])?;
    Ok(if protocol::len(t, &line)? == 0 { None } else { Some(line) })
}

/// Closes a stream that was left open. Errors are not reported: the program let go of the stream.
fn finalize(t: &Thread, v: &Value) {
    let done = (|| {
        let closed = match protocol::lookup_attr(t, v, &n().closed) {
            Ok(Some(closed)) => protocol::is_true(t, &closed)?,
            Ok(None) => false,
            Err(raised) => {
                drop(raise::take(t, raised));
                false
            }
        };
        if closed {
            return Ok(());
        }
        if let Err(raised) = protocol::set_attr(t, v, &n()._finalizing, &Value::TRUE) {
            drop(raise::take(t, raised));
        }
        protocol::call_method(t, v, &n().close, &[]).map(drop)
    })();
    if let Err(raised) = done {
        drop(raise::take(t, raised));
    }
}

/// The bytes that a method answered; OSError where it answered something else.
fn bytes_of<'a>(t: &Thread, v: &'a Value, method: &str) -> PyResult<&'a [u8]> {
    bytes::view(v).ok_or_else(|| {
        let message = format!("{method}() should have returned a bytes object, not '{}'", v.class().display_name());
        raise::new(t, &exc::OS_ERROR, message)
    })
}

fn readline(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let limit = size_arg(t, b.opt(1))?;
    let peek = protocol::lookup_attr(t, v, &n().peek)?;
    let mut line = Vec::new();
    while limit < 0 || (line.len() as i64) < limit {
        let mut wanted = 1;
        if let Some(peek) = &peek {
            let ahead = protocol::call_values(t, peek, &[Value::int(1)])?;
            let ahead = bytes_of(t, &ahead, "peek")?;
            if !ahead.is_empty() {
                let left = if limit < 0 { ahead.len() } else { (limit as usize - line.len()).min(ahead.len()) };
                wanted = memchr::memchr(b'\n', &ahead[..left]).map_or(left, |i| i + 1);
            }
        }
        let piece = protocol::call_method(t, v, &n().read, &[Value::int(wanted as i64)])?;
        let piece = bytes_of(t, &piece, "read")?;
        line.extend_from_slice(piece);
        if piece.is_empty() || line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(bytes::from_vec(line))
}

fn readlines(t: &Thread, b: &Bound<'_>) -> PyResult {
    let hint = size_arg(t, b.opt(1))?;
    let mut lines = Vec::new();
    let mut total = 0;
    let iterator = protocol::iter(t, b.req(0))?;
    while let Some(line) = protocol::next(t, &iterator)? {
        let len = if hint > 0 { protocol::len(t, &line)? as i64 } else { 0 };
        lines.push(line);
        total += len;
        if hint > 0 && total > hint {
            break;
        }
    }
    list_of(t, lines)
}

/// Calls `write` for each line.
fn writelines(t: &Thread, v: &Value, lines: &Value) -> PyResult {
    check_closed(t, v)?;
    protocol::for_each(t, lines, |line| protocol::call_method(t, v, &n().write, &[line]).map(drop))?;
    Ok(Value::NONE)
}

static RAW_SPEC: TypeSpec = TypeSpec {
    base: Some(&IO_BASE),
    doc: "Base class for raw binary I/O.",
    slots: SlotTable { new: Some(|_, class, _| Ok(alloc::new_plain(class))), ..SlotTable::EMPTY },
    methods: &[
        Method::new("read", "($self, size=-1, /)", NativeFn::Bound(raw_read), ""),
        Method::new("readall", "($self, /)", NativeFn::F1(readall), "Read until EOF, using multiple read() call."),
        Method::new("readinto", "($self, buffer, /)", NativeFn::F2(not_implemented), ""),
        Method::new("write", "($self, buffer, /)", NativeFn::F2(not_implemented), ""),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "_RawIOBase", NO_LAYOUT)
};

fn not_implemented(t: &Thread, _: &Value, _: &Value) -> PyResult {
    Err(raise::with_args(t, &exc::NOT_IMPLEMENTED_ERROR, crate::object::names::empty_tuple()))
}

fn raw_read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let size = b.opt(1).map_or(Ok(-1), |size| protocol::index_size(t, size))?;
    if size < 0 {
        return protocol::call_method_str(t, v, "readall", &[]);
    }
    let target = crate::types::bytearray::make(crate::object::alloc::zeroed(t, size as usize)?);
    let got = protocol::call_method(t, v, &n().readinto, std::slice::from_ref(&target))?;
    if got.is_none() {
        return Ok(got);
    }
    let got = protocol::index_size(t, &got)?;
    let data = crate::types::bytearray::with(t, &target, <[u8]>::to_vec).unwrap_or_default();
    match usize::try_from(got) {
        Ok(got) if got <= data.len() => Ok(bytes::from_slice(&data[..got])),
        _ => Err(raise::value_error(t, format!("readinto returned {got} outside buffer size {}", data.len()))),
    }
}

/// `read(DEFAULT_BUFFER_SIZE)` until there is no more.
pub fn readall(t: &Thread, v: &Value) -> PyResult {
    let mut all = Vec::new();
    loop {
        let piece = protocol::call_method(t, v, &n().read, &[Value::int(super::DEFAULT_BUFFER_SIZE as i64)])?;
        if piece.is_none() {
            return Ok(if all.is_empty() { piece } else { bytes::from_vec(all) });
        }
        let Some(data) = bytes::view(&piece) else {
            return Err(raise::type_error(t, "read() should return bytes"));
        };
        if data.is_empty() {
            return Ok(bytes::from_vec(all));
        }
        all.extend_from_slice(data);
    }
}

static BUFFERED_SPEC: TypeSpec = TypeSpec {
    base: Some(&IO_BASE),
    doc: "Base class for buffered IO objects.",
    slots: SlotTable { new: Some(|_, class, _| Ok(alloc::new_plain(class))), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "detach",
            "($self, /)",
            NativeFn::F1(|t, _| Err(unsupported(t, "detach"))),
            "Disconnect this buffer from its underlying raw stream and return it.",
        ),
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "read"))),
            "Read and return up to n bytes.",
        ),
        Method::new(
            "read1",
            "($self, size=-1, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "read1"))),
            "Read and return up to size bytes.",
        ),
        Method::new("readinto", "($self, buffer, /)", NativeFn::F2(|t, v, b| readinto(t, v, b, &n().read)), ""),
        Method::new("readinto1", "($self, buffer, /)", NativeFn::F2(|t, v, b| readinto(t, v, b, &n().read1)), ""),
        Method::new(
            "write",
            "($self, buffer, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "write"))),
            "Write buffer b to the IO stream.",
        ),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "_BufferedIOBase", NO_LAYOUT)
};

fn readinto(t: &Thread, v: &Value, target: &Value, read: &Value) -> PyResult {
    let target = writable(t, target, "readinto")?;
    let data = protocol::call_method(t, v, read, &[Value::int(target.len as i64)])?;
    let Some(data) = bytes::view(&data) else {
        return Err(raise::type_error(t, "read() should return bytes"));
    };
    if data.len() > target.len {
        let message = format!("read() returned too much data: {} bytes requested, {} returned", target.len, data.len());
        return Err(raise::value_error(t, message));
    }
    target.as_mut_slice()[..data.len()].copy_from_slice(data);
    Ok(Value::int(data.len() as i64))
}

/// A buffer to write to; TypeError in the words of argument checks.
pub fn writable(t: &Thread, v: &Value, function: &str) -> PyResult<buffer::Buffer> {
    let failed = |raised| {
        drop(raise::take(t, raised));
        let message =
            format!("{function}() argument must be read-write bytes-like object, not {}", v.class().display_name());
        raise::type_error(t, message)
    };
    let lent = buffer::get(t, v, Request::Write).map_err(failed)?;
    if lent.readonly {
        let message =
            format!("{function}() argument must be read-write bytes-like object, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if !lent.is_contiguous() {
        return Err(raise::buffer_error(t, "memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(lent)
}

static TEXT_SPEC: TypeSpec = TypeSpec {
    base: Some(&IO_BASE),
    doc: "Base class for text I/O.",
    slots: SlotTable { new: Some(|_, class, _| Ok(alloc::new_plain(class))), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "detach",
            "($self, /)",
            NativeFn::F1(|t, _| Err(unsupported(t, "detach"))),
            "Separate the underlying buffer from the TextIOBase and return it.",
        ),
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "read"))),
            "Read at most size characters from stream.",
        ),
        Method::new(
            "readline",
            "($self, size=-1, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "readline"))),
            "Read until newline or EOF.",
        ),
        Method::new(
            "write",
            "($self, s, /)",
            NativeFn::Raw(|t, _| Err(unsupported(t, "write"))),
            "Write string s to stream.",
        ),
    ],
    getset: &[
        GetSet::read_only("encoding", |_, _| Ok(Value::NONE), "Encoding of the text stream."),
        GetSet::read_only("newlines", |_, _| Ok(Value::NONE), "Line endings translated so far."),
        GetSet::read_only("errors", |_, _| Ok(Value::NONE), "The error setting of the decoder or encoder."),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "_TextIOBase", NO_LAYOUT)
};

/// `object.name` for a repr: None where it is absent or fails as closed streams do.
pub fn name_for_repr(t: &Thread, v: &Value, name: &Value) -> PyResult<Option<Value>> {
    match protocol::lookup_attr(t, v, name) {
        Ok(found) => Ok(found),
        Err(raised) => forgive(t, raised, &[&exc::VALUE_ERROR]).map(|()| None),
    }
}

/// TypeError of streams that cannot be pickled.
pub fn cannot_pickle(t: &Thread, args: Args<'_>) -> PyResult {
    let name = args.pos().first().map_or("stream", |v| v.class().name());
    Err(raise::type_error(t, format!("cannot pickle '{name}' instances")))
}
