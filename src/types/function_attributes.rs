//! function as a type: its attributes, binding, and construction from code and globals.

use super::function::{self, Function};
use crate::bytecode::code::Code;
use crate::bytecode::unit::flags;
use crate::object::args::{Args, Signature};
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::dict::{self, Dict};
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{hooks, protocol, str};
use crate::types::cell::Cell;
use crate::types::method;
use crate::types::type_::instances;
use std::sync::LazyLock;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a function object: code is a code object, globals the dict of its global names, name overrides the code's \
          name, argdefs is a tuple of default values, closure a tuple of cells, kwdefaults a dict of keyword defaults.",
    signature: "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)",
    slots: SlotTable {
        repr: Some(repr),
        call: Some(|t, v, args| (hooks::get().call_function)(t, v, args)),
        descr_get: Some(|_, v, object, _| {
            Ok(match object.and_then(Value::non_none) {
                Some(object) => method::new(v.clone(), object.clone()),
                None => v.clone(),
            })
        }),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    getset: &[
        GetSet::read_only("__closure__", |_, v| Ok(read(v, |f| &f.closure)), "").as_member(),
        GetSet::new(
            "__doc__",
            |_, v| Ok(read(v, |f| &f.doc)),
            |t, v, value| {
                put(t, v, |f| &f.doc, value.and_then(Value::non_none));
                Ok(())
            },
            "",
        )
        .as_member(),
        GetSet::read_only("__globals__", |_, v| Ok(of(v).map_or(Value::NONE, |f| f.globals.clone())), "").as_member(),
        GetSet::new(
            "__module__",
            |_, v| Ok(read(v, |f| &f.module)),
            |t, v, value| {
                put(t, v, |f| &f.module, value.and_then(Value::non_none));
                Ok(())
            },
            "",
        )
        .as_member(),
        GetSet::read_only("__builtins__", |_, v| Ok(of(v).map_or(Value::NONE, |f| f.builtins.clone())), "").as_member(),
        GetSet::new("__code__", |_, v| Ok(read(v, |f| &f.code)), set_code, ""),
        GetSet::new("__defaults__", |_, v| Ok(read(v, |f| &f.defaults)), set_defaults, ""),
        GetSet::new("__kwdefaults__", |_, v| Ok(read(v, |f| &f.keyword_defaults)), set_keyword_defaults, ""),
        GetSet::new("__annotations__", get_annotations, set_annotations, ""),
        GetSet::new("__annotate__", |_, v| Ok(read(v, |f| &f.annotate)), set_annotate, ""),
        GetSet::new("__dict__", instances::get_dict, instances::set_native_dict, ""),
        GetSet::new("__name__", |_, v| Ok(read(v, |f| &f.name)), |t, v, value| set_text(t, v, value, "__name__"), ""),
        GetSet::new(
            "__qualname__",
            |_, v| Ok(read(v, |f| &f.qualname)),
            |t, v, value| set_text(t, v, value, "__qualname__"),
            "",
        ),
        GetSet::new("__type_params__", get_type_params, set_type_params, ""),
    ],
    flags: flag::HAS_DICT | flag::HAS_WEAKREFS | flag::METHOD_DESCRIPTOR,
    ..TypeSpec::new("builtins", "function", layout_of::<Function>(true))
};

fn of(v: &Value) -> Option<&Function> {
    v.downcast::<Function>()
}

fn read(v: &Value, slot: fn(&Function) -> &Slot) -> Value {
    of(v).and_then(|f| slot(f).load()).unwrap_or(Value::NONE)
}

fn put(t: &Thread, v: &Value, slot: fn(&Function) -> &Slot, value: Option<&Value>) {
    let (Some(f), Some(header)) = (of(v), v.header()) else { return };
    let old = {
        let _guard = t.lock(header);
        slot(f).swap(value.cloned())
    };
    drop(old);
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let name = read(v, |f| &f.qualname);
    Ok(str::from_str(&format!("<function {} at {:#x}>", str::lossy(&name), v.id())))
}

