//! A list that only grows, of things that stay: found without a lock, added once.
//!
//! Rules:
//! 1. A node's contents and its link are written before its address (Release), and never again. So lookups take no lock.
//! 2. Who adds has looked at all nodes behind the head that its compare-exchange replaces; what others put before them
//!    meanwhile makes it fail, and is looked at next. So nothing that was found or added is added again.

use super::shim::atomic::{AtomicPtr, Ordering::*};
use super::shim::weakened;
use std::ptr;

struct Node<T> {
    item: T,
    next: *mut Node<T>,
}

/// See the module's documentation. Meant for a few things: lookups walk.
pub struct GrowList<T> {
    head: AtomicPtr<Node<T>>,
}

impl<T> GrowList<T> {
    /// Nothing.
    #[allow(clippy::new_without_default, reason = "as the other primitives")]
    pub fn new() -> GrowList<T> {
        GrowList { head: AtomicPtr::new(ptr::null_mut()) }
    }

    /// The first thing of which `is` is true.
    #[inline]
    pub fn find(&self, is: impl Fn(&T) -> bool) -> Option<&T> {
        // Acquire: pairs with the Release in `add`, after the node.
        self.walk(self.head.load(Acquire), ptr::null_mut(), is)
    }

    /// Looks at the nodes from one (which is in the list, or null) to another.
    #[inline]
    fn walk(&self, mut node: *mut Node<T>, end: *mut Node<T>, is: impl Fn(&T) -> bool) -> Option<&T> {
        while node != end {
            // SAFETY: seen with Acquire, or behind one that was; nodes stay as long as the list.
            let Node { item, next } = unsafe { &*node };
            if is(item) {
                return Some(item);
            }
            node = *next;
        }
        None
    }

    /// The thing of which `is` is true: the one that is there, or the one that `make` makes now. What was made is dropped if
    /// another thread was faster.
    pub fn find_or_add(&self, is: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &T {
        let mut head = self.head.load(Acquire);
        if let Some(found) = self.walk(head, ptr::null_mut(), &is) {
            return found;
        }
        let node = Box::into_raw(Box::new(Node { item: make(), next: head }));
        loop {
            // SAFETY: nobody else knows the node yet.
            unsafe { (*node).next = head };
            let order = if weakened("grow list: release") { Relaxed } else { Release };
            // Release: pairs with the Acquires. Acquire on failure: as in `find`.
            match self.head.compare_exchange(head, node, order, Acquire) {
                // SAFETY: in the list, where it stays.
                Ok(_) => return unsafe { &(*node).item },
                Err(_) if weakened("grow list: look again") => head = self.head.load(Acquire),
                Err(now) => {
                    if let Some(found) = self.walk(now, head, &is) {
                        // SAFETY: made above, and never in the list.
                        drop(unsafe { Box::from_raw(node) });
                        return found;
                    }
                    head = now;
                }
            }
        }
    }
}

impl<T> Drop for GrowList<T> {
    fn drop(&mut self) {
        let mut node = self.head.load(Relaxed);
        while !node.is_null() {
            // SAFETY: made in `find_or_add`; nobody looks any more.
            node = unsafe { Box::from_raw(node) }.next;
        }
    }
}

// SAFETY: things are shared by reference only, and made on any thread that adds.
unsafe impl<T: Send + Sync> Sync for GrowList<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Send for GrowList<T> {}
