//! Quiescent-state reclamation: memory is freed once every thread that might still read it has passed a safepoint.
//!
//! After Fraser, "Practical lock-freedom" (2004), and `crossbeam-epoch`. Why not that crate: its threads push full bags
//! of 64 items on one queue that all share (a write to a shared line for every 64 frees), and it does not show its epoch
//! numbers, which the collector and the inline caches want. Here garbage stays with the thread that made it, and shared
//! lines are written once per epoch.
//!
//! | word | who writes it | meaning |
//! |---|---|---|
//! | `Clock::now` | whoever advances, by compare-exchange | the epoch, from `FIRST`, never wraps |
//! | `Pin::epoch` | its thread | the epoch that the thread was pinned in, or 0 when it is not pinned |
//!
//! Rules:
//! 1. A thread reads shared memory and retires garbage only while pinned. Between two `repin`s (safepoints) it may keep
//!    pointers that nobody counts; across one it may not.
//! 2. The clock goes from `e` to `e + 1` only when each pin, read after a sequentially consistent fence that itself
//!    follows the read of `e`, is 0 or `e`.
//! 3. Garbage is unlinked first, then retired by the thread that unlinked it, stamped `u + 1` where `u` is the epoch that
//!    the thread is pinned in. The true epoch is then `u` or `u + 1`, because our own pin holds the clock back (rule 2); the
//!    stamp bounds it from above without looking at the shared clock.
//! 4. An item stamped `s` is freed when its holder has read the clock at `s + 2` or later.
//! 5. `pin` publishes the pin with a sequentially consistent fence before the first read. `repin` and `unpin` need none.
//! 6. A thread that exits gives its garbage, stamps and all, to `Orphans`, a locked list; whoever collects next takes it.
//!
//! Safety: let reader R be pinned at `g`, and let U retire an item while pinned at `u`.
//! - R entered by `repin`: it read the clock at `g` with Acquire, and no scan ever saw it unpinned in between: what a scan
//!   sees is its old epoch, which holds the clock back at least as much, or `g`. If `u <= g - 2`, the clock's steps to `g - 1`
//!   and `g` needed U to have left `u`, so by release and acquire along U's pin, the scan and the clock, the unlinking
//!   happened before R's reads and R cannot find the item. If `u >= g - 1`, the item is freed at `u + 3 >= g + 2` or later,
//!   while R holds the clock at `g + 1` or below.
//! - R entered by `pin`: a scan may have missed it. Take the last scan that did, for the step `a -> a + 1`. Its fence comes
//!   before R's fence, so all that happened before the scan's fence is visible to R. Every later scan sees R at `g`. So the
//!   clock stays at `max(a + 1, g + 1)` or below while R is pinned. An item freed by then has `u <= max(a, g) - 2`; either
//!   way U's leaving `u` happened before the clock read that the scan's fence (or R itself) follows, and again R cannot
//!   find the item.
//! - What R does with the item happens before its own `repin` or `unpin` (Release), which happens before the scan
//!   (Acquire), the clock's step (Release) and the freeing thread's read of the clock (Acquire).

use super::shim::atomic::{AtomicBool, AtomicU64, Ordering::*, fence};
use super::shim::{Loads, Mutex, Padded, const_unless_loom, weakened};
use std::collections::VecDeque;

/// The clock's first value; 0 means "not pinned" in a pin.
const FIRST: u64 = 2;

/// How many steps after its stamp an item is freed.
const AGE: u64 = 2;

/// The epoch that all threads share.
pub struct Clock {
    now: Padded<AtomicU64>,
}

/// One thread's announcement of what it may be reading.
#[derive(Default)]
pub struct Pin {
    epoch: AtomicU64,
}

impl Clock {
    const_unless_loom! {
        /// A clock at its first epoch.
        pub fn new() -> Clock {
            Clock { now: Padded(AtomicU64::new(FIRST)) }
        }
    }

    /// The epoch, for `Limbo::pop_ready`.
    #[inline]
    pub fn now(&self) -> u64 {
        // Acquire: pairs with the Release in `try_advance`; the reads of those who left come before our frees.
        self.now.load(if weakened("epoch: clock acquire") { Relaxed } else { Acquire })
    }

    /// Pins the thread of `pin`, which is not pinned: after this it may read shared memory.
    #[inline]
    pub fn pin(&self, pin: &Pin) {
        debug_assert_eq!(pin.epoch.own(), 0);
        // Acquire inside `now`: pairs with `try_advance` (safety argument, `u <= g - 2`).
        pin.epoch.store(self.now(), Relaxed);
        // SeqCst: pairs with the fence in `try_advance`: the scan sees our pin, or we see all that came before the scan.
        if !weakened("epoch: pin fence") {
            fence(SeqCst);
        }
    }

