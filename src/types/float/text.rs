//! Floats as text: shortest and exact decimal digits, the `e`, `f`, `g` and `r` forms, and parsing.

use crate::types::int::text::trim;

/// More digits than this after the first one are all zeros in every double (767 significant digits at most, 1074 after
/// the point).
const EXACT_DIGITS: usize = 1100;

/// How a float is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Scientific, `precision` digits after the point.
    Exp,
    /// Fixed, `precision` digits after the point.
    Fixed,
    /// `precision` significant digits, fixed or scientific by size, trailing zeros dropped.
    General,
    /// The shortest digits that read back as the same float.
    Repr,
}

/// What modifies a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// `#`: keep the point, and in the general form the zeros.
    pub alternate: bool,
    /// Make a whole number end in `.0`.
    pub dot_zero: bool,
    /// Upper-case exponent letter, `INF` and `NAN`.
    pub upper: bool,
}

/// Decimal digits of a finite magnitude: `0.d1d2d3... * 10^point`.
struct Digits {
    /// ASCII digits without leading zeros; "0" for zero.
    text: String,
    /// Where the point stands, counted from before the first digit.
    point: i32,
}

/// Splits "d.ddde-x" as Rust's `{:e}` and ryu write it. Text without an exponent may have any number of digits on
/// either side of the point.
fn split(text: &str) -> Digits {
    let (mantissa, exp) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().unwrap_or(0)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = String::with_capacity(whole.len() + fraction.len());
    digits.push_str(whole);
    digits.push_str(fraction);
    let point = whole.len() as i32 + exp;
    let zeros = digits.bytes().take_while(|&b| b == b'0').count();
    if zeros == digits.len() {
        return Digits { text: "0".into(), point: 1 };
    }
    digits.drain(..zeros);
    Digits { text: digits, point: point - zeros as i32 }
}

/// The shortest digits that read back as `x`.
fn shortest(x: f64) -> Digits {
    let mut buffer = ryu::Buffer::new();
    let mut digits = split(buffer.format_finite(x));
    digits.text.truncate(digits.text.trim_end_matches('0').len().max(1));
    digits
}

/// `count >= 1` significant digits, correctly rounded with ties to even. All are there, trailing zeros included, up to
/// `EXACT_DIGITS`.
fn significant(x: f64, count: usize) -> Digits {
    if x == 0.0 {
        return Digits { text: "0".into(), point: 1 };
    }
    split(&format!("{:.*e}", count.min(EXACT_DIGITS) - 1, x))
}

/// The text of `x` in the given form. `precision` is ignored by `Form::Repr`.
pub fn format(x: f64, form: Form, precision: usize, style: Style) -> String {
    if !x.is_finite() {
        let text = match (x.is_nan(), style.upper) {
            (true, false) => "nan",
            (true, true) => "NAN",
            (false, false) => "inf",
            (false, true) => "INF",
        };
        return if x < 0.0 { format!("-{text}") } else { text.into() };
    }
    let negative = x.is_sign_negative();
    let magnitude = x.abs();
    let mut out = String::new();
    if negative {
        out.push('-');
    }
    if form == Form::Fixed {
        use std::fmt::Write;
        if !push_fixed(&mut out, magnitude, precision) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{:.*}", precision.min(EXACT_DIGITS), magnitude);
        }
        if precision > EXACT_DIGITS {
            push_zeros(&mut out, precision - EXACT_DIGITS);
        }
        if precision == 0 && (style.alternate || style.dot_zero) {
            out.push('.');
            if style.dot_zero {
                out.push('0');
            }
        }
        return out;
    }
    // `shown` counts the digits to be written, `use_exp` says whether an exponent follows.
    let (digits, mut shown, use_exp) = match form {
        Form::Exp => (significant(magnitude, precision.saturating_add(1)), precision.saturating_add(1), true),
        Form::Repr => {
            let d = shortest(magnitude);
            let use_exp = d.point <= -4 || d.point > 16;
            let n = d.text.len();
            (d, n, use_exp)
        }
        _ => {
            let count = precision.max(1);
            let mut d = significant(magnitude, count);
            d.text.truncate(d.text.trim_end_matches('0').len().max(1));
            let most = count as i64 - i64::from(style.dot_zero);
            let use_exp = d.point <= -4 || i64::from(d.point) > most;
            let n = if style.alternate { count } else { d.text.len() };
            (d, n, use_exp)
        }
    };
    let point = if use_exp { 1 } else { digits.point };
    let least = if style.dot_zero && !use_exp { point + 1 } else { point };
    shown = shown.max(usize::try_from(least).unwrap_or(0));
    // Digits before the point.
    if point <= 0 {
        out.push('0');
    } else {
        push_digits(&mut out, &digits.text, 0, point as usize);
    }
    let first = point.max(0) as usize;
    if shown > first || style.alternate {
        out.push('.');
        if point < 0 {
            push_zeros(&mut out, point.unsigned_abs() as usize);
        }
        push_digits(&mut out, &digits.text, first, shown);
    }
    if use_exp {
        let exp = if x == 0.0 { 0 } else { digits.point - 1 };
        out.push(if style.upper { 'E' } else { 'e' });
        out.push(if exp < 0 { '-' } else { '+' });
        let exp = exp.unsigned_abs();
        if exp < 10 {
            out.push('0');
        }
        out.push_str(&exp.to_string());
    }
    out
}

