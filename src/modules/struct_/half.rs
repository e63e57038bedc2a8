//! IEEE half-precision floats.

/// A float as half precision, rounded to nearest even; `None` if it is too large.
pub fn to_half(x: f64) -> Option<u16> {
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    if x.is_nan() {
        return Some(sign | 0x7e00);
    }
    let magnitude = x.abs();
    if magnitude.is_infinite() {
        return Some(sign | 0x7c00);
    }
    // Scaled so that a unit is the last place of the result: 2^-24 for subnormals, else 10 bits below the first.
    let exp = ((magnitude.to_bits() >> 52) as i32 - 1023).max(-14);
    if exp > 15 {
        return None;
    }
    let scale = f64::from_bits(((1023 + 10 - exp) as u64) << 52);
    let units = (magnitude * scale).round_ties_even() as u16;
    // Units of a normal number begin with a one that stands for itself; a carry moves into the exponent.
    let field = if exp == -14 { 0 } else { (exp + 14) as u16 };
    let bits = (field << 10) + units;
    if bits >= 0x7c00 { None } else { Some(sign | bits) }
}

/// The value of a half-precision float.
pub fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let exp = i32::from(bits >> 10 & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    let pow2 = |e: i32| f64::from_bits(((1023 + e) as u64) << 52);
    sign * match exp {
        0 => fraction * pow2(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * pow2(exp - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives() {
        for bits in 0..=0xffffu16 {
            let x = from_half(bits);
            if x.is_nan() {
                assert_eq!(to_half(x).unwrap() & 0x7c00, 0x7c00);
            } else {
                assert_eq!(to_half(x), Some(bits), "{bits:#x}");
            }
        }
    }

    #[test]
    fn rounding() {
        assert_eq!(to_half(65519.99), Some(0x7bff));
        assert_eq!(to_half(65520.0), None);
        assert_eq!(to_half(1e300), None);
        assert_eq!(to_half(2f64.powi(-25)), Some(0));
        assert_eq!(to_half(2f64.powi(-25) * 1.0001), Some(1));
        assert_eq!(to_half(1.0 + 2f64.powi(-11)), Some(0x3c00));
        assert_eq!(to_half(1.0 + 3.0 * 2f64.powi(-11)), Some(0x3c02));
    }
}
