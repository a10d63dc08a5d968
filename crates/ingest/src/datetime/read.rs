//! Reads a date by the parts of a pattern.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::calendar::{self, Day};
use super::pattern::{Field, OffsetForm, Part};
use super::{Names, iso};

/// What a text said so far.
#[derive(Clone, Default)]
pub(super) struct Found {
    year: Option<i64>,
    year_of_era: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: Option<i64>,
    clock_hour: Option<i64>,
    clock_hour_of_half: Option<i64>,
    hour_of_half: Option<i64>,
    afternoon: Option<bool>,
    minute: Option<i64>,
    second: Option<i64>,
    nanos: Option<i64>,
    zone: Option<TimeZone>,
}

/// Reads the parts from the start of a text; what is left, or how much was left at the failure.
pub(super) fn read<'t>(
    parts: &[Part],
    mut text: &'t str,
    found: &mut Found,
    names: &Names,
) -> Result<&'t str, usize> {
    for (at, part) in parts.iter().enumerate() {
        let fail = Err(text.len());
        let next = match part {
            Part::Literal(c) => text.strip_prefix(*c),
            Part::Number { field, width } => {
                Some(read_number(*field, *width, &parts[at + 1..], text, found)?)
            }
            Part::MonthName { .. } => {
                read_name(text, &names.months, &names.short_months).map(|(month, rest)| {
                    found.month = Some(month as i64 + 1);
                    rest
                })
            }
            Part::DayName { .. } => read_name(text, &names.days, &names.short_days).map(|(_, rest)| rest),
            Part::HalfOfDay => read_name(text, &names.halves, &names.halves).map(|(half, rest)| {
                found.afternoon = Some(half == 1);
                rest
            }),
            Part::Offset { z_for_zero, form } => {
                read_offset(text, *z_for_zero, *form).map(|(offset, rest)| {
                    found.zone = Some(offset.to_time_zone());
                    rest
                })
            }
            Part::ZoneName => read_zone(text, found),
            Part::Optional(inner) => {
                let mut tried = found.clone();
                match read(inner, text, &mut tried, names) {
                    Ok(rest) => {
                        *found = tried;
                        Some(rest)
                    }
                    Err(_) => Some(text),
                }
            }
        };
        match next {
            Some(rest) => text = rest,
            None => return fail,
        }
    }
    Ok(text)
}

/// How a number may be signed: `java.time.format.SignStyle`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Never,
    /// A minus.
    Minus,
    /// A minus; a plus, and then only, where there are more digits than letters.
    Exceeding,
}

/// The least and the most digits that letters stand for, and their sign.
fn form(field: Field, width: usize) -> (usize, usize, Sign) {
    const MOST: usize = 19;
    match (field, width) {
        (Field::Year | Field::YearOfEra, 2) | (Field::Fraction, _) => (width, width, Sign::Never),
        (Field::Year | Field::YearOfEra, 4..) => (width, MOST, Sign::Exceeding),
        (Field::DayOfYear, 2..) => (width, 3, Sign::Never),
        (Field::Year | Field::YearOfEra | Field::Nano, _) | (_, 1) => (width, MOST, Sign::Minus),
        _ => (width, width, Sign::Never),
    }
}

/// How many digits the numbers of fixed width take that follow at once.
fn width_behind(parts: &[Part]) -> usize {
    let fixed = parts.iter().map_while(|part| match part {
        Part::Number { field, width } => match form(*field, *width) {
            (least, most, Sign::Never) if least == most => Some(most),
            _ => None,
        },
        _ => None,
    });
    fixed.sum()
}

/// Reads a number; what is left, or how much was left at the failure.
fn read_number<'t>(
    field: Field,
    width: usize,
    behind: &[Part],
    text: &'t str,
    found: &mut Found,
) -> Result<&'t str, usize> {
    let (least, most, style) = form(field, width);
    let (sign, digits) = match (text.as_bytes().first(), style) {
        (Some(b'-'), Sign::Minus | Sign::Exceeding) => (-1, &text[1..]),
        (Some(b'+'), Sign::Exceeding) => (1, &text[1..]),
        _ => (0, text),
    };
    let there = digits.bytes().take_while(u8::is_ascii_digit).take(most).count();
    // A number of any width leaves what those need that follow it.
    let count =
        if least < there { there.min(least.max(there.saturating_sub(width_behind(behind)))) } else { there };
    if count < least {
        return Err(digits.len());
    }
    let number_of = |digits: &str| {
        let next = |value: u64, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        digits.bytes().fold(0, next)
    };
    let number = i64::try_from(number_of(&digits[..count])).unwrap_or(i64::MAX);
    let wrong = match sign {
        -1 => number == 0,
        1 => count <= least,
        _ => style == Sign::Exceeding && count > least,
    };
    if wrong {
        return Err(text.len());
    }
    let value = if sign == -1 { -number } else { number };
    let place = match field {
        Field::Year => &mut found.year,
        Field::YearOfEra => &mut found.year_of_era,
        Field::Month => &mut found.month,
        Field::Day => &mut found.day,
        Field::DayOfYear => &mut found.day_of_year,
        Field::Hour24 => &mut found.hour,
        Field::ClockHour24 => &mut found.clock_hour,
        Field::Hour12 => &mut found.clock_hour_of_half,
        Field::HourOfHalf => &mut found.hour_of_half,
        Field::Minute => &mut found.minute,
        Field::Second => &mut found.second,
        Field::Nano | Field::Fraction => &mut found.nanos,
    };
    *place = Some(match field {
        Field::Year | Field::YearOfEra if width == 2 => 2000 + value,
        Field::Fraction => {
            let given = count.min(9);
            (number_of(&digits[..given]) * 10_u64.pow(9 - given as u32)) as i64
        }
        _ => value,
    });
    Ok(&digits[count..])
}

