//! `with` and `async with`.

use super::Compiler;
use super::fblocks::FKind;
use crate::bytecode::opcode::Op;
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast as ast;

const ENTER: u32 = 0;
const EXIT: u32 = 1;
const ASYNC_ENTER: u32 = 2;
const ASYNC_EXIT: u32 = 3;

impl<'a> Compiler<'a> {
    pub fn with(&mut self, s: &'a ast::StmtWith) -> Res {
        if s.is_async && !self.may_await() {
            return fail(Loc::of(s), "'async with' outside async function");
        }
        self.u.conditional += 1;
        self.with_items(s, &s.items)?;
        self.u.conditional -= 1;
        Ok(())
    }

    /// [exit, self] -> [result of exit(None, None, None)]
    pub fn call_exit_with_none(&mut self, loc: Loc, is_async: bool) {
        for _ in 0..3 {
            self.load_none(loc);
        }
        self.op(Op::CALL, 3, loc);
        if is_async {
            self.await_value(2, loc);
        }
    }

    /// [awaitable] -> [result]
    pub fn await_value(&mut self, what: u32, loc: Loc) {
        self.op(Op::GET_AWAITABLE, what, loc);
        self.load_none(loc);
        self.yield_from(loc, true);
    }

    fn with_items(&mut self, s: &'a ast::StmtWith, items: &'a [ast::WithItem]) -> Res {
        let Some((item, rest)) = items.split_first() else { return self.stmts(&s.body) };
        let loc = Loc::of(&item.context_expr);
        let (raised, cleanup, suppress, exit) =
            (self.new_block(), self.new_block(), self.new_block(), self.new_block());
        self.expr(&item.context_expr)?;
        self.op(Op::COPY, 1, loc);
        self.op(Op::LOAD_SPECIAL, if s.is_async { ASYNC_EXIT } else { EXIT }, loc);
        self.op(Op::SWAP, 2, loc);
        self.op(Op::SWAP, 3, loc);
        self.op(Op::LOAD_SPECIAL, if s.is_async { ASYNC_ENTER } else { ENTER }, loc);
        self.op(Op::CALL, 0, loc);
        if s.is_async {
            self.await_value(1, loc);
        }
        // The value is not there any more when the handler runs.
        let outer = self.u.flow.protect(raised, true, 1, loc);
        self.push_block(FKind::With { loc, is_async: s.is_async }, outer, loc)?;
        match &item.optional_vars {
            Some(target) => self.store_target(target)?,
            None => self.op(Op::POP_TOP, 0, loc),
        }
        self.with_items(s, rest)?;
        self.pop_block();
        self.u.flow.end_protect(outer);
        self.call_exit_with_none(loc, s.is_async);
        self.op(Op::POP_TOP, 0, loc);
        self.jump(Op::JUMP, exit, loc);

        // [exit, self, lasti, exception]
        self.use_block(raised);
        self.u.flow.protect(cleanup, true, 0, loc);
        self.op(Op::PUSH_EXC_INFO, 0, loc);
        self.op(Op::WITH_EXCEPT_START, 0, loc);
        if s.is_async {
            self.await_value(2, loc);
        }
        self.jump(Op::POP_JUMP_IF_TRUE, suppress, loc);
        self.u.flow.end_protect(outer);
        // [exit, self, lasti, previous, exception]
        self.op(Op::SWAP, 2, loc);
        self.op(Op::POP_EXCEPT, 0, loc);
        self.op(Op::RERAISE, 1, loc);
        self.use_block(suppress);
        self.op(Op::POP_TOP, 0, loc);
        self.op(Op::POP_EXCEPT, 0, loc);
        for _ in 0..3 {
            self.op(Op::POP_TOP, 0, loc);
        }
        self.jump(Op::JUMP, exit, loc);
        self.use_block(cleanup);
        self.pop_except_and_reraise(loc);
        self.use_block(exit);
        Ok(())
    }
}
