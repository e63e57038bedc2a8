//! exp, ln, log10 and powers, correctly rounded.
//!
//! Values are integers scaled by a power of ten, with more digits than asked for. Where the digits behind the last one that
//! counts do not settle how to round, they are computed again with more of them (Ziv's strategy); such a result is never
//! exact but for the cases that are dealt with before.

use super::arith::divide;
use super::number::status::*;
use super::number::*;
use crate::sync::shim::Mutex;
use dashu_int::ops::{BitTest, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};

/// How many of the last digits may be wrong.
const UNSURE: i64 = 8;
/// How often more digits are tried before a result is taken to be exact.
const TRIES: usize = 4;

fn scale(p: i64) -> IBig {
    IBig::from(pow10(p))
}

/// atanh(1/n), scaled by 10^p.
fn atanh_inverse(n: u32, p: i64) -> IBig {
    let square = IBig::from(n) * IBig::from(n);
    let mut power = scale(p) / IBig::from(n);
    let mut sum = power.clone();
    let mut k = 3u32;
    loop {
        power /= &square;
        if power == IBig::ZERO {
            return sum;
        }
        sum += &power / IBig::from(k);
        k += 2;
    }
}

/// ln 10, scaled by 10^p.
fn ln10(p: i64) -> IBig {
    static KNOWN: Mutex<Option<(i64, IBig)>> = Mutex::new(None);
    if let Some((known, value)) = &*KNOWN.lock()
        && *known >= p
    {
        return value / scale(known - p);
    }
    let q = p + 20;
    let value = atanh_inverse(31, q) * 46 + atanh_inverse(49, q) * 34 + atanh_inverse(161, q) * 20;
    let answer = &value / scale(q - p);
    *KNOWN.lock() = Some((q - 10, value / scale(10)));
    answer
}

/// e^(x / 10^p) * 10^p for 0 <= x / 10^p < 3.
fn exp_small(x: &IBig, p: i64) -> IBig {
    // Halve the argument, sum the series, square again; each squaring loses a digit at most.
    let halvings = ((p as f64).sqrt() as usize).clamp(4, 400);
    let guard = halvings as i64 / 3 + 6;
    let one = scale(p + guard);
    let x = (x * scale(guard)) >> halvings;
    let mut term = one.clone();
    let mut sum = one.clone();
    let mut k = 1u32;
    while term != IBig::ZERO {
        term = &term * &x / &one / IBig::from(k);
        sum += &term;
        k += 1;
    }
    for _ in 0..halvings {
        sum = &sum * &sum / &one;
    }
    sum / scale(guard)
}

/// e^(x / 10^p): (mantissa scaled by 10^p, from 1 to below 10; power of ten).
fn exp_scaled(x: &IBig, p: i64) -> (IBig, i64) {
    let wide = digits(&x.unsigned_abs()) - p;
    let q = p + wide.max(0) + 4;
    let x = x * scale(q - p);
    let ten = ln10(q);
    let mut k = &x / &ten;
    if x < IBig::ZERO {
        k -= IBig::ONE;
    }
    let rest = (x - &k * ten) / scale(q - p);
    let rest = if rest < IBig::ZERO { IBig::ZERO } else { rest };
    (exp_small(&rest, p), i64::try_from(&k).unwrap_or(if k < IBig::ZERO { i64::MIN / 4 } else { i64::MAX / 4 }))
}

/// A finite number scaled by 10^p, cut off.
fn scaled(d: &Dec, p: i64) -> IBig {
    let shift = d.exp + p;
    let magnitude =
        if shift >= 0 { &d.coef * pow10(shift) } else { split10(&d.coef, (-shift).min(digits(&d.coef) + 1)).0 };
    IBig::from_parts(if d.sign { Sign::Negative } else { Sign::Positive }, magnitude)
}

