//! Reading through a buffer.

use super::buffered::{Buffered, State, this};
use super::lock::Held;
use super::{base, buffered_write, n, raw, size_arg};
use crate::object::alloc::reserve;
use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;

/// Starts an operation that reads: takes the lock, writes what is pending.
fn begin<'a>(t: &Thread, this: &'a Buffered, v: &Value, raw: &Value) -> PyResult<Held<'a, State>> {
    let held = this.enter(t, v)?;
    if this.is_writable() && held.with(|s| !s.pending.is_empty()) {
        buffered_write::flush_pending(t, &held, raw)?;
    }
    Ok(held)
}

/// Reads once into the buffer, after what it holds unread. None: it would block; 0: the end.
fn fill(t: &Thread, held: &Held<'_, State>, raw: &Value) -> PyResult<Option<usize>> {
    let (mut data, start) = held.with(|s| {
        let at = s.at;
        if at > 0 {
            s.ahead.drain(..at);
            s.at = 0;
        }
        let mut data = std::mem::take(&mut s.ahead);
        let start = data.len();
        data.resize(start + s.size.saturating_sub(start).max(1), 0);
        (data, start)
    });
    let got = raw::read(t, raw, &mut data[start..]);
    data.truncate(start + got.as_ref().ok().copied().flatten().unwrap_or(0));
    held.with(|s| s.ahead = data);
    got
}

/// Takes up to `limit` bytes out of the buffer.
fn take(held: &Held<'_, State>, limit: usize, out: &mut Vec<u8>) -> usize {
    held.with(|s| {
        let count = s.rest().len().min(limit);
        out.extend_from_slice(&s.rest()[..count]);
        s.at += count;
        count
    })
}

pub fn read(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this(v);
    this.raw(t)?;
    let size = size_arg(t, b.opt(1))?;
    if size < -1 {
        return Err(raise::value_error(t, "read length must be non-negative or -1"));
    }
    let raw = this.open_raw(t, "read of")?;
    if size < 0 {
        return read_all(t, this, v, &raw);
    }
    let size = size as usize;
    let held = begin(t, this, v, &raw)?;
    let mut out = Vec::with_capacity(size.min(1 << 20));
    take(&held, size, &mut out);
    let whole = held.with(|s| s.size);
    while out.len() < size {
        let left = size - out.len();
        let got = if left >= whole {
            // Large pieces go past the buffer.
            held.with(State::forget);
            let start = out.len();
            reserve(t, &mut out, left - left % whole)?;
            out.resize(start + left - left % whole, 0);
            let got = raw::read(t, &raw, &mut out[start..]);
            out.truncate(start + got.as_ref().ok().copied().flatten().unwrap_or(0));
            got?
        } else {
            let got = fill(t, &held, &raw)?;
            take(&held, left, &mut out);
            got
        };
        match got {
            None if out.is_empty() => return Ok(Value::NONE),
            None | Some(0) => break,
            Some(_) => {}
        }
    }
    Ok(bytes::from_vec(out))
}

fn read_all(t: &Thread, this: &Buffered, v: &Value, raw: &Value) -> PyResult {
    let held = begin(t, this, v, raw)?;
    let mut out = Vec::new();
    take(&held, usize::MAX, &mut out);
    held.with(State::forget);
    if let Some(file) = raw.downcast_exact::<super::fileio::FileIo>() {
        let fd = file.fd_to_read(t)?;
        return Ok(match super::fileio::read_all_fd(t, fd)? {
            None if out.is_empty() => Value::NONE,
            None => bytes::from_vec(out),
            Some(rest) if out.is_empty() => bytes::from_vec(rest),
            Some(rest) => {
                reserve(t, &mut out, rest.len())?;
                out.extend_from_slice(&rest);
                bytes::from_vec(out)
            }
        });
    }
    if let Some(readall) = protocol::lookup_attr(t, raw, &n().readall)? {
        let rest = protocol::call_values(t, &readall, &[])?;
        if rest.is_none() {
            return Ok(if out.is_empty() { rest } else { bytes::from_vec(out) });
        }
        let Some(data) = bytes::view(&rest) else {
            return Err(raise::type_error(t, "readall() should return bytes"));
        };
        reserve(t, &mut out, data.len())?;
        out.extend_from_slice(data);
        return Ok(bytes::from_vec(out));
    }
    loop {
        let piece = protocol::call_method(t, raw, &n().read, &[])?;
        if !piece.is_none() && bytes::view(&piece).is_none() {
            return Err(raise::type_error(t, "read() should return bytes"));
        }
        match bytes::view(&piece) {
            Some(data) if !data.is_empty() => {
                reserve(t, &mut out, data.len())?;
                out.extend_from_slice(data);
            }
            _ if out.is_empty() => return Ok(piece),
            _ => return Ok(bytes::from_vec(out)),
        }
    }
}

