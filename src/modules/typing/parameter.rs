//! Type parameters: TypeVar, ParamSpec and TypeVarTuple.

use super::lazy::Lazy;
use super::{call_typing, caller_module, name_argument, no_default, or, paramspec_args};
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, names, protocol, str, tuple};

/// What the three kinds of parameters have, as far as they have it.
pub struct Parameter {
    name: Stored,
    bound: Lazy,
    constraints: Lazy,
    default: Lazy,
    covariant: bool,
    contravariant: bool,
    infer_variance: bool,
}

impl Parameter {
    fn named(name: Value) -> Parameter {
        Parameter {
            name: Stored::new(name),
            bound: Lazy::empty(),
            constraints: Lazy::empty(),
            default: Lazy::empty(),
            covariant: false,
            contravariant: false,
            infer_variance: false,
        }
    }
}

macro_rules! payload {
    ($payload:ident $ty:ident $spec:ident) => {
        #[doc = concat!("The payload of `typing.", stringify!($payload), "`.")]
        #[repr(transparent)]
        pub struct $payload(Parameter);

        #[doc = concat!("`typing.", stringify!($payload), "`.")]
        pub static $ty: StaticType = StaticType::new(&$spec);

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit(&self.0.name);
                for lazy in [&self.0.bound, &self.0.constraints, &self.0.default] {
                    lazy.trace(&mut *visit);
                }
            }

            fn clear(&self) {
                for lazy in [&self.0.bound, &self.0.constraints, &self.0.default] {
                    lazy.clear();
                }
            }
        }
    };
}

payload!(TypeVar TYPE_VAR TYPE_VAR_SPEC);
payload!(ParamSpec PARAM_SPEC PARAM_SPEC_SPEC);
payload!(TypeVarTuple TYPE_VAR_TUPLE TYPE_VAR_TUPLE_SPEC);

/// The parameter of any of the three kinds.
fn parameter(v: &Value) -> Option<&Parameter> {
    let var = v.downcast::<TypeVar>().map(|v| &v.0);
    var.or_else(|| v.downcast::<ParamSpec>().map(|v| &v.0)).or_else(|| v.downcast::<TypeVarTuple>().map(|v| &v.0))
}

/// The name of a parameter of any kind.
pub fn name_of(v: &Value) -> Option<Value> {
    parameter(v).map(|p| Value::clone(&p.name))
}

/// Whether a value is a type parameter, and whether it has a default.
pub fn default_state(v: &Value) -> Option<bool> {
    parameter(v).map(has_default_value)
}

fn has_default_value(p: &Parameter) -> bool {
    p.default.is_set()
}

fn of(v: &Value) -> &Parameter {
    match parameter(v) {
        Some(p) => p,
        None => unreachable!("self was checked by the call"),
    }
}

const fn name_row() -> GetSet {
    GetSet::read_only("__name__", |_, v| Ok(Value::clone(&of(v).name)), "")
}

const fn default_row() -> GetSet {
    GetSet::read_only("__default__", default, "")
}

const fn evaluate_default_row() -> GetSet {
    GetSet::read_only("evaluate_default", |_, v| Ok(of(v).default.evaluator()), "")
}

const fn covariant_row() -> GetSet {
    GetSet::read_only("__covariant__", |_, v| Ok(Value::bool(of(v).covariant)), "")
}

const fn contravariant_row() -> GetSet {
    GetSet::read_only("__contravariant__", |_, v| Ok(Value::bool(of(v).contravariant)), "")
}

const fn infer_variance_row() -> GetSet {
    GetSet::read_only("__infer_variance__", |_, v| Ok(Value::bool(of(v).infer_variance)), "")
}

const fn has_default_method() -> Method {
    Method::new("has_default", "($self, /)", NativeFn::F1(|_, v| Ok(Value::bool(has_default_value(of(v))))), "")
}

const fn reduce_method() -> Method {
    Method::new("__reduce__", "($self, /)", NativeFn::F1(|_, v| Ok(Value::clone(&of(v).name))), "")
}

const fn mro_entries_method() -> Method {
    Method::new("__mro_entries__", "($self, object, /)", NativeFn::F2(mro_entries), "")
}

/// `__mro_entries__` of what is no class: an error.
pub fn mro_entries(t: &Thread, v: &Value, _bases: &Value) -> PyResult {
    Err(raise::type_error(t, format!("Cannot subclass an instance of {}", v.class().name())))
}

