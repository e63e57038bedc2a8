//! Builtin types.

pub mod int;
