//! `_struct`: values of C as bytes.
//!
//! | file | holds |
//! |---|---|
//! | `format` | format strings |
//! | `codec` | packing and unpacking |
//! | `half` | half-precision floats |

pub mod codec;
pub mod format;
pub mod half;

use super::support::iter_self;
use crate::object::args::{Args, Bound};
use crate::object::buffer::{self, Buffer, Request};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types::exc, names, protocol, str};
use crate::sync::shim::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::types::bytes::payload as bytes;
use format::Layout;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::OnceLock;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: FUNCTIONS,
    types: &[&STRUCT, &ITERATOR, &ERROR],
    init: Some(init),
    ..ModuleSpec::new(
        "_struct",
        "Values of Python as C structs in bytes, and back.\n\nA format string describes the layout. Its first character may \
         say how bytes are ordered and aligned:\n  @: the machine's order, sizes and alignment (the default)\n  =: the \
         machine's order, standard sizes, no alignment\n  <: little-endian, standard sizes, no alignment\n  >: big-endian, \
         standard sizes, no alignment\n  !: as >\n\nThe others stand for values, each with an optional count before it:\n  \
         x: a byte without value; c: char; b, B: signed and unsigned byte; ?: _Bool;\n  h, H: short; i, I: int; l, L: long; \
         q, Q: long long; n, N: ssize_t and size_t (@ only);\n  e: half-precision float; f: float; d: double; F, D: their \
         complex counterparts;\n  s: a string, its length by the count; p: a Pascal string; P: a pointer (@ only).\nWhite \
         space between them is left out.",
    )
};

static FUNCTIONS: &[Method] = &[
    Method::new("_clearcache", "($module, /)", NativeFn::F0(clear_cache), "Clear the internal cache."),
    Method::new(
        "calcsize",
        "($module, format, /)",
        NativeFn::F1(|t, f| Ok(Value::uint(layout_by(t, f)?.size as u64))),
        "Return size in bytes of the struct described by the format string.",
    ),
    Method::new(
        "iter_unpack",
        "($module, format, buffer, /)",
        NativeFn::F2(|t, f, b| {
            let layout = layout_by(t, f)?;
            iterate(t, layout, b)
        }),
        "Return an iterator over the structs that the bytes hold one after the other.",
    ),
    Method::new(
        "pack",
        "",
        NativeFn::Raw(|t, args| {
            args.no_keywords(t, "_struct.pack")?;
            let [format, values @ ..] = args.pos() else {
                return Err(raise::type_error(t, "missing format argument"));
            };
            pack(t, &*layout_by(t, format)?, values)
        }),
        "pack(format, v1, v2, ...) -> bytes\n\nReturn bytes that hold the values by the format.",
    ),
    Method::new(
        "pack_into",
        "",
        NativeFn::Raw(|t, args| {
            args.no_keywords(t, "_struct.pack_into")?;
            let [format, rest @ ..] = args.pos() else {
                return Err(raise::type_error(t, "missing format argument"));
            };
            pack_into(t, &*layout_by(t, format)?, rest)
        }),
        "pack_into(format, buffer, offset, v1, v2, ...)\n\nWrite the values by the format into a writable buffer, from the \
         offset on.",
    ),
    Method::new(
        "unpack",
        "($module, format, buffer, /)",
        NativeFn::F2(|t, f, b| unpack(t, &*layout_by(t, f)?, b)),
        "Return a tuple of the values that the bytes hold by the format.",
    ),
    Method::new(
        "unpack_from",
        "($module, format, /, buffer, offset=0)",
        NativeFn::Bound(|t, b| unpack_from(t, &*layout_by(t, b.req(0))?, b.req(1), b.opt(2))),
        "Return a tuple of the values that the bytes from the offset on hold by the format.",
    ),
];

/// `struct.error`.
pub static ERROR: StaticType = StaticType::new(&ERROR_SPEC);

static ERROR_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("struct", "error", layout_of::<crate::object::exception::BaseException>(true))
};

/// Raises `struct.error`.
#[cold]
pub fn error(t: &Thread, message: impl AsRef<str>) -> Raised {
    raise::new(t, &ERROR, message)
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    super::support::hide(t, module, &["unpack_iterator"])
}

/// `Struct`: a format parsed once.
pub struct Struct {
    /// Set by `__init__`.
    layout: OnceLock<(Stored, Arc<Layout>)>,
}

