//! From nodes to a tree for the compiler: strings, f-strings, t-strings.

use super::grammar::Kind;
use super::read::{Reader, index};
use crate::bytecode::unit::{Constant, Location};
use crate::modules::marshal::constant_of;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::value::Value;
use ruff_python_ast::{self as ast, ConversionFlag, Expr, ExprContext, InterpolatedStringElement as Element};
use ruff_text_size::{Ranged, TextRange};

/// A literal's source, without quotes, for text that the tree cannot hold.
fn escaped(wtf8: &[u8]) -> String {
    let mut out = String::new();
    let Some(text) = crate::object::text::TextBuf::from_wtf8(wtf8) else { return out };
    for code in text.view().code_points() {
        match char::from_u32(code) {
            Some(c) if c.is_ascii_alphanumeric() || c == ' ' => out.push(c),
            Some(c) if code > 0xffff => out.push_str(&format!("\\U{:08x}", c as u32)),
            _ => out.push_str(&format!("\\u{code:04x}")),
        }
    }
    out
}

impl Reader<'_> {
    /// A string literal with this value.
    pub fn string_expr(&mut self, wtf8: &[u8], location: Location) -> Expr {
        let (value, source) = match std::str::from_utf8(wtf8) {
            Ok(text) => (Box::from(text), None),
            Err(_) => (Box::default(), Some(format!("\"{}\"", escaped(wtf8)))),
        };
        let range = self.places.add(location, source.as_deref());
        let flags = ast::StringLiteralFlags::empty();
        let part = ast::StringLiteral { range, node_index: index(), value, flags };
        ast::ExprStringLiteral { node_index: index(), range, value: ast::StringLiteralValue::single(part) }.into()
    }

    /// A JoinedStr, or a FormattedValue on its own.
    pub fn fstring(&mut self, v: &Value, kind: Kind, range: TextRange) -> PyResult<Expr> {
        let elements = match kind {
            Kind::JoinedStr => self.elements(v, kind, false)?,
            _ => vec![self.interpolated(v, kind, range)?],
        };
        let flags = ast::FStringFlags::empty();
        let part = ast::FString { range, node_index: index(), elements: elements.into(), flags };
        Ok(ast::ExprFString { node_index: index(), range, value: ast::FStringValue::single(part) }.into())
    }

    /// A TemplateStr, or an Interpolation on its own.
    pub fn tstring(&mut self, v: &Value, kind: Kind, range: TextRange) -> PyResult<Expr> {
        let elements = match kind {
            Kind::TemplateStr => self.elements(v, kind, true)?,
            _ => vec![self.interpolated(v, kind, range)?],
        };
        let flags = ast::TStringFlags::empty();
        let part = ast::TString { range, node_index: index(), elements: elements.into(), flags };
        Ok(ast::ExprTString { node_index: index(), range, value: ast::TStringValue::single(part) }.into())
    }

    fn elements(&mut self, v: &Value, owner: Kind, template: bool) -> PyResult<Vec<Element>> {
        let items = self.items(v, owner, "values")?;
        let mut out = Vec::with_capacity(items.len());
        for item in &items {
            if item.is_none() {
                return Err(self.value_error("None disallowed in expression list"));
            }
            out.push(self.element(item, template)?);
        }
        Ok(out)
    }

    fn element(&mut self, v: &Value, template: bool) -> PyResult<Element> {
        self.location(v, "expr")?;
        let kind = self.kind_of(v, "expr")?;
        match kind {
            Kind::FormattedValue if !template => {
                let range = self.range(v, "expr")?;
                self.deeper("expr", |r| r.interpolated(v, kind, range))
            }
            Kind::Interpolation if template => {
                let range = self.range(v, "expr")?;
                self.deeper("expr", |r| r.interpolated(v, kind, range))
            }
            _ => {
                let whole = self.expr(v, ExprContext::Load)?;
                if let Expr::StringLiteral(s) = &whole
                    && !self.places.has_source(s.range)
                {
                    let value = s.value.to_str().into();
                    let literal = ast::InterpolatedStringLiteralElement { range: s.range, node_index: index(), value };
                    return Ok(Element::Literal(literal));
                }
                // Any other expression is formatted plainly.
                let range = whole.range();
                Ok(Element::Interpolation(ast::InterpolatedElement {
                    range,
                    node_index: index(),
                    expression: Box::new(whole),
                    debug_text: None,
                    conversion: ConversionFlag::None,
                    format_spec: None,
                }))
            }
        }
    }

    fn interpolated(&mut self, v: &Value, kind: Kind, range: TextRange) -> PyResult<Element> {
        let expression = self.boxed(v, kind, "value")?;
        let conversion = match self.required_int(v, kind, "conversion")? {
            -1 => ConversionFlag::None,
            115 => ConversionFlag::Str,
            114 => ConversionFlag::Repr,
            97 => ConversionFlag::Ascii,
            other => {
                return Err(raise::system_error(self.t, format!("Unrecognized conversion character {other}")));
            }
        };
        if kind == Kind::Interpolation {
            let shown = self.required(v, kind, "str")?;
            let text = match constant_of(self.t, &shown) {
                Some(Constant::Str(_)) => str::lossy(&shown).into_owned(),
                _ => return Err(self.type_error("the text of an Interpolation must be a str")),
            };
            self.places.interpolation(range, text);
        }
        let format_spec = match self.optional(v, kind, "format_spec")? {
            None => None,
            Some(spec) => {
                let elements = match self.kind_of(&spec, "expr")? {
                    Kind::JoinedStr => self.elements(&spec, Kind::JoinedStr, false)?,
                    _ => vec![self.element(&spec, false)?],
                };
                Some(Box::new(ast::InterpolatedStringFormatSpec {
                    range,
                    node_index: index(),
                    elements: elements.into(),
                }))
            }
        };
        Ok(Element::Interpolation(ast::InterpolatedElement {
            range,
            node_index: index(),
            expression,
            debug_text: None,
            conversion,
            format_spec,
        }))
    }
}
