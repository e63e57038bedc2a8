//! Native modules and the hand-over to importlib.
//!
//! The import system is the library's own `importlib._bootstrap`, as in CPython; `_imp` asks here for native modules and
//! for the embedded (frozen) ones.

use super::{compile, frozen, start};
use crate::compiler::{Mode, Options};
use crate::modules::builtins::import::is_initializing;
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::table::ModuleSpec;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{dict, protocol, str};
use crate::{interp, modules, types};

/// The native module with this name.
pub fn native(name: &str) -> Option<&'static ModuleSpec> {
    modules::MODULES.iter().copied().find(|m| m.name == name)
}

/// A module that is in `sys.modules`.
pub fn loaded(name: &str) -> Option<Value> {
    start::modules_dict().downcast::<Dict>()?.get_str(&names::intern(name))
}

/// `import name`: answers the innermost module. Falls back to native modules while importlib is not there yet.
pub fn import(t: &Thread, name: &str) -> PyResult {
    let has_system = loaded("_frozen_importlib").is_some();
    match loaded(name) {
        // A module that another thread is in the middle of is waited for below.
        Some(module) if !has_system || is_initializing(t, &module)?.is_none() => return Ok(module),
        None if !has_system => return create_native(t, name),
        _ => {}
    }
    let import = start::builtins().downcast::<Dict>().and_then(|d| d.get_str(&known().__import__));
    let Some(import) = import else { return Err(raise::import_error(t, "__import__ not found")) };
    let from = crate::object::tuple::from_iter(1, [names::intern("*")]);
    let top = protocol::call_values(t, &import, &[str::from_str(name), dict::new(), dict::new(), from, Value::int(0)])?;
    Ok(loaded(name).unwrap_or(top))
}

/// Makes a native module and enters it into `sys.modules`. Raises ImportError where there is none of that name.
pub fn create_native(t: &Thread, name: &str) -> PyResult {
    let Some(spec) = native(name) else {
        return Err(raise::import_error(t, format!("no built-in module named {name}")));
    };
    let module = types::module_::create(t, spec)?;
    if let Some(d) = start::modules_dict().downcast::<Dict>() {
        drop(d.set_str(&names::intern(name), module.clone()));
    }
    Ok(module)
}

/// Runs a library module as module `name`, without importlib: how importlib itself comes to life. The code is the embedded
/// one; where there is none (another library was asked for), `file` is compiled.
pub fn bootstrap_module(t: &Thread, name: &str, file: &str) -> PyResult {
    let module = types::module_::new(name, None);
    let globals = protocol::get_attr(t, &module, &known().__dict__)?;
    if let Some(d) = globals.downcast::<Dict>() {
        drop(d.set_str(&known().__builtins__, start::builtins()));
    }
    if let Some(d) = start::modules_dict().downcast::<Dict>() {
        drop(d.set_str(&names::intern(name), module.clone()));
    }
    let code = match frozen::find(name) {
        Some(frozen) => {
            // What `FrozenImporter._fix_up_module` asks for.
            protocol::set_attr(t, &module, &names::intern("__origname__"), &str::from_str(frozen.origin))?;
            (frozen.code)(t, &frozen)?
        }
        None => {
            let path = format!("{}/{file}", start::library());
            let source = t.detached(|| std::fs::read(&path));
            let source = source.map_err(|e| raise::import_error(t, format!("cannot read {path}: {e}")))?;
            let filename = format!("<frozen {}>", file.trim_end_matches(".py").replace('/', "."));
            compile::compile_bytes(t, &source, &filename, Mode::Exec, Options::default())?
        }
    };
    interp::call::run_code(t, &code, &globals, &globals, None)?;
    Ok(module)
}

/// Sets up importlib: `sys.meta_path`, `sys.path_hooks`. `builtins.__import__` is native and calls it.
pub fn install_importlib(t: &Thread) -> PyResult<()> {
    let sys = import(t, "sys")?;
    let imp = create_native(t, "_imp")?;
    for name in ["_thread", "_weakref", "_warnings", "marshal", "posix", "time", "_io"] {
        create_native(t, name)?;
    }
    let bootstrap = bootstrap_module(t, "_frozen_importlib", "importlib/_bootstrap.py")?;
    protocol::call_method_str(t, &bootstrap, "_install", &[sys.clone(), imp])?;
    let external = bootstrap_module(t, "_frozen_importlib_external", "importlib/_bootstrap_external.py")?;
    protocol::call_method_str(t, &external, "_set_bootstrap_module", std::slice::from_ref(&bootstrap))?;
    protocol::set_attr(t, &bootstrap, &names::intern("_bootstrap_external"), &external)?;
    protocol::call_method_str(t, &external, "_install", std::slice::from_ref(&bootstrap))?;
    Ok(())
}
