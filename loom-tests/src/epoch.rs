//! Epochs: what a pinned thread can still see is not freed.

use crate::harness::{Model, model};
use crate::sync::epoch::{Clock, Limbo, Orphans, Pin};
use crate::sync::shim::Canary;
use crate::sync::shim::atomic::{AtomicPtr, Ordering::*};
use loom::thread;
use std::ptr;
use std::sync::Arc;

/// A pointer to a node, two threads' pins, and the garbage of exited threads.
struct Place {
    clock: Clock,
    pins: [Pin; 3],
    node: AtomicPtr<Canary>,
    orphans: Orphans<Node>,
}

struct Node(*mut Canary);
// SAFETY: a node belongs to its holder.
unsafe impl Send for Node {}

impl Node {
    fn new() -> *mut Canary {
        Box::into_raw(Box::new(Canary::new()))
    }

    /// The end of the memory: nobody may look at it after.
    fn free(self) {
        // SAFETY: made by `new`; the memory is leaked, the canary says that it is dead.
        unsafe { (*self.0).kill() };
    }
}

impl Place {
    fn new() -> Arc<Place> {
        Arc::new(Place {
            clock: Clock::new(),
            pins: Default::default(),
            node: AtomicPtr::new(Node::new()),
            orphans: Orphans::new(),
        })
    }

    fn advance(&self) {
        self.clock.try_advance(self.pins.iter().map(|pin| (pin, ())), |()| {});
    }

    /// Reads the node, if it is still there, as a pinned thread.
    fn read(&self) -> *mut Canary {
        let node = self.node.load(Acquire);
        self.touch(node);
        node
    }

    fn touch(&self, node: *mut Canary) {
        // SAFETY: memory is never really freed.
        if let Some(canary) = unsafe { node.as_ref() } {
            canary.touch();
        }
    }

    /// Unlinks and retires the node as the thread of `pin`.
    fn unlink(&self, pin: &Pin, limbo: &mut Limbo<Node>) {
        let node = self.node.swap(ptr::null_mut(), AcqRel);
        if !node.is_null() {
            limbo.retire(pin, 1, Node(node));
        }
    }

    /// As much time as it takes, if nobody holds it back.
    fn age(&self, pin: &Pin, limbo: &mut Limbo<Node>) {
        for _ in 0..3 {
            self.advance();
            self.clock.repin(pin);
        }
        limbo.collect(self.clock.now(), Node::free);
    }
}

/// A reader attaches, reads and detaches while a writer unlinks, retires and frees.
fn pin_and_unpin() -> Model {
    model("epoch: reader pins and unpins, writer retires and frees", 4, || {
        let place = Place::new();
        let reader = {
            let place = place.clone();
            thread::spawn(move || {
                place.clock.pin(&place.pins[1]);
                let node = place.read();
                place.touch(node);
                place.clock.unpin(&place.pins[1]);
            })
        };
        let mut limbo = Limbo::new(1);
        place.clock.pin(&place.pins[0]);
        place.unlink(&place.pins[0], &mut limbo);
        place.age(&place.pins[0], &mut limbo);
        reader.join().unwrap();
        place.age(&place.pins[0], &mut limbo);
        assert!(limbo.is_empty(), "nobody holds the garbage back any more");
    })
}

/// A reader keeps a pointer until its next safepoint; the writer has unlinked it meanwhile and wants to free it.
fn repin() -> Model {
    model("epoch: reader repins, writer frees", 4, || {
        let place = Place::new();
        place.clock.pin(&place.pins[0]);
        place.clock.pin(&place.pins[1]);
        let node = Node(place.read());
        let mut limbo = Limbo::new(1);
        place.unlink(&place.pins[0], &mut limbo);
        place.advance();
        let reader = {
            let place = place.clone();
            thread::spawn(move || {
                let node = node;
                place.touch(node.0);
                place.clock.repin(&place.pins[1]);
                place.read();
                place.clock.repin(&place.pins[1]);
            })
        };
        place.clock.repin(&place.pins[0]);
        place.age(&place.pins[0], &mut limbo);
        reader.join().unwrap();
    })
}

