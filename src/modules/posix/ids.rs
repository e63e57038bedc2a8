//! Users, groups, sessions and process groups.

use super::files::fd;
use super::path;
use super::retry;
use super::stat::{id_arg, id_value};
use crate::object::args::Bound;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;

fn uid(t: &Thread, v: &Value) -> PyResult<u32> {
    id_arg(t, v, "uid")
}

fn gid(t: &Thread, v: &Value) -> PyResult<u32> {
    id_arg(t, v, "gid")
}

/// A system call on numbers only.
macro_rules! sys {
    ($($call:tt)*) => {
        // SAFETY: no memory is passed.
        unsafe { $($call)* }
    };
}

/// A call that answers 0 or -1.
fn done(t: &Thread, call: impl Fn() -> i32) -> PyResult {
    retry(t, None, || call().into())?;
    Ok(Value::NONE)
}

/// A call that answers a number, -1 for an error.
fn number(t: &Thread, call: impl Fn() -> i32) -> PyResult {
    retry(t, None, || call().into()).map(Value::int)
}

fn getresuid(t: &Thread) -> PyResult {
    let mut ids = [0u32; 3];
    let [a, b, c] = &mut ids;
    // SAFETY: writes three numbers.
    retry(t, None, || unsafe { libc::getresuid(&raw mut *a, &raw mut *b, &raw mut *c) }.into())?;
    Ok(tuple::from_iter(3, ids.map(id_value)))
}

fn getresgid(t: &Thread) -> PyResult {
    let mut ids = [0u32; 3];
    let [a, b, c] = &mut ids;
    // SAFETY: writes three numbers.
    retry(t, None, || unsafe { libc::getresgid(&raw mut *a, &raw mut *b, &raw mut *c) }.into())?;
    Ok(tuple::from_iter(3, ids.map(id_value)))
}

fn getgroups(t: &Thread) -> PyResult {
    let mut groups = vec![0u32; 65536];
    // SAFETY: writes at most so many numbers.
    let n = retry(t, None, || unsafe { libc::getgroups(groups.len() as i32, groups.as_mut_ptr()) }.into())?;
    Ok(list::from_vec(groups[..n as usize].iter().map(|g| id_value(*g)).collect()))
}

fn setgroups(t: &Thread, v: &Value) -> PyResult {
    let Ok(items) = protocol::collect(t, v) else {
        if let Some(raised) = raise::pending(t) {
            drop(raise::take(t, raised));
        }
        return Err(raise::type_error(t, "setgroups argument must be a sequence"));
    };
    let groups: Vec<u32> = items.iter().map(|g| gid(t, g)).collect::<PyResult<_>>()?;
    // SAFETY: reads so many numbers.
    done(t, || unsafe { libc::setgroups(groups.len(), groups.as_ptr()) })
}

fn getgrouplist(t: &Thread, user: &Value, base: &Value) -> PyResult {
    let user = path::arg(t, "getgrouplist", user)?;
    let base = gid(t, base)?;
    let mut room = 64;
    loop {
        let mut groups = vec![0u32; room as usize];
        let mut n = room;
        // SAFETY: a terminated text; writes at most so many numbers.
        let got = t.detached(|| unsafe { libc::getgrouplist(user.text.as_ptr(), base, groups.as_mut_ptr(), &mut n) });
        if got >= 0 {
            return Ok(list::from_vec(groups[..n as usize].iter().map(|g| id_value(*g)).collect()));
        }
        room = n.max(room * 2);
    }
}

fn initgroups(t: &Thread, user: &Value, base: &Value) -> PyResult {
    let user = path::arg(t, "initgroups", user)?;
    let base = gid(t, base)?;
    // SAFETY: a terminated text.
    done(t, || unsafe { libc::initgroups(user.text.as_ptr(), base) })
}

fn getlogin(t: &Thread) -> PyResult {
    let mut name = [0u8; 256];
    unsafe extern "C" {
        fn getlogin_r(name: *mut libc::c_char, size: usize) -> i32;
    }
    // SAFETY: writes a terminated text of at most the buffer's length.
    let error = t.detached(|| unsafe { getlogin_r(name.as_mut_ptr().cast(), name.len()) });
    if error != 0 {
        return Err(crate::types::exceptions::os_error::from_errno(t, error, None, None));
    }
    let end = name.iter().position(|b| *b == 0).unwrap_or(name.len());
    Ok(path::decode(&name[..end]))
}

