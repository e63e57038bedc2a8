//! The parts of a number put together: `[padding] sign prefix [zeros] digits point fraction rest [padding]`.

use super::spec::{Grouping, Spec, SpecError};
use crate::heap::shortage::has_room;
use crate::object::text::TextBuf;
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

/// Digits with separators between groups, filled with zeros up to `min` code points.
fn grouped<'a>(whole: &'a str, marks: &Marks, min: usize) -> Cow<'a, str> {
    if marks.sizes.is_empty() || marks.separator.is_empty() {
        if min <= whole.len() {
            return whole.into();
        }
        let mut out = String::with_capacity(min);
        out.extend(std::iter::repeat_n('0', min.saturating_sub(whole.len())));
        out.push_str(whole);
        return out.into();
    }
    let separator_len = marks.separator.chars().count() as isize;
    let mut pieces: Vec<String> = Vec::new();
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
        let mut piece = String::with_capacity(len as usize);
        piece.extend(std::iter::repeat_n('0', (len - chars) as usize));
        piece.push_str(&whole[(left - chars) as usize..left as usize]);
        pieces.push(piece);
        left -= chars;
        room -= len;
        if left <= 0 && room <= 0 {
            break;
        }
        room -= separator_len;
    }
    let mut out = String::new();
    for (i, piece) in pieces.iter().rev().enumerate() {
        if i > 0 {
            out.push_str(&marks.separator);
        }
        out.push_str(piece);
    }
    out.into()
}

/// Digits of a fraction in groups of three from the point.
fn grouped_fraction(fraction: &str, separator: &str) -> String {
    let mut out = String::with_capacity(fraction.len() * 4 / 3);
    for (i, c) in fraction.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push_str(separator);
        }
        out.push(c);
    }
    out
}

/// Writes a number. `sign` is the specification's sign option.
pub fn write_number(out: &mut TextBuf, parts: Parts<'_>, spec: &Spec, marks: &Marks) -> Result<(), SpecError> {
    check_room(spec.width.unwrap_or(0))?;
    let width = spec.width.unwrap_or(0);
    let sign = match (spec.sign, parts.negative) {
        (_, true) => "-",
        (b'+', _) => "+",
        (b' ', _) => " ",
        _ => "",
    };
    let point = if parts.point { &*marks.point } else { "" };
    let fraction = if marks.fraction_separator.is_empty() {
        Cow::Borrowed(parts.fraction)
    } else {
        Cow::Owned(grouped_fraction(parts.fraction, marks.fraction_separator))
    };
    let count = |s: &str| s.chars().count();
    let other = sign.len() + parts.prefix.len() + count(point) + fraction.len() + count(parts.rest);
    let fill_zeros = spec.fill == '0' as u32 && spec.align == b'=';
    let whole = if parts.whole.is_empty() {
        Cow::Borrowed("")
    } else {
        grouped(parts.whole, marks, if fill_zeros { width.saturating_sub(other) } else { 0 })
    };
    let padding = width.saturating_sub(other + count(&whole));
    let (left, inner, right) = match spec.align {
        b'<' => (0, 0, padding),
        b'^' => (padding / 2, 0, padding - padding / 2),
        b'=' => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    out.push_repeat(spec.fill, left);
    out.push_str(sign);
    out.push_str(parts.prefix);
    out.push_repeat(spec.fill, inner);
    out.push_str(&whole);
    out.push_str(point);
    out.push_str(&fraction);
    out.push_str(parts.rest);
    out.push_repeat(spec.fill, right);
    Ok(())
}
