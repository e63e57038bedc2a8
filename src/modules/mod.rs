//! Native modules.
pub mod abc;
pub mod bisect;
pub mod array;
pub mod collections;
pub mod binascii;
pub mod codecs;
pub mod functools;
pub mod heapq;
pub mod itertools;
pub mod json;
pub mod math;
pub mod operator;
pub mod queue;
pub mod random;
pub mod sre;
pub mod statistics;
pub mod struct_;
pub mod string;
pub mod support;
pub mod unicodedata;

use crate::object::table::ModuleSpec;

/// Every native module, one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &abc::MODULE,
    &bisect::MODULE,
    &array::MODULE,
    &collections::MODULE,
    &functools::MODULE,
    &heapq::MODULE,
    &itertools::MODULE,
    &json::MODULE,
    &math::MODULE,
    &operator::MODULE,
    &queue::MODULE,
    &random::MODULE,
    &sre::MODULE,
    &statistics::MODULE,
    &struct_::MODULE,
    &binascii::MODULE,
    &codecs::MODULE,
    &string::MODULE,
    &unicodedata::MODULE,
];
