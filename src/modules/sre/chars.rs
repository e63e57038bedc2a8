//! What the engine asks about single characters: classes and case, by ASCII, by the C locale, or by Unicode.

use super::opcode::*;
use crate::types::str::ucd::{self, Case, flag};

/// How two characters are compared when case does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Case matters.
    Exact,
    /// ASCII letters only.
    Ascii,
    /// The C locale's `tolower` and `toupper`, below 256 only.
    Locale,
    /// Unicode's simple lowercase.
    Unicode,
}

/// Lowercase of an ASCII letter, everything else unchanged.
#[inline]
pub fn lower_ascii(c: u32) -> u32 {
    if c.wrapping_sub(0x41) < 26 { c + 32 } else { c }
}

/// First code point of the Unicode lowercase mapping.
#[inline]
pub fn lower_unicode(c: u32) -> u32 {
    if c < 128 {
        return lower_ascii(c);
    }
    ucd::map_case(Case::Lower, c).as_slice()[0]
}

/// First code point of the Unicode uppercase mapping.
#[inline]
pub fn upper_unicode(c: u32) -> u32 {
    if c < 128 {
        return if c.wrapping_sub(0x61) < 26 { c - 32 } else { c };
    }
    ucd::map_case(Case::Upper, c).as_slice()[0]
}

/// Lowercase by the C locale.
#[inline]
pub fn lower_locale(c: u32) -> u32 {
    if c > 255 {
        return c;
    }
    // SAFETY: `tolower` is defined for every value of an unsigned char and touches no memory of ours.
    unsafe { libc::tolower(c as i32) as u32 }
}

/// Uppercase by the C locale.
#[inline]
pub fn upper_locale(c: u32) -> u32 {
    if c > 255 {
        return c;
    }
    // SAFETY: `toupper` is defined for every value of an unsigned char and touches no memory of ours.
    unsafe { libc::toupper(c as i32) as u32 }
}

/// Lowercase as `fold` sees it.
#[inline]
pub fn lower(fold: Fold, c: u32) -> u32 {
    match fold {
        Fold::Exact => c,
        Fold::Ascii => lower_ascii(c),
        Fold::Locale => lower_locale(c),
        Fold::Unicode => lower_unicode(c),
    }
}

/// ASCII letter, digit or underscore.
#[inline]
pub fn is_word_ascii(c: u32) -> bool {
    c < 128 && ((c as u8).is_ascii_alphanumeric() || c == 0x5F)
}

/// Letter or digit by the C locale, or underscore.
#[inline]
pub fn is_word_locale(c: u32) -> bool {
    if c > 255 {
        return false;
    }
    // SAFETY: `isalnum` is defined for every value of an unsigned char and touches no memory of ours.
    c == 0x5F || unsafe { libc::isalnum(c as i32) } != 0
}

/// `str.isalnum` or underscore.
#[inline]
pub fn is_word_unicode(c: u32) -> bool {
    const ALNUM: u16 = flag::ALPHA | flag::DECIMAL | flag::DIGIT | flag::NUMERIC;
    if c < 128 { is_word_ascii(c) } else { ucd::flags(c) & ALNUM != 0 }
}

fn is_space_ascii(c: u32) -> bool {
    c == 0x20 || c.wrapping_sub(9) < 5
}

fn is_space_unicode(c: u32) -> bool {
    ucd::has(c, flag::SPACE)
}

fn is_decimal_unicode(c: u32) -> bool {
    ucd::has(c, flag::DECIMAL)
}

fn is_linebreak_unicode(c: u32) -> bool {
    matches!(c, 0xA..=0xD | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029)
}

/// Whether `c` is in the category with number `code` (below [`CATEGORY_COUNT`]).
pub fn in_category(code: u32, c: u32) -> bool {
    let positive = match code & !1 {
        CATEGORY_DIGIT => c.wrapping_sub(0x30) < 10,
        CATEGORY_SPACE => is_space_ascii(c),
        CATEGORY_WORD => is_word_ascii(c),
        CATEGORY_LINEBREAK => c == 0xA,
        CATEGORY_LOC_WORD => is_word_locale(c),
        CATEGORY_UNI_DIGIT => is_decimal_unicode(c),
        CATEGORY_UNI_SPACE => is_space_unicode(c),
        CATEGORY_UNI_WORD => is_word_unicode(c),
        CATEGORY_UNI_LINEBREAK => is_linebreak_unicode(c),
        _ => return false,
    };
    positive != (code & 1 == 1)
}

/// Whether the answer to a category depends on the C locale.
pub fn category_is_locale(code: u32) -> bool {
    code & !1 == CATEGORY_LOC_WORD
}

/// Whether case changes `c` by ASCII rules (`_sre.ascii_iscased`).
pub fn ascii_iscased(c: u32) -> bool {
    c < 128 && (c as u8).is_ascii_alphabetic()
}

/// Whether case changes `c` by Unicode rules (`_sre.unicode_iscased`).
pub fn unicode_iscased(c: u32) -> bool {
    c != lower_unicode(c) || c != upper_unicode(c)
}
