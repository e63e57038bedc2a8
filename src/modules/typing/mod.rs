//! `_typing`: the native half of the library's `typing`.
//!
//! [`parameter`] holds TypeVar, ParamSpec and TypeVarTuple, [`paramspec_args`] `P.args` and `P.kwargs`, [`alias`]
//! TypeAliasType, [`lazy`] values that are worked out when they are first asked for. What needs no speed is left to
//! functions of `typing` itself, as in CPython.

pub mod alias;
pub mod lazy;
pub mod parameter;
pub mod paramspec_args;

use std::sync::OnceLock;

use crate::bytecode::opcode::BinaryOp;
use crate::modules::support::hide;
use crate::object::args::Args;
use crate::object::dict::Dict;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, Type, TypeSpec, flag};
use crate::object::value::Value;
use crate::object::{alloc, core_types, hooks, names, operator, protocol, str, tuple};

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("_idfunc", "($module, x, /)", NativeFn::F1(|_, x| Ok(x.clone())), ""),
        // What the statements with type parameters are compiled to.
        Method::new(
            "_make_typevar",
            "($module, name, evaluate_bound, evaluate_constraints, /)",
            NativeFn::F3(parameter::make_typevar),
            "",
        ),
        Method::new("_make_typealias", "($module, name, type_params, evaluate, /)", NativeFn::F3(alias::make), ""),
        Method::new(
            "_set_typeparam_default",
            "($module, type_param, evaluate, /)",
            NativeFn::F2(parameter::set_default),
            "",
        ),
    ],
    types: &[
        &parameter::TYPE_VAR,
        &parameter::PARAM_SPEC,
        &parameter::TYPE_VAR_TUPLE,
        &paramspec_args::ARGS,
        &paramspec_args::KWARGS,
        &alias::TYPE_ALIAS,
        &GENERIC,
        &NO_DEFAULT_TYPE,
        &lazy::CONST_EVALUATOR,
    ],
    init: Some(init),
    ..ModuleSpec::new("_typing", "Primitives and accelerators for the typing module.\n")
};

fn init(t: &Thread, module: &Value) -> PyResult<()> {
    hide(t, module, &["NoDefaultType", "_ConstEvaluator"])?;
    protocol::set_attr(t, module, &names::intern("NoDefault"), &no_default())?;
    if let Some(union) = union_type(t) {
        protocol::set_attr(t, module, &names::intern("Union"), &union)?;
    }
    Ok(())
}

/// The type of `int | str`.
fn union_type(t: &Thread) -> Option<Value> {
    let (int, str) = (core_types::INT.as_value(), core_types::STR.as_value());
    match operator::binary(t, &int, &str, BinaryOp::Or) {
        Ok(union) => Some(union.class().to_value()),
        Err(raised) => {
            drop(raise::take(t, raised));
            None
        }
    }
}

/// The `|` of type parameters and aliases: `Union[a, b]`.
pub fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    match union_type(t) {
        Some(union) => protocol::get_item(t, &union, &tuple::from_iter(2, [a.clone(), b.clone()])),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Calls a function of `typing`.
pub fn call_typing(t: &Thread, name: &str, args: Args<'_>) -> PyResult {
    let typing = (hooks::get().import)(t, "typing")?;
    let function = protocol::get_attr_str(t, &typing, name)?;
    protocol::call(t, &function, args)
}

/// The name of the module whose code is running, for `__module__`.
pub fn caller_module(t: &Thread) -> Value {
    let globals = (hooks::get().globals)(t);
    globals.and_then(|globals| globals.downcast::<Dict>()?.get_str(&names::known().__name__)).unwrap_or(Value::NONE)
}

/// Checks an argument called `name` to be a str.
pub fn name_argument(t: &Thread, function: &str, name: &Value) -> PyResult<Value> {
    if str::view(name).is_none() {
        let message = format!("{function}() argument 'name' must be str, not {}", name.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(name.clone())
}

/// `typing.Generic`.
pub static GENERIC: StaticType = StaticType::new(&GENERIC_SPEC);

static GENERIC_SPEC: TypeSpec = TypeSpec {
    doc: "Abstract base class for generic types.\n\n\
          A class is generic if it has type parameters, class C[T]: ..., which makes it derive from Generic, or if it\n\
          derives from Generic[T] itself, for type parameters made with TypeVar().",
    methods: &[
        Method::new(
            "__class_getitem__",
            "",
            NativeFn::Raw(|t, args| call_typing(t, "_generic_class_getitem", args)),
            "Parameterizes a generic class.",
        )
        .class_method(),
        Method::new(
            "__init_subclass__",
            "",
            NativeFn::Raw(|t, args| call_typing(t, "_generic_init_subclass", args)),
            "Function to initialize subclasses.",
        )
        .class_method(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("typing", "Generic", NO_LAYOUT)
};

/// The type of `typing.NoDefault`.
pub static NO_DEFAULT_TYPE: StaticType = StaticType::new(&NO_DEFAULT_SPEC);

static NO_DEFAULT_SPEC: TypeSpec = TypeSpec {
    doc: "The type of the NoDefault singleton.",
    slots: SlotTable {
        new: Some(no_default_new),
        repr: Some(|_, _| Ok(str::from_str("typing.NoDefault"))),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new("__reduce__", "", NativeFn::F1(|_, _| Ok(str::from_str("NoDefault"))), "")],
    ..TypeSpec::new("builtins", "NoDefaultType", NO_LAYOUT)
};

fn no_default_new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    if !args.all().is_empty() {
        return Err(raise::type_error(t, "NoDefaultType takes no arguments"));
    }
    Ok(no_default())
}

/// `typing.NoDefault`.
pub fn no_default() -> Value {
    static THE: OnceLock<Value> = OnceLock::new();
    let make = || {
        let v = alloc::new_plain(&NO_DEFAULT_TYPE);
        names::immortalize(&v);
        v
    };
    THE.get_or_init(make).clone()
}
