//! Loops.

use super::Compiler;
use super::fblocks::FKind;
use crate::bytecode::opcode::Op;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::flow::HandlerId;
use ruff_python_ast::{self as ast, Expr, Stmt};

impl<'a> Compiler<'a> {
    fn handler(&self) -> HandlerId {
        self.u.flow.cur_handler
    }

    fn loop_body(&mut self, body: &'a [Stmt]) -> Res {
        self.u.finally.push(true);
        self.stmts(body)?;
        self.u.finally.pop();
        Ok(())
    }

    pub fn while_loop(&mut self, s: &'a ast::StmtWhile) -> Res {
        self.u.conditional += 1;
        let (next, body, orelse, exit) = (self.new_block(), self.new_block(), self.new_block(), self.new_block());
        self.use_block(next);
        self.push_block(FKind::While { exit, next }, self.handler(), Loc::of(s))?;
        self.jump_if(&s.test, orelse, false, Loc::of(&*s.test))?;
        self.use_block(body);
        self.loop_body(&s.body)?;
        self.jump(Op::JUMP, next, Loc::NONE);
        self.pop_block();
        self.use_block(orelse);
        self.stmts(&s.orelse)?;
        self.use_block(exit);
        self.u.conditional -= 1;
        Ok(())
    }

    pub fn for_loop(&mut self, s: &'a ast::StmtFor) -> Res {
        self.u.conditional += 1;
        let (next, orelse, exit) = (self.new_block(), self.new_block(), self.new_block());
        let iter = Loc::of(&*s.iter);
        self.iterable(&s.iter)?;
        self.op(Op::GET_ITER, 0, iter);
        self.push_block(FKind::For { exit, next }, self.handler(), Loc::of(s))?;
        self.use_block(next);
        self.jump(Op::FOR_ITER, orelse, iter);
        self.store_target(&s.target)?;
        self.loop_body(&s.body)?;
        self.jump(Op::JUMP, next, Loc::NONE);
        self.pop_block();
        self.use_block(orelse);
        self.stmts(&s.orelse)?;
        self.use_block(exit);
        self.u.conditional -= 1;
        Ok(())
    }

    pub fn async_for(&mut self, s: &'a ast::StmtFor) -> Res {
        let loc = Loc::of(s);
        if !self.may_await() {
            return fail(loc, "'async for' outside async function");
        }
        self.u.conditional += 1;
        let (next, handler, exit) = (self.new_block(), self.new_block(), self.new_block());
        let iter = Loc::of(&*s.iter);
        self.expr(&s.iter)?;
        self.op(Op::GET_AITER, 0, iter);
        self.use_block(next);
        self.push_block(FKind::AsyncFor { exit, next }, self.handler(), loc)?;
        let outer = self.u.flow.protect(handler, false, 0, loc);
        self.op(Op::GET_ANEXT, 0, loc);
        self.load_none(loc);
        self.yield_from(loc, true);
        self.u.flow.end_protect(outer);
        self.store_target(&s.target)?;
        self.loop_body(&s.body)?;
        self.jump(Op::JUMP, next, Loc::NONE);
        self.pop_block();
        self.use_block(handler);
        self.op(Op::END_ASYNC_FOR, 0, iter);
        self.stmts(&s.orelse)?;
        self.use_block(exit);
        self.u.conditional -= 1;
        Ok(())
    }

    /// An iterable of a loop: a list display becomes a tuple, a set display of constants a frozenset.
    pub fn iterable(&mut self, expr: &'a Expr) -> Res {
        if let Some(constant) = self.fold_container(expr) {
            self.load_const(constant, Loc::of(expr));
            return Ok(());
        }
        if let Expr::List(list) = expr
            && !list.elts.iter().any(Expr::is_starred_expr)
            && list.elts.len() < 30
            && !list.elts.is_empty()
        {
            for item in &list.elts {
                self.expr(item)?;
            }
            self.op(Op::BUILD_TUPLE, list.elts.len() as u32, Loc::of(expr));
            return Ok(());
        }
        self.expr(expr)
    }

    /// [receiver, value] -> [result]: yields what the receiver yields until it returns.
    pub fn yield_from(&mut self, loc: Loc, awaiting: bool) {
        let (send, thrown, exit) = (self.new_block(), self.new_block(), self.new_block());
        self.use_block(send);
        self.jump(Op::SEND, exit, loc);
        let outer = self.u.flow.protect(thrown, false, 0, loc);
        self.op(Op::YIELD_VALUE, 1, loc);
        self.op(Op::RESUME, if awaiting { 3 } else { 2 }, loc);
        self.u.flow.end_protect(outer);
        self.jump(Op::JUMP_BACKWARD, send, loc);
        self.use_block(thrown);
        self.op(Op::CLEANUP_THROW, 0, loc);
        self.use_block(exit);
        self.op(Op::END_SEND, 0, loc);
    }

    /// Whether `await` and its kin may stand here.
    pub fn may_await(&self) -> bool {
        use super::UnitKind::*;
        match self.u.kind {
            AsyncFunction => true,
            Comprehension => true,
            Module => self.options.top_level_await,
            _ => false,
        }
    }
}
