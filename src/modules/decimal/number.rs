//! Decimal numbers and contexts as plain data; rounding to a context.

use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem};
use std::cmp::Ordering;

/// Bits of the status, one for each condition; the values are libmpdec's.
pub mod status {
    pub const CLAMPED: u32 = 0x1;
    pub const CONVERSION_SYNTAX: u32 = 0x2;
    pub const DIVISION_BY_ZERO: u32 = 0x4;
    pub const DIVISION_IMPOSSIBLE: u32 = 0x8;
    pub const DIVISION_UNDEFINED: u32 = 0x10;
    pub const INEXACT: u32 = 0x40;
    pub const INVALID_CONTEXT: u32 = 0x80;
    pub const INVALID_OPERATION: u32 = 0x100;
    /// There is no memory for the digits asked for.
    pub const NO_MEMORY: u32 = 0x200;
    pub const OVERFLOW: u32 = 0x800;
    pub const ROUNDED: u32 = 0x1000;
    pub const SUBNORMAL: u32 = 0x2000;
    pub const UNDERFLOW: u32 = 0x4000;
    pub const FLOAT_OPERATION: u32 = 0x8000;
    /// All that the signal InvalidOperation stands for.
    pub const ANY_INVALID: u32 =
        CONVERSION_SYNTAX | DIVISION_IMPOSSIBLE | DIVISION_UNDEFINED | INVALID_CONTEXT | INVALID_OPERATION | NO_MEMORY;
}
use status::*;

pub const MAX_PREC: i64 = 999_999_999_999_999_999;
pub const MAX_EMAX: i64 = 999_999_999_999_999_999;
pub const MIN_EMIN: i64 = -999_999_999_999_999_999;
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);
/// More digits than this are not made.
const MOST_DIGITS: i64 = 1 << 31;

/// How inexact results are rounded; the numbers are libmpdec's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    ZeroFiveUp,
}

/// Their names, in the order of the enumeration.
pub const ROUNDINGS: [(&str, Rounding); 8] = [
    ("ROUND_UP", Rounding::Up),
    ("ROUND_DOWN", Rounding::Down),
    ("ROUND_CEILING", Rounding::Ceiling),
    ("ROUND_FLOOR", Rounding::Floor),
    ("ROUND_HALF_UP", Rounding::HalfUp),
    ("ROUND_HALF_DOWN", Rounding::HalfDown),
    ("ROUND_HALF_EVEN", Rounding::HalfEven),
    ("ROUND_05UP", Rounding::ZeroFiveUp),
];

/// What an operation goes by.
#[derive(Clone, Copy, Debug)]
pub struct Ctx {
    pub prec: i64,
    pub rounding: Rounding,
    pub emin: i64,
    pub emax: i64,
    pub clamp: bool,
    pub capitals: bool,
    pub traps: u32,
}

impl Ctx {
    pub fn etiny(&self) -> i64 {
        self.emin - self.prec + 1
    }

    pub fn etop(&self) -> i64 {
        self.emax - self.prec + 1
    }

    /// The widest context.
    pub const MAX: Ctx = Ctx {
        prec: MAX_PREC,
        rounding: Rounding::HalfEven,
        emin: MIN_EMIN,
        emax: MAX_EMAX,
        clamp: false,
        capitals: true,
        traps: 0,
    };
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Finite,
    Infinite,
    Quiet,
    Signalling,
}

/// A number: `(-1)^sign * coef * 10^exp`, or a special one; of a NaN, `coef` is the payload.
#[derive(Clone, Debug)]
pub struct Dec {
    pub sign: bool,
    pub kind: Kind,
    pub coef: UBig,
    pub exp: i64,
}

/// The powers of ten that two words hold.
pub static POWERS: [u128; 39] = {
    let mut powers = [1; 39];
    let mut n = 1;
    while n < powers.len() {
        powers[n] = powers[n - 1] * 10;
        n += 1;
    }
    powers
};

/// 10^n. The caller has made sure that there is memory for it.
pub fn pow10(n: i64) -> UBig {
    match n {
        ..=0 => UBig::ONE,
        1..=38 => UBig::from(POWERS[n as usize]),
        _ => UBig::from(10u8).pow(n as usize),
    }
}

