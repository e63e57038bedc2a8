//! The memo of a pickler: which objects have been written, and under which number.

use crate::object::value::{Stored, Value};
use std::cell::Cell;

/// Objects by identity, with their numbers. It keeps the objects alive, so that an identity stays one object's.
pub struct Memo {
    /// Open addressing over (word, number + 1); a power of two, at most half full.
    table: Vec<(u64, u32)>,
    kept: Kept,
    /// What was last looked for in vain, and the free place for it: most often it is entered next. The place is right as long as
    /// it is free and the table is the same: what lies before it stays.
    missed: Cell<(u64, usize)>,
}

/// The objects: values while one thread works, stored between the calls on a `Pickler`.
enum Kept {
    Values(Vec<Value>),
    Stored(Vec<Stored>),
}

const SMALLEST: usize = 64;

impl Memo {
    /// The memo of one call.
    pub fn new() -> Memo {
        Memo { table: Vec::new(), kept: Kept::Values(Vec::new()), missed: Cell::default() }
    }

    /// The memo of a pickler object, to be part of its payload between calls.
    pub fn lasting() -> Memo {
        Memo { table: Vec::new(), kept: Kept::Stored(Vec::new()), missed: Cell::default() }
    }

    /// How many objects there are; the next one's number.
    pub fn len(&self) -> usize {
        match &self.kept {
            Kept::Values(v) => v.len(),
            Kept::Stored(v) => v.len(),
        }
    }

    fn start(&self, word: u64) -> usize {
        let mixed = (word >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        (mixed >> 32) as usize & (self.table.len() - 1)
    }

    /// The number of an object.
    #[inline]
    pub fn get(&self, v: &Value) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let word = v.bits();
        let mut at = self.start(word);
        loop {
            match self.table[at] {
                (_, 0) => {
                    self.missed.set((word, at));
                    return None;
                }
                (found, number) if found == word => return Some(number - 1),
                _ => at = (at + 1) & (self.table.len() - 1),
            }
        }
    }

    /// Enters an object under the next number, which is answered.
    pub fn put(&mut self, v: &Value) -> u32 {
        let number = self.len() as u32;
        self.put_as(v, number);
        number
    }

    /// Enters an object under a number.
    pub fn put_as(&mut self, v: &Value, number: u32) {
        let mut missed = self.missed.take();
        if self.table.len() < 2 * (self.len() + 1) {
            missed = (0, 0);
            let bigger = vec![(0, 0); (self.table.len() * 4).max(SMALLEST)];
            for (word, number) in std::mem::replace(&mut self.table, bigger) {
                if number != 0 {
                    self.enter(word, number);
                }
            }
        }
        match self.table[missed.1] {
            (_, 0) if missed.0 == v.bits() => self.table[missed.1] = (missed.0, number + 1),
            _ => self.enter(v.bits(), number + 1),
        }
        match &mut self.kept {
            Kept::Values(kept) => kept.push(v.clone()),
            Kept::Stored(kept) => kept.push(Stored::new(v.clone())),
        }
    }

    fn enter(&mut self, word: u64, number: u32) {
        let mut at = self.start(word);
        while self.table[at].1 != 0 && self.table[at].0 != word {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = (word, number);
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
