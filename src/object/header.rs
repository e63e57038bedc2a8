//! The header in front of every object's payload: type, counts, lock and flags in 24 bytes.
//!
//! Sharded objects (types, modules, functions of modules and classes, promoted ones) are counted in per-thread tables;
//! see `thread::Thread::shard`. The reference that a header holds on its type is not counted: types are sharded, so only
//! the collector frees them, and it takes every living object's type for reachable.

use super::thread::{self, Thread};
use super::type_object::{Payload, Type};
use super::value::Value;
use crate::call_preserving;
use crate::sync::count::{self, Counts, Released};
use crate::sync::lock::ByteLock;
use crate::sync::promote;
use crate::sync::shim::atomic::{AtomicPtr, AtomicU8, AtomicU16, Ordering::*};

/// Bits of a header's flags.
pub mod flag {
    /// Lock-free readers may see the object: its memory goes through the epoch.
    pub const PUBLISHED: u16 = 1;
    /// Weak references point here (see `weakref`).
    pub const WEAK_REFERENCED: u16 = 2;
    /// The finaliser has run; it does not run again.
    pub const FINALIZED: u16 = 4;
    /// The payload was dropped by the collector.
    pub const CLEARED: u16 = 8;
    /// The object is a generator: its frame holds words that are published with it, and borrows others (`hooks`).
    pub const HAS_FRAME: u16 = 16;
    /// A list names the object without counting it (`weakref::UNLIST`).
    pub const LISTED: u16 = 32;
    /// The collector takes the object for a root: `gc.freeze()`.
    pub const FROZEN: u16 = 64;
    // From `sync::promote::SHIFT` on: how hot the count is.
}

/// See the module's documentation.
#[repr(C)]
pub struct Header {
    class: AtomicPtr<Type>,
    counts: Counts,
    lock: ByteLock,
    /// The collector's bits.
    pub gc: AtomicU8,
    flags: AtomicU16,
}

const _: () = assert!(size_of::<Header>() == 24);

/// An object in memory. What follows the payload (inline tail, instance attributes) the type says.
#[repr(C)]
pub struct Object<T> {
    pub header: Header,
    pub payload: T,
}

impl<T: Payload> Object<T> {
    /// The header in front of a payload.
    ///
    /// # Safety
    /// `payload` lies in an object: it was handed out by `Value::downcast` or the like.
    #[inline(always)]
    pub unsafe fn header_of(payload: &T) -> &Header {
        // SAFETY: by the caller; `Object` is `repr(C)`, and the object lives at least as long as its payload is borrowed.
        unsafe {
            &*std::ptr::from_ref(payload).cast::<u8>().sub(std::mem::offset_of!(Object<T>, payload)).cast::<Header>()
        }
    }
}

impl Header {
    /// The header of an immortal static object.
    pub const fn immortal(class: *const Type) -> Header {
        Header {
            class: AtomicPtr::new(class.cast_mut()),
            counts: Counts::immortal(),
            lock: ByteLock::new(),
            gc: AtomicU8::new(0),
            flags: AtomicU16::new(flag::PUBLISHED),
        }
    }

    /// The header of a new object with one reference, held by thread `me`.
    #[inline(always)]
    pub fn new(class: &Type, me: u32) -> Header {
        Header {
            class: AtomicPtr::new(class as *const Type as *mut Type),
            counts: Counts::new(me),
            lock: ByteLock::new(),
            gc: AtomicU8::new(0),
            flags: AtomicU16::new(0),
        }
    }

    /// The object's type.
    #[inline(always)]
    pub fn class(&self) -> &Type {
        // SAFETY: types outlive their instances (see the module's documentation). Acquire: pairs with `set_class`.
        unsafe { &*self.class.load(Acquire) }
    }

    /// Assigns `__class__`. The caller holds the object's lock and has checked that the layouts agree.
    pub fn set_class(&self, class: &Type) {
        self.class.store(class as *const Type as *mut Type, Release);
    }

    #[inline(always)]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The object's lock. Nothing may be called, dropped or waited for while it is held.
    #[inline(always)]
    pub fn lock(&self) -> &ByteLock {
        &self.lock
    }

    #[inline(always)]
    pub fn has_flag(&self, flag: u16) -> bool {
        self.flags.load(Relaxed) & flag != 0
    }

