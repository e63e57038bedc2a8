//! Waiting: one holder at a time, no wake-up lost, and what a fork finds.

use crate::harness::{Model, model};
use crate::sync::parking::condvar::Condvar;
use crate::sync::parking::lot;
use crate::sync::parking::lot::Parked;
use crate::sync::parking::mutex::RawMutex;
use crate::sync::shim::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering::*};
use loom::thread;
use std::sync::Arc;
use std::time::Instant;

struct Place {
    mutex: RawMutex,
    /// Guarded by the mutex.
    guarded: UnsafeCell<u32>,
    changed: Condvar,
    ready: AtomicBool,
}

impl Place {
    fn new() -> Arc<Place> {
        Arc::new(Place {
            mutex: RawMutex::new(),
            guarded: UnsafeCell::new(0),
            changed: Condvar::new(),
            ready: AtomicBool::new(false),
        })
    }

    /// With the mutex held by `me`; gives it back.
    fn work(&self, me: u32) {
        assert_eq!(self.mutex.holder(), me, "the word names the holder");
        // SAFETY: guarded; loom checks that.
        self.guarded.with_mut(|count| unsafe { *count += 1 });
        // SAFETY: held.
        unsafe { self.mutex.unlock() };
    }

    fn locked_work(&self, me: u32) {
        if !self.mutex.try_lock_as(me) {
            assert!(self.mutex.lock_as(me, None));
        }
        self.work(me);
    }

    /// As a detached thread that only waits, and takes the mutex when it is attached.
    fn attached_work(&self, me: u32) {
        while !self.mutex.try_lock_as(me) {
            self.mutex.await_free(None);
        }
        self.work(me);
    }
}

/// What a thread does with the mutex.
type Way = fn(&Place, u32);

const TWICE: Way = |place, me| (0..2).for_each(|_| place.locked_work(me));
const ONCE: Way = Place::locked_work;

fn spawn(place: &Arc<Place>, work: impl FnOnce(&Place) + 'static) -> thread::JoinHandle<()> {
    let place = place.clone();
    thread::spawn(move || work(&place))
}

/// Threads that take one mutex, each in its way.
fn exclusion(name: &'static str, preemptions: usize, ways: &'static [Way]) -> Model {
    model(name, preemptions, move || {
        let place = Place::new();
        let others: Vec<_> =
            (2..).zip(ways).skip(1).map(|(me, way)| spawn(&place, move |place| way(place, me))).collect();
        ways[0](&place, 2);
        others.into_iter().for_each(|other| other.join().unwrap());
        assert_eq!(place.mutex.holder(), 0);
    })
}

/// A waiter whose time passes while the holder gives the mutex back, or hands it over.
fn timed() -> Model {
    model("parking: a mutex is waited for in vain", 4, || {
        let place = Place::new();
        assert!(place.mutex.try_lock_as(1));
        let other = spawn(&place, |place| {
            if place.mutex.lock_as(2, Some(Instant::now())) {
                place.work(2);
            }
        });
        place.work(1);
        other.join().unwrap();
        // Nobody has it who does not know it.
        assert!(place.mutex.try_lock_as(1));
    })
}

/// Two find that the holder is gone.
fn taken_over() -> Model {
    model("parking: two take a mutex over", 4, || {
        let place = Place::new();
        // Held by a thread that the fork left behind.
        assert!(place.mutex.try_lock_as(9));
        let enter = |place: &Place, me: u32| {
            let gone = place.mutex.holder() == 9 && place.mutex.take_over(9, me);
            if gone { place.work(me) } else { place.locked_work(me) }
        };
        let other = spawn(&place, move |place| enter(place, 2));
        enter(&place, 3);
        other.join().unwrap();
    })
}

