//! Concurrency primitives: generic, state passed in, checked by loom.

pub mod count;
pub mod shim;
pub mod slot;
