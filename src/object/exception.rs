//! The payload of exceptions.

use super::core_types::exc;
use super::slots::Visit;
use super::type_object::{Payload, Type};
use super::value::{Slot, Value};
use crate::sync::shim::atomic::AtomicBool;

/// What every exception carries. Payloads of subclasses begin with it (`repr(C)`).
#[repr(C)]
pub struct BaseException {
    /// The tuple `args`.
    pub args: Slot,
    pub cause: Slot,
    pub context: Slot,
    pub traceback: Slot,
    pub suppress_context: AtomicBool,
}

impl BaseException {
    /// With this tuple as `args`.
    pub fn new(args: Value) -> BaseException {
        BaseException {
            args: Slot::new(args),
            cause: Slot::empty(),
            context: Slot::empty(),
            traceback: Slot::empty(),
            suppress_context: AtomicBool::new(false),
        }
    }
}

/// Visits what a slot holds; for `Payload::trace`, while the world is stopped.
#[inline]
pub fn visit_slot(slot: &Slot, visit: Visit) {
    let word = slot.word();
    if word != 0 {
        // SAFETY: the world is stopped; the slot holds a live value.
        visit(unsafe { Value::from_ref(&word) });
    }
}

// SAFETY: `BASE_EXCEPTION`'s layout is `BaseException`.
unsafe impl Payload for BaseException {
    fn layout_type() -> &'static Type {
        &exc::BASE_EXCEPTION
    }

    fn trace(&self, visit: Visit) {
        for slot in [&self.args, &self.cause, &self.context, &self.traceback] {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in [&self.args, &self.cause, &self.context, &self.traceback] {
            drop(slot.take());
        }
    }
}
