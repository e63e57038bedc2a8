//! The parts of a number put together: `[padding] sign prefix [zeros] digits point fraction rest [padding]`.

use super::spec::{Grouping, Spec, SpecError};
use crate::heap::shortage::has_room;
use crate::object::growing::Growing;
use crate::sync::may_fail::reserve;
use arc_swap::ArcSwapOption;
use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

/// What a locale says about numbers (C's `localeconv`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumericLocale {
    /// The decimal point.
    pub point: String,
    /// Between groups of digits.
    pub separator: String,
    /// Group sizes from the point outwards. The last one repeats; `127` ends grouping.
    pub grouping: Vec<u8>,
}

/// The locale of type `n`; none means C's.
static LOCALE: LazyLock<ArcSwapOption<NumericLocale>> = LazyLock::new(ArcSwapOption::empty);

/// Sets what presentation type `n` uses; `None` for C's locale. For `locale.setlocale`.
pub fn set_numeric_locale(locale: Option<NumericLocale>) {
    LOCALE.store(locale.map(Arc::new));
}

/// How to write point and groups.
pub struct Marks {
    point: Cow<'static, str>,
    separator: Cow<'static, str>,
    sizes: Cow<'static, [u8]>,
    fraction_separator: &'static str,
}

impl Marks {
    /// The marks that a specification asks for.
    pub fn of(grouping: Grouping, fraction: Grouping) -> Marks {
        let fraction_separator = match fraction {
            Grouping::Comma => ",",
            Grouping::Underscore => "_",
            _ => "",
        };
        let (separator, sizes): (_, &'static [u8]) = match grouping {
            Grouping::None => ("", &[]),
            Grouping::Comma => (",", &[3]),
            Grouping::Underscore => ("_", &[3]),
            Grouping::UnderFour => ("_", &[4]),
            Grouping::Locale => match LOCALE.load_full() {
                None => ("", &[]),
                Some(l) => {
                    return Marks {
                        point: l.point.clone().into(),
                        separator: l.separator.clone().into(),
                        sizes: l.grouping.clone().into(),
                        fraction_separator,
                    };
                }
            },
        };
        Marks { point: ".".into(), separator: separator.into(), sizes: sizes.into(), fraction_separator }
    }
}

/// A number split into parts, all ASCII but for `whole` of type `c`.
#[derive(Clone, Copy, Default)]
pub struct Parts<'a> {
    /// Whether it is below zero.
    pub negative: bool,
    /// Base prefix.
    pub prefix: &'a str,
    /// Digits before the point; grouping and zero-filling apply to these.
    pub whole: &'a str,
    /// Whether there is a point.
    pub point: bool,
    /// Digits after the point.
    pub fraction: &'a str,
    /// Anything after: exponent, percent sign, `inf`, `nan`, a character.
    pub rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits `[-]digits[.digits][rest]`.
    pub fn split(text: &'a str) -> Parts<'a> {
        let negative = text.starts_with('-');
        let text = &text[usize::from(negative)..];
        let run = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = text.split_at(run(text));
        let point = rest.starts_with('.');
        let rest = &rest[usize::from(point)..];
        let (fraction, rest) = rest.split_at(if point { run(rest) } else { 0 });
        Parts { negative, prefix: "", whole, point, fraction, rest }
    }
}

/// Raises `MemoryError` instead of letting an absurd width abort the process.
pub fn check_room(code_points: usize) -> Result<(), SpecError> {
    if has_room(code_points.saturating_mul(4)) { Ok(()) } else { Err(SpecError::Memory) }
}

