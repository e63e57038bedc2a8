//! The memo of a pickler: which objects have been written, and under which number.

use crate::object::value::{Stored, Value};
use std::cell::Cell;

/// Objects by identity, with their numbers. It keeps the objects alive, so that an identity stays one object's.
pub struct Memo {
    /// Open addressing over places in `kept`, plus 1; a power of two, at most half full.
    table: Vec<u32>,
    kept: Kept,
    /// The numbers of the kept objects, where they are not their places: none for those that are.
    numbers: Vec<u32>,
    /// What was last looked for in vain, and the free place for it: most often it is entered next. The place is right as long as
    /// it is free and the table is the same: what lies before it stays.
    missed: Cell<(u64, usize)>,
}

/// The objects: values while one thread works, stored between the calls on a `Pickler`.
enum Kept {
    Values(Vec<Value>),
    Stored(Vec<Stored>),
}

impl Kept {
    #[inline]
    fn word(&self, place: usize) -> u64 {
        match self {
            Kept::Values(kept) => kept[place].bits(),
            Kept::Stored(kept) => kept[place].bits(),
        }
    }
}

const SMALLEST: usize = 64;

impl Memo {
    /// The memo of one call.
    pub fn new() -> Memo {
        Memo::with(Kept::Values(Vec::new()))
    }

    /// The memo of a pickler object, to be part of its payload between calls.
    pub fn lasting() -> Memo {
        Memo::with(Kept::Stored(Vec::new()))
    }

    fn with(kept: Kept) -> Memo {
        Memo { table: Vec::new(), kept, numbers: Vec::new(), missed: Cell::new((0, 0)) }
    }

    /// How many objects there are; the next one's number.
    #[inline]
    pub fn len(&self) -> usize {
        match &self.kept {
            Kept::Values(v) => v.len(),
            Kept::Stored(v) => v.len(),
        }
    }

    /// Where an object is in the table, or a free place for it. The table is not empty.
    #[inline]
    fn find(&self, word: u64) -> usize {
        let mixed = (word >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mask = self.table.len() - 1;
        let mut at = (mixed >> 32) as usize & mask;
        loop {
            match self.table[at] {
                0 => return at,
                place if self.kept.word(place as usize - 1) == word => return at,
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The number of an object.
    #[inline]
    pub fn get(&self, v: &Value) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let at = self.find(v.bits());
        let Some(place) = self.table[at].checked_sub(1) else {
            self.missed.set((v.bits(), at));
            return None;
        };
        Some(self.numbers.get(place as usize).copied().unwrap_or(place))
    }

    /// Enters an object under the next number, which is answered.
    #[inline]
    pub fn put(&mut self, v: &Value) -> u32 {
        let number = self.len() as u32;
        self.put_as(v, number);
        number
    }

    /// Enters an object under a number.
    pub fn put_as(&mut self, v: &Value, number: u32) {
        let place = self.len();
        let mut missed = self.missed.take();
        if self.table.len() < 2 * (place + 1) {
            missed = (0, 0);
            self.table = vec![0; (self.table.len() * 4).max(SMALLEST)];
            for place in 0..place {
                let at = self.find(self.kept.word(place));
                self.table[at] = place as u32 + 1;
            }
        }
        if number != place as u32 || !self.numbers.is_empty() {
            self.numbers.extend(self.numbers.len() as u32..place as u32);
            self.numbers.push(number);
        }
        let at = if missed.0 == v.bits() && self.table[missed.1] == 0 { missed.1 } else { self.find(v.bits()) };
        self.table[at] = place as u32 + 1;
        match &mut self.kept {
            Kept::Values(kept) => kept.push(v.clone()),
            Kept::Stored(kept) => kept.push(Stored::new(v.clone())),
        }
    }

    /// The objects with their numbers.
    pub fn entries(&self) -> Vec<(u32, Value)> {
        let of = |v: &Value| (self.get(v).unwrap_or(0), v.clone());
        match &self.kept {
            Kept::Values(kept) => kept.iter().map(of).collect(),
            Kept::Stored(kept) => kept.iter().map(|v| of(v)).collect(),
        }
    }

    /// Visits the objects of a lasting memo.
    pub fn trace(&self, visit: crate::object::slots::Visit) {
        if let Kept::Stored(kept) = &self.kept {
            kept.iter().for_each(|v| visit(v));
        }
    }
}
