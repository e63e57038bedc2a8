//! `time`.

use super::delta::{self, Span};
use super::delta_ops::holds;
use super::fields::{self, Clock, int, int_of_replace};
use super::text::{self, Precision, Text};
use super::zone::{self, Ask};
use super::{date, read, strftime, timezone};
use crate::modules::support::Parameters;
use crate::object::args::{Args, Bound};
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{GetSet, Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, flag, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, names, protocol, str, tuple};
use crate::sync::shim::atomic::{AtomicI64, Ordering::*};
use crate::this;
use crate::types::bytes::payload as bytes;

/// The payload of a time. Immutable but for the hash, which is computed when it is first asked for.
pub struct Time {
    pub clock: Clock,
    zone: Option<Stored>,
    hash: AtomicI64,
}

/// No hash computed yet: no hash is -1.
pub const NO_HASH: i64 = -1;

/// `datetime.time`
pub static TIME: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object\n\nAll arguments are optional. tzinfo may \
          be None, or an instance of\na tzinfo subclass. The remaining arguments may be ints.\n",
    slots: SlotTable {
        new: Some(new),
        repr: Some(repr),
        str: Some(|t, v| protocol::call_method_str(t, v, "isoformat", &[])),
        hash: Some(hash),
        richcompare: Some(compare),
        ..SlotTable::EMPTY
    },
    methods: METHODS,
    getset: &[
        GetSet::read_only("hour", |_, v| Ok(Value::int(this!(v, Time).clock.hour.into())), ""),
        GetSet::read_only("minute", |_, v| Ok(Value::int(this!(v, Time).clock.minute.into())), ""),
        GetSet::read_only("second", |_, v| Ok(Value::int(this!(v, Time).clock.second.into())), ""),
        GetSet::read_only("microsecond", |_, v| Ok(Value::int(this!(v, Time).clock.micro.into())), ""),
        GetSet::read_only("tzinfo", |_, v| Ok(zone::or_none(this!(v, Time).zone().cloned())), ""),
        GetSet::read_only("fold", |_, v| Ok(Value::int(this!(v, Time).clock.fold.into())), ""),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("datetime", "time", layout_of::<Time>(true))
};

#[rustfmt::skip]
const METHODS: &[Method] = &[
    Method::new("strptime", "", NativeFn::F3(|t, class, text, format| strftime::parse(t, "_strptime_datetime_time", class, text, format)),
        "string, format -> new time parsed from a string (like time.strptime()).").class_method(),
    Method::new("isoformat", "($self, /, timespec='auto')", NativeFn::Bound(iso_format),
        "Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\n\nThe optional argument timespec specifies the number of additional terms\nof the time to include. Valid options are 'auto', 'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'.\n"),
    Method::new("strftime", "($self, /, format)", NativeFn::Bound(strftime_of_time), "format -> strftime() style string."),
    Method::new("__format__", "", NativeFn::F2(strftime::format), "Formats self with strftime."),
    Method::new("utcoffset", "", NativeFn::F1(|t, v| zone::ask(t, this!(v, Time).zone(), Ask::Utcoffset, &Value::NONE).map(zone::or_none)),
        "Return self.tzinfo.utcoffset(self)."),
    Method::new("tzname", "", NativeFn::F1(|t, v| zone::name(t, this!(v, Time).zone(), &Value::NONE)), "Return self.tzinfo.tzname(self)."),
    Method::new("dst", "", NativeFn::F1(|t, v| zone::ask(t, this!(v, Time).zone(), Ask::Dst, &Value::NONE).map(zone::or_none)),
        "Return self.tzinfo.dst(self)."),
    Method::new("replace", REPLACE, NativeFn::Bound(replace), "Return time with new specified fields."),
    Method::new("__replace__", REPLACE, NativeFn::Bound(replace), "The same as replace()."),
    Method::new("fromisoformat", "", NativeFn::F2(from_iso_format), "string -> time from a string in ISO 8601 format").class_method(),
    Method::new("__reduce_ex__", "", NativeFn::F2(|t, v, protocol| Ok(reduce(v, int(t, protocol)?))), "__reduce_ex__(proto) -> (cls, state)"),
    Method::new("__reduce__", "", NativeFn::F1(|_, v| Ok(reduce(v, 2))), "__reduce__() -> (cls, state)"),
];

const REPLACE: &str = "($self, /, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, \
                       tzinfo=unchanged, *, fold=unchanged)";

// SAFETY: `TIME`'s layout is `Time`.
unsafe impl Payload for Time {
    fn layout_type() -> &'static Type {
        &TIME
    }

    fn trace(&self, visit: Visit) {
        if let Some(zone) = &self.zone {
            visit(zone);
        }
    }
}