/// One waits for a change that another announces.
fn change(name: &'static str, all: bool, waiters: usize) -> Model {
    model(name, 3, move || {
        let place = Place::new();
        let others: Vec<_> = (0..waiters)
            .map(|_| {
                spawn(&place, |place| {
                    loop {
                        let ticket = place.changed.ticket();
                        // Acquire: orders what is announced. That it is not missed is the ticket's part.
                        if place.ready.load(Acquire) {
                            break;
                        }
                        place.changed.await_change(ticket, None);
                    }
                    // SAFETY: written before the announcement; loom checks that.
                    assert_eq!(place.guarded.with(|count| unsafe { *count }), 7);
                })
            })
            .collect();
        // SAFETY: nobody reads before it is announced.
        place.guarded.with_mut(|count| unsafe { *count = 7 });
        place.ready.store(true, Release);
        if all {
            place.changed.notify_all()
        } else {
            place.changed.notify_one()
        }
        others.into_iter().for_each(|other| other.join().unwrap());
    })
}

/// Whoever freezes the lot, to fork, finds all others outside; what the child then does with its memory works.
fn frozen() -> Model {
    model("parking: the lot is frozen", 4, || {
        let key = 8;
        let place = Place::new();
        let other = spawn(&place, move |place| {
            let waited = lot().park(key, 0, || !place.ready.load(Relaxed), None);
            assert!(waited == Parked::Not || waited == Parked::Woken(5));
        });
        {
            let frozen = lot().freeze();
            // Loom would notice another thread in the middle of a queue.
            frozen.look();
        }
        lot().unpark_one(key, |_| {
            place.ready.store(true, Relaxed);
            5
        });
        other.join().unwrap();
    })
}

/// What the child of a fork does: it forgets those that waited, and nobody is handed the mutex.
fn forgotten() -> Model {
    model("parking: a child forgets those that waited", 3, || {
        let place = Place::new();
        assert!(place.mutex.try_lock_as(1));
        let left_behind = spawn(&place, |place| {
            // Its time passes in the model only, so that it ends.
            if place.mutex.lock_as(2, Some(Instant::now())) {
                place.work(2);
            }
        });
        left_behind.join().unwrap();
        lot().freeze().forget_all();
        place.work(1);
        assert_eq!(place.mutex.holder(), 0, "handed to nobody");
        place.locked_work(1);
    })
}

#[test]
fn exclusion_holds() {
    exclusion("parking: two threads and a mutex", 4, &[TWICE; 2])
        .holds()
        .fails_without("mutex: release")
        .fails_without("mutex: park blindly")
        .fails_without("parking: queue release");
    exclusion("parking: three threads and a mutex", 2, &[ONCE; 3]).holds().fails_without("mutex: park blindly");
}

#[test]
fn hand_over_holds() {
    exclusion("parking: two threads and a mutex", 3, &[TWICE; 2]).fair().holds().fails_without("mutex: handed");
    exclusion("parking: three threads and a mutex", 2, &[ONCE; 3]).fair().holds();
}

#[test]
fn waiting_without_taking_holds() {
    let ways: &[Way] = &[ONCE, Place::attached_work, ONCE];
    exclusion("parking: one of three only waits for the mutex", 2, ways).holds().fails_without("mutex: park blindly");
    exclusion("parking: one of three only waits for the mutex", 2, ways).fair().holds();
}

#[test]
fn timed_holds() {
    timed().holds();
    timed().fair().holds().fails_without("parking: woken in time");
}

#[test]
fn taken_over_holds() {
    taken_over().holds().fails_without("mutex: take over at once");
}

#[test]
fn change_holds() {
    change("parking: one waits for a change", false, 1)
        .holds()
        .fails_without("condvar: release")
        .fails_without("condvar: park blindly")
        .fails_without("parking: woken acquire");
    change("parking: two wait for a change", true, 2).holds().fails_without("condvar: park blindly");
}

#[test]
fn frozen_holds() {
    frozen().holds().fails_without("parking: freeze");
    forgotten().holds();
}
