//! `TextIOWrapper`: text over a stream of bytes.
//!
//! UTF-8, ASCII and Latin-1 are encoded and decoded here; other encodings go through the incremental codecs of the
//! registry. A write is one operation under the stream's lock: text that one call wrote stays together.

use super::base::{self, FLAGS, TEXT_IO_BASE, cannot_pickle};
use super::exit::Listed;
use super::lock::Exclusive;
use super::newline::{Newline, Newlines};
use super::{buffered, n, textio_read, textio_seek, textio_write};
use crate::modules::support::{Parameters, put, take};
use crate::object::args::{Args, Bound};
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::this;
use crate::types::str::codec::native::{self, Codec};
use crate::types::str::codec::registry;
use std::sync::Arc;

/// How many bytes are asked for at a time, and held back at most before they are written.
const CHUNK: usize = 8192;

/// What was fed to the decoder since a known state.
pub struct Snapshot {
    /// The bytes, with those that the decoder already held.
    pub input: Vec<u8>,
    /// The flags of a decoder from the registry.
    pub flags: i64,
    /// Whether a "\r" was waiting.
    pub pending_cr: bool,
}

/// The state of a text stream.
pub struct State {
    /// None: the codec is in the `encoder` and `decoder` slots.
    pub codec: Option<Codec>,
    /// The error handler; None is "strict".
    pub errors: Option<Arc<str>>,
    pub newline: Newline,
    pub newlines: Newlines,
    pub line_buffering: bool,
    pub write_through: bool,
    pub readable: bool,
    pub writable: bool,
    pub seekable: bool,
    /// Whether `tell` works: not while iterating.
    pub telling: bool,
    pub has_read1: bool,
    pub chunk: usize,
    /// Encoded and not yet handed down.
    pub pending: Vec<u8>,
    /// Decoded; what is before `at` was handed out.
    pub text: TextBuf,
    pub at: usize,
    /// Where in `text` the last chunk begins.
    pub chunk_start: usize,
    /// The beginning of a sequence that the codec waits to see the rest of.
    pub left_over: Vec<u8>,
    pub snapshot: Option<Snapshot>,
}

impl State {
    fn new() -> State {
        State {
            codec: Some(Codec::Utf8),
            errors: None,
            newline: Newline::Translate,
            newlines: Newlines::new(true),
            line_buffering: false,
            write_through: false,
            readable: false,
            writable: false,
            seekable: false,
            telling: false,
            has_read1: false,
            chunk: CHUNK,
            pending: Vec::new(),
            text: TextBuf::new(),
            at: 0,
            chunk_start: 0,
            left_over: Vec::new(),
            snapshot: None,
        }
    }

    /// Forgets what was read ahead.
    pub fn forget(&mut self) {
        self.text.clear();
        self.at = 0;
        self.chunk_start = 0;
        self.snapshot = None;
    }

    /// Puts the decoder of a native codec into its first state.
    pub fn reset_decoder(&mut self) {
        self.left_over.clear();
        self.newlines.pending_cr = false;
    }
}

/// See the module's documentation.
pub struct TextIo {
    pub buffer: Slot,
    pub encoder: Slot,
    pub decoder: Slot,
    encoding: Slot,
    errors: Slot,
    pub lock: Exclusive<State>,
    ready: AtomicBool,
    detached: AtomicBool,
    finalizing: AtomicBool,
    listed: Listed,
}

pub static TEXT_IO: StaticType = StaticType::new(&SPEC);

// SAFETY: `TEXT_IO`'s layout is `TextIo`.
unsafe impl Payload for TextIo {
    fn layout_type() -> &'static Type {
        &TEXT_IO
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.buffer, &self.encoder, &self.decoder, &self.encoding, &self.errors] {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.buffer, &self.encoder, &self.decoder] {
            drop(slot.take());
        }
    }
}

