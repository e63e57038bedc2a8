//! Quickening: a thread's own copy of a warm code object's instructions, with inline caches.
//!
//! What a thread learns about code stays with the thread: nobody else reads or writes it, so specialising needs no
//! synchronisation and shares no cache line. Instruction indexes are the same in the code and in its copies.

use super::fuse;
use super::monitor::copies;
use crate::bytecode::code::Code;
use crate::bytecode::opcode::{Op, encode};
use crate::object::thread::Thread;
use std::cell::Cell;

/// An inline-cache entry; what the words mean, the specialised instruction's function in `fast` says. Each instruction has
/// two, in one cache line: attribute accesses that meet two shapes use both.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Cache {
    /// A guard: a shape word or table number.
    pub guard: u64,
    /// What was found under the guards.
    pub value: u64,
    /// More of either.
    pub more: u64,
    /// A guard: a type version or code id.
    pub version: u32,
    /// How many more times the generic form runs before it looks for a specialised one.
    pub countdown: u16,
    /// How often it has looked; each time it waits longer.
    pub attempts: u8,
    /// Of an operation with two operands: which instructions push them.
    pub source: Source,
}

/// What pushes the operands of an operation: the instructions right before it, as far as they can be done together with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Source {
    /// Anything else.
    Stack,
    /// `LOAD_FAST_BORROW_2`.
    Locals,
    /// `LOAD_FAST_BORROW` (as `LOAD_FAST_LOAD_CONST`) and `LOAD_CONST`.
    LocalConst,
    /// Anything, and `LOAD_FAST_BORROW`.
    Local,
    /// Anything, and `LOAD_CONST`.
    Const,
}

impl Source {
    /// How many words before the operation its form for this source stands.
    pub const fn distance(self) -> usize {
        match self {
            Source::Stack => 0,
            Source::LocalConst => 2,
            Source::Locals | Source::Local | Source::Const => 1,
        }
    }

    /// The instruction that stands there where no such form does.
    pub const fn loads(self) -> Option<Op> {
        match self {
            Source::Stack => None,
            Source::Locals => Some(Op::LOAD_FAST_BORROW_2),
            Source::LocalConst => Some(Op::LOAD_FAST_LOAD_CONST),
            Source::Local => Some(Op::LOAD_FAST_BORROW),
            Source::Const => Some(Op::LOAD_CONST),
        }
    }
}

/// A countdown that asks for the next attempt as soon as the code that is called is warm; it counts as no attempt.
pub const SOON: u16 = 2;

impl Cache {
    /// An entry whose guards never hold: no type has this version, no table this number, no instance this shape word.
    pub const NEVER: Cache = Cache {
        guard: u64::MAX,
        value: 0,
        more: 0,
        version: u32::MAX,
        countdown: 0,
        attempts: 0,
        source: Source::Stack,
    };

    /// Sets the time to the next attempt to specialise, after so many.
    pub fn attempted(&mut self, before: u8) {
        if self.countdown == SOON {
            return;
        }
        self.attempts = (before + 1).min(12);
        self.countdown = 4 << self.attempts.max(2);
    }
}

/// A code object's copy, in one block of memory: this, its caches, its instructions, and where among these are the ones with
/// which a frame begins or goes on after a yield.
#[repr(C)]
struct Quick {
    instructions: *mut u32,
    len: usize,
    cache_count: usize,
    resume_count: usize,
    /// What instrumentation made of the instructions: `Instrument::version`; 0 for nothing.
    version: u64,
    caches: [[Cache; 2]; 0],
}

/// A thread's copy, for instrumentation to rewrite.
#[derive(Clone, Copy)]
pub struct Quickened(*mut Quick);

impl Quickened {
    /// The calling thread's copy of some code, the one that may be watched; made now if the code is cold.
    pub fn of(t: &Thread, code: &Code) -> Quickened {
        let entry = entry_in(watched(t), code.id);
        if *entry < POINTER {
            *entry = make(code) as usize;
        }
        Quickened(*entry as *mut Quick)
    }

    /// The instructions.
    ///
    /// # Safety
    /// Another reference to them is not in use.
    pub unsafe fn words<'a>(self) -> &'a mut [u32] {
        // SAFETY: made in `make`; the copies live as long as their thread, which alone has them.
        unsafe { std::slice::from_raw_parts_mut((*self.0).instructions, (*self.0).len) }
    }

