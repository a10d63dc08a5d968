//! An event as it comes out: the whole document, and the columns that a table shows.

use std::sync::Arc;

use jiff::Timestamp;

/// A stored document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its data stream.
    pub stream: Arc<str>,
    /// Its `_id`.
    pub id: String,
    /// Its `@timestamp`, to the microsecond.
    pub time: Timestamp,
    /// The document as it was delivered: JSON on one line.
    pub source: String,
}

/// What a table shows of an event. Empty texts stand for fields that are not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its data stream.
    pub stream: Arc<str>,
    /// Its `_id`; with the stream it leads to the whole event.
    pub id: String,
    /// `@timestamp`, to the microsecond.
    pub time: Timestamp,
    /// `data_stream.dataset`.
    pub dataset: String,
    /// `event.action`.
    pub action: String,
    /// `event.category`.
    pub categories: Vec<String>,
    /// `event.outcome`.
    pub outcome: String,
    /// The actor: `user.email`, else `user.name`, else `user.id`.
    pub user: String,
    /// `source.ip`, else `source.address`.
    pub source_ip: String,
    /// `source.geo.country_name`, else `source.geo.country_iso_code`.
    pub country: String,
    /// What was acted on: the first of `user.target.email`, `.name`, `.id`, `user.target.group.name`, `.id`, `group.name`, `.id`
    /// that is there.
    pub target: String,
    /// `message`, or `error.message` of an event whose pipeline failed.
    pub message: String,
    /// Whether its pipeline failed (`event.kind: pipeline_error`).
    pub failed: bool,
}
