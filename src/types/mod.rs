//! Builtin types.

pub mod bool_;
pub mod buffer_wrapper;
pub mod bytearray;
pub mod bytes;
pub mod cell;
pub mod class_check;
pub mod classmethod;
pub mod code;
pub mod code_build;
pub mod complex;
pub mod descriptor;
pub mod dict;
pub mod exceptions;
pub mod float;
pub mod format_spec;
pub mod function;
pub mod function_attributes;
pub mod generic_alias;
pub mod int;
pub mod iteration;
pub mod iterators;
pub mod list;
pub mod mapping_proxy;
pub mod memoryview;
pub mod method;
pub mod module_;
pub mod native_function;
pub mod object_;
pub mod property;
pub mod range;
pub mod sequence;
pub mod set;
pub mod simple_namespace;
pub mod singletons;
pub mod slice;
pub mod staticmethod;
pub mod str;
pub mod struct_sequence;
pub mod super_;
pub mod template;
#[cfg(test)]
pub mod testing;
pub mod traceback;
pub mod tuple;
pub mod type_;
pub mod union_;
pub mod weak_proxy;
pub mod weakref_;
pub mod wrapper;

use crate::object::core_types;
use crate::object::hooks::{self, Lookup};
use crate::object::raise::PyResult;
use crate::object::slots::Binary;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec};
use crate::object::value::Value;

/// Every builtin type with its description: start-up initialises them in this order (bases first).
#[rustfmt::skip]
pub static TYPES: &[(&StaticType, &TypeSpec)] = &[
    (&core_types::OBJECT, &object_::SPEC),
    (&core_types::TYPE, &type_::SPEC),
    (&core_types::NONE_TYPE, &singletons::NONE_SPEC),
    (&core_types::ELLIPSIS_TYPE, &singletons::ELLIPSIS_SPEC),
    (&core_types::NOT_IMPLEMENTED_TYPE, &singletons::NOT_IMPLEMENTED_SPEC),
    (&core_types::NATIVE_FUNCTION, &native_function::SPEC),
    (&core_types::METHOD_DESCRIPTOR, &native_function::METHOD_DESCRIPTOR_SPEC),
    (&core_types::CLASS_METHOD_DESCRIPTOR, &native_function::CLASS_METHOD_DESCRIPTOR_SPEC),
    (&core_types::WRAPPER_DESCRIPTOR, &wrapper::SPEC),
    (&core_types::METHOD_WRAPPER, &wrapper::METHOD_WRAPPER_SPEC),
    (&core_types::GETSET_DESCRIPTOR, &descriptor::SPEC),
    (&core_types::MEMBER_DESCRIPTOR, &descriptor::MEMBER_SPEC),
    (&core_types::METHOD, &method::SPEC),
    (&core_types::CLASSMETHOD, &classmethod::SPEC),
    (&core_types::STATICMETHOD, &staticmethod::SPEC),
    (&core_types::FUNCTION, &function_attributes::SPEC),
    (&core_types::CODE, &code::SPEC),
    (&core_types::CELL, &cell::SPEC),
    (&core_types::TRACEBACK, &traceback::SPEC),
    (&core_types::PROPERTY, &property::SPEC),
    (&core_types::SUPER, &super_::SPEC),
    (&core_types::MODULE, &module_::SPEC),
    (&core_types::MAPPING_PROXY, &mapping_proxy::SPEC),
    (&core_types::WEAKREF, &weakref_::SPEC),
    (&generic_alias::GENERIC_ALIAS, &generic_alias::SPEC),
    (&weak_proxy::PROXY, &weak_proxy::SPEC),
    (&weak_proxy::CALLABLE_PROXY, &weak_proxy::CALLABLE_SPEC),
    (&union_::UNION, &union_::SPEC),
    (&simple_namespace::SIMPLE_NAMESPACE, &simple_namespace::SPEC),
    (&template::TEMPLATE, &template::SPEC),
    (&template::INTERPOLATION, &template::INTERPOLATION_SPEC),
    (&iterators::enumerate::ENUMERATE, &iterators::enumerate::SPEC),
    (&iterators::zip::ZIP, &iterators::zip::SPEC),
    (&iterators::map::MAP, &iterators::map::SPEC),
    (&iterators::filter::FILTER, &iterators::filter::SPEC),
    (&iterators::reversed::REVERSED, &iterators::reversed::SPEC),
    (&iterators::call_iter::CALL_ITER, &iterators::call_iter::SPEC),
    (&crate::object::seq_iter::SEQ_ITER, &crate::object::seq_iter::SPEC),
    (&core_types::INT, &int::object::SPEC),
    (&core_types::BOOL, &bool_::SPEC),
    (&core_types::FLOAT, &float::object::SPEC),
    (&core_types::COMPLEX, &complex::object::SPEC),
    (&core_types::STR, &str::SPEC),
    (&core_types::BYTES, &bytes::SPEC),
    (&bytes::BYTES_ITER, &bytes::ITER_SPEC),
    (&core_types::BYTEARRAY, &bytearray::SPEC),
    (&bytearray::BYTEARRAY_ITER, &bytearray::ITER_SPEC),
    (&memoryview::MEMORYVIEW, &memoryview::SPEC),
    (&memoryview::view::MANAGED, &memoryview::view::MANAGED_SPEC),
    (&buffer_wrapper::BUFFER_WRAPPER, &buffer_wrapper::SPEC),
    (&memoryview::VIEW_ITER, &memoryview::ITER_SPEC),
    (&str::iter::ASCII_ITER, &str::iter::ASCII_SPEC),
    (&str::iter::TEXT_ITER, &str::iter::TEXT_SPEC),
    (&core_types::SLICE, &slice::SPEC),
    (&core_types::RANGE, &range::SPEC),
    (&range::iter::RANGE_ITER, &range::iter::SPEC),
    (&range::iter::LONG_RANGE_ITER, &range::iter::LONG_SPEC),
    (&core_types::DICT, &dict::SPEC),
    (&dict::views::KEYS_VIEW, &dict::views::KEYS_SPEC),
    (&dict::views::VALUES_VIEW, &dict::views::VALUES_SPEC),
    (&dict::views::ITEMS_VIEW, &dict::views::ITEMS_SPEC),
    (&dict::iter::KEY_ITER, &dict::iter::KEY_SPEC),
    (&dict::iter::VALUE_ITER, &dict::iter::VALUE_SPEC),
    (&dict::iter::ITEM_ITER, &dict::iter::ITEM_SPEC),
    (&dict::iter::REVERSE_KEY_ITER, &dict::iter::REVERSE_KEY_SPEC),
    (&dict::iter::REVERSE_VALUE_ITER, &dict::iter::REVERSE_VALUE_SPEC),
    (&dict::iter::REVERSE_ITEM_ITER, &dict::iter::REVERSE_ITEM_SPEC),
    (&core_types::SET, &set::SPEC),
    (&core_types::FROZENSET, &set::FROZEN_SPEC),
    (&set::iter::SET_ITER, &set::iter::SPEC),
    (&core_types::TUPLE, &tuple::SPEC),
    (&tuple::iter::TUPLE_ITER, &tuple::iter::SPEC),
    (&core_types::LIST, &list::SPEC),
    (&list::iter::LIST_ITER, &list::iter::SPEC),
    (&list::iter::LIST_REVERSE_ITER, &list::iter::REVERSE_SPEC),
];

