//! Safe wrappers over the operating system.

pub mod clock;
pub mod dir;
pub mod fd;
pub mod locale;
pub mod mapping;
pub mod memory;
pub mod net;
pub mod preserving;
pub mod signal;
pub mod spawn;
pub mod sqlite;
pub mod thread;
pub mod thread_word;
pub mod users;
