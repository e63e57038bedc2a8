//! The proleptic Gregorian calendar: ordinals (January 1 of year 1 is 1), months, ISO weeks.

/// The years that dates have.
pub const MIN_YEAR: i32 = 1;
pub const MAX_YEAR: i32 = 9999;
/// The ordinal of the last day of `MAX_YEAR`.
pub const MAX_ORDINAL: i32 = 3_652_059;
/// The ordinal of January 1, 1970.
pub const EPOCH: i32 = 719_163;

/// A day of the calendar; in order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// Days of the months of a common year.
const LENGTHS: [u8; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days of a month, 1 to 12.
pub fn month_length(year: i32, month: i32) -> i32 {
    if month == 2 && is_leap(year) { 29 } else { i32::from(LENGTHS[month as usize - 1]) }
}

/// Days of a year before a month of it.
pub fn days_before_month(year: i32, month: i32) -> i32 {
    /// Of a common year.
    const BEFORE: [i32; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[month as usize - 1] + i32::from(month > 2 && is_leap(year))
}

/// Days before a year, from 1 on.
fn days_before_year(year: i32) -> i32 {
    let before = year - 1;
    before * 365 + before / 4 - before / 100 + before / 400
}

/// The ordinal of a day. The day may lie beyond the month's end.
pub fn ordinal_of(year: i32, month: i32, day: i32) -> i32 {
    days_before_year(year) + days_before_month(year, month) + day
}

/// Year, month and day of an ordinal, which is at least 1. The year may lie beyond `MAX_YEAR`.
///
/// The years are taken to begin in March, so that a leap day ends its year, and in cycles of 400 (146097 days).
pub fn from_ordinal(ordinal: i32) -> (i32, i32, i32) {
    // Days since March 1 of the year 0.
    let days = i64::from(ordinal) + 305;
    let (cycle, days) = (days / 146_097, days % 146_097);
    // Without the leap days before it, the day lies in a year of 365 days.
    let year = (days - days / 1460 + days / 36_524 - days / 146_096) / 365;
    let days = days - (365 * year + year / 4 - year / 100);
    // From March on, months have 153 days in each five.
    let month = (5 * days + 2) / 153;
    let day = days - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    ((year + cycle * 400 + i64::from(month <= 2)) as i32, month as i32, day as i32)
}

/// The day of the week of an ordinal; Monday is 0.
pub fn weekday(ordinal: i32) -> i32 {
    (ordinal + 6) % 7
}

/// The ordinal of the Monday of an ISO year's first week: the one with the year's first Thursday.
fn first_monday(year: i32) -> i32 {
    let january = ordinal_of(year, 1, 1);
    let weekday = weekday(january);
    january - weekday + if weekday > 3 { 7 } else { 0 }
}

/// What is wrong with an ISO year, week and day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsoError {
    Year,
    Week,
    Day,
}

/// The day that an ISO year, week and day name. The year may lie beyond `MAX_YEAR`.
pub fn from_iso_week(year: i32, week: i32, day: i32) -> Result<(i32, i32, i32), IsoError> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoError::Year);
    }
    // A year that begins with a Thursday, and a leap year that begins with a Wednesday, has 53 weeks.
    let first = weekday(ordinal_of(year, 1, 1));
    let weeks = if first == 3 || first == 2 && is_leap(year) { 53 } else { 52 };
    if !(1..=weeks).contains(&week) {
        return Err(IsoError::Week);
    }
    if !(1..=7).contains(&day) {
        return Err(IsoError::Day);
    }
    let ordinal = first_monday(year) + (week - 1) * 7 + day - 1;
    // The first week of year 1 begins on its first day, so there is no day before it.
    Ok(from_ordinal(ordinal))
}

impl Day {
    pub fn ordinal(self) -> i32 {
        ordinal_of(self.year.into(), self.month.into(), self.day.into())
    }

    /// The day of an ordinal; None where no date has it.
    pub fn from_ordinal(ordinal: i64) -> Option<Day> {
        if !(1..=i64::from(MAX_ORDINAL)).contains(&ordinal) {
            return None;
        }
        let (year, month, day) = from_ordinal(ordinal as i32);
        Some(Day { year: year as u16, month: month as u8, day: day as u8 })
    }

    /// The day so many days later; None where no date has it.
    pub fn plus(self, days: i64) -> Option<Day> {
        // Most steps stay within the month.
        let day = i64::from(self.day) + days;
        if (1..=28).contains(&day) {
            return Some(Day { day: day as u8, ..self });
        }
        Day::from_ordinal(i64::from(self.ordinal()) + days)
    }

    /// Monday is 0.
    pub fn weekday(self) -> i32 {
        weekday(self.ordinal())
    }

    /// ISO year, week and day.
    pub fn iso_week(self) -> (i32, i32, i32) {
        let (year, today) = (i32::from(self.year), self.ordinal());
        // The first week begins late, or the next year's first one early. (Year 1 begins with a Monday.)
        let found = if today < first_monday(year) {
            year - 1
        } else if today >= first_monday(year + 1) {
            year + 1
        } else {
            year
        };
        let monday = first_monday(found);
        (found, (today - monday) / 7 + 1, (today - monday) % 7 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_count_days() {
        let mut expected = (1, 1, 1);
        for ordinal in 1..=MAX_ORDINAL {
            assert_eq!(from_ordinal(ordinal), expected);
            let (year, month, day) = expected;
            assert_eq!(ordinal_of(year, month, day), ordinal);
            expected = if day < month_length(year, month) {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(expected, (MAX_YEAR + 1, 1, 1));
        assert_eq!(from_ordinal(MAX_ORDINAL + 1), expected);
    }

    #[test]
    fn iso_weeks_come_back() {
        for ordinal in (1..400_000).chain(MAX_ORDINAL - 800..=MAX_ORDINAL) {
            let day = Day::from_ordinal(ordinal.into()).expect("within the calendar");
            let (year, week, weekday) = day.iso_week();
            assert_eq!(weekday, day.weekday() + 1);
            let (y, m, d) = from_iso_week(year, week, weekday).expect("a week of the year");
            assert_eq!((y, m, d), (day.year.into(), day.month.into(), day.day.into()));
        }
        assert_eq!(from_iso_week(2021, 53, 1), Err(IsoError::Week));
        assert_eq!(from_iso_week(2020, 53, 7), Ok((2021, 1, 3)));
        assert_eq!(from_iso_week(2020, 1, 8), Err(IsoError::Day));
        assert_eq!(from_iso_week(0, 1, 1), Err(IsoError::Year));
    }

    #[test]
    fn steps_stay_within_the_calendar() {
        let day = Day { year: 2000, month: 2, day: 28 };
        assert_eq!(day.plus(1), Some(Day { year: 2000, month: 2, day: 29 }));
        assert_eq!(day.plus(2), Some(Day { year: 2000, month: 3, day: 1 }));
        assert_eq!(Day { year: 1, month: 1, day: 1 }.plus(-1), None);
        assert_eq!(Day { year: 9999, month: 12, day: 31 }.plus(1), None);
    }
}
