//! `_heapq`: binary heaps in lists.
//!
//! Comparisons may run Python code, so they happen outside the list's lock. An operation first works out which items move
//! where, remembering every item it compared and its place; then it takes the lock, checks that all of them are still in
//! their places, and moves the items in one step. If another thread was faster, it starts over. So each operation is
//! atomic and a heap that several threads use stays a heap. Where comparing runs no Python code, pushing and popping take the
//! lock once and do without all this (`quickly`).

use crate::object::list::{List, no_memory};
use crate::object::quick;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::{Slot, Value, multi_threaded};
use crate::types::list::sort;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("heappush", PUSH, NativeFn::F2(push::<Min>), "Adds an item to a heap."),
        Method::new(
            "heappushpop",
            PUSH,
            NativeFn::F2(push_pop::<Min>),
            "Adds an item to a heap, then removes and returns the smallest.",
        ),
        Method::new("heappop", POP, NativeFn::F1(pop::<Min>), "Removes and returns the smallest item of a heap."),
        Method::new(
            "heapreplace",
            PUSH,
            NativeFn::F2(replace::<Min>),
            "Removes and returns the smallest item of a heap, then adds the new item.",
        ),
        Method::new("heapify", POP, NativeFn::F1(heapify::<Min>), "Turns a list into a heap, in linear time."),
        Method::new("heappush_max", PUSH, NativeFn::F2(push::<Max>), "Adds an item to a max-heap."),
        Method::new(
            "heappushpop_max",
            PUSH,
            NativeFn::F2(push_pop::<Max>),
            "Adds an item to a max-heap, then removes and returns the largest.",
        ),
        Method::new(
            "heappop_max",
            POP,
            NativeFn::F1(pop::<Max>),
            "Removes and returns the largest item of a max-heap.",
        ),
        Method::new(
            "heapreplace_max",
            PUSH,
            NativeFn::F2(replace::<Max>),
            "Removes and returns the largest item of a max-heap, then adds the new item.",
        ),
        Method::new("heapify_max", POP, NativeFn::F1(heapify::<Max>), "Turns a list into a max-heap, in linear time."),
    ],
    init: Some(|t, module| {
        let about = crate::object::str::from_str(
            "A heap is a list in which heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2].",
        );
        crate::object::protocol::set_attr(t, module, &crate::object::names::intern("__about__"), &about)
    }),
    ..ModuleSpec::new("_heapq", "Heap queues, also known as priority queues, in lists.")
};

const PUSH: &str = "($module, heap, item, /)";
const POP: &str = "($module, heap, /)";

/// Which end of the order is at the top.
trait Order {
    const NAME: &'static str;
    /// Whether `a` belongs above `b`.
    fn above(t: &Thread, a: &Value, b: &Value) -> PyResult<bool>;
    /// The same, if that runs no Python code.
    fn quickly_above(a: &Value, b: &Value) -> Option<bool>;
}

struct Min;
struct Max;

impl Order for Min {
    const NAME: &'static str = "";
    #[inline]
    fn above(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
        quick::lt_or_ask(t, a, b)
    }

    #[inline]
    fn quickly_above(a: &Value, b: &Value) -> Option<bool> {
        sort::lt_quick(a, b)
    }
}

impl Order for Max {
    const NAME: &'static str = "_max";
    #[inline]
    fn above(t: &Thread, a: &Value, b: &Value) -> PyResult<bool> {
        quick::lt_or_ask(t, b, a)
    }

    #[inline]
    fn quickly_above(a: &Value, b: &Value) -> Option<bool> {
        sort::lt_quick(b, a)
    }
}

/// Operations under the lock, as long as comparing runs no Python code. They compare first and then move, so that nothing has
/// changed where they give up.
mod quickly {
    use super::*;
    use std::mem::ManuallyDrop;

    /// Places from one end of a way to the other.
    type Path = smallvec::SmallVec<[usize; 32]>;

    /// The item at a place, uncounted: the list keeps it while its lock is held.
    fn item(slots: &[Slot], place: usize) -> ManuallyDrop<Value> {
        // SAFETY: a slot below the length holds a value; never dropped.
        ManuallyDrop::new(unsafe { Value::from_bits(slots[place].own_word()) })
    }

    /// Moves the items at `path[1..]` one place back along the path, and puts a word at its end.
    ///
    /// # Safety
    /// The word's reference is the caller's to give, and that at `path[0]` is the caller's to keep.
    unsafe fn shift(slots: &[Slot], path: &[usize], word: u64) {
        for step in path.windows(2) {
            // SAFETY: the references move along; each slot's old word has moved before.
            unsafe { slots[step[0]].put_word(slots[step[1]].own_word()) };
        }
        // SAFETY: as above.
        unsafe { slots[path[path.len() - 1]].put_word(word) };
    }

