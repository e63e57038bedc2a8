//! Generators: one thread at a time has the frame, as the last one left it, and what it holds is published by then.

use crate::harness::{Model, model};
use crate::sync::claim::{Busy, CREATED, Claim, FINISHED, SUSPENDED};
use crate::sync::shim::UnsafeCell;
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use loom::thread;
use std::sync::Arc;

/// A generator whose frame counts its steps, and may hold another generator.
struct Generator {
    claim: Claim,
    published: AtomicBool,
    frame: UnsafeCell<Frame>,
}

#[derive(Default)]
struct Frame {
    steps: u32,
    inner: Option<Arc<Generator>>,
}

// SAFETY: the frame is touched by who took the claim; loom checks that.
unsafe impl Sync for Generator {}
// SAFETY: as above.
unsafe impl Send for Generator {}

impl Generator {
    fn new(published: bool) -> Arc<Generator> {
        let (claim, frame) = (Claim::new(CREATED), UnsafeCell::new(Frame::default()));
        Arc::new(Generator { claim, published: AtomicBool::new(published), frame })
    }

    /// Runs one step with the frame; how many times it ran, if it did. As in the VM, a generator that is not published is
    /// taken plainly.
    fn step(&self, f: impl FnOnce(&mut Frame)) -> u32 {
        match self.after_looks(|| self.claim.take(self.published.load(Relaxed))) {
            None | Some(FINISHED) => 0,
            Some(_) => {
                // SAFETY: claimed.
                self.frame.with_mut(|frame| unsafe {
                    (*frame).steps += 1;
                    f(&mut *frame);
                });
                self.claim.suspend(self.published.load(Relaxed), || {
                    // SAFETY: claimed.
                    self.frame.with(|frame| unsafe {
                        if let Some(inner) = &(*frame).inner {
                            inner.published.store(true, Relaxed);
                        }
                    });
                });
                1
            }
        }
    }

    fn after_looks(&self, attempt: impl Fn() -> Result<u8, Busy>) -> Option<u8> {
        loop {
            match attempt() {
                Ok(before) => return Some(before),
                Err(Busy::Running) => return None,
                Err(Busy::LookedAt) => thread::yield_now(),
            }
        }
    }

    /// How many steps the frame shows, as it stays while it is looked at; None where it runs.
    fn look(&self) -> Option<u32> {
        let before = self.after_looks(|| self.claim.look(self.published.load(Relaxed)))?;
        // SAFETY: nobody takes the frame meanwhile.
        let steps = self.frame.with(|frame| unsafe { (*frame).steps });
        self.claim.give(before);
        Some(steps)
    }

    /// How many steps there were, of a generator that nobody else has any more.
    fn end(&self) -> u32 {
        assert!(matches!(self.claim.end(), CREATED | SUSPENDED));
        // SAFETY: as above.
        self.frame.with_mut(|frame| unsafe { (*frame).steps })
    }
}

/// Three threads step a generator.
fn steps() -> Model {
    model("claim: three threads run a generator", 3, || {
        let generator = Generator::new(true);
        let run = || {
            let generator = generator.clone();
            thread::spawn(move || generator.step(|_| ()))
        };
        let (one, two) = (run(), run());
        let mine = generator.step(|_| ());
        let steps = mine + one.join().unwrap() + two.join().unwrap();
        assert!(steps >= 1, "somebody ran it");
        assert_eq!(generator.end(), steps, "no step is lost");
    })
}

/// A thread runs a generator that another can see, and leaves in its frame a new one, which it runs as well; the other finds
/// that one there and runs it.
fn publishing() -> Model {
    model("claim: what a suspended frame holds is published", 3, || {
        let outer = Generator::new(true);
        let other = outer.clone();
        let other = thread::spawn(move || {
            let mut found = None;
            other.step(|frame| found.clone_from(&frame.inner));
            found.map_or(0, |inner| inner.step(|_| ()))
        });
        let inner = Generator::new(false);
        outer.step(|frame| frame.inner = Some(inner.clone()));
        let mine = inner.step(|_| ());
        let steps = mine + other.join().unwrap();
        assert_eq!(inner.end(), steps, "no step is lost");
    })
}

/// One looks twice while another runs two steps: at any number of preemptions only one of them can be waiting.
fn one_looks() -> Model {
    model("claim: one looks while another runs the generator", 4, || {
        let generator = Generator::new(true);
        let looker = {
            let generator = generator.clone();
            thread::spawn(move || (0..2).for_each(|_| assert!(generator.look().is_none_or(|steps| steps <= 2))))
        };
        assert_eq!((0..2).map(|_| generator.step(|_| ())).sum::<u32>(), 2, "a look was taken for a run");
        looker.join().unwrap();
        assert_eq!(generator.end(), 2);
    })
}

/// Two look while a third runs two steps: neither is refused for a look, and nobody looks at a frame that runs.
fn looking() -> Model {
    model("claim: two look while a third runs the generator", 2, || {
        let generator = Generator::new(true);
        let look = || {
            let generator = generator.clone();
            thread::spawn(move || assert!(generator.look().is_none_or(|steps| steps <= 2)))
        };
        let (one, two) = (look(), look());
        assert_eq!((0..2).map(|_| generator.step(|_| ())).sum::<u32>(), 2, "a look was taken for a run");
        one.join().unwrap();
        two.join().unwrap();
        assert_eq!(generator.end(), 2);
    })
}

#[test]
fn looking_holds() {
    one_looks().holds().fails_without("claim: a look is no run").fails_without("claim: release");
    looking().as_it_is().holds().fails_without("claim: a look is no run").fails_without("claim: release");
}

#[test]
fn steps_hold() {
    steps().holds().fails_without("claim: take at once").fails_without("claim: release");
}

#[test]
fn publishing_holds() {
    publishing().holds().fails_without("claim: publish");
}
