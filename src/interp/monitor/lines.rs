//! Assigning to `f_lineno`: a trace function makes its frame go on at another line.
//!
//! The operand stack must then be what the code there expects. Kinds of words are followed through the code to know that.

use super::Event;
use crate::bytecode::code::Code;
use crate::bytecode::opcode::{Op, arg};
use crate::bytecode::unit::kind;
use crate::interp::frame::{CELL_OR_FREE, Frame};
use crate::interp::monitor::copies;
use crate::interp::stack;
use crate::object::core_types::exc;
use crate::object::hooks;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;

/// What a word on the stack is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Object,
    Null,
    Iterator,
    /// An exception, or the one handled before it.
    Exception,
    /// The place of a raise.
    Place,
}

type Stack = Vec<Word>;

/// The stack before each instruction that control reaches.
fn stacks(code: &Code) -> Vec<Option<Stack>> {
    let words = &code.instructions;
    let mut stacks: Vec<Option<Stack>> = vec![None; words.len()];
    stacks[0] = Some(Vec::new());
    loop {
        let mut changed = false;
        let mut flow = |stacks: &mut Vec<Option<Stack>>, to: usize, stack: Stack| {
            if let Some(place @ None) = stacks.get_mut(to) {
                *place = Some(stack);
                changed = true;
            }
        };
        let mut at = 0;
        while let Some(op) = words.get(at).and_then(|word| Op::decode(*word)) {
            let next = at + 1 + usize::from(op.info().cache);
            if let Some(before) = stacks[at].clone() {
                if let Some(handler) = code.handler(at) {
                    let mut stack = before.clone();
                    stack.truncate(handler.depth as usize);
                    if handler.lasti {
                        stack.push(Word::Place);
                    }
                    stack.push(Word::Exception);
                    flow(&mut stacks, handler.target as usize, stack);
                }
                let (after, jumped) = step(op, arg(words[at]), before);
                if let Some(stack) = jumped {
                    flow(&mut stacks, arg(words[at]) as usize, stack);
                }
                if let Some(stack) = after {
                    flow(&mut stacks, next, stack);
                }
            }
            at = next;
        }
        if !changed {
            return stacks;
        }
    }
}

/// The stack behind an instruction, and at its jump's target.
fn step(op: Op, arg: u32, mut stack: Stack) -> (Option<Stack>, Option<Stack>) {
    let top = stack.len();
    match op {
        Op::JUMP | Op::JUMP_BACKWARD => return (None, Some(stack)),
        Op::RETURN_VALUE | Op::RAISE_VARARGS | Op::RERAISE => return (None, None),
        Op::FOR_ITER => {
            let ended = stack[..top.saturating_sub(1)].to_vec();
            stack.push(Word::Object);
            return (Some(stack), Some(ended));
        }
        Op::GET_ITER | Op::GET_AITER => {
            stack.pop();
            stack.push(Word::Iterator);
            return (Some(stack), None);
        }
        Op::PUSH_EXC_INFO => stack.push(Word::Exception),
        Op::PUSH_NULL | Op::LOAD_FAST_AND_CLEAR => stack.push(Word::Null),
        Op::LOAD_METHOD | Op::LOAD_SUPER_METHOD | Op::LOAD_SPECIAL => {
            let operands = if op == Op::LOAD_SUPER_METHOD { 3 } else { 1 };
            stack.truncate(top.saturating_sub(operands));
            // The second may be the place of an absent self.
            stack.extend([Word::Object, Word::Null]);
        }
        Op::COPY => stack.push(top.checked_sub(arg as usize).map_or(Word::Object, |i| stack[i])),
        Op::SWAP if top >= arg as usize && arg > 0 => stack.swap(top - 1, top - arg as usize),
        _ => {
            let effect = |effect: i32, mut stack: Stack| {
                let depth = (stack.len() as i32 + effect).max(0) as usize;
                stack.resize(depth, Word::Object);
                stack
            };
            let jumped =
                crate::bytecode::analysis::is_jump(op).then(|| effect((op.info().jump)(arg as i32), stack.clone()));
            return (Some(effect((op.info().effect)(arg as i32), stack)), jumped);
        }
    }
    (Some(stack), None)
}

/// Whether code that expects the stack `to` can go on with what is left of `from`.
fn fits(from: &Stack, to: &Stack) -> bool {
    from.len() >= to.len()
        && from.iter().zip(to).all(|(from, to)| match to {
            Word::Object => *from != Word::Null,
            Word::Null => true,
            _ => from == to,
        })
}

/// Why it cannot.
fn explain(to: Option<&Stack>) -> &'static str {
    let Some(to) = to else { return "can't jump into an exception handler, or code may be unreachable" };
    match to.last() {
        Some(Word::Exception) => "can't jump into an 'except' block as there's no exception",
        Some(Word::Place) => "can't jump into a re-raising block as there's no location",
        Some(Word::Iterator) => "can't jump into the body of a for loop",
        _ => "incompatible stacks",
    }
}

