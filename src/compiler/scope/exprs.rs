//! Walks expressions and patterns and notes the names they bind and use.

use super::build::Builder;
use super::{Block, Comp, Part, address, def};
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast::{self as ast, Expr, ExprContext, Pattern};

impl Builder {
    pub fn exprs(&mut self, exprs: &[Expr]) -> Res {
        exprs.iter().try_for_each(|e| self.expr(e))
    }

    fn option(&mut self, expr: Option<&Expr>) -> Res {
        expr.map_or(Ok(()), |e| self.expr(e))
    }

    /// Refuses an expression that may not stand in an annotation or type scope.
    fn refuse_in_annotation(&mut self, what: &str, loc: Loc) -> Res {
        let scope = self.scope();
        match scope.block {
            Block::Annotation => fail(loc, format!("{what} cannot be used within an annotation")),
            Block::TypeVariable => {
                let info = scope.scope_info;
                fail(loc, format!("{what} cannot be used within {info}"))
            }
            Block::TypeAlias => fail(loc, format!("{what} cannot be used within a type alias")),
            Block::TypeParams => fail(loc, format!("{what} cannot be used within the definition of a generic")),
            _ => Ok(()),
        }
    }

    pub fn expr(&mut self, expr: &Expr) -> Res {
        let loc = Loc::of(expr);
        match expr {
            Expr::Name(e) => {
                let flag = match e.ctx {
                    ExprContext::Load => def::USE,
                    ctx => {
                        self.check_name(&e.id, loc, ctx == ExprContext::Del)?;
                        def::LOCAL
                    }
                };
                self.define(&e.id, flag, loc)?;
                if e.id.as_str() == "super" && flag == def::USE && self.scope().block.function_like() {
                    self.define("__class__", def::USE, loc)?;
                }
                Ok(())
            }
            Expr::Attribute(e) => {
                if e.ctx != ExprContext::Load {
                    self.check_name(&e.attr.id, loc, e.ctx == ExprContext::Del)?;
                }
                self.expr(&e.value)
            }
            Expr::Call(e) => {
                self.expr(&e.func)?;
                self.exprs(&e.arguments.args)?;
                e.arguments.keywords.iter().try_for_each(|k| self.keyword(k))
            }
            Expr::BoolOp(e) => self.exprs(&e.values),
            Expr::BinOp(e) => {
                self.expr(&e.left)?;
                self.expr(&e.right)
            }
            Expr::UnaryOp(e) => self.expr(&e.operand),
            Expr::Compare(e) => {
                self.expr(&e.left)?;
                self.exprs(&e.comparators)
            }
            Expr::If(e) => {
                self.expr(&e.test)?;
                self.expr(&e.body)?;
                self.expr(&e.orelse)
            }
            Expr::Dict(e) => {
                for item in &e.items {
                    self.option(item.key.as_ref())?;
                }
                e.items.iter().try_for_each(|item| self.expr(&item.value))
            }
            Expr::Set(e) => self.exprs(&e.elts),
            Expr::List(e) => self.exprs(&e.elts),
            Expr::Tuple(e) => self.exprs(&e.elts),
            Expr::Starred(e) => self.expr(&e.value),
            Expr::Subscript(e) => {
                self.expr(&e.value)?;
                self.expr(&e.slice)
            }
            Expr::Slice(e) => {
                self.option(e.lower.as_deref())?;
                self.option(e.upper.as_deref())?;
                self.option(e.step.as_deref())
            }
            Expr::Lambda(e) => self.lambda(e),
            Expr::Named(e) => self.named(e),
            Expr::ListComp(e) => {
                self.comprehension("<listcomp>", Comp::List, address(e), loc, &e.generators, Some(&e.elt), None)
            }
            Expr::SetComp(e) => {
                self.comprehension("<setcomp>", Comp::Set, address(e), loc, &e.generators, Some(&e.elt), None)
            }
            Expr::Generator(e) => {
                self.comprehension("<genexpr>", Comp::Generator, address(e), loc, &e.generators, Some(&e.elt), None)
            }
            Expr::DictComp(e) => self.comprehension(
                "<dictcomp>",
                Comp::Dict,
                address(e),
                loc,
                &e.generators,
                e.key.as_deref(),
                Some(&e.value),
            ),
            Expr::Yield(e) => {
                self.refuse_in_annotation("yield expression", loc)?;
                self.option(e.value.as_deref())?;
                self.yields(loc)
            }
            Expr::YieldFrom(e) => {
                self.refuse_in_annotation("yield expression", loc)?;
                self.expr(&e.value)?;
                self.yields(loc)
            }
            Expr::Await(e) => {
                self.refuse_in_annotation("await expression", loc)?;
                if !self.top_level_await() {
                    let scope = self.scope();
                    if !scope.block.function_like() {
                        return fail(loc, "'await' outside function");
                    }
                    if !scope.async_def && scope.comprehension.is_none() {
                        return fail(loc, "'await' outside async function");
                    }
                }
                self.expr(&e.value)?;
                self.scope().coroutine = true;
                Ok(())
            }
            Expr::FString(e) => {
                for part in &e.value {
                    if let ast::FStringPart::FString(f) = part {
                        self.interpolations(&f.elements, 1)?;
                    }
                }
                Ok(())
            }
            Expr::TString(e) => e.value.iter().try_for_each(|t| self.interpolations(&t.elements, 1)),
            Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => Ok(()),
        }
    }

