//! The object heap: per-thread pages of blocks by size, and the cycle collector.
//!
//! | file | holds |
//! |---|---|
//! | `page` | 64 KiB of blocks of one size |
//! | `chunk` | where pages come from |
//! | `large` | the allocator of everything else |
//! | `shortage` | what happens where there is no more memory |
//! | `faults` | allocations that fail because a test wants it |
//! | `asan` | what AddressSanitizer has to know of blocks |
//! | here | a thread's heap: its pages by size class |
//!
//! A thread allocates from its own pages without atomics and frees its own blocks likewise; blocks of others go back by an
//! atomic list (`page`, rule 2). When a thread exits, its heap waits, pages and all, for the next thread to adopt it.

#[cfg(asan)]
mod asan;
mod chunk;
#[cfg(feature = "proof")]
pub mod faults;
pub mod large;
pub mod page;
pub mod shortage;

use crate::sync::registry::Registry;
use crate::sync::returns::Stack;
use crate::sync::shim::atomic::{AtomicIsize, AtomicUsize, Ordering::*};
use page::{FREE_MARK, Free, HEADER_BYTES, PAGE_BYTES, Page};
use std::cell::Cell;
use std::sync::OnceLock;

/// Blocks above this size have a page of their own.
const LARGEST: usize = 8 << 10;
/// Classes of 16 bytes' distance up to 512 bytes, then of an eighth of a power of two.
const CLASSES: usize = 33 + 4 * 8;

/// The class of a size up to `LARGEST`.
#[inline(always)]
fn class_of(size: usize) -> usize {
    if size <= 512 {
        return size.div_ceil(16);
    }
    let power = (size - 1).ilog2() as usize;
    let step = power - 3;
    33 + (power - 9) * 8 + (((size - 1) >> step) & 7)
}

/// Bytes of a class's blocks.
const fn bytes_of(class: usize) -> usize {
    if class <= 32 {
        return if class == 0 { 16 } else { class * 16 };
    }
    let (power, eighth) = ((class - 33) / 8 + 9, (class - 33) % 8);
    (1 << power) + ((eighth + 1) << (power - 3))
}

/// A thread's heap.
pub struct HeapRecord {
    /// The page that serves each class; `EMPTY` where there is none.
    current: [Cell<*mut Page>; CLASSES],
    /// Every page of the heap, doubly linked, for the walk.
    pages: Cell<*mut Page>,
    /// Pages with blocks freed by others.
    pending: Stack<Page>,
    /// Full pages by class are not linked; pages with room wait here.
    partial: [Cell<*mut PartialLink>; CLASSES],
}

/// Pages with room, by class: a stack of page pointers.
struct PartialLink {
    page: *mut Page,
    next: *mut PartialLink,
}

// SAFETY: cells are touched by the heap's thread, or while the world is stopped.
unsafe impl Sync for HeapRecord {}
// SAFETY: as above.
unsafe impl Send for HeapRecord {}

impl Default for HeapRecord {
    /// No pages.
    fn default() -> HeapRecord {
        HeapRecord {
            current: [const { Cell::new(EMPTY.0.get()) }; CLASSES],
            pages: Cell::new(std::ptr::null_mut()),
            pending: Stack::new(),
            partial: [const { Cell::new(std::ptr::null_mut()) }; CLASSES],
        }
    }
}

/// All heaps ever made. A thread that starts takes one whose thread has exited, pages and all.
static HEAPS: Registry<HeapRecord> = Registry::new();
/// Pages in use, of all heaps; large objects, and other blocks that are not small (`large`), count by their bytes. Below
/// zero for moments: what a thread has not told yet.
static PAGES: AtomicIsize = AtomicIsize::new(0);
/// Pages in use at which `pressure` is called.
static THRESHOLD: AtomicUsize = AtomicUsize::new(256);
static PRESSURE: OnceLock<fn()> = OnceLock::new();

/// A page without blocks, so that the first allocation takes the slow path.
struct EmptyPage(std::cell::UnsafeCell<Page>);
// SAFETY: never written: it has no block to take or give.
unsafe impl Sync for EmptyPage {}
static EMPTY: EmptyPage = EmptyPage(std::cell::UnsafeCell::new(Page::EMPTY));

crate::thread_word!(
    /// The thread's `HeapRecord`; 0 before its first allocation.
    HEAP = "orochi_heap"
);

/// The thread's heap, or null.
#[inline(always)]
fn heap() -> *const HeapRecord {
    HEAP::get() as *const HeapRecord
}

#[cold]
fn enter() -> &'static HeapRecord {
    let record: &'static HeapRecord = HEAPS.claim();
    HEAP::set(&raw const *record as u64);
    record
}

