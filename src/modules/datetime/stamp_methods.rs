//! The methods of `datetime`'s instances, and their text.

use super::calendar::Day;
use super::date::{self, seconds};
use super::delta::{Span, span_of};
use super::fields::{Clock, MICROS, int, int_of_replace, wrong_argument};
use super::stamp::{self, Numbers, STAMP, Stamp, of_class};
use super::stamp_make as make;
use super::text::{self, Precision, Text};
use super::time::TIME;
use super::zone::{self, Ask};
use super::{delta_ops, local, strftime, time, timezone};
use crate::object::args::Bound;
use crate::object::raise::{self, PyResult};
use crate::object::table::{Method, NativeFn};
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::{Stored, Value};
use crate::object::{protocol, str};
use crate::this;

#[rustfmt::skip]
pub const METHODS: &[Method] = &[
    Method::new("now", "($type, /, tz=None)", NativeFn::Bound(make::now),
        "Returns new datetime object representing current time local to tz.\n\n  tz\n    Timezone object.\n\nIf no tz is specified, uses local timezone.").class_method(),
    Method::new("utcnow", "", NativeFn::F1(make::utc_now), "Return a new datetime representing UTC day and time.").class_method(),
    Method::new("fromtimestamp", "($type, /, timestamp, tz=None)", NativeFn::Bound(make::from_timestamp),
        "timestamp[, tz] -> tz's local time from POSIX timestamp.").class_method(),
    Method::new("utcfromtimestamp", "", NativeFn::F2(make::from_utc_timestamp),
        "Construct a naive UTC datetime from a POSIX timestamp.").class_method(),
    Method::new("strptime", "", NativeFn::F3(|t, class, text, format| strftime::parse(t, "_strptime_datetime_datetime", class, text, format)),
        "string, format -> new datetime parsed from a string (like time.strptime()).").class_method(),
    Method::new("combine", "($type, /, date, time, tzinfo=unchanged)", NativeFn::Bound(make::combine),
        "date, time -> datetime with same date and time fields").class_method(),
    Method::new("fromisoformat", "", NativeFn::F2(make::from_iso_format),
        "string -> datetime from a string in most ISO 8601 formats").class_method(),
    Method::new("date", "", NativeFn::F1(|_, v| Ok(date::plain(this!(v, Stamp).day()))), "Return date object with same year, month and day."),
    Method::new("time", "", NativeFn::F1(|_, v| Ok(time::make(&TIME, this!(v, Stamp).clock, None))),
        "Return time object with same time but with tzinfo=None."),
    Method::new("timetz", "", NativeFn::F1(|_, v| {
        let this = this!(v, Stamp);
        Ok(time::make(&TIME, this.clock, this.zone().cloned().map(Stored::new)))
    }), "Return time object with same time and tzinfo."),
    Method::new("ctime", "", NativeFn::F1(|_, v| Ok(text::ctime(this!(v, Stamp).day(), this!(v, Stamp).clock))), "Return ctime() style string."),
    Method::new("timetuple", "", NativeFn::F1(time_tuple), "Return time tuple, compatible with time.localtime()."),
    Method::new("timestamp", "", NativeFn::F1(timestamp), "Return POSIX timestamp as float."),
    Method::new("utctimetuple", "", NativeFn::F1(utc_time_tuple), "Return UTC time tuple, compatible with time.localtime()."),
    Method::new("isoformat", "($self, /, sep='T', timespec='auto')", NativeFn::Bound(iso_format),
        "[sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].\nsep is used to separate the year from the time, and defaults to 'T'.\nThe optional argument timespec specifies the number of additional terms\nof the time to include. Valid options are 'auto', 'hours', 'minutes',\n'seconds', 'milliseconds' and 'microseconds'.\n"),
    Method::new("utcoffset", "", NativeFn::F1(|t, v| stamp::utcoffset(t, v).map(zone::or_none)), "Return self.tzinfo.utcoffset(self)."),
    Method::new("tzname", "", NativeFn::F1(|t, v| zone::name(t, this!(v, Stamp).zone(), v)), "Return self.tzinfo.tzname(self)."),
    Method::new("dst", "", NativeFn::F1(|t, v| zone::ask(t, this!(v, Stamp).zone(), Ask::Dst, v).map(zone::or_none)),
        "Return self.tzinfo.dst(self)."),
    Method::new("replace", REPLACE, NativeFn::Bound(replace), "Return datetime with new specified fields."),
    Method::new("__replace__", REPLACE, NativeFn::Bound(replace), "The same as replace()."),
    Method::new("astimezone", "($self, /, tz=None)", NativeFn::Bound(as_time_zone), "tz -> convert to local time in new timezone tz\n"),
    Method::new("__reduce_ex__", "", NativeFn::F2(|t, v, protocol| Ok(reduce(v, int(t, protocol)?))), "__reduce_ex__(proto) -> (cls, state)"),
    Method::new("__reduce__", "", NativeFn::F1(|_, v| Ok(reduce(v, 2))), "__reduce__() -> (cls, state)"),
];

