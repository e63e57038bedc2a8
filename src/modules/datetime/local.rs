//! Timestamps, and the local time of the system.

use super::calendar::{Day, EPOCH, days_before_month};
use super::date::seconds as seconds_of;
use super::delta::{self, Span};
use super::fields::{self, Clock, MICROS, SECONDS_OF_DAY};
use super::timezone;
use crate::object::bigint::{self, IntView};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{hooks, protocol, str, tuple};
use crate::sys::clock;
use crate::types::exceptions::os_error;
use crate::types::float;

/// The longest time that clocks were ever set back by, and more.
const LONGEST_FOLD: i64 = SECONDS_OF_DAY;

/// A timestamp's whole seconds and microseconds; `round` rounds the microseconds of a float.
fn split(t: &Thread, v: &Value, round: fn(f64) -> f64) -> PyResult<(i64, i64)> {
    let out_of_range = || raise::overflow_error(t, "timestamp out of range for platform time_t");
    let Some(x) = float::object::as_float(v) else {
        let index = protocol::index(t, v)?;
        return match bigint::view(&index) {
            Some(IntView::Small(i)) => Ok((i, 0)),
            _ => Err(out_of_range()),
        };
    };
    if x.is_nan() {
        return Err(raise::value_error(t, "Invalid value NaN (not a number)"));
    }
    let mut whole = x.trunc();
    let mut micros = round(x.fract() * MICROS as f64);
    if micros >= MICROS as f64 {
        micros -= MICROS as f64;
        whole += 1.0;
    } else if micros < 0.0 {
        micros += MICROS as f64;
        whole -= 1.0;
    }
    if !(-9.223_372_036_854_775e18..9.223_372_036_854_775e18).contains(&whole) {
        return Err(out_of_range());
    }
    Ok((whole as i64, micros as i64))
}

/// A timestamp in seconds and microseconds, rounded half to even.
pub fn timestamp(t: &Thread, v: &Value) -> PyResult<(i64, i64)> {
    split(t, v, f64::round_ties_even)
}

/// A timestamp in whole seconds, rounded down.
pub fn floor(t: &Thread, v: &Value) -> PyResult<i64> {
    match float::object::as_float(v) {
        Some(x) => split(t, &Value::float(x.floor()), f64::floor).map(|(seconds, _)| seconds),
        None => split(t, v, f64::floor).map(|(seconds, _)| seconds),
    }
}

/// Year, month, day, hour, minute and second of the local time, not checked. OSError.
pub fn fields(t: &Thread, seconds: i64) -> PyResult<[i32; 6]> {
    let wrong = || os_error::from_errno(t, libc::EOVERFLOW, None, None);
    clock::local_fields(seconds).ok_or_else(wrong)
}

/// The same as a day and a time. A leap second is the one before it. OSError, ValueError.
fn local(t: &Thread, seconds: i64) -> PyResult<(Day, Clock)> {
    let [year, month, day, hour, minute, second] = fields(t, seconds)?;
    Ok((fields::day(t, year, month, day)?, fields::clock(t, [hour, minute, second.min(59), 0], 0)?))
}

/// Seconds of the local time, as if it were UTC.
fn local_seconds(t: &Thread, seconds: i64) -> PyResult<i64> {
    let (day, clock) = local(t, seconds)?;
    Ok(seconds_of(day, clock))
}

/// The day and time in UTC. ValueError.
pub fn utc_of(t: &Thread, seconds: i64) -> PyResult<(Day, Clock)> {
    let days = seconds.div_euclid(SECONDS_OF_DAY);
    let Some(day) = Day::from_ordinal(days.saturating_add(EPOCH.into())) else {
        // The year for the message; where it is no C int, the C library has no answer.
        return match clock::utc_year(seconds) {
            Some(year) => Err(raise::value_error(t, fields::wrong_year(year))),
            None => Err(os_error::from_errno(t, libc::EOVERFLOW, None, None)),
        };
    };
    Ok((day, Clock::from_micros(seconds.rem_euclid(SECONDS_OF_DAY) * MICROS)))
}

/// The local day and time; the fold tells the second of two times that read the same.
pub fn local_of(t: &Thread, seconds: i64) -> PyResult<(Day, Clock)> {
    let (day, mut clock) = local(t, seconds)?;
    let shown = seconds_of(day, clock);
    let before = local_seconds(t, seconds - LONGEST_FOLD)?;
    // How far clocks were set since the day before.
    let set = shown - before - LONGEST_FOLD;
    if set < 0 && local_seconds(t, seconds + set)? == shown {
        clock.fold = 1;
    }
    Ok((day, clock))
}

/// The timestamp of a local time: of two that read the same, by its fold. In a gap, that of the time before it (after it with the
/// fold) by the clock that was (will be) in force.
pub fn seconds_of_local(t: &Thread, day: Day, clock: Clock) -> PyResult<i64> {
    let shown = seconds_of(day, clock);
    // Solves `local_seconds(u) == shown` for u: by the offset that is in force around then, and by another.
    let a = local_seconds(t, shown)? - shown;
    let first = shown - a;
    let shown_first = local_seconds(t, first)?;
    let b = if shown_first == shown {
        // A solution, but there may be an earlier one, or with the fold a later one.
        let other = if clock.fold == 1 { first + LONGEST_FOLD } else { first - LONGEST_FOLD };
        let b = local_seconds(t, other)? - other;
        if a == b {
            return Ok(first);
        }
        b
    } else {
        shown_first - first
    };
    let second = shown - b;
    if local_seconds(t, second)? == shown {
        return Ok(second);
    }
    if shown_first == shown {
        return Ok(first);
    }
    Ok(if clock.fold == 1 { first.min(second) } else { first.max(second) })
}

/// The local timezone of a time, with its name.
pub fn zone_at(t: &Thread, seconds: i64) -> PyResult {
    let Some(broken) = clock::broken_down(seconds, true) else {
        return Err(os_error::from_errno(t, libc::EOVERFLOW, None, None));
    };
    let offset = Span::normal(0, broken.offset, 0).unwrap_or(Span::ZERO);
    timezone::with_offset(t, delta::plain(offset), Some(str::from_str(&broken.zone)))
}

/// The local timezone of a local time.
pub fn zone_of_local(t: &Thread, day: Day, clock: Clock) -> PyResult {
    let mut seconds = seconds_of_local(t, day, clock)?;
    let other = seconds_of_local(t, day, Clock { fold: 1 - clock.fold, ..clock })?;
    // In a gap, what the other fold says lies in the zone that the clock shows.
    if other != seconds && (other > seconds) == (clock.fold == 1) {
        seconds = other;
    }
    zone_at(t, seconds)
}

/// A `time.struct_time`.
pub fn struct_time(t: &Thread, day: Day, clock: Clock, summer: i64) -> PyResult {
    let module = (hooks::get().import)(t, "time")?;
    let class = protocol::get_attr_str(t, &module, "struct_time")?;
    let (year, month) = (i32::from(day.year), i32::from(day.month));
    let numbers = [
        year.into(),
        month.into(),
        day.day.into(),
        clock.hour.into(),
        clock.minute.into(),
        clock.second.into(),
        day.weekday().into(),
        i64::from(days_before_month(year, month)) + i64::from(day.day),
        summer,
    ];
    protocol::call_values(t, &class, &[tuple::from_array(numbers.map(Value::int))])
}

/// Now, in seconds and microseconds.
pub fn now() -> (i64, i64) {
    let micros = clock::nanoseconds(clock::Clock::Real).div_euclid(1000);
    (micros.div_euclid(MICROS), micros.rem_euclid(MICROS))
}
