//! Attributes of instances, classes and modules.
//!
//! Guards: a type's version names the type and the state of its attributes, of its bases too (`type_object`, rule 2): while
//! it is the same, what was found on the type is what would be found. A shape word names the class, and the places of an
//! instance's own attributes.

use crate::interp::quicken::Cache;
use crate::interp::stack::{self, Word, header};
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::header::{Header, flag};
use crate::object::instance;
use crate::object::thread::{self, Thread};
use crate::object::type_object::Type;
use crate::object::value::{Slot, Value};
use crate::sync::dict_table::Place;
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use crate::sync::slot::Counted;
use crate::types::classmethod::ClassMethod;
use crate::types::module_::Module;
use crate::types::staticmethod::StaticMethod;
use std::num::NonZero;

/// Where in an instance shape word and slot lie, packed for `Cache::value`.
pub fn pack(shape_offset: usize, slot_offset: usize) -> u64 {
    (shape_offset as u64) << 32 | slot_offset as u64
}

/// The slot that a cache names, if the class is that of the guard and the instance has the slot.
///
/// # Safety
/// `header` is a living object's; `cache.value` was packed for instances of the class that `version` names.
#[inline(always)]
unsafe fn slot_in<'a>(header: &'a Header, cache: &Cache) -> Option<&'a Slot> {
    if header.class().version() != cache.version {
        return None;
    }
    let start = std::ptr::from_ref(header).cast::<u8>();
    // SAFETY: the version says that it is the class for which the offsets were computed.
    unsafe {
        let shape = &*start.add((cache.value >> 32) as usize).cast::<AtomicU64>();
        // Acquire: who sees that the instance has gone to a dict, and read that dict, does not see what the slot held before.
        if !instance::has_slot(shape.load(Acquire), cache.guard) {
            return None;
        }
        Some(&*start.add(cache.value as u32 as usize).cast::<Slot>())
    }
}

/// The shape word and slot that a cache names, if class and shape are those of the guards.
///
/// # Safety
/// `header` is a living object's; `cache.value` was packed for instances of the class that `version` names.
#[inline(always)]
unsafe fn guarded<'a>(header: &'a Header, cache: &Cache) -> Option<(&'a AtomicU64, &'a Slot)> {
    if header.class().version() != cache.version {
        return None;
    }
    let start = std::ptr::from_ref(header).cast::<u8>();
    // SAFETY: the version says that it is the class for which the offsets were computed.
    unsafe {
        let shape = &*start.add((cache.value >> 32) as usize).cast::<AtomicU64>();
        // Acquire: pairs with the Release that publishes a shape, after its slots.
        if shape.load(Acquire) != cache.guard {
            return None;
        }
        Some((shape, &*start.add(cache.value as u32 as usize).cast::<Slot>()))
    }
}

/// `LOAD_ATTR_SLOT`, `LOAD_METHOD_SLOT`. Cache: `version` of the class, `guard` the slot's index, `value` the places.
///
/// # Safety
/// `w` is a bound word; the cache was filled for this instruction.
#[inline(always)]
pub unsafe fn slot(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe {
        let slot = slot_in(header(w)?, cache)?;
        // An empty slot: an unbound member, or an attribute that the instance lacks.
        stack::from_slot(slot.word())
    }
}

/// The dict with the attributes of an instance of the class that a cache names, if it has one that can be read uncounted.
///
/// # Safety
/// As `slot`; the upper half of `cache.value` is the place of the shape word.
#[inline(always)]
unsafe fn dict_in<'a>(header: &'a Header, cache: &Cache) -> Option<&'a Dict> {
    if header.class().version() != cache.version {
        return None;
    }
    let start = std::ptr::from_ref(header).cast::<u8>();
    // SAFETY: as in `slot_in`.
    unsafe {
        let shape = &*start.add((cache.value >> 32) as usize).cast::<AtomicU64>();
        instance::dict_at_hand(shape.load(Acquire))
    }
}

/// `LOAD_ATTR_DICT`. Cache: `version` of the class, which has no data descriptor of the name; `guard` the name; `value` the place
/// of the shape word, and a guess where in the dict the name is.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn in_dict(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe { stack::from_slot(dict_in(header(w)?, cache)?.word_of(cache.guard, cache.value as u32)?) }
}

