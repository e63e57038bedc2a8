//! Globals, names of class and module bodies, imports.

use super::registers::*;
use crate::bytecode::opcode::*;
use crate::interp::fast::{self};
use crate::interp::ops::{imports, names};
use crate::interp::specialize::{self, Site};
use crate::interp::stack::{self, Word};
use std::num::NonZero;

/// Ends the load of a global, often a callable.
#[inline(always)]
fn global(r: &mut Registers, w: NonZero<Word>) -> Next {
    r.push(w.get());
    r.skip_word();
    if r.next_word() as u8 == Op::PUSH_NULL as u8 {
        // The next instruction at once.
        r.skip_word();
        r.push(0);
    }
    Ok(Flow::Next)
}

/// `LOAD_NAME`.
#[inline(always)]
pub fn load_name(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    r.push_value((unsafe { names::load_name(t, &*r.frame, r.name(arg)) })?);
    Ok(Flow::Next)
}

/// `STORE_NAME`.
#[inline(always)]
pub fn store_name(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let v = r.pop_value();
    // SAFETY: see `Registers`.
    (unsafe { names::store_name(t, &*r.frame, r.name(arg), v) })?;
    Ok(Flow::Next)
}

/// `DELETE_NAME`.
#[inline(always)]
pub fn delete_name(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    (unsafe { names::delete_name(t, &*r.frame, r.name(arg)) })?;
    Ok(Flow::Next)
}

/// `LOAD_GLOBAL`.
#[inline(always)]
pub fn load_global(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    adapt!(r, |site| specialize::load_global(t, site, r.name(arg)));
    r.save();
    // SAFETY: see `Registers`.
    r.push_value((unsafe { names::load_global(t, &*r.frame, r.name(arg)) })?);
    Ok(Flow::Next)
}

/// `LOAD_GLOBAL_MODULE`.
#[inline(always)]
pub fn load_global_module(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    match unsafe { fast::names::module(r.frame, r.cache()) } {
        Some(w) => global(r, w),
        None => Ok(Flow::As(Op::LOAD_GLOBAL)),
    }
}

/// `LOAD_GLOBAL_BUILTIN`.
#[inline(always)]
pub fn load_global_builtin(r: &mut Registers) -> Next {
    // SAFETY: see `Registers`.
    match unsafe { fast::names::builtin(r.frame, r.cache()) } {
        Some(w) => global(r, w),
        None => Ok(Flow::As(Op::LOAD_GLOBAL)),
    }
}

/// `STORE_GLOBAL`.
#[inline(always)]
pub fn store_global(r: &mut Registers) -> Next {
    let arg = r.arg();
    r.skip_word();
    r.save();
    let v = r.pop_value();
    // SAFETY: see `Registers`.
    drop(unsafe { (*r.frame).globals() }.set_str(r.name(arg), v));
    Ok(Flow::Next)
}

/// `DELETE_GLOBAL`.
#[inline(always)]
pub fn delete_global(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    (unsafe { names::delete_global(t, &*r.frame, r.name(arg)) })?;
    Ok(Flow::Next)
}

/// `LOAD_FROM_DICT_OR_GLOBALS`.
#[inline(always)]
pub fn load_from_dict_or_globals(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let w = r.peek(1);
    // SAFETY: see `Registers`.
    let v = (unsafe { names::load_from_dict_or_globals(t, &*r.frame, &stack::view(w), r.name(arg)) })?;
    r.put(1, v.into_bits());
    Ok(Flow::Release(w))
}

/// `LOAD_LOCALS`.
#[inline(always)]
pub fn load_locals(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    // SAFETY: see `Registers`.
    r.push_value((unsafe { names::load_locals(t, r.frame) })?);
    Ok(Flow::Next)
}

/// `LOAD_BUILD_CLASS`.
#[inline(always)]
pub fn load_build_class(r: &mut Registers) -> Next {
    let t = r.t;
    r.save();
    // SAFETY: see `Registers`.
    r.push_value((unsafe { names::load_build_class(t, &*r.frame) })?);
    Ok(Flow::Next)
}

/// `LOAD_COMMON_CONSTANT`.
#[inline(always)]
pub fn load_common_constant(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    // SAFETY: see `Registers`.
    r.push_value((unsafe { names::common_constant(t, &*r.frame, arg) })?);
    Ok(Flow::Next)
}

/// `IMPORT_NAME`.
#[inline(always)]
pub fn import_name(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    let (level, from) = (r.peek(2), r.peek(1));
    // SAFETY: see `Registers`.
    let module = (unsafe { imports::import_name(t, &*r.frame, r.name(arg), &stack::view(from), &stack::view(level)) })?;
    r.drop_words(2);
    r.push_value(module);
    Ok(Flow::Next)
}

/// `IMPORT_FROM`.
#[inline(always)]
pub fn import_from(r: &mut Registers) -> Next {
    let t = r.t;
    let arg = r.arg();
    r.save();
    r.push_value(imports::import_from(t, &stack::view(r.peek(1)), r.name(arg))?);
    Ok(Flow::Next)
}
