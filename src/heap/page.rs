//! Pages: 64 KiB of blocks of one size, owned by one heap.
//!
//! After Leijen, Zorn and de Moura, "Mimalloc: Free List Sharding in Action" (MSR-TR-2019-18), with what an object heap
//! needs besides: a walk over living blocks, and a free block whose owner word says so.
//!
//! Rules:
//! 1. Only the owning heap's thread takes blocks, and touches `free`, `used`, `full` and the links; the collector may while
//!    the world is stopped.
//! 2. Another thread frees a block by pushing it on `foreign`; whoever pushes the first one also pushes the page on the
//!    heap's `pending` stack (`sync::returns`).
//! 3. The link of a free block lies in its first word; its second word holds `FREE_MARK` where a header has the owner. A
//!    stale reader of an object whose memory is free at last has passed a safepoint (epochs), so it cannot look here; the
//!    mark is for the walk.

use super::HeapRecord;
use crate::sync::returns::{Link, Linked, Stack, give_back};
use crate::sync::shim::atomic::{AtomicPtr, AtomicU32, Ordering::*};

/// Bytes of a page, and its alignment.
pub const PAGE_BYTES: usize = 64 << 10;
/// Bytes in front of the first block.
pub const HEADER_BYTES: usize = 128;
/// What a free block holds where an object's header has its owner: no thread has this id (`sync::count`).
pub const FREE_MARK: u32 = crate::sync::count::ENDED;

/// A free block.
#[repr(C)]
pub struct Free {
    next: Link<Free>,
    pub mark: AtomicU32,
}

impl Free {
    /// The next block of the list that this one is on.
    ///
    /// # Safety
    /// The block is free and the caller's, as the page's owner.
    #[inline(always)]
    pub unsafe fn next(this: *mut Free) -> *mut Free {
        // SAFETY: by the caller.
        unsafe { (*this).next.with(|next| *next) }
    }

    /// Puts the block in front of another.
    ///
    /// # Safety
    /// As `next`.
    #[inline(always)]
    pub unsafe fn set_next(this: *mut Free, next: *mut Free) {
        // SAFETY: by the caller.
        unsafe { (*this).next.with_mut(|link| *link = next) }
    }
}

// SAFETY: the word in front belongs to the lists that the block is on.
unsafe impl Linked for Free {
    unsafe fn link<'a>(this: *mut Free) -> &'a Link<Free> {
        // SAFETY: by the caller.
        unsafe { &(*this).next }
    }
}

/// The front of a page. A large object has a page of its own, of as many bytes as it needs.
#[repr(C, align(128))]
pub struct Page {
    pub free: *mut Free,
    pub used: u32,
    pub block_bytes: u32,
    /// How many blocks there are, and how many were ever handed out.
    pub capacity: u32,
    pub bumped: u32,
    pub class: u16,
    /// Whether the page is off its class's list because it has no free block.
    pub full: bool,
    /// Bytes of a large object's page; 0 for a page of blocks.
    pub large_bytes: usize,
    pub owner: AtomicPtr<HeapRecord>,
    pub previous: *mut Page,
    pub next: *mut Page,
    /// Blocks freed by other threads.
    foreign: Stack<Free>,
    /// The next page of the owner's `pending` stack.
    next_pending: Link<Page>,
}

// SAFETY: `next_pending` is used for nothing else.
unsafe impl Linked for Page {
    unsafe fn link<'a>(this: *mut Page) -> &'a Link<Page> {
        // SAFETY: by the caller.
        unsafe { &(*this).next_pending }
    }
}

const _: () = assert!(size_of::<Page>() <= HEADER_BYTES);

