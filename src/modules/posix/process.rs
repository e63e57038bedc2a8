//! The process: identity, environment, exit, signals to others.

use super::files::fd;
use super::{config, last_error, path, retry};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::dict::{self, Dict};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, str};
use crate::types::bytes::payload as bytes;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub TerminalSize, TERMINAL_SIZE, TERMINAL_SPEC: "os", "terminal_size",
    "A tuple of (columns, lines) for holding terminal window size";
    visible 2; flags 0;
    0 columns "width of the terminal window in characters";
    1 lines "height of the terminal window in characters";
}

crate::struct_sequence! {
    pub UnameResult, UNAME_RESULT, UNAME_SPEC: "posix", "uname_result",
    "uname_result: Result from os.uname().";
    visible 5; flags 0;
    0 sysname "operating system name";
    1 nodename "name of machine on network (implementation-defined)";
    2 release "operating system release";
    3 version "operating system version";
    4 machine "hardware identifier";
}

crate::struct_sequence! {
    pub TimesResult, TIMES_RESULT, TIMES_SPEC: "posix", "times_result",
    "times_result: Result from os.times().";
    visible 5; flags 0;
    0 user "user time";
    1 system "system time";
    2 children_user "user time of children";
    3 children_system "system time of children";
    4 elapsed "elapsed time since an arbitrary point in the past";
}

/// Sets `environ` and readies the types.
pub fn init(t: &Thread, module: &Value) -> PyResult<()> {
    use std::os::unix::ffi::OsStrExt;
    struct_sequence::finish::<TerminalSize>();
    struct_sequence::finish::<UnameResult>();
    struct_sequence::finish::<TimesResult>();
    let environ = dict::new();
    if let Some(d) = environ.downcast::<Dict>() {
        for (name, v) in std::env::vars_os() {
            d.set(t, bytes::from_slice(name.as_bytes()), bytes::from_slice(v.as_bytes()))?;
        }
    }
    protocol::set_attr(t, module, &names::intern("environ"), &environ)?;
    for (name, table) in
        [("sysconf_names", config::SYSCONF), ("pathconf_names", config::PATHCONF), ("confstr_names", config::CONFSTR)]
    {
        let known = table.iter().map(|(name, n)| (names::intern(name), Value::int((*n).into())));
        protocol::set_attr(t, module, &names::intern(name), &dict::from_pairs(known))?;
    }
    Ok(())
}

fn int(n: impl Into<i64>) -> PyResult {
    Ok(Value::int(n.into()))
}

fn urandom(t: &Thread, v: &Value) -> PyResult {
    let n = protocol::index_i64(t, v)?;
    if n < 0 {
        return Err(raise::value_error(t, "negative argument not allowed"));
    }
    let mut data = crate::object::alloc::zeroed(t, n as usize)?;
    let mut done = 0;
    while done < data.len() {
        let rest = &mut data[done..];
        // SAFETY: writes at most the rest's length.
        done += retry(t, None, || unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) } as i64)? as usize;
    }
    Ok(bytes::from_vec(data))
}

fn exit_now(t: &Thread, v: &Value) -> PyResult {
    let status = protocol::index_i64(t, v)?;
    // SAFETY: ends the process.
    unsafe { libc::_exit(status as i32) }
}

fn cpu_count(_: &Thread) -> PyResult {
    // SAFETY: asks for a number.
    let n = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    Ok(if n > 0 { Value::int(n) } else { Value::NONE })
}

fn strerror(t: &Thread, v: &Value) -> PyResult {
    let n = protocol::index_i64(t, v)?;
    Ok(str::from_str(&crate::sys::fd::error_text(n as i32)))
}

fn kill(t: &Thread, pid: &Value, signal: &Value) -> PyResult {
    let (pid, signal) = (protocol::index_i64(t, pid)? as i32, protocol::index_i64(t, signal)? as i32);
    audit::event(t, "os.kill", || [Value::int(pid.into()), Value::int(signal.into())])?;
    // SAFETY: sends a signal.
    if unsafe { libc::kill(pid, signal) } != 0 {
        return Err(last_error(t, None));
    }
    if t.record.attention() != 0 {
        (crate::object::hooks::get().check_attention)(t)?;
    }
    Ok(Value::NONE)
}

