//! Times as ISO 8601 has them: read as `ZonedDateTime.parse` and `Instant.parse` do, written as `toString` does.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::exception::{Exception, Thrown};
use crate::value::Moment;

/// A text with a place in it, up to which it is read.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn wrong<T>(&self) -> Result<T, Thrown> {
        let reason = format!("Text '{}' could not be parsed at index {}", self.text, self.at);
        Err(Exception::new("DateTimeParseException", reason))
    }

    /// Passes over a character, whatever its case.
    fn takes(&mut self, c: u8) -> bool {
        let is_next = self.text.as_bytes().get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(&c));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, c: u8) -> Result<(), Thrown> {
        if self.takes(c) { Ok(()) } else { self.wrong() }
    }

    /// A number of so many digits.
    fn number<N: TryFrom<i32>>(&mut self, digits: usize) -> Result<N, Thrown> {
        let read = self.text.get(self.at..self.at + digits);
        let number = read.filter(|read| read.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|number| number.parse().ok()).and_then(|number: i32| N::try_from(number).ok()) {
            Some(number) => {
                self.at += digits;
                Ok(number)
            }
            None => self.wrong(),
        }
    }

    /// What stands behind the point, in billionths.
    fn fraction(&mut self) -> i32 {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits: Vec<u8> = rest.iter().copied().take_while(u8::is_ascii_digit).take(9).collect();
        self.at += digits.len();
        (0..9).fold(0, |sum, at| sum * 10 + digits.get(at).map_or(0, |digit| i32::from(digit - b'0')))
    }

    fn offset(&mut self) -> Result<Offset, Thrown> {
        if self.takes(b'Z') {
            return Ok(Offset::UTC);
        }
        let start = self.at;
        let sign = match (self.takes(b'+'), self.takes(b'-')) {
            (true, _) => 1,
            (_, true) => -1,
            _ => return self.wrong(),
        };
        let mut seconds = self.number::<i32>(2)? * 3600;
        for unit in [60, 1] {
            if self.takes(b':') {
                seconds += self.number::<i32>(2)? * unit;
            }
        }
        let offset = Offset::from_seconds(sign * seconds).ok().filter(|_| seconds <= 18 * 3600);
        self.at = if offset.is_some() { self.at } else { start };
        offset.map_or_else(|| self.wrong(), Ok)
    }

    /// What no calendar has.
    fn impossible<T>(&self) -> Result<T, Thrown> {
        let reason = format!("Text '{}' could not be parsed: no such date or time", self.text);
        Err(Exception::new("DateTimeParseException", reason))
    }
}

/// Reads a time with its offset; seconds may be left out where a whole time is not asked for.
///
/// # Errors
/// `DateTimeParseException`, in Java's words but for dates that no calendar has. Names of zones in brackets are not read.
pub(super) fn read(text: &str, whole: bool) -> Result<Moment, Thrown> {
    let mut reader = Reader { text, at: 0 };
    let year = reader.number(4)?;
    reader.expect(b'-')?;
    let month = reader.number(2)?;
    reader.expect(b'-')?;
    let day = reader.number(2)?;
    reader.expect(b'T')?;
    let hour = reader.number(2)?;
    reader.expect(b':')?;
    let minute = reader.number(2)?;
    let (mut second, mut nanosecond) = (0, 0);
    if whole {
        reader.expect(b':')?;
        second = reader.number(2)?;
    } else if reader.takes(b':') {
        second = reader.number(2)?;
    }
    if reader.takes(b'.') {
        nanosecond = reader.fraction();
    }
    let offset = reader.offset()?;
    if reader.at < text.len() {
        let reason = format!("Text '{text}' could not be parsed, unparsed text found at index {}", reader.at);
        return Err(Exception::new("DateTimeParseException", reason));
    }
    let (Ok(date), Ok(time)) = (Date::new(year, month, day), Time::new(hour, minute, second, nanosecond))
    else {
        return reader.impossible();
    };
    match offset.to_timestamp(DateTime::from_parts(date, time)) {
        Ok(at) => Ok(Moment { at, offset: Some(offset) }),
        Err(_) => reader.impossible(),
    }
}

/// A time as Java writes it: that of an instant has seconds, others only where there are any.
pub(crate) fn write(moment: &Moment) -> String {
    let offset = moment.offset.unwrap_or(Offset::UTC);
    let local = offset.to_datetime(moment.at);
    let mut out = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute()
    );
    let nanoseconds = local.subsec_nanosecond();
    if moment.offset.is_none() || local.second() > 0 || nanoseconds > 0 {
        out.push_str(&format!(":{:02}", local.second()));
    }
    out.push_str(&match nanoseconds {
        0 => String::new(),
        whole if whole % 1_000_000 == 0 => format!(".{:03}", whole / 1_000_000),
        whole if whole % 1_000 == 0 => format!(".{:06}", whole / 1_000),
        whole => format!(".{whole:09}"),
    });
    let seconds = offset.seconds();
    if seconds == 0 {
        out.push('Z');
        return out;
    }
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    out.push_str(&format!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60));
    if seconds % 60 > 0 {
        out.push_str(&format!(":{:02}", seconds % 60));
    }
    out
}

/// A length of time in nanoseconds as Java writes it: `PT1H2M3.5S`.
pub(crate) fn write_length(nanoseconds: i128) -> String {
    let (whole, rest) = (nanoseconds / 1_000_000_000, (nanoseconds % 1_000_000_000).unsigned_abs());
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    let mut out = String::from("PT");
    for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
        if number != 0 {
            out.push_str(&format!("{number}{unit}"));
        }
    }
    if seconds != 0 || rest > 0 || out.len() == 2 {
        let sign = if nanoseconds < 0 && seconds == 0 { "-" } else { "" };
        let number = format!("{sign}{seconds}.{rest:09}");
        out.push_str(number.trim_end_matches('0').trim_end_matches('.'));
        out.push('S');
    }
    out
}

/// The instant of a number of nanoseconds since 1970, in the years that there are here.
pub(super) fn instant(nanoseconds: i128) -> Result<Timestamp, Thrown> {
    Timestamp::from_nanosecond(nanoseconds)
        .map_err(|_| Exception::new("DateTimeException", "an instant is out of the years -9999 to 9999"))
}
