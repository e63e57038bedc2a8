//! One block of memory of a dict or set: an index of offsets, a header, and the entries in order of insertion.
//!
//! ```text
//!   index slots, last first (u8, u16 or u32 each) | header | entries
//!                                                 ^ the block's pointer
//! ```
//! The pointer is to the header, so that index and entries are both at known distances from it.
//!
//! Rules (the holder of the object's lock is the only writer; readers hold no lock):
//! 1. An index slot is written once (but see `may_reuse`), from `NONE` to an offset, with Release; readers load it with Acquire and find the entry
//!    complete. An offset is given to one entry ever, so a deleted entry's index slot keeps pointing at it.
//! 2. An entry's hash never changes. Its key goes from the key to empty, once. Its value changes, and is empty when deleted.
//! 3. At most two thirds of the index slots are in use, so each probe ends.

use super::reclaim::{Block, OutOfMemory, Reclaim, allocate, deallocate};
use super::shim::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering::*};
use super::shim::{Canary, Loads, weakened};
use super::slot::{Counted, Dead, Slot};
use std::alloc::Layout;
use std::ptr;

/// An index slot that points nowhere.
pub(super) const NONE: u32 = u32::MAX;

/// log2 of the number of index slots of the first block.
const FIRST_LOG: u8 = if cfg!(loom) { 1 } else { 3 };
/// log2 of the largest number; beyond it memory "runs out".
const LAST_LOG: u8 = 30;
/// Up to here an offset fits in a byte, and then in two.
const BYTE_LOG: u8 = 8;
const SHORT_LOG: u8 = 16;

/// The header.
#[repr(C, align(8))]
pub(super) struct Table {
    /// Unique in the process; 0 until somebody wants one.
    id: AtomicU64,
    /// Offsets given so far.
    used: AtomicU32,
    /// No live entry at or beyond this offset. Under the lock only.
    tail: AtomicU32,
    log: u8,
    canary: Canary,
}

/// A place for a value next to the key: `Slot`, or `NoValue` in sets.
pub trait ValueCell: Sized {
    type Item;
    fn new(item: Self::Item) -> Self;
    /// The value, counted; none if the entry was deleted.
    fn attempt(&self) -> Result<Option<Self::Item>, Dead>;
    /// Under the lock: replaces the value.
    fn swap(&self, item: Self::Item) -> Option<Self::Item>;
    /// Under the lock: removes the value.
    fn take(&self) -> Option<Self::Item>;
    /// Under the lock, in a live entry: a counted copy.
    fn copy(&self) -> Self;
    /// A second cell with the same word, to which the reference moves.
    ///
    /// # Safety
    /// The reference in `self` is not used any more.
    unsafe fn moved(&self) -> Self;
    /// Takes the reference and leaves the word (in memory that readers may still look at).
    ///
    /// # Safety
    /// As for `moved`.
    unsafe fn steal(&self) -> Option<Self::Item>;
}

impl<V: Counted> ValueCell for Slot<V> {
    type Item = V;
    #[inline(always)]
    fn new(item: V) -> Self {
        Slot::new(item)
    }
    #[inline(always)]
    fn attempt(&self) -> Result<Option<V>, Dead> {
        self.attempt()
    }
    #[inline]
    fn swap(&self, item: V) -> Option<V> {
        self.swap(Some(item))
    }
    #[inline]
    fn take(&self) -> Option<V> {
        self.take()
    }
    fn copy(&self) -> Self {
        // SAFETY: the slot's own reference keeps the value alive under the lock; it is published.
        unsafe { Slot::from_word(V::count(self.own_word()).into_word()) }
    }
    unsafe fn moved(&self) -> Self {
        let cell = Slot::empty();
        // SAFETY: the caller's.
        unsafe { cell.put_word(self.own_word()) };
        cell
    }
    unsafe fn steal(&self) -> Option<V> {
        let word = self.word();
        // SAFETY: the caller's.
        (word != 0).then(|| unsafe { V::from_word(word) })
    }
}

/// In a set: nothing, present whenever the key is.
pub struct NoValue;

impl ValueCell for NoValue {
    type Item = ();
    #[inline(always)]
    fn new((): ()) -> Self {
        NoValue
    }
    #[inline(always)]
    fn attempt(&self) -> Result<Option<()>, Dead> {
        Ok(Some(()))
    }
    fn swap(&self, (): ()) -> Option<()> {
        Some(())
    }
    fn take(&self) -> Option<()> {
        Some(())
    }
    fn copy(&self) -> Self {
        NoValue
    }
    unsafe fn moved(&self) -> Self {
        NoValue
    }
    unsafe fn steal(&self) -> Option<()> {
        Some(())
    }
}

