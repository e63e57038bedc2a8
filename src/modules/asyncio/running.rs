//! Per thread: the running loop, the current task, and the list of the tasks that the thread made.
//!
//! A `Place` belongs to one thread at a time and is never freed: a thread that ends leaves it, with the tasks that outlive
//! it, to a later one. Rules:
//! 1. `running_loop` and `current_task` are stored only by the thread that has the place; anybody loads them.
//! 2. The list is behind the place's mutex, which is held for a few instructions, in which nothing is called, dropped or
//!    waited for. Only its own thread adds to it; whoever ends a task, or ends with it, takes it off; so does the collector,
//!    with the world stopped, before it takes a task apart (`flag::LISTED`): no list leads to garbage.
//! 3. Entries are addresses of tasks, not counted. A task takes itself off before its memory is retired, so under the mutex
//!    an entry's header is valid; a task that is listed is published, so that it is counted as a lock-free reader does.
//! 4. `Listing::place` says whose list a task is on. It leaves null by compare-exchange of the thread that lists it, and
//!    becomes null again under that place's mutex. `index` is touched under that mutex.
//!
//! So threads that make and end their own tasks share nothing: their mutexes are their own.

use crate::sync::shim::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering::*};
use std::cell::Cell;
use std::sync::OnceLock;

use crate::sync::shim::Mutex;

use crate::modules::support::header_of;
use crate::object::header::{Header, flag as header_flag};
use crate::object::raise::{self, PyResult};
use crate::object::set::{self, Set};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, core_types, protocol, weakref};
use crate::sync::slot::Counted;

use super::library;
use super::state::Future;
use super::task::Task;

/// See the module's documentation.
pub struct Place {
    running_loop: Slot,
    current_task: Slot,
    tasks: Mutex<Vec<u64>>,
    /// The rest of the thread's range of numbers for tasks' names: next and end. Its own thread's business.
    next_number: AtomicU64,
    end_number: AtomicU64,
}

/// All places, and those that no thread has.
static PLACES: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());
static FREE: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());

thread_local! {
    static HERE: Cell<Option<&'static Place>> = const { Cell::new(None) };
}

/// What gives a thread's place back when the thread drops it at its end.
pub struct Lease;

/// The type of `Lease`.
pub static LEASE: StaticType = StaticType::new(&LEASE_SPEC);

static LEASE_SPEC: TypeSpec =
    TypeSpec { flags: flag::DISALLOW_INSTANTIATION, ..TypeSpec::new("_asyncio", "_Lease", layout_of::<Lease>(false)) };

// SAFETY: `LEASE`'s layout is `Lease`.
unsafe impl Payload for Lease {
    fn layout_type() -> &'static Type {
        &LEASE
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(place) = HERE.take() {
            let left = (place.running_loop.take(), place.current_task.take());
            FREE.lock().push(place);
            drop(left);
        }
    }
}

/// The key of the lease among the thread's values: numbers of `_thread._local` begin above it.
const KEY: u64 = 0;

/// The thread's place.
fn here() -> &'static Place {
    HERE.get().unwrap_or_else(move_in)
}

#[cold]
fn move_in() -> &'static Place {
    let left = FREE.lock().pop();
    let place = left.unwrap_or_else(|| {
        let fresh: &'static Place = Box::leak(Box::new(Place {
            running_loop: Slot::empty(),
            current_task: Slot::empty(),
            tasks: Mutex::new(Vec::new()),
            next_number: AtomicU64::new(0),
            end_number: AtomicU64::new(0),
        }));
        PLACES.lock().push(fresh);
        fresh
    });
    HERE.set(Some(place));
    Thread::current().locals.borrow_mut().push((KEY, alloc::new(&LEASE, Lease)));
    place
}

/// The thread's running loop.
pub fn running_loop() -> Option<Value> {
    HERE.get()?.running_loop.load()
}

pub fn set_running_loop(t: &Thread, event_loop: Option<Value>) {
    t.assert_unlocked();
    drop(here().running_loop.swap(event_loop));
}

/// How many numbers a thread takes at a time.
const NUMBERS: u64 = 1 << 12;

