//! The Python face of native functions: `builtin_function_or_method`, `method_descriptor`, `classmethod_descriptor`.

use crate::bytecode::opcode::CompareOp;
use crate::object::core_types;
use crate::object::names::{self, known};
use crate::object::native::{self, NativeFunction};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(function_repr),
        hash: Some(function_hash),
        richcompare: Some(function_compare),
        call: Some(native::call_function),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(function_reduce), "")],
    getset: &[
        GetSet::read_only("__name__", |_, v| Ok(name(v)), ""),
        GetSet::read_only("__qualname__", function_qualname, ""),
        GetSet::read_only("__doc__", |_, v| Ok(doc(v)), ""),
        GetSet::read_only("__text_signature__", |_, v| Ok(text_signature(v)), ""),
        GetSet::read_only("__self__", function_self, ""),
        GetSet::new("__module__", function_module, set_function_module, "").as_member(),
    ],
    flags: flag::HAS_WEAKREFS | flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "builtin_function_or_method", layout_of::<NativeFunction>(true))
};

pub static METHOD_DESCRIPTOR_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(descriptor_repr),
        call: Some(native::call_descriptor),
        descr_get: Some(method_get),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(descriptor_reduce), "")],
    getset: DESCRIPTOR_GETSET,
    flags: flag::METHOD_DESCRIPTOR | flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "method_descriptor", layout_of::<NativeFunction>(true))
};

pub static CLASS_METHOD_DESCRIPTOR_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        repr: Some(descriptor_repr),
        call: Some(class_method_call),
        descr_get: Some(class_method_get),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(descriptor_reduce), "")],
    getset: DESCRIPTOR_GETSET,
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("builtins", "classmethod_descriptor", layout_of::<NativeFunction>(true))
};

const DESCRIPTOR_GETSET: &[GetSet] = &[
    GetSet::read_only("__name__", |_, v| Ok(name(v)), "").as_member(),
    GetSet::read_only("__qualname__", descriptor_qualname, ""),
    GetSet::read_only("__objclass__", |_, v| Ok(owner(v)), "").as_member(),
    GetSet::read_only("__doc__", |_, v| Ok(doc(v)), ""),
    GetSet::read_only("__text_signature__", |_, v| Ok(text_signature(v)), ""),
];

fn name(v: &Value) -> Value {
    native::of(v).map_or(Value::NONE, |f| names::intern(f.method.name))
}

fn doc(v: &Value) -> Value {
    match native::of(v) {
        Some(f) if !f.method.doc.is_empty() => str::from_str(f.method.doc),
        _ => Value::NONE,
    }
}

fn text_signature(v: &Value) -> Value {
    match native::of(v) {
        Some(f) if !f.method.signature.is_empty() => str::from_str(f.method.signature),
        _ => Value::NONE,
    }
}

fn owner(v: &Value) -> Value {
    native::of(v).and_then(|f| f.owner.load()).unwrap_or(Value::NONE)
}

/// The object that a function is bound to; None for one that is not.
fn bound(v: &Value) -> Value {
    native::of(v).and_then(|f| f.bound.load()).unwrap_or(Value::NONE)
}

fn function_self(_: &Thread, v: &Value) -> PyResult {
    Ok(bound(v))
}

fn function_module(_: &Thread, v: &Value) -> PyResult {
    // A static method's `owner` is its class, which is not its module.
    let module = owner(v);
    Ok(if str::view(&module).is_some() { module } else { Value::NONE })
}

fn set_function_module(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    if let (Some(f), Some(header)) = (native::of(v), v.header()) {
        let old = {
            let _guard = t.lock(header);
            f.owner.swap(value.cloned())
        };
        drop(old);
    }
    Ok(())
}

fn function_qualname(t: &Thread, v: &Value) -> PyResult {
    let object = bound(v);
    if object.is_none() && owner(v).downcast::<Type>().is_some() {
        // A static method.
        return descriptor_qualname(t, v);
    }
    if object.is_none() || object.downcast::<super::module_::Module>().is_some() {
        return Ok(name(v));
    }
    let class = if object.downcast::<Type>().is_some() { object } else { object.class().to_value() };
    let qualname = protocol::get_attr(t, &class, &known().__qualname__)?;
    if str::view(&qualname).is_none() {
        let message = "<method>.__class__.__qualname__ is not a unicode object";
        return Err(raise::type_error(t, message));
    }
    Ok(str::from_str(&format!("{}.{}", str::lossy(&qualname), str::lossy(&name(v)))))
}

