//! The payload of tuple: immutable items, inline after the payload for tuple itself and for subclasses without
//! attributes of their own, in a separate block otherwise.

use super::core_types;
use super::slots::Visit;
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::sync::shim::atomic::Ordering::*;

/// See the module's documentation.
pub struct Tuple {
    items: *mut Value,
    len: usize,
    owned: bool,
}

// SAFETY: items never change after the tuple is built.
unsafe impl Send for Tuple {}
// SAFETY: as above.
unsafe impl Sync for Tuple {}

// SAFETY: `TUPLE`'s layout is `Tuple`.
unsafe impl Payload for Tuple {
    fn layout_type() -> &'static Type {
        &core_types::TUPLE
    }

    fn trace(&self, visit: Visit) {
        self.items().iter().for_each(visit);
    }

    fn clear(&self) {
        // A tuple alone cannot close a cycle that its other members do not break: they are all cleared.
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        // SAFETY: the items are ours; an owned block was a boxed slice.
        unsafe {
            let items = std::ptr::slice_from_raw_parts_mut(self.items, self.len);
            if self.owned {
                drop(Box::from_raw(items));
            } else {
                std::ptr::drop_in_place(items);
            }
        }
    }
}

impl Tuple {
    /// A payload with a block of its own, for types whose payload begins with a tuple's.
    pub fn boxed(items: Vec<Value>) -> Tuple {
        items.iter().for_each(publish);
        let len = items.len();
        Tuple { items: Box::into_raw(items.into_boxed_slice()).cast::<Value>(), len, owned: true }
    }

    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: `len` items, unchanged as long as the tuple lives.
        unsafe { std::slice::from_raw_parts(self.items, self.len) }
    }
}

/// A new tuple of `len` items taken from an iterator that yields at least as many.
pub fn from_iter(len: usize, items: impl IntoIterator<Item = Value>) -> Value {
    if len == 0 {
        return super::names::empty_tuple();
    }
    let mut items = items.into_iter();
    super::alloc::new_with_tail(&core_types::TUPLE, len * size_of::<Value>(), |tail| {
        let base = tail.cast::<Value>();
        for i in 0..len {
            let item = items.next().expect("the iterator yields `len` items");
            publish(&item);
            // SAFETY: the tail has room for `len` values.
            unsafe { base.add(i).write(item) };
        }
        Tuple { items: base, len, owned: false }
    })
}

/// A new tuple of a known number of items, at least one.
#[inline]
pub fn from_array<const N: usize>(items: [Value; N]) -> Value {
    const { assert!(N > 0) };
    super::alloc::new_with_tail(&core_types::TUPLE, N * size_of::<Value>(), |tail| {
        items.iter().for_each(publish);
        // SAFETY: the tail has room for the items, which move there.
        unsafe { tail.cast::<[Value; N]>().write(items) };
        Tuple { items: tail.cast(), len: N, owned: false }
    })
}

/// The payload of the empty tuple.
pub fn empty_payload() -> Tuple {
    Tuple { items: std::ptr::NonNull::dangling().as_ptr(), len: 0, owned: false }
}

#[inline(always)]
fn publish(item: &Value) {
    use crate::sync::slot::Counted;
    item.publish();
}

/// A new tuple.
pub fn from_vec(items: Vec<Value>) -> Value {
    from_iter(items.len(), items)
}

/// A new tuple of copies.
pub fn from_slice(items: &[Value]) -> Value {
    from_iter(items.len(), items.iter().cloned())
}

/// A new instance of `class`, tuple or a subclass of it.
pub fn new_with_class(class: &Type, items: Vec<Value>) -> Value {
    if std::ptr::eq(class, &*core_types::TUPLE) {
        return from_vec(items);
    }
    let len = items.len();
    if class.inst_offset.load(Acquire) == 0 {
        return super::alloc::new_with_tail(class, len * size_of::<Value>(), |tail| {
            let base = tail.cast::<Value>();
            for (i, item) in items.into_iter().enumerate() {
                publish(&item);
                // SAFETY: the tail has room for `len` values.
                unsafe { base.add(i).write(item) };
            }
            Tuple { items: base, len, owned: false }
        });
    }
    super::alloc::new(class, Tuple::boxed(items))
}

/// The items of a tuple (or of an instance of a subclass); empty for anything else.
#[inline(always)]
pub fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::items)
}