static SPEC: TypeSpec = TypeSpec {
    base: Some(&TEXT_IO_BASE),
    doc: "Character and line based layer over a BufferedIOBase object, buffer.",
    signature: "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)",
    slots: SlotTable {
        new: Some(new),
        init: Some(init),
        next: Some(textio_read::next),
        repr: Some(repr),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("write", "($self, text, /)", NativeFn::F2(textio_write::write), "Write string s to stream."),
        Method::new(
            "read",
            "($self, size=-1, /)",
            NativeFn::Bound(textio_read::read),
            "Read at most size characters from stream.",
        ),
        Method::new(
            "readline",
            "($self, size=-1, /)",
            NativeFn::Bound(textio_read::readline),
            "Read until newline or EOF.",
        ),
        Method::new("flush", "($self, /)", NativeFn::F1(textio_write::flush), ""),
        Method::new("close", "($self, /)", NativeFn::F1(close), ""),
        Method::new("detach", "($self, /)", NativeFn::F1(detach), ""),
        Method::new(
            "reconfigure",
            "($self, /, *, encoding=None, errors=None, newline=None, line_buffering=None, write_through=None)",
            NativeFn::Bound(reconfigure),
            "Reconfigure the text stream with new parameters.",
        ),
        Method::new(
            "seek",
            "($self, cookie, whence=0, /)",
            NativeFn::Bound(textio_seek::seek),
            "Set the stream position, and return the new stream position.",
        ),
        Method::new(
            "tell",
            "($self, /)",
            NativeFn::F1(textio_seek::tell),
            "Return the stream position as an opaque number.",
        ),
        Method::new("truncate", "($self, pos=None, /)", NativeFn::Bound(textio_seek::truncate), ""),
        Method::new("fileno", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().fileno)), ""),
        Method::new("seekable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().seekable)), ""),
        Method::new("readable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().readable)), ""),
        Method::new("writable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().writable)), ""),
        Method::new("isatty", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().isatty)), ""),
        Method::new("__reduce__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
        Method::new("__reduce_ex__", "($self, protocol, /)", NativeFn::Raw(cannot_pickle), ""),
        Method::new("__getstate__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
    ],
    getset: &[
        GetSet::read_only("encoding", |_, v| Ok(this!(v, TextIo).encoding.load().unwrap_or(Value::NONE)), "")
            .as_member(),
        GetSet::read_only("errors", |t, v| this!(v, TextIo).errors(t), ""),
        GetSet::read_only("buffer", |_, v| Ok(this!(v, TextIo).buffer.load().unwrap_or(Value::NONE)), "").as_member(),
        GetSet::read_only(
            "line_buffering",
            |t, v| Ok(Value::bool(this!(v, TextIo).lock.enter(t).with(|s| s.line_buffering))),
            "",
        )
        .as_member(),
        GetSet::read_only(
            "write_through",
            |t, v| Ok(Value::bool(this!(v, TextIo).lock.enter(t).with(|s| s.write_through))),
            "",
        )
        .as_member(),
        GetSet::read_only("newlines", newlines, ""),
        GetSet::read_only("closed", |t, v| this!(v, TextIo).closed(t).map(Value::bool), ""),
        GetSet::read_only("name", |t, v| protocol::get_attr(t, &this!(v, TextIo).buffer(t)?, &n().name), ""),
        GetSet::new("_CHUNK_SIZE", get_chunk, set_chunk, ""),
        GetSet::new(
            "_finalizing",
            |_, v| Ok(Value::bool(this!(v, TextIo).finalizing.load(Relaxed))),
            |t, v, value| {
                let value = value.map_or(Ok(false), |value| protocol::is_true(t, value))?;
                this!(v, TextIo).finalizing.store(value, Relaxed);
                Ok(())
            },
            "",
        )
        .as_member(),
    ],
    flags: FLAGS,
    ..TypeSpec::new("_io", "TextIOWrapper", layout_of::<TextIo>(true))
};

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let payload = TextIo {
        buffer: Slot::EMPTY,
        encoder: Slot::EMPTY,
        decoder: Slot::EMPTY,
        encoding: Slot::EMPTY,
        errors: Slot::EMPTY,
        lock: Exclusive::new(State::new()),
        ready: AtomicBool::new(false),
        detached: AtomicBool::new(false),
        finalizing: AtomicBool::new(false),
        listed: Listed::new(),
    };
    Ok(alloc::new(class, payload))
}

