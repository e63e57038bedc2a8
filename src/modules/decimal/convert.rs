//! Between Decimal and other types.

use super::context::{self, Context, current};
use super::number::status::*;
use super::number::*;
use super::object::{DECIMAL, Decimal, dec, make, numbers};
use super::{arith, text};
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::bigint::{self, IntView};
use crate::object::list::List;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::type_object::Type;
use crate::object::value::Value;
use crate::object::{alloc, names, protocol, str, tuple};
use crate::this;
use crate::types::complex::Complex;
use crate::types::float::object::as_float as float_value;
use crate::types::float::text as float_text;
use crate::types::int::convert::ascii_form;
use crate::types::int::number as int_number;
use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, Sign, UBig};
use std::ops::Deref;

/// A number that an operation reads: a Decimal's own, or one made of an int.
pub enum Operand<'a> {
    Own(&'a Dec),
    Made(Dec),
}

impl Deref for Operand<'_> {
    type Target = Dec;
    fn deref(&self) -> &Dec {
        match self {
            Operand::Own(d) => d,
            Operand::Made(d) => d,
        }
    }
}

/// The number of a Decimal or int; None for anything else.
#[inline]
pub fn operand(v: &Value) -> Option<Operand<'_>> {
    if let Some(d) = v.downcast::<Decimal>() {
        return Some(Operand::Own(&d.0));
    }
    from_int(v).map(Operand::Made)
}

fn from_int(v: &Value) -> Option<Dec> {
    Some(match bigint::view(v)? {
        IntView::Small(i) => Dec::from_i64(i),
        IntView::Big(big) => Dec::finite(big.sign() == Sign::Negative, big.unsigned_abs(), 0),
    })
}

/// A float's exact value.
pub fn from_f64(x: f64) -> Dec {
    let sign = x.is_sign_negative();
    if x.is_nan() {
        return Dec { sign, ..Dec::nan() };
    }
    if x.is_infinite() {
        return Dec::infinity(sign);
    }
    let (mut mantissa, mut exponent) = int_number::parts(x);
    if mantissa == 0 {
        return Dec::zero(sign, 0);
    }
    let zeros = mantissa.trailing_zeros();
    mantissa >>= zeros;
    exponent += zeros as i32;
    if exponent >= 0 {
        return Dec::finite(sign, UBig::from(mantissa) << exponent as usize, 0);
    }
    Dec::finite(sign, UBig::from(mantissa) * UBig::from(5u8).pow(-exponent as usize), i64::from(exponent))
}

/// Both sides of a comparison; None: the other type knows how, or nobody.
pub fn comparand<'a>(
    t: &Thread,
    a: &'a Value,
    b: &'a Value,
    equality: bool,
) -> PyResult<Option<(Operand<'a>, Operand<'a>)>> {
    if let (Some(x), Some(y)) = (operand(a), operand(b)) {
        return Ok(Some((x, y)));
    }
    let Some(x) = operand(a) else { return Ok(None) };
    let float = match float_value(b) {
        Some(f) => Some(f),
        None => match b.downcast::<Complex>() {
            Some(c) if equality && c.im == 0.0 => Some(c.re),
            _ => None,
        },
    };
    if let Some(f) = float {
        let context = current(t)?;
        let context = this!(&context, Context);
        // Comparing for equality only leaves a flag.
        if equality {
            context.flags.fetch_or(FLOAT_OPERATION, crate::sync::shim::atomic::Ordering::Relaxed);
        } else {
            context.note(t, FLOAT_OPERATION)?;
        }
        return Ok(Some((x, Operand::Made(from_f64(f)))));
    }
    if !b.is_object() || !protocol::is_instance(t, b, &numbers(t, "Rational")?)? {
        return Ok(None);
    }
    let part = |name: &str| -> PyResult<Option<Dec>> { Ok(from_int(&protocol::get_attr_str(t, b, name)?)) };
    let (Some(numerator), Some(denominator)) = (part("numerator")?, part("denominator")?) else { return Ok(None) };
    let mut st = 0;
    let scaled = if x.is_special() { x.clone() } else { arith::multiply(&x, &denominator, &Ctx::MAX, &mut st) };
    Ok(Some((Operand::Made(scaled), Operand::Made(numerator))))
}

/// The text of a number without white space around and underscores.
fn cleaned(v: &Value, lenient: bool) -> Option<String> {
    let view = str::view(v)?;
    let ascii = ascii_form(view);
    let text = String::from_utf8_lossy(&ascii).into_owned();
    if !lenient {
        return Some(text);
    }
    let space = |c: char| c.is_ascii_whitespace() || c == '\u{b}' || ('\u{1c}'..='\u{1f}').contains(&c);
    Some(text.trim_matches(space).replace('_', ""))
}

