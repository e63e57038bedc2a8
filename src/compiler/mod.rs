//! From source text to code units.
//!
//! `source` decodes text, `ruff_python_parser` parses it, `scope` finds out what each name means, `codegen` walks the
//! tree into a control-flow graph (`flow`), which is optimised and laid out as a `CodeUnit`. Nothing here knows the
//! runtime: the build script compiles the standard library with the same code.

#![forbid(unsafe_code)]

mod arithmetic;
mod codegen;
mod diagnose;
pub mod error;
mod flow;
mod future;
mod nesting;
mod parse;
mod scope;
pub mod source;
pub mod symbols;
#[cfg(test)]
mod tests;
mod text;
pub mod tokens;
pub mod tree;
mod unparse;

pub use error::{ErrorKind, SyntaxError, SyntaxWarning};
pub use parse::set_digit_limit;
pub use source::decode_source;

use crate::bytecode::unit::CodeUnit;
use source::Lines;

/// What the source is: the `mode` of Python's `compile`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module.
    Exec,
    /// One expression.
    Eval,
    /// One interactive statement, whose expression values are printed.
    Single,
}

/// How to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// 0; 1 drops assertions; 2 docstrings too.
    pub optimize: u8,
    /// As if the source began with `from __future__ import annotations`.
    pub future_annotations: bool,
    /// `await` may stand at the top level, which makes the module a coroutine (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
    pub top_level_await: bool,
    /// Input that ends too early is an `Incomplete` error (`PyCF_ALLOW_INCOMPLETE_INPUT`).
    pub allow_incomplete: bool,
    /// An interactive compound statement must end with a newline (`PyCF_DONT_IMPLY_DEDENT`).
    pub dont_imply_dedent: bool,
}

/// A compiled program.
#[derive(Debug)]
pub struct Compiled {
    pub unit: CodeUnit,
    pub warnings: Vec<SyntaxWarning>,
}

/// Compiles source text. Raises SyntaxError and its kin.
pub fn compile(source: &str, filename: &str, mode: Mode, options: Options) -> Result<Compiled, SyntaxError> {
    let ended = source.ends_with(['\n', '\r']);
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    let mut text = source::normalise_newlines(source);
    // As in CPython's tokenizer, the last line always ends.
    if !text.ends_with('\n') {
        text.to_mut().push('\n');
    }
    nesting::with_stack(&text, |nesting| {
        let lines = Lines::new(&text);
        let compiled = compile_text(&lines, filename, mode, options, nesting, ended);
        compiled.map_err(|fail| lines.finish(*fail))
    })
}

fn compile_text(
    lines: &Lines,
    filename: &str,
    mode: Mode,
    options: Options,
    nesting: nesting::Nesting,
    ended: bool,
) -> error::Res<Compiled> {
    let parsed = parse::parse(lines, mode, options, nesting)?;
    generate(lines, filename, mode, options, &parsed, ended)
}

/// Code for a tree.
fn generate(
    lines: &Lines,
    filename: &str,
    mode: Mode,
    mut options: Options,
    parsed: &parse::Parsed,
    ended: bool,
) -> error::Res<Compiled> {
    options.future_annotations |= parsed.future.annotations;
    let scope_options = scope::ScopeOptions {
        future_annotations: options.future_annotations,
        top_level_await: options.top_level_await,
    };
    let filename = filename.into();
    let (unit, warnings) = match &parsed.tree {
        ruff_python_ast::Mod::Module(module) => {
            if mode == Mode::Single && !lines.is_made() {
                parse::check_single(lines, &module.body, options, ended)?;
            }
            let table = scope::scopes_of_module(&module.body, scope_options)?;
            let compiler = codegen::Compiler::new(&table, lines, options, mode, filename);
            compiler.warned(&parsed.unended).module(&module.body, parsed.future.end)?
        }
        ruff_python_ast::Mod::Expression(module) => {
            let table = scope::scopes_of_expression(&module.body, scope_options)?;
            let compiler = codegen::Compiler::new(&table, lines, options, mode, filename);
            compiler.warned(&parsed.unended).expression(&module.body)?
        }
    };
    Ok(Compiled { unit, warnings })
}
