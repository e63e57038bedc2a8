//! The methods and operators of set and frozenset.

use super::algebra::{self, Keys, Parts};
use super::{hash_of_sought, reduced};
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::set::{self, Element, FrozenSet, Set};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{keys, protocol, str};
use crate::sync::shim::atomic::Ordering::*;

pub fn add(t: &Thread, v: &Value, element: &Value) -> PyResult {
    if let Some(this) = set::of(v) {
        this.add(t, element.clone())?;
    }
    Ok(Value::NONE)
}

pub fn clear(t: &Thread, v: &Value) -> PyResult {
    if let Some(this) = set::of(v) {
        this.clear_all(t);
    }
    Ok(Value::NONE)
}

/// The type of what methods of `v` return: set or frozenset, for subclasses too.
fn result_class(v: &Value) -> &'static Type {
    if v.downcast::<FrozenSet>().is_some() { &core_types::FROZENSET } else { &core_types::SET }
}

pub fn copy(t: &Thread, v: &Value) -> PyResult {
    if v.is_exact(&core_types::FROZENSET) {
        return Ok(v.clone());
    }
    fresh_copy(t, v)
}

/// A new set with the same elements, for frozenset too.
fn fresh_copy(t: &Thread, v: &Value) -> PyResult {
    set::of(v).map_or(Ok(Value::NONE), |this| this.copy(t, result_class(v)))
}

/// `element in set`.
pub fn contains(t: &Thread, v: &Value, element: &Value) -> PyResult<bool> {
    let Some(this) = set::of(v) else { return Ok(false) };
    let (hash, frozen) = hash_of_sought(t, element)?;
    this.contains_hashed(t, frozen.as_ref().unwrap_or(element), hash)
}

fn take_out(t: &Thread, v: &Value, element: &Value) -> PyResult<bool> {
    let Some(this) = set::of(v) else { return Ok(false) };
    let (hash, frozen) = hash_of_sought(t, element)?;
    this.remove_hashed(t, frozen.as_ref().unwrap_or(element), hash)
}

pub fn discard(t: &Thread, v: &Value, element: &Value) -> PyResult {
    take_out(t, v, element)?;
    Ok(Value::NONE)
}

pub fn remove(t: &Thread, v: &Value, element: &Value) -> PyResult {
    if take_out(t, v, element)? { Ok(Value::NONE) } else { Err(raise::key_error(t, element)) }
}

pub fn pop(t: &Thread, v: &Value) -> PyResult {
    match set::of(v).and_then(|this| this.pop(t)) {
        Some(element) => Ok(element),
        None => Err(raise::key_error(t, &str::from_str("pop from an empty set"))),
    }
}

/// `self` and the other arguments of a method that takes any number.
fn others<'a>(t: &Thread, args: Args<'a>, name: &str) -> PyResult<(&'a Value, &'a [Value])> {
    if args.has_keywords() {
        args.no_keywords(t, &format!("set.{name}"))?;
    }
    match args.pos().split_first() {
        Some((v, rest)) => Ok((v, rest)),
        None => Err(raise::type_error(t, format!("unbound method set.{name}() needs an argument"))),
    }
}

/// Adds items to a set.
struct Add<'a>(&'a Set);

impl protocol::Take for Add<'_> {
    fn quick(&mut self, t: &Thread, item: Value) -> PyResult<Option<Value>> {
        self.0.add_quick(t, item)
    }

    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        self.0.add(t, item).map(|_| true)
    }
}

/// Adds the elements of an iterable. Atomic for sets, dicts, lists and tuples whose elements are compared without Python code.
pub fn update_one(t: &Thread, this: &Set, iterable: &Value) -> PyResult<()> {
    if let Some(other) = set::of(iterable) {
        return this.update_from(t, other);
    }
    if let Some(dict) = iterable.downcast_exact::<Dict>() {
        return this.update_from_dict(t, dict);
    }
    let items = if let Some(list) = iterable.downcast_exact::<List>() {
        list.items(t)
    } else if let Some(tuple) = iterable.downcast_exact::<Tuple>() {
        tuple.items().to_vec()
    } else {
        return protocol::give(t, iterable, &mut Add(this));
    };
    let elements: PyResult<Vec<Element>> =
        items.into_iter().map(|item| Ok((keys::hash_of_element(t, &item)?, item))).collect();
    this.add_all(t, elements?)
}

