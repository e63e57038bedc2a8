//! Building and unpacking containers, slices and strings.

use crate::interp::stack::{self, Word};
use crate::object::alloc::check_room_for;
use crate::object::core_types::exc;
use crate::object::dict::{self, Dict};
use crate::object::header::{Header, flag};
use crate::object::list::{self, List};
use crate::object::raise::{self, PyResult};
use crate::object::str::{self, Str};
use crate::object::text::TextKind;
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple};
use crate::object::value::Value;
use crate::object::{hooks, names, protocol, set};
use crate::types;
use crate::types::list::subscript;
use crate::types::slice::Bounds;

use super::argument_errors;

/// A tuple of `len` values.
#[inline]
pub fn tuple(len: usize, items: impl IntoIterator<Item = Value>) -> Value {
    tuple::from_iter(len, items)
}

/// A list of values.
#[inline]
pub fn list(items: impl ExactSizeIterator<Item = Value>) -> Value {
    list::from_items(items)
}

/// A slice object.
pub fn slice(start: Value, stop: Value, step: Value) -> Value {
    types::slice::new(start, stop, step)
}

/// `object[start:stop]`.
pub fn get_slice(t: &Thread, object: &Value, start: &Value, stop: &Value) -> PyResult {
    if let Some(list) = object.downcast_exact::<List>()
        && let Some(bounds) = Bounds::plain(start, stop)
    {
        return subscript::get_slice(t, list, bounds);
    }
    protocol::get_item(t, object, &slice(start.clone(), stop.clone(), Value::NONE))
}

/// `object[start:stop] = value`; `owned` says that the caller gives up its reference to the value after this.
pub fn set_slice(t: &Thread, object: &Value, start: &Value, stop: &Value, value: &Value, owned: bool) -> PyResult<()> {
    if let Some(list) = object.downcast_exact::<List>()
        && let Some(bounds) = Bounds::plain(start, stop)
    {
        if owned
            && let Some(items) = value.downcast_exact::<List>()
            && is_unseen(t, items.header())
            && subscript::exchange_slice(t, list, bounds, items)
        {
            return Ok(());
        }
        return subscript::set_slice(t, list, bounds, value);
    }
    protocol::set_item(t, object, &slice(start.clone(), stop.clone(), Value::NONE), value)
}

/// Whether nobody but the holder of one reference can see an object: not even a reader without a lock.
fn is_unseen(t: &Thread, header: &Header) -> bool {
    header.counts().is_unique(t.id) && !header.has_flag(flag::PUBLISHED)
}

/// A set of the words.
///
/// # Safety
/// `count` bound words lie at `at`.
pub unsafe fn set(t: &Thread, at: *mut Word, count: usize) -> PyResult {
    let set = set::new();
    for i in 0..count {
        // SAFETY: by the caller.
        set_add(t, &set, stack::copy(unsafe { *at.add(i) }))?;
    }
    Ok(set)
}

/// A dict of the pairs of words.
///
/// # Safety
/// `2 * count` bound words lie at `at`.
pub unsafe fn map(t: &Thread, at: *mut Word, count: usize) -> PyResult {
    if count == 0 {
        return Ok(dict::new());
    }
    // SAFETY: by the caller.
    dict::from_display(t, count, |i| unsafe { (stack::copy(*at.add(2 * i)), stack::copy(*at.add(2 * i + 1))) })
}

/// The concatenation of str words. Raises MemoryError where it is too long for a str.
///
/// # Safety
/// `count` words of str lie at `at`.
pub unsafe fn string(t: &Thread, at: *mut Word, count: usize) -> PyResult {
    // SAFETY: by the caller; the stack keeps the str while the iterator is used.
    let words = || (0..count).map(|i| unsafe { *at.add(i) });
    let (mut kind, mut len) = (TextKind::Ascii, 0);
    for word in words() {
        if let Some(part) = stack::view(word).downcast::<Str>() {
            (kind, len) = (kind.max(part.kind()), len + part.len());
        }
    }
    match len {
        0 => return Ok(names::empty_str()),
        1 if kind <= TextKind::Latin1 => {
            let only = words().find_map(|word| str::view(&stack::view(word))?.get(0));
            return Ok(names::char_str(only.unwrap_or(0) as u8));
        }
        2..=str::MAX_LEN => {}
        _ if len > str::MAX_LEN => return Err(raise::memory_error(t, "")),
        _ => {}
    }
    check_room_for(t, len, kind.width())?;
    // SAFETY: the words are live and their text does not move.
    let parts = words()
        .filter_map(|word| unsafe { stack::view(word).downcast::<Str>().map(|s| (*std::ptr::from_ref(s)).view()) });
    Ok(str::from_parts(kind, len, parts))
}

