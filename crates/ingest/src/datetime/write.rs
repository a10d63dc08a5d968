//! Writes a date by the parts of a pattern.

use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;

use super::pattern::{Field, OffsetForm, Part};
use super::{Moment, Names};

/// Appends the date.
pub(super) fn write(parts: &[Part], date: &Moment, names: &Names, out: &mut String) {
    for part in parts {
        match part {
            Part::Literal(c) => out.push(*c),
            Part::Number { field, width } => write_number(*field, *width, &date.civil, out),
            Part::MonthName { long } => {
                let list = if *long { &names.months } else { &names.short_months };
                out.push_str(&list[date.civil.month() as usize - 1]);
            }
            Part::DayName { long } => {
                let list = if *long { &names.days } else { &names.short_days };
                let day: Weekday = date.civil.weekday();
                out.push_str(&list[day.to_monday_zero_offset() as usize]);
            }
            Part::HalfOfDay => out.push_str(&names.halves[usize::from(date.civil.hour() >= 12)]),
            Part::Offset { z_for_zero, form } => write_offset(date.offset, *z_for_zero, *form, out),
            Part::ZoneName => match date.zone.iana_name() {
                Some(name) => out.push_str(name),
                None => write_offset(date.offset, true, OffsetForm::Extended, out),
            },
            Part::Optional(inner) => write(inner, date, names, out),
        }
    }
}

fn write_number(field: Field, width: usize, date: &DateTime, out: &mut String) {
    let value = match field {
        Field::Year | Field::YearOfEra if width == 2 => i64::from(date.year().rem_euclid(100)),
        Field::YearOfEra if date.year() < 1 => 1 - i64::from(date.year()),
        Field::Year | Field::YearOfEra => i64::from(date.year()),
        Field::Month => date.month().into(),
        Field::Day => date.day().into(),
        Field::DayOfYear => date.day_of_year().into(),
        Field::Hour24 => date.hour().into(),
        Field::ClockHour24 => i64::from((date.hour() + 23) % 24 + 1),
        Field::Hour12 => i64::from((date.hour() + 11) % 12 + 1),
        Field::HourOfHalf => i64::from(date.hour() % 12),
        Field::Minute => date.minute().into(),
        Field::Second => date.second().into(),
        Field::Nano => date.subsec_nanosecond().into(),
        Field::Fraction => {
            let digits = format!("{:09}", date.subsec_nanosecond());
            out.push_str(&digits[..width.min(9)]);
            return;
        }
    };
    out.push_str(&format!("{value:0width$}"));
}

fn write_offset(offset: Offset, z_for_zero: bool, form: OffsetForm, out: &mut String) {
    let seconds = offset.seconds();
    if seconds == 0 && z_for_zero {
        out.push('Z');
        return;
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    out.push_str(&format!("{sign}{hours:02}"));
    match form {
        OffsetForm::Hours if minutes == 0 => {}
        OffsetForm::Hours | OffsetForm::Basic => out.push_str(&format!("{minutes:02}")),
        OffsetForm::Extended => out.push_str(&format!(":{minutes:02}")),
    }
}
