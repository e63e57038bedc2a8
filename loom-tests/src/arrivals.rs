//! Signals: what has arrived is handled at a safepoint that is called for, and not lost.

use crate::harness::{Model, model};
use crate::sync::arrivals::Arrivals;
use crate::sync::world::{World, attention};
use loom::thread;
use std::sync::Arc;

/// Two signals arrive, on two threads, while the main thread passes safepoints.
fn two_arrive() -> Model {
    model("arrivals: two signals arrive, the main thread handles what it is called for", 4, || {
        let place = Arc::new((World::<()>::new(), Arrivals::<2>::new()));
        let me = place.0.join();
        // SAFETY: the record lives as long as the world, which the threads' `place` keeps.
        let record: &'static crate::sync::registry::Record<crate::sync::world::Member<()>> =
            unsafe { std::mem::transmute(me) };
        let others = [0, 1].map(|number| {
            let place = place.clone();
            thread::spawn(move || {
                place.1.note(number);
                record.notify(attention::SIGNAL);
            })
        });
        let mut handled = [0; 2];
        let mut safepoint = || {
            if me.attention() != 0 && me.take_attention() & attention::SIGNAL != 0 && place.1.arrived() {
                (0..2).for_each(|number| handled[number] += usize::from(place.1.take(number)));
            }
        };
        safepoint();
        safepoint();
        others.into_iter().for_each(|other| other.join().unwrap());
        // The last safepoint before nothing more happens; what joining orders is not needed for it.
        safepoint();
        assert_eq!(handled, [1, 1], "a signal was lost, or came twice");
    })
}

#[test]
fn two_arrive_hold() {
    two_arrive().holds().fails_without("arrivals: one at a time").fails_without("arrivals: release");
}
