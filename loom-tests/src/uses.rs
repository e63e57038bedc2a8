//! Uses of cache entries: whoever applies them has them in the order in which they happened.

use crate::harness::{Model, model};
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use crate::sync::uses::{Ticket, Uses};
use loom::thread;
use std::sync::Arc;

struct Cache {
    uses: Uses<u64>,
    /// A clock: it never goes back, and who was told of a time reads no earlier one.
    clock: AtomicU64,
    told: AtomicU64,
}

fn ticket(place: u32) -> Ticket {
    Ticket { place, number: u64::from(place) + 1 }
}

impl Cache {
    fn new() -> Arc<Cache> {
        Arc::new(Cache { uses: Uses::default(), clock: AtomicU64::new(1), told: AtomicU64::new(0) })
    }

    fn touch(&self, thread: u32, place: u32) {
        assert!(self.uses.note(thread, || self.clock.fetch_add(1, SeqCst), ticket(place)));
    }

    /// Applies what was noted; `order` has the places by last use.
    fn apply(&self, order: &mut Vec<u32>) {
        let mut uses = Vec::new();
        self.uses.drain(&mut uses);
        for noted in uses {
            order.retain(|place| *place != noted.ticket.place);
            order.push(noted.ticket.place);
        }
    }

    fn place_of(order: &[u32], place: u32) -> Option<usize> {
        order.iter().position(|found| *found == place)
    }
}

/// One thread uses an entry and tells another, which then uses a second entry, while a third brings the list up to date.
fn told() -> Model {
    model("uses: one use after another, two lanes, drained meanwhile", 3, || {
        let cache = Cache::new();
        let (one, two) = (cache.clone(), cache.clone());
        let one = thread::spawn(move || {
            one.touch(0, 0);
            one.told.store(1, Release);
        });
        let two = thread::spawn(move || {
            let told = two.told.load(Acquire) == 1;
            two.touch(1, 1);
            told
        });
        let mut order = Vec::new();
        cache.apply(&mut order);
        let at_first = order.clone();
        one.join().unwrap();
        let told = two.join().unwrap();
        cache.apply(&mut order);
        let (first, second) = (Cache::place_of(&order, 0), Cache::place_of(&order, 1));
        assert!(first.is_some() && second.is_some(), "no use is lost");
        if told {
            assert!(first < second, "{order:?} after {at_first:?}: the later use is the last");
        }
    })
}

/// Two threads of one lane use the same entry; one of them has used another before, told by a third.
fn same_entry() -> Model {
    model("uses: two threads of one lane use one entry", 3, || {
        let cache = Cache::new();
        let (one, two) = (cache.clone(), cache.clone());
        let one = thread::spawn(move || one.touch(0, 0));
        let two = thread::spawn(move || {
            two.touch(1, 1);
            two.touch(2, 0);
        });
        one.join().unwrap();
        two.join().unwrap();
        let mut order = Vec::new();
        cache.apply(&mut order);
        assert_eq!(order, [1, 0], "the entry was used after the other");
    })
}

/// One thread uses two entries in turn.
fn in_turn() -> Model {
    model("uses: the last use of an entry counts", 2, || {
        let cache = Cache::new();
        let other = cache.clone();
        let other = thread::spawn(move || {
            other.touch(0, 0);
            other.touch(0, 1);
            other.touch(0, 0);
        });
        let mut order = Vec::new();
        cache.apply(&mut order);
        other.join().unwrap();
        cache.apply(&mut order);
        assert_eq!(order, [1, 0]);
    })
}

#[test]
fn told_holds() {
    told().holds().fails_without("uses: all lanes at once");
}

#[test]
fn same_entry_holds() {
    same_entry().holds().fails_without("uses: time under the lock").fails_without("uses: in order");
}

#[test]
fn in_turn_holds() {
    in_turn().holds().fails_without("uses: the last counts");
}
