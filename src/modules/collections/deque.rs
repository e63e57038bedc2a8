//! `collections.deque`: the payload, construction, operators.
//!
//! Items lie in a ring that is touched under the object's lock only, so every method is atomic; the length is also kept
//! in an atomic, which `len` reads without the lock. The version changes with every change of length or order; searches
//! and iterators notice by it that the deque was changed while Python code ran.

use crate::sync::shim::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering::*};
use std::collections::VecDeque;

use super::{deque_iter, deque_methods as methods};
use crate::bytecode::opcode::CompareOp;
use crate::modules::support::{CLASS_GETITEM, Guarded, Parameters, size_argument, visit_all};
use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, bigint, protocol, tuple};
use crate::sync::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::sync::shim::weakened;
use crate::this;
use crate::types::sequence::{guarded_repr, push_repr, repeat_count};

/// The ring of items.
pub type Ring = VecDeque<Stored>;

/// The payload of a deque.
pub struct Deque {
    ring: Guarded<Ring>,
    /// Number of items.
    len: AtomicUsize,
    /// See the module's documentation.
    version: AtomicU64,
    /// The most items there may be; -1: no limit.
    maxlen: AtomicI64,
}

/// `collections.deque`.
pub static DEQUE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "A list-like sequence optimized for data accesses near its endpoints.",
    signature: "([iterable[, maxlen]])",
    slots: SlotTable {
        new: Some(|_, class, _| Ok(new(class, None))),
        init: Some(init),
        repr: Some(repr),
        richcompare: Some(compare),
        iter: Some(|t, v| Ok(deque_iter::forward(t, v))),
        len: Some(|_, v| Ok(this!(v, Deque).len())),
        contains: Some(methods::contains),
        getitem: Some(methods::get),
        setitem: Some(methods::set),
        concat: Some(concat),
        repeat: Some(repeat),
        iconcat: Some(iconcat),
        imultiply: Some(imultiply),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("append", "($self, item, /)", NativeFn::F2(methods::append), "Adds an item at the right end."),
        Method::new(
            "appendleft",
            "($self, item, /)",
            NativeFn::F2(methods::append_left),
            "Adds an item at the left end.",
        ),
        Method::new("clear", "($self, /)", NativeFn::F1(methods::clear), "Removes all items."),
        Method::new("copy", "($self, /)", NativeFn::F1(copy), "Returns a deque of the same items and maximal length."),
        Method::new(
            "__copy__",
            "($self, /)",
            NativeFn::F1(copy),
            "Returns a deque of the same items and maximal length.",
        ),
        Method::new(
            "count",
            "($self, value, /)",
            NativeFn::F2(methods::count),
            "Returns how many items equal the value.",
        ),
        Method::new(
            "extend",
            "($self, iterable, /)",
            NativeFn::F2(methods::extend),
            "Adds the iterable's items at the right end.",
        ),
        Method::new(
            "extendleft",
            "($self, iterable, /)",
            NativeFn::F2(methods::extend_left),
            "Adds the iterable's items at the left end, one after the other.",
        ),
        Method::new(
            "index",
            "($self, value, [start, [stop]])",
            NativeFn::Raw(methods::index),
            "Returns the first index of the value.\n\nRaises ValueError if the value is not present.",
        ),
        Method::new(
            "insert",
            "($self, index, value, /)",
            NativeFn::F3(methods::insert),
            "Puts a value before the item at index.",
        ),
        Method::new(
            "pop",
            "($self, /)",
            NativeFn::F1(methods::pop),
            "Removes the item at the right end and returns it.",
        ),
        Method::new(
            "popleft",
            "($self, /)",
            NativeFn::F1(methods::pop_left),
            "Removes the item at the left end and returns it.",
        ),
        Method::new(
            "remove",
            "($self, value, /)",
            NativeFn::F2(methods::remove),
            "Removes the first item that equals the value.",
        ),
        Method::new(
            "reverse",
            "($self, /)",
            NativeFn::F1(methods::reverse),
            "Puts the items in the opposite order, in place.",
        ),
        Method::new(
            "rotate",
            "($self, n=1, /)",
            NativeFn::Bound(methods::rotate),
            "Moves the items n steps to the right (to the left for negative n); those that leave come in at the other end.",
        ),
        Method::new(
            "__reversed__",
            "($self, /)",
            NativeFn::F1(|t, v| Ok(deque_iter::backward(t, v))),
            "An iterator from the right end to the left.",
        ),
        Method::new("__reduce__", "($self, /)", NativeFn::F1(reduce), "Return state information for pickling."),
        Method::new(
            "__sizeof__",
            "($self, /)",
            NativeFn::F1(memory),
            "Return the size of the deque in memory, in bytes.",
        ),
        CLASS_GETITEM,
    ],
    getset: &[GetSet::read_only(
        "maxlen",
        |_, v| Ok(maxlen(this!(v, Deque))),
        "maximum size of a deque or None if unbounded",
    )],
    flags: flag::BASETYPE | flag::SEQUENCE | flag::HAS_WEAKREFS,
    ..TypeSpec::new("collections", "deque", layout_of::<Deque>(true))
};

