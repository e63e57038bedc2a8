//! Parsing: calls the parser and translates its errors.

use super::diagnose::diagnose;
use super::error::Res;
use super::future::{self, Future};
use super::nesting::Nesting;
use super::source::Lines;
use super::{Mode, Options};
use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser::{ParseOptions, parse_unchecked};

/// A parsed program.
pub struct Parsed {
    pub tree: Mod,
    pub future: Future,
}

/// Parses a program.
pub fn parse(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Parsed> {
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
    let tree = parsed.into_syntax();
    let future = match &tree {
        Mod::Module(module) => future::read(&module.body)?,
        Mod::Expression(_) => Future::default(),
    };
    Ok(Parsed { tree, future })
}
