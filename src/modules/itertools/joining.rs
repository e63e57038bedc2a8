//! Iterators that join or regroup their sources: `accumulate`, `batched`, `chain`, `pairwise`, `zip_longest`.

use crate::bytecode::opcode::BinaryOp;
use crate::modules::support::{
    CLASS_GETITEM, Guarded, Parameters, header_of, iter_self, put, size_argument, take, take_if, visit_all,
};
use crate::object::args::Args;
use crate::object::exception::visit_slot;
use crate::object::protocol::Take;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, operator, protocol, str, tuple};
use crate::sync::shim::weakened;
use crate::this;
use crate::types::iteration;

/// State of `accumulate`.
pub struct Accumulate {
    source: Stored,
    /// The function, or None for addition.
    function: Stored,
    total: Slot,
    /// What to give first.
    initial: Slot,
}

/// `itertools.accumulate`.
pub static ACCUMULATE: StaticType = StaticType::new(&ACCUMULATE_SPEC);

static ACCUMULATE_SPEC: TypeSpec = TypeSpec {
    doc: "Gives running totals (or running results of another function of two arguments).",
    signature: "(iterable, func=None, *, initial=None)",
    slots: SlotTable {
        new: Some(accumulate_new),
        iter: Some(iter_self),
        next: Some(accumulate_next),
        give: Some(accumulate_give),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "accumulate", layout_of::<Accumulate>(true))
};

// SAFETY: `ACCUMULATE`'s layout is `Accumulate`.
unsafe impl Payload for Accumulate {
    fn layout_type() -> &'static Type {
        &ACCUMULATE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.source);
        visit(&self.function);
        visit_slot(&self.total, &mut *visit);
        visit_slot(&self.initial, visit);
    }

    fn clear(&self) {
        drop(self.total.take());
        drop(self.initial.take());
    }
}

fn accumulate_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, func=None, *, initial=None)");
    let b = PARAMETERS.bind(t, &ACCUMULATE, class, args)?;
    let this = Accumulate {
        source: Stored::new(protocol::iter(t, b.req(0))?),
        function: Stored::new(b.opt(1).cloned().unwrap_or(Value::NONE)),
        total: Slot::empty(),
        initial: Slot::from_option(b.non_none(2).cloned()),
    };
    Ok(alloc::new(class, this))
}

fn accumulate_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Accumulate);
    if let Some(initial) = this.take_initial(t, v) {
        return Ok(Some(initial));
    }
    let Some(item) = protocol::next(t, &this.source)? else { return Ok(None) };
    this.add(t, v, item).map(Some)
}

/// Passes totals on.
struct Adding<'a> {
    of: &'a Accumulate,
    /// The object.
    v: &'a Value,
    taker: &'a mut dyn Take,
}

impl Take for Adding<'_> {
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        match iteration::own(t, self.of.add(t, self.v, item))? {
            Some(total) => self.taker.take(t, total),
            None => Ok(false),
        }
    }
}

fn accumulate_give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let of = this!(v, Accumulate);
    if let Some(initial) = of.take_initial(t, v)
        && !taker.take(t, initial)?
    {
        return Ok(());
    }
    protocol::give_rest(t, &of.source, &mut Adding { of, v, taker })
}

impl Accumulate {
    /// What is given first, once, and is the total then; `v` is the object.
    #[inline]
    fn take_initial(&self, t: &Thread, v: &Value) -> Option<Value> {
        if self.initial.is_empty() {
            return None;
        }
        let _guard = t.lock(header_of(v));
        // In one step: nobody finds neither. There is no total before.
        let initial = self.initial.take();
        initial.as_ref().map(|initial| self.total.swap(Some(initial.clone())));
        initial
    }

