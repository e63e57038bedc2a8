//! Constant expressions: literals, arithmetic on them, containers of them.

use super::Compiler;
use crate::bytecode::unit::Constant;
use crate::compiler::arithmetic;
use ruff_python_ast::{self as ast, Expr, ExprContext, Number};

impl<'a> Compiler<'a> {
    /// The expression's value if it is a constant.
    pub fn fold(&mut self, expr: &'a Expr) -> Option<Constant> {
        match expr {
            Expr::StringLiteral(e) => Some(Constant::Str(self.string_value(e).into())),
            Expr::BytesLiteral(e) => Some(Constant::Bytes(self.bytes_value(e))),
            Expr::NumberLiteral(e) => Some(match &e.value {
                Number::Int(i) => arithmetic::int_literal(i),
                Number::Float(f) => Constant::Float(*f),
                Number::Complex { real, imag } => Constant::Complex(*real, *imag),
            }),
            Expr::BooleanLiteral(e) => Some(if e.value { Constant::True } else { Constant::False }),
            Expr::NoneLiteral(_) => Some(Constant::None),
            Expr::EllipsisLiteral(e) => {
                let made = self.lines.constant(e.range.start().into());
                Some(made.cloned().unwrap_or(Constant::Ellipsis))
            }
            Expr::Name(e) if e.id.as_str() == "__debug__" && e.ctx == ExprContext::Load => {
                Some(if self.options.optimize == 0 { Constant::True } else { Constant::False })
            }
            Expr::FString(e) => self.literal_fstring(e).map(|t| Constant::Str(t.into())),
            Expr::Tuple(e) if e.ctx == ExprContext::Load => {
                self.fold_compound(expr, |c| c.fold_all(&e.elts).map(Constant::Tuple))
            }
            Expr::UnaryOp(e) => self.fold_compound(expr, |c| {
                let operand = c.fold(&e.operand)?;
                arithmetic::unary(e.op, &operand)
            }),
            Expr::BinOp(e) => self.fold_compound(expr, |c| {
                // The right side first: it is rarely deep.
                let right = c.fold(&e.right)?;
                let left = c.fold(&e.left)?;
                arithmetic::binary(e.op, &left, &right)
            }),
            Expr::Subscript(e) if e.ctx == ExprContext::Load => self.fold_compound(expr, |c| {
                let index = c.fold(&e.slice)?;
                let value = c.fold(&e.value)?;
                arithmetic::subscript(&value, &index)
            }),
            Expr::Slice(e) => {
                let mut part = |p: &'a Option<Box<Expr>>| match p {
                    Some(p) => self.fold(p),
                    None => Some(Constant::None),
                };
                let parts = [part(&e.lower)?, part(&e.upper)?, part(&e.step)?];
                Some(Constant::Slice(Box::new(parts)))
            }
            _ => None,
        }
    }

    /// Tries a compound expression once; a failure is remembered.
    fn fold_compound(&mut self, expr: &'a Expr, f: impl FnOnce(&mut Self) -> Option<Constant>) -> Option<Constant> {
        let key = std::ptr::from_ref(expr) as usize;
        if self.unfoldable.contains(&key) {
            return None;
        }
        let folded = f(self);
        if folded.is_none() {
            self.unfoldable.insert(key);
        }
        folded
    }

    pub fn fold_all(&mut self, exprs: &'a [Expr]) -> Option<Box<[Constant]>> {
        exprs.iter().map(|e| self.fold(e)).collect()
    }

    /// A list or set display of constants that is only searched or iterated, as a tuple or frozenset.
    pub fn fold_container(&mut self, expr: &'a Expr) -> Option<Constant> {
        match expr {
            Expr::List(e) => self.fold_all(&e.elts).map(Constant::Tuple),
            Expr::Set(e) => self.fold_all(&e.elts).map(Constant::FrozenSet),
            _ => None,
        }
    }
}

/// A constant's truth.
pub fn truth(constant: &Constant) -> Option<bool> {
    Some(match constant {
        Constant::None | Constant::False => false,
        Constant::True | Constant::Ellipsis | Constant::BigInt { .. } | Constant::Slice(_) | Constant::Code(_) => true,
        Constant::Int(i) => *i != 0,
        Constant::Float(f) => *f != 0.0,
        Constant::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Constant::Str(b) | Constant::Bytes(b) => !b.is_empty(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
    })
}

/// Python's equality of two constants that can be keys of a mapping pattern.
pub fn equal(a: &Constant, b: &Constant) -> bool {
    let number = |c: &Constant| match c {
        Constant::True => Some((1.0, 0.0)),
        Constant::False => Some((0.0, 0.0)),
        Constant::Int(i) if i.unsigned_abs() < 1 << 53 => Some((*i as f64, 0.0)),
        Constant::Float(f) => Some((*f, 0.0)),
        Constant::Complex(re, im) => Some((*re, *im)),
        _ => None,
    };
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a == b;
    }
    match (a, b) {
        (Constant::None, Constant::None) => true,
        (Constant::Int(a), Constant::Int(b)) => a == b,
        (
            Constant::BigInt { negative: n, magnitude: m },
            Constant::BigInt { negative: other_n, magnitude: other_m },
        ) => n == other_n && m == other_m,
        (Constant::Str(a), Constant::Str(b)) | (Constant::Bytes(a), Constant::Bytes(b)) => a == b,
        _ => false,
    }
}

/// A constant as Python shows it, for error messages.
pub fn repr(constant: &Constant) -> String {
    crate::bytecode::dis::constant_repr(constant)
}

/// The type of an expression whose type is plain to see, for warnings.
pub fn plain_type(expr: &Expr) -> Option<&'static str> {
    Some(match expr {
        Expr::Tuple(_) => "tuple",
        Expr::List(_) | Expr::ListComp(_) => "list",
        Expr::Dict(_) | Expr::DictComp(_) => "dict",
        Expr::Set(_) | Expr::SetComp(_) => "set",
        Expr::Generator(_) => "generator",
        Expr::Lambda(_) => "function",
        Expr::FString(_) | Expr::StringLiteral(_) => "str",
        Expr::TString(_) => "string.templatelib.Template",
        Expr::BytesLiteral(_) => "bytes",
        Expr::NoneLiteral(_) => "NoneType",
        Expr::EllipsisLiteral(_) => "ellipsis",
        Expr::BooleanLiteral(_) => "bool",
        Expr::NumberLiteral(n) => match n.value {
            ast::Number::Int(_) => "int",
            ast::Number::Float(_) => "float",
            ast::Number::Complex { .. } => "complex",
        },
        _ => return None,
    })
}
