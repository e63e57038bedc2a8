//! Which weak references point to an object: a sharded side table from address to references.
//!
//! A referenced object has `flag::WEAK_REFERENCED`. Creating a reference publishes its target, so that dereferencing may
//! try to count it as a lock-free reader does. `types/weakref` implements the Python types on top.

use super::header::{Header, flag};
use super::thread::Thread;
use super::value::Value;
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The part of a weak reference's payload that the table knows.
pub struct Target {
    /// The referent's address, or 0 once it is dead or cleared.
    word: AtomicU64,
}

/// Entries: addresses of the payloads' headers (weak reference objects), uncounted: a reference removes itself in its
/// own end.
type Entries = HashMap<u64, Vec<u64>, FixedState>;
const SHARDS: usize = 64;

static TABLE: [Mutex<Option<Entries>>; SHARDS] = [const { Mutex::new(None) }; SHARDS];
/// Calls the callbacks of references (headers, kept alive) whose target has died. Set by `types/weakref`.
pub static CALLBACKS: OnceLock<fn(&Thread, Vec<Value>)> = OnceLock::new();
/// Finds the `Target` in a weak reference object.
pub static TARGET_OF: OnceLock<fn(&Header) -> &Target> = OnceLock::new();
/// Takes an object with `flag::LISTED` off the list that names it: the collector calls it for garbage, with the world stopped,
/// as it clears weak references. Set by the module that has the list.
pub static UNLIST: OnceLock<fn(&Header)> = OnceLock::new();

fn shard(address: u64) -> &'static Mutex<Option<Entries>> {
    &TABLE[(address >> 4) as usize % SHARDS]
}

impl Target {
    /// Not yet pointing anywhere.
    pub const fn new() -> Target {
        Target { word: AtomicU64::new(0) }
    }

    /// The referent, if it lives. Without a lock: as a lock-free reader takes a value from a slot.
    pub fn get(&self) -> Option<Value> {
        let word = self.word.load(Acquire);
        if word == 0 {
            return None;
        }
        // SAFETY: when the word was read, the referent had not passed `detach_references`, so its memory is retired later, and
        // this thread is pinned since before. The referent is published, so that its last reference goes by the word that
        // `try_incref` looks at. The collector, which ends sharded objects whatever their count, detaches references while
        // this thread is stopped.
        unsafe {
            let header = &*(word as *const Header);
            header.try_incref().then(|| Value::from_bits(word))
        }
    }

    /// Whether the referent is gone.
    pub fn is_dead(&self) -> bool {
        self.word.load(Acquire) == 0
    }

    /// Points the reference object `reference` (whose payload holds `self`) at `referent`.
    pub fn set(&self, reference: &Header, referent: &Header) {
        let word = referent as *const Header as u64;
        referent.publish();
        // Threads that end the referent, or look for references to it, find this one in the table.
        reference.publish();
        referent.set_flag(flag::WEAK_REFERENCED);
        let mut guard = shard(word).lock();
        self.word.store(word, Release);
        guard.get_or_insert_default().entry(word).or_default().push(reference as *const Header as u64);
    }

    /// Forgets the referent, without callback. Called by the reference's own end.
    pub fn remove(&self, reference: *const Header) {
        let word = self.word.load(Acquire);
        if word == 0 {
            return;
        }
        let mut guard = shard(word).lock();
        if self.word.swap(0, AcqRel) == 0 {
            return;
        }
        if let Some(entries) = guard.as_mut()
            && let Some(list) = entries.get_mut(&word)
        {
            list.retain(|r| *r != reference as u64);
            if list.is_empty() {
                entries.remove(&word);
            }
        }
    }
}

impl Default for Target {
    fn default() -> Self {
        Target::new()
    }
}

/// Takes a reference to a weak reference of the table, unless it is ending itself. (While there is one thread, an end leaves
/// no mark in the shared count.)
fn lives(reference: &Header) -> bool {
    !reference.counts().has_ended() && reference.try_incref()
}

/// The living weak references to an object, oldest first.
pub fn references(referent: &Header) -> Vec<Value> {
    let word = referent as *const Header as u64;
    let guard = shard(word).lock();
    let Some(list) = guard.as_ref().and_then(|entries| entries.get(&word)) else { return Vec::new() };
    // SAFETY: an entry is removed under this lock before the reference's memory is retired.
    list.iter().filter_map(|r| unsafe { lives(&*(*r as *const Header)).then(|| Value::from_bits(*r)) }).collect()
}

/// The oldest living weak reference to an object for which `wanted` says true, which sees it while it is locked in the table:
/// it may look at the payload, no more.
pub fn find_reference(referent: &Header, wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    if !referent.has_flag(flag::WEAK_REFERENCED) {
        return None;
    }
    let word = referent as *const Header as u64;
    let guard = shard(word).lock();
    guard.as_ref()?.get(&word)?.iter().find_map(|r| {
        // SAFETY: as in `references`.
        let reference = unsafe { &*(*r as *const Header) };
        // SAFETY: just counted.
        (wanted(&reference.as_value()) && lives(reference)).then(|| unsafe { Value::from_bits(*r) })
    })
}

/// Clears all references to a dying object; answers those that live, each with a new reference: their callbacks are due.
pub fn detach_references(this: *const Header) -> Vec<Value> {
    let word = this as u64;
    let mut alive = Vec::new();
    let mut guard = shard(word).lock();
    if let Some(list) = guard.as_mut().and_then(|entries| entries.remove(&word)) {
        let target_of = TARGET_OF.get().expect("set at start-up");
        for r in list {
            // SAFETY: entries are removed under this lock before a reference's memory is retired.
            let reference = unsafe { &*(r as *const Header) };
            target_of(reference).word.store(0, Release);
            if lives(reference) {
                // SAFETY: just counted.
                alive.push(unsafe { Value::from_bits(r) });
            }
        }
    }
    alive
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
