//! `sys.settrace` and `sys.setprofile`: two tools of each thread's own, whose callbacks see frames.

use super::{Event, PROFILE, TRACE, adopt};
use crate::interp::frame::Frame;
use crate::interp::frame_object::{self, FrameObject};
use crate::object::core_types;
use crate::object::exception::BaseException;
use crate::object::instrument::{EVENTS, Instrument};
use crate::object::names;
use crate::object::native;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::{Thread, WORLD};
use crate::object::tuple;
use crate::object::value::Value;
use crate::sync::shim::atomic::Ordering::*;
use crate::sync::slot::Counted;
use crate::sync::world::attention;
use std::cell::RefCell;

/// What `sys.settrace` listens to; also `Instruction`, where frames ask for opcodes.
const TRACED: [Event; 12] = [
    Event::PyStart,
    Event::PyResume,
    Event::PyThrow,
    Event::PyReturn,
    Event::PyYield,
    Event::PyUnwind,
    Event::Line,
    Event::Jump,
    Event::BranchLeft,
    Event::BranchRight,
    Event::Raise,
    Event::StopIteration,
];

/// What `sys.setprofile` listens to.
const PROFILED: [Event; 9] = [
    Event::PyStart,
    Event::PyResume,
    Event::PyThrow,
    Event::PyReturn,
    Event::PyYield,
    Event::PyUnwind,
    Event::Call,
    Event::CReturn,
    Event::CRaise,
];

/// Adds what the thread's own functions listen to.
pub fn add_masks(t: &Thread, masks: &mut [u8; EVENTS]) {
    let own = &t.instrument;
    let mut add = |events: &[Event], tool: u8| events.iter().for_each(|event| masks[*event as usize] |= 1 << tool);
    if own.trace.borrow().is_some() {
        add(&TRACED, TRACE);
        if own.opcodes.get() {
            add(&[Event::Instruction], TRACE);
        }
    }
    if own.profile.borrow().is_some() {
        add(&PROFILED, PROFILE);
    }
}

/// Which of the two functions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Trace,
    Profile,
}

fn place(own: &Instrument, which: Which) -> &RefCell<Option<Value>> {
    match which {
        Which::Trace => &own.trace,
        Which::Profile => &own.profile,
    }
}

/// The thread's function.
pub fn get(t: &Thread, which: Which) -> Option<Value> {
    place(&t.instrument, which).borrow().clone()
}

/// Sets the thread's function.
pub fn set(t: &Thread, which: Which, function: Option<Value>) {
    let is_set = function.is_some();
    let old = place(&t.instrument, which).replace(function);
    if old.is_some() != is_set {
        adopt(t);
    }
    drop(old);
}

/// A frame of the thread asks for its opcodes.
pub fn ask_for_opcodes(t: &Thread) {
    if !t.instrument.opcodes.replace(true) && t.instrument.trace.borrow().is_some() {
        adopt(t);
    }
}

/// Sets every thread's function.
pub fn set_everywhere(t: &Thread, which: Which, function: Option<Value>) {
    if let Some(v) = &function {
        v.publish();
    }
    let mut old = Vec::new();
    {
        let stopped = WORLD.stop(t.record);
        for member in stopped.members() {
            // SAFETY: the thread is stopped; a context lives as long as its record is taken.
            if let Some(other) = unsafe { member.extra.thread.load(Acquire).as_ref() } {
                old.push(place(&other.instrument, which).replace(function.clone()));
                member.notify(attention::INSTRUMENT);
            }
        }
    }
    // Finalisers may run.
    drop(old);
    adopt(t);
}

/// The innermost frame's object, if a trace function was set in it.
fn traced(t: &Thread) -> Option<(Value, Value)> {
    let frame = t.frame.get().cast::<Frame>();
    // SAFETY: the innermost frame is alive.
    if frame.is_null() || unsafe { (*frame).object } == 0 {
        return None;
    }
    let object = frame_object::current(t, 0)?;
    let function = payload(&object)?.trace_function.load()?;
    Some((object, function))
}

fn payload(object: &Value) -> Option<&FrameObject> {
    object.downcast::<FrameObject>()
}

fn call(t: &Thread, function: &Value, object: &Value, what: &str, arg: &Value) -> PyResult {
    protocol::call_values(t, function, &[object.clone(), names::intern(what), arg.clone()])
}