impl Time {
    /// The time zone.
    pub fn zone(&self) -> Option<&Value> {
        self.zone.as_deref()
    }
}

/// A new time of this class, which is time or a subclass of it.
pub fn make(class: &Type, clock: Clock, zone: Option<Stored>) -> Value {
    alloc::new(class, Time { clock, zone, hash: AtomicI64::new(NO_HASH) })
}

/// The zone that a pickle's second argument gives. TypeError.
pub fn pickled_zone(t: &Thread, args: &[Value]) -> PyResult<Option<Stored>> {
    match args.get(1) {
        None => Ok(None),
        Some(zone) => zone::argument(t, zone).map_err(|raised| {
            drop(raise::take(t, raised));
            raise::type_error(t, "bad tzinfo state arg")
        }),
    }
}

fn new(t: &Thread, class: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters =
        Parameters::new("(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)");
    if let [state] | [state, _] = args.all()
        && !args.has_keywords()
        && let Some(state) = fields::pickled::<6>(t, state, "a time", |state| state[0] & 0x7f < 24)?
    {
        let zone = pickled_zone(t, args.all())?;
        let [hour, rest @ ..] = state;
        let fold = hour & 0x80 != 0;
        let mut whole = [hour & 0x7f, 0, 0, 0, 0, 0];
        whole[1..].copy_from_slice(&rest);
        return Ok(make(class, Clock::from_bytes(whole, fold), zone));
    }
    let b = PARAMETERS.bind_call(t, "", args)?;
    let part = |i: usize| b.opt(i).map_or(Ok(0), |v| int(t, v));
    let (parts, fold) = ([part(0)?, part(1)?, part(2)?, part(3)?], part(5)?);
    let clock = fields::clock(t, parts, fold)?;
    let zone = b.opt(4).map_or(Ok(None), |zone| zone::argument(t, zone))?;
    Ok(make(class, clock, zone))
}

/// A time of this class: time, or a subclass, which is called.
fn of_class(t: &Thread, class: &Value, parts: [i32; 4], zone: &Value, fold: i32) -> PyResult {
    if let Some(class) = class.downcast::<Type>().filter(|class| std::ptr::eq(*class, &*TIME)) {
        let clock = fields::clock(t, parts, fold)?;
        return Ok(make(class, clock, zone::argument(t, zone)?));
    }
    let [hour, minute, second, micro] = parts.map(|n| Value::int(n.into()));
    call_with_fold(t, class, [hour, minute, second, micro, zone.clone()].into(), fold)
}

/// Calls a subclass, with the keyword `fold` only where it says something: subclasses may be older than it.
pub fn call_with_fold(t: &Thread, class: &Value, mut args: Vec<Value>, fold: i32) -> PyResult {
    if fold == 0 {
        return protocol::call_values(t, class, &args);
    }
    args.push(Value::int(fold.into()));
    protocol::call(t, class, Args::new(&args, &[names::intern("fold")]))
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Time);
    let clock = this.clock;
    let numbers = [clock.hour.into(), clock.minute.into(), clock.second.into(), clock.micro];
    let shown = numbers.iter().rposition(|n| *n != 0).map_or(2, |last| (last + 1).max(2));
    let mut keywords = Vec::new();
    if let Some(zone) = this.zone() {
        keywords.push(("tzinfo", protocol::repr(t, zone)?));
    }
    if clock.fold != 0 {
        keywords.push(("fold", str::from_str("1")));
    }
    Ok(text::call(&v.class().display_name(), &numbers[..shown], &keywords))
}

fn iso_format(t: &Thread, b: &Bound<'_>) -> PyResult {
    let this = this!(b.req(0), Time);
    let mut text = Text::new();
    text.clock(this.clock, Precision::read(t, b.opt(1), 1, this.clock)?);
    if let Some(offset) = zone::offset(t, this.zone(), &Value::NONE)? {
        text.offset(offset, ":");
    }
    Ok(text.finish())
}

fn strftime_of_time(t: &Thread, b: &Bound<'_>) -> PyResult {
    let format = fields::text(t, b.req(1), "strftime", 1)?;
    let clock = this!(b.req(0), Time).clock;
    // A date that every system can show.
    let numbers = [1900, 1, 1, clock.hour.into(), clock.minute.into(), clock.second.into(), 0, 1, -1];
    strftime::wrapped(t, b.req(0), format, &tuple::from_array(numbers.map(Value::int)), &Value::NONE)
}

