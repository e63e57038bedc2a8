//! The iterators of ranges. A shared one gives each item to exactly one thread, without a lock.

use super::{Range, SmallRange, as_ref};
use crate::object::header::Object;
use crate::object::hooks;
use crate::object::protocol::Take;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, tuple};
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use crate::sync::shim::weakened;
use crate::types::int::{self, IntBuf, IntRef, arith};
use crate::types::iteration::{self, is_shared};

/// Hands out places: each to one caller.
struct Counter(AtomicU64);

impl Counter {
    /// The next place below `len`; `shared` says whether other threads may have the iterator.
    #[inline(always)]
    fn next(&self, len: u64, shared: bool) -> Option<u64> {
        // Relaxed throughout: the number itself is all that is shared.
        let i = self.0.load(Relaxed);
        if i >= len {
            return None;
        }
        if !shared || weakened("stress: range iterator takes a place") {
            self.0.store(i + 1, Relaxed);
            return Some(i);
        }
        // Threads that come too late overshoot by one each; `next` above keeps them from doing so again.
        let i = self.0.fetch_add(1, Relaxed);
        (i < len).then_some(i)
    }

    /// How many of `len` places are given out.
    fn done(&self, len: u64) -> u64 {
        self.0.load(Relaxed).min(len)
    }
}

/// `range_iterator`: items fit `i64`.
pub struct RangeIter {
    range: SmallRange,
    next: Counter,
}

/// `longrange_iterator`: ints of any size.
pub struct LongRangeIter {
    start: Stored,
    step: Stored,
    /// The length, cut off at `u64::MAX`, which nobody will count to.
    len: u64,
    /// The length.
    length: Stored,
    next: Counter,
}

pub static RANGE_ITER: StaticType = StaticType::new(&SPEC);
pub static LONG_RANGE_ITER: StaticType = StaticType::new(&LONG_SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), give: Some(give), ..SlotTable::EMPTY },
    methods: METHODS,
    ..TypeSpec::new("builtins", "range_iterator", layout_of::<RangeIter>(false))
};

pub static LONG_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next_long), ..SlotTable::EMPTY },
    methods: METHODS,
    ..TypeSpec::new("builtins", "longrange_iterator", layout_of::<LongRangeIter>(false))
};

const METHODS: &[Method] = &[
    Method::new(
        "__length_hint__",
        "($self, /)",
        NativeFn::F1(length_hint),
        "Private method returning an estimate of len(list(it)).",
    ),
    Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling."),
    Method::new("__setstate__", "($self, object, /)", NativeFn::F2(setstate), "Set state information for unpickling."),
];

// SAFETY: `RANGE_ITER`'s layout is `RangeIter`.
unsafe impl Payload for RangeIter {
    fn layout_type() -> &'static Type {
        &RANGE_ITER
    }
}

// SAFETY: `LONG_RANGE_ITER`'s layout is `LongRangeIter`.
unsafe impl Payload for LongRangeIter {
    fn layout_type() -> &'static Type {
        &LONG_RANGE_ITER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.start);
        visit(&self.step);
        visit(&self.length);
    }
}

impl RangeIter {
    /// The next item of an iterator that no other thread has, where it is an immediate; None may also mean that `next_item`
    /// is to be asked.
    #[inline(always)]
    pub fn next_quick(&self) -> Option<Value> {
        let i = self.next.0.load(Relaxed);
        // SAFETY: as in `next_item`.
        if i >= self.range.len || is_shared(unsafe { Object::header_of(self) }) {
            return None;
        }
        let item = Value::small_int(self.range.item(i))?;
        self.next.0.store(i + 1, Relaxed);
        Some(item)
    }

    /// The next item; for the evaluation loop. Atomic.
    #[inline(always)]
    pub fn next_item(&self) -> Option<i64> {
        // SAFETY: these iterators are only made as payloads of objects.
        let shared = is_shared(unsafe { Object::header_of(self) });
        self.next.next(self.range.len, shared).map(|i| self.range.item(i))
    }
}

/// An iterator over a progression.
pub fn small(range: SmallRange) -> Value {
    alloc::new_fixed(&RANGE_ITER, RangeIter { range, next: Counter(AtomicU64::new(0)) })
}

