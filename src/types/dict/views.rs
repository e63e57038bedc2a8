//! The views of a dict: `dict_keys`, `dict_values`, `dict_items`. Those of keys and entries behave like sets.

use super::iter::{self, BACKWARD, ITEMS, KEYS, VALUES};
use crate::bytecode::opcode::CompareOp;
use crate::object::dict::Dict;
use crate::object::raise::PyResult;
use crate::object::set;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, list, protocol, quick};
use crate::types::builtin_items;
use crate::types::iteration::Part;
use crate::types::sequence;
use crate::types::set as set_type;

/// The dict, which never changes.
pub struct View<const KIND: u8> {
    dict: Stored,
}

pub static KEYS_VIEW: StaticType = StaticType::new(&KEYS_SPEC);
pub static VALUES_VIEW: StaticType = StaticType::new(&VALUES_SPEC);
pub static ITEMS_VIEW: StaticType = StaticType::new(&ITEMS_SPEC);

// SAFETY: the layout of each kind's type is this payload.
unsafe impl<const KIND: u8> Payload for View<KIND> {
    fn layout_type() -> &'static Type {
        match KIND {
            KEYS => &KEYS_VIEW,
            VALUES => &VALUES_VIEW,
            _ => &ITEMS_VIEW,
        }
    }

    fn trace(&self, visit: Visit) {
        visit(&self.dict);
    }

    fn clear(&self) {
        // A cycle through a view is broken at the dict.
    }
}

const fn slots<const KIND: u8>() -> SlotTable {
    SlotTable {
        repr: Some(repr::<KIND>),
        iter: Some(|_, v| Ok(dict_of::<KIND>(v).map_or(Value::NONE, |d| iter::new::<KIND>(Value::clone(d))))),
        len: Some(|_, v| Ok(len::<KIND>(v))),
        ..SlotTable::EMPTY
    }
}

const fn set_slots<const KIND: u8>() -> SlotTable {
    SlotTable {
        richcompare: Some(compare),
        contains: Some(contains),
        subtract: Some(subtract),
        and: Some(and),
        or: Some(or),
        xor: Some(xor),
        ..slots::<KIND>()
    }
}

const MAPPING_DOC: &str = "The dictionary behind the view, not to be changed through it.";
const REVERSED_DOC: &str = "An iterator over the same from the last to the first.";
const IS_DISJOINT: Method = Method::new(
    "isdisjoint",
    "($self, other, /)",
    NativeFn::F2(is_disjoint),
    "Whether the view and the other have no element in common.",
);

pub static KEYS_SPEC: TypeSpec = TypeSpec {
    slots: set_slots::<KEYS>(),
    methods: &[
        IS_DISJOINT,
        Method::new("__reversed__", "($self, /)", NativeFn::F1(reversed::<KEYS, { BACKWARD + KEYS }>), REVERSED_DOC),
    ],
    getset: &[GetSet::read_only("mapping", mapping::<KEYS>, MAPPING_DOC)],
    ..TypeSpec::new("builtins", "dict_keys", layout_of::<View<KEYS>>(true))
};

pub static VALUES_SPEC: TypeSpec = TypeSpec {
    slots: slots::<VALUES>(),
    methods: &[Method::new(
        "__reversed__",
        "($self, /)",
        NativeFn::F1(reversed::<VALUES, { BACKWARD + VALUES }>),
        REVERSED_DOC,
    )],
    getset: &[GetSet::read_only("mapping", mapping::<VALUES>, MAPPING_DOC)],
    ..TypeSpec::new("builtins", "dict_values", layout_of::<View<VALUES>>(true))
};

pub static ITEMS_SPEC: TypeSpec = TypeSpec {
    slots: set_slots::<ITEMS>(),
    methods: &[
        IS_DISJOINT,
        Method::new("__reversed__", "($self, /)", NativeFn::F1(reversed::<ITEMS, { BACKWARD + ITEMS }>), REVERSED_DOC),
    ],
    getset: &[GetSet::read_only("mapping", mapping::<ITEMS>, MAPPING_DOC)],
    ..TypeSpec::new("builtins", "dict_items", layout_of::<View<ITEMS>>(true))
};

fn new<const KIND: u8>(dict: &Value) -> PyResult {
    Ok(alloc::new(View::<KIND>::layout_type(), View::<KIND> { dict: Stored::new(dict.clone()) }))
}

/// A view of a subclass of this kind's type.
pub fn new_with_class<const KIND: u8>(class: &Type, dict: &Value) -> Value {
    alloc::new(class, View::<KIND> { dict: Stored::new(dict.clone()) })
}

/// `dict.keys()`.
pub fn keys(_t: &Thread, dict: &Value) -> PyResult {
    new::<KEYS>(dict)
}

/// `dict.values()`.
pub fn values(_t: &Thread, dict: &Value) -> PyResult {
    new::<VALUES>(dict)
}

/// `dict.items()`.
pub fn items(_t: &Thread, dict: &Value) -> PyResult {
    new::<ITEMS>(dict)
}

