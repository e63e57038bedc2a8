//! Arithmetic on decimal numbers: each operation takes a context and adds to the status.

use super::number::status::*;
use super::number::*;
use dashu_int::UBig;
use dashu_int::ops::{BitTest, DivRem, SquareRoot};
use std::cmp::Ordering;

pub fn plus(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    let sign = a.sign && !(a.is_zero() && ctx.rounding != Rounding::Floor);
    a.with_sign(sign).finalize(ctx, st)
}

pub fn minus(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    let sign = if a.is_zero() && ctx.rounding != Rounding::Floor { false } else { !a.sign };
    a.with_sign(sign).finalize(ctx, st)
}

pub fn abs(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.sign { minus(a, ctx, st) } else { plus(a, ctx, st) }
}

pub fn add(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    if a.is_infinite() || b.is_infinite() {
        if a.is_infinite() && b.is_infinite() && a.sign != b.sign {
            return Dec::invalid(st, INVALID_OPERATION);
        }
        return Dec::infinity(if a.is_infinite() { a.sign } else { b.sign });
    }
    exact_sum(a, b, ctx, st).finalize(ctx, st)
}

pub fn subtract(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    add(a, &b.with_sign(!b.sign), ctx, st)
}

/// The sum of finite numbers; what lies far below the last digit that counts only leaves a trace.
fn exact_sum(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    let exp = a.exp.min(b.exp);
    let negative_zero =
        if ctx.rounding == Rounding::Floor { a.sign != b.sign || (a.sign && b.sign) } else { a.sign && b.sign };
    match (a.coef.is_zero(), b.coef.is_zero()) {
        (true, true) => return Dec::zero(negative_zero, exp),
        (true, false) => return padded(b, exp.max(b.exp - ctx.prec - 1)),
        (false, true) => return padded(a, exp.max(a.exp - ctx.prec - 1)),
        _ => {}
    }
    let (big, small) = if a.exp < b.exp { (b, a) } else { (a, b) };
    let floor = || big.exp + (-1).min(big.digits() - ctx.prec - 2);
    // It lies below the exponent: most numbers need not be measured.
    let far_below = small.exp + 1 < big.exp && small.digits() + small.exp - 1 < floor();
    let (small_coef, small_exp) = if far_below { (UBig::ONE, floor()) } else { (small.coef.clone(), small.exp) };
    let shift = big.exp - small_exp;
    if !fits(shift, st) {
        return Dec::nan();
    }
    let words = || {
        let coef = u128::try_from(&big.coef).ok()?.checked_mul(*POWERS.get(shift as usize)?)?;
        Some((coef, u128::try_from(&small_coef).ok()?))
    };
    if let Some((x, y)) = words() {
        if big.sign != small.sign {
            return match x.checked_sub(y) {
                Some(0) => Dec::zero(ctx.rounding == Rounding::Floor, exp),
                Some(less) => Dec::finite(big.sign, UBig::from(less), small_exp),
                None => Dec::finite(small.sign, UBig::from(y - x), small_exp),
            };
        }
        if let Some(sum) = x.checked_add(y) {
            return Dec::finite(big.sign, UBig::from(sum), small_exp);
        }
    }
    let big_coef = if shift == 0 { big.coef.clone() } else { &big.coef * pow10(shift) };
    if big.sign == small.sign {
        return Dec::finite(big.sign, big_coef + small_coef, small_exp);
    }
    match big_coef.cmp(&small_coef) {
        Ordering::Equal => Dec::zero(ctx.rounding == Rounding::Floor, exp),
        Ordering::Greater => Dec::finite(big.sign, big_coef - small_coef, small_exp),
        Ordering::Less => Dec::finite(small.sign, small_coef - big_coef, small_exp),
    }
}

/// The number with zeros added down to an exponent.
fn padded(a: &Dec, exp: i64) -> Dec {
    if exp >= a.exp { a.clone() } else { Dec::finite(a.sign, &a.coef * pow10(a.exp - exp), exp) }
}

pub fn multiply(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let sign = a.sign != b.sign;
    if a.is_infinite() || b.is_infinite() {
        if a.is_zero() || b.is_zero() {
            return Dec::invalid(st, INVALID_OPERATION);
        }
        return Dec::infinity(sign);
    }
    Dec::finite(sign, &a.coef * &b.coef, a.exp + b.exp).finalize(ctx, st)
}

