//! `posix`: the operating system, as `os` shows it.
//!
//! | file | holds |
//! |---|---|
//! | `path` | path arguments, `fspath` |
//! | `files` | descriptors: open, read, write, seek |
//! | `tree` | names in the file system: stat, listdir, rename, ... |
//! | `process` | identity, environment, exit, signals to others |

pub(crate) mod files;
pub(crate) mod path;
mod process;
mod tree;

use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{PyResult, Raised};
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{core_types, hooks, native, thread};
use crate::types::exceptions::os_error;

/// The last system call's error as OSError.
pub(crate) fn last_error(t: &Thread, filename: Option<&Value>) -> Raised {
    os_error::from_io(t, &std::io::Error::last_os_error(), filename)
}

/// Runs a blocking call detached, again while signals interrupt it (PEP 475). The call answers -1 for an error.
pub(crate) fn retry(t: &Thread, filename: Option<&Value>, mut call: impl FnMut() -> i64) -> PyResult<i64> {
    loop {
        let (n, error) = t.detached(|| {
            let n = call();
            (n, std::io::Error::last_os_error())
        });
        if n >= 0 {
            return Ok(n);
        }
        if error.kind() != std::io::ErrorKind::Interrupted {
            return Err(os_error::from_io(t, &error, filename));
        }
        (hooks::get().check_attention)(t)?;
    }
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let name = names::intern("posix");
    for method in tree::FUNCTIONS.iter().chain(process::FUNCTIONS).chain(path::FUNCTIONS) {
        let f = native::new_function(method, Some(module.clone()), Some(name.clone()));
        thread::make_sharded(&f);
        protocol::set_attr(t, module, &names::intern(method.name), &f)?;
    }
    for (name, n) in CONSTANTS.iter().chain(SYSEXITS) {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n as i64))?;
    }
    protocol::set_attr(t, module, &names::intern("error"), &core_types::exc::OS_ERROR.to_value())?;
    process::init(t, module)?;
    tree::init();
    let have: Vec<Value> = ["HAVE_FSTATAT", "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FUTIMENS", "HAVE_FTRUNCATE"]
        .iter()
        .map(|h| names::intern(h))
        .collect();
    protocol::set_attr(t, module, &names::intern("_have_functions"), &crate::object::list::from_vec(have))
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    O_RDONLY O_WRONLY O_RDWR O_CREAT O_EXCL O_TRUNC O_APPEND O_NONBLOCK O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_SYNC O_DSYNC
    O_NOCTTY O_NDELAY F_OK R_OK W_OK X_OK WNOHANG WUNTRACED WCONTINUED SEEK_DATA SEEK_HOLE
    RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL P_PID P_PGID P_ALL WEXITED WSTOPPED WNOWAIT
    PRIO_PROCESS PRIO_PGRP PRIO_USER SCHED_OTHER SCHED_BATCH SCHED_IDLE SCHED_FIFO SCHED_RR
    LOCK_SH LOCK_EX LOCK_NB LOCK_UN GRND_NONBLOCK GRND_RANDOM
};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: files::FUNCTIONS,
    types: &[
        &tree::STAT_RESULT,
        &tree::DIR_ENTRY,
        &tree::SCANDIR,
        &process::TERMINAL_SIZE,
        &process::UNAME_RESULT,
        &process::TIMES_RESULT,
    ],
    init: Some(init),
    ..ModuleSpec::new(
        "posix",
        "This module provides access to operating system functionality that is\nstandardized by the C Standard and the POSIX standard (a thinly\ndisguised Unix interface).  Refer to the library manual and\ncorresponding Unix manual entries for more information on calls.",
    )
};

/// Exit statuses of sysexits.h.
static SYSEXITS: &[(&str, i64)] = &[
    ("EX_OK", 0),
    ("EX_USAGE", 64),
    ("EX_DATAERR", 65),
    ("EX_NOINPUT", 66),
    ("EX_NOUSER", 67),
    ("EX_NOHOST", 68),
    ("EX_UNAVAILABLE", 69),
    ("EX_SOFTWARE", 70),
    ("EX_OSERR", 71),
    ("EX_OSFILE", 72),
    ("EX_CANTCREAT", 73),
    ("EX_IOERR", 74),
    ("EX_TEMPFAIL", 75),
    ("EX_PROTOCOL", 76),
    ("EX_NOPERM", 77),
    ("EX_CONFIG", 78),
];
