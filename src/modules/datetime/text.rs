//! Dates, times and offsets as text.

use super::calendar::Day;
use super::delta::Span;
use super::fields::{Clock, wrong_argument};
use crate::object::raise::{self, PyResult};
use crate::object::str;
use crate::object::text::TextBuf;
use crate::object::thread::Thread;
use crate::object::value::Value;
use smallvec::SmallVec;

/// ASCII text that is written piece by piece: without an allocation as long as any date and time.
pub struct Text(SmallVec<[u8; 64]>);

impl Text {
    pub fn new() -> Text {
        Text(SmallVec::new())
    }

    pub fn byte(&mut self, c: u8) {
        self.0.push(c);
    }

    pub fn str(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The last `width` digits of a number.
    pub fn digits(&mut self, n: u32, width: usize) {
        let mut digits = [b'0'; 10];
        let mut n = n;
        for place in digits[..width].iter_mut().rev() {
            *place += (n % 10) as u8;
            n /= 10;
        }
        self.0.extend_from_slice(&digits[..width]);
    }

    /// "YYYY-MM-DD"
    pub fn day(&mut self, day: Day) {
        self.digits(day.year.into(), 4);
        self.byte(b'-');
        self.digits(day.month.into(), 2);
        self.byte(b'-');
        self.digits(day.day.into(), 2);
    }

    /// "HH:MM:SS.UUUUUU" or a beginning of it.
    pub fn clock(&mut self, clock: Clock, precision: Precision) {
        self.digits(clock.hour.into(), 2);
        if precision >= Precision::Minutes {
            self.byte(b':');
            self.digits(clock.minute.into(), 2);
        }
        if precision >= Precision::Seconds {
            self.byte(b':');
            self.digits(clock.second.into(), 2);
        }
        if precision == Precision::Milliseconds {
            self.byte(b'.');
            self.digits(clock.micro / 1000, 3);
        } else if precision == Precision::Microseconds {
            self.byte(b'.');
            self.digits(clock.micro, 6);
        }
    }

    /// "+HH:MM", with seconds and microseconds where there are any; `separator` stands between the parts.
    pub fn offset(&mut self, offset: Span, separator: &str) {
        let micros = offset.offset_micros();
        let clock = Clock::from_micros(micros.abs());
        self.byte(if micros < 0 { b'-' } else { b'+' });
        self.digits(clock.hour.into(), 2);
        self.str(separator);
        self.digits(clock.minute.into(), 2);
        if clock.second != 0 || clock.micro != 0 {
            self.str(separator);
            self.digits(clock.second.into(), 2);
        }
        if clock.micro != 0 {
            self.byte(b'.');
            self.digits(clock.micro, 6);
        }
    }

    pub fn finish(self) -> Value {
        str::from_ascii(&self.0)
    }

    /// The text so far, which is ASCII.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// How much of a time `isoformat` shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
    Microseconds,
}

impl Precision {
    /// By the argument `timespec`, which is argument number `which` of `isoformat`.
    pub fn read(t: &Thread, spec: Option<&Value>, which: u8, clock: Clock) -> PyResult<Precision> {
        let auto = if clock.micro == 0 { Precision::Seconds } else { Precision::Microseconds };
        let Some(spec) = spec else { return Ok(auto) };
        if str::view(spec).is_none() {
            return Err(wrong_argument(t, "isoformat", which, "str", spec));
        }
        match &*str::lossy(spec) {
            "auto" => Ok(auto),
            "hours" => Ok(Precision::Hours),
            "minutes" => Ok(Precision::Minutes),
            "seconds" => Ok(Precision::Seconds),
            "milliseconds" => Ok(Precision::Milliseconds),
            "microseconds" => Ok(Precision::Microseconds),
            _ => Err(raise::value_error(t, "Unknown timespec value")),
        }
    }
}

/// C's `ctime`, without the line's end.
pub fn ctime(day: Day, clock: Clock) -> Value {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut text = Text::new();
    text.str(DAYS[day.weekday() as usize]);
    text.byte(b' ');
    text.str(MONTHS[usize::from(day.month) - 1]);
    text.str(&format!(" {:2} ", day.day));
    text.clock(clock, Precision::Seconds);
    text.byte(b' ');
    text.digits(day.year.into(), 4);
    text.finish()
}

/// "CLASS(N, N, ...)" with keywords behind the numbers.
pub fn call(class: &str, numbers: &[u32], keywords: &[(&str, Value)]) -> Value {
    let mut text = TextBuf::new();
    text.push_str(class);
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    text.push_str("(");
    text.push_str(&numbers.join(", "));
    for (name, shown) in keywords {
        text.push_str(", ");
        text.push_str(name);
        text.push_str("=");
        if let Some(shown) = str::view(shown) {
            text.push_text(shown);
        }
    }
    text.push_str(")");
    str::from_buf(text)
}
