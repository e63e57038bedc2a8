//! Statements.

use super::fblocks::FKind;
use super::{Compiler, UnitKind};
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::Mode;
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast::{self as ast, Expr, Stmt};

impl<'a> Compiler<'a> {
    pub fn stmts(&mut self, body: &'a [Stmt]) -> Res {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    /// The body of a module: docstring, annotations, statements.
    pub fn module_body(&mut self, body: &'a [Stmt]) -> Res {
        let scope = self.scope();
        let loc = Loc::NONE;
        if scope.conditional_annotations && !self.options.future_annotations {
            self.op(Op::BUILD_SET, 0, loc);
            self.store_name("__conditional_annotations__", loc);
        }
        // `__annotate__` is made first, so that it is there even if the module is left early. What it evaluates is
        // known only after the body has been compiled.
        let annotations = self.u.flow.cur;
        let start = self.new_block();
        self.use_block(start);
        if self.options.future_annotations && scope.annotations_used {
            self.setup_annotations(loc);
        }
        let rest = if self.mode == Mode::Exec { self.docstring(body) } else { body };
        self.stmts(rest)?;
        let end = self.u.flow.cur;
        self.u.flow.cur = annotations;
        let order = self.u.flow.order.len();
        self.deferred_annotations()?;
        // Blocks that the annotations added (none, as the code is straight) would have to move.
        debug_assert_eq!(order, self.u.flow.order.len());
        self.u.flow.cur = end;
        Ok(())
    }

    /// Stores a leading docstring as `__doc__` and returns the statements after it.
    pub fn docstring(&mut self, body: &'a [Stmt]) -> &'a [Stmt] {
        let Some(doc) = crate::compiler::scope::docstring_of(body) else { return body };
        if self.options.optimize >= 2 {
            return &body[1..];
        }
        let loc = Loc::of(&body[0]);
        let text = super::strings::clean_docstring(&self.string_value(doc));
        self.load_const(Constant::Str(text.into()), loc);
        self.store_name("__doc__", Loc::NONE);
        &body[1..]
    }

    pub fn stmt(&mut self, stmt: &'a Stmt) -> Res {
        let loc = Loc::of(stmt);
        match stmt {
            Stmt::FunctionDef(s) => self.function(s),
            Stmt::ClassDef(s) => self.class(s),
            Stmt::TypeAlias(s) => self.type_alias(s),
            Stmt::Return(s) => self.return_stmt(s, loc),
            Stmt::Delete(s) => s.targets.iter().try_for_each(|t| self.delete(t)),
            Stmt::Assign(s) => self.assign(s),
            Stmt::AugAssign(s) => self.augmented(s),
            Stmt::AnnAssign(s) => self.annotated(s),
            Stmt::For(s) if s.is_async => self.async_for(s),
            Stmt::For(s) => self.for_loop(s),
            Stmt::While(s) => self.while_loop(s),
            Stmt::If(s) => self.if_stmt(s),
            Stmt::With(s) => self.with(s),
            Stmt::Match(s) => self.match_stmt(s),
            Stmt::Raise(s) => {
                let mut n = 0;
                for value in [&s.exc, &s.cause].into_iter().flatten() {
                    self.expr(value)?;
                    n += 1;
                }
                self.op(Op::RAISE_VARARGS, n, loc);
                // Code behind a raise is unreachable; it gets a block of its own.
                Ok(())
            }
            Stmt::Try(s) => self.try_stmt(s),
            Stmt::Assert(s) => self.assert(s, loc),
            Stmt::Import(s) => self.import(s),
            Stmt::ImportFrom(s) => self.import_from(s),
            Stmt::Global(_) | Stmt::Nonlocal(_) => Ok(()),
            Stmt::Expr(s) => self.expr_stmt(s, loc),
            Stmt::Pass(_) => {
                self.op(Op::NOP, 0, loc);
                Ok(())
            }
            Stmt::Break(_) => self.break_stmt(loc),
            Stmt::Continue(_) => self.continue_stmt(loc),
            Stmt::IpyEscapeCommand(_) => fail(loc, "invalid syntax"),
        }
    }

    fn expr_stmt(&mut self, s: &'a ast::StmtExpr, loc: Loc) -> Res {
        if self.u.interactive && self.u.kind == UnitKind::Module && self.outer.is_empty() {
            self.expr(&s.value)?;
            self.op(Op::CALL_INTRINSIC_1, Intrinsic::Print as u32, loc);
            self.op(Op::POP_TOP, 0, Loc::NONE);
            return Ok(());
        }
        if is_constant(&s.value) {
            self.op(Op::NOP, 0, loc);
            return Ok(());
        }
        self.expr(&s.value)?;
        self.op(Op::POP_TOP, 0, Loc::NONE);
        Ok(())
    }

    fn return_stmt(&mut self, s: &'a ast::StmtReturn, loc: Loc) -> Res {
        let scope = self.scope();
        if !matches!(self.u.kind, UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda) {
            return fail(loc, "'return' outside function");
        }
        if s.value.is_some() && scope.coroutine && scope.generator {
            return fail(loc, "'return' with value in async generator");
        }
        if self.u.finally.contains(&false) {
            self.warn(loc, "'return' in a 'finally' block".into());
        }
        let mut constant = Constant::None;
        let mut keep = false;
        let mut place = loc;
        if let Some(value) = &s.value {
            match self.fold(value) {
                Some(folded) => {
                    constant = folded;
                    place = Loc::of(&**value);
                    self.op(Op::NOP, 0, Loc::of(&**value));
                }
                None => {
                    self.expr(value)?;
                    keep = true;
                }
            }
        }
        if s.value.is_none() {
            self.op(Op::NOP, 0, loc);
        }
        self.leave_blocks(keep, false, place, |c, _, at| {
            if !keep {
                c.load_const(constant, at);
            }
            c.op(Op::RETURN_VALUE, 0, at);
            Ok(())
        })
    }

    fn break_stmt(&mut self, loc: Loc) -> Res {
        if !self.in_loop() {
            return fail(loc, "'break' outside loop");
        }
        if self.u.finally.last() == Some(&false) {
            self.warn(loc, "'break' in a 'finally' block".into());
        }
        self.op(Op::NOP, 0, loc);
        self.leave_blocks(false, true, loc, |c, found, at| match found {
            Some(block @ (FKind::While { exit, .. } | FKind::For { exit, .. } | FKind::AsyncFor { exit, .. })) => {
                if !matches!(block, FKind::While { .. }) {
                    c.op(Op::POP_TOP, 0, at);
                }
                c.jump(Op::JUMP, exit, at);
                Ok(())
            }
            _ => fail(loc, "'break' outside loop"),
        })
    }

    fn continue_stmt(&mut self, loc: Loc) -> Res {
        if !self.in_loop() {
            return fail(loc, "'continue' not properly in loop");
        }
        if self.u.finally.last() == Some(&false) {
            self.warn(loc, "'continue' in a 'finally' block".into());
        }
        self.op(Op::NOP, 0, loc);
        self.leave_blocks(false, true, loc, |c, found, at| match found {
            Some(FKind::While { next, .. } | FKind::For { next, .. } | FKind::AsyncFor { next, .. }) => {
                c.jump(Op::JUMP, next, at);
                Ok(())
            }
            _ => fail(loc, "'continue' not properly in loop"),
        })
    }

    fn if_stmt(&mut self, s: &'a ast::StmtIf) -> Res {
        self.u.conditional += 1;
        let end = self.new_block();
        let mut test = Some(&*s.test);
        let mut body = &s.body[..];
        let mut clauses = s.elif_else_clauses.iter();
        loop {
            let clause = clauses.next();
            let next = if clause.is_some() { self.new_block() } else { end };
            if let Some(test) = test {
                self.jump_if(test, next, false, Loc::of(test))?;
            }
            self.stmts(body)?;
            let Some(clause) = clause else { break };
            self.jump(Op::JUMP, end, Loc::NONE);
            self.use_block(next);
            test = clause.test.as_ref();
            body = &clause.body;
            if test.is_none() {
                self.stmts(body)?;
                break;
            }
        }
        self.use_block(end);
        self.u.conditional -= 1;
        Ok(())
    }

    fn assert(&mut self, s: &'a ast::StmtAssert, loc: Loc) -> Res {
        // A tuple is always true: most likely its parentheses are a mistake.
        if let Expr::Tuple(t) = &*s.test
            && !t.elts.is_empty()
        {
            self.warn(loc, "assertion is always true, perhaps remove parentheses?".into());
        }
        if self.options.optimize > 0 {
            return Ok(());
        }
        let end = self.new_block();
        self.jump_if(&s.test, end, true, loc)?;
        self.op(Op::LOAD_COMMON_CONSTANT, 0, loc);
        if let Some(message) = &s.msg {
            self.op(Op::PUSH_NULL, 0, loc);
            self.expr(message)?;
            self.op(Op::CALL, 1, loc);
        }
        self.op(Op::RAISE_VARARGS, 1, Loc::of(&*s.test));
        self.use_block(end);
        Ok(())
    }
}

/// A literal, which as a statement does nothing.
fn is_constant(expr: &Expr) -> bool {
    expr.is_literal_expr()
}
