//! The functions of complex numbers (after Kahan: "Branch cuts for complex elementary functions").

use super::special::{self, Table, look_up};
use crate::modules::math::libm::{asinh as asinh_real, ldexp};
use crate::types::complex::Complex;
use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

/// Why a function has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CmathError {
    /// `ValueError`: "math domain error".
    Domain,
    /// `OverflowError`: "math range error".
    Range,
}

/// A function's result.
pub type Res = Result<Complex, CmathError>;

/// Beyond this sums of two magnitudes could overflow.
const LARGE: f64 = f64::MAX / 4.0;
/// The square root of `LARGE`.
const SQRT_LARGE: f64 = 6.703903964971298e153;
/// The logarithm of `LARGE`.
const LOG_LARGE: f64 = 708.3964185322641;
/// The square root of the least normal number.
const SQRT_MIN: f64 = 1.4916681462400413e-154;
const SCALE_UP: i32 = 53;
const SCALE_DOWN: i32 = -27;

fn c(re: f64, im: f64) -> Complex {
    Complex::new(re, im)
}

/// The table's entry for an argument that is not finite.
fn listed(z: Complex, table: &Table) -> Option<Res> {
    (!z.is_finite()).then(|| look_up(table, z.re, z.im).ok_or(CmathError::Domain))
}

fn is_large(z: Complex) -> bool {
    z.re.abs() > LARGE || z.im.abs() > LARGE
}

/// log(2 abs(z)) for a large `z`.
fn log_twice(z: Complex) -> f64 {
    (z.re / 2.0).hypot(z.im / 2.0).ln() + LN_2 * 2.0
}

/// A result that overflowed is an error.
fn finite(r: Complex) -> Res {
    if r.is_infinite() { Err(CmathError::Range) } else { Ok(r) }
}

