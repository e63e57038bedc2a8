//! The methods of maps.

use super::payload::{Access, Map, check_writable, open, with};
use crate::modules::posix::files::fd;
use crate::object::args::Bound;
use crate::object::buffer::{self, Request};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::this;
use crate::types::bytes::payload as bytes;
use crate::types::exceptions::os_error;

pub fn repr(t: &Thread, v: &Value) -> PyResult {
    let text = with(t, v, |s| {
        let access = match s.access {
            Access::Default => "ACCESS_DEFAULT",
            Access::Read => "ACCESS_READ",
            Access::Write => "ACCESS_WRITE",
            Access::Copy => "ACCESS_COPY",
        };
        match &s.mapping {
            None => "closed=True>".to_string(),
            Some(m) => {
                format!("closed=False, access={access}, length={}, pos={}, offset={}>", m.len(), s.position, s.offset)
            }
        }
    });
    Ok(str::from_str(&format!("<{} {text}", v.class().display_name())))
}

/// BufferError where somebody has the bytes.
fn check_exports(t: &Thread, v: &Value, message: &str) -> PyResult<()> {
    if this!(v, Map).exports.any() {
        return Err(raise::buffer_error(t, message));
    }
    Ok(())
}

fn close(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Map);
    // Under the lock, so that nobody gets the bytes between the question and the end.
    let taken = with(t, v, |s| {
        if this.exports.any() {
            return None;
        }
        Some((s.mapping.take(), std::mem::replace(&mut s.fd, -1)))
    });
    let Some((mapping, fd)) = taken else {
        return Err(raise::buffer_error(t, "cannot close exported pointers exist"));
    };
    t.detached(|| {
        drop(mapping);
        if fd >= 0 {
            // SAFETY: the descriptor was ours.
            unsafe { libc::close(fd) };
        }
    });
    Ok(Value::NONE)
}

fn find(t: &Thread, b: &Bound<'_>, backwards: bool) -> PyResult {
    let what = buffer::get(t, b.req(1), Request::Read)?.to_vec();
    let number = |v: Option<&Value>| v.map(|v| protocol::index_clipped(t, v)).transpose();
    let (start, end) = (number(b.non_none(2))?, number(b.non_none(3))?);
    let found = open(t, b.req(0), |m, position| {
        let len = m.len() as i64;
        let clip = |n: i64| (if n < 0 { n + len } else { n }).clamp(0, len) as usize;
        let start = start.map_or(*position, clip);
        let end = end.map_or(len as usize, clip);
        if start > end {
            return None;
        }
        let part = &m.bytes()[start..end];
        let at = if backwards { memchr::memmem::rfind(part, &what) } else { memchr::memmem::find(part, &what) };
        at.map(|i| i + start)
    })?;
    Ok(found.map_or(Value::int(-1), |i| Value::int(i as i64)))
}

/// A part of the map to be flushed or advised on.
fn range(t: &Thread, v: &Value, start: Option<&Value>, len: Option<&Value>) -> PyResult<(i64, i64, i64)> {
    let all = open(t, v, |m, _| m.len())? as i64;
    let start = start.map_or(Ok(0), |s| protocol::index_i64(t, s))?;
    let len = match len {
        Some(len) => protocol::index_i64(t, len)?,
        None => all - start,
    };
    Ok((start, len, all))
}

fn flush(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let (start, len, all) = range(t, v, b.opt(1), b.opt(2))?;
    if start < 0 || len < 0 || all - start < len {
        return Err(raise::value_error(t, "flush values out of range"));
    }
    if matches!(with(t, v, |s| s.access), Access::Read | Access::Copy) {
        return Ok(Value::NONE);
    }
    let result = open(t, v, |m, _| {
        if start as usize + len as usize > m.len() { Ok(()) } else { m.flush(start as usize, len as usize) }
    })?;
    result.map(|()| Value::NONE).map_err(|e| os_error::from_io(t, &e, None))
}

