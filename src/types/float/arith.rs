//! Float arithmetic that the hardware does not have: `//`, `%`, `**` by Python's rules, rounding, hash, exact ratios.

use crate::types::int::{
    arith::{self, IntBuf, IntRef},
    number::{self, HASH_MODULUS, parts},
    theory,
};

/// `a % b` for `b != 0`: the sign of the result is that of `b`.
#[inline]
pub fn modulo(a: f64, b: f64) -> f64 {
    let r = a % b;
    if r == 0.0 {
        0f64.copysign(b)
    } else if (b < 0.0) != (r < 0.0) {
        r + b
    } else {
        r
    }
}

/// `divmod(a, b)` for `b != 0`.
pub fn divmod(a: f64, b: f64) -> (f64, f64) {
    let mut r = a % b;
    // a - r is a multiple of b but for rounding, so this is whole or close to it.
    let mut q = (a - r) / b;
    if r == 0.0 {
        r = 0f64.copysign(b);
    } else if (b < 0.0) != (r < 0.0) {
        r += b;
        q -= 1.0;
    }
    let whole = if q == 0.0 {
        0f64.copysign(a / b)
    } else {
        let floor = q.floor();
        if q - floor > 0.5 { floor + 1.0 } else { floor }
    };
    (whole, r)
}

/// `a // b` for `b != 0`.
#[inline]
pub fn floor_div(a: f64, b: f64) -> f64 {
    divmod(a, b).0
}

/// What `a ** b` comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    /// A float.
    Value(f64),
    /// `ZeroDivisionError`: "zero to a negative power".
    ZeroToNegative,
    /// A negative number to a fractional power: do it with complex numbers.
    Complex,
    /// `OverflowError`: (34, "Numerical result out of range").
    Overflow,
}

/// `a ** b`.
pub fn pow(a: f64, b: f64) -> Power {
    let odd = |b: f64| b.abs() % 2.0 == 1.0;
    if b == 0.0 || a == 1.0 {
        return Power::Value(1.0);
    }
    if a.is_nan() || b.is_nan() {
        return Power::Value(if a.is_nan() { a } else { b });
    }
    if b.is_infinite() {
        let a = a.abs();
        return Power::Value(if a == 1.0 {
            1.0
        } else if (b > 0.0) == (a > 1.0) {
            f64::INFINITY
        } else {
            0.0
        });
    }
    if a.is_infinite() {
        return Power::Value(match (b > 0.0, odd(b)) {
            (true, true) => a,
            (true, false) => f64::INFINITY,
            (false, true) => 0f64.copysign(a),
            (false, false) => 0.0,
        });
    }
    if a == 0.0 {
        return if b < 0.0 { Power::ZeroToNegative } else { Power::Value(if odd(b) { a } else { 0.0 }) };
    }
    if a < 0.0 && b != b.floor() {
        return Power::Complex;
    }
    let r = a.abs().powf(b);
    if r.is_infinite() {
        return Power::Overflow;
    }
    Power::Value(if a < 0.0 && odd(b) { -r } else { r })
}

/// The hash of a float; `None` for nan, which hashes by identity. Equal ints have equal hashes.
#[inline]
pub fn hash(x: f64) -> Option<i64> {
    if !x.is_finite() {
        return if x.is_nan() { None } else { Some(if x > 0.0 { 314159 } else { -314159 }) };
    }
    let (mantissa, exp) = parts(x);
    // Powers of two repeat modulo 2^61 - 1 every 61 steps: multiplying is rotating 61 bits.
    let turn = exp.rem_euclid(61) as u32;
    let h = (mantissa << turn & HASH_MODULUS) | mantissa >> (61 - turn);
    // All ones is zero again; a mantissa has but 53 bits, so this cannot happen.
    Some(match if x < 0.0 { -(h as i64) } else { h as i64 } {
        -1 => -2,
        h => h,
    })
}

/// `x.as_integer_ratio()` of a finite float: lowest terms, positive denominator.
pub fn integer_ratio(x: f64) -> (IntBuf, IntBuf) {
    let (mantissa, exp) = parts(x);
    if mantissa == 0 {
        return (IntBuf::Small(0), IntBuf::Small(1));
    }
    let zeros = mantissa.trailing_zeros() as i32;
    let odd = (mantissa >> zeros) as i64;
    let numerator = IntRef::Small(if x < 0.0 { -odd } else { odd });
    let exp = exp + zeros;
    let shifted = |v: IntRef, n: i32| arith::shl(v, IntRef::Small(i64::from(n))).unwrap_or(IntBuf::Small(0));
    if exp >= 0 {
        (shifted(numerator, exp), IntBuf::Small(1))
    } else {
        (numerator.to_buf(), shifted(IntRef::Small(1), -exp))
    }
}

