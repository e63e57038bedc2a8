//! Reading JSON text: strings with their escapes, the extent of numbers, white space.

use std::ops::Range;

use crate::object::text::TextBuf;
use crate::types::str::search::TextUnit;

/// A fault and the index that the error message points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The message of the `JSONDecodeError`, without the position.
    pub message: &'static str,
    /// Index into the text.
    pub at: usize,
}

/// What stands between the quotes of a string.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// The text at these indices, as it stands.
    Slice(Range<usize>),
    /// The text with its escapes resolved.
    Built(TextBuf),
}

const UNTERMINATED: &str = "Unterminated string starting at";
const BAD_UNICODE: &str = "Invalid \\uXXXX escape";

/// Reads the string whose first character after the quote is at `start` (at least 1, at most the length); gives the
/// content and the index after the closing quote. `strict` refuses control characters below 0x20.
pub fn string<C: TextUnit>(text: &[C], start: usize, strict: bool) -> Result<(Content, usize), Fault> {
    let fault = |message, at| Err(Fault { message, at });
    let begin = start - 1;
    let mut built: Option<TextBuf> = None;
    let mut at = start;
    loop {
        let from = at;
        let Some(n) = text[at..].iter().position(|&c| is_special(c.cp(), strict)) else {
            return fault(UNTERMINATED, begin);
        };
        at += n;
        match text[at].cp() {
            0x22 => {
                let content = match built {
                    None => Content::Slice(start..at),
                    Some(mut buf) => {
                        buf.push_text(C::view(&text[from..at]));
                        Content::Built(buf)
                    }
                };
                return Ok((content, at + 1));
            }
            0x5C => {}
            _ => return fault("Invalid control character at", at),
        }
        let buf = built.get_or_insert_with(TextBuf::new);
        buf.push_text(C::view(&text[from..at]));
        let Some(escape) = text.get(at + 1) else { return fault(UNTERMINATED, begin) };
        let c = match escape.cp() {
            c @ (0x22 | 0x5C | 0x2F) => c,
            0x62 => 0x8,
            0x66 => 0xC,
            0x6E => 0xA,
            0x72 => 0xD,
            0x74 => 0x9,
            0x75 => {
                // The string's closing quote must follow, so an escape at the very end is cut off.
                if at + 6 >= text.len() {
                    return fault(BAD_UNICODE, at + 1);
                }
                let Some(c) = hex4(&text[at + 2..at + 6]) else { return fault(BAD_UNICODE, at + 1) };
                at += 6;
                push_escaped(buf, text, c, &mut at)?;
                continue;
            }
            _ => return fault("Invalid \\escape", at),
        };
        buf.push(c);
        at += 2;
    }
}

#[inline(always)]
fn is_special(c: u32, strict: bool) -> bool {
    c == 0x22 || c == 0x5C || strict && c < 0x20
}

/// Appends the character of a `\uXXXX` escape that ended at `at`; takes a second escape that makes it a surrogate pair.
fn push_escaped<C: TextUnit>(buf: &mut TextBuf, text: &[C], c: u32, at: &mut usize) -> Result<(), Fault> {
    let pair =
        (0xD800..0xDC00).contains(&c) && *at + 6 < text.len() && text[*at].cp() == 0x5C && text[*at + 1].cp() == 0x75;
    if pair {
        let Some(low) = hex4(&text[*at + 2..*at + 6]) else {
            return Err(Fault { message: BAD_UNICODE, at: *at + 1 });
        };
        if (0xDC00..0xE000).contains(&low) {
            *at += 6;
            buf.push(0x1_0000 + ((c - 0xD800) << 10) + (low - 0xDC00));
            return Ok(());
        }
    }
    buf.push(c);
    Ok(())
}

fn hex4<C: TextUnit>(digits: &[C]) -> Option<u32> {
    digits.iter().try_fold(0, |n, d| Some(n << 4 | char::from_u32(d.cp())?.to_digit(16)?))
}

/// A number's extent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// Index after its last character.
    pub end: usize,
    /// Whether it has a fraction or an exponent.
    pub float: bool,
}

/// Finds the extent of the number at `start`, if one is there.
pub fn number<C: TextUnit>(text: &[C], start: usize) -> Option<Number> {
    let digit = |i: usize| text.get(i).is_some_and(|c| c.cp().wrapping_sub(0x30) < 10);
    let is = |i: usize, set: &[u8]| text.get(i).is_some_and(|c| set.iter().any(|&b| u32::from(b) == c.cp()));
    let skip_digits = |mut i: usize| {
        while digit(i) {
            i += 1;
        }
        i
    };
    let mut at = start;
    if is(at, b"-") {
        at += 1;
    }
    // A leading zero stands alone.
    at = match () {
        _ if is(at, b"0") => at + 1,
        _ if digit(at) => skip_digits(at),
        _ => return None,
    };
    let mut float = false;
    if is(at, b".") && digit(at + 1) {
        float = true;
        at = skip_digits(at + 1);
    }
    if is(at, b"eE") {
        let digits = if is(at + 1, b"+-") { at + 2 } else { at + 1 };
        if digit(digits) {
            float = true;
            at = skip_digits(digits);
        }
    }
    Some(Number { end: at, float })
}

