//! `lock` and `RLock`: mutexes, waited for detached. (A thread that a fork leaves behind keeps what it has, as in CPython.)
//!
//! A waiter is detached, so that it delays nobody. The main thread wakes a few times a second to run signal handlers, so
//! that Ctrl-C interrupts its wait.

use super::handle;
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{protocol, tuple};
use crate::sync::parking::mutex::RawMutex;
use crate::sync::shim::atomic::{AtomicBool, AtomicU64, Ordering::*};
use crate::sync::shim::weakened;
use lock_api::{RawMutex as _, RawMutexTimed as _};
use std::time::{Duration, Instant};

/// The longest wait that can be asked for, in seconds.
pub const TIMEOUT_MAX: f64 = 9_223_372_036.0;
/// How long the main thread waits at a time.
const SLICE: Duration = Duration::from_millis(50);

/// The payload of `lock`. Any thread may release it: `held` decides which of several that try has done so.
pub struct Lock {
    mutex: RawMutex,
    held: AtomicBool,
}

impl Lock {
    fn free() -> Lock {
        Lock { mutex: RawMutex::new(), held: AtomicBool::new(false) }
    }

    /// Notes that the mutex was taken.
    fn taken(&self, got: bool) -> Value {
        if got {
            // Relaxed: who may release it has heard of this.
            self.held.store(true, Relaxed);
        }
        Value::bool(got)
    }

    /// Frees it; false where it is free.
    fn release(&self) -> bool {
        let held = if weakened("stress: a lock is released once") {
            let held = self.held.load(Relaxed);
            self.held.store(false, Relaxed);
            held
        } else {
            self.held.swap(false, Relaxed)
        };
        if held {
            // SAFETY: it is locked, and nobody else has found it held. Python's locks may be released by any thread.
            unsafe { self.mutex.unlock() };
        }
        held
    }
}

/// The payload of `RLock`.
pub struct RLock {
    mutex: RawMutex,
    /// `get_ident()` of the holder, 0 when free.
    owner: AtomicU64,
    /// How many times the holder has it; touched by the holder only.
    count: AtomicU64,
}

pub static LOCK: StaticType = StaticType::new(&LOCK_SPEC);
pub static RLOCK: StaticType = StaticType::new(&RLOCK_SPEC);

// SAFETY: `LOCK`'s layout is `Lock`.
unsafe impl Payload for Lock {
    fn layout_type() -> &'static Type {
        &LOCK
    }
}

// SAFETY: `RLOCK`'s layout is `RLock`.
unsafe impl Payload for RLock {
    fn layout_type() -> &'static Type {
        &RLOCK
    }
}

/// A new lock, free.
pub fn new() -> Value {
    alloc::new(&LOCK, Lock::free())
}

/// Takes a mutex: waits at most `timeout` (None: for ever), detached. False where the time ran out. Raises what signal
/// handlers raise.
fn acquire_raw(t: &Thread, mutex: &RawMutex, timeout: Option<Duration>) -> PyResult<bool> {
    if mutex.try_lock() || weakened("stress: a lock excludes") {
        return Ok(true);
    }
    let deadline = timeout.and_then(|d| Instant::now().checked_add(d));
    if !handle::is_main(t) {
        return Ok(match deadline {
            Some(deadline) => t.detached(|| mutex.try_lock_until(deadline)),
            None => {
                t.detached_until(|| mutex.try_lock().then_some(()), || mutex.lock());
                true
            }
        });
    }
    loop {
        let slice = Instant::now() + SLICE;
        let until = deadline.map_or(slice, |d| d.min(slice));
        if t.detached(|| mutex.try_lock_until(until)) {
            return Ok(true);
        }
        if t.record.attention() != 0 {
            (hooks::get().check_attention)(t)?;
        }
        if deadline.is_some_and(|d| Instant::now() >= d) {
            return Ok(false);
        }
    }
}

