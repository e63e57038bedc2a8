//! Integers as numbers and bytes: hash, bit counts, exact float conversion and comparison, true division, byte strings.

use super::arith::{IntBuf, IntError, IntRef, IntResult, is_negative, magnitude};
use dashu_int::{IBig, UBig, ops::DivRem};
use std::cmp::Ordering;

/// The modulus of numeric hashes, 2^61 - 1 (`sys.hash_info.modulus`).
pub const HASH_MODULUS: u64 = (1 << 61) - 1;

/// Words of a magnitude, least significant first.
#[inline]
fn words(b: &IBig) -> &[u64] {
    b.as_sign_words().1
}

/// `hash(a)`: the residue modulo 2^61 - 1 with the sign of `a`, and -2 in place of -1. Agrees with equal floats.
#[inline]
pub fn hash(a: IntRef) -> i64 {
    let (negative, residue) = match a {
        IntRef::Small(v) => (v < 0, v.unsigned_abs() % HASH_MODULUS),
        IntRef::Big(b) => (is_negative(b), residue(words(b))),
    };
    match if negative { -(residue as i64) } else { residue as i64 } {
        -1 => -2,
        h => h,
    }
}

/// A magnitude modulo 2^61 - 1: one word further up weighs 2^64, which is 2^3 there.
fn residue(words: &[u64]) -> u64 {
    let mut acc = 0u64;
    for &w in words.iter().rev() {
        let sum = (u128::from(acc) << 3) + u128::from(w);
        let folded = (sum as u64 & HASH_MODULUS) + (sum >> 61) as u64;
        acc = if folded >= HASH_MODULUS { folded - HASH_MODULUS } else { folded };
    }
    acc
}

/// `a.bit_length()`.
#[inline]
pub fn bit_length(a: IntRef) -> u64 {
    match a {
        IntRef::Small(v) => u64::from(64 - v.unsigned_abs().leading_zeros()),
        IntRef::Big(b) => {
            let w = words(b);
            w.last().map_or(0, |top| w.len() as u64 * 64 - u64::from(top.leading_zeros()))
        }
    }
}

/// `a.bit_count()`: ones in the magnitude.
pub fn bit_count(a: IntRef) -> u64 {
    match a {
        IntRef::Small(v) => u64::from(v.unsigned_abs().count_ones()),
        IntRef::Big(b) => words(b).iter().map(|w| u64::from(w.count_ones())).sum(),
    }
}

/// Zeros below the lowest one; 0 for zero.
pub fn trailing_zeros(a: IntRef) -> u64 {
    match a {
        IntRef::Small(0) => 0,
        IntRef::Small(v) => u64::from(v.trailing_zeros()),
        IntRef::Big(b) => b.trailing_zeros().unwrap_or(0) as u64,
    }
}

/// The leading 64 bits of a magnitude (top bit set), with the lowest bit set if any bit below is, and the power of two
/// that they are to be multiplied with. The magnitude is not zero.
fn leading(words: &[u64]) -> (u64, i64) {
    let n = words.len();
    let top = words[n - 1];
    let shift = top.leading_zeros();
    let mut bits = top << shift;
    let mut sticky = false;
    if n > 1 {
        let next = words[n - 2];
        if shift > 0 {
            bits |= next >> (64 - shift);
            sticky = next << shift != 0;
        } else {
            sticky = next != 0;
        }
        sticky = sticky || words[..n - 2].iter().any(|&w| w != 0);
    }
    (bits | u64::from(sticky), n as i64 * 64 - 64 - i64::from(shift))
}

/// The nearest float, ties to even; `None` when it is too large.
#[inline]
pub fn to_f64(a: IntRef) -> Option<f64> {
    match a {
        // The hardware's conversion rounds to nearest even.
        IntRef::Small(v) => Some(v as f64),
        IntRef::Big(b) => {
            let w = words(b);
            if w.is_empty() {
                return Some(0.0);
            }
            let (bits, exp) = leading(w);
            // 11 bits are dropped, so the sticky lowest bit breaks ties as the exact value would.
            let x = scale(bits as f64, exp);
            x.is_finite().then_some(if is_negative(b) { -x } else { x })
        }
    }
}

