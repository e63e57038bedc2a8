//! The type `bytes`, and the operations that it shares with `bytearray`.
//!
//! | file | holds |
//! |---|---|
//! | `payload` | the object's data |
//! | `ops`, `hex` | operations on byte slices |
//! | `args`, `construct`, `percent` | arguments, the constructor, `%` |
//! | `kind`, `methods` | the methods of both types |
//! | `warn` | BytesWarning |

pub mod args;
pub mod construct;
pub mod hex;
pub mod kind;
pub mod methods;
pub mod ops;
pub mod payload;
pub mod percent;
pub mod warn;

use crate::byte_methods;
use crate::bytecode::opcode::CompareOp;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::buffer::{Buffer, Request};
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::NativeFn;
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{bigint, protocol, tuple};
use crate::types::slice::{self, Slice};
use crate::types::str::iter::{IndexIter, Items};
use construct::Source;
use kind::BytesKind;
use payload::{Bytes, view};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> \
          bytes\nbytes(int) -> bytes of that many zeros\nbytes() -> empty bytes\n\nAn immutable sequence of bytes.",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(repr),
        str: Some(|t, v| warn::shown(t, "bytes").and_then(|()| repr(t, v))),
        hash: Some(hash),
        richcompare: Some(compare),
        iter: Some(|_, v| Ok(IndexIter::<BytesItems>::new(v.clone()))),
        len: Some(|_, v| Ok(view(v).map_or(0, <[u8]>::len))),
        getitem: Some(get_item),
        contains: Some(methods::contains::<BytesKind>),
        concat: Some(concat),
        repeat: Some(repeat),
        remainder: Some(remainder),
        buffer: Some(buffer),
        ..SlotTable::EMPTY
    },
    methods: byte_methods!(BytesKind;
        Method::new("__getnewargs__", "($self, /)", NativeFn::F1(get_new_args), ""),
        Method::new("__bytes__", "($self, /)", NativeFn::F1(|_, v| Ok(exact(v))), "The same bytes as an exact bytes object."),
    ),
    flags: flag::BASETYPE | flag::BYTES_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "bytes", layout_of::<Bytes>(false))
};

/// Bytes of a bytes object.
pub struct BytesItems;

pub static BYTES_ITER: StaticType = StaticType::new(&ITER_SPEC);
pub static ITER_SPEC: TypeSpec = IndexIter::<BytesItems>::spec("bytes_iterator");

impl Items for BytesItems {
    fn class() -> &'static StaticType {
        &BYTES_ITER
    }

    fn item(_t: &Thread, sequence: &Value, i: usize) -> PyResult<Option<Value>> {
        Ok(view(sequence).and_then(|s| s.get(i)).map(|&b| Value::small_int_unchecked(i64::from(b))))
    }

    fn len(_t: &Thread, sequence: &Value) -> usize {
        view(sequence).map_or(0, <[u8]>::len)
    }
}

fn construct(t: &Thread, class: &Type, call: Args<'_>) -> PyResult {
    let source = construct::read(t, "bytes", call)?;
    match source {
        Source::Object(v) if std::ptr::eq(class, &*core_types::BYTES) => Ok(v),
        source => Ok(payload::new_with_class(class, source.into_vec(t)?)),
    }
}

/// The value as an exact bytes object.
fn exact(v: &Value) -> Value {
    if v.is_exact(&core_types::BYTES) { v.clone() } else { payload::from_slice(view(v).unwrap_or_default()) }
}

fn get_new_args(t: &Thread, v: &Value) -> PyResult {
    alloc::check_room(t, view(v).unwrap_or_default().len())?;
    Ok(tuple::from_slice(&[payload::from_slice(view(v).unwrap_or_default())]))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    crate::types::str::repr::bytes_repr(view(v).unwrap_or_default()).finish(t)
}

fn hash(_t: &Thread, v: &Value) -> PyResult<i64> {
    Ok(v.downcast::<Bytes>().map_or(0, Bytes::hash))
}

