//! `_json.make_encoder`: JSON text of Python objects in one go; and the functions that quote one string.

use super::escape::push_quoted;
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, list, native, protocol, str, tuple};
use crate::this;
use crate::types::int::text::Decimal;

/// Which function quotes strings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    Ascii,
    Plain,
    /// Any other callable.
    Call,
}

/// The payload of an encoder: what the `JSONEncoder` that made it wants. Immutable.
pub struct Encoder {
    markers: Stored,
    default: Stored,
    encoder: Stored,
    indent: Stored,
    key_separator: Stored,
    item_separator: Stored,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
    quote: Quote,
}

/// The type behind `_json.make_encoder`.
pub static ENCODER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    slots: SlotTable { new: Some(new), call: Some(call), ..SlotTable::EMPTY },
    getset: &[
        GetSet::read_only("markers", |_, v| Ok(Value::clone(&this!(v, Encoder).markers)), "markers"),
        GetSet::read_only("default", |_, v| Ok(Value::clone(&this!(v, Encoder).default)), "default"),
        GetSet::read_only("encoder", |_, v| Ok(Value::clone(&this!(v, Encoder).encoder)), "encoder"),
        GetSet::read_only("indent", |_, v| Ok(Value::clone(&this!(v, Encoder).indent)), "indent"),
        GetSet::read_only("key_separator", |_, v| Ok(Value::clone(&this!(v, Encoder).key_separator)), "key_separator"),
        GetSet::read_only(
            "item_separator",
            |_, v| Ok(Value::clone(&this!(v, Encoder).item_separator)),
            "item_separator",
        ),
        GetSet::read_only("sort_keys", |_, v| Ok(Value::bool(this!(v, Encoder).sort_keys)), "sort_keys"),
        GetSet::read_only("skipkeys", |_, v| Ok(Value::bool(this!(v, Encoder).skipkeys)), "skipkeys"),
    ],
    ..TypeSpec::new("_json", "Encoder", layout_of::<Encoder>(true))
};

const PARAMETERS_TEXT: &str =
    "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)";

// SAFETY: `ENCODER`'s layout is `Encoder`.
unsafe impl Payload for Encoder {
    fn layout_type() -> &'static Type {
        &ENCODER
    }

    fn trace(&self, visit: Visit) {
        for v in [&self.markers, &self.default, &self.encoder, &self.indent, &self.key_separator, &self.item_separator]
        {
            visit(v);
        }
    }
}

/// `_json.encode_basestring`.
pub const QUOTE: Method = Method::new(
    "encode_basestring",
    "($module, object, /)",
    NativeFn::F1(|t, v| quote(t, v, false)),
    "encode_basestring(string) -> string\n\nReturns a JSON representation of a str.",
);

/// `_json.encode_basestring_ascii`.
pub const QUOTE_ASCII: Method = Method::new(
    "encode_basestring_ascii",
    "($module, object, /)",
    NativeFn::F1(|t, v| quote(t, v, true)),
    "encode_basestring_ascii(string) -> string\n\nReturns an ASCII-only JSON representation of a str.",
);

