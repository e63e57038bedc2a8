//! The questions that `str.is...` methods answer. All but `isascii` and `isprintable` say no to the empty text.

use super::split::is_space;
use super::ucd::{self, flag};
use crate::object::text::TextRef;

/// The property bits of `c`, for a text known to hold mostly ASCII.
#[inline]
fn any_of(c: u32, mask: u16) -> bool {
    ucd::flags(c) & mask != 0
}

fn all(text: TextRef<'_>, mask: u16) -> bool {
    !text.is_empty() && text.code_points().all(|c| any_of(c, mask))
}

/// `str.isalpha`.
pub fn is_alpha(text: TextRef<'_>) -> bool {
    match text {
        TextRef::Ascii(s) => !s.is_empty() && s.iter().all(u8::is_ascii_alphabetic),
        _ => all(text, flag::ALPHA),
    }
}

/// `str.isalnum`.
pub fn is_alnum(text: TextRef<'_>) -> bool {
    match text {
        TextRef::Ascii(s) => !s.is_empty() && s.iter().all(u8::is_ascii_alphanumeric),
        _ => all(text, flag::ALPHA | flag::DECIMAL | flag::DIGIT | flag::NUMERIC),
    }
}

/// `str.isdecimal`.
pub fn is_decimal(text: TextRef<'_>) -> bool {
    all(text, flag::DECIMAL)
}

/// `str.isdigit`.
pub fn is_digit(text: TextRef<'_>) -> bool {
    all(text, flag::DIGIT)
}

/// `str.isnumeric`.
pub fn is_numeric(text: TextRef<'_>) -> bool {
    all(text, flag::NUMERIC)
}

/// `str.isspace`.
pub fn is_all_space(text: TextRef<'_>) -> bool {
    !text.is_empty() && text.code_points().all(is_space)
}

/// Whether `repr` shows `c` as it is.
#[inline]
pub fn is_printable_char(c: u32) -> bool {
    match c {
        0..0x80 => matches!(c, 0x20..=0x7E),
        _ => any_of(c, flag::PRINTABLE),
    }
}

/// `str.isprintable`; true for the empty text.
pub fn is_printable(text: TextRef<'_>) -> bool {
    text.code_points().all(is_printable_char)
}

/// `str.isidentifier` (keywords included).
pub fn is_identifier(text: TextRef<'_>) -> bool {
    let mut chars = text.code_points();
    let start = |c| c == u32::from('_') || any_of(c, flag::XID_START);
    chars.next().is_some_and(start) && chars.all(|c| any_of(c, flag::XID_CONTINUE))
}

/// `str.islower`: some cased character, and all of them lower.
pub fn is_lower(text: TextRef<'_>) -> bool {
    only_case(text, flag::LOWER, flag::UPPER | flag::TITLE)
}

/// `str.isupper`: some cased character, and all of them upper.
pub fn is_upper(text: TextRef<'_>) -> bool {
    only_case(text, flag::UPPER, flag::LOWER | flag::TITLE)
}

fn only_case(text: TextRef<'_>, wanted: u16, forbidden: u16) -> bool {
    let mut found = false;
    for c in text.code_points() {
        let flags = ucd::flags(c);
        if flags & forbidden != 0 {
            return false;
        }
        found |= flags & wanted != 0;
    }
    found
}

/// `str.istitle`: upper or title characters only after uncased ones, lower ones only after cased ones, and some cased.
pub fn is_title(text: TextRef<'_>) -> bool {
    let (mut found, mut after_cased) = (false, false);
    for c in text.code_points() {
        let flags = ucd::flags(c);
        let (capital, small) = (flags & (flag::UPPER | flag::TITLE) != 0, flags & flag::LOWER != 0);
        if capital && after_cased || small && !after_cased && !capital {
            return false;
        }
        after_cased = capital || small;
        found |= after_cased;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    #[test]
    fn matches_cpython() {
        // One letter per method that says yes in CPython 3.13: a alpha, n alnum, d decimal, g digit, u numeric, s space,
        // p printable, i identifier, l lower, U upper, t title.
        let tests: [(char, fn(TextRef<'_>) -> bool); 11] = [
            ('a', is_alpha),
            ('n', is_alnum),
            ('d', is_decimal),
            ('g', is_digit),
            ('u', is_numeric),
            ('s', is_all_space),
            ('p', is_printable),
            ('i', is_identifier),
            ('l', is_lower),
            ('U', is_upper),
            ('t', is_title),
        ];
        for (text, yes) in [
            ("", "p"),
            ("abc", "anpil"),
            ("aBc", "anpi"),
            ("Abc Def", "pt"),
            ("ABC", "anpiU"),
            ("a1", "npil"),
            ("123", "ndgup"),
            ("\u{B2}\u{B3}", "ngup"),
            ("\u{BD}", "nup"),
            ("\u{663}", "ndgup"),
            ("\u{4E00}", "anupi"),
            ("\u{2167}", "nupiUt"),
            ("\u{2170}", "nupil"),
            ("\u{AA}", "anpil"),
            ("\u{1C5}", "anpit"),
            ("\u{1C5}a", "anpit"),
            ("a\u{1C5}", "anpi"),
            ("_x1", "pil"),
            ("1x", "npl"),
            ("\u{387}a", "pl"),
            ("a\u{B7}", "pil"),
            (" \u{9}\u{3000}\u{85}", "s"),
            ("\u{1C}", "s"),
            ("\u{E9} \u{E9}", "pl"),
            ("\u{200B}", ""),
            ("\u{AD}", ""),
            ("\u{1D400}", "anpiUt"),
            ("\u{1F600}", "p"),
            ("They'Re", "pt"),
            ("A\u{301}b", "pi"),
            ("\u{1E9E}", "anpiUt"),
            ("\u{2118}", "pi"),
            ("\u{212E}", "pi"),
            ("\u{309B}", "p"),
            ("x\u{309B}", "pl"),
            ("\u{24D0}", "pl"),
            ("\u{345}", "pl"),
        ] {
            let buf = TextBuf::from_str(text);
            let got: String = tests.iter().filter(|(_, f)| f(buf.view())).map(|(c, _)| c).collect();
            assert_eq!(got, yes, "{text:?}");
        }
        let surrogate: TextBuf = [0xD800].into_iter().collect();
        assert!(!is_printable(surrogate.view()) && !is_identifier(surrogate.view()));
    }
}
