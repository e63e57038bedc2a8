//! `__dict__` and `__weakref__`: the computed attributes that a class statement adds for its instances.

use crate::object::dict::Dict;
use crate::object::instance;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{DescrGet, SetItem};
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{tuple, weakref};

/// `__dict__` of instances whose attributes lie behind the native payload.
pub static DICT: GetSet = GetSet::new("__dict__", get_dict, set_dict, "dictionary for instance variables");

/// `__weakref__`.
pub static WEAKREF: GetSet = GetSet::read_only("__weakref__", get_weakref, "list of weak references to the object");

/// The dict of an instance; it goes to dictionary mode.
pub fn get_dict(t: &Thread, v: &Value) -> PyResult {
    match v.header().and_then(|h| Some((h, instance::attributes(h)?))) {
        Some((header, attributes)) => Ok(attributes.make_dict(t, header)),
        None => match native_descriptor(v) {
            Some((descriptor, get, _)) => get(t, &descriptor, Some(v), &v.class().as_value()),
            None => Err(raise::attribute_error(t, v, &known().__dict__, "This object has no __dict__")),
        },
    }
}

/// The `__dict__` of a native base that keeps the dict elsewhere (types, modules), which a class before it in the order
/// of bases may hide.
fn native_descriptor(v: &Value) -> Option<(Value, DescrGet, SetItem)> {
    let order = v.class().mro.load()?;
    tuple::items(&order).iter().find_map(|class| {
        let class = class.downcast::<Type>().filter(|class| !class.is_heap())?;
        let dict = class.dict.load()?;
        let found = dict.downcast::<Dict>()?.get_str(&known().__dict__)?;
        let slots = &found.class().slots;
        Some((found.clone(), slots.descr_get.get()?, slots.descr_set.get()?))
    })
}

/// Assigns the dict of an instance.
pub fn set_dict(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some((header, attributes)) = v.header().and_then(|h| Some((h, instance::attributes(h)?))) else {
        return match native_descriptor(v) {
            Some((descriptor, _, set)) => set(t, &descriptor, v, value),
            None => Err(raise::attribute_error(t, v, &known().__dict__, "This object has no __dict__")),
        };
    };
    match value {
        Some(dict) if dict.downcast::<Dict>().is_some() => attributes.set_dict(t, header, dict.clone()),
        Some(other) => {
            let message = format!("__dict__ must be set to a dictionary, not a '{}'", other.class().display_name());
            return Err(raise::type_error(t, message));
        }
        None if native_descriptor(v).is_some() => return Err(raise::type_error(t, "cannot delete __dict__")),
        None => attributes.set_dict(t, header, crate::object::dict::new()),
    }
    Ok(())
}

/// Assigns the dict of an instance of a native type, which cannot be deleted.
pub fn set_native_dict(t: &Thread, v: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(_) => set_dict(t, v, value),
        None => Err(raise::type_error(t, "cannot delete __dict__")),
    }
}

fn get_weakref(_: &Thread, v: &Value) -> PyResult {
    Ok(v.header().and_then(|h| weakref::references(h).into_iter().next()).unwrap_or(Value::NONE))
}