/// A mantissa in 0.5..1 in magnitude and a power of two whose product is nearest to `a`, which is not zero.
pub fn frexp(a: IntRef) -> (f64, i64) {
    let big = a.big();
    let w = words(&big);
    if w.is_empty() {
        return (0.0, 0);
    }
    let (bits, exp) = leading(w);
    let (mantissa, exp) = match bits as f64 / 18446744073709551616.0 {
        1.0 => (0.5, exp + 65),
        m => (m, exp + 64),
    };
    (if a.is_negative() { -mantissa } else { mantissa }, exp)
}

/// `x * 2^exp` for a normal positive `x` and `exp >= 0`; infinite when too large.
fn scale(x: f64, exp: i64) -> f64 {
    if exp > 1100 {
        return f64::INFINITY;
    }
    let mut x = x;
    let mut exp = exp;
    while exp > 1000 {
        x *= f64::from_bits((1023 + 1000) << 52);
        exp -= 1000;
    }
    x * f64::from_bits(((1023 + exp) as u64) << 52)
}

/// The integer part of a finite float, rounded towards zero; `None` for infinities and nan.
pub fn from_f64(x: f64) -> Option<IntBuf> {
    if !x.is_finite() {
        return None;
    }
    // -2^63 fits, 2^63 does not.
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&x) {
        return Some(IntBuf::Small(x as i64));
    }
    let (mantissa, exp) = parts(x);
    let big = IBig::from(mantissa) << exp as usize;
    Some(IntBuf::from(if x < 0.0 { -big } else { big }))
}

/// The mantissa and exponent of a finite float: `abs(x) == mantissa * 2^exponent`.
pub fn parts(x: f64) -> (u64, i32) {
    let bits = x.to_bits();
    let exp = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    if exp == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exp - 1075) }
}

/// Orders an integer against a float exactly; `None` for nan.
pub fn cmp_f64(a: IntRef, x: f64) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    if let IntRef::Small(v) = a
        && v.unsigned_abs() <= 1 << 53
    {
        return (v as f64).partial_cmp(&x);
    }
    // x = whole + rest with abs(rest) < 1 and the sign of x, so the rest decides only a tie.
    let whole = from_f64(x)?;
    let rest = x - x.trunc();
    Some(super::arith::cmp(a, whole.as_ref()).then(0.0f64.partial_cmp(&rest).unwrap_or(Ordering::Equal)))
}

/// `a / b`, correctly rounded.
///
/// Errors: `DivisionByZero`, `FloatOverflow` ("integer division result too large for a float").
pub fn true_div(a: IntRef, b: IntRef) -> IntResult<f64> {
    const EXACT: u64 = 1 << 53;
    if b.is_zero() {
        return Err(IntError::DivisionByZero);
    }
    if let (IntRef::Small(x), IntRef::Small(y)) = (a, b)
        && x.unsigned_abs() <= EXACT
        && y.unsigned_abs() <= EXACT
    {
        return Ok(x as f64 / y as f64);
    }
    let negative = a.is_negative() != b.is_negative();
    let sign = |x: f64| if negative { -x } else { x };
    if a.is_zero() {
        return Ok(sign(0.0));
    }
    // The quotient has diff or diff + 1 bits before the point.
    let diff = bit_length(a) as i64 - bit_length(b) as i64;
    if diff > 1024 {
        return Err(IntError::FloatOverflow);
    }
    if diff < -1080 {
        return Ok(sign(0.0));
    }
    // Take two bits more than the result can hold; a lower one stands for all that was dropped.
    let shift = diff.max(-1021) - 55;
    let (x, y) = (magnitude(a), magnitude(b));
    let (x, y, mut sticky) = if shift <= 0 {
        (x << (-shift) as usize, y, false)
    } else {
        let lost = x.trailing_zeros().is_some_and(|n| (n as i64) < shift);
        (x >> shift as usize, y, lost)
    };
    let (q, r) = x.div_rem(&y);
    sticky |= !r.is_zero();
    // At most 57 bits.
    let q = u64::try_from(&q).unwrap_or(u64::MAX);
    let bits = 64 - i64::from(q.leading_zeros());
    // How many of them the result cannot hold: more than 53, or below the least subnormal.
    let extra = (bits - 53).max(-1074 - shift).max(0);
    let rounded = round_half_even(q, extra as u32, sticky);
    let exp = shift + extra;
    // The rounded quotient has at most 54 bits, of which the lowest is zero when all are used.
    let mut result = rounded as f64;
    if exp >= 0 {
        result = scale(result, exp);
    } else {
        // Exact in both steps: the result is a multiple of the least subnormal.
        let half = exp / 2;
        result = result * pow2(half) * pow2(exp - half);
    }
    if result.is_infinite() { Err(IntError::FloatOverflow) } else { Ok(sign(result)) }
}

