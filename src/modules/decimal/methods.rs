//! The methods of Decimal.

use super::context::{self, Context, current, rounding_of};
use super::number::status::*;
use super::number::*;
use super::object::{Binary, Unary, argument, dec, in_context, make};
use super::{arith, convert, logic, text, transcend};
use crate::object::args::Bound;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, names, str, tuple};
use crate::this;
use std::cmp::Ordering;

fn unary(t: &Thread, b: &Bound<'_>, f: Unary) -> PyResult {
    let context = context::argument(t, b, 1)?;
    in_context(t, &context, |ctx, st| f(dec(b.req(0)), ctx, st))
}

fn binary(t: &Thread, b: &Bound<'_>, f: Binary) -> PyResult {
    let context = context::argument(t, b, 2)?;
    let other = argument(t, b.req(1))?;
    in_context(t, &context, |ctx, st| f(dec(b.req(0)), &other, ctx, st))
}

macro_rules! unary {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, "($self, /, context=None)", NativeFn::Bound(|t, b| unary(t, b, $f)), $doc)
    };
}

macro_rules! binary {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, "($self, /, other, context=None)", NativeFn::Bound(|t, b| binary(t, b, $f)), $doc)
    };
}

macro_rules! test {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, "($self, /)", NativeFn::F1(|_, v| Ok(Value::bool($f(dec(v))))), $doc)
    };
}

macro_rules! test_in {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new(
            $name,
            "($self, /, context=None)",
            NativeFn::Bound(|t, b| {
                let context = context::argument(t, b, 1)?;
                Ok(Value::bool($f(dec(b.req(0)), &this!(&context, Context).read())))
            }),
            $doc,
        )
    };
}

