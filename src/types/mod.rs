//! Builtin types.

pub mod bytes;
pub mod cell;
pub mod complex;
pub mod float;
pub mod format_spec;
pub mod function;
pub mod int;
pub mod range;
pub mod slice;
pub mod str;
pub mod traceback;