/// The places where a line begins, in order: (instruction, line).
fn line_starts(code: &Code) -> Vec<(usize, u32)> {
    let mut starts: Vec<(usize, u32)> = Vec::new();
    let mut previous = 0;
    for (start, location) in &code.locations {
        if location.line != previous && location.line != 0 {
            starts.push((*start as usize, location.line));
        }
        previous = location.line;
    }
    starts
}

fn why_not(t: &Thread, frame: *mut Frame, is_traced: bool) -> Option<&'static str> {
    let own = &t.instrument;
    let event = own.event.get();
    let is = |events: &[Event]| events.iter().any(|e| *e as u8 == event);
    let untraced = "f_lineno can only be set in a trace function";
    if own.busy.get() == 0 {
        return Some(if is_traced { "can only jump from a 'line' trace event" } else { untraced });
    }
    if own.frame.get() != frame as usize {
        return Some("can only jump from a 'line' trace event");
    }
    if is(&[Event::PyResume, Event::Jump, Event::BranchLeft, Event::BranchRight, Event::Line, Event::PyYield]) {
        return (!is_traced).then_some(untraced);
    }
    Some(if is(&[Event::PyStart]) {
        "can't jump from the 'call' trace event of a new frame"
    } else if is(&[Event::Call, Event::CReturn]) {
        "can't jump during a call"
    } else {
        "can only jump from a 'line' trace event"
    })
}

/// Makes the calling thread's frame go on at a line. Raises ValueError where it cannot.
///
/// # Safety
/// The frame is alive, on this thread.
pub unsafe fn jump(t: &Thread, frame: *mut Frame, line: &Value, is_traced: bool) -> PyResult<()> {
    if let Some(message) = why_not(t, frame, is_traced) {
        return Err(raise::value_error(t, message));
    }
    if line.as_bool().is_some() || protocol::index(t, line).is_err() {
        drop(raise::pending(t).map(|raised| raise::take(t, raised)));
        return Err(raise::value_error(t, "lineno must be an integer"));
    }
    let Some(wanted) = line.as_small_int().filter(|n| i32::try_from(*n).is_ok()) else {
        return Err(raise::value_error(t, "lineno out of range"));
    };
    // SAFETY: by the caller.
    let (code, last) = unsafe { ((*frame).code(), (*frame).lasti()) };
    if wanted < i64::from(code.first_line) {
        return Err(raise::value_error(t, format!("line {wanted} comes before the current code block")));
    }
    let starts = line_starts(code);
    let Some(wanted) = starts.iter().map(|(_, line)| *line).filter(|line| i64::from(*line) >= wanted).min() else {
        return Err(raise::value_error(t, format!("line {wanted} comes after the current code block")));
    };
    let stacks = stacks(code);
    let Some(from) = stacks[copies::start_of(code, last)].clone() else {
        return Err(raise::value_error(t, "can't jump from unreachable code"));
    };
    let mut best: Option<(usize, &Stack)> = None;
    let mut message = "cannot find bytecode for specified line";
    for (at, _) in starts.iter().filter(|(_, line)| *line == wanted) {
        match &stacks[*at] {
            Some(to) if fits(&from, to) => {
                if best.is_none_or(|(_, known)| to.len() > known.len()) {
                    best = Some((*at, to));
                }
            }
            to => message = explain(to.as_ref()),
        }
    }
    let Some((target, to)) = best else { return Err(raise::value_error(t, message)) };
    // SAFETY: by the caller.
    unsafe {
        bind_all(t, frame, code)?;
        for kind in from[to.len()..].iter().rev() {
            (*frame).sp = (*frame).sp.sub(1);
            let word = *(*frame).sp;
            if *kind == Word::Exception {
                let before = stack::take(word);
                drop(t.handled.replace(before.non_none().cloned()));
            } else {
                stack::release(word);
            }
        }
        (*frame).ip = (*frame).start.add(target);
    }
    // The line that was asked for is not told of again.
    // SAFETY: by the caller; only watched code has trace functions called.
    unsafe { copies::note_jump(t, frame, target, target) };
    Ok(())
}

/// Gives locals without a value None: the code behind the jump may take them for bound.
///
/// # Safety
/// As `jump`.
unsafe fn bind_all(t: &Thread, frame: *mut Frame, code: &Code) -> PyResult<()> {
    let is_unbound = |i: &usize| {
        // SAFETY: by the caller; a frame has the code's locals.
        code.local_kinds[*i] & CELL_OR_FREE == 0 && unsafe { *Frame::locals(frame).add(*i) } == 0
    };
    let unbound: Vec<usize> = (0..code.local_count()).filter(is_unbound).collect();
    let shown = unbound.iter().filter(|i| code.local_kinds[**i] & kind::HIDDEN == 0).count();
    if shown > 0 {
        let end = if shown == 1 { "" } else { "s" };
        let message = format!("assigning None to {shown} unbound local{end}");
        (hooks::get().warn)(t, &exc::RUNTIME_WARNING.to_value(), &message, 0)?;
    }
    for i in unbound {
        // SAFETY: as above.
        unsafe { *Frame::locals(frame).add(i) = Value::NONE.bits() };
    }
    Ok(())
}