fn madvise(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let advice = fd(t, b.req(1))?;
    let (start, mut len, all) = range(t, v, b.opt(2), b.opt(3))?;
    if start < 0 || start >= all {
        return Err(raise::value_error(t, "madvise start out of bounds"));
    }
    if len < 0 {
        return Err(raise::value_error(t, "madvise length invalid"));
    }
    if i64::MAX - start < len {
        return Err(raise::overflow_error(t, "madvise length too large"));
    }
    len = len.min(all - start);
    let result = open(t, v, |m, _| {
        if (start + len) as usize > m.len() { Ok(()) } else { m.advise(start as usize, len as usize, advice) }
    })?;
    result.map(|()| Value::NONE).map_err(|e| os_error::from_io(t, &e, None))
}

fn move_bytes(t: &Thread, b: &Bound<'_>) -> PyResult {
    let number = |i: usize| protocol::index_i64(t, b.req(i));
    let (to, from, count) = (number(1)?, number(2)?, number(3)?);
    check_writable(t, b.req(0))?;
    let fits = open(t, b.req(0), |m, _| {
        let len = m.len() as i64;
        if to < 0 || from < 0 || count < 0 || len - to < count || len - from < count {
            return false;
        }
        let (to, from, count) = (to as usize, from as usize, count as usize);
        m.bytes_mut().copy_within(from..from + count, to);
        true
    })?;
    if fits { Ok(Value::NONE) } else { Err(raise::value_error(t, "source, destination, or count out of range")) }
}

fn read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let count = b.non_none(1).map(|v| protocol::index_clipped(t, v)).transpose()?;
    let data = open(t, b.req(0), |m, position| {
        let rest = m.bytes().get(*position..).unwrap_or_default();
        let n = count.and_then(|n| usize::try_from(n).ok()).map_or(rest.len(), |n| n.min(rest.len()));
        *position += n;
        rest[..n].to_vec()
    })?;
    Ok(bytes::from_vec(data))
}

fn read_byte(t: &Thread, v: &Value) -> PyResult {
    let byte = open(t, v, |m, position| {
        let byte = m.bytes().get(*position).copied();
        *position += usize::from(byte.is_some());
        byte
    })?;
    match byte {
        Some(byte) => Ok(Value::int(byte.into())),
        None => Err(raise::value_error(t, "read byte out of range")),
    }
}

fn readline(t: &Thread, v: &Value) -> PyResult {
    let line = open(t, v, |m, position| {
        let rest = m.bytes().get(*position..).unwrap_or_default();
        let n = memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1);
        *position += n;
        rest[..n].to_vec()
    })?;
    Ok(bytes::from_vec(line))
}

fn write(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = buffer::get(t, b.req(1), Request::Read)?.to_vec();
    open(t, b.req(0), |_, _| ())?;
    check_writable(t, b.req(0))?;
    let fits = open(t, b.req(0), |m, position| match m.bytes_mut().get_mut(*position..) {
        Some(rest) if rest.len() >= data.len() => {
            rest[..data.len()].copy_from_slice(&data);
            *position += data.len();
            true
        }
        _ => false,
    })?;
    if fits { Ok(Value::int(data.len() as i64)) } else { Err(raise::value_error(t, "data out of range")) }
}

fn write_byte(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = protocol::index_i64(t, b.req(1))?;
    let byte = match n {
        0..=255 => n as u8,
        n if n < 0 => return Err(raise::overflow_error(t, "unsigned byte integer is less than minimum")),
        _ => return Err(raise::overflow_error(t, "unsigned byte integer is greater than maximum")),
    };
    open(t, b.req(0), |_, _| ())?;
    check_writable(t, b.req(0))?;
    let fits = open(t, b.req(0), |m, position| {
        let place = m.bytes_mut().get_mut(*position);
        let fits = place.map(|p| *p = byte).is_some();
        *position += usize::from(fits);
        fits
    })?;
    if fits { Ok(Value::NONE) } else { Err(raise::value_error(t, "write byte out of range")) }
}

fn seek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let distance = protocol::index_i64(t, b.req(1))?;
    let whence = b.opt(2).map_or(Ok(0), |v| fd(t, v))?;
    if !(0..=2).contains(&whence) {
        open(t, b.req(0), |_, _| ())?;
        return Err(raise::value_error(t, "unknown seek type"));
    }
    let place = open(t, b.req(0), |m, position| {
        let base = match whence {
            0 => 0,
            1 => *position as i64,
            _ => m.len() as i64,
        };
        let place = base.checked_add(distance).filter(|p| (0..=m.len() as i64).contains(p))?;
        *position = place as usize;
        Some(place)
    })?;
    place.map(Value::int).ok_or_else(|| raise::value_error(t, "seek out of range"))
}

