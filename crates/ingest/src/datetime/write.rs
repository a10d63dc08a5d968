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
            let nanos = date.subsec_nanosecond().unsigned_abs();
            let width = width.min(9);
            return push_digits(u64::from(nanos) / 10_u64.pow(9 - width as u32), width, out);
        }
    };
    // The sign counts as a digit does.
    if value < 0 {
        out.push('-');
    }
    push_digits(value.unsigned_abs(), width.saturating_sub(usize::from(value < 0)), out);
}

/// Appends a number with at least so many digits.
fn push_digits(value: u64, width: usize, out: &mut String) {
    const MOST: usize = 20;
    let digit = |value: u64| char::from(b'0' + (value % 10) as u8);
    if width == 2 && value < 100 {
        out.extend([digit(value / 10), digit(value)]);
        return;
    }
    let mut digits = [b'0'; MOST];
    let (mut at, mut rest) = (MOST, value);
    while rest > 0 || (at == MOST && width == 0) {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    for _ in MOST..width {
        out.push('0');
    }
    let digits = &digits[at.min(MOST.saturating_sub(width))..];
    out.push_str(std::str::from_utf8(digits).unwrap_or_default());
}

fn push_two(value: i32, out: &mut String) {
    push_digits(u64::from(value.unsigned_abs()), 2, out);
}

fn write_offset(offset: Offset, z_for_zero: bool, form: OffsetForm, out: &mut String) {
    let seconds = offset.seconds();
    if seconds == 0 && z_for_zero {
        out.push('Z');
        return;
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() % 3600 / 60);
    out.push(sign);
    push_two(hours, out);
    match form {
        OffsetForm::Hours if minutes == 0 => {}
        OffsetForm::Hours | OffsetForm::Basic => push_two(minutes, out),
        OffsetForm::Extended => {
            out.push(':');
            push_two(minutes, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digits_are_those_that_formatting_gives(value: i64, short in -9999_i64..99_999, width in 0_usize..30) {
            for value in [value, short] {
                let mut out = String::new();
                if value < 0 {
                    out.push('-');
                }
                push_digits(value.unsigned_abs(), width.saturating_sub(usize::from(value < 0)), &mut out);
                prop_assert_eq!(out, format!("{value:0width$}"));
            }
        }
    }
}
