//! `dict`. The payload, with what the object layer and the evaluation loop need, is `object::dict`.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the type's tables, construction, subscripts, text |
//! | `methods` | the methods and operators |
//! | `compare` | equality |
//! | `update` | taking over entries of any mapping or sequence of pairs |
//! | `views` | `dict_keys`, `dict_values`, `dict_items` |
//! | `iter` | iterators, forward and backward |

pub mod compare;
pub mod iter;
pub mod methods;
pub mod update;
pub mod views;

#[cfg(test)]
mod tests;

use super::sequence;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::dict::Dict;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{core_types, keys, protocol};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "dict() -> an empty dictionary\ndict(mapping) -> the entries of the mapping\ndict(iterable) -> the pairs of the \
          iterable as keys and values\ndict(**kwargs) -> the names and values of the arguments; also after one of the \
          others",
    slots: SlotTable {
        new: Some(construct),
        init: Some(init),
        repr: Some(repr),
        richcompare: Some(compare::compare),
        iter: Some(iter::keys),
        len: Some(|_, v| Ok(v.downcast::<Dict>().map_or(0, Dict::len))),
        contains: Some(contains),
        getitem: Some(get_item),
        setitem: Some(set_item),
        or: Some(methods::or),
        ior: Some(methods::ior),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("clear", "($self, /)", NativeFn::F1(methods::clear), "Removes all entries."),
        Method::new("copy", "($self, /)", NativeFn::F1(methods::copy), "A new dict with the same entries."),
        Method::new(
            "fromkeys",
            "($type, iterable, value=None, /)",
            NativeFn::Raw(methods::from_keys),
            "A new dict with keys from the iterable, all with the same value.",
        )
        .class_method(),
        Method::new(
            "get",
            "($self, key, default=None, /)",
            NativeFn::ByCount(&methods::GET),
            "The value of the key, or the default if it is not there.",
        ),
        Method::new("items", "($self, /)", NativeFn::F1(views::items), "A view of the entries, as pairs."),
        Method::new("keys", "($self, /)", NativeFn::F1(views::keys), "A view of the keys."),
        Method::new(
            "pop",
            "($self, key, default=<unrepresentable>, /)",
            NativeFn::ByCount(&methods::POP),
            "D.pop(k[,d]) -> v\n\nRemoves a key and returns its value.\n\nIf the key is not there, returns the default \
             or, without one, raises KeyError.",
        ),
        Method::new(
            "popitem",
            "($self, /)",
            NativeFn::F1(methods::pop_item),
            "Removes the entry that was added last and returns it as a pair.\n\nRaises KeyError if there is none.",
        ),
        Method::new(
            "setdefault",
            "($self, key, default=None, /)",
            NativeFn::ByCount(&methods::SET_DEFAULT),
            "The value of the key. If it is not there, it is added with the default.",
        ),
        Method::new(
            "update",
            "",
            NativeFn::Raw(methods::update),
            "D.update([E, ]**F) -> None\n\nTakes over the entries of a mapping or the pairs of an iterable, then the \
             arguments by name.",
        ),
        Method::new("values", "($self, /)", NativeFn::F1(views::values), "A view of the values."),
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(iter::reversed_keys),
            "An iterator over the keys from the last to the first.",
        ),
        Method::new(
            "__sizeof__",
            "($self, /)",
            NativeFn::F1(methods::size_of),
            "The memory that the dict takes, in bytes.",
        ),
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            NativeFn::F2(super::class_getitem),
            super::CLASS_GETITEM_DOC,
        )
        .class_method(),
    ],
    flags: flag::BASETYPE | flag::MAPPING | flag::DICT_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "dict", layout_of::<Dict>(true))
};

fn construct(_t: &Thread, class: &Type, _args: Args<'_>) -> PyResult {
    Ok(alloc::new(class, Dict::new()))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    update::update_args(t, v, "dict", args)
}

fn contains(t: &Thread, v: &Value, key: &Value) -> PyResult<bool> {
    let Some(this) = v.downcast::<Dict>() else { return Ok(false) };
    this.contains_hashed(t, key, keys::hash_of_key(t, key)?)
}

/// `dict[key]`, with `__missing__` of subclasses.
pub fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let Some(this) = v.downcast::<Dict>() else { return Ok(Value::NOT_IMPLEMENTED) };
    match this.get(t, key)? {
        Some(value) => Ok(value),
        None => missing(t, v, key),
    }
}

#[cold]
fn missing(t: &Thread, v: &Value, key: &Value) -> PyResult {
    if !v.is_exact(&core_types::DICT)
        && let Some(value) = protocol::call_special(t, v, &known().__missing__, std::slice::from_ref(key))?
    {
        return Ok(value);
    }
    Err(raise::key_error(t, key))
}

/// `dict[key] = value` and `del dict[key]`.
pub fn set_item(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let Some(this) = v.downcast::<Dict>() else { return Ok(()) };
    let old = match value {
        Some(value) => this.set(t, key.clone(), value.clone())?,
        None => match this.remove(t, key)? {
            None => return Err(raise::key_error(t, key)),
            old => old,
        },
    };
    drop(old);
    Ok(())
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Dict>() else { return Ok(Value::NONE) };
    sequence::guarded_repr(t, v, "{...}", |out| {
        out.push_str("{");
        for (i, (key, value)) in this.entries().iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            sequence::push_repr(t, out, key)?;
            out.push_str(": ");
            sequence::push_repr(t, out, value)?;
        }
        out.push_str("}");
        Ok(())
    })
}