impl Page {
    /// A page without room.
    #[allow(clippy::declare_interior_mutable_const, reason = "an initial value")]
    pub const EMPTY: Page = Page {
        free: std::ptr::null_mut(),
        used: 0,
        block_bytes: 16,
        capacity: 0,
        bumped: 0,
        class: 0,
        full: false,
        large_bytes: 0,
        owner: AtomicPtr::new(std::ptr::null_mut()),
        previous: std::ptr::null_mut(),
        next: std::ptr::null_mut(),
        foreign: Stack::new(),
        next_pending: Link::new(std::ptr::null_mut()),
    };

    /// The page of a block.
    #[inline(always)]
    pub fn of(block: *mut u8) -> *mut Page {
        block.map_addr(|a| a & !(PAGE_BYTES - 1)).cast()
    }

    /// Lays out an empty page.
    ///
    /// # Safety
    /// `at` has `PAGE_BYTES` (or, for a large one, enough) writable bytes, aligned to `PAGE_BYTES`.
    pub unsafe fn init(at: *mut Page, owner: *mut HeapRecord, class: u16, block_bytes: usize, large_bytes: usize) {
        let room = if large_bytes != 0 { block_bytes } else { PAGE_BYTES - HEADER_BYTES };
        // SAFETY: by the caller.
        unsafe {
            at.write(Page {
                free: std::ptr::null_mut(),
                used: 0,
                block_bytes: block_bytes.min(u32::MAX as usize) as u32,
                capacity: (room / block_bytes) as u32,
                bumped: 0,
                class,
                full: false,
                large_bytes,
                owner: AtomicPtr::new(owner),
                previous: std::ptr::null_mut(),
                next: std::ptr::null_mut(),
                foreign: Stack::new(),
                next_pending: Link::new(std::ptr::null_mut()),
            })
        }
    }

    /// The block with this index.
    ///
    /// # Safety
    /// `this` is a page; `index` is below its capacity.
    #[inline(always)]
    pub unsafe fn block(this: *mut Page, index: usize) -> *mut u8 {
        // SAFETY: by the caller.
        unsafe { this.cast::<u8>().add(HEADER_BYTES + index * (*this).block_bytes as usize) }
    }

    /// Takes a block for the first time, if some are left. A few at a time go on the free list.
    ///
    /// # Safety
    /// By the owner.
    pub unsafe fn extend(this: *mut Page) -> bool {
        // SAFETY: by the caller.
        unsafe {
            let page = &mut *this;
            // Up to the next 4 KiB, or the one after if that is close: memory is touched as it is needed.
            let end = HEADER_BYTES as u32 + page.bumped * page.block_bytes;
            let room = 4096 - end % 4096;
            let room = if room < 1024 { room + 4096 } else { room };
            let count = (room / page.block_bytes).max(1).min(page.capacity - page.bumped);
            for i in (0..count).rev() {
                let block = Page::block(this, (page.bumped + i) as usize).cast::<Free>();
                block.write(Free { next: Link::new(page.free), mark: AtomicU32::new(FREE_MARK) });
                page.free = block;
                #[cfg(asan)]
                super::asan::put_away(block.cast());
            }
            page.bumped += count;
            count > 0
        }
    }

    /// Gives a block back, as a thread that does not own the page.
    ///
    /// # Safety
    /// The block is of this page and nobody uses it.
    pub unsafe fn free_foreign(this: *mut Page, block: *mut Free) {
        crate::sync::stats::note(crate::sync::stats::Shared::ForeignFree);
        // SAFETY: by the caller; a page with a block out is not given back, and heaps never are.
        unsafe { give_back(block, &(*this).foreign, this, || &(*(*this).owner.load(Relaxed)).pending) }
    }

    /// Moves blocks freed by others to the free list; answers how many.
    ///
    /// # Safety
    /// By the owner.
    pub unsafe fn collect_foreign(this: *mut Page) -> u32 {
        // SAFETY: by the caller.
        unsafe {
            let mut count = 0;
            (*this).foreign.take(|block| {
                Free::set_next(block, (*this).free);
                (*this).free = block;
                count += 1;
            });
            (*this).used -= count;
            count
        }
    }
}
