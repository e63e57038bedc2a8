//! Modules: a dict with a name, and native modules made from their tables.

use super::type_::{self, init};
use crate::object::args::Args;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::exception::visit_slot;
use crate::object::names::{self, known};
use crate::object::native;
use crate::object::raise::{self, PyResult};
use crate::object::shards;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, list, protocol, str};

/// A module's payload.
pub struct Module {
    /// The attributes: a dict, set when the module is made and never replaced.
    dict: Slot,
    /// The table of a native module.
    pub spec: Option<&'static ModuleSpec>,
}

// SAFETY: `MODULE`'s layout is `Module`.
unsafe impl Payload for Module {
    fn layout_type() -> &'static Type {
        &core_types::MODULE
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.dict, visit);
    }

    fn clear(&self) {
        // The dict is cleared on its own: functions may still refer to it as their globals.
    }
}

impl Module {
    /// The attributes.
    #[inline]
    pub fn dict(&self) -> Value {
        self.dict.load().unwrap_or_else(dict::new)
    }

    /// The word of the dict, for guards of inline caches: it never changes.
    #[inline(always)]
    pub fn dict_word(&self) -> u64 {
        self.dict.word()
    }

    /// An attribute, by interned name.
    pub fn get(&self, name: &Value) -> Option<Value> {
        self.dict.load()?.downcast::<Dict>()?.get_str(name)
    }

    /// Sets an attribute, by name.
    pub fn set(&self, name: &str, value: Value) {
        if let Some(d) = self.dict.load()
            && let Some(d) = d.downcast::<Dict>()
        {
            drop(d.set_str(&names::intern(name), value));
        }
    }
}

/// For `attribute::PAYLOAD_DICT`: the attributes of a class or module.
pub fn payload_dict(v: &Value) -> Option<Value> {
    match v.downcast::<Type>() {
        Some(class) => class.dict.load(),
        None => v.downcast::<Module>()?.dict.load(),
    }
}

/// Sets an attribute of a module value; for `ModuleSpec::init`.
pub fn set(module: &Value, name: &str, value: Value) {
    if let Some(m) = module.downcast::<Module>() {
        m.set(name, value);
    }
}

fn alloc_module(class: &Type, spec: Option<&'static ModuleSpec>) -> Value {
    let dict = dict::new();
    shards::make_sharded(&dict);
    let v = alloc::new(class, Module { dict: Slot::new(dict), spec });
    shards::make_sharded(&v);
    v
}

/// A new module with `__name__`, `__doc__`, `__package__`, `__loader__` and `__spec__`.
pub fn new(name: &str, doc: Option<&str>) -> Value {
    let v = alloc_module(&core_types::MODULE, None);
    fill(&v, names::intern(name), doc.map_or(Value::NONE, str::from_str));
    v
}

fn fill(v: &Value, name: Value, doc: Value) {
    for (key, value) in [
        ("__name__", name),
        ("__doc__", doc),
        ("__package__", Value::NONE),
        ("__loader__", Value::NONE),
        ("__spec__", Value::NONE),
    ] {
        set(v, key, value);
    }
}

/// Makes a native module from its table: functions, types, then what its `init` adds.
pub fn create(t: &Thread, spec: &'static ModuleSpec) -> PyResult {
    let v = alloc_module(&core_types::MODULE, Some(spec));
    let name = names::intern(spec.name);
    fill(&v, name.clone(), if spec.doc.is_empty() { Value::NONE } else { str::from_str(spec.doc) });
    for method in spec.functions {
        let function = native::new_function(method, Some(v.clone()), Some(name.clone()));
        shards::make_sharded(&function);
        set(&v, method.name, function);
    }
    for &ty in spec.types {
        add_type(t, &v, ty);
    }
    if let Some(init) = spec.init {
        init(t, &v)?;
    }
    Ok(v)
}

