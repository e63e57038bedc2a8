//! The end of an object: finaliser, weak references, payload, attribute slots, memory.
//!
//! Dropping a payload drops what it refers to, which may end more objects: chains of any length must not overflow the
//! stack. Past a nesting depth the object goes to a list of the thread, which the outermost call works off.

use super::header::{Header, flag};
use super::slots::Finalize;
use super::thread::{self, Thread};
use super::{instance, weakref};
use crate::heap;
use crate::sync::shim::atomic::Ordering::*;
use crate::sync::shim::weakened;

/// How deep ends nest before they are put off.
const MAX_NESTING: u32 = 64;

/// What makes an end more than dropping a payload and giving back the memory.
const RARE: u16 = flag::WEAK_REFERENCED | flag::FINALIZED | flag::CLEARED;

/// Ends an object. `plain` says that no lock-free reader can see it, so that its memory may be reused at once.
///
/// # Safety
/// The last reference is gone (`Released::Last`), and the caller does not use the object again.
#[inline(always)]
pub unsafe fn end(this: *const Header, plain: bool) {
    // SAFETY: by the caller the memory is still ours.
    let header = unsafe { &*this };
    header.counts().mark_ended(plain);
    // Outside of a Python thread (process exit) nothing ends.
    let Some(t) = Thread::current_if_any() else { return };
    t.assert_unlocked();
    let depth = t.ending.get();
    if depth >= MAX_NESTING {
        return put_off(t, this, plain);
    }
    t.ending.set(depth + 1);
    let class = header.class();
    if plain && header.flags() & RARE == 0 && class.slots.finalize.get().is_none() {
        // Most ends: the steps of `end_now` that apply, without keeping much over the calls.
        let (offset, drop_payload) = (class.inst_offset.load(Relaxed), class.spec().layout.drop);
        // SAFETY: alone with the object.
        unsafe {
            if offset != 0 {
                instance::drop_slots(this.cast::<u8>().add(offset as usize).cast_mut());
            }
            drop_payload(this.cast_mut());
            heap::free(this.cast_mut().cast());
        }
    } else {
        // SAFETY: by the caller.
        unsafe { end_now(t, this, plain) };
    }
    t.ending.set(depth);
    if depth == 0 && t.has_put_off.get() {
        end_put_off(t);
    }
}

#[cold]
fn put_off(t: &Thread, this: *const Header, plain: bool) {
    t.put_off.borrow_mut().push((this, plain));
    t.has_put_off.set(true);
}

#[cold]
fn end_put_off(t: &Thread) {
    loop {
        let next = t.put_off.borrow_mut().pop();
        let Some((object, plain)) = next else { break };
        t.ending.set(1);
        // SAFETY: put off with its last reference gone.
        unsafe { end_now(t, object, plain) };
        t.ending.set(0);
    }
    t.has_put_off.set(false);
}

#[inline(never)]
unsafe fn end_now(t: &Thread, this: *const Header, plain: bool) {
    // SAFETY: the memory is still ours.
    let header = unsafe { &*this };
    let class = header.class();
    let flags = header.flags();
    if flags & flag::FINALIZED == 0
        && let Some(finalize) = class.slots.finalize.get()
        && !is_over_after(t, header, finalize, plain)
    {
        return;
    }
    // Read before anything else ends: the class may go with it. (A finaliser may have assigned another one.)
    let class = header.class();
    let (flags, offset, drop_payload) = (header.flags(), class.inst_offset.load(Relaxed), class.spec().layout.drop);
    if flags & flag::WEAK_REFERENCED != 0 {
        weakref::clear_references(t, this);
    }
    // SAFETY: alone with the object.
    unsafe {
        if offset != 0 {
            instance::drop_slots(this.cast::<u8>().add(offset as usize).cast_mut());
        }
        if flags & flag::CLEARED == 0 {
            drop_payload(this.cast_mut());
        }
        // Published objects may still be looked at by lock-free readers that loaded a stale pointer.
        if plain || !thread::multi() || weakened("stress: ended objects wait") {
            heap::free(this.cast_mut().cast());
        } else {
            t.retire(this.cast_mut().cast());
        }
    }
}

/// Runs the finaliser of an object that is ending; whether its end goes on.
#[cold]
fn is_over_after(t: &Thread, header: &Header, finalize: Finalize, plain: bool) -> bool {
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
        t.shard_add(index, -1);
        return false;
    }
    let plain = plain && !header.has_flag(flag::PUBLISHED) || !thread::multi();
    counts.is_over_after_revival(thread::id(), plain)
}
