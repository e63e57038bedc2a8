//! Source lines of instructions: those without a place take that of what runs before them; NOPs stay only where a
//! line would otherwise have no instruction (tracing shows every line).

use super::{Flow, Instr};
use crate::bytecode::opcode::Op;
use crate::compiler::source::Lines;

/// Fills in the lines of all instructions.
pub fn number(flow: &mut Flow, lines: &Lines) {
    let mut last = (super::Loc::NONE, 0);
    for block in &mut flow.blocks {
        for instr in &mut block.instrs {
            if instr.loc != last.0 {
                last = (instr.loc, if instr.loc.is_none() { 0 } else { lines.line(instr.loc.start) });
            }
            instr.line = last.1;
        }
    }
}

/// Gives instructions without a place that of the instruction before, within a block and into blocks that only one
/// path leads to.
pub fn propagate(flow: &mut Flow) {
    let preds = flow.predecessors();
    for i in 0..flow.order.len() {
        let block = flow.order[i] as usize;
        let mut before: Option<Instr> = None;
        for instr in &mut flow.blocks[block].instrs {
            match before {
                Some(before) if instr.loc.is_none() => {
                    instr.loc = before.loc;
                    instr.line = before.line;
                }
                _ => {}
            }
            before = Some(*instr);
        }
        let Some(last) = before else { continue };
        let mut onward = Vec::new();
        if !last.ends_block()
            && let Some(&next) = flow.order.get(i + 1)
        {
            onward.push(next);
        }
        if let Some(target) = last.target() {
            onward.push(target);
        }
        for next in onward {
            if preds[next as usize] == 1
                && let Some(first) = flow.blocks[next as usize].instrs.first_mut()
                && first.loc.is_none()
            {
                first.loc = last.loc;
                first.line = last.line;
            }
        }
    }
}

/// Removes NOPs that no line needs.
pub fn remove_nops(flow: &mut Flow) {
    for i in 0..flow.order.len() {
        let block = flow.order[i] as usize;
        // The line of the first instruction that runs after the block.
        let mut after = 0;
        for &next in &flow.order[i + 1..] {
            if let Some(first) = flow.blocks[next as usize].instrs.iter().find(|x| x.op != Op::NOP || x.line != 0) {
                after = first.line;
                break;
            }
        }
        let old = std::mem::take(&mut flow.blocks[block].instrs);
        let mut instrs: Vec<Instr> = Vec::with_capacity(old.len());
        let mut line = 0;
        let mut carried: Option<Instr> = None;
        for (k, instr) in old.iter().enumerate() {
            let mut instr = *instr;
            if let Some(nop) = carried.take() {
                instr.loc = nop.loc;
                instr.line = nop.line;
            }
            if instr.op == Op::NOP {
                let next = old.get(k + 1);
                let needless =
                    instr.line == 0 || instr.line == line || next.map_or(after == instr.line, |n| n.line == instr.line);
                if needless {
                    continue;
                }
                // The next instruction can stand for the line if it has none of its own.
                if next.is_some_and(|n| n.line == 0) {
                    carried = Some(instr);
                    continue;
                }
            }
            line = instr.line;
            instrs.push(instr);
        }
        flow.blocks[block].instrs = instrs;
    }
}