    /// `heappush`; None: nothing has been done. `Err` gives the item back where there is no memory.
    pub fn push<O: Order>(t: &Thread, list: &List, new: &Value) -> Option<Result<(), Value>> {
        let _guard = list.lock(t);
        let array = list.array();
        let slots = array.slots();
        let mut path = Path::new();
        let mut place = slots.len();
        path.push(place);
        while place > 0 {
            let parent = (place - 1) / 2;
            if !O::quickly_above(new, &item(slots, parent))? {
                break;
            }
            place = parent;
            path.push(place);
        }
        if let Err(new) = array.push(t, new.clone()) {
            return Some(Err(new));
        }
        let slots = array.slots();
        let word = slots[path[0]].own_word();
        // SAFETY: the new item's reference goes to the end of the path.
        unsafe { shift(slots, &path, word) };
        Some(Ok(()))
    }

    /// `heappop` of a heap that is not empty; None: nothing has been done.
    pub fn pop<O: Order>(t: &Thread, list: &List) -> Option<Value> {
        let _guard = list.lock(t);
        let array = list.array();
        let slots = array.slots();
        let end = slots.len().checked_sub(1)?;
        let last = item(slots, end);
        // Down along the upper children, then up again to where the last item fits.
        let mut path = Path::new();
        let mut place = 0;
        path.push(place);
        while 2 * place + 1 < end {
            place = 2 * place + 1;
            if place + 1 < end && !O::quickly_above(&item(slots, place), &item(slots, place + 1))? {
                place += 1;
            }
            path.push(place);
        }
        while path.len() > 1 && O::quickly_above(&last, &item(slots, path[path.len() - 1]))? {
            path.pop();
        }
        let last = array.pop(t)?;
        if end == 0 {
            return Some(last);
        }
        let slots = array.slots();
        let top = slots[0].own_word();
        // SAFETY: the last item's reference goes to the end of the path, the top's is taken out.
        unsafe {
            shift(slots, &path, last.into_bits());
            Some(Value::from_bits(top))
        }
    }
}

fn heap<'a, O: Order>(t: &Thread, name: &str, v: &'a Value) -> PyResult<&'a List> {
    v.downcast::<List>().ok_or_else(|| {
        let class = v.class().display_name();
        raise::type_error(t, format!("{name}{}() argument 1 must be list, not {class}", O::NAME))
    })
}

/// How often an operation starts over in favour of other threads.
const PATIENCE: u32 = 10_000;

/// Says that an operation whose plan fell through starts over. An error where no other thread can have changed the
/// heap's length, so that the comparison did: then starting over might never end.
#[cold]
fn start_over(t: &Thread, list: &List, planned: usize, tries: &mut u32) -> PyResult<()> {
    *tries += 1;
    let len = list.len();
    if *tries < PATIENCE && (len == planned || multi_threaded()) {
        return Ok(());
    }
    if len == 0 { Err(empty(t)) } else { Err(raise::runtime_error(t, "list changed size during iteration")) }
}

/// What an operation has seen and what it wants to write.
struct Plan {
    /// Length that the list must still have.
    len: usize,
    /// Places and items that were compared, in no order.
    seen: Vec<(usize, Value)>,
    /// Places and their new items.
    moves: Vec<(usize, Value)>,
}

impl Plan {
    fn new(len: usize) -> Plan {
        Plan { len, seen: Vec::new(), moves: Vec::new() }
    }

    /// The item at `i`; `None` if the list has become too short: start over.
    fn look(&mut self, list: &List, i: usize) -> Option<Value> {
        let item = list.get(i)?;
        self.seen.push((i, item.clone()));
        Some(item)
    }

    /// Whether the list is still as it was seen. The lock is held.
    fn holds(&self, list: &List) -> bool {
        let slots = list.array().slots();
        slots.len() == self.len && self.seen.iter().all(|(i, item)| slots[*i].word() == item.bits())
    }

    /// Writes the moves; answers what was in their places, for the caller to drop. The lock is held.
    fn write(&mut self, list: &List) -> Vec<Result<Value, Value>> {
        self.moves.drain(..).map(|(i, item)| list.array().set(i, item)).collect()
    }

    /// Checks and writes in one step; false: start over.
    fn commit(mut self, t: &Thread, list: &List) -> bool {
        let guard = list.lock(t);
        let holds = self.holds(list);
        let old = if holds { self.write(list) } else { Vec::new() };
        drop(guard);
        drop(old);
        holds
    }