/// The clock is moved by a thread that neither reads nor frees.
fn bystander() -> Model {
    model("epoch: somebody else moves the clock", 4, || {
        let place = Place::new();
        place.clock.pin(&place.pins[0]);
        place.clock.pin(&place.pins[1]);
        let node = Node(place.read());
        let mut limbo = Limbo::new(1);
        place.unlink(&place.pins[0], &mut limbo);
        place.clock.unpin(&place.pins[0]);
        place.advance();
        let reader = {
            let place = place.clone();
            thread::spawn(move || {
                let node = node;
                place.touch(node.0);
                place.clock.unpin(&place.pins[1]);
            })
        };
        let bystander = {
            let place = place.clone();
            thread::spawn(move || {
                place.advance();
                place.advance();
            })
        };
        limbo.collect(place.clock.now(), Node::free);
        reader.join().unwrap();
        bystander.join().unwrap();
    })
}

/// The writer retires while pinned one epoch behind; the reader pins in the newer one.
fn late_writer() -> Model {
    model("epoch: writer is pinned one epoch behind", 4, || {
        let place = Place::new();
        place.clock.pin(&place.pins[0]);
        place.advance();
        let reader = {
            let place = place.clone();
            thread::spawn(move || {
                place.clock.pin(&place.pins[1]);
                let node = place.read();
                place.advance();
                place.touch(node);
                place.clock.unpin(&place.pins[1]);
            })
        };
        let mut limbo = Limbo::new(1);
        place.unlink(&place.pins[0], &mut limbo);
        place.clock.repin(&place.pins[0]);
        place.age(&place.pins[0], &mut limbo);
        reader.join().unwrap();
    })
}

/// Two readers, one attaching and one passing safepoints.
fn three_threads() -> Model {
    model("epoch: two readers, one writer", 2, || {
        let place = Place::new();
        place.clock.pin(&place.pins[1]);
        let readers = [1, 2].map(|index| {
            let place = place.clone();
            thread::spawn(move || {
                if index == 1 {
                    place.read();
                    place.clock.repin(&place.pins[1]);
                } else {
                    place.clock.pin(&place.pins[2]);
                }
                place.read();
                place.clock.unpin(&place.pins[index]);
            })
        });
        let mut limbo = Limbo::new(1);
        place.clock.pin(&place.pins[0]);
        place.unlink(&place.pins[0], &mut limbo);
        place.age(&place.pins[0], &mut limbo);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    })
}

/// A thread exits with garbage; another adopts and frees it, while a third still reads.
fn exit() -> Model {
    model("epoch: exiting thread leaves garbage, another frees it", 2, || {
        let place = Place::new();
        let gone = {
            let place = place.clone();
            thread::spawn(move || {
                let mut limbo = Limbo::new(1);
                place.clock.pin(&place.pins[1]);
                place.unlink(&place.pins[1], &mut limbo);
                place.orphans.leave(limbo);
                place.clock.unpin(&place.pins[1]);
            })
        };
        let reader = {
            let place = place.clone();
            thread::spawn(move || {
                place.clock.pin(&place.pins[2]);
                let node = place.read();
                place.touch(node);
                place.clock.unpin(&place.pins[2]);
            })
        };
        let mut limbo = Limbo::new(1);
        place.clock.pin(&place.pins[0]);
        limbo.adopt(&place.orphans);
        place.age(&place.pins[0], &mut limbo);
        gone.join().unwrap();
        reader.join().unwrap();
        limbo.adopt(&place.orphans);
        place.age(&place.pins[0], &mut limbo);
        assert!(limbo.is_empty() && place.node.load(Relaxed).is_null(), "garbage was lost");
    })
}

#[test]
fn pin_and_unpin_hold() {
    pin_and_unpin()
        .holds()
        .fails_without("epoch: pin fence")
        .fails_without("epoch: unpin release")
        .fails_without("epoch: scan");
}

#[test]
fn bystander_holds() {
    bystander().holds().fails_without("epoch: clock acquire").fails_without("epoch: unpin release");
}

#[test]
fn repin_holds() {
    repin().holds().fails_without("epoch: repin release").fails_without("epoch: scan");
}

#[test]
fn late_writer_holds() {
    late_writer().holds().fails_without("epoch: stamp");
}

#[test]
fn three_threads_hold() {
    three_threads().holds().fails_without("epoch: scan");
}

#[test]
fn exit_holds() {
    exit().holds().fails_without("epoch: pin fence");
}