pub fn read1(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    this(v).raw(t)?;
    let size = b.opt(1).map_or(Ok(-1), |size| protocol::index_size(t, size))?;
    read_once(t, v, size).map(bytes::from_vec)
}

/// `read1(size)`: what is in the buffer, or one read's worth.
pub fn read_once(t: &Thread, v: &Value, size: i64) -> PyResult<Vec<u8>> {
    let this = this(v);
    let raw = this.open_raw(t, "read of")?;
    let held = begin(t, this, v, &raw)?;
    let size = if size < 0 { held.with(|s| s.size) } else { size as usize };
    let mut out = Vec::new();
    if size == 0 || take(&held, size, &mut out) > 0 {
        return Ok(out);
    }
    held.with(State::forget);
    let whole = held.with(|s| s.size);
    if size >= whole {
        reserve(t, &mut out, size)?;
        out.resize(size, 0);
        let got = raw::read(t, &raw, &mut out)?;
        out.truncate(got.unwrap_or(0));
    } else {
        fill(t, &held, &raw)?;
        take(&held, size, &mut out);
    }
    Ok(out)
}

pub fn readinto(t: &Thread, v: &Value, target: &Value) -> PyResult {
    into(t, v, target, false)
}

pub fn readinto1(t: &Thread, v: &Value, target: &Value) -> PyResult {
    into(t, v, target, true)
}

fn into(t: &Thread, v: &Value, target: &Value, once: bool) -> PyResult {
    let this = this(v);
    this.raw(t)?;
    let lent = base::writable(t, target, if once { "readinto1" } else { "readinto" })?;
    let raw = this.open_raw(t, "readinto of")?;
    let held = begin(t, this, v, &raw)?;
    let out = lent.as_mut_slice();
    let mut done = 0;
    let from_buffer = |done: usize, out: &mut [u8]| {
        held.with(|s| {
            let count = s.rest().len().min(out.len() - done);
            out[done..done + count].copy_from_slice(&s.rest()[..count]);
            s.at += count;
            count
        })
    };
    done += from_buffer(done, out);
    let whole = held.with(|s| s.size);
    while done < out.len() && !(once && done > 0) {
        let got = if out.len() - done > whole {
            held.with(State::forget);
            let got = raw::read(t, &raw, &mut out[done..])?;
            done += got.unwrap_or(0);
            got
        } else {
            let got = fill(t, &held, &raw)?;
            done += from_buffer(done, out);
            got
        };
        match got {
            None if done == 0 => return Ok(Value::NONE),
            None | Some(0) => break,
            Some(_) => {}
        }
    }
    Ok(Value::int(done as i64))
}

pub fn peek(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this(v);
    this.raw(t)?;
    let raw = this.open_raw(t, "peek of")?;
    let held = begin(t, this, v, &raw)?;
    if held.with(|s| s.rest().is_empty()) {
        held.with(State::forget);
        fill(t, &held, &raw)?;
    }
    Ok(bytes::from_vec(held.with(|s| s.rest().to_vec())))
}

pub fn readline(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    this(v).raw(t)?;
    let limit = size_arg(t, b.opt(1))?;
    line(t, v, limit).map(bytes::from_vec)
}

/// The next line, its end included, of at most `limit` bytes (negative: any).
pub fn line(t: &Thread, v: &Value, limit: i64) -> PyResult<Vec<u8>> {
    let this = this(v);
    let raw = this.open_raw(t, "readline of")?;
    let held = begin(t, this, v, &raw)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut out = Vec::new();
    loop {
        let left = limit - out.len();
        let found = held.with(|s| memchr::memchr(b'\n', &s.rest()[..s.rest().len().min(left)]));
        match found {
            Some(i) => {
                take(&held, i + 1, &mut out);
                return Ok(out);
            }
            None => take(&held, left, &mut out),
        };
        if out.len() == limit {
            return Ok(out);
        }
        held.with(State::forget);
        if fill(t, &held, &raw)?.unwrap_or(0) == 0 {
            return Ok(out);
        }
    }
}

pub fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let class = v.class();
    if std::ptr::eq(class, &*super::buffered::READER) || std::ptr::eq(class, &*super::buffered::RANDOM) {
        this(v).raw(t)?;
        let line = line(t, v, -1)?;
        return Ok(if line.is_empty() { None } else { Some(bytes::from_vec(line)) });
    }
    let line = protocol::call_method(t, v, &n().readline, &[])?;
    let Some(data) = bytes::view(&line) else {
        let message = format!("readline() should have returned a bytes object, not '{}'", line.class().display_name());
        return Err(raise::new(t, &crate::object::core_types::exc::OS_ERROR, message));
    };
    Ok(if data.is_empty() { None } else { Some(line.clone()) })
}