    /// Puts `item` into the hole at the end of `path` (places from the top down, whose items are thought of as moved one
    /// up) and lets it rise; notes the moves that come of it.
    fn rise<O: Order>(&mut self, t: &Thread, path: &[(usize, Value)], item: &Value) -> PyResult<()> {
        let mut place = path.len() - 1;
        while place > 0 && O::above(t, item, &path[place].1)? {
            place -= 1;
        }
        self.moves.extend((0..place).map(|k| (path[k].0, path[k + 1].1.clone())));
        self.moves.push((path[place].0, item.clone()));
        Ok(())
    }

    /// The way down from `start` along the upper children, in a heap of `end` items. `None`: start over.
    fn descend<O: Order>(
        &mut self,
        t: &Thread,
        list: &List,
        start: usize,
        end: usize,
    ) -> PyResult<Option<Vec<(usize, Value)>>> {
        // The item at `start` is replaced; its value plays no part.
        let mut path = vec![(start, Value::NONE)];
        let mut place = start;
        while 2 * place + 1 < end {
            let left = 2 * place + 1;
            let Some(mut item) = self.look(list, left) else { return Ok(None) };
            place = left;
            if left + 1 < end {
                let Some(right) = self.look(list, left + 1) else { return Ok(None) };
                if !O::above(t, &item, &right)? {
                    (place, item) = (left + 1, right);
                }
            }
            path.push((place, item));
        }
        Ok(Some(path))
    }
}

fn push<O: Order>(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let list = heap::<O>(t, "heappush", v)?;
    if let Some(done) = quickly::push::<O>(t, list, item) {
        return done.map(|()| Value::NONE).map_err(|item| {
            drop(item);
            no_memory(t)
        });
    }
    let mut tries = 0;
    'again: loop {
        let mut plan = Plan::new(list.len());
        // The way from the new place to the top, as far as it is looked at.
        let mut place = plan.len;
        while place > 0 {
            let parent = (place - 1) / 2;
            let Some(above) = plan.look(list, parent) else {
                start_over(t, list, plan.len, &mut tries)?;
                continue 'again;
            };
            if !O::above(t, item, &above)? {
                break;
            }
            plan.moves.push((place, above));
            place = parent;
        }
        plan.moves.push((place, item.clone()));
        let guard = list.lock(t);
        if !plan.holds(list) {
            drop(guard);
            start_over(t, list, plan.len, &mut tries)?;
            continue;
        }
        // The first move fills the new place at the end.
        let (_, last) = plan.moves.remove(0);
        let pushed = list.array().push(t, last);
        let old = if pushed.is_ok() { plan.write(list) } else { Vec::new() };
        drop(guard);
        drop(old);
        return match pushed {
            Ok(()) => Ok(Value::NONE),
            Err(item) => {
                drop(item);
                Err(no_memory(t))
            }
        };
    }
}

#[cold]
fn empty(t: &Thread) -> raise::Raised {
    raise::index_error(t, "index out of range")
}

fn pop<O: Order>(t: &Thread, v: &Value) -> PyResult {
    let list = heap::<O>(t, "heappop", v)?;
    if let Some(top) = quickly::pop::<O>(t, list) {
        return Ok(top);
    }
    let mut tries = 0;
    loop {
        let len = list.len();
        if len == 0 {
            return Err(empty(t));
        }
        let mut plan = Plan::new(len);
        let Some(last) = plan.look(list, len - 1) else { continue };
        let top = if len == 1 {
            last
        } else {
            let Some(top) = plan.look(list, 0) else { continue };
            let Some(path) = plan.descend::<O>(t, list, 0, len - 1)? else {
                start_over(t, list, len, &mut tries)?;
                continue;
            };
            plan.rise::<O>(t, &path, &last)?;
            top
        };
        let guard = list.lock(t);
        if !plan.holds(list) {
            drop(guard);
            start_over(t, list, len, &mut tries)?;
            continue;
        }
        let old = plan.write(list);
        let popped = list.array().pop(t);
        drop(guard);
        drop((old, popped));
        return Ok(top);
    }
}

/// Puts `item` at the top in place of what is there, which it answers. `None`: the list is empty.
fn replace_top<O: Order>(t: &Thread, list: &List, item: &Value, unless_above: bool) -> PyResult<Option<Value>> {
    let mut tries = 0;
    loop {
        let len = list.len();
        if len == 0 {
            return Ok(None);
        }
        let mut plan = Plan::new(len);
        let Some(top) = plan.look(list, 0) else { continue };
        if unless_above && !O::above(t, &top, item)? {
            return Ok(None);
        }
        if let Some(path) = plan.descend::<O>(t, list, 0, len)? {
            plan.rise::<O>(t, &path, item)?;
            if plan.commit(t, list) {
                return Ok(Some(top));
            }
        }
        start_over(t, list, len, &mut tries)?;
    }
}

