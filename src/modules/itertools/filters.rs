//! Iterators that leave items out: `compress`, `dropwhile`, `filterfalse`, `islice`, `takewhile`; and `starmap`.

use crate::sync::shim::atomic::{AtomicBool, AtomicI64, Ordering::*};

use crate::modules::support::{Parameters, iter_self, take_if};
use crate::object::args::Args;
use crate::object::core_types::exc;
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, core_types, protocol, tuple};
use crate::sync::shim::weakened;
use crate::this;

/// State of the iterators that ask a function about each item.
pub struct Filter {
    function: Stored,
    source: Stored,
    /// `dropwhile`: an item has passed. `takewhile`: an item has failed.
    switched: AtomicBool,
}

/// `itertools.dropwhile`; the layout type of its siblings too.
pub static DROPWHILE: StaticType = StaticType::new(&DROPWHILE_SPEC);
/// `itertools.takewhile`.
pub static TAKEWHILE: StaticType = StaticType::new(&TAKEWHILE_SPEC);
/// `itertools.filterfalse`.
pub static FILTERFALSE: StaticType = StaticType::new(&FILTERFALSE_SPEC);
/// `itertools.starmap`.
pub static STARMAP: StaticType = StaticType::new(&STARMAP_SPEC);

macro_rules! payload {
    ($payload:ident, $inner:ty, $ty:ident) => {
        /// See the payload that it wraps.
        #[repr(transparent)]
        pub struct $payload($inner);

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit(&self.0.function);
                visit(&self.0.source);
            }
        }
    };
}

payload!(DropWhile, Filter, DROPWHILE);
payload!(TakeWhile, Filter, TAKEWHILE);
payload!(FilterFalse, Filter, FILTERFALSE);
payload!(StarMap, Filter, STARMAP);

fn filter_new(t: &Thread, native: &Type, parameters: &Parameters, class: &Type, args: Args<'_>) -> PyResult<Filter> {
    let b = parameters.bind(t, native, class, args)?;
    let source = protocol::iter(t, b.req(1))?;
    let function = Stored::new(b.req(0).clone());
    Ok(Filter { function, source: Stored::new(source), switched: AtomicBool::new(false) })
}

impl Filter {
    fn ask(&self, t: &Thread, item: &Value) -> PyResult<bool> {
        let answer = protocol::call_values(t, &self.function, std::slice::from_ref(item))?;
        protocol::is_true(t, &answer)
    }
}

static PREDICATE: Parameters = Parameters::new("(predicate, iterable, /)");

static DROPWHILE_SPEC: TypeSpec = TypeSpec {
    doc: "Leaves out items as long as the predicate is true, then gives all that follow.",
    signature: "(predicate, iterable, /)",
    slots: SlotTable {
        new: Some(|t, class, args| {
            Ok(alloc::new(class, DropWhile(filter_new(t, &DROPWHILE, &PREDICATE, class, args)?)))
        }),
        iter: Some(iter_self),
        next: Some(dropwhile_next),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "dropwhile", layout_of::<DropWhile>(true))
};

fn dropwhile_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = &this!(v, DropWhile).0;
    while let Some(item) = protocol::next(t, &this.source)? {
        if this.switched.load(Relaxed) {
            return Ok(Some(item));
        }
        if !this.ask(t, &item)? {
            this.switched.store(true, Relaxed);
            return Ok(Some(item));
        }
    }
    Ok(None)
}

static TAKEWHILE_SPEC: TypeSpec = TypeSpec {
    doc: "Gives items as long as the predicate is true.",
    signature: "(predicate, iterable, /)",
    slots: SlotTable {
        new: Some(|t, class, args| {
            Ok(alloc::new(class, TakeWhile(filter_new(t, &TAKEWHILE, &PREDICATE, class, args)?)))
        }),
        iter: Some(iter_self),
        next: Some(takewhile_next),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "takewhile", layout_of::<TakeWhile>(true))
};