fn compare(t: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let Some(other) = b.downcast::<Time>() else { return Ok(Value::NOT_IMPLEMENTED) };
    let this = this!(a, Time);
    let (x, y) = (this.clock.micros(), other.clock.micros());
    if same_zone(this.zone(), other.zone()) {
        return Ok(holds(op, x.cmp(&y)));
    }
    let (left, right) = (zone::offset(t, this.zone(), &Value::NONE)?, zone::offset(t, other.zone(), &Value::NONE)?);
    match (left, right) {
        (None, None) => Ok(holds(op, x.cmp(&y))),
        (Some(left), Some(right)) => Ok(holds(op, (x - left.offset_micros()).cmp(&(y - right.offset_micros())))),
        _ => mixed(t, op, "times"),
    }
}

/// Whether two zones are one object.
pub fn same_zone(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is(b),
        (None, None) => true,
        _ => false,
    }
}

/// The comparison of one with an offset and one without: they are not equal, and have no order.
pub fn mixed(t: &Thread, op: CompareOp, what: &str) -> PyResult {
    match op {
        CompareOp::Eq => Ok(Value::FALSE),
        CompareOp::Ne => Ok(Value::TRUE),
        _ => Err(raise::type_error(t, format!("can't compare offset-naive and offset-aware {what}"))),
    }
}

fn hash(t: &Thread, v: &Value) -> PyResult<i64> {
    let this = this!(v, Time);
    // Relaxed: whoever computes it comes to the same.
    let known = this.hash.load(Relaxed);
    if known != NO_HASH {
        return Ok(known);
    }
    let hash = match zone::offset(t, this.zone(), &Value::NONE)? {
        None => crate::object::text::hash_bytes(&this.clock.to_bytes()),
        Some(offset) => {
            let utc = Span::normal(0, 0, this.clock.micros() - offset.offset_micros());
            delta::hash(t, utc.unwrap_or(Span::ZERO))?
        }
    };
    this.hash.store(hash, Relaxed);
    Ok(hash)
}

fn replace(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, Time);
    let old = this.clock;
    let part = |i: usize, old: i32| b.opt(i).map_or(Ok(old), |v| int_of_replace(t, v));
    let parts = [
        part(1, old.hour.into())?,
        part(2, old.minute.into())?,
        part(3, old.second.into())?,
        part(4, old.micro as i32)?,
    ];
    let zone = b.opt(5).or(this.zone()).cloned();
    let fold = part(6, old.fold.into())?;
    of_class(t, &v.class().as_value(), parts, &zone::or_none(zone), fold)
}

/// The timezone that the offset of a text tells; None where it tells none. ValueError.
pub fn zone_of_text(t: &Thread, offset: Option<i64>) -> PyResult {
    match offset {
        None => Ok(Value::NONE),
        Some(0) => Ok(timezone::utc()),
        Some(micros) => timezone::with_offset(t, delta::from_parts(t, 0, 0, micros)?, None),
    }
}

/// The error for a time past the hour 24, which is midnight.
pub fn past_midnight(t: &Thread) -> raise::Raised {
    raise::value_error(t, "minute, second, and microsecond must be 0 when hour is 24")
}

fn from_iso_format(t: &Thread, class: &Value, text: &Value) -> PyResult {
    let Some(view) = str::view(text) else {
        return Err(raise::type_error(t, "fromisoformat: argument must be str"));
    };
    let chars = read::chars(view);
    // A leading T is what the standard asks for.
    let (mut parts, offset) =
        read::time(chars.strip_prefix(b"T").unwrap_or(&chars)).map_err(|_| date::invalid_text(t, text))?;
    if parts.hour == 24 {
        parts.hour = 0;
        if parts != read::Parts::default() {
            return Err(past_midnight(t));
        }
    }
    let zone = zone_of_text(t, offset)?;
    of_class(t, class, [parts.hour, parts.minute, parts.second, parts.micro], &zone, 0)
}

/// The fold goes into pickles of protocol 4 on: older readers do not know it.
fn reduce(v: &Value, protocol: i32) -> Value {
    let this = this!(v, Time);
    let mut state = this.clock.to_bytes();
    if protocol > 3 && this.clock.fold == 1 {
        state[0] |= 0x80;
    }
    reduced(v, &state, this.zone())
}

/// What `__reduce__` answers: the class, and its arguments of state and zone.
pub fn reduced(v: &Value, state: &[u8], zone: Option<&Value>) -> Value {
    let state = bytes::from_slice(state);
    let args = match zone {
        None => tuple::from_array([state]),
        Some(zone) => tuple::from_array([state, zone.clone()]),
    };
    tuple::from_array([v.class().to_value(), args])
}

/// The class attributes of the type.
pub fn constants() -> [(&'static str, Value); 3] {
    let last = Clock { hour: 23, minute: 59, second: 59, fold: 0, micro: 999_999 };
    [
        ("min", make(&TIME, Clock::MIDNIGHT, None)),
        ("max", make(&TIME, last, None)),
        ("resolution", delta::plain(Span { micros: 1, ..Span::ZERO })),
    ]
}