/// The waiting time that (blocking, timeout) ask for: `Some(ZERO)` for a mere attempt, None for ever.
fn timeout_of(t: &Thread, blocking: Option<&Value>, timeout: Option<&Value>) -> PyResult<Option<Duration>> {
    let blocking = blocking.map_or(Ok(true), |b| protocol::is_true(t, b))?;
    let seconds = timeout.map_or(Ok(-1.0), |s| protocol::as_f64(t, s))?;
    if !blocking {
        if seconds != -1.0 {
            return Err(raise::value_error(t, "can't specify a timeout for a non-blocking call"));
        }
        return Ok(Some(Duration::ZERO));
    }
    if seconds == -1.0 {
        return Ok(None);
    }
    if seconds.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    if seconds < 0.0 {
        return Err(raise::value_error(t, "timeout value must be a non-negative number"));
    }
    if seconds > TIMEOUT_MAX {
        return Err(raise::overflow_error(t, "timeout value is too large"));
    }
    Ok(Some(Duration::from_secs_f64(seconds)))
}

fn lock_of<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Lock> {
    v.downcast().ok_or_else(|| raise::type_error(t, "a lock is required"))
}

fn acquire(t: &Thread, args: Args<'_>) -> PyResult {
    if let [v] = args.all() {
        let lock = lock_of(t, v)?;
        return acquire_raw(t, &lock.mutex, None).map(|got| lock.taken(got));
    }
    let (blocking, timeout) = blocking_and_timeout(t, args)?;
    let lock = lock_of(t, &args.all()[0])?;
    let timeout = timeout_of(t, blocking, timeout)?;
    if timeout == Some(Duration::ZERO) {
        return Ok(lock.taken(lock.mutex.try_lock()));
    }
    acquire_raw(t, &lock.mutex, timeout).map(|got| lock.taken(got))
}

fn blocking_and_timeout<'a>(t: &Thread, args: Args<'a>) -> PyResult<(Option<&'a Value>, Option<&'a Value>)> {
    let pos = args.pos();
    if pos.len() > 3 {
        return Err(raise::type_error(t, format!("acquire() takes at most 2 arguments ({} given)", pos.len() - 1)));
    }
    let (mut blocking, mut timeout) = (pos.get(1), pos.get(2));
    for (name, v) in args.keywords() {
        if str::eq_str(name, "blocking") && blocking.is_none() {
            blocking = Some(v);
        } else if str::eq_str(name, "timeout") && timeout.is_none() {
            timeout = Some(v);
        } else {
            let message = format!("acquire() got an unexpected keyword argument '{}'", str::lossy(name));
            return Err(raise::type_error(t, message));
        }
    }
    Ok((blocking, timeout))
}

fn release(t: &Thread, v: &Value) -> PyResult {
    if lock_of(t, v)?.release() { Ok(Value::NONE) } else { Err(raise::runtime_error(t, "release unlocked lock")) }
}

fn exit(t: &Thread, args: Args<'_>) -> PyResult {
    match args.pos().first() {
        Some(v) => release(t, v),
        None => Err(raise::type_error(t, "unbound method lock.__exit__() needs an argument")),
    }
}

fn state_repr(v: &Value, locked: bool, more: &str) -> Value {
    let state = if locked { "locked" } else { "unlocked" };
    str::from_str(&format!("<{state} {} object{more} at {:#x}>", v.class().display_name(), v.id()))
}

fn after_fork(t: &Thread, v: &Value) -> PyResult {
    let lock = lock_of(t, v)?;
    lock.held.store(false, Relaxed);
    if lock.mutex.is_locked() {
        // SAFETY: in the child of a fork no other thread is left.
        unsafe { lock.mutex.unlock() };
    }
    Ok(Value::NONE)
}

const ACQUIRE_DOC: &str = "Lock the lock.";
const RELEASE_DOC: &str = "Release the lock.";

