//! A second look at a source that does not parse: a recursive descent over the tokens that knows the mistakes which
//! CPython's grammar names (its `invalid_...` rules), in about the order in which CPython tries them.

use super::nodes::{Expr, Node};
use super::tokens::{Kind, Token};
use crate::compiler::Mode;
use crate::compiler::error::{ErrorKind, Fail, Loc};
use crate::compiler::source::Lines;

/// Why a rule did not match.
pub enum Miss {
    /// Another rule may match; if none does, the error is at the furthest token read.
    Soft,
    /// A mistake with a name.
    Hard(Box<Fail>),
}

pub type Parse<T = Node> = Result<T, Miss>;

/// Words that are never names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// How deep the descent may go.
const MAX_DEPTH: u32 = 1200;

pub struct Parser<'t> {
    pub tokens: &'t [Token],
    pub text: &'t str,
    pub lines: &'t Lines<'t>,
    pub at: usize,
    /// The furthest token that the grammar looked at.
    pub far: usize,
    /// The furthest token that anything looked at.
    pub fill: usize,
    /// Above zero while looking ahead for a mistake: `far` stays.
    pub quiet: u32,
    /// Above zero in rules that only name mistakes: `far` stays.
    probing: u32,
    depth: u32,
}

impl<'t> Parser<'t> {
    pub fn new(tokens: &'t [Token], text: &'t str, lines: &'t Lines<'t>) -> Parser<'t> {
        Parser { tokens, text, lines, at: 0, far: 0, fill: 0, quiet: 0, probing: 0, depth: 0 }
    }

    /// Parses the whole source. None if it finds no mistake.
    pub fn source(&mut self, mode: Mode) -> Option<Miss> {
        let parsed = match mode {
            Mode::Eval => self.eval_source(),
            _ => self.statements_to_end(),
        };
        parsed.err()
    }

    fn eval_source(&mut self) -> Parse<()> {
        self.expressions()?;
        while self.kind() == Kind::Newline {
            self.at += 1;
        }
        if self.kind() == Kind::End { Ok(()) } else { Err(Miss::Soft) }
    }

    fn statements_to_end(&mut self) -> Parse<()> {
        loop {
            match self.kind() {
                Kind::End => return Ok(()),
                Kind::Newline => self.at += 1,
                _ => self.statement()?,
            }
        }
    }

    pub fn token(&mut self) -> Token {
        self.ahead(0)
    }

    /// The token `n` places on.
    pub fn ahead(&mut self, n: usize) -> Token {
        let index = (self.at + n).min(self.tokens.len() - 1);
        if self.quiet == 0 && self.probing == 0 {
            self.far = self.far.max(index);
        }
        self.fill = self.fill.max(index);
        self.tokens[index]
    }

    pub fn kind(&mut self) -> Kind {
        self.token().kind
    }

    pub fn word_of(&self, token: Token) -> &'t str {
        &self.text[token.loc.start as usize..token.loc.end as usize]
    }

    pub fn is(&mut self, what: &str) -> bool {
        self.is_ahead(0, what)
    }

    pub fn is_ahead(&mut self, n: usize, what: &str) -> bool {
        let token = self.ahead(n);
        matches!(token.kind, Kind::Op | Kind::Name | Kind::SpecColon) && self.word_of(token) == what
    }

    pub fn is_any(&mut self, what: &[&str]) -> bool {
        what.iter().any(|w| self.is(w))
    }

    /// Takes the token if it is this one.
    pub fn eat(&mut self, what: &str) -> bool {
        let found = self.is(what);
        if found {
            self.at += 1;
        }
        found
    }

    pub fn expect(&mut self, what: &str) -> Parse<Loc> {
        let loc = self.token().loc;
        if self.eat(what) { Ok(loc) } else { Err(Miss::Soft) }
    }

    /// A token that nothing else can stand for here.
    pub fn force(&mut self, what: &str) -> Parse<Loc> {
        let token = self.token();
        if self.eat(what) { Ok(token.loc) } else { self.hard(token.loc, format!("expected '{what}'")) }
    }

    /// A name that is no keyword.
    pub fn is_name(&mut self, n: usize) -> bool {
        let token = self.ahead(n);
        token.kind == Kind::Name && !KEYWORDS.contains(&self.word_of(token))
    }

    pub fn name(&mut self) -> Parse<Loc> {
        let loc = self.token().loc;
        if !self.is_name(0) {
            return Err(Miss::Soft);
        }
        self.at += 1;
        Ok(loc)
    }

    pub fn hard<T>(&self, loc: Loc, message: impl Into<String>) -> Parse<T> {
        Err(Miss::Hard(Fail::new(loc, message)))
    }

    /// A mistake that is reported at the furthest token.
    pub fn hard_here<T>(&mut self, message: impl Into<String>) -> Parse<T> {
        self.token();
        Err(Miss::Hard(at_token(self.tokens[self.fill], message.into())))
    }

    /// A mistake reported from a place to the last token read.
    pub fn hard_from<T>(&self, start: Loc, message: impl Into<String>) -> Parse<T> {
        let end = self.tokens[self.fill].loc.end;
        self.hard(Loc { start: start.start, end: end.saturating_sub(1).max(start.start) }, message)
    }

    pub fn indentation<T>(&mut self, message: String) -> Parse<T> {
        self.token();
        Err(Miss::Hard(at_token(self.tokens[self.fill], message).kind(ErrorKind::Indentation)))
    }

    /// Tries a rule; where it does not match, goes back.
    pub fn attempt<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<Option<T>> {
        let at = self.at;
        match rule(self) {
            Ok(found) => Ok(Some(found)),
            Err(Miss::Soft) => {
                self.at = at;
                Ok(None)
            }
            Err(hard) => Err(hard),
        }
    }

    /// Runs a rule that only names mistakes.
    pub fn probe(&mut self, rule: impl FnOnce(&mut Self) -> Parse<()>) -> Parse<()> {
        let at = self.at;
        self.probing += 1;
        let result = rule(self);
        self.probing -= 1;
        self.at = at;
        match result {
            Err(Miss::Soft) => Ok(()),
            other => other,
        }
    }

    /// Whether a rule matches here, without taking anything or naming mistakes.
    pub fn matches<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Option<T> {
        let at = self.at;
        self.quiet += 1;
        let found = rule(self).ok();
        self.quiet -= 1;
        self.at = at;
        found
    }

    /// Runs a rule one level deeper.
    pub fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Miss::Soft);
        }
        let result = rule(self);
        self.depth -= 1;
        result
    }

    /// "cannot assign to ..." or "cannot delete ..." for the part of a target that cannot be one.
    pub fn check_target(&self, node: &Node, deleting: bool, in_for: bool) -> Parse<()> {
        match invalid_target(node, deleting, in_for) {
            Some(bad) => {
                let verb = if deleting { "delete" } else { "assign to" };
                self.hard(bad.loc, format!("cannot {verb} {}", bad.expr.name()))
            }
            None => Ok(()),
        }
    }
}

/// An error at a token; those that have no text stand for how far the tokenizer has read.
pub fn at_token(token: Token, message: String) -> Box<Fail> {
    match token.kind {
        Kind::Indent | Kind::Dedent | Kind::End | Kind::Error => Fail::new(Loc::at(token.loc.end), message).behind(),
        _ => Fail::new(token.loc, message),
    }
}

/// The part of an expression that keeps it from being a target.
pub fn invalid_target(node: &Node, deleting: bool, in_for: bool) -> Option<&Node> {
    match &node.expr {
        Expr::List(items) | Expr::Tuple(items) => items.iter().find_map(|n| invalid_target(n, deleting, in_for)),
        Expr::Starred(_) if deleting => Some(node),
        Expr::Starred(inner) => invalid_target(inner, deleting, in_for),
        Expr::Compare { left, is_in } if in_for => {
            if *is_in {
                invalid_target(left, deleting, in_for)
            } else {
                None
            }
        }
        Expr::Name | Expr::Subscript | Expr::Attribute => None,
        _ => Some(node),
    }
}
