//! Walks statements and notes what each block does with its names.

use super::{Block, Name, Part, Scope, ScopeId, ScopeOptions, ScopeTable, Symbol, Symbols, address, def, mangle};
use crate::compiler::error::{ErrorKind, Fail, Loc, Res, fail};
use ruff_python_ast::{self as ast, Expr, Stmt};
use std::collections::{HashMap, HashSet};

pub(super) struct Builder {
    pub scopes: Vec<Scope>,
    pub keys: HashMap<(usize, Part), ScopeId>,
    pub cur: ScopeId,
    pub options: ScopeOptions,
    /// The class whose name mangles private names.
    pub class: Option<Name>,
    names: HashSet<Name>,
    depth: u32,
}

/// How deep blocks may nest: code objects nest alike, and are walked on stacks of ordinary size.
const MAX_DEPTH: u32 = 500;

impl Builder {
    fn new(options: ScopeOptions) -> Builder {
        let mut builder = Builder {
            scopes: Vec::new(),
            keys: HashMap::new(),
            cur: 0,
            options,
            class: None,
            names: HashSet::new(),
            depth: 0,
        };
        builder.push_scope("<module>", Block::Module, Loc::at(0), None);
        builder
    }

    pub fn module(body: &[Stmt], options: ScopeOptions) -> Res<ScopeTable> {
        let mut builder = Builder::new(options);
        builder.stmts(body)?;
        Ok(ScopeTable { scopes: builder.scopes, keys: builder.keys })
    }

    pub fn expression(body: &Expr, options: ScopeOptions) -> Res<ScopeTable> {
        let mut builder = Builder::new(options);
        builder.expr(body)?;
        Ok(ScopeTable { scopes: builder.scopes, keys: builder.keys })
    }

    pub fn intern(&mut self, name: &str) -> Name {
        if let Some(name) = self.names.get(name) {
            return name.clone();
        }
        let name: Name = name.into();
        self.names.insert(name.clone());
        name
    }

    pub fn scope(&mut self) -> &mut Scope {
        &mut self.scopes[self.cur]
    }

    fn push_scope(&mut self, name: &str, block: Block, loc: Loc, parent: Option<ScopeId>) -> ScopeId {
        let name = self.intern(name);
        let nested = parent.is_some_and(|p| self.scopes[p].nested || self.scopes[p].block.function_like());
        self.scopes.push(Scope {
            block,
            name,
            parent,
            children: Vec::new(),
            symbols: Symbols::default(),
            params: Vec::new(),
            nested,
            free: false,
            child_free: false,
            generator: false,
            coroutine: false,
            async_def: false,
            method: false,
            comprehension: None,
            inlined: false,
            sees_class: false,
            needs_class_cell: false,
            needs_classdict: false,
            conditional_annotations: false,
            annotations_used: false,
            varargs: false,
            varkeywords: false,
            docstring: false,
            mangled: None,
            directives: Vec::new(),
            loc,
            comp_iter_target: false,
            comp_iter_expr: 0,
            conditional: false,
            annotation_block: None,
            scope_info: "",
        });
        self.scopes.len() - 1
    }

