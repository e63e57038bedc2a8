//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`: a raw stream with a buffer for each direction.
//!
//! The three classes share one payload. At any time at most one of the two buffers holds bytes: reading flushes what was
//! written, writing moves the raw position back over what was read ahead. An operation holds the stream's lock as a whole.

use super::base::{self, BUFFERED_IO_BASE, FLAGS, cannot_pickle};
use super::exit::Listed;
use super::lock::{Exclusive, Held};
use super::{buffered_read, buffered_write, n, raw, unsupported};
use crate::modules::support::{Parameters, put, take};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::str;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, bigint, protocol};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};

/// The buffers of a stream.
pub struct State {
    /// How many bytes each buffer may hold.
    pub size: usize,
    /// Bytes read ahead; those before `at` were handed out.
    pub ahead: Vec<u8>,
    pub at: usize,
    /// Bytes not yet written.
    pub pending: Vec<u8>,
}

impl State {
    /// The bytes read ahead and not yet handed out.
    pub fn rest(&self) -> &[u8] {
        &self.ahead[self.at..]
    }

    /// Forgets what was read ahead.
    pub fn forget(&mut self) {
        self.ahead.clear();
        self.at = 0;
    }
}

/// See the module's documentation.
pub struct Buffered {
    raw: Slot,
    pub lock: Exclusive<State>,
    ready: AtomicBool,
    detached: AtomicBool,
    readable: AtomicBool,
    writable: AtomicBool,
    finalizing: AtomicBool,
    listed: Listed,
}

macro_rules! kinds {
    ($($payload:ident $ty:ident $spec:ident)*) => { $(
        #[repr(transparent)]
        pub struct $payload(Buffered);
        pub static $ty: StaticType = StaticType::new(&$spec);

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit_slot(&self.0.raw, visit);
            }

            fn clear(&self) {
                drop(self.0.raw.take());
            }
        }
    )* };
}

kinds! {
    Reader READER READER_SPEC
    Writer WRITER WRITER_SPEC
    Random RANDOM RANDOM_SPEC
}

/// The payload of a value of one of the three classes.
pub fn payload(v: &Value) -> Option<&Buffered> {
    if let Some(reader) = v.downcast::<Reader>() {
        return Some(&reader.0);
    }
    if let Some(writer) = v.downcast::<Writer>() {
        return Some(&writer.0);
    }
    v.downcast::<Random>().map(|random| &random.0)
}

/// The payload of a method's `self`.
pub fn this(v: &Value) -> &Buffered {
    match payload(v) {
        Some(this) => this,
        None => unreachable!("self was checked by the call"),
    }
}

fn blank() -> Buffered {
    let state = State { size: super::DEFAULT_BUFFER_SIZE, ahead: Vec::new(), at: 0, pending: Vec::new() };
    Buffered {
        raw: Slot::EMPTY,
        lock: Exclusive::new(state),
        ready: AtomicBool::new(false),
        detached: AtomicBool::new(false),
        readable: AtomicBool::new(false),
        writable: AtomicBool::new(false),
        finalizing: AtomicBool::new(false),
        listed: Listed::new(),
    }
}

impl Buffered {
    /// The raw stream; ValueError where there is none (yet, or any more).
    pub fn raw(&self, t: &Thread) -> PyResult {
        if !self.ready.load(Acquire) {
            return Err(if self.detached.load(Relaxed) {
                raise::value_error(t, "raw stream has been detached")
            } else {
                raise::value_error(t, "I/O operation on uninitialized object")
            });
        }
        self.raw.load().ok_or_else(|| raise::value_error(t, "raw stream has been detached"))
    }

    /// The raw stream, if it is open: "OPERATION of closed file" otherwise.
    pub fn open_raw(&self, t: &Thread, operation: &str) -> PyResult {
        let raw = self.raw(t)?;
        if raw::is_closed(t, &raw)? {
            return Err(raise::value_error(t, format!("{operation} closed file")));
        }
        Ok(raw)
    }

    /// Takes the stream's lock; RuntimeError where this thread has it already.
    pub fn enter<'a>(&'a self, t: &Thread, v: &Value) -> PyResult<Held<'a, State>> {
        if self.lock.is_mine() {
            return Err(reentrant(t, v));
        }
        Ok(self.lock.enter(t))
    }

    pub fn is_readable(&self) -> bool {
        self.readable.load(Relaxed)
    }

    pub fn is_writable(&self) -> bool {
        self.writable.load(Relaxed)
    }
}

#[cold]
fn reentrant(t: &Thread, v: &Value) -> Raised {
    raise::runtime_error(t, format!("reentrant call inside {}", protocol::repr_lossy(t, v)))
}

