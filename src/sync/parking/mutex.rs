//! A mutex whose word names its holder.
//!
//! The word holds the holder (0: free) and `PARKED`: somebody waits, or is about to; whoever unlocks has to look.
//!
//! 1. Taking a free lock is one compare-exchange (Acquire), giving it back one to 0 (Release).
//! 2. `PARKED` is set by whoever is about to wait, and changes back with the lot's queue locked.
//! 3. Whoever comes first gets a free lock, also before those that wait. Unlocking wakes one of them; now and then it hands
//!    the lock over to it instead (the word then names the new holder, without having been free), so that they do not starve.
//! 4. Who only waits for the lock to be free is never handed it. Woken, it tries to take the lock at least once more: its
//!    wake-up is the only one.
//! 5. A holder that no longer exists (in the child of a fork) loses the lock to whoever names it in a compare-exchange.

use super::lot::Parked;
use super::system::ToUpdate;
use super::system::atomic::{AtomicU64, Ordering::*};
use crate::sync::shim::{HANDED, SPINS, WOKEN, const_unless_loom, weakened};
use std::ptr;
use std::time::Instant;

const HOLDER: u64 = u32::MAX as u64;
const PARKED: u64 = 1 << 32;

/// What a holder without a number is called.
const SOMEBODY: u32 = u32::MAX;
/// What a waiter is called that does not take the lock.
const NOBODY: u32 = 0;

/// See the module's documentation.
pub struct RawMutex {
    word: AtomicU64,
}

impl RawMutex {
    const_unless_loom! {
        /// Free.
        pub fn new() -> RawMutex {
            RawMutex { word: AtomicU64::new(0) }
        }
    }

    /// The holder as it was at some moment: 0 if there was none.
    #[inline]
    pub fn holder(&self) -> u32 {
        // Relaxed: a thread that finds its own number wrote it.
        (self.word.load(Relaxed) & HOLDER) as u32
    }

    /// Takes the lock for `me`, if it is free.
    #[inline]
    pub fn try_lock_as(&self, me: u32) -> bool {
        // Acquire: pairs with the Release in `unlock`.
        self.word.compare_exchange(0, me.into(), Acquire, Relaxed).is_ok() || self.try_lock_parked(me)
    }

    /// As above when somebody waits; the bit stays.
    fn try_lock_parked(&self, me: u32) -> bool {
        self.word.change(Acquire, |word| (word & HOLDER == 0).then_some(word | u64::from(me))).is_ok()
    }

    /// Takes the lock for `me`, waiting as long as it has to, or until `deadline`; whether it was taken.
    pub fn lock_as(&self, me: u32, deadline: Option<Instant>) -> bool {
        self.spin(me) || self.wait(me, deadline)
    }

    /// Waits until the lock has been free, or `deadline`. It may be taken again already: the caller tries.
    pub fn await_free(&self, deadline: Option<Instant>) {
        self.wait(NOBODY, deadline);
    }

    /// Takes the lock over for `me` from a holder that does not exist; false if somebody else has.
    pub fn take_over(&self, gone: u32, me: u32) -> bool {
        // Acquire: whatever the holder did is in this thread's memory already; others may have held it meanwhile.
        let taken = |word| {
            (word & HOLDER == u64::from(gone) || weakened("mutex: take over at once"))
                .then_some(word & PARKED | u64::from(me))
        };
        self.word.change(Acquire, taken).is_ok()
    }

    /// Gives the lock back.
    ///
    /// # Safety
    /// It is held, and by nobody who relies on that.
    #[inline]
    pub unsafe fn unlock(&self) {
        let word = self.word.to_update();
        let order = if weakened("mutex: release") { Relaxed } else { Release };
        // Release: pairs with the Acquire in `try_lock_as`.
        if word & PARKED != 0 || self.word.compare_exchange(word, 0, order, Relaxed).is_err() {
            self.unlock_parked();
        }
    }

