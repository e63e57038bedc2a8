//! Which instructions of a thread's copy are watched, and which frames run a copy.

use super::{Event, monitor_of, wanted};
use crate::bytecode::code::Code;
use crate::bytecode::monitor::{CodeMonitor, Kind, LINE, LOCAL_EVENTS, START, TELLING, TRACEABLE};
use crate::bytecode::opcode::{Op, arg, encode};
use crate::interp::frame::{Frame, Return};
use crate::interp::fuse;
use crate::interp::quicken::{Cache, Quickened};
use crate::object::instrument::Jump;
use crate::object::thread::Thread;

/// The events that an instruction is, and which may be disabled apart from each other.
pub fn own_events(code: &Code, at: usize) -> &'static [(Event, Kind)] {
    let word = code.instructions[at];
    match Op::decode(word) {
        Some(Op::RESUME) if arg(word) == 0 => &[(Event::PyStart, Kind::Own)],
        Some(Op::RESUME) => &[(Event::PyResume, Kind::Own)],
        Some(Op::RETURN_VALUE) => &[(Event::PyReturn, Kind::Own)],
        Some(Op::YIELD_VALUE) => &[(Event::PyYield, Kind::Own)],
        Some(Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX | Op::LOAD_SUPER_ATTR | Op::LOAD_SUPER_METHOD) => {
            &[(Event::Call, Kind::Own)]
        }
        Some(Op::JUMP | Op::JUMP_BACKWARD) => {
            // The jumps of `yield from` and `await` are nobody's.
            match code.instructions.get(arg(word) as usize).and_then(|target| Op::decode(*target)) {
                Some(Op::SEND | Op::END_SEND) => &[],
                _ => &[(Event::Jump, Kind::Own)],
            }
        }
        Some(
            Op::POP_JUMP_IF_TRUE
            | Op::POP_JUMP_IF_FALSE
            | Op::POP_JUMP_IF_NONE
            | Op::POP_JUMP_IF_NOT_NONE
            | Op::JUMP_IF_TRUE_OR_POP
            | Op::JUMP_IF_FALSE_OR_POP,
        ) => &[(Event::BranchLeft, Kind::Own), (Event::BranchRight, Kind::Right)],
        Some(Op::FOR_ITER) => {
            &[(Event::BranchLeft, Kind::Own), (Event::BranchRight, Kind::Right), (Event::StopIteration, Kind::Stop)]
        }
        Some(Op::END_SEND) => &[(Event::StopIteration, Kind::Own)],
        _ => &[],
    }
}

/// Whether somebody is to be told of something at an instruction, or something there tells what happens elsewhere.
fn is_watched(t: &Thread, code: &Code, at: usize, place: u8) -> bool {
    let want = |event, kind| wanted(t, code, event, at, kind) != 0;
    if place & TRACEABLE == 0 {
        return false;
    }
    (place & LINE != 0 && want(Event::Line, Kind::Line))
        || want(Event::Instruction, Kind::Instruction)
        || own_events(code, at).iter().any(|(event, kind)| want(*event, *kind))
        || (Op::decode(code.instructions[at]) == Some(Op::END_SEND)
            && t.instrument.tools[Event::Raise as usize].get() != 0)
        || (place & TELLING != 0 && want(Event::Line, Kind::Line))
}

/// The countdown of a generic instruction that is watched: it must not become a specialised form.
pub const FOREVER: u16 = u16::MAX;
/// Larger than any other countdown.
const LONG: u16 = 1 << 15;

fn wake(cache: &mut [Cache; 2]) {
    if cache[0].countdown > LONG {
        cache[0].countdown = 0;
    }
}

