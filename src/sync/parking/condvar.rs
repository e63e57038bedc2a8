//! A condition variable: threads wait for a change that another announces.
//!
//! The word counts the announcements; its lowest bit says that somebody waits, or is about to.
//!
//! 1. Who wants to wait draws a ticket (the count) *before* it looks at what it waits for. It parks only if the count is still
//!    the ticket's, in the read-modify-write that sets the bit, with the lot's queue locked.
//! 2. Who has changed that announces it: one read-modify-write counts, and tells whether anybody has to be woken. So either
//!    the waiter finds another count, or the announcer finds the bit, and the waiter in the queue.
//! 3. The bit goes back with the queue locked, when nobody is left in it.
//!
//! Nothing is held between the ticket and the wait, so a thread can detach in between (`parking`, rule 3). A thread that waits
//! through 2^31 announcements between the two steps may sleep through them.

use super::lot::Parked;
use super::system::ToUpdate;
use super::system::atomic::{AtomicU32, Ordering::*};
use crate::sync::shim::{const_unless_loom, weakened};
use std::ptr;
use std::time::Instant;

const WAITED_FOR: u32 = 1;
const ONE: u32 = 2;

/// See the module's documentation.
pub struct Condvar {
    word: AtomicU32,
}

/// The moment from which on changes are waited for.
#[derive(Clone, Copy)]
#[must_use = "a ticket is for waiting"]
pub struct Ticket(u32);

impl Condvar {
    const_unless_loom! {
        /// Nobody waits.
        pub fn new() -> Condvar {
            Condvar { word: AtomicU32::new(0) }
        }
    }

    /// A ticket for `await_change`. What is looked at afterwards is not older than it.
    pub fn ticket(&self) -> Ticket {
        // Acquire: pairs with the Release in `announce`; who finds a count finds what it announces.
        Ticket(self.word.load(Acquire) & !WAITED_FOR)
    }

    /// Waits until something was announced since the ticket, or until `deadline`; false if that has passed.
    pub fn await_change(&self, ticket: Ticket, deadline: Option<Instant>) -> bool {
        let key = ptr::from_ref(self) as usize;
        let unchanged = || {
            let wait = |word| (word & !WAITED_FOR == ticket.0).then_some(word | WAITED_FOR);
            // Relaxed: the count was seen by the ticket; a newer one is acquired by the next.
            self.word.change(Relaxed, wait).is_ok() || weakened("condvar: park blindly")
        };
        super::lot().park(key, 0, unchanged, deadline) != Parked::TimedOut
    }

    /// Counts; whether anybody waits.
    #[inline]
    fn announce(&self) -> bool {
        let order = if weakened("condvar: release") { Relaxed } else { Release };
        // Release: pairs with the Acquire in `ticket`.
        self.word.fetch_add(ONE, order) & WAITED_FOR != 0
    }

    /// Announces a change to one of those that wait.
    #[inline]
    pub fn notify_one(&self) {
        if self.announce() {
            super::lot().unpark_one(ptr::from_ref(self) as usize, |woken| {
                if !woken.others {
                    self.word.fetch_and(!WAITED_FOR, Relaxed);
                }
                0
            });
        }
    }

    /// Announces a change to all that wait.
    #[inline]
    pub fn notify_all(&self) {
        if self.announce() {
            super::lot().unpark_all(ptr::from_ref(self) as usize, || {
                self.word.fetch_and(!WAITED_FOR, Relaxed);
            });
        }
    }

    /// Gives the mutex back, waits for a change and takes the mutex again. May come back for no reason.
    #[cfg(not(loom))]
    pub fn wait<T>(&self, guard: &mut super::mutex::MutexGuard<'_, T>) {
        let ticket = self.ticket();
        lock_api::MutexGuard::unlocked(guard, || self.await_change(ticket, None));
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}
