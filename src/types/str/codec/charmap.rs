//! Table-driven codecs: most of the standard library's `encodings` are a table of 256 characters.

use super::{DecodeErrors, Decoded, Decoding, EncodeErrors, EncodeProblem, Substitute};
use crate::object::text::{TextBuf, TextRef};

const REASON: &str = "character maps to <undefined>";

/// What a decoding table says about a byte.
pub enum DecodedByte {
    /// Nothing.
    Undefined,
    /// One code point.
    Char(u32),
    /// Any text.
    Text(TextBuf),
}

/// Decodes byte by byte through `lookup`.
pub fn decode<H: DecodeErrors>(
    input: &[u8],
    mut lookup: impl FnMut(u8) -> Result<DecodedByte, H::Error>,
    errors: &mut H,
) -> Decoded<H::Error> {
    let mut d = Decoding::new("charmap", input, errors);
    while d.pos < d.input.len() {
        match lookup(d.input[d.pos])? {
            DecodedByte::Undefined => d.fail(d.pos, d.pos + 1, REASON)?,
            DecodedByte::Char(c) => {
                d.out.push(c);
                d.pos += 1;
            }
            DecodedByte::Text(t) => {
                d.out.push_text(t.view());
                d.pos += 1;
            }
        }
    }
    d.done()
}

/// [`decode`] with a table of characters, in which U+FFFE (and what is missing at the end) means undefined.
pub fn decode_table<H: DecodeErrors>(input: &[u8], table: TextRef<'_>, errors: &mut H) -> Decoded<H::Error> {
    let lookup = |b: u8| {
        Ok(match table.get(usize::from(b)) {
            None | Some(0xFFFE) => DecodedByte::Undefined,
            Some(c) => DecodedByte::Char(c),
        })
    };
    decode(input, lookup, errors)
}

/// Encodes through `lookup`, which appends a code point's bytes to the output or gives `false`.
pub fn encode<H: EncodeErrors>(
    text: TextRef<'_>,
    mut lookup: impl FnMut(u32, &mut Vec<u8>) -> Result<bool, H::Error>,
    errors: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if lookup(text.at(at), &mut out)? {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        let mut scratch = Vec::new();
        while end < text.len() && !lookup(text.at(end), &mut scratch)? {
            end += 1;
        }
        let problem = EncodeProblem { encoding: "charmap", text, start: at, end, reason: REASON };
        let (substitute, resume) = errors.fix(&problem)?;
        match substitute {
            Substitute::Bytes(b) => out.extend_from_slice(&b),
            Substitute::Text(t) => {
                for c in t.view().code_points() {
                    if !lookup(c, &mut out)? {
                        return Err(errors.strict(&problem));
                    }
                }
            }
        }
        at = resume;
    }
    Ok(out)
}

/// The inverse of a decoding table of up to 256 characters, for encoding; `codecs.charmap_build` makes one.
pub struct EncodingMap {
    /// (code point, byte), sorted; of characters that occur twice the last byte counts.
    pairs: Vec<(u32, u8)>,
}

impl EncodingMap {
    /// Inverts `table`, leaving out U+FFFE. Only the first 256 characters count.
    pub fn build(table: TextRef<'_>) -> EncodingMap {
        let mut pairs: Vec<(u32, u8)> =
            table.code_points().take(256).zip(0u8..=255).filter(|&(c, _)| c != 0xFFFE).collect();
        pairs.sort_by_key(|&(c, b)| (c, std::cmp::Reverse(b)));
        pairs.dedup_by_key(|&mut (c, _)| c);
        EncodingMap { pairs }
    }

    /// The byte for `c`.
    pub fn get(&self, c: u32) -> Option<u8> {
        // Most tables begin with ASCII, where the code point is its own position.
        match self.pairs.get(c as usize) {
            Some(&(d, b)) if d == c => Some(b),
            _ => self.pairs.binary_search_by_key(&c, |&(d, _)| d).ok().map(|i| self.pairs[i].1),
        }
    }

    /// Memory taken, in bytes.
    pub fn size(&self) -> usize {
        size_of::<Self>() + self.pairs.len() * size_of::<(u32, u8)>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::handlers::Builtin;
    use super::super::tests::Named;
    use super::*;

    #[test]
    fn round_trip_and_errors() {
        let table: TextBuf = (0..128u32).chain([0x20AC, 0xFFFE, 0x201A]).collect();
        let map = EncodingMap::build(table.view());
        let enc = |s: &str, e| {
            let lookup = |c, out: &mut Vec<u8>| Ok(map.get(c).map(|b| out.push(b)).is_some());
            encode(TextBuf::from_str(s).view(), lookup, &mut Named(e))
        };
        assert_eq!(enc("a\u{20ac}\u{201a}", Builtin::Strict).unwrap(), b"a\x80\x82");
        assert_eq!(enc("\u{e9}\u{e8}b", Builtin::Strict).unwrap_err(), "charmap:0:2:character maps to <undefined>");
        assert_eq!(enc("\u{e9}b", Builtin::XmlCharRefReplace).unwrap(), b"&#233;b");
        let dec = |b: &[u8], e| decode_table(b, table.view(), &mut Named(e)).map(|(t, _)| t);
        assert_eq!(*dec(b"a\x80\x82", Builtin::Strict).unwrap(), TextBuf::from_str("a\u{20ac}\u{201a}"));
        assert_eq!(dec(b"\x81", Builtin::Strict).unwrap_err(), "charmap:0:1:character maps to <undefined>");
        assert_eq!(*dec(b"\x81\xff", Builtin::Replace).unwrap(), TextBuf::from_str("\u{fffd}\u{fffd}"));
    }
}