/// Whether an order satisfies a comparison.
pub fn holds(op: CompareOp, order: std::cmp::Ordering) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (view(a), view(b)) else {
        warn::compared(t, "bytes", true, a, b, op)?;
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(match op {
        CompareOp::Eq => a.is(b) || x == y,
        CompareOp::Ne => !a.is(b) && x != y,
        _ => holds(op, x.cmp(y)),
    }))
}

fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let bytes = view(v).unwrap_or_default();
    if let Some(slice) = key.downcast::<Slice>() {
        let at = slice::bounds(t, slice)?.over(bytes.len());
        if at.step == 1 {
            let start = at.start as usize;
            if at.len == bytes.len() && v.is_exact(&core_types::BYTES) {
                return Ok(v.clone());
            }
            alloc::check_room(t, at.len)?;
            return Ok(payload::from_slice(&bytes[start..start + at.len]));
        }
        alloc::check_room(t, at.len)?;
        return Ok(payload::from_vec(at.positions().map(|i| bytes[i]).collect()));
    }
    if !key.is_small_int() && key.class().slots.index.get().is_none() {
        let message = format!("byte indices must be integers or slices, not {}", key.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let i = protocol::index_size(t, key)?;
    match args::position(i, bytes.len()) {
        Some(i) => Ok(Value::small_int_unchecked(i64::from(bytes[i]))),
        None => Err(raise::index_error(t, "index out of range")),
    }
}

fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let x = view(a).unwrap_or_default();
    if !args::is_bytes_like(b) {
        let message = format!("can't concat {} to {}", b.class().display_name(), a.class().display_name());
        return Err(raise::type_error(t, message));
    }
    if x.is_empty() && b.is_exact(&core_types::BYTES) {
        return Ok(b.clone());
    }
    let y = args::bytes_like(t, b)?;
    if y.is_empty() && a.is_exact(&core_types::BYTES) {
        return Ok(a.clone());
    }
    alloc::check_room(t, x.len().saturating_add(y.len()))?;
    Ok(payload::from_vec([x, &*y].concat()))
}

/// The count of a repetition: negative means none.
pub fn times(t: &Thread, n: &Value) -> PyResult<usize> {
    match bigint::view(&protocol::index(t, n)?) {
        Some(bigint::IntView::Small(n)) => Ok(usize::try_from(n).unwrap_or(0)),
        _ => {
            let message = format!("cannot fit '{}' into an index-sized integer", n.class().display_name());
            Err(raise::overflow_error(t, message))
        }
    }
}

/// `bytes` repeated; OverflowError or MemoryError where that is too long.
pub fn repeated(t: &Thread, bytes: &[u8], n: usize) -> PyResult<Vec<u8>> {
    let Some(total) = bytes.len().checked_mul(n).filter(|&n| n <= isize::MAX as usize) else {
        return Err(raise::overflow_error(t, "repeated bytes are too long"));
    };
    let mut out = Vec::new();
    alloc::reserve(t, &mut out, total)?;
    match bytes {
        [b] => out.resize(n, *b),
        _ => (0..n).for_each(|_| out.extend_from_slice(bytes)),
    }
    Ok(out)
}

fn repeat(t: &Thread, v: &Value, n: &Value) -> PyResult {
    let n = times(t, n)?;
    if n == 1 && v.is_exact(&core_types::BYTES) {
        return Ok(v.clone());
    }
    repeated(t, view(v).unwrap_or_default(), n).map(payload::from_vec)
}

fn remainder(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match view(a) {
        Some(format) => percent::format(t, format, b).map(payload::from_vec),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn buffer(t: &Thread, v: &Value, request: Request) -> PyResult<Buffer> {
    if request == Request::Write {
        return Err(raise::buffer_error(t, "Object is not writable."));
    }
    let bytes = view(v).unwrap_or_default();
    Ok(Buffer::bytes(v.clone(), bytes.as_ptr().cast_mut(), bytes.len(), true, None))
}
