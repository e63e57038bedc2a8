//! `math`: functions of real numbers and of integers.
//!
//! | file | holds |
//! |---|---|
//! | `real` | functions of one, two or three real numbers |
//! | `special` | gamma and its logarithm |
//! | `sums`, `vectors` | accurate sums and norms; the functions that use them |
//! | `counting` | functions of integers |
//! | `libm` | what comes from the C library |

mod counting;
pub mod libm;
mod real;
pub mod special;
pub mod sums;
mod vectors;

use crate::object::names;
use crate::object::protocol::{self, as_f64};
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::int::theory;
use real::{Domain, growing, total, within};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: FUNCTIONS,
    init: Some(init),
    ..ModuleSpec::new("math", "The mathematical functions of the C standard, and more, for real numbers.")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    use std::f64::consts;
    for (name, x) in
        [("pi", consts::PI), ("e", consts::E), ("tau", consts::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)]
    {
        protocol::set_attr(t, module, &names::intern(name), &Value::float(x))?;
    }
    Ok(())
}

const ONE: &str = "($module, x, /)";
const TWO: &str = "($module, x, y, /)";

/// A row for a function that is defined everywhere.
macro_rules! total {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, ONE, NativeFn::F1(|t, x| total(t, x, $f)), $doc)
    };
}

/// A row for a function with a limited domain.
macro_rules! within {
    ($name:literal, $f:expr, $domain:literal, $doc:literal) => {
        Method::new($name, ONE, NativeFn::F1(|t, x| within(t, x, $f, &Domain($domain))), $doc)
    };
}

/// A row for a function that may overflow.
macro_rules! growing {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, ONE, NativeFn::F1(|t, x| growing(t, x, $f)), $doc)
    };
}

/// A row for a test of a float.
macro_rules! test {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, ONE, NativeFn::F1(|t, x| Ok(Value::bool($f(as_f64(t, x)?)))), $doc)
    };
}

const FINITE: &str = "expected a finite input";