pub fn divide(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let sign = a.sign != b.sign;
    if a.is_infinite() {
        return if b.is_infinite() { Dec::invalid(st, INVALID_OPERATION) } else { Dec::infinity(sign) };
    }
    if b.is_infinite() {
        *st |= CLAMPED;
        return Dec::zero(sign, ctx.etiny());
    }
    if b.coef.is_zero() {
        if a.coef.is_zero() {
            return Dec::invalid(st, DIVISION_UNDEFINED);
        }
        *st |= DIVISION_BY_ZERO;
        return Dec::infinity(sign);
    }
    let ideal = a.exp - b.exp;
    if a.coef.is_zero() {
        return Dec::zero(sign, ideal).finalize(ctx, st);
    }
    let shift = b.digits() - a.digits() + ctx.prec + 1;
    if !fits(shift, st) {
        return Dec::nan();
    }
    let mut exp = ideal - shift;
    let words = || {
        let x = u128::try_from(&a.coef).ok()?.checked_mul(*POWERS.get(usize::try_from(shift).ok()?)?)?;
        let y = u128::try_from(&b.coef).ok()?;
        let quotient = x / y;
        Some((UBig::from(quotient), UBig::from(x - quotient * y)))
    };
    let (mut q, r) = if let Some(both) = words() {
        both
    } else if shift >= 0 {
        (&a.coef * pow10(shift)).div_rem(&b.coef)
    } else {
        (&a.coef).div_rem(&(&b.coef * pow10(-shift)))
    };
    if r.is_zero() {
        while exp < ideal {
            let (shorter, last) = split10(&q, 1);
            if !last.is_zero() {
                break;
            }
            q = shorter;
            exp += 1;
        }
    } else if (&q % UBig::from(5u8)).is_zero() {
        // A digit that no rounding takes for exact or half.
        q += UBig::ONE;
    }
    Dec::finite(sign, q, exp).finalize(ctx, st)
}

