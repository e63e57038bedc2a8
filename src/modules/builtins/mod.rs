//! `builtins`: the names that every module sees.
//!
//! | file | holds |
//! |---|---|
//! | `numbers` | functions of numbers and characters |
//! | `objects` | attributes, types, identity, representation |
//! | `iteration` | functions of iterables |
//! | `output` | print, input, breakpoint, open |
//! | `execute` | compile, eval, exec, globals, locals |
//! | `import` | `__import__` |
//! | `build_class` | class statements |
//! | `anext` | what `anext()` with a default answers |

mod anext;
mod build_class;
pub mod execute;
pub mod import;
mod iteration;
mod numbers;
mod objects;
mod output;

pub use output::install_open;

use crate::object::audit;
use crate::object::core_types::{self, exc};
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::types::iterators::{enumerate, filter, map, reversed, zip};
use crate::types::memoryview::MEMORYVIEW;
use crate::types::module_;

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "__build_class__",
            "",
            NativeFn::Raw(build_class::build_class),
            "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat the class statement calls.",
        ),
        Method::new("__import__", import::SIGNATURE, NativeFn::Bound(import::import), import::DOC),
        Method::new(
            "abs",
            "($module, number, /)",
            NativeFn::F1(numbers::abs),
            "Return the absolute value of the argument.",
        ),
        Method::new(
            "aiter",
            "($module, async_iterable, /)",
            NativeFn::F1(anext::aiter),
            "Return an AsyncIterator for an AsyncIterable object.",
        ),
        Method::new(
            "all",
            "($module, iterable, /)",
            NativeFn::F1(iteration::all),
            "Return True if bool(x) is True for all values x in the iterable.",
        ),
        Method::new(
            "anext",
            "($module, aiterator, default=<unrepresentable>, /)",
            NativeFn::Bound(anext::anext),
            "Return the next item from the async iterator; a default is returned when it is exhausted.",
        ),
        Method::new(
            "any",
            "($module, iterable, /)",
            NativeFn::F1(iteration::any),
            "Return True if bool(x) is True for any x in the iterable.",
        ),
        Method::new(
            "ascii",
            "($module, obj, /)",
            NativeFn::F1(objects::ascii),
            "Return the repr of an object with everything but ASCII escaped.",
        ),
        Method::new(
            "bin",
            "($module, number, /)",
            NativeFn::F1(|t, v| numbers::radix(t, v, 2, "0b")),
            "Return the binary representation of an integer.",
        ),
        Method::new(
            "breakpoint",
            "($module, /, *args, **kws)",
            NativeFn::Raw(output::breakpoint),
            "Call sys.breakpointhook(*args, **kws), which enters the debugger.",
        ),
        Method::new(
            "callable",
            "($module, obj, /)",
            NativeFn::F1(|_, v| Ok(Value::bool(v.class().slots.call.get().is_some()))),
            "Return whether the object is callable (i.e., some kind of function).",
        ),
        Method::new(
            "chr",
            "($module, i, /)",
            NativeFn::F1(numbers::chr),
            "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.",
        ),
        Method::new("compile", execute::COMPILE_SIGNATURE, NativeFn::Bound(execute::compile), execute::COMPILE_DOC),
        Method::new(
            "delattr",
            "($module, obj, name, /)",
            NativeFn::F2(objects::delattr),
            "Deletes the named attribute from the given object: delattr(x, 'y') is del x.y",
        ),
        Method::new(
            "dir",
            "",
            NativeFn::Raw(objects::dir),
            "dir([object]) -> list of strings\n\nThe names in the current scope, or the attributes of the object.",
        ),
        Method::new(
            "divmod",
            "($module, x, y, /)",
            NativeFn::F2(crate::object::operator::divmod),
            "Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.",
        ),
        Method::new(
            "eval",
            "($module, source, /, globals=None, locals=None)",
            NativeFn::Bound(execute::eval),
            "Evaluate the given source (a string or a code object of one expression) in globals and locals.",
        ),
        Method::new(
            "exec",
            "($module, source, /, globals=None, locals=None, *, closure=None)",
            NativeFn::Bound(execute::exec),
            "Execute the given source (a string or a code object) in globals and locals.",
        ),
        Method::new(
            "format",
            "($module, value, format_spec='', /)",
            NativeFn::Bound(objects::format),
            "Return type(value).__format__(value, format_spec)",
        ),
        Method::new(
            "getattr",
            "",
            NativeFn::ByCount(&objects::GETATTR),
            "getattr(object, name[, default]) -> value\n\nThe named attribute; the default where there is none.",
        ),
        Method::new(
            "globals",
            "($module, /)",
            NativeFn::F0(execute::globals),
            "Return the dictionary containing the current scope's global variables.",
        ),
        Method::new(
            "hasattr",
            "($module, obj, name, /)",
            NativeFn::F2(objects::hasattr),
            "Return whether the object has an attribute with the given name.",
        ),
        Method::new(
            "hash",
            "($module, obj, /)",
            NativeFn::F1(|t, v| crate::object::protocol::hash(t, v).map(Value::int)),
            "Return the hash value for the given object. Objects that compare equal have the same hash.",
        ),
        Method::new(
            "hex",
            "($module, number, /)",
            NativeFn::F1(|t, v| numbers::radix(t, v, 16, "0x")),
            "Return the hexadecimal representation of an integer.",
        ),
        Method::new(
            "id",
            "($module, obj, /)",
            NativeFn::F1(|t, v| {
                let id = Value::uint(v.id());
                audit::event(t, "builtins.id", || [id.clone()])?;
                Ok(id)
            }),
            "Return the identity of an object, unique among simultaneously existing objects.",
        ),
        Method::new(
            "input",
            "($module, prompt='', /)",
            NativeFn::Bound(output::input),
            "Read a string from standard input without its newline, after printing the prompt.",
        ),
        Method::new(
            "isinstance",
            "($module, obj, class_or_tuple, /)",
            NativeFn::F2(|t, v, class| crate::types::class_check::is_instance(t, v, class).map(Value::bool)),
            "Return whether an object is an instance of a class or of a subclass thereof, or of one of a tuple's.",
        ),
        Method::new(
            "issubclass",
            "($module, cls, class_or_tuple, /)",
            NativeFn::F2(|t, c, class| crate::types::class_check::is_subclass(t, c, class).map(Value::bool)),
            "Return whether 'cls' is derived from another class or is the same class, or from one of a tuple's.",
        ),
        Method::new(
            "iter",
            "",
            NativeFn::ByCount(&iteration::ITER),
            "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nThe second form calls until it gets the \
             sentinel.",
        ),
        Method::new(
            "len",
            "($module, obj, /)",
            NativeFn::F1(|t, v| crate::object::protocol::len(t, v).map(|n| Value::uint(n as u64))),
            "Return the number of items in a container.",
        ),
        Method::new(
            "locals",
            "($module, /)",
            NativeFn::F0(execute::locals),
            "Return a dictionary containing the current scope's local variables.",
        ),
        Method::new(
            "max",
            "",
            NativeFn::ByCount(&iteration::MAX),
            "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nThe \
             biggest item.",
        ),
        Method::new(
            "min",
            "",
            NativeFn::ByCount(&iteration::MIN),
            "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nThe \
             smallest item.",
        ),
        Method::new(
            "next",
            "",
            NativeFn::ByCount(&iteration::NEXT),
            "next(iterator[, default])\n\nThe next item; the default instead of StopIteration.",
        ),
        Method::new(
            "oct",
            "($module, number, /)",
            NativeFn::F1(|t, v| numbers::radix(t, v, 8, "0o")),
            "Return the octal representation of an integer.",
        ),
        Method::new(
            "ord",
            "($module, character, /)",
            NativeFn::F1(numbers::ord),
            "Return the ordinal value of a character, or of a bytes object of length 1.",
        ),
        Method::new(
            "pow",
            "($module, /, base, exp, mod=None)",
            NativeFn::Bound(|t, b| {
                crate::object::operator::power(t, b.req(0), b.req(1), b.opt(2).unwrap_or(Value::none_ref()))
            }),
            "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.",
        ),
        Method::new(
            "print",
            "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)",
            NativeFn::Bound(output::print),
            "Prints the values to a stream, or to sys.stdout by default.",
        ),
        Method::new(
            "repr",
            "($module, obj, /)",
            NativeFn::F1(crate::object::protocol::repr),
            "Return the canonical string representation of the object.",
        ),
        Method::new(
            "round",
            "($module, /, number, ndigits=None)",
            NativeFn::Bound(numbers::round),
            "Round a number to a given precision in decimal digits; to an integer without one.",
        ),
        Method::new(
            "setattr",
            "($module, obj, name, value, /)",
            NativeFn::F3(objects::setattr),
            "Sets the named attribute on the given object: setattr(x, 'y', v) is x.y = v",
        ),
        Method::new(
            "sorted",
            "($module, iterable, /, *, key=None, reverse=False)",
            NativeFn::Raw(iteration::sorted),
            "Return a new list containing all items from the iterable in ascending order.",
        ),
        Method::new(
            "sum",
            "($module, iterable, /, start=0)",
            NativeFn::Bound(iteration::sum),
            "Return the sum of a 'start' value (default: 0) plus an iterable of numbers.",
        ),
        Method::new(
            "vars",
            "",
            NativeFn::Raw(objects::vars),
            "vars([object]) -> dictionary\n\nlocals(), or the object's __dict__.",
        ),
    ],
    types: &[
        &core_types::BOOL,
        &MEMORYVIEW,
        &core_types::BYTEARRAY,
        &core_types::BYTES,
        &core_types::CLASSMETHOD,
        &core_types::COMPLEX,
        &core_types::DICT,
        &enumerate::ENUMERATE,
        &filter::FILTER,
        &core_types::FLOAT,
        &core_types::FROZENSET,
        &core_types::PROPERTY,
        &core_types::INT,
        &core_types::LIST,
        &map::MAP,
        &core_types::OBJECT,
        &core_types::RANGE,
        &reversed::REVERSED,
        &core_types::SET,
        &core_types::SLICE,
        &core_types::STATICMETHOD,
        &core_types::STR,
        &core_types::SUPER,
        &core_types::TUPLE,
        &core_types::TYPE,
        &zip::ZIP,
    ],
    init: Some(init),
    ..ModuleSpec::new(
        "builtins",
        "Built-in functions, types, exceptions, and other objects: the names that are always available.",
    )
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    for (name, value) in [
        ("None", Value::NONE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("False", Value::FALSE),
        ("True", Value::TRUE),
        ("__debug__", Value::TRUE),
    ] {
        module_::set(module, name, value);
    }
    for (ty, _) in exc::DECLARED {
        module_::add_type(t, module, ty);
    }
    module_::set(module, "EnvironmentError", exc::OS_ERROR.to_value());
    module_::set(module, "IOError", exc::OS_ERROR.to_value());
    crate::types::type_::init::ready(t, &anext::ANEXT_AWAITABLE);
    Ok(())
}
