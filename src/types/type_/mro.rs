//! The order of bases: C3 linearisation, the metaclass of several bases, the base that decides about the layout.

use crate::object::core_types;
use crate::object::exception::BaseException;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{attribute, protocol, str, tuple};

/// The method resolution order of `class` with these bases (C3), `class` itself first.
pub fn linearise(t: &Thread, class: &Value, bases: &[Value]) -> PyResult<Vec<Value>> {
    let incomplete = |base: &&Value| base.downcast::<Type>().is_some_and(|base| base.mro.is_empty());
    if let Some(base) = bases.iter().find(incomplete).and_then(|base| base.downcast::<Type>()) {
        // Its metaclass is about to say what its order is.
        return Err(raise::type_error(t, format!("Cannot extend an incomplete type '{}'", base.display_name())));
    }
    if let [base] = bases
        && let Some(base) = base.downcast::<Type>()
        && let Some(mro) = base.mro.load()
    {
        return Ok(std::iter::once(class.clone()).chain(tuple::items(&mro).iter().cloned()).collect());
    }
    for (i, base) in bases.iter().enumerate() {
        if bases[..i].iter().any(|b| b.is(base)) {
            let name = base.downcast::<Type>().map_or("?", Type::name);
            return Err(raise::type_error(t, format!("duplicate base class {name}")));
        }
    }
    let orders: Vec<Value> = bases.iter().filter_map(|b| b.downcast::<Type>()?.mro.load()).collect();
    // Each list with the position of its head.
    let mut lists: Vec<(&[Value], usize)> = orders.iter().map(|o| (tuple::items(o), 0)).collect();
    lists.push((bases, 0));
    let mut result = vec![class.clone()];
    loop {
        lists.retain(|(items, head)| *head < items.len());
        if lists.is_empty() {
            return Ok(result);
        }
        let good = lists.iter().map(|(items, head)| &items[*head]).find(|candidate| {
            !lists.iter().any(|(items, head)| items[*head + 1..].iter().any(|later| later.is(candidate)))
        });
        let Some(next) = good.cloned() else { return Err(inconsistent(t, &lists)) };
        for (items, head) in &mut lists {
            if items[*head].is(&next) {
                *head += 1;
            }
        }
        result.push(next);
    }
}

fn inconsistent(t: &Thread, lists: &[(&[Value], usize)]) -> Raised {
    let mut heads: Vec<&Value> = Vec::new();
    for (items, head) in lists {
        if !heads.iter().any(|h| h.is(&items[*head])) {
            heads.push(&items[*head]);
        }
    }
    let text: Vec<&str> = heads.iter().map(|h| h.downcast::<Type>().map_or("?", Type::name)).collect();
    raise::type_error(
        t,
        format!("Cannot create a consistent method resolution order (MRO) for bases {}", text.join(", ")),
    )
}

/// The method resolution order by the metatype's `mro()`, checked; whether it is the plain one.
pub fn compute(t: &Thread, class: &Value, bases: &[Value]) -> PyResult<(Vec<Value>, bool)> {
    let metatype = class.class();
    if std::ptr::eq(metatype, &*core_types::TYPE) {
        return Ok((linearise(t, class, bases)?, true));
    }
    let method = attribute::lookup(t, metatype, &known().mro);
    let native = attribute::lookup(t, &core_types::TYPE, &known().mro);
    match (&method, &native) {
        (Some(m), Some(n)) if !m.is(n) => {}
        _ => return Ok((linearise(t, class, bases)?, true)),
    }
    let result = protocol::call_special(t, class, &known().mro, &[])?.unwrap_or(Value::NONE);
    let items = protocol::collect(t, &result)?;
    let solid = class.downcast::<Type>().map(super::layout::solid_base);
    for item in &items {
        let Some(base) = item.downcast::<Type>() else {
            let message = format!("mro() returned a non-class ('{}')", item.class().name());
            return Err(raise::type_error(t, message));
        };
        if let Some(solid) = &solid
            && !item.is(class)
            && let Some(solid) = solid.downcast::<Type>()
            && let base_solid = super::layout::solid_base(base)
            && base_solid.downcast::<Type>().is_some_and(|b| !solid.is_subtype(b))
        {
            let message = format!("mro() returned base with unsuitable layout ('{}')", base.name());
            return Err(raise::type_error(t, message));
        }
    }
    Ok((items, false))
}

/// The most derived metatype among `metatype` and those of the bases.
pub fn metatype_of(t: &Thread, metatype: &Value, bases: &[Value]) -> PyResult {
    let mut winner = metatype.clone();
    for base in bases {
        let candidate = base.class();
        let Some(now) = winner.downcast::<Type>() else { break };
        if now.is_subtype(candidate) {
            continue;
        }
        if candidate.is_subtype(now) {
            winner = candidate.to_value();
            continue;
        }
        return Err(raise::type_error(
            t,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of \
             all its bases",
        ));
    }
    Ok(winner)
}

/// Replaces bases that are not classes by what their `__mro_entries__` answers; None where there are none.
pub fn resolve_entries(t: &Thread, bases: &[Value]) -> PyResult<Option<Vec<Value>>> {
    let whole = tuple::from_slice(bases);
    let mut resolved: Option<Vec<Value>> = None;
    for (i, base) in bases.iter().enumerate() {
        let method = match base.downcast::<Type>() {
            Some(_) => None,
            None => protocol::lookup_attr(t, base, &known().__mro_entries__)?,
        };
        let Some(method) = method else {
            if let Some(list) = &mut resolved {
                list.push(base.clone());
            }
            continue;
        };
        let entries = protocol::call_values(t, &method, std::slice::from_ref(&whole))?;
        if entries.downcast::<tuple::Tuple>().is_none() {
            return Err(raise::type_error(t, "__mro_entries__ must return a tuple"));
        }
        resolved.get_or_insert_with(|| bases[..i].to_vec()).extend_from_slice(tuple::items(&entries));
    }
    Ok(resolved)
}

/// Adds a note to the exception on its way, if it takes notes.
pub fn add_note(t: &Thread, raised: Raised, note: &str) -> Raised {
    let exception = raise::take(t, raised);
    if exception.downcast::<BaseException>().is_some() {
        let note = str::from_str(note);
        if let Err(other) = protocol::call_method(t, &exception, &names::intern("add_note"), &[note]) {
            drop(raise::take(t, other));
        }
    }
    raise::again(t, exception)
}

/// Whether a class may be derived from.
pub fn check_base<'a>(t: &Thread, base: &'a Value) -> PyResult<&'a Type> {
    let Some(class) = base.downcast::<Type>() else {
        return Err(raise::type_error(t, "bases must be types"));
    };
    if !class.has_flag(flag::BASETYPE) {
        return Err(raise::type_error(t, format!("type '{}' is not an acceptable base type", class.display_name())));
    }
    Ok(class)
}
