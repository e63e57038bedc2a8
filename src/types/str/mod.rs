//! The type `str`: algorithms over text views, one file each.

pub mod search;
pub mod split;
pub mod ucd;