// SAFETY: `DEQUE`'s layout is `Deque`.
unsafe impl Payload for Deque {
    fn layout_type() -> &'static Type {
        &DEQUE
    }

    fn trace(&self, visit: Visit) {
        visit_all(self.ring.stopped(), visit);
    }

    fn clear(&self) {
        self.len.store(0, Relaxed);
        drop(self.ring.replace_unreachable(Ring::new()));
    }
}

/// A new empty deque.
pub fn new(class: &Type, maxlen: Option<usize>) -> Value {
    let maxlen = maxlen.map_or(-1, |n| n as i64);
    let this = Deque {
        ring: Guarded::new(Ring::new()),
        len: AtomicUsize::new(0),
        version: AtomicU64::new(0),
        maxlen: AtomicI64::new(maxlen),
    };
    alloc::new(class, this)
}

impl Deque {
    /// Number of items, without the lock.
    pub fn len(&self) -> usize {
        self.len.load(Acquire)
    }

    /// Whether there are no items, without the lock.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most items there may be.
    pub fn limit(&self) -> usize {
        usize::try_from(self.maxlen.load(Relaxed)).unwrap_or(usize::MAX)
    }

    /// The limit as Python's `maxlen` argument has it.
    pub fn limit_option(&self) -> Option<usize> {
        usize::try_from(self.maxlen.load(Relaxed)).ok()
    }

    /// The version, without the lock.
    pub fn version(&self) -> u64 {
        self.version.load(Acquire)
    }

    /// Changes the ring under the lock; the rules of `Guarded::with` apply to `f`. `v` is the deque's object.
    pub fn change<R>(&self, t: &Thread, v: &Value, f: impl FnOnce(&mut Ring) -> R) -> R {
        self.ring.with_for("stress: deque changes", t, v, |ring| {
            let result = f(ring);
            self.len.store(ring.len(), Release);
            self.version.store(self.version.load(Relaxed) + 1, Release);
            result
        })
    }

    /// As `change`, by at most `more` items, if the deque is still at `version` (of `items_now`; None: at any); None if it is
    /// not. Raises MemoryError.
    pub fn grow_if<R>(
        &self,
        t: &Thread,
        v: &Value,
        version: Option<u64>,
        more: usize,
        f: impl FnOnce(&mut Ring) -> R,
    ) -> PyResult<Option<R>> {
        // Outside: where there is no room, what `f` holds is dropped after the lock is given back.
        let mut f = Some(f);
        let done = self.ring.with_for("stress: deque changes", t, v, |ring| {
            let now = self.version.load(Relaxed);
            if version.is_some_and(|version| version != now) && !weakened("stress: deque looks at its version") {
                return Ok(None);
            }
            if ring.capacity() - ring.len() < more {
                may_fail::may_fail(|| ring.try_reserve(more).map_err(|_| OutOfMemory))?;
            }
            let Some(f) = f.take() else { unreachable!("called once") };
            let result = f(ring);
            self.len.store(ring.len(), Release);
            self.version.store(now + 1, Release);
            Ok(Some(result))
        });
        done.map_err(|OutOfMemory| raise::memory_error(t, ""))
    }

