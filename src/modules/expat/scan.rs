//! Pieces of markup: names, white space, literals, references.

use super::errors::{self, Code};

pub fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r')
}

fn is_name_start(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '_' | ':' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// Whether a document may contain the character.
pub fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// The length of the name at the start of `text`; 0: there is none.
pub fn name_len(text: &str) -> usize {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, c)) if is_name_start(c) => {}
        _ => return 0,
    }
    chars.find(|(_, c)| !is_name_char(*c)).map_or(text.len(), |(i, _)| i)
}

/// The length of the name token (which may start with any name character).
pub fn token_len(text: &str) -> usize {
    text.char_indices().find(|(_, c)| !is_name_char(*c)).map_or(text.len(), |(i, _)| i)
}

/// The length of the white space at the start.
pub fn space_len(text: &str) -> usize {
    text.bytes().position(|b| !is_space(b)).unwrap_or(text.len())
}

/// A cursor over a complete piece of markup.
pub struct Cursor<'a> {
    pub rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Skips white space; answers whether there was any.
    pub fn space(&mut self) -> bool {
        let n = space_len(self.rest);
        self.rest = &self.rest[n..];
        n > 0
    }

    pub fn name(&mut self) -> Result<&'a str, Code> {
        self.piece(name_len(self.rest))
    }

    pub fn token(&mut self) -> Result<&'a str, Code> {
        self.piece(token_len(self.rest))
    }

    fn piece(&mut self, n: usize) -> Result<&'a str, Code> {
        if n == 0 {
            return Err(errors::INVALID_TOKEN);
        }
        let (piece, rest) = self.rest.split_at(n);
        self.rest = rest;
        Ok(piece)
    }

    /// Skips `text` if it comes next.
    pub fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A literal in quotes.
    pub fn literal(&mut self) -> Result<&'a str, Code> {
        let quote = match self.rest.as_bytes().first() {
            Some(q @ (b'"' | b'\'')) => *q as char,
            _ => return Err(errors::INVALID_TOKEN),
        };
        match self.rest[1..].find(quote) {
            Some(n) => {
                let literal = &self.rest[1..1 + n];
                self.rest = &self.rest[n + 2..];
                Ok(literal)
            }
            None => Err(errors::INVALID_TOKEN),
        }
    }
}

/// The character that the body of a reference such as "#65" or "#x41" names.
pub fn char_ref(body: &str) -> Result<char, Code> {
    let number = match body[1..].strip_prefix('x') {
        Some(hex) if !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(hex, 16).ok(),
        None if body.len() > 1 && body[1..].bytes().all(|b| b.is_ascii_digit()) => body[1..].parse().ok(),
        _ => return Err(errors::INVALID_TOKEN),
    };
    match number.and_then(char::from_u32).filter(|&c| is_char(c)) {
        Some(c) => Ok(c),
        None => Err(errors::BAD_CHAR_REF),
    }
}

/// What the predefined entities stand for.
pub fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

/// The end of a tag or declaration that starts with `<`: the place behind its `>`, which is outside of quotes. None: it is
/// not there yet.
pub fn tag_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(n) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        at += n;
        match bytes[at] {
            b'>' => return Some(at + 1),
            quote => at += 2 + memchr::memchr(quote, &bytes[at + 1..])?,
        }
    }
    None
}
