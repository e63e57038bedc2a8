//! The type `str`: algorithms over text views, one file each.

pub mod ucd;
