//! Rewrites of the graph that keep its meaning: dead code, jumps to jumps, copies of short exits, handlers moved out
//! of the way.

use super::{BlockId, Flow, Instr, NO_HANDLER, lines, peephole};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::Constant;
use crate::compiler::source::Lines;

/// The longest exit block that is copied to where it is jumped to.
const MAX_COPY: usize = 4;

/// Optimises a graph whose handlers know their depths.
pub fn optimise(flow: &mut Flow, consts: &[Constant], source: &Lines) {
    for block in &mut flow.blocks {
        block.instrs.retain(|i| !i.setup);
    }
    lines::number(flow, source);
    for _ in 0..2 {
        drop_empty(flow);
        thread_jumps(flow);
        remove_unreachable(flow);
        peephole::peephole(flow, consts);
        copy_exits(flow);
        remove_unreachable(flow);
        split_exits(flow);
        lines::propagate(flow);
        lines::remove_nops(flow);
        remove_needless_jumps(flow);
    }
    cold_to_end(flow);
    remove_needless_jumps(flow);
    thread_jumps(flow);
    remove_unreachable(flow);
    forward_conditions(flow);
}

impl Flow {
    /// How many ways lead into each block (handlers count as two: nothing may be assumed there).
    pub fn predecessors(&self) -> Vec<u32> {
        let mut preds = vec![0; self.blocks.len()];
        preds[self.order[0] as usize] = 1;
        for (i, &block) in self.order.iter().enumerate() {
            let instrs = &self.blocks[block as usize].instrs;
            for instr in instrs {
                if instr.handler != NO_HANDLER {
                    preds[self.handlers[instr.handler as usize].target as usize] = 2;
                }
                if let Some(target) = instr.target() {
                    preds[target as usize] += 1;
                }
            }
            if instrs.last().is_none_or(|l| !l.ends_block())
                && let Some(&next) = self.order.get(i + 1)
            {
                preds[next as usize] += 1;
            }
        }
        preds
    }

    /// The blocks by their place in the order.
    fn positions(&self) -> Vec<usize> {
        let mut positions = vec![usize::MAX; self.blocks.len()];
        for (i, &block) in self.order.iter().enumerate() {
            positions[block as usize] = i;
        }
        positions
    }
}

/// Drops the blocks that control never reaches. `through_handlers` false: and those reached only by exceptions.
fn reachable(flow: &Flow, through_handlers: bool) -> Vec<bool> {
    let positions = flow.positions();
    let mut seen = vec![false; flow.blocks.len()];
    let mut work = vec![flow.order[0]];
    seen[flow.order[0] as usize] = true;
    while let Some(block) = work.pop() {
        let instrs = &flow.blocks[block as usize].instrs;
        let mut to = |b: BlockId| {
            if !std::mem::replace(&mut seen[b as usize], true) {
                work.push(b);
            }
        };
        let mut ended = false;
        for instr in instrs {
            if through_handlers && instr.handler != NO_HANDLER {
                to(flow.handlers[instr.handler as usize].target);
            }
            if let Some(target) = instr.target() {
                to(target);
            }
            if instr.ends_block() {
                ended = true;
                break;
            }
        }
        if !ended && let Some(&next) = flow.order.get(positions[block as usize] + 1) {
            to(next);
        }
    }
    seen
}

fn remove_unreachable(flow: &mut Flow) {
    let seen = reachable(flow, true);
    flow.order.retain(|&b| seen[b as usize]);
}

/// Blocks without instructions are left out; jumps to them go to what follows.
fn drop_empty(flow: &mut Flow) {
    let positions = flow.positions();
    for i in 0..flow.order.len() {
        let block = flow.order[i] as usize;
        if let Some(last) = flow.blocks[block].instrs.last()
            && let Some(target) = last.target()
        {
            let target = first_nonempty(flow, &positions, target);
            if let Some(last) = flow.blocks[block].instrs.last_mut() {
                last.arg = target;
            }
        }
    }
    for i in 0..flow.handlers.len() {
        let target = flow.handlers[i].target;
        if positions[target as usize] != usize::MAX {
            flow.handlers[i].target = first_nonempty(flow, &positions, target);
        }
    }
    let blocks = &flow.blocks;
    flow.order.retain(|&b| !blocks[b as usize].instrs.is_empty());
}

/// The first block from `block` on that has an instruction.
fn first_nonempty(flow: &Flow, positions: &[usize], block: BlockId) -> BlockId {
    let mut at = positions[block as usize];
    if at == usize::MAX {
        return block;
    }
    while flow.blocks[flow.order[at] as usize].instrs.is_empty() && at + 1 < flow.order.len() {
        at += 1;
    }
    flow.order[at]
}

