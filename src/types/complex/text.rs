//! Complex numbers as text: `repr` and the syntax of `complex(text)`.

use super::arith::Complex;
use crate::types::float::text::{Form, Style, drop_underscores, format, parse_prefix};
use crate::types::int::text::trim;

/// `repr(c)`: only the imaginary part if the real part is a positive zero, else both in parentheses.
pub fn repr(c: Complex) -> String {
    let part = |x: f64| format(x, Form::Repr, 0, Style::default());
    let im = part(c.im);
    if c.re == 0.0 && c.re.is_sign_positive() {
        return im + "j";
    }
    let sign = if im.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{im}j)", part(c.re))
}

/// Whether an underscore stands anywhere but between digits: a text for which `complex()` has another message.
pub fn has_stray_underscore(text: &[u8]) -> bool {
    text.contains(&b'_') && drop_underscores(trim(text)).is_none()
}

/// Parses by the rules of `complex(text)`: surrounding space, one pair of parentheses, a real part, an imaginary part
/// or both. `None`: `ValueError` "complex() arg is a malformed string".
pub fn parse(text: &[u8]) -> Option<Complex> {
    let text = trim(text);
    let owned;
    let mut text = text;
    if text.contains(&b'_') {
        owned = drop_underscores(text)?;
        text = &owned;
    }
    if let [b'(', inner @ .., b')'] = text {
        text = trim(inner);
    }
    let is_j = |b: Option<&u8>| matches!(b, Some(b'j' | b'J'));
    // A bare sign before `j` stands for one.
    let unit = |rest: &[u8]| match rest {
        [b'+', b'j' | b'J', ..] => Some((1.0, 1)),
        [b'-', b'j' | b'J', ..] => Some((-1.0, 1)),
        _ => None,
    };
    let bare = || matches!(text, [b'j' | b'J', ..]).then_some((1.0, 0));
    let (first, n) = parse_prefix(text).or_else(|| unit(text)).or_else(bare)?;
    let rest = &text[n..];
    if is_j(rest.first()) {
        return (rest.len() == 1).then_some(Complex::new(0.0, first));
    }
    if rest.is_empty() {
        return Some(Complex::new(first, 0.0));
    }
    if !matches!(rest[0], b'+' | b'-') {
        return None;
    }
    let (second, n) = parse_prefix(rest).or_else(|| unit(rest))?;
    (is_j(rest.get(n)) && rest.len() == n + 1).then_some(Complex::new(first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_numbers() {
        for (re, im, want) in [
            (0.0, 1.0, "1j"),
            (-0.0, 1.0, "(-0+1j)"),
            (1.5, -0.0, "(1.5-0j)"),
            (1e20, f64::NAN, "(1e+20+nanj)"),
            (f64::NEG_INFINITY, f64::INFINITY, "(-inf+infj)"),
        ] {
            assert_eq!(repr(Complex::new(re, im)), want);
        }
    }

    #[test]
    fn parsing() {
        for (text, re, im) in [
            (" ( 1+2j ) ", 1.0, 2.0),
            ("j", 0.0, 1.0),
            ("-J", 0.0, -1.0),
            ("1-j", 1.0, -1.0),
            ("1e3", 1000.0, 0.0),
            ("1_0j", 0.0, 10.0),
            ("-inf+.5j", f64::NEG_INFINITY, 0.5),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(Complex::new(re, im)), "{text:?}");
        }
        for text in ["", "()", "(1", "1+2", "1 + 2j", "1j+2", "1jj", "((1))", "1+", "1__0", "j1"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
    }
}
