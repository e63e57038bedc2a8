//! Native modules.
pub mod abc;
pub mod collections;
pub mod functools;
pub mod itertools;
pub mod json;
pub mod math;
pub mod operator;
pub mod random;
pub mod sre;
pub mod struct_;
pub mod support;

use crate::object::table::ModuleSpec;

/// Every native module, one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &abc::MODULE,
    &collections::MODULE,
    &functools::MODULE,
    &itertools::MODULE,
    &json::MODULE,
    &math::MODULE,
    &operator::MODULE,
    &random::MODULE,
    &sre::MODULE,
    &struct_::MODULE,
];
