//! Attributes and methods.

use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast::{self};
use crate::interp::ops::attributes;
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self, Word};
use crate::object::protocol;
use crate::object::raise;
use crate::object::slots::DescrGet;
use crate::object::table::Getter;
use crate::object::value::Value;
use std::num::NonZero;

/// Puts what was found in place of the object.
#[inline(always)]
fn replaced(r: &mut Registers, object: Word, found: NonZero<Word>) -> Next {
    r.put(1, found.get());
    Ok(Flow::Release(object))
}

/// The same for a call: there is nothing to bind.
#[inline(always)]
fn unbound(r: &mut Registers, object: Word, found: NonZero<Word>) -> Next {
    r.put(1, found.get());
    r.push(0);
    Ok(Flow::Release(object))
}

/// Puts a method below its object.
#[inline(always)]
fn bound(r: &mut Registers, object: Word, method: NonZero<Word>) -> Next {
    r.put(1, method.get());
    r.push(object);
    Ok(Flow::Next)
}

/// Declares a load by the cache's two entries; the second, and the generic form, are tried out of line.
macro_rules! cached_load {
    ($(#[$doc:meta])* $name:ident, $at:ident: $find:ident, $end:ident, $generic:ident, $beside:ident) => {
        cached_load!($(#[$doc])* $name, $at: $find, $end, rest_outside!($beside));

        /// The same of instances with a dict.
        fn $beside(r: &mut Registers) -> Next {
            r.save();
            let w = r.peek(1);
            for entry in r.entries() {
                // SAFETY: see `Registers`; the word is bound.
                if let Some(found) = unsafe { fast::attributes::of_class_beside_dict(w, entry) } {
                    r.skip_word();
                    return $end(r, w, found);
                }
            }
            Ok(Flow::As(Op::$generic))
        }
    };
    ($(#[$doc:meta])* $name:ident, $at:ident: $find:ident, $end:ident, $generic:ident) => {
        cached_load!($(#[$doc])* $name, $at: $find, $end, Ok(Flow::As(Op::$generic)));
    };
    ($(#[$doc:meta])* $name:ident, $at:ident: $find:ident, $end:ident, $last:expr) => {
        $(#[$doc])*
        #[inline(always)]
        pub fn $name(r: &mut Registers) -> Next {
            $at::<0>(r)
        }

        #[inline(always)]
        fn $at<const ENTRY: usize>(r: &mut Registers) -> Next {
            let w = r.peek(1);
            // SAFETY: see `Registers`; the word is bound.
            match unsafe { fast::attributes::$find(w, &r.entries()[ENTRY]) } {
                Some(found) => {
                    r.skip_word();
                    $end(r, w, found)
                }
                None if ENTRY == 0 => rest!($at::<1>),
                None => $last,
            }
        }
    };
}

cached_load!(
    /// `LOAD_ATTR_SLOT`.
    load_attr_slot, load_attr_slot_at: slot, replaced, LOAD_ATTR
);
/// `LOAD_ATTR_DICT`.
#[inline(always)]
pub fn load_attr_dict(r: &mut Registers) -> Next {
    let w = r.peek(1);
    // SAFETY: see `Registers`; the word is bound.
    match unsafe { fast::attributes::in_dict(w, r.cache()) } {
        Some(found) => {
            r.skip_word();
            replaced(r, w, found)
        }
        None => rest_outside!(load_attr_dict_elsewhere),
    }
}

/// The same by either entry, in dicts that have the name elsewhere.
fn load_attr_dict_elsewhere(r: &mut Registers) -> Next {
    r.save();
    let (t, w) = (r.t, r.peek(1));
    for entry in r.entries_to_learn() {
        // SAFETY: see `Registers`; the word is bound.
        if let Some(found) = unsafe { fast::attributes::elsewhere_in_dict(t, w, entry) } {
            r.skip_word();
            return replaced(r, w, found);
        }
    }
    Ok(Flow::As(Op::LOAD_ATTR))
}

cached_load!(
    /// `LOAD_ATTR_CLASS`.
    load_attr_class, load_attr_class_at: of_class, replaced, LOAD_ATTR, load_attr_class_beside_dict
);
cached_load!(
    /// `LOAD_ATTR_MODULE`.
    load_attr_module, load_attr_module_at: of_module, replaced, LOAD_ATTR
);
cached_load!(
    /// `LOAD_ATTR_TYPE`.
    load_attr_type, load_attr_type_at: of_type, replaced, LOAD_ATTR
);
cached_load!(
    /// `LOAD_METHOD_CLASS`.
    load_method_class, load_method_class_at: of_class, bound, LOAD_METHOD, load_method_class_beside_dict
);
cached_load!(
    /// `LOAD_METHOD_SLOT`.
    load_method_slot, load_method_slot_at: slot, unbound, LOAD_METHOD
);
cached_load!(
    /// `LOAD_METHOD_PLAIN`.
    load_method_plain, load_method_plain_at: of_class, unbound, LOAD_METHOD, load_method_plain_beside_dict
);
cached_load!(
    /// `LOAD_METHOD_MODULE`.
    load_method_module, load_method_module_at: of_module, unbound, LOAD_METHOD
);
cached_load!(
    /// `LOAD_METHOD_TYPE`.
    load_method_type, load_method_type_at: of_type, unbound, LOAD_METHOD
);

cached_load!(
    /// `LOAD_METHOD_CLASSMETHOD`.
    load_method_classmethod, load_method_classmethod_at: of_classmethod, bound, LOAD_METHOD
);

cached_load!(
    /// `LOAD_METHOD_STATICMETHOD`.
    load_method_staticmethod, load_method_staticmethod_at: of_staticmethod, unbound, LOAD_METHOD
);

cached_load!(
    /// `LOAD_METHOD_STATICMETHOD_OBJECT`.
    load_method_staticmethod_object, load_method_staticmethod_object_at: of_staticmethod_by_object, unbound, LOAD_METHOD
);

/// `LOAD_ATTR`.
#[inline(always)]
pub fn load_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::load_attr(t, site, r.peek(1), r.name(arg), false));
    unary!(r, |object| protocol::get_attr(t, object, r.name(arg)));
    Ok(Flow::Next)
}

/// `LOAD_ATTR_GETTER`. Cache: `version` of the class, `value` the function.
#[inline(always)]
pub fn load_attr_getter(r: &mut Registers) -> Next {
    let (object, cache) = (r.peek(1), r.cache());
    // SAFETY: see `Registers`: the word is bound; the cache was filled for this class.
    let get = unsafe {
        if stack::header(object).is_none_or(|header| header.class().version() != cache.version) {
            return Ok(Flow::As(Op::LOAD_ATTR));
        }
        std::mem::transmute::<usize, Getter>(cache.value as usize)
    };
    r.skip_word();
    r.save();
    let found = get(r.t, &stack::view(object))?;
    r.put(1, found.into_bits());
    Ok(Flow::Release(object))
}

/// `LOAD_ATTR_DESCRIPTOR`. Cache: `version` of the class, `value` the descriptor, `more` the function in its slot `descr_get`.
#[inline(always)]
pub fn load_attr_descriptor(r: &mut Registers) -> Next {
    let (object, cache) = (r.peek(1), r.cache());
    // SAFETY: see `Registers`: the word is bound; the cache was filled for this class, whose version vouches for the descriptor
    // until the next safepoint. What runs may take it from the class, so it is counted.
    let (descriptor, get) = unsafe {
        let found = match stack::header(object) {
            Some(header) if header.class().version() == cache.version => stack::from_slot(cache.value),
            _ => None,
        };
        let Some(descriptor) = found else { return Ok(Flow::As(Op::LOAD_ATTR)) };
        (descriptor.get(), std::mem::transmute::<usize, DescrGet>(cache.more as usize))
    };
    r.skip_word();
    r.save();
    let seen = stack::view(object);
    let found = get(r.t, &stack::view(descriptor), Some(&seen), &seen.class().as_value());
    // SAFETY: counted above.
    unsafe { stack::release(descriptor) };
    match found {
        Ok(found) => r.put(1, found.into_bits()),
        Err(raised) => return Err(raise::name_attribute(r.t, raised, &seen, r.name(r.arg()))),
    }
    Ok(Flow::Release(object))
}

/// `LOAD_ATTR_PROPERTY`.
#[inline(always)]
pub fn load_attr_property(r: &mut Registers) -> Next {
    let t = r.t;
    enter!(r, fast::calls::property(t, r.frame, r.sp, r.cache()), LOAD_ATTR);
    Ok(Flow::Next)
}

/// `LOAD_FAST_LOAD_ATTR`.
#[inline(always)]
pub fn load_fast_load_attr(r: &mut Registers) -> Next {
    let w = r.local(r.arg());
    // The form is chosen where LOAD_ATTR follows.
    let next = r.next_word();
    if next as u8 != Op::LOAD_ATTR_SLOT as u8 {
        r.push(stack::borrow(w));
        return Ok(Flow::Next);
    }
    r.skip_word();
    // SAFETY: see `Registers`.
    match unsafe { fast::attributes::slot(w, r.cache()) } {
        Some(found) => {
            r.push(found.get());
            r.skip_word();
            Ok(Flow::Next)
        }
        None => {
            // The second instruction does what is left.
            r.push(stack::borrow(w));
            r.word = next;
            rest!(load_attr_slot_at::<1>)
        }
    }
}

/// `LOAD_METHOD`.
#[inline(always)]
pub fn load_method(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::load_attr(t, site, r.peek(1), r.name(arg), true));
    r.save();
    let w = r.peek(1);
    let (callable, bind) = attributes::load_method(t, &stack::view(w), r.name(arg))?;
    r.put(1, callable.into_bits());
    if bind {
        r.push(w);
    } else {
        r.push(0);
        // SAFETY: see `Registers`.
        unsafe { stack::release(w) };
    }
    Ok(Flow::Next)
}

/// `LOAD_FAST_LOAD_METHOD`.
#[inline(always)]
pub fn load_fast_load_method(r: &mut Registers) -> Next {
    let w = r.local(r.arg());
    // The form is chosen where LOAD_METHOD follows.
    let next = r.next_word();
    if next as u8 != Op::LOAD_METHOD_CLASS as u8 {
        r.push(stack::borrow(w));
        return Ok(Flow::Next);
    }
    r.skip_word();
    // SAFETY: see `Registers`.
    match unsafe { fast::attributes::of_class(w, r.cache()) } {
        Some(method) => {
            r.push(method.get());
            r.push(stack::borrow(w));
            r.skip_word();
            Ok(Flow::Next)
        }
        None => {
            // The second instruction does what is left.
            r.push(stack::borrow(w));
            r.word = next;
            rest!(load_method_class_at::<1>)
        }
    }
}

/// `LOAD_SUPER_ATTR`.
#[inline(always)]
pub fn load_super_attr(r: &mut Registers) -> Next {
    r.skip_word();
    load_super(r, false)
}

/// `LOAD_SUPER_METHOD`.
#[inline(always)]
pub fn load_super_method(r: &mut Registers) -> Next {
    let words = [r.peek(3), r.peek(2), r.peek(1)];
    adapt!(r, |site| specialize::load_super_method(site, words, r.name(r.arg())));
    load_super(r, true)
}

#[inline(always)]
fn load_super(r: &mut Registers, method: bool) -> Next {
    r.save();
    let [sup, class, object] = [r.peek(3), r.peek(2), r.peek(1)].map(stack::view);
    let (found, bind) = attributes::load_super(r.t, &sup, &class, &object, r.name(r.arg()), method)?;
    let object = r.pop();
    r.drop_words(2);
    r.push_value(found);
    if method && bind {
        r.push(object);
        return Ok(Flow::Next);
    }
    if method {
        r.push(0);
    }
    Ok(Flow::Release(object))
}

/// `LOAD_SUPER_METHOD_CACHED`.
#[inline(always)]
pub fn load_super_method_cached(r: &mut Registers) -> Next {
    let [sup, class, object] = [r.peek(3), r.peek(2), r.peek(1)];
    // SAFETY: see `Registers`.
    let Some(method) = (unsafe { fast::attributes::of_super(sup, class, object, r.cache()) }) else {
        return Ok(Flow::As(Op::LOAD_SUPER_METHOD));
    };
    r.skip_word();
    r.put(3, method.get());
    r.put(2, object);
    r.shrink(1);
    r.save();
    // SAFETY: see `Registers`.
    unsafe {
        stack::release(class);
        stack::release(sup);
    }
    Ok(Flow::Next)
}

/// `LOAD_SPECIAL`.
#[inline(always)]
pub fn load_special(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let w = r.peek(1);
    let (method, bind) = attributes::load_special(t, &stack::view(w), arg)?;
    r.put(1, method.into_bits());
    if bind {
        r.push(w);
    } else {
        r.push(0);
        // SAFETY: see `Registers`.
        unsafe { stack::release(w) };
    }
    Ok(Flow::Next)
}

/// `STORE_ATTR`.
#[inline(always)]
pub fn store_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::store_attr(t, site, r.peek(1), r.name(arg)));
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    protocol::set_attr(t, &stack::view(object), r.name(arg), &stack::view(value))?;
    r.drop_words(2);
    Ok(Flow::Next)
}

/// `STORE_ATTR_SLOT`.
#[inline(always)]
pub fn store_attr_slot(r: &mut Registers) -> Next {
    let (value, object) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    match unsafe { fast::attributes::store_slot_private(r.t, object, value, r.cache()) } {
        Some(old) => stored(r, object, old.get()),
        None => rest!(store_attr_slot_shared),
    }
}

/// The same by either entry, of an object that others may have.
fn store_attr_slot_shared(r: &mut Registers) -> Next {
    // The lock may have to be waited for.
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    for entry in r.entries() {
        // SAFETY: see `Registers`.
        if let Some(old) = unsafe { fast::attributes::store_slot(r.t, object, value, entry) } {
            return stored(r, object, old.get());
        }
    }
    Ok(Flow::As(Op::STORE_ATTR))
}

/// Ends a store: the value is in its place.
#[inline(always)]
fn stored(r: &mut Registers, object: Word, old: Word) -> Next {
    r.skip_word();
    r.shrink(2);
    r.release_saved(old);
    Ok(Flow::Release(object))
}

/// `STORE_ATTR_ADD`.
#[inline(always)]
pub fn store_attr_add(r: &mut Registers) -> Next {
    let (value, object) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    match unsafe { fast::attributes::store_add_private(r.t, object, value, r.cache()) } {
        Some(()) => stored(r, object, 0),
        None => rest!(store_attr_add_shared),
    }
}

/// The same of an object that others may have.
fn store_attr_add_shared(r: &mut Registers) -> Next {
    // The lock may have to be waited for.
    r.save();
    let (value, object) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    match unsafe { fast::attributes::store_add(r.t, object, value, r.cache()) } {
        Some(()) => stored(r, object, 0),
        None => Ok(Flow::As(Op::STORE_ATTR)),
    }
}

/// `DELETE_ATTR`.
#[inline(always)]
pub fn delete_attr(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    protocol::del_attr(t, &stack::view(r.peek(1)), r.name(arg))?;
    Ok(Flow::Release(r.pop()))
}
