//! `_imp`: what importlib asks the interpreter for.

use crate::bytecode::pyc;
use crate::object::args::Bound;
use crate::object::hooks;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, protocol, str};
use crate::sync::parking::mutex::RawMutex;
use crate::sync::shim::atomic::{AtomicU32, Ordering::Relaxed};
use crate::sync::shim::weakened;
use crate::types::bytes::payload as bytes;

fn text(t: &Thread, v: &Value) -> PyResult<String> {
    match str::view(v) {
        Some(text) => Ok(text.to_utf8_lossy().into_owned()),
        None => Err(raise::type_error(t, format!("argument must be str, not {}", v.class().display_name()))),
    }
}

fn is_builtin(t: &Thread, name: &Value) -> PyResult {
    let name = text(t, name)?;
    let found = super::MODULES.iter().any(|m| m.name == name);
    Ok(Value::int(if !found {
        0
    } else if name == "sys" || name == "builtins" {
        -1
    } else {
        1
    }))
}

fn create_builtin(t: &Thread, spec: &Value) -> PyResult {
    let name = text(t, &protocol::get_attr(t, spec, &known().name)?)?;
    (hooks::get().create_native)(t, &name)
}

/// What importlib holds while it looks a module's lock up or makes it: a few lines, and only for modules that are not loaded
/// yet. (The locks that are held while modules load are importlib's own, one for each.) Its holder may take it again.
struct ImportLock {
    /// Its holder is the thread's id.
    mutex: RawMutex,
    /// How many times the holder has it besides the first; touched by the holder only.
    again: AtomicU32,
}

static IMPORT_LOCK: ImportLock = ImportLock { mutex: RawMutex::new(), again: AtomicU32::new(0) };

/// `acquire_lock()`; what forks takes it as well, so that a child does not begin with another thread in the middle of it.
pub fn acquire_lock(t: &Thread) -> PyResult {
    let lock = &IMPORT_LOCK;
    if lock.mutex.holder() == t.id {
        lock.again.store(lock.again.load(Relaxed) + 1, Relaxed);
        return Ok(Value::NONE);
    }
    while !lock.mutex.try_lock_as(t.id) {
        if weakened("stress: the import lock excludes") && lock.mutex.take_over(lock.mutex.holder(), t.id) {
            break;
        }
        // Taken by threads that are attached only: a fork leaves no detached thread behind that holds it.
        t.await_free(&lock.mutex);
    }
    Ok(Value::NONE)
}

/// `release_lock()`
pub fn release_lock(t: &Thread) -> PyResult {
    let lock = &IMPORT_LOCK;
    if lock.mutex.holder() != t.id {
        return Err(raise::runtime_error(t, "not holding the import lock"));
    }
    match lock.again.load(Relaxed) {
        0 => {
            // SAFETY: this thread holds it.
            unsafe { lock.mutex.unlock() }
        }
        again => lock.again.store(again - 1, Relaxed),
    }
    Ok(Value::NONE)
}

fn is_frozen(t: &Thread, name: &Value) -> PyResult {
    let name = text(t, name)?;
    Ok(Value::bool((hooks::get().frozen)(&name).is_some()))
}

fn is_frozen_package(t: &Thread, name: &Value) -> PyResult {
    let name = text(t, name)?;
    match (hooks::get().frozen)(&name) {
        Some(frozen) => Ok(Value::bool(frozen.is_package)),
        None => Err(no_frozen(t, &name)),
    }
}

fn no_frozen(t: &Thread, name: &str) -> raise::Raised {
    raise::import_error(t, format!("No such frozen object named {name}"))
}

fn find_frozen(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = text(t, b.req(0))?;
    match (hooks::get().frozen)(&name) {
        Some(frozen) => Ok(crate::object::tuple::from_vec(vec![
            Value::NONE,
            Value::bool(frozen.is_package),
            str::from_str(frozen.origin),
        ])),
        None => Ok(Value::NONE),
    }
}

