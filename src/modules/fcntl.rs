//! `fcntl`: control of descriptors and locks on files.

use crate::modules::posix::files::{fd, fileno};
use crate::modules::posix::retry;
use crate::object::args::Bound;
use crate::object::buffer::{self, Request};
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, str};
use crate::types::bytes::payload as bytes;

/// The longest argument that is copied.
const MOST: usize = 1024;
/// Bytes behind a copied argument, to find out about calls that write too far.
const GUARD: &[u8; 8] = b"\0\x5a\xa5\x3c\xc3\x69\x96\0";

/// A number of 32 bits, with or without a sign.
fn number(t: &Thread, v: &Value) -> PyResult<i32> {
    match bigint::view(&protocol::index(t, v)?) {
        Some(bigint::IntView::Small(i)) if i32::try_from(i).is_ok() || u32::try_from(i).is_ok() => Ok(i as i32),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C int")),
    }
}

/// Bytes of an argument that is copied, with the guard behind.
fn copied(t: &Thread, v: &Value, function: &str) -> PyResult<Option<Vec<u8>>> {
    let mut data = match str::view(v) {
        Some(text) => text.to_utf8_lossy().into_owned().into_bytes(),
        None if v.class().slots.buffer.get().is_some() => buffer::get(t, v, Request::Read)?.to_vec(),
        None => return Ok(None),
    };
    if data.len() > MOST {
        return Err(raise::value_error(t, format!("{function} argument 3 is too long")));
    }
    data.extend_from_slice(GUARD);
    Ok(Some(data))
}

fn answer(t: &Thread, mut data: Vec<u8>) -> PyResult {
    let n = data.len() - GUARD.len();
    if &data[n..] != GUARD {
        return Err(raise::system_error(t, "buffer overflow"));
    }
    data.truncate(n);
    Ok(bytes::from_vec(data))
}

fn fcntl(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, command) = (fileno(t, b.req(0))?, fd(t, b.req(1))?);
    if let Some(v) = b.opt(2) {
        if let Some(mut data) = copied(t, v, "fcntl")? {
            let at = data.as_mut_ptr();
            // SAFETY: memory that is longer than what any command reads or writes, as far as the caller knows.
            retry(t, None, || unsafe { libc::fcntl(n, command, at) }.into())?;
            return answer(t, data);
        }
        if v.class().slots.index.get().is_none() {
            let message = format!(
                "fcntl() argument 3 must be integer, bytes-like object, or str, not {}",
                v.class().display_name()
            );
            return Err(raise::type_error(t, message));
        }
        let arg = number(t, v)?;
        // SAFETY: a number.
        return retry(t, None, || unsafe { libc::fcntl(n, command, arg as libc::c_long) }.into()).map(Value::int);
    }
    // SAFETY: a number.
    retry(t, None, || unsafe { libc::fcntl(n, command, 0) }.into()).map(Value::int)
}