/// The same where the guess was wrong; it is corrected.
///
/// # Safety
/// As `slot`.
pub unsafe fn elsewhere_in_dict(t: &Thread, w: Word, cache: &mut Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; names are immortal.
    unsafe {
        let offset = dict_in(header(w)?, cache)?.offset_of_str(t, Value::from_ref(&cache.guard))?;
        cache.value = cache.value >> 32 << 32 | u64::from(offset);
        in_dict(w, cache)
    }
}

/// `LOAD_ATTR_CLASS`, `LOAD_METHOD_CLASS`, `LOAD_METHOD_PLAIN`: what the class has, where the instance has nothing of its
/// own. Cache: `version` of the class, none of whose instances has such an attribute in a slot; `more` the place of the
/// shape word, or 0 where instances have no attributes that could come first; `value` the word found; `guard` the name.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_class(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; the version found unchanged vouches for the value until this thread's next safepoint.
    unsafe { if is_of_class(w, cache) { stack::from_slot(cache.value) } else { None } }
}

/// Whether the guards of `of_class` hold.
///
/// # Safety
/// As `slot`.
#[inline(always)]
unsafe fn is_of_class(w: Word, cache: &Cache) -> bool {
    // SAFETY: by the caller.
    unsafe {
        let Some(header) = header(w) else { return false };
        if header.class().version() != cache.version {
            return false;
        }
        if cache.more == 0 {
            return true;
        }
        let start = std::ptr::from_ref(header).cast::<u8>();
        // SAFETY: as in `slot_in`.
        let shape = &*start.add(cache.more as usize).cast::<AtomicU64>();
        !instance::is_dict(shape.load(Acquire))
    }
}

/// The same where the instance has a dict, which may have the name.
///
/// # Safety
/// As `slot`.
pub unsafe fn of_class_beside_dict(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; `more` is a place in instances of the class, and names are immortal.
    unsafe {
        let header = header(w)?;
        if header.class().version() != cache.version || cache.more == 0 {
            return None;
        }
        let shape = &*std::ptr::from_ref(header).cast::<u8>().add(cache.more as usize).cast::<AtomicU64>();
        match instance::dict_at_hand(shape.load(Acquire))?.get_str(Value::from_ref(&cache.guard)) {
            Some(_) => None,
            // SAFETY: as in `of_class`.
            None => stack::from_slot(cache.value),
        }
    }
}

/// `LOAD_METHOD_STATICMETHOD_OBJECT`: what the staticmethod wraps. Cache: as `of_class`, of the staticmethod.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_staticmethod_by_object(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; as in `of_class`.
    unsafe {
        let wrapped = || (*(cache.value as *const Header)).payload::<StaticMethod>().callable.word();
        if is_of_class(w, cache) { stack::from_slot(wrapped()) } else { None }
    }
}

/// `LOAD_ATTR_TYPE`, `LOAD_METHOD_TYPE`. Cache: `version` of the class, `guard` that of its metaclass, `value` the word found.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_type(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; as in `of_class`.
    unsafe { if is_of_type(w, cache) { stack::from_slot(cache.value) } else { None } }
}

/// Whether the guards of `of_type` hold.
///
/// # Safety
/// As `slot`.
#[inline(always)]
unsafe fn is_of_type(w: Word, cache: &Cache) -> bool {
    // SAFETY: by the caller; an instance of the metaclass that the guard names is a type.
    unsafe {
        let Some(header) = header(w) else { return false };
        u64::from(header.class().version()) == cache.guard && header.payload::<Type>().version() == cache.version
    }
}

/// `LOAD_METHOD_CLASSMETHOD`: what the classmethod wraps, which is called with the class. Cache: as `of_type`.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_classmethod(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; the versions vouch for the classmethod until the next safepoint.
    unsafe {
        let wrapped = || (*(cache.value as *const Header)).payload::<ClassMethod>().callable.word();
        if is_of_type(w, cache) { stack::from_slot(wrapped()) } else { None }
    }
}

/// `LOAD_METHOD_STATICMETHOD`: what the staticmethod wraps. Cache: as `of_type`.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_staticmethod(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: as in `of_classmethod`.
    unsafe {
        let wrapped = || (*(cache.value as *const Header)).payload::<StaticMethod>().callable.word();
        if is_of_type(w, cache) { stack::from_slot(wrapped()) } else { None }
    }
}

