//! Integers as text: parsing by the rules of `int()` and conversion to any base.

use super::arith::{IntBuf, IntRef, is_negative};
use super::number::bit_length;
use crate::sync::shim::atomic::{AtomicUsize, Ordering::Relaxed};
use dashu_int::{IBig, UBig};

/// Texts with fewer digits than this are never refused (`sys.int_info.str_digits_check_threshold`).
pub const DIGITS_THRESHOLD: usize = 640;

/// `sys.get_int_max_str_digits()`.
static DIGIT_LIMIT: AtomicUsize = AtomicUsize::new(4300);

/// How many decimal digits a conversion may have; 0 for any number.
#[inline]
pub fn digit_limit() -> usize {
    // Relaxed: a number by itself.
    DIGIT_LIMIT.load(Relaxed)
}

/// `sys.set_int_max_str_digits()`; the caller has checked that it is 0 or at least `DIGITS_THRESHOLD`.
pub fn set_digit_limit(limit: usize) {
    DIGIT_LIMIT.store(limit, Relaxed);
    crate::compiler::set_digit_limit(limit);
}

/// Why a text is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseError {
    /// `ValueError`: "invalid literal for int() with base {base}: {text!r}".
    Invalid,
    /// `ValueError`: "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use
    /// sys.set_int_max_str_digits() to increase the limit".
    TooManyDigits {
        /// How many digits the text has.
        digits: usize,
    },
}

/// The conversion to text would exceed the limit. `ValueError`: "Exceeds the limit ({limit} digits) for integer string
/// conversion; use sys.set_int_max_str_digits() to increase the limit".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyDigits;

/// C's `isspace`, which is what number syntax allows around a number.
#[inline]
pub fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Strips what `is_space` accepts from both ends.
pub fn trim(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text
        && is_space(*first)
    {
        text = rest;
    }
    while let [rest @ .., last] = text
        && is_space(*last)
    {
        text = rest;
    }
    text
}

/// Parses by the rules of `int(text, base)`: surrounding space, a sign, the prefix of the base, single underscores
/// between digits. Base 0 takes the base from the prefix, as source code does. Non-ASCII digits and spaces must have
/// been replaced by their ASCII counterparts. `limit` is `sys.get_int_max_str_digits()`, 0 for none.
pub fn parse(text: &[u8], base: u32, limit: usize) -> Result<IntBuf, ParseError> {
    let mut rest = trim(text);
    let mut negative = false;
    if let [sign @ (b'+' | b'-'), tail @ ..] = rest {
        negative = *sign == b'-';
        rest = tail;
    }
    let prefix_base = match rest {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    let mut radix = base;
    // "0777" is no literal in source code; "000" is.
    let mut only_zero = false;
    if base == 0 {
        radix = if prefix_base != 0 { prefix_base } else { 10 };
        only_zero = prefix_base == 0 && rest.first() == Some(&b'0');
    }
    if prefix_base != 0 && radix == prefix_base {
        rest = &rest[2..];
        if let [b'_', tail @ ..] = rest {
            rest = tail;
        }
    }
    // One pass: digit values are checked, underscores are dropped, short numbers are summed at once.
    let mut digits = 0usize;
    let mut underscores = 0usize;
    let mut value = 0u64;
    let mut fits = true;
    let mut after_digit = false;
    for &b in rest {
        if b == b'_' {
            if !after_digit {
                return Err(ParseError::Invalid);
            }
            after_digit = false;
            underscores += 1;
            continue;
        }
        let Some(d) = digit(b).filter(|&d| d < radix) else { return Err(ParseError::Invalid) };
        digits += 1;
        after_digit = true;
        if fits {
            match value.checked_mul(u64::from(radix)).and_then(|v| v.checked_add(u64::from(d))) {
                Some(v) => value = v,
                None => fits = false,
            }
        }
    }
    if digits == 0 || !after_digit {
        return Err(ParseError::Invalid);
    }
    if !radix.is_power_of_two() && limit > 0 && digits > DIGITS_THRESHOLD && digits > limit {
        return Err(ParseError::TooManyDigits { digits });
    }
    if fits {
        if only_zero && value != 0 {
            return Err(ParseError::Invalid);
        }
        return Ok(match i64::try_from(value) {
            Ok(v) => IntBuf::Small(if negative { -v } else { v }),
            Err(_) => IntBuf::from(if negative { -IBig::from(value) } else { IBig::from(value) }),
        });
    }
    if only_zero {
        return Err(ParseError::Invalid);
    }
    let stripped: Vec<u8>;
    if underscores > 0 {
        stripped = rest.iter().copied().filter(|&b| b != b'_').collect();
        rest = &stripped;
    }
    let ascii = std::str::from_utf8(rest).map_err(|_| ParseError::Invalid)?;
    let magnitude = UBig::from_str_radix(ascii, radix).map_err(|_| ParseError::Invalid)?;
    let big = IBig::from(magnitude);
    Ok(IntBuf::from(if negative { -big } else { big }))
}

/// The value of a digit or letter.
#[inline]
fn digit(b: u8) -> Option<u32> {
    match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'a'..=b'z' => Some(u32::from(b - b'a') + 10),
        b'A'..=b'Z' => Some(u32::from(b - b'A') + 10),
        _ => None,
    }
}

