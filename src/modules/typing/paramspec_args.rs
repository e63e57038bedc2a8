//! `P.args` and `P.kwargs` of a ParamSpec.

use super::parameter::{mro_entries, name_of};
use crate::bytecode::opcode::CompareOp;
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::raise::PyResult;
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str};
use crate::this;

macro_rules! part {
    ($payload:ident $ty:ident $spec:ident $name:literal $function:literal $make:ident $suffix:literal $doc:literal) => {
        #[doc = concat!("The payload of `typing.", $name, "`. Immutable.")]
        pub struct $payload {
            origin: Stored,
        }

        #[doc = concat!("`typing.", $name, "`.")]
        pub static $ty: StaticType = StaticType::new(&$spec);

        static $spec: TypeSpec = TypeSpec {
            doc: $doc,
            signature: "(origin)",
            slots: SlotTable {
                new: Some(|t, class, args| {
                    let origin = origin_argument(t, $function, args)?;
                    Ok(alloc::new(class, $payload { origin: Stored::new(origin) }))
                }),
                repr: Some(|t, v| show(t, &this!(v, $payload).origin, $suffix)),
                richcompare: Some(|t, a, b, op| {
                    let (Some(x), Some(y)) = (a.downcast::<$payload>(), b.downcast::<$payload>()) else {
                        return Ok(Value::NOT_IMPLEMENTED);
                    };
                    match op {
                        CompareOp::Eq | CompareOp::Ne => protocol::compare(t, &x.origin, &y.origin, op),
                        _ => Ok(Value::NOT_IMPLEMENTED),
                    }
                }),
                ..SlotTable::EMPTY
            },
            methods: &[Method::new("__mro_entries__", "($self, object, /)", NativeFn::F2(mro_entries), "")],
            getset: &[GetSet::read_only("__origin__", |_, v| Ok(Value::clone(&this!(v, $payload).origin)), "")],
            flags: flag::HAS_WEAKREFS,
            ..TypeSpec::new("typing", $name, layout_of::<$payload>(true))
        };

        // SAFETY: the type's layout is this payload.
        unsafe impl Payload for $payload {
            fn layout_type() -> &'static Type {
                &$ty
            }

            fn trace(&self, visit: Visit) {
                visit(&self.origin);
            }
        }

        #[doc = concat!("`P.", $suffix, "`.")]
        pub fn $make(param_spec: &Value) -> Value {
            alloc::new(&$ty, $payload { origin: Stored::new(param_spec.clone()) })
        }
    };
}

part!(ParamSpecArgs ARGS ARGS_SPEC "ParamSpecArgs" "paramspecargs" args "args"
    "The positional arguments of a ParamSpec: the type of *args in def f[**P](*args: P.args, **kwargs: P.kwargs).");
part!(ParamSpecKwargs KWARGS KWARGS_SPEC "ParamSpecKwargs" "paramspeckwargs" kwargs "kwargs"
    "The keyword arguments of a ParamSpec: the type of **kwargs in def f[**P](*args: P.args, **kwargs: P.kwargs).");

fn origin_argument(t: &Thread, function: &str, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(origin)");
    Ok(PARAMETERS.bind_call(t, function, args)?.req(0).clone())
}

fn show(t: &Thread, origin: &Value, suffix: &str) -> PyResult {
    let origin = match name_of(origin) {
        Some(name) => name,
        None => protocol::repr(t, origin)?,
    };
    Ok(str::from_str(&format!("{}.{suffix}", str::lossy(&origin))))
}