    /// The total with an item of the source.
    fn add(&self, t: &Thread, v: &Value, item: Value) -> PyResult {
        loop {
            let before = self.total.load();
            let word = before.as_ref().map_or(0, Value::bits);
            let total = match &before {
                None => item.clone(),
                Some(total) if self.function.is_none() => match (total.as_small_int(), item.as_small_int()) {
                    // Immediates: their sum fits.
                    (Some(total), Some(item)) => Value::int(total + item),
                    _ => operator::binary(t, total, &item, BinaryOp::Add)?,
                },
                Some(total) => protocol::call_values(t, &self.function, &[total.clone(), item.clone()])?,
            };
            let old = {
                let _guard = t.lock(header_of(v));
                if self.total.word() != word && !weakened("stress: accumulate looks again") {
                    // Another thread has added its item meanwhile: this one comes after it.
                    continue;
                }
                self.total.swap(Some(total.clone()))
            };
            drop(old);
            return Ok(total);
        }
    }
}

/// State of `batched`.
pub struct Batched {
    /// The source, until it is exhausted.
    source: Slot,
    size: usize,
    strict: bool,
}

/// `itertools.batched`.
pub static BATCHED: StaticType = StaticType::new(&BATCHED_SPEC);

static BATCHED_SPEC: TypeSpec = TypeSpec {
    doc: "Gives tuples of n items each; the last may be shorter, unless strict is true: then that is a ValueError.",
    signature: "(iterable, n, *, strict=False)",
    slots: SlotTable { new: Some(batched_new), iter: Some(iter_self), next: Some(batched_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "batched", layout_of::<Batched>(true))
};

// SAFETY: `BATCHED`'s layout is `Batched`.
unsafe impl Payload for Batched {
    fn layout_type() -> &'static Type {
        &BATCHED
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.source, visit);
    }

    fn clear(&self) {
        drop(self.source.take());
    }
}

fn batched_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, n, *, strict=False)");
    let b = PARAMETERS.bind(t, &BATCHED, class, args)?;
    let size = size_argument(t, b.req(1))?;
    let strict = b.opt(2).map_or(Ok(false), |strict| protocol::is_true(t, strict))?;
    if size < 1 {
        return Err(raise::value_error(t, "n must be at least one"));
    }
    let source = Slot::new(protocol::iter(t, b.req(0))?);
    Ok(alloc::new(class, Batched { source, size: size as usize, strict }))
}

fn batched_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Batched);
    let Some(source) = this.source.load() else { return Ok(None) };
    // A size out of all proportion is not reserved beforehand.
    let mut items = Vec::with_capacity(this.size.min(1 << 10));
    while items.len() < this.size {
        match protocol::next(t, &source) {
            Ok(Some(item)) => items.push(item),
            Ok(None) => {
                take_if(t, v, &this.source, source.bits());
                break;
            }
            Err(raised) => {
                take_if(t, v, &this.source, source.bits());
                return Err(raised);
            }
        }
    }
    if items.is_empty() {
        return Ok(None);
    }
    if this.strict && items.len() < this.size {
        return Err(raise::value_error(t, "batched(): incomplete batch"));
    }
    Ok(Some(tuple::from_vec(items)))
}

/// State of `chain`.
pub struct Chain {
    /// Iterator over the sources, until it is exhausted.
    sources: Slot,
    /// Iterators over sources, oldest first. There is more than one only where several threads went to their next
    /// source at the same time.
    active: Guarded<Vec<Stored>>,
}

/// `itertools.chain`.
pub static CHAIN: StaticType = StaticType::new(&CHAIN_SPEC);

static CHAIN_SPEC: TypeSpec = TypeSpec {
    doc: "Gives the items of the first iterable, then those of the second, and so on.",
    signature: "(*iterables)",
    slots: SlotTable {
        new: Some(chain_new),
        iter: Some(iter_self),
        next: Some(chain_next),
        give: Some(chain_give),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "from_iterable",
            "($type, iterable, /)",
            NativeFn::F2(chain_from_iterable),
            "Chains the iterables that one iterable gives.",
        )
        .class_method(),
        CLASS_GETITEM,
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "chain", layout_of::<Chain>(true))
};

// SAFETY: `CHAIN`'s layout is `Chain`.
unsafe impl Payload for Chain {
    fn layout_type() -> &'static Type {
        &CHAIN
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.sources, &mut *visit);
        visit_all(self.active.stopped(), visit);
    }

    fn clear(&self) {
        drop(self.sources.take());
        drop(self.active.replace_unreachable(Vec::new()));
    }
}

