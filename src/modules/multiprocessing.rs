//! `_multiprocessing`: semaphores that processes share, and shared memory by name (`_posixshmem`).

use crate::modules::posix::files::fd;
use crate::modules::posix::{last_error, path, retry};
use crate::modules::support::Parameters;
use crate::modules::thread::handle as threads;
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, dict, hooks, names, protocol};
use crate::sync::shim::atomic::{AtomicI64, AtomicU64, Ordering::*};
use crate::this;
use crate::types::exceptions::os_error;
use std::ffi::CString;
use std::io::Error;

const RECURSIVE: i32 = 0;
const SEMAPHORE: i32 = 1;
/// The largest value of a semaphore.
const VALUE_MAX: i64 = i32::MAX as i64;

/// The payload of `SemLock`. The semaphore itself is the system's; the counters are this process's view of it.
pub struct SemLock {
    /// `*mut sem_t`
    handle: usize,
    kind: i32,
    max: i64,
    name: Option<CString>,
    /// How often this process holds it.
    count: AtomicI64,
    /// `get_ident()` of the last thread that took it.
    owner: AtomicU64,
}

pub static SEM_LOCK: StaticType = StaticType::new(&SPEC);

// SAFETY: `SEM_LOCK`'s layout is `SemLock`.
unsafe impl Payload for SemLock {
    fn layout_type() -> &'static Type {
        &SEM_LOCK
    }
}

impl Drop for SemLock {
    fn drop(&mut self) {
        // SAFETY: opened by us.
        unsafe { libc::sem_close(self.sem()) };
    }
}

impl SemLock {
    fn sem(&self) -> *mut libc::sem_t {
        self.handle as *mut libc::sem_t
    }

    fn is_mine(&self, t: &Thread) -> bool {
        self.count.load(Relaxed) > 0 && self.owner.load(Relaxed) == threads::ident(t)
    }

    fn value(&self) -> i32 {
        let mut value = 0;
        // SAFETY: an open semaphore; writes a number.
        unsafe { libc::sem_getvalue(self.sem(), &mut value) };
        value
    }
}

fn text(t: &Thread, v: &Value) -> PyResult<CString> {
    path::arg(t, "SemLock", v).map(|p| p.text)
}

static PARAMETERS: Parameters = Parameters::new("(kind, value, maxvalue, name, unlink)");

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let b = PARAMETERS.bind(t, &SEM_LOCK, class, args)?;
    let (kind, value, max) = (fd(t, b.req(0))?, fd(t, b.req(1))?, fd(t, b.req(2))?);
    let name = text(t, b.req(3))?;
    let unlink = protocol::is_true(t, b.req(4))?;
    if kind != RECURSIVE && kind != SEMAPHORE {
        return Err(raise::value_error(t, "unrecognized kind"));
    }
    // SAFETY: a terminated text.
    let handle = unsafe {
        libc::sem_open(name.as_ptr(), libc::O_CREAT | libc::O_EXCL, 0o600 as libc::c_uint, value as libc::c_uint)
    };
    if handle == libc::SEM_FAILED {
        return Err(last_error(t, None));
    }
    // SAFETY: a terminated text.
    if unlink && unsafe { libc::sem_unlink(name.as_ptr()) } < 0 {
        let raised = last_error(t, None);
        // SAFETY: opened above.
        unsafe { libc::sem_close(handle) };
        return Err(raised);
    }
    let name = (!unlink).then_some(name);
    Ok(make(class, handle as usize, kind, max.into(), name))
}

fn make(class: &Type, handle: usize, kind: i32, max: i64, name: Option<CString>) -> Value {
    let payload = SemLock { handle, kind, max, name, count: AtomicI64::new(0), owner: AtomicU64::new(0) };
    alloc::new(class, payload)
}

/// `_rebuild(handle, kind, maxvalue, name)`: opens by name what another process has made.
fn rebuild(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(class) = b.req(0).downcast::<Type>() else { return Err(raise::type_error(t, "a type is required")) };
    let (kind, max) = (fd(t, b.req(2))?, fd(t, b.req(3))?);
    let Some(name) = b.req(4).non_none() else {
        return Err(raise::value_error(t, "a semaphore without a name cannot be opened"));
    };
    let name = text(t, name)?;
    // SAFETY: a terminated text.
    let handle = unsafe { libc::sem_open(name.as_ptr(), 0) };
    if handle == libc::SEM_FAILED {
        return Err(last_error(t, None));
    }
    Ok(make(class, handle as usize, kind, max.into(), Some(name)))
}