/// The dict behind a view of this kind.
pub fn dict_of<const KIND: u8>(v: &Value) -> Option<&Value> {
    v.downcast::<View<KIND>>().map(|view| &*view.dict)
}

fn len<const KIND: u8>(v: &Value) -> usize {
    dict_of::<KIND>(v).and_then(|dict| dict.downcast::<Dict>()).map_or(0, Dict::len)
}

fn mapping<const KIND: u8>(t: &Thread, v: &Value) -> PyResult {
    let Some(dict) = dict_of::<KIND>(v) else { return Ok(Value::NONE) };
    protocol::call_values(t, &core_types::MAPPING_PROXY.to_value(), std::slice::from_ref(dict))
}

fn reversed<const KIND: u8, const REVERSE: u8>(_t: &Thread, v: &Value) -> PyResult {
    Ok(dict_of::<KIND>(v).map_or(Value::NONE, |dict| iter::new::<REVERSE>(dict.clone())))
}

/// The dict behind a view, and what the view shows of it.
pub fn dict_of_view(v: &Value) -> Option<(&Dict, Part)> {
    let (dict, part) = if let Some(dict) = dict_of::<KEYS>(v) {
        (dict, Part::Keys)
    } else if let Some(dict) = dict_of::<VALUES>(v) {
        (dict, Part::Values)
    } else {
        (dict_of::<ITEMS>(v)?, Part::Items)
    };
    Some((dict.downcast::<Dict>()?, part))
}

fn repr<const KIND: u8>(t: &Thread, v: &Value) -> PyResult {
    sequence::guarded_repr(t, v, "...", |out| {
        out.push_str(v.class().name());
        out.push_str("(");
        sequence::push_repr(t, out, &list::from_vec(builtin_items(t, v).unwrap_or_default()))?;
        out.push_str(")");
        Ok(())
    })
}

/// `x in view` of keys or entries.
fn contains(t: &Thread, v: &Value, element: &Value) -> PyResult<bool> {
    if let Some(dict) = dict_of::<KEYS>(v) {
        return protocol::contains(t, dict, element);
    }
    let Some(dict) = dict_of::<ITEMS>(v).and_then(|dict| dict.downcast::<Dict>()) else { return Ok(false) };
    let Some([key, value]) = element.downcast::<Tuple>().map(Tuple::items) else { return Ok(false) };
    match dict.get(t, key)? {
        Some(found) => quick::eq_or_ask(t, &found, value),
        None => Ok(false),
    }
}

/// Whether a value is a view that behaves like a set.
fn is_set_view(v: &Value) -> bool {
    dict_of::<KEYS>(v).is_some() || dict_of::<ITEMS>(v).is_some()
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !is_set_view(b) && set::of(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (protocol::len(t, a)?, protocol::len(t, b)?);
    Ok(Value::bool(match op {
        CompareOp::Eq => x == y && all_in(t, a, b)?,
        CompareOp::Ne => x != y || !all_in(t, a, b)?,
        CompareOp::Lt => x < y && all_in(t, a, b)?,
        CompareOp::Le => x <= y && all_in(t, a, b)?,
        CompareOp::Gt => x > y && all_in(t, b, a)?,
        CompareOp::Ge => x >= y && all_in(t, b, a)?,
    }))
}

fn all_in(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    let iterator = protocol::iter(t, a)?;
    while let Some(element) = protocol::next(t, &iterator)? {
        if !protocol::contains(t, b, &element)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A new set of what an operand iterates over.
fn to_set(t: &Thread, v: &Value) -> PyResult {
    set_type::from_iterable(t, &core_types::SET, v)
}

fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let result = to_set(t, a)?;
    set_type::methods::remove_all_of(t, &result, b)?;
    Ok(result)
}

fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let result = to_set(t, a)?;
    if let Some(this) = set::of(&result) {
        set_type::methods::update_one(t, this, b)?;
    }
    Ok(result)
}

fn xor(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let result = to_set(t, a)?;
    set_type::methods::symmetric_difference_update(t, &result, b)?;
    Ok(result)
}

/// The elements are those of the smaller operand.
fn and(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (mut view, mut other) = if is_set_view(a) { (a, b) } else { (b, a) };
    let sized = is_set_view(other) || other.is_exact(&core_types::SET);
    if sized && protocol::len(t, other)? > protocol::len(t, view)? {
        (view, other) = (other, view);
    }
    let result = set::new();
    if let Some(this) = set::of(&result) {
        let iterator = protocol::iter(t, other)?;
        while let Some(element) = protocol::next(t, &iterator)? {
            if protocol::contains(t, view, &element)? {
                this.add(t, element)?;
            }
        }
    }
    Ok(result)
}

fn is_disjoint(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let (mut view, mut other) = (v, other);
    if v.is(other) {
        return Ok(Value::bool(protocol::len(t, v)? == 0));
    }
    if (is_set_view(other) || set::of(other).is_some()) && protocol::len(t, other)? > protocol::len(t, view)? {
        (view, other) = (other, view);
    }
    let iterator = protocol::iter(t, other)?;
    while let Some(element) = protocol::next(t, &iterator)? {
        if protocol::contains(t, view, &element)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}
