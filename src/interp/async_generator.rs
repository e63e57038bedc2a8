//! Asynchronous generators: values that an `await` step must not mistake for awaited ones.

use crate::object::alloc;
use crate::object::slots::Visit;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};

/// A value that the generator's own `yield` gave, on its way through the frames.
pub struct Wrapped(pub Stored);

/// The type of wrapped values; Python never sees one.
pub static WRAPPED: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec::new("builtins", "async_generator_wrapped_value", layout_of::<Wrapped>(true));

// SAFETY: `WRAPPED`'s layout is `Wrapped`.
unsafe impl Payload for Wrapped {
    fn layout_type() -> &'static Type {
        &WRAPPED
    }

    fn trace(&self, visit: Visit) {
        visit(&self.0);
    }
}

/// `INTRINSIC_ASYNC_GEN_WRAP`.
pub fn wrap(v: &Value) -> Value {
    alloc::new(&WRAPPED, Wrapped(Stored::new(v.clone())))
}
