//! Rows of the declarative tables: native functions, methods, computed attributes and modules.
//!
//! A row's text signature is CPython's `__text_signature__`: "($self, x, /, key=None)". It drives the argument binder
//! (`args`), `inspect` and `help()`. A default in it is documentation: the function sees an absent argument as `None`.

use super::args::{Args, Bound};
use super::raise::PyResult;
use super::thread::Thread;
use super::type_object::StaticType;
use super::value::Value;

/// The Rust function behind a row. For a method, `self` (or the class) is the first argument.
#[derive(Clone, Copy)]
pub enum NativeFn {
    /// No parameters.
    F0(fn(&Thread) -> PyResult),
    /// Exactly one positional-only parameter, and so on: called without binding.
    F1(fn(&Thread, &Value) -> PyResult),
    F2(fn(&Thread, &Value, &Value) -> PyResult),
    F3(fn(&Thread, &Value, &Value, &Value) -> PyResult),
    /// Arguments bound by the text signature: one entry per parameter.
    Bound(fn(&Thread, &Bound<'_>) -> PyResult),
    /// The function looks at its arguments itself; the signature is documentation.
    Raw(fn(&Thread, Args<'_>) -> PyResult),
    /// A function for each number of arguments that calls usually have: called without binding, as `F1` to `F3`.
    ByCount(&'static ByCount),
}

/// The functions of a row by the number of positional arguments (self included), called without keywords.
pub struct ByCount {
    pub one: Option<fn(&Thread, &Value) -> PyResult>,
    pub two: Option<fn(&Thread, &Value, &Value) -> PyResult>,
    pub three: Option<fn(&Thread, &Value, &Value, &Value) -> PyResult>,
    /// Any other call, as `Raw`; without it only those numbers of arguments are right.
    pub otherwise: Option<fn(&Thread, Args<'_>) -> PyResult>,
}

impl ByCount {
    pub const NONE: ByCount = ByCount { one: None, two: None, three: None, otherwise: None };
}

/// How a method binds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MethodKind {
    Instance,
    Class,
    Static,
}

/// A native function or method.
pub struct Method {
    pub name: &'static str,
    /// Empty where CPython documents none.
    pub signature: &'static str,
    pub function: NativeFn,
    pub kind: MethodKind,
    pub doc: &'static str,
}

impl Method {
    pub const fn new(name: &'static str, signature: &'static str, function: NativeFn, doc: &'static str) -> Method {
        Method { name, signature, function, kind: MethodKind::Instance, doc }
    }

    /// The same as a class method: the first argument is the class.
    pub const fn class_method(self) -> Method {
        Method { kind: MethodKind::Class, ..self }
    }

    /// The same as a static method.
    pub const fn static_method(self) -> Method {
        Method { kind: MethodKind::Static, ..self }
    }
}

/// Reads a computed attribute.
pub type Getter = fn(&Thread, &Value) -> PyResult;
/// Sets (or for `None` deletes) a computed attribute.
pub type Setter = fn(&Thread, &Value, Option<&Value>) -> PyResult<()>;

/// A computed attribute (getset or member descriptor).
pub struct GetSet {
    pub name: &'static str,
    pub get: Getter,
    /// `None`: read-only.
    pub set: Option<Setter>,
    pub doc: &'static str,
    /// Whether Python sees a `member_descriptor` instead of a `getset_descriptor`.
    pub member: bool,
}

impl GetSet {
    pub const fn read_only(name: &'static str, get: Getter, doc: &'static str) -> GetSet {
        GetSet { name, get, set: None, doc, member: false }
    }

    pub const fn new(name: &'static str, get: Getter, set: Setter, doc: &'static str) -> GetSet {
        GetSet { name, get, set: Some(set), doc, member: false }
    }

    /// The same, seen by Python as a `member_descriptor`.
    pub const fn as_member(self) -> GetSet {
        GetSet { member: true, ..self }
    }
}

/// A native module.
pub struct ModuleSpec {
    pub name: &'static str,
    pub doc: &'static str,
    pub functions: &'static [Method],
    /// Types to be set as attributes under their names (and initialised if they are not yet).
    pub types: &'static [&'static StaticType],
    /// Sets what tables cannot say: constants, computed values.
    pub init: Option<fn(&Thread, &Value) -> PyResult<()>>,
}

impl ModuleSpec {
    pub const fn new(name: &'static str, doc: &'static str) -> ModuleSpec {
        ModuleSpec { name, doc, functions: &[], types: &[], init: None }
    }
}
