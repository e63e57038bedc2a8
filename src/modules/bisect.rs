//! `_bisect`: places in sorted sequences.

use crate::modules::support::size_argument;
use crate::object::args::Bound;
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{core_types, names, protocol, quick};

const SIGNATURE: &str = "($module, /, a, x, lo=0, hi=None, *, key=None)";

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "bisect_right",
            SIGNATURE,
            NativeFn::Bound(|t, b| Ok(Value::uint(search(t, b, b.req(1), Side::Right)? as u64))),
            "Returns the place in the sorted sequence a after all items that x is not less than.\n\n\
             lo and hi limit the part that is searched; key is applied to each item, but not to x.",
        ),
        Method::new(
            "insort_right",
            SIGNATURE,
            NativeFn::Bound(|t, b| insort(t, b, Side::Right)),
            "Inserts x into the sorted list a, to the right of items that equal it.\n\n\
             lo and hi limit the part that is searched; key is applied to each item and to x.",
        ),
        Method::new(
            "bisect_left",
            SIGNATURE,
            NativeFn::Bound(|t, b| Ok(Value::uint(search(t, b, b.req(1), Side::Left)? as u64))),
            "Returns the place in the sorted sequence a after all items that are less than x.\n\n\
             lo and hi limit the part that is searched; key is applied to each item, but not to x.",
        ),
        Method::new(
            "insort_left",
            SIGNATURE,
            NativeFn::Bound(|t, b| insort(t, b, Side::Left)),
            "Inserts x into the sorted list a, to the left of items that equal it.\n\n\
             lo and hi limit the part that is searched; key is applied to each item and to x.",
        ),
    ],
    ..ModuleSpec::new("_bisect", "Bisection: keeps a list in order without sorting it after each insertion.")
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The place for `x`, an item or its key.
fn search(t: &Thread, b: &Bound<'_>, x: &Value, side: Side) -> PyResult<usize> {
    let (a, key) = (b.req(0), b.non_none(4));
    let lo = b.opt(2).map_or(Ok(0), |lo| size_argument(t, lo))?;
    let hi = b.non_none(3).map(|hi| size_argument(t, hi)).transpose()?;
    let Ok(mut lo) = usize::try_from(lo) else {
        return Err(raise::value_error(t, "lo must be non-negative"));
    };
    // -1 stands for the length, as None does.
    let mut hi = match hi.map(usize::try_from) {
        Some(Ok(hi)) => hi,
        None | Some(Err(_)) => protocol::len(t, a)?,
    };
    let list = a.downcast_exact::<List>();
    while lo < hi {
        let middle = lo + (hi - lo) / 2;
        let item = match list.map(|list| list.get(middle)) {
            Some(Some(item)) => item,
            Some(None) => return Err(raise::index_error(t, "list index out of range")),
            None => protocol::get_item(t, a, &Value::uint(middle as u64))?,
        };
        let item = match key {
            Some(key) => protocol::call_values(t, key, &[item])?,
            None => item,
        };
        let goes_right = match side {
            Side::Left => quick::lt_or_ask(t, &item, x)?,
            Side::Right => !quick::lt_or_ask(t, x, &item)?,
        };
        if goes_right {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    Ok(lo)
}

fn insort(t: &Thread, b: &Bound<'_>, side: Side) -> PyResult {
    let (a, x) = (b.req(0), b.req(1));
    let place = match b.non_none(4) {
        Some(key) => {
            let x = protocol::call_values(t, key, std::slice::from_ref(x))?;
            search(t, b, &x, side)?
        }
        None => search(t, b, x, side)?,
    };
    match a.downcast::<List>() {
        Some(list) if a.is_exact(&core_types::LIST) => list.insert(t, place as i64, x.clone())?,
        _ => {
            let args = [Value::uint(place as u64), x.clone()];
            drop(protocol::call_method(t, a, &names::intern("insert"), &args)?);
        }
    }
    Ok(Value::NONE)
}
