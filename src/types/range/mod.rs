//! `range`: an arithmetic progression of ints of any size. Its iterators are in `iter`.

pub mod iter;

use super::int::{self, IntBuf, IntRef, arith};
use super::slice::{self, Slice};
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str, tuple};

/// A progression whose bounds and step fit `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallRange {
    pub start: i64,
    pub step: i64,
    /// How many items.
    pub len: u64,
}

impl SmallRange {
    /// The progression from `start` up (or down) to but without `stop`; `step` is not zero.
    #[inline]
    pub fn new(start: i64, stop: i64, step: i64) -> SmallRange {
        if step == 1 {
            // Nearly always; a division of twice the width costs as much as all the rest.
            let len = if start < stop { stop.wrapping_sub(start) as u64 } else { 0 };
            return SmallRange { start, step, len };
        }
        let distance =
            if step > 0 { i128::from(stop) - i128::from(start) } else { i128::from(start) - i128::from(stop) };
        let stride = u128::from(step.unsigned_abs());
        let len = if distance <= 0 { 0 } else { (distance as u128 - 1) / stride + 1 };
        // At most 2^64 - 1 items lie between two i64.
        SmallRange { start, step, len: len as u64 }
    }

    /// Item `i`, which is in the range.
    #[inline(always)]
    pub fn item(self, i: u64) -> i64 {
        // All items fit, so the sum is right whatever overflows on the way.
        self.start.wrapping_add((i as i64).wrapping_mul(self.step))
    }

    /// The place of `x`; `None` if it is not an item.
    pub fn position(self, x: i64) -> Option<u64> {
        let distance = i128::from(x) - i128::from(self.start);
        let step = i128::from(self.step);
        if distance % step != 0 {
            return None;
        }
        u64::try_from(distance / step).ok().filter(|&i| i < self.len)
    }
}

/// The payload: exact ints that never change.
pub struct Range {
    pub start: Stored,
    pub stop: Stored,
    pub step: Stored,
    /// `len()` of any size.
    pub length: Stored,
    /// The same in machine words, where start, stop and step fit.
    pub small: Option<SmallRange>,
}

// SAFETY: `RANGE`'s layout is `Range`.
unsafe impl Payload for Range {
    fn layout_type() -> &'static Type {
        &core_types::RANGE
    }

    fn trace(&self, visit: Visit) {
        for part in [&self.start, &self.stop, &self.step, &self.length] {
            visit(part);
        }
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe integers from start (0 if not \
          given) to stop, which is left out, in strides of step (1 if not given).",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(compare),
        iter: Some(|_, v| Ok(iter::forward(of(v)))),
        bool: Some(|_, v| Ok(!as_ref(&of(v).length).is_zero())),
        len: Some(len),
        getitem: Some(getitem),
        contains: Some(contains),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(iter::backward(of(v)))),
            "Return a reverse iterator.",
        ),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), ""),
        Method::new(
            "count",
            "($self, object, /)",
            NativeFn::F2(count),
            "rangeobject.count(value) -> integer -- return number of occurrences of value",
        ),
        Method::new(
            "index",
            "($self, object, /)",
            NativeFn::F2(index),
            "rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present.",
        ),
    ],
    getset: &[
        GetSet::read_only("start", |_, v| Ok(Value::clone(&of(v).start)), ""),
        GetSet::read_only("stop", |_, v| Ok(Value::clone(&of(v).stop)), ""),
        GetSet::read_only("step", |_, v| Ok(Value::clone(&of(v).step)), ""),
    ],
    flags: flag::SEQUENCE,
    ..TypeSpec::new("builtins", "range", layout_of::<Range>(false))
};

/// The payload of `self`, which the caller of a slot or method has checked to be a range.
#[inline(always)]
fn of(v: &Value) -> &Range {
    v.downcast::<Range>().expect("the self of a range's operation is a range")
}

/// A stored int.
#[inline]
fn as_ref(v: &Value) -> IntRef<'_> {
    int::as_int(v).unwrap_or(IntRef::Small(0))
}

/// A new range of exact ints; `step` is not zero.
pub fn new(start: Value, stop: Value, step: Value) -> Value {
    let small = match (as_ref(&start), as_ref(&stop), as_ref(&step)) {
        (IntRef::Small(a), IntRef::Small(b), IntRef::Small(s)) => Some(SmallRange::new(a, b, s)),
        _ => None,
    };
    let length = match small {
        Some(s) => Value::uint(s.len),
        None => int::to_value(big_length(as_ref(&start), as_ref(&stop), as_ref(&step))),
    };
    let payload = Range {
        start: Stored::new(start),
        stop: Stored::new(stop),
        step: Stored::new(step),
        length: Stored::new(length),
        small,
    };
    alloc::new_fixed(&core_types::RANGE, payload)
}

