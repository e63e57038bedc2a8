//! Numbers of `%`-formatting (`"%05d" % n`, on text and bytes).

use crate::types::float::text::{Form, Style, format};
use crate::types::int::{IntRef, text};

/// A conversion specifier of `%`-formatting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentSpec {
    /// `-`: left-justified.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// Space.
    pub space: bool,
    /// `#`.
    pub alternate: bool,
    /// `0`.
    pub zero: bool,
    /// Minimum width.
    pub width: usize,
    /// Digits at least (ints), digits after the point or significant digits (floats).
    pub precision: Option<usize>,
    /// The conversion letter.
    pub letter: u8,
}

/// `%d`, `%i`, `%u`, `%o`, `%x`, `%X`. Error: more decimal digits than `digit_limit`.
pub fn format_int(value: IntRef<'_>, spec: &PercentSpec, digit_limit: usize) -> Result<String, text::TooManyDigits> {
    let (mut digits, prefix) = match spec.letter {
        b'o' => (text::to_radix(value, 8), "0o"),
        b'x' => (text::to_radix(value, 16), "0x"),
        b'X' => (text::to_radix(value, 16).to_ascii_uppercase(), "0X"),
        _ => (text::to_decimal(value, digit_limit)?, ""),
    };
    let negative = digits.starts_with('-');
    if negative {
        digits.remove(0);
    }
    if let Some(zeros) = spec.precision.and_then(|p| p.checked_sub(digits.len())) {
        digits.insert_str(0, &"0".repeat(zeros));
    }
    Ok(pad(negative, if spec.alternate { prefix } else { "" }, &digits, spec))
}

/// `%e`, `%E`, `%f`, `%F`, `%g`, `%G`.
pub fn format_float(x: f64, spec: &PercentSpec) -> String {
    let form = match spec.letter.to_ascii_lowercase() {
        b'e' => Form::Exp,
        b'f' => Form::Fixed,
        _ => Form::General,
    };
    let style = Style { alternate: spec.alternate, dot_zero: false, upper: spec.letter.is_ascii_uppercase() };
    let text = format(x, form, spec.precision.unwrap_or(6), style);
    match text.strip_prefix('-') {
        Some(digits) => pad(true, "", digits, spec),
        None => pad(false, "", &text, spec),
    }
}

/// Sign, prefix and digits in a field.
fn pad(negative: bool, prefix: &str, digits: &str, spec: &PercentSpec) -> String {
    let sign = match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let padding = spec.width.saturating_sub(sign.len() + prefix.len() + digits.len());
    let (before, inner, after) = match (spec.left, spec.zero) {
        (true, _) => (0, 0, padding),
        (_, true) => (0, padding, 0),
        _ => (padding, 0, 0),
    };
    let mut out = String::with_capacity(spec.width.max(sign.len() + prefix.len() + digits.len()));
    out.extend(std::iter::repeat_n(' ', before));
    out.push_str(sign);
    out.push_str(prefix);
    out.extend(std::iter::repeat_n('0', inner));
    out.push_str(digits);
    out.extend(std::iter::repeat_n(' ', after));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        let spec = |letter, width| PercentSpec { letter, width, ..PercentSpec::default() };
        let int = |v: i64, s: PercentSpec| format_int(IntRef::Small(v), &s, 4300).unwrap();
        assert_eq!(int(7, PercentSpec { zero: true, precision: Some(3), ..spec(b'd', 5) }), "00007");
        assert_eq!(int(7, PercentSpec { zero: true, left: true, ..spec(b'd', 5) }), "7    ");
        assert_eq!(int(255, PercentSpec { alternate: true, precision: Some(5), ..spec(b'x', 0) }), "0x000ff");
        assert_eq!(int(-255, PercentSpec { alternate: true, zero: true, ..spec(b'X', 8) }), "-0X000FF");
        assert_eq!(int(5, PercentSpec { space: true, ..spec(b'd', 4) }), "   5");
        let float = |x, s: PercentSpec| format_float(x, &s);
        assert_eq!(float(f64::INFINITY, PercentSpec { zero: true, ..spec(b'f', 5) }), "00inf");
        assert_eq!(float(1.5, PercentSpec { left: true, precision: Some(3), ..spec(b'e', 12) }), "1.500e+00   ");
        assert_eq!(float(1.0, PercentSpec { alternate: true, ..spec(b'g', 0) }), "1.00000");
    }
}
