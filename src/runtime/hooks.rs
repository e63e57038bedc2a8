//! What lower layers call upwards.

use super::{compile, config, errors, frozen, imports, start};
use crate::compiler::{Mode, Options};
use crate::interp::frame::Frame;
use crate::interp::{call, drive, frame_object, generator, ops, stack};
use crate::object::collector;
use crate::object::core_types;
use crate::object::hooks::{Compile, Hooks, Settings};
use crate::object::raise::{self, PyResult};
use crate::object::shards;
use crate::object::thread::{self, Thread};
use crate::object::value::Value;
use crate::object::{names, protocol, str};
use crate::sync::world::attention;
use crate::types;

/// The table to install.
pub fn table() -> Hooks {
    Hooks {
        call_function: call::call_function,
        unraisable: errors::unraisable,
        check_attention,
        safepoint,
        warn,
        warn_explicit,
        compile: compile_request,
        run_code: call::run_code,
        frame: frame_object::current,
        running_code,
        items: types::builtin_items,
        drive: |t, v, take| drive::drive(t, v, take).map(|poured| poured != drive::Poured::Lost),
        publish_frame: generator::publish_frame,
        frame_words: generator::frame_words,
        stack_words: crate::interp::frame::stack_words,
        locals,
        spawn: super::threads::spawn,
        create_native: imports::create_native,
        frozen: frozen::find,
        settings,
        print_exception: errors::print,
        simulate_signal: crate::modules::signal::handlers::simulate,
        import: imports::import,
        modules: start::modules_dict,
        globals,
        builtins: |_| start::builtins(),
        complex: |re, im| types::complex::object::new(types::complex::arith::Complex { re, im }),
        bytes: types::bytes::payload::from_slice,
        frozenset: |t, items| {
            let list = crate::object::list::from_vec(items.to_vec());
            let made = protocol::call_values(t, &core_types::FROZENSET.as_value(), &[list]);
            made.unwrap_or_else(|raised| {
                drop(raise::take(t, raised));
                Value::NONE
            })
        },
        slice: types::slice::new,
        interpolation: types::template::interpolation,
        template: types::template::template,
        super_arguments,
        generic_alias: types::generic_alias::new,
        lookup_of: types::lookup_of,
        to_f64: types::float::convert::to_f64,
        is_instance: types::class_check::is_instance,
        is_subclass: types::class_check::is_subclass,
    }
}

/// `__future__.annotations.compiler_flag` and the `PyCF_*` flags that compiling here knows.
const FUTURE_ANNOTATIONS: i64 = 0x100_0000;
const TOP_LEVEL_AWAIT: i64 = 0x2000;
const ALLOW_INCOMPLETE: i64 = 0x4000;
const DONT_IMPLY_DEDENT: i64 = 0x200;

fn compile_request(t: &Thread, request: &Compile<'_>) -> PyResult {
    let mode = match request.mode {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(raise::value_error(t, "compile() mode must be 'exec', 'eval' or 'single'")),
    };
    let optimize = match request.optimize {
        -1 => config::get().optimize,
        n @ 0..=2 => n as u8,
        _ => return Err(raise::value_error(t, "compile(): invalid optimize value")),
    };
    let inherited = !request.dont_inherit && inherits_annotations(t);
    let options = Options {
        optimize,
        future_annotations: request.flags & FUTURE_ANNOTATIONS != 0 || inherited,
        top_level_await: request.flags & TOP_LEVEL_AWAIT != 0,
        allow_incomplete: request.flags & ALLOW_INCOMPLETE != 0,
        dont_imply_dedent: request.flags & DONT_IMPLY_DEDENT != 0,
    };
    compile::compile(t, request.source, request.filename, mode, options)
}

/// Whether the calling frame's code was compiled with `from __future__ import annotations`.
fn inherits_annotations(t: &Thread) -> bool {
    let frame = t.frame.get().cast::<Frame>();
    // SAFETY: the innermost frame is alive.
    !frame.is_null() && unsafe { (*frame).code().has_flag(crate::bytecode::unit::flags::FUTURE_ANNOTATIONS) }
}

fn globals(t: &Thread) -> Option<Value> {
    let frame = t.frame.get().cast::<Frame>();
    // SAFETY: the innermost frame is alive.
    (!frame.is_null()).then(|| unsafe { (*(*frame).function().globals).clone() })
}

