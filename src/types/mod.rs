//! Builtin types.

pub mod int;
pub mod str;
