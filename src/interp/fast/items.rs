//! Subscripts and iteration of builtin containers.

use super::attributes::is_private;
use crate::interp::stack::{self, Word, header};
use crate::object::dict::Dict;
use crate::object::list::List;
use crate::object::quick;
use crate::object::set;
use crate::object::thread;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::types::list::iter::ListIter;
use crate::types::range::iter::RangeIter;
use crate::types::tuple::iter::TupleIter;

/// The payload of a word that is exactly a `T`.
///
/// # Safety
/// `w` is a bound word.
#[inline(always)]
unsafe fn exact<'a, T: crate::object::type_object::Payload>(w: Word) -> Option<&'a T> {
    // SAFETY: by the caller; the type is the payload's own.
    unsafe {
        let header = header(w)?;
        std::ptr::eq(header.class(), T::layout_type()).then(|| header.payload::<T>())
    }
}

/// The value of a word that is an immediate int.
#[inline(always)]
fn small_int(w: Word) -> Option<i64> {
    // SAFETY: a bound word; not dropped.
    let v = std::mem::ManuallyDrop::new(unsafe { Value::from_bits(w) });
    v.as_small_int()
}

/// `BINARY_SUBSCR_LIST`.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn list_item(object: Word, key: Word) -> Option<Word> {
    // SAFETY: by the caller.
    unsafe { exact::<List>(object)?.get_index(small_int(key)?).map(Value::into_bits) }
}

/// `BINARY_SUBSCR_LIST`, where it takes no more than a few reads; None may also mean that `list_item` is to be asked.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn list_item_quick(object: Word, key: Word) -> Option<Word> {
    // SAFETY: by the caller.
    unsafe { exact::<List>(object)?.get_quick(small_int(key)?).map(Value::into_bits) }
}

/// `BINARY_SUBSCR_TUPLE`.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn tuple_item(object: Word, key: Word) -> Option<Word> {
    // SAFETY: by the caller; the tuple keeps its items.
    unsafe {
        let items = exact::<Tuple>(object)?.items();
        let i = small_int(key)?;
        let i = if i < 0 { i + items.len() as i64 } else { i };
        items.get(usize::try_from(i).ok()?).map(|v| stack::dup(v.bits()))
    }
}

/// `STORE_SUBSCR_LIST` while there is one thread only: the old item, as `set_list_item`.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn set_list_item_alone(object: Word, key: Word, value: Word) -> Option<Value> {
    // SAFETY: by the caller; the value is taken only where it is stored.
    unsafe { exact::<List>(object)?.set_alone(small_int(key)?, || stack::take(value)) }
}

/// `STORE_SUBSCR_LIST`: the old item, to be dropped once the operands are off the stack. The reference in `value` has
/// moved into the list.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn set_list_item(t: &Thread, object: Word, key: Word, value: Word) -> Option<Value> {
    // SAFETY: by the caller.
    unsafe {
        let list = exact::<List>(object)?;
        let i = small_int(key)?;
        match list.set_index(t, i, stack::copy(value)) {
            Ok(old) => {
                stack::release(value);
                Some(old)
            }
            // The generic form raises.
            Err(_) => None,
        }
    }
}

/// `LIST_APPEND` to a list that no other thread can have, and that has room; on success the reference in `value` has moved.
///
/// # Safety
/// Bound words.
#[inline(always)]
pub unsafe fn append_private(t: &Thread, list: Word, value: Word) -> Option<()> {
    // SAFETY: by the caller; the value is taken only where it is stored.
    unsafe {
        let array = exact::<List>(list)?.array();
        if !is_private(t, header(list)?) {
            return None;
        }
        array.push_quick(|| stack::take(value))
    }
}

