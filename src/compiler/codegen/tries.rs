//! `try` in its three forms.

use super::Compiler;
use super::fblocks::FKind;
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::scope::Name;
use ruff_python_ast as ast;

impl<'a> Compiler<'a> {
    pub fn try_stmt(&mut self, s: &'a ast::StmtTry) -> Res {
        self.u.conditional += 1;
        if s.finalbody.is_empty() {
            self.try_handlers(s)?
        } else {
            self.try_finally(s)?
        }
        self.u.conditional -= 1;
        Ok(())
    }

    fn try_handlers(&mut self, s: &'a ast::StmtTry) -> Res {
        if s.is_star { self.try_star(s) } else { self.try_except(s) }
    }

    /// The tail of a handler that an exception leaves: [previous, lasti, exception] -> re-raised.
    pub fn pop_except_and_reraise(&mut self, loc: Loc) {
        self.op(Op::COPY, 3, loc);
        self.op(Op::POP_EXCEPT, 0, loc);
        self.op(Op::RERAISE, 1, loc);
    }

    fn try_finally(&mut self, s: &'a ast::StmtTry) -> Res {
        let loc = Loc::of(s);
        let (raised, cleanup, exit) = (self.new_block(), self.new_block(), self.new_block());
        // Tracing shows the line of `try`.
        self.op(Op::NOP, 0, loc);
        let outer = self.u.flow.protect(raised, false, 0, loc);
        self.push_block(FKind::Finally(&s.finalbody), outer, loc)?;
        if s.handlers.is_empty() {
            self.stmts(&s.body)?;
        } else {
            self.try_handlers(s)?;
        }
        self.pop_block();
        self.u.flow.end_protect(outer);
        self.u.finally.push(false);
        self.stmts(&s.finalbody)?;
        self.u.finally.pop();
        self.jump(Op::JUMP, exit, Loc::NONE);

        self.use_block(raised);
        let outer = self.u.flow.protect(cleanup, true, 0, Loc::NONE);
        self.op(Op::PUSH_EXC_INFO, 0, Loc::NONE);
        self.push_block(FKind::FinallyEnd, outer, loc)?;
        self.quiet += 1;
        self.stmts(&s.finalbody)?;
        self.quiet -= 1;
        self.pop_block();
        self.op(Op::RERAISE, 0, Loc::NONE);
        self.u.flow.end_protect(outer);
        self.use_block(cleanup);
        self.pop_except_and_reraise(Loc::NONE);
        self.use_block(exit);
        Ok(())
    }

    fn try_except(&mut self, s: &'a ast::StmtTry) -> Res {
        let loc = Loc::of(s);
        let (raised, cleanup, end) = (self.new_block(), self.new_block(), self.new_block());
        // Tracing shows the line of `try`.
        self.op(Op::NOP, 0, loc);
        let outer = self.u.flow.protect(raised, false, 0, loc);
        self.push_block(FKind::TryExcept, outer, loc)?;
        self.stmts(&s.body)?;
        self.pop_block();
        self.u.flow.end_protect(outer);
        self.stmts(&s.orelse)?;
        self.jump(Op::JUMP, end, Loc::NONE);

        self.use_block(raised);
        self.u.flow.protect(cleanup, true, 0, Loc::NONE);
        self.op(Op::PUSH_EXC_INFO, 0, Loc::NONE);
        self.push_block(FKind::Handlers, outer, loc)?;
        let count = s.handlers.len();
        for (i, ast::ExceptHandler::ExceptHandler(handler)) in s.handlers.iter().enumerate() {
            let at = Loc::of(handler);
            if handler.type_.is_none() && i + 1 < count {
                return fail(at, "default 'except:' must be last");
            }
            let next = self.new_block();
            if let Some(kind) = &handler.type_ {
                self.expr(kind)?;
                self.op(Op::CHECK_EXC_MATCH, 0, at);
                self.jump(Op::POP_JUMP_IF_FALSE, next, at);
            }
            let name: Option<Name> = handler.name.as_ref().map(|n| (*n.id).into());
            match &name {
                Some(name) => self.store_name(name, at),
                None => self.op(Op::POP_TOP, 0, at),
            }
            // However the body of a handler with a name ends, it unbinds the name.
            let unbind = self.new_block();
            let clause = self.u.flow.cur_handler;
            if name.is_some() {
                self.u.flow.protect(unbind, true, 0, at);
            }
            self.push_block(FKind::Handler(name.clone()), outer, at)?;
            self.stmts(&handler.body)?;
            self.pop_block();
            self.u.flow.cur_handler = outer;
            self.op(Op::POP_EXCEPT, 0, Loc::NONE);
            if let Some(name) = &name {
                self.unbind_exception(name, Loc::NONE);
            }
            self.jump(Op::JUMP, end, Loc::NONE);
            self.u.flow.cur_handler = clause;
            if let Some(name) = &name {
                self.use_block(unbind);
                self.unbind_exception(name, Loc::NONE);
                self.op(Op::RERAISE, 1, Loc::NONE);
            }
            self.use_block(next);
        }
        self.pop_block();
        self.op(Op::RERAISE, 0, Loc::NONE);
        self.u.flow.end_protect(outer);
        self.use_block(cleanup);
        self.pop_except_and_reraise(Loc::NONE);
        self.use_block(end);
        Ok(())
    }

