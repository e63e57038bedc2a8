//! The class methods of `datetime`.

use super::calendar::{self, Day};
use super::date::{self, Date};
use super::fields::{Clock, wrong_argument};
use super::stamp::{Numbers, of_class};
use super::time::{Time, past_midnight, zone_of_text};
use super::{local, read, timezone, zone};
use crate::object::args::Bound;
use crate::object::core_types::exc;
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, str};

/// `now(tz=None)`
pub fn now(t: &Thread, b: &Bound<'_>) -> PyResult {
    zone::argument(t, b.opt(1).unwrap_or(&Value::NONE))?;
    let (seconds, micros) = local::now();
    in_zone(t, b.req(0), b.non_none(1), seconds, micros)
}

/// `utcnow()`
pub fn utc_now(t: &Thread, class: &Value) -> PyResult {
    let message = "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. Use timezone-aware \
                   objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).";
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)?;
    let (seconds, micros) = local::now();
    in_utc(t, class, &Value::NONE, seconds, micros)
}

/// `fromtimestamp(timestamp, tz=None)`
pub fn from_timestamp(t: &Thread, b: &Bound<'_>) -> PyResult {
    zone::argument(t, b.opt(2).unwrap_or(&Value::NONE))?;
    let (seconds, micros) = local::timestamp(t, b.req(1))?;
    in_zone(t, b.req(0), b.non_none(2), seconds, micros)
}

/// `utcfromtimestamp(timestamp)`
pub fn from_utc_timestamp(t: &Thread, class: &Value, timestamp: &Value) -> PyResult {
    let message = "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future version. Use \
                   timezone-aware objects to represent datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, \
                   datetime.UTC).";
    (hooks::get().warn)(t, &exc::DEPRECATION_WARNING.as_value(), message, 1)?;
    let (seconds, micros) = local::timestamp(t, timestamp)?;
    in_utc(t, class, &Value::NONE, seconds, micros)
}

/// A datetime of the local time, or of a zone, which converts it from UTC.
fn in_zone(t: &Thread, class: &Value, zone: Option<&Value>, seconds: i64, micros: i64) -> PyResult {
    match zone {
        Some(zone) => {
            let utc = in_utc(t, class, zone, seconds, micros)?;
            timezone::local_time(t, zone, &utc)
        }
        None => of_parts(t, class, local::local_of(t, seconds)?, &Value::NONE, micros),
    }
}

fn in_utc(t: &Thread, class: &Value, zone: &Value, seconds: i64, micros: i64) -> PyResult {
    of_parts(t, class, local::utc_of(t, seconds)?, zone, micros)
}

fn of_parts(t: &Thread, class: &Value, (day, clock): (Day, Clock), zone: &Value, micros: i64) -> PyResult {
    of_class(t, class, &Numbers::of(day, Clock { micro: micros as u32, ..clock }), zone)
}

/// `combine(date, time, tzinfo=time.tzinfo)`
pub fn combine(t: &Thread, b: &Bound<'_>) -> PyResult {
    let Some(Date(day)) = b.req(1).downcast::<Date>() else {
        return Err(wrong_argument(t, "combine", 1, "datetime.date", b.req(1)));
    };
    let Some(time) = b.req(2).downcast::<Time>() else {
        return Err(wrong_argument(t, "combine", 2, "datetime.time", b.req(2)));
    };
    let zone = b.opt(3).or(time.zone()).cloned();
    of_class(t, b.req(0), &Numbers::of(*day, time.clock), &zone::or_none(zone))
}

/// `fromisoformat(string)`
pub fn from_iso_format(t: &Thread, class: &Value, text: &Value) -> PyResult {
    let Some(view) = str::view(text) else {
        return Err(raise::type_error(t, "fromisoformat: argument must be str"));
    };
    let invalid = |_| date::invalid_text(t, text);
    let chars = read::chars(view);
    if chars.len() < 7 {
        return Err(invalid(read::Malformed));
    }
    let end = read::separator(&chars).map_err(invalid)?;
    let (mut year, mut month, mut day) = read::day(chars.get(..end).unwrap_or(&chars)).map_err(invalid)?;
    let (mut parts, offset) = match chars.get(end + 1..) {
        _ if chars.len() <= end => (read::Parts::default(), None),
        rest => read::time(rest.unwrap_or(&[])).map_err(invalid)?,
    };
    let zone = zone_of_text(t, offset)?;
    if parts.hour == 24 && (1..=12).contains(&month) {
        let last = calendar::month_length(year, month);
        if day <= last {
            parts.hour = 0;
            if parts != read::Parts::default() {
                return Err(past_midnight(t));
            }
            // Midnight at the day's end is the next day's beginning.
            (year, month, day) = match (day < last, month < 12) {
                (true, _) => (year, month, day + 1),
                (false, true) => (year, month + 1, 1),
                (false, false) => (year + 1, 1, 1),
            };
        }
    }
    let clock = [parts.hour, parts.minute, parts.second, parts.micro];
    of_class(t, class, &Numbers { day: [year, month, day], clock, fold: 0 }, &zone)
}
