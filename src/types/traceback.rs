//! Tracebacks: the places that an exception has passed.

use crate::object::alloc;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::slots::Visit;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use std::sync::atomic::AtomicI64;

/// One place.
pub struct Traceback {
    /// The next inner place, a traceback; empty at the end.
    pub next: Slot,
    pub frame: Stored,
    /// Index of the instruction word.
    pub lasti: i64,
    /// -1: to be computed from `lasti`.
    pub line: AtomicI64,
}

// SAFETY: `TRACEBACK`'s layout is `Traceback`.
unsafe impl Payload for Traceback {
    fn layout_type() -> &'static Type {
        &core_types::TRACEBACK
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.next, visit);
        visit(&self.frame);
    }

    fn clear(&self) {
        drop(self.next.take());
    }
}

/// A new place in front of `next`.
pub fn new(next: Option<Value>, frame: Value, lasti: i64, line: i64) -> Value {
    let payload =
        Traceback { next: Slot::from_option(next), frame: Stored::new(frame), lasti, line: AtomicI64::new(line) };
    alloc::new(&core_types::TRACEBACK, payload)
}
