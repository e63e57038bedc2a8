//! Calls that may wait: with a socket's timeout, running signal handlers meanwhile (PEP 475).

use super::object::Socket;
use crate::object::core_types::exc;
use crate::object::hooks;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::types::exceptions::os_error;
use std::io::Error;
use std::time::{Duration, Instant};

/// What a call waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    Reading,
    Writing,
    Connecting,
}

/// The exception for a wait that took too long.
pub fn timed_out(t: &Thread) -> Raised {
    raise::new(t, &exc::TIMEOUT_ERROR, "timed out")
}

/// Waits until a descriptor is ready; false where the deadline passed. Runs signal handlers.
pub fn ready(t: &Thread, fd: i32, what: For, deadline: Instant) -> PyResult<bool> {
    let events = match what {
        For::Reading => libc::POLLIN,
        For::Writing => libc::POLLOUT,
        For::Connecting => libc::POLLOUT | libc::POLLERR,
    };
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000);
        let mut one = libc::pollfd { fd, events, revents: 0 };
        let (n, error) = t.detached(|| {
            // SAFETY: one entry of our own.
            let n = unsafe { libc::poll(&mut one, 1, i32::try_from(left).unwrap_or(i32::MAX)) };
            (n, Error::last_os_error())
        });
        match n {
            0 => return Ok(false),
            n if n > 0 => return Ok(true),
            _ if error.raw_os_error() == Some(libc::EINTR) => (hooks::get().check_attention)(t)?,
            _ => return Err(os_error::from_io(t, &error, None)),
        }
    }
}

/// When a call on this socket has to end: `None` where it has no timeout, or does not wait.
pub fn deadline(socket: &Socket) -> Option<Instant> {
    match socket.timeout_ns() {
        ns if ns > 0 => Instant::now().checked_add(Duration::from_nanos(ns as u64)),
        _ => None,
    }
}

/// Runs a system call that answers -1 for an error, detached, until it is through, the timeout passes or it fails.
pub fn call(t: &Thread, socket: &Socket, what: For, f: impl FnMut(i32) -> i64) -> PyResult<i64> {
    call_until(t, socket, what, deadline(socket), f)
}

/// The same with a deadline that several calls share.
pub fn call_until(
    t: &Thread,
    socket: &Socket,
    what: For,
    deadline: Option<Instant>,
    mut f: impl FnMut(i32) -> i64,
) -> PyResult<i64> {
    let timed = socket.timeout_ns() > 0;
    loop {
        let fd = socket.fd();
        if let Some(deadline) = deadline
            && timed
            && !ready(t, fd, what, deadline)?
        {
            return Err(timed_out(t));
        }
        loop {
            let (n, error) = t.detached(|| {
                let n = f(fd);
                (n, Error::last_os_error())
            });
            if n >= 0 {
                return Ok(n);
            }
            match error.raw_os_error() {
                Some(libc::EINTR) => (hooks::get().check_attention)(t)?,
                // Ready a moment ago, but another was faster.
                Some(libc::EAGAIN) if timed => break,
                _ => return Err(os_error::from_io(t, &error, None)),
            }
        }
    }
}
