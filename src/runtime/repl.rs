//! The interactive prompt.
//!
//! On a terminal the library's `_pyrepl` is asked first; where it cannot run, and where standard input is no terminal, the
//! loop here reads statements line by line.

use super::config;
use super::script::{remember, run_source};
use super::{compile, errors, imports};
use crate::compiler::{Mode, Options};
use crate::interp;
use crate::object::core_types::exc;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str};
use crate::sync::shim::atomic::{AtomicBool, Ordering::*};
use std::io::{BufRead, Write};

/// Whether a prompt has been reached: it ends with the exit that it is asked for.
static REACHED: AtomicBool = AtomicBool::new(false);

/// Whether a prompt follows the program: -i, or `PYTHONINSPECT`, which the program itself may have set.
pub fn wanted() -> bool {
    let config = config::get();
    if REACHED.load(Relaxed) {
        return false;
    }
    config.inspect || !config.ignore_environment && std::env::var_os("PYTHONINSPECT").is_some_and(|v| !v.is_empty())
}

/// Whether a descriptor is a terminal.
pub fn is_terminal(fd: i32) -> bool {
    crate::sys::fd::is_terminal(fd)
}

/// The lines at the start of a session.
pub fn greet(t: &Thread) {
    let version = concat!("Python 3.14.0 (orochi ", env!("CARGO_PKG_VERSION"), ", free-threading build) on linux\n");
    errors::write_stderr(t, version);
    if !config::get().no_site {
        let more = "Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n";
        errors::write_stderr(t, more);
    }
}

/// A session that is the whole program: start-up file, hook, prompt. Answers the exit status.
pub fn start(t: &Thread, globals: &Value) -> PyResult<i32> {
    let config = config::get();
    if !config.ignore_environment
        && let Some(path) = std::env::var_os("PYTHONSTARTUP").filter(|p| !p.is_empty())
    {
        let path = path.to_string_lossy().into_owned();
        match t.detached(|| std::fs::read(&path)) {
            Ok(source) => {
                if let Err(raised) = run_source(t, &source, &path, globals, false) {
                    let exception = raise::take(t, raised);
                    if exception.class().is_subtype(&exc::SYSTEM_EXIT) {
                        return Ok(errors::uncaught(t, exception));
                    }
                    errors::display(t, &exception);
                }
            }
            Err(e) => {
                let text = crate::sys::fd::error_text(e.raw_os_error().unwrap_or(0));
                errors::write_stderr(t, &format!("Could not open PYTHONSTARTUP\n{path}: {text}\n"));
            }
        }
    }
    if !config.isolated {
        call_hook(t)?;
    }
    Ok(run(t, globals).unwrap_or(0))
}

/// `sys.__interactivehook__`
fn call_hook(t: &Thread) -> PyResult<()> {
    let sys = imports::import(t, "sys")?;
    let Some(hook) = protocol::lookup_attr(t, &sys, &names::intern("__interactivehook__"))? else { return Ok(()) };
    if let Err(raised) = protocol::call_values(t, &hook, &[]) {
        let exception = raise::take(t, raised);
        errors::write_stderr(t, "Failed calling sys.__interactivehook__\n");
        errors::display(t, &exception);
    }
    Ok(())
}

/// Runs a prompt to its end. The exit status it was asked to exit with, if it was.
pub fn run(t: &Thread, globals: &Value) -> Option<i32> {
    REACHED.store(true, Relaxed);
    if is_terminal(0)
        && is_terminal(1)
        && let Some(outcome) = full_screen(t)
    {
        return outcome;
    }
    basic(t, globals)
}

/// `_pyrepl`, where it can run.
fn full_screen(t: &Thread) -> Option<Option<i32>> {
    if !config::get().ignore_environment && std::env::var_os("PYTHON_BASIC_REPL").is_some_and(|v| !v.is_empty()) {
        return None;
    }
    let able = (|| {
        let main = imports::import(t, "_pyrepl.main")?;
        let able = protocol::get_attr_str(t, &main, "CAN_USE_PYREPL")?;
        Ok((protocol::is_true(t, &able)?, main))
    })();
    let main = match able {
        Ok((true, main)) => main,
        Ok((false, _)) => return None,
        Err(raised) => {
            drop(raise::take(t, raised));
            return None;
        }
    };
    match protocol::call_method_str(t, &main, "interactive_console", &[]) {
        Ok(_) => Some(None),
        Err(raised) => Some(Some(errors::uncaught(t, raise::take(t, raised)))),
    }
}

