//! Unicode 16.0 character data: properties, case mappings, numeric values and decompositions, from `tables.bin`.
//!
//! `make_tables.py` wrote the tables (derived from the Unicode Character Database, Unicode License v3) and documents
//! their layout. A character's record is found through a two-level table, so a query costs three loads. Code points
//! above 0x10FFFF are treated as unassigned.

pub mod names;

static TABLES: &[u8] = include_bytes!("tables.bin");

/// Which edition of the database a question is about; `unicodedata.ucd_3_2_0` asks about the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// 16.0.0.
    Current,
    /// 3.2.0, for IDNA 2003.
    V3_2,
}

/// Bits of [`flags`].
pub mod flag {
    /// General category L*.
    pub const ALPHA: u16 = 1;
    /// Has a decimal digit value.
    pub const DECIMAL: u16 = 1 << 1;
    /// Has a digit value.
    pub const DIGIT: u16 = 1 << 2;
    /// Has a numeric value.
    pub const NUMERIC: u16 = 1 << 3;
    /// Property Lowercase.
    pub const LOWER: u16 = 1 << 4;
    /// Property Uppercase.
    pub const UPPER: u16 = 1 << 5;
    /// General category Lt.
    pub const TITLE: u16 = 1 << 6;
    /// Category Zs, or bidirectional class WS, B or S.
    pub const SPACE: u16 = 1 << 7;
    /// The space, or any character that is neither "other" nor "separator".
    pub const PRINTABLE: u16 = 1 << 8;
    /// May start an identifier (the underscore excepted).
    pub const XID_START: u16 = 1 << 9;
    /// May continue an identifier.
    pub const XID_CONTINUE: u16 = 1 << 10;
    /// Property Cased.
    pub const CASED: u16 = 1 << 11;
    /// Property Case_Ignorable.
    pub const CASE_IGNORABLE: u16 = 1 << 12;
    /// Property Bidi_Mirrored.
    pub const MIRRORED: u16 = 1 << 13;
}

#[rustfmt::skip]
const CATEGORIES: [&str; 30] = [
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
    "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
];
#[rustfmt::skip]
const BIDI: [&str; 24] = [
    "", "L", "R", "AL", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS", "ON", "LRE", "LRO", "RLE", "RLO",
    "PDF", "LRI", "RLI", "FSI", "PDI",
];
const WIDTHS: [&str; 6] = ["N", "F", "H", "W", "Na", "A"];
#[rustfmt::skip]
const TAGS: [&str; 17] = [
    "", "<font>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>", "<circle>", "<super>", "<sub>",
    "<vertical>", "<wide>", "<narrow>", "<small>", "<square>", "<fraction>", "<compat>",
];

const BLOCK: usize = 128;
const RECORD_SIZE: usize = 24;
/// Marks a case mapping field that gives a length and a place in the extension table instead of a difference.
const SPECIAL: i32 = 0x4000_0000;

const fn u32_at(at: usize) -> u32 {
    u32::from_le_bytes([TABLES[at], TABLES[at + 1], TABLES[at + 2], TABLES[at + 3]])
}

const fn u16_at(at: usize) -> u16 {
    u16::from_le_bytes([TABLES[at], TABLES[at + 1]])
}

/// A section of the file: where it starts and how many bytes it has.
#[derive(Clone, Copy)]
struct Section {
    start: usize,
    len: usize,
}

const fn section(n: usize) -> Section {
    Section { start: u32_at(4 + 8 * n) as usize, len: u32_at(8 + 8 * n) as usize }
}

const INDEX: Section = section(0);
const BLOCKS: Section = section(1);
const OLD_INDEX: Section = section(2);
const OLD_BLOCKS: Section = section(3);
const RECORDS: Section = section(4);
const EXTENSIONS: Section = section(5);
const NUMERIC: Section = section(6);
const OLD_NUMERIC: Section = section(7);
const DECOMPOSITIONS: Section = section(8);
const DECOMPOSED: Section = section(9);
const PAIRS: Section = section(10);

#[inline]
fn record(edition: Edition, c: u32) -> usize {
    let (index, blocks) = match edition {
        Edition::Current => (INDEX, BLOCKS),
        Edition::V3_2 => (OLD_INDEX, OLD_BLOCKS),
    };
    let c = if c > 0x10_FFFF { 0xFFFF } else { c as usize };
    let block = usize::from(u16_at(index.start + 2 * (c / BLOCK)));
    let row = usize::from(u16_at(blocks.start + 2 * (block * BLOCK + c % BLOCK)));
    RECORDS.start + row * RECORD_SIZE
}

