//! More on descriptors: positions, several buffers at once, copies inside the system, special descriptors.

use super::files::{fd, fileno};
use super::{last_error, path, retry};
use crate::modules::support;
use crate::object::args::Bound;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{str, tuple};
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;

/// The most that one call moves.
const MOST: usize = 0x7fff_f000;

fn none(_: i64) -> Value {
    Value::NONE
}

fn pread(t: &Thread, v: &Value, n: &Value, offset: &Value) -> PyResult {
    let (fd, n, offset) = (fd(t, v)?, protocol::index_i64(t, n)?, protocol::index_i64(t, offset)?);
    if n < 0 {
        return Err(os_error::from_errno(t, libc::EINVAL, None, None));
    }
    let mut data = crate::object::alloc::zeroed(t, (n as usize).min(MOST))?;
    // SAFETY: writes at most the buffer's length.
    let got = retry(t, None, || unsafe { libc::pread(fd, data.as_mut_ptr().cast(), data.len(), offset) } as i64)?;
    data.truncate(got as usize);
    Ok(bytes::from_vec(data))
}

fn pwrite(t: &Thread, v: &Value, data: &Value, offset: &Value) -> PyResult {
    let fd = fd(t, v)?;
    let data = buffer::get(t, data, Request::Read)?;
    let offset = protocol::index_i64(t, offset)?;
    let (at, len) = (data.data as usize, data.len.min(MOST));
    // SAFETY: the buffer is held while the call runs.
    retry(t, None, || unsafe { libc::pwrite(fd, at as *const _, len, offset) } as i64).map(Value::int)
}

/// Several buffers, as the system wants them. They are held until this is dropped.
pub struct Vectors {
    /// Keeps the bytes in place.
    _buffers: Vec<Buffer>,
    pub parts: Vec<libc::iovec>,
}

/// The buffers of a sequence.
pub fn vectors(t: &Thread, v: &Value, request: Request) -> PyResult<Vectors> {
    let mut buffers = Vec::new();
    for item in protocol::collect(t, v)? {
        buffers.push(buffer::get(t, &item, request)?);
    }
    let parts = buffers.iter().map(|b| libc::iovec { iov_base: b.data.cast(), iov_len: b.len }).collect();
    Ok(Vectors { _buffers: buffers, parts })
}

fn sequence<'a>(t: &Thread, function: &str, v: &'a Value) -> PyResult<&'a Value> {
    if v.class().slots.getitem.get().is_none() || v.downcast::<crate::object::dict::Dict>().is_some() {
        return Err(raise::type_error(t, format!("{function}() arg 2 must be a sequence")));
    }
    Ok(v)
}

fn readv(t: &Thread, v: &Value, buffers: &Value) -> PyResult {
    let fd = fd(t, v)?;
    let to = vectors(t, sequence(t, "readv", buffers)?, Request::Write)?;
    // SAFETY: the buffers are held while the call runs.
    retry(t, None, || unsafe { libc::readv(fd, to.parts.as_ptr(), to.parts.len() as i32) } as i64).map(Value::int)
}

fn writev(t: &Thread, v: &Value, buffers: &Value) -> PyResult {
    let fd = fd(t, v)?;
    let from = vectors(t, sequence(t, "writev", buffers)?, Request::Read)?;
    // SAFETY: the buffers are held while the call runs.
    retry(t, None, || unsafe { libc::writev(fd, from.parts.as_ptr(), from.parts.len() as i32) } as i64).map(Value::int)
}

fn preadv(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = fd(t, b.req(0))?;
    let to = vectors(t, sequence(t, "preadv", b.req(1))?, Request::Write)?;
    let offset = protocol::index_i64(t, b.req(2))?;
    let flags = b.opt(3).map_or(Ok(0), |v| super::files::fd(t, v))?;
    // SAFETY: the buffers are held while the call runs.
    let got =
        retry(t, None, || unsafe { libc::preadv2(fd, to.parts.as_ptr(), to.parts.len() as i32, offset, flags) as i64 });
    got.map(Value::int)
}

fn pwritev(t: &Thread, b: &Bound<'_>) -> PyResult {
    let fd = fd(t, b.req(0))?;
    let from = vectors(t, sequence(t, "pwritev", b.req(1))?, Request::Read)?;
    let offset = protocol::index_i64(t, b.req(2))?;
    let flags = b.opt(3).map_or(Ok(0), |v| super::files::fd(t, v))?;
    // SAFETY: the buffers are held while the call runs.
    let put = retry(t, None, || unsafe {
        libc::pwritev2(fd, from.parts.as_ptr(), from.parts.len() as i32, offset, flags) as i64
    });
    put.map(Value::int)
}

