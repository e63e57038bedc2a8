//! Globals and builtins.

use crate::interp::frame::Frame;
use crate::interp::quicken::Cache;
use crate::interp::stack::{self, Word};
use crate::sync::dict_table::{KeySet, Place};
use std::num::NonZero;

/// `LOAD_GLOBAL_MODULE`. Cache: `guard` and `version` are the place of the name in the globals.
///
/// # Safety
/// The frame is running; the cache was filled for this instruction.
#[inline(always)]
pub unsafe fn module(frame: *mut Frame, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: by the caller; the word comes from a slot.
    unsafe {
        let word = (*frame).globals().word_at(Place { table: cache.guard, offset: cache.version })?;
        stack::from_slot(word)
    }
}

/// `LOAD_GLOBAL_BUILTIN`. Cache: `guard` and `more` are the globals' set of keys, which lacks the name; `value` and
/// `version` its place in the builtins.
///
/// # Safety
/// As `module`.
#[inline(always)]
pub unsafe fn builtin(frame: *mut Frame, cache: &Cache) -> Option<NonZero<Word>> {
    // SAFETY: as in `module`.
    unsafe {
        let function = (*frame).function();
        if !(*frame).globals().has_keys(KeySet { table: cache.guard, state: cache.more }) {
            return None;
        }
        let builtins = function.builtins.payload::<crate::object::dict::Dict>();
        let word = builtins.word_at(Place { table: cache.value, offset: cache.version })?;
        stack::from_slot(word)
    }
}
