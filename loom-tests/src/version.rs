//! Versions and attribute names: a cache never gives an old value to who has seen the new one, nor what has been freed.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::shim::atomic::{AtomicU32, Ordering::*};
use crate::sync::slot::{Counted, Slot};
use crate::sync::slot_names::SlotNames;
use crate::sync::testing::{Here, Ref, Yard};
use crate::sync::version::Version;
use loom::thread;
use std::sync::Arc;

/// A class with one attribute.
struct Class {
    version: Version,
    next: std::sync::atomic::AtomicU32,
    attribute: Slot<Ref>,
    names: SlotNames<1, 2>,
    /// The slots of an instance.
    slots: [Slot<Ref>; 2],
}

/// What an inline cache holds.
#[derive(Clone, Copy)]
struct Cached {
    version: u32,
    word: u64,
}

impl Class {
    fn new(value: u64) -> Arc<Class> {
        Arc::new(Class {
            version: Version::new(),
            next: std::sync::atomic::AtomicU32::new(1),
            attribute: Slot::new(Ref::new(value)),
            names: SlotNames::new(),
            slots: [Slot::empty(), Slot::empty()],
        })
    }

    fn assign(&self) -> u32 {
        // The numbers only need to differ: they take no part in what is tested.
        self.version.assign(|| self.next.fetch_add(1, Relaxed))
    }

    /// As the specialiser does: version, lookup, version again. `hidden` says whether instances may hide the attribute.
    fn fill(&self, hidden: bool) -> Option<Cached> {
        let version = self.assign();
        if hidden && self.names.find(NAME).is_some() {
            return None;
        }
        let found = self.attribute.load()?;
        let cached = Cached { version, word: found.word() };
        drop(found);
        (version != 0 && self.version.get() == version).then_some(cached)
    }

    /// As a guarded instruction does.
    fn cached(&self, cached: Option<Cached>) -> Option<Ref> {
        let cached = cached.filter(|cached| self.version.get() == cached.version)?;
        // SAFETY: the version was found again since this thread's last safepoint.
        unsafe { Ref::upgrade(cached.word) }
    }

    fn change(&self, value: u64) {
        self.version.begin_change();
        let old = self.attribute.swap(Some(Ref::new(value)));
        self.version.end_change();
        drop(old);
    }
}

const NAME: u64 = 70;

/// One thread fills a cache and uses it, another changes the attribute and lets the old value go.
fn guard() -> Model {
    model("version: guard against a change", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let class = Class::new(1);
        let write = class.clone();
        threads!(yard, here, 1 => move |here: &Here| {
            write.change(2);
            here.safepoint();
            here.collect();
        }; {
            let cached = class.fill(false);
            let seen = class.attribute.load().map(|found| found.value());
            if let Some(found) = class.cached(cached) {
                assert!(found.value() >= seen.unwrap_or(0), "an old value after the new one was seen");
            }
            here.safepoint();
            if let Some(found) = class.cached(cached) {
                assert!(found.value() >= seen.unwrap_or(0), "an old value after the new one was seen");
            }
        }; drop(class.attribute.take()));
    })
}

/// Two threads fill caches while a third changes the attribute.
fn two_fill() -> Model {
    model("version: two fill caches during a change", 3, || {
        let class = Class::new_immediate(1);
        let (write, other) = (class.clone(), class.clone());
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        threads!(yard, here,
        1 => move |_: &Here| write.change_immediate(2),
        2 => move |_: &Here| {
                other.assign();
            };
        {
            let cached = class.fill(false);
            let seen = class.attribute.word();
            if let Some(cached) = cached
                && class.version.get() == cached.version
            {
                assert!(cached.word >= seen, "an old value after the new one was seen");
            }
        });
    })
}

impl Class {
    fn new_immediate(value: u64) -> Arc<Class> {
        Arc::new(Class {
            version: Version::new(),
            next: std::sync::atomic::AtomicU32::new(1),
            attribute: Slot::new(Ref::immediate(value)),
            names: SlotNames::new(),
            slots: [Slot::empty(), Slot::empty()],
        })
    }

    fn change_immediate(&self, value: u64) {
        self.version.begin_change();
        drop(self.attribute.swap(Some(Ref::immediate(value))));
        self.version.end_change();
    }
}

/// An instance gets an attribute that hides the class's, while another thread fills a cache with the class's.
fn hiding() -> Model {
    model("slot names: a class attribute's guard, an instance gets one of that name", 4, || {
        let class = Class::new_immediate(1);
        let write = class.clone();
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        threads!(yard, here, 1 => move |_: &Here| {
            let slot = write.names.add(NAME, || write.version.void()).expect("there is room");
            write.slots[slot].init(Ref::immediate(2));
        }; {
            let cached = class.fill(true);
            let has_own = class.slots[0].word() != 0;
            if let Some(cached) = cached
                && class.version.get() == cached.version
            {
                assert!(!has_own, "the class's attribute after the instance's was seen");
            }
        });
    })
}

/// Two threads number names, one of them the same, and a third looks.
fn numbering() -> Model {
    model("slot names: two number names, a third looks", 3, || {
        let names = Arc::new(SlotNames::<1, 2>::new());
        let voids = Arc::new(AtomicU32::new(0));
        let one = {
            let (names, voids) = (names.clone(), voids.clone());
            thread::spawn(move || {
                let count = || {
                    voids.fetch_add(1, Relaxed);
                };
                (names.add(70, count), names.add(71, count))
            })
        };
        let two = {
            let (names, voids) = (names.clone(), voids.clone());
            thread::spawn(move || {
                names.add(71, || {
                    voids.fetch_add(1, Relaxed);
                })
            })
        };
        let seen = names.find(71);
        let again = names.find(71);
        assert!(seen.is_none() || seen == again, "a number stays");
        let ((first, second), other) = (one.join().unwrap(), two.join().unwrap());
        assert_eq!(second, other, "one name has one number");
        assert!(first.is_some() && second.is_some() && first != second, "two names have two numbers");
        assert!(seen.is_none() || seen == second);
        assert_eq!(voids.load(Relaxed), 2, "each name voids once");
        assert_eq!(names.add(72, || ()), None, "there is no more room");
    })
}

/// One thread numbers names, another looks: who finds a number finds the name at it.
fn looking() -> Model {
    model("slot names: one numbers names, another looks", 4, || {
        let names = Arc::new(SlotNames::<1, 2>::new());
        let add = names.clone();
        let other = thread::spawn(move || {
            add.add(70, || ());
            add.add(71, || ());
        });
        let second = names.find(71);
        let first = names.find(70);
        assert!(second.is_none() || (second, first) == (Some(1), Some(0)), "the first was counted before");
        other.join().unwrap();
    })
}

#[test]
fn looking_holds() {
    looking().holds().fails_without("slot names: release");
}

#[test]
fn guard_holds() {
    guard()
        .holds()
        .fails_without("version: void first")
        .fails_without("version: look again")
        .fails_without("version: end release");
}

#[test]
fn two_fill_hold() {
    two_fill().holds().fails_without("version: look at changes");
}

#[test]
fn hiding_holds() {
    hiding().holds().fails_without("slot names: void last").fails_without("slot names: seen last");
}

#[test]
fn numbering_holds() {
    numbering().holds().fails_without("slot names: look again");
}
