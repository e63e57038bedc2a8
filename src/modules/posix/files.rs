//! Descriptors.

use super::path;
use super::{last_error, retry};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::buffer::{self, Request};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::object::{core_types, hooks, names, protocol};
use crate::types::bytes::payload as bytes;

/// A descriptor argument.
pub fn fd(t: &Thread, v: &Value) -> PyResult<i32> {
    let n = protocol::index_i64(t, v)?;
    i32::try_from(n).map_err(|_| raise::overflow_error(t, "Python int too large to convert to C int"))
}

/// Warns where a truth value is given for a descriptor.
pub fn warn_of_bool(t: &Thread, v: &Value) -> PyResult<()> {
    if v.as_bool().is_some() {
        let warning = core_types::exc::RUNTIME_WARNING.as_value();
        (hooks::get().warn)(t, &warning, "bool is used as a file descriptor", 1)?;
    }
    Ok(())
}

/// A descriptor, or an object with `fileno()`.
pub fn fileno(t: &Thread, v: &Value) -> PyResult<i32> {
    let n = if v.class().is_subtype(&core_types::INT) {
        warn_of_bool(t, v)?;
        fd(t, v)?
    } else {
        let method = protocol::lookup_attr(t, v, &names::intern("fileno"))?;
        let Some(method) = method else {
            return Err(raise::type_error(t, "argument must be an int, or have a fileno() method."));
        };
        let n = protocol::call_values(t, &method, &[])?;
        if !n.class().is_subtype(&core_types::INT) {
            return Err(raise::type_error(t, "fileno() returned a non-integer"));
        }
        fd(t, &n)?
    };
    if n < 0 {
        return Err(raise::value_error(t, format!("file descriptor cannot be a negative integer ({n})")));
    }
    Ok(n)
}

fn open(t: &Thread, b: &Bound<'_>) -> PyResult {
    let path = path::arg(t, "open", b.req(0))?;
    let flags = fd(t, b.req(1))? | libc::O_CLOEXEC;
    let mode = b.opt(2).map_or(Ok(0o777), |m| protocol::index_i64(t, m))? as libc::mode_t;
    let dir = b.non_none(3).map_or(Ok(libc::AT_FDCWD), |d| fd(t, d))?;
    audit::event(t, "open", || [b.req(0).clone(), Value::NONE, Value::int(flags.into())])?;
    // SAFETY: a terminated path.
    let n = retry(t, Some(&path.object), || unsafe { libc::openat(dir, path.text.as_ptr(), flags, mode) }.into())?;
    Ok(Value::int(n))
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // Not again after EINTR: the descriptor is gone on Linux.
    // SAFETY: closing a number harms no memory.
    if t.detached(|| unsafe { libc::close(fd) }) != 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

fn closerange(t: &Thread, low: &Value, high: &Value) -> PyResult {
    let (low, high) = (fd(t, low)?, fd(t, high)?);
    for n in low.max(0)..high {
        // SAFETY: as in `close`; errors are of no interest.
        unsafe { libc::close(n) };
    }
    Ok(Value::NONE)
}

fn read(t: &Thread, v: &Value, n: &Value) -> PyResult {
    let (fd, n) = (fd(t, v)?, protocol::index_i64(t, n)?);
    if n < 0 {
        return Err(crate::types::exceptions::os_error::from_errno(t, libc::EINVAL, None, None));
    }
    let mut data = crate::object::alloc::zeroed(t, n.min(0x7fff_f000) as usize)?;
    // SAFETY: writes at most the buffer's length.
    let got = retry(t, None, || unsafe { libc::read(fd, data.as_mut_ptr().cast(), data.len()) } as i64)?;
    data.truncate(got as usize);
    Ok(bytes::from_vec(data))
}

fn readinto(t: &Thread, v: &Value, target: &Value) -> PyResult {
    let fd = fd(t, v)?;
    let target = buffer::get(t, target, Request::Write)?;
    let (at, len) = (target.data as usize, target.len);
    // SAFETY: the buffer is held while the call runs.
    let got = retry(t, None, || unsafe { libc::read(fd, at as *mut _, len) } as i64)?;
    Ok(Value::int(got))
}

fn write(t: &Thread, v: &Value, data: &Value) -> PyResult {
    let fd = fd(t, v)?;
    let data = buffer::get(t, data, Request::Read)?;
    let (at, len) = (data.data as usize, data.len.min(0x7fff_f000));
    // SAFETY: the buffer is held while the call runs.
    let put = retry(t, None, || unsafe { libc::write(fd, at as *const _, len) } as i64)?;
    Ok(Value::int(put))
}

fn lseek(t: &Thread, v: &Value, place: &Value, whence: &Value) -> PyResult {
    let (fd, place, whence) = (fd(t, v)?, protocol::index_i64(t, place)?, protocol::index_i64(t, whence)?);
    // SAFETY: moves a position only.
    let at = t.detached(|| unsafe { libc::lseek(fd, place, whence as i32) });
    if at < 0 { Err(last_error(t, None)) } else { Ok(Value::int(at)) }
}

fn isatty(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // SAFETY: asks about a number.
    Ok(Value::bool(unsafe { libc::isatty(fd) } == 1))
}

fn ftruncate(t: &Thread, v: &Value, length: &Value) -> PyResult {
    let (fd, length) = (fd(t, v)?, protocol::index_i64(t, length)?);
    audit::event(t, "os.truncate", || [v.clone(), Value::int(length)])?;
    // SAFETY: changes a file only.
    retry(t, None, || unsafe { libc::ftruncate(fd, length) }.into())?;
    Ok(Value::NONE)
}

fn fsync(t: &Thread, v: &Value) -> PyResult {
    let fd = fileno(t, v)?;
    // SAFETY: as above.
    retry(t, None, || unsafe { libc::fsync(fd) }.into())?;
    Ok(Value::NONE)
}

fn dup(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // SAFETY: makes a descriptor.
    let n = retry(t, None, || unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }.into())?;
    Ok(Value::int(n))
}