impl TextIo {
    /// The stream of bytes; ValueError where there is none (yet, or any more).
    pub fn buffer(&self, t: &Thread) -> PyResult {
        if !self.ready.load(Acquire) {
            return Err(if self.detached.load(Relaxed) {
                raise::value_error(t, "underlying buffer has been detached")
            } else {
                raise::value_error(t, "I/O operation on uninitialized object")
            });
        }
        self.buffer.load().ok_or_else(|| raise::value_error(t, "underlying buffer has been detached"))
    }

    fn errors(&self, t: &Thread) -> PyResult {
        self.buffer(t)?;
        Ok(self.errors.load().unwrap_or(Value::NONE))
    }

    /// Whether the stream of bytes is closed.
    pub fn closed(&self, t: &Thread) -> PyResult<bool> {
        let buffer = self.buffer(t)?;
        if is_native(&buffer) {
            return buffered::closed(t, &buffer);
        }
        base::is_closed(t, &buffer)
    }

    /// The stream of bytes, if it is open.
    pub fn open_buffer(&self, t: &Thread, v: &Value) -> PyResult {
        let buffer = self.buffer(t)?;
        let closed = if is_native(&buffer) {
            buffered::closed(t, &buffer)?
        } else if v.is_exact(&TEXT_IO) {
            base::is_closed(t, &buffer)?
        } else {
            base::is_closed(t, v)?
        };
        if closed { Err(raise::value_error(t, "I/O operation on closed file.")) } else { Ok(buffer) }
    }
}

/// Whether a stream is one of the buffered classes itself, so that its methods need no lookup.
pub fn is_native(buffer: &Value) -> bool {
    let class = buffer.class();
    [&buffered::WRITER, &buffered::READER, &buffered::RANDOM].iter().any(|ty| std::ptr::eq(class, &***ty))
}

static PARAMETERS: Parameters =
    Parameters::new("(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)");

fn text_arg<'a>(t: &Thread, v: Option<&'a Value>, function: &str, name: &str) -> PyResult<Option<&'a Value>> {
    match v.and_then(Value::non_none) {
        Some(v) if v.downcast::<Str>().is_none() => {
            let class = v.class().display_name();
            Err(raise::type_error(t, format!("{function}() argument '{name}' must be str or None, not {class}")))
        }
        Some(v) if str::lossy(v).contains('\0') => Err(raise::value_error(t, "embedded null character")),
        found => Ok(found),
    }
}

/// An encoding and the codec for it.
struct Coding {
    name: Value,
    native: Option<Codec>,
    /// The registry's entry, where there is no native codec.
    entry: Option<Value>,
}

fn coding(t: &Thread, encoding: Option<&Value>) -> PyResult<Coding> {
    let name = match encoding {
        Some(name) if !str::eq_str(name, "locale") => name.clone(),
        // The locale's encoding: UTF-8 on every system that is supported.
        _ => str::from_str("UTF-8"),
    };
    let text = str::lossy(&name);
    match native::by_name(&text) {
        Some(codec @ (Codec::Utf8 | Codec::Ascii | Codec::Latin1)) => {
            Ok(Coding { name: name.clone(), native: Some(codec), entry: None })
        }
        _ => {
            let entry = registry::lookup(t, &text)?;
            if !entry.is_exact(&core_types::TUPLE)
                && let Some(mark) = protocol::lookup_attr(t, &entry, &n()._is_text_encoding)?
                && !protocol::is_true(t, &mark)?
            {
                let message = format!("'{text}' is not a text encoding; use codecs.open() to handle arbitrary codecs");
                return Err(raise::lookup_error(t, message));
            }
            Ok(Coding { name: name.clone(), native: None, entry: Some(entry) })
        }
    }
}

