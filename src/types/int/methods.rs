//! Methods and attributes of `int`.

use super::arith::{self, IntBuf, IntRef};
use super::number::{self, Endian, ToBytesError};
use super::object::{exact, of};
use super::{as_int, text, theory, to_value};
use crate::object::args::Bound;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{names, protocol, str, tuple};
use crate::types::{bytes, format_spec};

pub(super) const METHODS: &[Method] = &[
    Method::new("conjugate", "($self, /)", NativeFn::F1(|_, v| Ok(exact(v))), "Returns self, the complex conjugate of any int."),
    Method::new(
        "bit_length",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::uint(number::bit_length(of(v))))),
        "Number of bits that the magnitude takes in binary.\n\n>>> bin(37)\n'0b100101'\n>>> (37).bit_length()\n6",
    ),
    Method::new(
        "bit_count",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::uint(number::bit_count(of(v))))),
        "Number of ones in the binary form of the magnitude.\n\n>>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3",
    ),
    Method::new(
        "to_bytes",
        "($self, /, length=1, byteorder='big', *, signed=False)",
        NativeFn::Bound(to_bytes),
        "Return bytes that hold the integer.\n\n  length\n    How many bytes; OverflowError is raised if the integer needs more.\n  \
         byteorder\n    'big' puts the most significant byte first, 'little' puts it last. sys.byteorder has the machine's.\n  \
         signed\n    Whether two's complement is used; without it a negative integer raises OverflowError.",
    ),
    Method::new(
        "from_bytes",
        "($type, /, bytes, byteorder='big', *, signed=False)",
        NativeFn::Bound(from_bytes),
        "Return the integer that the bytes hold.\n\n  bytes\n    A bytes-like object or an iterable of ints in range(256).\n  \
         byteorder\n    'big' if the most significant byte comes first, 'little' if it comes last.\n  signed\n    Whether the \
         bytes are in two's complement.",
    )
    .class_method(),
    Method::new(
        "as_integer_ratio",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(tuple::from_iter(2, [exact(v), Value::int(1)]))),
        "Return a pair of integers whose ratio is the int: the int itself and 1.\n\n>>> (10).as_integer_ratio()\n(10, 1)",
    ),
    Method::new("__trunc__", "($self, /)", NativeFn::F1(|_, v| Ok(exact(v))), "Truncating an Integral returns itself."),
    Method::new("__floor__", "($self, /)", NativeFn::F1(|_, v| Ok(exact(v))), "Flooring an Integral returns itself."),
    Method::new("__ceil__", "($self, /)", NativeFn::F1(|_, v| Ok(exact(v))), "Ceiling of an Integral returns itself."),
    Method::new(
        "__round__",
        "($self, ndigits=None, /)",
        NativeFn::Bound(round),
        "Rounding an Integral returns itself.\n\nA negative ndigits rounds to a power of ten, ties to even.",
    ),
    Method::new(
        "__getnewargs__",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(tuple::from_iter(1, [exact(v)]))),
        "",
    ),
    Method::new("__format__", "($self, format_spec, /)", NativeFn::F2(format), "Convert to a string according to format_spec."),
    Method::new("__sizeof__", "($self, /)", NativeFn::F1(size_of_int), "Returns size in memory, in bytes."),
    Method::new(
        "is_integer",
        "($self, /)",
        NativeFn::F1(|_, _| Ok(Value::TRUE)),
        "Returns True. Exists for duck type compatibility with float.is_integer.",
    ),
];

pub(super) const GETSET: &[GetSet] = &[
    GetSet::read_only("real", |_, v| Ok(exact(v)), "the real part of a complex number"),
    GetSet::read_only("imag", |_, _| Ok(Value::int(0)), "the imaginary part of a complex number"),
    GetSet::read_only("numerator", |_, v| Ok(exact(v)), "the numerator of a rational number in lowest terms"),
    GetSet::read_only("denominator", |_, _| Ok(Value::int(1)), "the denominator of a rational number in lowest terms"),
];

