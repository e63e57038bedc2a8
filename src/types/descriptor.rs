//! Computed attributes as Python sees them: `getset_descriptor` and `member_descriptor`.
//!
//! One payload serves both: a row of a native type's table, or a slot that `__slots__` named.

use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::instance;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Getter, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, keys, protocol, str, tuple};

/// What a descriptor computes.
enum Kind {
    Row(&'static GetSet),
    /// The instance's slot with this index.
    Slot(u32),
}

/// The payload of both types.
pub struct Attribute {
    kind: Kind,
    name: Slot,
    doc: Slot,
    owner: Slot,
}

// SAFETY: the layout of `GETSET_DESCRIPTOR` and of `MEMBER_DESCRIPTOR`, which derives from it for Rust only, is `Attribute`.
unsafe impl Payload for Attribute {
    fn layout_type() -> &'static Type {
        &core_types::GETSET_DESCRIPTOR
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.name, &self.doc, &self.owner] {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        drop(self.owner.take());
    }
}

// SAFETY: `MEMBER_DESCRIPTOR`'s layout is `Member`.
unsafe impl Payload for Member {
    fn layout_type() -> &'static Type {
        &core_types::MEMBER_DESCRIPTOR
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }

    fn clear(&self) {
        self.0.clear();
    }
}

/// The same payload for the other type.
#[repr(transparent)]
pub struct Member(Attribute);

/// The descriptor of a row of a native type's table.
pub fn from_row(row: &'static GetSet, owner: &Type) -> Value {
    let payload = Attribute {
        kind: Kind::Row(row),
        name: Slot::new(crate::object::names::intern(row.name)),
        doc: Slot::empty(),
        owner: Slot::new(owner.to_value()),
    };
    if row.member {
        return alloc::new(&core_types::MEMBER_DESCRIPTOR, Member(payload));
    }
    alloc::new(&core_types::GETSET_DESCRIPTOR, payload)
}

/// The descriptor of a member that `__slots__` of `owner` names.
pub fn from_slot(name: Value, index: u32, doc: Option<Value>, owner: &Type) -> Value {
    let payload = Attribute {
        kind: Kind::Slot(index),
        name: Slot::new(name),
        doc: Slot::from_option(doc),
        owner: Slot::new(owner.to_value()),
    };
    alloc::new(&core_types::MEMBER_DESCRIPTOR, Member(payload))
}

/// The payload, if the value is a descriptor of either type.
#[inline]
fn of(v: &Value) -> Option<&Attribute> {
    match v.downcast_exact::<Member>() {
        Some(member) => Some(&member.0),
        None => v.downcast_exact::<Attribute>(),
    }
}

/// For inline caches: the function that computes a native type's attribute for instances of `class`, if `v` describes one.
pub fn getter(v: &Value, class: &Type) -> Option<Getter> {
    let attribute = of(v)?;
    let Kind::Row(row) = attribute.kind else { return None };
    class.is_subtype(attribute.owner.load()?.downcast::<Type>()?).then_some(row.get)
}

/// For inline caches: the slot index and the owner of a member that `__slots__` made. An instance of the owner's
/// subclasses holds the member in that slot of its `instance::Attributes`.
pub fn slot_member(v: &Value) -> Option<(u32, Value)> {
    let member = v.downcast_exact::<Member>()?;
    match member.0.kind {
        Kind::Slot(index) => Some((index, member.0.owner.load()?)),
        Kind::Row(_) => None,
    }
}

const fn spec(name: &'static str, layout: crate::object::slots::Layout) -> TypeSpec {
    TypeSpec {
        slots: SlotTable {
            repr: Some(repr),
            descr_get: Some(descr_get),
            descr_set: Some(descr_set),
            ..SlotTable::EMPTY
        },
        getset: ATTRIBUTES,
        flags: flag::DISALLOW_INSTANTIATION,
        ..TypeSpec::new("builtins", name, layout)
    }
}

pub static SPEC: TypeSpec = spec("getset_descriptor", layout_of::<Attribute>(true));

pub static MEMBER_SPEC: TypeSpec = TypeSpec {
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "")],
    ..spec("member_descriptor", layout_of::<Member>(true))
};

const ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", |_, v| Ok(name(v)), "").as_member(),
    GetSet::read_only("__qualname__", qualname, ""),
    GetSet::read_only("__objclass__", |_, v| Ok(owner(v)), "").as_member(),
    GetSet::read_only("__doc__", doc, ""),
];

fn name(v: &Value) -> Value {
    of(v).and_then(|d| d.name.load()).unwrap_or(Value::NONE)
}

fn owner(v: &Value) -> Value {
    of(v).and_then(|d| d.owner.load()).unwrap_or(Value::NONE)
}

fn doc(_: &Thread, v: &Value) -> PyResult {
    let Some(d) = of(v) else { return Ok(Value::NONE) };
    Ok(match (&d.kind, d.doc.load()) {
        (_, Some(doc)) => doc,
        (Kind::Row(row), None) if !row.doc.is_empty() => str::from_str(row.doc),
        _ => Value::NONE,
    })
}

fn qualname(t: &Thread, v: &Value) -> PyResult {
    let class = protocol::get_attr(t, &owner(v), &known().__qualname__)?;
    Ok(str::from_str(&format!("{}.{}", str::lossy(&class), str::lossy(&name(v)))))
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let owner = owner(v);
    let class = owner.downcast::<Type>().map_or("?", Type::name);
    let what = if v.is_exact(&core_types::MEMBER_DESCRIPTOR) { "member" } else { "attribute" };
    Ok(str::from_str(&format!("<{what} '{}' of '{class}' objects>", str::lossy(&name(v)))))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![owner(v), name(v)])]))
}

/// Raises TypeError unless `object` is an instance of the descriptor's owner.
fn check(t: &Thread, d: &Attribute, object: &Value) -> PyResult<()> {
    let Some(owner) = d.owner.load() else { return Ok(()) };
    match owner.downcast::<Type>() {
        Some(class) if !object.class().is_subtype(class) => {
            let name = d.name.load().unwrap_or(Value::NONE);
            let message = format!(
                "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
                str::lossy(&name),
                class.display_name(),
                object.class().display_name()
            );
            Err(raise::type_error(t, message))
        }
        _ => Ok(()),
    }
}

/// The slot of `object` with this index.
fn member_slot(object: &Value, index: u32) -> Option<&Slot> {
    let attributes = instance::attributes(object.header()?)?;
    // SAFETY: below the capacity, as tested.
    (index < attributes.capacity()).then(|| unsafe { attributes.slot(index as usize) })
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, _: &Value) -> PyResult {
    let (Some(object), Some(d)) = (object, of(v)) else { return Ok(v.clone()) };
    check(t, d, object)?;
    match d.kind {
        Kind::Row(row) => (row.get)(t, object),
        Kind::Slot(index) => match member_slot(object, index).and_then(Slot::load) {
            Some(found) => Ok(found),
            None => {
                let (class, name) = (keys::qualified_name(object.class()), name(v));
                let message = format!("'{class}' object has no attribute '{}'", str::lossy(&name));
                Err(raise::attribute_error(t, object, &name, message))
            }
        },
    }
}

fn descr_set(t: &Thread, v: &Value, object: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(d) = of(v) else { return Ok(()) };
    check(t, d, object)?;
    match d.kind {
        Kind::Row(row) => match row.set {
            Some(set) => set(t, object, value),
            None if row.member => Err(raise::attribute_error(t, object, &name(v), "readonly attribute")),
            None => {
                let owner = owner(v);
                let class = owner.downcast::<Type>().map_or("?".into(), Type::display_name);
                let message = format!("attribute '{}' of '{class}' objects is not writable", row.name);
                Err(raise::attribute_error(t, object, &name(v), message))
            }
        },
        Kind::Slot(index) => {
            let (Some(slot), Some(header)) = (member_slot(object, index), object.header()) else { return Ok(()) };
            let old = {
                let _guard = t.lock(header);
                slot.swap(value.cloned())
            };
            if old.is_none() && value.is_none() {
                let name = name(v);
                return Err(raise::attribute_error(t, object, &name, str::lossy(&name)));
            }
            Ok(())
        }
    }
}
