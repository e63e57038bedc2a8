//! Comprehensions: generator expressions as functions of their own, the others inlined where they stand (PEP 709).

use super::{Compiler, UnitKind};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::kind;
use crate::compiler::error::{Loc, Res};
use crate::compiler::flow::{BlockId, HandlerId, NO_HANDLER};
use crate::compiler::scope::{Block, Comp, Name, Part, Place, Scope, Symbol, def};
use ruff_python_ast::{self as ast, Expr};
use std::collections::HashMap;

/// What an inlined comprehension changes and must put back.
struct Inlined {
    overrides: HashMap<Name, Option<Symbol>>,
    hidden: Vec<Name>,
    /// Slots whose values lie on the stack meanwhile, first pushed first.
    saved: Vec<u32>,
    /// Such a slot is that of a cell, before the comprehension or in it. Where the cell is taken away nothing is protected:
    /// a handler around the comprehension counts on it. (None but a tool that follows instructions raises there.)
    cells: bool,
    cleanup: BlockId,
    outer: HandlerId,
}

/// A comprehension's parts.
#[derive(Clone, Copy)]
struct Parts<'a> {
    kind: Comp,
    name: &'static str,
    generators: &'a [ast::Comprehension],
    first: Option<&'a Expr>,
    value: Option<&'a Expr>,
    loc: Loc,
}

impl<'a> Compiler<'a> {
    pub fn comprehension(&mut self, expr: &'a Expr) -> Res {
        self.comprehension_at(expr, Loc::of(expr))
    }

    /// A comprehension that is said to stand elsewhere: a generator that is a call's only argument takes the call's
    /// parentheses for its own.
    pub fn comprehension_at(&mut self, expr: &'a Expr, loc: Loc) -> Res {
        let (scope, kind, name, generators, first, value) = match expr {
            Expr::ListComp(e) => {
                (self.table.of(e, Part::Comprehension), Comp::List, "<listcomp>", &e.generators, Some(&*e.elt), None)
            }
            Expr::SetComp(e) => {
                (self.table.of(e, Part::Comprehension), Comp::Set, "<setcomp>", &e.generators, Some(&*e.elt), None)
            }
            Expr::Generator(e) => (
                self.table.of(e, Part::Comprehension),
                Comp::Generator,
                "<genexpr>",
                &e.generators,
                Some(&*e.elt),
                None,
            ),
            Expr::DictComp(e) => (
                self.table.of(e, Part::Comprehension),
                Comp::Dict,
                "<dictcomp>",
                &e.generators,
                e.key.as_deref(),
                Some(&*e.value),
            ),
            _ => return Ok(()),
        };
        let parts = Parts { kind, name, generators, first, value, loc };
        let Some(outermost) = generators.first() else { return Ok(()) };
        if self.table.scopes[scope].inlined {
            self.inlined(parts, scope, outermost)
        } else {
            self.as_function(parts, scope, outermost)
        }
    }

    fn iterator(&mut self, generator: &'a ast::Comprehension) -> Res {
        let at = Loc::of(&generator.iter);
        if generator.is_async {
            self.expr(&generator.iter)?;
            self.op(Op::GET_AITER, 0, at);
        } else {
            self.iterable(&generator.iter)?;
            self.op(Op::GET_ITER, 0, at);
        }
        Ok(())
    }

    fn as_function(&mut self, parts: Parts<'a>, scope: usize, outermost: &'a ast::Comprehension) -> Res {
        let loc = parts.loc;
        self.iterator(outermost)?;
        self.enter(UnitKind::Comprehension, scope, parts.name, self.lines.line(loc.start), None);
        self.u.arg_count = 1;
        self.build(parts, loc);
        self.op(Op::LOAD_FAST, 0, Loc::of(&outermost.iter));
        self.generators(parts, 0, 0)?;
        if parts.kind == Comp::Generator {
            self.return_none(loc);
        } else {
            self.op(Op::RETURN_VALUE, 0, loc);
        }
        let coroutine = self.scope().coroutine && parts.kind != Comp::Generator;
        let code = self.leave()?;
        self.make_closure(code, 0, loc);
        // [iterator, function] -> [function, iterator as the argument]
        self.op(Op::SWAP, 2, loc);
        self.op(Op::CALL, 0, loc);
        if coroutine {
            self.await_value(0, loc);
        }
        Ok(())
    }

