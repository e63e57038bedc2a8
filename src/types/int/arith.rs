//! Integer arithmetic on a borrowed view (`IntRef`) with normalised owned results (`IntBuf`).
//!
//! Nothing here knows the virtual machine: callers look at a value as an `IntRef`, compute, and turn the `IntBuf` back
//! into a value. A result is `Small` exactly when it fits an `i64`, so two equal integers always have the same form.

use crate::heap::shortage::has_room;
use dashu_int::{
    IBig, UBig,
    ops::{Abs, DivRem},
};
use std::{borrow::Cow, cmp::Ordering};

/// A borrowed integer: what an operation reads.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// Fits a machine word. Always used when it fits.
    Small(i64),
    /// Anything else.
    Big(&'a IBig),
}

/// An owned integer: what an operation gives. `Small` whenever the number fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntBuf {
    /// Fits a machine word.
    Small(i64),
    /// Does not fit `i64`.
    Big(IBig),
}

/// Why an integer operation has no result. The caller words the Python exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntError {
    /// Division or modulo by zero (`ZeroDivisionError`).
    DivisionByZero,
    /// A shift by a negative number (`ValueError`: "negative shift count").
    NegativeShift,
    /// `pow()` with a zero modulus (`ValueError`: "pow() 3rd argument cannot be 0").
    ZeroModulus,
    /// `pow()` with a negative exponent and no inverse (`ValueError`: "base is not invertible for the given modulus").
    NotInvertible,
    /// The result does not fit memory (`MemoryError`).
    TooLarge,
    /// The result does not fit a float (`OverflowError`).
    FloatOverflow,
}

/// Shorthand for the result of a fallible integer operation.
pub type IntResult<T = IntBuf> = Result<T, IntError>;

impl From<i64> for IntBuf {
    #[inline]
    fn from(v: i64) -> IntBuf {
        IntBuf::Small(v)
    }
}

impl From<u64> for IntBuf {
    #[inline]
    fn from(v: u64) -> IntBuf {
        match i64::try_from(v) {
            Ok(v) => IntBuf::Small(v),
            Err(_) => IntBuf::Big(IBig::from(v)),
        }
    }
}

impl From<usize> for IntBuf {
    #[inline]
    fn from(v: usize) -> IntBuf {
        IntBuf::from(v as u64)
    }
}

impl From<i128> for IntBuf {
    #[inline]
    fn from(v: i128) -> IntBuf {
        match i64::try_from(v) {
            Ok(v) => IntBuf::Small(v),
            Err(_) => IntBuf::Big(IBig::from(v)),
        }
    }
}

impl From<IBig> for IntBuf {
    #[inline]
    fn from(v: IBig) -> IntBuf {
        match i64::try_from(&v) {
            Ok(v) => IntBuf::Small(v),
            Err(_) => IntBuf::Big(v),
        }
    }
}

impl From<UBig> for IntBuf {
    #[inline]
    fn from(v: UBig) -> IntBuf {
        IntBuf::from(IBig::from(v))
    }
}

impl From<i64> for IntRef<'_> {
    #[inline]
    fn from(v: i64) -> Self {
        IntRef::Small(v)
    }
}

impl IntBuf {
    /// Looks at the number.
    #[inline]
    pub fn as_ref(&self) -> IntRef<'_> {
        match self {
            IntBuf::Small(v) => IntRef::Small(*v),
            IntBuf::Big(b) => IntRef::Big(b),
        }
    }

    /// The number as a bigint, without looking whether it is small.
    pub fn into_big(self) -> IBig {
        match self {
            IntBuf::Small(v) => IBig::from(v),
            IntBuf::Big(b) => b,
        }
    }
}

