//! `slice`, and what a slice means for a sequence of a given length.

use super::int::{self, IntRef, arith};
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, str, tuple};

/// The payload: three values of any type, unchanged as long as the slice lives.
pub struct Slice {
    pub start: Stored,
    pub stop: Stored,
    pub step: Stored,
}

// SAFETY: `SLICE`'s layout is `Slice`.
unsafe impl Payload for Slice {
    fn layout_type() -> &'static Type {
        &core_types::SLICE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.start);
        visit(&self.stop);
        visit(&self.step);
    }

    fn clear(&self) {
        // Immutable: a cycle through a slice is broken at its other members.
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nA range of positions, as written between the brackets of a subscript.",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(compare),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "indices",
            "($self, object, /)",
            NativeFn::F2(indices),
            "S.indices(len) -> (start, stop, stride)\n\nThe bounds that the slice has for a sequence of the given length.",
        ),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling."),
    ],
    getset: &[
        GetSet::read_only("start", |_, v| part(v, |s| &s.start), ""),
        GetSet::read_only("stop", |_, v| part(v, |s| &s.stop), ""),
        GetSet::read_only("step", |_, v| part(v, |s| &s.step), ""),
    ],
    ..TypeSpec::new("builtins", "slice", layout_of::<Slice>(true))
};

/// A new slice.
pub fn new(start: Value, stop: Value, step: Value) -> Value {
    let payload = Slice { start: Stored::new(start), stop: Stored::new(stop), step: Stored::new(step) };
    alloc::new_fixed(&core_types::SLICE, payload)
}

fn construct(t: &Thread, _class: &Type, args: Args<'_>) -> PyResult {
    let none = Value::NONE;
    let (start, stop, step) = match args.exactly_positional(t, "slice", 1, 3)? {
        [stop] => (&none, stop, &none),
        [start, stop] => (start, stop, &none),
        all => (&all[0], &all[1], &all[2]),
    };
    Ok(new(start.clone(), stop.clone(), step.clone()))
}

/// Start, stop and step as they were given; three times None for anything but a slice.
pub fn parts(v: &Value) -> (Value, Value, Value) {
    match v.downcast::<Slice>() {
        Some(s) => (Value::clone(&s.start), Value::clone(&s.stop), Value::clone(&s.step)),
        None => (Value::NONE, Value::NONE, Value::NONE),
    }
}

/// One of the three values.
fn part(v: &Value, pick: fn(&Slice) -> &Stored) -> PyResult {
    Ok(v.downcast::<Slice>().map_or(Value::NONE, |s| Value::clone(pick(s))))
}

fn as_tuple(s: &Slice) -> Value {
    tuple::from_iter(3, [Value::clone(&s.start), Value::clone(&s.stop), Value::clone(&s.step)])
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(s) = v.downcast::<Slice>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let mut out = crate::object::growing::Growing::new();
    out.push_str("slice(");
    for (i, part) in [&s.start, &s.stop, &s.step].into_iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        let text = protocol::repr(t, part)?;
        if let Some(view) = str::view(&text) {
            out.push_text(view);
        }
    }
    out.push_str(")");
    out.finish(t)
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    match v.downcast::<Slice>() {
        Some(s) => protocol::hash(t, &as_tuple(s)),
        None => Ok(0),
    }
}

/// As the tuples of start, stop and step.
fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Slice>(), b.downcast::<Slice>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    if a.is(b) {
        return Ok(Value::bool(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)));
    }
    protocol::compare(t, &as_tuple(x), &as_tuple(y), op)
}

fn reduce(_t: &Thread, v: &Value) -> PyResult {
    let Some(s) = v.downcast::<Slice>() else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(tuple::from_iter(2, [v.class().to_value(), as_tuple(s)]))
}

/// A slice laid over a sequence: `len` items at `start`, `start + step`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Indices {
    /// In `0..=length` for a positive step, `-1..length` for a negative one.
    pub start: i64,
    pub stop: i64,
    /// Not zero, and its negation fits.
    pub step: i64,
    /// How many items the slice covers.
    pub len: usize,
}

impl Indices {
    /// Clips bounds to a sequence of `length` items. `None` stands for an absent bound; `step` is not zero.
    #[inline]
    pub fn clip(start: Option<i64>, stop: Option<i64>, step: i64, length: usize) -> Indices {
        let length = length as i64;
        let step = step.max(-i64::MAX);
        let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
        let bound = |b: i64| if b < 0 { b.saturating_add(length).max(low) } else { b.min(high) };
        let start = start.map_or(if step < 0 { high } else { low }, bound);
        let stop = stop.map_or(if step < 0 { low } else { high }, bound);
        let len = if step == 1 {
            (stop - start).max(0)
        } else if step == -1 {
            (start - stop).max(0)
        } else if step > 0 && start < stop {
            (stop - start - 1) / step + 1
        } else if step < 0 && stop < start {
            (start - stop - 1) / -step + 1
        } else {
            0
        };
        Indices { start, stop, step, len: len as usize }
    }

    /// The positions in order.
    pub fn positions(self) -> impl ExactSizeIterator<Item = usize> + Clone {
        // The position after the last is not computed, so nothing overflows.
        (0..self.len).map(move |i| (self.start + i as i64 * self.step) as usize)
    }
}

/// A slice's bounds, clipped to i64: start and stop as far as given, and the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub start: Option<i64>,
    pub stop: Option<i64>,
    pub step: i64,
}