/// Memory for an object: `size` bytes, aligned to 16, not initialised. Where there is none: see `shortage`.
#[inline(always)]
pub fn alloc(size: usize) -> *mut u8 {
    let heap = heap();
    if size <= LARGEST && !heap.is_null() {
        let class = class_of(size);
        // SAFETY: the thread's own heap.
        unsafe {
            let page = (*heap).current[class].get();
            let block = (*page).free;
            if !block.is_null() {
                (*page).free = Free::next(block);
                (*page).used += 1;
                #[cfg(asan)]
                asan::hand_out(block.cast(), size);
                return block.cast();
            }
        }
    }
    alloc_slow(size)
}

#[cold]
#[inline(never)]
fn alloc_slow(size: usize) -> *mut u8 {
    let mut heap = heap();
    if heap.is_null() {
        heap = enter();
    }
    // SAFETY: records are never freed.
    let heap = unsafe { &*heap };
    if size > LARGEST {
        return heap.alloc_large(size);
    }
    let class = class_of(size);
    loop {
        let page = heap.current[class].get();
        // SAFETY: pages of our own heap; `EMPTY` has no capacity.
        unsafe {
            if !(*page).free.is_null() {
                let block = (*page).free;
                (*page).free = Free::next(block);
                (*page).used += 1;
                #[cfg(asan)]
                asan::hand_out(block.cast(), size);
                return block.cast();
            }
            if (*page).bumped < (*page).capacity && Page::extend(page) {
                continue;
            }
            if (*page).capacity > 0 {
                (*page).full = true;
            }
        }
        heap.current[class].set(EMPTY.0.get());
        heap.take_pending();
        if let Some(page) = heap.pop_partial(class) {
            heap.current[class].set(page);
            continue;
        }
        heap.current[class].set(heap.new_page(class));
    }
}

/// Gives back a block of `alloc`, by any thread.
///
/// # Safety
/// Nobody uses the block any more.
#[inline(always)]
pub unsafe fn free(block: *mut u8) {
    // SAFETY: by the caller.
    unsafe {
        #[cfg(asan)]
        asan::quarantine(block);
        #[cfg(not(asan))]
        free_now(block);
    }
}

/// Makes a block ready to be handed out again.
///
/// # Safety
/// As `free`.
#[inline(always)]
unsafe fn free_now(block: *mut u8) {
    let page = Page::of(block);
    let block = block.cast::<Free>();
    // SAFETY: every block lies in a page, whose header is at its aligned start.
    unsafe {
        (*block).mark.store(FREE_MARK, Relaxed);
        if std::ptr::eq((*page).owner.load(Relaxed), heap()) {
            Free::set_next(block, (*page).free);
            (*page).free = block;
            (*page).used -= 1;
            if (*page).full {
                free_slow(page);
            }
        } else {
            free_other(page, block);
        }
    }
}

#[inline(never)]
unsafe fn free_other(page: *mut Page, block: *mut Free) {
    // SAFETY: by the caller. A large object's page goes back at once: it has nothing else in it; but its owner's list
    // names it, so that is done by the owner.
    unsafe { Page::free_foreign(page, block) }
}

/// What is left to do after a block of our own came back to a page that was full.
#[cold]
unsafe fn free_slow(page: *mut Page) {
    // SAFETY: the page belongs to the calling thread's heap.
    unsafe {
        let heap = &*heap();
        heap.settle(page);
    }
}

impl HeapRecord {
    /// Puts a page that has free blocks where the next allocation finds it, or gives it back if it is empty.
    unsafe fn settle(&self, page: *mut Page) {
        // SAFETY: by the caller the page is ours.
        unsafe {
            let class = (*page).class as usize;
            if (*page).large_bytes != 0 {
                self.unlink(page);
                chunk::free_large(page.cast(), (*page).large_bytes);
                return;
            }
            if (*page).full {
                (*page).full = false;
                self.push_partial(class, page);
            }
        }
    }

    fn push_partial(&self, class: usize, page: *mut Page) {
        let link = busy(|| Box::into_raw(Box::new(PartialLink { page, next: self.partial[class].get() })));
        self.partial[class].set(link);
    }

    fn pop_partial(&self, class: usize) -> Option<*mut Page> {
        let link = self.partial[class].get();
        if link.is_null() {
            return None;
        }
        // SAFETY: made in `push_partial`.
        let link = unsafe { Box::from_raw(link) };
        self.partial[class].set(link.next);
        Some(link.page)
    }

    /// Collects what others have freed.
    fn take_pending(&self) {
        // SAFETY: pages on the stack are ours.
        unsafe {
            self.pending.take(|page| {
                Page::collect_foreign(page);
                if (*page).full || (*page).large_bytes != 0 {
                    self.settle(page);
                }
            });
        }
    }

