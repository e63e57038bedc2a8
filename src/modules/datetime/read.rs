//! Dates and times in the formats of ISO 8601 that `fromisoformat` takes.

use super::calendar;
use crate::object::text::TextRef;
use smallvec::SmallVec;

/// The text does not follow the format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Malformed;

/// The text's characters; each that is not ASCII, and so can be a separator only, as 0xff.
pub type Chars = SmallVec<[u8; 48]>;

pub fn chars(text: TextRef<'_>) -> Chars {
    match text {
        TextRef::Ascii(ascii) => Chars::from_slice(ascii),
        text => text.code_points().map(|c| if c < 0x80 { c as u8 } else { 0xff }).collect(),
    }
}

/// The characters of a part of the text, from a place on. What lies behind the part's end tells how it ended.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next character; 0 behind the whole text.
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn skip(&mut self) -> u8 {
        let c = self.peek();
        self.at += 1;
        c
    }

    fn number(&mut self, digits: usize) -> Result<i32, Malformed> {
        let mut n = 0;
        for _ in 0..digits {
            let c = self.skip();
            if !c.is_ascii_digit() {
                return Err(Malformed);
            }
            n = n * 10 + i32::from(c - b'0');
        }
        Ok(n)
    }
}

/// Year, month and day, not checked, of "YYYY-MM-DD", "YYYYMMDD", "YYYY-Www[-D]" or "YYYYWww[D]".
pub fn day(text: &[u8]) -> Result<(i32, i32, i32), Malformed> {
    let mut r = Reader { text, at: 0 };
    let year = r.number(4)?;
    let dashes = r.peek() == b'-';
    r.at += usize::from(dashes);
    if r.peek() == b'W' {
        r.at += 1;
        let week = r.number(2)?;
        let mut day = 1;
        if r.at < text.len() {
            if dashes && r.skip() != b'-' {
                return Err(Malformed);
            }
            day = r.number(1)?;
        }
        return calendar::from_iso_week(year, week, day).map_err(|_| Malformed);
    }
    let month = r.number(2)?;
    if dashes && r.skip() != b'-' {
        return Err(Malformed);
    }
    Ok((year, month, r.number(2)?))
}

/// The parts of a time, not checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Parts {
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub micro: i32,
}

/// "HH[[:]MM[[:]SS[(.|,)fff...]]]" from `start` on to `end`; and whether something else follows.
fn clock(text: &[u8], start: usize, end: usize) -> Result<(Parts, bool), Malformed> {
    let mut r = Reader { text, at: start };
    let mut numbers = [0; 3];
    let mut colons = false;
    for i in 0..3 {
        numbers[i] = r.number(2)?;
        let c = r.skip();
        if i == 0 {
            colons = c == b':';
        }
        if r.at >= end {
            return Ok((parts(numbers, 0), c != 0));
        }
        match c {
            b':' if colons && i < 2 => {}
            b':' if colons => return Err(Malformed),
            b'.' | b',' if i < 2 => return Err(Malformed),
            b'.' | b',' => break,
            _ if colons => return Err(Malformed),
            _ => r.at -= 1,
        }
    }
    let digits = (end - r.at).min(6);
    let micro = r.number(digits)? * 10i32.pow(6 - digits as u32);
    while r.peek().is_ascii_digit() {
        r.at += 1;
    }
    Ok((parts(numbers, micro), r.peek() != 0))
}

fn parts([hour, minute, second]: [i32; 3], micro: i32) -> Parts {
    Parts { hour, minute, second, micro }
}

