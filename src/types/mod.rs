//! Builtin types.

pub mod bytes;
pub mod cell;
pub mod complex;
pub mod float;
pub mod format_spec;
pub mod function;
pub mod int;
pub mod range;
pub mod slice;
pub mod str;
pub mod traceback;

use crate::object::core_types;
use crate::object::type_object::{StaticType, TypeSpec};

/// Every builtin type with its description: start-up initialises them in this order (bases first).
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&core_types::SLICE, &slice::SPEC),
    (&core_types::RANGE, &range::SPEC),
    (&range::iter::RANGE_ITER, &range::iter::SPEC),
    (&range::iter::LONG_RANGE_ITER, &range::iter::LONG_SPEC),
];
