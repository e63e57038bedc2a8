//! `_functools`: [`partial`] functions, the [`lru_cache`] wrapper with its [`recency`], [`cmp_to_key`] and `reduce`.

pub mod cmp_to_key;
pub mod lru_cache;
pub mod partial;
pub mod recency;

use crate::modules::support::hide;
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "reduce",
            "($module, function, iterable, /, initial=<unrepresentable>)",
            NativeFn::Bound(reduce),
            "Applies a function of two arguments to the items from the left to the right, down to one value.\n\n\
             reduce(f, [a, b, c]) is f(f(a, b), c). The initial value, if there is one, comes before the items.",
        ),
        Method::new(
            "cmp_to_key",
            "($module, /, mycmp)",
            NativeFn::Bound(cmp_to_key::cmp_to_key),
            "Turns a comparison function into a key function.",
        ),
    ],
    types: &[
        &partial::PARTIAL,
        &partial::PLACEHOLDER_TYPE,
        &lru_cache::WRAPPER,
        &lru_cache::ENTRY,
        &cmp_to_key::KEY_WRAPPER,
    ],
    init: Some(init),
    ..ModuleSpec::new("_functools", "Tools that operate on functions.")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    hide(t, module, &["KeyWrapper", "_lru_list_elem"])?;
    protocol::set_attr(t, module, &names::intern("Placeholder"), &partial::placeholder())
}

fn reduce(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (function, iterable) = (b.req(0), b.req(1));
    let iterator = match protocol::iter(t, iterable) {
        Ok(iterator) => iterator,
        Err(raised) => {
            raise::suppress(t, raised, &exc::TYPE_ERROR)?;
            return Err(raise::type_error(t, "reduce() arg 2 must support iteration"));
        }
    };
    let mut result = match b.opt(2) {
        Some(initial) => initial.clone(),
        None => match protocol::next(t, &iterator)? {
            Some(first) => first,
            None => return Err(raise::type_error(t, "reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(item) = protocol::next(t, &iterator)? {
        result = protocol::call_values(t, function, &[result, item])?;
    }
    Ok(result)
}
