//! `list.sort`.
//!
//! Where comparing runs no Python code and there is no key function, the list is sorted under its lock: other threads see
//! the old order, then the new one. Otherwise a copy is sorted while the list reads as before; if it has changed when the
//! copy is done, the result is thrown away and ValueError raised.

mod merge;

use super::payload;
use crate::object::args::Bound;
use crate::object::list::{List, no_memory};
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::object::{keys, protocol, quick};
use crate::sync::reclaim::OutOfMemory;
use std::cmp::Ordering;
use std::mem::ManuallyDrop;

/// `list.sort(*, key=None, reverse=False)`.
pub fn sort_method(t: &Thread, args: &Bound<'_>) -> PyResult {
    let reverse = args.opt(2).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    sort(t, args.req(0), args.non_none(1), reverse)?;
    Ok(Value::NONE)
}

/// Sorts a list in place. Raises what the key function and comparisons raise, ValueError where the list was changed
/// meanwhile.
pub fn sort(t: &Thread, v: &Value, key: Option<&Value>, reverse: bool) -> PyResult<()> {
    let Some(this) = payload(v) else { return Ok(()) };
    if key.is_none()
        && let Some(done) = sort_locked(t, this, reverse)
    {
        return done.map_err(|OutOfMemory| no_memory(t));
    }
    sort_copy(t, this, key, reverse)
}

/// What all keys of a sort have in common, so that comparing them is total and runs no Python code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Int,
    /// Without NaN.
    Float,
    /// Immediate ints, bools and floats without NaN.
    Number,
    Str,
    Tuple,
    Other,
}

fn kind_of(v: &Value) -> Kind {
    if v.is_small_int() {
        Kind::Int
    } else if let Some(f) = v.as_float() {
        if f.is_nan() { Kind::Other } else { Kind::Float }
    } else if v.as_bool().is_some() {
        Kind::Number
    } else if v.downcast_exact::<Str>().is_some() {
        Kind::Str
    } else if v.downcast_exact::<Tuple>().is_some() {
        Kind::Tuple
    } else {
        Kind::Other
    }
}

fn common_kind<'a>(mut keys: impl Iterator<Item = &'a Value>) -> Kind {
    let Some(first) = keys.next() else { return Kind::Int };
    let mut kind = kind_of(first);
    for key in keys {
        kind = match (kind, kind_of(key)) {
            (a, b) if a == b => a,
            (Kind::Int | Kind::Float | Kind::Number, Kind::Int | Kind::Float | Kind::Number) => Kind::Number,
            _ => return Kind::Other,
        };
        if kind == Kind::Other {
            break;
        }
    }
    kind
}

/// Something to be sorted: a value's word, with its key's word if there is a key function.
trait Entry: Copy {
    fn key(&self) -> u64;
}

impl Entry for u64 {
    #[inline(always)]
    fn key(&self) -> u64 {
        *self
    }
}

impl Entry for (u64, u64) {
    #[inline(always)]
    fn key(&self) -> u64 {
        self.0
    }
}

/// A word as a value, uncounted. Sorting works on words whose values something else keeps alive: the list under its lock,
/// or a counted copy.
#[inline(always)]
fn value(word: u64) -> ManuallyDrop<Value> {
    // SAFETY: see above; never dropped.
    ManuallyDrop::new(unsafe { Value::from_bits(word) })
}

#[inline(always)]
fn number(word: u64) -> f64 {
    let v = value(word);
    v.as_float().or_else(|| v.as_small_int().map(|i| i as f64)).unwrap_or_else(|| f64::from(v.is_true()))
}

/// Sorts entries whose keys are of a plain kind; false for other kinds. Stable, descending too.
fn sort_plain<T: Entry>(entries: &mut [T], kind: Kind, reverse: bool) -> bool {
    match kind {
        Kind::Int if reverse => entries.sort_by_key(|e| std::cmp::Reverse(value(e.key()).small_int_value())),
        Kind::Int => entries.sort_by_key(|e| value(e.key()).small_int_value()),
        Kind::Float => entries.sort_by(|a, b| {
            let (a, b) = (value(a.key()).float_value(), value(b.key()).float_value());
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if reverse { order.reverse() } else { order }
        }),
        Kind::Number => entries.sort_by(|a, b| {
            let (a, b) = (number(a.key()), number(b.key()));
            // There is no NaN, so the numbers have an order.
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if reverse { order.reverse() } else { order }
        }),
        Kind::Str => sort_str(entries, reverse),
        Kind::Tuple | Kind::Other => return false,
    }
    true
}

/// Sorts entries whose keys are str.
fn sort_str<T: Entry>(entries: &mut [T], reverse: bool) {
    let turned = |order: Ordering| if reverse { order.reverse() } else { order };
    // The first eight bytes as a number decide most comparisons, where a character is a byte.
    let mut keyed: Vec<(u64, T)> = Vec::with_capacity(entries.len());
    for &entry in entries.iter() {
        let key = value(entry.key());
        let Some(bytes) = key.downcast_exact::<Str>().and_then(one_byte) else { break };
        let mut first = [0; 8];
        let count = bytes.len().min(8);
        first[..count].copy_from_slice(&bytes[..count]);
        keyed.push((u64::from_be_bytes(first), entry));
    }
    let compare = |a: &T, b: &T| {
        let (a, b) = (value(a.key()), value(b.key()));
        match (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
            (Some(a), Some(b)) => a.view().cmp(&b.view()),
            _ => Ordering::Equal,
        }
    };
    if keyed.len() < entries.len() {
        return entries.sort_by(|a, b| turned(compare(a, b)));
    }
    keyed.sort_by(|a, b| turned(a.0.cmp(&b.0).then_with(|| compare(&a.1, &b.1))));
    entries.iter_mut().zip(keyed).for_each(|(entry, (_, sorted))| *entry = sorted);
}

