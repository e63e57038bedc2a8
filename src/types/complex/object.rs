//! The type `complex`: payload, operators, methods.

use super::arith::ComplexError;
use super::{Complex, convert, text};
use crate::bytecode::opcode::CompareOp;
use crate::object::core_types;
use crate::object::protocol;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, str, tuple};
use crate::types::float::object::as_float;
use crate::types::{format_spec, int};

// SAFETY: `COMPLEX`'s layout is `Complex`.
unsafe impl Payload for Complex {
    fn layout_type() -> &'static Type {
        &core_types::COMPLEX
    }
}

pub static SPEC: TypeSpec = TypeSpec {
    doc: "Create a complex number from a text, or from a real part and an imaginary part.\n\nThe numbers may themselves be \
          complex.",
    signature: "(real=0, imag=0)",
    slots: SlotTable {
        new: Some(convert::construct),
        repr: Some(|_, v| Ok(str::from_str(&text::repr(of(v))))),
        hash: Some(|_, v| Ok(of(v).hash(protocol::identity_hash(v)))),
        richcompare: Some(compare),
        add: Some(add),
        subtract: Some(subtract),
        multiply: Some(multiply),
        power: Some(power),
        true_divide: Some(divide),
        negative: Some(|_, v| Ok(new(Complex::new(-of(v).re, -of(v).im)))),
        positive: Some(|_, v| Ok(exact(v))),
        absolute: Some(absolute),
        bool: Some(|_, v| Ok(of(v).re != 0.0 || of(v).im != 0.0)),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "conjugate",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(new(Complex::new(of(v).re, -of(v).im)))),
            "Return the complex conjugate. (3-4j).conjugate() == 3+4j.",
        ),
        Method::new(
            "__complex__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(exact(v))),
            "Convert this value to exact type complex.",
        ),
        Method::new(
            "from_number",
            "($type, number, /)",
            NativeFn::F2(from_number),
            "Convert a number to a complex number; a text is refused.",
        )
        .class_method(),
        Method::new(
            "__getnewargs__",
            "($self, /)",
            NativeFn::F1(|_, v| Ok(tuple::from_iter(2, [Value::float(of(v).re), Value::float(of(v).im)]))),
            "",
        ),
        Method::new(
            "__format__",
            "($self, format_spec, /)",
            NativeFn::F2(format),
            "Convert to a string according to format_spec.",
        ),
    ],
    getset: &[
        GetSet::read_only("real", |_, v| Ok(Value::float(of(v).re)), "the real part of a complex number").as_member(),
        GetSet::read_only("imag", |_, v| Ok(Value::float(of(v).im)), "the imaginary part of a complex number")
            .as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("builtins", "complex", layout_of::<Complex>(false))
};

/// A new complex number.
pub fn new(c: Complex) -> Value {
    alloc::new(&core_types::COMPLEX, c)
}

/// The number behind a complex or an instance of a subclass.
#[inline]
pub fn as_complex(v: &Value) -> Option<Complex> {
    v.downcast::<Complex>().copied()
}

/// The number of a value that the caller of a slot or method has checked to be complex.
fn of(v: &Value) -> Complex {
    as_complex(v).expect("the self of a complex number's operation is a complex number")
}

fn exact(v: &Value) -> Value {
    if v.is_exact(&core_types::COMPLEX) { v.clone() } else { new(of(v)) }
}

/// An operand: complex, or real.
enum Operand {
    Complex(Complex),
    Real(f64),
}

/// `None` for what is no number.
fn operand(t: &Thread, v: &Value) -> PyResult<Option<Operand>> {
    if let Some(c) = as_complex(v) {
        return Ok(Some(Operand::Complex(c)));
    }
    Ok(crate::types::float::object::operand(t, v)?.map(Operand::Real))
}

/// Both operands; `None` where an operator is to pass.
fn operands(t: &Thread, a: &Value, b: &Value) -> PyResult<Option<(Operand, Operand)>> {
    let Some(x) = operand(t, a)? else { return Ok(None) };
    Ok(operand(t, b)?.map(|y| (x, y)))
}

// A real operand is not given an imaginary zero: signs of zeros, infinities and nans would come out wrong.

