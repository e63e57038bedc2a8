//! `repr` and `ascii` of text and bytes.

use super::predicates::is_printable_char;
use crate::object::growing::Growing;
use crate::object::text::{TextBuf, TextRef};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends the shortest backslash escape with a number for `c`: `\xNN`, `\uNNNN` or `\UNNNNNNNN`.
pub fn push_escape(out: &mut TextBuf, c: u32) {
    let (letter, digits) = match c {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.push(u32::from(b'\\'));
    out.push(u32::from(letter));
    for i in (0..digits).rev() {
        out.push(u32::from(HEX[(c >> (4 * i) & 15) as usize]));
    }
}

/// The quote that `repr` puts around text with these characters: double only around text with single quotes alone.
fn quote_for(chars: impl Iterator<Item = u32>) -> u32 {
    let (mut single, mut double) = (false, false);
    for c in chars {
        single |= c == 0x27;
        double |= c == 0x22;
    }
    if single && !double { 0x22 } else { 0x27 }
}

fn push_quoted(out: &mut TextBuf, chars: impl Iterator<Item = u32>, quote: u32, plain: impl Fn(u32) -> bool) {
    out.push(quote);
    for c in chars {
        match c {
            9 => out.push_str("\\t"),
            10 => out.push_str("\\n"),
            13 => out.push_str("\\r"),
            0x5C => out.push_str("\\\\"),
            _ if c == quote => {
                out.push(0x5C);
                out.push(c);
            }
            0x20..0x7F => out.push(c),
            _ if plain(c) => out.push(c),
            _ => push_escape(out, c),
        }
    }
    out.push(quote);
}

/// The `repr` of ASCII text in which nothing has to be escaped.
fn in_quotes(text: TextRef<'_>) -> Option<Growing> {
    let TextRef::Ascii(s) = text else { return None };
    let plain = |b: u8| (b' '..=b'~').contains(&b) && b != b'\'' && b != b'\\';
    // Without a way out in the middle, so that it takes many bytes at once.
    if !s.iter().fold(true, |all, b| all & plain(*b)) {
        return None;
    }
    let mut out = Growing::with_capacity(s.len() + 2);
    out.push(u32::from(b'\''));
    out.push_text(text);
    out.push(u32::from(b'\''));
    Some(out)
}

/// `repr` of a str.
pub fn repr(text: TextRef<'_>) -> Growing {
    if let Some(quoted) = in_quotes(text) {
        return quoted;
    }
    let mut out = Growing::with_capacity(text.len() + 2);
    let quote = quote_for(text.code_points());
    push_quoted(&mut out, text.code_points(), quote, |c| c >= 0x80 && is_printable_char(c));
    out
}

/// `ascii` of a str: as `repr`, with every non-ASCII character escaped.
pub fn ascii(text: TextRef<'_>) -> Growing {
    if let Some(quoted) = in_quotes(text) {
        return quoted;
    }
    let mut out = Growing::with_capacity(text.len() + 2);
    push_quoted(&mut out, text.code_points(), quote_for(text.code_points()), |_| false);
    out
}

/// The `repr` of any object made ASCII, as `ascii()` does: non-ASCII characters escaped, nothing else touched.
pub fn escape_non_ascii(text: TextRef<'_>) -> Growing {
    let mut out = Growing::with_capacity(text.len());
    for c in text.code_points() {
        if c < 0x80 {
            out.push(c);
        } else {
            push_escape(&mut out, c);
        }
    }
    out
}

/// `repr` of bytes, with `b` and quotes.
pub fn bytes_repr(bytes: &[u8]) -> Growing {
    let mut out = Growing::with_capacity(bytes.len() + 3);
    out.push(u32::from(b'b'));
    let chars = || bytes.iter().map(|&b| u32::from(b));
    push_quoted(&mut out, chars(), quote_for(chars()), |_| false);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_cpython() {
        for (text, expected_repr, expected_ascii) in [
            ("abc", "'abc'", "'abc'"),
            ("it's", "\"it's\"", "\"it's\""),
            ("'\"", r#"'\'"'"#, r#"'\'"'"#),
            ("\"", "'\"'", "'\"'"),
            ("a\tb\n\r\\\0\u{7f}", r"'a\tb\n\r\\\x00\x7f'", r"'a\tb\n\r\\\x00\x7f'"),
            ("\u{e9}\u{85}\u{a0}\u{ad}", "'\u{e9}\\x85\\xa0\\xad'", r"'\xe9\x85\xa0\xad'"),
            (
                "\u{20ac}\u{200b}\u{1F600}\u{E0001}",
                "'\u{20ac}\\u200b\u{1F600}\\U000e0001'",
                r"'\u20ac\u200b\U0001f600\U000e0001'",
            ),
        ] {
            let buf = TextBuf::from_str(text);
            assert_eq!(*repr(buf.view()), TextBuf::from_str(expected_repr));
            assert_eq!(*ascii(buf.view()), TextBuf::from_str(expected_ascii));
        }
        let lone: TextBuf = [0xDC80].into_iter().collect();
        assert_eq!(*repr(lone.view()), TextBuf::from_str(r"'\udc80'"));
        assert_eq!(*bytes_repr(b"a'\x00\xff\n"), TextBuf::from_str(r#"b"a'\x00\xff\n""#));
        assert_eq!(*escape_non_ascii(TextBuf::from_str("<\u{e9}'>").view()), TextBuf::from_str(r"<\xe9'>"));
    }
}
