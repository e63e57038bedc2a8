//! What a thread keeps for instrumentation (`sys.monitoring`, `sys.settrace`, `sys.setprofile`): `interp::monitor` owns its
//! meaning. Only the own thread comes here, or whoever has stopped the world.

use super::value::Value;
use std::cell::{Cell, RefCell};

/// Events that tools can ask for.
pub const EVENTS: usize = 19;

/// A jump just made: in which frame, from which instruction, to which.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Jump {
    pub frame: usize,
    pub from: u32,
    pub to: u32,
}

/// See the module's documentation.
#[derive(Default)]
pub struct Instrument {
    /// Whether something is asked of some code: code that the thread enters is to be looked at.
    pub active: Cell<bool>,
    /// Whether somebody asked for exceptions on their way.
    pub raising: Cell<bool>,
    /// Per event, the tools that this thread reports it to, wherever it happens.
    pub tools: [Cell<u8>; EVENTS],
    /// Which state of the tools the thread knows, and the number of its own state: a copy of code that was made for another
    /// one is made again.
    pub seen: Cell<u64>,
    pub version: Cell<u64>,
    pub restart: Cell<u64>,
    /// Callbacks that run; meanwhile nothing is reported.
    pub busy: Cell<u32>,
    /// Whether the thread runs its copies for callbacks, which are never watched, and not those that are.
    pub apart: Cell<bool>,
    /// The event whose callback runs.
    pub event: Cell<u8>,
    /// The frame that it happened in.
    pub frame: Cell<usize>,
    pub jump: Cell<Jump>,
    /// `sys.settrace` and `sys.setprofile`.
    pub trace: RefCell<Option<Value>>,
    pub profile: RefCell<Option<Value>>,
    /// Whether some frame of the thread asked for its opcodes (`f_trace_opcodes`).
    pub opcodes: Cell<bool>,
}