/// Decimal text, as `str(a)`. `limit` is `sys.get_int_max_str_digits()`, 0 for none.
pub fn to_decimal(a: IntRef, limit: usize) -> Result<String, TooManyDigits> {
    match a {
        IntRef::Small(v) => Ok(small_decimal(v)),
        IntRef::Big(b) => {
            let bits = bit_length(a);
            let checked = limit > 0 && bits > DIGITS_THRESHOLD as u64 * 3;
            // A number of n bits has more than (n - 1) * 0.301 digits: refuse before the work where that is enough.
            if checked && (bits - 1).saturating_mul(301) / 1000 > limit as u64 {
                return Err(TooManyDigits);
            }
            let text = b.to_string();
            let digits = text.len() - usize::from(is_negative(b));
            if checked && digits > limit && digits > DIGITS_THRESHOLD { Err(TooManyDigits) } else { Ok(text) }
        }
    }
}

/// The decimal text of a word, without an allocation.
pub struct Decimal {
    buffer: [u8; 20],
    /// Where the text begins.
    at: usize,
}

impl Decimal {
    #[inline(always)]
    pub fn of(i: i64) -> Decimal {
        let mut buffer = [0u8; 20];
        let mut at = buffer.len();
        let mut rest = i.unsigned_abs();
        loop {
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if i < 0 {
            at -= 1;
            buffer[at] = b'-';
        }
        Decimal { buffer, at }
    }

    /// ASCII.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    #[inline]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

/// Decimal text of a word.
#[inline]
fn small_decimal(v: i64) -> String {
    v.to_string()
}

/// Text in base 2..=36 without a prefix, lower-case.
pub fn to_radix(a: IntRef, base: u32) -> String {
    match a {
        IntRef::Small(v) => {
            let mut buf = [0u8; 65];
            let mut at = buf.len();
            let mut rest = v.unsigned_abs();
            loop {
                at -= 1;
                buf[at] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % u64::from(base)) as usize];
                rest /= u64::from(base);
                if rest == 0 {
                    break;
                }
            }
            if v < 0 {
                at -= 1;
                buf[at] = b'-';
            }
            buf[at..].iter().map(|&b| b as char).collect()
        }
        IntRef::Big(b) => b.in_radix(base).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(text: &str, base: u32) -> Option<String> {
        parse(text.as_bytes(), base, 4300).ok().map(|v| to_radix(v.as_ref(), 10))
    }

    #[test]
    fn words_have_decimal_text() {
        for i in [0, 7, -7, 10, 1_234_567_890, i64::MAX, i64::MIN] {
            assert_eq!(Decimal::of(i).text(), i.to_string());
        }
    }

    #[test]
    fn accepts_what_int_accepts() {
        for (text, base, want) in [
            ("  -12\n", 10, "-12"),
            ("0x_ff", 0, "255"),
            ("0xff", 16, "255"),
            ("ff", 16, "255"),
            ("0b1", 16, "177"),
            ("0_0", 0, "0"),
            ("1_000", 10, "1000"),
            ("zz", 36, "1295"),
            ("-9223372036854775808", 10, "-9223372036854775808"),
            ("1_8446744073709551616", 10, "18446744073709551616"),
        ] {
            assert_eq!(p(text, base).as_deref(), Some(want), "{text:?} base {base}");
        }
    }

    #[test]
    fn refuses_what_int_refuses() {
        for (text, base) in [
            ("", 10),
            ("0x", 16),
            ("0x", 0),
            ("_1", 10),
            ("1_", 10),
            ("1__0", 10),
            ("010", 0),
            ("+ 1", 10),
            ("--1", 10),
            ("2", 2),
            ("0b2", 0),
            ("0x__f", 16),
            ("1 2", 10),
            ("0000000000000000000000000000001", 0),
        ] {
            assert_eq!(p(text, base), None, "{text:?} base {base}");
        }
        assert_eq!(parse(&[b'9'; 4301], 10, 4300), Err(ParseError::TooManyDigits { digits: 4301 }));
        assert!(parse(&[b'9'; 4301], 10, 0).is_ok());
        assert!(parse(&[b'f'; 4301], 16, 4300).is_ok());
    }

    #[test]
    fn limits_text() {
        let most = parse(&[b'9'; 4300], 10, 0).unwrap();
        assert_eq!(to_decimal(most.as_ref(), 4300).unwrap().len(), 4300);
        let more = super::super::arith::add(most.as_ref(), IntRef::Small(1));
        assert_eq!(to_decimal(more.as_ref(), 4300), Err(TooManyDigits));
        assert_eq!(to_decimal(more.as_ref(), 0).unwrap().len(), 4301);
        assert_eq!(to_radix(IntRef::Small(i64::MIN), 2).len(), 65);
    }
}