/// Whether so many digits can be worked with.
pub fn fits(digits: i64, st: &mut u32) -> bool {
    if digits > MOST_DIGITS {
        *st |= NO_MEMORY;
        return false;
    }
    true
}

/// Decimal digits of two words; 1 for zero.
fn small_digits(n: u128) -> i64 {
    // The number of bits times the logarithm of 2: right, or one too little.
    let log = ((128 - n.leading_zeros()) * 1233) >> 12;
    i64::from(log + u32::from(n >= POWERS[log as usize])).max(1)
}

/// Decimal digits; 1 for zero.
pub fn digits(u: &UBig) -> i64 {
    if let Ok(small) = u128::try_from(u) {
        return small_digits(small);
    }
    let bits = u.bit_len();
    let top = u64::try_from(&(u >> (bits - 64))).unwrap_or(u64::MAX);
    let log = (top as f64).log10() + (bits - 64) as f64 * std::f64::consts::LOG10_2;
    let whole = log.floor();
    let margin = 1e-6;
    if log - whole > margin && log - whole < 1.0 - margin {
        return whole as i64 + 1;
    }
    let near = log.round() as i64;
    if *u >= pow10(near) { near + 1 } else { near }
}

/// `u / 10^n` with the rest.
pub fn split10(u: &UBig, n: i64) -> (UBig, UBig) {
    if n <= 38
        && let Ok(small) = u128::try_from(u)
    {
        let p = POWERS[n.max(0) as usize];
        if let (Ok(small), Ok(p)) = (u64::try_from(small), u64::try_from(p)) {
            return (UBig::from(small / p), UBig::from(small % p));
        }
        let quotient = small / p;
        return (UBig::from(quotient), UBig::from(small - quotient * p));
    }
    u.div_rem(&pow10(n))
}

impl Dec {
    pub fn finite(sign: bool, coef: UBig, exp: i64) -> Dec {
        Dec { sign, kind: Kind::Finite, coef, exp }
    }

    pub fn zero(sign: bool, exp: i64) -> Dec {
        Dec::finite(sign, UBig::ZERO, exp)
    }

    pub fn infinity(sign: bool) -> Dec {
        Dec { sign, kind: Kind::Infinite, coef: UBig::ZERO, exp: 0 }
    }

    pub fn nan() -> Dec {
        Dec { sign: false, kind: Kind::Quiet, coef: UBig::ZERO, exp: 0 }
    }

    pub fn from_i64(i: i64) -> Dec {
        Dec::finite(i < 0, UBig::from(i.unsigned_abs()), 0)
    }

    /// NaN, because the operation is not valid.
    pub fn invalid(st: &mut u32, why: u32) -> Dec {
        *st |= why;
        Dec::nan()
    }

    pub fn is_special(&self) -> bool {
        self.kind != Kind::Finite
    }

    pub fn is_finite(&self) -> bool {
        self.kind == Kind::Finite
    }

