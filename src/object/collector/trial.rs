//! Which objects nothing outside the heap keeps alive: trial deletion, in the counts themselves.
//!
//! All of it happens in one stop of the world, while the counts are ours to borrow:
//!
//! 1. One walk over the blocks takes each reference that a traced object holds off the count of what it refers to. What is left
//!    of a count then was counted outside of the heap.
//! 2. A second walk finds the roots, and what can be reached is marked from them. An object is traced once more when it is
//!    marked, which gives the references that it holds back to the counts.
//! 3. If that was not all, a third walk lists the rest, and gives back what these hold. So every object is traced twice, once
//!    down and once up, and when the world goes on the counts are as they were.
//!
//! A count that was given something back meanwhile looks like a root's: whoever gave was marked, and marked the object too.
//!
//! Rules:
//! 1. An object's `trace` visits the same references each time, and counts none: a count at zero in between would end an object.
//! 2. Nothing is allocated from the heap of objects, and nothing can fail, between the first step and the last.
//! 3. A str refers to nothing and is left out: it goes with the last that refers to it. Sharded objects, strs among them, have
//!    their counts summed up in a table for the purpose; immortal ones have none.
//!
//! No side table, because that would cost three cache lines for each reference looked at (the object, its page, the table) where
//! this costs the one of the object.

use super::HashSet;
use crate::heap;
use crate::heap::page::{HEADER_BYTES, Page};
use crate::object::core_types;
use crate::object::dict::Dict;
use crate::object::header::{Header, flag};
use crate::object::list::List;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::{hooks, instance, shards};
use crate::sync::count;
#[cfg(debug_assertions)]
use crate::sync::shim::atomic::AtomicBool;
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::sync::shim::schedule;

/// Whether counts lack what a trial has taken: for the check of rule 1, where a count came to its end.
#[cfg(debug_assertions)]
pub static RUNNING: AtomicBool = AtomicBool::new(false);

/// `Header::gc` of an object that was reached.
const MARKED: u8 = 1;

/// The object that a word of a slot or value refers to, and the owner of its count, unless it is immortal.
///
/// # Safety
/// The word is a reference to something living, or 0.
#[inline(always)]
unsafe fn counted_at<'a>(word: u64) -> Option<(&'a Header, u32)> {
    if word == 0 || word >> 48 != 0 {
        return None;
    }
    // SAFETY: by the caller.
    let header = unsafe { &*(word as *const Header) };
    let owner = header.counts().owner();
    (owner != count::IMMORTAL).then_some((header, owner))
}

/// Whether an object is left out: an exact str that its own count ends. Many are, and they refer to nothing (their type is
/// immortal).
#[inline(always)]
fn is_text(object: &Header) -> bool {
    std::ptr::eq(object.class(), &*core_types::STR) && object.counts().owner() != count::SHARDED
}

/// `trace`, with words, and without a call for each where there are many: items of containers, attributes.
///
/// # Safety
/// As of `trace`. Words that are no objects are visited too.
#[inline(always)]
unsafe fn trace_words(header: &Header, mut visit: impl FnMut(u64)) {
    if header.has_flag(flag::CLEARED) {
        return;
    }
    let class = header.class();
    let native = class.native();
    // SAFETY: by the caller; a native type says what payload its instances have.
    unsafe {
        if std::ptr::eq(native, &*core_types::TUPLE) {
            header.payload::<Tuple>().items().iter().for_each(|item| visit(item.bits()));
        } else if std::ptr::eq(native, &*core_types::DICT) {
            for (_, key, value) in header.payload::<Dict>().table().entries() {
                visit(key.word());
                visit(value.word());
            }
        } else if std::ptr::eq(native, &*core_types::LIST) {
            header.payload::<List>().array().slots().iter().for_each(|slot| visit(slot.word()));
        } else if let Some(trace) = class.spec().layout.trace {
            trace(header, &mut |v| visit(v.bits()));
        }
    }
    if let Some(own) = instance::attributes(header) {
        own.trace_words(visit);
    }
}