fn from_text(v: &Value, lenient: bool, st: &mut u32) -> Dec {
    match cleaned(v, lenient).and_then(|text| text::parse(&text)) {
        Some(d) => d,
        None => Dec::invalid(st, CONVERSION_SYNTAX),
    }
}

/// `(sign, digits, exponent)`
fn from_tuple(t: &Thread, v: &Value) -> PyResult<Dec> {
    let items = match v.downcast::<List>() {
        Some(list) => list.items(t),
        None => tuple::items(v).to_vec(),
    };
    let [sign, digits, exponent] = &items[..] else {
        return Err(raise::value_error(t, "argument must be a sequence of length 3"));
    };
    let sign = match bigint::view(sign) {
        Some(IntView::Small(n @ 0..=1)) => n == 1,
        _ => return Err(raise::value_error(t, "sign must be an integer with the value 0 or 1")),
    };
    let (kind, exp) = if str::view(exponent).is_some() {
        match &*str::lossy(exponent) {
            "F" => (Kind::Infinite, 0),
            "n" => (Kind::Quiet, 0),
            "N" => (Kind::Signalling, 0),
            _ => {
                let message = "string argument in the third position must be 'F', 'n' or 'N'";
                return Err(raise::value_error(t, message));
            }
        }
    } else {
        match bigint::view(exponent) {
            Some(IntView::Small(n)) => (Kind::Finite, n),
            Some(IntView::Big(_)) => {
                return Err(raise::overflow_error(t, "Python int too large to convert to C ssize_t"));
            }
            None => return Err(raise::value_error(t, "exponent must be an integer")),
        }
    };
    if kind == Kind::Infinite {
        return Ok(Dec::infinity(sign));
    }
    let digits = match digits.downcast::<List>() {
        Some(list) => list.items(t),
        None if digits.downcast::<tuple::Tuple>().is_some() => tuple::items(digits).to_vec(),
        None => return Err(raise::value_error(t, "coefficient must be a tuple of digits")),
    };
    let mut shown = String::new();
    for digit in &digits {
        match bigint::view(digit) {
            Some(IntView::Small(n @ 0..=9)) => shown.push((n as u8 + b'0') as char),
            _ => return Err(raise::value_error(t, "coefficient must be a tuple of digits")),
        }
    }
    let coef = if shown.is_empty() { UBig::ZERO } else { shown.parse().unwrap_or(UBig::ZERO) };
    Ok(Dec { sign, kind, coef, exp })
}

/// Any value that Decimal's constructor takes; `lenient`: text may have white space around and underscores.
fn from_any(t: &Thread, v: &Value, context: &Value, lenient: bool, st: &mut u32) -> PyResult<Dec> {
    if let Some(d) = operand(v) {
        return Ok(d.clone());
    }
    if str::view(v).is_some() {
        return Ok(from_text(v, lenient, st));
    }
    if v.downcast::<List>().is_some() || v.downcast::<tuple::Tuple>().is_some() {
        return from_tuple(t, v);
    }
    if let Some(x) = float_value(v) {
        this!(context, Context).note(t, FLOAT_OPERATION)?;
        return Ok(from_f64(x));
    }
    let message = format!("conversion from {} to Decimal is not supported", v.class().display_name());
    Err(raise::type_error(t, message))
}

/// A value as it is; one that no context could hold is invalid.
fn exactly(d: Dec, st: &mut u32) -> Dec {
    let mut own = 0;
    let result = d.finalize(&Ctx::MAX, &mut own);
    if own & (INEXACT | ROUNDED | CLAMPED | OVERFLOW) != 0 {
        return Dec::invalid(st, INVALID_OPERATION);
    }
    result
}

pub fn construct(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(value='0', context=None)");
    let b = PARAMETERS.bind_call(t, "Decimal", args)?;
    let context = context::argument(t, &b, 1)?;
    let Some(v) = b.opt(0) else { return Ok(alloc::new(class, Decimal(Dec::zero(false, 0)))) };
    if v.is_exact(&DECIMAL) && std::ptr::eq(class, &*DECIMAL) {
        return Ok(v.clone());
    }
    let mut st = 0;
    let d = from_any(t, v, &context, true, &mut st)?;
    let d = if v.downcast::<Decimal>().is_some() { d } else { exactly(d, &mut st) };
    this!(&context, Context).note(t, st)?;
    Ok(alloc::new(class, Decimal(d)))
}

/// `Context.create_decimal`: rounded to the context.
pub fn create(t: &Thread, context: &Value, v: Option<&Value>) -> PyResult {
    let Some(v) = v else { return Ok(make(Dec::zero(false, 0))) };
    let mut st = 0;
    let d = from_any(t, v, context, false, &mut st)?;
    let this = this!(context, Context);
    let ctx = this.read();
    if d.is_nan() && !d.coef.is_zero() && d.digits() > ctx.prec - i64::from(ctx.clamp) {
        this.note(t, st | CONVERSION_SYNTAX)?;
        return Ok(make(Dec::nan()));
    }
    let d = d.finalize(&ctx, &mut st);
    this.note(t, st)?;
    Ok(make(d))
}