    /// Opens a block as a child of the present one and makes it the present one.
    pub fn enter(&mut self, name: &str, block: Block, key: (usize, Part), loc: Loc) -> Res<ScopeId> {
        let parent = self.cur;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = "maximum recursion depth exceeded during compilation";
            return Err(Fail::new(loc, message).kind(ErrorKind::Recursion));
        }
        let id = self.push_scope(name, block, loc, Some(parent));
        self.scopes[id].comp_iter_expr = self.scopes[parent].comp_iter_expr;
        if block == Block::Function {
            let scope = &self.scopes[parent];
            let outer =
                if scope.block == Block::TypeParams { scope.parent.map(|p| &self.scopes[p]) } else { Some(scope) };
            self.scopes[id].method = outer.is_some_and(|s| s.block == Block::Class);
        }
        self.keys.insert(key, id);
        self.scopes[parent].children.push(id);
        self.cur = id;
        if matches!(block, Block::Annotation | Block::TypeVariable | Block::TypeAlias) {
            self.define(".format", def::PARAM, loc)?;
        }
        Ok(id)
    }

    pub fn leave(&mut self) {
        self.depth -= 1;
        if let Some(parent) = self.scopes[self.cur].parent {
            self.cur = parent;
        }
    }

    /// The name as it is mangled in the present block.
    pub fn mangled(&mut self, name: &str) -> Name {
        let class = match &self.scopes[self.cur].mangled {
            Some(only) if !only.contains(name) => None,
            _ => self.class.clone(),
        };
        let mangled = mangle(class.as_deref(), name);
        self.intern(&mangled)
    }

    /// Notes in the present block what is done with a name.
    pub fn define(&mut self, name: &str, flag: u32, loc: Loc) -> Res {
        self.define_in(self.cur, name, flag, loc)
    }

    pub fn define_in(&mut self, scope: ScopeId, name: &str, flag: u32, loc: Loc) -> Res {
        let name = self.mangled(name);
        let target = self.scopes[self.cur].comp_iter_target;
        let entry = &mut self.scopes[scope];
        let mut flags = entry.symbols.flags(&name);
        if flag & def::PARAM != 0 && flags & def::PARAM != 0 {
            return fail(loc, format!("duplicate parameter '{name}' in function definition"));
        }
        if flag & def::TYPE_PARAM != 0 && flags & def::TYPE_PARAM != 0 {
            return fail(loc, format!("duplicate type parameter '{name}'"));
        }
        flags |= flag;
        if target && scope == self.cur {
            if flags & (def::GLOBAL | def::NONLOCAL) != 0 {
                let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
                return fail(loc, message);
            }
            flags |= def::COMP_ITER;
        }
        entry.symbols.set(&name, Symbol { flags, ..Symbol::default() });
        if flag & def::PARAM != 0 {
            entry.params.push(name.clone());
        } else if flag & def::GLOBAL != 0 {
            let module = self.scopes[0].symbols.flags(&name) | flag;
            self.scopes[0].symbols.set(&name, Symbol { flags: module, ..Symbol::default() });
        }
        Ok(())
    }

    /// Refuses to bind `__debug__`.
    pub fn check_name(&self, name: &str, loc: Loc, deleting: bool) -> Res {
        if name == "__debug__" {
            return fail(loc, if deleting { "cannot delete __debug__" } else { "cannot assign to __debug__" });
        }
        Ok(())
    }

    pub fn bind(&mut self, name: &ast::Identifier, flag: u32) -> Res {
        self.check_name(&name.id, Loc::of(name), false)?;
        self.define(&name.id, flag, Loc::of(name))
    }

    pub fn stmts(&mut self, body: &[Stmt]) -> Res {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn conditionally(&mut self, f: impl FnOnce(&mut Builder) -> Res) -> Res {
        let before = std::mem::replace(&mut self.scope().conditional, true);
        f(self)?;
        self.scope().conditional = before;
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Res {
        let loc = Loc::of(stmt);
        match stmt {
            Stmt::FunctionDef(s) => self.function(s),
            Stmt::ClassDef(s) => self.class(s),
            Stmt::Return(s) => match &s.value {
                Some(value) => self.expr(value),
                None => Ok(()),
            },
            Stmt::Delete(s) => self.exprs(&s.targets),
            Stmt::TypeAlias(s) => self.type_alias(s),
            Stmt::Assign(s) => {
                self.exprs(&s.targets)?;
                self.expr(&s.value)
            }
            Stmt::AugAssign(s) => {
                self.expr(&s.target)?;
                self.expr(&s.value)
            }
            Stmt::AnnAssign(s) => self.annotated_assignment(s),
            Stmt::For(s) => self.conditionally(|b| {
                b.expr(&s.target)?;
                b.expr(&s.iter)?;
                b.stmts(&s.body)?;
                b.stmts(&s.orelse)
            }),
            Stmt::While(s) => self.conditionally(|b| {
                b.expr(&s.test)?;
                b.stmts(&s.body)?;
                b.stmts(&s.orelse)
            }),
            Stmt::If(s) => self.conditionally(|b| {
                b.expr(&s.test)?;
                b.stmts(&s.body)?;
                for clause in &s.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        b.expr(test)?;
                    }
                    b.stmts(&clause.body)?;
                }
                Ok(())
            }),
            Stmt::With(s) => self.conditionally(|b| {
                for item in &s.items {
                    b.expr(&item.context_expr)?;
                    if let Some(target) = &item.optional_vars {
                        b.expr(target)?;
                    }
                }
                b.stmts(&s.body)
            }),
            Stmt::Match(s) => self.conditionally(|b| {
                b.expr(&s.subject)?;
                for case in &s.cases {
                    b.pattern(&case.pattern)?;
                    if let Some(guard) = &case.guard {
                        b.expr(guard)?;
                    }
                    b.stmts(&case.body)?;
                }
                Ok(())
            }),
            Stmt::Raise(s) => {
                for value in [&s.exc, &s.cause].into_iter().flatten() {
                    self.expr(value)?;
                }
                Ok(())
            }
            Stmt::Try(s) => self.conditionally(|b| {
                b.stmts(&s.body)?;
                for ast::ExceptHandler::ExceptHandler(h) in &s.handlers {
                    if let Some(kind) = &h.type_ {
                        b.expr(kind)?;
                    }
                    if let Some(name) = &h.name {
                        b.check_name(&name.id, Loc::of(h), false)?;
                        b.define(&name.id, def::LOCAL, Loc::of(h))?;
                    }
                    b.stmts(&h.body)?;
                }
                b.stmts(&s.orelse)?;
                b.stmts(&s.finalbody)
            }),
            Stmt::Assert(s) => {
                self.expr(&s.test)?;
                match &s.msg {
                    Some(msg) => self.expr(msg),
                    None => Ok(()),
                }
            }
            Stmt::Import(s) => s.names.iter().try_for_each(|a| self.alias(a, loc)),
            Stmt::ImportFrom(s) => s.names.iter().try_for_each(|a| self.alias(a, loc)),
            Stmt::Global(s) => s.names.iter().try_for_each(|n| self.global(n, loc)),
            Stmt::Nonlocal(s) => s.names.iter().try_for_each(|n| self.nonlocal(n, loc)),
            Stmt::Expr(s) => self.expr(&s.value),
            Stmt::Pass(_) | Stmt::Break(_) | Stmt::Continue(_) | Stmt::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn alias(&mut self, alias: &ast::Alias, loc: Loc) -> Res {
        if let Some(name) = &alias.asname {
            self.check_name(&name.id, loc, false)?;
            return self.define(&name.id, def::IMPORT, loc);
        }
        let name = alias.name.id.as_str();
        if name == "*" {
            if self.scope().block != Block::Module {
                return fail(Loc::of(alias), "import * only allowed at module level");
            }
            return Ok(());
        }
        let first = name.split('.').next().unwrap_or(name);
        self.check_name(first, loc, false)?;
        self.define(first, def::IMPORT, loc)
    }

    fn global(&mut self, name: &ast::Identifier, loc: Loc) -> Res {
        let mangled = self.mangled(&name.id);
        let flags = self.scope().symbols.flags(&mangled);
        if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOT | def::TYPE_PARAM) != 0 {
            let message = if flags & def::PARAM != 0 {
                format!("name '{}' is parameter and global", name.id)
            } else if flags & def::USE != 0 {
                format!("name '{}' is used prior to global declaration", name.id)
            } else if flags & def::ANNOT != 0 {
                format!("annotated name '{}' can't be global", name.id)
            } else {
                format!("name '{}' is assigned to before global declaration", name.id)
            };
            return fail(loc, message);
        }
        self.define(&name.id, def::GLOBAL, loc)?;
        self.scope().directives.push((mangled, loc));
        Ok(())
    }

    fn nonlocal(&mut self, name: &ast::Identifier, loc: Loc) -> Res {
        let mangled = self.mangled(&name.id);
        let flags = self.scope().symbols.flags(&mangled);
        if flags & (def::PARAM | def::LOCAL | def::USE | def::ANNOT | def::TYPE_PARAM) != 0 {
            let message = if flags & def::PARAM != 0 {
                format!("name '{}' is parameter and nonlocal", name.id)
            } else if flags & def::USE != 0 {
                format!("name '{}' is used prior to nonlocal declaration", name.id)
            } else if flags & def::ANNOT != 0 {
                format!("annotated name '{}' can't be nonlocal", name.id)
            } else {
                format!("name '{}' is assigned to before nonlocal declaration", name.id)
            };
            return fail(loc, message);
        }
        if self.scope().block == Block::Module {
            return fail(loc, "nonlocal declaration not allowed at module level");
        }
        self.define(&name.id, def::NONLOCAL, loc)?;
        self.scope().directives.push((mangled, loc));
        Ok(())
    }

    fn annotated_assignment(&mut self, s: &ast::StmtAnnAssign) -> Res {
        let loc = Loc::of(s);
        self.scope().annotations_used = true;
        if let Expr::Name(name) = &*s.target {
            let mangled = self.mangled(&name.id);
            let flags = self.scope().symbols.flags(&mangled);
            if s.simple && flags & (def::GLOBAL | def::NONLOCAL) != 0 && self.cur != 0 {
                let kind = if flags & def::GLOBAL != 0 { "global" } else { "nonlocal" };
                return fail(loc, format!("annotated name '{}' can't be {kind}", name.id));
            }
            self.check_name(&name.id, loc, false)?;
            if s.simple {
                self.define(&name.id, def::ANNOT | def::LOCAL, Loc::of(name))?;
            } else if s.value.is_some() {
                self.define(&name.id, def::LOCAL, Loc::of(name))?;
            }
        } else {
            self.expr(&s.target)?;
        }
        self.annotation(&s.annotation)?;
        match &s.value {
            Some(value) => self.expr(value),
            None => Ok(()),
        }
    }

    /// An annotation of a variable: evaluated in the block's annotation scope.
    fn annotation(&mut self, annotation: &Expr) -> Res {
        let loc = Loc::of(annotation);
        let block = self.scope().block;
        let conditional = block == Block::Module || block == Block::Class && self.scope().conditional;
        if conditional && !self.scope().conditional_annotations && !self.options.future_annotations {
            self.scope().conditional_annotations = true;
            if block == Block::Module {
                self.define("__conditional_annotations__", def::USE, loc)?;
            }
        }
        let conditional = self.scope().conditional_annotations;
        let parent = self.cur;
        match self.scopes[parent].annotation_block {
            Some(existing) => self.cur = existing,
            None => {
                let key = (parent, Part::BlockAnnotations);
                let id = self.enter("__annotate__", Block::Annotation, key, loc)?;
                self.depth -= 1;
                self.scopes[parent].annotation_block = Some(id);
                if self.options.future_annotations {
                    // Annotations are strings: what they name concerns no block.
                    self.scopes[parent].children.pop();
                }
                if block == Block::Class && !self.options.future_annotations {
                    self.scope().sees_class = true;
                    self.define("__classdict__", def::USE, loc)?;
                }
            }
        }
        if conditional && !self.options.future_annotations {
            self.define("__conditional_annotations__", def::USE, loc)?;
        }
        self.expr(annotation)?;
        self.cur = parent;
        Ok(())
    }

    fn type_params_scope(
        &mut self,
        name: &str,
        key: (usize, Part),
        loc: Loc,
        class: bool,
        defaults: (bool, bool),
    ) -> Res {
        let in_class = self.scope().block == Block::Class;
        self.enter(name, Block::TypeParams, key, loc)?;
        if in_class {
            self.scope().sees_class = true;
            self.define("__classdict__", def::USE, loc)?;
        }
        if class {
            for name in [".type_params", ".generic_base"] {
                self.define(name, def::LOCAL, loc)?;
                self.define(name, def::USE, loc)?;
            }
        }
        if defaults.0 {
            self.define(".defaults", def::PARAM, loc)?;
        }
        if defaults.1 {
            self.define(".kwdefaults", def::PARAM, loc)?;
        }
        Ok(())
    }

    fn type_params(&mut self, params: &ast::TypeParams) -> Res {
        let mut seen_default = false;
        for param in &params.type_params {
            let loc = Loc::of(param);
            let name = param.name();
            self.check_name(&name.id, loc, false)?;
            if let Some(only) = &self.scope().mangled {
                let mut only = only.clone();
                only.insert(self.intern(&name.id));
                self.scope().mangled = Some(only);
            }
            self.define(&name.id, def::TYPE_PARAM | def::LOCAL, loc)?;
            let (bound_info, default_info) = match param {
                ast::TypeParam::TypeVar(p) => match p.bound.as_deref() {
                    Some(Expr::Tuple(_)) => ("a TypeVar constraint", "a TypeVar default"),
                    _ => ("a TypeVar bound", "a TypeVar default"),
                },
                ast::TypeParam::TypeVarTuple(_) => ("", "a TypeVarTuple default"),
                ast::TypeParam::ParamSpec(_) => ("", "a ParamSpec default"),
            };
            if let ast::TypeParam::TypeVar(p) = param
                && let Some(bound) = &p.bound
            {
                self.type_variable(&name.id, bound, (address(param), Part::Bound), bound_info)?;
            }
            match param.default() {
                Some(default) => {
                    seen_default = true;
                    self.type_variable(&name.id, default, (address(param), Part::Default), default_info)?;
                }
                None if seen_default => {
                    let message = format!("non-default type parameter '{}' follows default type parameter", name.id);
                    return fail(loc, message);
                }
                None => {}
            }
        }
        Ok(())
    }

    fn type_variable(&mut self, name: &str, value: &Expr, key: (usize, Part), info: &'static str) -> Res {
        let loc = Loc::of(value);
        let sees_class = self.scope().sees_class;
        self.enter(name, Block::TypeVariable, key, loc)?;
        self.scope().scope_info = info;
        if sees_class {
            self.scope().sees_class = true;
            self.define("__classdict__", def::USE, loc)?;
        }
        self.expr(value)?;
        self.leave();
        Ok(())
    }

    fn type_alias(&mut self, s: &ast::StmtTypeAlias) -> Res {
        let loc = Loc::of(s);
        self.expr(&s.name)?;
        let name = match &*s.name {
            Expr::Name(name) => name.id.as_str(),
            _ => return Err(Fail::new(loc, "invalid syntax")),
        };
        let in_class = self.scope().block == Block::Class;
        if let Some(params) = &s.type_params {
            self.type_params_scope(name, (address(s), Part::TypeParams), loc, false, (false, false))?;
            self.type_params(params)?;
        }
        self.enter(name, Block::TypeAlias, (address(s), Part::Body), loc)?;
        if in_class {
            self.scope().sees_class = true;
            self.define("__classdict__", def::USE, loc)?;
        }
        self.expr(&s.value)?;
        self.leave();
        if s.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn function(&mut self, s: &ast::StmtFunctionDef) -> Res {
        let loc = Loc::of(s);
        self.check_name(&s.name.id, loc, false)?;
        self.define(&s.name.id, def::LOCAL, loc)?;
        self.defaults(&s.parameters)?;
        for decorator in &s.decorator_list {
            self.expr(&decorator.expression)?;
        }
        if let Some(params) = &s.type_params {
            let defaults = (
                s.parameters.posonlyargs.iter().chain(&s.parameters.args).any(|p| p.default.is_some()),
                s.parameters.kwonlyargs.iter().any(|p| p.default.is_some()),
            );
            self.type_params_scope(&s.name.id, (address(s), Part::TypeParams), loc, false, defaults)?;
            self.type_params(params)?;
        }
        self.function_annotations(s)?;
        self.enter(&s.name.id, Block::Function, (address(s), Part::Body), loc)?;
        self.scope().async_def = s.is_async;
        self.scope().coroutine = s.is_async;
        self.parameters(&s.parameters)?;
        self.scope().docstring = docstring_of(&s.body).is_some();
        self.stmts(&s.body)?;
        self.leave();
        if s.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    fn function_annotations(&mut self, s: &ast::StmtFunctionDef) -> Res {
        let annotated = s.parameters.iter().any(|p| p.annotation().is_some()) || s.returns.is_some();
        if !annotated {
            return Ok(());
        }
        let parent = self.cur;
        let sees_class = self.scope().sees_class || self.scope().block == Block::Class;
        self.enter("__annotate__", Block::Annotation, (address(s), Part::Annotations), Loc::of(s))?;
        if self.options.future_annotations {
            self.scopes[parent].children.pop();
        } else if sees_class {
            self.scope().sees_class = true;
            self.define("__classdict__", def::USE, Loc::of(s))?;
        }
        for annotation in s.parameters.iter().filter_map(|p| p.annotation()) {
            self.expr(annotation)?;
        }
        if let Some(returns) = &s.returns {
            self.expr(returns)?;
        }
        self.leave();
        Ok(())
    }

    fn class(&mut self, s: &ast::StmtClassDef) -> Res {
        let loc = Loc::of(s);
        self.check_name(&s.name.id, loc, false)?;
        self.define(&s.name.id, def::LOCAL, loc)?;
        for decorator in &s.decorator_list {
            self.expr(&decorator.expression)?;
        }
        let outer = self.class.clone();
        if let Some(params) = &s.type_params {
            self.type_params_scope(&s.name.id, (address(s), Part::TypeParams), loc, true, (false, false))?;
            self.scope().mangled = Some(HashSet::new());
            self.class = Some(self.intern(&s.name.id));
            self.type_params(params)?;
        }
        self.exprs(s.bases())?;
        for keyword in s.keywords() {
            self.keyword(keyword)?;
        }
        self.enter(&s.name.id, Block::Class, (address(s), Part::Body), loc)?;
        self.class = Some(self.intern(&s.name.id));
        if s.type_params.is_some() {
            self.define("__type_params__", def::LOCAL, loc)?;
            // Set in the class, used from the scope around it.
            self.define(".type_params", def::USE, loc)?;
        }
        self.scope().docstring = docstring_of(&s.body).is_some();
        self.stmts(&s.body)?;
        self.leave();
        if s.type_params.is_some() {
            self.leave();
        }
        self.class = outer;
        Ok(())
    }

    pub fn defaults(&mut self, parameters: &ast::Parameters) -> Res {
        parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref()).try_for_each(|d| self.expr(d))
    }

    pub fn parameters(&mut self, parameters: &ast::Parameters) -> Res {
        for p in parameters.iter_non_variadic_params() {
            self.bind(&p.parameter.name, def::PARAM)?;
        }
        if let Some(p) = &parameters.vararg {
            self.bind(&p.name, def::PARAM)?;
            self.scope().varargs = true;
        }
        if let Some(p) = &parameters.kwarg {
            self.bind(&p.name, def::PARAM)?;
            self.scope().varkeywords = true;
        }
        Ok(())
    }
}

/// The docstring expression that a body starts with.
pub(in crate::compiler) fn docstring_of(body: &[Stmt]) -> Option<&ast::ExprStringLiteral> {
    match body.first() {
        Some(Stmt::Expr(e)) => match &*e.value {
            Expr::StringLiteral(s) => Some(s),
            _ => None,
        },
        _ => None,
    }
}
