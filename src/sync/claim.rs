//! Who runs a generator: the state word that guards its frame.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | `CREATED` | has not run yet | whoever takes it |
//! | `SUSPENDED` | waits for the next | whoever takes it |
//! | `RUNNING` | taken: the frame is the taker's | the taker, with `give` or `suspend` |
//! | `FINISHED` | there is no frame any more | nobody |
//!
//! Rules:
//! 1. Only the taker touches the frame. Taking is a compare-exchange (Acquire), giving a store (Release), so that it finds
//!    the frame as the last taker left it. While a single thread can see the generator, a plain store takes it.
//! 2. What the frame holds may be counted by the next taker, another thread perhaps: from the moment on that others can see
//!    the generator, that is published before it is given (`suspend`). The generator's own publication does it for a frame
//!    that waits, and leaves a running one to its taker, who is the publishing thread itself.

use super::shim::atomic::{AtomicU8, Ordering::*};
use super::shim::{Loads, weakened};

pub const CREATED: u8 = 0;
pub const SUSPENDED: u8 = 1;
pub const RUNNING: u8 = 2;
pub const FINISHED: u8 = 3;

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
        self.0.load(Acquire)
    }

    /// Takes it, unless it is finished; answers the state before, or None if it is taken already. `shared` says whether
    /// another thread may try as well.
    #[inline(always)]
    pub fn take(&self, shared: bool) -> Option<u8> {
        if !shared {
            let state = self.0.own();
            return match state {
                RUNNING => None,
                FINISHED => Some(FINISHED),
                _ => {
                    // Relaxed: nobody else looks.
                    self.0.store(RUNNING, Relaxed);
                    Some(state)
                }
            };
        }
        let mut state = self.0.load(Acquire);
        loop {
            match state {
                RUNNING => return None,
                FINISHED => return Some(FINISHED),
                _ if weakened("claim: take at once") => {
                    self.0.store(RUNNING, Relaxed);
                    return Some(state);
                }
                // Acquire: pairs with the Release in `give`.
                _ => match self.0.compare_exchange_weak(state, RUNNING, AcqRel, Acquire) {
                    Ok(before) => return Some(before),
                    Err(now) => state = now,
                },
            }
        }
    }

    /// Takes it if it is in this state.
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
        self.0.swap(FINISHED, AcqRel)
    }
}
