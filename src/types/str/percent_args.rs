//! The arguments of `%` formatting, and its numbers: what str and bytes have in common.

use super::percent::{Amount, Part, Parts, Spec, SpecError};
use crate::object::alloc::check_room_for;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult, Raised};
use crate::object::str::Str;
use crate::object::text::TextRef;
use crate::object::thread::Thread;
use crate::object::tuple::Tuple;
use crate::object::value::Value;
use crate::object::{core_types, protocol};
use crate::types::format_spec::percent::{PercentSpec, format_float, format_int};
use crate::types::int::as_int;
use crate::types::int::text::{Decimal, digit_limit};

/// What differs between `str % args` and `bytes % args`.
pub trait Flavour {
    /// "string" or "bytes", as the message about left-over arguments says it.
    const WHAT: &'static str;
    /// The message for a precision beyond the largest int.
    const PRECISION_TOO_BIG: &'static str;
    /// Whether messages call `%i` `%d`.
    const I_IS_D: bool;
    /// Whether a value of this kind never counts as a mapping.
    fn is_text(v: &Value) -> bool;
    /// The key object for a range of the format.
    fn key(format: TextRef<'_>, from: usize, to: usize) -> Value;
    /// Appends part of the format.
    fn literal(&mut self, format: TextRef<'_>, from: usize, to: usize);
    /// Appends a converted argument: conversions other than numbers. `None`: there is no such conversion.
    fn convert(&mut self, t: &Thread, v: &Value, spec: &PercentSpec) -> PyResult<Option<()>>;
    /// Appends a formatted number.
    fn number(&mut self, text: &str);
    /// The error for an argument that is no float.
    fn not_a_float(t: &Thread, raised: Raised, v: &Value) -> Raised;
}

/// The arguments being used up.
struct Source<'a> {
    args: &'a Value,
    /// The items, when `args` is a tuple and no key was used yet.
    items: Option<&'a [Value]>,
    next: usize,
    /// Whether `args` may be asked for keys.
    mapping: bool,
    /// The value of the last key, instead of `args`.
    keyed: Option<Value>,
    /// Whether the single value (or the keyed one) has been used.
    used: bool,
}

impl Source<'_> {
    fn next(&mut self, t: &Thread) -> PyResult {
        let value = match (self.items, &self.keyed) {
            (Some(items), None) => items.get(self.next).cloned(),
            (_, Some(keyed)) if !self.used => Some(keyed.clone()),
            (None, None) if !self.used => Some(self.args.clone()),
            _ => None,
        };
        self.next += 1;
        self.used = true;
        value.ok_or_else(|| raise::type_error(t, "not enough arguments for format string"))
    }

    fn left_over(&self) -> bool {
        !self.mapping && self.items.map_or(!self.used, |items| self.next < items.len())
    }
}

/// `format % args`.
pub fn apply<F: Flavour>(t: &Thread, format: TextRef<'_>, args: &Value, out: &mut F) -> PyResult<()> {
    let items = args.downcast::<Tuple>().map(Tuple::items);
    let mapping = items.is_none() && !F::is_text(args) && args.class().slots.getitem.get().is_some();
    let mut source = Source { args, items, next: 0, mapping, keyed: None, used: false };
    for part in Parts::new(format) {
        match part {
            Part::Literal(from, to) => out.literal(format, from, to),
            Part::Spec(spec) => conversion(t, format, &spec, &mut source, out)?,
        }
    }
    if source.left_over() {
        let message = format!("not all arguments converted during {} formatting", F::WHAT);
        return Err(raise::type_error(t, message));
    }
    Ok(())
}

