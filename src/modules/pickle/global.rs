//! Classes, functions and singletons, which are pickled by name.

use super::opcode::*;
use super::save::Saver;
use super::{library, optional_attr, pickling_error};
use crate::modules::builtins::import;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::hooks;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{bigint, names, protocol, str, tuple};

/// The parts of a dotted name.
pub fn split(t: &Thread, name: &Value) -> PyResult<Vec<Value>> {
    let parts = protocol::call_method_str(t, name, "split", &[str::from_str(".")])?;
    protocol::collect(t, &parts)
}

/// The attribute at the end of a path of names.
pub fn follow(t: &Thread, object: &Value, path: &[Value]) -> PyResult {
    let mut object = object.clone();
    for name in path {
        object = protocol::get_attr(t, &object, name)?;
    }
    Ok(object)
}

impl Saver<'_> {
    /// Classes whose type is `type`; those of the singletons have no name to be found under.
    pub fn save_type(&mut self, v: &Value) -> PyResult<()> {
        for singleton in [Value::NONE, Value::ELLIPSIS, Value::NOT_IMPLEMENTED] {
            if singleton.class().as_value().is(v) {
                let arguments = tuple::from_vec(vec![singleton]);
                return self.save_reduce(&[core_types::TYPE.to_value(), arguments], Some(v));
            }
        }
        self.save_global(v, None)
    }

    /// An object by its module and name; `name` is the one that `__reduce__` gave.
    pub fn save_global(&mut self, v: &Value, name: Option<&Value>) -> PyResult<()> {
        let t = self.t;
        let name = match name {
            Some(name) => name.clone(),
            None => match optional_attr(t, v, "__qualname__")? {
                Some(name) => name,
                None => protocol::get_attr_str(t, v, "__name__")?,
            },
        };
        let path = split(t, &name)?;
        let module = self.which_module(v, &name, &path)?;
        if self.protocol >= 2 {
            let key = tuple::from_slice(&[module.clone(), name.clone()]);
            if let Some(code) = library::entry(t, &self.library.extensions, &key)? {
                return self.save_extension(v, &code);
            }
        }
        if self.protocol >= 4 {
            self.save(&module)?;
            self.save(&name)?;
            self.out.byte(STACK_GLOBAL);
        } else if let [first, attributes @ ..] = &path[..]
            && !attributes.is_empty()
        {
            // As calls of getattr.
            let builtins = (hooks::get().builtins)(t);
            let getattr = match builtins.downcast::<Dict>().and_then(|d| d.get_str(&names::intern("getattr"))) {
                Some(getattr) => getattr,
                None => return Err(pickling_error(t, "getattr is not there")),
            };
            for _ in attributes {
                self.save(&getattr)?;
                if self.protocol < 2 {
                    self.out.byte(MARK);
                }
            }
            self.save_top_level(v, &module, first)?;
            for attribute in attributes {
                self.save(attribute)?;
                self.out.bytes(&[if self.protocol < 2 { TUPLE } else { TUPLE2 }, REDUCE]);
            }
        } else {
            self.save_top_level(v, &module, &name)?;
        }
        self.memoize(v);
        Ok(())
    }

    fn save_extension(&mut self, v: &Value, code: &Value) -> PyResult<()> {
        let t = self.t;
        let number = match bigint::view(code) {
            Some(bigint::IntView::Small(i)) => i,
            _ => {
                let message = format!(
                    "Can't pickle {}: extension code {} isn't an integer",
                    protocol::repr_lossy(t, v),
                    protocol::repr_lossy(t, code)
                );
                return Err(pickling_error(t, message));
            }
        };
        if !(1..=0x7fff_ffff).contains(&number) {
            return Err(raise::runtime_error(t, format!("extension code {number} is out of range")));
        }
        match number {
            1..=0xff => self.out.op(EXT1, &[number as u8]),
            0x100..=0xffff => self.out.op(EXT2, &(number as u16).to_le_bytes()),
            _ => self.out.op(EXT4, &(number as u32).to_le_bytes()),
        }
        Ok(())
    }

    fn save_top_level(&mut self, _v: &Value, module: &Value, name: &Value) -> PyResult<()> {
        let t = self.t;
        let (module, name) = if self.protocol < 3 && self.fix_imports {
            self.library.to_2(t, module, name)?
        } else {
            (module.clone(), name.clone())
        };
        let encode = |v: &Value, what: &str| -> PyResult<Vec<u8>> {
            match str::view(v) {
                Some(TextRef::Ascii(ascii)) => return Ok(ascii.to_vec()),
                Some(text) if self.protocol >= 3 => {
                    if let Some(utf8) = text.to_utf8() {
                        return Ok(utf8.as_bytes().to_vec());
                    }
                }
                _ => {}
            }
            let message = format!(
                "can't pickle {what} identifier {} using pickle protocol {}",
                protocol::repr_lossy(t, v),
                self.protocol
            );
            Err(pickling_error(t, message))
        };
        let module = encode(&module, "module")?;
        let name = encode(&name, "global")?;
        self.out.op(GLOBAL, &module);
        self.out.byte(b'\n');
        self.out.bytes(&name);
        self.out.byte(b'\n');
        Ok(())
    }

    /// The module where an object is found under its name. Raises PicklingError where it is not.
    fn which_module(&self, v: &Value, name: &Value, path: &[Value]) -> PyResult<Value> {
        let t = self.t;
        let named = optional_attr(t, v, "__module__")?;
        let repr = |t: &Thread| protocol::repr_lossy(t, v);
        if path.iter().any(|part| str::eq_str(part, "<locals>")) {
            return Err(pickling_error(t, format!("Can't pickle local object {}", repr(t))));
        }
        let module_name = match named.filter(|m| !m.is_none()) {
            Some(module) => module,
            None => match self.search_modules(v, path)? {
                Some(module) => return Ok(module),
                None => names::intern("__main__"),
            },
        };
        let shown = || format!("{}.{}", str::lossy(&module_name), str::lossy(name));
        let module = match self.import(&module_name) {
            Ok(module) => module,
            Err(raised) => {
                let import = raise::matches(t, &raised, &core_types::exc::IMPORT_ERROR)
                    || raise::matches(t, &raised, &core_types::exc::VALUE_ERROR)
                    || raise::matches(t, &raised, &core_types::exc::KEY_ERROR);
                if !import {
                    return Err(raised);
                }
                let cause = raise::take(t, raised);
                let text = protocol::to_string(t, &cause)?;
                return Err(self.caused(format!("Can't pickle {}: {text}", repr(t)), cause));
            }
        };
        let found = match follow(t, &module, path) {
            Ok(found) => found,
            Err(raised) => {
                if !raise::matches(t, &raised, &core_types::exc::ATTRIBUTE_ERROR) {
                    return Err(raised);
                }
                let cause = raise::take(t, raised);
                return Err(self.caused(format!("Can't pickle {}: it's not found as {}", repr(t), shown()), cause));
            }
        };
        if !found.is(v) {
            let message = format!("Can't pickle {}: it's not the same object as {}", repr(t), shown());
            return Err(pickling_error(t, message));
        }
        Ok(module_name)
    }

    /// PicklingError with a context.
    fn caused(&self, message: String, context: Value) -> Raised {
        let raised = pickling_error(self.t, message);
        let exception = raise::take(self.t, raised);
        if let Err(other) = protocol::set_attr(self.t, &exception, &names::intern("__context__"), &context) {
            drop(raise::take(self.t, other));
        }
        raise::again(self.t, exception)
    }

    /// A module by name, imported if it is not there.
    fn import(&self, name: &Value) -> PyResult {
        let t = self.t;
        if let Some(dict) = self.library.modules.downcast::<Dict>()
            && str::view(name).is_some()
            && let Some(module) = dict.get(t, name)?
            && !module.is_none()
            && import::is_initializing(t, &module)?.is_none()
        {
            return Ok(module);
        }
        if str::view(name).is_none() {
            return Err(raise::type_error(t, "module name must be a string"));
        }
        (hooks::get().import)(t, &str::lossy(name))
    }

    /// The name of a module in which the object is found.
    fn search_modules(&self, v: &Value, path: &[Value]) -> PyResult<Option<Value>> {
        let t = self.t;
        let Some(modules) = self.library.modules.downcast::<Dict>() else { return Ok(None) };
        for (name, module) in modules.entries() {
            if module.is_none() || str::eq_str(&name, "__main__") || str::eq_str(&name, "__mp_main__") {
                continue;
            }
            match follow(t, &module, path) {
                Ok(found) if found.is(v) => return Ok(Some(name)),
                Ok(_) => {}
                Err(raised) => raise::suppress(t, raised, &core_types::exc::ATTRIBUTE_ERROR)?,
            }
        }
        Ok(None)
    }
}
