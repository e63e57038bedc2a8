//! The format-specification mini-language of `format()`, f-strings and `str.format`, and the numbers of `%`-formatting.
//!
//! | file | holds |
//! |---|---|
//! | `spec` | the parsed specification and its errors |
//! | `layout` | sign, prefix, grouping and padding of a number |
//! | `render` | `int`, `float`, `complex` and `str` by a specification |
//! | `percent` | numbers of `%`-formatting |

pub mod layout;
pub mod percent;
pub mod render;
pub mod spec;

pub use render::{format_complex, format_float, format_int, format_str};
pub use spec::{Spec, SpecError};

use crate::object::core_types::exc;
use crate::object::growing::Growing;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str;
use crate::object::text::{TextBuf, TextRef};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;

/// The argument of `__format__`, which must be a str; `None` if it is empty.
pub fn argument<'a>(t: &Thread, spec: &'a Value) -> PyResult<Option<TextRef<'a>>> {
    match str::view(spec) {
        Some(view) => Ok((!view.is_empty()).then_some(view)),
        None => {
            let message = format!("__format__() argument must be str, not {}", spec.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

/// What was formatted, as a str; raises what that failed with.
pub fn finished(t: &Thread, formatted: Result<Growing, SpecError>) -> PyResult {
    formatted.map_err(|e| raised(t, e))?.finish(t)
}

/// Raises what formatting failed with.
#[cold]
fn raised(t: &Thread, e: SpecError) -> Raised {
    match e {
        SpecError::Memory => super::int::object::out_of_memory(t),
        SpecError::CharRange | SpecError::IntTooLarge => raise::overflow_error(t, e.to_string()),
        // The specification as it was given, lone surrogates and all.
        SpecError::Invalid(spec, name) => {
            let parts = [b"Invalid format specifier '", &spec[..], b"' for object of type '", name.as_bytes(), b"'"];
            let message = TextBuf::from_wtf8(&parts.concat()).unwrap_or_default();
            raise::with_args(t, &exc::VALUE_ERROR, tuple::from_slice(&[str::from_buf(message)]))
        }
        _ => raise::value_error(t, e.to_string()),
    }
}
