//! `timedelta`: the type, its construction and its text. Its operators are in `delta_ops`.

use super::delta_ops as ops;
use super::fields::{MICROS, SECONDS_OF_DAY};
use super::text::Text;
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::bigint::{self, IntView};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, str, tuple};
use crate::this;
use crate::types::{float, int};
use dashu_int::IBig;

/// The days that a timedelta has at most, either way.
pub const MOST_DAYS: i64 = 999_999_999;
/// Microseconds of a day.
pub const DAY: i64 = SECONDS_OF_DAY * MICROS;

/// A span of time: seconds and microseconds are never negative and less than a day and a second. In order of length.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Span {
    pub days: i32,
    pub seconds: i32,
    pub micros: i32,
}

impl Span {
    pub const ZERO: Span = Span { days: 0, seconds: 0, micros: 0 };

    /// From parts that may be negative or too large; None where it has too many days.
    pub fn normal(days: i64, seconds: i64, micros: i64) -> Option<Span> {
        let seconds = seconds + micros.div_euclid(MICROS);
        let days = days + seconds.div_euclid(SECONDS_OF_DAY);
        let (seconds, micros) = (seconds.rem_euclid(SECONDS_OF_DAY) as i32, micros.rem_euclid(MICROS) as i32);
        (-MOST_DAYS..=MOST_DAYS).contains(&days).then_some(Span { days: days as i32, seconds, micros })
    }

    /// Microseconds.
    pub fn total(self) -> i128 {
        i128::from(self.days) * i128::from(DAY) + i128::from(self.within_day())
    }

    /// Microseconds past the days.
    pub fn within_day(self) -> i64 {
        i64::from(self.seconds) * MICROS + i64::from(self.micros)
    }

    pub fn is_zero(self) -> bool {
        self == Span::ZERO
    }

    /// Whether it is less than a day either way, as offsets from UTC are.
    pub fn is_offset(self) -> bool {
        self.days == 0 || self.days == -1 && self.within_day() > 0
    }

    /// An offset's microseconds.
    pub fn offset_micros(self) -> i64 {
        i64::from(self.days) * DAY + self.within_day()
    }
}

/// The payload of a timedelta.
pub struct TimeDelta(Span);

// SAFETY: `TIMEDELTA`'s layout is `TimeDelta`.
unsafe impl Payload for TimeDelta {
    fn layout_type() -> &'static Type {
        &TIMEDELTA
    }
}

/// `datetime.timedelta`
pub static TIMEDELTA: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Difference between two datetime values.\n\ntimedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, \
          hours=0, weeks=0)\n\nAll arguments are optional and default to 0.\nArguments may be integers or floats, and may be \
          positive or negative.",
    slots: SlotTable {
        new: Some(new),
        repr: Some(repr),
        str: Some(|_, v| Ok(to_text(span(v)))),
        hash: Some(|t, v| hash(t, span(v))),
        richcompare: Some(ops::compare),
        add: Some(ops::add),
        subtract: Some(ops::subtract),
        multiply: Some(ops::multiply),
        floor_divide: Some(ops::floor_divide),
        true_divide: Some(ops::true_divide),
        remainder: Some(ops::remainder),
        divmod: Some(ops::divmod),
        negative: Some(ops::negative),
        positive: Some(|t, v| make(t, Some(span(v)))),
        absolute: Some(|t, v| if span(v).days < 0 { ops::negative(t, v) } else { make(t, Some(span(v))) }),
        bool: Some(|_, v| Ok(!span(v).is_zero())),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new("total_seconds", "", NativeFn::F1(ops::total_seconds), "Total seconds in the duration."),
        Method::new("__reduce__", "", NativeFn::F1(reduce), "__reduce__() -> (cls, state)"),
    ],
    getset: &[
        GetSet::read_only("days", |_, v| Ok(Value::int(span(v).days.into())), "Number of days.").as_member(),
        GetSet::read_only(
            "seconds",
            |_, v| Ok(Value::int(span(v).seconds.into())),
            "Number of seconds (>= 0 and less than 1 day).",
        )
        .as_member(),
        GetSet::read_only(
            "microseconds",
            |_, v| Ok(Value::int(span(v).micros.into())),
            "Number of microseconds (>= 0 and less than 1 second).",
        )
        .as_member(),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("datetime", "timedelta", layout_of::<TimeDelta>(false))
};