/// Initialises a native type, if need be, and sets it as an attribute under its name.
pub fn add_type(t: &Thread, module: &Value, ty: &'static StaticType) {
    init::ready(t, ty);
    set(module, ty.name(), ty.to_value());
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a module object: the namespace of a module's globals.",
    signature: "(name, doc=None)",
    slots: SlotTable {
        repr: Some(repr),
        getattro: Some(getattro),
        setattro: Some(setattro),
        init: Some(init),
        new: Some(|_, class, _| Ok(alloc_module(class, None))),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new(
        "__dir__",
        "($self, /)",
        NativeFn::F1(dir),
        "__dir__() -> list\nspecialized dir() implementation",
    )],
    getset: &[
        GetSet::read_only("__dict__", |_, v| Ok(dict_of(v)), "").as_member(),
        GetSet::new("__annotations__", get_annotations, set_annotations, ""),
        GetSet::new("__annotate__", get_annotate, set_annotate, ""),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS | flag::PAYLOAD_DICT,
    ..TypeSpec::new("builtins", "module", layout_of::<Module>(true))
};

fn dict_of(v: &Value) -> Value {
    v.downcast::<Module>().map_or(Value::NONE, Module::dict)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static SIGNATURE: std::sync::LazyLock<crate::object::args::Signature> =
        std::sync::LazyLock::new(|| crate::object::args::Signature::parse("(name, doc=None)"));
    let bound = SIGNATURE.bind(t, "module", args, 0)?;
    let name = bound.req(0);
    if str::view(name).is_none() {
        let message = format!("module() argument 'name' must be str, not {}", name.class().display_name());
        return Err(raise::type_error(t, message));
    }
    fill(v, name.clone(), bound.opt(1).cloned().unwrap_or(Value::NONE));
    Ok(())
}

/// "<module 'x' from 'path'>", and so on, by `__spec__` or `__loader__`.
fn repr(t: &Thread, v: &Value) -> PyResult {
    let importlib = (crate::object::hooks::get().import)(t, "importlib._bootstrap")?;
    protocol::call_method_str(t, &importlib, "_module_repr", std::slice::from_ref(v))
}

/// An attribute of a module; None where even its `__getattr__` is missing.
fn lookup(t: &Thread, v: &Value, name: &Value) -> PyResult<Option<Value>> {
    let Some(module) = v.downcast::<Module>() else { return attribute::generic_lookup(t, v, name) };
    let class = v.class();
    let on_type = attribute::lookup(t, class, name);
    let get = on_type.as_ref().and_then(|d| d.class().slots.descr_get.get());
    if let (Some(descriptor), Some(get)) = (&on_type, get)
        && attribute::is_data_descriptor(descriptor)
    {
        return get(t, descriptor, Some(v), &class.as_value()).map(Some);
    }
    if let Some(found) = module.get(&attribute::interned(name)) {
        return Ok(Some(found));
    }
    match (on_type, get) {
        (Some(descriptor), Some(get)) => get(t, &descriptor, Some(v), &class.as_value()).map(Some),
        (found, _) => Ok(found),
    }
}

/// The attribute of a module, by its `__getattr__` where it has no other; None where there is none either.
pub fn lookup_any(t: &Thread, v: &Value, name: &Value) -> PyResult<Option<Value>> {
    if let Some(found) = lookup(t, v, name)? {
        return Ok(Some(found));
    }
    match v.downcast::<Module>().and_then(|module| module.get(&known().__getattr__)) {
        Some(function) => protocol::call_values(t, &function, std::slice::from_ref(name)).map(Some),
        None => Ok(None),
    }
}

/// `module.__getattribute__`, and the module's own `__getattr__` (PEP 562).
pub fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    if let Some(found) = lookup_any(t, v, name)? {
        return Ok(found);
    }
    let Some(module) = v.downcast::<Module>() else { return Err(raise::no_attribute(t, v, name)) };
    let text = str::lossy(name).into_owned();
    let message = match module.get(&known().__name__) {
        Some(own) if str::view(&own).is_some() => {
            let own = str::lossy(&own).into_owned();
            let half_way = match module.get(&known().__spec__) {
                Some(spec) if !spec.is_none() => match protocol::lookup_attr(t, &spec, &known()._initializing)? {
                    Some(flag) => protocol::is_true(t, &flag)?,
                    None => false,
                },
                _ => false,
            };
            if half_way {
                format!(
                    "partially initialized module '{own}' has no attribute '{text}' (most likely due to a circular \
                     import)"
                )
            } else {
                format!("module '{own}' has no attribute '{text}'")
            }
        }
        _ => format!("module has no attribute '{text}'"),
    };
    Err(raise::attribute_error(t, v, name, message))
}

