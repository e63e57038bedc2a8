//! The cycle collector: finds objects that only garbage refers to, and takes them apart.
//!
//! It walks the heap's pages, so there is no list of objects and nothing to pay when one is made. After Bacon and Rajan,
//! "Concurrent Cycle Collection in Reference Counted Systems" (ECOOP 2001), in CPython's form of trial deletion:
//!
//! 1. Stop the world. Merge all queues, so that counts are final. Take the references that traced objects hold off the counts
//!    (`trial`). What is left over was counted by something outside the heap: a frame, a native function, a static. Those
//!    objects are roots; so are immortal ones, the code of running frames, and sharded objects that words on evaluation stacks
//!    borrow.
//! 2. Mark from the roots, and give back to the counts what was taken off. An object's type counts as a reference of it (it is not counted; see `header`), and so do the
//!    sharded objects that a generator's frame borrows.
//! 3. What is not marked is garbage. Take a reference to each piece of it, clear weak references to it (after this nobody
//!    but us can reach it), and let the world go on.
//! 4. Run the callbacks of those references, then finalisers. If any ran, do 1 to 3 again, counting our own references as
//!    nobody's: what was resurrected is let go.
//! 5. Empty the rest (`Payload::clear`) and give our references back: the counts do the rest. Sharded objects, which no
//!    count frees, are ended here, with the world stopped while their table entries are given back.

#[cfg(feature = "proof")]
pub mod ledger;
pub mod trial;

use super::header::{Header, flag};
use super::list::List;
use super::slots::Visit;
use super::thread::{Thread, WORLD, all_stopped};
use super::type_object::{Type, flag as type_flag};
use super::value::{Stored, Value};
use super::{dealloc, instance, raise, shards, weakref};
use crate::heap;
use crate::sync::count;
use crate::sync::shim::{Mutex, schedule};

use crate::sync::shim::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::*};
use std::cmp::Reverse;
use std::time::Duration;

/// Sets of addresses.
type HashSet<T> = std::collections::HashSet<T, foldhash::fast::FixedState>;

/// `gc.isenabled()`.
pub static ENABLED: AtomicBool = AtomicBool::new(true);
/// Collections finished and objects collected by the generation that was asked for: `gc.get_stats()`. (All collect everything.)
pub static COLLECTIONS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
pub static COLLECTED: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];
/// Pages in use after the last collection.
static LIVE_PAGES: AtomicUsize = AtomicUsize::new(0);
/// The list that garbage goes to, while `gc.DEBUG_SAVEALL` is set.
pub static SAVED: Mutex<Option<Stored>> = Mutex::new(None);
/// Held while a collection runs: a second one, of another thread or out of a finaliser, does nothing.
static RUNNING: AtomicBool = AtomicBool::new(false);
/// Id of the thread that ran the last collection, or runs it.
static COLLECTOR: AtomicU32 = AtomicU32::new(0);

/// Visits every reference that an object holds, its attributes included, and (uncounted) its type.
///
/// # Safety
/// The world is stopped and the object is alive.
unsafe fn trace(object: *const Header, visit: Visit) {
    // SAFETY: by the caller.
    unsafe {
        let header = &*object;
        if header.has_flag(flag::CLEARED) {
            return;
        }
        let class = header.class();
        if let Some(trace) = class.spec().layout.trace {
            trace(object, visit);
        }
        if let Some(own) = instance::attributes(header) {
            own.trace(visit);
        }
    }
}

/// Collects; answers how many objects were found unreachable. 0 where another collection is on its way.
pub fn collect(t: &Thread) -> usize {
    collect_for(t, 2)
}

/// `collect`, on behalf of a generation from 0 to 2.
pub fn collect_for(t: &Thread, generation: usize) -> usize {
    if RUNNING.swap(true, AcqRel) {
        return 0;
    }
    COLLECTOR.store(t.id, Relaxed);
    // What others allocate meanwhile; see `keep_pace`.
    let before = heap::pages_in_use();
    heap::set_threshold(before + room(before, true));
    let found = collect_now(t);
    COLLECTIONS[generation].fetch_add(1, Relaxed);
    COLLECTED[generation].fetch_add(found as u64, Relaxed);
    let live = heap::pages_in_use();
    LIVE_PAGES.store(live, Relaxed);
    // The next one is due then.
    heap::set_threshold(live + room(live, found > live * WORTH_IT));
    shards::note_collection();
    RUNNING.store(false, Release);
    found
}

