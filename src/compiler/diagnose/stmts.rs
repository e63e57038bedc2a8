//! Statements, for the second look.

use super::nodes::{Expr, Node};
use super::parser::{Miss, Parse, Parser};
use super::tokens::Kind;
use crate::compiler::error::Loc;

const AUGMENTED: [&str; 13] = ["+=", "-=", "*=", "@=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//="];

impl Parser<'_> {
    pub fn statement(&mut self) -> Parse<()> {
        let token = self.token();
        match token.kind {
            Kind::Indent | Kind::Dedent => return Err(Miss::Soft),
            Kind::Name => match self.word_of(token) {
                "if" => return self.deeper(|p| p.if_statement("if")),
                "while" => return self.deeper(Self::while_statement),
                "for" => return self.deeper(Self::for_statement),
                "try" => return self.deeper(Self::try_statement),
                "with" => return self.deeper(Self::with_statement),
                "def" => return self.deeper(Self::function),
                "class" => return self.deeper(Self::class),
                "async" => return self.deeper(Self::async_statement),
                "match" => {
                    if let Some(()) = self.attempt(|p| p.deeper(Self::match_statement))? {
                        return Ok(());
                    }
                }
                _ => {}
            },
            Kind::Op if self.is("@") => return self.deeper(Self::decorated),
            _ => {}
        }
        self.simple_statements()
    }

    fn simple_statements(&mut self) -> Parse<()> {
        loop {
            self.simple_statement()?;
            if self.eat(";") {
                if self.kind() == Kind::Newline {
                    break;
                }
                continue;
            }
            break;
        }
        if self.kind() == Kind::Newline {
            self.at += 1;
            return Ok(());
        }
        Err(Miss::Soft)
    }

    fn at_statement_end(&mut self) -> bool {
        self.kind() == Kind::Newline || self.is(";")
    }

    pub fn simple_statement(&mut self) -> Parse<()> {
        let token = self.token();
        if token.kind == Kind::Name {
            match self.word_of(token) {
                "pass" | "break" | "continue" => {
                    if self.is_ahead(1, "if") {
                        // A named mistake; found where expressions begin.
                        self.expression()?;
                    }
                    self.at += 1;
                    return Ok(());
                }
                "return" => {
                    self.at += 1;
                    if !self.at_statement_end() {
                        self.star_expressions()?;
                    }
                    return Ok(());
                }
                "raise" => return self.raise(),
                "del" => return self.del(),
                "assert" => {
                    self.at += 1;
                    self.expression()?;
                    if self.eat(",") {
                        self.expression()?;
                    }
                    return Ok(());
                }
                "import" => return self.import(),
                "from" => return self.import_from(),
                "global" | "nonlocal" => {
                    self.at += 1;
                    self.name()?;
                    while self.eat(",") {
                        self.name()?;
                    }
                    return Ok(());
                }
                "type" if self.is_name(1) => {
                    if let Some(()) = self.attempt(Self::type_alias)? {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        self.assignment_or_expression()
    }

    fn raise(&mut self) -> Parse<()> {
        let word = self.expect("raise")?;
        if self.at_statement_end() {
            return Ok(());
        }
        if self.is("from") {
            let message = "did you forget an expression between 'raise' and 'from'?";
            let from = self.token().loc;
            return self.hard(word.to(from), message);
        }
        self.expression()?;
        if self.is("from") {
            let from = self.token().loc;
            self.at += 1;
            if self.at_statement_end() {
                return self.hard(from, "did you forget an expression after 'from'?");
            }
            self.expression()?;
        }
        Ok(())
    }

    fn del(&mut self) -> Parse<()> {
        self.expect("del")?;
        let target = self.star_expressions()?;
        if !self.at_statement_end() {
            return Err(Miss::Soft);
        }
        self.check_target(&target, true, false)
    }

    fn type_alias(&mut self) -> Parse<()> {
        self.expect("type")?;
        self.name()?;
        self.type_params()?;
        self.expect("=")?;
        self.expression()?;
        Ok(())
    }

    fn dotted_name(&mut self) -> Parse<Loc> {
        let mut loc = self.name()?;
        while self.is(".") {
            self.at += 1;
            loc.end = self.name()?.end;
        }
        Ok(loc)
    }

    fn import(&mut self) -> Parse<()> {
        let word = self.expect("import")?;
        if self.kind() == Kind::Newline {
            let newline = self.token().loc;
            return self.hard_from(newline, "Expected one or more names after 'import'");
        }
        loop {
            self.dotted_name()?;
            self.as_target()?;
            if !self.eat(",") {
                break;
            }
        }
        if self.is("from")
            && let Some(_) = self.matches(|p| {
                p.at += 1;
                p.dotted_name()
            })
        {
            return self.hard_from(word, "Did you mean to use 'from ... import ...' instead?");
        }
        Ok(())
    }

    /// `as name` behind an imported name.
    fn as_target(&mut self) -> Parse<()> {
        if !self.eat("as") {
            return Ok(());
        }
        let plain = self.is_name(0) && {
            let next = self.ahead(1);
            next.kind == Kind::Newline || matches!(self.word_of(next), "," | ")" | ";")
        };
        if plain {
            self.at += 1;
            return Ok(());
        }
        self.probe(|p| {
            let target = p.expression()?;
            let name = target.expr.name();
            p.hard(target.loc, format!("cannot use {name} as import target"))
        })?;
        Err(Miss::Soft)
    }

    fn import_from(&mut self) -> Parse<()> {
        self.expect("from")?;
        let mut dots = false;
        while self.is_any(&[".", "..."]) {
            self.at += 1;
            dots = true;
        }
        if !dots || !self.is("import") {
            self.dotted_name()?;
        }
        self.expect("import")?;
        if self.kind() == Kind::Newline {
            let newline = self.token().loc;
            return self.hard_from(newline, "Expected one or more names after 'import'");
        }
        if self.eat("*") {
            return Ok(());
        }
        let parenthesized = self.eat("(");
        loop {
            self.name()?;
            self.as_target()?;
            if !self.eat(",") {
                break;
            }
            if parenthesized && self.is(")") {
                break;
            }
            if !parenthesized && self.kind() == Kind::Newline {
                return self.hard_here("trailing comma not allowed without surrounding parentheses");
            }
        }
        if parenthesized {
            self.expect(")")?;
        }
        Ok(())
    }

    fn assignment_or_expression(&mut self) -> Parse<()> {
        let start = self.at;
        if let Some(()) = self.attempt(Self::assignment)? {
            return Ok(());
        }
        self.at = start;
        self.probe(Self::invalid_assignment)?;
        self.at = start;
        if self.is("yield") {
            self.yield_expression()?;
            return Ok(());
        }
        self.star_expressions()?;
        Ok(())
    }

    /// A valid assignment or annotation.
    fn assignment(&mut self) -> Parse<()> {
        let start = self.at;
        if let Some(target) = self.attempt(|p| {
            let target = p.primary()?;
            if p.is(":") { Ok(target) } else { Err(Miss::Soft) }
        })? {
            let parenthesized = target.group;
            let single = matches!(target.expr, Expr::Name | Expr::Attribute | Expr::Subscript);
            if single {
                let _ = parenthesized;
                self.at += 1;
                self.expression()?;
                if self.eat("=") {
                    self.annotated_value()?;
                }
                return Ok(());
            }
        }
        self.at = start;
        let mut any = false;
        while let Some(()) = self.attempt(|p| {
            p.star_targets()?;
            p.expect("=").map(|_| ())
        })? {
            any = true;
        }
        if any {
            self.annotated_value()?;
            if self.is("=") {
                return Err(Miss::Soft);
            }
            return Ok(());
        }
        let target = self.primary()?;
        if !self.is_any(&AUGMENTED) || !matches!(target.expr, Expr::Name | Expr::Attribute | Expr::Subscript) {
            return Err(Miss::Soft);
        }
        self.at += 1;
        self.annotated_value()
    }

    fn annotated_value(&mut self) -> Parse<()> {
        if self.is("yield") {
            self.yield_expression()?;
        } else {
            self.star_expressions()?;
        }
        Ok(())
    }

    fn invalid_assignment(&mut self) -> Parse<()> {
        let start = self.at;
        if let Some(first) = self.attempt(|p| p.star_named_expression())? {
            if self.is(":") && self.matches(|p| p.after_colon()).is_some() {
                return match first.expr {
                    Expr::List(_) => self.hard(first.loc, "only single target (not list) can be annotated"),
                    Expr::Tuple(_) => self.hard(first.loc, "only single target (not tuple) can be annotated"),
                    _ => self.hard(first.loc, "illegal target for annotation"),
                };
            }
            if self.eat(",") {
                let rest = self.attempt(|p| p.star_named_expressions())?;
                let _ = rest;
                if self.is(":") && self.matches(|p| p.after_colon()).is_some() {
                    return self.hard(first.loc, "only single target (not tuple) can be annotated");
                }
            }
        }
        self.at = start;
        // Targets that are fine, then one that is not.
        while let Some(()) = self.attempt(|p| {
            p.star_targets()?;
            p.expect("=").map(|_| ())
        })? {}
        if self.is("yield") {
            let value = self.yield_expression()?;
            if self.is("=") {
                return self.hard(value.loc, "assignment to yield expression not possible");
            }
            return Ok(());
        }
        let value = self.attempt(|p| p.star_expressions())?;
        if let Some(value) = value
            && self.is("=")
        {
            self.check_target(&value, false, false)?;
        }
        self.at = start;
        if let Some(target) = self.attempt(|p| p.star_expressions())?
            && self.is_any(&AUGMENTED)
        {
            let name = target.expr.name();
            return self.hard(target.loc, format!("'{name}' is an illegal expression for augmented assignment"));
        }
        Ok(())
    }

    fn after_colon(&mut self) -> Parse {
        self.at += 1;
        self.expression()
    }

    /// A block behind a colon. `opener` describes the statement at `word` in "expected an indented block after ...".
    pub fn block(&mut self, word: Loc, opener: &str) -> Parse<()> {
        if self.kind() != Kind::Newline {
            return self.simple_statements();
        }
        self.at += 1;
        if self.kind() != Kind::Indent {
            let line = self.lines.line(word.start);
            return self.indentation(format!("expected an indented block after {opener} on line {line}"));
        }
        self.at += 1;
        loop {
            match self.kind() {
                Kind::Dedent => {
                    self.at += 1;
                    return Ok(());
                }
                Kind::End => return Ok(()),
                _ => self.statement()?,
            }
        }
    }

    /// The colon of a statement, which a newline instead of it shows to be missing.
    fn colon(&mut self) -> Parse<()> {
        if self.kind() == Kind::Newline {
            return self.hard_here("expected ':'");
        }
        self.expect(":").map(|_| ())
    }

    fn if_statement(&mut self, word: &str) -> Parse<()> {
        let loc = self.expect(word)?;
        self.named_expression()?;
        self.colon()?;
        self.block(loc, &format!("'{word}' statement"))?;
        if self.is("elif") {
            return self.deeper(|p| p.if_statement("elif"));
        }
        self.else_block(true)
    }

    fn else_block(&mut self, of_if: bool) -> Parse<()> {
        if !self.is("else") {
            return Ok(());
        }
        let loc = self.expect("else")?;
        self.force(":")?;
        self.block(loc, "'else' statement")?;
        if of_if && self.is("elif") {
            return self.hard_here("'elif' block follows an 'else' block");
        }
        Ok(())
    }

    fn while_statement(&mut self) -> Parse<()> {
        let loc = self.expect("while")?;
        self.named_expression()?;
        self.colon()?;
        self.block(loc, "'while' statement")?;
        self.else_block(false)
    }

    fn for_statement(&mut self) -> Parse<()> {
        let loc = self.expect("for")?;
        let start = self.at;
        let target = self.attempt(|p| {
            let target = p.star_targets()?;
            if p.is("in") { Ok(target) } else { Err(Miss::Soft) }
        })?;
        if target.is_none() {
            self.at = start;
            self.probe(|p| {
                if let Some(target) = p.attempt(|p| p.star_expressions())? {
                    p.check_target(&target, false, true)?;
                }
                Ok(())
            })?;
            return Err(Miss::Soft);
        }
        self.expect("in")?;
        self.star_expressions()?;
        self.colon()?;
        self.block(loc, "'for' statement")?;
        self.else_block(false)
    }

    fn with_statement(&mut self) -> Parse<()> {
        let loc = self.expect("with")?;
        let start = self.at;
        // Items in parentheses, or the parentheses of an expression.
        let grouped = self.is("(")
            && self
                .attempt(|p| {
                    p.expect("(")?;
                    loop {
                        p.with_item()?;
                        if !p.eat(",") || p.is(")") {
                            break;
                        }
                    }
                    p.expect(")")?;
                    if p.is(":") || p.kind() == Kind::Newline { Ok(()) } else { Err(Miss::Soft) }
                })?
                .is_some();
        if !grouped {
            self.at = start;
            loop {
                self.with_item()?;
                if !self.eat(",") {
                    break;
                }
            }
        }
        self.colon()?;
        self.block(loc, "'with' statement")
    }

    fn with_item(&mut self) -> Parse<()> {
        self.expression()?;
        if !self.eat("as") {
            return Ok(());
        }
        let start = self.at;
        let target = self.attempt(|p| {
            let target = p.primary()?;
            let fits = super::parser::invalid_target(&target, false, false).is_none();
            if fits && (p.is_any(&[",", ")", ":"]) || p.kind() == Kind::Newline) { Ok(()) } else { Err(Miss::Soft) }
        })?;
        if target.is_some() {
            return Ok(());
        }
        self.at = start;
        if self.is("*") {
            self.star_targets()?;
            return Ok(());
        }
        let value = self.expression()?;
        if self.is_any(&[",", ")", ":"]) {
            self.check_target(&value, false, false)?;
        }
        Err(Miss::Soft)
    }

    fn try_statement(&mut self) -> Parse<()> {
        let loc = self.expect("try")?;
        self.force(":")?;
        self.block(loc, "'try' statement")?;
        let (mut plain, mut star, mut any) = (false, false, false);
        while self.is("except") {
            any = true;
            let starred = self.except_clause(plain || star, star)?;
            star |= starred;
            plain |= !starred;
        }
        if any {
            self.else_block(false)?;
        }
        if self.is("finally") {
            let loc = self.expect("finally")?;
            self.force(":")?;
            return self.block(loc, "'finally' statement");
        }
        if any { Ok(()) } else { self.hard_here("expected 'except' or 'finally' block") }
    }

    fn except_clause(&mut self, others: bool, stars: bool) -> Parse<bool> {
        let loc = self.expect("except")?;
        let star = self.eat("*");
        let name = if star { "except*" } else { "except" };
        if others && star != stars {
            // The clause itself must be sound for this to be named.
            let end = self.tokens[self.at - 1].loc;
            let sound = self.matches(|p| {
                if star || !p.is(":") {
                    p.expression()?;
                    if p.eat("as") {
                        p.name()?;
                    }
                }
                p.expect(":")
            });
            if sound.is_some() {
                return self.hard(loc.to(end), "cannot have both 'except' and 'except*' on the same 'try'");
            }
        }
        if self.kind() == Kind::Newline || star && self.is(":") {
            if star {
                return self.hard_here("expected one or more exception types");
            }
            return self.hard_here("expected ':'");
        }
        if !self.is(":") {
            let first = self.expression()?;
            let mut several = false;
            while self.eat(",") {
                several = true;
                if self.is(":") {
                    break;
                }
                self.expression()?;
            }
            if self.is("as") {
                if several {
                    let sound = self.matches(|p| {
                        p.expect("as")?;
                        p.name()?;
                        p.expect(":")
                    });
                    if sound.is_some() {
                        let message = "multiple exception types must be parenthesized when using 'as'";
                        return self.hard_from(first.loc, message);
                    }
                }
                self.at += 1;
                let plain = self.is_name(0) && {
                    let next = self.ahead(1);
                    next.kind == Kind::Newline || self.word_of(next) == ":"
                };
                if plain {
                    self.at += 1;
                } else if let Some(target) = self.attempt(|p| p.expression())? {
                    if self.is(":") {
                        let shown = target.expr.name();
                        return self.hard(target.loc, format!("cannot use {name} statement with {shown}"));
                    }
                    return Err(Miss::Soft);
                }
            }
        }
        self.colon()?;
        self.block(loc, &format!("'{name}' statement"))?;
        Ok(star)
    }

    pub fn type_params(&mut self) -> Parse<()> {
        if !self.is("[") {
            return Ok(());
        }
        self.at += 1;
        if self.is("]") {
            let close = self.token().loc;
            return self.hard_from(close, "Type parameter list cannot be empty");
        }
        loop {
            let stars = if self.is_any(&["*", "**"]) {
                let token = self.token();
                self.at += 1;
                self.word_of(token)
            } else {
                ""
            };
            self.name()?;
            if self.is(":") {
                let colon = self.token().loc;
                self.at += 1;
                let bound = self.expression()?;
                if !stars.is_empty() {
                    let what = if matches!(bound.expr, Expr::Tuple(_)) { "constraints" } else { "bound" };
                    let kind = if stars == "*" { "TypeVarTuple" } else { "ParamSpec" };
                    let _ = colon;
                    return self.hard_from(colon, format!("cannot use {what} with {kind}"));
                }
            }
            if self.eat("=") {
                if stars == "*" && self.is("*") {
                    self.star_named_expression()?;
                } else {
                    self.expression()?;
                }
            }
            if !self.eat(",") || self.is("]") {
                break;
            }
        }
        self.expect("]").map(|_| ())
    }

    fn function(&mut self) -> Parse<()> {
        let loc = self.expect("def")?;
        self.name()?;
        self.attempt(Self::type_params)?;
        self.force("(")?;
        self.parameters(false)?;
        self.expect(")")?;
        if self.eat("->") {
            self.expression()?;
        }
        self.force(":")?;
        self.block(loc, "function definition")
    }

    fn class(&mut self) -> Parse<()> {
        let loc = self.expect("class")?;
        self.name()?;
        self.attempt(Self::type_params)?;
        if self.eat("(") {
            if !self.is(")") {
                self.arguments(true)?;
            }
            self.expect(")")?;
        }
        self.colon()?;
        self.block(loc, "class definition")
    }

    fn async_statement(&mut self) -> Parse<()> {
        self.expect("async")?;
        let token = self.token();
        match self.word_of(token) {
            "def" => self.function(),
            "with" => self.with_statement(),
            "for" => self.for_statement(),
            _ => Err(Miss::Soft),
        }
    }

    fn decorated(&mut self) -> Parse<()> {
        while self.eat("@") {
            self.named_expression()?;
            if self.kind() != Kind::Newline {
                return Err(Miss::Soft);
            }
            self.at += 1;
        }
        let token = self.token();
        match self.word_of(token) {
            "def" => self.function(),
            "class" => self.class(),
            "async" if self.is_ahead(1, "def") => self.async_statement(),
            _ => Err(Miss::Soft),
        }
    }

    fn match_statement(&mut self) -> Parse<()> {
        let loc = self.expect("match")?;
        // Without a subject that is followed by a colon or newline this is no match statement.
        let before = self.at;
        let subject: Option<Node> = self.attempt(|p| {
            let subject = p.star_named_expressions()?;
            if p.is(":") || p.kind() == Kind::Newline { Ok(subject) } else { Err(Miss::Soft) }
        })?;
        self.at = before;
        if subject.is_none() {
            return Err(Miss::Soft);
        }
        let bare_name = self.tokens[self.at].kind == Kind::Op;
        self.star_named_expressions()?;
        if self.kind() == Kind::Newline {
            // `match (x)` on a line of its own is a call.
            if bare_name {
                return Err(Miss::Soft);
            }
            return self.hard_here("expected ':'");
        }
        self.expect(":")?;
        if self.kind() != Kind::Newline {
            return Err(Miss::Soft);
        }
        self.at += 1;
        if self.kind() != Kind::Indent {
            let line = self.lines.line(loc.start);
            return self.indentation(format!("expected an indented block after 'match' statement on line {line}"));
        }
        self.at += 1;
        while self.is("case") {
            self.case_block()?;
        }
        match self.kind() {
            Kind::Dedent => {
                self.at += 1;
                Ok(())
            }
            Kind::End => Ok(()),
            _ => Err(Miss::Soft),
        }
    }

    fn case_block(&mut self) -> Parse<()> {
        let loc = self.expect("case")?;
        self.patterns()?;
        if self.eat("if") {
            self.named_expression()?;
        }
        self.colon()?;
        self.block(loc, "'case' statement")
    }
}
