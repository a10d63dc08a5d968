//! Dates as the `date` processor reads and writes them: ISO 8601, Unix seconds and milliseconds, TAI64N, and
//! java.time patterns. The civil calendar and time zones are jiff's.

mod calendar;
mod iso;
mod moment;
mod names;
mod pattern;
mod read;
mod write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use moment::Moment;
pub(crate) use names::Names;
pub(crate) use pattern::Pattern;

/// A format that a date is read by.
pub(crate) enum Format {
    Iso8601,
    Unix,
    UnixMs,
    Tai64n,
    Pattern(Pattern),
}

impl Format {
    /// The format of a name or java.time pattern.
    pub(crate) fn compile(format: &str) -> Result<Self, String> {
        Ok(match format {
            "ISO8601" | "iso8601" | "strict_date_optional_time" | "strict_date_optional_time_nanos" => {
                Self::Iso8601
            }
            "UNIX" => Self::Unix,
            "UNIX_MS" => Self::UnixMs,
            "TAI64N" => Self::Tai64n,
            pattern => Self::Pattern(Pattern::compile(pattern)?),
        })
    }

    /// What Java says where a number is to be read and there is a null, in the formats that are numbers.
    pub(crate) fn words_for_null(&self) -> Option<&'static str> {
        match self {
            Self::Iso8601 | Self::Pattern(_) => None,
            Self::Unix => Some("Cannot invoke \"String.length()\" because \"in\" is null"),
            Self::UnixMs => Some("Cannot parse null string"),
            Self::Tai64n => Some("Cannot invoke \"String.startsWith(String)\" because \"date\" is null"),
        }
    }

    /// Reads a date; a text without a zone of its own is in `zone`. The error is the innermost cause.
    pub(crate) fn parse(&self, text: &str, zone: &TimeZone, names: &Names) -> Result<Moment, String> {
        let instant = match self {
            Self::Iso8601 => return iso::parse(text, zone),
            Self::Pattern(pattern) => return pattern.parse(text, zone, names),
            Self::Unix => unix(text)?,
            Self::UnixMs => {
                let millis = text.parse().map_err(|_| format!("For input string: \"{text}\""))?;
                Timestamp::from_millisecond(millis).map_err(|error| error.to_string())?
            }
            Self::Tai64n => tai64n(text)?,
        };
        let there = instant.to_zoned(zone.clone());
        Ok(Moment { civil: there.datetime(), offset: there.offset(), zone: zone.clone() })
    }
}

/// Seconds with a fraction; what is finer than a millisecond is cut.
fn unix(text: &str) -> Result<Timestamp, String> {
    let written = text;
    let text = text.trim_matches(|c: char| c <= ' ');
    if text.is_empty() {
        return Err("empty String".to_owned());
    }
    if painless::has_two_points(text) {
        return Err("multiple points".to_owned());
    }
    // Java takes the letter of a type behind a number.
    let number = text
        .strip_suffix(['d', 'D', 'f', 'F'])
        .filter(|rest| rest.ends_with(|c: char| c.is_ascii_digit() || c == '.'));
    let seconds: f64 =
        number.unwrap_or(text).parse().map_err(|_| format!("For input string: \"{written}\""))?;
    let millis = seconds * 1000.0;
    if !millis.is_finite() || millis.abs() > 1e17 {
        return Err(format!("[{text}] is out of range"));
    }
    // The decimal text is exact where the product of doubles is not.
    let plain = !text.contains(['e', 'E']);
    let whole = text.split_once('.').filter(|_| plain).and_then(|(whole, fraction)| {
        let digits = format!("{:0<3}", fraction.get(..fraction.len().min(3))?);
        let sign = if whole.starts_with('-') { -1 } else { 1 };
        Some(whole.parse::<i64>().ok()? * 1000 + sign * digits.parse::<i64>().ok()?)
    });
    Timestamp::from_millisecond(whole.unwrap_or(millis.round() as i64)).map_err(|error| error.to_string())
}

/// `@` and 16 hexadecimal digits of TAI seconds from 2^62, then 8 of nanoseconds, of which milliseconds count. The first
/// digit is not looked at and neither is what follows the last, as in Elasticsearch.
fn tai64n(text: &str) -> Result<Timestamp, String> {
    const TAI_TO_UTC_IN_1970: i64 = 10_000;
    let digits = text.strip_prefix('@').unwrap_or(text);
    let units: Vec<u16> = digits.encode_utf16().collect();
    let number = |from: usize, to: usize| {
        let out_of_bounds = || format!("Range [{from}, {to}) out of bounds for length {}", units.len());
        let part = String::from_utf16_lossy(units.get(from..to).ok_or_else(out_of_bounds)?);
        i64::from_str_radix(&part, 16).map_err(|_| format!("For input string: \"{part}\" under radix 16"))
    };
    let (seconds, nanos) = (number(1, 16)?, number(16, 24)?);
    let millis = seconds
        .checked_mul(1000)
        .and_then(|millis| millis.checked_sub(TAI_TO_UTC_IN_1970)?.checked_add(nanos / 1_000_000));
    millis
        .ok_or_else(|| format!("[{text}] is out of range"))
        .and_then(|millis| Timestamp::from_millisecond(millis).map_err(|error| error.to_string()))
}

/// The time zone of a name or an offset.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    if name.is_empty() {
        return Err("Invalid ID for ZoneOffset, invalid format: ".to_owned());
    }
    let after = ["UTC", "GMT", "UT"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    if after.is_empty() {
        return Ok(TimeZone::UTC);
    }
    // One digit is enough for the hour of an offset.
    let padded = match after.as_bytes() {
        [sign @ (b'+' | b'-'), hour] => format!("{}0{}", char::from(*sign), char::from(*hour)),
        _ => after.to_owned(),
    };
    if let Some((offset, "")) = iso::offset(&padded) {
        return Ok(offset.to_time_zone());
    }
    let mut letters = name.chars();
    let is_id = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "~/._+-".contains(c));
    match TimeZone::get(name) {
        Ok(zone) => Ok(zone),
        Err(_) if is_id && name.len() > 1 => Err(format!("Unknown time-zone ID: {name}")),
        Err(_)
            if name.starts_with(['+', '-']) && [2, 3, 5, 6, 7, 9].contains(&name.encode_utf16().count()) =>
        {
            Err(format!("Invalid ID for ZoneOffset, non numeric characters found: {name}"))
        }
        Err(_) if name.chars().count() == 1 || name.starts_with(['+', '-']) => {
            Err(format!("Invalid ID for ZoneOffset, invalid format: {name}"))
        }
        Err(_) => Err(format!("Invalid ID for region-based ZoneId, invalid format: {name}")),
    }
}