/// A `buffer_size` argument.
pub fn buffer_size(t: &Thread, v: Option<&Value>) -> PyResult<usize> {
    let size = v.map_or(Ok(super::DEFAULT_BUFFER_SIZE as i64), |v| protocol::index_i64(t, v))?;
    match usize::try_from(size) {
        Ok(size) if size > 0 => Ok(size),
        _ => Err(raise::value_error(t, "buffer size must be strictly positive")),
    }
}

static PARAMETERS: Parameters = Parameters::new("(raw, buffer_size=131072)");

/// `__init__` of a class that reads, writes or both.
fn init(t: &Thread, v: &Value, args: Args<'_>, name: &str, readable: bool, writable: bool) -> PyResult<()> {
    let this = this(v);
    let b = PARAMETERS.bind_call(t, name, args)?;
    this.ready.store(false, Release);
    this.detached.store(false, Relaxed);
    let raw = b.req(0);
    if readable && writable {
        base::check_seekable(t, raw)?;
    }
    if readable {
        base::check_readable(t, raw)?;
    }
    if writable {
        base::check_writable(t, raw)?;
    }
    let size = buffer_size(t, b.opt(1))?;
    set_up(t, v, raw.clone(), size, readable, writable);
    Ok(())
}

fn set_up(t: &Thread, v: &Value, raw: Value, size: usize, readable: bool, writable: bool) {
    let this = this(v);
    put(t, v, &this.raw, Some(raw));
    this.lock.enter(t).with(|state| {
        state.size = size;
        state.forget();
        state.pending.clear();
    });
    this.readable.store(readable, Relaxed);
    this.writable.store(writable, Relaxed);
    this.ready.store(true, Release);
    if writable {
        this.listed.enter(v);
    }
}

/// A new stream over an open raw file whose mode was checked: for `open`.
pub fn make(t: &Thread, raw: Value, size: usize, readable: bool, writable: bool) -> Value {
    let v = match (readable, writable) {
        (true, true) => alloc::new(&RANDOM, Random(blank())),
        (true, false) => alloc::new(&READER, Reader(blank())),
        _ => alloc::new(&WRITER, Writer(blank())),
    };
    set_up(t, &v, raw, size, readable, writable);
    v
}