pub static STRUCT: StaticType = StaticType::new(&STRUCT_SPEC);

// SAFETY: `STRUCT`'s layout is `Struct`.
unsafe impl Payload for Struct {
    fn layout_type() -> &'static Type {
        &STRUCT
    }
}

static STRUCT_SPEC: TypeSpec = TypeSpec {
    doc: "Struct(fmt) --> compiled struct object",
    slots: SlotTable { new: Some(construct), init: Some(initialise), repr: Some(repr), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "iter_unpack",
            "($self, buffer, /)",
            NativeFn::F2(|t, v, b| {
                let layout = Arc::clone(layout_of_struct(t, v)?);
                iterate(t, layout, b)
            }),
            "Return an iterator over the structs that the bytes hold one after the other.",
        ),
        Method::new(
            "pack",
            "",
            NativeFn::Raw(|t, args| {
                args.no_keywords(t, "Struct.pack")?;
                let layout = layout_of_struct(t, &args.pos()[0])?;
                pack(t, layout, &args.pos()[1..])
            }),
            "S.pack(v1, v2, ...) -> bytes\n\nReturn bytes that hold the values by the format.",
        ),
        Method::new(
            "pack_into",
            "",
            NativeFn::Raw(|t, args| {
                args.no_keywords(t, "Struct.pack_into")?;
                let layout = layout_of_struct(t, &args.pos()[0])?;
                pack_into(t, layout, &args.pos()[1..])
            }),
            "S.pack_into(buffer, offset, v1, v2, ...)\n\nWrite the values by the format into a writable buffer, from the \
             offset on.",
        ),
        Method::new(
            "unpack",
            "($self, buffer, /)",
            NativeFn::F2(|t, v, b| unpack(t, layout_of_struct(t, v)?, b)),
            "Return a tuple of the values that the bytes hold.",
        ),
        Method::new(
            "unpack_from",
            "($self, /, buffer, offset=0)",
            NativeFn::Bound(|t, b| unpack_from(t, layout_of_struct(t, b.req(0))?, b.req(1), b.opt(2))),
            "Return a tuple of the values that the bytes from the offset on hold.",
        ),
        Method::new(
            "__sizeof__",
            "($self, /)",
            NativeFn::F1(size_of_struct),
            "S.__sizeof__() -> size of S in memory, in bytes",
        ),
    ],
    getset: &[
        GetSet::read_only("format", format_of, "struct format string"),
        GetSet::read_only("size", |t, v| Ok(Value::uint(layout_of_struct(t, v)?.size as u64)), "struct size in bytes"),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_struct", "Struct", layout_of::<Struct>(false))
};

fn construct(_t: &Thread, class: &Type, _args: Args<'_>) -> PyResult {
    Ok(alloc::new(class, Struct { layout: OnceLock::new() }))
}

fn initialise(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: super::support::Parameters = super::support::Parameters::new("(format)");
    let bound: Bound<'_> = PARAMETERS.bind_call(t, "Struct", args)?;
    let (text, layout) = read_format(t, bound.req(0))?;
    if let Some(this) = v.downcast::<Struct>() {
        // A second `__init__` changes nothing.
        let _ = this.layout.set((Stored::new(str::from_str(&text)), Arc::new(layout)));
    }
    Ok(())
}

fn layout_of_struct<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Arc<Layout>> {
    match v.downcast::<Struct>().and_then(|s| s.layout.get()) {
        Some((_, layout)) => Ok(layout),
        None => Err(raise::runtime_error(t, "Struct object is not initialized")),
    }
}

