//! Payloads of exceptions that carry data besides their arguments: a fixed number of slots, read and written as members.

use super::base;
use crate::object::exception::{BaseException, visit_slot};
use crate::object::slots::Visit;
use crate::object::thread::Thread;
use crate::object::type_object::Payload;
use crate::object::value::{Slot, Value};

/// A payload that begins with the common part and goes on with slots.
pub trait Fields: Payload {
    fn fields(&self) -> &[Slot];
}

/// The common part followed by `N` slots.
#[repr(C)]
pub struct WithFields<const N: usize> {
    pub base: BaseException,
    pub fields: [Slot; N],
}

impl<const N: usize> WithFields<N> {
    /// With this tuple as `args` and empty fields.
    pub fn new(args: Value) -> WithFields<N> {
        WithFields { base: BaseException::new(args), fields: [const { Slot::EMPTY }; N] }
    }

    /// For `Payload::trace`.
    pub fn trace_all(&self, visit: Visit) {
        self.base.trace(visit);
        for slot in &self.fields {
            visit_slot(slot, visit);
        }
    }

    /// For `Payload::clear`.
    pub fn clear_all(&self) {
        self.base.clear();
        for slot in &self.fields {
            drop(slot.take());
        }
    }
}

/// Declares the payload of one native exception type.
macro_rules! payload {
    ($(#[$m:meta])* $name:ident $n:literal $ty:ident) => {
        $(#[$m])*
        #[repr(transparent)]
        pub struct $name(pub crate::types::exceptions::data::WithFields<$n>);

        // SAFETY: the type's layout is this payload, which begins with the one of its base.
        unsafe impl crate::object::type_object::Payload for $name {
            fn layout_type() -> &'static crate::object::type_object::Type {
                &crate::object::core_types::exc::$ty
            }

            fn trace(&self, visit: crate::object::slots::Visit) {
                self.0.trace_all(visit);
            }

            fn clear(&self) {
                self.0.clear_all();
            }
        }

        impl crate::types::exceptions::data::Fields for $name {
            fn fields(&self) -> &[crate::object::value::Slot] {
                &self.0.fields
            }
        }

        impl $name {
            /// The `new` slot.
            pub fn make(
                _: &crate::object::thread::Thread,
                class: &crate::object::type_object::Type,
                args: crate::object::args::Args<'_>,
            ) -> crate::object::raise::PyResult {
                let args = crate::object::tuple::from_slice(args.pos());
                Ok(crate::object::alloc::new(class, $name(crate::types::exceptions::data::WithFields::new(args))))
            }
        }
    };
}

/// A row for a field: read as None where it is empty.
macro_rules! field {
    ($payload:ident $index:literal $name:literal $doc:literal) => {
        crate::object::table::GetSet::new(
            $name,
            |_, v| Ok(crate::types::exceptions::data::get::<$payload>(v, $index)),
            |t, v, value| {
                crate::types::exceptions::data::put::<$payload>(t, v, $index, value);
                Ok(())
            },
            $doc,
        )
        .as_member()
    };
}

pub(super) use {field, payload};

/// A field, or None.
pub fn get<P: Fields>(v: &Value, index: usize) -> Value {
    load::<P>(v, index).unwrap_or(Value::NONE)
}

/// A field, if it is set.
pub fn load<P: Fields>(v: &Value, index: usize) -> Option<Value> {
    v.downcast::<P>()?.fields().get(index)?.load()
}

/// Sets a field; Python's None is kept, `None` empties it.
pub fn put<P: Fields>(t: &Thread, v: &Value, index: usize, value: Option<&Value>) {
    let (Some(this), Some(header)) = (v.downcast::<P>(), v.header()) else { return };
    let Some(slot) = this.fields().get(index) else { return };
    let old = {
        let _guard = t.lock(header);
        slot.swap(value.cloned())
    };
    drop(old);
}

/// The state for pickling: the exception's own attributes and these fields, where they are set.
pub fn state_with<P: Fields>(v: &Value, fields: &[(&str, usize)]) -> Option<Value> {
    let own = base::own_dict(v);
    let set: Vec<_> = fields.iter().filter_map(|(name, i)| Some((*name, load::<P>(v, *i)?))).collect();
    if set.is_empty() {
        return own;
    }
    let state = own.unwrap_or_else(crate::object::dict::new);
    if let Some(d) = state.downcast::<crate::object::dict::Dict>() {
        for (name, value) in set {
            drop(d.set_str(&crate::object::names::intern(name), value));
        }
    }
    Some(state)
}