fn sendfile(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (out, from) = (fd(t, b.req(0))?, fd(t, b.req(1))?);
    let count = protocol::index_i64(t, b.req(3))? as usize;
    let mut offset = match b.req(2).non_none() {
        None => None,
        Some(v) => Some(protocol::index_i64(t, v)?),
    };
    // SAFETY: reads and writes `offset` at most.
    retry(t, None, || unsafe {
        libc::sendfile(out, from, offset.as_mut().map_or(std::ptr::null_mut(), |o| o), count) as i64
    })
    .map(Value::int)
}

/// The (source, target, count, offset in source, offset in target) of a copy.
fn copy_arguments(t: &Thread, b: &Bound<'_>) -> PyResult<(i32, i32, usize, Option<i64>, Option<i64>)> {
    let (from, to) = (fd(t, b.req(0))?, fd(t, b.req(1))?);
    let count = protocol::index_i64(t, b.req(2))?;
    if count < 0 {
        return Err(raise::value_error(t, "negative value for 'count' not allowed"));
    }
    let offset = |v: Option<&Value>| v.map(|v| protocol::index_i64(t, v)).transpose();
    Ok((from, to, count as usize, offset(b.non_none(3))?, offset(b.non_none(4))?))
}

fn pointer(offset: &mut Option<i64>) -> *mut i64 {
    offset.as_mut().map_or(std::ptr::null_mut(), |o| o)
}

fn copy_file_range(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to, count, mut source, mut target) = copy_arguments(t, b)?;
    // SAFETY: reads and writes the offsets at most.
    retry(t, None, || unsafe {
        libc::copy_file_range(from, pointer(&mut source), to, pointer(&mut target), count, 0) as i64
    })
    .map(Value::int)
}

fn splice(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (from, to, count, mut source, mut target) = copy_arguments(t, b)?;
    let flags = b.opt(5).map_or(Ok(0), |v| fd(t, v))? as u32;
    // SAFETY: as above.
    retry(t, None, || unsafe {
        libc::splice(from, pointer(&mut source), to, pointer(&mut target), count, flags) as i64
    })
    .map(Value::int)
}

fn pipe2(t: &Thread, v: &Value) -> PyResult {
    let flags = fd(t, v)?;
    let mut ends = [0i32; 2];
    // SAFETY: writes two numbers.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), flags) } != 0 {
        return Err(last_error(t, None));
    }
    Ok(tuple::from_slice(&[Value::int(ends[0].into()), Value::int(ends[1].into())]))
}

fn lockf(t: &Thread, v: &Value, command: &Value, length: &Value) -> PyResult {
    let (fd, command, length) = (fd(t, v)?, fd(t, command)?, protocol::index_i64(t, length)?);
    // SAFETY: locks a file.
    retry(t, None, || unsafe { libc::lockf(fd, command, length) }.into()).map(none)
}

/// A call that answers the error number itself.
fn retry_number(t: &Thread, mut call: impl FnMut() -> i32) -> PyResult {
    retry(t, None, || match call() {
        0 => 0,
        // SAFETY: the address of a thread-local.
        error => unsafe {
            *libc::__errno_location() = error;
            -1
        },
    })
    .map(none)
}

fn posix_fallocate(t: &Thread, v: &Value, offset: &Value, length: &Value) -> PyResult {
    let (fd, offset, length) = (fd(t, v)?, protocol::index_i64(t, offset)?, protocol::index_i64(t, length)?);
    // SAFETY: changes a file.
    retry_number(t, || unsafe { libc::posix_fallocate(fd, offset, length) })
}

fn posix_fadvise(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (n, offset) = (fd(t, b.req(0))?, protocol::index_i64(t, b.req(1))?);
    let (length, advice) = (protocol::index_i64(t, b.req(2))?, fd(t, b.req(3))?);
    // SAFETY: tells the system something.
    retry_number(t, || unsafe { libc::posix_fadvise(n, offset, length, advice) })
}

fn fdatasync(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fileno(t, b.req(0))?;
    // SAFETY: writes a file out.
    retry(t, None, || unsafe { libc::fdatasync(n) }.into()).map(none)
}

fn memfd_create(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = path::arg(t, "memfd_create", b.req(0))?;
    let flags = b.opt(1).map_or(Ok(libc::MFD_CLOEXEC), |v| Ok(protocol::index_i64(t, v)? as u32))?;
    // SAFETY: a terminated text.
    retry(t, None, || unsafe { libc::memfd_create(name.text.as_ptr(), flags) }.into()).map(Value::int)
}

fn eventfd(t: &Thread, b: &Bound<'_>) -> PyResult {
    let start = protocol::index_i64(t, b.req(0))?;
    let flags = b.opt(1).map_or(Ok(libc::EFD_CLOEXEC), |v| fd(t, v))?;
    // SAFETY: makes a descriptor.
    retry(t, None, || unsafe { libc::eventfd(start as u32, flags) }.into()).map(Value::int)
}

