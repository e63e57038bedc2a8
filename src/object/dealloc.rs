//! The end of an object: finaliser, weak references, payload, attribute slots, memory.
//!
//! Dropping a payload drops what it refers to, which may end more objects: chains of any length must not overflow the
//! stack. Past a nesting depth the object goes to a list of the thread, which the outermost call works off.

use super::header::{Header, flag};
use super::thread::{self, Thread};
use super::{instance, weakref};
use crate::heap;
use crate::sync::count::Released;
use std::sync::atomic::Ordering::*;

/// How deep ends nest before they are put off.
const MAX_NESTING: u32 = 64;

/// Ends an object. `plain` says that no lock-free reader can see it, so that its memory may be reused at once.
///
/// # Safety
/// The last reference is gone (`Released::Last`), and the caller does not use the object again.
pub unsafe fn end(this: *const Header, plain: bool) {
    // SAFETY: by the caller the memory is still ours.
    unsafe { &*this }.counts().mark_ended();
    Thread::with_current(|t| {
        t.assert_unlocked();
        let depth = t.ending.get();
        if depth >= MAX_NESTING {
            t.put_off.borrow_mut().push((this, plain));
            return;
        }
        t.ending.set(depth + 1);
        // SAFETY: by the caller.
        unsafe { end_now(t, this, plain) };
        t.ending.set(depth);
        if depth == 0 {
            loop {
                let next = t.put_off.borrow_mut().pop();
                let Some((object, plain)) = next else { break };
                t.ending.set(1);
                // SAFETY: put off with its last reference gone.
                unsafe { end_now(t, object, plain) };
                t.ending.set(0);
            }
        }
    });
}

unsafe fn end_now(t: &Thread, this: *const Header, plain: bool) {
    // SAFETY: the memory is still ours.
    let header = unsafe { &*this };
    let class = header.class();
    if let Some(finalize) = class.slots.finalize.get()
        && !header.has_flag(flag::FINALIZED)
    {
        header.set_flag(flag::FINALIZED);
        header.counts().revive(thread::id());
        // The destructor must not see or lose an exception that is on its way.
        let raised = t.raised.take();
        finalize(t, &header.as_value());
        t.raised.set(raised);
        // Give back the reference that the finaliser ran with; it may have stored others. Where it did not, nobody can
        // have seen the object meanwhile except through a slot that the finaliser filled and emptied again.
        let counts = header.counts();
        if let Some(index) = counts.sharded() {
            // Stored by its finaliser and made sharded since: the collector's from now on.
            return t.shard_add(index, -1);
        }
        let plain = plain && !header.has_flag(flag::PUBLISHED);
        let last = if counts.owner() == thread::id() {
            counts.decref_owned() && counts.release_owned(plain || !thread::multi()) == Released::Last
        } else {
            counts.decref_shared() == Released::Last
        };
        if !last {
            return;
        }
        counts.mark_ended();
    }
    if header.has_flag(flag::WEAK_REFERENCED) {
        weakref::clear_references(t, this);
    }
    let class = class as *const super::type_object::Type;
    // SAFETY: alone with the object; types outlive their instances.
    unsafe {
        let offset = (*class).inst_offset.load(Relaxed) as usize;
        if offset != 0 {
            instance::drop_slots(this.cast::<u8>().add(offset).cast_mut());
        }
        if !header.has_flag(flag::CLEARED) {
            ((*class).spec().layout.drop)(this.cast_mut());
        }
        // Published objects may still be looked at by lock-free readers that loaded a stale pointer.
        if plain || !thread::multi() {
            heap::free(this.cast_mut().cast());
        } else {
            t.retire(this.cast_mut().cast());
        }
    }
}
