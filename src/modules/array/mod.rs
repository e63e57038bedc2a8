//! `array`: sequences of machine numbers or characters.
//!
//! | file | holds |
//! |---|---|
//! | `kind` | type codes: conversion of items |
//! | `payload` | the items in memory, and the rules for threads |
//! | `sequence` | subscripts, operators, comparison, `repr` |
//! | `methods` | methods |

pub mod kind;
mod methods;
pub mod payload;
mod sequence;

use crate::object::args::Args;
use crate::object::buffer::{Buffer, Request};
use crate::object::hooks;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, protocol, str};
use crate::types::bytes::payload as bytes;
use crate::types::str::iter::{IndexIter, Items};
use kind::{Class, KINDS, Kind};
use payload::Array;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "_array_reconstructor",
        "($module, arraytype, typecode, mformat_code, items, /)",
        NativeFn::Raw(reconstruct),
        "Internal. Used for pickling support.",
    )],
    types: &[&ARRAY, &ARRAY_ITER],
    init: Some(init),
    ..ModuleSpec::new(
        "array",
        "Arrays of machine numbers and of characters.\n\nAn array is a sequence like a list whose items are all of one kind, \
         named by a type code when the array is made.",
    )
};

pub static ARRAY: StaticType = StaticType::new(&SPEC);
static ARRAY_ITER: StaticType = StaticType::new(&ITER_SPEC);
static ITER_SPEC: TypeSpec = TypeSpec { module: "array", ..IndexIter::<ArrayItems>::spec("arrayiterator") };

static SPEC: TypeSpec = TypeSpec {
    doc: "array(typecode [, initializer]) -> array\n\nA sequence of machine numbers or characters.\n\nType codes, with the \
          bytes of an item:\n  'b', 'B': signed and unsigned integer (1)\n  'h', 'H': the same (2)\n  'i', 'I': the same \
          (4)\n  'l', 'L', 'q', 'Q': the same (8)\n  'f': float (4)\n  'd': float (8)\n  'w', 'u': character (4); 'u' is \
          deprecated\n\nThe initializer is an iterable of items, an array, a bytes-like object that holds the items, or a \
          string for an array of characters.",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(sequence::repr),
        richcompare: Some(sequence::compare),
        iter: Some(|_, v| Ok(IndexIter::<ArrayItems>::new(v.clone()))),
        len: Some(|_, v| Ok(payload::of(v).len())),
        getitem: Some(sequence::getitem),
        setitem: Some(sequence::setitem),
        contains: Some(sequence::contains),
        concat: Some(sequence::concat),
        iconcat: Some(sequence::iconcat),
        repeat: Some(sequence::repeat),
        imultiply: Some(sequence::imultiply),
        buffer: Some(buffer),
        ..SlotTable::EMPTY
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    flags: flag::BASETYPE | flag::SEQUENCE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("array", "array", layout_of::<Array>(false))
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    super::support::hide(t, module, &["arrayiterator"])?;
    protocol::set_attr(t, module, &names::intern("ArrayType"), &ARRAY.to_value())?;
    let abc = (hooks::get().import)(t, "collections.abc")?;
    let sequence = protocol::get_attr_str(t, &abc, "MutableSequence")?;
    protocol::call_method_str(t, &sequence, "register", &[ARRAY.to_value()])?;
    let codes: String = KINDS.iter().map(|k| k.letter as char).collect();
    protocol::set_attr(t, module, &names::intern("typecodes"), &str::from_str(&codes))
}

/// Items of an array.
pub struct ArrayItems;

impl Items for ArrayItems {
    fn class() -> &'static StaticType {
        &ARRAY_ITER
    }

    fn item(t: &Thread, array: &Value, i: usize) -> PyResult<Option<Value>> {
        sequence::item(t, array, i as i64)
    }

    fn len(_t: &Thread, array: &Value) -> usize {
        array.downcast::<Array>().map_or(0, Array::len)
    }
}

/// Whether a value is an array.
fn check_array(v: &Value) -> bool {
    v.downcast::<Array>().is_some()
}

/// A new array of these items.
fn make(kind: Kind, bytes: Vec<u8>) -> Value {
    alloc::new(&ARRAY, Array::new(kind, bytes))
}

fn buffer(t: &Thread, v: &Value, _request: Request) -> PyResult<Buffer> {
    Ok(payload::export(t, v))
}

fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    if std::ptr::eq(class, &*ARRAY) {
        args.no_keywords(t, "array.array")?;
    }
    let (code, source) = match args.pos() {
        [code] => (code, None),
        [code, source] => (code, Some(source)),
        other => {
            let (word, n) = if other.is_empty() { ("least", 1) } else { ("most", 2) };
            let s = if n == 1 { "" } else { "s" };
            let message = format!("array() takes at {word} {n} argument{s} ({} given)", other.len());
            return Err(raise::type_error(t, message));
        }
    };
    let kind = methods::kind_of(t, code, "array() argument 1")?;
    methods::warn_code(t, kind)?;
    let v = alloc::new(class, Array::new(kind, Vec::new()));
    if let Some(source) = source {
        methods::initialise(t, &v, source)?;
    }
    Ok(v)
}

/// Makes an array from a pickle, whose items may be in another machine's format.
fn reconstruct(t: &Thread, args: Args<'_>) -> PyResult {
    let args = args.exactly_positional(t, "_array_reconstructor", 4, 4)?;
    let [class, code, format, items] = args else { return Ok(Value::NONE) };
    let Some(ty) = class.downcast::<Type>() else {
        let message = format!("first argument must be a type object, not {}", class.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if !ty.is_subtype(&ARRAY) {
        return Err(raise::type_error(t, format!("{} is not a subtype of array.array", ty.name())));
    }
    let Some(kind) = str::view(code).filter(|v| v.len() == 1).and_then(|v| Kind::of(v.at(0))) else {
        return Err(raise::value_error(t, "second argument must be a valid type code"));
    };
    let format = protocol::index_clipped(t, format)?;
    let Some((class_of_items, size, big)) = kind::machine_format(format) else {
        return Err(raise::value_error(t, "third argument must be a valid machine format code."));
    };
    let Some(data) = bytes::view(items) else {
        let message = format!("fourth argument should be bytes, not {}", items.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if data.len() % size != 0 {
        let what = if class_of_items == Class::Text { "string" } else { "bytes" };
        return Err(raise::value_error(t, format!("{what} length not a multiple of item size")));
    }
    // In this machine's order.
    let mut native = data.to_vec();
    if big != cfg!(target_endian = "big") {
        native.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    if class_of_items == Class::Text && size == 2 {
        let units = native.chunks_exact(2).map(|b| u16::from_ne_bytes([b[0], b[1]]));
        let text = char::decode_utf16(units).map(|r| r.map_or_else(|e| u32::from(e.unpaired_surrogate()), u32::from));
        native = text.flat_map(u32::to_ne_bytes).collect();
        let v = alloc::new(ty, Array::new(kind, native));
        return Ok(v);
    }
    let here = if format < 2 { format } else { (format & !1) + i64::from(cfg!(target_endian = "big")) };
    if kind.machine_format() == here {
        return Ok(alloc::new(ty, Array::new(kind, native)));
    }
    // The items are of another size here, or of another class: convert each.
    let v = alloc::new(ty, Array::new(kind, Vec::new()));
    let source = Kind { letter: 0, size, class: class_of_items };
    for item in native.chunks_exact(size) {
        let value = source.decode(t, item)?;
        let item = kind.encode(t, &value)?;
        payload::push(t, &v, item)?;
    }
    Ok(v)
}
