//! The type `Task`: a future that drives a coroutine.

use crate::modules::contextvars;
use crate::modules::support::{CLASS_GETITEM, Guarded, Parameters};
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, core_types, dict, names, protocol, str};
use crate::this;

use super::future::{self, FUTURE};
use super::library;
use super::running::{self, Listing};
use super::state::{self, Future, copy_of};
use super::step;

/// What a task is called.
pub enum Name {
    /// "Task-" and this number: most names are never asked for.
    Number(u64),
    Given(Stored),
}

/// What is touched under the task's lock only.
#[derive(Default)]
pub struct Doing {
    pub coroutine: Option<Stored>,
    pub context: Option<Stored>,
    /// The future that the coroutine awaits.
    pub waits_for: Option<Stored>,
    name: Option<Name>,
    /// Requests for cancellation: `cancelling()`.
    requests: i64,
    /// Whether CancelledError is to be raised in the coroutine at the next step.
    pub must_cancel: bool,
    /// Whether the end of the pending task is reported.
    pub reports_end: bool,
}

/// The payload of tasks.
#[repr(C)]
pub struct Task {
    pub future: Future,
    pub doing: Guarded<Doing>,
    pub listing: Listing,
}

/// `asyncio.Task`.
pub static TASK: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&FUTURE),
    doc: "A coroutine wrapped in a Future.",
    signature: "(coro, *, loop=None, name=None, context=None, eager_start=False)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, Task::blank()))),
        init: Some(init),
        repr: Some(|t, v| library::TASK_REPR.call(t, std::slice::from_ref(v))),
        finalize: Some(finalize),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "set_result",
            "($self, result, /)",
            NativeFn::F2(|t, _, _| Err(raise::runtime_error(t, "Task does not support set_result operation"))),
            "",
        ),
        Method::new(
            "set_exception",
            "($self, exception, /)",
            NativeFn::F2(|t, _, _| Err(raise::runtime_error(t, "Task does not support set_exception operation"))),
            "",
        ),
        Method::new(
            "cancel",
            "($self, /, msg=None)",
            NativeFn::Bound(|t, b| Ok(Value::bool(cancel(t, b.req(0), b.opt(1).cloned())?))),
            "Requests that the task cancel itself.\n\n\
             A CancelledError is raised in the coroutine on the next cycle of the event loop; it may clean up, or even\n\
             deny the request by catching the exception. cancelled() is not True at once: a task is cancelled when its\n\
             coroutine ends with a CancelledError. This also increases the count of cancellation requests.",
        ),
        Method::new(
            "cancelling",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::int(this!(v, Task).doing.with(t, v, |doing| doing.requests)))),
            "Returns the count of the task's cancellation requests: cancel() increases it, uncancel() decreases it.",
        ),
        Method::new(
            "uncancel",
            "($self, /)",
            NativeFn::F1(uncancel),
            "Decreases the count of cancellation requests; returns what remains.\n\n\
             To be called by the party that called cancel() before.",
        ),
        Method::new("get_coro", "($self, /)", NativeFn::F1(|t, v| read(t, v, |d| copy_of(&d.coroutine))), ""),
        Method::new("get_context", "($self, /)", NativeFn::F1(|t, v| read(t, v, |d| copy_of(&d.context))), ""),
        Method::new("get_name", "($self, /)", NativeFn::F1(get_name), ""),
        Method::new("set_name", "($self, value, /)", NativeFn::F2(set_name), ""),
        Method::new(
            "get_stack",
            "($self, /, *, limit=None)",
            NativeFn::Bound(|t, b| library::GET_STACK.call(t, &[b.req(0).clone(), or_none(b, 1)])),
            "Returns the list of stack frames of the task's coroutine, from the oldest to the newest.\n\n\
             Of a suspended coroutine that is one frame; of one that has ended with an exception, those of the traceback;\n\
             of any other that is done, none. limit is how many frames at most: the newest of a stack, the oldest of a\n\
             traceback.",
        ),
        Method::new(
            "print_stack",
            "($self, /, *, limit=None, file=None)",
            NativeFn::Bound(|t, b| library::PRINT_STACK.call(t, &[b.req(0).clone(), or_none(b, 1), or_none(b, 2)])),
            "Prints the stack or traceback of the task's coroutine, as the traceback module does, to file (sys.stderr).",
        ),
        CLASS_GETITEM,
    ],
    getset: &[
        GetSet::new("_log_destroy_pending", get_reports_end, set_reports_end, ""),
        GetSet::read_only("_must_cancel", |t, v| read(t, v, |d| Some(Value::bool(d.must_cancel))), ""),
        GetSet::read_only("_coro", |t, v| read(t, v, |d| copy_of(&d.coroutine)), ""),
        GetSet::read_only("_fut_waiter", |t, v| read(t, v, |d| copy_of(&d.waits_for)), ""),
    ],
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("_asyncio", "Task", layout_of::<Task>(true))
};

