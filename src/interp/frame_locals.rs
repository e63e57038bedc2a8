//! `frame.f_locals` of functions: a mapping that reads and writes the frame's variables (PEP 667).
//!
//! Names that the code does not know live in a dict of their own, next to the frame's variables.

use super::frame_object::FrameObject;
use crate::bytecode::code::Code;
use crate::bytecode::opcode::CompareOp;
use crate::bytecode::unit::kind;
use crate::object::args::Args;
use crate::object::dict::{self, Dict};
use crate::object::names::known;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, list, protocol, quick, str, tuple};
use crate::this;
use crate::types::dict::update;
use crate::types::sequence::guarded_repr;

/// The payload: the frame's object.
pub struct FrameLocals {
    frame: Stored,
}

/// `FrameLocalsProxy`.
pub static FRAME_LOCALS: StaticType = StaticType::new(&SPEC);

pub static SPEC: TypeSpec = TypeSpec {
    slots: SlotTable {
        new: Some(make),
        repr: Some(repr),
        richcompare: Some(compare),
        iter: Some(|t, v| protocol::iter(t, &names_list(v))),
        len: Some(|_, v| Ok(frame(v).entries().len())),
        getitem: Some(get_item),
        setitem: Some(set_item),
        contains: Some(|t, v, key| Ok(find(t, v, key)?.is_some())),
        or: Some(or),
        ior: Some(ior),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("keys", "", NativeFn::F1(|_, v| Ok(names_list(v))), ""),
        Method::new("values", "", NativeFn::F1(values), ""),
        Method::new("items", "", NativeFn::F1(items), ""),
        Method::new("copy", "", NativeFn::F1(|t, v| frame(v).snapshot(t)), ""),
        Method::new("get", "", NativeFn::Raw(get), ""),
        Method::new("setdefault", "", NativeFn::Raw(set_default), ""),
        Method::new("pop", "", NativeFn::Raw(pop), ""),
        Method::new("update", "", NativeFn::F2(update), ""),
        Method::new("__reversed__", "", NativeFn::F1(reversed), ""),
    ],
    flags: flag::MAPPING,
    ..TypeSpec::new("builtins", "FrameLocalsProxy", layout_of::<FrameLocals>(true))
};

// SAFETY: `FRAME_LOCALS`'s layout is `FrameLocals`.
unsafe impl Payload for FrameLocals {
    fn layout_type() -> &'static Type {
        &FRAME_LOCALS
    }

    fn trace(&self, visit: Visit) {
        visit(&self.frame);
    }
}

/// The variables of a frame, given its object.
pub fn new(frame: Value) -> Value {
    alloc::new(&FRAME_LOCALS, FrameLocals { frame: Stored::new(frame) })
}

fn frame(v: &Value) -> &FrameObject {
    this!(this!(v, FrameLocals).frame, FrameObject)
}

fn make(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    let [frame] = args.pos() else {
        let message = format!("FrameLocalsProxy expected 1 argument, got {}", args.pos().len());
        return Err(raise::type_error(t, message));
    };
    if frame.downcast::<FrameObject>().is_none() {
        return Err(raise::type_error(t, format!("expect frame, not {}", frame.class().display_name())));
    }
    args.no_keywords(t, "FrameLocalsProxy")?;
    Ok(new(frame.clone()))
}