unsafe extern "C" {
    fn sem_clockwait(sem: *mut libc::sem_t, clock: libc::clockid_t, until: *const libc::timespec) -> i32;
}

/// Takes the semaphore; false where that did not succeed in time. `seconds`: None for ever.
fn take(t: &Thread, v: &Value, block: bool, seconds: Option<f64>) -> PyResult<bool> {
    let this = this!(v, SemLock);
    if this.kind == RECURSIVE && this.is_mine(t) {
        this.count.fetch_add(1, Relaxed);
        return Ok(true);
    }
    let until = seconds.map(|s| {
        let end = crate::sys::clock::nanoseconds(crate::sys::clock::Clock::Monotonic)
            .saturating_add((s.max(0.0) * 1e9).min(9e18) as i64);
        libc::timespec { tv_sec: end / 1_000_000_000, tv_nsec: end % 1_000_000_000 }
    });
    loop {
        // SAFETY: an open semaphore.
        if unsafe { libc::sem_trywait(this.sem()) } == 0 {
            break;
        }
        let mut error = Error::last_os_error();
        if error.raw_os_error() == Some(libc::EAGAIN) {
            if !block {
                return Ok(false);
            }
            let (n, waited) = t.detached(|| {
                // SAFETY: an open semaphore; reads the time.
                let n = unsafe {
                    match &until {
                        None => libc::sem_wait(this.sem()),
                        Some(until) => sem_clockwait(this.sem(), libc::CLOCK_MONOTONIC, until),
                    }
                };
                (n, Error::last_os_error())
            });
            if n == 0 {
                break;
            }
            error = waited;
        }
        match error.raw_os_error() {
            Some(libc::EINTR) => (hooks::get().check_attention)(t)?,
            Some(libc::ETIMEDOUT) => return Ok(false),
            _ => return Err(os_error::from_io(t, &error, None)),
        }
    }
    this.count.fetch_add(1, Relaxed);
    this.owner.store(threads::ident(t), Relaxed);
    Ok(true)
}

fn acquire(t: &Thread, b: &Bound<'_>) -> PyResult {
    let block = b.opt(1).map_or(Ok(true), |v| protocol::is_true(t, v))?;
    let seconds = b.non_none(2).map(|v| protocol::as_f64(t, v)).transpose()?;
    take(t, b.req(0), block, seconds).map(Value::bool)
}

fn release(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, SemLock);
    if this.kind == RECURSIVE {
        if !this.is_mine(t) {
            return Err(raise::assertion_error(t, "attempt to release recursive lock not owned by thread"));
        }
        if this.count.load(Relaxed) > 1 {
            this.count.fetch_sub(1, Relaxed);
            return Ok(Value::NONE);
        }
    } else if i64::from(this.value()) >= this.max {
        return Err(raise::value_error(t, "semaphore or lock released too many times"));
    }
    // Before the others may take it.
    this.count.fetch_sub(1, Relaxed);
    // SAFETY: an open semaphore.
    if unsafe { libc::sem_post(this.sem()) } < 0 {
        return Err(last_error(t, None));
    }
    Ok(Value::NONE)
}

