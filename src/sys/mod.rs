//! Safe wrappers over the operating system.

pub mod clock;
pub mod fd;
pub mod memory;
pub mod thread;
