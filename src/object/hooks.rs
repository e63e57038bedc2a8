//! Calls upwards: what the object layer needs of layers that it must not import. Start-up fills the table once.

use super::args::Args;
use super::dict::Dict;
use super::header::Header;
use super::names;
use super::raise::{self, PyResult};
use super::slots::Binary;
use super::thread::Thread;
use super::value::Value;
use std::sync::OnceLock;

/// An attribute by name, or None.
pub type Lookup = fn(&Thread, &Value, &Value) -> PyResult<Option<Value>>;
/// What a new thread runs.
pub type ThreadBody = Box<dyn FnOnce(&Thread) -> ThreadEnded + Send>;
/// Tells those who wait for a thread that it has left: it owns no object and runs no finaliser any more.
pub type ThreadEnded = Box<dyn FnOnce()>;

/// An embedded module.
pub struct Frozen {
    pub is_package: bool,
    /// The name it was frozen under.
    pub origin: &'static str,
    /// Makes its code object.
    pub code: fn(&Thread, &Frozen) -> PyResult,
    /// The encoded code unit.
    pub data: &'static [u8],
}

/// The source of `sys.flags`, `sys.argv` and the like.
pub struct Settings {
    /// The fields of `sys.flags` in order.
    pub flags: Vec<i64>,
    /// As WTF-8.
    pub argv: Vec<Vec<u8>>,
    pub original: Vec<Vec<u8>>,
    pub warn_options: Vec<String>,
    pub x_options: Vec<String>,
    /// `sys.path` before the script's folder is put in front.
    pub path: Vec<String>,
    pub executable: String,
    pub library: String,
    pub prefix: String,
    pub base_prefix: String,
    pub pycache_prefix: Option<String>,
    /// `_imp.check_hash_based_pycs`
    pub check_hash_based_pycs: String,
}

/// What `compile()` asks for.
pub struct Compile<'a> {
    pub source: &'a str,
    pub filename: &'a str,
    /// "exec", "eval", "single"; anything else raises ValueError.
    pub mode: &'a str,
    /// `ast.PyCF_*` and `__future__` flags.
    pub flags: i64,
    pub dont_inherit: bool,
    /// -1: as the interpreter was started.
    pub optimize: i64,
}

