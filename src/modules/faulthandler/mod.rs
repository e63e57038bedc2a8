//! `faulthandler`: where threads are, on request, on a signal, after a time, or when the process dies.
//!
//! A signal's handler shows the thread that the signal reaches only: without stopping the others, which a handler cannot do,
//! their frames change while one looks at them.

mod dump;
mod later;

use self::dump::Out;
use crate::modules::posix::files::fd;
use crate::modules::support;
use crate::object::args::Bound;
use crate::object::core_types::INT;
use crate::object::hooks;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::sync::parking::mutex::Mutex;
use crate::sys::signal;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::*};

/// Signals that end the process, and what they are called.
const FATAL: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

/// Where fatal signals are told of; -1: not enabled.
static FATAL_FD: AtomicI32 = AtomicI32::new(-1);
/// Where each registered signal writes; -1: not registered.
static USER_FD: [AtomicI32; signal::COUNT] = [const { AtomicI32::new(-1) }; signal::COUNT];
static USER_CHAIN: [AtomicBool; signal::COUNT] = [const { AtomicBool::new(false) }; signal::COUNT];
/// What was there before, by signal.
static PREVIOUS: Mutex<Vec<(i32, libc::sigaction)>> = Mutex::new(Vec::new());
/// Files that must stay open.
static FILES: Mutex<Vec<(i32, Stored)>> = Mutex::new(Vec::new());
/// The key in `FILES` of `enable()`'s; others are signal numbers.
const FATAL_KEY: i32 = 0;
const LATER_KEY: i32 = -1;

/// A file argument: its descriptor, and the object to keep.
fn file(t: &Thread, v: Option<&Value>) -> PyResult<(i32, Option<Value>)> {
    let given = match v.and_then(Value::non_none) {
        Some(v) => v.clone(),
        None => {
            let sys = (hooks::get().import)(t, "sys")?;
            match protocol::lookup_attr(t, &sys, &names::known().stderr)? {
                None => return Err(raise::runtime_error(t, "unable to get sys.stderr")),
                Some(f) if f.is_none() => return Err(raise::runtime_error(t, "sys.stderr is None")),
                Some(f) => f,
            }
        }
    };
    if given.class().is_subtype(&INT) {
        let n = fd(t, &given)?;
        if n < 0 {
            return Err(raise::value_error(t, "file is not a valid file descripter"));
        }
        return Ok((n, None));
    }
    let n = protocol::call_method_str(t, &given, "fileno", &[])?;
    let n = fd(t, &n)?;
    if n < 0 {
        return Err(raise::runtime_error(t, "file.fileno() is not a valid file descriptor"));
    }
    if let Err(raised) = protocol::call_method_str(t, &given, "flush", &[]) {
        drop(raise::take(t, raised));
    }
    Ok((n, Some(given)))
}

fn keep(key: i32, file: Option<Value>) {
    let old: Vec<Stored> = {
        let mut files = FILES.lock();
        let (gone, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut *files).into_iter().partition(|(k, _)| *k == key);
        *files = rest;
        files.extend(file.map(|f| (key, Stored::new(f))));
        gone.into_iter().map(|(_, f)| f).collect()
    };
    drop(old);
}

fn install(number: i32, handler: extern "C" fn(i32), flags: i32) -> std::io::Result<()> {
    // SAFETY: a complete action, whose handler is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = flags | libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        let mut old: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(number, &action, &mut old) != 0 {
            return Err(std::io::Error::last_os_error());
        }
        if old.sa_sigaction != action.sa_sigaction {
            PREVIOUS.lock().push((number, old));
        }
        Ok(())
    }
}

fn restore(number: i32) {
    let mut previous = PREVIOUS.lock();
    if let Some(i) = previous.iter().rposition(|(n, _)| *n == number) {
        let (_, old) = previous.remove(i);
        // SAFETY: an action that was there before.
        unsafe { libc::sigaction(number, &old, std::ptr::null_mut()) };
    }
}

extern "C" fn fatal(number: i32) {
    let fd = FATAL_FD.swap(-1, Relaxed);
    if fd >= 0 {
        let mut out = Out::new(fd);
        out.text("Fatal Python error: ");
        out.text(FATAL.iter().find(|(n, _)| *n == number).map_or("?", |(_, text)| text));
        out.text("\n\n");
        Thread::with_current(|t| dump::here(&mut out, t, true));
    }
    // Again, with the effect it has without us.
    // SAFETY: async-signal-safe calls.
    unsafe {
        libc::signal(number, libc::SIG_DFL);
        libc::raise(number);
    }
}

extern "C" fn user(number: i32) {
    let saved = signal::errno();
    let fd = USER_FD[number as usize].load(Relaxed);
    if fd >= 0 {
        let mut out = Out::new(fd);
        Thread::with_current(|t| dump::here(&mut out, t, true));
    }
    if USER_CHAIN[number as usize].load(Relaxed) {
        // What was there before gets its turn, then we are back.
        // SAFETY: async-signal-safe calls; `try_lock` does not wait.
        unsafe {
            if let Some(previous) = PREVIOUS.try_lock()
                && let Some((_, old)) = previous.iter().rfind(|(n, _)| *n == number)
            {
                let mut own: libc::sigaction = std::mem::zeroed();
                if libc::sigaction(number, old, &mut own) == 0 {
                    libc::raise(number);
                    libc::sigaction(number, &own, std::ptr::null_mut());
                }
            }
        }
    }
    // SAFETY: the address of a thread-local.
    unsafe { *libc::__errno_location() = saved };
}

