//! The attributes and methods that every class has.

use super::{attributes, build, mro, update};
use crate::object::audit;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::header::Header;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::{Slot, Value};
use crate::object::{list, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::*;
use crate::types::str::codec::registry;
use crate::types::{mapping_proxy, object_};

pub const METHODS: &[Method] = &[
    Method::new("mro", "($self, /)", NativeFn::F1(mro_list), "Return a type's method resolution order."),
    Method::new(
        "__subclasses__",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(list::from_vec(of(v).map(update::subclasses).unwrap_or_default()))),
        "Return a list of immediate subclasses.",
    ),
    Method::new(
        "__prepare__",
        "($cls, name, bases, /, **kwds)",
        NativeFn::Raw(|_, _| Ok(dict::new())),
        "Create the namespace for the class statement",
    )
    .class_method(),
    Method::new(
        "__instancecheck__",
        "($self, instance, /)",
        NativeFn::F2(|t, class, v| crate::types::class_check::plain_instance(t, v, class).map(Value::bool)),
        "Check if an object is an instance.",
    ),
    Method::new(
        "__subclasscheck__",
        "($self, subclass, /)",
        NativeFn::F2(|t, class, v| crate::types::class_check::plain_subclass(t, v, class).map(Value::bool)),
        "Check if a class is a subclass.",
    ),
    Method::new("__dir__", "($self, /)", NativeFn::F1(dir), "Specialized __dir__ implementation for types."),
    Method::new(
        "__sizeof__",
        "($self, /)",
        NativeFn::F1(|_, _| Ok(Value::uint((size_of::<Header>() + size_of::<Type>()) as u64))),
        "Return memory consumption of the type object.",
    ),
];

pub const GETSET: &[GetSet] = &[
    GetSet::new("__name__", get_name, set_name, ""),
    GetSet::new("__qualname__", get_qualname, set_qualname, ""),
    GetSet::new("__bases__", |_, v| Ok(read(v, |c| &c.bases, names::empty_tuple)), set_bases, ""),
    GetSet::read_only("__base__", |_, v| Ok(read(v, |c| &c.base, || Value::NONE)), "").as_member(),
    GetSet::read_only("__mro__", |_, v| Ok(read(v, |c| &c.mro, || Value::NONE)), "").as_member(),
    GetSet::new("__module__", get_module, set_module, ""),
    GetSet::new("__abstractmethods__", get_abstract, set_abstract, ""),
    GetSet::read_only("__dict__", get_dict, ""),
    GetSet::new("__doc__", get_doc, set_doc, ""),
    GetSet::read_only("__text_signature__", text_signature, ""),
    GetSet::new("__annotations__", get_annotations, set_annotations, ""),
    GetSet::new("__annotate__", get_annotate, set_annotate, ""),
    GetSet::new("__type_params__", get_type_params, set_type_params, ""),
    GetSet::read_only("__basicsize__", |_, v| Ok(number(v, |c| c.instance_size.load(Relaxed) as u64)), "").as_member(),
    GetSet::read_only("__itemsize__", |_, v| Ok(number(v, item_size)), "").as_member(),
    GetSet::read_only("__flags__", |_, v| Ok(number(v, flags)), "").as_member(),
    GetSet::read_only("__dictoffset__", |_, v| Ok(number(v, dict_offset)), "").as_member(),
    GetSet::read_only("__weakrefoffset__", |_, v| Ok(number(v, weakref_offset)), "").as_member(),
];

fn of(v: &Value) -> Option<&Type> {
    v.downcast::<Type>()
}

/// `__flags__`. A native type of a module that adds nothing to object's layout counts as one that a class statement made, as
/// in CPython: `copyreg` would ask it for the state of instances otherwise (`typing.Generic`).
fn flags(class: &Type) -> u64 {
    let spec = class.spec();
    let as_heap = !class.is_heap() && spec.module != "builtins" && spec.layout.size == 0;
    class.flags() & 0xffff_ffff | if as_heap { flag::HEAPTYPE } else { 0 }
}

fn read(v: &Value, slot: fn(&Type) -> &Slot, default: fn() -> Value) -> Value {
    of(v).and_then(|c| slot(c).load()).unwrap_or_else(default)
}

fn number(v: &Value, f: impl Fn(&Type) -> u64) -> Value {
    Value::uint(of(v).map_or(0, f))
}

fn item_size(class: &Type) -> u64 {
    let sized = [(&core_types::INT, 4), (&core_types::BYTES, 1), (&core_types::TUPLE, 8), (&core_types::TYPE, 40)];
    sized.iter().find(|(c, _)| class.is_subtype(c)).map_or(0, |(_, n)| *n)
}

/// -1 as in CPython where attributes lie inline; any non-zero value says that there is a dict.
fn dict_offset(class: &Type) -> u64 {
    if class.has_flag(flag::HAS_DICT) { class.inst_offset.load(Relaxed) as u64 } else { 0 }
}

fn weakref_offset(class: &Type) -> u64 {
    if class.has_flag(flag::HAS_WEAKREFS) { size_of::<Header>() as u64 } else { 0 }
}

