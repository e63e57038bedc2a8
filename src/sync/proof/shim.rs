//! Atomics, mutexes, condition variables and parking, whose every operation is a step of the schedule (see `schedule`).
//!
//! Outside of a schedule they do what std's and those of `parking` do, one check later.

use super::schedule::{self, point};
use crate::sync::parking::condvar::{self, Ticket};
use crate::sync::parking::mutex::{self, MutexGuard};
use crate::sync::shim::WOKEN;
use std::ops::{Deref, DerefMut};
use std::time::Instant;

/// `std::sync::atomic`, with a step before each operation.
pub mod atomic {
    use super::point;
    pub use std::sync::atomic::{Ordering, compiler_fence};

    /// `std::sync::atomic::fence`.
    #[inline(always)]
    pub fn fence(order: Ordering) {
        point();
        std::sync::atomic::fence(order);
    }

    macro_rules! atomics {
        ($($name:ident $(<$t:ident>)?: $value:ty { $($op:ident),* })*) => {$(
            /// `std::sync::atomic`'s type of this name.
            #[derive(Debug)]
            #[repr(transparent)]
            pub struct $name $(<$t>)? (std::sync::atomic::$name $(<$t>)?);

            impl $(<$t>)? Default for $name $(<$t>)? {
                fn default() -> Self {
                    $name(Default::default())
                }
            }

            impl $(<$t>)? $name $(<$t>)? {
                pub const fn new(value: $value) -> Self {
                    $name(std::sync::atomic::$name::new(value))
                }
                #[inline(always)]
                pub fn load(&self, order: Ordering) -> $value {
                    point();
                    self.0.load(order)
                }
                #[inline(always)]
                pub fn store(&self, value: $value, order: Ordering) {
                    point();
                    self.0.store(value, order)
                }
                #[inline(always)]
                pub fn swap(&self, value: $value, order: Ordering) -> $value {
                    point();
                    self.0.swap(value, order)
                }
                #[inline(always)]
                pub fn compare_exchange(
                    &self,
                    current: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    point();
                    self.0.compare_exchange(current, new, success, failure)
                }
                /// Fails only for a reason: a schedule can be run again.
                #[inline(always)]
                pub fn compare_exchange_weak(
                    &self,
                    current: $value,
                    new: $value,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$value, $value> {
                    self.compare_exchange(current, new, success, failure)
                }
                pub fn fetch_update(
                    &self,
                    success: Ordering,
                    failure: Ordering,
                    mut f: impl FnMut($value) -> Option<$value>,
                ) -> Result<$value, $value> {
                    let mut seen = self.load(failure);
                    while let Some(new) = f(seen) {
                        match self.compare_exchange(seen, new, success, failure) {
                            Ok(old) => return Ok(old),
                            Err(now) => seen = now,
                        }
                    }
                    Err(seen)
                }
                $(
                    #[inline(always)]
                    pub fn $op(&self, value: $value, order: Ordering) -> $value {
                        point();
                        self.0.$op(value, order)
                    }
                )*
                #[inline(always)]
                pub fn get_mut(&mut self) -> &mut $value {
                    self.0.get_mut()
                }
                #[inline(always)]
                pub fn into_inner(self) -> $value {
                    self.0.into_inner()
                }
                #[inline(always)]
                pub const fn as_ptr(&self) -> *mut $value {
                    self.0.as_ptr()
                }
                /// # Safety
                /// As for std's.
                #[inline(always)]
                pub const unsafe fn from_ptr<'a>(at: *mut $value) -> &'a Self {
                    // SAFETY: by the caller; the representation is std's.
                    unsafe { &*at.cast::<Self>() }
                }
            }
        )*};
    }

    atomics! {
        AtomicBool: bool { fetch_and, fetch_or, fetch_xor }
        AtomicI8: i8 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicU8: u8 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicU16: u16 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicU32: u32 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicU64: u64 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicUsize: usize { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicI32: i32 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicI64: i64 { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicIsize: isize { fetch_add, fetch_sub, fetch_and, fetch_or, fetch_max, fetch_min }
        AtomicPtr<T>: *mut T {}
    }
}

/// `parking::mutex::Mutex`; in a schedule, a thread that finds it taken lets others run.
#[derive(Default, Debug)]
pub struct Mutex<T>(mutex::Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Mutex<T> {
        Mutex(mutex::Mutex::new(value))
    }
    pub fn lock(&self) -> MutexGuard<'_, T> {
        point();
        if schedule::is_mine() { schedule::until(|| self.0.try_lock()) } else { self.0.lock() }
    }
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        point();
        self.0.try_lock()
    }
}

impl<T> Deref for Mutex<T> {
    type Target = mutex::Mutex<T>;
    fn deref(&self) -> &mutex::Mutex<T> {
        &self.0
    }
}

impl<T> DerefMut for Mutex<T> {
    fn deref_mut(&mut self) -> &mut mutex::Mutex<T> {
        &mut self.0
    }
}

/// `parking::condvar::Condvar`.
#[derive(Default)]
pub struct Condvar(condvar::Condvar);

impl Condvar {
    pub const fn new() -> Condvar {
        Condvar(condvar::Condvar::new())
    }