    /// All flags.
    #[inline(always)]
    pub fn flags(&self) -> u16 {
        self.flags.load(Relaxed)
    }

    pub fn set_flag(&self, flag: u16) {
        self.note_if_foreign();
        self.flags.fetch_or(flag, AcqRel);
    }

    pub fn clear_flag(&self, flag: u16) {
        self.note_if_foreign();
        self.flags.fetch_and(!flag, AcqRel);
    }

    /// Notes a write to the header of an object that another thread owns; nothing without `sharing-stats`.
    #[inline(always)]
    pub fn note_if_foreign(&self) {
        #[cfg(feature = "sharing-stats")]
        if thread::multi() && self.counts.owner() != thread::id() {
            crate::sync::stats::note(crate::sync::stats::Shared::ForeignHeader);
        }
    }

    /// Notes that threads fight over the count; whether that has gone on for long (`sync::promote`).
    #[cold]
    pub fn warm(&self) -> bool {
        promote::warm(&self.flags)
    }

    /// Marks the object as visible to lock-free readers.
    #[inline(always)]
    pub fn publish(&self) {
        let flags = self.flags.load(Relaxed);
        if flags & flag::PUBLISHED == 0 {
            if flags & flag::HAS_FRAME != 0 {
                // SAFETY: a living object.
                unsafe { call_preserving!(Header::publish_frame, self) };
            }
            if thread::multi() {
                self.note_if_foreign();
                self.flags.fetch_or(flag::PUBLISHED, Release);
            } else {
                self.flags.store(flags | flag::PUBLISHED, Relaxed);
            }
        }
    }

    #[cold]
    unsafe extern "C" fn publish_frame(this: *const Header) {
        // SAFETY: a living object.
        (super::hooks::get().publish_frame)(unsafe { &*this });
    }

    /// `set_flag` of an object that only the calling thread knows.
    #[inline(always)]
    pub fn set_private_flag(&self, flag: u16) {
        debug_assert!(!thread::multi() || !self.has_flag(flag::PUBLISHED));
        self.flags.store(self.flags.load(Relaxed) | flag, Relaxed);
    }

    /// Whether no count ends the object (it is sharded or immortal): words of evaluation stacks may borrow it, because the
    /// collector, which alone frees it, looks at all stacks. An object never stops being one.
    #[inline(always)]
    pub fn is_borrowable(&self) -> bool {
        self.counts.owner() >= count::SHARDED
    }

    /// Views the payload.
    ///
    /// # Safety
    /// The object's layout begins with a `T`.
    #[inline(always)]
    pub unsafe fn payload<T: Payload>(&self) -> &T {
        // SAFETY: by the caller; `Object` is `repr(C)`.
        unsafe { &(*(self as *const Header).cast::<Object<T>>()).payload }
    }

    /// A new reference to this object.
    pub fn to_value(&self) -> Value {
        self.incref();
        // SAFETY: the reference just counted.
        unsafe { Value::from_bits(self as *const Header as u64) }
    }

    /// This object as a value, without counting.
    #[inline(always)]
    pub fn as_value(&self) -> std::mem::ManuallyDrop<Value> {
        // SAFETY: never dropped, so no reference is given back.
        std::mem::ManuallyDrop::new(unsafe { Value::from_bits(self as *const Header as u64) })
    }

    /// Takes a reference; the object is known to live.
    #[inline(always)]
    pub fn incref(&self) {
        let owner = self.counts.owner();
        if owner == thread::id() {
            self.counts.incref_owned();
        } else if owner != count::IMMORTAL {
            // SAFETY: the function is safe.
            unsafe { call_preserving!(Header::incref_slow, self) };
        }
    }

    #[inline(never)]
    extern "C" fn incref_slow(&self) {
        match self.counts.owner() {
            count::SHARDED => Thread::with_current(|t| t.shard_add(self.counts.local(), 1)),
            _ => {
                crate::sync::stats::note(crate::sync::stats::Shared::ForeignCount);
                self.counts.incref_shared();
                thread::sample(self);
            }
        }
    }

    /// Takes a reference unless the object is dead.
    #[inline(always)]
    pub fn try_incref(&self) -> bool {
        let owner = self.counts.owner();
        if owner == thread::id() {
            self.counts.incref_owned();
            true
        } else {
            // SAFETY: the function is safe.
            owner == count::IMMORTAL || unsafe { call_preserving!(Header::try_incref_slow, self) } as u8 != 0
        }
    }

