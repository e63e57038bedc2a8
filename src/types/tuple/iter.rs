//! The iterator over a tuple. A shared one gives each item to exactly one thread.

use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::protocol::Take;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, names, protocol, tuple};
use crate::types::iteration::{self, Cursor};

/// A tuple (empty at the end) and the next index.
pub struct TupleIter {
    tuple: Slot,
    next: Cursor,
}

pub static TUPLE_ITER: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), give: Some(give), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__length_hint__", "($self, /)", NativeFn::F1(length_hint), iteration::LENGTH_HINT_DOC),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), iteration::REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(set_state), iteration::SET_STATE_DOC),
    ],
    ..TypeSpec::new("builtins", "tuple_iterator", layout_of::<TupleIter>(true))
};

// SAFETY: `TUPLE_ITER`'s layout is `TupleIter`.
unsafe impl Payload for TupleIter {
    fn layout_type() -> &'static Type {
        &TUPLE_ITER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.tuple, visit);
    }

    fn clear(&self) {
        drop(self.tuple.take());
    }
}

/// `iter(tuple)`.
pub fn new(tuple: Value) -> Value {
    alloc::new_fixed(&TUPLE_ITER, TupleIter { tuple: Slot::new(tuple), next: Cursor::new(0) })
}

impl TupleIter {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: tuple iterators are only made by `new`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// The next item's word, to be counted, of an iterator that no other thread has; quick, but None may also mean that
    /// `advance` is to be asked.
    #[inline(always)]
    pub fn advance_quick(&self) -> Option<u64> {
        let word = self.tuple.word();
        if word == 0 || iteration::is_shared(self.header()) {
            return None;
        }
        // SAFETY: the slot's reference keeps the tuple, an instance of tuple or a subclass; nobody else can empty the slot.
        let tuple = unsafe { (*(word as *const Header)).payload::<tuple::Tuple>() };
        let position = self.next.get();
        let item = tuple.items().get(position)?.bits();
        self.next.set(position + 1);
        Some(item)
    }

    /// The next item. Atomic: nobody else gets it.
    #[inline(always)]
    pub fn advance(&self, t: &Thread) -> Option<Value> {
        let tuple = iteration::source(&self.tuple, self.header())?;
        let item = tuple::items(&tuple).get(self.next.claim(self.header())).cloned();
        if item.is_none() {
            iteration::finish(t, &self.tuple, self.header());
        }
        item
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    Ok(v.downcast::<TupleIter>().and_then(|iterator| iterator.advance(t)))
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(iterator) = v.downcast::<TupleIter>() else { return Ok(()) };
    iteration::give(t, taker, || Ok(iterator.advance(t)))
}

fn length_hint(_t: &Thread, v: &Value) -> PyResult {
    let left = v
        .downcast::<TupleIter>()
        .and_then(|iterator| Some(tuple::items(&iterator.tuple.load()?).len().saturating_sub(iterator.next.get())));
    Ok(Value::uint(left.unwrap_or(0) as u64))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let iter = crate::object::hooks::builtin(t, "iter")?;
    let Some(iterator) = v.downcast::<TupleIter>() else { return Ok(Value::NONE) };
    Ok(match iterator.tuple.load() {
        Some(tuple) => {
            tuple::from_vec(vec![iter, tuple::from_iter(1, [tuple]), Value::uint(iterator.next.get() as u64)])
        }
        None => tuple::from_vec(vec![iter, tuple::from_iter(1, [names::empty_tuple()])]),
    })
}

fn set_state(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let index = protocol::index_i64(t, state)?;
    if let Some(iterator) = v.downcast::<TupleIter>()
        && let Some(tuple) = iterator.tuple.load()
    {
        iterator.next.set(index.clamp(0, tuple::items(&tuple).len() as i64) as usize);
    }
    Ok(Value::NONE)
}
