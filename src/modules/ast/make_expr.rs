//! From the parser's tree to `ast` nodes: expressions, arguments, operators.

use super::grammar::Kind;
use super::make::Maker;
use crate::bytecode::code;
use crate::compiler::tree;
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::value::Value;
use crate::object::{hooks, list, names};
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprContext, Number, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

impl Maker<'_> {
    pub fn exprs(&mut self, exprs: &[Expr]) -> PyResult {
        self.list(exprs, |m, e| m.expr(e))
    }

    pub fn optional(&mut self, expr: Option<&Expr>) -> PyResult {
        expr.map_or(Ok(Value::NONE), |e| self.expr(e))
    }

    pub fn operator(&self, op: Operator) -> Value {
        self.only(match op {
            Operator::Add => Kind::Add,
            Operator::Sub => Kind::Sub,
            Operator::Mult => Kind::Mult,
            Operator::MatMult => Kind::MatMult,
            Operator::Div => Kind::Div,
            Operator::Mod => Kind::Mod,
            Operator::Pow => Kind::Pow,
            Operator::LShift => Kind::LShift,
            Operator::RShift => Kind::RShift,
            Operator::BitOr => Kind::BitOr,
            Operator::BitXor => Kind::BitXor,
            Operator::BitAnd => Kind::BitAnd,
            Operator::FloorDiv => Kind::FloorDiv,
        })
    }

    fn comparison(&self, op: CmpOp) -> Value {
        self.only(match op {
            CmpOp::Eq => Kind::Eq,
            CmpOp::NotEq => Kind::NotEq,
            CmpOp::Lt => Kind::Lt,
            CmpOp::LtE => Kind::LtE,
            CmpOp::Gt => Kind::Gt,
            CmpOp::GtE => Kind::GtE,
            CmpOp::Is => Kind::Is,
            CmpOp::IsNot => Kind::IsNot,
            CmpOp::In => Kind::In,
            CmpOp::NotIn => Kind::NotIn,
        })
    }

    fn context(&self, ctx: ExprContext) -> Value {
        self.only(match ctx {
            ExprContext::Store => Kind::Store,
            ExprContext::Del => Kind::Del,
            ExprContext::Load | ExprContext::Invalid => Kind::Load,
        })
    }

    pub fn keywords(&mut self, keywords: &[ast::Keyword]) -> PyResult {
        self.list(keywords, |m, k| {
            let fields = vec![m.optional_name(k.arg.as_ref()), m.expr(&k.value)?];
            Ok(m.node(Kind::keyword, k.range, fields))
        })
    }

    fn parameter(&mut self, p: &ast::Parameter) -> PyResult {
        let fields = vec![self.name(&p.name), self.optional(p.annotation.as_deref())?, Value::NONE];
        Ok(self.node(Kind::arg, p.range, fields))
    }

    /// The parameter behind a star, whose place is without the star.
    fn optional_parameter(&mut self, p: Option<&ast::Parameter>) -> PyResult {
        let Some(p) = p else { return Ok(Value::NONE) };
        let fields = vec![self.name(&p.name), self.optional(p.annotation.as_deref())?, Value::NONE];
        let range = TextRange::new(p.name.range.start(), p.range.end());
        Ok(self.node(Kind::arg, range, fields))
    }

    pub fn parameters(&mut self, p: &ast::Parameters) -> PyResult {
        let positional = self.list(&p.posonlyargs, |m, p| m.parameter(&p.parameter))?;
        let args = self.list(&p.args, |m, p| m.parameter(&p.parameter))?;
        let rest = self.optional_parameter(p.vararg.as_deref())?;
        let keyword_only = self.list(&p.kwonlyargs, |m, p| m.parameter(&p.parameter))?;
        let keyword_defaults = self.list(&p.kwonlyargs, |m, p| m.optional(p.default.as_deref()))?;
        let keywords = self.optional_parameter(p.kwarg.as_deref())?;
        let mut defaults = Vec::new();
        for default in p.posonlyargs.iter().chain(&p.args).filter_map(|p| p.default.as_deref()) {
            defaults.push(self.expr(default)?);
        }
        let defaults = list::from_vec(defaults);
        let fields = vec![positional, args, rest, keyword_only, keyword_defaults, keywords, defaults];
        Ok(self.bare(Kind::arguments, fields))
    }

    fn generators(&mut self, generators: &[ast::Comprehension]) -> PyResult {
        self.list(generators, |m, g| {
            let fields = vec![m.expr(&g.target)?, m.expr(&g.iter)?, m.exprs(&g.ifs)?, Value::int(g.is_async.into())];
            Ok(m.bare(Kind::comprehension, fields))
        })
    }

    /// A Constant without a kind.
    pub fn constant(&self, range: TextRange, value: Value) -> Value {
        self.node(Kind::Constant, range, vec![value, Value::NONE])
    }

    fn number(&self, number: &Number) -> Value {
        match number {
            Number::Int(i) => code::constant(&tree::int_value(i), &Value::NONE),
            Number::Float(f) => Value::float(*f),
            Number::Complex { real, imag } => (hooks::get().complex)(*real, *imag),
        }
    }

    pub fn expr(&mut self, expr: &Expr) -> PyResult {
        protocol::check_recursion(self.t, " during compilation")?;
        let range = expr.range();
        let (kind, fields) = match expr {
            Expr::BoolOp(e) => {
                let op = self.only(if e.op == BoolOp::And { Kind::And } else { Kind::Or });
                (Kind::BoolOp, vec![op, self.exprs(&e.values)?])
            }
            Expr::Named(e) => (Kind::NamedExpr, vec![self.expr(&e.target)?, self.expr(&e.value)?]),
            Expr::BinOp(e) => (Kind::BinOp, vec![self.expr(&e.left)?, self.operator(e.op), self.expr(&e.right)?]),
            Expr::UnaryOp(e) => {
                let op = self.only(match e.op {
                    UnaryOp::Invert => Kind::Invert,
                    UnaryOp::Not => Kind::Not,
                    UnaryOp::UAdd => Kind::UAdd,
                    UnaryOp::USub => Kind::USub,
                });
                (Kind::UnaryOp, vec![op, self.expr(&e.operand)?])
            }
            Expr::Lambda(e) => {
                let args = match &e.parameters {
                    Some(parameters) => self.parameters(parameters)?,
                    None => {
                        let empty = || list::new();
                        let none = Value::NONE;
                        let fields = vec![empty(), empty(), none.clone(), empty(), empty(), none, empty()];
                        self.bare(Kind::arguments, fields)
                    }
                };
                (Kind::Lambda, vec![args, self.expr(&e.body)?])
            }
            Expr::If(e) => (Kind::IfExp, vec![self.expr(&e.test)?, self.expr(&e.body)?, self.expr(&e.orelse)?]),
            Expr::Dict(e) => {
                let keys = self.list(&e.items, |m, item| m.optional(item.key.as_ref()))?;
                (Kind::Dict, vec![keys, self.list(&e.items, |m, item| m.expr(&item.value))?])
            }
            Expr::Set(e) => (Kind::Set, vec![self.exprs(&e.elts)?]),
            Expr::ListComp(e) => (Kind::ListComp, vec![self.expr(&e.elt)?, self.generators(&e.generators)?]),
            Expr::SetComp(e) => (Kind::SetComp, vec![self.expr(&e.elt)?, self.generators(&e.generators)?]),
            Expr::DictComp(e) => {
                let (key, value) = (self.optional(e.key.as_deref())?, self.expr(&e.value)?);
                (Kind::DictComp, vec![key, value, self.generators(&e.generators)?])
            }
            Expr::Generator(e) => (Kind::GeneratorExp, vec![self.expr(&e.elt)?, self.generators(&e.generators)?]),
            Expr::Await(e) => (Kind::Await, vec![self.expr(&e.value)?]),
            Expr::Yield(e) => (Kind::Yield, vec![self.optional(e.value.as_deref())?]),
            Expr::YieldFrom(e) => (Kind::YieldFrom, vec![self.expr(&e.value)?]),
            Expr::Compare(e) => {
                let left = self.expr(&e.left)?;
                let ops = self.list(&e.ops, |m, op| Ok(m.comparison(*op)))?;
                (Kind::Compare, vec![left, ops, self.exprs(&e.comparators)?])
            }
            Expr::Call(e) => {
                let func = self.expr(&e.func)?;
                let args = match &*e.arguments.args {
                    // A bare generator's place includes the call's parentheses.
                    [Expr::Generator(g)] if !g.parenthesized && e.arguments.keywords.is_empty() => {
                        let fields = vec![self.expr(&g.elt)?, self.generators(&g.generators)?];
                        list::from_vec(vec![self.node(Kind::GeneratorExp, e.arguments.range, fields)])
                    }
                    args => self.exprs(args)?,
                };
                (Kind::Call, vec![func, args, self.keywords(&e.arguments.keywords)?])
            }
            Expr::FString(e) => return self.fstring(e),
            Expr::TString(e) => return self.tstring(e),
            Expr::StringLiteral(e) => return self.string(e),
            Expr::BytesLiteral(e) => return self.bytes(e),
            Expr::NumberLiteral(e) => return Ok(self.constant(range, self.number(&e.value))),
            Expr::BooleanLiteral(e) => return Ok(self.constant(range, Value::bool(e.value))),
            Expr::NoneLiteral(_) => return Ok(self.constant(range, Value::NONE)),
            Expr::EllipsisLiteral(_) | Expr::IpyEscapeCommand(_) => {
                return Ok(self.constant(range, Value::ELLIPSIS));
            }
            Expr::Attribute(e) => {
                let value = self.expr(&e.value)?;
                (Kind::Attribute, vec![value, self.name(&e.attr), self.context(e.ctx)])
            }
            Expr::Subscript(e) => {
                let value = self.expr(&e.value)?;
                (Kind::Subscript, vec![value, self.expr(&e.slice)?, self.context(e.ctx)])
            }
            Expr::Starred(e) => (Kind::Starred, vec![self.expr(&e.value)?, self.context(e.ctx)]),
            Expr::Name(e) => match self.optimize {
                Some(level) if e.id.as_str() == "__debug__" && e.ctx == ExprContext::Load => {
                    return Ok(self.constant(range, Value::bool(level == 0)));
                }
                _ => (Kind::Name, vec![names::intern(e.id.as_str()), self.context(e.ctx)]),
            },
            Expr::List(e) => (Kind::List, vec![self.exprs(&e.elts)?, self.context(e.ctx)]),
            Expr::Tuple(e) => (Kind::Tuple, vec![self.exprs(&e.elts)?, self.context(e.ctx)]),
            Expr::Slice(e) => {
                let (lower, upper) = (self.optional(e.lower.as_deref())?, self.optional(e.upper.as_deref())?);
                (Kind::Slice, vec![lower, upper, self.optional(e.step.as_deref())?])
            }
        };
        Ok(self.node(kind, range, fields))
    }
}
