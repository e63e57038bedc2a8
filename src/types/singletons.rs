//! None, Ellipsis and NotImplemented.

use crate::object::args::Args;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, Type, TypeSpec};
use crate::object::value::Value;

pub static NONE_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the None singleton.",
    slots: SlotTable {
        repr: Some(|_, _| Ok(names::intern("None"))),
        // Like CPython's since 3.12: the same in every process.
        hash: Some(|_, _| Ok(0xfca8_6420)),
        bool: Some(|_, _| Ok(false)),
        new: Some(|t, class, args| no_arguments(t, class, args, Value::NONE)),
        richcompare: Some(|_, a, b, op| {
            use crate::bytecode::opcode::CompareOp;
            Ok(match op {
                CompareOp::Eq if a.is(b) => Value::TRUE,
                CompareOp::Ne if a.is(b) => Value::FALSE,
                _ => Value::NOT_IMPLEMENTED,
            })
        }),
        ..SlotTable::EMPTY
    },
    ..TypeSpec::new("builtins", "NoneType", NO_LAYOUT)
};

pub static ELLIPSIS_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the Ellipsis singleton.",
    slots: SlotTable {
        repr: Some(|_, _| Ok(names::intern("Ellipsis"))),
        new: Some(|t, class, args| no_arguments(t, class, args, Value::ELLIPSIS)),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(|_, _| Ok(names::intern("Ellipsis"))), "")],
    ..TypeSpec::new("builtins", "ellipsis", NO_LAYOUT)
};

pub static NOT_IMPLEMENTED_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the NotImplemented singleton.",
    slots: SlotTable {
        repr: Some(|_, _| Ok(names::intern("NotImplemented"))),
        bool: Some(|t, _| Err(raise::type_error(t, "NotImplemented should not be used in a boolean context"))),
        new: Some(|t, class, args| no_arguments(t, class, args, Value::NOT_IMPLEMENTED)),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(|_, _| Ok(names::intern("NotImplemented"))), "")],
    ..TypeSpec::new("builtins", "NotImplementedType", NO_LAYOUT)
};

fn no_arguments(t: &Thread, class: &Type, args: Args<'_>, v: Value) -> PyResult {
    if args.all().is_empty() {
        return Ok(v);
    }
    Err(raise::type_error(t, format!("{} takes no arguments", class.name())))
}
