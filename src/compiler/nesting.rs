//! How deeply a source nests, found before it is parsed, so that no walk over its tree overflows the stack.

use super::error::{ErrorKind, SyntaxError};
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::lexer::lex;

/// What the tokens tell of the tree's depth.
#[derive(Clone, Copy, Default, Debug)]
pub struct Nesting {
    /// The deepest nesting of brackets.
    pub brackets: usize,
    /// The deepest indentation, in levels.
    pub indents: usize,
    /// No less than the depth of any expression.
    pub depth: usize,
}

/// Expressions of this depth are compiled on the caller's stack.
const SHALLOW: usize = 40;
/// Deeper ones are refused.
const DEEPEST: usize = 10_000;
/// Stack per level and at least, in bytes. (Only what is used becomes memory.)
const LEVEL: usize = 48 << 10;
const BASE: usize = 8 << 20;

/// Measures a source.
pub fn measure(source: &str) -> Nesting {
    let mut lexer = lex(source, ruff_python_parser::Mode::Module);
    let mut found = Nesting::default();
    // Per open bracket, how much the expression around it nests so far.
    let mut open: Vec<usize> = Vec::new();
    // Open f-strings: how many brackets are open around each. A field's braces do not chain as calls do.
    let mut strings: Vec<usize> = Vec::new();
    let mut below = 0;
    let mut here = 0usize;
    let mut indents = 0usize;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return found,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open.push(here);
                below += here + 1;
                here = 0;
                found.brackets = found.brackets.max(open.len());
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => {
                if let Some(outer) = open.pop() {
                    below -= outer + 1;
                    let field = strings.last() == Some(&open.len());
                    here = outer + usize::from(!field);
                }
            }
            TokenKind::FStringStart | TokenKind::TStringStart => strings.push(open.len()),
            TokenKind::FStringEnd | TokenKind::TStringEnd => {
                strings.pop();
            }
            TokenKind::Newline | TokenKind::Semi => {
                open.clear();
                strings.clear();
                below = 0;
                here = 0;
            }
            TokenKind::Indent => {
                indents += 1;
                found.indents = found.indents.max(indents);
            }
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Comma => here = 0,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::And
            | TokenKind::Or => {}
            _ => here += 1,
        }
        found.depth = found.depth.max(below + here);
    }
}

impl Nesting {
    /// Whether the tokenizer must refuse the source.
    pub fn beyond_tokens(&self) -> bool {
        self.brackets > super::diagnose::MAX_BRACKETS || self.indents >= super::diagnose::MAX_INDENTS
    }
}

/// Runs the compiler with enough stack for the nesting of the source. Raises RecursionError for what is deeper than
/// any stack should be.
pub fn with_stack<T: Send>(
    source: &str,
    f: impl FnOnce(Nesting) -> Result<T, SyntaxError> + Send,
) -> Result<T, SyntaxError> {
    let nesting = measure(source);
    if nesting.depth <= SHALLOW {
        return f(nesting);
    }
    // What the tokenizer refuses is not walked beyond the limit on brackets.
    let depth = if nesting.beyond_tokens() { nesting.depth.min(1000) } else { nesting.depth };
    with_stack_of(depth, || f(nesting))
}

/// Runs the compiler with enough stack for a tree of this depth.
pub fn with_stack_of<T: Send>(
    depth: usize,
    f: impl FnOnce() -> Result<T, SyntaxError> + Send,
) -> Result<T, SyntaxError> {
    if depth <= SHALLOW {
        return f();
    }
    if depth > DEEPEST {
        return Err(too_deep());
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(BASE + depth * LEVEL);
        match builder.spawn_scoped(scope, f) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => Err(too_deep()),
        }
    })
}

fn too_deep() -> SyntaxError {
    SyntaxError {
        kind: ErrorKind::Recursion,
        message: "maximum recursion depth exceeded during compilation".into(),
        line: 0,
        column: 0,
        end_line: 0,
        end_column: 0,
        text: None,
        incomplete: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_code_is_shallow() {
        let flat = format!("x = [{}]\n", "a + b, ".repeat(10_000));
        assert!(measure(&flat).depth < 10, "{:?}", measure(&flat));
        assert!(measure(&"a = b.c(d)\n".repeat(1000)).depth < 10);
        assert_eq!(measure("((a))").brackets, 2);
        assert!(measure(&"-".repeat(500)).depth >= 500);
        assert!(measure(&format!("f'{}'", "{a} ".repeat(500))).depth < 10);
        assert!(measure(&format!("a{}", ".b()".repeat(500))).depth >= 500);
    }
}
