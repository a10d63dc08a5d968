//! The pages of the dashboard's route.

use bytes::Bytes;
use jiff::Timestamp;
use poll::{Ident, Page};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    logs: Vec<&'a RawValue>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
struct Pagination {
    page: Option<u64>,
    total_pages: Option<u64>,
}

#[derive(Deserialize)]
struct Entry {
    id: Option<Value>,
    created_at: Option<Value>,
}

impl From<Entry> for Ident {
    fn from(entry: Entry) -> Self {
        Self { id: entry.id, time: entry.created_at }
    }
}

/// Reads the body of an answer, down to the entries of `start`. The number of all entries is not taken for that of the
/// window, which the route knows nothing of.
///
/// # Errors
/// Where it is no such JSON.
pub fn read_page(body: &Bytes, start: Timestamp) -> Result<Page, serde_json::Error> {
    let answer: Answer<'_> = serde_json::from_slice(body)?;
    let next = answer.pagination.and_then(|at| Some(at.page? < at.total_pages?));
    Ok(Page::of::<Entry>(body, &answer.logs).with_next(next).since(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(body: &'static str, start: &str) -> Vec<Option<i64>> {
        let page = read_page(&Bytes::from_static(body.as_bytes()), start.parse().unwrap()).unwrap();
        page.times().map(|time| time.map(Timestamp::as_second)).collect()
    }

    #[test]
    fn entries_before_the_start_are_left_out() {
        let body = r#"{"logs":[{"created_at":"1970-01-01T00:00:09.000Z"},{"created_at":8000},{},{"created_at":"1970-01-01T00:00:02Z"}],
            "pagination":{"page":1,"per_page":4,"total":9,"total_pages":3}}"#;
        assert_eq!(times(body, "1970-01-01T00:00:08Z"), [Some(9), Some(8), None]);
        assert_eq!(times(body, "1970-01-01T00:00:00Z").len(), 4);
    }

    #[test]
    fn what_is_no_page_is_told() {
        for bad in ["", "<html>", "{}", r#"{"logs":[{"a":1}"#, r#"{"logs":null}"#, "[]"] {
            assert!(read_page(&Bytes::from_static(bad.as_bytes()), Timestamp::UNIX_EPOCH).is_err(), "{bad}");
        }
    }
}
