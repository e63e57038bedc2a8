//! Generic attribute access: the type's attributes by method resolution order, descriptors, the instance's own.

use super::dict::Dict;
use super::instance::attributes;
use super::method_cache::MethodCacheEntry;
use super::raise::{self, PyResult};
use super::str::Str;
use super::thread::Thread;
use super::type_object::{Type, flag};
use super::value::Value;
use super::{names, tuple};
use crate::sync::slot::Counted;
use std::sync::OnceLock;

/// The attribute `name` (an interned or any str) of a type, by its method resolution order; descriptors are not called.
///
/// Answers from the thread's method cache where it can. An entry's word is uncounted: the version found unchanged after
/// the entry was read says that the value was not dropped before this thread's last safepoint (`type_object`, rule 2).
#[inline]
pub fn lookup(t: &Thread, class: &Type, name: &Value) -> Option<Value> {
    let version = class.version();
    let entry = t.method_cache.at(version, name.bits());
    if version != 0 && entry.version == version && entry.name == name.bits() {
        if entry.word == 0 {
            return None;
        }
        // SAFETY: see above; the value's memory is valid until our next safepoint.
        if unsafe { Value::try_count(entry.word) } {
            // SAFETY: just counted.
            return Some(unsafe { Value::from_bits(entry.word) });
        }
    }
    lookup_slow(t, class, name)
}

#[inline(never)]
fn lookup_slow(t: &Thread, class: &Type, name: &Value) -> Option<Value> {
    // Assigned before the walk: a change during the walk voids it.
    let version = class.assign_version();
    let found = lookup_uncached(class, name);
    // Only interned (immortal) names may be remembered by address.
    if version != 0 && class.version() == version && name.downcast_exact::<Str>().is_some_and(Str::is_interned) {
        let word = found.as_ref().map_or(0, Value::bits);
        t.method_cache.put(MethodCacheEntry { version, name: name.bits(), word });
    }
    found
}

/// `lookup` without cache.
pub fn lookup_uncached(class: &Type, name: &Value) -> Option<Value> {
    let mro = class.mro.load()?;
    tuple::items(&mro).iter().find_map(|c| {
        let dict = c.downcast::<Type>()?.dict.load()?;
        dict.downcast::<Dict>()?.get_str(name)
    })
}

/// Whether a value, found on a type, is a data descriptor.
#[inline]
pub fn is_data_descriptor(v: &Value) -> bool {
    v.class().slots.descr_set.get().is_some()
}

/// The dict that an object with `flag::PAYLOAD_DICT` carries in its payload. Set by `types` at start-up.
pub static PAYLOAD_DICT: OnceLock<fn(&Value) -> Option<Value>> = OnceLock::new();

#[cold]
fn payload_dict(object: &Value) -> Option<Value> {
    PAYLOAD_DICT.get().and_then(|f| f(object))
}

/// Raises TypeError for an attribute name that is no str.
#[cold]
fn bad_name(t: &Thread, name: &Value) -> raise::Raised {
    raise::type_error(t, format!("attribute name must be string, not '{}'", name.class().display_name()))
}

/// object.__getattribute__, but `None` instead of AttributeError where nothing is found.
pub fn generic_lookup(t: &Thread, object: &Value, name: &Value) -> PyResult<Option<Value>> {
    let class = object.class();
    let on_type = lookup(t, class, name);
    let get = on_type.as_ref().and_then(|v| v.class().slots.descr_get.get());
    if let (Some(descriptor), Some(get)) = (&on_type, get)
        && is_data_descriptor(descriptor)
    {
        return get(t, descriptor, Some(object), &class.as_value()).map(Some);
    }
    if let Some(header) = object.header()
        && let Some(own) = attributes(header)
        && let Some(v) = own.get(&interned(name))
    {
        return Ok(Some(v));
    }
    if class.has_flag(flag::PAYLOAD_DICT)
        && let Some(own) = payload_dict(object)
        && let Some(v) = own.downcast::<Dict>().and_then(|d| d.get_str(name))
    {
        return Ok(Some(v));
    }
    match (on_type, get) {
        (Some(descriptor), Some(get)) => get(t, &descriptor, Some(object), &class.as_value()).map(Some),
        (found, _) => Ok(found),
    }
}

/// Whether an object has an attribute of its own by that name.
#[inline]
pub fn has_own(object: &Value, name: &Value) -> bool {
    let Some(header) = object.header() else { return false };
    if attributes(header).is_some_and(|own| own.get(&interned(name)).is_some()) {
        return true;
    }
    object.class().has_flag(flag::PAYLOAD_DICT)
        && payload_dict(object).is_some_and(|own| own.downcast::<Dict>().is_some_and(|d| d.get_str(name).is_some()))
}

/// The interned form of a name: attribute slots know names by identity. Interned names are immortal: nothing to drop.
#[inline]
pub fn interned(name: &Value) -> std::mem::ManuallyDrop<Value> {
    match name.downcast_exact::<Str>() {
        Some(s) if s.is_interned() => name.borrowed(),
        _ => std::mem::ManuallyDrop::new(match name.downcast::<Str>() {
            Some(s) => names::intern_text(s.view()),
            None => name.clone(),
        }),
    }
}

/// object.__getattribute__.
pub fn generic_get(t: &Thread, object: &Value, name: &Value) -> PyResult {
    match generic_lookup(t, object, name)? {
        Some(v) => Ok(v),
        None if name.downcast::<Str>().is_none() => Err(bad_name(t, name)),
        None => Err(raise::no_attribute(t, object, name)),
    }
}

/// object.__setattr__ and (for `None`) object.__delattr__.
pub fn generic_set(t: &Thread, object: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    let class = object.class();
    let on_type = lookup(t, class, name);
    if let Some(descriptor) = &on_type
        && let Some(set) = descriptor.class().slots.descr_set.get()
    {
        return set(t, descriptor, object, value);
    }
    if class.has_flag(flag::HAS_DICT)
        && let Some(header) = object.header()
        && let Some(own) = attributes(header)
    {
        let name_interned = interned(name);
        match value {
            Some(v) => {
                own.set(t, header, &name_interned, v.clone());
                return Ok(());
            }
            None if own.delete(t, header, &name_interned) => return Ok(()),
            None => return Err(raise::no_attribute(t, object, name)),
        }
    }
    if name.downcast::<Str>().is_none() {
        return Err(bad_name(t, name));
    }
    if class.has_flag(flag::PAYLOAD_DICT)
        && let Some(own) = payload_dict(object)
        && let Some(own) = own.downcast::<Dict>()
    {
        let name_interned = interned(name);
        let found = match value {
            Some(v) => {
                drop(own.set_str(&name_interned, v.clone()));
                true
            }
            None => own.remove_str(t, &name_interned).is_some(),
        };
        return if found { Ok(()) } else { Err(raise::no_attribute(t, object, name)) };
    }
    let text = super::str::lossy(name);
    let message = match on_type {
        Some(_) => format!("'{}' object attribute '{text}' is read-only", class.display_name()),
        None => format!(
            "'{}' object has no attribute '{text}' and no __dict__ for setting new attributes",
            class.display_name()
        ),
    };
    Err(raise::attribute_error(t, object, name, message))
}
