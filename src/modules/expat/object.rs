//! The type `xmlparser`: handlers, settings, and the calls of handlers with what the parser says.

use super::decode;
use super::dtd::{Entity, Model};
use super::errors::{self, Code};
use super::parser::{Emission, Event, Parser};
use super::{EXPAT_ERROR, optional};
use crate::modules::support::size_argument;
use crate::object::args::Bound;
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::Visit;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, list, names, protocol, str, tuple};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use crate::this;
use crate::types::bytes::args::bytes_like;
use crate::types::bytes::payload as bytes;
use crate::types::str::codec::registry;

/// The handlers, by their places in the payload.
pub const HANDLERS: [&str; 22] = [
    "StartElementHandler",
    "EndElementHandler",
    "ProcessingInstructionHandler",
    "CharacterDataHandler",
    "UnparsedEntityDeclHandler",
    "NotationDeclHandler",
    "StartNamespaceDeclHandler",
    "EndNamespaceDeclHandler",
    "CommentHandler",
    "StartCdataSectionHandler",
    "EndCdataSectionHandler",
    "DefaultHandler",
    "DefaultHandlerExpand",
    "NotStandaloneHandler",
    "ExternalEntityRefHandler",
    "StartDoctypeDeclHandler",
    "EndDoctypeDeclHandler",
    "EntityDeclHandler",
    "XmlDeclHandler",
    "ElementDeclHandler",
    "AttlistDeclHandler",
    "SkippedEntityHandler",
];
const TEXT: usize = 3;
const DEFAULT: usize = 11;
const DEFAULT_EXPAND: usize = 12;
const EXTERNAL: usize = 14;
const ENTITY_DECL: usize = 17;

/// The payload of a parser. The mutexes are held for one step of the parser only, never while a handler runs.
pub struct XmlParser {
    parser: Mutex<Parser>,
    handlers: [Slot; HANDLERS.len()],
    /// A dict of names, or None.
    intern: Slot,
    /// Text that waits for more, where `buffer_text` is set.
    pending: Mutex<String>,
    buffer_text: AtomicBool,
    buffer_size: AtomicUsize,
    ordered_attributes: AtomicBool,
    specified_attributes: AtomicBool,
    /// Inside of a handler.
    in_callback: AtomicBool,
}

macro_rules! handler_row {
    ($($n:literal)*) => { [ $( GetSet::new(HANDLERS[$n], get_handler::<$n>, set_handler::<$n>, "") ),* ] };
}

static GETSET: [GetSet; 36] = {
    const H: [GetSet; 22] = handler_row!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21);
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = H;
    [
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        j,
        k,
        l,
        m,
        n,
        o,
        p,
        q,
        r,
        s,
        t,
        u,
        v,
        GetSet::read_only("ErrorCode", |_, v| Ok(Value::int(i64::from(lock(v).error()))), ""),
        GetSet::read_only("ErrorLineNumber", |_, v| Ok(Value::uint(lock(v).position.line)), ""),
        GetSet::read_only("ErrorColumnNumber", |_, v| Ok(Value::uint(lock(v).position.column)), ""),
        GetSet::read_only("ErrorByteIndex", |_, v| Ok(Value::uint(lock(v).position.byte)), ""),
        GetSet::read_only("CurrentLineNumber", |_, v| Ok(Value::uint(lock(v).position.line)), ""),
        GetSet::read_only("CurrentColumnNumber", |_, v| Ok(Value::uint(lock(v).position.column)), ""),
        GetSet::read_only("CurrentByteIndex", |_, v| Ok(Value::uint(lock(v).position.byte)), ""),
        GetSet::new(
            "buffer_size",
            |_, v| Ok(Value::uint(this!(v, XmlParser).buffer_size.load(Relaxed) as u64)),
            set_buffer_size,
            "",
        ),
        GetSet::new("buffer_text", |_, v| flag_of(&this!(v, XmlParser).buffer_text), set_buffer_text, ""),
        GetSet::read_only("buffer_used", |_, v| Ok(Value::uint(this!(v, XmlParser).pending.lock().len() as u64)), ""),
        GetSet::new(
            "namespace_prefixes",
            |_, v| Ok(Value::bool(lock(v).namespace_prefixes)),
            |t, v, value| {
                let on = truth(t, value)?;
                lock(v).namespace_prefixes = on;
                Ok(())
            },
            "",
        ),
        GetSet::new(
            "ordered_attributes",
            |_, v| flag_of(&this!(v, XmlParser).ordered_attributes),
            |t, v, value| {
                this!(v, XmlParser).ordered_attributes.store(truth(t, value)?, Relaxed);
                Ok(())
            },
            "",
        ),
        GetSet::new(
            "specified_attributes",
            |_, v| flag_of(&this!(v, XmlParser).specified_attributes),
            |t, v, value| {
                this!(v, XmlParser).specified_attributes.store(truth(t, value)?, Relaxed);
                Ok(())
            },
            "",
        ),
        GetSet::read_only("intern", |_, v| Ok(this!(v, XmlParser).intern.load().unwrap_or(Value::NONE)), ""),
    ]
};