/// Jumps to jumps go to the end of the chain.
fn thread_jumps(flow: &mut Flow) {
    let positions = flow.positions();
    for i in 0..flow.order.len() {
        let block = flow.order[i];
        let Some(&last) = flow.blocks[block as usize].instrs.last() else { continue };
        let mut jump = last;
        // A cycle of jumps (`while True: pass`) ends the search.
        for _ in 0..8 {
            let Some(target) = jump.target() else { break };
            let target = first_nonempty(flow, &positions, target);
            jump.arg = target;
            let Some(&first) = flow.blocks[target as usize].instrs.first() else { break };
            let quiet = first.line == 0 || first.line == jump.line || jump.line == 0;
            if !quiet || target == block {
                break;
            }
            // Behind a conditional jump, which ends its block.
            let behind = positions[target as usize].checked_add(1).and_then(|p| flow.order.get(p)).copied();
            let (op, to) = match (jump.op, first.op) {
                // Only plain jumps may go back: they are where a loop can be interrupted.
                (op, Op::JUMP | Op::JUMP_BACKWARD)
                    if jump.is_plain_jump() || may_thread(op) && positions[first.arg as usize] > i =>
                {
                    (op, first.arg)
                }
                (Op::JUMP_IF_FALSE_OR_POP, Op::JUMP_IF_FALSE_OR_POP)
                | (Op::JUMP_IF_TRUE_OR_POP, Op::JUMP_IF_TRUE_OR_POP) => (jump.op, first.arg),
                (Op::JUMP_IF_FALSE_OR_POP, Op::POP_JUMP_IF_FALSE) => (Op::POP_JUMP_IF_FALSE, first.arg),
                (Op::JUMP_IF_TRUE_OR_POP, Op::POP_JUMP_IF_TRUE) => (Op::POP_JUMP_IF_TRUE, first.arg),
                (Op::JUMP_IF_FALSE_OR_POP, Op::JUMP_IF_TRUE_OR_POP | Op::POP_JUMP_IF_TRUE) => match behind {
                    Some(behind) => (Op::POP_JUMP_IF_FALSE, behind),
                    None => break,
                },
                (Op::JUMP_IF_TRUE_OR_POP, Op::JUMP_IF_FALSE_OR_POP | Op::POP_JUMP_IF_FALSE) => match behind {
                    Some(behind) => (Op::POP_JUMP_IF_TRUE, behind),
                    None => break,
                },
                _ => break,
            };
            jump.op = op;
            jump.arg = to;
        }
        if let Some(last) = flow.blocks[block as usize].instrs.last_mut() {
            *last = jump;
        }
    }
}

/// Jumps that may go straight to where an unconditional jump leads. (`SEND` and `FOR_ITER` keep theirs: their targets
/// lie near.)
fn may_thread(op: Op) -> bool {
    !matches!(op, Op::SEND | Op::FOR_ITER)
}

/// A jump to the block that follows anyway.
fn remove_needless_jumps(flow: &mut Flow) {
    let positions = flow.positions();
    for i in 0..flow.order.len() {
        let block = flow.order[i];
        let Some(&last) = flow.blocks[block as usize].instrs.last() else { continue };
        if !last.is_plain_jump() {
            continue;
        }
        let target = first_nonempty(flow, &positions, last.arg);
        let falls = flow.order.get(i + 1).map(|&next| first_nonempty(flow, &positions, next));
        if falls != Some(target) {
            continue;
        }
        let instrs = &mut flow.blocks[block as usize].instrs;
        let before = instrs.len().checked_sub(2).map(|k| instrs[k].line);
        // A line that only this jump shows stays as a NOP.
        let shown = last.line == 0 || before == Some(last.line);
        if shown {
            instrs.pop();
        } else if let Some(last) = instrs.last_mut() {
            last.make_nop();
        }
    }
    lines::remove_nops(flow);
}

/// An exit or a way back without a line of its own (an implied `return None`, the end of a loop's body) belongs to the
/// line that led to it: every conditional jump to it gets a copy.
fn split_exits(flow: &mut Flow) {
    let positions = flow.positions();
    let preds = flow.predecessors();
    // Behind each block: its copies.
    let mut copies: Vec<Vec<BlockId>> = vec![Vec::new(); flow.blocks.len()];
    for i in 0..flow.order.len() {
        let block = flow.order[i];
        let Some(&last) = flow.blocks[block as usize].instrs.last() else { continue };
        let Some(target) = last.target() else { continue };
        if last.line == 0 || last.is_plain_jump() {
            continue;
        }
        let target = first_nonempty(flow, &positions, target);
        let exit = &flow.blocks[target as usize].instrs;
        let shared = preds[target as usize] > 1 && exit.iter().all(|e| e.line == 0);
        // A way back can be interrupted: it has a line too.
        let back = |l: &Instr| l.is_plain_jump() && positions[l.arg as usize] <= positions[target as usize];
        let leaves = exit.last().is_some_and(|l| back(l) || !l.is_jump() && l.ends_block()) && exit.len() <= MAX_COPY;
        if !shared || !leaves {
            continue;
        }
        let copy: Vec<Instr> = exit.iter().map(|e| Instr { line: last.line, loc: last.loc, ..*e }).collect();
        let id = flow.new_block();
        flow.blocks[id as usize].instrs = copy;
        if let Some(jump) = flow.blocks[block as usize].instrs.last_mut() {
            jump.arg = id;
        }
        copies[target as usize].push(id);
    }
    // Nothing falls into what stands behind an exit.
    let mut order = Vec::with_capacity(flow.blocks.len());
    for &block in &flow.order {
        order.push(block);
        order.append(&mut copies[block as usize]);
    }
    flow.order = order;
}