fn locals(t: &Thread) -> PyResult {
    let frame = t.frame.get().cast::<Frame>();
    if frame.is_null() {
        return Err(raise::system_error(t, "frame does not exist"));
    }
    // SAFETY: the calling thread's innermost frame.
    unsafe { ops::names::load_locals(t, frame) }
}

/// `super()` without arguments: the class from the frame's `__class__` cell and the first argument.
fn super_arguments(t: &Thread) -> PyResult<(Value, Value)> {
    let frame = t.frame.get().cast::<Frame>();
    let missing = |what: &str| raise::runtime_error(t, format!("super(): {what}"));
    if frame.is_null() {
        return Err(missing("no current frame"));
    }
    // SAFETY: the innermost frame is alive.
    let code = unsafe { (*frame).code() };
    if code.arg_count == 0 {
        return Err(missing("no arguments"));
    }
    // SAFETY: a frame has as many locals as its code names.
    let local = |i: usize| unsafe { *Frame::locals(frame).add(i) };
    let contents = |i: usize| match local(i) {
        0 => None,
        w => match stack::view(w).downcast::<types::cell::Cell>() {
            Some(cell) => cell.contents.load(),
            None => Some(stack::copy(w)),
        },
    };
    let object = contents(0).ok_or_else(|| missing("arg[0] deleted"))?;
    let place = code.local_names.iter().position(|n| n.is(&names::known().__class__));
    let Some(place) = place else { return Err(missing("__class__ cell not found")) };
    match contents(place) {
        Some(class) => Ok((class, object)),
        None => Err(missing("empty __class__ cell")),
    }
}

/// The code objects that a stopped thread's frames run.
fn running_code(t: &Thread) -> Vec<usize> {
    let mut found = Vec::new();
    let mut frame = t.frame.get().cast::<Frame>();
    while !frame.is_null() {
        // SAFETY: the thread is stopped (or the caller): its frames stay as they are.
        unsafe {
            found.push((*frame).code().header_address());
            frame = (*frame).previous;
        }
    }
    found
}

/// `sys.base_prefix`
const BASE_PREFIX: &str = "/usr/local";

/// `sys.executable`: how the command was called, as a whole path; links stay, since a virtual environment's is one.
fn executable(config: &config::Config) -> String {
    let called = config.original.first().map(String::as_str).unwrap_or_default();
    let found = if called.contains('/') {
        std::path::absolute(called).ok()
    } else {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&folders).map(|folder| folder.join(called)).find(|path| path.is_file())
    };
    let found = found.filter(|path| path.is_file()).or_else(|| std::env::current_exe().ok());
    found.map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The folder of the virtual environment that the command belongs to.
fn prefix(executable: &str) -> Option<String> {
    let folder = std::path::Path::new(executable).parent()?;
    let found = [Some(folder), folder.parent()];
    let found = found.into_iter().flatten().any(|f| f.join("pyvenv.cfg").is_file());
    found.then(|| folder.parent().map(|p| p.to_string_lossy().into_owned()))?
}

/// The source of `sys.flags`, `sys.argv` and the like.
fn settings() -> Settings {
    let config = config::get();
    let bit = |b: bool| i64::from(b);
    let flags = vec![
        config.debug.into(),
        bit(config.inspect),
        bit(config.interactive),
        config.optimize.into(),
        bit(config.dont_write_bytecode),
        bit(config.no_user_site),
        bit(config.no_site),
        bit(config.ignore_environment),
        config.verbose.into(),
        config.bytes_warning.into(),
        bit(config.quiet),
        bit(config.hash_seed != Some(0)),
        bit(config.isolated),
        bit(config.dev_mode),
        bit(config.utf8_mode),
        bit(config.warn_default_encoding),
        bit(config.safe_path),
        config.int_max_str_digits,
        0,
        1,
        1,
    ];
    let mut path = Vec::new();
    if !config.ignore_environment
        && let Some(more) = std::env::var_os("PYTHONPATH").filter(|more| !more.is_empty())
    {
        // An empty one is the current folder.
        let here = std::env::current_dir().unwrap_or_default();
        path.extend(
            std::env::split_paths(&more).map(|p| here.join(p).to_string_lossy().trim_end_matches('/').to_owned()),
        );
    }
    path.push(start::library().to_string());
    // The arguments as they came; before them stands what runs.
    let rest = config.argv.len().saturating_sub(1).min(config.raw.len());
    let first = config.argv.first().map(|a| a.as_bytes().to_vec()).unwrap_or_default();
    let argv = std::iter::once(first).chain(config.raw[config.raw.len() - rest..].iter().cloned()).collect();
    let executable = executable(config);
    let prefix = prefix(&executable);
    Settings {
        flags,
        argv,
        original: config.raw.clone(),
        warn_options: config.warn_options.clone(),
        x_options: config.x_options.clone(),
        path,
        executable,
        library: start::library().to_string(),
        prefix: prefix.unwrap_or_else(|| BASE_PREFIX.into()),
        base_prefix: BASE_PREFIX.into(),
        pycache_prefix: config.pycache_prefix.clone(),
        check_hash_based_pycs: config.check_hash_based_pycs.clone(),
    }
}