    /// The caches of its instructions.
    ///
    /// # Safety
    /// As `words`.
    pub unsafe fn caches<'a>(self) -> &'a mut [[Cache; 2]] {
        // SAFETY: as in `words`.
        unsafe {
            let caches = (&raw mut (*self.0).caches).cast();
            std::slice::from_raw_parts_mut(caches, (*self.0).cache_count)
        }
    }

    /// First instruction and caches, for a frame.
    pub fn parts(self) -> (*const u32, *mut [Cache; 2]) {
        parts(self.0 as usize)
    }

    /// What instrumentation made of it.
    pub fn version(self) -> u64 {
        // SAFETY: as in `words`.
        unsafe { (*self.0).version }
    }

    /// Sets `version`.
    pub fn set_version(self, version: u64) {
        // SAFETY: as in `words`.
        unsafe { (*self.0).version = version }
    }

    /// Has the copy looked at again when a frame begins or goes on there.
    pub fn alarm(self) {
        // SAFETY: as in `words`; the instructions named are `RESUME`.
        unsafe {
            for at in std::slice::from_raw_parts((*self.0).instructions.add((*self.0).len), (*self.0).resume_count) {
                let word = (*self.0).instructions.add(*at as usize);
                *word = *word & !0xff | encode(Op::INSTRUMENTED, 0);
            }
        }
    }
}

/// Where the copies are that may be watched.
fn watched(t: &Thread) -> &Cell<*mut u8> {
    if t.instrument.apart.get() { &t.other_quick } else { &t.quick }
}

/// Whether the thread runs other copies than those from now on: callbacks have their own, so that they run at full speed while
/// everything else is watched. Answers what was before. Frames keep the copy that they began with, or went on with after a
/// yield, so what is run must begin after this, and have ended when it is taken back.
pub fn switch(t: &Thread, apart: bool) -> bool {
    let before = t.instrument.apart.replace(apart);
    if before != apart {
        t.quick.swap(&t.other_quick);
    }
    before
}

/// Whether what the thread enters now is to be looked at by tools.
fn is_looked_at(t: &Thread) -> bool {
    t.instrument.active.get() && !t.instrument.apart.get()
}

/// A new copy, about to be entered, is watched where that is asked for.
fn made(t: &Thread, code: &Code, copy: Quickened) {
    if is_looked_at(t) {
        copies::plan(t, code, copy);
    }
}

/// Calls `f` with each of the thread's copies that may be watched.
pub fn each(t: &Thread, mut f: impl FnMut(Quickened)) {
    let table = watched(t).get().cast::<Table>();
    if !table.is_null() {
        // SAFETY: as in `entry`; `f` enters no code.
        for word in unsafe { &*table }.pages.iter().flatten().flat_map(|page| page.iter()).filter(|w| **w >= POINTER) {
            f(Quickened(*word as *mut Quick));
        }
    }
}

const PAGE: usize = 32;
/// Per code id: 0, a count of entries so far, or a pointer to `Quick`.
type Page = [usize; PAGE];

/// The thread's table, behind `Thread::quick`.
#[derive(Default)]
struct Table {
    pages: Vec<Option<Box<Page>>>,
}

/// Entries before a code object is warm.
const WARM_CALLS: usize = 2;
/// Back edges before a code object is warm.
const WARM_LOOPS: usize = 24;
/// Larger than any count, smaller than any pointer.
const POINTER: usize = 1 << 16;

#[allow(clippy::mut_from_ref)]
fn entry(t: &Thread, id: u32) -> &mut usize {
    entry_in(&t.quick, id)
}

#[allow(clippy::mut_from_ref)]
fn entry_in(place: &Cell<*mut u8>, id: u32) -> &mut usize {
    let mut table = place.get().cast::<Table>();
    if table.is_null() {
        table = Box::into_raw(Box::<Table>::default());
        place.set(table.cast());
    }
    // SAFETY: the table belongs to this thread; no other reference to it is alive.
    let table = unsafe { &mut *table };
    let page = id as usize / PAGE;
    if page >= table.pages.len() {
        table.pages.resize_with(page + 1, || None);
    }
    &mut table.pages[page].get_or_insert_with(|| Box::new([0; PAGE]))[id as usize % PAGE]
}

/// Where to run `code` on this thread: its first instruction and its caches (null while it is cold). Counts the entry.
#[inline]
pub fn enter(t: &Thread, code: &Code) -> (*const u32, *mut [Cache; 2]) {
    let table = t.quick.get().cast::<Table>();
    if !table.is_null() {
        // SAFETY: as in `entry`.
        let table = unsafe { &*table };
        if let Some(Some(page)) = table.pages.get(code.id as usize / PAGE) {
            let word = page[code.id as usize % PAGE];
            if word >= POINTER {
                return parts(word);
            }
        }
    }
    enter_cold(t, code)
}