/// The sharded object that a word on an evaluation stack may borrow (`interp::stack`). The word may be a leftover: it is
/// believed only if it is the address of a block in use that holds such an object. A leftover keeps an object for a while,
/// no more.
///
/// # Safety
/// The world is stopped; `pages` are the heap's pages.
unsafe fn sharded_at(word: u64, pages: &HashSet<usize>) -> Option<*const Header> {
    const BORROWED: u64 = 1;
    let address = (word & !BORROWED) as usize;
    if address == 0 || word >> 48 != 0 || !address.is_multiple_of(16) {
        return None;
    }
    let page = Page::of(address as *mut u8);
    if !pages.contains(&(page as usize)) {
        return None;
    }
    // SAFETY: one of the heap's pages, so its header can be read, and a block in use has an object's header.
    unsafe {
        let offset = address.checked_sub(page as usize + HEADER_BYTES)?;
        let bytes = (*page).block_bytes as usize;
        let in_use =
            offset % bytes == 0 && offset / bytes < (*page).bumped as usize && heap::is_in_use(address as *mut u8);
        let object = address as *const Header;
        (in_use && (*object).counts().owner() == count::SHARDED).then_some(object)
    }
}

/// The objects that nothing outside the heap keeps alive. `ours` are objects that the collector itself holds a reference to.
/// The world is stopped.
pub fn find_garbage(threads: &[&Thread], ours: &[u64]) -> Vec<*const Header> {
    // Nobody else runs: nothing for a test's schedule to decide.
    schedule::quiet(|| {
        #[cfg(debug_assertions)]
        RUNNING.store(true, Relaxed);
        // SAFETY: the world is stopped, so no object is made, freed or changed but by the trial.
        let garbage = unsafe {
            let mut trial = Trial::begin(threads, ours);
            trial.mark(threads);
            trial.end(ours)
        };
        #[cfg(debug_assertions)]
        RUNNING.store(false, Relaxed);
        garbage
    })
}

/// Counts from which references were taken that must be given back.
struct Trial {
    /// What is left of the counts of sharded objects, by index.
    sharded: Vec<i64>,
    /// Objects that were traced, and those that were marked.
    objects: usize,
    marked: usize,
    /// Marked, and to be traced.
    work: Vec<*const Header>,
    /// The heap's.
    pages: HashSet<usize>,
}

impl Trial {
    /// Step 1.
    ///
    /// # Safety
    /// The world is stopped, and stays so until `end`, which must follow.
    unsafe fn begin(threads: &[&Thread], ours: &[u64]) -> Trial {
        let mut sharded = shards::totals(threads);
        // SAFETY: by the caller.
        let mut take = |word: u64| unsafe {
            let Some((object, owner)) = counted_at(word) else { return };
            if owner == count::SHARDED {
                sharded[object.counts().local() as usize] -= 1;
            } else if !is_text(object) {
                object.counts().take_for_trial(1);
            }
        };
        ours.iter().for_each(|word| take(*word));
        let mut objects = 0;
        let mut pages = HashSet::default();
        // SAFETY: by the caller.
        unsafe {
            heap::for_each_page(|page| {
                pages.insert(page as usize);
                heap::for_each_block_of(page, |block| {
                    let header = &*block.cast::<Header>();
                    if is_text(header) {
                        return;
                    }
                    objects += 1;
                    header.gc.store(0, Relaxed);
                    trace_words(header, &mut take);
                });
            });
        }
        Trial { sharded, objects, marked: 0, work: Vec::new(), pages }
    }

    /// Whether an object is a root: something outside of the heap counts it, or nothing ends it.
    #[inline(always)]
    fn is_root(&self, object: &Header) -> bool {
        let is_held = match object.counts().owner() {
            count::IMMORTAL => true,
            count::SHARDED => self.sharded[object.counts().local() as usize] > 0,
            _ => object.counts().total() > 0,
        };
        is_held || object.has_flag(flag::FROZEN)
    }

