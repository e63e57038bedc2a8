//! `iter(callable, sentinel)`: the results of a function until one equals the sentinel.

use crate::object::core_types::exc;
use crate::object::exception::visit_slot;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Slot, Value};
use crate::object::{alloc, protocol, tuple};
use crate::types::iteration::{self, REDUCE_DOC};

/// Function and sentinel, both dropped at the end.
pub struct CallIter {
    function: Slot,
    sentinel: Slot,
}

pub static CALL_ITER: StaticType = StaticType::new(&SPEC);

// SAFETY: `CALL_ITER`'s layout is `CallIter`.
unsafe impl Payload for CallIter {
    fn layout_type() -> &'static Type {
        &CALL_ITER
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.function, visit);
        visit_slot(&self.sentinel, visit);
    }

    fn clear(&self) {
        drop(self.function.take());
        drop(self.sentinel.take());
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { iter: Some(|_, v| Ok(v.clone())), next: Some(next), ..SlotTable::EMPTY },
    methods: &[Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), REDUCE_DOC)],
    ..TypeSpec::new("builtins", "callable_iterator", layout_of::<CallIter>(true))
};

/// A new iterator.
pub fn new(function: Value, sentinel: Value) -> Value {
    alloc::new(&CALL_ITER, CallIter { function: Slot::new(function), sentinel: Slot::new(sentinel) })
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let (Some(this), Some(header)) = (v.downcast::<CallIter>(), v.header()) else { return Ok(None) };
    let (Some(function), Some(sentinel)) = (this.function.load(), this.sentinel.load()) else { return Ok(None) };
    let end = || {
        iteration::finish(t, &this.function, header);
        iteration::finish(t, &this.sentinel, header);
    };
    match protocol::call_values(t, &function, &[]) {
        Ok(result) if protocol::eq(t, &sentinel, &result)? => {
            end();
            Ok(None)
        }
        // Another thread, or the function itself, may have ended the iterator meanwhile.
        Ok(_) if this.function.is_empty() => Ok(None),
        Ok(result) => Ok(Some(result)),
        Err(raised) => {
            raise::suppress(t, raised, &exc::STOP_ITERATION)?;
            end();
            Ok(None)
        }
    }
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let iter = crate::object::hooks::builtin(t, "iter")?;
    let parts = v.downcast::<CallIter>().and_then(|this| Some([this.function.load()?, this.sentinel.load()?]));
    Ok(match parts {
        Some(parts) => tuple::from_vec(vec![iter, tuple::from_vec(parts.into())]),
        None => tuple::from_vec(vec![iter, tuple::from_vec(vec![names::empty_tuple()])]),
    })
}