/// `pyexpat.xmlparser`
pub static XML_PARSER: StaticType = StaticType::new(&TypeSpec {
    doc: "XML parser",
    methods: &[
        Method::new(
            "Parse",
            "($self, data, isfinal=False, /)",
            NativeFn::Bound(parse),
            "Parse XML data.\n\n'isfinal' should be true at end of input.",
        ),
        Method::new("ParseFile", "($self, file, /)", NativeFn::F2(parse_file), "Parse XML data from file-like object."),
        Method::new(
            "SetBase",
            "($self, base, /)",
            NativeFn::F2(|t, v, base| {
                protocol::str_arg(t, base, "SetBase", "1")?;
                lock(v).base = Some(str::lossy(base).into_owned());
                Ok(Value::NONE)
            }),
            "Set the base URL for the parser.",
        ),
        Method::new(
            "GetBase",
            "($self, /)",
            NativeFn::F1(|_, v| {
                let base = lock(v).base.clone();
                Ok(optional(base.as_deref()))
            }),
            "Return base URL string for the parser.",
        ),
        Method::new(
            "GetInputContext",
            "($self, /)",
            NativeFn::F1(|_, v| {
                if !this!(v, XmlParser).in_callback.load(Relaxed) {
                    return Ok(Value::NONE);
                }
                let parser = lock(v);
                let (text, at) = parser.context();
                Ok(bytes::from_slice(&text[at.min(text.len())..]))
            }),
            "Return the untranslated text of the input that caused the current event.\n\nIf the event was generated by a \
             large amount of text (such as a start tag\nfor an element with many attributes), not all of the text may be \
             available.",
        ),
        Method::new(
            "ExternalEntityParserCreate",
            "($self, context, encoding=<unrepresentable>, /)",
            NativeFn::Bound(external),
            "Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler.",
        ),
        Method::new(
            "SetParamEntityParsing",
            "($self, flag, /)",
            NativeFn::F2(|t, v, how| {
                let how = protocol::index_i64(t, how)?;
                let mut parser = lock(v);
                let ok = !parser.has_started();
                if ok {
                    parser.parameter_parsing = how;
                }
                Ok(Value::int(i64::from(ok)))
            }),
            "Controls parsing of parameter entities (including the external DTD subset).",
        ),
        Method::new(
            "UseForeignDTD",
            "($self, flag=True, /)",
            NativeFn::Bound(|t, b| {
                let on = b.opt(1).map_or(Ok(true), |v| protocol::is_true(t, v))?;
                let mut parser = lock(b.req(0));
                if parser.has_started() {
                    drop(parser);
                    return Err(raise_code(t, b.req(0), errors::CANT_CHANGE_FEATURE_ONCE_PARSING));
                }
                parser.foreign_dtd = on;
                Ok(Value::NONE)
            }),
            "Allows the application to provide an artificial external subset if one is not specified as part of the \
             document instance.",
        ),
        Method::new(
            "GetReparseDeferralEnabled",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(lock(v).deferral))),
            "Retrieve reparse deferral enabled status; always returns false with Expat <2.6.0.",
        ),
        Method::new(
            "SetReparseDeferralEnabled",
            "($self, enabled, /)",
            NativeFn::F2(|t, v, on| {
                let on = protocol::is_true(t, on)?;
                lock(v).deferral = on;
                Ok(Value::NONE)
            }),
            "Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0.",
        ),
    ],
    getset: &GETSET,
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("pyexpat", "xmlparser", layout_of::<XmlParser>(true))
});

