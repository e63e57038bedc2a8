//! `match`: patterns as tests that leave the values to bind on the stack until the whole pattern has matched.

use super::Compiler;
use crate::bytecode::opcode::{BinaryOp, CompareOp, Op};
use crate::bytecode::unit::Constant;
use crate::compiler::error::{Loc, Res, fail};
use crate::compiler::flow::BlockId;
use crate::compiler::scope::Name;
use ruff_python_ast::{self as ast, Expr, Pattern, Singleton};

/// The state of one case.
#[derive(Default)]
struct Case {
    /// Names captured so far; their values lie on the stack, the first on top.
    stores: Vec<Name>,
    /// Whether a pattern that always matches may stand here.
    irrefutable: bool,
    /// Where to go on failure with that many items to drop.
    fail: Vec<BlockId>,
    /// Items on top of the stack that are not captures.
    on_top: usize,
}

impl<'a> Compiler<'a> {
    pub fn match_stmt(&mut self, s: &'a ast::StmtMatch) -> Res {
        self.u.conditional += 1;
        self.expr(&s.subject)?;
        let end = self.new_block();
        let Some((last, rest)) = s.cases.split_last() else { return Ok(()) };
        let default = wildcard(&last.pattern) && !rest.is_empty();
        let checked = if default { rest } else { &s.cases[..] };
        for (i, case) in checked.iter().enumerate() {
            let loc = Loc::of(&case.pattern);
            let is_last = i + 1 == checked.len();
            // The subject stays for the cases that follow.
            if !is_last {
                self.op(Op::COPY, 1, loc);
            }
            let mut state = Case { irrefutable: case.guard.is_some() || i + 1 == s.cases.len(), ..Case::default() };
            self.pattern(&case.pattern, &mut state)?;
            for name in &state.stores {
                self.store_name(name, loc);
            }
            if let Some(guard) = &case.guard {
                let fail = self.fail_block(&mut state, 0);
                self.jump_if(guard, fail, false, loc)?;
            }
            if !is_last {
                self.op(Op::POP_TOP, 0, loc);
            }
            self.stmts(&case.body)?;
            self.jump(Op::JUMP, end, Loc::NONE);
            self.emit_fails(&mut state, Loc::NONE);
        }
        if default {
            let loc = Loc::of(&last.pattern);
            // The last pattern tested has consumed the subject.
            self.op(Op::NOP, 0, loc);
            if let Some(guard) = &last.guard {
                self.jump_if(guard, end, false, loc)?;
            }
            self.stmts(&last.body)?;
        }
        self.use_block(end);
        self.u.conditional -= 1;
        Ok(())
    }

    fn fail_block(&mut self, case: &mut Case, n: usize) -> BlockId {
        while case.fail.len() <= n {
            let block = self.new_block();
            case.fail.push(block);
        }
        case.fail[n]
    }

    /// A jump taken where the pattern does not match.
    fn jump_to_fail(&mut self, case: &mut Case, op: Op, loc: Loc) {
        let pops = case.on_top + case.stores.len();
        let block = self.fail_block(case, pops);
        self.jump(op, block, loc);
    }

    /// Drops what lies on the stack, block by block, and falls through to the next case.
    fn emit_fails(&mut self, case: &mut Case, loc: Loc) {
        while let Some(block) = case.fail.pop() {
            self.use_block(block);
            if !case.fail.is_empty() {
                self.op(Op::POP_TOP, 0, loc);
            }
        }
    }

    /// Tests the subject on top of the stack and consumes it.
    fn pattern(&mut self, pattern: &'a Pattern, case: &mut Case) -> Res {
        let loc = Loc::of(pattern);
        match pattern {
            Pattern::MatchValue(p) => {
                if let Expr::UnaryOp(negative) = &*p.value
                    && let Expr::BinOp(power) = &*negative.operand
                {
                    // The place of the operator.
                    let end = Loc::of(&*power.left).end;
                    let blanks = self.lines.text[end as usize..].bytes().take_while(|b| *b != b'*').count() as u32;
                    return fail(Loc { start: end + blanks, end: end + blanks + 2 }, "invalid syntax");
                }
                if p.value.is_f_string_expr() || !p.value.is_attribute_expr() && self.fold(&p.value).is_none() {
                    return fail(Loc::of(&*p.value), "patterns may only match literals and attribute lookups");
                }
                self.expr(&p.value)?;
                let op = CompareOp::Eq as u32 | crate::bytecode::opcode::COMPARE_TO_BOOL;
                self.op(Op::COMPARE_OP, op, loc);
                self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
                Ok(())
            }
            Pattern::MatchSingleton(p) => {
                let constant = match p.value {
                    Singleton::None => Constant::None,
                    Singleton::True => Constant::True,
                    Singleton::False => Constant::False,
                };
                self.load_const(constant, loc);
                self.op(Op::IS_OP, 0, loc);
                self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
                Ok(())
            }
            Pattern::MatchSequence(p) => self.sequence_pattern(&p.patterns, case, loc),
            Pattern::MatchMapping(p) => self.mapping_pattern(p, case, loc),
            Pattern::MatchClass(p) => self.class_pattern(p, case, loc),
            Pattern::MatchStar(p) => self.capture(p.name.as_ref(), case, loc),
            Pattern::MatchAs(p) => self.as_pattern(p, case, loc),
            Pattern::MatchOr(p) => self.or_pattern(&p.patterns, case, loc),
        }
    }

