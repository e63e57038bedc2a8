//! Epoll objects.

use super::{deadline_in, descriptor, milliseconds_left};
use crate::modules::support::{Parameters, seconds};
use crate::object::alloc;
use crate::object::args::{Args, Bound};
use crate::object::hooks;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sync::shim::atomic::{AtomicI32, Ordering::*};
use crate::this;
use crate::types::exceptions::os_error;
use std::time::Instant;

/// The payload: the descriptor, -1 when closed.
pub struct Epoll(AtomicI32);

pub static EPOLL: StaticType = StaticType::new(&SPEC);

// SAFETY: `EPOLL`'s layout is `Epoll`.
unsafe impl Payload for Epoll {
    fn layout_type() -> &'static Type {
        &EPOLL
    }
}

impl Drop for Epoll {
    fn drop(&mut self) {
        let fd = *self.0.get_mut();
        if fd >= 0 {
            // SAFETY: the descriptor is ours.
            unsafe { libc::close(fd) };
        }
    }
}

static PARAMETERS: Parameters = Parameters::new("(sizehint=-1, flags=0)");

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let b = PARAMETERS.bind(t, &EPOLL, class, args)?;
    let number = |v: &Value| crate::modules::posix::files::fd(t, v);
    let size = b.opt(0).map_or(Ok(-1), number)?;
    let flags = b.opt(1).map_or(Ok(0), number)?;
    if size != -1 && size <= 0 {
        return Err(raise::value_error(t, "sizehint must be positive or -1"));
    }
    if flags & !libc::EPOLL_CLOEXEC != 0 {
        return Err(raise::new(t, &crate::object::core_types::exc::OS_ERROR, "invalid flags"));
    }
    // SAFETY: makes a descriptor.
    let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if fd < 0 {
        return Err(crate::modules::posix::last_error(t, None));
    }
    Ok(alloc::new(class, Epoll(AtomicI32::new(fd))))
}

/// The open descriptor; ValueError when closed.
fn open(t: &Thread, v: &Value) -> PyResult<i32> {
    match this!(v, Epoll).0.load(Relaxed) {
        -1 => Err(raise::value_error(t, "I/O operation on closed epoll object")),
        fd => Ok(fd),
    }
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let fd = this!(v, Epoll).0.swap(-1, Relaxed);
    // SAFETY: the descriptor was ours alone to close.
    if fd >= 0 && t.detached(|| unsafe { libc::close(fd) }) != 0 {
        return Err(crate::modules::posix::last_error(t, None));
    }
    Ok(Value::NONE)
}

fn control(t: &Thread, v: &Value, operation: i32, object: &Value, events: u32) -> PyResult {
    let this = open(t, v)?;
    let fd = descriptor(t, object)?;
    let mut event = libc::epoll_event { events, u64: fd as u64 };
    let (n, error) = t.detached(|| {
        // SAFETY: reads `event`.
        let n = unsafe { libc::epoll_ctl(this, operation, fd, &mut event) };
        (n, std::io::Error::last_os_error())
    });
    if n < 0 { Err(os_error::from_io(t, &error, None)) } else { Ok(Value::NONE) }
}

fn mask(t: &Thread, v: &Value) -> PyResult<u32> {
    let n = protocol::index_i64(t, v)?;
    if n < 0 {
        return Err(raise::overflow_error(t, "can't convert negative value to unsigned int"));
    }
    Ok(n as u32)
}

fn register(t: &Thread, b: &Bound<'_>) -> PyResult {
    let default = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;
    let events = b.opt(2).map_or(Ok(default), |v| mask(t, v))?;
    control(t, b.req(0), libc::EPOLL_CTL_ADD, b.req(1), events)
}

