//! Words on the operand stack and in locals: a value that the word owns, one that it borrows, or nothing.
//!
//! | word | meaning |
//! |---|---|
//! | 0 | null: unbound, or the place of an absent self |
//! | pointer | an owned reference |
//! | pointer + 1 | a borrowed reference: a word below on the same stack owns it, of this frame or of another, a local mostly |
//! | else | an immediate |
//!
//! What may be borrowed: an object that a local keeps alive (below), and a sharded or immortal object by anybody: only the
//! collector ends it, and that takes for a root what any word of any evaluation stack names (`collector`). Such a word is
//! written to the stack before anything is released, and never kept in Rust across a call; where a thread may stop, its
//! frame's saved stack pointer is above all such words.
//!
//! The argument for borrowing locals: `LOAD_FAST_BORROW` is emitted only where the local stays bound, unchanged, until the word
//! is consumed; `COPY_COPY` and `COPY_BORROW` only where the word below that owns the reference stays until the copy is
//! consumed, by the very next instruction. A callee may take over borrowed arguments as its locals, because the frame below is suspended, with the
//! owning local unchanged, until the callee returns. (`f_locals` may change it all the same: `FrameObject::keep` then keeps
//! what it held until the frame ends.) A frame that outlives its caller's expression (a generator, a frame
//! object) first turns its borrowed words into owned ones. What is stored in the heap or returned is always owned.

use crate::object::header::Header;
use crate::object::thread;
use crate::object::value::Value;
use crate::sync::count;
use std::mem::ManuallyDrop;
use std::num::NonZero;

/// See the module's documentation.
pub type Word = u64;

const BORROWED: u64 = 1;

/// Whether the word is a pointer, owned or borrowed.
#[inline(always)]
pub fn is_pointer(w: Word) -> bool {
    w >> 48 == 0 && w != 0
}

#[inline(always)]
pub fn is_borrowed(w: Word) -> bool {
    w & (0xffff << 48 | BORROWED) == BORROWED
}

/// Whether the word is a pointer that owns its reference.
#[inline(always)]
pub fn is_owned(w: Word) -> bool {
    // One comparison: the mark becomes the top bit, and null wraps around.
    w.rotate_right(1).wrapping_sub(1) < (1 << 47) - 1
}

/// The same word without the mark of borrowing.
#[inline(always)]
pub fn clean(w: Word) -> Word {
    if w >> 48 == 0 { w & !BORROWED } else { w }
}

/// Where the object lies that a word is known to point to.
#[inline(always)]
pub fn address(w: Word) -> *const Header {
    (w & !BORROWED) as *const Header
}

/// A borrowed copy of a word.
#[inline(always)]
pub fn borrow(w: Word) -> Word {
    if is_pointer(w) { w | BORROWED } else { w }
}

/// Views a bound word as a value, without counting.
#[inline(always)]
pub fn view(w: Word) -> ManuallyDrop<Value> {
    debug_assert!(w != 0);
    // SAFETY: a bound word; never dropped, so nothing is given back.
    ManuallyDrop::new(unsafe { Value::from_bits(clean(w)) })
}

/// A new counted copy of a bound word.
#[inline(always)]
pub fn copy(w: Word) -> Value {
    (*view(w)).clone()
}

/// A copy of a word that owns its reference; null stays null.
#[inline(always)]
pub fn copy_word(w: Word) -> Word {
    if w == 0 { 0 } else { copy(w).into_bits() }
}

/// The header behind a bound word, if it is a pointer.
///
/// # Safety
/// `w` is a bound word; whoever holds it keeps the object alive.
#[inline(always)]
pub unsafe fn header<'a>(w: Word) -> Option<&'a Header> {
    if w >> 48 != 0 {
        return None;
    }
    // SAFETY: by the caller; a bound word is not null.
    unsafe {
        std::hint::assert_unchecked(w & !BORROWED != 0);
        Some(&*((w & !BORROWED) as *const Header))
    }
}

