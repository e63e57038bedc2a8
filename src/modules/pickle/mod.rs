//! `_pickle`: objects as bytes and back.
//!
//! | file | holds |
//! |---|---|
//! | `opcode` | the letters of the format |
//! | `library` | what the Python side keeps: registries of `copyreg`, old and new names |
//! | `memo` | which objects a pickle holds already |
//! | `writer` | the output: frames, opcodes with numbers, large payloads |
//! | `save`, `containers`, `reduce`, `global` | objects to bytes |
//! | `pickler` | the type `Pickler`, `dump`, `dumps` |
//! | `input` | bytes of a buffer or a file |
//! | `machine`, `build` | the stack machine that runs a pickle |
//! | `unpickler` | the type `Unpickler`, `load`, `loads` |
//! | `buffer` | `PickleBuffer` |
//!
//! A pickler or unpickler at work has taken its state out of its object, so that nothing is locked while Python code
//! runs; a second use meanwhile, by another thread or from below, raises RuntimeError.

mod buffer;
mod build;
mod containers;
mod global;
mod input;
mod library;
mod machine;
mod memo;
mod opcode;
mod pickler;
mod reduce;
mod save;
mod unpickler;
mod writer;

use crate::object::core_types::exc;
use crate::object::exception::BaseException;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{StaticType, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{names, protocol, str};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "dump",
            "($module, /, obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)",
            NativeFn::Bound(pickler::dump),
            "Writes a pickled representation of obj to the open file object file.\n\nThe same as Pickler(file, \
             protocol).dump(obj), but may be faster.",
        ),
        Method::new(
            "dumps",
            "($module, /, obj, protocol=None, *, fix_imports=True, buffer_callback=None)",
            NativeFn::Bound(pickler::dumps),
            "Returns the pickled representation of the object as bytes.",
        ),
        Method::new(
            "load",
            "($module, /, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
            NativeFn::Bound(unpickler::load),
            "Reads and returns an object from the pickle data stored in a file.\n\nThe same as Unpickler(file).load(), \
             but may be faster.",
        ),
        Method::new(
            "loads",
            "($module, data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())",
            NativeFn::Bound(unpickler::loads),
            "Reads and returns an object from the given pickle data.",
        ),
    ],
    types: &[
        &PICKLE_ERROR,
        &PICKLING_ERROR,
        &UNPICKLING_ERROR,
        &pickler::PICKLER,
        &pickler::MEMO_PROXY,
        &unpickler::UNPICKLER,
        &unpickler::MEMO_PROXY,
        &buffer::PICKLE_BUFFER,
    ],
    init: Some(|t, module| super::support::hide(t, module, &["PicklerMemoProxy", "UnpicklerMemoProxy"])),
    ..ModuleSpec::new("_pickle", "Optimized C implementation for the Python pickle module.")
};

/// `pickle.PickleError`.
pub static PICKLE_ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&exc::EXCEPTION),
    flags: flag::BASETYPE,
    ..TypeSpec::new("_pickle", "PickleError", layout_of::<BaseException>(true))
});

/// `pickle.PicklingError`.
pub static PICKLING_ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&PICKLE_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("_pickle", "PicklingError", layout_of::<BaseException>(true))
});

/// `pickle.UnpicklingError`.
pub static UNPICKLING_ERROR: StaticType = StaticType::new(&TypeSpec {
    base: Some(&PICKLE_ERROR),
    flags: flag::BASETYPE,
    ..TypeSpec::new("_pickle", "UnpicklingError", layout_of::<BaseException>(true))
});

/// Raises PicklingError.
#[cold]
fn pickling_error(t: &Thread, message: impl AsRef<str>) -> Raised {
    raise::new(t, &PICKLING_ERROR, message)
}

/// Raises UnpicklingError.
#[cold]
fn unpickling_error(t: &Thread, message: impl AsRef<str>) -> Raised {
    raise::new(t, &UNPICKLING_ERROR, message)
}

/// A type's name with its module, which is left out for builtins and the main script.
fn full_name(t: &Thread, v: &Value) -> String {
    let class = v.class();
    let class_value = class.as_value();
    let text = |name: &str| match protocol::lookup_attr(t, &class_value, &names::intern(name)) {
        Ok(Some(v)) if str::view(&v).is_some() => Some(str::lossy(&v).into_owned()),
        Ok(_) => None,
        Err(raised) => {
            drop(raise::take(t, raised));
            None
        }
    };
    let name = text("__qualname__").unwrap_or_else(|| class.name().to_string());
    match text("__module__").as_deref() {
        None | Some("builtins" | "__main__") => name,
        Some(module) => format!("{module}.{name}"),
    }
}

/// Adds a note to the exception on its way.
#[cold]
fn note(t: &Thread, raised: Raised, text: impl FnOnce() -> String) -> Raised {
    let exception = raise::take(t, raised);
    let text = str::from_str(&text());
    if let Err(other) = protocol::call_method_str(t, &exception, "add_note", &[text]) {
        drop(raise::take(t, other));
    }
    raise::again(t, exception)
}

/// An attribute of an object; `None` where it has none.
fn optional_attr(t: &Thread, object: &Value, name: &str) -> PyResult<Option<Value>> {
    protocol::lookup_attr(t, object, &names::intern(name))
}
