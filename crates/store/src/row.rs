//! An event as it comes out: the whole document, and the columns that a table shows.

use std::sync::Arc;

use event::Doc;
use jiff::Timestamp;

use crate::document::{dataset, failed, field_texts, first_of};

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
    /// Who acted: the first of [`ACTOR`] that is there.
    pub user: String,
    /// Where from: the first of [`ADDRESS`] that is there.
    pub source_ip: String,
    /// `source.geo.country_name`, else `source.geo.country_iso_code`.
    pub country: String,
    /// What was acted on: the first of [`RESOURCE`] that is there.
    pub target: String,
    /// `message`, or `error.message` of an event whose pipeline failed.
    pub message: String,
    /// Whether its pipeline failed (`event.kind: pipeline_error`).
    pub failed: bool,
}

impl Event {
    /// Appends it as other outputs write documents: `{"_index":…,"_id":…,"_source":{…}}`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"_index":"#);
        event::doc::write_string(&self.stream, out);
        out.extend_from_slice(br#","_id":"#);
        event::doc::write_string(&self.id, out);
        out.extend_from_slice(br#","_source":"#);
        out.extend_from_slice(self.source.as_bytes());
        out.push(b'}');
    }

    /// The columns of a table, read from the document.
    pub fn row(&self) -> Row {
        let mut doc = Doc::new();
        let root = doc.parse_str(&self.source).unwrap_or(Doc::SOURCE);
        let doc = &doc;
        let mut categories = Vec::new();
        field_texts(doc, root, "event.category", &mut |text| categories.push(text.to_owned()));
        let first = |paths: &[&str]| first_of(doc, root, paths);
        Row {
            stream: Arc::clone(&self.stream),
            id: self.id.clone(),
            time: self.time,
            dataset: dataset(doc, root, &self.stream),
            action: first(&["event.action"]),
            categories,
            outcome: first(&["event.outcome"]),
            user: first(ACTOR),
            source_ip: first(ADDRESS),
            country: first(&["source.geo.country_name", "source.geo.country_iso_code"]),
            target: first(RESOURCE),
            message: first(&["message", "error.message"]),
            failed: failed(doc, root),
        }
    }
}

/// Who acted: the first of these fields that is there.
pub const ACTOR: &[&str] = &["user.email", "user.name", "user.id"];
/// What an event belongs to: its team or project, and its organization.
pub const PROJECT: &[&str] =
    &["organization.id", "promptfoo.audit.team_id", "cencori.audit.project", "cursor.audit.team_id"];
/// Where from.
pub const ADDRESS: &[&str] = &["source.ip", "source.address"];
/// What was acted on: somebody, a group, or a thing by what its source calls it; of a look the page that was looked at.
pub const RESOURCE: &[&str] = &[
    "user.target.email",
    "user.target.name",
    "user.target.id",
    "user.target.group.name",
    "user.target.group.id",
    "group.name",
    "group.id",
    "promptfoo.audit.target_id",
    "cencori.audit.resource.id",
    "cursor.audit.directory_group_name",
    "cursor.audit.service_account_id",
    "cursor.audit.api_key_id",
    "cursor.audit.rule_id",
    "cursor.audit.command_id",
    "cursor.audit.hook_id",
    "cursor.audit.setting_name",
    "cursor.audit.secret_name",
    "cursor.audit.server_name",
    "cursor.audit.repo_name",
    "trailcar.audit.definition",
    "url.path",
];
