//! Arguments of calls, and parameters of functions and lambdas, for the second look.

use super::nodes::{Expr, Node};
use super::parser::{Miss, Parse, Parser};
use super::tokens::Kind;
use crate::compiler::error::Loc;

impl Parser<'_> {
    /// The arguments of a call, up to the closing parenthesis.
    /// A class's bases may not be a generator.
    pub fn arguments(&mut self, class: bool) -> Parse<()> {
        let mut keyword = false;
        let mut unpacking = false;
        let mut count = 0;
        // The comma behind the last argument.
        let mut comma = None;
        loop {
            if self.is(")") {
                return Ok(());
            }
            if self.is("**") {
                self.double_starred()?;
                unpacking = true;
                keyword = true;
            } else if self.is("*") {
                let star = self.token().loc;
                self.starred_expression()?;
                if unpacking {
                    let at = comma.unwrap_or(star);
                    return self.hard_from(at, "iterable argument unpacking follows keyword argument unpacking");
                }
            } else if self.word_before_equals()? {
                self.keyword_argument()?;
                keyword = true;
            } else if keyword {
                // The grammar knows no more positional arguments here.
                if self.matches(|p| p.positional_run()).is_some() {
                    let what = if unpacking { "keyword argument unpacking" } else { "keyword argument" };
                    return self.hard_here(format!("positional argument follows {what}"));
                }
                return Err(Miss::Soft);
            } else {
                let a = self.positional()?;
                if class && self.is("for") {
                    return Err(Miss::Soft);
                }
                if self.is("for") || self.is("async") {
                    let end = self.for_if_clauses()?;
                    let lonely = count == 0 && self.is(")");
                    if !lonely && (count > 0 || self.is(",")) {
                        return self.hard(a.loc.to(end), "Generator expression must be parenthesized");
                    }
                }
            }
            count += 1;
            if !self.is(",") {
                return Ok(());
            }
            comma = Some(self.token().loc);
            self.at += 1;
        }
    }

    /// Arguments behind keyword arguments, as far as they go.
    fn positional_run(&mut self) -> Parse<()> {
        loop {
            if self.is("*") {
                self.starred_expression()?;
            } else if self.is_name(0) && self.is_ahead(1, "=") {
                self.keyword_argument()?;
            } else {
                self.positional()?;
            }
            if !self.eat(",") || self.is(")") || self.is("**") {
                return Ok(());
            }
        }
    }

    /// `name =`, or one of the words that cannot be a name there.
    fn word_before_equals(&mut self) -> Parse<bool> {
        let token = self.token();
        let word = self.word_of(token);
        if matches!(word, "True" | "False" | "None") {
            let equals = self.matches(|p| {
                p.at += 1;
                p.expect("=")
            });
            return match equals {
                Some(equals) => self.hard(token.loc.to(equals), format!("cannot assign to {word}")),
                None => Ok(false),
            };
        }
        Ok(self.is_name(0) && self.is_ahead(1, "="))
    }

    fn keyword_argument(&mut self) -> Parse<()> {
        let name = self.name()?;
        let equals = self.expect("=")?;
        if self.is_any(&[",", ")"]) {
            return self.hard(name.to(equals), "expected argument value expression");
        }
        self.expression()?;
        if (self.is("for") || self.is("async")) && self.matches(|p| p.for_if_clauses()).is_some() {
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            return self.hard(name.to(equals), message);
        }
        Ok(())
    }

    fn positional(&mut self) -> Parse {
        if self.is_name(0) && self.is_ahead(1, ":=") {
            return self.assignment_expression();
        }
        let a = self.expression()?;
        if self.is("=") {
            let equals = self.token().loc;
            let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
            return self.hard(a.loc.to(equals), message);
        }
        if self.is(":=") {
            return Err(Miss::Soft);
        }
        Ok(a)
    }

    fn double_starred(&mut self) -> Parse<()> {
        let stars = self.expect("**")?;
        self.expression()?;
        if self.is("=")
            && let Some(value) = self.matches(|p| {
                p.at += 1;
                p.expression()
            })
        {
            return self.hard(stars.to(value.loc), "cannot assign to keyword argument unpacking");
        }
        Ok(())
    }

    pub fn starred_expression(&mut self) -> Parse<()> {
        let star = self.expect("*")?;
        let Some(inner) = self.attempt(|p| p.expression())? else {
            return self.hard_here("Invalid star expression");
        };
        if self.is("=")
            && let Some(value) = self.matches(|p| {
                p.at += 1;
                p.expression()
            })
        {
            return self.hard(star.to(value.loc), "cannot assign to iterable argument unpacking");
        }
        let _ = inner;
        Ok(())
    }

    pub fn lambda(&mut self) -> Parse {
        let word = self.expect("lambda")?;
        if !self.is(":") {
            self.parameters(true)?;
        }
        let colon = self.force(":")?;
        if self.tokens[self.at - 1].kind == Kind::SpecColon {
            let kind = self.string_kind();
            let message = format!("{kind}-string: lambda expressions are not allowed without parentheses");
            return self.hard(word.to(colon), message);
        }
        let body = self.expression()?;
        Ok(Node::new(Expr::Lambda, word.to(body.loc)))
    }

    /// The parameters of a function or lambda, up to `)` or `:`.
    pub fn parameters(&mut self, lambda: bool) -> Parse<()> {
        let close = if lambda { ":" } else { ")" };
        let mut seen_default = false;
        let mut seen_slash = false;
        let mut seen_star = false;
        let mut count = 0;
        loop {
            if self.is(close) {
                return Ok(());
            }
            let token = self.token();
            if self.is("/") {
                if count == 0 {
                    if !self.is_ahead(1, ",") {
                        return Err(Miss::Soft);
                    }
                    return self.hard(token.loc, "at least one argument must precede /");
                }
                if seen_slash {
                    return self.hard(token.loc, "/ may appear only once");
                }
                if seen_star {
                    return self.hard(token.loc, "/ must be ahead of *");
                }
                self.at += 1;
                seen_slash = true;
                if self.is("*") {
                    let star = self.token().loc;
                    return self.hard(star, "expected comma between / and *");
                }
            } else if self.is("**") {
                return self.keyword_parameter(close, lambda);
            } else if self.is("*") {
                if seen_star {
                    return self.hard(token.loc, "* argument may appear only once");
                }
                self.star_parameter(close, lambda)?;
                seen_star = true;
                // Parameters behind the star need not care for the order of defaults.
            } else if self.is("(") && !seen_star {
                return self.parenthesized_parameter(lambda);
            } else {
                let name = self.parameter(lambda, false)?;
                let default = self.default_value(close)?;
                if seen_default && !default && !seen_star {
                    return self.hard(name, "parameter without a default follows parameter with a default");
                }
                seen_default |= default;
            }
            count += 1;
            if !self.eat(",") {
                return Ok(());
            }
        }
    }

    fn parameter(&mut self, lambda: bool, star: bool) -> Parse<Loc> {
        let mut loc = self.name()?;
        if !lambda && self.eat(":") {
            let annotation = if star && self.is("*") { self.star_named_expression()? } else { self.expression()? };
            loc.end = annotation.loc.end;
        }
        Ok(loc)
    }

    fn default_value(&mut self, close: &str) -> Parse<bool> {
        if !self.is("=") {
            return Ok(false);
        }
        let equals = self.token().loc;
        self.at += 1;
        if self.is_any(&[",", close]) {
            return self.hard(equals, "expected default value expression");
        }
        self.expression()?;
        Ok(true)
    }

    fn star_parameter(&mut self, close: &str, lambda: bool) -> Parse<()> {
        let star = self.expect("*")?;
        if self.is(close) || self.is(",") && (self.is_ahead(1, close) || self.is_ahead(1, "**")) {
            if lambda {
                return self.hard_here("named arguments must follow bare *");
            }
            return self.hard(star, "named arguments must follow bare *");
        }
        if self.is(",") {
            return Ok(());
        }
        self.parameter(lambda, true)?;
        if self.is("=") {
            let equals = self.token().loc;
            return self.hard(equals, "var-positional argument cannot have default value");
        }
        Ok(())
    }

    fn keyword_parameter(&mut self, close: &str, lambda: bool) -> Parse<()> {
        self.expect("**")?;
        self.parameter(lambda, false)?;
        if self.is("=") {
            let equals = self.token().loc;
            return self.hard(equals, "var-keyword argument cannot have default value");
        }
        if self.eat(",") && !self.is(close) {
            let token = self.token();
            if self.is_name(0) || self.is_any(&["*", "**", "/"]) {
                let loc = if self.is_name(0) && !lambda {
                    self.matches(|p| p.parameter(lambda, false)).unwrap_or(token.loc)
                } else {
                    token.loc
                };
                return self.hard(loc, "arguments cannot follow var-keyword argument");
            }
            return Err(Miss::Soft);
        }
        Ok(())
    }

    fn parenthesized_parameter(&mut self, lambda: bool) -> Parse<()> {
        let open = self.token().loc;
        let close = self.matches(|p| {
            p.at += 1;
            loop {
                p.parameter(lambda, false)?;
                if !p.eat(",") || p.is(")") {
                    break;
                }
            }
            p.expect(")")
        });
        match close {
            Some(close) => {
                let what = if lambda { "Lambda expression" } else { "Function" };
                self.hard(open.to(close), format!("{what} parameters cannot be parenthesized"))
            }
            None => Err(Miss::Soft),
        }
    }
}