/// An attribute from the class's own dict.
fn own(class: &Type, name: &Value) -> Option<Value> {
    class.dict.load()?.downcast::<Dict>()?.get_str(name)
}

/// Raises TypeError for deletion and for native types.
fn check_settable(t: &Thread, class: &Type, name: &str, value: Option<&Value>) -> PyResult<Value> {
    if class.has_flag(flag::IMMUTABLE) {
        let message = format!("cannot set '{name}' attribute of immutable type '{}'", class.display_name());
        return Err(raise::type_error(t, message));
    }
    match value {
        Some(value) => Ok(value.clone()),
        None => {
            let message = format!("cannot delete '{name}' attribute of immutable type '{}'", class.name());
            Err(raise::type_error(t, message))
        }
    }
}

fn replace(t: &Thread, v: &Value, slot: &Slot, value: Value) {
    let Some(header) = v.header() else { return };
    let old = {
        let _guard = t.lock(header);
        slot.swap(Some(value))
    };
    drop(old);
}

fn get_name(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).map_or(Value::NONE, |c| c.python_name.load().unwrap_or_else(|| names::intern(c.name()))))
}

fn set_name(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__name__", value)?;
    audit::event(t, "object.__setattr__", || [v.clone(), names::intern("__name__"), value.clone()])?;
    let Some(name) = value.downcast::<Str>() else {
        let message = format!("can only assign string to {}.__name__, not '{}'", class.name(), value.class().name());
        return Err(raise::type_error(t, message));
    };
    let text = name.view().to_utf8_lossy();
    if text.contains('\0') {
        return Err(raise::value_error(t, "type name must not contain null characters"));
    }
    registry::need_utf8(t, &value)?;
    class.set_name(&text);
    replace(t, v, &class.python_name, build::exact_str(&value));
    Ok(())
}

fn get_qualname(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).map_or(Value::NONE, |c| c.qualname.load().unwrap_or_else(|| names::intern(c.name()))))
}

fn set_qualname(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__qualname__", value)?;
    if value.downcast::<Str>().is_none() {
        let message =
            format!("can only assign string to {}.__qualname__, not '{}'", class.name(), value.class().name());
        return Err(raise::type_error(t, message));
    }
    replace(t, v, &class.qualname, value);
    Ok(())
}

fn set_bases(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__bases__", value)?;
    audit::event(t, "object.__setattr__", || [v.clone(), names::intern("__bases__"), value.clone()])?;
    let name = class.name();
    if value.downcast::<tuple::Tuple>().is_none() {
        let message = format!("can only assign tuple to {name}.__bases__, not {}", value.class().name());
        return Err(raise::type_error(t, message));
    }
    if tuple::items(&value).is_empty() {
        return Err(raise::type_error(t, format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
    }
    for base in tuple::items(&value) {
        if base.downcast::<Type>().is_none() {
            let message = format!("{name}.__bases__ must be tuple of classes, not '{}'", base.class().name());
            return Err(raise::type_error(t, message));
        }
    }
    build::set_bases(t, v, &value)
}

fn get_module(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = of(v) else { return Ok(Value::NONE) };
    if !class.is_heap() {
        return Ok(names::intern(class.spec().module));
    }
    match own(class, &known().__module__) {
        Some(module) => Ok(module),
        None => Err(raise::attribute_error(t, v, &known().__module__, "__module__")),
    }
}

fn set_module(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__module__", value)?;
    update::store_attribute(t, class, &known().__module__, Some(value));
    // The line of the class statement belongs to the old module.
    update::store_attribute(t, class, &known().__firstlineno__, None);
    Ok(())
}

fn get_abstract(t: &Thread, v: &Value) -> PyResult {
    let found = match of(v) {
        // `type` itself has the computed attribute under this name.
        Some(class) if !std::ptr::eq(class, &*core_types::TYPE) => own(class, &known().__abstractmethods__),
        _ => None,
    };
    found.ok_or_else(|| raise::attribute_error(t, v, &known().__abstractmethods__, "__abstractmethods__"))
}

fn set_abstract(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    if class.has_flag(flag::IMMUTABLE) {
        check_settable(t, class, "__abstractmethods__", value)?;
    }
    if !update::store_attribute(t, class, &known().__abstractmethods__, value.cloned()) {
        return Err(raise::attribute_error(t, v, &known().__abstractmethods__, "__abstractmethods__"));
    }
    attributes::set_abstract(t, class, value)
}

fn get_dict(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).and_then(|c| c.dict.load()).map_or(Value::NONE, mapping_proxy::new))
}

fn get_doc(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = of(v) else { return Ok(Value::NONE) };
    match own(class, &known().__doc__) {
        None => Ok(Value::NONE),
        Some(doc) if class.is_heap() => match doc.class().slots.descr_get.get() {
            Some(get) => get(t, &doc, None, v),
            None => Ok(doc),
        },
        Some(_) if class.spec().doc.is_empty() => Ok(Value::NONE),
        Some(_) => Ok(str::from_str(class.spec().doc)),
    }
}

