//! The slot functions of classes whose special methods are written in Python: each looks its method up on the type and
//! calls it.

use super::update;
use crate::bytecode::opcode::CompareOp;
use crate::object::args::Args;
use crate::object::bigint::{self, IntView};
use crate::object::core_types::{self, exc};
use crate::object::names::{Known, known};
use crate::object::raise::{self, PyResult};
use crate::object::slots::{Binary, SlotId, SlotTable, Slots};
use crate::object::thread::Thread;
use crate::object::type_object::{Type, flag};
use crate::object::value::Value;
use crate::object::{attribute, hooks, native, protocol};
use std::sync::LazyLock;

/// The functions of this file, by slot. `concat`, `repeat`, `iconcat`, `send` and `give` are native only.
pub static GENERIC: LazyLock<Slots> = LazyLock::new(|| {
    let slots = Slots::EMPTY;
    slots.fill(&TABLE);
    slots
});

const TABLE: SlotTable = SlotTable {
    repr: Some(|t, v| unary(t, v, &known().__repr__)),
    str: Some(|t, v| unary(t, v, &known().__str__)),
    hash: Some(hash),
    call: Some(call),
    getattro: Some(getattro),
    setattro: Some(setattro),
    richcompare: Some(richcompare),
    iter: Some(iter),
    next: Some(|t, v| unary(t, v, &known().__next__).map(Some)),
    descr_get: Some(descr_get),
    descr_set: Some(|t, v, object, value| match value {
        Some(value) => required(t, v, &known().__set__, &[object, value]).map(drop),
        None => required(t, v, &known().__delete__, &[object]).map(drop),
    }),
    init: Some(init),
    new: Some(new),
    finalize: Some(finalize),
    add: Some(|t, a, b| binary(t, a, b, SlotId::add, |k| (&k.__add__, &k.__radd__))),
    subtract: Some(|t, a, b| binary(t, a, b, SlotId::subtract, |k| (&k.__sub__, &k.__rsub__))),
    multiply: Some(|t, a, b| binary(t, a, b, SlotId::multiply, |k| (&k.__mul__, &k.__rmul__))),
    remainder: Some(|t, a, b| binary(t, a, b, SlotId::remainder, |k| (&k.__mod__, &k.__rmod__))),
    divmod: Some(|t, a, b| binary(t, a, b, SlotId::divmod, |k| (&k.__divmod__, &k.__rdivmod__))),
    power: Some(power),
    lshift: Some(|t, a, b| binary(t, a, b, SlotId::lshift, |k| (&k.__lshift__, &k.__rlshift__))),
    rshift: Some(|t, a, b| binary(t, a, b, SlotId::rshift, |k| (&k.__rshift__, &k.__rrshift__))),
    and: Some(|t, a, b| binary(t, a, b, SlotId::and, |k| (&k.__and__, &k.__rand__))),
    xor: Some(|t, a, b| binary(t, a, b, SlotId::xor, |k| (&k.__xor__, &k.__rxor__))),
    or: Some(|t, a, b| binary(t, a, b, SlotId::or, |k| (&k.__or__, &k.__ror__))),
    floor_divide: Some(|t, a, b| binary(t, a, b, SlotId::floor_divide, |k| (&k.__floordiv__, &k.__rfloordiv__))),
    true_divide: Some(|t, a, b| binary(t, a, b, SlotId::true_divide, |k| (&k.__truediv__, &k.__rtruediv__))),
    matmul: Some(|t, a, b| binary(t, a, b, SlotId::matmul, |k| (&k.__matmul__, &k.__rmatmul__))),
    negative: Some(|t, v| unary(t, v, &known().__neg__)),
    positive: Some(|t, v| unary(t, v, &known().__pos__)),
    absolute: Some(|t, v| unary(t, v, &known().__abs__)),
    invert: Some(|t, v| unary(t, v, &known().__invert__)),
    bool: Some(truth),
    int: Some(|t, v| unary(t, v, &known().__int__)),
    float: Some(|t, v| unary(t, v, &known().__float__)),
    index: Some(|t, v| unary(t, v, &known().__index__)),
    iadd: Some(|t, a, b| in_place(t, a, b, &known().__iadd__)),
    isubtract: Some(|t, a, b| in_place(t, a, b, &known().__isub__)),
    imultiply: Some(|t, a, b| in_place(t, a, b, &known().__imul__)),
    iremainder: Some(|t, a, b| in_place(t, a, b, &known().__imod__)),
    ipower: Some(|t, a, b| in_place(t, a, b, &known().__ipow__)),
    ilshift: Some(|t, a, b| in_place(t, a, b, &known().__ilshift__)),
    irshift: Some(|t, a, b| in_place(t, a, b, &known().__irshift__)),
    iand: Some(|t, a, b| in_place(t, a, b, &known().__iand__)),
    ixor: Some(|t, a, b| in_place(t, a, b, &known().__ixor__)),
    ior: Some(|t, a, b| in_place(t, a, b, &known().__ior__)),
    ifloor_divide: Some(|t, a, b| in_place(t, a, b, &known().__ifloordiv__)),
    itrue_divide: Some(|t, a, b| in_place(t, a, b, &known().__itruediv__)),
    imatmul: Some(|t, a, b| in_place(t, a, b, &known().__imatmul__)),
    len: Some(len),
    getitem: Some(|t, v, key| required(t, v, &known().__getitem__, &[key])),
    setitem: Some(|t, v, key, value| match value {
        Some(value) => required(t, v, &known().__setitem__, &[key, value]).map(drop),
        None => required(t, v, &known().__delitem__, &[key]).map(drop),
    }),
    contains: Some(contains),
    concat: None,
    repeat: None,
    iconcat: None,
    await_: Some(|t, v| unary(t, v, &known().__await__)),
    aiter: Some(|t, v| unary(t, v, &known().__aiter__)),
    anext: Some(|t, v| unary(t, v, &known().__anext__)),
    send: None,
    give: None,
    buffer: Some(crate::types::buffer_wrapper::borrow),
};

