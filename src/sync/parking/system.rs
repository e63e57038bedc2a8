//! The system's part of waiting: sleeping until a word changes, and the lock of a queue.
//!
//! The atomics are std's also in a build for tests: a schedule of the whole machine has a lot of its own (`proof::shim`), and
//! does not look into this one.

use std::time::Instant;

#[cfg(loom)]
pub use loom::sync::atomic;
#[cfg(not(loom))]
pub use std::sync::atomic;

use atomic::{AtomicU32, AtomicU64, Ordering::*};

/// As `shim::Loads::to_update`, for the atomics used here.
pub trait ToUpdate<T> {
    /// A load whose value is only trusted by the compare-exchange that follows.
    fn to_update(&self) -> T;
    /// Changes the word to what `change` makes of it, with `order`; the last value seen if that gives nothing.
    fn change(&self, order: atomic::Ordering, change: impl Fn(T) -> Option<T>) -> Result<T, T>;
}

macro_rules! to_update {
    ($($atomic:ident: $value:ty),*) => {$(
        impl ToUpdate<$value> for $atomic {
            #[inline(always)]
            fn to_update(&self) -> $value {
                if cfg!(loom) { self.fetch_or(0, Relaxed) } else { self.load(Relaxed) }
            }
            fn change(
                &self,
                order: atomic::Ordering,
                change: impl Fn($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut seen = self.to_update();
                while let Some(new) = change(seen) {
                    match self.compare_exchange_weak(seen, new, order, Relaxed) {
                        Ok(old) => return Ok(old),
                        Err(now) => seen = now,
                    }
                }
                Err(seen)
            }
        }
    )*};
}
to_update!(AtomicU32: u32, AtomicU64: u64);

/// Sleeps while the word is `expected`, or until `deadline`; false if that has passed. It may wake for no reason.
#[cfg(not(loom))]
pub fn sleep(word: &AtomicU32, expected: u32, deadline: Option<Instant>) -> bool {
    use rustix::thread::futex::{Flags, Timespec, wait};
    let time = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
        Some(left) if left.is_zero() => return false,
        // A time that the system cannot tell apart from ever is for ever.
        left => left.and_then(|left| {
            Some(Timespec { tv_sec: left.as_secs().try_into().ok()?, tv_nsec: left.subsec_nanos().into() })
        }),
    };
    // Interrupted, changed already, timed out: the caller looks.
    let _ = wait(word, Flags::PRIVATE, expected, time.as_ref());
    true
}

/// Wakes one thread that sleeps at the address of a word. There may be no such word any more: who sleeps at its address then
/// wakes for no reason.
#[cfg(not(loom))]
pub fn wake(word: *const AtomicU32) {
    // SAFETY: the system only compares the address.
    unsafe {
        libc::syscall(libc::SYS_futex, word, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, 1);
    }
}

#[cfg(loom)]
loom::lazy_static! {
    static ref SLEEPERS: (loom::sync::Mutex<()>, loom::sync::Condvar) =
        (loom::sync::Mutex::new(()), loom::sync::Condvar::new());
}

/// As above; a time in a model has always passed.
#[cfg(loom)]
pub fn sleep(word: &AtomicU32, expected: u32, deadline: Option<Instant>) -> bool {
    if deadline.is_some() {
        loom::thread::yield_now();
        return false;
    }
    let guard = SLEEPERS.0.lock().unwrap();
    if word.load(Relaxed) == expected {
        drop(SLEEPERS.1.wait(guard).unwrap());
    }
    true
}

#[cfg(loom)]
pub fn wake(_word: *const AtomicU32) {
    drop(SLEEPERS.0.lock().unwrap());
    SLEEPERS.1.notify_all();
}

const FREE: u32 = 0;
const TAKEN: u32 = 1;
/// Taken, and somebody may sleep on it.
const AWAITED: u32 = 2;

/// The lock of a queue: held for some instructions, never while anything is waited for.
pub struct QueueLock(AtomicU32);

impl QueueLock {
    crate::sync::shim::const_unless_loom! {
        pub fn new() -> QueueLock {
            QueueLock(AtomicU32::new(FREE))
        }
    }

    #[inline]
    pub fn lock(&self) {
        // Acquire: pairs with the Release in `unlock`.
        if self.0.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_err() {
            self.lock_slow();
        }
    }

    #[cold]
    fn lock_slow(&self) {
        for _ in 0..if cfg!(loom) { 0 } else { 100 } {
            std::hint::spin_loop();
            if self.0.compare_exchange(FREE, TAKEN, Acquire, Relaxed).is_ok() {
                return;
            }
        }
        // Whoever has slept takes it as awaited: there may be more.
        while self.0.swap(AWAITED, Acquire) != FREE {
            sleep(&self.0, AWAITED, None);
        }
    }

    /// Gives it back, as its holder.
    #[inline]
    pub fn unlock(&self) {
        let order = if crate::sync::shim::weakened("parking: queue release") { Relaxed } else { Release };
        // Release: pairs with the Acquire in `lock`.
        if self.0.swap(FREE, order) == AWAITED {
            wake(&self.0);
        }
    }
}