fn putenv(t: &Thread, name: &Value, v: &Value) -> PyResult {
    let (name, v) = (path::arg(t, "putenv", name)?, path::arg(t, "putenv", v)?);
    if name.text.as_bytes().is_empty() || name.text.as_bytes().contains(&b'=') {
        return Err(raise::value_error(t, "illegal environment variable name"));
    }
    audit::event(t, "os.putenv", || [&name, &v].map(|given| bytes::from_slice(given.text.as_bytes())))?;
    // SAFETY: terminated texts. A C library that reads the environment at the same time is the program's risk, as in
    // every Python.
    if unsafe { libc::setenv(name.text.as_ptr(), v.text.as_ptr(), 1) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

fn unsetenv(t: &Thread, name: &Value) -> PyResult {
    let name = path::arg(t, "unsetenv", name)?;
    audit::event(t, "os.unsetenv", || [bytes::from_slice(name.text.as_bytes())])?;
    // SAFETY: as above.
    if unsafe { libc::unsetenv(name.text.as_ptr()) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

fn get_terminal_size(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = b.opt(0).map_or(Ok(1), |v| fd(t, v))?;
    // SAFETY: an all-zero size is valid; the call writes it.
    let size = unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        if libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) != 0 {
            return Err(last_error(t, None));
        }
        size
    };
    Ok(struct_sequence::make::<TerminalSize>(vec![Value::int(size.ws_col.into()), Value::int(size.ws_row.into())]))
}

fn uname(t: &Thread) -> PyResult {
    // SAFETY: an all-zero struct is valid; the call writes terminated texts.
    let fields = unsafe {
        let mut u: libc::utsname = std::mem::zeroed();
        if libc::uname(&mut u) != 0 {
            return Err(last_error(t, None));
        }
        [&u.sysname, &u.nodename, &u.release, &u.version, &u.machine]
            .map(|f| path::decode(std::ffi::CStr::from_ptr(f.as_ptr()).to_bytes()))
    };
    Ok(struct_sequence::make::<UnameResult>(fields.to_vec()))
}

fn times(_: &Thread) -> PyResult {
    // SAFETY: an all-zero struct is valid; the calls write it or answer numbers.
    let (x, ticks, elapsed) = unsafe {
        let mut x: libc::tms = std::mem::zeroed();
        let elapsed = libc::times(&mut x);
        (x, libc::sysconf(libc::_SC_CLK_TCK) as f64, elapsed)
    };
    let part = |n: libc::clock_t| Value::float(n as f64 / ticks);
    Ok(struct_sequence::make::<TimesResult>(vec![
        part(x.tms_utime),
        part(x.tms_stime),
        part(x.tms_cutime),
        part(x.tms_cstime),
        part(elapsed),
    ]))
}

fn umask(t: &Thread, v: &Value) -> PyResult {
    let mask = protocol::index_i64(t, v)?;
    // SAFETY: sets a number.
    int(unsafe { libc::umask(mask as libc::mode_t) })
}

pub static FUNCTIONS: &[Method] = &[
    Method::new("getpid", "($module, /)", NativeFn::F0(|_| int(std::process::id())), "Return the current process id."),
    Method::new(
        "getppid",
        "($module, /)",
        NativeFn::F0(|_| int(std::os::unix::process::parent_id())),
        "Return the parent's process id.",
    ),
    Method::new(
        "urandom",
        "($module, size, /)",
        NativeFn::F1(urandom),
        "Return a bytes object containing random bytes suitable for cryptographic use.",
    ),
    Method::new(
        "_exit",
        "($module, /, status)",
        NativeFn::Bound(|t, b| exit_now(t, b.req(0))),
        "Exit to the system with specified status, without normal exit processing.",
    ),
    Method::new(
        "cpu_count",
        "($module, /)",
        NativeFn::F0(cpu_count),
        "Return the number of logical CPUs in the system.",
    ),
    Method::new(
        "strerror",
        "($module, code, /)",
        NativeFn::F1(strerror),
        "Translate an error code to a message string.",
    ),
    Method::new("kill", "($module, pid, signal, /)", NativeFn::F2(kill), "Kill a process with a signal."),
    Method::new("putenv", "($module, name, value, /)", NativeFn::F2(putenv), "Change or add an environment variable."),
    Method::new("unsetenv", "($module, name, /)", NativeFn::F1(unsetenv), "Delete an environment variable."),
    Method::new(
        "get_terminal_size",
        "($module, fd=1, /)",
        NativeFn::Bound(get_terminal_size),
        "Return the size of the terminal window as (columns, lines).",
    ),
    Method::new(
        "uname",
        "($module, /)",
        NativeFn::F0(uname),
        "Return an object identifying the current operating system.",
    ),
    Method::new(
        "times",
        "($module, /)",
        NativeFn::F0(times),
        "Return a collection containing process timing information.",
    ),
    Method::new(
        "umask",
        "($module, mask, /)",
        NativeFn::F1(umask),
        "Set the current numeric umask and return the previous umask.",
    ),
];
