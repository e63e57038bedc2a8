//! Counts: an object ends exactly once, after all who used it, whoever gives back the last reference.

use crate::harness::{Model, model};
use crate::sync::count::{Counts, Released, SHARDED};
use crate::sync::shim::Canary;
use crate::sync::shim::atomic::Ordering::*;
use crate::sync::slot::Counted;
use crate::sync::testing::{Ref, Yard};
use crate::sync::world::World;
use loom::sync::Mutex;
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

/// Runs each closure on a thread of the yard's; the calling thread is number 0 and runs `$mine`, and `$end` after
/// all. Then nothing is left.
macro_rules! threads {
    ($yard:ident, $here:ident, $($index:literal => $run:expr),* ; $mine:expr $(; $end:expr)?) => {{
        let handles = [$({
            let yard = $yard.clone();
            let run = $run;
            thread::spawn(move || {
                let here = yard.enter($index);
                run(&here);
            })
        }),*];
        $mine;
        for handle in handles {
            handle.join().unwrap();
        }
        $($end;)?
        $here.assert_nothing_left();
    }};
}
pub(crate) use threads;

/// The owner takes back and drops a reference that the other thread counted, while that thread still holds one that the
/// owner counted.
fn owner_and_foreign() -> Model {
    model("count: owner and one foreign thread swap references", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let given = Ref::new(7);
        let place = Arc::new(Mutex::new(None));
        let back = place.clone();
        threads!(yard, here, 1 => move |_: &_| {
            *back.lock().unwrap() = Some(given.clone());
            assert_eq!(given.value(), 7);
            drop(given);
        }; {
            let taken = place.lock().unwrap().take();
            if let Some(taken) = taken {
                assert_eq!(taken.value(), 7);
                drop(taken);
            }
            here.safepoint();
        }; {
            let left = place.lock().unwrap().take();
            drop(left);
        });
    })
}

/// Two other threads hold all references: the count goes through the owner's queue.
fn two_foreign() -> Model {
    model("count: two foreign threads and the owner's queue", 3, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let first = Ref::new(7);
        let second = first.clone();
        threads!(yard, here,
            1 => move |_: &_| { assert_eq!(first.value(), 7); drop(first) },
            2 => move |_: &_| { assert_eq!(second.value(), 7); drop(second) };
            here.safepoint());
    })
}

/// The owner gives its only reference away and drains its queue while it comes back.
fn merge_queue() -> Model {
    model("count: queued to the owner while it takes and drops", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let mine = Ref::new(7);
        let (first, second) = (mine.clone(), mine.clone());
        threads!(yard, here, 1 => move |_: &_| {
            drop(first);
            assert_eq!(second.value(), 7);
            drop(second);
        }; {
            here.safepoint();
            let again = mine.clone();
            drop(mine);
            here.safepoint();
            drop(again);
        });
    })
}

/// The owner exits while another thread gives back the last reference.
fn dying_owner() -> Model {
    model("count: the owner exits", 4, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let owner = {
            let yard = yard.clone();
            let (sender, receiver) = loom::sync::mpsc::channel();
            let owner = thread::spawn(move || {
                let here = yard.enter(1);
                let value = Ref::new(7);
                sender.send(value.clone()).unwrap();
                drop(value);
                here.exit();
            });
            let value: Ref = receiver.recv().unwrap();
            assert_eq!(value.value(), 7);
            drop(value);
            owner
        };
        owner.join().unwrap();
        here.assert_nothing_left();
    })
}

/// A weak reference is followed while the owner drops the last strong one.
fn weak_reference() -> Model {
    model("count: weak reference, the owner drops last", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let mine = Ref::new(7);
        mine.publish();
        let weak = mine.word();
        threads!(yard, here, 1 => move |_: &_| {
            // SAFETY: the thread is pinned since before the object's end; the memory goes through the epoch.
            if let Some(found) = unsafe { Ref::upgrade(weak) } {
                assert_eq!(found.value(), 7);
            }
        }; {
            drop(mine);
            here.collect();
        });
    })
}

/// The same while the owner and another thread drop the two last ones.
fn weak_reference_of_three() -> Model {
    model("count: weak reference, two threads drop", 2, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let mine = Ref::new(7);
        mine.publish();
        let weak = mine.word();
        let other = mine.clone();
        threads!(yard, here,
        1 => move |_: &_| drop(other),
        2 => move |_: &_| {
            // SAFETY: as above.
            if let Some(found) = unsafe { Ref::upgrade(weak) } {
                assert_eq!(found.value(), 7);
            }
        };
        {
            drop(mine);
            here.safepoint();
        });
    })
}

/// A finaliser brings the object back while a weak reference is followed.
fn revival() -> Model {
    model("count: a finaliser revives, a weak reference looks", 4, || {
        let shared = Arc::new((Counts::new(1), Canary::new()));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                // As thread 2.
                let (counts, payload) = &*shared;
                if !counts.try_incref_shared() {
                    return None;
                }
                payload.touch();
                Some(counts.decref_shared())
            })
        };
        let (counts, payload) = &*shared;
        let mut ends = 0;
        // As thread 1: the last reference goes, the finaliser runs with one, which goes again.
        assert!(counts.decref_owned());
        if counts.release_owned(false) == Released::Last {
            counts.revive(1);
            if counts.decref_owned() && counts.release_owned(false) == Released::Last {
                payload.kill();
                ends += 1;
            }
        }
        let queued = match other.join().unwrap() {
            Some(Released::Last) => {
                ends += 1;
                false
            }
            Some(Released::Queue) => true,
            _ => false,
        };
        if queued {
            ends += u32::from(counts.merge(-1) == Released::Last);
        }
        assert_eq!(ends, 1, "the object ends once after its revival");
    })
}