/// The span of a value that is known to be a timedelta.
fn span(v: &Value) -> Span {
    this!(v, TimeDelta).0
}

/// The span of a value; None if it is not a timedelta.
pub fn span_of(v: &Value) -> Option<Span> {
    v.downcast::<TimeDelta>().map(|delta| delta.0)
}

/// A new timedelta; OverflowError where `span` is none, for it has too many days.
pub fn make(t: &Thread, span: Option<Span>) -> PyResult {
    match span {
        Some(span) => Ok(plain(span)),
        None => Err(raise::overflow_error(t, format!("days must have magnitude <= {MOST_DAYS}"))),
    }
}

/// A new timedelta.
pub fn plain(span: Span) -> Value {
    alloc::new(&TIMEDELTA, TimeDelta(span))
}

/// A new timedelta, from parts that may be negative or too large. OverflowError.
pub fn from_parts(t: &Thread, days: i64, seconds: i64, micros: i64) -> PyResult {
    match Span::normal(days, seconds, micros) {
        Some(span) => Ok(plain(span)),
        None => {
            let days = days + (seconds + micros.div_euclid(MICROS)).div_euclid(SECONDS_OF_DAY);
            Err(too_many_days(t, days))
        }
    }
}

#[cold]
fn too_many_days(t: &Thread, days: i64) -> raise::Raised {
    raise::overflow_error(t, format!("days={days}; must have magnitude <= {MOST_DAYS}"))
}

/// A new timedelta or instance of a subclass, from microseconds; None is more than an i128. OverflowError.
pub fn from_total(t: &Thread, class: &Type, total: Option<i128>) -> PyResult {
    let days = total.and_then(|total| i32::try_from(total.div_euclid(DAY.into())).ok());
    let (Some(days), Some(total)) = (days, total) else {
        return Err(raise::overflow_error(t, "Python int too large to convert to C int"));
    };
    if i64::from(days).abs() > MOST_DAYS {
        return Err(too_many_days(t, days.into()));
    }
    let rest = total.rem_euclid(DAY.into()) as i64;
    let span = Span { days, seconds: (rest / MICROS) as i32, micros: (rest % MICROS) as i32 };
    Ok(alloc::new(class, TimeDelta(span)))
}

/// The parameters of the constructor with their units' microseconds.
const UNITS: [(&str, i64); 7] = [
    ("days", DAY),
    ("seconds", MICROS),
    ("microseconds", 1),
    ("milliseconds", 1000),
    ("minutes", 60 * MICROS),
    ("hours", 3600 * MICROS),
    ("weeks", 7 * DAY),
];

/// The order in which the constructor looks at its arguments.
const ORDER: [usize; 7] = [2, 3, 1, 4, 5, 0, 6];

/// A sum of microseconds.
struct Total {
    near: i128,
    /// What does not fit: from arguments beyond 64 bits. They may cancel out.
    far: Option<IBig>,
    /// Fractions of microseconds.
    left: f64,
}

impl Total {
    /// Adds an int times `unit`.
    fn add(&mut self, n: IntView<'_>, unit: i64) {
        match n {
            // Seven products of 64 and 40 bits at most.
            IntView::Small(i) => self.near += i128::from(i) * i128::from(unit),
            IntView::Big(i) => {
                let more = i * IBig::from(unit);
                self.far = Some(self.far.take().map_or_else(|| more.clone(), |far| far + &more));
            }
        }
    }

