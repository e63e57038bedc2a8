//! `select`: waiting for many descriptors at once.
//!
//! | file | holds |
//! |---|---|
//! | `plain` | `select.select` |
//! | `poll` | poll objects |
//! | `epoll` | epoll objects |

mod epoll;
mod plain;
mod poll;

use crate::modules::posix::files::fileno;
use crate::modules::support;
use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use std::time::{Duration, Instant};

/// A descriptor argument.
fn descriptor(t: &Thread, v: &Value) -> PyResult<i32> {
    fileno(t, v)
}

/// When a wait ends, from what is asked for in seconds; `None`: never.
fn deadline_in(seconds: f64) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_secs_f64(seconds.max(0.0)))
}

/// What is left until a deadline, in milliseconds, rounded up; -1 for ever.
fn milliseconds_left(deadline: Option<Instant>) -> i32 {
    match deadline {
        None => -1,
        Some(d) => {
            let left = d.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
            i32::try_from(left).unwrap_or(i32::MAX)
        }
    }
}

/// An events argument: 16 bits without a sign.
fn events_16(t: &Thread, v: &Value) -> PyResult<u16> {
    let n = protocol::index_i64(t, v)?;
    if n < 0 {
        return Err(raise::value_error(t, "value must be positive"));
    }
    u16::try_from(n).map_err(|_| raise::overflow_error(t, "Python int too large to convert to C unsigned short"))
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    POLLIN POLLPRI POLLOUT POLLERR POLLHUP POLLNVAL POLLRDNORM POLLRDBAND POLLWRNORM POLLWRBAND POLLRDHUP
    EPOLLIN EPOLLOUT EPOLLPRI EPOLLERR EPOLLHUP EPOLLRDHUP EPOLLONESHOT EPOLLEXCLUSIVE EPOLLRDNORM
    EPOLLRDBAND EPOLLWRNORM EPOLLWRBAND EPOLLMSG EPOLL_CLOEXEC
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in CONSTANTS {
        set(name, Value::int(*n))?;
    }
    set("EPOLLET", Value::int(1 << 31))?;
    set("POLLMSG", Value::int(0x400))?;
    set("PIPE_BUF", Value::int(libc::PIPE_BUF as i64))?;
    set("error", exc::OS_ERROR.to_value())?;
    support::hide(t, module, &["poll"])?;
    let f = crate::object::native::new_function(&POLL, Some(module.clone()), Some(names::intern("select")));
    set("poll", f)
}

static POLL: Method = Method::new(
    "poll",
    "($module, /)",
    NativeFn::F0(|_| Ok(poll::new())),
    "Returns a polling object.\n\nThis object supports registering and unregistering file descriptors, and then\npolling them for I/O events.",
);

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "select",
        "($module, rlist, wlist, xlist, timeout=None, /)",
        NativeFn::Bound(plain::select),
        "Wait until one or more file descriptors are ready for some kind of I/O.",
    )],
    types: &[&poll::POLL, &epoll::EPOLL],
    init: Some(init),
    ..ModuleSpec::new(
        "select",
        "This module supports asynchronous I/O on multiple file descriptors.\n\n*** IMPORTANT NOTICE ***\nOn Windows, only sockets are supported; on Unix, all file descriptors.",
    )
};