fn ioctl(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fileno(t, b.req(0))?;
    let request = match bigint::view(&protocol::index(t, b.req(1))?) {
        Some(bigint::IntView::Small(i)) => i as libc::c_ulong,
        _ => return Err(raise::overflow_error(t, "Python int too large to convert to C unsigned long")),
    };
    let mutate = b.opt(3).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let Some(v) = b.opt(2) else {
        // SAFETY: a number.
        return retry(t, None, || unsafe { libc::ioctl(n, request, 0) }.into()).map(Value::int);
    };
    if v.class().slots.index.get().is_some() {
        let arg = number(t, v)?;
        // SAFETY: a number.
        return retry(t, None, || unsafe { libc::ioctl(n, request, arg as libc::c_long) }.into()).map(Value::int);
    }
    if mutate && str::view(v).is_none() && bytes::view(v).is_none() && v.class().slots.buffer.get().is_some() {
        match buffer::get(t, v, Request::Write) {
            Ok(target) => {
                if target.len > MOST {
                    let at = target.data;
                    // SAFETY: the buffer is held while the call runs.
                    return retry(t, None, || unsafe { libc::ioctl(n, request, at) }.into()).map(Value::int);
                }
                let mut data = target.as_slice().to_vec();
                data.extend_from_slice(GUARD);
                let at = data.as_mut_ptr();
                // SAFETY: memory with a guard behind.
                let result = retry(t, None, || unsafe { libc::ioctl(n, request, at) }.into())?;
                if &data[target.len..] != GUARD {
                    return Err(raise::system_error(t, "buffer overflow"));
                }
                target.as_mut_slice().copy_from_slice(&data[..target.len]);
                return Ok(Value::int(result));
            }
            Err(raised) => drop(raise::take(t, raised)),
        }
    }
    let Some(mut data) = copied(t, v, "ioctl")? else {
        let message =
            format!("ioctl() argument 3 must be integer, bytes-like object, or str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    let at = data.as_mut_ptr();
    // SAFETY: memory with a guard behind.
    retry(t, None, || unsafe { libc::ioctl(n, request, at) }.into())?;
    answer(t, data)
}

fn flock(t: &Thread, v: &Value, operation: &Value) -> PyResult {
    let (n, operation) = (fileno(t, v)?, fd(t, operation)?);
    // SAFETY: locks a file.
    retry(t, None, || unsafe { libc::flock(n, operation) }.into())?;
    Ok(Value::NONE)
}

fn lockf(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, operation) = (fileno(t, b.req(0))?, fd(t, b.req(1))?);
    let offset = |v: Option<&Value>| v.map_or(Ok(0), |v| protocol::index_i64(t, v));
    let (len, start) = (offset(b.opt(2))?, offset(b.opt(3))?);
    let whence = b.opt(4).map_or(Ok(0), |v| fd(t, v))?;
    let kind = if operation & libc::LOCK_SH != 0 {
        libc::F_RDLCK
    } else if operation & libc::LOCK_EX != 0 {
        libc::F_WRLCK
    } else if operation & libc::LOCK_UN != 0 {
        libc::F_UNLCK
    } else {
        return Err(raise::value_error(t, "unrecognized lockf argument"));
    };
    let lock = libc::flock { l_type: kind as _, l_whence: whence as _, l_start: start, l_len: len, l_pid: 0 };
    let command = if operation & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    // SAFETY: reads `lock`.
    retry(t, None, || unsafe { libc::fcntl(n, command, &raw const lock) }.into())?;
    Ok(Value::NONE)
}

macro_rules! constants {
    ($($name:ident)*) => { &[ $( (stringify!($name), libc::$name as i64), )* ] };
}

static CONSTANTS: &[(&str, i64)] = constants! {
    LOCK_SH LOCK_EX LOCK_NB LOCK_UN F_DUPFD F_DUPFD_CLOEXEC F_GETFD F_SETFD F_GETFL F_SETFL F_GETLK F_SETLK
    F_SETLKW F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW F_GETOWN F_SETOWN F_RDLCK F_WRLCK F_UNLCK F_SETLEASE F_GETLEASE
    F_NOTIFY F_SETPIPE_SZ F_GETPIPE_SZ FD_CLOEXEC F_ADD_SEALS F_GET_SEALS F_SEAL_SEAL F_SEAL_SHRINK F_SEAL_GROW
    F_SEAL_WRITE FICLONE FICLONERANGE
};

/// What the C library's bindings do not name, by the numbers of the system's headers.
static OTHERS: &[(&str, i64)] = &[
    ("LOCK_MAND", 32),
    ("LOCK_READ", 64),
    ("LOCK_WRITE", 128),
    ("LOCK_RW", 192),
    ("F_EXLCK", 4),
    ("F_SHLCK", 8),
    ("F_SETSIG", 10),
    ("F_GETSIG", 11),
    ("F_SETLK64", 6),
    ("F_SETLKW64", 7),
    ("F_GETLK64", 5),
    ("F_SETOWN_EX", 15),
    ("F_GETOWN_EX", 16),
    ("F_OWNER_TID", 0),
    ("F_OWNER_PID", 1),
    ("F_OWNER_PGRP", 2),
    ("F_GET_RW_HINT", 1035),
    ("F_SET_RW_HINT", 1036),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_SET_FILE_RW_HINT", 1038),
    ("F_SEAL_FUTURE_WRITE", 16),
    ("FASYNC", 0x2000),
    ("DN_ACCESS", 1),
    ("DN_MODIFY", 2),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_RENAME", 16),
    ("DN_ATTRIB", 32),
    ("DN_MULTISHOT", 0x8000_0000),
];

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, n) in CONSTANTS.iter().chain(OTHERS) {
        protocol::set_attr(t, module, &names::intern(name), &Value::int(*n))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "fcntl",
            "($module, fd, cmd, arg=0, /)",
            NativeFn::Bound(fcntl),
            "Perform the operation `cmd` on file descriptor fd.",
        ),
        Method::new(
            "ioctl",
            "($module, fd, request, arg=0, mutate_flag=True, /)",
            NativeFn::Bound(ioctl),
            "Perform the operation request on file descriptor fd.",
        ),
        Method::new(
            "flock",
            "($module, fd, operation, /)",
            NativeFn::F2(flock),
            "Perform the lock operation `operation` on file descriptor `fd`.",
        ),
        Method::new(
            "lockf",
            "($module, fd, cmd, len=0, start=0, whence=0, /)",
            NativeFn::Bound(lockf),
            "A wrapper around the fcntl() locking calls.",
        ),
    ],
    init: Some(init),
    ..ModuleSpec::new(
        "fcntl",
        "This module performs file control and I/O control on file\ndescriptors.  It is an interface to the fcntl() and ioctl() Unix\nroutines.  File descriptors can be obtained with the fileno() method of\na file or socket object.",
    )
};
