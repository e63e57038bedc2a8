//! Decides how each local is loaded: checked where it may be unbound, borrowed where it outlives the use, else
//! counted.

use super::{Flow, NO_HANDLER};
use crate::bytecode::analysis::{Budget, NONE, Region, Start, Step, analyze};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::kind;
use crate::compiler::codegen::Slot;
use crate::compiler::error::{ErrorKind, Fail, Loc, Res};

/// Rewrites the loads of a graph whose unreachable blocks are gone. Returns the greatest depth of the stack.
pub fn decide(flow: &mut Flow, slots: &[Slot]) -> Res<u32> {
    let mut starts = vec![u32::MAX; flow.blocks.len()];
    let mut count = 0;
    for &block in &flow.order {
        starts[block as usize] = count;
        count += flow.blocks[block as usize].instrs.len() as u32;
    }
    // Handlers whose code is unreachable protect nothing that is left.
    let mut regions = Vec::new();
    let mut region_of = vec![NONE; flow.handlers.len()];
    for (i, handler) in flow.handlers.iter().enumerate() {
        if starts[handler.target as usize] != u32::MAX {
            region_of[i] = regions.len() as u32;
            let target = starts[handler.target as usize];
            regions.push(Region { target, depth: handler.depth, lasti: handler.lasti });
        }
    }
    let mut steps = Vec::with_capacity(count as usize);
    for &block in &flow.order {
        for instr in &flow.blocks[block as usize].instrs {
            let arg = if instr.is_jump() { starts[instr.arg as usize] } else { instr.arg };
            let region = if instr.handler == NO_HANDLER { NONE } else { region_of[instr.handler as usize] };
            steps.push(Step { op: instr.op, arg, region });
        }
    }
    let locals: Vec<Start> = slots
        .iter()
        .map(|s| {
            if s.kind & kind::FREE != 0 {
                Start::Cell
            } else if s.param {
                Start::Bound
            } else {
                Start::Unbound
            }
        })
        .collect();
    let (facts, depth) = analyze(&steps, &regions, &locals, &mut { Budget::UNLIMITED })
        .map_err(|e| Fail::new(Loc::NONE, format!("internal compiler error: {}", e.0)).kind(ErrorKind::Overflow))?;
    let mut at = 0;
    for &block in &flow.order {
        let instrs = &mut flow.blocks[block as usize].instrs;
        for instr in instrs.iter_mut() {
            if instr.op == Op::LOAD_FAST {
                let fact = facts[at];
                instr.op = match (fact.unbound, fact.owned) {
                    (true, _) => Op::LOAD_FAST_CHECK,
                    (false, true) => Op::LOAD_FAST,
                    (false, false) => Op::LOAD_FAST_BORROW,
                };
            }
            at += 1;
        }
    }
    Ok(depth)
}

/// Joins neighbouring borrowing loads. Operands must be final: they are packed into 12 bits each.
pub fn pair(flow: &mut Flow, places: &[u32]) {
    for &block in &flow.order {
        let instrs = &mut flow.blocks[block as usize].instrs;
        let mut out = Vec::with_capacity(instrs.len());
        let mut i = 0;
        while i < instrs.len() {
            let mut instr = instrs[i];
            i += 1;
            if instr.op == Op::LOAD_FAST_BORROW
                && let Some(next) = instrs.get(i)
                && next.op == Op::LOAD_FAST_BORROW
                && next.handler == instr.handler
                && next.line == instr.line
                && instr.arg < 1 << 12
                && next.arg < 1 << 12
                && places[instr.arg as usize] < 1 << 12
                && places[next.arg as usize] < 1 << 12
            {
                instr.op = Op::LOAD_FAST_BORROW_2;
                instr.arg |= next.arg << 12;
                i += 1;
            }
            out.push(instr);
        }
        *instrs = out;
    }
}
