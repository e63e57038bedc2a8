//! Backslash escapes: `unicode_escape`, `raw_unicode_escape`, and the escapes of bytes literals.

use super::{DecodeErrors, Decoded, Decoding};
use crate::object::growing::Growing;
use crate::object::text::{TextBuf, TextRef};
use crate::types::str::repr::push_escape;
use crate::types::str::ucd::names;

/// An escape sequence that Python does not know; it is kept as it stands, and the caller warns about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidEscape {
    /// `\` before this character.
    Char(u8),
    /// An octal escape above `\377`, with its value.
    Octal(u32),
}

/// The hexadecimal number of exactly `digits` digits at the front of `rest`.
enum Hex {
    Value(u32),
    /// The input ends before the digits do.
    Incomplete,
    /// A character that is no digit, so many in.
    Bad(usize),
}

fn hex(rest: &[u8], digits: usize) -> Hex {
    let mut v = 0u32;
    for i in 0..digits {
        let Some(&b) = rest.get(i) else { return Hex::Incomplete };
        let Some(d) = char::from(b).to_digit(16) else { return Hex::Bad(i) };
        v = v << 4 | d;
    }
    Hex::Value(v)
}

fn simple(b: u8) -> Option<u8> {
    Some(match b {
        b'\\' | b'\'' | b'"' => b,
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        _ => return None,
    })
}

/// Up to three octal digits at the front of `rest`: the value and how many there are.
fn octal(rest: &[u8]) -> (u32, usize) {
    let digits = rest.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
    digits.fold((0, 0), |(v, n), b| (v << 3 | u32::from(b - b'0'), n + 1))
}

/// Decodes the escapes of a str literal; other bytes are Latin-1. Also gives the first unknown escape.
#[allow(clippy::type_complexity)]
pub fn decode_unicode<H: DecodeErrors>(
    input: &[u8],
    last: bool,
    errors: &mut H,
) -> Result<(Growing, usize, Option<InvalidEscape>), H::Error> {
    let mut d = Decoding::new("unicodeescape", input, errors);
    let mut invalid = None;
    loop {
        let rest = d.rest();
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        let start = d.pos + plain;
        d.out.push_text(TextRef::from_latin1(&d.input[d.pos..start]));
        d.pos = start;
        if start == d.input.len() {
            break;
        }
        // What the escape stands for, or the end of its bad part and what is wrong with it.
        let body = &d.input[start + 1..];
        let outcome = match body.first() {
            None => Err((d.input.len(), "\\ at end of string", true)),
            Some(b'\n') => Ok((None, 2)),
            Some(b'0'..=b'7') => {
                let (v, n) = octal(body);
                if v > 0o377 {
                    invalid.get_or_insert(InvalidEscape::Octal(v));
                }
                Ok((Some(v), 1 + n))
            }
            Some(&kind @ (b'x' | b'u' | b'U')) => {
                let (digits, message) = match kind {
                    b'x' => (2, "truncated \\xXX escape"),
                    b'u' => (4, "truncated \\uXXXX escape"),
                    _ => (8, "truncated \\UXXXXXXXX escape"),
                };
                match hex(&body[1..], digits) {
                    Hex::Value(v) if v <= 0x10_FFFF => Ok((Some(v), 2 + digits)),
                    Hex::Value(_) => Err((start + 2 + digits, "illegal Unicode character", false)),
                    Hex::Incomplete => Err((d.input.len(), message, true)),
                    Hex::Bad(i) => Err((start + 2 + i, message, false)),
                }
            }
            Some(b'N') => named(&body[1..])
                .map(|(c, n)| (Some(c), 2 + n))
                .map_err(|(n, message, incomplete)| (start + 2 + n, message, incomplete)),
            Some(&b) => match simple(b) {
                Some(c) => Ok((Some(u32::from(c)), 2)),
                None => {
                    invalid.get_or_insert(InvalidEscape::Char(b));
                    d.out.push(u32::from(b'\\'));
                    Ok((Some(u32::from(b)), 2))
                }
            },
        };
        match outcome {
            Ok((c, n)) => {
                d.out.extend(c);
                d.pos = start + n;
            }
            Err((_, _, true)) if !last => break,
            Err((end, message, _)) => d.fail(start, end, message)?,
        }
    }
    let (text, used) = d.done()?;
    Ok((text, used, invalid))
}

