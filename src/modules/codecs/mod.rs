//! `_codecs`: the registry and the native codecs, below the library's `codecs` and `encodings`.
//!
//! | file | holds |
//! |---|---|
//! | `convert` | encoders and decoders as functions |
//! | `charmap` | codecs driven by a table or mapping |
//!
//! The work is done in `types::str::codec`.

mod charmap;
mod convert;

use crate::modules::support::hide;
use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::str::{self, Str};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::str::codec::registry;
use NativeFn::{Bound as B, F1, F2};

/// The signature of most decoders.
const DECODE: &str = "($module, data, errors=None, final=False, /)";
/// The signature of the escape decoders, whose input is complete by default.
const DECODE_FINAL: &str = "($module, data, errors=None, final=True, /)";
/// The signature of decoders that never wait for more input.
const DECODE_WHOLE: &str = "($module, data, errors=None, /)";
/// The signature of most encoders.
const ENCODE: &str = "($module, str, errors=None, /)";
/// The signature of encoders with a byte order.
const ENCODE_ORDER: &str = "($module, str, errors=None, byteorder=0, /)";
/// The signature of decoders that report the byte order.
const DECODE_EX: &str = "($module, data, errors=None, byteorder=0, final=False, /)";

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "register",
            "($module, search_function, /)",
            F1(register),
            "Register a codec search function.\n\nIt is called with a normalized encoding name and answers the codec, a tuple of \
             encoder, decoder,\nstream reader and stream writer (or a CodecInfo object), or None.",
        ),
        Method::new(
            "unregister",
            "($module, search_function, /)",
            F1(unregister),
            "Unregister a codec search function and forget the codecs found so far.\n\nDoes nothing if it is not registered.",
        ),
        Method::new("lookup", "($module, encoding, /)", F1(lookup), "Look up a codec and give its tuple of functions."),
        Method::new(
            "encode",
            "($module, /, obj, encoding='utf-8', errors='strict')",
            B(encode),
            "Encode obj with the codec of that name. Codecs may take and give other types than str and bytes.",
        ),
        Method::new(
            "decode",
            "($module, /, obj, encoding='utf-8', errors='strict')",
            B(decode),
            "Decode obj with the codec of that name. Codecs may take and give other types than bytes and str.",
        ),
        Method::new(
            "register_error",
            "($module, errors, handler, /)",
            F2(register_error),
            "Register an error handler under a name.\n\nIt is called with a UnicodeError and answers a tuple of a replacement \
             and the position to go on from,\nor raises.",
        ),
        Method::new(
            "_unregister_error",
            "($module, errors, /)",
            F1(unregister_error),
            "Unregister an error handler by name; whether there was one. Builtin handlers stay.",
        ),
        Method::new("lookup_error", "($module, name, /)", F1(lookup_error), "Look up an error handler by its name."),
        Method::new("escape_encode", "($module, data, errors=None, /)", B(convert::escape_encode), ""),
        Method::new("escape_decode", DECODE_WHOLE, B(convert::escape_decode), ""),
        Method::new("readbuffer_encode", DECODE_WHOLE, B(convert::readbuffer_encode), ""),
        Method::new("utf_7_encode", ENCODE, B(convert::utf_7_encode), ""),
        Method::new("utf_7_decode", DECODE, B(convert::utf_7_decode), ""),
        Method::new("utf_8_encode", ENCODE, B(convert::utf_8_encode), ""),
        Method::new("utf_8_decode", DECODE, B(convert::utf_8_decode), ""),
        Method::new("utf_16_encode", ENCODE_ORDER, B(convert::utf_16_encode), ""),
        Method::new("utf_16_decode", DECODE, B(convert::utf_16_decode), ""),
        Method::new("utf_16_le_encode", ENCODE, B(convert::utf_16_le_encode), ""),
        Method::new("utf_16_le_decode", DECODE, B(convert::utf_16_le_decode), ""),
        Method::new("utf_16_be_encode", ENCODE, B(convert::utf_16_be_encode), ""),
        Method::new("utf_16_be_decode", DECODE, B(convert::utf_16_be_decode), ""),
        Method::new("utf_16_ex_decode", DECODE_EX, B(convert::utf_16_ex_decode), ""),
        Method::new("utf_32_encode", ENCODE_ORDER, B(convert::utf_32_encode), ""),
        Method::new("utf_32_decode", DECODE, B(convert::utf_32_decode), ""),
        Method::new("utf_32_le_encode", ENCODE, B(convert::utf_32_le_encode), ""),
        Method::new("utf_32_le_decode", DECODE, B(convert::utf_32_le_decode), ""),
        Method::new("utf_32_be_encode", ENCODE, B(convert::utf_32_be_encode), ""),
        Method::new("utf_32_be_decode", DECODE, B(convert::utf_32_be_decode), ""),
        Method::new("utf_32_ex_decode", DECODE_EX, B(convert::utf_32_ex_decode), ""),
        Method::new("unicode_escape_encode", ENCODE, B(convert::unicode_escape_encode), ""),
        Method::new("unicode_escape_decode", DECODE_FINAL, B(convert::unicode_escape_decode), ""),
        Method::new("raw_unicode_escape_encode", ENCODE, B(convert::raw_unicode_escape_encode), ""),
        Method::new("raw_unicode_escape_decode", DECODE_FINAL, B(convert::raw_unicode_escape_decode), ""),
        Method::new("latin_1_encode", ENCODE, B(convert::latin_1_encode), ""),
        Method::new("latin_1_decode", DECODE_WHOLE, B(convert::latin_1_decode), ""),
        Method::new("ascii_encode", ENCODE, B(convert::ascii_encode), ""),
        Method::new("ascii_decode", DECODE_WHOLE, B(convert::ascii_decode), ""),
        Method::new("charmap_encode", "($module, str, errors=None, mapping=None, /)", B(charmap::encode), ""),
        Method::new("charmap_decode", "($module, data, errors=None, mapping=None, /)", B(charmap::decode), ""),
        Method::new("charmap_build", "($module, map, /)", F1(charmap::build), ""),
    ],
    types: &[&charmap::ENCODING_MAP],
    init: Some(init),
    ..ModuleSpec::new("_codecs", "")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    // Initialised with the module, but not one of its names.
    hide(t, module, &["EncodingMap"])
}

