//! Parsing for `str.format`: literal text and replacement fields, and the path inside a field name.

use super::ucd::{self, Edition};
use crate::object::text::TextRef;

/// A half-open range of positions in the template.
pub type Span = (usize, usize);

/// A replacement field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// What is looked up: `0.name[key]`.
    pub name: Span,
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// What follows `:`; empty without one.
    pub spec: Span,
    /// Whether `spec` holds fields itself.
    pub nested: bool,
}

/// Literal text (braces already single), then perhaps a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The literal text; may be empty.
    pub literal: Span,
    /// The field after it.
    pub field: Option<Field>,
}

/// Iterator over the pieces of a template. An error, the message of a `ValueError`, ends it.
pub struct Pieces<'a> {
    text: TextRef<'a>,
    at: usize,
    end: usize,
}

const OPEN: u32 = b'{' as u32;
const CLOSE: u32 = b'}' as u32;

impl<'a> Pieces<'a> {
    /// The pieces of `text[span]`; positions in the results are positions in `text`.
    pub fn new(text: TextRef<'a>, span: Span) -> Pieces<'a> {
        Pieces { text, at: span.0, end: span.1 }
    }

    /// Where the next piece begins.
    pub fn position(&self) -> usize {
        self.at
    }

    fn next_char(&mut self) -> Option<u32> {
        if self.at == self.end {
            return None;
        }
        self.at += 1;
        Some(self.text.at(self.at - 1))
    }

    fn piece(&mut self) -> Result<Piece, &'static str> {
        let start = self.at;
        let brace = loop {
            match self.next_char() {
                None => return Ok(Piece { literal: (start, self.at), field: None }),
                Some(c @ (OPEN | CLOSE)) => break c,
                Some(_) => {}
            }
        };
        if self.at < self.end && self.text.at(self.at) == brace {
            // A doubled brace stands for itself: it is the last character of this literal.
            self.at += 1;
            return Ok(Piece { literal: (start, self.at - 1), field: None });
        }
        if brace == CLOSE {
            return Err("Single '}' encountered in format string");
        }
        if self.at == self.end {
            return Err("Single '{' encountered in format string");
        }
        let literal = (start, self.at - 1);
        Ok(Piece { literal, field: Some(self.field()?) })
    }

    fn field(&mut self) -> Result<Field, &'static str> {
        let start = self.at;
        let mut stop = None;
        while let Some(c) = self.next_char() {
            match char::from_u32(c) {
                Some('{') => return Err("unexpected '{' in field name"),
                Some('[') => {
                    while self.at < self.end && self.text.at(self.at) != u32::from(']') {
                        self.at += 1;
                    }
                }
                Some('}' | ':' | '!') => {
                    stop = Some(c);
                    break;
                }
                _ => {}
            }
        }
        let Some(stop) = stop else { return Err("expected '}' before end of string") };
        let mut field = Field { name: (start, self.at - 1), conversion: None, spec: (self.at, self.at), nested: false };
        if stop == CLOSE {
            return Ok(field);
        }
        if stop == u32::from('!') {
            field.conversion = Some(self.next_char().ok_or("end of string while looking for conversion specifier")?);
            match self.next_char() {
                Some(CLOSE) => {
                    field.spec = (self.at, self.at);
                    return Ok(field);
                }
                Some(c) if c != u32::from(':') => return Err("expected ':' after conversion specifier"),
                _ => {}
            }
        }
        let start = self.at;
        let mut depth = 1;
        while let Some(c) = self.next_char() {
            if c == OPEN {
                field.nested = true;
                depth += 1;
            } else if c == CLOSE {
                depth -= 1;
                if depth == 0 {
                    field.spec = (start, self.at - 1);
                    return Ok(field);
                }
            }
        }
        Err("unmatched '{' in format spec")
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<Piece, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.end {
            return None;
        }
        let piece = self.piece();
        if piece.is_err() {
            self.at = self.end;
        }
        Some(piece)
    }
}

/// A key of a field name: a number where all of it is decimal digits, else text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A number.
    Index(usize),
    /// The text in this range; may be empty.
    Name(Span),
}

/// A step from one object to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Attribute(Span),
    /// `[key]`
    Item(Key),
}

fn key(text: TextRef<'_>, span: Span) -> Result<Key, &'static str> {
    if span.0 == span.1 {
        return Ok(Key::Name(span));
    }
    let mut n = 0usize;
    for c in text.slice(span.0, span.1).code_points() {
        let Some(d) = ucd::decimal(Edition::Current, c) else { return Ok(Key::Name(span)) };
        n = n
            .checked_mul(10)
            .and_then(|n| n.checked_add(usize::from(d)))
            .filter(|&n| n <= isize::MAX as usize)
            .ok_or("Too many decimal digits in format string")?;
    }
    Ok(Key::Index(n))
}

/// Splits a field name into its first key and the iterator over the steps after it. Errors are `ValueError` messages.
pub fn split_name(text: TextRef<'_>, span: Span) -> Result<(Key, Steps<'_>), &'static str> {
    let stop = |&i: &usize| matches!(text.at(i), 0x2E | 0x5B);
    let end = (span.0..span.1).find(stop).unwrap_or(span.1);
    Ok((key(text, (span.0, end))?, Steps { text, at: end, end: span.1 }))
}

/// Iterator over the steps of a field name; an error ends it.
pub struct Steps<'a> {
    text: TextRef<'a>,
    at: usize,
    end: usize,
}

