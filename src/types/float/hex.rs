//! `float.hex()` and `float.fromhex()`.

use crate::types::int::{number::parts, text::is_space};

/// Why a text is no hexadecimal float.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HexError {
    /// `ValueError`: "invalid hexadecimal floating-point string".
    Invalid,
    /// `OverflowError`: "hexadecimal value too large to represent as a float".
    TooLarge,
}

/// `x.hex()`.
pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::text::repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (mantissa, exp) = parts(x);
    // A subnormal keeps the exponent of the least normal number.
    let (lead, fraction) = (mantissa >> 52, mantissa & ((1 << 52) - 1));
    let exp = exp + 52;
    format!("{sign}0x{lead}.{fraction:013x}p{exp:+}")
}

/// `float.fromhex(text)`: correctly rounded, ties to even.
pub fn from_hex(text: &[u8]) -> Result<f64, HexError> {
    let mut rest = text;
    while let [first, tail @ ..] = rest
        && is_space(*first)
    {
        rest = tail;
    }
    while let [head @ .., last] = rest
        && is_space(*last)
    {
        rest = head;
    }
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), tail @ ..] = rest {
        negative = *sign == b'-';
        rest = tail;
    }
    let signed = |x: f64| if negative { -x } else { x };
    if rest.eq_ignore_ascii_case(b"inf") || rest.eq_ignore_ascii_case(b"infinity") {
        return Ok(signed(f64::INFINITY));
    }
    if rest.eq_ignore_ascii_case(b"nan") {
        return Ok(signed(f64::NAN));
    }
    if let [b'0', b'x' | b'X', tail @ ..] = rest {
        rest = tail;
    }
    // The leading 60 bits and a sticky bit for the rest; `exp` is the power of two of the lowest bit taken.
    let (mut bits, mut sticky, mut exp) = (0u64, false, 0i64);
    let (mut digits, mut in_fraction) = (0usize, false);
    let mut at = 0;
    while let Some(&b) = rest.get(at) {
        if b == b'.' && !in_fraction {
            in_fraction = true;
            at += 1;
            continue;
        }
        let Some(d) = (b as char).to_digit(16) else { break };
        digits += 1;
        at += 1;
        if bits >> 60 == 0 {
            bits = bits << 4 | u64::from(d);
            exp -= if in_fraction { 4 } else { 0 };
        } else {
            sticky |= d != 0;
            exp += if in_fraction { 0 } else { 4 };
        }
    }
    if digits == 0 {
        return Err(HexError::Invalid);
    }
    rest = &rest[at..];
    if let [b'p' | b'P', tail @ ..] = rest {
        let (down, tail) = match tail {
            [b'-', t @ ..] => (true, t),
            [b'+', t @ ..] => (false, t),
            t => (false, t),
        };
        let count = tail.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return Err(HexError::Invalid);
        }
        // Far beyond any float, and far from overflow.
        let value = tail[..count].iter().fold(0i64, |v, &b| (v * 10 + i64::from(b - b'0')).min(1 << 59));
        exp = exp.saturating_add(if down { -value } else { value });
        rest = &tail[count..];
    }
    // As in CPython, too large a number is reported before what follows it is looked at.
    let x = if bits == 0 { 0.0 } else { compose(bits, sticky, exp)? };
    if rest.is_empty() { Ok(signed(x)) } else { Err(HexError::Invalid) }
}

/// `bits * 2^exp` plus less than one unit if `sticky`, rounded to the nearest float, ties to even. `bits` is not zero.
fn compose(bits: u64, sticky: bool, exp: i64) -> Result<f64, HexError> {
    let zeros = bits.leading_zeros();
    let bits = bits << zeros;
    let exp = exp.saturating_sub(i64::from(zeros));
    // The value is in 2^top .. 2^(top+1).
    let top = exp.saturating_add(63);
    if top > 1023 {
        return Err(HexError::TooLarge);
    }
    if top < -1080 {
        return Ok(0.0);
    }
    // 11 bits go; more where the result is subnormal.
    let drop = 11 + (-1022 - top).max(0);
    let (kept, up) = if drop > 64 {
        (0, false)
    } else {
        let kept = if drop == 64 { 0 } else { bits >> drop };
        let half = 1u64 << (drop - 1);
        let low = if drop == 64 { bits } else { bits & ((1u64 << drop) - 1) };
        (kept, low > half || (low == half && (sticky || kept & 1 == 1)))
    };
    let mantissa = kept + u64::from(up);
    // Adding to the exponent field carries a rounded-up mantissa over, also out of the subnormals.
    let field = if top < -1022 { 0 } else { ((top + 1022) as u64) << 52 };
    let x = f64::from_bits(field + mantissa);
    if x.is_infinite() { Err(HexError::TooLarge) } else { Ok(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        for x in [0.0, 1.0, -1.5, 0.1, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e-310, 12345.678] {
            assert_eq!(from_hex(to_hex(x).as_bytes()), Ok(x));
        }
        assert_eq!(to_hex(-0.1), "-0x1.999999999999ap-4");
        assert_eq!(to_hex(5e-324), "0x0.0000000000001p-1022");
    }

    #[test]
    fn rounding_and_limits() {
        assert_eq!(from_hex(b"0x1.00000000000008p0"), Ok(1.0));
        assert_eq!(from_hex(b"0x1.000000000000080000000000001p0"), Ok(1.0000000000000002));
        assert_eq!(from_hex(b" .8p1\n"), Ok(1.0));
        assert_eq!(from_hex(b"0x0.8p-1074"), Ok(0.0));
        assert_eq!(from_hex(b"0x0.80000001p-1074"), Ok(5e-324));
        assert_eq!(from_hex(b"0x1p1024"), Err(HexError::TooLarge));
        assert_eq!(from_hex(b"0x1.fffffffffffff8p1023"), Err(HexError::TooLarge));
        assert_eq!(from_hex(b"0x0p99999999999999999999"), Ok(0.0));
        for bad in [&b"0x"[..], b"", b"0x1p", b"0x1.2.3", b"1 1", b"g"] {
            assert_eq!(from_hex(bad), Err(HexError::Invalid), "{bad:?}");
        }
    }
}
