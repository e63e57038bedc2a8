//! What two collections of keys have in common, looked at with both locked.
//!
//! As long as comparing runs no Python code, everything happens under both locks. Otherwise both are copied, compared without
//! locks, and a change made of it only if neither has changed since.

use crate::object::dict::Dict;
use crate::object::header::Header;
use crate::object::keys;
use crate::object::list::no_memory;
use crate::object::raise::PyResult;
use crate::object::set::{self, Element, Set};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{core_types, protocol};
use crate::sync::dict_table::{Deleted, Get, Hint, Inserted, Match, SetTable};
use crate::sync::reclaim::OutOfMemory;

/// A set, or the keys of a dict.
#[derive(Clone, Copy)]
pub enum Keys<'a> {
    Set(&'a Set),
    Dict(&'a Dict),
}

impl<'a> Keys<'a> {
    /// The keys of a set (or instance of a subclass) or of exactly a dict.
    pub fn of(v: &'a Value) -> Option<Keys<'a>> {
        set::of(v).map(Keys::Set).or_else(|| v.downcast_exact::<Dict>().map(Keys::Dict))
    }

    /// The keys of exactly a set, frozenset or dict.
    pub fn of_exact(v: &'a Value) -> Option<Keys<'a>> {
        set::of_exact(v).map(Keys::Set).or_else(|| v.downcast_exact::<Dict>().map(Keys::Dict))
    }

    /// The keys of any iterable; where it is no set or dict, a new set of its items is made and put into `made`.
    pub fn from_iterable(t: &Thread, v: &'a Value, made: &'a mut Option<Value>) -> PyResult<Keys<'a>> {
        if let Some(keys) = Keys::of(v) {
            return Ok(keys);
        }
        let fresh = super::from_iterable(t, &core_types::SET, v)?;
        let fresh = &*made.insert(fresh);
        Ok(Keys::of(fresh).unwrap_or_else(|| unreachable!("a set was made")))
    }

    pub fn header(self) -> &'a Header {
        match self {
            Keys::Set(set) => set.header(),
            Keys::Dict(dict) => dict.header(),
        }
    }

    /// How many keys there are.
    pub fn count(self) -> usize {
        match self {
            Keys::Set(set) => set.len(),
            Keys::Dict(dict) => dict.len(),
        }
    }

    fn version(self) -> u32 {
        match self {
            Keys::Set(set) => set.table().version(),
            Keys::Dict(dict) => dict.table().version(),
        }
    }

    /// Hashes and counted keys. The lock is held.
    pub fn elements_locked(self) -> Vec<Element> {
        match self {
            Keys::Set(set) => set.elements_locked(),
            Keys::Dict(dict) => dict.entries_locked().into_iter().map(|(hash, key, _)| (hash, key)).collect(),
        }
    }

    /// Whether a key is there; None if only Python code can tell. The lock is held.
    fn look(self, t: &Thread, hash: i64, key: &Value) -> Option<bool> {
        fn answer<V>(found: Get<Value, V>) -> Option<bool> {
            match found {
                Get::Found(_) => Some(true),
                Get::Missing => Some(false),
                // The table keeps the key, so it does not end here.
                Get::Ask(_) => None,
            }
        }
        let (hash, word) = (hash as u64, key.bits());
        match self {
            Keys::Set(set) => answer(set.table().get(t, hash, word, Hint::START, keys::compare(key))),
            Keys::Dict(dict) => answer(dict.table().get(t, hash, word, Hint::START, keys::compare(key))),
        }
    }

    /// Whether a key is there.
    pub fn contains(self, t: &Thread, hash: i64, key: &Value) -> PyResult<bool> {
        match self {
            Keys::Set(set) => set.contains_hashed(t, key, hash),
            Keys::Dict(dict) => dict.contains_hashed(t, key, hash),
        }
    }
}

/// How the keys of `x` and `y` relate.
#[derive(Default)]
pub struct Parts {
    /// Of `x`, in `y` too.
    pub common: Vec<Element>,
    /// Of `x`, not in `y`.
    pub only_x: Vec<Element>,
    /// Of `y`, not in `x`; left empty unless asked for.
    pub only_y: Vec<Element>,
}

/// The parts, by a test that may fail.
fn divide<E>(
    xs: Vec<Element>,
    ys: Option<Vec<Element>>,
    mut in_y: impl FnMut(&Element) -> Result<bool, E>,
    mut in_x: impl FnMut(&Element) -> Result<bool, E>,
) -> Result<Parts, E> {
    let mut parts = Parts::default();
    for x in xs {
        if in_y(&x)? { &mut parts.common } else { &mut parts.only_x }.push(x);
    }
    for y in ys.into_iter().flatten() {
        if !in_x(&y)? {
            parts.only_y.push(y);
        }
    }
    Ok(parts)
}

/// The parts under both locks; None if Python code has to compare. Dropping counted keys here ends none: the tables have them.
fn divide_locked(t: &Thread, x: Keys, y: Keys, both: bool) -> Option<Parts> {
    let ys = both.then(|| y.elements_locked());
    divide(x.elements_locked(), ys, |e| y.look(t, e.0, &e.1).ok_or(()), |e| x.look(t, e.0, &e.1).ok_or(())).ok()
}

/// How `x` and `y` relate at one moment; `both` asks for `only_y`. Raises what comparing raises.
pub fn relate(t: &Thread, x: Keys, y: Keys, both: bool) -> PyResult<Parts> {
    let guard = t.lock_two(["stress: set relations", "stress: set relations, the other"], x.header(), y.header());
    let parts = divide_locked(t, x, y, both);
    let copies = if parts.is_none() { Some((x.elements_locked(), y.elements_locked())) } else { None };
    drop(guard);
    match (parts, copies) {
        (Some(parts), _) => Ok(parts),
        (None, Some((xs, ys))) => {
            let (px, py) = (build(t, &core_types::SET, &xs)?, build(t, &core_types::SET, &ys)?);
            let (Some(kx), Some(ky)) = (Keys::of(&px), Keys::of(&py)) else { return Ok(Parts::default()) };
            let ys = both.then_some(ys);
            divide(xs, ys, |e| ky.contains(t, e.0, &e.1), |e| kx.contains(t, e.0, &e.1))
        }
        (None, None) => Ok(Parts::default()),
    }
}

/// A new set of elements that are known to differ. Raises MemoryError.
pub fn build(t: &Thread, class: &Type, elements: &[Element]) -> PyResult {
    let Ok(table) = SetTable::with_capacity(elements.len()) else { return Err(no_memory(t)) };
    for (hash, element) in elements {
        // Nobody else has the table yet, so it needs no lock.
        let inserted = table.insert(t, *hash as u64, element.clone(), (), Hint::START, |_| Match::Different);
        if let Inserted::OutOfMemory(..) = inserted {
            return Err(no_memory(t));
        }
    }
    Ok(set::wrap(class, table))
}

/// Removes and adds elements of `x` according to how it relates to `y`. Atomic; `plan` picks from the parts what is to be
/// removed and what added. Raises what comparing raises.
pub fn modify(t: &Thread, x: &Set, y: Keys, both: bool, plan: fn(&Parts) -> (&[Element], &[Element])) -> PyResult<()> {
    let keys_x = Keys::Set(x);
    loop {
        let mut out = Vec::new();
        let guard = t.lock_two(["stress: set changes", "stress: set changes, the other"], x.header(), y.header());
        if let Some(parts) = divide_locked(t, keys_x, y, both) {
            let done = apply(t, x, plan(&parts), &mut out);
            drop(guard);
            drop((parts, out));
            return done;
        }
        let versions = (keys_x.version(), y.version());
        let (xs, ys) = (keys_x.elements_locked(), both.then(|| y.elements_locked()));
        drop(guard);
        let parts = divide(xs, ys, |e| y.contains(t, e.0, &e.1), |e| keys_x.contains(t, e.0, &e.1))?;
        let guard = t.lock_two(["stress: set changes", "stress: set changes, the other"], x.header(), y.header());
        if versions == (keys_x.version(), y.version()) {
            let done = apply(t, x, plan(&parts), &mut out);
            drop(guard);
            drop((parts, out));
            return done;
        }
        drop(guard);
    }
}

/// Carries out a plan: the elements to remove are in the set, those to add are not. The lock is held.
fn apply(t: &Thread, x: &Set, plan: (&[Element], &[Element]), out: &mut Vec<Value>) -> PyResult<()> {
    let (remove, add) = plan;
    if remove.is_empty() && add.is_empty() {
        return Ok(());
    }
    let edit = x.table().bulk(t);
    for (hash, element) in remove {
        // Found by identity.
        if let Deleted::Gone(old, ()) = edit.delete(*hash as u64, element.bits(), Hint::START, |_| Match::Different) {
            out.push(old);
        }
    }
    for (hash, element) in add {
        match edit.insert(*hash as u64, element.clone(), (), Hint::START, |_| Match::Different) {
            Inserted::New => {}
            Inserted::Replaced((), element) | Inserted::OutOfMemory(element, ()) => out.push(element),
            Inserted::Ask(ask, element, ()) => out.extend([ask.answer(false).1, element]),
        }
    }
    Ok(())
}

/// Whether all keys of `x` are in `y`, at one moment if comparing runs no Python code.
pub fn all_in(t: &Thread, x: Keys, y: Keys) -> PyResult<bool> {
    all(t, x, y, true)
}

/// Whether no key of `x` is in `y`, at one moment if comparing runs no Python code.
pub fn none_in(t: &Thread, x: Keys, y: Keys) -> PyResult<bool> {
    all(t, x, y, false)
}

/// Whether each key of `x` is in `y` or not, as `expected`.
fn all(t: &Thread, x: Keys, y: Keys, expected: bool) -> PyResult<bool> {
    let guard = t.lock_two(["stress: set <=", "stress: set <=, the other"], x.header(), y.header());
    let mut answer = Some(true);
    let mut check = |there: Option<bool>| {
        if there != Some(expected) {
            answer = there.map(|_| false);
        }
        answer == Some(true)
    };
    let mut elements = Vec::new();
    if let (Keys::Set(a), Keys::Set(b)) = (x, y) {
        a.table().entries().all(|(hash, key, _)| check(within(b, hash, key.own_word())));
        if answer.is_none() {
            elements = x.elements_locked();
        }
    } else {
        elements = x.elements_locked();
        elements.iter().all(|(hash, key)| check(y.look(t, *hash, key)));
    }
    drop(guard);
    if let Some(answer) = answer {
        return Ok(answer);
    }
    for (hash, key) in &elements {
        if y.contains(t, *hash, key)? != expected {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether the key behind the word of a slot, whose table is locked, is in a set that is locked too; None if only Python
/// code can tell.
#[inline(always)]
fn within(set: &Set, hash: u64, word: u64) -> Option<bool> {
    // SAFETY: the slot keeps its value while its table is locked.
    let key = unsafe { Value::from_ref(&word) };
    set.table().contains_locked(hash, word, keys::compare_locked(key))
}

/// A new set of the elements of `x` that are in `y`, or of those that are not; None if Python code has to compare. Atomic.
/// Raises MemoryError.
pub fn filtered(t: &Thread, x: &Set, y: &Set, expected: bool, class: &Type) -> PyResult<Option<Value>> {
    let guard = t.lock_two(["stress: set & and -", "stress: set & and -, the other"], x.header(), y.header());
    let kept = x.table().select(|hash, word| Some(within(y, hash, word)? == expected));
    let copied = kept.map(|kept| SetTable::copy_selected(&[(x.table(), &kept)]));
    drop(guard);
    finish(t, class, copied)
}

/// A new set of the elements that only one of two sets has; None if Python code has to compare. Atomic. Raises MemoryError.
pub fn in_one(t: &Thread, x: &Set, y: &Set, class: &Type) -> PyResult<Option<Value>> {
    let guard = t.lock_two(["stress: set ^", "stress: set ^, the other"], x.header(), y.header());
    let only_x = x.table().select(|hash, word| Some(!within(y, hash, word)?));
    let only_y = y.table().select(|hash, word| Some(!within(x, hash, word)?));
    let copied = match (only_x, only_y) {
        (Some(a), Some(b)) => Some(SetTable::copy_selected(&[(x.table(), &a), (y.table(), &b)])),
        _ => None,
    };
    drop(guard);
    finish(t, class, copied)
}

fn finish(t: &Thread, class: &Type, copied: Option<Result<SetTable<Value>, OutOfMemory>>) -> PyResult<Option<Value>> {
    match copied {
        Some(Ok(table)) => Ok(Some(set::wrap(class, table))),
        Some(Err(OutOfMemory)) => Err(no_memory(t)),
        None => Ok(None),
    }
}

/// The hash of an item that is looked for in a set, without the set's own words on errors.
pub fn plain_hash(t: &Thread, item: &Value) -> PyResult<i64> {
    protocol::hash(t, item)
}