const REPLACE: &str = "($self, /, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, \
                       second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)";

pub fn repr(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Stamp);
    let (day, clock) = (this.day(), this.clock);
    let numbers = [
        day.year.into(),
        day.month.into(),
        day.day.into(),
        clock.hour.into(),
        clock.minute.into(),
        clock.second.into(),
        clock.micro,
    ];
    let shown = numbers.iter().rposition(|n| *n != 0).map_or(5, |last| (last + 1).max(5));
    let mut keywords = Vec::new();
    if clock.fold != 0 {
        keywords.push(("fold", str::from_str("1")));
    }
    if let Some(zone) = this.zone() {
        keywords.push(("tzinfo", protocol::repr(t, zone)?));
    }
    Ok(text::call(&v.class().display_name(), &numbers[..shown], &keywords))
}

pub fn to_str(t: &Thread, v: &Value) -> PyResult {
    if v.is_exact(&STAMP) {
        return shown(t, v, u32::from(' '), None);
    }
    // A subclass may have its own.
    protocol::call_method_str(t, v, "isoformat", &[str::from_str(" ")])
}

fn iso_format(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let separator = b.opt(1).map_or(Ok(u32::from('T')), |v| one_character(t, v))?;
    shown(t, v, separator, b.opt(2))
}

/// `isoformat` with a separator and a `timespec`.
fn shown(t: &Thread, v: &Value, separator: u32, precision: Option<&Value>) -> PyResult {
    let this = this!(v, Stamp);
    let precision = Precision::read(t, precision, 2, this.clock)?;
    let mut text = Text::new();
    text.day(this.day());
    let ascii = u8::try_from(separator).ok().filter(u8::is_ascii);
    let mut before = TextBuf::new();
    match ascii {
        Some(c) => text.byte(c),
        None => {
            before.push_str(text.as_str());
            before.push(separator);
            text = Text::new();
        }
    }
    text.clock(this.clock, precision);
    if let Some(offset) = zone::offset(t, this.zone(), v)? {
        text.offset(offset, ":");
    }
    if ascii.is_some() {
        return Ok(text.finish());
    }
    before.push_str(text.as_str());
    Ok(str::from_buf(before))
}

fn one_character(t: &Thread, v: &Value) -> PyResult<u32> {
    let Some(view) = str::view(v) else {
        return Err(wrong_argument(t, "isoformat", 1, "a unicode character", v));
    };
    match view.get(0) {
        Some(c) if view.len() == 1 => Ok(c),
        _ => {
            let n = view.len();
            let message = format!("isoformat() argument 1 must be a unicode character, not a string of length {n}");
            Err(raise::type_error(t, message))
        }
    }
}

