//! String literals, f-strings and t-strings.

use super::Compiler;
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res};
use crate::compiler::text::{decode_literal, has_surrogate_escape, without_comments};
use ruff_python_ast::{self as ast, ConversionFlag, Expr, InterpolatedStringElement};

pub use crate::compiler::text::clean_docstring;
pub use crate::compiler::unparse::unparse;

/// More pieces than this are joined through a list instead of lying on the stack.
const MAX_PIECES: u32 = 30;

/// The operand of CONVERT_VALUE.
fn conversion(flag: ConversionFlag) -> u32 {
    match flag {
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

/// A piece of an f-string or t-string: literal text, or a value.
enum Piece<'a> {
    Text(Vec<u8>, Loc),
    Value(&'a ast::InterpolatedElement),
}

impl<'a> Compiler<'a> {
    /// Warns of the first escape in a literal's source that means nothing.
    fn warn_escapes(&mut self, loc: Loc, source_loc: Loc, bytes: bool) {
        let source = &self.lines.text[source_loc.start as usize..source_loc.end as usize];
        let Some(message) = invalid_escape(source, bytes) else { return };
        if self.warned.insert(source_loc.start) {
            self.warn(loc, message);
        }
    }

    /// The value of a bytes literal.
    pub fn bytes_value(&mut self, e: &ast::ExprBytesLiteral) -> Box<[u8]> {
        for part in &e.value {
            if !part.flags.prefix().is_raw() {
                let loc = Loc::of(part);
                self.warn_escapes(loc, loc, true);
            }
        }
        e.value.bytes().collect()
    }

    /// The value of a string literal as WTF-8.
    pub fn string_value(&mut self, e: &ast::ExprStringLiteral) -> Vec<u8> {
        let mut out = Vec::new();
        for part in &e.value {
            out.extend(self.part_value(part));
        }
        out
    }

    fn part_value(&mut self, part: &ast::StringLiteral) -> Vec<u8> {
        if !part.flags.prefix().is_raw() {
            let range = part.content_range();
            self.warn_escapes(Loc::of(part), Loc::from(range), false);
            let source = &self.lines.text[usize::from(range.start())..usize::from(range.end())];
            if has_surrogate_escape(source) {
                return decode_literal(source, false);
            }
        }
        part.value.as_bytes().to_vec()
    }

    fn element_value(&mut self, literal: &ast::InterpolatedStringLiteralElement, raw: bool) -> Vec<u8> {
        let loc = Loc::of(literal);
        if !raw {
            self.warn_escapes(loc, loc, false);
        }
        let source = &self.lines.text[loc.start as usize..loc.end as usize];
        if !raw && has_surrogate_escape(source) {
            decode_literal(source, true)
        } else {
            literal.value.as_bytes().to_vec()
        }
    }

    /// The pieces of elements, adjacent texts joined to those before.
    fn pieces(
        &mut self,
        elements: impl Iterator<Item = &'a InterpolatedStringElement>,
        raw: bool,
        out: &mut Vec<Piece<'a>>,
    ) {
        fn text(out: &mut Vec<Piece<'_>>, bytes: &[u8], loc: Loc) {
            if let Some(Piece::Text(last, at)) = out.last_mut() {
                last.extend(bytes);
                at.end = loc.end;
            } else if !bytes.is_empty() {
                out.push(Piece::Text(bytes.to_vec(), loc));
            }
        }
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(l) => {
                    let value = self.element_value(l, raw);
                    text(out, &value, Loc::of(l));
                }
                InterpolatedStringElement::Interpolation(i) => {
                    if let Some(debug) = &i.debug_text {
                        text(out, without_comments(debug.as_str()).as_bytes(), Loc::of(i));
                    }
                    out.push(Piece::Value(i));
                }
            }
        }
    }

    pub fn fstring(&mut self, e: &'a ast::ExprFString) -> Res {
        let mut pieces = Vec::new();
        for part in &e.value {
            match part {
                ast::FStringPart::Literal(l) => {
                    let value = self.part_value(l);
                    if let Some(Piece::Text(last, at)) = pieces.last_mut() {
                        last.extend(value);
                        at.end = Loc::of(l).end;
                    } else if !value.is_empty() {
                        pieces.push(Piece::Text(value, Loc::of(l)));
                    }
                }
                ast::FStringPart::FString(f) => {
                    let raw = f.flags.prefix().is_raw();
                    self.pieces(f.elements.iter(), raw, &mut pieces);
                }
            }
        }
        self.joined(pieces, Loc::of(e))
    }

    /// Pushes the concatenation of pieces.
    fn joined(&mut self, pieces: Vec<Piece<'a>>, loc: Loc) -> Res {
        let n = pieces.len() as u32;
        if n == 0 {
            self.load_str("", loc);
            return Ok(());
        }
        if n > MAX_PIECES {
            self.load_str("", loc);
            self.name_op(Op::LOAD_METHOD, "join", loc);
            self.op(Op::BUILD_LIST, 0, loc);
            for piece in pieces {
                self.piece(piece)?;
                self.op(Op::LIST_APPEND, 1, loc);
            }
            self.op(Op::CALL, 1, loc);
            return Ok(());
        }
        for piece in pieces {
            self.piece(piece)?;
        }
        if n > 1 {
            self.op(Op::BUILD_STRING, n, loc);
        }
        Ok(())
    }

    fn piece(&mut self, piece: Piece<'a>) -> Res {
        match piece {
            Piece::Text(text, loc) => self.load_const(Constant::Str(text.into()), loc),
            Piece::Value(value) => {
                let loc = Loc::of(value);
                self.expr(&value.expression)?;
                let convert = effective_conversion(value);
                if convert != 0 {
                    self.op(Op::CONVERT_VALUE, convert, loc);
                }
                match &value.format_spec {
                    Some(spec) => {
                        self.format_spec(spec)?;
                        self.op(Op::FORMAT_WITH_SPEC, 0, loc);
                    }
                    None => self.op(Op::FORMAT_SIMPLE, 0, loc),
                }
            }
        }
        Ok(())
    }

    fn format_spec(&mut self, spec: &'a ast::InterpolatedStringFormatSpec) -> Res {
        let mut pieces = Vec::new();
        self.pieces(spec.elements.iter(), false, &mut pieces);
        self.joined(pieces, Loc::of(spec))
    }

    pub fn tstring(&mut self, e: &'a ast::ExprTString) -> Res {
        let loc = Loc::of(e);
        let mut pieces = Vec::new();
        for part in &e.value {
            let raw = part.flags.prefix().is_raw();
            self.pieces(part.elements.iter(), raw, &mut pieces);
        }
        // The strings stand before, between and after the interpolations: always one more.
        let mut strings: Vec<Constant> = Vec::new();
        let mut values = Vec::new();
        let mut text: Vec<u8> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(t, _) => text.extend(t),
                Piece::Value(v) => {
                    strings.push(Constant::Str(std::mem::take(&mut text).into()));
                    values.push(v);
                }
            }
        }
        strings.push(Constant::Str(text.into()));
        self.load_const(Constant::Tuple(strings.into()), loc);
        let n = values.len() as u32;
        let big = n > MAX_PIECES;
        if big {
            self.op(Op::BUILD_LIST, 0, loc);
        }
        for value in values {
            self.interpolation(value)?;
            if big {
                self.op(Op::LIST_APPEND, 1, loc);
            }
        }
        if big {
            self.list_to_tuple(loc);
        } else {
            self.op(Op::BUILD_TUPLE, n, loc);
        }
        self.op(Op::BUILD_TEMPLATE, 0, loc);
        Ok(())
    }

    fn interpolation(&mut self, value: &'a ast::InterpolatedElement) -> Res {
        let loc = Loc::of(value);
        self.expr(&value.expression)?;
        let text = self.interpolation_text(value);
        self.load_str(&text, loc);
        let mut arg = effective_conversion(value) << 1;
        if let Some(spec) = &value.format_spec {
            self.format_spec(spec)?;
            arg |= 1;
        }
        self.op(Op::BUILD_INTERPOLATION, arg, loc);
        Ok(())
    }

    fn interpolation_text(&self, value: &ast::InterpolatedElement) -> String {
        match self.lines.interpolation(Loc::of(value).start) {
            Some(text) => text.to_owned(),
            None => interpolation_source(self.lines.text, value),
        }
    }

    /// `"..." % (a, b)` with plain `%s`, `%r` and `%a` becomes an f-string. False where it does not apply.
    pub fn percent_format(&mut self, e: &'a ast::ExprBinOp) -> Res<bool> {
        let (ast::Operator::Mod, Expr::StringLiteral(format), Expr::Tuple(values)) = (e.op, &*e.left, &*e.right) else {
            return Ok(false);
        };
        let text = self.string_value(format);
        let mut pieces: Vec<(Vec<u8>, u32)> = Vec::new();
        let mut literal = Vec::new();
        let mut bytes = text.iter();
        while let Some(&b) = bytes.next() {
            if b != b'%' {
                literal.push(b);
                continue;
            }
            let convert = match bytes.next() {
                Some(b'%') => {
                    literal.push(b'%');
                    continue;
                }
                Some(b's') => 1,
                Some(b'r') => 2,
                Some(b'a') => 3,
                _ => return Ok(false),
            };
            pieces.push((std::mem::take(&mut literal), convert));
        }
        if pieces.len() != values.elts.len()
            || pieces.is_empty()
            || pieces.len() > MAX_PIECES as usize / 2
            || values.elts.iter().any(Expr::is_starred_expr)
        {
            return Ok(false);
        }
        let loc = Loc::of(e);
        let mut n = 0;
        for ((before, convert), value) in pieces.into_iter().zip(&values.elts) {
            if !before.is_empty() {
                self.load_const(Constant::Str(before.into()), Loc::of(format));
                n += 1;
            }
            let at = Loc::of(value);
            self.expr(value)?;
            self.op(Op::CONVERT_VALUE, convert, at);
            self.op(Op::FORMAT_SIMPLE, 0, at);
            n += 1;
        }
        if !literal.is_empty() {
            self.load_const(Constant::Str(literal.into()), Loc::of(format));
            n += 1;
        }
        if n > 1 {
            self.op(Op::BUILD_STRING, n, loc);
        }
        Ok(true)
    }

    /// A text as an expression's constant, if it is one.
    pub fn literal_fstring(&mut self, e: &'a ast::ExprFString) -> Option<Vec<u8>> {
        let mut pieces = Vec::new();
        for part in &e.value {
            match part {
                ast::FStringPart::Literal(l) => pieces.push(Piece::Text(self.part_value(l), Loc::NONE)),
                ast::FStringPart::FString(f) => {
                    self.pieces(f.elements.iter(), f.flags.prefix().is_raw(), &mut pieces);
                }
            }
        }
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(t, _) => out.extend(t),
                Piece::Value(_) => return None,
            }
        }
        Some(out)
    }
}

