//! java.time patterns: <https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/time/format/DateTimeFormatter.html>.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::read::{Found, read};
use super::write::write;
use super::{Moment, Names};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Year,
    YearOfEra,
    Month,
    Day,
    DayOfYear,
    Hour24,
    /// From 1 to 24.
    ClockHour24,
    Hour12,
    HourOfHalf,
    Minute,
    Second,
    Fraction,
    Nano,
}

/// How much of an offset is written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OffsetForm {
    /// `+01`, and `+0130` where there are minutes.
    Hours,
    /// `+0100`
    Basic,
    /// `+01:00`
    Extended,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
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
        if self.source.trim().is_empty() {
            return Err("No date pattern provided".to_owned());
        }
        if text.is_empty() {
            return Err("cannot parse empty date".to_owned());
        }
        let mut found = Found::default();
        let rest = read(&self.parts, text, &mut found, names).map_err(|rest| {
            format!("Text '{}' could not be parsed at index {}", shown(text), at(text, rest))
        })?;
        if !rest.is_empty() {
            let at = at(text, rest.len());
            return Err(format!(
                "Text '{}' could not be parsed, unparsed text found at index {at}",
                shown(text)
            ));
        }
        let (civil, own) = found.date_time(zone)?;
        Moment::new(civil, &own, zone)
    }

    /// Writes a date.
    pub(crate) fn format(&self, date: &Moment, names: &Names) -> String {
        let mut out = String::with_capacity(self.source.len() + 8);
        self.format_into(date, names, &mut out);
        out
    }

    /// Appends a date.
    pub(crate) fn format_into(&self, date: &Moment, names: &Names, out: &mut String) {
        write(&self.parts, date, names, out);
    }
}

/// Where the last bytes of a text begin, as Java counts.
fn at(text: &str, rest: usize) -> usize {
    text[..text.len() - rest].encode_utf16().count()
}

/// A text as java.time shows it: cut when it is long.
fn shown(text: &str) -> Cow<'_, str> {
    const MOST: usize = 64;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
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
        'u' => number(Field::Year),
        'y' | 'Y' => number(Field::YearOfEra),
        'M' | 'L' if width >= 3 => Ok(Part::MonthName { long: width == 4 }),
        'M' | 'L' => number(Field::Month),
        'd' => number(Field::Day),
        'D' => number(Field::DayOfYear),
        'H' => number(Field::Hour24),
        'k' => number(Field::ClockHour24),
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
        let date = crate::datetime::iso::parse("2026-01-02T15:04:05.678Z", &TimeZone::UTC).unwrap();
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