impl<'a> Steps<'a> {
    /// The steps in `text[span]`.
    pub fn new(text: TextRef<'a>, span: Span) -> Steps<'a> {
        Steps { text, at: span.0, end: span.1 }
    }

    /// Where the next step begins.
    pub fn position(&self) -> usize {
        self.at
    }

    fn step(&mut self) -> Result<Step, &'static str> {
        let opening = self.text.at(self.at);
        let start = self.at + 1;
        let empty = "Empty attribute in format string";
        if opening == u32::from('.') {
            let end = (start..self.end).find(|&i| matches!(self.text.at(i), 0x2E | 0x5B)).unwrap_or(self.end);
            self.at = end;
            return if end == start { Err(empty) } else { Ok(Step::Attribute((start, end))) };
        }
        if opening != u32::from('[') {
            return Err("Only '.' or '[' may follow ']' in format field specifier");
        }
        let Some(end) = (start..self.end).find(|&i| self.text.at(i) == u32::from(']')) else {
            return Err("Missing ']' in format string");
        };
        self.at = end + 1;
        if end == start { Err(empty) } else { Ok(Step::Item(key(self.text, (start, end))?)) }
    }
}

impl Iterator for Steps<'_> {
    type Item = Result<Step, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.end {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.at = self.end;
        }
        Some(step)
    }
}

/// Hands out automatic field numbers and notices when a template mixes them with explicit ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoNumber {
    automatic: Option<bool>,
    next: usize,
}

impl AutoNumber {
    /// The key to look up for a field that begins with `first`: an empty name takes the next number.
    pub fn resolve(&mut self, first: Key) -> Result<Key, &'static str> {
        let empty = matches!(first, Key::Name((a, b)) if a == b);
        if !empty && matches!(first, Key::Name(_)) {
            return Ok(first);
        }
        match self.automatic.replace(empty) {
            Some(false) if empty => {
                return Err("cannot switch from manual field specification to automatic field numbering");
            }
            Some(true) if !empty => {
                return Err("cannot switch from automatic field numbering to manual field specification");
            }
            _ => {}
        }
        if !empty {
            return Ok(first);
        }
        self.next += 1;
        Ok(Key::Index(self.next - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::text::TextBuf;

    /// Pieces as `_string.formatter_parser` shows them.
    fn show(s: &str) -> String {
        let buf = TextBuf::from_str(s);
        let text = |(a, b): Span| buf.view().slice(a, b).to_utf8_lossy().into_owned();
        let mut out = vec![];
        for p in Pieces::new(buf.view(), (0, buf.len())) {
            match p {
                Err(e) => out.push(e.to_string()),
                Ok(Piece { literal, field: None }) => out.push(text(literal)),
                Ok(Piece { literal, field: Some(f) }) => {
                    let conversion = f.conversion.and_then(char::from_u32).map_or("-".into(), |c| c.to_string());
                    out.push(format!("{}<{}|{}|{}>", text(literal), text(f.name), text(f.spec), conversion));
                }
            }
        }
        out.join(" ")
    }

    #[test]
    fn pieces_match_cpython() {
        for (s, expected) in [
            ("ab{0!r:>{w}}c", "ab<0|>{w}|r> c"),
            ("{{x}}", "{ x}"),
            ("{a[}]}", "<a[}]||->"),
            ("{a.b:}", "<a.b||->"),
            ("{!s}", "<||s>"),
            ("}", "Single '}' encountered in format string"),
            ("a{", "Single '{' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a{b}}", "unexpected '{' in field name"),
            ("{a!", "end of string while looking for conversion specifier"),
            ("{a!rx}", "expected ':' after conversion specifier"),
            ("{a!r", "unmatched '{' in format spec"),
            ("{a:{b}", "unmatched '{' in format spec"),
        ] {
            assert_eq!(show(s), expected, "{s}");
        }
    }

    #[test]
    fn names_match_cpython() {
        let split = |s: &str| {
            let buf = TextBuf::from_str(s);
            match split_name(buf.view(), (0, buf.len())) {
                Ok((first, steps)) => format!("{first:?} {:?}", steps.collect::<Vec<_>>()),
                Err(e) => e.to_string(),
            }
        };
        assert_eq!(
            split("12.ab[3][k]"),
            "Index(12) [Ok(Attribute((3, 5))), Ok(Item(Index(3))), Ok(Item(Name((9, 10))))]"
        );
        assert_eq!(split(""), "Name((0, 0)) []");
        assert_eq!(split("a."), "Name((0, 1)) [Err(\"Empty attribute in format string\")]");
        assert_eq!(split("a[]"), "Name((0, 1)) [Err(\"Empty attribute in format string\")]");
        assert_eq!(split("a[b"), "Name((0, 1)) [Err(\"Missing ']' in format string\")]");
        assert!(
            split("a[b]c").ends_with(
                "[Ok(Item(Name((2, 3)))), Err(\"Only '.' or '[' may follow ']' in format field specifier\")]"
            )
        );
        assert_eq!(split("99999999999999999999"), "Too many decimal digits in format string");
    }

    #[test]
    fn numbering_does_not_mix() {
        let mut auto = AutoNumber::default();
        assert_eq!(auto.resolve(Key::Name((0, 0))), Ok(Key::Index(0)));
        assert_eq!(auto.resolve(Key::Name((0, 2))), Ok(Key::Name((0, 2))));
        assert_eq!(auto.resolve(Key::Name((1, 1))), Ok(Key::Index(1)));
        assert!(auto.resolve(Key::Index(0)).unwrap_err().starts_with("cannot switch from automatic"));
    }
}
