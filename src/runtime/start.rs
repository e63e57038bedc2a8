//! From nothing to an interpreter that can run a script.

use super::{config, hooks, imports, threads};
use crate::interp::frame::FrameStack;
use crate::modules::io;
use crate::object::dict;
use crate::object::names::{self, known};
use crate::object::protocol;
use crate::object::raise::PyResult;
use crate::object::text;
use crate::object::thread::{self, Thread};
use crate::object::value::Value;
use crate::sync::world::attention;
use crate::{interp, types};
use std::sync::OnceLock;

static BUILTINS: OnceLock<Value> = OnceLock::new();
static MODULES: OnceLock<Value> = OnceLock::new();

/// The dict of the builtins module (a new reference).
///
/// Panics before `interpreter` has begun.
pub fn builtins() -> Value {
    BUILTINS.get().expect("the interpreter has started").clone()
}

/// `sys.modules` (a new reference).
pub fn modules_dict() -> Value {
    MODULES.get().expect("the interpreter has started").clone()
}

/// The folder of the pure-Python standard library.
pub fn library() -> &'static str {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    LIBRARY.get_or_init(|| other_library().unwrap_or_else(|| env!("OROCHI_LIB").to_string()))
}

/// The folder of another library than the embedded one, where the environment names one (OROCHI_LIBRARY) and may do so.
pub fn other_library() -> Option<String> {
    if config::get().ignore_environment { None } else { std::env::var("OROCHI_LIBRARY").ok() }
}

/// Starts the interpreter on the calling thread, whose native stack has `stack_bytes`: types, builtins, sys. Does not need
/// the library.
pub fn interpreter(stack_bytes: usize) -> PyResult<Box<Thread>> {
    if let Some(seed) = config::get().hash_seed {
        let (k0, k1) = text::hash_key_from_seed(seed);
        text::set_hash_key(k0, k1);
    }
    let digits = config::get().int_max_str_digits;
    types::int::text::set_digit_limit(digits as usize);
    crate::modules::sys::INT_MAX_STR_DIGITS.store(digits, crate::sync::shim::atomic::Ordering::Relaxed);
    let warns = config::get().bytes_warning > 0;
    // Relaxed: no other thread runs yet.
    crate::types::bytes::warn::WANTED.store(warns, crate::sync::shim::atomic::Ordering::Relaxed);
    let frames = FrameStack::reserve().unwrap_or_else(|| crate::heap::shortage::end(0));
    let t = threads::enter(stack_bytes, frames);
    crate::modules::thread::handle::set_main(&t);
    crate::heap::on_pressure(|| {
        Thread::with_current(|t| {
            if t.record.attention() & attention::GC == 0 {
                t.record.notify(attention::GC);
            }
        })
    });
    crate::heap::shortage::on_shortage(|| Thread::with_current(|t| t.record.notify(thread::MEMORY)));
    crate::object::hooks::install(hooks::table());
    types::init(&t, interp::TYPES);
    let _ = MODULES.set(dict::new());
    let native = imports::create_native(&t, "builtins")?;
    let _ = BUILTINS.set(protocol::get_attr(&t, &native, &known().__dict__)?);
    let sys = imports::create_native(&t, "sys")?;
    protocol::set_attr(&t, &sys, &known().modules, &modules_dict())?;
    crate::modules::signal::handlers::ignore_at_start();
    imports::create_native(&t, "_signal")?;
    Ok(t)
}

/// Everything else a script needs: importlib, standard streams, site.
pub fn library_up(t: &Thread) -> PyResult<()> {
    if config::get().verbose > 0 {
        // What importlib says of its first imports goes somewhere too.
        imports::create_native(t, "_io")?;
        let sys = imports::import(t, "sys")?;
        let early = io::standard::stream(t, 2, false, None)?;
        protocol::set_attr(t, &sys, &known().stderr, &early)?;
    }
    imports::install_importlib(t)?;
    let module = imports::import(t, "io")?;
    let open = protocol::get_attr_str(t, &module, "open")?;
    protocol::set_item(t, &builtins(), &names::intern("open"), &open)?;
    let sys = imports::import(t, "sys")?;
    let settings = config::get();
    let io_encoding = std::env::var("PYTHONIOENCODING").ok().filter(|v| !v.is_empty() && !settings.ignore_environment);
    for (fd, name) in [(0, "stdin"), (1, "stdout"), (2, "stderr")] {
        let file = io::standard::stream(t, fd, settings.unbuffered, io_encoding.as_deref())?;
        protocol::set_attr(t, &sys, &names::intern(name), &file)?;
        protocol::set_attr(t, &sys, &names::intern(&format!("__{name}__")), &file)?;
    }
    crate::modules::builtins::install_open(t)
}
