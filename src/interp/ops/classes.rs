//! Instantiating classes in the loop.

use crate::object::alloc;
use crate::object::attribute;
use crate::object::core_types;
use crate::object::names::known;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;

/// A new instance and its class's `__init__`, where the class uses object's `__new__` and a Python `__init__`: then the
/// loop itself runs `__init__`. None: the slow way.
#[inline]
pub fn instantiate(t: &Thread, class: &Value) -> Option<PyResult<(Value, Value)>> {
    let class = class.downcast::<Type>()?;
    if !class.is_heap() || class.has_flag(flag::ABSTRACT) || !std::ptr::eq(class.native(), &*core_types::OBJECT) {
        return None;
    }
    let new = class.slots.new.get()?;
    if !std::ptr::fn_addr_eq(new, core_types::OBJECT.slots.new.get()?) {
        return None;
    }
    let init = attribute::lookup(t, class, &known().__init__)?;
    if !init.is_exact(&core_types::FUNCTION) {
        return None;
    }
    Some(Ok((alloc::new_plain(class), init)))
}

/// "__init__() should return None, not 'int'"
#[cold]
pub fn init_returned(t: &Thread, v: &Value) -> Raised {
    raise::type_error(t, format!("__init__() should return None, not '{}'", v.class().display_name()))
}
