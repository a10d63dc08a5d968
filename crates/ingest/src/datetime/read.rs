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
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: Option<i64>,
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
                let adjacent = matches!(parts.get(at + 1), Some(Part::Number { .. }));
                read_number(*field, *width, adjacent, text, found)
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

fn read_number<'t>(
    field: Field,
    width: usize,
    adjacent: bool,
    text: &'t str,
    found: &mut Found,
) -> Option<&'t str> {
    // One letter takes what is there, unless another number follows at once; more letters fix the least width.
    let most = match (field, width) {
        (Field::Year, 2) => 2,
        (Field::Year, _) if adjacent => width,
        (Field::Year, _) => 10,
        (Field::Fraction, _) => width,
        (_, 1) if !adjacent => 19,
        (_, width) => width,
    };
    let count = text.bytes().take_while(u8::is_ascii_digit).take(most).count();
    if count == 0 || count < width {
        return None;
    }
    let (digits, rest) = text.split_at(count);
    let value: i64 = digits.parse().ok()?;
    let place = match field {
        Field::Year => {
            found.year = Some(if width == 2 { 2000 + value } else { value });
            return Some(rest);
        }
        Field::Fraction => {
            found.nanos = format!("{digits:0<9}").get(..9)?.parse().ok();
            return Some(rest);
        }
        Field::Month => &mut found.month,
        Field::Day => &mut found.day,
        Field::DayOfYear => &mut found.day_of_year,
        Field::Hour24 => &mut found.hour,
        Field::Hour12 | Field::HourOfHalf => &mut found.hour_of_half,
        Field::Minute => &mut found.minute,
        Field::Second => &mut found.second,
        Field::Nano => &mut found.nanos,
    };
    *place = Some(value);
    Some(rest)
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
    let lists = long.iter().enumerate().chain(short.iter().enumerate());
    let matching = lists.filter(|(_, name)| {
        let name = name.trim_end_matches('.');
        !name.is_empty() && text.starts_with(name)
    });
    let (at, name) = matching.max_by_key(|(_, name)| name.len())?;
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
        let year = self.year.unwrap_or_else(|| i64::from(Timestamp::now().to_zoned(own.clone()).year()));
        let day = match self.day_of_year {
            Some(day) => Day::OfYear(day),
            None => Day::OfMonth(self.month.unwrap_or(1), self.day.unwrap_or(1)),
        };
        let half = match self.hour_of_half {
            Some(hour) => {
                calendar::check("ClockHourOfAmPm", hour, 1, 12, "1 - 12")?;
                Some(hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 })
            }
            None => None,
        };
        let hour = self.hour.or(half).unwrap_or(0);
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        // A time of its own is wrong before the date is.
        let time = |date| calendar::at(date, hour, minute, second, self.nanos.unwrap_or(0));
        time(jiff::civil::Date::ZERO)?;
        Ok((time(calendar::date(year, &day)?)?, own))
    }
}
