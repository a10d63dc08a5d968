//! The pages of the Admin API.

use bytes::Bytes;
use poll::{Ident, Page};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    pagination: Option<Pagination>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    total_count: Option<u64>,
    total_pages: Option<u64>,
    has_next_page: Option<bool>,
}

#[derive(Deserialize)]
struct Event {
    event_id: Option<Value>,
    timestamp: Option<Value>,
}

impl From<Event> for Ident {
    fn from(event: Event) -> Self {
        Self { id: event.event_id, time: event.timestamp }
    }
}

/// Reads the body of an answer.
///
/// # Errors
/// Where it is no such JSON.
pub fn read_page(body: &Bytes) -> Result<Page, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_slice(body)?;
    let pagination = answer.pagination.unwrap_or_default();
    Ok(Page::of::<Event>(body, &answer.events)
        .with_total(pagination.total_count)
        .with_pages(pagination.total_pages)
        .with_next(pagination.has_next_page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_as_they_were_sent() {
        let body = br#" {"events":[ {"event_id" : "a","timestamp":"2026-01-01T00:00:00.5Z", "x":1.50e0} ,{"event_id":7}, "odd",{"b":"\u00e9"}],
            "pagination":{"page":1,"totalCount":4,"hasNextPage":false,"more":[]},"params":{}}"#;
        let page = read_page(&Bytes::from_static(body)).unwrap();
        let texts: Vec<&str> = page.events().map(|event| std::str::from_utf8(event).unwrap()).collect();
        assert_eq!(texts[0], r#"{"event_id" : "a","timestamp":"2026-01-01T00:00:00.5Z", "x":1.50e0}"#);
        assert_eq!(texts[1..], [r#"{"event_id":7}"#, "\"odd\"", r#"{"b":"\u00e9"}"#]);
        assert_eq!(page.times().next().flatten().unwrap().as_millisecond() % 1000, 500);
        assert_eq!(page.total(), Some(4));
    }

    #[test]
    fn what_is_no_page_is_told() {
        for bad in ["", "<html>", "{}", r#"{"events":[{"a":1}"#, r#"{"events":{}}"#, "[]"] {
            assert!(read_page(&Bytes::from_static(bad.as_bytes())).is_err(), "{bad}");
        }
        assert!(read_page(&Bytes::from_static(br#"{"events":[],"pagination":null}"#)).is_ok());
    }
}