/// The `byteorder` argument of `function`.
fn byte_order(t: &Thread, v: Option<&Value>, function: &str) -> PyResult<Endian> {
    let Some(v) = v else { return Ok(Endian::Big) };
    let Some(view) = str::view(v) else {
        let message = format!("{function}() argument 'byteorder' must be str, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if view == *"little" {
        Ok(Endian::Little)
    } else if view == *"big" {
        Ok(Endian::Big)
    } else {
        Err(raise::value_error(t, "byteorder must be either 'little' or 'big'"))
    }
}

fn to_bytes(t: &Thread, b: &Bound<'_>) -> PyResult {
    let length = match b.opt(1) {
        Some(v) => protocol::index_i64(t, v)?,
        None => 1,
    };
    let order = byte_order(t, b.opt(2), "to_bytes")?;
    let signed = b.opt(3).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(raise::value_error(t, "length argument must be non-negative"));
    };
    let mut out = Vec::new();
    if crate::sync::may_fail::reserve_exact(&mut out, length).is_err() {
        return Err(super::object::out_of_memory(t));
    }
    out.resize(length, 0);
    match number::to_bytes(of(b.req(0)), &mut out, order, signed) {
        Ok(()) => Ok(bytes::payload::from_vec(out)),
        Err(ToBytesError::Negative) => Err(raise::overflow_error(t, "can't convert negative int to unsigned")),
        Err(ToBytesError::TooBig) => Err(raise::overflow_error(t, "int too big to convert")),
    }
}

fn from_bytes(t: &Thread, b: &Bound<'_>) -> PyResult {
    let order = byte_order(t, b.opt(2), "from_bytes")?;
    let signed = b.opt(3).map_or(Ok(false), |v| protocol::is_true(t, v))?;
    let source = b.req(1);
    let number = if let Some(bytes) = bytes::payload::view(source) {
        number::from_bytes(bytes, order, signed)
    } else {
        number::from_bytes(&bytes_of(t, source)?, order, signed)
    };
    let value = to_value(number);
    let class = b.req(0);
    if class.downcast::<Type>().is_some_and(|ty| std::ptr::eq(ty, &*core_types::INT)) {
        return Ok(value);
    }
    protocol::call_values(t, class, &[value])
}

/// The bytes of a bytes-like object, of one with `__bytes__`, or of an iterable of ints.
fn bytes_of(t: &Thread, source: &Value) -> PyResult<Vec<u8>> {
    let Some(result) = protocol::call_special(t, source, &names::intern("__bytes__"), &[])? else {
        return bytes::construct::from_object(t, source, "bytes");
    };
    match bytes::payload::view(&result) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => {
            let message = format!("__bytes__ returned non-bytes (type {})", result.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

fn round(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let Some(digits) = b.non_none(1) else { return Ok(exact(v)) };
    let digits = protocol::index(t, digits)?;
    let digits = as_int(&digits).unwrap_or(IntRef::Small(0));
    if !digits.is_negative() {
        return Ok(exact(v));
    }
    let number = of(v);
    // 10^places is more than twice the number: it rounds to zero.
    let places = arith::neg(digits);
    let Some(n) = places.as_ref().to_u64().filter(|&n| n <= number::bit_length(number) / 3 + 1) else {
        return Ok(Value::int(0));
    };
    let unit = theory::pow(IntRef::Small(10), IntBuf::from(n).as_ref());
    let rounded = unit.and_then(|unit| {
        let (q, r) = arith::divmod(number, unit.as_ref())?;
        let order = arith::cmp(arith::add(r.as_ref(), r.as_ref()).as_ref(), unit.as_ref());
        let down = arith::sub(number, r.as_ref());
        let up = order.is_gt() || (order.is_eq() && q.as_ref().is_odd());
        Ok(if up { arith::add(down.as_ref(), unit.as_ref()) } else { down })
    });
    rounded.map(to_value).map_err(|e| super::object::error(t, e))
}

fn format(t: &Thread, v: &Value, spec: &Value) -> PyResult {
    let Some(view) = format_spec::argument(t, spec)? else { return protocol::to_str(t, v) };
    let class = v.class().display_name();
    format_spec::finished(t, format_spec::format_int(of(v), view, &class, text::digit_limit()))
}

/// As CPython lays ints out: a header of 24 bytes and 4 for each 30 bits.
fn size_of_int(_t: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(24 + 4 * number::bit_length(of(v)).div_ceil(30).max(1)))
}
