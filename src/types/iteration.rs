//! What iterators over containers share: cursors that give each place to one thread, and the end of an iteration.

use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::header::{Header, flag};
use crate::object::list::List;
use crate::object::protocol::Take;
use crate::object::raise::{self, PyResult};
use crate::object::set::Set;
use crate::object::thread::{self, Thread};
use crate::object::tuple::Tuple;
use crate::object::value::{Slot, Value};
use crate::object::{hooks, protocol, set, tuple};
use crate::sync::list_array::Items;
use crate::sync::may_fail::may_fail;
use crate::sync::reclaim::OutOfMemory;
use crate::sync::shim::atomic::{AtomicUsize, Ordering::*};
use crate::sync::shim::weakened;
use crate::types::dict::views;
use std::mem::ManuallyDrop;

pub const LENGTH_HINT_DOC: &str = "About how many items are still to come.";
pub const REDUCE_DOC: &str = "What copies and pickles need to make the same iterator.";
pub const SET_STATE_DOC: &str = "Moves to the place that a pickle tells.";

/// Whether other threads may have the object. One that was never published is the calling thread's own.
#[inline(always)]
pub fn is_shared(header: &Header) -> bool {
    header.has_flag(flag::PUBLISHED) && thread::multi()
}

/// A position in a container.
pub struct Cursor(AtomicUsize);

impl Cursor {
    pub fn new(start: usize) -> Cursor {
        Cursor(AtomicUsize::new(start))
    }

    #[inline(always)]
    pub fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    pub fn set(&self, position: usize) {
        self.0.store(position, Relaxed);
    }

    /// The present position, which is then moved on. Atomic: no two calls get the same one.
    #[inline(always)]
    pub fn claim(&self, header: &Header) -> usize {
        if is_shared(header) && !weakened("stress: iterator takes a place") {
            self.0.fetch_add(1, Relaxed)
        } else {
            let position = self.0.load(Relaxed);
            self.0.store(position + 1, Relaxed);
            position
        }
    }

    /// The present position, which is then moved back unless it is zero. Atomic as `claim`.
    pub fn claim_down(&self, header: &Header) -> usize {
        if is_shared(header) && !weakened("stress: reversed iterator takes a place") {
            return self.0.fetch_update(Relaxed, Relaxed, |p| Some(p.saturating_sub(1))).unwrap_or(0);
        }
        let position = self.0.load(Relaxed);
        self.0.store(position.saturating_sub(1), Relaxed);
        position
    }

    /// Moves from `position`, which the caller has seen, to `next`; false if somebody else has moved the cursor.
    #[inline(always)]
    pub fn advance_from(&self, header: &Header, position: usize, next: usize) -> bool {
        if is_shared(header) && !weakened("stress: iterator over a table takes a place") {
            return self.0.compare_exchange(position, next, Relaxed, Relaxed).is_ok();
        }
        self.0.store(next, Relaxed);
        true
    }
}

/// What an iterator iterates over: borrowed from its slot, or counted.
pub enum Source {
    /// From the slot of an iterator that no other thread has: the slot keeps the value as long as this thread does not
    /// empty it.
    Borrowed(ManuallyDrop<Value>),
    Counted(Value),
}

impl std::ops::Deref for Source {
    type Target = Value;
    #[inline(always)]
    fn deref(&self) -> &Value {
        match self {
            Source::Borrowed(v) => v,
            Source::Counted(v) => v,
        }
    }
}

/// The value in an iterator's slot; None when the iteration has ended. `header` is the iterator's. The caller runs no
/// Python code and does not empty the slot while it uses the answer.
#[inline(always)]
pub fn source(slot: &Slot, header: &Header) -> Option<Source> {
    if is_shared(header) {
        return slot.load().map(Source::Counted);
    }
    match slot.word() {
        0 => None,
        // SAFETY: the slot's own reference keeps the value; nobody else can empty the slot.
        word => Some(Source::Borrowed(ManuallyDrop::new(unsafe { Value::from_bits(word) }))),
    }
}

