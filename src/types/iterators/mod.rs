//! The iterator types among the builtins: enumerate, zip, map, filter, reversed, and `iter(callable, sentinel)`.
//!
//! Their state is immutable but for counters and flags, which are atomic: two threads that share one get different items
//! of the iterators below, in no promised order.

pub mod call_iter;
pub mod enumerate;
pub mod filter;
pub mod map;
pub mod pairs;
pub mod reversed;
pub mod zip;

use crate::object::args::{Args, Bound, Signature};
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use std::sync::OnceLock;

/// A constructor's text signature, parsed when first used.
pub struct Parameters {
    text: &'static str,
    parsed: OnceLock<Signature>,
}

impl Parameters {
    pub const fn new(text: &'static str) -> Parameters {
        Parameters { text, parsed: OnceLock::new() }
    }

    /// Lays out the arguments of a call of `name`.
    pub fn bind<'a>(&self, t: &Thread, name: &str, args: Args<'a>) -> PyResult<Bound<'a>> {
        self.parsed.get_or_init(|| Signature::parse(self.text)).bind(t, name, args, 0)
    }
}
