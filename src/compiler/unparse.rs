//! Expressions as text in CPython's canonical form, for annotations under `from __future__ import annotations`.

use crate::bytecode::dis::constant_repr;
use crate::bytecode::unit::Constant;
use ruff_python_ast::{self as ast, BoolOp, Expr, Number, Operator, UnaryOp};

/// How strongly an operator binds; an expression in a place that wants more is put in parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arith,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    fn next(self) -> Level {
        use Level::*;
        const ALL: [Level; 16] =
            [Tuple, Test, Or, And, Not, Compare, BitOr, BitXor, BitAnd, Shift, Arith, Term, Factor, Power, Await, Atom];
        ALL.get(self as usize + 1).copied().unwrap_or(Atom)
    }
}

/// The expression's text.
pub fn unparse(expr: &Expr, source: &str) -> String {
    let mut out = Unparser { out: String::new(), source };
    out.expr(expr, Level::Test);
    out.out
}

struct Unparser<'s> {
    out: String,
    source: &'s str,
}

fn binary(op: Operator) -> (Level, bool) {
    // The level, and whether the operator groups to the right.
    match op {
        Operator::Add | Operator::Sub => (Level::Arith, false),
        Operator::Mult | Operator::MatMult | Operator::Div | Operator::Mod | Operator::FloorDiv => (Level::Term, false),
        Operator::LShift | Operator::RShift => (Level::Shift, false),
        Operator::BitOr => (Level::BitOr, false),
        Operator::BitXor => (Level::BitXor, false),
        Operator::BitAnd => (Level::BitAnd, false),
        Operator::Pow => (Level::Power, true),
    }
}

