//! Values by a format specification: `int`, `float`, `complex`, `str`.

use super::layout::{Marks, Parts, check_room, write_number};
use super::spec::{Grouping, Spec, SpecError};
use crate::object::growing::Growing;
use crate::object::text::TextRef;
use crate::types::complex::Complex;
use crate::types::float::text::{Form, Style, format};
use crate::types::int::{IntRef, number::to_f64, text};

/// `int.__format__`. An empty `spec` is the caller's business (it gives `str(value)`). `digit_limit` is
/// `sys.get_int_max_str_digits()`.
pub fn format_int(
    value: IntRef<'_>,
    spec: TextRef<'_>,
    type_name: &str,
    digit_limit: usize,
) -> Result<Growing, SpecError> {
    let spec = Spec::parse(spec, type_name, b'd', b'>')?;
    match spec.letter() {
        b'b' | b'c' | b'd' | b'o' | b'x' | b'X' | b'n' => render_int(value, &spec, digit_limit),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => {
            let x = to_f64(value).ok_or(SpecError::IntTooLarge)?;
            render_float(x, &spec)
        }
        _ => Err(spec.unknown(type_name)),
    }
}

/// An int in an integer presentation.
fn render_int(value: IntRef<'_>, spec: &Spec, digit_limit: usize) -> Result<Growing, SpecError> {
    if spec.precision.is_some() {
        return Err(SpecError::NotAllowed("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(SpecError::NotAllowed("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    let mut out = Growing::new();
    if spec.letter() == b'c' {
        if spec.sign != 0 {
            return Err(SpecError::NotAllowed("Sign not allowed with integer format specifier 'c'"));
        }
        if spec.alternate {
            return Err(SpecError::NotAllowed("Alternate form (#) not allowed with integer format specifier 'c'"));
        }
        let c = value.to_i64().and_then(|v| u32::try_from(v).ok()).filter(|&c| c <= 0x10_ffff);
        let c = c.ok_or(SpecError::CharRange)?;
        // Not through `write_number`: the character may be a surrogate, which no `str` holds.
        let padding = spec.width.unwrap_or(0).saturating_sub(1);
        let left = match spec.align {
            b'<' => 0,
            b'^' => padding / 2,
            _ => padding,
        };
        out.push_repeat(spec.fill, left);
        out.push(c);
        out.push_repeat(spec.fill, padding - left);
        return Ok(out);
    }
    let (base, prefix) = match spec.letter() {
        b'b' => (2, "0b"),
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits = if base == 10 {
        text::to_decimal(value, digit_limit).map_err(|_| SpecError::DigitLimit(digit_limit))?
    } else {
        text::to_radix(value, base)
    };
    if spec.letter() == b'X' {
        digits.make_ascii_uppercase();
    }
    let negative = digits.starts_with('-');
    let parts = Parts {
        negative,
        prefix: if spec.alternate { prefix } else { "" },
        whole: &digits[usize::from(negative)..],
        ..Parts::default()
    };
    let grouping = if spec.letter() == b'n' { Grouping::Locale } else { spec.grouping };
    write_number(&mut out, parts, spec, &Marks::of(grouping, Grouping::None))?;
    Ok(out)
}

/// `float.__format__`. An empty `spec` is the caller's business (it gives `str(x)`).
pub fn format_float(x: f64, spec: TextRef<'_>, type_name: &str) -> Result<Growing, SpecError> {
    let spec = Spec::parse(spec, type_name, 0, b'>')?;
    match spec.letter() {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' => render_float(x, &spec),
        _ => Err(spec.unknown(type_name)),
    }
}

/// The form, the precision and the case of a float presentation.
fn float_form(spec: &Spec, default_precision: usize) -> Result<(Form, usize, bool), SpecError> {
    if spec.precision.is_some_and(|p| p > i32::MAX as usize) {
        return Err(SpecError::PrecisionTooBig);
    }
    let precision = spec.precision.unwrap_or(default_precision);
    check_room(precision)?;
    let letter = spec.letter();
    let form = match letter.to_ascii_lowercase() {
        b'e' => Form::Exp,
        b'f' | b'%' => Form::Fixed,
        b'g' | b'n' => Form::General,
        _ if spec.precision.is_some() => Form::General,
        _ => Form::Repr,
    };
    Ok((form, precision, letter.is_ascii_uppercase()))
}

/// Digits of a float, without the sign of a zero that `z` takes away.
fn float_digits(x: f64, spec: &Spec, form: Form, precision: usize, style: Style) -> String {
    let mut text = format(x, form, precision, style);
    if spec.no_negative_zero && x.is_finite() && text.starts_with('-') {
        let mantissa = text.split(['e', 'E']).next().unwrap_or("");
        if !mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            text.remove(0);
        }
    }
    text
}

/// A float in a float presentation.
fn render_float(x: f64, spec: &Spec) -> Result<Growing, SpecError> {
    let (form, precision, upper) = float_form(spec, 6)?;
    let style = Style { alternate: spec.alternate, dot_zero: spec.kind == 0, upper };
    let percent = spec.letter() == b'%';
    let mut text = float_digits(if percent { x * 100.0 } else { x }, spec, form, precision, style);
    if percent {
        text.push('%');
    }
    let grouping = if spec.letter() == b'n' { Grouping::Locale } else { spec.grouping };
    let mut out = Growing::new();
    write_number(&mut out, Parts::split(&text), spec, &Marks::of(grouping, spec.fraction_grouping))?;
    Ok(out)
}

/// `complex.__format__`. An empty `spec` is the caller's business (it gives `str(c)`).
pub fn format_complex(c: Complex, spec: TextRef<'_>, type_name: &str) -> Result<Growing, SpecError> {
    let spec = Spec::parse(spec, type_name, 0, b'>')?;
    if !matches!(spec.letter(), 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n') {
        return Err(spec.unknown(type_name));
    }
    if spec.fill == '0' as u32 {
        return Err(SpecError::NotAllowed("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(SpecError::NotAllowed("'=' alignment flag is not allowed in complex format specifier"));
    }
    let (form, precision, upper) = float_form(&spec, 6)?;
    let style = Style { alternate: spec.alternate, dot_zero: false, upper };
    // Without a type it looks like `str(c)`.
    let plain = spec.kind == 0;
    let only_imaginary = plain && c.re == 0.0 && c.re.is_sign_positive();
    let grouping = if spec.letter() == b'n' { Grouping::Locale } else { spec.grouping };
    let marks = Marks::of(grouping, spec.fraction_grouping);
    let mut part = Spec { fill: 0, align: b'<', width: None, ..spec };
    let mut body = Growing::new();
    if plain && !only_imaginary {
        body.push_str("(");
    }
    if !only_imaginary {
        let text = float_digits(c.re, &spec, form, precision, style);
        write_number(&mut body, Parts::split(&text), &part, &marks)?;
        part.sign = b'+';
    }
    let text = float_digits(c.im, &spec, form, precision, style);
    write_number(&mut body, Parts::split(&text), &part, &marks)?;
    body.push_str("j");
    if plain && !only_imaginary {
        body.push_str(")");
    }
    if body.has_failed() {
        return Err(SpecError::Memory);
    }
    pad(body.view(), &spec)
}

/// `str.__format__`. An empty `spec` is the caller's business (it gives the string itself).
pub fn format_str(text: TextRef<'_>, spec: TextRef<'_>, type_name: &str) -> Result<Growing, SpecError> {
    let spec = Spec::parse(spec, type_name, b's', b'<')?;
    if spec.letter() != b's' {
        return Err(spec.unknown(type_name));
    }
    let refused = match spec.sign {
        b' ' => "Space not allowed in string format specifier",
        1.. => "Sign not allowed in string format specifier",
        0 if spec.no_negative_zero => "Negative zero coercion (z) not allowed in string format specifier",
        0 if spec.alternate => "Alternate form (#) not allowed in string format specifier",
        0 if spec.align == b'=' => "'=' alignment not allowed in string format specifier",
        0 => "",
    };
    if !refused.is_empty() {
        return Err(SpecError::NotAllowed(refused));
    }
    let shown = text.slice(0, spec.precision.unwrap_or(usize::MAX).min(text.len()));
    pad(shown, &spec)
}

/// `text` in a field.
fn pad(text: TextRef<'_>, spec: &Spec) -> Result<Growing, SpecError> {
    let padding = spec.width.unwrap_or(0).saturating_sub(text.len());
    let left = match spec.align {
        b'>' => padding,
        b'^' => padding / 2,
        _ => 0,
    };
    let mut out = Growing::with_capacity(text.len() + padding);
    out.push_repeat(spec.fill, left);
    out.push_text(text);
    out.push_repeat(spec.fill, padding - left);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    fn t(s: &str) -> TextBuf {
        TextBuf::from_str(s)
    }

    fn show(r: Result<Growing, SpecError>) -> String {
        match r {
            Ok(b) => b.view().to_string(),
            Err(e) => format!("! {e}"),
        }
    }

    #[test]
    fn ints() {
        for (v, spec, want) in [
            (1234567, ",", "1,234,567"),
            (-255, "#x", "-0xff"),
            (255, "#010X", "0X000000FF"),
            (1234, "010,", "00,001,234"),
            (65535, "_x", "ffff"),
            (1 << 20, "_x", "10_0000"),
            (7, "^+7", "  +7   "),
            (7, "*=+5", "+***7"),
            (65, "c", "A"),
            (3, ".1f", "3.0"),
            (5, "\u{e9}>3d", "\u{e9}\u{e9}5"),
            (1, ".3", "! Precision not allowed in integer format specifier"),
            (1, ",x", "! Cannot specify ',' with 'x'."),
            (1, ",_", "! Cannot specify both ',' and '_'."),
            (1, "xx", "! Invalid format specifier 'xx' for object of type 'int'"),
        ] {
            assert_eq!(show(format_int(IntRef::Small(v), t(spec).view(), "int", 4300)), want, "{v} {spec:?}");
        }
    }

    #[test]
    fn floats() {
        for (v, spec, want) in [
            (123456.123456, ".,f", "123456.123,456"),
            (123456.123456, "_._f", "123_456.123_456"),
            (1.0 / 3.0, ".10_f", "0.333_333_333_3"),
            (1.5, "", "1.5"),
            (1e20, ".3", "1e+20"),
            (100.0, ".3", "1e+02"),
            (100.0, ".4", "100.0"),
            (-0.001, "z.1f", "0.0"),
            (0.256, ".1%", "25.6%"),
            (f64::INFINITY, "06", "000inf"),
            (f64::NAN, "+F", "+NAN"),
            (1234.5, "012,.2f", "0,001,234.50"),
            (1.5, ".,n", "! Cannot specify ',' with 'n'."),
            (1.5, ".2147483648f", "! precision too big"),
        ] {
            assert_eq!(show(format_float(v, t(spec).view(), "float")), want, "{v} {spec:?}");
        }
    }

    #[test]
    fn others() {
        let c = Complex::new(1.5, -2.0);
        assert_eq!(show(format_complex(c, t(">12").view(), "complex")), "    (1.5-2j)");
        assert_eq!(show(format_complex(c, t(".2f").view(), "complex")), "1.50-2.00j");
        assert_eq!(show(format_complex(Complex::new(0.0, 3.0), t("+").view(), "complex")), "+3j");
        assert_eq!(show(format_str(t("abcdef").view(), t("*^9.4").view(), "str")), "**abcd***");
        assert_eq!(
            show(format_str(t("a").view(), t("=3").view(), "str")),
            "! '=' alignment not allowed in string format specifier"
        );
    }
}
