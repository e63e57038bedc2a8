//! Annotations: deferred into `__annotate__` functions (PEP 649, 749), or kept as text under the future import.

use super::functions::attribute;
use super::{Compiler, UnitKind};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::scope::{Name, Part};
use ruff_python_ast::{self as ast, Expr};

impl<'a> Compiler<'a> {
    /// Makes `__annotations__` a dict in the present namespace unless it has one.
    pub fn setup_annotations(&mut self, loc: Loc) {
        let done = self.new_block();
        self.load_str("__annotations__", loc);
        self.op(Op::LOAD_LOCALS, 0, loc);
        self.op(Op::CONTAINS_OP, 0, loc);
        self.jump(Op::POP_JUMP_IF_TRUE, done, loc);
        self.op(Op::BUILD_MAP, 0, loc);
        self.name_op(Op::STORE_NAME, "__annotations__", loc);
        self.use_block(done);
    }

    /// The annotation's value, or under the future import its text.
    fn annotation(&mut self, annotation: &'a Expr) -> Res {
        if self.options.future_annotations {
            let text = super::strings::unparse(annotation, self.lines.text);
            self.load_str(&text, Loc::of(annotation));
            return Ok(());
        }
        match annotation {
            // `*args: *Ts` annotates with the one item that unpacking gives.
            Expr::Starred(star) => {
                self.expr(&star.value)?;
                self.op(Op::UNPACK_SEQUENCE, 1, Loc::of(annotation));
                Ok(())
            }
            _ => self.expr(annotation),
        }
    }

    pub fn annotated(&mut self, s: &'a ast::StmtAnnAssign) -> Res {
        let loc = Loc::of(s);
        if let Some(value) = &s.value {
            self.expr(value)?;
            self.store_target(&s.target)?;
        }
        let namespace = matches!(self.u.kind, UnitKind::Module | UnitKind::Class);
        match &*s.target {
            Expr::Name(name) => {
                if !s.simple || !namespace {
                    return Ok(());
                }
                if self.options.future_annotations {
                    self.annotation(&s.annotation)?;
                    self.name_op(Op::LOAD_NAME, "__annotations__", loc);
                    let mangled = self.mangled(&name.id);
                    self.load_str(&mangled, loc);
                    self.op(Op::STORE_SUBSCR, 0, loc);
                    return Ok(());
                }
                let conditional =
                    self.scope().conditional_annotations && (self.u.kind == UnitKind::Module || self.u.conditional > 0);
                let index = conditional.then_some(self.u.next_conditional);
                if let Some(index) = index {
                    self.u.next_conditional += 1;
                    self.load_conditional_set(loc);
                    self.load_const(Constant::Int(index.into()), loc);
                    self.op(Op::SET_ADD, 1, loc);
                    self.op(Op::POP_TOP, 0, loc);
                }
                self.u.deferred.push((s, index));
            }
            // Without a value the parts of the target are evaluated all the same.
            Expr::Attribute(e) => {
                if s.value.is_none() {
                    self.expr(&e.value)?;
                    self.op(Op::POP_TOP, 0, loc);
                }
            }
            Expr::Subscript(e) => {
                if s.value.is_none() {
                    self.expr(&e.value)?;
                    self.op(Op::POP_TOP, 0, loc);
                    self.expr(&e.slice)?;
                    self.op(Op::POP_TOP, 0, loc);
                }
            }
            _ => return fail(loc, "invalid node type for annotated assignment"),
        }
        Ok(())
    }

    fn load_conditional_set(&mut self, loc: Loc) {
        let name = "__conditional_annotations__";
        if self.u.kind == UnitKind::Class {
            let slot = self.cell_slot(&name.into());
            self.op(Op::LOAD_DEREF, slot, loc);
        } else {
            self.load_name(name, loc);
        }
    }

    /// Makes the `__annotate__` function of a class or module from the annotations met in its body.
    pub fn deferred_annotations(&mut self) -> Res {
        let deferred = std::mem::take(&mut self.u.deferred);
        let Some((first, _)) = deferred.first() else { return Ok(()) };
        let loc = Loc::of(*first);
        let Some(scope) = self.table.annotations_of(self.u.scope) else { return Ok(()) };
        let class = self.u.kind == UnitKind::Class;
        self.begin_annotations(scope, "__annotate__", loc, None);
        self.op(Op::BUILD_MAP, 0, loc);
        for (s, index) in deferred {
            let at = Loc::of(s);
            let skip = self.new_block();
            if let Some(index) = index {
                self.load_const(Constant::Int(index.into()), at);
                if class {
                    let slot = self.cell_slot(&"__conditional_annotations__".into());
                    self.op(Op::LOAD_DEREF, slot, at);
                } else {
                    self.raw_name_op(Op::LOAD_GLOBAL, &"__conditional_annotations__".into(), at);
                }
                self.op(Op::CONTAINS_OP, 0, at);
                self.jump(Op::POP_JUMP_IF_FALSE, skip, at);
            }
            self.annotation(&s.annotation)?;
            self.op(Op::COPY, 2, at);
            if let Expr::Name(name) = &*s.target {
                let mangled = self.mangled(&name.id);
                self.load_str(&mangled, at);
            }
            self.op(Op::STORE_SUBSCR, 0, at);
            self.use_block(skip);
        }
        self.op(Op::RETURN_VALUE, 0, loc);
        let code = self.leave()?;
        self.make_closure(code, 0, loc);
        self.store_name(if class { "__annotate_func__" } else { "__annotate__" }, loc);
        Ok(())
    }

    /// Pushes a function's annotations: its `__annotate__` function, or their texts under the future import. Returns
    /// the bits for `make_closure`.
    pub fn function_annotations(&mut self, s: &'a ast::StmtFunctionDef, loc: Loc) -> Res<u32> {
        // In the order of `__annotations__`: as in the source, *args before keyword-only parameters.
        let parameters: Vec<(&'a str, &'a Expr)> = s
            .parameters
            .posonlyargs
            .iter()
            .chain(&s.parameters.args)
            .map(|p| &p.parameter)
            .chain(s.parameters.vararg.as_deref())
            .chain(s.parameters.kwonlyargs.iter().map(|p| &p.parameter))
            .chain(s.parameters.kwarg.as_deref())
            .filter_map(|p| p.annotation.as_deref().map(|a| (p.name.id.as_str(), a)))
            .chain(s.returns.as_deref().map(|r| ("return", r)))
            .collect();
        if parameters.is_empty() {
            return Ok(0);
        }
        if self.options.future_annotations {
            for (name, annotation) in &parameters {
                let name = self.mangled(name);
                self.load_str(&name, loc);
                self.annotation(annotation)?;
            }
            self.op(Op::BUILD_MAP, parameters.len() as u32, loc);
            return Ok(attribute::ANNOTATIONS);
        }
        let scope = self.table.of(s, Part::Annotations);
        self.begin_annotations(scope, "__annotate__", loc, Some(&s.name.id));
        for (name, annotation) in &parameters {
            let name: Name = self.mangled(name);
            self.load_str(&name, loc);
            self.annotation(annotation)?;
        }
        self.op(Op::BUILD_MAP, parameters.len() as u32, loc);
        self.op(Op::RETURN_VALUE, 0, loc);
        let code = self.leave()?;
        self.make_closure(code, 0, loc);
        Ok(attribute::ANNOTATE)
    }
}
