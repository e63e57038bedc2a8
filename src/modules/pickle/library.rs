//! What `_pickle` takes from Python modules: the registries of `copyreg`, old and new names, a few functions.

use crate::object::dict::Dict;
use crate::object::hooks;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{protocol, tuple};
use std::sync::OnceLock;

/// Objects of the library, looked up once.
pub struct Library {
    /// `copyreg.dispatch_table`
    pub dispatch_table: Stored,
    /// `copyreg._extension_registry`: (module, name) to code.
    pub extensions: Stored,
    /// `copyreg._inverted_registry`: code to (module, name).
    pub extension_names: Stored,
    /// `copyreg._extension_cache`: code to object.
    pub extension_cache: Stored,
    names_to_3: Stored,
    modules_to_3: Stored,
    names_to_2: Stored,
    modules_to_2: Stored,
    /// `codecs.encode`
    pub encode: Stored,
    /// `functools.partial`
    pub partial: Stored,
    /// `sys.modules`
    pub modules: Stored,
}

/// The library's objects. Raises what importing raises, and RuntimeError for a registry that is no dict.
pub fn get(t: &Thread) -> PyResult<&'static Library> {
    static THE: OnceLock<Library> = OnceLock::new();
    if let Some(library) = THE.get() {
        return Ok(library);
    }
    let import = hooks::get().import;
    let dict = |module: &Value, name: &str| -> PyResult<Stored> {
        let v = protocol::get_attr_str(t, module, name)?;
        if v.downcast::<Dict>().is_none() {
            let message = format!("{name} should be a dict, not {}", v.class().name());
            return Err(raise::runtime_error(t, message));
        }
        Ok(Stored::new(v))
    };
    let (copyreg, compat) = (import(t, "copyreg")?, import(t, "_compat_pickle")?);
    let (codecs, functools, sys) = (import(t, "codecs")?, import(t, "functools")?, import(t, "sys")?);
    let library = Library {
        dispatch_table: dict(&copyreg, "dispatch_table")?,
        extensions: dict(&copyreg, "_extension_registry")?,
        extension_names: dict(&copyreg, "_inverted_registry")?,
        extension_cache: dict(&copyreg, "_extension_cache")?,
        names_to_3: dict(&compat, "NAME_MAPPING")?,
        modules_to_3: dict(&compat, "IMPORT_MAPPING")?,
        names_to_2: dict(&compat, "REVERSE_NAME_MAPPING")?,
        modules_to_2: dict(&compat, "REVERSE_IMPORT_MAPPING")?,
        encode: Stored::new(protocol::get_attr_str(t, &codecs, "encode")?),
        partial: Stored::new(protocol::get_attr_str(t, &functools, "partial")?),
        modules: Stored::new(protocol::get_attr_str(t, &sys, "modules")?),
    };
    Ok(THE.get_or_init(|| library))
}

/// A key's value in one of the library's dicts.
pub fn entry(t: &Thread, dict: &Value, key: &Value) -> PyResult<Option<Value>> {
    match dict.downcast::<Dict>() {
        Some(dict) => dict.get(t, key),
        None => Ok(None),
    }
}

impl Library {
    /// What Python 3 calls a global of Python 2.
    pub fn to_3(&self, t: &Thread, module: &Value, name: &Value) -> PyResult<(Value, Value)> {
        renamed(t, &self.names_to_3, &self.modules_to_3, module, name)
    }

    /// What Python 2 called a global of Python 3.
    pub fn to_2(&self, t: &Thread, module: &Value, name: &Value) -> PyResult<(Value, Value)> {
        renamed(t, &self.names_to_2, &self.modules_to_2, module, name)
    }
}

fn renamed(t: &Thread, names: &Value, modules: &Value, module: &Value, name: &Value) -> PyResult<(Value, Value)> {
    let pair = tuple::from_slice(&[module.clone(), name.clone()]);
    if let Some(found) = entry(t, names, &pair)? {
        if let [module, name] = tuple::items(&found) {
            return Ok((module.clone(), name.clone()));
        }
        return Err(raise::runtime_error(t, "_compat_pickle's name mappings should hold 2-tuples"));
    }
    Ok((entry(t, modules, module)?.unwrap_or_else(|| module.clone()), name.clone()))
}
