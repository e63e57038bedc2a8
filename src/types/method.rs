//! The payload of bound methods.

use crate::object::alloc;
use crate::object::core_types;
use crate::object::slots::Visit;
use crate::object::type_object::{Payload, Type};
use crate::object::value::{Stored, Value};

/// A function bound to an object.
pub struct Method {
    pub function: Stored,
    pub object: Stored,
}

// SAFETY: `METHOD`'s layout is `Method`.
unsafe impl Payload for Method {
    fn layout_type() -> &'static Type {
        &core_types::METHOD
    }

    fn trace(&self, visit: Visit) {
        visit(&self.function);
        visit(&self.object);
    }
}

/// A new bound method.
pub fn new(function: Value, object: Value) -> Value {
    alloc::new(&core_types::METHOD, Method { function: Stored::new(function), object: Stored::new(object) })
}