fn dup2(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to) = (fd(t, b.req(0))?, fd(t, b.req(1))?);
    let inheritable = b.opt(2).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    let n = if from == to {
        // SAFETY: asks about a number.
        retry(t, None, || unsafe { libc::fcntl(from, libc::F_GETFD) }.into()).map(|_| to as i64)?
    } else {
        // SAFETY: makes a descriptor.
        retry(t, None, || unsafe { libc::dup3(from, to, flags) }.into())?
    };
    Ok(Value::int(n))
}

fn pipe(t: &Thread) -> PyResult {
    let mut ends = [0i32; 2];
    // SAFETY: writes two numbers.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(tuple::from_slice(&[Value::int(ends[0] as i64), Value::int(ends[1] as i64)]))
}

fn get_inheritable(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // SAFETY: asks about a number.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFD) };
    if flags < 0 { Err(last_error(t, None)) } else { Ok(Value::bool(flags & libc::FD_CLOEXEC == 0)) }
}

fn set_inheritable(t: &Thread, v: &Value, on: &Value) -> PyResult {
    let (fd, on) = (fd(t, v)?, protocol::is_true(t, on)?);
    // SAFETY: sets a flag of a descriptor.
    let result = unsafe { libc::fcntl(fd, libc::F_SETFD, if on { 0 } else { libc::FD_CLOEXEC }) };
    if result < 0 { Err(last_error(t, None)) } else { Ok(Value::NONE) }
}

fn get_blocking(t: &Thread, v: &Value) -> PyResult {
    let fd = fd(t, v)?;
    // SAFETY: asks about a number.
    let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
    if flags < 0 { Err(last_error(t, None)) } else { Ok(Value::bool(flags & libc::O_NONBLOCK == 0)) }
}

fn set_blocking(t: &Thread, v: &Value, on: &Value) -> PyResult {
    let (fd, on) = (fd(t, v)?, protocol::is_true(t, on)?);
    // SAFETY: sets a flag of a descriptor.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFL);
        let flags = if on { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        if libc::fcntl(fd, libc::F_SETFL, flags) < 0 {
            return Err(last_error(t, None));
        }
    }
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "open",
        "($module, /, path, flags, mode=511, *, dir_fd=None)",
        NativeFn::Bound(open),
        "Open a file for low level IO.  Returns a file descriptor (integer).",
    ),
    Method::new("close", "($module, /, fd)", NativeFn::Bound(|t, b| close(t, b.req(0))), "Close a file descriptor."),
    Method::new(
        "closerange",
        "($module, fd_low, fd_high, /)",
        NativeFn::F2(closerange),
        "Closes all file descriptors in [fd_low, fd_high), ignoring errors.",
    ),
    Method::new(
        "read",
        "($module, fd, length, /)",
        NativeFn::F2(read),
        "Read from a file descriptor.  Returns a bytes object.",
    ),
    Method::new(
        "readinto",
        "($module, fd, buffer, /)",
        NativeFn::F2(readinto),
        "Read into a buffer object from a file descriptor.",
    ),
    Method::new("write", "($module, fd, data, /)", NativeFn::F2(write), "Write a bytes object to a file descriptor."),
    Method::new(
        "lseek",
        "($module, fd, position, whence, /)",
        NativeFn::F3(lseek),
        "Set the position of a file descriptor.  Return the new position.",
    ),
    Method::new(
        "_is_inputhook_installed",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::FALSE)),
        "Checks if PyOS_InputHook is set.",
    ),
    Method::new(
        "_inputhook",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::int(0))),
        "Calls PyOS_InputHook if it is set.",
    ),
    Method::new(
        "isatty",
        "($module, fd, /)",
        NativeFn::F1(isatty),
        "Return True if the fd is connected to a terminal.",
    ),
    Method::new(
        "ftruncate",
        "($module, fd, length, /)",
        NativeFn::F2(ftruncate),
        "Truncate a file, specified by file descriptor, to a specific length.",
    ),
    Method::new("fsync", "($module, /, fd)", NativeFn::Bound(|t, b| fsync(t, b.req(0))), "Force write of fd to disk."),
    Method::new("dup", "($module, fd, /)", NativeFn::F1(dup), "Return a duplicate of a file descriptor."),
    Method::new("dup2", "($module, /, fd, fd2, inheritable=True)", NativeFn::Bound(dup2), "Duplicate file descriptor."),
    Method::new("pipe", "($module, /)", NativeFn::F0(pipe), "Create a pipe."),
    Method::new(
        "get_inheritable",
        "($module, fd, /)",
        NativeFn::F1(get_inheritable),
        "Get the close-on-exe flag of the specified file descriptor.",
    ),
    Method::new(
        "set_inheritable",
        "($module, fd, inheritable, /)",
        NativeFn::F2(set_inheritable),
        "Set the inheritable flag of the specified file descriptor.",
    ),
    Method::new(
        "get_blocking",
        "($module, fd, /)",
        NativeFn::F1(get_blocking),
        "Get the blocking mode of the file descriptor.",
    ),
    Method::new(
        "set_blocking",
        "($module, fd, blocking, /)",
        NativeFn::F2(set_blocking),
        "Set the blocking mode of the specified file descriptor.",
    ),
];