pub fn update(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "update")?;
    if let Some(this) = set::of(v) {
        rest.iter().try_for_each(|other| update_one(t, this, other))?;
    }
    Ok(Value::NONE)
}

pub fn union(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "union")?;
    union_of(t, v, rest)
}

fn union_of(t: &Thread, v: &Value, rest: &[Value]) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    // The first other is read at the same moment as the set itself.
    let mut elements = Vec::new();
    let mut rest = rest;
    let result = match rest.first().and_then(Keys::of) {
        Some(Keys::Set(other)) => {
            rest = &rest[1..];
            this.union(t, other, result_class(v))?
        }
        Some(other) => {
            rest = &rest[1..];
            let guard = t.lock_two(["stress: set |", "stress: set |, the other"], this.header(), other.header());
            let copied = this.table().copy(0);
            elements = other.elements_locked();
            drop(guard);
            copied.map(|table| set::wrap(result_class(v), table)).map_err(|_| crate::object::list::no_memory(t))?
        }
        None => this.copy(t, result_class(v))?,
    };
    if let Some(fresh) = set::of(&result) {
        fresh.add_all(t, elements)?;
        rest.iter().try_for_each(|other| update_one(t, fresh, other))?;
    }
    Ok(result)
}

pub fn intersection(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "intersection")?;
    let Some((first, rest)) = rest.split_first() else { return fresh_copy(t, v) };
    let mut result = intersect(t, v, first)?;
    for other in rest {
        result = intersect(t, &result, other)?;
    }
    Ok(result)
}

/// The elements are those of the smaller of two sets, or of the other iterable.
fn intersect(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    if v.is(other) {
        return fresh_copy(t, v);
    }
    if let Some(others) = set::of(other) {
        let (x, y) = if others.len() > this.len() { (this, others) } else { (others, this) };
        if let Some(result) = algebra::filtered(t, x, y, true, result_class(v))? {
            return Ok(result);
        }
    }
    let keys = Keys::Set(this);
    let parts = match Keys::of(other) {
        Some(others @ Keys::Set(_)) if others.count() > keys.count() => algebra::relate(t, keys, others, false)?,
        Some(others) => algebra::relate(t, others, keys, false)?,
        None => {
            let mut items = Vec::new();
            protocol::for_each(t, other, |item| {
                let hash = algebra::plain_hash(t, &item)?;
                if keys.contains(t, hash, &item)? {
                    items.push((hash, item));
                }
                Ok(())
            })?;
            let result = set::new_with_class(result_class(v));
            if let Some(fresh) = set::of(&result) {
                fresh.add_all(t, items)?;
            }
            return Ok(result);
        }
    };
    algebra::build(t, result_class(v), &parts.common)
}

pub fn intersection_update(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "intersection_update")?;
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    // First what can fail: the others as sets.
    let mut made: Vec<Option<Value>> = rest.iter().map(|_| None).collect();
    let mut operands = Vec::new();
    for (other, made) in rest.iter().zip(&mut made) {
        operands.push(Keys::from_iterable(t, other, made)?);
    }
    for other in operands {
        algebra::modify(t, this, other, false, |parts| (&parts.only_x, &[]))?;
    }
    Ok(Value::NONE)
}

pub fn difference(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "difference")?;
    let Some((first, rest)) = rest.split_first() else { return fresh_copy(t, v) };
    let mut result = subtract_one(t, v, first)?;
    for other in rest {
        result = subtract_one(t, &result, other)?;
    }
    Ok(result)
}

fn subtract_one(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let mut made = None;
    let others = Keys::from_iterable(t, other, &mut made)?;
    if let Keys::Set(others) = others
        && let Some(result) = algebra::filtered(t, this, others, false, result_class(v))?
    {
        return Ok(result);
    }
    let parts = algebra::relate(t, Keys::Set(this), others, false)?;
    algebra::build(t, result_class(v), &parts.only_x)
}

pub fn difference_update(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, rest) = others(t, args, "difference_update")?;
    if let Some(this) = set::of(v) {
        rest.iter().try_for_each(|other| remove_all(t, this, other))?;
    }
    Ok(Value::NONE)
}

/// Removes the elements of an iterable from the set `v`.
pub fn remove_all_of(t: &Thread, v: &Value, other: &Value) -> PyResult<()> {
    set::of(v).map_or(Ok(()), |this| remove_all(t, this, other))
}

