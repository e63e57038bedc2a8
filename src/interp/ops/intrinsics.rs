//! The intrinsics: rare operations that share two instructions.

use super::{build, exceptions, imports, names as scopes};
use crate::bytecode::opcode::Intrinsic;
use crate::bytecode::unit::flags;
use crate::interp::frame::Frame;
use crate::object::names::{self, known};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;
use crate::object::{hooks, protocol};
use crate::types::function::Function;

/// `CALL_INTRINSIC_1`.
///
/// # Safety
/// The frame is running on this thread.
pub unsafe fn one(t: &Thread, frame: *mut Frame, which: usize, x: &Value) -> PyResult {
    // SAFETY: by the caller.
    let code_flags = unsafe { (*frame).code().flags };
    match Intrinsic::from_arg(which as u32) {
        Some(Intrinsic::Print) => {
            let sys = (hooks::get().import)(t, "sys")?;
            let hook = protocol::lookup_attr(t, &sys, &known().displayhook)?;
            match hook {
                Some(hook) => protocol::call_values(t, &hook, std::slice::from_ref(x)),
                None => Err(raise::runtime_error(t, "lost sys.displayhook")),
            }
        }
        Some(Intrinsic::ImportStar) => {
            // SAFETY: as above.
            let namespace = unsafe { scopes::namespace(&*frame) };
            imports::import_star(t, x, &namespace)?;
            Ok(Value::NONE)
        }
        Some(Intrinsic::StopIterationError) => Ok(exceptions::stop_iteration_error(
            t,
            x,
            code_flags & flags::COROUTINE != 0,
            code_flags & flags::ASYNC_GENERATOR != 0,
        )),
        Some(Intrinsic::AsyncGenWrap) => Ok(crate::interp::async_generator::wrap(x)),
        Some(Intrinsic::ListToTuple) => Ok(build::list_to_tuple(t, x)),
        Some(Intrinsic::TypeVar) => typing(t, "TypeVar", std::slice::from_ref(x), true),
        Some(Intrinsic::ParamSpec) => typing(t, "ParamSpec", std::slice::from_ref(x), true),
        Some(Intrinsic::TypeVarTuple) => typing(t, "TypeVarTuple", std::slice::from_ref(x), false),
        Some(Intrinsic::SubscriptGeneric) => {
            let module = (hooks::get().import)(t, "typing")?;
            let generic = protocol::get_attr_str(t, &module, "Generic")?;
            let parameters = unpack_type_var_tuples(t, x)?;
            protocol::get_item(t, &generic, &parameters)
        }
        Some(Intrinsic::TypeAlias) => {
            let [name, parameters, compute] = tuple::items(x) else {
                return Err(raise::system_error(t, "a type alias needs three parts"));
            };
            let maker = native_typing(t, "_make_typealias")?;
            let parameters = if parameters.is_none() { names::empty_tuple() } else { parameters.clone() };
            protocol::call_values(t, &maker, &[name.clone(), parameters, compute.clone()])
        }
        _ => Err(raise::system_error(t, "not a unary intrinsic")),
    }
}

/// TypeVarTuples stand unpacked in `Generic[...]`.
fn unpack_type_var_tuples(t: &Thread, parameters: &Value) -> PyResult {
    let mut list = Vec::new();
    for p in tuple::items(parameters) {
        if p.class().name() == "TypeVarTuple" {
            list.extend(protocol::collect(t, p)?);
        } else {
            list.push(p.clone());
        }
    }
    Ok(tuple::from_vec(list))
}

/// A function of the native half of `typing`.
fn native_typing(t: &Thread, name: &str) -> PyResult {
    let module = (hooks::get().import)(t, "_typing")?;
    protocol::get_attr_str(t, &module, name)
}

/// A type parameter of the PEP 695 syntax: its variance is inferred.
fn typing(t: &Thread, class: &str, args: &[Value], infer: bool) -> PyResult {
    let class = native_typing(t, class)?;
    if !infer {
        return protocol::call_values(t, &class, args);
    }
    let mut all = args.to_vec();
    all.push(Value::TRUE);
    let names = [names::intern("infer_variance")];
    protocol::call(t, &class, crate::object::args::Args::new(&all, &names))
}

/// `CALL_INTRINSIC_2`.
pub fn two(t: &Thread, _frame: *mut Frame, which: usize, a: &Value, b: &Value) -> PyResult {
    match Intrinsic::from_arg(which as u32) {
        Some(Intrinsic::PrepReraiseStar) => exceptions::prepare_reraise_star(t, a, b),
        Some(Intrinsic::TypeVarWithBound) => {
            let maker = native_typing(t, "_make_typevar")?;
            protocol::call_values(t, &maker, &[a.clone(), b.clone(), Value::NONE])
        }
        Some(Intrinsic::TypeVarWithConstraints) => {
            let maker = native_typing(t, "_make_typevar")?;
            protocol::call_values(t, &maker, &[a.clone(), Value::NONE, b.clone()])
        }
        Some(Intrinsic::SetFunctionTypeParams) => {
            if let Some(f) = a.downcast::<Function>() {
                f.type_params.init(b.clone());
            }
            Ok(a.clone())
        }
        Some(Intrinsic::SetTypeparamDefault) => {
            let setter = native_typing(t, "_set_typeparam_default")?;
            protocol::call_values(t, &setter, &[a.clone(), b.clone()])
        }
        _ => Err(raise::system_error(t, "not a binary intrinsic")),
    }
}