/// 2^exp for a normal result.
fn pow2(exp: i64) -> f64 {
    f64::from_bits(((1023 + exp) as u64) << 52)
}

/// `q / 2^extra` rounded to nearest, ties to even; `sticky` says that something below `q` is not zero.
fn round_half_even(q: u64, extra: u32, sticky: bool) -> u64 {
    if extra == 0 {
        return q;
    }
    if extra > 63 {
        return 0;
    }
    let half = 1u64 << (extra - 1);
    let low = q & ((half << 1) - 1);
    let kept = q >> extra;
    let up = low > half || (low == half && (sticky || kept & 1 == 1));
    kept + u64::from(up)
}

/// Byte order of a byte string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// Why an integer does not fit a byte string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToBytesError {
    /// `OverflowError`: "can't convert negative int to unsigned".
    Negative,
    /// `OverflowError`: "int too big to convert".
    TooBig,
}

/// `int.from_bytes`.
pub fn from_bytes(bytes: &[u8], order: Endian, signed: bool) -> IntBuf {
    if bytes.len() <= 8 {
        let mut word = [0u8; 8];
        let n = bytes.len();
        match order {
            Endian::Little => word[..n].copy_from_slice(bytes),
            Endian::Big => {
                for (to, from) in word.iter_mut().zip(bytes.iter().rev()) {
                    *to = *from;
                }
            }
        }
        let v = u64::from_le_bytes(word);
        if !signed {
            return IntBuf::from(v);
        }
        let unused = 64 - 8 * n as u32;
        return IntBuf::Small(if n == 0 { 0 } else { ((v << unused) as i64) >> unused });
    }
    match (order, signed) {
        (Endian::Little, false) => IntBuf::from(UBig::from_le_bytes(bytes)),
        (Endian::Big, false) => IntBuf::from(UBig::from_be_bytes(bytes)),
        (Endian::Little, true) => IntBuf::from(IBig::from_le_bytes(bytes)),
        (Endian::Big, true) => IntBuf::from(IBig::from_be_bytes(bytes)),
    }
}

