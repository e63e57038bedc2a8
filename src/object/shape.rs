//! Shapes (hidden classes): which attribute name has which slot in an instance.
//!
//! Rules:
//! 1. A shape never changes and lives as long as its type. A slot index means the same name in all shapes that descend
//!    from one root, along the path that an instance took.
//! 2. Instances only ever move from a shape to one of its children (one more attribute), or for good to dictionary mode.
//!    So a reader that has seen a shape may read the slot that it names: the slot holds that attribute, or is empty if
//!    the instance has gone to dictionary mode since.
//! 3. Transitions are found under the shape's own lock; inline caches remember them.

use super::type_object::Type;
use super::value::Value;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering::*};

/// See the module's documentation.
pub struct Shape {
    class: AtomicPtr<Type>,
    parent: Option<&'static Shape>,
    /// The name that this shape adds (interned, immortal), at slot `len - 1`; none in the root.
    name: Option<Value>,
    /// How many slots are in use: members from `__slots__`, then attributes.
    pub len: u32,
    /// The slot of the first attribute, after the members.
    pub first: u32,
    /// All names with their slots, built when first asked for.
    index: OnceLock<HashMap<u64, u32>>,
    children: Mutex<Vec<(u64, &'static Shape)>>,
}

impl Shape {
    fn new(class: &Type, parent: Option<&'static Shape>, name: Option<Value>, len: u32, first: u32) -> &'static Shape {
        Box::leak(Box::new(Shape {
            class: AtomicPtr::new(class as *const Type as *mut Type),
            parent,
            name,
            len,
            first,
            index: OnceLock::new(),
            children: Mutex::new(Vec::new()),
        }))
    }

    /// The shape of a new instance.
    #[inline(always)]
    pub fn root(class: &Type) -> &'static Shape {
        let shape = class.root_shape.load(Acquire);
        if shape.is_null() {
            return Shape::make_root(class);
        }
        // SAFETY: set once to a leaked shape; freed only with its type.
        unsafe { &*shape }
    }

    #[cold]
    fn make_root(class: &Type) -> &'static Shape {
        let members = class.slot_count.load(Acquire);
        let fresh = Shape::new(class, None, None, members, members);
        match class.root_shape.compare_exchange(
            std::ptr::null_mut(),
            fresh as *const Shape as *mut Shape,
            AcqRel,
            Acquire,
        ) {
            Ok(_) => fresh,
            // SAFETY: as in `root`. The loser is leaked: a few bytes, once.
            Err(other) => unsafe { &*other },
        }
    }

    /// The type whose instances have this shape.
    pub fn class(&self) -> &Type {
        // SAFETY: a shape lives no longer than its type.
        unsafe { &*self.class.load(Relaxed) }
    }

    /// The slot of an interned name.
    #[inline]
    pub fn find(&self, name: &Value) -> Option<u32> {
        if self.len - self.first <= 6 {
            let mut shape = self;
            while let (Some(n), Some(parent)) = (&shape.name, shape.parent) {
                if n.is(name) {
                    return Some(shape.len - 1);
                }
                shape = parent;
            }
            return None;
        }
        self.index
            .get_or_init(|| (self.first..).zip(self.names()).map(|(i, n)| (n.bits(), i)).collect())
            .get(&name.bits())
            .copied()
    }

    /// The names in slot order.
    pub fn names(&self) -> Vec<Value> {
        let mut names = Vec::with_capacity((self.len - self.first) as usize);
        let mut shape = self;
        while let (Some(n), Some(parent)) = (&shape.name, shape.parent) {
            names.push(n.clone());
            shape = parent;
        }
        names.reverse();
        names
    }

    /// The shape with one more attribute, which is not there yet.
    pub fn with(&'static self, name: &Value) -> &'static Shape {
        let mut children = self.children.lock();
        if let Some((_, child)) = children.iter().find(|(n, _)| *n == name.bits()) {
            return child;
        }
        let child = Shape::new(self.class(), Some(self), Some(name.clone()), self.len + 1, self.first);
        children.push((name.bits(), child));
        child
    }
}
