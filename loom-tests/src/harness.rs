//! Runs models and their twins, and says how many executions each took.

use crate::sync::shim;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Once};
use std::time::Instant;

/// A model: what runs in each execution, and how many preemptions (switches that nothing forces) an execution may have.
pub struct Model {
    name: &'static str,
    preemptions: usize,
    run: Arc<dyn Fn() + Send + Sync>,
    fair: bool,
    /// Whether the long form has more preemptions.
    grows: bool,
}

/// See `Model`.
pub fn model(name: &'static str, preemptions: usize, run: impl Fn() + Send + Sync + 'static) -> Model {
    Model { name, preemptions, run: Arc::new(run), fair: false, grows: true }
}

impl Model {
    /// Unlocking hands the lock over.
    pub fn fair(self) -> Model {
        Model { fair: true, ..self }
    }

    /// The long form has no more preemptions: with one more, two of its threads wait for each other's look by spinning, which
    /// loom takes for an execution without end.
    pub fn as_it_is(self) -> Model {
        Model { grows: false, ..self }
    }

    fn suffix(&self) -> &'static str {
        if self.fair { ", handed over" } else { "" }
    }

    fn explore(&self) -> u64 {
        quiet_twins();
        let executions = Arc::new(AtomicU64::new(0));
        let mut builder = loom::model::Builder::new();
        let more = usize::from(self.grows && std::env::var_os("LOOM_TESTS_LONG").is_some());
        builder.preemption_bound = Some(self.preemptions + more);
        builder.max_branches = 20_000;
        let (run, count) = (self.run.clone(), executions.clone());
        shim::set_fair(self.fair);
        let result = catch_unwind(AssertUnwindSafe(|| {
            builder.check(move || {
                count.fetch_add(1, Relaxed);
                shim::empty_graves();
                run();
            });
        }));
        shim::set_fair(false);
        shim::empty_graves();
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
        executions.load(Relaxed)
    }

    /// Every execution holds.
    pub fn holds(self) -> Model {
        let start = Instant::now();
        let executions = self.explore();
        println!("MODEL | {}{} | {} | {:.1} s", self.name, self.suffix(), executions, start.elapsed().as_secs_f64());
        self
    }

    /// Every execution holds without the step `weak` as well: what it does is not what this model is about. (Loom takes each
    /// SeqCst fence to synchronise with all earlier ones, which hides other orderings.)
    pub fn holds_without(self, weak: &'static str) -> Model {
        shim::with_weakened(weak, || self.explore());
        self
    }

    /// Without the step `weak` some execution fails.
    pub fn fails_without(self, weak: &'static str) -> Model {
        let start = Instant::now();
        // The twin's panic is the expected result.
        let result = shim::with_weakened(weak, || catch_unwind(AssertUnwindSafe(|| self.explore())));
        assert!(result.is_err(), "{}: nothing noticed that \"{weak}\" was left out", self.name);
        println!("TWIN | {}{} | {weak} | {:.1} s", self.name, self.suffix(), start.elapsed().as_secs_f64());
        self
    }
}

/// Panics of twins are wanted, and not shown.
fn quiet_twins() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !shim::is_weakened() || std::env::var_os("SHOW_TWINS").is_some() {
                shown(info);
            }
        }));
    });
}