/// `LIST_APPEND`.
#[inline]
pub fn list_append(t: &Thread, list: &Value, v: Value) -> PyResult<()> {
    list.downcast::<List>().map_or(Ok(()), |list| list.append(t, v))
}

/// `SET_ADD`.
pub fn set_add(t: &Thread, set: &Value, v: Value) -> PyResult<()> {
    set::of(set).map_or(Ok(()), |set| set.add(t, v).map(drop))
}

/// `MAP_ADD`.
#[inline]
pub fn map_add(t: &Thread, map: &Value, key: Value, value: Value) -> PyResult<()> {
    match map.downcast::<Dict>() {
        Some(d) => d.set(t, key, value).map(drop),
        None => protocol::set_item(t, map, &key, &value),
    }
}

/// `LIST_EXTEND`.
pub fn list_extend(t: &Thread, list: &Value, iterable: &Value) -> PyResult<()> {
    if iterable.class().slots.iter.get().is_none() && iterable.class().slots.getitem.get().is_none() {
        let message = format!("Value after * must be an iterable, not {}", iterable.class().display_name());
        return Err(raise::type_error(t, message));
    }
    types::list::extend::extend(t, list, iterable)
}

/// `SET_UPDATE`.
pub fn set_update(t: &Thread, set: &Value, iterable: &Value) -> PyResult<()> {
    set::of(set).map_or(Ok(()), |set| types::set::methods::update_one(t, set, iterable))
}

/// `DICT_UPDATE`.
pub fn dict_update(t: &Thread, map: &Value, other: &Value) -> PyResult<()> {
    if let (Some(d), Some(from)) = (map.downcast::<Dict>(), other.downcast_exact::<Dict>()) {
        return d.update_from(t, from, true);
    }
    if protocol::lookup_attr(t, other, &names::known().keys)?.is_none() {
        return Err(raise::type_error(t, format!("'{}' object is not a mapping", other.class().display_name())));
    }
    let keys = protocol::call_method(t, other, &names::known().keys, &[])?;
    protocol::for_each(t, &keys, |key| {
        let value = protocol::get_item(t, other, &key)?;
        map_add(t, map, key, value)
    })
}

