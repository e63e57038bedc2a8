//! Frames, exceptions and hooks.

use crate::object::args::Bound;
use crate::object::exception::BaseException;
use crate::object::hooks;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};

fn exception(t: &Thread) -> PyResult {
    Ok(t.handled_now().unwrap_or(Value::NONE))
}

fn exc_info(t: &Thread) -> PyResult {
    let items = match t.handled_now() {
        Some(e) => {
            let place = e.downcast::<BaseException>().and_then(|p| p.traceback.load()).unwrap_or(Value::NONE);
            [e.class().to_value(), e, place]
        }
        None => [Value::NONE, Value::NONE, Value::NONE],
    };
    Ok(tuple::from_slice(&items))
}

fn get_frame(t: &Thread, b: &Bound<'_>) -> PyResult {
    let depth = b.opt(0).map_or(Ok(0), |d| protocol::index_i64(t, d))?.max(0) as usize;
    match (hooks::get().frame)(t, depth) {
        Some(frame) => Ok(frame),
        None => Err(raise::value_error(t, "call stack is not deep enough")),
    }
}

fn get_frame_module_name(t: &Thread, b: &Bound<'_>) -> PyResult {
    let depth = b.opt(0).map_or(Ok(0), |d| protocol::index_i64(t, d))?.max(0) as usize;
    match (hooks::get().frame)(t, depth) {
        Some(frame) => {
            let globals = protocol::get_attr_str(t, &frame, "f_globals")?;
            protocol::call_method(t, &globals, &known().get, &[known().__name__.clone()])
        }
        None => Ok(Value::NONE),
    }
}

fn display_hook(t: &Thread, v: &Value) -> PyResult {
    if v.is_none() {
        return Ok(Value::NONE);
    }
    let builtins = (hooks::get().builtins)(t);
    let underscore = names::intern("_");
    protocol::set_item(t, &builtins, &underscore, &Value::NONE)?;
    let text = protocol::repr(t, v)?;
    let sys = (hooks::get().import)(t, "sys")?;
    let out = protocol::get_attr(t, &sys, &known().stdout)?;
    if !out.is_none() {
        protocol::call_method(t, &out, &known().write, &[text])?;
        protocol::call_method(t, &out, &known().write, &[str::from_str("\n")])?;
    }
    protocol::set_item(t, &builtins, &underscore, v)?;
    Ok(Value::NONE)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new("exception", "($module, /)", NativeFn::F0(exception), "Return the current exception."),
    Method::new(
        "exc_info",
        "($module, /)",
        NativeFn::F0(exc_info),
        "Return current exception information: (type, value, traceback).",
    ),
    Method::new(
        "_getframe",
        "($module, depth=0, /)",
        NativeFn::Bound(get_frame),
        "Return a frame object from the call stack.",
    ),
    Method::new(
        "_getframemodulename",
        "($module, depth=0)",
        NativeFn::Bound(get_frame_module_name),
        "Return the name of the module for a calling frame.",
    ),
    Method::new(
        "displayhook",
        "($module, object, /)",
        NativeFn::F1(display_hook),
        "Print an object to sys.stdout and also save it in builtins._",
    ),
];

/// Sets what is no function.
pub fn init(_: &Thread, _: &Value) -> PyResult<()> {
    Ok(())
}