fn takewhile_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = &this!(v, TakeWhile).0;
    if this.switched.load(Relaxed) {
        return Ok(None);
    }
    let Some(item) = protocol::next(t, &this.source)? else { return Ok(None) };
    if this.ask(t, &item)? {
        return Ok(Some(item));
    }
    this.switched.store(true, Relaxed);
    Ok(None)
}

static FILTERFALSE_SPEC: TypeSpec = TypeSpec {
    doc: "Gives the items for which function(item) is false; function None means the item's own truth.",
    signature: "(function, iterable, /)",
    slots: SlotTable {
        new: Some(filterfalse_new),
        iter: Some(iter_self),
        next: Some(filterfalse_next),
        ..SlotTable::EMPTY
    },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "filterfalse", layout_of::<FilterFalse>(true))
};

fn filterfalse_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(function, iterable, /)");
    Ok(alloc::new(class, FilterFalse(filter_new(t, &FILTERFALSE, &PARAMETERS, class, args)?)))
}

fn filterfalse_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = &this!(v, FilterFalse).0;
    let truth = this.function.is_none() || this.function.is(&core_types::BOOL.as_value());
    while let Some(item) = protocol::next(t, &this.source)? {
        let passes = if truth { protocol::is_true(t, &item)? } else { this.ask(t, &item)? };
        if !passes {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

static STARMAP_SPEC: TypeSpec = TypeSpec {
    doc: "Gives function(*item) for each item.",
    signature: "(function, iterable, /)",
    slots: SlotTable { new: Some(starmap_new), iter: Some(iter_self), next: Some(starmap_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "starmap", layout_of::<StarMap>(true))
};

fn starmap_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(function, iterable, /)");
    Ok(alloc::new(class, StarMap(filter_new(t, &STARMAP, &PARAMETERS, class, args)?)))
}

fn starmap_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = &this!(v, StarMap).0;
    let Some(item) = protocol::next(t, &this.source)? else { return Ok(None) };
    if item.downcast_exact::<tuple::Tuple>().is_some() {
        return protocol::call_values(t, &this.function, tuple::items(&item)).map(Some);
    }
    let items = protocol::collect(t, &item)?;
    protocol::call_values(t, &this.function, &items).map(Some)
}

/// State of `compress`.
pub struct Compress {
    data: Stored,
    selectors: Stored,
}

/// `itertools.compress`.
pub static COMPRESS: StaticType = StaticType::new(&COMPRESS_SPEC);

static COMPRESS_SPEC: TypeSpec = TypeSpec {
    doc: "Gives the items of data whose counterpart in selectors is true.",
    signature: "(data, selectors)",
    slots: SlotTable { new: Some(compress_new), iter: Some(iter_self), next: Some(compress_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "compress", layout_of::<Compress>(true))
};

// SAFETY: `COMPRESS`'s layout is `Compress`.
unsafe impl Payload for Compress {
    fn layout_type() -> &'static Type {
        &COMPRESS
    }

    fn trace(&self, visit: Visit) {
        visit(&self.data);
        visit(&self.selectors);
    }
}

fn compress_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(data, selectors)");
    let b = PARAMETERS.bind(t, &COMPRESS, class, args)?;
    let data = Stored::new(protocol::iter(t, b.req(0))?);
    let selectors = Stored::new(protocol::iter(t, b.req(1))?);
    Ok(alloc::new(class, Compress { data, selectors }))
}

fn compress_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Compress);
    loop {
        let Some(item) = protocol::next(t, &this.data)? else { return Ok(None) };
        let Some(selector) = protocol::next(t, &this.selectors)? else { return Ok(None) };
        if protocol::is_true(t, &selector)? {
            return Ok(Some(item));
        }
    }
}

/// State of `islice`.
pub struct ISlice {
    /// The source, until the slice is done.
    source: Slot,
    /// Places of source items handed out so far: a thread claims a place, then takes an item for it.
    taken: AtomicI64,
    /// Index of the first item to give.
    start: i64,
    /// Index to stop at; `i64::MAX`: none.
    stop: i64,
    step: i64,
}

/// `itertools.islice`.
pub static ISLICE: StaticType = StaticType::new(&ISLICE_SPEC);

