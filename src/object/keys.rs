//! What dict and set ask of their keys: hashes, and comparison without running Python code where that can be done.

use super::bigint::BigInt;
use super::core_types::exc;
use super::dict::Dict;
use super::names::known;
use super::raise::{self, PyResult, Raised};
use super::str::{self, Str};
use super::thread::{self, Thread};
use super::tuple::Tuple;
use super::type_object::Type;
use super::value::Value;
use super::{protocol, quick};
use crate::object::operator_kind::CompareOp;
use crate::sync::dict_table::{Ask, Hint, Match};

/// A counted copy of the word of a value that is known to live.
#[inline(always)]
pub(crate) fn counted(word: u64) -> Value {
    // SAFETY: the callers hold the lock of the table whose slot the word comes from; the slot keeps the value.
    unsafe { Value::from_ref(&word) }.clone()
}

/// Compares an exact str with the key behind `word`.
///
/// The key may be dead already (nobody counts it), but its memory is still there: its type and, where that is str, its
/// text, which lies inline and is not touched by the end of the object.
#[inline(always)]
fn match_str(key: &Str, word: u64) -> Match {
    // SAFETY: a value's word from a table's slot, read by a pinned thread.
    let other = unsafe { Value::from_ref(&word) };
    match other.downcast_exact::<Str>() {
        // Interned strings are equal only if they are identical, which they are not.
        Some(other) if key.is_interned() && other.is_interned() => Match::Different,
        Some(other) if key.eq(other) => Match::Equal,
        Some(_) => Match::Different,
        None if other.is_object() => Match::Unknown,
        None => Match::Different,
    }
}

/// Compares `key` with the key of a table behind a word, for lookups without the lock.
#[inline(always)]
pub fn compare(key: &Value) -> impl FnMut(u64) -> Match {
    let key = key.borrowed();
    move |word| match key.downcast_exact::<Str>() {
        Some(s) => match_str(s, word),
        None => compare_other(&key, word, !thread::multi()),
    }
}

/// As `compare`, with the table's lock held: its keys live. The key, too, lives as long as the answer is used: it moves
/// into the same call of the table.
#[inline(always)]
pub fn compare_locked(key: &Value) -> impl FnMut(u64) -> Match + use<> {
    let key = key.borrowed();
    move |word| match key.downcast_exact::<Str>() {
        Some(s) => match_str(s, word),
        None => compare_other(&key, word, true),
    }
}

/// Compares an exact str with keys that are expected to be exact str; others are different.
#[inline(always)]
pub fn compare_str(key: &Str) -> impl FnMut(u64) -> Match {
    let key = std::ptr::from_ref(key);
    move |word| {
        // SAFETY: the closure is used and dropped while the caller borrows the key.
        match match_str(unsafe { &*key }, word) {
            Match::Unknown => Match::Different,
            answer => answer,
        }
    }
}

#[inline(never)]
fn compare_other(key: &Value, word: u64, alive: bool) -> Match {
    // SAFETY: as in `match_str`; what is looked at of an object that may be dead is its type only.
    let other = unsafe { Value::from_ref(&word) };
    let answer = if alive { deep_eq(other, key) } else { quick::eq(other, key) };
    match answer {
        Some(true) => Match::Equal,
        Some(false) => Match::Different,
        None => Match::Unknown,
    }
}

/// `a is b or a == b` of living values, if that runs no Python code: as `quick::eq`, and big ints, and tuples of all these.
pub fn deep_eq(a: &Value, b: &Value) -> Option<bool> {
    deep_eq_at(a, b, 0)
}

/// Tuples may be nested without end: past a few levels the general way, which checks the stack, has to do.
const MAX_DEPTH: u32 = 8;

fn deep_eq_at(a: &Value, b: &Value, depth: u32) -> Option<bool> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(answer) = quick::eq(a, b) {
        return Some(answer);
    }
    if let (Some(x), Some(y)) = (a.downcast_exact::<BigInt>(), b.downcast_exact::<BigInt>()) {
        return Some(x.0 == y.0);
    }
    let (x, y) = (a.downcast_exact::<Tuple>()?.items(), b.downcast_exact::<Tuple>()?.items());
    if x.len() != y.len() {
        return Some(false);
    }
    for (x, y) in x.iter().zip(y) {
        if !deep_eq_at(x, y, depth + 1)? {
            return Some(false);
        }
    }
    Some(true)
}

/// Does the comparison that a table asks for, by Python code; answers where to go on.
#[cold]
pub fn resolve(t: &Thread, ask: Ask<Value>, key: &Value) -> PyResult<Hint> {
    let equal = protocol::compare_bool(t, &ask.key, key, CompareOp::Eq)?;
    let (hint, old) = ask.answer(equal);
    drop(old);
    Ok(hint)
}

/// The hash of a dict's key. Raises TypeError for one that has none.
#[inline(always)]
pub fn hash_of_key(t: &Thread, key: &Value) -> PyResult<i64> {
    match quick::hash(key) {
        Some(hash) => Ok(hash),
        None => protocol::hash(t, key).map_err(|raised| unhashable(t, raised, key, "a dict key")),
    }
}

/// The hash of a set's element. Raises TypeError for one that has none.
#[inline(always)]
pub fn hash_of_element(t: &Thread, key: &Value) -> PyResult<i64> {
    match quick::hash(key) {
        Some(hash) => Ok(hash),
        None => protocol::hash(t, key).map_err(|raised| unhashable(t, raised, key, "a set element")),
    }
}

/// Says in a TypeError what the key was to be used for.
#[cold]
fn unhashable(t: &Thread, raised: Raised, key: &Value, role: &str) -> Raised {
    let exception = raise::take(t, raised);
    if !exception.is_exact(&exc::TYPE_ERROR) {
        return raise::again(t, exception);
    }
    match protocol::to_string(t, &exception) {
        Ok(text) => {
            let class = qualified_name(key.class());
            raise::type_error(t, format!("cannot use '{class}' as {role} ({text})"))
        }
        Err(raised) => raised,
    }
}

/// A type's name with its module (unless that is builtins or `__main__`) and the scopes it was defined in.
pub fn qualified_name(class: &Type) -> String {
    if !class.is_heap() {
        return class.display_name().into_owned();
    }
    let name = class.qualname.load().map_or_else(|| class.name().to_string(), |q| str::lossy(&q).into_owned());
    let module = class.dict.load().and_then(|dict| dict.downcast::<Dict>()?.get_str(&known().__module__));
    match module.as_ref().map(str::lossy) {
        Some(module) if !module.is_empty() && module != "builtins" && module != "__main__" => {
            format!("{module}.{name}")
        }
        _ => name,
    }
}