/// `DICT_MERGE`: the keyword arguments of a call.
pub fn dict_merge(t: &Thread, map: &Value, other: &Value, callable: Word) -> PyResult<()> {
    let function = || argument_errors::callable_name(t, &stack::view(callable));
    let Some(d) = map.downcast::<Dict>() else { return dict_update(t, map, other) };
    let add = |key: Value, value: Value| -> PyResult<()> {
        if key.downcast::<Str>().is_none() {
            return Err(raise::type_error(t, "keywords must be strings"));
        }
        let known = match key.downcast_exact::<Str>() {
            Some(_) => d.get_str(&key),
            None => d.get(t, &key)?,
        };
        if known.is_some() {
            let message = format!("{} got multiple values for keyword argument '{}'", function(), str::lossy(&key));
            return Err(raise::type_error(t, message));
        }
        d.set(t, key, value).map(drop)
    };
    if let Some(from) = other.downcast_exact::<Dict>() {
        return from.entries().into_iter().try_for_each(|(key, value)| add(key, value));
    }
    if protocol::lookup_attr(t, other, &names::known().keys)?.is_none() {
        let message =
            format!("{} argument after ** must be a mapping, not {}", function(), other.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let keys = protocol::call_method(t, other, &names::known().keys, &[])?;
    protocol::for_each(t, &keys, |key| {
        let value = protocol::get_item(t, other, &key)?;
        add(key, value)
    })
}

/// `CONVERT_VALUE`.
pub fn convert(t: &Thread, x: &Value, which: usize) -> PyResult {
    match which {
        1 => protocol::to_str(t, x),
        2 => protocol::repr(t, x),
        _ => {
            let ascii = protocol::get_item(t, &(hooks::get().builtins)(t), &names::intern("ascii"))?;
            protocol::call_values(t, &ascii, std::slice::from_ref(x))
        }
    }
}

/// `BUILD_INTERPOLATION`.
pub fn interpolation(t: &Thread, value: Value, text: Value, conversion: usize, spec: Value) -> PyResult {
    let conversion = match conversion {
        1 => names::char_str(b's'),
        2 => names::char_str(b'r'),
        3 => names::char_str(b'a'),
        _ => Value::NONE,
    };
    (hooks::get().interpolation)(t, [value, text, conversion, spec])
}

/// `BUILD_TEMPLATE`.
pub fn template(t: &Thread, strings: Value, interpolations: Value) -> PyResult {
    (hooks::get().template)(t, strings, interpolations)
}

/// `UNPACK_SEQUENCE`: writes `count` owned words at `at`, the first item highest.
///
/// # Safety
/// There is room for the words.
pub unsafe fn unpack(t: &Thread, v: &Value, at: *mut Word, count: usize) -> PyResult<()> {
    let put = |i: usize, item: Value| {
        // SAFETY: by the caller.
        unsafe { *at.add(count - 1 - i) = item.into_bits() }
    };
    if let Some(items) = v.downcast_exact::<Tuple>().map(Tuple::items) {
        if items.len() != count {
            return Err(wrong_count(t, items.len(), count));
        }
        items.iter().enumerate().for_each(|(i, item)| put(i, item.clone()));
        return Ok(());
    }
    let Some(list) = v.downcast_exact::<List>() else {
        // SAFETY: by the caller.
        return unsafe { unpack_iterator(t, v, at, count) };
    };
    let len = {
        let _lock = list.lock_for("stress: list.items", t);
        let len = list.array().len();
        if len == count {
            list.array().copy_range(0..len).enumerate().for_each(|(i, item)| put(i, item));
        }
        len
    };
    if len == count { Ok(()) } else { Err(wrong_count(t, len, count)) }
}

unsafe fn unpack_iterator(t: &Thread, v: &Value, at: *mut Word, count: usize) -> PyResult<()> {
    let iterator = unpackable(t, v)?;
    let mut items = Vec::with_capacity(count);
    while items.len() < count {
        match protocol::next(t, &iterator)? {
            Some(item) => items.push(item),
            None => {
                let n = items.len();
                return Err(raise::value_error(t, format!("not enough values to unpack (expected {count}, got {n})")));
            }
        }
    }
    if protocol::next(t, &iterator)?.is_some() {
        // CPython names the number of values where the object knows its length.
        let got = v.downcast::<Dict>().map(|d| format!(", got {}", d.len())).unwrap_or_default();
        return Err(raise::value_error(t, format!("too many values to unpack (expected {count}{got})")));
    }
    for (i, item) in items.into_iter().enumerate() {
        // SAFETY: by the caller.
        unsafe { *at.add(count - 1 - i) = item.into_bits() }
    }
    Ok(())
}

fn wrong_count(t: &Thread, got: usize, expected: usize) -> raise::Raised {
    let message = if got > expected {
        format!("too many values to unpack (expected {expected}, got {got})")
    } else {
        format!("not enough values to unpack (expected {expected}, got {got})")
    };
    raise::value_error(t, message)
}

fn unpackable(t: &Thread, v: &Value) -> PyResult {
    match protocol::iter(t, v) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            let slots = &v.class().slots;
            if slots.iter.get().is_none() && slots.getitem.get().is_none() {
                raise::suppress(t, raised, &exc::TYPE_ERROR)?;
                let message = format!("cannot unpack non-iterable {} object", v.class().display_name());
                return Err(raise::type_error(t, message));
            }
            Err(raised)
        }
    }
}

/// `UNPACK_EX`: writes `before`, one list and `after` owned words at `at`, the first item highest.
///
/// # Safety
/// There is room for the words.
pub unsafe fn unpack_star(t: &Thread, v: &Value, at: *mut Word, before: usize, after: usize) -> PyResult<()> {
    let iterator = unpackable(t, v)?;
    let mut items = Vec::new();
    while items.len() < before {
        match protocol::next(t, &iterator)? {
            Some(item) => items.push(item),
            None => {
                let (n, least) = (items.len(), before + after);
                let word = "at least ";
                let message = format!("not enough values to unpack (expected {word}{least}, got {n})");
                return Err(raise::value_error(t, message));
            }
        }
    }
    while let Some(item) = protocol::next(t, &iterator)? {
        items.push(item);
    }
    if items.len() < before + after {
        let message =
            format!("not enough values to unpack (expected at least {}, got {})", before + after, items.len());
        return Err(raise::value_error(t, message));
    }
    let tail = items.split_off(items.len() - after);
    let middle = items.split_off(before);
    let all = items.into_iter().chain([list::from_vec(middle)]).chain(tail);
    for (i, item) in all.enumerate() {
        // SAFETY: by the caller.
        unsafe { *at.add(before + after - i) = item.into_bits() }
    }
    Ok(())
}

/// Whether a value is exactly a list: for `INTRINSIC_LIST_TO_TUPLE`.
pub fn list_to_tuple(t: &Thread, v: &Value) -> Value {
    match v.downcast::<List>() {
        Some(list) => list.to_tuple(t),
        None => v.clone(),
    }
}
