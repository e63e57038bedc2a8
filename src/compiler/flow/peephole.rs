//! Rewrites within a block.

use super::{Flow, Instr};
use crate::bytecode::opcode::Op;
use crate::bytecode::unit::Constant;

/// Applies the rewrites to every block.
pub fn peephole(flow: &mut Flow, consts: &[Constant]) {
    for &block in &flow.order {
        let instrs = &mut flow.blocks[block as usize].instrs;
        for i in 0..instrs.len() {
            rewrite(instrs, i, consts);
        }
        drop_nops_between(instrs);
        for i in (0..instrs.len()).rev() {
            if instrs[i].op == Op::SWAP {
                swap_stores(instrs, i);
            }
        }
    }
}

/// A NOP made by a rewrite has no line of its own to show: the instruction it belonged to goes on on that line.
fn erase(instr: &mut Instr) {
    instr.op = Op::NOP;
    instr.arg = 0;
    instr.line = 0;
    instr.loc = super::Loc::NONE;
}

fn drop_nops_between(instrs: &mut Vec<Instr>) {
    instrs.retain(|i| i.op != Op::NOP || i.line != 0);
}

fn rewrite(instrs: &mut [Instr], i: usize, consts: &[Constant]) {
    let Some(next) = instrs.get(i + 1).copied() else { return };
    let here = instrs[i];
    match (here.op, next.op) {
        (Op::LOAD_CONST, Op::POP_TOP) => {
            erase(&mut instrs[i]);
            erase(&mut instrs[i + 1]);
        }
        (Op::COPY, Op::POP_TOP) if here.arg == 1 => {
            erase(&mut instrs[i]);
            erase(&mut instrs[i + 1]);
        }
        (Op::BUILD_TUPLE | Op::BUILD_LIST, Op::UNPACK_SEQUENCE)
            if here.arg == next.arg && (1..=3).contains(&here.arg) =>
        {
            erase(&mut instrs[i]);
            if here.arg == 1 {
                erase(&mut instrs[i + 1]);
            } else {
                instrs[i + 1].op = Op::SWAP;
            }
        }
        (Op::SWAP, Op::SWAP) if here.arg == next.arg => {
            erase(&mut instrs[i]);
            erase(&mut instrs[i + 1]);
        }
        (Op::IS_OP | Op::CONTAINS_OP, Op::UNARY_NOT) => {
            instrs[i + 1].op = here.op;
            instrs[i + 1].arg = here.arg ^ 1;
            erase(&mut instrs[i]);
        }
        (Op::LOAD_CONST, Op::IS_OP) if matches!(consts.get(here.arg as usize), Some(Constant::None)) => {
            let Some(jump) = instrs.get(i + 2).copied() else { return };
            let none = match jump.op {
                Op::POP_JUMP_IF_TRUE => next.arg == 0,
                Op::POP_JUMP_IF_FALSE => next.arg == 1,
                _ => return,
            };
            instrs[i + 2].op = if none { Op::POP_JUMP_IF_NONE } else { Op::POP_JUMP_IF_NOT_NONE };
            erase(&mut instrs[i]);
            erase(&mut instrs[i + 1]);
        }
        _ => {}
    }
}

/// A swap before stores into locals: the stores change places instead, unless one would overwrite the other.
fn swap_stores(instrs: &mut Vec<Instr>, at: usize) {
    let n = instrs[at].arg as usize;
    let stored = |i: &Instr| (i.op == Op::STORE_FAST).then_some(i.arg);
    let Some(run) = instrs.get(at + 1..at + 1 + n) else { return };
    let movable =
        run.iter().all(|i| matches!(i.op, Op::STORE_FAST | Op::POP_TOP) && (i.line == instrs[at].line || i.line == 0));
    if !movable {
        return;
    }
    let (first, last) = (stored(&run[0]), stored(&run[n - 1]));
    if first.is_some() && first == last {
        return;
    }
    let between = &run[1..n - 1];
    if between.iter().any(|i| stored(i).is_some_and(|s| Some(s) == first || Some(s) == last)) {
        return;
    }
    instrs.swap(at + 1, at + n);
    instrs.remove(at);
}
