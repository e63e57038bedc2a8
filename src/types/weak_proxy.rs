//! weakref.proxy: an object that stands for another without keeping it alive.

use super::weakref_::{self, Weakref};
use crate::bytecode::opcode::{BinaryOp, CompareOp};
use crate::object::core_types;
use crate::object::names::known;
use crate::object::operator;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::Value;
use crate::object::weakref;
use crate::object::{alloc, protocol, str};

/// The payload of `ProxyType`.
#[repr(transparent)]
pub struct Proxy(Weakref);

/// The payload of `CallableProxyType`.
#[repr(transparent)]
pub struct CallableProxy(Weakref);

pub static PROXY: StaticType = StaticType::new(&SPEC);
pub static CALLABLE_PROXY: StaticType = StaticType::new(&CALLABLE_SPEC);

// SAFETY: `PROXY`'s layout is `Proxy`.
unsafe impl Payload for Proxy {
    fn layout_type() -> &'static Type {
        &PROXY
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }

    fn clear(&self) {
        self.0.clear();
    }
}

// SAFETY: `CALLABLE_PROXY`'s layout is `CallableProxy`.
unsafe impl Payload for CallableProxy {
    fn layout_type() -> &'static Type {
        &CALLABLE_PROXY
    }

    fn trace(&self, visit: Visit) {
        self.0.trace(visit);
    }

    fn clear(&self) {
        self.0.clear();
    }
}

/// The payload of a proxy.
#[inline]
pub fn of(v: &Value) -> Option<&Weakref> {
    match v.downcast_exact::<Proxy>() {
        Some(proxy) => Some(&proxy.0),
        None => v.downcast_exact::<CallableProxy>().map(|p| &p.0),
    }
}

/// A proxy of an object: the one without callback that exists already, or a new one.
pub fn new(t: &Thread, referent: &Value, callback: Option<&Value>) -> PyResult {
    weakref_::check(t, referent)?;
    let is_plain = |r: &Value| of(r).is_some_and(|w| !w.has_callback());
    if callback.is_none()
        && let Some(found) = referent.header().and_then(|header| weakref::find_reference(header, is_plain))
    {
        return Ok(found);
    }
    let payload = Weakref::new(callback.cloned());
    let v = if referent.class().slots.call.get().is_some() {
        alloc::new(&CALLABLE_PROXY, CallableProxy(payload))
    } else {
        alloc::new(&PROXY, Proxy(payload))
    };
    let Some(this) = of(&v) else { return Ok(v) };
    if callback.is_some() {
        this.point(&v, referent);
        return Ok(v);
    }
    // Another thread may have made one meanwhile.
    Ok(this.find_or_point(&v, referent, is_plain).unwrap_or(v))
}

/// The referent of a proxy, or the value itself; ReferenceError where the referent is gone.
fn unwrap(t: &Thread, v: &Value) -> PyResult {
    match of(v) {
        None => Ok(v.clone()),
        Some(this) => this.get().ok_or_else(|| raise::reference_error(t, "weakly-referenced object no longer exists")),
    }
}

fn binary(t: &Thread, a: &Value, b: &Value, op: BinaryOp) -> PyResult {
    operator::binary(t, &unwrap(t, a)?, &unwrap(t, b)?, op)
}

