//! The functions of `_signal`.

use super::{ITIMER_ERROR, Siginfo, handlers};
use crate::modules::posix::files::{fd, fileno};
use crate::modules::support;
use crate::modules::thread::handle;
use crate::object::args::Bound;
use crate::object::core_types::{SET, exc};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, list, names, protocol, str, tuple};
use crate::sys::signal::{self, Disposition};
use crate::types::exceptions::os_error;
use crate::types::struct_sequence;
use std::io::ErrorKind;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

fn check(t: &Thread) -> PyResult<()> {
    if t.record.attention() != 0 {
        (hooks::get().check_attention)(t)?;
    }
    Ok(())
}

fn os_error(t: &Thread, e: &std::io::Error) -> Raised {
    os_error::from_io(t, e, None)
}

/// An argument that is a signal's number: ValueError outside of the range.
fn number(t: &Thread, v: &Value) -> PyResult<i32> {
    let n = fd(t, v)?;
    if !(1..signal::COUNT as i32).contains(&n) {
        return Err(raise::value_error(t, "signal number out of range"));
    }
    Ok(n)
}

fn default_int_handler(t: &Thread, b: &Bound<'_>) -> PyResult {
    fd(t, b.req(0))?;
    Err(raise::with_args(t, &exc::KEYBOARD_INTERRUPT, names::empty_tuple()))
}

fn set_handler(t: &Thread, which: &Value, handler: &Value) -> PyResult {
    let raw = fd(t, which)?;
    if !handle::is_main(t) {
        return Err(raise::value_error(t, "signal only works in main thread of the main interpreter"));
    }
    if !(1..signal::COUNT as i32).contains(&raw) {
        return Err(raise::value_error(t, "signal number out of range"));
    }
    let what = if handlers::is_plain(handler, libc::SIG_IGN) {
        Disposition::Ignore
    } else if handlers::is_plain(handler, libc::SIG_DFL) {
        Disposition::Default
    } else if handler.class().slots.call.get().is_some() {
        Disposition::Noted
    } else {
        let message = "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object";
        return Err(raise::type_error(t, message));
    };
    // Signals that have arrived are for the old handler.
    check(t)?;
    signal::set_disposition(raw, what).map_err(|e| os_error(t, &e))?;
    Ok(handlers::put(raw as usize, Some(handler.clone())).unwrap_or(Value::NONE))
}

fn get_handler(t: &Thread, which: &Value) -> PyResult {
    let n = number(t, which)?;
    Ok(handlers::get(n as usize).unwrap_or(Value::NONE))
}

fn raise_signal(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    t.detached(|| signal::raise(n)).map_err(|e| os_error(t, &e))?;
    check(t)?;
    Ok(Value::NONE)
}

fn strsignal(t: &Thread, v: &Value) -> PyResult {
    let n = number(t, v)?;
    Ok(signal::description(n).map_or(Value::NONE, |text| str::from_str(&text)))
}

fn siginterrupt(t: &Thread, v: &Value, flag: &Value) -> PyResult {
    let n = number(t, v)?;
    let interrupts = fd(t, flag)? != 0;
    signal::set_restart(n, !interrupts).map_err(|e| os_error(t, &e))?;
    Ok(Value::NONE)
}