/// Quotient (an integer) and rest of finite numbers, `b` not zero. None: the quotient has too many digits.
fn divide_exactly(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Option<(Dec, Dec)> {
    let sign = a.sign != b.sign;
    let ideal = if b.is_infinite() { a.exp } else { a.exp.min(b.exp) };
    let gap = a.adjusted() - b.adjusted();
    if a.coef.is_zero() || b.is_infinite() || gap <= -2 {
        let rest =
            if ideal >= a.exp || fits(a.exp - ideal, st) { a.rescale(ideal, ctx.rounding).0 } else { Dec::nan() };
        return Some((Dec::zero(sign, 0), rest));
    }
    if gap <= ctx.prec {
        let (mut x, mut y) = (a.coef.clone(), b.coef.clone());
        let shift = a.exp - b.exp;
        if !fits(shift.abs(), st) {
            return Some((Dec::nan(), Dec::nan()));
        }
        if shift >= 0 {
            x *= pow10(shift);
        } else {
            y *= pow10(-shift);
        }
        let (q, r) = x.div_rem(y);
        if q.is_zero() || digits(&q) <= ctx.prec {
            return Some((Dec::finite(sign, q, 0), Dec::finite(a.sign, r, ideal)));
        }
    }
    *st |= DIVISION_IMPOSSIBLE;
    None
}

pub fn divide_int(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let sign = a.sign != b.sign;
    if a.is_infinite() {
        return if b.is_infinite() { Dec::invalid(st, INVALID_OPERATION) } else { Dec::infinity(sign) };
    }
    if b.is_zero() {
        if a.is_zero() {
            return Dec::invalid(st, DIVISION_UNDEFINED);
        }
        *st |= DIVISION_BY_ZERO;
        return Dec::infinity(sign);
    }
    let wide = if b.is_infinite() { Dec::infinity(b.sign) } else { b.clone() };
    divide_exactly(a, &wide, ctx, st).map_or_else(Dec::nan, |(q, _)| q.finalize(ctx, st))
}

pub fn remainder(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    if a.is_infinite() {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if b.is_zero() {
        return Dec::invalid(st, if a.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION });
    }
    if b.is_infinite() {
        return a.clone().finalize(ctx, st);
    }
    divide_exactly(a, b, ctx, st).map_or_else(Dec::nan, |(_, r)| r.finalize(ctx, st))
}

pub fn div_mod(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> (Dec, Dec) {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return (nan.clone(), nan);
    }
    let sign = a.sign != b.sign;
    if a.is_infinite() {
        *st |= INVALID_OPERATION;
        return (if b.is_infinite() { Dec::nan() } else { Dec::infinity(sign) }, Dec::nan());
    }
    if b.is_zero() {
        if a.is_zero() {
            *st |= DIVISION_UNDEFINED;
            return (Dec::nan(), Dec::nan());
        }
        *st |= DIVISION_BY_ZERO | INVALID_OPERATION;
        return (Dec::infinity(sign), Dec::nan());
    }
    match divide_exactly(a, b, ctx, st) {
        Some((q, r)) => (q.finalize(ctx, st), r.finalize(ctx, st)),
        None => (Dec::nan(), Dec::nan()),
    }
}

pub fn remainder_near(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    if a.is_infinite() {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if b.is_zero() {
        return Dec::invalid(st, if a.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION });
    }
    if b.is_infinite() {
        return a.clone().finalize(ctx, st);
    }
    let ideal = a.exp.min(b.exp);
    if a.is_zero() {
        return Dec::zero(a.sign, ideal).finalize(ctx, st);
    }
    let gap = a.adjusted() - b.adjusted();
    if gap > ctx.prec {
        return Dec::invalid(st, DIVISION_IMPOSSIBLE);
    }
    if gap <= -2 {
        return padded(a, ideal.max(a.exp - ctx.prec - 1)).finalize(ctx, st);
    }
    let (mut x, mut y) = (a.coef.clone(), b.coef.clone());
    if a.exp >= b.exp {
        x *= pow10(a.exp - b.exp);
    } else {
        y *= pow10(b.exp - a.exp);
    }
    let (mut q, mut r) = x.div_rem(y.clone());
    let mut sign = a.sign;
    let twice = &r << 1;
    if twice > y || (twice == y && q.bit(0)) {
        r = y - r;
        q += UBig::ONE;
        sign = !sign;
    }
    if digits(&q) > ctx.prec {
        return Dec::invalid(st, DIVISION_IMPOSSIBLE);
    }
    Dec::finite(sign, r, ideal).finalize(ctx, st)
}

pub fn fma(a: &Dec, b: &Dec, c: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    // A signalling NaN anywhere comes before the invalid product.
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        if *st & INVALID_OPERATION == 0
            && c.kind == Kind::Signalling
            && let Some(nan) = nan_of(&[c], ctx, st)
        {
            return nan;
        }
        return nan;
    }
    if (a.is_infinite() && b.is_zero()) || (a.is_zero() && b.is_infinite()) {
        if let Some(nan) = nan_of(&[c], ctx, st)
            && c.kind == Kind::Signalling
        {
            return nan;
        }
        return Dec::invalid(st, INVALID_OPERATION);
    }
    let sign = a.sign != b.sign;
    let product = if a.is_infinite() || b.is_infinite() {
        Dec::infinity(sign)
    } else {
        Dec::finite(sign, &a.coef * &b.coef, a.exp + b.exp)
    };
    add(&product, c, ctx, st)
}