static SPEC: TypeSpec = TypeSpec {
    doc: "Semaphore/Mutex type",
    signature: "(kind, value, maxvalue, name, unlink)",
    slots: SlotTable { new: Some(new), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "acquire",
            "($self, /, block=True, timeout=None)",
            NativeFn::Bound(acquire),
            "Acquire the semaphore/lock.",
        ),
        Method::new("release", "($self, /)", NativeFn::F1(release), "Release the semaphore/lock."),
        Method::new(
            "_count",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::int(this!(v, SemLock).count.load(Relaxed)))),
            "Num of `acquire()`s minus num of `release()`s for this process.",
        ),
        Method::new(
            "_is_mine",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(Value::bool(this!(v, SemLock).is_mine(t)))),
            "Whether the lock is owned by this thread.",
        ),
        Method::new(
            "_get_value",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::int(this!(v, SemLock).value().max(0).into()))),
            "Get the value of the semaphore.",
        ),
        Method::new(
            "_is_zero",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(this!(v, SemLock).value() == 0))),
            "Return whether semaphore has value zero.",
        ),
        Method::new(
            "_after_fork",
            "($self, /)",
            NativeFn::F1(|_, v| {
                this!(v, SemLock).count.store(0, Relaxed);
                Ok(Value::NONE)
            }),
            "Rezero the net acquisition count after fork().",
        ),
        Method::new("_rebuild", "($type, handle, kind, maxvalue, name, /)", NativeFn::Bound(rebuild), "")
            .class_method(),
        Method::new(
            "__enter__",
            "($self, /)",
            NativeFn::F1(|t, v| take(t, v, true, None).map(Value::bool)),
            "Enter the semaphore/lock.",
        ),
        Method::new(
            "__exit__",
            "($self, exc_type=None, exc_value=None, exc_tb=None, /)",
            NativeFn::Bound(|t, b| release(t, b.req(0))),
            "Exit the semaphore/lock.",
        ),
    ],
    getset: &[
        GetSet::read_only("handle", |_, v| Ok(Value::uint(this!(v, SemLock).handle as u64)), "").as_member(),
        GetSet::read_only("kind", |_, v| Ok(Value::int(this!(v, SemLock).kind.into())), "").as_member(),
        GetSet::read_only("maxvalue", |_, v| Ok(Value::int(this!(v, SemLock).max)), "").as_member(),
        GetSet::read_only(
            "name",
            |_, v| Ok(this!(v, SemLock).name.as_ref().map_or(Value::NONE, |n| path::decode(n.as_bytes()))),
            "",
        )
        .as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("_multiprocessing", "SemLock", layout_of::<SemLock>(false))
};

fn sem_unlink(t: &Thread, v: &Value) -> PyResult {
    let name = text(t, v)?;
    // SAFETY: a terminated text.
    if unsafe { libc::sem_unlink(name.as_ptr()) } < 0 { Err(last_error(t, None)) } else { Ok(Value::NONE) }
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let flags = ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"].map(|name| (names::intern(name), Value::int(1)));
    protocol::set_attr(t, module, &names::intern("flags"), &dict::from_pairs(flags))?;
    if let Some(attributes) = SEM_LOCK.dict.load()
        && let Some(d) = attributes.downcast::<dict::Dict>()
    {
        drop(d.set_str(&names::intern("SEM_VALUE_MAX"), Value::int(VALUE_MAX)));
        SEM_LOCK.bump_version();
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new("sem_unlink", "($module, name, /)", NativeFn::F1(sem_unlink), "")],
    types: &[&SEM_LOCK],
    init: Some(init),
    ..ModuleSpec::new("_multiprocessing", "")
};

fn shm_open(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = path::arg(t, "shm_open", b.req(0))?;
    let flags = fd(t, b.req(1))?;
    let mode = b.opt(2).map_or(Ok(0o777), |v| fd(t, v))?;
    let n = retry(t, Some(&name.object), || {
        // SAFETY: a terminated text.
        unsafe { libc::shm_open(name.text.as_ptr(), flags, mode as libc::mode_t) }.into()
    });
    n.map(Value::int)
}

fn shm_unlink(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = path::arg(t, "shm_unlink", b.req(0))?;
    // SAFETY: a terminated text.
    retry(t, Some(&name.object), || unsafe { libc::shm_unlink(name.text.as_ptr()) }.into())?;
    Ok(Value::NONE)
}

/// `_posixshmem`.
pub static SHARED_MEMORY: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "shm_open",
            "($module, /, path, flags, mode=511)",
            NativeFn::Bound(shm_open),
            "Open a shared memory object.  Returns a file descriptor (integer).",
        ),
        Method::new(
            "shm_unlink",
            "($module, /, path)",
            NativeFn::Bound(shm_unlink),
            "Remove a shared memory object (similar to unlink()).",
        ),
    ],
    ..ModuleSpec::new("_posixshmem", "POSIX shared memory module")
};