fn set_wakeup_fd(t: &Thread, b: &Bound<'_>) -> PyResult {
    let new = fd(t, b.req(0))?;
    let warn = b.opt(1).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    if !handle::is_main(t) {
        return Err(raise::value_error(t, "set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if new != -1 {
        match crate::sys::fd::is_blocking(new) {
            Err(e) => return Err(os_error(t, &e)),
            Ok(true) => return Err(raise::value_error(t, format!("the fd {new} must be in non-blocking mode"))),
            Ok(false) => {}
        }
    }
    signal::WARN_WHEN_FULL.store(warn, Relaxed);
    Ok(Value::int(signal::WAKEUP.swap(new, Relaxed).into()))
}

fn pause(t: &Thread) -> PyResult {
    t.detached(signal::pause);
    check(t)?;
    Ok(Value::NONE)
}

fn alarm(t: &Thread, v: &Value) -> PyResult {
    let seconds = fd(t, v)?;
    Ok(Value::int(signal::alarm(seconds as u32).into()))
}

fn timer_error(t: &Thread, e: &std::io::Error) -> Raised {
    let n = e.raw_os_error().unwrap_or(0);
    let args = [Value::int(n.into()), str::from_str(&os_error::strerror(n))];
    raise::with_args(t, &ITIMER_ERROR, tuple::from_slice(&args))
}

fn pair(timer: signal::Timer) -> Value {
    tuple::from_slice(&[Value::float(timer.0), Value::float(timer.1)])
}

fn setitimer(t: &Thread, b: &Bound<'_>) -> PyResult {
    let which = fd(t, b.req(0))?;
    let seconds = |v: &Value| support::seconds(t, v);
    let delay = seconds(b.req(1))?;
    let interval = b.opt(2).map_or(Ok(0.0), seconds)?;
    signal::set_timer(which, (delay, interval)).map(pair).map_err(|e| timer_error(t, &e))
}

fn getitimer(t: &Thread, v: &Value) -> PyResult {
    let which = fd(t, v)?;
    signal::timer(which).map(pair).map_err(|e| timer_error(t, &e))
}

fn set_arg(t: &Thread, v: &Value) -> PyResult<signal::Set> {
    let mut numbers = Vec::new();
    protocol::for_each(t, v, |item| {
        let n = protocol::index_clipped(t, &item)?;
        if !(1..signal::COUNT as i64).contains(&n) {
            let shown = protocol::to_string(t, &item)?;
            let message = format!("signal number {shown} out of range [1; {}]", signal::COUNT - 1);
            return Err(raise::value_error(t, message));
        }
        numbers.push(n as i32);
        Ok(())
    })?;
    Ok(signal::set_of(&numbers))
}

fn to_set(t: &Thread, numbers: Vec<i32>) -> PyResult {
    let items = list::from_vec(numbers.into_iter().map(|n| Value::int(n.into())).collect());
    protocol::call_values(t, &SET.as_value(), &[items])
}

fn pthread_sigmask(t: &Thread, how: &Value, set: &Value) -> PyResult {
    let how = fd(t, how)?;
    let set = set_arg(t, set)?;
    let old = signal::mask(how, Some(&set)).map_err(|e| os_error(t, &e))?;
    // What is unblocked now may have arrived.
    check(t)?;
    to_set(t, signal::members(&old))
}

fn sigpending(t: &Thread) -> PyResult {
    let set = signal::blocked_arrivals().map_err(|e| os_error(t, &e))?;
    to_set(t, signal::members(&set))
}

fn sigwait(t: &Thread, set: &Value) -> PyResult {
    let set = set_arg(t, set)?;
    loop {
        match t.detached(|| signal::wait(&set)) {
            Ok(n) => return Ok(Value::int(n.into())),
            Err(e) if e.kind() == ErrorKind::Interrupted => check(t)?,
            Err(e) => return Err(os_error(t, &e)),
        }
    }
}

fn info(i: signal::Info) -> Value {
    struct_sequence::make::<Siginfo>(vec![
        Value::int(i.number.into()),
        Value::int(i.code.into()),
        Value::int(i.errno.into()),
        Value::int(i.pid.into()),
        Value::int(i.uid.into()),
        Value::int(i.status.into()),
        Value::int(i.band),
    ])
}

/// Waits for one of the signals until a deadline; None where it passed.
fn wait_info(t: &Thread, set: &signal::Set, deadline: Option<Instant>) -> PyResult {
    loop {
        let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
        match t.detached(|| signal::wait_info(set, left)) {
            Ok(i) => return Ok(info(i)),
            Err(e) if e.raw_os_error() == Some(libc::EAGAIN) && deadline.is_some() => return Ok(Value::NONE),
            Err(e) if e.kind() == ErrorKind::Interrupted => check(t)?,
            Err(e) => return Err(os_error(t, &e)),
        }
    }
}

fn sigwaitinfo(t: &Thread, set: &Value) -> PyResult {
    let set = set_arg(t, set)?;
    wait_info(t, &set, None)
}

fn sigtimedwait(t: &Thread, set: &Value, timeout: &Value) -> PyResult {
    let seconds = support::seconds(t, timeout)?;
    if seconds < 0.0 {
        return Err(raise::value_error(t, "timeout must be non-negative"));
    }
    let set = set_arg(t, set)?;
    wait_info(t, &set, Instant::now().checked_add(Duration::from_secs_f64(seconds)))
}

fn pthread_kill(t: &Thread, thread: &Value, v: &Value) -> PyResult {
    let thread = protocol::index_i64(t, thread)? as u64;
    let n = fd(t, v)?;
    signal::send_to_thread(thread, n).map_err(|e| os_error(t, &e))?;
    check(t)?;
    Ok(Value::NONE)
}

fn pidfd_send_signal(t: &Thread, b: &Bound<'_>) -> PyResult {
    let pidfd = fileno(t, b.req(0))?;
    let n = fd(t, b.req(1))?;
    if b.non_none(2).is_some() {
        return Err(raise::type_error(t, "siginfo must be None"));
    }
    let flags = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    signal::send_to_pidfd(pidfd, n, flags as u32).map_err(|e| os_error(t, &e))?;
    check(t)?;
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "default_int_handler",
        "($module, signalnum, frame, /)",
        NativeFn::Bound(default_int_handler),
        "The default handler for SIGINT installed by Python.\n\nIt raises KeyboardInterrupt.",
    ),
    Method::new(
        "signal",
        "($module, signalnum, handler, /)",
        NativeFn::F2(set_handler),
        "Set the action for the given signal.\n\n\
         The action can be SIG_DFL, SIG_IGN, or a callable Python object.\n\
         The previous action is returned.",
    ),
    Method::new(
        "getsignal",
        "($module, signalnum, /)",
        NativeFn::F1(get_handler),
        "Return the current action for the given signal.",
    ),
    Method::new(
        "raise_signal",
        "($module, signalnum, /)",
        NativeFn::F1(raise_signal),
        "Send a signal to the executing process.",
    ),
    Method::new(
        "strsignal",
        "($module, signalnum, /)",
        NativeFn::F1(strsignal),
        "Return the system description of the given signal.",
    ),
    Method::new(
        "siginterrupt",
        "($module, signalnum, flag, /)",
        NativeFn::F2(siginterrupt),
        "Change system call restart behaviour.",
    ),
    Method::new(
        "set_wakeup_fd",
        "($module, fd, /, *, warn_on_full_buffer=True)",
        NativeFn::Bound(set_wakeup_fd),
        "Sets the fd to be written to (with the signal number) when a signal comes in.",
    ),
    Method::new("pause", "($module, /)", NativeFn::F0(pause), "Wait until a signal arrives."),
    Method::new(
        "alarm",
        "($module, seconds, /)",
        NativeFn::F1(alarm),
        "Arrange for SIGALRM to arrive after the given number of seconds.",
    ),
    Method::new(
        "setitimer",
        "($module, which, seconds, interval=0.0, /)",
        NativeFn::Bound(setitimer),
        "Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).",
    ),
    Method::new("getitimer", "($module, which, /)", NativeFn::F1(getitimer), "Returns current value of given itimer."),
    Method::new(
        "pthread_sigmask",
        "($module, how, mask, /)",
        NativeFn::F2(pthread_sigmask),
        "Fetch and/or change the signal mask of the calling thread.",
    ),
    Method::new("sigpending", "($module, /)", NativeFn::F0(sigpending), "Examine pending signals."),
    Method::new("sigwait", "($module, sigset, /)", NativeFn::F1(sigwait), "Wait for a signal."),
    Method::new(
        "sigwaitinfo",
        "($module, sigset, /)",
        NativeFn::F1(sigwaitinfo),
        "Wait synchronously until one of the signals in *sigset* is delivered.",
    ),
    Method::new(
        "sigtimedwait",
        "($module, sigset, timeout, /)",
        NativeFn::F2(sigtimedwait),
        "Like sigwaitinfo(), but with a timeout.",
    ),
    Method::new(
        "pthread_kill",
        "($module, thread_id, signalnum, /)",
        NativeFn::F2(pthread_kill),
        "Send a signal to a thread.",
    ),
    Method::new(
        "pidfd_send_signal",
        "($module, pidfd, signalnum, siginfo=None, flags=0, /)",
        NativeFn::Bound(pidfd_send_signal),
        "Send a signal to a process referred to by a pid file descriptor.",
    ),
    Method::new(
        "valid_signals",
        "($module, /)",
        NativeFn::F0(|t| to_set(t, signal::valid())),
        "Return a set of valid signal numbers on this platform.",
    ),
];
