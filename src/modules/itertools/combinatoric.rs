//! `product`, `permutations`, `combinations` and `combinations_with_replacement`: the index sequences applied to pools.

use smallvec::SmallVec;

use super::indices::{Combinations, Permutations, Product};
use crate::modules::support::{Guarded, Parameters, iter_self, size_argument};
use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, str, tuple};
use crate::this;

type Indices = SmallVec<[usize; 8]>;

macro_rules! picker {
    ($(#[$m:meta])* $payload:ident $ty:ident $spec:ident $name:literal $signature:literal $doc:literal
     $indices:ty, $new:expr, $item:expr) => {
        $(#[$m])*
        pub struct $payload {
            /// Tuples; all but `product` have one.
            pools: Box<[Stored]>,
            indices: Guarded<$indices>,
        }

        #[doc = concat!("`itertools.", $name, "`.")]
        pub static $ty: StaticType = StaticType::new(&$spec);

        static $spec: TypeSpec = TypeSpec {
            doc: $doc,
            signature: $signature,
            slots: SlotTable {
                new: Some(|t, class, args| {
                    let (pools, indices): (Vec<Stored>, $indices) = $new(t, class, args)?;
                    Ok(alloc::new(class, $payload { pools: pools.into(), indices: Guarded::new(indices) }))
                }),
                iter: Some(iter_self),
                next: Some(|t, v| {
                    let this = this!(v, $payload);
                    let now = this.indices.with_for("stress: combinations move in one step", t, v, |indices| {
                        indices.advance().then(|| Indices::from_slice(indices.indices()))
                    });
                    let Some(now) = now else { return Ok(None) };
                    let item: fn(&[Stored], usize, usize) -> Value = $item;
                    let items = now.iter().enumerate().map(|(place, &index)| item(&this.pools, place, index));
                    Ok(Some(tuple::from_iter(now.len(), items)))
                }),
                ..SlotTable::EMPTY
            },
            flags: flag::BASETYPE,
            ..TypeSpec::new("itertools", $name, layout_of::<$payload>(true))
        };

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                self.pools.iter().for_each(|pool| visit(pool));
            }
        }
    };
}

fn from_only_pool(pools: &[Stored], _: usize, index: usize) -> Value {
    tuple::items(&pools[0])[index].clone()
}

picker! {
    /// State of `product`.
    ProductIter PRODUCT PRODUCT_SPEC "product" "(*iterables, repeat=1)"
    "Cartesian product of the iterables, like nested for loops; repeat takes all of them that many times."
    Product, product_new, |pools, place, index| tuple::items(&pools[place % pools.len()])[index].clone()
}

picker! {
    /// State of `combinations`.
    CombinationsIter COMBINATIONS COMBINATIONS_SPEC "combinations" "(iterable, r)"
    "All ways to choose r items, in the order of the iterable."
    Combinations, |t, class, args| choose(t, &COMBINATIONS, class, args, false), from_only_pool
}

picker! {
    /// State of `combinations_with_replacement`.
    ReplacementIter COMBINATIONS_WITH_REPLACEMENT REPLACEMENT_SPEC "combinations_with_replacement" "(iterable, r)"
    "All ways to choose r items, in the order of the iterable, where an item may be chosen more than once."
    Combinations, |t, class, args| choose(t, &COMBINATIONS_WITH_REPLACEMENT, class, args, true), from_only_pool
}

picker! {
    /// State of `permutations`.
    PermutationsIter PERMUTATIONS PERMUTATIONS_SPEC "permutations" "(iterable, r=None)"
    "All arrangements of r items (default: of all)."
    Permutations, permutations_new, from_only_pool
}

fn pool(t: &Thread, iterable: &Value) -> PyResult<Stored> {
    if iterable.downcast_exact::<tuple::Tuple>().is_some() {
        return Ok(Stored::new(iterable.clone()));
    }
    Ok(Stored::new(tuple::from_vec(protocol::collect(t, iterable)?)))
}

fn product_new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult<(Vec<Stored>, Product)> {
    let mut repeat = 1;
    for (name, value) in args.keywords() {
        if !str::eq_str(name, "repeat") {
            let message = format!("product() got an unexpected keyword argument '{}'", str::lossy(name));
            return Err(raise::type_error(t, message));
        }
        repeat = size_argument(t, value)?;
    }
    if repeat < 0 {
        return Err(raise::value_error(t, "repeat argument cannot be negative"));
    }
    let count = args.pos().len();
    let total = if count == 0 { Some(0) } else { count.checked_mul(repeat as usize) };
    // One index is a machine word; more of them than memory can hold are refused as CPython refuses them.
    let Some(total) = total.filter(|&n| n <= isize::MAX as usize / size_of::<usize>()) else {
        return Err(raise::overflow_error(t, "repeat argument too large"));
    };
    let pools = if repeat == 0 {
        Vec::new()
    } else {
        args.pos().iter().map(|iterable| pool(t, iterable)).collect::<PyResult<Vec<_>>>()?
    };
    let mut sizes = Vec::new();
    if crate::sync::may_fail::reserve(&mut sizes, total).is_err() {
        return Err(raise::memory_error(t, ""));
    }
    let lens = pools.iter().map(|pool| tuple::items(pool).len());
    sizes.extend(lens.cycle().take(total));
    Ok((pools, Product::new(sizes)))
}

fn choose(
    t: &Thread,
    native: &Type,
    class: &Type,
    args: Args<'_>,
    repeats: bool,
) -> PyResult<(Vec<Stored>, Combinations)> {
    static PARAMETERS: Parameters = Parameters::new("(iterable, r)");
    let b = PARAMETERS.bind(t, native, class, args)?;
    let r = size_argument(t, b.req(1))?;
    let pool = pool(t, b.req(0))?;
    let n = tuple::items(&pool).len();
    let r = length(t, r, if repeats { usize::MAX } else { n })?;
    Ok((vec![pool], Combinations::new(n, r, repeats)))
}

fn permutations_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult<(Vec<Stored>, Permutations)> {
    static PARAMETERS: Parameters = Parameters::new("(iterable, r=None)");
    let b = PARAMETERS.bind(t, &PERMUTATIONS, class, args)?;
    let pool = pool(t, b.req(0))?;
    let n = tuple::items(&pool).len();
    let r = match b.non_none(1) {
        None => n,
        Some(r) if bigint::view(r).is_none() => return Err(raise::type_error(t, "Expected int as r")),
        Some(r) => length(t, size_argument(t, r)?, n)?,
    };
    Ok((vec![pool], Permutations::new(n, r)))
}

/// Checks a length; more than `most` is as good as one more than it, and needs no memory.
fn length(t: &Thread, r: i64, most: usize) -> PyResult<usize> {
    if r < 0 {
        return Err(raise::value_error(t, "r must be non-negative"));
    }
    let r = (r as usize).min(most.saturating_add(1));
    if r > isize::MAX as usize / size_of::<usize>() {
        return Err(raise::memory_error(t, ""));
    }
    Ok(r)
}