fn setattro(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(module) = v.downcast::<Module>() else { return attribute::generic_set(t, v, name, value) };
    if let Some(descriptor) = attribute::lookup(t, v.class(), name)
        && let Some(set) = descriptor.class().slots.descr_set.get()
    {
        return set(t, &descriptor, v, value);
    }
    let dict = module.dict();
    let dict = protocol::as_dict(t, &dict)?;
    let name = attribute::interned(name);
    match value {
        Some(value) => drop(dict.set_str(&name, value.clone())),
        None if dict.remove(t, &name)?.is_none() => {
            return Err(raise::no_attribute(t, v, &name));
        }
        None => {}
    }
    Ok(())
}

fn dir(t: &Thread, v: &Value) -> PyResult {
    let dict = protocol::get_attr(t, v, &known().__dict__)?;
    let Some(entries) = dict.downcast::<Dict>() else {
        return Err(raise::type_error(t, "<module>.__dict__ is not a dictionary"));
    };
    if let Some(function) = entries.get_str(&known().__dir__) {
        return protocol::call_values(t, &function, &[]);
    }
    Ok(list::from_vec(entries.entries().into_iter().map(|(name, _)| name).collect()))
}

fn get_annotations(t: &Thread, v: &Value) -> PyResult {
    let dict = dict_of(v);
    let dict = protocol::as_dict(t, &dict)?;
    if let Some(found) = dict.get_str(&known().__annotations__) {
        return Ok(found);
    }
    let annotate = dict.get_str(&known().__annotate__).unwrap_or(Value::NONE);
    let made = if annotate.class().slots.call.get().is_some() {
        protocol::call_values(t, &annotate, &[Value::int(1)])?
    } else {
        dict::new()
    };
    if made.downcast::<Dict>().is_none() {
        let message = format!("__annotate__() must return a dict, not {}", made.class().display_name());
        return Err(raise::type_error(t, message));
    }
    drop(dict.set_str(&known().__annotations__, made.clone()));
    Ok(made)
}

fn set_annotations(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let dict = dict_of(v);
    let dict = protocol::as_dict(t, &dict)?;
    match value {
        Some(value) => drop(dict.set_str(&known().__annotations__, value.clone())),
        None if dict.remove(t, &known().__annotations__)?.is_none() => {
            return Err(raise::attribute_error(t, v, &known().__annotations__, "__annotations__"));
        }
        None => {}
    }
    drop(dict.remove(t, &known().__annotate__)?);
    Ok(())
}

fn get_annotate(t: &Thread, v: &Value) -> PyResult {
    let dict = dict_of(v);
    let dict = protocol::as_dict(t, &dict)?;
    match dict.get_str(&known().__annotate__) {
        Some(found) => Ok(found),
        None => {
            drop(dict.set_str(&known().__annotate__, Value::NONE));
            Ok(Value::NONE)
        }
    }
}

fn set_annotate(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "cannot delete __annotate__ attribute")) };
    if !value.is_none() && value.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "__annotate__ must be callable or None"));
    }
    let dict = dict_of(v);
    let dict = protocol::as_dict(t, &dict)?;
    drop(dict.set_str(&known().__annotate__, value.clone()));
    if !value.is_none() {
        drop(dict.remove(t, &known().__annotations__)?);
    }
    Ok(())
}

/// Whether a class is the module type or derived from it without changing attribute access.
pub fn is_plain(class: &Type) -> bool {
    class.slots.same(crate::object::slots::SlotId::getattro, &core_types::MODULE.slots)
}

/// A class made by native code in a module's `init`, set as its attribute.
pub fn add_class(t: &Thread, module: &Value, name: &str, bases: Vec<Value>) -> PyResult {
    let namespace = dict::new();
    if let (Some(d), Some(m)) = (namespace.downcast::<Dict>(), module.downcast::<Module>())
        && let Some(own) = m.get(&known().__name__)
    {
        drop(d.set_str(&known().__module__, own));
    }
    let class = type_::new_class(t, name, bases, namespace)?;
    set(module, name, class.clone());
    Ok(class)
}