// SAFETY: `XML_PARSER`'s layout is `XmlParser`.
unsafe impl Payload for XmlParser {
    fn layout_type() -> &'static Type {
        &XML_PARSER
    }

    fn trace(&self, visit: Visit) {
        for slot in self.handlers.iter().chain([&self.intern]) {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in self.handlers.iter().chain([&self.intern]) {
            drop(slot.take());
        }
    }
}

fn lock(v: &Value) -> crate::sync::shim::MutexGuard<'_, Parser> {
    this!(v, XmlParser).parser.lock()
}

fn flag_of(flag: &AtomicBool) -> PyResult {
    Ok(Value::bool(flag.load(Relaxed)))
}

fn truth(t: &Thread, value: Option<&Value>) -> PyResult<bool> {
    match value {
        Some(value) => protocol::is_true(t, value),
        None => Err(raise::runtime_error(t, "Cannot delete attribute")),
    }
}

/// A new parser object.
pub fn new(parser: Parser, intern: Value) -> Value {
    let object = XmlParser {
        parser: Mutex::new(parser),
        handlers: std::array::from_fn(|_| Slot::empty()),
        intern: Slot::new(intern),
        pending: Mutex::new(String::new()),
        buffer_text: AtomicBool::new(false),
        buffer_size: AtomicUsize::new(8192),
        ordered_attributes: AtomicBool::new(false),
        specified_attributes: AtomicBool::new(false),
        in_callback: AtomicBool::new(false),
    };
    alloc::new(&XML_PARSER, object)
}

fn get_handler<const N: usize>(_: &Thread, v: &Value) -> PyResult {
    Ok(this!(v, XmlParser).handlers[N].load().unwrap_or(Value::NONE))
}

fn set_handler<const N: usize>(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::runtime_error(t, "Cannot delete attribute")) };
    let this = this!(v, XmlParser);
    if N == TEXT {
        flush(t, v)?;
    }
    crate::modules::support::put(t, v, &this.handlers[N], value.non_none().cloned());
    Ok(())
}

fn set_buffer_size(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::runtime_error(t, "Cannot delete attribute")) };
    if crate::object::bigint::view(value).is_none() {
        return Err(raise::type_error(t, "buffer_size must be an integer"));
    }
    match size_argument(t, value)? {
        n if n <= 0 => Err(raise::value_error(t, "buffer_size must be greater than zero")),
        n if n > i64::from(i32::MAX) => {
            Err(raise::value_error(t, format!("buffer_size must not be greater than {}", i32::MAX)))
        }
        n => {
            if this!(v, XmlParser).buffer_text.load(Relaxed) {
                flush(t, v)?;
            }
            this!(v, XmlParser).buffer_size.store(n as usize, Relaxed);
            Ok(())
        }
    }
}

fn set_buffer_text(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let on = truth(t, value)?;
    if !on {
        flush(t, v)?;
    }
    this!(v, XmlParser).buffer_text.store(on, Relaxed);
    Ok(())
}

/// Raises ExpatError with the parser's place.
#[cold]
fn raise_code(t: &Thread, v: &Value, code: Code) -> Raised {
    let position = lock(v).position;
    let what = errors::message(code.0).unwrap_or("unknown error");
    let message = format!("{what}: line {}, column {}", position.line, position.column);
    let raised = raise::new(t, &EXPAT_ERROR, message);
    let exception = raise::take(t, raised);
    let attributes = [
        ("code", Value::int(i64::from(code.0))),
        ("offset", Value::uint(position.column)),
        ("lineno", Value::uint(position.line)),
    ];
    for (name, n) in attributes {
        if let Err(other) = protocol::set_attr(t, &exception, &names::intern(name), &n) {
            drop(raise::take(t, other));
        }
    }
    raise::again(t, exception)
}

fn parse(t: &Thread, b: &Bound<'_>) -> PyResult {
    let last = b.opt(2).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let (v, data) = (b.req(0), b.req(1));
    if let Some(text) = str::view(data) {
        lock(v).force_utf8();
        let Some(utf8) = text.to_utf8() else {
            registry::encode(t, data, Some("utf-8"), None)?;
            return Ok(Value::int(0));
        };
        return run(t, v, utf8.as_bytes(), last);
    }
    run(t, v, &bytes_like(t, data)?, last)
}

