//! Header, values, types, thread context, raising, tables.
pub mod text;
