//! The type `str`: algorithms over text views, one file each.

pub mod case;
pub mod codec;
pub mod iter;
pub mod layout;
pub mod percent;
pub mod percent_args;
pub mod predicates;
pub mod repr;
pub mod search;
pub mod split;
pub mod template;
pub mod ucd;
pub mod value;
