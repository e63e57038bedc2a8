//! The mistakes that CPython's grammar names.

use super::tokens::{Kind, Token};
use crate::compiler::Mode;
use crate::compiler::error::{ErrorKind, Fail, Loc};
use crate::compiler::source::Lines;
use ruff_python_parser::ParseError;

/// The tokens and where the parser stopped.
pub struct Context<'c> {
    pub lines: &'c Lines<'c>,
    pub mode: Mode,
    pub tokens: &'c [Token],
    pub text: &'c str,
}

/// An error with how far the parser read.
pub struct Found {
    pub fail: Box<Fail>,
    /// Offset of the last token read.
    pub reached: u32,
    /// The parser read to the end.
    pub at_end: bool,
}

impl Context<'_> {
    pub fn explain(&self, error: Option<&ParseError>, index: usize, at: u32) -> Found {
        let _ = (error, at, self.mode, self.lines);
        let token = self.tokens.get(index).copied().unwrap_or(Token { kind: Kind::End, loc: Loc::at(at), level: 0 });
        let fail = match token.kind {
            Kind::Indent => Fail::new(token.loc, "unexpected indent").kind(ErrorKind::Indentation),
            _ => Fail::new(token.loc, "invalid syntax"),
        };
        Found { fail, reached: token.loc.start, at_end: token.kind == Kind::End }
    }
}
