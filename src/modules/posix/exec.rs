//! Starting programs: `exec*`, `posix_spawn`.

use super::files::fd;
use super::path::{self, Place};
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, protocol, tuple};
use crate::sys::spawn;
use crate::types::exceptions::os_error;
use std::ffi::CString;

/// A text for the system: str, bytes or a path.
pub fn text(t: &Thread, v: &Value) -> PyResult<CString> {
    let path = path::fspath(t, v)?;
    let raw = match crate::types::bytes::payload::view(&path) {
        Some(b) => b.to_vec(),
        None => path::arg(t, "exec", &path).map(|p| p.text.into_bytes()).or_else(|raised| {
            raise::suppress(t, raised, &crate::object::core_types::exc::VALUE_ERROR)?;
            Err(raise::value_error(t, "embedded null byte"))
        })?,
    };
    CString::new(raw).map_err(|_| raise::value_error(t, "embedded null byte"))
}

/// The arguments of a program: a list or tuple of texts.
pub fn arguments(t: &Thread, function: &str, v: &Value) -> PyResult<Vec<CString>> {
    let items = match list::sequence_items(t, v) {
        Some(items) => items,
        None => return Err(raise::type_error(t, format!("{function}: argv must be a tuple or list"))),
    };
    if items.is_empty() {
        return Err(raise::value_error(t, format!("{function}: argv must not be empty")));
    }
    let args: Vec<CString> = items.iter().map(|item| text(t, item)).collect::<PyResult<_>>()?;
    if args[0].is_empty() {
        return Err(raise::value_error(t, format!("{function}: argv first element cannot be empty")));
    }
    Ok(args)
}

/// The texts `NAME=VALUE` of a mapping.
pub fn environment(t: &Thread, v: &Value) -> PyResult<Vec<CString>> {
    let keys = protocol::collect(t, &protocol::call_method_str(t, v, "keys", &[])?)?;
    let values = protocol::collect(t, &protocol::call_method_str(t, v, "values", &[])?)?;
    let mut all = Vec::with_capacity(keys.len());
    for (key, value) in keys.iter().zip(&values) {
        let (key, value) = (text(t, key)?, text(t, value)?);
        if key.is_empty() || key.as_bytes()[1..].contains(&b'=') {
            return Err(raise::value_error(t, "illegal environment variable name"));
        }
        let mut entry = key.into_bytes();
        entry.push(b'=');
        entry.extend_from_slice(value.as_bytes());
        all.push(CString::new(entry).unwrap_or_default());
    }
    Ok(all)
}

/// Becomes the program; answers only what went wrong.
fn execute(t: &Thread, place: &Place, args: &[CString], environment: Option<&[CString]>) -> raise::Raised {
    let args = spawn::pointers(args);
    let environment = environment.map(spawn::pointers);
    let errno = t.detached(|| {
        // SAFETY: terminated texts and arrays.
        unsafe {
            match (place, &environment) {
                (Place::Path(p), None) => libc::execv(p.text.as_ptr(), args.as_ptr()),
                (Place::Path(p), Some(e)) => libc::execve(p.text.as_ptr(), args.as_ptr(), e.as_ptr()),
                (Place::Fd { fd, .. }, Some(e)) => libc::fexecve(*fd, args.as_ptr(), e.as_ptr()),
                (Place::Fd { .. }, None) => {
                    *libc::__errno_location() = libc::EINVAL;
                    -1
                }
            };
            *libc::__errno_location()
        }
    });
    os_error::from_errno(t, errno, Some(place.object()), None)
}

fn execv(t: &Thread, program: &Value, given: &Value) -> PyResult {
    let place = Place::Path(path::arg(t, "execv", program)?);
    if list::sequence_items(t, given).is_none() {
        return Err(raise::type_error(t, "execv() arg 2 must be a tuple or list"));
    }
    let args = match list::sequence_items(t, given) {
        Some(items) if items.is_empty() => {
            return Err(raise::value_error(t, "execv() arg 2 must not be empty"));
        }
        Some(items) => items.iter().map(|item| text(t, item)).collect::<PyResult<Vec<_>>>()?,
        None => Vec::new(),
    };
    if args[0].is_empty() {
        return Err(raise::value_error(t, "execv() arg 2 first element cannot be empty"));
    }
    audit::event(t, "os.exec", || [program.clone(), given.clone(), Value::NONE])?;
    Err(execute(t, &place, &args, None))
}

