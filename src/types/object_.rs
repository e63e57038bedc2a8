//! object: the base of every class.

use super::type_::{layout, reduce};
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::audit;
use crate::object::core_types;
use crate::object::dict::{self, Dict};
use crate::object::instance;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotId, SlotTable};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, Type, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{alloc, attribute, list, protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::*;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "The base of all classes: an instance has no attributes of its own, and two are equal only if identical.",
    signature: "()",
    slots: SlotTable {
        repr: Some(repr),
        str: Some(protocol::repr),
        hash: Some(|_, v| Ok(protocol::identity_hash(v))),
        getattro: Some(attribute::generic_get),
        setattro: Some(attribute::generic_set),
        richcompare: Some(richcompare),
        init: Some(init),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce_ex__", "($self, protocol, /)", NativeFn::F2(reduce::reduce_ex), "Helper for pickle."),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce::reduce), "Helper for pickle."),
        Method::new("__getstate__", "($self, /)", NativeFn::F1(reduce::getstate), "Helper for pickle."),
        Method::new("__format__", "($self, format_spec, /)", NativeFn::F2(format), "Default object formatter."),
        Method::new("__sizeof__", "($self, /)", NativeFn::F1(sizeof), "Size of object in memory, in bytes."),
        Method::new("__dir__", "($self, /)", NativeFn::F1(dir), "Default dir() implementation."),
        Method::new(
            "__subclasshook__",
            "($type, object, /)",
            NativeFn::Raw(subclasshook),
            "Says for issubclass() whether a class is a virtual subclass; NotImplemented leaves it to the usual rules.",
        )
        .class_method(),
        Method::new(
            "__init_subclass__",
            "($type, /)",
            NativeFn::Raw(init_subclass),
            "Called for each new subclass; does nothing unless a class overrides it.",
        )
        .class_method(),
    ],
    getset: &[GetSet::new("__class__", get_class, set_class, "the object's class")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "object", NO_LAYOUT)
};

