//! `float(x)`, and what else takes a number for a float.

use super::object::{Float, as_float};
use super::text;
use crate::object::args::Args;
use crate::object::buffer::Request;
use crate::object::core_types::{self, exc};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotId;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{alloc, hooks, protocol, str};
use crate::types::int;

/// `float.__new__(cls, x=0, /)`.
pub(super) fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    // A subclass may take keywords in its `__init__`.
    if class.slots.same(SlotId::init, &core_types::FLOAT.slots) {
        args.no_keywords(t, "float")?;
    }
    let positional = Args::positional(args.pos());
    let x = match positional.exactly_positional(t, "float", 0, 1)? {
        [x] => from_object(t, x)?,
        _ => 0.0,
    };
    Ok(with_class(class, x))
}

/// A float as an instance of `class`, float or a subclass.
pub fn with_class(class: &Type, x: f64) -> Value {
    if std::ptr::eq(class, &*core_types::FLOAT) { Value::float(x) } else { alloc::new(class, Float(x)) }
}

/// `float(x)`.
///
/// Raises TypeError, or ValueError for a text that is no number.
pub fn from_object(t: &Thread, x: &Value) -> PyResult<f64> {
    let slots = &x.class().slots;
    // A subclass of str may be a number too.
    if let Some(view) = str::view(x)
        && slots.float.get().is_none()
    {
        let ascii = int::convert::ascii_form(view);
        return text::parse(&ascii).ok_or_else(|| no_number(t, x));
    }
    if slots.float.get().is_none()
        && slots.index.get().is_none()
        && let Some(get) = slots.buffer.get()
    {
        let buffer = get(t, x, Request::Read)?;
        let parsed = text::parse(buffer.as_slice());
        drop(buffer);
        return parsed.ok_or_else(|| no_number(t, x));
    }
    number(t, x, "float() argument must be a string or a real number, not ", true)
}

#[cold]
fn no_number(t: &Thread, x: &Value) -> raise::Raised {
    raise::value_error(t, format!("could not convert string to float: {}", protocol::repr_lossy(t, x)))
}

/// A number as a float, for functions that take real numbers; no texts.
///
/// Raises TypeError "must be real number, not TYPE".
pub fn to_f64(t: &Thread, x: &Value) -> PyResult<f64> {
    number(t, x, "must be real number, not ", false)
}

/// A float, an int, or what `__float__` or `__index__` gives; `refusal` begins the TypeError's message.
fn number(t: &Thread, x: &Value, refusal: &str, quoted: bool) -> PyResult<f64> {
    if let Some(f) = x.as_float() {
        return Ok(f);
    }
    if x.is_small_int() || x.is_exact(&core_types::INT) {
        return int::object::to_f64(t, int::as_int(x).unwrap_or(int::IntRef::Small(0)));
    }
    let slots = &x.class().slots;
    if let Some(f) = slots.float.get() {
        let result = f(t, x)?;
        let Some(number) = as_float(&result) else {
            let message = format!(
                "{}.__float__ returned non-float (type {})",
                x.class().display_name(),
                result.class().display_name()
            );
            return Err(raise::type_error(t, message));
        };
        if !result.is_float() {
            let message = format!(
                "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of \
                 float is deprecated, and may not be supported in a future version of Python.",
                x.class().display_name(),
                result.class().display_name()
            );
            (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
        }
        return Ok(number);
    }
    if slots.index.get().is_some() {
        let i = protocol::index(t, x)?;
        return int::object::to_f64(t, int::as_int(&i).unwrap_or(int::IntRef::Small(0)));
    }
    let quote = if quoted { "'" } else { "" };
    Err(raise::type_error(t, format!("{refusal}{quote}{}{quote}", x.class().display_name())))
}