/// The character's property bits, see [`flag`].
#[inline]
pub fn flags(c: u32) -> u16 {
    u16_at(record(Edition::Current, c) + 4)
}

/// Whether the character has all of the property bits of `mask`.
#[inline]
pub fn has(c: u32, mask: u16) -> bool {
    flags(c) & mask == mask
}

/// The general category, two letters; "Cn" for an unassigned code point.
pub fn category(edition: Edition, c: u32) -> &'static str {
    CATEGORIES[usize::from(TABLES[record(edition, c)])]
}

/// The bidirectional class, empty where none is defined.
pub fn bidirectional(edition: Edition, c: u32) -> &'static str {
    BIDI[usize::from(TABLES[record(edition, c) + 1])]
}

/// The canonical combining class.
#[inline]
pub fn combining(edition: Edition, c: u32) -> u8 {
    TABLES[record(edition, c) + 2]
}

/// The East Asian width: N, F, H, W, Na or A.
pub fn east_asian_width(edition: Edition, c: u32) -> &'static str {
    WIDTHS[usize::from(TABLES[record(edition, c) + 3])]
}

/// Whether the character is mirrored in right-to-left text.
pub fn mirrored(edition: Edition, c: u32) -> bool {
    u16_at(record(edition, c) + 4) & flag::MIRRORED != 0
}

/// Whether the character is assigned (category other than Cn).
pub fn is_assigned(edition: Edition, c: u32) -> bool {
    TABLES[record(edition, c)] != 0
}

/// Full (possibly longer) case mappings of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Full uppercase mapping.
    Upper,
    /// Full lowercase mapping, without regard to context.
    Lower,
    /// Full titlecase mapping.
    Title,
    /// Full case folding.
    Fold,
}

/// One to three code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    chars: [u32; 3],
    len: u8,
}

impl Mapped {
    /// The code points.
    pub fn as_slice(&self) -> &[u32] {
        &self.chars[..usize::from(self.len)]
    }
}

/// The full mapping of `c`.
#[inline]
pub fn map_case(case: Case, c: u32) -> Mapped {
    let field = u32_at(record(Edition::Current, c) + 8 + 4 * case as usize) as i32;
    if field < SPECIAL {
        return Mapped { chars: [c.wrapping_add_signed(field), 0, 0], len: 1 };
    }
    let len = (field >> 24 & 3) as usize;
    let from = EXTENSIONS.start + 4 * (field & 0xFF_FFFF) as usize;
    let mut mapped = Mapped { chars: [0; 3], len: len as u8 };
    for (i, slot) in mapped.chars[..len].iter_mut().enumerate() {
        *slot = u32_at(from + 4 * i);
    }
    mapped
}

/// Binary search for key `c` among a section's rows, which begin with a `u32` key; gives the row's place.
fn find_row(s: Section, row: usize, c: u32) -> Option<usize> {
    let (mut low, mut high) = (0, s.len / row);
    while low < high {
        let mid = low + (high - low) / 2;
        let at = s.start + mid * row;
        match u32_at(at).cmp(&c) {
            std::cmp::Ordering::Equal => return Some(at),
            std::cmp::Ordering::Less => low = mid + 1,
            std::cmp::Ordering::Greater => high = mid,
        }
    }
    None
}

fn numeric_row(edition: Edition, c: u32) -> Option<usize> {
    match edition {
        Edition::V3_2 if !is_assigned(edition, c) => None,
        Edition::V3_2 => find_row(OLD_NUMERIC, 16, c).or_else(|| numeric_row(Edition::Current, c)),
        Edition::Current if !has(c, flag::NUMERIC) => None,
        Edition::Current => find_row(NUMERIC, 16, c),
    }
}

fn small_value(edition: Edition, c: u32, offset: usize) -> Option<u8> {
    let v = TABLES[numeric_row(edition, c)? + offset];
    (v != 255).then_some(v)
}

/// The value of a decimal digit, 0 to 9.
#[inline]
pub fn decimal(edition: Edition, c: u32) -> Option<u8> {
    if c < 0x80 {
        return matches!(c, 0x30..=0x39).then(|| (c - 0x30) as u8);
    }
    small_value(edition, c, 4)
}

/// The value of a digit, decimal or not (as in a superscript), 0 to 9.
pub fn digit(edition: Edition, c: u32) -> Option<u8> {
    small_value(edition, c, 5)
}

/// The numeric value.
pub fn numeric(edition: Edition, c: u32) -> Option<f64> {
    let at = numeric_row(edition, c)? + 8;
    let v = f64::from_bits(u64::from(u32_at(at)) | u64::from(u32_at(at + 4)) << 32);
    (!v.is_nan()).then_some(v)
}

