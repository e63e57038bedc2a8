//! Instruments: a change reaches every thread, also one that starts meanwhile.

use crate::harness::{Model, model};
use crate::sync::changes::Changes;
use crate::sync::shim::atomic::{AtomicU32, Ordering::*};
use crate::sync::world::{World, attention};
use loom::thread;
use std::sync::Arc;

struct Place {
    world: World<()>,
    changes: Changes,
    /// What is changed: words of their own, so that nothing but the count orders them.
    asked: AtomicU32,
}

/// One thread changes what is asked while another starts, takes over what there is, and passes a safepoint.
fn start_during_a_change() -> Model {
    model("changes: a thread starts during one", 4, || {
        let place = Arc::new(Place { world: World::new(), changes: Changes::new(), asked: AtomicU32::new(0) });
        let me = place.world.join();
        place.world.attach(me);
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                let me = place.world.join();
                place.world.attach(me);
                let mut known = 0;
                if place.changes.begin() != 0 {
                    known = place.asked.load(Relaxed);
                }
                if me.attention() != 0 && me.take_attention() & attention::INSTRUMENT != 0 {
                    assert_eq!(place.changes.count(), 1, "called for a change that is not there");
                    known = place.asked.load(Relaxed);
                }
                let called = me.attention() & attention::INSTRUMENT != 0;
                place.world.detach(me);
                (known, called)
            })
        };
        place.asked.store(7, Relaxed);
        place.changes.announce(&place.world, me, attention::INSTRUMENT);
        place.world.detach(me);
        let (known, called) = other.join().unwrap();
        // What came too late for the thread's last look is still on its record.
        let mut others = place.world.members().filter(|member| !std::ptr::eq(*member, me));
        let waits = others.any(|member| member.attention() & attention::INSTRUMENT != 0);
        assert!(known == 7 || called || waits, "a change was missed");
    })
}

#[test]
fn start_during_a_change_holds() {
    start_during_a_change()
        .holds()
        .holds_without("epoch: pin fence")
        .fails_without("changes: announce fence")
        .fails_without("epoch: pin fence + changes: begin fence")
        .fails_without("changes: call");
}