/// Reads `{name}`: the character and the length read, or the length of the bad part, a message, and whether more input
/// could help.
fn named(rest: &[u8]) -> Result<(u32, usize), (usize, &'static str, bool)> {
    const MALFORMED: &str = "malformed \\N character escape";
    if rest.is_empty() {
        return Err((0, MALFORMED, true));
    }
    if rest[0] != b'{' {
        return Err((0, MALFORMED, false));
    }
    let Some(end) = memchr::memchr(b'}', rest) else { return Err((rest.len(), MALFORMED, true)) };
    if end == 1 {
        return Err((1, MALFORMED, false));
    }
    match names::lookup(&rest[1..end]) {
        Some(c) => Ok((c, end + 1)),
        None => Err((end + 1, "unknown Unicode character name", false)),
    }
}

/// Decodes `\uXXXX` and `\UXXXXXXXX`; all else is Latin-1.
pub fn decode_raw<H: DecodeErrors>(input: &[u8], last: bool, errors: &mut H) -> Decoded<H::Error> {
    let mut d = Decoding::new("rawunicodeescape", input, errors);
    loop {
        let rest = d.rest();
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        let start = d.pos + plain;
        d.out.push_text(TextRef::from_latin1(&d.input[d.pos..start]));
        d.pos = start;
        if start == d.input.len() {
            break;
        }
        let (digits, message) = match d.input.get(start + 1) {
            None if !last => break,
            Some(b'u') => (4, "truncated \\uXXXX escape"),
            Some(b'U') => (8, "truncated \\UXXXXXXXX escape"),
            other => {
                let n = 1 + usize::from(other.is_some());
                d.out.push_text(TextRef::from_latin1(&d.input[start..start + n]));
                d.pos = start + n;
                continue;
            }
        };
        match hex(&d.input[start + 2..], digits) {
            Hex::Value(v) if v <= 0x10_FFFF => {
                d.out.push(v);
                d.pos = start + 2 + digits;
            }
            Hex::Value(_) => d.fail(start, start + 2 + digits, "\\Uxxxxxxxx out of range")?,
            Hex::Incomplete if !last => break,
            Hex::Incomplete => d.fail(start, d.input.len(), message)?,
            Hex::Bad(i) => d.fail(start, start + 2 + i, message)?,
        }
    }
    d.done()
}

