//! The type `memoryview`: a window on another object's bytes, as items of a format and shape.
//!
//! | file | holds |
//! |---|---|
//! | `view` | the payload, lending and giving back |
//! | `items` | single items by format |
//! | `subscript`, `methods` | operations |

pub mod items;
mod methods;
mod subscript;
pub mod view;

pub use view::{MEMORYVIEW, MemoryView, from_buffer, from_object};

use crate::object::args::{Args, Signature};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::str;
use crate::object::table::{GetSet, Method, NativeFn::*};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::types::str::iter::{IndexIter, Items};
use std::sync::LazyLock;
use view::{Geometry, live};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A window on the bytes of an object that supports the buffer protocol; nothing is copied.",
    signature: "(object)",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(methods::hash),
        richcompare: Some(methods::compare),
        iter: Some(iter),
        len: Some(len),
        getitem: Some(subscript::get),
        setitem: Some(subscript::set),
        buffer: Some(view::export),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("release", "($self, /)", F1(methods::release), "Give the bytes back to their object."),
        Method::new(
            "tobytes",
            "($self, /, order='C')",
            Bound(methods::tobytes),
            "A bytes object with all items.\n\nOrder 'C' goes through the last index fastest, 'F' through the first; 'A' takes \
             the order in memory if that is 'F', else 'C'.",
        ),
        Method::new(
            "hex",
            "($self, /, sep=<unrepresentable>, bytes_per_sep=1)",
            Bound(methods::to_hex),
            "Two hexadecimal digits for each byte.\n\n  sep\n    A character to put between groups of bytes.\n  \
             bytes_per_sep\n    The size of a group. Groups are counted from the right, or from the left if\n    it is \
             negative.",
        ),
        Method::new("tolist", "($self, /)", F1(methods::tolist), "A list of the items, nested by dimension."),
        Method::new(
            "cast",
            "($self, /, format, shape=<unrepresentable>)",
            Bound(methods::cast),
            "A view of the same bytes with another format or shape.",
        ),
        Method::new(
            "toreadonly",
            "($self, /)",
            F1(methods::toreadonly),
            "A view of the same bytes that cannot change them.",
        ),
        Method::new(
            "_from_flags",
            "($type, /, object, flags)",
            Bound(methods::from_flags),
            "A memoryview made with the given flags of the buffer protocol.",
        )
        .class_method(),
        Method::new("count", "($self, value, /)", F2(methods::count), "How many items are equal to value."),
        Method::new(
            "index",
            "($self, value, start=0, stop=sys.maxsize, /)",
            Bound(methods::index),
            "The position of the first item that is equal to value.\n\nValueError if there is none.",
        ),
        Method::new("__enter__", "($self, /)", F1(methods::enter), "The view itself."),
        Method::new("__exit__", "($self, /, *exc_info)", Bound(methods::exit), "Release the view."),
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            F2(crate::types::class_getitem),
            crate::types::CLASS_GETITEM_DOC,
        )
        .class_method(),
    ],
    getset: &[
        GetSet::read_only("obj", |t, v| Ok(live(t, v)?.exporter()), "The object whose bytes these are."),
        GetSet::read_only("nbytes", |t, v| with(t, v, |g| Value::uint(g.len as u64)), "The bytes of all items."),
        GetSet::read_only(
            "readonly",
            |t, v| with(t, v, |g| Value::bool(g.readonly)),
            "Whether the bytes cannot be changed.",
        ),
        GetSet::read_only("itemsize", |t, v| with(t, v, |g| Value::uint(g.item_size as u64)), "The bytes of one item."),
        GetSet::read_only(
            "format",
            |t, v| with(t, v, |g| str::from_str(&g.format)),
            "The format of an item, as in struct.",
        ),
        GetSet::read_only(
            "ndim",
            |t, v| with(t, v, |g| Value::uint(g.shape.len() as u64)),
            "The number of dimensions.",
        ),
        GetSet::read_only(
            "shape",
            |t, v| with(t, v, |g| methods::sizes(&g.shape)),
            "The number of items by dimension.",
        ),
        GetSet::read_only(
            "strides",
            |t, v| with(t, v, |g| methods::sizes(&g.strides)),
            "The bytes between items by dimension.",
        ),
        GetSet::read_only(
            "suboffsets",
            |t, v| with(t, v, |_| methods::sizes(&[])),
            "Always empty: no buffer here has pointers inside.",
        ),
        GetSet::read_only(
            "c_contiguous",
            |t, v| with(t, v, |g| Value::bool(g.is_c_contiguous())),
            "Whether the items lie in C order without gaps.",
        ),
        GetSet::read_only(
            "f_contiguous",
            |t, v| with(t, v, |g| Value::bool(g.is_f_contiguous())),
            "Whether the items lie in Fortran order without gaps.",
        ),
        GetSet::read_only(
            "contiguous",
            |t, v| with(t, v, |g| Value::bool(g.is_c_contiguous() || g.is_f_contiguous())),
            "Whether the items lie without gaps.",
        ),
    ],
    flags: flag::SEQUENCE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "memoryview", layout_of::<MemoryView>(true))
};

/// An attribute from how the items lie. ValueError on a released view.
fn with(t: &Thread, v: &Value, f: fn(&Geometry) -> Value) -> PyResult {
    Ok(f(live(t, v)?.geometry()))
}

static SIGNATURE: LazyLock<Signature> = LazyLock::new(|| Signature::parse("(object)"));

fn construct(t: &Thread, _class: &Type, call: Args<'_>) -> PyResult {
    let b = SIGNATURE.bind(t, "memoryview", call, 0)?;
    from_object(t, b.req(0))
}

fn repr(_t: &Thread, v: &Value) -> PyResult {
    let what = if view::is_released(v) { "released memory" } else { "memory" };
    Ok(str::from_str(&format!("<{what} at {:#x}>", v.id())))
}

fn len(t: &Thread, v: &Value) -> PyResult<usize> {
    match live(t, v)?.geometry().shape.first() {
        Some(&n) => Ok(n as usize),
        None => Err(raise::type_error(t, "0-dim memory has no length")),
    }
}

/// Items of a one-dimensional view.
pub struct ViewItems;

pub static VIEW_ITER: StaticType = StaticType::new(&ITER_SPEC);
pub static ITER_SPEC: TypeSpec = IndexIter::<ViewItems>::spec("memory_iterator");

impl Items for ViewItems {
    fn class() -> &'static StaticType {
        &VIEW_ITER
    }

    fn item(t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>> {
        subscript::item(t, &live(t, sequence)?, i)
    }

    fn len(_t: &Thread, sequence: &Value) -> usize {
        sequence.downcast::<MemoryView>().and_then(|v| v.geometry.shape.first()).map_or(0, |&n| n as usize)
    }
}

fn iter(t: &Thread, v: &Value) -> PyResult {
    let live = live(t, v)?;
    match live.geometry().shape.len() {
        0 => Err(raise::type_error(t, "invalid indexing of 0-dim memory")),
        1 => {
            items::checked_char(t, &live.geometry().format)?;
            Ok(IndexIter::<ViewItems>::new(v.clone()))
        }
        _ => Err(raise::not_implemented(t, "multi-dimensional sub-views are not implemented")),
    }
}
