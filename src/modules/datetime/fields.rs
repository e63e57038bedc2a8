//! The parts of dates and times: what they are made of, their checks and messages, their bytes in pickles.

use super::calendar::{self, Day, MAX_YEAR, MIN_YEAR};
use crate::object::raise::{self, PyResult};
use crate::object::thread::Thread;
use crate::object::value::Value;
use crate::object::{protocol, str};
use crate::types::bytes::payload as bytes;

pub const SECONDS_OF_DAY: i64 = 86_400;
pub const MICROS: i64 = 1_000_000;

/// A time of the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// 1 for the second of two times that read the same (PEP 495).
    pub fold: u8,
    pub micro: u32,
}

impl Clock {
    pub const MIDNIGHT: Clock = Clock { hour: 0, minute: 0, second: 0, fold: 0, micro: 0 };

    /// Seconds since midnight.
    pub fn seconds(self) -> i64 {
        (i64::from(self.hour) * 60 + i64::from(self.minute)) * 60 + i64::from(self.second)
    }

    /// Microseconds since midnight: the order of times, whatever their fold.
    pub fn micros(self) -> i64 {
        self.seconds() * MICROS + i64::from(self.micro)
    }

    /// The time so many microseconds after midnight, less than a day.
    pub fn from_micros(micros: i64) -> Clock {
        let (seconds, micro) = (micros / MICROS, (micros % MICROS) as u32);
        let (minutes, second) = (seconds / 60, (seconds % 60) as u8);
        Clock { hour: (minutes / 60) as u8, minute: (minutes % 60) as u8, second, fold: 0, micro }
    }

    /// As pickles have it, without the fold.
    pub fn to_bytes(self) -> [u8; 6] {
        let [_, a, b, c] = self.micro.to_be_bytes();
        [self.hour, self.minute, self.second, a, b, c]
    }

    /// From a pickle, where the first bit of the whole may be the fold: it is not checked, as CPython does not either, but
    /// brought into range so that what is computed from it stays in bounds.
    pub fn from_bytes(state: [u8; 6], fold: bool) -> Clock {
        let [hour, minute, second, a, b, c] = state;
        let micro = u32::from_be_bytes([0, a, b, c]);
        Clock {
            hour: hour.min(23),
            minute: minute.min(59),
            second: second.min(59),
            fold: fold.into(),
            micro: micro.min(999_999),
        }
    }
}

impl Day {
    /// As pickles have it.
    pub fn to_bytes(self) -> [u8; 4] {
        let [a, b] = self.year.to_be_bytes();
        [a, b, self.month, self.day]
    }

    /// From a pickle, brought into range.
    pub fn from_bytes(state: [u8; 4]) -> Day {
        let [a, b, month, day] = state;
        let year = u16::from_be_bytes([a, b]).clamp(MIN_YEAR as u16, MAX_YEAR as u16);
        let month = month.clamp(1, 12);
        let day = day.clamp(1, calendar::month_length(year.into(), month.into()) as u8);
        Day { year, month, day }
    }
}

/// An argument that is a C int.
#[inline]
pub fn int(t: &Thread, v: &Value) -> PyResult<i32> {
    let i = match v.as_small_int() {
        Some(i) => i,
        None => protocol::index_i64(t, v)?,
    };
    i32::try_from(i).map_err(|_| {
        let what = if i > 0 { "greater than maximum" } else { "less than minimum" };
        raise::overflow_error(t, format!("signed integer is {what}"))
    })
}

/// The same for the parameters of `replace`.
#[inline]
pub fn int_of_replace(t: &Thread, v: &Value) -> PyResult<i32> {
    crate::types::bytes::args::c_int(t, v)
}

/// Checks the parts of a date.
#[inline]
pub fn day(t: &Thread, year: i32, month: i32, day: i32) -> PyResult<Day> {
    if (MIN_YEAR..=MAX_YEAR).contains(&year)
        && (1..=12).contains(&month)
        && (1..=calendar::month_length(year, month)).contains(&day)
    {
        return Ok(Day { year: year as u16, month: month as u8, day: day as u8 });
    }
    Err(wrong_day(t, year, month, day))
}

#[cold]
fn wrong_day(t: &Thread, year: i32, month: i32, day: i32) -> raise::Raised {
    let message = if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        wrong_year(year)
    } else if !(1..=12).contains(&month) {
        format!("month must be in 1..12, not {month}")
    } else {
        let last = calendar::month_length(year, month);
        format!("day {day} must be in range 1..{last} for month {month} in year {year}")
    };
    raise::value_error(t, message)
}

/// The message for a year that no date has.
pub fn wrong_year(year: i32) -> String {
    format!("year must be in {MIN_YEAR}..{MAX_YEAR}, not {year}")
}

/// Checks the parts of a time: hour, minute, second, microsecond, fold.
#[inline]
pub fn clock(t: &Thread, parts: [i32; 4], fold: i32) -> PyResult<Clock> {
    let [hour, minute, second, micro] = parts;
    let limits = [("hour", 23), ("minute", 59), ("second", 59), ("microsecond", 999_999)];
    for (n, (name, limit)) in parts.into_iter().zip(limits) {
        if !(0..=limit).contains(&n) {
            return Err(raise::value_error(t, format!("{name} must be in 0..{limit}, not {n}")));
        }
    }
    if !(0..=1).contains(&fold) {
        return Err(raise::value_error(t, format!("fold must be either 0 or 1, not {fold}")));
    }
    Ok(Clock { hour: hour as u8, minute: minute as u8, second: second as u8, fold: fold as u8, micro: micro as u32 })
}

/// What a pickle gives a constructor: `N` bytes, or the same as text, which Python 2 made and Latin-1 decoded. None: the
/// arguments are something else. `fits` looks at the byte that tells. `what` is the class for the message.
pub fn pickled<const N: usize>(
    t: &Thread,
    v: &Value,
    what: &str,
    fits: impl Fn(&[u8; N]) -> bool,
) -> PyResult<Option<[u8; N]>> {
    if let Some(state) = bytes::view(v) {
        return Ok(<[u8; N]>::try_from(state).ok().filter(|state| fits(state)));
    }
    let Some(text) = str::view(v).filter(|text| text.len() == N) else { return Ok(None) };
    let mut state = [0; N];
    let mut latin = true;
    for (place, c) in state.iter_mut().zip(text.code_points()) {
        // The byte that tells may be plain where others are not.
        latin &= c < 256;
        *place = u8::try_from(c).unwrap_or(0xff);
    }
    if !fits(&state) {
        return Ok(None);
    }
    if !latin {
        let message = format!(
            "Failed to encode latin1 string when unpickling {what} object. pickle.load(data, encoding='latin1') is assumed."
        );
        return Err(raise::value_error(t, message));
    }
    Ok(Some(state))
}

/// An argument that must be a str: "NAME() argument WHICH must be str, not TYPE".
pub fn text<'a>(t: &Thread, v: &'a Value, function: &str, which: u8) -> PyResult<&'a Value> {
    if str::view(v).is_some() { Ok(v) } else { Err(wrong_argument(t, function, which, "str", v)) }
}

/// The error for an argument of a wrong type.
#[cold]
pub fn wrong_argument(t: &Thread, function: &str, which: u8, expected: &str, v: &Value) -> raise::Raised {
    let got = if v.is_none() { "None".into() } else { v.class().display_name() };
    raise::type_error(t, format!("{function}() argument {which} must be {expected}, not {got}"))
}
