//! `tee`: several iterators over one source, which read through a linked chain of shared chunks.
//!
//! A chunk is filled from the source by one reader at a time. A second thread that comes to the unread end waits,
//! detached; the same thread coming back there (from the source's own `__next__`) gets a RuntimeError, and so does one
//! that has waited for a second: what the source waits for may be that very thread.

use crate::sync::shim::atomic::{AtomicU32, AtomicUsize, Ordering::*};
use std::time::Duration;

use crate::modules::support::{Guarded, Parameters, header_of, iter_self, put, size_argument};
use crate::object::args::{Args, Bound};
use crate::object::exception::visit_slot;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Slot, Stored, Value};
use crate::object::{alloc, hooks, names, protocol, tuple};
use crate::sync::shim::weakened;
use crate::this;

/// How often a thread looks whether another has read the item.
const PATIENCE: u32 = 10_000;
/// How long it waits in between.
const PAUSE: Duration = Duration::from_micros(100);

/// Items per chunk.
const CHUNK: usize = 57;

/// A chunk of items that were read from the source.
pub struct TeeData {
    source: Stored,
    items: [Slot; CHUNK],
    /// How many of `items` are filled; a filled one does not change.
    filled: AtomicUsize,
    /// The chunk that follows.
    next: Slot,
    /// Id of the thread that is reading the next item; 0: none.
    reader: AtomicU32,
}

/// One of the iterators.
pub struct Tee {
    place: Guarded<Place>,
}

struct Place {
    data: Stored,
    index: usize,
}

/// The type of chunks.
pub static TEE_DATA: StaticType = StaticType::new(&TEE_DATA_SPEC);
/// The type of the iterators.
pub static TEE: StaticType = StaticType::new(&TEE_SPEC);

static TEE_DATA_SPEC: TypeSpec = TypeSpec {
    doc: "Items that tee iterators share.",
    flags: flag::DISALLOW_INSTANTIATION,
    ..TypeSpec::new("itertools", "_tee_dataobject", layout_of::<TeeData>(true))
};

static TEE_SPEC: TypeSpec = TypeSpec {
    doc: "Iterator wrapped to make it copyable.",
    signature: "(iterable, /)",
    slots: SlotTable { new: Some(tee_new), iter: Some(iter_self), next: Some(tee_next), ..SlotTable::EMPTY },
    methods: &[Method::new("__copy__", "($self, /)", NativeFn::F1(tee_copy), "Returns an independent iterator.")],
    flags: flag::HAS_WEAKREFS,
    ..TypeSpec::new("itertools", "_tee", layout_of::<Tee>(true))
};

// SAFETY: `TEE_DATA`'s layout is `TeeData`.
unsafe impl Payload for TeeData {
    fn layout_type() -> &'static Type {
        &TEE_DATA
    }

    fn trace(&self, visit: Visit) {
        visit(&self.source);
        for slot in &self.items {
            visit_slot(slot, &mut *visit);
        }
        visit_slot(&self.next, visit);
    }

    fn clear(&self) {
        for slot in &self.items {
            drop(slot.take());
        }
        drop(self.next.take());
    }
}

// SAFETY: `TEE`'s layout is `Tee`.
unsafe impl Payload for Tee {
    fn layout_type() -> &'static Type {
        &TEE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.place.stopped().data);
    }
}

fn new_data(source: Value) -> Value {
    let data = TeeData {
        source: Stored::new(source),
        items: [const { Slot::EMPTY }; CHUNK],
        filled: AtomicUsize::new(0),
        next: Slot::empty(),
        reader: AtomicU32::new(0),
    };
    alloc::new(&TEE_DATA, data)
}

fn new_tee(class: &Type, data: Value, index: usize) -> Value {
    alloc::new(class, Tee { place: Guarded::new(Place { data: Stored::new(data), index }) })
}

fn from_iterable(t: &Thread, class: &Type, iterable: &Value) -> PyResult {
    let source = protocol::iter(t, iterable)?;
    if source.downcast::<Tee>().is_some() {
        return tee_copy(t, &source);
    }
    Ok(new_tee(class, new_data(source), 0))
}

