//! Parsing: calls the parser and translates its errors.

use super::diagnose::diagnose;
use super::error::Res;
use super::nesting::Nesting;
use super::source::Lines;
use super::{Mode, Options};
use ruff_python_ast::{Mod, PythonVersion, Stmt};
use ruff_python_parser::{ParseOptions, parse_unchecked};

/// A parsed program.
pub struct Parsed {
    pub tree: Mod,
    pub future_annotations: bool,
}

/// Parses a program.
pub fn parse(lines: &Lines, mode: Mode, options: Options, nesting: Nesting) -> Res<Parsed> {
    if nesting.beyond_tokens() {
        return Err(diagnose(lines, mode, &[], options.allow_incomplete));
    }
    let parser_mode = match mode {
        Mode::Eval => ruff_python_parser::Mode::Expression,
        _ => ruff_python_parser::Mode::Module,
    };
    let parse_options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = parse_unchecked(lines.text, parse_options);
    if !parsed.errors().is_empty() {
        return Err(diagnose(lines, mode, parsed.errors(), options.allow_incomplete));
    }
    let tree = parsed.into_syntax();
    let future_annotations = match &tree {
        Mod::Module(module) => module.body.iter().any(|s| match s {
            Stmt::ImportFrom(s) => {
                s.module.as_ref().is_some_and(|m| m.id.as_str() == "__future__")
                    && s.names.iter().any(|n| n.name.id.as_str() == "annotations")
            }
            _ => false,
        }),
        Mod::Expression(_) => false,
    };
    Ok(Parsed { tree, future_annotations })
}
