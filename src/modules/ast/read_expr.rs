//! From nodes to a tree for the compiler: expressions.

use super::grammar::Kind;
use super::read::{Reader, index};
use crate::bytecode::unit::{Constant, Location};
use crate::modules::marshal::{constant_of, nests_too_deep};
use crate::object::raise::{self, PyResult};
use crate::object::value::Value;
use crate::object::{protocol, str};
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprContext, Number, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

/// The context of a node's `ctx`.
fn context_of(kind: Kind) -> ExprContext {
    match kind {
        Kind::Store => ExprContext::Store,
        Kind::Del => ExprContext::Del,
        _ => ExprContext::Load,
    }
}

fn context_name(ctx: ExprContext) -> &'static str {
    match ctx {
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
        ExprContext::Load | ExprContext::Invalid => "Load",
    }
}

/// An operator's node as the compiler's.
pub fn operator(kind: Kind) -> Operator {
    match kind {
        Kind::Sub => Operator::Sub,
        Kind::Mult => Operator::Mult,
        Kind::MatMult => Operator::MatMult,
        Kind::Div => Operator::Div,
        Kind::Mod => Operator::Mod,
        Kind::Pow => Operator::Pow,
        Kind::LShift => Operator::LShift,
        Kind::RShift => Operator::RShift,
        Kind::BitOr => Operator::BitOr,
        Kind::BitXor => Operator::BitXor,
        Kind::BitAnd => Operator::BitAnd,
        Kind::FloorDiv => Operator::FloorDiv,
        _ => Operator::Add,
    }
}

