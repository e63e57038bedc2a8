//! Writing JSON strings: quotes and escapes, for all-ASCII output or with other characters left as they are.

use crate::object::text::{TextBuf, TextRef, Unit};
use crate::with_units;

/// Appends `text` in quotes. With `ascii`, everything outside printable ASCII becomes an escape (in UTF-16 for
/// characters from U+10000 up); without, only quotes, backslashes and controls below 0x20 do.
pub fn push_quoted(out: &mut TextBuf, text: TextRef<'_>, ascii: bool) {
    out.push(0x22);
    with_units!(text, units => {
        let mut rest = 0;
        while rest < units.len() {
            let plain = plain_prefix(&units[rest..], ascii);
            out.push_text(text.slice(rest, rest + plain));
            rest += plain;
            if let Some(u) = units.get(rest) {
                push_escape(out, u.cp());
                rest += 1;
            }
        }
    });
    out.push(0x22);
}

/// How many units stand for themselves before the first that does not. Sixteen at a time, without a branch for each.
#[inline]
fn plain_prefix<U: Unit>(units: &[U], ascii: bool) -> usize {
    let plain = |chunk: &&[U; 16]| !chunk.iter().fold(false, |any, u| any | must_escape(u.cp(), ascii));
    let done = 16 * units.as_chunks::<16>().0.iter().take_while(plain).count();
    let rest = &units[done..];
    done + rest.iter().position(|u| must_escape(u.cp(), ascii)).unwrap_or(rest.len())
}

#[inline(always)]
fn must_escape(c: u32, ascii: bool) -> bool {
    c < 0x20 || c == 0x22 || c == 0x5C || ascii && c > 0x7E
}

fn push_escape(out: &mut TextBuf, c: u32) {
    let short = match c {
        0x22 => '"',
        0x5C => '\\',
        0x8 => 'b',
        0xC => 'f',
        0xA => 'n',
        0xD => 'r',
        0x9 => 't',
        0x1_0000.. => {
            let c = c - 0x1_0000;
            push_unicode(out, 0xD800 + (c >> 10));
            push_unicode(out, 0xDC00 + (c & 0x3FF));
            return;
        }
        _ => return push_unicode(out, c),
    };
    out.push(0x5C);
    out.push_char(short);
}

fn push_unicode(out: &mut TextBuf, c: u32) {
    let hex = |shift: u32| b"0123456789abcdef"[(c >> shift & 15) as usize];
    out.push_text(TextRef::Ascii(&[b'\\', b'u', hex(12), hex(8), hex(4), hex(0)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(s: &str, ascii: bool) -> String {
        let mut out = TextBuf::new();
        push_quoted(&mut out, TextBuf::from_str(s).view(), ascii);
        assert!(out.view().is_canonical());
        out.view().to_string()
    }

    #[test]
    fn ascii_output() {
        assert_eq!(quoted("", true), "\"\"");
        assert_eq!(quoted("a\"b\\c/", true), r#""a\"b\\c/""#);
        assert_eq!(quoted("\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{e9}\u{20ac}\u{1f600}~", true), {
            r#""\b\f\n\r\t\u0001\u007f\u00e9\u20ac\ud83d\ude00~""#
        });
    }

    #[test]
    fn unicode_output() {
        assert_eq!(quoted("\u{1}\u{7f}\u{e9}\n\u{1f600}", false), "\"\\u0001\u{7f}\u{e9}\\n\u{1f600}\"");
    }
}
