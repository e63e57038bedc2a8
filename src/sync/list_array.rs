//! The storage of `list`: an array that is indexed without a lock and changed under its object's lock.
//!
//! | word | who writes it | meaning |
//! |---|---|---|
//! | `array` | the lock's holder | the slots, with their number in front; or `EMPTY`; or `BUSY` while a writer rewrites many slots |
//! | `len` | the lock's holder | how many slots count |
//! | slot | the lock's holder | a value; zero from `len` on |
//!
//! Rules:
//! 1. Readers look at `array` (Acquire), its capacity, the slot (Acquire), then `len` (Acquire), in this order, and count the
//!    value last. A slot beyond `len` is nothing; an empty slot below `len`, or a value that is dead, means: look again.
//! 2. `push` fills the slot, then stores `len`. `pop` stores `len`, then empties the slot.
//! 3. What changes more than one slot first stores `BUSY` to `array`, then `len`, then each slot at most once, then `array`
//!    again. A reader that finds `BUSY` waits. One that had loaded `array` before reads either the old or the new value of
//!    its slot, and its next read finds `BUSY` or later: so every such change is atomic, and costs readers nothing.
//! 4. A new array gets the old one's words; the references move with them. The old array is retired, never changed again.
//! 5. Values that leave the list are given to the caller, who drops them after unlocking. Where memory runs out, the caller
//!    has the values that were to come in, and nothing has changed.
//!
//! Orderings: whatever is read of `array`, `len` and slots without the lock is an Acquire, and pairs with the Release of the store
//! that it reads from; rule 1 and the orders of stores in rules 2 and 3 rest on that. The lock's holder reads plainly (`own`),
//! and a list that only its maker has is filled with Relaxed stores.
//!
//! Why each read is atomic: a read that returns a value returns what its slot held at the Acquire load (or, in a retired
//! array, when that was retired, which is after this read loaded `array`). A read that returns nothing found `len` or the
//! capacity too small, at that moment. Going backwards is excluded: whoever saw a new slot value sees (Release and Acquire
//! on the slot) the `len` that was stored before, or `BUSY`. The one case where the slot is stored before `len` is `push`;
//! there the reader's later look at `len` decides.
//!
//! Why retired arrays are safe to read: the array is retired through the epoch. A value that the stale array still names was
//! unlinked from the list after the array was, so it is retired after the array, and protected for the same readers.

use super::may_fail::{may_fail, reserve_exact};
use super::reclaim::{Block, OutOfMemory, Reclaim, allocate, deallocate, wait_for_writer};
use super::shim::atomic::{AtomicPtr, AtomicUsize, Ordering::*};
use super::shim::{Canary, Loads, const_unless_loom, linger, weakened};
use super::slot::{Counted, Slot};
use smallvec::SmallVec;
use std::alloc::Layout;
use std::marker::PhantomData;
use std::ops::Range;
use std::{mem, ptr};

/// Values on their way into a list or out of it: drop them after unlocking.
pub type Items<T> = SmallVec<[T; 16]>;

mod block;
pub use block::Removed;
use block::{Array, busy, empty, shift, slot_at};

/// Capacity of the first array.
const FIRST: usize = if cfg!(loom) { 1 } else { 4 };

/// See the module's documentation.
pub struct ListArray<T: Counted> {
    array: AtomicPtr<Array>,
    len: AtomicUsize,
    values: PhantomData<T>,
}

// SAFETY: slots are atomic words; changes happen under the object's lock.
unsafe impl<T: Counted + Send + Sync> Send for ListArray<T> {}
// SAFETY: as above.
unsafe impl<T: Counted + Send + Sync> Sync for ListArray<T> {}

/// Without the lock.
impl<T: Counted> ListArray<T> {
    const_unless_loom! {
        /// No items, no memory.
        pub fn new() -> ListArray<T> {
            ListArray { array: AtomicPtr::new(empty()), len: AtomicUsize::new(0), values: PhantomData }
        }
    }