/// `Decimal.from_float`: of a float or int.
pub fn from_float(t: &Thread, class: &Value, v: &Value) -> PyResult {
    let d = match (from_int(v), float_value(v)) {
        (Some(d), _) => d,
        (None, Some(x)) => from_f64(x),
        (None, None) => return Err(raise::type_error(t, "argument must be int or float")),
    };
    of_class(t, class, d)
}

/// `Decimal.from_number`: of a float, int or Decimal.
pub fn from_number(t: &Thread, class: &Value, v: &Value) -> PyResult {
    match (operand(v), float_value(v)) {
        (Some(d), _) => of_class(t, class, d.clone()),
        (None, Some(x)) => of_class(t, class, from_f64(x)),
        (None, None) => Err(raise::type_error(t, format!("Cannot convert {} to Decimal", protocol::repr_lossy(t, v)))),
    }
}

/// An instance of a class that may be a subclass.
fn of_class(t: &Thread, class: &Value, d: Dec) -> PyResult {
    let made = make(d);
    if class.is(&DECIMAL.as_value()) { Ok(made) } else { protocol::call_values(t, class, &[made]) }
}

fn to_big(d: &Dec) -> IBig {
    IBig::from_parts(if d.sign { Sign::Negative } else { Sign::Positive }, d.coef.clone())
}

/// An int, rounded.
pub fn to_int(t: &Thread, d: &Dec, rounding: Rounding) -> PyResult {
    if d.is_nan() {
        return Err(raise::value_error(t, "cannot convert NaN to integer"));
    }
    if d.is_infinite() {
        return Err(raise::overflow_error(t, "cannot convert Infinity to integer"));
    }
    let mut st = 0;
    if !d.is_zero() && !fits(d.exp, &mut st) {
        return Err(raise::memory_error(t, ""));
    }
    Ok(bigint::from_big(to_big(&d.rescale(0, rounding).0)))
}

pub fn to_float(t: &Thread, d: &Dec) -> PyResult<f64> {
    if d.kind == Kind::Signalling {
        return Err(raise::value_error(t, "cannot convert signaling NaN to float"));
    }
    if d.is_nan() {
        return Ok(if d.sign { -f64::NAN } else { f64::NAN });
    }
    Ok(float_text::parse(text::to_text(d, false, true).as_bytes()).unwrap_or(f64::NAN))
}

pub fn as_integer_ratio(t: &Thread, v: &Value) -> PyResult {
    let d = dec(v);
    if d.is_nan() {
        return Err(raise::value_error(t, "cannot convert NaN to integer ratio"));
    }
    if d.is_infinite() {
        return Err(raise::overflow_error(t, "cannot convert Infinity to integer ratio"));
    }
    let mut st = 0;
    if !fits(d.exp.abs(), &mut st) && !d.is_zero() {
        return Err(raise::memory_error(t, ""));
    }
    let (numerator, denominator) = if d.is_zero() {
        (UBig::ZERO, UBig::ONE)
    } else if d.exp >= 0 {
        (&d.coef * pow10(d.exp), UBig::ONE)
    } else {
        use dashu_int::ops::Gcd;
        let scale = pow10(-d.exp);
        let common = (&d.coef).gcd(&scale);
        (&d.coef / &common, scale / common)
    };
    let sign = if d.sign { Sign::Negative } else { Sign::Positive };
    let pair = [IBig::from_parts(sign, numerator), IBig::from(denominator)];
    Ok(tuple::from_vec(pair.map(bigint::from_big).to_vec()))
}

pub fn as_tuple(t: &Thread, v: &Value) -> PyResult {
    let d = dec(v);
    let digits: Vec<Value> = match d.kind {
        Kind::Infinite => vec![Value::int(0)],
        Kind::Quiet | Kind::Signalling if d.coef.is_zero() => vec![],
        _ => d.coef.to_string().bytes().map(|b| Value::int(i64::from(b - b'0'))).collect(),
    };
    let exponent = match d.kind {
        Kind::Finite => Value::int(d.exp),
        Kind::Infinite => names::intern("F"),
        Kind::Quiet => names::intern("n"),
        Kind::Signalling => names::intern("N"),
    };
    let module = (crate::object::hooks::get().import)(t, "_decimal")?;
    let class = protocol::get_attr_str(t, &module, "DecimalTuple")?;
    protocol::call_values(t, &class, &[Value::int(i64::from(d.sign)), tuple::from_vec(digits), exponent])
}