/// -1, 0 or 1.
pub fn order(order: Ordering) -> Dec {
    Dec::from_i64(match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}

pub fn compare(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    nan_of(&[a, b], ctx, st).unwrap_or_else(|| order(super::number::compare(a, b)))
}

pub fn compare_signal(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if a.is_nan() || b.is_nan() {
        *st |= INVALID_OPERATION;
    }
    compare(a, b, ctx, st)
}

pub fn compare_total(a: &Dec, b: &Dec, _: &Ctx, _: &mut u32) -> Dec {
    order(arith::compare_total(a, b))
}

pub fn compare_total_mag(a: &Dec, b: &Dec, _: &Ctx, _: &mut u32) -> Dec {
    order(arith::compare_total(&a.with_sign(false), &b.with_sign(false)))
}

pub fn copy_sign(a: &Dec, b: &Dec, _: &Ctx, _: &mut u32) -> Dec {
    a.with_sign(b.sign)
}

pub fn to_integral_value(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    arith::to_integral(a, ctx.rounding, false, ctx, st)
}

pub fn to_integral_exact(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    arith::to_integral(a, ctx.rounding, true, ctx, st)
}

pub fn same_quantum(a: &Dec, b: &Dec) -> bool {
    if a.is_special() || b.is_special() {
        return (a.is_nan() && b.is_nan()) || (a.is_infinite() && b.is_infinite());
    }
    a.exp == b.exp
}

/// `to_integral` with a rounding of its own.
fn to_integral(t: &Thread, b: &Bound<'_>, exact: bool) -> PyResult {
    let context = context::argument(t, b, 2)?;
    let rounding = b.non_none(1).map(|v| rounding_of(t, v)).transpose()?;
    in_context(t, &context, |ctx, st| {
        arith::to_integral(dec(b.req(0)), rounding.unwrap_or(ctx.rounding), exact, ctx, st)
    })
}

fn round(t: &Thread, b: &Bound<'_>) -> PyResult {
    let d = dec(b.req(0));
    let Some(places) = b.opt(1) else { return convert::to_int(t, d, Rounding::HalfEven) };
    if crate::object::bigint::view(places).is_none() {
        return Err(raise::type_error(t, "optional arg must be an integer"));
    }
    let places = crate::modules::support::size_argument(t, places)?;
    let unit = Dec::finite(false, 1u8.into(), places.saturating_neg());
    in_context(t, &current(t)?, |ctx, st| arith::quantize(d, &unit, ctx.rounding, ctx, st))
}

fn format(t: &Thread, b: &Bound<'_>) -> PyResult {
    let spec = b.req(1);
    if str::view(spec).is_none() {
        return Err(raise::type_error(t, "format arg must be str"));
    }
    let context = current(t)?;
    let ctx = this!(&context, Context).read();
    match text::format(dec(b.req(0)), &str::lossy(spec), ctx.rounding, ctx.capitals) {
        Some(text) => Ok(str::from_str(&text)),
        None => Err(raise::value_error(t, "invalid format string")),
    }
}

fn complex(t: &Thread, v: &Value) -> PyResult {
    Ok((hooks::get().complex)(convert::to_float(t, dec(v))?, 0.0))
}

pub static METHODS: &[Method] = &[
    unary!("exp", transcend::exp, "The value of e to the power of this number, correctly rounded half to even."),
    unary!("ln", transcend::ln, "The natural logarithm, correctly rounded half to even."),
    unary!("log10", transcend::log10, "The logarithm to base ten, correctly rounded half to even."),
    unary!("logb", logic::logb, "The exponent of the first digit, as a Decimal."),
    unary!("next_minus", logic::next_minus, "The largest number of the context that is smaller."),
    unary!("next_plus", logic::next_plus, "The smallest number of the context that is larger."),
    unary!("normalize", arith::normalize, "The same value without zeros at its end."),
    unary!("sqrt", arith::sqrt, "The square root, correctly rounded half to even."),
    unary!("logical_invert", logic::logical_invert, "The digit-wise inversion of a logical operand."),
    binary!("compare", compare, "-1, 0 or 1 for smaller, equal and larger; a NaN if there is one."),
    binary!("compare_signal", compare_signal, "As compare, but all NaNs signal."),
    binary!("compare_total", compare_total, "The order of the representations, in which no two are equal."),
    binary!("compare_total_mag", compare_total_mag, "As compare_total, without looking at signs."),
    binary!("copy_sign", copy_sign, "This number with the sign of the other."),
    binary!("logical_and", logic::logical_and, "The digit-wise and of logical operands."),
    binary!("logical_or", logic::logical_or, "The digit-wise or of logical operands."),
    binary!("logical_xor", logic::logical_xor, "The digit-wise exclusive or of logical operands."),
    binary!("max", arith::max, "The larger of two; a number rather than a quiet NaN."),
    binary!("max_mag", arith::max_mag, "As max, by magnitude."),
    binary!("min", arith::min, "The smaller of two; a number rather than a quiet NaN."),
    binary!("min_mag", arith::min_mag, "As min, by magnitude."),
    binary!("next_toward", logic::next_toward, "The neighbour in the direction of the other number."),
    binary!(
        "remainder_near",
        arith::remainder_near,
        "What is left of the division whose quotient is rounded to the nearest integer."
    ),
    binary!("rotate", logic::rotate, "The digits rotated by so many places, to the left for a positive number."),
    binary!("scaleb", logic::scaleb, "The number with its exponent changed by the other."),
    binary!("shift", logic::shift, "The digits shifted by so many places, to the left for a positive number."),
    Method::new(
        "fma",
        "($self, /, other, third, context=None)",
        NativeFn::Bound(|t, b| {
            let context = context::argument(t, b, 3)?;
            let (other, third) = (argument(t, b.req(1))?, argument(t, b.req(2))?);
            in_context(t, &context, |ctx, st| arith::fma(dec(b.req(0)), &other, &third, ctx, st))
        }),
        "This number times other plus third, rounded once.",
    ),
    Method::new(
        "quantize",
        "($self, /, exp, rounding=None, context=None)",
        NativeFn::Bound(|t, b| {
            let context = context::argument(t, b, 3)?;
            let exp = argument(t, b.req(1))?;
            let rounding = b.non_none(2).map(|v| rounding_of(t, v)).transpose()?;
            in_context(t, &context, |ctx, st| {
                arith::quantize(dec(b.req(0)), &exp, rounding.unwrap_or(ctx.rounding), ctx, st)
            })
        }),
        "The value with the exponent of exp, rounded.",
    ),
    Method::new(
        "same_quantum",
        "($self, /, other, context=None)",
        NativeFn::Bound(|t, b| {
            context::argument(t, b, 2)?;
            Ok(Value::bool(same_quantum(dec(b.req(0)), &*argument(t, b.req(1))?)))
        }),
        "Whether both have the same exponent, or are both infinite or NaN.",
    ),
    Method::new(
        "to_integral",
        "($self, /, rounding=None, context=None)",
        NativeFn::Bound(|t, b| to_integral(t, b, false)),
        "The nearest integer, as to_integral_value.",
    ),
    Method::new(
        "to_integral_value",
        "($self, /, rounding=None, context=None)",
        NativeFn::Bound(|t, b| to_integral(t, b, false)),
        "The nearest integer, without signalling Inexact or Rounded.",
    ),
    Method::new(
        "to_integral_exact",
        "($self, /, rounding=None, context=None)",
        NativeFn::Bound(|t, b| to_integral(t, b, true)),
        "The nearest integer, signalling Inexact or Rounded as appropriate.",
    ),
    Method::new(
        "to_eng_string",
        "($self, /, context=None)",
        NativeFn::Bound(|t, b| {
            let context = context::argument(t, b, 1)?;
            let capitals = this!(&context, Context).read().capitals;
            Ok(str::from_str(&text::to_text(dec(b.req(0)), true, capitals)))
        }),
        "The text in engineering notation, whose exponents are multiples of three.",
    ),
    Method::new(
        "number_class",
        "($self, /, context=None)",
        NativeFn::Bound(|t, b| {
            let context = context::argument(t, b, 1)?;
            Ok(names::intern(logic::number_class(dec(b.req(0)), &this!(&context, Context).read())))
        }),
        "The class of the number, such as '+Normal'.",
    ),
    test_in!("is_normal", logic::is_normal, "Whether the number is finite, not zero and not subnormal."),
    test_in!("is_subnormal", logic::is_subnormal, "Whether the number is subnormal."),
    test!("is_canonical", |_: &Dec| true, "True: all numbers are in canonical form."),
    test!("is_finite", Dec::is_finite, "Whether the number is neither infinite nor a NaN."),
    test!("is_infinite", Dec::is_infinite, "Whether the number is infinite."),
    test!("is_nan", Dec::is_nan, "Whether it is a NaN."),
    test!("is_qnan", |d: &Dec| d.kind == Kind::Quiet, "Whether it is a quiet NaN."),
    test!("is_snan", |d: &Dec| d.kind == Kind::Signalling, "Whether it is a signaling NaN."),
    test!("is_signed", |d: &Dec| d.sign, "Whether the sign is negative."),
    test!("is_zero", Dec::is_zero, "Whether the number is zero."),
    Method::new(
        "adjusted",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::int(dec(v).adjusted()))),
        "The exponent of the first digit.",
    ),
    Method::new("canonical", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), "The number itself."),
    Method::new("conjugate", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), "The number itself."),
    Method::new("radix", "($self, /)", NativeFn::F1(|_, _| Ok(make(Dec::from_i64(10)))), "Ten."),
    Method::new(
        "copy_abs",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(make(dec(v).with_sign(false)))),
        "The magnitude, untouched by the context.",
    ),
    Method::new(
        "copy_negate",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(make(dec(v).with_sign(!dec(v).sign)))),
        "The negation, untouched by the context.",
    ),
    Method::new(
        "as_tuple",
        "($self, /)",
        NativeFn::F1(convert::as_tuple),
        "A named tuple of sign, digits and exponent.",
    ),
    Method::new(
        "as_integer_ratio",
        "($self, /)",
        NativeFn::F1(convert::as_integer_ratio),
        "A pair of ints whose ratio is the number, in lowest terms.",
    ),
    Method::new("from_float", "($type, f, /)", NativeFn::F2(convert::from_float), "The exact value of a float or int.")
        .class_method(),
    Method::new(
        "from_number",
        "($type, number, /)",
        NativeFn::F2(convert::from_number),
        "The exact value of a real number.",
    )
    .class_method(),
    Method::new("__copy__", "($self, /)", NativeFn::F1(|_, v| Ok(v.clone())), ""),
    Method::new("__deepcopy__", "($self, memo, /)", NativeFn::F2(|_, v, _| Ok(v.clone())), ""),
    Method::new(
        "__reduce__",
        "($self, /)",
        NativeFn::F1(|_, v| {
            let shown = str::from_str(&text::to_text(dec(v), false, true));
            Ok(tuple::from_vec(vec![v.class().to_value(), tuple::from_vec(vec![shown])]))
        }),
        "",
    ),
    Method::new("__format__", "($self, spec, override=None, /)", NativeFn::Bound(format), ""),
    Method::new("__round__", "($self, ndigits=None, /)", NativeFn::Bound(round), ""),
    Method::new("__ceil__", "($self, /)", NativeFn::F1(|t, v| convert::to_int(t, dec(v), Rounding::Ceiling)), ""),
    Method::new("__floor__", "($self, /)", NativeFn::F1(|t, v| convert::to_int(t, dec(v), Rounding::Floor)), ""),
    Method::new("__trunc__", "($self, /)", NativeFn::F1(|t, v| convert::to_int(t, dec(v), Rounding::Down)), ""),
    Method::new("__complex__", "($self, /)", NativeFn::F1(complex), ""),
    Method::new(
        "__sizeof__",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::uint((size_of::<Dec>() + 24 + dec(v).coef.as_words().len() * 8) as u64))),
        "",
    ),
];
