//! Filling the slots of a class from its special methods, and keeping them true when attributes change.
//!
//! A slot of a class is a native function when every special method that decides about it resolves (by the method
//! resolution order) to the wrapper of one native slot of a base; otherwise it is the generic function of `dispatch`.
//!
//! Rules for threads:
//! 1. Attributes are ordinary entries of the class's `Dict`: readers take no lock, writers the dict's.
//! 2. A writer first voids the versions of the class and of all its subclasses and keeps new ones from being given out, then
//!    stores the entry, then lets versions be given out again (voiding those of subclasses that were made meanwhile), then
//!    (for a special method) computes the slots anew, and only then drops the old value: whoever finds a version unchanged
//!    may use what it remembered under it until its next safepoint. As nothing is remembered during the store, who finds an
//!    old value in a cache does so before anybody can have seen the new one.
//! 3. Bases, method resolution orders, the lists of subclasses and slots of heap classes change under one mutex: class
//!    statements and assignments of special methods are rare, and nothing is called or dropped under it. It is no object's
//!    lock, because its holder takes those of the lists of subclasses: it may then be stopped with the mutex held, and
//!    whoever waits for it is detached.

use super::dispatch::GENERIC;
use super::specials;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::names;
use crate::object::native;
use crate::object::slots::SlotId;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type, flag};
use crate::object::value::Value;
use crate::sync::shim::Mutex;
use crate::sync::shim::weakened;
use crate::types::weakref_;
use crate::types::wrapper::WrapperDescriptor;

/// Values to be dropped after the type lock is released.
pub type Later = Vec<Value>;

/// Runs `f` under the type lock; what it puts aside is dropped after.
pub fn with_type_lock<R>(t: &Thread, f: impl FnOnce(&mut Later) -> R) -> R {
    static TYPE_LOCK: Mutex<()> = Mutex::new(());
    let mut later = Vec::new();
    let result = {
        let _guard = (!weakened("stress: class changes")).then(|| t.lock_attached(&TYPE_LOCK));
        f(&mut later)
    };
    drop(later);
    result
}

/// Whether `found` is the wrapper of the native slot `id` of `owner`.
pub fn is_wrapper_of(found: &Value, owner: &'static StaticType, id: SlotId) -> bool {
    match found.downcast_exact::<WrapperDescriptor>() {
        Some(w) => {
            w.special.slot == id
                && w.owner().is_some_and(|o| o.downcast::<Type>().is_some_and(|o| std::ptr::eq(o, &**owner)))
        }
        None => false,
    }
}

/// Computes one slot of a class. Under the type lock.
pub fn update_slot(class: &Type, id: SlotId, later: &mut Later) {
    // The native slot that all wrappers found so far agree on.
    let mut native: Option<Value> = None;
    let mut generic = false;
    let mut found_any = false;
    for name in specials::names_of(id) {
        let Some(found) = attribute::lookup_uncached(class, &names::intern(name)) else { continue };
        if let Some(w) = found.downcast_exact::<WrapperDescriptor>() {
            if w.special.slot != id {
                // `list.__add__` stands for `concat`, not for `add`; but `__str__ = int.__repr__` is a method like any,
                // and so is the `__add__` of a type that is no base.
                let owner = w.owner();
                let of_base = owner.as_ref().and_then(Value::downcast::<Type>).is_some_and(|o| class.is_subtype(o));
                later.extend(owner);
                if w.special.name != *name || !of_base {
                    found_any = true;
                    generic = true;
                }
                later.push(found);
                continue;
            }
            found_any = true;
            match w.owner() {
                Some(owner) if owner.downcast::<Type>().is_some_and(|o| class.is_subtype(o)) => match &native {
                    None => native = Some(owner),
                    Some(first) => {
                        let same = match (first.downcast::<Type>(), owner.downcast::<Type>()) {
                            (Some(a), Some(b)) => a.slots.same(id, &b.slots),
                            _ => false,
                        };
                        generic |= !same;
                        later.push(owner);
                    }
                },
                _ => generic = true,
            }
        } else if id == SlotId::new && is_native_new(&found) {
            found_any = true;
            native = class.base.load();
        } else if found.is_none() && id == SlotId::hash {
            // Not hashable: the slot stays empty.
        } else {
            found_any = true;
            generic = true;
        }
        later.push(found);
    }
    match &native {
        #[allow(clippy::borrow_interior_mutable_const, reason = "only read")]
        _ if !found_any => class.slots.copy(id, &crate::object::slots::Slots::EMPTY),
        Some(owner) if !generic => {
            if let Some(owner) = owner.downcast::<Type>() {
                class.slots.copy(id, &owner.slots);
            }
        }
        _ => class.slots.copy(id, &GENERIC),
    }
    later.extend(native);
    match id {
        SlotId::getattro => mark(class, flag::PLAIN_GETATTR, class.slots.same(id, &core_types::OBJECT.slots)),
        SlotId::setattro => mark(class, flag::PLAIN_SETATTR, class.slots.same(id, &core_types::OBJECT.slots)),
        _ => {}
    }
}

fn mark(class: &Type, bits: u64, on: bool) {
    if on { class.set_flag(bits) } else { class.clear_flag(bits) }
}

/// Whether a value is the `__new__` of a native type.
pub fn is_native_new(v: &Value) -> bool {
    native::of(v).is_some_and(|f| std::ptr::eq(f.method, &super::call::NATIVE_NEW))
}

