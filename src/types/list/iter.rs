//! Iterators over lists, forward and backward. A shared iterator gives each item to exactly one thread.

use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::list::{self, List};
use crate::object::protocol::Take;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, tuple};
use crate::types::iteration::{self, Cursor};

/// A list (empty at the end) and the next index.
pub struct ListIter {
    list: Slot,
    next: Cursor,
}

/// A list (empty at the end) and how many items are still to come.
pub struct ListReverseIter {
    list: Slot,
    left: Cursor,
}

pub static LIST_ITER: StaticType = StaticType::new(&SPEC);
pub static LIST_REVERSE_ITER: StaticType = StaticType::new(&REVERSE_SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), give: Some(give), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__length_hint__", "($self, /)", NativeFn::F1(length_hint), iteration::LENGTH_HINT_DOC),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), iteration::REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(set_state), iteration::SET_STATE_DOC),
    ],
    ..TypeSpec::new("builtins", "list_iterator", layout_of::<ListIter>(true))
};

pub static REVERSE_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        iter: Some(|_, v| Ok(v.clone())),
        next: Some(reverse_next),
        give: Some(reverse_give),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("__length_hint__", "($self, /)", NativeFn::F1(reverse_length_hint), iteration::LENGTH_HINT_DOC),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reverse_reduce), iteration::REDUCE_DOC),
        Method::new("__setstate__", "($self, object, /)", NativeFn::F2(reverse_set_state), iteration::SET_STATE_DOC),
    ],
    ..TypeSpec::new("builtins", "list_reverseiterator", layout_of::<ListReverseIter>(true))
};

macro_rules! payload {
    ($name:ident, $ty:ident) => {
        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $name {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit_slot(&self.list, visit);
            }

            fn clear(&self) {
                drop(self.list.take());
            }
        }
    };
}

payload!(ListIter, LIST_ITER);
payload!(ListReverseIter, LIST_REVERSE_ITER);

/// `iter(list)`.
pub fn new(list: Value) -> Value {
    alloc::new_fixed(&LIST_ITER, ListIter { list: Slot::new(list), next: Cursor::new(0) })
}

/// `reversed(list)`.
pub fn new_reverse(list: Value) -> Value {
    let left = list.downcast::<List>().map_or(0, List::len);
    alloc::new_fixed(&LIST_REVERSE_ITER, ListReverseIter { list: Slot::new(list), left: Cursor::new(left) })
}

impl ListIter {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: list iterators are only made by `new`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// The next item of an iterator that no other thread has; quick, but None may also mean that `advance` is to be asked.
    #[inline(always)]
    pub fn advance_quick(&self) -> Option<Value> {
        let word = self.list.word();
        if word == 0 || iteration::is_shared(self.header()) {
            return None;
        }
        // SAFETY: the slot's reference keeps the list, an instance of list or a subclass; nobody else can empty the slot.
        let list = unsafe { (*(word as *const Header)).payload::<List>() };
        let position = self.next.get();
        let item = list.get_quick(position as i64)?;
        self.next.set(position + 1);
        Some(item)
    }

    /// The next item. Atomic: nobody else gets it.
    #[inline(always)]
    pub fn advance(&self, t: &Thread) -> Option<Value> {
        let list = iteration::source(&self.list, self.header())?;
        let item = list.downcast::<List>()?.get(self.next.claim(self.header()));
        if item.is_none() {
            iteration::finish(t, &self.list, self.header());
        }
        item
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(iterator) = v.downcast::<ListIter>() else { return Ok(None) };
    match iterator.advance_quick() {
        None => Ok(iterator.advance(t)),
        item => Ok(item),
    }
}

fn give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(iterator) = v.downcast::<ListIter>() else { return Ok(()) };
    iteration::give(t, taker, || Ok(iterator.advance_quick().or_else(|| iterator.advance(t))))
}

fn length_hint(_t: &Thread, v: &Value) -> PyResult {
    let left = v.downcast::<ListIter>().and_then(|iterator| {
        let list = iterator.list.load()?;
        Some(list.downcast::<List>()?.len().saturating_sub(iterator.next.get()))
    });
    Ok(Value::uint(left.unwrap_or(0) as u64))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let iter = crate::object::hooks::builtin(t, "iter")?;
    let Some(iterator) = v.downcast::<ListIter>() else { return Ok(Value::NONE) };
    Ok(match iterator.list.load() {
        Some(list) => tuple::from_vec(vec![iter, tuple::from_iter(1, [list]), Value::uint(iterator.next.get() as u64)]),
        None => tuple::from_vec(vec![iter, tuple::from_iter(1, [list::new()])]),
    })
}

fn set_state(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let index = protocol::index_i64(t, state)?;
    if let Some(iterator) = v.downcast::<ListIter>()
        && let Some(list) = iterator.list.load()
    {
        let len = list.downcast::<List>().map_or(0, List::len);
        // Before the start is after the end.
        iterator.next.set(usize::try_from(index).map_or(len, |index| index.min(len)));
    }
    Ok(Value::NONE)
}

impl ListReverseIter {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: these iterators are only made by `new_reverse`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    fn advance(&self, t: &Thread) -> Option<Value> {
        let list = iteration::source(&self.list, self.header())?;
        let item = match self.left.claim_down(self.header()) {
            0 => None,
            left => list.downcast::<List>()?.get(left - 1),
        };
        if item.is_none() {
            iteration::finish(t, &self.list, self.header());
        }
        item
    }
}

fn reverse_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    Ok(v.downcast::<ListReverseIter>().and_then(|iterator| iterator.advance(t)))
}

fn reverse_give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let Some(iterator) = v.downcast::<ListReverseIter>() else { return Ok(()) };
    iteration::give(t, taker, || Ok(iterator.advance(t)))
}

fn reverse_length_hint(_t: &Thread, v: &Value) -> PyResult {
    let left = v.downcast::<ListReverseIter>().and_then(|iterator| {
        let list = iterator.list.load()?;
        let left = iterator.left.get();
        Some(if list.downcast::<List>()?.len() < left { 0 } else { left })
    });
    Ok(Value::uint(left.unwrap_or(0) as u64))
}

fn reverse_reduce(t: &Thread, v: &Value) -> PyResult {
    // First: the look-up may run Python code that moves the iterator.
    let reversed = crate::object::hooks::builtin(t, "reversed")?;
    let Some(iterator) = v.downcast::<ListReverseIter>() else { return Ok(Value::NONE) };
    Ok(match iterator.list.load() {
        Some(list) => {
            let index = Value::int(iterator.left.get() as i64 - 1);
            tuple::from_vec(vec![reversed, tuple::from_iter(1, [list]), index])
        }
        None => tuple::from_vec(vec![reversed, tuple::from_iter(1, [list::new()])]),
    })
}

fn reverse_set_state(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let index = protocol::index_i64(t, state)?;
    if let Some(iterator) = v.downcast::<ListReverseIter>()
        && let Some(list) = iterator.list.load()
    {
        let len = list.downcast::<List>().map_or(0, List::len) as i64;
        iterator.left.set((index.clamp(-1, len - 1) + 1) as usize);
    }
    Ok(Value::NONE)
}

/// `list.__iter__`.
pub fn iter(_t: &Thread, v: &Value) -> PyResult {
    debug_assert!(v.class().has_layout(&core_types::LIST));
    Ok(new(v.clone()))
}

/// `list.__reversed__`.
pub fn reversed(_t: &Thread, v: &Value) -> PyResult {
    Ok(new_reverse(v.clone()))
}
