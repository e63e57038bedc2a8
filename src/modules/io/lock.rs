//! The lock of one stream's operations, and the state that it guards.
//!
//! 1. An operation that must be whole (a write, a flush, a read) holds the stream's lock from beginning to end, also while
//!    it calls the stream below: this is what keeps the output of threads in order. It is taken with a plain attempt, or
//!    else waited for detached, and never while an object's lock is held.
//! 2. The holder may come back (a handler that prints, a finaliser). The buffered streams refuse that, as the documentation
//!    says; text streams allow it, so their state is valid whenever they call out.
//! 3. A thread that a fork left behind holds its locks for ever in the child: the first to come takes such a lock over. What
//!    was on its way to be written stays lost there; the parent writes it. The lock's word names its holder, so that a lock
//!    is taken from one that does not exist, and in one step: never from a living one, nor by two.
//! 4. So does one that an ending interpreter has stopped.
//! 5. The state is reached in short closures that call nothing: two of them never overlap.

use crate::object::thread::{self, Thread};
use crate::sync::parking::mutex::RawMutex;
use crate::sync::shim::atomic::{AtomicU32, Ordering::*};
use crate::sync::shim::weakened;
use std::cell::UnsafeCell;

/// See the module's documentation.
pub struct Exclusive<T> {
    /// Its holder is a thread's id.
    mutex: RawMutex,
    /// How often the holder has it; touched by the holder only.
    depth: AtomicU32,
    state: UnsafeCell<T>,
}

// SAFETY: the state is reached by the holder of the lock only.
unsafe impl<T: Send> Sync for Exclusive<T> {}

/// The lock, held until dropped.
pub struct Held<'a, T> {
    lock: &'a Exclusive<T>,
}

impl<T> Exclusive<T> {
    /// Guards `state`.
    pub const fn new(state: T) -> Exclusive<T> {
        Exclusive { mutex: RawMutex::new(), depth: AtomicU32::new(0), state: UnsafeCell::new(state) }
    }

    /// Whether the calling thread holds the lock.
    pub fn is_mine(&self) -> bool {
        let me = thread::id();
        me != 0 && self.mutex.holder() == me
    }

    /// Takes the lock; the holder takes it once more.
    pub fn enter(&self, t: &Thread) -> Held<'_, T> {
        let me = t.id;
        if self.mutex.holder() != me && !self.mutex.try_lock_as(me) && !self.take_over(me) {
            t.detached_until(
                || self.mutex.try_lock_as(me).then_some(()),
                || {
                    self.mutex.lock_as(me, None);
                },
            );
        }
        self.depth.store(self.depth.load(Relaxed) + 1, Relaxed);
        Held { lock: self }
    }

    /// Whether the lock was held by a thread that does not come back, and is the caller's now.
    #[cold]
    fn take_over(&self, me: u32) -> bool {
        let holder = self.mutex.holder();
        // Where the interpreter is ending, only one thread runs from now on.
        let gone =
            holder != 0 && (thread::is_ending() || thread::is_gone(holder) || weakened("fork: gone holders only"));
        if !gone || !self.mutex.take_over(holder, me) {
            return false;
        }
        self.depth.store(0, Relaxed);
        true
    }
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
            // SAFETY: held by this thread, for the last time.
            unsafe { self.lock.mutex.unlock() };
        }
    }
}
