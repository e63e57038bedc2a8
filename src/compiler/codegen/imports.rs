//! Imports.

use super::Compiler;
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use ruff_python_ast as ast;

impl<'a> Compiler<'a> {
    pub fn import(&mut self, s: &'a ast::StmtImport) -> Res {
        let loc = Loc::of(s);
        for alias in &s.names {
            self.load_const(Constant::Int(0), loc);
            self.load_none(loc);
            let name = alias.name.id.as_str();
            self.name_op(Op::IMPORT_NAME, name, loc);
            match &alias.asname {
                Some(asname) => self.import_as(name, &asname.id, loc),
                None => {
                    let first = name.split('.').next().unwrap_or(name);
                    self.store_name(first, loc);
                }
            }
        }
        Ok(())
    }

    /// `import a.b.c as d` binds the innermost module, found by way of the outer ones.
    fn import_as(&mut self, name: &str, asname: &str, loc: Loc) {
        let mut parts = name.split('.').skip(1).peekable();
        if parts.peek().is_none() {
            return self.store_name(asname, loc);
        }
        while let Some(part) = parts.next() {
            self.raw_name_op(Op::IMPORT_FROM, &part.into(), loc);
            if parts.peek().is_some() {
                self.op(Op::SWAP, 2, loc);
                self.op(Op::POP_TOP, 0, loc);
            }
        }
        self.store_name(asname, loc);
        self.op(Op::POP_TOP, 0, loc);
    }

    pub fn import_from(&mut self, s: &'a ast::StmtImportFrom) -> Res {
        let loc = Loc::of(s);
        if crate::compiler::future::is_future(s) && loc.end > self.future_end {
            return fail(loc, "from __future__ imports must occur at the beginning of the file");
        }
        self.load_const(Constant::Int(s.level.into()), loc);
        let names = s.names.iter().map(|a| Constant::Str(a.name.id.as_bytes().into())).collect();
        self.load_const(Constant::Tuple(names), loc);
        let module = s.module.as_ref().map_or("", |m| m.id.as_str());
        self.name_op(Op::IMPORT_NAME, module, loc);
        for alias in &s.names {
            let name = alias.name.id.as_str();
            if name == "*" {
                self.op(Op::CALL_INTRINSIC_1, Intrinsic::ImportStar as u32, loc);
                self.op(Op::POP_TOP, 0, Loc::NONE);
                return Ok(());
            }
            self.name_op(Op::IMPORT_FROM, name, loc);
            self.store_name(alias.asname.as_ref().map_or(name, |a| a.id.as_str()), loc);
        }
        self.op(Op::POP_TOP, 0, loc);
        Ok(())
    }
}
