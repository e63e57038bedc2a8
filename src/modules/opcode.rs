//! `_opcode`: what the opcode table says, for `opcode` and `dis`.

use crate::bytecode::opcode::{BinaryOp, Intrinsic, Op, Operand};
use crate::object::args::Bound;
use crate::object::list;
use crate::object::names;
use crate::object::protocol;
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::table::{Method, ModuleSpec, NativeFn};
use crate::object::thread::Thread;
use crate::object::tuple;
use crate::object::value::Value;

fn op(t: &Thread, v: &Value) -> PyResult<Option<Op>> {
    let n = protocol::index_i64(t, v)?;
    Ok(usize::try_from(n).ok().and_then(|n| Op::ALL.get(n).copied()))
}

fn has(t: &Thread, v: &Value, test: fn(Operand) -> bool) -> PyResult {
    Ok(Value::bool(op(t, v)?.is_some_and(|op| test(op.info().operand))))
}

fn stack_effect(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(op) = op(t, b.req(0))? else { return Err(raise::value_error(t, "invalid opcode or oparg")) };
    let arg = b.non_none(1).map_or(Ok(0), |v| protocol::index_i64(t, v))? as i32;
    let info = op.info();
    let (go, jump) = ((info.effect)(arg), (info.jump)(arg));
    Ok(Value::int(match b.opt(2) {
        Some(v) if v.is_none() => go.max(jump),
        Some(v) if protocol::is_true(t, v)? => jump,
        Some(_) => go,
        None => go.max(jump),
    } as i64))
}

fn get_nb_ops(_: &Thread) -> PyResult {
    let rows = BinaryOp::ALL.iter().map(|op| {
        let name = format!("NB_{op:?}").to_uppercase();
        tuple::from_slice(&[str::from_str(&name), str::from_str(op.text())])
    });
    Ok(list::from_vec(rows.collect()))
}

fn intrinsics(_: &Thread) -> PyResult {
    Ok(list::from_vec(Intrinsic::ALL.iter().map(|i| str::from_str(i.text())).collect()))
}

fn special_names(_: &Thread) -> PyResult {
    Ok(list::from_vec(["__enter__", "__exit__", "__aenter__", "__aexit__"].iter().map(|n| names::intern(n)).collect()))
}

/// The module.
pub static MODULE: ModuleSpec = ModuleSpec {
    functions: &[
        Method::new(
            "stack_effect",
            "($module, opcode, oparg=None, /, *, jump=None)",
            NativeFn::Bound(stack_effect),
            "Compute the stack effect of the opcode.",
        ),
        Method::new(
            "is_valid",
            "($module, opcode)",
            NativeFn::F1(|t, v| Ok(Value::bool(op(t, v)?.is_some()))),
            "Return True if opcode is valid, False otherwise.",
        ),
        Method::new(
            "has_arg",
            "($module, opcode)",
            NativeFn::F1(|t, v| has(t, v, |o| o != Operand::None)),
            "Return True if the opcode uses its oparg, False otherwise.",
        ),
        Method::new(
            "has_const",
            "($module, opcode)",
            NativeFn::F1(|t, v| has(t, v, |o| o == Operand::Const)),
            "Return True if the opcode accesses a constant, False otherwise.",
        ),
        Method::new(
            "has_name",
            "($module, opcode)",
            NativeFn::F1(|t, v| has(t, v, |o| o == Operand::Name)),
            "Return True if the opcode accesses an attribute by name, False otherwise.",
        ),
        Method::new(
            "has_jump",
            "($module, opcode)",
            NativeFn::F1(|t, v| has(t, v, |o| o == Operand::Jump)),
            "Return True if the opcode has a jump target, False otherwise.",
        ),
        Method::new(
            "has_free",
            "($module, opcode)",
            NativeFn::F1(|t, v| Ok(Value::bool(op(t, v)?.is_some_and(|op| op.info().name.ends_with("_DEREF"))))),
            "Return True if the opcode accesses a free variable, False otherwise.",
        ),
        Method::new(
            "has_local",
            "($module, opcode)",
            NativeFn::F1(|t, v| has(t, v, |o| matches!(o, Operand::Local | Operand::Local2))),
            "Return True if the opcode accesses a local variable, False otherwise.",
        ),
        Method::new(
            "has_exc",
            "($module, opcode)",
            NativeFn::F1(|_, _| Ok(Value::FALSE)),
            "Return True if the opcode sets an exception handler, False otherwise.",
        ),
        Method::new("get_nb_ops", "($module, /)", NativeFn::F0(get_nb_ops), "Return array of symbols of binary ops."),
        Method::new(
            "get_intrinsic1_descs",
            "($module, /)",
            NativeFn::F0(intrinsics),
            "Return a list of names of the unary intrinsics.",
        ),
        Method::new(
            "get_intrinsic2_descs",
            "($module, /)",
            NativeFn::F0(intrinsics),
            "Return a list of names of the binary intrinsics.",
        ),
        Method::new(
            "get_special_method_names",
            "($module, /)",
            NativeFn::F0(special_names),
            "Return a list of special method names.",
        ),
        Method::new(
            "get_executor",
            "($module, /, code, offset)",
            NativeFn::F2(|_, _, _| Ok(Value::NONE)),
            "Return the executor object at offset in code if exists, None otherwise.",
        ),
        Method::new(
            "get_specialization_stats",
            "($module, /)",
            NativeFn::F0(|_| Ok(Value::NONE)),
            "Return the specialization stats.",
        ),
    ],
    init: Some(|t, module| {
        // What `dis` shows of CPython's adaptive instructions does not exist here.
        ["ENABLE_SPECIALIZATION", "ENABLE_SPECIALIZATION_FT"]
            .iter()
            .try_for_each(|name| protocol::set_attr(t, module, &names::intern(name), &Value::FALSE))
    }),
    ..ModuleSpec::new("_opcode", "Opcode support module.")
};
