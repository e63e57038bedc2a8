//! Type parameters and type aliases (PEP 695, 696): evaluated lazily, in functions of their own.

use super::functions::attribute;
use super::{Compiler, UnitKind};
use crate::bytecode::opcode::{CompareOp, Intrinsic, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::scope::Part;
use ruff_python_ast::{self as ast, Expr};

impl<'a> Compiler<'a> {
    /// Pushes a tuple of the type parameters, each also stored under its name.
    pub fn type_params(&mut self, params: &'a ast::TypeParams) -> Res {
        for param in &params.type_params {
            let loc = Loc::of(param);
            let name = param.name();
            self.load_str(&name.id, loc);
            match param {
                ast::TypeParam::TypeVar(p) => match &p.bound {
                    Some(bound) => {
                        let intrinsic = match &**bound {
                            Expr::Tuple(_) => Intrinsic::TypeVarWithConstraints,
                            _ => Intrinsic::TypeVarWithBound,
                        };
                        self.lazily(param, Part::Bound, &name.id, bound, false)?;
                        self.op(Op::CALL_INTRINSIC_2, intrinsic as u32, loc);
                    }
                    None => self.op(Op::CALL_INTRINSIC_1, Intrinsic::TypeVar as u32, loc),
                },
                ast::TypeParam::TypeVarTuple(_) => {
                    self.op(Op::CALL_INTRINSIC_1, Intrinsic::TypeVarTuple as u32, loc);
                }
                ast::TypeParam::ParamSpec(_) => self.op(Op::CALL_INTRINSIC_1, Intrinsic::ParamSpec as u32, loc),
            }
            if let Some(default) = param.default() {
                let star = matches!(param, ast::TypeParam::TypeVarTuple(_));
                self.lazily(param, Part::Default, &name.id, default, star)?;
                self.op(Op::CALL_INTRINSIC_2, Intrinsic::SetTypeparamDefault as u32, loc);
            }
            self.op(Op::COPY, 1, loc);
            self.store_name(&name.id, loc);
        }
        self.op(Op::BUILD_TUPLE, params.type_params.len() as u32, Loc::of(params));
        Ok(())
    }

    /// Pushes a function that evaluates an expression.
    fn lazily<T>(&mut self, node: &T, part: Part, name: &str, value: &'a Expr, star: bool) -> Res {
        let loc = Loc::of(value);
        let scope = self.table.of(node, part);
        // The format parameter has a default, so that the function can also be called without it.
        self.load_const(Constant::Tuple([Constant::Int(1)].into()), loc);
        self.begin_annotations(scope, name, loc, None);
        match value {
            Expr::Starred(inner) if star => {
                self.expr(&inner.value)?;
                self.op(Op::UNPACK_SEQUENCE, 1, loc);
            }
            Expr::Starred(_) => return fail(loc, "can't use starred expression here"),
            _ => self.expr(value)?,
        }
        self.op(Op::RETURN_VALUE, 0, loc);
        let code = self.leave()?;
        self.make_closure(code, attribute::DEFAULTS, loc);
        Ok(())
    }

    /// Enters a function with the parameter `format`, which refuses formats beyond VALUE_WITH_FAKE_GLOBALS (2).
    pub fn begin_annotations(&mut self, scope: usize, name: &str, loc: Loc, function: Option<&str>) {
        self.enter(UnitKind::Annotations, scope, name, self.lines.line(loc.start), function);
        self.u.arg_count = 1;
        self.u.positional_only = 1;
        let body = self.new_block();
        self.op(Op::LOAD_FAST, 0, loc);
        self.load_const(Constant::Int(2), loc);
        let greater = CompareOp::Gt as u32 | crate::bytecode::opcode::COMPARE_TO_BOOL;
        self.op(Op::COMPARE_OP, greater, loc);
        self.jump(Op::POP_JUMP_IF_FALSE, body, loc);
        self.op(Op::LOAD_COMMON_CONSTANT, 1, loc);
        self.op(Op::RAISE_VARARGS, 1, loc);
        self.use_block(body);
    }

    pub fn type_alias(&mut self, s: &'a ast::StmtTypeAlias) -> Res {
        let loc = Loc::of(s);
        let Expr::Name(name) = &*s.name else { return fail(loc, "invalid syntax") };
        let name = name.id.as_str();
        if let Some(params) = &s.type_params {
            let scope = self.table.of(s, Part::TypeParams);
            let title = format!("<generic parameters of {name}>");
            self.enter(UnitKind::Annotations, scope, &title, self.lines.line(loc.start), None);
            self.load_str(name, loc);
            self.type_params(params)?;
        } else {
            self.load_str(name, loc);
            self.load_none(loc);
        }
        self.load_const(Constant::Tuple([Constant::Int(1)].into()), loc);
        let scope = self.table.of(s, Part::Body);
        self.begin_annotations(scope, name, loc, None);
        self.expr(&s.value)?;
        self.op(Op::RETURN_VALUE, 0, loc);
        let code = self.leave()?;
        self.make_closure(code, attribute::DEFAULTS, loc);
        self.op(Op::BUILD_TUPLE, 3, loc);
        self.op(Op::CALL_INTRINSIC_1, Intrinsic::TypeAlias as u32, loc);
        if s.type_params.is_some() {
            self.op(Op::RETURN_VALUE, 0, loc);
            let code = self.leave()?;
            self.make_closure(code, 0, loc);
            self.op(Op::PUSH_NULL, 0, loc);
            self.op(Op::CALL, 0, loc);
        }
        self.store_name(name, loc);
        Ok(())
    }
}