/// Puts the codec, error handler and newline mode in place.
fn configure(t: &Thread, v: &Value, coding: &Coding, errors: &Value, newline: Newline) -> PyResult<()> {
    let this = this!(v, TextIo);
    let held = this.lock.enter(t);
    let (readable, writable) = held.with(|s| (s.readable, s.writable));
    let make = |wanted: bool, name: &Value| -> PyResult<Option<Value>> {
        match &coding.entry {
            Some(entry) if wanted => {
                let maker = protocol::get_attr(t, entry, name)?;
                protocol::call_values(t, &maker, std::slice::from_ref(errors)).map(Some)
            }
            _ => Ok(None),
        }
    };
    put(t, v, &this.decoder, make(readable, &n().incrementaldecoder)?);
    put(t, v, &this.encoder, make(writable, &n().incrementalencoder)?);
    put(t, v, &this.encoding, Some(coding.name.clone()));
    put(t, v, &this.errors, Some(errors.clone()));
    let handler = str::lossy(errors);
    let handler = (handler != "strict").then(|| Arc::from(&*handler));
    held.with(|s| {
        s.codec = coding.native;
        s.errors = handler;
        s.newline = newline;
        s.newlines = Newlines::new(newline == Newline::Translate);
        s.left_over.clear();
    });
    Ok(())
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let this = this!(v, TextIo);
    this.ready.store(false, Release);
    this.detached.store(false, Relaxed);
    let b = PARAMETERS.bind_call(t, "TextIOWrapper", args)?;
    let encoding = text_arg(t, b.opt(1), "TextIOWrapper", "encoding")?;
    let errors = text_arg(t, b.opt(2), "TextIOWrapper", "errors")?;
    let newline = Newline::read(t, "TextIOWrapper() argument 'newline'", false, b.opt(3))?;
    let line_buffering = b.opt(4).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let write_through = b.opt(5).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let coding = coding(t, encoding)?;
    let errors = errors.cloned().unwrap_or_else(|| str::from_str("strict"));
    let buffer = b.req(0);
    let is = |name: &Value| -> PyResult<bool> {
        let answer = protocol::call_method(t, buffer, name, &[])?;
        protocol::is_true(t, &answer)
    };
    let (readable, writable) = (is(&n().readable)?, is(&n().writable)?);
    let seekable = is(&n().seekable)?;
    let has_read1 = protocol::lookup_attr(t, buffer, &n().read1)?.is_some();
    let held = this.lock.enter(t);
    let old = held.with(|s| {
        let fresh = State {
            line_buffering,
            write_through,
            readable,
            writable,
            seekable,
            telling: seekable,
            has_read1,
            ..State::new()
        };
        std::mem::replace(s, fresh)
    });
    drop(old);
    configure(t, v, &coding, &errors, newline)?;
    put(t, v, &this.buffer, Some(buffer.clone()));
    fix_encoder(t, this, buffer, seekable)?;
    this.ready.store(true, Release);
    if writable {
        this.listed.enter(v);
    }
    Ok(())
}

/// An encoder that begins with a byte order mark must not do so in the middle of a file.
fn fix_encoder(t: &Thread, this: &TextIo, buffer: &Value, seekable: bool) -> PyResult<()> {
    let Some(encoder) = this.encoder.load() else { return Ok(()) };
    if !seekable {
        return Ok(());
    }
    let at = protocol::call_method(t, buffer, &n().tell, &[])?;
    if at.as_small_int() != Some(0) {
        protocol::call_method(t, &encoder, &n().setstate, &[Value::int(0)])?;
    }
    Ok(())
}

fn ask(t: &Thread, v: &Value, name: &Value) -> PyResult {
    protocol::call_method(t, &this!(v, TextIo).buffer(t)?, name, &[])
}

fn newlines(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let (newlines, seen) = this.lock.enter(t).with(|s| (s.newlines, s.readable && s.newline.is_universal()));
    Ok(if seen { newlines.seen() } else { Value::NONE })
}

fn get_chunk(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    Ok(Value::int(this.lock.enter(t).with(|s| s.chunk) as i64))
}