pub fn sqrt(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_infinite() && !a.sign {
        return a.clone();
    }
    if a.is_zero() {
        return Dec::zero(a.sign, a.exp.div_euclid(2)).finalize(ctx, st);
    }
    if a.sign {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    let prec = ctx.prec + 1;
    let n = a.digits();
    let (mut e, mut coef, mut half) = (a.exp.div_euclid(2), a.coef.clone(), (n + 1) >> 1);
    if a.exp.rem_euclid(2) == 1 {
        coef *= UBig::from(10u8);
        half = (n >> 1) + 1;
    }
    let shift = prec - half;
    if !fits(shift, st) {
        return Dec::nan();
    }
    let mut exact = true;
    if shift >= 0 {
        coef *= pow10(2 * shift);
    } else {
        let (q, r) = split10(&coef, -2 * shift);
        coef = q;
        exact = r.is_zero();
    }
    e -= shift;
    let mut root = coef.sqrt();
    exact = exact && &root * &root == coef;
    if exact {
        if shift >= 0 {
            root = split10(&root, shift).0;
        } else {
            root *= pow10(-shift);
        }
        e += shift;
    } else if (&root % UBig::from(5u8)).is_zero() {
        root += UBig::ONE;
    }
    let half_even = Ctx { rounding: Rounding::HalfEven, ..*ctx };
    Dec::finite(false, root, e).finalize(&half_even, st)
}

pub fn quantize(a: &Dec, b: &Dec, rounding: Rounding, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    if a.is_infinite() || b.is_infinite() {
        if a.is_infinite() && b.is_infinite() {
            return a.clone();
        }
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if b.exp > ctx.emax || b.exp < ctx.etiny() {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if a.is_zero() {
        return Dec::zero(a.sign, b.exp).finalize(ctx, st);
    }
    let adjusted = a.adjusted();
    if adjusted > ctx.emax || adjusted - b.exp + 1 > ctx.prec {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    let (result, inexact) = a.rescale(b.exp, rounding);
    if result.adjusted() > ctx.emax || result.digits() > ctx.prec {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    if !result.is_zero() && result.adjusted() < ctx.emin {
        *st |= SUBNORMAL;
    }
    if result.exp > a.exp {
        *st |= ROUNDED;
        if inexact {
            *st |= INEXACT;
        }
    }
    result.finalize(ctx, st)
}

/// Rounds to an integer; `exact`: with the conditions Rounded and Inexact.
pub fn to_integral(a: &Dec, rounding: Rounding, exact: bool, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_special() || a.exp >= 0 {
        return a.clone();
    }
    if a.is_zero() {
        return Dec::zero(a.sign, 0);
    }
    let (result, inexact) = a.rescale(0, rounding);
    if exact {
        *st |= ROUNDED;
        if inexact {
            *st |= INEXACT;
        }
    }
    result
}

/// Without zeros at the end.
pub fn normalize(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    let d = a.clone().finalize(ctx, st);
    if d.is_special() {
        return d;
    }
    if d.is_zero() {
        return Dec::zero(d.sign, 0);
    }
    let most = if ctx.clamp { ctx.etop() } else { ctx.emax };
    let (mut coef, mut exp) = (d.coef, d.exp);
    while exp < most {
        let (shorter, last) = split10(&coef, 1);
        if !last.is_zero() {
            break;
        }
        coef = shorter;
        exp += 1;
    }
    Dec::finite(d.sign, coef, exp)
}

/// Which of two is taken by `max` and `min`, where a quiet NaN gives way to a number.
fn pick(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32, largest: bool, magnitude: bool) -> Dec {
    if a.is_nan() || b.is_nan() {
        match (a.kind, b.kind) {
            (Kind::Quiet, _) if !b.is_nan() => return b.clone().finalize(ctx, st),
            (_, Kind::Quiet) if !a.is_nan() => return a.clone().finalize(ctx, st),
            _ => {}
        }
        if let Some(nan) = nan_of(&[a, b], ctx, st) {
            return nan;
        }
    }
    let mut order = if magnitude { compare(&a.with_sign(false), &b.with_sign(false)) } else { compare(a, b) };
    if order == Ordering::Equal {
        order = compare_total(a, b);
    }
    let first = if largest { order != Ordering::Less } else { order == Ordering::Less };
    if first { a } else { b }.clone().finalize(ctx, st)
}

pub fn max(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    pick(a, b, ctx, st, true, false)
}

pub fn min(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    pick(a, b, ctx, st, false, false)
}

pub fn max_mag(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    pick(a, b, ctx, st, true, true)
}

pub fn min_mag(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    pick(a, b, ctx, st, false, true)
}

/// The order over all representations.
pub fn compare_total(a: &Dec, b: &Dec) -> Ordering {
    if a.sign != b.sign {
        return if a.sign { Ordering::Less } else { Ordering::Greater };
    }
    let rank = |d: &Dec| match d.kind {
        Kind::Finite | Kind::Infinite => 0,
        Kind::Signalling => 1,
        Kind::Quiet => 2,
    };
    let order = match rank(a).cmp(&rank(b)) {
        Ordering::Equal if a.is_nan() => a.coef.cmp(&b.coef),
        Ordering::Equal => match compare(&a.with_sign(false), &b.with_sign(false)) {
            Ordering::Equal => a.exp.cmp(&b.exp),
            order => order,
        },
        order => order,
    };
    if a.sign { order.reverse() } else { order }
}
