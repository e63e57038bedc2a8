//! Iterators by position over text and bytes. A shared one gives each item to exactly one thread.

use crate::object::exception::visit_slot;
use crate::object::names;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::str::Str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::types::iteration::{Cursor, LENGTH_HINT_DOC, REDUCE_DOC, SET_STATE_DOC, finish, give, source};
use std::marker::PhantomData;

/// What a kind of iterator runs over.
pub trait Items: Send + Sync + 'static {
    /// The iterator's type.
    fn class() -> &'static StaticType;
    /// Item `i`, or `None` from the end on. Runs no Python code.
    fn item(t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>>;
    /// The number of items.
    fn len(t: &Thread, sequence: &Value) -> usize;
    /// What `__reduce__` gives for an exhausted iterator.
    fn exhausted() -> Value {
        tuple::from_slice(&[])
    }
}

/// The payload.
pub struct IndexIter<K> {
    /// Empty once the iterator is exhausted.
    sequence: Slot,
    next: Cursor,
    kind: PhantomData<K>,
}

// SAFETY: each `Items` type has a class of its own whose layout is `IndexIter` of it.
unsafe impl<K: Items> Payload for IndexIter<K> {
    fn layout_type() -> &'static Type {
        K::class()
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.sequence, visit);
    }

    fn clear(&self) {
        drop(self.sequence.take());
    }
}

impl<K: Items> IndexIter<K> {
    /// The spec of the iterator type called `name`.
    pub const fn spec(name: &'static str) -> TypeSpec {
        TypeSpec {
            slots: SlotTable {
                iter: Some(|_, v| Ok(v.clone())),
                next: Some(Self::next),
                give: Some(|t, v, taker| give(t, taker, || Self::next(t, v))),
                ..SlotTable::EMPTY
            },
            methods: const {
                &[
                    Method::new("__length_hint__", "($self, /)", NativeFn::F1(Self::length_hint), LENGTH_HINT_DOC),
                    Method::new("__reduce__", "($self, /)", NativeFn::F1(Self::reduce), REDUCE_DOC),
                    Method::new("__setstate__", "($self, object, /)", NativeFn::F2(Self::set_state), SET_STATE_DOC),
                ]
            },
            ..TypeSpec::new("builtins", name, layout_of::<IndexIter<K>>(true))
        }
    }

    /// A new iterator at the beginning of `sequence`.
    #[allow(clippy::new_ret_no_self, reason = "objects are values")]
    pub fn new(sequence: Value) -> Value {
        let payload = IndexIter::<K> { sequence: Slot::new(sequence), next: Cursor::new(0), kind: PhantomData };
        alloc::new(K::class(), payload)
    }

    fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
        let (Some(this), Some(header)) = (v.downcast::<IndexIter<K>>(), v.header()) else { return Ok(None) };
        let Some(sequence) = source(&this.sequence, header) else { return Ok(None) };
        let item = K::item(t, &sequence, this.next.claim(header))?;
        if item.is_none() {
            finish(t, &this.sequence, header);
        }
        Ok(item)
    }

    fn length_hint(t: &Thread, v: &Value) -> PyResult {
        let left = v.downcast::<IndexIter<K>>().and_then(|this| {
            let sequence = this.sequence.load()?;
            Some(K::len(t, &sequence).saturating_sub(this.next.get()))
        });
        Ok(Value::uint(left.unwrap_or(0) as u64))
    }

    fn reduce(t: &Thread, v: &Value) -> PyResult {
        let iter = crate::object::hooks::builtin(t, "iter")?;
        let state = v.downcast::<IndexIter<K>>().and_then(|this| {
            let sequence = this.sequence.load()?;
            Some((sequence, this.next.get()))
        });
        Ok(match state {
            Some((sequence, i)) => tuple::from_slice(&[iter, tuple::from_slice(&[sequence]), Value::uint(i as u64)]),
            None => tuple::from_slice(&[iter, tuple::from_slice(&[K::exhausted()])]),
        })
    }

    fn set_state(t: &Thread, v: &Value, state: &Value) -> PyResult {
        let i = usize::try_from(protocol::index_size(t, state)?).unwrap_or(0);
        if let Some(this) = v.downcast::<IndexIter<K>>()
            && let Some(sequence) = this.sequence.load()
        {
            this.next.set(i.min(K::len(t, &sequence)));
        }
        Ok(Value::NONE)
    }
}

/// Characters of an ASCII str.
pub struct AsciiItems;
/// Characters of any other str.
pub struct TextItems;

pub static ASCII_ITER: StaticType = StaticType::new(&ASCII_SPEC);
pub static ASCII_SPEC: TypeSpec = IndexIter::<AsciiItems>::spec("str_ascii_iterator");
pub static TEXT_ITER: StaticType = StaticType::new(&TEXT_SPEC);
pub static TEXT_SPEC: TypeSpec = IndexIter::<TextItems>::spec("str_iterator");

fn char_at(sequence: &Value, i: usize) -> Option<Value> {
    let c = str::view(sequence)?.get(i)?;
    Some(super::value::char_value(c))
}

impl Items for AsciiItems {
    fn class() -> &'static StaticType {
        &ASCII_ITER
    }

    #[inline(always)]
    fn item(_t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>> {
        Ok(super::ascii::of(sequence).and_then(|s| s.get(i)).map(|c| names::char_str(*c)))
    }

    fn len(_t: &Thread, sequence: &Value) -> usize {
        sequence.downcast::<Str>().map_or(0, Str::len)
    }

    fn exhausted() -> Value {
        names::empty_str()
    }
}

impl Items for TextItems {
    fn class() -> &'static StaticType {
        &TEXT_ITER
    }

    fn item(_t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>> {
        Ok(char_at(sequence, i))
    }

    fn len(_t: &Thread, sequence: &Value) -> usize {
        sequence.downcast::<Str>().map_or(0, Str::len)
    }

    fn exhausted() -> Value {
        names::empty_str()
    }
}

/// `iter(str)`.
pub fn iter(_t: &Thread, v: &Value) -> PyResult {
    let ascii = str::view(v).is_some_and(|s| s.as_str().is_some());
    Ok(if ascii { IndexIter::<AsciiItems>::new(v.clone()) } else { IndexIter::<TextItems>::new(v.clone()) })
}