fn size(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |_, _| ())?;
    let n = with(t, v, |s| s.fd);
    // SAFETY: all zeros is valid; the call writes it.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    if unsafe { libc::fstat(n, &mut s) } != 0 {
        return Err(crate::modules::posix::last_error(t, None));
    }
    Ok(Value::int(s.st_size))
}

fn resize(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    open(t, v, |_, _| ())?;
    let new = protocol::index_i64(t, b.req(1))?;
    check_exports(t, v, "mmap can't resize with extant pointers exported.")?;
    let (access, n, offset) = with(t, v, |s| (s.access, s.fd, s.offset));
    let (flags, tracked) = with(t, v, |s| (s.flags, s.tracked));
    if n < 0 && (!tracked || flags & libc::MAP_ANONYMOUS == 0) {
        return Err(raise::value_error(t, "mmap can't resize with trackfd=False."));
    }
    if !matches!(access, Access::Write | Access::Default) {
        return Err(raise::type_error(t, "mmap can't resize a readonly or copy-on-write memory map."));
    }
    if new < 0 || i64::MAX - new < offset {
        return Err(raise::value_error(t, "new size out of range"));
    }
    // SAFETY: changes a file's length.
    if n >= 0 && t.detached(|| unsafe { libc::ftruncate(n, offset + new) }) != 0 {
        return Err(crate::modules::posix::last_error(t, None));
    }
    let this = this!(v, Map);
    let result = open(t, v, |m, _| if this.exports.any() { None } else { Some(m.resize(new as usize)) })?;
    match result {
        None => Err(raise::buffer_error(t, "mmap can't resize with extant pointers exported.")),
        Some(Ok(())) => Ok(Value::NONE),
        Some(Err(e)) => Err(os_error::from_io(t, &e, None)),
    }
}

fn tell(t: &Thread, v: &Value) -> PyResult {
    open(t, v, |_, position| Value::int(*position as i64))
}

pub static METHODS: &[Method] = &[
    Method::new("close", "($self, /)", NativeFn::F1(close), ""),
    Method::new("find", "($self, view, start=None, end=None, /)", NativeFn::Bound(|t, b| find(t, b, false)), ""),
    Method::new("rfind", "($self, view, start=None, end=None, /)", NativeFn::Bound(|t, b| find(t, b, true)), ""),
    Method::new("flush", "($self, offset=0, size=-1, /)", NativeFn::Bound(flush), ""),
    Method::new("madvise", "($self, option, start=0, length=<unrepresentable>, /)", NativeFn::Bound(madvise), ""),
    Method::new("move", "($self, dest, src, count, /)", NativeFn::Bound(move_bytes), ""),
    Method::new("read", "($self, n=None, /)", NativeFn::Bound(read), ""),
    Method::new("read_byte", "($self, /)", NativeFn::F1(read_byte), ""),
    Method::new("readline", "($self, /)", NativeFn::F1(readline), ""),
    Method::new("resize", "($self, newsize, /)", NativeFn::Bound(resize), ""),
    Method::new("seek", "($self, dist, how=0, /)", NativeFn::Bound(seek), ""),
    Method::new("seekable", "($self, /)", NativeFn::F1(|_, _| Ok(Value::TRUE)), ""),
    Method::new("size", "($self, /)", NativeFn::F1(size), ""),
    Method::new("tell", "($self, /)", NativeFn::F1(tell), ""),
    Method::new("write", "($self, bytes, /)", NativeFn::Bound(write), ""),
    Method::new("write_byte", "($self, byte, /)", NativeFn::Bound(write_byte), ""),
    Method::new(
        "__enter__",
        "($self, /)",
        NativeFn::F1(|t, v| {
            open(t, v, |_, _| ())?;
            Ok(v.clone())
        }),
        "",
    ),
    Method::new(
        "__exit__",
        "($self, exc_type, exc_value, traceback, /)",
        NativeFn::Bound(|t, b| protocol::call_method_str(t, b.req(0), "close", &[])),
        "",
    ),
];
