//! The lock of one stream's operations, and the state that it guards.
//!
//! 1. An operation that must be whole (a write, a flush, a read) holds the stream's lock from beginning to end, also while
//!    it calls the stream below: this is what keeps the output of threads in order. It is taken with a plain attempt, or
//!    else waited for detached, and never while an object's lock is held.
//! 2. The holder may come back (a handler that prints, a finaliser). The buffered streams refuse that, as the documentation
//!    says; text streams allow it, so their state is valid whenever they call out.
//! 3. A thread that a fork left behind holds its locks for ever in the child: the first to come takes such a lock over. What
//!    was on its way to be written stays lost there; the parent writes it.
//! 4. So does one that an ending interpreter has stopped.
//! 5. The state is reached in short closures that call nothing: two of them never overlap.

use crate::object::thread::{self, Thread};
use crate::sync::shim::atomic::{AtomicU32, AtomicU64, Ordering::*};
use parking_lot::RawMutex;
use parking_lot::lock_api::RawMutex as _;
use std::cell::UnsafeCell;
use std::sync::Once;

/// See the module's documentation.
pub struct Exclusive<T> {
    mutex: RawMutex,
    /// The holder's thread, plus one; 0 when free.
    owner: AtomicU64,
    /// How often the holder has it; touched by the holder only.
    depth: AtomicU32,
    /// How many forks the process had behind it when the lock was taken.
    forks: AtomicU32,
    state: UnsafeCell<T>,
}

// SAFETY: the state is reached by the holder of the lock only.
unsafe impl<T: Send> Sync for Exclusive<T> {}

/// The lock, held until dropped.
pub struct Held<'a, T> {
    lock: &'a Exclusive<T>,
}

fn me() -> u64 {
    u64::from(thread::id()) + 1
}

impl<T> Exclusive<T> {
    /// Guards `state`.
    pub const fn new(state: T) -> Exclusive<T> {
        Exclusive {
            mutex: RawMutex::INIT,
            owner: AtomicU64::new(0),
            depth: AtomicU32::new(0),
            forks: AtomicU32::new(0),
            state: UnsafeCell::new(state),
        }
    }

    /// Whether the calling thread holds the lock.
    pub fn is_mine(&self) -> bool {
        // Relaxed: only this thread ever stores its own number.
        self.owner.load(Relaxed) == me()
    }

    /// Takes the lock; the holder takes it once more.
    pub fn enter(&self, t: &Thread) -> Held<'_, T> {
        if !self.is_mine() {
            if !self.mutex.try_lock() && !self.take_over() {
                t.parks_at([std::ptr::from_ref(&self.mutex) as usize, 0], || {
                    t.detached_until(|| self.mutex.try_lock().then_some(()), || self.mutex.lock())
                });
            }
            self.forks.store(FORKS.load(Relaxed), Relaxed);
            self.owner.store(me(), Relaxed);
        }
        self.depth.store(self.depth.load(Relaxed) + 1, Relaxed);
        Held { lock: self }
    }
}

impl<T> Exclusive<T> {
    /// Whether the lock, which is held, was held by a thread that does not come back, and is the caller's now.
    #[cold]
    fn take_over(&self) -> bool {
        if thread::is_ending() {
            // Only one thread runs from now on.
            self.depth.store(0, Relaxed);
            return true;
        }
        let (then, now) = (self.forks.load(Relaxed), FORKS.load(Relaxed));
        if then == now || self.forks.compare_exchange(then, now, AcqRel, Relaxed).is_err() {
            return false;
        }
        self.depth.store(0, Relaxed);
        true
    }
}

/// How many forks this process and its ancestors have been children of.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Has forks counted, from now on.
pub fn watch_forks() {
    extern "C" fn child() {
        FORKS.fetch_add(1, Relaxed);
    }
    static ONCE: Once = Once::new();
    // SAFETY: the handler changes a number only.
    ONCE.call_once(|| unsafe {
        libc::pthread_atfork(None, None, Some(child));
    });
}

impl<T> Held<'_, T> {
    /// Runs `f`, which calls nothing that could come back here, on the state.
    #[inline]
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // SAFETY: rule 5 of the module: the lock is held and `f` does not come here again.
        f(unsafe { &mut *self.lock.state.get() })
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        let depth = self.lock.depth.load(Relaxed) - 1;
        self.lock.depth.store(depth, Relaxed);
        if depth == 0 {
            self.lock.owner.store(0, Relaxed);
            // SAFETY: held by this thread, for the last time.
            unsafe { self.lock.mutex.unlock() };
        }
    }
}
