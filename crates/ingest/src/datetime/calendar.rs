//! Dates put together from numbers; what is wrong with one is said in java.time's words.

use jiff::civil::{Date, DateTime, Time};

/// The day of a year: a month and a day of it, or its number.
pub(super) enum Day {
    OfMonth(i64, i64),
    OfYear(i64),
}

/// A date, or why there is none.
pub(super) fn date(year: i64, day: &Day) -> Result<Date, String> {
    let year16 = check("Year", year, -9999, 9999, "-999999999 - 999999999")? as i16;
    let failed = |error: jiff::Error| error.to_string();
    match *day {
        Day::OfYear(day) => {
            check("DayOfYear", day, 1, 366, "1 - 365/366")?;
            if day == 366 && !Date::new(year16, 1, 1).is_ok_and(Date::in_leap_year) {
                return Err(format!("Invalid date 'DayOfYear 366' as '{year}' is not a leap year"));
            }
            let first = Date::new(year16, 1, 1).map_err(failed)?;
            first.with().day_of_year(day as i16).build().map_err(failed)
        }
        Day::OfMonth(month, day) => {
            const NAMES: [&str; 12] = [
                "JANUARY",
                "FEBRUARY",
                "MARCH",
                "APRIL",
                "MAY",
                "JUNE",
                "JULY",
                "AUGUST",
                "SEPTEMBER",
                "OCTOBER",
                "NOVEMBER",
                "DECEMBER",
            ];
            check("MonthOfYear", month, 1, 12, "1 - 12")?;
            check("DayOfMonth", day, 1, 31, "1 - 28/31")?;
            Date::new(year16, month as i8, day as i8).map_err(|_| match (month, day) {
                (2, 29) => format!("Invalid date 'February 29' as '{year}' is not a leap year"),
                _ => format!("Invalid date '{} {day}'", NAMES[month as usize - 1]),
            })
        }
    }
}

/// A time of a date, or why there is none.
pub(super) fn at(date: Date, hour: i64, minute: i64, second: i64, nanos: i64) -> Result<DateTime, String> {
    check("HourOfDay", hour, 0, 23, "0 - 23")?;
    check("MinuteOfHour", minute, 0, 59, "0 - 59")?;
    check("SecondOfMinute", second, 0, 59, "0 - 59")?;
    check("NanoOfSecond", nanos, 0, 999_999_999, "0 - 999999999")?;
    Time::new(hour as i8, minute as i8, second as i8, nanos as i32)
        .map(|time| date.to_datetime(time))
        .map_err(|error| error.to_string())
}

/// The value, if it is from `least` to `most`, which Java calls `range`.
pub(super) fn check(name: &str, value: i64, least: i64, most: i64, range: &str) -> Result<i64, String> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(format!("Invalid value for {name} (valid values {range}): {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_said_as_java_says_them() {
        for (year, day, said) in [
            (2026, Day::OfMonth(2, 29), "Invalid date 'February 29' as '2026' is not a leap year"),
            (2026, Day::OfMonth(4, 31), "Invalid date 'APRIL 31'"),
            (2026, Day::OfMonth(13, 1), "Invalid value for MonthOfYear (valid values 1 - 12): 13"),
            (2026, Day::OfMonth(1, 32), "Invalid value for DayOfMonth (valid values 1 - 28/31): 32"),
            (2026, Day::OfYear(366), "Invalid date 'DayOfYear 366' as '2026' is not a leap year"),
            (2026, Day::OfYear(0), "Invalid value for DayOfYear (valid values 1 - 365/366): 0"),
        ] {
            assert_eq!(date(year, &day), Err(said.to_owned()));
        }
        let day = date(2024, &Day::OfYear(366)).unwrap();
        assert_eq!(day.to_string(), "2024-12-31");
        let hour = at(day, 24, 0, 0, 0).unwrap_err();
        assert_eq!(hour, "Invalid value for HourOfDay (valid values 0 - 23): 24");
    }
}