fn set_doc(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__doc__", value)?;
    update::store_attribute(t, class, &known().__doc__, Some(value));
    Ok(())
}

fn text_signature(_: &Thread, v: &Value) -> PyResult {
    Ok(match of(v) {
        Some(class) if !class.is_heap() && !class.spec().signature.is_empty() => str::from_str(class.spec().signature),
        _ => Value::NONE,
    })
}

/// Where a class keeps computed annotations, next to `__annotations__` of older code.
fn annotations_cache() -> Value {
    names::intern("__annotations_cache__")
}

fn annotate_func() -> Value {
    names::intern("__annotate_func__")
}

fn no_attribute(t: &Thread, class: &Type, name: &str) -> raise::Raised {
    let message = format!("type object '{}' has no attribute '{name}'", class.name());
    raise::attribute_error(t, &class.as_value(), &names::intern(name), message)
}

fn bind(t: &Thread, found: Value, class: &Value) -> PyResult {
    match found.class().slots.descr_get.get() {
        Some(get) => get(t, &found, None, class),
        None => Ok(found),
    }
}

fn get_annotations(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = of(v) else { return Ok(Value::NONE) };
    if !class.is_heap() {
        return Err(no_attribute(t, class, "__annotations__"));
    }
    if let Some(found) = own(class, &known().__annotations__) {
        return bind(t, found, v);
    }
    let cache = annotations_cache();
    if let Some(found) = own(class, &cache) {
        return bind(t, found, v);
    }
    let annotate = get_annotate(t, v)?;
    let annotations = if annotate.is_none() {
        dict::new()
    } else {
        let made = protocol::call_values(t, &annotate, &[Value::int(1)])?;
        if made.downcast::<Dict>().is_none() {
            let message = format!("__annotate__() must return a dict, not {}", made.class().display_name());
            return Err(raise::type_error(t, message));
        }
        made
    };
    update::store_attribute(t, class, &cache, Some(annotations.clone()));
    Ok(annotations)
}

fn set_annotations(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    if class.has_flag(flag::IMMUTABLE) {
        check_settable(t, class, "__annotations__", value)?;
    }
    let cache = annotations_cache();
    match value {
        Some(value) => {
            let name =
                if own(class, &known().__annotations__).is_some() { known().__annotations__.clone() } else { cache };
            update::store_attribute(t, class, &name, Some(value.clone()));
        }
        None => {
            let removed = update::store_attribute(t, class, &known().__annotations__, None)
                || update::store_attribute(t, class, &cache, None);
            if !removed {
                return Err(raise::attribute_error(t, v, &known().__annotations__, "__annotations__"));
            }
        }
    }
    // What was assigned is no longer what the function computes.
    if own(class, &annotate_func()).is_some() {
        update::store_attribute(t, class, &annotate_func(), Some(Value::NONE));
    }
    update::store_attribute(t, class, &known().__annotate__, None);
    Ok(())
}

fn get_annotate(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = of(v) else { return Ok(Value::NONE) };
    if !class.is_heap() {
        return Err(no_attribute(t, class, "__annotate__"));
    }
    match own(class, &annotate_func()).or_else(|| own(class, &known().__annotate__)) {
        Some(found) => bind(t, found, v),
        None => Ok(Value::NONE),
    }
}

fn set_annotate(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let Some(value) = value else { return Err(raise::type_error(t, "cannot delete __annotate__ attribute")) };
    if class.has_flag(flag::IMMUTABLE) {
        check_settable(t, class, "__annotate__", Some(value))?;
    }
    if !value.is_none() && value.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "__annotate__ must be callable or None"));
    }
    update::store_attribute(t, class, &annotate_func(), Some(value.clone()));
    if !value.is_none() {
        update::store_attribute(t, class, &annotations_cache(), None);
    }
    Ok(())
}

fn get_type_params(_: &Thread, v: &Value) -> PyResult {
    let found = match of(v) {
        Some(class) if !std::ptr::eq(class, &*core_types::TYPE) => own(class, &known().__type_params__),
        _ => None,
    };
    Ok(found.unwrap_or_else(names::empty_tuple))
}

fn set_type_params(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(class) = of(v) else { return Ok(()) };
    let value = check_settable(t, class, "__type_params__", value)?;
    update::store_attribute(t, class, &known().__type_params__, Some(value));
    Ok(())
}

fn mro_list(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = of(v) else { return Ok(Value::NONE) };
    let bases = class.bases.load().unwrap_or_else(names::empty_tuple);
    // While a class is being made its bases are known only to its maker, who keeps them in `bases` already.
    Ok(list::from_vec(mro::linearise(t, v, tuple::items(&bases))?))
}

fn dir(t: &Thread, v: &Value) -> PyResult {
    let all = dict::new();
    if let Some(all) = all.downcast::<Dict>() {
        object_::merge_class_names(t, all, v)?;
        return Ok(list::from_vec(all.entries().into_iter().map(|(name, _)| name).collect()));
    }
    Ok(all)
}