impl<'a> IntRef<'a> {
    /// The number as a bigint; a small one is converted (without allocating).
    #[inline]
    pub fn big(self) -> Cow<'a, IBig> {
        match self {
            IntRef::Small(v) => Cow::Owned(IBig::from(v)),
            IntRef::Big(b) => Cow::Borrowed(b),
        }
    }

    /// An owned copy.
    #[inline]
    pub fn to_buf(self) -> IntBuf {
        match self {
            IntRef::Small(v) => IntBuf::Small(v),
            IntRef::Big(b) => IntBuf::from(b.clone()),
        }
    }

    /// The number as `i64`, if it fits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        match self {
            IntRef::Small(v) => Some(v),
            IntRef::Big(b) => i64::try_from(b).ok(),
        }
    }

    /// The number as `u64`, if it fits.
    #[inline]
    pub fn to_u64(self) -> Option<u64> {
        match self {
            IntRef::Small(v) => u64::try_from(v).ok(),
            IntRef::Big(b) => u64::try_from(b).ok(),
        }
    }

    /// The lowest 64 bits of the two's complement form.
    pub fn to_u64_wrapping(self) -> u64 {
        match self {
            IntRef::Small(v) => v as u64,
            IntRef::Big(b) => {
                let (sign, words) = b.as_sign_words();
                let low = words.first().copied().unwrap_or(0);
                if sign == dashu_int::Sign::Negative { low.wrapping_neg() } else { low }
            }
        }
    }

    /// The number clamped to `i64`, for uses such as slice bounds where all that is out of reach is alike.
    pub fn saturate_i64(self) -> i64 {
        match self {
            IntRef::Small(v) => v,
            IntRef::Big(b) => i64::try_from(b).unwrap_or(if is_negative(b) { i64::MIN } else { i64::MAX }),
        }
    }

    /// -1, 0 or 1.
    #[inline]
    pub fn signum(self) -> i32 {
        match self {
            IntRef::Small(v) => v.signum() as i32,
            IntRef::Big(b) => match b.as_sign_words() {
                (_, []) => 0,
                (dashu_int::Sign::Negative, _) => -1,
                _ => 1,
            },
        }
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.signum() == 0
    }

    /// Whether it is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.signum() < 0
    }

    /// Whether it is odd.
    #[inline]
    pub fn is_odd(self) -> bool {
        match self {
            IntRef::Small(v) => v & 1 != 0,
            IntRef::Big(b) => b.as_sign_words().1.first().is_some_and(|w| w & 1 != 0),
        }
    }
}

/// Whether a bigint is below zero.
#[inline]
pub fn is_negative(b: &IBig) -> bool {
    b.as_sign_words().0 == dashu_int::Sign::Negative
}

/// The magnitude as an owned bigint.
pub fn magnitude(a: IntRef) -> UBig {
    match a {
        IntRef::Small(v) => UBig::from(v.unsigned_abs()),
        IntRef::Big(b) => b.clone().into_parts().1,
    }
}

/// `a + b`.
#[inline]
pub fn add(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => match x.checked_add(y) {
            Some(z) => IntBuf::Small(z),
            None => IntBuf::Big(IBig::from(x as i128 + y as i128)),
        },
        (IntRef::Big(x), IntRef::Big(y)) => IntBuf::from(x + y),
        (IntRef::Big(x), IntRef::Small(y)) | (IntRef::Small(y), IntRef::Big(x)) => IntBuf::from(x + y),
    }
}

/// `a - b`.
#[inline]
pub fn sub(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => match x.checked_sub(y) {
            Some(z) => IntBuf::Small(z),
            None => IntBuf::Big(IBig::from(x as i128 - y as i128)),
        },
        (IntRef::Big(x), IntRef::Big(y)) => IntBuf::from(x - y),
        (IntRef::Big(x), IntRef::Small(y)) => IntBuf::from(x - y),
        (IntRef::Small(x), IntRef::Big(y)) => IntBuf::from(x - y),
    }
}

/// `a * b`, where there is room for it.
pub fn mul_checked(a: IntRef, b: IntRef) -> IntResult {
    if let (IntRef::Big(_), _) | (_, IntRef::Big(_)) = (a, b) {
        reserve_check(u128::from(super::number::bit_length(a)) + u128::from(super::number::bit_length(b)))?;
    }
    Ok(mul(a, b))
}

/// `a * b`.
#[inline]
pub fn mul(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => match x.checked_mul(y) {
            Some(z) => IntBuf::Small(z),
            None => IntBuf::Big(IBig::from(x as i128 * y as i128)),
        },
        (IntRef::Big(x), IntRef::Big(y)) => {
            IntBuf::from(if std::ptr::eq(x, y) { IBig::from(x.clone().into_parts().1.sqr()) } else { x * y })
        }
        (IntRef::Big(x), IntRef::Small(y)) | (IntRef::Small(y), IntRef::Big(x)) => IntBuf::from(x * y),
    }
}

/// `-a`.
#[inline]
pub fn neg(a: IntRef) -> IntBuf {
    match a {
        IntRef::Small(x) => match x.checked_neg() {
            Some(z) => IntBuf::Small(z),
            None => IntBuf::Big(-IBig::from(x)),
        },
        IntRef::Big(x) => IntBuf::from(-x),
    }
}

/// `abs(a)`.
#[inline]
pub fn abs(a: IntRef) -> IntBuf {
    match a {
        IntRef::Small(x) => IntBuf::from(x.unsigned_abs()),
        IntRef::Big(x) => IntBuf::from(x.abs()),
    }
}

