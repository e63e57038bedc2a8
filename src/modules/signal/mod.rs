//! `_signal`: signal handlers in Python, masks, timers.
//!
//! A signal's C handler only notes it and calls the main thread to its next safepoint (`sys::signal`); there, `run` calls
//! the Python handlers. No other thread runs any.
//!
//! | file | holds |
//! |---|---|
//! | `handlers` | the table of handlers, and running them |
//! | `functions` | the functions of the module |

mod functions;
pub mod handlers;

use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::sys::signal;
use crate::types::exceptions::os_error::OsError;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub Siginfo, SIGINFO, SIGINFO_SPEC: "signal", "struct_siginfo",
    "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\nThis object may be accessed either as a tuple of\n(si_signo, si_code, si_errno, si_pid, si_uid, si_status, si_band),\nor via the attributes si_signo, si_code, and so on.";
    visible 7; flags 0;
    0 si_signo "signal number";
    1 si_code "signal code";
    2 si_errno "errno associated with this signal";
    3 si_pid "sending process ID";
    4 si_uid "real user ID of sending process";
    5 si_status "exit value or signal";
    6 si_band "band event for SIGPOLL";
}

/// `signal.ItimerError`.
pub static ITIMER_ERROR: StaticType = StaticType::new(&ITIMER_ERROR_SPEC);

static ITIMER_ERROR_SPEC: TypeSpec = TypeSpec {
    base: Some(&exc::OS_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("signal", "itimer_error", layout_of::<OsError>(true))
};

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    SIG_DFL SIG_IGN SIG_BLOCK SIG_UNBLOCK SIG_SETMASK
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGIOT SIGABRT SIGFPE SIGKILL SIGBUS SIGSEGV SIGSYS SIGPIPE SIGALRM SIGTERM
    SIGUSR1 SIGUSR2 SIGCHLD SIGPWR SIGIO SIGURG SIGWINCH SIGPOLL SIGSTOP SIGTSTP SIGCONT SIGTTIN SIGTTOU SIGVTALRM
    SIGPROF SIGXCPU SIGXFSZ SIGSTKFLT ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in CONSTANTS {
        set(name, Value::int(*n))?;
    }
    set("SIGCLD", Value::int(libc::SIGCHLD.into()))?;
    set("SIGRTMIN", Value::int(libc::SIGRTMIN().into()))?;
    set("SIGRTMAX", Value::int(libc::SIGRTMAX().into()))?;
    set("NSIG", Value::int(signal::COUNT as i64))?;
    set("ItimerError", ITIMER_ERROR.to_value())?;
    struct_sequence::finish::<Siginfo>();
    crate::modules::support::hide(t, module, &["itimer_error"])?;
    handlers::start(t, module)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: functions::FUNCTIONS,
    types: &[&SIGINFO, &ITIMER_ERROR],
    init: Some(init),
    ..ModuleSpec::new(
        "_signal",
        "This module provides mechanisms to use signal handlers in Python.\n\n\
         Functions:\n\n\
         alarm() -- cause SIGALRM after a specified time [Unix only]\n\
         setitimer() -- cause a signal (described below) after a specified\n\
         \x20              float time and the timer may restart then [Unix only]\n\
         getitimer() -- get current value of timer [Unix only]\n\
         signal() -- set the action for a given signal\n\
         getsignal() -- get the signal action for a given signal\n\
         pause() -- wait until a signal arrives [Unix only]\n\
         default_int_handler() -- default SIGINT handler",
    )
};