/// `a.to_bytes(len(out), order, signed=signed)` into `out`.
pub fn to_bytes(a: IntRef, out: &mut [u8], order: Endian, signed: bool) -> Result<(), ToBytesError> {
    let negative = a.is_negative();
    if negative && !signed {
        return Err(ToBytesError::Negative);
    }
    let room = out.len() as u64 * 8;
    let need = if !signed {
        bit_length(a)
    } else {
        // -2^(n-1) needs one bit less than 2^(n-1).
        let m = bit_length(a);
        let power = negative && trailing_zeros(a) + 1 == m;
        if a.is_zero() || power { m } else { m + 1 }
    };
    // CPython lets -1 through in no bytes at all.
    if need > room && !(room == 0 && matches!(a, IntRef::Small(-1))) {
        return Err(ToBytesError::TooBig);
    }
    let fill = if negative { 0xff } else { 0 };
    out.fill(fill);
    match a {
        IntRef::Small(v) => {
            for (to, from) in out.iter_mut().zip(v.to_le_bytes()) {
                *to = from;
            }
        }
        IntRef::Big(b) => {
            let w = words(b);
            let mut carry = negative;
            for (chunk, &word) in out.chunks_mut(8).zip(w) {
                let mut word = word;
                if negative {
                    let (v, c) = (!word).overflowing_add(u64::from(carry));
                    (word, carry) = (v, c);
                }
                let n = chunk.len();
                chunk.copy_from_slice(&word.to_le_bytes()[..n]);
            }
        }
    }
    if order == Endian::Big {
        out.reverse();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(s: &str) -> IntBuf {
        IntBuf::from(IBig::from_str_radix(s, 10).unwrap())
    }

    #[test]
    fn hashes() {
        assert_eq!(hash(IntRef::Small(-1)), -2);
        assert_eq!(hash(IntRef::Small((1 << 61) - 1)), 0);
        assert_eq!(hash(IntRef::Small(i64::MIN)), -4);
        assert_eq!(hash(big("100000000000000000000000000000").as_ref()), 968863072241352051);
    }

    #[test]
    fn floats() {
        assert_eq!(to_f64(big("9007199254740993000000000000000").as_ref()), Some(9.007199254740993e30));
        assert_eq!(to_f64(IntRef::Small(9007199254740993)), Some(9007199254740992.0));
        let huge = super::super::arith::shl(IntRef::Small(1), IntRef::Small(1024)).unwrap();
        assert_eq!(to_f64(huge.as_ref()), None);
        let most = super::super::arith::sub(huge.as_ref(), IntRef::Small(1));
        assert_eq!(to_f64(most.as_ref()), None);
        assert_eq!(cmp_f64(most.as_ref(), f64::MAX), Some(Ordering::Greater));
        assert_eq!(cmp_f64(IntRef::Small(9007199254740993), 9007199254740992.0), Some(Ordering::Greater));
        assert_eq!(cmp_f64(IntRef::Small(-9007199254740993), -9007199254740992.0), Some(Ordering::Less));
        assert_eq!(cmp_f64(IntRef::Small(3), 3.5), Some(Ordering::Less));
        assert_eq!(from_f64(-1e20), Some(big("-100000000000000000000")));
    }

    #[test]
    fn division() {
        assert_eq!(true_div(IntRef::Small(1), IntRef::Small(3)), Ok(1.0 / 3.0));
        let huge = super::super::arith::shl(IntRef::Small(1), IntRef::Small(1074)).unwrap();
        assert_eq!(true_div(IntRef::Small(1), huge.as_ref()), Ok(5e-324));
        assert_eq!(true_div(huge.as_ref(), IntRef::Small(1)), Err(IntError::FloatOverflow));
        assert_eq!(
            true_div(IntRef::Small(3), super::super::arith::mul(huge.as_ref(), IntRef::Small(2)).as_ref()),
            Ok(1e-323)
        );
    }

    #[test]
    fn bytes() {
        let mut out = [0u8; 2];
        assert_eq!(to_bytes(IntRef::Small(-32768), &mut out, Endian::Big, true), Ok(()));
        assert_eq!(out, [0x80, 0]);
        assert_eq!(to_bytes(IntRef::Small(32768), &mut out, Endian::Big, true), Err(ToBytesError::TooBig));
        assert_eq!(to_bytes(IntRef::Small(-1), &mut out, Endian::Big, false), Err(ToBytesError::Negative));
        assert_eq!(from_bytes(&[0x80, 0], Endian::Big, true), IntBuf::Small(-32768));
        let b = big("-170141183460469231731687303715884105728"); // -2^127
        let mut out = [0u8; 16];
        assert_eq!(to_bytes(b.as_ref(), &mut out, Endian::Little, true), Ok(()));
        assert_eq!(from_bytes(&out, Endian::Little, true), b);
    }
}
