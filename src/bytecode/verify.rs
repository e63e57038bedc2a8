//! Checks that a code unit from outside is one that the compiler could have made, as far as the evaluation loop relies
//! on it: operands in range, jumps to instructions, stack depths, bound and borrowed locals, cells, handlers.

use super::analysis::{self, Budget, NONE, Region, Start, Step};
use super::opcode::{BinaryOp, COMPARE_TO_BOOL, CompareOp, Intrinsic, Op, Operand, arg};
use super::unit::{CodeUnit, Constant, flags, kind};

/// The deepest operand stack that is believed.
const MAX_STACK: u32 = 1 << 20;

/// What checking may cost (see `Budget`), far beyond what compiled code needs: work for all of a file, some for each
/// instruction besides, and the words that are kept for a unit (128 MiB).
const WORK: u64 = 1 << 28;
const WORK_PER_STEP: u64 = 64;
const ROOM: u64 = 1 << 24;

/// The operand of `SET_FUNCTION_ATTRIBUTE` for the tuple of cells.
const CLOSURE: u32 = 8;

/// Why a unit is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

fn refuse<T>(unit: &CodeUnit, what: impl std::fmt::Display) -> Result<T, Invalid> {
    Err(Invalid(format!("code object {}: {what}", unit.qualname)))
}

/// Checks a unit and the units among its constants.
pub fn verify(unit: &CodeUnit) -> Result<(), Invalid> {
    verify_all(unit, &mut { WORK })
}

fn verify_all(unit: &CodeUnit, work: &mut u64) -> Result<(), Invalid> {
    verify_within(unit, work)?;
    for constant in &unit.consts {
        if let Constant::Code(inner) = constant {
            verify_all(inner, work)?;
        }
    }
    Ok(())
}

/// How many locals are parameters.
pub fn parameter_count(unit: &CodeUnit) -> u32 {
    unit.arg_count
        .saturating_add(unit.keyword_only_count)
        .saturating_add(u32::from(unit.flags & flags::VARARGS != 0))
        .saturating_add(u32::from(unit.flags & flags::VARKEYWORDS != 0))
}

/// Checks a unit; code among its constants was checked already.
pub fn verify_one(unit: &CodeUnit) -> Result<(), Invalid> {
    verify_within(unit, &mut { WORK })
}

fn verify_within(unit: &CodeUnit, work: &mut u64) -> Result<(), Invalid> {
    let parameters = parameter_count(unit) as usize;
    if unit.stack_size > MAX_STACK {
        return refuse(unit, "stack too deep");
    }
    if parameters > unit.locals.len() || unit.positional_only_count > unit.arg_count {
        return refuse(unit, "more parameters than locals");
    }
    if unit.locals[..parameters].iter().any(|l| l.kind & kind::LOCAL == 0) {
        return refuse(unit, "a parameter is no local");
    }
    let frees = unit.locals.iter().rev().take_while(|l| l.kind & kind::FREE != 0).count();
    if unit.locals.iter().filter(|l| l.kind & kind::FREE != 0).count() != frees {
        return refuse(unit, "free variables are not last");
    }
    if unit.flags & flags::HAS_DOCSTRING != 0 && !matches!(unit.consts.first(), Some(Constant::Str(_))) {
        return refuse(unit, "no docstring");
    }
    let (mut steps, index) = decode(unit)?;
    let body = prologue(unit, &steps, frees as u32)?;
    let target = |at: u32| match index.get(at as usize) {
        Some(&step) if step != NONE => Ok(step),
        _ => refuse(unit, format!("jump into the middle of an instruction ({at})")),
    };
    for step in &mut steps {
        if analysis::is_jump(step.op) {
            step.arg = target(step.arg)?;
        }
    }
    // Every loop has a safepoint in it: without one it could be neither interrupted nor stopped.
    let backward = |(at, step): (usize, &Step)| {
        analysis::is_jump(step.op) && (step.arg as usize <= at) != (step.op == Op::JUMP_BACKWARD)
    };
    if steps.iter().enumerate().any(backward) {
        return refuse(unit, "jump in the wrong direction");
    }
    let mut regions = Vec::new();
    for handler in &unit.handlers {
        let end_ok = handler.end as usize == unit.instructions.len() || target(handler.end).is_ok();
        if handler.start >= handler.end || handler.target < handler.end || !end_ok {
            return refuse(unit, "handler range");
        }
        let first = target(handler.start)?;
        let region = regions.len() as u32;
        regions.push(Region { target: target(handler.target)?, depth: handler.depth, lasti: handler.lasti });
        let last = index.get(handler.end as usize).copied().unwrap_or(steps.len() as u32);
        for step in &mut steps[first as usize..last as usize] {
            // The first entry that covers an instruction counts.
            if step.region == NONE {
                step.region = region;
            }
        }
    }
    // No way may lead back into the prologue, or between an instruction and what it relies on before it.
    let entries =
        steps.iter().filter(|s| analysis::is_jump(s.op)).map(|s| s.arg).chain(regions.iter().map(|r| r.target));
    for entry in entries {
        if entry < body || follows_closely(&steps[entry as usize]) {
            return refuse(unit, format!("jump to {}", steps[entry as usize].op.info().name));
        }
    }
    for at in 0..steps.len() {
        if !neighbours_ok(unit, &steps, at) {
            return refuse(unit, format!("misplaced {}", steps[at].op.info().name));
        }
    }
    let mut locals = vec![Start::Unbound; unit.locals.len()];
    locals[..parameters].fill(Start::Bound);
    let count = locals.len();
    locals[count - frees..].fill(Start::Cell);
    *work += steps.len() as u64 * WORK_PER_STEP;
    let mut budget = Budget { work: *work, room: ROOM, depth: unit.stack_size as usize };
    let found = analysis::analyze(&steps, &regions, &locals, &mut budget);
    *work = budget.work;
    let facts = match found {
        Ok((facts, depth)) if depth <= unit.stack_size => facts,
        Ok(_) => return refuse(unit, "stack size"),
        Err(error) => return refuse(unit, error.0),
    };
    for (step, fact) in steps.iter().zip(&facts) {
        let ok = match step.op {
            Op::LOAD_FAST => !fact.unbound,
            Op::LOAD_FAST_BORROW | Op::LOAD_FAST_BORROW_2 => !fact.unbound && !fact.owned,
            _ => true,
        };
        if fact.reached && !ok {
            return refuse(unit, format!("unsafe {}", step.op.info().name));
        }
    }
    let ascending = unit.locations.windows(2).all(|w| w[0].0 < w[1].0);
    if !ascending || unit.locations.last().is_some_and(|l| l.0 as usize >= unit.instructions.len()) {
        return refuse(unit, "locations");
    }
    Ok(())
}

