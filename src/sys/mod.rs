//! Safe wrappers over the operating system.

pub mod fd;
pub mod memory;
pub mod thread;