static ISLICE_SPEC: TypeSpec = TypeSpec {
    doc: "islice(iterable, stop) or islice(iterable, start, stop[, step])\n\n\
          Gives the items that slicing a list with these bounds would give. Negative bounds are not possible.",
    slots: SlotTable { new: Some(islice_new), iter: Some(iter_self), next: Some(islice_next), ..SlotTable::EMPTY },
    flags: flag::BASETYPE,
    ..TypeSpec::new("itertools", "islice", layout_of::<ISlice>(true))
};

// SAFETY: `ISLICE`'s layout is `ISlice`.
unsafe impl Payload for ISlice {
    fn layout_type() -> &'static Type {
        &ISLICE
    }

    fn trace(&self, visit: Visit) {
        visit_slot(&self.source, visit);
    }

    fn clear(&self) {
        drop(self.source.take());
    }
}

/// A bound; `None` where it is no index at all.
fn bound(t: &Thread, v: &Value) -> PyResult<Option<i64>> {
    match protocol::index_i64(t, v) {
        Ok(i) => Ok(Some(i)),
        Err(raised) => {
            if !raise::matches(t, &raised, &exc::TYPE_ERROR) && !raise::matches(t, &raised, &exc::OVERFLOW_ERROR) {
                return Err(raised);
            }
            drop(raise::take(t, raised));
            Ok(None)
        }
    }
}

fn islice_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let pos = args.positional_of(t, &ISLICE, class)?.exactly_positional(t, "islice", 2, 4)?;
    let (start, stop, step) = match pos {
        [_, stop] => (None, Some(stop), None),
        [_, start, stop, rest @ ..] => (Some(start), Some(stop), rest.first()),
        _ => (None, None, None),
    };
    let stop = match stop.and_then(Value::non_none) {
        None => -1,
        Some(stop) => match bound(t, stop)? {
            Some(stop) if stop != -1 => stop,
            _ => {
                let message = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
                return Err(raise::value_error(t, message));
            }
        },
    };
    let start = match start.and_then(Value::non_none) {
        None => 0,
        Some(start) => bound(t, start)?.unwrap_or(-1),
    };
    if start < 0 || stop < -1 {
        let message = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
        return Err(raise::value_error(t, message));
    }
    let step = match step.and_then(Value::non_none) {
        None => 1,
        Some(step) => bound(t, step)?.unwrap_or(-1),
    };
    if step < 1 {
        return Err(raise::value_error(t, "Step for islice() must be a positive integer or None."));
    }
    let source = Slot::new(protocol::iter(t, &pos[0])?);
    let stop = if stop == -1 { i64::MAX } else { stop };
    Ok(alloc::new(class, ISlice { source, taken: AtomicI64::new(0), start, stop, step }))
}

fn islice_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, ISlice);
    let Some(source) = this.source.load() else { return Ok(None) };
    let item = islice_item(t, this, &source)?;
    if item.is_none() {
        take_if(t, v, &this.source, source.bits());
    }
    Ok(item)
}

fn islice_item(t: &Thread, this: &ISlice, source: &Value) -> PyResult<Option<Value>> {
    // Everything before `start` is taken, even where the slice is empty.
    let last = this.stop.max(this.start);
    loop {
        let taken = if weakened("stress: islice counts") {
            let n = this.taken.load(Relaxed);
            this.taken.store(n + i64::from(n < last), Relaxed);
            if n < last { Ok(n) } else { Err(n) }
        } else {
            this.taken.fetch_update(Relaxed, Relaxed, |n| (n < last).then_some(n + 1))
        };
        let Ok(place) = taken else { return Ok(None) };
        let item = match protocol::next(t, source) {
            Ok(Some(item)) => item,
            Ok(None) => return Ok(None),
            Err(raised) => {
                this.taken.fetch_sub(1, Relaxed);
                return Err(raised);
            }
        };
        if place >= this.start && place < this.stop && (place - this.start) % this.step == 0 {
            return Ok(Some(item));
        }
    }
}
