//! Header, values, types, thread context, raising, tables.
