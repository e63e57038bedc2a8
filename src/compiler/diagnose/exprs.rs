//! Expressions, for the second look.

use super::nodes::{Expr, Node};
use super::parser::{Miss, Parse, Parser};
use super::tokens::Kind;
use crate::compiler::error::{Fail, Loc};

const SOFT_KEYWORDS: [&str; 4] = ["match", "case", "type", "_"];
const BINARY: [&[&str]; 5] = [&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"]];

impl Parser<'_> {
    /// `a, b` without stars.
    pub fn expressions(&mut self) -> Parse {
        self.comma_list(|p| p.expression())
    }

    pub fn star_expressions(&mut self) -> Parse {
        self.comma_list(|p| p.star_expression())
    }

    pub fn star_named_expressions(&mut self) -> Parse {
        self.comma_list(|p| p.star_named_expression())
    }

    fn comma_list(&mut self, rule: impl Fn(&mut Self) -> Parse) -> Parse {
        let first = rule(self)?;
        if !self.is(",") {
            return Ok(first);
        }
        let mut loc = first.loc;
        let mut items = vec![first];
        while self.is(",") {
            loc.end = self.token().loc.end;
            self.at += 1;
            match self.attempt(&rule)? {
                Some(item) => {
                    loc.end = item.loc.end;
                    items.push(item);
                }
                None => break,
            }
        }
        Ok(Node::new(Expr::Tuple(items), loc))
    }

    fn star_expression(&mut self) -> Parse {
        if self.is("*") {
            return self.starred_operand(Self::bitwise_or);
        }
        self.expression()
    }

    fn starred_operand(&mut self, rule: impl FnOnce(&mut Self) -> Parse) -> Parse {
        let star = self.expect("*")?;
        let inner = rule(self)?;
        let loc = star.to(inner.loc);
        Ok(Node::new(Expr::Starred(Box::new(inner)), loc))
    }

    pub fn star_named_expression(&mut self) -> Parse {
        if self.is("*") {
            return self.starred_operand(Self::bitwise_or);
        }
        self.named_expression()
    }

    /// An expression that may be `name := value`.
    pub fn named_expression(&mut self) -> Parse {
        let start = self.at;
        if self.is_name(0) && self.is_ahead(1, ":=") {
            return self.assignment_expression();
        }
        let word = self.is_any(&["True", "False", "None", "(", "["]);
        let a = self.expression()?;
        if self.is(":=") {
            self.at += 1;
            if self.matches(|p| p.expression()).is_some() {
                return self.hard(a.loc, format!("cannot use assignment expressions with {}", a.expr.name()));
            }
            self.at -= 1;
            return Err(Miss::Soft);
        }
        if self.quiet == 0 && self.is("=") && a.is_bitwise_or() {
            let end = self.at;
            let name = end == start + 1 && a.expr == Expr::Name;
            let b = self.matches(|p| {
                p.at += 1;
                let b = p.bitwise_or()?;
                if p.is_any(&["=", ":="]) { Err(Miss::Soft) } else { Ok(b) }
            });
            if let Some(b) = b {
                if name {
                    let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
                    return self.hard(a.loc.to(b.loc), message);
                }
                let display =
                    word && matches!(a.expr, Expr::Tuple(_) | Expr::List(_) | Expr::Generator | Expr::Word(_));
                if !display && !matches!(a.expr, Expr::Starred(_)) {
                    let message =
                        format!("cannot assign to {} here. Maybe you meant '==' instead of '='?", a.expr.name());
                    return self.hard(a.loc, message);
                }
            }
        }
        Ok(a)
    }

    pub fn assignment_expression(&mut self) -> Parse {
        let name = self.name()?;
        self.expect(":=")?;
        let value = self.expression()?;
        Ok(Node::new(Expr::Named, name.to(value.loc)))
    }

    pub fn expression(&mut self) -> Parse {
        self.deeper(Self::expression_here)
    }

    fn expression_here(&mut self) -> Parse {
        let first = self.token();
        let statement = matches!(self.word_of(first), "pass" | "break" | "continue") && first.kind == Kind::Name;
        if statement && self.is_ahead(1, "if") {
            let found = self.matches(|p| {
                p.at += 2;
                p.disjunction()?;
                p.expect("else")?;
                p.simple_statement()
            });
            if found.is_some() {
                let end = self.tokens[self.at].loc;
                return self.hard(first.loc.to(end), "expected expression before 'if', but statement is given");
            }
        }
        if self.is("lambda") {
            return self.lambda();
        }
        let second = self.tokens[(self.at + 1).min(self.tokens.len() - 1)];
        let guarded = first.kind == Kind::Name
            && (matches!(second.kind, Kind::String | Kind::FStringStart)
                || SOFT_KEYWORDS.contains(&self.word_of(first)));
        let start = self.at;
        let a = self.disjunction()?;
        if self.quiet == 0 {
            let legacy = self.at == start + 1 && matches!(self.word_of(first), "print" | "exec");
            if legacy && !self.is("(") {
                if let Some(b) = self.matches(|p| p.star_expressions()) {
                    let name = self.word_of(first);
                    let message = format!("Missing parentheses in call to '{name}'. Did you mean {name}(...)?");
                    return self.hard(a.loc.to(b.loc), message);
                }
            } else if !guarded
                && let Some((b, level)) = self.matches(|p| {
                    let b = p.expression()?;
                    Ok((b, p.tokens[p.at - 1].level))
                })
                && level > 0
            {
                return self.hard(a.loc.to(b.loc), "invalid syntax. Perhaps you forgot a comma?");
            }
        }
        if !self.is("if") {
            return Ok(a);
        }
        let before = self.at;
        self.at += 1;
        let Some(b) = self.attempt(|p| p.disjunction())? else {
            self.at = before;
            return Ok(a);
        };
        if self.eat("else") {
            if let Some(c) = self.attempt(|p| p.expression())? {
                return Ok(Node::new(Expr::Conditional, a.loc.to(c.loc)));
            }
            let token = self.token();
            let word = self.word_of(token);
            if token.kind == Kind::Name && self.quiet == 0 && word != "in" {
                return self.hard(token.loc, "expected expression after 'else', but statement is given");
            }
            return Err(Miss::Soft);
        }
        if !self.is(":") {
            return self.hard(a.loc.to(b.loc), "expected 'else' after 'if' expression");
        }
        self.at = before;
        Ok(a)
    }

    pub fn disjunction(&mut self) -> Parse {
        self.boolean("or", |p| p.boolean("and", Self::inversion))
    }

    fn boolean(&mut self, word: &str, rule: impl Fn(&mut Self) -> Parse) -> Parse {
        let first = rule(self)?;
        let mut loc = first.loc;
        let mut any = false;
        while self.is(word) {
            let before = self.at;
            self.at += 1;
            match self.attempt(&rule)? {
                Some(next) => loc.end = next.loc.end,
                None => {
                    self.at = before;
                    break;
                }
            }
            any = true;
        }
        Ok(if any { Node::new(Expr::Boolean, loc) } else { first })
    }

    fn inversion(&mut self) -> Parse {
        if self.is("not") {
            let not = self.expect("not")?;
            let inner = self.deeper(Self::inversion)?;
            return Ok(Node::new(Expr::Boolean, not.to(inner.loc)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parse {
        let left = self.bitwise_or()?;
        let mut loc = left.loc;
        let mut is_in = None;
        loop {
            let before = self.at;
            let found_in = self.is("in");
            let operator = if self.is("not") {
                self.at += 1;
                self.eat("in")
            } else if self.eat("is") {
                self.eat("not");
                true
            } else if self.is_any(&["==", "!=", "<", "<=", ">", ">=", "in"]) {
                self.at += 1;
                true
            } else {
                false
            };
            let right = if operator { self.attempt(|p| p.bitwise_or())? } else { None };
            let Some(right) = right else {
                self.at = before;
                break;
            };
            is_in = is_in.or(Some(found_in));
            loc.end = right.loc.end;
        }
        match is_in {
            Some(is_in) => Ok(Node::new(Expr::Compare { left: Box::new(left), is_in }, loc)),
            None => Ok(left),
        }
    }

    pub fn bitwise_or(&mut self) -> Parse {
        self.binary(0)
    }

    fn binary(&mut self, level: usize) -> Parse {
        let (operators, last): (&[&str], bool) = match BINARY.get(level) {
            Some(operators) => (operators, false),
            None => (&["*", "/", "//", "%", "@"], true),
        };
        let rule = |p: &mut Self| if last { p.factor() } else { p.binary(level + 1) };
        let first = rule(self)?;
        let mut loc = first.loc;
        let mut any = false;
        while self.is_any(operators) {
            let before = self.at;
            self.at += 1;
            if level >= 4 {
                self.refuse_not()?;
            }
            match self.attempt(rule)? {
                Some(next) => loc.end = next.loc.end,
                None => {
                    self.at = before;
                    break;
                }
            }
            any = true;
        }
        Ok(if any { Node::new(Expr::Operation, loc) } else { first })
    }

    fn refuse_not(&mut self) -> Parse<()> {
        if self.quiet > 0 || !self.is("not") {
            return Ok(());
        }
        let not = self.token().loc;
        match self.matches(|p| p.inversion()) {
            Some(b) => self.hard(not.to(b.loc), "'not' after an operator must be parenthesized"),
            None => Ok(()),
        }
    }

    fn factor(&mut self) -> Parse {
        if self.is_any(&["+", "-", "~"]) {
            let sign = self.token().loc;
            self.at += 1;
            self.refuse_not()?;
            let inner = self.deeper(Self::factor)?;
            return Ok(Node::new(Expr::Operation, sign.to(inner.loc)));
        }
        let base = if self.is("await") {
            let word = self.expect("await")?;
            let inner = self.primary()?;
            Node::new(Expr::Await, word.to(inner.loc))
        } else {
            self.primary()?
        };
        if self.is("**") {
            let before = self.at;
            self.at += 1;
            if let Some(power) = self.attempt(|p| p.deeper(Self::factor))? {
                return Ok(Node::new(Expr::Operation, base.loc.to(power.loc)));
            }
            self.at = before;
        }
        Ok(base)
    }

    pub fn primary(&mut self) -> Parse {
        let mut node = self.atom()?;
        loop {
            let before = self.at;
            let start = node.loc;
            if self.eat(".") {
                match self.attempt(|p| p.name())? {
                    Some(name) => node = Node::new(Expr::Attribute, start.to(name)),
                    None => {
                        self.at = before;
                        return Ok(node);
                    }
                }
            } else if self.eat("(") {
                let end = self.attempt(|p| {
                    if !p.is(")") {
                        p.arguments(false)?;
                    }
                    p.expect(")")
                })?;
                match end {
                    Some(end) => node = Node::new(Expr::Call, start.to(end)),
                    None => {
                        self.at = before;
                        return Ok(node);
                    }
                }
            } else if self.eat("[") {
                let end = self.attempt(|p| {
                    p.slices()?;
                    p.expect("]")
                })?;
                match end {
                    Some(end) => node = Node::new(Expr::Subscript, start.to(end)),
                    None => {
                        self.at = before;
                        return Ok(node);
                    }
                }
            } else {
                return Ok(node);
            }
        }
    }

    fn slices(&mut self) -> Parse<()> {
        loop {
            if self.is("*") {
                self.starred_expression()?;
            } else {
                let mut any = false;
                if !self.is(":") {
                    self.named_expression()?;
                    any = true;
                }
                let mut colons = 0;
                while colons < 2 && self.eat(":") {
                    colons += 1;
                    if !self.is_any(&[":", "]", ","]) {
                        self.expression()?;
                    }
                }
                if !any && colons == 0 {
                    return Err(Miss::Soft);
                }
            }
            if !self.eat(",") || self.is("]") {
                return Ok(());
            }
        }
    }

    fn atom(&mut self) -> Parse {
        let token = self.token();
        let loc = token.loc;
        match token.kind {
            Kind::Name => {
                let expr = match self.word_of(token) {
                    "True" => Expr::Word("True"),
                    "False" => Expr::Word("False"),
                    "None" => Expr::Word("None"),
                    _ if self.is_name(0) => Expr::Name,
                    _ => return Err(Miss::Soft),
                };
                self.at += 1;
                Ok(Node::new(expr, loc))
            }
            Kind::Number => {
                self.at += 1;
                Ok(Node::new(Expr::Literal, loc))
            }
            Kind::String | Kind::FStringStart => self.strings(),
            Kind::Op => match self.word_of(token) {
                "..." => {
                    self.at += 1;
                    Ok(Node::new(Expr::Ellipsis, loc))
                }
                "(" => self.deeper(Self::parenthesized),
                "[" => self.deeper(Self::bracketed),
                "{" => self.deeper(Self::braced),
                _ => Err(Miss::Soft),
            },
            _ => Err(Miss::Soft),
        }
    }

    fn parenthesized(&mut self) -> Parse {
        let open = self.expect("(")?;
        if let Some(end) = self.attempt(|p| p.expect(")"))? {
            return Ok(Node::new(Expr::Tuple(Vec::new()), open.to(end)));
        }
        if self.is("yield") {
            let inner = self.yield_expression()?;
            let end = self.expect(")")?;
            let _ = end;
            return Ok(Node { group: true, ..inner });
        }
        if self.is("**") {
            let stars = self.token().loc;
            let closed = self.matches(|p| {
                p.at += 1;
                p.expression()?;
                p.expect(")")
            });
            if closed.is_some() {
                return self.hard(stars, "cannot use double starred expression here");
            }
        }
        let first = self.star_named_expression()?;
        if self.is("for") || self.is("async") {
            self.refuse_starred_element(&first)?;
            self.for_if_clauses()?;
            let end = self.expect(")")?;
            return Ok(Node::new(Expr::Generator, open.to(end)));
        }
        if self.is(",") {
            let mut items = vec![first];
            while self.eat(",") {
                if self.is(")") {
                    break;
                }
                items.push(self.star_named_expression()?);
            }
            let end = self.expect(")")?;
            return Ok(Node::new(Expr::Tuple(items), open.to(end)));
        }
        let end = self.expect(")")?;
        if let Expr::Starred(_) = first.expr {
            return self.hard(first.loc, "cannot use starred expression here");
        }
        let _ = end;
        Ok(Node { group: true, ..first })
    }

    fn refuse_starred_element(&mut self, first: &Node) -> Parse<()> {
        if matches!(first.expr, Expr::Starred(_)) && self.matches(|p| p.for_if_clauses()).is_some() {
            return self.hard(first.loc, "iterable unpacking cannot be used in comprehension");
        }
        Ok(())
    }

    fn bracketed(&mut self) -> Parse {
        let open = self.expect("[")?;
        if let Some(end) = self.attempt(|p| p.expect("]"))? {
            return Ok(Node::new(Expr::List(Vec::new()), open.to(end)));
        }
        let first = self.star_named_expression()?;
        if self.is("for") || self.is("async") {
            self.refuse_starred_element(&first)?;
            self.for_if_clauses()?;
            let end = self.expect("]")?;
            return Ok(Node::new(Expr::ListComp, open.to(end)));
        }
        let items = self.display_items(first, "]")?;
        let end = self.expect("]")?;
        Ok(Node::new(Expr::List(items), open.to(end)))
    }

    /// The items of a list or set display after the first one.
    fn display_items(&mut self, first: Node, close: &str) -> Parse<Vec<Node>> {
        let start = first.loc;
        let mut items = vec![first];
        while self.is(",") {
            let comma = self.token().loc;
            self.at += 1;
            if self.is(close) {
                break;
            }
            if (self.is("for") || self.is("async")) && self.matches(|p| p.for_if_clauses()).is_some() {
                return self.hard(start.to(comma), "did you forget parentheses around the comprehension target?");
            }
            items.push(self.star_named_expression()?);
            if (self.is("for") || self.is("async")) && self.matches(|p| p.for_if_clauses()).is_some() {
                let end = items.last().map_or(comma, |i| i.loc);
                return self.hard(start.to(end), "did you forget parentheses around the comprehension target?");
            }
        }
        Ok(items)
    }

    fn braced(&mut self) -> Parse {
        let open = self.expect("{")?;
        if let Some(end) = self.attempt(|p| p.expect("}"))? {
            return Ok(Node::new(Expr::Dict, open.to(end)));
        }
        if self.is("**") {
            return self.dict_items(open);
        }
        let first = self.star_named_expression()?;
        if self.is(":") && !matches!(first.expr, Expr::Starred(_)) {
            return self.dict_rest(open, true);
        }
        if self.is("for") || self.is("async") {
            self.refuse_starred_element(&first)?;
            self.for_if_clauses()?;
            let end = self.expect("}")?;
            return Ok(Node::new(Expr::SetComp, open.to(end)));
        }
        self.display_items(first, "}")?;
        let end = self.expect("}")?;
        Ok(Node::new(Expr::Set, open.to(end)))
    }

    fn dict_items(&mut self, open: Loc) -> Parse {
        let mut first = true;
        loop {
            if self.is("}") {
                break;
            }
            if self.is("**") {
                let stars = self.token().loc;
                self.at += 1;
                self.bitwise_or()?;
                if first && (self.is("for") || self.is("async")) {
                    let closed = self.matches(|p| {
                        p.for_if_clauses()?;
                        p.expect("}")
                    });
                    if closed.is_some() {
                        return self.hard(stars, "dict unpacking cannot be used in dict comprehension");
                    }
                }
            } else {
                let key = self.expression()?;
                if !self.is(":") {
                    let end = key.loc.end;
                    let fail = Fail::new(Loc::at(end.saturating_sub(1)), "':' expected after dictionary key");
                    return Err(Miss::Hard(fail.point()));
                }
                return self.dict_rest(open, first);
            }
            first = false;
            if !self.eat(",") {
                break;
            }
        }
        let end = self.expect("}")?;
        Ok(Node::new(Expr::Dict, open.to(end)))
    }

    /// A dict display from the colon of an item on.
    fn dict_rest(&mut self, open: Loc, only: bool) -> Parse {
        let colon = self.expect(":")?;
        if self.is("*") {
            let star = self.token().loc;
            let value = self.matches(|p| {
                p.at += 1;
                p.bitwise_or()
            });
            if value.is_some() {
                return self.hard_from(star, "cannot use a starred expression in a dictionary value");
            }
        }
        if self.is_any(&["}", ","]) {
            return self.hard(colon, "expression expected after dictionary key and ':'");
        }
        self.expression()?;
        if only && (self.is("for") || self.is("async")) {
            self.for_if_clauses()?;
            let end = self.expect("}")?;
            return Ok(Node::new(Expr::DictComp, open.to(end)));
        }
        if !self.eat(",") {
            let end = self.expect("}")?;
            return Ok(Node::new(Expr::Dict, open.to(end)));
        }
        let mut node = self.dict_items(open)?;
        node.loc.start = open.start;
        Ok(node)
    }

    /// One or more `for ... in ... if ...`. The place of the last expression in them.
    pub fn for_if_clauses(&mut self) -> Parse<Loc> {
        let mut last = None;
        loop {
            let before = self.at;
            self.eat("async");
            if !self.eat("for") {
                self.at = before;
                return last.ok_or(Miss::Soft);
            }
            let target = self.attempt(|p| p.star_targets())?;
            if target.is_none() || !self.is("in") {
                self.at = before;
                self.eat("async");
                return self.bad_for_clause();
            }
            self.at += 1;
            let mut end = self.disjunction()?.loc;
            while self.eat("if") {
                end = self.disjunction()?.loc;
            }
            last = Some(end);
        }
    }

    fn bad_for_clause(&mut self) -> Parse<Loc> {
        self.at += 1;
        let before = self.at;
        let listed = self.matches(|p| {
            p.bitwise_or()?;
            while p.eat(",") {
                if p.attempt(|p| p.bitwise_or())?.is_none() {
                    break;
                }
            }
            Ok(p.at)
        });
        if let Some(end) = listed {
            self.at = end;
            if !self.is("in") {
                return self.hard_here("'in' expected after for-loop variables");
            }
        }
        self.at = before;
        self.probe(|p| {
            let target = p.star_expressions()?;
            p.check_target(&target, false, true)
        })?;
        Err(Miss::Soft)
    }

    /// Targets of an assignment or a loop.
    pub fn star_targets(&mut self) -> Parse {
        let target = self.comma_list(|p| p.star_target())?;
        if super::parser::invalid_target(&target, false, false).is_some() { Err(Miss::Soft) } else { Ok(target) }
    }

    fn star_target(&mut self) -> Parse {
        if self.is("*") {
            let star = self.expect("*")?;
            if self.is("*") {
                return Err(Miss::Soft);
            }
            let inner = self.primary()?;
            let loc = star.to(inner.loc);
            return Ok(Node::new(Expr::Starred(Box::new(inner)), loc));
        }
        self.primary()
    }

    pub fn yield_expression(&mut self) -> Parse {
        let word = self.expect("yield")?;
        if self.eat("from") {
            let value = self.expression()?;
            return Ok(Node::new(Expr::Yield, word.to(value.loc)));
        }
        let value = self.attempt(|p| p.star_expressions())?;
        Ok(Node::new(Expr::Yield, value.map_or(word, |v| word.to(v.loc))))
    }
}