/// Text as the inside of a str literal in ASCII, quotes not escaped.
pub fn encode_unicode(text: TextRef<'_>) -> Vec<u8> {
    let mut out = TextBuf::new();
    for c in text.code_points() {
        match c {
            9 => out.push_str("\\t"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            0x5C => out.push_str("\\\\"),
            0x20..0x7F => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out.view().as_latin1().unwrap_or_default().to_vec()
}

/// Text with everything beyond Latin-1 as `\uXXXX` or `\UXXXXXXXX`, and no other escapes.
pub fn encode_raw(text: TextRef<'_>) -> Vec<u8> {
    let mut out = TextBuf::new();
    for c in text.code_points() {
        if c < 0x100 {
            out.push(c);
        } else {
            push_escape(&mut out, c);
        }
    }
    out.view().as_latin1().unwrap_or_default().to_vec()
}

/// What [`decode_bytes`] does about `\x` without two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadHex {
    /// Fail.
    Strict,
    /// Put a `?`.
    Replace,
    /// Leave it out.
    Ignore,
}

/// Why [`decode_bytes`] failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BytesEscapeError {
    /// `invalid \x escape at position N`.
    BadHex(usize),
    /// `Trailing \ in string`.
    Trailing,
}

/// Decodes the escapes of a bytes literal. Also gives the first unknown escape.
pub fn decode_bytes(input: &[u8], bad_hex: BadHex) -> Result<(Vec<u8>, Option<InvalidEscape>), BytesEscapeError> {
    let mut out = Vec::with_capacity(input.len());
    let mut invalid = None;
    let mut at = 0;
    while let Some(plain) = memchr::memchr(b'\\', &input[at..]) {
        out.extend_from_slice(&input[at..at + plain]);
        at += plain;
        let body = &input[at + 1..];
        let Some(&b) = body.first() else { return Err(BytesEscapeError::Trailing) };
        match b {
            b'\n' => at += 2,
            b'0'..=b'7' => {
                let (v, n) = octal(body);
                if v > 0o377 {
                    invalid.get_or_insert(InvalidEscape::Octal(v));
                }
                out.push(v as u8);
                at += 1 + n;
            }
            b'x' => match hex(&body[1..], 2) {
                Hex::Value(v) => {
                    out.push(v as u8);
                    at += 4;
                }
                bad => {
                    match bad_hex {
                        BadHex::Strict => return Err(BytesEscapeError::BadHex(at)),
                        BadHex::Replace => out.push(b'?'),
                        BadHex::Ignore => {}
                    }
                    // One good digit goes with the escape.
                    let digit = !matches!(bad, Hex::Bad(0)) && body.len() > 1;
                    at += 2 + usize::from(digit);
                }
            },
            _ => {
                match simple(b) {
                    Some(c) => out.push(c),
                    None => {
                        invalid.get_or_insert(InvalidEscape::Char(b));
                        out.extend_from_slice(&[b'\\', b]);
                    }
                }
                at += 2;
            }
        }
    }
    out.extend_from_slice(&input[at..]);
    Ok((out, invalid))
}

/// Bytes as the inside of a bytes literal in single quotes.
pub fn encode_bytes(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    for &b in input {
        match b {
            b'\\' | b'\'' => out.extend_from_slice(&[b'\\', b]),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            13 => out.extend_from_slice(b"\\r"),
            0x20..0x7F => out.push(b),
            _ => out.extend_from_slice(format!("\\x{b:02x}").as_bytes()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::handlers::Builtin;
    use super::super::tests::Named;
    use super::*;

    #[test]
    fn bytes_escapes() {
        // Expected values computed with `codecs.escape_decode` of CPython 3.13.
        let ok = |s: &[u8], mode| decode_bytes(s, mode).unwrap().0;
        assert_eq!(ok(br"a\x41\n\101\q\'", BadHex::Strict), b"aA\nA\\q'");
        assert_eq!(ok(br"[\x0]", BadHex::Replace), b"[?]");
        assert_eq!(ok(br"[\x]", BadHex::Ignore), b"[]");
        assert_eq!(ok(br"\501", BadHex::Strict), b"A");
        assert_eq!(decode_bytes(br"ab\x1", BadHex::Strict), Err(BytesEscapeError::BadHex(2)));
        assert_eq!(decode_bytes(br"ab\", BadHex::Ignore), Err(BytesEscapeError::Trailing));
        assert_eq!(decode_bytes(br"\q\z", BadHex::Strict).unwrap().1, Some(InvalidEscape::Char(b'q')));
        assert_eq!(encode_bytes(b"a'\"\\\n\x80"), br#"a\'"\\\n\x80"#);
    }

    #[test]
    fn unknown_escapes_are_reported() {
        let mut h = Named(Builtin::Strict);
        let (t, _, bad) = decode_unicode(br"\q\501", true, &mut h).unwrap();
        assert_eq!(((*t).clone(), bad), (TextBuf::from_str("\\q\u{141}"), Some(InvalidEscape::Char(b'q'))));
        assert_eq!(decode_unicode(br"\501", true, &mut h).unwrap().2, Some(InvalidEscape::Octal(0o501)));
    }
}
