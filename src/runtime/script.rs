//! Running a file, a command, a module, standard input; then the prompt, if one is asked for.

use super::config::{self, Target};
use super::{compile, errors, imports, repl, shutdown, start};
use crate::compiler::{Mode, Options};
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str};
use crate::sync::shim::atomic::Ordering::Relaxed;
use crate::{interp, types};
use std::io::Read;
use std::path::Path;

/// Bytes of the main thread's native stack: native recursion is cut off well before its end.
const MAIN_STACK: usize = 64 << 20;

/// Runs what the settings name; answers the process's exit status.
pub fn main() -> i32 {
    // The main Python thread gets a stack of its own: the system's may be small.
    let run = || {
        let t = match start::interpreter(MAIN_STACK) {
            Ok(t) => t,
            Err(_) => return 1,
        };
        let status = match start::library_up(&t) {
            Ok(()) => whole(&t),
            Err(raised) => errors::uncaught(&t, raise::take(&t, raised)),
        };
        let status = shutdown::finish(t, status);
        if errors::INTERRUPTED.load(Relaxed) {
            crate::modules::signal::handlers::die_of_interrupt();
        }
        status
    };
    // On the process's first thread, whom the system prefers when it delivers signals.
    stacker::grow(MAIN_STACK, run)
}

/// The program, then the prompt; answers the exit status.
fn whole(t: &Thread) -> i32 {
    let config = config::get();
    let globals = match main_module(t) {
        Ok(globals) => globals,
        Err(raised) => return errors::uncaught(t, raise::take(t, raised)),
    };
    if !config.no_site
        && let Err(raised) = imports::import(t, "site")
    {
        let exception = raise::take(t, raised);
        errors::write_stderr(t, "Failed to import the site module\n");
        return errors::uncaught(t, exception);
    }
    let prompt = matches!(config.target, Target::Stdin) && (config.interactive || repl::is_terminal(0));
    if (prompt || config.interactive) && !config.quiet {
        repl::greet(t);
    }
    if prompt {
        let status = put_path(t, None).and_then(|()| repl::start(t, &globals));
        return match status {
            Ok(status) => status,
            Err(raised) => errors::uncaught(t, raise::take(t, raised)),
        };
    }
    let status = match run(t, &globals) {
        Ok(()) => 0,
        Err(raised) => {
            let exception = raise::take(t, raised);
            if repl::wanted() {
                // Even an exit only leads to the prompt.
                errors::display(t, &exception);
                1
            } else {
                errors::uncaught(t, exception)
            }
        }
    };
    if repl::wanted() {
        return repl::run(t, &globals).unwrap_or(status);
    }
    status
}

/// Makes `__main__`; answers its namespace.
fn main_module(t: &Thread) -> PyResult {
    let main = types::module_::new("__main__", None);
    let globals = protocol::get_attr(t, &main, &known().__dict__)?;
    if let Some(d) = globals.downcast::<Dict>() {
        drop(d.set_str(&known().__builtins__, imports::import(t, "builtins")?));
        let bootstrap = imports::import(t, "_frozen_importlib")?;
        let loader = protocol::get_attr_str(t, &bootstrap, "BuiltinImporter")?;
        drop(d.set_str(&names::intern("__loader__"), loader));
    }
    if let Some(d) = start::modules_dict().downcast::<Dict>() {
        drop(d.set_str(&names::intern("__main__"), main.clone()));
    }
    Ok(globals)
}

fn run(t: &Thread, globals: &Value) -> PyResult<()> {
    let config = config::get();
    match &config.target {
        Target::Command(text) => {
            put_path(t, None)?;
            // Text already: a cookie in it says nothing.
            run_text(t, text, "<string>", globals, true)
        }
        Target::Stdin => {
            put_path(t, None)?;
            let mut source = Vec::new();
            let read = t.detached(|| std::io::stdin().read_to_end(&mut source));
            if let Err(e) = read {
                return Err(raise::new(t, &crate::object::core_types::exc::OS_ERROR, e.to_string()));
            }
            run_source(t, &source, "<stdin>", globals, true)
        }
        Target::File(path) => {
            if t.detached(|| holds_modules(Path::new(path))) {
                // A folder or an archive: its `__main__` is the program.
                let sys = imports::import(t, "sys")?;
                let search = protocol::get_attr_str(t, &sys, "path")?;
                protocol::call_method_str(t, &search, "insert", &[Value::int(0), str::from_str(path)])?;
                return run_module(t, "__main__", false);
            }
            put_path(t, Some(path))?;
            run_file(t, path, globals)
        }
        Target::Module(name) => {
            put_path(t, None)?;
            run_module(t, name, true)
        }
    }
}

fn run_module(t: &Thread, name: &str, set_argv: bool) -> PyResult<()> {
    let runpy = imports::import(t, "runpy")?;
    let args = [str::from_str(name), Value::bool(set_argv)];
    protocol::call_method_str(t, &runpy, "_run_module_as_main", &args).map(drop)
}

