//! The iterator over an object that has only `__getitem__`.

use super::core_types::exc;
use super::exception::visit_slot;
use super::hooks;
use super::names;
use super::protocol;
use super::raise::{self, PyResult};
use super::slots::{SlotTable, Visit};
use super::thread::Thread;
use super::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use super::value::{Slot, Value};
use super::{alloc, table::Method, table::NativeFn, tuple};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// Position and sequence; the sequence is dropped at the end.
pub struct SeqIter {
    sequence: Slot,
    next: AtomicI64,
}

pub static SEQ_ITER: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "__length_hint__",
            "($self, /)",
            NativeFn::F1(length_hint),
            "Private method returning an estimate of len(list(it)).",
        ),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling."),
        Method::new(
            "__setstate__",
            "($self, object, /)",
            NativeFn::F2(set_state),
            "Set state information for unpickling.",
        ),
    ],
    ..TypeSpec::new("builtins", "iterator", layout_of::<SeqIter>(true))
};

// SAFETY: `SEQ_ITER`'s layout is `SeqIter`.
unsafe impl Payload for SeqIter {
    fn layout_type() -> &'static Type {
        &SEQ_ITER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.sequence, visit);
    }

    fn clear(&self) {
        drop(self.sequence.take());
    }
}

/// An iterator that asks `sequence[0]`, `sequence[1]`, ... until IndexError or StopIteration.
pub fn new(sequence: Value) -> Value {
    alloc::new(&SEQ_ITER, SeqIter { sequence: Slot::new(sequence), next: AtomicI64::new(0) })
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let Some(this) = v.downcast::<SeqIter>() else { return Ok(None) };
    let Some(sequence) = this.sequence.load() else { return Ok(None) };
    // Each index is given to one thread.
    let i = this.next.fetch_add(1, Relaxed);
    match protocol::get_item(t, &sequence, &Value::int(i)) {
        Ok(item) => Ok(Some(item)),
        Err(raised) => {
            if !raise::matches(t, &raised, &exc::STOP_ITERATION) {
                raise::suppress(t, raised, &exc::INDEX_ERROR)?;
            } else {
                drop(raise::take(t, raised));
            }
            let old = v.header().and_then(|h| {
                let _guard = t.lock(h);
                this.sequence.take()
            });
            drop(old);
            Ok(None)
        }
    }
}

fn length_hint(t: &Thread, v: &Value) -> PyResult {
    let Some(sequence) = v.downcast::<SeqIter>().and_then(|s| s.sequence.load()) else { return Ok(Value::int(0)) };
    let done = v.downcast::<SeqIter>().map_or(0, |s| s.next.load(Relaxed));
    let len = protocol::len(t, &sequence)? as i64;
    Ok(Value::int((len - done).max(0)))
}

/// `(iter, (sequence,), position)`; of an iterator at its end, of an empty tuple.
fn reduce(t: &Thread, v: &Value) -> PyResult {
    let iter = hooks::builtin(t, "iter")?;
    // After the look-up, which may run Python code that moves the iterator.
    let at = v.downcast::<SeqIter>().and_then(|this| Some((this.sequence.load()?, this.next.load(Relaxed))));
    Ok(match at {
        Some((sequence, next)) => tuple::from_array([iter, tuple::from_array([sequence]), Value::int(next)]),
        None => tuple::from_array([iter, tuple::from_array([names::empty_tuple()])]),
    })
}

fn set_state(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let next = protocol::index_i64(t, state)?.max(0);
    if let Some(this) = v.downcast::<SeqIter>().filter(|this| !this.sequence.is_empty()) {
        this.next.store(next, Relaxed);
    }
    Ok(Value::NONE)
}