/// The place of the variable with this name, if the frame's code has one. Raises TypeError for what cannot be a key.
fn index_of(t: &Thread, frame: &FrameObject, key: &Value) -> PyResult<Option<usize>> {
    let hash = protocol::hash(t, key)?;
    let Some(code) = frame.code.downcast::<Code>() else { return Ok(None) };
    for (index, name) in code.local_names.iter().enumerate() {
        let shown = code.local_kinds[index] & kind::HIDDEN == 0;
        // Whatever is equal to the name, as in a dict.
        if shown && quick::hash(name) == Some(hash) && quick::eq_or_ask(t, name, key)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// The value under a key: of a variable, or of the dict of other names.
fn find(t: &Thread, v: &Value, key: &Value) -> PyResult<Option<Value>> {
    let frame = frame(v);
    if let Some(index) = index_of(t, frame, key)?
        && let Some(value) = frame.local(index)
    {
        return Ok(Some(value));
    }
    frame.extra().map_or(Ok(None), |extra| this!(extra, Dict).get(t, key))
}

fn get_item(t: &Thread, v: &Value, key: &Value) -> PyResult {
    match find(t, v, key)? {
        Some(value) => Ok(value),
        None => {
            let message = format!("local variable '{}' is not defined", protocol::repr_lossy(t, key));
            Err(raise::key_error(t, &str::from_str(&message)))
        }
    }
}

fn set_item(t: &Thread, v: &Value, key: &Value, value: Option<&Value>) -> PyResult<()> {
    let frame = frame(v);
    match (index_of(t, frame, key)?, value) {
        (Some(index), Some(value)) => frame.set_local(t, index, value.clone()),
        (Some(_), None) => Err(no_removal(t)),
        (None, Some(value)) => {
            drop(this!(frame.extra_made(t), Dict).set(t, key.clone(), value.clone())?);
            Ok(())
        }
        (None, None) => remove_extra(t, frame, key)?.map(drop).ok_or_else(|| raise::key_error(t, key)),
    }
}

fn no_removal(t: &Thread) -> raise::Raised {
    raise::value_error(t, "cannot remove local variables from FrameLocalsProxy")
}

fn remove_extra(t: &Thread, frame: &FrameObject, key: &Value) -> PyResult<Option<Value>> {
    frame.extra().map_or(Ok(None), |extra| this!(extra, Dict).remove(t, key))
}

fn names_list(v: &Value) -> Value {
    list::from_vec(frame(v).entries().into_iter().map(|(name, _)| name).collect())
}

fn values(_: &Thread, v: &Value) -> PyResult {
    Ok(list::from_vec(frame(v).entries().into_iter().map(|(_, value)| value).collect()))
}

fn items(_: &Thread, v: &Value) -> PyResult {
    let pair = |(name, value)| tuple::from_array([name, value]);
    Ok(list::from_vec(frame(v).entries().into_iter().map(pair).collect()))
}

fn reversed(_: &Thread, v: &Value) -> PyResult {
    Ok(list::from_vec(frame(v).entries().into_iter().rev().map(|(name, _)| name).collect()))
}

/// The object, the key and what may follow it.
fn one_or_two<'a>(t: &Thread, name: &str, args: Args<'a>) -> PyResult<(&'a Value, &'a Value, Option<&'a Value>)> {
    args.no_keywords(t, &format!("FrameLocalsProxy.{name}"))?;
    match args.pos() {
        [v, key] => Ok((v, key, None)),
        [v, key, default] => Ok((v, key, Some(default))),
        _ => Err(raise::type_error(t, format!("{name} expected 1 or 2 arguments"))),
    }
}

fn get(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, key, default) = one_or_two(t, "get", args)?;
    Ok(find(t, v, key)?.or_else(|| default.cloned()).unwrap_or(Value::NONE))
}

fn set_default(t: &Thread, args: Args<'_>) -> PyResult {
    let (v, key, default) = one_or_two(t, "setdefault", args)?;
    if let Some(value) = find(t, v, key)? {
        return Ok(value);
    }
    let default = default.unwrap_or(Value::none_ref());
    set_item(t, v, key, Some(default))?;
    Ok(default.clone())
}

fn pop(t: &Thread, args: Args<'_>) -> PyResult {
    let v = &args.pos()[0];
    args.no_keywords(t, "FrameLocalsProxy.pop")?;
    let rest = args.skip(1).exactly_positional(t, "pop", 1, 2)?;
    let (frame, key) = (frame(v), &rest[0]);
    if index_of(t, frame, key)?.is_some() {
        return Err(no_removal(t));
    }
    match remove_extra(t, frame, key)?.or_else(|| rest.get(1).cloned()) {
        Some(value) => Ok(value),
        None => Err(raise::key_error(t, key)),
    }
}

/// Takes over the entries of a dict or of another frame's variables; false for anything else.
fn merge(t: &Thread, v: &Value, other: &Value) -> PyResult<bool> {
    if other.downcast::<Dict>().is_none() && other.downcast::<FrameLocals>().is_none() {
        return Ok(false);
    }
    let keys = protocol::call_method(t, other, &known().keys, &[])?;
    protocol::for_each(t, &keys, |key| {
        let value = protocol::get_item(t, other, &key)?;
        set_item(t, v, &key, Some(&value))
    })?;
    Ok(true)
}

fn update(t: &Thread, v: &Value, other: &Value) -> PyResult {
    if merge(t, v, other)? {
        return Ok(Value::NONE);
    }
    Err(raise::type_error(t, "update() argument must be dict or another FrameLocalsProxy"))
}

fn ior(t: &Thread, v: &Value, other: &Value) -> PyResult {
    Ok(if merge(t, v, other)? { v.clone() } else { Value::NOT_IMPLEMENTED })
}

fn or(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let mapping = |v: &Value| v.downcast::<Dict>().is_some() || v.downcast::<FrameLocals>().is_some();
    if !mapping(a) || !mapping(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let made = dict::new();
    update::update_from(t, &made, a)?;
    update::update_from(t, &made, b)?;
    Ok(made)
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    // Each `f_locals` is an object of its own: what shows itself in its own variables is known by the frame.
    guarded_repr(t, &this!(v, FrameLocals).frame, "{...}", |out| {
        let shown = frame(v).snapshot(t)?;
        crate::types::sequence::push_repr(t, out, &shown)
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(this) = a.downcast::<FrameLocals>() else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(other) = b.downcast::<FrameLocals>() {
        return Ok(Value::bool(this.frame.is(&other.frame) == (op == CompareOp::Eq)));
    }
    if b.downcast::<Dict>().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    protocol::compare(t, &frame(a).snapshot(t)?, b, op)
}
