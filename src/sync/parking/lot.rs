//! The parking lot: queues of waiting threads, by the address that they wait for.
//!
//! 1. The word that threads wait for is somewhere else. Whoever is about to wait looks at it once more with the queue locked
//!    (`validate`), and whoever changes it for those that wait does so, or wakes them, with the queue locked: no wake-up is
//!    lost.
//! 2. A waiter lies on its thread's stack. It is linked and unlinked with the queue locked. Once `asleep` is 0 it is unlinked,
//!    and gone at any moment: who wakes it uses the address only.
//! 3. Who wakes a waiter leaves it a token, before `asleep` becomes 0 (Release; its thread reads Acquire).
//! 4. A waiter whose time has passed unlinks itself with the queue locked, unless it was woken meanwhile.
//! 5. `freeze` takes the locks of all queues, in order. Nobody else ever holds two.

use super::system::{self, QueueLock, atomic::AtomicU32, atomic::Ordering::*};
use crate::sync::shim::{UnsafeCell, const_unless_loom, weakened};
use std::ptr;
use std::time::{Duration, Instant};

/// How a thread came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parked {
    /// It did not wait: `validate` said no.
    Not,
    /// Its time has passed.
    TimedOut,
    /// It was woken with this token.
    Woken(usize),
}

/// See the module's documentation.
pub struct Lot<const N: usize> {
    queues: [Queue; N],
}

#[repr(align(64))]
struct Queue {
    lock: QueueLock,
    line: UnsafeCell<Line>,
}

// SAFETY: the line is touched with the queue locked.
unsafe impl Sync for Queue {}

/// The waiters of a queue, in the order they came.
struct Line {
    first: *const Waiter,
    last: *const Waiter,
    /// When a lock of this queue is next handed over.
    fair_at: Option<Instant>,
    random: u32,
}

struct Waiter {
    key: usize,
    /// What it tells those that wake it.
    word: u32,
    /// With the queue locked.
    next: UnsafeCell<*const Waiter>,
    /// By the waker, with the queue locked, then by the thread.
    token: UnsafeCell<usize>,
    asleep: AtomicU32,
}

/// What a waker learns before it decides.
pub struct Woken {
    /// What the woken thread told when it parked; None if nobody waits.
    pub word: Option<u32>,
    /// Whether others wait for the same.
    pub others: bool,
    /// Whether it is time to be fair.
    pub fair: bool,
}

impl Line {
    /// Takes out the first that waits for `key`; whether there are more.
    fn take(&mut self, key: usize) -> (*const Waiter, bool) {
        let (mut before, mut at) = (ptr::null(), self.first);
        // SAFETY: linked waiters are alive, and change with the queue locked only.
        while let Some(waiter) = unsafe { at.as_ref() } {
            if waiter.key == key {
                self.unlink(before, waiter);
                return (at, self.waits_behind(waiter, key));
            }
            (before, at) = (at, waiter.next());
        }
        (ptr::null(), false)
    }

    fn waits_behind(&self, waiter: &Waiter, key: usize) -> bool {
        let mut at = waiter.next();
        // SAFETY: as in `take`.
        while let Some(other) = unsafe { at.as_ref() } {
            if other.key == key {
                return true;
            }
            at = other.next();
        }
        false
    }

    fn unlink(&mut self, before: *const Waiter, waiter: &Waiter) {
        // SAFETY: as in `take`.
        match unsafe { before.as_ref() } {
            Some(before) => before.set_next(waiter.next()),
            None => self.first = waiter.next(),
        }
        if ptr::eq(self.last, waiter) {
            self.last = before;
        }
    }

    fn remove(&mut self, waiter: &Waiter) {
        let (mut before, mut at) = (ptr::null(), self.first);
        while !ptr::eq(at, waiter) {
            // SAFETY: as in `take`; the waiter is linked, so the end is not reached.
            (before, at) = (at, unsafe { &*at }.next());
        }
        self.unlink(before, waiter);
    }