/// The number in the name of a new task: from 1 on, each only once.
pub fn fresh_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let place = here();
    let mut next = place.next_number.load(Relaxed);
    if next == place.end_number.load(Relaxed) {
        next = NEXT.fetch_add(NUMBERS, Relaxed);
        place.end_number.store(next + NUMBERS, Relaxed);
    }
    place.next_number.store(next + 1, Relaxed);
    next
}

/// Raises RuntimeError unless `event_loop` is the running one.
fn check_running(t: &Thread, place: &Place, event_loop: &Value) -> PyResult<()> {
    if place.running_loop.word() == event_loop.bits() {
        return Ok(());
    }
    let shown = protocol::repr(t, event_loop)?;
    Err(raise::runtime_error(t, format!("loop {} is not the running loop", crate::object::str::lossy(&shown))))
}

fn shown(t: &Thread, v: &Value) -> PyResult<String> {
    Ok(crate::object::str::lossy(&protocol::repr(t, v)?).into_owned())
}

/// `_enter_task`.
pub fn enter_task(t: &Thread, event_loop: &Value, task: &Value) -> PyResult<()> {
    let place = here();
    check_running(t, place, event_loop)?;
    if let Some(other) = place.current_task.load() {
        let (task, other) = (shown(t, task)?, shown(t, &other)?);
        let message = format!("Cannot enter into task {task} while another task {other} is being executed.");
        return Err(raise::runtime_error(t, message));
    }
    place.current_task.init(task.clone());
    Ok(())
}

/// `_leave_task`.
pub fn leave_task(t: &Thread, event_loop: &Value, task: &Value) -> PyResult<()> {
    let place = here();
    check_running(t, place, event_loop)?;
    if place.current_task.word() != task.bits() {
        let (task, entered) = (shown(t, task)?, shown(t, &place.current_task.load().unwrap_or(Value::NONE))?);
        return Err(raise::runtime_error(
            t,
            format!("Invalid attempt to leave task {task} while task {entered} is entered."),
        ));
    }
    drop(place.current_task.take());
    Ok(())
}

/// `_swap_current_task`.
pub fn swap_current_task(t: &Thread, event_loop: &Value, task: Option<Value>) -> PyResult<Option<Value>> {
    let place = here();
    check_running(t, place, event_loop)?;
    Ok(place.current_task.swap(task))
}

/// The task that a loop, which any thread may run, executes now.
pub fn current_task(event_loop: &Value) -> Option<Value> {
    let wanted = event_loop.bits();
    let of = |place: &'static Place| {
        let task = (place.running_loop.word() == wanted).then(|| place.current_task.load())?;
        // The thread may have gone on to another loop meanwhile.
        task.filter(|_| place.running_loop.word() == wanted)
    };
    match HERE.get() {
        Some(place) if place.running_loop.word() == wanted => place.current_task.load(),
        _ => all_places().into_iter().find_map(of),
    }
}

fn all_places() -> Vec<&'static Place> {
    PLACES.lock().clone()
}

/// A task's part in the lists: see rule 4.
#[derive(Default)]
pub struct Listing {
    place: AtomicPtr<Place>,
    index: AtomicUsize,
}

impl Listing {
    /// Enters a task into the calling thread's list; `listing` is the one in its payload.
    pub fn enter(&self, task: &Value) {
        let place: &'static Place = here();
        let address = std::ptr::from_ref(place).cast_mut();
        task.publish();
        header_of(task).set_flag(header_flag::LISTED);
        let mut tasks = place.tasks.lock();
        if self.place.compare_exchange(std::ptr::null_mut(), address, AcqRel, Acquire).is_ok() {
            self.index.store(tasks.len(), Relaxed);
            tasks.push(task.bits());
        }
    }

