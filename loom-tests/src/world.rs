//! Stopping the world: nobody runs meanwhile, everybody runs after, and nothing blocks for ever.

use crate::harness::{Model, model};
use crate::sync::shim::atomic::{AtomicU32, Ordering::*};
use crate::sync::shim::{Canary, Mutex, UnsafeCell};
use crate::sync::world::World;
use loom::thread;
use std::sync::Arc;

/// A world, and what threads may touch only while attached. `private[i]` is thread i's, or the stopper's.
struct Place {
    world: World<()>,
    private: [UnsafeCell<u32>; 3],
    turns: AtomicU32,
}

impl Place {
    fn new() -> Arc<Place> {
        Arc::new(Place { world: World::new(), private: [0; 3].map(UnsafeCell::new), turns: AtomicU32::new(0) })
    }

    /// Thread `index` works on what is its own, attached.
    fn work(&self, index: usize) {
        // SAFETY: others touch it only while the world is stopped; loom checks that.
        self.private[index].with_mut(|count| unsafe { *count += 1 });
    }

    /// The stopper works on everybody's.
    fn work_on_all(&self) {
        (0..3).for_each(|index| self.work(index));
    }
}

/// One thread stops the world; another works, passes safepoints, detaches and attaches again.
fn request_and_arrive() -> Model {
    model("world: request; the other works, passes safepoints, detaches", 6, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                let me = place.world.join();
                place.world.attach(me);
                place.work(1);
                if me.attention() != 0 {
                    me.take_attention();
                    place.world.safepoint(me);
                }
                place.work(1);
                place.world.detach(me);
                place.world.attach(me);
                place.work(1);
                place.world.detach(me);
                place.world.leave(me);
            })
        };
        let stopped = place.world.stop(me);
        place.work_on_all();
        drop(stopped);
        place.work(0);
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// A running thread is called to its safepoint by the attention word, and only by it.
fn attention() -> Model {
    model("world: the attention word calls to the safepoint", 4, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let runner = place.world.join();
        place.world.attach(runner);
        // SAFETY: the record lives as long as the world, which the thread's `place` keeps.
        let runner: &'static _ = unsafe { std::mem::transmute::<&crate::sync::registry::Record<_>, _>(runner) };
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                let me: &crate::sync::registry::Record<crate::sync::world::Member<()>> = runner;
                while place.turns.load(Acquire) == 0 {
                    if me.attention() != 0 {
                        me.take_attention();
                        place.world.safepoint(me);
                    }
                    thread::yield_now();
                }
                place.world.detach(me);
            })
        };
        let stopped = place.world.stop(me);
        place.work_on_all();
        drop(stopped);
        place.turns.store(1, Release);
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// A thread that waits for its turn to stop the world is held by another.
fn hold_before_a_turn() -> Model {
    model("world: a requester is held while it waits for its turn", 4, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let requester = place.world.join();
        place.world.attach(requester);
        // SAFETY: the record lives as long as the world, which the thread's `place` keeps.
        let requester: &'static _ = unsafe { std::mem::transmute::<&crate::sync::registry::Record<_>, _>(requester) };
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                let me: &crate::sync::registry::Record<crate::sync::world::Member<()>> = requester;
                place.work(1);
                drop(place.world.stop(me));
                place.work(1);
                place.world.detach(me);
            })
        };
        drop(place.world.stop(me));
        if let Some(held) = place.world.hold(requester) {
            place.work(1);
            drop(held);
        }
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// What was unlinked before the world stopped is freed after it runs again: readers find things while attached, and keep
/// none over a safepoint.
fn garbage_of_a_stop() -> Model {
    model("world: what was unlinked before a stop is freed after it", 4, || {
        let world = Arc::new(World::<()>::new());
        let things = Arc::new([Canary::new(), Canary::new()]);
        let linked = Arc::new(AtomicU32::new(0));
        let me = world.join();
        world.attach(me);
        let other = {
            let (world, things, linked) = (world.clone(), things.clone(), linked.clone());
            thread::spawn(move || {
                let me = world.join();
                world.attach(me);
                things[linked.load(Acquire) as usize].touch();
                if me.attention() != 0 {
                    me.take_attention();
                    world.safepoint(me);
                }
                things[linked.load(Acquire) as usize].touch();
                world.detach(me);
                world.leave(me);
            })
        };
        linked.store(1, Release);
        drop(world.stop(me));
        things[0].kill();
        world.detach(me);
        other.join().unwrap();
    })
}