static TYPE_VAR_SPEC: TypeSpec = TypeSpec {
    doc: "Type variable.\n\n\
          Stands for a type in a generic class, function or alias: class C[T], def f[T](), type A[T] = ..., or made by\n\
          hand with TypeVar('T'). A bound, T: int, or constraints, T: (int, str), limit the types that it may stand for.",
    signature: "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, \
                infer_variance=False)",
    slots: SlotTable { new: Some(type_var_new), repr: Some(repr), or: Some(or), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "__typing_subst__",
            "($self, arg, /)",
            NativeFn::F2(|t, v, arg| call_typing(t, "_typevar_subst", Args::positional(&[v.clone(), arg.clone()]))),
            "",
        ),
        Method::new("__typing_prepare_subst__", "($self, alias, args, /)", NativeFn::F3(prepare_subst), ""),
        reduce_method(),
        has_default_method(),
        mro_entries_method(),
    ],
    getset: &[
        name_row(),
        GetSet::read_only("__bound__", bound, ""),
        GetSet::read_only("__constraints__", constraints, ""),
        GetSet::read_only("evaluate_bound", |_, v| Ok(of(v).bound.evaluator()), ""),
        GetSet::read_only("evaluate_constraints", |_, v| Ok(of(v).constraints.evaluator()), ""),
        default_row(),
        evaluate_default_row(),
        covariant_row(),
        contravariant_row(),
        infer_variance_row(),
    ],
    flags: flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("typing", "TypeVar", layout_of::<TypeVar>(true))
};

static PARAM_SPEC_SPEC: TypeSpec = TypeSpec {
    doc: "Parameter specification variable.\n\n\
          Stands for the parameters of a callable: def f[**P](g: Callable[P, int]), or made by hand with ParamSpec('P').\n\
          P.args and P.kwargs are the types of *args and **kwargs.",
    signature: "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, \
                infer_variance=False)",
    slots: SlotTable { new: Some(param_spec_new), repr: Some(repr), or: Some(or), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "__typing_subst__",
            "($self, arg, /)",
            NativeFn::F2(|t, v, arg| call_typing(t, "_paramspec_subst", Args::positional(&[v.clone(), arg.clone()]))),
            "",
        ),
        Method::new(
            "__typing_prepare_subst__",
            "($self, alias, args, /)",
            NativeFn::F3(|t, v, alias, args| {
                let all = [v.clone(), alias.clone(), args.clone()];
                call_typing(t, "_paramspec_prepare_subst", Args::positional(&all))
            }),
            "",
        ),
        has_default_method(),
        reduce_method(),
        mro_entries_method(),
    ],
    getset: &[
        name_row(),
        GetSet::read_only("__bound__", bound, ""),
        covariant_row(),
        contravariant_row(),
        infer_variance_row(),
        GetSet::read_only("args", |_, v| Ok(paramspec_args::args(v)), "Represents positional arguments."),
        GetSet::read_only("kwargs", |_, v| Ok(paramspec_args::kwargs(v)), "Represents keyword arguments."),
        default_row(),
        evaluate_default_row(),
    ],
    flags: flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("typing", "ParamSpec", layout_of::<ParamSpec>(true))
};

static TYPE_VAR_TUPLE_SPEC: TypeSpec = TypeSpec {
    doc: "Type variable tuple.\n\n\
          Stands for any number of types, where a TypeVar stands for one: class C[*Ts], or made by hand with\n\
          TypeVarTuple('Ts'). It is used unpacked: tuple[*Ts].",
    signature: "(name, *, default=typing.NoDefault)",
    slots: SlotTable {
        new: Some(type_var_tuple_new),
        repr: Some(|_, v| Ok(Value::clone(&of(v).name))),
        iter: Some(iter_unpacked),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "__typing_subst__",
            "($self, arg, /)",
            NativeFn::F2(|t, _, _| Err(raise::type_error(t, "Substitution of bare TypeVarTuple is not supported"))),
            "",
        ),
        Method::new(
            "__typing_prepare_subst__",
            "($self, alias, args, /)",
            NativeFn::F3(|t, v, alias, args| {
                let all = [v.clone(), alias.clone(), args.clone()];
                call_typing(t, "_typevartuple_prepare_subst", Args::positional(&all))
            }),
            "",
        ),
        reduce_method(),
        has_default_method(),
        mro_entries_method(),
    ],
    getset: &[name_row(), default_row(), evaluate_default_row()],
    flags: flag::HAS_DICT | flag::HAS_WEAKREFS,
    ..TypeSpec::new("typing", "TypeVarTuple", layout_of::<TypeVarTuple>(true))
};

fn default(t: &Thread, v: &Value) -> PyResult {
    Ok(of(v).default.get(t, v)?.unwrap_or_else(no_default))
}

fn bound(t: &Thread, v: &Value) -> PyResult {
    Ok(of(v).bound.get(t, v)?.unwrap_or(Value::NONE))
}

fn constraints(t: &Thread, v: &Value) -> PyResult {
    Ok(of(v).constraints.get(t, v)?.unwrap_or_else(names::empty_tuple))
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let p = of(v);
    let sign = match (p.infer_variance, p.covariant, p.contravariant) {
        (true, ..) => return Ok(Value::clone(&p.name)),
        (_, true, _) => '+',
        (_, _, true) => '-',
        _ => '~',
    };
    Ok(str::from_str(&format!("{sign}{}", str::lossy(&p.name))))
}

/// Finishes a parameter made by a constructor: `__module__` is the caller's.
fn finish(t: &Thread, v: Value) -> PyResult {
    protocol::set_attr(t, &v, &names::known().__module__, &caller_module(t))?;
    Ok(v)
}