    fn new_page(&self, class: usize) -> *mut Page {
        let page = chunk::take_page().unwrap_or_else(|| {
            // Pages that other classes have emptied serve as well.
            self.trim();
            chunk::take_page().unwrap_or_else(|| shortage::instead(PAGE_BYTES, PAGE_BYTES))
        });
        let page = page.cast::<Page>();
        // SAFETY: a fresh page.
        unsafe {
            Page::init(page, self as *const HeapRecord as *mut HeapRecord, class as u16, bytes_of(class), 0);
            self.link(page);
        }
        grow(1);
        page
    }

    fn alloc_large(&self, size: usize) -> *mut u8 {
        self.take_pending();
        let bytes = HEADER_BYTES + size.next_multiple_of(16);
        let page = chunk::take_large(bytes).cast::<Page>();
        // SAFETY: fresh memory of `bytes`.
        unsafe {
            Page::init(page, self as *const HeapRecord as *mut HeapRecord, u16::MAX, bytes - HEADER_BYTES, bytes);
            (*page).used = 1;
            (*page).bumped = 1;
            (*page).capacity = 1;
            (*page).full = true;
            self.link(page);
        }
        // SAFETY: as above.
        unsafe { Page::block(page, 0) }
    }

    unsafe fn link(&self, page: *mut Page) {
        // SAFETY: the page is ours and in no list.
        unsafe {
            let head = self.pages.get();
            (*page).next = head;
            (*page).previous = std::ptr::null_mut();
            if !head.is_null() {
                (*head).previous = page;
            }
            self.pages.set(page);
        }
    }

    unsafe fn unlink(&self, page: *mut Page) {
        // SAFETY: the page is in our list.
        unsafe {
            if (*page).previous.is_null() {
                self.pages.set((*page).next);
            } else {
                (*(*page).previous).next = (*page).next;
            }
            if !(*page).next.is_null() {
                (*(*page).next).previous = (*page).previous;
            }
        }
    }

    /// Gives empty pages back to the process. The heap's thread, or anybody while the world is stopped.
    fn trim(&self) {
        busy(|| self.trim_pages());
    }

    fn trim_pages(&self) {
        self.take_pending();
        for class in 0..CLASSES {
            // Rebuilt without the pages that are empty; nothing is allocated, because this is what is done for want of memory.
            let mut link = self.partial[class].replace(std::ptr::null_mut());
            while !link.is_null() {
                // SAFETY: made in `push_partial`, of our pages.
                unsafe {
                    let (page, next) = ((*link).page, (*link).next);
                    if (*page).used == 0 {
                        drop(Box::from_raw(link));
                        self.unlink(page);
                        shrink(1);
                        #[cfg(asan)]
                        asan::clear_page(page.cast());
                        chunk::give_page(page.cast());
                    } else {
                        (*link).next = self.partial[class].replace(link);
                    }
                    link = next;
                }
            }
        }
    }
}

crate::thread_word!(
    /// Whether the thread is in the middle of its heap's lists: an allocation of Rust's library may not touch them.
    BUSY = "orochi_heap_busy"
);

/// Runs `f`, which is in the middle of the thread's heap.
fn busy<R>(f: impl FnOnce() -> R) -> R {
    let before = BUSY::get();
    BUSY::set(1);
    let result = f();
    BUSY::set(before);
    result
}

/// Gives the system back what the calling thread's heap, and the pool of pages, do not use, where somebody else is short of memory.
/// Answers whether that was anything.
fn squeeze() -> bool {
    if BUSY::get() != 0 {
        return false;
    }
    let heap = heap();
    if !heap.is_null() {
        // SAFETY: records are never freed, and by the check the thread is not in the middle of its lists.
        unsafe { &*heap }.trim();
    }
    busy(chunk::release_pool)
}

/// Counts pages that came into use.
fn grow(pages: usize) {
    let now = PAGES.fetch_add(pages as isize, Relaxed) + pages as isize;
    if now >= THRESHOLD.load(Relaxed) as isize
        && let Some(pressure) = PRESSURE.get()
    {
        pressure();
    }
}

/// Counts pages that are not used any more.
fn shrink(pages: usize) {
    PAGES.fetch_sub(pages as isize, Relaxed);
}

/// Hands the calling thread's heap on; the thread allocates no more.
pub fn leave() {
    #[cfg(asan)]
    asan::release_all();
    let heap = heap();
    HEAP::set(0);
    if let Some(record) = HEAPS.records().find(|record| std::ptr::eq::<HeapRecord>(&***record, heap)) {
        record.trim();
        HEAPS.release(record);
    }
    large::leave();
}

