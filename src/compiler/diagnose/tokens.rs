//! The tokens of a source that does not parse, found as CPython finds them, with its errors.

use crate::compiler::error::{ErrorKind, Fail, Loc};
use crate::compiler::source::Lines;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Name,
    Number,
    /// A whole string literal without interpolations.
    String,
    /// The opening, a literal part and the closing of an f-string or t-string.
    FStringStart,
    FStringMiddle,
    FStringEnd,
    Op,
    Newline,
    Indent,
    Dedent,
    /// The colon that begins the format specification of a field.
    SpecColon,
    /// A comment, and a line end that ends no statement: only listed on request.
    Comment,
    LineEnd,
    /// Where the tokenizer stops with an error.
    Error,
    End,
}

/// A token with its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    pub kind: Kind,
    pub loc: Loc,
    /// The nesting of brackets around it.
    pub level: u32,
}

/// What scanning found.
pub struct Scan {
    /// Ends with `End`, or with `Error`.
    pub tokens: Vec<Token>,
    pub error: Option<Box<Fail>>,
    /// The error counts only if the parser gets there; others come before any error of the parser.
    pub quiet: bool,
    /// Brackets that are never closed, outermost first: character and offset.
    pub open: Vec<(char, u32)>,
}

/// What CPython says of a source that ends behind a backslash.
pub const UNEXPECTED_EOF: &str = "unexpected EOF while parsing";

/// The most brackets that may nest.
pub const MAX_BRACKETS: usize = 200;
/// The most levels of indentation.
pub const MAX_INDENTS: usize = 100;
/// The most f-strings that may nest.
const MAX_FSTRINGS: usize = 150;

type Step<T = ()> = Result<T, Box<Fail>>;

struct FString {
    quote: u8,
    triple: bool,
    raw: bool,
    kind: char,
    start: u32,
    /// Within a format specification, which is literal text again.
    spec: bool,
    /// Nesting of interpolations (a specification's fields nest).
    fields: Vec<(usize, bool)>,
}

struct Scanner<'s, 'l> {
    lines: &'l Lines<'s>,
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    tokens: Vec<Token>,
    brackets: Vec<(char, u32)>,
    indents: Vec<(u32, u32)>,
    line_start: bool,
    blank: bool,
    fstrings: Vec<FString>,
    quiet: bool,
    /// Lists comments and line ends too, and lets pass what only the parser must refuse: for `tokenize`.
    all: bool,
}

/// Scans a source.
pub fn scan(lines: &Lines) -> Scan {
    scan_as(lines, false)
}

/// Scans a source; `all` lists comments and line ends too and lets pass what `tokenize` lets pass.
pub fn scan_as(lines: &Lines, all: bool) -> Scan {
    let mut scanner = Scanner {
        lines,
        text: lines.text,
        bytes: lines.text.as_bytes(),
        at: 0,
        tokens: Vec::new(),
        brackets: Vec::new(),
        indents: vec![(0, 0)],
        line_start: true,
        blank: true,
        fstrings: Vec::new(),
        quiet: false,
        all,
    };
    let error = scanner.run().err();
    if error.is_some() {
        scanner.push(Kind::Error, scanner.at.min(lines.text.len()), lines.text.len());
    }
    Scan { tokens: scanner.tokens, error, quiet: scanner.quiet, open: scanner.brackets }
}

fn is_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_part(c: char) -> bool {
    is_start(c) || c.is_ascii_digit()
}