fn replace<O: Order>(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let list = heap::<O>(t, "heapreplace", v)?;
    replace_top::<O>(t, list, item, false)?.ok_or_else(|| empty(t))
}

fn push_pop<O: Order>(t: &Thread, v: &Value, item: &Value) -> PyResult {
    let list = heap::<O>(t, "heappushpop", v)?;
    Ok(replace_top::<O>(t, list, item, true)?.unwrap_or_else(|| item.clone()))
}

fn heapify<O: Order>(t: &Thread, v: &Value) -> PyResult {
    let list = heap::<O>(t, "heapify", v)?;
    let mut tries = 0;
    for start in (0..list.len() / 2).rev() {
        loop {
            let len = list.len();
            if 2 * start + 1 >= len {
                break;
            }
            let mut plan = Plan::new(len);
            let Some(item) = plan.look(list, start) else { continue };
            if let Some(path) = plan.descend::<O>(t, list, start, len)? {
                plan.rise::<O>(t, &path, &item)?;
                if plan.commit(t, list) {
                    break;
                }
            }
            start_over(t, list, len, &mut tries)?;
        }
    }
    Ok(Value::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::list;
    use crate::types::testing;

    fn ints(v: &Value) -> Vec<i64> {
        let list = v.downcast::<List>().expect("a list");
        (0..list.len()).filter_map(|i| list.get(i)?.as_small_int()).collect()
    }

    #[test]
    fn items_move_as_in_the_reference() {
        testing::run(|t| {
            let h = list::from_vec([5, 3, 8, 1, 9, 2, 7].map(Value::int).to_vec());
            heapify::<Min>(t, &h).unwrap();
            assert_eq!(ints(&h), [1, 3, 2, 5, 9, 8, 7]);
            push::<Min>(t, &h, &Value::int(0)).unwrap();
            assert_eq!(ints(&h), [0, 1, 2, 3, 9, 8, 7, 5]);
            assert_eq!(pop::<Min>(t, &h).unwrap().as_small_int(), Some(0));
            assert_eq!(ints(&h), [1, 3, 2, 5, 9, 8, 7]);
            assert_eq!(replace::<Min>(t, &h, &Value::int(6)).unwrap().as_small_int(), Some(1));
            assert_eq!(ints(&h), [2, 3, 6, 5, 9, 8, 7]);
            assert_eq!(push_pop::<Min>(t, &h, &Value::int(1)).unwrap().as_small_int(), Some(1));
            assert_eq!(push_pop::<Min>(t, &h, &Value::int(4)).unwrap().as_small_int(), Some(2));
            assert_eq!(ints(&h), [3, 4, 6, 5, 9, 8, 7]);
            heapify::<Max>(t, &h).unwrap();
            assert_eq!(ints(&h), [9, 5, 8, 3, 4, 6, 7]);
            assert_eq!(pop::<Max>(t, &h).unwrap().as_small_int(), Some(9));
            assert_eq!(ints(&h), [8, 5, 7, 3, 4, 6]);
        });
    }

    /// A heap that threads push to and pop from stays a heap and loses nothing.
    #[test]
    fn threads_share_a_heap() {
        const THREADS: usize = 4;
        const ROUNDS: i64 = 2000;
        testing::run_threads(THREADS, |t, index, shared| {
            let (heap, popped) = (&shared[1], &shared[2]);
            let popped = popped.downcast::<List>().expect("a list");
            for round in 0..ROUNDS {
                let item = (round * 7919) % 1000 * THREADS as i64 + index as i64;
                push::<Min>(t, heap, &Value::int(item)).unwrap();
                if round % 2 == 1 {
                    popped.append(t, pop::<Min>(t, heap).unwrap()).unwrap();
                }
            }
            if popped.len() == THREADS * ROUNDS as usize / 2 {
                // The last thread to finish checks.
                let rest = ints(heap);
                assert!((1..rest.len()).all(|i| rest[(i - 1) / 2] <= rest[i]), "still a heap");
                let mut all = [rest, ints(&shared[2])].concat();
                let mut expected: Vec<i64> = (0..THREADS as i64)
                    .flat_map(|i| (0..ROUNDS).map(move |round| (round * 7919) % 1000 * THREADS as i64 + i))
                    .collect();
                all.sort_unstable();
                expected.sort_unstable();
                assert!(all == expected, "nothing lost, nothing doubled");
            }
        });
    }
}
