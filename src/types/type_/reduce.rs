//! Pickling of objects by class and state: `object.__reduce_ex__` and `object.__getstate__`.

use crate::object::dict::{self, Dict};
use crate::object::names::known;
use crate::object::native;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{attribute, core_types, hooks, instance, names, protocol, str, tuple};

/// `object.__reduce_ex__(protocol)`: a class's own `__reduce__` wins.
pub fn reduce_ex(t: &Thread, v: &Value, protocol: &Value) -> PyResult {
    let version = protocol::index_i64(t, protocol)?;
    if let Some(own) = protocol::lookup_attr(t, v, &known().__reduce__)? {
        let class_value = v.class().to_value();
        let on_class = protocol::get_attr(t, &class_value, &known().__reduce__)?;
        let of_object = attribute::lookup(t, &core_types::OBJECT, &known().__reduce__);
        if of_object.is_none_or(|f| !f.is(&on_class)) {
            return protocol::call_values(t, &own, &[]);
        }
    }
    common(t, v, version)
}

/// `object.__reduce__()`.
pub fn reduce(t: &Thread, v: &Value) -> PyResult {
    common(t, v, 0)
}

fn copyreg(t: &Thread, name: &str) -> PyResult {
    let module = (hooks::get().import)(t, "copyreg")?;
    protocol::get_attr_str(t, &module, name)
}

fn common(t: &Thread, v: &Value, version: i64) -> PyResult {
    if version < 2 {
        return protocol::call_values(t, &copyreg(t, "_reduce_ex")?, &[v.clone(), Value::int(version)]);
    }
    let class = v.class();
    if class.slots.new.get().is_none() {
        return Err(raise::type_error(t, format!("cannot pickle '{}' object", class.display_name())));
    }
    let (args, keywords) = new_arguments(t, v)?;
    let has_args = args.is_some();
    let class_value = class.to_value();
    let (function, newargs) = match keywords {
        Some(keywords) if keywords.downcast::<Dict>().is_some_and(|d| !d.is_empty()) => {
            let args = args.unwrap_or_else(names::empty_tuple);
            (copyreg(t, "__newobj_ex__")?, tuple::from_vec(vec![class_value, args, keywords]))
        }
        _ => {
            let args = args.unwrap_or_else(names::empty_tuple);
            let all: Vec<Value> = std::iter::once(class_value).chain(tuple::items(&args).iter().cloned()).collect();
            (copyreg(t, "__newobj__")?, tuple::from_vec(all))
        }
    };
    let is_list = class.has_flag(flag::LIST_SUBCLASS);
    let is_dict = class.has_flag(flag::DICT_SUBCLASS);
    let state = state_of(t, v, !(has_args || is_list || is_dict))?;
    let list_items = if is_list { protocol::iter(t, v)? } else { Value::NONE };
    let dict_items = if is_dict {
        let items = protocol::call_method(t, v, &known().items, &[])?;
        protocol::iter(t, &items)?
    } else {
        Value::NONE
    };
    Ok(tuple::from_vec(vec![function, newargs, state, list_items, dict_items]))
}

/// The arguments for `__new__` that the object asks for: positional tuple and keyword dict.
fn new_arguments(t: &Thread, v: &Value) -> PyResult<(Option<Value>, Option<Value>)> {
    if let Some(answer) = protocol::call_special(t, v, &known().__getnewargs_ex__, &[])? {
        if answer.downcast::<tuple::Tuple>().is_none() {
            let given = answer.class().name();
            return Err(raise::type_error(t, format!("__getnewargs_ex__ should return a tuple, not '{given}'")));
        }
        let [args, keywords] = tuple::items(&answer) else {
            let n = tuple::items(&answer).len();
            return Err(raise::value_error(t, format!("__getnewargs_ex__ should return a tuple of length 2, not {n}")));
        };
        if args.downcast::<tuple::Tuple>().is_none() {
            let message = format!(
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                args.class().name()
            );
            return Err(raise::type_error(t, message));
        }
        if keywords.downcast::<Dict>().is_none() {
            let message = format!(
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                keywords.class().name()
            );
            return Err(raise::type_error(t, message));
        }
        return Ok((Some(args.clone()), Some(keywords.clone())));
    }
    match protocol::call_special(t, v, &known().__getnewargs__, &[])? {
        Some(args) if args.downcast::<tuple::Tuple>().is_some() => Ok((Some(args), None)),
        Some(other) => {
            let message = format!("__getnewargs__ should return a tuple, not '{}'", other.class().name());
            Err(raise::type_error(t, message))
        }
        None => Ok((None, None)),
    }
}

/// `v.__getstate__()`. `required`: object's own must hold everything that the object is.
fn state_of(t: &Thread, v: &Value, required: bool) -> PyResult {
    let method = protocol::get_attr(t, v, &known().__getstate__)?;
    if let Some(f) = native::of(&method)
        && f.passes_self
        && f.method.name == "__getstate__"
        && std::ptr::eq(f.method, own_getstate())
        && f.bound.word() == v.bits()
    {
        return default_state(t, v, required);
    }
    protocol::call_values(t, &method, &[])
}

fn own_getstate() -> *const crate::object::table::Method {
    crate::types::object_::SPEC
        .methods
        .iter()
        .find(|m| m.name == "__getstate__")
        .map_or(std::ptr::null(), |m| m as *const _)
}

/// `object.__getstate__()`.
pub fn getstate(t: &Thread, v: &Value) -> PyResult {
    default_state(t, v, false)
}

fn default_state(t: &Thread, v: &Value, required: bool) -> PyResult {
    let class = v.class();
    if required && class.spec().layout.size != 0 {
        return Err(raise::type_error(t, format!("cannot pickle '{}' object", class.display_name())));
    }
    let mut state = Value::NONE;
    if class.has_flag(flag::HAS_DICT)
        && let Some(header) = v.header()
        && let Some(attributes) = instance::attributes(header)
    {
        let entries = attributes.entries();
        if !entries.is_empty() {
            state = dict::from_pairs(entries);
        }
    } else if let Some(own) = protocol::lookup_attr(t, v, &known().__dict__)?
        && own.downcast::<Dict>().is_some_and(|d| !d.is_empty())
    {
        state = own;
    }
    let slot_names = slot_names(t, class)?;
    let mut slots = Vec::new();
    for name in slot_names {
        if let Some(value) = protocol::lookup_attr(t, v, &name)? {
            slots.push((name, value));
        }
    }
    if slots.is_empty() {
        return Ok(state);
    }
    Ok(tuple::from_vec(vec![state, dict::from_pairs(slots)]))
}

/// The names in `__slots__` of the class and its bases, from copyreg, which remembers them on the class.
fn slot_names(t: &Thread, class: &Type) -> PyResult<Vec<Value>> {
    if !class.is_heap() {
        return Ok(Vec::new());
    }
    let remembered =
        class.dict.load().and_then(|d| d.downcast::<Dict>().and_then(|d| d.get_str(&names::intern("__slotnames__"))));
    let answer = match remembered {
        Some(names) => names,
        None => protocol::call_values(t, &copyreg(t, "_slotnames")?, &[class.to_value()])?,
    };
    if answer.is_none() {
        return Ok(Vec::new());
    }
    let items = protocol::collect(t, &answer)?;
    match items.iter().find(|i| str::view(i).is_none()) {
        Some(_) => Err(raise::type_error(t, "copyreg._slotnames didn't return a list or None")),
        None => Ok(items),
    }
}
