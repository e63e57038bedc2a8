//! Iterators over dicts: keys, values or entries, forward and backward. A shared one gives each entry to exactly one thread.

use crate::object::dict::Dict;
use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, list, tuple};
use crate::sync::shim::atomic::{AtomicUsize, Ordering::*};
use crate::sync::shim::weakened;
use crate::types::iteration::{self, Cursor};

/// What an iterator gives: these, plus `BACKWARD`.
pub const KEYS: u8 = 0;
pub const VALUES: u8 = 1;
pub const ITEMS: u8 = 2;
pub const BACKWARD: u8 = 3;

/// The length of a dict that has changed: no dict has it.
const CHANGED: usize = usize::MAX;

/// A dict (empty at the end), its length at the start, how many entries are still to come, and the place in its table: the
/// next offset, or backward the offset after the next.
pub struct DictIter<const KIND: u8> {
    dict: Slot,
    len: AtomicUsize,
    left: AtomicUsize,
    next: Cursor,
}

pub type ItemIter = DictIter<ITEMS>;

pub static KEY_ITER: StaticType = StaticType::new(&KEY_SPEC);
pub static VALUE_ITER: StaticType = StaticType::new(&VALUE_SPEC);
pub static ITEM_ITER: StaticType = StaticType::new(&ITEM_SPEC);
pub static REVERSE_KEY_ITER: StaticType = StaticType::new(&REVERSE_KEY_SPEC);
pub static REVERSE_VALUE_ITER: StaticType = StaticType::new(&REVERSE_VALUE_SPEC);
pub static REVERSE_ITEM_ITER: StaticType = StaticType::new(&REVERSE_ITEM_SPEC);

pub static KEY_SPEC: TypeSpec = spec::<KEYS>("dict_keyiterator");
pub static VALUE_SPEC: TypeSpec = spec::<VALUES>("dict_valueiterator");
pub static ITEM_SPEC: TypeSpec = spec::<ITEMS>("dict_itemiterator");
pub static REVERSE_KEY_SPEC: TypeSpec = spec::<{ BACKWARD + KEYS }>("dict_reversekeyiterator");
pub static REVERSE_VALUE_SPEC: TypeSpec = spec::<{ BACKWARD + VALUES }>("dict_reversevalueiterator");
pub static REVERSE_ITEM_SPEC: TypeSpec = spec::<{ BACKWARD + ITEMS }>("dict_reverseitemiterator");

/// The iterators' types, for the list of builtin types.
const fn spec<const KIND: u8>(name: &'static str) -> TypeSpec {
    TypeSpec {
        slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next::<KIND>), ..SlotTable::EMPTY },
        methods: const {
            &[
                Method::new(
                    "__length_hint__",
                    "($self, /)",
                    NativeFn::F1(length_hint::<KIND>),
                    iteration::LENGTH_HINT_DOC,
                ),
                Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce::<KIND>), iteration::REDUCE_DOC),
            ]
        },
        ..TypeSpec::new("builtins", name, layout_of::<DictIter<KIND>>(true))
    }
}

// SAFETY: the layout of each kind's type is this payload.
unsafe impl<const KIND: u8> Payload for DictIter<KIND> {
    fn layout_type() -> &'static Type {
        match KIND {
            KEYS => &KEY_ITER,
            VALUES => &VALUE_ITER,
            ITEMS => &ITEM_ITER,
            3 => &REVERSE_KEY_ITER,
            4 => &REVERSE_VALUE_ITER,
            _ => &REVERSE_ITEM_ITER,
        }
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.dict, visit);
    }

    fn clear(&self) {
        drop(self.dict.take());
    }
}

/// An iterator over a dict or instance of a subclass.
pub fn new<const KIND: u8>(dict: Value) -> Value {
    let len = dict.downcast::<Dict>().map_or(0, Dict::len);
    let start = if KIND >= BACKWARD { usize::MAX } else { 0 };
    let payload = DictIter::<KIND> {
        dict: Slot::new(dict),
        len: AtomicUsize::new(len),
        left: AtomicUsize::new(len),
        next: Cursor::new(start),
    };
    alloc::new(DictIter::<KIND>::layout_type(), payload)
}

/// `iter(dict)`.
pub fn keys(_t: &Thread, v: &Value) -> PyResult {
    Ok(new::<KEYS>(v.clone()))
}

/// `reversed(dict)`.
pub fn reversed_keys(_t: &Thread, v: &Value) -> PyResult {
    Ok(new::<{ BACKWARD + KEYS }>(v.clone()))
}

