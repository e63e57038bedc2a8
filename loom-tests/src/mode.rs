//! From one thread to many: locks and counts that took plain paths before take the shared ones after.

use crate::harness::{Model, model};
use crate::sync::lock::{ByteLock, Park};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use crate::sync::shim::{UnsafeCell, weakened};
use loom::thread;
use std::sync::Arc;

struct Free;

impl Park for Free {
    fn detach(&self) {}
    fn attach(&self) {}
    fn try_attach(&self) -> bool {
        true
    }
}

struct Place {
    multi: AtomicBool,
    lock: ByteLock,
    guarded: UnsafeCell<u32>,
}

impl Place {
    fn multi(&self) -> bool {
        self.multi.load(Relaxed)
    }

    /// Under the lock.
    fn work(&self) {
        // SAFETY: guarded; loom checks that.
        self.guarded.with_mut(|count| unsafe { *count += 1 });
    }
}

/// The only thread uses a lock, switches at a safepoint, and starts a second one.
fn switch() -> Model {
    model("mode: one thread becomes two", 4, || {
        let place =
            Arc::new(Place { multi: AtomicBool::new(false), lock: ByteLock::new(), guarded: UnsafeCell::new(0) });
        let guard = place.lock.guard(place.multi(), &Free);
        place.work();
        // The twin switches where a lock is held, which is no safepoint.
        let guard = if weakened("mode: at a safepoint") {
            Some(guard)
        } else {
            drop(guard);
            None
        };
        place.multi.store(true, SeqCst);
        let other = {
            let place = place.clone();
            thread::spawn(move || {
                // The start of a thread comes after the switch, so it finds the new mode.
                assert!(place.multi());
                let _guard = place.lock.guard(place.multi(), &Free);
                place.work();
            })
        };
        if guard.is_some() {
            place.work();
        }
        drop(guard);
        {
            let _guard = place.lock.guard(place.multi(), &Free);
            place.work();
        }
        other.join().unwrap();
    })
}

#[test]
fn switch_holds() {
    switch().holds().fails_without("mode: at a safepoint").fails_without("lock: release");
}