/// Short blocks that leave the code object are copied to the jumps that lead to them.
fn copy_exits(flow: &mut Flow) {
    let positions = flow.positions();
    for i in 0..flow.order.len() {
        let block = flow.order[i];
        let Some(&last) = flow.blocks[block as usize].instrs.last() else { continue };
        if !last.is_plain_jump() {
            continue;
        }
        let target = first_nonempty(flow, &positions, last.arg);
        let exit = &flow.blocks[target as usize].instrs;
        let leaves = exit.last().is_some_and(|l| matches!(l.op, Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE));
        // An exit with lines of its own would show them out of order only if the jump had a line too: it goes there
        // all the same.
        if !leaves || exit.len() > MAX_COPY || target == block {
            continue;
        }
        let mut copy: Vec<Instr> = exit.clone();
        if copy.iter().any(|c| c.is_jump()) {
            continue;
        }
        // What has no line belongs to what runs before it: the jump, or an instruction of the exit.
        let mut before = (last.line, last.loc);
        for instr in &mut copy {
            if instr.line == 0 {
                (instr.line, instr.loc) = before;
            }
            before = (instr.line, instr.loc);
        }
        let instrs = &mut flow.blocks[block as usize].instrs;
        instrs.pop();
        if last.line != 0 && copy.first().is_some_and(|c| c.line != last.line) {
            let mut nop = last;
            nop.make_nop();
            instrs.push(nop);
        }
        instrs.extend(copy);
    }
}

/// Every way back leads over a plain jump. A conditional jump that would go back is turned around, or goes to a plain
/// jump at the end of the code.
fn forward_conditions(flow: &mut Flow) {
    let positions = flow.positions();
    let mut order = Vec::with_capacity(flow.order.len());
    let mut end = Vec::new();
    for i in 0..flow.order.len() {
        let block = flow.order[i];
        order.push(block);
        let Some(&last) = flow.blocks[block as usize].instrs.last() else { continue };
        let Some(target) = last.target() else { continue };
        if last.is_plain_jump() || positions[target as usize] > i {
            continue;
        }
        let back = flow.new_block();
        flow.blocks[back as usize].instrs.push(Instr { op: Op::JUMP, arg: target, ..last });
        let opposite = match last.op {
            Op::POP_JUMP_IF_FALSE => Some(Op::POP_JUMP_IF_TRUE),
            Op::POP_JUMP_IF_TRUE => Some(Op::POP_JUMP_IF_FALSE),
            Op::POP_JUMP_IF_NONE => Some(Op::POP_JUMP_IF_NOT_NONE),
            Op::POP_JUMP_IF_NOT_NONE => Some(Op::POP_JUMP_IF_NONE),
            _ => None,
        };
        let instrs = &mut flow.blocks[block as usize].instrs;
        let Some(jump) = instrs.last_mut() else { continue };
        match (opposite, flow.order.get(i + 1)) {
            (Some(op), Some(&next)) => {
                jump.op = op;
                jump.arg = next;
                order.push(back);
            }
            _ => {
                jump.arg = back;
                end.push(back);
            }
        }
    }
    order.extend(end);
    flow.order = order;
}

/// What only exceptions reach goes behind the rest, so that the ordinary way needs no jumps over it.
fn cold_to_end(flow: &mut Flow) {
    let warm = reachable(flow, false);
    let old = std::mem::take(&mut flow.order);
    let (mut order, mut cold) = (Vec::new(), Vec::new());
    for (i, &block) in old.iter().enumerate() {
        if warm[block as usize] {
            order.push(block);
            continue;
        }
        cold.push(block);
        let falls = flow.blocks[block as usize].instrs.last().is_none_or(|l| !l.ends_block());
        if falls
            && let Some(&next) = old.get(i + 1)
            && warm[next as usize]
        {
            // The block fell into warm code: now it jumps there.
            let like = flow.blocks[block as usize].instrs.last().copied();
            let mut jump = like.unwrap_or(Instr::new(Op::JUMP, next, super::Loc::NONE));
            jump.op = Op::JUMP;
            jump.arg = next;
            // A jump cannot follow a jump in one block.
            if like.is_some_and(|l| l.is_jump()) {
                let id = flow.new_block();
                flow.blocks[id as usize].instrs.push(jump);
                cold.push(id);
            } else {
                flow.blocks[block as usize].instrs.push(jump);
            }
        }
    }
    order.extend(cold);
    flow.order = order;
}
