//! type: what classes are made by and how they behave.
//!
//! | file | holds |
//! |---|---|
//! | `init` | start-up of native types |
//! | `specials`, `dispatch`, `update` | special methods and slots, both ways |
//! | `build`, `mro`, `layout` | class statements: bases, order, memory |
//! | `call` | calling a class, `__new__` of native types |
//! | `attributes`, `table` | attributes of classes, and those that every class has |
//! | `instances`, `reduce` | `__dict__` and `__weakref__` of instances, pickling |

pub mod attributes;
pub mod build;
pub mod call;
pub mod dispatch;
pub mod init;
pub mod instances;
pub mod layout;
pub mod mro;
pub mod reduce;
pub mod specials;
pub mod table;
#[cfg(test)]
mod tests;
pub mod update;

use crate::object::args::Args;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, str};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
    slots: SlotTable {
        repr: Some(repr),
        call: Some(call::type_call),
        getattro: Some(attributes::getattro),
        setattro: Some(attributes::setattro),
        init: Some(init),
        new: Some(build::new),
        or: Some(crate::types::union_::type_or),
        ..SlotTable::EMPTY
    },
    methods: table::METHODS,
    getset: table::GETSET,
    flags: flag::BASETYPE | flag::HAS_WEAKREFS | flag::PAYLOAD_DICT,
    ..TypeSpec::new("builtins", "type", layout_of::<Type>(true))
};

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = v.downcast::<Type>() else { return Ok(str::from_str("<class>")) };
    Ok(str::from_str(&format!("<class '{}'>", crate::types::object_::full_name(t, class))))
}

fn init(t: &Thread, _: &Value, args: Args<'_>) -> PyResult<()> {
    match (args.pos().len(), args.has_keywords()) {
        (1, true) => Err(raise::type_error(t, "type.__init__() takes no keyword arguments")),
        (1 | 3, _) => Ok(()),
        _ => Err(raise::type_error(t, "type.__init__() takes 1 or 3 arguments")),
    }
}

/// Makes a class from native code, as a class statement would: `type(name, bases, namespace)`.
pub fn new_class(t: &Thread, name: &str, bases: Vec<Value>, namespace: Value) -> PyResult {
    let args = [str::from_str(name), crate::object::tuple::from_vec(bases), namespace];
    protocol::call_values(t, &core_types::TYPE.as_value(), &args)
}
