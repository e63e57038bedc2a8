//! `timezone`: a fixed offset from UTC.

use super::delta::{self, Span, span_of};
use super::fields::wrong_argument;
use super::stamp;
use super::text::Text;
use super::zone::{self, TZINFO};
use crate::modules::support::Parameters;
use crate::object::args::Args;
use crate::object::operator_kind::CompareOp;
use crate::object::raise::{self, PyResult};
use crate::object::slots::{SlotTable, Visit};
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{Payload, StaticType, Type, TypeSpec, layout_of};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, protocol, str, tuple};
use crate::this;
use std::sync::OnceLock;

/// The payload of a timezone. Immutable.
pub struct TimeZone {
    /// A timedelta of less than a day.
    offset: Stored,
    name: Option<Stored>,
}

/// `datetime.timezone`
pub static TIMEZONE: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    base: Some(&TZINFO),
    doc: "Fixed offset from UTC implementation of tzinfo.",
    slots: SlotTable {
        new: Some(new),
        repr: Some(repr),
        str: Some(|_, v| Ok(this!(v, TimeZone).shown())),
        hash: Some(|t, v| delta::hash(t, this!(v, TimeZone).span())),
        richcompare: Some(compare),
        ..SlotTable::EMPTY
    },
    methods: &[
        Method::new(
            "tzname",
            "",
            NativeFn::F2(|t, v, about| {
                check(t, about, "tzname")?;
                Ok(this!(v, TimeZone).shown())
            }),
            "If name is specified when timezone is created, returns the name.  Otherwise returns offset as 'UTC(+|-)HH:MM'.",
        ),
        Method::new(
            "utcoffset",
            "",
            NativeFn::F2(|t, v, about| {
                check(t, about, "utcoffset")?;
                Ok(this!(v, TimeZone).offset())
            }),
            "Return fixed offset.",
        ),
        Method::new(
            "dst",
            "",
            NativeFn::F2(|t, _, about| {
                check(t, about, "dst")?;
                Ok(Value::NONE)
            }),
            "Return None.",
        ),
        Method::new("fromutc", "", NativeFn::F2(from_utc), "datetime in UTC -> datetime in local time."),
        Method::new("__getinitargs__", "", NativeFn::F1(initial), "pickle support"),
    ],
    ..TypeSpec::new("datetime", "timezone", layout_of::<TimeZone>(true))
};

// SAFETY: `TIMEZONE`'s layout is `TimeZone`.
unsafe impl Payload for TimeZone {
    fn layout_type() -> &'static Type {
        &TIMEZONE
    }

    fn trace(&self, visit: Visit) {
        visit(&self.offset);
        if let Some(name) = &self.name {
            visit(name);
        }
    }
}

impl TimeZone {
    pub fn offset(&self) -> Value {
        Value::clone(&self.offset)
    }

    fn span(&self) -> Span {
        span_of(&self.offset).unwrap_or(Span::ZERO)
    }

    /// The name, or one that tells the offset.
    fn shown(&self) -> Value {
        if let Some(name) = &self.name {
            return Value::clone(name);
        }
        let mut text = Text::new();
        text.str("UTC");
        if !self.span().is_zero() {
            text.offset(self.span(), ":");
        }
        text.finish()
    }
}

/// `timezone.utc`
pub fn utc() -> Value {
    static UTC: OnceLock<Stored> = OnceLock::new();
    Value::clone(UTC.get_or_init(|| Stored::new(make(delta::plain(Span::ZERO), None))))
}

fn make(offset: Value, name: Option<Value>) -> Value {
    alloc::new(&TIMEZONE, TimeZone { offset: Stored::new(offset), name: name.map(Stored::new) })
}

/// The timezone of an offset, which is a timedelta; without a name and at none, `timezone.utc`. ValueError.
pub fn with_offset(t: &Thread, offset: Value, name: Option<Value>) -> PyResult {
    match span_of(&offset) {
        Some(span) if span.is_zero() && name.is_none() => Ok(utc()),
        Some(span) if span.is_offset() => Ok(make(offset, name)),
        _ => Err(zone::wrong_offset(t, &offset)),
    }
}

fn new(t: &Thread, _: &Type, args: Args<'_>) -> PyResult {
    static PARAMETERS: Parameters = Parameters::new("(offset, name=None)");
    let b = PARAMETERS.bind_call(t, "timezone", args)?;
    let (offset, name) = (b.req(0), b.opt(1));
    if span_of(offset).is_none() {
        return Err(wrong_argument(t, "timezone", 1, "datetime.timedelta", offset));
    }
    if let Some(name) = name {
        super::fields::text(t, name, "timezone", 2)?;
    }
    with_offset(t, offset.clone(), name.cloned())
}

fn compare(_: &Thread, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<TimeZone>(), b.downcast::<TimeZone>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(match op {
        CompareOp::Eq => Value::bool(a.span() == b.span()),
        CompareOp::Ne => Value::bool(a.span() != b.span()),
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn repr(t: &Thread, v: &Value) -> PyResult {
    if v.is(&utc()) {
        return Ok(str::from_str("datetime.timezone.utc"));
    }
    let this = this!(v, TimeZone);
    let offset = protocol::repr(t, &this.offset)?;
    let mut shown = crate::object::text::TextBuf::from_str("datetime.timezone(");
    shown.push_str(&str::lossy(&offset));
    if let Some(name) = &this.name {
        shown.push_str(", ");
        let name = protocol::repr(t, name)?;
        if let Some(name) = str::view(&name) {
            shown.push_text(name);
        }
    }
    shown.push_str(")");
    Ok(str::from_buf(shown))
}

fn check(t: &Thread, about: &Value, method: &str) -> PyResult<()> {
    if about.is_none() || stamp::of(about).is_some() {
        return Ok(());
    }
    let kind = about.class().display_name();
    Err(raise::type_error(t, format!("{method}(dt) argument must be a datetime instance or None, not {kind}")))
}

/// The local time in a zone of a datetime in UTC that has the zone: by the zone's `fromutc`.
pub fn local_time(t: &Thread, zone: &Value, utc: &Value) -> PyResult {
    if zone.is_exact(&TIMEZONE) {
        // Its methods cannot be others.
        return from_utc(t, zone, utc);
    }
    protocol::call_method_str(t, zone, "fromutc", std::slice::from_ref(utc))
}

fn from_utc(t: &Thread, v: &Value, about: &Value) -> PyResult {
    let stamp = stamp::of_zone(t, v, about)?;
    stamp::plus(t, about, stamp, this!(v, TimeZone).span(), 1)
}

fn initial(_: &Thread, v: &Value) -> PyResult {
    let this = this!(v, TimeZone);
    Ok(match &this.name {
        None => tuple::from_array([this.offset()]),
        Some(name) => tuple::from_array([this.offset(), Value::clone(name)]),
    })
}

/// The class attributes of the type: the bounds are whole minutes for compatibility.
pub fn constants() -> [(&'static str, Value); 3] {
    let bound = |sign: i64| {
        let span = Span::normal(0, sign * (23 * 60 + 59) * 60, 0).unwrap_or(Span::ZERO);
        make(delta::plain(span), None)
    };
    [("utc", utc()), ("min", bound(-1)), ("max", bound(1))]
}
