//! Class definitions.

use super::{Compiler, UnitKind};
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::bytecode::unit::{CodeUnit, Constant};
use crate::compiler::error::{Loc, Res};
use crate::compiler::scope::{Name, Part};
use ruff_python_ast as ast;

impl<'a> Compiler<'a> {
    pub fn class(&mut self, s: &'a ast::StmtClassDef) -> Res {
        let whole = Loc::of(s);
        self.decorators(&s.decorator_list)?;
        let loc = self.keyword_place(whole, &s.decorator_list);
        let first_line = match s.decorator_list.first() {
            Some(d) => self.lines.line(Loc::of(&d.expression).start),
            None => self.lines.line(loc.start),
        };
        let outer_class = self.u.private.clone();
        if let Some(params) = &s.type_params {
            let scope = self.table.of(s, Part::TypeParams);
            let name = format!("<generic parameters of {}>", s.name.id);
            self.enter(UnitKind::Annotations, scope, &name, first_line, None);
            self.u.private = Some((*s.name.id).into());
            self.type_params(params)?;
            self.store_name(".type_params", loc);
        }
        let code = self.class_body(s, first_line, loc)?;
        if s.type_params.is_some() {
            self.load_name(".type_params", loc);
            self.op(Op::CALL_INTRINSIC_1, Intrinsic::SubscriptGeneric as u32, loc);
            self.store_name(".generic_base", loc);
        }
        self.op(Op::LOAD_BUILD_CLASS, 0, loc);
        self.op(Op::PUSH_NULL, 0, loc);
        self.make_closure(code, 0, loc);
        self.load_str(&s.name.id, loc);
        if s.type_params.is_some() {
            self.generic_bases(s, loc)?;
            self.op(Op::RETURN_VALUE, 0, loc);
            self.u.private = outer_class;
            let code = self.leave()?;
            self.make_closure(code, 0, loc);
            self.op(Op::PUSH_NULL, 0, loc);
            self.op(Op::CALL, 0, loc);
        } else {
            match &s.arguments {
                Some(arguments) => self.call_with(arguments, 2, loc)?,
                None => self.op(Op::CALL, 2, loc),
            }
        }
        self.apply_decorators(&s.decorator_list);
        self.store_name(&s.name.id, loc);
        Ok(())
    }

    /// The call of `__build_class__` with Generic[...] behind the bases.
    fn generic_bases(&mut self, s: &'a ast::StmtClassDef, loc: Loc) -> Res {
        let bases = s.bases();
        let keywords = s.keywords();
        let plain = !bases.iter().any(ast::Expr::is_starred_expr) && keywords.iter().all(|k| k.arg.is_some());
        if plain {
            for base in bases {
                self.expr(base)?;
            }
            self.load_name(".generic_base", loc);
            let total = 3 + (bases.len() + keywords.len()) as u32;
            if let Some(arguments) = &s.arguments
                && !keywords.is_empty()
            {
                self.check_keywords(arguments)?;
                for keyword in keywords {
                    self.expr(&keyword.value)?;
                }
                let names = keywords.iter().filter_map(|k| k.arg.as_ref());
                let names = names.map(|n| Constant::Str(n.id.as_bytes().into())).collect();
                self.load_const(Constant::Tuple(names), loc);
                self.op(Op::CALL_KW, total, loc);
            } else {
                self.op(Op::CALL, total, loc);
            }
            return Ok(());
        }
        self.op(Op::BUILD_LIST, 2, loc);
        for base in bases {
            match base {
                ast::Expr::Starred(star) => {
                    self.expr(&star.value)?;
                    self.op(Op::LIST_EXTEND, 1, loc);
                }
                _ => {
                    self.expr(base)?;
                    self.op(Op::LIST_APPEND, 1, loc);
                }
            }
        }
        self.load_name(".generic_base", loc);
        self.op(Op::LIST_APPEND, 1, loc);
        self.list_to_tuple(loc);
        if let Some(arguments) = &s.arguments {
            self.check_keywords(arguments)?;
        }
        let dict = !keywords.is_empty();
        if dict {
            self.op(Op::BUILD_MAP, 0, loc);
            for keyword in keywords {
                match &keyword.arg {
                    Some(name) => {
                        self.load_str(&name.id, loc);
                        self.expr(&keyword.value)?;
                        self.op(Op::BUILD_MAP, 1, loc);
                    }
                    None => self.expr(&keyword.value)?,
                }
                self.op(Op::DICT_MERGE, 1, loc);
            }
        }
        self.op(Op::CALL_FUNCTION_EX, u32::from(dict), loc);
        Ok(())
    }

    fn class_body(&mut self, s: &'a ast::StmtClassDef, first_line: u32, def: Loc) -> Res<CodeUnit> {
        let scope_id = self.table.of(s, Part::Body);
        self.enter(UnitKind::Class, scope_id, &s.name.id, first_line, None);
        self.u.private = Some((*s.name.id).into());
        let loc = self.line_start(first_line);
        let scope = self.scope();
        self.load_name("__name__", loc);
        self.store_name("__module__", loc);
        let qualname = self.u.qualname.clone();
        self.load_str(&qualname, loc);
        self.store_name("__qualname__", loc);
        self.load_const(Constant::Int(first_line.into()), loc);
        self.store_name("__firstlineno__", loc);
        if s.type_params.is_some() {
            self.load_name(".type_params", loc);
            self.store_name("__type_params__", loc);
        }
        if scope.needs_classdict {
            self.op(Op::LOAD_LOCALS, 0, loc);
            let slot = self.cell_slot(&"__classdict__".into());
            self.op(Op::STORE_DEREF, slot, loc);
        }
        if scope.conditional_annotations && !self.options.future_annotations {
            self.op(Op::BUILD_SET, 0, loc);
            let slot = self.cell_slot(&"__conditional_annotations__".into());
            self.op(Op::STORE_DEREF, slot, loc);
        }
        if self.options.future_annotations && scope.annotations_used {
            self.setup_annotations(loc);
        }
        let body = self.docstring(&s.body);
        self.stmts(body)?;
        self.deferred_annotations()?;
        let end = Loc::NONE;
        let attributes = self.u.static_attributes.iter().map(|n| Constant::Str(n.as_bytes().into())).collect();
        self.load_const(Constant::Tuple(attributes), end);
        self.store_name("__static_attributes__", end);
        if scope.needs_classdict {
            let slot = self.cell_slot(&Name::from("__classdict__"));
            self.op(Op::LOAD_CLOSURE, slot, end);
            self.store_name("__classdictcell__", end);
        }
        if scope.needs_class_cell {
            let slot = self.u.fast.get("__class__").copied().unwrap_or(0);
            self.op(Op::LOAD_CLOSURE, slot, end);
            self.op(Op::COPY, 1, end);
            self.store_name("__classcell__", end);
        } else {
            self.load_none(end);
        }
        self.op(Op::RETURN_VALUE, 0, end);
        let _ = def;
        self.leave()
    }
}
