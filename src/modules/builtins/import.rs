//! `__import__`: names and levels; finding and loading is the import system's, written in Python.

use crate::bytecode::code::Code;
use crate::interp::frame_object::FrameObject;
use crate::modules::support::put;
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::exception::BaseException;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str};
use crate::types::traceback::Traceback;
use std::sync::OnceLock;

pub const SIGNATURE: &str = "($module, /, name, globals=None, locals=None, fromlist=(), level=0)";
pub const DOC: &str = "Import a module: what the import statement calls. fromlist names what 'from' asks for; level counts the \
                       leading dots.";

pub fn import(t: &Thread, b: &Bound<'_>) -> PyResult {
    let level = match b.opt(4) {
        Some(level) => match level.as_small_int() {
            Some(level) => level,
            None => protocol::index_i64(t, level)?,
        },
        None => 0,
    };
    import_level(t, b.req(0), b.opt(1), b.opt(3), level)
}

/// The bootstrap of the import system; None while it is not up: then there are only native modules.
fn importlib(t: &Thread) -> PyResult<Option<Value>> {
    // Remembered: what a program puts into `sys.modules` under this name does not matter.
    static BOOTSTRAP: OnceLock<Value> = OnceLock::new();
    if let Some(bootstrap) = BOOTSTRAP.get() {
        return Ok(Some(bootstrap.clone()));
    }
    let modules = (hooks::get().modules)();
    let found = protocol::as_dict(t, &modules)?.get_str(&names::intern("_frozen_importlib"));
    if let Some(bootstrap) = &found {
        let _ = BOOTSTRAP.set(bootstrap.clone());
    }
    Ok(found)
}

/// A module that is in `sys.modules` already; None where it is not, or is blocked there by None. As in CPython it is the
/// dict from the start that counts, whatever a program has put into `sys.modules`.
fn loaded(t: &Thread, name: &Value) -> PyResult<Option<Value>> {
    let modules = (hooks::get().modules)();
    let found = protocol::as_dict(t, &modules)?.get(t, name)?;
    Ok(found.filter(|m| !m.is_none()))
}

/// The module's spec, where another thread (or this one, further out) is still running the module's body.
pub fn is_initializing(t: &Thread, module: &Value) -> PyResult<Option<Value>> {
    let Some(spec) = protocol::lookup_attr(t, module, &known().__spec__)? else { return Ok(None) };
    match protocol::lookup_attr(t, &spec, &known()._initializing)? {
        Some(flag) if protocol::is_true(t, &flag)? => Ok(Some(spec)),
        _ => Ok(None),
    }
}

/// An attribute of `sys`, None where a program has taken it away.
fn of_sys(t: &Thread, name: &str) -> Value {
    let found = (hooks::get().import)(t, "sys").and_then(|sys| protocol::get_attr_str(t, &sys, name));
    found.unwrap_or_else(|raised| {
        drop(raise::take(t, raised));
        Value::NONE
    })
}

/// Imports by absolute name; waits for a module that another thread is importing.
pub fn import_absolute(t: &Thread, name: &Value) -> PyResult {
    let Some(module) = loaded(t, name)? else {
        let Some(system) = importlib(t)? else { return (hooks::get().import)(t, &str::lossy(name)) };
        let builtins = (hooks::get().builtins)(t);
        let import = builtins.downcast::<Dict>().and_then(|d| d.get_str(&known().__import__)).unwrap_or(Value::NONE);
        audit::event(t, "import", || {
            let [path, finders, hooks] = ["path", "meta_path", "path_hooks"].map(|name| of_sys(t, name));
            [name.clone(), Value::NONE, path, finders, hooks]
        })?;
        return protocol::call_method_str(t, &system, "_find_and_load", &[name.clone(), import]);
    };
    if is_initializing(t, &module)?.is_some()
        && let Some(system) = importlib(t)?
    {
        protocol::call_method_str(t, &system, "_lock_unlock_module", std::slice::from_ref(name))?;
    }
    Ok(module)
}

/// The import statement's work: `name` is relative to the package of `globals` where `level` is positive.
pub fn import_level(
    t: &Thread,
    name: &Value,
    globals: Option<&Value>,
    fromlist: Option<&Value>,
    level: i64,
) -> PyResult {
    find(t, name, globals, fromlist, level).map_err(|raised| {
        let exception = raise::take(t, raised);
        trim(t, &exception);
        raise::again(t, exception)
    })
}

/// Takes the import system's own places out of an exception's traceback: all of them for an ImportError, else those around
/// a module's body.
fn trim(t: &Thread, exception: &Value) {
    if crate::modules::sys::info::verbose() {
        return;
    }
    let Some(payload) = exception.downcast::<BaseException>() else { return };
    let all = exception.class().is_subtype(&exc::IMPORT_ERROR);
    // What has been kept, with the number that were kept before the present run of the import system's places.
    let mut kept: Vec<Value> = Vec::new();
    let (mut outside, mut inside, mut changed) = (0, false, false);
    let mut place = payload.traceback.load();
    while let Some(here) = place {
        let Some(entry) = here.downcast::<Traceback>() else { break };
        place = entry.next.load();
        let own = own_place(entry);
        if own.is_some() && !inside {
            outside = kept.len();
        }
        inside = own.is_some();
        kept.push(here.clone());
        if own.is_some_and(|calls_body| all || calls_body) {
            kept.truncate(outside);
            changed = true;
        }
    }
    if !changed {
        return;
    }
    for (i, entry) in kept.iter().enumerate() {
        if let Some(payload) = entry.downcast::<Traceback>() {
            put(t, entry, &payload.next, kept.get(i + 1).cloned());
        }
    }
    put(t, exception, &payload.traceback, kept.first().cloned());
}