/// The instructions, and per word the index of the instruction that starts there.
fn decode(unit: &CodeUnit) -> Result<(Vec<Step>, Vec<u32>), Invalid> {
    let words = &unit.instructions;
    let mut steps = Vec::with_capacity(words.len());
    let mut index = vec![NONE; words.len()];
    let mut at = 0;
    let mut caches = 0;
    while at < words.len() {
        let op = match Op::decode(words[at]) {
            Some(op) if (op as u8) < Op::LAST_GENERIC as u8 => op,
            _ => return refuse(unit, format!("unknown opcode at {at}")),
        };
        let arg = arg(words[at]);
        if !operand_ok(unit, op, arg) || !companion_ok(unit, op, arg, steps.last()) {
            return refuse(unit, format!("operand of {} at {at}", op.info().name));
        }
        index[at] = steps.len() as u32;
        steps.push(Step { op, arg, region: NONE });
        at += 1;
        if op.info().cache {
            if words.get(at) != Some(&caches) {
                return refuse(unit, format!("cache index at {at}"));
            }
            caches += 1;
            at += 1;
        }
    }
    if steps.is_empty() || caches != unit.cache_count {
        return refuse(unit, "no instructions, or wrong number of caches");
    }
    Ok((steps, index))
}

fn operand_ok(unit: &CodeUnit, op: Op, arg: u32) -> bool {
    let local = |n: u32| (n as usize) < unit.locals.len();
    match op.info().operand {
        Operand::None => arg == 0,
        Operand::Const => (arg as usize) < unit.consts.len(),
        Operand::Name => (arg as usize) < unit.names.len(),
        Operand::Local => local(arg),
        Operand::Local2 => local(arg & 0xfff) && local(arg >> 12),
        Operand::Jump => (arg as usize) < unit.instructions.len(),
        Operand::Binary => BinaryOp::from_arg(arg).is_some(),
        Operand::Compare => CompareOp::from_arg(arg & !COMPARE_TO_BOOL).is_some(),
        Operand::Intrinsic => Intrinsic::from_arg(arg).is_some_and(|i| two_operands(i) == (op == Op::CALL_INTRINSIC_2)),
        Operand::Num => match op {
            Op::RESUME | Op::LOAD_SPECIAL => arg < 4,
            Op::LOAD_COMMON_CONSTANT => arg < 7,
            Op::IS_OP | Op::CONTAINS_OP | Op::YIELD_VALUE | Op::CALL_FUNCTION_EX | Op::RERAISE => arg < 2,
            Op::RAISE_VARARGS | Op::GET_AWAITABLE => arg < 3,
            // More than the stack holds would be refused later, at the cost of memory.
            Op::UNPACK_SEQUENCE => arg <= unit.stack_size,
            Op::UNPACK_EX => arg >> 8 <= unit.stack_size,
            Op::BUILD_SLICE => arg == 2 || arg == 3,
            Op::CONVERT_VALUE => (1..4).contains(&arg),
            Op::BUILD_INTERPOLATION => arg < 8,
            Op::SET_FUNCTION_ATTRIBUTE => matches!(arg, 1 | 2 | 4 | 8 | 16 | 32),
            Op::LIST_APPEND
            | Op::SET_ADD
            | Op::MAP_ADD
            | Op::LIST_EXTEND
            | Op::SET_UPDATE
            | Op::DICT_UPDATE
            | Op::DICT_MERGE => arg > 0,
            _ => true,
        },
    }
}