/// Tells the trace function of an event; `args` as callbacks get them after the code.
pub fn trace(t: &Thread, event: Event, args: &[Value]) -> PyResult<()> {
    let none = Value::NONE;
    let arg = args.get(1).unwrap_or(&none);
    match event {
        Event::PyStart | Event::PyResume | Event::PyThrow => {
            let (Some(function), Some(object)) = (get(t, Which::Trace), frame_object::current(t, 0)) else {
                return Ok(());
            };
            tell(t, &function, &object, "call", &none)
        }
        Event::PyReturn | Event::PyYield => tell_local(t, "return", arg),
        Event::PyUnwind => tell_local(t, "return", &none),
        Event::Raise | Event::StopIteration => tell_exception(t, arg),
        Event::Line => tell_line(t),
        Event::Jump | Event::BranchLeft | Event::BranchRight => {
            // Back to the same line: it begins once more, though no other came between.
            let (Some(from), Some(to)) = (args[0].as_small_int(), arg.as_small_int()) else { return Ok(()) };
            if to >= from {
                return Ok(());
            }
            let frame = t.frame.get().cast::<Frame>();
            // SAFETY: the innermost frame is alive.
            let line = |offset: i64| unsafe { (*frame).code().location((offset / 2) as usize).line };
            if line(from) == line(to) { tell_line(t) } else { Ok(()) }
        }
        Event::Instruction => match traced(t) {
            Some((object, function)) if payload(&object).is_some_and(|f| f.trace_opcodes.load(Relaxed)) => {
                tell(t, &function, &object, "opcode", &none)
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn tell_local(t: &Thread, what: &str, arg: &Value) -> PyResult<()> {
    match traced(t) {
        Some((object, function)) => tell(t, &function, &object, what, arg),
        None => Ok(()),
    }
}

fn tell_line(t: &Thread) -> PyResult<()> {
    match traced(t) {
        Some((object, function)) if payload(&object).is_some_and(|f| f.trace_lines.load(Relaxed)) => {
            tell(t, &function, &object, "line", &Value::NONE)
        }
        _ => Ok(()),
    }
}

fn tell_exception(t: &Thread, exception: &Value) -> PyResult<()> {
    let Some((object, function)) = traced(t) else { return Ok(()) };
    let place = exception.downcast::<BaseException>().and_then(|e| e.traceback.load()).unwrap_or(Value::NONE);
    let arg = tuple::from_vec(vec![exception.class().to_value(), exception.clone(), place]);
    tell(t, &function, &object, "exception", &arg)
}

/// Calls a trace function: its answer, unless it is None, is the frame's function from now on. One that raises is called no
/// more.
fn tell(t: &Thread, function: &Value, object: &Value, what: &str, arg: &Value) -> PyResult<()> {
    match call(t, function, object, what, arg) {
        Ok(answer) if answer.is_none() => Ok(()),
        Ok(answer) => {
            set_local(t, object, Some(answer));
            Ok(())
        }
        Err(raised) => {
            let exception = raise::take(t, raised);
            set(t, Which::Trace, None);
            set_local(t, object, None);
            Err(raise::again(t, exception))
        }
    }
}

/// `f_trace`.
pub fn set_local(t: &Thread, object: &Value, function: Option<Value>) {
    let (Some(f), Some(header)) = (payload(object), object.header()) else { return };
    let old = {
        let _guard = t.lock(header);
        f.trace_function.swap(function)
    };
    drop(old);
}

/// Tells the profile function of an event. One that raises is called no more.
pub fn profile(t: &Thread, event: Event, args: &[Value]) -> PyResult<()> {
    let none = Value::NONE;
    let arg = args.get(1).unwrap_or(&none);
    let (what, arg) = match event {
        Event::PyStart | Event::PyResume | Event::PyThrow => ("call", none),
        Event::PyReturn | Event::PyYield => ("return", arg.clone()),
        Event::PyUnwind => ("return", none),
        Event::Call | Event::CReturn | Event::CRaise => {
            let what = match event {
                Event::Call => "c_call",
                Event::CReturn => "c_return",
                _ => "c_exception",
            };
            let Some(function) = profiled(t, arg, args.get(2))? else { return Ok(()) };
            (what, function)
        }
        _ => return Ok(()),
    };
    let (Some(function), Some(object)) = (get(t, Which::Profile), frame_object::current(t, 0)) else { return Ok(()) };
    match call(t, &function, &object, what, &arg) {
        Ok(_) => Ok(()),
        Err(raised) => {
            let exception = raise::take(t, raised);
            set(t, Which::Profile, None);
            Err(raise::again(t, exception))
        }
    }
}

/// What a profile function is told of a callable: native functions, and native methods bound to what they are called on.
fn profiled(t: &Thread, callable: &Value, first: Option<&Value>) -> PyResult<Option<Value>> {
    if native::of(callable).is_none() {
        return Ok(None);
    }
    if callable.is_exact(&core_types::NATIVE_FUNCTION) {
        return Ok(Some(callable.clone()));
    }
    match first {
        Some(object) if callable.is_exact(&core_types::METHOD_DESCRIPTOR) && !object.is(&super::fire::MISSING) => {
            let Some(get) = callable.class().slots.descr_get.get() else { return Ok(None) };
            get(t, callable, Some(object), &object.class().to_value()).map(Some)
        }
        _ => Ok(None),
    }
}
