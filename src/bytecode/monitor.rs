//! What instrumentation tools ask of one code object, and where in it events may happen.
//!
//! Shared by all threads. Tools are the bits of a byte. The events of a code object's own (`local`) and the places where a
//! tool wants to hear no more (`DISABLE`) change while threads look; each byte is changed as a whole, and a thread that reads
//! the old one reports an event too many or too few, as it would have a moment earlier. What cannot change, the kinds of
//! places, is found once.

use super::code::Code;
use super::opcode::{Op, arg};
use crate::sync::parking::mutex::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::*};

/// Events that a tool may ask of a single code object: the first of all events.
pub const LOCAL_EVENTS: usize = 11;

/// How many tools there can be, other than those of each thread.
pub const TOOLS: usize = 6;

/// Counts, per tool, how often it was cleared: what it asked of code before that counts no more.
pub static CLEARED: [AtomicU32; TOOLS] = [const { AtomicU32::new(0) }; TOOLS];

/// Bit of a place: an instruction begins here (not a cache word).
pub const START: u8 = 1;
/// Bit of a place: a line may begin here.
pub const LINE: u8 = 2;
/// Bit of a place: a jump from here must be known to tell whether a line begins at its target.
pub const TELLING: u8 = 4;
/// Bit of a place: its line is not that of the instruction before it.
pub const FRESH: u8 = 16;
/// Bit of a place: behind the code's first `RESUME`, so that tools see it.
pub const TRACEABLE: u8 = 8;

/// What happens at one instruction that a tool may disable on its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Line,
    Instruction,
    /// What the instruction itself is: a start, call, jump, return. Of a branch: the left way.
    Own,
    /// A branch's right way.
    Right,
    /// The end of an iteration.
    Stop,
}

/// How many kinds there are.
const KINDS: usize = 5;

/// See the module's documentation.
#[derive(Default)]
pub struct CodeMonitor {
    /// Per event, the tools that asked for it here; per tool, its `CLEARED` when it did.
    local: [AtomicU8; LOCAL_EVENTS],
    asked: [AtomicU32; TOOLS],
    /// Per place and kind, the tools that want no more of it.
    disabled: OnceLock<Box<[AtomicU8]>>,
    /// The restart (`sys.monitoring.restart_events`) that `disabled` is from: what was disabled before it counts no more.
    restart: AtomicU64,
    clearing: Mutex<()>,
    places: OnceLock<Box<[u8]>>,
}

impl CodeMonitor {
    /// The tools that asked for an event here.
    #[inline]
    pub fn local(&self, event: usize) -> u8 {
        let mut tools = self.local[event].load(Relaxed);
        if tools != 0 {
            for (tool, asked) in self.asked.iter().enumerate() {
                if asked.load(Relaxed) != CLEARED[tool].load(Relaxed) {
                    tools &= !(1 << tool);
                }
            }
        }
        tools
    }

    /// Sets what a tool asks for here. Others do not call meanwhile.
    pub fn set_local(&self, tool: usize, events: u32) {
        for (event, tools) in self.local.iter().enumerate() {
            let (old, bit) = (tools.load(Relaxed), 1 << tool);
            tools.store(if events >> event & 1 != 0 { old | bit } else { old & !bit }, Relaxed);
        }
        self.asked[tool].store(CLEARED[tool].load(Relaxed), Relaxed);
    }

    /// The tools that want no more of what happens at a place; `restart` counts the restarts so far.
    #[inline]
    pub fn disabled(&self, place: usize, kind: Kind, restart: u64) -> u8 {
        // Acquire: pairs with the Release in `disable`: bytes of an earlier time are cleared.
        match self.disabled.get() {
            Some(bytes) if self.restart.load(Acquire) == restart => bytes[place * KINDS + kind as usize].load(Relaxed),
            _ => 0,
        }
    }

    /// Notes that tools want no more of it.
    pub fn disable(&self, words: usize, place: usize, kind: Kind, tools: u8, restart: u64) {
        let _guard = self.clearing.lock();
        let bytes = self.disabled.get_or_init(|| (0..words * KINDS).map(|_| AtomicU8::new(0)).collect());
        let old = self.restart.load(Relaxed);
        if old < restart {
            bytes.iter().for_each(|byte| byte.store(0, Relaxed));
            // Release: see `disabled`.
            self.restart.store(restart, Release);
        } else if old > restart {
            // Asked before the last restart.
            return;
        }
        bytes[place * KINDS + kind as usize].fetch_or(tools, Relaxed);
    }

    /// Per instruction word, the bits above.
    pub fn places<'a>(&'a self, code: &Code) -> &'a [u8] {
        self.places.get_or_init(|| find_places(code))
    }
}

/// Whether a line can never begin at such an instruction: the ones before it are skipped by those who jump, or it is where
/// code starts.
fn starts_no_line(op: Op) -> bool {
    matches!(op, Op::END_ASYNC_FOR | Op::END_SEND | Op::RESUME)
}

fn find_places(code: &Code) -> Box<[u8]> {
    let words = &code.instructions;
    let mut places = vec![0; words.len()].into_boxed_slice();
    let mut starts = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let Some(op) = Op::decode(words[at]) else { break };
        places[at] = START;
        starts.push((at, op));
        at += 1 + usize::from(op.info().cache);
    }
    let first = starts.iter().find(|(_, op)| *op == Op::RESUME).map_or(0, |(at, _)| *at);
    // Per place, the line of the instruction before it; 0 where it is none, or one that hides no line.
    let mut before = vec![0; words.len()];
    let (mut previous, mut current) = (0, 0);
    for &(at, op) in &starts {
        before[at] = previous;
        if at < first {
            continue;
        }
        places[at] |= TRACEABLE;
        let line = code.location(at).line;
        previous = if op == Op::RESUME { 0 } else { line };
        if line != before[at] {
            places[at] |= FRESH;
        }
        if !starts_no_line(op) {
            // What comes after a yield does not begin a line that went on before it.
            if line != 0 && line != current {
                places[at] |= LINE;
            }
            current = line;
        }
    }
    let mut lead = |target: usize| {
        let line = code.location(target).line;
        if line != 0
            && places.get(target).is_some_and(|place| place & TRACEABLE != 0)
            && Op::decode(words[target]).is_some_and(|op| !starts_no_line(op))
        {
            places[target] |= LINE;
        }
        line
    };
    let mut telling = Vec::new();
    for &(at, op) in &starts {
        if super::analysis::is_jump(op) && op != Op::SEND {
            let target = arg(words[at]) as usize;
            let line = lead(target);
            if (code.location(at).line == line) != (before[target] == line) {
                telling.push(at);
            }
        }
    }
    for handler in &code.handlers {
        lead(handler.target as usize);
    }
    for at in telling {
        places[at] |= TELLING;
    }
    places
}