fn get_frozen_object(t: &Thread, b: &Bound<'_>) -> PyResult {
    let name = text(t, b.req(0))?;
    match (hooks::get().frozen)(&name) {
        Some(frozen) => (frozen.code)(t, &frozen),
        None => Err(no_frozen(t, &name)),
    }
}

/// `source_hash(key, source)`: what hash-based `.pyc` files compare.
fn source_hash(t: &Thread, key: &Value, source: &Value) -> PyResult {
    let key = protocol::index_i64(t, key)? as u64;
    let Some(source) = bytes::view(source) else { return Err(raise::type_error(t, "a bytes-like object is required")) };
    let hash = crate::object::text::keyed_hash(key, 0, source);
    Ok(bytes::from_slice(&hash.to_le_bytes()))
}

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let set = |name: &str, v: Value| protocol::set_attr(t, module, &names::intern(name), &v);
    set("check_hash_based_pycs", str::from_str(&(hooks::get().settings)().check_hash_based_pycs))?;
    set("pyc_magic_number_token", Value::int(u32::from_le_bytes(pyc::magic()) as i64))
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "acquire_lock",
            "($module, /)",
            NativeFn::F0(acquire_lock),
            "Acquires the interpreter's import lock for the current thread.",
        ),
        Method::new(
            "release_lock",
            "($module, /)",
            NativeFn::F0(release_lock),
            "Release the interpreter's import lock.",
        ),
        Method::new(
            "lock_held",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::bool(IMPORT_LOCK.mutex.holder() != 0))),
            "Return True if the import lock is currently held, else False.",
        ),
        Method::new(
            "extension_suffixes",
            "($module, /)",
            NativeFn::F0(|_| Ok(list::new())),
            "Returns the list of file suffixes used to identify extension modules.",
        ),
        Method::new(
            "is_builtin",
            "($module, name, /)",
            NativeFn::F1(is_builtin),
            "Returns True if the module name corresponds to a built-in module.",
        ),
        Method::new(
            "create_builtin",
            "($module, spec, /)",
            NativeFn::F1(create_builtin),
            "Create an extension module.",
        ),
        Method::new(
            "exec_builtin",
            "($module, mod, /)",
            NativeFn::F1(|_, _| Ok(Value::int(0))),
            "Initialize a built-in module.",
        ),
        Method::new(
            "is_frozen",
            "($module, name, /)",
            NativeFn::F1(is_frozen),
            "Returns True if the module name corresponds to a frozen module.",
        ),
        Method::new(
            "is_frozen_package",
            "($module, name, /)",
            NativeFn::F1(is_frozen_package),
            "Returns True if the module name is of a frozen package.",
        ),
        Method::new(
            "find_frozen",
            "($module, name, /, *, withdata=False)",
            NativeFn::Bound(find_frozen),
            "Return info about the corresponding frozen module (if there is one) or None.",
        ),
        Method::new(
            "get_frozen_object",
            "($module, name, data=None, /)",
            NativeFn::Bound(get_frozen_object),
            "Create a code object for a frozen module.",
        ),
        Method::new(
            "init_frozen",
            "($module, name, /)",
            NativeFn::F1(|_, _| Ok(Value::NONE)),
            "Initializes a frozen module.",
        ),
        Method::new(
            "_fix_co_filename",
            "($module, code, path, /)",
            NativeFn::F2(|_, _, _| Ok(Value::NONE)),
            "Changes code.co_filename to specify the passed-in file path.",
        ),
        Method::new("source_hash", "($module, /, key, source)", NativeFn::F2(source_hash), ""),
        Method::new(
            "_override_frozen_modules_for_tests",
            "($module, override, /)",
            NativeFn::F1(|_, _| Ok(Value::NONE)),
            "(internal-only) Override PyConfig.use_frozen_modules.",
        ),
    ],
    init: Some(init),
    ..ModuleSpec::new("_imp", "(Extremely) low-level import machinery bits as used by importlib.")
};
