//! SyntaxError and its subclasses: a message and a place in a source text.

use super::base;
use super::data::{field, get, load, payload, put};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};

payload! {
    /// Fields: message, filename, line, offset, text, end line, end offset, print_file_and_line, metadata.
    SyntaxError 9 SYNTAX_ERROR
}

/// The rows for the list of types, bases first.
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&exc::SYNTAX_ERROR, &SPEC),
    (&exc::INDENTATION_ERROR, &INDENTATION_SPEC),
    (&exc::TAB_ERROR, &TAB_SPEC),
    (&exc::INCOMPLETE_INPUT_ERROR, &INCOMPLETE_SPEC),
];

const SLOTS: SlotTable =
    SlotTable { init: Some(init), new: Some(SyntaxError::make), str: Some(to_str), ..SlotTable::EMPTY };

static SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Invalid syntax.",
    slots: SLOTS,
    getset: &[
        field!(SyntaxError 0 "msg" "exception msg"),
        field!(SyntaxError 1 "filename" "exception filename"),
        field!(SyntaxError 2 "lineno" "exception lineno"),
        field!(SyntaxError 3 "offset" "exception offset"),
        field!(SyntaxError 4 "text" "exception text"),
        field!(SyntaxError 5 "end_lineno" "exception end lineno"),
        field!(SyntaxError 6 "end_offset" "exception end offset"),
        field!(SyntaxError 7 "print_file_and_line" "exception print_file_and_line"),
        field!(SyntaxError 8 "_metadata" "exception private metadata"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "SyntaxError", layout_of::<SyntaxError>(true))
};

const fn derived(name: &'static str, base: &'static StaticType, doc: &'static str) -> TypeSpec {
    TypeSpec {
        base: Some(base),
        doc,
        slots: SlotTable { str: None, ..SLOTS },
        flags: flag::BASETYPE,
        ..TypeSpec::new("builtins", name, layout_of::<SyntaxError>(true))
    }
}

static INDENTATION_SPEC: TypeSpec = derived("IndentationError", &exc::SYNTAX_ERROR, "Improper indentation.");
static TAB_SPEC: TypeSpec = derived("TabError", &exc::INDENTATION_ERROR, "Improper mixture of spaces and tabs.");
static INCOMPLETE_SPEC: TypeSpec = derived("_IncompleteInputError", &exc::SYNTAX_ERROR, "incomplete input.");

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    base::init(t, v, args)?;
    if let Some(message) = args.pos().first() {
        put::<SyntaxError>(t, v, 0, Some(message));
    }
    if let [_, info] = args.pos() {
        let info = protocol::collect(t, info)?;
        let n = info.len();
        if n < 4 {
            return Err(raise::type_error(t, format!("function takes at least 4 arguments ({n} given)")));
        }
        if n > 7 {
            return Err(raise::type_error(t, format!("function takes at most 7 arguments ({n} given)")));
        }
        if n == 5 {
            return Err(raise::type_error(t, "end_offset must be provided when end_lineno is provided"));
        }
        for (i, value) in info.iter().take(6).enumerate() {
            put::<SyntaxError>(t, v, i + 1, Some(value));
        }
        put::<SyntaxError>(t, v, 8, info.get(6));
    }
    Ok(())
}

/// The message, with the file's last path component and the line where they are known.
fn to_str(t: &Thread, v: &Value) -> PyResult {
    let message = protocol::to_str(t, &get::<SyntaxError>(v, 0))?;
    let file = load::<SyntaxError>(v, 1).filter(|f| str::view(f).is_some());
    let file = file.map(|f| {
        let text = str::lossy(&f).into_owned();
        text.rsplit('/').next().unwrap_or_default().to_string()
    });
    let line = load::<SyntaxError>(v, 2).and_then(|l| l.as_small_int());
    let place = match (file, line) {
        (Some(file), Some(line)) => format!(" ({file}, line {line})"),
        (Some(file), None) => format!(" ({file})"),
        (None, Some(line)) => format!(" (line {line})"),
        (None, None) => return Ok(message),
    };
    let mut out = crate::object::text::TextBuf::default();
    if let Some(view) = str::view(&message) {
        out.push_text(view);
    }
    out.push_str(&place);
    Ok(str::from_buf(out))
}

/// Where a syntax error lies: lines and columns count from 1, in characters.
pub struct Place<'a> {
    pub filename: &'a str,
    pub line: u32,
    pub offset: u32,
    /// 0 where it is not known.
    pub end_line: u32,
    pub end_offset: i32,
    /// The source line, if it is at hand.
    pub text: Option<&'a str>,
}

/// A new SyntaxError or subclass instance.
pub fn new(t: &Thread, class: &'static StaticType, message: &str, place: &Place<'_>) -> PyResult {
    let info = tuple::from_vec(vec![
        str::from_str(place.filename),
        Value::int(place.line.into()),
        Value::int(place.offset.into()),
        place.text.map_or(Value::NONE, str::from_str),
        if place.end_line == 0 { Value::NONE } else { Value::int(place.end_line.into()) },
        if place.end_line == 0 { Value::NONE } else { Value::int(place.end_offset.into()) },
    ]);
    raise::instance(t, class, tuple::from_vec(vec![str::from_str(message), info]))
}
