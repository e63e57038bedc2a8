//! Receiving and sending plain data.

use super::address;
use super::object::{Socket, of};
use super::wait::{self, For};
use crate::modules::posix::files::fd;
use crate::modules::support::writable;
use crate::object::args::{Args, Bound};
use crate::object::audit;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::sys::net::Address;
use crate::types::bytes::payload as bytes;

fn flags(t: &Thread, v: Option<&Value>) -> PyResult<i32> {
    v.map_or(Ok(0), |v| fd(t, v))
}

/// A buffer's length to be received: never negative.
fn size(t: &Thread, function: &str, v: &Value) -> PyResult<usize> {
    let n = protocol::index_i64(t, v)?;
    usize::try_from(n).map_err(|_| raise::value_error(t, format!("negative buffersize in {function}")))
}

/// Receives into memory of `len` bytes that stays in place.
fn receive(t: &Thread, this: &Socket, at: *mut u8, len: usize, flags: i32) -> PyResult<usize> {
    if len == 0 {
        return Ok(0);
    }
    let at = at as usize;
    // SAFETY: the caller's memory of `len` bytes.
    let n = wait::call(t, this, For::Reading, |fd| unsafe { libc::recv(fd, at as *mut _, len, flags) as i64 })?;
    Ok(n as usize)
}

fn receive_from(t: &Thread, this: &Socket, at: *mut u8, len: usize, flags: i32) -> PyResult<(usize, Value)> {
    let mut from = Address::empty();
    let full = from.len;
    let at = at as usize;
    let n = wait::call(t, this, For::Reading, |fd| {
        from.len = full;
        // SAFETY: the caller's memory of `len` bytes; writes an address into room for one.
        unsafe { libc::recvfrom(fd, at as *mut _, len, flags, from.pointer_mut(), &mut from.len) as i64 }
    })?;
    if from.len == full {
        // The system left it alone: there is no address.
        from.len = 0;
    }
    Ok((n as usize, address::to_python(&from)))
}

pub fn recv(t: &Thread, b: &Bound<'_>) -> PyResult {
    let len = size(t, "recv", b.req(1))?;
    let flags = flags(t, b.opt(2))?;
    let mut data = crate::object::alloc::zeroed(t, len)?;
    let n = receive(t, of(b.req(0)), data.as_mut_ptr(), len, flags)?;
    data.truncate(n);
    Ok(bytes::from_vec(data))
}

pub fn recvfrom(t: &Thread, b: &Bound<'_>) -> PyResult {
    let len = size(t, "recvfrom", b.req(1))?;
    let flags = flags(t, b.opt(2))?;
    let mut data = crate::object::alloc::zeroed(t, len)?;
    let (n, from) = receive_from(t, of(b.req(0)), data.as_mut_ptr(), len, flags)?;
    data.truncate(n);
    Ok(tuple::from_slice(&[bytes::from_vec(data), from]))
}

/// The buffer and how much of it to fill.
fn target(t: &Thread, function: &str, b: &Bound<'_>) -> PyResult<(Buffer, usize, i32)> {
    let target = writable(t, b.req(1), |v| {
        format!("{function}() argument 1 must be read-write bytes-like object, not {}", v.class().display_name())
    })?;
    let len = b.opt(2).map_or(Ok(0), |v| protocol::index_i64(t, v))?;
    let flags = flags(t, b.opt(3))?;
    if len < 0 {
        return Err(raise::value_error(t, format!("negative buffersize in {function}")));
    }
    let len = if len == 0 { target.len } else { len as usize };
    if len > target.len {
        let message = match function {
            "recv_into" => "buffer too small for requested bytes",
            _ => "nbytes is greater than the length of the buffer",
        };
        return Err(raise::value_error(t, message));
    }
    Ok((target, len, flags))
}

pub fn recv_into(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (target, len, flags) = target(t, "recv_into", b)?;
    receive(t, of(b.req(0)), target.data, len, flags).map(|n| Value::uint(n as u64))
}

pub fn recvfrom_into(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (target, len, flags) = target(t, "recvfrom_into", b)?;
    let (n, from) = receive_from(t, of(b.req(0)), target.data, len, flags)?;
    Ok(tuple::from_slice(&[Value::uint(n as u64), from]))
}

pub fn send(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = buffer::get(t, b.req(1), Request::Read)?;
    let flags = flags(t, b.opt(2))?;
    let (at, len) = (data.data as usize, data.len);
    // SAFETY: the buffer is held while the call runs.
    let n =
        wait::call(t, of(b.req(0)), For::Writing, |fd| unsafe { libc::send(fd, at as *const _, len, flags) as i64 });
    n.map(Value::int)
}

pub fn sendall(t: &Thread, b: &Bound<'_>) -> PyResult {
    let data = buffer::get(t, b.req(1), Request::Read)?;
    let flags = flags(t, b.opt(2))?;
    let this = of(b.req(0));
    let deadline = wait::deadline(this);
    let mut done = 0;
    while done < data.len {
        let (at, len) = (data.data as usize + done, data.len - done);
        // SAFETY: the buffer is held while the call runs.
        let n = wait::call_until(t, this, For::Writing, deadline, |fd| unsafe {
            libc::send(fd, at as *const _, len, flags) as i64
        })?;
        done += n as usize;
        if t.record.attention() != 0 {
            (crate::object::hooks::get().check_attention)(t)?;
        }
    }
    Ok(Value::NONE)
}

/// `sendto(data, address)` or `sendto(data, flags, address)`
pub fn sendto(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "socket.sendto")?;
    let (this, data, flags, to) = match args.pos() {
        [this, data, to] => (this, data, 0, to),
        [this, data, flags, to] => (this, data, fd(t, flags)?, to),
        pos => {
            let message = format!("sendto() takes 2 or 3 arguments ({} given)", pos.len().saturating_sub(1));
            return Err(raise::type_error(t, message));
        }
    };
    let data = buffer::get(t, data, Request::Read)?;
    audit::event(t, "socket.sendto", || [this.clone(), to.clone()])?;
    let to = address::from_python(t, of(this), "sendto", to)?;
    let (at, len) = (data.data as usize, data.len);
    let n = wait::call(t, of(this), For::Writing, |fd| {
        // SAFETY: the buffer is held while the call runs; a complete address.
        unsafe { libc::sendto(fd, at as *const _, len, flags, to.pointer(), to.len) as i64 }
    });
    n.map(Value::int)
}
