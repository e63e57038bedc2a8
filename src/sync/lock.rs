//! The one-byte lock in every object's header.
//!
//! | bit | meaning |
//! |---|---|
//! | `LOCKED` | somebody holds the lock |
//! | `PARKED` | somebody is parked on it, or just about to be; whoever unlocks has to look |
//! | `MARKED` | the last holder (or the present one) has left a mark, which the next one takes away |
//!
//! Rules:
//! 1. Taking a free lock is one compare-exchange (Acquire), giving it back one from `LOCKED` -> 0 (Release).
//! 2. A thread that finds the lock taken may first stay away from it for a while, detached (`backoff`); then it spins briefly,
//!    then detaches and only then parks: it delays no stop-the-world.
//! 3. A detached thread never takes the lock: woken, it attaches first. It may be handed the lock, though (rule 6), and then
//!    attaches with `try_attach`. If the world is stopping, it unlocks at once, waits to attach without the lock, and starts
//!    over. So no stopped thread holds a lock, and the stopper may take any.
//! 4. No thread parks or attaches while it holds a lock; `lock_two` lets go of the first before it parks on the second.
//!    (Address order still decides who comes first, so that two pairs cannot chase each other.)
//! 5. Before the process has a second thread (`multi` false) locking does nothing at all. The mode changes at a safepoint,
//!    where no thread holds a lock (rule 4), so nobody unlocks in another mode than it locked in.
//! 6. Whoever comes first gets a free lock, also before those that wait: its holder runs on while they come. Unlocking wakes
//!    one parked thread; now and then (every half millisecond) it hands the lock over to it instead, so that parked threads
//!    do not starve.
//! 7. Before it detaches, a waiter notes where it waits (`Park::waits_at`). So while the world is stopped, a lock that is taken
//!    is one that a detached thread was handed, before the stop and at the place that it has noted. In the child of a fork,
//!    where that thread does not exist, `abandon` frees it.
//! 8. Now and then a thread leaves a mark in a lock that it takes. Nobody waits for marks or decides by them who gets the lock:
//!    they are how threads notice that they take turns with every operation, though none of them finds the lock taken
//!    (`backoff`).
//!
//! The parking itself is in `parking`: `park` and `unpark_one` on one address exclude each other, so the byte's
//! `PARKED` bit changes under that exclusion and no wake-up is lost.

use super::backoff::{Backoff, stay_away};
use super::shim::atomic::{AtomicU8, Ordering::*};
use super::shim::{HANDED, Loads, SPINS, WOKEN, const_unless_loom, park, spin_loop, unpark_one, weakened};
use super::stats::{self, Shared};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;
use std::time::Duration;

const LOCKED: u8 = 1;
const PARKED: u8 = 2;
const MARKED: u8 = 4;

/// How a waiter leaves and re-enters the interpreter.
pub trait Park {
    /// Detaches the calling thread, which is attached.
    fn detach(&self);
    /// Attaches it, blocking while the world is stopped.
    fn attach(&self);
    /// Attaches it unless that would block.
    fn try_attach(&self) -> bool;
    /// Notes, attached, the address of the lock that the thread is about to wait for; 0: it does not wait any more.
    fn waits_at(&self, _address: usize) {}
    /// The thread's memory of its collisions; without one it never stays away from a lock.
    fn backoff(&self) -> Option<&Backoff> {
        None
    }
    /// Where debug builds count the locks that the thread holds.
    fn held(&self) -> Option<&Cell<u32>> {
        None
    }
}

/// See the module's documentation.
pub struct ByteLock {
    byte: AtomicU8,
}

impl ByteLock {
    const_unless_loom! {
        /// Free.
        pub fn new() -> ByteLock {
            ByteLock { byte: AtomicU8::new(0) }
        }
    }

    /// Takes the lock; detaches with `park` while it waits. `multi` says whether the process ever had a second thread.
    #[inline(always)]
    pub fn lock<P: Park + ?Sized>(&self, multi: bool, park: &P) {
        if multi {
            if park.backoff().is_some_and(Backoff::tick) {
                self.lock_and_mark(park);
            } else if !self.acquire_plain(LOCKED) {
                self.lock_slow(park);
            }
        }
    }

