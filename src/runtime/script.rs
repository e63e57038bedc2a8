//! Running a file, a command, a module, standard input.

use super::config::{self, Target};
use super::{compile, errors, imports, shutdown, start};
use crate::compiler::{Mode, Options};
use crate::object::dict::Dict;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str};
use crate::{interp, types};
use std::io::Read;
use std::sync::atomic::Ordering::Relaxed;

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
        let status = match start::library_up(&t).and_then(|()| run(&t)) {
            Ok(()) => 0,
            Err(raised) => {
                let exception = raise::take(&t, raised);
                errors::uncaught(&t, exception)
            }
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

fn run(t: &Thread) -> PyResult<()> {
    let config = config::get();
    let main = types::module_::new("__main__", None);
    let globals = protocol::get_attr(t, &main, &known().__dict__)?;
    if let Some(d) = globals.downcast::<Dict>() {
        drop(d.set_str(&known().__builtins__, imports::import(t, "builtins")?));
    }
    if let Some(d) = start::modules_dict().downcast::<Dict>() {
        drop(d.set_str(&names::intern("__main__"), main.clone()));
    }
    put_path(t)?;
    match &config.target {
        Target::Command(text) => run_source(t, text.as_bytes(), "<string>", &globals),
        Target::Stdin => {
            let mut source = Vec::new();
            let read = t.detached(|| std::io::stdin().read_to_end(&mut source));
            if let Err(e) = read {
                return Err(raise::new(t, &crate::object::core_types::exc::OS_ERROR, e.to_string()));
            }
            run_source(t, &source, "<stdin>", &globals)
        }
        Target::File(path) => {
            let source = t.detached(|| std::fs::read(path));
            match source {
                Ok(source) => {
                    if let Some(d) = globals.downcast::<Dict>() {
                        drop(d.set_str(&known().__file__, str::from_str(path)));
                    }
                    run_source(t, &source, path, &globals)
                }
                Err(e) => {
                    let number = e.raw_os_error().unwrap_or(0);
                    let text = crate::sys::fd::error_text(number);
                    let program = config.original.first().map_or("orochi", |s| s.as_str());
                    errors::write_stderr(t, &format!("{program}: can't open file '{path}': [Errno {number}] {text}\n"));
                    let args = crate::object::tuple::from_iter(1, [Value::int(2)]);
                    Err(raise::with_args(t, &crate::object::core_types::exc::SYSTEM_EXIT, args))
                }
            }
        }
        Target::Module(name) => {
            let runpy = imports::import(t, "runpy")?;
            protocol::call_method_str(t, &runpy, "_run_module_as_main", &[str::from_str(name), Value::TRUE]).map(drop)
        }
    }
}

/// Puts the script's folder (or "" for `-c` and standard input) in front of `sys.path`, unless -P or -I forbid it.
fn put_path(t: &Thread) -> PyResult<()> {
    let config = config::get();
    if config.safe_path {
        return Ok(());
    }
    let first = match &config.target {
        Target::File(path) => {
            let whole = t.detached(|| std::fs::canonicalize(path));
            let folder = whole.ok().and_then(|p| p.parent().map(|p| p.to_string_lossy().into_owned()));
            folder.unwrap_or_default()
        }
        Target::Module(_) => std::env::current_dir().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default(),
        Target::Command(_) | Target::Stdin => String::new(),
    };
    let sys = imports::import(t, "sys")?;
    let path = protocol::get_attr_str(t, &sys, "path")?;
    protocol::call_method_str(t, &path, "insert", &[Value::int(0), str::from_str(&first)]).map(drop)
}

fn run_source(t: &Thread, source: &[u8], filename: &str, globals: &Value) -> PyResult<()> {
    let options = Options { optimize: config::get().optimize, ..Options::default() };
    let code = compile::compile_bytes(t, source, filename, Mode::Exec, options)?;
    interp::call::run_code(t, &code, globals, globals, None).map(drop)
}
