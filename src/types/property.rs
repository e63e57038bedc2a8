//! property: an attribute that functions compute.

use crate::object::args::{Args, Signature};
use crate::object::core_types::{self, exc};
use crate::object::exception::visit_slot;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::types::staticmethod::is_abstract;
use std::sync::LazyLock;

/// The payload; empty slots stand for None.
pub struct Property {
    pub getter: Slot,
    setter: Slot,
    deleter: Slot,
    doc: Slot,
    /// The name under which a class statement stored it.
    name: Slot,
    /// Whether `doc` was taken from the getter.
    getter_doc: AtomicBool,
}

// SAFETY: `PROPERTY`'s layout is `Property`.
unsafe impl Payload for Property {
    fn layout_type() -> &'static Type {
        &core_types::PROPERTY
    }

    fn trace(&self, visit: Visit) {
        for slot in self.slots() {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in self.slots() {
            drop(slot.take());
        }
    }
}

impl Property {
    fn slots(&self) -> [&Slot; 5] {
        [&self.getter, &self.setter, &self.deleter, &self.doc, &self.name]
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Property attribute: fget, fset and fdel get, set and delete it; doc is its documentation, by default fget's.",
    signature: "(fget=None, fset=None, fdel=None, doc=None)",
    slots: SlotTable {
        descr_get: Some(descr_get),
        descr_set: Some(descr_set),
        init: Some(init),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "getter",
            "($self, object, /)",
            NativeFn::F2(|t, v, f| copy(t, v, [Some(f), None, None])),
            "Descriptor to obtain a copy of the property with a different getter.",
        ),
        Method::new(
            "setter",
            "($self, object, /)",
            NativeFn::F2(|t, v, f| copy(t, v, [None, Some(f), None])),
            "Descriptor to obtain a copy of the property with a different setter.",
        ),
        Method::new(
            "deleter",
            "($self, object, /)",
            NativeFn::F2(|t, v, f| copy(t, v, [None, None, Some(f)])),
            "Descriptor to obtain a copy of the property with a different deleter.",
        ),
        Method::new(
            "__set_name__",
            "($self, owner, name, /)",
            NativeFn::Raw(|t, args| {
                let [v, _, name] = args.pos() else {
                    let n = args.pos().len().saturating_sub(1);
                    let message = format!("__set_name__() takes 2 positional arguments but {n} were given");
                    return Err(raise::type_error(t, message));
                };
                put(t, v, |p| &p.name, Some(name));
                Ok(Value::NONE)
            }),
            "Method to set name of a property.",
        ),
    ],
    getset: &[
        GetSet::read_only("fget", |_, v| Ok(read(v, |p| &p.getter)), "").as_member(),
        GetSet::read_only("fset", |_, v| Ok(read(v, |p| &p.setter)), "").as_member(),
        GetSet::read_only("fdel", |_, v| Ok(read(v, |p| &p.deleter)), "").as_member(),
        GetSet::new(
            "__doc__",
            |_, v| Ok(read(v, |p| &p.doc)),
            |t, v, doc| {
                put(t, v, |p| &p.doc, doc);
                Ok(())
            },
            "",
        )
        .as_member(),
        GetSet::new("__name__", get_name, set_name, ""),
        GetSet::read_only("__isabstractmethod__", get_abstract, ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "property", layout_of::<Property>(true))
};

fn of(v: &Value) -> Option<&Property> {
    v.downcast::<Property>()
}

fn read(v: &Value, slot: fn(&Property) -> &Slot) -> Value {
    of(v).and_then(|p| slot(p).load()).unwrap_or(Value::NONE)
}

fn put(t: &Thread, v: &Value, slot: fn(&Property) -> &Slot, value: Option<&Value>) {
    let (Some(p), Some(header)) = (of(v), v.header()) else { return };
    let old = {
        let _guard = t.lock(header);
        slot(p).swap(value.cloned())
    };
    drop(old);
}

fn new(_: &Thread, class: &Type, _: Args<'_>) -> PyResult {
    let payload = Property {
        getter: Slot::empty(),
        setter: Slot::empty(),
        deleter: Slot::empty(),
        doc: Slot::empty(),
        name: Slot::empty(),
        getter_doc: AtomicBool::new(false),
    };
    Ok(alloc::new(class, payload))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: LazyLock<Signature> =
        LazyLock::new(|| Signature::parse("(fget=None, fset=None, fdel=None, doc=None)"));
    let bound = SIGNATURE.bind(t, "property", args, 0)?;
    put(t, v, |p| &p.getter, bound.non_none(0));
    put(t, v, |p| &p.setter, bound.non_none(1));
    put(t, v, |p| &p.deleter, bound.non_none(2));
    put(t, v, |p| &p.name, None);
    let Some(this) = of(v) else { return Ok(()) };
    this.getter_doc.store(false, Relaxed);
    let mut doc = bound.non_none(3).cloned();
    if doc.is_none()
        && let Some(getter) = bound.non_none(0)
    {
        doc = protocol::lookup_attr(t, getter, &known().__doc__)?.filter(|d| !d.is_none());
        this.getter_doc.store(doc.is_some(), Relaxed);
    }
    if v.is_exact(&core_types::PROPERTY) {
        put(t, v, |p| &p.doc, doc.as_ref());
        return Ok(());
    }
    // A subclass's instances have a `__doc__` of their own, which its class hides otherwise.
    if let Err(raised) = protocol::set_attr(t, v, &known().__doc__, doc.as_ref().unwrap_or(Value::none_ref())) {
        // As in CPython, a text given by `doc=` is lost where there is no room for it; a getter's is an error.
        if this.getter_doc.load(Relaxed) {
            return Err(raised);
        }
        raise::suppress(t, raised, &exc::ATTRIBUTE_ERROR)?;
    }
    Ok(())
}

/// A copy with some of getter, setter and deleter replaced.
fn copy(t: &Thread, v: &Value, new: [Option<&Value>; 3]) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::NONE) };
    let pick = |new: Option<&Value>, old: Value| new.and_then(Value::non_none).cloned().unwrap_or(old);
    let getter = pick(new[0], read(v, |p| &p.getter));
    let setter = pick(new[1], read(v, |p| &p.setter));
    let deleter = pick(new[2], read(v, |p| &p.deleter));
    let doc = if this.getter_doc.load(Relaxed) && !getter.is_none() { Value::NONE } else { read(v, |p| &p.doc) };
    let made = protocol::call_values(t, &v.class().to_value(), &[getter, setter, deleter, doc])?;
    if let Some(name) = this.name.load() {
        put(t, &made, |p| &p.name, Some(&name));
    }
    Ok(made)
}