fn eventfd_read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fileno(t, b.req(0))?;
    let mut value = 0u64;
    // SAFETY: writes eight bytes.
    retry(t, None, || unsafe { libc::read(n, (&raw mut value).cast(), 8) } as i64)?;
    Ok(Value::uint(value))
}

fn eventfd_write(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fileno(t, b.req(0))?;
    let value = match crate::object::bigint::view(&protocol::index(t, b.req(1))?) {
        Some(crate::object::bigint::IntView::Small(i)) if i >= 0 => i as u64,
        Some(crate::object::bigint::IntView::Big(i)) if u64::try_from(i).is_ok() => u64::try_from(i).unwrap_or(0),
        _ => return Err(raise::overflow_error(t, "can't convert negative int to unsigned")),
    };
    // SAFETY: reads eight bytes.
    retry(t, None, || unsafe { libc::write(n, (&raw const value).cast(), 8) } as i64).map(none)
}

fn pidfd_open(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (pid, flags) = (fd(t, b.req(0))?, b.opt(1).map_or(Ok(0), |v| fd(t, v))?);
    // SAFETY: a system call without memory.
    retry(t, None, || unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) }).map(Value::int)
}

fn device_encoding(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = fd(t, b.req(0))?;
    // SAFETY: asks about a number.
    Ok(if unsafe { libc::isatty(n) } == 1 { str::from_str("utf-8") } else { Value::NONE })
}

fn to_spec(ns: i64) -> libc::timespec {
    libc::timespec { tv_sec: ns.div_euclid(1_000_000_000), tv_nsec: ns.rem_euclid(1_000_000_000) }
}

fn from_spec(s: &libc::timespec) -> i64 {
    s.tv_sec * 1_000_000_000 + s.tv_nsec
}

fn timer_value(spec: &libc::itimerspec, ns: bool) -> Value {
    let value =
        |s: &libc::timespec| if ns { Value::int(from_spec(s)) } else { Value::float(from_spec(s) as f64 / 1e9) };
    tuple::from_slice(&[value(&spec.it_value), value(&spec.it_interval)])
}

fn timerfd_create(t: &Thread, b: &Bound<'_>) -> PyResult {
    let clock = fd(t, b.req(0))?;
    let flags = b.opt(1).map_or(Ok(libc::TFD_CLOEXEC), |v| fd(t, v))?;
    // SAFETY: makes a descriptor.
    retry(t, None, || unsafe { libc::timerfd_create(clock, flags | libc::TFD_CLOEXEC) }.into()).map(Value::int)
}

fn timerfd_settime(t: &Thread, b: &Bound<'_>, ns: bool) -> PyResult {
    let n = fileno(t, b.req(0))?;
    let flags = b.opt(1).map_or(Ok(0), |v| fd(t, v))?;
    let time = |v: Option<&Value>| -> PyResult<i64> {
        match v {
            None => Ok(0),
            Some(v) if ns => protocol::index_i64(t, v),
            Some(v) => Ok((support::seconds(t, v)? * 1e9).round() as i64),
        }
    };
    let new = libc::itimerspec { it_value: to_spec(time(b.opt(2))?), it_interval: to_spec(time(b.opt(3))?) };
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut old: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: reads `new`, writes `old`.
    retry(t, None, || unsafe { libc::timerfd_settime(n, flags, &new, &mut old) }.into())?;
    Ok(timer_value(&old, ns))
}