/// `Hooks::lookup_of`.
pub fn lookup_of(getattro: Binary) -> Option<Lookup> {
    let is = |f: Binary| std::ptr::fn_addr_eq(getattro, f);
    if is(type_::attributes::getattro) {
        return Some(type_::attributes::lookup);
    }
    if is(module_::getattro) {
        return Some(module_::lookup_any);
    }
    None
}

/// Initialises every builtin type. Called once, by the first thread, before anything else.
/// `more` are the types of folders above.
pub fn init(t: &Thread, more: &[(&'static StaticType, &'static TypeSpec)]) {
    weakref_::install();
    let _ = crate::object::attribute::PAYLOAD_DICT.set(module_::payload_dict);
    let rows: Vec<_> = TYPES.iter().copied().chain(exceptions::rows()).chain(more.iter().copied()).collect();
    type_::init::init_all(t, &rows);
    template::finish();
}

/// What `__class_getitem__` of the builtin containers documents.
pub const CLASS_GETITEM_DOC: &str = "See PEP 585";

/// `list[int]` and the like.
pub fn class_getitem(t: &Thread, class: &Value, parameters: &Value) -> PyResult {
    (hooks::get().generic_alias)(t, class, parameters)
}

/// The items at one moment of a list, tuple, dict, view of a dict, or set (of exactly these types, whose iteration nothing
/// overrides).
pub fn builtin_items(t: &Thread, v: &Value) -> Option<Vec<Value>> {
    let source = iteration::Builtin::of(v)?;
    let _guard = t.lock_for("stress: views to list", source.header());
    Some(source.items_locked())
}
