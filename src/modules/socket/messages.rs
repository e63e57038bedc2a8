//! Messages with several buffers and ancillary data (descriptors and the like).

use super::address;
use super::object::{Socket, of};
use super::wait::{self, For};
use crate::modules::posix::files::fd;
use crate::modules::support::writable;
use crate::object::args::Bound;
use crate::object::buffer::{self, Buffer, Request};
use crate::object::core_types::exc;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::sys::net::Address;
use crate::types::bytes::payload as bytes;

/// The largest length that the system takes.
const MOST: i64 = i32::MAX as i64;
/// Bytes of an ancillary item's header, and of the smallest whole item.
const HEADER: i64 = 16;
const SMALLEST: i64 = 24;

/// Space of ancillary data with so many bytes in one item; None where that is too large.
pub fn space(n: i64) -> Option<usize> {
    // SAFETY: arithmetic.
    (0..=MOST - SMALLEST).contains(&n).then(|| unsafe { libc::CMSG_SPACE(n as u32) } as usize)
}

/// The same without the padding behind it.
pub fn length(n: i64) -> Option<usize> {
    // SAFETY: arithmetic.
    (0..=MOST - HEADER).contains(&n).then(|| unsafe { libc::CMSG_LEN(n as u32) } as usize)
}

/// Room for ancillary data, aligned as its headers want it.
fn room(len: usize) -> Vec<u64> {
    vec![0; len.div_ceil(8)]
}

struct Received {
    len: usize,
    ancillary: Value,
    flags: i32,
    from: Value,
}

fn receive(t: &Thread, this: &Socket, parts: &mut [libc::iovec], room_len: i64, flags: i32) -> PyResult<Received> {
    let Some(room_len) = usize::try_from(room_len).ok().filter(|n| *n <= i32::MAX as usize) else {
        return Err(raise::value_error(t, "invalid ancillary data buffer length"));
    };
    let mut control = room(room_len);
    let mut from = Address::empty();
    let full = from.len;
    // SAFETY: all zeros is valid.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = parts.as_mut_ptr();
    message.msg_iovlen = parts.len();
    let n = wait::call(t, this, For::Reading, |fd| {
        message.msg_name = from.pointer_mut().cast();
        message.msg_namelen = full;
        message.msg_control = if room_len == 0 { std::ptr::null_mut() } else { control.as_mut_ptr().cast() };
        message.msg_controllen = room_len;
        // SAFETY: all parts of the message are alive; descriptors that come are not inherited.
        unsafe { libc::recvmsg(fd, &mut message, flags | libc::MSG_CMSG_CLOEXEC) as i64 }
    })?;
    from.len = message.msg_namelen;
    let mut items = Vec::new();
    // SAFETY: the system filled in `msg_controllen` bytes of headers and data; lengths are checked against their end.
    unsafe {
        let end = control.as_ptr() as usize + message.msg_controllen;
        let mut header = libc::CMSG_FIRSTHDR(&message);
        while let Some(one) = header.as_ref() {
            let data = libc::CMSG_DATA(header);
            let have = end.saturating_sub(data as usize);
            let len = one.cmsg_len.saturating_sub(data as usize - header as usize).min(have);
            items.push(tuple::from_slice(&[
                Value::int(one.cmsg_level.into()),
                Value::int(one.cmsg_type.into()),
                bytes::from_slice(std::slice::from_raw_parts(data, len)),
            ]));
            header = libc::CMSG_NXTHDR(&message, header);
        }
    }
    Ok(Received {
        len: n as usize,
        ancillary: list::from_vec(items),
        flags: message.msg_flags & !libc::MSG_CMSG_CLOEXEC,
        from: address::to_python(&from),
    })
}

fn optional(t: &Thread, v: Option<&Value>) -> PyResult<i64> {
    v.map_or(Ok(0), |v| protocol::index_i64(t, v))
}

/// `recvmsg(bufsize[, ancbufsize[, flags]])`
pub fn recvmsg(t: &Thread, b: &Bound<'_>) -> PyResult {
    let size = protocol::index_i64(t, b.req(1))?;
    let room = optional(t, b.opt(2))?;
    let flags = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    if size < 0 {
        return Err(raise::value_error(t, "negative buffer size in recvmsg()"));
    }
    let mut data = vec![0u8; size as usize];
    let mut parts = [libc::iovec { iov_base: data.as_mut_ptr().cast(), iov_len: data.len() }];
    let got = receive(t, of(b.req(0)), &mut parts, room, flags)?;
    data.truncate(got.len);
    Ok(tuple::from_slice(&[bytes::from_vec(data), got.ancillary, Value::int(got.flags.into()), got.from]))
}