/// ln of a positive finite number, scaled by 10^p.
fn ln_scaled(d: &Dec, p: i64) -> IBig {
    let k = d.adjusted() + 1;
    let q = p + 6;
    // From 0.1 to below 1.
    let y = Dec::finite(false, d.coef.clone(), d.exp - k);
    let target = scaled(&y, q);
    let lead = scaled(&y, 17);
    let lead = i64::try_from(&lead).unwrap_or(1) as f64 / 1e17;
    let start = lead.ln();
    let mut z = IBig::from((start * 1e15) as i64) * scale(q) / scale(15);
    let mut good = 13;
    while good < q {
        // Halley's step on e^z = y triples the digits that are right.
        let negative = z < IBig::ZERO;
        let e = if negative {
            // Within the range of `exp_small`: y is at least 0.1.
            scale(2 * q) / exp_small(&-&z, q)
        } else {
            exp_small(&z, q)
        };
        z += (&target - &e) * IBig::from(2) * scale(q) / (&target + e);
        good = good * 3 - 2;
    }
    let answer = z + IBig::from(k) * ln10(q + digits(&UBig::from(k.unsigned_abs())))
        / scale(digits(&UBig::from(k.unsigned_abs())));
    answer / scale(q - p)
}

/// Whether the digits behind the first `prec` of `r` settle how to round.
fn settled(r: &IBig, prec: i64) -> bool {
    let magnitude = r.unsigned_abs();
    let n = digits(&magnitude);
    if n < prec + UNSURE + 2 {
        return false;
    }
    let tail = split10(&magnitude, n - prec).1;
    let width = n - prec;
    let near = |point: UBig| {
        let gap = if tail > point { &tail - &point } else { &point - &tail };
        digits(&gap) <= UNSURE
    };
    !near(UBig::ZERO) && !near(pow10(width - 1) * 5u8) && !near(pow10(width))
}

fn half_even(ctx: &Ctx) -> Ctx {
    Ctx { rounding: Rounding::HalfEven, ..*ctx }
}

/// A result that is known to be inexact: its last digit counts as nothing but that.
fn inexact(r: &IBig, exp: i64, ctx: &Ctx, st: &mut u32) -> Dec {
    let coef = r.unsigned_abs() * UBig::from(10u8) + UBig::ONE;
    Dec::finite(*r < IBig::ZERO, coef, exp - 1).finalize(ctx, st)
}

/// Runs `f` with more and more digits until its result can be rounded.
fn ziv(ctx: &Ctx, st: &mut u32, extra: i64, f: impl Fn(i64) -> (IBig, i64)) -> Dec {
    let mut p = ctx.prec + extra + UNSURE + 6;
    for attempt in 0.. {
        if !fits(p.saturating_mul(4), st) {
            return Dec::nan();
        }
        let (r, exp) = f(p);
        if settled(&r, ctx.prec) {
            return inexact(&r, exp, ctx, st);
        }
        if attempt == TRIES {
            // Exact for all that can be seen.
            let n = digits(&(&r).unsigned_abs());
            let keep = ctx.prec + 2;
            let cut = (n - keep).max(0);
            let half = IBig::from(pow10(cut)) / IBig::from(2);
            let rounded = if r < IBig::ZERO { (r - half) / scale(cut) } else { (r + half) / scale(cut) };
            *st |= INEXACT | ROUNDED;
            return Dec::finite(rounded < IBig::ZERO, rounded.unsigned_abs(), exp + cut).finalize(ctx, st);
        }
        p += p / 2 + 10;
    }
    Dec::nan()
}

pub fn exp(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_infinite() {
        return if a.sign { Dec::zero(false, 0) } else { a.clone() };
    }
    if a.is_zero() {
        return Dec::from_i64(1);
    }
    exp_of(a, &half_even(ctx), st)
}

fn exp_of(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    let adjusted = a.adjusted();
    if adjusted > 20 {
        let exp = if a.sign { ctx.etiny() - 2 } else { ctx.emax + 1 };
        return inexact(&IBig::ONE, exp, ctx, st);
    }
    if adjusted < -ctx.prec - 2 {
        if !fits(ctx.prec, st) {
            return Dec::nan();
        }
        // One, and a trace.
        let one = scale(ctx.prec + 2);
        let r = if a.sign { one - IBig::ONE } else { one + IBig::ONE };
        return Dec::finite(false, r.unsigned_abs(), -ctx.prec - 2).finalize(&half_even(ctx), st);
    }
    ziv(ctx, st, 0, |p| {
        let (r, k) = exp_scaled(&scaled(a, p), p);
        (r, k - p)
    })
}

