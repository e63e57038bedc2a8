//! From the parser's tree to `ast` nodes: modules, statements, patterns, type parameters.

use super::grammar::Kind;
use super::{class, node};
use crate::compiler::tree::{self, Finder};
use crate::compiler::{Mode, Options, SyntaxWarning};
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{PyResult, Raised};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{list, str};
use ruff_python_ast::{self as ast, Mod, Pattern, Singleton, Stmt, TypeParam};
use ruff_text_size::{Ranged, TextRange, TextSize};

/// Makes nodes from one parsed source.
pub struct Maker<'a> {
    pub t: &'a Thread,
    pub find: Finder<'a>,
    pub warnings: Vec<SyntaxWarning>,
    /// `PyCF_OPTIMIZED_AST`: at which level constants are folded.
    pub optimize: Option<u8>,
    /// What is subtracted from offsets, where text was put in front of the source.
    pub shift: u32,
    places: [Value; 4],
}

/// What `parse` asks for.
pub enum Want {
    Program(Mode),
    /// `mode="func_type"`
    Signature,
}

/// Why there is no tree: the source is wrong, or Python code raised.
pub enum Failure {
    Syntax(crate::compiler::SyntaxError),
    Raised(Raised),
}

impl From<Raised> for Failure {
    fn from(raised: Raised) -> Failure {
        Failure::Raised(raised)
    }
}

/// Parses source text into nodes. `optimize`: fold constants for this level.
pub fn parse(
    t: &Thread,
    text: &str,
    want: Want,
    options: Options,
    optimize: Option<u8>,
) -> Result<(Value, Vec<SyntaxWarning>), Failure> {
    super::ready(t)?;
    match want {
        Want::Program(mode) => {
            let parsed = t.detached(|| tree::parse_tree(text, mode, options)).map_err(Failure::Syntax)?;
            let mut maker = Maker::new(t, &parsed.text, optimize);
            let root = match &parsed.root {
                Mod::Module(m) => {
                    let body = maker.body(&m.body)?;
                    match mode {
                        Mode::Single => node::new(t, Kind::Interactive, vec![body]),
                        _ => node::new(t, Kind::Module, vec![body, list::new()]),
                    }
                }
                Mod::Expression(e) => node::new(t, Kind::Expression, vec![maker.expr(&e.body)?]),
            };
            Ok((root, maker.warnings))
        }
        Want::Signature => signature(t, text, options),
    }
}

/// A type comment of a function: "(int, str) -> bool".
fn signature(t: &Thread, text: &str, options: Options) -> Result<(Value, Vec<SyntaxWarning>), Failure> {
    let text = text.trim_end();
    let parse = |source: &str| t.detached(|| tree::parse_tree(source, Mode::Eval, options)).map_err(Failure::Syntax);
    let Some(arrow) = text.rfind("->").filter(|_| text.starts_with('(')) else {
        // Not a signature whatever it is: says so as the parser does.
        parse(&format!("{text} ->"))?;
        return Ok((Value::NONE, Vec::new()));
    };
    let call = parse(&format!("f{}", &text[..arrow]))?;
    let returns = parse(&format!("({}{})", " ".repeat(arrow + 1), &text[arrow + 2..]))?;
    let mut types = Vec::new();
    if let Mod::Expression(e) = &call.root
        && let ast::Expr::Call(call_expr) = &*e.body
    {
        let mut maker = Maker::new(t, &call.text, None);
        maker.shift = 1;
        for arg in &call_expr.arguments.args {
            types.push(match arg {
                ast::Expr::Starred(starred) => maker.expr(&starred.value)?,
                other => maker.expr(other)?,
            });
        }
        for keyword in &call_expr.arguments.keywords {
            types.push(maker.expr(&keyword.value)?);
        }
    }
    let mut maker = Maker::new(t, &returns.text, None);
    let returned = match &returns.root {
        Mod::Expression(e) => maker.expr(&e.body)?,
        Mod::Module(_) => Value::NONE,
    };
    Ok((node::new(t, Kind::FunctionType, vec![list::from_vec(types), returned]), Vec::new()))
}

