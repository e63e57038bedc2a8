//! The iterator over an object that has only `__getitem__`.

use super::core_types::exc;
use super::exception::visit_slot;
use super::protocol;
use super::raise::{self, PyResult};
use super::slots::{SlotTable, Visit};
use super::thread::Thread;
use super::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use super::value::{Slot, Value};
use super::{alloc, table::Method, table::NativeFn};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// Position and sequence; the sequence is dropped at the end.
pub struct SeqIter {
    sequence: Slot,
    next: AtomicI64,
}

pub static SEQ_ITER: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), ..SlotTable::EMPTY },
    methods: &[Method::new(
        "__length_hint__",
        "($self, /)",
        NativeFn::F1(length_hint),
        "Private method returning an estimate of len(list(it)).",
    )],
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
