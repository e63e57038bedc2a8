//! Starting and joining threads.

use super::lock;
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::str::{self, Str};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::{self, Thread};
use crate::object::tuple::{self, Tuple};
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{names, protocol};
use crate::sync::shim::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::*};
use crate::sync::shim::{Condvar, Mutex, weakened};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// `_thread.stack_size()`: 0 for the default.
pub static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);
/// Threads that run, without the main one.
static COUNT: AtomicUsize = AtomicUsize::new(0);
static MAIN: AtomicU64 = AtomicU64::new(0);

/// How many threads run, without the main one.
pub fn count() -> usize {
    COUNT.load(Relaxed)
}

/// `get_ident()`: the system's id of the thread, as in CPython.
pub fn ident(t: &Thread) -> u64 {
    let known = t.record.extra.ident.load(Relaxed);
    if known != 0 {
        return known;
    }
    let ident = crate::sys::thread::ident();
    t.record.extra.ident.store(ident, Relaxed);
    ident
}

/// Makes the calling thread the main one (start-up, and the child of a fork).
pub fn set_main(t: &Thread) {
    MAIN.store(ident(t), Relaxed);
}

/// The main thread's ident.
pub fn main_ident() -> u64 {
    MAIN.load(Relaxed)
}

/// Whether this is the main thread.
pub fn is_main(t: &Thread) -> bool {
    ident(t) == main_ident()
}

/// What becomes of a thread, in this order (or `NotStarted` again, where it could not be started).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    NotStarted,
    Starting,
    Running,
    Done,
}

/// What a thread and those that join it share. No mutex: a thread that is ending is detached, and a fork may leave it behind.
struct Shared {
    /// A `State`.
    state: AtomicU8,
    changed: Condvar,
    ident: AtomicU64,
}

impl Shared {
    fn new(state: State) -> Arc<Shared> {
        Arc::new(Shared { state: AtomicU8::new(state as u8), changed: Condvar::new(), ident: AtomicU64::new(0) })
    }

    fn is(&self, state: State) -> bool {
        // Acquire: pairs with the Release in `set`: who finds a thread done finds what it did.
        self.state.load(Acquire) == state as u8
    }

    fn set(&self, state: State) {
        // Release: pairs with the Acquire in `is`.
        self.state.store(state as u8, Release);
        self.changed.notify_all();
    }

    /// Begins to start the thread; false if somebody has.
    fn begin(&self) -> bool {
        self.state.compare_exchange(State::NotStarted as u8, State::Starting as u8, Acquire, Relaxed).is_ok()
    }

    /// Waits, detached, until the thread is past `state`, or until `deadline`; whether it is.
    fn await_past(&self, t: &Thread, state: State, deadline: Option<Instant>) -> bool {
        loop {
            let ticket = self.changed.ticket();
            // Acquire: as in `is`.
            if self.state.load(Acquire) > state as u8 {
                return true;
            }
            if !t.detached(|| self.changed.await_change(ticket, deadline)) {
                return self.state.load(Acquire) > state as u8;
            }
        }
    }

    /// Waits, detached, until the thread is done; false where the time ran out.
    fn join(&self, t: &Thread, deadline: Option<Instant>) -> PyResult<bool> {
        const SLICE: Duration = Duration::from_millis(50);
        if weakened("stress: join waits") {
            return Ok(true);
        }
        loop {
            let main = is_main(t);
            let until = match (deadline, main) {
                (Some(d), true) => Some(d.min(Instant::now() + SLICE)),
                (None, true) => Some(Instant::now() + SLICE),
                (deadline, false) => deadline,
            };
            let done = self.await_past(t, State::Running, until);
            // Also where the thread is done: it may have interrupted this one.
            if t.record.attention() != 0 {
                (hooks::get().check_attention)(t)?;
            }
            if done {
                return Ok(true);
            }
            if deadline.is_some_and(|d| Instant::now() >= d) {
                return Ok(false);
            }
        }
    }
}

/// Threads that have been started and are not done; `true`: the process waits for it at its end.
static STARTED: Mutex<Vec<(Arc<Shared>, bool)>> = Mutex::new(Vec::new());

/// Threads that Python did not start, the main one among them, as far as somebody has a handle.
static ADOPTED: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// Forks, with the list of threads held: threads that end change it when they have detached for the last time.
pub fn fork(t: &Thread) -> std::io::Result<i32> {
    thread::fork(t, || STARTED.lock())
}