fn parse_file(t: &Thread, v: &Value, file: &Value) -> PyResult {
    let Some(read) = protocol::lookup_attr(t, file, &names::intern("read"))? else {
        return Err(raise::type_error(t, "argument must have 'read' attribute"));
    };
    loop {
        let data = protocol::call_values(t, &read, &[Value::int(2048)])?;
        let result = if let Some(text) = str::view(&data) {
            let utf8 = text.to_utf8_lossy().into_owned();
            run(t, v, utf8.as_bytes(), utf8.is_empty()).map(|_| utf8.is_empty())
        } else if let Some(part) = bytes::view(&data) {
            run(t, v, part, part.is_empty()).map(|_| part.is_empty())
        } else {
            let message = format!("read() did not return a bytes object (type={})", data.class().name());
            return Err(raise::type_error(t, message));
        };
        if result? {
            return Ok(Value::int(1));
        }
    }
}

/// Feeds the parser and calls handlers with what it says.
fn run(t: &Thread, v: &Value, data: &[u8], last: bool) -> PyResult {
    let this = this!(v, XmlParser);
    let fed = lock(v).feed(data, last);
    if let Err(code) = fed {
        return Err(raise_code(t, v, code));
    }
    loop {
        let wanted = lock(v).wanted_encoding.clone();
        if let Some(name) = wanted {
            let table = encoding_table(t, &name)?;
            if let Err(code) = lock(v).give_encoding(table) {
                return Err(raise_code(t, v, code));
            }
        }
        let expand = this.handlers[DEFAULT].word() == 0;
        let step = {
            let mut parser = lock(v);
            parser.expand = expand;
            parser.next()
        };
        match step {
            Ok(Some(emission)) => {
                if let Err(raised) = dispatch(t, v, this, emission) {
                    lock(v).abort(errors::ABORTED);
                    return Err(raised);
                }
            }
            Ok(None) => break,
            Err(code) => {
                flush(t, v)?;
                return Err(raise_code(t, v, code));
            }
        }
    }
    flush(t, v)?;
    Ok(Value::int(1))
}

/// The characters of an 8-bit encoding that Python knows.
fn encoding_table(t: &Thread, name: &str) -> PyResult<Option<Box<[Option<char>; 256]>>> {
    let all: Vec<u8> = (0..=255).collect();
    let decoded = registry::decode(t, &bytes::from_vec(all), Some(name), Some("replace"))?;
    let Some(text) = str::view(&decoded) else { return Ok(None) };
    if text.len() != 256 {
        return Err(raise::value_error(t, "multi-byte encodings are not supported"));
    }
    let mut table = Box::new([None; 256]);
    for (place, c) in table.iter_mut().zip(text.code_points()) {
        *place = char::from_u32(c).filter(|&c| c != char::REPLACEMENT_CHARACTER);
    }
    Ok(Some(table))
}

/// Calls a handler.
fn call(t: &Thread, this: &XmlParser, handler: &Value, args: &[Value]) -> PyResult {
    let before = this.in_callback.swap(true, Relaxed);
    let result = protocol::call_values(t, handler, args);
    this.in_callback.store(before, Relaxed);
    result
}

/// Hands on text that waited.
fn flush(t: &Thread, v: &Value) -> PyResult<()> {
    let this = this!(v, XmlParser);
    let text = std::mem::take(&mut *this.pending.lock());
    if text.is_empty() {
        return Ok(());
    }
    if let Some(handler) = this.handlers[TEXT].load() {
        drop(call(t, this, &handler, &[str::from_str(&text)])?);
    }
    Ok(())
}

/// A name, from the table of names if there is one.
fn name(t: &Thread, this: &XmlParser, text: &str) -> PyResult {
    let fresh = str::from_str(text);
    match this.intern.load() {
        Some(names) => match names.downcast::<Dict>() {
            Some(names) => {
                let hash = protocol::hash(t, &fresh)?;
                names.set_default(t, &fresh, hash, &fresh)
            }
            None => Ok(fresh),
        },
        None => Ok(fresh),
    }
}

