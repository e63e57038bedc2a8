//! `StringIO`: a stream of text in memory. Each call is atomic under the object's lock.

use super::base::{FLAGS, TEXT_IO_BASE};
use super::bytesio::merge_attributes;
use super::newline::{Newline, Newlines};
use super::size_arg;
use crate::modules::support::{Guarded, Parameters};
use crate::object::args::{Args, Bound};
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::{TextBuf, TextRef};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, bigint, protocol, tuple};
use crate::sync::reclaim::OutOfMemory;
use crate::this;
use crate::types::str::value as text_value;

struct State {
    text: TextBuf,
    at: usize,
    newline: Newline,
    newlines: Newlines,
    /// False until `__init__` ran.
    ready: bool,
    closed: bool,
}

/// See the module's documentation.
pub struct StringIo(Guarded<State>);

pub static STRING_IO: StaticType = StaticType::new(&SPEC);

// SAFETY: `STRING_IO`'s layout is `StringIo`.
unsafe impl Payload for StringIo {
    fn layout_type() -> &'static Type {
        &STRING_IO
    }
}

static SPEC: TypeSpec = TypeSpec {
    base: Some(&TEXT_IO_BASE),
    doc: "Text I/O implementation using an in-memory buffer.",
    signature: "(initial_value='', newline='\\n')",
    slots: SlotTable {
        new: Some(|_, class, _| {
            let state = State {
                text: TextBuf::new(),
                at: 0,
                newline: Newline::Lf,
                newlines: Newlines::new(false),
                ready: false,
                closed: false,
            };
            Ok(alloc::new(class, StringIo(Guarded::new(state))))
        }),
        init: Some(init),
        next: Some(next),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("getvalue", "($self, /)", NativeFn::F1(getvalue), "Retrieve the entire contents of the object."),
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::Bound(read),
            "Read at most size characters, returned as a string.",
        ),
        Method::new("readline", "($self, size=-1, /)", NativeFn::Bound(readline), "Read until newline or EOF."),
        Method::new("write", "($self, s, /)", NativeFn::F2(write), "Write string to file."),
        Method::new(
            "tell",
            "($self, /)",
            NativeFn::F1(|t, v| open(t, v, |s| Value::int(s.at as i64))),
            "Tell the current file position.",
        ),
        Method::new("seek", "($self, pos, whence=0, /)", NativeFn::Bound(seek), "Change stream position."),
        Method::new("truncate", "($self, pos=None, /)", NativeFn::Bound(truncate), "Truncate size to pos."),
        Method::new("close", "($self, /)", NativeFn::F1(close), "Close the IO object."),
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
        Method::new("__getstate__", "($self, /)", NativeFn::F1(getstate), ""),
        Method::new("__setstate__", "($self, state, /)", NativeFn::F2(setstate), ""),
    ],
    getset: &[
        GetSet::read_only("closed", closed, ""),
        GetSet::read_only("newlines", newlines, ""),
        GetSet::read_only("line_buffering", |t, v| open(t, v, |_| Value::FALSE), ""),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "StringIO", layout_of::<StringIo>(false))
};

/// Runs `f` on the state of an open stream.
fn open<R>(t: &Thread, v: &Value, f: impl FnOnce(&mut State) -> R) -> PyResult<R> {
    let done = this!(v, StringIo).0.with(t, v, |s| match (s.ready, s.closed) {
        (false, _) => Err("I/O operation on uninitialized object"),
        (true, true) => Err("I/O operation on closed file"),
        (true, false) => Ok(f(s)),
    });
    done.map_err(|message| raise::value_error(t, message))
}

fn closed(t: &Thread, v: &Value) -> PyResult {
    let (ready, closed) = this!(v, StringIo).0.with(t, v, |s| (s.ready, s.closed));
    if ready { Ok(Value::bool(closed)) } else { Err(raise::value_error(t, "I/O operation on uninitialized object")) }
}