/// How many objects for each page in use a collection has to find, to be worth its while: some 5 percent of the heap.
const WORTH_IT: usize = 50;

/// By how many pages a heap of so many may grow: by half, by 16 MiB at least; by twice that if the last collection had little to
/// collect, so that building something large costs two collections of it in all, and not three.
fn room(pages: usize, worth_it: bool) -> usize {
    let room = (pages / 2).max(256);
    if worth_it { room } else { room * 2 }
}

/// Called when the heap has grown as far as it should: collects, or waits a little for the thread that does. One thread takes
/// garbage apart; without the wait, several others would make it faster than that, for ever. It waits a little only, as
/// finalisers may wait for locks that the caller holds.
pub fn keep_pace(t: &Thread) {
    if !RUNNING.load(Relaxed) {
        collect(t);
    } else if COLLECTOR.load(Relaxed) != t.id && heap::over_threshold() && !schedule::is_mine() {
        t.detached(|| {
            for _ in 0..100 {
                std::thread::sleep(Duration::from_millis(1));
                if !RUNNING.load(Relaxed) {
                    break;
                }
            }
        });
    }
}

/// In the child of a fork: another thread's collection goes on in the parent only.
pub fn after_fork(t: &Thread) {
    if COLLECTOR.load(Relaxed) != t.id {
        RUNNING.store(false, Relaxed);
    }
}

/// Takes a reference to each object.
fn hold(objects: &[*const Header]) -> Vec<Value> {
    // SAFETY: unreachable, but alive: nothing has been taken apart yet and the world is stopped.
    objects.iter().map(|o| unsafe { &**o }.to_value()).collect()
}

/// Clears the weak references to garbage, and takes it off lists; answers the references that live. The world is stopped.
fn detach_references(garbage: &[*const Header]) -> Vec<Value> {
    let mut references = Vec::new();
    for object in garbage {
        // SAFETY: unreachable, but alive: the caller holds or is about to hold it.
        let header = unsafe { &**object };
        if header.has_flag(flag::WEAK_REFERENCED) {
            references.append(&mut weakref::detach_references(*object));
        }
        if header.has_flag(flag::LISTED)
            && let Some(unlist) = weakref::UNLIST.get()
        {
            unlist(header);
        }
    }
    references
}

fn collect_now(t: &Thread) -> usize {
    let (mut held, mut references) = {
        let stopped = WORLD.stop(t.record);
        let all = all_stopped(&stopped);
        for thread in &all {
            thread.record.extra.merge_queue_stopped();
        }
        let garbage = trial::find_garbage(&all, &[]);
        // Weak references go before anybody runs again: through one of them another thread could still reach what we are
        // about to take apart.
        (hold(&garbage), detach_references(&garbage))
    };
    t.end_merged();
    if held.is_empty() {
        trim(t);
        return 0;
    }
    // Callbacks must not see half-dead objects. References that are garbage themselves are not called.
    if !references.is_empty() {
        let ours: HashSet<u64> = held.iter().map(Value::bits).collect();
        references.retain(|reference| !ours.contains(&reference.bits()));
        weakref::run_callbacks(t, references);
    }
    let mut ran = false;
    for v in &held {
        if let Some(header) = v.header()
            && let Some(finalize) = v.class().slots.finalize.get()
            && !header.has_flag(flag::FINALIZED)
        {
            header.set_flag(flag::FINALIZED);
            let raised = t.raised.take();
            finalize(t, v);
            t.raised.set(raised);
            ran = true;
        }
    }
    if ran {
        let ours: Vec<u64> = held.iter().map(Value::bits).collect();
        let (still, references) = {
            let stopped = WORLD.stop(t.record);
            let all = all_stopped(&stopped);
            for thread in &all {
                thread.record.extra.merge_queue_stopped();
            }
            let mut garbage = trial::find_garbage(&all, &ours);
            let ours: HashSet<u64> = ours.iter().copied().collect();
            garbage.retain(|o| ours.contains(&(*o as u64)));
            let references = detach_references(&garbage);
            (garbage.into_iter().map(|o| o as u64).collect::<HashSet<u64>>(), references)
        };
        t.end_merged();
        // References that finalisers have made are cleared without a call, as in CPython.
        drop(references);
        held.retain(|v| still.contains(&v.bits()));
    }
    let found = held.len();
    let saved = SAVED.lock().as_ref().map(|list| Value::clone(list));
    if let Some(list) = saved {
        save(t, &list, held);
        return found;
    }
    for v in &held {
        let Some(header) = v.header() else { continue };
        let class = header.class();
        if let Some(own) = instance::attributes(header) {
            own.clear();
        }
        if let Some(clear) = class.spec().layout.clear {
            // SAFETY: nobody but us can reach the object; we hold a reference.
            unsafe { clear(header) }
        }
    }
    let sharded: Vec<u64> = held
        .iter()
        .filter(|v| v.header().is_some_and(|h| h.counts().owner() == count::SHARDED))
        .map(Value::bits)
        .collect();
    // Types go last: ending an instance looks at its type. (One that ends later still has `classes_in_use`.)
    let (types, others): (Vec<Value>, Vec<Value>) = held.into_iter().partition(|v| v.downcast::<Type>().is_some());
    drop(others);
    drop(types);
    end_sharded(t, &sharded);
    trim(t);
    found
}