impl<'a> Maker<'a> {
    fn new(t: &'a Thread, text: &'a str, optimize: Option<u8>) -> Maker<'a> {
        let places = ["lineno", "col_offset", "end_lineno", "end_col_offset"].map(names::intern);
        Maker { t, find: Finder::new(text), warnings: Vec::new(), optimize, shift: 0, places }
    }

    /// A node without a place.
    pub fn bare(&self, kind: Kind, fields: Vec<Value>) -> Value {
        node::new(self.t, kind, fields)
    }

    /// A node at a place.
    pub fn node(&self, kind: Kind, range: TextRange, fields: Vec<Value>) -> Value {
        let v = node::new(self.t, kind, fields);
        let shift = TextSize::new(self.shift);
        let place = self.find.location(TextRange::new(range.start() - shift.min(range.start()), range.end() - shift));
        let numbers = [place.line.into(), place.column.into(), place.end_line.into(), place.end_column.into()];
        for (name, number) in self.places.iter().zip(numbers) {
            node::set(self.t, &v, name, Value::int(number));
        }
        v
    }

    /// The one node of an operator or context.
    pub fn only(&self, kind: Kind) -> Value {
        class(kind).only.clone().unwrap_or(Value::NONE)
    }

    pub fn name(&self, id: &ast::Identifier) -> Value {
        names::intern(id.as_str())
    }

    pub fn optional_name(&self, id: Option<&ast::Identifier>) -> Value {
        id.map_or(Value::NONE, |id| self.name(id))
    }

    pub fn list<T>(&mut self, items: &[T], mut f: impl FnMut(&mut Self, &T) -> PyResult) -> PyResult {
        let made = items.iter().map(|i| f(self, i)).collect::<PyResult<Vec<_>>>()?;
        Ok(list::from_vec(made))
    }

    fn body(&mut self, body: &[Stmt]) -> PyResult {
        self.list(body, |m, s| m.stmt(s))
    }

    /// The body of a definition or module that may begin with a docstring, which the second level of optimisation drops.
    fn documented(&mut self, body: &[Stmt]) -> PyResult {
        match body {
            [Stmt::Expr(first), rest @ ..] if self.optimize == Some(2) && first.value.is_string_literal_expr() => {
                if rest.is_empty() {
                    let pass = self.node(Kind::Pass, first.range, Vec::new());
                    return Ok(list::from_vec(vec![pass]));
                }
                self.body(rest)
            }
            _ => self.body(body),
        }
    }

    fn aliases(&mut self, names: &[ast::Alias]) -> PyResult {
        self.list(names, |m, a| {
            let (name, asname) = (m.name(&a.name), m.optional_name(a.asname.as_ref()));
            Ok(m.node(Kind::alias, a.range, vec![name, asname]))
        })
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> PyResult {
        self.list(decorators, |m, d| m.expr(&d.expression))
    }

    fn stmt(&mut self, stmt: &Stmt) -> PyResult {
        protocol::check_recursion(self.t, " during compilation")?;
        let mut range = stmt.range();
        let ends_with_body = matches!(
            stmt,
            Stmt::FunctionDef(_)
                | Stmt::ClassDef(_)
                | Stmt::For(_)
                | Stmt::While(_)
                | Stmt::If(_)
                | Stmt::With(_)
                | Stmt::Try(_)
                | Stmt::Match(_)
        );
        if ends_with_body {
            range = TextRange::new(range.start(), self.find.statement_end(range.end()));
        }
        let none = Value::NONE;
        let (kind, fields) = match stmt {
            Stmt::FunctionDef(s) => {
                let kind = if s.is_async { Kind::AsyncFunctionDef } else { Kind::FunctionDef };
                let (name, args) = (self.name(&s.name), self.parameters(&s.parameters)?);
                let (body, decorators) = (self.documented(&s.body)?, self.decorators(&s.decorator_list)?);
                let returns = self.optional(s.returns.as_deref())?;
                let types = self.type_params(s.type_params.as_deref())?;
                let range = self.find.definition(range, &s.decorator_list);
                return Ok(self.node(kind, range, vec![name, args, body, decorators, returns, none, types]));
            }
            Stmt::ClassDef(s) => {
                let name = self.name(&s.name);
                let (bases, keywords) = match &s.arguments {
                    Some(arguments) => (self.exprs(&arguments.args)?, self.keywords(&arguments.keywords)?),
                    None => (list::new(), list::new()),
                };
                let (body, decorators) = (self.documented(&s.body)?, self.decorators(&s.decorator_list)?);
                let types = self.type_params(s.type_params.as_deref())?;
                let range = self.find.definition(range, &s.decorator_list);
                return Ok(self.node(Kind::ClassDef, range, vec![name, bases, keywords, body, decorators, types]));
            }
            Stmt::Return(s) => (Kind::Return, vec![self.optional(s.value.as_deref())?]),
            Stmt::Delete(s) => (Kind::Delete, vec![self.exprs(&s.targets)?]),
            Stmt::Assign(s) => (Kind::Assign, vec![self.exprs(&s.targets)?, self.expr(&s.value)?, none]),
            Stmt::TypeAlias(s) => {
                let (name, types) = (self.expr(&s.name)?, self.type_params(s.type_params.as_deref())?);
                (Kind::TypeAlias, vec![name, types, self.expr(&s.value)?])
            }
            Stmt::AugAssign(s) => {
                (Kind::AugAssign, vec![self.expr(&s.target)?, self.operator(s.op), self.expr(&s.value)?])
            }
            Stmt::AnnAssign(s) => {
                let (target, annotation) = (self.expr(&s.target)?, self.expr(&s.annotation)?);
                let simple = Value::int(s.simple.into());
                (Kind::AnnAssign, vec![target, annotation, self.optional(s.value.as_deref())?, simple])
            }
            Stmt::For(s) => {
                let kind = if s.is_async { Kind::AsyncFor } else { Kind::For };
                let (target, iter) = (self.expr(&s.target)?, self.expr(&s.iter)?);
                (kind, vec![target, iter, self.body(&s.body)?, self.body(&s.orelse)?, none])
            }
            Stmt::While(s) => (Kind::While, vec![self.expr(&s.test)?, self.body(&s.body)?, self.body(&s.orelse)?]),
            Stmt::If(s) => {
                let (test, body) = (self.expr(&s.test)?, self.body(&s.body)?);
                (Kind::If, vec![test, body, self.elif(&s.elif_else_clauses, range.end())?])
            }
            Stmt::With(s) => {
                let kind = if s.is_async { Kind::AsyncWith } else { Kind::With };
                let items = self.list(&s.items, |m, item| {
                    let context = m.expr(&item.context_expr)?;
                    let target = m.optional(item.optional_vars.as_deref())?;
                    Ok(m.bare(Kind::withitem, vec![context, target]))
                })?;
                (kind, vec![items, self.body(&s.body)?, none])
            }
            Stmt::Match(s) => {
                let subject = self.expr(&s.subject)?;
                let cases = self.list(&s.cases, |m, case| {
                    let (pattern, guard) = (m.pattern(&case.pattern)?, m.optional(case.guard.as_deref())?);
                    let body = m.body(&case.body)?;
                    Ok(m.bare(Kind::match_case, vec![pattern, guard, body]))
                })?;
                (Kind::Match, vec![subject, cases])
            }
            Stmt::Raise(s) => (Kind::Raise, vec![self.optional(s.exc.as_deref())?, self.optional(s.cause.as_deref())?]),
            Stmt::Try(s) => {
                let kind = if s.is_star { Kind::TryStar } else { Kind::Try };
                let body = self.body(&s.body)?;
                let handlers = self.list(&s.handlers, |m, handler| {
                    let ast::ExceptHandler::ExceptHandler(h) = handler;
                    let (class, name) = (m.optional(h.type_.as_deref())?, m.optional_name(h.name.as_ref()));
                    let body = m.body(&h.body)?;
                    let range = TextRange::new(h.range.start(), m.find.statement_end(h.range.end()));
                    Ok(m.node(Kind::ExceptHandler, range, vec![class, name, body]))
                })?;
                (kind, vec![body, handlers, self.body(&s.orelse)?, self.body(&s.finalbody)?])
            }
            Stmt::Assert(s) => (Kind::Assert, vec![self.expr(&s.test)?, self.optional(s.msg.as_deref())?]),
            Stmt::Import(s) => (Kind::Import, vec![self.aliases(&s.names)?]),
            Stmt::ImportFrom(s) => {
                let module = self.optional_name(s.module.as_ref());
                (Kind::ImportFrom, vec![module, self.aliases(&s.names)?, Value::int(s.level.into())])
            }
            Stmt::Global(s) => (Kind::Global, vec![self.list(&s.names, |m, n| Ok(m.name(n)))?]),
            Stmt::Nonlocal(s) => (Kind::Nonlocal, vec![self.list(&s.names, |m, n| Ok(m.name(n)))?]),
            Stmt::Expr(s) => (Kind::Expr, vec![self.expr(&s.value)?]),
            Stmt::Pass(_) | Stmt::IpyEscapeCommand(_) => (Kind::Pass, Vec::new()),
            Stmt::Break(_) => (Kind::Break, Vec::new()),
            Stmt::Continue(_) => (Kind::Continue, Vec::new()),
        };
        Ok(self.node(kind, range, fields))
    }

    /// What follows an `if`: an `elif` is an If of its own in the list, up to the end of the whole statement.
    fn elif(&mut self, clauses: &[ast::ElifElseClause], end: TextSize) -> PyResult {
        // From the last to the first, so that long chains do not recurse.
        let mut orelse = list::new();
        for clause in clauses.iter().rev() {
            let body = self.body(&clause.body)?;
            orelse = match &clause.test {
                None => body,
                Some(test) => {
                    let test = self.expr(test)?;
                    let range = TextRange::new(clause.range.start(), end);
                    list::from_vec(vec![self.node(Kind::If, range, vec![test, body, orelse])])
                }
            };
        }
        Ok(orelse)
    }

    fn type_params(&mut self, params: Option<&ast::TypeParams>) -> PyResult {
        let Some(params) = params else { return Ok(list::new()) };
        self.list(&params.type_params, |m, param| {
            let range = param.range();
            Ok(match param {
                TypeParam::TypeVar(p) => {
                    let (bound, default) = (m.optional(p.bound.as_deref())?, m.optional(p.default.as_deref())?);
                    m.node(Kind::TypeVar, range, vec![m.name(&p.name), bound, default])
                }
                TypeParam::ParamSpec(p) => {
                    let default = m.optional(p.default.as_deref())?;
                    m.node(Kind::ParamSpec, range, vec![m.name(&p.name), default])
                }
                TypeParam::TypeVarTuple(p) => {
                    let default = m.optional(p.default.as_deref())?;
                    m.node(Kind::TypeVarTuple, range, vec![m.name(&p.name), default])
                }
            })
        })
    }

    fn patterns(&mut self, patterns: &[Pattern]) -> PyResult {
        self.list(patterns, |m, p| m.pattern(p))
    }

    fn pattern(&mut self, pattern: &Pattern) -> PyResult {
        protocol::check_recursion(self.t, " during compilation")?;
        let (kind, fields) = match pattern {
            Pattern::MatchValue(p) => (Kind::MatchValue, vec![self.expr(&p.value)?]),
            Pattern::MatchSingleton(p) => {
                let value = match p.value {
                    Singleton::None => Value::NONE,
                    Singleton::True => Value::TRUE,
                    Singleton::False => Value::FALSE,
                };
                (Kind::MatchSingleton, vec![value])
            }
            Pattern::MatchSequence(p) => (Kind::MatchSequence, vec![self.patterns(&p.patterns)?]),
            Pattern::MatchMapping(p) => {
                let (keys, patterns) = (self.exprs(&p.keys)?, self.patterns(&p.patterns)?);
                (Kind::MatchMapping, vec![keys, patterns, self.optional_name(p.rest.as_ref())])
            }
            Pattern::MatchClass(p) => {
                let (class, patterns) = (self.expr(&p.cls)?, self.patterns(&p.arguments.patterns)?);
                let names = self.list(&p.arguments.keywords, |m, k| Ok(m.name(&k.attr)))?;
                let values = self.list(&p.arguments.keywords, |m, k| m.pattern(&k.pattern))?;
                (Kind::MatchClass, vec![class, patterns, names, values])
            }
            Pattern::MatchStar(p) => (Kind::MatchStar, vec![self.optional_name(p.name.as_ref())]),
            Pattern::MatchAs(p) => {
                let inner = match &p.pattern {
                    Some(inner) => self.pattern(inner)?,
                    None => Value::NONE,
                };
                (Kind::MatchAs, vec![inner, self.optional_name(p.name.as_ref())])
            }
            Pattern::MatchOr(p) => (Kind::MatchOr, vec![self.patterns(&p.patterns)?]),
        };
        Ok(self.node(kind, pattern.range(), fields))
    }

    /// The str of a text.
    pub fn text(&self, text: &str) -> Value {
        str::from_str(text)
    }
}
