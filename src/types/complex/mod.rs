//! Complex numbers.
//!
//! | file | holds |
//! |---|---|
//! | `arith` | `*`, `/`, `**`, hash |
//! | `object`, `convert` | the type `complex`: operators and methods, `complex(x)` |
//! | `text` | `repr` and parsing |

pub mod arith;
pub mod convert;
pub mod object;
pub mod text;

pub use arith::Complex;
