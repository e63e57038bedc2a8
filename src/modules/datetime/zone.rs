//! `tzinfo`, the base of time zones, and what dates and times ask of theirs.

use super::delta::{Span, span_of};
use super::stamp;
use super::timezone::{TIMEZONE, TimeZone};
use crate::object::raise::{self, PyResult};
use crate::object::slots::SlotTable;
use crate::object::table::{Method, NativeFn};
use crate::object::thread::Thread;
use crate::object::type_object::{NO_LAYOUT, StaticType, TypeSpec, flag};
use crate::object::value::{Stored, Value};
use crate::object::{alloc, names, protocol, str, tuple};

/// `datetime.tzinfo`
pub static TZINFO: StaticType = StaticType::new(&SPEC);

static SPEC: TypeSpec = TypeSpec {
    doc: "Abstract base class for time zone info objects.",
    // A subclass may take arguments that are its `__init__`'s.
    slots: SlotTable { new: Some(|_, class, _| Ok(alloc::new_plain(class))), ..SlotTable::EMPTY },
    methods: &[
        Method::new(
            "tzname",
            "",
            NativeFn::F2(|t, _, _| Err(abstract_method(t, "tzname"))),
            "datetime -> string name of time zone.",
        ),
        Method::new(
            "utcoffset",
            "",
            NativeFn::F2(|t, _, _| Err(abstract_method(t, "utcoffset"))),
            "datetime -> timedelta showing offset from UTC, negative values indicating West of UTC",
        ),
        Method::new(
            "dst",
            "",
            NativeFn::F2(|t, _, _| Err(abstract_method(t, "dst"))),
            "datetime -> DST offset as timedelta positive east of UTC.",
        ),
        Method::new("fromutc", "", NativeFn::F2(from_utc), "datetime in UTC -> datetime in local time."),
        Method::new("__reduce__", "", NativeFn::F1(reduce), "-> (cls, state)"),
    ],
    flags: flag::BASETYPE,
    ..TypeSpec::new("datetime", "tzinfo", NO_LAYOUT)
};

fn abstract_method(t: &Thread, name: &str) -> raise::Raised {
    raise::not_implemented(t, format!("a tzinfo subclass must implement {name}()"))
}

/// For subclasses whose `__init__` takes what `__getinitargs__` answers.
fn reduce(t: &Thread, v: &Value) -> PyResult {
    let args = match protocol::lookup_attr(t, v, &names::intern("__getinitargs__"))? {
        Some(initial) => protocol::call_values(t, &initial, &[])?,
        None => names::empty_tuple(),
    };
    let state = protocol::call_method(t, v, &names::known().__getstate__, &[])?;
    Ok(tuple::from_array([v.class().to_value(), args, state]))
}

/// The time zone that an argument gives; None for Python's None. TypeError.
#[inline]
pub fn argument(t: &Thread, v: &Value) -> PyResult<Option<Stored>> {
    if v.is_none() {
        return Ok(None);
    }
    if v.is_exact(&TIMEZONE) || v.class().is_subtype(&TZINFO) {
        return Ok(Some(Stored::new(v.clone())));
    }
    let kind = v.class().display_name();
    Err(raise::type_error(t, format!("tzinfo argument must be None or of a tzinfo subclass, not type '{kind}'")))
}

/// What a time zone is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    Utcoffset,
    Dst,
}

/// What the zone's method answers for a datetime, or for None: None or a timedelta of less than a day. TypeError, ValueError, and
/// what the method raises.
pub fn ask(t: &Thread, zone: Option<&Value>, ask: Ask, about: &Value) -> PyResult<Option<Value>> {
    let Some(zone) = zone else { return Ok(None) };
    if let Some(zone) = zone.downcast_exact::<TimeZone>() {
        // Its methods cannot be others.
        return Ok((ask == Ask::Utcoffset).then(|| zone.offset()));
    }
    let name = match ask {
        Ask::Utcoffset => "utcoffset",
        Ask::Dst => "dst",
    };
    let answer = protocol::call_method_str(t, zone, name, std::slice::from_ref(about))?;
    if answer.is_none() {
        return Ok(None);
    }
    match span_of(&answer) {
        Some(span) if span.is_offset() => Ok(Some(answer)),
        Some(_) => Err(wrong_offset(t, &answer)),
        None => {
            let kind = answer.class().display_name();
            Err(raise::type_error(t, format!("tzinfo.{name}() must return None or timedelta, not '{kind}'")))
        }
    }
}

/// `ask` for the offset, as a span.
pub fn offset(t: &Thread, zone: Option<&Value>, about: &Value) -> PyResult<Option<Span>> {
    Ok(ask(t, zone, Ask::Utcoffset, about)?.as_ref().and_then(span_of))
}

/// The error for an offset that is too large.
#[cold]
pub fn wrong_offset(t: &Thread, offset: &Value) -> raise::Raised {
    let shown = protocol::repr_lossy(t, offset);
    raise::value_error(
        t,
        format!(
            "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}"
        ),
    )
}

/// The zone's name at a datetime, or at None: None or a str. TypeError, and what the method raises.
pub fn name(t: &Thread, zone: Option<&Value>, about: &Value) -> PyResult {
    let Some(zone) = zone else { return Ok(Value::NONE) };
    let name = protocol::call_method_str(t, zone, "tzname", std::slice::from_ref(about))?;
    if !name.is_none() && str::view(&name).is_none() {
        let kind = name.class().display_name();
        return Err(raise::type_error(t, format!("tzinfo.tzname() must return None or a string, not '{kind}'")));
    }
    Ok(name)
}

/// An optional value as Python shows it.
pub fn or_none(v: Option<Value>) -> Value {
    v.unwrap_or(Value::NONE)
}

/// The local time of a datetime in UTC that has this zone: by the zone's standard offset, and the summer time that is in force
/// then.
fn from_utc(t: &Thread, zone: &Value, about: &Value) -> PyResult {
    let stamp = stamp::of_zone(t, zone, about)?;
    let ask_now = |what: Ask, about: &Value| {
        let answer = ask(t, Some(zone), what, about)?;
        Ok(answer.as_ref().and_then(span_of))
    };
    let Some(offset) = ask_now(Ask::Utcoffset, about)? else {
        return Err(raise::value_error(t, "fromutc: non-None utcoffset() result required"));
    };
    let Some(summer) = ask_now(Ask::Dst, about)? else {
        return Err(raise::value_error(t, "fromutc: non-None dst() result required"));
    };
    // Less than two days.
    let standard = Span::normal(0, 0, offset.offset_micros() - summer.offset_micros()).unwrap_or(Span::ZERO);
    let local = stamp::plus(t, about, stamp, standard, 1)?;
    let Some(summer) = ask_now(Ask::Dst, &local)? else {
        return Err(raise::value_error(t, "fromutc: tz.dst() gave inconsistent results; cannot convert"));
    };
    if summer.is_zero() {
        return Ok(local);
    }
    match stamp::of(&local) {
        Some(stamp) => stamp::plus(t, &local, stamp, summer, 1),
        None => Ok(local),
    }
}