/// Puts garbage into a list instead of taking it apart.
fn save(t: &Thread, list: &Value, garbage: Vec<Value>) {
    let Some(list) = list.downcast::<List>() else { return };
    for v in garbage {
        if v.header().is_some_and(is_tracked)
            && let Err(raised) = list.append(t, v)
        {
            // No memory: the rest is found again.
            drop(raise::take(t, raised));
            return;
        }
    }
}

/// Ends sharded garbage whose counts are down to nothing, and what is then down to nothing, as long as there is any.
fn end_sharded(t: &Thread, objects: &[u64]) {
    let mut left = objects.to_vec();
    while !left.is_empty() {
        // SAFETY: sharded objects are freed only below.
        let (mut dead, alive) = unsafe { take_dead(t, left) };
        if dead.is_empty() {
            return;
        }
        left = alive;
        // Instances before their classes, and those before their metaclasses.
        // SAFETY: still alive: ended below.
        dead.sort_by_cached_key(|word| Reverse(classes_above(unsafe { &*(*word as *const Header) })));
        for word in dead {
            // SAFETY: no thread counts it any more and no object refers to it.
            unsafe { dealloc::end(word as *const Header, false) }
        }
    }
}

/// The sharded objects that nobody refers to, whose counts are given up, and the others.
///
/// # Safety
/// The objects are alive.
unsafe fn take_dead(t: &Thread, objects: Vec<u64>) -> (Vec<u64>, Vec<u64>) {
    // SAFETY: by the caller.
    let header = |word: &u64| unsafe { &*(*word as *const Header) };
    let stopped = WORLD.stop(t.record);
    let all = all_stopped(&stopped);
    let totals = shards::totals(&all);
    let (mut dead, mut alive): (Vec<u64>, Vec<u64>) =
        objects.into_iter().partition(|word| totals[header(word).counts().local() as usize] == 0);
    let needed = classes_in_use(&all, &dead.iter().map(header).collect::<Vec<_>>());
    dead.retain(|word| {
        let keep = needed.contains(&std::ptr::from_ref(header(word)));
        if keep {
            alive.push(*word);
        }
        !keep
    });
    let indexes: Vec<u32> = dead.iter().map(|word| header(word).counts().local()).collect();
    dead.iter().for_each(|word| header(word).counts().end_sharded());
    shards::free(&indexes, &all);
    (dead, alive)
}

/// How many types there are from an object's class to `type`.
fn classes_above(mut header: &Header) -> usize {
    let mut count = 0;
    while !std::ptr::eq(header.class().header(), header) {
        header = header.class().header();
        count += 1;
    }
    count
}

