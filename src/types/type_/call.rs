//! Calling a class: `type.__call__`, and `__new__` of native types as Python sees it.

use super::dispatch::GENERIC;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{New, SlotId};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;

/// `Class(*args, **kwargs)`.
pub fn type_call(t: &Thread, class_value: &Value, args: Args<'_>) -> PyResult {
    let Some(class) = class_value.downcast::<Type>() else {
        return Err(raise::type_error(t, "type.__call__() needs a type"));
    };
    if std::ptr::eq(class, &*core_types::TYPE) {
        match (args.pos(), args.has_keywords()) {
            ([object], false) => return Ok(object.class().to_value()),
            ([_, _, _], _) => {}
            _ => return Err(raise::type_error(t, "type() takes 1 or 3 arguments")),
        }
    }
    let Some(new) = class.slots.new.get() else {
        return Err(raise::type_error(t, format!("cannot create '{}' instances", class.display_name())));
    };
    construct(t, class, new, args)
}

/// Makes an instance by the function in the class's slot `new`, and initialises it.
#[inline(always)]
pub fn construct(t: &Thread, class: &Type, new: New, args: Args<'_>) -> PyResult {
    let object = new(t, class, args)?;
    initialize(t, class, object, args)
}

/// The second half of `construct`.
#[inline(always)]
pub fn initialize(t: &Thread, class: &Type, object: Value, args: Args<'_>) -> PyResult {
    // It may be of a subclass, as with OSError, or of another class altogether.
    let made = object.class();
    if (std::ptr::eq(made, class) || made.is_subtype(class))
        && let Some(init) = made.slots.init.get()
    {
        init(t, &object, args)?;
    }
    Ok(object)
}

/// The row of every native type's `__new__`; its `__self__` is the type.
pub static NATIVE_NEW: Method = Method::new(
    "__new__",
    "($type, *args, **kwargs)",
    NativeFn::Raw(native_new),
    "Create and return a new object.  See help(type) for accurate signature.",
);

/// `Native.__new__(cls, ...)`: the first argument is the native type itself.
fn native_new(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(native) = args.pos().first().and_then(Value::downcast::<Type>) else {
        return Err(raise::type_error(t, "__new__() called with non-type 'self'"));
    };
    let own = native.display_name();
    let Some(wanted) = args.pos().get(1) else {
        return Err(raise::type_error(t, format!("{own}.__new__(): not enough arguments")));
    };
    let Some(class) = wanted.downcast::<Type>() else {
        let given = wanted.class().display_name();
        return Err(raise::type_error(t, format!("{own}.__new__(X): X is not a type object ({given})")));
    };
    if !class.is_subtype(native) {
        let name = class.display_name();
        return Err(raise::type_error(t, format!("{own}.__new__({name}): {name} is not a subtype of {own}")));
    }
    // The nearest base whose `__new__` is native must be made by the same function.
    let mut base = wanted.clone();
    while let Some(b) = base.downcast::<Type>()
        && b.slots.same(SlotId::new, &GENERIC)
        && let Some(next) = b.base.load()
    {
        base = next;
    }
    if let Some(b) = base.downcast::<Type>()
        && !b.slots.same(SlotId::new, &native.slots)
    {
        let (name, safe) = (class.display_name(), b.display_name());
        return Err(raise::type_error(t, format!("{own}.__new__({name}) is not safe, use {safe}.__new__()")));
    }
    match native.slots.new.get() {
        Some(new) if !class.has_flag(flag::DISALLOW_INSTANTIATION) => new(t, class, args.skip(2)),
        _ => Err(raise::type_error(t, format!("cannot create '{}' instances", class.display_name()))),
    }
}
