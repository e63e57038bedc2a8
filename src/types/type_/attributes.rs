//! Attribute access on classes: `type.__getattribute__` and `type.__setattr__`.

use super::update;
use crate::object::attribute;
use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{names, str};

/// The attribute of a class: data descriptors of the metatype, attributes of the class and its bases (bound to the class),
/// other attributes of the metatype. None where there is nothing.
pub fn lookup(t: &Thread, class_value: &Value, name: &Value) -> PyResult<Option<Value>> {
    let Some(class) = class_value.downcast::<Type>() else { return attribute::generic_lookup(t, class_value, name) };
    let metatype = class_value.class();
    let on_meta = attribute::lookup(t, metatype, name);
    let meta_get = on_meta.as_ref().and_then(|v| v.class().slots.descr_get.get());
    if let (Some(descriptor), Some(get)) = (&on_meta, meta_get)
        && attribute::is_data_descriptor(descriptor)
    {
        return get(t, descriptor, Some(class_value), &metatype.as_value()).map(Some);
    }
    if let Some(found) = attribute::lookup(t, class, name) {
        return match found.class().slots.descr_get.get() {
            Some(get) => get(t, &found, None, class_value).map(Some),
            None => Ok(Some(found)),
        };
    }
    match (on_meta, meta_get) {
        (Some(descriptor), Some(get)) => get(t, &descriptor, Some(class_value), &metatype.as_value()).map(Some),
        (found, _) => Ok(found),
    }
}

/// `type.__getattribute__`.
pub fn getattro(t: &Thread, class: &Value, name: &Value) -> PyResult {
    check_name(t, name)?;
    match lookup(t, class, name)? {
        Some(found) => Ok(found),
        None => Err(raise::no_attribute(t, class, name)),
    }
}

fn check_name(t: &Thread, name: &Value) -> PyResult<()> {
    if str::view(name).is_some() {
        return Ok(());
    }
    Err(raise::type_error(t, format!("attribute name must be string, not '{}'", name.class().display_name())))
}

/// `type.__setattr__` and `type.__delattr__`.
pub fn setattro(t: &Thread, class_value: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    check_name(t, name)?;
    let Some(class) = class_value.downcast::<Type>() else { return Ok(()) };
    if class.has_flag(flag::IMMUTABLE) {
        let message =
            format!("cannot set '{}' attribute of immutable type '{}'", str::lossy(name), class.display_name());
        return Err(raise::type_error(t, message));
    }
    if let Some(descriptor) = attribute::lookup(t, class_value.class(), name)
        && let Some(set) = descriptor.class().slots.descr_set.get()
    {
        return set(t, &descriptor, class_value, value);
    }
    let interned = attribute::interned(name);
    let interned = names::intern_value(&interned);
    if !update::store_attribute(t, class, &interned, value.cloned()) {
        return Err(raise::no_attribute(t, class_value, name));
    }
    if interned.is(&known().__abstractmethods__) {
        set_abstract(t, class, value)?;
    }
    Ok(())
}

/// Keeps the flag in step with `__abstractmethods__`.
pub fn set_abstract(t: &Thread, class: &Type, value: Option<&Value>) -> PyResult<()> {
    let abstract_ = match value {
        Some(v) => protocol::is_true(t, v)?,
        None => false,
    };
    if abstract_ {
        class.set_flag(flag::ABSTRACT);
    } else {
        class.clear_flag(flag::ABSTRACT);
    }
    // Who has learned how to call the class since the attribute was stored has not seen the flag.
    class.bump_version();
    Ok(())
}