/// A key with its hash and value.
#[repr(C)]
pub(super) struct Entry<K: Counted, C: ValueCell> {
    /// Written before the entry is published.
    pub(super) hash: u64,
    pub(super) key: Slot<K>,
    pub(super) value: C,
}

/// A position in the sequence of index slots that belong to a hash.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    at: u32,
    perturb: u64,
}

impl Probe {
    #[inline(always)]
    pub(super) fn start(hash: u64, mask: u32) -> Probe {
        Probe { at: hash as u32 & mask, perturb: hash }
    }

    /// Visits every slot in the end, and depends on all bits of the hash before.
    #[inline(always)]
    pub(super) fn advance(&mut self, mask: u32) {
        self.perturb >>= 5;
        self.at = self.at.wrapping_mul(5).wrapping_add(self.perturb as u32).wrapping_add(1) & mask;
    }
}

/// The one index slot and header of a block without entries.
#[repr(C)]
struct Sentinel {
    index: [AtomicU8; 8],
    table: Table,
}

impl Sentinel {
    super::shim::const_unless_loom! {
        fn new() -> Sentinel {
            Sentinel {
                index: [
                    AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX),
                    AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX), AtomicU8::new(u8::MAX),
                ],
                table: Table {
                    id: AtomicU64::new(0),
                    used: AtomicU32::new(0),
                    tail: AtomicU32::new(0),
                    log: 0,
                    canary: Canary::new(),
                },
            }
        }
    }
}

#[cfg(not(loom))]
static SENTINELS: [Sentinel; 2] = [Sentinel::new(), Sentinel::new()];
#[cfg(loom)]
loom::lazy_static! {
    static ref SENTINELS: [Sentinel; 2] = [Sentinel::new(), Sentinel::new()];
}

super::shim::const_unless_loom! {
    /// The table without entries; nobody writes to it.
    pub(super) fn empty() -> *mut Table {
        &raw const SENTINELS[0].table as *mut Table
    }
}

super::shim::const_unless_loom! {
    /// Stands in for a table in which many entries are changing. Looks empty.
    pub(super) fn busy() -> *mut Table {
        &raw const SENTINELS[1].table as *mut Table
    }
}

/// Number of entries that a block with `1 << log` index slots has room for.
#[inline(always)]
fn room(log: u8) -> u32 {
    ((2u64 << log) / 3) as u32
}

/// The block size for `live` entries with room to grow.
pub(super) fn log_for(live: usize, spare: bool) -> Result<u8, OutOfMemory> {
    let mut log = FIRST_LOG;
    // Models stay small.
    let wanted = if spare && !cfg!(loom) { live.saturating_mul(2) } else { live };
    while (room(log) as usize) < wanted.max(1) {
        log += 1;
        if log > LAST_LOG {
            return Err(OutOfMemory);
        }
    }
    Ok(log)
}

/// Bytes before the header, and the layout of the whole block.
fn layout<K: Counted, C: ValueCell>(log: u8) -> Result<(usize, Layout), OutOfMemory> {
    let width = if log <= BYTE_LOG {
        size_of::<AtomicU8>()
    } else if log <= SHORT_LOG {
        size_of::<AtomicU16>()
    } else {
        size_of::<AtomicU32>()
    };
    let align = align_of::<Table>().max(align_of::<Entry<K, C>>());
    let before = (width << log).next_multiple_of(align);
    let entries = size_of::<Entry<K, C>>().checked_mul(room(log) as usize).ok_or(OutOfMemory)?;
    let size = (before + size_of::<Table>()).checked_add(entries).ok_or(OutOfMemory)?;
    Ok((before, Layout::from_size_align(size, align).map_err(|_| OutOfMemory)?))
}