/// Raises TypeError unless a closure fits the code's free variables.
fn check_closure(t: &Thread, name: &str, code: &Code, closure: Option<&Value>) -> PyResult<()> {
    let wanted = code.free_count as usize;
    match closure {
        None if wanted != 0 => return Err(raise::type_error(t, "arg 5 (closure) must be tuple")),
        None => return Ok(()),
        Some(c) if c.downcast::<Tuple>().is_none() => {
            return Err(raise::type_error(t, "arg 5 (closure) must be None or tuple"));
        }
        Some(_) => {}
    }
    let cells = closure.map_or(&[][..], |c| tuple::items(c));
    if cells.len() != wanted {
        let message = format!("{name} requires closure of length {wanted}, not {}", cells.len());
        return Err(raise::value_error(t, message));
    }
    match cells.iter().find(|c| c.downcast::<Cell>().is_none()) {
        Some(other) => {
            Err(raise::type_error(t, format!("arg 5 (closure) expected cell, found {}", other.class().name())))
        }
        None => Ok(()),
    }
}

fn new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static SIGNATURE: LazyLock<Signature> =
        LazyLock::new(|| Signature::parse("(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)"));
    let b = SIGNATURE.bind(t, "function", args, 0)?;
    let (code, globals) = (b.req(0), b.req(1));
    let Some(payload) = code.downcast::<Code>() else {
        let given = code.class().display_name();
        return Err(raise::type_error(t, format!("function() argument 'code' must be code, not {given}")));
    };
    let Some(entries) = globals.downcast::<Dict>() else {
        let given = globals.class().display_name();
        return Err(raise::type_error(t, format!("function() argument 'globals' must be dict, not {given}")));
    };
    let name = b.non_none(2);
    if name.is_some_and(|n| str::view(n).is_none()) {
        return Err(raise::type_error(t, "arg 3 (name) must be None or string"));
    }
    let defaults = b.non_none(3);
    if defaults.is_some_and(|d| d.downcast::<Tuple>().is_none()) {
        return Err(raise::type_error(t, "arg 4 (defaults) must be None or tuple"));
    }
    let closure = b.non_none(4);
    check_closure(t, &str::lossy(&payload.name), payload, closure)?;
    let keyword_defaults = b.non_none(5);
    if keyword_defaults.is_some_and(|d| d.downcast::<Dict>().is_none()) {
        return Err(raise::type_error(t, "arg 6 (kwdefaults) must be None or dict"));
    }
    let builtins = builtins_of(t, entries);
    let module = entries.get_str(&known().__name__);
    let Some(v) = function::new(code.clone(), globals.clone(), builtins, module) else { return Ok(Value::NONE) };
    if let Some(f) = of(&v) {
        for (slot, value) in [(&f.defaults, defaults), (&f.keyword_defaults, keyword_defaults), (&f.closure, closure)] {
            if let Some(value) = value {
                slot.init(value.clone());
            }
        }
    }
    if name.is_some() {
        put(t, &v, |f| &f.name, name);
    }
    Ok(v)
}

/// The dict of builtins that a namespace of globals names, or that of the code that runs now.
pub fn builtins_of(t: &Thread, globals: &Dict) -> Value {
    named_builtins(globals)
        .or_else(|| (hooks::get().globals)(t).and_then(|now| named_builtins(now.downcast::<Dict>()?)))
        .unwrap_or_else(|| (hooks::get().builtins)(t))
}

fn named_builtins(globals: &Dict) -> Option<Value> {
    let named = globals.get_str(&known().__builtins__)?;
    match named.downcast::<super::module_::Module>() {
        Some(module) => Some(module.dict()),
        None => named.downcast::<Dict>().is_some().then_some(named.clone()),
    }
}

