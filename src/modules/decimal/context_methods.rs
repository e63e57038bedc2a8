//! The methods of Context: the operations of Decimal with the context first.

use super::context::{self, Context};
use super::methods::{
    compare, compare_signal, compare_total, compare_total_mag, copy_sign, same_quantum, to_integral_exact,
    to_integral_value,
};
use super::number::*;
use super::object::{Binary, Decimal, Unary, argument, in_context, make};
use super::{arith, convert, logic, text, transcend};
use crate::object::args::Bound;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, str, tuple};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::this;

fn unary(t: &Thread, v: &Value, x: &Value, f: Unary) -> PyResult {
    let x = argument(t, x)?;
    in_context(t, v, |ctx, st| f(&x, ctx, st))
}

fn binary(t: &Thread, b: &Bound<'_>, f: Binary) -> PyResult {
    let (x, y) = (argument(t, b.req(1))?, argument(t, b.req(2))?);
    in_context(t, b.req(0), |ctx, st| f(&x, &y, ctx, st))
}

macro_rules! unary {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, "($self, x, /)", NativeFn::F2(|t, v, x| unary(t, v, x, $f)), $doc)
    };
}

macro_rules! binary {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, "($self, x, y, /)", NativeFn::Bound(|t, b| binary(t, b, $f)), $doc)
    };
}

macro_rules! test {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new(
            $name,
            "($self, x, /)",
            NativeFn::F2(|t, v, x| Ok(Value::bool($f(&*argument(t, x)?, &this!(v, Context).read())))),
            $doc,
        )
    };
}

fn shown(t: &Thread, v: &Value, x: &Value, engineering: bool) -> PyResult {
    let x = argument(t, x)?;
    Ok(str::from_str(&text::to_text(&x, engineering, this!(v, Context).read().capitals)))
}