// SAFETY: `TASK`'s layout is `Task`, which begins with that of its base, `FUTURE`.
unsafe impl Payload for Task {
    fn layout_type() -> &'static Type {
        &TASK
    }

    fn trace(&self, visit: Visit) {
        self.future.trace(&mut *visit);
        let doing = self.doing.stopped();
        let name = match &doing.name {
            Some(Name::Given(name)) => Some(name),
            _ => None,
        };
        let parts = [&doing.coroutine, &doing.context, &doing.waits_for];
        parts.into_iter().flatten().chain(name).for_each(|part| visit(part));
    }

    fn clear(&self) {
        drop(self.doing.replace_unreachable(Doing::default()));
        self.future.clear();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.listing.leave();
    }
}

impl Task {
    fn blank() -> Task {
        Task { future: Future::blank(), doing: Guarded::new(Doing::default()), listing: Listing::default() }
    }
}

fn read(t: &Thread, v: &Value, f: impl FnOnce(&Doing) -> Option<Value>) -> PyResult {
    Ok(this!(v, Task).doing.with(t, v, |doing| f(doing)).unwrap_or(Value::NONE))
}

fn or_none(b: &Bound<'_>, i: usize) -> Value {
    b.opt(i).cloned().unwrap_or(Value::NONE)
}

/// Whether a value can be a task's coroutine.
fn is_coroutine(t: &Thread, v: &Value) -> PyResult<bool> {
    if v.is_exact(&core_types::COROUTINE) {
        return Ok(true);
    }
    let answer = library::IS_COROUTINE.call(t, std::slice::from_ref(v))?;
    protocol::is_true(t, &answer)
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new("(coro, *, loop=None, name=None, context=None, eager_start=False)");
    let b = PARAMETERS.bind_call(t, "Task", args)?;
    let this = this!(v, Task);
    let event_loop = future::start(t, v, b.non_none(1))?;
    let coroutine = b.req(0);
    if !is_coroutine(t, coroutine)? {
        let message = format!("a coroutine was expected, got {}", str::lossy(&protocol::repr(t, coroutine)?));
        return Err(raise::type_error(t, message));
    }
    let name = match b.non_none(2) {
        None => Name::Number(running::fresh_number()),
        Some(given) => Name::Given(Stored::new(library::name_of(t, given)?)),
    };
    let context = b.non_none(3).cloned().unwrap_or_else(|| contextvars::copy(&contextvars::current(t)));
    let starts_now = b.opt(4).map_or(Ok(false), |eager| protocol::is_true(t, eager))?;
    let fresh = Doing {
        coroutine: state::stored(coroutine),
        context: state::stored(&context),
        name: Some(name),
        reports_end: true,
        ..Doing::default()
    };
    let old = this.doing.with(t, v, |doing| std::mem::replace(doing, fresh));
    drop(old);
    if starts_now {
        let runs = protocol::call_method_str(t, &event_loop, "is_running", &[])?;
        if protocol::is_true(t, &runs)? {
            return step::start_now(t, v, this, &event_loop, &context);
        }
    }
    step::schedule(t, v, &event_loop, &context, None)?;
    this.listing.enter(v);
    Ok(())
}

