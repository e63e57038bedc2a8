//! Parsing: calls the parser and translates its errors.

use super::diagnose::diagnose;
use super::error::{ErrorKind, Fail, Loc, Res};
use super::future::{self, Future};
use super::nesting::Nesting;
use super::source::Lines;
use super::{Mode, Options};
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Mod, PythonVersion, Stmt};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_text_size::Ranged;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A parsed program.
pub struct Parsed {
    pub tree: Mod,
    pub future: Future,
}

/// Parses a program and reads what it imports from the future.
pub fn parse(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Parsed> {
    with_future(parse_tree(lines, mode, options, nesting)?)
}

/// A tree with what it imports from the future.
pub fn with_future(tree: Mod) -> Res<Parsed> {
    let future = match &tree {
        Mod::Module(module) => future::read(&module.body)?,
        Mod::Expression(_) => Future::default(),
    };
    Ok(Parsed { tree, future })
}

/// Parses a program.
pub fn parse_tree(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Mod> {
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
    Ok(parsed.into_syntax())
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
    let compound = |s: &Stmt| {
        matches!(
            s,
            Stmt::FunctionDef(_)
                | Stmt::ClassDef(_)
                | Stmt::For(_)
                | Stmt::While(_)
                | Stmt::If(_)
                | Stmt::With(_)
                | Stmt::Match(_)
                | Stmt::Try(_)
        )
    };
    let apart = |a: &Stmt, b: &Stmt| lines.line(Loc::of(a).end) != lines.line(Loc::of(b).start);
    let more = body.windows(2).any(|pair| compound(&pair[0]) || compound(&pair[1]) || apart(&pair[0], &pair[1]));
    if more {
        let at = Loc::of(first);
        return Err(Fail::new(at, "multiple statements found while compiling a single statement").point());
    }
    if compound(first) && options.dont_imply_dedent && !ended {
        let end = Loc::at(lines.text.len() as u32);
        return Err(incomplete(Fail::new(end, "invalid syntax").behind(), options));
    }
    Ok(())
}

fn incomplete(mut fail: Box<Fail>, options: Options) -> Box<Fail> {
    fail.incomplete = true;
    if options.allow_incomplete {
        fail.kind = ErrorKind::Incomplete;
        fail.message = "incomplete input".into();
    }
    fail
}
