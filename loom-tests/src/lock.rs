//! The object lock: one holder at a time, no wake-up lost, and never held by a stopped thread.

use crate::harness::{Model, model};
use crate::sync::backoff::Backoff;
use crate::sync::lock::{ByteLock, Park, lock_two, unlock_two};
use crate::sync::shim::{UnsafeCell, is_fair};
use crate::sync::world::{Member, World};
use loom::thread;
use std::sync::Arc;

/// A thread in a world.
struct Attached<'a> {
    world: &'a World<()>,
    member: &'a Member<()>,
    /// Whether it stays away from a taken lock first.
    backoff: Option<Backoff>,
}

impl Park for Attached<'_> {
    fn detach(&self) {
        self.world.detach(self.member);
    }
    fn attach(&self) {
        self.world.attach(self.member);
    }
    fn try_attach(&self) -> bool {
        self.world.try_attach(self.member)
    }
    fn backoff(&self) -> Option<&Backoff> {
        self.backoff.as_ref()
    }
}

/// A thread that no world knows.
struct Free;

impl Park for Free {
    fn detach(&self) {}
    fn attach(&self) {}
    fn try_attach(&self) -> bool {
        true
    }
}

/// The same, which leaves a mark in each lock that it takes.
#[derive(Default)]
struct Marking(Backoff);

impl Park for Marking {
    fn detach(&self) {}
    fn attach(&self) {}
    fn try_attach(&self) -> bool {
        true
    }
    fn backoff(&self) -> Option<&Backoff> {
        Some(&self.0)
    }
}

struct Place {
    world: World<()>,
    locks: [ByteLock; 2],
    /// Guarded by the lock with the same number.
    guarded: [UnsafeCell<u32>; 2],
}

impl Place {
    fn new() -> Arc<Place> {
        Arc::new(Place {
            world: World::new(),
            locks: [ByteLock::new(), ByteLock::new()],
            guarded: [UnsafeCell::new(0), UnsafeCell::new(0)],
        })
    }

    /// Under the lock `index`.
    fn work(&self, index: usize) {
        // SAFETY: guarded; loom checks that.
        self.guarded[index].with_mut(|count| unsafe { *count += 1 });
    }

    fn locked_work(&self, park: &impl Park) {
        let _guard = self.locks[0].guard(true, park);
        self.work(0);
    }

    /// Joins the world, works under the first lock, and leaves.
    fn visit(&self, backoff: Option<Backoff>) {
        let me = self.world.join();
        self.world.attach(me);
        let mine = Attached { world: &self.world, member: me, backoff };
        {
            let _guard = self.locks[0].guard(true, &mine);
            assert!(me.is_attached(), "who holds a lock is attached");
            self.work(0);
        }
        self.world.detach(me);
    }
}

/// Threads that take one lock, each twice.
fn exclusion(threads: usize, preemptions: usize, times: usize) -> Model {
    let name = if threads == 2 { "lock: two threads" } else { "lock: three threads" };
    model(name, preemptions, move || {
        let place = Place::new();
        let others: Vec<_> = (1..threads)
            .map(|_| {
                let place = place.clone();
                thread::spawn(move || (0..times).for_each(|_| place.locked_work(&Free)))
            })
            .collect();
        (0..times).for_each(|_| place.locked_work(&Free));
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(!place.locks[0].is_locked());
    })
}

/// Threads that leave marks in a lock, and one that does not.
fn marks(threads: usize, preemptions: usize, times: usize) -> Model {
    let name = if threads == 2 { "lock: two threads, marks" } else { "lock: three threads, marks" };
    model(name, preemptions, move || {
        let place = Place::new();
        let others: Vec<_> = (1..threads)
            .map(|_| {
                let place = place.clone();
                thread::spawn(move || {
                    let marking = Marking::default();
                    (0..times).for_each(|_| place.locked_work(&marking));
                })
            })
            .collect();
        (0..times).for_each(|_| place.locked_work(&Free));
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(!place.locks[0].is_locked());
    })
}

