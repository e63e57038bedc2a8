//! `itertools`: iterators for efficient looping.
//!
//! Every iterator may be shared between threads: what it holds changes under its lock, and Python code (the source's
//! `__next__`, predicates, keys) runs outside of it. An item that a thread has taken from the source is handed out, kept
//! for later, or skipped as the iterator's rule says; none is lost. Which thread gets which item is not promised.

pub mod combinatoric;
pub mod filters;
pub mod groupby;
pub mod indices;
pub mod infinite;
pub mod joining;
pub mod tee;

use crate::object::table::{Method, ModuleSpec, NativeFn};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[Method::new(
        "tee",
        "($module, iterable, n=2, /)",
        NativeFn::Bound(tee::tee),
        "Returns a tuple of n independent iterators over one iterable.",
    )],
    types: &[
        &joining::ACCUMULATE,
        &joining::BATCHED,
        &joining::CHAIN,
        &joining::PAIRWISE,
        &joining::ZIP_LONGEST,
        &combinatoric::COMBINATIONS,
        &combinatoric::COMBINATIONS_WITH_REPLACEMENT,
        &combinatoric::PERMUTATIONS,
        &combinatoric::PRODUCT,
        &filters::COMPRESS,
        &filters::DROPWHILE,
        &filters::FILTERFALSE,
        &filters::ISLICE,
        &filters::STARMAP,
        &filters::TAKEWHILE,
        &groupby::GROUPBY,
        &groupby::GROUPER,
        &infinite::COUNT,
        &infinite::CYCLE,
        &infinite::REPEAT,
        &tee::TEE,
        &tee::TEE_DATA,
    ],
    ..ModuleSpec::new(
        "itertools",
        "Iterator building blocks.\n\n\
         Infinite: count, cycle, repeat.\n\
         Over one or several inputs: accumulate, batched, chain, compress, dropwhile, filterfalse, groupby, islice,\n\
         pairwise, starmap, takewhile, tee, zip_longest.\n\
         Combinatoric: product, permutations, combinations, combinations_with_replacement.",
    )
};
