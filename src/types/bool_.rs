//! `bool`: an int with two instances, both immediate.

use super::int;
use super::int::arith;
use crate::object::args::Args;
use crate::object::bigint::BigInt;
use crate::object::core_types::{self, exc};
use crate::object::raise::PyResult;
use crate::object::slots::{Binary, SlotTable};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{hooks, names, protocol};

pub static SPEC: TypeSpec = TypeSpec {
    base: Some(&core_types::INT),
    doc: "Returns True if the argument counts as true, False otherwise.\n\nTrue and False are the only instances, and no \
          class can be derived from bool.",
    signature: "(object=False, /)",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(|_, v| Ok(names::intern(if v.is_true() { "True" } else { "False" }))),
        and: Some(|t, a, b| logic(t, a, b, |x, y| x & y, and_int)),
        xor: Some(|t, a, b| logic(t, a, b, |x, y| x ^ y, xor_int)),
        or: Some(|t, a, b| logic(t, a, b, |x, y| x | y, or_int)),
        invert: Some(invert),
        ..SlotTable::EMPTY
    },
    flags: flag::INT_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "bool", layout_of::<BigInt>(false))
};

fn construct(t: &Thread, _class: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "bool")?;
    match args.exactly_positional(t, "bool", 0, 1)? {
        [x] => protocol::is_true(t, x).map(Value::bool),
        _ => Ok(Value::FALSE),
    }
}

/// A bool of two bools; anything else is done by int.
fn logic(t: &Thread, a: &Value, b: &Value, f: fn(bool, bool) -> bool, other: Binary) -> PyResult {
    match (a.as_bool(), b.as_bool()) {
        (Some(x), Some(y)) => Ok(Value::bool(f(x, y))),
        _ => other(t, a, b),
    }
}

fn int_op(a: &Value, b: &Value, f: fn(int::IntRef, int::IntRef) -> int::IntBuf) -> PyResult {
    match (int::as_int(a), int::as_int(b)) {
        (Some(x), Some(y)) => Ok(int::to_value(f(x, y))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn and_int(_t: &Thread, a: &Value, b: &Value) -> PyResult {
    int_op(a, b, arith::and)
}

fn xor_int(_t: &Thread, a: &Value, b: &Value) -> PyResult {
    int_op(a, b, arith::xor)
}

fn or_int(_t: &Thread, a: &Value, b: &Value) -> PyResult {
    int_op(a, b, arith::or)
}

fn invert(t: &Thread, v: &Value) -> PyResult {
    let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise \
                   inversion of the underlying int object and is usually not what you expect from negating a bool. Use \
                   the 'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the \
                   underlying int.";
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)?;
    Ok(Value::int(if v.is_true() { -2 } else { -1 }))
}