    /// Takes the lock if that needs no waiting.
    #[inline(always)]
    pub fn try_lock(&self, multi: bool) -> bool {
        !multi || self.try_acquire()
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// The calling thread holds it, taken with the same `multi`.
    #[inline(always)]
    pub unsafe fn unlock(&self, multi: bool) {
        if multi {
            self.release();
        }
    }

    /// Takes the lock until the guard is dropped.
    #[inline(always)]
    pub fn guard<P: Park + ?Sized>(&self, multi: bool, park: &P) -> LockGuard<'_> {
        self.lock(multi, park);
        LockGuard { lock: self, multi, held: Tally::start(park), own_thread: PhantomData }
    }

    /// Whether anybody holds the lock; true whenever the caller does (with `multi`).
    #[inline]
    pub fn is_locked(&self) -> bool {
        self.byte.load(Relaxed) & LOCKED != 0
    }

    /// Takes a lock with which nothing is the matter.
    #[inline(always)]
    fn acquire_plain(&self, taken: u8) -> bool {
        let order = if weakened("lock: acquire") { Relaxed } else { Acquire };
        // Acquire: pairs with the Release in `release`.
        self.byte.compare_exchange(0, taken, order, Relaxed).is_ok()
    }

    #[inline(always)]
    fn try_acquire(&self) -> bool {
        self.acquire_plain(LOCKED) || self.acquire_free().is_some()
    }

    /// Takes the lock if it is free, whatever else is the matter with it: what the byte was. Who is parked keeps the bit.
    fn acquire_free(&self) -> Option<u8> {
        let mut byte = self.byte.to_update(Relaxed);
        while byte & LOCKED == 0 {
            let order = if weakened("lock: acquire marked") { Relaxed } else { Acquire };
            match self.byte.compare_exchange_weak(byte, byte & !MARKED | LOCKED, order, Relaxed) {
                Ok(_) => return Some(byte),
                Err(seen) => byte = seen,
            }
        }
        None
    }

    #[inline(always)]
    fn release(&self) {
        let order = if weakened("lock: release") { Relaxed } else { Release };
        // Release: pairs with the Acquire in `acquire_plain`.
        if self.byte.compare_exchange(LOCKED, 0, order, Relaxed).is_err() {
            self.release_marked();
        }
    }

    #[cold]
    fn release_marked(&self) {
        let order = if weakened("lock: release marked") { Relaxed } else { Release };
        if weakened("lock: marked and parked") {
            self.byte.swap(MARKED, order);
            return;
        }
        // Release: pairs with the Acquire in `acquire_free`.
        if self.byte.compare_exchange(LOCKED | MARKED, MARKED, order, Relaxed).is_err() {
            self.release_parked();
        }
    }

    #[cold]
    fn release_parked(&self) {
        unpark_one(ptr::from_ref(self) as usize, |woke, others, fair| {
            if woke && fair {
                // Stays locked, now for the woken thread. The parking lot orders our writes before its return.
                self.byte.swap(if others { LOCKED | PARKED } else { LOCKED }, Relaxed);
                return if weakened("lock: handed") { WOKEN } else { HANDED };
            }
            // Release: pairs with the Acquire in `try_acquire`. (A swap, because loom does not order plain stores among the
            // read-modify-writes of others.)
            self.byte.swap(if others { PARKED } else { 0 }, Release);
            WOKEN
        });
    }

    #[cold]
    #[inline(never)]
    fn lock_slow<P: Park + ?Sized>(&self, park: &P) {
        if let Some(byte) = self.acquire_free() {
            if byte & MARKED != 0
                && let Some(backoff) = park.backoff()
            {
                backoff.met(ptr::from_ref(self) as usize);
            }
            return;
        }
        stats::note(Shared::ContendedLock);
        let Some(backoff) = park.backoff() else { return self.acquire(park) };
        keep_away(park, backoff.collide());
        self.acquire(park);
        backoff.acquired();
    }

