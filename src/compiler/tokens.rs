//! The tokens of a source as `tokenize` lists them.

use super::diagnose;
use super::error::SyntaxError;
use super::source::Lines;

pub use super::diagnose::Kind;

/// A token: what it is, and its byte offsets.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

/// The tokens of a text whose lines all end with a newline, `End` last unless there is an error. `all`: comments and line
/// ends that end no statement are listed too, and what only the parser must refuse passes.
pub fn list(text: &str, all: bool) -> (Vec<Token>, Option<SyntaxError>) {
    let lines = Lines::new(text);
    let scan = diagnose::scan_as(&lines, all);
    // A source that ends within brackets has no end marker, and one that is dedented wrongly no dedent.
    let mut found = scan.tokens;
    if !scan.open.is_empty() {
        found.retain(|t| t.kind != Kind::End);
    }
    if scan.error.as_ref().is_some_and(|e| e.kind == super::ErrorKind::Indentation) {
        found.retain(|t| t.kind != Kind::Error);
        while found.last().is_some_and(|t| t.kind == Kind::Dedent) {
            found.pop();
        }
    }
    let tokens = found.iter().filter(|t| t.kind != Kind::Error);
    let tokens = tokens.map(|t| Token { kind: t.kind, start: t.loc.start, end: t.loc.end }).collect();
    let error = match scan.error {
        Some(fail) if fail.message == diagnose::UNEXPECTED_EOF => Some(unfinished()),
        Some(fail) => Some(lines.finish(*fail)),
        None if !scan.open.is_empty() => Some(unfinished()),
        None => None,
    };
    (tokens, error)
}

/// The source ends within a statement.
fn unfinished() -> SyntaxError {
    SyntaxError {
        kind: super::ErrorKind::Syntax,
        message: "unexpected EOF in multi-line statement".into(),
        line: 0,
        column: 0,
        end_line: 0,
        end_column: 0,
        text: None,
        incomplete: true,
    }
}
