//! Builtin types.

pub mod bytes;
pub mod complex;
pub mod float;
pub mod format_spec;
pub mod int;
pub mod str;
