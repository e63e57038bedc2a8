//! `sys`: the interpreter's own state and settings.
//!
//! | file | holds |
//! |---|---|
//! | `info` | versions, limits of numbers, platform: what never changes |
//! | `frames` | frames, exceptions, hooks |
//! | `monitoring` | `sys.monitoring` |
//! | `tracing` | `settrace`, `setprofile` and what belongs to them |

mod frames;
pub mod info;
mod monitoring;
mod tracing;

use crate::object::args::Bound;
use crate::object::audit;
use crate::object::bigint::{self, IntView};
use crate::object::core_types::exc;
use crate::object::dict::Dict;
use crate::object::list;
use crate::object::names;
use crate::object::raise::{self, PyResult};
use crate::object::str::Str;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicI64, AtomicU32, Ordering::*};

/// `sys.get_int_max_str_digits()`.
pub static INT_MAX_STR_DIGITS: AtomicI64 = AtomicI64::new(4300);
/// `sys.getrecursionlimit()` for threads still to be started; each thread has its own copy.
pub static RECURSION_LIMIT: AtomicU32 = AtomicU32::new(1000);

fn exit(t: &Thread, b: &Bound<'_>) -> PyResult {
    let args = match b.opt(0) {
        None => names::empty_tuple(),
        Some(status) if status.downcast::<tuple::Tuple>().is_some() => status.clone(),
        Some(status) => tuple::from_iter(1, [status.clone()]),
    };
    Err(raise::with_args(t, &exc::SYSTEM_EXIT, args))
}

/// `_clear_type_descriptors(type)`: for `dataclasses`, which makes a class with slots out of one without.
fn clear_type_descriptors(t: &Thread, v: &Value) -> PyResult {
    let Some(class) = v.downcast::<Type>() else {
        let message = format!("argument must be a type, not {}", v.class().display_name());
        return Err(raise::type_error(t, message));
    };
    if !class.is_heap() {
        return Err(raise::type_error(t, "argument is immutable"));
    }
    if let Some(attributes) = class.dict.load()
        && let Some(d) = attributes.downcast::<Dict>()
    {
        for name in ["__dict__", "__weakref__"] {
            drop(d.remove_str(t, &names::intern(name)));
        }
    }
    class.bump_version();
    Ok(Value::NONE)
}

fn intern(t: &Thread, v: &Value) -> PyResult {
    if v.downcast_exact::<Str>().is_none() {
        let message = if v.downcast::<Str>().is_some() {
            format!("can't intern {}", v.class().name())
        } else {
            format!("intern() argument must be str, not {}", v.class().display_name())
        };
        return Err(raise::type_error(t, message));
    }
    Ok(names::intern_value(v))
}

/// An argument that is a C int. Raises OverflowError.
fn c_int(t: &Thread, v: &Value) -> PyResult<i64> {
    match bigint::view(&protocol::index(t, v)?) {
        Some(IntView::Small(n)) if i32::try_from(n).is_ok() => Ok(n),
        _ => Err(raise::overflow_error(t, "Python int too large to convert to C int")),
    }
}

fn set_recursion_limit(t: &Thread, v: &Value) -> PyResult {
    let limit = c_int(t, v)?;
    if limit < 1 {
        return Err(raise::value_error(t, "recursion limit must be greater or equal than 1"));
    }
    if t.depth.get() as i64 >= limit {
        let message = format!(
            "cannot set the recursion limit to {limit} at the recursion depth {}: the limit is too low",
            t.depth.get()
        );
        return Err(raise::recursion_error(t, message));
    }
    t.recursion_limit.set(limit as u32);
    RECURSION_LIMIT.store(limit as u32, Relaxed);
    Ok(Value::NONE)
}

fn get_ref_count(t: &Thread, v: &Value) -> PyResult {
    use crate::object::collector;
    use crate::sync::count;
    let Some(header) = v.header() else { return Ok(Value::int(u32::MAX as i64)) };
    Ok(match header.counts().owner() {
        count::IMMORTAL => Value::int(u32::MAX as i64),
        count::SHARDED => Value::int(collector::sharded_total(t, header)),
        _ => Value::int(header.counts().total()),
    })
}

fn set_digits(t: &Thread, v: &Value) -> PyResult {
    let n = c_int(t, v)?;
    if n != 0 && n < 640 {
        return Err(raise::value_error(t, "maxdigits must be >= 640 or 0 for unlimited"));
    }
    INT_MAX_STR_DIGITS.store(n, Relaxed);
    crate::types::int::text::set_digit_limit(n as usize);
    Ok(Value::NONE)
}

