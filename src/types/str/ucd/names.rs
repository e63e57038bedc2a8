//! Character names, forward and back.

use super::{Edition, is_assigned};
use std::sync::LazyLock;

/// The Unicode 16 name of `c`; none for control characters, surrogates, private use and unassigned code points.
pub fn name(c: u32) -> Option<String> {
    if !is_assigned(Edition::Current, c) {
        return None;
    }
    Some(unicode_names2::name(char::from_u32(c)?)?.to_string())
}

/// The character of that name or alias, in any case. Spaces and hyphens count.
pub fn lookup(name: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(name).ok()?;
    if !text.is_ascii() || text.len() > 256 {
        return None;
    }
    let c = unicode_names2::character(text).map(u32::from)?;
    // The crate reads the number in an ideograph's name leniently; the name has just as many digits as it needs.
    if let Some(digits) =
        text.get(..22).filter(|p| p.eq_ignore_ascii_case("CJK UNIFIED IDEOGRAPH-")).map(|_| &text[22..])
        && !digits.eq_ignore_ascii_case(&format!("{c:04X}"))
    {
        return None;
    }
    Some(c)
}

/// Named sequences, one a line, sorted by name: `NAME;code points in hexadecimal`.
static SEQUENCES: &str = include_str!("sequences.txt");

/// The code points of the named sequence of that name, in upper case.
pub fn sequence(name: &str) -> Option<Vec<u32>> {
    static LINES: LazyLock<Vec<(&str, &str)>> =
        LazyLock::new(|| SEQUENCES.lines().filter_map(|line| line.split_once(';')).collect());
    let found = LINES.binary_search_by_key(&name, |(name, _)| name).ok()?;
    LINES[found].1.split(' ').map(|c| u32::from_str_radix(c, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences() {
        assert_eq!(sequence("KEYCAP DIGIT ONE"), Some(vec![0x31, 0xFE0F, 0x20E3]));
        assert_eq!(sequence("KEYCAP"), None);
        assert!(SEQUENCES.lines().is_sorted_by_key(|l| l.split_once(';').map(|(name, _)| name)));
        assert!(SEQUENCES.lines().all(|l| l.split_once(';').is_some_and(|(name, _)| sequence(name).is_some())));
    }

    #[test]
    fn names_go_both_ways() {
        for (c, n) in [
            (0x41, "LATIN CAPITAL LETTER A"),
            (0xAC00, "HANGUL SYLLABLE GA"),
            (0xD7A3, "HANGUL SYLLABLE HIH"),
            (0x4E00, "CJK UNIFIED IDEOGRAPH-4E00"),
            (0xFA0E, "CJK COMPATIBILITY IDEOGRAPH-FA0E"),
            (0x1F600, "GRINNING FACE"),
            (0x1C89, "CYRILLIC CAPITAL LETTER TJE"),
        ] {
            assert_eq!(name(c).as_deref(), Some(n));
            assert_eq!(lookup(n.as_bytes()), Some(c));
            assert_eq!(lookup(n.to_lowercase().as_bytes()), Some(c));
        }
        assert_eq!(name(0), None);
        assert_eq!(lookup(b"NULL"), Some(0));
        assert_eq!(lookup(b"LINE FEED"), Some(10));
        assert_eq!(lookup(b"no such name"), None);
        assert_eq!(lookup(b"LATINCAPITALLETTERA"), None);
        assert_eq!(lookup(b"CJK UNIFIED IDEOGRAPH-04E00"), None);
    }
}