fn conversion<F: Flavour>(
    t: &Thread,
    format: TextRef<'_>,
    spec: &Spec,
    source: &mut Source<'_>,
    out: &mut F,
) -> PyResult<()> {
    if spec.is_percent_sign() {
        out.literal(format, spec.at, spec.at + 1);
        return Ok(());
    }
    if let Some((from, to)) = spec.key {
        if !source.mapping {
            return Err(raise::type_error(t, "format requires a mapping"));
        }
        if spec.error == Some(SpecError::Key) {
            return Err(raise::value_error(t, "incomplete format key"));
        }
        source.keyed = Some(protocol::get_item(t, source.args, &F::key(format, from, to))?);
        source.used = false;
    }
    let mut parsed = PercentSpec {
        left: spec.left,
        plus: spec.plus,
        space: spec.space,
        alternate: spec.alternate,
        zero: spec.zero,
        ..PercentSpec::default()
    };
    match spec.width {
        None => {}
        Some(Amount::Number(n)) => parsed.width = n as usize,
        Some(Amount::Argument) => {
            let n = star(
                t,
                source,
                i64::from(i32::MIN)..=isize::MAX as i64,
                "Python int too large to convert to C ssize_t",
            )?;
            parsed.left |= n < 0;
            parsed.width = n.unsigned_abs() as usize;
        }
    }
    if spec.error == Some(SpecError::Width) {
        return Err(raise::value_error(t, "width too big"));
    }
    match spec.precision {
        None => {}
        Some(Amount::Number(n)) => parsed.precision = Some(n as usize),
        Some(Amount::Argument) => {
            let range = i64::from(i32::MIN)..=i64::from(i32::MAX);
            parsed.precision =
                Some(star(t, source, range, "Python int too large to convert to C int")?.max(0) as usize);
        }
    }
    match spec.error {
        Some(SpecError::Precision) => return Err(raise::value_error(t, F::PRECISION_TOO_BIG)),
        Some(_) => return Err(raise::value_error(t, "incomplete format")),
        None => {}
    }
    if parsed.width > isize::MAX as usize / 8 {
        return Err(raise::memory_error(t, ""));
    }
    let v = source.next(t)?;
    // Letters are ASCII; anything else is unsupported.
    parsed.letter = u8::try_from(spec.conversion).unwrap_or(0);
    match parsed.letter {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            if F::I_IS_D && parsed.letter == b'i' {
                parsed.letter = b'd';
            }
            if let Some(i) = v.as_small_int()
                && parsed == (PercentSpec { letter: b'd', ..PercentSpec::default() })
            {
                out.number(Decimal::of(i).text());
                return Ok(());
            }
            check_field(t, &parsed)?;
            out.number(&integer(t, &v, &parsed)?);
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let x = protocol::as_f64(t, &v).map_err(|raised| F::not_a_float(t, raised, &v))?;
            check_field(t, &parsed)?;
            out.number(&format_float(x, &parsed));
        }
        _ => {
            if out.convert(t, &v, &parsed)?.is_none() {
                let c = spec.conversion;
                let shown = char::from_u32(c).filter(|c| (' '..'\u{7f}').contains(c)).unwrap_or('?');
                let message = format!("unsupported format character '{shown}' (0x{c:x}) at index {}", spec.at);
                return Err(raise::value_error(t, message));
            }
        }
    }
    Ok(())
}

/// Raises MemoryError where there is no room for the digits of a number, with as many zeros, and for its field.
fn check_field(t: &Thread, spec: &PercentSpec) -> PyResult<()> {
    check_room_for(t, spec.width.max(spec.precision.unwrap_or(0)), 3)
}

fn star(t: &Thread, source: &mut Source<'_>, range: std::ops::RangeInclusive<i64>, overflow: &str) -> PyResult<i64> {
    let v = source.next(t)?;
    if as_int(&v).is_none() {
        return Err(raise::type_error(t, "* wants int"));
    }
    match protocol::index_clipped(t, &v)? {
        i64::MIN | i64::MAX => Err(raise::overflow_error(t, overflow)),
        n if range.contains(&n) => Ok(n),
        _ => Err(raise::overflow_error(t, overflow)),
    }
}

/// `%d` and its kin.
fn integer(t: &Thread, v: &Value, spec: &PercentSpec) -> PyResult<String> {
    let converted;
    let number = match as_int(v) {
        Some(number) => number,
        None => {
            converted = to_int(t, v, spec.letter)?;
            match as_int(&converted) {
                Some(number) => number,
                None => return Err(raise::type_error(t, "an integer is required")),
            }
        }
    };
    format_int(number, spec, digit_limit()).map_err(|_| {
        let limit = digit_limit();
        let message = format!(
            "Exceeds the limit ({limit} digits) for integer string conversion; use sys.set_int_max_str_digits() to \
             increase the limit"
        );
        raise::value_error(t, message)
    })
}

/// An int from a value that is none: a real number for `%d`, something with `__index__` for the others.
fn to_int(t: &Thread, v: &Value, letter: u8) -> PyResult {
    let shown = letter as char;
    let slots = &v.class().slots;
    let is_number = slots.index.get().is_some() || slots.int.get().is_some() || slots.float.get().is_some();
    let (wanted, result) = if matches!(letter, b'o' | b'x' | b'X') {
        ("an integer is required", if is_number { Some(protocol::index(t, v)) } else { None })
    } else {
        let int = core_types::INT.as_value();
        let convert = || protocol::call_values(t, &int, std::slice::from_ref(v));
        ("a real number is required", if is_number { Some(convert()) } else { None })
    };
    let wrong = || {
        let message = format!("%{shown} format: {wanted}, not {}", v.class().display_name());
        raise::type_error(t, message)
    };
    match result {
        None => Err(wrong()),
        Some(Ok(v)) => Ok(v),
        Some(Err(raised)) if raise::matches(t, &raised, &exc::TYPE_ERROR) => {
            drop(raise::take(t, raised));
            Err(wrong())
        }
        Some(Err(raised)) => Err(raised),
    }
}

/// Whether a value is a str.
pub fn is_str(v: &Value) -> bool {
    v.downcast::<Str>().is_some()
}