/// Several buffers of an iterable.
fn buffers(t: &Thread, function: &str, v: &Value, request: Request) -> PyResult<(Vec<Buffer>, Vec<libc::iovec>)> {
    let items = match protocol::collect(t, v) {
        Ok(items) => items,
        Err(raised) => {
            raise::suppress(t, raised, &exc::TYPE_ERROR)?;
            return Err(raise::type_error(t, format!("{function}() argument 1 must be an iterable")));
        }
    };
    let mut all = Vec::with_capacity(items.len());
    for item in &items {
        all.push(match request {
            Request::Read => buffer::get(t, item, request)?,
            Request::Write => writable(t, item, |_| {
                format!("{function}() argument 1 must be an iterable of single-segment read-write buffers")
            })?,
        });
    }
    let parts = all.iter().map(|b| libc::iovec { iov_base: b.data.cast(), iov_len: b.len }).collect();
    Ok((all, parts))
}

/// `recvmsg_into(buffers[, ancbufsize[, flags]])`
pub fn recvmsg_into(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (held, mut parts) = buffers(t, "recvmsg_into", b.req(1), Request::Write)?;
    let room = optional(t, b.opt(2))?;
    let flags = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    let got = receive(t, of(b.req(0)), &mut parts, room, flags)?;
    drop(held);
    Ok(tuple::from_slice(&[Value::uint(got.len as u64), got.ancillary, Value::int(got.flags.into()), got.from]))
}

/// `sendmsg(buffers[, ancdata[, flags[, address]]])`
pub fn sendmsg(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = of(b.req(0));
    let (held, mut parts) = buffers(t, "sendmsg", b.req(1), Request::Read)?;
    let flags = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    let mut to = match b.non_none(4) {
        None => None,
        Some(v) => Some(address::from_python(t, this, "sendmsg", v)?),
    };
    let mut ancillary = Vec::new();
    if let Some(v) = b.opt(2) {
        let items = match protocol::collect(t, v) {
            Ok(items) => items,
            Err(raised) => {
                raise::suppress(t, raised, &exc::TYPE_ERROR)?;
                return Err(raise::type_error(t, "sendmsg() argument 2 must be an iterable"));
            }
        };
        for item in &items {
            let [level, kind, data] = tuple::items(item) else {
                let message =
                    "[sendmsg() ancillary data items must be a sequence of (cmsg_level, cmsg_type, cmsg_data)";
                return Err(raise::type_error(t, message));
            };
            let (level, kind) = (fd(t, level)?, fd(t, kind)?);
            ancillary.push((level, kind, buffer::get(t, data, Request::Read)?));
        }
    }
    let total: usize = ancillary.iter().map(|(_, _, data)| space(data.len as i64).unwrap_or(usize::MAX / 64)).sum();
    if total > i32::MAX as usize {
        return Err(raise::new(t, &exc::OS_ERROR, "too much ancillary data"));
    }
    let mut control = room(total);
    // SAFETY: all zeros is valid.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = parts.as_mut_ptr();
    message.msg_iovlen = parts.len();
    if let Some(to) = &mut to {
        message.msg_namelen = to.len;
        message.msg_name = to.pointer_mut().cast();
    }
    if total > 0 {
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = total;
        // SAFETY: `total` bytes hold a header and the data of each item, one after the other.
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(&message);
            for (level, kind, data) in &ancillary {
                if header.is_null() {
                    return Err(raise::runtime_error(t, "unexpected NULL result from CMSG_FIRSTHDR/CMSG_NXTHDR"));
                }
                (*header).cmsg_level = *level;
                (*header).cmsg_type = *kind;
                (*header).cmsg_len = libc::CMSG_LEN(data.len as u32) as _;
                std::ptr::copy_nonoverlapping(data.data, libc::CMSG_DATA(header), data.len);
                header = libc::CMSG_NXTHDR(&message, header);
            }
        }
    }
    let n = wait::call(t, this, For::Writing, |fd| {
        // SAFETY: all parts of the message are alive.
        unsafe { libc::sendmsg(fd, &message, flags) as i64 }
    });
    drop(held);
    n.map(Value::int)
}
