//! Why a source does not parse, in CPython's words and places.
//!
//! The parser says that there is an error and roughly where. `tokens` finds the errors of the tokenizer, which come
//! before all others; `rules` looks at the tokens around the place for the mistakes that CPython names; what is left
//! is "invalid syntax".

mod rules;
mod tokens;

use super::error::{Fail, Loc};
use super::source::Lines;
use ruff_python_parser::ParseError;
use tokens::{Kind, Scan, Token, scan};
pub use tokens::{MAX_BRACKETS, MAX_INDENTS};

/// What the source is compiled as.
pub use super::Mode;

/// Explains the errors of a parse. `errors` is empty where the source was not even parsed.
pub fn diagnose(lines: &Lines, mode: Mode, errors: &[ParseError], allow_incomplete: bool) -> Box<Fail> {
    let scan = scan(lines);
    let first = errors.iter().min_by_key(|e| e.location.start());
    let at = first.map_or(0, |e| u32::from(e.location.start()));
    let mut found = explain(lines, mode, first, at, &scan);
    let at_end = scan.tokens.iter().rev().find(|t| !matches!(t.kind, Kind::Newline | Kind::Dedent | Kind::End));
    let reached_end = at_end.is_none_or(|t| found.loc.start >= t.loc.end) || !scan.open.is_empty();
    if allow_incomplete && (found.incomplete || scan.error.is_none() && reached_end) {
        found.incomplete = true;
        found.kind = super::ErrorKind::Incomplete;
        found.message = "incomplete input".into();
    }
    found
}

/// The error at the parser's place, unless the tokenizer has one.
fn explain(lines: &Lines, mode: Mode, error: Option<&ParseError>, at: u32, scan: &Scan) -> Box<Fail> {
    if let Some(error) = &scan.error {
        return error.clone();
    }
    let index = scan.tokens.iter().position(|t| t.loc.end > at || t.kind == Kind::End && t.loc.end >= at);
    let index = index.unwrap_or(scan.tokens.len().saturating_sub(1));
    let context = rules::Context { lines, mode, tokens: &scan.tokens, text: lines.text };
    let found = context.explain(error, index, at);
    // A bracket that is open where the source ends is to blame if the error comes on a later line.
    if let Some(&(bracket, opened)) = scan.open.last() {
        let at_end = found.at_end;
        if at_end || lines.line(found.reached) > lines.line(opened) {
            let loc = Loc::at(opened);
            return Fail::new(loc, format!("'{bracket}' was never closed")).point().incomplete(true);
        }
    }
    found.fail
}

/// Whether a token is the given operator or word.
fn is(text: &str, token: &Token, what: &str) -> bool {
    matches!(token.kind, Kind::Op | Kind::Name) && &text[token.loc.start as usize..token.loc.end as usize] == what
}