fn register(t: &Thread, function: &Value) -> PyResult {
    registry::register(t, function).map(|()| Value::NONE)
}

fn unregister(_t: &Thread, function: &Value) -> PyResult {
    registry::unregister(function);
    Ok(Value::NONE)
}

/// An argument that must be a str and is the only one.
fn only_str<'a>(t: &Thread, v: &'a Value, function: &str) -> PyResult<std::borrow::Cow<'a, str>> {
    match v.downcast::<Str>() {
        Some(_) => Ok(str::lossy(v)),
        None => {
            let message = format!("{function}() argument must be str, not {}", v.class().display_name());
            Err(crate::object::raise::type_error(t, message))
        }
    }
}

fn lookup(t: &Thread, encoding: &Value) -> PyResult {
    registry::lookup(t, &only_str(t, encoding, "lookup")?)
}

fn encode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (encoding, errors) = registry::names(t, "encode", b.opt(1), b.opt(2))?;
    registry::encode_any(t, b.req(0), encoding.as_deref().unwrap_or("utf-8"), errors.as_deref())
}

fn decode(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (encoding, errors) = registry::names(t, "decode", b.opt(1), b.opt(2))?;
    registry::decode_any(t, b.req(0), encoding.as_deref().unwrap_or("utf-8"), errors.as_deref())
}

fn register_error(t: &Thread, name: &Value, handler: &Value) -> PyResult {
    protocol::str_arg(t, name, "register_error", "1")?;
    registry::register_error(t, name, handler).map(|()| Value::NONE)
}

fn unregister_error(t: &Thread, name: &Value) -> PyResult {
    only_str(t, name, "_unregister_error")?;
    registry::unregister_error(t, name).map(Value::bool)
}

fn lookup_error(t: &Thread, name: &Value) -> PyResult {
    registry::lookup_error(t, &only_str(t, name, "lookup_error")?)
}