fn time_tuple(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Stamp);
    let summer = match zone::ask(t, this.zone(), Ask::Dst, v)? {
        None => -1,
        Some(summer) => i64::from(span_of(&summer).is_some_and(|span| !span.is_zero())),
    };
    local::struct_time(t, this.day(), this.clock, summer)
}

fn utc_time_tuple(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Stamp);
    let Some(offset) = zone::offset(t, this.zone(), v)? else {
        return local::struct_time(t, this.day(), this.clock, 0);
    };
    let utc = stamp::plus(t, v, this, offset, -1)?;
    let this = stamp::of(&utc).unwrap_or(this);
    local::struct_time(t, this.day(), this.clock, 0)
}

/// Microseconds since the Epoch of a datetime with a zone.
fn since_epoch(t: &Thread, v: &Value, this: &Stamp) -> PyResult<i128> {
    let epoch =
        stamp::make(&STAMP, Day { year: 1970, month: 1, day: 1 }, Clock::MIDNIGHT, Some(Stored::new(timezone::utc())));
    let span = stamp::difference(t, (v, this), (&epoch, this!(&epoch, Stamp)))?;
    Ok(span.total())
}

fn timestamp(t: &Thread, v: &Value) -> PyResult {
    let this = this!(v, Stamp);
    if this.zone().is_some() {
        return delta_ops::seconds_of(t, since_epoch(t, v, this)?);
    }
    let seconds = local::seconds_of_local(t, this.day(), this.clock)?;
    Ok(Value::float(seconds as f64 + f64::from(this.clock.micro) / MICROS as f64))
}

fn replace(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, Stamp);
    let mut numbers = Numbers::of(this.day(), this.clock);
    for (i, n) in numbers.day.iter_mut().chain(&mut numbers.clock).enumerate() {
        if let Some(new) = b.opt(i + 1) {
            *n = int_of_replace(t, new)?;
        }
    }
    let zone = b.opt(8).or(this.zone()).cloned();
    if let Some(fold) = b.opt(9) {
        numbers.fold = int_of_replace(t, fold)?;
    }
    of_class(t, &v.class().as_value(), &numbers, &zone::or_none(zone))
}

fn as_time_zone(t: &Thread, b: &Bound<'_>) -> PyResult {
    let v = b.req(0);
    let this = this!(v, Stamp);
    let wanted = b.non_none(1);
    zone::argument(t, wanted.unwrap_or(&Value::NONE))?;
    if let (Some(own), Some(wanted)) = (this.zone(), wanted)
        && own.is(wanted)
    {
        return Ok(v.clone());
    }
    let offset = match zone::offset(t, this.zone(), v)? {
        Some(offset) => offset,
        None => {
            // Without an offset, the datetime is taken for local time.
            let own = local::zone_of_local(t, this.day(), this.clock)?;
            if wanted.is_some_and(|wanted| wanted.is(&own)) {
                return Ok(v.clone());
            }
            zone::offset(t, Some(&own), v)?.unwrap_or(Span::ZERO)
        }
    };
    let utc = stamp::plus(t, v, this, offset, -1)?;
    let Some(parts) = stamp::of(&utc) else { return Err(raise::type_error(t, "expected a datetime")) };
    let zone = match wanted {
        Some(zone) => zone.clone(),
        None => local::zone_at(t, seconds(parts.day(), parts.clock))?,
    };
    let utc = stamp::make(utc.class(), parts.day(), parts.clock, Some(Stored::new(zone.clone())));
    timezone::local_time(t, &zone, &utc)
}

/// The fold goes into pickles of protocol 4 on: older readers do not know it.
fn reduce(v: &Value, protocol: i32) -> Value {
    let this = this!(v, Stamp);
    let mut state = stamp::state(this);
    if protocol > 3 && this.clock.fold == 1 {
        state[2] |= 0x80;
    }
    time::reduced(v, &state, this.zone())
}
