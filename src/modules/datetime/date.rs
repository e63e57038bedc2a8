//! `date`.

use super::calendar::{self, Day, EPOCH, IsoError};
use super::delta::{self, Span, span_of};
use super::fields::{self, Clock, SECONDS_OF_DAY, int, int_of_replace};
use super::local;
use super::stamp::{self, STAMP, Stamp};
use super::text::{self, Text};
use super::{iso_date, read, strftime};
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::core_types::exc;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::Value;
use crate::object::{alloc, hooks, protocol, str, tuple};
use crate::this;
use crate::types::bytes::payload as bytes;

/// The payload of a date; a datetime's begins with it. Immutable.
#[repr(transparent)]
pub struct Date(pub Day);

/// `datetime.date`
pub static DATE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "date(year, month, day) --> date object",
    slots: SlotTable {
        new: Some(new),
        repr: Some(repr),
        str: Some(|t, v| protocol::call_method_str(t, v, "isoformat", &[])),
        hash: Some(|_, v| Ok(crate::object::text::hash_bytes(&day(v).to_bytes()))),
        richcompare: Some(compare),
        add: Some(add),
        subtract: Some(subtract),
        ..SlotTable::EMPTY
    },
    methods: METHODS,
    getset: &[
        GetSet::read_only("year", |_, v| Ok(Value::int(day(v).year.into())), ""),
        GetSet::read_only("month", |_, v| Ok(Value::int(day(v).month.into())), ""),
        GetSet::read_only("day", |_, v| Ok(Value::int(day(v).day.into())), ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("datetime", "date", layout_of::<Date>(false))
};

#[rustfmt::skip]
const METHODS: &[Method] = &[
    Method::new("fromtimestamp", "($type, timestamp, /)", NativeFn::F2(from_timestamp),
        "Create a date from a POSIX timestamp.\n\nThe timestamp is a number, e.g. created via time.time(), that is interpreted\nas local time.").class_method(),
    Method::new("fromordinal", "", NativeFn::F2(from_ordinal),
        "int -> date corresponding to a proleptic Gregorian ordinal.").class_method(),
    Method::new("fromisoformat", "", NativeFn::F2(from_iso_format),
        "str -> Construct a date from a string in ISO 8601 format.").class_method(),
    Method::new("fromisocalendar", "($type, /, year, week, day)", NativeFn::Bound(from_iso_calendar),
        "int, int, int -> Construct a date from the ISO year, week number and weekday.\n\nThis is the inverse of the date.isocalendar() function").class_method(),
    Method::new("strptime", "", NativeFn::F3(|t, class, text, format| strftime::parse(t, "_strptime_datetime_date", class, text, format)),
        "string, format -> new date parsed from a string (like time.strptime()).").class_method(),
    Method::new("today", "", NativeFn::F1(today),
        "Current date or datetime:  same as self.__class__.fromtimestamp(time.time()).").class_method(),
    Method::new("ctime", "", NativeFn::F1(|_, v| Ok(text::ctime(day(v), Clock::MIDNIGHT))), "Return ctime() style string."),
    Method::new("strftime", "($self, /, format)", NativeFn::Bound(strftime_of_date), "format -> strftime() style string."),
    Method::new("__format__", "", NativeFn::F2(strftime::format), "Formats self with strftime."),
    Method::new("timetuple", "", NativeFn::F1(|t, v| local::struct_time(t, day(v), Clock::MIDNIGHT, -1)),
        "Return time tuple, compatible with time.localtime()."),
    Method::new("isocalendar", "", NativeFn::F1(|_, v| Ok(iso_date::make(day(v).iso_week()))),
        "Return a named tuple containing ISO year, week number, and weekday."),
    Method::new("isoformat", "", NativeFn::F1(|_, v| Ok(iso_format(day(v)))), "Return string in ISO 8601 format, YYYY-MM-DD."),
    Method::new("isoweekday", "", NativeFn::F1(|_, v| Ok(Value::int((day(v).weekday() + 1).into()))),
        "Return the day of the week represented by the date.\nMonday == 1 ... Sunday == 7"),
    Method::new("toordinal", "", NativeFn::F1(|_, v| Ok(Value::int(day(v).ordinal().into()))),
        "Return proleptic Gregorian ordinal.  January 1 of year 1 is day 1."),
    Method::new("weekday", "", NativeFn::F1(|_, v| Ok(Value::int(day(v).weekday().into()))),
        "Return the day of the week represented by the date.\nMonday == 0 ... Sunday == 6"),
    Method::new("replace", REPLACE, NativeFn::Bound(replace), "Return date with new specified fields."),
    Method::new("__replace__", REPLACE, NativeFn::Bound(replace), "The same as replace()."),
    Method::new("__reduce__", "", NativeFn::F1(reduce), "__reduce__() -> (cls, state)"),
];

const REPLACE: &str = "($self, /, year=unchanged, month=unchanged, day=unchanged)";

// SAFETY: `DATE`'s layout is `Date`.
unsafe impl Payload for Date {
    fn layout_type() -> &'static Type {
        &DATE
    }
}

