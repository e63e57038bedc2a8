//! Which weak references point to an object: the process's table, and what the object layer has to know of references.
//!
//! The protocol is that of `sync::weak`. A referenced object has `flag::WEAK_REFERENCED`. `types/weakref_` implements the
//! Python types on top.

use super::header::{Header, flag};
use super::thread::Thread;
use super::value::Value;
pub use crate::sync::weak::Link;
use crate::sync::weak::WeakTable;
use foldhash::fast::FixedState;
use std::mem::ManuallyDrop;
use std::sync::OnceLock;

static TABLE: WeakTable<Value, FixedState> = WeakTable::new();
/// Calls the callbacks of references (headers, kept alive) whose target has died. Set by `types/weakref_`.
pub static CALLBACKS: OnceLock<fn(&Thread, Vec<Value>)> = OnceLock::new();
/// Finds the `Link` in a weak reference object.
pub static LINK_OF: OnceLock<fn(&Header) -> &Link> = OnceLock::new();
/// Takes an object with `flag::LISTED` off the list that names it: the collector calls it for garbage, with the world stopped,
/// as it clears weak references. Set by the module that has the list.
pub static UNLIST: OnceLock<fn(&Header)> = OnceLock::new();

fn word_of(header: *const Header) -> u64 {
    header as u64
}

/// Points a new reference, in whose payload `link` is, at `referent`.
pub fn enter(link: &Link, reference: &Value, referent: &Value) {
    TABLE.enter(link, reference, referent, || mark(referent));
}

/// The oldest living reference to `referent` for which `wanted` says true (see `find_reference`); where there is none,
/// the new one becomes one, as by `enter`.
pub fn find_or_enter(
    link: &Link,
    reference: &Value,
    referent: &Value,
    wanted: impl Fn(&Value) -> bool,
) -> Option<Value> {
    TABLE.find_or_enter(link, reference, referent, || mark(referent), |word| wanted(&borrowed(word)))
}

fn mark(referent: &Value) {
    if let Some(header) = referent.header() {
        header.set_flag(flag::WEAK_REFERENCED);
    }
}

/// A reference in the table, which is locked.
fn borrowed(word: u64) -> ManuallyDrop<Value> {
    // SAFETY: the object is there as long as the table is locked; never dropped, so no reference is given back.
    ManuallyDrop::new(unsafe { Value::from_bits(word) })
}

/// Forgets the referent, without callback, as part of the end of the object `reference`.
pub fn leave(link: &Link, reference: *const Header) {
    TABLE.leave(link, word_of(reference));
}

/// The living weak references to an object, oldest first.
pub fn references(referent: &Header) -> Vec<Value> {
    TABLE.references(word_of(referent))
}

/// The oldest living weak reference to an object for which `wanted` says true, which sees it while it is locked in the table:
/// it may look at the payload, no more.
pub fn find_reference(referent: &Header, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    if !referent.has_flag(flag::WEAK_REFERENCED) {
        return None;
    }
    TABLE.find(word_of(referent), |word| wanted(&borrowed(word)))
}

/// Clears all references to a dying object; answers those that live, each with a new reference: their callbacks are due.
pub fn detach_references(this: *const Header) -> Vec<Value> {
    let link_of = LINK_OF.get().expect("set at start-up");
    // SAFETY: the table's references are there while it is locked.
    TABLE.detach(word_of(this), |word| link_of(unsafe { &*(word as *const Header) }))
}

/// Clears all references to a dying object and then runs their callbacks.
pub fn clear_references(t: &Thread, this: *const Header) {
    run_callbacks(t, detach_references(this));
}

/// Runs the callbacks of references whose target has died.
pub fn run_callbacks(t: &Thread, alive: Vec<Value>) {
    if !alive.is_empty()
        && let Some(run) = CALLBACKS.get()
    {
        run(t, alive);
    }
}