/// Calls what the type has under a name with `object` as the first argument; a function needs no bound method for it.
/// None where the type has nothing.
#[inline]
pub fn call_method(t: &Thread, object: &Value, name: &Value, args: &[&Value]) -> PyResult<Option<Value>> {
    let class = object.class();
    let Some(found) = attribute::lookup(t, class, name) else { return Ok(None) };
    call_found(t, object, &found, args).map(Some)
}

/// Calls a value found on the type of `object` as its method.
#[inline]
fn call_found(t: &Thread, object: &Value, found: &Value, args: &[&Value]) -> PyResult {
    let mut all: smallvec::SmallVec<[std::mem::ManuallyDrop<Value>; 6]> = smallvec::SmallVec::new();
    let get = if found.class().has_flag(flag::METHOD_DESCRIPTOR) {
        all.push(object.borrowed());
        None
    } else {
        found.class().slots.descr_get.get()
    };
    all.extend(args.iter().map(|v| v.borrowed()));
    // SAFETY: `ManuallyDrop<Value>` has the layout of `Value`; the originals outlive the call.
    let slice = unsafe { std::slice::from_raw_parts(all.as_ptr().cast::<Value>(), all.len()) };
    match get {
        Some(get) => {
            let method = get(t, found, Some(object), &object.class().as_value())?;
            protocol::call(t, &method, Args::positional(slice))
        }
        None => protocol::call(t, found, Args::positional(slice)),
    }
}

/// Like `call_method`; AttributeError with the bare name where the type has lost the method.
fn required(t: &Thread, object: &Value, name: &Value, args: &[&Value]) -> PyResult {
    match call_method(t, object, name, args)? {
        Some(result) => Ok(result),
        None => Err(raise::attribute_error(t, object, name, crate::object::str::lossy(name))),
    }
}

fn unary(t: &Thread, v: &Value, name: &Value) -> PyResult {
    required(t, v, name, &[])
}

fn in_place(t: &Thread, a: &Value, b: &Value, name: &Value) -> PyResult {
    required(t, a, name, &[b])
}

/// Like `call_method`; NotImplemented where the type has nothing.
fn maybe(t: &Thread, object: &Value, name: &Value, args: &[&Value]) -> PyResult {
    Ok(call_method(t, object, name, args)?.unwrap_or(Value::NOT_IMPLEMENTED))
}

/// Whether the right operand's type has a reflected method of its own, not the left one's.
fn overloads(t: &Thread, left: &Value, right: &Value, name: &Value) -> bool {
    let Some(right) = attribute::lookup(t, right.class(), name) else { return false };
    match attribute::lookup(t, left.class(), name) {
        Some(left) => !left.is(&right),
        None => true,
    }
}

