//! The type `bytearray`: bytes that can change. Each method is atomic.
//!
//! | file | holds |
//! |---|---|
//! | `payload` | the data, its lock and the count of lent buffers |
//! | `methods` | what changes a bytearray; the rest it shares with bytes |

mod methods;
pub mod payload;

pub use payload::{ByteArray, copy_if_shared, with};

use crate::byte_methods;
use crate::bytecode::opcode::CompareOp;
use crate::object::buffer::{Buffer, Request};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::NativeFn;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, core_types, protocol};
use crate::types::bytes::args::{self, bytes_like, position};
use crate::types::bytes::kind::Kind;
use crate::types::bytes::{self, holds, repeated, times, warn};
use crate::types::slice::{self, Slice};
use crate::types::str::iter::{IndexIter, Items};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> \
          bytearray\nbytearray(bytes_or_buffer) -> bytearray\nbytearray(int) -> bytearray of that many \
          zeros\nbytearray() -> empty bytearray\n\nA sequence of bytes that can change.",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(alloc::new(class, ByteArray::new(Vec::new())))),
        init: Some(methods::init),
        repr: Some(methods::repr),
        str: Some(|t, v| warn::shown(t, "bytearray").and_then(|()| methods::repr(t, v))),
        richcompare: Some(compare),
        iter: Some(|_, v| Ok(IndexIter::<ByteArrayItems>::new(v.clone()))),
        len: Some(|_, v| Ok(v.downcast::<ByteArray>().map_or(0, ByteArray::len))),
        getitem: Some(get_item),
        setitem: Some(methods::set_item),
        contains: Some(bytes::methods::contains::<ByteArrayKind>),
        concat: Some(concat),
        iconcat: Some(methods::in_place_concat),
        repeat: Some(repeat),
        imultiply: Some(methods::in_place_repeat),
        remainder: Some(remainder),
        buffer: Some(buffer),
        ..SlotTable::EMPTY
    },
    methods: byte_methods!(ByteArrayKind;
        Method::new("__alloc__", "($self, /)", NativeFn::F1(methods::alloc), "The number of bytes that are allocated."),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(methods::reduce), "State for pickling."),
        Method::new("__reduce_ex__", "($self, proto=0, /)", NativeFn::Bound(methods::reduce_ex), "State for pickling, by protocol."),
        Method::new("__sizeof__", "($self, /)", NativeFn::F1(methods::sizeof), "The size of the object in memory, in bytes."),
        Method::new("append", "($self, item, /)", NativeFn::F2(methods::append), "Add one byte at the end.\n\n  item\n    An int from 0 to 255."),
        Method::new("clear", "($self, /)", NativeFn::F1(methods::clear), "Remove all bytes."),
        Method::new("copy", "($self, /)", NativeFn::F1(methods::copy), "A bytearray with the same bytes."),
        Method::new("extend", "($self, iterable_of_ints, /)", NativeFn::F2(methods::extend), "Add all bytes of a bytes-like object or an iterable of ints at the end."),
        Method::new("insert", "($self, index, item, /)", NativeFn::F3(methods::insert), "Insert one byte before the given position.\n\n  item\n    An int from 0 to 255."),
        Method::new("pop", "($self, index=-1, /)", NativeFn::Bound(methods::pop), "Remove one byte and give it back.\n\n  index\n    Its position; the last by default.\n\nIndexError if there is no such byte."),
        Method::new("remove", "($self, value, /)", NativeFn::F2(methods::remove), "Remove the first byte of this value.\n\nValueError if there is none."),
        Method::new("resize", "($self, size, /)", NativeFn::F2(methods::resize_to), "Cut the bytes to this number, or add zeros up to it."),
        Method::new("reverse", "($self, /)", NativeFn::F1(methods::reverse), "Turn the order of the bytes around, in place."),
    ),
    flags: flag::BASETYPE | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "bytearray", layout_of::<ByteArray>(false))
};