/// "module.qualname" of a class, without the module for builtins.
pub fn full_name(t: &Thread, class: &Type) -> String {
    let class_value = class.as_value();
    let part = |name: &Value| match protocol::lookup_attr(t, &class_value, name) {
        Ok(Some(text)) if str::view(&text).is_some() => Some(str::lossy(&text).into_owned()),
        Ok(_) => None,
        Err(raised) => {
            drop(raise::take(t, raised));
            None
        }
    };
    match (part(&known().__module__), part(&known().__qualname__)) {
        (Some(module), Some(name)) if module != "builtins" => format!("{module}.{name}"),
        _ => class.name().to_string(),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    Ok(str::from_str(&format!("<{} object at {:#x}>", full_name(t, v.class()), v.id())))
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match op {
        CompareOp::Eq if a.is(b) => Ok(Value::TRUE),
        // `!=` inverts what the type's own `==` says.
        CompareOp::Ne => {
            let Some(compare) = a.class().slots.richcompare.get() else { return Ok(Value::NOT_IMPLEMENTED) };
            let equal = compare(t, a, b, CompareOp::Eq)?;
            if equal.is_not_implemented() {
                return Ok(equal);
            }
            protocol::is_true(t, &equal).map(|equal| Value::bool(!equal))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `object.__new__`: arguments are an error unless the class's own `__init__` takes them.
pub fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if !args.all().is_empty() {
        if !class.slots.same(SlotId::new, &core_types::OBJECT.slots) {
            return Err(raise::type_error(t, "object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if class.slots.same(SlotId::init, &core_types::OBJECT.slots) {
            return Err(raise::type_error(t, format!("{}() takes no arguments", class.name())));
        }
    }
    if class.has_flag(flag::ABSTRACT) {
        return Err(abstract_error(t, class));
    }
    Ok(alloc::new_plain(class))
}

#[cold]
fn abstract_error(t: &Thread, class: &Type) -> raise::Raised {
    let names = match protocol::get_attr(t, &class.as_value(), &known().__abstractmethods__)
        .and_then(|names| protocol::collect(t, &names))
    {
        Ok(names) => names,
        Err(raised) => return raised,
    };
    let mut names: Vec<String> = names.iter().map(|n| str::lossy(n).into_owned()).collect();
    names.sort_unstable();
    let s = if names.len() > 1 { "s" } else { "" };
    let list = names.join("', '");
    let name = class.name();
    raise::type_error(
        t,
        format!("Can't instantiate abstract class {name} without an implementation for abstract method{s} '{list}'"),
    )
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    if args.all().is_empty() {
        return Ok(());
    }
    let class = v.class();
    if !class.slots.same(SlotId::init, &core_types::OBJECT.slots) {
        return Err(raise::type_error(t, "object.__init__() takes exactly one argument (the instance to initialize)"));
    }
    if class.slots.same(SlotId::new, &core_types::OBJECT.slots) {
        let message = format!("{}.__init__() takes exactly one argument (the instance to initialize)", class.name());
        return Err(raise::type_error(t, message));
    }
    Ok(())
}

fn format(t: &Thread, v: &Value, spec: &Value) -> PyResult {
    let Some(view) = str::view(spec) else {
        let message = format!("__format__() argument must be str, not {}", spec.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if !view.is_empty() {
        let message = format!("unsupported format string passed to {}.__format__", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    protocol::to_str(t, v)
}

fn sizeof(_: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(match v.header() {
        Some(_) => v.class().instance_size.load(Relaxed) as u64,
        None => size_of::<Value>() as u64,
    }))
}

/// Adds the names of a class and its bases to a dict.
pub fn merge_class_names(t: &Thread, into: &Dict, class: &Value) -> PyResult<()> {
    if let Some(dict) = protocol::lookup_attr(t, class, &known().__dict__)? {
        for name in protocol::collect(t, &dict)? {
            into.set(t, name, Value::NONE)?;
        }
    }
    if let Some(bases) = protocol::lookup_attr(t, class, &known().__bases__)? {
        for base in tuple::items(&bases) {
            merge_class_names(t, into, base)?;
        }
    }
    Ok(())
}

fn dir(t: &Thread, v: &Value) -> PyResult {
    let names = dict::new();
    let Some(all) = names.downcast::<Dict>() else { return Ok(names) };
    if let Some(own) = protocol::lookup_attr(t, v, &known().__dict__)?
        && let Some(own) = own.downcast::<Dict>()
    {
        for (name, _) in own.entries() {
            all.set(t, name, Value::NONE)?;
        }
    }
    if let Some(class) = protocol::lookup_attr(t, v, &known().__class__)? {
        merge_class_names(t, all, &class)?;
    }
    Ok(list::from_vec(all.entries().into_iter().map(|(name, _)| name).collect()))
}

fn subclasshook(_: &Thread, _: Args<'_>) -> PyResult {
    Ok(Value::NOT_IMPLEMENTED)
}

fn init_subclass(t: &Thread, args: Args<'_>) -> PyResult {
    let class = args.pos().first().and_then(Value::downcast::<Type>).map_or("object", Type::name);
    args.no_keywords(t, &format!("{class}.__init_subclass__"))?;
    match args.pos().len() {
        0 | 1 => Ok(Value::NONE),
        n => {
            let message = format!("{class}.__init_subclass__() takes no arguments ({} given)", n - 1);
            Err(raise::type_error(t, message))
        }
    }
}

fn get_class(_: &Thread, v: &Value) -> PyResult {
    Ok(v.class().to_value())
}

fn set_class(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "can't delete __class__ attribute")) };
    let Some(class) = value.downcast::<Type>() else {
        let message = format!("__class__ must be set to a class, not '{}' object", value.class().display_name());
        return Err(raise::type_error(t, message));
    };
    audit::event(t, "object.__setattr__", || [v.clone(), known().__class__.clone(), value.clone()])?;
    let old = v.class();
    layout::check_compatible(t, old, class, "__class__")?;
    if std::ptr::eq(old, class) {
        return Ok(());
    }
    let Some(header) = v.header() else { return Ok(()) };
    match instance::attributes(header) {
        Some(attributes) => attributes.set_class(t, header, class),
        None => {
            let _guard = t.lock(header);
            header.set_class(class);
        }
    }
    // An object that is a class: what it looks like changes for everybody who cached it.
    if let Some(ty) = v.downcast::<Type>() {
        super::type_::update::bump_versions(ty);
    }
    Ok(())
}
