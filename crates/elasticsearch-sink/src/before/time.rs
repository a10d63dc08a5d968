//! The time of an event, found in its document without reading all of it.

use std::sync::LazyLock;

use jiff::Timestamp;
use memchr::memmem::Finder;

/// As documents are written: without white space. Within a text the quotes would be escaped.
const MEMBER: &[u8] = br#""@timestamp":"#;

static FINDER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MEMBER));

/// The earliest of all values that are called `@timestamp`, at whatever depth: the document's own is one of them.
/// `None` when one can not be read, or there is none.
pub(super) fn earliest(source: &[u8]) -> Option<Timestamp> {
    let values = FINDER.find_iter(source).map(|place| {
        let value = source[place + MEMBER.len()..].strip_prefix(b"\"")?;
        let end = memchr::memchr(b'"', value)?;
        std::str::from_utf8(&value[..end]).ok()?.parse().ok()
    });
    values.reduce(|one, other| one.zip(other).map(|(one, other): (Timestamp, Timestamp)| one.min(other)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_counts_and_what_is_no_time_is_none() {
        for (source, time) in [
            (r#"{"a":1,"@timestamp":"2026-01-02T03:04:05.678Z","b":2}"#, Some("2026-01-02T03:04:05.678Z")),
            (
                r#"{"x":{"@timestamp":"2030-01-01T00:00:00Z"},"@timestamp":"2026-01-01T00:00:00Z"}"#,
                Some("2026-01-01T00:00:00Z"),
            ),
            (
                r#"{"@timestamp":"2026-01-01T00:00:00Z","m":"{\"@timestamp\":\"2020-01-01T00:00:00Z\"}"}"#,
                Some("2026-01-01T00:00:00Z"),
            ),
            (r#"{"@timestamp":"2026-01-01T00:00:00Z","x":{"@timestamp":"yesterday"}}"#, None),
            (r#"{"@timestamp":1767225600000}"#, None),
            (r#"{"@timestamp":["2026-01-01T00:00:00Z"]}"#, None),
            (r#"{"@timestamp":""#, None),
            ("{}", None),
        ] {
            assert_eq!(earliest(source.as_bytes()), time.map(|time| time.parse().unwrap()), "{source}");
        }
    }
}