fn timerfd_gettime(t: &Thread, v: &Value, ns: bool) -> PyResult {
    let n = fileno(t, v)?;
    // SAFETY: an all-zero struct is valid; the call writes it.
    let mut now: libc::itimerspec = unsafe { std::mem::zeroed() };
    // SAFETY: writes `now`.
    retry(t, None, || unsafe { libc::timerfd_gettime(n, &mut now) }.into())?;
    Ok(timer_value(&now, ns))
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "pread",
        "($module, fd, length, offset, /)",
        NativeFn::F3(pread),
        "Read a number of bytes from a file descriptor starting at a particular offset.",
    ),
    Method::new(
        "pwrite",
        "($module, fd, buffer, offset, /)",
        NativeFn::F3(pwrite),
        "Write bytes to a file descriptor starting at a particular offset.",
    ),
    Method::new(
        "readv",
        "($module, fd, buffers, /)",
        NativeFn::F2(readv),
        "Read from a file descriptor fd into an iterable of buffers.",
    ),
    Method::new(
        "writev",
        "($module, fd, buffers, /)",
        NativeFn::F2(writev),
        "Iterate over buffers, and write the contents of each to a file descriptor.",
    ),
    Method::new(
        "preadv",
        "($module, fd, buffers, offset, flags=0, /)",
        NativeFn::Bound(preadv),
        "Reads from a file descriptor into a number of mutable bytes-like objects.",
    ),
    Method::new(
        "pwritev",
        "($module, fd, buffers, offset, flags=0, /)",
        NativeFn::Bound(pwritev),
        "Writes the contents of bytes-like objects to a file descriptor at a given offset.",
    ),
    Method::new(
        "sendfile",
        "($module, /, out_fd, in_fd, offset, count)",
        NativeFn::Bound(sendfile),
        "Copy count bytes from file descriptor in_fd to file descriptor out_fd.",
    ),
    Method::new(
        "copy_file_range",
        "($module, /, src, dst, count, offset_src=None, offset_dst=None)",
        NativeFn::Bound(copy_file_range),
        "Copy count bytes from one file descriptor to another.",
    ),
    Method::new(
        "splice",
        "($module, /, src, dst, count, offset_src=None, offset_dst=None, flags=0)",
        NativeFn::Bound(splice),
        "Transfer count bytes from one pipe to a descriptor or vice versa.",
    ),
    Method::new("pipe2", "($module, flags, /)", NativeFn::F1(pipe2), "Create a pipe with flags set atomically."),
    Method::new(
        "lockf",
        "($module, fd, command, length, /)",
        NativeFn::F3(lockf),
        "Apply, test or remove a POSIX lock on an open file descriptor.",
    ),
    Method::new(
        "posix_fallocate",
        "($module, fd, offset, length, /)",
        NativeFn::F3(posix_fallocate),
        "Ensure a file has allocated at least a particular number of bytes on disk.",
    ),
    Method::new(
        "posix_fadvise",
        "($module, fd, offset, length, advice, /)",
        NativeFn::Bound(posix_fadvise),
        "Announce an intention to access data in a specific pattern.",
    ),
    Method::new(
        "fdatasync",
        "($module, /, fd)",
        NativeFn::Bound(fdatasync),
        "Force write of fd to disk without forcing update of metadata.",
    ),
    Method::new(
        "sync",
        "($module, /)",
        NativeFn::F0(|t| {
            // SAFETY: no preconditions.
            t.detached(|| unsafe { libc::sync() });
            Ok(Value::NONE)
        }),
        "Force write of everything to disk.",
    ),
    Method::new("memfd_create", "($module, /, name, flags=MFD_CLOEXEC)", NativeFn::Bound(memfd_create), ""),
    Method::new(
        "eventfd",
        "($module, /, initval, flags=EFD_CLOEXEC)",
        NativeFn::Bound(eventfd),
        "Creates and returns an event notification file descriptor.",
    ),
    Method::new("eventfd_read", "($module, /, fd)", NativeFn::Bound(eventfd_read), "Read eventfd value"),
    Method::new("eventfd_write", "($module, /, fd, value)", NativeFn::Bound(eventfd_write), "Write eventfd value."),
    Method::new(
        "pidfd_open",
        "($module, /, pid, flags=0)",
        NativeFn::Bound(pidfd_open),
        "Return a file descriptor referring to the process *pid*.",
    ),
    Method::new(
        "device_encoding",
        "($module, /, fd)",
        NativeFn::Bound(device_encoding),
        "Return a string describing the encoding of a terminal's file descriptor.",
    ),
    Method::new(
        "timerfd_create",
        "($module, clockid, /, *, flags=TFD_CLOEXEC)",
        NativeFn::Bound(timerfd_create),
        "Create and return a timer file descriptor.",
    ),
    Method::new(
        "timerfd_settime",
        "($module, fd, /, *, flags=0, initial=0.0, interval=0.0)",
        NativeFn::Bound(|t, b| timerfd_settime(t, b, false)),
        "Alter a timer file descriptor's internal timer in seconds.",
    ),
    Method::new(
        "timerfd_settime_ns",
        "($module, fd, /, *, flags=0, initial=0, interval=0)",
        NativeFn::Bound(|t, b| timerfd_settime(t, b, true)),
        "Alter a timer file descriptor's internal timer in nanoseconds.",
    ),
    Method::new(
        "timerfd_gettime",
        "($module, fd, /)",
        NativeFn::F1(|t, v| timerfd_gettime(t, v, false)),
        "Return a tuple of a timer file descriptor's (interval, next expiration) in float seconds.",
    ),
    Method::new(
        "timerfd_gettime_ns",
        "($module, fd, /)",
        NativeFn::F1(|t, v| timerfd_gettime(t, v, true)),
        "Return a tuple of a timer file descriptor's (interval, next expiration) in nanoseconds.",
    ),
];