fn model(m: &Model) -> Value {
    let children = m.children.iter().map(model).collect();
    tuple::from_vec(vec![
        Value::int(m.kind),
        Value::int(m.quantity),
        optional(m.name.as_deref()),
        tuple::from_vec(children),
    ])
}

/// Calls the handler for an event: its own, or the default one with the text.
fn dispatch(t: &Thread, v: &Value, this: &XmlParser, emission: Emission) -> PyResult<()> {
    let Emission { event, raw, .. } = emission;
    let handler = |i: usize| this.handlers[i].load();
    if let Event::Text(text) = &event {
        if let Some(handler) = handler(TEXT) {
            if !this.buffer_text.load(Relaxed) {
                drop(call(t, this, &handler, &[str::from_str(text)])?);
                return Ok(());
            }
            let size = this.buffer_size.load(Relaxed);
            if this.pending.lock().len() + text.len() > size {
                flush(t, v)?;
                if text.len() > size {
                    if let Some(handler) = this.handlers[TEXT].load() {
                        drop(call(t, this, &handler, &[str::from_str(text)])?);
                    }
                    return Ok(());
                }
            }
            this.pending.lock().push_str(text);
            return Ok(());
        }
        return default(t, v, this, &raw);
    }
    let o = |s: &Option<String>| optional(s.as_deref());
    let (place, args) = match &event {
        Event::Start { name: tag, attributes, specified } => {
            let Some(handler) = handler(0) else { return default(t, v, this, &raw) };
            flush(t, v)?;
            let only = this.specified_attributes.load(Relaxed);
            let count = if only { *specified / 2 } else { attributes.len() };
            let container = if this.ordered_attributes.load(Relaxed) {
                let mut items = Vec::with_capacity(2 * count);
                for (attribute, value) in &attributes[..count.min(attributes.len())] {
                    items.push(name(t, this, attribute)?);
                    items.push(str::from_str(value));
                }
                list::from_vec(items)
            } else {
                let d = dict::new();
                if let Some(target) = d.downcast::<Dict>() {
                    for (attribute, value) in &attributes[..count.min(attributes.len())] {
                        drop(target.set(t, name(t, this, attribute)?, str::from_str(value))?);
                    }
                }
                d
            };
            let tag = name(t, this, tag)?;
            drop(call(t, this, &handler, &[tag, container])?);
            return Ok(());
        }
        Event::End { name: tag } => (1, vec![name(t, this, tag)?]),
        Event::Instruction { target, data } => (2, vec![name(t, this, target)?, str::from_str(data)]),
        Event::Unparsed { name: n, entity: Entity { base, system, public, notation, .. } } => {
            let row = vec![name(t, this, n)?, o(base), o(system), o(public), o(notation)];
            if this.handlers[4].word() == 0 && this.handlers[ENTITY_DECL].word() != 0 {
                let [n, base, system, public, notation] = &row[..] else { return Ok(()) };
                let args = [
                    n.clone(),
                    Value::int(0),
                    Value::NONE,
                    base.clone(),
                    system.clone(),
                    public.clone(),
                    notation.clone(),
                ];
                (ENTITY_DECL, args.to_vec())
            } else {
                (4, row)
            }
        }
        Event::Notation { name: n, system, public } => {
            let base = lock(v).base.clone();
            (5, vec![name(t, this, n)?, o(&base), o(system), o(public)])
        }
        Event::StartNamespace { prefix, uri } => (6, vec![o(prefix), o(uri)]),
        Event::EndNamespace { prefix } => (7, vec![o(prefix)]),
        Event::Comment(text) => (8, vec![str::from_str(text)]),
        Event::StartCdata => (9, vec![]),
        Event::EndCdata => (10, vec![]),
        Event::NotStandalone => {
            if let Some(handler) = handler(13) {
                flush(t, v)?;
                let answer = call(t, this, &handler, &[])?;
                if !protocol::is_true(t, &answer)? {
                    lock(v).abort(errors::NOT_STANDALONE);
                }
            }
            return Ok(());
        }
        Event::External { context, base, system, public } => {
            let Some(handler) = handler(EXTERNAL) else { return default(t, v, this, &raw) };
            flush(t, v)?;
            let answer = call(t, this, &handler, &[o(context), o(base), o(system), o(public)])?;
            if protocol::index_i64(t, &answer)? == 0 {
                lock(v).abort(errors::EXTERNAL_ENTITY_HANDLING);
            }
            return Ok(());
        }
        Event::StartDoctype { name: n, system, public, internal } => {
            (15, vec![name(t, this, n)?, o(system), o(public), Value::int(i64::from(*internal))])
        }
        Event::EndDoctype => (16, vec![]),
        Event::EntityDecl { name: n, parameter, entity } => {
            let Entity { value, base, system, public, notation } = entity;
            let parameter = Value::int(i64::from(*parameter));
            (ENTITY_DECL, vec![name(t, this, n)?, parameter, o(value), o(base), o(system), o(public), o(notation)])
        }
        Event::XmlDecl { version, encoding, standalone } => {
            (18, vec![o(version), o(encoding), Value::int(*standalone)])
        }
        Event::ElementDecl { name: n, model: m } => (19, vec![name(t, this, n)?, model(m)]),
        Event::Attlist { element, name: n, kind, default, required } => {
            let required = Value::int(i64::from(*required));
            (20, vec![name(t, this, element)?, name(t, this, n)?, str::from_str(kind), o(default), required])
        }
        Event::Skipped { name: n, parameter } => {
            // Entities that the default handler wants to see as they stand are not skipped ones.
            if this.handlers[DEFAULT].word() != 0 && !parameter {
                return default(t, v, this, &raw);
            }
            (21, vec![name(t, this, n)?, Value::int(i64::from(*parameter))])
        }
        Event::Text(_) | Event::Other => return default(t, v, this, &raw),
    };
    match handler(place) {
        Some(handler) => {
            flush(t, v)?;
            drop(call(t, this, &handler, &args)?);
            Ok(())
        }
        None if matches!(event, Event::StartDoctype { .. }) => {
            pieces(&raw).into_iter().try_for_each(|piece| default(t, v, this, piece))
        }
        None => default(t, v, this, &raw),
    }
}

