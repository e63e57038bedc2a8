//! Complex arithmetic, with the special values of C's Annex G and mixed real operands kept real.

use crate::types::float;

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

/// Why a complex operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplexError {
    /// `ZeroDivisionError`: "division by zero".
    DivisionByZero,
    /// `ZeroDivisionError`: "zero to a negative or complex power".
    ZeroPower,
    /// `OverflowError`: "complex exponentiation".
    Overflow,
}

impl Complex {
    /// `re + im j`.
    #[inline]
    pub const fn new(re: f64, im: f64) -> Complex {
        Complex { re, im }
    }

    /// Whether both parts are finite.
    #[inline]
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// Whether a part is infinite.
    #[inline]
    pub fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }

    /// `self * b`. Where the plain formula gives nan in both parts, infinities are recovered as Annex G says.
    pub fn product(self, b: Complex) -> Complex {
        let (mut a, mut b) = (self, b);
        let (ac, bd, ad, bc) = (a.re * b.re, a.im * b.im, a.re * b.im, a.im * b.re);
        let r = Complex::new(ac - bd, ad + bc);
        if !(r.re.is_nan() && r.im.is_nan()) {
            return r;
        }
        let mut recover = false;
        if a.is_infinite() {
            a = boxed(a);
            b = nan_to_zero(b);
            recover = true;
        }
        if b.is_infinite() {
            b = boxed(b);
            a = nan_to_zero(a);
            recover = true;
        }
        if !recover && [ac, bd, ad, bc].iter().any(|p| p.is_infinite()) {
            a = nan_to_zero(a);
            b = nan_to_zero(b);
            recover = true;
        }
        if recover {
            let inf = f64::INFINITY;
            Complex::new(inf * (a.re * b.re - a.im * b.im), inf * (a.re * b.im + a.im * b.re))
        } else {
            r
        }
    }

    /// `self / b`, by Smith's method.
    pub fn quotient(self, b: Complex) -> Result<Complex, ComplexError> {
        let a = self;
        let mut r;
        if b.re.abs() >= b.im.abs() {
            if b.re == 0.0 {
                return Err(ComplexError::DivisionByZero);
            }
            let ratio = b.im / b.re;
            let denominator = b.re + b.im * ratio;
            r = Complex::new((a.re + a.im * ratio) / denominator, (a.im - a.re * ratio) / denominator);
        } else if b.im.abs() >= b.re.abs() {
            let ratio = b.re / b.im;
            let denominator = b.re * ratio + b.im;
            r = Complex::new((a.re * ratio + a.im) / denominator, (a.im * ratio - a.re) / denominator);
        } else {
            // A part of the divisor is nan.
            return Ok(Complex::new(f64::NAN, f64::NAN));
        }
        if r.re.is_nan() && r.im.is_nan() {
            if a.is_infinite() && b.is_finite() {
                let x = boxed(a);
                let inf = f64::INFINITY;
                r = Complex::new(inf * (x.re * b.re + x.im * b.im), inf * (x.im * b.re - x.re * b.im));
            } else if b.is_infinite() && a.is_finite() {
                let y = boxed(b);
                r = Complex::new(0.0 * (a.re * y.re + a.im * y.im), 0.0 * (a.im * y.re - a.re * y.im));
            }
        }
        Ok(r)
    }

    /// `self / b` for a real divisor.
    pub fn div_real(self, b: f64) -> Result<Complex, ComplexError> {
        if b == 0.0 {
            return Err(ComplexError::DivisionByZero);
        }
        Ok(Complex::new(self.re / b, self.im / b))
    }

    /// `a / b` for a real dividend.
    pub fn real_div(a: f64, b: Complex) -> Result<Complex, ComplexError> {
        let mut r;
        if b.re.abs() >= b.im.abs() {
            if b.re == 0.0 {
                return Err(ComplexError::DivisionByZero);
            }
            let ratio = b.im / b.re;
            let denominator = b.re + b.im * ratio;
            r = Complex::new(a / denominator, (-a * ratio) / denominator);
        } else if b.im.abs() >= b.re.abs() {
            let ratio = b.re / b.im;
            let denominator = b.re * ratio + b.im;
            r = Complex::new((a * ratio) / denominator, (-a) / denominator);
        } else {
            return Ok(Complex::new(f64::NAN, f64::NAN));
        }
        if r.re.is_nan() && r.im.is_nan() && b.is_infinite() && a.is_finite() {
            let y = boxed(b);
            r = Complex::new(0.0 * (a * y.re), 0.0 * (-a * y.im));
        }
        Ok(r)
    }

    /// `self ** b`. Whole exponents up to 100 are done by repeated squaring.
    pub fn pow(self, b: Complex) -> Result<Complex, ComplexError> {
        let r = if b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0 {
            self.powi(b.re as i64)?
        } else {
            self.powc(b)?
        };
        if r.is_infinite() { Err(ComplexError::Overflow) } else { Ok(r) }
    }

    fn powi(self, n: i64) -> Result<Complex, ComplexError> {
        let mut r = Complex::new(1.0, 0.0);
        let mut p = self;
        let mut rest = n.unsigned_abs();
        while rest > 0 {
            if rest & 1 == 1 {
                r = r.product(p);
            }
            rest >>= 1;
            if rest > 0 {
                p = p.product(p);
            }
        }
        if n >= 0 { Ok(r) } else { Complex::real_div(1.0, r).map_err(|_| ComplexError::ZeroPower) }
    }

    fn powc(self, b: Complex) -> Result<Complex, ComplexError> {
        if b.re == 0.0 && b.im == 0.0 {
            return Ok(Complex::new(1.0, 0.0));
        }
        if self.re == 0.0 && self.im == 0.0 {
            return if b.im != 0.0 || b.re < 0.0 { Err(ComplexError::ZeroPower) } else { Ok(Complex::new(0.0, 0.0)) };
        }
        let modulus = self.re.hypot(self.im);
        let angle = self.im.atan2(self.re);
        let mut length = modulus.powf(b.re);
        let mut phase = angle * b.re;
        if b.im != 0.0 {
            length /= (angle * b.im).exp();
            phase += b.im * modulus.ln();
        }
        // CPython takes C's domain error of the sine for a zero base.
        if phase.is_infinite() {
            return Err(ComplexError::ZeroPower);
        }
        Ok(Complex::new(length * phase.cos(), length * phase.sin()))
    }

    /// `abs(self)`; `None`: `OverflowError` "absolute value too large".
    pub fn abs(self) -> Option<f64> {
        if self.is_infinite() {
            return Some(f64::INFINITY);
        }
        let r = self.re.hypot(self.im);
        if r.is_infinite() { None } else { Some(r) }
    }

    /// The hash; a part that is nan hashes to `nan_hash` (by identity). Real values hash as floats.
    pub fn hash(self, nan_hash: i64) -> i64 {
        let re = float::arith::hash(self.re).unwrap_or(nan_hash);
        let im = float::arith::hash(self.im).unwrap_or(nan_hash);
        match re.wrapping_add(im.wrapping_mul(1_000_003)) {
            -1 => -2,
            h => h,
        }
    }
}