/// Rewrites a copy for what is asked now. What was specialised starts anew.
pub fn plan(t: &Thread, code: &Code, copy: Quickened) {
    copy.set_version(t.instrument.version.get());
    // SAFETY: see the folder's documentation: no handler of this thread holds a reference.
    let (words, caches) = unsafe { (copy.words(), copy.caches()) };
    words.copy_from_slice(&code.instructions);
    caches.iter_mut().for_each(wake);
    let is_local = |monitor: &CodeMonitor| (0..LOCAL_EVENTS).any(|event| monitor.local(event) != 0);
    let everywhere = t.instrument.tools.iter().any(|tools| tools.get() != 0);
    if !everywhere && !code.monitor.get().is_some_and(|monitor| is_local(monitor)) {
        fuse::pairs(words);
        return;
    }
    let places = monitor_of(code).places(code);
    for (at, place) in places.iter().enumerate() {
        if place & START != 0 && is_watched(t, code, at, *place) {
            words[at] = words[at] & !0xff | encode(Op::INSTRUMENTED, 0);
        }
    }
}

/// Something was disabled at an instruction: it becomes a plain one where that was all.
pub fn look_again(t: &Thread, code: &Code, at: usize) {
    let copy = Quickened::of(t, code);
    if copy.version() == t.instrument.version.get() && !is_watched(t, code, at, monitor_of(code).places(code)[at]) {
        // SAFETY: as in `plan`.
        let (words, caches) = unsafe { (copy.words(), copy.caches()) };
        words[at] = code.instructions[at];
        if Op::decode(words[at]).is_some_and(|op| op.info().cache) {
            wake(&mut caches[words[at + 1] as usize]);
        }
    }
}

/// Notes a jump of a watched frame, for whoever asks at its target whether a line begins. Where nobody will, none is noted:
/// it would be taken for the way that a later run came.
///
/// # Safety
/// The frame is this thread's, and runs a copy.
pub unsafe fn note_jump(t: &Thread, frame: *mut Frame, from: usize, to: usize) {
    // SAFETY: by the caller.
    let target = unsafe { *(*frame).start.add(to) };
    let is_watched = target as u8 == Op::INSTRUMENTED as u8;
    let jump = Jump { frame: frame as usize, from: from as u32, to: to as u32 };
    t.instrument.jump.set(if is_watched { jump } else { Jump::default() });
}

/// Where the instruction begins whose word or cache word is at `at`.
pub fn start_of(code: &Code, at: usize) -> usize {
    let places = monitor_of(code).places(code);
    if places.get(at).is_some_and(|place| place & START == 0) { at - 1 } else { at }
}

/// Moves a frame that runs the code's own words to the thread's copy.
///
/// # Safety
/// The frame is this thread's, and whoever goes on with it reads its saved place.
pub unsafe fn settle(t: &Thread, frame: *mut Frame) {
    // SAFETY: by the caller; instruction indexes are the same in the code and its copies.
    unsafe {
        let code = (*frame).code();
        let copy = Quickened::of(t, code);
        if copy.version() != t.instrument.version.get() {
            plan(t, code, copy);
        }
        if (*frame).caches.is_null() {
            let (start, caches) = copy.parts();
            (*frame).ip = start.offset((*frame).ip.offset_from((*frame).start));
            (*frame).start = start;
            (*frame).caches = caches;
        }
    }
}

/// Looks at the code of all frames of the thread, and moves them to copies. A frame that called Python code by an
/// instruction reads its saved place when that returns. One that waits in native code has its place in machine registers;
/// the calling instructions and those that come to a safepoint read it from the frame again. The rest (operators, attributes
/// and the like, in code that is cold) moves at its next jump backwards or exception.
pub fn settle_all(t: &Thread) {
    let mut frame = t.frame.get().cast::<Frame>();
    let mut in_native = true;
    while !frame.is_null() {
        // SAFETY: frames below the innermost are alive.
        unsafe {
            let code = (*frame).code();
            let at = start_of(code, (*frame).lasti());
            let reloads = matches!(
                Op::decode(code.instructions[at]),
                Some(Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX | Op::RESUME | Op::JUMP_BACKWARD)
            );
            if !(*frame).caches.is_null() || !in_native || reloads {
                settle(t, frame);
            }
            in_native = matches!((*frame).action, Return::ToRust | Return::Sink);
            frame = (*frame).previous;
        }
    }
}
