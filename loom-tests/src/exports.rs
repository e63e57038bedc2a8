//! Buffers: what is lent stays in place until it has come back.

use crate::harness::{Model, model};
use crate::sync::exports::Exports;
use crate::sync::shim::{Canary, Mutex, weakened};
use loom::thread;
use std::sync::Arc;

/// A container: which of its places is in use, the others are gone or not there yet.
struct Container {
    current: Mutex<usize>,
    places: [Canary; 2],
    exports: Exports,
}

impl Container {
    /// Borrows the bytes, reads them, and gives them back.
    fn borrow(&self) {
        let place = {
            let current = self.current.lock();
            self.exports.lend();
            *current
        };
        self.places[place].touch();
        self.exports.give_back();
    }

    /// Moves the bytes if they are not lent; whether it did.
    fn resize(&self) -> bool {
        // The twin asks too early.
        let early = weakened("exports: under the lock").then(|| self.exports.any());
        let mut current = self.current.lock();
        if early.unwrap_or_else(|| self.exports.any()) {
            return false;
        }
        self.places[*current].kill();
        *current = 1;
        true
    }
}

/// Two threads borrow while a third moves the bytes.
fn borrow_and_resize() -> Model {
    model("exports: two borrow, a third resizes", 4, || {
        let container = Arc::new(Container {
            current: Mutex::new(0),
            places: [Canary::new(), Canary::new()],
            exports: Exports::new(),
        });
        let others = [0, 1].map(|_| {
            let container = container.clone();
            thread::spawn(move || container.borrow())
        });
        let moved = container.resize();
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(moved || container.resize(), "everything has come back");
    })
}

#[test]
fn borrow_and_resize_hold() {
    borrow_and_resize()
        .holds()
        .fails_without("exports: release")
        .fails_without("exports: acquire")
        .fails_without("exports: under the lock");
}
