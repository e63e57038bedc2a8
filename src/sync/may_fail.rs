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

/// The allocation under way may fail.
const MARKED: u64 = 1;
/// The reserve has served this thread, which has not raised `MemoryError` since.
const SHORT: u64 = 1 << 1;
/// What may fail otherwise must not: the caller has no error to give.
const INSISTS: u64 = 1 << 2;

#[cfg(not(loom))]
crate::thread_word!(
    /// See the module's documentation.
    WORD = "orochi_may_fail"
);

/// The same in a model, which has no other thread words.
#[cfg(loom)]
#[allow(non_snake_case, reason = "named as a static")]
mod WORD {
    std::thread_local! {
        static WORD: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
    }

    pub fn get() -> u64 {
        WORD.get()
    }

    pub fn set(word: u64) {
        WORD.set(word)
    }
}

/// Runs `f`, whose only allocation fails where there is no memory; fails at once where the thread is short.
#[inline]
pub fn may_fail<R>(f: impl FnOnce() -> Result<R, OutOfMemory>) -> Result<R, OutOfMemory> {
    let before = WORD::get();
    if before & (INSISTS | SHORT) != 0 {
        return if before & INSISTS != 0 { f() } else { Err(OutOfMemory) };
    }
    WORD::set(before | MARKED);
    let result = f();
    // Not what it was before: the allocation may have made the thread short.
    WORD::set(WORD::get() & !MARKED);
    result
}

/// Runs `f`, in which nothing may fail: growing containers live on the reserve as everything else does.
#[inline]
pub fn insist<R>(f: impl FnOnce() -> R) -> R {
    let before = WORD::get();
    WORD::set(before | INSISTS);
    let result = f();
    WORD::set(WORD::get() & !INSISTS | before & INSISTS);
    result
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
    WORD::get() & MARKED != 0
}

/// Whether the reserve has served this thread since it last raised `MemoryError`.
pub fn is_short() -> bool {
    WORD::get() & SHORT != 0
}

/// The reserve serves this thread.
pub fn note_short() {
    WORD::set(WORD::get() | SHORT);
}

/// The thread raises `MemoryError`; answers whether it owed that.
pub fn settle() -> bool {
    let word = WORD::get();
    WORD::set(word & !SHORT);
    word & SHORT != 0
}
