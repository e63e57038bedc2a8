//! The atomics and cells that the primitives use: std's, or loom's when the models are built.

#[cfg(not(loom))]
pub use std::sync::atomic;

#[cfg(loom)]
pub use loom::sync::atomic;