/// Two threads want to stop the world at once, one of them twice (nested).
fn two_requesters() -> Model {
    model("world: two requesters, one nested", 4, || {
        let place = Place::new();
        let run = |place: &Place, index: usize, nested: bool| {
            let me = place.world.join();
            place.world.attach(me);
            place.work(index);
            let stopped = place.world.stop(me);
            place.work_on_all();
            if nested {
                drop(place.world.stop(me));
                place.work_on_all();
            }
            drop(stopped);
            place.work(index);
            place.world.detach(me);
        };
        let other = {
            let place = place.clone();
            thread::spawn(move || run(&place, 1, false))
        };
        run(&place, 0, true);
        other.join().unwrap();
    })
}

/// A third thread attaches while one thread stops the world, again and again; it gets its turn.
fn attaching_thread() -> Model {
    model("world: a thread attaches between two stops", 4, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let other = {
            let place = place.clone();
            let me = place.world.join();
            // SAFETY: as in `attention`.
            let me: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
                unsafe { std::mem::transmute(me) };
            thread::spawn(move || {
                place.world.attach(me);
                place.work(1);
                place.world.detach(me);
            })
        };
        for _ in 0..2 {
            let stopped = place.world.stop(me);
            place.work_on_all();
            drop(stopped);
        }
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// A thread comes into being while the world is stopped.
fn joining_thread() -> Model {
    model("world: a thread joins during a stop", 4, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let stopped = place.world.stop(me);
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                let me = place.world.join();
                place.world.attach(me);
                place.work(1);
                place.world.detach(me);
                place.world.leave(me);
            })
        };
        place.work_on_all();
        drop(stopped);
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// A thread does a piece of a detached thread's work, which comes back meanwhile.
fn hold() -> Model {
    model("world: a detached thread is held", 6, || {
        let place = Place::new();
        let me = place.world.join();
        place.world.attach(me);
        let runner = place.world.join();
        // SAFETY: as in `attention`.
        let runner: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
            unsafe { std::mem::transmute(runner) };
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    place.world.attach(runner);
                    place.work(1);
                    place.world.detach(runner);
                }
            })
        };
        if let Some(held) = place.world.hold(runner) {
            place.work(1);
            drop(held);
        }
        place.world.detach(me);
        other.join().unwrap();
    })
}

/// Two threads want to do a third one's work, which comes back meanwhile: one of them holds it, the other lets nobody in.
fn two_holders() -> Model {
    model("world: two hold one thread", 3, || {
        let place = Place::new();
        let runner = place.world.join();
        // SAFETY: as in `attention`.
        let runner: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
            unsafe { std::mem::transmute(runner) };
        let hold = |place: &Place| {
            let me = place.world.join();
            place.world.attach(me);
            if let Some(held) = place.world.hold(runner) {
                place.work(1);
                drop(held);
            }
            place.world.detach(me);
        };
        let holder = {
            let place = place.clone();
            thread::spawn(move || hold(&place))
        };
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                place.world.attach(runner);
                place.work(1);
                place.world.detach(runner);
            })
        };
        hold(&place);
        holder.join().unwrap();
        other.join().unwrap();
    })
}

