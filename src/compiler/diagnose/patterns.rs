//! Patterns of `match`, for the second look.

use super::parser::{Miss, Parse, Parser};
use super::tokens::Kind;
use crate::compiler::error::Loc;

impl Parser<'_> {
    /// The patterns of a case: one, or an open sequence.
    pub fn patterns(&mut self) -> Parse<()> {
        loop {
            self.maybe_star_pattern()?;
            if !self.eat(",") || self.is(":") || self.is("if") {
                return Ok(());
            }
        }
    }

    fn maybe_star_pattern(&mut self) -> Parse<Loc> {
        if self.eat("*") {
            return self.name();
        }
        self.deeper(Self::pattern)
    }

    fn pattern(&mut self) -> Parse<Loc> {
        let mut loc = self.closed_pattern()?;
        while self.eat("|") {
            loc = loc.to(self.closed_pattern()?);
        }
        if self.eat("as") {
            let token = self.token();
            if self.is("_") {
                return self.hard(token.loc, "cannot use '_' as a target");
            }
            let plain = self.is_name(0) && !self.is_ahead(1, ".") && !self.is_ahead(1, "(") && !self.is_ahead(1, "=");
            if plain {
                return Ok(loc.to(self.name()?));
            }
            if let Some(target) = self.attempt(|p| p.expression())? {
                let shown = target.expr.name();
                return self.hard(target.loc, format!("cannot use {shown} as pattern target"));
            }
            return Err(Miss::Soft);
        }
        Ok(loc)
    }

    fn closed_pattern(&mut self) -> Parse<Loc> {
        let token = self.token();
        match token.kind {
            Kind::String | Kind::FStringStart => Ok(self.strings()?.loc),
            Kind::Number => self.number_pattern(),
            Kind::Op => match self.word_of(token) {
                "-" => self.number_pattern(),
                "(" | "[" => {
                    let close = if self.is("(") { ")" } else { "]" };
                    self.at += 1;
                    while !self.is(close) {
                        self.maybe_star_pattern()?;
                        if !self.eat(",") {
                            break;
                        }
                    }
                    Ok(token.loc.to(self.expect(close)?))
                }
                "{" => self.mapping_pattern(),
                _ => Err(Miss::Soft),
            },
            Kind::Name => {
                if self.is_any(&["None", "True", "False"]) {
                    self.at += 1;
                    return Ok(token.loc);
                }
                let mut loc = self.name()?;
                while self.eat(".") {
                    loc = loc.to(self.name()?);
                }
                if self.is("(") {
                    return Ok(loc.to(self.class_arguments()?));
                }
                Ok(loc)
            }
            _ => Err(Miss::Soft),
        }
    }

    fn number_pattern(&mut self) -> Parse<Loc> {
        let start = self.token().loc;
        self.eat("-");
        let mut loc = start.to(self.token().loc);
        if self.kind() != Kind::Number {
            return Err(Miss::Soft);
        }
        self.at += 1;
        if self.is_any(&["+", "-"]) {
            self.at += 1;
            let token = self.token();
            if token.kind != Kind::Number {
                return Err(Miss::Soft);
            }
            let imaginary = self.word_of(token).ends_with(['j', 'J']);
            if !imaginary {
                return self.hard(token.loc, "imaginary number required in complex literal");
            }
            self.at += 1;
            loc.end = token.loc.end;
        }
        Ok(loc)
    }

    fn mapping_pattern(&mut self) -> Parse<Loc> {
        let open = self.expect("{")?;
        while !self.is("}") {
            if self.eat("**") {
                self.name()?;
            } else {
                self.closed_pattern()?;
                self.expect(":")?;
                self.deeper(Self::pattern)?;
            }
            if !self.eat(",") {
                break;
            }
        }
        Ok(open.to(self.expect("}")?))
    }

    fn class_arguments(&mut self) -> Parse<Loc> {
        self.expect("(")?;
        let mut keyword = false;
        let mut misplaced: Option<Loc> = None;
        while !self.is(")") {
            if self.is_name(0) && self.is_ahead(1, "=") {
                self.at += 2;
                self.deeper(Self::pattern)?;
                keyword = true;
            } else {
                let loc = self.deeper(Self::pattern)?;
                if keyword {
                    misplaced = Some(misplaced.map_or(loc, |m| m.to(loc)));
                    let more = self.is(",") && !(self.is_name(1) && self.is_ahead(2, "="));
                    if !more && let Some(loc) = misplaced {
                        return self.hard(loc, "positional patterns follow keyword patterns");
                    }
                }
            }
            if !self.eat(",") {
                break;
            }
        }
        if let Some(loc) = misplaced {
            return self.hard(loc, "positional patterns follow keyword patterns");
        }
        self.expect(")")
    }
}
