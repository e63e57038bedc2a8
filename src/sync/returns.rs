//! What threads give back to other threads' heaps: blocks to their page, and pages with such blocks to their heap.
//!
//! | stack | who pushes | who takes all |
//! |---|---|---|
//! | a page's | whoever frees one of its blocks and is not its owner | the page's owner |
//! | a heap's | whoever pushed the first block on the stack of one of its pages | the heap's owner |
//!
//! Rules:
//! 1. A thing on a stack is linked by a word of its own, which belongs to whoever pushes it until it is on the stack, and from
//!    `take` on to whoever took it.
//! 2. Who takes a page off its heap's stack reads its link before it takes the page's blocks: from then on the page's stack is
//!    empty, and the page may be pushed again.
//! 3. A block counts as used until its page's owner has taken it. So a page is not given back while one of its blocks is on
//!    the way: who pushed the first one may touch the page until it is on the heap's stack, since only then it is taken.
//! 4. The owner of a heap is its thread; after that has left (with `registry`'s Release), the thread that took the heap over
//!    (Acquire); while the world is stopped, the stopper. Which of them it is those who push need not know.
//!
//! Nothing is lost: the first block makes its page known, all others come before the owner's swap, or find the stack empty
//! after it. Nothing comes twice: a stack is emptied by one swap, and a page is pushed by one thread between two of them.

use super::shim::atomic::{AtomicPtr, Ordering::*};
use super::shim::{Loads, UnsafeCell, const_unless_loom, weakened};
use std::ptr;

/// The link of a thing that can be on a `Stack`.
pub type Link<T> = UnsafeCell<*mut T>;

/// A thing that can be on a `Stack`.
///
/// # Safety
/// `link` answers the same place each time, in the thing's own memory, and nobody uses it but by rule 1.
pub unsafe trait Linked: Sized {
    /// The thing's link.
    ///
    /// # Safety
    /// `this` is a thing whose memory is there for as long as the answer is used.
    unsafe fn link<'a>(this: *mut Self) -> &'a Link<Self>;
}

/// Things given back. Many push, one takes all.
pub struct Stack<T: Linked> {
    top: AtomicPtr<T>,
}

impl<T: Linked> Stack<T> {
    const_unless_loom! {
        /// Nothing.
        pub fn new() -> Stack<T> {
            Stack { top: AtomicPtr::new(ptr::null_mut()) }
        }
    }

    /// Puts a thing on the stack; whether it was empty.
    ///
    /// # Safety
    /// The thing is the caller's alone; it is the taker's from now on.
    pub unsafe fn push(&self, thing: *mut T) -> bool {
        let mut top = self.top.to_update(Relaxed);
        loop {
            // SAFETY: by the caller the thing is ours until it is on the stack (rule 1).
            unsafe { T::link(thing).with_mut(|link| *link = top) };
            // Release: pairs with the Acquire in `take`: the thing's last use and its link come first. Acquire: pairs with the
            // Release in `take`: who finds the stack empty comes after what its taker did before (rule 2).
            let order = match (weakened("returns: push release"), weakened("returns: push acquire")) {
                (false, false) => AcqRel,
                (true, _) => Acquire,
                (_, true) => Release,
            };
            match self.top.compare_exchange_weak(top, thing, order, Relaxed) {
                Ok(_) => return top.is_null(),
                Err(seen) => top = seen,
            }
        }
    }

    /// Takes all things off the stack and gives them to `f`, the last one first.
    ///
    /// # Safety
    /// `f` gets things that are the caller's alone.
    pub unsafe fn take(&self, mut f: impl FnMut(*mut T)) {
        // Acquire, Release: see `push`.
        let mut thing =
            self.top.swap(ptr::null_mut(), if weakened("returns: take acquire") { Release } else { AcqRel });
        while !thing.is_null() {
            // SAFETY: taken, so ours (rule 1).
            let link = |thing| unsafe { T::link(thing).with(|link| *link) };
            if weakened("returns: link first") {
                f(thing);
                thing = link(thing);
                continue;
            }
            let next = link(thing);
            f(thing);
            thing = next;
        }
    }
}

impl<T: Linked> Default for Stack<T> {
    fn default() -> Self {
        Stack::new()
    }
}

/// Gives a block back to a page that belongs to another thread: `blocks` is the page's stack, and `pending` that of its heap,
/// which is asked for only if it is needed.
///
/// # Safety
/// The block is of this page, and nobody uses it any more.
pub unsafe fn give_back<'a, B: Linked, P: Linked + 'a>(
    block: *mut B,
    blocks: &Stack<B>,
    page: *mut P,
    pending: impl FnOnce() -> &'a Stack<P>,
) {
    // SAFETY: by the caller the block is ours; the first block makes the page's link ours (rules 2 and 3).
    unsafe {
        if blocks.push(block) || weakened("returns: first only") {
            pending().push(page);
        }
    }
}
