//! TypeAliasType: what a `type` statement makes.

use super::lazy::Lazy;
use super::parameter::{default_state, is_tuple, iter_unpacked, unpack};
use super::{caller_module, name_argument, or};
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, hooks, names, protocol, str, tuple};
use crate::this;

/// The payload of an alias.
pub struct TypeAlias {
    name: Stored,
    type_params: Stored,
    module: Stored,
    value: Lazy,
}

/// `typing.TypeAliasType`.
pub static TYPE_ALIAS: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Type alias.\n\n\
          Made by the type statement: after type A = int, type checkers take A for int. At run time, A is an instance of\n\
          TypeAliasType: __name__ is its name, __value__ what it stands for, __type_params__ its parameters.",
    signature: "(name, value, *, type_params=())",
    slots: SlotTable {
        new: Some(new),
        repr: Some(|_, v| Ok(Value::clone(&this!(v, TypeAlias).name))),
        or: Some(or),
        getitem: Some(getitem),
        iter: Some(iter_unpacked),
        ..SlotTable::EMPTY
    },
    methods: &[Method::new(
        "__reduce__",
        "($self, /)",
        NativeFn::F1(|_, v| Ok(Value::clone(&this!(v, TypeAlias).name))),
        "",
    )],
    getset: &[
        GetSet::read_only("__name__", |_, v| Ok(Value::clone(&this!(v, TypeAlias).name)), ""),
        GetSet::read_only("__parameters__", parameters, ""),
        GetSet::read_only("__type_params__", |_, v| Ok(Value::clone(&this!(v, TypeAlias).type_params)), ""),
        GetSet::read_only("__value__", value, ""),
        GetSet::read_only("evaluate_value", |_, v| Ok(this!(v, TypeAlias).value.evaluator()), ""),
        GetSet::read_only("__module__", |_, v| Ok(Value::clone(&this!(v, TypeAlias).module)), ""),
    ],
    flags: flag::IMMUTABLE,
    ..TypeSpec::new("typing", "TypeAliasType", layout_of::<TypeAlias>(true))
};

// SAFETY: `TYPE_ALIAS`'s layout is `TypeAlias`.
unsafe impl Payload for TypeAlias {
    fn layout_type() -> &'static Type {
        &TYPE_ALIAS
    }

    fn trace(&self, visit: Visit) {
        visit(&self.name);
        visit(&self.type_params);
        visit(&self.module);
        self.value.trace(visit);
    }

    fn clear(&self) {
        self.value.clear();
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(name, value, *, type_params=())");
    let b = PARAMETERS.bind_call(t, "typealias", args)?;
    let name = name_argument(t, "typealias", b.req(0))?;
    let type_params = b.opt(2).cloned().unwrap_or_else(names::empty_tuple);
    if type_params.downcast::<tuple::Tuple>().is_none() {
        return Err(raise::type_error(t, "type_params must be a tuple"));
    }
    check_order(t, tuple::items(&type_params))?;
    let this = TypeAlias {
        name: Stored::new(name),
        type_params: Stored::new(type_params),
        module: Stored::new(caller_module(t)),
        value: Lazy::of(Some(b.req(1).clone())),
    };
    Ok(alloc::new(class, this))
}

/// Parameters with a default come last.
fn check_order(t: &Thread, type_params: &[Value]) -> PyResult<()> {
    let mut default_seen = false;
    for parameter in type_params {
        let shown = || protocol::repr(t, parameter).map(|shown| str::lossy(&shown).into_owned());
        match default_state(parameter) {
            None => return Err(raise::type_error(t, format!("Expected a type param, got {}", shown()?))),
            Some(false) if default_seen => {
                let message = format!("non-default type parameter '{}' follows default type parameter", shown()?);
                return Err(raise::type_error(t, message));
            }
            Some(has_default) => default_seen |= has_default,
        }
    }
    Ok(())
}

/// The alias of a `type` statement.
pub fn make(t: &Thread, name: &Value, type_params: &Value, evaluate: &Value) -> PyResult {
    let this = TypeAlias {
        name: Stored::new(name.clone()),
        type_params: Stored::new(type_params.clone()),
        module: Stored::new(caller_module(t)),
        value: Lazy::by(Some(evaluate.clone())),
    };
    Ok(alloc::new(&TYPE_ALIAS, this))
}

fn value(t: &Thread, v: &Value) -> PyResult {
    Ok(this!(v, TypeAlias).value.get(t, v)?.unwrap_or(Value::NONE))
}

/// The type parameters, with TypeVarTuples unpacked.
fn parameters(t: &Thread, v: &Value) -> PyResult {
    let type_params = &this!(v, TypeAlias).type_params;
    let items = tuple::items(type_params).iter();
    let items = items.map(|p| if is_tuple(p) { unpack(t, p) } else { Ok(p.clone()) }).collect::<PyResult<Vec<_>>>()?;
    Ok(tuple::from_vec(items))
}

fn getitem(t: &Thread, v: &Value, args: &Value) -> PyResult {
    if tuple::items(&this!(v, TypeAlias).type_params).is_empty() {
        return Err(raise::type_error(t, "Only generic type aliases are subscriptable"));
    }
    let args =
        if args.downcast::<tuple::Tuple>().is_some() { args.clone() } else { tuple::from_iter(1, [args.clone()]) };
    (hooks::get().generic_alias)(t, v, &args)
}
