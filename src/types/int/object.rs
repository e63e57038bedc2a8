//! The type `int`: its operators, and how errors of integer arithmetic are worded.

use super::arith::{self, IntBuf, IntError, IntRef, IntResult};
use super::text::Decimal;
use super::{as_int, convert, methods, number, text, theory, to_value};
use crate::bytecode::opcode::CompareOp;
use crate::object::bigint::BigInt;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::SlotTable;
use crate::object::str;
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::type_object::{TypeSpec, flag, layout_of};
use crate::object::value::Value;

pub static SPEC: TypeSpec = TypeSpec {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nAn integer from a number or a text; without arguments 0.\n\nA \
          number gives its integer part. A text (str, bytes or bytearray) is read as a literal in the given base, with an \
          optional sign, single underscores between digits, and white space around. Bases are 2 to 36, and 0, which \
          takes the base from the literal's prefix.",
    slots: SlotTable {
        new: Some(convert::construct),
        repr: Some(repr),
        hash: Some(|_, v| Ok(number::hash(of(v)))),
        richcompare: Some(compare),
        add: Some(|_, a, b| total(a, b, arith::add)),
        subtract: Some(|_, a, b| total(a, b, arith::sub)),
        multiply: Some(|t, a, b| partial(t, a, b, arith::mul_checked)),
        remainder: Some(|t, a, b| partial(t, a, b, arith::modulo)),
        divmod: Some(divmod),
        power: Some(power),
        lshift: Some(lshift),
        rshift: Some(|t, a, b| partial(t, a, b, arith::shr)),
        and: Some(|_, a, b| total(a, b, arith::and)),
        xor: Some(|_, a, b| total(a, b, arith::xor)),
        or: Some(|_, a, b| total(a, b, arith::or)),
        floor_divide: Some(|t, a, b| partial(t, a, b, arith::floor_div)),
        true_divide: Some(true_divide),
        negative: Some(|_, v| Ok(to_value(arith::neg(of(v))))),
        positive: Some(|_, v| Ok(exact(v))),
        absolute: Some(|_, v| Ok(to_value(arith::abs(of(v))))),
        invert: Some(|_, v| Ok(to_value(arith::invert(of(v))))),
        bool: Some(|_, v| Ok(!of(v).is_zero())),
        int: Some(|_, v| Ok(exact(v))),
        float: Some(|t, v| to_f64(t, of(v)).map(Value::float)),
        index: Some(|_, v| Ok(exact(v))),
        ..SlotTable::EMPTY
    },
    methods: methods::METHODS,
    getset: methods::GETSET,
    flags: flag::BASETYPE | flag::INT_SUBCLASS | flag::MATCH_SELF,
    ..TypeSpec::new("builtins", "int", layout_of::<BigInt>(false))
};

/// The number of a value that the caller of a slot or method has checked to be an int.
#[inline(always)]
pub(super) fn of(v: &Value) -> IntRef<'_> {
    as_int(v).expect("the self of an int's operation is an int")
}

/// The value itself if its type is exactly int, else an int of the same number.
#[inline]
pub fn exact(v: &Value) -> Value {
    if v.is_small_int() || v.is_exact(&crate::object::core_types::INT) {
        return v.clone();
    }
    to_value(of(v).to_buf())
}

/// An operator that always has a result.
#[inline(always)]
fn total(a: &Value, b: &Value, f: fn(IntRef, IntRef) -> IntBuf) -> PyResult {
    match (as_int(a), as_int(b)) {
        (Some(x), Some(y)) => Ok(to_value(f(x, y))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// An operator that can fail.
#[inline(always)]
fn partial(t: &Thread, a: &Value, b: &Value, f: fn(IntRef, IntRef) -> IntResult) -> PyResult {
    match (as_int(a), as_int(b)) {
        (Some(x), Some(y)) => f(x, y).map(to_value).map_err(|e| error(t, e)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Raises what an integer operation failed with.
#[cold]
pub fn error(t: &Thread, e: IntError) -> Raised {
    match e {
        IntError::DivisionByZero => raise::zero_division(t, "division by zero"),
        IntError::NegativeShift => raise::value_error(t, "negative shift count"),
        IntError::ZeroModulus => raise::value_error(t, "pow() 3rd argument cannot be 0"),
        IntError::NotInvertible => raise::value_error(t, "base is not invertible for the given modulus"),
        IntError::TooLarge => out_of_memory(t),
        IntError::FloatOverflow => raise::overflow_error(t, "integer division result too large for a float"),
    }
}

/// Raises `MemoryError()`.
#[cold]
pub fn out_of_memory(t: &Thread) -> Raised {
    raise::memory_error(t, "")
}

/// A number as a float.
///
/// Raises OverflowError where it is too large.
#[inline]
pub fn to_f64(t: &Thread, v: IntRef<'_>) -> PyResult<f64> {
    number::to_f64(v).ok_or_else(|| raise::overflow_error(t, "int too large to convert to float"))
}

/// Decimal text; raises ValueError beyond the limit of digits.
pub fn decimal(t: &Thread, v: IntRef<'_>) -> PyResult<String> {
    let limit = text::digit_limit();
    text::to_decimal(v, limit).map_err(|_| {
        let message = format!(
            "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to \
             increase the limit"
        );
        raise::value_error(t, message)
    })
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    match of(v) {
        IntRef::Small(i) => Ok(small_repr(i)),
        big => Ok(str::from_str(&decimal(t, big)?)),
    }
}

/// Decimal text of a word, without an allocation besides the result.
pub fn small_repr(i: i64) -> Value {
    match Decimal::of(i).bytes() {
        [digit] => str::char_str(*digit),
        digits => str::from_view(TextRef::Ascii(digits)),
    }
}

fn compare(_t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(x), Some(y)) = (as_int(a), as_int(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(holds(op, arith::cmp(x, y))))
}

/// Whether a comparison holds for operands in this order.
#[inline]
pub fn holds(op: CompareOp, order: std::cmp::Ordering) -> bool {
    match op {
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
    }
}

fn divmod(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (as_int(a), as_int(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let (q, r) = arith::divmod(x, y).map_err(|e| error(t, e))?;
    Ok(crate::object::tuple::from_iter(2, [to_value(q), to_value(r)]))
}

fn true_divide(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (as_int(a), as_int(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    number::true_div(x, y).map(Value::float).map_err(|e| error(t, e))
}

fn lshift(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (Some(x), Some(y)) = (as_int(a), as_int(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    arith::shl(x, y).map(to_value).map_err(|e| match (e, y.to_i64()) {
        (IntError::TooLarge, None) => raise::overflow_error(t, "too many digits in integer"),
        _ => error(t, e),
    })
}

fn power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let (Some(x), Some(y)) = (as_int(a), as_int(b)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !modulus.is_none() {
        let Some(m) = as_int(modulus) else { return Ok(Value::NOT_IMPLEMENTED) };
        return theory::pow_mod(x, y, m).map(to_value).map_err(|e| error(t, e));
    }
    if y.is_negative() {
        let (x, y) = (to_f64(t, x)?, to_f64(t, y)?);
        return crate::types::float::object::power_of(t, x, y);
    }
    theory::pow(x, y).map(to_value).map_err(|e| error(t, e))
}
