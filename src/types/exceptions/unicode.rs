//! UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.

use super::base;
use super::data::{field, get, load, payload, put};
use crate::object::args::Args;
use crate::object::buffer::Request;
use crate::object::core_types::{self, exc};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{hooks, protocol, str, tuple};

payload! {
    /// Fields: object, start, end, reason.
    Translate 4 UNICODE_TRANSLATE_ERROR
}
payload! {
    /// Fields: object, start, end, reason, encoding.
    Encode 5 UNICODE_ENCODE_ERROR
}
payload! {
    /// Fields: object, start, end, reason, encoding.
    Decode 5 UNICODE_DECODE_ERROR
}

/// The rows for the list of types.
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&exc::UNICODE_ENCODE_ERROR, &ENCODE_SPEC),
    (&exc::UNICODE_DECODE_ERROR, &DECODE_SPEC),
    (&exc::UNICODE_TRANSLATE_ERROR, &TRANSLATE_SPEC),
];

const OBJECT: usize = 0;
const START: usize = 1;
const END: usize = 2;
const REASON: usize = 3;
const ENCODING: usize = 4;

static ENCODE_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::UNICODE_ERROR),
    doc: "Unicode encoding error.",
    slots: SlotTable { init: Some(encode_init), new: Some(Encode::make), str: Some(encode_str), ..SlotTable::EMPTY },
    getset: &[
        field!(Encode 4 "encoding" "exception encoding"),
        field!(Encode 0 "object" "exception object"),
        field!(Encode 1 "start" "exception start"),
        field!(Encode 2 "end" "exception end"),
        field!(Encode 3 "reason" "exception reason"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "UnicodeEncodeError", layout_of::<Encode>(true))
};

static DECODE_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::UNICODE_ERROR),
    doc: "Unicode decoding error.",
    slots: SlotTable { init: Some(decode_init), new: Some(Decode::make), str: Some(decode_str), ..SlotTable::EMPTY },
    getset: &[
        field!(Decode 4 "encoding" "exception encoding"),
        field!(Decode 0 "object" "exception object"),
        field!(Decode 1 "start" "exception start"),
        field!(Decode 2 "end" "exception end"),
        field!(Decode 3 "reason" "exception reason"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "UnicodeDecodeError", layout_of::<Decode>(true))
};

static TRANSLATE_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::UNICODE_ERROR),
    doc: "Unicode translation error.",
    slots: SlotTable {
        init: Some(translate_init),
        new: Some(Translate::make),
        str: Some(translate_str),
        ..SlotTable::EMPTY
    },
    getset: &[
        field!(Translate 0 "object" "exception object"),
        field!(Translate 1 "start" "exception start"),
        field!(Translate 2 "end" "exception end"),
        field!(Translate 3 "reason" "exception reason"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "UnicodeTranslateError", layout_of::<Translate>(true))
};

fn expect_str(t: &Thread, v: &Value, position: usize) -> PyResult<()> {
    if str::view(v).is_some() {
        return Ok(());
    }
    let given = v.class().display_name();
    Err(raise::type_error(t, format!("argument {position} must be str, not {given}")))
}

/// The positional arguments, `n` in number.
fn exactly<'a>(t: &Thread, v: &Value, args: Args<'a>, n: usize) -> PyResult<&'a [Value]> {
    base::init(t, v, args)?;
    let given = args.pos().len();
    if given != n {
        let message = format!("function takes exactly {n} arguments ({given} given)");
        return Err(raise::type_error(t, message));
    }
    Ok(args.pos())
}

fn encode_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let args = exactly(t, v, args, 5)?;
    expect_str(t, &args[0], 1)?;
    expect_str(t, &args[1], 2)?;
    let (start, end) = (protocol::index(t, &args[2])?, protocol::index(t, &args[3])?);
    expect_str(t, &args[4], 5)?;
    for (i, value) in [(ENCODING, &args[0]), (OBJECT, &args[1]), (START, &start), (END, &end), (REASON, &args[4])] {
        put::<Encode>(t, v, i, Some(value));
    }
    Ok(())
}

fn decode_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let args = exactly(t, v, args, 5)?;
    expect_str(t, &args[0], 1)?;
    let (start, end) = (protocol::index(t, &args[2])?, protocol::index(t, &args[3])?);
    expect_str(t, &args[4], 5)?;
    // Other buffers are copied: they could change before anybody looks.
    let object = if args[1].class().is_subtype(&core_types::BYTES) {
        args[1].clone()
    } else {
        let Some(get) = args[1].class().slots.buffer.get() else {
            let message = format!("a bytes-like object is required, not '{}'", args[1].class().display_name());
            return Err(raise::type_error(t, message));
        };
        let buffer = get(t, &args[1], Request::Read)?;
        (hooks::get().bytes)(buffer.as_slice())
    };
    for (i, value) in [(ENCODING, &args[0]), (OBJECT, &object), (START, &start), (END, &end), (REASON, &args[4])] {
        put::<Decode>(t, v, i, Some(value));
    }
    Ok(())
}

