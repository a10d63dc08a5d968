//! ISO 8601 as Elasticsearch's `ISO8601` format reads it: a date, perhaps to the year or month only; perhaps `T` and
//! a time, perhaps to the hour or minute only, with a fraction behind `.` or `,`; perhaps a zone.

use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// Reads a date; without a zone of its own it is in `zone`.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Zoned, String> {
    let mut reader = Reader { text, rest: text };
    let (civil, offset) = reader.date_time()?;
    let zone = zone.clone();
    match offset {
        Some(offset) => {
            let instant = offset.to_timestamp(civil).map_err(|error| reader.invalid(&error))?;
            Ok(instant.to_zoned(zone))
        }
        None => civil.to_zoned(zone).map_err(|error| reader.invalid(&error)),
    }
}

/// `Z`, `±hh`, `±hhmm` or `±hh:mm`, and what follows it.
pub(super) fn offset(text: &str) -> Option<(Offset, &str)> {
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return Some((Offset::UTC, rest));
    }
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['+', '-'])?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = match rest.strip_prefix(':') {
        Some(rest) => digits(rest, 2)?,
        None => digits(rest, 2).unwrap_or((0, rest)),
    };
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    let offset = Offset::from_seconds(if negative { -seconds } else { seconds }).ok()?;
    (minutes < 60).then_some((offset, rest))
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<(i16, &str)> {
    let head = text.get(..count).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[count..]))
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn date_time(&mut self) -> Result<(DateTime, Option<Offset>), String> {
        let year = self.number(4)?;
        let (mut month, mut day) = (1, 1);
        if self.eat('-') {
            month = self.number(2)?;
            if self.eat('-') {
                day = self.number(2)?;
            }
        }
        let (mut hour, mut minute, mut second, mut nanos) = (0, 0, 0, 0);
        let mut zone = None;
        if self.eat('T') && !self.rest.is_empty() {
            hour = self.number(2)?;
            if self.eat(':') {
                minute = self.number(2)?;
                if self.eat(':') {
                    second = self.number(2)?;
                    if self.eat('.') || self.eat(',') {
                        nanos = self.fraction()?;
                    }
                }
            }
            if let Some((offset, rest)) = offset(self.rest) {
                self.rest = rest;
                zone = Some(offset);
            }
        }
        if !self.rest.is_empty() {
            return Err(format!(
                "Text '{}' could not be parsed, unparsed text found at index {}",
                self.text,
                self.at()
            ));
        }
        let civil =
            DateTime::new(year, month as i8, day as i8, hour as i8, minute as i8, second as i8, nanos);
        civil.map(|civil| (civil, zone)).map_err(|error| self.invalid(&error))
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn number(&mut self, count: usize) -> Result<i16, String> {
        let Some((value, rest)) = digits(self.rest, count) else {
            return Err(format!("Text '{}' could not be parsed at index {}", self.text, self.at()));
        };
        self.rest = rest;
        Ok(value)
    }

    /// Nanoseconds from 1 to 9 digits.
    fn fraction(&mut self) -> Result<i32, String> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).take(9).count();
        if count == 0 {
            return Err(format!("Text '{}' could not be parsed at index {}", self.text, self.at()));
        }
        let (head, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(format!("{head:0<9}").parse().unwrap_or(0))
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn invalid(&self, error: &jiff::Error) -> String {
        format!("Text '{}' could not be parsed: {error}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_elasticsearch_reads() {
        for (text, result) in [
            ("2026", Ok("2026-01-01T00:00:00Z")),
            ("2026-02", Ok("2026-02-01T00:00:00Z")),
            ("2026-02-03", Ok("2026-02-03T00:00:00Z")),
            ("2026-02-03T04", Ok("2026-02-03T04:00:00Z")),
            ("2026-02-03T04:05", Ok("2026-02-03T04:05:00Z")),
            ("2026-02-03T04:05:06,123456789+0530", Ok("2026-02-02T22:35:06.123456789Z")),
            ("2026-02-03T04:05:06.1-02", Ok("2026-02-03T06:05:06.1Z")),
            ("2026-02-03T04:05Z", Ok("2026-02-03T04:05:00Z")),
            ("abc", Err("Text 'abc' could not be parsed at index 0")),
            (
                "2026-02-03 04:05",
                Err("Text '2026-02-03 04:05' could not be parsed, unparsed text found at index 10"),
            ),
            ("2026-1-2", Err("Text '2026-1-2' could not be parsed at index 5")),
            ("2026-02-03T04:05:06.", Err("Text '2026-02-03T04:05:06.' could not be parsed at index 20")),
        ] {
            let read = parse(text, &TimeZone::UTC).map(|zoned| zoned.timestamp().to_string());
            assert_eq!(read.as_deref().map_err(String::as_str), result, "{text}");
        }
        for text in ["2026-02-30", "2026-01-02T24:00:00Z", "2026-13-01"] {
            assert!(parse(text, &TimeZone::UTC).is_err(), "{text}");
        }
    }

    #[test]
    fn a_zone_is_used_where_the_text_has_none() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let zoned = parse("2026-07-02T03:04:05", &zone).unwrap();
        assert_eq!(zoned.timestamp().to_string(), "2026-07-02T01:04:05Z");
    }
}