fn long(start: Value, step: Value, length: Value) -> Value {
    let payload = LongRangeIter {
        start: Stored::new(start),
        step: Stored::new(step),
        len: as_ref(&length).to_u64().unwrap_or(u64::MAX),
        length: Stored::new(length),
        next: Counter(AtomicU64::new(0)),
    };
    alloc::new(&LONG_RANGE_ITER, payload)
}

/// `iter(range)`.
pub fn forward(range: &Range) -> Value {
    match range.small {
        Some(s) => small(s),
        None => long(Value::clone(&range.start), Value::clone(&range.step), Value::clone(&range.length)),
    }
}

/// `reversed(range)`.
pub fn backward(range: &Range) -> Value {
    if let Some(s) = range.small
        && let Some(step) = s.step.checked_neg()
    {
        let start = if s.len == 0 { s.start } else { s.item(s.len - 1) };
        return small(SmallRange { start, step, len: s.len });
    }
    let (step, length) = (as_ref(&range.step), as_ref(&range.length));
    let last = arith::mul(step, arith::sub(length, IntRef::Small(1)).as_ref());
    let start = arith::add(as_ref(&range.start), last.as_ref());
    long(int::to_value(start), int::to_value(arith::neg(step)), Value::clone(&range.length))
}

fn next(_t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    Ok(v.downcast_exact::<RangeIter>().and_then(RangeIter::next_item).map(Value::int))
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(iterator) = v.downcast_exact::<RangeIter>() else { return Ok(()) };
    iteration::give(t, taker, || Ok(iterator.next_item().map(Value::int)))
}

fn next_long(_t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(it) = v.downcast_exact::<LongRangeIter>() else { return Ok(None) };
    // SAFETY: as in `next_item`.
    let shared = is_shared(unsafe { Object::header_of(it) });
    Ok(it.next.next(it.len, shared).map(|i| {
        let offset = arith::mul(IntBuf::from(i).as_ref(), as_ref(&it.step));
        int::to_value(arith::add(as_ref(&it.start), offset.as_ref()))
    }))
}

/// Start, step and length of the rest.
fn rest(v: &Value) -> Option<(IntBuf, IntBuf, IntBuf)> {
    if let Some(it) = v.downcast_exact::<RangeIter>() {
        let done = it.next.done(it.range.len);
        let start = IntBuf::from(i128::from(it.range.start) + i128::from(done) * i128::from(it.range.step));
        return Some((start, IntBuf::Small(it.range.step), IntBuf::from(it.range.len - done)));
    }
    let it = v.downcast_exact::<LongRangeIter>()?;
    let done = IntBuf::from(it.next.done(it.len));
    let offset = arith::mul(done.as_ref(), as_ref(&it.step));
    let start = arith::add(as_ref(&it.start), offset.as_ref());
    Some((start, as_ref(&it.step).to_buf(), arith::sub(as_ref(&it.length), done.as_ref())))
}

fn length_hint(_t: &Thread, v: &Value) -> PyResult {
    Ok(rest(v).map_or(Value::int(0), |(_, _, len)| int::to_value(len)))
}

/// `(iter, (range(...),), None)` for what is left.
fn reduce(t: &Thread, v: &Value) -> PyResult {
    let Some((start, step, len)) = rest(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    let stop = arith::add(start.as_ref(), arith::mul(len.as_ref(), step.as_ref()).as_ref());
    let range = super::new(int::to_value(start), int::to_value(stop), int::to_value(step));
    let builtins = (hooks::get().builtins)(t);
    let function = protocol::get_item(t, &builtins, &crate::object::names::intern("iter"))?;
    Ok(tuple::from_iter(3, [function, tuple::from_iter(1, [range]), Value::NONE]))
}

/// Skips to a place, clipped to the range.
fn setstate(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let state = protocol::index(t, state)?;
    let place = match bigint::view(&state) {
        Some(bigint::IntView::Small(i)) => i.max(0) as u64,
        _ if as_ref(&state).is_negative() => 0,
        _ => as_ref(&state).to_u64().unwrap_or(u64::MAX),
    };
    if let Some(it) = v.downcast_exact::<RangeIter>() {
        it.next.0.store(place.min(it.range.len), Relaxed);
    } else if let Some(it) = v.downcast_exact::<LongRangeIter>() {
        it.next.0.store(place.min(it.len), Relaxed);
    }
    Ok(Value::NONE)
}