    fn top_level_await(&self) -> bool {
        self.options.top_level_await && self.scopes[self.cur].block == Block::Module
    }

    /// `depth` counts the fields within format specifications.
    fn interpolations(&mut self, elements: &ast::InterpolatedStringElements, depth: u32) -> Res {
        for element in elements.interpolations() {
            if depth > 3 {
                let start = Loc::of(element).start;
                let at = Loc::at(start.saturating_sub(1));
                return fail(at, "f-string: expressions nested too deeply");
            }
            self.expr(&element.expression)?;
            if let Some(spec) = &element.format_spec {
                self.interpolations(&spec.elements, depth + 1)?;
            }
        }
        Ok(())
    }

    pub fn keyword(&mut self, keyword: &ast::Keyword) -> Res {
        if let Some(name) = &keyword.arg {
            self.check_name(&name.id, Loc::of(keyword), false)?;
        }
        self.expr(&keyword.value)
    }

    fn yields(&mut self, loc: Loc) -> Res {
        self.scope().generator = true;
        match self.scope().comprehension {
            None => Ok(()),
            Some(kind) => fail(
                loc,
                match kind {
                    Comp::List => "'yield' inside list comprehension",
                    Comp::Set => "'yield' inside set comprehension",
                    Comp::Dict => "'yield' inside dict comprehension",
                    Comp::Generator => "'yield' inside generator expression",
                },
            ),
        }
    }

    fn lambda(&mut self, e: &ast::ExprLambda) -> Res {
        if let Some(parameters) = &e.parameters {
            self.defaults(parameters)?;
        }
        self.enter("<lambda>", Block::Function, (address(e), Part::Lambda), Loc::of(e))?;
        if let Some(parameters) = &e.parameters {
            self.parameters(parameters)?;
        }
        self.expr(&e.body)?;
        self.leave();
        Ok(())
    }