fn two_operands(intrinsic: Intrinsic) -> bool {
    matches!(
        intrinsic,
        Intrinsic::PrepReraiseStar
            | Intrinsic::TypeVarWithBound
            | Intrinsic::TypeVarWithConstraints
            | Intrinsic::SetFunctionTypeParams
            | Intrinsic::SetTypeparamDefault
    )
}

/// Instructions whose operand on the stack must be a certain constant follow its load.
fn companion_ok(unit: &CodeUnit, op: Op, arg: u32, before: Option<&Step>) -> bool {
    let constant = before.filter(|b| b.op == Op::LOAD_CONST).and_then(|b| unit.consts.get(b.arg as usize));
    let names = |most: u32| {
        matches!(constant, Some(Constant::Tuple(names)) if names.len() <= most as usize
            && names.iter().all(|n| matches!(n, Constant::Str(_))))
    };
    match op {
        Op::MAKE_FUNCTION => matches!(constant, Some(Constant::Code(_))),
        Op::CALL_KW => names(arg),
        Op::MATCH_CLASS => names(u32::MAX),
        _ => true,
    }
}

/// Whether an instruction relies on the one right before it.
fn follows_closely(step: &Step) -> bool {
    match step.op {
        Op::MAKE_FUNCTION | Op::CALL_KW | Op::MATCH_CLASS | Op::SET_FUNCTION_ATTRIBUTE => true,
        Op::YIELD_VALUE => step.arg == 1,
        _ => false,
    }
}

/// Checks instructions that come in groups; jumps have steps for targets.
fn neighbours_ok(unit: &CodeUnit, steps: &[Step], at: usize) -> bool {
    let step = steps[at];
    match step.op {
        // A function gets its attributes when nobody else has it yet, each once, and the cells that its code needs.
        Op::MAKE_FUNCTION => {
            let given = steps[at + 1..].iter().take_while(|s| s.op == Op::SET_FUNCTION_ATTRIBUTE);
            let (mut seen, mut once) = (0, true);
            for attribute in given {
                once &= seen & attribute.arg == 0;
                seen |= attribute.arg;
            }
            let code = at.checked_sub(1).and_then(|before| unit.consts.get(steps[before].arg as usize));
            let Some(Constant::Code(code)) = code else { return false };
            once && (seen & CLOSURE != 0) == code.locals.iter().any(|l| l.kind & kind::FREE != 0)
        }
        Op::SET_FUNCTION_ATTRIBUTE => {
            at > 0 && matches!(steps[at - 1].op, Op::MAKE_FUNCTION | Op::SET_FUNCTION_ATTRIBUTE)
        }
        // Generators that delegate are passed through without the instructions between.
        Op::YIELD_VALUE if step.arg == 1 => {
            at > 0
                && steps[at - 1].op == Op::SEND
                && steps.get(at + 1).is_some_and(|s| s.op == Op::RESUME)
                && steps.get(at + 2).is_some_and(|s| s.op == Op::JUMP_BACKWARD && s.arg as usize == at - 1)
        }
        _ => true,
    }
}

