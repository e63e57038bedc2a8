//! Instrumentation: tools that are told what code does (`sys.monitoring`, PEP 669), and `sys.settrace` and `sys.setprofile`,
//! which are two more tools of each thread's own.
//!
//! | file | holds |
//! |---|---|
//! | `tools` | who asked for what, in the whole process |
//! | `copies` | which instructions of a thread's copy of some code are watched |
//! | `fire` | telling the tools |
//! | `raising` | exceptions on their way |
//! | `legacy` | `sys.settrace` and `sys.setprofile` |
//! | `lines` | assigning to `f_lineno` |
//! | `../eval/instrumented` | the instruction that stands for every watched one |
//!
//! Nothing of this costs anything while nobody asks. A thread runs warm code from a copy of its own (`quicken`); where
//! something that a tool asked for can happen, the instruction's opcode in that copy is `INSTRUMENTED`, with the operand kept.
//! Its handler looks up the instruction in the code's own words, tells the tools, and runs the instruction's generic form.
//!
//! How a change reaches the threads:
//! 1. Who changes what is asked does so under a lock, and announces it after that (`sync::changes`).
//! 2. All threads adopt it at their next safepoint. A thread that starts adopts what there is once it is on the list of threads.
//! 3. A thread that adopts a change takes it over for the whole process's tools and its own, gives its state a new number, and
//!    looks at the code of each frame that it runs. Of all other copies it only marks the instructions by which frames enter
//!    (`Quickened::alarm`). Copies that were made for another state are made again when a watched instruction runs there.
//! 4. So code that is not run is not looked at, and code that was watched and is no more becomes plain again when it runs.
//!
//! A copy is rewritten in place, by its thread, at a moment when no handler holds more of it than the word it runs: a frame
//! that waits in a call goes on with the next word, whatever it is by then. Only frames that run the code's own words must
//! move to a copy; see `copies::settle_all` for which can.

pub mod copies;
pub mod fire;
pub mod legacy;
pub mod lines;
pub mod raising;
pub mod tools;

use crate::bytecode::code::Code;
use crate::bytecode::monitor::{CodeMonitor, Kind, LOCAL_EVENTS};
use crate::object::instrument::EVENTS;
use crate::object::thread::{Thread, WORLD};
use crate::sync::changes::Changes;
use crate::sync::shim::atomic::{AtomicU64, Ordering::*};
use crate::sync::world::attention;

/// What tools can ask for, in the order of their numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Event {
    PyStart,
    PyResume,
    PyReturn,
    PyYield,
    Call,
    Line,
    Instruction,
    Jump,
    BranchLeft,
    BranchRight,
    StopIteration,
    Raise,
    ExceptionHandled,
    PyUnwind,
    PyThrow,
    Reraise,
    CReturn,
    CRaise,
    /// Either way of a branch: as the two events are asked for together.
    Branch,
}

/// Their names.
pub const NAMES: [&str; EVENTS] = [
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

impl Event {
    /// Whether a tool can ask for it in a single code object, and disable it at a single place.
    pub fn is_local(self) -> bool {
        (self as usize) < LOCAL_EVENTS
    }

    /// The bit of a set of events.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// The tools of a thread's own: the function of `sys.setprofile`, and that of `sys.settrace`.
pub const PROFILE: u8 = 6;
pub const TRACE: u8 = 7;

/// Counts the changes of what is asked.
static CHANGES: Changes = Changes::new();
/// Counts the restarts: what was disabled before one counts no more.
static RESTART: AtomicU64 = AtomicU64::new(0);

/// Has all threads take over a change, the calling one at once.
fn announce(t: &Thread) {
    CHANGES.announce(&WORLD, t.record, attention::INSTRUMENT);
    adopt(t);
}

/// Before a thread runs its first code: takes over what is asked.
pub fn begin(t: &Thread) {
    if CHANGES.begin() != 0 {
        adopt(t);
    }
}

/// The thread takes over what is asked now. Called at a safepoint, or in a native function.
pub fn adopt(t: &Thread) {
    let own = &t.instrument;
    own.seen.set(CHANGES.count());
    own.restart.set(RESTART.load(Acquire));
    let mut masks = tools::masks();
    legacy::add_masks(t, &mut masks);
    let was_active = own.active.get();
    let raising = [Event::Raise, Event::ExceptionHandled, Event::PyUnwind, Event::PyThrow, Event::Reraise];
    own.raising.set(raising.iter().any(|event| masks[*event as usize] != 0));
    own.active.set(masks.iter().any(|mask| *mask != 0) || tools::has_locals());
    for (place, mask) in own.tools.iter().zip(masks) {
        place.set(mask);
    }
    own.version.set(own.version.get() + 1);
    if own.active.get() {
        super::quicken::each(t, |copy| copy.alarm());
    }
    if own.active.get() || was_active {
        copies::settle_all(t);
    }
}

/// The tools that a thread reports an event of some code to. `at` and `kind` say where, for events that can be disabled.
pub fn wanted(t: &Thread, code: &Code, event: Event, at: usize, kind: Kind) -> u8 {
    let own = &t.instrument;
    let mut tools = own.tools[event as usize].get();
    if let Some(monitor) = code.monitor.get() {
        if event.is_local() {
            tools |= monitor.local(event as usize);
        }
        if tools != 0 {
            tools &= !monitor.disabled(at, kind, own.restart.get());
        }
    }
    tools
}

/// What tools ask of a code object; made now if none did.
pub fn monitor_of(code: &Code) -> &CodeMonitor {
    code.monitor.get_or_init(Default::default)
}