/// `a // b` and `a % b`: the quotient is rounded down, the remainder has the sign of the divisor.
pub fn divmod(a: IntRef, b: IntRef) -> IntResult<(IntBuf, IntBuf)> {
    if b.is_zero() {
        return Err(IntError::DivisionByZero);
    }
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) if y != -1 => {
            let (q, r) = (x / y, x % y);
            let (q, r) = if r != 0 && (r < 0) != (y < 0) { (q - 1, r + y) } else { (q, r) };
            Ok((IntBuf::Small(q), IntBuf::Small(r)))
        }
        // -1 apart: the quotient of the least i64 does not fit.
        (IntRef::Small(_), IntRef::Small(_)) => Ok((neg(a), IntBuf::Small(0))),
        _ => {
            let (x, y) = (a.big(), b.big());
            let (q, r) = x.as_ref().div_rem(y.as_ref());
            Ok(if !r.is_zero() && is_negative(&r) != is_negative(&y) {
                (IntBuf::from(q - IBig::ONE), IntBuf::from(r + y.as_ref()))
            } else {
                (IntBuf::from(q), IntBuf::from(r))
            })
        }
    }
}

/// `a // b`.
#[inline]
pub fn floor_div(a: IntRef, b: IntRef) -> IntResult {
    if let (IntRef::Small(x), IntRef::Small(y)) = (a, b)
        && y != 0
        && let Some(q) = x.checked_div(y)
    {
        return Ok(IntBuf::Small(if x % y != 0 && (x < 0) != (y < 0) { q - 1 } else { q }));
    }
    divmod(a, b).map(|(q, _)| q)
}

/// `a % b`.
#[inline]
pub fn modulo(a: IntRef, b: IntRef) -> IntResult {
    if let (IntRef::Small(x), IntRef::Small(y)) = (a, b)
        && y != 0
    {
        let r = x.wrapping_rem(y);
        return Ok(IntBuf::Small(if r != 0 && (r < 0) != (y < 0) { r + y } else { r }));
    }
    if b.is_zero() {
        return Err(IntError::DivisionByZero);
    }
    let (x, y) = (a.big(), b.big());
    let r = x.as_ref() % y.as_ref();
    Ok(IntBuf::from(if !r.is_zero() && is_negative(&r) != is_negative(&y) { r + y.as_ref() } else { r }))
}

/// Whether `bytes` more bytes can be had, so that an absurd result raises instead of aborting the process.
pub(super) fn reserve_check(bits: u128) -> IntResult<()> {
    let bytes = usize::try_from(bits / 8 + 64).map_err(|_| IntError::TooLarge)?;
    // The bigint routines need scratch space of about the size of the result too.
    let bytes = bytes.checked_mul(2).filter(|&b| b < isize::MAX as usize).ok_or(IntError::TooLarge)?;
    if has_room(bytes) { Ok(()) } else { Err(IntError::TooLarge) }
}

/// `a << b`.
pub fn shl(a: IntRef, b: IntRef) -> IntResult {
    if b.is_negative() {
        return Err(IntError::NegativeShift);
    }
    if a.is_zero() {
        return Ok(IntBuf::Small(0));
    }
    let Some(n) = b.to_u64() else { return Err(IntError::TooLarge) };
    if let IntRef::Small(x) = a
        && n < 63
    {
        let z = x << n;
        if z >> n == x {
            return Ok(IntBuf::Small(z));
        }
    }
    reserve_check(u128::from(n) + u128::from(super::number::bit_length(a)))?;
    Ok(IntBuf::from(a.big().as_ref() << n as usize))
}

/// `a >> b`, rounded down.
pub fn shr(a: IntRef, b: IntRef) -> IntResult {
    if b.is_negative() {
        return Err(IntError::NegativeShift);
    }
    let gone = IntBuf::Small(if a.is_negative() { -1 } else { 0 });
    let Some(n) = b.to_u64() else { return Ok(gone) };
    Ok(match a {
        IntRef::Small(x) => IntBuf::Small(x >> n.min(63)),
        IntRef::Big(_) if n >= super::number::bit_length(a) => gone,
        IntRef::Big(x) => IntBuf::from(x >> n as usize),
    })
}

/// `a & b` on two's complement forms of unlimited width.
#[inline]
pub fn and(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => IntBuf::Small(x & y),
        // A mask that is not negative has no bits above its word.
        (IntRef::Small(m), big @ IntRef::Big(_)) | (big @ IntRef::Big(_), IntRef::Small(m)) if m >= 0 => {
            IntBuf::Small((big.to_u64_wrapping() & m as u64) as i64)
        }
        _ => IntBuf::from(a.big().as_ref() & b.big().as_ref()),
    }
}

