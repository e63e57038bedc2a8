//! The type `bytes`, and the operations that it shares with `bytearray`.

pub mod hex;
pub mod ops;