fn set_code(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let (Some(f), Some(header)) = (of(v), v.header()) else { return Ok(()) };
    let Some((value, code)) = value.and_then(|c| Some((c, c.downcast::<Code>()?))) else {
        return Err(raise::type_error(t, "__code__ must be set to a code object"));
    };
    audit::event(t, "object.__setattr__", || [v.clone(), names::intern("__code__"), value.clone()])?;
    let (old_count, new_count) = (f.code().free_count, code.free_count);
    if old_count != new_count {
        let name = read(v, |f| &f.name);
        let message =
            format!("{}() requires a code object with {old_count} free vars, not {new_count}", str::lossy(&name));
        return Err(raise::value_error(t, message));
    }
    const KINDS: u32 = flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR;
    if (f.code().flags ^ code.flags) & KINDS != 0 {
        let message = "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain \
                       function)";
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)?;
    }
    let old = {
        let _guard = t.lock(header);
        f.set_code(value.clone())
    };
    drop(old);
    Ok(())
}

fn set_defaults(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = value.and_then(Value::non_none);
    if value.is_some_and(|d| d.downcast::<Tuple>().is_none()) {
        return Err(raise::type_error(t, "__defaults__ must be set to a tuple object"));
    }
    put(t, v, |f| &f.defaults, value);
    Ok(())
}

fn set_keyword_defaults(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = value.and_then(Value::non_none);
    if value.is_some_and(|d| d.downcast::<Dict>().is_none()) {
        return Err(raise::type_error(t, "__kwdefaults__ must be set to a dict object"));
    }
    put(t, v, |f| &f.keyword_defaults, value);
    Ok(())
}

fn get_annotations(t: &Thread, v: &Value) -> PyResult {
    let Some(f) = of(v) else { return Ok(Value::NONE) };
    if let Some(found) = f.annotations.load() {
        return Ok(found);
    }
    let made = match f.annotate.load() {
        Some(annotate) if annotate.class().slots.call.get().is_some() => {
            let made = protocol::call_values(t, &annotate, &[Value::int(1)])?;
            if made.downcast::<Dict>().is_none() {
                let message = format!("__annotate__() must return a dict, not {}", made.class().display_name());
                return Err(raise::type_error(t, message));
            }
            made
        }
        _ => dict::new(),
    };
    put(t, v, |f| &f.annotations, Some(&made));
    Ok(made)
}

fn set_annotations(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let value = value.and_then(Value::non_none);
    if value.is_some_and(|d| d.downcast::<Dict>().is_none()) {
        return Err(raise::type_error(t, "__annotations__ must be set to a dict object"));
    }
    put(t, v, |f| &f.annotations, value);
    put(t, v, |f| &f.annotate, None);
    Ok(())
}

fn set_annotate(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise::type_error(t, "__annotate__ cannot be deleted")) };
    if value.is_none() {
        put(t, v, |f| &f.annotate, None);
        return Ok(());
    }
    if value.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "__annotate__ must be callable or None"));
    }
    put(t, v, |f| &f.annotate, Some(value));
    put(t, v, |f| &f.annotations, None);
    Ok(())
}

fn set_text(t: &Thread, v: &Value, value: Option<&Value>, which: &str) -> PyResult<()> {
    let Some(value) = value.filter(|x| str::view(x).is_some()) else {
        return Err(raise::type_error(t, format!("{which} must be set to a string object")));
    };
    put(t, v, if which == "__name__" { |f| &f.name } else { |f| &f.qualname }, Some(value));
    Ok(())
}

fn get_type_params(_: &Thread, v: &Value) -> PyResult {
    Ok(of(v).and_then(|f| f.type_params.load()).unwrap_or_else(names::empty_tuple))
}

fn set_type_params(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value.filter(|x| x.downcast::<Tuple>().is_some()) else {
        return Err(raise::type_error(t, "__type_params__ must be set to a tuple"));
    };
    put(t, v, |f| &f.type_params, Some(value));
    Ok(())
}
