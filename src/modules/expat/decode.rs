//! Bytes of any encoding to UTF-8, piece by piece.

use super::errors::{self, Code};

/// An encoding.
#[derive(Clone)]
pub enum Encoding {
    Utf8,
    Utf16 {
        big: bool,
    },
    Latin1,
    Ascii,
    /// By a table of 256 characters; None: no character.
    Table(Box<[Option<char>; 256]>),
}

/// The encoding of this name, if it is one that the parser knows by itself.
pub fn by_name(name: &str) -> Option<Encoding> {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" => Some(Encoding::Utf8),
        "utf-16" | "utf-16be" => Some(Encoding::Utf16 { big: true }),
        "utf-16le" => Some(Encoding::Utf16 { big: false }),
        "iso-8859-1" => Some(Encoding::Latin1),
        "us-ascii" => Some(Encoding::Ascii),
        _ => None,
    }
}

impl Encoding {
    /// Decodes what is complete at the start of `raw` and adds it to `out`; answers how many bytes that was. An error says
    /// that the character after these is none.
    pub fn decode(&self, raw: &[u8], out: &mut String) -> (usize, Option<Code>) {
        match self {
            Encoding::Utf8 => match std::str::from_utf8(raw) {
                Ok(text) => {
                    out.push_str(text);
                    (raw.len(), None)
                }
                Err(e) => {
                    let good = e.valid_up_to();
                    out.push_str(std::str::from_utf8(&raw[..good]).unwrap_or_default());
                    (good, e.error_len().map(|_| errors::INVALID_TOKEN))
                }
            },
            Encoding::Utf16 { big } => {
                let unit = |i: usize| {
                    let pair = [raw[i], raw[i + 1]];
                    if *big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
                };
                let mut at = 0;
                while at + 1 < raw.len() {
                    let first = unit(at);
                    match first {
                        0xD800..0xDC00 => {
                            if at + 3 >= raw.len() {
                                break;
                            }
                            match char::decode_utf16([first, unit(at + 2)]).next() {
                                Some(Ok(c)) => out.push(c),
                                _ => return (at, Some(errors::INVALID_TOKEN)),
                            }
                            at += 4;
                        }
                        _ => match char::from_u32(u32::from(first)) {
                            Some(c) => {
                                out.push(c);
                                at += 2;
                            }
                            None => return (at, Some(errors::INVALID_TOKEN)),
                        },
                    }
                }
                (at, None)
            }
            Encoding::Latin1 => {
                raw.iter().for_each(|&b| out.push(b as char));
                (raw.len(), None)
            }
            Encoding::Ascii => {
                let good = raw.iter().position(|b| !b.is_ascii()).unwrap_or(raw.len());
                out.extend(raw[..good].iter().map(|&b| b as char));
                (good, (good < raw.len()).then_some(errors::INVALID_TOKEN))
            }
            Encoding::Table(table) => {
                for (i, &b) in raw.iter().enumerate() {
                    match table[b as usize] {
                        Some(c) => out.push(c),
                        None => return (i, Some(errors::INVALID_TOKEN)),
                    }
                }
                (raw.len(), None)
            }
        }
    }

    /// How many bytes a character takes.
    pub fn width(&self, c: char) -> usize {
        match self {
            Encoding::Utf8 => c.len_utf8(),
            Encoding::Utf16 { .. } => c.len_utf16() * 2,
            _ => 1,
        }
    }
}
