//! Clocks, sleeping, and the C library's calendar.

use std::time::Instant;

/// The clocks that Python shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clock {
    Real,
    Monotonic,
    Process,
    Thread,
}

fn id(clock: Clock) -> libc::clockid_t {
    match clock {
        Clock::Real => libc::CLOCK_REALTIME,
        Clock::Monotonic => libc::CLOCK_MONOTONIC,
        Clock::Process => libc::CLOCK_PROCESS_CPUTIME_ID,
        Clock::Thread => libc::CLOCK_THREAD_CPUTIME_ID,
    }
}

/// Nanoseconds of a clock by the system's number; None where there is no such clock.
pub fn by_id(id: i32) -> Option<i64> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes `now` only.
    let result = unsafe { libc::clock_gettime(id, &mut now) };
    (result == 0).then(|| now.tv_sec * 1_000_000_000 + now.tv_nsec)
}

/// Nanoseconds of a clock.
pub fn nanoseconds(clock: Clock) -> i64 {
    by_id(id(clock)).unwrap_or(0)
}

/// Seconds between two ticks.
pub fn resolution(clock: Clock) -> f64 {
    let mut tick = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes `tick` only.
    unsafe { libc::clock_getres(id(clock), &mut tick) };
    tick.tv_sec as f64 + tick.tv_nsec as f64 / 1e9
}

/// Sleeps; true where a signal ended it early.
pub fn sleep_until(deadline: Instant) -> bool {
    let left = deadline.saturating_duration_since(Instant::now());
    let wait = libc::timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos() as i64 };
    // SAFETY: reads `wait` only.
    unsafe { libc::nanosleep(&wait, std::ptr::null_mut()) != 0 && Instant::now() < deadline }
}

/// A time by the calendar, with Python's numbering: months from 1, Monday is 0, days of the year from 1.
#[derive(Clone, Debug, Default)]
pub struct Broken {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub weekday: i64,
    pub yearday: i64,
    pub dst: i64,
    pub zone: String,
    /// Seconds east of Greenwich.
    pub offset: i64,
}

/// A time by the calendar, local or of Greenwich; None where the C library has no answer.
pub fn broken_down(seconds: i64, local: bool) -> Option<Broken> {
    // SAFETY: an all-zero `tm` is valid; both functions write it only.
    let tm = unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let answer = if local { libc::localtime_r(&seconds, &mut tm) } else { libc::gmtime_r(&seconds, &mut tm) };
        if answer.is_null() {
            return None;
        }
        tm
    };
    let zone = if tm.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: the C library's text, which lives as long as the zone settings.
        unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }.to_string_lossy().into_owned()
    };
    Some(Broken {
        year: tm.tm_year as i64 + 1900,
        month: tm.tm_mon as i64 + 1,
        day: tm.tm_mday as i64,
        hour: tm.tm_hour as i64,
        minute: tm.tm_min as i64,
        second: tm.tm_sec as i64,
        weekday: (tm.tm_wday as i64 + 6) % 7,
        yearday: tm.tm_yday as i64 + 1,
        dst: tm.tm_isdst as i64,
        zone: if local { zone } else { "UTC".into() },
        offset: tm.tm_gmtoff,
    })
}

/// Year, month, day, hour, minute and second of the local time; None where the C library has no answer.
pub fn local_fields(seconds: i64) -> Option<[i32; 6]> {
    // SAFETY: an all-zero `tm` is valid; the function writes it only.
    let tm = unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        if libc::localtime_r(&seconds, &mut tm).is_null() {
            return None;
        }
        tm
    };
    Some([tm.tm_year.checked_add(1900)?, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec])
}

/// The year in Greenwich; None where the C library has no answer.
pub fn utc_year(seconds: i64) -> Option<i32> {
    broken_down(seconds, false).and_then(|broken| i32::try_from(broken.year).ok())
}

fn to_tm(b: &Broken) -> Option<libc::tm> {
    // SAFETY: an all-zero `tm` is valid.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_year = i32::try_from(b.year - 1900).ok()?;
    tm.tm_mon = i32::try_from(b.month - 1).ok()?;
    tm.tm_mday = i32::try_from(b.day).ok()?;
    tm.tm_hour = i32::try_from(b.hour).ok()?;
    tm.tm_min = i32::try_from(b.minute).ok()?;
    tm.tm_sec = i32::try_from(b.second).ok()?;
    tm.tm_wday = ((b.weekday + 1) % 7) as i32;
    tm.tm_yday = i32::try_from(b.yearday - 1).ok()?;
    tm.tm_isdst = i32::try_from(b.dst).ok()?;
    Some(tm)
}

/// Seconds since the Epoch of a local time.
pub fn seconds_of(b: &Broken) -> Option<i64> {
    let mut tm = to_tm(b)?;
    // The C library marks failure with -1, which is a time too: the weekday tells.
    tm.tm_wday = -1;
    // SAFETY: reads and normalises `tm`.
    let seconds = unsafe { libc::mktime(&mut tm) };
    (seconds != -1 || tm.tm_wday != -1).then_some(seconds)
}

/// C's `strftime`.
pub fn format(format: &str, b: &Broken) -> String {
    let (Some(tm), Ok(pattern)) = (to_tm(b), std::ffi::CString::new(format)) else { return String::new() };
    let mut size = 256 + format.len() * 4;
    loop {
        let mut buffer = vec![0u8; size];
        // SAFETY: writes at most `size` bytes.
        let n = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, pattern.as_ptr(), &tm) };
        // An empty result is right for some patterns: stop when it cannot be for lack of room.
        if n > 0 || size > 256 * (format.len() + 1) {
            return String::from_utf8_lossy(&buffer[..n]).into_owned();
        }
        size *= 4;
    }
}

/// The local zone: seconds west of Greenwich, names.
pub struct Zone {
    pub standard: i64,
    pub daylight: i64,
    pub has_daylight: bool,
    pub names: (String, String),
}

/// Reads the zone settings again.
pub fn read_zone() {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: POSIX; reads the environment.
    unsafe { tzset() }
}

/// The local zone, from a January and a July of this decade.
pub fn zone() -> Zone {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = nanoseconds(Clock::Real) / 1_000_000_000;
    let start = now / YEAR * YEAR;
    let (january, july) = (broken_down(start, true), broken_down(start + YEAR / 2, true));
    let (january, july) = (january.unwrap_or_default(), july.unwrap_or_default());
    let (standard, summer) = if january.offset <= july.offset { (january, july) } else { (july, january) };
    Zone {
        standard: -standard.offset,
        daylight: -summer.offset,
        has_daylight: standard.offset != summer.offset,
        names: (standard.zone, summer.zone),
    }
}