/// The beginning of a document type, in the pieces in which the default handler sees it.
fn pieces(raw: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let n = match c {
            '"' | '\'' => rest[1..].find(c).map_or(rest.len(), |n| n + 2),
            ' ' | '\t' | '\n' | '\r' => super::scan::space_len(rest),
            '[' | '>' => 1,
            _ => rest.find([' ', '\t', '\n', '\r', '[', '>']).unwrap_or(rest.len()),
        };
        let (piece, after) = rest.split_at(n);
        all.push(piece);
        rest = after;
    }
    all
}

/// Calls the default handler with text that no other handler took.
fn default(t: &Thread, v: &Value, this: &XmlParser, raw: &str) -> PyResult<()> {
    if raw.is_empty() {
        return Ok(());
    }
    let Some(handler) = this.handlers[DEFAULT_EXPAND].load().or_else(|| this.handlers[DEFAULT].load()) else {
        return Ok(());
    };
    flush(t, v)?;
    drop(call(t, this, &handler, &[str::from_str(raw)])?);
    Ok(())
}

fn external(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, XmlParser);
    let context = match b.non_none(1) {
        None => None,
        Some(context) => {
            protocol::str_arg(t, context, "ExternalEntityParserCreate", "1")?;
            Some(str::lossy(context).into_owned())
        }
    };
    let encoding = match b.opt(2) {
        None => None,
        Some(name) => {
            protocol::str_arg(t, name, "ExternalEntityParserCreate", "2")?;
            decode::by_name(&str::lossy(name))
        }
    };
    let parser = lock(v).external(context.as_deref(), encoding);
    let made = new(parser, this.intern.load().unwrap_or(Value::NONE));
    let other = this!(&made, XmlParser);
    for (to, from) in other.handlers.iter().zip(&this.handlers) {
        crate::modules::support::put(t, &made, to, from.load());
    }
    for (to, from) in [
        (&other.buffer_text, &this.buffer_text),
        (&other.ordered_attributes, &this.ordered_attributes),
        (&other.specified_attributes, &this.specified_attributes),
    ] {
        to.store(from.load(Relaxed), Relaxed);
    }
    other.buffer_size.store(this.buffer_size.load(Relaxed), Relaxed);
    Ok(made)
}
