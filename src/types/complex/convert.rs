//! `complex(x)` and `complex(real, imag)`.

use super::object::{as_complex, new};
use super::{Complex, text};
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{alloc, hooks, protocol, str};
use crate::types::{float, int};

/// `complex.__new__(cls, real=0, imag=0)`.
pub(super) fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    match (args.pos(), args.names()) {
        ([], []) => Ok(with_class(class, Complex::new(0.0, 0.0))),
        ([x], []) => from_object(t, class, x),
        _ => from_parts(t, class, args),
    }
}

/// A complex number as an instance of `class`, complex or a subclass.
pub fn with_class(class: &Type, c: Complex) -> Value {
    if std::ptr::eq(class, &*core_types::COMPLEX) { new(c) } else { alloc::new(class, c) }
}

/// What `__complex__` gives, if there is one.
fn special(t: &Thread, x: &Value) -> PyResult<Option<Complex>> {
    if x.is_exact(&core_types::COMPLEX) {
        return Ok(as_complex(x));
    }
    let Some(result) = protocol::call_special(t, x, &names::intern("__complex__"), &[])? else { return Ok(None) };
    let Some(c) = as_complex(&result) else {
        let message = format!("__complex__ returned non-complex (type {})", result.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if !result.is_exact(&core_types::COMPLEX) {
        let message = format!(
            "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of \
             complex is deprecated, and may not be supported in a future version of Python.",
            result.class().display_name()
        );
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
    }
    Ok(Some(c))
}

/// Whether a value can be made a float.
fn is_real(x: &Value) -> bool {
    let slots = &x.class().slots;
    slots.float.get().is_some() || slots.index.get().is_some()
}

/// A number of any kind as a complex one: through `__complex__`, `__float__` or `__index__`; no texts.
///
/// Raises TypeError "must be real number, not TYPE".
pub fn to_complex(t: &Thread, x: &Value) -> PyResult<Complex> {
    if let Some(c) = special(t, x)? {
        return Ok(c);
    }
    if let Some(c) = as_complex(x) {
        return Ok(c);
    }
    Ok(Complex::new(float::convert::to_f64(t, x)?, 0.0))
}

/// `complex(x)`.
fn from_object(t: &Thread, class: &Type, x: &Value) -> PyResult {
    if std::ptr::eq(class, &*core_types::COMPLEX) && x.is_exact(&core_types::COMPLEX) {
        return Ok(x.clone());
    }
    if let Some(view) = str::view(x) {
        let ascii = int::convert::ascii_form(view);
        let parsed = text::parse(&ascii);
        let c = match parsed {
            Some(c) => c,
            None if text::has_stray_underscore(&ascii) => {
                let message = format!("could not convert string to complex: {}", protocol::repr_lossy(t, x));
                return Err(raise::value_error(t, message));
            }
            None => return Err(raise::value_error(t, "complex() arg is a malformed string")),
        };
        return Ok(with_class(class, c));
    }
    if let Some(c) = special(t, x)? {
        return Ok(with_class(class, c));
    }
    if let Some(c) = as_complex(x) {
        return Ok(with_class(class, c));
    }
    if !is_real(x) {
        let message = format!("complex() argument must be a string or a number, not {}", x.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(with_class(class, Complex::new(float::convert::to_f64(t, x)?, 0.0)))
}

/// `complex(real, imag)`, either by keyword.
fn from_parts(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let given = args.pos().len() + args.names().len();
    if given > 2 {
        return Err(raise::type_error(t, format!("complex() takes at most 2 arguments ({given} given)")));
    }
    let mut parts = [args.pos().first(), args.pos().get(1)];
    for (name, value) in args.keywords() {
        let i = match &*str::lossy(name) {
            "real" => 0,
            "imag" => 1,
            other => {
                let message = format!("complex() got an unexpected keyword argument '{other}'");
                return Err(raise::type_error(t, message));
            }
        };
        if parts[i].is_some() {
            let other = ["real", "imag"][i];
            let message = format!("argument for complex() given by name ('{other}') and position ({})", i + 1);
            return Err(raise::type_error(t, message));
        }
        parts[i] = Some(value);
    }
    let real = part(t, parts[0], "real")?;
    let imag = part(t, parts[1], "imag")?;
    // real + imag * j. Real numbers have no zero parts that could disturb a sign.
    let mut c = Complex::new(real.re, imag.re);
    if is_complex(parts[1]) {
        c.re -= imag.im;
    }
    if is_complex(parts[0]) {
        c.im += real.im;
    }
    Ok(with_class(class, c))
}

/// Whether an argument counts as complex: it is, or has `__complex__`.
fn is_complex(v: Option<&Value>) -> bool {
    v.is_some_and(|v| as_complex(v).is_some() || !is_real(v))
}

/// One of the two numbers; a complex one is let through with a warning.
fn part(t: &Thread, v: Option<&Value>, name: &str) -> PyResult<Complex> {
    let Some(v) = v else { return Ok(Complex::new(0.0, 0.0)) };
    let refusal = || format!("complex() argument '{name}' must be a real number, not {}", v.class().display_name());
    let found = if name == "real" { special(t, v)?.or_else(|| as_complex(v)) } else { as_complex(v) };
    if let Some(c) = found {
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &refusal(), 1)?;
        return Ok(c);
    }
    if !is_real(v) {
        return Err(raise::type_error(t, refusal()));
    }
    Ok(Complex::new(float::convert::to_f64(t, v)?, 0.0))
}
