//! The instruction that stands for every watched one: tells the tools (`interp::monitor`), then runs it in its generic form.

use super::registers::*;
use crate::bytecode::code::Code;
use crate::bytecode::monitor::{FRESH, Kind, LINE, TRACEABLE};
use crate::bytecode::opcode::{Op, arg};
use crate::interp::call::{self, Called};
use crate::interp::frame::Frame;
use crate::interp::monitor::fire::{MISSING, offset, tell, tell_at};
use crate::interp::monitor::{Event, TRACE, copies, monitor_of, wanted};
use crate::interp::quicken::Quickened;
use crate::interp::stack::{self, Word};
use crate::interp::{async_generator, generator, ops};
use crate::object::core_types::exc;
use crate::object::instrument::Jump;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::types::function::Function;
use crate::types::method::Method;

/// How a watched instruction goes on.
enum Then {
    /// It runs, in its generic form.
    Run,
    /// It was done here.
    Next,
}

/// `INSTRUMENTED`.
///
/// # Safety
/// As `step`.
#[inline(always)]
pub unsafe fn handler(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, word: u32) -> Leave {
    // SAFETY: by the caller.
    let leave = unsafe { watch(t, frame, ip, sp, word) };
    if leave != Leave::Bounce {
        return leave;
    }
    // From here, so that nothing piles up on the native stack: the handler is jumped to.
    let mut r = Registers::left(t);
    match t.left.get().word {
        0 if CHAINED => r.next(),
        0 => leave,
        word => {
            r.word = word as u32;
            r.dispatch()
        }
    }
}

/// # Safety
/// As `step`.
#[inline(never)]
unsafe extern "C" fn watch(t: &Thread, frame: *mut Frame, ip: *const u32, sp: *mut Word, word: u32) -> Leave {
    let mut r = Registers { t, frame, ip, sp, word };
    match watched(&mut r) {
        Ok(Then::Run) => {
            let word = r.word;
            r.leave(Leave::Bounce, word.into())
        }
        Ok(Then::Next) => r.leave(Leave::Bounce, 0),
        Err(_) => r.raise(Leave::Raise),
    }
}

/// An instruction and where it is.
struct Site<'c> {
    code: &'c Code,
    at: usize,
}

impl Site<'_> {
    /// Tells the tools of an event; `args` are what callbacks get after code and offset.
    fn tell(&self, r: &mut Registers, event: Event, kind: Kind, args: &[Value]) -> PyResult<()> {
        let tools = wanted(r.t, self.code, event, self.at, kind);
        if tools == 0 || r.t.instrument.busy.get() > 0 {
            return Ok(());
        }
        let mut all: smallvec::SmallVec<[Value; 4]> = smallvec::smallvec![offset(self.at)];
        all.extend(args.iter().cloned());
        tell_at(r.t, self.code, self.at, (event, kind), tools, &all)
    }

    /// Tells of a branch: the right way is the jump. Answers whether the branch is taken: a callback may have made the frame
    /// go on elsewhere.
    fn branch(&self, r: &mut Registers, target: usize, right: bool) -> PyResult<bool> {
        if right {
            note_jump(r, self.at, target);
            self.tell(r, Event::BranchRight, Kind::Right, &[offset(target)])?;
        } else {
            let next = self.at + 1 + usize::from(decode(self.code.instructions[self.at]).info().cache);
            self.tell(r, Event::BranchLeft, Kind::Own, &[offset(next)])?;
        }
        Ok(!jumped(r))
    }
}

fn decode(word: u32) -> Op {
    Op::decode(word).unwrap_or(Op::NOP)
}

/// Notes a jump, for whoever asks at its target whether a line begins.
fn note_jump(r: &Registers, from: usize, to: usize) {
    // SAFETY: see `Registers`; watched instructions are in copies.
    unsafe { copies::note_jump(r.t, r.frame, from, to) };
}

