//! `cmath`: functions of complex numbers.
//!
//! | file | holds |
//! |---|---|
//! | `functions` | the functions themselves |
//! | `special` | their results for infinities and nans |

pub mod functions;
pub mod special;

use crate::object::args::{Args, Bound};
use crate::object::protocol::{self, as_f64};
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, tuple};
use crate::types::complex::convert::to_complex;
use crate::types::complex::{Complex, object};
use functions::{CmathError, Res};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: FUNCTIONS,
    init: Some(init),
    ..ModuleSpec::new("cmath", "The mathematical functions for complex numbers.")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    use std::f64::consts;
    let imaginary = |im| object::new(Complex::new(0.0, im));
    for (name, value) in [
        ("pi", Value::float(consts::PI)),
        ("e", Value::float(consts::E)),
        ("tau", Value::float(consts::TAU)),
        ("inf", Value::float(f64::INFINITY)),
        ("nan", Value::float(f64::NAN)),
        ("infj", imaginary(f64::INFINITY)),
        ("nanj", imaginary(f64::NAN)),
    ] {
        protocol::set_attr(t, module, &names::intern(name), &value)?;
    }
    Ok(())
}

#[cold]
fn error(t: &Thread, e: CmathError) -> Raised {
    match e {
        CmathError::Domain => raise::value_error(t, "math domain error"),
        CmathError::Range => raise::overflow_error(t, "math range error"),
    }
}

fn one(t: &Thread, v: &Value, f: fn(Complex) -> Res) -> PyResult {
    f(to_complex(t, v)?).map(object::new).map_err(|e| error(t, e))
}

const Z: &str = "($module, z, /)";

/// A row for a function of one number.
macro_rules! one {
    ($name:literal, $f:path, $doc:literal) => {
        Method::new($name, Z, NativeFn::F1(|t, z| one(t, z, $f)), $doc)
    };
}

/// A row for a test.
macro_rules! test {
    ($name:literal, $f:expr, $doc:literal) => {
        Method::new($name, Z, NativeFn::F1(|t, z| Ok(Value::bool($f(to_complex(t, z)?)))), $doc)
    };
}

#[rustfmt::skip]
static FUNCTIONS: &[Method] = &[
    one!("acos", functions::acos, "The arc cosine of z."),
    one!("acosh", functions::acosh, "The inverse hyperbolic cosine of z."),
    one!("asin", functions::asin, "The arc sine of z."),
    one!("asinh", functions::asinh, "The inverse hyperbolic sine of z."),
    one!("atan", functions::atan, "The arc tangent of z."),
    one!("atanh", functions::atanh, "The inverse hyperbolic tangent of z."),
    one!("cos", functions::cos, "The cosine of z."),
    one!("cosh", functions::cosh, "The hyperbolic cosine of z."),
    one!("exp", functions::exp, "e to the power of z."),
    Method::new("isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", NativeFn::Bound(isclose),
        "Whether two complex numbers are close to each other.\n\n  rel_tol\n    The largest distance, as a share of the larger magnitude.\n  abs_tol\n    A distance that always suffices.\n\nnan is close to nothing; infinities are close to themselves only."),
    test!("isfinite", Complex::is_finite, "Whether both parts of z are finite."),
    test!("isinf", Complex::is_infinite, "Whether a part of z is infinite."),
    test!("isnan", |z: Complex| z.re.is_nan() || z.im.is_nan(), "Whether a part of z is nan."),
    Method::new("log", "($module, z, base=<unrepresentable>, /)", NativeFn::Raw(log), "log(z[, base]) -> the logarithm of z to the given base.\n\nThe natural logarithm if no base is given."),
    one!("log10", functions::log10, "The logarithm of z to base 10."),
    Method::new("phase", Z, NativeFn::F1(|t, z| to_complex(t, z).map(|z| Value::float(z.im.atan2(z.re)))), "The argument of z: its angle in polar coordinates."),
    Method::new("polar", Z, NativeFn::F1(polar), "The polar coordinates of z: modulus and angle."),
    Method::new("rect", "($module, r, phi, /)", NativeFn::F2(rect), "The number with modulus r and angle phi."),
    one!("sin", functions::sin, "The sine of z."),
    one!("sinh", functions::sinh, "The hyperbolic sine of z."),
    one!("sqrt", functions::sqrt, "The square root of z."),
    one!("tan", functions::tan, "The tangent of z."),
    one!("tanh", functions::tanh, "The hyperbolic tangent of z."),
];

fn log(t: &Thread, args: Args<'_>) -> PyResult {
    args.no_keywords(t, "cmath.log")?;
    let args = args.exactly_positional(t, "log", 1, 2)?;
    let z = to_complex(t, &args[0])?;
    let Some(base) = args.get(1) else { return functions::log(z).map(object::new).map_err(|e| error(t, e)) };
    let base = to_complex(t, base)?;
    let quotient = functions::log(z).and_then(|a| {
        let b = functions::log(base)?;
        a.quotient(b).map_err(|_| CmathError::Domain)
    });
    quotient.map(object::new).map_err(|e| error(t, e))
}

fn polar(t: &Thread, v: &Value) -> PyResult {
    let z = to_complex(t, v)?;
    let Some(r) = z.abs() else { return Err(error(t, CmathError::Range)) };
    Ok(tuple::from_iter(2, [Value::float(r), Value::float(z.im.atan2(z.re))]))
}

fn rect(t: &Thread, r: &Value, phi: &Value) -> PyResult {
    let (r, phi) = (as_f64(t, r)?, as_f64(t, phi)?);
    functions::rect(r, phi).map(object::new).map_err(|e| error(t, e))
}

fn isclose(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (x, y) = (to_complex(t, b.req(0))?, to_complex(t, b.req(1))?);
    let relative = b.opt(2).map_or(Ok(1e-9), |v| as_f64(t, v))?;
    let absolute = b.opt(3).map_or(Ok(0.0), |v| as_f64(t, v))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(raise::value_error(t, "tolerances must be non-negative"));
    }
    if x == y {
        return Ok(Value::TRUE);
    }
    if x.is_infinite() || y.is_infinite() {
        return Ok(Value::FALSE);
    }
    let size = |z: Complex| z.re.hypot(z.im);
    let distance = size(Complex::new(x.re - y.re, x.im - y.im));
    Ok(Value::bool(distance <= relative * size(y) || distance <= relative * size(x) || distance <= absolute))
}
