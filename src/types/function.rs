//! The payload of Python functions.

use crate::bytecode::code::Code;
use crate::object::alloc;
use crate::object::core_types;
use crate::object::exception::visit_slot;
use crate::object::slots::Visit;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Slot, Stored, Value};
use crate::sync::shim::atomic::{AtomicPtr, Ordering::*};

/// See the module's documentation.
pub struct Function {
    /// `__code__`; `code_pointer` is its payload. Code is freed by the collector only, so a frame may use the pointer.
    pub code: Slot,
    code_pointer: AtomicPtr<Code>,
    pub globals: Stored,
    /// The dict of builtins that the globals named when the function was made.
    pub builtins: Stored,
    /// A tuple of cells, or empty; set once, before the function is called.
    pub closure: Slot,
    /// A tuple, or empty.
    pub defaults: Slot,
    /// A dict, or empty.
    pub keyword_defaults: Slot,
    pub name: Slot,
    pub qualname: Slot,
    pub module: Slot,
    pub doc: Slot,
    pub annotations: Slot,
    pub annotate: Slot,
    pub type_params: Slot,
}

// SAFETY: `FUNCTION`'s layout is `Function`.
unsafe impl Payload for Function {
    fn layout_type() -> &'static Type {
        &core_types::FUNCTION
    }

    fn trace(&self, visit: Visit) {
        for v in [&self.globals, &self.builtins] {
            visit(v);
        }
        for slot in self.slots() {
            visit_slot(slot, visit);
        }
    }

    fn clear(&self) {
        for slot in self.slots().into_iter().skip(1) {
            drop(slot.take());
        }
    }
}

impl Function {
    fn slots(&self) -> [&Slot; 11] {
        [
            &self.code,
            &self.defaults,
            &self.keyword_defaults,
            &self.name,
            &self.qualname,
            &self.module,
            &self.doc,
            &self.annotations,
            &self.annotate,
            &self.type_params,
            &self.closure,
        ]
    }

    /// The code to run.
    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: set from the payload of `code`, which only the collector frees, and not while a frame runs it.
        unsafe { &*self.code_pointer.load(Acquire) }
    }

    /// Replaces `__code__`. The caller holds the function's lock, has checked the free variables, and drops the old value
    /// after unlocking.
    #[must_use = "drop the old code after unlocking"]
    pub fn set_code(&self, code: Value) -> Option<Value> {
        if let Some(payload) = code.downcast::<Code>() {
            self.code_pointer.store(payload as *const Code as *mut Code, Release);
        }
        self.code.swap(Some(code))
    }
}

/// A new function, as `MAKE_FUNCTION` does: name, qualname and doc from the code, module from the globals. `None` where
/// `code` is no code object.
pub fn new(code: Value, globals: Value, builtins: Value, module: Option<Value>) -> Option<Value> {
    let payload = code.downcast::<Code>()?;
    let doc = if payload.has_flag(crate::bytecode::unit::flags::HAS_DOCSTRING) {
        payload.consts.first().map(|c| (**c).clone())
    } else {
        None
    };
    let function = Function {
        code_pointer: AtomicPtr::new(payload as *const Code as *mut Code),
        name: Slot::new((*payload.name).clone()),
        qualname: Slot::new((*payload.qualname).clone()),
        doc: Slot::from_option(doc),
        code: Slot::new(code),
        globals: Stored::new(globals),
        builtins: Stored::new(builtins),
        closure: Slot::empty(),
        defaults: Slot::empty(),
        keyword_defaults: Slot::empty(),
        module: Slot::from_option(module),
        annotations: Slot::empty(),
        annotate: Slot::empty(),
        type_params: Slot::empty(),
    };
    Some(alloc::new(&core_types::FUNCTION, function))
}