    pub fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Quiet | Kind::Signalling)
    }

    pub fn is_infinite(&self) -> bool {
        self.kind == Kind::Infinite
    }

    pub fn is_zero(&self) -> bool {
        self.is_finite() && self.coef.is_zero()
    }

    pub fn digits(&self) -> i64 {
        digits(&self.coef)
    }

    /// The exponent of the first digit.
    pub fn adjusted(&self) -> i64 {
        if self.is_special() { 0 } else { self.exp + self.digits() - 1 }
    }

    pub fn with_sign(&self, sign: bool) -> Dec {
        Dec { sign, ..self.clone() }
    }

    /// Whether the number is an integer.
    pub fn is_integer(&self) -> bool {
        if !self.is_finite() {
            return false;
        }
        if self.exp >= 0 || self.coef.is_zero() {
            return true;
        }
        -self.exp <= self.digits() && split10(&self.coef, -self.exp).1.is_zero()
    }

    /// Fits a result into the context.
    pub fn finalize(mut self, ctx: &Ctx, st: &mut u32) -> Dec {
        if self.is_special() {
            if self.is_nan() {
                let most = ctx.prec - i64::from(ctx.clamp);
                if !self.coef.is_zero() && self.digits() > most {
                    self.coef = split10(&self.coef, most).1;
                }
            }
            return self;
        }
        let (etiny, etop) = (ctx.etiny(), ctx.etop());
        if self.coef.is_zero() {
            let most = if ctx.clamp { etop } else { ctx.emax };
            let exp = self.exp.clamp(etiny, most.max(etiny));
            if exp != self.exp {
                *st |= CLAMPED;
                self.exp = exp;
            }
            return self;
        }
        let n = self.digits();
        let mut low = n + self.exp - ctx.prec;
        if low > etop {
            return overflow(self.sign, ctx, st);
        }
        let subnormal = low < etiny;
        if subnormal {
            low = etiny;
        }
        if self.exp < low {
            let drop = low - self.exp;
            let (mut coef, odd) = if drop > n {
                (UBig::ZERO, Rest::Less)
            } else {
                let (q, r) = split10(&self.coef, drop);
                let odd = rest(&r, drop);
                (q, odd)
            };
            if rounds_up(ctx.rounding, self.sign, &coef, odd) {
                coef += UBig::ONE;
                if digits(&coef) > ctx.prec {
                    coef = split10(&coef, 1).0;
                    low += 1;
                }
            }
            let inexact = odd != Rest::Zero;
            if low > etop {
                return overflow(self.sign, ctx, st);
            }
            *st |= ROUNDED;
            if subnormal {
                *st |= SUBNORMAL;
            }
            if inexact {
                *st |= INEXACT;
                if subnormal {
                    *st |= UNDERFLOW;
                }
            }
            if coef.is_zero() {
                *st |= CLAMPED;
            }
            return Dec::finite(self.sign, coef, low);
        }
        if subnormal {
            *st |= SUBNORMAL;
        }
        if ctx.clamp && self.exp > etop {
            *st |= CLAMPED;
            self.coef *= pow10(self.exp - etop);
            self.exp = etop;
        }
        self
    }

    /// The same value with another exponent, rounded; no limit on digits. The number is finite.
    pub fn rescale(&self, exp: i64, rounding: Rounding) -> (Dec, bool) {
        if self.coef.is_zero() {
            return (Dec::zero(self.sign, exp), false);
        }
        if self.exp >= exp {
            return (Dec::finite(self.sign, &self.coef * pow10(self.exp - exp), exp), false);
        }
        let (n, drop) = (self.digits(), exp - self.exp);
        let (mut coef, odd) = if drop > n {
            (UBig::ZERO, Rest::Less)
        } else {
            let (q, r) = split10(&self.coef, drop);
            let odd = rest(&r, drop);
            (q, odd)
        };
        if rounds_up(rounding, self.sign, &coef, odd) {
            coef += UBig::ONE;
        }
        (Dec::finite(self.sign, coef, exp), odd != Rest::Zero)
    }
}

/// What was cut off, against half a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    Zero,
    Less,
    Half,
    More,
}

/// Classifies `r`, the last `n` digits.
pub fn rest(r: &UBig, n: i64) -> Rest {
    if r.is_zero() {
        return Rest::Zero;
    }
    let order = match (u128::try_from(r), POWERS.get(n as usize)) {
        (Ok(small), Some(power)) => small.cmp(&(power / 2)),
        _ if digits(r) < n => Ordering::Less,
        _ => r.cmp(&(pow10(n - 1) * 5u8)),
    };
    match order {
        Ordering::Less => Rest::Less,
        Ordering::Equal => Rest::Half,
        Ordering::Greater => Rest::More,
    }
}

/// Whether the magnitude `coef` goes up by one for what was cut off.
pub fn rounds_up(rounding: Rounding, sign: bool, coef: &UBig, odd: Rest) -> bool {
    if odd == Rest::Zero {
        return false;
    }
    match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Ceiling => !sign,
        Rounding::Floor => sign,
        Rounding::HalfUp => odd != Rest::Less,
        Rounding::HalfDown => odd == Rest::More,
        Rounding::HalfEven => odd == Rest::More || (odd == Rest::Half && coef.bit(0)),
        Rounding::ZeroFiveUp => {
            let last = u8::try_from(coef % UBig::from(10u8)).unwrap_or(1);
            last == 0 || last == 5
        }
    }
}