const COMMON: [Method; 15] = [
    Method::new(
        "detach",
        "($self, /)",
        NativeFn::F1(detach),
        "Disconnect this buffer from its underlying raw stream and return it.",
    ),
    Method::new("flush", "($self, /)", NativeFn::F1(buffered_write::flush), ""),
    Method::new("close", "($self, /)", NativeFn::F1(close), ""),
    Method::new("seekable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().seekable)), ""),
    Method::new("fileno", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().fileno)), ""),
    Method::new("isatty", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().isatty)), ""),
    Method::new("_dealloc_warn", "($self, source, /)", NativeFn::F2(dealloc_warn), ""),
    Method::new("seek", "($self, target, whence=0, /)", NativeFn::Bound(seek), ""),
    Method::new("tell", "($self, /)", NativeFn::F1(tell), ""),
    Method::new("truncate", "($self, pos=None, /)", NativeFn::Bound(truncate), ""),
    Method::new("__sizeof__", "($self, /)", NativeFn::F1(sizeof), ""),
    Method::new("__reduce__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
    Method::new("__reduce_ex__", "($self, protocol, /)", NativeFn::Raw(cannot_pickle), ""),
    Method::new("__getstate__", "($self, /)", NativeFn::Raw(cannot_pickle), ""),
    Method::new("readable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().readable)), ""),
];

/// The methods of all three classes, followed by others.
const fn methods<const A: usize, const B: usize, const C: usize>(
    common: [Method; A],
    more: [Method; B],
) -> [Method; C] {
    assert!(A + B == C);
    let mut all = [const { Method::new("", "", NativeFn::F1(tell), "") }; C];
    let mut i = 0;
    while i < C {
        let from = if i < A { &common[i] } else { &more[i - A] };
        all[i] = Method {
            name: from.name,
            signature: from.signature,
            function: from.function,
            kind: from.kind,
            doc: from.doc,
        };
        i += 1;
    }
    all
}

const WRITABLE_METHOD: Method =
    Method::new("writable", "($self, /)", NativeFn::F1(|t, v| ask(t, v, &n().writable)), "");
const WRITE_METHOD: Method =
    Method::new("write", "($self, buffer, /)", NativeFn::F2(buffered_write::write), "Write buffer b to the IO stream.");

const READ_METHODS: [Method; 6] = [
    Method::new("read", "($self, size=-1, /)", NativeFn::Bound(buffered_read::read), "Read and return up to n bytes."),
    Method::new(
        "read1",
        "($self, size=-1, /)",
        NativeFn::Bound(buffered_read::read1),
        "Read and return up to size bytes.",
    ),
    Method::new("readinto", "($self, buffer, /)", NativeFn::F2(buffered_read::readinto), ""),
    Method::new("readinto1", "($self, buffer, /)", NativeFn::F2(buffered_read::readinto1), ""),
    Method::new("peek", "($self, size=0, /)", NativeFn::Bound(buffered_read::peek), ""),
    Method::new("readline", "($self, size=-1, /)", NativeFn::Bound(buffered_read::readline), ""),
];

static READER_METHODS: [Method; 21] = methods(COMMON, READ_METHODS);
static WRITER_METHODS: [Method; 17] = methods(COMMON, [WRITABLE_METHOD, WRITE_METHOD]);
static RANDOM_METHODS: [Method; 23] =
    methods::<21, 2, 23>(methods(COMMON, READ_METHODS), [WRITABLE_METHOD, WRITE_METHOD]);

const GETSET: &[GetSet] = &[
    GetSet::read_only("raw", |_, v| Ok(this(v).raw.load().unwrap_or(Value::NONE)), "").as_member(),
    GetSet::read_only("closed", |t, v| closed(t, v).map(Value::bool), ""),
    GetSet::read_only("name", |t, v| protocol::get_attr(t, &this(v).raw(t)?, &n().name), ""),
    GetSet::read_only("mode", |t, v| protocol::get_attr(t, &this(v).raw(t)?, &n().mode), ""),
    GetSet::new(
        "_finalizing",
        |_, v| Ok(Value::bool(this(v).finalizing.load(Relaxed))),
        |t, v, value| {
            let value = value.map_or(Ok(false), |value| protocol::is_true(t, value))?;
            this(v).finalizing.store(value, Relaxed);
            Ok(())
        },
        "",
    )
    .as_member(),
];

static READER_SPEC: TypeSpec = TypeSpec {
    base: Some(&BUFFERED_IO_BASE),
    doc: "Create a new buffered reader using the given readable raw IO object.",
    signature: "(raw, buffer_size=131072)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Reader(blank())))),
        init: Some(|t, v, args| init(t, v, args, "BufferedReader", true, false)),
        next: Some(buffered_read::next),
        repr: Some(repr),
        ..SlotTable::EMPTY
    },
    methods: &READER_METHODS,
    getset: GETSET,
    flags: FLAGS,
    ..TypeSpec::new("_io", "BufferedReader", layout_of::<Reader>(true))
};

static WRITER_SPEC: TypeSpec = TypeSpec {
    base: Some(&BUFFERED_IO_BASE),
    doc: "A buffer for a writeable sequential RawIO object.",
    signature: "(raw, buffer_size=131072)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Writer(blank())))),
        init: Some(|t, v, args| init(t, v, args, "BufferedWriter", false, true)),
        repr: Some(repr),
        ..SlotTable::EMPTY
    },
    methods: &WRITER_METHODS,
    getset: GETSET,
    flags: FLAGS,
    ..TypeSpec::new("_io", "BufferedWriter", layout_of::<Writer>(true))
};

static RANDOM_SPEC: TypeSpec = TypeSpec {
    base: Some(&BUFFERED_IO_BASE),
    doc: "A buffered interface to random access streams.",
    signature: "(raw, buffer_size=131072)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Random(blank())))),
        init: Some(|t, v, args| init(t, v, args, "BufferedRandom", true, true)),
        next: Some(buffered_read::next),
        repr: Some(repr),
        ..SlotTable::EMPTY
    },
    methods: &RANDOM_METHODS,
    getset: GETSET,
    flags: FLAGS,
    ..TypeSpec::new("_io", "BufferedRandom", layout_of::<Random>(true))
};

fn ask(t: &Thread, v: &Value, name: &Value) -> PyResult {
    protocol::call_method(t, &this(v).raw(t)?, name, &[])
}

/// Whether the raw stream is closed.
pub fn closed(t: &Thread, v: &Value) -> PyResult<bool> {
    raw::is_closed(t, &this(v).raw(t)?)
}

fn sizeof(t: &Thread, v: &Value) -> PyResult {
    let held = this(v).enter(t, v)?;
    Ok(Value::int(held.with(|state| state.size + size_of::<Buffered>() + 24) as i64))
}