fn newlines(t: &Thread, v: &Value) -> PyResult {
    let (newlines, universal) = open(t, v, |s| (s.newlines, s.newline.is_universal()))?;
    Ok(if universal { newlines.seen() } else { Value::NONE })
}

static PARAMETERS: Parameters = Parameters::new("(initial_value='', newline='\\n')");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let b = PARAMETERS.bind_call(t, "StringIO", args)?;
    let newline = match b.opt(1) {
        None => Newline::Lf,
        given => Newline::read(t, "newline", true, given)?,
    };
    let initial = b.non_none(0);
    if let Some(initial) = initial
        && initial.downcast::<Str>().is_none()
    {
        let message = format!("initial_value must be str or None, not {}", initial.class().display_name());
        return Err(raise::type_error(t, message));
    }
    set_up(t, v, newline);
    if let Some(text) = initial.and_then(str::view) {
        put(t, v, text)?;
    }
    open(t, v, |s| s.at = 0)
}

fn set_up(t: &Thread, v: &Value, newline: Newline) {
    let fresh = State {
        text: TextBuf::new(),
        at: 0,
        newline,
        newlines: Newlines::new(newline == Newline::Translate),
        ready: true,
        closed: false,
    };
    drop(this!(v, StringIo).0.with(t, v, |s| std::mem::replace(s, fresh)));
}

/// Writes text at the position.
fn put(t: &Thread, v: &Value, text: TextRef<'_>) -> PyResult<()> {
    let written = open(t, v, |s| {
        let mut piece = None;
        if s.newline.is_universal() {
            piece = Some(s.newlines.feed(text.to_buf(), true));
        } else if let Some(end) = s.newline.written() {
            let mut out = TextBuf::with_capacity(text.kind(), text.len());
            for c in text.code_points() {
                if c == u32::from(b'\n') { out.push_str(end) } else { out.push(c) }
            }
            piece = Some(out);
        }
        insert(s, piece.as_ref().map_or(text, TextBuf::view))
    })?;
    written.map_err(|OutOfMemory| raise::memory_error(t, ""))
}

fn insert(s: &mut State, text: TextRef<'_>) -> Result<(), OutOfMemory> {
    if text.is_empty() {
        return Ok(());
    }
    let len = s.text.len();
    s.text.try_reserve(text.kind(), (s.at + text.len()).saturating_sub(len))?;
    if s.at > len {
        s.text.push_repeat(0, s.at - len);
    }
    let end = s.at + text.len();
    if s.at >= len {
        s.text.push_text(text);
    } else {
        let view = s.text.view();
        let mut out = TextBuf::with_capacity(view.kind().max(text.kind()), len.max(end));
        out.push_text(view.slice(0, s.at));
        out.push_text(text);
        if end < len {
            out.push_text(view.slice(end, len));
        }
        s.text = out;
    }
    s.at = end;
    Ok(())
}

fn write(t: &Thread, v: &Value, text: &Value) -> PyResult {
    let Some(view) = str::view(text) else {
        open(t, v, |_| ())?;
        let message = format!("string argument expected, got '{}'", text.class().display_name());
        return Err(raise::type_error(t, message));
    };
    put(t, v, view)?;
    Ok(Value::int(view.len() as i64))
}

/// Takes up to `limit` characters from the position on.
fn take(s: &mut State, limit: usize) -> TextBuf {
    let start = s.at.min(s.text.len());
    let end = start.saturating_add(limit).min(s.text.len());
    s.at = s.at.max(end);
    s.text.view().slice(start, end).to_buf()
}

fn read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let limit = usize::try_from(size_arg(t, b.opt(1))?).unwrap_or(usize::MAX);
    open(t, b.req(0), |s| take(s, limit)).map(text_value::from_buf)
}

fn take_line(s: &mut State, limit: usize) -> TextBuf {
    let start = s.at.min(s.text.len());
    let end = s.newline.line_end(s.text.view(), start, 0).unwrap_or(s.text.len());
    take(s, (end - start).min(limit))
}

