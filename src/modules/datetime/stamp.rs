//! `datetime`: the type, its construction, arithmetic and comparison. What the class makes is in `stamp_make`, its other methods in
//! `stamp_methods`.

use super::calendar::Day;
use super::date::{DATE, Date, out_of_range};
use super::delta::{self, DAY, Span, span_of};
use super::delta_ops::holds;
use super::fields::{self, Clock, int};
use super::stamp_methods as methods;
use super::time::{NO_HASH, call_with_fold, mixed, pickled_zone, same_zone};
use super::zone::{self, Ask};
use crate::modules::support::Parameters;
use crate::object::alloc;
use crate::object::args::Args;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::GetSet;
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use crate::this;
use std::cmp::Ordering;

/// The payload of a datetime. Immutable but for the hash, which is computed when it is first asked for.
#[repr(C)]
pub struct Stamp {
    pub date: Date,
    pub clock: Clock,
    zone: Option<Stored>,
    hash: AtomicI64,
}

/// `datetime.datetime`
pub static STAMP: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&DATE),
    doc: "datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])\n\nThe year, month and day arguments are \
          required. tzinfo may be None, or an\ninstance of a tzinfo subclass. The remaining arguments may be ints.\n",
    slots: SlotTable {
        new: Some(new),
        repr: Some(methods::repr),
        str: Some(methods::to_str),
        hash: Some(hash),
        richcompare: Some(compare),
        add: Some(add),
        subtract: Some(subtract),
        ..SlotTable::EMPTY
    },
    methods: methods::METHODS,
    getset: &[
        GetSet::read_only("hour", |_, v| Ok(Value::int(this!(v, Stamp).clock.hour.into())), ""),
        GetSet::read_only("minute", |_, v| Ok(Value::int(this!(v, Stamp).clock.minute.into())), ""),
        GetSet::read_only("second", |_, v| Ok(Value::int(this!(v, Stamp).clock.second.into())), ""),
        GetSet::read_only("microsecond", |_, v| Ok(Value::int(this!(v, Stamp).clock.micro.into())), ""),
        GetSet::read_only("tzinfo", |_, v| Ok(zone::or_none(this!(v, Stamp).zone().cloned())), ""),
        GetSet::read_only("fold", |_, v| Ok(Value::int(this!(v, Stamp).clock.fold.into())), ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("datetime", "datetime", layout_of::<Stamp>(true))
};

// SAFETY: `STAMP`'s layout is `Stamp`, which begins with `Date`, the payload of its base.
unsafe impl Payload for Stamp {
    fn layout_type() -> &'static Type {
        &STAMP
    }

    fn trace(&self, visit: Visit) {
        if let Some(zone) = &self.zone {
            visit(zone);
        }
    }
}

impl Stamp {
    /// The time zone.
    pub fn zone(&self) -> Option<&Value> {
        self.zone.as_deref()
    }

    pub fn day(&self) -> Day {
        self.date.0
    }

    /// Microseconds since the day before the calendar begins, as the datetime reads.
    fn micros(&self) -> i64 {
        i64::from(self.day().ordinal()) * DAY + self.clock.micros()
    }

    /// The order of datetimes as they read.
    fn order(&self, other: &Stamp) -> Ordering {
        self.day().cmp(&other.day()).then(self.clock.micros().cmp(&other.clock.micros()))
    }
}

/// The payload of a datetime.
pub fn of(v: &Value) -> Option<&Stamp> {
    v.downcast::<Stamp>()
}

/// The payload of a datetime that has this zone, for the zone's `fromutc`. TypeError, ValueError.
pub fn of_zone<'a>(t: &Thread, zone: &Value, v: &'a Value) -> PyResult<&'a Stamp> {
    let Some(stamp) = of(v) else { return Err(raise::type_error(t, "fromutc: argument must be a datetime")) };
    if !same_zone(stamp.zone(), Some(zone)) {
        return Err(raise::value_error(t, "fromutc: dt.tzinfo is not self"));
    }
    Ok(stamp)
}

/// A new datetime of this class, which is datetime or a subclass of it.
pub fn make(class: &Type, day: Day, clock: Clock, zone: Option<Stored>) -> Value {
    alloc::new(class, Stamp { date: Date(day), clock, zone, hash: AtomicI64::new(NO_HASH) })
}

/// The numbers of a constructor's arguments.
pub struct Numbers {
    pub day: [i32; 3],
    /// Hour, minute, second, microsecond.
    pub clock: [i32; 4],
    pub fold: i32,
}

