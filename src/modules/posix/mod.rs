//! `posix`: the operating system, as `os` shows it.
//!
//! | file | holds |
//! |---|---|
//! | `path` | path arguments, `fspath` |
//! | `files` | descriptors: open, read, write, seek |
//! | `transfer` | more on descriptors: offsets, vectors, copies, special descriptors |
//! | `stat` | what the system knows of files |
//! | `scandir` | folders' contents |
//! | `tree` | names in the file system: folders, links, special files |
//! | `process` | environment, exit, signals to others |
//! | `ids`, `sched` | users and groups; scheduling |
//! | `fork`, `exec`, `wait` | children and programs |
//! | `config` | what the system can do |

mod config;
pub(crate) mod exec;
pub(crate) mod files;
pub(crate) mod fork;
mod ids;
pub(crate) mod path;
mod process;
mod scandir;
mod sched;
pub(crate) mod stat;
mod transfer;
mod tree;
mod wait;

use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{PyResult, Raised};
use crate::object::table::{Method, ModuleSpec};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{core_types, hooks, list, native, shards};
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

/// The same for a call on a path (`Ok`) or a descriptor (`Err`). An error names the object given.
pub(crate) fn retry_at(
    t: &Thread,
    place: &path::Place,
    mut call: impl FnMut(Result<*const libc::c_char, i32>) -> i32,
) -> PyResult<i64> {
    let at = match place {
        path::Place::Path(path) => Ok(path.text.as_ptr()),
        path::Place::Fd { fd, .. } => Err(*fd),
    };
    retry(t, place.object().non_none(), || call(at).into())
}

/// The same for a call that answers a size; None where the buffer was too small (ERANGE).
pub(crate) fn retry_at_size(
    t: &Thread,
    place: &path::Place,
    mut call: impl FnMut(Result<*const libc::c_char, i32>) -> isize,
) -> PyResult<Option<usize>> {
    let at = match place {
        path::Place::Path(path) => Ok(path.text.as_ptr()),
        path::Place::Fd { fd, .. } => Err(*fd),
    };
    let mut small = false;
    let got = retry(t, place.object().non_none(), || {
        let n = call(at);
        small = n < 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::ERANGE);
        if small { 0 } else { n as i64 }
    })?;
    Ok((!small).then_some(got as usize))
}

/// The tables of functions, but for `files`'.
static TABLES: &[&[Method]] = &[
    config::FUNCTIONS,
    exec::FUNCTIONS,
    fork::FUNCTIONS,
    ids::FUNCTIONS,
    path::FUNCTIONS,
    process::FUNCTIONS,
    scandir::FUNCTIONS,
    sched::FUNCTIONS,
    stat::FUNCTIONS,
    transfer::FUNCTIONS,
    tree::FUNCTIONS,
    wait::FUNCTIONS,
];

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let name = names::intern("posix");
    for method in TABLES.iter().copied().flatten() {
        let f = native::new_function(method, Some(module.clone()), Some(name.clone()));
        shards::make_sharded(&f);
        protocol::set_attr(t, module, &names::intern(method.name), &f)?;
    }
    for (name, n) in CONSTANTS.iter().chain(SYSEXITS).chain(exec::CONSTANTS) {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n))?;
    }
    protocol::set_attr(t, module, &names::intern("error"), &core_types::exc::OS_ERROR.to_value())?;
    process::init(t, module)?;
    sched::init();
    stat::init();
    wait::init();
    let have = list::from_vec(HAVE.iter().map(|h| names::intern(h)).collect());
    protocol::set_attr(t, module, &names::intern("_have_functions"), &have)?;
    protocol::set_attr(t, module, &names::intern("XATTR_SIZE_MAX"), &Value::int(65536))?;
    protocol::set_attr(t, module, &names::intern("NGROUPS_MAX"), &Value::int(65536))?;
    protocol::set_attr(t, module, &names::intern("TMP_MAX"), &Value::int(238_328))
}

