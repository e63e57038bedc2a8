//! Telling the tools what happens.

use super::{Event, NAMES, PROFILE, TRACE, legacy, monitor_of, tools};
use crate::bytecode::code::Code;
use crate::bytecode::monitor::Kind;
use crate::interp::quicken;
use crate::object::core_types;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use std::sync::LazyLock;

fn object() -> Stored {
    let v = protocol::call_values(Thread::current(), &core_types::OBJECT.as_value(), &[]);
    let v = v.unwrap_or(Value::ELLIPSIS);
    names::immortalize(&v);
    Stored::new(v)
}

/// `sys.monitoring.DISABLE`: the answer of a callback that wants no more of an event at a place.
pub static DISABLE: LazyLock<Stored> = LazyLock::new(object);
/// `sys.monitoring.MISSING`: the argument of a call without any.
pub static MISSING: LazyLock<Stored> = LazyLock::new(object);

/// The offset that tools know an instruction by, as `f_lasti`.
pub fn offset(at: usize) -> Value {
    Value::int(at as i64 * 2)
}

/// Runs `f` as a callback for an event: meanwhile nothing is reported, and nothing is watched.
pub fn quietly<R>(t: &Thread, event: Event, f: impl FnOnce() -> R) -> R {
    let own = &t.instrument;
    own.busy.set(own.busy.get() + 1);
    let before = own.event.replace(event as u8);
    let frame = own.frame.replace(t.frame.get() as usize);
    let apart = quicken::switch(t, true);
    let result = f();
    quicken::switch(t, apart);
    own.frame.set(frame);
    own.event.set(before);
    own.busy.set(own.busy.get() - 1);
    result
}

/// Tells tools of an event in some code, the one with the highest number first. `args` are what callbacks get after the code.
/// Answers the tools that want no more of it here; with it, whether that goes for both ways of a branch.
pub fn tell(t: &Thread, code: &Code, event: Event, tools: u8, args: &[Value]) -> PyResult<(u8, bool)> {
    let (mut disabled, mut both) = (0, false);
    for tool in (0..8u8).rev().filter(|tool| tools >> tool & 1 != 0) {
        if t.instrument.busy.get() > 0 {
            break;
        }
        if tool == TRACE {
            quietly(t, event, || legacy::trace(t, event, args))?;
            continue;
        }
        if tool == PROFILE {
            quietly(t, event, || legacy::profile(t, event, args))?;
            continue;
        }
        let Some((callback, either)) = tools::callback(tool.into(), event) else { continue };
        let mut all: smallvec::SmallVec<[Value; 5]> = smallvec::smallvec![code.as_value()];
        all.extend(args.iter().cloned());
        let answer = quietly(t, event, || protocol::call_values(t, &callback, &all))?;
        if !answer.is(&DISABLE) {
            continue;
        }
        if !event.is_local() {
            // It would be called for ever.
            drop(tools::set_callback(tool.into(), event as usize, None));
            let message = format!("Cannot disable {} events. Callback removed.", NAMES[event as usize]);
            return Err(raise::value_error(t, message));
        }
        disabled |= 1 << tool;
        both |= either;
    }
    Ok((disabled, both))
}

/// Tells tools of what happens at an instruction, and notes who wants no more of it.
pub fn tell_at(
    t: &Thread,
    code: &Code,
    at: usize,
    (event, kind): (Event, Kind),
    tools: u8,
    args: &[Value],
) -> PyResult<()> {
    if tools == 0 {
        return Ok(());
    }
    let (disabled, both) = tell(t, code, event, tools, args)?;
    if disabled != 0 {
        let (monitor, words, restart) = (monitor_of(code), code.instructions.len(), t.instrument.restart.get());
        monitor.disable(words, at, kind, disabled, restart);
        if both {
            let other = if kind == Kind::Own { Kind::Right } else { Kind::Own };
            monitor.disable(words, at, other, disabled, restart);
        }
        super::copies::look_again(t, code, at);
    }
    Ok(())
}