impl Unparser<'_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>, level: Level) {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            self.expr(item, level);
        }
    }

    fn grouped(&mut self, open: bool, f: impl FnOnce(&mut Self)) {
        if open {
            self.text("(");
        }
        f(self);
        if open {
            self.text(")");
        }
    }

    fn expr(&mut self, expr: &Expr, level: Level) {
        match expr {
            Expr::BoolOp(e) => {
                let (own, word) = if e.op == BoolOp::And { (Level::And, " and ") } else { (Level::Or, " or ") };
                self.grouped(level > own, |p| {
                    for (i, value) in e.values.iter().enumerate() {
                        if i > 0 {
                            p.text(word);
                        }
                        p.expr(value, own.next());
                    }
                });
            }
            Expr::Named(e) => self.grouped(level > Level::Tuple, |p| {
                p.expr(&e.target, Level::Atom);
                p.text(" := ");
                p.expr(&e.value, Level::Atom);
            }),
            Expr::BinOp(e) => {
                let (own, right) = binary(e.op);
                self.grouped(level > own, |p| {
                    p.expr(&e.left, if right { own.next() } else { own });
                    p.text(" ");
                    p.text(e.op.as_str());
                    p.text(" ");
                    p.expr(&e.right, if right { own } else { own.next() });
                });
            }
            Expr::UnaryOp(e) => {
                let (own, sign) = match e.op {
                    UnaryOp::Invert => (Level::Factor, "~"),
                    UnaryOp::Not => (Level::Not, "not "),
                    UnaryOp::UAdd => (Level::Factor, "+"),
                    UnaryOp::USub => (Level::Factor, "-"),
                };
                self.grouped(level > own, |p| {
                    p.text(sign);
                    p.expr(&e.operand, own);
                });
            }
            Expr::Lambda(e) => self.grouped(level > Level::Test, |p| {
                p.text("lambda");
                if let Some(parameters) = &e.parameters
                    && !parameters.is_empty()
                {
                    p.text(" ");
                    p.parameters(parameters);
                }
                p.text(": ");
                p.expr(&e.body, Level::Test);
            }),
            Expr::If(e) => self.grouped(level > Level::Test, |p| {
                p.expr(&e.body, Level::Or);
                p.text(" if ");
                p.expr(&e.test, Level::Or);
                p.text(" else ");
                p.expr(&e.orelse, Level::Test);
            }),
            Expr::Dict(e) => {
                self.text("{");
                for (i, item) in e.items.iter().enumerate() {
                    if i > 0 {
                        self.text(", ");
                    }
                    match &item.key {
                        Some(key) => {
                            self.expr(key, Level::Test);
                            self.text(": ");
                            self.expr(&item.value, Level::Test);
                        }
                        None => {
                            self.text("**");
                            self.expr(&item.value, Level::BitOr);
                        }
                    }
                }
                self.text("}");
            }
            Expr::Set(e) => {
                self.text("{");
                self.list(&e.elts, Level::Test);
                self.text("}");
            }
            Expr::ListComp(e) => self.comprehension("[", &e.elt, None, &e.generators, "]"),
            Expr::SetComp(e) => self.comprehension("{", &e.elt, None, &e.generators, "}"),
            Expr::Generator(e) => self.comprehension("(", &e.elt, None, &e.generators, ")"),
            Expr::DictComp(e) => {
                if let Some(key) = &e.key {
                    self.comprehension("{", key, Some(&e.value), &e.generators, "}");
                }
            }
            Expr::Await(e) => self.grouped(level > Level::Await, |p| {
                p.text("await ");
                p.expr(&e.value, Level::Atom);
            }),
            Expr::Yield(e) => {
                self.text("(yield");
                if let Some(value) = &e.value {
                    self.text(" ");
                    self.expr(value, Level::Test);
                }
                self.text(")");
            }
            Expr::YieldFrom(e) => {
                self.text("(yield from ");
                self.expr(&e.value, Level::Test);
                self.text(")");
            }
            Expr::Compare(e) => self.grouped(level > Level::Compare, |p| {
                p.expr(&e.left, Level::Compare.next());
                for (op, right) in e.ops.iter().zip(&e.comparators) {
                    p.text(" ");
                    p.text(op.as_str());
                    p.text(" ");
                    p.expr(right, Level::Compare.next());
                }
            }),
            Expr::Call(e) => self.call(e),
            Expr::FString(e) => {
                let parts: Vec<_> = e
                    .value
                    .iter()
                    .map(|part| match part {
                        ast::FStringPart::Literal(l) => (l.value.to_string(), None),
                        ast::FStringPart::FString(f) => (String::new(), Some(&f.elements)),
                    })
                    .collect();
                let mut body = String::new();
                for (text, elements) in parts {
                    body.push_str(&braces(&text));
                    if let Some(elements) = elements {
                        body.push_str(&self.elements(elements));
                    }
                }
                self.text("f");
                self.text(&constant_repr(&Constant::Str(body.as_bytes().into())));
            }
            Expr::TString(e) => {
                let body: String = e.value.iter().map(|t| self.elements(&t.elements)).collect();
                self.text("t");
                self.text(&constant_repr(&Constant::Str(body.as_bytes().into())));
            }
            Expr::StringLiteral(e) => {
                if e.value.is_unicode() {
                    self.text("u");
                }
                self.text(&constant_repr(&Constant::Str(e.value.to_str().as_bytes().into())));
            }
            Expr::BytesLiteral(e) => self.text(&constant_repr(&Constant::Bytes(e.value.bytes().collect()))),
            Expr::NumberLiteral(e) => {
                let constant = match &e.value {
                    Number::Int(i) => super::arithmetic::int_literal(i),
                    Number::Float(f) => Constant::Float(*f),
                    Number::Complex { real, imag } => Constant::Complex(*real, *imag),
                };
                // An infinite literal has no other spelling.
                let text = constant_repr(&constant).replace("inf", "1e309");
                self.text(&text);
            }
            Expr::BooleanLiteral(e) => self.text(if e.value { "True" } else { "False" }),
            Expr::NoneLiteral(_) => self.text("None"),
            Expr::EllipsisLiteral(_) => self.text("..."),
            Expr::Attribute(e) => {
                self.expr(&e.value, Level::Atom);
                let integer = matches!(&*e.value, Expr::NumberLiteral(n) if matches!(n.value, Number::Int(_)));
                self.text(if integer { " ." } else { "." });
                self.text(&e.attr.id);
            }
            Expr::Subscript(e) => {
                self.expr(&e.value, Level::Atom);
                self.text("[");
                match &*e.slice {
                    Expr::Tuple(t) if !t.elts.is_empty() => {
                        self.list(&t.elts, Level::Test);
                        if t.elts.len() == 1 {
                            self.text(",");
                        }
                    }
                    slice => self.expr(slice, Level::Tuple),
                }
                self.text("]");
            }
            Expr::Starred(e) => {
                self.text("*");
                self.expr(&e.value, Level::BitOr);
            }
            Expr::Name(e) => self.text(&e.id),
            Expr::List(e) => {
                self.text("[");
                self.list(&e.elts, Level::Test);
                self.text("]");
            }
            Expr::Tuple(e) => {
                if e.elts.is_empty() {
                    return self.text("()");
                }
                self.grouped(level > Level::Tuple, |p| {
                    p.list(&e.elts, Level::Test);
                    if e.elts.len() == 1 {
                        p.text(",");
                    }
                });
            }
            Expr::Slice(e) => {
                if let Some(lower) = &e.lower {
                    self.expr(lower, Level::Test);
                }
                self.text(":");
                if let Some(upper) = &e.upper {
                    self.expr(upper, Level::Test);
                }
                if let Some(step) = &e.step {
                    self.text(":");
                    self.expr(step, Level::Test);
                }
            }
            Expr::IpyEscapeCommand(_) => {}
        }
    }

    fn comprehension(
        &mut self,
        open: &str,
        first: &Expr,
        value: Option<&Expr>,
        generators: &[ast::Comprehension],
        close: &str,
    ) {
        self.text(open);
        self.expr(first, Level::Test);
        if let Some(value) = value {
            self.text(": ");
            self.expr(value, Level::Test);
        }
        for generator in generators {
            self.text(if generator.is_async { " async for " } else { " for " });
            self.expr(&generator.target, Level::Tuple);
            self.text(" in ");
            self.expr(&generator.iter, Level::Or);
            for condition in &generator.ifs {
                self.text(" if ");
                self.expr(condition, Level::Or);
            }
        }
        self.text(close);
    }

    fn call(&mut self, e: &ast::ExprCall) {
        self.expr(&e.func, Level::Atom);
        if e.arguments.keywords.is_empty()
            && let [generator @ Expr::Generator(_)] = &*e.arguments.args
        {
            return self.expr(generator, Level::Test);
        }
        self.text("(");
        self.list(&e.arguments.args, Level::Test);
        for (i, keyword) in e.arguments.keywords.iter().enumerate() {
            if i > 0 || !e.arguments.args.is_empty() {
                self.text(", ");
            }
            match &keyword.arg {
                Some(name) => {
                    self.text(&name.id);
                    self.text("=");
                }
                None => self.text("**"),
            }
            self.expr(&keyword.value, Level::Test);
        }
        self.text(")");
    }

    fn parameters(&mut self, parameters: &ast::Parameters) {
        let mut first = true;
        let mut comma = |p: &mut Self| {
            if !std::mem::take(&mut first) {
                p.text(", ");
            }
        };
        let parameter = |p: &mut Self, one: &ast::ParameterWithDefault| {
            p.text(&one.parameter.name.id);
            if let Some(default) = &one.default {
                p.text("=");
                p.expr(default, Level::Test);
            }
        };
        for one in &parameters.posonlyargs {
            comma(self);
            parameter(self, one);
        }
        if !parameters.posonlyargs.is_empty() {
            self.text(", /");
        }
        for one in &parameters.args {
            comma(self);
            parameter(self, one);
        }
        if parameters.vararg.is_some() || !parameters.kwonlyargs.is_empty() {
            comma(self);
            self.text("*");
            if let Some(one) = &parameters.vararg {
                self.text(&one.name.id);
            }
        }
        for one in &parameters.kwonlyargs {
            comma(self);
            parameter(self, one);
        }
        if let Some(one) = &parameters.kwarg {
            comma(self);
            self.text("**");
            self.text(&one.name.id);
        }
    }

    /// The inside of an f-string.
    fn elements(&self, elements: &ast::InterpolatedStringElements) -> String {
        let mut out = String::new();
        for element in elements {
            match element {
                ast::InterpolatedStringElement::Literal(l) => out.push_str(&braces(&l.value)),
                ast::InterpolatedStringElement::Interpolation(i) => {
                    if let Some(debug) = &i.debug_text {
                        out.push_str(&braces(debug.as_str()));
                    }
                    let mut inner = Unparser { out: String::new(), source: self.source };
                    inner.expr(&i.expression, Level::Test.next());
                    out.push('{');
                    if inner.out.starts_with('{') {
                        out.push(' ');
                    }
                    out.push_str(&inner.out);
                    let shown = match i.conversion.to_char() {
                        None if i.debug_text.is_some() && i.format_spec.is_none() => Some('r'),
                        other => other,
                    };
                    if let Some(c) = shown {
                        out.push('!');
                        out.push(c);
                    }
                    if let Some(spec) = &i.format_spec {
                        out.push(':');
                        out.push_str(&self.elements(&spec.elements));
                    }
                    out.push('}');
                }
            }
        }
        out
    }
}