/// What `os` asks for to tell which functions take descriptors, folders' descriptors and links.
static HAVE: &[&str] = &[
    "HAVE_EVENTFD",
    "HAVE_TIMERFD_CREATE",
    "HAVE_FACCESSAT",
    "HAVE_FCHDIR",
    "HAVE_FCHMOD",
    "HAVE_FCHMODAT",
    "HAVE_FCHOWN",
    "HAVE_FCHOWNAT",
    "HAVE_FEXECVE",
    "HAVE_FDOPENDIR",
    "HAVE_FPATHCONF",
    "HAVE_FSTATAT",
    "HAVE_FSTATVFS",
    "HAVE_FTRUNCATE",
    "HAVE_FUTIMENS",
    "HAVE_FUTIMES",
    "HAVE_FUTIMESAT",
    "HAVE_LINKAT",
    "HAVE_LCHOWN",
    "HAVE_LSTAT",
    "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE",
    "HAVE_MKDIRAT",
    "HAVE_MKFIFOAT",
    "HAVE_MKNODAT",
    "HAVE_OPENAT",
    "HAVE_READLINKAT",
    "HAVE_RENAMEAT",
    "HAVE_SYMLINKAT",
    "HAVE_UNLINKAT",
    "HAVE_UTIMENSAT",
    "HAVE_PTSNAME_R",
];

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    CLD_CONTINUED CLD_DUMPED CLD_EXITED CLD_KILLED CLD_STOPPED CLD_TRAPPED CLONE_FILES CLONE_FS CLONE_NEWCGROUP
    CLONE_NEWIPC CLONE_NEWNET CLONE_NEWNS CLONE_NEWPID CLONE_NEWTIME CLONE_NEWUSER CLONE_NEWUTS CLONE_SIGHAND
    CLONE_SYSVSEM CLONE_THREAD CLONE_VM EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE F_LOCK F_OK F_TEST F_TLOCK
    F_ULOCK GRND_NONBLOCK GRND_RANDOM MFD_ALLOW_SEALING MFD_CLOEXEC MFD_HUGETLB MFD_HUGE_16GB MFD_HUGE_16MB
    MFD_HUGE_1GB MFD_HUGE_1MB MFD_HUGE_256MB MFD_HUGE_2GB MFD_HUGE_2MB MFD_HUGE_32MB MFD_HUGE_512KB
    MFD_HUGE_512MB MFD_HUGE_64KB MFD_HUGE_8MB MFD_HUGE_MASK MFD_HUGE_SHIFT O_ACCMODE O_APPEND O_ASYNC O_CLOEXEC
    O_CREAT O_DIRECT O_DIRECTORY O_DSYNC O_EXCL O_FSYNC O_LARGEFILE O_NDELAY O_NOATIME O_NOCTTY O_NOFOLLOW
    O_NONBLOCK O_PATH O_RDONLY O_RDWR O_RSYNC O_SYNC O_TMPFILE O_TRUNC O_WRONLY PIDFD_NONBLOCK
    POSIX_FADV_DONTNEED POSIX_FADV_NOREUSE POSIX_FADV_NORMAL POSIX_FADV_RANDOM POSIX_FADV_SEQUENTIAL
    POSIX_FADV_WILLNEED PRIO_PGRP PRIO_PROCESS PRIO_USER P_ALL P_PGID P_PID P_PIDFD RTLD_DEEPBIND RTLD_GLOBAL
    RTLD_LAZY RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RTLD_NOW RWF_APPEND RWF_DSYNC RWF_HIPRI RWF_NOWAIT RWF_SYNC
    R_OK SCHED_BATCH SCHED_FIFO SCHED_IDLE SCHED_OTHER SCHED_RESET_ON_FORK SCHED_RR SEEK_DATA SEEK_HOLE
    SPLICE_F_MORE SPLICE_F_MOVE SPLICE_F_NONBLOCK ST_APPEND ST_MANDLOCK ST_NOATIME ST_NODEV ST_NODIRATIME
    ST_NOEXEC ST_NOSUID ST_RDONLY ST_RELATIME ST_SYNCHRONOUS ST_WRITE TFD_CLOEXEC TFD_NONBLOCK TFD_TIMER_ABSTIME
    TFD_TIMER_CANCEL_ON_SET WCONTINUED WEXITED WNOHANG WNOWAIT WSTOPPED WUNTRACED W_OK XATTR_CREATE
    XATTR_REPLACE X_OK
};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: files::FUNCTIONS,
    types: &[
        &stat::STAT_RESULT,
        &stat::STATVFS_RESULT,
        &scandir::DIR_ENTRY,
        &scandir::SCANDIR,
        &sched::SCHED_PARAM,
        &wait::WAITID_RESULT,
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
