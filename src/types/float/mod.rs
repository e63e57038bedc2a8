//! Floats.
//!
//! | file | holds |
//! |---|---|
//! | `text` | digits, `repr`, the `e f g r` forms, parsing |
//! | `hex` | `hex()` and `fromhex()` |
//! | `arith` | `//`, `%`, `**`, rounding, hash, ratios |

pub mod arith;
pub mod hex;
pub mod text;
