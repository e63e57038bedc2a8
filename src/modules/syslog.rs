//! `syslog`: messages to the system's log.

use crate::modules::posix::files::fd;
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::list::List;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str};
use crate::sync::shim::Mutex;
use std::ffi::CString;

/// Whether the log is open, and the text that names the program, which the C library keeps a pointer to.
struct Log {
    open: bool,
    ident: Option<CString>,
}

static LOG: Mutex<Log> = Mutex::new(Log { open: false, ident: None });

fn text(t: &Thread, v: &Value) -> PyResult<CString> {
    let Some(view) = str::view(v) else {
        return Err(raise::type_error(t, format!("argument must be str, not {}", v.class().display_name())));
    };
    CString::new(view.to_utf8_lossy().into_owned()).map_err(|_| raise::value_error(t, "embedded null character"))
}

/// The program's name, from `sys.argv`.
fn program(t: &Thread) -> PyResult<Option<CString>> {
    let sys = (hooks::get().import)(t, "sys")?;
    let Some(argv) = protocol::lookup_attr(t, &sys, &names::intern("argv"))? else { return Ok(None) };
    let Some(first) = argv.downcast::<List>().and_then(|l| l.get(0)) else { return Ok(None) };
    let name = str::lossy(&first).into_owned();
    let name = name.rsplit('/').next().unwrap_or_default();
    Ok(CString::new(name).ok().filter(|n| !n.is_empty()))
}

fn open_with(ident: Option<CString>, options: i32, facility: i32) {
    let mut log = LOG.lock();
    // SAFETY: the text lives until the next call, or until the log is closed.
    unsafe { libc::openlog(ident.as_ref().map_or(std::ptr::null(), |i| i.as_ptr()), options, facility) };
    log.ident = ident;
    log.open = true;
}

fn openlog(t: &Thread, b: &Bound<'_>) -> PyResult {
    let ident = match b.opt(0) {
        Some(v) => Some(text(t, v)?),
        None => program(t)?,
    };
    let options = b.opt(1).map_or(Ok(0), |v| fd(t, v))?;
    let facility = b.opt(2).map_or(Ok(libc::LOG_USER), |v| fd(t, v))?;
    open_with(ident, options, facility);
    Ok(Value::NONE)
}

/// `syslog([priority,] message)`
fn syslog(t: &Thread, args: Args<'_>) -> PyResult {
    let (priority, message) = match args.exactly_positional(t, "syslog.syslog", 1, 2)? {
        [message] => (libc::LOG_INFO, message),
        [priority, message] => (fd(t, priority)?, message),
        _ => return Err(raise::type_error(t, "syslog.syslog requires 1 to 2 arguments")),
    };
    let message = text(t, message)?;
    if !LOG.lock().open {
        open_with(program(t)?, 0, libc::LOG_USER);
    }
    t.detached(|| {
        // SAFETY: a fixed format and a terminated text.
        unsafe { libc::syslog(priority, c"%s".as_ptr(), message.as_ptr()) }
    });
    Ok(Value::NONE)
}

fn closelog(_: &Thread) -> PyResult {
    let mut log = LOG.lock();
    if log.open {
        // SAFETY: no preconditions.
        unsafe { libc::closelog() };
        log.open = false;
        log.ident = None;
    }
    Ok(Value::NONE)
}

fn setlogmask(t: &Thread, v: &Value) -> PyResult {
    let mask = fd(t, v)?;
    // SAFETY: sets a number.
    Ok(Value::int(unsafe { libc::setlogmask(mask) }.into()))
}

fn mask(t: &Thread, v: &Value, up_to: bool) -> PyResult {
    let n = fd(t, v)?;
    if !(0..31).contains(&n) {
        return Err(raise::new(t, &exc::OVERFLOW_ERROR, "priority out of range"));
    }
    Ok(Value::int(if up_to { (1i64 << (n + 1)) - 1 } else { 1i64 << n }))
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    LOG_ALERT LOG_AUTH LOG_AUTHPRIV LOG_CONS LOG_CRIT LOG_CRON LOG_DAEMON LOG_DEBUG LOG_EMERG LOG_ERR LOG_FTP
    LOG_INFO LOG_KERN LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2 LOG_LOCAL3 LOG_LOCAL4 LOG_LOCAL5 LOG_LOCAL6 LOG_LOCAL7 LOG_LPR
    LOG_MAIL LOG_NDELAY LOG_NEWS LOG_NOTICE LOG_NOWAIT LOG_ODELAY LOG_PERROR LOG_PID LOG_SYSLOG LOG_USER LOG_UUCP
    LOG_WARNING
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, n) in CONSTANTS {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "openlog",
            "($module, /, ident=<unrepresentable>, logoption=0, facility=LOG_USER)",
            NativeFn::Bound(openlog),
            "Set logging options of subsequent syslog() calls.",
        ),
        Method::new(
            "syslog",
            "",
            NativeFn::Raw(syslog),
            "syslog([priority=LOG_INFO,] message)\nSend the string message to the system logger.",
        ),
        Method::new(
            "closelog",
            "($module, /)",
            NativeFn::F0(closelog),
            "Reset the syslog module values and call the system library closelog().",
        ),
        Method::new(
            "setlogmask",
            "($module, maskpri, /)",
            NativeFn::F1(setlogmask),
            "Set the priority mask to maskpri and return the previous mask value.",
        ),
        Method::new(
            "LOG_MASK",
            "($module, pri, /)",
            NativeFn::F1(|t, v| mask(t, v, false)),
            "Calculates the mask for the individual priority pri.",
        ),
        Method::new(
            "LOG_UPTO",
            "($module, pri, /)",
            NativeFn::F1(|t, v| mask(t, v, true)),
            "Calculates the mask for all priorities up to and including pri.",
        ),
    ],
    init: Some(init),
    ..ModuleSpec::new("syslog", "")
};
