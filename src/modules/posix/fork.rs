//! Forking: the hooks around it, and what a child has to put right.

use super::files::fd;
use super::{last_error, path};
use crate::modules::imp;
use crate::modules::signal::handlers;
use crate::modules::thread::handle;
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{collector, hooks, protocol, tuple};
use crate::sync::shim::Mutex;
use crate::sys::signal;
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;

/// What `register_at_fork` was given.
struct Hooks {
    before: Vec<Stored>,
    in_parent: Vec<Stored>,
    in_child: Vec<Stored>,
}

static HOOKS: Mutex<Hooks> = Mutex::new(Hooks { before: Vec::new(), in_parent: Vec::new(), in_child: Vec::new() });

fn call_all(t: &Thread, which: fn(&Hooks) -> &Vec<Stored>, reverse: bool) {
    let mut functions: Vec<Value> = which(&HOOKS.lock()).iter().map(|f| (**f).clone()).collect();
    if reverse {
        functions.reverse();
    }
    for function in functions {
        if let Err(raised) = protocol::call_values(t, &function, &[]) {
            let e = raise::take(t, raised);
            (hooks::get().unraisable)(t, e, "", Some(&function));
        }
    }
}

/// What the child does after a fork, first of all.
fn in_child(t: &Thread) {
    signal::forget();
    handlers::set_main(t);
    collector::after_fork(t);
    handle::after_fork(t);
    call_all(t, |h| &h.in_child, false);
}

/// Forks with all that belongs to it, but for the warning; answers the child's id, 0 in the child.
pub fn fork_quietly(t: &Thread, fork: impl FnOnce(&Thread) -> std::io::Result<i32>) -> PyResult<i32> {
    call_all(t, |h| &h.before, true);
    imp::acquire_lock(t)?;
    let result = fork(t);
    imp::release_lock(t)?;
    match result {
        Ok(0) => in_child(t),
        _ => call_all(t, |h| &h.in_parent, false),
    }
    result.map_err(|e| os_error::from_io(t, &e, None))
}

/// As above, with the warning where there are other threads.
fn fork_python(t: &Thread, name: &str, fork: impl FnOnce(&Thread) -> std::io::Result<i32>) -> PyResult<i32> {
    let threads = handle::count();
    let pid = fork_quietly(t, fork)?;
    if pid != 0 && threads > 0 {
        let message = format!(
            "This process (pid={}) is multi-threaded, use of {name}() may lead to deadlocks in the child.",
            std::process::id()
        );
        (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), &message, 1)?;
    }
    Ok(pid)
}

fn fork(t: &Thread) -> PyResult {
    audit::event(t, "os.fork", || [])?;
    fork_python(t, "fork", handle::fork).map(|pid| Value::int(pid.into()))
}

fn forkpty(t: &Thread) -> PyResult {
    audit::event(t, "os.forkpty", || [])?;
    let (main, sub) = open_pair(t)?;
    let pid = fork_python(t, "forkpty", |t| {
        let pid = handle::fork(t)?;
        // SAFETY: descriptors of our own.
        unsafe {
            if pid == 0 {
                libc::close(main);
                libc::login_tty(sub);
            } else {
                libc::close(sub);
            }
        }
        Ok(pid)
    })?;
    let fd = if pid == 0 { -1 } else { main };
    Ok(tuple::from_slice(&[Value::int(pid.into()), Value::int(fd.into())]))
}

