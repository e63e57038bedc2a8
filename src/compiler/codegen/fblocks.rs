//! The blocks that `return`, `break` and `continue` must leave in order, and how each is left.

use super::Compiler;
use crate::bytecode::opcode::Op;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::flow::{BlockId, HandlerId, NO_HANDLER};
use crate::compiler::scope::Name;
use ruff_python_ast::Stmt;

#[derive(Clone, Debug)]
pub enum FKind<'a> {
    While {
        exit: BlockId,
        next: BlockId,
    },
    For {
        exit: BlockId,
        next: BlockId,
    },
    AsyncFor {
        exit: BlockId,
        next: BlockId,
    },
    /// The body of a `try` with handlers.
    TryExcept,
    /// The body of a `try` with this `finally`.
    Finally(&'a [Stmt]),
    /// A `finally` body that runs for an exception.
    FinallyEnd,
    With {
        loc: Loc,
        is_async: bool,
    },
    /// The body of an `except`, with the name to unbind.
    Handler(Option<Name>),
    /// The chain of `except` clauses.
    Handlers,
    /// The chain of `except*` clauses, which nothing may leave.
    GroupHandlers,
    /// A value on the stack.
    Value,
    /// The whole body of a generator.
    StopIteration(BlockId),
}

/// A block with what protected the code around it.
#[derive(Clone, Debug)]
pub struct FBlock<'a> {
    pub kind: FKind<'a>,
    pub outer: HandlerId,
}

impl<'a> FBlock<'a> {
    pub fn stop_iteration(target: BlockId) -> FBlock<'a> {
        FBlock { kind: FKind::StopIteration(target), outer: NO_HANDLER }
    }
}

/// The deepest nesting of blocks, as in CPython.
const MAX_BLOCKS: usize = 21;

impl<'a> Compiler<'a> {
    pub fn push_block(&mut self, kind: FKind<'a>, outer: HandlerId, loc: Loc) -> Res {
        if self.u.fblocks.len() >= MAX_BLOCKS {
            return fail(loc, "too many statically nested blocks");
        }
        self.u.fblocks.push(FBlock { kind, outer });
        Ok(())
    }

    pub fn pop_block(&mut self) {
        self.u.fblocks.pop();
    }

    /// Emits what leaving one block takes. `keep`: a value on top of the stack survives. Returns the place for what
    /// follows.
    fn unwind(&mut self, block: &FBlock<'a>, keep: bool, loc: Loc) -> Res<Loc> {
        let swap = |c: &mut Self| {
            if keep {
                c.op(Op::SWAP, 2, loc);
            }
        };
        match &block.kind {
            FKind::While { .. } | FKind::Handlers | FKind::GroupHandlers | FKind::StopIteration(_) => {}
            FKind::For { .. } | FKind::AsyncFor { .. } | FKind::Value => {
                self.u.flow.cur_handler = block.outer;
                swap(self);
                self.op(Op::POP_TOP, 0, loc);
            }
            FKind::TryExcept => self.u.flow.cur_handler = block.outer,
            FKind::Finally(body) => {
                self.u.flow.cur_handler = block.outer;
                if keep {
                    self.push_block(FKind::Value, block.outer, loc)?;
                }
                self.quiet += 1;
                self.stmts(body)?;
                self.quiet -= 1;
                if keep {
                    self.pop_block();
                }
                return Ok(Loc::NONE);
            }
            FKind::FinallyEnd => {
                swap(self);
                self.op(Op::POP_TOP, 0, loc);
                swap(self);
                self.u.flow.cur_handler = block.outer;
                self.op(Op::POP_EXCEPT, 0, loc);
            }
            FKind::With { loc: with, is_async } => {
                self.u.flow.cur_handler = block.outer;
                if keep {
                    self.op(Op::SWAP, 3, *with);
                    self.op(Op::SWAP, 2, *with);
                }
                self.call_exit_with_none(*with, *is_async);
                self.op(Op::POP_TOP, 0, *with);
                return Ok(Loc::NONE);
            }
            FKind::Handler(name) => {
                swap(self);
                self.u.flow.cur_handler = block.outer;
                self.op(Op::POP_EXCEPT, 0, loc);
                if let Some(name) = name.clone() {
                    self.unbind_exception(&name, loc);
                }
            }
        }
        Ok(loc)
    }

    /// Sets a handler's name to None and deletes it.
    pub fn unbind_exception(&mut self, name: &str, loc: Loc) {
        self.load_none(loc);
        self.store_name(name, loc);
        self.delete_name(name, loc);
    }

    /// Leaves blocks from the innermost outwards: all of them for `return`, those within the loop for `break` and
    /// `continue`. Calls `then` at the end, then restores the state.
    pub fn leave_blocks(
        &mut self,
        keep: bool,
        to_loop: bool,
        loc: Loc,
        then: impl FnOnce(&mut Self, Option<FKind<'a>>, Loc) -> Res,
    ) -> Res {
        let saved_blocks = self.u.fblocks.clone();
        let saved_handler = self.u.flow.cur_handler;
        let mut at = loc;
        let mut found = None;
        while let Some(block) = self.u.fblocks.last().cloned() {
            match &block.kind {
                FKind::GroupHandlers => {
                    return fail(loc, "'break', 'continue' and 'return' cannot appear in an except* block");
                }
                FKind::While { .. } | FKind::For { .. } | FKind::AsyncFor { .. } if to_loop => {
                    found = Some(block.kind);
                    break;
                }
                FKind::StopIteration(_) => break,
                _ => {}
            }
            self.u.fblocks.pop();
            at = self.unwind(&block, keep, at)?;
        }
        then(self, found, at)?;
        self.u.fblocks = saved_blocks;
        self.u.flow.cur_handler = saved_handler;
        Ok(())
    }

    /// Whether a loop is around the present place.
    pub fn in_loop(&self) -> bool {
        self.u
            .fblocks
            .iter()
            .any(|b| matches!(b.kind, FKind::While { .. } | FKind::For { .. } | FKind::AsyncFor { .. }))
    }
}
