//! `_weakref`: weak references and proxies, for `weakref`.

use crate::object::args::Args;
use crate::object::dict::Dict;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::weakref;
use crate::object::{core_types, list};
use crate::types::weak_proxy::{self, CALLABLE_PROXY, PROXY};
use crate::types::{module_, weakref_};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "getweakrefcount",
            "($module, object, /)",
            NativeFn::F1(|_, v| Ok(Value::uint(references(v).len() as u64))),
            "Return the number of weak references to 'object'.",
        ),
        Method::new(
            "getweakrefs",
            "($module, object, /)",
            NativeFn::F1(|_, v| Ok(list::from_vec(references(v)))),
            "Return a list of all weak reference objects pointing to 'object'.",
        ),
        Method::new(
            "_remove_dead_weakref",
            "($module, dct, key, /)",
            NativeFn::F2(remove_dead),
            "Atomically remove key from dict if it points to a dead weakref.",
        ),
        Method::new(
            "proxy",
            "($module, object, callback=None, /)",
            NativeFn::Raw(proxy),
            "Create a proxy object that weakly references 'object'; 'callback' is called when it is about to be \
             finalized.",
        ),
    ],
    types: &[&PROXY, &CALLABLE_PROXY],
    init: Some(|_, module| {
        module_::set(module, "ref", core_types::WEAKREF.to_value());
        module_::set(module, "ReferenceType", core_types::WEAKREF.to_value());
        Ok(())
    }),
    ..ModuleSpec::new("_weakref", "Weak-reference support module.")
};

/// The living references and proxies of an object: those without callback first, then the newest.
fn references(v: &Value) -> Vec<Value> {
    let mut found = v.header().map(weakref::references).unwrap_or_default();
    found.reverse();
    found.sort_by_key(|r| match weakref_::of(r) {
        Some(w) if !w.has_callback() && r.is_exact(&core_types::WEAKREF) => 0,
        Some(w) if !w.has_callback() && (r.is_exact(&PROXY) || r.is_exact(&CALLABLE_PROXY)) => 1,
        _ => 2,
    });
    found
}

/// Atomic: an entry that another thread has filled with a living reference meanwhile stays.
fn remove_dead(t: &Thread, dict: &Value, key: &Value) -> PyResult {
    let Some(entries) = dict.downcast::<Dict>() else {
        let message = format!("_remove_dead_weakref() argument 1 must be dict, not {}", dict.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let Some(found) = entries.get(t, key)? else { return Ok(Value::NONE) };
    let Some(reference) = weakref_::of(&found) else { return Err(raise::type_error(t, "not a weakref")) };
    if reference.get().is_none() {
        entries.remove_if_same(t, key, &found)?;
    }
    Ok(Value::NONE)
}

fn proxy(t: &Thread, args: Args<'_>) -> PyResult {
    let args = args.exactly_positional(t, "proxy", 1, 2)?;
    weak_proxy::new(t, &args[0], args.get(1).and_then(Value::non_none))
}