fn get_sizeof(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    match protocol::call_special(t, v, &names::known().__sizeof__, &[]) {
        Ok(Some(size)) => {
            let size = protocol::index_i64(t, &size)?;
            if size < 0 {
                return Err(raise::value_error(t, "__sizeof__() should return >= 0"));
            }
            Ok(Value::int(size))
        }
        Ok(None) => match b.opt(1) {
            Some(default) => Ok(default.clone()),
            None => {
                let message = format!("Type {} doesn't define __sizeof__", v.class().name());
                Err(raise::type_error(t, message))
            }
        },
        Err(raised) => match b.opt(1) {
            Some(default) => raise::suppress(t, raised, &exc::TYPE_ERROR).map(|()| default.clone()),
            None => Err(raised),
        },
    }
}

fn audit_event(t: &Thread, args: crate::object::args::Args<'_>) -> PyResult {
    let Some(event) = args.pos().first() else {
        return Err(raise::type_error(t, "audit expected at least 1 argument, got 0"));
    };
    if str::view(event).is_none() {
        let message = format!("expected str for argument 'event', not {}", event.class().display_name());
        return Err(raise::type_error(t, message));
    }
    audit::raise_event(t, event, &args.pos()[1..])?;
    Ok(Value::NONE)
}

fn add_audit_hook(t: &Thread, hook: &Value) -> PyResult {
    audit::add(t, hook)?;
    Ok(Value::NONE)
}

fn is_gil_enabled(_: &Thread) -> PyResult {
    Ok(Value::FALSE)
}

/// Settable for compatibility: threads here switch by the operating system alone.
static SWITCH_INTERVAL: crate::sync::shim::Mutex<f64> = crate::sync::shim::Mutex::new(0.005);

fn set_switch_interval(t: &Thread, v: &Value) -> PyResult {
    let seconds = protocol::as_f64(t, v)?;
    if seconds <= 0.0 {
        return Err(raise::value_error(t, "switch interval must be strictly positive"));
    }
    *SWITCH_INTERVAL.lock() = seconds;
    Ok(Value::NONE)
}

fn is_interned(t: &Thread, v: &Value) -> PyResult {
    match v.downcast::<Str>() {
        Some(s) => Ok(Value::bool(s.is_interned())),
        None => {
            let message = format!("_is_interned() argument must be str, not {}", v.class().display_name());
            Err(raise::type_error(t, message))
        }
    }
}

fn none(_: &Thread) -> PyResult {
    Ok(Value::NONE)
}

/// The calling thread's writes of cache lines that others use, by kind.
#[cfg(feature = "sharing-stats")]
fn sharing_stats(_: &Thread) -> PyResult {
    use crate::sync::stats::{NAMES, counts};
    let pairs = NAMES.iter().zip(counts()).map(|(name, count)| (names::intern(name), Value::uint(count)));
    Ok(crate::object::dict::from_pairs(pairs))
}