fn execve(t: &Thread, b: &Bound<'_>) -> PyResult {
    let place = path::place(t, "execve", Some(b.req(0)), false)?;
    let args = arguments(t, "execve", b.req(1))?;
    if b.req(2).class().slots.getitem.get().is_none() {
        return Err(raise::type_error(t, "execve: environment must be a mapping object"));
    }
    let environment = environment(t, b.req(2))?;
    audit::event(t, "os.exec", || [b.req(0).clone(), b.req(1).clone(), b.req(2).clone()])?;
    Err(execute(t, &place, &args, Some(&environment)))
}

const ACTION_OPEN: i32 = 0;
const ACTION_CLOSE: i32 = 1;
const ACTION_DUP2: i32 = 2;
const ACTION_CLOSEFROM: i32 = 3;

unsafe extern "C" {
    fn posix_spawn_file_actions_addclosefrom_np(actions: *mut libc::posix_spawn_file_actions_t, from: i32) -> i32;
}

/// File actions, freed at the end.
struct Actions {
    actions: libc::posix_spawn_file_actions_t,
    /// Paths that they refer to.
    _paths: Vec<CString>,
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: initialised in `file_actions`.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.actions) };
    }
}

fn file_actions(t: &Thread, v: &Value) -> PyResult<Actions> {
    // SAFETY: initialised by the call before use.
    let mut all = unsafe {
        let mut actions = std::mem::zeroed();
        libc::posix_spawn_file_actions_init(&mut actions);
        Actions { actions, _paths: Vec::new() }
    };
    for item in protocol::collect(t, v)? {
        let wrong = || raise::type_error(t, "Each file_actions element must be a non-empty tuple");
        let parts = match item.downcast::<tuple::Tuple>() {
            Some(_) if !tuple::items(&item).is_empty() => tuple::items(&item),
            _ => return Err(wrong()),
        };
        let (kind, rest) = (fd(t, &parts[0])?, &parts[1..]);
        let actions = &mut all.actions;
        // SAFETY: initialised actions; the paths live as long as they.
        let error = match (kind, rest) {
            (ACTION_OPEN, [n, path, flags, mode]) => {
                let (n, flags, mode) = (fd(t, n)?, fd(t, flags)?, fd(t, mode)?);
                let path = text(t, path)?;
                // SAFETY: as above.
                let error = unsafe {
                    libc::posix_spawn_file_actions_addopen(actions, n, path.as_ptr(), flags, mode as libc::mode_t)
                };
                all._paths.push(path);
                error
            }
            (ACTION_CLOSE, [n]) => {
                let n = fd(t, n)?;
                // SAFETY: as above.
                unsafe { libc::posix_spawn_file_actions_addclose(actions, n) }
            }
            (ACTION_DUP2, [from, to]) => {
                let (from, to) = (fd(t, from)?, fd(t, to)?);
                // SAFETY: as above.
                unsafe { libc::posix_spawn_file_actions_adddup2(actions, from, to) }
            }
            (ACTION_CLOSEFROM, [from]) => {
                let from = fd(t, from)?;
                // SAFETY: as above.
                unsafe { posix_spawn_file_actions_addclosefrom_np(actions, from) }
            }
            (ACTION_OPEN, _) => {
                return Err(raise::type_error(t, "A open file_action tuple must have 5 elements"));
            }
            (ACTION_CLOSE, _) => {
                return Err(raise::type_error(t, "A close file_action tuple must have 2 elements"));
            }
            (ACTION_DUP2, _) => {
                return Err(raise::type_error(t, "A dup2 file_action tuple must have 3 elements"));
            }
            (ACTION_CLOSEFROM, _) => {
                return Err(raise::type_error(t, "A closefrom file_action tuple must have 2 elements"));
            }
            _ => return Err(raise::type_error(t, "Unknown file_actions identifier")),
        };
        if error != 0 {
            return Err(os_error::from_errno(t, error, None, None));
        }
    }
    Ok(all)
}

fn signal_set(t: &Thread, v: &Value) -> PyResult<crate::sys::signal::Set> {
    let mut numbers = Vec::new();
    protocol::for_each(t, v, |item| {
        let n = protocol::index_i64(t, &item)?;
        if !(1..65).contains(&n) {
            return Err(raise::value_error(t, format!("signal number {n} out of range [1; 64]")));
        }
        numbers.push(n as i32);
        Ok(())
    })?;
    Ok(crate::sys::signal::set_of(&numbers))
}

/// Attributes, freed at the end.
struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised in `attributes`.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