    fn subpattern(&mut self, pattern: &'a Pattern, case: &mut Case) -> Res {
        let before = std::mem::replace(&mut case.irrefutable, true);
        self.pattern(pattern, case)?;
        case.irrefutable = before;
        Ok(())
    }

    /// Leaves the subject on the stack below the other values, to be bound at the end.
    fn capture(&mut self, name: Option<&ast::Identifier>, case: &mut Case, loc: Loc) -> Res {
        let Some(name) = name else {
            self.op(Op::POP_TOP, 0, loc);
            return Ok(());
        };
        let name: Name = (*name.id).into();
        if case.stores.contains(&name) {
            return fail(loc, format!("multiple assignments to name '{name}' in pattern"));
        }
        self.rotate(case.on_top + case.stores.len() + 1, loc);
        case.stores.push(name);
        Ok(())
    }

    /// Moves the top of the stack under the `n - 1` items below it.
    fn rotate(&mut self, n: usize, loc: Loc) {
        for i in (2..=n).rev() {
            self.op(Op::SWAP, i as u32, loc);
        }
    }

    fn as_pattern(&mut self, p: &'a ast::PatternMatchAs, case: &mut Case, loc: Loc) -> Res {
        let Some(inner) = &p.pattern else {
            if !case.irrefutable {
                return fail(
                    loc,
                    match &p.name {
                        Some(name) => format!("name capture '{}' makes remaining patterns unreachable", name.id),
                        None => "wildcard makes remaining patterns unreachable".into(),
                    },
                );
            }
            return self.capture(p.name.as_ref(), case, loc);
        };
        // The subject is needed once more for the name.
        case.on_top += 1;
        self.op(Op::COPY, 1, loc);
        self.pattern(inner, case)?;
        case.on_top -= 1;
        self.capture(p.name.as_ref(), case, loc)
    }

    fn sequence_pattern(&mut self, patterns: &'a [Pattern], case: &mut Case, loc: Loc) -> Res {
        let size = patterns.len();
        let mut star = None;
        let mut star_wildcard = false;
        let mut only_wildcard = true;
        for (i, pattern) in patterns.iter().enumerate() {
            if let Pattern::MatchStar(p) = pattern {
                if star.is_some() {
                    return fail(loc, "multiple starred names in sequence pattern");
                }
                star = Some(i);
                star_wildcard = p.name.is_none();
                only_wildcard &= star_wildcard;
                continue;
            }
            only_wildcard &= wildcard(pattern);
        }
        // The subject stays on top while it is tested.
        case.on_top += 1;
        self.op(Op::MATCH_SEQUENCE, 0, loc);
        self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        let need = size - usize::from(star.is_some());
        if star.is_none() || size > 1 {
            self.op(Op::GET_LEN, 0, loc);
            self.load_const(Constant::Int(need as i64), loc);
            let op = if star.is_none() { CompareOp::Eq } else { CompareOp::Ge };
            self.op(Op::COMPARE_OP, op as u32 | crate::bytecode::opcode::COMPARE_TO_BOOL, loc);
            self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        }
        case.on_top -= 1;
        if only_wildcard {
            self.op(Op::POP_TOP, 0, loc);
            return Ok(());
        }
        match star {
            Some(star) if star_wildcard => self.sequence_by_index(patterns, star, case, loc),
            _ => self.sequence_by_unpacking(patterns, star, case, loc),
        }
    }

