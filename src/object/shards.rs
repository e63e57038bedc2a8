//! Sharded counts: who has a table index, promotion of contended objects, and the tables of threads that have exited.
//!
//! Types, modules, code and functions of modules and classes are sharded from the start (`make_sharded`); other objects when
//! threads turn out to fight over their counts (`look`, `promote`; the rules are those of `sync::promote`). Objects with a
//! finaliser are not promoted: only the collector frees a sharded object, and programs rely on a finaliser's promptness.

use super::header::Header;
use super::thread::{self, PROMOTE, Thread, WORLD};
use super::value::Value;
use crate::sync::count;
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::{AtomicU32, AtomicU64, Ordering::*};
use crate::sys::memory;
use std::sync::OnceLock;
use std::time::Instant;

/// A thread's counts by index. They lie in memory of their own, of which only those pages exist where a count was changed: a
/// thread uses few of all sharded objects.
pub struct ShardTable {
    counts: *mut i64,
    len: usize,
}

// SAFETY: the table owns its memory.
unsafe impl Send for ShardTable {}

impl Default for ShardTable {
    /// All zero, no memory.
    fn default() -> ShardTable {
        ShardTable { counts: std::ptr::null_mut(), len: 0 }
    }
}

impl ShardTable {
    /// The count at an index.
    #[inline(always)]
    pub fn at(&mut self, index: u32) -> &mut i64 {
        if index as usize >= self.len {
            self.grow(index as usize);
        }
        // SAFETY: below the length.
        unsafe { &mut *self.counts.add(index as usize) }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, index: usize) {
        let len = (index + 1).next_power_of_two().max(FIRST_COUNTS);
        let grown = if self.len == 0 {
            memory::reserve(len * 8)
        } else {
            // SAFETY: the table's own block of this size.
            unsafe { memory::grow(self.counts.cast(), self.len * 8, len * 8) }
        };
        self.counts = grown.unwrap_or_else(|| crate::heap::shortage::end(len * 8)).cast();
        self.len = len;
    }

    fn counts_mut(&mut self) -> &mut [i64] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY: as in `counts`.
        unsafe { std::slice::from_raw_parts_mut(self.counts, self.len) }
    }

    /// The counts, as far as there may be any that is not zero.
    #[inline]
    pub fn counts(&self) -> &[i64] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: the table's own memory, zero where nothing was written.
        unsafe { std::slice::from_raw_parts(self.counts, self.len) }
    }
}

impl Drop for ShardTable {
    fn drop(&mut self) {
        if self.len != 0 {
            // SAFETY: the table's own block of this size.
            unsafe { memory::release(self.counts.cast(), self.len * 8) }
        }
    }
}

/// Counts that a table has room for at first.
const FIRST_COUNTS: usize = 1 << 14;
/// Milliseconds between two promotions, unless many objects wait.
const PAUSE: u64 = 5;
/// How many candidates do not wait.
const MANY: usize = 64;
/// Promotions after which a collection is due: nobody else frees what was promoted.
const COLLECT_AFTER: u32 = 4096;

/// Indexes that no object has had yet, and those of objects that are gone.
static NEXT: AtomicU32 = AtomicU32::new(0);
static FREE: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// Tables of threads that have exited, all zero: the next thread finds its pages made.
static SPARE: Mutex<Vec<ShardTable>> = Mutex::new(Vec::new());
const MOST_SPARE: usize = 16;
/// The summed counts of threads that have exited.
static RETIRED: Mutex<Vec<i64>> = Mutex::new(Vec::new());
/// When the last promotion was, in milliseconds since the first.
static LAST: AtomicU64 = AtomicU64::new(0);
/// Promotions since the last collection, and ever.
static SINCE_COLLECTION: AtomicU32 = AtomicU32::new(0);
static PROMOTED: AtomicU64 = AtomicU64::new(0);

fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_millis() as u64
}

fn take_index() -> u32 {
    FREE.lock().pop().unwrap_or_else(|| NEXT.fetch_add(1, Relaxed))
}

/// Makes an object sharded that only the calling thread knows.
pub fn make_sharded(v: &Value) {
    if let Some(header) = v.header()
        && header.counts().owner() == thread::id()
    {
        header.publish();
        let index = take_index();
        let total = header.counts().promote(index);
        Thread::with_current(|t| t.shard_add(index, total));
    }
}