/// How many digits a logarithm loses because its argument is near one.
fn cancelled(a: &Dec) -> i64 {
    let one = Dec::from_i64(1);
    let mut ignored = 0;
    let near = a.adjusted() == 0 || a.adjusted() == -1;
    if !near {
        return 0;
    }
    let wide = Ctx { prec: a.digits() + 5, ..Ctx::MAX };
    let gap = super::arith::subtract(a, &one, &wide, &mut ignored);
    (-gap.adjusted()).max(0)
}

pub fn ln(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_zero() {
        return Dec::infinity(true);
    }
    if a.sign {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if a.is_infinite() {
        return a.clone();
    }
    if compare(a, &Dec::from_i64(1)).is_eq() {
        return Dec::zero(false, 0);
    }
    ziv(&half_even(ctx), st, cancelled(a), |p| (ln_scaled(a, p), -p))
}

/// The exponent of a power of ten.
fn power_of_ten(a: &Dec) -> Option<i64> {
    let n = a.digits();
    (a.coef == pow10(n - 1)).then_some(a.exp + n - 1)
}

pub fn log10(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_zero() {
        return Dec::infinity(true);
    }
    if a.sign {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if a.is_infinite() {
        return a.clone();
    }
    if let Some(exp) = power_of_ten(a) {
        return Dec::from_i64(exp).finalize(&half_even(ctx), st);
    }
    ziv(&half_even(ctx), st, cancelled(a), |p| (ln_scaled(a, p + 3) * scale(p) / ln10(p + 3), -p))
}

/// An integer's value where it is small.
fn small_integer(d: &Dec) -> Option<i64> {
    if !d.is_integer() || d.adjusted() > 17 {
        return None;
    }
    let whole = d.rescale(0, Rounding::Down).0;
    let magnitude = i64::try_from(&whole.coef).ok()?;
    Some(if d.sign { -magnitude } else { magnitude })
}

fn is_odd(d: &Dec) -> bool {
    d.is_integer() && d.exp <= 0 && !d.is_zero() && {
        let whole = split10(&d.coef, -d.exp).0;
        whole.bit(0)
    }
}

pub fn power(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    if b.is_zero() {
        return if a.is_zero() { Dec::invalid(st, INVALID_OPERATION) } else { Dec::from_i64(1) };
    }
    let sign = a.sign && b.is_finite() && is_odd(b);
    let integer = b.is_integer();
    if a.sign && !integer && !a.is_zero() && b.is_finite() {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if a.sign && b.is_infinite() && !a.is_zero() {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    let base = a.with_sign(false);
    if a.is_zero() {
        return if b.sign { Dec::infinity(sign) } else { Dec::zero(sign, 0) };
    }
    if a.is_infinite() {
        return if b.sign { Dec::zero(sign, 0) } else { Dec::infinity(sign) };
    }
    let against_one = compare(&base, &Dec::from_i64(1));
    if against_one.is_eq() {
        let exp = if integer {
            let times = if b.sign { 0 } else { small_integer(b).unwrap_or(ctx.prec).min(ctx.prec) };
            let exp = base.exp.saturating_mul(times);
            if exp < 1 - ctx.prec {
                *st |= ROUNDED;
            }
            exp.max(1 - ctx.prec)
        } else {
            *st |= INEXACT | ROUNDED;
            1 - ctx.prec
        };
        if !fits(exp.abs(), st) {
            return Dec::nan();
        }
        return if exp <= 0 { Dec::finite(sign, pow10(-exp), exp) } else { Dec::finite(sign, UBig::ONE, 0) };
    }
    if b.is_infinite() {
        return if against_one.is_lt() != b.sign { Dec::zero(false, 0) } else { Dec::infinity(false) };
    }
    // Far out of range.
    let magnitude = (approximate_log10(&base) * approximate(b)).abs();
    let grows = against_one.is_gt() != b.sign;
    if magnitude > 2.2e18 {
        let exp = if grows { ctx.emax + 1 } else { ctx.etiny() - 2 };
        let r = Dec::finite(sign, UBig::from(11u8), exp - 1);
        return r.finalize(ctx, st);
    }
    if let Some(n) = small_integer(b) {
        let times = n.unsigned_abs() as i64;
        let most = ctx.prec.saturating_mul(2).saturating_add(64);
        let by_ten = power_of_ten(&base).is_some();
        if by_ten && base.coef == UBig::ONE && base.exp.checked_mul(n).is_some() {
            return Dec::finite(sign, UBig::ONE, base.exp * n).finalize(ctx, st);
        }
        if base.digits().checked_mul(times).is_some_and(|d| d <= most) && fits(base.digits() * times, st) {
            let exact = Dec::finite(sign, base.coef.pow(times as usize), base.exp * times);
            return if n < 0 { divide(&Dec::from_i64(1), &exact, ctx, st) } else { exact.finalize(ctx, st) };
        }
    }
    let extra = cancelled(&base) + b.adjusted().max(0) + 4;
    let result = ziv(ctx, st, 0, |p| {
        let q = p + extra + 20;
        let product = ln_scaled(&base, q) * scaled_exactly(b);
        // b's own exponent goes into the scale.
        let z = match b.exp {
            e if e >= 0 => product * scale(e) / scale(q - p),
            e => product / scale(q - p - e),
        };
        let (r, k) = exp_scaled(&z, p);
        (r, k - p)
    });
    result.with_sign(sign)
}

fn scaled_exactly(d: &Dec) -> IBig {
    IBig::from_parts(if d.sign { Sign::Negative } else { Sign::Positive }, d.coef.clone())
}

/// The number as a float, roughly.
fn approximate(d: &Dec) -> f64 {
    let n = d.digits();
    let lead = split10(&d.coef, (n - 17).max(0)).0;
    let lead = u64::try_from(&lead).unwrap_or(0) as f64;
    let x = lead * 10f64.powi(((n - 17).max(0) + d.exp).clamp(-400, 400) as i32);
    if d.sign { -x } else { x }
}

fn approximate_log10(d: &Dec) -> f64 {
    let n = d.digits();
    let lead = split10(&d.coef, (n - 17).max(0)).0;
    let lead = u64::try_from(&lead).unwrap_or(1) as f64;
    lead.log10() + ((n - 17).max(0) + d.exp) as f64
}

/// `pow(a, b, m)` of integers.
pub fn power_modulo(a: &Dec, b: &Dec, m: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b, m], ctx, st) {
        return nan;
    }
    let valid = a.is_integer()
        && b.is_integer()
        && m.is_integer()
        && !b.sign
        && !m.is_zero()
        && m.adjusted() < ctx.prec
        && !(a.is_zero() && b.is_zero());
    if !valid {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    let whole = |d: &Dec| d.rescale(0, Rounding::Down).0.coef;
    let modulus = whole(m);
    let times = |x: &UBig, y: &UBig| (x * y) % &modulus;
    let to_the = |base: &UBig, n: &UBig| {
        let (mut result, mut square) = (UBig::ONE % &modulus, base % &modulus);
        for i in 0..n.bit_len() {
            if n.bit(i) {
                result = times(&result, &square);
            }
            square = times(&square, &square);
        }
        result
    };
    let reduce = |d: &Dec| {
        if d.exp <= 0 {
            return whole(d) % &modulus;
        }
        times(&(&d.coef % &modulus), &to_the(&UBig::from(10u8), &UBig::from(d.exp as u64)))
    };
    let base = reduce(a);
    let mut result = to_the(&base, &b.coef);
    if b.exp >= 0 {
        for _ in 0..b.exp.min(100_000) {
            result = to_the(&result, &UBig::from(10u8));
        }
    } else {
        result = to_the(&base, &whole(b));
    }
    Dec::finite(a.sign && is_odd(b), result, 0).finalize(ctx, st)
}