    /// Adds a float times `unit`, exactly but for the fraction. OverflowError, ValueError for infinities and nan.
    fn add_float(&mut self, t: &Thread, x: f64, unit: i64) -> PyResult<()> {
        let whole = float::object::truncated(t, x)?;
        if let Some(whole) = bigint::view(&whole) {
            self.add(whole, unit);
        }
        let part = x.fract() * unit as f64;
        self.near += part.trunc() as i128;
        self.left += part.fract();
        Ok(())
    }

    /// The whole, its fraction rounded half to even.
    fn finish(self) -> Option<i128> {
        let near = match self.far {
            None => Some(self.near),
            Some(far) => i128::try_from(&(far + IBig::from(self.near))).ok(),
        }?;
        let mut whole = self.left.round();
        if (whole - self.left).abs() == 0.5 {
            let odd = if near & 1 == 1 { 1.0 } else { 0.0 };
            whole = 2.0 * ((self.left + odd) * 0.5).round() - odd;
        }
        near.checked_add(whole as i128)
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters =
        Parameters::new("(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)");
    let b = PARAMETERS.bind_call(t, "__new__", args)?;
    let mut total = Total { near: 0, far: None, left: 0.0 };
    for i in ORDER {
        let Some(v) = b.opt(i) else { continue };
        let (name, unit) = UNITS[i];
        if let Some(n) = bigint::view(v) {
            total.add(n, unit);
        } else if let Some(x) = float::object::as_float(v) {
            total.add_float(t, x, unit)?;
        } else {
            let kind = v.class().display_name();
            return Err(raise::type_error(t, format!("unsupported type for timedelta {name} component: {kind}")));
        }
    }
    from_total(t, class, total.finish())
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let span = span(v);
    let parts = [("days", span.days), ("seconds", span.seconds), ("microseconds", span.micros)];
    let shown: Vec<String> = parts.iter().filter(|(_, n)| *n != 0).map(|(name, n)| format!("{name}={n}")).collect();
    let shown = if shown.is_empty() { "0".to_string() } else { shown.join(", ") };
    Ok(str::from_str(&format!("{}({shown})", v.class().display_name())))
}

/// "[-]D days, H:MM:SS.UUUUUU"
fn to_text(span: Span) -> Value {
    let mut text = Text::new();
    if span.days != 0 {
        let plural = if span.days.abs() == 1 { "" } else { "s" };
        text.str(&format!("{} day{plural}, ", span.days));
    }
    let (minutes, second) = (span.seconds / 60, span.seconds % 60);
    let hour = minutes / 60;
    text.digits(hour as u32, if hour < 10 { 1 } else { 2 });
    text.byte(b':');
    text.digits((minutes % 60) as u32, 2);
    text.byte(b':');
    text.digits(second as u32, 2);
    if span.micros != 0 {
        text.byte(b'.');
        text.digits(span.micros as u32, 6);
    }
    text.finish()
}

/// The hash of a timedelta: of the tuple of its parts.
pub fn hash(t: &Thread, span: Span) -> PyResult<i64> {
    crate::types::tuple::hash_items(t, &state(span))
}

fn state(span: Span) -> [Value; 3] {
    [span.days, span.seconds, span.micros].map(|n| Value::int(n.into()))
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    Ok(tuple::from_array([v.class().to_value(), tuple::from_array(state(span(v)))]))
}

/// The microseconds of a total, as an int.
pub fn int_of(total: i128) -> Value {
    int::to_value(int::IntBuf::from(total))
}

/// The number of microseconds that an int says; None where it is more than an i128, or no int.
pub fn total_of(v: &Value) -> Option<i128> {
    match bigint::view(v)? {
        IntView::Small(i) => Some(i.into()),
        IntView::Big(i) => i128::try_from(i).ok(),
    }
}

/// A class attribute of the type.
pub fn constants() -> [(&'static str, Value); 3] {
    let most = MOST_DAYS as i32;
    [
        ("min", plain(Span { days: -most, ..Span::ZERO })),
        ("max", plain(Span { days: most, seconds: SECONDS_OF_DAY as i32 - 1, micros: MICROS as i32 - 1 })),
        ("resolution", plain(Span { micros: 1, ..Span::ZERO })),
    ]
}
