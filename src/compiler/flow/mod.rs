//! The control-flow graph of one code object: blocks of instructions, protected by handlers, in layout order.
//!
//! Code generation appends to the current block. Jumps name blocks; locals are named by slot. `optimise` rewrites the
//! graph, `locals` decides how each local is loaded, `assemble` lays it out as a `CodeUnit`.

pub mod assemble;
pub mod depth;
mod lines;
pub mod locals;
pub mod optimise;
mod peephole;

use super::error::Loc;
use crate::bytecode::opcode::{Op, Operand};

/// Index of a block.
pub type BlockId = u32;

/// Index of a handler; `NO_HANDLER` where nothing protects.
pub type HandlerId = u32;

pub const NO_HANDLER: HandlerId = u32::MAX;

/// An instruction before layout.
#[derive(Clone, Copy, Debug)]
pub struct Instr {
    pub op: Op,
    /// The operand; for a jump, the block.
    pub arg: u32,
    pub loc: Loc,
    /// What protects it.
    pub handler: HandlerId,
    /// Not an instruction but the point where handler `arg` comes into force: its stack depth is taken here.
    pub setup: bool,
    /// Line, from 1; 0 for none. Filled in by `optimise`.
    pub line: u32,
}

impl Instr {
    pub fn new(op: Op, arg: u32, loc: Loc) -> Instr {
        Instr { op, arg, loc, handler: NO_HANDLER, setup: false, line: 0 }
    }

    pub fn is_jump(&self) -> bool {
        self.op.info().operand == Operand::Jump
    }

    pub fn target(&self) -> Option<BlockId> {
        self.is_jump().then_some(self.arg)
    }

    /// Control never goes on to the next instruction.
    pub fn ends_block(&self) -> bool {
        matches!(self.op, Op::JUMP | Op::JUMP_BACKWARD | Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE)
    }

    pub fn is_plain_jump(&self) -> bool {
        matches!(self.op, Op::JUMP | Op::JUMP_BACKWARD)
    }

    pub fn make_nop(&mut self) {
        self.op = Op::NOP;
        self.arg = 0;
        self.setup = false;
    }
}

/// A handler of exceptions.
#[derive(Clone, Copy, Debug)]
pub struct HandlerInfo {
    pub target: BlockId,
    /// The index of the raising instruction is pushed under the exception.
    pub lasti: bool,
    /// How many items on top of the stack at the setup point do not survive.
    pub above: u32,
    /// The depth to which the stack is cut; found by `depth`.
    pub depth: u32,
}

/// A straight run of instructions.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub instrs: Vec<Instr>,
}

/// The graph.
#[derive(Debug)]
pub struct Flow {
    pub blocks: Vec<Block>,
    /// Blocks in layout order; control falls through from each to the next.
    pub order: Vec<BlockId>,
    pub handlers: Vec<HandlerInfo>,
    pub cur: BlockId,
    pub cur_handler: HandlerId,
}

impl Default for Flow {
    fn default() -> Flow {
        Flow { blocks: vec![Block::default()], order: vec![0], handlers: Vec::new(), cur: 0, cur_handler: NO_HANDLER }
    }
}

impl Flow {
    pub fn new_block(&mut self) -> BlockId {
        self.blocks.push(Block::default());
        (self.blocks.len() - 1) as BlockId
    }

    /// Goes on in a block, which is laid out after the present one.
    pub fn use_block(&mut self, block: BlockId) {
        self.order.push(block);
        self.cur = block;
    }

    pub fn emit(&mut self, op: Op, arg: u32, loc: Loc) {
        let instr = Instr { handler: self.cur_handler, ..Instr::new(op, arg, loc) };
        let ends = instr.is_jump() || instr.ends_block();
        self.blocks[self.cur as usize].instrs.push(instr);
        if ends {
            let next = self.new_block();
            self.use_block(next);
        }
    }

    /// Puts the code that follows under a handler. Returns what protected it before, to be given to `end_protect`.
    pub fn protect(&mut self, target: BlockId, lasti: bool, above: u32, loc: Loc) -> HandlerId {
        let id = self.handlers.len() as HandlerId;
        self.handlers.push(HandlerInfo { target, lasti, above, depth: 0 });
        let setup = Instr { handler: self.cur_handler, setup: true, ..Instr::new(Op::NOP, id, loc) };
        self.blocks[self.cur as usize].instrs.push(setup);
        let before = std::mem::replace(&mut self.cur_handler, id);
        let next = self.new_block();
        self.use_block(next);
        before
    }

    /// Restores what protected the code before `protect`.
    pub fn end_protect(&mut self, before: HandlerId) {
        self.cur_handler = before;
    }
}