    /// No items, room for `capacity`.
    pub fn with_capacity(capacity: usize) -> Result<ListArray<T>, OutOfMemory> {
        let list = ListArray::new();
        if capacity > 0 {
            list.array.store(Array::create::<T>(capacity, 0)?, Relaxed);
        }
        Ok(list)
    }

    /// The items of an iterator that knows their number.
    #[inline]
    pub fn from_exact(items: impl ExactSizeIterator<Item = T>) -> Result<ListArray<T>, OutOfMemory> {
        let count = items.len();
        let mut items = items;
        ListArray::build(count, |_| {
            let item = items.next().expect("an exact iterator gives as many items as it says");
            item.publish();
            item.into_word()
        })
    }

    /// A list of `count` words that `word` gives, first to last: published, and their references the list's.
    #[inline(always)]
    fn build(count: usize, mut word: impl FnMut(usize) -> u64) -> Result<ListArray<T>, OutOfMemory> {
        if count == 0 {
            return Ok(ListArray::new());
        }
        let array = Array::create::<T>(count, count)?;
        for index in 0..count {
            let word = word(index);
            // SAFETY: a new array of `count` slots, which only in a model are made already.
            unsafe {
                let slot = slot_at::<T>(array, index);
                if cfg!(loom) { (*slot).put_word(word) } else { slot.write(Slot::from_word(word)) }
            }
        }
        // Made last, of what is in registers, like the entries of a table (`table_block`).
        Ok(ListArray { array: AtomicPtr::new(array), len: AtomicUsize::new(count), values: PhantomData })
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        // Acquire: pairs with the Release of every store to `len`; who sees a length finds the items.
        self.len.load(Acquire)
    }

    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`, counted, if there is one. The caller is pinned.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<T> {
        // Acquire: pairs with the Release in `publish`; the array's contents are there.
        let early = if weakened("list: len first") { Some(self.len.load(Acquire)) } else { None };
        let array = self.array.load(Acquire);
        linger();
        // SAFETY: a pinned thread may read what `array` names (module rules); `index` is below the capacity.
        unsafe {
            (*array).canary.touch();
            if index < (*array).capacity {
                let word = (*slot_at::<T>(array, index)).word();
                // Acquire: pairs with the Release of every store to `len`.
                if index >= early.unwrap_or_else(|| self.len.load(Acquire)) {
                    return None;
                }
                if word != 0 && T::try_count(word) {
                    return Some(T::from_word(word));
                }
                if weakened("list: miss") {
                    return None;
                }
            } else if array != busy() {
                // At the moment of the load the array was too small, so the list was too short.
                return None;
            }
        }
        self.get_again(index)
    }

    /// As `get`, but at most one try, and no call: None may also mean that `get` is to be asked.
    #[inline(always)]
    pub fn get_quick(&self, index: usize) -> Option<T> {
        let array = self.array.load(Acquire);
        linger();
        // SAFETY: as in `get`, whose steps these are; the array without capacity and the busy one have no slot.
        unsafe {
            if index >= (*array).capacity {
                return None;
            }
            let word = (*slot_at::<T>(array, index)).word();
            (index < self.len.load(Acquire) && word != 0 && T::try_count(word)).then(|| T::from_word(word))
        }
    }

    /// The rare continuation: the slot has changed since, or many are changing now.
    #[cold]
    fn get_again(&self, index: usize) -> Option<T> {
        let mut round = 0;
        loop {
            wait_for_writer(&mut round);
            let array = self.array.load(Acquire);
            // SAFETY: as in `get`.
            unsafe {
                (*array).canary.touch();
                if index < (*array).capacity {
                    let word = (*slot_at::<T>(array, index)).word();
                    if index >= self.len.load(Acquire) {
                        return None;
                    }
                    if word != 0 && T::try_count(word) {
                        return Some(T::from_word(word));
                    }
                } else if array != busy() {
                    return None;
                }
            }
        }
    }

    /// How many items fit without a new array.
    pub fn capacity(&self) -> usize {
        // SAFETY: as in `get`; `BUSY` reads as zero.
        unsafe { (*self.array.load(Acquire)).capacity }
    }

    #[inline(always)]
    unsafe fn slots_of(&self, array: *mut Array, count: usize) -> &[Slot<T>] {
        // SAFETY: the caller says that the array has that many slots.
        unsafe { std::slice::from_raw_parts(slot_at::<T>(array, 0), count) }
    }
}

/// Under the object's lock (or by its only holder). None of this calls into Python or drops a value.
impl<T: Counted> ListArray<T> {
    /// The slots in use, for identity searches, copies and the collector.
    #[inline]
    pub fn slots(&self) -> &[Slot<T>] {
        // SAFETY: `len` slots exist; arrays are retired under the lock that the caller holds.
        unsafe { self.slots_of(self.array.own(), self.len.own()) }
    }

    /// A list of counted copies of `count` items: those at `first`, `first + step`, ..., all within the length.
    #[inline(always)]
    pub fn copy_of(&self, first: usize, step: isize, count: usize) -> Result<ListArray<T>, OutOfMemory> {
        let last = first.wrapping_add_signed(step.wrapping_mul(count.saturating_sub(1) as isize));
        assert!(count == 0 || first.max(last) < self.len.own(), "a slice within the list");
        let array = self.array.own();
        ListArray::build(count, |index| {
            let at = first.wrapping_add_signed(step * index as isize);
            // SAFETY: within the length, by the assertion; the slot's own reference keeps its value alive while we hold the
            // lock, and it is published.
            unsafe { T::count((*slot_at::<T>(array, at)).own_word()).into_word() }
        })
    }

    /// A list of counted copies of this list's items and then the other's, whose lock is held too.
    pub fn concat(&self, other: &ListArray<T>) -> Result<ListArray<T>, OutOfMemory> {
        let (first, second) = (self.slots(), other.slots());
        let count = first.len().checked_add(second.len()).ok_or(OutOfMemory)?;
        ListArray::build(count, |index| {
            let slot = if index < first.len() { &first[index] } else { &second[index - first.len()] };
            // SAFETY: as in `copy_of`.
            unsafe { T::count(slot.own_word()).into_word() }
        })
    }

    /// A list of counted copies of the items, `times` times over.
    pub fn repeated(&self, times: usize) -> Result<ListArray<T>, OutOfMemory> {
        let slots = self.slots();
        let count = slots.len().checked_mul(times).ok_or(OutOfMemory)?;
        // SAFETY: as in `copy_of`.
        let copy = |word: u64| unsafe { T::count(word).into_word() };
        if let [only] = slots {
            let word = only.own_word();
            return ListArray::build(count, |_| copy(word));
        }
        let mut rest = slots.iter();
        ListArray::build(count, |_| {
            let slot = rest.next().unwrap_or_else(|| {
                rest = slots.iter();
                rest.next().expect("a list to be repeated has items where its copy has")
            });
            copy(slot.own_word())
        })
    }

    /// Counted copies of the items in `range`, which lies within the length.
    pub fn copy_range(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = T> {
        // SAFETY: a slot's own reference keeps its value alive while we hold the lock.
        self.slots()[range].iter().map(|slot| unsafe { T::count(slot.own_word()) })
    }

    /// Makes room for `additional` more items.
    pub fn reserve<R: Reclaim>(&self, reclaim: &R, additional: usize) -> Result<(), OutOfMemory> {
        let needed = self.len.own().checked_add(additional).ok_or(OutOfMemory)?;
        // SAFETY: the current array.
        let capacity = unsafe { (*self.array.own()).capacity };
        if needed > capacity {
            // Odd: with its header, a block of a multiple of 16 bytes, as allocators give.
            let grown = (capacity + capacity / 2 + FIRST) | usize::from(!cfg!(loom));
            self.resize(reclaim, needed.max(grown))?;
        }
        Ok(())
    }

    /// Appends; `value` back if memory runs out. Atomic.
    #[inline(always)]
    pub fn push<R: Reclaim>(&self, reclaim: &R, value: T) -> Result<(), T> {
        let len = self.len.own();
        let mut array = self.array.own();
        // SAFETY: the current array, with a free slot at `len` after `grow`.
        unsafe {
            if len == (*array).capacity {
                if !self.grow(reclaim) {
                    return Err(value);
                }
                array = self.array.own();
            }
            (*slot_at::<T>(array, len)).init(value);
        }
        // Release: pairs with the Acquire in `get` and `len`.
        self.len.store(len + 1, if weakened("list: push release") { Relaxed } else { Release });
        Ok(())
    }

    /// As `push`, where the array has room; None: it has not, and `value` is not made.
    #[inline(always)]
    pub fn push_quick(&self, value: impl FnOnce() -> T) -> Option<()> {
        let len = self.len.own();
        let array = self.array.own();
        // SAFETY: the current array, with a free slot at `len`.
        unsafe {
            if len == (*array).capacity {
                return None;
            }
            (*slot_at::<T>(array, len)).init(value());
        }
        // Release: pairs with the Acquire in `get` and `len`.
        self.len.store(len + 1, Release);
        Some(())
    }

    #[cold]
    fn grow<R: Reclaim>(&self, reclaim: &R) -> bool {
        self.reserve(reclaim, 1).is_ok()
    }

    /// Removes the last item. Atomic.
    #[inline]
    pub fn pop<R: Reclaim>(&self, reclaim: &R) -> Option<T> {
        let len = self.len.own().checked_sub(1)?;
        let array = self.array.own();
        // SAFETY: the last slot in use.
        let slot = unsafe { &*slot_at::<T>(array, len) };
        // Release, and before the slot (rule 2): who finds the slot empty sees this length.
        self.len.store(len, Release);
        let value = slot.take();
        self.give_back(reclaim, len);
        value
    }

    /// Replaces the item at `index`; the old one, or `value` back if there is none. Atomic.
    #[inline]
    pub fn set(&self, index: usize, value: T) -> Result<T, T> {
        match self.slots().get(index) {
            Some(slot) => match slot.swap(Some(value)) {
                Some(old) => Ok(old),
                None => unreachable!("slots below the length hold values"),
            },
            None => Err(value),
        }
    }

    /// Inserts before `index` (or at the end); `value` back if memory runs out. Atomic.
    pub fn insert<R: Reclaim>(&self, reclaim: &R, index: usize, value: T) -> Result<(), T> {
        let len = self.len.own();
        if index >= len {
            return self.push(reclaim, value);
        }
        if self.reserve(reclaim, 1).is_err() {
            return Err(value);
        }
        value.publish();
        let word = value.into_word();
        self.rewrite(reclaim, len + 1, |slots| {
            shift(reclaim, slots, index..len, index + 1);
            // SAFETY: the word just given up; the slot's old word has moved up.
            unsafe { slots[index].put_word(word) };
        });
        Ok(())
    }

    /// Removes the item at `index`. Atomic.
    pub fn remove<R: Reclaim>(&self, reclaim: &R, index: usize) -> Option<T> {
        let len = self.len.own();
        if index + 1 >= len {
            return if index < len { self.pop(reclaim) } else { None };
        }
        let mut word = 0;
        self.rewrite(reclaim, len - 1, |slots| {
            word = slots[index].own_word();
            shift(reclaim, slots, index + 1..len, index);
            // SAFETY: the slot's word has moved down.
            unsafe { slots[len - 1].put_word(0) };
        });
        self.give_back(reclaim, len - 1);
        // SAFETY: the reference of the slot that was removed.
        Some(unsafe { T::from_word(word) })
    }

    /// Empties the list. Atomic.
    pub fn take_all<'r, R: Reclaim>(&self, reclaim: &'r R) -> Removed<'r, T, R> {
        let (array, len) = (self.array.own(), self.len.own());
        self.len.store(0, Release);
        self.array.store(empty(), Release);
        Removed { array, range: 0..len, reclaim, values: PhantomData }
    }

    /// Replaces all items. Atomic.
    pub fn replace_all<'r, R: Reclaim>(&self, reclaim: &'r R, items: Vec<T>) -> Result<Removed<'r, T, R>, OutOfMemory> {
        let fresh = ListArray::from_exact(items.into_iter())?;
        let (array, len) = (self.array.own(), self.len.own());
        if reclaim.multi() {
            self.array.store(busy(), Release);
        }
        self.len.store(fresh.len.own(), Release);
        self.array.store(fresh.array.own(), Release);
        mem::forget(fresh);
        Ok(Removed { array, range: 0..len, reclaim, values: PhantomData })
    }

    /// Appends `count` items, item by item from `next(0)` on. Atomic: they appear all at once.
    pub fn extend_with<R: Reclaim>(
        &self,
        reclaim: &R,
        count: usize,
        mut next: impl FnMut(usize) -> T,
    ) -> Result<(), OutOfMemory> {
        self.reserve(reclaim, count)?;
        let len = self.len.own();
        // SAFETY: `reserve` made room.
        let slots = unsafe { self.slots_of(self.array.own(), len + count) };
        for (index, slot) in slots[len..].iter().enumerate() {
            slot.init(next(index));
        }
        self.len.store(len + count, Release);
        Ok(())
    }

    /// Appends the items. Atomic.
    pub fn extend<R: Reclaim>(
        &self,
        reclaim: &R,
        mut items: impl ExactSizeIterator<Item = T>,
    ) -> Result<(), OutOfMemory> {
        let count = items.len();
        self.extend_with(reclaim, count, |_| items.next().expect("an exact iterator gives as many items as it says"))
    }

    /// Appends the items of another list, whose lock is held too (it may be this very list). Atomic.
    pub fn extend_from<R: Reclaim>(&self, reclaim: &R, other: &ListArray<T>) -> Result<(), OutOfMemory> {
        let count = other.len.own();
        // SAFETY: the other list's lock keeps its slots' references in place.
        self.extend_with(reclaim, count, |index| unsafe { T::count(other.slots_word(index)) })
    }

    fn slots_word(&self, index: usize) -> u64 {
        // SAFETY: the caller stays below the length; `extend_from` may have moved the array, so it is loaded each time.
        unsafe { (*slot_at::<T>(self.array.own(), index)).own_word() }
    }

    /// Puts `items` in the place of `range`, which lies within the length; what was there comes out in `items`. Atomic.
    pub fn splice<R: Reclaim>(
        &self,
        reclaim: &R,
        range: Range<usize>,
        items: &mut Items<T>,
    ) -> Result<(), OutOfMemory> {
        let len = self.len.own();
        assert!(range.start <= range.end && range.end <= len, "a slice within the list");
        let (gone, come) = (range.len(), items.len());
        may_fail(|| items.try_reserve(gone.saturating_sub(come)).map_err(|_| OutOfMemory))?;
        let new_len = (len - gone).saturating_add(come);
        if new_len > len {
            self.reserve(reclaim, new_len - len)?;
        }
        items.iter().for_each(T::publish);
        let base = items.as_mut_ptr();
        // SAFETY: `items` has room for either number. Each of its values and each slot's reference moves once.
        unsafe {
            items.set_len(0);
            self.rewrite(reclaim, new_len, |slots| {
                let both = gone.min(come);
                for (index, slot) in slots[range.start..range.start + both].iter().enumerate() {
                    let word = slot.own_word();
                    slot.put_word(base.add(index).read().into_word());
                    base.add(index).write(T::from_word(word));
                }
                for (index, slot) in slots[range.start + both..range.end].iter().enumerate() {
                    base.add(both + index).write(T::from_word(slot.own_word()));
                }
                if gone != come {
                    shift(reclaim, slots, range.end..len, range.start + come);
                }
                for (index, slot) in slots[range.start + both..range.start + come].iter().enumerate() {
                    slot.put_word(base.add(both + index).read().into_word());
                }
                slots[new_len.min(len)..len].iter().for_each(|slot| slot.put_word(0));
            });
            items.set_len(gone);
        }
        self.give_back(reclaim, new_len);
        Ok(())
    }

    /// Exchanges the items from `start` on with all items of a list that nobody else has; there are as many. Atomic.
    pub fn exchange_all<R: Reclaim>(&self, reclaim: &R, start: usize, other: &ListArray<T>) {
        let (len, others) = (self.len.own(), other.slots());
        assert!(start <= len && others.len() <= len - start, "a slice within the list");
        self.rewrite(reclaim, len, |slots| {
            for (mine, other) in slots[start..start + others.len()].iter().zip(others) {
                let word = mine.own_word();
                // SAFETY: the two references change places; both values have been in a list, so they are published.
                unsafe {
                    mine.put_word(other.own_word());
                    other.put_word(word);
                }
            }
        });
    }

    /// Exchanges `items` with the items at `indices` (each at most once, below the length; as many as there are items).
    /// Atomic.
    pub fn exchange_many<R: Reclaim>(
        &self,
        reclaim: &R,
        indices: impl ExactSizeIterator<Item = usize>,
        items: &mut Items<T>,
    ) {
        assert_eq!(indices.len(), items.len());
        self.rewrite(reclaim, self.len.own(), |slots| {
            for (index, item) in indices.zip(items.iter_mut()) {
                item.publish();
                // SAFETY: the two references change places.
                unsafe {
                    let word = slots[index].own_word();
                    slots[index].put_word(ptr::read(item).into_word());
                    ptr::write(item, T::from_word(word));
                }
            }
        });
    }

    /// Removes the `count` items whose index `leaves` says true for, into `removed`. Atomic.
    pub fn remove_where<R: Reclaim>(
        &self,
        reclaim: &R,
        count: usize,
        mut leaves: impl FnMut(usize) -> bool,
        removed: &mut Items<T>,
    ) -> Result<(), OutOfMemory> {
        may_fail(|| removed.try_reserve(count).map_err(|_| OutOfMemory))?;
        let len = self.len.own();
        self.rewrite(reclaim, len - count, |slots| {
            let (mut kept, mut gone) = (0, 0);
            for (index, slot) in slots[..len].iter().enumerate() {
                let word = slot.own_word();
                if gone < count && leaves(index) {
                    // SAFETY: the slot's reference, which moves here.
                    removed.push(unsafe { T::from_word(word) });
                    gone += 1;
                } else {
                    if kept != index {
                        // SAFETY: that slot's word has moved or was removed.
                        unsafe { slots[kept].put_word(word) };
                    }
                    kept += 1;
                }
            }
            assert_eq!(gone, count);
            for slot in &slots[kept..len] {
                // SAFETY: as above.
                unsafe { slot.put_word(0) };
            }
        });
        self.give_back(reclaim, len - count);
        Ok(())
    }

    /// Reverses in place. Atomic.
    pub fn reverse<R: Reclaim>(&self, reclaim: &R) {
        let len = self.len.own();
        self.rewrite(reclaim, len, |slots| {
            for low in 0..len / 2 {
                let (a, b) = (&slots[low], &slots[len - 1 - low]);
                let (first, second) = (a.own_word(), b.own_word());
                // SAFETY: the two references change places.
                unsafe {
                    a.put_word(second);
                    b.put_word(first);
                }
            }
        });
    }

    /// Lets `order` put the items' words into another order (and nothing else). Atomic: readers see the old order until it is
    /// done. Without other threads it works in place.
    pub fn permute<R: Reclaim>(&self, reclaim: &R, order: impl FnOnce(&mut [u64])) -> Result<(), OutOfMemory> {
        let len = self.len.own();
        let array = self.array.own();
        #[cfg(not(loom))]
        if !reclaim.multi() {
            // SAFETY: slots are words (`repr(transparent)`), and nobody else exists to look at them.
            order(unsafe { std::slice::from_raw_parts_mut(slot_at::<T>(array, 0).cast::<u64>(), len) });
            return Ok(());
        }
        let mut words: Vec<u64> = Vec::new();
        reserve_exact(&mut words, len)?;
        words.extend(self.slots().iter().map(Slot::own_word));
        // SAFETY: the current array.
        let fresh = Array::create::<T>(unsafe { (*array).capacity }, 0)?;
        order(&mut words);
        for (index, &word) in words.iter().enumerate() {
            // SAFETY: below the capacity; the references move over from the old array.
            unsafe { (*slot_at::<T>(fresh, index)).put_word(word) };
        }
        self.publish(reclaim, array, fresh);
        Ok(())
    }

    /// Gives up unused room, so that any growth replaces the array; what `token` then answers changes with it.
    pub fn fit<R: Reclaim>(&self, reclaim: &R) -> Result<(), OutOfMemory> {
        self.resize(reclaim, self.len.own())
    }

    /// Names the present array, for noticing that the list grew or was emptied meanwhile (`list.sort`).
    pub fn token(&self) -> usize {
        self.array.own() as usize
    }

    /// Rule 3: hides the array while `change` works on its slots.
    #[inline]
    fn rewrite<R: Reclaim>(&self, reclaim: &R, new_len: usize, change: impl FnOnce(&[Slot<T>])) {
        let array = self.array.own();
        let hide = reclaim.multi() && !weakened("list: busy");
        if hide {
            // Release is not needed for the readers' sake: the slots' own Release stores come after.
            self.array.store(busy(), Release);
        }
        self.len.store(new_len, Release);
        // SAFETY: the current array.
        change(unsafe { self.slots_of(array, (*array).capacity) });
        if hide {
            // Release: pairs with the Acquire in `get`.
            self.array.store(array, Release);
        }
    }

    /// Moves to an array with room for `capacity`, at least `len`.
    fn resize<R: Reclaim>(&self, reclaim: &R, capacity: usize) -> Result<(), OutOfMemory> {
        let (array, len) = (self.array.own(), self.len.own());
        debug_assert!(capacity >= len);
        let fresh = if capacity == 0 { empty() } else { Array::create::<T>(capacity, len)? };
        // SAFETY: both arrays have `len` slots.
        let (from, to) = unsafe { (self.slots_of(array, len), self.slots_of(fresh, len)) };
        if cfg!(loom) {
            for (from, to) in from.iter().zip(to) {
                // SAFETY: the reference moves over.
                unsafe { to.put_word(from.own_word()) };
            }
        } else {
            // SAFETY: slots are words; nobody writes the old array while we hold the lock, nobody reads the new one yet.
            unsafe { ptr::copy_nonoverlapping(from.as_ptr(), to.as_ptr().cast_mut(), len) };
        }
        self.publish(reclaim, array, fresh);
        Ok(())
    }

    /// Makes `fresh` the array and retires the old one, whose references have moved.
    fn publish<R: Reclaim>(&self, reclaim: &R, old: *mut Array, fresh: *mut Array) {
        // Release: pairs with the Acquire in `get`.
        self.array.store(fresh, if weakened("list: publish release") { Relaxed } else { Release });
        // SAFETY: nobody finds the old array any more.
        unsafe { Array::retire::<T, R>(old, reclaim) };
    }

    /// Moves to a smaller array if most of the present one is unused.
    #[inline]
    fn give_back<R: Reclaim>(&self, reclaim: &R, len: usize) {
        // SAFETY: the current array.
        let capacity = unsafe { (*self.array.own()).capacity };
        if capacity > 32 && len < capacity / 4 {
            // Not enough memory for less memory: stay as we are.
            let _ = self.resize(reclaim, capacity / 2);
        }
    }
}

impl<T: Counted> Default for ListArray<T> {
    fn default() -> Self {
        ListArray::new()
    }
}

impl<T: Counted> Drop for ListArray<T> {
    fn drop(&mut self) {
        let array = self.array.own();
        for slot in self.slots() {
            // SAFETY: a slot in use holds a reference; nobody looks at the slot again.
            drop(unsafe { T::from_word(slot.own_word()) });
        }
        // SAFETY: nobody else has the list, and its references are gone.
        unsafe { Array::destroy::<T>(array) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
