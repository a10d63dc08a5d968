//! ISO 8601 as Elasticsearch's `ISO8601` format reads it: a date, perhaps to the year or month only; perhaps `T` and
//! a time, perhaps to the hour or minute only, with a fraction behind `.` or `,`; perhaps a zone: an offset, or a name.

use jiff::tz::{Offset, TimeZone};

use super::Moment;
use super::calendar::{self, Day};

/// What Elasticsearch says of whatever is not in this form.
const NOT_READ: &str = "Could not fully parse datetime";

/// Reads a date; without a zone of its own it is in `zone`. The error is the innermost cause.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<Moment, String> {
    if text.is_empty() {
        return Err("cannot parse empty datetime".to_owned());
    }
    let (parts, own) = Reader { rest: text }.read().ok_or(NOT_READ)?;
    let date = calendar::date(parts.year, &Day::OfMonth(parts.month, parts.day))?;
    let civil = calendar::at(date, parts.hour, parts.minute, parts.second, parts.nanos)?;
    Moment::new(civil, own.as_ref().unwrap_or(zone), zone)
}

/// `Z`, `±hh`, `±hhmm`, `±hh:mm` or `±hh:mm:ss` up to 18 hours, and what follows it.
pub(super) fn offset(text: &str) -> Option<(Offset, &str)> {
    const MOST: i64 = 18 * 3600;
    if let Some(rest) = text.strip_prefix('Z') {
        return Some((Offset::UTC, rest));
    }
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['+', '-'])?;
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (minutes, rest) = digits(rest, 2)?;
            let seconds = rest.strip_prefix(':').and_then(|rest| digits(rest, 2));
            let (seconds, rest) = seconds.unwrap_or((0, rest));
            (minutes, seconds, rest)
        }
        None => digits(rest, 2).map_or((0, 0, rest), |(minutes, rest)| (minutes, 0, rest)),
    };
    let total = hours * 3600 + minutes * 60 + seconds;
    if minutes > 59 || seconds > 59 || total > MOST {
        return None;
    }
    let total = i32::try_from(if negative { -total } else { total }).ok()?;
    Some((Offset::from_seconds(total).ok()?, rest))
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let head = text.get(..count).filter(|head| head.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((head.parse().ok()?, &text[count..]))
}

/// What a text says; what it does not say is the first of January, midnight.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<(Parts, Option<TimeZone>)> {
        let mut parts =
            Parts { year: self.number(4, 9999)?, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0 };
        if self.eat('-') {
            parts.month = self.number(2, 12)?;
            if self.eat('-') {
                parts.day = self.number(2, 31)?;
            }
        }
        let mut zone = None;
        if self.eat('T') && !self.rest.is_empty() {
            self.time(&mut parts)?;
            if !self.rest.is_empty() {
                zone = Some(self.zone()?);
            }
        }
        self.rest.is_empty().then_some((parts, zone))
    }

    fn time(&mut self, parts: &mut Parts) -> Option<()> {
        parts.hour = self.number(2, 23)?;
        if self.eat(':') {
            parts.minute = self.number(2, 59)?;
            if self.eat(':') {
                parts.second = self.number(2, 59)?;
                if self.eat('.') || self.eat(',') {
                    parts.nanos = self.fraction()?;
                }
            }
        }
        Some(())
    }

    /// The zone that ends the text.
    fn zone(&mut self) -> Option<TimeZone> {
        let name = std::mem::take(&mut self.rest);
        if name.starts_with(['Z', '+', '-']) {
            return offset(name).filter(|(_, rest)| rest.is_empty()).map(|(offset, _)| offset.to_time_zone());
        }
        super::zone(name).ok()
    }

    /// Exactly `count` digits of a number up to `most`; nothing is too small yet.
    fn number(&mut self, count: usize, most: i64) -> Option<i64> {
        let (value, rest) = digits(self.rest, count)?;
        self.rest = rest;
        (value <= most).then_some(value)
    }

    /// Nanoseconds from 1 to 9 digits.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).take(9).count();
        let (head, rest) = self.rest.split_at(count);
        self.rest = rest;
        if head.is_empty() { None } else { format!("{head:0<9}").parse().ok() }
    }

    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the ISO 8601 format of Elasticsearch 9.1 gives.
    #[test]
    fn reads_what_elasticsearch_reads() {
        for (text, result) in [
            ("2026", Ok("2026-01-01T00:00:00")),
            ("2026-02", Ok("2026-02-01T00:00:00")),
            ("2026-02-03", Ok("2026-02-03T00:00:00")),
            ("2026-02-03T", Ok("2026-02-03T00:00:00")),
            ("2026-02-03T04", Ok("2026-02-03T04:00:00")),
            ("2026-02-03T04:05", Ok("2026-02-03T04:05:00")),
            ("2026-02-03T04:05:06,5", Ok("2026-02-03T04:05:06.5")),
            ("2026-02-03T04:05:06,123456789+0530", Ok("2026-02-02T22:35:06.123456789")),
            ("2026-02-03T04:05:06.1-02", Ok("2026-02-03T06:05:06.1")),
            ("2026-02-03T04:05Z", Ok("2026-02-03T04:05:00")),
            ("2026-02-03T04:05:06+01:00:30", Ok("2026-02-03T03:04:36")),
            ("2026-02-03T04:05:06-18:00", Ok("2026-02-03T22:05:06")),
            ("2026-07-03T04:05:06Europe/Berlin", Ok("2026-07-03T02:05:06")),
            ("2026-02-03T04:05:06UTC", Ok("2026-02-03T04:05:06")),
            ("2026-02-03T04:05:06GMT", Ok("2026-02-03T04:05:06")),
            ("9999-12-31T23:59:59.999Z", Ok("9999-12-31T23:59:59.999")),
            ("", Err("cannot parse empty datetime")),
            ("abc", Err(NOT_READ)),
            ("2026-", Err(NOT_READ)),
            ("2026-1-2", Err(NOT_READ)),
            ("02026", Err(NOT_READ)),
            ("2026-02-03 04:05", Err(NOT_READ)),
            ("2026-02-03Z", Err(NOT_READ)),
            ("2026-02-03T04:05:06.", Err(NOT_READ)),
            ("2026-02-03T04:05:06.1234567890Z", Err(NOT_READ)),
            ("2026-02-03T04:05:06z", Err(NOT_READ)),
            ("2026-02-03T04:05:06+1", Err(NOT_READ)),
            ("2026-02-03T04:05:06+18:01", Err(NOT_READ)),
            ("2026-02-03T24:00:00Z", Err(NOT_READ)),
            ("2026-02-03T04:05:60Z", Err(NOT_READ)),
            ("2026-13-01", Err(NOT_READ)),
            ("2026-00-01", Err("Invalid value for MonthOfYear (valid values 1 - 12): 0")),
            ("2026-02-00", Err("Invalid value for DayOfMonth (valid values 1 - 28/31): 0")),
            ("2026-02-30", Err("Invalid date 'FEBRUARY 30'")),
            ("2026-02-29", Err("Invalid date 'February 29' as '2026' is not a leap year")),
        ] {
            let read = parse(text, &TimeZone::UTC).map(|moment| moment.civil.to_string());
            assert_eq!(read.as_deref().map_err(String::as_str), result, "{text}");
        }
    }

    #[test]
    fn a_zone_is_used_where_the_text_has_none() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        let moment = parse("2026-07-02T03:04:05", &zone).unwrap();
        assert_eq!(
            (moment.civil.to_string(), moment.offset.seconds()),
            ("2026-07-02T03:04:05".to_owned(), 7200)
        );
    }
}
