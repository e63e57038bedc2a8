//! `cmp_to_key`: keys that compare by a function of two arguments.

use crate::bytecode::opcode::CompareOp;
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, names, protocol};
use crate::this;

/// The payload of a key; without an object, what makes keys.
pub struct KeyWrapper {
    compare: Stored,
    object: Slot,
}

/// The type of keys and of what makes them.
pub static KEY_WRAPPER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { call: Some(call), richcompare: Some(compare), ..SlotTable::EMPTY },
    getset: &[
        GetSet::new("obj", get_object, set_object, "Value wrapped by a key function."),
        GetSet::read_only("__text_signature__", |_, _| Ok(names::intern("(obj)")), ""),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("functools", "KeyWrapper", layout_of::<KeyWrapper>(true))
};

// SAFETY: `KEY_WRAPPER`'s layout is `KeyWrapper`.
unsafe impl Payload for KeyWrapper {
    fn layout_type() -> &'static Type {
        &KEY_WRAPPER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.compare);
        visit_slot(&self.object, visit);
    }

    fn clear(&self) {
        drop(self.object.take());
    }
}

/// `functools.cmp_to_key`.
pub fn cmp_to_key(_: &Thread, b: &Bound<'_>) -> PyResult {
    Ok(alloc::new(&KEY_WRAPPER, KeyWrapper { compare: Stored::new(b.req(0).clone()), object: Slot::empty() }))
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(obj)");
    let b = PARAMETERS.bind_call(t, "K", args)?;
    let compare = Stored::new(Value::clone(&this!(v, KeyWrapper).compare));
    Ok(alloc::new(&KEY_WRAPPER, KeyWrapper { compare, object: Slot::new(b.req(0).clone()) }))
}

fn get_object(t: &Thread, v: &Value) -> PyResult {
    match this!(v, KeyWrapper).object.load() {
        Some(object) => Ok(object),
        None => Err(raise::attribute_error(t, v, &names::intern("obj"), "object")),
    }
}

fn set_object(t: &Thread, v: &Value, object: Option<&Value>) -> PyResult<()> {
    crate::modules::support::put(t, v, &this!(v, KeyWrapper).object, object.cloned());
    Ok(())
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<KeyWrapper>(), b.downcast::<KeyWrapper>()) else {
        return Err(raise::type_error(t, "other argument must be K instance"));
    };
    let (Some(left), Some(right)) = (x.object.load(), y.object.load()) else {
        return Err(raise::attribute_error(t, a, &names::intern("obj"), "object"));
    };
    let order = protocol::call_values(t, &x.compare, &[left, right])?;
    protocol::compare(t, &order, &Value::int(0), op)
}