impl Table {
    /// A block with no entries and room for those that belong to `log`.
    pub(super) fn create<K: Counted, C: ValueCell>(log: u8) -> Result<*mut Table, OutOfMemory> {
        let (before, layout) = layout::<K, C>(log)?;
        let start = allocate(layout, false)?.as_ptr();
        // SAFETY: fresh memory; the index fills the part before the header.
        unsafe {
            let table = start.add(before).cast::<Table>();
            table.write(Table {
                id: AtomicU64::new(0),
                used: AtomicU32::new(0),
                tail: AtomicU32::new(0),
                log,
                canary: Canary::new(),
            });
            if cfg!(loom) {
                for at in 0..1usize << log {
                    table.cast::<AtomicU8>().sub(at + 1).write(AtomicU8::new(u8::MAX));
                }
            } else {
                ptr::write_bytes(start, u8::MAX, before);
            }
            Ok(table)
        }
    }

    /// Gives the block back at once.
    ///
    /// # Safety
    /// Nobody uses the block or the references in it any more.
    pub(super) unsafe fn destroy<K: Counted, C: ValueCell>(table: *mut Table) {
        if table != empty() {
            // SAFETY: the caller's; computed as at its creation.
            unsafe {
                let (before, layout) = layout::<K, C>((*table).log).expect("as created");
                deallocate(table.cast::<u8>().sub(before), layout);
            }
        }
    }

    /// Gives the block back when nobody reads it any more.
    ///
    /// # Safety
    /// As for `destroy`, except that pinned threads may still read it.
    pub(super) unsafe fn retire<K: Counted, C: ValueCell, R: Reclaim>(table: *mut Table, reclaim: &R) {
        if table != empty() {
            // SAFETY: the caller's; computed as at its creation.
            unsafe {
                let (before, layout) = layout::<K, C>((*table).log).expect("as created");
                reclaim.retire(Block::new(table.cast::<u8>().sub(before), layout, &(*table).canary));
            }
        }
    }

    /// In a model: notices a block that has been freed.
    #[inline(always)]
    pub(super) fn touch(&self) {
        self.canary.touch();
    }

    #[inline(always)]
    pub(super) fn mask(&self) -> u32 {
        (1u32 << self.log) - 1
    }

    pub(super) fn log(&self) -> u8 {
        self.log
    }

    /// Offsets given so far; entries below are complete.
    #[inline(always)]
    pub(super) fn used(&self) -> u32 {
        // Acquire: pairs with the Release in `append`.
        self.used.load(if weakened("table: used") { Relaxed } else { Acquire })
    }

    /// As `used`, for the lock's holder.
    #[inline(always)]
    pub(super) fn used_locked(&self) -> u32 {
        self.used.own()
    }

    /// Whether there is no room for another entry.
    #[inline(always)]
    pub(super) fn is_full(&self) -> bool {
        self.used.own() == room(self.log)
    }

    /// The block's number, if it has one.
    #[inline(always)]
    pub(super) fn id(&self) -> u64 {
        // Relaxed: numbers are unique, so finding one says which block this is and nothing else.
        self.id.load(Relaxed)
    }

    /// The block's number, given now if need be; 0 for the shared empty block and the busy one.
    pub(super) fn number<R: Reclaim>(&self, reclaim: &R) -> u64 {
        let id = self.id();
        if id != 0 || self.log == 0 {
            return id;
        }
        match self.id.compare_exchange(0, reclaim.fresh_id(), Relaxed, Relaxed) {
            Ok(_) => self.id(),
            Err(other) => other,
        }
    }

    /// The offset in the index slot at `probe`, or `NONE`. `LOCKED`: the caller holds the lock.
    #[inline(always)]
    pub(super) fn index<const LOCKED: bool>(&self, probe: Probe) -> u32 {
        let order = if weakened("table: index acquire") { Relaxed } else { Acquire };
        let at = probe.at as usize + 1;
        let base: *const Table = self;
        // SAFETY: `at` is masked, so the slot belongs to the block's index. Acquire: pairs with the Release in `append`.
        unsafe {
            if self.log <= BYTE_LOG {
                let slot = &*base.cast::<AtomicU8>().sub(at);
                let offset = if LOCKED { slot.own() } else { slot.load(order) };
                if offset == u8::MAX { NONE } else { offset as u32 }
            } else if self.log <= SHORT_LOG {
                let offset = (*base.cast::<AtomicU16>().sub(at)).load(order);
                if offset == u16::MAX { NONE } else { offset as u32 }
            } else {
                (*base.cast::<AtomicU32>().sub(at)).load(order)
            }
        }
    }

