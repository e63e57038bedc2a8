//! `select.select`, by `poll`: what the classic call can express, without its limit on descriptor numbers being a danger.

use super::{deadline_in, descriptor};
use crate::modules::support;
use crate::object::args::Bound;
use crate::object::hooks;
use crate::object::list;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::exceptions::os_error;
use std::time::Instant;

/// Descriptors from this number on do not fit the system's sets.
const LIMIT: i32 = libc::FD_SETSIZE as i32;

/// One of the three lists, and the system's set of it.
struct Watched {
    objects: Vec<(Value, i32)>,
    set: libc::fd_set,
}

fn watched(t: &Thread, v: &Value) -> PyResult<Watched> {
    if v.class().slots.iter.get().is_none() && v.class().slots.getitem.get().is_none() {
        return Err(raise::type_error(t, "arguments 1-3 must be sequences"));
    }
    // The iteration sees changes of a list that `fileno` makes, as ever; no more than the limit are taken.
    let mut objects = Vec::new();
    protocol::for_each(t, v, |object| {
        let fd = descriptor(t, &object)?;
        if fd >= LIMIT {
            return Err(raise::value_error(t, "filedescriptor out of range in select()"));
        }
        if objects.len() >= LIMIT as usize {
            return Err(raise::value_error(t, "too many file descriptors in select()"));
        }
        objects.push((object, fd));
        Ok(())
    })?;
    // SAFETY: an all-zero set is valid.
    Ok(Watched { objects, set: unsafe { std::mem::zeroed() } })
}

impl Watched {
    fn fill(&mut self) -> i32 {
        // SAFETY: the set is plain memory; numbers lie below its size.
        unsafe {
            libc::FD_ZERO(&mut self.set);
            for (_, fd) in &self.objects {
                libc::FD_SET(*fd, &mut self.set);
            }
        }
        self.objects.iter().map(|(_, fd)| *fd).max().unwrap_or(-1)
    }

    fn ready(&self) -> Value {
        // SAFETY: as above.
        let is_ready = |fd: i32| unsafe { libc::FD_ISSET(fd, &self.set) };
        list::from_vec(self.objects.iter().filter(|(_, fd)| is_ready(*fd)).map(|(o, _)| o.clone()).collect())
    }
}

pub fn select(t: &Thread, b: &Bound<'_>) -> PyResult {
    let deadline = match b.non_none(3) {
        None => None,
        Some(v) if v.class().slots.index.get().is_none() && v.class().slots.float.get().is_none() => {
            return Err(raise::type_error(t, "timeout must be a float or None"));
        }
        Some(v) => {
            let seconds = support::seconds(t, v)?;
            if seconds < 0.0 {
                return Err(raise::value_error(t, "timeout must be non-negative"));
            }
            deadline_in(seconds)
        }
    };
    let mut sets = [watched(t, b.req(0))?, watched(t, b.req(1))?, watched(t, b.req(2))?];
    loop {
        let most = sets.iter_mut().map(Watched::fill).max().unwrap_or(-1);
        let mut left = deadline.map(|d| {
            let left = d.saturating_duration_since(Instant::now());
            libc::timeval {
                tv_sec: left.as_secs() as i64,
                tv_usec: left.subsec_nanos().div_ceil(1000).min(999_999).into(),
            }
        });
        let [r, w, x] = &mut sets;
        let (n, error) = t.detached(|| {
            // SAFETY: three sets and a time of our own.
            let n = unsafe {
                libc::select(
                    most + 1,
                    &mut r.set,
                    &mut w.set,
                    &mut x.set,
                    left.as_mut().map_or(std::ptr::null_mut(), |l| l),
                )
            };
            (n, std::io::Error::last_os_error())
        });
        if n == 0 {
            return Ok(tuple::from_slice(&[list::new(), list::new(), list::new()]));
        }
        if n > 0 {
            return Ok(tuple::from_iter(3, sets.iter().map(Watched::ready).collect::<Vec<_>>()));
        }
        if error.raw_os_error() != Some(libc::EINTR) {
            return Err(os_error::from_io(t, &error, None));
        }
        (hooks::get().check_attention)(t)?;
        if deadline.is_some_and(|d| Instant::now() >= d) {
            return Ok(tuple::from_slice(&[list::new(), list::new(), list::new()]));
        }
    }
}