fn binary(
    t: &Thread,
    a: &Value,
    b: &Value,
    id: SlotId,
    names: fn(&'static Known) -> (&'static Value, &'static Value),
) -> PyResult {
    let (name, reflected) = names(known());
    let (ca, cb) = (a.class(), b.class());
    let mut ask_right = !std::ptr::eq(ca, cb) && cb.slots.same(id, &GENERIC);
    if ca.slots.same(id, &GENERIC) {
        if ask_right && cb.is_subtype(ca) && overloads(t, a, b, reflected) {
            let result = maybe(t, b, reflected, &[a])?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
            ask_right = false;
        }
        let result = maybe(t, a, name, &[b])?;
        if !result.is_not_implemented() || std::ptr::eq(ca, cb) {
            return Ok(result);
        }
    }
    if ask_right { maybe(t, b, reflected, &[a]) } else { Ok(Value::NOT_IMPLEMENTED) }
}

fn power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let k = known();
    if modulus.is_none() {
        return binary(t, a, b, SlotId::power, |k| (&k.__pow__, &k.__rpow__));
    }
    // The slot may have been found through the exponent or the modulus.
    if a.class().slots.same(SlotId::power, &GENERIC) {
        let result = maybe(t, a, &k.__pow__, &[b, modulus])?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
    }
    if !std::ptr::eq(a.class(), b.class()) && b.class().slots.same(SlotId::power, &GENERIC) {
        return maybe(t, b, &k.__rpow__, &[a, modulus]);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let result = match attribute::lookup(t, v.class(), &known().__hash__) {
        Some(found) if !found.is_none() => call_found(t, v, &found, &[])?,
        _ => return Err(raise::type_error(t, format!("unhashable type: '{}'", v.class().display_name()))),
    };
    match bigint::view(&result) {
        Some(IntView::Small(-1)) => Ok(-2),
        Some(IntView::Small(i)) => Ok(i),
        Some(IntView::Big(big)) => protocol::hash(t, &bigint::from_big(big.clone())),
        None => Err(raise::type_error(t, "__hash__ method should return an integer")),
    }
}

fn call(t: &Thread, v: &Value, args: Args<'_>) -> PyResult {
    let Some(found) = attribute::lookup(t, v.class(), &known().__call__) else {
        return Err(raise::type_error(t, format!("'{}' object is not callable", v.class().display_name())));
    };
    if found.class().has_flag(flag::METHOD_DESCRIPTOR) {
        return native::with_first(v, args, |args| protocol::call(t, &found, args));
    }
    match found.class().slots.descr_get.get() {
        Some(get) => {
            let method = get(t, &found, Some(v), &v.class().as_value())?;
            protocol::call(t, &method, args)
        }
        None => protocol::call(t, &found, args),
    }
}

/// Whether attributes of instances are found as those of object are, and `__getattr__` is asked only where there is none.
pub fn only_falls_back(t: &Thread, class: &Type) -> bool {
    let is_ours = class.slots.getattro.get().is_some_and(|f| std::ptr::fn_addr_eq(f, getattro as Binary));
    is_ours && attribute::lookup(t, class, &known().__getattribute__).is_some_and(|found| finds_as_object(&found))
}

fn finds_as_object(getattribute: &Value) -> bool {
    update::is_wrapper_of(getattribute, &core_types::OBJECT, SlotId::getattro)
}

fn getattro(t: &Thread, v: &Value, name: &Value) -> PyResult {
    let k = known();
    let class = v.class();
    let Some(fallback) = attribute::lookup(t, class, &k.__getattr__) else {
        return required(t, v, &k.__getattribute__, &[name]);
    };
    let plain = match attribute::lookup(t, class, &k.__getattribute__) {
        Some(found) if finds_as_object(&found) => {
            match attribute::generic_lookup(t, v, name) {
                Ok(Some(found)) => return Ok(found),
                // No need to make an exception only to drop it.
                Ok(None) => return call_found(t, v, &fallback, &[name]),
                Err(raised) => Err(raised),
            }
        }
        Some(found) => call_found(t, v, &found, &[name]),
        None => attribute::generic_get(t, v, name),
    };
    match plain {
        Ok(found) => Ok(found),
        Err(raised) => {
            raise::suppress(t, raised, &exc::ATTRIBUTE_ERROR)?;
            call_found(t, v, &fallback, &[name])
        }
    }
}

fn setattro(t: &Thread, v: &Value, name: &Value, value: Option<&Value>) -> PyResult<()> {
    match value {
        Some(value) => required(t, v, &known().__setattr__, &[name, value]).map(drop),
        None => required(t, v, &known().__delattr__, &[name]).map(drop),
    }
}

fn richcompare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let k = known();
    let name = match op {
        CompareOp::Lt => &k.__lt__,
        CompareOp::Le => &k.__le__,
        CompareOp::Eq => &k.__eq__,
        CompareOp::Ne => &k.__ne__,
        CompareOp::Gt => &k.__gt__,
        CompareOp::Ge => &k.__ge__,
    };
    maybe(t, a, name, &[b])
}

