//! The builtin exceptions.

pub mod base;
pub mod plain;