/// The square root without the possibility of an error.
fn root(z: Complex) -> Complex {
    if !z.is_finite() {
        return look_up(&special::SQRT, z.re, z.im).unwrap_or(c(f64::NAN, f64::NAN));
    }
    if z.re == 0.0 && z.im == 0.0 {
        return c(0.0, z.im);
    }
    let (mut ax, ay) = (z.re.abs(), z.im.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        // Subnormal: scale up, or hypot loses precision.
        ax = ldexp(ax, SCALE_UP);
        ldexp((ax + ax.hypot(ldexp(ay, SCALE_UP))).sqrt(), SCALE_DOWN)
    } else {
        ax /= 8.0;
        2.0 * (ax + ax.hypot(ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if z.re >= 0.0 { c(s, d.copysign(z.im)) } else { c(d, s.copysign(z.im)) }
}

pub fn sqrt(z: Complex) -> Res {
    Ok(root(z))
}

pub fn acos(z: Complex) -> Res {
    if let Some(r) = listed(z, &special::ACOS) {
        return r;
    }
    if is_large(z) {
        let l = log_twice(z);
        let im = if z.re < 0.0 { -l.copysign(z.im) } else { l.copysign(-z.im) };
        return Ok(c(z.im.abs().atan2(z.re), im));
    }
    let s1 = root(c(1.0 - z.re, -z.im));
    let s2 = root(c(1.0 + z.re, z.im));
    Ok(c(2.0 * s1.re.atan2(s2.re), asinh_real(s2.re * s1.im - s2.im * s1.re)))
}

pub fn acosh(z: Complex) -> Res {
    if let Some(r) = listed(z, &special::ACOSH) {
        return r;
    }
    if is_large(z) {
        return Ok(c(log_twice(z), z.im.atan2(z.re)));
    }
    let s1 = root(c(z.re - 1.0, z.im));
    let s2 = root(c(z.re + 1.0, z.im));
    Ok(c(asinh_real(s1.re * s2.re + s1.im * s2.im), 2.0 * s1.im.atan2(s2.re)))
}

pub fn asin(z: Complex) -> Res {
    asinh(c(-z.im, z.re)).map(|r| c(r.im, -r.re))
}

pub fn asinh(z: Complex) -> Res {
    if let Some(r) = listed(z, &special::ASINH) {
        return r;
    }
    if is_large(z) {
        let l = log_twice(z);
        let re = if z.im >= 0.0 { l.copysign(z.re) } else { -l.copysign(-z.re) };
        return Ok(c(re, z.im.atan2(z.re.abs())));
    }
    let s1 = root(c(1.0 + z.im, -z.re));
    let s2 = root(c(1.0 - z.im, z.re));
    Ok(c(asinh_real(s1.re * s2.im - s2.re * s1.im), z.im.atan2(s1.re * s2.re - s1.im * s2.im)))
}

pub fn atan(z: Complex) -> Res {
    atanh(c(-z.im, z.re)).map(|r| c(r.im, -r.re))
}

pub fn atanh(z: Complex) -> Res {
    if let Some(r) = listed(z, &special::ATANH) {
        return r;
    }
    if z.re.is_sign_negative() {
        return atanh(c(-z.re, -z.im)).map(|r| c(-r.re, -r.im));
    }
    let ay = z.im.abs();
    if z.re > SQRT_LARGE || ay > SQRT_LARGE {
        let h = (z.re / 2.0).hypot(z.im / 2.0);
        // The negations keep the sign of a zero on the branch cut.
        return Ok(c(z.re / 4.0 / h / h, -FRAC_PI_2.copysign(-z.im)));
    }
    if z.re == 1.0 && ay < SQRT_MIN {
        if ay == 0.0 {
            return Err(CmathError::Domain);
        }
        return Ok(c(-(ay.sqrt() / ay.hypot(2.0).sqrt()).ln(), (2f64.atan2(-ay) / 2.0).copysign(z.im)));
    }
    let below = 1.0 - z.re;
    Ok(c(
        (4.0 * z.re / (below * below + ay * ay)).ln_1p() / 4.0,
        -(-2.0 * z.im).atan2(below * (1.0 + z.re) - ay * ay) / 2.0,
    ))
}

/// Whether the real part is infinite and the imaginary part an angle that gives the result its signs.
fn is_ray(z: Complex) -> bool {
    z.re.is_infinite() && z.im.is_finite() && z.im != 0.0
}

pub fn cos(z: Complex) -> Res {
    cosh(c(-z.im, z.re))
}

pub fn cosh(z: Complex) -> Res {
    let (sin, cos) = (z.im.sin(), z.im.cos());
    if is_ray(z) {
        let re = f64::INFINITY.copysign(cos);
        let im = f64::INFINITY.copysign(sin);
        return Ok(c(re, if z.re > 0.0 { im } else { -im }));
    }
    if let Some(r) = listed(z, &special::COSH) {
        return r;
    }
    finite(if z.re.abs() > LOG_LARGE {
        // The result may fit where cosh of the real part does not.
        let x = z.re - 1f64.copysign(z.re);
        c(cos * x.cosh() * E, sin * x.sinh() * E)
    } else {
        c(cos * z.re.cosh(), sin * z.re.sinh())
    })
}

pub fn exp(z: Complex) -> Res {
    let (sin, cos) = (z.im.sin(), z.im.cos());
    if is_ray(z) {
        let length = if z.re > 0.0 { f64::INFINITY } else { 0.0 };
        return Ok(c(length.copysign(cos), length.copysign(sin)));
    }
    if let Some(r) = listed(z, &special::EXP) {
        return r;
    }
    finite(if z.re > LOG_LARGE {
        let length = (z.re - 1.0).exp();
        c(length * cos * E, length * sin * E)
    } else {
        let length = z.re.exp();
        c(length * cos, length * sin)
    })
}

/// The natural logarithm.
pub fn log(z: Complex) -> Res {
    if let Some(r) = listed(z, &special::LOG) {
        return r;
    }
    let (ax, ay) = (z.re.abs(), z.im.abs());
    let re = if ax > LARGE || ay > LARGE {
        (ax / 2.0).hypot(ay / 2.0).ln() + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Err(CmathError::Domain);
        }
        ldexp(ax, SCALE_UP).hypot(ldexp(ay, SCALE_UP)).ln() - f64::from(SCALE_UP) * LN_2
    } else {
        let h = ax.hypot(ay);
        if (0.71..=1.73).contains(&h) {
            // Close to the unit circle the logarithm of h would lose precision.
            let (most, least) = (ax.max(ay), ax.min(ay));
            ((most - 1.0) * (most + 1.0) + least * least).ln_1p() / 2.0
        } else {
            h.ln()
        }
    };
    Ok(c(re, z.im.atan2(z.re)))
}

pub fn log10(z: Complex) -> Res {
    log(z).map(|r| c(r.re / LN_10, r.im / LN_10))
}

pub fn sin(z: Complex) -> Res {
    sinh(c(-z.im, z.re)).map(|r| c(r.im, -r.re))
}

pub fn sinh(z: Complex) -> Res {
    let (sin, cos) = (z.im.sin(), z.im.cos());
    if is_ray(z) {
        let re = f64::INFINITY.copysign(cos);
        return Ok(c(if z.re > 0.0 { re } else { -re }, f64::INFINITY.copysign(sin)));
    }
    if let Some(r) = listed(z, &special::SINH) {
        return r;
    }
    finite(if z.re.abs() > LOG_LARGE {
        let x = z.re - 1f64.copysign(z.re);
        c(cos * x.sinh() * E, sin * x.cosh() * E)
    } else {
        c(cos * z.re.sinh(), sin * z.re.cosh())
    })
}

pub fn tan(z: Complex) -> Res {
    tanh(c(-z.im, z.re)).map(|r| c(r.im, -r.re))
}

pub fn tanh(z: Complex) -> Res {
    let (sin, cos) = (z.im.sin(), z.im.cos());
    if is_ray(z) {
        return Ok(c(1f64.copysign(z.re), 0f64.copysign(2.0 * sin * cos)));
    }
    if let Some(r) = listed(z, &special::TANH) {
        return r;
    }
    if z.re.abs() > LOG_LARGE {
        return Ok(c(1f64.copysign(z.re), 4.0 * sin * cos * (-2.0 * z.re.abs()).exp()));
    }
    let (tx, ty) = (z.re.tanh(), z.im.tan());
    let cx = 1.0 / z.re.cosh();
    let product = tx * ty;
    let denominator = 1.0 + product * product;
    Ok(c(tx * (1.0 + ty * ty) / denominator, ty / denominator * cx * cx))
}

/// The number with this modulus and angle.
pub fn rect(r: f64, phi: f64) -> Res {
    let (sin, cos) = (phi.sin(), phi.cos());
    if is_ray(c(r, phi)) {
        let (re, im) = (f64::INFINITY.copysign(cos), f64::INFINITY.copysign(sin));
        return Ok(if r > 0.0 { c(re, im) } else { c(-re, -im) });
    }
    if let Some(z) = listed(c(r, phi), &special::RECT) {
        return z;
    }
    // A product with the sine's zero would lose the sign of r for an angle of zero.
    Ok(if phi == 0.0 { c(r, r * phi) } else { c(r * cos, r * sin) })
}