impl Bounds {
    /// The bounds of `[start:stop]` where both are immediate ints or None.
    #[inline(always)]
    pub fn plain(start: &Value, stop: &Value) -> Option<Bounds> {
        let bound = |v: &Value| match v.as_small_int() {
            None if !v.is_none() => Err(()),
            bound => Ok(bound),
        };
        Some(Bounds { start: bound(start).ok()?, stop: bound(stop).ok()?, step: 1 })
    }

    /// Lays the bounds over a sequence of `length` items.
    #[inline]
    pub fn over(self, length: usize) -> Indices {
        Indices::clip(self.start, self.stop, self.step, length)
    }
}

/// The bounds of a slice object. May run Python code (`__index__`), so take a sequence's length afterwards.
///
/// Raises TypeError for a bound that is no index, ValueError for a zero step.
#[inline]
pub fn bounds(t: &Thread, slice: &Slice) -> PyResult<Bounds> {
    let step = match clipped(t, &slice.step)? {
        Some(0) => return Err(raise::value_error(t, "slice step cannot be zero")),
        step => step.unwrap_or(1),
    };
    Ok(Bounds { step, start: clipped(t, &slice.start)?, stop: clipped(t, &slice.stop)? })
}

/// A bound of a slice (None, or anything with `__index__`), clipped to i64.
#[inline]
pub fn clipped(t: &Thread, v: &Value) -> PyResult<Option<i64>> {
    if let Some(i) = v.as_small_int() {
        return Ok(Some(i));
    }
    if v.is_none() { Ok(None) } else { clipped_index(t, v) }
}

/// `clipped`, of what is no immediate int.
fn clipped_index(t: &Thread, v: &Value) -> PyResult<Option<i64>> {
    check_index(t, v)?;
    protocol::index_clipped(t, v).map(Some)
}

/// Raises TypeError unless a bound has `__index__`.
fn check_index(t: &Thread, v: &Value) -> PyResult<()> {
    if bigint::view(v).is_none() && v.class().slots.index.get().is_none() {
        let message = "slice indices must be integers or None or have an __index__ method";
        return Err(raise::type_error(t, message));
    }
    Ok(())
}

/// Start, stop and step over a sequence of any length, all ints of any size.
///
/// Raises TypeError for a bound that is no index, ValueError for a zero step.
pub fn big_indices(t: &Thread, slice: &Slice, length: IntRef<'_>) -> PyResult<[Value; 3]> {
    let bound = |v: &Value| -> PyResult<Option<Value>> {
        if v.is_none() {
            return Ok(None);
        }
        check_index(t, v)?;
        protocol::index(t, v).map(Some)
    };
    let step = bound(&slice.step)?.unwrap_or(Value::int(1));
    let step_ref = int::as_int(&step).unwrap_or(IntRef::Small(1));
    if step_ref.is_zero() {
        return Err(raise::value_error(t, "slice step cannot be zero"));
    }
    let one = IntRef::Small(1);
    let down = step_ref.is_negative();
    let low = if down { int::IntBuf::Small(-1) } else { int::IntBuf::Small(0) };
    let high = if down { arith::sub(length, one) } else { length.to_buf() };
    let clip = |v: Option<Value>, absent: &int::IntBuf| {
        let Some(v) = v else { return absent.clone() };
        let v = int::as_int(&v).unwrap_or(IntRef::Small(0));
        if v.is_negative() {
            let sum = arith::add(v, length);
            if arith::cmp(sum.as_ref(), low.as_ref()).is_lt() { low.clone() } else { sum }
        } else if arith::cmp(v, high.as_ref()).is_gt() {
            high.clone()
        } else {
            v.to_buf()
        }
    };
    let start = clip(bound(&slice.start)?, if down { &high } else { &low });
    let stop = clip(bound(&slice.stop)?, if down { &low } else { &high });
    Ok([int::to_value(start), int::to_value(stop), step])
}

fn indices(t: &Thread, v: &Value, length: &Value) -> PyResult {
    let Some(s) = v.downcast::<Slice>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let length = protocol::index(t, length)?;
    let length = int::as_int(&length).unwrap_or(IntRef::Small(0));
    if length.is_negative() {
        return Err(raise::value_error(t, "length should not be negative"));
    }
    Ok(tuple::from_iter(3, big_indices(t, s, length)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_agrees_with_definition() {
        // Against a walk over the positions.
        let bounds =
            [None, Some(-7), Some(-6), Some(-1), Some(0), Some(1), Some(5), Some(9), Some(i64::MIN), Some(i64::MAX)];
        for length in [0usize, 1, 6] {
            for start in bounds {
                for stop in bounds {
                    for step in [1, 2, 4, i64::MAX, -1, -3, i64::MIN] {
                        let got = Indices::clip(start, stop, step, length);
                        let n = length as i128;
                        let (low, high) = if step < 0 { (-1, n - 1) } else { (0, n) };
                        let clip = |b: i64| {
                            let b = i128::from(b) + if b < 0 { n } else { 0 };
                            b.clamp(low, high)
                        };
                        let mut at = start.map_or(if step < 0 { high } else { low }, clip);
                        let end = stop.map_or(if step < 0 { low } else { high }, clip);
                        let mut want = Vec::new();
                        while if step < 0 { at > end } else { at < end } {
                            want.push(at as usize);
                            at += i128::from(step);
                        }
                        assert_eq!(got.positions().collect::<Vec<_>>(), want, "{start:?}:{stop:?}:{step} of {length}");
                    }
                }
            }
        }
    }
}
