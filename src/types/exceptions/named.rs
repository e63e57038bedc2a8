//! Exceptions about names and lookups: AttributeError, NameError, ImportError, KeyError.

use super::base;
use super::data::{self, field, load, payload, put};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::str::Str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};

payload! {
    /// Fields: the object and the name of the attribute.
    AttributeError 2 ATTRIBUTE_ERROR
}
payload! {
    /// Field: the name.
    NameError 1 NAME_ERROR
}
payload! {
    /// Fields: message, name, path, the name that `from` asked for.
    ImportError 4 IMPORT_ERROR
}

/// The rows for the list of types, bases first.
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&exc::ATTRIBUTE_ERROR, &ATTRIBUTE_SPEC),
    (&exc::NAME_ERROR, &NAME_SPEC),
    (&exc::UNBOUND_LOCAL_ERROR, &UNBOUND_SPEC),
    (&exc::IMPORT_ERROR, &IMPORT_SPEC),
    (&exc::MODULE_NOT_FOUND_ERROR, &NOT_FOUND_SPEC),
    (&exc::KEY_ERROR, &KEY_SPEC),
];

static ATTRIBUTE_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Attribute not found.",
    slots: SlotTable { init: Some(attribute_init), new: Some(AttributeError::make), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(attribute_reduce), ""),
        Method::new("__getstate__", "($self, /)", NativeFn::F1(|_, v| Ok(attribute_state(v))), ""),
    ],
    getset: &[field!(AttributeError 0 "name" "attribute name"), field!(AttributeError 1 "obj" "object")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "AttributeError", layout_of::<AttributeError>(true))
};

/// Takes the keywords of a constructor that accepts only some; TypeError for others.
fn keywords<'a, const N: usize>(
    t: &Thread,
    class: &str,
    args: Args<'a>,
    names: [&str; N],
) -> PyResult<[Option<&'a Value>; N]> {
    let mut found = [None; N];
    for (name, value) in args.keywords() {
        match names.iter().position(|n| str::eq_str(name, n)) {
            Some(i) => found[i] = Some(value),
            None => {
                let message = format!("{class}() got an unexpected keyword argument '{}'", str::lossy(name));
                return Err(raise::type_error(t, message));
            }
        }
    }
    Ok(found)
}

fn attribute_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let [name, object] = keywords(t, "AttributeError", args, ["name", "obj"])?;
    base::put_args(t, v, tuple::from_slice(args.pos()));
    put::<AttributeError>(t, v, 0, name);
    put::<AttributeError>(t, v, 1, object);
    Ok(())
}

/// The object is left out: it may not be one that can be pickled.
fn attribute_state(v: &Value) -> Value {
    let state = data::state_with::<AttributeError>(v, &[("name", 0)]);
    let state = state.unwrap_or_else(crate::object::dict::new);
    if let Some(d) = state.downcast::<crate::object::dict::Dict>() {
        drop(d.set_str(&names::known().args, base::args_of(v)));
    }
    state
}

fn attribute_reduce(_: &Thread, v: &Value) -> PyResult {
    Ok(tuple::from_vec(vec![v.class().to_value(), base::args_of(v), attribute_state(v)]))
}

static NAME_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Name not found globally.",
    slots: SlotTable { init: Some(name_init), new: Some(NameError::make), ..SlotTable::EMPTY },
    getset: &[field!(NameError 0 "name" "name")],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "NameError", layout_of::<NameError>(true))
};

static UNBOUND_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::NAME_ERROR),
    doc: "Local name referenced but not bound to a value.",
    slots: SlotTable { init: Some(name_init), new: Some(NameError::make), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "UnboundLocalError", layout_of::<NameError>(true))
};

fn name_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let [name] = keywords(t, "NameError", args, ["name"])?;
    base::put_args(t, v, tuple::from_slice(args.pos()));
    put::<NameError>(t, v, 0, name);
    Ok(())
}

static IMPORT_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Import can't find module, or can't find name in module.",
    slots: SlotTable {
        init: Some(import_init),
        new: Some(ImportError::make),
        str: Some(import_str),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(import_reduce), "")],
    getset: &[
        field!(ImportError 0 "msg" "exception message"),
        field!(ImportError 1 "name" "module name"),
        field!(ImportError 2 "path" "module path"),
        field!(ImportError 3 "name_from" "name imported from module"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "ImportError", layout_of::<ImportError>(true))
};

static NOT_FOUND_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::IMPORT_ERROR),
    doc: "Module not found.",
    slots: SlotTable { init: Some(import_init), new: Some(ImportError::make), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "ModuleNotFoundError", layout_of::<ImportError>(true))
};

fn import_init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let [name, path, name_from] = keywords(t, "ImportError", args, ["name", "path", "name_from"])?;
    base::put_args(t, v, tuple::from_slice(args.pos()));
    let message = if let [only] = args.pos() { Some(only) } else { None };
    put::<ImportError>(t, v, 0, message);
    put::<ImportError>(t, v, 1, name);
    put::<ImportError>(t, v, 2, path);
    put::<ImportError>(t, v, 3, name_from);
    Ok(())
}

fn import_str(t: &Thread, v: &Value) -> PyResult {
    match load::<ImportError>(v, 0) {
        Some(message) if message.downcast_exact::<Str>().is_some() => Ok(message),
        _ => base::to_str(t, v),
    }
}

fn import_reduce(_: &Thread, v: &Value) -> PyResult {
    let mut parts = vec![v.class().to_value(), base::args_of(v)];
    parts.extend(data::state_with::<ImportError>(v, &[("name", 1), ("path", 2), ("name_from", 3)]));
    Ok(tuple::from_vec(parts))
}

static KEY_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::LOOKUP_ERROR),
    doc: "Mapping key not found.",
    slots: SlotTable { init: Some(base::init), new: Some(base::new), str: Some(key_str), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "KeyError", layout_of::<BaseException>(true))
};

/// The key's repr: an empty or blank key would say nothing otherwise.
fn key_str(t: &Thread, v: &Value) -> PyResult {
    let args = base::args_of(v);
    match tuple::items(&args) {
        [key] => protocol::repr(t, key),
        _ => base::to_str(t, v),
    }
}
