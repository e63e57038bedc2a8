//! Safe wrappers over the operating system.

pub mod memory;