/// A time, and the offset behind it in microseconds.
pub fn time(text: &[u8]) -> Result<(Parts, Option<i64>), Malformed> {
    let Some(zone) = text.iter().position(|c| matches!(c, b'Z' | b'+' | b'-')) else {
        let (parts, more) = clock(text, 0, text.len())?;
        return if more { Err(Malformed) } else { Ok((parts, None)) };
    };
    let (parts, _) = clock(text, 0, zone)?;
    if text[zone] == b'Z' {
        return if text.len() > zone + 1 { Err(Malformed) } else { Ok((parts, Some(0))) };
    }
    let (offset, more) = clock(text, zone + 1, text.len())?;
    if more {
        return Err(Malformed);
    }
    let seconds = (i64::from(offset.hour) * 60 + i64::from(offset.minute)) * 60 + i64::from(offset.second);
    let mut micros = seconds * 1_000_000 + i64::from(offset.micro);
    if seconds == 0 {
        // Less than a second is taken for none, as CPython takes it.
        micros = 0;
    }
    Ok((parts, Some(if text[zone] == b'-' { -micros } else { micros })))
}

/// Where the date ends, of a text of 7 characters or more: there stands the separator, which may be any character. The format
/// of the date is seen by its fifth and sixth characters; where a week's date may have a day or not, the number of digits tells.
pub fn separator(text: &[u8]) -> Result<usize, Malformed> {
    if text.len() == 7 {
        return Ok(7);
    }
    match (text[4], text[5]) {
        (b'-', b'W') => {
            if text.len() > 8 && text[8] == b'-' {
                // A day follows, or the dash is the separator: of a time, which begins with two digits.
                return match text.len() {
                    9 => Err(Malformed),
                    n if n > 10 && text[10].is_ascii_digit() => Ok(8),
                    _ => Ok(10),
                };
            }
            Ok(8)
        }
        (b'-', _) => Ok(10),
        (b'W', _) => {
            let digits = text[7..].iter().position(|c| !c.is_ascii_digit()).unwrap_or(text.len() - 7);
            let end = 7 + digits;
            // The parts of a time come in pairs.
            Ok(if end < 9 {
                end
            } else if end % 2 == 0 {
                7
            } else {
                8
            })
        }
        _ => Ok(8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_all_formats() {
        for text in ["2020-03-05", "20200305", "2020-W10-4", "2020W104"] {
            assert_eq!(day(text.as_bytes()), Ok((2020, 3, 5)), "{text}");
        }
        assert_eq!(day(b"2020-W10"), Ok((2020, 3, 2)));
        for text in ["2020-0305", "202003-5", "2020-W10-8", "2020-W54", "20x00305"] {
            assert_eq!(day(text.as_bytes()), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn times_are_read_in_all_formats() {
        let parts = |hour, minute, second, micro| Parts { hour, minute, second, micro };
        for (text, expected) in [
            ("04", (parts(4, 0, 0, 0), None)),
            ("0405", (parts(4, 5, 0, 0), None)),
            ("04:05:06,5", (parts(4, 5, 6, 500_000), None)),
            ("040506.1234567", (parts(4, 5, 6, 123_456), None)),
            ("04:05Z", (parts(4, 5, 0, 0), Some(0))),
            ("04:05-0130", (parts(4, 5, 0, 0), Some(-5_400_000_000))),
            ("04:05+01:30:10.25", (parts(4, 5, 0, 0), Some(5_410_250_000))),
        ] {
            assert_eq!(time(text.as_bytes()), Ok(expected), "{text}");
        }
        for text in ["", "4", "04:0", "04:05:", "04:05:06.", "04.5", "04:0506", "04:05+", "04:05Zx", "04:05:06.1x"] {
            assert_eq!(time(text.as_bytes()), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn the_separator_is_found() {
        for (text, expected) in [
            ("2020-03-05T04", 10),
            ("20200305T04", 8),
            ("2020-W10T04", 8),
            ("2020-W10-4T04", 10),
            ("2020-W10-0405", 8),
            ("2020W10T04", 7),
            ("2020W104T04", 8),
            ("2020W10", 7),
        ] {
            assert_eq!(separator(text.as_bytes()), Ok(expected), "{text}");
        }
        assert_eq!(separator(b"2020-W10-"), Err(Malformed));
    }
}
