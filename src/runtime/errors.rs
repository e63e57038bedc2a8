//! Reporting exceptions that nobody caught.

use crate::interp::frame_object::FrameObject;
use crate::modules::support::put;
use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::names::known;
use crate::object::raise;
use crate::object::thread::{Thread, is_ending};
use crate::object::value::Value;
use crate::object::{hooks, names, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicBool, Ordering::Relaxed};
use crate::types::traceback::{self, Traceback};
use std::io::Write;

/// `Hooks::unraisable`: calls `sys.unraisablehook`, or prints where that fails.
pub fn unraisable(t: &Thread, exception: Value, place: &str, object: Option<&Value>) {
    let outcome = (|| {
        let sys = (hooks::get().import)(t, "sys")?;
        let Some(hook) = protocol::lookup_attr(t, &sys, &known().unraisablehook)? else { return Ok(false) };
        let traceback = exception.downcast::<BaseException>().and_then(|p| p.traceback.load());
        let traceback = traceback.or_else(|| place_of(t, &exception)).unwrap_or(Value::NONE);
        let message = if place.is_empty() { Value::NONE } else { str::from_str(place) };
        let args = [
            exception.class().to_value(),
            exception.clone(),
            traceback,
            message,
            object.cloned().unwrap_or(Value::NONE),
        ];
        let maker = protocol::get_attr_str(t, &sys, "UnraisableHookArgs")?;
        let args = protocol::call_values(t, &maker, &[tuple::from_slice(&args)])?;
        protocol::call_values(t, &hook, &[args]).map(|_| true)
    })();
    match outcome {
        Ok(true) => {}
        Ok(false) => print_plain(t, &exception),
        Err(raised) => {
            print_plain(t, &exception);
            let other = raise::take(t, raised);
            print_plain(t, &other);
        }
    }
}

/// Gives an exception that was raised outside of any frame the place where Python code runs now, if any does.
fn place_of(t: &Thread, exception: &Value) -> Option<Value> {
    let frame = (hooks::get().frame)(t, 0)?;
    let lasti = frame.downcast::<FrameObject>()?.lasti();
    let place = traceback::new(None, frame, lasti, -1);
    put(t, exception, &exception.downcast::<BaseException>()?.traceback, Some(place.clone()));
    Some(place)
}

/// Whether an uncaught KeyboardInterrupt ended the program.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Reports an uncaught exception through `sys.excepthook`; answers the process's exit status.
pub fn uncaught(t: &Thread, exception: Value) -> i32 {
    if exception.class().is_subtype(&exc::SYSTEM_EXIT) {
        return system_exit(t, &exception);
    }
    let interrupted = exception.class().is_subtype(&exc::KEYBOARD_INTERRUPT);
    display(t, &exception);
    INTERRUPTED.store(interrupted, Relaxed);
    if interrupted { 130 } else { 1 }
}

/// The status of a SystemExit; prints a code that is no number.
fn system_exit(t: &Thread, exception: &Value) -> i32 {
    let code = match protocol::get_attr(t, exception, &known().code) {
        Ok(code) => code,
        Err(raised) => {
            drop(raise::take(t, raised));
            Value::NONE
        }
    };
    flush(t);
    if code.is_none() {
        return 0;
    }
    if let Some(view) = crate::object::bigint::view(&code) {
        return match view {
            crate::object::bigint::IntView::Small(i) => (i & 0xff) as i32,
            crate::object::bigint::IntView::Big(_) => 255,
        };
    }
    match protocol::to_str(t, &code) {
        // What the stream's encoding does not know is its error handler's.
        Ok(text) => write_text(t, &text),
        Err(raised) => drop(raise::take(t, raised)),
    }
    write_stderr(t, "\n");
    1
}

/// Calls `sys.excepthook`; prints in a plain way where it is lost or fails.
pub fn display(t: &Thread, exception: &Value) {
    flush(t);
    let outcome = (|| {
        let sys = (hooks::get().import)(t, "sys")?;
        let payload = exception.downcast::<BaseException>();
        let traceback = payload.and_then(|p| p.traceback.load()).unwrap_or(Value::NONE);
        let last = [
            ("last_exc", exception.clone()),
            ("last_type", exception.class().to_value()),
            ("last_value", exception.clone()),
            ("last_traceback", traceback.clone()),
        ];
        for (name, value) in last {
            protocol::set_attr(t, &sys, &names::intern(name), &value)?;
        }
        match protocol::lookup_attr(t, &sys, &known().excepthook)? {
            Some(hook) => {
                protocol::call_values(t, &hook, &[exception.class().to_value(), exception.clone(), traceback])
                    .map(|_| true)
            }
            None => Ok(false),
        }
    })();
    match outcome {
        Ok(true) => {}
        Ok(false) => {
            write_stderr(t, "sys.excepthook is missing\n");
            print(t, exception);
        }
        Err(raised) => {
            let other = raise::take(t, raised);
            write_stderr(t, "Error in sys.excepthook:\n");
            print(t, &other);
            write_stderr(t, "\nOriginal exception was:\n");
            print(t, exception);
        }
    }
    flush(t);
}