fn tee_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(iterable, /)");
    let b = PARAMETERS.bind(t, &TEE, class, args)?;
    from_iterable(t, class, b.req(0))
}

fn tee_copy(t: &Thread, v: &Value) -> PyResult {
    let (data, index) = this!(v, Tee).place.with(t, v, |place| (Value::clone(&place.data), place.index));
    Ok(new_tee(v.class(), data, index))
}

fn tee_next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let this = this!(v, Tee);
    loop {
        let (data, index) = this.place.with(t, v, |place| (Value::clone(&place.data), place.index));
        let chunk = this!(data, TeeData);
        if index == CHUNK {
            let next = next_chunk(t, &data, chunk);
            // Another thread that moved this iterator on meanwhile has done the same.
            let stored = Stored::new(next);
            let old = this.place.with(t, v, |place| {
                if place.index == CHUNK && place.data.is(&data) {
                    place.index = 0;
                    Some(std::mem::replace(&mut place.data, stored))
                } else {
                    Some(stored)
                }
            });
            drop(old);
            continue;
        }
        let Some(item) = item_at(t, &data, chunk, index)? else { return Ok(None) };
        let moved = this.place.with(t, v, |place| {
            let here = (place.index == index || weakened("stress: tee looks again")) && place.data.is(&data);
            place.index += usize::from(here);
            here
        });
        if moved {
            return Ok(Some(item));
        }
    }
}

/// The chunk after `data`, made if it is not there.
fn next_chunk(t: &Thread, data: &Value, chunk: &TeeData) -> Value {
    if let Some(next) = chunk.next.load() {
        return next;
    }
    let fresh = new_data(Value::clone(&chunk.source));
    let unused = {
        let _guard = t.lock(header_of(data));
        if chunk.next.is_empty() { chunk.next.swap(Some(fresh.clone())) } else { None }
    };
    drop(unused);
    chunk.next.load().unwrap_or(fresh)
}

/// Item `index` of a chunk, read from the source if nobody has; `None` at the source's end.
fn item_at(t: &Thread, data: &Value, chunk: &TeeData, index: usize) -> PyResult<Option<Value>> {
    let mut patience = PATIENCE;
    loop {
        // Acquire: pairs with the Release below; the item is there.
        if index < chunk.filled.load(Acquire) {
            return Ok(chunk.items[index].load());
        }
        match chunk.reader.compare_exchange(0, t.id, Acquire, Relaxed) {
            Ok(_) => {}
            Err(reader) if reader == t.id => return Err(raise::runtime_error(t, "cannot re-enter the tee iterator")),
            Err(_) if patience == 0 => return Err(raise::runtime_error(t, "cannot re-enter the tee iterator")),
            Err(_) => {
                patience -= 1;
                (hooks::get().check_attention)(t)?;
                t.detached(|| std::thread::sleep(PAUSE));
                continue;
            }
        }
        let filled = chunk.filled.load(Acquire);
        if index < filled {
            chunk.reader.store(0, Release);
            continue;
        }
        let item = protocol::next(t, &chunk.source);
        if let Ok(Some(item)) = &item {
            put(t, data, &chunk.items[filled], Some(item.clone()));
            chunk.filled.store(filled + 1, Release);
        }
        chunk.reader.store(0, Release);
        return item;
    }
}

/// `itertools.tee`.
pub fn tee(t: &Thread, b: &Bound<'_>) -> PyResult {
    let n = match b.opt(1) {
        Some(n) => size_argument(t, n)?,
        None => 2,
    };
    if n < 0 {
        return Err(raise::value_error(t, "n must be >= 0"));
    }
    if n == 0 {
        return Ok(names::empty_tuple());
    }
    let mut all = Vec::new();
    if crate::sync::may_fail::reserve_exact(&mut all, n as usize).is_err() {
        return Err(raise::memory_error(t, ""));
    }
    all.push(from_iterable(t, &TEE, b.req(0))?);
    for _ in 1..n {
        all.push(tee_copy(t, &all[0])?);
    }
    Ok(tuple::from_vec(all))
}
