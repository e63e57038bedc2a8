//! Attributes of an instance: a shape word and inline slots, or a dict.
//!
//! | shape word | meaning |
//! |---|---|
//! | pointer to a `Shape` | attributes lie in slots, which the class gives to names; the shape has their order. An empty slot is that of a deleted attribute |
//! | pointer to a dict's header, plus 2^63 | dictionary mode: attributes lie in that dict, their slots are empty |
//!
//! The 15 bits from 48 on say how many slots the instance has, which stays true when `__class__` is assigned. The first
//! `Type::slot_count` slots belong to the members that `__slots__` names; shapes name the slots after them. A class
//! without `flag::HAS_DICT` has only members: its instances keep their root shape.
//!
//! Rules:
//! 1. The word changes under the object's lock: to a child shape (the slot is filled first, then the word stored with
//!    Release), or once to dictionary mode.
//! 2. Going to dictionary mode fills the dict, stores the word, then empties the slots. A reader that saw the old shape
//!    finds the value (and linearises before) or an empty slot, and looks at the word again: another one says that it has
//!    to start again, the same one that the attribute is not there. A deleted attribute comes back in dictionary mode only,
//!    behind the others.
//! 3. Readers take no lock: word (Acquire), slot (Acquire). The dict, once there, stays until `__dict__` is assigned; it is
//!    published, so a reader may count it as it counts a slot's value.

use super::core_types;
use super::dict::{self, Dict};
use super::header::Header;
use super::shape::Shape;
use super::slots::Visit;
use super::thread::{self, Thread};
use super::type_object::Type;
use super::value::{Slot, Value};
use crate::sync::shape_word::{Read, ShapeWord};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::sync::slot::Counted;

/// The attribute part of an instance: the shape word, followed by the slots.
#[repr(C)]
pub struct Attributes {
    word: ShapeWord,
}

/// What the shape word says.
pub enum Mode {
    Shape(&'static Shape),
    Dict(Value),
}

/// The sign: one comparison finds out whether there is a slot, in an instance that has slots (`has_slot`).
const DICT_TAG: u64 = 1 << 63;
const CAPACITY_SHIFT: u32 = 48;
/// The bits of the word that are an address.
const ADDRESS: u64 = (1 << CAPACITY_SHIFT) - 1;

/// Whether a shape word says that there is a slot with this index, not emptied for a dict.
#[inline(always)]
pub fn has_slot(word: u64, index: u64) -> bool {
    (word as i64) >> CAPACITY_SHIFT > index as i64
}

/// Whether a shape word is that of dictionary mode.
#[inline(always)]
pub fn is_dict(word: u64) -> bool {
    word & DICT_TAG != 0
}

/// The dict of a shape word of dictionary mode, uncounted. Only one that stays until the calling thread's next safepoint: it is
/// the thread's own, so nobody else ends it, or none that a count ends. And only an exact one.
///
/// # Safety
/// The word was read from an instance by the calling thread, since its last safepoint.
#[inline(always)]
pub unsafe fn dict_at_hand<'a>(word: u64) -> Option<&'a Dict> {
    if !is_dict(word) {
        return None;
    }
    // SAFETY: published when it came there, so its header is readable; alive by what is checked.
    unsafe {
        let header = &*((word & ADDRESS) as *const Header);
        let stays = header.counts().is_owned_by(thread::id()) || header.is_borrowable();
        (stays && std::ptr::eq(header.class(), &*core_types::DICT)).then(|| header.payload::<Dict>())
    }
}

/// The shape word of an instance with this shape and number of slots, as guards compare it.
#[inline(always)]
pub fn shape_word(shape: &Shape, slots: u32) -> u64 {
    shape as *const Shape as u64 | (slots as u64) << CAPACITY_SHIFT
}

/// Initialises the attribute part of a new instance.
///
/// # Safety
/// `at` has room for the word and `slots` slots.
#[inline(always)]
pub unsafe fn init(class: &Type, at: *mut u8, slots: u32) {
    // SAFETY: by the caller.
    unsafe {
        at.cast::<u64>().write(shape_word(Shape::root(class), slots));
        std::ptr::write_bytes(at.add(8).cast::<u64>(), 0, slots as usize);
    }
}

/// Drops what the attribute part holds.
///
/// # Safety
/// The object is ending; `at` is its attribute part.
#[inline(never)]
pub unsafe fn drop_slots(at: *mut u8) {
    // SAFETY: by the caller.
    unsafe {
        let word = at.cast::<u64>().read();
        let slots = ((word & !DICT_TAG) >> CAPACITY_SHIFT) as usize;
        if word & DICT_TAG != 0 {
            drop(Value::from_bits(word & ADDRESS));
        }
        for i in 0..slots {
            std::ptr::drop_in_place(at.add(8).cast::<Slot>().add(i));
        }
    }
}

/// The attribute part of an instance, if its type gives it one.
#[inline(always)]
pub fn attributes(header: &Header) -> Option<&Attributes> {
    let offset = header.class().inst_offset.load(Relaxed) as usize;
    // SAFETY: the class says that the part lies there.
    (offset != 0).then(|| unsafe { &*(header as *const Header).cast::<u8>().add(offset).cast::<Attributes>() })
}

impl Attributes {
    /// The shape word, for guards.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.word.get()
    }

