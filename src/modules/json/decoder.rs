//! `_json.make_scanner`: builds Python objects from JSON text; and `scanstring`.

use super::scan::{self, Content, Fault};
use crate::modules::support::{Parameters, list_of, size_argument};
use crate::object::args::{Args, Bound};
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, hooks, names, protocol, str, tuple};
use crate::types::str::search::TextUnit;
use crate::{this, with_units};

/// The payload of a scanner: what the decoder that made it wants. Immutable.
pub struct Scanner {
    strict: bool,
    object_hook: Stored,
    object_pairs_hook: Stored,
    parse_float: Stored,
    parse_int: Stored,
    parse_constant: Stored,
}

/// The type behind `_json.make_scanner`.
pub static SCANNER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "JSON scanner object",
    slots: SlotTable { new: Some(new), call: Some(call), ..SlotTable::EMPTY },
    getset: &[
        GetSet::read_only("strict", |_, v| Ok(Value::bool(this!(v, Scanner).strict)), "strict"),
        GetSet::read_only("object_hook", |_, v| Ok(Value::clone(&this!(v, Scanner).object_hook)), "object_hook"),
        GetSet::read_only(
            "object_pairs_hook",
            |_, v| Ok(Value::clone(&this!(v, Scanner).object_pairs_hook)),
            "object_pairs_hook",
        ),
        GetSet::read_only("parse_float", |_, v| Ok(Value::clone(&this!(v, Scanner).parse_float)), "parse_float"),
        GetSet::read_only("parse_int", |_, v| Ok(Value::clone(&this!(v, Scanner).parse_int)), "parse_int"),
        GetSet::read_only(
            "parse_constant",
            |_, v| Ok(Value::clone(&this!(v, Scanner).parse_constant)),
            "parse_constant",
        ),
    ],
    ..TypeSpec::new("_json", "Scanner", layout_of::<Scanner>(true))
};

// SAFETY: `SCANNER`'s layout is `Scanner`.
unsafe impl Payload for Scanner {
    fn layout_type() -> &'static Type {
        &SCANNER
    }

    fn trace(&self, visit: Visit) {
        for v in [&self.object_hook, &self.object_pairs_hook, &self.parse_float, &self.parse_int, &self.parse_constant]
        {
            visit(v);
        }
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(context)");
    let b = PARAMETERS.bind(t, &SCANNER, class, args)?;
    let context = b.req(0);
    let strict = protocol::get_attr_str(t, context, "strict")?;
    let strict = protocol::is_true(t, &strict)?;
    let attribute = |name: &str| protocol::get_attr_str(t, context, name).map(Stored::new);
    let this = Scanner {
        strict,
        object_hook: attribute("object_hook")?,
        object_pairs_hook: attribute("object_pairs_hook")?,
        parse_float: attribute("parse_float")?,
        parse_int: attribute("parse_int")?,
        parse_constant: attribute("parse_constant")?,
    };
    Ok(alloc::new(class, this))
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(string, idx)");
    let b = PARAMETERS.bind_call(t, "scan_once", args)?;
    let string = b.req(0);
    let idx = size_argument(t, b.req(1))?;
    let Some(text) = str::view(string) else { return Err(not_str(t, string)) };
    let Ok(idx) = usize::try_from(idx) else { return Err(raise::value_error(t, "idx cannot be negative")) };
    with_units!(text, units => {
        let mut reader = Reader::new(t, this!(v, Scanner), string, units);
        let object = reader.value(idx)?;
        Ok(tuple::from_iter(2, [object, Value::uint(reader.at as u64)]))
    })
}

fn not_str(t: &Thread, v: &Value) -> Raised {
    raise::type_error(t, format!("first argument must be a string, not {}", v.class().display_name()))
}

/// Raises JSONDecodeError for a fault in `string`.
#[cold]
fn decode_error(t: &Thread, string: &Value, fault: Fault) -> Raised {
    let error = (hooks::get().import)(t, "json.decoder")
        .and_then(|module| protocol::get_attr_str(t, &module, "JSONDecodeError"))
        .and_then(|class| {
            let args = [str::from_str(fault.message), string.clone(), Value::uint(fault.at as u64)];
            protocol::call_values(t, &class, &args)
        });
    match error {
        Ok(error) => raise::value(t, error),
        Err(raised) => raised,
    }
}