    #[inline(never)]
    extern "C" fn try_incref_slow(&self) -> bool {
        match self.counts.owner() {
            count::SHARDED => {
                Thread::with_current(|t| t.shard_add(self.counts.local(), 1));
                true
            }
            _ => {
                crate::sync::stats::note(crate::sync::stats::Shared::ForeignCount);
                let taken = self.counts.try_incref_shared();
                if taken {
                    thread::sample(self);
                }
                taken
            }
        }
    }

    /// Gives back a reference and, if it was the last, ends the object.
    ///
    /// # Safety
    /// The caller owns a reference and does not use it again.
    #[inline(always)]
    pub unsafe fn decref(this: *const Header) {
        // SAFETY: our reference keeps the header alive until it is given back below.
        let header = unsafe { &*this };
        let owner = header.counts.owner();
        if owner == thread::id() {
            if header.counts.decref_owned() {
                // SAFETY: `local` has just reached zero.
                unsafe { call_preserving!(Header::decref_last, this) };
            }
        } else if owner != count::IMMORTAL {
            // SAFETY: as for this function.
            unsafe { call_preserving!(Header::decref_slow, this) };
        }
    }

    /// As `decref`, by ordinary calls: for code that has nothing in registers which these would cost.
    ///
    /// # Safety
    /// As `decref`.
    #[inline(always)]
    pub unsafe fn decref_by_call(this: *const Header) {
        // SAFETY: as in `decref`.
        unsafe {
            let header = &*this;
            let owner = header.counts.owner();
            if owner == thread::id() {
                if header.counts.decref_owned() {
                    Header::decref_last(this);
                }
            } else if owner != count::IMMORTAL {
                Header::decref_slow(this);
            }
        }
    }

    #[inline(never)]
    unsafe extern "C" fn decref_last(this: *const Header) {
        assert_no_trial();
        // SAFETY: the owner's step after its last reference; the memory is still ours.
        let header = unsafe { &*this };
        let plain = !header.has_flag(flag::PUBLISHED) || !thread::multi();
        if header.counts.release_owned(plain) == Released::Last {
            // SAFETY: `Last` leaves us alone with the object.
            unsafe { super::dealloc::end(this, plain) }
        }
    }

    #[inline(never)]
    unsafe extern "C" fn decref_slow(this: *const Header) {
        // SAFETY: our reference keeps the header alive.
        let header = unsafe { &*this };
        let owner = header.counts.owner();
        match owner {
            count::SHARDED => Thread::with_current(|t| t.shard_add(header.counts.local(), -1)),
            _ => {
                assert_no_trial();
                crate::sync::stats::note(crate::sync::stats::Shared::ForeignCount);
                match header.counts.decref_shared() {
                    Released::Alive => {}
                    // SAFETY: alone with the object.
                    Released::Last => unsafe { super::dealloc::end(this, false) },
                    // SAFETY: `owner` was read before the decrement; it stays valid: only merging changes it, and a merged
                    // word is never queued.
                    Released::Queue => unsafe { thread::queue_merge(owner, this) },
                }
            }
        }
    }

    /// Folds the owner's count into the shared one, with `extra`; ends the object if nothing is left.
    ///
    /// # Safety
    /// As `Counts::merge`; the caller owns the reference that a negative `extra` gives back.
    pub unsafe fn merge(this: *const Header, extra: i32) {
        // SAFETY: the queue's reference keeps the object alive until it is merged.
        let counts = unsafe { &(*this).counts };
        if let Some(index) = counts.sharded() {
            // Promoted while it lay in the queue.
            return Thread::with_current(|t| t.shard_add(index, extra as i64));
        }
        if counts.merge(extra) == Released::Last {
            // SAFETY: alone with the object.
            unsafe { super::dealloc::end(this, false) }
        }
    }
}

/// While the collector has borrowed the counts, none may come to its end (`collector::trial`, rule 1).
#[inline(always)]
fn assert_no_trial() {
    #[cfg(debug_assertions)]
    assert!(!super::collector::trial::RUNNING.load(Relaxed), "a count was given back by something that traces");
}