fn add(t: &Thread, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex as C, Real as R};
    Ok(new(match operands(t, a, b)? {
        None => return Ok(Value::NOT_IMPLEMENTED),
        Some((C(x), C(y))) => Complex::new(x.re + y.re, x.im + y.im),
        Some((C(x), R(y)) | (R(y), C(x))) => Complex::new(x.re + y, x.im),
        Some((R(x), R(y))) => Complex::new(x + y, 0.0),
    }))
}

fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex as C, Real as R};
    Ok(new(match operands(t, a, b)? {
        None => return Ok(Value::NOT_IMPLEMENTED),
        Some((C(x), C(y))) => Complex::new(x.re - y.re, x.im - y.im),
        Some((C(x), R(y))) => Complex::new(x.re - y, x.im),
        Some((R(x), C(y))) => Complex::new(x - y.re, -y.im),
        Some((R(x), R(y))) => Complex::new(x - y, 0.0),
    }))
}

fn multiply(t: &Thread, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex as C, Real as R};
    Ok(new(match operands(t, a, b)? {
        None => return Ok(Value::NOT_IMPLEMENTED),
        Some((C(x), C(y))) => x.product(y),
        Some((C(x), R(y)) | (R(y), C(x))) => Complex::new(x.re * y, x.im * y),
        Some((R(x), R(y))) => Complex::new(x * y, 0.0),
    }))
}

fn divide(t: &Thread, a: &Value, b: &Value) -> PyResult {
    use Operand::{Complex as C, Real as R};
    let quotient = match operands(t, a, b)? {
        None => return Ok(Value::NOT_IMPLEMENTED),
        Some((C(x), C(y))) => x.quotient(y),
        Some((C(x), R(y))) => x.div_real(y),
        Some((R(x), C(y))) => Complex::real_div(x, y),
        Some((R(x), R(y))) => Complex::new(x, 0.0).div_real(y),
    };
    quotient.map(new).map_err(|e| error(t, e))
}

fn power(t: &Thread, a: &Value, b: &Value, modulus: &Value) -> PyResult {
    let Some((x, y)) = operands(t, a, b)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if !modulus.is_none() {
        return Err(raise::value_error(t, "complex modulo"));
    }
    let whole = |o: Operand| match o {
        Operand::Complex(c) => c,
        Operand::Real(x) => Complex::new(x, 0.0),
    };
    whole(x).pow(whole(y)).map(new).map_err(|e| error(t, e))
}

/// `x ** y` for real numbers whose power is complex.
pub fn power_of(t: &Thread, x: f64, y: f64) -> PyResult {
    Complex::new(x, 0.0).pow(Complex::new(y, 0.0)).map(new).map_err(|e| error(t, e))
}

#[cold]
fn error(t: &Thread, e: ComplexError) -> Raised {
    match e {
        ComplexError::DivisionByZero => raise::zero_division(t, "division by zero"),
        ComplexError::ZeroPower => raise::zero_division(t, "zero to a negative or complex power"),
        ComplexError::Overflow => raise::overflow_error(t, "complex exponentiation"),
    }
}

fn absolute(t: &Thread, v: &Value) -> PyResult {
    of(v).abs().map(Value::float).ok_or_else(|| raise::overflow_error(t, "absolute value too large"))
}

fn compare(_t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some(x) = as_complex(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = if let Some(y) = as_complex(b) {
        x.re == y.re && x.im == y.im
    } else if let Some(y) = as_float(b) {
        x.re == y && x.im == 0.0
    } else if let Some(i) = int::as_int(b) {
        x.im == 0.0 && int::number::cmp_f64(i, x.re) == Some(std::cmp::Ordering::Equal)
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn from_number(t: &Thread, class: &Value, number: &Value) -> PyResult {
    let is_complex = class.downcast::<Type>().is_some_and(|ty| std::ptr::eq(ty, &*core_types::COMPLEX));
    if is_complex && number.is_exact(&core_types::COMPLEX) {
        return Ok(number.clone());
    }
    let c = new(convert::to_complex(t, number)?);
    if is_complex { Ok(c) } else { protocol::call_values(t, class, &[c]) }
}

fn format(t: &Thread, v: &Value, spec: &Value) -> PyResult {
    let Some(view) = format_spec::argument(t, spec)? else { return protocol::to_str(t, v) };
    let class = v.class().display_name();
    format_spec::finished(t, format_spec::format_complex(of(v), view, &class))
}
