//! Native slots as Python callables: `wrapper_descriptor` (`int.__add__`) and `method-wrapper` (`(1).__add__`).

use super::type_::specials::{self, Special, Wrapped};
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, str, tuple};

/// A native slot of `owner` under its special method's name.
pub struct WrapperDescriptor {
    pub special: &'static Special,
    pub wrapped: Wrapped,
    owner: Slot,
}

/// A wrapper bound to an object.
pub struct MethodWrapper {
    descriptor: Slot,
    object: Slot,
}

// SAFETY: `WRAPPER_DESCRIPTOR`'s layout is `WrapperDescriptor`.
unsafe impl Payload for WrapperDescriptor {
    fn layout_type() -> &'static Type {
        &core_types::WRAPPER_DESCRIPTOR
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.owner, visit);
    }

    fn clear(&self) {
        drop(self.owner.take());
    }
}

// SAFETY: `METHOD_WRAPPER`'s layout is `MethodWrapper`.
unsafe impl Payload for MethodWrapper {
    fn layout_type() -> &'static Type {
        &core_types::METHOD_WRAPPER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.descriptor, visit);
        visit_slot(&self.object, visit);
    }

    fn clear(&self) {
        drop(self.descriptor.take());
        drop(self.object.take());
    }
}

/// The descriptor of a native type's slot.
pub fn new(special: &'static Special, wrapped: Wrapped, owner: &Type) -> Value {
    let payload = WrapperDescriptor { special, wrapped, owner: Slot::new(owner.to_value()) };
    alloc::new(&core_types::WRAPPER_DESCRIPTOR, payload)
}

impl WrapperDescriptor {
    /// The native type whose slot this is.
    pub fn owner(&self) -> Option<Value> {
        self.owner.load()
    }

    /// Checks that `object` is an instance of the owner.
    fn check(&self, t: &Thread, object: &Value) -> PyResult<()> {
        let Some(owner) = self.owner.load() else { return Ok(()) };
        match owner.downcast::<Type>() {
            Some(class) if !object.class().is_subtype(class) => Err(raise::type_error(
                t,
                format!(
                    "descriptor '{}' requires a '{}' object but received a '{}'",
                    self.special.name,
                    class.display_name(),
                    object.class().display_name()
                ),
            )),
            _ => Ok(()),
        }
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { repr: Some(repr), call: Some(call), descr_get: Some(descr_get), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "")],
    getset: &[
        GetSet::read_only("__name__", |_, v| Ok(name(v)), "").as_member(),
        GetSet::read_only("__qualname__", qualname, ""),
        GetSet::read_only("__objclass__", |_, v| Ok(owner(v)), "").as_member(),
        GetSet::read_only("__doc__", |_, v| Ok(doc(v)), ""),
        GetSet::read_only("__text_signature__", |_, v| Ok(text_signature(v)), ""),
    ],
    flags: flag::METHOD_DESCRIPTOR | flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "wrapper_descriptor", layout_of::<WrapperDescriptor>(true))
};

pub static METHOD_WRAPPER_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(bound_repr),
        hash: Some(bound_hash),
        richcompare: Some(bound_compare),
        call: Some(bound_call),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(bound_reduce), "")],
    getset: &[
        GetSet::read_only("__self__", |_, v| Ok(bound_object(v)), "").as_member(),
        GetSet::read_only("__name__", |_, v| Ok(name(&bound_descriptor(v))), ""),
        GetSet::read_only("__qualname__", |t, v| qualname(t, &bound_descriptor(v)), ""),
        GetSet::read_only("__objclass__", |_, v| Ok(owner(&bound_descriptor(v))), ""),
        GetSet::read_only("__doc__", |_, v| Ok(doc(&bound_descriptor(v))), ""),
        GetSet::read_only("__text_signature__", |_, v| Ok(text_signature(&bound_descriptor(v))), ""),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "method-wrapper", layout_of::<MethodWrapper>(true))
};