/// In the child of a fork: the calling thread is the main one, and all others are done.
pub fn after_fork(t: &Thread) {
    let me = ident(t);
    set_main(t);
    let started = std::mem::take(&mut *STARTED.lock());
    let adopted: Vec<_> = ADOPTED.lock().iter().filter_map(Weak::upgrade).collect();
    for shared in started.into_iter().map(|(shared, _)| shared).chain(adopted) {
        if shared.ident.load(Relaxed) == me {
            continue;
        }
        shared.set(State::Done);
    }
    COUNT.store(0, Relaxed);
}

/// The payload of `_ThreadHandle`.
pub struct Handle(Arc<Shared>);

pub static HANDLE: StaticType = StaticType::new(&HANDLE_SPEC);

// SAFETY: `HANDLE`'s layout is `Handle`.
unsafe impl Payload for Handle {
    fn layout_type() -> &'static Type {
        &HANDLE
    }
}

fn of<'a>(t: &Thread, v: &'a Value) -> PyResult<&'a Handle> {
    v.downcast().ok_or_else(|| raise::type_error(t, "'handle' must be a _ThreadHandle"))
}

/// `_make_thread_handle(ident)`: for threads that Python did not start.
pub fn make(t: &Thread, v: &Value) -> PyResult {
    let ident = protocol::index_i64(t, v)?;
    let shared = Shared::new(State::Running);
    shared.ident.store(ident as u64, Relaxed);
    let mut adopted = ADOPTED.lock();
    adopted.retain(|other| other.strong_count() > 0);
    adopted.push(Arc::downgrade(&shared));
    drop(adopted);
    Ok(alloc::new(&HANDLE, Handle(shared)))
}

fn join(t: &Thread, b: &Bound<'_>) -> PyResult {
    let handle = of(t, b.req(0))?;
    let deadline = match b.non_none(1) {
        None => None,
        Some(seconds) => {
            let seconds = protocol::as_f64(t, seconds)?;
            if seconds > lock::TIMEOUT_MAX {
                return Err(raise::overflow_error(t, "timeout value is too large"));
            }
            // A negative time means for ever.
            (seconds >= 0.0).then(|| Instant::now() + Duration::from_secs_f64(seconds))
        }
    };
    if handle.0.is(State::NotStarted) {
        return Err(raise::runtime_error(t, "thread not started"));
    }
    if !handle.0.is(State::Done) && handle.0.ident.load(Relaxed) == ident(t) {
        return Err(raise::runtime_error(t, "Cannot join current thread"));
    }
    handle.0.join(t, deadline)?;
    Ok(Value::NONE)
}

fn set_done(t: &Thread, v: &Value) -> PyResult {
    let shared = &of(t, v)?.0;
    if shared.is(State::NotStarted) {
        return Err(raise::runtime_error(t, "thread not started"));
    }
    shared.set(State::Done);
    Ok(Value::NONE)
}

pub static HANDLE_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Handle(Shared::new(State::NotStarted))))),
        repr: Some(|t, v| {
            let ident = of(t, v)?.0.ident.load(Relaxed);
            Ok(str::from_str(&format!("<_ThreadHandle object: ident={ident}>")))
        }),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("join", "($self, timeout=None, /)", NativeFn::Bound(join), ""),
        Method::new("is_done", "($self, /)", NativeFn::F1(|t, v| Ok(Value::bool(of(t, v)?.0.is(State::Done)))), ""),
        Method::new("_set_done", "($self, /)", NativeFn::F1(set_done), ""),
    ],
    getset: &[GetSet::read_only("ident", |t, v| Ok(Value::uint(of(t, v)?.0.ident.load(Relaxed))), "")],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("_thread", "_ThreadHandle", layout_of::<Handle>(false))
};

/// Reports what ended a thread that nobody joins.
fn report(t: &Thread, exception: Value, function: &Value) {
    if exception.class().is_subtype(&exc::SYSTEM_EXIT) {
        return;
    }
    let place = format!("Exception ignored in thread started by {}", protocol::repr_lossy(t, function));
    (hooks::get().unraisable)(t, exception, &place, None);
}