/// How many items a progression has; `step` is not zero.
fn big_length(start: IntRef<'_>, stop: IntRef<'_>, step: IntRef<'_>) -> IntBuf {
    let (low, high) = if step.is_negative() { (stop, start) } else { (start, stop) };
    if arith::cmp(low, high).is_ge() {
        return IntBuf::Small(0);
    }
    let distance = arith::sub(arith::sub(high, low).as_ref(), IntRef::Small(1));
    let strides = arith::floor_div(distance.as_ref(), arith::abs(step).as_ref());
    // The divisor is not zero.
    strides.map_or(IntBuf::Small(0), |n| arith::add(n.as_ref(), IntRef::Small(1)))
}

/// `start + i * step`.
fn big_item(range: &Range, i: IntRef<'_>) -> Value {
    let offset = arith::mul(i, as_ref(&range.step));
    int::to_value(arith::add(as_ref(&range.start), offset.as_ref()))
}

fn construct(t: &Thread, _class: &Type, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "range")?;
    let zero = Value::int(0);
    let (start, stop, step) = match args.exactly_positional(t, "range", 1, 3)? {
        [stop] => (zero, protocol::index(t, stop)?, Value::int(1)),
        [start, stop] => (protocol::index(t, start)?, protocol::index(t, stop)?, Value::int(1)),
        all => (protocol::index(t, &all[0])?, protocol::index(t, &all[1])?, protocol::index(t, &all[2])?),
    };
    if as_ref(&step).is_zero() {
        return Err(raise::value_error(t, "range() arg 3 must not be zero"));
    }
    Ok(new(start, stop, step))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let range = of(v);
    let text = |v: &Value| protocol::repr(t, v).map(|s| str::lossy(&s).into_owned());
    let (start, stop) = (text(&range.start)?, text(&range.stop)?);
    Ok(str::from_str(&match as_ref(&range.step) {
        IntRef::Small(1) => format!("range({start}, {stop})"),
        _ => format!("range({start}, {stop}, {})", text(&range.step)?),
    }))
}

fn len(t: &Thread, v: &Value) -> PyResult<usize> {
    match as_ref(&of(v).length).to_i64() {
        Some(n) => Ok(n as usize),
        None => Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t")),
    }
}

fn reduce(_t: &Thread, v: &Value) -> PyResult {
    let range = of(v);
    let args = [Value::clone(&range.start), Value::clone(&range.stop), Value::clone(&range.step)];
    Ok(tuple::from_iter(2, [v.class().to_value(), tuple::from_iter(3, args)]))
}

/// Ranges are equal as sequences: by length, then first item, then step.
fn compare(_t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Range>(), b.downcast::<Range>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = |p: &Value, q: &Value| arith::eq(as_ref(p), as_ref(q));
    let length = as_ref(&x.length);
    let equal = a.is(b)
        || same(&x.length, &y.length)
            && (length.is_zero()
                || same(&x.start, &y.start) && (matches!(length, IntRef::Small(1)) || same(&x.step, &y.step)));
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

/// The hash of (length, first item, step), with None for what equality does not look at.
fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let range = of(v);
    let length = as_ref(&range.length);
    let (mut start, mut step) = (Value::NONE, Value::NONE);
    if !length.is_zero() {
        start = Value::clone(&range.start);
        if !matches!(length, IntRef::Small(1)) {
            step = Value::clone(&range.step);
        }
    }
    protocol::hash(t, &tuple::from_iter(3, [Value::clone(&range.length), start, step]))
}

/// `range[i]`, or `None` outside.
fn item(range: &Range, i: IntRef<'_>) -> Option<Value> {
    if let (Some(small), IntRef::Small(i)) = (range.small, i) {
        // A length beyond i64 goes the long way.
        if let Ok(len) = i64::try_from(small.len) {
            let i = if i < 0 { i + len } else { i };
            return (0..len).contains(&i).then(|| Value::int(small.item(i as u64)));
        }
    }
    let length = as_ref(&range.length);
    let shifted;
    let mut i = i;
    if i.is_negative() {
        shifted = arith::add(i, length);
        i = shifted.as_ref();
    }
    (!i.is_negative() && arith::cmp(i, length).is_lt()).then(|| big_item(range, i))
}