fn poll(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = open(t, b.req(0))?;
    let deadline = match b.non_none(1) {
        None => None,
        Some(v) => {
            if v.class().slots.index.get().is_none() && v.class().slots.float.get().is_none() {
                return Err(raise::type_error(t, "timeout must be an integer or None"));
            }
            let seconds = seconds(t, v)?;
            if seconds > f64::from(i32::MAX) / 1e3 {
                return Err(raise::overflow_error(t, "timeout is too large"));
            }
            if seconds < 0.0 { None } else { deadline_in(seconds) }
        }
    };
    let most = b.opt(2).map_or(Ok(-1), |v| crate::modules::posix::files::fd(t, v))?;
    let most = match most {
        -1 => libc::FD_SETSIZE - 1,
        n if n < 1 => {
            return Err(raise::value_error(t, format!("maxevents must be greater than 0, got {n}")));
        }
        n => n as usize,
    };
    let mut events: Vec<libc::epoll_event> = Vec::with_capacity(most.min(1 << 16));
    let room = events.capacity() as i32;
    loop {
        let left = milliseconds_left(deadline);
        let (n, error) = t.detached(|| {
            // SAFETY: writes at most `room` events.
            let n = unsafe { libc::epoll_wait(fd, events.as_mut_ptr(), room.min(most as i32), left) };
            (n, std::io::Error::last_os_error())
        });
        if n >= 0 {
            // SAFETY: the system has written so many.
            unsafe { events.set_len(n as usize) };
            break;
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Err(os_error::from_io(t, &error, None));
        }
        (hooks::get().check_attention)(t)?;
        if deadline.is_some_and(|d| Instant::now() >= d) {
            break;
        }
    }
    let pairs = events.iter().map(|e| {
        let (fd, events) = (e.u64, e.events);
        tuple::from_slice(&[Value::int(fd as i32 as i64), Value::int(events.into())])
    });
    Ok(list::from_vec(pairs.collect()))
}

fn fromfd(t: &Thread, class: &Value, fd: &Value) -> PyResult {
    let fd = crate::modules::posix::files::fd(t, fd)?;
    let Some(class) = class.downcast::<Type>() else { return Err(raise::type_error(t, "a type is required")) };
    Ok(alloc::new(class, Epoll(AtomicI32::new(fd))))
}

static SPEC: TypeSpec = TypeSpec {
    doc: "select.epoll(sizehint=-1, flags=0)\n\nReturns an epolling object.\n\n  sizehint\n    The expected number of events to be registered.  It must be positive,\n    or -1 to use the default.  It is only used on older systems where\n    epoll_create1() is not available; otherwise it has no effect (though its\n    value is still checked).\n  flags\n    Deprecated and completely ignored.  However, when supplied, its value\n    must be 0 or select.EPOLL_CLOEXEC, otherwise OSError is raised.",
    signature: "(sizehint=-1, flags=0)",
    slots: SlotTable { new: Some(new), ..SlotTable::EMPTY },
    methods: &[
        Method::new("close", "($self, /)", NativeFn::F1(close), "Close the epoll control file descriptor."),
        Method::new(
            "fileno",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::int(open(t, v)?.into()))),
            "Return the epoll control file descriptor.",
        ),
        Method::new(
            "register",
            "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
            NativeFn::Bound(register),
            "Registers a new fd or raises an OSError if the fd is already registered.",
        ),
        Method::new(
            "modify",
            "($self, /, fd, eventmask)",
            NativeFn::Bound(|t, b| {
                let events = mask(t, b.req(2))?;
                control(t, b.req(0), libc::EPOLL_CTL_MOD, b.req(1), events)
            }),
            "Modify event mask for a registered file descriptor.",
        ),
        Method::new(
            "unregister",
            "($self, /, fd)",
            NativeFn::Bound(|t, b| control(t, b.req(0), libc::EPOLL_CTL_DEL, b.req(1), 0)),
            "Remove a registered file descriptor from the epoll object.",
        ),
        Method::new(
            "poll",
            "($self, /, timeout=None, maxevents=-1)",
            NativeFn::Bound(poll),
            "Wait for events on the epoll file descriptor.",
        ),
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|t, v| {
                open(t, v)?;
                Ok(v.clone())
            }),
            "",
        ),
        Method::new(
            "__exit__",
            "($self, exc_type=None, exc_value=None, exc_tb=None, /)",
            NativeFn::Bound(|t, b| protocol::call_method_str(t, b.req(0), "close", &[])),
            "",
        ),
        Method::new(
            "fromfd",
            "($type, fd, /)",
            NativeFn::F2(fromfd),
            "Create an epoll object from a given control file descriptor.",
        )
        .class_method(),
    ],
    getset: &[GetSet::read_only(
        "closed",
        |_, v| Ok(Value::bool(this!(v, Epoll).0.load(Relaxed) < 0)),
        "True if the epoll handler is closed",
    )],
    flags: flag::BASETYPE,
    ..TypeSpec::new("select", "epoll", layout_of::<Epoll>(false))
};