/// Sets what is called (by the allocating thread, inside an allocation: it may only leave a note) when the heap has grown
/// to the threshold.
pub fn on_pressure(f: fn()) {
    let _ = PRESSURE.set(f);
}

/// Pages in use.
pub fn pages_in_use() -> usize {
    PAGES.load(Relaxed).max(0) as usize
}

/// Whether the heap has grown to the threshold.
pub fn over_threshold() -> bool {
    pages_in_use() >= THRESHOLD.load(Relaxed)
}

/// Sets the number of pages in use at which pressure is signalled.
pub fn set_threshold(pages: usize) {
    THRESHOLD.store(pages, Relaxed);
}

/// Calls `f` with every block in use.
///
/// # Safety
/// The world is stopped: no thread allocates or frees.
pub unsafe fn for_each_block(mut f: impl FnMut(*mut u8)) {
    // SAFETY: by the caller.
    unsafe { for_each_page(|page| for_each_block_of(page, &mut f)) }
}

/// Calls `f` with every page.
///
/// # Safety
/// As `for_each_block`.
pub unsafe fn for_each_page(mut f: impl FnMut(*mut Page)) {
    for record in HEAPS.records() {
        let mut page = record.pages.get();
        while !page.is_null() {
            // SAFETY: the world is stopped, so the list does not change but by `f`.
            let next = unsafe { (*page).next };
            f(page);
            page = next;
        }
    }
}

/// Calls `f` with every block in use of a page.
///
/// # Safety
/// As `for_each_block`.
#[inline(always)]
pub unsafe fn for_each_block_of(page: *mut Page, mut f: impl FnMut(*mut u8)) {
    // SAFETY: by the caller.
    unsafe {
        let mut block = Page::block(page, 0);
        let (end, bytes) = (Page::block(page, (*page).bumped as usize), (*page).block_bytes as usize);
        while block < end {
            if is_in_use(block) {
                f(block);
            }
            block = block.add(bytes);
        }
    }
}

/// Whether a block that was bumped off its page holds an object.
///
/// # Safety
/// As `for_each_block`; `block` is one.
#[inline(always)]
pub unsafe fn is_in_use(block: *mut u8) -> bool {
    #[cfg(asan)]
    if !asan::is_readable(block) {
        return false;
    }
    // SAFETY: by the caller.
    unsafe { (*block.cast::<Free>()).mark.load(Relaxed) != FREE_MARK }
}

/// Gives the empty pages of all heaps back.
///
/// # Safety
/// As `for_each_block`.
pub unsafe fn trim_all() {
    HEAPS.records().for_each(|record| record.trim());
}

/// Blocks in use, about: what other threads do meanwhile may be missed.
pub fn allocated_blocks() -> usize {
    // Counting exactly needs the world stopped; this is what a caller can get cheaply.
    pages_in_use() * (PAGE_BYTES / 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_their_sizes() {
        for size in 1..=LARGEST {
            let class = class_of(size);
            assert!(class < CLASSES, "{size}");
            assert!(bytes_of(class) >= size, "{size} in {class}: {}", bytes_of(class));
            assert!(bytes_of(class).is_multiple_of(16), "{size} in {class}");
            assert!(class == 0 || bytes_of(class - 1) < size || size <= 16, "{size} in {class}");
        }
    }

    #[test]
    fn blocks_come_back() {
        let blocks: Vec<*mut u8> = (0..10_000).map(|i| alloc(16 + i % 700)).collect();
        let distinct: std::collections::HashSet<_> = blocks.iter().copied().collect();
        assert_eq!(distinct.len(), blocks.len());
        let addresses: Vec<usize> = blocks.iter().map(|b| *b as usize).collect();
        // Half are freed by another thread.
        let foreign = addresses[..5000].to_vec();
        std::thread::spawn(move || {
            for b in foreign {
                // SAFETY: not used by anybody.
                unsafe { free(b as *mut u8) }
            }
        })
        .join()
        .expect("the thread does not panic");
        for b in &addresses[5000..] {
            // SAFETY: not used by anybody.
            unsafe { free(*b as *mut u8) }
        }
        let before = pages_in_use();
        for _ in 0..20 {
            let again: Vec<*mut u8> = (0..10_000).map(|i| alloc(16 + i % 700)).collect();
            for b in again {
                // SAFETY: not used by anybody.
                unsafe { free(b) }
            }
        }
        assert!(pages_in_use() <= before + 2, "blocks are used again");
        let large = alloc(1 << 20);
        // SAFETY: a block of 1 MiB.
        unsafe {
            large.write_bytes(7, 1 << 20);
            free(large);
        }
    }
}
