//! Bound methods: a callable and the object that becomes its first argument.

use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::names::known;
use crate::object::native;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method as Row, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, attribute, protocol, str, tuple};

/// The payload. Neither part changes.
pub struct Method {
    pub function: Stored,
    pub object: Stored,
}

// SAFETY: `METHOD`'s layout is `Method`.
unsafe impl Payload for Method {
    fn layout_type() -> &'static Type {
        &core_types::METHOD
    }

    fn trace(&self, visit: Visit) {
        visit(&self.function);
        visit(&self.object);
    }

    fn clear(&self) {
        // Neither part can be given up; a cycle through a method has another member that can.
    }
}

/// A method of `object`.
#[inline]
pub fn new(function: Value, object: Value) -> Value {
    alloc::new_fixed(&core_types::METHOD, Method { function: Stored::new(function), object: Stored::new(object) })
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a bound instance method object.",
    signature: "(function, instance, /)",
    slots: SlotTable {
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(richcompare),
        call: Some(call),
        getattro: Some(getattro),
        descr_get: Some(|_, v, _, _| Ok(v.clone())),
        new: Some(make),
        ..SlotTable::EMPTY
    },
    methods: &[Row::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "")],
    getset: &[
        GetSet::read_only("__func__", |_, v| Ok(function(v)), "the function (or other callable) implementing a method")
            .as_member(),
        GetSet::read_only("__self__", |_, v| Ok(object(v)), "the instance to which a method is bound").as_member(),
        GetSet::read_only("__doc__", |t, v| protocol::get_attr(t, &function(v), &known().__doc__), ""),
    ],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "method", layout_of::<Method>(true))
};

fn function(v: &Value) -> Value {
    v.downcast::<Method>().map_or(Value::NONE, |m| m.function.clone())
}

fn object(v: &Value) -> Value {
    v.downcast::<Method>().map_or(Value::NONE, |m| m.object.clone())
}

fn make(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "method")?;
    let [function, object] = args.exactly_positional(t, "method", 2, 2)? else {
        return Ok(Value::NONE);
    };
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "first argument must be callable"));
    }
    if object.is_none() {
        return Err(raise::type_error(t, "instance must not be None"));
    }
    Ok(new(function.clone(), object.clone()))
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    match v.downcast::<Method>() {
        Some(m) => native::with_first(&m.object, args, |args| protocol::call(t, &m.function, args)),
        None => Ok(Value::NONE),
    }
}

/// Attributes of method objects themselves, else of the function.
fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    // The function may be a method, and so on.
    protocol::check_recursion(t, "")?;
    let class = v.class();
    if let Some(found) = attribute::lookup(t, class, name) {
        return match found.class().slots.descr_get.get() {
            Some(get) => get(t, &found, Some(v), &class.as_value()),
            None => Ok(found),
        };
    }
    match v.downcast::<Method>() {
        Some(m) => protocol::get_attr(t, &m.function, name),
        None => attribute::generic_get(t, v, name),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(m) = v.downcast::<Method>() else { return Ok(Value::NONE) };
    let mut name = protocol::lookup_attr(t, &m.function, &known().__qualname__)?;
    if name.is_none() {
        name = protocol::lookup_attr(t, &m.function, &known().__name__)?;
    }
    let name = match &name {
        Some(name) if str::view(name).is_some() => str::lossy(name).into_owned(),
        _ => "?".to_string(),
    };
    let object = protocol::repr(t, &m.object)?;
    Ok(str::from_str(&format!("<bound method {name} of {}>", str::lossy(&object))))
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(m) = v.downcast::<Method>() else { return Ok(0) };
    protocol::check_recursion(t, "")?;
    let hash = protocol::identity_hash(&m.object) ^ protocol::hash(t, &m.function)?;
    Ok(if hash == -1 { -2 } else { hash })
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Method>(), b.downcast::<Method>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = x.object.is(&y.object) && protocol::eq(t, &x.function, &y.function)?;
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let name = protocol::get_attr(t, &function(v), &known().__name__)?;
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![object(v), name])]))
}