/// Collects if the heap has grown enough and nobody has switched it off.
fn collect_if_due(t: &Thread) {
    use crate::sync::shim::atomic::Ordering::Relaxed;
    let due = crate::heap::over_threshold() || shards::collection_is_due();
    if collector::ENABLED.load(Relaxed) && due {
        collector::keep_pace(t);
    }
}

/// Acts on the attention bits: stops if asked, reclaims, then runs what may raise.
pub fn check_attention(t: &Thread) -> PyResult<()> {
    let bits = attend(t);
    if bits & MAY_RAISE == 0 {
        return Ok(());
    }
    let result = raise_if_due(t, bits);
    if result.is_err() {
        // Only one of them raised: the next safepoint looks for the others.
        t.record.notify(bits & MAY_RAISE);
    }
    result
}

/// `check_attention` at a safepoint of the loop.
///
/// The locks of modules that are being imported are the library's own Python code, which an exception between two of its lines
/// would leave held for ever. It is short, and what it waits for is waited for in `lock.acquire`, which does raise.
pub fn safepoint(t: &Thread) -> PyResult<()> {
    let frame = t.frame.get().cast::<Frame>();
    // SAFETY: the innermost frame of the thread, which runs it.
    let imports = !frame.is_null() && unsafe { &*(*frame).code().filename_text == IMPORT_SYSTEM };
    if !imports {
        return check_attention(t);
    }
    let bits = attend(t) & MAY_RAISE;
    if bits != 0 {
        t.record.notify(bits);
    }
    Ok(())
}

/// The file that the code which imports is of; modules' own code, and the search for them, is not.
const IMPORT_SYSTEM: &str = "<frozen importlib._bootstrap>";

/// Acts on the bits that raise nothing; answers all of them.
fn attend(t: &Thread) -> u32 {
    let bits = t.record.take_attention();
    t.safepoint(bits);
    if bits & attention::GC != 0 {
        collect_if_due(t);
    }
    if bits & attention::INSTRUMENT != 0 {
        crate::interp::monitor::adopt(t);
    }
    bits
}

/// Bits whose cause may raise an exception.
const MAY_RAISE: u32 = attention::SIGNAL | attention::ASYNC_EXCEPTION | thread::MEMORY;

fn raise_if_due(t: &Thread, bits: u32) -> PyResult<()> {
    if bits & attention::SIGNAL != 0 {
        crate::modules::signal::handlers::run(t)?;
    }
    if bits & attention::ASYNC_EXCEPTION != 0 {
        let exception = t.record.extra.async_exception.lock().take();
        if let Some(exception) = exception {
            return Err(raise::object(t, &exception));
        }
    }
    // Not where the thread has raised it already.
    if bits & thread::MEMORY != 0 && crate::sync::may_fail::is_short() {
        return Err(raise::memory_error(t, ""));
    }
    Ok(())
}

fn warn(t: &Thread, category: &Value, message: &str, level: i64) -> PyResult<()> {
    let warnings = imports::import(t, "warnings")?;
    let warn = protocol::get_attr_str(t, &warnings, "warn")?;
    protocol::call_values(t, &warn, &[str::from_str(message), category.clone(), Value::int(level)]).map(drop)
}

fn warn_explicit(t: &Thread, category: &Value, message: &str, filename: &str, line: u32) -> PyResult<()> {
    let warnings = imports::import(t, "warnings")?;
    let warn = protocol::get_attr_str(t, &warnings, "warn_explicit")?;
    let args = [str::from_str(message), category.clone(), str::from_str(filename), Value::int(line as i64)];
    protocol::call_values(t, &warn, &args).map(drop)
}
