//! `set` and `frozenset`. The payload, with what the object layer needs, is `object::set`.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | the types' tables, construction, comparison, hash and text |
//! | `methods` | the methods and operators |
//! | `algebra` | what two sets have in common, looked at with both locked |
//! | `iter` | the iterator |

pub mod algebra;
pub mod iter;
pub mod methods;

use super::sequence;
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::core_types::{self, exc};
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::set::{self, FrozenSet, Set};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::type_object::{Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{keys, list, protocol, str, tuple};
use algebra::Keys;

const COPY: Method = Method::new("copy", "($self, /)", NativeFn::F1(methods::copy), "A set of the same elements.");
const DIFFERENCE: Method = Method::new(
    "difference",
    "($self, /, *others)",
    NativeFn::Raw(methods::difference),
    "A new set of the elements that are in none of the others.",
);
const INTERSECTION: Method = Method::new(
    "intersection",
    "($self, /, *others)",
    NativeFn::Raw(methods::intersection),
    "A new set of the elements that are in all of the others too.",
);
const IS_DISJOINT: Method = Method::new(
    "isdisjoint",
    "($self, other, /)",
    NativeFn::F2(methods::is_disjoint),
    "Whether the two have no element in common.",
);
const IS_SUBSET: Method = Method::new(
    "issubset",
    "($self, other, /)",
    NativeFn::F2(methods::is_subset),
    "Whether the other contains every element of this set.",
);
const IS_SUPERSET: Method = Method::new(
    "issuperset",
    "($self, other, /)",
    NativeFn::F2(methods::is_superset),
    "Whether this set contains every element of the other.",
);
const SYMMETRIC_DIFFERENCE: Method = Method::new(
    "symmetric_difference",
    "($self, other, /)",
    NativeFn::F2(methods::symmetric_difference),
    "A new set of the elements that are in one of the two only.",
);
const UNION: Method = Method::new(
    "union",
    "($self, /, *others)",
    NativeFn::Raw(methods::union),
    "A new set of the elements of this set and all the others.",
);
const REDUCE: Method = Method::new(
    "__reduce__",
    "($self, /)",
    NativeFn::F1(methods::reduce),
    "What copies and pickles need to make the same set.",
);
const SIZE_OF: Method =
    Method::new("__sizeof__", "($self, /)", NativeFn::F1(methods::size_of), "The memory that the set takes, in bytes.");
const CLASS_GETITEM: Method = Method::new(
    "__class_getitem__",
    "($type, object, /)",
    NativeFn::F2(super::class_getitem),
    super::CLASS_GETITEM_DOC,
)
.class_method();

/// The slots that both types have.
const SLOTS: SlotTable = SlotTable {
    repr: Some(repr),
    richcompare: Some(compare),
    iter: Some(iter::iter),
    len: Some(|_, v| Ok(set::of(v).map_or(0, Set::len))),
    contains: Some(methods::contains),
    subtract: Some(methods::subtract),
    and: Some(methods::and),
    or: Some(methods::or),
    xor: Some(methods::xor),
    ..SlotTable::EMPTY
};

pub static SPEC: TypeSpec = TypeSpec {
    doc: "A collection of distinct hashable elements that can be changed.\n\nThe elements are those of the iterable, if \
          there is one.",
    signature: "(iterable=(), /)",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(set::new_with_class(class))),
        init: Some(init),
        isubtract: Some(methods::isubtract),
        iand: Some(methods::iand),
        ior: Some(methods::ior),
        ixor: Some(methods::ixor),
        ..SLOTS
    },
    methods: &[
        Method::new(
            "add",
            "($self, object, /)",
            NativeFn::F2(methods::add),
            "Adds an element; nothing changes if it is there already.",
        ),
        Method::new("clear", "($self, /)", NativeFn::F1(methods::clear), "Removes all elements."),
        COPY,
        DIFFERENCE,
        Method::new(
            "difference_update",
            "($self, /, *others)",
            NativeFn::Raw(methods::difference_update),
            "Removes the elements of all the others.",
        ),
        Method::new(
            "discard",
            "($self, object, /)",
            NativeFn::F2(methods::discard),
            "Removes an element; nothing changes if it is not there.",
        ),
        INTERSECTION,
        Method::new(
            "intersection_update",
            "($self, /, *others)",
            NativeFn::Raw(methods::intersection_update),
            "Removes the elements that are not in all of the others.",
        ),
        IS_DISJOINT,
        IS_SUBSET,
        IS_SUPERSET,
        Method::new(
            "pop",
            "($self, /)",
            NativeFn::F1(methods::pop),
            "Removes some element and returns it.\n\nRaises KeyError if there is none.",
        ),
        Method::new(
            "remove",
            "($self, object, /)",
            NativeFn::F2(methods::remove),
            "Removes an element.\n\nRaises KeyError if it is not there.",
        ),
        SYMMETRIC_DIFFERENCE,
        Method::new(
            "symmetric_difference_update",
            "($self, other, /)",
            NativeFn::F2(methods::symmetric_difference_update),
            "Removes the elements that the other has, and adds those that only the other has.",
        ),
        UNION,
        Method::new(
            "update",
            "($self, /, *others)",
            NativeFn::Raw(methods::update),
            "Adds the elements of all the others.",
        ),
        REDUCE,
        SIZE_OF,
        CLASS_GETITEM,
    ],
    flags: flag::BASETYPE | flag::MATCH_SELF | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "set", layout_of::<Set>(true))
};

