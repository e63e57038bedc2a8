//! Orochi: a Python 3.14 virtual machine with no global interpreter lock.
//!
//! A folder imports only from folders that stand before it in this list (`tests/layering.rs` holds it):
//! `sync`, `sys`, `heap`, `object`, `bytecode`, `compiler`, `types`, `interp`, `modules`, `runtime`, `cli`.

pub mod bytecode;
pub mod cli;
pub mod compiler;
pub mod heap;
pub mod interp;
pub mod modules;
pub mod object;
pub mod runtime;
pub mod sync;
pub mod sys;
pub mod types;
