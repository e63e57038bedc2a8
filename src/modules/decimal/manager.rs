//! `localcontext`: a context for the length of a block.

use super::context::{self, Context, current};
use crate::object::args::Bound;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::Visit;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, protocol, str};
use crate::this;

/// The payload of what `localcontext` answers.
pub struct Manager {
    local: Stored,
    /// The context to go back to.
    outer: Slot,
}

/// `decimal.ContextManager`
pub static MANAGER: StaticType = StaticType::new(&TypeSpec {
    methods: &[
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|t, v| {
                let this = this!(v, Manager);
                crate::modules::support::put(t, v, &this.outer, Some(current(t)?));
                context::set_current(t, &this.local)?;
                Ok(Value::clone(&this.local))
            }),
            "",
        ),
        Method::new(
            "__exit__",
            "($self, /, *args)",
            NativeFn::Bound(|t, b| {
                if let Some(outer) = this!(b.req(0), Manager).outer.load() {
                    context::set_current(t, &outer)?;
                }
                Ok(Value::FALSE)
            }),
            "",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("decimal", "ContextManager", layout_of::<Manager>(true))
});

// SAFETY: `MANAGER`'s layout is `Manager`.
unsafe impl Payload for Manager {
    fn layout_type() -> &'static Type {
        &MANAGER
    }

    fn trace(&self, visit: Visit) {
        visit(&self.local);
        visit_slot(&self.outer, visit);
    }

    fn clear(&self) {
        drop(self.outer.take());
    }
}

/// `decimal.localcontext`
pub fn local(t: &Thread, b: &Bound<'_>) -> PyResult {
    let source = match b.non_none(0) {
        None => current(t)?,
        Some(v) if v.downcast::<Context>().is_some() => v.clone(),
        Some(_) => return Err(raise::type_error(t, "optional argument must be a context")),
    };
    let local = context::copy(&source);
    for (name, value) in &b.keywords {
        const NAMES: [&str; 8] = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];
        if !NAMES.iter().any(|known| str::eq_str(name, known)) {
            let message = format!("'{}' is an invalid keyword argument for this function", str::lossy(name));
            return Err(raise::type_error(t, message));
        }
        protocol::set_attr(t, &local, name, value)?;
    }
    Ok(alloc::new(&MANAGER, Manager { local: Stored::new(local), outer: Slot::empty() }))
}
