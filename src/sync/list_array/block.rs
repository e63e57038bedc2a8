//! The memory of a list: an array of slots with its capacity in front, and the values that left a list.

use super::*;

/// From here on it pays to ask for memory that is zero already: fresh memory is.
const LARGE: usize = 64;

/// What precedes the slots.
#[repr(C, align(8))]
pub(super) struct Array {
    pub(super) capacity: usize,
    pub(super) canary: Canary,
}

#[cfg(not(loom))]
static SENTINELS: [Array; 2] =
    [Array { capacity: 0, canary: Canary::new() }, Array { capacity: 0, canary: Canary::new() }];
#[cfg(loom)]
loom::lazy_static! {
    static ref SENTINELS: [Array; 2] =
        [Array { capacity: 0, canary: Canary::new() }, Array { capacity: 0, canary: Canary::new() }];
}

const_unless_loom! {
    /// The array without slots.
    pub(super) fn empty() -> *mut Array {
        &raw const SENTINELS[0] as *mut Array
    }
}

const_unless_loom! {
    /// Stands in for the array while many slots change.
    pub(super) fn busy() -> *mut Array {
        &raw const SENTINELS[1] as *mut Array
    }
}

impl Array {
    pub(super) fn layout<T: Counted>(capacity: usize) -> Result<Layout, OutOfMemory> {
        let slots = Layout::array::<Slot<T>>(capacity).map_err(|_| OutOfMemory)?;
        let (layout, offset) = Layout::new::<Array>().extend(slots).map_err(|_| OutOfMemory)?;
        debug_assert_eq!(offset, size_of::<Array>());
        Ok(layout.pad_to_align())
    }

    /// A new array; its slots up to `filled` are for the caller to write before anybody else sees them.
    pub(super) fn create<T: Counted>(capacity: usize, filled: usize) -> Result<*mut Array, OutOfMemory> {
        let zeroed = !cfg!(loom) && capacity - filled > LARGE;
        let array = allocate(Array::layout::<T>(capacity)?, zeroed)?.cast::<Array>().as_ptr();
        // SAFETY: fresh memory of the right layout.
        unsafe {
            array.write(Array { capacity, canary: Canary::new() });
            let first = match zeroed {
                true => capacity,
                false if cfg!(loom) => 0,
                false => filled,
            };
            for index in first..capacity {
                slot_at::<T>(array, index).write(Slot::empty());
            }
        }
        Ok(array)
    }

    /// # Safety
    /// `array` came from `create::<T>`, and nothing uses it or the references in it any more.
    pub(super) unsafe fn destroy<T: Counted>(array: *mut Array) {
        if array != empty() {
            // SAFETY: the caller's; the layout is that of its creation.
            unsafe { deallocate(array.cast(), Array::layout::<T>((*array).capacity).expect("as created")) }
        }
    }

    /// # Safety
    /// As for `destroy`, but pinned threads may still read it.
    pub(super) unsafe fn retire<T: Counted, R: Reclaim>(array: *mut Array, reclaim: &R) {
        if weakened("list: retire") {
            // SAFETY: none: a twin.
            unsafe { (*array).canary.kill() }
        } else if array != empty() {
            // SAFETY: still allocated.
            let (capacity, canary) = unsafe { ((*array).capacity, &(*array).canary) };
            let layout = Array::layout::<T>(capacity).expect("as created");
            reclaim.retire(Block::new(array.cast(), layout, canary));
        }
    }
}

/// # Safety
/// `array` is a live array of `T` with more than `index` slots (for use; equal is fine for the bare address).
#[inline(always)]
pub(super) unsafe fn slot_at<T: Counted>(array: *mut Array, index: usize) -> *mut Slot<T> {
    // SAFETY: the slots follow the header, which is a multiple of their alignment.
    unsafe { array.add(1).cast::<Slot<T>>().add(index) }
}

/// Moves the words of `range` so that they begin at `to`, each target written once.
pub(super) fn shift<T: Counted, R: Reclaim>(reclaim: &R, slots: &[Slot<T>], range: Range<usize>, to: usize) {
    debug_assert!(to + range.len() <= slots.len());
    #[cfg(not(loom))]
    if !reclaim.multi() {
        // SAFETY: slots are words in memory that only this thread uses; both ranges lie within the array.
        unsafe {
            let base = slots.as_ptr().cast_mut();
            ptr::copy(base.add(range.start), base.add(to), range.len());
        }
        return;
    }
    let _ = reclaim;
    let up = to > range.start;
    for step in 0..range.len() {
        let index = if up { range.len() - 1 - step } else { step };
        // SAFETY: the reference moves; the target's own has moved before, or the caller has it.
        unsafe { slots[to + index].put_word(slots[range.start + index].own_word()) };
    }
}

/// Values that left a list. Drop it after unlocking; it can also be iterated.
#[must_use = "drop the removed values after unlocking"]
pub struct Removed<'r, T: Counted, R: Reclaim> {
    pub(super) array: *mut Array,
    /// The slots whose references are ours.
    pub(super) range: Range<usize>,
    pub(super) reclaim: &'r R,
    pub(super) values: PhantomData<T>,
}

impl<T: Counted, R: Reclaim> Iterator for Removed<'_, T, R> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        for index in self.range.by_ref() {
            // SAFETY: within the array. Its words stay as they are: other threads may be reading them.
            let word = unsafe { (*slot_at::<T>(self.array, index)).own_word() };
            if word != 0 {
                // SAFETY: the slot's reference is ours, and this index is not visited again.
                return Some(unsafe { T::from_word(word) });
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.range.len(), Some(self.range.len()))
    }
}

impl<T: Counted, R: Reclaim> ExactSizeIterator for Removed<'_, T, R> {}

impl<T: Counted, R: Reclaim> Drop for Removed<'_, T, R> {
    fn drop(&mut self) {
        self.by_ref().for_each(drop);
        // SAFETY: the references are gone; the array waits for its readers.
        unsafe { Array::retire::<T, R>(self.array, self.reclaim) }
    }
}
