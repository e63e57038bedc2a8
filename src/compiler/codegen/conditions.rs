//! Conditions as jumps, comparisons, boolean operators.

use super::Compiler;
use crate::bytecode::opcode::{COMPARE_TO_BOOL, CompareOp, Op};
use crate::compiler::error::{Loc, Res};
use crate::compiler::flow::BlockId;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, UnaryOp};

impl<'a> Compiler<'a> {
    /// Jumps to `target` if the expression's truth is `when`, else goes on.
    pub fn jump_if(&mut self, expr: &'a Expr, target: BlockId, when: bool, loc: Loc) -> Res {
        match expr {
            Expr::UnaryOp(e) if e.op == UnaryOp::Not => return self.jump_if(&e.operand, target, !when, loc),
            Expr::BoolOp(e) => {
                // `or` is decided by a true operand, `and` by a false one.
                let decides = e.op == BoolOp::Or;
                let end = if when == decides { target } else { self.new_block() };
                let Some((last, rest)) = e.values.split_last() else { return Ok(()) };
                for value in rest {
                    self.jump_if(value, end, decides, loc)?;
                }
                self.jump_if(last, target, when, loc)?;
                if when != decides {
                    self.use_block(end);
                }
                return Ok(());
            }
            Expr::If(e) => {
                let (end, orelse) = (self.new_block(), self.new_block());
                self.jump_if(&e.test, orelse, false, loc)?;
                self.jump_if(&e.body, target, when, loc)?;
                self.jump(Op::JUMP, end, Loc::NONE);
                self.use_block(orelse);
                self.jump_if(&e.orelse, target, when, loc)?;
                self.use_block(end);
                return Ok(());
            }
            Expr::Compare(e) if e.ops.len() > 1 => return self.jump_if_chain(e, target, when),
            _ => {}
        }
        if let Some(truth) = self.fold(expr).and_then(|c| super::fold::truth(&c)) {
            self.op(Op::NOP, 0, Loc::of(expr));
            if truth == when {
                self.jump(Op::JUMP, target, loc);
            }
            return Ok(());
        }
        if let Expr::Compare(e) = expr {
            // `x is None` has jumps of its own.
            if let ([op @ (CmpOp::Is | CmpOp::IsNot)], [Expr::NoneLiteral(_)]) = (&*e.ops, &*e.comparators) {
                self.check_compare(e);
                self.expr(&e.left)?;
                let none = (*op == CmpOp::Is) == when;
                let op = if none { Op::POP_JUMP_IF_NONE } else { Op::POP_JUMP_IF_NOT_NONE };
                self.jump(op, target, Loc::of(expr));
                return Ok(());
            }
            self.compare(e, COMPARE_TO_BOOL)?;
        } else {
            self.expr(expr)?;
        }
        let op = if when { Op::POP_JUMP_IF_TRUE } else { Op::POP_JUMP_IF_FALSE };
        self.jump(op, target, Loc::of(expr));
        Ok(())
    }

    fn jump_if_chain(&mut self, e: &'a ast::ExprCompare, target: BlockId, when: bool) -> Res {
        let loc = Loc::of(e);
        self.check_compare(e);
        let (cleanup, end) = (self.new_block(), self.new_block());
        self.expr(&e.left)?;
        let last = e.ops.len() - 1;
        for (op, right) in e.ops.iter().zip(&e.comparators).take(last) {
            self.comparand(*op, right)?;
            self.op(Op::SWAP, 2, loc);
            self.op(Op::COPY, 2, loc);
            self.compare_op(*op, COMPARE_TO_BOOL, loc);
            self.jump(Op::POP_JUMP_IF_FALSE, cleanup, loc);
        }
        self.comparand(e.ops[last], &e.comparators[last])?;
        self.compare_op(e.ops[last], COMPARE_TO_BOOL, loc);
        self.jump(if when { Op::POP_JUMP_IF_TRUE } else { Op::POP_JUMP_IF_FALSE }, target, loc);
        self.jump(Op::JUMP, end, Loc::NONE);
        self.use_block(cleanup);
        self.op(Op::POP_TOP, 0, loc);
        if !when {
            self.jump(Op::JUMP, target, Loc::NONE);
        }
        self.use_block(end);
        Ok(())
    }

