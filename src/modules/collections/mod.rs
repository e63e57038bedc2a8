//! `_collections`: `deque`, `defaultdict`, `OrderedDict` and helpers of the library's `collections`.

pub mod defaultdict;
pub mod deque;
pub mod deque_iter;
pub mod deque_methods;
pub mod ordereddict;
pub mod ordereddict_views;
pub mod tuplegetter;

use crate::bytecode::opcode::BinaryOp;
use crate::modules::support::hide;
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{attribute, names, operator, protocol};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "_count_elements",
        "($module, mapping, iterable, /)",
        NativeFn::F2(count_elements),
        "Counts the iterable's items in the mapping.",
    )],
    types: &[
        &deque::DEQUE,
        &deque_iter::DEQUE_ITER,
        &deque_iter::DEQUE_REVERSE_ITER,
        &defaultdict::DEFAULTDICT,
        &ordereddict::ORDERED_DICT,
        &ordereddict_views::OD_ITER,
        &ordereddict_views::OD_KEYS,
        &ordereddict_views::OD_VALUES,
        &ordereddict_views::OD_ITEMS,
        &tuplegetter::TUPLEGETTER,
    ],
    init: Some(|t, module| hide(t, module, &["odict_iterator", "odict_keys", "odict_values", "odict_items"])),
    ..ModuleSpec::new(
        "_collections",
        "High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n\
         - defaultdict:  dict subclass with a default value factory\n- OrderedDict:  dict subclass whose order can be changed\n",
    )
};

fn count_elements(t: &Thread, mapping: &Value, iterable: &Value) -> PyResult {
    let one = Value::int(1);
    // A dict subclass that neither overrides `get` nor `__setitem__` (a Counter) is counted in without calls.
    let own = |name: &str| attribute::lookup(t, mapping.class(), &names::intern(name)).map(|v| v.bits());
    let dicts = |name: &str| attribute::lookup(t, &core_types::DICT, &names::intern(name)).map(|v| v.bits());
    let plain = ["get", "__setitem__"].iter().all(|name| own(name) == dicts(name));
    if let (true, Some(counts)) = (plain, mapping.downcast::<Dict>()) {
        protocol::for_each(t, iterable, |item| {
            let hash = protocol::hash(t, &item)?;
            let count = match counts.get_hashed(t, &item, hash)? {
                None => one.clone(),
                Some(count) => operator::binary(t, &count, &one, BinaryOp::Add)?,
            };
            drop(counts.set_hashed(t, item, hash, count)?);
            Ok(())
        })?;
        return Ok(Value::NONE);
    }
    let get = protocol::get_attr_str(t, mapping, "get")?;
    protocol::for_each(t, iterable, |item| {
        let count = protocol::call_values(t, &get, &[item.clone(), Value::int(0)])?;
        let count = operator::binary(t, &count, &one, BinaryOp::Add)?;
        protocol::set_item(t, mapping, &item, &count)
    })?;
    Ok(Value::NONE)
}
