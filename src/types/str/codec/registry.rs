//! The codec registry (PEP 293, PEP 100): codecs and error handlers by name, and the ways in for `str.encode` and
//! `bytes.decode`.
//!
//! The codecs of this folder are reached by their common names without a look at the registry. All others come from the
//! search functions, of which the package `encodings` registers the first.

use super::handlers::BUILTIN;
use super::{native, python};
use crate::object::alloc::check_room;
use crate::object::core_types::{self, exc};
use crate::object::dict::{self, Dict};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str::{self, Str};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::{Stored, Value};
use crate::object::{bigint, hooks, names, protocol};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use std::borrow::Cow;
use std::sync::LazyLock;

struct State {
    /// Search functions, asked in this order.
    search: Mutex<Vec<Stored>>,
    /// Normalised name to codec, a dict.
    codecs: Stored,
    /// Name to error handler, a dict.
    handlers: Stored,
}

static STATE: LazyLock<State> = LazyLock::new(|| State {
    search: Mutex::new(Vec::new()),
    codecs: Stored::new(dict::new()),
    handlers: Stored::new(dict::from_pairs(
        BUILTIN.iter().map(|(name, _)| (names::intern(name), python::handler_function(name))),
    )),
});

fn as_dict(v: &Value) -> Option<&Dict> {
    v.downcast::<Dict>()
}

/// An encoding's name as the registry knows it: lower case, with one underscore for each run of other characters.
pub fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// Reads the arguments `encoding` and `errors` of `function`. TypeError for anything but str.
pub fn names<'a>(
    t: &Thread,
    function: &str,
    encoding: Option<&'a Value>,
    errors: Option<&'a Value>,
) -> PyResult<(Option<Cow<'a, str>>, Option<Cow<'a, str>>)> {
    Ok((name_arg(t, function, "encoding", encoding)?, name_arg(t, function, "errors", errors)?))
}

/// Raises UnicodeEncodeError if a value is a str with surrogates.
pub fn need_utf8(t: &Thread, v: &Value) -> PyResult<()> {
    let Some(text) = str::view(v) else { return Ok(()) };
    if text.is_ascii() || text.to_utf8().is_some() {
        return Ok(());
    }
    let at = text.code_points().position(|c| (0xD800..0xE000).contains(&c)).unwrap_or(0);
    Err(native::encode_error(t, "utf-8", v, at, at + 1, "surrogates not allowed"))
}

fn name_arg<'a>(t: &Thread, function: &str, which: &str, v: Option<&'a Value>) -> PyResult<Option<Cow<'a, str>>> {
    let Some(v) = v else { return Ok(None) };
    let text = match str::view(v) {
        Some(text) => text,
        None => protocol::str_arg(t, v, function, &format!("'{which}'"))?.view(),
    };
    need_utf8(t, v)?;
    let name = text.to_utf8().unwrap_or_default();
    if name.contains('\0') {
        return Err(raise::value_error(t, "embedded null character"));
    }
    Ok(Some(name))
}

/// Whether the package `encodings` has registered its search function.
static STANDARD: AtomicBool = AtomicBool::new(false);

/// Sees to it that the standard codecs' search function comes first.
fn need_standard(t: &Thread) -> PyResult<()> {
    if !STANDARD.load(Acquire) {
        // The package registers its function by `register`, which comes here again and finds it half imported.
        (hooks::get().import)(t, "encodings")?;
        STANDARD.store(true, Release);
    }
    Ok(())
}

/// `codecs.register(search_function)`
pub fn register(t: &Thread, function: &Value) -> PyResult<()> {
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "argument must be callable"));
    }
    need_standard(t)?;
    STATE.search.lock().push(Stored::new(function.clone()));
    Ok(())
}

/// `codecs.unregister(search_function)`: also forgets all codecs found so far.
pub fn unregister(function: &Value) {
    let removed = {
        let mut search = STATE.search.lock();
        let place = search.iter().position(|f| f.is(function));
        place.map(|i| search.remove(i))
    };
    if removed.is_some()
        && let Some(codecs) = as_dict(&STATE.codecs)
    {
        codecs.clear_all();
    }
}

/// `codecs.lookup(encoding)`: the codec, a tuple of encoder, decoder, stream reader and stream writer.
pub fn lookup(t: &Thread, encoding: &str) -> PyResult {
    let name = names::intern(&normalize(encoding));
    if let Some(found) = as_dict(&STATE.codecs).and_then(|codecs| codecs.get_str(&name)) {
        return Ok(found);
    }
    need_standard(t)?;
    let search: Vec<Value> = STATE.search.lock().iter().map(|f| Value::clone(f)).collect();
    for function in search {
        let found = protocol::call_values(t, &function, std::slice::from_ref(&name))?;
        if found.is_none() {
            continue;
        }
        if found.downcast::<Tuple>().is_none_or(|codec| codec.items().len() != 4) {
            return Err(raise::type_error(t, "codec search functions must return 4-tuples"));
        }
        if let Some(codecs) = as_dict(&STATE.codecs) {
            drop(codecs.set(t, name.clone(), found.clone())?);
        }
        return Ok(found);
    }
    Err(raise::lookup_error(t, format!("unknown encoding: {encoding}")))
}

/// `codecs.register_error(name, handler)`
pub fn register_error(t: &Thread, name: &Value, handler: &Value) -> PyResult<()> {
    if handler.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "handler must be callable"));
    }
    if let Some(handlers) = as_dict(&STATE.handlers) {
        drop(handlers.set(t, name.clone(), handler.clone())?);
    }
    Ok(())
}