/// `a | b` on two's complement forms of unlimited width.
#[inline]
pub fn or(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => IntBuf::Small(x | y),
        _ => IntBuf::from(a.big().as_ref() | b.big().as_ref()),
    }
}

/// `a ^ b` on two's complement forms of unlimited width.
#[inline]
pub fn xor(a: IntRef, b: IntRef) -> IntBuf {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => IntBuf::Small(x ^ y),
        _ => IntBuf::from(a.big().as_ref() ^ b.big().as_ref()),
    }
}

/// `~a`.
#[inline]
pub fn invert(a: IntRef) -> IntBuf {
    match a {
        IntRef::Small(x) => IntBuf::Small(!x),
        IntRef::Big(x) => IntBuf::from(!x),
    }
}

/// Orders two integers.
#[inline]
pub fn cmp(a: IntRef, b: IntRef) -> Ordering {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => x.cmp(&y),
        (IntRef::Big(x), IntRef::Big(y)) => x.cmp(y),
        _ => a.big().as_ref().cmp(b.big().as_ref()),
    }
}

/// Whether two integers are equal.
#[inline]
pub fn eq(a: IntRef, b: IntRef) -> bool {
    match (a, b) {
        (IntRef::Small(x), IntRef::Small(y)) => x == y,
        (IntRef::Big(x), IntRef::Big(y)) => x == y,
        _ => cmp(a, b) == Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(s: &str) -> IntBuf {
        IntBuf::from(IBig::from_str_radix(s, 10).unwrap())
    }

    #[test]
    fn small_results_are_small() {
        let a = big("9223372036854775808");
        assert!(matches!(a, IntBuf::Big(_)));
        assert_eq!(sub(a.as_ref(), IntRef::Small(1)), IntBuf::Small(i64::MAX));
        assert_eq!(neg(a.as_ref()), IntBuf::Small(i64::MIN));
        assert_eq!(neg(IntRef::Small(i64::MIN)), a);
        assert_eq!(add(IntRef::Small(i64::MAX), IntRef::Small(1)), a);
    }

    #[test]
    fn division_rounds_down() {
        for (x, y, q, r) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -2, -3, 0)] {
            let want = (IntBuf::Small(q), IntBuf::Small(r));
            assert_eq!(divmod(IntRef::Small(x), IntRef::Small(y)), Ok(want.clone()));
            assert_eq!(floor_div(IntRef::Small(x), IntRef::Small(y)).unwrap(), want.0);
            assert_eq!(modulo(IntRef::Small(x), IntRef::Small(y)).unwrap(), want.1);
        }
        let min = IntRef::Small(i64::MIN);
        assert_eq!(floor_div(min, IntRef::Small(-1)).unwrap(), big("9223372036854775808"));
        assert_eq!(modulo(min, IntRef::Small(-1)).unwrap(), IntBuf::Small(0));
        assert_eq!(divmod(min, IntRef::Small(0)), Err(IntError::DivisionByZero));
        let b = big("-100000000000000000000000");
        assert_eq!(modulo(b.as_ref(), IntRef::Small(7)).unwrap(), IntBuf::Small(2));
        assert_eq!(modulo(IntRef::Small(5), b.as_ref()).unwrap(), big("-99999999999999999999995"));
    }

    #[test]
    fn bits_are_those_of_twos_complement() {
        let b = big("-18446744073709551617"); // -(2^64 + 1)
        assert_eq!(and(b.as_ref(), IntRef::Small(255)), IntBuf::Small(255));
        assert_eq!(or(b.as_ref(), IntRef::Small(1)), b);
        assert_eq!(xor(b.as_ref(), IntRef::Small(-1)), big("18446744073709551616"));
        assert_eq!(invert(b.as_ref()), big("18446744073709551616"));
        assert_eq!(shr(b.as_ref(), IntRef::Small(64)).unwrap(), IntBuf::Small(-2));
        assert_eq!(shr(b.as_ref(), IntRef::Small(1 << 40)).unwrap(), IntBuf::Small(-1));
        assert_eq!(shl(IntRef::Small(1), IntRef::Small(-1)), Err(IntError::NegativeShift));
        assert_eq!(shl(IntRef::Small(1), IntRef::Small(i64::MAX)), Err(IntError::TooLarge));
        assert_eq!(shl(IntRef::Small(-1), IntRef::Small(63)).unwrap(), IntBuf::Small(i64::MIN));
    }
}