    /// `change` by at most `more` items. Raises MemoryError.
    pub fn grow<R>(&self, t: &Thread, v: &Value, more: usize, f: impl FnOnce(&mut Ring) -> R) -> PyResult<R> {
        let done = self.grow_if(t, v, None, more, f)?;
        Ok(done.unwrap_or_else(|| unreachable!("at any version")))
    }

    /// The items at one moment, and the version they belong to.
    pub fn items_now(&self, t: &Thread, v: &Value) -> (Vec<Value>, u64) {
        self.look(t, v, |ring| (ring.iter().map(|item| Value::clone(item)).collect(), self.version.load(Relaxed)))
    }

    /// Looks at the ring under the lock, or replaces items in place.
    pub fn look<R>(&self, t: &Thread, v: &Value, f: impl FnOnce(&mut Ring) -> R) -> R {
        self.ring.with_for("stress: deque reads", t, v, f)
    }

    /// All items at one moment.
    pub fn items(&self, t: &Thread, v: &Value) -> Vec<Value> {
        self.look(t, v, |ring| ring.iter().map(|item| Value::clone(item)).collect())
    }

    /// The item at `index` and the version, at one moment.
    pub fn item(&self, t: &Thread, v: &Value, index: usize) -> (Option<Value>, u64) {
        self.look(t, v, |ring| (ring.get(index).map(|item| Value::clone(item)), self.version.load(Relaxed)))
    }

    /// Appends items as one change; what exceeds the limit leaves at the left end.
    /// Raises MemoryError.
    pub fn append_all(&self, t: &Thread, v: &Value, items: Vec<Value>) -> PyResult<()> {
        let limit = self.limit();
        let mut stored: Vec<Stored> = items.into_iter().map(Stored::new).collect();
        let more = stored.len().min(limit);
        let gone = self.grow(t, v, more, |ring| append_to(ring, &mut stored, limit))?;
        drop(gone);
        Ok(())
    }
}

/// Appends items, those that a limit allows; answers what has to go for it. Under the lock.
fn append_to(ring: &mut Ring, items: &mut Vec<Stored>, limit: usize) -> Vec<Stored> {
    // Of more items than the limit only the last ones stay.
    let skip = items.len().saturating_sub(limit);
    let mut gone: Vec<Stored> = items.drain(..skip).collect();
    let excess = (ring.len() + items.len()).saturating_sub(limit);
    gone.extend(ring.drain(..excess));
    ring.extend(items.drain(..));
    gone
}

fn maxlen(this: &Deque) -> Value {
    this.limit_option().map_or(Value::NONE, |n| Value::uint(n as u64))
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    static PARAMETERS: Parameters = Parameters::new("(iterable=(), maxlen=None)");
    let b = PARAMETERS.bind_call(t, "deque", args)?;
    let this = this!(v, Deque);
    let limit = match b.non_none(1) {
        None => -1,
        Some(limit) => {
            if bigint::view(limit).is_none() {
                return Err(raise::type_error(t, "an integer is required"));
            }
            let limit = size_argument(t, limit)?;
            if limit < 0 {
                return Err(raise::value_error(t, "maxlen must be non-negative"));
            }
            limit
        }
    };
    this.maxlen.store(limit, Relaxed);
    if !this.is_empty() {
        methods::clear(t, v)?;
    }
    match b.opt(0) {
        Some(iterable) => methods::extend(t, v, iterable).map(drop),
        None => Ok(()),
    }
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Deque);
    guarded_repr(t, v, "[...]", |out| {
        out.push_str(v.class().name());
        out.push_str("([");
        for (i, item) in this.items(t, v).iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            push_repr(t, out, item)?;
        }
        match this.limit_option() {
            Some(limit) => out.push_str(&format!("], maxlen={limit})")),
            None => out.push_str("])"),
        }
        Ok(())
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (a.downcast::<Deque>(), b.downcast::<Deque>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if a.is(b) {
        return Ok(Value::bool(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)));
    }
    if x.len() != y.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    // Each side as it is at one moment; tuples compare alike.
    let (x, y) = (tuple::from_vec(x.items(t, a)), tuple::from_vec(y.items(t, b)));
    protocol::compare(t, &x, &y, op)
}

