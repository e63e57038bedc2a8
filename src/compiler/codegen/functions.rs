//! Function definitions and lambdas: defaults, decorators, closures.

use super::{Compiler, UnitKind};
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::bytecode::unit::{CodeUnit, Constant, kind};
use crate::compiler::error::{Loc, Res};
use crate::compiler::scope::{Block, Name, Part, Place, docstring_of};
use ruff_python_ast::{self as ast, Expr};
use std::sync::Arc;

/// Operands of SET_FUNCTION_ATTRIBUTE.
pub mod attribute {
    pub const DEFAULTS: u32 = 1;
    pub const KWDEFAULTS: u32 = 2;
    pub const ANNOTATIONS: u32 = 4;
    pub const CLOSURE: u32 = 8;
    pub const ANNOTATE: u32 = 16;
}

impl<'a> Compiler<'a> {
    /// The slot from which an inner function's free variable is taken.
    fn closure_slot(&mut self, name: &Name) -> u32 {
        let special = self.scope().block == Block::Class
            && matches!(&**name, "__class__" | "__classdict__" | "__conditional_annotations__");
        let cell = special || self.symbol(name).place == Place::Cell;
        if !cell && let Some(&slot) = self.u.free.get(name) {
            return slot;
        }
        self.u.slot(name, kind::CELL)
    }

    /// Pushes a function made of a code object; the attributes named by `bits` lie on the stack in the order of
    /// their bits.
    pub fn make_closure(&mut self, code: CodeUnit, bits: u32, loc: Loc) {
        let frees: Vec<Name> =
            code.locals.iter().filter(|l| l.kind & kind::FREE != 0).map(|l| (*l.name).into()).collect();
        let mut bits = bits;
        if !frees.is_empty() {
            for name in &frees {
                let slot = self.closure_slot(name);
                self.op(Op::LOAD_CLOSURE, slot, loc);
            }
            self.op(Op::BUILD_TUPLE, frees.len() as u32, loc);
            bits |= attribute::CLOSURE;
        }
        self.load_const(Constant::Code(Arc::new(code)), loc);
        self.op(Op::MAKE_FUNCTION, 0, loc);
        // The attribute pushed last is set first.
        for bit in [
            attribute::CLOSURE,
            attribute::ANNOTATE,
            attribute::ANNOTATIONS,
            attribute::KWDEFAULTS,
            attribute::DEFAULTS,
        ] {
            if bits & bit != 0 {
                self.op(Op::SET_FUNCTION_ATTRIBUTE, bit, loc);
            }
        }
    }

    /// Pushes the tuple of defaults and the dict of keyword-only defaults, where there are any.
    fn default_arguments(&mut self, parameters: &'a ast::Parameters, loc: Loc) -> Res<u32> {
        let mut bits = 0;
        let defaults: Vec<&'a Expr> =
            parameters.posonlyargs.iter().chain(&parameters.args).filter_map(|p| p.default.as_deref()).collect();
        if !defaults.is_empty() {
            let folded: Option<Vec<Constant>> = defaults.iter().map(|d| self.fold(d)).collect();
            match folded {
                Some(constants) => self.load_const(Constant::Tuple(constants.into()), loc),
                None => {
                    for default in &defaults {
                        self.expr(default)?;
                    }
                    self.op(Op::BUILD_TUPLE, defaults.len() as u32, loc);
                }
            }
            bits |= attribute::DEFAULTS;
        }
        let mut n = 0;
        for p in &parameters.kwonlyargs {
            if let Some(default) = &p.default {
                let name = self.mangled(&p.parameter.name.id);
                self.load_str(&name, loc);
                self.expr(default)?;
                n += 1;
            }
        }
        if n > 0 {
            self.op(Op::BUILD_MAP, n, loc);
            bits |= attribute::KWDEFAULTS;
        }
        Ok(bits)
    }

    fn set_parameters(&mut self, parameters: &ast::Parameters) {
        self.u.positional_only = parameters.posonlyargs.len() as u32;
        self.u.arg_count = self.u.positional_only + parameters.args.len() as u32;
        self.u.keyword_only = parameters.kwonlyargs.len() as u32;
    }

    pub fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> Res {
        decorators.iter().try_for_each(|d| self.expr(&d.expression))
    }

    pub fn apply_decorators(&mut self, decorators: &'a [ast::Decorator]) {
        for decorator in decorators.iter().rev() {
            self.op(Op::PUSH_NULL, 0, Loc::of(&decorator.expression));
            // [decorator, function, null] -> [decorator, null, function]
            self.op(Op::SWAP, 2, Loc::of(&decorator.expression));
            self.op(Op::CALL, 1, Loc::of(&decorator.expression));
        }
    }