/// The name for messages: the one of the class statement, else the getter's.
fn name_of(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = of(v) else { return Ok(None) };
    if let Some(name) = this.name.load() {
        return Ok(Some(name));
    }
    match this.getter.load() {
        Some(getter) => protocol::lookup_attr(t, &getter, &known().__name__),
        None => Ok(None),
    }
}

/// AttributeError: "property 'x' of 'C' object has no setter".
#[cold]
fn missing(t: &Thread, v: &Value, object: &Value, what: &str) -> raise::Raised {
    let name = match name_of(t, v) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    let qualname = match protocol::get_attr(t, &object.class().as_value(), &known().__qualname__) {
        Ok(qualname) => protocol::repr_lossy(t, &qualname),
        Err(raised) => return raised,
    };
    let message = match &name {
        Some(name) => format!("property {} of {qualname} object has no {what}", protocol::repr_lossy(t, name)),
        None => format!("property of {qualname} object has no {what}"),
    };
    raise::new(t, &exc::ATTRIBUTE_ERROR, message)
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, _: &Value) -> PyResult {
    let (Some(object), Some(this)) = (object.and_then(Value::non_none), of(v)) else { return Ok(v.clone()) };
    match this.getter.load() {
        Some(getter) => protocol::call_values(t, &getter, std::slice::from_ref(object)),
        None => Err(missing(t, v, object, "getter")),
    }
}

fn descr_set(t: &Thread, v: &Value, object: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(this) = of(v) else { return Ok(()) };
    match value {
        Some(value) => match this.setter.load() {
            Some(f) => protocol::call_values(t, &f, &[object.clone(), value.clone()]).map(drop),
            None => Err(missing(t, v, object, "setter")),
        },
        None => match this.deleter.load() {
            Some(f) => protocol::call_values(t, &f, std::slice::from_ref(object)).map(drop),
            None => Err(missing(t, v, object, "deleter")),
        },
    }
}

fn get_name(t: &Thread, v: &Value) -> PyResult {
    match name_of(t, v)? {
        Some(name) => Ok(name),
        None => Err(raise::no_attribute(t, v, &known().__name__)),
    }
}

fn set_name(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    put(t, v, |p| &p.name, value);
    Ok(())
}

fn get_abstract(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = of(v) else { return Ok(Value::FALSE) };
    for slot in [&this.getter, &this.setter, &this.deleter] {
        if let Some(f) = slot.load()
            && is_abstract(t, &f)?
        {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}