fn chain(class: &Type, sources: Value) -> Value {
    alloc::new(class, Chain { sources: Slot::new(sources), active: Guarded::new(Vec::new()) })
}

fn chain_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let sources = tuple::from_slice(args.positional_of(t, &CHAIN, class)?.pos());
    Ok(chain(class, protocol::iter(t, &sources)?))
}

fn chain_from_iterable(t: &Thread, class: &Value, iterable: &Value) -> PyResult {
    let sources = protocol::iter(t, iterable)?;
    match class.downcast::<Type>() {
        Some(class) => Ok(chain(class, sources)),
        None => Err(raise::type_error(t, "from_iterable() needs a type")),
    }
}

fn chain_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Chain);
    while let Some(active) = this.active(t, v)? {
        if let Some(item) = protocol::next(t, &active)? {
            return Ok(Some(item));
        }
        this.forget(t, v, &active);
    }
    Ok(None)
}

/// Passes items on, and tells whether the taker has had enough.
struct Watching<'a> {
    taker: &'a mut dyn Take,
    enough: bool,
}

impl Take for Watching<'_> {
    fn take(&mut self, t: &Thread, item: Value) -> PyResult<bool> {
        self.enough = !self.taker.take(t, item)?;
        Ok(!self.enough)
    }
}

fn chain_give(t: &Thread, v: &Value, taker: &mut dyn Take) -> PyResult<()> {
    let this = this!(v, Chain);
    let mut watching = Watching { taker, enough: false };
    while let Some(active) = iteration::own(t, this.active(t, v))?.flatten() {
        protocol::give_rest(t, &active, &mut watching)?;
        if watching.enough {
            break;
        }
        this.forget(t, v, &active);
    }
    Ok(())
}

impl Chain {
    /// The oldest iterator over a source that is not exhausted as far as is known; `v` is the object.
    fn active(&self, t: &Thread, v: &Value) -> PyResult<Option<Value>> {
        loop {
            let active = self
                .active
                .with_for("stress: chain keeps its iterators", t, v, |active| active.first().map(|a| Value::clone(a)));
            if active.is_some() {
                return Ok(active);
            }
            if !self.open_next(t, v)? {
                return Ok(None);
            }
        }
    }

    /// Lets go of an iterator that is exhausted.
    fn forget(&self, t: &Thread, v: &Value, active: &Value) {
        let done = self.active.with_for("stress: chain keeps its iterators", t, v, |list| {
            list.iter().position(|a| a.is(active)).map(|i| list.remove(i))
        });
        drop(done);
    }

    /// Goes to the next source; false where there is none.
    fn open_next(&self, t: &Thread, v: &Value) -> PyResult<bool> {
        let Some(sources) = self.sources.load() else { return Ok(false) };
        let iterator = match protocol::next(t, &sources) {
            Ok(Some(source)) => protocol::iter(t, &source),
            Ok(None) => {
                take_if(t, v, &self.sources, sources.bits());
                return Ok(false);
            }
            Err(raised) => Err(raised),
        };
        match iterator {
            Ok(iterator) => {
                let stored = Stored::new(iterator);
                self.active.with_for("stress: chain keeps its iterators", t, v, |list| list.push(stored));
                Ok(true)
            }
            Err(raised) => {
                take_if(t, v, &self.sources, sources.bits());
                Err(raised)
            }
        }
    }
}

/// State of `pairwise`.
pub struct Pairwise {
    /// The source, until it is exhausted.
    source: Slot,
    /// The item given last.
    old: Slot,
}

/// `itertools.pairwise`.
pub static PAIRWISE: StaticType = StaticType::new(&PAIRWISE_SPEC);

static PAIRWISE_SPEC: TypeSpec = TypeSpec {
    doc: "Gives overlapping pairs: first and second item, second and third, and so on.",
    signature: "(iterable, /)",
    slots: SlotTable { new: Some(pairwise_new), iter: Some(iter_self), next: Some(pairwise_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "pairwise", layout_of::<Pairwise>(true))
};

// SAFETY: `PAIRWISE`'s layout is `Pairwise`.
unsafe impl Payload for Pairwise {
    fn layout_type() -> &'static Type {
        &PAIRWISE
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.source, &mut *visit);
        visit_slot(&self.old, visit);
    }

    fn clear(&self) {
        drop(self.source.take());
        drop(self.old.take());
    }
}