    #[cold]
    fn unlock_parked(&self) {
        let key = ptr::from_ref(self) as usize;
        super::lot().unpark_one(key, |woken| {
            let left = if woken.others { PARKED } else { 0 };
            match woken.word {
                Some(next) if woken.fair && next != NOBODY => {
                    // Never free in between. The lot orders our writes before the new holder's return.
                    self.word.swap(left | u64::from(next), Relaxed);
                    if weakened("mutex: handed") { WOKEN } else { HANDED }
                }
                _ => {
                    // Release: as in `unlock`. (A swap, because loom does not order plain stores among the
                    // read-modify-writes of others.)
                    self.word.swap(left, Release);
                    WOKEN
                }
            }
        });
    }

    /// Hopes for the holder to be quick. Stops hoping when others wait already.
    fn spin(&self, me: u32) -> bool {
        for look in 0..SPINS {
            for _ in 0..4 << look {
                std::hint::spin_loop();
            }
            // Relaxed: a hint; taking the lock orders.
            let word = self.word.load(Relaxed);
            if word & PARKED != 0 {
                return false;
            }
            if word == 0 && self.try_lock_as(me) {
                return true;
            }
        }
        false
    }

    /// Waits for the lock: for `me` to have it, or for NOBODY until it has been free. False when the time has passed.
    #[cold]
    fn wait(&self, me: u32, deadline: Option<Instant>) -> bool {
        let key = ptr::from_ref(self) as usize;
        loop {
            // Relaxed, all of them: `PARKED` carries no data, and the lot orders `still` among those who unpark.
            let word = self.word.to_update();
            if word & HOLDER == 0 {
                if me == NOBODY || self.try_lock_as(me) {
                    return true;
                }
                continue;
            }
            if word & PARKED == 0 && self.word.compare_exchange_weak(word, word | PARKED, Relaxed, Relaxed).is_err() {
                continue;
            }
            let still = || {
                let word = self.word.load(Relaxed);
                word & PARKED != 0 && word & HOLDER != 0 || weakened("mutex: park blindly")
            };
            match super::lot().park(key, me, still, deadline) {
                Parked::Woken(HANDED) => return true,
                Parked::Woken(_) if me == NOBODY => return true,
                Parked::TimedOut => return me != NOBODY && self.try_lock_as(me),
                _ => {}
            }
        }
    }
}

impl Default for RawMutex {
    fn default() -> Self {
        RawMutex::new()
    }
}

// SAFETY: one holder at a time, by rules 1 to 3.
#[cfg(not(loom))]
unsafe impl lock_api::RawMutex for RawMutex {
    #[allow(clippy::declare_interior_mutable_const, reason = "what the trait asks for")]
    const INIT: RawMutex = RawMutex::new();
    type GuardMarker = lock_api::GuardNoSend;

    #[inline]
    fn lock(&self) {
        if !self.try_lock_as(SOMEBODY) {
            self.lock_as(SOMEBODY, None);
        }
    }
    #[inline]
    fn try_lock(&self) -> bool {
        self.try_lock_as(SOMEBODY)
    }
    #[inline]
    unsafe fn unlock(&self) {
        // SAFETY: by the caller.
        unsafe { RawMutex::unlock(self) }
    }
    fn is_locked(&self) -> bool {
        self.holder() != 0
    }
}

// SAFETY: as above.
#[cfg(not(loom))]
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = std::time::Duration;
    type Instant = Instant;

    fn try_lock_for(&self, time: std::time::Duration) -> bool {
        // A time past the clock's reach is for ever.
        self.try_lock_as(SOMEBODY) || self.lock_as(SOMEBODY, Instant::now().checked_add(time))
    }
    fn try_lock_until(&self, deadline: Instant) -> bool {
        self.try_lock_as(SOMEBODY) || self.lock_as(SOMEBODY, Some(deadline))
    }
}

/// A mutex around a value.
#[cfg(not(loom))]
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;
/// Its guard.
#[cfg(not(loom))]
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;