pub static METHODS: &[Method] = &[
    unary!("abs", arith::abs, "The absolute value of x, rounded."),
    unary!("exp", transcend::exp, "e to the power of x."),
    unary!("ln", transcend::ln, "The natural logarithm of x."),
    unary!("log10", transcend::log10, "The logarithm of x to base ten."),
    unary!("logb", logic::logb, "The exponent of the first digit of x."),
    unary!("logical_invert", logic::logical_invert, "The digit-wise inversion of x."),
    unary!("minus", arith::minus, "The negation of x, rounded."),
    unary!("next_minus", logic::next_minus, "The largest number that is smaller than x."),
    unary!("next_plus", logic::next_plus, "The smallest number that is larger than x."),
    unary!("normalize", arith::normalize, "x without zeros at its end."),
    unary!("plus", arith::plus, "x, rounded."),
    unary!("sqrt", arith::sqrt, "The square root of x."),
    unary!("to_integral", to_integral_value, "x rounded to an integer."),
    unary!("to_integral_exact", to_integral_exact, "x rounded to an integer, signalling Inexact or Rounded."),
    unary!("to_integral_value", to_integral_value, "x rounded to an integer."),
    binary!("add", arith::add, "The sum of x and y."),
    binary!("compare", compare, "Compares x and y numerically."),
    binary!("compare_signal", compare_signal, "Compares x and y numerically; all NaNs signal."),
    binary!("compare_total", compare_total, "Compares the representations of x and y."),
    binary!("compare_total_mag", compare_total_mag, "Compares the representations of x and y without signs."),
    binary!("copy_sign", copy_sign, "x with the sign of y."),
    binary!("divide", arith::divide, "x divided by y."),
    binary!("divide_int", arith::divide_int, "x divided by y, cut off to an integer."),
    binary!("logical_and", logic::logical_and, "The digit-wise and of x and y."),
    binary!("logical_or", logic::logical_or, "The digit-wise or of x and y."),
    binary!("logical_xor", logic::logical_xor, "The digit-wise exclusive or of x and y."),
    binary!("max", arith::max, "The larger of x and y."),
    binary!("max_mag", arith::max_mag, "The larger of x and y by magnitude."),
    binary!("min", arith::min, "The smaller of x and y."),
    binary!("min_mag", arith::min_mag, "The smaller of x and y by magnitude."),
    binary!("multiply", arith::multiply, "The product of x and y."),
    binary!("next_toward", logic::next_toward, "The neighbour of x in the direction of y."),
    binary!(
        "quantize",
        |a, b, ctx, st| arith::quantize(a, b, ctx.rounding, ctx, st),
        "x with the exponent of y, rounded."
    ),
    binary!("remainder", arith::remainder, "What the division of x by y leaves, with the sign of x."),
    binary!(
        "remainder_near",
        arith::remainder_near,
        "What the division leaves whose quotient is rounded to the nearest integer."
    ),
    binary!("rotate", logic::rotate, "The digits of x rotated by y places."),
    binary!("scaleb", logic::scaleb, "x with its exponent changed by y."),
    binary!("shift", logic::shift, "The digits of x shifted by y places."),
    binary!("subtract", arith::subtract, "The difference of x and y."),
    Method::new(
        "divmod",
        "($self, x, y, /)",
        NativeFn::Bound(|t, b| {
            let (x, y) = (argument(t, b.req(1))?, argument(t, b.req(2))?);
            let context = this!(b.req(0), Context);
            let mut st = 0;
            let (q, r) = arith::div_mod(&x, &y, &context.read(), &mut st);
            context.note(t, st)?;
            Ok(tuple::from_vec(vec![make(q), make(r)]))
        }),
        "Quotient and remainder of the division of x by y.",
    ),
    Method::new(
        "fma",
        "($self, x, y, z, /)",
        NativeFn::Bound(|t, b| {
            let (x, y, z) = (argument(t, b.req(1))?, argument(t, b.req(2))?, argument(t, b.req(3))?);
            in_context(t, b.req(0), |ctx, st| arith::fma(&x, &y, &z, ctx, st))
        }),
        "x times y plus z, rounded once.",
    ),
    Method::new(
        "power",
        "($self, /, a, b, modulo=None)",
        NativeFn::Bound(|t, b| {
            let (x, y) = (argument(t, b.req(1))?, argument(t, b.req(2))?);
            match b.non_none(3) {
                None => in_context(t, b.req(0), |ctx, st| transcend::power(&x, &y, ctx, st)),
                Some(m) => {
                    let m = argument(t, m)?;
                    in_context(t, b.req(0), |ctx, st| transcend::power_modulo(&x, &y, &m, ctx, st))
                }
            }
        }),
        "a to the power of b, modulo a number if one is given.",
    ),
    Method::new(
        "same_quantum",
        "($self, x, y, /)",
        NativeFn::Bound(|t, b| {
            let (x, y) = (argument(t, b.req(1))?, argument(t, b.req(2))?);
            Ok(Value::bool(same_quantum(&x, &y)))
        }),
        "Whether x and y have the same exponent.",
    ),
    test!("is_normal", logic::is_normal, "Whether x is normal."),
    test!("is_subnormal", logic::is_subnormal, "Whether x is subnormal."),
    test!("is_finite", |d: &Dec, _: &Ctx| d.is_finite(), "Whether x is finite."),
    test!("is_infinite", |d: &Dec, _: &Ctx| d.is_infinite(), "Whether x is infinite."),
    test!("is_nan", |d: &Dec, _: &Ctx| d.is_nan(), "Whether x is a NaN."),
    test!("is_qnan", |d: &Dec, _: &Ctx| d.kind == Kind::Quiet, "Whether x is a quiet NaN."),
    test!("is_snan", |d: &Dec, _: &Ctx| d.kind == Kind::Signalling, "Whether x is a signaling NaN."),
    test!("is_signed", |d: &Dec, _: &Ctx| d.sign, "Whether x is negative."),
    test!("is_zero", |d: &Dec, _: &Ctx| d.is_zero(), "Whether x is zero."),
    Method::new(
        "is_canonical",
        "($self, x, /)",
        NativeFn::F2(|t, _, x| decimal_only(t, x).map(|_| Value::TRUE)),
        "Whether x is in canonical form.",
    ),
    Method::new("canonical", "($self, x, /)", NativeFn::F2(|t, _, x| decimal_only(t, x)), "x itself."),
    Method::new(
        "copy_abs",
        "($self, x, /)",
        NativeFn::F2(|t, _, x| Ok(make(argument(t, x)?.with_sign(false)))),
        "The magnitude of x.",
    ),
    Method::new(
        "copy_decimal",
        "($self, x, /)",
        NativeFn::F2(|t, _, x| Ok(make(argument(t, x)?.clone()))),
        "x as a Decimal.",
    ),
    Method::new(
        "copy_negate",
        "($self, x, /)",
        NativeFn::F2(|t, _, x| {
            let x = argument(t, x)?;
            Ok(make(x.with_sign(!x.sign)))
        }),
        "The negation of x.",
    ),
    Method::new(
        "number_class",
        "($self, x, /)",
        NativeFn::F2(|t, v, x| Ok(names::intern(logic::number_class(&*argument(t, x)?, &this!(v, Context).read())))),
        "The class of x.",
    ),
    Method::new(
        "to_sci_string",
        "($self, x, /)",
        NativeFn::F2(|t, v, x| shown(t, v, x, false)),
        "The text of x in scientific notation.",
    ),
    Method::new(
        "to_eng_string",
        "($self, x, /)",
        NativeFn::F2(|t, v, x| shown(t, v, x, true)),
        "The text of x in engineering notation.",
    ),
    Method::new("radix", "($self, /)", NativeFn::F1(|_, _| Ok(make(Dec::from_i64(10)))), "Ten."),
    Method::new(
        "Etiny",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::int(this!(v, Context).read().etiny()))),
        "The smallest exponent of a subnormal number.",
    ),
    Method::new(
        "Etop",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::int(this!(v, Context).read().etop()))),
        "The exponent of the largest number.",
    ),
    Method::new("copy", "($self, /)", NativeFn::F1(|_, v| Ok(context::copy(v))), "A copy of the context."),
    Method::new("__copy__", "($self, /)", NativeFn::F1(|_, v| Ok(context::copy(v))), ""),
    Method::new("__reduce__", "($self, /)", NativeFn::F1(context::reduce), ""),
    Method::new(
        "clear_flags",
        "($self, /)",
        NativeFn::F1(|_, v| {
            this!(v, Context).flags.store(0, Relaxed);
            Ok(Value::NONE)
        }),
        "Clears all flags.",
    ),
    Method::new(
        "clear_traps",
        "($self, /)",
        NativeFn::F1(|_, v| {
            this!(v, Context).traps.store(0, Relaxed);
            Ok(Value::NONE)
        }),
        "Clears all traps.",
    ),
    Method::new(
        "create_decimal",
        "($self, num='0', /)",
        NativeFn::Bound(|t, b| convert::create(t, b.req(0), b.opt(1))),
        "A Decimal of num, rounded to the context.",
    ),
    Method::new(
        "create_decimal_from_float",
        "($self, f, /)",
        NativeFn::F2(|t, v, f| {
            let made = convert::from_float(t, &super::object::DECIMAL.as_value(), f)?;
            in_context(t, v, |ctx, st| super::object::dec(&made).clone().finalize(ctx, st))
        }),
        "A Decimal of a float, rounded to the context.",
    ),
];

fn decimal_only(t: &Thread, x: &Value) -> PyResult {
    if x.downcast::<Decimal>().is_some() {
        return Ok(x.clone());
    }
    Err(raise::type_error(t, "argument must be a Decimal"))
}