fn descriptor_qualname(t: &Thread, v: &Value) -> PyResult {
    let class = protocol::get_attr(t, &owner(v), &known().__qualname__)?;
    Ok(str::from_str(&format!("{}.{}", str::lossy(&class), str::lossy(&name(v)))))
}

fn function_repr(_: &Thread, v: &Value) -> PyResult {
    let object = bound(v);
    let name = name(v);
    let name = str::lossy(&name);
    Ok(str::from_str(&if object.is_none() || object.downcast::<super::module_::Module>().is_some() {
        format!("<built-in function {name}>")
    } else {
        format!("<built-in method {name} of {} object at {:#x}>", object.class().name(), object.id())
    }))
}

fn descriptor_repr(_: &Thread, v: &Value) -> PyResult {
    let owner = owner(v);
    let class = owner.downcast::<Type>().map_or("?", Type::name);
    Ok(str::from_str(&format!("<method '{}' of '{class}' objects>", str::lossy(&name(v)))))
}

fn function_hash(_: &Thread, v: &Value) -> PyResult<i64> {
    let Some(f) = native::of(v) else { return Ok(0) };
    Ok(protocol::identity_hash(&bound(v)) ^ (f.method as *const Method as i64 >> 4))
}

fn function_compare(_: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !a.is_exact(&core_types::NATIVE_FUNCTION) || !b.is_exact(&core_types::NATIVE_FUNCTION) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = || match (native::of(a), native::of(b)) {
        (Some(x), Some(y)) => std::ptr::eq(x.method, y.method) && bound(a).is(&bound(b)),
        _ => false,
    };
    Ok(match op {
        CompareOp::Eq => Value::bool(same()),
        CompareOp::Ne => Value::bool(!same()),
        _ => Value::NOT_IMPLEMENTED,
    })
}

/// Pickles by name: a module's function is found again by its qualified name, a method by its object.
fn function_reduce(t: &Thread, v: &Value) -> PyResult {
    let object = bound(v);
    if object.is_none() || object.downcast::<super::module_::Module>().is_some() {
        return Ok(name(v));
    }
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![object, name(v)])]))
}

fn descriptor_reduce(t: &Thread, v: &Value) -> PyResult {
    let getattr = crate::object::hooks::builtin(t, "getattr")?;
    Ok(tuple::from_vec(vec![getattr, tuple::from_vec(vec![owner(v), name(v)])]))
}

fn method_get(t: &Thread, v: &Value, object: Option<&Value>, _: &Value) -> PyResult {
    let (Some(object), Some(f)) = (object, native::of(v)) else { return Ok(v.clone()) };
    native::check_self(t, f, Some(object))?;
    Ok(native::new_bound(f.method, object.clone()))
}

fn class_method_get(t: &Thread, v: &Value, object: Option<&Value>, owner: &Value) -> PyResult {
    let Some(f) = native::of(v) else { return Ok(v.clone()) };
    let class = match (owner.non_none(), object) {
        (Some(class), _) => class.clone(),
        (None, Some(object)) => object.class().to_value(),
        (None, None) => return Ok(v.clone()),
    };
    check_class(t, f, &class)?;
    Ok(native::new_bound(f.method, class))
}

/// Raises TypeError unless `class` derives from the descriptor's owner.
fn check_class(t: &Thread, f: &NativeFunction, class: &Value) -> PyResult<()> {
    let Some(owner) = f.owner.load() else { return Ok(()) };
    let Some(owner) = owner.downcast::<Type>() else { return Ok(()) };
    let Some(ty) = class.downcast::<Type>() else {
        let message = format!(
            "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
            f.method.name,
            owner.name(),
            class.class().name()
        );
        return Err(raise::type_error(t, message));
    };
    if !ty.is_subtype(owner) {
        let message = format!(
            "descriptor '{}' requires a subtype of '{}' but received '{}'",
            f.method.name,
            owner.name(),
            ty.name()
        );
        return Err(raise::type_error(t, message));
    }
    Ok(())
}

fn class_method_call(t: &Thread, v: &Value, args: crate::object::args::Args<'_>) -> PyResult {
    let Some(f) = native::of(v) else { return Ok(Value::NONE) };
    let Some(class) = args.pos().first() else {
        let owner = owner(v);
        let class = owner.downcast::<Type>().map_or("?", Type::name);
        let message = format!("descriptor '{}' of '{class}' object needs an argument", f.method.name);
        return Err(raise::type_error(t, message));
    };
    check_class(t, f, class)?;
    f.call(t, args)
}