/// A builtin container whose items can be had at one moment. Only of exactly these types: nothing overrides their iteration.
pub enum Builtin<'a> {
    List(&'a List),
    Tuple(&'a Value, &'a Tuple),
    Set(&'a Set),
    /// A dict or a view of it.
    Dict(&'a Dict, Part),
}

/// What is iterated over in a dict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Keys,
    Values,
    Items,
}

impl<'a> Builtin<'a> {
    /// The container that a value is, if it is one of these types.
    pub fn of(v: &'a Value) -> Option<Builtin<'a>> {
        if let Some(list) = v.downcast_exact::<List>() {
            return Some(Builtin::List(list));
        }
        if let Some(tuple) = v.downcast_exact::<Tuple>() {
            return Some(Builtin::Tuple(v, tuple));
        }
        if let Some(set) = set::of_exact(v) {
            return Some(Builtin::Set(set));
        }
        match v.downcast_exact::<Dict>() {
            Some(dict) => Some(Builtin::Dict(dict, Part::Keys)),
            None => views::dict_of_view(v).map(|(dict, part)| Builtin::Dict(dict, part)),
        }
    }

    /// The header whose lock keeps the items as they are.
    pub fn header(&self) -> &Header {
        match self {
            Builtin::List(list) => list.header(),
            Builtin::Tuple(v, _) => v.header().unwrap_or_else(|| unreachable!("a tuple is an object")),
            Builtin::Set(set) => set.header(),
            Builtin::Dict(dict, _) => dict.header(),
        }
    }

    /// Adds counted items to `out`. The lock is held.
    pub fn items_into(&self, out: &mut Items<Value>) -> Result<(), OutOfMemory> {
        match self {
            Builtin::List(list) => {
                let array = list.array();
                may_fail(|| out.try_reserve(array.len()).map_err(|_| OutOfMemory))?;
                out.extend(array.copy_range(0..array.len()));
            }
            Builtin::Tuple(_, tuple) => {
                may_fail(|| out.try_reserve(tuple.items().len()).map_err(|_| OutOfMemory))?;
                out.extend(tuple.items().iter().cloned());
            }
            other => out.extend(other.items_locked()),
        }
        Ok(())
    }

    /// Counted items. The lock is held.
    pub fn items_locked(&self) -> Vec<Value> {
        match self {
            Builtin::List(list) => list.array().copy_range(0..list.array().len()).collect(),
            Builtin::Tuple(_, tuple) => tuple.items().to_vec(),
            Builtin::Set(set) => set.items_locked(),
            Builtin::Dict(dict, Part::Keys) => dict.keys_locked(),
            Builtin::Dict(dict, Part::Values) => dict.values_locked(),
            Builtin::Dict(dict, Part::Items) => {
                let pairs = dict.entries_locked().into_iter();
                pairs.map(|(_, key, value)| tuple::from_array([key, value])).collect()
            }
        }
    }
}

/// The items of an iterable one by one: lists and tuples without an iterator object. A list is read as its iterator would.
pub enum Walk<'a> {
    List(&'a List, usize),
    Tuple(std::slice::Iter<'a, Value>),
    Iterator(Value),
}

impl<'a> Walk<'a> {
    /// Raises what `iter()` raises.
    pub fn new(t: &Thread, iterable: &'a Value) -> PyResult<Walk<'a>> {
        if let Some(list) = iterable.downcast_exact::<List>() {
            return Ok(Walk::List(list, 0));
        }
        match iterable.downcast_exact::<Tuple>() {
            Some(tuple) => Ok(Walk::Tuple(tuple.items().iter())),
            None => protocol::iter(t, iterable).map(Walk::Iterator),
        }
    }

    /// The next item; None at the end. Raises what the iterator raises.
    #[inline(always)]
    pub fn next(&mut self, t: &Thread) -> PyResult<Option<Value>> {
        match self {
            Walk::List(list, index) => {
                *index += 1;
                Ok(list.get(*index - 1))
            }
            Walk::Tuple(items) => Ok(items.next().cloned()),
            Walk::Iterator(iterator) => protocol::next(t, iterator),
        }
    }
}

/// Ends an iteration: the iterator lets go of its container.
#[cold]
pub fn finish(t: &Thread, slot: &Slot, header: &Header) {
    let guard = t.lock(header);
    let old = slot.take();
    drop(guard);
    drop(old);
}

/// To be called in native loops that may go on for long, with the number of rounds done: now and then handles what others
/// want of the thread (signals, a stopped world). The caller keeps no uncounted values over it. Raises what handlers raise.
#[inline(always)]
pub fn poll(t: &Thread, rounds: usize) -> PyResult<()> {
    if rounds & 0x3ff == 0x3ff && t.record.attention() != 0 {
        return (hooks::get().check_attention)(t);
    }
    Ok(())
}

/// Gives items away until there are no more or the taker has enough: for the `give` slot of iterators.
#[inline(always)]
pub fn give(t: &Thread, taker: &mut dyn Take, mut next: impl FnMut() -> PyResult<Option<Value>>) -> PyResult<()> {
    let mut rounds = 0;
    while let Some(item) = own(t, next())?.flatten() {
        if !taker.take(t, item)? {
            break;
        }
        rounds += 1;
        poll(t, rounds)?;
    }
    Ok(())
}

/// What an iterator's own step answers: None where it raises StopIteration, which ends the iteration.
#[inline(always)]
pub fn own<T>(t: &Thread, step: PyResult<T>) -> PyResult<Option<T>> {
    match step {
        Ok(answer) => Ok(Some(answer)),
        Err(raised) => raise::suppress(t, raised, &exc::STOP_ITERATION).map(|()| None),
    }
}