    fn sequence_by_unpacking(
        &mut self,
        patterns: &'a [Pattern],
        star: Option<usize>,
        case: &mut Case,
        loc: Loc,
    ) -> Res {
        let size = patterns.len();
        match star {
            Some(star) => {
                let after = size - star - 1;
                if star >= 1 << 8 || after >= 1 << 16 {
                    return fail(loc, "too many expressions in star-unpacking sequence pattern");
                }
                self.op(Op::UNPACK_EX, (star | after << 8) as u32, loc);
            }
            None => self.op(Op::UNPACK_SEQUENCE, size as u32, loc),
        }
        case.on_top += size;
        for pattern in patterns {
            case.on_top -= 1;
            self.subpattern(pattern, case)?;
        }
        Ok(())
    }

    /// With `*_` only the items that matter are fetched.
    fn sequence_by_index(&mut self, patterns: &'a [Pattern], star: usize, case: &mut Case, loc: Loc) -> Res {
        let size = patterns.len();
        case.on_top += 1;
        for (i, pattern) in patterns.iter().enumerate() {
            if i == star || wildcard(pattern) {
                continue;
            }
            self.op(Op::COPY, 1, loc);
            if i < star {
                self.load_const(Constant::Int(i as i64), loc);
            } else {
                self.op(Op::GET_LEN, 0, loc);
                self.load_const(Constant::Int((size - i) as i64), loc);
                self.op(Op::BINARY_OP, BinaryOp::Subtract as u32, loc);
            }
            self.op(Op::BINARY_SUBSCR, 0, loc);
            self.subpattern(pattern, case)?;
        }
        case.on_top -= 1;
        self.op(Op::POP_TOP, 0, loc);
        Ok(())
    }

    fn mapping_pattern(&mut self, p: &'a ast::PatternMatchMapping, case: &mut Case, loc: Loc) -> Res {
        let size = p.keys.len();
        case.on_top += 1;
        self.op(Op::MATCH_MAPPING, 0, loc);
        self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        if size == 0 && p.rest.is_none() {
            case.on_top -= 1;
            self.op(Op::POP_TOP, 0, loc);
            return Ok(());
        }
        if size > 0 {
            self.op(Op::GET_LEN, 0, loc);
            self.load_const(Constant::Int(size as i64), loc);
            let op = CompareOp::Ge as u32 | crate::bytecode::opcode::COMPARE_TO_BOOL;
            self.op(Op::COMPARE_OP, op, loc);
            self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        }
        let mut seen: Vec<(Constant, String)> = Vec::new();
        for key in &p.keys {
            if let Some(constant) = self.fold(key) {
                let shown = super::fold::repr(&constant);
                if seen.iter().any(|(c, _)| super::fold::equal(c, &constant)) {
                    return fail(loc, format!("mapping pattern checks duplicate key ({shown})"));
                }
                seen.push((constant, shown));
            } else if !matches!(key, Expr::Attribute(_)) {
                return fail(loc, "mapping pattern keys may only match literals and attribute lookups");
            }
            self.expr(key)?;
        }
        self.op(Op::BUILD_TUPLE, size as u32, loc);
        self.op(Op::MATCH_KEYS, 0, loc);
        case.on_top += 2;
        self.op(Op::COPY, 1, loc);
        self.load_none(loc);
        self.op(Op::IS_OP, 1, loc);
        self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        // [subject, keys, values]
        self.op(Op::UNPACK_SEQUENCE, size as u32, loc);
        case.on_top += size;
        case.on_top -= 1;
        for pattern in &p.patterns {
            case.on_top -= 1;
            self.subpattern(pattern, case)?;
        }
        // [subject, keys]
        case.on_top -= 2;
        if p.rest.is_some() {
            // The rest is a copy of the mapping without the keys: [subject, keys] -> [copy, keys...] -> [copy].
            self.op(Op::BUILD_MAP, 0, loc);
            self.op(Op::SWAP, 3, loc);
            self.op(Op::DICT_UPDATE, 2, loc);
            self.op(Op::UNPACK_SEQUENCE, size as u32, loc);
            for left in (1..=size as u32).rev() {
                self.op(Op::COPY, left + 1, loc);
                self.op(Op::SWAP, 2, loc);
                self.op(Op::DELETE_SUBSCR, 0, loc);
            }
            self.capture(p.rest.as_ref(), case, loc)?;
        } else {
            self.op(Op::POP_TOP, 0, loc);
            self.op(Op::POP_TOP, 0, loc);
        }
        Ok(())
    }