/// An infinite number with its infinite parts made one and its finite parts zero, signs kept.
fn boxed(c: Complex) -> Complex {
    let part = |x: f64| if x.is_infinite() { 1f64.copysign(x) } else { 0f64.copysign(x) };
    Complex::new(part(c.re), part(c.im))
}

/// Nan parts made zero, signs kept.
fn nan_to_zero(c: Complex) -> Complex {
    let part = |x: f64| if x.is_nan() { 0f64.copysign(x) } else { x };
    Complex::new(part(c.re), part(c.im))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f64 = f64::INFINITY;

    #[test]
    fn products_and_quotients() {
        let a = Complex::new(1.0, 2.0);
        assert_eq!(a.product(Complex::new(3.0, -1.0)), Complex::new(5.0, 5.0));
        assert_eq!(a.quotient(Complex::new(0.0, 1.0)), Ok(Complex::new(2.0, -1.0)));
        assert_eq!(a.quotient(Complex::new(0.0, 0.0)), Err(ComplexError::DivisionByZero));
        assert_eq!(Complex::real_div(1.0, Complex::new(INF, INF)), Ok(Complex::new(0.0, -0.0)));
        let r = Complex::new(0.0, 1.0).product(Complex::new(INF, INF));
        assert!(r.re == -INF && r.im == INF);
    }

    #[test]
    fn powers() {
        let i = Complex::new(0.0, 1.0);
        assert_eq!(i.pow(Complex::new(2.0, 0.0)), Ok(Complex::new(-1.0, 0.0)));
        assert_eq!(Complex::new(0.0, 0.0).pow(Complex::new(-1.0, 0.0)), Err(ComplexError::ZeroPower));
        assert_eq!(Complex::new(0.0, 0.0).pow(i), Err(ComplexError::ZeroPower));
        assert_eq!(Complex::new(1e200, 1e200).pow(Complex::new(3.0, 0.0)), Err(ComplexError::Overflow));
        let r = i.pow(i).unwrap();
        assert!((r.re - 0.20787957635076193).abs() < 1e-16 && r.im == 0.0);
    }

    #[test]
    fn sizes_and_hashes() {
        assert_eq!(Complex::new(3.0, -4.0).abs(), Some(5.0));
        assert_eq!(Complex::new(1e308, 1.5e308).abs(), None);
        assert_eq!(Complex::new(2.0, 0.0).hash(0), 2);
        assert_eq!(Complex::new(0.0, 1.0).hash(0), 1_000_003);
    }
}