    fn named(&mut self, e: &ast::ExprNamed) -> Res {
        let loc = Loc::of(e);
        self.refuse_in_annotation("named expression", loc)?;
        if self.scope().comp_iter_expr > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return fail(loc, message);
        }
        if self.scope().comprehension.is_some()
            && let Expr::Name(target) = &*e.target
        {
            self.named_in_comprehension(target)?;
        }
        self.expr(&e.value)?;
        self.expr(&e.target)
    }

    /// PEP 572: the target of `:=` in a comprehension belongs to the function or module around it.
    fn named_in_comprehension(&mut self, target: &ast::ExprName) -> Res {
        let loc = Loc::of(target);
        let name = self.mangled(&target.id);
        let mut at = Some(self.cur);
        while let Some(id) = at {
            let flags = self.scopes[id].symbols.flags(&name);
            if self.scopes[id].comprehension.is_some() {
                if flags & def::COMP_ITER != 0 && flags & (def::LOCAL | def::GLOBAL) != 0 {
                    let message =
                        format!("assignment expression cannot rebind comprehension iteration variable '{}'", target.id);
                    return fail(loc, message);
                }
                at = self.scopes[id].parent;
                continue;
            }
            match self.scopes[id].block {
                Block::Function => {
                    let flag = if flags & def::GLOBAL != 0 { def::GLOBAL } else { def::NONLOCAL };
                    self.define(&target.id, flag, loc)?;
                    self.scope().directives.push((name, loc));
                    return self.define_in(id, &target.id, def::LOCAL, loc);
                }
                Block::Module => {
                    self.define(&target.id, def::GLOBAL, loc)?;
                    self.scope().directives.push((name, loc));
                    return self.define_in(id, &target.id, def::GLOBAL, loc);
                }
                Block::Class => {
                    return fail(loc, "assignment expression within a comprehension cannot be used in a class body");
                }
                Block::TypeParams => {
                    return fail(
                        loc,
                        "assignment expression within a comprehension cannot be used within the definition of a generic",
                    );
                }
                Block::TypeAlias => {
                    return fail(loc, "assignment expression within a comprehension cannot be used in a type alias");
                }
                Block::TypeVariable => {
                    return fail(loc, "assignment expression within a comprehension cannot be used in a TypeVar bound");
                }
                Block::Annotation => at = self.scopes[id].parent,
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn comprehension(
        &mut self,
        name: &str,
        kind: Comp,
        key: usize,
        loc: Loc,
        generators: &[ast::Comprehension],
        first: Option<&Expr>,
        second: Option<&Expr>,
    ) -> Res {
        let Some((outermost, rest)) = generators.split_first() else { return Ok(()) };
        // The outermost iterator is evaluated in the present block.
        self.scope().comp_iter_expr += 1;
        self.expr(&outermost.iter)?;
        self.scope().comp_iter_expr -= 1;
        self.enter(name, Block::Function, (key, Part::Comprehension), loc)?;
        self.scope().comprehension = Some(kind);
        self.scope().method = false;
        self.scope().coroutine = outermost.is_async;
        self.define(".0", def::PARAM, loc)?;
        self.target(&outermost.target)?;
        self.exprs(&outermost.ifs)?;
        for generator in rest {
            self.target(&generator.target)?;
            self.scope().comp_iter_expr += 1;
            self.expr(&generator.iter)?;
            self.scope().comp_iter_expr -= 1;
            self.exprs(&generator.ifs)?;
            self.scope().coroutine |= generator.is_async;
        }
        self.option(second)?;
        self.option(first)?;
        let generator = kind == Comp::Generator;
        self.scope().generator = generator;
        let is_async = self.scope().coroutine && !generator;
        self.leave();
        let top_level_await = self.top_level_await();
        let scope = self.scope();
        if is_async && !scope.async_def && scope.comprehension.is_none() && !top_level_await {
            return fail(loc, "asynchronous comprehension outside of an asynchronous function");
        }
        scope.coroutine |= is_async;
        Ok(())
    }

    fn target(&mut self, target: &Expr) -> Res {
        self.scope().comp_iter_target = true;
        self.expr(target)?;
        self.scope().comp_iter_target = false;
        Ok(())
    }

    pub fn pattern(&mut self, pattern: &Pattern) -> Res {
        match pattern {
            Pattern::MatchValue(p) => self.expr(&p.value),
            Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(p) => p.patterns.iter().try_for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(p) => {
                self.exprs(&p.keys)?;
                p.patterns.iter().try_for_each(|p| self.pattern(p))?;
                p.rest.iter().try_for_each(|n| self.capture(n, Loc::of(pattern)))
            }
            Pattern::MatchClass(p) => {
                self.expr(&p.cls)?;
                p.arguments.patterns.iter().try_for_each(|p| self.pattern(p))?;
                for keyword in &p.arguments.keywords {
                    self.check_name(&keyword.attr.id, Loc::of(&keyword.pattern), false)?;
                }
                p.arguments.keywords.iter().try_for_each(|k| self.pattern(&k.pattern))
            }
            Pattern::MatchStar(p) => p.name.iter().try_for_each(|n| self.capture(n, Loc::of(pattern))),
            Pattern::MatchAs(p) => {
                if let Some(inner) = &p.pattern {
                    self.pattern(inner)?;
                }
                p.name.iter().try_for_each(|n| self.capture(n, Loc::of(pattern)))
            }
            Pattern::MatchOr(p) => p.patterns.iter().try_for_each(|p| self.pattern(p)),
        }
    }

    fn capture(&mut self, name: &ast::Identifier, loc: Loc) -> Res {
        self.check_name(&name.id, loc, false)?;
        self.define(&name.id, def::LOCAL, loc)
    }
}