pub static LOCK_SPEC: TypeSpec = TypeSpec {
    doc: "A lock object is a synchronization primitive.",
    slots: SlotTable {
        new: Some(|t, class, args| {
            args.exactly_positional(t, "lock", 0, 0)?;
            Ok(alloc::new(class, Lock::free()))
        }),
        repr: Some(|t, v| Ok(state_repr(v, lock_of(t, v)?.held.load(Relaxed), ""))),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("acquire", "($self, /, blocking=True, timeout=-1)", NativeFn::Raw(acquire), ACQUIRE_DOC),
        Method::new("acquire_lock", "($self, /, blocking=True, timeout=-1)", NativeFn::Raw(acquire), ACQUIRE_DOC),
        Method::new("release", "($self, /)", NativeFn::F1(release), RELEASE_DOC),
        Method::new("release_lock", "($self, /)", NativeFn::F1(release), RELEASE_DOC),
        Method::new(
            "locked",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(lock_of(t, v)?.held.load(Relaxed)))),
            "Return whether the lock is in the locked state.",
        ),
        Method::new(
            "locked_lock",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(lock_of(t, v)?.held.load(Relaxed)))),
            "Return whether the lock is in the locked state.",
        ),
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|t, v| acquire(t, Args::positional(std::slice::from_ref(v)))),
            ACQUIRE_DOC,
        ),
        Method::new("__exit__", "($self, /, *exc_info)", NativeFn::Raw(exit), RELEASE_DOC),
        Method::new("_at_fork_reinit", "($self, /)", NativeFn::F1(after_fork), ""),
    ],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("_thread", "lock", layout_of::<Lock>(false))
};

fn rlock_of<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a RLock> {
    v.downcast().ok_or_else(|| raise::type_error(t, "an RLock is required"))
}

fn racquire(t: &Thread, args: Args<'_>) -> PyResult {
    let Some(v) = args.all().first() else { return Err(raise::type_error(t, "acquire() needs an RLock")) };
    let lock = rlock_of(t, v)?;
    let (blocking, timeout) = blocking_and_timeout(t, args)?;
    let timeout = timeout_of(t, blocking, timeout)?;
    let me = handle::ident(t);
    // Relaxed: only this thread ever stores its own ident.
    if lock.owner.load(Relaxed) == me || weakened("stress: an RLock looks for its owner") {
        lock.count.store(lock.count.load(Relaxed) + 1, Relaxed);
        return Ok(Value::TRUE);
    }
    let got =
        if timeout == Some(Duration::ZERO) { lock.mutex.try_lock() } else { acquire_raw(t, &lock.mutex, timeout)? };
    if got {
        lock.owner.store(me, Relaxed);
        lock.count.store(1, Relaxed);
    }
    Ok(Value::bool(got))
}

fn rrelease(t: &Thread, v: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    if lock.owner.load(Relaxed) != handle::ident(t) {
        return Err(raise::runtime_error(t, "cannot release un-acquired lock"));
    }
    let left = lock.count.load(Relaxed) - 1;
    lock.count.store(left, Relaxed);
    if left == 0 {
        lock.owner.store(0, Relaxed);
        // SAFETY: held by this thread.
        unsafe { lock.mutex.unlock() };
    }
    Ok(Value::NONE)
}

fn release_save(t: &Thread, v: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    let (count, owner) = (lock.count.load(Relaxed), lock.owner.load(Relaxed));
    if owner == 0 {
        return Err(raise::runtime_error(t, "cannot release un-acquired lock"));
    }
    lock.count.store(0, Relaxed);
    lock.owner.store(0, Relaxed);
    // SAFETY: held, by the caller's contract (Condition) by this thread.
    unsafe { lock.mutex.unlock() };
    Ok(tuple::from_slice(&[Value::uint(count), Value::uint(owner)]))
}

