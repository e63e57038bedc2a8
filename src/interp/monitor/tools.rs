//! The tools of the process: their names, what they asked for, whom they want called.
//!
//! Readers take a snapshot without a lock. Writers make the next one under `WRITER`; nothing is called or dropped meanwhile.

use super::{Event, RESTART, announce, monitor_of};
use crate::bytecode::code::Code;
pub use crate::bytecode::monitor::TOOLS;
use crate::bytecode::monitor::{CLEARED, LOCAL_EVENTS};
use crate::object::instrument::EVENTS;
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::sync::shim::Mutex;
use crate::sync::shim::atomic::AtomicUsize;
use crate::sync::shim::atomic::Ordering::*;
use arc_swap::ArcSwap;
use std::sync::{Arc, LazyLock};

/// Per tool, how many code objects have events that it asked for there.
static LOCALS: [AtomicUsize; TOOLS] = [const { AtomicUsize::new(0) }; TOOLS];

/// Whether any code object has events of its own.
pub fn has_locals() -> bool {
    LOCALS.iter().any(|count| count.load(Relaxed) != 0)
}

#[derive(Default)]
struct Tool {
    name: Option<Stored>,
    /// Bits of events, everywhere.
    events: u32,
    callbacks: [Option<Stored>; EVENTS],
}

static ALL: LazyLock<ArcSwap<[Tool; TOOLS]>> = LazyLock::new(|| ArcSwap::from_pointee(Default::default()));
static WRITER: Mutex<()> = Mutex::new(());

fn copy(stored: &Option<Stored>) -> Option<Stored> {
    stored.as_ref().map(|v| Stored::new((**v).clone()))
}

/// Changes a tool.
fn change<R>(tool: usize, f: impl FnOnce(&mut Tool) -> R) -> R {
    let (old, result) = {
        let _guard = WRITER.lock();
        let mut next: [Tool; TOOLS] = Default::default();
        for (new, old) in next.iter_mut().zip(ALL.load().iter()) {
            new.name = copy(&old.name);
            new.events = old.events;
            for (new, old) in new.callbacks.iter_mut().zip(&old.callbacks) {
                *new = copy(old);
            }
        }
        let result = f(&mut next[tool]);
        (ALL.swap(Arc::new(next)), result)
    };
    // Without the lock: callbacks may have finalisers.
    drop(old);
    result
}

/// Per event, the tools that asked for it everywhere.
pub fn masks() -> [u8; EVENTS] {
    let mut masks = [0; EVENTS];
    for (i, tool) in ALL.load().iter().enumerate() {
        for (event, mask) in masks.iter_mut().enumerate() {
            *mask |= ((tool.events >> event & 1) as u8) << i;
        }
    }
    masks
}

/// A tool's name while it is in use.
pub fn name(tool: usize) -> Option<Value> {
    ALL.load()[tool].name.as_ref().map(|v| (**v).clone())
}

/// Takes a tool. False where somebody has it.
pub fn take(tool: usize, name: &Value) -> bool {
    change(tool, |tool| {
        let free = tool.name.is_none();
        if free {
            tool.name = Some(Stored::new(name.clone()));
        }
        free
    })
}

/// Forgets what a tool asked for, everywhere, and whom it wants called; also its name with `free`.
pub fn clear(t: &Thread, tool: usize, free: bool) {
    let old = change(tool, |known| {
        CLEARED[tool].fetch_add(1, Relaxed);
        LOCALS[tool].store(0, Relaxed);
        let name = if free { None } else { known.name.take() };
        std::mem::replace(known, Tool { name, ..Tool::default() })
    });
    drop(old);
    announce(t);
}

/// A tool's callback for an event, and whether it is the one for both ways of a branch.
pub fn callback(tool: usize, event: Event) -> Option<(Value, bool)> {
    let all = ALL.load();
    let find = |event: Event| all[tool].callbacks[event as usize].as_ref().map(|v| (**v).clone());
    match find(event) {
        Some(v) => Some((v, false)),
        None if matches!(event, Event::BranchLeft | Event::BranchRight) => find(Event::Branch).map(|v| (v, true)),
        None => None,
    }
}

/// Sets a tool's callback for an event; answers the one before.
pub fn set_callback(tool: usize, event: usize, callback: Option<Value>) -> Option<Value> {
    let old = change(tool, |tool| std::mem::replace(&mut tool.callbacks[event], callback.map(Stored::new)));
    old.map(|v| (*v).clone())
}

/// What a tool asked for everywhere.
pub fn events(tool: usize) -> u32 {
    ALL.load()[tool].events
}

/// Sets it.
pub fn set_events(t: &Thread, tool: usize, events: u32) {
    if change(tool, |tool| std::mem::replace(&mut tool.events, events)) != events {
        announce(t);
    }
}

/// What a tool asked for in some code.
pub fn local_events(tool: usize, code: &Code) -> u32 {
    let Some(monitor) = code.monitor.get() else { return 0 };
    let bit = |event: usize| u32::from(monitor.local(event) >> tool & 1) << event;
    (0..LOCAL_EVENTS).map(bit).sum()
}

/// Sets it.
pub fn set_local_events(t: &Thread, tool: usize, code: &Code, events: u32) {
    {
        let _guard = WRITER.lock();
        let before = local_events(tool, code);
        if before == events {
            return;
        }
        monitor_of(code).set_local(tool, events);
        // Code that ends with events of its own stays counted: the threads then look at code for nothing.
        match (before, events) {
            (0, _) => drop(LOCALS[tool].fetch_add(1, Relaxed)),
            (_, 0) => drop(LOCALS[tool].fetch_sub(1, Relaxed)),
            _ => {}
        }
    }
    announce(t);
}

/// What was disabled counts no more.
pub fn restart(t: &Thread) {
    // Release: pairs with the Acquire in `adopt`.
    RESTART.fetch_add(1, AcqRel);
    announce(t);
}