    fn build(&mut self, parts: Parts<'a>, loc: Loc) {
        match parts.kind {
            Comp::List => self.op(Op::BUILD_LIST, 0, loc),
            Comp::Set => self.op(Op::BUILD_SET, 0, loc),
            Comp::Dict => self.op(Op::BUILD_MAP, 0, loc),
            Comp::Generator => {}
        }
    }

    fn inlined(&mut self, parts: Parts<'a>, scope: usize, outermost: &'a ast::Comprehension) -> Res {
        let loc = parts.loc;
        self.iterator(outermost)?;
        let comp = self.scope_at(scope);
        let state = self.begin_inlined(comp, loc);
        self.u.inlined += 1;
        self.build(parts, loc);
        self.op(Op::SWAP, 2, loc);
        self.generators(parts, 0, 0)?;
        self.u.inlined -= 1;
        self.end_inlined(state, loc);
        Ok(())
    }

    /// [iterator] -> [saved values..., iterator], under a handler that restores them.
    fn begin_inlined(&mut self, comp: &'a Scope, loc: Loc) -> Inlined {
        let in_class = self.scope().block == Block::Class && self.u.inlined == 0;
        let function = self.scope().block.function_like();
        let mut state = Inlined {
            overrides: HashMap::new(),
            hidden: Vec::new(),
            saved: Vec::new(),
            cells: false,
            cleanup: 0,
            outer: self.u.flow.cur_handler,
        };
        for (name, symbol) in comp.symbols.iter() {
            let bound = symbol.flags & def::LOCAL != 0 && symbol.flags & def::NONLOCAL == 0;
            if symbol.flags & def::PARAM != 0 || !(bound || in_class) {
                continue;
            }
            let around = self.symbol(name);
            let keep_outer = symbol.place == Place::Free || symbol.place == Place::Cell && around.place == Place::Free;
            if symbol.place != around.place && !keep_outer || in_class {
                let before = self.u.overrides.insert(name.clone(), symbol);
                state.overrides.insert(name.clone(), before);
            }
            if !bound {
                continue;
            }
            if !function && self.u.hidden.insert(name.clone()) {
                state.hidden.push(name.clone());
            }
            let local = if function { kind::LOCAL } else { kind::LOCAL | kind::HIDDEN };
            let slot = match symbol.place {
                Place::Cell if around.place == Place::Free => self.cell_slot(name),
                Place::Cell => {
                    let kinds = if function { kind::CELL } else { kind::CELL | kind::HIDDEN };
                    self.u.slot(name, kinds)
                }
                _ => self.u.slot(name, local),
            };
            if symbol.place == Place::Cell || matches!(around.place, Place::Cell | Place::Free) {
                state.cells = true;
                self.u.flow.cur_handler = NO_HANDLER;
            }
            self.op(Op::LOAD_FAST_AND_CLEAR, slot, loc);
            if symbol.place == Place::Cell {
                self.op(Op::MAKE_CELL, slot, loc);
            }
            state.saved.push(slot);
        }
        if !state.saved.is_empty() {
            let n = state.saved.len() as u32;
            self.op(Op::SWAP, n + 1, loc);
            // [iterator, v1, .., vn] has become [vn, v1, .., iterator]: the values come back in this order.
            if n > 1 {
                let last = state.saved.remove(n as usize - 1);
                state.saved.insert(0, last);
            }
            state.cleanup = self.new_block();
            // The iterator is the comprehension's own and does not survive.
            self.u.flow.protect(state.cleanup, false, 1, loc);
        }
        state
    }

    /// [saved values..., result] -> [result]
    fn end_inlined(&mut self, state: Inlined, loc: Loc) {
        if !state.saved.is_empty() {
            let end = self.new_block();
            self.restore_saved(&state, loc);
            self.jump(Op::JUMP, end, Loc::NONE);
            self.use_block(state.cleanup);
            self.restore_saved(&state, loc);
            self.op(Op::RERAISE, 0, loc);
            self.use_block(end);
        }
        for (name, before) in state.overrides {
            match before {
                Some(symbol) => self.u.overrides.insert(name, symbol),
                None => self.u.overrides.remove(&name),
            };
        }
        for name in &state.hidden {
            self.u.hidden.remove(name);
        }
    }

