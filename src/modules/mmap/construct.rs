//! `mmap()`.

use super::payload::{Access, MMAP, Map, State};
use crate::modules::posix::files::fd;
use crate::modules::posix::last_error;
use crate::modules::support::{Guarded, Parameters};
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::audit;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::sync::exports::Exports;
use crate::sys::mapping::{How, Mapping};
use crate::types::exceptions::os_error;

/// Bytes of a page.
pub fn page_size() -> usize {
    // SAFETY: asks for a number.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

static PARAMETERS: Parameters = Parameters::new(
    "(fileno, length, flags=MAP_SHARED, prot=PROT_WRITE|PROT_READ, access=ACCESS_DEFAULT, offset=0, *, trackfd=True)",
);

pub fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let b = PARAMETERS.bind(t, &MMAP, class, args)?;
    let given = fd(t, b.req(0))?;
    let mut length = protocol::index_i64(t, b.req(1))?;
    let mut flags = b.opt(2).map_or(Ok(libc::MAP_SHARED), |v| fd(t, v))?;
    let mut protection = b.opt(3).map_or(Ok(libc::PROT_READ | libc::PROT_WRITE), |v| fd(t, v))?;
    let access = b.opt(4).map_or(Ok(0), |v| fd(t, v))?;
    let offset = b.opt(5).map_or(Ok(0), |v| protocol::index_i64(t, v))?;
    let track = b.opt(6).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    audit::event(t, "mmap.__new__", || {
        [Value::int(given.into()), Value::int(length), Value::int(access.into()), Value::int(offset)]
    })?;
    if length < 0 {
        return Err(raise::overflow_error(t, "memory mapped length must be positive"));
    }
    if offset < 0 {
        return Err(raise::overflow_error(t, "memory mapped offset must be positive"));
    }
    if access != 0 && (b.opt(2).is_some() || b.opt(3).is_some()) {
        return Err(raise::value_error(t, "mmap can't specify both access and flags, prot."));
    }
    let access = match access {
        0 => match (protection & libc::PROT_READ != 0, protection & libc::PROT_WRITE != 0) {
            (_, true) if protection & libc::PROT_READ != 0 => Access::Default,
            (_, true) => Access::Write,
            _ => Access::Read,
        },
        1 => {
            (flags, protection) = (libc::MAP_SHARED, libc::PROT_READ);
            Access::Read
        }
        2 => {
            (flags, protection) = (libc::MAP_SHARED, libc::PROT_READ | libc::PROT_WRITE);
            Access::Write
        }
        3 => {
            (flags, protection) = (libc::MAP_PRIVATE, libc::PROT_READ | libc::PROT_WRITE);
            Access::Copy
        }
        _ => return Err(raise::value_error(t, "mmap invalid access parameter.")),
    };
    if given != -1 {
        // SAFETY: all zeros is valid; the call writes it.
        let mut s: libc::stat = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        if unsafe { libc::fstat(given, &mut s) } != 0 {
            return Err(last_error(t, None));
        }
        if s.st_mode & libc::S_IFMT == libc::S_IFREG {
            if length == 0 {
                if s.st_size == 0 {
                    return Err(raise::value_error(t, "cannot mmap an empty file"));
                }
                if offset >= s.st_size {
                    return Err(raise::value_error(t, "mmap offset is greater than file size"));
                }
                length = s.st_size - offset;
            } else if offset > s.st_size || s.st_size - offset < length {
                return Err(raise::value_error(t, "mmap length is greater than file size"));
            }
        }
    }
    let mut own = -1;
    if given == -1 {
        flags |= libc::MAP_ANONYMOUS;
    } else if track {
        // SAFETY: makes a descriptor.
        own = unsafe { libc::fcntl(given, libc::F_DUPFD_CLOEXEC, 0) };
        if own < 0 {
            return Err(last_error(t, None));
        }
    }
    let mut state = State { mapping: None, position: 0, fd: own, offset, access, flags, tracked: track };
    let how = How { len: length as usize, protection, flags, fd: given, offset };
    match t.detached(|| Mapping::new(how)) {
        Ok(mapping) => state.mapping = Some(mapping),
        Err(e) => return Err(os_error::from_io(t, &e, None)),
    }
    Ok(alloc::new(class, Map { state: Guarded::new(state), exports: Exports::new() }))
}
