//! `collections.OrderedDict`: a dict whose order can be changed and counts in comparisons.
//!
//! The order is that of dict's own table. Moving an entry to the end removes and adds it in one step; moving one to the
//! beginning makes a new table, in time proportional to the length.

use crate::sync::shim::atomic::{AtomicU64, Ordering::*};

use super::ordereddict_views as views;
use crate::bytecode::opcode::CompareOp;
use crate::modules::support::{CLASS_GETITEM, INSTANCE_DICT};
use crate::object::args::{Args, Bound};
use crate::object::dict::Dict;
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotId, SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, core_types, keys, list, names, protocol, quick, str, tuple};
use crate::sync::dict_table::{Deleted, DictTable, Hint, Match};
use crate::this;
use crate::types::dict::update;
use crate::types::sequence::{guarded_repr, push_repr};

/// The payload: that of dict, then where its first entry may be.
#[repr(C)]
pub struct OrderedDict {
    dict: Dict,
    /// Number of a block of the table (low 32 bits) and an offset (high 32 bits) below which it has no entries.
    first: AtomicU64,
}

/// `collections.OrderedDict`.
pub static ORDERED_DICT: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&core_types::DICT),
    doc: "Dictionary that remembers insertion order",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(new(class))),
        init: Some(init),
        repr: Some(repr),
        richcompare: Some(compare),
        iter: Some(|_, v| Ok(views::iterator(v, views::Part::Keys, false))),
        setitem: Some(crate::types::dict::set_item),
        or: Some(or),
        ior: Some(ior),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "fromkeys",
            "($type, /, iterable, value=None)",
            NativeFn::Bound(from_keys),
            "Makes an ordered dict with keys from the iterable, all with the same value.",
        )
        .class_method(),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling"),
        Method::new(
            "setdefault",
            "($self, /, key, default=None)",
            NativeFn::Bound(set_default),
            "The value of the key. If it is not there, it is added with the default.",
        ),
        Method::new(
            "pop",
            "($self, /, key, default=<unrepresentable>)",
            NativeFn::Bound(pop),
            "od.pop(key[,default]) -> v, remove specified key and return the corresponding value.\n\n\
             If the key is not there, returns the default or, without one, raises KeyError.",
        ),
        Method::new(
            "popitem",
            "($self, /, last=True)",
            NativeFn::Bound(pop_item),
            "Removes and returns a pair of key and value: the last one, or the first if last is false.",
        ),
        Method::new("keys", "($self, /)", NativeFn::F1(|_, v| Ok(views::keys(v))), ""),
        Method::new("values", "($self, /)", NativeFn::F1(|_, v| Ok(views::values(v))), ""),
        Method::new("items", "($self, /)", NativeFn::F1(|_, v| Ok(views::items(v))), ""),
        Method::new("update", "", NativeFn::Raw(update_method), ""),
        Method::new("clear", "($self, /)", NativeFn::F1(clear), "Removes all items."),
        Method::new("copy", "($self, /)", NativeFn::F1(copy), "A shallow copy of the ordered dict."),
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(views::iterator(v, views::Part::Keys, true))),
            "",
        ),
        Method::new(
            "move_to_end",
            "($self, /, key, last=True)",
            NativeFn::Bound(move_to_end),
            "Moves an existing element to the end (or to the beginning if last is false).\n\n\
             Raises KeyError if the element does not exist.",
        ),
        CLASS_GETITEM,
    ],
    getset: &[INSTANCE_DICT],
    flags: flag::BASETYPE | flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("collections", "OrderedDict", layout_of::<OrderedDict>(true))
};

// SAFETY: `ORDERED_DICT`'s layout is `OrderedDict`, which begins with dict's.
unsafe impl Payload for OrderedDict {
    fn layout_type() -> &'static Type {
        &ORDERED_DICT
    }

    fn trace(&self, visit: Visit) {
        self.dict.trace(visit);
    }

    fn clear(&self) {
        self.dict.clear();
    }
}

fn new(class: &Type) -> Value {
    alloc::new(class, OrderedDict { dict: Dict::new(), first: AtomicU64::new(0) })
}

/// Takes over a mapping's or iterable's entries and keyword arguments, through `__setitem__` where a subclass has its own.
fn take_over(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    if args.pos().len() > 1 {
        let message = format!("expected at most 1 arguments, got {}", args.pos().len());
        return Err(raise::type_error(t, message));
    }
    let plain = v.class().slots.same(SlotId::setitem, &core_types::DICT.slots);
    match args.pos().first() {
        Some(other) if plain && other.downcast::<Dict>().is_some() => update::update_from(t, v, other)?,
        Some(other) if protocol::lookup_attr(t, other, &known().keys)?.is_some() => {
            let keys = protocol::call_method(t, other, &known().keys, &[])?;
            protocol::for_each(t, &keys, |key| {
                let value = protocol::get_item(t, other, &key)?;
                protocol::set_item(t, v, &key, &value)
            })?;
        }
        Some(other) => protocol::for_each(t, other, |pair| {
            let items = protocol::collect(t, &pair)?;
            let message = match &items[..] {
                [key, value] => return protocol::set_item(t, v, key, value),
                [] => "need more than 0 values to unpack",
                [_] => "need more than 1 value to unpack",
                _ => "too many values to unpack (expected 2)",
            };
            Err(raise::value_error(t, message))
        })?,
        None => {}
    }
    args.keywords().try_for_each(|(name, value)| protocol::set_item(t, v, name, value))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    take_over(t, v, args)
}