/// `codecs._unregister_error(name)`: whether there was a handler of that name.
///
/// ValueError for the names that Python itself defines.
pub fn unregister_error(t: &Thread, name: &Value) -> PyResult<bool> {
    let text = str::lossy(name);
    if BUILTIN.iter().any(|(builtin, _)| *builtin == text) {
        return Err(raise::value_error(t, format!("cannot un-register built-in error handler '{text}'")));
    }
    match as_dict(&STATE.handlers) {
        Some(handlers) => Ok(handlers.remove(t, name)?.is_some()),
        None => Ok(false),
    }
}

/// `codecs.lookup_error(name)`
pub fn lookup_error(t: &Thread, name: &str) -> PyResult {
    let found = as_dict(&STATE.handlers).and_then(|handlers| handlers.get_str(&str::from_str(name)));
    found.ok_or_else(|| raise::lookup_error(t, format!("unknown error handler name '{name}'")))
}

/// Adds a note to the exception on its way.
fn with_note(t: &Thread, raised: Raised, note: String) -> Raised {
    let exception = raise::take(t, raised);
    if let Err(other) = protocol::call_method_str(t, &exception, "add_note", &[str::from_str(&note)]) {
        drop(raise::take(t, other));
    }
    raise::again(t, exception)
}

/// Calls one half of a codec; the answer is a pair of result and length.
fn call_codec(
    t: &Thread,
    codec: &Value,
    decoding: bool,
    object: &Value,
    encoding: &str,
    errors: Option<&str>,
) -> PyResult {
    let function = tuple::items(codec).get(usize::from(decoding)).cloned().unwrap_or(Value::NONE);
    let mut args = vec![object.clone()];
    args.extend(errors.map(str::from_str));
    let what = if decoding { "decoding" } else { "encoding" };
    let pair = protocol::call_values(t, &function, &args)
        .map_err(|raised| with_note(t, raised, format!("{what} with '{encoding}' codec failed")))?;
    match tuple::items(&pair) {
        [result, _] => Ok(result.clone()),
        _ => {
            let which = if decoding { "decoder" } else { "encoder" };
            Err(raise::type_error(t, format!("{which} must return a tuple (object,integer)")))
        }
    }
}

/// `codecs.encode(object, encoding, errors)`: any object to any object.
pub fn encode_any(t: &Thread, object: &Value, encoding: &str, errors: Option<&str>) -> PyResult {
    call_codec(t, &lookup(t, encoding)?, false, object, encoding, errors)
}

/// `codecs.decode(object, encoding, errors)`: any object to any object.
pub fn decode_any(t: &Thread, object: &Value, encoding: &str, errors: Option<&str>) -> PyResult {
    call_codec(t, &lookup(t, encoding)?, true, object, encoding, errors)
}

/// The codec of a text encoding. LookupError for one that is marked to be something else.
fn lookup_text(t: &Thread, encoding: &str, instead: &str) -> PyResult {
    let codec = lookup(t, encoding)?;
    if !codec.is_exact(&core_types::TUPLE)
        && let Some(mark) = protocol::lookup_attr(t, &codec, &names::known()._is_text_encoding)?
        && !protocol::is_true(t, &mark)?
    {
        let message = format!("'{encoding}' is not a text encoding; use {instead} to handle arbitrary codecs");
        return Err(raise::lookup_error(t, message));
    }
    Ok(codec)
}

/// `str.encode`: bytes. The default encoding is UTF-8.
pub fn encode(t: &Thread, text: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    let name = encoding.unwrap_or("utf-8");
    if let Some(codec) = native::by_name(name) {
        return native::encode(t, codec, text, errors);
    }
    let codec = lookup_text(t, name, "codecs.encode()")?;
    let result = call_codec(t, &codec, false, text, name, errors)?;
    if crate::types::bytes::payload::view(&result).is_some() {
        return Ok(result);
    }
    if crate::types::bytearray::is_bytearray(&result) {
        let message = format!(
            "encoder {name} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
        );
        (hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), &message, 1)?;
        let copy = crate::types::bytearray::with(t, &result, <[u8]>::to_vec).unwrap_or_default();
        return Ok(crate::types::bytes::payload::from_vec(copy));
    }
    let message = format!(
        "'{name}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        result.class().display_name()
    );
    Err(raise::type_error(t, message))
}

/// `bytes.decode`: str, from a bytes-like object. The default encoding is UTF-8.
pub fn decode(t: &Thread, object: &Value, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    let name = encoding.unwrap_or("utf-8");
    if let Some(codec) = native::by_name(name) {
        let input = crate::types::bytes::args::bytes_like(t, object)?;
        if codec.agrees_on_ascii() && input.is_ascii() {
            check_room(t, input.len())?;
            return Ok(super::super::value::make(TextRef::Ascii(&input)));
        }
        return native::decode(t, codec, &input, errors, true)?.0.finish(t);
    }
    // Nothing is nothing in every encoding: it is not even looked up.
    if crate::types::bytes::args::bytes_like(t, object)?.is_empty() {
        return Ok(names::empty_str());
    }
    let codec = lookup_text(t, name, "codecs.decode()")?;
    let result = call_codec(t, &codec, true, object, name, errors)?;
    if result.downcast::<Str>().is_some() {
        return Ok(result);
    }
    let message = format!(
        "'{name}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
        result.class().display_name()
    );
    Err(raise::type_error(t, message))
}

/// Whether a value is an int (of any kind), as positions from handlers must be.
pub(super) fn is_int(v: &Value) -> bool {
    bigint::view(v).is_some()
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalize("UTF-8"), "utf_8");
        assert_eq!(normalize("  ISO 8859--1 "), "iso_8859_1");
        assert_eq!(normalize("a.b\u{e9}c"), "a.b_c");
    }
}