/// From the keywords setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler.
fn attributes(t: &Thread, function: &str, options: [Option<&Value>; 6]) -> PyResult<Attributes> {
    // SAFETY: initialised by the call before use.
    let mut all = unsafe {
        let mut attributes = std::mem::zeroed();
        libc::posix_spawnattr_init(&mut attributes);
        Attributes(attributes)
    };
    let [group, reset_ids, session, mask, defaults, scheduler] = options;
    let mut flags = 0;
    if let Some(group) = group.and_then(Value::non_none) {
        let group = fd(t, group)?;
        // SAFETY: initialised attributes.
        unsafe { libc::posix_spawnattr_setpgroup(&mut all.0, group) };
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if path::flag(t, reset_ids, false)? {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if path::flag(t, session, false)? {
        flags |= i32::from(libc::POSIX_SPAWN_SETSID);
    }
    if let Some(mask) = mask {
        let set = signal_set(t, mask)?;
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setsigmask(&mut all.0, &set) };
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(defaults) = defaults {
        let set = signal_set(t, defaults)?;
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setsigdefault(&mut all.0, &set) };
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(scheduler) = scheduler.and_then(Value::non_none) {
        let [policy, param] = tuple::items(scheduler) else {
            return Err(raise::type_error(t, format!("{function}: scheduler must be a tuple or None")));
        };
        let priority = super::sched::priority(t, param)?;
        let param = libc::sched_param { sched_priority: priority };
        if !policy.is_none() {
            let policy = fd(t, policy)?;
            // SAFETY: as above.
            unsafe { libc::posix_spawnattr_setschedpolicy(&mut all.0, policy) };
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        // SAFETY: as above.
        unsafe { libc::posix_spawnattr_setschedparam(&mut all.0, &param) };
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    // SAFETY: as above.
    unsafe { libc::posix_spawnattr_setflags(&mut all.0, flags as _) };
    Ok(all)
}

fn spawn_with(t: &Thread, b: &Bound<'_>, function: &str, search: bool) -> PyResult {
    let program = path::arg(t, function, b.req(0))?;
    let args = arguments(t, function, b.req(1))?;
    if !b.req(2).is_none() && b.req(2).class().slots.getitem.get().is_none() {
        return Err(raise::type_error(t, format!("{function}: environment must be a mapping object or None")));
    }
    let environment = b.req(2).non_none().map(|v| environment(t, v)).transpose()?;
    let actions = b.non_none(3).map(|v| file_actions(t, v)).transpose()?;
    let attributes = attributes(t, function, [b.opt(4), b.opt(5), b.opt(6), b.opt(7), b.opt(8), b.opt(9)])?;
    audit::event(t, "os.posix_spawn", || [b.req(0).clone(), b.req(1).clone(), b.req(2).clone()])?;
    let args = spawn::pointers(&args);
    let environment = environment.as_deref().map(spawn::pointers);
    unsafe extern "C" {
        static environ: *const *mut libc::c_char;
    }
    let mut pid = 0;
    // SAFETY: terminated texts and arrays; initialised actions and attributes. The environment is the process's own, which
    // a program that changes it meanwhile risks, as in every Python.
    let error = unsafe {
        let call = if search { libc::posix_spawnp } else { libc::posix_spawn };
        call(
            &mut pid,
            program.text.as_ptr(),
            actions.as_ref().map_or(std::ptr::null(), |a| &a.actions),
            &attributes.0,
            args.as_ptr().cast(),
            environment.as_ref().map_or(environ, |e| e.as_ptr().cast()),
        )
    };
    if error != 0 {
        return Err(os_error::from_errno(t, error, Some(&program.object), None));
    }
    Ok(Value::int(pid.into()))
}

/// Numbers of file actions.
pub static CONSTANTS: &[(&str, i64)] = &[
    ("POSIX_SPAWN_OPEN", ACTION_OPEN as i64),
    ("POSIX_SPAWN_CLOSE", ACTION_CLOSE as i64),
    ("POSIX_SPAWN_DUP2", ACTION_DUP2 as i64),
    ("POSIX_SPAWN_CLOSEFROM", ACTION_CLOSEFROM as i64),
];

const SPAWN: &str = "($module, path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)";

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "execv",
        "($module, path, argv, /)",
        NativeFn::F2(execv),
        "Execute an executable path with arguments, replacing current process.",
    ),
    Method::new(
        "execve",
        "($module, /, path, argv, env)",
        NativeFn::Bound(execve),
        "Execute an executable path with arguments, replacing current process.",
    ),
    Method::new(
        "posix_spawn",
        SPAWN,
        NativeFn::Bound(|t, b| spawn_with(t, b, "posix_spawn", false)),
        "Execute the program specified by path in a new process.",
    ),
    Method::new(
        "posix_spawnp",
        SPAWN,
        NativeFn::Bound(|t, b| spawn_with(t, b, "posix_spawnp", true)),
        "Execute the program specified by path in a new process.",
    ),
];