    /// The right side of a comparison; displays behind `in` become constants.
    fn comparand(&mut self, op: CmpOp, expr: &'a Expr) -> Res {
        match op {
            CmpOp::In | CmpOp::NotIn => self.iterable(expr),
            _ => self.expr(expr),
        }
    }

    fn compare_op(&mut self, op: CmpOp, to_bool: u32, loc: Loc) {
        let compare = match op {
            CmpOp::Eq => CompareOp::Eq,
            CmpOp::NotEq => CompareOp::Ne,
            CmpOp::Lt => CompareOp::Lt,
            CmpOp::LtE => CompareOp::Le,
            CmpOp::Gt => CompareOp::Gt,
            CmpOp::GtE => CompareOp::Ge,
            CmpOp::Is => return self.op(Op::IS_OP, 0, loc),
            CmpOp::IsNot => return self.op(Op::IS_OP, 1, loc),
            CmpOp::In => return self.op(Op::CONTAINS_OP, 0, loc),
            CmpOp::NotIn => return self.op(Op::CONTAINS_OP, 1, loc),
        };
        self.op(Op::COMPARE_OP, compare as u32 | to_bool, loc);
    }

    /// A comparison's value. `to_bool` is `COMPARE_TO_BOOL` when only its truth is wanted.
    pub fn compare(&mut self, e: &'a ast::ExprCompare, to_bool: u32) -> Res {
        self.check_compare(e);
        let loc = Loc::of(e);
        self.expr(&e.left)?;
        if let ([op], [right]) = (&*e.ops, &*e.comparators) {
            self.comparand(*op, right)?;
            self.compare_op(*op, to_bool, loc);
            return Ok(());
        }
        let (cleanup, end) = (self.new_block(), self.new_block());
        let last = e.ops.len() - 1;
        for (op, right) in e.ops.iter().zip(&e.comparators).take(last) {
            self.comparand(*op, right)?;
            self.op(Op::SWAP, 2, loc);
            self.op(Op::COPY, 2, loc);
            self.compare_op(*op, 0, loc);
            self.jump(Op::JUMP_IF_FALSE_OR_POP, cleanup, loc);
        }
        self.comparand(e.ops[last], &e.comparators[last])?;
        self.compare_op(e.ops[last], 0, loc);
        self.jump(Op::JUMP, end, Loc::NONE);
        self.use_block(cleanup);
        self.op(Op::SWAP, 2, loc);
        self.op(Op::POP_TOP, 0, loc);
        self.use_block(end);
        Ok(())
    }

    /// Warns about identity tests against literals.
    fn check_compare(&mut self, e: &'a ast::ExprCompare) {
        fn kind(e: &Expr) -> Option<&'static str> {
            match e {
                Expr::StringLiteral(_) => Some("str"),
                Expr::BytesLiteral(_) => Some("bytes"),
                Expr::NumberLiteral(n) => Some(match n.value {
                    ast::Number::Int(_) => "int",
                    ast::Number::Float(_) => "float",
                    ast::Number::Complex { .. } => "complex",
                }),
                Expr::Tuple(t) if t.elts.iter().all(is_plain) => Some("tuple"),
                _ => None,
            }
        }
        fn is_plain(e: &Expr) -> bool {
            e.is_literal_expr() || matches!(e, Expr::Tuple(t) if t.elts.iter().all(is_plain))
        }
        let mut left = &*e.left;
        for (op, right) in e.ops.iter().zip(&e.comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot)
                && let Some(kind) = kind(left).or_else(|| kind(right))
            {
                let (shown, instead) = if *op == CmpOp::Is { ("is", "==") } else { ("is not", "!=") };
                let message = format!("\"{shown}\" with '{kind}' literal. Did you mean \"{instead}\"?");
                self.warn(Loc::of(e), message);
            }
            left = right;
        }
    }

    pub fn bool_op(&mut self, e: &'a ast::ExprBoolOp) -> Res {
        let loc = Loc::of(e);
        let jump = if e.op == BoolOp::And { Op::JUMP_IF_FALSE_OR_POP } else { Op::JUMP_IF_TRUE_OR_POP };
        let end = self.new_block();
        let Some((last, rest)) = e.values.split_last() else { return Ok(()) };
        for value in rest {
            self.expr(value)?;
            self.jump(jump, end, loc);
        }
        self.expr(last)?;
        self.use_block(end);
        Ok(())
    }
}
