//! Source text: decoding of bytes, line index, places as lines and columns.

use super::error::{ErrorKind, Extent, Fail, Loc, SyntaxError};
use super::tree::Places;
use crate::bytecode::unit::{Constant, Location};

/// The offsets at which lines start.
pub struct Lines<'s> {
    pub text: &'s str,
    starts: Vec<u32>,
    /// The places of a tree that was not parsed from text.
    made: Option<&'s Places>,
}

impl<'s> Lines<'s> {
    /// Indexes text whose line ends are all `\n`.
    pub fn new(text: &'s str) -> Lines<'s> {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1));
        Lines { text, starts, made: None }
    }

    /// The places of a tree that was made, not parsed.
    pub fn made(places: &'s Places) -> Lines<'s> {
        Lines { text: &places.text, starts: vec![0], made: Some(places) }
    }

    /// The constant that stands at an offset of a made tree.
    pub fn constant(&self, offset: u32) -> Option<&'s Constant> {
        self.made?.constants.get(&offset)
    }

    /// The text that an interpolation at an offset of a made tree shows for its expression.
    pub fn interpolation(&self, offset: u32) -> Option<&'s str> {
        self.made?.interpolations.get(&offset).map(|s| s.as_str())
    }

    /// Whether the places are those of a made tree, whose text says nothing.
    pub fn is_made(&self) -> bool {
        self.made.is_some()
    }

    /// The line that holds an offset, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        if let Some(made) = self.made {
            return made.at(offset).0;
        }
        self.starts.partition_point(|&s| s <= offset) as u32
    }

    /// The offset at which a line (from 1) starts.
    pub fn start(&self, line: u32) -> u32 {
        if let Some(made) = self.made {
            return made.starts.get(&line).copied().unwrap_or(0);
        }
        self.starts[(line as usize).clamp(1, self.starts.len()) - 1]
    }

    /// How many lines there are.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// A line's text with its newline.
    pub fn line_text(&self, line: u32) -> &'s str {
        let start = self.start(line) as usize;
        let end = self.starts.get(line as usize).map_or(self.text.len(), |&e| e as usize);
        &self.text[start..end]
    }

    /// The place as lines and byte columns.
    pub fn location(&self, loc: Loc) -> Location {
        if loc.is_none() {
            return Location { line: 0, end_line: 0, column: -1, end_column: -1 };
        }
        if let Some(made) = self.made {
            let ((line, column), (end_line, end_column)) = (made.at(loc.start), made.at(loc.end));
            return Location { line, end_line, column, end_column };
        }
        let line = self.line(loc.start);
        let end_line = if loc.end < self.starts.get(line as usize).copied().unwrap_or(u32::MAX) {
            line
        } else {
            self.line(loc.end)
        };
        Location {
            line,
            end_line,
            column: (loc.start - self.start(line)) as i32,
            end_column: (loc.end - self.start(end_line)) as i32,
        }
    }

    /// Line and column (both from 1, the column in characters) of an offset.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        if let Some(made) = self.made {
            let (line, column) = made.at(offset);
            return (line, (column + 1).max(0) as u32);
        }
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line(offset as u32);
        let column = self.text[self.start(line) as usize..offset].chars().count() as u32 + 1;
        (line, column)
    }

    /// Finishes an error: its place becomes lines, columns and the line's text.
    pub fn finish(&self, fail: Fail) -> SyntaxError {
        let mut error = SyntaxError {
            kind: fail.kind,
            message: fail.message,
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            text: None,
            incomplete: fail.incomplete,
        };
        if !fail.loc.is_none() {
            (error.line, error.column) = self.position(fail.loc.start);
            let newline =
                fail.loc.end > fail.loc.start && self.text.as_bytes().get(fail.loc.end as usize - 1) == Some(&b'\n');
            // A newline ends on its own line.
            let (end_line, end_column) = self.position(fail.loc.end - u32::from(newline));
            (error.end_line, error.end_column) = (end_line, end_column as i32 + i32::from(newline));
            match fail.extent {
                Extent::Range => {}
                Extent::Point => (error.end_line, error.end_column) = (error.line, 0),
                Extent::Start => (error.end_line, error.end_column) = (error.line, -1),
                Extent::Behind => {
                    if error.column == 1 && error.line > 1 && fail.loc.start as usize == self.text.len() {
                        error.line -= 1;
                        error.column = self.line_text(error.line).chars().count() as u32 + 1;
                    }
                    error.column -= 1;
                    (error.end_line, error.end_column) = (error.line, -1);
                }
            }
            if self.made.is_some() {
                return error;
            }
            let mut text = self.line_text(error.line).to_owned();
            if fail.passed {
                text.truncate(text.trim_end_matches('\n').len());
            } else if !text.ends_with('\n') {
                text.push('\n');
            }
            error.text = Some(text);
        }
        error
    }
}

/// Turns `\r\n` and `\r` into `\n`, as Python reads source.
pub fn normalise_newlines(source: &str) -> std::borrow::Cow<'_, str> {
    if memchr::memchr(b'\r', source.as_bytes()).is_none() {
        return source.into();
    }
    source.replace("\r\n", "\n").replace('\r', "\n").into()
}

fn plain(kind: ErrorKind, message: String, line: u32, column: u32, text: Option<String>) -> SyntaxError {
    SyntaxError { kind, message, line, column, end_line: line, end_column: column as i32, text, incomplete: false }
}