/// A new terminal: both ends, not inherited by programs.
fn open_pair(t: &Thread) -> PyResult<(i32, i32)> {
    let (mut main, mut sub) = (-1, -1);
    // SAFETY: writes two numbers.
    unsafe {
        if libc::openpty(&mut main, &mut sub, std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut()) != 0 {
            return Err(last_error(t, None));
        }
        for end in [main, sub] {
            libc::fcntl(end, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
    Ok((main, sub))
}

fn openpty(t: &Thread) -> PyResult {
    let (main, sub) = open_pair(t)?;
    Ok(tuple::from_slice(&[Value::int(main.into()), Value::int(sub.into())]))
}

fn login_tty(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    // SAFETY: changes the process's terminal.
    if unsafe { libc::login_tty(n) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

fn posix_openpt(t: &Thread, v: &Value) -> PyResult {
    let flags = fd(t, v)?;
    // SAFETY: makes a descriptor.
    let n = unsafe { libc::posix_openpt(flags | libc::O_CLOEXEC) };
    if n < 0 { Err(last_error(t, None)) } else { Ok(Value::int(n.into())) }
}

fn grantpt(t: &Thread, v: &Value) -> PyResult {
    let n = super::files::fileno(t, v)?;
    // SAFETY: changes a terminal.
    if unsafe { libc::grantpt(n) } != 0 { Err(last_error(t, None)) } else { Ok(Value::NONE) }
}

fn unlockpt(t: &Thread, v: &Value) -> PyResult {
    let n = super::files::fileno(t, v)?;
    // SAFETY: changes a terminal.
    if unsafe { libc::unlockpt(n) } != 0 { Err(last_error(t, None)) } else { Ok(Value::NONE) }
}

fn ptsname(t: &Thread, v: &Value) -> PyResult {
    let n = super::files::fileno(t, v)?;
    let mut name = [0u8; 256];
    // SAFETY: writes a terminated text of at most the buffer's length.
    let error = unsafe { libc::ptsname_r(n, name.as_mut_ptr().cast(), name.len()) };
    if error != 0 {
        return Err(os_error::from_errno(t, error, None, None));
    }
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    Ok(path::decode(&name[..end]))
}

fn register_at_fork(t: &Thread, b: &Bound<'_>) -> PyResult {
    let hooks = [b.opt(0), b.opt(1), b.opt(2)];
    if hooks.iter().all(Option::is_none) {
        return Err(raise::type_error(t, "At least one argument is required."));
    }
    for (v, name) in hooks.iter().zip(["before", "after_in_child", "after_in_parent"]) {
        if let Some(v) = v
            && v.class().slots.call.get().is_none()
        {
            let message = format!("'{name}' must be callable, not {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
    }
    let fresh = hooks.map(|v| v.map(|v| Stored::new(v.clone())));
    let [before, child, parent] = fresh;
    let mut all = HOOKS.lock();
    all.before.extend(before);
    all.in_child.extend(child);
    all.in_parent.extend(parent);
    Ok(Value::NONE)
}

fn system(t: &Thread, b: &Bound<'_>) -> PyResult {
    let command = path::arg(t, "system", b.req(0))?;
    audit::event(t, "os.system", || [bytes::from_slice(command.text.as_bytes())])?;
    // SAFETY: a terminated text.
    let status = t.detached(|| unsafe { libc::system(command.text.as_ptr()) });
    Ok(Value::int(status.into()))
}

fn abort(_: &Thread) -> PyResult {
    // SAFETY: ends the process.
    unsafe { libc::abort() }
}

pub static FUNCTIONS: &[Method] = &[
    Method::new("fork", "($module, /)", NativeFn::F0(fork), "Fork a child process."),
    Method::new(
        "forkpty",
        "($module, /)",
        NativeFn::F0(forkpty),
        "Fork a new process with a new pseudo-terminal as controlling tty.",
    ),
    Method::new("openpty", "($module, /)", NativeFn::F0(openpty), "Open a pseudo-terminal."),
    Method::new(
        "login_tty",
        "($module, fd, /)",
        NativeFn::F1(login_tty),
        "Prepare the tty of which fd is a file descriptor for a new login session.",
    ),
    Method::new(
        "posix_openpt",
        "($module, oflag, /)",
        NativeFn::F1(posix_openpt),
        "Open and return a file descriptor for a master pseudo-terminal device.",
    ),
    Method::new(
        "grantpt",
        "($module, fd, /)",
        NativeFn::F1(grantpt),
        "Grant access to the slave pseudo-terminal device.",
    ),
    Method::new("unlockpt", "($module, fd, /)", NativeFn::F1(unlockpt), "Unlock a pseudo-terminal master/slave pair."),
    Method::new(
        "ptsname",
        "($module, fd, /)",
        NativeFn::F1(ptsname),
        "Return the name of the slave pseudo-terminal device.",
    ),
    Method::new(
        "register_at_fork",
        "($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)",
        NativeFn::Bound(register_at_fork),
        "Register functions to be called when forking.",
    ),
    Method::new("system", "($module, /, command)", NativeFn::Bound(system), "Execute the command in a subshell."),
    Method::new("abort", "($module, /)", NativeFn::F0(abort), "Abort the interpreter immediately."),
];