/// The source of an interpolation's expression, parentheses included.
pub fn interpolation_source(text: &str, value: &ast::InterpolatedElement) -> String {
    if let Some(debug) = &value.debug_text {
        return debug.as_str().trim_end().trim_end_matches('=').trim().to_owned();
    }
    let whole = Loc::of(value);
    let inner = Loc::of(&*value.expression);
    // From the brace to the expression there can be parentheses; to the end the same number again.
    let start = whole.start as usize + 1;
    let mut end = inner.end as usize;
    let open = text[start..inner.start as usize].matches('(').count();
    for _ in 0..open {
        match text[end..whole.end as usize].find(')') {
            Some(at) => end += at + 1,
            None => break,
        }
    }
    text[start..end].trim().to_owned()
}

/// The conversion to apply: `=` without a format shows the repr.
fn effective_conversion(value: &ast::InterpolatedElement) -> u32 {
    if value.debug_text.is_some() && value.format_spec.is_none() && value.conversion == ConversionFlag::None {
        return conversion(ConversionFlag::Repr);
    }
    conversion(value.conversion)
}

/// What to say of the first escape that means nothing.
pub fn invalid_escape(source: &str, bytes: bool) -> Option<String> {
    let text = source.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', text.get(at..)?) {
        at += found + 1;
        let c = source[at..].chars().next()?;
        let advice = |what: &str, kind: &str| {
            Some(format!(
                "\"\\{what}\" is an invalid {kind}escape sequence. Such sequences will not work in the future. Did you mean \"\\\\{what}\"? A raw string is also an option."
            ))
        };
        match c {
            '\n' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => {}
            'N' | 'u' | 'U' if !bytes => {}
            '0'..='7' => {
                let digits: String = source[at..].chars().take(3).take_while(|d| ('0'..='7').contains(d)).collect();
                if u32::from_str_radix(&digits, 8).unwrap_or(0) > 0o377 {
                    return advice(&digits, "octal ");
                }
            }
            _ => return advice(&c.to_string(), ""),
        }
        at += c.len_utf8();
    }
    None
}