/// The day of a value that is known to be a date or datetime.
pub fn day(v: &Value) -> Day {
    this!(v, Date).0
}

/// The day of a date that is no datetime.
fn plain_day(v: &Value) -> Option<Day> {
    let date = v.downcast::<Date>()?;
    if v.downcast::<Stamp>().is_some() { None } else { Some(date.0) }
}

/// A new date.
pub fn plain(day: Day) -> Value {
    alloc::new(&DATE, Date(day))
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(year, month, day)");
    if let [state] = args.all()
        && !args.has_keywords()
        && let Some(state) = fields::pickled::<4>(t, state, "a date", |state| (1..=12).contains(&state[2]))?
    {
        return Ok(alloc::new(class, Date(Day::from_bytes(state))));
    }
    let day = match args.all() {
        [year, month, day] if !args.has_keywords() => fields::day(t, int(t, year)?, int(t, month)?, int(t, day)?)?,
        _ => {
            let b = PARAMETERS.bind_call(t, "", args)?;
            fields::day(t, int(t, b.req(0))?, int(t, b.req(1))?, int(t, b.req(2))?)?
        }
    };
    Ok(alloc::new(class, Date(day)))
}

/// A date of this class: date, datetime, or a subclass, which is called.
fn of_class(t: &Thread, class: &Value, (year, month, day): (i32, i32, i32)) -> PyResult {
    match class.downcast::<Type>() {
        Some(class) if std::ptr::eq(class, &*DATE) => Ok(plain(fields::day(t, year, month, day)?)),
        Some(class) if std::ptr::eq(class, &*STAMP) => {
            Ok(stamp::make(class, fields::day(t, year, month, day)?, Clock::MIDNIGHT, None))
        }
        _ => protocol::call_values(t, class, &[year, month, day].map(|n| Value::int(n.into()))),
    }
}

fn from_timestamp(t: &Thread, class: &Value, timestamp: &Value) -> PyResult {
    let [year, month, day, ..] = local::fields(t, local::floor(t, timestamp)?)?;
    of_class(t, class, (year, month, day))
}

fn today(t: &Thread, class: &Value) -> PyResult {
    // By time.time() and the class's own fromtimestamp, which programs replace.
    let module = (hooks::get().import)(t, "time")?;
    let now = protocol::call_method_str(t, &module, "time", &[])?;
    protocol::call_method_str(t, class, "fromtimestamp", &[now])
}

fn from_ordinal(t: &Thread, class: &Value, ordinal: &Value) -> PyResult {
    let ordinal = int(t, ordinal)?;
    if ordinal < 1 {
        return Err(raise::value_error(t, "ordinal must be >= 1"));
    }
    of_class(t, class, calendar::from_ordinal(ordinal))
}

/// The error for text that is no date or time.
#[cold]
pub fn invalid_text(t: &Thread, text: &Value) -> raise::Raised {
    let shown = protocol::repr_lossy(t, text);
    raise::value_error(t, format!("Invalid isoformat string: {shown}"))
}

fn from_iso_format(t: &Thread, class: &Value, text: &Value) -> PyResult {
    let Some(view) = str::view(text) else {
        return Err(raise::type_error(t, "fromisoformat: argument must be str"));
    };
    let chars = read::chars(view);
    match read::day(&chars) {
        Ok(day) if matches!(chars.len(), 7 | 8 | 10) => of_class(t, class, day),
        _ => Err(invalid_text(t, text)),
    }
}

