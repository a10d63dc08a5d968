//! java.time patterns: <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/time/format/DateTimeFormatter.html>.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::{Offset, TimeZone};

use super::calendar::{self, Day};
use super::{Moment, Names, iso};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    DayOfYear,
    Hour24,
    Hour12,
    HourOfHalf,
    Minute,
    Second,
    Fraction,
    Nano,
}

/// How much of an offset is written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OffsetForm {
    /// `+01`, and `+0130` where there are minutes.
    Hours,
    /// `+0100`
    Basic,
    /// `+01:00`
    Extended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(char),
    Number {
        field: Field,
        width: usize,
    },
    MonthName {
        long: bool,
    },
    DayName {
        long: bool,
    },
    HalfOfDay,
    /// `X`, `x`, `Z`; `z_for_zero`: no offset is a Z.
    Offset {
        z_for_zero: bool,
        form: OffsetForm,
    },
    ZoneName,
    Optional(Vec<Self>),
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    source: String,
    parts: Vec<Part>,
}

/// What a text said so far.
#[derive(Clone, Default)]
struct Found {
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

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn compile(source: &str) -> Result<Self, String> {
        let mut chars = source.chars().peekable();
        let parts =
            compile(&mut chars, false).map_err(|reason| format!("Invalid format: [{source}]: {reason}"))?;
        Ok(Self { source: source.to_owned(), parts })
    }

    /// Whether it reads or writes names of a language.
    #[cfg(test)]
    fn has_names(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::MonthName { .. } | Part::DayName { .. }))
    }

    /// Reads a date. What the pattern does not say is this year, the first of January, midnight.
    pub(super) fn parse(&self, text: &str, zone: &TimeZone, names: &Names) -> Result<Moment, String> {
        let mut found = Found::default();
        let rest = read(&self.parts, text, &mut found, names)
            .map_err(|rest| format!("Text '{text}' could not be parsed at index {}", text.len() - rest))?;
        if !rest.is_empty() {
            let at = text.len() - rest.len();
            return Err(format!("Text '{text}' could not be parsed, unparsed text found at index {at}"));
        }
        let (civil, own) = found.date_time(zone)?;
        Moment::new(civil, &own, zone)
    }

    /// Writes a date.
    pub(crate) fn format(&self, date: &Moment, names: &Names) -> String {
        let mut out = String::with_capacity(self.source.len() + 8);
        write(&self.parts, date, names, &mut out);
        out
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn compile(chars: &mut Chars<'_>, optional: bool) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    while let Some(c) = chars.next() {
        match c {
            '\'' => quoted(chars, &mut parts)?,
            '[' => parts.push(Part::Optional(compile(chars, true)?)),
            ']' if optional => return Ok(parts),
            ']' => return Err("Pattern invalid as it contains ] without previous [".to_owned()),
            'a'..='z' | 'A'..='Z' => {
                let mut width = 1;
                while chars.next_if_eq(&c).is_some() {
                    width += 1;
                }
                parts.push(letter(c, width)?);
            }
            '{' | '}' | '#' => return Err(format!("Pattern includes reserved character: '{c}'")),
            c => parts.push(Part::Literal(c)),
        }
    }
    Ok(parts)
}

fn quoted(chars: &mut Chars<'_>, parts: &mut Vec<Part>) -> Result<(), String> {
    if chars.next_if_eq(&'\'').is_some() {
        parts.push(Part::Literal('\''));
        return Ok(());
    }
    loop {
        match chars.next() {
            Some('\'') if chars.next_if_eq(&'\'').is_some() => parts.push(Part::Literal('\'')),
            Some('\'') => return Ok(()),
            Some(c) => parts.push(Part::Literal(c)),
            None => return Err("Pattern ends with an incomplete string literal".to_owned()),
        }
    }
}

fn letter(c: char, width: usize) -> Result<Part, String> {
    let number = |field| Ok(Part::Number { field, width });
    match c {
        'y' | 'u' | 'Y' => number(Field::Year),
        'M' | 'L' if width >= 3 => Ok(Part::MonthName { long: width == 4 }),
        'M' | 'L' => number(Field::Month),
        'd' => number(Field::Day),
        'D' => number(Field::DayOfYear),
        'H' | 'k' => number(Field::Hour24),
        'h' => number(Field::Hour12),
        'K' => number(Field::HourOfHalf),
        'm' => number(Field::Minute),
        's' => number(Field::Second),
        'S' => number(Field::Fraction),
        'n' => number(Field::Nano),
        'a' => Ok(Part::HalfOfDay),
        'E' => Ok(Part::DayName { long: width == 4 }),
        'X' | 'x' => {
            let form = match width {
                1 => OffsetForm::Hours,
                2 | 4 => OffsetForm::Basic,
                _ => OffsetForm::Extended,
            };
            Ok(Part::Offset { z_for_zero: c == 'X', form })
        }
        'Z' if width == 5 => Ok(Part::Offset { z_for_zero: true, form: OffsetForm::Extended }),
        'Z' if width < 4 => Ok(Part::Offset { z_for_zero: false, form: OffsetForm::Basic }),
        'z' | 'V' | 'v' | 'O' => Ok(Part::ZoneName),
        _ => Err(format!("Unknown pattern letter: {c}")),
    }
}