    /// Takes the lock and leaves a mark, after the absence that earlier marks have brought about.
    #[cold]
    #[inline(never)]
    fn lock_and_mark<P: Park + ?Sized>(&self, park: &P) {
        if let Some(backoff) = park.backoff() {
            let time = backoff.owed();
            if !time.is_zero() {
                keep_away(park, time);
                // What follows counts from here: a mark met soon after the return doubles the absence.
                backoff.acquired();
            }
            if self.acquire_plain(LOCKED | MARKED) {
                return backoff.marked(ptr::from_ref(self) as usize);
            }
        }
        self.lock_slow(park);
    }

    /// Takes the lock, waiting as long as it has to.
    fn acquire<P: Park + ?Sized>(&self, park: &P) {
        if self.spin(SPINS) {
            return;
        }
        park.waits_at(ptr::from_ref(self) as usize);
        loop {
            park.detach();
            let handed = self.wait_detached();
            if !handed {
                park.attach();
                if self.try_acquire() {
                    break;
                }
                continue;
            }
            if weakened("lock: hold while stopped") {
                park.attach();
                break;
            }
            if park.try_attach() {
                break;
            }
            self.release();
            park.attach();
            if self.try_acquire() {
                break;
            }
        }
        park.waits_at(0);
    }

    /// Hopes for the holder to be quick: looks that many times, at longer and longer intervals, because each look takes the
    /// line from the holder. Stops hoping when others have parked already.
    fn spin(&self, looks: u32) -> bool {
        for look in 0..looks {
            for _ in 0..4 << look {
                spin_loop();
            }
            // Relaxed: a hint; taking the lock orders.
            let byte = self.byte.load(Relaxed);
            if byte & PARKED != 0 {
                return false;
            }
            if byte & LOCKED == 0 && self.try_acquire() {
                return true;
            }
        }
        false
    }

    /// Waits, as a detached thread, until the lock has been free, or is handed to it: then true.
    fn wait_detached(&self) -> bool {
        loop {
            // Relaxed, all of them: `PARKED` carries no data, and the parking lot orders `still` among those who unpark.
            let byte = self.byte.to_update(Relaxed);
            if byte & LOCKED == 0 {
                return weakened("lock: take detached") && self.try_acquire();
            }
            if byte & PARKED == 0 && self.byte.compare_exchange_weak(byte, byte | PARKED, Relaxed, Relaxed).is_err() {
                continue;
            }
            let still = || self.byte.load(Relaxed) & !MARKED == LOCKED | PARKED || weakened("lock: park blindly");
            if let Some(token) = park(ptr::from_ref(self) as usize, still) {
                return token == HANDED;
            }
        }
    }

    /// Frees the lock, if it is taken, in the child of a fork: by rule 7 its holder does not exist there.
    pub fn abandon(&self) {
        self.byte.store(0, Relaxed);
    }
}

/// Stays away for some time, detached.
pub fn keep_away<P: Park + ?Sized>(park: &P, time: Duration) {
    if !time.is_zero() {
        park.detach();
        stay_away(time);
        if !weakened("lock: come back detached") {
            park.attach();
        }
    }
}

impl Default for ByteLock {
    fn default() -> Self {
        ByteLock::new()
    }
}

/// Holds a lock until dropped.
#[must_use = "the lock is given back when this is dropped"]
pub struct LockGuard<'a> {
    lock: &'a ByteLock,
    multi: bool,
    held: Tally,
    own_thread: PhantomData<*const ()>,
}

/// In debug builds: counts one more lock of a thread as long as it exists.
pub struct Tally {
    #[cfg(debug_assertions)]
    held: *const Cell<u32>,
}

impl Tally {
    /// Counts one for the calling thread.
    #[inline(always)]
    pub fn start<P: Park + ?Sized>(park: &P) -> Tally {
        let _ = park;
        #[cfg(debug_assertions)]
        {
            let held = park.held();
            held.inspect(|held| held.set(held.get() + 1));
            Tally { held: held.map_or(ptr::null(), ptr::from_ref) }
        }
        #[cfg(not(debug_assertions))]
        Tally {}
    }

    /// Counts it no more.
    #[inline(always)]
    pub fn stop(&self) {
        #[cfg(debug_assertions)]
        // SAFETY: null, or the counter of the calling thread, which outlives the locks that it holds.
        if let Some(held) = unsafe { self.held.as_ref() } {
            held.set(held.get() - 1);
        }
    }
}

