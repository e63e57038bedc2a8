//! What a pickle does to objects: finding classes, making instances, filling containers, giving state.

use super::machine::Machine;
use super::{global, optional_attr, unpickling_error};
use crate::modules::builtins::import;
use crate::object::args::Args;
use crate::object::audit;
use crate::object::dict::Dict;
use crate::object::hooks;
use crate::object::instance;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::set;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{attribute, core_types, names, protocol, str, tuple};
use crate::types::memoryview;

/// `Unpickler.find_class` itself.
pub fn find_class(
    t: &Thread,
    library: &super::library::Library,
    protocol: u8,
    fix_imports: bool,
    module: &Value,
    name: &Value,
) -> PyResult {
    let (module, name) =
        if protocol < 3 && fix_imports { library.to_3(t, module, name)? } else { (module.clone(), name.clone()) };
    if str::view(&module).is_none() {
        return Err(raise::type_error(t, format!("module name must be a string, not {}", module.class().name())));
    }
    if str::view(&name).is_none() {
        return Err(raise::type_error(t, format!("attribute name must be string, not '{}'", name.class().name())));
    }
    audit::event(t, "pickle.find_class", || [module.clone(), name.clone()])?;
    let loaded = match library.modules.downcast::<Dict>() {
        Some(modules) => modules.get(t, &module)?.filter(|m| !m.is_none()),
        None => None,
    };
    let found = match loaded {
        Some(found) if import::is_initializing(t, &found)?.is_none() => found,
        // Another thread is in the middle of it.
        Some(_) => import::import_absolute(t, &module)?,
        None => (hooks::get().import)(t, &str::lossy(&module))?,
    };
    if protocol < 4 {
        return protocol::get_attr(t, &found, &name);
    }
    let path = global::split(t, &name)?;
    match global::follow(t, &found, &path) {
        Err(raised) if path.len() > 1 && raise::matches(t, &raised, &core_types::exc::ATTRIBUTE_ERROR) => {
            drop(raise::take(t, raised));
            let message = format!(
                "Can't resolve path {} on module {}",
                protocol::repr_lossy(t, &name),
                protocol::repr_lossy(t, &found)
            );
            Err(raise::new(t, &core_types::exc::ATTRIBUTE_ERROR, message))
        }
        other => other,
    }
}