    /// Moves the thread's pin to the present epoch. Pointers that it read before and did not count are void.
    #[inline]
    pub fn repin(&self, pin: &Pin) {
        let now = self.now();
        if pin.epoch.own() != now {
            // Release: pairs with the Acquire in `try_advance`; our reads come before anybody's frees.
            pin.epoch.store(now, if weakened("epoch: repin release") { Relaxed } else { Release });
        }
    }

    /// Ends the thread's pin: it does not read shared memory until the next `pin`.
    #[inline]
    pub fn unpin(&self, pin: &Pin) {
        // Release: as in `repin`.
        pin.epoch.store(0, if weakened("epoch: unpin release") { Relaxed } else { Release });
    }

    /// Moves the clock one step if every pinned thread is in the present epoch. `pins` gives each thread's pin with
    /// whatever `lagging` wants to know about it; `lagging` is told who holds the clock back, and the scan goes on.
    pub fn try_advance<'a, T>(
        &self,
        pins: impl Iterator<Item = (&'a Pin, T)>,
        mut lagging: impl FnMut(T),
    ) -> Option<u64> {
        // Acquire: as in `now`.
        let now = self.now.to_update(if weakened("epoch: clock acquire") { Relaxed } else { Acquire });
        // SeqCst: pairs with the fence in `pin`.
        fence(SeqCst);
        let mut held = false;
        for (pin, whose) in pins {
            // Acquire: pairs with the Release in `repin` and `unpin`.
            let epoch = pin.epoch.load(Acquire);
            if epoch != 0 && epoch != now && !weakened("epoch: scan") {
                held = true;
                lagging(whose);
            }
        }
        if held {
            return None;
        }
        // Release: pairs with the Acquire in `now`. A failure means that somebody else did it.
        match self.now.compare_exchange(now, now + 1, Release, Relaxed) {
            Ok(_) => Some(now + 1),
            Err(_) => None,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

impl Pin {
    /// The epoch that the thread is pinned in; 0 when it is not. Meant for its own thread.
    #[inline(always)]
    pub fn epoch(&self) -> u64 {
        self.epoch.own()
    }

    pub fn is_pinned(&self) -> bool {
        self.epoch() != 0
    }
}

/// One thread's garbage that others may still be reading. `G` says how to free an item.
pub struct Limbo<G> {
    /// Oldest first; each bag holds the items of one stamp.
    bags: VecDeque<Bag<G>>,
    /// An emptied bag's buffer.
    spare: Vec<G>,
    /// Units (bytes, say) retired since the last `start_attempt`.
    fresh: usize,
    /// How much `fresh` makes an attempt to advance worth its price.
    threshold: usize,
    items: usize,
}

struct Bag<G> {
    stamp: u64,
    items: Vec<G>,
}

impl<G> Limbo<G> {
    /// No garbage; `wants_attempt` says true for every `threshold` units of it.
    pub const fn new(threshold: usize) -> Limbo<G> {
        Limbo { bags: VecDeque::new(), spare: Vec::new(), fresh: 0, threshold, items: 0 }
    }

    /// Adds an item of `weight` units, already unlinked, as the pinned thread of `pin`.
    #[inline]
    pub fn retire(&mut self, pin: &Pin, weight: usize, item: G) {
        debug_assert!(pin.is_pinned(), "retired by a thread that is not pinned");
        let stamp = if weakened("epoch: stamp") { pin.epoch() } else { pin.epoch() + 1 };
        self.items += 1;
        self.fresh += weight;
        match self.bags.back_mut() {
            Some(bag) if bag.stamp >= stamp => bag.items.push(item),
            _ => self.open_bag(stamp, item),
        }
    }

    #[cold]
    fn open_bag(&mut self, stamp: u64, item: G) {
        let mut items = std::mem::take(&mut self.spare);
        items.push(item);
        self.bags.push_back(Bag { stamp, items });
    }

    /// Whether enough garbage came in since the last attempt to scan the threads again.
    #[inline(always)]
    pub fn wants_attempt(&self) -> bool {
        self.fresh >= self.threshold
    }

    /// Starts the count for `wants_attempt` again.
    pub fn start_attempt(&mut self) {
        self.fresh = 0;
    }

    /// Takes one item that may be freed at epoch `now`, read from the clock by this thread.
    ///
    /// Items come one at a time so that freeing one may retire others.
    #[inline]
    pub fn pop_ready(&mut self, now: u64) -> Option<G> {
        loop {
            let bag = self.bags.front_mut()?;
            if bag.stamp + AGE > now {
                return None;
            }
            if let Some(item) = bag.items.pop() {
                self.items -= 1;
                return Some(item);
            }
            let bag = self.bags.pop_front()?;
            if bag.items.capacity() > self.spare.capacity() && bag.items.capacity() <= 4096 {
                self.spare = bag.items;
            }
        }
    }

    /// Frees what may be freed at epoch `now`; how many items that was.
    pub fn collect(&mut self, now: u64, mut free: impl FnMut(G)) -> usize {
        let mut count = 0;
        while let Some(item) = self.pop_ready(now) {
            free(item);
            count += 1;
        }
        count
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.items
    }

    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Takes everything at once. Only for when no other thread exists or all are stopped at safepoints.
    pub fn drain(&mut self) -> impl Iterator<Item = G> {
        self.items = 0;
        self.fresh = 0;
        std::mem::take(&mut self.bags).into_iter().flat_map(|bag| bag.items)
    }

    /// Takes over garbage that exited threads have left, if there is any and nobody else is doing so.
    pub fn adopt(&mut self, orphans: &Orphans<G>) {
        // Relaxed: a hint; the lock orders the list itself.
        if !orphans.some.load(Relaxed) {
            return;
        }
        let Some(mut left) = orphans.bags.try_lock() else { return };
        orphans.some.store(false, Relaxed);
        for bag in left.drain(..) {
            self.items += bag.items.len();
            let place = self.bags.partition_point(|other| other.stamp <= bag.stamp);
            self.bags.insert(place, bag);
        }
    }
}

/// Garbage of threads that have exited.
pub struct Orphans<G> {
    some: AtomicBool,
    bags: Mutex<Vec<Bag<G>>>,
}

impl<G> Orphans<G> {
    const_unless_loom! {
        /// None yet.
        pub fn new() -> Orphans<G> {
            Orphans { some: AtomicBool::new(false), bags: Mutex::new(Vec::new()) }
        }
    }

    /// Leaves an exiting thread's garbage to the others.
    pub fn leave(&self, limbo: Limbo<G>) {
        if limbo.is_empty() {
            return;
        }
        let mut left = self.bags.lock();
        left.extend(limbo.bags.into_iter().filter(|bag| !bag.items.is_empty()));
        self.some.store(true, Relaxed);
    }
}

impl<G> Default for Orphans<G> {
    fn default() -> Self {
        Orphans::new()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn advance(clock: &Clock, pins: &[&Pin]) -> Option<u64> {
        clock.try_advance(pins.iter().map(|pin| (*pin, ())), |()| {})
    }

    #[test]
    fn a_pinned_reader_holds_garbage_back() {
        let (clock, reader, writer) = (Clock::new(), Pin::default(), Pin::default());
        let mut limbo = Limbo::new(1);
        clock.pin(&reader);
        clock.pin(&writer);
        limbo.retire(&writer, 1, "garbage");
        assert!(limbo.wants_attempt());
        for _ in 0..5 {
            advance(&clock, &[&reader, &writer]);
            clock.repin(&writer);
            assert_eq!(limbo.collect(clock.now(), |_| ()), 0);
        }
        for _ in 0..3 {
            clock.repin(&reader);
            clock.repin(&writer);
            assert!(advance(&clock, &[&reader, &writer]).is_some());
        }
        assert_eq!(limbo.collect(clock.now(), |_| ()), 1);
        assert!(limbo.is_empty());
    }

    #[test]
    fn unpinned_threads_hold_nothing_back_and_laggards_are_named() {
        let (clock, asleep, slow) = (Clock::new(), Pin::default(), Pin::default());
        assert!(advance(&clock, &[&asleep]).is_some());
        clock.pin(&slow);
        assert!(advance(&clock, &[&asleep, &slow]).is_some());
        let mut named = Vec::new();
        assert!(clock.try_advance([(&asleep, 1), (&slow, 2)].into_iter(), |whose| named.push(whose)).is_none());
        assert_eq!(named, [2]);
    }

    #[test]
    fn orphans_are_adopted_in_order_of_their_stamps() {
        let (clock, pin, orphans) = (Clock::new(), Pin::default(), Orphans::new());
        clock.pin(&pin);
        let (mut gone, mut heir) = (Limbo::new(1), Limbo::new(1));
        gone.retire(&pin, 1, 1);
        advance(&clock, &[&pin]);
        clock.repin(&pin);
        heir.retire(&pin, 1, 2);
        orphans.leave(gone);
        heir.adopt(&orphans);
        assert_eq!(heir.len(), 2);
        let mut freed = Vec::new();
        while !heir.is_empty() {
            advance(&clock, &[&pin]);
            clock.repin(&pin);
            heir.collect(clock.now(), |item| freed.push(item));
        }
        assert_eq!(freed, [1, 2]);
    }
}
