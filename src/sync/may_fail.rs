//! What an allocation of this thread does where there is no memory: the word that its caller leaves for the allocator.
//!
//! | caller | the allocator answers |
//! |---|---|
//! | `may_fail`, `reserve`: growing containers, results of any size | null, so that the caller raises `MemoryError` |
//! | anything else, of a small size | memory of a reserve; `note_short`, so that the thread raises `MemoryError` soon |
//! | anything else | the end of the process (`heap::shortage`) |
//!
//! While a thread is short (`is_short`) it lives on the reserve, so what may fail does so at once. This is a word of the calling
//! thread because the allocator, which reads it, is called by Rust's library with nothing but a size.

use super::reclaim::OutOfMemory;
use std::cell::Cell;

/// The allocation under way may fail.
const MARKED: u8 = 1;
/// The reserve has served this thread, which has not raised `MemoryError` since.
const SHORT: u8 = 1 << 1;
/// What may fail otherwise must not: the caller has no error to give.
const INSISTS: u8 = 1 << 2;

thread_local! {
    static WORD: Cell<u8> = const { Cell::new(0) };
}

/// Runs `f`, whose only allocation fails where there is no memory; fails at once where the thread is short.
#[inline]
pub fn may_fail<R>(f: impl FnOnce() -> Result<R, OutOfMemory>) -> Result<R, OutOfMemory> {
    WORD.with(|word| {
        let before = word.get();
        if before & INSISTS != 0 {
            return f();
        }
        if before & SHORT != 0 {
            return Err(OutOfMemory);
        }
        word.set(before | MARKED);
        let result = f();
        // Not what it was before: the allocation may have made the thread short.
        word.set(word.get() & !MARKED);
        result
    })
}

/// Runs `f`, in which nothing may fail: growing containers live on the reserve as everything else does.
#[inline]
pub fn insist<R>(f: impl FnOnce() -> R) -> R {
    WORD.with(|word| {
        let before = word.get();
        word.set(before | INSISTS);
        let result = f();
        word.set(word.get() & !INSISTS | before & INSISTS);
        result
    })
}

/// Room for `additional` more items.
pub fn reserve<T>(items: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    // What is there already needs no memory, even where the thread is short.
    if additional <= items.capacity() - items.len() {
        return Ok(());
    }
    may_fail(|| items.try_reserve(additional).map_err(|_| OutOfMemory))
}

/// `reserve`, without room for more to come.
pub fn reserve_exact<T>(items: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
    if additional <= items.capacity() - items.len() {
        return Ok(());
    }
    may_fail(|| items.try_reserve_exact(additional).map_err(|_| OutOfMemory))
}

/// Whether the allocation under way may fail.
pub fn is_marked() -> bool {
    WORD.get() & MARKED != 0
}

/// Whether the reserve has served this thread since it last raised `MemoryError`.
pub fn is_short() -> bool {
    WORD.get() & SHORT != 0
}

/// The reserve serves this thread.
pub fn note_short() {
    WORD.set(WORD.get() | SHORT);
}

/// The thread raises `MemoryError`; answers whether it owed that.
pub fn settle() -> bool {
    let word = WORD.get();
    WORD.set(word & !SHORT);
    word & SHORT != 0
}
