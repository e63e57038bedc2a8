//! `list`. The payload, with what runs no Python code, is `object::list`.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the type's tables, construction, comparison and text |
//! | `methods` | the methods and operators |
//! | `subscript` | items and slices: reading, assigning, deleting |
//! | `extend` | appending any iterable |
//! | `sort` | `list.sort` |
//! | `iter` | iterators |

pub mod extend;
pub mod iter;
mod methods;
pub mod sort;
pub mod subscript;

#[cfg(test)]
mod tests;

use super::sequence;
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::list::{self, List};
use crate::object::protocol;
use crate::object::quick;
use crate::object::raise::PyResult;
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A sequence of any objects that can be changed.\n\nThe items are those of the iterable, if there is one.",
    signature: "(iterable=(), /)",
    slots: SlotTable {
        new: Some(construct),
        init: Some(init),
        repr: Some(repr),
        richcompare: Some(compare),
        iter: Some(iter::iter),
        len: Some(|_, v| Ok(payload(v).map_or(0, List::len))),
        contains: Some(contains),
        getitem: Some(subscript::get),
        setitem: Some(subscript::set),
        add: Some(methods::add),
        multiply: Some(methods::multiply),
        iadd: Some(methods::iadd),
        imultiply: Some(methods::imultiply),
        concat: Some(methods::concat),
        repeat: Some(methods::repeat),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("append", "($self, object, /)", NativeFn::F2(methods::append), "Adds an object at the end."),
        Method::new("clear", "($self, /)", NativeFn::F1(methods::clear), "Removes all items."),
        Method::new("copy", "($self, /)", NativeFn::F1(methods::copy), "A new list of the same items."),
        Method::new("count", "($self, value, /)", NativeFn::F2(methods::count), "How many items equal the value."),
        Method::new(
            "extend",
            "($self, iterable, /)",
            NativeFn::F2(methods::extend),
            "Adds the items of an iterable at the end.",
        ),
        Method::new(
            "index",
            "($self, value, start=0, stop=sys.maxsize, /)",
            NativeFn::Raw(methods::index),
            "The first place whose item equals the value.\n\nRaises ValueError if there is none.",
        ),
        Method::new(
            "insert",
            "($self, index, object, /)",
            NativeFn::F3(methods::insert),
            "Puts an object before the item at index.",
        ),
        Method::new(
            "pop",
            "($self, index=-1, /)",
            NativeFn::ByCount(&methods::POP),
            "Removes an item and returns it: the last one, or the one at index.\n\nRaises IndexError if there is no such item.",
        ),
        Method::new(
            "remove",
            "($self, value, /)",
            NativeFn::F2(methods::remove),
            "Removes the first item that equals the value.\n\nRaises ValueError if there is none.",
        ),
        Method::new(
            "reverse",
            "($self, /)",
            NativeFn::F1(methods::reverse),
            "Puts the items in the opposite order, in place.",
        ),
        Method::new(
            "sort",
            "($self, /, *, key=None, reverse=False)",
            NativeFn::Bound(sort::sort_method),
            "Sorts the items in place, in ascending order or with reverse=True in descending order.\n\nEqual items keep their order. If key is a function, items are ordered by what it returns\nfor each of them.",
        ),
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(iter::reversed),
            "An iterator over the items from the last to the first.",
        ),
        Method::new(
            "__sizeof__",
            "($self, /)",
            NativeFn::F1(methods::size_of),
            "The memory that the list takes, in bytes.",
        ),
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            NativeFn::F2(super::class_getitem),
            super::CLASS_GETITEM_DOC,
        )
        .class_method(),
    ],
    flags: flag::BASETYPE | flag::SEQUENCE | flag::LIST_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "list", layout_of::<List>(true))
};

/// The payload of an instance of list or of a subclass.
#[inline(always)]
pub(super) fn payload(v: &Value) -> Option<&List> {
    v.downcast::<List>()
}

fn construct(_t: &Thread, class: &Type, _args: Args<'_>) -> PyResult {
    Ok(list::new_with_class(class))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    // A class with a `__new__` of its own may take keywords there.
    if same_new(v.class(), &SPEC) {
        args.no_keywords(t, "list")?;
    }
    let args = Args::positional(args.pos()).exactly_positional(t, "list", 0, 1)?;
    let Some(this) = payload(v) else { return Ok(()) };
    if !this.is_empty() {
        this.clear_all(t);
    }
    match args {
        [iterable] => extend::extend(t, v, iterable),
        _ => Ok(()),
    }
}

/// Whether a class makes its instances as the native type with this description does.
pub(super) fn same_new(class: &Type, spec: &TypeSpec) -> bool {
    match (class.slots.new.get(), spec.slots.new) {
        (Some(f), Some(g)) => std::ptr::fn_addr_eq(f, g),
        _ => false,
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = payload(v) else { return Ok(Value::NONE) };
    sequence::guarded_repr(t, v, "[...]", |out| {
        out.push_str("[");
        sequence::push_items(t, out, this)?;
        out.push_str("]");
        Ok(())
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (payload(a), payload(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    match compare_locked(t, x, y, op) {
        Compared::Answer(answer) => Ok(Value::bool(answer)),
        Compared::Differ(x, y) => protocol::compare(t, &x, &y, op),
        Compared::Equal(count) => sequence::compare_from(t, x, y, op, count),
    }
}

/// How far a comparison has come without Python code.
enum Compared {
    Answer(bool),
    /// These are the first items that differ.
    Differ(Value, Value),
    /// So many items at the beginning are equal.
    Equal(usize),
}

/// Compares at one moment, as far as that can be told without Python code: both are locked.
fn compare_locked(t: &Thread, x: &List, y: &List, op: CompareOp) -> Compared {
    let _guard = t.lock_two(["stress: list ==", "stress: list ==, the other"], x.header(), y.header());
    let (a, b) = (x.array().slots(), y.array().slots());
    let plain = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if a.len() != b.len() && plain {
        return Compared::Answer(op == CompareOp::Ne);
    }
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        let (a, b) = (a.own_word(), b.own_word());
        // SAFETY: the slots keep their values while we hold the locks.
        let (a, b) = unsafe { (Value::from_ref(&a), Value::from_ref(&b)) };
        match quick::eq(a, b) {
            Some(true) => {}
            Some(false) if plain => return Compared::Answer(op == CompareOp::Ne),
            Some(false) => return Compared::Differ(a.clone(), b.clone()),
            None => return Compared::Equal(index),
        }
    }
    Compared::Answer(sequence::compare_lengths(a.len(), b.len(), op))
}

fn contains(t: &Thread, v: &Value, item: &Value) -> PyResult<bool> {
    payload(v).map_or(Ok(false), |this| sequence::contains(t, this, item))
}
