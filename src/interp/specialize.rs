//! Specialisation: how an instruction of a thread's copy is rewritten to a form for what it meets there.

/// Readies a fresh copy of instructions.
pub fn prepare(_instructions: &mut [u32]) {}