fn detach(t: &Thread, v: &Value) -> PyResult {
    let this = this(v);
    this.raw(t)?;
    protocol::call_method(t, v, &n().flush, &[])?;
    let raw = take(t, v, &this.raw);
    this.detached.store(true, Relaxed);
    this.ready.store(false, Release);
    this.listed.leave();
    raw.ok_or_else(|| raise::value_error(t, "raw stream has been detached"))
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let this = this(v);
    let raw = this.raw(t)?;
    if raw::is_closed(t, &raw)? {
        return Ok(Value::NONE);
    }
    if this.finalizing.load(Relaxed)
        && let Err(raised) = protocol::call_method(t, &raw, &n()._dealloc_warn, std::slice::from_ref(v))
    {
        drop(raise::take(t, raised));
    }
    let flushed = protocol::call_method(t, v, &n().flush, &[]).map(drop);
    // From here on as a whole: what another thread writes comes before, or finds the stream closed.
    let held = if this.lock.is_mine() { None } else { Some(this.lock.enter(t)) };
    let late = match &held {
        Some(held) if flushed.is_ok() && this.is_writable() && held.with(|s| !s.pending.is_empty()) => {
            buffered_write::flush_pending(t, held, &raw)
        }
        _ => flushed,
    };
    super::chained(t, late, || protocol::call_method(t, &raw, &n().close, &[]).map(drop))?;
    this.listed.leave();
    // The buffers are of no more use.
    if let Some(held) = held {
        held.with(|state| {
            state.ahead = Vec::new();
            state.at = 0;
            state.pending = Vec::new();
        });
    }
    Ok(Value::NONE)
}

fn dealloc_warn(t: &Thread, v: &Value, source: &Value) -> PyResult {
    if let Some(raw) = this(v).raw.load()
        && let Err(raised) = protocol::call_method(t, &raw, &n()._dealloc_warn, std::slice::from_ref(source))
    {
        drop(raise::take(t, raised));
    }
    Ok(Value::NONE)
}

/// The position as the program sees it.
pub fn logical_tell(t: &Thread, held: &Held<'_, State>, raw: &Value) -> PyResult<i64> {
    let at = raw::tell(t, raw)?;
    Ok((at - held.with(|s| s.rest().len() as i64) + held.with(|s| s.pending.len() as i64)).max(0))
}

fn tell(t: &Thread, v: &Value) -> PyResult {
    let this = this(v);
    let raw = this.raw(t)?;
    let held = this.enter(t, v)?;
    logical_tell(t, &held, &raw).map(Value::int)
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this(v);
    this.raw(t)?;
    let whence = b.opt(2).map_or(Ok(0), |w| protocol::index_i64(t, w))?;
    if !matches!(whence, 0..=4) {
        return Err(raise::value_error(t, format!("whence value {whence} unsupported")));
    }
    let raw = this.open_raw(t, "seek of")?;
    base::check_seekable(t, &raw)?;
    let target = position_arg(t, b.req(1))?;
    let held = this.enter(t, v)?;
    if this.is_readable() && whence <= 1 && held.with(|s| !s.ahead.is_empty()) {
        // Inside the buffer there is nothing to ask the system for but the position.
        let current = raw::tell(t, &raw)?;
        let found = held.with(|s| {
            let start = current - s.ahead.len() as i64;
            let wanted = if whence == 0 { target } else { start + s.at as i64 + target };
            let inside = usize::try_from(wanted - start).ok().filter(|&i| i <= s.ahead.len())?;
            s.at = inside;
            Some(wanted)
        });
        if let Some(at) = found {
            return Ok(Value::int(at));
        }
    }
    if this.is_writable() {
        buffered_write::flush_pending(t, &held, &raw)?;
    }
    let target = if whence == 1 { target - held.with(|s| s.rest().len() as i64) } else { target };
    let at = raw::seek(t, &raw, target, whence)?;
    held.with(State::forget);
    Ok(Value::int(at))
}

/// A position argument: an int that fits the system's offsets.
pub fn position_arg(t: &Thread, v: &Value) -> PyResult<i64> {
    match bigint::view(v) {
        Some(bigint::IntView::Big(_)) => Err(raise::overflow_error(t, "Python int too large to convert to C long")),
        _ => protocol::index_i64(t, v),
    }
}

fn truncate(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this(v);
    this.raw(t)?;
    let raw = this.open_raw(t, "truncate of")?;
    if !this.is_writable() {
        return Err(unsupported(t, "truncate"));
    }
    let held = this.enter(t, v)?;
    buffered_write::flush_and_rewind(t, this, &held, &raw)?;
    let size = b.opt(1).cloned().unwrap_or(Value::NONE);
    protocol::call_method(t, &raw, &n().truncate, &[size])
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let class = v.class().display_name();
    let text = match base::name_for_repr(t, v, &n().name)? {
        None => format!("<{class}>"),
        Some(name) => format!("<{class} name={}>", str::lossy(&protocol::repr(t, &name)?)),
    };
    Ok(str::from_str(&text))
}
