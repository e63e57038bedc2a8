//! The payload of tuple: immutable items, inline after the payload for tuple itself and for subclasses without
//! attributes of their own, in a separate block otherwise.

use super::core_types;
use super::slots::Visit;
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};

/// See the module's documentation.
pub struct Tuple {
    items: *mut Value,
    len: usize,
    /// The hash, once somebody asked for it; `NO_HASH` before. (Relaxed: a number by itself, and whoever computes it too may
    /// store it too.)
    hash: AtomicI64,
}

/// What no hash is.
const NO_HASH: i64 = -1;

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
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the items are ours; a block of its own was a boxed slice.
        unsafe {
            let items = std::ptr::slice_from_raw_parts_mut(self.items, self.len);
            if self.has_block() {
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
        Tuple { items: Box::into_raw(items.into_boxed_slice()).cast::<Value>(), len, hash: AtomicI64::new(NO_HASH) }
    }

    /// Whether the items lie in a block of their own, not right behind the payload. (A payload with such a block has something
    /// else of the object behind it, attributes or the rest of a larger payload, so no block can lie there.)
    fn has_block(&self) -> bool {
        !std::ptr::eq(self.items.cast::<Tuple>(), std::ptr::from_ref(self).wrapping_add(1))
    }

    /// The hash that `set_hash` was told.
    #[inline]
    pub fn known_hash(&self) -> Option<i64> {
        let hash = self.hash.load(Relaxed);
        (hash != NO_HASH).then_some(hash)
    }

    pub fn set_hash(&self, hash: i64) {
        self.hash.store(hash, Relaxed);
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
        Tuple { items: base, len, hash: AtomicI64::new(NO_HASH) }
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
        Tuple { items: tail.cast(), len: N, hash: AtomicI64::new(NO_HASH) }
    })
}

/// The payload of the empty tuple.
pub fn empty_payload() -> Tuple {
    Tuple { items: std::ptr::NonNull::dangling().as_ptr(), len: 0, hash: AtomicI64::new(NO_HASH) }
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
            Tuple { items: base, len, hash: AtomicI64::new(NO_HASH) }
        });
    }
    super::alloc::new(class, Tuple::boxed(items))
}

/// The items of a tuple (or of an instance of a subclass); empty for anything else.
#[inline(always)]
pub fn items(v: &Value) -> &[Value] {
    v.downcast::<Tuple>().map_or(&[], Tuple::items)
}
