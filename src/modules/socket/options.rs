//! Socket options.

use super::object::of;
use crate::modules::posix::files::fd;
use crate::modules::posix::last_error;
use crate::object::args::{Args, Bound};
use crate::object::buffer::{self, Request};
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::bytes::payload as bytes;

/// `getsockopt(level, option[, buffersize])`
pub fn get(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = of(b.req(0)).fd();
    let (level, option) = (fd(t, b.req(1))?, fd(t, b.req(2))?);
    let size = b.opt(3).map_or(Ok(0), |v| fd(t, v))?;
    if size == 0 {
        let mut n = 0i32;
        let mut len = 4;
        // SAFETY: writes four bytes at most.
        if unsafe { libc::getsockopt(this, level, option, (&raw mut n).cast(), &mut len) } < 0 {
            return Err(last_error(t, None));
        }
        return Ok(Value::int(n.into()));
    }
    if !(1..=1024).contains(&size) {
        return Err(raise::new(t, &exc::OS_ERROR, "getsockopt buflen out of range"));
    }
    let mut data = vec![0u8; size as usize];
    let mut len = size as libc::socklen_t;
    // SAFETY: writes at most so many bytes.
    if unsafe { libc::getsockopt(this, level, option, data.as_mut_ptr().cast(), &mut len) } < 0 {
        return Err(last_error(t, None));
    }
    data.truncate(len as usize);
    Ok(bytes::from_vec(data))
}

/// `setsockopt(level, option, value)`: an int or bytes; or `(level, option, None, length)`.
pub fn set(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "socket.setsockopt")?;
    let pos = args.pos();
    let (this, level, option, rest) = match pos {
        [this, level, option, rest @ ..] if (1..=2).contains(&rest.len()) => (this, level, option, rest),
        _ => {
            let message = format!("setsockopt() takes 3 or 4 arguments ({} given)", pos.len().saturating_sub(1));
            return Err(raise::type_error(t, message));
        }
    };
    let (this, level, option) = (of(this).fd(), fd(t, level)?, fd(t, option)?);
    let result = match rest {
        [value] if value.class().slots.index.get().is_some() => {
            let n = fd(t, value)?;
            // SAFETY: reads four bytes.
            unsafe { libc::setsockopt(this, level, option, (&raw const n).cast(), 4) }
        }
        [value] if value.is_none() => {
            return Err(raise::type_error(t, "socket option should be integer, bytes-like object or None"));
        }
        [value] => {
            if value.class().slots.buffer.get().is_none() {
                let message = format!(
                    "socket option should be integer, bytes-like object or None, not {}",
                    value.class().display_name()
                );
                return Err(raise::type_error(t, message));
            }
            let data = buffer::get(t, value, Request::Read)?;
            // SAFETY: reads so many bytes of a buffer that is held.
            unsafe { libc::setsockopt(this, level, option, data.data.cast(), data.len as libc::socklen_t) }
        }
        [value, len] => {
            if !value.is_none() {
                return Err(raise::type_error(t, "only socket option None can be passed with a length"));
            }
            let len = fd(t, len)?;
            // SAFETY: the system gets no memory to read.
            unsafe { libc::setsockopt(this, level, option, std::ptr::null(), len as libc::socklen_t) }
        }
        _ => return Err(raise::type_error(t, "setsockopt() takes 3 or 4 arguments")),
    };
    if result < 0 { Err(last_error(t, None)) } else { Ok(Value::NONE) }
}