/// Two pairs of locks in opposite order.
fn two_locks() -> Model {
    model("lock: two locks, named in opposite order", 4, || {
        let place = Place::new();
        let run = |place: &Place, a: usize, b: usize| {
            lock_two(&place.locks[a], &place.locks[b], true, &Free);
            place.work(a);
            place.work(b);
            // SAFETY: taken above.
            unsafe { unlock_two(&place.locks[a], &place.locks[b], true) };
        };
        let other = {
            let place = place.clone();
            thread::spawn(move || run(&place, 1, 0))
        };
        run(&place, 0, 1);
        other.join().unwrap();
    })
}

/// Two threads contend while one of them also stops the world, and takes the lock then.
fn with_stop(preemptions: usize, away: bool) -> Model {
    let name = if away {
        "lock: a waiter stays away first, the world stops, the stopper takes the lock"
    } else {
        "lock: waiters detach, the world stops, the stopper takes the lock"
    };
    model(name, preemptions, move || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let mine = Attached { world: &place.world, member: me, backoff: None };
        let other = {
            let place = place.clone();
            thread::spawn(move || place.visit(away.then(Backoff::default)))
        };
        place.locked_work(&mine);
        {
            let _stopped = place.world.stop(me);
            // Whoever holds the lock now was handed it, and lets go of it; nobody is inside.
            assert!(is_fair() || !place.locks[0].is_locked(), "taken while the world is stopped");
            place.locks[0].lock(true, &mine);
            place.work(0);
            // SAFETY: taken above.
            unsafe { place.locks[0].unlock(true) };
        }
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// A thread waits for the lock; its holder stops the world after unlocking, while the waiter gets the lock, detached.
fn handed_to_a_stopped_thread(away: bool) -> Model {
    let name = if away {
        "lock: a waiter comes back while the world is stopped"
    } else {
        "lock: a waiter gets the lock while the world is stopped"
    };
    model(name, 4, move || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let mine = Attached { world: &place.world, member: me, backoff: None };
        place.locks[0].lock(true, &mine);
        let other = {
            let place = place.clone();
            thread::spawn(move || place.visit(away.then(Backoff::default)))
        };
        place.work(0);
        // SAFETY: taken above.
        unsafe { place.locks[0].unlock(true) };
        let stopped = place.world.stop(me);
        // The stopper may take any lock: no stopped thread holds one.
        assert!(is_fair() || !place.locks[0].is_locked(), "taken while the world is stopped");
        place.locks[0].lock(true, &mine);
        place.work(0);
        // SAFETY: taken above.
        unsafe { place.locks[0].unlock(true) };
        drop(stopped);
        place.world.detach(me);
        other.join().unwrap();
    })
}

#[test]
fn exclusion_holds() {
    exclusion(2, 4, 2)
        .holds()
        .fails_without("lock: acquire")
        .fails_without("lock: release")
        .fails_without("lock: park blindly");
    exclusion(3, 3, 1).holds().fails_without("lock: park blindly");
}

#[test]
fn hand_over_holds() {
    exclusion(2, 4, 2).fair().holds().fails_without("lock: handed");
    exclusion(3, 3, 1).fair().holds().fails_without("lock: park blindly");
}

#[test]
fn marks_hold() {
    marks(2, 4, 2)
        .holds()
        .fails_without("lock: acquire marked")
        .fails_without("lock: release marked")
        .fails_without("lock: marked and parked");
    marks(2, 4, 2).fair().holds();
    marks(3, 3, 1).holds().fails_without("lock: marked and parked");
}

#[test]
fn two_locks_hold() {
    two_locks().holds().fails_without("lock: wait with one held");
}

#[test]
fn with_stop_holds() {
    with_stop(4, false)
        .holds()
        .fails_without("lock: release")
        .fails_without("world: arrival")
        .fails_without("lock: take detached");
    with_stop(4, false).fair().holds().fails_without("world: arrival");
}

#[test]
fn staying_away_holds() {
    with_stop(3, true).holds().fails_without("lock: come back detached");
    handed_to_a_stopped_thread(true).holds().fails_without("lock: come back detached");
}

#[test]
fn handed_to_a_stopped_thread_holds() {
    handed_to_a_stopped_thread(false).holds().fails_without("lock: take detached");
    handed_to_a_stopped_thread(false).fair().holds().fails_without("lock: hold while stopped");
}
