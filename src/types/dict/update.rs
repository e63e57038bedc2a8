//! Taking over entries of any mapping or sequence of pairs.

use super::iter;
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::Unary;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, protocol, str};

/// `dict(...)` and `dict.update(...)`: at most one argument, then keywords. `name` is for messages.
pub fn update_args(t: &Thread, v: &Value, name: &str, args: Args<'_>) -> PyResult<()> {
    if let [other] = Args::positional(args.pos()).exactly_positional(t, name, 0, 1)? {
        update_from(t, v, other)?;
    }
    if args.has_keywords()
        && let Some(this) = v.downcast::<Dict>()
    {
        for (key, value) in args.keywords() {
            drop(this.set(t, key.clone(), value.clone())?);
        }
    }
    Ok(())
}

/// Takes over the entries of a dict (atomic: both are locked), of a mapping with `keys()`, or the pairs of an iterable.
pub fn update_from(t: &Thread, v: &Value, other: &Value) -> PyResult<()> {
    let Some(this) = v.downcast::<Dict>() else { return Ok(()) };
    if let Some(dict) = other.downcast_exact::<Dict>() {
        return this.update_from(t, dict, true);
    }
    if protocol::lookup_attr(t, other, &known().keys)?.is_some() {
        return merge(t, this, other);
    }
    update_pairs(t, this, other)
}

/// Takes over the entries of a mapping, or of a dict as such if nothing overrides its iteration.
pub fn merge(t: &Thread, this: &Dict, other: &Value) -> PyResult<()> {
    if let Some(dict) = other.downcast::<Dict>()
        && other.class().slots.iter.get().is_some_and(|f| std::ptr::fn_addr_eq(f, iter::keys as Unary))
    {
        return this.update_from(t, dict, true);
    }
    let keys = protocol::call_method(t, other, &known().keys, &[])?;
    protocol::for_each(t, &keys, |key| {
        let value = protocol::get_item(t, other, &key)?;
        drop(this.set(t, key, value)?);
        Ok(())
    })
}

fn update_pairs(t: &Thread, this: &Dict, pairs: &Value) -> PyResult<()> {
    let mut number = 0;
    protocol::for_each(t, pairs, |pair| {
        let items = match list::sequence_items(t, &pair) {
            Some(items) => items,
            None => pair_items(t, &pair, number)?,
        };
        let count = items.len();
        let Ok([key, value]) = <[Value; 2]>::try_from(items) else {
            let message = format!("dictionary update sequence element #{number} has length {count}; 2 is required");
            return Err(raise::value_error(t, message));
        };
        drop(this.set(t, key, value)?);
        number += 1;
        Ok(())
    })
}

/// The items of a pair that is no list or tuple.
fn pair_items(t: &Thread, pair: &Value, number: usize) -> PyResult<Vec<Value>> {
    let slots = &pair.class().slots;
    let found = if slots.iter.get().is_none() && slots.getitem.get().is_none() {
        Err(raise::type_error(t, "object is not iterable"))
    } else {
        protocol::collect(t, pair)
    };
    found.map_err(|raised| {
        if !raise::matches(t, &raised, &exc::TYPE_ERROR) {
            return raised;
        }
        add_note(t, raised, &format!("Cannot convert dictionary update sequence element #{number} to a sequence"))
    })
}

/// Adds a note to the exception on its way.
fn add_note(t: &Thread, raised: Raised, note: &str) -> Raised {
    let exception = raise::take(t, raised);
    match protocol::call_method_str(t, &exception, "add_note", &[str::from_str(note)]) {
        Ok(_) => raise::again(t, exception),
        Err(raised) => raised,
    }
}