fn braces(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use super::unparse;

    fn shown(source: &str) -> String {
        let parsed = ruff_python_parser::parse_expression(source).unwrap();
        unparse(parsed.expr(), source)
    }

    #[test]
    fn canonical_forms() {
        for (source, want) in [
            ("List [ int ]", "List[int]"),
            ("Dict[str,int]", "Dict[str, int]"),
            ("(a)+(b*c)", "a + b * c"),
            ("(a+b)*c", "(a + b) * c"),
            ("a**b**c", "a ** b ** c"),
            ("(a**b)**c", "(a ** b) ** c"),
            ("-a**2", "-a ** 2"),
            ("not (a and b)", "not (a and b)"),
            ("\"it's\"", "\"it's\""),
            ("lambda x,*y,z=1,**k:x", "lambda x, *y, z=1, **k: x"),
            ("(x for x in y if z)", "(x for x in y if z)"),
            ("f(x for x in y)", "f(x for x in y)"),
            ("x[*a]", "x[*a,]"),
            ("0x10", "16"),
            ("f'{x=}'", "f'x={x!r}'"),
            ("a if b else c", "a if b else c"),
            ("(yield)", "(yield)"),
            ("x[1:2,::3]", "x[1:2, ::3]"),
            ("x[a,]", "x[a,]"),
            ("(1,)", "(1,)"),
            ("()", "()"),
            ("f'{a!r:>{b}} {{'", "f'{a!r:>{b}} {{'"),
            ("{**a, 'b': 1}", "{**a, 'b': 1}"),
            ("1 .real", "1 .real"),
            ("1e400", "1e309"),
            ("(a := 1)", "(a := 1)"),
            ("Callable[..., None]", "Callable[..., None]"),
        ] {
            assert_eq!(shown(source), want, "{source}");
        }
    }
}
