//! `resource`: limits and usage of processes.

use crate::modules::posix::files::fd;
use crate::modules::posix::last_error;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::struct_sequence;

crate::struct_sequence! {
    pub Rusage, RUSAGE, RUSAGE_SPEC: "resource", "struct_rusage",
    "struct_rusage: Result from getrusage.\n\nThis object may be accessed either as a tuple of\n    (utime,stime,maxrss,ixrss,idrss,isrss,minflt,majflt,\n    nswap,inblock,oublock,msgsnd,msgrcv,nsignals,nvcsw,nivcsw)\nor via the attributes ru_utime, ru_stime, ru_maxrss, and so on.";
    visible 16; flags 0;
    0 ru_utime "user time used";
    1 ru_stime "system time used";
    2 ru_maxrss "max. resident set size";
    3 ru_ixrss "shared memory size";
    4 ru_idrss "unshared data size";
    5 ru_isrss "unshared stack size";
    6 ru_minflt "page faults not requiring I/O";
    7 ru_majflt "page faults requiring I/O";
    8 ru_nswap "number of swap outs";
    9 ru_inblock "block input operations";
    10 ru_oublock "block output operations";
    11 ru_msgsnd "IPC messages sent";
    12 ru_msgrcv "IPC messages received";
    13 ru_nsignals "signals received";
    14 ru_nvcsw "voluntary context switches";
    15 ru_nivcsw "involuntary context switches";
}

/// The fields of a usage.
pub fn usage_values(u: &libc::rusage) -> Vec<Value> {
    let seconds = |t: libc::timeval| Value::float(t.tv_sec as f64 + t.tv_usec as f64 * 1e-6);
    let mut values = vec![seconds(u.ru_utime), seconds(u.ru_stime)];
    let numbers = [
        u.ru_maxrss,
        u.ru_ixrss,
        u.ru_idrss,
        u.ru_isrss,
        u.ru_minflt,
        u.ru_majflt,
        u.ru_nswap,
        u.ru_inblock,
        u.ru_oublock,
        u.ru_msgsnd,
        u.ru_msgrcv,
        u.ru_nsignals,
        u.ru_nvcsw,
        u.ru_nivcsw,
    ];
    values.extend(numbers.iter().map(|n| Value::int(*n)));
    values
}

fn getrusage(t: &Thread, who: &Value) -> PyResult {
    let who = fd(t, who)?;
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: writes `usage`.
    if unsafe { libc::getrusage(who, &mut usage) } != 0 {
        if std::io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
            return Err(raise::value_error(t, "invalid who parameter"));
        }
        return Err(last_error(t, None));
    }
    Ok(struct_sequence::make::<Rusage>(usage_values(&usage)))
}

/// A limit as Python shows it.
fn limit_value(n: libc::rlim_t) -> Value {
    if n == libc::RLIM_INFINITY { Value::int(-1) } else { Value::uint(n) }
}

fn pair(limits: &libc::rlimit) -> Value {
    tuple::from_slice(&[limit_value(limits.rlim_cur), limit_value(limits.rlim_max)])
}

fn kind(t: &Thread, v: &Value) -> PyResult<i32> {
    let kind = fd(t, v)?;
    if !(0..16).contains(&kind) {
        return Err(raise::value_error(t, "invalid resource specified"));
    }
    Ok(kind)
}

fn limits(t: &Thread, v: &Value) -> PyResult<libc::rlimit> {
    let items = protocol::collect(t, v)?;
    let [soft, hard] = &items[..] else { return Err(raise::value_error(t, "expected a tuple of 2 integers")) };
    let one = |v: &Value| -> PyResult<libc::rlim_t> {
        let index = protocol::index(t, v)?;
        match crate::object::bigint::view(&index) {
            Some(crate::object::bigint::IntView::Small(-1)) => Ok(libc::RLIM_INFINITY),
            Some(crate::object::bigint::IntView::Small(i)) if i >= 0 => Ok(i as u64),
            Some(crate::object::bigint::IntView::Small(_)) => Err(raise::value_error(t, "Cannot convert negative int")),
            Some(crate::object::bigint::IntView::Big(i)) => {
                u64::try_from(i).map_err(|_| raise::overflow_error(t, "Python int too large to convert to C rlim_t"))
            }
            None => Err(raise::type_error(t, "an integer is required")),
        }
    };
    Ok(libc::rlimit { rlim_cur: one(soft)?, rlim_max: one(hard)? })
}

fn limit_error(t: &Thread) -> raise::Raised {
    let error = std::io::Error::last_os_error().raw_os_error();
    if error == Some(libc::EINVAL) {
        return raise::value_error(t, "current limit exceeds maximum limit");
    }
    if error == Some(libc::EPERM) {
        return raise::value_error(t, "not allowed to raise maximum limit");
    }
    last_error(t, None)
}

fn getrlimit(t: &Thread, v: &Value) -> PyResult {
    let kind = kind(t, v)?;
    let mut now = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes `now`.
    if unsafe { libc::getrlimit(kind as _, &mut now) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(pair(&now))
}

fn setrlimit(t: &Thread, v: &Value, new: &Value) -> PyResult {
    let kind = kind(t, v)?;
    let new = limits(t, new)?;
    // SAFETY: reads `new`.
    if unsafe { libc::setrlimit(kind as _, &new) } != 0 {
        return Err(limit_error(t));
    }
    Ok(Value::NONE)
}

fn prlimit(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (pid, kind) = (fd(t, b.req(0))?, kind(t, b.req(1))?);
    let new = b.non_none(2).map(|v| limits(t, v)).transpose()?;
    let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: reads `new`, writes `old`.
    let result = unsafe { libc::prlimit(pid, kind as _, new.as_ref().map_or(std::ptr::null(), |n| n), &mut old) };
    if result != 0 {
        if std::io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL) {
            return Err(raise::value_error(t, "current limit exceeds maximum limit"));
        }
        return Err(last_error(t, None));
    }
    Ok(pair(&old))
}

fn getpagesize(_: &Thread) -> PyResult {
    // SAFETY: asks for a number.
    Ok(Value::int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }))
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    RLIMIT_CPU RLIMIT_FSIZE RLIMIT_DATA RLIMIT_STACK RLIMIT_CORE RLIMIT_NOFILE RLIMIT_AS RLIMIT_RSS RLIMIT_NPROC
    RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RUSAGE_SELF
    RUSAGE_CHILDREN RUSAGE_THREAD
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    for (name, n) in CONSTANTS {
        set(name, Value::int(*n))?;
    }
    set("RLIMIT_OFILE", Value::int(libc::RLIMIT_NOFILE as i64))?;
    set("RLIM_INFINITY", Value::int(-1))?;
    set("error", exc::OS_ERROR.to_value())?;
    struct_sequence::finish::<Rusage>();
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("getrusage", "($module, who, /)", NativeFn::F1(getrusage), ""),
        Method::new("getrlimit", "($module, resource, /)", NativeFn::F1(getrlimit), ""),
        Method::new("setrlimit", "($module, resource, limits, /)", NativeFn::F2(setrlimit), ""),
        Method::new("prlimit", "($module, pid, resource, limits=None, /)", NativeFn::Bound(prlimit), ""),
        Method::new("getpagesize", "($module, /)", NativeFn::F0(getpagesize), ""),
    ],
    types: &[&RUSAGE],
    init: Some(init),
    ..ModuleSpec::new("resource", "")
};