/// The encoding that a PEP 263 cookie in the line names, if it holds one.
fn cookie(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    let line = line.strip_prefix(b"\x0c").unwrap_or(line);
    if line.first() != Some(&b'#') {
        return None;
    }
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&line[at..], b"coding") {
        let mut rest = &line[at + found + 6..];
        if matches!(rest.first(), Some(b':' | b'=')) {
            rest = &rest[1..];
            while matches!(rest.first(), Some(b' ' | b'\t')) {
                rest = &rest[1..];
            }
            let end = rest
                .iter()
                .position(|&b| !(b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')))
                .unwrap_or(rest.len());
            if end > 0 {
                return Some(&rest[..end]);
            }
        }
        at += found + 6;
    }
    None
}

/// The encoding that a cookie in the first two lines names (PEP 263), in its short spelling.
pub fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let mut lines = bytes.split(|&b| b == b'\n' || b == b'\r');
    let first = lines.next().unwrap_or(b"");
    let name = cookie(first).or_else(|| {
        let blank = first.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\x0c')).is_none_or(|&b| b == b'#');
        if blank { lines.next().and_then(cookie) } else { None }
    })?;
    let lower: String = name.iter().map(|&b| if b == b'_' { '-' } else { b.to_ascii_lowercase() as char }).collect();
    let is = |names: &[&str]| {
        names.iter().any(|n| lower == *n || (lower.starts_with(n) && lower[n.len()..].starts_with('-')))
    };
    Some(if is(&["utf-8"]) {
        "utf-8".into()
    } else if is(&["latin-1", "iso-8859-1", "iso-latin-1"]) || lower == "latin1" {
        "iso-8859-1".into()
    } else if matches!(lower.as_str(), "ascii" | "us-ascii") {
        "ascii".into()
    } else {
        String::from_utf8_lossy(name).into_owned()
    })
}

/// The encoding that a source asks for, if it is one that `decode_source` leaves to Python's codecs.
pub fn foreign_encoding(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return None;
    }
    declared_encoding(bytes).filter(|name| !matches!(&**name, "utf-8" | "utf8" | "iso-8859-1"))
}

/// Decodes a source file: byte-order mark, PEP 263 cookie, null bytes. Raises SyntaxError.
pub fn decode_source(bytes: &[u8]) -> Result<String, SyntaxError> {
    let (bom, body) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (true, rest),
        None => (false, bytes),
    };
    if let Some(at) = memchr::memchr(0, body) {
        let line = memchr::memchr_iter(b'\n', &body[..at]).count() as u32 + 1;
        return Err(plain(ErrorKind::Syntax, "source code cannot contain null bytes".into(), line, 0, None));
    }
    let encoding = declared_encoding(body);
    match encoding.as_deref() {
        Some(other) if bom && other != "utf-8" => {
            Err(plain(ErrorKind::Syntax, format!("encoding problem: {other} with BOM"), 1, 0, None))
        }
        None | Some("utf-8" | "utf8") => match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(not_utf8(body, error.valid_up_to(), encoding.is_some())),
        },
        Some("iso-8859-1") => Ok(body.iter().map(|&b| b as char).collect()),
        Some("ascii") => match body.iter().position(|b| !b.is_ascii()) {
            None => Ok(String::from_utf8_lossy(body).into_owned()),
            Some(at) => Err(plain(
                ErrorKind::Syntax,
                format!(
                    "(unicode error) 'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                    body[at]
                ),
                0,
                0,
                None,
            )),
        },
        Some(other) => {
            let text = format!("unknown encoding: {other}");
            Err(plain(ErrorKind::Syntax, text, 0, 0, None))
        }
    }
}

fn not_utf8(body: &[u8], at: usize, declared: bool) -> SyntaxError {
    let line = memchr::memchr_iter(b'\n', &body[..at]).count() as u32 + 1;
    let byte = body[at];
    if declared {
        let reason = if (0xc2..=0xf4).contains(&byte) { "invalid continuation byte" } else { "invalid start byte" };
        let message =
            format!("(unicode error) 'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: {reason}");
        return plain(ErrorKind::Syntax, message, line, 0, None);
    }
    let message = format!(
        "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding declared; see https://peps.python.org/pep-0263/ for details"
    );
    plain(ErrorKind::Syntax, message, line, 1, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_name_encodings() {
        assert_eq!(declared_encoding(b"# -*- coding: Latin-1 -*-\n").as_deref(), Some("iso-8859-1"));
        assert_eq!(declared_encoding(b"#!/bin/x\n# vim: set fileencoding=utf_8 :\n").as_deref(), Some("utf-8"));
        assert_eq!(declared_encoding(b"x = 1\n# coding: ascii\n"), None);
        assert_eq!(decode_source(b"# coding: latin-1\n'\xe9'").unwrap(), "# coding: latin-1\n'\u{e9}'");
    }

    #[test]
    fn bad_bytes_are_syntax_errors() {
        let error = decode_source(b"a\n\xff").unwrap_err();
        assert!(error.message.starts_with("Non-UTF-8 code starting with '\\xff' on line 2,"), "{}", error.message);
        assert_eq!(decode_source(b"a\0").unwrap_err().message, "source code cannot contain null bytes");
        assert_eq!(
            decode_source(b"\xef\xbb\xbf# coding: latin-1\n").unwrap_err().message,
            "encoding problem: iso-8859-1 with BOM"
        );
    }

    #[test]
    fn places_become_lines_and_columns() {
        let lines = Lines::new("ab\ncdé f\n");
        assert_eq!(lines.position(7), (2, 4));
        let l = lines.location(Loc { start: 1, end: 5 });
        assert_eq!((l.line, l.column, l.end_line, l.end_column), (1, 1, 2, 2));
    }
}
