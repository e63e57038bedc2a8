//! Threads that run Python objects, for unit tests.

use crate::object::list;
use crate::object::thread::{self, Thread};
use crate::object::value::Value;
use crate::object::{dict, header::Header};
use std::sync::Once;

static START: Once = Once::new();

fn initialise() {
    START.call_once(|| {
        // Tests run at the same time.
        thread::set_multi();
        let t = Thread::start(1 << 20);
        super::init(&t, &[]);
        t.finish();
    });
}

/// Runs `f` as a Python thread.
pub fn run(f: impl FnOnce(&Thread)) {
    initialise();
    let t = Thread::start(1 << 20);
    f(&t);
    t.finish();
}

/// Runs `f` on `count` threads at once; all get the same dict and two lists.
pub fn run_threads(count: usize, f: impl Fn(&Thread, usize, &[Value]) + Sync) {
    initialise();
    let t = Thread::start(1 << 20);
    let shared = [dict::new(), list::new(), list::new()];
    for v in &shared {
        v.header().map(Header::publish);
    }
    t.detached(|| {
        std::thread::scope(|scope| {
            for index in 0..count {
                let (f, shared) = (&f, &shared);
                scope.spawn(move || {
                    let t = Thread::start(1 << 20);
                    f(&t, index, shared);
                    t.finish();
                });
            }
        });
    });
    t.drain_queue();
    drop(shared);
    t.finish();
}