    /// How many slots the instance has.
    #[inline(always)]
    pub fn capacity(&self) -> u32 {
        ((self.word() & !DICT_TAG) >> CAPACITY_SHIFT) as u32
    }

    /// The slot with this index.
    ///
    /// # Safety
    /// `index` is below `capacity()`.
    #[inline(always)]
    pub unsafe fn slot(&self, index: usize) -> &Slot {
        // SAFETY: slots follow the word.
        unsafe { &*(self as *const Attributes).add(1).cast::<Slot>().add(index) }
    }

    /// What the word says now.
    #[inline(always)]
    pub fn mode(&self) -> Mode {
        loop {
            let word = self.word();
            if word & DICT_TAG == 0 {
                // SAFETY: shapes live as long as the type of a living instance.
                return Mode::Shape(unsafe { &*((word & ADDRESS) as *const Shape) });
            }
            // SAFETY: read from the word by a pinned thread; the dict is published.
            if unsafe { Value::try_count(word & ADDRESS) } {
                // SAFETY: just counted.
                return Mode::Dict(unsafe { Value::from_bits(word & ADDRESS) });
            }
        }
    }

    /// The attribute with this interned name.
    #[inline]
    pub fn get(&self, name: &Value) -> Option<Value> {
        loop {
            let word = self.word();
            match self.mode() {
                Mode::Shape(shape) => {
                    let index = shape.slot_of(name)?;
                    if index >= self.capacity() {
                        return None;
                    }
                    // SAFETY: the instance has the slot.
                    match self.word.read(word, unsafe { self.slot(index as usize) }) {
                        Read::Found(v) => return Some(v),
                        Read::Absent => return None,
                        // Gone to dictionary mode meanwhile, or the attribute has come.
                        Read::Again => continue,
                    }
                }
                Mode::Dict(d) => return d.downcast::<Dict>()?.get_str(name),
            }
        }
    }

    /// Sets the attribute with this interned name.
    pub fn set(&self, t: &Thread, header: &Header, name: &Value, value: Value) {
        let old;
        // How many attributes there are, where one more has no slot.
        let mut too_many = None;
        {
            let guard = t.lock_for("stress: attribute set", header);
            match self.mode() {
                Mode::Shape(shape) => {
                    let room = self.capacity();
                    if let Some(index) = shape.slot_of(name).filter(|index| *index < room) {
                        // SAFETY: the instance has the slot.
                        let slot = unsafe { self.slot(index as usize) };
                        if slot.word() != 0 {
                            old = slot.swap(Some(value));
                            drop(guard);
                            drop(old);
                            return;
                        }
                    }
                    if !shape.has(name) && std::ptr::eq(shape.class(), header.class()) {
                        if let Some((next, index)) = shape.with(name, room) {
                            // SAFETY: the instance has the slot.
                            self.word.extend(unsafe { self.slot(index as usize) }, value, shape_word(next, room));
                            return;
                        }
                        too_many = Some(shape.count());
                    }
                }
                Mode::Dict(d) => {
                    drop(guard);
                    if let Some(d) = d.downcast::<Dict>() {
                        drop(d.set_str(name, value));
                    }
                    return;
                }
            }
        }
        if let Some(count) = too_many {
            // Instances made from now on have room for it.
            header.class().grow_inline_slots(self.capacity(), count);
        }
        let d = self.make_dict(t, header);
        if let Some(d) = d.downcast::<Dict>() {
            drop(d.set_str(name, value));
        }
    }

    /// Deletes the attribute with this interned name; false where it is absent.
    pub fn delete(&self, t: &Thread, header: &Header, name: &Value) -> bool {
        loop {
            let word = self.word();
            let Mode::Shape(shape) = self.mode() else { break };
            let Some(index) = shape.slot_of(name).filter(|index| *index < self.capacity()) else { return false };
            let guard = t.lock_for("stress: attribute delete", header);
            if self.word() != word {
                continue;
            }
            // SAFETY: the instance has the slot.
            let old = unsafe { self.slot(index as usize) }.take();
            drop(guard);
            return old.is_some();
        }
        let d = self.make_dict(t, header);
        match d.downcast::<Dict>().map(|d| d.remove(t, name)) {
            Some(Ok(removed)) => removed.is_some(),
            _ => false,
        }
    }

