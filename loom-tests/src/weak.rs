//! Weak references: found alive or not at all, cleared once, and one for all who want the plain one.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::count::{Counts, Released};
use crate::sync::slot::Counted;
use crate::sync::testing::{Here, Ref, Yard};
use loom::thread;

/// A thread follows a reference while the owner drops the target, and again later.
fn follow_and_end() -> Model {
    model("weak: follow, the owner ends the target", 3, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let target = Ref::target(7);
        let weak = Ref::weak(&target, false);
        let theirs = weak.clone();
        threads!(yard, here, 1 => move |_: &Here| {
            if let Some(found) = theirs.follow() {
                assert_eq!(found.value(), 7);
            }
            drop(theirs);
        }; {
            drop(target);
            here.collect();
        }; {
            assert_eq!(here.called(), 1, "the reference learns of the end once");
            here.settle_all();
            assert!(weak.follow().is_none(), "nobody finds what has ended");
            drop(weak);
        });
    })
}

/// The target ends while another thread makes a reference to it and drops that, perhaps with a finaliser, which brings the
/// reference back for a while.
fn both_end(finaliser: bool) -> Model {
    let name = if finaliser {
        "weak: the target ends while its reference's finaliser runs"
    } else {
        "weak: target and reference end at the same time"
    };
    model(name, 4, move || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let target = Ref::target(7);
        let theirs = target.clone();
        threads!(yard, here, 1 => move |here: &Here| {
            let weak = Ref::weak(&theirs, finaliser);
            drop(theirs);
            drop(weak);
            here.collect();
        }; {
            drop(target);
            here.safepoint();
        });
    })
}

/// Two threads want the plain reference, which nobody has made yet.
fn two_make() -> Model {
    model("weak: two make the plain reference", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let target = Ref::target(7);
        let theirs = target.clone();
        let place = std::sync::Arc::new(loom::sync::Mutex::new(None::<Ref>));
        let other = place.clone();
        threads!(yard, here, 1 => move |_: &Here| {
            let mine = Ref::weak(&theirs, false);
            let first = other.lock().unwrap().take();
            match first {
                Some(first) => assert_eq!(first.word(), mine.word(), "one reference for all"),
                None => *other.lock().unwrap() = Some(mine),
            }
            drop(theirs);
        }; {
            let mine = Ref::weak(&target, false);
            assert_eq!(mine.follow().map(|found| found.word()), Some(target.word()));
            let theirs = place.lock().unwrap().take();
            match theirs {
                Some(theirs) => assert_eq!(theirs.word(), mine.word(), "one reference for all"),
                None => *place.lock().unwrap() = Some(mine),
            }
        }; {
            let left = place.lock().unwrap().take();
            drop((left, target));
        });
    })
}

/// The plain reference goes while another thread asks for it.
fn end_and_make() -> Model {
    model("weak: the plain reference ends, another thread wants it", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let target = Ref::target(7);
        let weak = Ref::weak(&target, false);
        let theirs = target.clone();
        threads!(yard, here, 1 => move |_: &Here| {
            let weak = Ref::weak(&theirs, false);
            assert_eq!(weak.follow().map(|found| found.word()), Some(theirs.word()), "a living reference");
            drop((weak, theirs));
        }; {
            drop(weak);
            here.collect();
        }; {
            // The table names nothing whose memory is gone.
            here.settle_all();
            drop(target);
        });
    })
}

/// Two threads drop the last references to the target.
fn two_drop() -> Model {
    model("weak: two threads drop the target", 3, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let target = Ref::target(7);
        let theirs = target.clone();
        threads!(yard, here, 1 => move |_: &Here| {
            let weak = Ref::weak(&theirs, false);
            drop(theirs);
            if let Some(found) = weak.follow() {
                assert_eq!(found.value(), 7);
            }
        }; {
            drop(target);
            here.safepoint();
        });
    })
}

/// A process with one thread: from its mark on an object is found by nobody, though its end may be put off.
fn put_off() -> Model {
    model("weak: one thread, an end is put off", 1, || {
        let counts = Counts::new(1);
        assert!(counts.decref_owned() && counts.release_owned(true) == Released::Last);
        counts.mark_ended(true);
        assert!(!counts.is_owned_by(1) && !counts.try_incref_shared(), "found though its end has begun");
    })
}

#[test]
fn put_off_holds() {
    put_off().holds().fails_without("count: plain end");
}

#[test]
fn follow_and_end_hold() {
    follow_and_end()
        .holds()
        .fails_without("weak: publish target")
        .fails_without("weak: mark")
        .fails_without("weak: clear")
        .fails_without("count: last decref");
}

#[test]
fn both_end_hold() {
    both_end(false).holds().fails_without("weak: living").fails_without("weak: publish reference");
    both_end(true).holds().fails_without("weak: living");
}

#[test]
fn two_make_hold() {
    two_make().holds().fails_without("weak: look again");
}

#[test]
fn end_and_make_hold() {
    end_and_make().holds().fails_without("weak: living").fails_without("weak: leave");
}

#[test]
fn two_drop_hold() {
    two_drop().holds().fails_without("count: dead");
}