    /// Marks an object that was found, unless it was before or is immortal: those are roots.
    #[inline(always)]
    fn reach(&mut self, object: &Header) {
        if object.counts().owner() != count::IMMORTAL && object.gc.load(Relaxed) == 0 && !is_text(object) {
            self.found(object);
        }
    }

    #[inline(always)]
    fn found(&mut self, object: &Header) {
        object.gc.store(MARKED, Relaxed);
        self.marked += 1;
        self.work.push(object);
    }

    /// Step 2.
    ///
    /// # Safety
    /// As of `begin`.
    unsafe fn mark(&mut self, threads: &[&Thread]) {
        for thread in threads {
            for code in (hooks::get().running_code)(thread) {
                // SAFETY: code that runs is alive.
                self.reach(unsafe { &*(code as *const Header) });
            }
            (hooks::get().stack_words)(thread, &mut |word| self.reach_borrowed(word));
        }
        self.work_off();
        // SAFETY: by the caller.
        unsafe {
            heap::for_each_block(|block| {
                let header = &*block.cast::<Header>();
                if header.gc.load(Relaxed) == 0 && !is_text(header) && self.is_root(header) {
                    self.found(header);
                    self.work_off();
                }
            });
        }
    }

    /// Marks what a word of a stack borrows.
    fn reach_borrowed(&mut self, word: u64) {
        // SAFETY: as of `begin`.
        if let Some(object) = unsafe { sharded_at(word, &self.pages) } {
            // SAFETY: in use, so it is alive.
            self.reach(unsafe { &*object });
        }
    }

    /// Traces what was marked, and what is found so.
    fn work_off(&mut self) {
        while let Some(object) = self.work.pop() {
            // SAFETY: found alive, and nothing ends while the world is stopped.
            let header = unsafe { &*object };
            self.reach(header.class().header());
            if header.has_flag(flag::HAS_FRAME) {
                // What a generator's frame borrows nobody has counted.
                (hooks::get().frame_words)(header, &mut |word| self.reach_borrowed(word));
            }
            // SAFETY: as above; each traced object's references were taken in `begin`.
            unsafe { self.give_back(header, |trial, child| trial.reach(child)) }
        }
    }

    /// Gives the references that an object holds back to the counts, and calls `f` with each that is counted.
    ///
    /// # Safety
    /// In `begin` they were taken, and they have not been given back.
    #[inline(always)]
    unsafe fn give_back(&mut self, header: &Header, f: impl Fn(&mut Trial, &Header)) {
        // SAFETY: by the caller.
        unsafe {
            trace_words(header, |word| {
                let Some((child, owner)) = counted_at(word) else { return };
                if owner != count::SHARDED {
                    if is_text(child) {
                        return;
                    }
                    child.counts().return_from_trial(1);
                }
                f(self, child);
            });
        }
    }

    /// Step 3: what was not marked.
    ///
    /// # Safety
    /// As of `begin`; `ours` are the same.
    unsafe fn end(mut self, ours: &[u64]) -> Vec<*const Header> {
        let mut garbage = Vec::new();
        // SAFETY: by the caller.
        unsafe {
            if self.marked != self.objects {
                heap::for_each_block(|block| {
                    let header = &*block.cast::<Header>();
                    if header.gc.load(Relaxed) == 0 && !is_text(header) {
                        self.give_back(header, |_, _| ());
                        garbage.push(std::ptr::from_ref(header));
                    }
                });
            }
            for word in ours {
                let object = &*(*word as *const Header);
                let counts = object.counts();
                if counts.owner() < count::SHARDED && !is_text(object) {
                    counts.return_from_trial(1);
                }
            }
        }
        garbage
    }
}