/// `_json.scanstring(string, end, strict=True)`.
pub fn scanstring(t: &Thread, b: &Bound<'_>) -> PyResult {
    let string = b.req(0);
    let end = size_argument(t, b.req(1))?;
    let strict = b.opt(2).map_or(Ok(true), |strict| protocol::is_true(t, strict))?;
    let Some(text) = str::view(string) else { return Err(not_str(t, string)) };
    let start = usize::try_from(end).ok().filter(|&start| start <= text.len());
    let Some(start) = start else { return Err(raise::value_error(t, "end is out of bounds")) };
    with_units!(text, units => {
        let (content, end) = scan::string(units, start, strict).map_err(|fault| decode_error(t, string, fault))?;
        Ok(tuple::from_iter(2, [object_of(units, content), Value::uint(end as u64)]))
    })
}

/// The str of a string's content.
fn object_of<C: TextUnit>(units: &[C], content: Content) -> Value {
    match content {
        Content::Slice(range) => text_of(&units[range]),
        Content::Built(buf) => str::from_buf(buf),
    }
}

fn text_of<C: TextUnit>(units: &[C]) -> Value {
    let view = match C::view(units) {
        TextRef::Latin1([]) => return names::empty_str(),
        TextRef::Latin1([c]) => return str::char_str(*c),
        view => view,
    };
    str::from_view(view.narrow().view())
}

/// Places in the table of keys seen.
const KEYS: usize = 128;

/// Reads one document.
struct Reader<'a, C> {
    t: &'a Thread,
    scanner: &'a Scanner,
    string: &'a Value,
    text: &'a [C],
    /// Where the last value ended.
    at: usize,
    /// Keys seen, so that equal keys are one object: the latest for each place that a hash of the text picks.
    keys: Vec<Option<Value>>,
    plain_float: bool,
    plain_int: bool,
}