    fn push(&mut self, waiter: &Waiter) {
        // SAFETY: as in `take`.
        match unsafe { self.last.as_ref() } {
            Some(last) => last.set_next(waiter),
            None => self.first = waiter,
        }
        self.last = waiter;
    }

    /// Whether half a millisecond or so has passed since a lock was handed over.
    #[cfg(not(loom))]
    fn is_time(&mut self) -> bool {
        let now = Instant::now();
        if self.fair_at.is_some_and(|at| now < at) {
            return false;
        }
        // Xorshift (Marsaglia, 2003), so that queues do not keep step.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.fair_at = Some(now + Duration::from_nanos((self.random % 1_000_000).into()));
        true
    }

    #[cfg(loom)]
    fn is_time(&mut self) -> bool {
        let _ = (&mut self.fair_at, &mut self.random, Duration::ZERO);
        crate::sync::shim::is_fair()
    }
}

impl Waiter {
    fn next(&self) -> *const Waiter {
        // SAFETY: with the queue locked.
        self.next.with(|next| unsafe { *next })
    }

    fn set_next(&self, to: *const Waiter) {
        // SAFETY: with the queue locked.
        self.next.with_mut(|next| unsafe { *next = to });
    }

    /// What the waker left; None while it sleeps on.
    fn woken(&self) -> Option<usize> {
        let order = if weakened("parking: woken acquire") { Relaxed } else { Acquire };
        // Acquire: pairs with the Release in `wake`.
        (self.asleep.load(order) == 0).then(|| {
            // SAFETY: the waker has written it, and does not come back.
            self.token.with(|token| unsafe { *token })
        })
    }

    /// Wakes the waiter as far as memory goes; the system's part is done with the queue unlocked, by the address.
    ///
    /// # Safety
    /// It was just unlinked, with the queue locked.
    unsafe fn wake(waiter: *const Waiter, token: usize) -> *const AtomicU32 {
        // SAFETY: by the caller; it is there until `asleep` is 0.
        let waiter = unsafe { &*waiter };
        let word = ptr::from_ref(&waiter.asleep);
        // SAFETY: its thread reads it after `asleep` is 0.
        waiter.token.with_mut(|cell| unsafe { *cell = token });
        waiter.asleep.store(0, Release);
        word
    }
}

impl Queue {
    const_unless_loom! {
        fn new() -> Queue {
            let line = Line { first: ptr::null(), last: ptr::null(), fair_at: None, random: 1 };
            Queue { lock: QueueLock::new(), line: UnsafeCell::new(line) }
        }
    }

    /// Runs `f` on the line, with the queue locked.
    fn with<R>(&self, f: impl FnOnce(&mut Line) -> R) -> R {
        self.lock.lock();
        if !cfg!(loom) && weakened("stress: queues linger") {
            std::thread::sleep(Duration::from_millis(1));
        }
        // SAFETY: locked; the closures call nothing that comes back here.
        let result = self.line.with_mut(|line| f(unsafe { &mut *line }));
        self.lock.unlock();
        result
    }
}

impl<const N: usize> Lot<N> {
    /// Nobody waits.
    #[cfg(not(loom))]
    pub const fn new() -> Lot<N> {
        Lot { queues: [const { Queue::new() }; N] }
    }

    /// Nobody waits.
    #[cfg(loom)]
    pub fn new() -> Lot<N> {
        Lot { queues: std::array::from_fn(|_| Queue::new()) }
    }