/// Looks at one contended object; the caller has just taken a reference. Runs with object locks held: it only leaves notes.
#[cold]
#[inline(never)]
pub fn look(header: &Header) {
    Thread::with_current(|t| {
        let Ok(mut candidates) = t.candidates.try_borrow_mut() else { return };
        if header.warm() && header.class().slots.finalize.get().is_none() {
            header.counts().incref_shared();
            candidates.push(header);
        }
        let due = match candidates.len() {
            0 => false,
            n => n >= MANY || now() >= LAST.load(Relaxed) + PAUSE,
        };
        if due {
            t.record.notify(PROMOTE);
        }
    });
}

/// Promotes the thread's candidates. Stops the world, if there are any.
#[inline]
pub fn promote(t: &Thread) {
    if !t.candidates.borrow().is_empty() {
        promote_candidates(t);
    }
}

#[cold]
fn promote_candidates(t: &Thread) {
    let candidates = t.candidates.take();
    let mut promoted = 0;
    {
        let _stopped = WORLD.stop(t.record);
        for object in candidates {
            // SAFETY: the candidate's reference, which goes into the tables below, keeps it alive.
            let header = unsafe { &*object };
            let counts = header.counts();
            match counts.owner() {
                count::IMMORTAL => {}
                count::SHARDED => t.shard_add(counts.local(), -1),
                _ => {
                    header.publish();
                    let index = take_index();
                    let total = counts.promote(index);
                    t.shard_add(index, total - 1);
                    promoted += 1;
                }
            }
        }
    }
    LAST.store(now(), Relaxed);
    PROMOTED.fetch_add(promoted as u64, Relaxed);
    if SINCE_COLLECTION.fetch_add(promoted, Relaxed) + promoted >= COLLECT_AFTER {
        t.record.notify(crate::sync::world::attention::GC);
    }
}

/// Whether so many objects were promoted that a collection is due.
pub fn collection_is_due() -> bool {
    SINCE_COLLECTION.load(Relaxed) >= COLLECT_AFTER
}

/// A collection is over.
pub fn note_collection() {
    SINCE_COLLECTION.store(0, Relaxed);
}

/// How many objects were promoted so far.
pub fn promoted() -> u64 {
    PROMOTED.load(Relaxed)
}

/// Takes over the counts of a thread that does not run any more.
pub fn retire(table: &mut ShardTable) {
    // Beyond the last index that was given nothing was counted.
    let used = table.len.min(NEXT.load(Relaxed) as usize);
    let counts = &mut table.counts_mut()[..used];
    let mut retired = RETIRED.lock();
    if retired.len() < used {
        retired.resize(used, 0);
    }
    for (sum, count) in retired.iter_mut().zip(counts) {
        if *count != 0 {
            *sum += std::mem::take(count);
        }
    }
}

/// A table for a new thread, all zero.
pub fn new_table() -> ShardTable {
    SPARE.lock().pop().unwrap_or_default()
}

/// Takes over the table of a thread that exits, counts and memory.
pub fn retire_table(mut table: ShardTable) {
    retire(&mut table);
    let mut spare = SPARE.lock();
    if spare.len() < MOST_SPARE {
        spare.push(table);
    }
}

/// The sums of all threads' tables, by index. The world is stopped.
pub fn totals(threads: &[&Thread]) -> Vec<i64> {
    let mut sums = RETIRED.lock().clone();
    sums.resize(sums.len().max(NEXT.load(Relaxed) as usize), 0);
    for thread in threads {
        sums.iter_mut().zip(thread.shards()).for_each(|(sum, count)| *sum += count);
    }
    sums
}

/// Gives back the indexes of objects that are gone. The world is stopped.
pub fn free(indexes: &[u32], threads: &[&Thread]) {
    let mut retired = RETIRED.lock();
    for &index in indexes {
        threads.iter().for_each(|thread| thread.shard_reset(index));
        if let Some(count) = retired.get_mut(index as usize) {
            *count = 0;
        }
    }
    FREE.lock().extend(indexes);
}