impl Numbers {
    /// Of parts that were checked.
    pub fn of(day: Day, clock: Clock) -> Numbers {
        Numbers {
            day: [day.year.into(), day.month.into(), day.day.into()],
            clock: [clock.hour.into(), clock.minute.into(), clock.second.into(), clock.micro as i32],
            fold: clock.fold.into(),
        }
    }

    /// The parts, checked. ValueError.
    fn check(&self, t: &Thread) -> PyResult<(Day, Clock)> {
        let [year, month, day] = self.day;
        Ok((fields::day(t, year, month, day)?, fields::clock(t, self.clock, self.fold)?))
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters =
        Parameters::new("(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)");
    let given = args.all();
    let mut numbers = Numbers { day: [0; 3], clock: [0; 4], fold: 0 };
    if args.has_keywords() || !(3..=8).contains(&given.len()) {
        if let [state] | [state, _] = given
            && !args.has_keywords()
            && let Some(state) =
                fields::pickled::<10>(t, state, "a datetime", |state| (1..=12).contains(&(state[2] & 0x7f)))?
        {
            return from_pickle(t, class, state, given);
        }
        let b = PARAMETERS.bind_call(t, "", args)?;
        for (i, n) in numbers.day.iter_mut().enumerate() {
            *n = int(t, b.req(i))?;
        }
        for (i, n) in numbers.clock.iter_mut().enumerate() {
            *n = b.opt(3 + i).map_or(Ok(0), |v| int(t, v))?;
        }
        numbers.fold = b.opt(8).map_or(Ok(0), |v| int(t, v))?;
        let (day, clock) = numbers.check(t)?;
        let zone = b.opt(7).map_or(Ok(None), |zone| zone::argument(t, zone))?;
        return Ok(make(class, day, clock, zone));
    }
    // The usual call: laid out as it is.
    for (n, v) in numbers.day.iter_mut().zip(given) {
        *n = int(t, v)?;
    }
    for (n, v) in numbers.clock.iter_mut().zip(&given[3..]) {
        *n = int(t, v)?;
    }
    let (day, clock) = numbers.check(t)?;
    let zone = given.get(7).map_or(Ok(None), |zone| zone::argument(t, zone))?;
    Ok(make(class, day, clock, zone))
}

fn from_pickle(t: &Thread, class: &Type, state: [u8; 10], args: &[Value]) -> PyResult {
    let zone = pickled_zone(t, args)?;
    let [a, b, month, day, clock @ ..] = state;
    // The month's first bit is the fold.
    let (day, fold) = (Day::from_bytes([a, b, month & 0x7f, day]), month & 0x80 != 0);
    Ok(make(class, day, Clock::from_bytes(clock, fold), zone))
}

/// A datetime of this class: datetime, or a subclass, which is called.
pub fn of_class(t: &Thread, class: &Value, numbers: &Numbers, zone: &Value) -> PyResult {
    if let Some(class) = class.downcast::<Type>().filter(|class| std::ptr::eq(*class, &*STAMP)) {
        let (day, clock) = numbers.check(t)?;
        return Ok(make(class, day, clock, zone::argument(t, zone)?));
    }
    let mut args: Vec<Value> = numbers.day.iter().chain(&numbers.clock).map(|n| Value::int(i64::from(*n))).collect();
    args.push(zone.clone());
    call_with_fold(t, class, args, numbers.fold)
}

/// A datetime of the same class and zone, a span later (or with `sign` -1 earlier). OverflowError, and what a subclass raises.
pub fn plus(t: &Thread, v: &Value, stamp: &Stamp, span: Span, sign: i64) -> PyResult {
    let mut days = sign * i64::from(span.days);
    let mut clock = Clock { fold: 0, ..stamp.clock };
    if span.within_day() != 0 {
        let micros = stamp.clock.micros() + sign * span.within_day();
        days += micros.div_euclid(DAY);
        clock = Clock::from_micros(micros.rem_euclid(DAY));
    }
    let Some(day) = stamp.day().plus(days) else { return Err(out_of_range(t)) };
    if v.is_exact(&STAMP) {
        let zone = stamp.zone().cloned().map(Stored::new);
        return Ok(make(&STAMP, day, clock, zone));
    }
    of_class(t, &v.class().as_value(), &Numbers::of(day, clock), &zone::or_none(stamp.zone().cloned()))
}

fn add(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let (v, span) = match of(a) {
        Some(_) => (a, span_of(b)),
        None => (b, span_of(a)),
    };
    match (of(v), span) {
        (Some(stamp), Some(span)) => plus(t, v, stamp, span, 1),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn subtract(t: &Thread, a: &Value, b: &Value) -> PyResult {
    let Some(stamp) = of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    match (of(b), span_of(b)) {
        (Some(other), _) => difference(t, (a, stamp), (b, other)).map(delta::plain),
        (_, Some(span)) => plus(t, a, stamp, span, -1),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The time from one datetime to another. TypeError where one of them has no offset.
pub fn difference(t: &Thread, (a, x): (&Value, &Stamp), (b, y): (&Value, &Stamp)) -> PyResult<Span> {
    let mut micros = x.micros() - y.micros();
    if !same_zone(x.zone(), y.zone()) {
        match (zone::offset(t, x.zone(), a)?, zone::offset(t, y.zone(), b)?) {
            (Some(left), Some(right)) => micros -= left.offset_micros() - right.offset_micros(),
            (None, None) => {}
            _ => return Err(raise::type_error(t, "can't subtract offset-naive and offset-aware datetimes")),
        }
    }
    // Less than 10000 years.
    Ok(Span::normal(0, 0, micros).unwrap_or(Span::ZERO))
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some(y) = of(b) else { return Ok(Value::NOT_IMPLEMENTED) };
    let x = this!(a, Stamp);
    if same_zone(x.zone(), y.zone()) {
        return Ok(holds(op, x.order(y)));
    }
    let (left, right) = (zone::offset(t, x.zone(), a)?, zone::offset(t, y.zone(), b)?);
    let mut order = match (left, right) {
        (None, None) => x.order(y),
        (Some(left), Some(right)) => (x.micros() - left.offset_micros()).cmp(&(y.micros() - right.offset_micros())),
        _ => return mixed(t, op, "datetimes"),
    };
    if matches!(op, CompareOp::Eq | CompareOp::Ne)
        && order.is_eq()
        && (depends_on_fold(t, a, x, left)? || depends_on_fold(t, b, y, right)?)
    {
        // PEP 495: of two zones, such a datetime equals none.
        order = Ordering::Greater;
    }
    Ok(holds(op, order))
}

/// Whether the offset of a datetime would be another with the other fold.
fn depends_on_fold(t: &Thread, v: &Value, stamp: &Stamp, offset: Option<Span>) -> PyResult<bool> {
    let flipped = with_fold(v, stamp, 1 - stamp.clock.fold);
    Ok(zone::offset(t, stamp.zone(), &flipped)? != offset)
}

/// A copy with this fold, of the same class, without calling it.
fn with_fold(v: &Value, stamp: &Stamp, fold: u8) -> Value {
    make(v.class(), stamp.day(), Clock { fold, ..stamp.clock }, stamp.zone().cloned().map(Stored::new))
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let this = this!(v, Stamp);
    // Relaxed: whoever computes it comes to the same.
    let known = this.hash.load(Relaxed);
    if known != NO_HASH {
        return Ok(known);
    }
    // Equal datetimes may differ in their fold.
    let offset = match this.clock.fold {
        0 => zone::offset(t, this.zone(), v)?,
        _ => zone::offset(t, this.zone(), &with_fold(v, this, 0))?,
    };
    let hash = match offset {
        None => crate::object::text::hash_bytes(&state(this)),
        Some(offset) => {
            let micros = this.clock.micros() - offset.offset_micros();
            let utc = Span::normal(this.day().ordinal().into(), 0, micros);
            delta::hash(t, utc.unwrap_or(Span::ZERO))?
        }
    };
    this.hash.store(hash, Relaxed);
    Ok(hash)
}

/// As pickles have it, without the fold.
pub fn state(stamp: &Stamp) -> [u8; 10] {
    let mut state = [0; 10];
    state[..4].copy_from_slice(&stamp.day().to_bytes());
    state[4..].copy_from_slice(&stamp.clock.to_bytes());
    state
}

/// The offset that a datetime's zone answers, as it answers it.
pub fn utcoffset(t: &Thread, v: &Value) -> PyResult<Option<Value>> {
    zone::ask(t, this!(v, Stamp).zone(), Ask::Utcoffset, v)
}

/// The class attributes of the type.
pub fn constants() -> [(&'static str, Value); 3] {
    let last = Clock { hour: 23, minute: 59, second: 59, fold: 0, micro: 999_999 };
    [
        ("min", make(&STAMP, Day { year: 1, month: 1, day: 1 }, Clock::MIDNIGHT, None)),
        ("max", make(&STAMP, Day { year: 9999, month: 12, day: 31 }, last, None)),
        ("resolution", delta::plain(Span { micros: 1, ..Span::ZERO })),
    ]
}