/// Starts a thread that calls `function(*args, **kwargs)`.
fn start(
    t: &Thread,
    function: Value,
    args: Vec<Value>,
    keyword_names: Vec<Value>,
    shared: Arc<Shared>,
    waited: bool,
) -> PyResult<u64> {
    // The references cross to the new thread: published, so that its counts are foreign from the start.
    let function = Stored::new(function);
    let args: Vec<Stored> = args.into_iter().map(Stored::new).collect();
    let names: Vec<Stored> = keyword_names.into_iter().map(Stored::new).collect();
    STARTED.lock().push((shared.clone(), waited));
    let inner = shared.clone();
    COUNT.fetch_add(1, Relaxed);
    let started = (hooks::get().spawn)(
        t,
        STACK_SIZE.load(Relaxed),
        Box::new(move |t: &Thread| {
            inner.ident.store(ident(t), Relaxed);
            inner.set(State::Running);
            let args: Vec<Value> = args.into_iter().map(Stored::into_value).collect();
            let names: Vec<Value> = names.into_iter().map(Stored::into_value).collect();
            if let Err(raised) = protocol::call(t, &function, Args::new(&args, &names)) {
                let e = raise::take(t, raised);
                report(t, e, &function);
            }
            drop(args);
            drop(function);
            // Thread-local values go before those who join see the end.
            t.locals.take();
            // In the child of a fork made by this thread it counts as the main one.
            let _ = COUNT.fetch_update(Relaxed, Relaxed, |n| n.checked_sub(1));
            Box::new(move || {
                STARTED.lock().retain(|(s, _)| !Arc::ptr_eq(s, &inner));
                inner.set(State::Done);
            })
        }),
    );
    if let Err(raised) = started {
        COUNT.fetch_sub(1, Relaxed);
        STARTED.lock().retain(|(s, _)| !Arc::ptr_eq(s, &shared));
        shared.set(State::NotStarted);
        return Err(raised);
    }
    // The ident is known once the thread runs.
    shared.await_past(t, State::Starting, None);
    Ok(shared.ident.load(Relaxed))
}

/// `start_new_thread(function, args[, kwargs])`
pub fn start_new(t: &Thread, args: Args<'_>) -> PyResult {
    let pos = args.exactly_positional(t, "start_new_thread", 2, 3)?;
    if pos[0].class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "first arg must be callable"));
    }
    if pos[1].downcast::<Tuple>().is_none() {
        return Err(raise::type_error(t, "2nd arg must be a tuple"));
    }
    let mut all = tuple::items(&pos[1]).to_vec();
    let mut names = Vec::new();
    if let Some(keywords) = pos.get(2) {
        let Some(d) = keywords.downcast::<Dict>() else {
            return Err(raise::type_error(t, "optional 3rd arg must be a dictionary"));
        };
        for (name, v) in d.entries() {
            names.push(name);
            all.push(v);
        }
    }
    audit::event(t, "_thread.start_new_thread", || {
        [pos[0].clone(), pos[1].clone(), pos.get(2).cloned().unwrap_or(Value::NONE)]
    })?;
    start(t, pos[0].clone(), all, names, Shared::new(State::Starting), false).map(Value::uint)
}

/// `start_joinable_thread(function, handle=None, daemon=True)`
pub fn start_joinable(t: &Thread, b: &Bound<'_>) -> PyResult {
    let function = b.req(0);
    if function.class().slots.call.get().is_none() {
        return Err(raise::type_error(t, "thread function must be callable"));
    }
    let handle = match b.non_none(1) {
        Some(v) => v.clone(),
        None => alloc::new(&HANDLE, Handle(Shared::new(State::NotStarted))),
    };
    let shared = of(t, &handle)?.0.clone();
    let daemon = b.opt(2).map_or(Ok(true), |d| protocol::is_true(t, d))?;
    audit::event(t, "_thread.start_joinable_thread", || {
        [function.clone(), Value::bool(daemon), b.opt(1).cloned().unwrap_or(Value::NONE)]
    })?;
    // One of two threads that start it at once.
    if !shared.begin() {
        return Err(raise::runtime_error(t, "thread already started"));
    }
    start(t, function.clone(), Vec::new(), Vec::new(), shared, !daemon)?;
    Ok(handle)
}

/// Waits for all threads that are no daemons.
pub fn shutdown(t: &Thread) -> PyResult {
    loop {
        let next = {
            let me = ident(t);
            let started = STARTED.lock();
            started.iter().find(|(s, waited)| *waited && s.ident.load(Relaxed) != me).map(|(s, _)| s.clone())
        };
        match next {
            Some(shared) => {
                shared.join(t, None)?;
            }
            None => return Ok(Value::NONE),
        }
    }
}

/// `set_name(name)`: for the system's tools.
pub fn set_name(t: &Thread, v: &Value) -> PyResult {
    if v.downcast::<Str>().is_none() {
        let message = format!("set_name() argument 'name' must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    }
    crate::sys::thread::set_name(&str::lossy(v));
    Ok(Value::NONE)
}

/// `exit()`
pub fn exit(t: &Thread) -> PyResult {
    Err(raise::with_args(t, &exc::SYSTEM_EXIT, names::empty_tuple()))
}