/// The same while a third thread stops the world.
fn hold_and_stop() -> Model {
    model("world: a held thread and a stop", 3, || {
        let place = Place::new();
        let runner = place.world.join();
        // SAFETY: as in `attention`.
        let runner: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
            unsafe { std::mem::transmute(runner) };
        let holder = {
            let place = place.clone();
            thread::spawn(move || {
                let me = place.world.join();
                place.world.attach(me);
                if let Some(held) = place.world.hold(runner) {
                    place.work(1);
                    drop(held);
                }
                place.world.detach(me);
            })
        };
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                place.world.attach(runner);
                place.work(1);
                place.world.detach(runner);
            })
        };
        let me = place.world.join();
        place.world.attach(me);
        let stopped = place.world.stop(me);
        place.work_on_all();
        drop(stopped);
        place.world.detach(me);
        holder.join().unwrap();
        other.join().unwrap();
    })
}

/// Two threads leave work for a third, which is detached throughout, and see to it: all of it gets done.
fn on_behalf() -> Model {
    model("world: two leave work for a detached thread", 4, || {
        let place = Place::new();
        let left = Arc::new(Mutex::new(0));
        let runner = place.world.join();
        // SAFETY: as in `attention`.
        let runner: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
            unsafe { std::mem::transmute(runner) };
        let leave = |place: &Place, left: &Mutex<u32>| {
            let me = place.world.join();
            place.world.attach(me);
            *left.lock() += 1;
            let work = || {
                if std::mem::take(&mut *left.lock()) > 0 {
                    place.work(1);
                }
            };
            place.world.on_behalf(runner, work, || *left.lock() > 0);
            place.world.detach(me);
        };
        let other = {
            let (place, left) = (place.clone(), left.clone());
            thread::spawn(move || leave(&place, &left))
        };
        leave(&place, &left);
        other.join().unwrap();
        assert_eq!(*left.lock(), 0, "nobody has done what was left last");
    })
}

/// Two threads run while a third stops the world.
fn three_threads() -> Model {
    model("world: two threads arrive", 4, || {
        let place = Place::new();
        let others = [1, 2].map(|index| {
            let place = place.clone();
            thread::spawn(move || {
                let me = place.world.join();
                place.world.attach(me);
                place.work(index);
                if index == 1 {
                    place.world.safepoint(me);
                    place.work(index);
                }
                place.world.detach(me);
            })
        });
        let me = place.world.join();
        place.world.attach(me);
        let stopped = place.world.stop(me);
        place.work_on_all();
        drop(stopped);
        place.world.detach(me);
        others.into_iter().for_each(|other| other.join().unwrap());
    })
}

#[test]
fn request_and_arrive_hold() {
    request_and_arrive()
        .holds()
        .fails_without("world: detach release")
        .holds_without("epoch: pin fence")
        .fails_without("epoch: pin fence + world: attach acquire")
        .fails_without("world: enter despite stop")
        .fails_without("world: arrival");
}

#[test]
fn attention_holds() {
    attention().holds().fails_without("world: notify").fails_without("world: hand over");
}

#[test]
fn two_requesters_hold() {
    two_requesters().holds().fails_without("world: turns").fails_without("world: arrival");
}

#[test]
fn attaching_thread_holds() {
    attaching_thread().holds().fails_without("world: hand over").fails_without("world: enter despite stop");
}

#[test]
fn joining_thread_holds() {
    joining_thread().holds().fails_without("world: join");
}

#[test]
fn three_threads_hold() {
    three_threads().holds().fails_without("world: arrival");
}

#[test]
fn hold_holds() {
    hold()
        .holds()
        .fails_without("world: let in")
        .fails_without("world: detach release")
        .fails_without("world: enter despite stop");
}

#[test]
fn hold_and_stop_hold() {
    hold_and_stop().holds().fails_without("world: let in").fails_without("world: enter despite stop");
}

#[test]
fn two_holders_hold() {
    two_holders().holds().fails_without("world: failed hold").fails_without("world: let in");
}

#[test]
fn on_behalf_holds() {
    on_behalf().holds().fails_without("world: look again");
}

#[test]
fn garbage_of_a_stop_holds() {
    garbage_of_a_stop().holds().fails_without("world: detach release");
}

#[test]
fn hold_before_a_turn_holds() {
    hold_before_a_turn().holds().fails_without("world: arrival");
}