impl Reader<'_> {
    /// A required expression that is read.
    pub fn required_expr(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Expr> {
        self.required_in(v, owner, name, ExprContext::Load)
    }

    /// A required expression in a context.
    pub fn required_in(&mut self, v: &Value, owner: Kind, name: &str, ctx: ExprContext) -> PyResult<Expr> {
        let value = self.required(v, owner, name)?;
        self.expr(&value, ctx)
    }

    pub fn boxed(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Box<Expr>> {
        self.required_expr(v, owner, name).map(Box::new)
    }

    pub fn optional_expr(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Option<Box<Expr>>> {
        match self.optional(v, owner, name)? {
            Some(value) => self.expr(&value, ExprContext::Load).map(|e| Some(Box::new(e))),
            None => Ok(None),
        }
    }

    /// The expressions of a list.
    pub fn exprs(&mut self, v: &Value, owner: Kind, name: &str, ctx: ExprContext) -> PyResult<Vec<Expr>> {
        let items = self.items(v, owner, name)?;
        items
            .iter()
            .map(|item| {
                if item.is_none() {
                    return Err(self.value_error("None disallowed in expression list"));
                }
                self.expr(item, ctx)
            })
            .collect()
    }

    /// The expressions of a list in which None may stand.
    pub fn optional_exprs(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Vec<Option<Expr>>> {
        let items = self.items(v, owner, name)?;
        let mut out = Vec::with_capacity(items.len());
        for item in &items {
            out.push(if item.is_none() { None } else { Some(self.expr(item, ExprContext::Load)?) });
        }
        Ok(out)
    }

    pub fn expr(&mut self, v: &Value, ctx: ExprContext) -> PyResult<Expr> {
        self.deeper("expr", |r| r.expr_here(v, ctx))
    }

    /// Checks `ctx` of a node that can be a target.
    fn context(&self, v: &Value, kind: Kind, wanted: ExprContext) -> PyResult<ExprContext> {
        let given = self.required(v, kind, "ctx")?;
        let given = context_of(self.kind_of(&given, "expr_context")?);
        if given != wanted {
            let (wanted, given) = (context_name(wanted), context_name(given));
            return Err(self.value_error(format!("expression must have {wanted} context but has {given} instead")));
        }
        Ok(given)
    }

    fn expr_here(&mut self, v: &Value, ctx: ExprContext) -> PyResult<Expr> {
        // The place is looked for before the kind, as CPython does: its absence is what is told of anything that is no node.
        let location = self.location(v, "expr")?;
        let kind = self.kind_of(v, "expr")?;
        let targets =
            [Kind::Attribute, Kind::Subscript, Kind::Starred, Kind::Name, Kind::List, Kind::Tuple].contains(&kind);
        if !targets && ctx != ExprContext::Load {
            let message = format!("expression which can't be assigned to in {} context", context_name(ctx));
            return Err(self.value_error(message));
        }
        if kind == Kind::Constant {
            return self.constant(v, location);
        }
        let range = self.places.add(location, None);
        let node_index = index();
        let load = ExprContext::Load;
        Ok(match kind {
            Kind::BoolOp => {
                let op = self.required(v, kind, "op")?;
                let op = if self.kind_of(&op, "boolop")? == Kind::And { BoolOp::And } else { BoolOp::Or };
                let values = self.exprs(v, kind, "values", load)?;
                if values.len() < 2 {
                    return Err(self.value_error("BoolOp with less than 2 values"));
                }
                ast::ExprBoolOp { node_index, range, op, values }.into()
            }
            Kind::NamedExpr => {
                let target = self.required_in(v, kind, "target", ExprContext::Store)?;
                if !target.is_name_expr() {
                    return Err(self.type_error("NamedExpr target must be a Name"));
                }
                let value = self.boxed(v, kind, "value")?;
                ast::ExprNamed { node_index, range, target: Box::new(target), value }.into()
            }
            Kind::BinOp => {
                let left = self.boxed(v, kind, "left")?;
                let op = self.required(v, kind, "op")?;
                let op = operator(self.kind_of(&op, "operator")?);
                let right = self.boxed(v, kind, "right")?;
                ast::ExprBinOp { node_index, range, left, op, right }.into()
            }
            Kind::UnaryOp => {
                let op = self.required(v, kind, "op")?;
                let op = match self.kind_of(&op, "unaryop")? {
                    Kind::Invert => UnaryOp::Invert,
                    Kind::Not => UnaryOp::Not,
                    Kind::UAdd => UnaryOp::UAdd,
                    _ => UnaryOp::USub,
                };
                let operand = self.boxed(v, kind, "operand")?;
                ast::ExprUnaryOp { node_index, range, op, operand }.into()
            }
            Kind::Lambda => {
                let parameters = self.required(v, kind, "args")?;
                let parameters = Some(Box::new(self.parameters(&parameters, range)?));
                let body = self.boxed(v, kind, "body")?;
                ast::ExprLambda { node_index, range, parameters, body }.into()
            }
            Kind::IfExp => {
                let test = self.boxed(v, kind, "test")?;
                let body = self.boxed(v, kind, "body")?;
                let orelse = self.boxed(v, kind, "orelse")?;
                ast::ExprIf { node_index, range, test, body, orelse }.into()
            }
            Kind::Dict => {
                let keys = self.optional_exprs(v, kind, "keys")?;
                let values = self.exprs(v, kind, "values", load)?;
                if keys.len() != values.len() {
                    return Err(self.value_error("Dict doesn't have the same number of keys as values"));
                }
                let items = keys.into_iter().zip(values).map(|(key, value)| ast::DictItem { key, value }).collect();
                ast::ExprDict { node_index, range, items }.into()
            }
            Kind::Set => {
                let elts = self.exprs(v, kind, "elts", load)?;
                ast::ExprSet { node_index, range, elts }.into()
            }
            Kind::ListComp => {
                let generators = self.generators(v, kind)?;
                let elt = self.boxed(v, kind, "elt")?;
                ast::ExprListComp { node_index, range, elt, generators }.into()
            }
            Kind::SetComp => {
                let generators = self.generators(v, kind)?;
                let elt = self.boxed(v, kind, "elt")?;
                ast::ExprSetComp { node_index, range, elt, generators }.into()
            }
            Kind::GeneratorExp => {
                let generators = self.generators(v, kind)?;
                let elt = self.boxed(v, kind, "elt")?;
                ast::ExprGenerator { node_index, range, elt, generators, parenthesized: true }.into()
            }
            Kind::DictComp => {
                let generators = self.generators(v, kind)?;
                let key = Some(self.boxed(v, kind, "key")?);
                let value = self.boxed(v, kind, "value")?;
                ast::ExprDictComp { node_index, range, key, value, generators }.into()
            }
            Kind::Await => ast::ExprAwait { node_index, range, value: self.boxed(v, kind, "value")? }.into(),
            Kind::Yield => {
                let value = self.optional_expr(v, kind, "value")?;
                ast::ExprYield { node_index, range, value }.into()
            }
            Kind::YieldFrom => ast::ExprYieldFrom { node_index, range, value: self.boxed(v, kind, "value")? }.into(),
            Kind::Compare => self.compare(v, range)?,
            Kind::Call => {
                let func = self.boxed(v, kind, "func")?;
                let arguments = self.arguments(v, kind, "args", range)?;
                ast::ExprCall { node_index, range_start: range.start(), func, arguments }.into()
            }
            Kind::FormattedValue | Kind::JoinedStr => self.fstring(v, kind, range)?,
            Kind::Interpolation | Kind::TemplateStr => self.tstring(v, kind, range)?,
            Kind::Attribute => {
                let ctx = self.context(v, kind, ctx)?;
                let value = self.boxed(v, kind, "value")?;
                let attr = self.required(v, kind, "attr")?;
                let text = self.identifier_text(&attr)?;
                let column = (location.end_column - text.len() as i32).max(0);
                let at = self.places.add(Location { line: location.end_line, column, ..location }, None);
                let attr = ast::Identifier::new(text, at);
                ast::ExprAttribute { node_index, range, value, attr, ctx }.into()
            }
            Kind::Subscript => {
                let ctx = self.context(v, kind, ctx)?;
                let value = self.boxed(v, kind, "value")?;
                let slice = self.boxed(v, kind, "slice")?;
                ast::ExprSubscript { node_index, range, value, slice, ctx }.into()
            }
            Kind::Starred => {
                let ctx = self.context(v, kind, ctx)?;
                let value = Box::new(self.required_in(v, kind, "value", ctx)?);
                ast::ExprStarred { node_index, range, value, ctx }.into()
            }
            Kind::Name => {
                let ctx = self.context(v, kind, ctx)?;
                let id = self.required(v, kind, "id")?;
                let id = self.checked_name(&id)?.into();
                ast::ExprName { node_index, range, id, ctx }.into()
            }
            Kind::List => {
                let ctx = self.context(v, kind, ctx)?;
                let elts = self.exprs(v, kind, "elts", ctx)?;
                ast::ExprList { node_index, range, elts, ctx }.into()
            }
            Kind::Tuple => {
                let ctx = self.context(v, kind, ctx)?;
                let elts = self.exprs(v, kind, "elts", ctx)?;
                ast::ExprTuple { node_index, range, elts, ctx, parenthesized: true }.into()
            }
            // Slice: every other kind of expression has been seen.
            _ => {
                let lower = self.optional_expr(v, kind, "lower")?;
                let upper = self.optional_expr(v, kind, "upper")?;
                let step = self.optional_expr(v, kind, "step")?;
                ast::ExprSlice { node_index, range, lower, upper, step }.into()
            }
        })
    }

    fn compare(&mut self, v: &Value, range: TextRange) -> PyResult<Expr> {
        let kind = Kind::Compare;
        let left = self.boxed(v, kind, "left")?;
        let mut ops = Vec::new();
        for op in self.items(v, kind, "ops")? {
            ops.push(match self.kind_of(&op, "cmpop")? {
                Kind::NotEq => CmpOp::NotEq,
                Kind::Lt => CmpOp::Lt,
                Kind::LtE => CmpOp::LtE,
                Kind::Gt => CmpOp::Gt,
                Kind::GtE => CmpOp::GtE,
                Kind::Is => CmpOp::Is,
                Kind::IsNot => CmpOp::IsNot,
                Kind::In => CmpOp::In,
                Kind::NotIn => CmpOp::NotIn,
                _ => CmpOp::Eq,
            });
        }
        let comparators = self.exprs(v, kind, "comparators", ExprContext::Load)?;
        if comparators.is_empty() {
            return Err(self.value_error("Compare with no comparators"));
        }
        if comparators.len() != ops.len() {
            return Err(self.value_error("Compare has a different number of comparators and operands"));
        }
        let (ops, comparators) = (ops.into(), comparators.into());
        Ok(ast::ExprCompare { node_index: index(), range, left, ops, comparators }.into())
    }

    fn generators(&mut self, v: &Value, owner: Kind) -> PyResult<Vec<ast::Comprehension>> {
        let items = self.items(v, owner, "generators")?;
        if items.is_empty() {
            return Err(self.value_error("comprehension with no generators"));
        }
        let mut out = Vec::with_capacity(items.len());
        for item in &items {
            let kind = Kind::comprehension;
            let target = self.required_in(item, kind, "target", ExprContext::Store)?;
            let iter = self.required_expr(item, kind, "iter")?;
            let ifs = self.exprs(item, kind, "ifs", ExprContext::Load)?;
            let is_async = self.required_int(item, kind, "is_async")? != 0;
            let range = TextRange::new(target.start(), target.end());
            out.push(ast::Comprehension { node_index: index(), range, target, iter, ifs, is_async });
        }
        Ok(out)
    }

    /// The arguments of a call, or the bases and keywords of a class.
    pub fn arguments(&mut self, v: &Value, owner: Kind, args: &str, range: TextRange) -> PyResult<ast::Arguments> {
        let args = self.exprs(v, owner, args, ExprContext::Load)?.into();
        let items = self.items(v, owner, "keywords")?;
        let mut keywords = Vec::with_capacity(items.len());
        for item in &items {
            let range = self.range(item, "keyword")?;
            let arg = self.optional_identifier(item, Kind::keyword, "arg", range)?;
            let value = self.required_expr(item, Kind::keyword, "value")?;
            keywords.push(ast::Keyword { node_index: index(), range, arg, value });
        }
        let inner_node_index = index();
        Ok(ast::Arguments { range, node_index: inner_node_index, args, keywords: keywords.into() })
    }

    fn constant(&mut self, v: &Value, location: Location) -> PyResult<Expr> {
        let value = match protocol::lookup_attr(self.t, v, &crate::object::names::intern("value"))? {
            Some(value) => value,
            None => return Err(self.type_error("required field \"value\" missing from Constant")),
        };
        if let Some(kind) = self.optional(v, Kind::Constant, "kind")?
            && str::view(&kind).is_none()
        {
            return Err(self.type_error("AST string must be of type str"));
        }
        let constant = constant_of(self.t, &value).filter(|c| !matches!(c, Constant::Slice(_) | Constant::Code(_)));
        let Some(constant) = constant else {
            if nests_too_deep(self.t, &value) {
                return Err(raise::recursion_error(self.t, "maximum recursion depth exceeded during compilation"));
            }
            let bad = first_bad(self.t, &value);
            return Err(self.type_error(format!("got an invalid type in Constant: {}", bad.class().display_name())));
        };
        Ok(self.constant_expr(constant, location))
    }

    /// The expression of a constant.
    pub fn constant_expr(&mut self, constant: Constant, location: Location) -> Expr {
        let node_index = index();
        match constant {
            Constant::Str(text) => self.string_expr(&text, location),
            other => {
                let range = self.places.add(location, None);
                match other {
                    Constant::None => ast::ExprNoneLiteral { node_index, range }.into(),
                    Constant::True => ast::ExprBooleanLiteral { node_index, range, value: true }.into(),
                    Constant::False => ast::ExprBooleanLiteral { node_index, range, value: false }.into(),
                    Constant::Ellipsis => ast::ExprEllipsisLiteral { node_index, range }.into(),
                    Constant::Float(f) => ast::ExprNumberLiteral { node_index, range, value: Number::Float(f) }.into(),
                    Constant::Complex(real, imag) => {
                        ast::ExprNumberLiteral { node_index, range, value: Number::Complex { real, imag } }.into()
                    }
                    Constant::Bytes(value) => {
                        let flags = ast::BytesLiteralFlags::empty();
                        let part = ast::BytesLiteral { range, node_index: index(), value, flags };
                        let value = ast::BytesLiteralValue::single(part);
                        ast::ExprBytesLiteral { node_index, range, value }.into()
                    }
                    Constant::Int(i) if i >= 0 => {
                        let value = Number::Int(ast::Int::from(i as u64));
                        ast::ExprNumberLiteral { node_index, range, value }.into()
                    }
                    other => {
                        self.places.constant(range, other);
                        ast::ExprEllipsisLiteral { node_index, range }.into()
                    }
                }
            }
        }
    }
}

/// The part of a tuple or frozenset that cannot be a constant.
fn first_bad(t: &crate::object::thread::Thread, v: &Value) -> Value {
    let container = v.is_exact(&crate::object::core_types::TUPLE) || v.is_exact(&crate::object::core_types::FROZENSET);
    if container && let Ok(items) = protocol::collect(t, v) {
        for item in &items {
            if constant_of(t, item).is_none() {
                return first_bad(t, item);
            }
        }
    }
    v.clone()
}