/// `Task.cancel`.
pub fn cancel(t: &Thread, v: &Value, message: Option<Value>) -> PyResult<bool> {
    let future = future::alive(t, v)?;
    let this = this!(v, Task);
    future.silence(t, v);
    if future.is_done() {
        return Ok(false);
    }
    let waits_for = this.doing.with(t, v, |doing| {
        doing.requests += 1;
        copy_of(&doing.waits_for)
    });
    if let Some(waits_for) = waits_for
        && cancel_any(t, &waits_for, message.clone())?
    {
        // It stays what the task waits for: it may be a task that ignores the request, and has to be asked again.
        return Ok(true);
    }
    // A step is scheduled already.
    this.doing.with(t, v, |doing| doing.must_cancel = true);
    let message = message.map(Stored::new);
    let old = future.body.with(t, v, |body| std::mem::replace(&mut body.message, message));
    drop(old);
    Ok(true)
}

/// Cancels anything like a future.
pub fn cancel_any(t: &Thread, v: &Value, message: Option<Value>) -> PyResult<bool> {
    if v.is_exact(&TASK) {
        return cancel(t, v, message);
    }
    match v.downcast_exact::<Future>() {
        Some(future) => future.cancel(t, v, message),
        None => library::cancel(t, v, message),
    }
}

fn uncancel(t: &Thread, v: &Value) -> PyResult {
    let left = this!(v, Task).doing.with(t, v, |doing| {
        if doing.requests > 0 {
            doing.requests -= 1;
            if doing.requests == 0 {
                doing.must_cancel = false;
            }
        }
        doing.requests
    });
    Ok(Value::int(left))
}

fn get_name(t: &Thread, v: &Value) -> PyResult {
    let name = this!(v, Task).doing.with(t, v, |doing| match &doing.name {
        Some(Name::Number(number)) => Err(*number),
        Some(Name::Given(name)) => Ok(Value::clone(name)),
        None => Ok(Value::NONE),
    });
    Ok(name.unwrap_or_else(|number| str::from_str(&format!("Task-{number}"))))
}

fn set_name(t: &Thread, v: &Value, name: &Value) -> PyResult {
    let name = Some(Name::Given(Stored::new(library::name_of(t, name)?)));
    let old = this!(v, Task).doing.with(t, v, |doing| std::mem::replace(&mut doing.name, name));
    drop(old);
    Ok(Value::NONE)
}

fn get_reports_end(t: &Thread, v: &Value) -> PyResult {
    read(t, v, |doing| Some(Value::bool(doing.reports_end)))
}

fn set_reports_end(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(value) = value else {
        let name = names::intern("_log_destroy_pending");
        return Err(raise::attribute_error(t, v, &name, "cannot delete attribute"));
    };
    let reports = protocol::is_true(t, value)?;
    this!(v, Task).doing.with(t, v, |doing| doing.reports_end = reports);
    Ok(())
}

/// Reports a task that ends before it is done, and an exception that nobody has asked for.
fn finalize(t: &Thread, v: &Value) {
    let this = this!(v, Task);
    // It is on no list any more, also if whoever is told keeps it.
    this.listing.leave();
    if !this.future.is_done() && this.doing.with(t, v, |doing| doing.reports_end) {
        let (event_loop, source) =
            this.future.body.with(t, v, |body| (copy_of(&body.event_loop), copy_of(&body.source)));
        if let Some(event_loop) = event_loop {
            let message = str::from_str("Task was destroyed but it is pending!");
            let mut entries = vec![(names::intern("task"), v.clone()), (names::intern("message"), message)];
            entries.extend(source.map(|source| (names::intern("source_traceback"), source)));
            library::report(t, &event_loop, dict::from_pairs(entries));
        }
    }
    state::report_unretrieved(t, v, &this.future);
}