fn pairwise_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, /)");
    let b = PARAMETERS.bind(t, &PAIRWISE, class, args)?;
    let source = Slot::new(protocol::iter(t, b.req(0))?);
    Ok(alloc::new(class, Pairwise { source, old: Slot::empty() }))
}

fn pairwise_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Pairwise);
    let Some(source) = this.source.load() else { return Ok(None) };
    let finish = || {
        take_if(t, v, &this.source, source.bits());
        drop(take(t, v, &this.old));
    };
    let step = || {
        let item = protocol::next(t, &source);
        if !matches!(item, Ok(Some(_))) {
            finish();
        }
        item
    };
    let old = match this.old.load() {
        Some(old) => old,
        None => {
            let Some(first) = step()? else { return Ok(None) };
            put(t, v, &this.old, Some(first.clone()));
            // The source's `__next__` may have come back here and exhausted it.
            if this.source.is_empty() {
                drop(take(t, v, &this.old));
                return Ok(None);
            }
            first
        }
    };
    let Some(new) = step()? else { return Ok(None) };
    put(t, v, &this.old, Some(new.clone()));
    Ok(Some(tuple::from_iter(2, [old, new])))
}

/// State of `zip_longest`.
pub struct ZipLongest {
    /// The sources; None once one is exhausted.
    sources: Box<[Slot]>,
    fill: Stored,
}

/// `itertools.zip_longest`.
pub static ZIP_LONGEST: StaticType = StaticType::new(&ZIP_LONGEST_SPEC);

static ZIP_LONGEST_SPEC: TypeSpec = TypeSpec {
    doc: "Like zip, but goes on until the longest iterable is exhausted; fillvalue stands for missing items.",
    signature: "(*iterables, fillvalue=None)",
    slots: SlotTable {
        new: Some(zip_longest_new),
        iter: Some(iter_self),
        next: Some(zip_longest_next),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "zip_longest", layout_of::<ZipLongest>(true))
};

// SAFETY: `ZIP_LONGEST`'s layout is `ZipLongest`.
unsafe impl Payload for ZipLongest {
    fn layout_type() -> &'static Type {
        &ZIP_LONGEST
    }

    fn trace(&self, visit: Visit) {
        for source in &self.sources {
            visit_slot(source, &mut *visit);
        }
        visit(&self.fill);
    }

    fn clear(&self) {
        for source in &self.sources {
            drop(source.take());
        }
    }
}

fn zip_longest_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let mut fill = Value::NONE;
    for (name, value) in args.keywords() {
        if !str::eq_str(name, "fillvalue") {
            return Err(raise::type_error(t, "zip_longest() got an unexpected keyword argument"));
        }
        fill = value.clone();
    }
    let sources = args.pos().iter().map(|source| protocol::iter(t, source).map(Slot::new));
    let sources = sources.collect::<PyResult<Vec<Slot>>>()?;
    Ok(alloc::new(class, ZipLongest { sources: sources.into(), fill: Stored::new(fill) }))
}

fn zip_longest_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, ZipLongest);
    if this.sources.iter().all(Slot::is_empty) {
        return Ok(None);
    }
    let mut row = Vec::with_capacity(this.sources.len());
    let mut given = false;
    for slot in &this.sources {
        let Some(source) = slot.load() else {
            row.push(Value::clone(&this.fill));
            continue;
        };
        match protocol::next(t, &source) {
            Ok(Some(item)) => {
                given = true;
                row.push(item);
            }
            Ok(None) => {
                take_if(t, v, slot, source.bits());
                // Not where another thread has emptied a source that has given an item here.
                if this.sources.iter().all(Slot::is_empty) && !given {
                    return Ok(None);
                }
                row.push(Value::clone(&this.fill));
            }
            Err(raised) => {
                // An error ends the iteration for good.
                for slot in &this.sources {
                    drop(take(t, v, slot));
                }
                return Err(raised);
            }
        }
    }
    Ok(Some(tuple::from_vec(row)))
}
