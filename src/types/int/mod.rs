//! Integers of any size.
//!
//! | file | holds |
//! |---|---|
//! | `arith` | `IntRef`, `IntBuf`; `+ - * // % << >> & \| ^ ~`, ordering |
//! | `number` | hash, bit counts, floats, true division, byte strings |
//! | `theory` | powers, roots, divisors, factorials, binomials |
//! | `text` | parsing and conversion to any base |

pub mod arith;
pub mod number;
pub mod text;
pub mod theory;

pub use arith::{IntBuf, IntError, IntRef, IntResult};
