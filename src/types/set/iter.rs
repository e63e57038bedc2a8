//! The iterator over a set. A shared one gives each element to exactly one thread.

use crate::object::exception::visit_slot;
use crate::object::header::{Header, Object};
use crate::object::raise::{self, PyResult};
use crate::object::set::{self, Set};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, list, tuple};
use crate::sync::shim::atomic::{AtomicUsize, Ordering::*};
use crate::sync::shim::weakened;
use crate::types::iteration::{self, Cursor};

/// The length of a set that has changed: no set has it.
const CHANGED: usize = usize::MAX;

/// A set (empty at the end), its length at the start, and the next offset in its table.
pub struct SetIter {
    set: Slot,
    len: AtomicUsize,
    next: Cursor,
}

pub static SET_ITER: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), ..SlotTable::EMPTY },
    methods: &[
        Method::new("__length_hint__", "($self, /)", NativeFn::F1(length_hint), iteration::LENGTH_HINT_DOC),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), iteration::REDUCE_DOC),
    ],
    ..TypeSpec::new("builtins", "set_iterator", layout_of::<SetIter>(true))
};

// SAFETY: `SET_ITER`'s layout is `SetIter`.
unsafe impl Payload for SetIter {
    fn layout_type() -> &'static Type {
        &SET_ITER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.set, visit);
    }

    fn clear(&self) {
        drop(self.set.take());
    }
}

/// `iter(set)`.
pub fn iter(_t: &Thread, v: &Value) -> PyResult {
    let len = set::of(v).map_or(0, Set::len);
    let payload = SetIter { set: Slot::new(v.clone()), len: AtomicUsize::new(len), next: Cursor::new(0) };
    Ok(alloc::new_fixed(&SET_ITER, payload))
}

impl SetIter {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: set iterators are only made by `iter`, as payloads of objects.
        unsafe { Object::header_of(self) }
    }

    /// The next element. Atomic: nobody else gets it. Raises RuntimeError if the set has changed its size.
    pub fn advance(&self, t: &Thread) -> PyResult<Option<Value>> {
        let Some(source) = iteration::source(&self.set, self.header()) else { return Ok(None) };
        let Some(set) = set::of(&source) else { return Ok(None) };
        if set.len() != self.len.load(Relaxed) && !weakened("stress: iterator notices changes of its set") {
            // It stays so, even if the set gets its old size again.
            self.len.store(CHANGED, Relaxed);
            return Err(raise::runtime_error(t, "Set changed size during iteration"));
        }
        loop {
            let at = self.next.get();
            match set.table().next_key(at) {
                Some((offset, element)) => {
                    if self.next.advance_from(self.header(), at, offset + 1) {
                        return Ok(Some(element));
                    }
                }
                None => {
                    iteration::finish(t, &self.set, self.header());
                    return Ok(None);
                }
            }
        }
    }
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    v.downcast::<SetIter>().map_or(Ok(None), |iterator| iterator.advance(t))
}

/// The elements still to come.
fn rest(iterator: &SetIter) -> Vec<Value> {
    let mut items = Vec::new();
    if let Some(source) = iterator.set.load()
        && let Some(set) = set::of(&source)
        && set.len() == iterator.len.load(Relaxed)
    {
        let mut at = iterator.next.get();
        while let Some((offset, element)) = set.table().next_key(at) {
            items.push(element);
            at = offset + 1;
        }
    }
    items
}

fn length_hint(_t: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(v.downcast::<SetIter>().map_or(0, |iterator| rest(iterator).len()) as u64))
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let iter = crate::object::hooks::builtin(t, "iter")?;
    let Some(iterator) = v.downcast::<SetIter>() else { return Ok(Value::NONE) };
    let source = iterator.set.load();
    if let Some(set) = source.as_ref().and_then(set::of)
        && set.len() != iterator.len.load(Relaxed)
    {
        iterator.len.store(CHANGED, Relaxed);
        return Err(raise::runtime_error(t, "Set changed size during iteration"));
    }
    Ok(tuple::from_iter(2, [iter, tuple::from_iter(1, [list::from_vec(rest(iterator))])]))
}