    /// Takes the task off the list that it is on, if it is on any.
    pub fn leave(&self) {
        // SAFETY: places are never freed.
        let Some(place) = (unsafe { self.place.load(Acquire).as_ref() }) else { return };
        let mut tasks = place.tasks.lock();
        // Somebody else may have taken it off, and listed it elsewhere; then that is newer than what we are asked for.
        if !std::ptr::eq(self.place.load(Acquire), place) {
            return;
        }
        let index = self.index.load(Relaxed);
        tasks.swap_remove(index);
        if let Some(moved) = tasks.get(index) {
            // SAFETY: by rule 3 a listed task's memory is valid; its class derives from `TASK`.
            let moved = unsafe { (*(*moved as *const Header)).payload::<Task>() };
            moved.listing.index.store(index, Relaxed);
        }
        self.place.store(std::ptr::null_mut(), Release);
    }
}

/// Tells the collector how tasks leave their lists.
pub fn install() {
    // SAFETY: only tasks have the flag.
    let unlist = |header: &Header| unsafe { header.payload::<Task>() }.listing.leave();
    // Set already where the module is made a second time.
    let _ = weakref::UNLIST.set(unlist);
}

/// The tasks on all lists.
fn listed() -> Vec<Value> {
    let mut found = Vec::new();
    for place in all_places() {
        let tasks = place.tasks.lock();
        // SAFETY: by rule 3: the header is valid, and its object published; the reference is the one just counted.
        found.extend(
            tasks.iter().filter_map(|word| unsafe { Value::try_count(*word).then(|| Value::from_bits(*word)) }),
        );
    }
    found
}

/// Tasks of other classes, which the list cannot hold: a `weakref.WeakSet`.
fn foreign(t: &Thread) -> PyResult<&'static Value> {
    static FOREIGN: OnceLock<Stored> = OnceLock::new();
    if let Some(known) = FOREIGN.get() {
        return Ok(known);
    }
    let made = library::WEAK_SET.call(t, &[])?;
    Ok(FOREIGN.get_or_init(|| Stored::new(made)))
}

/// Tasks of other classes that are executed eagerly: a set.
pub fn eager_tasks() -> &'static Value {
    static EAGER: OnceLock<Stored> = OnceLock::new();
    EAGER.get_or_init(|| Stored::new(set::new()))
}

/// `_register_task`.
pub fn register(t: &Thread, task: &Value) -> PyResult {
    match task.downcast::<Task>() {
        Some(own) => own.listing.enter(task),
        None => drop(protocol::call_method_str(t, foreign(t)?, "add", std::slice::from_ref(task))?),
    }
    Ok(Value::NONE)
}

/// `_unregister_task`.
pub fn unregister(t: &Thread, task: &Value) -> PyResult {
    match task.downcast::<Task>() {
        Some(own) => own.listing.leave(),
        None => drop(protocol::call_method_str(t, foreign(t)?, "discard", std::slice::from_ref(task))?),
    }
    Ok(Value::NONE)
}

/// `_register_eager_task`.
pub fn register_eager(t: &Thread, task: &Value) -> PyResult {
    protocol::call_method_str(t, eager_tasks(), "add", std::slice::from_ref(task))
}

/// `_unregister_eager_task`.
pub fn unregister_eager(t: &Thread, task: &Value) -> PyResult {
    protocol::call_method_str(t, eager_tasks(), "discard", std::slice::from_ref(task))
}

/// `all_tasks`: a loop's tasks that are not done.
pub fn all_tasks(t: &Thread, event_loop: &Value) -> PyResult {
    let mut others = Vec::new();
    // Eager ones first: one that graduates to a scheduled one in another thread meanwhile is not missed.
    if let Some(eager) = eager_tasks().downcast::<Set>() {
        others.extend(eager.items(t));
    }
    others.extend(protocol::collect(t, foreign(t)?)?);
    let mut tasks = Vec::new();
    for task in others {
        let done = protocol::call_method_str(t, &task, "done", &[])?;
        if !protocol::is_true(t, &done)? && library::loop_of(t, &task)?.is(event_loop) {
            tasks.push(task);
        }
    }
    for task in listed() {
        if task.downcast::<Future>().is_some_and(|own| !own.is_done() && own.is_bound_to(t, &task, event_loop)) {
            tasks.push(task);
        }
    }
    set::from_iter(t, &core_types::SET, tasks)
}
