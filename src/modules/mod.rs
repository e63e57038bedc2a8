//! Native modules.
pub mod functools;
pub mod itertools;
pub mod json;
pub mod operator;
pub mod sre;
pub mod support;

use crate::object::table::ModuleSpec;

/// Every native module, one a line.
#[rustfmt::skip]
pub static MODULES: &[&ModuleSpec] = &[
    &functools::MODULE,
    &itertools::MODULE,
    &json::MODULE,
    &operator::MODULE,
    &sre::MODULE,
];