/// Reads the parts from the start of a text; what is left, or how much was left at the failure.
fn read<'t>(parts: &[Part], mut text: &'t str, found: &mut Found, names: &Names) -> Result<&'t str, usize> {
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
    fn date_time(&self, zone: &TimeZone) -> Result<(DateTime, TimeZone), String> {
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

fn write(parts: &[Part], date: &Moment, names: &Names, out: &mut String) {
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
        Field::Year if width == 2 => i64::from(date.year().rem_euclid(100)),
        Field::Year => i64::from(date.year()),
        Field::Month => date.month().into(),
        Field::Day => date.day().into(),
        Field::DayOfYear => date.day_of_year().into(),
        Field::Hour24 => date.hour().into(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_read_and_write() {
        let english = Names::english();
        for (pattern, text, instant) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-01-02T03:04:05.678+01:00", "2026-01-02T02:04:05.678"),
            ("dd/MMM/yyyy:HH:mm:ss Z", "02/Jan/2026:03:04:05 +0100", "2026-01-02T02:04:05"),
            ("EEE, d MMMM yyyy h:mm a", "Fri, 2 January 2026 3:04 PM", "2026-01-02T15:04:00"),
            ("yyyyMMddHHmmss", "20260102030405", "2026-01-02T03:04:05"),
            ("yy-M-d", "26-1-2", "2026-01-02T00:00:00"),
            ("yyyy-DDD", "2026-033", "2026-02-02T00:00:00"),
            ("yyyy-MM-dd[ HH:mm]", "2026-01-02", "2026-01-02T00:00:00"),
            ("yyyy-MM-dd[ HH:mm]", "2026-01-02 03:04", "2026-01-02T03:04:00"),
            ("yyyy-MM-dd HH:mm VV", "2026-07-02 03:04 Europe/Amsterdam", "2026-07-02T01:04:00"),
            ("''yyyy''", "'2026'", "2026-01-01T00:00:00"),
        ] {
            let compiled = Pattern::compile(pattern).unwrap();
            let read = compiled.parse(text, &TimeZone::UTC, &english).unwrap();
            assert_eq!(read.civil.to_string(), instant, "{pattern}");
        }
        let date = iso::parse("2026-01-02T15:04:05.678Z", &TimeZone::UTC).unwrap();
        for (pattern, text) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-01-02T15:04:05.678Z"),
            ("EEEE d MMM yy hh:mm a x", "Friday 2 Jan 26 03:04 PM +00"),
            ("D Z", "2 +0000"),
        ] {
            assert_eq!(Pattern::compile(pattern).unwrap().format(&date, &english), text);
        }
    }

    #[test]
    fn names_follow_the_locale() {
        let pattern = Pattern::compile("dd. MMMM yyyy").unwrap();
        assert!(pattern.has_names());
        for (locale, text) in
            [("de", "02. März 2026"), ("fr-FR", "02. mars 2026"), ("es_ES", "02. marzo 2026")]
        {
            let read = pattern.parse(text, &TimeZone::UTC, &Names::of(locale).unwrap()).unwrap();
            assert_eq!(read.civil.to_string(), "2026-03-02T00:00:00");
        }
        assert!(Names::of("xx").is_err());
    }

    #[test]
    fn mistakes_are_named() {
        for (pattern, error) in [
            ("yyyy'", "Invalid format: [yyyy']: Pattern ends with an incomplete string literal"),
            ("yyyyJ", "Invalid format: [yyyyJ]: Unknown pattern letter: J"),
            ("]", "Invalid format: []]: Pattern invalid as it contains ] without previous ["),
        ] {
            assert_eq!(Pattern::compile(pattern).unwrap_err(), error);
        }
        let pattern = Pattern::compile("yyyy-MM-dd").unwrap();
        let error = pattern.parse("2026/01/02", &TimeZone::UTC, &Names::english()).unwrap_err();
        assert_eq!(error, "Text '2026/01/02' could not be parsed at index 4");
    }
}
