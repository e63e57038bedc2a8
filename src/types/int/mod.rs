//! Integers of any size.
//!
//! | file | holds |
//! |---|---|
//! | `arith` | `IntRef`, `IntBuf`; `+ - * // % << >> & \| ^ ~`, ordering |
//! | `number` | hash, bit counts, floats, true division, byte strings |
//! | `theory` | powers, roots, divisors, factorials, binomials |
//! | `object`, `methods`, `convert` | the type `int`: operators, methods, `int(x)` |
//! | `text` | parsing and conversion to any base |

pub mod arith;
pub mod convert;
mod methods;
pub mod number;
pub mod object;
pub mod text;
pub mod theory;

pub use arith::{IntBuf, IntError, IntRef, IntResult};

use crate::object::alloc;
use crate::object::bigint::{self, BigInt, IntView};
use crate::object::core_types;
use crate::object::value::Value;

/// Views an int, a bool or an instance of a subclass; `None` for anything else.
#[inline]
pub fn as_int(v: &Value) -> Option<IntRef<'_>> {
    Some(match bigint::view(v)? {
        IntView::Small(i) => IntRef::Small(i),
        IntView::Big(b) => IntRef::Big(b),
    })
}

/// An int object of a computed number.
#[inline]
pub fn to_value(number: IntBuf) -> Value {
    match number {
        IntBuf::Small(i) => Value::int(i),
        IntBuf::Big(b) => alloc::new_fixed(&core_types::INT, BigInt(b)),
    }
}

#[cfg(test)]
mod tests;