/// Promotion: counts are summed with the world stopped; before and after, each change is counted once.
struct Promoted {
    world: World<()>,
    counts: Counts,
    /// Per-thread tables with one entry each. Their owners' alone, so no atomics; loom sees them through the world.
    tables: [crate::sync::shim::UnsafeCell<i64>; 3],
    base: AtomicI64,
}

impl Promoted {
    fn add(&self, thread: usize, change: i64) {
        if self.counts.owner() == SHARDED {
            // SAFETY: this thread's own table, touched by others only while the world is stopped.
            self.tables[thread].with_mut(|count| unsafe { *count += change });
        } else if self.counts.is_owned_by(thread as u32 + 1) {
            if change > 0 { self.counts.incref_owned() } else { assert!(!self.counts.decref_owned()) }
        } else if change > 0 {
            self.counts.incref_shared();
        } else {
            let _ = self.counts.decref_shared();
        }
    }

    fn sum(&self) -> i64 {
        // SAFETY: the world is stopped, or all threads have ended.
        self.base.load(Relaxed) + self.tables.iter().map(|table| table.with(|count| unsafe { *count })).sum::<i64>()
    }
}

fn promotion() -> Model {
    model("count: promotion to sharded", 4, || {
        let shared = Arc::new(Promoted {
            world: World::new(),
            counts: Counts::new(1),
            tables: [0; 3].map(crate::sync::shim::UnsafeCell::new),
            base: AtomicI64::new(0),
        });
        // The object is alive throughout: thread 0 holds one reference.
        let me = shared.world.join();
        shared.world.attach(me);
        let other = {
            let shared = shared.clone();
            thread::spawn(move || {
                let me = shared.world.join();
                shared.world.attach(me);
                shared.add(1, 1);
                shared.world.safepoint(me);
                shared.add(1, 1);
                shared.add(1, -1);
                shared.world.detach(me);
            })
        };
        let stopped = if crate::sync::shim::weakened("promotion: stop") { None } else { Some(shared.world.stop(me)) };
        shared.base.store(shared.counts.promote(0), Relaxed);
        drop(stopped);
        shared.add(0, 1);
        shared.world.detach(me);
        other.join().unwrap();
        assert_eq!(shared.sum(), 3);
    })
}

/// An object that lies in its owner's merge queue is promoted: the queue's reference is part of the base.
fn promotion_of_queued() -> Model {
    model("count: promotion of a queued object", 4, || {
        let shared = Arc::new(Promoted {
            world: World::new(),
            counts: Counts::new(1),
            tables: [0; 3].map(crate::sync::shim::UnsafeCell::new),
            base: AtomicI64::new(0),
        });
        let queue = Arc::new(Mutex::new(0));
        let me = shared.world.join();
        shared.world.attach(me);
        // One reference for this thread, one that the other gives back.
        shared.counts.incref_owned();
        let other = {
            let (shared, queue) = (shared.clone(), queue.clone());
            thread::spawn(move || {
                let me = shared.world.join();
                shared.world.attach(me);
                if shared.counts.sharded().is_some() {
                    shared.add(1, -1);
                } else if shared.counts.decref_shared() == Released::Queue {
                    *queue.lock().unwrap() += 1;
                }
                shared.world.detach(me);
            })
        };
        let stopped = shared.world.stop(me);
        shared.base.store(shared.counts.promote(0), Relaxed);
        drop(stopped);
        shared.world.detach(me);
        other.join().unwrap();
        for _ in 0..*queue.lock().unwrap() {
            match shared.counts.sharded() {
                Some(_) => shared.add(0, -1),
                None => assert_eq!(shared.counts.merge(-1), Released::Alive),
            }
        }
        assert_eq!(shared.counts.owner(), SHARDED);
        assert_eq!(shared.sum(), 1);
    })
}

#[test]
fn promotion_of_queued_holds() {
    promotion_of_queued().holds().fails_without("promotion: queued");
}

#[test]
fn owner_and_foreign_hold() {
    owner_and_foreign().holds().fails_without("count: decref order").fails_without("count: release acquire");
}

#[test]
fn two_foreign_hold() {
    two_foreign().holds().fails_without("count: decref order");
}

#[test]
fn merge_queue_holds() {
    merge_queue().holds().fails_without("count: queue");
}

#[test]
fn dying_owner_holds() {
    dying_owner().holds().fails_without("yard: close");
}

#[test]
fn weak_reference_holds() {
    weak_reference().holds().fails_without("count: last decref").fails_without("count: dead");
    weak_reference_of_three().holds().fails_without("count: dead");
}

#[test]
fn revival_holds() {
    revival().holds().fails_without("count: last decref");
}

#[test]
fn promotion_holds() {
    promotion().holds().fails_without("promotion: stop");
}
