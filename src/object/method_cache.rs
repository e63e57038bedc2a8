//! A thread's cache of attributes looked up on types; `attribute::lookup` owns the meaning of an entry.
//!
//! It begins small, for threads that do little, and grows once when the thread has put in twice as many as it holds.

use std::cell::{Cell, UnsafeCell};

/// An attribute of a type, by the type's version and the attribute's name.
#[derive(Clone, Copy, Default)]
pub struct MethodCacheEntry {
    pub version: u32,
    pub name: u64,
    /// The value's word, uncounted; 0: there is no such attribute.
    pub word: u64,
}

/// Entries at first, and after growing. Powers of two.
const SMALL: usize = 64;
const LARGE: usize = 2048;

/// See the module's documentation. Only its own thread touches it.
pub struct MethodCache {
    entries: UnsafeCell<Box<[MethodCacheEntry]>>,
    /// Entries put in while the cache is small.
    filled: Cell<usize>,
}

impl Default for MethodCache {
    /// No attributes.
    fn default() -> MethodCache {
        MethodCache { entries: UnsafeCell::new(empty(SMALL)), filled: Cell::new(0) }
    }
}

impl MethodCache {
    #[inline(always)]
    fn index(len: usize, version: u32, name: u64) -> usize {
        ((version as u64).wrapping_mul(0x9e37) ^ (name >> 4)) as usize & (len - 1)
    }

    /// What lies where an entry for these would.
    #[inline(always)]
    pub fn at(&self, version: u32, name: u64) -> MethodCacheEntry {
        // SAFETY: one thread, and no reference outlives a method of this type. The index is below the length.
        unsafe {
            let entries = &*self.entries.get();
            *entries.get_unchecked(MethodCache::index(entries.len(), version, name))
        }
    }

    /// Puts an entry in its place.
    pub fn put(&self, entry: MethodCacheEntry) {
        // SAFETY: as in `at`.
        let entries = unsafe { &mut *self.entries.get() };
        if entries.len() == SMALL {
            self.filled.set(self.filled.get() + 1);
            if self.filled.get() > 2 * SMALL {
                *entries = empty(LARGE);
            }
        }
        let index = MethodCache::index(entries.len(), entry.version, entry.name);
        entries[index] = entry;
    }
}

fn empty(len: usize) -> Box<[MethodCacheEntry]> {
    vec![MethodCacheEntry::default(); len].into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_also_after_growing() {
        let cache = MethodCache::default();
        for n in 1..1000u32 {
            let entry = MethodCacheEntry { version: n, name: n as u64 * 64, word: n as u64 };
            cache.put(entry);
            let found = cache.at(n, n as u64 * 64);
            assert_eq!((found.version, found.name, found.word), (n, n as u64 * 64, n as u64));
        }
    }
}