/// A word for one more reference to what a bound word names: uncounted where it may be borrowed by anybody.
#[inline(always)]
pub fn dup(w: Word) -> Word {
    if !is_pointer(w) {
        return w;
    }
    // SAFETY: a bound word names a living object.
    let header = unsafe { &*((w & !BORROWED) as *const Header) };
    let owner = header.counts().owner();
    if owner == thread::id() {
        header.counts().incref_owned();
        return w & !BORROWED;
    }
    if owner >= count::SHARDED {
        return w | BORROWED;
    }
    header.incref();
    w & !BORROWED
}

/// The word to keep when the local that a word may be borrowed from is about to change: owned, or borrowable by anybody.
///
/// # Safety
/// The word is taken off the stack: it is not used again.
#[inline(always)]
pub unsafe fn keep(w: Word) -> Word {
    if is_borrowed(w) { dup(w) } else { w }
}

/// A word for what a slot holds, without counting where it may be borrowed by anybody. None: the slot is empty, or what it
/// held has ended, and it has changed since.
///
/// # Safety
/// `word` was read from a slot by the calling thread, attached since.
#[inline(always)]
pub unsafe fn from_slot(word: u64) -> Option<NonZero<Word>> {
    let bound = NonZero::new(word)?;
    if word >> 48 != 0 {
        return Some(bound);
    }
    // SAFETY: a word read from a slot by a pinned thread names a readable header.
    let header = unsafe { &*(word as *const Header) };
    let owner = header.counts().owner();
    if owner == thread::id() {
        header.counts().incref_owned();
        return Some(bound);
    }
    if owner >= count::SHARDED {
        return Some(bound | BORROWED);
    }
    header.try_incref().then_some(bound)
}

/// Turns a bound word into a value: moves an owned reference, counts a borrowed one.
///
/// # Safety
/// The word is taken off the stack: it is not used again.
#[inline(always)]
pub unsafe fn take(w: Word) -> Value {
    debug_assert!(w != 0);
    if is_borrowed(w) {
        return copy(w);
    }
    // SAFETY: the word's own reference.
    unsafe { Value::from_bits(w) }
}

/// Gives back what a word owns; null and borrowed words own nothing.
///
/// # Safety
/// As `take`.
#[inline(always)]
pub unsafe fn release(w: Word) {
    if is_owned(w) {
        // SAFETY: the word's own reference.
        unsafe { Header::decref(w as *const Header) }
    }
}

/// Views `count` words at `at` as values, after taking off the marks of borrowing; answers which were borrowed (by bit;
/// from the 64th on a borrowed word is turned into an owned one).
///
/// # Safety
/// `at` points to `count` bound words of the stack, which stay in place for `'a`.
#[inline(always)]
pub unsafe fn unmark(at: *mut Word, count: usize) -> u64 {
    let mut borrowed = 0;
    for i in 0..count {
        // SAFETY: by the caller.
        unsafe {
            let w = *at.add(i);
            if is_borrowed(w) {
                if i < 64 {
                    borrowed |= 1 << i;
                    *at.add(i) = w & !BORROWED;
                } else {
                    *at.add(i) = copy(w).into_bits();
                }
            }
        }
    }
    borrowed
}

/// Puts back the marks that `unmark` took off.
///
/// # Safety
/// As `unmark`, of the same words.
#[inline(always)]
pub unsafe fn mark(at: *mut Word, mut borrowed: u64) {
    while borrowed != 0 {
        // SAFETY: by the caller.
        unsafe { *at.add(borrowed.trailing_zeros() as usize) |= BORROWED };
        borrowed &= borrowed - 1;
    }
}

/// Gives back the words that `unmark` saw, except those that were borrowed.
///
/// # Safety
/// As `unmark`; the words are not used again.
#[inline(always)]
pub unsafe fn release_unmarked(at: *mut Word, count: usize, borrowed: u64) {
    for i in 0..count {
        if i >= 64 || borrowed >> i & 1 == 0 {
            // SAFETY: by the caller.
            unsafe { release(*at.add(i)) }
        }
    }
}

/// Views words as values.
///
/// # Safety
/// `at` points to `count` bound words without marks of borrowing, unchanged for `'a`.
#[inline(always)]
pub unsafe fn values<'a>(at: *const Word, count: usize) -> &'a [Value] {
    // SAFETY: `Value` is a transparent word.
    unsafe { std::slice::from_raw_parts(at.cast::<Value>(), count) }
}