fn enable(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, object) = file(t, b.opt(0))?;
    keep(FATAL_KEY, object);
    if FATAL_FD.swap(n, Relaxed) < 0 {
        for (number, _) in FATAL {
            install(number, fatal, libc::SA_NODEFER)
                .map_err(|e| crate::types::exceptions::os_error::from_io(t, &e, None))?;
        }
    }
    Ok(Value::NONE)
}

fn disable(_: &Thread) -> PyResult {
    let was = FATAL_FD.swap(-1, Relaxed) >= 0;
    if was {
        FATAL.iter().for_each(|(number, _)| restore(*number));
        keep(FATAL_KEY, None);
    }
    Ok(Value::bool(was))
}

fn dump_traceback(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, object) = file(t, b.opt(0))?;
    let all = b.opt(1).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let mut out = Out::new(n);
    if all {
        dump::everywhere(&mut out, t, true);
    } else {
        dump::here(&mut out, t, false);
    }
    drop(out);
    drop(object);
    Ok(Value::NONE)
}

fn number(t: &Thread, v: &Value) -> PyResult<i32> {
    let n = fd(t, v)?;
    if FATAL.iter().any(|(number, _)| *number == n) {
        return Err(raise::runtime_error(t, format!("signal {n} cannot be registered, use enable() instead")));
    }
    if !(1..signal::COUNT as i32).contains(&n) {
        return Err(raise::value_error(t, "signal number out of range"));
    }
    Ok(n)
}

fn register(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = number(t, b.req(0))?;
    let (to, object) = file(t, b.opt(1))?;
    let chain = b.opt(3).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    if USER_FD[n as usize].load(Relaxed) < 0 {
        let flags = if chain { libc::SA_NODEFER } else { libc::SA_RESTART };
        install(n, user, flags).map_err(|e| crate::types::exceptions::os_error::from_io(t, &e, None))?;
    }
    keep(n, object);
    USER_CHAIN[n as usize].store(chain, Relaxed);
    USER_FD[n as usize].store(to, Relaxed);
    Ok(Value::NONE)
}

fn unregister(t: &Thread, v: &Value) -> PyResult {
    let n = number(t, v)?;
    let was = USER_FD[n as usize].swap(-1, Relaxed) >= 0;
    if was {
        restore(n);
        keep(n, None);
    }
    Ok(Value::bool(was))
}

fn dump_traceback_later(t: &Thread, b: &Bound<'_>) -> PyResult {
    let seconds = support::seconds(t, b.req(0))?;
    let repeat = b.opt(1).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let (n, object) = file(t, b.opt(2))?;
    let exit = b.opt(3).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    if seconds <= 0.0 {
        return Err(raise::value_error(t, "timeout must be greater than 0"));
    }
    keep(LATER_KEY, object);
    later::start(t, seconds, repeat, n, exit)?;
    Ok(Value::NONE)
}

fn cancel(t: &Thread) -> PyResult {
    later::cancel(t);
    keep(LATER_KEY, None);
    Ok(Value::NONE)
}

/// Ends the process as the signal does: for tests of this module.
fn die(number: i32) -> PyResult {
    // SAFETY: sends a signal.
    unsafe { libc::raise(number) };
    Ok(Value::NONE)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "enable",
            "($module, /, file=sys.stderr, all_threads=True)",
            NativeFn::Bound(enable),
            "Enable the fault handler.",
        ),
        Method::new("disable", "($module, /)", NativeFn::F0(disable), "Disable the fault handler."),
        Method::new(
            "is_enabled",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::bool(FATAL_FD.load(Relaxed) >= 0))),
            "Check if the handler is enabled.",
        ),
        Method::new(
            "dump_traceback",
            "($module, /, file=sys.stderr, all_threads=True)",
            NativeFn::Bound(dump_traceback),
            "Dump the traceback of the current thread into file.",
        ),
        Method::new(
            "dump_traceback_later",
            "($module, /, timeout, repeat=False, file=sys.stderr, exit=False)",
            NativeFn::Bound(dump_traceback_later),
            "Dump the traceback of all threads in timeout seconds.",
        ),
        Method::new(
            "cancel_dump_traceback_later",
            "($module, /)",
            NativeFn::F0(cancel),
            "Cancel the previous call to dump_traceback_later().",
        ),
        Method::new(
            "register",
            "($module, /, signum, file=sys.stderr, all_threads=True, chain=False)",
            NativeFn::Bound(register),
            "Register a handler for the signal 'signum'.",
        ),
        Method::new(
            "unregister",
            "($module, signum, /)",
            NativeFn::F1(unregister),
            "Unregister the handler of the signal 'signum' registered by register().",
        ),
        Method::new(
            "_sigsegv",
            "($module, release_gil=False, /)",
            NativeFn::Bound(|_, _| die(libc::SIGSEGV)),
            "Raise a SIGSEGV signal.",
        ),
        Method::new("_sigabrt", "($module, /)", NativeFn::F0(|_| die(libc::SIGABRT)), "Raise a SIGABRT signal."),
        Method::new("_sigfpe", "($module, /)", NativeFn::F0(|_| die(libc::SIGFPE)), "Raise a SIGFPE signal."),
    ],
    ..ModuleSpec::new("faulthandler", "faulthandler module.")
};
