//! Audit hooks (PEP 578): functions of the program that are told what it is about to do, and refuse it by raising.
//!
//! The events and their arguments are those of CPython's table of audit events. No hook is ever taken away.

use super::core_types::exc;
use super::names;
use super::raise::{self, PyResult};
use super::thread::Thread;
use super::value::{Stored, Value};
use super::{protocol, tuple};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicBool, Ordering::Relaxed};

/// The hooks in the order in which they are called.
static HOOKS: Mutex<Vec<Stored>> = Mutex::new(Vec::new());
/// Whether there are any.
static WANTED: AtomicBool = AtomicBool::new(false);

/// Tells the hooks of an event, whose arguments are made where there are hooks. Raises what a hook raises.
#[inline]
pub fn event<const N: usize>(t: &Thread, name: &str, args: impl FnOnce() -> [Value; N]) -> PyResult<()> {
    // Relaxed: whoever adds a hook sees it from then on; another thread learns of it as of any write.
    if !WANTED.load(Relaxed) {
        return Ok(());
    }
    raise_event(t, &names::intern(name), &args())
}

/// The same for an event that a program named itself.
#[cold]
pub fn raise_event(t: &Thread, name: &Value, args: &[Value]) -> PyResult<()> {
    // Copied: a hook may add another one.
    let hooks: Vec<Value> = HOOKS.lock().iter().map(|h| (**h).clone()).collect();
    let args = tuple::from_slice(args);
    hooks.iter().try_for_each(|hook| protocol::call_values(t, hook, &[name.clone(), args.clone()]).map(drop))
}

/// Adds a hook, unless one that is there already refuses it with an Exception, which is not passed on.
pub fn add(t: &Thread, hook: &Value) -> PyResult<()> {
    if let Err(raised) = event(t, "sys.addaudithook", || []) {
        return raise::suppress(t, raised, &exc::EXCEPTION);
    }
    HOOKS.lock().push(Stored::new(hook.clone()));
    WANTED.store(true, Relaxed);
    Ok(())
}

/// A descriptor of a folder as events show it: -1 where none was given.
pub fn folder(fd: i32) -> Value {
    Value::int(if fd == libc::AT_FDCWD { -1 } else { fd.into() })
}
