//! Operations on digits and exponents: logical ones, shifts, neighbours, classes.

use super::arith::{add, subtract};
use super::number::status::*;
use super::number::*;
use dashu_int::UBig;
use std::cmp::Ordering;

/// The digits of a logical operand, last first, `prec` of them; None: it is none.
fn bits(d: &Dec, prec: i64) -> Option<Vec<u8>> {
    if !d.is_finite() || d.sign || d.exp != 0 {
        return None;
    }
    let text = d.coef.to_string();
    if text.len() as i64 > prec || !text.bytes().all(|b| b == b'0' || b == b'1') {
        return None;
    }
    Some(text.bytes().rev().map(|b| b - b'0').collect())
}

fn number(bits: Vec<u8>) -> Dec {
    let text: String = bits.iter().rev().map(|b| (b + b'0') as char).collect();
    Dec::finite(false, text.parse().unwrap_or(UBig::ZERO), 0)
}

fn combine(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32, f: fn(u8, u8) -> u8) -> Dec {
    let (Some(x), Some(y)) = (bits(a, ctx.prec), bits(b, ctx.prec)) else {
        return Dec::invalid(st, INVALID_OPERATION);
    };
    let n = x.len().max(y.len());
    let at = |v: &[u8], i: usize| v.get(i).copied().unwrap_or(0);
    number((0..n).map(|i| f(at(&x, i), at(&y, i))).collect())
}

pub fn logical_and(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    combine(a, b, ctx, st, |x, y| x & y)
}

pub fn logical_or(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    combine(a, b, ctx, st, |x, y| x | y)
}

pub fn logical_xor(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    combine(a, b, ctx, st, |x, y| x ^ y)
}

pub fn logical_invert(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    let Some(x) = bits(a, ctx.prec) else { return Dec::invalid(st, INVALID_OPERATION) };
    if !fits(ctx.prec, st) {
        return Dec::nan();
    }
    number((0..ctx.prec as usize).map(|i| 1 - x.get(i).copied().unwrap_or(0)).collect())
}

/// An operand that says how far: an integer (exponent 0) from -limit to limit.
fn distance(b: &Dec, limit: i64) -> Option<i64> {
    if !b.is_finite() || b.exp != 0 {
        return None;
    }
    let n = i64::try_from(&b.coef).ok().filter(|&n| n <= limit)?;
    Some(if b.sign { -n } else { n })
}

/// The last `prec` digits.
fn window(coef: &UBig, prec: i64) -> UBig {
    if digits(coef) > prec { split10(coef, prec).1 } else { coef.clone() }
}

pub fn shift(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let Some(n) = distance(b, ctx.prec) else { return Dec::invalid(st, INVALID_OPERATION) };
    if a.is_infinite() {
        return a.clone();
    }
    if !fits(n, st) {
        return Dec::nan();
    }
    let coef = if n >= 0 {
        window(&(&a.coef * pow10(n)), ctx.prec)
    } else {
        let kept = window(&a.coef, ctx.prec);
        if -n > digits(&kept) { UBig::ZERO } else { split10(&kept, -n).0 }
    };
    Dec::finite(a.sign, coef, a.exp)
}

pub fn rotate(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let Some(n) = distance(b, ctx.prec) else { return Dec::invalid(st, INVALID_OPERATION) };
    if a.is_infinite() {
        return a.clone();
    }
    if !fits(ctx.prec, st) {
        return Dec::nan();
    }
    let left = n.rem_euclid(ctx.prec);
    let (high, low) = split10(&window(&a.coef, ctx.prec), ctx.prec - left);
    Dec::finite(a.sign, low * pow10(left) + high, a.exp)
}

pub fn scaleb(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let limit = 2 * (ctx.emax + ctx.prec);
    let Some(n) = distance(b, limit) else { return Dec::invalid(st, INVALID_OPERATION) };
    if a.is_infinite() {
        return a.clone();
    }
    Dec { exp: a.exp + n, ..a.clone() }.finalize(ctx, st)
}

pub fn logb(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_infinite() {
        return Dec::infinity(false);
    }
    if a.is_zero() {
        *st |= DIVISION_BY_ZERO;
        return Dec::infinity(true);
    }
    Dec::from_i64(a.adjusted()).finalize(ctx, st)
}

/// The largest finite number of the context.
fn largest(sign: bool, ctx: &Ctx, st: &mut u32) -> Dec {
    if !fits(ctx.prec, st) {
        return Dec::nan();
    }
    Dec::finite(sign, pow10(ctx.prec) - UBig::ONE, ctx.etop())
}

fn neighbour(a: &Dec, ctx: &Ctx, st: &mut u32, up: bool) -> Dec {
    if let Some(nan) = nan_of(&[a], ctx, st) {
        return nan;
    }
    if a.is_infinite() {
        return if a.sign == up { largest(a.sign, ctx, st) } else { a.clone() };
    }
    let towards = Ctx { rounding: if up { Rounding::Ceiling } else { Rounding::Floor }, ..*ctx };
    let mut ignored = 0;
    let here = a.clone().finalize(&towards, &mut ignored);
    if here.is_infinite() || compare(&here, a) != Ordering::Equal {
        return here;
    }
    let tiny = Dec::finite(false, UBig::ONE, ctx.etiny() - 1);
    if up { add(a, &tiny, &towards, &mut ignored) } else { subtract(a, &tiny, &towards, &mut ignored) }
}

pub fn next_plus(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    neighbour(a, ctx, st, true)
}

pub fn next_minus(a: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    neighbour(a, ctx, st, false)
}

pub fn next_toward(a: &Dec, b: &Dec, ctx: &Ctx, st: &mut u32) -> Dec {
    if let Some(nan) = nan_of(&[a, b], ctx, st) {
        return nan;
    }
    let result = match compare(a, b) {
        Ordering::Equal => return a.with_sign(b.sign),
        order => neighbour(a, ctx, st, order == Ordering::Less),
    };
    if result.is_infinite() {
        *st |= OVERFLOW | INEXACT | ROUNDED;
    } else if result.is_zero() || result.adjusted() < ctx.emin {
        *st |= UNDERFLOW | SUBNORMAL | INEXACT | ROUNDED;
        if result.is_zero() {
            *st |= CLAMPED;
        }
    }
    result
}

pub fn is_normal(d: &Dec, ctx: &Ctx) -> bool {
    d.is_finite() && !d.is_zero() && d.adjusted() >= ctx.emin
}

pub fn is_subnormal(d: &Dec, ctx: &Ctx) -> bool {
    d.is_finite() && !d.is_zero() && d.adjusted() < ctx.emin
}

pub fn number_class(d: &Dec, ctx: &Ctx) -> &'static str {
    match (d.kind, d.sign) {
        (Kind::Signalling, _) => "sNaN",
        (Kind::Quiet, _) => "NaN",
        (Kind::Infinite, false) => "+Infinity",
        (Kind::Infinite, true) => "-Infinity",
        (Kind::Finite, sign) => match (d.is_zero(), is_subnormal(d, ctx), sign) {
            (true, _, false) => "+Zero",
            (true, _, true) => "-Zero",
            (_, true, false) => "+Subnormal",
            (_, true, true) => "-Subnormal",
            (_, _, false) => "+Normal",
            (_, _, true) => "-Normal",
        },
    }
}