/// The items, `count` of them, of an exact tuple, or of an exact list while there is one thread only. None of anything else,
/// and where there are more or fewer. They are to be copied before anything is released: nobody changes a list until then.
///
/// # Safety
/// A bound word, which stays so.
#[inline(always)]
pub unsafe fn unpackable(w: Word, count: usize) -> Option<*const Word> {
    // SAFETY: by the caller; whoever holds the word keeps the items. Values and slots are transparent words.
    unsafe {
        if let Some(tuple) = exact::<Tuple>(w) {
            let items = tuple.items();
            return (items.len() == count).then(|| items.as_ptr().cast());
        }
        if thread::multi() {
            return None;
        }
        let items = exact::<List>(w)?.array().slots();
        (items.len() == count).then(|| items.as_ptr().cast())
    }
}

/// `UNPACK_SEQUENCE` of what `unpackable` knows: writes the items to the stack at `at`, the first one last. False, with nothing
/// written, of anything else.
///
/// # Safety
/// As `unpackable`; there is room for `count` words.
#[inline(always)]
pub unsafe fn unpack(w: Word, at: *mut Word, count: usize) -> bool {
    // SAFETY: by the caller.
    unsafe {
        let Some(items) = unpackable(w, count) else { return false };
        (0..count).for_each(|i| *at.add(count - 1 - i) = stack::dup(*items.add(i)));
        true
    }
}

/// `item in container` of an exact dict, set or frozenset, where no Python code has to run for it; None where it may have to, and of
/// anything else.
#[inline(always)]
pub fn contains(t: &Thread, container: &Value, item: &Value) -> Option<bool> {
    if let Some(dict) = container.downcast_exact::<Dict>() {
        return dict.contains_quick(t, item, quick::hash(item)?);
    }
    set::of_exact(container)?.contains_quick(t, item, quick::hash(item)?)
}

/// What a step of an iteration came to.
pub enum Step {
    Item(Word),
    End,
    /// Not the iterator that the instruction was specialised for.
    Other,
}

/// `FOR_ITER_LIST`, where it takes no more than a few reads; None may also mean that `list_step` is to be asked.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn list_step_quick(iterator: Word) -> Option<Word> {
    // SAFETY: by the caller.
    unsafe { exact::<ListIter>(iterator)?.advance_quick().map(Value::into_bits) }
}

/// `FOR_ITER_TUPLE`, likewise.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn tuple_step_quick(iterator: Word) -> Option<Word> {
    // SAFETY: by the caller; the tuple keeps its items.
    unsafe { exact::<TupleIter>(iterator)?.advance_quick().map(stack::dup) }
}

/// `FOR_ITER_LIST`.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn list_step(t: &Thread, iterator: Word) -> Step {
    // SAFETY: by the caller.
    let Some(iterator) = (unsafe { exact::<ListIter>(iterator) }) else { return Step::Other };
    match iterator.advance(t) {
        Some(v) => Step::Item(v.into_bits()),
        None => Step::End,
    }
}

/// `FOR_ITER_TUPLE`.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn tuple_step(t: &Thread, iterator: Word) -> Step {
    // SAFETY: by the caller.
    let Some(iterator) = (unsafe { exact::<TupleIter>(iterator) }) else { return Step::Other };
    match iterator.advance(t) {
        Some(v) => Step::Item(v.into_bits()),
        None => Step::End,
    }
}

/// `FOR_ITER_RANGE` of an iterator that no other thread has, to an immediate; quick, but None may also mean that
/// `range_step` is to be asked.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn range_step_quick(iterator: Word) -> Option<Word> {
    // SAFETY: by the caller.
    unsafe { exact::<RangeIter>(iterator)?.next_quick().map(Value::into_bits) }
}

/// `FOR_ITER_RANGE`.
///
/// # Safety
/// A bound word.
#[inline(always)]
pub unsafe fn range_step(iterator: Word) -> Step {
    // SAFETY: by the caller.
    let Some(iterator) = (unsafe { exact::<RangeIter>(iterator) }) else { return Step::Other };
    match iterator.next_item() {
        Some(i) => Step::Item(Value::int(i).into_bits()),
        None => Step::End,
    }
}