fn update_method(t: &Thread, args: Args<'_>) -> PyResult {
    take_over(t, &args.pos()[0], args.skip(1))?;
    Ok(Value::NONE)
}

fn from_keys(t: &Thread, b: &Bound<'_>) -> PyResult {
    let value = b.opt(2).cloned().unwrap_or(Value::NONE);
    let made = protocol::call_values(t, b.req(0), &[])?;
    protocol::for_each(t, b.req(1), |key| protocol::set_item(t, &made, &key, &value))?;
    Ok(made)
}

fn clear(_: &Thread, v: &Value) -> PyResult {
    this!(v, Dict).clear_all();
    Ok(Value::NONE)
}

fn copy(t: &Thread, v: &Value) -> PyResult {
    let made = if v.is_exact(&ORDERED_DICT) {
        new(&ORDERED_DICT)
    } else {
        protocol::call_values(t, &v.class().as_value(), &[])?
    };
    if v.is_exact(&ORDERED_DICT) {
        this!(made, Dict).update_from(t, this!(v, Dict), true)?;
    } else {
        for (key, value) in this!(v, Dict).entries() {
            protocol::set_item(t, &made, &key, &value)?;
        }
    }
    Ok(made)
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let name = v.class().name();
    if this!(v, Dict).is_empty() {
        return Ok(str::from_str(&format!("{name}()")));
    }
    guarded_repr(t, v, "...", |out| {
        out.push_str(name);
        out.push_str("({");
        for (i, (key, value)) in this!(v, Dict).entries().iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            push_repr(t, out, key)?;
            out.push_str(": ");
            push_repr(t, out, value)?;
        }
        out.push_str("})");
        Ok(())
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let dicts = core_types::DICT.slots.richcompare.get();
    let (true, true, Some(dicts)) =
        (matches!(op, CompareOp::Eq | CompareOp::Ne), b.downcast::<Dict>().is_some(), dicts)
    else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let equal = dicts(t, a, b, CompareOp::Eq)?;
    let mut equal = protocol::is_true(t, &equal)?;
    if equal && a.downcast::<OrderedDict>().is_some() && b.downcast::<OrderedDict>().is_some() {
        equal = same_order(t, this!(a, Dict), this!(b, Dict))?;
    }
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

/// Whether two dicts have equal keys in the same order. RuntimeError where Python code that compares keys adds or removes
/// some: the order that is compared is no longer theirs.
fn same_order(t: &Thread, a: &Dict, b: &Dict) -> PyResult<bool> {
    let versions = || (a.table().version(), b.table().version());
    // Before the entries: who changes the dicts between the two is noticed (at most by one comparison too many).
    let before = versions();
    let (x, y) = (a.entries(), b.entries());
    for ((key, _), (other, _)) in x.iter().zip(&y) {
        let equal = match quick::eq(key, other) {
            Some(equal) => equal,
            None => {
                let equal = protocol::compare_bool(t, key, other, CompareOp::Eq)?;
                if versions() != before {
                    return Err(raise::runtime_error(t, "OrderedDict mutated during iteration"));
                }
                equal
            }
        };
        if !equal {
            return Ok(false);
        }
    }
    Ok(x.len() == y.len())
}

fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if a.downcast::<Dict>().is_none() || b.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let own = if a.downcast::<OrderedDict>().is_some() { a } else { b };
    let made = protocol::call_values(t, &own.class().as_value(), std::slice::from_ref(a))?;
    take_over(t, &made, Args::positional(std::slice::from_ref(b)))?;
    Ok(made)
}

fn ior(t: &Thread, a: &Value, b: &Value) -> PyResult {
    take_over(t, a, Args::positional(std::slice::from_ref(b)))?;
    Ok(a.clone())
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let state = protocol::call_method_str(t, v, "__getstate__", &[])?;
    let items = protocol::call_method(t, v, &known().items, &[])?;
    let items = protocol::iter(t, &items)?;
    Ok(tuple::from_vec(vec![v.class().to_value(), names::empty_tuple(), state, Value::NONE, items]))
}

fn set_default(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (v, key) = (b.req(0), b.req(1));
    let default = b.opt(2).cloned().unwrap_or(Value::NONE);
    if v.class().slots.same(SlotId::setitem, &core_types::DICT.slots) {
        let hash = keys::hash_of_key(t, key)?;
        return this!(v, Dict).set_default(t, key, hash, &default);
    }
    if protocol::contains(t, v, key)? {
        return protocol::get_item(t, v, key);
    }
    protocol::set_item(t, v, key, &default)?;
    Ok(default)
}

fn pop(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (v, key) = (b.req(0), b.req(1));
    if let Some(value) = this!(v, Dict).remove(t, key)? {
        return Ok(value);
    }
    if let Some(default) = b.opt(2) {
        return Ok(default.clone());
    }
    Err(raise::key_error(t, key))
}

fn pop_item(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let last = b.opt(1).map_or(Ok(true), |last| protocol::is_true(t, last))?;
    let popped = if last { this!(v, Dict).pop_item(t) } else { pop_first(t, this!(v, OrderedDict)) };
    match popped {
        Some((key, value)) => Ok(tuple::from_iter(2, [key, value])),
        None => Err(raise::key_error(t, &str::from_str("dictionary is empty"))),
    }
}

/// Removes the first entry. Atomic.
fn pop_first(t: &Thread, this: &OrderedDict) -> Option<(Value, Value)> {
    let table = this.dict.table();
    let _guard = this.dict.lock_for("stress: OrderedDict.popitem(last=False)", t);
    let block = table.block_number(t) as u32;
    let hint = this.first.load(Relaxed);
    // Offsets are never used again within one block, so what was empty at the beginning stays empty.
    let start = if block != 0 && hint as u32 == block { (hint >> 32) as usize } else { 0 };
    let (offset, _) = table.next_key(start)?;
    this.first.store((offset as u64 + 1) << 32 | u64::from(block), Relaxed);
    table.delete_at(t, offset)
}

fn move_to_end(t: &Thread, b: &Bound<'_>) -> PyResult {
    let (v, key) = (b.req(0), b.req(1));
    let last = b.opt(2).map_or(Ok(true), |last| protocol::is_true(t, last))?;
    let this = this!(v, Dict);
    let hash = keys::hash_of_key(t, key)?;
    if last {
        move_last(t, this, key, hash)?
    } else {
        move_first(t, this, key, hash)?
    }
    Ok(Value::NONE)
}

/// Removes an entry and adds it again, in one step for readers.
fn move_last(t: &Thread, this: &Dict, key: &Value, hash: i64) -> PyResult<()> {
    let mut hint = Hint::START;
    loop {
        let guard = this.lock_for("stress: OrderedDict.move_to_end", t);
        let edit = this.table().bulk(t);
        // Room first, so that what was removed can be added.
        if edit.reserve(1).is_err() {
            drop(edit);
            drop(guard);
            return Err(list::no_memory(t));
        }
        let deleted = edit.delete(hash as u64, key.bits(), hint, keys::compare(key));
        let ask = match deleted {
            Deleted::Gone(own_key, value) => {
                // Equal keys: there is none left.
                let added = edit.insert(hash as u64, own_key, value, Hint::START, |_| Match::Different);
                drop(edit);
                drop(guard);
                drop(added);
                return Ok(());
            }
            Deleted::Missing => {
                drop(edit);
                drop(guard);
                return Err(raise::key_error(t, key));
            }
            Deleted::Ask(ask) => ask,
        };
        drop(edit);
        drop(guard);
        hint = keys::resolve(t, ask, key)?;
    }
}

/// Makes a table with an entry at the beginning.
fn move_first(t: &Thread, this: &Dict, key: &Value, hash: i64) -> PyResult<()> {
    loop {
        // The key as the dict has it.
        let candidates: Vec<Value> = {
            let _guard = this.lock_for("stress: OrderedDict.move_to_end(last=False)", t);
            this.table()
                .entries()
                .filter(|(h, ..)| *h == hash as u64)
                .map(|(_, k, _)| keys::counted(k.word()))
                .collect()
        };
        let mut own_key = None;
        for candidate in candidates {
            if own_key.is_none() && quick::eq_or_ask(t, &candidate, key)? {
                own_key = Some(candidate);
            }
        }
        let Some(own_key) = own_key else { return Err(raise::key_error(t, key)) };
        let guard = this.lock_for("stress: OrderedDict.move_to_end(last=False)", t);
        let mut entries = this.entries_locked();
        let Some(place) = entries.iter().position(|(_, k, _)| k.is(&own_key)) else {
            // Another thread has removed it meanwhile.
            drop(guard);
            drop(entries);
            continue;
        };
        entries[..=place].rotate_right(1);
        let fresh = DictTable::with_capacity(entries.len()).inspect(|fresh: &DictTable<Value, Value>| {
            for (hash, key, value) in entries.drain(..) {
                let added = fresh.insert(t, hash as u64, key, value, Hint::START, |_| Match::Different);
                debug_assert!(matches!(added, crate::sync::dict_table::Inserted::New));
            }
        });
        let Ok(fresh) = fresh else {
            drop(guard);
            drop(entries);
            return Err(list::no_memory(t));
        };
        let removed = this.table().replace(t, fresh);
        drop(guard);
        drop(removed);
        return Ok(());
    }
}
