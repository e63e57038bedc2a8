//! Pattern matching (PEP 634).

use crate::object::core_types::{self, exc};
use crate::object::names::known;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;

/// Whether a mapping pattern may match.
pub fn is_mapping(v: &Value) -> bool {
    v.class().has_flag(flag::MAPPING)
}

/// Whether a sequence pattern may match.
pub fn is_sequence(v: &Value) -> bool {
    v.class().has_flag(flag::SEQUENCE)
}

/// `MATCH_KEYS`: a tuple of the values of all keys, or None.
pub fn keys(t: &Thread, mapping: &Value, keys: &Value) -> PyResult {
    let keys = tuple::items(keys);
    if keys.is_empty() {
        return Ok(tuple::from_slice(&[]));
    }
    for (i, key) in keys.iter().enumerate() {
        for earlier in &keys[..i] {
            if protocol::eq(t, earlier, key)? {
                let message = format!("mapping pattern checks duplicate key ({})", protocol::repr_lossy(t, key));
                return Err(raise::value_error(t, message));
            }
        }
    }
    let get = protocol::get_attr(t, mapping, &known().get)?;
    // Told apart from every value that the mapping can hold.
    let absent = crate::object::alloc::new_plain(&core_types::OBJECT);
    let mut values = Vec::with_capacity(keys.len());
    for key in keys {
        let v = protocol::call_values(t, &get, &[key.clone(), absent.clone()])?;
        if v.is(&absent) {
            return Ok(Value::NONE);
        }
        values.push(v);
    }
    Ok(tuple::from_vec(values))
}

/// `MATCH_CLASS`: a tuple of the attributes of `positional` positional and all keyword sub-patterns, or None.
pub fn class(t: &Thread, subject: &Value, class: &Value, positional: usize, keywords: &Value) -> PyResult {
    let Some(ty) = class.downcast::<Type>() else {
        let message = "called match pattern must be a class";
        return Err(raise::type_error(t, message));
    };
    if !protocol::is_instance(t, subject, class)? {
        return Ok(Value::NONE);
    }
    let keywords = tuple::items(keywords);
    let mut seen: Vec<Value> = Vec::new();
    let mut values = Vec::with_capacity(positional + keywords.len());
    if positional > 0 {
        let args = match protocol::lookup_attr(t, class, &known().__match_args__)? {
            Some(args) if args.downcast_exact::<Tuple>().is_some() => Some(args),
            Some(args) => {
                let message =
                    format!("{}.__match_args__ must be a tuple (got {})", ty.name(), args.class().display_name());
                return Err(raise::type_error(t, message));
            }
            None => None,
        };
        let itself = args.is_none() && ty.has_flag(flag::MATCH_SELF);
        let names = args.as_ref().map_or(&[][..], |a| tuple::items(a));
        let allowed = if itself { 1 } else { names.len() };
        if positional > allowed {
            let s = if allowed == 1 { "" } else { "s" };
            let message = format!("{}() accepts {allowed} positional sub-pattern{s} ({positional} given)", ty.name());
            return Err(raise::type_error(t, message));
        }
        if itself {
            values.push(subject.clone());
        } else {
            for name in &names[..positional] {
                if name.downcast_exact::<Str>().is_none() {
                    let message =
                        format!("__match_args__ elements must be strings (got {})", name.class().display_name());
                    return Err(raise::type_error(t, message));
                }
                match attribute(t, subject, ty, name, &mut seen)? {
                    Some(v) => values.push(v),
                    None => return Ok(Value::NONE),
                }
            }
        }
    }
    for name in keywords {
        match attribute(t, subject, ty, name, &mut seen)? {
            Some(v) => values.push(v),
            None => return Ok(Value::NONE),
        }
    }
    Ok(tuple::from_vec(values))
}

fn attribute(
    t: &Thread,
    subject: &Value,
    class: &Type,
    name: &Value,
    seen: &mut Vec<Value>,
) -> PyResult<Option<Value>> {
    if seen.iter().any(|s| str::view(s) == str::view(name)) {
        let message =
            format!("{}() got multiple sub-patterns for attribute {}", class.name(), protocol::repr_lossy(t, name));
        return Err(raise::type_error(t, message));
    }
    seen.push(name.clone());
    match protocol::get_attr(t, subject, name) {
        Ok(v) => Ok(Some(v)),
        Err(raised) => raise::suppress(t, raised, &exc::ATTRIBUTE_ERROR).map(|()| None),
    }
}
