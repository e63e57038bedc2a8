//! Floats.
//!
//! | file | holds |
//! |---|---|
//! | `object`, `methods`, `convert` | the type `float`: payload and operators, methods, `float(x)` |
//! | `text` | digits, `repr`, the `e f g r` forms, parsing |
//! | `hex` | `hex()` and `fromhex()` |
//! | `arith` | `//`, `%`, `**`, rounding, hash, ratios |

pub mod arith;
pub mod convert;
pub mod hex;
mod methods;
pub mod object;
pub mod text;