fn remove_all(t: &Thread, this: &Set, other: &Value) -> PyResult<()> {
    let mut made = None;
    let others = Keys::from_iterable(t, other, &mut made)?;
    algebra::modify(t, this, others, false, |parts| (&parts.common, &[]))
}

pub fn symmetric_difference(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let mut made = None;
    let others = Keys::from_iterable(t, other, &mut made)?;
    if let Keys::Set(others) = others
        && let Some(result) = algebra::in_one(t, this, others, result_class(v))?
    {
        return Ok(result);
    }
    let Parts { mut only_x, only_y, .. } = algebra::relate(t, Keys::Set(this), others, true)?;
    only_x.extend(only_y);
    algebra::build(t, result_class(v), &only_x)
}

pub fn symmetric_difference_update(t: &Thread, v: &Value, other: &Value) -> PyResult {
    if let Some(this) = set::of(v) {
        let mut made = None;
        let others = Keys::from_iterable(t, other, &mut made)?;
        algebra::modify(t, this, others, true, |parts| (&parts.common, &parts.only_y))?;
    }
    Ok(Value::NONE)
}

pub fn is_disjoint(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let keys = Keys::Set(this);
    if let Some(others) = set::of(other).map(Keys::Set) {
        let (small, large) = if keys.count() <= others.count() { (keys, others) } else { (others, keys) };
        return Ok(Value::bool(algebra::none_in(t, small, large)?));
    }
    let iterator = protocol::iter(t, other)?;
    while let Some(item) = protocol::next(t, &iterator)? {
        if keys.contains(t, keys::hash_of_element(t, &item)?, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

pub fn is_subset(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let mut made = None;
    let others = match set::of(other) {
        Some(others) => Keys::Set(others),
        None => Keys::from_iterable(t, other, &mut made)?,
    };
    if this.len() > others.count() {
        return Ok(Value::FALSE);
    }
    Ok(Value::bool(algebra::all_in(t, Keys::Set(this), others)?))
}

pub fn is_superset(t: &Thread, v: &Value, other: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let keys = Keys::Set(this);
    if let Some(others) = set::of(other) {
        let enough = others.len() <= this.len();
        return Ok(Value::bool(enough && algebra::all_in(t, Keys::Set(others), keys)?));
    }
    let iterator = protocol::iter(t, other)?;
    while let Some(item) = protocol::next(t, &iterator)? {
        if !keys.contains(t, keys::hash_of_element(t, &item)?, &item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

pub fn reduce(t: &Thread, v: &Value) -> PyResult {
    set::of(v).map_or(Ok(Value::NONE), |this| reduced(t, v, this))
}

pub fn size_of(_t: &Thread, v: &Value) -> PyResult {
    let entries = set::of(v).map_or(0, Set::len);
    Ok(Value::uint(v.class().instance_size.load(Relaxed) as u64 + entries as u64 * 20))
}

/// Both operands, if both are sets.
fn both<'a>(a: &'a Value, b: &'a Value) -> Option<(&'a Set, &'a Set)> {
    set::of(a).zip(set::of(b))
}

pub fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match both(a, b) {
        Some(_) => union_of(t, a, std::slice::from_ref(b)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub fn and(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if both(a, b).is_some() { intersect(t, a, b) } else { Ok(Value::NOT_IMPLEMENTED) }
}

pub fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if both(a, b).is_some() { subtract_one(t, a, b) } else { Ok(Value::NOT_IMPLEMENTED) }
}

pub fn xor(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if both(a, b).is_some() { symmetric_difference(t, a, b) } else { Ok(Value::NOT_IMPLEMENTED) }
}

pub fn ior(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    x.update_from(t, y)?;
    Ok(a.clone())
}

pub fn iand(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    algebra::modify(t, x, Keys::Set(y), false, |parts| (&parts.only_x, &[]))?;
    Ok(a.clone())
}

pub fn isubtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    algebra::modify(t, x, Keys::Set(y), false, |parts| (&parts.common, &[]))?;
    Ok(a.clone())
}

pub fn ixor(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some((x, y)) = both(a, b) else { return Ok(Value::NOT_IMPLEMENTED) };
    algebra::modify(t, x, Keys::Set(y), true, |parts| (&parts.common, &parts.only_y))?;
    Ok(a.clone())
}
