//! Parsing: calls the parser and translates its errors.

use super::error::{Fail, Loc, Res};
use super::source::Lines;
use super::{Mode, Options};
use ruff_python_ast::{Mod, PythonVersion, Stmt};
use ruff_python_parser::{ParseOptions, parse_unchecked};

/// A parsed program.
pub struct Parsed {
    pub tree: Mod,
    pub future_annotations: bool,
}

/// Runs the compiler with enough stack for the nesting of the source.
pub fn with_stack<T: Send>(source: &str, f: impl FnOnce(&str) -> T + Send) -> T {
    f(source)
}

/// Parses a program.
pub fn parse(lines: &Lines, mode: Mode, _options: Options) -> Res<Parsed> {
    let parser_mode = match mode {
        Mode::Eval => ruff_python_parser::Mode::Expression,
        _ => ruff_python_parser::Mode::Module,
    };
    let options = ParseOptions::from(parser_mode).with_target_version(PythonVersion::PY314);
    let parsed = parse_unchecked(lines.text, options);
    if let Some(error) = parsed.errors().first() {
        return Err(Fail::new(Loc::from(error.location), error.error.to_string()));
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
