//! print, input, breakpoint and open.

use crate::object::args::{Args, Bound};
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str};

/// An attribute of `sys`; None where it is missing.
fn sys_attribute(t: &Thread, name: &str) -> PyResult<Option<Value>> {
    let sys = (hooks::get().import)(t, "sys")?;
    protocol::lookup_attr(t, &sys, &names::intern(name))
}

/// A keyword that must be a str or None.
fn text_or_none<'a>(t: &Thread, v: Option<&'a Value>, name: &str) -> PyResult<Option<&'a Value>> {
    match v.and_then(Value::non_none) {
        Some(text) if str::view(text).is_none() => {
            let given = text.class().display_name();
            Err(raise::type_error(t, format!("{name} must be None or a string, not {given}")))
        }
        other => Ok(other),
    }
}

pub fn print(t: &Thread, b: &Bound<'_>) -> PyResult {
    let file = match b.non_none(2) {
        Some(file) => file.clone(),
        None => match sys_attribute(t, "stdout")? {
            None => return Err(raise::runtime_error(t, "lost sys.stdout")),
            // A program without a console has none.
            Some(none) if none.is_none() => return Ok(Value::NONE),
            Some(file) => file,
        },
    };
    let sep = text_or_none(t, b.opt(0), "sep")?;
    let end = text_or_none(t, b.opt(1), "end")?;
    let write = |text: &Value| protocol::call_method(t, &file, &known().write, std::slice::from_ref(text)).map(drop);
    for (i, v) in b.rest.iter().enumerate() {
        if i > 0 {
            match sep {
                Some(sep) => write(sep)?,
                None => write(&str::char_str(b' '))?,
            }
        }
        write(&protocol::to_str(t, v)?)?;
    }
    match end {
        Some(end) => write(end)?,
        None => write(&str::char_str(b'\n'))?,
    }
    if let Some(flush) = b.opt(3)
        && protocol::is_true(t, flush)?
    {
        protocol::call_method(t, &file, &known().flush, &[])?;
    }
    Ok(Value::NONE)
}

pub fn input(t: &Thread, b: &Bound<'_>) -> PyResult {
    let stream = |name: &str| -> PyResult {
        match sys_attribute(t, name)? {
            Some(stream) if !stream.is_none() => Ok(stream),
            _ => Err(raise::runtime_error(t, format!("input(): lost sys.{name}"))),
        }
    };
    let (stdin, stdout, stderr) = (stream("stdin")?, stream("stdout")?, stream("stderr")?);
    let flush = |stream: &Value| -> PyResult<()> {
        match protocol::call_method(t, stream, &known().flush, &[]) {
            Ok(_) => Ok(()),
            Err(raised) => raise::suppress(t, raised, &crate::object::core_types::exc::EXCEPTION),
        }
    };
    flush(&stderr)?;
    if let Some(prompt) = b.opt(0) {
        let text = protocol::to_str(t, prompt)?;
        protocol::call_method(t, &stdout, &known().write, &[text])?;
    }
    flush(&stdout)?;
    let line = protocol::call_method(t, &stdin, &known().readline, &[])?;
    let Some(view) = str::view(&line) else {
        return Err(raise::type_error(t, "object.readline() returned non-string"));
    };
    match view.len() {
        0 => Err(raise::eof_error(t, "EOF when reading a line")),
        n if view.at(n - 1) == u32::from(b'\n') => Ok(str::from_buf(view.slice(0, n - 1).to_buf())),
        _ => Ok(line),
    }
}

pub fn breakpoint(t: &Thread, args: Args<'_>) -> PyResult {
    match sys_attribute(t, "breakpointhook")? {
        Some(hook) => protocol::call(t, &hook, args),
        None => Err(raise::runtime_error(t, "lost sys.breakpointhook")),
    }
}

/// Makes `builtins.open` the function of `_io`. Start-up calls it once modules can be imported.
pub fn install_open(t: &Thread) -> PyResult<()> {
    let io = (hooks::get().import)(t, "_io")?;
    let open = protocol::get_attr_str(t, &io, "open")?;
    let builtins = (hooks::get().builtins)(t);
    if let Some(entries) = builtins.downcast::<Dict>() {
        drop(entries.set_str(&names::intern("open"), open));
    }
    Ok(())
}
