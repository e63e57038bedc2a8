//! Iterators that give pairs, for who takes them apart at once: no tuples are made.

use super::enumerate::Enumerate;
use super::zip::Zip;
use crate::object::raise::PyResult;
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::dict::iter::ItemIter;

/// An iterator of exactly one of these types.
pub enum Pairs<'a> {
    Entries(&'a ItemIter),
    Zip(&'a Zip),
    Enumerate(&'a Enumerate),
}

/// The iterator, if it gives pairs.
#[inline]
pub fn of(v: &Value) -> Option<Pairs<'_>> {
    if let Some(entries) = v.downcast_exact::<ItemIter>() {
        return Some(Pairs::Entries(entries));
    }
    if let Some(numbered) = v.downcast_exact::<Enumerate>() {
        return Some(Pairs::Enumerate(numbered));
    }
    v.downcast_exact::<Zip>().filter(|zip| zip.gives_pairs()).map(Pairs::Zip)
}

impl Pairs<'_> {
    /// The next pair; None at the end. As atomic as the iterator's `__next__`.
    #[inline]
    pub fn next(&self, t: &Thread) -> PyResult<Option<(Value, Value)>> {
        match self {
            Pairs::Entries(entries) => entries.advance_pair(t),
            Pairs::Zip(zip) => zip.next_pair(t),
            Pairs::Enumerate(numbered) => numbered.next_pair(t),
        }
    }
}
