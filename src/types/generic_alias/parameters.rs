//! Type parameters of aliases and unions: which there are, and what they become when the alias is subscripted.

use crate::object::list::{self, List};
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::Type;
use crate::object::value::Value;

/// The attribute of an argument that may have it; None where it is absent.
fn look(t: &Thread, v: &Value, name: &str) -> PyResult<Option<Value>> {
    protocol::lookup_attr(t, v, &names::intern(name))
}

/// The items of a tuple or list.
fn sequence(t: &Thread, v: &Value) -> Option<Vec<Value>> {
    if let Some(list) = v.downcast::<List>() {
        return Some(list.items(t));
    }
    v.downcast::<Tuple>().map(|tuple| tuple.items().to_vec())
}

/// The distinct type parameters among arguments (a tuple), in order of appearance, as a tuple.
pub fn parameters_of(t: &Thread, args: &Value) -> PyResult {
    let mut found = Vec::new();
    collect(t, tuple::items(args), &mut found)?;
    Ok(tuple::from_vec(found))
}

fn add(found: &mut Vec<Value>, parameter: &Value) {
    if !found.iter().any(|f| f.is(parameter)) {
        found.push(parameter.clone());
    }
}

fn collect(t: &Thread, args: &[Value], found: &mut Vec<Value>) -> PyResult<()> {
    protocol::check_recursion(t, "")?;
    for arg in args {
        if arg.downcast::<Type>().is_some() {
            continue;
        }
        if let Some(items) = sequence(t, arg) {
            collect(t, &items, found)?;
        } else if look(t, arg, "__typing_subst__")?.is_some() {
            add(found, arg);
        } else if let Some(inner) = look(t, arg, "__parameters__")? {
            tuple::items(&inner).iter().for_each(|p| add(found, p));
        }
    }
    Ok(())
}

/// Arguments with unpacked tuples among them laid out.
fn unpack(t: &Thread, item: &Value) -> PyResult<Vec<Value>> {
    let items = match item.downcast::<Tuple>() {
        Some(tuple) => tuple.items().to_vec(),
        None => vec![item.clone()],
    };
    let mut unpacked = Vec::new();
    for item in items {
        if item.downcast::<Type>().is_none()
            && let Some(inner) = look(t, &item, "__typing_unpacked_tuple_args__")?
            && inner.downcast::<Tuple>().is_some()
            && tuple::items(&inner).last().is_none_or(|last| !last.is(&Value::ELLIPSIS))
        {
            unpacked.extend_from_slice(tuple::items(&inner));
            continue;
        }
        unpacked.push(item);
    }
    Ok(unpacked)
}

/// The arguments (a tuple) of `alias` with `parameters` replaced by `item` (one, or a tuple of several).
pub fn substitute(t: &Thread, alias: &Value, args: &Value, parameters: &Value, item: &Value) -> PyResult {
    let wanted = tuple::items(parameters);
    if wanted.is_empty() {
        let shown = protocol::repr_lossy(t, alias);
        return Err(raise::type_error(t, format!("{shown} is not a generic class")));
    }
    let mut given = unpack(t, item)?;
    for parameter in wanted {
        if let Some(prepare) = look(t, parameter, "__typing_prepare_subst__")?
            && !prepare.is_none()
        {
            let answer = protocol::call_values(t, &prepare, &[alias.clone(), tuple::from_slice(&given)])?;
            given = match answer.downcast::<Tuple>() {
                Some(tuple) => tuple.items().to_vec(),
                None => vec![answer],
            };
        }
    }
    if given.len() != wanted.len() {
        let word = if given.len() > wanted.len() { "many" } else { "few" };
        let shown = protocol::repr_lossy(t, alias);
        let (actual, expected) = (given.len(), wanted.len());
        let message = format!("Too {word} arguments for {shown}; actual {actual}, expected {expected}");
        return Err(raise::type_error(t, message));
    }
    replace_all(t, tuple::items(args), wanted, &given).map(tuple::from_vec)
}

fn replace_all(t: &Thread, args: &[Value], wanted: &[Value], given: &[Value]) -> PyResult<Vec<Value>> {
    protocol::check_recursion(t, "")?;
    let mut result = Vec::with_capacity(args.len());
    for arg in args {
        if arg.downcast::<Type>().is_some() {
            result.push(arg.clone());
            continue;
        }
        if let Some(items) = sequence(t, arg) {
            let replaced = replace_all(t, &items, wanted, given)?;
            result.push(if arg.downcast::<List>().is_some() {
                list::from_vec(replaced)
            } else {
                tuple::from_vec(replaced)
            });
            continue;
        }
        let spread = match look(t, arg, "__typing_is_unpacked_typevartuple__")? {
            Some(answer) => protocol::is_true(t, &answer)?,
            None => false,
        };
        let new = match look(t, arg, "__typing_subst__")? {
            Some(replace) => {
                let place = wanted.iter().position(|w| w.is(arg)).unwrap_or(0);
                protocol::call_values(t, &replace, &given[place..=place])?
            }
            None => replace_inside(t, arg, wanted, given)?,
        };
        if spread {
            let Some(items) = new.downcast::<Tuple>() else {
                let shown = protocol::repr_lossy(t, arg);
                let message =
                    format!("expected {shown} to be substituted by a tuple, not {}", new.class().display_name());
                return Err(raise::type_error(t, message));
            };
            result.extend_from_slice(items.items());
        } else {
            result.push(new);
        }
    }
    Ok(result)
}

/// An argument that is generic itself, subscripted with what its parameters become.
fn replace_inside(t: &Thread, arg: &Value, wanted: &[Value], given: &[Value]) -> PyResult {
    let Some(own) = look(t, arg, "__parameters__")? else { return Ok(arg.clone()) };
    let own = tuple::items(&own);
    if own.is_empty() {
        return Ok(arg.clone());
    }
    let mut items = Vec::with_capacity(own.len());
    for parameter in own {
        match wanted.iter().position(|w| w.is(parameter)) {
            Some(place) => match given[place].downcast::<Tuple>() {
                // What a TypeVarTuple becomes is spread.
                Some(several) if parameter.class().slots.iter.get().is_some() => {
                    items.extend_from_slice(several.items());
                }
                _ => items.push(given[place].clone()),
            },
            None => items.push(parameter.clone()),
        }
    }
    protocol::get_item(t, arg, &tuple::from_vec(items))
}