static FUNCTIONS: &[Method] = &[
    #[cfg(feature = "sharing-stats")]
    Method::new(
        "_sharing_stats",
        "($module, /)",
        NativeFn::F0(sharing_stats),
        "Count the calling thread's writes of cache lines that other threads use, by kind.",
    ),
    Method::new(
        "exit",
        "($module, status=None, /)",
        NativeFn::Bound(exit),
        "Exit the interpreter by raising SystemExit(status).",
    ),
    Method::new(
        "_clear_type_descriptors",
        "($module, type, /)",
        NativeFn::F1(clear_type_descriptors),
        "Private function for clearing certain descriptors from a type's dictionary.",
    ),
    Method::new("intern", "($module, string, /)", NativeFn::F1(intern), "``Intern'' the given string."),
    Method::new(
        "getrecursionlimit",
        "($module, /)",
        NativeFn::F0(|t| Ok(Value::int(t.recursion_limit.get() as i64))),
        "Return the current value of the recursion limit.",
    ),
    Method::new(
        "setrecursionlimit",
        "($module, limit, /)",
        NativeFn::F1(set_recursion_limit),
        "Set the maximum depth of the Python interpreter stack to n.",
    ),
    Method::new(
        "getrefcount",
        "($module, object, /)",
        NativeFn::F1(get_ref_count),
        "Return the reference count of object.",
    ),
    Method::new(
        "getsizeof",
        "(object, default=None)",
        NativeFn::Bound(get_sizeof),
        "Return the size of object in bytes.",
    ),
    Method::new(
        "getdefaultencoding",
        "($module, /)",
        NativeFn::F0(|_| Ok(names::intern("utf-8"))),
        "Return the current default encoding used by the Unicode implementation.",
    ),
    Method::new(
        "getfilesystemencoding",
        "($module, /)",
        NativeFn::F0(|_| Ok(names::intern("utf-8"))),
        "Return the encoding used to convert Unicode filenames to OS filenames.",
    ),
    Method::new(
        "getfilesystemencodeerrors",
        "($module, /)",
        NativeFn::F0(|_| Ok(names::intern("surrogateescape"))),
        "Return the error mode used for Unicode to OS filename conversion.",
    ),
    Method::new(
        "get_int_max_str_digits",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::int(INT_MAX_STR_DIGITS.load(Relaxed)))),
        "Return the maximum string digits limit for non-binary int<->str conversions.",
    ),
    Method::new(
        "set_int_max_str_digits",
        "($module, maxdigits)",
        NativeFn::F1(set_digits),
        "Set the maximum string digits limit for non-binary int<->str conversions.",
    ),
    Method::new(
        "getswitchinterval",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::float(*SWITCH_INTERVAL.lock()))),
        "Return the current thread switch interval; see sys.setswitchinterval().",
    ),
    Method::new(
        "setswitchinterval",
        "($module, interval, /)",
        NativeFn::F1(set_switch_interval),
        "Set the ideal thread switching delay inside the Python interpreter.",
    ),
    Method::new(
        "getallocatedblocks",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::int(crate::heap::allocated_blocks() as i64))),
        "Return the number of memory blocks currently allocated.",
    ),
    Method::new(
        "getunicodeinternedsize",
        "(*, _only_immortal=False)",
        NativeFn::Bound(|_, _| Ok(Value::int(names::interned_count() as i64))),
        "Return the number of elements of the unicode interned dictionary",
    ),
    Method::new("audit", "", NativeFn::Raw(audit_event), "Passes the event to any hooks that are attached."),
    Method::new("addaudithook", "($module, hook)", NativeFn::F1(add_audit_hook), "Adds a new audit hook callback."),
    Method::new(
        "_is_gil_enabled",
        "($module, /)",
        NativeFn::F0(is_gil_enabled),
        "Return True if the GIL is currently enabled.",
    ),
    Method::new(
        "_is_interned",
        "($module, string, /)",
        NativeFn::F1(is_interned),
        "Return True if the given string is \"interned\".",
    ),
    Method::new(
        "_get_cpu_count_config",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::int(-1))),
        "Private function for getting PyConfig.cpu_count",
    ),
    Method::new("_clear_type_cache", "($module, /)", NativeFn::F0(none), "Clear the internal type lookup cache."),
    Method::new(
        "_clear_internal_caches",
        "($module, /)",
        NativeFn::F0(none),
        "Clear all internal performance-related caches.",
    ),
    Method::new(
        "is_stack_trampoline_active",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::FALSE)),
        "Return *True* if a stack profiler trampoline is active.",
    ),
    Method::new(
        "deactivate_stack_trampoline",
        "($module, /)",
        NativeFn::F0(none),
        "Deactivate the current stack profiler trampoline backend.",
    ),
    Method::new(
        "is_remote_debug_enabled",
        "($module, /)",
        NativeFn::F0(|_| Ok(Value::FALSE)),
        "Return True if remote debugging is enabled, False otherwise.",
    ),
];

static ALL_FUNCTIONS: std::sync::LazyLock<Vec<&'static Method>> =
    std::sync::LazyLock::new(|| FUNCTIONS.iter().chain(frames::FUNCTIONS).chain(tracing::FUNCTIONS).collect());

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    let name = names::intern("sys");
    for method in ALL_FUNCTIONS.iter() {
        let f = crate::object::native::new_function(method, Some(module.clone()), Some(name.clone()));
        protocol::set_attr(t, module, &names::intern(method.name), &f)?;
    }
    info::init(t, module)?;
    for empty in ["meta_path", "path_hooks"] {
        protocol::set_attr(t, module, &names::intern(empty), &list::new())?;
    }
    protocol::set_attr(t, module, &names::intern("path_importer_cache"), &crate::object::dict::new())?;
    monitoring::init(t, module)?;
    frames::init(t, module)
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    types: &[
        &info::VERSION_INFO,
        &info::FLAGS,
        &info::FLOAT_INFO,
        &info::INT_INFO,
        &info::HASH_INFO,
        &info::THREAD_INFO,
        &info::UNRAISABLE_HOOK_ARGS,
    ],
    init: Some(init),
    ..ModuleSpec::new(
        "sys",
        "This module provides access to some objects used or maintained by the\ninterpreter and to functions that interact strongly with the interpreter.",
    )
};