fn this(v: &Value) -> Option<&WrapperDescriptor> {
    v.downcast::<WrapperDescriptor>()
}

fn name(v: &Value) -> Value {
    this(v).map_or(Value::NONE, |d| crate::object::names::intern(d.special.name))
}

fn owner(v: &Value) -> Value {
    this(v).and_then(|d| d.owner.load()).unwrap_or(Value::NONE)
}

fn doc(v: &Value) -> Value {
    this(v).map_or(Value::NONE, |d| str::from_str(d.special.doc))
}

fn text_signature(v: &Value) -> Value {
    this(v).map_or(Value::NONE, |d| str::from_str(d.special.signature))
}

fn qualname(t: &Thread, v: &Value) -> PyResult {
    let class = protocol::get_attr(t, &owner(v), &crate::object::names::known().__qualname__)?;
    let text = format!("{}.{}", str::lossy(&class), str::lossy(&name(v)));
    Ok(str::from_str(&text))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![owner(v), name(v)])]))
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let owner = owner(v);
    let class = owner.downcast::<Type>().map_or("?", Type::name);
    Ok(str::from_str(&format!("<slot wrapper '{}' of '{class}' objects>", str::lossy(&name(v)))))
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let Some(d) = this(v) else { return Ok(Value::NONE) };
    let Some(object) = args.pos().first() else {
        let owner = owner(v);
        let class = owner.downcast::<Type>().map_or("?", Type::name);
        let message = format!("descriptor '{}' of '{class}' object needs an argument", d.special.name);
        return Err(raise::type_error(t, message));
    };
    d.check(t, object)?;
    specials::call(t, d.special, d.wrapped, object, args.skip(1))
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, _: &Value) -> PyResult {
    let (Some(object), Some(d)) = (object, this(v)) else { return Ok(v.clone()) };
    if let Some(owner) = d.owner.load()
        && let Some(class) = owner.downcast::<Type>()
        && !object.class().is_subtype(class)
    {
        let message = format!(
            "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
            d.special.name,
            class.display_name(),
            object.class().display_name()
        );
        return Err(raise::type_error(t, message));
    }
    let payload = MethodWrapper { descriptor: Slot::new(v.clone()), object: Slot::new(object.clone()) };
    Ok(alloc::new(&core_types::METHOD_WRAPPER, payload))
}

fn bound_descriptor(v: &Value) -> Value {
    v.downcast::<MethodWrapper>().and_then(|w| w.descriptor.load()).unwrap_or(Value::NONE)
}

fn bound_object(v: &Value) -> Value {
    v.downcast::<MethodWrapper>().and_then(|w| w.object.load()).unwrap_or(Value::NONE)
}

fn bound_repr(_: &Thread, v: &Value) -> PyResult {
    let object = bound_object(v);
    let text = format!(
        "<method-wrapper '{}' of {} object at {:#x}>",
        str::lossy(&name(&bound_descriptor(v))),
        object.class().name(),
        object.id()
    );
    Ok(str::from_str(&text))
}

fn bound_hash(_: &Thread, v: &Value) -> PyResult<i64> {
    Ok(protocol::identity_hash(&bound_object(v)) ^ protocol::identity_hash(&bound_descriptor(v)))
}

fn bound_compare(_: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let same = || bound_descriptor(a).is(&bound_descriptor(b)) && bound_object(a).is(&bound_object(b));
    Ok(match op {
        _ if b.downcast::<MethodWrapper>().is_none() => Value::NOT_IMPLEMENTED,
        CompareOp::Eq => Value::bool(same()),
        CompareOp::Ne => Value::bool(!same()),
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn bound_call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let (descriptor, object) = (bound_descriptor(v), bound_object(v));
    match this(&descriptor) {
        Some(d) => specials::call(t, d.special, d.wrapped, &object, args),
        None => Ok(Value::NONE),
    }
}

fn bound_reduce(t: &Thread, v: &Value) -> PyResult {
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![bound_object(v), name(&bound_descriptor(v))])]))
}
