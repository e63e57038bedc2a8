//! `int(x)` and `int(text, base)`.

use super::arith::{IntBuf, IntRef};
use super::object::exact;
use super::{as_int, text, to_value};
use crate::object::args::Args;
use crate::object::bigint::{self, BigInt};
use crate::object::buffer::Request;
use crate::object::core_types::{self, exc};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{alloc, hooks, protocol, str};
use crate::types::str::split::is_space;
use crate::types::str::ucd::{Edition, decimal};
use std::borrow::Cow;

/// `int.__new__(cls, x=0, /, base=10)`.
pub(super) fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let value = match (args.pos(), args.names()) {
        ([], []) => Value::int(0),
        ([x], []) => from_object(t, x)?,
        (pos, _) => {
            let base = args.keyword("base");
            if let Some((name, _)) = args.keywords().find(|(n, _)| !str::eq_str(n, "base")) {
                let message = format!("int() got an unexpected keyword argument '{}'", str::lossy(name));
                return Err(raise::type_error(t, message));
            }
            let given = pos.len() + args.names().len();
            if given > 2 && base.is_none() {
                return Err(raise::type_error(t, format!("int expected at most 2 arguments, got {given}")));
            }
            if given > 2 {
                return Err(raise::type_error(t, format!("int() takes at most 2 arguments ({given} given)")));
            }
            match (pos, base) {
                ([x, base], None) | ([x], Some(base)) => parse_object(t, x, base)?,
                _ => return Err(raise::type_error(t, "int() missing string argument")),
            }
        }
    };
    Ok(with_class(class, value))
}

/// An int as an instance of `class`, int or a subclass (never bool).
pub fn with_class(class: &Type, value: Value) -> Value {
    if std::ptr::eq(class, &*core_types::INT) {
        return value;
    }
    let number = as_int(&value).map_or(IntBuf::Small(0), IntRef::to_buf);
    alloc::new(class, BigInt(number.into_big()))
}

/// `int(x)`: an exact int.
///
/// Raises TypeError, or ValueError for a text that is no literal.
pub fn from_object(t: &Thread, x: &Value) -> PyResult {
    if x.is_small_int() || x.is_exact(&core_types::INT) {
        return Ok(x.clone());
    }
    let slots = &x.class().slots;
    if let Some(f) = slots.int.get() {
        let result = f(t, x)?;
        if bigint::view(&result).is_none() {
            let message = format!("__int__ returned non-int (type {})", result.class().display_name());
            return Err(raise::type_error(t, message));
        }
        return strict(t, result, "__int__");
    }
    if slots.index.get().is_some() {
        return protocol::index(t, x);
    }
    if let Some(view) = str::view(x) {
        return parse_text(t, x, view, 10);
    }
    if slots.buffer.get().is_some() {
        return parse_bytes(t, x, 10);
    }
    let message = format!(
        "int() argument must be a string, a bytes-like object or a real number, not '{}'",
        x.class().display_name()
    );
    Err(raise::type_error(t, message))
}

/// The exact int of what `__int__` or `__index__` gave; warns about an instance of a subclass.
fn strict(t: &Thread, result: Value, method: &str) -> PyResult {
    if !result.is_small_int() && !result.is_exact(&core_types::INT) {
        let message = format!(
            "{method} returned non-int (type {}).  The ability to return an instance of a strict subclass of int is \
             deprecated, and may not be supported in a future version of Python.",
            result.class().display_name()
        );
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
    }
    Ok(exact(&result))
}

/// `int(x, base)`.
fn parse_object(t: &Thread, x: &Value, base: &Value) -> PyResult {
    let base = protocol::index_clipped(t, base)?;
    let Some(base) = u32::try_from(base).ok().filter(|b| *b == 0 || (2..=36).contains(b)) else {
        return Err(raise::value_error(t, "int() base must be >= 2 and <= 36, or 0"));
    };
    if let Some(view) = str::view(x) {
        return parse_text(t, x, view, base);
    }
    let class = x.class();
    if class.is_subtype(&core_types::BYTES) || class.is_subtype(&core_types::BYTEARRAY) {
        return parse_bytes(t, x, base);
    }
    Err(raise::type_error(t, "int() can't convert non-string with explicit base"))
}

/// Numeric text with non-ASCII digits and spaces replaced by ASCII ones and anything else beyond ASCII by `?`.
pub fn ascii_form(view: TextRef<'_>) -> Cow<'_, [u8]> {
    if let TextRef::Ascii(bytes) = view {
        return Cow::Borrowed(bytes);
    }
    let ascii = |c: u32| match c {
        0..0x80 => c as u8,
        _ if is_space(c) => b' ',
        _ => decimal(Edition::Current, c).map_or(b'?', |d| b'0' + d),
    };
    Cow::Owned(view.code_points().map(ascii).collect())
}

fn parse_text(t: &Thread, x: &Value, view: TextRef<'_>, base: u32) -> PyResult {
    let ascii = ascii_form(view);
    text::parse(&ascii, base, text::digit_limit()).map(to_value).map_err(|e| error(t, e, x, base))
}

fn parse_bytes(t: &Thread, x: &Value, base: u32) -> PyResult {
    let Some(get) = x.class().slots.buffer.get() else {
        return Err(error(t, text::ParseError::Invalid, x, base));
    };
    let buffer = get(t, x, Request::Read)?;
    let parsed = text::parse(buffer.as_slice(), base, text::digit_limit());
    drop(buffer);
    parsed.map(to_value).map_err(|e| error(t, e, x, base))
}

/// Raises what a text failed with; `x` is the object that held it.
#[cold]
fn error(t: &Thread, e: text::ParseError, x: &Value, base: u32) -> Raised {
    match e {
        text::ParseError::Invalid => {
            let shown: String = protocol::repr_lossy(t, x).chars().take(200).collect();
            raise::value_error(t, format!("invalid literal for int() with base {base}: {shown}"))
        }
        text::ParseError::TooManyDigits { digits } => {
            let limit = text::digit_limit();
            let message = format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use \
                 sys.set_int_max_str_digits() to increase the limit"
            );
            raise::value_error(t, message)
        }
    }
}
