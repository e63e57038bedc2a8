//! The builtin error handlers as Python functions: `codecs.strict_errors` and the others.

use super::handlers::Builtin;
use super::{DecodeProblem, EncodeProblem, Substitute};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::table::{Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::type_object::StaticType;
use crate::object::value::Value;
use crate::object::{names, native, protocol, tuple};
use crate::types::bytes::payload;
use crate::types::str::repr::push_escape;
use crate::types::str::value::from_buf;

macro_rules! handlers {
    ($($name:literal $function:literal $builtin:ident $doc:literal)*) => {
        static HANDLERS: &[(&str, Method)] = &[ $( ($name, Method::new(
            $function,
            "($module, exception, /)",
            NativeFn::F1(|t, e| run(t, Builtin::$builtin, e)),
            $doc,
        )) ),* ];
    };
}

handlers! {
    "strict" "strict_errors" Strict "Error handler 'strict': raises the error."
    "ignore" "ignore_errors" Ignore "Error handler 'ignore': leaves out what cannot be converted."
    "replace" "replace_errors" Replace "Error handler 'replace': puts a question mark or U+FFFD."
    "backslashreplace" "backslashreplace_errors" BackslashReplace "Error handler 'backslashreplace': puts backslash escapes."
    "xmlcharrefreplace" "xmlcharrefreplace_errors" XmlCharRefReplace "Error handler 'xmlcharrefreplace': puts XML character references."
    "namereplace" "namereplace_errors" NameReplace "Error handler 'namereplace': puts \\N{...} escapes."
    "surrogateescape" "surrogateescape" SurrogateEscape "Error handler 'surrogateescape': turns undecodable bytes into lone surrogates and back."
    "surrogatepass" "surrogatepass" SurrogatePass "Error handler 'surrogatepass': lets surrogates through in UTF encodings."
}

/// The function of a builtin handler; None for another name.
pub(super) fn handler_function(name: &str) -> Value {
    match HANDLERS.iter().find(|(n, _)| *n == name) {
        Some((_, method)) => native::new_function(method, None, Some(names::intern("_codecs"))),
        None => Value::NONE,
    }
}

/// The range that an exception is about, kept inside an object of `len` items.
fn range(t: &Thread, e: &Value, len: usize) -> PyResult<(usize, usize)> {
    let at = |name: &Value| -> PyResult<i64> {
        let v = protocol::get_attr(t, e, name)?;
        protocol::index_clipped(t, &v)
    };
    let len = len as i64;
    let start = at(&known().start)?.clamp(0, (len - 1).max(0));
    let end = at(&names::intern("end"))?.clamp(1.min(len), len);
    Ok((start as usize, end.max(start) as usize))
}

/// Runs a builtin handler on an exception object.
fn run(t: &Thread, builtin: Builtin, e: &Value) -> PyResult {
    let is = |class: &'static StaticType| e.class().is_subtype(class);
    if builtin == Builtin::Strict {
        if e.downcast::<BaseException>().is_some() {
            return Err(raise::value(t, e.clone()));
        }
        return Err(raise::type_error(t, "codec must pass exception instance"));
    }
    let unknown = || {
        let message = format!("don't know how to handle {} in error callback", e.class().display_name());
        raise::type_error(t, message)
    };
    let decoding = is(&exc::UNICODE_DECODE_ERROR);
    let translating = is(&exc::UNICODE_TRANSLATE_ERROR);
    if !decoding && !translating && !is(&exc::UNICODE_ENCODE_ERROR) {
        return Err(unknown());
    }
    use Builtin::*;
    let encode_only = matches!(builtin, XmlCharRefReplace | NameReplace);
    let codecs_only = matches!(builtin, SurrogateEscape | SurrogatePass);
    if encode_only && (decoding || translating) || codecs_only && translating {
        return Err(unknown());
    }
    let object = protocol::get_attr(t, e, &known().object)?;
    let again = || raise::value(t, e.clone());
    if decoding {
        let Some(input) = payload::view(&object) else {
            return Err(raise::type_error(t, "object attribute must be bytes"));
        };
        let (start, end) = range(t, e, input.len())?;
        let encoding = encoding_of(t, e)?;
        let problem = DecodeProblem { encoding: &encoding, input, start, end, reason: "" };
        let fix = builtin.decode(&problem).ok_or_else(again)?;
        return Ok(tuple::from_slice(&[from_buf(fix.text), Value::uint(fix.resume as u64)]));
    }
    let Some(text) = object.downcast::<Str>().map(Str::view) else {
        return Err(raise::type_error(t, "object attribute must be unicode"));
    };
    let (start, end) = range(t, e, text.len())?;
    if translating {
        let mut out = TextBuf::new();
        match builtin {
            Replace => out.push_repeat(0xFFFD, end - start),
            BackslashReplace => text.slice(start, end).code_points().for_each(|c| push_escape(&mut out, c)),
            _ => {}
        }
        return Ok(tuple::from_slice(&[from_buf(out), Value::uint(end as u64)]));
    }
    let encoding = encoding_of(t, e)?;
    let problem = EncodeProblem { encoding: &encoding, text, start, end, reason: "" };
    // From here the whole range counts: a beginning that could be fixed does not help the caller.
    let (substitute, resume) = builtin.encode(&problem).filter(|(_, resume)| *resume == end).ok_or_else(again)?;
    let substitute = match substitute {
        Substitute::Text(text) => from_buf(text),
        Substitute::Bytes(bytes) => payload::from_vec(bytes),
    };
    Ok(tuple::from_slice(&[substitute, Value::uint(resume as u64)]))
}

fn encoding_of(t: &Thread, e: &Value) -> PyResult<String> {
    let encoding = protocol::get_attr(t, e, &known().encoding)?;
    Ok(str::lossy(&encoding).into_owned())
}