fn getitem(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let range = of(v);
    if let Some(slice) = key.downcast::<Slice>() {
        return sliced(t, range, slice);
    }
    if int::as_int(key).is_none() && key.class().slots.index.get().is_none() {
        let message = format!("range indices must be integers or slices, not {}", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let key = protocol::index(t, key)?;
    item(range, as_ref(&key)).ok_or_else(|| raise::index_error(t, "range object index out of range"))
}

/// `range[slice]`: a range again.
fn sliced(t: &Thread, range: &Range, slice: &Slice) -> PyResult {
    let [start, stop, step] = slice::big_indices(t, slice, as_ref(&range.length))?;
    let stride = int::to_value(arith::mul(as_ref(&range.step), as_ref(&step)));
    Ok(new(big_item(range, as_ref(&start)), big_item(range, as_ref(&stop)), stride))
}

/// The place of an int; `None` if it is not an item.
fn position(range: &Range, x: IntRef<'_>) -> Option<Value> {
    if let (Some(small), IntRef::Small(x)) = (range.small, x) {
        return small.position(x).map(Value::uint);
    }
    let distance = arith::sub(x, as_ref(&range.start));
    let (i, rest) = arith::divmod(distance.as_ref(), as_ref(&range.step)).ok()?;
    let inside = !i.as_ref().is_negative() && arith::cmp(i.as_ref(), as_ref(&range.length)).is_lt();
    (rest == IntBuf::Small(0) && inside).then(|| int::to_value(i))
}

/// The number behind an int or bool; instances of subclasses may compare as they like.
fn exact_int(v: &Value) -> Option<IntRef<'_>> {
    (v.is_exact(&core_types::INT) || v.as_bool().is_some()).then(|| as_ref(v))
}

/// The places of items equal to `x`, by comparison with each.
fn search(t: &Thread, v: &Value, x: &Value, mut found: impl FnMut(i64) -> bool) -> PyResult<()> {
    let iterator = iter::forward(of(v));
    let mut i = 0;
    while let Some(candidate) = protocol::next(t, &iterator)? {
        if protocol::eq(t, &candidate, x)? && !found(i) {
            break;
        }
        i += 1;
    }
    Ok(())
}

fn contains(t: &Thread, v: &Value, x: &Value) -> PyResult<bool> {
    if let Some(x) = exact_int(x) {
        return Ok(position(of(v), x).is_some());
    }
    let mut hit = false;
    search(t, v, x, |_| {
        hit = true;
        false
    })?;
    Ok(hit)
}

fn count(t: &Thread, v: &Value, x: &Value) -> PyResult {
    if let Some(x) = exact_int(x) {
        return Ok(Value::int(i64::from(position(of(v), x).is_some())));
    }
    let mut hits = 0;
    search(t, v, x, |_| {
        hits += 1;
        true
    })?;
    Ok(Value::int(hits))
}

fn index(t: &Thread, v: &Value, x: &Value) -> PyResult {
    if let Some(number) = exact_int(x) {
        return position(of(v), number)
            .ok_or_else(|| raise::value_error(t, format!("{} is not in range", protocol::repr_lossy(t, x))));
    }
    let mut place = None;
    search(t, v, x, |i| {
        place = Some(i);
        false
    })?;
    place.map(Value::int).ok_or_else(|| raise::value_error(t, "sequence.index(x): x not in sequence"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_positions() {
        for (start, stop, step) in [(0, 10, 3), (10, 0, -3), (5, 5, 1), (-4, 9, 4), (3, -3, 2), (7, -8, -5)] {
            let range = SmallRange::new(start, stop, step);
            let mut want = Vec::new();
            let mut at = start;
            while if step > 0 { at < stop } else { at > stop } {
                want.push(at);
                at += step;
            }
            assert_eq!((0..range.len).map(|i| range.item(i)).collect::<Vec<_>>(), want);
            for x in -20..20 {
                assert_eq!(range.position(x), want.iter().position(|&w| w == x).map(|i| i as u64), "{x}");
            }
        }
        let all = SmallRange::new(i64::MIN, i64::MAX, 1);
        assert_eq!(all.len, u64::MAX);
        assert_eq!(all.item(u64::MAX - 1), i64::MAX - 1);
        assert_eq!(all.position(i64::MAX - 1), Some(u64::MAX - 1));
        assert_eq!(SmallRange::new(i64::MAX, i64::MIN, i64::MIN).item(1), -1);
        let length = |a: i64, b: i64, s: i64| big_length(IntRef::Small(a), IntRef::Small(b), IntRef::Small(s));
        assert_eq!(length(0, 10, 3), IntBuf::Small(4));
        assert_eq!(length(10, 0, -3), IntBuf::Small(4));
        assert_eq!(length(0, 0, 1), IntBuf::Small(0));
    }
}