#[rustfmt::skip]
static FUNCTIONS: &[Method] = &[
    within!("acos", f64::acos, "expected a number in range from -1 up to 1", "The angle, in radians from 0 to pi, whose cosine is x."),
    within!("acosh", |x| libm::acosh(x), "expected argument value not less than 1", "The inverse hyperbolic cosine of x."),
    within!("asin", f64::asin, "expected a number in range from -1 up to 1", "The angle, in radians from -pi/2 to pi/2, whose sine is x."),
    total!("asinh", |x| libm::asinh(x), "The inverse hyperbolic sine of x."),
    total!("atan", f64::atan, "The angle, in radians from -pi/2 to pi/2, whose tangent is x."),
    Method::new("atan2", "($module, y, x, /)", NativeFn::F2(|t, y, x| Ok(Value::float(as_f64(t, y)?.atan2(as_f64(t, x)?)))),
        "The angle, in radians, of the point (x, y) seen from the origin."),
    within!("atanh", |x| libm::atanh(x), "expected a number between -1 and 1", "The inverse hyperbolic tangent of x."),
    total!("cbrt", f64::cbrt, "The cube root of x."),
    Method::new("ceil", ONE, NativeFn::F1(|t, x| real::rounded(t, x, "__ceil__", f64::ceil)), "The least integer that is not less than x."),
    Method::new("comb", "($module, n, k, /)", NativeFn::F2(counting::comb), "The number of ways to choose k of n items without regard to order."),
    Method::new("copysign", TWO, NativeFn::F2(|t, x, y| Ok(Value::float(as_f64(t, x)?.copysign(as_f64(t, y)?)))),
        "A float with the magnitude of x and the sign of y; signs of zeros count."),
    Method::new("cos", ONE, NativeFn::F1(|t, x| within(t, x, f64::cos, &Domain(FINITE))), "The cosine of x radians."),
    growing!("cosh", f64::cosh, "The hyperbolic cosine of x."),
    total!("degrees", |x| x * (180.0 / std::f64::consts::PI), "The angle of x radians in degrees."),
    Method::new("dist", "($module, p, q, /)", NativeFn::F2(vectors::dist), "The Euclidean distance between two points, given as sequences of coordinates."),
    total!("erf", |x| libm::erf(x), "The error function at x."),
    total!("erfc", |x| libm::erfc(x), "One minus the error function at x, without loss of precision for large x."),
    growing!("exp", f64::exp, "e to the power of x."),
    growing!("exp2", f64::exp2, "2 to the power of x."),
    growing!("expm1", f64::exp_m1, "exp(x) - 1, without loss of precision for small x."),
    total!("fabs", f64::abs, "The absolute value of x, as a float."),
    Method::new("factorial", "($module, n, /)", NativeFn::F1(counting::factorial), "The product of the integers from 1 to n."),
    Method::new("floor", ONE, NativeFn::F1(|t, x| real::rounded(t, x, "__floor__", f64::floor)), "The greatest integer that is not greater than x."),
    Method::new("fma", "($module, x, y, z, /)", NativeFn::F3(real::fma), "x * y + z, rounded once."),
    Method::new("fmod", TWO, NativeFn::F2(real::fmod), "The rest of x after division by y with the quotient rounded towards zero: it has the sign of x."),
    Method::new("frexp", ONE, NativeFn::F1(real::frexp), "The pair (m, e) with x == m * 2**e and 0.5 <= abs(m) < 1; (0.0, 0) for zero."),
    Method::new("fsum", "($module, seq, /)", NativeFn::F1(vectors::fsum), "The sum of the numbers of an iterable, rounded once."),
    Method::new("gamma", ONE, NativeFn::F1(real::gamma), "The gamma function at x."),
    Method::new("gcd", "($module, *integers)", NativeFn::Raw(|t, args| counting::fold(t, args, "math.gcd", 0, theory::gcd)), "The greatest common divisor of the arguments."),
    Method::new("hypot", "", NativeFn::Raw(vectors::hypot), "hypot(*coordinates) -> value\n\nThe length of the vector from the origin to the point with these coordinates."),
    Method::new("isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", NativeFn::Bound(real::isclose),
        "Whether two numbers are close to each other.\n\n  rel_tol\n    The largest distance, as a share of the larger magnitude.\n  abs_tol\n    A distance that always suffices.\n\nnan is close to nothing; infinities are close to themselves only."),
    test!("isfinite", f64::is_finite, "Whether x is neither an infinity nor nan."),
    test!("isinf", f64::is_infinite, "Whether x is an infinity."),
    test!("isnan", f64::is_nan, "Whether x is nan."),
    Method::new("isqrt", "($module, n, /)", NativeFn::F1(counting::isqrt), "The integer part of the square root of an integer."),
    Method::new("lcm", "($module, *integers)", NativeFn::Raw(|t, args| counting::fold(t, args, "math.lcm", 1, theory::lcm)), "The least common multiple of the arguments."),
    Method::new("ldexp", "($module, x, i, /)", NativeFn::F2(real::ldexp), "x * 2**i: the inverse of frexp."),
    Method::new("lgamma", ONE, NativeFn::F1(real::lgamma), "The natural logarithm of the magnitude of the gamma function at x."),
    Method::new("log", "", NativeFn::Raw(real::log), "log(x, [base=math.e])\n\nThe logarithm of x to the base, the natural one if no base is given."),
    Method::new("log10", ONE, NativeFn::F1(|t, x| real::logarithm(t, x, f64::log10).map(Value::float)), "The logarithm of x to base 10."),
    within!("log1p", f64::ln_1p, "expected argument value > -1", "The natural logarithm of 1 + x, without loss of precision for small x."),
    Method::new("log2", ONE, NativeFn::F1(|t, x| real::logarithm(t, x, f64::log2).map(Value::float)), "The logarithm of x to base 2."),
    Method::new("modf", ONE, NativeFn::F1(real::modf), "The fraction and the whole part of x, both floats with the sign of x."),
    Method::new("nextafter", "($module, x, y, /, *, steps=None)", NativeFn::Bound(real::nextafter), "The float that is so many steps (1 if not given) after x on the way to y."),
    Method::new("perm", "($module, n, k=None, /)", NativeFn::Bound(counting::perm), "The number of ways to choose k of n items in order; of all n if k is not given."),
    Method::new("pow", TWO, NativeFn::F2(real::pow), "x to the power of y, as a float."),
    Method::new("prod", "($module, iterable, /, *, start=1)", NativeFn::Bound(real::prod), "The product of the start value and the items of an iterable."),
    total!("radians", |x| x * (std::f64::consts::PI / 180.0), "The angle of x degrees in radians."),
    Method::new("remainder", TWO, NativeFn::F2(real::remainder), "x less the multiple of y that is closest to it (of two the even one), as IEEE 754 says."),
    Method::new("sin", ONE, NativeFn::F1(|t, x| within(t, x, f64::sin, &Domain(FINITE))), "The sine of x radians."),
    growing!("sinh", f64::sinh, "The hyperbolic sine of x."),
    within!("sqrt", f64::sqrt, "expected a nonnegative input", "The square root of x."),
    Method::new("sumprod", "($module, p, q, /)", NativeFn::F2(vectors::sumprod), "The sum of the products of the pairs of items of two iterables of equal length."),
    Method::new("tan", ONE, NativeFn::F1(|t, x| within(t, x, f64::tan, &Domain(FINITE))), "The tangent of x radians."),
    total!("tanh", f64::tanh, "The hyperbolic tangent of x."),
    Method::new("trunc", ONE, NativeFn::F1(real::trunc), "The integer part of x, by its __trunc__ method."),
    total!("ulp", real::ulp, "The value of the lowest bit of the float x."),
];