    /// # Safety
    /// `offset` is below `used`, or came from the index; the block holds entries of this type.
    #[inline(always)]
    pub(super) unsafe fn entry<K: Counted, C: ValueCell>(&self, offset: u32) -> &Entry<K, C> {
        // SAFETY: the entries follow the header, and this one is complete (rule 1).
        unsafe { &*ptr::from_ref(self).add(1).cast::<Entry<K, C>>().add(offset as usize) }
    }

    /// Whether index slots of deleted entries may be used again (see `append`): there is only this thread, and nobody has the
    /// block's number, so nobody goes on from a place in it.
    #[inline(always)]
    pub(super) fn may_reuse<R: Reclaim>(&self, reclaim: &R) -> bool {
        !cfg!(loom) && !reclaim.multi() && self.id() == 0
    }

    /// Writes the next entry and makes it findable. `reuse` says that the index slot of a deleted entry may be written anew,
    /// which keeps a key that comes and goes from leaving a trail.
    ///
    /// # Safety
    /// Under the lock; the block is not full and has no live entry with an equal key.
    pub(super) unsafe fn append<K: Counted, C: ValueCell>(
        &self,
        hash: u64,
        key: Slot<K>,
        value: C,
        reuse: bool,
    ) -> u32 {
        let offset = self.used.own();
        debug_assert!(!self.is_full());
        let mask = self.mask();
        let mut probe = Probe::start(hash, mask);
        loop {
            let other = self.index::<true>(probe);
            // SAFETY: from the index.
            if other == NONE || reuse && unsafe { self.entry::<K, C>(other) }.key.is_vacant() {
                break;
            }
            probe.advance(mask);
        }
        let base: *const Table = self;
        let at = probe.at as usize + 1;
        let order = if weakened("table: index release") { Relaxed } else { Release };
        // SAFETY: below the block's room; nobody reads the entry before the index names it. The index slot as in `index`.
        unsafe {
            // Part by part: as a whole it would be read from memory, just written in words, by wider reads, which wait.
            let place = base.add(1).cast::<Entry<K, C>>().add(offset as usize).cast_mut();
            (&raw mut (*place).hash).write(hash);
            (&raw mut (*place).key).write(key);
            (&raw mut (*place).value).write(value);
            // Release: pairs with the Acquire in `index`.
            if self.log <= BYTE_LOG {
                (*base.cast::<AtomicU8>().sub(at)).store(offset as u8, order);
            } else if self.log <= SHORT_LOG {
                (*base.cast::<AtomicU16>().sub(at)).store(offset as u16, order);
            } else {
                (*base.cast::<AtomicU32>().sub(at)).store(offset, order);
            }
        }
        // Release: pairs with the Acquire in `used`.
        self.used.store(offset + 1, Release);
        self.tail.store(offset + 1, Relaxed);
        offset
    }

    /// Fills a new block with counted copies of another one's entries and its index, where that has the same size and `len`
    /// entries without a gap; answers whether it did.
    ///
    /// # Safety
    /// `from` is locked; nobody else has `to`.
    pub(super) unsafe fn copy_whole<K: Counted, C: ValueCell>(from: *mut Table, to: *mut Table, len: usize) -> bool {
        // SAFETY: by the caller. The blocks have the same layout, and each entry below `used` holds references of its own.
        unsafe {
            if (*from).log != (*to).log || len == 0 || (*from).used.own() as usize != len {
                return false;
            }
            let Ok((before, _)) = layout::<K, C>((*from).log) else { return false };
            ptr::copy_nonoverlapping(from.cast::<u8>().sub(before), to.cast::<u8>().sub(before), before);
            let entries = to.add(1).cast::<Entry<K, C>>();
            for offset in 0..len as u32 {
                let entry = (*from).entry::<K, C>(offset);
                let key = Slot::<K>::from_word(K::count(entry.key.own_word()).into_word());
                entries.add(offset as usize).write(Entry { hash: entry.hash, key, value: entry.value.copy() });
            }
            (*to).used.store(len as u32, Relaxed);
            (*to).tail.store(len as u32, Relaxed);
        }
        true
    }

    /// The last live entry, under the lock.
    pub(super) fn last<K: Counted, C: ValueCell>(&self) -> Option<u32> {
        let mut tail = self.tail.own();
        while tail > 0 {
            // SAFETY: below `used`.
            if !unsafe { self.entry::<K, C>(tail - 1) }.key.is_vacant() {
                break;
            }
            tail -= 1;
        }
        if self.log > 0 {
            self.tail.store(tail, Relaxed);
        }
        tail.checked_sub(1)
    }
}