    fn key(&self) -> usize {
        std::ptr::from_ref(self) as usize
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        if !schedule::is_mine() {
            return self.0.wait(guard);
        }
        let ticket = lot::add(self.key());
        let mutex = MutexGuard::mutex(guard);
        // The turn does not change between the look at the mutex and taking it.
        MutexGuard::unlocked(guard, || {
            let token = schedule::until(|| lot::token(ticket));
            schedule::until(|| (!mutex.is_locked()).then_some(token))
        });
    }

    pub fn ticket(&self) -> Ticket {
        point();
        self.0.ticket()
    }

    pub fn await_change(&self, ticket: Ticket, deadline: Option<Instant>) -> bool {
        schedule::away(|| self.0.await_change(ticket, deadline))
    }

    pub fn notify_one(&self) {
        point();
        if !lot::wake(self.key(), |_, _| WOKEN) {
            self.0.notify_one();
        }
    }

    pub fn notify_all(&self) {
        point();
        while lot::wake(self.key(), |_, _| WOKEN) {}
        self.0.notify_all();
    }
}

/// Those that wait for a wake-up in a schedule.
pub mod lot {
    use crate::sync::parking::mutex::Mutex;

    struct Waiter {
        key: usize,
        ticket: usize,
        token: Option<usize>,
    }

    static LOT: Mutex<(usize, Vec<Waiter>)> = Mutex::new((0, Vec::new()));

    /// A new waiter on `key`.
    pub fn add(key: usize) -> usize {
        let mut lot = LOT.lock();
        lot.0 += 1;
        let ticket = lot.0;
        lot.1.push(Waiter { key, ticket, token: None });
        ticket
    }

    /// What the waiter was told, if it was woken. It is asked once only.
    pub fn token(ticket: usize) -> Option<usize> {
        let mut lot = LOT.lock();
        let at = lot.1.iter().position(|each| each.ticket == ticket)?;
        let token = lot.1[at].token?;
        lot.1.remove(at);
        Some(token)
    }

    /// Whether anybody waits on `key`.
    pub fn waits(key: usize) -> bool {
        LOT.lock().1.iter().any(|each| each.key == key && each.token.is_none())
    }

    /// Wakes the first that waits on `key`, with what `decide(woke, others_wait)` says. False if there is none.
    pub fn wake(key: usize, decide: impl FnOnce(bool, bool) -> usize) -> bool {
        let mut lot = LOT.lock();
        let waiting = |each: &Waiter| each.key == key && each.token.is_none();
        let count = lot.1.iter().filter(|each| waiting(each)).count();
        let token = decide(count > 0, count > 1);
        if let Some(first) = lot.1.iter_mut().find(|each| waiting(each)) {
            first.token = Some(token);
        }
        count > 0
    }
}
