//! Methods and attributes of `float`.

use super::object::{of, truncated};
use super::{arith, convert, hex, text};
use crate::object::args::Bound;
use crate::object::core_types;
use crate::object::raise::{self, PyResult};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::types::str::codec::registry;
use crate::types::{format_spec, int};

pub(super) const METHODS: &[Method] = &[
    Method::new(
        "conjugate",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::float(of(v)))),
        "Return self, the complex conjugate of any float.",
    ),
    Method::new(
        "__trunc__",
        "($self, /)",
        NativeFn::F1(|t, v| truncated(t, of(v))),
        "Return the Integral closest to x between 0 and x.",
    ),
    Method::new(
        "__floor__",
        "($self, /)",
        NativeFn::F1(|t, v| truncated(t, of(v).floor())),
        "Return the floor as an Integral.",
    ),
    Method::new(
        "__ceil__",
        "($self, /)",
        NativeFn::F1(|t, v| truncated(t, of(v).ceil())),
        "Return the ceiling as an Integral.",
    ),
    Method::new(
        "__round__",
        "($self, ndigits=None, /)",
        NativeFn::Bound(round),
        "Return the Integral closest to x, rounding half toward even.\n\nWith an int as ndigits the result is a float, \
         rounded to that many digits after the point.",
    ),
    Method::new(
        "as_integer_ratio",
        "($self, /)",
        NativeFn::F1(as_integer_ratio),
        "Return a pair of integers whose ratio is exactly the float, in lowest terms.\n\nThe denominator is positive. \
         OverflowError is raised for infinities, ValueError for NaNs.\n\n>>> (10.0).as_integer_ratio()\n(10, \
         1)\n>>> (-.25).as_integer_ratio()\n(-1, 4)",
    ),
    Method::new(
        "from_number",
        "($type, number, /)",
        NativeFn::F2(from_number),
        "Convert a real number to a float; a text is refused.",
    )
    .class_method(),
    Method::new(
        "fromhex",
        "($type, string, /)",
        NativeFn::F2(fromhex),
        "Create a float from a hexadecimal text.\n\n>>> float.fromhex('0x1.ffffp10')\n2047.984375\n>>> \
         float.fromhex('-0x1p-1074')\n-5e-324",
    )
    .class_method(),
    Method::new(
        "hex",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(str::from_str(&hex::to_hex(of(v))))),
        "Return the float as a hexadecimal text.\n\n>>> (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> \
         3.14159.hex()\n'0x1.921f9f01b866ep+1'",
    ),
    Method::new(
        "is_integer",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::bool(arith::is_integer(of(v))))),
        "Return True if the float is an integer.",
    ),
    Method::new(
        "__getnewargs__",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(tuple::from_iter(1, [Value::float(of(v))]))),
        "",
    ),
    Method::new(
        "__getformat__",
        "($type, typestr, /)",
        NativeFn::F2(getformat),
        "Name the byte format of C's 'double' or 'float' on this machine.\n\nIt exists mainly to be used in Python's \
         test suite.",
    )
    .class_method(),
    Method::new(
        "__format__",
        "($self, format_spec, /)",
        NativeFn::F2(format),
        "Formats the float according to format_spec.",
    ),
];

pub(super) const GETSET: &[GetSet] = &[
    GetSet::read_only("real", |_, v| Ok(Value::float(of(v))), "the real part of a complex number"),
    GetSet::read_only("imag", |_, _| Ok(Value::float(0.0)), "the imaginary part of a complex number"),
];

fn round(t: &Thread, b: &Bound<'_>) -> PyResult {
    let x = of(b.req(0));
    let Some(digits) = b.non_none(1) else { return truncated(t, x.round_ties_even()) };
    let digits = protocol::index_clipped(t, digits)?;
    arith::round(x, digits)
        .map(Value::float)
        .ok_or_else(|| raise::overflow_error(t, "rounded value too large to represent"))
}

fn as_integer_ratio(t: &Thread, v: &Value) -> PyResult {
    let x = of(v);
    if x.is_infinite() {
        return Err(raise::overflow_error(t, "cannot convert Infinity to integer ratio"));
    }
    if x.is_nan() {
        return Err(raise::value_error(t, "cannot convert NaN to integer ratio"));
    }
    let (n, d) = arith::integer_ratio(x);
    Ok(tuple::from_iter(2, [int::to_value(n), int::to_value(d)]))
}

/// A result of a class method: `class` called with the float unless it is float itself.
fn of_class(t: &Thread, class: &Value, x: f64) -> PyResult {
    match class.downcast::<Type>() {
        Some(ty) if !std::ptr::eq(ty, &*core_types::FLOAT) => protocol::call_values(t, class, &[Value::float(x)]),
        _ => Ok(Value::float(x)),
    }
}

fn from_number(t: &Thread, class: &Value, number: &Value) -> PyResult {
    let x = convert::to_f64(t, number)?;
    of_class(t, class, x)
}

fn fromhex(t: &Thread, class: &Value, string: &Value) -> PyResult {
    let Some(view) = str::view(string) else {
        return Err(raise::type_error(t, "bad argument type for built-in operation"));
    };
    registry::need_utf8(t, string)?;
    let parsed = hex::from_hex(&view.to_utf8_lossy().into_owned().into_bytes());
    let x = parsed.map_err(|e| match e {
        hex::HexError::Invalid => raise::value_error(t, "invalid hexadecimal floating-point string"),
        hex::HexError::TooLarge => raise::overflow_error(t, "hexadecimal value too large to represent as a float"),
    })?;
    of_class(t, class, x)
}

fn getformat(t: &Thread, _class: &Value, kind: &Value) -> PyResult {
    let Some(view) = str::view(kind) else {
        let message = format!("__getformat__() argument must be str, not {}", kind.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if view != *"double" && view != *"float" {
        return Err(raise::value_error(t, "__getformat__() argument 1 must be 'double' or 'float'"));
    }
    let order = if cfg!(target_endian = "big") { "IEEE, big-endian" } else { "IEEE, little-endian" };
    Ok(str::from_str(order))
}

fn format(t: &Thread, v: &Value, spec: &Value) -> PyResult {
    let Some(view) = format_spec::argument(t, spec)? else {
        return if v.is_float() { Ok(str::from_str(&text::repr(of(v)))) } else { protocol::to_str(t, v) };
    };
    let class = v.class().display_name();
    format_spec::finished(t, format_spec::format_float(of(v), view, &class))
}
