//! Calls: method calls, keyword arguments, unpacking, zero-argument `super`.

use super::exprs::Display;
use super::{Compiler, UnitKind};
use crate::bytecode::opcode::{Intrinsic, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::scope::{Block, Name, Place};
use ruff_python_ast::{self as ast, Expr};

/// Calls with more arguments than this build a tuple instead of deepening the stack.
const MAX_STACK_ARGS: usize = 30;

impl<'a> Compiler<'a> {
    pub fn call(&mut self, e: &'a ast::ExprCall) -> Res {
        let loc = Loc::of(e);
        let args = &e.arguments;
        if let Expr::Attribute(attr) = &*e.func
            && self.method_call(args)
        {
            let at = self.attribute_place(attr);
            match &*attr.value {
                Expr::Call(call) if self.super_call(call) => {
                    self.load_super_args(call)?;
                    self.name_op(Op::LOAD_SUPER_METHOD, &attr.attr.id, at);
                }
                value => {
                    self.expr(value)?;
                    self.name_op(Op::LOAD_METHOD, &attr.attr.id, at);
                }
            }
            // The call belongs to the line of the method's name.
            let call_at = if at.start == loc.start { loc } else { Loc { start: at.start, end: loc.end } };
            return self.plain_call(args, 0, call_at);
        }
        self.check_callee(e);
        self.expr(&e.func)?;
        self.op(Op::PUSH_NULL, 0, Loc::of(&*e.func));
        self.call_with(args, 0, loc)
    }

    /// Whether a call of an attribute can avoid making the bound method.
    fn method_call(&self, args: &ast::Arguments) -> bool {
        args.args.len() + args.keywords.len() + usize::from(!args.keywords.is_empty()) < MAX_STACK_ARGS
            && !args.args.iter().any(Expr::is_starred_expr)
            && args.keywords.iter().all(|k| k.arg.is_some())
    }

    /// The call itself: [callable, self-or-null, `pushed` arguments] -> [result].
    pub fn call_with(&mut self, args: &'a ast::Arguments, pushed: u32, loc: Loc) -> Res {
        let many = args.args.len() + args.keywords.len() * 2 + pushed as usize > MAX_STACK_ARGS;
        if many || args.args.iter().any(Expr::is_starred_expr) || args.keywords.iter().any(|k| k.arg.is_none()) {
            return self.call_ex(args, pushed, loc);
        }
        self.plain_call(args, pushed, loc)
    }

    fn plain_call(&mut self, args: &'a ast::Arguments, pushed: u32, loc: Loc) -> Res {
        for arg in &args.args {
            match arg {
                Expr::Generator(g) if !g.parenthesized => self.comprehension_at(arg, Loc::of(args))?,
                _ => self.expr(arg)?,
            }
        }
        let total = pushed + (args.args.len() + args.keywords.len()) as u32;
        if args.keywords.is_empty() {
            self.op(Op::CALL, total, loc);
            return Ok(());
        }
        self.check_keywords(args)?;
        for keyword in &args.keywords {
            self.expr(&keyword.value)?;
        }
        let names = self.keyword_names(&args.keywords);
        self.load_const(names, loc);
        self.op(Op::CALL_KW, total, loc);
        Ok(())
    }

    /// Keywords are not mangled, unlike the parameters that they may stand for.
    fn keyword_names(&self, keywords: &[ast::Keyword]) -> Constant {
        let names = keywords.iter().filter_map(|k| k.arg.as_ref());
        Constant::Tuple(names.map(|n| Constant::Str(n.id.as_bytes().into())).collect())
    }

    /// Refuses repeated keywords.
    pub fn check_keywords(&self, args: &ast::Arguments) -> Res {
        let mut seen = std::collections::HashSet::new();
        for keyword in &args.keywords {
            if let Some(name) = &keyword.arg
                && !seen.insert(&name.id)
            {
                return fail(Loc::of(keyword), format!("keyword argument repeated: {}", name.id));
            }
        }
        Ok(())
    }

    fn call_ex(&mut self, args: &'a ast::Arguments, pushed: u32, loc: Loc) -> Res {
        self.check_keywords(args)?;
        if pushed == 0
            && let [Expr::Starred(star)] = &*args.args
        {
            self.expr(&star.value)?;
        } else {
            self.display(&args.args, pushed, Display::Tuple, loc)?;
        }
        if let [keyword] = &*args.keywords
            && keyword.arg.is_none()
        {
            // Nothing to merge it with: the call itself takes what the mapping holds.
            self.expr(&keyword.value)?;
            self.op(Op::CALL_FUNCTION_EX, 1, loc);
            return Ok(());
        }
        let mut dict = false;
        let mut run = 0;
        for (i, keyword) in args.keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                run += 1;
                continue;
            }
            if run > 0 {
                self.keyword_dict(&args.keywords[i - run..i], loc)?;
                if dict {
                    self.op(Op::DICT_MERGE, 1, loc);
                }
                dict = true;
                run = 0;
            }
            if !dict {
                self.op(Op::BUILD_MAP, 0, loc);
                dict = true;
            }
            self.expr(&keyword.value)?;
            self.op(Op::DICT_MERGE, 1, loc);
        }
        if run > 0 {
            self.keyword_dict(&args.keywords[args.keywords.len() - run..], loc)?;
            if dict {
                self.op(Op::DICT_MERGE, 1, loc);
            }
            dict = true;
        }
        self.op(Op::CALL_FUNCTION_EX, u32::from(dict), loc);
        Ok(())
    }

    /// Pushes a dict of named keywords.
    fn keyword_dict(&mut self, keywords: &'a [ast::Keyword], loc: Loc) -> Res {
        let big = keywords.len() * 2 > MAX_STACK_ARGS;
        if big {
            self.op(Op::BUILD_MAP, 0, Loc::NONE);
        }
        for keyword in keywords {
            if let Some(name) = &keyword.arg {
                self.load_str(&name.id, loc);
            }
            self.expr(&keyword.value)?;
            if big {
                self.op(Op::MAP_ADD, 1, Loc::NONE);
            }
        }
        if !big {
            self.op(Op::BUILD_MAP, keywords.len() as u32, loc);
        }
        Ok(())
    }

    /// Whether a call is `super()` or `super(a, b)` of the builtin, so that it need not make a super object.
    pub fn super_call(&self, call: &ast::ExprCall) -> bool {
        let Expr::Name(name) = &*call.func else { return false };
        if name.id.as_str() != "super" || !call.arguments.keywords.is_empty() {
            return false;
        }
        if self.symbol("super").place != Place::GlobalImplicit
            || self.table.scopes[0].symbols.get("super").is_some_and(|s| s.place == Place::Local)
        {
            return false;
        }
        let args = &call.arguments.args;
        if args.len() == 2 && !args.iter().any(Expr::is_starred_expr) {
            return true;
        }
        args.is_empty()
            && self.scope().block == Block::Function
            && self.u.kind != UnitKind::Class
            && self.first_argument().is_some()
            && self.symbol("__class__").place == Place::Free
    }

    fn first_argument(&self) -> Option<Name> {
        if self.u.arg_count == 0 || self.u.inlined > 0 {
            return None;
        }
        self.u.slots.first().filter(|s| s.param).map(|s| s.name.clone())
    }

    pub fn load_super_args(&mut self, call: &'a ast::ExprCall) -> Res {
        let loc = Loc::of(call);
        self.load_name("super", Loc::of(&*call.func));
        if let [class, object] = &*call.arguments.args {
            self.expr(class)?;
            return self.expr(object);
        }
        self.load_name("__class__", loc);
        if let Some(first) = self.first_argument() {
            let cell = self.symbol(&first).place == Place::Cell;
            self.op(if cell { Op::LOAD_DEREF } else { Op::LOAD_FAST }, 0, loc);
        }
        Ok(())
    }

    /// [list] -> [tuple]
    pub fn list_to_tuple(&mut self, loc: Loc) {
        self.op(Op::CALL_INTRINSIC_1, Intrinsic::ListToTuple as u32, loc);
    }

    /// Warns about calling what is surely not callable.
    fn check_callee(&mut self, e: &ast::ExprCall) {
        if let Some(kind) = super::fold::plain_type(&e.func).filter(|_| !matches!(&*e.func, Expr::Lambda(_))) {
            let message = format!("'{kind}' object is not callable; perhaps you missed a comma?");
            self.warn(Loc::of(e), message);
        }
    }

    /// Warns about subscripting what has no items, and indexing with what is no index.
    pub fn check_subscript(&mut self, e: &ast::ExprSubscript) {
        let subscriptable = !matches!(
            &*e.value,
            Expr::NoneLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::EllipsisLiteral(_)
                | Expr::NumberLiteral(_)
                | Expr::Set(_)
                | Expr::SetComp(_)
                | Expr::Generator(_)
                | Expr::TString(_)
                | Expr::Lambda(_)
        );
        if !subscriptable {
            if let Some(kind) = super::fold::plain_type(&e.value) {
                let message = format!("'{kind}' object is not subscriptable; perhaps you missed a comma?");
                self.warn(Loc::of(e), message);
            }
            return;
        }
        let sequence = matches!(
            &*e.value,
            Expr::StringLiteral(_)
                | Expr::BytesLiteral(_)
                | Expr::Tuple(_)
                | Expr::List(_)
                | Expr::ListComp(_)
                | Expr::FString(_)
        );
        let bad_index = !matches!(
            &*e.slice,
            Expr::BooleanLiteral(_) | Expr::NumberLiteral(ast::ExprNumberLiteral { value: ast::Number::Int(_), .. })
        );
        if sequence
            && bad_index
            && let (Some(kind), Some(index)) = (super::fold::plain_type(&e.value), super::fold::plain_type(&e.slice))
        {
            let message =
                format!("{kind} indices must be integers or slices, not {index}; perhaps you missed a comma?");
            self.warn(Loc::of(e), message);
        }
    }
}