pub static FROZEN_SPEC: TypeSpec = TypeSpec {
    doc: "A collection of distinct hashable elements that never changes.\n\nThe elements are those of the iterable, if \
          there is one.",
    signature: "(iterable=(), /)",
    slots: SlotTable { new: Some(construct_frozen), hash: Some(hash), ..SLOTS },
    methods: &[
        COPY,
        DIFFERENCE,
        INTERSECTION,
        IS_DISJOINT,
        IS_SUBSET,
        IS_SUPERSET,
        SYMMETRIC_DIFFERENCE,
        UNION,
        REDUCE,
        SIZE_OF,
        CLASS_GETITEM,
    ],
    flags: flag::BASETYPE | flag::MATCH_SELF | flag::HAS_WEAKREFS,
    ..TypeSpec::new("builtins", "frozenset", layout_of::<FrozenSet>(true))
};

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let args = args.exactly_positional(t, "set", 0, 1)?;
    let Some(this) = set::of(v) else { return Ok(()) };
    if !this.is_empty() {
        this.clear_all(t);
    }
    let [iterable] = args else { return Ok(()) };
    match sequence_of_exact(t, iterable) {
        Some(items) => {
            this.replace(t, set::table_of(t, items)?);
            Ok(())
        }
        None => methods::update_one(t, this, iterable),
    }
}

fn construct_frozen(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let exact = std::ptr::eq(class, &*core_types::FROZENSET);
    if exact || super::tuple::same_init(class, &core_types::FROZENSET) {
        args.no_keywords(t, "frozenset")?;
    }
    match Args::positional(args.pos()).exactly_positional(t, "frozenset", 0, 1)? {
        [iterable] if exact && iterable.is_exact(&core_types::FROZENSET) => Ok(iterable.clone()),
        [iterable] => from_iterable(t, class, iterable),
        _ => Ok(set::new_with_class(class)),
    }
}

/// A new instance of `class` with the elements of an iterable. Raises what hashing and comparing raise.
pub fn from_iterable(t: &Thread, class: &Type, iterable: &Value) -> PyResult {
    if let Some(other) = set::of(iterable) {
        return other.copy(t, class);
    }
    if let Some(items) = sequence_of_exact(t, iterable) {
        return Ok(set::wrap(class, set::table_of(t, items)?));
    }
    let v = set::new_with_class(class);
    if let Some(this) = set::of(&v) {
        methods::update_one(t, this, iterable)?;
    }
    Ok(v)
}