fn set_chunk(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let Some(value) = value else { return Err(raise::attribute_error(t, v, &n().name, "cannot delete attribute")) };
    match usize::try_from(protocol::index_i64(t, value)?) {
        Ok(chunk) if chunk > 0 => {
            this.lock.enter(t).with(|s| s.chunk = chunk);
            Ok(())
        }
        _ => Err(raise::value_error(t, "a strictly positive integer is required")),
    }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    let buffer = this.buffer(t)?;
    if base::is_closed(t, v)? {
        return Ok(Value::NONE);
    }
    if this.finalizing.load(Relaxed)
        && let Err(raised) = protocol::call_method(t, &buffer, &n()._dealloc_warn, std::slice::from_ref(v))
    {
        drop(raise::take(t, raised));
    }
    // As a whole: what another thread writes comes before, or finds the stream closed.
    let held = this.lock.enter(t);
    let flushed = protocol::call_method(t, v, &n().flush, &[]).map(drop);
    let closed = super::chained(t, flushed, || protocol::call_method(t, &buffer, &n().close, &[]).map(drop));
    drop(held);
    closed?;
    this.listed.leave();
    Ok(Value::NONE)
}

fn detach(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    protocol::call_method(t, v, &n().flush, &[])?;
    let buffer = take(t, v, &this.buffer);
    this.detached.store(true, Relaxed);
    this.ready.store(false, Release);
    this.listed.leave();
    buffer.ok_or_else(|| raise::value_error(t, "underlying buffer has been detached"))
}

fn reconfigure(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, TextIo);
    let buffer = this.buffer(t)?;
    let held = this.lock.enter(t);
    // The newline argument tells None from nothing given.
    let (encoding, errors) =
        (text_arg(t, b.opt(1), "reconfigure", "encoding")?, text_arg(t, b.opt(2), "reconfigure", "errors")?);
    let changes = encoding.is_some() || errors.is_some() || b.opt(3).is_some();
    if changes && held.with(|s| s.snapshot.is_some() || s.at < s.text.len()) {
        return Err(super::unsupported(
            t,
            "It is not possible to set the encoding or newline of stream after the first read",
        ));
    }
    let newline = match b.opt(3) {
        Some(_) => Newline::read(t, "reconfigure() argument 'newline'", false, b.opt(3))?,
        None => held.with(|s| s.newline),
    };
    let flag = |v: Option<&Value>, now: bool| match v.and_then(Value::non_none) {
        Some(v) => protocol::index_i64(t, v).map(|n| n != 0),
        None => Ok(now),
    };
    let line_buffering = flag(b.opt(4), held.with(|s| s.line_buffering))?;
    let write_through = flag(b.opt(5), held.with(|s| s.write_through))?;
    textio_write::flush(t, v)?;
    if changes {
        let kept = this.encoding.load();
        let coding = coding(t, encoding.or(kept.as_ref()))?;
        let errors = match (errors, encoding) {
            (Some(errors), _) => errors.clone(),
            (None, Some(_)) => str::from_str("strict"),
            (None, None) => this.errors(t)?,
        };
        configure(t, v, &coding, &errors, newline)?;
        let seekable = held.with(|s| s.seekable);
        fix_encoder(t, this, &buffer, seekable)?;
    }
    held.with(|s| {
        s.line_buffering = line_buffering;
        s.write_through = write_through;
    });
    Ok(Value::NONE)
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TextIo);
    this.buffer(t)?;
    let mut text = format!("<{}", v.class().display_name());
    if let Some(name) = base::name_for_repr(t, v, &n().name)? {
        text.push_str(&format!(" name={}", str::lossy(&protocol::repr(t, &name)?)));
    }
    if let Some(mode) = protocol::lookup_attr(t, v, &n().mode)? {
        text.push_str(&format!(" mode={}", str::lossy(&protocol::repr(t, &mode)?)));
    }
    let encoding = this.encoding.load().unwrap_or(Value::NONE);
    text.push_str(&format!(" encoding={}>", str::lossy(&protocol::repr(t, &encoding)?)));
    Ok(str::from_str(&text))
}
