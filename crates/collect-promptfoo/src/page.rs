//! The pages of promptfoo's API.

use bytes::Bytes;
use poll::{Ident, Page};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    logs: Vec<&'a RawValue>,
    total: Option<u64>,
}

#[derive(Deserialize)]
struct Entry {
    id: Option<Value>,
    #[serde(rename = "createdAt")]
    created_at: Option<Value>,
}

impl From<Entry> for Ident {
    fn from(entry: Entry) -> Self {
        Self { id: entry.id, time: entry.created_at }
    }
}

/// Reads the body of an answer to a request for what stands behind `read` events.
///
/// # Errors
/// Where it is no such JSON.
pub fn read_page(body: &Bytes, read: u64) -> Result<Page, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_slice(body)?;
    // Whatever the limit is that the service keeps to, others follow as long as not all are read.
    let behind = read + answer.logs.len() as u64;
    let next = answer.total.map(|total| behind < total);
    Ok(Page::of::<Entry>(body, &answer.logs).with_total(answer.total).with_next(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_as_they_were_sent() {
        let body = br#"{"total":3,"limit":2,"offset":0,"logs":[ {"id":"a","createdAt":"2026-01-01T00:00:00.5Z"},{"id" : 7}]}"#;
        let page = read_page(&Bytes::from_static(body), 0).unwrap();
        let texts: Vec<&[u8]> = page.events().collect();
        assert_eq!(texts, [&br#"{"id":"a","createdAt":"2026-01-01T00:00:00.5Z"}"#[..], br#"{"id" : 7}"#]);
        assert_eq!(page.times().next().flatten().unwrap().as_millisecond() % 1000, 500);
        assert_eq!(page.total(), Some(3));
    }

    #[test]
    fn what_is_no_page_is_told() {
        for bad in ["", "<html>", "{}", r#"{"logs":[{"a":1}"#, r#"{"logs":null}"#, "[]", r#"{"error":"x"}"#] {
            assert!(read_page(&Bytes::from_static(bad.as_bytes()), 0).is_err(), "{bad}");
        }
    }
}