fn acquire_restore(t: &Thread, v: &Value, state: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    let [count, owner] = tuple::items(state) else {
        return Err(raise::type_error(t, "_acquire_restore() argument must be a 2-tuple"));
    };
    let (count, owner) = (protocol::index_i64(t, count)?, protocol::index_i64(t, owner)?);
    // The caller relies on holding the lock afterwards: handlers' errors come after.
    let mut late = None;
    loop {
        match acquire_raw(t, &lock.mutex, None) {
            Ok(_) => break,
            Err(raised) => late = Some(raise::take(t, raised)),
        }
    }
    lock.owner.store(owner as u64, Relaxed);
    lock.count.store(count as u64, Relaxed);
    match late {
        Some(e) => Err(raise::again(t, e)),
        None => Ok(Value::NONE),
    }
}

fn rexit(t: &Thread, args: Args<'_>) -> PyResult {
    match args.pos().first() {
        Some(v) => rrelease(t, v),
        None => Err(raise::type_error(t, "unbound method RLock.__exit__() needs an argument")),
    }
}

fn rrepr(t: &Thread, v: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    let more = format!(" owner={} count={}", lock.owner.load(Relaxed), lock.count.load(Relaxed));
    Ok(state_repr(v, lock.mutex.is_locked(), &more))
}

fn rafter_fork(t: &Thread, v: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    lock.owner.store(0, Relaxed);
    lock.count.store(0, Relaxed);
    if lock.mutex.is_locked() {
        // SAFETY: in the child of a fork no other thread is left.
        unsafe { lock.mutex.unlock() };
    }
    Ok(Value::NONE)
}

fn recursion_count(t: &Thread, v: &Value) -> PyResult {
    let lock = rlock_of(t, v)?;
    let own = lock.owner.load(Relaxed) == handle::ident(t);
    Ok(Value::uint(if own { lock.count.load(Relaxed) } else { 0 }))
}

fn renter(t: &Thread, b: &Bound<'_>) -> PyResult {
    racquire(t, Args::positional(std::slice::from_ref(b.req(0))))
}

pub static RLOCK_SPEC: TypeSpec = TypeSpec {
    doc: "A reentrant lock.",
    slots: SlotTable {
        new: Some(|_, class, _| {
            let payload = RLock { mutex: RawMutex::new(), owner: AtomicU64::new(0), count: AtomicU64::new(0) };
            Ok(alloc::new(class, payload))
        }),
        repr: Some(rrepr),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("acquire", "($self, /, blocking=True, timeout=-1)", NativeFn::Raw(racquire), ACQUIRE_DOC),
        Method::new("release", "($self, /)", NativeFn::F1(rrelease), RELEASE_DOC),
        Method::new(
            "locked",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(rlock_of(t, v)?.mutex.is_locked()))),
            "Return a boolean indicating whether this object is locked right now.",
        ),
        Method::new("__enter__", "($self, /)", NativeFn::Bound(renter), ACQUIRE_DOC),
        Method::new("__exit__", "($self, /, *exc_info)", NativeFn::Raw(rexit), RELEASE_DOC),
        Method::new(
            "_is_owned",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(rlock_of(t, v)?.owner.load(Relaxed) == handle::ident(t)))),
            "For internal use by `threading.Condition`.",
        ),
        Method::new(
            "_recursion_count",
            "($self, /)",
            NativeFn::F1(recursion_count),
            "For internal use by reentrancy checks.",
        ),
        Method::new(
            "_release_save",
            "($self, /)",
            NativeFn::F1(release_save),
            "For internal use by `threading.Condition`.",
        ),
        Method::new(
            "_acquire_restore",
            "($self, state, /)",
            NativeFn::F2(acquire_restore),
            "For internal use by `threading.Condition`.",
        ),
        Method::new("_at_fork_reinit", "($self, /)", NativeFn::F1(rafter_fork), ""),
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_thread", "RLock", layout_of::<RLock>(false))
};
