//! zip: tuples of one item from each of several iterables.

use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::types::iteration::{self, REDUCE_DOC, SET_STATE_DOC};

/// The iterators (a tuple), and whether their lengths must agree.
pub struct Zip {
    iterators: Stored,
    strict: AtomicBool,
}

pub static ZIP: StaticType = StaticType::new(&SPEC);

// SAFETY: `ZIP`'s layout is `Zip`.
unsafe impl Payload for Zip {
    fn layout_type() -> &'static Type {
        &ZIP
    }

    fn trace(&self, visit: Visit) {
        visit(&self.iterators);
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "The zip object yields n-length tuples, where n is the number of iterables; the i-th element of every tuple comes \
          from the i-th iterable. It ends with the shortest iterable; with strict, other lengths raise ValueError.",
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(next),
        give: Some(|t, v, taker| iteration::give(t, taker, || next(t, v))),
        new: Some(new),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(setstate), SET_STATE_DOC),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "zip", layout_of::<Zip>(true))
};

/// The keyword `strict`, the only one allowed.
pub fn strict_keyword(t: &Thread, name: &str, native: bool, args: Args<'_>) -> PyResult<bool> {
    let mut strict = false;
    for (keyword, value) in args.keywords() {
        if str::eq_str(keyword, "strict") {
            strict = protocol::is_true(t, value)?;
        } else if native {
            let message = format!("{name}() got an unexpected keyword argument '{}'", str::lossy(keyword));
            return Err(raise::type_error(t, message));
        }
    }
    Ok(strict)
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let strict = strict_keyword(t, "zip", true, args)?;
    let iterators: Vec<Value> = args.pos().iter().map(|i| protocol::iter(t, i)).collect::<PyResult<_>>()?;
    let payload = Zip { iterators: Stored::new(tuple::from_vec(iterators)), strict: AtomicBool::new(strict) };
    Ok(alloc::new(class, payload))
}

impl Zip {
    /// Whether it gives pairs, and need not look whether the iterators end together.
    pub fn gives_pairs(&self) -> bool {
        tuple::items(&self.iterators).len() == 2 && !self.strict.load(Relaxed)
    }

    /// The next pair, without the tuple. Only where `gives_pairs` says so.
    #[inline]
    pub fn next_pair(&self, t: &Thread) -> PyResult<Option<(Value, Value)>> {
        let [first, second] = tuple::items(&self.iterators) else { return Ok(None) };
        let Some(a) = protocol::next(t, first)? else { return Ok(None) };
        Ok(protocol::next(t, second)?.map(|b| (a, b)))
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<Zip>() else { return Ok(None) };
    let iterators = tuple::items(&this.iterators);
    if this.gives_pairs() {
        return Ok(this.next_pair(t)?.map(|(a, b)| tuple::from_array([a, b])));
    }
    let mut items: smallvec::SmallVec<[Value; 4]> = smallvec::SmallVec::new();
    for iterator in iterators {
        match protocol::next(t, iterator)? {
            Some(item) => items.push(item),
            None if this.strict.load(Relaxed) => return check_ends(t, "zip", iterators, items.len()).map(|()| None),
            None => return Ok(None),
        }
    }
    Ok((!items.is_empty()).then(|| tuple::from_iter(items.len(), items)))
}

/// With `strict`, after the iterator at `ended` has ended: raises ValueError unless all ended together.
pub fn check_ends(t: &Thread, name: &str, iterators: &[Value], ended: usize) -> PyResult<()> {
    let plural = |i: usize| if i == 1 { " 1".to_string() } else { format!("s 1-{i}") };
    if ended > 0 {
        let message = format!("{name}() argument {} is shorter than argument{}", ended + 1, plural(ended));
        return Err(raise::value_error(t, message));
    }
    for (i, iterator) in iterators.iter().enumerate().skip(1) {
        if protocol::next(t, iterator)?.is_some() {
            let message = format!("{name}() argument {} is longer than argument{}", i + 1, plural(i));
            return Err(raise::value_error(t, message));
        }
    }
    Ok(())
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Zip>() else { return Ok(Value::NONE) };
    let mut parts = vec![v.class().to_value(), (*this.iterators).clone()];
    if this.strict.load(Relaxed) {
        parts.push(Value::TRUE);
    }
    Ok(tuple::from_vec(parts))
}

fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let strict = protocol::is_true(t, state)?;
    if let Some(this) = v.downcast::<Zip>() {
        this.strict.store(strict, Relaxed);
    }
    Ok(Value::NONE)
}
