//! `tuple`. The payload is `object::tuple`.

pub mod iter;

use super::sequence;
use super::slice::{self, Slice};
use crate::bytecode::opcode::CompareOp;
use crate::object::alloc::check_room_for;
use crate::object::args::Args;
use crate::object::list::{List, no_memory};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::{self, Tuple, items};
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{bigint, core_types, names, protocol, quick};
use crate::sync::shim::atomic::Ordering::*;
use crate::types::range::Range;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A sequence of any objects that never changes.\n\nThe items are those of the iterable, if there is one.",
    signature: "(iterable=(), /)",
    slots: SlotTable {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        richcompare: Some(compare),
        iter: Some(|_, v| Ok(iter::new(v.clone()))),
        len: Some(|_, v| Ok(items(v).len())),
        contains: Some(contains),
        getitem: Some(get_item),
        add: Some(add),
        multiply: Some(multiply),
        concat: Some(concat),
        repeat: Some(repeat),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("count", "($self, value, /)", NativeFn::F2(count), "How many items equal the value."),
        Method::new(
            "index",
            "($self, value, start=0, stop=sys.maxsize, /)",
            NativeFn::Raw(index),
            "The first place whose item equals the value.\n\nRaises ValueError if there is none.",
        ),
        Method::new("__getnewargs__", "($self, /)", NativeFn::F1(get_new_args), ""),
        Method::new("__sizeof__", "($self, /)", NativeFn::F1(size_of), "The memory that the tuple takes, in bytes."),
        Method::new(
            "__class_getitem__",
            "($type, object, /)",
            NativeFn::F2(super::class_getitem),
            super::CLASS_GETITEM_DOC,
        )
        .class_method(),
    ],
    flags: flag::BASETYPE | flag::SEQUENCE | flag::TUPLE_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "tuple", layout_of::<Tuple>(true))
};

fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let exact = std::ptr::eq(class, &*core_types::TUPLE);
    if exact || same_init(class, &core_types::TUPLE) {
        args.no_keywords(t, "tuple")?;
    }
    match Args::positional(args.pos()).exactly_positional(t, "tuple", 0, 1)? {
        [iterable] if exact => from_iterable(t, iterable),
        [iterable] => Ok(tuple::new_with_class(class, items(&from_iterable(t, iterable)?).to_vec())),
        _ if exact => Ok(names::empty_tuple()),
        _ => Ok(tuple::new_with_class(class, Vec::new())),
    }
}

/// Whether a class initialises its instances as `base` does: one with an `__init__` of its own may take keywords there.
pub(super) fn same_init(class: &Type, base: &Type) -> bool {
    match (class.slots.init.get(), base.slots.init.get()) {
        (Some(f), Some(g)) => std::ptr::fn_addr_eq(f, g),
        (None, None) => true,
        _ => false,
    }
}

/// `tuple(iterable)`. Atomic for a list.
pub fn from_iterable(t: &Thread, iterable: &Value) -> PyResult {
    if iterable.is_exact(&core_types::TUPLE) {
        return Ok(iterable.clone());
    }
    if let Some(list) = iterable.downcast_exact::<List>() {
        return Ok(list.to_tuple(t));
    }
    // Of a moderate length: for a very long one, memory is asked for as items come.
    if let Some(range) = iterable.downcast_exact::<Range>().and_then(|range| range.small)
        && range.len < 1 << 20
    {
        return Ok(tuple::from_iter(range.len as usize, (0..range.len).map(|i| Value::int(range.item(i)))));
    }
    protocol::collect(t, iterable).map(tuple::from_vec)
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = v.downcast::<Tuple>() else { return Ok(Value::NONE) };
    sequence::guarded_repr(t, v, "(...)", |out| {
        out.push_str("(");
        let count = sequence::push_items(t, out, this)?;
        out.push_str(if count == 1 { ",)" } else { ")" });
        Ok(())
    })
}

/// Computed once, as since CPython 3.14: `functools` counts on keys that ask their items only once.
fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(this) = v.downcast::<Tuple>() else { return hash_items(t, &[]) };
    if let Some(known) = this.known_hash() {
        return Ok(known);
    }
    protocol::check_recursion(t, "")?;
    let hash = hash_items(t, this.items())?;
    this.set_hash(hash);
    Ok(hash)
}