    fn queue_of(&self, key: usize) -> &Queue {
        // Fibonacci hashing: the upper bits of the product depend on all bits of the address.
        let mixed = (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        &self.queues[mixed as usize % N]
    }

    /// Parks the thread on `key` until it is woken, or until `deadline`, if `validate` holds with the queue locked. `word` is for
    /// whoever wakes it.
    pub fn park(&self, key: usize, word: u32, validate: impl FnOnce() -> bool, deadline: Option<Instant>) -> Parked {
        let queue = self.queue_of(key);
        let waiter = Waiter {
            key,
            word,
            next: UnsafeCell::new(ptr::null()),
            token: UnsafeCell::new(0),
            asleep: AtomicU32::new(1),
        };
        let valid = queue.with(|line| {
            let valid = validate();
            if valid {
                line.push(&waiter);
            }
            valid
        });
        if !valid {
            return Parked::Not;
        }
        loop {
            if let Some(token) = waiter.woken() {
                return Parked::Woken(token);
            }
            if !system::sleep(&waiter.asleep, 1, deadline) {
                return queue.with(|line| match waiter.woken() {
                    Some(token) if !weakened("parking: woken in time") => Parked::Woken(token),
                    Some(_) => Parked::TimedOut,
                    None => {
                        line.remove(&waiter);
                        Parked::TimedOut
                    }
                });
            }
        }
    }

    /// Wakes the first that waits on `key`. `decide`, with the queue locked, does what has to be done before anybody else can
    /// park or wake there, and gives the token.
    pub fn unpark_one(&self, key: usize, decide: impl FnOnce(Woken) -> usize) {
        let woken = self.queue_of(key).with(|line| {
            let (waiter, others) = line.take(key);
            // SAFETY: it waits, so it is there.
            let word = unsafe { waiter.as_ref() }.map(|waiter| waiter.word);
            let fair = word.is_some() && line.is_time();
            let token = decide(Woken { word, others, fair });
            // SAFETY: just unlinked.
            word.map(|_| unsafe { Waiter::wake(waiter, token) })
        });
        if let Some(word) = woken {
            system::wake(word);
        }
    }

    /// Wakes all that wait on `key`; `emptied` runs with the queue locked, when none is left.
    pub fn unpark_all(&self, key: usize, emptied: impl Fn()) {
        let mut more = true;
        while more {
            // Some at a time: nothing is allocated with the queue locked.
            let mut words = [ptr::null(); 16];
            self.queue_of(key).with(|line| {
                for word in &mut words {
                    let (waiter, others) = line.take(key);
                    if !waiter.is_null() {
                        // SAFETY: just unlinked.
                        *word = unsafe { Waiter::wake(waiter, 0) };
                    }
                    more = others;
                    if !more {
                        return emptied();
                    }
                }
            });
            words.into_iter().filter(|word| !word.is_null()).for_each(system::wake);
        }
    }

    /// Keeps all threads out of the lot, for a fork: those that wait go on waiting, and nobody is in the middle of anything.
    /// Until the answer is dropped its thread must not wait or wake anybody itself.
    pub fn freeze(&self) -> Frozen<'_, N> {
        if !weakened("parking: freeze") {
            self.queues.iter().for_each(|queue| queue.lock.lock());
        }
        Frozen { lot: self }
    }
}

impl<const N: usize> Default for Lot<N> {
    fn default() -> Self {
        Lot::new()
    }
}

/// The lot is frozen until this is dropped.
#[must_use = "the lot goes on when this is dropped"]
pub struct Frozen<'a, const N: usize> {
    lot: &'a Lot<N>,
}

impl<const N: usize> Frozen<'_, N> {
    /// In a model: notices another thread in the middle of a queue.
    #[cfg(loom)]
    pub fn look(&self) {
        // SAFETY: as in `forget_all`.
        self.lot.queues.iter().for_each(|queue| queue.line.with_mut(|line| unsafe { (*line).random = 1 }));
    }

    /// In the child of a fork: forgets those that waited, who do not exist there.
    pub fn forget_all(&self) {
        for queue in &self.lot.queues {
            // SAFETY: the queue is locked by `freeze`.
            queue.line.with_mut(|line| unsafe {
                (*line).first = ptr::null();
                (*line).last = ptr::null();
            });
        }
    }
}

impl<const N: usize> Drop for Frozen<'_, N> {
    fn drop(&mut self) {
        if !weakened("parking: freeze") {
            self.lot.queues.iter().for_each(|queue| queue.lock.unlock());
        }
    }
}
