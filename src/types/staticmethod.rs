//! staticmethod and classmethod share their attributes; this file holds both payloads' common part and staticmethod.

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
use crate::object::{alloc, protocol, str};
use crate::types::type_::instances;

/// A function wrapped to be found unbound. The attributes that it copies from the function lie behind the payload.
#[repr(C)]
pub struct StaticMethod {
    pub callable: Slot,
}

// SAFETY: `STATICMETHOD`'s layout is `StaticMethod`.
unsafe impl Payload for StaticMethod {
    fn layout_type() -> &'static Type {
        &core_types::STATICMETHOD
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.callable, visit);
    }

    fn clear(&self) {
        drop(self.callable.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Convert a function to be a static method: it is found on the class and on instances without being bound.",
    signature: "(function, /)",
    slots: SlotTable {
        repr: Some(|t, v| repr(t, v, "staticmethod")),
        call: Some(call),
        descr_get: Some(|_, v, _, _| Ok(callable(v))),
        init: Some(init),
        new: Some(|_, class, _| Ok(alloc::new(class, StaticMethod { callable: Slot::new(Value::NONE) }))),
        ..SlotTable::EMPTY
    },
    getset: GETSET,
    flags: flag::BASETYPE | flag::HAS_DICT,
    ..TypeSpec::new("builtins", "staticmethod", layout_of::<StaticMethod>(true))
};

const GETSET: &[GetSet] = &[
    GetSet::read_only("__func__", |_, v| Ok(callable(v)), "").as_member(),
    GetSet::read_only("__wrapped__", |_, v| Ok(callable(v)), "").as_member(),
    GetSet::read_only("__isabstractmethod__", |t, v| is_abstract(t, &callable(v)).map(Value::bool), ""),
    GetSet::new("__dict__", instances::get_dict, instances::set_native_dict, ""),
    GetSet::new("__annotations__", |t, v| forward(t, v, callable(v), &known().__annotations__), set_annotations, ""),
    GetSet::new("__annotate__", |t, v| forward(t, v, callable(v), &known().__annotate__), set_annotate, ""),
];

/// A staticmethod around a function.
pub fn new(t: &Thread, function: Value) -> Value {
    let v = alloc::new(&core_types::STATICMETHOD, StaticMethod { callable: Slot::new(function.clone()) });
    if let Err(raised) = copy_attributes(t, &v, &function) {
        drop(raise::take(t, raised));
    }
    v
}

fn callable(v: &Value) -> Value {
    v.downcast::<StaticMethod>().and_then(|s| s.callable.load()).unwrap_or(Value::NONE)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(t, "staticmethod")?;
    let function = &args.exactly_positional(t, "staticmethod", 1, 1)?[0];
    if let (Some(this), Some(header)) = (v.downcast::<StaticMethod>(), v.header()) {
        set_callable(t, header, &this.callable, function);
    }
    copy_attributes(t, v, function)
}

/// Replaces the wrapped function.
pub fn set_callable(t: &Thread, header: &crate::object::header::Header, slot: &Slot, function: &Value) {
    let old = {
        let _guard = t.lock(header);
        slot.swap(Some(function.clone()))
    };
    drop(old);
}

/// Copies name, module and documentation of the wrapped function to the wrapper.
pub fn copy_attributes(t: &Thread, v: &Value, function: &Value) -> PyResult<()> {
    let k = known();
    for name in [&k.__module__, &k.__name__, &k.__qualname__, &k.__doc__] {
        if let Some(found) = protocol::lookup_attr(t, function, name)? {
            protocol::set_attr(t, v, name, &found)?;
        }
    }
    Ok(())
}

/// Whether a function says that it is abstract.
pub fn is_abstract(t: &Thread, function: &Value) -> PyResult<bool> {
    match protocol::lookup_attr(t, function, &known().__isabstractmethod__)? {
        Some(answer) => protocol::is_true(t, &answer),
        None => Ok(false),
    }
}

/// "<staticmethod(<function f at ...>)>".
pub fn repr(t: &Thread, v: &Value, name: &str) -> PyResult {
    let function = protocol::get_attr(t, v, &known().__func__)?;
    let text = protocol::repr(t, &function)?;
    let mut out = crate::object::growing::Growing::new();
    out.push_str(&format!("<{name}("));
    if let Some(view) = str::view(&text) {
        out.push_text(view);
    }
    out.push_str(")>");
    out.finish(t)
}

/// An attribute of the wrapper's dict, else of the function (kept in the dict from then on).
pub fn forward(t: &Thread, v: &Value, function: Value, name: &Value) -> PyResult {
    let dict = instances::get_dict(t, v)?;
    let dict = protocol::as_dict(t, &dict)?;
    if let Some(found) = dict.get_str(name) {
        return Ok(found);
    }
    let found = protocol::get_attr(t, &function, name)?;
    drop(dict.set_str(name, found.clone()));
    Ok(found)
}

/// Sets or deletes an attribute in the wrapper's dict.
pub fn set_own(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = instances::get_dict(t, v)?;
    let dict = protocol::as_dict(t, &dict)?;
    match value {
        Some(value) => drop(dict.set_str(name, value.clone())),
        None if dict.remove(t, name)?.is_none() => {
            return Err(raise::attribute_error(t, v, name, str::lossy(name)));
        }
        None => {}
    }
    Ok(())
}

fn set_annotations(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    set_own(t, v, &known().__annotations__, value)
}

fn set_annotate(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    set_own(t, v, &known().__annotate__, value)
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    protocol::call(t, &callable(v), args)
}