fn getpriority(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (which, who) = (fd(t, b.req(0))?, fd(t, b.req(1))?);
    // SAFETY: asks for a number; errno tells an error from an answer of -1.
    let (n, error) = unsafe {
        *libc::__errno_location() = 0;
        (libc::getpriority(which as _, who as _), *libc::__errno_location())
    };
    if error != 0 {
        return Err(crate::types::exceptions::os_error::from_errno(t, error, None, None));
    }
    Ok(Value::int(n.into()))
}

fn nice(t: &Thread, v: &Value) -> PyResult {
    let n = fd(t, v)?;
    // SAFETY: as above.
    let (n, error) = unsafe {
        *libc::__errno_location() = 0;
        (libc::nice(n), *libc::__errno_location())
    };
    if n == -1 && error != 0 {
        return Err(crate::types::exceptions::os_error::from_errno(t, error, None, None));
    }
    Ok(Value::int(n.into()))
}

fn kill_group(t: &Thread, group: &Value, signal: &Value) -> PyResult {
    let (group, signal) = (fd(t, group)?, fd(t, signal)?);
    // SAFETY: sends a signal.
    done(t, || unsafe { libc::killpg(group, signal) })?;
    if t.record.attention() != 0 {
        (crate::object::hooks::get().check_attention)(t)?;
    }
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "getuid",
        "($module, /)",
        NativeFn::F0(|_| Ok(id_value(sys! { libc::getuid() }))),
        "Return the current process's user id.",
    ),
    Method::new(
        "geteuid",
        "($module, /)",
        NativeFn::F0(|_| Ok(id_value(sys! { libc::geteuid() }))),
        "Return the current process's effective user id.",
    ),
    Method::new(
        "getgid",
        "($module, /)",
        NativeFn::F0(|_| Ok(id_value(sys! { libc::getgid() }))),
        "Return the current process's group id.",
    ),
    Method::new(
        "getegid",
        "($module, /)",
        NativeFn::F0(|_| Ok(id_value(sys! { libc::getegid() }))),
        "Return the current process's effective group id.",
    ),
    Method::new(
        "getpgrp",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::int(sys! { libc::getpgrp() }.into()))),
        "Return the current process group id.",
    ),
    Method::new(
        "setuid",
        "($module, uid, /)",
        NativeFn::F1(|t, v| {
            let id = uid(t, v)?;
            done(t, || sys! { libc::setuid(id) })
        }),
        "Set the current process's user id.",
    ),
    Method::new(
        "seteuid",
        "($module, uid, /)",
        NativeFn::F1(|t, v| {
            let id = uid(t, v)?;
            done(t, || sys! { libc::seteuid(id) })
        }),
        "Set the current process's effective user id.",
    ),
    Method::new(
        "setgid",
        "($module, gid, /)",
        NativeFn::F1(|t, v| {
            let id = gid(t, v)?;
            done(t, || sys! { libc::setgid(id) })
        }),
        "Set the current process's group id.",
    ),
    Method::new(
        "setegid",
        "($module, gid, /)",
        NativeFn::F1(|t, v| {
            let id = gid(t, v)?;
            done(t, || sys! { libc::setegid(id) })
        }),
        "Set the current process's effective group id.",
    ),
    Method::new(
        "setreuid",
        "($module, ruid, euid, /)",
        NativeFn::F2(|t, a, b| {
            let (a, b) = (uid(t, a)?, uid(t, b)?);
            done(t, || sys! { libc::setreuid(a, b) })
        }),
        "Set the current process's real and effective user ids.",
    ),
    Method::new(
        "setregid",
        "($module, rgid, egid, /)",
        NativeFn::F2(|t, a, b| {
            let (a, b) = (gid(t, a)?, gid(t, b)?);
            done(t, || sys! { libc::setregid(a, b) })
        }),
        "Set the current process's real and effective group ids.",
    ),
    Method::new(
        "setresuid",
        "($module, ruid, euid, suid, /)",
        NativeFn::F3(|t, a, b, c| {
            let (a, b, c) = (uid(t, a)?, uid(t, b)?, uid(t, c)?);
            done(t, || sys! { libc::setresuid(a, b, c) })
        }),
        "Set the current process's real, effective, and saved user ids.",
    ),
    Method::new(
        "setresgid",
        "($module, rgid, egid, sgid, /)",
        NativeFn::F3(|t, a, b, c| {
            let (a, b, c) = (gid(t, a)?, gid(t, b)?, gid(t, c)?);
            done(t, || sys! { libc::setresgid(a, b, c) })
        }),
        "Set the current process's real, effective, and saved group ids.",
    ),
    Method::new(
        "getresuid",
        "($module, /)",
        NativeFn::F0(getresuid),
        "Return a tuple of the current process's real, effective, and saved user ids.",
    ),
    Method::new(
        "getresgid",
        "($module, /)",
        NativeFn::F0(getresgid),
        "Return a tuple of the current process's real, effective, and saved group ids.",
    ),
    Method::new(
        "getgroups",
        "($module, /)",
        NativeFn::F0(getgroups),
        "Return list of supplemental group IDs for the process.",
    ),
    Method::new(
        "setgroups",
        "($module, groups, /)",
        NativeFn::F1(setgroups),
        "Set the groups of the current process to list.",
    ),
    Method::new(
        "getgrouplist",
        "($module, user, group, /)",
        NativeFn::F2(getgrouplist),
        "Returns a list of groups to which a user belongs.",
    ),
    Method::new(
        "initgroups",
        "($module, username, gid, /)",
        NativeFn::F2(initgroups),
        "Initialize the group access list.",
    ),
    Method::new("getlogin", "($module, /)", NativeFn::F0(getlogin), "Return the actual login name."),
    Method::new(
        "getpgid",
        "($module, /, pid)",
        NativeFn::Bound(|t, b| {
            let p = fd(t, b.req(0))?;
            number(t, || sys! { libc::getpgid(p) })
        }),
        "Call the system call getpgid(), and return the result.",
    ),
    Method::new(
        "getsid",
        "($module, pid, /)",
        NativeFn::F1(|t, v| {
            let p = fd(t, v)?;
            number(t, || sys! { libc::getsid(p) })
        }),
        "Call the system call getsid(pid) and return the result.",
    ),
    Method::new(
        "setsid",
        "($module, /)",
        NativeFn::F0(|t| done(t, || sys! { libc::setsid() }.min(0))),
        "Call the system call setsid().",
    ),
    Method::new(
        "setpgid",
        "($module, pid, pgrp, /)",
        NativeFn::F2(|t, a, b| {
            let (a, b) = (fd(t, a)?, fd(t, b)?);
            done(t, || sys! { libc::setpgid(a, b) })
        }),
        "Call the system call setpgid(pid, pgrp).",
    ),
    Method::new(
        "setpgrp",
        "($module, /)",
        NativeFn::F0(|t| done(t, || sys! { libc::setpgid(0, 0) })),
        "Make the current process the leader of its process group.",
    ),
    Method::new(
        "tcgetpgrp",
        "($module, fd, /)",
        NativeFn::F1(|t, v| {
            let n = fd(t, v)?;
            number(t, || sys! { libc::tcgetpgrp(n) })
        }),
        "Return the process group associated with the terminal specified by fd.",
    ),
    Method::new(
        "tcsetpgrp",
        "($module, fd, pgid, /)",
        NativeFn::F2(|t, a, b| {
            let (a, b) = (fd(t, a)?, fd(t, b)?);
            done(t, || sys! { libc::tcsetpgrp(a, b) })
        }),
        "Set the process group associated with the terminal specified by fd.",
    ),
    Method::new(
        "getpriority",
        "($module, /, which, who)",
        NativeFn::Bound(getpriority),
        "Return program scheduling priority.",
    ),
    Method::new(
        "setpriority",
        "($module, /, which, who, priority)",
        NativeFn::Bound(|t, b| {
            let (a, c, d) = (fd(t, b.req(0))?, fd(t, b.req(1))?, fd(t, b.req(2))?);
            done(t, || sys! { libc::setpriority(a as _, c as _, d) })
        }),
        "Set program scheduling priority.",
    ),
    Method::new(
        "nice",
        "($module, increment, /)",
        NativeFn::F1(nice),
        "Add increment to the priority of process and return the new priority.",
    ),
    Method::new(
        "killpg",
        "($module, pgid, signal, /)",
        NativeFn::F2(kill_group),
        "Kill a process group with a signal.",
    ),
];
