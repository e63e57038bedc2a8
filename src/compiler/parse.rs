//! Parsing: calls the parser and translates its errors.

use super::diagnose::diagnose;
use super::error::{ErrorKind, Fail, Loc, Res};
use super::future::{self, Future};
use super::nesting::Nesting;
use super::source::Lines;
use super::{Mode, Options};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{ExceptHandler, Mod, PythonVersion, Stmt};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A parsed program.
pub struct Parsed {
    pub tree: Mod,
    pub future: Future,
    /// Numbers that a keyword follows without a blank, and what to warn of.
    pub unended: Vec<(Loc, &'static str)>,
}

/// Parses a program and reads what it imports from the future.
pub fn parse(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Parsed> {
    let parsed = parse_unfinished(lines, mode, options, nesting)?;
    let unended = unended_numbers(lines, &parsed);
    with_future(parsed.into_syntax()).map(|parsed| Parsed { unended, ..parsed })
}

/// A tree with what it imports from the future.
pub fn with_future(tree: Mod) -> Res<Parsed> {
    let future = match &tree {
        Mod::Module(module) => future::read(&module.body)?,
        Mod::Expression(_) => Future::default(),
    };
    Ok(Parsed { tree, future, unended: Vec::new() })
}

/// Parses a program.
pub fn parse_tree(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Mod> {
    parse_unfinished(lines, mode, options, nesting).map(ruff_python_parser::Parsed::into_syntax)
}

/// Numbers that a keyword follows without a blank ("1if x"): CPython's tokenizer warns of them.
fn unended_numbers(lines: &Lines, parsed: &ruff_python_parser::Parsed<Mod>) -> Vec<(Loc, &'static str)> {
    let text = lines.text.as_bytes();
    let numbers = parsed.tokens().iter().filter(|token| {
        let is_number = matches!(token.kind(), TokenKind::Int | TokenKind::Float | TokenKind::Complex);
        is_number && text.get(usize::from(token.range().end())).is_some_and(u8::is_ascii_alphabetic)
    });
    numbers
        .map(|token| {
            let message = match (token.kind(), text.get(usize::from(token.range().start()) + 1)) {
                (TokenKind::Complex, _) => "invalid imaginary literal",
                (TokenKind::Int, Some(b'x' | b'X')) => "invalid hexadecimal literal",
                (TokenKind::Int, Some(b'o' | b'O')) => "invalid octal literal",
                (TokenKind::Int, Some(b'b' | b'B')) => "invalid binary literal",
                _ => "invalid decimal literal",
            };
            (Loc::from(token.range()), message)
        })
        .collect()
}

fn parse_unfinished(
    lines: &Lines,
    mode: Mode,
    options: Options,
    nesting: Nesting,
) -> Res<ruff_python_parser::Parsed<Mod>> {
    if nesting.beyond_tokens() {
        return Err(diagnose(lines, mode, None, options.allow_incomplete));
    }
    let parser_mode = match mode {
        Mode::Eval => ruff_python_parser::Mode::Expression,
        _ => ruff_python_parser::Mode::Module,
    };
    let parse_options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = parse_unchecked(lines.text, parse_options);
    if !parsed.errors().is_empty() {
        let at = parsed.errors().iter().map(|e| e.location.start().into()).min();
        return Err(diagnose(lines, mode, at, options.allow_incomplete));
    }
    // Syntax of later versions.
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return Err(diagnose(lines, mode, Some(error.range.start().into()), false));
    }
    check_digits(lines, &parsed)?;
    Ok(parsed)
}

/// How many digits a decimal literal may have; 0 for any number. (`sys.set_int_max_str_digits` sets it.)
static DIGIT_LIMIT: AtomicUsize = AtomicUsize::new(4300);

/// Sets the limit on decimal literals; 0 for none.
pub fn set_digit_limit(limit: usize) {
    // Relaxed: a number by itself.
    DIGIT_LIMIT.store(limit, Relaxed);
}

/// Refuses decimal literals beyond the limit on conversions between int and str.
fn check_digits(lines: &Lines, parsed: &ruff_python_parser::Parsed<Mod>) -> Res {
    let limit = DIGIT_LIMIT.load(Relaxed);
    if limit == 0 || lines.text.len() <= limit {
        return Ok(());
    }
    for token in parsed.tokens().iter().filter(|t| t.kind() == TokenKind::Int) {
        let text = lines.text[token.range()].as_bytes();
        let decimal = !matches!(text, [b'0', b'x' | b'X' | b'o' | b'O' | b'b' | b'B', ..]);
        let digits = text.iter().filter(|b| b.is_ascii_digit()).count();
        if decimal && digits > limit {
            let message = format!(
                "Exceeds the limit ({limit} digits) for integer string conversion: value has {digits} digits; use \
                 sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals \
                 to avoid decimal conversion limits."
            );
            return Err(Fail::new(Loc::from(token.range()), message));
        }
    }
    Ok(())
}

/// Interactive input is one statement, or simple statements on one line. `ended`: the input ended with a newline.
pub fn check_single(lines: &Lines, body: &[Stmt], options: Options, ended: bool) -> Res {
    let Some(first) = body.first() else {
        let end = Loc::at(lines.text.len() as u32);
        return Err(incomplete(Fail::new(end, "invalid syntax").behind(), options));
    };
    if body_of_last_clause(first).is_some()
        && let Some(second) = body.get(1)
    {
        // A newline has to come first.
        return Err(Fail::new(first_word(lines, Loc::of(second).start), "invalid syntax"));
    }
    let apart = |pair: &&[Stmt]| lines.line(Loc::of(&pair[0]).end) != lines.line(Loc::of(&pair[1]).start);
    if let Some(pair) = body.windows(2).find(apart) {
        let end = Loc::of(&pair[0]).end;
        let rest = memchr::memchr(b'\n', &lines.text.as_bytes()[end as usize..]).unwrap_or(0) as u32;
        let at = Loc { start: end + rest, end: end + rest + 1 };
        return Err(Fail::new(at, "multiple statements found while compiling a single statement"));
    }
    if let Some(block) = body_of_last_clause(first)
        && !ended
        && (options.dont_imply_dedent || !ends_in_block(lines, first, block))
    {
        let end = Loc::at(lines.text.len() as u32);
        return Err(incomplete(Fail::new(end, "invalid syntax").behind(), options));
    }
    Ok(())
}

/// The body of a compound statement's last clause; None for a simple statement.
fn body_of_last_clause(statement: &Stmt) -> Option<&[Stmt]> {
    fn or_else<'s>(body: &'s [Stmt], orelse: &'s [Stmt]) -> &'s [Stmt] {
        if orelse.is_empty() { body } else { orelse }
    }
    Some(match statement {
        Stmt::FunctionDef(s) => &s.body,
        Stmt::ClassDef(s) => &s.body,
        Stmt::With(s) => &s.body,
        Stmt::For(s) => or_else(&s.body, &s.orelse),
        Stmt::While(s) => or_else(&s.body, &s.orelse),
        Stmt::If(s) => s.elif_else_clauses.last().map_or(&s.body[..], |clause| &clause.body),
        Stmt::Match(s) => s.cases.last().map_or(&[][..], |case| &case.body),
        Stmt::Try(s) => {
            let handled = s.handlers.last().map_or(&s.body[..], |ExceptHandler::ExceptHandler(h)| &h.body);
            or_else(or_else(handled, &s.orelse), &s.finalbody)
        }
        _ => return None,
    })
}

/// Whether a statement that no newline follows ends in a block of lines of their own, whose end then stands for the newline
/// that an interactive compound statement needs.
fn ends_in_block(lines: &Lines, statement: &Stmt, block: &[Stmt]) -> bool {
    let end = Loc::of(statement).end;
    let last_line = lines.line(lines.text.trim_end_matches('\n').len() as u32);
    let Some(first) = block.first().filter(|_| lines.line(end) == last_line) else { return false };
    if statement.is_match_stmt() {
        // Its cases are such a block.
        return true;
    }
    let before = &lines.text[..Loc::of(first).start as usize];
    let indent = before.trim_end_matches([' ', '\t', '\x0c']);
    indent.ends_with('\n') && !indent.ends_with("\\\n")
}

/// The name, keyword or number that starts at a place, or the one character there.
fn first_word(lines: &Lines, start: u32) -> Loc {
    let rest = &lines.text[start as usize..];
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let len = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
    Loc { start, end: start + len as u32 }
}

fn incomplete(mut fail: Box<Fail>, options: Options) -> Box<Fail> {
    fail.incomplete = true;
    if options.allow_incomplete {
        fail.kind = ErrorKind::Incomplete;
        fail.message = "incomplete input".into();
    }
    fail
}
