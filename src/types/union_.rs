//! Unions of types.

use crate::object::value::Value;

/// The members of a union, as a tuple; None for anything else.
pub fn members(_: &Value) -> Option<Value> {
    None
}
