//! Assignment, augmented assignment and deletion.

use super::Compiler;
use super::exprs::binary_op;
use crate::bytecode::opcode::{BinaryOp, Op};
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast::{self as ast, Expr};

impl<'a> Compiler<'a> {
    pub fn assign(&mut self, s: &'a ast::StmtAssign) -> Res {
        let loc = Loc::of(s);
        self.expr(&s.value)?;
        let last = s.targets.len() - 1;
        for (i, target) in s.targets.iter().enumerate() {
            if i < last {
                self.op(Op::COPY, 1, loc);
            }
            self.store_target(target)?;
        }
        Ok(())
    }

    /// Pops a value into a target.
    pub fn store_target(&mut self, target: &'a Expr) -> Res {
        let loc = Loc::of(target);
        match target {
            Expr::Name(e) => self.store_name(&e.id, loc),
            Expr::Attribute(e) => {
                self.note_attribute(e);
                self.expr(&e.value)?;
                let at = self.attribute_place(e);
                self.name_op(Op::STORE_ATTR, &e.attr.id, at);
            }
            Expr::Subscript(e) => {
                self.check_subscript(e);
                self.expr(&e.value)?;
                if self.two_part_slice(&e.slice)? {
                    self.op(Op::STORE_SLICE, 0, loc);
                } else {
                    self.expr(&e.slice)?;
                    self.op(Op::STORE_SUBSCR, 0, loc);
                }
            }
            Expr::List(e) => return self.unpack(&e.elts, loc),
            Expr::Tuple(e) => return self.unpack(&e.elts, loc),
            Expr::Starred(_) => return fail(loc, "starred assignment target must be in a list or tuple"),
            _ => return fail(loc, "cannot assign to expression"),
        }
        Ok(())
    }

    fn unpack(&mut self, targets: &'a [Expr], loc: Loc) -> Res {
        let mut star = None;
        for (i, target) in targets.iter().enumerate() {
            if target.is_starred_expr() {
                if star.is_some() {
                    return fail(loc, "multiple starred expressions in assignment");
                }
                let after = targets.len() - i - 1;
                if i >= 1 << 8 || after >= 1 << 16 {
                    return fail(loc, "too many expressions in star-unpacking assignment");
                }
                self.op(Op::UNPACK_EX, (i | after << 8) as u32, loc);
                star = Some(i);
            }
        }
        if star.is_none() {
            self.op(Op::UNPACK_SEQUENCE, targets.len() as u32, loc);
        }
        for target in targets {
            match target {
                Expr::Starred(s) => self.store_target(&s.value)?,
                _ => self.store_target(target)?,
            }
        }
        Ok(())
    }

    /// `self.name = ...` in a method makes the class's `__static_attributes__`.
    fn note_attribute(&mut self, e: &ast::ExprAttribute) {
        use super::UnitKind;
        if !matches!(&*e.value, Expr::Name(n) if n.id.as_str() == "self") {
            return;
        }
        let mangled = self.mangled(&e.attr.id);
        if !matches!(
            self.u.kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Lambda | UnitKind::Comprehension
        ) {
            return;
        }
        if let Some(class) = self.outer.iter_mut().rev().find(|u| u.kind == UnitKind::Class) {
            class.static_attributes.insert(mangled);
        }
    }

    pub fn augmented(&mut self, s: &'a ast::StmtAugAssign) -> Res {
        let loc = Loc::of(s);
        let at = Loc::of(&*s.target);
        let op = binary_op(s.op) as u32 + BinaryOp::IAdd as u32;
        match &*s.target {
            Expr::Name(e) => {
                self.load_name(&e.id, at);
                self.expr(&s.value)?;
                self.op(Op::BINARY_OP, op, loc);
                self.store_name(&e.id, at);
            }
            Expr::Attribute(e) => {
                self.note_attribute(e);
                self.expr(&e.value)?;
                self.op(Op::COPY, 1, at);
                let at = self.attribute_place(e);
                self.name_op(Op::LOAD_ATTR, &e.attr.id, at);
                self.expr(&s.value)?;
                self.op(Op::BINARY_OP, op, loc);
                self.op(Op::SWAP, 2, at);
                self.name_op(Op::STORE_ATTR, &e.attr.id, at);
            }
            Expr::Subscript(e) => {
                self.check_subscript(e);
                self.expr(&e.value)?;
                if self.two_part_slice(&e.slice)? {
                    for _ in 0..3 {
                        self.op(Op::COPY, 3, at);
                    }
                    self.op(Op::BINARY_SLICE, 0, at);
                    self.expr(&s.value)?;
                    self.op(Op::BINARY_OP, op, loc);
                    for depth in [4, 3, 2] {
                        self.op(Op::SWAP, depth, at);
                    }
                    self.op(Op::STORE_SLICE, 0, at);
                } else {
                    self.expr(&e.slice)?;
                    self.op(Op::COPY, 2, at);
                    self.op(Op::COPY, 2, at);
                    self.op(Op::BINARY_SUBSCR, 0, at);
                    self.expr(&s.value)?;
                    self.op(Op::BINARY_OP, op, loc);
                    self.op(Op::SWAP, 3, at);
                    self.op(Op::SWAP, 2, at);
                    self.op(Op::STORE_SUBSCR, 0, at);
                }
            }
            _ => return fail(at, "illegal expression for augmented assignment"),
        }
        Ok(())
    }

    pub fn delete(&mut self, target: &'a Expr) -> Res {
        let loc = Loc::of(target);
        match target {
            Expr::Name(e) => self.delete_name(&e.id, loc),
            Expr::Attribute(e) => {
                self.expr(&e.value)?;
                let at = self.attribute_place(e);
                self.name_op(Op::DELETE_ATTR, &e.attr.id, at);
            }
            Expr::Subscript(e) => {
                self.check_subscript(e);
                self.expr(&e.value)?;
                self.expr(&e.slice)?;
                self.op(Op::DELETE_SUBSCR, 0, loc);
            }
            Expr::List(e) => return e.elts.iter().try_for_each(|t| self.delete(t)),
            Expr::Tuple(e) => return e.elts.iter().try_for_each(|t| self.delete(t)),
            _ => return fail(loc, "cannot delete expression"),
        }
        Ok(())
    }
}
