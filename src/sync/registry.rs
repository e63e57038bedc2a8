//! A list of per-thread records that anybody may walk without a lock.
//!
//! Rules:
//! 1. A record is pushed at the head once and stays in the list until the registry is dropped.
//! 2. A record whose thread has left is claimed again by a later thread (compare-exchange on `taken`).
//! 3. A walk sees every record whose `claim` happened before it, and maybe records that nobody uses.
//!
//! Each record has cache lines of its own: its thread writes it often, others read it seldom.

use super::shim::atomic::{AtomicBool, AtomicPtr, Ordering::*};
use super::shim::{const_unless_loom, weakened};
use std::ptr;

/// See the module's documentation.
pub struct Registry<R> {
    head: AtomicPtr<Record<R>>,
}

/// One thread's record.
#[repr(align(128))]
pub struct Record<R> {
    value: R,
    taken: AtomicBool,
    /// Never changes once the record is in the list.
    next: *mut Record<R>,
}

// SAFETY: `next` is immutable after publication; `value` is shared by reference only.
unsafe impl<R: Sync> Sync for Record<R> {}
// SAFETY: a record owns its value and nothing else; `next` is only followed through the registry.
unsafe impl<R: Send> Send for Record<R> {}
// SAFETY: the registry hands out `&R` to any thread and may drop `R` on any thread.
unsafe impl<R: Send + Sync> Sync for Registry<R> {}
// SAFETY: as above.
unsafe impl<R: Send + Sync> Send for Registry<R> {}

impl<R> std::ops::Deref for Record<R> {
    type Target = R;
    #[inline(always)]
    fn deref(&self) -> &R {
        &self.value
    }
}

impl<R: Default> Registry<R> {
    /// A free record, or a new one.
    pub fn claim(&self) -> &Record<R> {
        for record in self.records() {
            // Acquire: pairs with the Release in `release`, so the last owner's writes come first.
            let order = if weakened("registry: claim acquire") { Relaxed } else { Acquire };
            if !record.taken.load(Relaxed)
                && (record.taken.compare_exchange(false, true, order, Relaxed).is_ok() || weakened("registry: at once"))
            {
                return record;
            }
        }
        let record = Box::into_raw(Box::new(Record {
            value: R::default(),
            taken: AtomicBool::new(true),
            next: ptr::null_mut(),
        }));
        // Relaxed: linked, not followed, here; the compare-exchange continues the release sequences of those behind.
        let mut head = self.head.load(Relaxed);
        loop {
            // SAFETY: not yet published, so nobody else looks at it.
            unsafe { (*record).next = head };
            let order = if weakened("registry: push release") { Relaxed } else { Release };
            // Release: pairs with the Acquire in `records`.
            match self.head.compare_exchange_weak(head, record, order, Relaxed) {
                // SAFETY: records live as long as the registry (rule 1).
                Ok(_) => return unsafe { &*record },
                Err(seen) => head = seen,
            }
        }
    }
}

impl<R> Registry<R> {
    const_unless_loom! {
        /// An empty registry.
        pub fn new() -> Registry<R> {
            Registry { head: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// Gives a record back; its thread does not use it any more.
    pub fn release(&self, record: &Record<R>) {
        // Release: pairs with the Acquire in `claim`.
        record.taken.store(false, if weakened("registry: release") { Relaxed } else { Release });
    }

    /// All records, those that nobody uses included.
    pub fn records(&self) -> impl Iterator<Item = &Record<R>> {
        // Acquire: pairs with the Release in `claim`. Later nodes were published before earlier ones, so reading `head`
        // orders them all (each push continues the release sequence by a read-modify-write).
        let mut next = self.head.load(Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null or a published record, which lives as long as the registry (rule 1).
            let record = unsafe { next.as_ref()? };
            next = record.next;
            Some(record)
        })
    }
}

impl<R> Default for Registry<R> {
    fn default() -> Self {
        Registry::new()
    }
}

impl<R> Drop for Registry<R> {
    fn drop(&mut self) {
        let mut next = self.head.load(Relaxed);
        while !next.is_null() {
            // SAFETY: made by `Box::into_raw` in `claim`; `&mut self` says that nobody walks the list.
            let record = unsafe { Box::from_raw(next) };
            next = record.next;
        }
    }
}

impl<R> Record<R> {
    /// Whether a thread uses the record.
    pub fn is_taken(&self) -> bool {
        // Acquire: pairs with the Release in `release`.
        self.taken.load(Acquire)
    }
}
