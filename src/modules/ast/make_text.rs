//! From the parser's tree to `ast` nodes: strings, bytes, f-strings, t-strings.

use super::grammar::Kind;
use super::make::Maker;
use crate::compiler::tree;
use crate::object::raise::PyResult;
use crate::object::text::TextBuf;
use crate::object::value::Value;
use crate::object::{hooks, list, names, str};
use ruff_python_ast::{self as ast, ConversionFlag, InterpolatedStringElement as Element};
use ruff_text_size::{Ranged, TextRange};

/// A piece of an f-string: text that adjacent text joins, or a node.
enum Piece {
    Text(Vec<u8>, TextRange),
    Node(Value),
}

fn add_text(pieces: &mut Vec<Piece>, text: &[u8], range: TextRange) {
    if let Some(Piece::Text(before, at)) = pieces.last_mut() {
        before.extend(text);
        *at = TextRange::new(at.start(), range.end());
    } else if !text.is_empty() {
        pieces.push(Piece::Text(text.to_vec(), range));
    }
}

fn text_value(wtf8: &[u8]) -> Value {
    TextBuf::from_wtf8(wtf8).map_or_else(names::empty_str, str::from_buf)
}

impl Maker<'_> {
    fn check_escapes(&mut self, at: TextRange, source: TextRange, bytes: bool) {
        self.warnings.extend(self.find.escape_warning(at, source, bytes));
    }

    /// The value of one literal as WTF-8.
    fn literal(&mut self, part: &ast::StringLiteral) -> Vec<u8> {
        if !part.flags.prefix().is_raw() {
            self.check_escapes(part.range, part.content_range(), false);
            if let Some(value) = tree::surrogate_value(self.find.text(part.content_range()), false) {
                return value;
            }
        }
        part.value.as_bytes().to_vec()
    }

    pub fn string(&mut self, e: &ast::ExprStringLiteral) -> PyResult {
        let mut text = Vec::new();
        for part in &e.value {
            text.extend(self.literal(part));
        }
        let kind = if e.value.is_unicode() { names::intern("u") } else { Value::NONE };
        Ok(self.node(Kind::Constant, e.range, vec![text_value(&text), kind]))
    }

    pub fn bytes(&mut self, e: &ast::ExprBytesLiteral) -> PyResult {
        for part in &e.value {
            if !part.flags.prefix().is_raw() {
                self.check_escapes(part.range, part.range, true);
            }
        }
        let bytes: Vec<u8> = e.value.bytes().collect();
        Ok(self.constant(e.range, (hooks::get().bytes)(&bytes)))
    }

    fn conversion(flag: ConversionFlag) -> Value {
        Value::int(match flag {
            ConversionFlag::None => -1,
            ConversionFlag::Str => b's'.into(),
            ConversionFlag::Repr => b'r'.into(),
            ConversionFlag::Ascii => b'a'.into(),
        })
    }

    /// The nodes of elements; `template` makes Interpolation nodes.
    fn elements(&mut self, elements: &[Element], raw: bool, template: bool, out: &mut Vec<Piece>) -> PyResult<()> {
        for element in elements {
            match element {
                Element::Literal(l) => {
                    let mut value = l.value.as_bytes().to_vec();
                    if !raw {
                        self.check_escapes(l.range, l.range, false);
                        value = tree::surrogate_value(self.find.text(l.range), true).unwrap_or(value);
                    }
                    add_text(out, &value, l.range);
                }
                Element::Interpolation(i) => {
                    if let Some(debug) = &i.debug_text {
                        // From behind the brace to the conversion, the format or the closing brace.
                        let text = debug.as_str();
                        let start = i.range.start() + ruff_text_size::TextSize::new(1);
                        let end = start + ruff_text_size::TextSize::new(text.len() as u32);
                        let shown = tree::debug_text(text);
                        add_text(out, shown.as_bytes(), TextRange::new(start, end.min(i.range.end())));
                    }
                    let value = self.expr(&i.expression)?;
                    let shown =
                        i.debug_text.is_some() && i.format_spec.is_none() && i.conversion == ConversionFlag::None;
                    let conversion = Self::conversion(if shown { ConversionFlag::Repr } else { i.conversion });
                    let format = match &i.format_spec {
                        Some(spec) => self.format_spec(spec)?,
                        None => Value::NONE,
                    };
                    let node = if template {
                        let source = self.text(&self.find.interpolation(i));
                        self.node(Kind::Interpolation, i.range, vec![value, source, conversion, format])
                    } else {
                        self.node(Kind::FormattedValue, i.range, vec![value, conversion, format])
                    };
                    out.push(Piece::Node(node));
                }
            }
        }
        Ok(())
    }

    fn format_spec(&mut self, spec: &ast::InterpolatedStringFormatSpec) -> PyResult {
        let mut pieces = Vec::new();
        self.elements(&spec.elements, false, false, &mut pieces)?;
        let values = self.values(pieces);
        // The colon belongs to it.
        let start = spec.range.start() - ruff_text_size::TextSize::new(1);
        Ok(self.node(Kind::JoinedStr, TextRange::new(start, spec.range.end()), vec![values]))
    }

    fn values(&self, pieces: Vec<Piece>) -> Value {
        let nodes = pieces.into_iter().map(|piece| match piece {
            Piece::Text(text, range) => self.constant(range, text_value(&text)),
            Piece::Node(node) => node,
        });
        list::from_vec(nodes.collect())
    }

    pub fn fstring(&mut self, e: &ast::ExprFString) -> PyResult {
        let mut pieces = Vec::new();
        for part in &e.value {
            match part {
                ast::FStringPart::Literal(l) => {
                    let text = self.literal(l);
                    add_text(&mut pieces, &text, l.range());
                }
                ast::FStringPart::FString(f) => {
                    self.elements(&f.elements, f.flags.prefix().is_raw(), false, &mut pieces)?;
                }
            }
        }
        let values = self.values(pieces);
        Ok(self.node(Kind::JoinedStr, e.range, vec![values]))
    }

    pub fn tstring(&mut self, e: &ast::ExprTString) -> PyResult {
        let mut pieces = Vec::new();
        for part in &e.value {
            self.elements(&part.elements, part.flags.prefix().is_raw(), true, &mut pieces)?;
        }
        let values = self.values(pieces);
        Ok(self.node(Kind::TemplateStr, e.range, vec![values]))
    }
}