impl Drop for LockGuard<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: taken in `ByteLock::guard` by this thread, which holds locks only between safepoints.
        unsafe { self.lock.unlock(self.multi) }
        self.held.stop();
    }
}

/// Takes both locks, or the one if they are the same; `unlock_two` gives them back.
#[inline]
pub fn lock_two<P: Park + ?Sized>(a: &ByteLock, b: &ByteLock, multi: bool, park: &P) {
    if multi {
        lock_pair(a, b, park);
    }
}

/// Gives back what `lock_two` took.
///
/// # Safety
/// As for `ByteLock::unlock`, for both.
#[inline]
pub unsafe fn unlock_two(a: &ByteLock, b: &ByteLock, multi: bool) {
    if multi {
        a.release();
        if !ptr::eq(a, b) {
            b.release();
        }
    }
}

fn lock_pair<P: Park + ?Sized>(a: &ByteLock, b: &ByteLock, park: &P) {
    if ptr::eq(a, b) {
        return a.lock(true, park);
    }
    let (first, second) = if ptr::from_ref(a) < ptr::from_ref(b) { (a, b) } else { (b, a) };
    if weakened("lock: wait with one held") {
        a.lock(true, park);
        return b.lock(true, park);
    }
    loop {
        first.lock(true, park);
        // Few looks: the first lock is held meanwhile.
        if second.try_acquire() || second.spin(SPINS / 2) {
            return;
        }
        // Rule 4: wait for the second without the first. Whoever holds it makes progress, so the pair of us does.
        first.release();
        second.lock(true, park);
        if first.try_acquire() {
            return;
        }
        second.release();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::cell::UnsafeCell;
    use std::sync::atomic::AtomicU32;

    /// Counts detached threads; never stops.
    #[derive(Default)]
    struct Yard(AtomicU32);

    impl Park for Yard {
        fn detach(&self) {
            self.0.fetch_add(1, Relaxed);
        }
        fn attach(&self) {
            self.0.fetch_sub(1, Relaxed);
        }
        fn try_attach(&self) -> bool {
            self.attach();
            true
        }
    }

    struct Shared {
        locks: [ByteLock; 2],
        counts: UnsafeCell<[u64; 2]>,
    }
    // SAFETY: `counts` is touched under the locks.
    unsafe impl Sync for Shared {}

    #[test]
    fn excludes_and_returns_attached() {
        let shared = Shared { locks: [ByteLock::new(), ByteLock::new()], counts: UnsafeCell::new([0; 2]) };
        let yard = Yard::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (shared, yard) = (&shared, &yard);
                scope.spawn(move || {
                    for _ in 0..20_000 {
                        let (a, b) = (&shared.locks[thread % 2], &shared.locks[(thread + 1) % 2]);
                        lock_two(a, b, true, yard);
                        // SAFETY: both locks are held.
                        unsafe { (*shared.counts.get())[0] += 1 };
                        // SAFETY: taken above.
                        unsafe { unlock_two(a, b, true) };
                        let _guard = shared.locks[1].guard(true, yard);
                        // SAFETY: the second lock guards the second count.
                        unsafe { (*shared.counts.get())[1] += 1 };
                    }
                });
            }
        });
        // SAFETY: the threads are gone.
        assert_eq!(unsafe { *shared.counts.get() }, [80_000; 2]);
        assert_eq!(yard.0.load(Relaxed), 0);
        assert!(!shared.locks[0].is_locked() && !shared.locks[1].is_locked());
    }

    #[test]
    fn one_thread_pays_nothing_and_one_lock_may_be_both() {
        let (lock, yard) = (ByteLock::new(), Yard::default());
        lock.lock(false, &yard);
        assert!(!lock.is_locked());
        // SAFETY: taken in the same mode.
        unsafe { lock.unlock(false) };
        lock_two(&lock, &lock, true, &yard);
        assert!(lock.is_locked() && !lock.try_lock(true));
        // SAFETY: taken above.
        unsafe { unlock_two(&lock, &lock, true) };
        assert!(lock.try_lock(true));
    }
}