fn translate_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let args = exactly(t, v, args, 4)?;
    expect_str(t, &args[0], 1)?;
    let (start, end) = (protocol::index(t, &args[1])?, protocol::index(t, &args[2])?);
    expect_str(t, &args[3], 4)?;
    for (i, value) in [(OBJECT, &args[0]), (START, &start), (END, &end), (REASON, &args[3])] {
        put::<Translate>(t, v, i, Some(value));
    }
    Ok(())
}

/// Start and end, put inside the object; its length.
fn range(start: &Value, end: &Value, len: usize) -> (usize, usize) {
    let max = len.saturating_sub(1) as i64;
    let start = start.as_small_int().unwrap_or(0).clamp(0, max.max(0));
    let end = end.as_small_int().unwrap_or(0).clamp(i64::from(len > 0), len as i64);
    (start as usize, end as usize)
}

/// "\x80", "\u20ac" or "\U0001f600".
fn shown(c: u32) -> String {
    match c {
        0..=0xff => format!("\\x{c:02x}"),
        0x100..=0xffff => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    }
}

fn encode_str(t: &Thread, v: &Value) -> PyResult {
    let Some(object) = load::<Encode>(v, OBJECT) else { return Ok(str::from_str("")) };
    let reason = protocol::to_string(t, &get::<Encode>(v, REASON))?;
    let encoding = protocol::to_string(t, &get::<Encode>(v, ENCODING))?;
    let Some(text) = str::view(&object) else { return Ok(str::from_str(&reason)) };
    let (start, end) = range(&get::<Encode>(v, START), &get::<Encode>(v, END), text.len());
    let message = if start < text.len() && end == start + 1 {
        let c = shown(text.at(start));
        format!("'{encoding}' codec can't encode character '{c}' in position {start}: {reason}")
    } else {
        let last = end as i64 - 1;
        format!("'{encoding}' codec can't encode characters in position {start}-{last}: {reason}")
    };
    Ok(str::from_str(&message))
}

fn decode_str(t: &Thread, v: &Value) -> PyResult {
    let Some(object) = load::<Decode>(v, OBJECT) else { return Ok(str::from_str("")) };
    let reason = protocol::to_string(t, &get::<Decode>(v, REASON))?;
    let encoding = protocol::to_string(t, &get::<Decode>(v, ENCODING))?;
    let len = protocol::len(t, &object)?;
    let (start, end) = range(&get::<Decode>(v, START), &get::<Decode>(v, END), len);
    let message = if start < len && end == start + 1 {
        let byte = protocol::get_item(t, &object, &Value::int(start as i64))?.as_small_int().unwrap_or(0);
        format!("'{encoding}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
    } else {
        let last = end as i64 - 1;
        format!("'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
    };
    Ok(str::from_str(&message))
}

fn translate_str(t: &Thread, v: &Value) -> PyResult {
    let Some(object) = load::<Translate>(v, OBJECT) else { return Ok(str::from_str("")) };
    let reason = protocol::to_string(t, &get::<Translate>(v, REASON))?;
    let Some(text) = str::view(&object) else { return Ok(str::from_str(&reason)) };
    let (start, end) = range(&get::<Translate>(v, START), &get::<Translate>(v, END), text.len());
    let message = if start < text.len() && end == start + 1 {
        format!("can't translate character '{}' in position {start}: {reason}", shown(text.at(start)))
    } else {
        let last = end as i64 - 1;
        format!("can't translate characters in position {start}-{last}: {reason}")
    };
    Ok(str::from_str(&message))
}

/// Raises UnicodeEncodeError.
pub fn encode_error(
    t: &Thread,
    encoding: &str,
    object: &Value,
    start: usize,
    end: usize,
    reason: &str,
) -> raise::Raised {
    raise_with(t, &exc::UNICODE_ENCODE_ERROR, encoding, object, start, end, reason)
}

/// Raises UnicodeDecodeError.
pub fn decode_error(
    t: &Thread,
    encoding: &str,
    object: &Value,
    start: usize,
    end: usize,
    reason: &str,
) -> raise::Raised {
    raise_with(t, &exc::UNICODE_DECODE_ERROR, encoding, object, start, end, reason)
}

fn raise_with(
    t: &Thread,
    class: &'static StaticType,
    encoding: &str,
    object: &Value,
    start: usize,
    end: usize,
    reason: &str,
) -> raise::Raised {
    let args = vec![
        str::from_str(encoding),
        object.clone(),
        Value::uint(start as u64),
        Value::uint(end as u64),
        str::from_str(reason),
    ];
    raise::with_args(t, class, tuple::from_vec(args))
}