/// First instruction and caches of a copy.
#[inline(always)]
pub fn parts(word: usize) -> (*const u32, *mut [Cache; 2]) {
    let quick = word as *mut Quick;
    // SAFETY: a word this large is a pointer made by `make`.
    unsafe { ((*quick).instructions, (&raw mut (*quick).caches).cast()) }
}

#[cold]
fn enter_cold(t: &Thread, code: &Code) -> (*const u32, *mut [Cache; 2]) {
    let entry = entry(t, code.id);
    *entry += 1;
    if *entry < WARM_CALLS && !is_looked_at(t) {
        return (code.instructions.as_ptr(), std::ptr::null_mut());
    }
    *entry = make(code) as usize;
    made(t, code, Quickened(*entry as *mut Quick));
    parts(*entry)
}

/// Counts a back edge of cold code; once it is warm, where to go on instead.
#[cold]
pub fn back_edge(t: &Thread, code: &Code) -> Option<(*const u32, *mut [Cache; 2])> {
    let entry = entry(t, code.id);
    if *entry < POINTER {
        // Entries and back edges share the count; a loop alone must run a while.
        *entry += 1;
        if *entry < WARM_LOOPS {
            return None;
        }
        *entry = make(code) as usize;
        made(t, code, Quickened(*entry as *mut Quick));
    }
    Some(parts(*entry))
}

/// The layout of a copy with so many caches, and words of instructions and of places of `RESUME`.
fn layout(cache_count: usize, words: usize) -> std::alloc::Layout {
    let size = size_of::<Quick>() + cache_count * size_of::<[Cache; 2]>() + words * size_of::<u32>();
    std::alloc::Layout::from_size_align(size, align_of::<Quick>()).expect("a size below the address space")
}

/// Where the code's `RESUME` are.
fn resumes(instructions: &[u32]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(op) = instructions.get(at).and_then(|word| Op::decode(*word)) {
            let found = at;
            at += 1 + usize::from(op.info().cache);
            if op == Op::RESUME {
                return Some(found);
            }
        }
        None
    })
}

fn make(code: &Code) -> *mut Quick {
    let (len, cache_count) = (code.instructions.len(), code.cache_count as usize);
    let resume_count = resumes(&code.instructions).count();
    let layout = layout(cache_count, len + resume_count);
    // SAFETY: the layout is not empty; every field, cache and word is written before it is read.
    unsafe {
        let quick = std::alloc::alloc(layout).cast::<Quick>();
        if quick.is_null() {
            std::alloc::handle_alloc_error(layout);
        }
        let caches = (&raw mut (*quick).caches).cast::<[Cache; 2]>();
        let instructions = caches.add(cache_count).cast::<u32>();
        quick.write(Quick { instructions, len, cache_count, resume_count, version: 0, caches: [] });
        for i in 0..cache_count {
            caches.add(i).write([Cache::NEVER; 2]);
        }
        for (cache, source) in fuse::sources(&code.instructions) {
            (*caches.add(cache))[0].source = source;
        }
        std::ptr::copy_nonoverlapping(code.instructions.as_ptr(), instructions, len);
        for (i, at) in resumes(&code.instructions).enumerate() {
            instructions.add(len + i).write(at as u32);
        }
        fuse::pairs(std::slice::from_raw_parts_mut(instructions, len));
        quick
    }
}

/// A warm code object's copy on this thread, for `parts`; None while the code is cold.
pub fn warm(t: &Thread, code: &Code) -> Option<u64> {
    let word = *entry(t, code.id);
    (word >= POINTER).then_some(word as u64)
}

/// Frees all copies. No frame runs on this thread any more.
pub fn release(t: &Thread) {
    for place in [&t.quick, &t.other_quick] {
        release_table(place.replace(std::ptr::null_mut()).cast::<Table>());
    }
}

fn release_table(table: *mut Table) {
    if table.is_null() {
        return;
    }
    // SAFETY: made in `entry`; nothing refers to it now.
    let table = unsafe { Box::from_raw(table) };
    for word in table.pages.iter().flatten().flat_map(|page| page.iter()).copied().filter(|w| *w >= POINTER) {
        let quick = word as *mut Quick;
        // SAFETY: made in `make`, with this layout.
        unsafe {
            let layout = layout((*quick).cache_count, (*quick).len + (*quick).resume_count);
            std::alloc::dealloc(quick.cast(), layout);
        }
    }
}
