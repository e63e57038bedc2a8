//! Opcode table, code units, disassembly, `.pyc` files.

#![forbid(unsafe_code)]

pub mod opcode;
pub mod unit;