/// `sys.__excepthook__`: the traceback as CPython prints it, by the library's `traceback` module.
pub fn print(t: &Thread, exception: &Value) {
    if exception.downcast::<BaseException>().is_none() {
        let class = exception.class().display_name();
        let message = format!("TypeError: print_exception(): Exception expected for value, {class} found\n");
        return write_stderr(t, &message);
    }
    let outcome = (|| {
        let module = (hooks::get().import)(t, "traceback")?;
        let print = protocol::get_attr_str(t, &module, "_print_exception_bltin")?;
        protocol::call_values(t, &print, std::slice::from_ref(exception))
    })();
    if let Err(raised) = outcome {
        let other = raise::take(t, raised);
        print_plain(t, exception);
        // At the end of the process the library may be gone: no news.
        if !is_ending() {
            print_plain(t, &other);
        }
    }
}

/// An exception without help of the library: places and message.
pub fn print_plain(t: &Thread, exception: &Value) {
    let mut text = String::new();
    let mut place = exception.downcast::<BaseException>().and_then(|p| p.traceback.load());
    if place.is_some() {
        text.push_str("Traceback (most recent call last):\n");
    }
    while let Some(v) = place {
        let Some(payload) = v.downcast::<Traceback>() else { break };
        if let Some(frame) = payload.frame.downcast::<FrameObject>()
            && let Some(code) = frame.code.downcast::<crate::bytecode::code::Code>()
        {
            let line = code.location(payload.lasti.max(0) as usize / 2).line;
            text.push_str(&format!(
                "  File \"{}\", line {line}, in {}\n",
                code.filename_text,
                str::lossy(&code.qualname)
            ));
        }
        place = payload.next.load();
    }
    let message = match protocol::to_string(t, exception) {
        Ok(message) => message,
        Err(raised) => {
            drop(raise::take(t, raised));
            "<exception str() failed>".into()
        }
    };
    let name = exception.class().display_name();
    text.push_str(&if message.is_empty() { format!("{name}\n") } else { format!("{name}: {message}\n") });
    write_stderr(t, &text);
}

/// Writes to `sys.stderr`, or to the process's standard error where that is lost.
pub fn write_stderr(t: &Thread, text: &str) {
    write_text(t, &str::from_str(text));
}

fn write_text(t: &Thread, text: &Value) {
    let outcome = (|| {
        let sys = (hooks::get().import)(t, "sys")?;
        match protocol::lookup_attr(t, &sys, &known().stderr)? {
            Some(file) if !file.is_none() => {
                protocol::call_method(t, &file, &known().write, std::slice::from_ref(text)).map(|_| true)
            }
            _ => Ok(false),
        }
    })();
    match outcome {
        Ok(true) => {}
        Ok(false) => drop(std::io::stderr().write_all(str::lossy(text).as_bytes())),
        Err(raised) => {
            drop(raise::take(t, raised));
            drop(std::io::stderr().write_all(str::lossy(text).as_bytes()));
        }
    }
}

/// Flushes `sys.stdout` and `sys.stderr`; answers whether both went well. Tells of an error of the first.
pub fn flush(t: &Thread) -> bool {
    let mut fine = true;
    for name in [&known().stdout, &known().stderr] {
        let outcome = (|| {
            let sys = (hooks::get().import)(t, "sys")?;
            match protocol::lookup_attr(t, &sys, name)? {
                Some(file) if !file.is_none() => {
                    let closed = protocol::lookup_attr(t, &file, &names::intern("closed"))?;
                    if let Some(closed) = closed
                        && protocol::is_true(t, &closed)?
                    {
                        return Ok(());
                    }
                    protocol::call_method(t, &file, &known().flush, &[]).map(drop)
                }
                _ => Ok(()),
            }
        })();
        if let Err(raised) = outcome {
            let exception = raise::take(t, raised);
            if name.is(&known().stdout) {
                unraisable(t, exception, "Exception ignored while flushing sys.stdout", None);
            }
            fine = false;
        }
    }
    fine
}