/// Fills all slots of a class. Under the type lock. Where `simple`, the class has one base, whose method resolution order
/// it extends: then only the special methods of its own differ.
pub fn fill_slots(class: &Type, base: &Type, simple: bool, later: &mut Later) {
    for &id in SlotId::ALL {
        class.slots.copy(id, &base.slots);
    }
    for bits in [flag::PLAIN_GETATTR, flag::PLAIN_SETATTR] {
        mark(class, bits, base.has_flag(bits));
    }
    if !simple {
        for &id in SlotId::ALL.iter().filter(|id| !specials::names_of(**id).is_empty()) {
            update_slot(class, id, later);
        }
        return;
    }
    let Some(dict) = class.dict.load() else { return };
    if let Some(entries) = dict.downcast::<Dict>() {
        let mut position = 0;
        while let Some((name, value)) = entries.next(&mut position) {
            for &id in specials::slots_of(&crate::object::str::lossy(&name)) {
                update_slot(class, id, later);
            }
            later.push(name);
            later.push(value);
        }
    }
    later.push(dict);
}

/// The living direct subclasses, in order of creation.
pub fn subclasses(class: &Type) -> Vec<Value> {
    let Some(registry) = class.subclasses.load() else { return Vec::new() };
    let Some(dict) = registry.downcast::<Dict>() else { return Vec::new() };
    dict.entries().iter().filter_map(|(_, reference)| weakref_::target(reference)).collect()
}

/// Calls `f` for a class and, as long as it answers true, its subclasses, each after its bases.
pub fn walk(class: &Type, later: &mut Later, f: &mut dyn FnMut(&Type, &mut Later) -> bool) {
    if !f(class, later) {
        return;
    }
    if class.subclasses.is_empty() {
        return;
    }
    for subclass in subclasses(class) {
        if let Some(subclass) = subclass.downcast::<Type>() {
            walk(subclass, later, f);
        }
        later.push(subclass);
    }
}

/// Voids what caches know of a class and its subclasses.
pub fn bump_versions(class: &Type) {
    let mut later = Vec::new();
    walk(class, &mut later, &mut |class, _| {
        class.bump_version();
        true
    });
}

/// Stores (or for `None` deletes) an entry of a class's dict and does what rule 2 asks. False: there was nothing to
/// delete. `name` is interned.
pub fn store_attribute(t: &Thread, class: &Type, name: &Value, value: Option<Value>) -> bool {
    let Some(dict) = class.dict.load() else { return false };
    let Some(entries) = dict.downcast::<Dict>() else { return false };
    let mut affected = Vec::new();
    let mut later = Vec::new();
    walk(class, &mut later, &mut |class, _| {
        class.begin_change();
        affected.push(class.to_value());
        true
    });
    let old = match value {
        Some(value) => Ok(entries.set_str(name, value)),
        None => match entries.remove(t, name) {
            Ok(Some(old)) => Ok(Some(old)),
            _ => Err(()),
        },
    };
    bump_versions(class);
    for class in &affected {
        if let Some(class) = class.downcast::<Type>() {
            class.end_change();
        }
    }
    drop(affected);
    let Ok(old) = old else { return false };
    let text = crate::object::str::lossy(name);
    let slots = specials::slots_of(&text);
    if !slots.is_empty() {
        with_type_lock(t, |later| {
            walk(class, later, &mut |c, later| {
                // A subclass with an entry of its own is not affected, nor are its subclasses.
                if !std::ptr::eq(c, class)
                    && let Some(dict) = c.dict.load()
                {
                    let own = dict.downcast::<Dict>().and_then(|d| d.get_str(name));
                    later.push(dict);
                    if let Some(own) = own {
                        later.push(own);
                        return false;
                    }
                }
                slots.iter().for_each(|&id| update_slot(c, id, later));
                true
            });
        });
        // Slots are part of what a version vouches for.
        bump_versions(class);
    }
    drop(old);
    true
}

/// Enters a class into the list of subclasses of each base. Under the type lock. `reference` is a weak reference to it.
pub fn register(class: &Type, bases: &[Value], reference: &Value, later: &mut Later) {
    for base in bases.iter().filter_map(Value::downcast::<Type>) {
        let registry = base.subclasses.load().unwrap_or_else(|| {
            let fresh = crate::object::dict::new();
            base.subclasses.init(fresh.clone());
            fresh
        });
        if let Some(dict) = registry.downcast::<Dict>() {
            let id = class.as_value().id();
            // The key is an immediate int: it is found by identity, without calling anything.
            if let Ok(Some(old)) =
                dict.set_hashed(Thread::current(), Value::uint(id), (id >> 4) as i64, reference.clone())
            {
                later.push(old);
            }
        }
        later.push(registry);
    }
}

/// Takes a class out of the list of subclasses of each base. Under the type lock.
pub fn unregister(t: &Thread, class: &Type, bases: &[Value], later: &mut Later) {
    for base in bases.iter().filter_map(Value::downcast::<Type>) {
        let Some(registry) = base.subclasses.load() else { continue };
        if let Some(dict) = registry.downcast::<Dict>() {
            let id = class.as_value().id();
            if let Ok(Some(old)) = dict.set_hashed(t, Value::uint(id), (id >> 4) as i64, Value::NONE) {
                later.push(old);
            }
        }
        later.push(registry);
    }
}

/// The method resolution order as classes.
pub fn mro_of(class: &Type) -> Value {
    class.mro.load().unwrap_or_else(names::empty_tuple)
}