fn watched(r: &mut Registers) -> PyResult<Then> {
    let (t, code) = (r.t, r.code());
    // SAFETY: see `Registers`; the word is behind `start`.
    let at = unsafe { r.ip.offset_from((*r.frame).start) } as usize - 1;
    let copy = Quickened::of(t, code);
    if copy.version() != t.instrument.version.get() {
        copies::plan(t, code, copy);
    }
    let site = Site { code, at };
    r.word = code.instructions[at];
    let op = decode(r.word);
    r.save();
    if t.instrument.busy.get() == 0 && t.instrument.active.get() {
        let place = monitor_of(code).places(code)[at];
        if place & LINE != 0 {
            tell_line(r, &site, place)?;
        }
        if place & TRACEABLE != 0 && op != Op::RESUME {
            site.tell(r, Event::Instruction, Kind::Instruction, &[])?;
        }
        if jumped(r) {
            return Ok(Then::Next);
        }
        if let Then::Next = instruction(r, &site, op)? {
            return Ok(Then::Next);
        }
    }
    if op.info().cache {
        // Not to become a specialised form in place of the watched one. If it is watched no more, the countdown was reset.
        // SAFETY: see `Registers`; the cache word is behind the instruction.
        let (words, caches) = unsafe { (copy.words(), copy.caches()) };
        if decode(words[at]) == Op::INSTRUMENTED {
            caches[code.instructions[at + 1] as usize][0].countdown = copies::FOREVER;
        }
    }
    Ok(Then::Run)
}

/// Whether a callback has assigned to `f_lineno`: then the frame goes on there.
fn jumped(r: &mut Registers) -> bool {
    // SAFETY: see `Registers`.
    let jumped = unsafe { (*r.frame).ip } != r.ip;
    if jumped {
        r.load();
    }
    jumped
}

/// Tells of a line if one begins here: it is another than that of the instruction that ran before.
fn tell_line(r: &mut Registers, site: &Site, place: u8) -> PyResult<()> {
    let line = site.code.location(site.at).line;
    let jump = r.t.instrument.jump.get();
    let begins = if jump.frame == r.frame as usize && jump.to as usize == site.at {
        r.t.instrument.jump.set(Jump::default());
        // What is thrown into a generator comes from where it would go on.
        let from = jump.from as usize;
        let goes_on = matches!(decode(site.code.instructions[from]), Op::YIELD_VALUE | Op::RESUME);
        goes_on || site.code.location(from).line != line
    } else {
        place & FRESH != 0
    };
    let tools = wanted(r.t, site.code, Event::Line, site.at, Kind::Line);
    if !begins || tools == 0 {
        return Ok(());
    }
    tell_at(r.t, site.code, site.at, (Event::Line, Kind::Line), tools, &[Value::int(line.into())])
}

/// Tells what the instruction does; some it does itself, to know how it ends.
fn instruction(r: &mut Registers, site: &Site, op: Op) -> PyResult<Then> {
    match op {
        Op::RESUME => {
            let event = if r.arg() == 0 { Event::PyStart } else { Event::PyResume };
            site.tell(r, event, Kind::Own, &[])?;
            if jumped(r) {
                return Ok(Then::Next);
            }
        }
        Op::RETURN_VALUE => {
            let v = stack::copy(r.peek(1));
            site.tell(r, Event::PyReturn, Kind::Own, &[v])?;
        }
        Op::YIELD_VALUE => {
            let v = stack::copy(r.peek(1));
            site.tell(r, Event::PyYield, Kind::Own, &[v])?;
            if jumped(r) {
                return Ok(Then::Next);
            }
        }
        Op::JUMP | Op::JUMP_BACKWARD => {
            let target = r.arg();
            if !copies::own_events(site.code, site.at).is_empty() {
                site.tell(r, Event::Jump, Kind::Own, &[offset(target)])?;
                if jumped(r) {
                    return Ok(Then::Next);
                }
            }
            note_jump(r, site.at, target);
        }
        Op::POP_JUMP_IF_TRUE | Op::POP_JUMP_IF_FALSE => {
            let w = r.peek(1);
            let truth = protocol::is_true(r.t, &stack::view(w))?;
            // Asked once only.
            r.put(1, Value::bool(truth).bits());
            r.release_saved(w);
            if !site.branch(r, r.arg(), truth == (op == Op::POP_JUMP_IF_TRUE))? {
                return Ok(Then::Next);
            }
        }
        Op::POP_JUMP_IF_NONE | Op::POP_JUMP_IF_NOT_NONE => {
            let none = r.peek(1) == Value::NONE.bits();
            if !site.branch(r, r.arg(), none == (op == Op::POP_JUMP_IF_NONE))? {
                return Ok(Then::Next);
            }
        }
        Op::JUMP_IF_TRUE_OR_POP | Op::JUMP_IF_FALSE_OR_POP => {
            let truth = protocol::is_true(r.t, &stack::view(r.peek(1)))?;
            let jumps = truth == (op == Op::JUMP_IF_TRUE_OR_POP);
            if !site.branch(r, r.arg(), jumps)? {
                return Ok(Then::Next);
            }
            if jumps {
                r.jump(r.arg());
            } else {
                let w = r.pop();
                r.release_saved(w);
            }
            return Ok(Then::Next);
        }
        Op::FOR_ITER => return for_iter(r, site),
        Op::END_SEND => return_sent(r, site)?,
        Op::CALL | Op::CALL_KW | Op::CALL_FUNCTION_EX => return call(r, site, op),
        Op::LOAD_SUPER_ATTR | Op::LOAD_SUPER_METHOD => return load_super(r, site, op),
        _ => {}
    }
    Ok(Then::Run)
}