/// Digits with separators between groups, filled with zeros up to `min` code points; None where that changes nothing.
fn grouped(whole: &str, marks: &Marks, min: usize) -> Result<Option<Growing>, SpecError> {
    let mut out = Growing::new();
    if marks.sizes.is_empty() || marks.separator.is_empty() {
        if min <= whole.len() {
            return Ok(None);
        }
        out.reserve(min);
        out.push_repeat(ZERO, min - whole.len());
        out.push_str(whole);
        return finished(out).map(Some);
    }
    let separator_len = marks.separator.chars().count() as isize;
    // From the point outwards: the zeros and the digits of each group.
    let mut pieces: Vec<(usize, &str)> = Vec::new();
    let mut left = whole.len() as isize;
    let mut room = min as isize;
    let mut sizes = marks.sizes.iter();
    let mut size = 0isize;
    loop {
        // The last size repeats; after an end mark all that is left is one group.
        if let Some(&s) = sizes.next() {
            size = if s == 0 || s >= 127 { isize::MAX } else { isize::from(s) };
        }
        let len = size.min(left.max(room).max(1));
        let chars = left.min(len).max(0);
        reserve(&mut pieces, 1).map_err(|_| SpecError::Memory)?;
        pieces.push(((len - chars) as usize, &whole[(left - chars) as usize..left as usize]));
        left -= chars;
        room -= len;
        if left <= 0 && room <= 0 {
            break;
        }
        room -= separator_len;
    }
    for (i, &(zeros, digits)) in pieces.iter().rev().enumerate() {
        if i > 0 {
            out.push_str(&marks.separator);
        }
        out.push_repeat(ZERO, zeros);
        out.push_str(digits);
    }
    finished(out).map(Some)
}

/// Digits of a fraction in groups of three from the point.
fn grouped_fraction(fraction: &str, separator: &str) -> Result<Growing, SpecError> {
    let mut out = Growing::new();
    for (i, c) in fraction.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push_str(separator);
        }
        out.push_char(c);
    }
    finished(out)
}

const ZERO: u32 = b'0' as u32;

fn finished(part: Growing) -> Result<Growing, SpecError> {
    if part.has_failed() { Err(SpecError::Memory) } else { Ok(part) }
}

/// Writes a number. `sign` is the specification's sign option.
pub fn write_number(out: &mut Growing, parts: Parts<'_>, spec: &Spec, marks: &Marks) -> Result<(), SpecError> {
    let width = spec.width.unwrap_or(0);
    let sign = match (spec.sign, parts.negative) {
        (_, true) => "-",
        (b'+', _) => "+",
        (b' ', _) => " ",
        _ => "",
    };
    let point = if parts.point { &*marks.point } else { "" };
    let fraction = if marks.fraction_separator.is_empty() {
        None
    } else {
        Some(grouped_fraction(parts.fraction, marks.fraction_separator)?)
    };
    let shown = |text: &'_ Option<Growing>, plain: &str| text.as_ref().map_or(plain.len(), |text| text.len());
    let count = |s: &str| s.chars().count();
    let other = sign.len() + parts.prefix.len() + count(point) + shown(&fraction, parts.fraction) + count(parts.rest);
    let fill_zeros = spec.fill == ZERO && spec.align == b'=';
    let whole = if parts.whole.is_empty() {
        None
    } else {
        grouped(parts.whole, marks, if fill_zeros { width.saturating_sub(other) } else { 0 })?
    };
    let padding = width.saturating_sub(other + shown(&whole, parts.whole));
    let (left, inner, right) = match spec.align {
        b'<' => (0, 0, padding),
        b'^' => (padding / 2, 0, padding - padding / 2),
        b'=' => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    let push = |out: &mut Growing, text: &Option<Growing>, plain: &str| match text {
        Some(text) => out.push_text(text.view()),
        None => out.push_str(plain),
    };
    out.push_repeat(spec.fill, left);
    out.push_str(sign);
    out.push_str(parts.prefix);
    out.push_repeat(spec.fill, inner);
    push(out, &whole, parts.whole);
    out.push_str(point);
    push(out, &fraction, parts.fraction);
    out.push_str(parts.rest);
    out.push_repeat(spec.fill, right);
    Ok(())
}