/// The entry at the cursor as the iterator gives it, and where the cursor goes.
#[inline(always)]
fn entry_at<const KIND: u8>(dict: &Dict, at: usize) -> Option<(usize, Value)> {
    let table = dict.table();
    let (offset, item) = match KIND {
        KEYS => table.next_key(at)?,
        VALUES => table.next_value(at)?,
        ITEMS => table.next_item(at).map(|(offset, key, value)| (offset, tuple::from_array([key, value])))?,
        _ => {
            let (offset, key, value) = table.previous_item(at)?;
            let item = match KIND - BACKWARD {
                KEYS => key,
                VALUES => value,
                _ => tuple::from_array([key, value]),
            };
            return Some((offset, item));
        }
    };
    Some((offset + 1, item))
}

impl<const KIND: u8> DictIter<KIND> {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: dict iterators are only made by `new`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// The next key, value or entry. Atomic: nobody else gets it. Raises RuntimeError if the dict has changed.
    #[inline]
    pub fn advance(&self, t: &Thread) -> PyResult<Option<Value>> {
        self.advance_to(t, entry_at::<KIND>)
    }

    /// `advance`, with what the iterator gives made by `at`: from a place in the dict to what is there and the next place.
    #[inline(always)]
    fn advance_to<T>(&self, t: &Thread, at: impl Fn(&Dict, usize) -> Option<(usize, T)>) -> PyResult<Option<T>> {
        let Some(source) = iteration::source(&self.dict, self.header()) else { return Ok(None) };
        let Some(dict) = source.downcast::<Dict>() else { return Ok(None) };
        if dict.len() != self.len.load(Relaxed) && !weakened("stress: iterator notices changes of its dict") {
            // It stays so, even if the dict gets its old size again.
            self.len.store(CHANGED, Relaxed);
            return Err(raise::runtime_error(t, "dictionary changed size during iteration"));
        }
        loop {
            let place = self.next.get();
            let Some((next, item)) = at(dict, place) else {
                iteration::finish(t, &self.dict, self.header());
                return Ok(None);
            };
            if !self.next.advance_from(self.header(), place, next) {
                continue;
            }
            if !self.count_down() && !weakened("stress: iterator notices changes of its dict") {
                return Err(raise::runtime_error(t, "dictionary keys changed during iteration"));
            }
            return Ok(Some(item));
        }
    }

    /// Counts one entry; false if all had come already.
    #[inline(always)]
    fn count_down(&self) -> bool {
        if iteration::is_shared(self.header()) {
            return self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        }
        let left = self.left.load(Relaxed);
        self.left.store(left.saturating_sub(1), Relaxed);
        left != 0
    }
}

impl ItemIter {
    /// `advance`, without the tuple.
    #[inline]
    pub fn advance_pair(&self, t: &Thread) -> PyResult<Option<(Value, Value)>> {
        self.advance_to(t, |dict, at| dict.table().next_item(at).map(|(offset, key, value)| (offset + 1, (key, value))))
    }
}

fn next<const KIND: u8>(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    v.downcast::<DictIter<KIND>>().map_or(Ok(None), |iterator| iterator.advance(t))
}

fn length_hint<const KIND: u8>(_t: &Thread, v: &Value) -> PyResult {
    let left = v.downcast::<DictIter<KIND>>().and_then(|iterator| {
        let dict = iterator.dict.load()?;
        (dict.downcast::<Dict>()?.len() == iterator.len.load(Relaxed)).then(|| iterator.left.load(Relaxed))
    });
    Ok(Value::uint(left.unwrap_or(0) as u64))
}

/// An iterator over a list of what is still to come.
fn reduce<const KIND: u8>(t: &Thread, v: &Value) -> PyResult {
    let iter = crate::object::hooks::builtin(t, "iter")?;
    let mut items = Vec::new();
    if let Some(iterator) = v.downcast::<DictIter<KIND>>()
        && let Some(source) = iterator.dict.load()
        && let Some(dict) = source.downcast::<Dict>()
    {
        if dict.len() != iterator.len.load(Relaxed) {
            iterator.len.store(CHANGED, Relaxed);
            return Err(raise::runtime_error(t, "dictionary changed size during iteration"));
        }
        let mut at = iterator.next.get();
        while let Some((next, item)) = entry_at::<KIND>(dict, at) {
            items.push(item);
            at = next;
        }
    }
    Ok(tuple::from_iter(2, [iter, tuple::from_iter(1, [list::from_vec(items)])]))
}