/// Writes a finite magnitude with `precision` digits after the point, correctly rounded with ties to even, where that takes
/// no more than arithmetic on two words; answers whether it did.
fn push_fixed(out: &mut String, magnitude: f64, precision: usize) -> bool {
    // 10^19 is less than 2^64, so that a mantissa (53 bits, or 64 with the shift) times it fits.
    if precision > 19 {
        return false;
    }
    let bits = magnitude.to_bits();
    let (biased, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
    // The value is mantissa * 2^exponent.
    let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let scaled = u128::from(mantissa) * u128::from(10u64.pow(precision as u32));
    let rounded = match exponent {
        0..=10 => scaled << exponent,
        11.. => return false,
        // `scaled` has less than 127 bits: less than half a unit is left.
        ..=-128 => 0,
        _ => {
            let shift = exponent.unsigned_abs();
            let (whole, rest, half) = (scaled >> shift, scaled & ((1 << shift) - 1), 1 << (shift - 1));
            whole + u128::from(rest > half || rest == half && whole & 1 == 1)
        }
    };
    let Ok(mut rest) = u64::try_from(rounded) else { return false };
    let mut buffer = [b'0'; 24];
    let mut at = buffer.len();
    let mut count = 0;
    while rest > 0 || count <= precision {
        if count == precision && precision > 0 {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        count += 1;
    }
    out.extend(buffer[at..].iter().map(|&b| char::from(b)));
    true
}

/// Digits `from..to`, with zeros past the last one.
fn push_digits(out: &mut String, digits: &str, from: usize, to: usize) {
    let have = digits.len();
    if from < have {
        out.push_str(&digits[from..to.min(have)]);
    }
    push_zeros(out, to.max(have.max(from)) - have.max(from));
}

fn push_zeros(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('0', count));
}

/// `repr(x)`: the shortest text that reads back as the same float, always with a point, an exponent or a word in it.
pub fn repr(x: f64) -> String {
    format(x, Form::Repr, 0, Style { dot_zero: true, ..Style::default() })
}

/// Parses by the rules of `float(text)`: surrounding space, single underscores between digits, a decimal number,
/// `inf`, `infinity` or `nan`. Non-ASCII digits and spaces must have been replaced by their ASCII counterparts.
/// `None`: `ValueError` "could not convert string to float: {text!r}".
pub fn parse(text: &[u8]) -> Option<f64> {
    let text = trim(text);
    if text.contains(&b'_') {
        return parse_plain(&drop_underscores(text)?);
    }
    parse_plain(text)
}

/// Takes single underscores between digits out; `None` if one stands elsewhere.
pub fn drop_underscores(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(text.len());
    let mut last = 0u8;
    for (i, &b) in text.iter().enumerate() {
        if b == b'_' {
            let next = text.get(i + 1).copied().unwrap_or(0);
            if !last.is_ascii_digit() || !next.is_ascii_digit() {
                return None;
            }
        } else {
            plain.push(b);
        }
        last = b;
    }
    Some(plain)
}

/// Parses the whole of `text`.
fn parse_plain(text: &[u8]) -> Option<f64> {
    match parse_prefix(text) {
        Some((x, n)) if n == text.len() => Some(x),
        _ => None,
    }
}

/// Parses the longest number at the start of `text`: its value and its length. No space or underscore is accepted.
pub fn parse_prefix(text: &[u8]) -> Option<(f64, usize)> {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let rest = &text[sign..];
    let word = |w: &str| rest.len() >= w.len() && rest[..w.len()].eq_ignore_ascii_case(w.as_bytes());
    let len = if word("infinity") {
        8
    } else if word("inf") || word("nan") {
        3
    } else {
        let run = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let whole = run(0);
        let mut at = whole;
        let mut fraction = 0;
        if rest.get(at) == Some(&b'.') {
            fraction = run(at + 1);
            at += 1 + fraction;
        }
        if whole + fraction == 0 {
            return None;
        }
        if matches!(rest.get(at), Some(b'e' | b'E')) {
            let signed = at + 1 + usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
            let exp = run(signed);
            if exp > 0 {
                at = signed + exp;
            }
        }
        at
    };
    let number = std::str::from_utf8(&text[..sign + len]).ok()?;
    // Rust's own parser is correctly rounded and takes the same syntax.
    number.parse::<f64>().ok().map(|x| (x, sign + len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_digits_agree_with_exact_ones() {
        let mut seed = 11u64;
        let mut values =
            vec![0.0, 0.5, 1.5, 2.5, 0.125, 1e-300, 5e-324, 9.995, 0.05, 1e15, 1e22, 123456789.0, 4503599627370496.5];
        for i in 0..4000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            values.push(match i % 3 {
                0 => f64::from_bits(seed >> 1),
                1 => (seed >> 40) as f64 / 1024.0,
                _ => (seed >> 11) as f64 / 1e12,
            });
        }
        let mut quick = 0;
        for x in values.into_iter().filter(|x| x.is_finite()) {
            for precision in [0, 1, 2, 3, 6, 12, 19, 20] {
                let mut out = String::new();
                if push_fixed(&mut out, x, precision) {
                    quick += 1;
                    assert_eq!(out, format!("{x:.precision$}"), "{x:e}");
                }
            }
        }
        assert!(quick > 10_000, "most are written the quick way: {quick}");
    }

    #[test]
    fn shortest_text() {
        for (x, want) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1.5e-5, "1.5e-05"),
            (0.0001, "0.0001"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (123456789.125, "123456789.125"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (1e100, "1e+100"),
        ] {
            assert_eq!(repr(x), want);
        }
    }

    #[test]
    fn forms() {
        let plain = Style::default();
        let alt = Style { alternate: true, ..plain };
        let up = Style { upper: true, ..plain };
        assert_eq!(format(2.5, Form::Fixed, 0, plain), "2");
        assert_eq!(format(3.5, Form::Fixed, 0, alt), "4.");
        assert_eq!(format(0.125, Form::Fixed, 2, plain), "0.12");
        assert_eq!(format(1e22, Form::Fixed, 1, plain), "10000000000000000000000.0");
        assert_eq!(format(0.0, Form::Exp, 3, up), "0.000E+00");
        assert_eq!(format(123456.0, Form::General, 3, plain), "1.23e+05");
        assert_eq!(format(123456.0, Form::General, 6, plain), "123456");
        assert_eq!(format(100.0, Form::General, 6, alt), "100.000");
        assert_eq!(format(0.0, Form::General, 6, alt), "0.00000");
        assert_eq!(format(1.0, Form::Exp, 0, alt), "1.e+00");
        assert_eq!(format(0.00012345, Form::General, 3, plain), "0.000123");
        assert_eq!(format(5e-324, Form::Fixed, 2000, plain).len(), 2002);
        assert_eq!(format(f64::INFINITY, Form::General, 6, up), "INF");
    }

    #[test]
    fn parsing() {
        for (text, want) in [
            ("  1_0.5e1_0\n", 10.5e10),
            (".5", 0.5),
            ("5.", 5.0),
            ("-INFinity", f64::NEG_INFINITY),
            ("1e400", f64::INFINITY),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(want), "{text:?}");
        }
        for text in ["", ".", "e5", "1e", "1__0", "_1", "1_", "1_.5", "0x10", "1 2", "infin", "+-1", "1e+"] {
            assert_eq!(parse(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(parse_prefix(b"1e+j"), Some((1.0, 1)));
    }
}