fn from_iso_calendar(t: &Thread, b: &Bound<'_>) -> PyResult {
    let mut numbers = [0; 3];
    for (i, n) in numbers.iter_mut().enumerate() {
        *n = int(t, b.req(i + 1)).or_else(|raised| {
            raise::suppress(t, raised, &exc::OVERFLOW_ERROR)?;
            Err(raise::value_error(t, "ISO calendar component out of range"))
        })?;
    }
    let [year, week, day] = numbers;
    match calendar::from_iso_week(year, week, day) {
        Ok(day) => of_class(t, b.req(0), day),
        Err(IsoError::Year) => Err(raise::value_error(t, fields::wrong_year(year))),
        Err(IsoError::Week) => Err(raise::value_error(t, format!("Invalid week: {week}"))),
        Err(IsoError::Day) => Err(raise::value_error(t, format!("Invalid weekday: {day} (range is [1, 7])"))),
    }
}

/// The day so many days away, as an instance of the date's class. OverflowError.
fn plus(t: &Thread, v: &Value, days: i64) -> PyResult {
    let Some(day) = day(v).plus(days) else { return Err(out_of_range(t)) };
    of_class(t, &v.class().as_value(), (day.year.into(), day.month.into(), day.day.into()))
}

/// The error for dates that the calendar does not have.
#[cold]
pub fn out_of_range(t: &Thread) -> raise::Raised {
    raise::overflow_error(t, "date value out of range")
}

fn add(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (v, span) = match plain_day(a) {
        Some(_) => (a, span_of(b)),
        None => (b, span_of(a)),
    };
    match (plain_day(v), span) {
        (Some(_), Some(span)) => plus(t, v, span.days.into()),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some(day) = plain_day(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(other) = plain_day(b) {
        return Ok(delta::plain(Span { days: day.ordinal() - other.ordinal(), ..Span::ZERO }));
    }
    match span_of(b) {
        Some(span) => plus(t, a, -i64::from(span.days)),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn compare(_: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    // A datetime is no date here: what is compared would be the days alone.
    Ok(match plain_day(b) {
        Some(other) => super::delta_ops::holds(op, day(a).cmp(&other)),
        None => Value::NOT_IMPLEMENTED,
    })
}

fn repr(_: &Thread, v: &Value) -> PyResult {
    let day = day(v);
    Ok(text::call(&v.class().display_name(), &[day.year.into(), day.month.into(), day.day.into()], &[]))
}

fn iso_format(day: Day) -> Value {
    let mut text = Text::new();
    text.day(day);
    text.finish()
}

fn strftime_of_date(t: &Thread, b: &Bound<'_>) -> PyResult {
    let format = fields::text(t, b.req(1), "strftime", 1)?;
    // A subclass may have its own; a datetime has.
    let tuple = protocol::call_method_str(t, b.req(0), "timetuple", &[])?;
    strftime::wrapped(t, b.req(0), format, &tuple, b.req(0))
}

fn replace(t: &Thread, b: &Bound<'_>) -> PyResult {
    let old = day(b.req(0));
    let part = |i: usize, old: i32| b.opt(i).map_or(Ok(old), |v| int_of_replace(t, v));
    let day = (part(1, old.year.into())?, part(2, old.month.into())?, part(3, old.day.into())?);
    of_class(t, &b.req(0).class().as_value(), day)
}

fn reduce(_: &Thread, v: &Value) -> PyResult {
    let state = bytes::from_slice(&day(v).to_bytes());
    Ok(tuple::from_array([v.class().to_value(), tuple::from_array([state])]))
}

/// Seconds from the Epoch to a time of a day, as if both were UTC.
pub fn seconds(day: Day, clock: Clock) -> i64 {
    i64::from(day.ordinal() - EPOCH) * SECONDS_OF_DAY + clock.seconds()
}

/// The class attributes of the type.
pub fn constants() -> [(&'static str, Value); 3] {
    [
        ("min", plain(Day { year: 1, month: 1, day: 1 })),
        ("max", plain(Day { year: 9999, month: 12, day: 31 })),
        ("resolution", delta::plain(Span { days: 1, ..Span::ZERO })),
    ]
}
