//! `isinstance` and `issubclass` in full: tuples and unions of classes, `__instancecheck__`, `__subclasscheck__`, and objects
//! that only look like classes.

use crate::object::core_types;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{attribute, protocol};

/// `isinstance(object, class_or_tuple)`.
pub fn is_instance(t: &Thread, object: &Value, class: &Value) -> PyResult<bool> {
    // By far the most common answers need no special method.
    if let Some(ty) = class.downcast::<Type>() {
        if std::ptr::eq(object.class(), ty) {
            return Ok(true);
        }
        if class.is_exact(&core_types::TYPE) {
            return plain_instance(t, object, class);
        }
    }
    if let Some(members) = super::union_::members(class) {
        return any(t, object, tuple::items(&members), is_instance);
    }
    if class.downcast::<Tuple>().is_some() {
        return any(t, object, tuple::items(class), is_instance);
    }
    if attribute::lookup(t, class.class(), &known().__instancecheck__).is_some()
        && let Some(answer) =
            protocol::call_special(t, class, &known().__instancecheck__, std::slice::from_ref(object))?
    {
        return protocol::is_true(t, &answer);
    }
    plain_instance(t, object, class)
}

/// `issubclass(class, of)`.
pub fn is_subclass(t: &Thread, class: &Value, of: &Value) -> PyResult<bool> {
    if of.is_exact(&core_types::TYPE) {
        if class.is(of) {
            return Ok(true);
        }
        return plain_subclass(t, class, of);
    }
    if let Some(members) = super::union_::members(of) {
        return any(t, class, tuple::items(&members), is_subclass);
    }
    if of.downcast::<Tuple>().is_some() {
        return any(t, class, tuple::items(of), is_subclass);
    }
    if let Some(answer) = protocol::call_special(t, of, &known().__subclasscheck__, std::slice::from_ref(class))? {
        return protocol::is_true(t, &answer);
    }
    plain_subclass(t, class, of)
}

fn any(t: &Thread, v: &Value, of: &[Value], check: fn(&Thread, &Value, &Value) -> PyResult<bool>) -> PyResult<bool> {
    protocol::check_recursion(t, " in __instancecheck__")?;
    for item in of {
        if check(t, v, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `type.__instancecheck__`: by the object's type, else by its `__class__`.
pub fn plain_instance(t: &Thread, object: &Value, class: &Value) -> PyResult<bool> {
    if let Some(ty) = class.downcast::<Type>() {
        if object.class().is_subtype(ty) {
            return Ok(true);
        }
        if object.class().has_flag(flag::PLAIN_GETATTR) && has_plain_class(t, object.class()) {
            return Ok(false);
        }
        let claimed = protocol::lookup_attr(t, object, &known().__class__)?;
        return Ok(claimed.is_some_and(|c| c.downcast::<Type>().is_some_and(|c| c.is_subtype(ty))));
    }
    if bases_of(t, class)?.is_none() {
        return Err(raise::type_error(t, "isinstance() arg 2 must be a type, a tuple of types, or a union"));
    }
    match protocol::lookup_attr(t, object, &known().__class__)? {
        Some(claimed) => derives(t, &claimed, class),
        None => Ok(false),
    }
}

/// Whether `__class__` of instances is object's: only a class of a program can claim another class than its own.
fn has_plain_class(t: &Thread, class: &Type) -> bool {
    let found = |class: &Type| attribute::lookup(t, class, &known().__class__);
    !class.is_heap() || found(class).is_some_and(|own| found(&core_types::OBJECT).is_some_and(|plain| own.is(&plain)))
}

/// `type.__subclasscheck__`.
pub fn plain_subclass(t: &Thread, class: &Value, of: &Value) -> PyResult<bool> {
    if let (Some(c), Some(o)) = (class.downcast::<Type>(), of.downcast::<Type>()) {
        return Ok(c.is_subtype(o));
    }
    if bases_of(t, class)?.is_none() {
        return Err(raise::type_error(t, "issubclass() arg 1 must be a class"));
    }
    if of.downcast::<Type>().is_none() && bases_of(t, of)?.is_none() {
        return Err(raise::type_error(t, "issubclass() arg 2 must be a class, a tuple of classes, or a union"));
    }
    derives(t, class, of)
}

/// The tuple `__bases__` of anything that has one.
fn bases_of(t: &Thread, class: &Value) -> PyResult<Option<Value>> {
    let bases = protocol::lookup_attr(t, class, &known().__bases__)?;
    Ok(bases.filter(|b| b.downcast::<Tuple>().is_some()))
}

/// Whether `class` derives from `of`, by `__bases__`.
fn derives(t: &Thread, class: &Value, of: &Value) -> PyResult<bool> {
    if class.is(of) {
        return Ok(true);
    }
    protocol::check_recursion(t, " in __issubclass__")?;
    let Some(bases) = bases_of(t, class)? else { return Ok(false) };
    for base in tuple::items(&bases) {
        if derives(t, base, of)? {
            return Ok(true);
        }
    }
    Ok(false)
}
