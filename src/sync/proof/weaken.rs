//! Steps left out by name.
//!
//! `OROCHI_WEAKEN` names steps that the process leaves out, several joined by " + ", as `weakened(NAME)` calls them in the source.
//! A stress test that still passes then does not watch over that step.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

const UNREAD: u8 = 0;
const NONE: u8 = 1;
const SOME: u8 = 2;

/// Whether anything is left out at all, so that the question is cheap when nothing is.
static STATE: AtomicU8 = AtomicU8::new(UNREAD);

/// The variable's text, read once.
fn names() -> &'static str {
    static NAMES: OnceLock<String> = OnceLock::new();
    NAMES.get_or_init(|| std::env::var("OROCHI_WEAKEN").unwrap_or_default())
}

/// Whether the process leaves out the step `name`.
#[inline(always)]
pub fn weakened(name: &str) -> bool {
    // Relaxed: who does not see it reads the text again, which is the same for ever.
    STATE.load(Relaxed) != NONE && look(name)
}

#[cold]
fn look(name: &str) -> bool {
    let names = names();
    STATE.store(if names.is_empty() { NONE } else { SOME }, Relaxed);
    names.split(" + ").any(|each| each == name)
}
