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
