//! Poll objects.

use super::{deadline_in, descriptor, events_16, milliseconds_left};
use crate::modules::support::Guarded;
use crate::object::alloc;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::hooks;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::this;
use crate::types::exceptions::os_error;
use std::time::Instant;

/// The payload: (descriptor, events) in the order of registration.
pub struct Poll {
    watched: Guarded<Vec<(i32, u16)>>,
    /// Whether a thread is waiting.
    running: AtomicBool,
}

pub static POLL: StaticType = StaticType::new(&SPEC);

// SAFETY: `POLL`'s layout is `Poll`.
unsafe impl Payload for Poll {
    fn layout_type() -> &'static Type {
        &POLL
    }
}

/// `select.poll()`
pub fn new() -> Value {
    alloc::new(&POLL, Poll { watched: Guarded::new(Vec::new()), running: AtomicBool::new(false) })
}

fn register(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = descriptor(t, b.req(1))?;
    let events = match b.opt(2) {
        Some(v) => events_16(t, v)?,
        None => (libc::POLLIN | libc::POLLPRI | libc::POLLOUT) as u16,
    };
    this!(b.req(0), Poll).watched.with(t, b.req(0), |all| match all.iter_mut().find(|(n, _)| *n == fd) {
        Some(entry) => entry.1 = events,
        None => all.push((fd, events)),
    });
    Ok(Value::NONE)
}

fn modify(t: &Thread, v: &Value, object: &Value, events: &Value) -> PyResult {
    let fd = descriptor(t, object)?;
    let events = events_16(t, events)?;
    let found = this!(v, Poll).watched.with(t, v, |all| match all.iter_mut().find(|(n, _)| *n == fd) {
        Some(entry) => {
            entry.1 = events;
            true
        }
        None => false,
    });
    if found { Ok(Value::NONE) } else { Err(os_error::from_errno(t, libc::ENOENT, None, None)) }
}

fn unregister(t: &Thread, v: &Value, object: &Value) -> PyResult {
    let fd = descriptor(t, object)?;
    let found = this!(v, Poll).watched.with(t, v, |all| {
        let before = all.len();
        all.retain(|(n, _)| *n != fd);
        all.len() < before
    });
    if found { Ok(Value::NONE) } else { Err(raise::key_error(t, &Value::int(fd.into()))) }
}

/// A timeout in milliseconds; None or a negative number: for ever.
fn timeout(t: &Thread, v: Option<&Value>) -> PyResult<Option<Instant>> {
    let Some(v) = v else { return Ok(None) };
    if v.class().slots.index.get().is_none() && v.class().slots.float.get().is_none() && !v.is_float() {
        return Err(raise::type_error(t, "timeout must be an integer or None"));
    }
    let ms = match crate::object::bigint::view(v) {
        Some(crate::object::bigint::IntView::Small(i)) => i as f64,
        Some(_) => f64::INFINITY,
        None => protocol::as_f64(t, v)?,
    };
    if ms.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    if ms < 0.0 && ms.is_finite() {
        if ms < -9.3e12 {
            return Err(raise::overflow_error(t, "timestamp out of range for platform time_t"));
        }
        return Ok(None);
    }
    if ms > f64::from(i32::MAX) {
        return Err(raise::overflow_error(t, "timeout is too large"));
    }
    Ok(deadline_in(ms.ceil() / 1e3))
}

fn poll(t: &Thread, v: &Value, b: Option<&Value>) -> PyResult {
    let this = this!(v, Poll);
    let deadline = timeout(t, b)?;
    if this.running.swap(true, AcqRel) {
        return Err(raise::new(t, &exc::RUNTIME_ERROR, "concurrent poll() invocation"));
    }
    let result = wait(t, v, this, deadline);
    this.running.store(false, Release);
    let found = result?;
    let pairs = found.iter().filter(|p| p.revents != 0).map(|p| {
        // Without a sign, and only what `poll` is documented to answer.
        tuple::from_slice(&[Value::int(p.fd.into()), Value::int((p.revents as u16).into())])
    });
    Ok(list::from_vec(pairs.collect()))
}

fn wait(t: &Thread, v: &Value, this: &Poll, deadline: Option<Instant>) -> PyResult<Vec<libc::pollfd>> {
    let mut watched: Vec<libc::pollfd> = this.watched.with(t, v, |all| {
        all.iter().map(|(fd, events)| libc::pollfd { fd: *fd, events: *events as i16, revents: 0 }).collect()
    });
    loop {
        let left = milliseconds_left(deadline);
        let (n, error) = t.detached(|| {
            // SAFETY: an array of our own.
            let n = unsafe { libc::poll(watched.as_mut_ptr(), watched.len() as libc::nfds_t, left) };
            (n, std::io::Error::last_os_error())
        });
        if n >= 0 {
            return Ok(watched);
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Err(os_error::from_io(t, &error, None));
        }
        (hooks::get().check_attention)(t)?;
        if deadline.is_some_and(|d| Instant::now() >= d) {
            watched.iter_mut().for_each(|p| p.revents = 0);
            return Ok(watched);
        }
    }
}

static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable::EMPTY,
    methods: &[
        Method::new(
            "register",
            "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)",
            NativeFn::Bound(register),
            "Register a file descriptor with the polling object.",
        ),
        Method::new(
            "modify",
            "($self, fd, eventmask, /)",
            NativeFn::F3(modify),
            "Modify an already registered file descriptor.",
        ),
        Method::new(
            "unregister",
            "($self, fd, /)",
            NativeFn::F2(unregister),
            "Remove a file descriptor being tracked by the polling object.",
        ),
        Method::new(
            "poll",
            "($self, timeout=None, /)",
            NativeFn::Bound(|t, b| poll(t, b.req(0), b.non_none(1))),
            "Polls the set of registered file descriptors.\n\nReturns a list containing any descriptors that have events or errors to\nreport, as a list of (fd, event) 2-tuples.",
        ),
    ],
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("select", "poll", layout_of::<Poll>(false))
};
