//! String literals and the fields of f-strings, for the second look.

use super::nodes::{Expr, Node};
use super::parser::{Miss, Parse, Parser};
use super::tokens::Kind;
use crate::compiler::error::Loc;

impl Parser<'_> {
    /// Adjacent string literals.
    pub fn strings(&mut self) -> Parse {
        let start = self.token().loc;
        let mut end = start;
        let (mut bytes, mut text, mut formatted, mut template) = (false, false, false, false);
        let mut broken = None;
        loop {
            let token = self.token();
            match token.kind {
                Kind::String => {
                    let word = self.word_of(token);
                    let prefix = &word[..word.find(['\'', '"']).unwrap_or(0)];
                    let is_bytes = prefix.contains(['b', 'B']);
                    bytes |= is_bytes;
                    text |= !is_bytes;
                    if broken.is_none() {
                        broken = super::escapes::check(word);
                    }
                    end = token.loc;
                    self.at += 1;
                }
                Kind::FStringStart => {
                    if self.word_of(token).contains(['t', 'T']) {
                        template = true;
                    } else {
                        formatted = true;
                    }
                    end = self.interpolated()?;
                }
                _ => break,
            }
        }
        if bytes && (text || formatted || template) {
            return self.hard_here("cannot mix bytes and nonbytes literals");
        }
        if template && (text || formatted) {
            let message = "cannot mix t-string literals with string or f-string literals";
            return self.hard(start.to(end), message);
        }
        if let Some(message) = broken {
            return self.hard(start.to(end), message);
        }
        let expr = match (formatted, template) {
            (true, _) => Expr::FString,
            (_, true) => Expr::TString,
            _ => Expr::Literal,
        };
        Ok(Node::new(expr, start.to(end)))
    }

    /// The kind of the innermost f-string or t-string around the present token.
    pub fn string_kind(&self) -> char {
        let mut depth = 0;
        for token in self.tokens[..self.at].iter().rev() {
            match token.kind {
                Kind::FStringEnd => depth += 1,
                Kind::FStringStart if depth == 0 => {
                    return if self.word_of(*token).contains(['t', 'T']) { 't' } else { 'f' };
                }
                Kind::FStringStart => depth -= 1,
                _ => {}
            }
        }
        'f'
    }

    fn interpolated(&mut self) -> Parse<Loc> {
        self.at += 1;
        loop {
            match self.kind() {
                Kind::FStringMiddle => {
                    let token = self.token();
                    self.at += 1;
                    if let Some(message) = super::escapes::check_part(self.word_of(token)) {
                        return self.hard_here(message);
                    }
                }
                Kind::FStringEnd => {
                    let end = self.token().loc;
                    self.at += 1;
                    return Ok(end);
                }
                _ if self.is("{") => self.deeper(Self::field)?,
                _ => return Err(Miss::Soft),
            }
        }
    }

    /// A field in braces.
    fn field(&mut self) -> Parse<()> {
        let kind = self.string_kind();
        self.expect("{")?;
        let token = self.token();
        for what in ["=", "!", ":", "}"] {
            if self.is(what) {
                return self.hard(token.loc, format!("{kind}-string: valid expression required before '{what}'"));
            }
        }
        let parsed = if self.is("yield") {
            self.attempt(|p| p.yield_expression())?
        } else {
            self.attempt(|p| p.star_expressions())?
        };
        if parsed.is_none() {
            let token = self.token();
            return self.hard(token.loc, format!("{kind}-string: expecting a valid expression after '{{'"));
        }
        let token = self.token();
        if !self.is_any(&["=", "!", ":", "}"]) {
            return self.hard(token.loc, format!("{kind}-string: expecting '=', or '!', or ':', or '}}'"));
        }
        if self.eat("=") && !self.is_any(&["!", ":", "}"]) {
            let token = self.token();
            return self.hard(token.loc, format!("{kind}-string: expecting '!', or ':', or '}}'"));
        }
        if self.is("!") {
            self.conversion(kind)?;
        }
        if self.eat(":") {
            loop {
                match self.kind() {
                    Kind::FStringMiddle => self.at += 1,
                    _ if self.is("{") => self.deeper(Self::field)?,
                    _ => break,
                }
            }
            if !self.is("}") {
                let token = self.token();
                return self.hard(token.loc, format!("{kind}-string: expecting '}}', or format specs"));
            }
        }
        if !self.eat("}") {
            let token = self.token();
            return self.hard(token.loc, format!("{kind}-string: expecting '}}'"));
        }
        Ok(())
    }

    fn conversion(&mut self, kind: char) -> Parse<()> {
        let mark = self.expect("!")?;
        let token = self.token();
        if self.is_any(&[":", "}"]) {
            return self.hard(token.loc, format!("{kind}-string: missing conversion character"));
        }
        if token.kind != Kind::Name {
            return self.hard(token.loc, format!("{kind}-string: invalid conversion character"));
        }
        if token.loc.start != mark.end {
            let message = format!("{kind}-string: conversion type must come right after the exclamation mark");
            return self.hard(mark.to(token.loc), message);
        }
        let word = self.word_of(token);
        if !matches!(word, "s" | "r" | "a") {
            let message = format!("{kind}-string: invalid conversion character '{word}': expected 's', 'r', or 'a'");
            return self.hard(token.loc, message);
        }
        self.at += 1;
        if !self.is_any(&[":", "}"]) {
            let token = self.token();
            return self.hard(token.loc, format!("{kind}-string: expecting ':' or '}}'"));
        }
        Ok(())
    }
}
