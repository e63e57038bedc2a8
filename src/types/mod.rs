//! Builtin types.