    /// [v1, .., vn, result] -> [result], the values back in their slots, and what is around the comprehension protects again.
    fn restore_saved(&mut self, state: &Inlined, loc: Loc) {
        let saved = &state.saved;
        let n = saved.len() as u32;
        self.u.flow.end_protect(if state.cells { NO_HANDLER } else { state.outer });
        self.op(Op::SWAP, n + 1, loc);
        // [result, v2, .., vn, v1]
        self.op(Op::STORE_FAST, saved[0], loc);
        for &slot in saved[1..].iter().rev() {
            self.op(Op::STORE_FAST, slot, loc);
        }
        self.u.flow.end_protect(state.outer);
    }

    /// The loops from the i-th generator inwards; its iterator is on the stack. `depth` iterators lie around it.
    fn generators(&mut self, parts: Parts<'a>, i: usize, depth: u32) -> Res {
        let generator = &parts.generators[i];
        let at = Loc::of(&generator.iter);
        let (start, next, done) = (self.new_block(), self.new_block(), self.new_block());
        self.use_block(start);
        let outer = self.u.flow.cur_handler;
        if generator.is_async {
            self.u.flow.protect(done, false, 0, at);
            self.op(Op::GET_ANEXT, 0, at);
            self.load_none(at);
            self.yield_from(at, true);
            self.u.flow.end_protect(outer);
        } else {
            self.jump(Op::FOR_ITER, done, at);
        }
        self.store_target(&generator.target)?;
        for condition in &generator.ifs {
            self.jump_if(condition, next, false, parts.loc)?;
        }
        let depth = depth + 1;
        match parts.generators.get(i + 1) {
            Some(inner) => self.inner_generator(parts, inner, i + 1, depth)?,
            None => self.element(parts, depth)?,
        }
        self.use_block(next);
        self.jump(Op::JUMP, start, Loc::of(parts.first.unwrap_or(&generator.iter)));
        self.use_block(done);
        if generator.is_async {
            self.op(Op::END_ASYNC_FOR, 0, at);
        }
        Ok(())
    }

    fn inner_generator(&mut self, parts: Parts<'a>, inner: &'a ast::Comprehension, i: usize, depth: u32) -> Res {
        // `for x in [value]` binds a temporary: no loop is needed.
        if !inner.is_async
            && let Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) = &inner.iter
            && let [value] = &elts[..]
            && !value.is_starred_expr()
        {
            let next = self.new_block();
            self.expr(value)?;
            self.store_target(&inner.target)?;
            for condition in &inner.ifs {
                self.jump_if(condition, next, false, parts.loc)?;
            }
            match parts.generators.get(i + 1) {
                Some(deeper) => self.inner_generator(parts, deeper, i + 1, depth)?,
                None => self.element(parts, depth)?,
            }
            self.use_block(next);
            return Ok(());
        }
        self.iterator(inner)?;
        self.generators(parts, i, depth)
    }

    fn element(&mut self, parts: Parts<'a>, depth: u32) -> Res {
        let Some(first) = parts.first else { return Ok(()) };
        let at = Loc::of(first);
        self.expr(first)?;
        match parts.kind {
            Comp::Generator => {
                if self.scope().coroutine {
                    let wrap = crate::bytecode::opcode::Intrinsic::AsyncGenWrap as u32;
                    self.op(Op::CALL_INTRINSIC_1, wrap, at);
                }
                self.op(Op::YIELD_VALUE, 0, at);
                self.op(Op::RESUME, 1, at);
                self.op(Op::POP_TOP, 0, at);
            }
            Comp::List => self.op(Op::LIST_APPEND, depth + 1, at),
            Comp::Set => self.op(Op::SET_ADD, depth + 1, at),
            Comp::Dict => {
                if let Some(value) = parts.value {
                    self.expr(value)?;
                    self.op(Op::MAP_ADD, depth + 1, at.to(Loc::of(value)));
                }
            }
        }
        Ok(())
    }
}