const SLOTS: SlotTable = SlotTable {
    repr: Some(repr),
    str: Some(|t, v| protocol::to_str(t, &unwrap(t, v)?)),
    getattro: Some(|t, v, name| protocol::get_attr(t, &unwrap(t, v)?, name)),
    setattro: Some(|t, v, name, value| {
        let object = unwrap(t, v)?;
        match value {
            Some(value) => protocol::set_attr(t, &object, name, value),
            None => protocol::del_attr(t, &object, name),
        }
    }),
    richcompare: Some(|t, a, b, op: CompareOp| protocol::compare(t, &unwrap(t, a)?, &unwrap(t, b)?, op)),
    iter: Some(|t, v| protocol::iter(t, &unwrap(t, v)?)),
    next: Some(next),
    add: Some(|t, a, b| binary(t, a, b, BinaryOp::Add)),
    subtract: Some(|t, a, b| binary(t, a, b, BinaryOp::Subtract)),
    multiply: Some(|t, a, b| binary(t, a, b, BinaryOp::Multiply)),
    remainder: Some(|t, a, b| binary(t, a, b, BinaryOp::Remainder)),
    divmod: Some(|t, a, b| operator::divmod(t, &unwrap(t, a)?, &unwrap(t, b)?)),
    power: Some(|t, a, b, m| operator::power(t, &unwrap(t, a)?, &unwrap(t, b)?, &unwrap(t, m)?)),
    lshift: Some(|t, a, b| binary(t, a, b, BinaryOp::LShift)),
    rshift: Some(|t, a, b| binary(t, a, b, BinaryOp::RShift)),
    and: Some(|t, a, b| binary(t, a, b, BinaryOp::And)),
    xor: Some(|t, a, b| binary(t, a, b, BinaryOp::Xor)),
    or: Some(|t, a, b| binary(t, a, b, BinaryOp::Or)),
    floor_divide: Some(|t, a, b| binary(t, a, b, BinaryOp::FloorDivide)),
    true_divide: Some(|t, a, b| binary(t, a, b, BinaryOp::TrueDivide)),
    matmul: Some(|t, a, b| binary(t, a, b, BinaryOp::MatMul)),
    negative: Some(|t, v| operator::unary(t, &unwrap(t, v)?, |s| &s.negative, "unary -")),
    positive: Some(|t, v| operator::unary(t, &unwrap(t, v)?, |s| &s.positive, "unary +")),
    absolute: Some(|t, v| operator::unary(t, &unwrap(t, v)?, |s| &s.absolute, "abs()")),
    invert: Some(|t, v| operator::unary(t, &unwrap(t, v)?, |s| &s.invert, "unary ~")),
    bool: Some(|t, v| protocol::is_true(t, &unwrap(t, v)?)),
    int: Some(|t, v| protocol::call_values(t, &core_types::INT.as_value(), &[unwrap(t, v)?])),
    float: Some(|t, v| protocol::as_f64(t, &unwrap(t, v)?).map(Value::float)),
    index: Some(|t, v| protocol::index(t, &unwrap(t, v)?)),
    iadd: Some(|t, a, b| binary(t, a, b, BinaryOp::IAdd)),
    isubtract: Some(|t, a, b| binary(t, a, b, BinaryOp::ISubtract)),
    imultiply: Some(|t, a, b| binary(t, a, b, BinaryOp::IMultiply)),
    iremainder: Some(|t, a, b| binary(t, a, b, BinaryOp::IRemainder)),
    ipower: Some(|t, a, b| binary(t, a, b, BinaryOp::IPower)),
    ilshift: Some(|t, a, b| binary(t, a, b, BinaryOp::ILShift)),
    irshift: Some(|t, a, b| binary(t, a, b, BinaryOp::IRShift)),
    iand: Some(|t, a, b| binary(t, a, b, BinaryOp::IAnd)),
    ixor: Some(|t, a, b| binary(t, a, b, BinaryOp::IXor)),
    ior: Some(|t, a, b| binary(t, a, b, BinaryOp::IOr)),
    ifloor_divide: Some(|t, a, b| binary(t, a, b, BinaryOp::IFloorDivide)),
    itrue_divide: Some(|t, a, b| binary(t, a, b, BinaryOp::ITrueDivide)),
    imatmul: Some(|t, a, b| binary(t, a, b, BinaryOp::IMatMul)),
    len: Some(|t, v| protocol::len(t, &unwrap(t, v)?)),
    getitem: Some(|t, v, key| protocol::get_item(t, &unwrap(t, v)?, &unwrap(t, key)?)),
    setitem: Some(|t, v, key, value| {
        let object = unwrap(t, v)?;
        match value {
            Some(value) => protocol::set_item(t, &object, key, value),
            None => protocol::del_item(t, &object, key),
        }
    }),
    contains: Some(|t, v, item| protocol::contains(t, &unwrap(t, v)?, item)),
    ..SlotTable::EMPTY
};

const METHODS: &[Method] = &[
    Method::new("__bytes__", "($self, /)", NativeFn::F1(|t, v| forward(t, v, &known().__bytes__)), ""),
    Method::new("__reversed__", "($self, /)", NativeFn::F1(|t, v| forward(t, v, &known().__reversed__)), ""),
];

pub static SPEC: TypeSpec =
    TypeSpec { slots: SLOTS, methods: METHODS, ..TypeSpec::new("weakref", "ProxyType", layout_of::<Proxy>(true)) };

pub static CALLABLE_SPEC: TypeSpec = TypeSpec {
    slots: SlotTable { call: Some(|t, v, args| protocol::call(t, &unwrap(t, v)?, args)), ..SLOTS },
    ..TypeSpec::new("weakref", "CallableProxyType", layout_of::<CallableProxy>(true))
};

fn forward(t: &Thread, v: &Value, name: &Value) -> PyResult {
    protocol::call_method(t, &unwrap(t, v)?, name, &[])
}

fn next(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    let object = unwrap(t, v)?;
    if object.class().slots.next.get().is_none() {
        let class = object.class().display_name();
        return Err(raise::type_error(t, format!("Weakref proxy referenced a non-iterator '{class}' object")));
    }
    protocol::next(t, &object)
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    Ok(match of(v).and_then(Weakref::get) {
        Some(object) => {
            let class = object.class().display_name();
            str::from_str(&format!("<weakproxy at {:#x}; to '{class}' at {:#x}>", v.id(), object.id()))
        }
        None => str::from_str(&format!("<weakproxy at {:#x}; dead>", v.id())),
    })
}