impl<'a, C: TextUnit> Reader<'a, C> {
    fn new(t: &'a Thread, scanner: &'a Scanner, string: &'a Value, text: &'a [C]) -> Reader<'a, C> {
        let plain_float = scanner.parse_float.is(&core_types::FLOAT.as_value());
        let plain_int = scanner.parse_int.is(&core_types::INT.as_value());
        Reader { t, scanner, string, text, at: 0, keys: Vec::new(), plain_float, plain_int }
    }

    fn fault(&self, message: &'static str, at: usize) -> Raised {
        decode_error(self.t, self.string, Fault { message, at })
    }

    /// StopIteration(index): no value starts there.
    #[cold]
    fn no_value(&self, at: usize) -> Raised {
        let args = tuple::from_iter(1, [Value::uint(at as u64)]);
        raise::with_args(self.t, &exc::STOP_ITERATION, args)
    }

    fn char(&self, at: usize) -> u32 {
        self.text.get(at).map_or(u32::MAX, |c| c.cp())
    }

    /// The value at `at`; `self.at` is moved past it.
    fn value(&mut self, at: usize) -> PyResult {
        let literal = |word: &[u8]| scan::has_word(self.text, at, word);
        match self.char(at) {
            0x22 => {
                let content = self.string_at(at + 1)?;
                return Ok(object_of(self.text, content));
            }
            0x7B => {
                protocol::check_recursion(self.t, " while decoding a JSON object from a unicode string")?;
                return self.object(at + 1);
            }
            0x5B => {
                protocol::check_recursion(self.t, " while decoding a JSON array from a unicode string")?;
                return self.array(at + 1);
            }
            0x6E if literal(b"null") => {
                self.at = at + 4;
                return Ok(Value::NONE);
            }
            0x74 if literal(b"true") => {
                self.at = at + 4;
                return Ok(Value::TRUE);
            }
            0x66 if literal(b"false") => {
                self.at = at + 5;
                return Ok(Value::FALSE);
            }
            0x4E if literal(b"NaN") => return self.constant(at, "NaN"),
            0x49 if literal(b"Infinity") => return self.constant(at, "Infinity"),
            0x2D if literal(b"-Infinity") => return self.constant(at, "-Infinity"),
            _ => {}
        }
        self.number(at)
    }

    fn constant(&mut self, at: usize, name: &'static str) -> PyResult {
        self.at = at + name.len();
        protocol::call_values(self.t, &self.scanner.parse_constant, &[names::intern(name)])
    }

    fn string_at(&mut self, start: usize) -> PyResult<Content> {
        match scan::string(self.text, start, self.scanner.strict) {
            Ok((content, end)) => {
                self.at = end;
                Ok(content)
            }
            Err(fault) => Err(decode_error(self.t, self.string, fault)),
        }
    }

    fn number(&mut self, at: usize) -> PyResult {
        let Some(number) = scan::number(self.text, at) else { return Err(self.no_value(at)) };
        self.at = number.end;
        let digits = &self.text[at..number.end];
        let function = if number.float {
            if self.plain_float {
                let ascii: smallvec::SmallVec<[u8; 32]> = digits.iter().map(|c| c.cp() as u8).collect();
                let parsed = std::str::from_utf8(&ascii).ok().and_then(|s| s.parse::<f64>().ok());
                if let Some(f) = parsed {
                    return Ok(Value::float(f));
                }
            }
            &self.scanner.parse_float
        } else {
            if self.plain_int && digits.len() <= 18 {
                let (negative, digits) = if digits[0].cp() == 0x2D { (true, &digits[1..]) } else { (false, digits) };
                let n = digits.iter().fold(0i64, |n, c| n * 10 + i64::from(c.cp() - 0x30));
                return Ok(Value::int(if negative { -n } else { n }));
            }
            &self.scanner.parse_int
        };
        protocol::call_values(self.t, function, &[text_of(digits)])
    }

    /// The str of an object's key, the same object for equal keys.
    fn key(&mut self, start: usize) -> PyResult {
        let content = self.string_at(start)?;
        let Content::Slice(range) = content else { return Ok(object_of(self.text, content)) };
        let units = &self.text[range];
        let hash = units.iter().fold(units.len() as u32, |h, c| (h ^ c.cp()).wrapping_mul(0x9E37_79B1).rotate_left(7));
        if self.keys.is_empty() {
            self.keys.resize_with(KEYS, || None);
        }
        let place = &mut self.keys[hash as usize % KEYS];
        if let Some(key) = place
            && str::view(key).is_some_and(|seen| seen == C::view(units))
        {
            return Ok(key.clone());
        }
        let key = text_of(units);
        *place = Some(key.clone());
        Ok(key)
    }

    fn object(&mut self, start: usize) -> PyResult {
        let has_pairs_hook = !self.scanner.object_pairs_hook.is_none();
        let mut pairs = Vec::new();
        let result = dict::new();
        let mut at = scan::skip_space(self.text, start);
        if self.char(at) != 0x7D {
            loop {
                if self.char(at) != 0x22 {
                    return Err(self.fault("Expecting property name enclosed in double quotes", at));
                }
                let key = self.key(at + 1)?;
                at = scan::skip_space(self.text, self.at);
                if self.char(at) != 0x3A {
                    return Err(self.fault("Expecting ':' delimiter", at));
                }
                at = scan::skip_space(self.text, at + 1);
                let value = self.value(at)?;
                if has_pairs_hook {
                    pairs.push(tuple::from_iter(2, [key, value]));
                } else if let Some(d) = result.downcast::<Dict>() {
                    drop(d.set(self.t, key, value)?);
                }
                at = scan::skip_space(self.text, self.at);
                match self.char(at) {
                    0x7D => break,
                    0x2C => {}
                    _ => return Err(self.fault("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = scan::skip_space(self.text, at + 1);
                if self.char(at) == 0x7D {
                    return Err(self.fault("Illegal trailing comma before end of object", comma));
                }
            }
        }
        // A hook may have the same scanner read another text; where we are is ours.
        let end = at + 1;
        let result = if has_pairs_hook {
            let pairs = list_of(self.t, pairs)?;
            protocol::call_values(self.t, &self.scanner.object_pairs_hook, &[pairs])?
        } else if !self.scanner.object_hook.is_none() {
            protocol::call_values(self.t, &self.scanner.object_hook, &[result])?
        } else {
            result
        };
        self.at = end;
        Ok(result)
    }

    fn array(&mut self, start: usize) -> PyResult {
        let mut items = Vec::new();
        let mut at = scan::skip_space(self.text, start);
        if self.char(at) != 0x5D {
            loop {
                items.push(self.value(at)?);
                at = scan::skip_space(self.text, self.at);
                match self.char(at) {
                    0x5D => break,
                    0x2C => {}
                    _ => return Err(self.fault("Expecting ',' delimiter", at)),
                }
                let comma = at;
                at = scan::skip_space(self.text, at + 1);
                if self.char(at) == 0x5D {
                    return Err(self.fault("Illegal trailing comma before end of array", comma));
                }
            }
        }
        self.at = at + 1;
        list_of(self.t, items)
    }
}
