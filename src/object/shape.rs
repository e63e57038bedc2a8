//! Shapes (hidden classes): which attributes an instance has in its slots, and in which order they came.
//!
//! Rules:
//! 1. A class numbers the names of its instances' attributes in the order in which they first appear on any instance
//!    (`SlotNames`): one name has one slot in all instances of the class, whatever else they have and in whatever order.
//!    So code that reads an attribute needs to know the class only; an empty slot says that the instance lacks it.
//! 2. A shape never changes and lives as long as its type. Instances only ever move from a shape to one of its children
//!    (one more attribute), or for good to dictionary mode. So a reader that has seen a shape may read the slots that it
//!    names: a slot holds its attribute, or is empty if that was deleted, or the instance has gone to dictionary mode since.
//! 3. Transitions are found without a lock; inline caches remember them.
//! 4. A name's first appearance voids the class's version before any instance has the attribute: what caches know of
//!    the class's own attributes holds of instances in slots only while no instance can hide them.

use super::type_object::{FIRST_SPARE, MAX_INLINE_SLOTS, Type, flag};
use super::value::Value;
use crate::sync::grow_list::GrowList;
use crate::sync::shim::atomic::{AtomicPtr, Ordering::*};

/// The slots of a class's attribute names, which are interned and immortal.
type SlotNames = crate::sync::slot_names::SlotNames<NAMES_BLOCK, { MAX_INLINE_SLOTS as usize / NAMES_BLOCK }>;

/// For so many names at a time a class makes room.
const NAMES_BLOCK: usize = 30;

/// See the module's documentation.
pub struct Shape {
    class: AtomicPtr<Type>,
    parent: Option<&'static Shape>,
    /// The name that this shape adds (interned, immortal), and its slot; none in the root.
    added: Option<(Value, u32)>,
    /// The slot of the first attribute, after the members from `__slots__`.
    first: u32,
    /// The class's; in its root shape.
    slots: Option<SlotNames>,
    children: GrowList<Shape>,
}

impl Shape {
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
        let fresh: &'static Shape = Box::leak(Box::new(Shape {
            class: AtomicPtr::new(class as *const Type as *mut Type),
            parent: None,
            added: None,
            first: members,
            slots: Some(SlotNames::new()),
            children: GrowList::new(),
        }));
        match class.root_shape.compare_exchange(
            std::ptr::null_mut(),
            fresh as *const Shape as *mut Shape,
            AcqRel,
            Acquire,
        ) {
            Ok(_) => {
                // The first instance has been laid out.
                if class.has_flag(flag::HAS_DICT) && class.is_heap() {
                    let _ = class.inline_slots.fetch_update(Relaxed, Relaxed, |slots| slots.checked_sub(FIRST_SPARE));
                }
                fresh
            }
            // SAFETY: as in `root`. The loser is leaked: a few bytes, once.
            Err(other) => unsafe { &*other },
        }
    }

    /// The type whose instances have this shape.
    pub fn class(&self) -> &Type {
        // SAFETY: a shape lives no longer than its type.
        unsafe { &*self.class.load(Relaxed) }
    }

    fn slot_names(&self) -> &'static SlotNames {
        let root = Shape::root(self.class());
        root.slots.as_ref().expect("a root shape has the names")
    }

    /// The slot of an interned name in all instances of the class that have the attribute. None: no instance has it there.
    #[inline]
    pub fn slot_of(&self, name: &Value) -> Option<u32> {
        self.slot_names().find(name.bits()).map(|index| self.first + index as u32)
    }

    /// Whether an instance of this shape has got the attribute (and may have lost it since).
    pub fn has(&self, name: &Value) -> bool {
        let mut shape = self;
        while let (Some((added, _)), Some(parent)) = (&shape.added, shape.parent) {
            if added.is(name) {
                return true;
            }
            shape = parent;
        }
        false
    }

    /// Names and slots, in the order in which the instance got the attributes.
    pub fn names(&self) -> Vec<(Value, u32)> {
        let mut names = Vec::new();
        let mut shape = self;
        while let (Some(added), Some(parent)) = (&shape.added, shape.parent) {
            names.push(added.clone());
            shape = parent;
        }
        names.reverse();
        names
    }

    /// How many attributes an instance of this shape has got.
    pub fn count(&self) -> u32 {
        std::iter::successors(self.parent, |shape| shape.parent).count() as u32
    }

    /// The shape with one more attribute, which is not there yet, and the attribute's slot. None: it does not fit in so many slots,
    /// or the class has names enough.
    pub fn with(&'static self, name: &Value, slots: u32) -> Option<(&'static Shape, u32)> {
        let names = self.slot_names();
        let index = names.find(name.bits()).or_else(|| names.add(name.bits(), || self.class().bump_version()))?;
        let slot = self.first + index as u32;
        if slot >= slots {
            return None;
        }
        let added = |child: &Shape| child.added.as_ref().is_some_and(|(n, _)| n.is(name));
        let child = self.children.find_or_add(added, || {
            crate::sync::stats::note(crate::sync::stats::Shared::Global);
            Shape {
                class: AtomicPtr::new(self.class.load(Relaxed)),
                parent: Some(self),
                added: Some((name.clone(), slot)),
                first: self.first,
                slots: None,
                children: GrowList::new(),
            }
        });
        Some((child, slot))
    }
}