/// Reads bound, default and variance (arguments `first` and on).
fn common(t: &Thread, b: &Bound<'_>, first: usize, name: Value) -> PyResult<Parameter> {
    let truth = |i: usize| b.opt(i).map_or(Ok(false), |v| protocol::is_true(t, v));
    let (covariant, contravariant, infer_variance) = (truth(first + 2)?, truth(first + 3)?, truth(first + 4)?);
    if covariant && contravariant {
        return Err(raise::value_error(t, "Bivariant types are not supported."));
    }
    if infer_variance && (covariant || contravariant) {
        return Err(raise::value_error(t, "Variance cannot be specified with infer_variance."));
    }
    let bound = match b.non_none(first) {
        None => None,
        Some(bound) => {
            let args = [bound.clone(), str::from_str("Bound must be a type.")];
            Some(call_typing(t, "_type_check", Args::positional(&args))?)
        }
    };
    Ok(Parameter {
        bound: Lazy::of(bound),
        default: given_default(b.opt(first + 1)),
        covariant,
        contravariant,
        infer_variance,
        ..Parameter::named(name)
    })
}

fn given_default(default: Option<&Value>) -> Lazy {
    Lazy::of(default.filter(|default| !default.is(&no_default())).cloned())
}

fn type_var_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new(
        "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)",
    );
    let b = PARAMETERS.bind_call(t, "typevar", args)?;
    let name = name_argument(t, "typevar", b.req(0))?;
    let p = common(t, &b, 1, name)?;
    if b.rest.len() == 1 {
        return Err(raise::type_error(t, "A single constraint is not allowed"));
    }
    if !b.rest.is_empty() && p.bound.is_set() {
        return Err(raise::type_error(t, "Constraints cannot be combined with bound=..."));
    }
    let constraints = (!b.rest.is_empty()).then(|| tuple::from_slice(b.rest));
    finish(t, alloc::new(class, TypeVar(Parameter { constraints: Lazy::of(constraints), ..p })))
}

fn param_spec_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new(
        "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)",
    );
    let b = PARAMETERS.bind_call(t, "paramspec", args)?;
    let name = name_argument(t, "paramspec", b.req(0))?;
    finish(t, alloc::new(class, ParamSpec(common(t, &b, 1, name)?)))
}

fn type_var_tuple_new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(name, *, default=typing.NoDefault)");
    let b = PARAMETERS.bind_call(t, "typevartuple", args)?;
    let name = name_argument(t, "typevartuple", b.req(0))?;
    let p = Parameter { default: given_default(b.opt(1)), ..Parameter::named(name) };
    finish(t, alloc::new(class, TypeVarTuple(p)))
}

/// A TypeVar of the PEP 695 syntax with a bound or constraints that are worked out later (None: without).
pub fn make_typevar(t: &Thread, name: &Value, bound: &Value, constraints: &Value) -> PyResult {
    let p = Parameter {
        bound: Lazy::by(bound.non_none().cloned()),
        constraints: Lazy::by(constraints.non_none().cloned()),
        infer_variance: true,
        ..Parameter::named(name.clone())
    };
    finish(t, alloc::new(&TYPE_VAR, TypeVar(p)))
}

/// Gives a parameter of the PEP 696 syntax its default.
pub fn set_default(t: &Thread, v: &Value, evaluate: &Value) -> PyResult {
    match parameter(v) {
        Some(p) => {
            p.default.set_function(t, v, evaluate);
            Ok(v.clone())
        }
        None => Err(raise::type_error(t, format!("Expected a type param, got {}", v.class().display_name()))),
    }
}

fn prepare_subst(t: &Thread, v: &Value, alias: &Value, args: &Value) -> PyResult {
    let parameters = protocol::get_attr_str(t, alias, "__parameters__")?;
    let mut index = None;
    for (i, parameter) in protocol::collect(t, &parameters)?.iter().enumerate() {
        if index.is_none() && protocol::eq(t, parameter, v)? {
            index = Some(i);
        }
    }
    let Some(index) = index else {
        return Err(raise::value_error(t, "tuple.index(x): x not in tuple"));
    };
    let given = protocol::collect(t, args)?;
    if index < given.len() {
        return Ok(args.clone());
    }
    if index == given.len() && has_default_value(of(v)) {
        let default = default(t, v)?;
        return Ok(tuple::from_iter(given.len() + 1, given.into_iter().chain([default])));
    }
    Err(raise::type_error(t, format!("Too few arguments for {}", protocol::to_string(t, alias)?)))
}

/// An iterator over `Unpack[v]` alone.
pub fn iter_unpacked(t: &Thread, v: &Value) -> PyResult {
    let unpacked = unpack(t, v)?;
    protocol::iter(t, &tuple::from_iter(1, [unpacked]))
}

/// `typing.Unpack[v]`.
pub fn unpack(t: &Thread, v: &Value) -> PyResult {
    let typing = (crate::object::hooks::get().import)(t, "typing")?;
    let unpack = protocol::get_attr_str(t, &typing, "Unpack")?;
    protocol::get_item(t, &unpack, v)
}

/// Whether a value is a TypeVarTuple.
pub fn is_tuple(v: &Value) -> bool {
    v.downcast::<TypeVarTuple>().is_some()
}