/// `hash(tuple(items))`: as xxHash mixes lanes (Collet, "xxHash fast digest algorithm", XXH64), with the items' hashes for
/// lanes.
pub fn hash_items(t: &Thread, items: &[Value]) -> PyResult<i64> {
    const PRIME_1: u64 = 11400714785074694791;
    const PRIME_2: u64 = 14029467366897019727;
    const PRIME_5: u64 = 2870177450012600261;
    let mut sum = PRIME_5;
    for item in items {
        let lane = quick::hash_or_ask(t, item)? as u64;
        sum = sum.wrapping_add(lane.wrapping_mul(PRIME_2)).rotate_left(31).wrapping_mul(PRIME_1);
    }
    sum = sum.wrapping_add(items.len() as u64 ^ PRIME_5 ^ 3527539);
    Ok(if sum == u64::MAX { 1546275796 } else { sum as i64 })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match (a.downcast::<Tuple>(), b.downcast::<Tuple>()) {
        (Some(x), Some(y)) => sequence::compare(t, x, y, op),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn contains(t: &Thread, v: &Value, item: &Value) -> PyResult<bool> {
    v.downcast::<Tuple>().map_or(Ok(false), |this| sequence::contains(t, this, item))
}

fn count(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let count = v.downcast::<Tuple>().map_or(Ok(0), |this| sequence::count(t, this, item))?;
    Ok(Value::uint(count as u64))
}

fn index(t: &Thread, args: Args<'_>) -> PyResult {
    let Some((v, _)) = args.pos().split_first() else { return Ok(Value::NONE) };
    let rest = args.skip(1).exactly_positional(t, "index", 1, 3)?;
    v.downcast::<Tuple>().map_or(Ok(Value::NONE), |this| sequence::index(t, this, rest, "tuple"))
}

/// `tuple[key]`.
pub fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    let all = items(v);
    if let Some(slice) = key.downcast::<Slice>() {
        let range = slice::bounds(t, slice)?.over(all.len());
        if range.len == all.len() && range.step == 1 && v.is_exact(&core_types::TUPLE) {
            return Ok(v.clone());
        }
        if range.step == 1 {
            let start = range.start as usize;
            return Ok(tuple::from_slice(&all[start..start + range.len]));
        }
        return Ok(tuple::from_iter(range.len, range.positions().map(|i| all[i].clone())));
    }
    let i = match key.as_small_int() {
        Some(i) => i,
        None if bigint::view(key).is_some() || key.class().slots.index.get().is_some() => protocol::index_size(t, key)?,
        None => {
            let message = format!("tuple indices must be integers or slices, not {}", key.class().display_name());
            return Err(raise::type_error(t, message));
        }
    };
    let place = if i < 0 { i + all.len() as i64 } else { i };
    match usize::try_from(place).ok().and_then(|place| all.get(place)) {
        Some(item) => Ok(item.clone()),
        None => Err(raise::index_error(t, "tuple index out of range")),
    }
}

fn add(_t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Tuple>(), b.downcast::<Tuple>()) else { return Ok(Value::NOT_IMPLEMENTED) };
    let (x, y) = (x.items(), y.items());
    if x.is_empty() && b.is_exact(&core_types::TUPLE) {
        return Ok(b.clone());
    }
    if y.is_empty() && a.is_exact(&core_types::TUPLE) {
        return Ok(a.clone());
    }
    Ok(tuple::from_iter(x.len() + y.len(), x.iter().chain(y).cloned()))
}

/// What `tuple + x` comes to when neither side's `__add__` will do.
fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if b.downcast::<Tuple>().is_some() {
        return add(t, a, b);
    }
    let message = format!("can only concatenate tuple (not \"{}\") to tuple", b.class().display_name());
    Err(raise::type_error(t, message))
}

/// `tuple * n` and `n * tuple`.
fn multiply(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match (a.downcast::<Tuple>(), b.downcast::<Tuple>()) {
        (Some(_), None) if bigint::view(b).is_some() => repeat(t, a, b),
        (None, Some(_)) if bigint::view(a).is_some() => repeat(t, b, a),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn repeat(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = sequence::repeat_count(t, count)?;
    let all = items(v);
    if (n == 1 || all.is_empty()) && v.is_exact(&core_types::TUPLE) {
        return Ok(v.clone());
    }
    let Some(total) = all.len().checked_mul(n).filter(|&total| total <= isize::MAX as usize / 16) else {
        return Err(no_memory(t));
    };
    check_room_for(t, total, 8)?;
    Ok(tuple::from_iter(total, (0..n).flat_map(|_| all.iter().cloned())))
}

fn get_new_args(_t: &Thread, v: &Value) -> PyResult {
    Ok(tuple::from_iter(1, [tuple::from_slice(items(v))]))
}

fn size_of(_t: &Thread, v: &Value) -> PyResult {
    Ok(Value::uint(v.class().instance_size.load(Relaxed) as u64 + items(v).len() as u64 * 8))
}
