//! Frames, exceptions and hooks.

use crate::interp::frame_object;
use crate::object::args::Bound;
use crate::object::audit;
use crate::object::core_types::exc;
use crate::object::dict::{self, Dict};
use crate::object::exception::BaseException;
use crate::object::hooks;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::{Thread, WORLD, all_stopped};
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::sync::shim::atomic::Ordering::Relaxed;

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
        Some(frame) => {
            audit::event(t, "sys._getframe", || [frame.clone()])?;
            Ok(frame)
        }
        None => Err(raise::value_error(t, "call stack is not deep enough")),
    }
}

fn get_frame_module_name(t: &Thread, b: &Bound<'_>) -> PyResult {
    let depth = b.opt(0).map_or(Ok(0), |d| protocol::index_i64(t, d))?.max(0) as usize;
    audit::event(t, "sys._getframemodulename", || [Value::int(depth as i64)])?;
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
    let Some(out) = protocol::lookup_attr(t, &sys, &known().stdout)? else {
        return Err(raise::runtime_error(t, "lost sys.stdout"));
    };
    if !out.is_none() {
        if let Err(raised) = protocol::call_method(t, &out, &known().write, std::slice::from_ref(&text)) {
            raise::suppress(t, raised, &exc::UNICODE_ENCODE_ERROR)?;
            write_escaped(t, &out, &text)?;
        }
        protocol::call_method(t, &out, &known().write, &[str::from_str("\n")])?;
    }
    protocol::set_item(t, &builtins, &underscore, v)?;
    Ok(Value::NONE)
}

/// Writes a text that the stream's encoding cannot hold, with escapes.
fn write_escaped(t: &Thread, out: &Value, text: &Value) -> PyResult<()> {
    let encoding = protocol::get_attr_str(t, out, "encoding")?;
    let bytes = protocol::call_method_str(t, text, "encode", &[encoding.clone(), str::from_str("backslashreplace")])?;
    let (target, data) = match protocol::lookup_attr(t, out, &names::intern("buffer"))? {
        Some(buffer) => (buffer, bytes),
        None => (out.clone(), protocol::call_method_str(t, &bytes, "decode", &[encoding, str::from_str("strict")])?),
    };
    protocol::call_method(t, &target, &known().write, &[data]).map(drop)
}

fn excepthook(t: &Thread, _class: &Value, e: &Value, place: &Value) -> PyResult {
    if let (Some(payload), Some(header)) = (e.downcast::<BaseException>(), e.header())
        && !place.is_none()
        && payload.traceback.is_empty()
    {
        let old = {
            let _guard = t.lock(header);
            payload.traceback.swap(Some(place.clone()))
        };
        drop(old);
    }
    (hooks::get().print_exception)(t, e);
    Ok(Value::NONE)
}

fn unraisablehook(t: &Thread, args: &Value) -> PyResult {
    let [_, e, _, message, object] = tuple::items(args) else {
        return Err(raise::type_error(t, "sys.unraisablehook argument type must be UnraisableHookArgs"));
    };
    let sys = (hooks::get().import)(t, "sys")?;
    let Some(file) = protocol::lookup_attr(t, &sys, &known().stderr)?.filter(|f| !f.is_none()) else {
        return Ok(Value::NONE);
    };
    let text = if !message.is_none() {
        let end = if object.is_none() { String::new() } else { format!(": {}", protocol::repr_lossy(t, object)) };
        format!("{}{end}:\n", str::lossy(message))
    } else if !object.is_none() {
        format!("Exception ignored in: {}\n", protocol::repr_lossy(t, object))
    } else {
        String::new()
    };
    protocol::call_method(t, &file, &known().write, &[str::from_str(&text)])?;
    (hooks::get().print_exception)(t, e);
    protocol::call_method(t, &file, &known().flush, &[])
}

/// Calls what PYTHONBREAKPOINT names; nothing where it is "0".
fn breakpointhook(t: &Thread, args: crate::object::args::Args<'_>) -> PyResult {
    let ignored = (hooks::get().settings)().flags[7] != 0;
    let variable = std::env::var_os("PYTHONBREAKPOINT").filter(|v| !ignored && !v.is_empty());
    let named = variable.map_or("pdb.set_trace".into(), |v| v.to_string_lossy().into_owned());
    if named == "0" {
        return Ok(Value::NONE);
    }
    // A name alone is a builtin's.
    let (module, attribute) = named.rsplit_once('.').unwrap_or(("builtins", &named));
    let found = if module.is_empty() {
        None
    } else {
        match (hooks::get().import)(t, module) {
            Ok(module) => protocol::lookup_attr(t, &module, &names::intern(attribute))?,
            Err(raised) => {
                raise::suppress(t, raised, &exc::IMPORT_ERROR)?;
                None
            }
        }
    };
    if let Some(hook) = found {
        return protocol::call(t, &hook, args);
    }
    let message = format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{named}\"");
    (hooks::get().warn)(t, &exc::RUNTIME_WARNING.as_value(), &message, 1)?;
    Ok(Value::NONE)
}

