//! `_tuplegetter`: the descriptor of a named tuple's field.

use crate::modules::support::{Parameters, put, size_argument};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::this;

/// The payload.
pub struct TupleGetter {
    index: usize,
    doc: Slot,
}

/// `_collections._tuplegetter`.
pub static TUPLEGETTER: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    signature: "(index, doc, /)",
    slots: SlotTable {
        new: Some(new),
        repr: Some(repr),
        descr_get: Some(descr_get),
        descr_set: Some(descr_set),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "", NativeFn::F1(reduce), "")],
    getset: &[GetSet::new("__doc__", get_doc, set_doc, "")],
    ..TypeSpec::new("_collections", "_tuplegetter", layout_of::<TupleGetter>(true))
};

// SAFETY: `TUPLEGETTER`'s layout is `TupleGetter`.
unsafe impl Payload for TupleGetter {
    fn layout_type() -> &'static Type {
        &TUPLEGETTER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.doc, visit);
    }

    fn clear(&self) {
        drop(self.doc.take());
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(index, doc, /)");
    let b = PARAMETERS.bind(t, &TUPLEGETTER, class, args)?;
    let index = size_argument(t, b.req(0))?;
    // A negative index finds nothing in any tuple.
    let index = usize::try_from(index).unwrap_or(usize::MAX);
    Ok(alloc::new(class, TupleGetter { index, doc: Slot::new(b.req(1).clone()) }))
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, class: &Value) -> PyResult {
    let Some(object) = object.filter(|object| !object.is_none() || class.is_none()) else { return Ok(v.clone()) };
    let index = this!(v, TupleGetter).index;
    if object.downcast::<tuple::Tuple>().is_none() {
        let message = format!(
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{}' object",
            object.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    tuple::items(object).get(index).cloned().ok_or_else(|| raise::index_error(t, "tuple index out of range"))
}

fn descr_set(t: &Thread, _: &Value, _: &Value, value: Option<&Value>) -> PyResult<()> {
    let message = if value.is_some() { "can't set attribute" } else { "can't delete attribute" };
    Err(raise::new(t, &crate::object::core_types::exc::ATTRIBUTE_ERROR, message))
}

fn get_doc(_: &Thread, v: &Value) -> PyResult {
    Ok(this!(v, TupleGetter).doc.load().unwrap_or(Value::NONE))
}

fn set_doc(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    put(t, v, &this!(v, TupleGetter).doc, value.cloned());
    Ok(())
}

fn parts(t: &Thread, v: &Value) -> PyResult<(Value, Value)> {
    let index = this!(v, TupleGetter).index;
    Ok((Value::int(i64::try_from(index).unwrap_or(-1)), get_doc(t, v)?))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let (index, doc) = parts(t, v)?;
    Ok(tuple::from_iter(2, [v.class().to_value(), tuple::from_iter(2, [index, doc])]))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let (index, doc) = parts(t, v)?;
    let doc = protocol::repr(t, &doc)?;
    let index = index.as_small_int().unwrap_or(-1);
    Ok(str::from_str(&format!("{}({index}, {})", v.class().name(), str::lossy(&doc))))
}
