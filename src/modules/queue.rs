//! `_queue`: a queue without tasks and limits, on which threads wait.

use std::time::{Duration, Instant};

use crate::sync::shim::{Condvar, Mutex};
use std::collections::VecDeque;

use crate::modules::support::CLASS_GETITEM;
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, hooks, names, protocol};
use crate::sync::shim::weakened;
use crate::this;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[&EMPTY, &SIMPLE_QUEUE],
    ..ModuleSpec::new(
        "_queue",
        "C implementation of the Python queue module.\nThis module is an implementation detail, please do not use it directly.",
    )
};

/// `queue.Empty`.
pub static EMPTY: StaticType = StaticType::new(&EMPTY_SPEC);

static EMPTY_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::EXCEPTION),
    doc: "Exception raised by Queue.get(block=0)/get_nowait().",
    flags: flag::BASETYPE,
    ..TypeSpec::new("_queue", "Empty", layout_of::<BaseException>(true))
};

/// The payload of a queue. The mutex is held for a few instructions only: no Python code runs, no value is dropped and
/// nothing is waited for meanwhile; a thread that waits for an item is detached and changes nothing before it has
/// attached again.
pub struct SimpleQueue {
    items: Mutex<VecDeque<Stored>>,
    arrived: Condvar,
}

/// `queue.SimpleQueue`.
pub static SIMPLE_QUEUE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Simple, unbounded, reentrant FIFO queue.",
    signature: "()",
    slots: SlotTable { new: Some(new), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "empty",
            "($self, /)",
            NativeFn::F1(empty),
            "Returns whether the queue is empty, as far as one can tell.",
        ),
        Method::new(
            "get",
            "($self, /, block=True, timeout=None)",
            NativeFn::Bound(|t, b| get(t, b.req(0), b.opt(1), b.non_none(2))),
            "Removes and returns an item.\n\n\
             With block true, waits for one, with a timeout at most that many seconds; raises Empty if there is none then.\n\
             With block false, raises Empty at once if there is none.",
        ),
        Method::new(
            "get_nowait",
            "($self, /)",
            NativeFn::F1(|t, v| get(t, v, Some(&Value::FALSE), None)),
            "Removes and returns an item; raises Empty if there is none.",
        ),
        Method::new(
            "put",
            "($self, /, item, block=True, timeout=None)",
            NativeFn::Bound(put),
            "Adds an item. Never blocks; block and timeout are there for compatibility with Queue.",
        ),
        Method::new("put_nowait", "($self, /, item)", NativeFn::Bound(put), "Adds an item."),
        Method::new("qsize", "($self, /)", NativeFn::F1(size), "Returns the approximate size of the queue."),
        CLASS_GETITEM,
    ],
    flags: flag::BASETYPE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_queue", "SimpleQueue", layout_of::<SimpleQueue>(true))
};

// SAFETY: `SIMPLE_QUEUE`'s layout is `SimpleQueue`.
unsafe impl Payload for SimpleQueue {
    fn layout_type() -> &'static Type {
        &SIMPLE_QUEUE
    }

    fn trace(&self, visit: Visit) {
        // SAFETY: the world is stopped, and the mutex is held by attached threads only, never over a safepoint.
        let items = unsafe { &*self.items.data_ptr() };
        items.iter().for_each(|item| visit(item));
    }

    fn clear(&self) {
        let items = std::mem::take(&mut *self.items.lock());
        drop(items);
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if std::ptr::eq(class, &*SIMPLE_QUEUE) && !args.all().is_empty() {
        return Err(raise::type_error(t, format!("SimpleQueue() takes no arguments ({} given)", args.all().len())));
    }
    Ok(alloc::new(class, SimpleQueue { items: Mutex::new(VecDeque::new()), arrived: Condvar::new() }))
}

fn put(_: &Thread, b: &Bound<'_>) -> PyResult {
    let this = this!(b.req(0), SimpleQueue);
    let item = Stored::new(b.req(1).clone());
    this.items.lock().push_back(item);
    this.arrived.notify_one();
    Ok(Value::NONE)
}

/// How long a thread waits at a stretch before it looks for signals.
const PATIENCE: Duration = Duration::from_millis(50);

fn get(t: &Thread, v: &Value, block: Option<&Value>, timeout: Option<&Value>) -> PyResult {
    let this = this!(v, SimpleQueue);
    let block = block.map_or(Ok(true), |block| protocol::is_true(t, block))?;
    let deadline = match timeout {
        Some(timeout) if block => {
            let seconds = protocol::as_f64(t, timeout)?;
            if seconds < 0.0 {
                return Err(raise::value_error(t, "'timeout' must be a non-negative number"));
            }
            if seconds.is_nan() {
                return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
            }
            // Past the reach of a signed count of nanoseconds.
            if seconds > i64::MAX as f64 / 1e9 {
                return Err(raise::overflow_error(t, "timeout value is too large"));
            }
            Instant::now().checked_add(Duration::from_secs_f64(seconds))
        }
        _ => None,
    };
    loop {
        // Drawn before the look: what is put after it is heard of. The mutex is given back before the thread detaches.
        let ticket = this.arrived.ticket();
        let item = if weakened("stress: SimpleQueue takes in one step") {
            let seen = this.items.lock().front().map(|item| Stored::new(Value::clone(item)));
            drop(this.items.lock().pop_front().map(Stored::into_value));
            seen
        } else {
            this.items.lock().pop_front()
        };
        if let Some(item) = item {
            return Ok(item.into_value());
        }
        let now = Instant::now();
        if !block || deadline.is_some_and(|deadline| deadline <= now) {
            return Err(raise::with_args(t, &EMPTY, names::empty_tuple()));
        }
        let until = deadline.map_or(now + PATIENCE, |deadline| deadline.min(now + PATIENCE));
        t.detached(|| this.arrived.await_change(ticket, Some(until)));
        (hooks::get().check_attention)(t)?;
    }
}

fn empty(_: &Thread, v: &Value) -> PyResult {
    Ok(Value::bool(this!(v, SimpleQueue).items.lock().is_empty()))
}

fn size(_: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(this!(v, SimpleQueue).items.lock().len() as u64))
}