/// `LOAD_ATTR_MODULE`, `LOAD_METHOD_MODULE`. Cache: `guard` and `version` are the place in the module's dict.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_module(w: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe {
        let header = header(w)?;
        if !std::ptr::eq(header.class(), &*core_types::MODULE) {
            return None;
        }
        let dict = header.payload::<Module>().dict_word();
        if dict == 0 {
            return None;
        }
        // SAFETY: a module's dict is a dict, lives as long as the module, and is never replaced.
        let dict = (*(dict as *const Header)).payload::<Dict>();
        let word = dict.word_at(Place { table: cache.guard, offset: cache.version })?;
        stack::from_slot(word)
    }
}

/// Whether no other thread can have the object: nobody else made it, and it was never put where others could find it.
#[inline(always)]
pub fn is_private(t: &Thread, header: &Header) -> bool {
    (header.counts().is_owned_by(t.id) && !header.has_flag(flag::PUBLISHED)) || !thread::multi()
}

/// `STORE_ATTR_SLOT` where no other thread can have the object: the old value's word, to be released after the operands are
/// off the stack. Cache: as `slot`. None may also mean that `store_slot` is to be asked.
///
/// # Safety
/// As `slot`; on success the reference in `value` has moved into the slot.
#[inline(always)]
pub unsafe fn store_slot_private(t: &Thread, w: Word, value: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe {
        let header = header(w)?;
        let slot = slot_in(header, cache)?;
        let old = NonZero::new(slot.word())?;
        if !is_private(t, header) {
            return None;
        }
        let value = stack::take(value);
        value.publish();
        // The reference in the slot moves to the caller.
        slot.put_word(value.into_bits());
        Some(old)
    }
}

/// `STORE_ATTR_SLOT`, likewise, under the object's lock.
///
/// # Safety
/// As `store_slot_private`.
#[inline(always)]
pub unsafe fn store_slot(t: &Thread, w: Word, value: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe {
        let header = header(w)?;
        if slot_in(header, cache)?.word() == 0 {
            return None;
        }
        let _lock = t.lock_for("stress: attribute set", header);
        // Under the lock it stays so.
        let slot = slot_in(header, cache)?;
        let old = NonZero::new(slot.own_word())?;
        let value = stack::take(value);
        value.publish();
        slot.put_word(value.into_bits());
        Some(old)
    }
}

/// `STORE_ATTR_ADD` where no other thread can have the object. Cache: as `slot`, but `guard` the shape word before, and
/// `more` the one after. None may also mean that `store_add` is to be asked.
///
/// # Safety
/// As `store_slot_private`.
#[inline(always)]
pub unsafe fn store_add_private(t: &Thread, w: Word, value: Word, cache: &Cache) -> Option<()> {
    // SAFETY: by the caller.
    unsafe {
        let header = header(w)?;
        let (shape, slot) = guarded(header, cache)?;
        if !is_private(t, header) {
            return None;
        }
        slot.init(stack::take(value));
        // Release: pairs with the Acquire in `guarded` and in `Attributes::word`; the slot is filled.
        shape.store(cache.more, Release);
        Some(())
    }
}

/// `STORE_ATTR_ADD`, likewise, under the object's lock.
///
/// # Safety
/// As `store_slot_private`.
#[inline(always)]
pub unsafe fn store_add(t: &Thread, w: Word, value: Word, cache: &Cache) -> Option<()> {
    // SAFETY: by the caller.
    unsafe {
        let header = header(w)?;
        let _lock = t.lock_for("stress: attribute set", header);
        let (shape, slot) = guarded(header, cache)?;
        slot.init(stack::take(value));
        shape.store(cache.more, Release);
        Some(())
    }
}

/// `LOAD_SUPER_METHOD_CACHED`, of [super, class, self]: the method. Cache: `version` of self's class, `guard` that of the class
/// named, `value` the word of the method.
///
/// # Safety
/// As `slot`.
#[inline(always)]
pub unsafe fn of_super(sup: Word, class: Word, this: Word, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller.
    unsafe {
        if stack::clean(sup) != core_types::SUPER.as_value().bits() || header(this)?.class().version() != cache.version
        {
            return None;
        }
        let class = stack::view(class);
        let start = class.downcast::<Type>()?;
        if u64::from(start.version()) != cache.guard {
            return None;
        }
        // SAFETY: as in `of_class`.
        stack::from_slot(cache.value)
    }
}