/// An offset in the one form that its letters mean.
fn read_offset(text: &str, z_for_zero: bool, form: OffsetForm) -> Option<(Offset, &str)> {
    if let Some(rest) = text.strip_prefix('Z') {
        return z_for_zero.then_some((Offset::UTC, rest));
    }
    let digits = |range: std::ops::Range<usize>| {
        text.get(range).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let length = match form {
        OffsetForm::Hours if digits(3..5) => 5,
        OffsetForm::Hours => 3,
        OffsetForm::Basic if digits(3..5) => 5,
        OffsetForm::Extended if text.get(3..4) == Some(":") && digits(4..6) => 6,
        _ => return None,
    };
    let (offset, left) = iso::offset(text.get(..length)?)?;
    left.is_empty().then_some((offset, &text[length..]))
}

/// The name that a text starts with, longest first; a dot behind a short name is read over.
fn read_name<'t>(text: &'t str, long: &[String], short: &[String]) -> Option<(usize, &'t str)> {
    let first = text.as_bytes().first();
    let mut best: Option<(usize, &String)> = None;
    for (at, name) in long.iter().enumerate().chain(short.iter().enumerate()) {
        if name.as_bytes().first() != first {
            continue;
        }
        let plain = name.trim_end_matches('.');
        let longer = best.is_none_or(|(_, known)| name.len() >= known.len());
        if longer && !plain.is_empty() && text.starts_with(plain) {
            best = Some((at, name));
        }
    }
    let (at, name) = best?;
    let rest = &text[name.trim_end_matches('.').len()..];
    Some((at, if name.ends_with('.') { rest.strip_prefix('.').unwrap_or(rest) } else { rest }))
}

fn read_zone<'t>(text: &'t str, found: &mut Found) -> Option<&'t str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "/_+-:".contains(c))).unwrap_or(text.len());
    let name = &text[..end];
    let known = match name {
        "EST" | "EDT" => "America/New_York",
        "CST" | "CDT" => "America/Chicago",
        "MST" | "MDT" => "America/Denver",
        "PST" | "PDT" => "America/Los_Angeles",
        "CET" | "CEST" => "Europe/Paris",
        "JST" => "Asia/Tokyo",
        "AEST" | "AEDT" => "Australia/Sydney",
        other => other,
    };
    found.zone = Some(super::zone(known).ok()?);
    Some(&text[end..])
}

impl Found {
    /// What the calendar says, and the zone that it says it in.
    pub(super) fn date_time(&self, zone: &TimeZone) -> Result<(DateTime, TimeZone), String> {
        let own = self.zone.clone().unwrap_or_else(|| zone.clone());
        let this_year = || i64::from(Timestamp::now().to_zoned(own.clone()).year());
        let year = self.year.or(self.year_of_era);
        // The day of no year is not looked at.
        let day = match self.day_of_year.filter(|_| year.is_some()) {
            Some(day) => Day::OfYear(day),
            None => Day::OfMonth(self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        let hour = self.hour_of_day()?;
        // The minute of no hour must be one, and counts for nothing.
        let any = |part: Option<i64>| part.unwrap_or(0);
        let [minute, second, nanos] = [self.minute, self.second, self.nanos].map(any);
        // A time of its own is wrong before the date is.
        calendar::at(jiff::civil::Date::ZERO, any(hour), minute, second, nanos)?;
        let time = |date| match hour {
            Some(hour) => calendar::at(date, hour, minute, second, nanos),
            None => calendar::at(date, 0, 0, 0, 0),
        };
        if let Some(year) = self.year_of_era {
            calendar::check("YearOfEra", year, 1, 999_999_999, "1 - 999999999/1000000000")?;
        }
        Ok((time(calendar::date(year.unwrap_or_else(this_year), &day)?)?, own))
    }

    fn hour_of_day(&self) -> Result<Option<i64>, String> {
        if let Some(hour) = self.clock_hour {
            return Ok(Some(calendar::check("ClockHourOfDay", hour, 1, 24, "1 - 24")? % 24));
        }
        let half = match (self.clock_hour_of_half, self.hour_of_half) {
            (Some(hour), _) => Some(calendar::check("ClockHourOfAmPm", hour, 1, 12, "1 - 12")? % 12),
            (None, Some(hour)) => Some(calendar::check("HourOfAmPm", hour, 0, 11, "0 - 11")?),
            (None, None) => None,
        };
        // An hour of no half is not looked at.
        let half = half.zip(self.afternoon).map(|(hour, afternoon)| hour + if afternoon { 12 } else { 0 });
        Ok(self.hour.or(half))
    }
}
