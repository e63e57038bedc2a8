//! The atomics, cells, locks and parking that the primitives use: the real ones, or loom's when the models are built.
//!
//! `weakened(NAME)` marks the steps whose removal a twin model, or a test of the whole machine, tries (see `proof`). In a real
//! build it is the constant `false`.

pub use imp::*;

/// A value on cache lines of its own (two, because of adjacent-line prefetch).
#[derive(Default)]
#[repr(align(128))]
pub struct Padded<T>(pub T);

impl<T> std::ops::Deref for Padded<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Padded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Between finding what it reads and counting it, a reader without a lock may be stopped for any time. In a test that asks for
/// it, it always is.
#[inline(always)]
pub fn linger() {
    if !cfg!(loom) && weakened("stress: readers linger") {
        std::thread::yield_now();
    }
}

/// Declares a constructor that is `const` in a real build; loom's types have no constant constructors.
macro_rules! const_unless_loom {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($($args:tt)*) -> $ret:ty $body:block) => {
        $(#[$meta])*
        #[cfg(not(loom))]
        $vis const fn $name($($args)*) -> $ret $body
        $(#[$meta])*
        #[cfg(loom)]
        $vis fn $name($($args)*) -> $ret $body
    };
}
pub(crate) use const_unless_loom;

/// Two kinds of load that a model treats in their own way.
///
/// Loom's search forgets that thread A has read a word when thread B reads it before writing it, and then never tries B's
/// write before A's read. So the reads that precede a write are spelled differently: they are not steps of their own
/// (`own`), or count as writes (`to_update`).
pub trait Loads<T> {
    /// What the word holds, for the only thread that may write it now. A model checks that it is the only one.
    fn own(&self) -> T;
    /// A load whose value is only trusted by the compare-exchange that follows.
    fn to_update(&self, order: atomic::Ordering) -> T;
}

macro_rules! loads {
    ($($atomic:ident: $value:ty),*) => {$(
        impl Loads<$value> for atomic::$atomic {
            #[cfg(not(loom))]
            #[inline(always)]
            fn own(&self) -> $value {
                self.load(atomic::Ordering::Relaxed)
            }
            #[cfg(not(loom))]
            #[inline(always)]
            fn to_update(&self, order: atomic::Ordering) -> $value {
                self.load(order)
            }
            #[cfg(loom)]
            #[track_caller]
            fn own(&self) -> $value {
                // SAFETY: loom panics if another thread may be writing.
                unsafe { self.unsync_load() }
            }
            #[cfg(loom)]
            #[track_caller]
            fn to_update(&self, order: atomic::Ordering) -> $value {
                self.fetch_or(0, order)
            }
        }
    )*};
}
loads!(AtomicU8: u8, AtomicU16: u16, AtomicU32: u32, AtomicU64: u64, AtomicUsize: usize);

impl<T> Loads<*mut T> for atomic::AtomicPtr<T> {
    #[cfg(not(loom))]
    #[inline(always)]
    fn own(&self) -> *mut T {
        self.load(atomic::Ordering::Relaxed)
    }
    #[cfg(loom)]
    #[track_caller]
    fn own(&self) -> *mut T {
        // SAFETY: loom panics if another thread may be writing.
        unsafe { self.unsync_load() }
    }
    #[inline(always)]
    fn to_update(&self, order: atomic::Ordering) -> *mut T {
        self.load(order)
    }
}

/// Test schedules of the whole machine (see `proof`): none, in a real build and in a model.
#[cfg(not(feature = "proof"))]
pub mod schedule {
    /// Whether a schedule decides when the calling thread runs.
    #[inline(always)]
    pub const fn is_mine() -> bool {
        false
    }
    /// Runs `f`, which may wait for the system.
    #[inline(always)]
    pub fn away<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
    /// Runs `f` without a step of the schedule in between.
    #[inline(always)]
    pub fn quiet<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
    /// Lets others run until `attempt` gives something. Not called outside of a schedule.
    pub fn until<R>(mut attempt: impl FnMut() -> Option<R>) -> R {
        loop {
            if let Some(result) = attempt() {
                return result;
            }
        }
    }
    /// What a schedule's seed decides. Not called outside of a schedule.
    pub const fn draw(_below: u64) -> u64 {
        0
    }
}

#[cfg(not(loom))]
mod imp {
    #[cfg(not(feature = "proof"))]
    pub use crate::sync::parking::condvar::Condvar;
    #[cfg(not(feature = "proof"))]
    pub use crate::sync::parking::mutex::Mutex;
    pub use crate::sync::parking::mutex::MutexGuard;
    #[cfg(not(feature = "proof"))]
    pub use std::hint::spin_loop;
    #[cfg(not(feature = "proof"))]
    pub use std::sync::atomic;

    #[cfg(feature = "proof")]
    pub use crate::sync::proof::schedule;
    #[cfg(feature = "proof")]
    pub use crate::sync::proof::shim::{Condvar, Mutex, atomic};
    #[cfg(feature = "proof")]
    pub use crate::sync::proof::weaken::weakened;

    /// The thread waits for another: in a schedule, others run.
    #[cfg(feature = "proof")]
    pub fn spin_loop() {
        schedule::give_way();
        std::hint::spin_loop();
    }

    /// How often a contended lock is looked at before its waiter parks: about ten microseconds.
    pub const SPINS: u32 = 7;

    /// Whether a test leaves out the step `name`. Never, in a real build.
    #[cfg(not(feature = "proof"))]
    #[inline(always)]
    pub const fn weakened(_name: &str) -> bool {
        false
    }

    /// A cell whose accesses loom checks for races.
    #[repr(transparent)]
    pub struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub const fn new(value: T) -> UnsafeCell<T> {
            UnsafeCell(std::cell::UnsafeCell::new(value))
        }
        #[inline(always)]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }
        #[inline(always)]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }

    /// In a model: notices that memory is used after its end. Here: nothing.
    #[derive(Default)]
    pub struct Canary;

    impl Canary {
        #[inline(always)]
        pub const fn new() -> Canary {
            Canary
        }
        #[inline(always)]
        pub fn touch(&self) {}
        #[inline(always)]
        pub fn kill(&self) {}
    }

    use crate::sync::parking::lot;
    use crate::sync::parking::lot::Parked;

    /// What a parked thread is told by the one that wakes it.
    pub const WOKEN: usize = 0;
    /// As `WOKEN`, and the lock is already the woken thread's.
    pub const HANDED: usize = 1;

    /// Parks the thread on `key` if `validate` holds once no unpark can be missed; the token of the unparker, if any.
    pub fn park(key: usize, validate: impl FnOnce() -> bool) -> Option<usize> {
        #[cfg(feature = "proof")]
        if schedule::is_mine() {
            use crate::sync::proof::shim::lot;
            let ticket = schedule::quiet(|| validate().then(|| lot::add(key)))?;
            return Some(schedule::until(|| lot::token(ticket)));
        }
        match lot().park(key, 1, validate, None) {
            Parked::Woken(token) => Some(token),
            _ => None,
        }
    }

    /// Wakes one thread parked on `key`. `decide(woke_one, others_wait, be_fair)` runs before anybody else can park or
    /// unpark there, and gives the token for the woken thread.
    pub fn unpark_one(key: usize, decide: impl FnOnce(bool, bool, bool) -> usize) {
        #[cfg(feature = "proof")]
        use crate::sync::proof::shim::lot;
        #[cfg(feature = "proof")]
        let decide = |woke, others, fair| schedule::quiet(|| decide(woke, others, fair));
        #[cfg(feature = "proof")]
        if lot::waits(key) {
            let fair = schedule::draw(4) == 0;
            lot::wake(key, |woke, others| decide(woke, others, fair));
            return;
        }
        lot().unpark_one(key, |woken| decide(woken.word.is_some(), woken.others, woken.fair));
    }
}

#[cfg(loom)]
mod imp {
    pub use loom::sync::atomic;
    use std::alloc::{Layout, dealloc};
    use std::cell::{Cell, RefCell};
    use std::ops::{Deref, DerefMut};

    pub const SPINS: u32 = 0;

    pub fn spin_loop() {
        loom::thread::yield_now();
    }

    // Loom runs all threads of a model on the OS thread that started it, so these thread-locals are per model.
    std::thread_local! {
        static WEAK: Cell<&'static str> = const { Cell::new("") };
        static FAIR: Cell<bool> = const { Cell::new(false) };
        static GRAVES: RefCell<Vec<(*mut u8, Layout)>> = const { RefCell::new(Vec::new()) };
    }

    /// Frees memory when the run is over: until then, who wrongly reads it finds its canary dead.
    pub fn bury(start: *mut u8, layout: Layout) {
        GRAVES.with(|graves| graves.borrow_mut().push((start, layout)));
    }

    /// Called between runs.
    pub fn empty_graves() {
        for (start, layout) in GRAVES.with(RefCell::take) {
            // SAFETY: buried with its layout; the run that could read it is over.
            unsafe { dealloc(start, layout) };
        }
    }

    /// Whether the running model leaves out the step `name`.
    pub fn weakened(name: &str) -> bool {
        WEAK.with(|weak| weak.get().split(" + ").any(|weak| weak == name))
    }

    /// Whether the running model leaves out any step.
    pub fn is_weakened() -> bool {
        WEAK.with(|weak| !weak.get().is_empty())
    }

    /// Runs `f` with the step `name` left out (or several, joined by " + ").
    pub fn with_weakened<R>(name: &'static str, f: impl FnOnce() -> R) -> R {
        struct Reset;
        impl Drop for Reset {
            fn drop(&mut self) {
                WEAK.with(|weak| weak.set(""));
            }
        }
        WEAK.with(|weak| weak.set(name));
        let _reset = Reset;
        f()
    }

    /// Whether unlocking hands locks over to parked threads in the running model.
    pub fn set_fair(fair: bool) {
        FAIR.with(|cell| cell.set(fair));
    }

    /// See `set_fair`.
    pub fn is_fair() -> bool {
        FAIR.with(Cell::get)
    }

    pub struct UnsafeCell<T>(loom::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub fn new(value: T) -> UnsafeCell<T> {
            UnsafeCell(loom::cell::UnsafeCell::new(value))
        }
        #[track_caller]
        pub fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            self.0.with(f)
        }
        #[track_caller]
        pub fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            self.0.with_mut(f)
        }
    }

    /// Notices a use after the end: `touch` must happen before `kill`.
    pub struct Canary(loom::cell::UnsafeCell<bool>);

    impl Canary {
        pub fn new() -> Canary {
            Canary(loom::cell::UnsafeCell::new(true))
        }
        #[track_caller]
        pub fn touch(&self) {
            // SAFETY: loom checks that no `kill` runs at the same time.
            self.0.with(|alive| assert!(unsafe { *alive }, "used after its end"));
        }
        #[track_caller]
        pub fn kill(&self) {
            // SAFETY: loom checks that no other access runs at the same time.
            self.0.with_mut(|alive| unsafe {
                assert!(*alive, "ended twice");
                *alive = false;
            });
        }
    }

    /// loom's mutex with the face of the one in `parking`.
    pub struct Mutex<T>(loom::sync::Mutex<T>);
    pub struct MutexGuard<'a, T>(Option<loom::sync::MutexGuard<'a, T>>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Mutex<T> {
            Mutex(loom::sync::Mutex::new(value))
        }
        #[track_caller]
        pub fn lock(&self) -> MutexGuard<'_, T> {
            MutexGuard(Some(self.0.lock().unwrap()))
        }
        #[track_caller]
        pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
            self.0.try_lock().ok().map(|guard| MutexGuard(Some(guard)))
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            self.0.as_ref().unwrap()
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.0.as_mut().unwrap()
        }
    }

    /// loom's condition variable with the face of the one in `parking`.
    pub struct Condvar(loom::sync::Condvar);

    impl Condvar {
        pub fn new() -> Condvar {
            Condvar(loom::sync::Condvar::new())
        }
        #[track_caller]
        pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
            let inner = guard.0.take().unwrap();
            guard.0 = Some(self.0.wait(inner).unwrap());
        }
        pub fn notify_one(&self) {
            self.0.notify_one();
        }
        pub fn notify_all(&self) {
            self.0.notify_all();
        }
    }

    pub const WOKEN: usize = 0;
    pub const HANDED: usize = 1;

    /// A parked thread: its key, then the token it was woken with.
    struct Parked {
        key: usize,
        ticket: usize,
        token: Option<usize>,
    }

    struct Lot {
        queue: loom::sync::Mutex<(usize, RefCell<Vec<Parked>>)>,
        woken: loom::sync::Condvar,
    }

    loom::lazy_static! {
        static ref LOT: Lot = Lot {
            queue: loom::sync::Mutex::new((0, RefCell::new(Vec::new()))),
            woken: loom::sync::Condvar::new(),
        };
    }

    pub fn park(key: usize, validate: impl FnOnce() -> bool) -> Option<usize> {
        let mut lot = LOT.queue.lock().unwrap();
        if !validate() {
            return None;
        }
        lot.0 += 1;
        let ticket = lot.0;
        lot.1.borrow_mut().push(Parked { key, ticket, token: None });
        loop {
            {
                let mut queue = lot.1.borrow_mut();
                let mine = queue.iter().position(|parked| parked.ticket == ticket).unwrap();
                if let Some(token) = queue[mine].token {
                    queue.remove(mine);
                    return Some(token);
                }
            }
            lot = LOT.woken.wait(lot).unwrap();
        }
    }

    pub fn unpark_one(key: usize, decide: impl FnOnce(bool, bool, bool) -> usize) {
        let lot = LOT.queue.lock().unwrap();
        let waiting = |parked: &Parked| parked.key == key && parked.token.is_none();
        let count = lot.1.borrow().iter().filter(|parked| waiting(parked)).count();
        let token = decide(count > 0, count > 1, is_fair());
        if let Some(parked) = lot.1.borrow_mut().iter_mut().find(|parked| waiting(parked)) {
            parked.token = Some(token);
        }
        drop(lot);
        LOT.woken.notify_all();
    }
}
