//! Expressions.

use super::Compiler;
use crate::bytecode::opcode::{BinaryOp, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast::{self as ast, Expr, Operator, UnaryOp};

/// The instruction operand of an operator.
pub fn binary_op(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Subtract,
        Operator::Mult => BinaryOp::Multiply,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::TrueDivide,
        Operator::Mod => BinaryOp::Remainder,
        Operator::Pow => BinaryOp::Power,
        Operator::LShift => BinaryOp::LShift,
        Operator::RShift => BinaryOp::RShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDivide,
    }
}

/// What a display builds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Display {
    List,
    Tuple,
    Set,
}

impl<'a> Compiler<'a> {
    /// Pushes the expression's value.
    pub fn expr(&mut self, expr: &'a Expr) -> Res {
        let loc = Loc::of(expr);
        if let Some(constant) = self.fold(expr) {
            self.load_const(constant, loc);
            return Ok(());
        }
        match expr {
            Expr::Name(e) => self.load_name(&e.id, loc),
            Expr::Attribute(e) => return self.attribute(e),
            Expr::Call(e) => return self.call(e),
            Expr::BoolOp(e) => return self.bool_op(e),
            Expr::BinOp(e) => {
                if self.percent_format(e)? {
                    return Ok(());
                }
                self.expr(&e.left)?;
                self.expr(&e.right)?;
                self.op(Op::BINARY_OP, binary_op(e.op) as u32, loc);
            }
            Expr::UnaryOp(e) => {
                self.expr(&e.operand)?;
                let op = match e.op {
                    UnaryOp::Invert => Op::UNARY_INVERT,
                    UnaryOp::Not => Op::UNARY_NOT,
                    UnaryOp::UAdd => Op::UNARY_POSITIVE,
                    UnaryOp::USub => Op::UNARY_NEGATIVE,
                };
                self.op(op, 0, loc);
            }
            Expr::Compare(e) => return self.compare(e, 0),
            Expr::If(e) => {
                let (orelse, end) = (self.new_block(), self.new_block());
                self.jump_if(&e.test, orelse, false, loc)?;
                self.expr(&e.body)?;
                self.jump(Op::JUMP, end, Loc::NONE);
                self.use_block(orelse);
                self.expr(&e.orelse)?;
                self.use_block(end);
            }
            Expr::Lambda(e) => return self.lambda(e),
            Expr::Named(e) => {
                self.expr(&e.value)?;
                self.op(Op::COPY, 1, loc);
                return self.store_target(&e.target);
            }
            Expr::Dict(e) => return self.dict(e),
            Expr::Set(e) => return self.display(&e.elts, 0, Display::Set, loc),
            Expr::List(e) => return self.display(&e.elts, 0, Display::List, loc),
            Expr::Tuple(e) => return self.display(&e.elts, 0, Display::Tuple, loc),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                return self.comprehension(expr);
            }
            Expr::Subscript(e) => return self.subscript(e),
            Expr::Slice(e) => {
                let n = self.slice_parts(e)?;
                self.op(Op::BUILD_SLICE, n, loc);
            }
            Expr::Starred(_) => return fail(loc, "can't use starred expression here"),
            Expr::Yield(e) => {
                if !self.scope().block.function_like() {
                    return fail(loc, "'yield' outside function");
                }
                match &e.value {
                    Some(value) => self.expr(value)?,
                    None => self.load_none(loc),
                }
                if self.scope().coroutine {
                    let wrap = crate::bytecode::opcode::Intrinsic::AsyncGenWrap as u32;
                    self.op(Op::CALL_INTRINSIC_1, wrap, loc);
                }
                self.op(Op::YIELD_VALUE, 0, loc);
                self.op(Op::RESUME, 1, loc);
            }
            Expr::YieldFrom(e) => {
                if !self.scope().block.function_like() {
                    return fail(loc, "'yield from' outside function");
                }
                if self.scope().async_def {
                    return fail(loc, "'yield from' inside async function");
                }
                self.expr(&e.value)?;
                self.op(Op::GET_YIELD_FROM_ITER, 0, loc);
                self.load_none(loc);
                self.yield_from(loc, false);
            }
            Expr::Await(e) => {
                self.expr(&e.value)?;
                self.await_value(0, loc);
            }
            Expr::FString(e) => return self.fstring(e),
            Expr::TString(e) => return self.tstring(e),
            // Literals have been folded above.
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => return fail(loc, "invalid syntax"),
        }
        Ok(())
    }

    fn attribute(&mut self, e: &'a ast::ExprAttribute) -> Res {
        let loc = Loc::of(e);
        if let Expr::Call(call) = &*e.value
            && self.super_call(call)
        {
            self.load_super_args(call)?;
            self.name_op(Op::LOAD_SUPER_ATTR, &e.attr.id, loc);
            return Ok(());
        }
        self.expr(&e.value)?;
        let at = self.attribute_place(e);
        self.name_op(Op::LOAD_ATTR, &e.attr.id, at);
        Ok(())
    }

    /// The place of an attribute access: on the attribute's line where the object ends on an earlier one.
    pub fn attribute_place(&self, e: &ast::ExprAttribute) -> Loc {
        let loc = Loc::of(e);
        let attr = Loc::of(&e.attr);
        if self.lines.line(attr.start) != self.lines.line(loc.start) { attr } else { loc }
    }

    /// A list, tuple or set display. `pushed` items are on the stack already.
    pub fn display(&mut self, elts: &'a [Expr], pushed: u32, kind: Display, loc: Loc) -> Res {
        let n = elts.len() as u32;
        let (build, add, extend) = match kind {
            Display::List | Display::Tuple => (Op::BUILD_LIST, Op::LIST_APPEND, Op::LIST_EXTEND),
            Display::Set => (Op::BUILD_SET, Op::SET_ADD, Op::SET_UPDATE),
        };
        // A long display of constants is one constant that fills the container.
        if n > 2
            && pushed == 0
            && kind != Display::Tuple
            && let Some(constants) = self.fold_all(elts)
        {
            let constant = match kind {
                Display::Set => Constant::FrozenSet(constants),
                _ => Constant::Tuple(constants),
            };
            self.op(build, 0, loc);
            self.load_const(constant, loc);
            self.op(extend, 1, loc);
            return Ok(());
        }
        let big = n + pushed > 30;
        let starred = elts.iter().any(Expr::is_starred_expr);
        if !starred && !big {
            for item in elts {
                self.expr(item)?;
            }
            let build = if kind == Display::Tuple { Op::BUILD_TUPLE } else { build };
            self.op(build, n + pushed, loc);
            return Ok(());
        }
        let mut built = false;
        if big {
            self.op(build, pushed, loc);
            built = true;
        }
        for (i, item) in elts.iter().enumerate() {
            if let Expr::Starred(star) = item {
                if !built {
                    self.op(build, i as u32 + pushed, loc);
                    built = true;
                }
                self.expr(&star.value)?;
                self.op(extend, 1, loc);
            } else {
                self.expr(item)?;
                if built {
                    self.op(add, 1, loc);
                }
            }
        }
        if kind == Display::Tuple {
            let to_tuple = crate::bytecode::opcode::Intrinsic::ListToTuple as u32;
            self.op(Op::CALL_INTRINSIC_1, to_tuple, loc);
        }
        Ok(())
    }

    fn dict(&mut self, e: &'a ast::ExprDict) -> Res {
        let loc = Loc::of(e);
        let mut built = false;
        let mut pending: u32 = 0;
        const CHUNK: u32 = 16;
        for item in &e.items {
            match &item.key {
                None => {
                    if pending > 0 {
                        self.flush_dict(&mut built, pending, loc);
                        pending = 0;
                    }
                    if !built {
                        self.op(Op::BUILD_MAP, 0, loc);
                        built = true;
                    }
                    self.expr(&item.value)?;
                    self.op(Op::DICT_UPDATE, 1, loc);
                }
                Some(key) => {
                    if e.items.len() as u32 > CHUNK {
                        // A large display grows the dict one item at a time, so that the stack stays flat.
                        if !built {
                            self.op(Op::BUILD_MAP, 0, loc);
                            built = true;
                        }
                        self.expr(key)?;
                        self.expr(&item.value)?;
                        self.op(Op::MAP_ADD, 1, loc);
                    } else {
                        self.expr(key)?;
                        self.expr(&item.value)?;
                        pending += 1;
                    }
                }
            }
        }
        if pending > 0 || !built {
            self.flush_dict(&mut built, pending, loc);
        }
        Ok(())
    }

    fn flush_dict(&mut self, built: &mut bool, pending: u32, loc: Loc) {
        self.op(Op::BUILD_MAP, pending, loc);
        if *built {
            self.op(Op::DICT_UPDATE, 1, loc);
        }
        *built = true;
    }

    fn subscript(&mut self, e: &'a ast::ExprSubscript) -> Res {
        let loc = Loc::of(e);
        self.check_subscript(e);
        self.expr(&e.value)?;
        if self.two_part_slice(&e.slice)? {
            self.op(Op::BINARY_SLICE, 0, loc);
        } else {
            self.expr(&e.slice)?;
            self.op(Op::BINARY_SUBSCR, 0, loc);
        }
        Ok(())
    }

    /// Pushes start and stop of a slice without a step that is no constant; false for anything else.
    pub fn two_part_slice(&mut self, slice: &'a Expr) -> Res<bool> {
        let Expr::Slice(s) = slice else { return Ok(false) };
        if s.step.is_some() || self.fold(slice).is_some() {
            return Ok(false);
        }
        self.slice_parts(s)?;
        Ok(true)
    }

    fn slice_parts(&mut self, s: &'a ast::ExprSlice) -> Res<u32> {
        let loc = Loc::of(s);
        for part in [&s.lower, &s.upper] {
            match part {
                Some(part) => self.expr(part)?,
                None => self.load_none(loc),
            }
        }
        match &s.step {
            Some(step) => {
                self.expr(step)?;
                Ok(3)
            }
            None => Ok(2),
        }
    }
}
