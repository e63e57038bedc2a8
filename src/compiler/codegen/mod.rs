//! Code generation: walks the tree with the scopes at hand and fills one control-flow graph per code object.

mod annotations;
mod assign;
mod calls;
mod classes;
mod comprehensions;
mod conditions;
mod constants;
mod exprs;
mod fblocks;
mod fold;
mod functions;
mod imports;
mod loops;
mod names;
mod patterns;
mod stmts;
mod strings;
mod tries;
mod typeparams;
mod unit;
mod with;

use super::error::{Loc, Res, SyntaxWarning};
use super::flow::BlockId;
use super::scope::{Name, ScopeId, ScopeTable};
use super::source::Lines;
use super::{Mode, Options};
use crate::bytecode::opcode::{Op, Operand};
use crate::bytecode::unit::{CodeUnit, Constant};
pub(super) use fold::truth;
pub(super) use functions::keyword_place;
use ruff_python_ast::{Expr, Stmt};
use std::collections::HashSet;
use std::sync::Arc;
pub(super) use strings::{interpolation_source, invalid_escape};
pub(super) use unit::{Slot, Unit, UnitKind};

/// One compilation.
pub(super) struct Compiler<'a> {
    pub table: &'a ScopeTable,
    pub lines: &'a Lines<'a>,
    pub options: Options,
    pub mode: Mode,
    pub filename: Arc<str>,
    pub warnings: Vec<SyntaxWarning>,
    /// The code object being made.
    pub u: Unit<'a>,
    /// Those around it, outermost first.
    pub outer: Vec<Unit<'a>>,
    /// Addresses of expressions known not to fold, so that no subtree is tried twice.
    pub unfoldable: HashSet<usize>,
    /// Above zero while a statement is compiled a second time (the copies of a finally body): no warnings.
    pub quiet: u32,
    pub future_end: u32,
    /// Offsets of literals whose escapes have been warned of.
    pub warned: HashSet<u32>,
}

impl<'a> Compiler<'a> {
    pub fn new(
        table: &'a ScopeTable,
        lines: &'a Lines<'a>,
        options: Options,
        mode: Mode,
        filename: Arc<str>,
    ) -> Compiler<'a> {
        let u = Unit::new(UnitKind::Module, 0, "<module>".into(), "<module>".into(), 1);
        Compiler {
            table,
            lines,
            options,
            mode,
            filename,
            warnings: Vec::new(),
            u,
            outer: Vec::new(),
            unfoldable: HashSet::new(),
            quiet: 0,
            future_end: 0,
            warned: HashSet::new(),
        }
    }

    /// The code of a module or of interactive input.
    /// `future_end` is the offset behind which no import from the future may stand.
    pub fn module(mut self, body: &'a [Stmt], future_end: u32) -> Res<(CodeUnit, Vec<SyntaxWarning>)> {
        self.future_end = future_end;
        self.enter_module();
        self.module_body(body)?;
        self.finish_module(Loc::NONE)
    }

    /// The code of a single expression, whose value it returns.
    pub fn expression(mut self, body: &'a Expr) -> Res<(CodeUnit, Vec<SyntaxWarning>)> {
        self.enter_module();
        self.expr(body)?;
        self.op(Op::RETURN_VALUE, 0, Loc::of(body));
        self.finish_module(Loc::NONE)
    }

    fn finish_module(mut self, loc: Loc) -> Res<(CodeUnit, Vec<SyntaxWarning>)> {
        self.return_none(loc);
        let unit = self.take_unit()?;
        Ok((unit, self.warnings))
    }

    /// Appends an instruction without a name or jump operand.
    pub fn op(&mut self, op: Op, arg: u32, loc: Loc) {
        debug_assert!(!matches!(op.info().operand, Operand::Jump));
        self.u.flow.emit(op, arg, loc);
    }

    pub fn jump(&mut self, op: Op, target: BlockId, loc: Loc) {
        debug_assert!(matches!(op.info().operand, Operand::Jump));
        self.u.flow.emit(op, target, loc);
    }

    pub fn new_block(&mut self) -> BlockId {
        self.u.flow.new_block()
    }

    pub fn use_block(&mut self, block: BlockId) {
        self.u.flow.use_block(block);
    }

    pub fn load_const(&mut self, constant: Constant, loc: Loc) {
        let index = self.u.consts.add(constant);
        self.op(Op::LOAD_CONST, index, loc);
    }

    pub fn load_none(&mut self, loc: Loc) {
        self.load_const(Constant::None, loc);
    }

    pub fn load_str(&mut self, text: &str, loc: Loc) {
        self.load_const(Constant::Str(text.as_bytes().into()), loc);
    }

    /// `return None` where control may reach the end.
    pub fn return_none(&mut self, loc: Loc) {
        self.load_none(loc);
        self.op(Op::RETURN_VALUE, 0, loc);
    }

    pub fn scope(&self) -> &'a super::scope::Scope {
        &self.table.scopes[self.u.scope]
    }

    pub fn scope_at(&self, id: ScopeId) -> &'a super::scope::Scope {
        &self.table.scopes[id]
    }

    /// The name as the present class mangles it.
    pub fn mangled(&self, name: &str) -> Name {
        let class = match &self.scope().mangled {
            Some(only) if !only.contains(name) => None,
            _ => self.u.private.as_deref(),
        };
        super::scope::mangle(class, name).into()
    }

    pub fn warn(&mut self, loc: Loc, message: String) {
        if self.quiet > 0 {
            return;
        }
        let (line, column) = self.lines.position(loc.start);
        let (end_line, end_column) = self.lines.position(loc.end);
        self.warnings.push(SyntaxWarning { message, line, column, end_line, end_column, deprecation: false });
    }

    /// With what the parser has to warn of.
    pub fn warned(mut self, warnings: &[(Loc, &str)]) -> Self {
        for (loc, message) in warnings {
            self.warn(*loc, message.to_string());
        }
        self
    }

    /// An empty place at the start of a line: for instructions that belong to a line but to no text of it.
    pub fn line_start(&self, line: u32) -> Loc {
        Loc::at(self.lines.start(line))
    }
}