/// `END_SEND`: what `yield from` and `await` drive has ended, a generator or something that has raised StopIteration.
fn return_sent(r: &mut Registers, site: &Site) -> PyResult<()> {
    let (receiver, v) = (stack::view(r.peek(2)), stack::copy(r.peek(1)));
    let class = receiver.class();
    if class.is_heap() || async_generator::is_step(&receiver) {
        let tools = r.t.instrument.tools[Event::Raise as usize].get();
        let raised = raise::stop_iteration(r.t, (!v.is_none()).then_some(v));
        let exception = raise::take(r.t, raised);
        return tell(r.t, site.code, Event::Raise, tools, &[offset(site.at), exception]).map(drop);
    }
    if generator::of(&receiver).is_some() { stop(r, site, Kind::Own, v) } else { Ok(()) }
}

/// Tells that a generator has returned a value, which raises no exception that anybody would see. Trace functions hear
/// nothing of it in loops, as in CPython.
fn stop(r: &mut Registers, site: &Site, kind: Kind, v: Value) -> PyResult<()> {
    let mut tools = wanted(r.t, site.code, Event::StopIteration, site.at, kind);
    if kind == Kind::Stop {
        tools &= !(1 << TRACE);
    }
    if tools == 0 {
        return Ok(());
    }
    let raised = raise::stop_iteration(r.t, (!v.is_none()).then_some(v));
    let exception = raise::take(r.t, raised);
    tell_at(r.t, site.code, site.at, (Event::StopIteration, kind), tools, &[offset(site.at), exception])
}

/// `FOR_ITER`.
fn for_iter(r: &mut Registers, site: &Site) -> PyResult<Then> {
    let (t, target) = (r.t, r.arg());
    r.skip_word();
    r.save();
    let iterator = stack::view(r.peek(1));
    match next_item(t, site, &iterator)? {
        Some(item) => {
            r.push_value(item);
            r.save();
            site.branch(r, target, false)?;
        }
        None => {
            if generator::of(&iterator).is_some() {
                stop(r, site, Kind::Stop, Value::NONE)?;
            }
            if !site.branch(r, target, true)? {
                return Ok(Then::Next);
            }
            let w = r.pop();
            r.jump(target);
            r.release_saved(w);
        }
    }
    Ok(Then::Next)
}

/// The next item. A StopIteration that the iterator has raised is told of here, before it ends the loop.
fn next_item(t: &Thread, site: &Site, iterator: &Value) -> PyResult<Option<Value>> {
    let next = iterator.class().slots.next.get().filter(|_| t.instrument.raising.get());
    let Some(next) = next else { return ops::next(t, iterator) };
    match next(t, iterator) {
        Err(raised) if raise::matches(t, &raised, &exc::STOP_ITERATION) => {
            let exception = raise::take(t, raised);
            let tools = t.instrument.tools[Event::Raise as usize].get();
            tell(t, site.code, Event::Raise, tools, &[offset(site.at), exception])?;
            Ok(None)
        }
        item => item,
    }
}