/// Whether a place is in the import system's own code, and if so, whether that is where a module's body is run.
fn own_place(entry: &Traceback) -> Option<bool> {
    let frame = entry.frame.downcast::<FrameObject>()?;
    let code = frame.code.downcast::<Code>()?;
    let name = str::lossy(&code.name);
    match &*code.filename_text {
        "<frozen importlib._bootstrap>" => Some(matches!(&*name, "_call_with_frames_removed" | "exec_module")),
        "<frozen importlib._bootstrap_external>" => Some(name == "_call_with_frames_removed"),
        _ => None,
    }
}

fn find(t: &Thread, name: &Value, globals: Option<&Value>, fromlist: Option<&Value>, level: i64) -> PyResult {
    let Some(view) = str::view(name) else {
        return Err(raise::type_error(t, "module name must be a string"));
    };
    if level < 0 {
        return Err(raise::value_error(t, "level must be >= 0"));
    }
    let absolute = if level > 0 {
        resolve(t, name, globals, level)?
    } else if view.is_empty() {
        return Err(raise::value_error(t, "Empty module name"));
    } else {
        names::intern_value(name)
    };
    let module = import_absolute(t, &absolute)?;
    let has_from = match fromlist.and_then(Value::non_none) {
        Some(list) => protocol::is_true(t, list)?,
        None => false,
    };
    if has_from {
        if protocol::lookup_attr(t, &module, &known().__path__)?.is_some()
            && let Some(system) = importlib(t)?
        {
            let builtins = (hooks::get().builtins)(t);
            let import = builtins.downcast::<Dict>().and_then(|d| d.get_str(&known().__import__));
            let args = [module, fromlist.cloned().unwrap_or(Value::NONE), import.unwrap_or(Value::NONE)];
            return protocol::call_method_str(t, &system, "_handle_fromlist", &args);
        }
        return Ok(module);
    }
    // Without a from-list the statement binds the first part of the name.
    if !view.code_points().any(|c| c == u32::from('.')) {
        return Ok(module);
    }
    let text = str::lossy(name).into_owned();
    let Some(dot) = text.find('.') else {
        return Ok(module);
    };
    if level == 0 {
        return import_absolute(t, &names::intern(&text[..dot]));
    }
    let full = str::lossy(&absolute).into_owned();
    let front = &full[..full.len() - (text.len() - dot)];
    match loaded(t, &names::intern(front))? {
        Some(package) => Ok(package),
        None => Err(raise::with_args(
            t,
            &exc::KEY_ERROR,
            crate::object::tuple::from_vec(vec![str::from_str(&format!("'{front}' not in sys.modules as expected"))]),
        )),
    }
}

/// The absolute form of a relative name.
fn resolve(t: &Thread, name: &Value, globals: Option<&Value>, level: i64) -> PyResult {
    let Some(globals) = globals.and_then(Value::non_none) else {
        return Err(raise::key_error(t, &str::from_str("'__name__' not in globals")));
    };
    let Some(globals) = globals.downcast::<Dict>() else {
        return Err(raise::type_error(t, "globals must be a dict"));
    };
    let package = package_of(t, globals)?;
    let text = str::lossy(&package).into_owned();
    if text.is_empty() {
        return Err(raise::import_error(t, "attempted relative import with no known parent package"));
    }
    let mut base = text.as_str();
    for _ in 1..level {
        match base.rfind('.') {
            Some(dot) => base = &base[..dot],
            None => return Err(raise::import_error(t, "attempted relative import beyond top-level package")),
        }
    }
    let relative = str::lossy(name);
    Ok(names::intern(&if relative.is_empty() { base.to_string() } else { format!("{base}.{relative}") }))
}

/// The package that relative names start from: `__package__`, else `__spec__.parent`, else from `__name__`.
fn package_of(t: &Thread, globals: &Dict) -> PyResult {
    let k = known();
    let spec = globals.get_str(&k.__spec__).filter(|s| !s.is_none());
    if let Some(package) = globals.get_str(&k.__package__).filter(|p| !p.is_none()) {
        if str::view(&package).is_none() {
            return Err(raise::type_error(t, "package must be a string"));
        }
        if let Some(spec) = &spec {
            let parent = protocol::get_attr_str(t, spec, "parent")?;
            if !protocol::eq(t, &package, &parent)? {
                let warning = exc::DEPRECATION_WARNING.to_value();
                (hooks::get().warn)(t, &warning, "__package__ != __spec__.parent", 1)?;
            }
        }
        return Ok(package);
    }
    if let Some(spec) = &spec {
        let parent = protocol::get_attr_str(t, spec, "parent")?;
        if str::view(&parent).is_none() {
            return Err(raise::type_error(t, "__spec__.parent must be a string"));
        }
        return Ok(parent);
    }
    let message = "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__";
    (hooks::get().warn)(t, &exc::IMPORT_WARNING.to_value(), message, 1)?;
    let Some(name) = globals.get_str(&k.__name__) else {
        return Err(raise::key_error(t, &str::from_str("'__name__' not in globals")));
    };
    if str::view(&name).is_none() {
        return Err(raise::type_error(t, "__name__ must be a string"));
    }
    if globals.get_str(&k.__path__).is_some() {
        return Ok(name);
    }
    let text = str::lossy(&name);
    Ok(str::from_str(text.rfind('.').map_or("", |dot| &text[..dot])))
}