/// Whether a path is a folder, or a file that ends with the directory of a zip archive.
fn holds_modules(path: &Path) -> bool {
    use std::io::{Seek, SeekFrom};
    let Ok(meta) = std::fs::metadata(path) else { return false };
    if meta.is_dir() {
        return true;
    }
    if !meta.is_file() {
        return false;
    }
    let Ok(mut file) = std::fs::File::open(path) else { return false };
    let mut end = Vec::new();
    let from = meta.len().saturating_sub(22 + 0xffff);
    file.seek(SeekFrom::Start(from)).is_ok()
        && file.read_to_end(&mut end).is_ok()
        && memchr::memmem::rfind(&end, b"PK\x05\x06").is_some()
}

/// Runs a program file in a namespace.
fn run_file(t: &Thread, path: &str, globals: &Value) -> PyResult<()> {
    let config = config::get();
    let set = |name: &str, value: Value| {
        if let Some(d) = globals.downcast::<Dict>() {
            drop(d.set_str(&names::intern(name), value));
        }
    };
    // Whole, so that it stays right when the program changes its folder.
    let whole = std::path::absolute(path).map_or_else(|_| path.to_string(), |p| p.to_string_lossy().into_owned());
    let source = match t.detached(|| std::fs::read(path)) {
        Ok(source) => source,
        Err(e) => {
            let number = e.raw_os_error().unwrap_or(0);
            let text = crate::sys::fd::error_text(number);
            let program = config.original.first().map_or("orochi", |s| s.as_str());
            errors::write_stderr(t, &format!("{program}: can't open file '{whole}': [Errno {number}] {text}\n"));
            let args = crate::object::tuple::from_iter(1, [Value::int(2)]);
            return Err(raise::with_args(t, &crate::object::core_types::exc::SYSTEM_EXIT, args));
        }
    };
    let path = whole.as_str();
    set("__file__", str::from_str(path));
    set("__cached__", Value::NONE);
    let compiled = path.ends_with(".pyc");
    let external = imports::import(t, "_frozen_importlib_external")?;
    let class = if compiled { "SourcelessFileLoader" } else { "SourceFileLoader" };
    let class = protocol::get_attr_str(t, &external, class)?;
    let loader = protocol::call_values(t, &class, &[names::intern("__main__"), str::from_str(path)])?;
    set("__loader__", loader.clone());
    if compiled {
        let code = protocol::call_method_str(t, &loader, "get_code", &[names::intern("__main__")])?;
        return interp::call::run_code(t, &code, globals, globals, None).map(drop);
    }
    let source = if config.skip_first_line { without_first_line(&source) } else { &source };
    run_source(t, source, path, globals, false)
}

/// The source from the end of its first line on, so that lines keep their numbers.
fn without_first_line(source: &[u8]) -> &[u8] {
    match memchr::memchr(b'\n', source) {
        Some(end) => &source[end..],
        None => &[],
    }
}

/// Puts the script's folder (or "" for `-c` and standard input) in front of `sys.path`, unless -P or -I forbid it.
fn put_path(t: &Thread, script: Option<&str>) -> PyResult<()> {
    let config = config::get();
    if config.safe_path {
        return Ok(());
    }
    let first = match script {
        Some(path) => {
            let whole = t.detached(|| std::fs::canonicalize(path));
            let folder = whole.ok().and_then(|p| p.parent().map(|p| p.to_string_lossy().into_owned()));
            folder.unwrap_or_default()
        }
        None if matches!(config.target, Target::Module(_)) => {
            std::env::current_dir().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
        }
        None => String::new(),
    };
    let sys = imports::import(t, "sys")?;
    let path = protocol::get_attr_str(t, &sys, "path")?;
    protocol::call_method_str(t, &path, "insert", &[Value::int(0), str::from_str(&first)]).map(drop)
}

/// Compiles and runs a module's text. `keep`: there is no file to read the source's lines from again.
pub fn run_source(t: &Thread, source: &[u8], filename: &str, globals: &Value, keep: bool) -> PyResult<()> {
    let text = compile::decode(t, source, filename)?;
    run_text(t, &text, filename, globals, keep)
}

fn run_text(t: &Thread, text: &str, filename: &str, globals: &Value, keep: bool) -> PyResult<()> {
    let options = Options { optimize: config::get().optimize, ..Options::default() };
    let code = compile::compile(t, text, filename, Mode::Exec, options)?;
    if keep {
        remember(t, &code, text, filename)?;
    }
    interp::call::run_code(t, &code, globals, globals, None).map(drop)
}

/// Gives `linecache` the source of code that no file holds.
pub fn remember(t: &Thread, code: &Value, source: &str, filename: &str) -> PyResult<()> {
    let linecache = imports::import(t, "linecache")?;
    let args = [code.clone(), str::from_str(source), str::from_str(filename)];
    protocol::call_method_str(t, &linecache, "_register_code", &args).map(drop)
}