/// `bytearray`, for the shared methods.
pub struct ByteArrayKind;

impl Kind for ByteArrayKind {
    const NAME: &'static str = "bytearray";

    fn with<R>(t: &Thread, v: &Value, f: impl FnOnce(&[u8]) -> R) -> R {
        payload::with_or_empty(t, v, f)
    }

    fn make(bytes: Vec<u8>) -> Value {
        make(bytes)
    }

    fn make_slice(bytes: &[u8]) -> Value {
        make(bytes.to_vec())
    }

    fn unchanged(_v: &Value) -> Option<Value> {
        None
    }
}

/// Bytes of a bytearray.
pub struct ByteArrayItems;

pub static BYTEARRAY_ITER: StaticType = StaticType::new(&ITER_SPEC);
pub static ITER_SPEC: TypeSpec = IndexIter::<ByteArrayItems>::spec("bytearray_iterator");

impl Items for ByteArrayItems {
    fn class() -> &'static StaticType {
        &BYTEARRAY_ITER
    }

    fn item(t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>> {
        let byte = with(t, sequence, |s| s.get(i).copied()).flatten();
        Ok(byte.map(|b| Value::small_int_unchecked(i64::from(b))))
    }

    fn len(_t: &Thread, sequence: &Value) -> usize {
        sequence.downcast::<ByteArray>().map_or(0, ByteArray::len)
    }
}

/// A new bytearray with these bytes.
pub fn make(bytes: Vec<u8>) -> Value {
    alloc::new(&core_types::BYTEARRAY, ByteArray::new(bytes))
}

/// Whether a value is a bytearray.
pub fn is_bytearray(v: &Value) -> bool {
    v.downcast::<ByteArray>().is_some()
}

/// The byte of a bytearray of length one.
pub fn single(t: &Thread, v: &Value) -> Option<u8> {
    with(t, v, |s| if let [b] = s { Some(*b) } else { None }).flatten()
}

fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    if let Some(slice) = key.downcast::<Slice>() {
        let bounds = slice::bounds(t, slice)?;
        let part = with(t, v, |s| {
            let at = bounds.over(s.len());
            if at.step == 1 {
                let start = at.start as usize;
                s[start..start + at.len].to_vec()
            } else {
                at.positions().map(|i| s[i]).collect()
            }
        });
        return Ok(make(part.unwrap_or_default()));
    }
    if !key.is_small_int() && key.class().slots.index.get().is_none() {
        let message = format!("bytearray indices must be integers or slices, not {}", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let i = protocol::index_size(t, key)?;
    match with(t, v, |s| position(i, s.len()).map(|i| s[i])).flatten() {
        Some(byte) => Ok(Value::small_int_unchecked(i64::from(byte))),
        None => Err(raise::index_error(t, "bytearray index out of range")),
    }
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !args::is_bytes_like(a) || !args::is_bytes_like(b) {
        warn::compared(t, "bytearray", false, a, b, op)?;
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if a.is(b) && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Eq));
    }
    let (x, y) = (bytes_like(t, a)?, bytes_like(t, b)?);
    Ok(Value::bool(holds(op, (*x).cmp(&*y))))
}

fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if !args::is_bytes_like(b) {
        let message = format!("can't concat {} to {}", b.class().display_name(), a.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let y = bytes_like(t, b)?;
    Ok(make(with(t, a, |x| [x, &*y].concat()).unwrap_or_default()))
}

fn repeat(t: &Thread, v: &Value, n: &Value) -> PyResult {
    let n = times(t, n)?;
    let copy = with(t, v, <[u8]>::to_vec).unwrap_or_default();
    repeated(t, &copy, n).map(make)
}

fn remainder(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match with(t, a, <[u8]>::to_vec) {
        Some(format) => bytes::percent::format(t, &format, b).map(make),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn buffer(t: &Thread, v: &Value, _request: Request) -> PyResult<Buffer> {
    payload::export(t, v)
}