fn format_of(t: &Thread, v: &Value) -> PyResult {
    match v.downcast::<Struct>().and_then(|s| s.layout.get()) {
        Some((format, _)) => Ok(Value::clone(format)),
        None => Err(raise::attribute_error(t, v, &names::intern("format"), "format")),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let format = format_of(t, v)?;
    let name = v.class().name().to_string();
    Ok(str::from_str(&format!("{name}({})", protocol::repr_lossy(t, &format))))
}

fn size_of_struct(t: &Thread, v: &Value) -> PyResult {
    let fields = layout_of_struct(t, v)?.fields.len() + 1;
    Ok(Value::uint((size_of::<Struct>() + fields * size_of::<format::Field>()) as u64))
}

/// Parses a format given as str or bytes.
fn read_format(t: &Thread, v: &Value) -> PyResult<(String, Layout)> {
    let text = if let Some(view) = str::view(v) {
        if !view.is_ascii() {
            // Raises UnicodeEncodeError.
            protocol::call_method_str(t, v, "encode", &[str::from_str("ascii")])?;
        }
        view.to_utf8_lossy().into_owned()
    } else if let Some(b) = bytes::view(v) {
        b.iter().map(|&b| b as char).collect()
    } else {
        let message = format!("Struct() argument 1 must be a str or bytes object, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    match format::parse(text.as_bytes()) {
        Ok(layout) => Ok((text, layout)),
        Err(e) => Err(error(t, e.to_string())),
    }
}

/// The layouts that a thread used last, by format.
struct Cache {
    entries: Vec<(Box<str>, Arc<Layout>)>,
    /// Where the next one goes when all places are taken.
    next: usize,
}

const CACHE_SIZE: usize = 16;

thread_local! {
    static CACHE: RefCell<Cache> = const { RefCell::new(Cache { entries: Vec::new(), next: 0 }) };
}

fn clear_cache(_t: &Thread) -> PyResult {
    CACHE.with_borrow_mut(|cache| cache.entries.clear());
    Ok(Value::NONE)
}

/// The layout of a format, parsed if this thread has not used it lately.
fn layout_by(t: &Thread, v: &Value) -> PyResult<Arc<Layout>> {
    if let Some(text) = str::view(v).and_then(|view| view.as_str()) {
        let hit = CACHE.with_borrow(|cache| {
            cache.entries.iter().find(|(format, _)| **format == *text).map(|(_, layout)| Arc::clone(layout))
        });
        if let Some(layout) = hit {
            return Ok(layout);
        }
    }
    let (text, layout) = read_format(t, v)?;
    let layout = Arc::new(layout);
    let entry = (text.into_boxed_str(), Arc::clone(&layout));
    CACHE.with_borrow_mut(|cache| {
        if cache.entries.len() < CACHE_SIZE {
            cache.entries.push(entry);
        } else {
            let place = cache.next % CACHE_SIZE;
            cache.entries[place] = entry;
            cache.next += 1;
        }
    });
    Ok(layout)
}

/// Checks the number of values.
fn check_count(t: &Thread, layout: &Layout, function: &str, given: usize) -> PyResult<()> {
    if given == layout.values {
        return Ok(());
    }
    Err(error(t, format!("{function} expected {} items for packing (got {given})", layout.values)))
}

fn pack(t: &Thread, layout: &Layout, values: &[Value]) -> PyResult {
    check_count(t, layout, "pack", values.len())?;
    let mut out = Vec::new();
    if crate::sync::may_fail::reserve_exact(&mut out, layout.size).is_err() {
        return Err(crate::types::int::object::out_of_memory(t));
    }
    out.resize(layout.size, 0);
    codec::pack(t, layout, values, &mut out)?;
    Ok(bytes::from_vec(out))
}

/// A buffer of plain bytes, for reading or writing.
fn contiguous(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    if request == Request::Write && v.class().slots.buffer.get().is_none() {
        let message = format!("a read-write bytes-like object is required, not '{}'", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let lent = buffer::get(t, v, request)?;
    if !lent.is_contiguous() {
        return Err(raise::buffer_error(t, "memoryview: underlying buffer is not C-contiguous"));
    }
    Ok(lent)
}

fn pack_into(t: &Thread, layout: &Layout, args: &[Value]) -> PyResult {
    let (target, offset, values) = match args {
        [] => return Err(error(t, "pack_into expected buffer argument")),
        [_] => return Err(error(t, "pack_into expected offset argument")),
        [target, offset, values @ ..] => (target, offset, values),
    };
    check_count(t, layout, "pack_into", values.len())?;
    let target = contiguous(t, target, Request::Write)?;
    let mut at = protocol::index_i64(t, offset)?;
    let (len, size) = (target.len as i64, layout.size as i64);
    if at < 0 {
        if at + size > 0 {
            return Err(error(t, format!("no space to pack {size} bytes at offset {at}")));
        }
        if at + len < 0 {
            return Err(error(t, format!("offset {at} out of range for {len}-byte buffer")));
        }
        at += len;
    }
    if len - at < size {
        let message = format!(
            "pack_into requires a buffer of at least {} bytes for packing {size} bytes at offset {at} (actual buffer size \
             is {len})",
            i128::from(size) + i128::from(at)
        );
        return Err(error(t, message));
    }
    // Converting a value may run Python code that reads the buffer, so the bytes are made first.
    let mut out = vec![0; layout.size];
    codec::pack(t, layout, values, &mut out)?;
    let at = at as usize;
    target.as_mut_slice()[at..at + layout.size].copy_from_slice(&out);
    Ok(Value::NONE)
}

fn unpack(t: &Thread, layout: &Layout, source: &Value) -> PyResult {
    if let Some(data) = bytes::view(source) {
        return unpack_exact(t, layout, data);
    }
    let lent = contiguous(t, source, Request::Read)?;
    unpack_exact(t, layout, lent.as_slice())
}

fn unpack_exact(t: &Thread, layout: &Layout, data: &[u8]) -> PyResult {
    if data.len() != layout.size {
        return Err(error(t, format!("unpack requires a buffer of {} bytes", layout.size)));
    }
    Ok(codec::unpack(layout, data))
}

fn unpack_from(t: &Thread, layout: &Layout, source: &Value, offset: Option<&Value>) -> PyResult {
    let mut at = offset.map_or(Ok(0), |v| protocol::index_i64(t, v))?;
    let lent = contiguous(t, source, Request::Read)?;
    let (len, size) = (lent.len as i64, layout.size as i64);
    if at < 0 {
        if at + size > 0 {
            return Err(error(t, format!("not enough data to unpack {size} bytes at offset {at}")));
        }
        if at + len < 0 {
            return Err(error(t, format!("offset {at} out of range for {len}-byte buffer")));
        }
        at += len;
    }
    if len - at < size {
        let message = format!(
            "unpack_from requires a buffer of at least {} bytes for unpacking {size} bytes at offset {at} (actual buffer \
             size is {len})",
            i128::from(size) + i128::from(at)
        );
        return Err(error(t, message));
    }
    Ok(codec::unpack(layout, &lent.as_slice()[at as usize..]))
}

/// `unpack_iterator`: gives each struct to one thread.
pub struct UnpackIterator {
    layout: Arc<Layout>,
    source: Stored,
    /// How many structs the source held when it was first looked at.
    count: usize,
    next: AtomicUsize,
}

pub static ITERATOR: StaticType = StaticType::new(&ITERATOR_SPEC);

// SAFETY: `ITERATOR`'s layout is `UnpackIterator`.
unsafe impl Payload for UnpackIterator {
    fn layout_type() -> &'static Type {
        &ITERATOR
    }

    fn trace(&self, visit: Visit) {
        visit(&self.source);
    }
}

static ITERATOR_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(iter_self), next: Some(next), ..SlotTable::EMPTY },
    methods: &[Method::new("__length_hint__", "($self, /)", NativeFn::F1(length_hint), "")],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("_struct", "unpack_iterator", layout_of::<UnpackIterator>(true))
};

fn iterate(t: &Thread, layout: Arc<Layout>, source: &Value) -> PyResult {
    let lent = contiguous(t, source, Request::Read)?;
    if layout.size == 0 {
        return Err(error(t, "cannot iteratively unpack with a struct of length 0"));
    }
    if lent.len % layout.size != 0 {
        let message = format!("iterative unpacking requires a buffer of a multiple of {} bytes", layout.size);
        return Err(error(t, message));
    }
    let count = lent.len / layout.size;
    drop(lent);
    let payload = UnpackIterator { layout, source: Stored::new(source.clone()), count, next: AtomicUsize::new(0) };
    Ok(alloc::new(&ITERATOR, payload))
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast_exact::<UnpackIterator>() else { return Ok(None) };
    if this.next.load(Relaxed) >= this.count {
        return Ok(None);
    }
    // Each place to one thread; late ones overshoot by one each.
    let i = this.next.fetch_add(1, Relaxed);
    let lent = contiguous(t, &this.source, Request::Read)?;
    let at = i * this.layout.size;
    if i >= this.count || at + this.layout.size > lent.len {
        return Ok(None);
    }
    Ok(Some(codec::unpack(&this.layout, &lent.as_slice()[at..])))
}

fn length_hint(_t: &Thread, v: &Value) -> PyResult {
    let left = v.downcast_exact::<UnpackIterator>().map_or(0, |i| i.count.saturating_sub(i.next.load(Relaxed)));
    Ok(Value::uint(left as u64))
}