fn iter(t: &Thread, v: &Value) -> PyResult {
    let found = attribute::lookup(t, v.class(), &known().__iter__);
    match found {
        Some(found) if !found.is_none() => call_found(t, v, &found, &[]),
        None if attribute::lookup(t, v.class(), &known().__getitem__).is_some() => {
            Ok(crate::object::seq_iter::new(v.clone()))
        }
        _ => Err(raise::type_error(t, format!("'{}' object is not iterable", v.class().display_name()))),
    }
}

fn contains(t: &Thread, v: &Value, item: &Value) -> PyResult<bool> {
    match attribute::lookup(t, v.class(), &known().__contains__) {
        Some(found) if found.is_none() => {
            Err(raise::type_error(t, format!("'{}' object is not a container", v.class().display_name())))
        }
        Some(found) => {
            let result = call_found(t, v, &found, &[item])?;
            protocol::is_true(t, &result)
        }
        None => {
            let iterator = protocol::iter(t, v)?;
            while let Some(candidate) = protocol::next(t, &iterator)? {
                if protocol::eq(t, &candidate, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

fn truth(t: &Thread, v: &Value) -> PyResult<bool> {
    let Some(result) = call_method(t, v, &known().__bool__, &[])? else {
        return match v.class().slots.len.get() {
            Some(len) => len(t, v).map(|n| n != 0),
            None => Ok(true),
        };
    };
    result.as_bool().ok_or_else(|| {
        raise::type_error(t, format!("__bool__ should return bool, returned {}", result.class().display_name()))
    })
}

fn len(t: &Thread, v: &Value) -> PyResult<usize> {
    let result = unary(t, v, &known().__len__)?;
    let index = protocol::index(t, &result)?;
    match bigint::view(&index) {
        Some(IntView::Small(n)) if n >= 0 => Ok(n as usize),
        Some(IntView::Big(big)) if *big > dashu_int::IBig::ZERO => {
            let class = result.class().display_name();
            Err(raise::overflow_error(t, format!("cannot fit '{class}' into an index-sized integer")))
        }
        _ => Err(raise::value_error(t, "__len__() should return >= 0")),
    }
}

fn descr_get(t: &Thread, v: &Value, object: Option<&Value>, owner: &Value) -> PyResult {
    let object = object.unwrap_or(Value::none_ref());
    match attribute::lookup(t, v.class(), &known().__get__) {
        Some(found) => call_found(t, v, &found, &[object, owner]),
        None => Ok(v.clone()),
    }
}

fn init(t: &Thread, v: &Value, args: Args<'_>) -> PyResult<()> {
    let found = attribute::lookup(t, v.class(), &known().__init__);
    let result = match &found {
        Some(found) if found.class().has_flag(flag::METHOD_DESCRIPTOR) => {
            native::with_first(v, args, |args| protocol::call(t, found, args))?
        }
        Some(found) => {
            let get = found.class().slots.descr_get.get();
            match get {
                Some(get) => {
                    let method = get(t, found, Some(v), &v.class().as_value())?;
                    protocol::call(t, &method, args)?
                }
                None => protocol::call(t, found, args)?,
            }
        }
        None => return Ok(()),
    };
    if !result.is_none() {
        let message = format!("__init__() should return None, not '{}'", result.class().display_name());
        return Err(raise::type_error(t, message));
    }
    Ok(())
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    let class = class.as_value();
    let function = protocol::get_attr(t, &class, &known().__new__)?;
    native::with_first(&class, args, |args| protocol::call(t, &function, args))
}

fn finalize(t: &Thread, v: &Value) {
    let Some(found) = attribute::lookup(t, v.class(), &known().__del__) else { return };
    if let Err(raised) = call_found(t, v, &found, &[]) {
        let exception = raise::take(t, raised);
        (hooks::get().unraisable)(t, exception, "Exception ignored while calling deallocator", Some(&found));
    }
}
