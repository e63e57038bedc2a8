//! From nodes to a tree for the compiler: statements, parameters, type parameters.

use super::grammar::{self, Kind};
use super::read::{Reader, index};
use super::read_expr::operator;
use crate::object::raise::PyResult;
use crate::object::str;
use crate::object::value::Value;
use ruff_python_ast::{self as ast, ExprContext, Stmt, Suite};
use ruff_text_size::TextRange;

impl Reader<'_> {
    /// The statements of a list.
    pub fn stmts(&mut self, v: &Value, owner: Kind, name: &str) -> PyResult<Suite> {
        let items = self.items(v, owner, name)?;
        items
            .iter()
            .map(|item| {
                if item.is_none() {
                    return Err(self.value_error("None disallowed in statement list"));
                }
                self.deeper("stmt", |r| r.stmt(item))
            })
            .collect()
    }

    /// A body, which must not be empty.
    fn body(&mut self, v: &Value, owner: Kind) -> PyResult<Suite> {
        let body = self.stmts(v, owner, "body")?;
        self.nonempty(&body, "body", grammar::CLASSES[owner as usize].0)?;
        Ok(body)
    }

    fn type_comment(&self, v: &Value, owner: Kind) -> PyResult<()> {
        match self.optional(v, owner, "type_comment")? {
            Some(comment) if str::view(&comment).is_none() => Err(self.type_error("AST string must be of type str")),
            _ => Ok(()),
        }
    }

    fn decorators(&mut self, v: &Value, owner: Kind) -> PyResult<Vec<ast::Decorator>> {
        let expressions = self.exprs(v, owner, "decorator_list", ExprContext::Load)?;
        let decorator = |expression: ast::Expr| {
            let range = ruff_text_size::Ranged::range(&expression);
            ast::Decorator { range, node_index: index(), expression }
        };
        Ok(expressions.into_iter().map(decorator).collect())
    }

    fn identifiers(&mut self, v: &Value, owner: Kind, range: TextRange) -> PyResult<Vec<ast::Identifier>> {
        let names = self.items(v, owner, "names")?;
        self.nonempty(&names, "names", grammar::CLASSES[owner as usize].0)?;
        names.iter().map(|name| self.identifier(name, range)).collect()
    }

    fn aliases(&mut self, v: &Value, owner: Kind) -> PyResult<Vec<ast::Alias>> {
        let items = self.items(v, owner, "names")?;
        self.nonempty(&items, "names", grammar::CLASSES[owner as usize].0)?;
        let mut out = Vec::with_capacity(items.len());
        for item in &items {
            let range = self.range(item, "alias")?;
            let name = self.required(item, Kind::alias, "name")?;
            let name = self.identifier(&name, range)?;
            let asname = self.optional_identifier(item, Kind::alias, "asname", range)?;
            out.push(ast::Alias { range, node_index: index(), name, asname });
        }
        Ok(out)
    }

    fn arg(&mut self, v: &Value) -> PyResult<ast::Parameter> {
        let range = self.range(v, "arg")?;
        let name = self.required(v, Kind::arg, "arg")?;
        let name = ast::Identifier::new(self.checked_name(&name)?, range);
        let annotation = self.optional_expr(v, Kind::arg, "annotation")?;
        self.type_comment(v, Kind::arg)?;
        Ok(ast::Parameter { range, node_index: index(), name, annotation })
    }

    fn args(&mut self, v: &Value, name: &str) -> PyResult<Vec<ast::Parameter>> {
        let items = self.items(v, Kind::arguments, name)?;
        items.iter().map(|item| self.arg(item)).collect()
    }

    pub fn parameters(&mut self, v: &Value, range: TextRange) -> PyResult<ast::Parameters> {
        let kind = Kind::arguments;
        self.is_instance(v, kind)?;
        let first = self.args(v, "posonlyargs")?;
        let args = self.args(v, "args")?;
        let single = |r: &mut Self, name: &str| match r.optional(v, kind, name)? {
            Some(arg) => r.arg(&arg).map(|arg| Some(Box::new(arg))),
            None => Ok(None),
        };
        let vararg = single(self, "vararg")?;
        let keyword_only = self.args(v, "kwonlyargs")?;
        let keyword_defaults = self.optional_exprs(v, kind, "kw_defaults")?;
        let kwarg = single(self, "kwarg")?;
        let defaults = self.exprs(v, kind, "defaults", ExprContext::Load)?;
        let positional = first.len() + args.len();
        if defaults.len() > positional {
            return Err(self.value_error("more positional defaults than args on arguments"));
        }
        if keyword_defaults.len() != keyword_only.len() {
            return Err(self.value_error("length of kwonlyargs is not the same as kw_defaults on arguments"));
        }
        let with_default = |parameter: ast::Parameter, default: Option<ast::Expr>| {
            let range = parameter.range;
            ast::ParameterWithDefault { range, node_index: index(), parameter, default: default.map(Box::new) }
        };
        let without = positional - defaults.len();
        let mut defaults = std::iter::repeat_n(None, without).chain(defaults.into_iter().map(Some));
        let mut next = |p| with_default(p, defaults.next().flatten());
        Ok(ast::Parameters {
            range,
            node_index: index(),
            posonlyargs: first.into_iter().map(&mut next).collect(),
            args: args.into_iter().map(&mut next).collect(),
            vararg,
            kwonlyargs: keyword_only.into_iter().zip(keyword_defaults).map(|(p, d)| with_default(p, d)).collect(),
            kwarg,
        })
    }

    /// Raises TypeError unless the value is a node of this class.
    fn is_instance(&self, v: &Value, kind: Kind) -> PyResult<()> {
        if super::read::is_a(self.t, v, kind)? {
            return Ok(());
        }
        let shown = crate::object::protocol::repr(self.t, v)?;
        let name = grammar::CLASSES[kind as usize].0;
        Err(self.type_error(format!("expected some sort of {name}, but got {}", str::lossy(&shown))))
    }

    fn type_params(&mut self, v: &Value, owner: Kind, range: TextRange) -> PyResult<Option<Box<ast::TypeParams>>> {
        let items = self.items(v, owner, "type_params")?;
        if items.is_empty() {
            return Ok(None);
        }
        let mut type_params = Vec::with_capacity(items.len());
        for item in &items {
            let range = self.range(item, "type_param")?;
            let kind = self.kind_of(item, "type_param")?;
            let name = self.required(item, kind, "name")?;
            let name = ast::Identifier::new(self.checked_name(&name)?, range);
            let node_index = index();
            type_params.push(match kind {
                Kind::TypeVar => {
                    let bound = self.optional_expr(item, kind, "bound")?;
                    let default = self.optional_expr(item, kind, "default_value")?;
                    ast::TypeParam::TypeVar(ast::TypeParamTypeVar { node_index, range, name, bound, default })
                }
                Kind::ParamSpec => {
                    let default = self.optional_expr(item, kind, "default_value")?;
                    ast::TypeParam::ParamSpec(ast::TypeParamParamSpec { node_index, range, name, default })
                }
                _ => {
                    let default = self.optional_expr(item, kind, "default_value")?;
                    ast::TypeParam::TypeVarTuple(ast::TypeParamTypeVarTuple { node_index, range, name, default })
                }
            });
        }
        Ok(Some(Box::new(ast::TypeParams { range, node_index: index(), type_params })))
    }

    fn stmt(&mut self, v: &Value) -> PyResult<Stmt> {
        let range = self.range(v, "stmt")?;
        let kind = self.kind_of(v, "stmt")?;
        let node_index = index();
        let store = ExprContext::Store;
        Ok(match kind {
            Kind::FunctionDef | Kind::AsyncFunctionDef => {
                let name = self.required(v, kind, "name")?;
                let name = ast::Identifier::new(self.checked_name(&name)?, range);
                let type_params = self.type_params(v, kind, range)?;
                let parameters = self.required(v, kind, "args")?;
                let parameters = Box::new(self.parameters(&parameters, range)?);
                let body = self.body(v, kind)?;
                let decorator_list = self.decorators(v, kind)?.into_iter().collect();
                let returns = self.optional_expr(v, kind, "returns")?;
                self.type_comment(v, kind)?;
                let is_async = kind == Kind::AsyncFunctionDef;
                ast::StmtFunctionDef {
                    node_index,
                    range,
                    is_async,
                    decorator_list,
                    name,
                    type_params,
                    parameters,
                    returns,
                    body,
                }
                .into()
            }
            Kind::ClassDef => {
                let name = self.required(v, kind, "name")?;
                let name = ast::Identifier::new(self.checked_name(&name)?, range);
                let type_params = self.type_params(v, kind, range)?;
                let arguments = Some(Box::new(self.arguments(v, kind, "bases", range)?));
                let body = self.body(v, kind)?;
                let decorator_list = self.decorators(v, kind)?.into_iter().collect();
                ast::StmtClassDef { node_index, range, decorator_list, name, type_params, arguments, body }.into()
            }
            Kind::Return => {
                let value = self.optional_expr(v, kind, "value")?;
                ast::StmtReturn { node_index, range, value }.into()
            }
            Kind::Delete => {
                let targets = self.exprs(v, kind, "targets", ExprContext::Del)?;
                self.nonempty(&targets, "targets", "Delete")?;
                ast::StmtDelete { node_index, range, targets }.into()
            }
            Kind::Assign => {
                let targets = self.exprs(v, kind, "targets", store)?;
                self.nonempty(&targets, "targets", "Assign")?;
                let value = self.boxed(v, kind, "value")?;
                self.type_comment(v, kind)?;
                ast::StmtAssign { node_index, range, targets, value }.into()
            }
            Kind::TypeAlias => {
                let name = Box::new(self.required_in(v, kind, "name", store)?);
                if !name.is_name_expr() {
                    return Err(self.type_error("TypeAlias with non-Name name"));
                }
                let type_params = self.type_params(v, kind, range)?;
                let value = self.boxed(v, kind, "value")?;
                ast::StmtTypeAlias { node_index, range, name, type_params, value }.into()
            }
            Kind::AugAssign => {
                let target = Box::new(self.required_in(v, kind, "target", store)?);
                let op = self.required(v, kind, "op")?;
                let op = operator(self.kind_of(&op, "operator")?);
                let value = self.boxed(v, kind, "value")?;
                ast::StmtAugAssign { node_index, range, target, op, value }.into()
            }
            Kind::AnnAssign => {
                let target = Box::new(self.required_in(v, kind, "target", store)?);
                let annotation = self.boxed(v, kind, "annotation")?;
                let value = self.optional_expr(v, kind, "value")?;
                let simple = self.required_int(v, kind, "simple")? != 0;
                if simple && !target.is_name_expr() {
                    return Err(self.type_error("AnnAssign with simple non-Name target"));
                }
                ast::StmtAnnAssign { node_index, range, target, annotation, value, simple }.into()
            }
            Kind::For | Kind::AsyncFor => {
                let target = Box::new(self.required_in(v, kind, "target", store)?);
                let iter = self.boxed(v, kind, "iter")?;
                let (body, orelse) = (self.body(v, kind)?, self.stmts(v, kind, "orelse")?);
                self.type_comment(v, kind)?;
                ast::StmtFor { node_index, range, is_async: kind == Kind::AsyncFor, target, iter, body, orelse }.into()
            }
            Kind::While => {
                let test = self.boxed(v, kind, "test")?;
                let (body, orelse) = (self.body(v, kind)?, self.stmts(v, kind, "orelse")?);
                ast::StmtWhile { node_index, range, test, body, orelse }.into()
            }
            Kind::If => {
                let test = self.boxed(v, kind, "test")?;
                let (body, orelse) = (self.body(v, kind)?, self.stmts(v, kind, "orelse")?);
                let mut elif_else_clauses = Vec::new();
                if let Some(first) = orelse.first() {
                    let range = ruff_text_size::Ranged::range(first);
                    elif_else_clauses.push(ast::ElifElseClause {
                        range,
                        node_index: index(),
                        test: None,
                        body: orelse,
                    });
                }
                ast::StmtIf { node_index, range, test, body, elif_else_clauses }.into()
            }
            Kind::With | Kind::AsyncWith => {
                let given = self.items(v, kind, "items")?;
                self.nonempty(&given, "items", grammar::CLASSES[kind as usize].0)?;
                let mut items = Vec::with_capacity(given.len());
                for item in &given {
                    let context_expr = self.required_expr(item, Kind::withitem, "context_expr")?;
                    let optional_vars = match self.optional(item, Kind::withitem, "optional_vars")? {
                        Some(target) => Some(Box::new(self.expr(&target, store)?)),
                        None => None,
                    };
                    let range = ruff_text_size::Ranged::range(&context_expr);
                    items.push(ast::WithItem { range, node_index: index(), context_expr, optional_vars });
                }
                let body = self.body(v, kind)?;
                self.type_comment(v, kind)?;
                ast::StmtWith { node_index, range, is_async: kind == Kind::AsyncWith, items, body }.into()
            }
            Kind::Match => {
                let subject = self.boxed(v, kind, "subject")?;
                let given = self.items(v, kind, "cases")?;
                self.nonempty(&given, "cases", "Match")?;
                let mut cases = Vec::with_capacity(given.len());
                for case in &given {
                    let pattern = self.required(case, Kind::match_case, "pattern")?;
                    let pattern = self.pattern(&pattern, false)?;
                    let guard = self.optional_expr(case, Kind::match_case, "guard")?;
                    let body = self.body(case, Kind::match_case)?;
                    let range = ruff_text_size::Ranged::range(&pattern);
                    cases.push(ast::MatchCase { range, node_index: index(), pattern, guard, body });
                }
                ast::StmtMatch { node_index, range, subject, cases }.into()
            }
            Kind::Raise => {
                let exc = self.optional_expr(v, kind, "exc")?;
                let cause = self.optional_expr(v, kind, "cause")?;
                if exc.is_none() && cause.is_some() {
                    return Err(self.value_error("Raise with cause but no exception"));
                }
                ast::StmtRaise { node_index, range, exc, cause }.into()
            }
            Kind::Try | Kind::TryStar => self.try_stmt(v, kind, range)?,
            Kind::Assert => {
                let test = self.boxed(v, kind, "test")?;
                let msg = self.optional_expr(v, kind, "msg")?;
                ast::StmtAssert { node_index, range, test, msg }.into()
            }
            Kind::Import => {
                let names = self.aliases(v, kind)?;
                ast::StmtImport { node_index, range, names, is_lazy: false }.into()
            }
            Kind::ImportFrom => {
                let level = self.optional_int(v, kind, "level")?;
                if level < 0 {
                    return Err(self.value_error("Negative ImportFrom level"));
                }
                let module = self.optional_identifier(v, kind, "module", range)?;
                let names = self.aliases(v, kind)?;
                let level = level as u32;
                ast::StmtImportFrom { node_index, range, module, names, level, is_lazy: false }.into()
            }
            Kind::Global => {
                let names = self.identifiers(v, kind, range)?;
                ast::StmtGlobal { node_index, range, names }.into()
            }
            Kind::Nonlocal => {
                let names = self.identifiers(v, kind, range)?;
                ast::StmtNonlocal { node_index, range, names }.into()
            }
            Kind::Expr => ast::StmtExpr { node_index, range, value: self.boxed(v, kind, "value")? }.into(),
            Kind::Break => ast::StmtBreak { node_index, range }.into(),
            Kind::Continue => ast::StmtContinue { node_index, range }.into(),
            // Pass: every other statement has been seen.
            _ => ast::StmtPass { node_index, range }.into(),
        })
    }

    fn try_stmt(&mut self, v: &Value, kind: Kind, range: TextRange) -> PyResult<Stmt> {
        let name = grammar::CLASSES[kind as usize].0;
        let body = self.body(v, kind)?;
        let given = self.items(v, kind, "handlers")?;
        let mut handlers = Vec::with_capacity(given.len());
        for handler in &given {
            let range = self.range(handler, "excepthandler")?;
            let own = self.kind_of(handler, "excepthandler")?;
            let type_ = self.optional_expr(handler, own, "type")?;
            let name = self.optional_identifier(handler, own, "name", range)?;
            let body = self.body(handler, own)?;
            let inner = ast::ExceptHandlerExceptHandler { range, node_index: index(), type_, name, body };
            handlers.push(ast::ExceptHandler::ExceptHandler(inner));
        }
        let (orelse, finalbody) = (self.stmts(v, kind, "orelse")?, self.stmts(v, kind, "finalbody")?);
        if handlers.is_empty() && finalbody.is_empty() {
            return Err(self.value_error(format!("{name} has neither except handlers nor finalbody")));
        }
        if handlers.is_empty() && !orelse.is_empty() {
            return Err(self.value_error(format!("{name} has orelse but no except handlers")));
        }
        let is_star = kind == Kind::TryStar;
        Ok(ast::StmtTry { node_index: index(), range, body, handlers, orelse, finalbody, is_star }.into())
    }
}