/// The result of an operation that went past the largest exponent.
pub fn overflow(sign: bool, ctx: &Ctx, st: &mut u32) -> Dec {
    *st |= OVERFLOW | INEXACT | ROUNDED;
    let infinite = match ctx.rounding {
        Rounding::Up | Rounding::HalfUp | Rounding::HalfDown | Rounding::HalfEven => true,
        Rounding::Down | Rounding::ZeroFiveUp => false,
        Rounding::Ceiling => !sign,
        Rounding::Floor => sign,
    };
    if infinite || !fits(ctx.prec, st) {
        return Dec::infinity(sign);
    }
    Dec::finite(sign, pow10(ctx.prec) - UBig::ONE, ctx.etop())
}

/// The NaN that operands which are NaN give: a signalling one first, then the first quiet one.
pub fn nan_of(operands: &[&Dec], ctx: &Ctx, st: &mut u32) -> Option<Dec> {
    let signalling = operands.iter().find(|d| d.kind == Kind::Signalling);
    if let Some(d) = signalling {
        *st |= INVALID_OPERATION;
        let quiet = Dec { kind: Kind::Quiet, ..(*d).clone() };
        return Some(quiet.finalize(ctx, st));
    }
    operands.iter().find(|d| d.kind == Kind::Quiet).map(|d| (*d).clone().finalize(ctx, st))
}

/// Orders two numbers that are no NaNs.
pub fn compare(a: &Dec, b: &Dec) -> Ordering {
    if a.is_infinite() || b.is_infinite() {
        let rank = |d: &Dec| match (d.is_infinite(), d.sign) {
            (false, _) => 0,
            (true, true) => -1,
            (true, false) => 1,
        };
        return rank(a).cmp(&rank(b));
    }
    match (a.coef.is_zero(), b.coef.is_zero()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return if b.sign { Ordering::Greater } else { Ordering::Less },
        (false, true) => return if a.sign { Ordering::Less } else { Ordering::Greater },
        _ => {}
    }
    if a.sign != b.sign {
        return if a.sign { Ordering::Less } else { Ordering::Greater };
    }
    let magnitude = compare_magnitude(a, b);
    if a.sign { magnitude.reverse() } else { magnitude }
}

/// Orders the magnitudes of two finite numbers that are not zero.
fn compare_magnitude(a: &Dec, b: &Dec) -> Ordering {
    let by_size = a.adjusted().cmp(&b.adjusted());
    if by_size != Ordering::Equal {
        return by_size;
    }
    // The same number of digits before the point, so the gap is no wider than the digits are many.
    match a.exp.cmp(&b.exp) {
        Ordering::Equal => a.coef.cmp(&b.coef),
        Ordering::Greater => (&a.coef * pow10(a.exp - b.exp)).cmp(&b.coef),
        Ordering::Less => a.coef.cmp(&(&b.coef * pow10(b.exp - a.exp))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted() {
        assert_eq!(digits(&UBig::ZERO), 1);
        for (n, power) in POWERS.iter().enumerate() {
            for (near, expected) in
                [(power - 1, n), (*power, n + 1), (power + 1, n + 1), (power.saturating_mul(9), n + 1)]
            {
                let expected = if near == u128::MAX { 39 } else { expected.max(1) };
                assert_eq!(digits(&UBig::from(near)), expected as i64, "{near}");
            }
        }
        for bit in 0..128 {
            let n = 1u128 << bit;
            assert_eq!(digits(&UBig::from(n)), i64::from(n.ilog10()) + 1);
            assert_eq!(digits(&UBig::from(n | (n - 1))), i64::from((n | (n - 1)).ilog10()) + 1);
        }
        assert_eq!(digits(&(UBig::from(u128::MAX) * 10u8)), 40);
    }

    #[test]
    fn rests_are_compared_with_the_half() {
        for (r, n, expected) in [
            (0u128, 3, Rest::Zero),
            (499, 3, Rest::Less),
            (500, 3, Rest::Half),
            (501, 3, Rest::More),
            (5 * POWERS[37], 38, Rest::Half),
            (5 * POWERS[37] + 1, 38, Rest::More),
            (POWERS[38], 40, Rest::Less),
        ] {
            assert!(rest(&UBig::from(r), n) == expected, "{r}");
        }
        assert!(rest(&(pow10(49) * 5u8), 50) == Rest::Half);
    }
}
