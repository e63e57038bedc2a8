//! Attribute loads for calls, `super()` and implicit special methods.

use crate::object::attribute;
use crate::object::core_types;
use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Binary;
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{instance, str, tuple};

/// `LOAD_METHOD`: the callable, and whether the object is to be passed as its first argument.
pub fn load_method(t: &Thread, object: &Value, name: &Value) -> PyResult<(Value, bool)> {
    let class = object.class();
    let generic = match class.slots.getattro.get() {
        Some(f) => std::ptr::fn_addr_eq(f, attribute::generic_get as Binary),
        None => true,
    };
    if generic
        && let Some(found) = attribute::lookup(t, class, name)
        && binds_as_method(found.class())
    {
        // A method is no data descriptor: the instance's own attribute comes first.
        if let Some(header) = object.header()
            && let Some(own) = instance::attributes(header)
            && let Some(v) = own.get(&attribute::interned(name))
        {
            return Ok((v, false));
        }
        return Ok((found, true));
    }
    protocol::get_attr(t, object, name).map(|v| (v, false))
}

/// Whether getting an object of this type through an instance yields a method of that instance and nothing else.
#[inline]
pub fn binds_as_method(class: &Type) -> bool {
    std::ptr::eq(class, &*core_types::FUNCTION)
        || std::ptr::eq(class, &*core_types::METHOD_DESCRIPTOR)
        || class.has_flag(flag::METHOD_DESCRIPTOR)
}

/// `LOAD_SUPER_ATTR` and `LOAD_SUPER_METHOD`: the attribute, and whether the object is to be bound to it.
pub fn load_super(
    t: &Thread,
    sup: &Value,
    class: &Value,
    object: &Value,
    name: &Value,
    method: bool,
) -> PyResult<(Value, bool)> {
    if sup.is(&core_types::SUPER.as_value())
        && let Some(start) = class.downcast::<Type>()
        && object.class().is_subtype(start)
        && !name.is(&known().__class__)
    {
        if let Some(found) = lookup_after(object.class(), start, name) {
            if method && binds_as_method(found.class()) {
                return Ok((found, true));
            }
            return match found.class().slots.descr_get.get() {
                Some(get) => get(t, &found, Some(object), &object.class().as_value()).map(|v| (v, false)),
                None => Ok((found, false)),
            };
        }
        let message = format!("'super' object has no attribute '{}'", str::lossy(name));
        let made = protocol::call_values(t, sup, &[class.clone(), object.clone()])?;
        return match protocol::lookup_attr(t, &made, name)? {
            Some(v) => Ok((v, false)),
            None => Err(raise::attribute_error(t, &made, name, message)),
        };
    }
    let made = protocol::call_values(t, sup, &[class.clone(), object.clone()])?;
    protocol::get_attr(t, &made, name).map(|v| (v, false))
}

/// The attribute of the first class behind `start` in the method resolution order of `class` that has it.
pub fn lookup_after(class: &Type, start: &Type, name: &Value) -> Option<Value> {
    let mro = class.mro.load()?;
    let start = start.header() as *const _ as u64;
    tuple::items(&mro).iter().skip_while(|c| c.bits() != start).skip(1).find_map(|c| {
        let dict = c.downcast::<Type>()?.dict.load()?;
        dict.downcast::<crate::object::dict::Dict>()?.get_str(name)
    })
}

/// `LOAD_SPECIAL`: the method, and whether the object is to be passed first.
pub fn load_special(t: &Thread, object: &Value, which: usize) -> PyResult<(Value, bool)> {
    let known = known();
    let name = [&known.__enter__, &known.__exit__, &known.__aenter__, &known.__aexit__][which.min(3)];
    let class = object.class();
    if let Some(found) = attribute::lookup(t, class, name) {
        if binds_as_method(found.class()) {
            return Ok((found, true));
        }
        return match found.class().slots.descr_get.get() {
            Some(get) => get(t, &found, Some(object), &class.as_value()).map(|v| (v, false)),
            None => Ok((found, false)),
        };
    }
    let has = |name: &Value| attribute::lookup(t, class, name).is_some();
    let type_name = class.display_name();
    let missing = str::lossy(name);
    let message = if which < 2 {
        let hint = if has(&known.__aenter__) && has(&known.__aexit__) {
            " but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?"
        } else {
            ""
        };
        format!("'{type_name}' object does not support the context manager protocol (missed {missing} method){hint}")
    } else {
        let hint = if has(&known.__enter__) && has(&known.__exit__) {
            " but it supports the context manager protocol. Did you mean to use 'with'?"
        } else {
            ""
        };
        format!(
            "'{type_name}' object does not support the asynchronous context manager protocol (missed {missing} method){hint}"
        )
    };
    Err(raise::type_error(t, message))
}