/// Whether a finite float has no fraction; false for infinities and nan.
#[inline]
pub fn is_integer(x: f64) -> bool {
    x.is_finite() && x.trunc() == x
}

/// `round(x, digits)` for `x` of any kind, correctly rounded on the exact decimal value with ties to even. `None`:
/// `OverflowError` "rounded value too large to represent".
pub fn round(x: f64, digits: i64) -> Option<f64> {
    // With 323 digits after the point no double changes; 10^308 is above twice the largest double's last place kept.
    if !x.is_finite() || digits > 323 || x == 0.0 {
        return Some(x);
    }
    if digits < -308 {
        return Some(0f64.copysign(x));
    }
    if digits >= 0 {
        let r: f64 = format!("{:.*}", digits as usize, x).parse().unwrap_or(x);
        return r.is_finite().then_some(r);
    }
    // Round the exact ratio n / d to a multiple of 10^k.
    let (n, d) = integer_ratio(x.abs());
    let power = theory::pow(IntRef::Small(10), IntRef::Small(-digits)).ok()?;
    let unit = arith::mul(d.as_ref(), power.as_ref());
    let (q, r) = arith::divmod(n.as_ref(), unit.as_ref()).ok()?;
    let twice = arith::mul(r.as_ref(), IntRef::Small(2));
    let order = arith::cmp(twice.as_ref(), unit.as_ref());
    let up = order.is_gt() || (order.is_eq() && q.as_ref().is_odd());
    let q = if up { arith::add(q.as_ref(), IntRef::Small(1)) } else { q };
    number::to_f64(arith::mul(q.as_ref(), power.as_ref()).as_ref()).map(|r| r.copysign(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division() {
        assert_eq!(divmod(7.5, -2.0), (-4.0, -0.5));
        assert_eq!(divmod(-0.0, 3.0).1.to_bits(), 0.0f64.to_bits());
        assert_eq!(modulo(-1e-20, 3.0), 3.0);
        assert_eq!(modulo(3.0, f64::NEG_INFINITY), f64::NEG_INFINITY);
        assert_eq!(floor_div(-1.0, f64::INFINITY), -1.0);
    }

    #[test]
    fn powers() {
        assert_eq!(pow(2.0, 10.0), Power::Value(1024.0));
        assert_eq!(pow(-2.0, 3.0), Power::Value(-8.0));
        assert_eq!(pow(-8.0, 1.0 / 3.0), Power::Complex);
        assert_eq!(pow(0.0, -1.0), Power::ZeroToNegative);
        assert_eq!(pow(10.0, 400.0), Power::Overflow);
        assert_eq!(pow(-1.0, f64::INFINITY), Power::Value(1.0));
        assert_eq!(pow(f64::NAN, 0.0), Power::Value(1.0));
    }

    #[test]
    fn hashes_agree_with_ints() {
        for v in [0i64, 1, -1, 5, -7, 1 << 52, (1 << 61) - 512, i64::MIN, 1 << 62] {
            assert_eq!(hash(v as f64), Some(number::hash(IntRef::Small(v as f64 as i64))), "{v}");
        }
        assert_eq!(hash(0.5), Some(1152921504606846976));
        assert_eq!(hash(f64::NAN), None);
    }

    #[test]
    fn rounding() {
        assert_eq!(round(2.675, 2), Some(2.67));
        assert_eq!(round(0.5, 0), Some(0.0));
        assert_eq!(round(25.0, -1), Some(20.0));
        assert_eq!(round(-35.0, -1), Some(-40.0));
        assert_eq!(round(4e307, -308), Some(0.0));
        assert_eq!(round(1.7e308, -308), None);
        assert_eq!(round(1e22, -1), Some(1e22));
        assert_eq!(round(-0.4, -2).map(f64::to_bits), Some((-0.0f64).to_bits()));
    }

    #[test]
    fn ratios() {
        assert_eq!(integer_ratio(-0.75), (IntBuf::Small(-3), IntBuf::Small(4)));
        assert_eq!(integer_ratio(1e3), (IntBuf::Small(1000), IntBuf::Small(1)));
        assert_eq!(number::bit_length(integer_ratio(5e-324).1.as_ref()), 1075);
    }
}
