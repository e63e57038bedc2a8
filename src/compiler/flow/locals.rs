//! Decides how each local is loaded: checked, counted or borrowed.

use super::Flow;
use crate::bytecode::opcode::Op;
use crate::compiler::codegen::Slot;

/// Rewrites the loads.
pub fn decide(flow: &mut Flow, slots: &[Slot]) {
    for block in &mut flow.blocks {
        for instr in &mut block.instrs {
            if instr.op == Op::LOAD_FAST && !slots[instr.arg as usize].param {
                instr.op = Op::LOAD_FAST_CHECK;
            }
        }
    }
}
