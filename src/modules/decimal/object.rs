//! The type `Decimal`: operators and conversions.

use super::context::{Context, current};
use super::convert::{self, Operand};
use super::number::status::*;
use super::number::*;
use super::{arith, text, transcend};
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, hooks, names, protocol, str};
use crate::this;
use std::cmp::Ordering;

/// The payload of a decimal number. Immutable.
pub struct Decimal(pub Dec);

/// `decimal.Decimal`
pub static DECIMAL: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Construct a new Decimal object. 'value' can be an integer, string, tuple,\nor another Decimal object. If no value is \
          given, return Decimal('0').\nThe context does not affect the conversion and is only passed to determine\nif the \
          InvalidOperation trap is active.",
    signature: "(value='0', context=None)",
    slots: SlotTable {
        new: Some(convert::construct),
        repr: Some(|t, v| {
            let shown = protocol::to_string(t, &to_str(t, v)?)?;
            Ok(str::from_str(&format!("Decimal('{shown}')")))
        }),
        str: Some(to_str),
        hash: Some(hash),
        richcompare: Some(compare),
        add: Some(|t, a, b| binary(t, a, b, arith::add)),
        subtract: Some(|t, a, b| binary(t, a, b, arith::subtract)),
        multiply: Some(|t, a, b| binary(t, a, b, arith::multiply)),
        true_divide: Some(|t, a, b| binary(t, a, b, arith::divide)),
        floor_divide: Some(|t, a, b| binary(t, a, b, arith::divide_int)),
        remainder: Some(|t, a, b| binary(t, a, b, arith::remainder)),
        divmod: Some(|t, a, b| {
            let (Some(x), Some(y)) = (convert::operand(a), convert::operand(b)) else {
                return Ok(Value::NOT_IMPLEMENTED);
            };
            let context = current(t)?;
            let context = this!(&context, Context);
            let mut st = 0;
            let (q, r) = arith::div_mod(&x, &y, &context.read(), &mut st);
            context.note(t, st)?;
            Ok(crate::object::tuple::from_vec(vec![make(q), make(r)]))
        }),
        power: Some(power),
        negative: Some(|t, v| unary(t, v, arith::minus)),
        positive: Some(|t, v| unary(t, v, arith::plus)),
        absolute: Some(|t, v| unary(t, v, arith::abs)),
        bool: Some(|_, v| Ok(!dec(v).is_zero())),
        int: Some(|t, v| convert::to_int(t, dec(v), Rounding::Down)),
        float: Some(|t, v| convert::to_float(t, dec(v)).map(Value::float)),
        ..SlotTable::EMPTY
    },
    methods: super::methods::METHODS,
    getset: &[
        GetSet::read_only("real", |_, v| Ok(v.clone()), ""),
        GetSet::read_only("imag", |_, _| Ok(make(Dec::zero(false, 0))), ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("decimal", "Decimal", layout_of::<Decimal>(false))
};

// SAFETY: `DECIMAL`'s layout is `Decimal`.
unsafe impl Payload for Decimal {
    fn layout_type() -> &'static Type {
        &DECIMAL
    }
}

/// The number of a Decimal.
pub fn dec(v: &Value) -> &Dec {
    &this!(v, Decimal).0
}

/// A new Decimal.
pub fn make(d: Dec) -> Value {
    alloc::new(&DECIMAL, Decimal(d))
}

/// An operation on one number, or on two.
pub type Unary = fn(&Dec, &Ctx, &mut u32) -> Dec;
pub type Binary = fn(&Dec, &Dec, &Ctx, &mut u32) -> Dec;

/// Runs an operation in a context.
pub fn in_context(t: &Thread, context: &Value, f: impl FnOnce(&Ctx, &mut u32) -> Dec) -> PyResult {
    let context = this!(context, Context);
    let mut st = 0;
    let result = f(&context.read(), &mut st);
    context.note(t, st)?;
    Ok(make(result))
}

fn unary(t: &Thread, v: &Value, f: Unary) -> PyResult {
    in_context(t, &current(t)?, |ctx, st| f(dec(v), ctx, st))
}

fn binary(t: &Thread, a: &Value, b: &Value, f: Binary) -> PyResult {
    let (Some(x), Some(y)) = (convert::operand(a), convert::operand(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    in_context(t, &current(t)?, |ctx, st| f(&x, &y, ctx, st))
}

fn power(t: &Thread, a: &Value, b: &Value, m: &Value) -> PyResult {
    let (Some(x), Some(y)) = (convert::operand(a), convert::operand(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if m.is_none() {
        return in_context(t, &current(t)?, |ctx, st| transcend::power(&x, &y, ctx, st));
    }
    let Some(m) = convert::operand(m) else { return Ok(Value::NOT_IMPLEMENTED) };
    in_context(t, &current(t)?, |ctx, st| transcend::power_modulo(&x, &y, &m, ctx, st))
}

fn to_str(t: &Thread, v: &Value) -> PyResult {
    let context = current(t)?;
    let capitals = this!(&context, Context).read().capitals;
    Ok(str::from_str(&text::to_text(dec(v), false, capitals)))
}

/// The hash of the number, the same as of an equal int or float.
fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    const MODULUS: u64 = (1 << 61) - 1;
    let d = dec(v);
    match d.kind {
        Kind::Signalling => return Err(raise::type_error(t, "Cannot hash a signaling NaN value")),
        Kind::Quiet => return Ok(protocol::identity_hash(v)),
        Kind::Infinite => return Ok(if d.sign { -314_159 } else { 314_159 }),
        Kind::Finite => {}
    }
    let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(MODULUS)) as u64;
    let to_the = |mut base: u64, mut n: u64| {
        let mut result = 1;
        while n > 0 {
            if n & 1 == 1 {
                result = times(result, base);
            }
            base = times(base, base);
            n >>= 1;
        }
        result
    };
    let base = if d.exp >= 0 { 10 } else { to_the(10, MODULUS - 2) };
    let coef = u64::try_from(&d.coef % dashu_int::UBig::from(MODULUS)).unwrap_or(0);
    let magnitude = times(coef, to_the(base, d.exp.unsigned_abs())) as i64;
    Ok(match if d.sign { -magnitude } else { magnitude } {
        -1 => -2,
        h => h,
    })
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let (x, y) = match convert::comparand(t, a, b, equality)? {
        Some(pair) => pair,
        None => return Ok(Value::NOT_IMPLEMENTED),
    };
    if x.is_nan() || y.is_nan() {
        let signalling = x.kind == Kind::Signalling || y.kind == Kind::Signalling;
        if signalling || !equality {
            let context = current(t)?;
            this!(&context, Context).note(t, INVALID_OPERATION)?;
        }
        return Ok(Value::bool(matches!(op, CompareOp::Ne)));
    }
    let order = super::number::compare(&x, &y);
    Ok(Value::bool(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Ge => order != Ordering::Less,
    }))
}

/// A number of any kind that a context method takes. TypeError for anything but Decimal and int.
pub fn argument<'a>(t: &Thread, v: &'a Value) -> PyResult<Operand<'a>> {
    convert::operand(v).ok_or_else(|| {
        raise::type_error(t, format!("conversion from {} to Decimal is not supported", v.class().display_name()))
    })
}

/// `numbers.Rational` and such, looked up once.
pub fn numbers(t: &Thread, name: &str) -> PyResult {
    let module = (hooks::get().import)(t, "numbers")?;
    protocol::get_attr(t, &module, &names::intern(name))
}
