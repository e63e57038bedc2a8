//! classmethod: a function that is bound to the class it is found on.

use super::staticmethod::{copy_attributes, forward, is_abstract, repr, set_callable, set_own};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::types::method;
use crate::types::type_::instances;

/// The wrapped function. The attributes that it copies from the function lie behind the payload.
#[repr(C)]
pub struct ClassMethod {
    pub callable: Slot,
}

// SAFETY: `CLASSMETHOD`'s layout is `ClassMethod`.
unsafe impl Payload for ClassMethod {
    fn layout_type() -> &'static Type {
        &core_types::CLASSMETHOD
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.callable, visit);
    }

    fn clear(&self) {
        drop(self.callable.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Convert a function to be a class method: its first argument is the class that it is found on.",
    signature: "(function, /)",
    slots: SlotTable {
        repr: Some(|t, v| repr(t, v, "classmethod")),
        descr_get: Some(descr_get),
        init: Some(init),
        new: Some(|_, class, _| Ok(alloc::new(class, ClassMethod { callable: Slot::new(Value::NONE) }))),
        ..SlotTable::EMPTY
    },
    getset: &[
        GetSet::read_only("__func__", |_, v| Ok(callable(v)), "").as_member(),
        GetSet::read_only("__wrapped__", |_, v| Ok(callable(v)), "").as_member(),
        GetSet::read_only("__isabstractmethod__", |t, v| is_abstract(t, &callable(v)).map(Value::bool), ""),
        GetSet::new("__dict__", instances::get_dict, instances::set_native_dict, ""),
        GetSet::new(
            "__annotations__",
            |t, v| forward(t, v, callable(v), &known().__annotations__),
            |t, v, value| set_own(t, v, &known().__annotations__, value),
            "",
        ),
        GetSet::new(
            "__annotate__",
            |t, v| forward(t, v, callable(v), &known().__annotate__),
            |t, v, value| set_own(t, v, &known().__annotate__, value),
            "",
        ),
    ],
    flags: flag::BASETYPE | flag::HAS_DICT,
    ..TypeSpec::new("builtins", "classmethod", layout_of::<ClassMethod>(true))
};

/// A classmethod around a function.
pub fn new(t: &Thread, function: Value) -> Value {
    let v = alloc::new(&core_types::CLASSMETHOD, ClassMethod { callable: Slot::new(function.clone()) });
    if let Err(raised) = copy_attributes(t, &v, &function) {
        drop(raise::take(t, raised));
    }
    v
}

fn callable(v: &Value) -> Value {
    v.downcast::<ClassMethod>().and_then(|c| c.callable.load()).unwrap_or(Value::NONE)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(t, "classmethod")?;
    let function = &args.exactly_positional(t, "classmethod", 1, 1)?[0];
    if let (Some(this), Some(header)) = (v.downcast::<ClassMethod>(), v.header()) {
        set_callable(t, header, &this.callable, function);
    }
    copy_attributes(t, v, function)
}

fn descr_get(_: &Thread, v: &Value, object: Option<&Value>, owner: &Value) -> PyResult {
    let class = match (owner.non_none(), object) {
        (Some(class), _) => class.clone(),
        (None, Some(object)) => object.class().to_value(),
        (None, None) => Value::NONE,
    };
    Ok(method::new(callable(v), class))
}