/// One step of decomposition.
#[derive(Clone, Copy)]
pub struct Decomposition {
    /// The compatibility tag, such as `<font>`; empty for a canonical decomposition.
    pub tag: &'static str,
    at: usize,
    len: usize,
}

impl Decomposition {
    /// The code points, which may themselves have a decomposition.
    pub fn code_points(&self) -> impl Iterator<Item = u32> + use<> {
        let at = self.at;
        (0..self.len).map(move |i| u32_at(at + 4 * i))
    }
}

/// The decomposition that the database lists for `c` (none for Hangul syllables, which are computed).
pub fn decomposition(c: u32) -> Option<Decomposition> {
    if c < 0xA0 {
        return None;
    }
    let at = find_row(DECOMPOSITIONS, 8, c)?;
    let from = DECOMPOSED.start + 4 * usize::from(u16_at(at + 4));
    Some(Decomposition { tag: TAGS[usize::from(TABLES[at + 6])], at: from, len: usize::from(TABLES[at + 7]) })
}

/// The primary composite of `first` and `second`, Hangul excepted.
pub fn compose(first: u32, second: u32) -> Option<u32> {
    let (mut low, mut high) = (0, PAIRS.len / 12);
    while low < high {
        let mid = low + (high - low) / 2;
        let at = PAIRS.start + mid * 12;
        match (u32_at(at), u32_at(at + 4)).cmp(&(first, second)) {
            std::cmp::Ordering::Equal => return Some(u32_at(at + 8)),
            std::cmp::Ordering::Less => low = mid + 1,
            std::cmp::Ordering::Greater => high = mid,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_mappings_agree_with_rust_where_both_know_the_character() {
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            let n = u32::from(c);
            for (case, std) in [
                (Case::Upper, c.to_uppercase().map(u32::from).collect::<Vec<_>>()),
                (Case::Lower, c.to_lowercase().map(u32::from).collect()),
            ] {
                let known = is_assigned(Edition::Current, n) && std.iter().all(|&m| is_assigned(Edition::Current, m));
                let expected = if known { std } else { vec![n] };
                assert_eq!(map_case(case, n).as_slice(), expected, "{case:?} {n:x}");
            }
            // Unicode 17.0, which Rust follows, made U+0295 an uncased letter.
            if is_assigned(Edition::Current, n) && n != 0x295 {
                assert_eq!(has(n, flag::LOWER), c.is_lowercase(), "lower {n:x}");
                assert_eq!(has(n, flag::UPPER), c.is_uppercase(), "upper {n:x}");
            }
        }
    }

    #[test]
    fn single_facts() {
        use Edition::{Current, V3_2};
        assert_eq!(category(Current, 0x41), "Lu");
        assert_eq!(category(Current, 0x1C89), "Lu");
        assert_eq!(category(V3_2, 0x1C89), "Cn");
        assert_eq!(category(Current, 0xD800), "Cs");
        assert_eq!(bidirectional(Current, 0x5D0), "R");
        assert_eq!(combining(Current, 0x301), 230);
        assert_eq!(east_asian_width(Current, 0x4E00), "W");
        assert!(mirrored(Current, 0x28) && !mirrored(Current, 0x41));
        assert_eq!(numeric(Current, 0xBD), Some(0.5));
        assert_eq!(digit(Current, 0xB2), Some(2));
        assert_eq!(decimal(Current, 0xB2), None);
        assert_eq!(decimal(Current, 0x663), Some(3));
        assert_eq!(numeric(Current, 0x4E07), Some(10000.0));
        assert_eq!(map_case(Case::Title, 0xDF).as_slice(), [0x53, 0x73]);
        assert_eq!(map_case(Case::Title, 0x1C4).as_slice(), [0x1C5]);
        assert_eq!(map_case(Case::Fold, 0x130).as_slice(), [0x69, 0x307]);
        assert_eq!(map_case(Case::Upper, 0x1FB7).as_slice(), [0x391, 0x342, 0x399]);
        let d = decomposition(0x212B).unwrap();
        assert_eq!((d.tag, d.code_points().collect::<Vec<_>>()), ("", vec![0xC5]));
        assert_eq!(decomposition(0xFDFA).unwrap().code_points().count(), 18);
        assert_eq!(compose(0x41, 0x30A), Some(0xC5));
        assert_eq!(compose(0x915, 0x93C), None, "composition exclusion");
        assert_eq!(category(Current, 0x11_0000), "Cn");
    }
}