/// The index of the first character from `at` on that is not JSON white space.
#[inline]
pub fn skip_space<C: TextUnit>(text: &[C], mut at: usize) -> usize {
    while text.get(at).is_some_and(|c| matches!(c.cp(), 0x20 | 0x9 | 0xA | 0xD)) {
        at += 1;
    }
    at
}

/// Whether the ASCII `word` stands at `at`.
#[inline]
pub fn has_word<C: TextUnit>(text: &[C], at: usize, word: &[u8]) -> bool {
    text.get(at..at + word.len()).is_some_and(|t| t.iter().zip(word).all(|(a, &b)| a.cp() == u32::from(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextRef;
    use crate::with_units;

    fn read(s: &str, strict: bool) -> Result<(String, usize), (&'static str, usize)> {
        let buf = TextBuf::from_str(s);
        with_units!(buf.view(), units => match string(units, 1, strict) {
            Ok((Content::Slice(r), end)) => Ok((buf.view().slice(r.start, r.end).to_string(), end)),
            Ok((Content::Built(b), end)) => Ok((String::from_utf8_lossy(&b.view().to_wtf8()).into_owned(), end)),
            Err(f) => Err((f.message, f.at)),
        })
    }

    #[test]
    fn strings() {
        let ok = |s: &str, n| Ok((s.to_owned(), n));
        assert_eq!(read("\"\" ", true), ok("", 2));
        assert_eq!(read("\"abc\"", true), ok("abc", 5));
        assert_eq!(read(r#""a\n\"\/\\\b\f\r\tz""#, true), ok("a\n\"/\\\u{8}\u{c}\r\tz", 20));
        assert_eq!(read(r#""\u0041\u20ac\ud83d\ude00x""#, true), ok("A\u{20ac}\u{1f600}x", 27));
        assert_eq!(read("\"\u{e9}\\n\u{20ac}\u{1f600}\"", true), ok("\u{e9}\n\u{20ac}\u{1f600}", 7));
        assert_eq!(read("\"a\tb\"", false), ok("a\tb", 5));
    }

    #[test]
    fn lone_surrogates_stay() {
        let buf = TextBuf::from_str(r#""\ud83dx\ude00\ud83d\ud83d\ude00""#);
        let TextRef::Ascii(units) = buf.view() else { panic!("ASCII") };
        let Ok((Content::Built(b), _)) = string(units, 1, true) else { panic!("a string") };
        assert_eq!(b.view().code_points().collect::<Vec<_>>(), [0xD83D, 0x78, 0xDE00, 0xD83D, 0x1F600]);
    }

    #[test]
    fn string_faults_as_the_reference_reports_them() {
        assert_eq!(read("\"abc", true), Err((UNTERMINATED, 0)));
        assert_eq!(read("\"", true), Err((UNTERMINATED, 0)));
        assert_eq!(read("\"abc\\", true), Err((UNTERMINATED, 0)));
        assert_eq!(read("\"a\tb\"", true), Err(("Invalid control character at", 2)));
        assert_eq!(read("\"ab\\x\"", true), Err(("Invalid \\escape", 3)));
        assert_eq!(read("\"a\\u12", true), Err((BAD_UNICODE, 3)));
        assert_eq!(read("\"a\\u1234", true), Err((BAD_UNICODE, 3)));
        assert_eq!(read("\"a\\u12g4\"", true), Err((BAD_UNICODE, 3)));
        assert_eq!(read("\"\\ud834\\u12g4\"", true), Err((BAD_UNICODE, 8)));
        assert_eq!(read("\"\\ud834\\u0041\"", true).map(|x| x.1), Ok(14));
    }

    #[test]
    fn numbers() {
        let n = |s: &str| number(s.as_bytes(), 0).map(|n| (n.end, n.float));
        assert_eq!(n("0"), Some((1, false)));
        assert_eq!(n("-12,"), Some((3, false)));
        assert_eq!(n("012"), Some((1, false)));
        assert_eq!(n("1.5e10"), Some((6, true)));
        assert_eq!(n("1.e5"), Some((1, false)));
        assert_eq!(n("1e"), Some((1, false)));
        assert_eq!(n("1e+"), Some((1, false)));
        assert_eq!(n("1E-7]"), Some((4, true)));
        assert_eq!(n("-"), None);
        assert_eq!(n("-Infinity"), None);
        assert_eq!(n("."), None);
    }
}