    fn class_pattern(&mut self, p: &'a ast::PatternMatchClass, case: &mut Case, loc: Loc) -> Res {
        let patterns = &p.arguments.patterns[..];
        let keywords = &p.arguments.keywords[..];
        for (i, keyword) in keywords.iter().enumerate() {
            if keywords[..i].iter().any(|k| k.attr.id == keyword.attr.id) {
                let message = format!("attribute name repeated in class pattern: {}", keyword.attr.id);
                return fail(Loc::of(&keyword.pattern), message);
            }
        }
        self.expr(&p.cls)?;
        let names = keywords.iter().map(|k| Constant::Str(k.attr.id.as_bytes().into())).collect();
        self.load_const(Constant::Tuple(names), loc);
        self.op(Op::MATCH_CLASS, patterns.len() as u32, loc);
        self.op(Op::COPY, 1, loc);
        self.load_none(loc);
        self.op(Op::IS_OP, 1, loc);
        // The tuple of attributes (or None) is on top.
        case.on_top += 1;
        self.jump_to_fail(case, Op::POP_JUMP_IF_FALSE, loc);
        let size = patterns.len() + keywords.len();
        self.op(Op::UNPACK_SEQUENCE, size as u32, loc);
        case.on_top += size;
        case.on_top -= 1;
        for pattern in patterns.iter().chain(keywords.iter().map(|k| &k.pattern)) {
            case.on_top -= 1;
            if wildcard(pattern) {
                self.op(Op::POP_TOP, 0, loc);
                continue;
            }
            self.subpattern(pattern, case)?;
        }
        Ok(())
    }

    fn or_pattern(&mut self, patterns: &'a [Pattern], case: &mut Case, loc: Loc) -> Res {
        let end = self.new_block();
        let last = patterns.len() - 1;
        let mut control: Option<Vec<Name>> = None;
        let outer_fail = std::mem::take(&mut case.fail);
        let outer = Case {
            stores: std::mem::take(&mut case.stores),
            irrefutable: case.irrefutable,
            fail: outer_fail,
            on_top: case.on_top,
        };
        for (i, alternative) in patterns.iter().enumerate() {
            let mut state = Case { irrefutable: i == last && outer.irrefutable, on_top: 0, ..Case::default() };
            self.op(Op::COPY, 1, loc);
            self.pattern(alternative, &mut state)?;
            match &control {
                None => control = Some(state.stores.clone()),
                Some(control) => {
                    if state.stores.len() != control.len() {
                        return fail(loc, "alternative patterns bind different names");
                    }
                    // The captures must lie in the first alternative's order.
                    for want in (0..control.len()).rev() {
                        let Some(have) = state.stores.iter().position(|n| *n == control[want]) else {
                            return fail(loc, "alternative patterns bind different names");
                        };
                        if want != have {
                            // Stack positions count from the top; the last store lies deepest.
                            self.reorder(&mut state.stores, have, want, loc);
                        }
                    }
                }
            }
            self.jump(Op::JUMP, end, loc);
            self.emit_fails(&mut state, loc);
        }
        *case = outer;
        // No alternative matched: drop the subject and fail.
        self.op(Op::POP_TOP, 0, loc);
        self.jump_to_fail(case, Op::JUMP, loc);
        self.use_block(end);
        let stores = control.unwrap_or_default();
        // [..., earlier captures, on_top items, subject, new captures]: bring the captures under the items.
        let n = stores.len();
        let below = n + 1 + case.on_top + case.stores.len();
        for name in &stores {
            if case.stores.contains(name) {
                return fail(loc, format!("multiple assignments to name '{name}' in pattern"));
            }
        }
        for name in stores {
            self.rotate(below, loc);
            case.stores.push(name);
        }
        // The copy of the subject.
        self.op(Op::POP_TOP, 0, loc);
        Ok(())
    }

    /// Moves the capture at index `have` to index `want`, on the stack and in the list.
    fn reorder(&mut self, stores: &mut [Name], have: usize, want: usize, loc: Loc) {
        // Captures lie on the stack with the first one on top.
        let (a, b) = (have.min(want), have.max(want));
        if a > 0 {
            self.op(Op::SWAP, a as u32 + 1, loc);
        }
        self.op(Op::SWAP, b as u32 + 1, loc);
        if a > 0 {
            self.op(Op::SWAP, a as u32 + 1, loc);
        }
        stores.swap(a, b);
    }
}

/// `_`, which matches anything and binds nothing.
fn wildcard(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::MatchAs(p) if p.pattern.is_none() && p.name.is_none())
}
