//! temporary builtins
use crate::object::args::Args;
use crate::object::raise::PyResult;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{names, protocol, str, tuple};
fn print(t: &Thread, args: Args<'_>) -> PyResult {
    let mut s = String::new();
    for (i, a) in args.pos().iter().enumerate() {
        if i > 0 {
            s.push(' ')
        }
        s.push_str(&protocol::to_string(t, a)?);
    }
    println!("{s}");
    Ok(Value::NONE)
}
fn build_class(t: &Thread, args: Args<'_>) -> PyResult {
    let pos = args.pos();
    let ns = crate::object::dict::new();
    let cell = crate::interp::call::run_with_namespace(t, &pos[0], ns.clone())?;
    let c = protocol::call_values(
        t,
        &crate::object::core_types::TYPE.as_value(),
        &[pos[1].clone(), tuple::from_slice(&pos[2..]), ns],
    )?;
    let _ = cell;
    Ok(c)
}
fn init(t: &Thread, m: &Value) -> PyResult<()> {
    for (ty, spec) in crate::types::TYPES.iter().copied().chain(crate::types::exceptions::rows()) {
        if spec.module == "builtins" {
            protocol::set_attr(t, m, &names::intern(spec.name), &ty.to_value())?;
        }
    }
    let _ = str::from_str("");
    Ok(())
}
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new("print", "", NativeFn::Raw(print), ""),
        Method::new("__build_class__", "", NativeFn::Raw(build_class), ""),
        Method::new("len", "", NativeFn::F1(|t, v| protocol::len(t, v).map(|n| Value::int(n as i64))), ""),
        Method::new("repr", "", NativeFn::F1(protocol::repr), ""),
        Method::new("hash", "", NativeFn::F1(|t, v| protocol::hash(t, v).map(Value::int)), ""),
    ],
    init: Some(init),
    ..ModuleSpec::new("builtins", "")
};
