//! Loading, storing and deleting names, by where their scope says they live.

use super::{Compiler, UnitKind};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::{Constant, kind};
use crate::compiler::error::Loc;
use crate::compiler::scope::{Block, Name, Place, Symbol};
use ruff_python_ast::ExprContext;

impl<'a> Compiler<'a> {
    /// An instruction whose operand is a name, mangled as needed.
    pub fn name_op(&mut self, op: Op, name: &str, loc: Loc) {
        let mangled = self.mangled(name);
        self.raw_name_op(op, &mangled, loc);
    }

    pub fn raw_name_op(&mut self, op: Op, name: &Name, loc: Loc) {
        let index = self.u.names.add(name);
        self.op(op, index, loc);
    }

    pub fn symbol(&self, name: &str) -> Symbol {
        match self.u.overrides.get(name) {
            Some(symbol) => *symbol,
            None => self.scope().symbols.get(name).unwrap_or_default(),
        }
    }

    pub fn load_name(&mut self, name: &str, loc: Loc) {
        self.variable(name, ExprContext::Load, loc);
    }

    pub fn store_name(&mut self, name: &str, loc: Loc) {
        self.variable(name, ExprContext::Store, loc);
    }

    pub fn delete_name(&mut self, name: &str, loc: Loc) {
        self.variable(name, ExprContext::Del, loc);
    }

    /// The slot that holds the cell of a name.
    pub fn cell_slot(&mut self, name: &Name) -> u32 {
        let free = self.symbol(name).place == Place::Free && self.u.free.contains_key(name);
        if !free && let Some(&slot) = self.u.fast.get(name) {
            return slot;
        }
        match self.u.free.get(name) {
            Some(&slot) => slot,
            None => self.u.slot(name, kind::CELL),
        }
    }

    pub fn variable(&mut self, name: &str, context: ExprContext, loc: Loc) {
        if name == "__debug__" && context == ExprContext::Load {
            let value = if self.options.optimize == 0 { Constant::True } else { Constant::False };
            return self.load_const(value, loc);
        }
        let name = self.mangled(name);
        let scope = self.scope();
        let function = scope.block.function_like();
        let place = self.symbol(&name).place;
        enum How {
            Fast,
            Deref,
            Global,
            Name,
        }
        let how = match place {
            Place::Free | Place::Cell => How::Deref,
            Place::Local if function || self.u.hidden.contains(&name) => How::Fast,
            Place::GlobalImplicit if function => How::Global,
            Place::GlobalExplicit => How::Global,
            _ => How::Name,
        };
        match (how, context) {
            (How::Fast, context) => {
                let kinds = if function { kind::LOCAL } else { kind::LOCAL | kind::HIDDEN };
                let slot = self.u.slot(&name, kinds);
                let op = match context {
                    ExprContext::Store => Op::STORE_FAST,
                    ExprContext::Del => Op::DELETE_FAST,
                    _ => Op::LOAD_FAST,
                };
                self.op(op, slot, loc);
            }
            (How::Deref, ExprContext::Store) => {
                let slot = self.cell_slot(&name);
                self.op(Op::STORE_DEREF, slot, loc);
            }
            (How::Deref, ExprContext::Del) => {
                let slot = self.cell_slot(&name);
                self.op(Op::DELETE_DEREF, slot, loc);
            }
            (How::Deref, _) => {
                let slot = self.cell_slot(&name);
                if scope.block == Block::Class && self.u.inlined == 0 {
                    self.op(Op::LOAD_LOCALS, 0, loc);
                    self.op(Op::LOAD_FROM_DICT_OR_DEREF, slot, loc);
                } else if scope.sees_class {
                    self.load_classdict(loc);
                    self.op(Op::LOAD_FROM_DICT_OR_DEREF, slot, loc);
                } else {
                    self.op(Op::LOAD_DEREF, slot, loc);
                }
            }
            (How::Global, ExprContext::Store) => self.raw_name_op(Op::STORE_GLOBAL, &name, loc),
            (How::Global, ExprContext::Del) => self.raw_name_op(Op::DELETE_GLOBAL, &name, loc),
            (How::Global, _) => {
                if scope.sees_class && place == Place::GlobalImplicit {
                    self.load_classdict(loc);
                    self.raw_name_op(Op::LOAD_FROM_DICT_OR_GLOBALS, &name, loc);
                } else {
                    self.raw_name_op(Op::LOAD_GLOBAL, &name, loc);
                }
            }
            (How::Name, ExprContext::Store) => self.raw_name_op(Op::STORE_NAME, &name, loc),
            (How::Name, ExprContext::Del) => self.raw_name_op(Op::DELETE_NAME, &name, loc),
            (How::Name, _) => {
                // Within a comprehension the names of a class body are not visible.
                let op =
                    if self.u.kind == UnitKind::Class && self.u.inlined > 0 { Op::LOAD_GLOBAL } else { Op::LOAD_NAME };
                self.raw_name_op(op, &name, loc);
            }
        }
    }

    fn load_classdict(&mut self, loc: Loc) {
        let slot = self.cell_slot(&"__classdict__".into());
        self.op(Op::LOAD_DEREF, slot, loc);
    }
}