    /// The instance's `__dict__`: goes to dictionary mode if it is not there yet.
    pub fn make_dict(&self, t: &Thread, header: &Header) -> Value {
        let (expected, mut names) = match self.mode() {
            Mode::Dict(d) => return d,
            Mode::Shape(shape) => (shape, shape.names()),
        };
        // Filled before the lock is taken again below only if nobody was faster, so build under the lock: a fresh dict of
        // str keys runs no Python code and drops nothing.
        let d = dict::with_room(names.len());
        let mut old = Vec::new();
        {
            let _guard = t.lock_for("stress: attributes go to a dict", header);
            if let Mode::Shape(shape) = self.mode() {
                if !std::ptr::eq(shape, expected) {
                    names = shape.names();
                }
                for (name, index) in &names {
                    // SAFETY: the instance has the slots that its shape names.
                    if let (Some(v), Some(d)) = (unsafe { self.slot(*index as usize) }.load(), d.downcast::<Dict>()) {
                        d.init_str(t, name, v);
                    }
                }
                d.publish();
                let capacity = (self.capacity() as u64) << CAPACITY_SHIFT;
                // SAFETY: as above.
                let slots = names.iter().map(|(_, index)| unsafe { self.slot(*index as usize) });
                old = self.word.move_out(d.clone().into_bits() | DICT_TAG | capacity, slots);
            }
        }
        drop(old);
        match self.mode() {
            Mode::Dict(d) => d,
            Mode::Shape(_) => d,
        }
    }

    /// Assigns `__dict__`.
    pub fn set_dict(&self, t: &Thread, header: &Header, d: Value) {
        drop(self.make_dict(t, header));
        d.publish();
        let old = {
            let _guard = t.lock_for("stress: attributes go to a dict", header);
            let capacity = (self.capacity() as u64) << CAPACITY_SHIFT;
            self.word.swap(d.into_bits() | DICT_TAG | capacity)
        };
        // SAFETY: the word's own reference to the dict it held.
        drop(unsafe { Value::from_bits(old & ADDRESS) });
    }

    /// Makes the instance one of `class`, whose layout agrees (see `types/type_/layout`). An instance with a dict goes to
    /// dictionary mode, because shapes belong to one class.
    pub fn set_class(&self, t: &Thread, header: &Header, class: &Type) {
        let keep = class.has_flag(super::type_object::flag::HAS_DICT).then(|| self.make_dict(t, header));
        {
            let _guard = t.lock(header);
            if self.word() & DICT_TAG == 0 {
                self.word.set(shape_word(Shape::root(class), self.capacity()));
            }
            header.set_class(class);
        }
        drop(keep);
    }

    /// Names and values at this moment, in order of insertion.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        loop {
            let word = self.word();
            match self.mode() {
                Mode::Dict(d) => return d.downcast::<Dict>().map(Dict::entries).unwrap_or_default(),
                Mode::Shape(shape) => {
                    let names = shape.names();
                    let entry = |(name, index): (Value, u32)| {
                        // SAFETY: the instance has the slots that its shape names.
                        Some((name, unsafe { self.slot(index as usize) }.load()?))
                    };
                    let entries: Vec<_> = names.into_iter().filter_map(entry).collect();
                    // An attribute is missing that was deleted, or has gone to a dict with the others.
                    if self.word() == word {
                        return entries;
                    }
                }
            }
        }
    }

    /// Visits the words of what the attribute part holds, 0 among them; the world is stopped.
    #[inline(always)]
    pub fn trace_words(&self, mut visit: impl FnMut(u64)) {
        let word = self.word();
        if word & DICT_TAG != 0 {
            visit(word & ADDRESS);
        }
        for i in 0..self.capacity() as usize {
            // SAFETY: the instance has that many slots.
            visit(unsafe { self.slot(i) }.word());
        }
    }

    /// Visits what the attribute part holds; the world is stopped.
    pub fn trace(&self, visit: Visit) {
        self.trace_words(|word| {
            if word != 0 {
                // SAFETY: a reference to something living.
                visit(unsafe { Value::from_ref(&word) });
            }
        });
    }

    /// Gives up all attributes, to break a garbage cycle.
    pub fn clear(&self) {
        match self.mode() {
            Mode::Shape(shape) => {
                // An emptied slot under a shape reads as "gone to dictionary mode", so the word is moved first.
                self.word.set(shape_word(Shape::root(shape.class()), self.capacity()));
            }
            // A dict is not emptied for its instance: if only garbage refers to it, it is garbage and is cleared as such. One
            // with attributes of its own may be its own instance's, though, or that of another in a ring of such.
            Mode::Dict(d) => {
                if !d.is_exact(&core_types::DICT) {
                    let fresh = dict::new();
                    fresh.publish();
                    let capacity = (self.capacity() as u64) << CAPACITY_SHIFT;
                    let old = self.word.swap(fresh.into_bits() | DICT_TAG | capacity);
                    // SAFETY: the word's own reference to the dict it held.
                    drop(unsafe { Value::from_bits(old & ADDRESS) });
                }
            }
        }
        for i in 0..self.capacity() as usize {
            // SAFETY: as in `trace`.
            drop(unsafe { self.slot(i) }.take());
        }
    }
}