    /// The place of a definition without its decorators.
    pub fn keyword_place(&self, loc: Loc, decorators: &[ast::Decorator]) -> Loc {
        if self.lines.is_made() { loc } else { keyword_place(self.lines.text, loc, decorators) }
    }

    pub fn function(&mut self, s: &'a ast::StmtFunctionDef) -> Res {
        let whole = Loc::of(s);
        self.decorators(&s.decorator_list)?;
        let def = self.keyword_place(whole, &s.decorator_list);
        let first_line = match s.decorator_list.first() {
            Some(d) => self.lines.line(Loc::of(&d.expression).start),
            None => self.lines.line(def.start),
        };
        // What makes the function belongs to the line of its `def`.
        let loc = def;
        let mut bits = self.default_arguments(&s.parameters, loc)?;
        if let Some(params) = &s.type_params {
            let outer_bits = bits;
            let count = (bits & 1) + (bits >> 1 & 1);
            let scope = self.table.of(s, Part::TypeParams);
            let name = format!("<generic parameters of {}>", s.name.id);
            self.enter(UnitKind::Annotations, scope, &name, first_line, None);
            self.u.arg_count = count;
            self.type_params(params)?;
            for slot in 0..count {
                self.op(Op::LOAD_FAST, slot, loc);
            }
            self.function_body(s, outer_bits, first_line, loc)?;
            self.op(Op::SWAP, 2, loc);
            self.op(Op::CALL_INTRINSIC_2, Intrinsic::SetFunctionTypeParams as u32, loc);
            self.op(Op::RETURN_VALUE, 0, loc);
            let code = self.leave()?;
            self.make_closure(code, 0, loc);
            match count {
                0 => {
                    self.op(Op::PUSH_NULL, 0, loc);
                    self.op(Op::CALL, 0, loc);
                }
                // The first argument stands in the place of self.
                1 => {
                    self.op(Op::SWAP, 2, loc);
                    self.op(Op::CALL, 0, loc);
                }
                _ => {
                    self.op(Op::SWAP, 3, loc);
                    self.op(Op::SWAP, 2, loc);
                    self.op(Op::CALL, 1, loc);
                }
            }
        } else {
            self.function_body(s, std::mem::take(&mut bits), first_line, loc)?;
        }
        self.apply_decorators(&s.decorator_list);
        self.store_name(&s.name.id, loc);
        Ok(())
    }

    /// Pushes the function; its defaults (as `bits` says) are on the stack.
    fn function_body(&mut self, s: &'a ast::StmtFunctionDef, mut bits: u32, first_line: u32, loc: Loc) -> Res {
        bits |= self.function_annotations(s, loc)?;
        let kind = if s.is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        let scope = self.table.of(s, Part::Body);
        self.enter(kind, scope, &s.name.id, first_line, None);
        self.set_parameters(&s.parameters);
        let mut body = &s.body[..];
        if let Some(doc) = docstring_of(body) {
            if self.options.optimize < 2 {
                let text = super::strings::clean_docstring(&self.string_value(doc));
                self.u.consts.add(Constant::Str(text.into()));
                self.u.consts.docstring = true;
            }
            body = &body[1..];
        }
        self.stmts(body)?;
        self.return_none(Loc::NONE);
        let code = self.leave()?;
        self.make_closure(code, bits, loc);
        Ok(())
    }

    pub fn lambda(&mut self, e: &'a ast::ExprLambda) -> Res {
        let loc = Loc::of(e);
        let bits = match &e.parameters {
            Some(parameters) => self.default_arguments(parameters, loc)?,
            None => 0,
        };
        let scope = self.table.of(e, Part::Lambda);
        self.enter(UnitKind::Lambda, scope, "<lambda>", self.lines.line(loc.start), None);
        if let Some(parameters) = &e.parameters {
            self.set_parameters(parameters);
        }
        self.expr(&e.body)?;
        let body = Loc::of(&*e.body);
        self.op(Op::RETURN_VALUE, 0, body);
        let code = self.leave()?;
        self.make_closure(code, bits, loc);
        Ok(())
    }
}

/// The place of a definition from its `def`, `class` or `async` keyword, which stands behind the decorators.
pub fn keyword_place(text: &str, loc: Loc, decorators: &[ast::Decorator]) -> Loc {
    let Some(last) = decorators.last() else { return loc };
    let text = text.as_bytes();
    let mut at = Loc::of(last).end as usize;
    while at < text.len() {
        match text[at] {
            b'#' => {
                while at < text.len() && text[at] != b'\n' {
                    at += 1;
                }
            }
            // The decorator's own closing parentheses are not part of its expression's range.
            b' ' | b'\t' | b'\n' | b'\x0c' | b'\\' | b')' => at += 1,
            _ => break,
        }
    }
    Loc { start: at as u32, end: loc.end }
}