/// The characters of a str, where each is a byte.
fn one_byte(s: &Str) -> Option<&[u8]> {
    match s.view() {
        TextRef::Ascii(bytes) | TextRef::Latin1(bytes) => Some(bytes),
        _ => None,
    }
}

/// Sorts by a comparison that may fail, descending with equal items in their old order for `reverse`.
fn sort_by<T: Entry, E>(
    entries: &mut [T],
    reverse: bool,
    mut lt: impl FnMut(&Value, &Value) -> Result<bool, E>,
) -> Result<(), E> {
    if reverse {
        entries.reverse();
    }
    merge::sort(entries, |a, b| lt(&value(a.key()), &value(b.key())))?;
    if reverse {
        entries.reverse();
    }
    Ok(())
}

/// Sorts under the lock; None where a comparison would run Python code (or raise).
fn sort_locked(t: &Thread, this: &List, reverse: bool) -> Option<Result<(), OutOfMemory>> {
    let _guard = this.lock_for("stress: list.sort", t);
    let array = this.array();
    let mut words: Vec<u64> = array.slots().iter().map(|slot| slot.word()).collect();
    // SAFETY: the list keeps its values while we hold the lock.
    match common_kind(words.iter().map(|word| unsafe { Value::from_ref(word) })) {
        Kind::Other => return None,
        Kind::Tuple => sort_by(&mut words, reverse, |a, b| tuple_lt_quick(a, b, 0).ok_or(())).ok()?,
        kind => {
            sort_plain(&mut words, kind, reverse);
        }
    }
    Some(array.permute(t, |slots| slots.copy_from_slice(&words)))
}

/// Tuples nested deeper are compared the general way, which checks the stack.
const MAX_DEPTH: u32 = 8;

/// `a < b` of plain values and tuples of them, if that runs no Python code and raises nothing.
#[inline]
pub fn lt_quick(a: &Value, b: &Value) -> Option<bool> {
    quick::lt(a, b).or_else(|| tuple_lt_quick(a, b, 0))
}

/// `a < b` of plain values and tuples of them.
fn tuple_lt_quick(a: &Value, b: &Value, depth: u32) -> Option<bool> {
    let (Some(x), Some(y)) = (a.downcast_exact::<Tuple>(), b.downcast_exact::<Tuple>()) else {
        return quick::lt(a, b);
    };
    for (x, y) in x.items().iter().zip(y.items()) {
        if !keys::deep_eq(x, y)? {
            return if depth < MAX_DEPTH { tuple_lt_quick(x, y, depth + 1) } else { None };
        }
    }
    Some(x.items().len() < y.items().len())
}

/// `a < b`.
fn less(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
    if let Some(answer) = quick::lt(a, b) {
        return Ok(answer);
    }
    let (Some(x), Some(y)) = (a.downcast_exact::<Tuple>(), b.downcast_exact::<Tuple>()) else {
        return quick::lt_or_ask(t, a, b);
    };
    for (x, y) in x.items().iter().zip(y.items()) {
        if !quick::eq_or_ask(t, x, y)? {
            return quick::lt_or_ask(t, x, y);
        }
    }
    Ok(x.items().len() < y.items().len())
}

fn sort_copy(t: &Thread, this: &List, key: Option<&Value>, reverse: bool) -> PyResult<()> {
    let guard = this.lock_for("stress: list.sort", t);
    let array = this.array();
    // Without room to spare, whoever appends has to replace the array, which the token tells.
    let fitted = array.fit(t);
    let token = array.token();
    let items: Vec<Value> = array.copy_range(0..array.len()).collect();
    drop(guard);
    fitted.map_err(|OutOfMemory| no_memory(t))?;
    let sorted = match key {
        None => sort_entries(t, items.iter().map(Value::bits).collect(), reverse)?,
        Some(key) => {
            let mut keys = Vec::with_capacity(items.len());
            for item in &items {
                keys.push(protocol::call_values(t, key, std::slice::from_ref(item))?);
            }
            let entries = keys.iter().zip(&items).map(|(key, item)| (key.bits(), item.bits())).collect();
            let sorted: Vec<(u64, u64)> = sort_entries(t, entries, reverse)?;
            sorted.into_iter().map(|(_, word)| word).collect()
        }
    };
    let guard = this.lock_for("stress: list.sort", t);
    let same = array.token() == token
        && array.len() == items.len()
        && array.slots().iter().zip(&items).all(|(slot, item)| slot.word() == item.bits());
    let done = if same { Some(array.permute(t, |slots| slots.copy_from_slice(&sorted))) } else { None };
    drop(guard);
    match done {
        Some(Ok(())) => Ok(()),
        Some(Err(OutOfMemory)) => Err(no_memory(t)),
        None => Err(raise::value_error(t, "list modified during sort")),
    }
}

fn sort_entries<T: Entry>(t: &Thread, mut entries: Vec<T>, reverse: bool) -> PyResult<Vec<T>> {
    let words: Vec<u64> = entries.iter().map(Entry::key).collect();
    // SAFETY: the caller holds the values that the words stand for.
    let kind = common_kind(words.iter().map(|word| unsafe { Value::from_ref(word) }));
    if !sort_plain(&mut entries, kind, reverse) {
        sort_by(&mut entries, reverse, |a, b| less(t, a, b))?;
    }
    Ok(entries)
}
