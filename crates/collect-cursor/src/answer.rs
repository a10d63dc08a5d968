//! A page of the service's answer: where its events stand, and no more of them than an id and a time.

use std::ops::Range;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::seen::Id;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The answer as it came.
    pub(crate) body: Bytes,
    /// Its events, in their order.
    pub(crate) items: Vec<Item>,
    /// Events in the whole window.
    pub(crate) total: Option<u64>,
    /// Pages in the whole window.
    pub(crate) pages: Option<u64>,
    /// Whether the service says that another page follows; nothing when it does not say.
    pub(crate) has_next: Option<bool>,
}

/// An event of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// Its bytes in the body.
    pub(crate) span: Range<usize>,
    pub(crate) id: Id,
    pub(crate) time: Option<Timestamp>,
}

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

/// What tells one event from another. Values of any kind: what they should be is not this room's to judge.
#[derive(Default, Deserialize)]
struct Ident {
    event_id: Option<Value>,
    timestamp: Option<Value>,
}

impl Page {
    /// Reads the body of an answer.
    ///
    /// # Errors
    /// Where it is no such JSON.
    pub fn read(body: Bytes) -> Result<Self, serde_json::Error> {
        let answer: Answer<'_> = serde_json::from_slice(&body)?;
        let pagination = answer.pagination.unwrap_or_default();
        let items = answer.events.iter().map(|event| Item::of(event.get(), &body)).collect();
        Ok(Self {
            items,
            total: pagination.total_count,
            pages: pagination.total_pages,
            has_next: pagination.has_next_page,
            body,
        })
    }

    /// Events in the whole window, as the service counts them.
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

impl Item {
    fn of(event: &str, body: &Bytes) -> Self {
        let start = event.as_ptr() as usize - body.as_ptr() as usize;
        let ident: Ident = serde_json::from_str(event).unwrap_or_default();
        let id = match &ident.event_id {
            Some(Value::String(text)) if !text.is_empty() => Id::of(text.as_bytes()),
            Some(Value::Number(number)) => Id::of(number.to_string().as_bytes()),
            _ => Id::of(event.as_bytes()),
        };
        let time = match ident.timestamp {
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        Self { span: start..start + event.len(), id, time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_as_they_were_sent() {
        let body = br#" {"events":[ {"event_id" : "a","timestamp":"2026-01-01T00:00:00.5Z", "x":1.50e0} ,{"event_id":7}, "odd",{"b":"\u00e9"}],
            "pagination":{"page":1,"totalCount":4,"hasNextPage":false,"more":[]},"params":{}}"#;
        let page = Page::read(Bytes::from_static(body)).unwrap();
        let texts: Vec<&str> = page
            .items
            .iter()
            .map(|item| std::str::from_utf8(&page.body[item.span.clone()]).unwrap())
            .collect();
        assert_eq!(texts[0], r#"{"event_id" : "a","timestamp":"2026-01-01T00:00:00.5Z", "x":1.50e0}"#);
        assert_eq!(texts[1..], [r#"{"event_id":7}"#, "\"odd\"", r#"{"b":"\u00e9"}"#]);
        assert_eq!(page.items[0].id, Id::of(b"a"));
        assert_eq!(page.items[0].time.unwrap().as_millisecond() % 1000, 500);
        assert_eq!(page.items[2].id, Id::of(b"\"odd\""));
        assert_eq!((page.total, page.pages, page.has_next), (Some(4), None, Some(false)));
    }

    #[test]
    fn what_is_no_page_is_told() {
        for bad in ["", "<html>", "{}", r#"{"events":[{"a":1}"#, r#"{"events":{}}"#, "[]"] {
            assert!(Page::read(Bytes::from_static(bad.as_bytes())).is_err(), "{bad}");
        }
        assert!(Page::read(Bytes::from_static(br#"{"events":[],"pagination":null}"#)).is_ok());
    }
}