fn quote(t: &Thread, v: &Value, ascii: bool) -> PyResult {
    let Some(text) = str::view(v) else {
        let message = format!("first argument must be a string, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let mut out = Growing::with_capacity(text.len() + 2);
    push_quoted(&mut out, text, ascii);
    out.finish(t)
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new(PARAMETERS_TEXT);
    let b = PARAMETERS.bind_call(t, "make_encoder", args)?;
    let markers = b.req(0);
    if !markers.is_none() && markers.downcast::<Dict>().is_none() {
        let message = format!("make_encoder() argument 1 must be dict or None, not {}", markers.class().display_name());
        return Err(raise::type_error(t, message));
    }
    protocol::str_arg(t, b.req(4), "make_encoder", "5")?;
    protocol::str_arg(t, b.req(5), "make_encoder", "6")?;
    let indent = b.req(3);
    if !indent.is_none() && str::view(indent).is_none() {
        let message = format!("make_encoder() argument 4 must be str or None, not {}", indent.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let encoder = b.req(2);
    let same = |method: &str| {
        native::of(encoder)
            .is_some_and(|f| !f.passes_self && f.method.name == method && f.method.signature == QUOTE.signature)
    };
    let quote = if same(QUOTE_ASCII.name) {
        Quote::Ascii
    } else if same(QUOTE.name) {
        Quote::Plain
    } else {
        Quote::Call
    };
    let stored = |i: usize| Stored::new(b.req(i).clone());
    let truth = |i: usize| protocol::is_true(t, b.req(i));
    let this = Encoder {
        markers: stored(0),
        default: stored(1),
        encoder: stored(2),
        indent: stored(3),
        key_separator: stored(4),
        item_separator: stored(5),
        sort_keys: truth(6)?,
        skipkeys: truth(7)?,
        allow_nan: truth(8)?,
        quote,
    };
    Ok(alloc::new(class, this))
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(obj, _current_indent_level)");
    let b = PARAMETERS.bind_call(t, "_iterencode", args)?;
    let level = protocol::index_i64(t, b.req(1))?;
    let this = this!(v, Encoder);
    let mut writer = Writer { t, this, out: Growing::new(), open: Vec::new() };
    writer.value(b.req(0), usize::try_from(level).unwrap_or(0))?;
    Ok(tuple::from_iter(1, [writer.out.finish(t)?]))
}

/// Writes one document.
struct Writer<'a> {
    t: &'a Thread,
    this: &'a Encoder,
    out: Growing,
    /// Ids of the containers and objects being written, to find cycles; unused without markers.
    open: Vec<u64>,
}

impl Writer<'_> {
    fn value(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let t = self.t;
        self.out.check(t)?;
        if let Some(word) = word(v) {
            self.out.push_str(word);
            return Ok(());
        }
        let class = v.class();
        if class.has_flag(flag::STR_SUBCLASS) {
            return self.quoted(v);
        }
        if let Some(i) = v.as_small_int() {
            self.out.push_str(Decimal::of(i).text());
            return Ok(());
        }
        if class.has_flag(flag::INT_SUBCLASS) || class.has_layout(&core_types::FLOAT) {
            let text = self.number(v)?;
            return self.push(&text);
        }
        protocol::check_recursion(t, " while encoding a JSON object")?;
        if class.has_flag(flag::LIST_SUBCLASS | flag::TUPLE_SUBCLASS) {
            return self.list(v, level);
        }
        if class.has_flag(flag::DICT_SUBCLASS) {
            return self.dict(v, level);
        }
        self.enter(v)?;
        let replacement = protocol::call_values(t, &self.this.default, std::slice::from_ref(v))?;
        self.value(&replacement, level)
            .map_err(|raised| note(t, raised, format!("when serializing {} object", type_name(t, v))))?;
        self.leave();
        Ok(())
    }

    fn push(&mut self, text: &Value) -> PyResult<()> {
        if let Some(text) = str::view(text) {
            self.out.push_text(text);
        }
        Ok(())
    }

    /// The text of an int or float (or of an instance of a subclass, whose own `__repr__` is not asked).
    fn number(&self, v: &Value) -> PyResult {
        let t = self.t;
        if v.class().has_flag(flag::INT_SUBCLASS) {
            return match core_types::INT.slots.repr.get() {
                Some(repr) => repr(t, v),
                None => protocol::repr(t, v),
            };
        }
        let f = protocol::as_f64(t, v)?;
        if f.is_finite() {
            return match core_types::FLOAT.slots.repr.get() {
                Some(repr) => repr(t, v),
                None => protocol::repr(t, v),
            };
        }
        if !self.this.allow_nan {
            let shown = protocol::repr(t, v)?;
            let message = format!("Out of range float values are not JSON compliant: {}", str::lossy(&shown));
            return Err(raise::value_error(t, message));
        }
        Ok(str::from_str(if f.is_nan() {
            "NaN"
        } else if f > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }))
    }

    fn quoted(&mut self, v: &Value) -> PyResult<()> {
        if self.this.quote == Quote::Call {
            let text = protocol::call_values(self.t, &self.this.encoder, std::slice::from_ref(v))?;
            if str::view(&text).is_none() {
                let message = format!("encoder() must return a string, not {}", text.class().display_name());
                return Err(raise::type_error(self.t, message));
            }
            return self.push(&text);
        }
        if let Some(text) = str::view(v) {
            push_quoted(&mut self.out, text, self.this.quote == Quote::Ascii);
        }
        Ok(())
    }

    fn enter(&mut self, v: &Value) -> PyResult<()> {
        if self.this.markers.is_none() {
            return Ok(());
        }
        if self.open.contains(&v.id()) {
            return Err(raise::value_error(self.t, "Circular reference detected"));
        }
        self.open.push(v.id());
        Ok(())
    }

    fn leave(&mut self) {
        self.open.pop();
    }

    fn newline(&mut self, level: usize) {
        if let Some(indent) = str::view(&self.this.indent) {
            self.out.push(0xA);
            for _ in 0..level {
                self.out.push_text(indent);
            }
        }
    }

    fn separator(&mut self, level: usize) {
        if let Some(separator) = str::view(&self.this.item_separator) {
            self.out.push_text(separator);
        }
        self.newline(level);
    }

    fn list(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let t = self.t;
        let items = list::sequence_items(t, v).unwrap_or_default();
        if items.is_empty() {
            self.out.push_str("[]");
            return Ok(());
        }
        self.enter(v)?;
        self.out.push(0x5B);
        for (i, item) in items.iter().enumerate() {
            if i == 0 {
                self.newline(level + 1);
            } else {
                self.separator(level + 1);
            }
            self.value(item, level + 1)
                .map_err(|raised| note(t, raised, format!("when serializing {} item {i}", type_name(t, v))))?;
        }
        self.newline(level);
        self.out.push(0x5D);
        self.leave();
        Ok(())
    }

    fn dict(&mut self, v: &Value, level: usize) -> PyResult<()> {
        let t = self.t;
        let entries = self.entries(v)?;
        if entries.is_empty() {
            self.out.push_str("{}");
            return Ok(());
        }
        self.enter(v)?;
        self.out.push(0x7B);
        let mut first = true;
        for (key, value) in &entries {
            let text = if key.class().has_flag(flag::STR_SUBCLASS) {
                key.clone()
            } else if let Some(word) = word(key) {
                str::from_str(word)
            } else if key.class().has_flag(flag::INT_SUBCLASS) || key.class().has_layout(&core_types::FLOAT) {
                self.number(key)?
            } else if self.this.skipkeys {
                continue;
            } else {
                let class = key.class().display_name();
                let message = format!("keys must be str, int, float, bool or None, not {class}");
                return Err(raise::type_error(t, message));
            };
            if first {
                self.newline(level + 1);
            } else {
                self.separator(level + 1);
            }
            first = false;
            self.quoted(&text)?;
            if let Some(separator) = str::view(&self.this.key_separator) {
                self.out.push_text(separator);
            }
            if let Err(raised) = self.value(value, level + 1) {
                // Taken off the thread while the key is shown.
                let error = raise::take(t, raised);
                let key = protocol::repr_lossy(t, key);
                let raised = raise::again(t, error);
                return Err(note(t, raised, format!("when serializing {} item {key}", type_name(t, v))));
            }
        }
        if !first {
            self.newline(level);
        }
        self.out.push(0x7D);
        self.leave();
        Ok(())
    }

    /// Keys and values in the order to be written.
    fn entries(&self, v: &Value) -> PyResult<Vec<(Value, Value)>> {
        let t = self.t;
        if let (false, Some(d)) = (self.this.sort_keys, v.downcast_exact::<Dict>()) {
            return Ok(d.entries());
        }
        let view = protocol::call_method_str(t, v, "items", &[])?;
        let items = protocol::call_values(t, &core_types::LIST.as_value(), &[view])?;
        if self.this.sort_keys {
            protocol::call_method_str(t, &items, "sort", &[])?;
        }
        let mut entries = Vec::new();
        protocol::for_each(t, &items, |item| match tuple::items(&item) {
            [key, value] => {
                entries.push((key.clone(), value.clone()));
                Ok(())
            }
            _ => Err(raise::value_error(t, "items must return 2-tuples")),
        })?;
        Ok(entries)
    }
}

/// The word for a constant.
fn word(v: &Value) -> Option<&'static str> {
    match v.as_bool() {
        Some(true) => Some("true"),
        Some(false) => Some("false"),
        None if v.is_none() => Some("null"),
        None => None,
    }
}

/// The type's name with its module, unless that is builtins or the main program.
fn type_name(t: &Thread, v: &Value) -> String {
    let class = v.class();
    if !class.is_heap() {
        return class.display_name().into_owned();
    }
    let class = class.to_value();
    let pending = raise::pending(t).map(|raised| raise::take(t, raised));
    let part = |name: &str| {
        protocol::get_attr_str(t, &class, name).map(|v| str::lossy(&v).into_owned()).map_err(|raised| {
            drop(raise::take(t, raised));
        })
    };
    let name = match (part("__module__"), part("__qualname__")) {
        (Ok(module), Ok(name)) if module != "builtins" && module != "__main__" => format!("{module}.{name}"),
        (_, Ok(name)) => name,
        _ => v.class().name().to_owned(),
    };
    if let Some(error) = pending {
        let _ = raise::again(t, error);
    }
    name
}

/// Adds a note to the exception on its way.
fn note(t: &Thread, raised: Raised, text: String) -> Raised {
    let error = raise::take(t, raised);
    if let Err(other) = protocol::call_method_str(t, &error, "add_note", &[str::from_str(&text)]) {
        drop(raise::take(t, other));
    }
    raise::again(t, error)
}