fn copy(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Deque);
    if v.is_exact(&DEQUE) {
        let copy = new(&DEQUE, this.limit_option());
        this!(copy, Deque).append_all(t, &copy, this.items(t, v))?;
        return Ok(copy);
    }
    let class = v.class().as_value();
    match this.limit_option() {
        None => protocol::call_values(t, &class, std::slice::from_ref(v)),
        Some(limit) => protocol::call_values(t, &class, &[v.clone(), Value::uint(limit as u64)]),
    }
}

fn concat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    if b.downcast::<Deque>().is_none() {
        let message = format!("can only concatenate deque (not \"{}\") to deque", b.class().display_name());
        return Err(raise::type_error(t, message));
    }
    let sum = copy(t, a)?;
    methods::extend(t, &sum, b)?;
    Ok(sum)
}

fn iconcat(t: &Thread, a: &Value, b: &Value) -> PyResult {
    methods::extend(t, a, b)?;
    Ok(a.clone())
}

/// The items of a deque `n` times over, without those that a limit would push out; MemoryError for too many.
fn repeated(t: &Thread, this: &Deque, items: &[Value], n: usize) -> PyResult<Vec<Value>> {
    let mut all = Vec::new();
    if items.is_empty() {
        return Ok(all);
    }
    let total = items.len().checked_mul(n).map(|total| total.min(this.limit().saturating_add(items.len())));
    match total {
        Some(total) if may_fail::may_fail(|| all.try_reserve_exact(total).map_err(|_| OutOfMemory)).is_ok() => {
            // Whole rounds from the right end, as many as can stay.
            let rounds = total.div_ceil(items.len());
            for _ in 0..rounds {
                all.extend_from_slice(items);
            }
            Ok(all)
        }
        _ => Err(raise::memory_error(t, "")),
    }
}

fn repeat(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = usize::try_from(size_argument(t, count)?).unwrap_or(0);
    let this = this!(v, Deque);
    let items = repeated(t, this, &this.items(t, v), n)?;
    let product = if v.is_exact(&DEQUE) { new(&DEQUE, this.limit_option()) } else { copy(t, v)? };
    match product.downcast::<Deque>() {
        Some(target) => {
            methods::clear(t, &product)?;
            target.append_all(t, &product, items)?;
            Ok(product)
        }
        None => Ok(product),
    }
}

fn imultiply(t: &Thread, v: &Value, count: &Value) -> PyResult {
    let n = repeat_count(t, count)?;
    let this = this!(v, Deque);
    if n == 0 {
        methods::clear(t, v)?;
        return Ok(v.clone());
    }
    loop {
        let (items, version) = this.items_now(t, v);
        // The items that come in besides those that are there, if they still are.
        let more = repeated(t, this, &items, n - 1)?;
        let mut stored: Vec<Stored> = more.into_iter().map(Stored::new).collect();
        let (limit, room) = (this.limit(), stored.len().min(this.limit()));
        let gone = this.grow_if(t, v, Some(version), room, |ring| append_to(ring, &mut stored, limit))?;
        if gone.is_some() {
            return Ok(v.clone());
        }
    }
}

fn reduce(t: &Thread, v: &Value) -> PyResult {
    let state = protocol::call_method_str(t, v, "__getstate__", &[])?;
    let args = match this!(v, Deque).limit_option() {
        None => crate::object::names::empty_tuple(),
        Some(limit) => tuple::from_iter(2, [crate::object::names::empty_tuple(), Value::uint(limit as u64)]),
    };
    let items = protocol::iter(t, v)?;
    Ok(tuple::from_iter(4, [v.class().to_value(), args, state, items]))
}

fn memory(t: &Thread, v: &Value) -> PyResult {
    let room = this!(v, Deque).look(t, v, |ring| ring.capacity());
    let size = v.class().instance_size.load(Relaxed) as usize + room * size_of::<Stored>();
    Ok(Value::uint(size as u64))
}