/// Those of the dying classes that an object needs for its end, and their classes in turn: they are left for the next
/// collection. Nothing counts them for their instances, of which some end later than we have given them back: in the queue
/// or the list of another thread, which may be in the middle of running a finaliser. The world is stopped.
fn classes_in_use(threads: &[&Thread], dying: &[&Header]) -> HashSet<*const Header> {
    let mut needed = HashSet::default();
    let dying: HashSet<*const Header> = dying.iter().map(|header| std::ptr::from_ref(*header)).collect();
    // SAFETY: dying, but alive.
    if !dying.iter().any(|header| unsafe { (**header).as_value() }.downcast::<Type>().is_some()) {
        return needed;
    }
    let mut need = |object: *const Header| {
        let mut object = object;
        loop {
            // SAFETY: the object is alive or about to end, and so is its class, which we have not ended.
            let class: *const Header = unsafe { (*object).class().header() };
            if !dying.contains(&class) || !needed.insert(class) {
                break;
            }
            object = class;
        }
    };
    // SAFETY: the world is stopped.
    unsafe {
        heap::for_each_block(|block| {
            if !dying.contains(&block.cast_const().cast()) {
                need(block.cast());
            }
        });
    }
    // These are marked as ended already, so that the walk passes them over.
    for thread in threads {
        thread.put_off.borrow().iter().for_each(|(object, _)| need(*object));
    }
    needed
}

/// The count of a sharded object, exact at one moment.
pub fn sharded_total(t: &Thread, header: &Header) -> i64 {
    let stopped = WORLD.stop(t.record);
    header.counts().sharded().map_or(0, |index| shards::totals(&all_stopped(&stopped))[index as usize])
}

/// Gives empty pages back. (What readers might still have seen goes first: it would count as in use, and set the next
/// collection's trigger higher each time.)
fn trim(t: &Thread) {
    t.reclaim_all();
    let _stopped = WORLD.stop(t.record);
    // SAFETY: the world is stopped.
    unsafe { heap::trim_all() }
}

/// Every object that can take part in a cycle (`gc.get_objects()`), each with a new reference.
pub fn objects(t: &Thread) -> Vec<Value> {
    let mut all = Vec::new();
    each_tracked(t, |header| {
        if header.try_incref() {
            // Its thread may have taken it for its own, and is at a safepoint now.
            header.publish();
            // SAFETY: the reference just counted.
            all.push(unsafe { Value::from_bits(std::ptr::from_ref(header) as u64) });
        }
    });
    all
}

/// Whether an object can take part in a cycle (`gc.is_tracked()`).
pub fn is_tracked(header: &Header) -> bool {
    let class = header.class();
    // Types that live for ever do not.
    if header.as_value().downcast::<Type>().is_some_and(|t| !t.has_flag(type_flag::HEAPTYPE)) {
        return false;
    }
    class.has_flag(type_flag::HEAPTYPE) || class.spec().layout.trace.is_some() || class.inst_offset.load(Relaxed) != 0
}

/// `gc.freeze()`: what is there now is not collected before `unfreeze`.
pub fn freeze(t: &Thread) {
    each_tracked(t, |header| header.set_flag(flag::FROZEN));
}

/// `gc.unfreeze()`.
pub fn unfreeze(t: &Thread) {
    each_tracked(t, |header| header.clear_flag(flag::FROZEN));
}

/// `gc.get_freeze_count()`.
pub fn frozen(t: &Thread) -> usize {
    let mut count = 0;
    each_tracked(t, |header| count += usize::from(header.has_flag(flag::FROZEN)));
    count
}

/// Stops the world and shows every object that can take part in a cycle.
fn each_tracked(t: &Thread, mut f: impl FnMut(&Header)) {
    let _stopped = WORLD.stop(t.record);
    // SAFETY: the world is stopped.
    unsafe {
        heap::for_each_block(|block| {
            let header = &*block.cast::<Header>();
            if is_tracked(header) {
                f(header);
            }
        });
    }
}

/// What an object refers to (`gc.get_referents()`).
pub fn referents(t: &Thread, v: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    let Some(header) = v.header() else { return found };
    let _stopped = WORLD.stop(t.record);
    // SAFETY: the world is stopped.
    unsafe { trace(header, &mut |child| found.push(child.clone())) }
    found
}

/// What refers to one of the objects (`gc.get_referrers()`).
pub fn referrers(t: &Thread, targets: &[Value]) -> Vec<Value> {
    let mut found = Vec::new();
    let _stopped = WORLD.stop(t.record);
    // SAFETY: the world is stopped.
    unsafe {
        heap::for_each_block(|block| {
            let header = &*block.cast::<Header>();
            let mut hit = false;
            trace(header, &mut |child| hit |= child.is_object() && targets.iter().any(|target| target.is(child)));
            if hit && header.try_incref() {
                // As in `objects`.
                header.publish();
                found.push(Value::from_bits(block as u64));
            }
        });
    }
    found
}
