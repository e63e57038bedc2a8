//! From nodes to a tree for the compiler: patterns.

use super::grammar::Kind;
use super::read::{Reader, index};
use crate::object::raise::PyResult;
use crate::object::value::Value;
use ruff_python_ast::{self as ast, Expr, ExprContext, Number, Operator, Pattern, Singleton, UnaryOp};

impl Reader<'_> {
    pub fn pattern(&mut self, v: &Value, star: bool) -> PyResult<Pattern> {
        self.deeper("pattern", |r| r.pattern_here(v, star))
    }

    fn patterns(&mut self, v: &Value, owner: Kind, name: &str, star: bool) -> PyResult<Vec<Pattern>> {
        let items = self.items(v, owner, name)?;
        items
            .iter()
            .map(|item| {
                if item.is_none() {
                    return Err(self.value_error("None disallowed in pattern list"));
                }
                self.pattern(item, star)
            })
            .collect()
    }

    /// A name that a pattern binds.
    fn capture(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Option<ast::Identifier>> {
        let Some(id) = self.optional(v, owner, name)? else { return Ok(None) };
        let text = self.identifier_text(&id)?;
        if text == "_" {
            return Err(self.value_error("can't capture name '_' in patterns"));
        }
        let text = self.checked_name(&id)?;
        let range = self.range(v, "pattern")?;
        Ok(Some(ast::Identifier::new(text, range)))
    }

    fn pattern_here(&mut self, v: &Value, star: bool) -> PyResult<Pattern> {
        let range = self.range(v, "pattern")?;
        let kind = self.kind_of(v, "pattern")?;
        let node_index = index();
        Ok(match kind {
            Kind::MatchValue => {
                let value = self.boxed(v, kind, "value")?;
                self.check_value(&value)?;
                Pattern::MatchValue(ast::PatternMatchValue { node_index, range, value })
            }
            Kind::MatchSingleton => {
                let value = match self.get_constant(v)? {
                    Some(value) if value.is_none() => Singleton::None,
                    Some(value) if value.as_bool() == Some(true) => Singleton::True,
                    Some(value) if value.as_bool() == Some(false) => Singleton::False,
                    _ => return Err(self.value_error("MatchSingleton can only contain True, False and None")),
                };
                Pattern::MatchSingleton(ast::PatternMatchSingleton { node_index, range, value })
            }
            Kind::MatchSequence => {
                let patterns = self.patterns(v, kind, "patterns", true)?;
                let patterns = patterns.into_iter().collect();
                Pattern::MatchSequence(ast::PatternMatchSequence { node_index, range, patterns })
            }
            Kind::MatchMapping => {
                let keys = self.exprs(v, kind, "keys", ExprContext::Load)?;
                let patterns = self.patterns(v, kind, "patterns", false)?;
                if keys.len() != patterns.len() {
                    return Err(self.value_error("MatchMapping doesn't have the same number of keys as patterns"));
                }
                for key in &keys {
                    if !matches!(key, Expr::NoneLiteral(_) | Expr::BooleanLiteral(_)) {
                        self.check_value(key)?;
                    }
                }
                let rest = self.capture(v, kind, "rest")?;
                let (keys, patterns) = (keys.into_iter().collect(), patterns.into_iter().collect());
                Pattern::MatchMapping(ast::PatternMatchMapping { node_index, range, keys, patterns, rest })
            }
            Kind::MatchClass => {
                let cls = self.boxed(v, kind, "cls")?;
                let mut inner = &*cls;
                while let Expr::Attribute(e) = inner {
                    inner = &e.value;
                }
                if !inner.is_name_expr() {
                    return Err(self.value_error("MatchClass cls field can only contain Name or Attribute nodes."));
                }
                let names = self.items(v, kind, "kwd_attrs")?;
                let values = self.items(v, kind, "kwd_patterns")?;
                if names.len() != values.len() {
                    let message = "MatchClass doesn't have the same number of keyword attributes as patterns";
                    return Err(self.value_error(message));
                }
                let patterns = self.patterns(v, kind, "patterns", false)?.into_iter().collect();
                let mut keywords = Vec::new();
                for (name, value) in names.iter().zip(&values) {
                    let text = self.checked_name(name)?;
                    let attr = ast::Identifier::new(text, range);
                    let pattern = self.pattern(value, false)?;
                    keywords.push(ast::PatternKeyword { range, node_index: index(), attr, pattern });
                }
                let arguments = ast::PatternArguments { range, node_index: index(), patterns, keywords };
                Pattern::MatchClass(ast::PatternMatchClass { node_index, range, cls, arguments })
            }
            Kind::MatchStar => {
                if !star {
                    return Err(self.value_error("can't use MatchStar here"));
                }
                let name = self.capture(v, kind, "name")?;
                Pattern::MatchStar(ast::PatternMatchStar { node_index, range, name })
            }
            Kind::MatchAs => {
                let inner = self.optional(v, kind, "pattern")?;
                let name = self.capture(v, kind, "name")?;
                if inner.is_some() && name.is_none() {
                    return Err(self.value_error("MatchAs must specify a target name if a pattern is given"));
                }
                let pattern = match inner {
                    Some(inner) => Some(Box::new(self.pattern(&inner, false)?)),
                    None => None,
                };
                Pattern::MatchAs(ast::PatternMatchAs { node_index, range, pattern, name })
            }
            // MatchOr: every other pattern has been seen.
            _ => {
                let patterns = self.patterns(v, kind, "patterns", false)?;
                if patterns.len() < 2 {
                    return Err(self.value_error("MatchOr requires at least 2 patterns"));
                }
                let patterns = patterns.into_iter().collect();
                Pattern::MatchOr(ast::PatternMatchOr { node_index, range, patterns })
            }
        })
    }

    /// The value of a MatchSingleton.
    fn get_constant(&self, v: &Value) -> PyResult<Option<Value>> {
        let found = crate::object::protocol::lookup_attr(self.t, v, &crate::object::names::intern("value"))?;
        match found {
            Some(value) => Ok(Some(value)),
            None => Err(self.type_error("required field \"value\" missing from MatchSingleton")),
        }
    }

    /// Raises ValueError unless the expression may be the value of a pattern.
    fn check_value(&self, value: &Expr) -> PyResult<()> {
        let number = |e: &Expr| matches!(e, Expr::NumberLiteral(_));
        let negative = |e: &Expr| matches!(e, Expr::UnaryOp(u) if u.op == UnaryOp::USub && number(&u.operand));
        let imaginary = |e: &Expr| matches!(e, Expr::NumberLiteral(n) if matches!(n.value, Number::Complex { .. }));
        let fine = match value {
            // The names of constants, and what only made trees hold.
            Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) | Expr::EllipsisLiteral(_) => {
                return Err(self.value_error("unexpected constant inside of a literal pattern"));
            }
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BytesLiteral(_) | Expr::Attribute(_) => true,
            Expr::FString(_) => true,
            Expr::UnaryOp(_) => negative(value),
            Expr::BinOp(e) => {
                matches!(e.op, Operator::Add | Operator::Sub)
                    && (number(&e.left) || negative(&e.left))
                    && imaginary(&e.right)
            }
            _ => false,
        };
        if fine { Ok(()) } else { Err(self.value_error("patterns may only match literals and attribute lookups")) }
    }
}
