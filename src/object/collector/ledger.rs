//! A ledger of references, for tests: who holds what, against what the counts say.
//!
//! With the world stopped, the references that objects of the heap hold are found by tracing them, as the collector does. What is
//! left of an object's count then is held by frames, threads' contexts, statics and native code.
//!
//! - It is never less than nothing: an object with more holders than its count says would be freed under one of them. With
//!   `OROCHI_CHECK_COUNTS` set this is checked whenever the world is stopped for something that looks at all threads.
//! - Between two moments at which the same code runs, it does not grow: what grows was forgotten by native code. `sums` gives
//!   the sums by type, which a test compares.

use super::trace;
use crate::heap;
use crate::object::header::Header;
use crate::object::thread::{Thread, WORLD, all_stopped};
use crate::sync::count;
use crate::sync::shim::schedule;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// What a type's objects are counted for.
#[derive(Default, Clone, Copy)]
pub struct Row {
    pub objects: i64,
    /// The sum of their counts.
    pub counted: i64,
    /// References that objects of the heap hold.
    pub traced: i64,
}

/// What the counts of an object say; None for one that is immortal.
fn counted(header: &Header, sharded: &[i64]) -> Option<i64> {
    match header.counts().owner() {
        count::IMMORTAL => None,
        count::SHARDED => Some(sharded[header.counts().local() as usize]),
        _ => Some(header.counts().total()),
    }
}

/// Calls `f` with each object that is counted, its count and what of it no traced object holds. The world is stopped.
fn each(threads: &[&Thread], mut f: impl FnMut(&Header, i64, i64)) {
    let sharded = super::shards::totals(threads);
    let mut held: HashMap<*const Header, i64, foldhash::fast::FixedState> = HashMap::default();
    // SAFETY: the world is stopped, so no object is made, freed or changed.
    unsafe {
        heap::for_each_block(|block| {
            trace(block.cast(), &mut |v| {
                if let Some(child) = v.header().filter(|child| child.counts().owner() != count::IMMORTAL) {
                    *held.entry(child).or_default() += 1;
                }
            });
        });
        heap::for_each_block(|block| {
            let header = &*block.cast::<Header>();
            if let Some(all) = counted(header, &sharded) {
                f(header, all, all - held.get(&std::ptr::from_ref(header)).unwrap_or(&0));
            }
        });
    }
}

/// The ledger by type name.
pub fn sums(t: &Thread) -> BTreeMap<String, Row> {
    let stopped = WORLD.stop(t.record);
    let threads = all_stopped(&stopped);
    for thread in &threads {
        thread.record.extra.merge_queue_stopped();
    }
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    each(&threads, |header, all, left| {
        let row = rows.entry(header.class().name().to_string()).or_default();
        row.objects += 1;
        row.counted += all;
        row.traced += all - left;
    });
    drop(stopped);
    t.end_merged();
    rows
}

/// If the process is asked to check: ends it with a message where an object has more holders than its count says.
pub fn at_stop(threads: &[&Thread]) {
    static WANTED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("OROCHI_CHECK_COUNTS").is_some());
    if *WANTED {
        schedule::quiet(|| check(threads));
    }
}

fn check(threads: &[&Thread]) {
    let mut wrong = Vec::new();
    each(threads, |header, all, left| {
        if left < 0 {
            wrong.push((std::ptr::from_ref(header), all, left));
        }
    });
    if wrong.is_empty() {
        return;
    }
    for (object, all, left) in &wrong {
        // SAFETY: the world is stopped since the object was found in the heap.
        let (class, holders) = unsafe { ((**object).class().name().to_string(), holders_of(*object)) };
        eprintln!("counts: a {class} is counted {all} times, and held {} times: by {holders:?}", all - left);
    }
    std::process::abort();
}

/// The types of the objects that hold an object, each as often as it does. The world is stopped.
unsafe fn holders_of(object: *const Header) -> BTreeMap<String, u32> {
    let mut holders = BTreeMap::new();
    // SAFETY: by the caller.
    unsafe {
        heap::for_each_block(|block| {
            trace(block.cast(), &mut |v| {
                if v.header().is_some_and(|child| std::ptr::eq(child, object)) {
                    let name = (*block.cast::<Header>()).class().name().to_string();
                    *holders.entry(name).or_default() += 1;
                }
            });
        });
    }
    holders
}
