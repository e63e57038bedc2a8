//! `_sysconfigdata_...`: the variables that `sysconfig` shows, where CPython keeps those of its Makefile.

use crate::object::raise::PyResult;
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{dict, hooks, names, protocol, str};

/// Texts.
static TEXTS: &[(&str, &str)] = &[
    ("ABIFLAGS", "t"),
    ("AR", "ar"),
    ("CC", "cc"),
    ("CFLAGS", ""),
    ("CONFIG_ARGS", "'--disable-gil'"),
    ("CONFIGURE_CFLAGS", ""),
    ("EXT_SUFFIX", ""),
    ("HOST_GNU_TYPE", concat!("x86_64", "-pc-linux-gnu")),
    ("LDFLAGS", ""),
    ("MACHDEP", "linux"),
    ("MULTIARCH", "x86_64-linux-gnu"),
    ("PY_CFLAGS", ""),
    ("PY_CORE_CFLAGS", ""),
    ("PY_CORE_LDFLAGS", ""),
    ("SHELL", "/bin/sh -e"),
    ("SOABI", ""),
    ("TZPATH", "/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"),
    ("VERSION", "3.14"),
    ("WHEEL_PKG_DIR", ""),
];

/// Numbers.
static NUMBERS: &[(&str, i64)] = &[
    ("Py_DEBUG", 0),
    ("Py_ENABLE_SHARED", 0),
    ("Py_GIL_DISABLED", 1),
    ("Py_TRACE_REFS", 0),
    ("SIZEOF_TIME_T", 8),
    ("SIZEOF_VOID_P", 8),
    ("WITH_DOC_STRINGS", 1),
    ("HAVE_DLOPEN", 1),
    ("HAVE_EPOLL", 1),
    ("HAVE_FORK", 1),
    ("HAVE_FORKPTY", 1),
    ("HAVE_GETENTROPY", 1),
    ("HAVE_GETRANDOM", 1),
    ("HAVE_MKFIFO", 1),
    ("HAVE_POLL", 1),
    ("HAVE_PTHREAD_KILL", 1),
    ("HAVE_SEM_OPEN", 1),
    ("HAVE_SETGROUPS", 1),
    ("HAVE_SHM_OPEN", 1),
    ("HAVE_SIGACTION", 1),
    ("HAVE_UNIX_SOCKETS", 1),
];

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let settings = (hooks::get().settings)();
    let texts = TEXTS.iter().map(|(name, text)| (names::intern(name), str::from_str(text)));
    let numbers = NUMBERS.iter().map(|(name, n)| (names::intern(name), Value::int(*n)));
    let places = [
        ("prefix", settings.prefix.clone()),
        ("exec_prefix", settings.prefix.clone()),
        ("BINDIR", format!("{}/bin", settings.prefix)),
        ("LIBDIR", format!("{}/lib", settings.prefix)),
        ("LIBDEST", settings.library.clone()),
    ];
    let places = places.iter().map(|(name, text)| (names::intern(name), str::from_str(text)));
    let all = dict::from_pairs(texts.chain(numbers).chain(places).collect::<Vec<_>>());
    protocol::set_attr(t, module, &names::intern("build_time_vars"), &all)
}

/// The module. Its name is the one that `sysconfig` puts together from `sys`.
pub static MODULE: ModuleSpec = ModuleSpec {
    init: Some(init),
    ..ModuleSpec::new(
        "_sysconfigdata_t_linux_x86_64-linux-gnu",
        "System-wide settings, as a build of CPython would record them.",
    )
};
