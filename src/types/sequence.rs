//! What list and tuple share: searching, comparing and showing items by position.

use crate::bytecode::opcode::CompareOp;
use crate::object::growing::Growing;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::object::{bigint, protocol, quick, str};
use std::borrow::Borrow;

/// Items by position.
pub trait Sequence {
    /// A counted item, or a borrowed one where it cannot change.
    type Item<'a>: Borrow<Value>
    where
        Self: 'a;

    fn item(&self, index: usize) -> Option<Self::Item<'_>>;
    fn size(&self) -> usize;
}

impl Sequence for List {
    type Item<'a> = Value;

    #[inline(always)]
    fn item(&self, index: usize) -> Option<Value> {
        self.get(index)
    }

    fn size(&self) -> usize {
        self.len()
    }
}

impl Sequence for Tuple {
    type Item<'a> = &'a Value;

    #[inline(always)]
    fn item(&self, index: usize) -> Option<&Value> {
        self.items().get(index)
    }

    fn size(&self) -> usize {
        self.items().len()
    }
}

/// `value in sequence`. Each item is read at its moment.
pub fn contains<S: Sequence>(t: &Thread, sequence: &S, value: &Value) -> PyResult<bool> {
    Ok(find(t, sequence, value, 0, usize::MAX)?.is_some())
}

/// The first place in `start..stop` whose item is or equals `value`.
pub fn find<S: Sequence>(
    t: &Thread,
    sequence: &S,
    value: &Value,
    start: usize,
    stop: usize,
) -> PyResult<Option<usize>> {
    let text = value.downcast_exact::<Str>();
    let mut index = start;
    while index < stop
        && let Some(item) = sequence.item(index)
    {
        let item: &Value = item.borrow();
        let found = match text {
            // What is no object is no str.
            Some(text) => match item.downcast_exact::<Str>() {
                Some(other) => std::ptr::eq(text, other) || text.eq(other),
                None => item.is_object() && quick::eq_or_ask(t, item, value)?,
            },
            None => quick::eq_or_ask(t, item, value)?,
        };
        if found {
            return Ok(Some(index));
        }
        index += 1;
    }
    Ok(None)
}

/// `sequence.count(value)`.
pub fn count<S: Sequence>(t: &Thread, sequence: &S, value: &Value) -> PyResult<usize> {
    let (mut index, mut found) = (0, 0);
    while let Some(item) = sequence.item(index) {
        found += usize::from(quick::eq_or_ask(t, item.borrow(), value)?);
        index += 1;
    }
    Ok(found)
}

/// `sequence.index(value, start, stop)` with its optional bounds; `what` names the type in the ValueError.
pub fn index<S: Sequence>(t: &Thread, sequence: &S, args: &[Value], what: &str) -> PyResult {
    let [value, bounds @ ..] = args else { return Ok(Value::NONE) };
    let start = bounds.first().map_or(Ok(0), |v| bound(t, v))?;
    let stop = bounds.get(1).map_or(Ok(i64::MAX), |v| bound(t, v))?;
    let len = sequence.size() as i64;
    let place = |bound: i64| if bound < 0 { bound.saturating_add(len).max(0) } else { bound } as usize;
    match find(t, sequence, value, place(start), place(stop))? {
        Some(index) => Ok(Value::uint(index as u64)),
        None => Err(raise::value_error(t, format!("{what}.index(x): x not in {what}"))),
    }
}

/// An argument that is an index of a slice, but not None.
fn bound(t: &Thread, v: &Value) -> PyResult<i64> {
    if bigint::view(v).is_none() && v.class().slots.index.get().is_none() {
        return Err(raise::type_error(t, "slice indices must be integers or have an __index__ method"));
    }
    protocol::index_clipped(t, v)
}

/// The count of `sequence * count`, not negative. Raises TypeError for what is no index, OverflowError.
pub fn repeat_count(t: &Thread, count: &Value) -> PyResult<usize> {
    if bigint::view(count).is_none() && count.class().slots.index.get().is_none() {
        let message = format!("can't multiply sequence by non-int of type '{}'", count.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let n = protocol::index(t, count)?;
    match bigint::view(&n) {
        Some(bigint::IntView::Small(n)) => Ok(n.max(0) as usize),
        _ => Err(raise::overflow_error(
            t,
            format!("cannot fit '{}' into an index-sized integer", count.class().display_name()),
        )),
    }
}

/// Rich comparison: the first items that differ decide, else the lengths.
pub fn compare<S: Sequence>(t: &Thread, a: &S, b: &S, op: CompareOp) -> PyResult {
    compare_from(t, a, b, op, 0)
}

/// As `compare`, of sequences whose items before `start` are known to be equal.
pub fn compare_from<S: Sequence>(t: &Thread, a: &S, b: &S, op: CompareOp, start: usize) -> PyResult {
    let differ = a.size() != b.size();
    match op {
        CompareOp::Eq if differ => return Ok(Value::FALSE),
        CompareOp::Ne if differ => return Ok(Value::TRUE),
        _ => {}
    }
    let mut index = start;
    loop {
        let (Some(x), Some(y)) = (a.item(index), b.item(index)) else { return Ok(compare_sizes(a, b, op)) };
        if !quick::eq_or_ask(t, x.borrow(), y.borrow())? {
            // The comparison may have shortened either.
            if index >= a.size().min(b.size()) {
                return Ok(compare_sizes(a, b, op));
            }
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => protocol::compare(t, x.borrow(), y.borrow(), op),
            };
        }
        index += 1;
    }
}

fn compare_sizes<S: Sequence>(a: &S, b: &S, op: CompareOp) -> Value {
    Value::bool(compare_lengths(a.size(), b.size(), op))
}

/// The outcome for sequences of these lengths that agree as far as the shorter goes.
pub fn compare_lengths(a: usize, b: usize, op: CompareOp) -> bool {
    let order = a.cmp(&b);
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

/// Whether two unchanging sequences are equal.
pub fn equal(t: &Thread, a: &[Value], b: &[Value]) -> PyResult<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (x, y) in a.iter().zip(b) {
        if !quick::eq_or_ask(t, x, y)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The text of a container: `write` adds it, unless the container is being shown by an outer call already; then it is
/// `recursive`.
pub fn guarded_repr(
    t: &Thread,
    v: &Value,
    recursive: &str,
    write: impl FnOnce(&mut TextBuf) -> PyResult<()>,
) -> PyResult {
    let word = v.bits();
    if t.repr_guard.borrow().contains(&word) {
        return Ok(str::from_str(recursive));
    }
    t.repr_guard.borrow_mut().push(word);
    let mut out = Growing::new();
    let written = write(&mut out);
    // What was shown meanwhile has left the list already.
    t.repr_guard.borrow_mut().pop();
    written.and_then(|()| out.finish(t))
}

/// Adds `repr(v)`.
pub fn push_repr(t: &Thread, out: &mut TextBuf, v: &Value) -> PyResult<()> {
    let text = protocol::repr(t, v)?;
    if let Some(view) = str::view(&text) {
        out.try_reserve(view.kind(), view.len()).map_err(|_| raise::memory_error(t, ""))?;
        out.push_text(view);
    }
    Ok(())
}

/// Adds the items' reprs, separated by commas; answers how many there were.
pub fn push_items<S: Sequence>(t: &Thread, out: &mut TextBuf, sequence: &S) -> PyResult<usize> {
    let mut index = 0;
    while let Some(item) = sequence.item(index) {
        if index > 0 {
            out.push_str(", ");
        }
        push_repr(t, out, item.borrow())?;
        index += 1;
    }
    Ok(index)
}