/// The loop over statements; answers the status of an exit.
pub fn basic(t: &Thread, globals: &Value) -> Option<i32> {
    REACHED.store(true, Relaxed);
    if let Err(raised) = set_prompts(t) {
        drop(raise::take(t, raised));
    }
    loop {
        match one(t, globals) {
            Ok(true) => {}
            Ok(false) => {
                errors::flush(t);
                return None;
            }
            Err(raised) => {
                let exception = raise::take(t, raised);
                if exception.class().is_subtype(&exc::SYSTEM_EXIT) {
                    return Some(errors::uncaught(t, exception));
                }
                errors::display(t, &exception);
            }
        }
    }
}

fn set_prompts(t: &Thread) -> PyResult<()> {
    let sys = imports::import(t, "sys")?;
    for (name, text) in [("ps1", ">>> "), ("ps2", "... ")] {
        let name = names::intern(name);
        if protocol::lookup_attr(t, &sys, &name)?.is_none() {
            protocol::set_attr(t, &sys, &name, &str::from_str(text))?;
        }
    }
    Ok(())
}

/// The text of a prompt; nothing where it cannot be shown.
fn prompt(t: &Thread, name: &str) -> String {
    let text = (|| {
        let sys = imports::import(t, "sys")?;
        match protocol::lookup_attr(t, &sys, &names::intern(name))? {
            Some(prompt) => protocol::to_string(t, &prompt),
            None => Ok(String::new()),
        }
    })();
    match text {
        Ok(text) => text,
        Err(raised) => {
            drop(raise::take(t, raised));
            String::new()
        }
    }
}

/// Shows a prompt and reads a line with its end; None at the end of the input.
fn read(t: &Thread, prompt: &str) -> PyResult<Option<String>> {
    errors::flush(t);
    let shown = prompt.to_owned();
    let line = t.detached(move || {
        // As the C library's: on standard error where this is no dialogue.
        if is_terminal(0) && is_terminal(1) {
            let mut out = std::io::stdout();
            let _ = out.write_all(shown.as_bytes()).and_then(|()| out.flush());
        } else {
            let _ = std::io::stderr().write_all(shown.as_bytes());
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_until(b'\n', &mut bytes).map(|_| bytes)
    });
    match line {
        Ok(bytes) if bytes.is_empty() => Ok(None),
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) => Err(raise::new(t, &exc::OS_ERROR, e.to_string())),
    }
}

/// Reads and runs one statement; false at the end of the input.
fn one(t: &Thread, globals: &Value) -> PyResult<bool> {
    let mut text = String::new();
    loop {
        let prompt = prompt(t, if text.is_empty() { "ps1" } else { "ps2" });
        let line = read(t, &prompt)?;
        let ended = line.is_none();
        if text.is_empty() {
            let Some(line) = &line else { return Ok(false) };
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                return Ok(true);
            }
        }
        text.push_str(line.as_deref().unwrap_or(""));
        // Without its last newline: a compound statement is complete when an empty line follows.
        let source = if ended { &text } else { text.strip_suffix('\n').unwrap_or(&text) };
        let options = Options {
            optimize: config::get().optimize,
            future_annotations: future(t, globals),
            allow_incomplete: !ended,
            dont_imply_dedent: !ended,
            ..Options::default()
        };
        match compile::compile(t, source, "<stdin>", Mode::Single, options) {
            Ok(code) => {
                remember(t, &code, &text, "<stdin>")?;
                interp::call::run_code(t, &code, globals, globals, None)?;
                return Ok(true);
            }
            Err(raised) if !ended && raise::matches(t, &raised, &exc::INCOMPLETE_INPUT_ERROR) => {
                drop(raise::take(t, raised));
            }
            Err(raised) => return Err(raised),
        }
    }
}

/// Whether the session has imported `annotations` from the future.
fn future(t: &Thread, globals: &Value) -> bool {
    let found = (|| {
        let name = names::intern("annotations");
        let Some(found) = globals.downcast::<crate::object::dict::Dict>().and_then(|d| d.get_str(&name)) else {
            return Ok(false);
        };
        let Some(module) = imports::loaded("__future__") else { return Ok(false) };
        Ok(protocol::get_attr(t, &module, &name)?.is(&found))
    })();
    found.unwrap_or_else(|raised| {
        drop(raise::take(t, raised));
        false
    })
}
