//! Slots: what a load returns was the slot's value, and lives.

use crate::count::threads;
use crate::harness::{Model, model};
use crate::sync::slot::Slot;
use crate::sync::testing::{Ref, Yard};
use loom::sync::Mutex;
use loom::thread;
use std::sync::Arc;

/// A load races with a store of another value; both values are the writer's.
fn load_and_store() -> Model {
    model("slot: load and store", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let slot = Arc::new(Slot::new(Ref::new(1)));
        let read = slot.clone();
        threads!(yard, here, 1 => move |_: &_| {
            let value = read.load().expect("never empty").value();
            assert!(value == 1 || value == 2);
        }; {
            drop(slot.swap(Some(Ref::new(2))));
            here.safepoint();
        }; drop(slot.take()));
    })
}

/// The owner takes its value out and drops the last reference while another thread loads. (Points 3 and 4.)
fn load_and_last_decref() -> Model {
    model("slot: load and the owner's last decref", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let slot = Arc::new(Slot::new(Ref::new(1)));
        let read = slot.clone();
        threads!(yard, here, 1 => move |_: &_| {
            if let Some(found) = read.load() {
                assert_eq!(found.value(), 1);
            }
        }; {
            drop(slot.take());
            here.collect();
            here.safepoint();
            here.collect();
            here.safepoint();
        });
    })
}

/// The reader is the object's owner; another thread empties the slot. (Point 2.)
fn owner_loads() -> Model {
    model("slot: the owner loads, another thread takes", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let slot = Arc::new(Slot::new(Ref::new(1)));
        let other = slot.clone();
        threads!(yard, here, 1 => move |_: &_| drop(other.take()); {
            if let Some(found) = slot.load() {
                here.safepoint();
                assert_eq!(found.value(), 1);
            }
        });
    })
}

/// A stale pointer still reaches a header: the reader stays in its epoch while the object ends and its memory is to be freed.
/// (Point 1.)
fn load_and_free() -> Model {
    model("slot: load and free", 4, || {
        let yard = Yard::new(2, true);
        let here = yard.enter(0);
        let slot = Arc::new(Slot::new(Ref::new(1)));
        let read = slot.clone();
        threads!(yard, here, 1 => move |reader: &crate::sync::testing::Here| {
            drop(read.load());
            reader.safepoint();
            drop(read.load());
        }; {
            drop(slot.take());
            for _ in 0..3 {
                here.safepoint();
            }
        });
    })
}

/// Another thread stores the owner's object, the owner takes it back and drops it, while a third thread reads. (Point 4.)
fn published_by_another() -> Model {
    model("slot: published by one, ended by the owner, read by a third", 3, || {
        let yard = Yard::new(3, true);
        let here = yard.enter(0);
        let slot = Arc::new(Mutex::new(()));
        let place = Arc::new(Slot::<Ref>::empty());
        let given = Ref::new(1);
        let (write, lock) = (place.clone(), slot.clone());
        let read = place.clone();
        threads!(yard, here,
            1 => move |_: &_| {
                let _held = lock.lock().unwrap();
                let _ = write.swap(Some(given));
            },
            2 => move |_: &_| {
                if let Some(found) = read.load() {
                    assert_eq!(found.value(), 1);
                }
            };
            {
                let taken = {
                    let _held = slot.lock().unwrap();
                    place.take()
                };
                drop(taken);
                here.safepoint();
            };
            drop(place.take()));
    })
}

#[test]
fn load_and_store_hold() {
    load_and_store().holds().fails_without("slot: release").fails_without("slot: acquire");
}

#[test]
fn load_and_last_decref_hold() {
    load_and_last_decref().holds().fails_without("count: last decref").fails_without("count: dead");
}

#[test]
fn owner_loads_hold() {
    owner_loads().holds().fails_without("count: queue");
}

#[test]
fn load_and_free_hold() {
    load_and_free().holds().fails_without("epoch: scan");
}

#[test]
fn published_by_another_holds() {
    published_by_another().holds().fails_without("slot: publish");
}
