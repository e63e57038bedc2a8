//! The word in front of an instance's slots, which says what they mean, and how they are read without a lock.
//!
//! The meaning of the word is the user's (`object/instance`); here are the steps that change and trust it.
//!
//! Rules:
//! 1. The word changes under the object's lock: to another shape with one more attribute, whose slot is filled first
//!    (`extend`); or, once, to that of a dict, which is complete by then, after which the slots are emptied (`move_out`).
//! 2. A reader takes no lock: word, slot, and, if the slot is empty, the word again (`read`). An empty slot under a word
//!    that has stayed the same says that the attribute is not there; under another, that it has moved, or has come.
//! 3. Who has seen something of the dict does not find what a slot held before: the dict is found through the word (Acquire).

use super::shim::atomic::{AtomicU64, Ordering::*};
use super::shim::weakened;
use super::slot::{Counted, Slot};

/// See the module's documentation.
#[repr(transparent)]
pub struct ShapeWord(AtomicU64);

/// What a reader found in a slot.
pub enum Read<T> {
    Found(T),
    /// The attribute is not there.
    Absent,
    /// The word has changed: start again.
    Again,
}

impl ShapeWord {
    #[inline(always)]
    pub fn new(word: u64) -> ShapeWord {
        ShapeWord(AtomicU64::new(word))
    }

    /// The word. Acquire: pairs with the Releases below.
    #[inline(always)]
    pub fn get(&self) -> u64 {
        self.0.load(Acquire)
    }

    /// The contents of a slot that `word`, read before, gives to an attribute.
    #[inline(always)]
    pub fn read<T: Counted>(&self, word: u64, slot: &Slot<T>) -> Read<T> {
        match slot.load() {
            Some(value) => Read::Found(value),
            // Acquire in `load`: who finds the slot emptied finds the word that came before.
            None if weakened("shape word: look again") || self.get() == word => Read::Absent,
            None => Read::Again,
        }
    }

    /// Gives an attribute to the instance: its slot, which is empty, and the word that names it. By the lock's holder.
    #[inline(always)]
    pub fn extend<T: Counted>(&self, slot: &Slot<T>, value: T, word: u64) {
        if weakened("shape word: fill first") {
            self.0.store(word, Release);
            slot.init(value);
            return;
        }
        slot.init(value);
        self.set(word);
    }

    /// Another shape for the same slots, or nothing that anybody trusts a slot for. By the lock's holder.
    #[inline(always)]
    pub fn set(&self, word: u64) {
        // Release: pairs with the Acquire in `get`.
        self.0.store(word, Release);
    }

    /// As `set`; answers the word before.
    pub fn swap(&self, word: u64) -> u64 {
        self.0.swap(word, AcqRel)
    }

    /// Goes over to a dict that holds all attributes: `word` is its. The slots' contents are for the caller to drop after
    /// unlocking. By the lock's holder.
    pub fn move_out<'a, T: Counted + 'a>(&self, word: u64, slots: impl Iterator<Item = &'a Slot<T>>) -> Vec<Option<T>> {
        if weakened("shape word: word first") {
            let values = slots.map(Slot::take).collect();
            self.set(word);
            return values;
        }
        self.set(word);
        slots.map(Slot::take).collect()
    }
}