fn set_asyncgen_hooks(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut hooks = t.asyncgen_hooks.borrow().clone();
    for (i, name) in ["firstiter", "finalizer"].iter().enumerate() {
        let Some(v) = b.opt(i) else { continue };
        if !v.is_none() && v.class().slots.call.get().is_none() {
            let message = format!("callable {name} expected, got {}", v.class().display_name());
            return Err(raise::type_error(t, message));
        }
        let place = if i == 0 { &mut hooks.0 } else { &mut hooks.1 };
        *place = v.non_none().cloned();
    }
    let old = t.asyncgen_hooks.replace(hooks);
    drop(old);
    Ok(Value::NONE)
}

crate::struct_sequence! {
    pub AsyncgenHooks, ASYNCGEN_HOOKS, ASYNCGEN_SPEC: "sys", "asyncgen_hooks",
    "Default hooks for asynchronous generators.";
    visible 2; flags 0;
    0 firstiter "called at the first iteration";
    1 finalizer "called at the end";
}

fn get_asyncgen_hooks(t: &Thread) -> PyResult {
    let hooks = t.asyncgen_hooks.borrow().clone();
    let parts = vec![hooks.0.unwrap_or(Value::NONE), hooks.1.unwrap_or(Value::NONE)];
    Ok(crate::types::struct_sequence::make::<AsyncgenHooks>(parts))
}

fn set_origin_depth(t: &Thread, b: &Bound<'_>) -> PyResult {
    let depth = protocol::index_i64(t, b.req(0))?;
    let Ok(depth) = u32::try_from(depth) else {
        return Err(raise::value_error(t, "depth must be >= 0"));
    };
    t.origin_depth.set(depth);
    Ok(Value::NONE)
}

fn current_frames(t: &Thread) -> PyResult {
    audit::event(t, "sys._current_frames", || [])?;
    // The calling thread may not have asked for its own identifier yet.
    crate::modules::thread::handle::ident(t);
    by_thread(t, frame_object::of_all_threads(t))
}

/// `sys._current_exceptions()`.
fn current_exceptions(t: &Thread) -> PyResult {
    audit::event(t, "sys._current_exceptions", || [])?;
    crate::modules::thread::handle::ident(t);
    let exceptions = {
        let stopped = WORLD.stop(t.record);
        let handled = |thread: &&Thread| {
            let exception = thread.handled_while_stopped().unwrap_or(Value::NONE);
            // Relaxed: a number by itself.
            (!thread.frame.get().is_null()).then(|| (thread.record.extra.ident.load(Relaxed), exception))
        };
        all_stopped(&stopped).iter().filter_map(handled).collect()
    };
    by_thread(t, exceptions)
}

/// A dict from identifiers of threads.
fn by_thread(t: &Thread, entries: Vec<(u64, Value)>) -> PyResult {
    let made = dict::new();
    if let Some(payload) = made.downcast::<Dict>() {
        for (ident, value) in entries {
            drop(payload.set(t, Value::uint(ident), value)?);
        }
    }
    Ok(made)
}

pub static FUNCTIONS: &[Method] = &[
    Method::new(
        "excepthook",
        "($module, exctype, value, traceback, /)",
        NativeFn::F3(excepthook),
        "Handle an exception by displaying it with a traceback on sys.stderr.",
    ),
    Method::new(
        "unraisablehook",
        "($module, unraisable, /)",
        NativeFn::F1(unraisablehook),
        "Handle an unraisable exception.",
    ),
    Method::new(
        "breakpointhook",
        "($module, /, *args, **kws)",
        NativeFn::Raw(breakpointhook),
        "This hook function is called by built-in breakpoint().",
    ),
    Method::new(
        "set_asyncgen_hooks",
        "(firstiter=None, finalizer=None)",
        NativeFn::Bound(set_asyncgen_hooks),
        "Set a finalizer for async generators objects.",
    ),
    Method::new(
        "get_asyncgen_hooks",
        "($module, /)",
        NativeFn::F0(get_asyncgen_hooks),
        "Return the installed asynchronous generators hooks.",
    ),
    Method::new(
        "get_coroutine_origin_tracking_depth",
        "($module, /)",
        NativeFn::F0(|t| Ok(Value::uint(t.origin_depth.get().into()))),
        "Check status of origin tracking for coroutine objects in this thread.",
    ),
    Method::new(
        "set_coroutine_origin_tracking_depth",
        "($module, depth)",
        NativeFn::Bound(set_origin_depth),
        "Enable or disable origin tracking for coroutine objects in this thread.",
    ),
    Method::new(
        "_current_frames",
        "($module, /)",
        NativeFn::F0(current_frames),
        "Return a dict mapping each thread's thread id to its current stack frame.",
    ),
    Method::new(
        "_current_exceptions",
        "($module, /)",
        NativeFn::F0(current_exceptions),
        "Return a dict mapping each thread's identifier to its current raised exception.",
    ),
    Method::new(
        "is_finalizing",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::bool(crate::object::thread::is_ending()))),
        "Return True if Python is exiting.",
    ),
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
pub fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for name in ["excepthook", "unraisablehook", "displayhook", "breakpointhook"] {
        let v = protocol::get_attr_str(t, module, name)?;
        protocol::set_attr(t, module, &names::intern(&format!("__{name}__")), &v)?;
    }
    crate::types::type_::init::ready(t, &ASYNCGEN_HOOKS);
    crate::types::struct_sequence::finish::<AsyncgenHooks>();
    Ok(())
}