/// See the module's documentation.
pub struct Hooks {
    /// Calls a Python function (payload of `FUNCTION`).
    pub call_function: fn(&Thread, &Value, Args<'_>) -> PyResult,
    /// Reports an exception that cannot be raised: (where, object concerned).
    pub unraisable: fn(&Thread, Value, &str, Option<&Value>),
    /// Handles the thread's attention bits in native code that runs for long; may raise.
    pub check_attention: fn(&Thread) -> PyResult<()>,
    /// The same at a safepoint of the loop: what may raise waits where the import system works on its locks.
    pub safepoint: fn(&Thread) -> PyResult<()>,
    /// Issues a warning: (category, message, stack level).
    pub warn: fn(&Thread, &Value, &str, i64) -> PyResult<()>,
    /// Issues a warning about a place in a file: (category, message, file name, line).
    pub warn_explicit: fn(&Thread, &Value, &str, &str, u32) -> PyResult<()>,
    /// `compile()`: source text to a code object.
    pub compile: fn(&Thread, &Compile<'_>) -> PyResult,
    /// `exec` and `eval`: runs code with (globals, namespace, closure).
    pub run_code: fn(&Thread, &Value, &Value, &Value, Option<Value>) -> PyResult,
    /// The frame object so many callers out (0: the innermost Python frame); None where there are not so many.
    pub frame: fn(&Thread, usize) -> Option<Value>,
    /// The code objects (addresses of headers) that a stopped thread's frames run.
    pub running_code: fn(&Thread) -> Vec<usize>,
    /// The items of a builtin container or view at one moment; None for anything else.
    pub items: fn(&Thread, &Value) -> Option<Vec<Value>>,
    /// Runs a generator, and gives away what it yields until the taker answers false. False: the generator is not at its
    /// end, and is to be asked for the next item.
    pub drive: fn(&Thread, &Value, &mut dyn super::protocol::Take) -> PyResult<bool>,
    /// Publishes what the frame of a generator (an object with `flag::HAS_FRAME`) holds while it is suspended.
    pub publish_frame: fn(&Header),
    /// Visits the words of a generator's frame, and its code's; a few may be leftovers. The world is stopped.
    pub frame_words: fn(&Header, &mut dyn FnMut(u64)),
    /// Visits the words of a stopped thread's evaluation stack; a few may be leftovers.
    pub stack_words: fn(&Thread, &mut dyn FnMut(u64)),
    /// `locals()` of the innermost frame.
    pub locals: fn(&Thread) -> PyResult,
    /// Starts a thread with its own context: (native stack bytes or 0, body). Raises RuntimeError where the system refuses.
    pub spawn: fn(&Thread, usize, ThreadBody) -> PyResult<()>,
    /// Makes a native module and enters it into `sys.modules`; ImportError where there is none.
    pub create_native: fn(&Thread, &str) -> PyResult,
    /// The embedded module with this name.
    pub frozen: fn(&str) -> Option<Frozen>,
    /// What the command line and the environment ask for.
    pub settings: fn() -> Settings,
    /// `sys.__excepthook__` and `sys.__unraisablehook__`: print an exception; the latter with (message, object).
    pub print_exception: fn(&Thread, &Value),
    /// As if a signal had arrived.
    pub simulate_signal: fn(i32),
    /// `import name` (dotted, absolute); answers the innermost module.
    pub import: fn(&Thread, &str) -> PyResult,
    /// `sys.modules` as it was made at the start.
    pub modules: fn() -> Value,
    /// The present frame's globals, builtins dict and locals.
    pub globals: fn(&Thread) -> Option<Value>,
    /// What `super()` without arguments stands for: the class in `__class__` and the first argument of the present frame.
    pub super_arguments: fn(&Thread) -> PyResult<(Value, Value)>,
    /// Builtins as a dict.
    pub builtins: fn(&Thread) -> Value,
    /// Constants of types that the object layer does not know: complex, bytes, frozenset, slice.
    pub complex: fn(f64, f64) -> Value,
    pub bytes: fn(&[u8]) -> Value,
    pub frozenset: fn(&Thread, &[Value]) -> Value,
    pub slice: fn(Value, Value, Value) -> Value,
    /// Interpolation(value, text, conversion, format spec) and Template(strings, interpolations) of t-strings.
    pub interpolation: fn(&Thread, [Value; 4]) -> PyResult,
    pub template: fn(&Thread, Value, Value) -> PyResult,
    /// `types.GenericAlias(origin, args)`.
    pub generic_alias: fn(&Thread, &Value, &Value) -> PyResult,
    /// What answers None where a `getattro` slot raises AttributeError; None where the slot must be asked.
    pub lookup_of: fn(Binary) -> Option<Lookup>,
    /// `float(object)` of anything but an immediate.
    pub to_f64: fn(&Thread, &Value) -> PyResult<f64>,
    /// `isinstance` and `issubclass` in full.
    pub is_instance: fn(&Thread, &Value, &Value) -> PyResult<bool>,
    pub is_subclass: fn(&Thread, &Value, &Value) -> PyResult<bool>,
}

static HOOKS: OnceLock<Hooks> = OnceLock::new();

/// Fills the table. Only the first call counts.
pub fn install(hooks: Hooks) {
    let _ = HOOKS.set(hooks);
}

/// The table, once start-up has installed it: for what goes without.
#[inline]
pub fn installed() -> Option<&'static Hooks> {
    HOOKS.get()
}

/// The table.
///
/// Panics before start-up has installed it.
#[inline]
pub fn get() -> &'static Hooks {
    HOOKS.get().expect("start-up installs the hooks")
}

/// A builtin function or type by name, for `__reduce__`. Raises AttributeError.
pub fn builtin(t: &Thread, name: &str) -> PyResult {
    let builtins = (get().builtins)(t);
    let name = names::intern(name);
    match builtins.downcast::<Dict>().map(|dict| dict.get(t, &name)).transpose()?.flatten() {
        Some(v) => Ok(v),
        None => Err(raise::no_attribute(t, &builtins, &name)),
    }
}
