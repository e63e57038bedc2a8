//! Complex numbers.
//!
//! | file | holds |
//! |---|---|
//! | `arith` | `*`, `/`, `**`, hash |
//! | `text` | `repr` and parsing |

pub mod arith;
pub mod text;

pub use arith::Complex;
