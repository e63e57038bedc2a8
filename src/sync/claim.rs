//! Who runs a generator: the state word that guards its frame.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | `CREATED` | has not run yet | whoever takes it |
//! | `SUSPENDED` | waits for the next | whoever takes it |
//! | `RUNNING` | taken: the frame is the taker's | the taker, with `give` or `suspend` |
//! | `FINISHED` | there is no frame any more | nobody |
//!
//! `LOOKED_AT`, a bit beside one of the first two, says that somebody looks at the frame.
//!
//! Rules:
//! 1. Only the taker touches the frame. Taking is a compare-exchange (Acquire), giving a store (Release), so that it finds
//!    the frame as the last taker left it. While a single thread can see the generator, a plain store takes it.
//! 2. What the frame holds may be counted by the next taker, another thread perhaps: from the moment on that others can see
//!    the generator, that is published before it is given (`suspend`). The generator's own publication does it for a frame
//!    that waits, and leaves a running one to its taker, who is the publishing thread itself.
//! 3. A look is a short claim that changes nothing, so it is not taken for a run: the state stays what it is, and who wants
//!    the generator meanwhile waits until `is_looked_at` says no, where it can wait. The looker runs no Python code.

use super::shim::atomic::{AtomicU8, Ordering::*};
use super::shim::{Loads, weakened};

pub const CREATED: u8 = 0;
pub const SUSPENDED: u8 = 1;
pub const RUNNING: u8 = 2;
pub const FINISHED: u8 = 3;
const LOOKED_AT: u8 = 4;

/// Why a generator cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Busy {
    /// Somebody runs it.
    Running,
    /// Somebody looks at it, for a moment.
    LookedAt,
}

/// See the module's documentation.
pub struct Claim(AtomicU8);

impl Claim {
    pub fn new(state: u8) -> Claim {
        Claim(AtomicU8::new(state))
    }

    /// The state at this moment.
    #[inline(always)]
    pub fn state(&self) -> u8 {
        // Acquire: pairs with the Release in `give`: who finds it finished sees what its end has left.
        self.0.load(Acquire) & !LOOKED_AT
    }

    /// Whether somebody looks at it at this moment.
    pub fn is_looked_at(&self) -> bool {
        self.0.load(Relaxed) & LOOKED_AT != 0
    }

    /// Takes it, unless it is finished; answers the state before. `shared` says whether another thread may try as well.
    #[inline(always)]
    pub fn take(&self, shared: bool) -> Result<u8, Busy> {
        self.take_for(shared, |_| RUNNING)
    }

    /// As `take`, for a look.
    pub fn look(&self, shared: bool) -> Result<u8, Busy> {
        let looks = |state| if weakened("claim: a look is no run") { RUNNING } else { state | LOOKED_AT };
        self.take_for(shared, looks)
    }

    #[inline(always)]
    fn take_for(&self, shared: bool, taken: impl Fn(u8) -> u8) -> Result<u8, Busy> {
        if !shared {
            let state = self.0.own();
            return match state {
                RUNNING => Err(Busy::Running),
                FINISHED => Ok(FINISHED),
                CREATED | SUSPENDED => {
                    // Relaxed: nobody else looks.
                    self.0.store(taken(state), Relaxed);
                    Ok(state)
                }
                _ => Err(Busy::LookedAt),
            };
        }
        let mut state = self.0.load(Acquire);
        loop {
            match state {
                RUNNING => return Err(Busy::Running),
                FINISHED => return Ok(FINISHED),
                CREATED | SUSPENDED if weakened("claim: take at once") => {
                    self.0.store(taken(state), Relaxed);
                    return Ok(state);
                }
                // Acquire: pairs with the Release in `give`.
                CREATED | SUSPENDED => match self.0.compare_exchange_weak(state, taken(state), AcqRel, Acquire) {
                    Ok(before) => return Ok(before),
                    Err(now) => state = now,
                },
                _ => return Err(Busy::LookedAt),
            }
        }
    }

    /// Takes it if it is in this state, and nobody looks.
    pub fn take_from(&self, state: u8) -> bool {
        // Acquire: as in `take`.
        self.0.compare_exchange(state, RUNNING, AcqRel, Acquire).is_ok()
    }

    /// By the taker: gives it back in a state for which the frame holds nothing new.
    #[inline(always)]
    pub fn give(&self, state: u8) {
        // Release: pairs with the Acquire in `take`.
        self.0.store(state, if weakened("claim: release") { Relaxed } else { Release });
    }

    /// By the taker: gives it back suspended, after `publish` if others can see it.
    #[inline(always)]
    pub fn suspend(&self, published: bool, publish: impl FnOnce()) {
        if published && !weakened("claim: publish") {
            publish();
        }
        self.give(SUSPENDED);
    }

    /// Ends it, by whoever alone can reach it; answers the state before.
    pub fn end(&self) -> u8 {
        // Acquire: as in `take`. Release: as in `give`.
        self.0.swap(FINISHED, AcqRel) & !LOOKED_AT
    }
}