impl Machine<'_> {
    /// The object with this name, by the subclass's `find_class` if it has one.
    pub fn find(&mut self, module: &Value, name: &Value) -> PyResult {
        match &self.find_class {
            Some(find) => protocol::call_values(self.t, find, &[module.clone(), name.clone()]),
            None => find_class(self.t, self.library, self.protocol, self.fix_imports, module, name),
        }
    }

    pub fn persistent(&mut self, id: &Value) -> PyResult<()> {
        let Some(load) = &self.persistent_load else {
            let message =
                "A load persistent id instruction was encountered, but no persistent_load function was specified.";
            return Err(unpickling_error(self.t, message));
        };
        let v = protocol::call_values(self.t, load, std::slice::from_ref(id))?;
        self.stack.push(v);
        Ok(())
    }

    pub fn next_buffer(&mut self) -> PyResult<()> {
        let t = self.t;
        let Some(buffers) = &self.buffers else {
            let message = "pickle stream refers to out-of-band data but no *buffers* argument was given";
            return Err(unpickling_error(t, message));
        };
        match protocol::next(t, buffers)? {
            Some(v) => {
                self.stack.push(v);
                Ok(())
            }
            None => Err(unpickling_error(t, "not enough out-of-band buffers")),
        }
    }

    pub fn readonly_buffer(&mut self) -> PyResult<()> {
        let t = self.t;
        let v = self.top()?.clone();
        let view = memoryview::from_object(t, &v)?;
        let readonly = protocol::get_attr_str(t, &view, "readonly")?;
        if !protocol::is_true(t, &readonly)? {
            let view = protocol::call_method_str(t, &view, "toreadonly", &[])?;
            drop(self.pop()?);
            self.stack.push(view);
        }
        Ok(())
    }

    /// An instance of an old-style class, or a call.
    pub fn instantiate(&mut self, class: &Value, arguments: &[Value]) -> PyResult<()> {
        let t = self.t;
        let plain = arguments.is_empty()
            && class.downcast::<Type>().is_some()
            && optional_attr(t, class, "__getinitargs__")?.is_none();
        let v = if plain {
            protocol::call_method(t, class, &names::known().__new__, std::slice::from_ref(class))?
        } else {
            protocol::call_values(t, class, arguments)?
        };
        self.stack.push(v);
        Ok(())
    }

    /// `cls.__new__(cls, *args, **kwargs)`.
    pub fn new_object(&mut self, with_keywords: bool) -> PyResult<()> {
        let t = self.t;
        let opcode = if with_keywords { "NEWOBJ_EX" } else { "NEWOBJ" };
        let keywords = if with_keywords { Some(self.pop()?) } else { None };
        let arguments = self.pop()?;
        let class = self.pop()?;
        let Some(ty) = class.downcast::<Type>() else {
            let message = format!("{opcode} class argument must be a type, not {}", class.class().name());
            return Err(unpickling_error(t, message));
        };
        let Some(new) = ty.slots.new.get() else {
            let message = format!("{opcode} class argument '{}' doesn't have __new__", ty.name());
            return Err(unpickling_error(t, message));
        };
        if arguments.downcast::<tuple::Tuple>().is_none() {
            let message = format!("{opcode} args argument must be a tuple, not {}", arguments.class().name());
            return Err(unpickling_error(t, message));
        }
        let v = match &keywords {
            None => new(t, ty, Args::positional(tuple::items(&arguments)))?,
            Some(keywords) => {
                let Some(dict) = keywords.downcast::<Dict>() else {
                    let message = format!("{opcode} kwargs argument must be a dict, not {}", keywords.class().name());
                    return Err(unpickling_error(t, message));
                };
                let mut all = tuple::items(&arguments).to_vec();
                let (keys, values): (Vec<_>, Vec<_>) = dict.entries().into_iter().unzip();
                if keys.iter().any(|key| !key.is_exact(&core_types::STR)) {
                    return Err(raise::type_error(t, "keywords must be strings"));
                }
                all.extend(values);
                new(t, ty, Args::new(&all, &keys))?
            }
        };
        self.stack.push(v);
        Ok(())
    }

    /// Appends to the object on top.
    pub fn append(&mut self, mut items: Vec<Value>) -> PyResult<()> {
        let t = self.t;
        let target = self.top()?;
        if let Some(list) = target.downcast_exact::<List>() {
            return match items.len() {
                1 => items.pop().map_or(Ok(()), |item| list.append(t, item)),
                _ => list.extend(t, items),
            };
        }
        let target = target.clone();
        if items.len() != 1
            && let Some(extend) = optional_attr(t, &target, "extend")?
        {
            drop(protocol::call_values(t, &extend, &[crate::object::list::from_vec(items)])?);
            return Ok(());
        }
        let append = protocol::get_attr_str(t, &target, "append")?;
        for item in items {
            drop(protocol::call_values(t, &append, &[item])?);
        }
        Ok(())
    }

    /// Sets keys and values, which alternate.
    pub fn set_items(&mut self, target: &Value, items: Vec<Value>) -> PyResult<()> {
        let t = self.t;
        let exact = target.downcast_exact::<Dict>();
        let mut items = items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            match exact {
                Some(dict) => drop(dict.set(t, key, value)?),
                None => protocol::set_item(t, target, &key, &value)?,
            }
        }
        Ok(())
    }

    pub fn add_items(&mut self, items: Vec<Value>) -> PyResult<()> {
        let t = self.t;
        let target = self.top()?.clone();
        if target.class().is_subtype(&core_types::SET)
            && let Some(set) = set::of(&target)
        {
            for item in items {
                set.add(t, item)?;
            }
            return Ok(());
        }
        let add = protocol::get_attr_str(t, &target, "add")?;
        for item in items {
            drop(protocol::call_values(t, &add, &[item])?);
        }
        Ok(())
    }

    /// Gives the object below the state on top of it.
    pub fn build(&mut self) -> PyResult<()> {
        let t = self.t;
        let state = self.pop()?;
        let object = self.top()?.clone();
        if let Some(set_state) = optional_attr(t, &object, "__setstate__")? {
            drop(protocol::call_values(t, &set_state, &[state])?);
            return Ok(());
        }
        let (state, slots) = match tuple::items(&state) {
            [a, b] => (a.clone(), Some(b.clone())),
            _ => (state, None),
        };
        if !state.is_none() {
            let Some(entries) = state.downcast::<Dict>() else {
                return Err(unpickling_error(t, "state is not a dictionary"));
            };
            self.set_attributes(&object, entries)?;
        }
        if let Some(slots) = slots.filter(|slots| !slots.is_none()) {
            let Some(entries) = slots.downcast::<Dict>() else {
                return Err(unpickling_error(t, "slot state is not a dictionary"));
            };
            for (name, value) in entries.entries() {
                protocol::set_attr(t, &object, &name, &value)?;
            }
        }
        Ok(())
    }

    /// Updates an object's `__dict__`.
    fn set_attributes(&self, object: &Value, entries: &Dict) -> PyResult<()> {
        let t = self.t;
        // Straight into the instance, unless its class has a `__dict__` of its own making.
        let usual = attribute::lookup(t, object.class(), &names::known().__dict__)
            .is_some_and(|found| found.is_exact(&core_types::GETSET_DESCRIPTOR));
        if usual
            && let Some(header) = object.header()
            && let Some(own) = instance::attributes(header)
        {
            let mut position = 0;
            let mut plain = true;
            while let Some((name, value)) = entries.next(&mut position) {
                if !name.is_exact(&core_types::STR) {
                    plain = false;
                    break;
                }
                own.set(t, header, &attribute::interned(&name), value);
            }
            if plain {
                return Ok(());
            }
        }
        let target = protocol::get_attr(t, object, &names::known().__dict__)?;
        for (name, value) in entries.entries() {
            let name = if name.is_exact(&core_types::STR) { names::intern_value(&name) } else { name };
            protocol::set_item(t, &target, &name, &value)?;
        }
        Ok(())
    }
}