    fn try_star(&mut self, s: &'a ast::StmtTry) -> Res {
        let loc = Loc::of(s);
        let (raised, cleanup, orelse, end) = (self.new_block(), self.new_block(), self.new_block(), self.new_block());
        let (collect, reraise) = (self.new_block(), self.new_block());
        // Tracing shows the line of `try`.
        self.op(Op::NOP, 0, loc);
        let outer = self.u.flow.protect(raised, false, 0, loc);
        self.push_block(FKind::TryExcept, outer, loc)?;
        self.stmts(&s.body)?;
        self.pop_block();
        self.u.flow.end_protect(outer);
        self.jump(Op::JUMP, orelse, Loc::NONE);

        self.use_block(raised);
        self.u.flow.protect(cleanup, true, 0, Loc::NONE);
        self.op(Op::PUSH_EXC_INFO, 0, Loc::NONE);
        self.push_block(FKind::GroupHandlers, outer, loc)?;
        // [previous, group] -> [previous, group, list of what was raised, group]
        let first = s.handlers.first().map_or(loc, |ast::ExceptHandler::ExceptHandler(handler)| Loc::of(handler));
        self.op(Op::BUILD_LIST, 0, first);
        self.op(Op::COPY, 2, first);
        for ast::ExceptHandler::ExceptHandler(handler) in &s.handlers {
            let at = Loc::of(handler);
            let (next, no_match, unbind) = (self.new_block(), self.new_block(), self.new_block());
            if let Some(kind) = &handler.type_ {
                self.expr(kind)?;
                self.op(Op::CHECK_EG_MATCH, 0, at);
                self.op(Op::COPY, 1, at);
                self.jump(Op::POP_JUMP_IF_NONE, no_match, at);
            }
            let name: Option<Name> = handler.name.as_ref().map(|n| (*n.id).into());
            match &name {
                Some(name) => self.store_name(name, at),
                None => self.op(Op::POP_TOP, 0, at),
            }
            let clause = self.u.flow.protect(unbind, true, 0, at);
            self.push_block(FKind::Handler(name.clone()), clause, at)?;
            self.stmts(&handler.body)?;
            self.pop_block();
            self.u.flow.end_protect(clause);
            if let Some(name) = &name {
                self.unbind_exception(name, Loc::NONE);
            }
            self.jump(Op::JUMP, next, Loc::NONE);
            // [previous, group, list, rest, lasti, raised] -> [previous, group, list, rest]
            self.use_block(unbind);
            if let Some(name) = &name {
                self.unbind_exception(name, Loc::NONE);
            }
            self.op(Op::LIST_APPEND, 3, Loc::NONE);
            self.op(Op::POP_TOP, 0, Loc::NONE);
            self.jump(Op::JUMP, next, Loc::NONE);
            self.use_block(no_match);
            self.op(Op::POP_TOP, 0, at);
            self.use_block(next);
        }
        self.op(Op::LIST_APPEND, 1, Loc::NONE);
        self.jump(Op::JUMP, collect, Loc::NONE);
        self.pop_block();
        self.use_block(collect);
        // [previous, group, list] -> [previous, exception or None]
        self.op(Op::CALL_INTRINSIC_2, Intrinsic::PrepReraiseStar as u32, Loc::NONE);
        self.op(Op::COPY, 1, Loc::NONE);
        self.jump(Op::POP_JUMP_IF_NOT_NONE, reraise, Loc::NONE);
        self.op(Op::POP_TOP, 0, Loc::NONE);
        self.u.flow.cur_handler = outer;
        self.op(Op::POP_EXCEPT, 0, Loc::NONE);
        self.jump(Op::JUMP, end, Loc::NONE);
        self.use_block(reraise);
        self.op(Op::SWAP, 2, Loc::NONE);
        self.op(Op::POP_EXCEPT, 0, Loc::NONE);
        self.op(Op::RERAISE, 0, Loc::NONE);
        self.use_block(cleanup);
        self.pop_except_and_reraise(Loc::NONE);
        self.use_block(orelse);
        self.stmts(&s.orelse)?;
        self.use_block(end);
        Ok(())
    }
}
