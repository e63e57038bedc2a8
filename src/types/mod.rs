//! Builtin types.

pub mod complex;
pub mod float;
pub mod int;
pub mod str;