/// The calls. Those of Python functions run as ever; what runs in Rust is called from here, to tell of its end.
fn call(r: &mut Registers, site: &Site, op: Op) -> PyResult<Then> {
    let (t, count) = (r.t, r.arg());
    if wanted(t, site.code, Event::Call, site.at, Kind::Own) == 0 {
        return Ok(Then::Run);
    }
    let above = match op {
        Op::CALL => count,
        Op::CALL_KW => count + 1,
        _ => 1 + usize::from(count == 1),
    };
    let callable = stack::copy(r.peek(above + 2));
    let this = r.peek(above + 1);
    let (callable, first) = match callable.downcast_exact::<Method>() {
        Some(method) if this == 0 => ((*method.function).clone(), (*method.object).clone()),
        _ if this != 0 => (callable, stack::copy(this)),
        _ if op == Op::CALL_FUNCTION_EX => {
            let args = stack::copy(r.peek(above));
            let items = args.downcast::<tuple::Tuple>().map_or(&[][..], |args| args.items());
            (callable, items.first().map_or_else(|| (**MISSING).clone(), Value::clone))
        }
        _ if count > 0 => (callable, stack::copy(r.peek(above))),
        _ => (callable, (**MISSING).clone()),
    };
    let args = [callable, first];
    site.tell(r, Event::Call, Kind::Own, &args)?;
    if args[0].downcast_exact::<Function>().is_some() {
        return Ok(Then::Run);
    }
    let mut names = 0;
    match op {
        Op::CALL => r.skip_word(),
        Op::CALL_KW => {
            r.skip_word();
            // A constant of this code.
            names = r.pop();
        }
        _ => {}
    }
    r.save();
    // SAFETY: the words are laid out as the instruction says.
    let called = unsafe {
        match op {
            Op::CALL_FUNCTION_EX => call::call_ex(t, r.frame, count == 1),
            _ => call::call_in_rust(t, r.frame, count, names),
        }
    };
    match r.called(called) {
        Ok(Called::Result(v)) => {
            r.push_value(v);
            r.save();
            returned(r, site, &args)?;
        }
        Ok(Called::Pushed(callee)) => {
            r.frame = callee;
            r.load();
        }
        Err(raised) => {
            let exception = raise::take(t, raised);
            told_of_raise(r, site, &args)?;
            return Err(raise::again(t, exception));
        }
    }
    Ok(Then::Next)
}

/// Whether a call that was reported ends in Rust is told to those who asked for calls.
fn returned(r: &mut Registers, site: &Site, args: &[Value; 2]) -> PyResult<()> {
    end_of_call(r, site, Event::CReturn, args)
}

fn told_of_raise(r: &mut Registers, site: &Site, args: &[Value; 2]) -> PyResult<()> {
    end_of_call(r, site, Event::CRaise, args)
}

fn end_of_call(r: &mut Registers, site: &Site, event: Event, args: &[Value; 2]) -> PyResult<()> {
    let tools = wanted(r.t, site.code, Event::Call, site.at, Kind::Own);
    if tools == 0 || r.t.instrument.busy.get() > 0 {
        return Ok(());
    }
    let [callable, first] = args.clone();
    tell(r.t, site.code, event, tools, &[offset(site.at), callable, first]).map(drop)
}

/// `LOAD_SUPER_ATTR`, `LOAD_SUPER_METHOD`: the call of `super` that they stand for. [super, class, self].
fn load_super(r: &mut Registers, site: &Site, op: Op) -> PyResult<Then> {
    let t = r.t;
    if wanted(t, site.code, Event::Call, site.at, Kind::Own) == 0 {
        return Ok(Then::Run);
    }
    let [callable, class, object] = [3, 2, 1].map(|i| stack::copy(r.peek(i)));
    // `super()` and `super(class, object)` are the same instruction here.
    let args = [callable, class.clone()];
    site.tell(r, Event::Call, Kind::Own, &args)?;
    r.skip_word();
    r.save();
    let name = r.name(arg(site.code.instructions[site.at]) as usize).clone();
    let made = protocol::call_values(t, &args[0], &[class, object]);
    let found = match made {
        Ok(made) => {
            returned(r, site, &args)?;
            protocol::get_attr(t, &made, &name)?
        }
        Err(raised) => {
            let exception = raise::take(t, raised);
            told_of_raise(r, site, &args)?;
            return Err(raise::again(t, exception));
        }
    };
    r.drop_words(3);
    r.push_value(found);
    if op == Op::LOAD_SUPER_METHOD {
        r.push(0);
    }
    Ok(Then::Next)
}