impl Scanner<'_, '_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn char(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let loc = Loc { start: start as u32, end: end as u32 };
        self.tokens.push(Token { kind, loc, level: self.brackets.len() as u32 });
    }

    /// An error that points at the last character read.
    fn error<T>(&self, message: impl Into<String>) -> Step<T> {
        let mut at = self.at.saturating_sub(1);
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        Err(Fail::new(Loc::at(at as u32), message))
    }

    fn error_at<T>(&self, at: usize, message: impl Into<String>) -> Step<T> {
        Err(Fail::new(Loc::at(at as u32), message))
    }

    fn run(&mut self) -> Step {
        loop {
            if let Some(f) = self.fstrings.last()
                && (f.fields.is_empty() || f.spec)
            {
                self.literal_part()?;
                continue;
            }
            if self.line_start {
                self.line_start = false;
                self.indentation()?;
            }
            while matches!(self.peek(0), b' ' | b'\t' | b'\x0c') && self.at < self.bytes.len() {
                self.at += 1;
            }
            if self.peek(0) == b'#' {
                let start = self.at;
                while self.at < self.bytes.len() && self.peek(0) != b'\n' {
                    self.at += 1;
                }
                if self.all {
                    self.push(Kind::Comment, start, self.at);
                }
            }
            let start = self.at;
            let Some(c) = self.char() else { return self.end() };
            match c {
                '\n' => {
                    self.at += 1;
                    if self.brackets.is_empty() && !self.blank {
                        self.push(Kind::Newline, start, start + 1);
                    } else if self.all {
                        self.push(Kind::LineEnd, start, start + 1);
                    }
                    if self.brackets.is_empty() {
                        self.line_start = true;
                        self.blank = true;
                    }
                }
                '\\' => {
                    self.at += 1;
                    if self.at == self.bytes.len() {
                        return self.continued_end();
                    }
                    if self.peek(0) != b'\n' {
                        self.at += 1;
                        self.quiet = true;
                        return self
                            .error("unexpected character after line continuation character")
                            .map_err(|e: Box<Fail>| e.point());
                    }
                    self.at += 1;
                    if self.at == self.bytes.len() {
                        return self.continued_end();
                    }
                }
                _ if is_start(c) => self.name_or_string()?,
                '0'..='9' => self.number()?,
                '.' if self.peek(1).is_ascii_digit() => self.number()?,
                '\'' | '"' => self.string(start)?,
                _ => self.operator(c)?,
            }
            if start != self.at && c != '\n' && c != '\\' {
                self.blank = false;
            }
        }
    }

    /// The source ends behind a backslash.
    fn continued_end(&mut self) -> Step {
        self.quiet = true;
        let fail = Fail::new(Loc::at(self.text.len() as u32), UNEXPECTED_EOF);
        Err(fail.behind().incomplete(true))
    }

    fn end(&mut self) -> Step {
        let end = self.at;
        if !self.brackets.is_empty() {
            self.push(Kind::End, end, end);
            return Ok(());
        }
        if !self.blank {
            self.push(Kind::Newline, end, end);
        }
        while self.indents.len() > 1 {
            self.indents.pop();
            self.push(Kind::Dedent, end, end);
        }
        self.push(Kind::End, end, end);
        Ok(())
    }

    fn indentation(&mut self) -> Step {
        let start = self.at;
        // With tabs of 8 columns, and of 1: both must agree on what is deeper.
        let (mut column, mut alternate) = (0, 0);
        // Indentation is not split over lines: what stands before the first backslash counts, unless that is nothing.
        let mut first_line = (0, 0);
        loop {
            match self.peek(0) {
                b' ' => {
                    column += 1;
                    alternate += 1;
                }
                b'\t' => {
                    column = (column / 8 + 1) * 8;
                    alternate += 1;
                }
                b'\x0c' => (column, alternate) = (0, 0),
                b'\\' if self.peek(1) == b'\n' => {
                    if first_line.0 == 0 {
                        first_line = (column, alternate);
                    }
                    self.at += 2;
                    if self.at == self.bytes.len() {
                        return self.continued_end();
                    }
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        if first_line.0 != 0 {
            (column, alternate) = first_line;
        }
        if matches!(self.peek(0), b'#' | b'\n') || self.at >= self.bytes.len() {
            return Ok(());
        }
        if !self.brackets.is_empty() {
            return Ok(());
        }
        let &(top, top_alternate) = self.indents.last().unwrap_or(&(0, 0));
        let inconsistent = |s: &mut Self| -> Step {
            s.quiet = true;
            let line = s.lines.start(s.lines.line(s.at as u32));
            let message = "inconsistent use of tabs and spaces in indentation";
            Err(Fail::new(Loc::at(line), message).kind(ErrorKind::Tab).point())
        };
        if column == top {
            if alternate != top_alternate {
                return inconsistent(self);
            }
        } else if column > top {
            if self.indents.len() >= MAX_INDENTS {
                self.quiet = true;
                let line = self.lines.line(self.at as u32);
                let end = self.lines.start(line) + self.lines.line_text(line).len() as u32;
                return Err(Fail::new(Loc::at(end), "too many levels of indentation").kind(ErrorKind::Indentation));
            }
            if alternate <= top_alternate {
                return inconsistent(self);
            }
            self.indents.push((column, alternate));
            self.push(Kind::Indent, start, self.at);
        } else {
            while self.indents.len() > 1 && self.indents.last().is_some_and(|i| column < i.0) {
                self.indents.pop();
                self.push(Kind::Dedent, self.at, self.at);
            }
            let &(top, top_alternate) = self.indents.last().unwrap_or(&(0, 0));
            if column != top {
                self.quiet = true;
                let line = self.lines.line(self.at as u32);
                let end = self.lines.start(line) + self.lines.line_text(line).trim_end_matches('\n').len() as u32;
                return Err(Fail::new(Loc::at(end), "unindent does not match any outer indentation level")
                    .kind(ErrorKind::Indentation)
                    .endless());
            }
            if alternate != top_alternate {
                return inconsistent(self);
            }
        }
        Ok(())
    }

    fn name_or_string(&mut self) -> Step {
        let start = self.at;
        while let Some(c) = self.char() {
            if !is_part(c) {
                break;
            }
            self.at += c.len_utf8();
            let prefix = &self.bytes[start..self.at];
            let quote = matches!(self.peek(0), b'\'' | b'"');
            if quote && prefix.len() <= 3 && prefix.iter().all(|b| b"rRbBuUfFtT".contains(b)) {
                return self.prefixed_string(start);
            }
        }
        if !self.all
            && let Some((i, c)) = self.text[start..self.at].char_indices().find(|(i, c)| !identifier_char(*c, *i == 0))
        {
            let at = start + i;
            let printable = !c.is_control() && !c.is_whitespace() && !invisible(c);
            let message = if printable {
                format!("invalid character '{c}' (U+{:04X})", c as u32)
            } else {
                format!("invalid non-printable character U+{:04X}", c as u32)
            };
            return self.error_at(at, message);
        }
        self.push(Kind::Name, start, self.at);
        Ok(())
    }

    fn prefixed_string(&mut self, start: usize) -> Step {
        let prefix = self.text[start..self.at].to_ascii_lowercase();
        let has = |c| prefix.contains(c);
        let clash = [('u', 'b'), ('u', 'r'), ('u', 'f'), ('u', 't'), ('b', 'f'), ('b', 't'), ('f', 't')]
            .into_iter()
            .find(|&(a, b)| has(a) && has(b));
        if let Some((a, b)) = clash {
            let message = format!("'{a}' and '{b}' prefixes are incompatible");
            return Err(Fail::new(Loc { start: start as u32, end: self.at as u32 }, message));
        }
        if !(has('f') || has('t')) {
            return self.string(start);
        }
        if self.fstrings.len() >= MAX_FSTRINGS {
            return self.error("too many nested f-strings or t-strings");
        }
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        self.push(Kind::FStringStart, start, self.at);
        self.fstrings.push(FString {
            quote,
            triple,
            raw: has('r'),
            kind: if has('f') { 'f' } else { 't' },
            start: start as u32,
            spec: false,
            fields: Vec::new(),
        });
        self.blank = false;
        Ok(())
    }

    /// A string whose quotes begin at the present place and whose prefix begins at `start`.
    fn string(&mut self, start: usize) -> Step {
        let quote = self.peek(0);
        let triple = self.peek(1) == quote && self.peek(2) == quote;
        self.at += if triple { 3 } else { 1 };
        let mut escaped_quote = false;
        loop {
            if self.at >= self.bytes.len() || (!triple && self.peek(0) == b'\n') {
                return self.unterminated(start, triple, escaped_quote, "string");
            }
            match self.peek(0) {
                b'\\' => {
                    escaped_quote |= self.peek(1) == quote;
                    self.at += 2;
                    while !self.text.is_char_boundary(self.at.min(self.text.len())) {
                        self.at += 1;
                    }
                }
                b if b == quote && (!triple || self.peek(1) == quote && self.peek(2) == quote) => {
                    self.at += if triple { 3 } else { 1 };
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.push(Kind::String, start, self.at);
        Ok(())
    }

    fn unterminated<T>(&mut self, start: usize, triple: bool, escaped: bool, what: &str) -> Step<T> {
        self.at = self.at.min(self.bytes.len());
        // A quote like that of the f-string around it was meant to end the f-string.
        let quote = self.text[start..].trim_start_matches(|c: char| c.is_ascii_alphabetic()).bytes().next();
        if what == "string"
            && let Some(f) = self.fstrings.last()
            && Some(f.quote) == quote
            && f.triple == triple
        {
            self.quiet = true;
            let kind = f.kind;
            return self.error_at(start, format!("{kind}-string: expecting '}}'"));
        }
        let at_end = self.at == self.bytes.len();
        // The line at which it was noticed: the last one, without the empty one behind a final newline.
        let mut noticed = self.lines.line(self.at as u32);
        if at_end && self.bytes.last() == Some(&b'\n') && noticed > 1 {
            noticed -= 1;
        }
        let message = if triple {
            format!("unterminated triple-quoted {what} literal (detected at line {noticed})")
        } else {
            let hint = if escaped && what == "string" { "; perhaps you escaped the end quote?" } else { "" };
            format!("unterminated {what} literal (detected at line {noticed}){hint}")
        };
        self.error_at(start, message).map_err(|e: Box<Fail>| e.incomplete(at_end))
    }

    /// Literal text of an f-string, up to its end, a field, or the end of a specification.
    fn literal_part(&mut self) -> Step {
        let start = self.at;
        let Some(f) = self.fstrings.last() else { return Ok(()) };
        let (quote, triple, raw, kind, began) = (f.quote, f.triple, f.raw, f.kind, f.start as usize);
        let spec = f.spec;
        let what = format!("{kind}-string");
        loop {
            let c = self.peek(0);
            if self.at >= self.bytes.len() || (!triple && c == b'\n') {
                if spec && self.at < self.bytes.len() {
                    // A newline in a specification ends it; the field is then not closed.
                    self.quiet = true;
                    return self.error(format!(
                        "{what}: newlines are not allowed in format specifiers for single quoted {what}s"
                    ));
                }
                return self.unterminated(began, triple, false, &what);
            }
            let closing = c == quote && (!triple || self.peek(1) == quote && self.peek(2) == quote);
            if closing {
                if self.at > start {
                    self.push(Kind::FStringMiddle, start, self.at);
                }
                let end = self.at + if triple { 3 } else { 1 };
                self.push(Kind::FStringEnd, self.at, end);
                self.at = end;
                self.fstrings.pop();
                return Ok(());
            }
            match c {
                b'{' if self.peek(1) == b'{' && !spec => {
                    self.at += 2;
                    if self.all {
                        return self.doubled_brace(start);
                    }
                }
                b'{' => {
                    if self.at > start {
                        self.push(Kind::FStringMiddle, start, self.at);
                    }
                    if self.fstrings.last().is_some_and(|f| f.fields.len() >= 3) {
                        return self.error(format!("{what}: expressions nested too deeply"));
                    }
                    self.open('{')?;
                    let depth = self.brackets.len();
                    if let Some(f) = self.fstrings.last_mut() {
                        f.fields.push((depth, f.spec));
                        f.spec = false;
                    }
                    return Ok(());
                }
                b'}' if spec => {
                    let nested = self.tokens.last().is_some_and(|t| t.kind == Kind::Op);
                    if self.at > start || self.all && nested {
                        self.push(Kind::FStringMiddle, start, self.at);
                    }
                    self.close_field();
                    return Ok(());
                }
                b'}' if self.peek(1) == b'}' => {
                    self.at += 2;
                    if self.all {
                        return self.doubled_brace(start);
                    }
                }
                b'}' => {
                    self.at += 1;
                    return self.error(format!("{what}: single '}}' is not allowed"));
                }
                b'\\' if !raw => {
                    if self.peek(1) == b'N' && self.peek(2) == b'{' {
                        let end = self.text[self.at..].find('}').unwrap_or(2);
                        self.at += end + 1;
                    } else if matches!(self.peek(1), b'{' | b'}') {
                        self.at += 1;
                    } else {
                        self.at += 2;
                    }
                }
                b'\\' => self.at += if matches!(self.peek(1), b'{' | b'}') { 1 } else { 2 },
                _ => self.at += 1,
            }
            while self.at < self.text.len() && !self.text.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
    }

    /// The text up to a doubled brace is a token of its own, of which the second brace is not part.
    fn doubled_brace(&mut self, start: usize) -> Step {
        self.push(Kind::FStringMiddle, start, self.at - 1);
        Ok(())
    }

    fn close_field(&mut self) {
        self.push(Kind::Op, self.at, self.at + 1);
        self.at += 1;
        self.brackets.pop();
        if let Some(f) = self.fstrings.last_mut()
            && let Some((_, spec)) = f.fields.pop()
        {
            f.spec = spec;
        }
    }

    fn open(&mut self, c: char) -> Step {
        self.push(Kind::Op, self.at, self.at + 1);
        self.at += 1;
        if self.brackets.len() >= MAX_BRACKETS {
            return self.error("too many nested parentheses");
        }
        self.brackets.push((c, self.at as u32 - 1));
        Ok(())
    }

    fn operator(&mut self, c: char) -> Step {
        let start = self.at;
        // A field of an f-string, at its own level of brackets.
        let level = self.brackets.len();
        let field = self.fstrings.last().and_then(|f| f.fields.last()).is_some_and(|f| f.0 == level);
        if field {
            match c {
                '}' => {
                    self.close_field();
                    return Ok(());
                }
                ':' => {
                    self.push(Kind::SpecColon, start, start + 1);
                    self.at += 1;
                    if let Some(f) = self.fstrings.last_mut() {
                        f.spec = true;
                    }
                    return Ok(());
                }
                '!' if self.peek(1) != b'=' => {
                    self.push(Kind::Op, start, start + 1);
                    self.at += 1;
                    return Ok(());
                }
                _ => {}
            }
        }
        match c {
            '(' | '[' | '{' => return self.open(c),
            ')' | ']' | '}' => {
                self.at += 1;
                let inside = self.fstrings.last().filter(|f| !f.fields.is_empty()).map(|f| f.kind);
                let Some(&(open, opened)) = self.brackets.last() else {
                    if self.all {
                        self.push(Kind::Op, start, self.at);
                        return Ok(());
                    }
                    return self.error(format!("unmatched '{c}'"));
                };
                let matching = self.all || matches!((open, c), ('(', ')') | ('[', ']') | ('{', '}'));
                if !matching {
                    if let Some(kind) = inside
                        && open == '{'
                        && field
                    {
                        return self.error(format!("{kind}-string: unmatched '{c}'"));
                    }
                    let (line, here) = (self.lines.line(opened), self.lines.line(start as u32));
                    let message = if line == here {
                        format!("closing parenthesis '{c}' does not match opening parenthesis '{open}'")
                    } else {
                        format!("closing parenthesis '{c}' does not match opening parenthesis '{open}' on line {line}")
                    };
                    return self.error(message);
                }
                self.brackets.pop();
                self.push(Kind::Op, start, self.at);
                return Ok(());
            }
            _ => {}
        }
        const THREE: [&str; 5] = ["**=", "//=", "<<=", ">>=", "..."];
        const TWO: [&str; 20] = [
            "!=", "%=", "&=", "**", "*=", "+=", "-=", "->", "//", "/=", ":=", "<<", "<=", "<>", "==", ">=", ">>", "@=",
            "^=", "|=",
        ];
        let rest = &self.text[start..];
        let len = if THREE.iter().any(|o| rest.starts_with(o)) {
            3
        } else if TWO.iter().any(|o| rest.starts_with(o)) {
            2
        } else if "%&*+,-./:;<=>@^|~!".contains(c) {
            1
        } else if c.is_control() {
            self.at += c.len_utf8();
            return self.error_at(start, format!("invalid non-printable character U+{:04X}", c as u32));
        } else {
            // `$`, `?` and a backquote make tokens that the grammar does not know.
            c.len_utf8()
        };
        self.at += len;
        self.push(Kind::Op, start, self.at);
        Ok(())
    }

    fn digits(&mut self, digit: impl Fn(u8) -> bool) -> bool {
        loop {
            while digit(self.peek(0)) {
                self.at += 1;
            }
            if self.peek(0) != b'_' {
                return true;
            }
            self.at += 1;
            if !digit(self.peek(0)) {
                return false;
            }
        }
    }

    fn number(&mut self) -> Step {
        let start = self.at;
        let decimal = |b: u8| b.is_ascii_digit();
        if self.peek(0) == b'0' {
            let (name, digit): (&str, fn(u8) -> bool) = match self.peek(1) {
                b'x' | b'X' => ("hexadecimal", |b| b.is_ascii_hexdigit()),
                b'o' | b'O' => ("octal", |b| (b'0'..b'8').contains(&b)),
                b'b' | b'B' => ("binary", |b| b == b'0' || b == b'1'),
                _ => ("", |_| false),
            };
            if !name.is_empty() {
                self.at += 2;
                if self.peek(0) == b'_' {
                    self.at += 1;
                }
                let first = digit(self.peek(0));
                if !first || !self.digits(digit) {
                    return self.bad_digit(name);
                }
                if self.peek(0).is_ascii_digit() {
                    return self.bad_digit(name);
                }
                self.end_of_number(name)?;
                self.push(Kind::Number, start, self.at);
                return Ok(());
            }
            // Zeros, then perhaps other digits, which only a float may have.
            let zeros_end = {
                let mut i = self.at;
                while matches!(self.bytes.get(i), Some(b'0' | b'_')) {
                    i += 1;
                }
                i
            };
            if !self.digits(decimal) {
                return self.after_underscore("decimal");
            }
            let nonzero = self.bytes[start..self.at].iter().any(|b| (b'1'..=b'9').contains(b));
            if nonzero && !self.all && !matches!(self.peek(0), b'.' | b'e' | b'E' | b'j' | b'J') {
                let loc = Loc { start: start as u32, end: zeros_end as u32 };
                return Err(Fail::new(
                    loc,
                    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                ));
            }
        } else if self.peek(0) != b'.' && !self.digits(decimal) {
            return self.after_underscore("decimal");
        }
        if self.peek(0) == b'.' {
            self.at += 1;
            if decimal(self.peek(0)) && !self.digits(decimal) {
                return self.after_underscore("decimal");
            }
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if decimal(self.peek(1 + sign)) {
                self.at += 1 + sign;
                if !self.digits(decimal) {
                    return self.after_underscore("decimal");
                }
            } else if sign == 1 {
                self.at += 2;
                return self.error("invalid decimal literal");
            }
        }
        if matches!(self.peek(0), b'j' | b'J') {
            self.at += 1;
            self.end_of_number("imaginary")?;
        } else {
            self.end_of_number("decimal")?;
        }
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    fn after_underscore(&mut self, name: &str) -> Step {
        self.error(format!("invalid {name} literal"))
    }

    fn bad_digit(&mut self, name: &str) -> Step {
        let c = self.peek(0);
        if c.is_ascii_digit() {
            self.at += 1;
            return self.error(format!("invalid digit '{}' in {name} literal", c as char));
        }
        self.error(format!("invalid {name} literal"))
    }

    /// A name may not follow a number, except for the keywords that always could.
    fn end_of_number(&mut self, name: &str) -> Step {
        let Some(c) = self.char().filter(|_| !self.all) else { return Ok(()) };
        let rest = &self.text[self.at..];
        let keyword = ["and", "else", "for", "if", "in", "is", "not", "or"].iter().any(|k| rest.starts_with(k));
        if keyword || !is_part(c) || !c.is_ascii() {
            return Ok(());
        }
        // The error points at the last character of the number.
        self.error(format!("invalid {name} literal"))
    }
}

/// Whether a character may stand in an identifier (checked through the parser's own tables where it is not ASCII).
fn identifier_char(c: char, first: bool) -> bool {
    if c.is_ascii() {
        return true;
    }
    let mut text = String::from(if first { "" } else { "a" });
    text.push(c);
    ruff_python_parser::parse_expression(&text)
        .is_ok_and(|p| matches!(p.expr(), ruff_python_ast::Expr::Name(n) if n.range.end().to_usize() == text.len()))
}

/// Characters that print nothing: spaces of all kinds, format characters.
fn invisible(c: char) -> bool {
    matches!(c as u32, 0xa0 | 0xad | 0x600..=0x605 | 0x61c | 0x1680 | 0x180e | 0x2000..=0x200f | 0x2028..=0x202f
        | 0x205f..=0x206f | 0x3000 | 0xfeff | 0xfff9..=0xfffb | 0xe000..=0xf8ff | 0xe0000..=0xe007f)
}