/// Cells and free variables come first, then a generator's return; nowhere else. Answers where that ends.
fn prologue(unit: &CodeUnit, steps: &[Step], frees: u32) -> Result<u32, Invalid> {
    let mut at = 0;
    if frees > 0 {
        if steps[0].op != Op::COPY_FREE_VARS || steps[0].arg != frees {
            return refuse(unit, "free variables are not copied");
        }
        at = 1;
    }
    while steps.get(at).is_some_and(|s| s.op == Op::MAKE_CELL) {
        at += 1;
    }
    let suspends = unit.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) != 0;
    if suspends {
        if steps.get(at).map(|s| s.op) != Some(Op::RETURN_GENERATOR) {
            return refuse(unit, "a generator does not start as one");
        }
        at += 1;
    }
    for step in &steps[at..] {
        let misplaced = match step.op {
            Op::COPY_FREE_VARS | Op::RETURN_GENERATOR => true,
            Op::YIELD_VALUE => !suspends,
            _ => false,
        };
        if misplaced {
            return refuse(unit, format!("misplaced {}", step.op.info().name));
        }
    }
    Ok(at as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytecode::opcode::encode;
    use crate::bytecode::unit::{Handler, Local};

    /// The reason why code of these instructions (without caches) is refused.
    fn reason(unit: CodeUnit, instructions: &[(Op, u32)]) -> String {
        let instructions = instructions.iter().map(|(op, arg)| encode(*op, *arg)).collect();
        let unit = CodeUnit { instructions, stack_size: 20, consts: vec![Constant::None], ..unit };
        verify(&unit).map_or_else(|e| e.0, |()| "accepted".into())
    }

    fn plain(instructions: &[(Op, u32)]) -> String {
        reason(CodeUnit::default(), instructions)
    }

    #[test]
    fn what_the_loop_relies_on_is_refused_otherwise() {
        let none = (Op::LOAD_CONST, 0);
        let end = (Op::RETURN_VALUE, 0);
        assert_eq!(plain(&[none, end]), "accepted");
        // A container that would lie below the stack, or be null.
        let below = [(Op::BUILD_LIST, 0), none, (Op::LIST_APPEND, 2), end];
        assert_eq!(plain(&below), "code object : instruction 2: stack underflow");
        let null = [(Op::PUSH_NULL, 0), none, (Op::LIST_APPEND, 1), (Op::POP_TOP, 0), none, end];
        assert_eq!(plain(&null), "code object : instruction 2: operand may be null");
        // Words left behind.
        assert_eq!(plain(&[none, none, end]), "code object : instruction 2: returns with a stack that is not empty");
        // A loop that nobody can interrupt.
        assert_eq!(plain(&[(Op::NOP, 0), (Op::JUMP, 0)]), "code object : jump in the wrong direction");
        // Exception state made up.
        let previous = [none, (Op::POP_EXCEPT, 0), none, end];
        assert_eq!(plain(&previous), "code object : instruction 1: exception state mixed up");
        // Delegation that is none.
        let generator = CodeUnit { flags: flags::GENERATOR, ..CodeUnit::default() };
        let start = [(Op::RETURN_GENERATOR, 0), (Op::POP_TOP, 0)];
        let yields = [&start[..], &[none, (Op::YIELD_VALUE, 1), end]].concat();
        assert_eq!(reason(generator.clone(), &yields), "code object : misplaced YIELD_VALUE");
        // A generator made twice.
        let again = [(Op::RETURN_GENERATOR, 0), (Op::POP_TOP, 0), (Op::JUMP_BACKWARD, 0)];
        assert_eq!(reason(generator, &again), "code object : jump to RETURN_GENERATOR");
        // Loops in loops over a deep stack, within little work.
        let mut loops = vec![none; 200];
        loops.extend([(Op::NOP, 0); 100]);
        for back in (200..300).rev() {
            let at = loops.len() as u32;
            loops.extend([none, (Op::POP_JUMP_IF_NONE, at + 3), (Op::JUMP_BACKWARD, back)]);
        }
        loops.extend([(Op::POP_TOP, 0); 199]);
        loops.push(end);
        let instructions = loops.iter().map(|(op, arg)| encode(*op, *arg)).collect();
        let unit = CodeUnit { instructions, stack_size: 201, consts: vec![Constant::None], ..CodeUnit::default() };
        assert_eq!(verify(&unit), Ok(()));
        assert_eq!(verify_within(&unit, &mut 1000), Err(Invalid("code object : too complex".into())));
        // A handler that expects words which the instruction has taken.
        let handlers = vec![Handler { start: 1, end: 2, target: 3, depth: 1, lasti: false }];
        let unit = CodeUnit { handlers, ..CodeUnit::default() };
        let taken = [none, (Op::UNARY_NOT, 0), end, (Op::POP_TOP, 0), end];
        assert_eq!(reason(unit, &taken), "code object : instruction 1: takes what its handler keeps");
        // A function whose code needs cells that nobody gives it.
        let locals = vec![Local { name: "x".into(), kind: kind::FREE }];
        let inner = Constant::Code(std::sync::Arc::new(CodeUnit { locals, ..CodeUnit::default() }));
        let unit = CodeUnit {
            instructions: [none, (Op::MAKE_FUNCTION, 0), end].iter().map(|(op, n)| encode(*op, *n)).collect(),
            consts: vec![inner],
            stack_size: 2,
            ..CodeUnit::default()
        };
        assert_eq!(verify(&unit).unwrap_err().0, "code object : misplaced MAKE_FUNCTION");
    }
}