fn readline(t: &Thread, b: &Bound<'_>) -> PyResult {
    let limit = usize::try_from(size_arg(t, b.opt(1))?).unwrap_or(usize::MAX);
    open(t, b.req(0), |s| take_line(s, limit)).map(text_value::from_buf)
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    open(t, v, |_| ())?;
    let line = if v.is_exact(&STRING_IO) {
        open(t, v, |s| take_line(s, usize::MAX)).map(text_value::from_buf)?
    } else {
        protocol::call_method(t, v, &super::n().readline, &[])?
    };
    Ok(if str::view(&line).is_some_and(|text| text.is_empty()) { None } else { Some(line) })
}

fn getvalue(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |s| s.text.view().to_buf()).map(text_value::from_buf)
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let offset = crate::types::bytes::args::ssize(t, b.req(1))?;
    let whence = b.opt(2).map_or(Ok(0), |w| protocol::index_i64(t, w))?;
    open(t, v, |_| ())?;
    let message = match whence {
        0 if offset < 0 => format!("Negative seek position {offset}"),
        0 => return open(t, v, |s| s.at = offset as usize).map(|()| Value::int(offset)),
        1 | 2 if offset != 0 => {
            return Err(raise::new(
                t,
                &crate::object::core_types::exc::OS_ERROR,
                "Can't do nonzero cur-relative seeks",
            ));
        }
        1 => return open(t, v, |s| Value::int(s.at as i64)),
        2 => {
            return open(t, v, |s| {
                s.at = s.text.len();
                Value::int(s.at as i64)
            });
        }
        _ => format!("Invalid whence ({whence}, should be 0, 1 or 2)"),
    };
    Err(raise::value_error(t, message))
}

fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    open(t, v, |_| ())?;
    let size = match b.non_none(1) {
        Some(size) => protocol::index_size(t, size)?,
        None => open(t, v, |s| s.at as i64)?,
    };
    if size < 0 {
        return Err(raise::value_error(t, format!("Negative size value {size}")));
    }
    open(t, v, |s| {
        if (size as usize) < s.text.len() {
            s.text.truncate(size as usize);
        }
    })?;
    Ok(Value::int(size))
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let old = this!(v, StringIo).0.with(t, v, |s| {
        s.closed = true;
        std::mem::take(&mut s.text)
    });
    drop(old);
    Ok(Value::NONE)
}

fn getstate(t: &Thread, v: &Value) -> PyResult {
    let (text, at, newline) = open(t, v, |s| (s.text.view().to_buf(), s.at, s.newline))?;
    let newline = match newline {
        Newline::Translate => Value::NONE,
        Newline::Any => str::from_str(""),
        Newline::Lf => str::from_str("\n"),
        Newline::Cr => str::from_str("\r"),
        Newline::CrLf => str::from_str("\r\n"),
    };
    let attributes = match protocol::lookup_attr(t, v, &known().__dict__)? {
        Some(d) if protocol::is_true(t, &d)? => protocol::as_dict(t, &d)?.copy(t)?,
        _ => Value::NONE,
    };
    Ok(tuple::from_slice(&[text_value::from_buf(text), newline, Value::int(at as i64), attributes]))
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let [text, newline, at, attributes] = tuple::items(state) else {
        let message = format!(
            "{}.__setstate__ argument should be 4-tuple, got {}",
            v.class().display_name(),
            state.class().display_name()
        );
        return Err(raise::type_error(t, message));
    };
    let Some(view) = str::view(text) else {
        let message = format!("initial_value must be str or None, not {}", text.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if bigint::view(at).is_none() {
        let message = format!("third item of state must be an integer, got {}", at.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let at = protocol::index_size(t, at)?;
    if at < 0 {
        return Err(raise::value_error(t, "position value cannot be negative"));
    }
    set_up(t, v, Newline::read(t, "newline", true, Some(newline))?);
    // The value was translated when it was written: it goes in as it is.
    let copy = view.to_buf();
    open(t, v, |s| {
        s.text = copy;
        s.at = at as usize;
    })?;
    merge_attributes(t, v, attributes)?;
    Ok(Value::NONE)
}
