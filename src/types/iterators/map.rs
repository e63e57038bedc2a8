//! map: a function's results for items of one or more iterables.

use super::zip::{check_ends, strict_keyword};
use crate::object::args::Args;
use crate::object::protocol::Take;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotId, SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, tuple};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::types::iteration::{self, REDUCE_DOC, SET_STATE_DOC, own};

/// The function, the iterators (a tuple), and whether their lengths must agree.
pub struct Map {
    function: Stored,
    iterators: Stored,
    strict: AtomicBool,
}

pub static MAP: StaticType = StaticType::new(&SPEC);

// SAFETY: `MAP`'s layout is `Map`.
unsafe impl Payload for Map {
    fn layout_type() -> &'static Type {
        &MAP
    }

    fn trace(&self, visit: Visit) {
        visit(&self.function);
        visit(&self.iterators);
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Make an iterator that computes the function using arguments from each of the iterables. It ends with the \
          shortest iterable; with strict, other lengths raise ValueError.",
    signature: "(function, iterable, /, *iterables, strict=False)",
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(next),
        give: Some(give),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(setstate), SET_STATE_DOC),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "map", layout_of::<Map>(true))
};

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let strict = strict_keyword(t, "map", class.slots.same(SlotId::init, &MAP.slots), args)?;
    let [function, iterables @ ..] = args.pos() else {
        return Err(raise::type_error(t, "map() must have at least two arguments."));
    };
    if iterables.is_empty() {
        return Err(raise::type_error(t, "map() must have at least two arguments."));
    }
    let iterators: Vec<Value> = iterables.iter().map(|i| protocol::iter(t, i)).collect::<PyResult<_>>()?;
    let payload = Map {
        function: Stored::new(function.clone()),
        iterators: Stored::new(tuple::from_vec(iterators)),
        strict: AtomicBool::new(strict),
    };
    Ok(alloc::new(class, payload))
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<Map>() else { return Ok(None) };
    let iterators = tuple::items(&this.iterators);
    if let [only] = iterators {
        let Some(item) = protocol::next(t, only)? else { return Ok(None) };
        return protocol::call_values(t, &this.function, std::slice::from_ref(&item)).map(Some);
    }
    let mut args: smallvec::SmallVec<[Value; 4]> = smallvec::SmallVec::new();
    for iterator in iterators {
        match protocol::next(t, iterator)? {
            Some(item) => args.push(item),
            None if this.strict.load(Relaxed) => return check_ends(t, "map", iterators, args.len()).map(|()| None),
            None => return Ok(None),
        }
    }
    protocol::call_values(t, &this.function, &args).map(Some)
}

/// Passes on the results for items.
struct Applying<'a> {
    function: &'a Value,
    taker: &'a mut dyn Take,
}

impl Take for Applying<'_> {
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        match own(t, protocol::call_values(t, self.function, std::slice::from_ref(&item)))? {
            Some(result) => self.taker.take(t, result),
            None => Ok(false),
        }
    }
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(this) = v.downcast::<Map>() else { return Ok(()) };
    match tuple::items(&this.iterators) {
        [only] => protocol::give_rest(t, only, &mut Applying { function: &this.function, taker }),
        _ => iteration::give(t, taker, || next(t, v)),
    }
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Map>() else { return Ok(Value::NONE) };
    let args = std::iter::once((*this.function).clone()).chain(tuple::items(&this.iterators).iter().cloned());
    let mut parts = vec![v.class().to_value(), tuple::from_vec(args.collect())];
    if this.strict.load(Relaxed) {
        parts.push(Value::TRUE);
    }
    Ok(tuple::from_vec(parts))
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let strict = protocol::is_true(t, state)?;
    if let Some(this) = v.downcast::<Map>() {
        this.strict.store(strict, Relaxed);
    }
    Ok(Value::NONE)
}