/// The items at one moment of exactly a list or tuple.
fn sequence_of_exact(t: &Thread, v: &Value) -> Option<Vec<Value>> {
    match v.downcast_exact::<List>() {
        Some(list) => Some(list.items(t)),
        None => v.downcast_exact::<Tuple>().map(|tuple| tuple.items().to_vec()),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let Some(this) = set::of(v) else { return Ok(Value::NONE) };
    let name = v.class().name();
    if this.is_empty() {
        return Ok(str::from_str(&format!("{name}()")));
    }
    sequence::guarded_repr(t, v, &format!("{name}(...)"), |out| {
        let items = this.items(t);
        let plain = v.is_exact(&core_types::SET);
        if !plain {
            out.push_str(name);
            out.push_str("(");
        }
        out.push_str("{");
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            sequence::push_repr(t, out, item)?;
        }
        out.push_str(if plain { "}" } else { "})" });
        Ok(())
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (set::of(a), set::of(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let (CompareOp::Eq | CompareOp::Ne, Some(hx), Some(hy)) = (op, x.cached_hash(), y.cached_hash())
        && hx != hy
    {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let within = |x: &Set, y: &Set, proper: bool, same: bool| -> PyResult<bool> {
        let (lx, ly) = (x.len(), y.len());
        if lx > ly || proper && lx == ly || same && lx != ly {
            return Ok(false);
        }
        algebra::all_in(t, Keys::Set(x), Keys::Set(y))
    };
    Ok(Value::bool(match op {
        CompareOp::Eq => within(x, y, false, true)?,
        CompareOp::Ne => !within(x, y, false, true)?,
        CompareOp::Le => within(x, y, false, false)?,
        CompareOp::Lt => within(x, y, true, false)?,
        CompareOp::Ge => within(y, x, false, false)?,
        CompareOp::Gt => within(y, x, true, false)?,
    }))
}

/// Independent of the elements' order.
fn hash(_t: &Thread, v: &Value) -> PyResult<i64> {
    let Some(this) = set::of(v) else { return Ok(0) };
    if let Some(hash) = this.cached_hash() {
        return Ok(hash);
    }
    // A frozenset does not change, so its entries can be looked at without the lock.
    let hash = hash_of(this.table().entries().map(|(hash, _, _)| hash as i64));
    this.cache_hash(hash);
    Ok(hash)
}

/// The hash of a frozenset whose elements have these hashes: that of `collections.abc.Set._hash`, which other kinds of sets
/// use so that equal sets have equal hashes.
pub fn hash_of(hashes: impl Iterator<Item = i64>) -> i64 {
    let (mut hash, mut count) = (0u64, 0u64);
    for element in hashes {
        let element = element as u64;
        hash ^= (element ^ element << 16 ^ 89869747).wrapping_mul(3644798167);
        count += 1;
    }
    hash ^= (count + 1).wrapping_mul(1927868237);
    hash ^= hash >> 11 ^ hash >> 25;
    let hash = hash.wrapping_mul(69069).wrapping_add(907133923) as i64;
    if hash == -1 { 590923713 } else { hash }
}

/// The hash of an element that is looked for: a set that is one itself is looked for as the equal frozenset, which is
/// answered too.
fn hash_of_sought(t: &Thread, element: &Value) -> PyResult<(i64, Option<Value>)> {
    match keys::hash_of_element(t, element) {
        Ok(hash) => Ok((hash, None)),
        Err(raised) if set::of(element).is_some() && raise::matches(t, &raised, &exc::TYPE_ERROR) => {
            drop(raise::take(t, raised));
            let frozen = from_iterable(t, &core_types::FROZENSET, element)?;
            Ok((protocol::hash(t, &frozen)?, Some(frozen)))
        }
        Err(raised) => Err(raised),
    }
}

/// The elements as a list.
fn to_list(t: &Thread, this: &Set) -> Value {
    list::from_vec(this.items(t))
}

/// `(class, ([elements],), state)`.
fn reduced(t: &Thread, v: &Value, this: &Set) -> PyResult {
    let state = protocol::call_method_str(t, v, "__getstate__", &[])?;
    Ok(tuple::from_vec(vec![v.class().to_value(), tuple::from_iter(1, [to_list(t, this)]), state]))
}
