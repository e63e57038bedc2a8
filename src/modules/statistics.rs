//! `_statistics`: the inverse of the normal distribution's cumulative distribution function.

use crate::object::args::Bound;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "_normal_dist_inv_cdf",
        "($module, p, mu, sigma, /)",
        NativeFn::Bound(normal_dist_inv_cdf),
        "",
    )],
    ..ModuleSpec::new("_statistics", "Accelerators for the statistics module.\n")
};

fn normal_dist_inv_cdf(t: &Thread, b: &Bound<'_>) -> PyResult {
    let number = |i: usize| protocol::as_f64(t, b.req(i));
    let (p, mu, sigma) = (number(0)?, number(1)?, number(2)?);
    inverse(p, mu, sigma)
        .map(Value::float)
        .ok_or_else(|| raise::value_error(t, "inv_cdf undefined for these parameters"))
}

/// Value of a polynomial, coefficients from the highest power down.
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// Algorithm AS 241, PPND16 (Wichura, "The Percentage Points of the Normal Distribution", Applied Statistics 37, 1988):
/// rational approximations to about 1 part in 10^16. `None` where the function is not defined.
fn inverse(p: f64, mu: f64, sigma: f64) -> Option<f64> {
    if p.is_nan() || p <= 0.0 || p >= 1.0 || sigma <= 0.0 || sigma.is_nan() {
        return None;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return Some(mu + q * horner(&A, r) / horner(&B, r) * sigma);
    }
    let r = (-(if q <= 0.0 { p } else { 1.0 - p }).ln()).sqrt();
    let x =
        if r <= 5.0 { horner(&C, r - 1.6) / horner(&D, r - 1.6) } else { horner(&E, r - 5.0) / horner(&F, r - 5.0) };
    let x = if q < 0.0 { -x } else { x };
    Some(mu + x * sigma)
}

// The published digits, more than a double holds.
#[allow(clippy::excessive_precision)]
const A: [f64; 8] = [
    2.5090809287301226727e3,
    3.3430575583588128105e4,
    6.7265770927008700853e4,
    4.5921953931549871457e4,
    1.3731693765509461125e4,
    1.9715909503065514427e3,
    1.3314166789178437745e2,
    3.3871328727963666080e0,
];
#[allow(clippy::excessive_precision)]
const B: [f64; 8] = [
    5.2264952788528545610e3,
    2.8729085735721942674e4,
    3.9307895800092710610e4,
    2.1213794301586595867e4,
    5.3941960214247511077e3,
    6.8718700749205790830e2,
    4.2313330701600911252e1,
    1.0,
];
#[allow(clippy::excessive_precision)]
const C: [f64; 8] = [
    7.74545014278341407640e-4,
    2.27238449892691845833e-2,
    2.41780725177450611770e-1,
    1.27045825245236838258e0,
    3.64784832476320460504e0,
    5.76949722146069140550e0,
    4.63033784615654529590e0,
    1.42343711074968357734e0,
];
#[allow(clippy::excessive_precision)]
const D: [f64; 8] = [
    1.05075007164441684324e-9,
    5.47593808499534494600e-4,
    1.51986665636164571966e-2,
    1.48103976427480074590e-1,
    6.89767334985100004550e-1,
    1.67638483018380384940e0,
    2.05319162663775882187e0,
    1.0,
];
#[allow(clippy::excessive_precision)]
const E: [f64; 8] = [
    2.01033439929228813265e-7,
    2.71155556874348757815e-5,
    1.24266094738807843860e-3,
    2.65321895265761230930e-2,
    2.96560571828504891230e-1,
    1.78482653991729133580e0,
    5.46378491116411436990e0,
    6.65790464350110377720e0,
];
#[allow(clippy::excessive_precision)]
const F: [f64; 8] = [
    2.04426310338993978564e-15,
    1.42151175831644588870e-7,
    1.84631831751005468180e-5,
    7.86869131145613259100e-4,
    1.48753612908506148525e-2,
    1.36929880922735805310e-1,
    5.99832206555887937690e-1,
    1.0,
];

#[cfg(test)]
mod tests {
    use super::inverse;

    #[test]
    fn agrees_with_the_reference() {
        // CPython 3.13: `_statistics._normal_dist_inv_cdf(p, 0.0, 1.0)`.
        for (p, expected) in REFERENCE {
            assert_eq!(inverse(p, 0.0, 1.0), Some(expected), "{p}");
        }
        assert_eq!(inverse(0.5, 10.0, 2.0), Some(10.0));
        assert_eq!(inverse(0.0, 0.0, 1.0), None);
        assert_eq!(inverse(1.0, 0.0, 1.0), None);
        assert_eq!(inverse(0.5, 0.0, 0.0), None);
    }

    const REFERENCE: [(f64, f64); 6] = [
        (0.001, -3.090232306167813),
        (0.2, -0.8416212335729142),
        (0.45, -0.125661346855074),
        (0.9, 1.2815515655446008),
        (0.99999, 4.26489079392384),
        (1e-12, -7.034483825301132),
    ];
}
