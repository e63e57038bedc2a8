//! Opcode table, code units, disassembly, `.pyc` files.

#![deny(unsafe_code)]

pub mod analysis;
pub mod code;
pub mod dis;
pub mod monitor;
pub mod opcode;
pub mod pyc;
pub mod unit;
pub mod verify;
