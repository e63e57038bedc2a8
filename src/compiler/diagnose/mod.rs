//! Why a source does not parse, in CPython's words and places.
//!
//! The parser proper only says that there is an error. `tokens` finds the errors of the tokenizer, which come before
//! all others; `parser` and its kin take a second look, by a descent over the tokens that knows the mistakes which
//! CPython names; what is left is "invalid syntax" at the furthest token that the descent read.

mod args;
mod escapes;
mod exprs;
mod nodes;
mod parser;
mod patterns;
mod stmts;
mod strings;
mod tokens;

use super::Mode;
use super::error::{ErrorKind, Fail, Loc};
use super::source::Lines;
use parser::{Miss, Parser, at_token};
pub use tokens::{Kind, UNEXPECTED_EOF, scan_as};
pub use tokens::{MAX_BRACKETS, MAX_INDENTS};
use tokens::{Scan, Token, scan};

/// Explains why a source does not parse. `place` is where the parser found an error, if it was asked.
pub fn diagnose(lines: &Lines, mode: Mode, place: Option<u32>, allow_incomplete: bool) -> Box<Fail> {
    let scan = scan(lines);
    let (mut found, reached_end) = explain(lines, mode, place, &scan);
    if allow_incomplete && reached_end {
        found.incomplete = true;
        found.kind = ErrorKind::Incomplete;
        found.message = "incomplete input".into();
    }
    found
}

/// The error, and whether the grammar got to the end of the source: more could follow then.
fn explain(lines: &Lines, mode: Mode, place: Option<u32>, scan: &Scan) -> (Box<Fail>, bool) {
    let mut parser = Parser::new(&scan.tokens, lines.text, lines);
    let miss = parser.source(mode);
    let reached = scan.tokens[parser.far];
    let at_end = scan.tokens[parser.fill].kind == Kind::End;
    let text_end = lines.text.len() as u32;
    let reached_end = match reached.kind {
        Kind::End => true,
        Kind::Dedent => reached.loc.end >= text_end,
        Kind::Error => scan.error.as_ref().is_some_and(|e| e.incomplete),
        _ => false,
    };
    let mut found = explain_miss(lines, place, scan, &parser, miss, at_end);
    // How far the tokenizer has read decides how much of the line it shows.
    let read = lines.line(scan.tokens[parser.fill].loc.start.min(text_end.saturating_sub(1)));
    found.passed |= !found.loc.is_none() && lines.line(found.loc.start) < read;
    (found, reached_end)
}

fn explain_miss(
    lines: &Lines,
    place: Option<u32>,
    scan: &Scan,
    parser: &Parser<'_>,
    miss: Option<Miss>,
    at_end: bool,
) -> Box<Fail> {
    let never_closed = |&(bracket, opened): &(char, u32)| {
        Fail::new(Loc::at(opened), format!("'{bracket}' was never closed")).point().incomplete(true)
    };
    let reached = scan.tokens[parser.far];
    if let Some(error) = &scan.error {
        let indented = matches!(miss, Some(Miss::Soft)) && matches!(reached.kind, Kind::Indent | Kind::Dedent);
        if scan.tokens[parser.fill].kind == Kind::Error || !scan.quiet && !indented {
            return match scan.open.last() {
                Some(open) if error.message == tokens::UNEXPECTED_EOF => never_closed(open),
                _ => {
                    let mut error = error.clone();
                    error.passed = true;
                    error
                }
            };
        }
    }
    let fail = match miss {
        Some(Miss::Hard(fail)) => fail,
        Some(Miss::Soft) => generic(reached),
        None => {
            // The descent finds nothing wrong: the place is the parser's.
            let at = place.unwrap_or(0);
            let token = scan.tokens.iter().find(|t| t.loc.end > at).copied();
            generic(token.unwrap_or(reached))
        }
    };
    // A bracket that is open where the source ends is to blame if the error is there or on a later line.
    if let Some(open) = scan.open.last()
        && scan.error.is_none()
        && (at_end || lines.line(reached.loc.start) > lines.line(open.1))
    {
        return never_closed(open);
    }
    fail
}

fn generic(token: Token) -> Box<Fail> {
    match token.kind {
        Kind::Indent => at_token(token, "unexpected indent".into()).kind(ErrorKind::Indentation),
        Kind::Dedent => at_token(token, "unexpected unindent".into()).kind(ErrorKind::Indentation),
        _ => at_token(token, "invalid syntax".into()),
    }
}
