//! The quarantine: events that the destination refused for good, why, where they stand in their source, and what sends them
//! again.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use event::SourceId;
use ledger::quarantine::{Entry, Filter, Held, QuarantineId};

use super::facets::grouped;
use super::json::indented;
use super::line::Time;
use super::visible::{cut, visible};
use crate::App;
use crate::access::Caller;
use crate::api::Parameters;
use crate::page::{PageError, render};
use crate::question::encode;

/// Entries on a page.
const PAGE: u32 = 50;
/// Longer reasons are cut in the list, in characters.
const MAX_REASON: usize = 300;
/// Longer events and documents are cut, in characters.
const MAX_TEXT: usize = 100_000;
const PARAMETERS: [&str; 3] = ["source", "dataset", "after"];

#[derive(Template)]
#[template(path = "quarantine.html")]
struct QuarantinePage {
    total: String,
    entries: Vec<Line>,
    /// What the list is narrowed to, and the way out of it.
    source: Option<String>,
    dataset: Option<String>,
    next: Option<String>,
    is_first: bool,
}

struct Line {
    number: QuarantineId,
    held: Time,
    source: String,
    source_href: String,
    dataset: String,
    dataset_href: String,
    status: u16,
    reason: String,
    size: String,
}

#[derive(Template)]
#[template(path = "held.html")]
struct HeldPage {
    number: QuarantineId,
    source: String,
    dataset: String,
    held: Time,
    collected: Time,
    status: u16,
    reason: String,
    location: Option<String>,
    offset: u64,
    size: String,
    stream: String,
    id: String,
    raw: String,
    is_raw_cut: bool,
    document: String,
    is_document_cut: bool,
}

/// Answers `GET /quarantine`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    pairs: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(pairs) = pairs.map_err(|error| PageError::Bad(error.body_text()))?;
    let given = Parameters::read(&pairs, &PARAMETERS)?;
    let after = given.number("after", 0..=i64::MAX, 0)?;
    let (source, dataset) =
        (given.text("source").map(str::to_owned), given.text("dataset").map(str::to_owned));
    let filter = Filter {
        source: source.as_deref().map(SourceId::new),
        dataset: dataset.clone(),
        after: QuarantineId(after),
    };
    let (ledger, access) = (app.ledger.clone(), caller.access().clone());
    let look =
        move || Ok::<_, PageError>((ledger.quarantine(&access, &filter, PAGE + 1)?, ledger.balance()?));
    let (mut entries, balance) = tokio::task::spawn_blocking(look).await??;
    let fits = |given: &Option<String>, own: &str| given.as_deref().is_none_or(|given| given == own);
    let total: u64 = balance
        .iter()
        .filter(|line| fits(&source, line.source.as_str()) && fits(&dataset, &line.dataset))
        .map(|line| line.tally.quarantined)
        .sum();
    let is_more = entries.len() > PAGE as usize;
    entries.truncate(PAGE as usize);
    let last = entries.last().map(|entry| entry.number);
    let next = last.filter(|_| is_more).map(|last| href(source.as_deref(), dataset.as_deref(), last.0));
    render(&QuarantinePage {
        total: grouped(total),
        entries: entries.into_iter().map(Line::new).collect(),
        next,
        is_first: after == 0,
        source,
        dataset,
    })
}

/// Where the list is, narrowed and from a number on.
fn href(source: Option<&str>, dataset: Option<&str>, after: i64) -> String {
    let mut parts = Vec::new();
    parts.extend(source.map(|own| format!("source={}", encode(own))));
    parts.extend(dataset.map(|own| format!("dataset={}", encode(own))));
    parts.extend((after > 0).then(|| format!("after={after}")));
    format!("/quarantine?{}", parts.join("&"))
}

impl Line {
    fn new(entry: Entry) -> Self {
        let source = entry.source.to_string();
        Self {
            number: entry.number,
            held: Time::new(entry.held),
            source_href: href(Some(&source), None, 0),
            dataset_href: href(None, Some(&entry.dataset), 0),
            source,
            dataset: entry.dataset,
            status: entry.status,
            reason: cut(&entry.reason, MAX_REASON),
            size: grouped(entry.size),
        }
    }
}

/// Answers `GET /quarantine/{number}`.
pub(crate) async fn held(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(number): Path<String>,
) -> Result<Response, PageError> {
    let number = number.parse().map(QuarantineId);
    let number = number
        .map_err(|_| PageError::Bad("An event in quarantine has a number: /quarantine/17.".to_owned()))?;
    let (ledger, access) = (app.ledger.clone(), caller.access().clone());
    let held = tokio::task::spawn_blocking(move || ledger.held(&access, number)).await??;
    let held = held.ok_or_else(|| {
        PageError::Missing(format!(
            "There is no event {number} in quarantine. It may have been sent again meanwhile, or dropped."
        ))
    })?;
    render(&HeldPage::new(held))
}

impl HeldPage {
    fn new(held: Held) -> Self {
        let event = held.event;
        let raw = String::from_utf8_lossy(&event.raw);
        let document = indented(&String::from_utf8_lossy(&event.document));
        Self {
            number: held.number,
            source: held.source.to_string(),
            dataset: held.dataset,
            held: Time::new(held.held),
            collected: Time::new(event.collected),
            status: event.status,
            reason: visible(&event.reason),
            location: event.location.map(|own| visible(&own)),
            offset: event.offset,
            size: grouped(event.raw.len() as u64),
            stream: visible(&event.stream),
            id: visible(&event.id),
            is_raw_cut: raw.chars().count() > MAX_TEXT,
            raw: cut(&raw, MAX_TEXT),
            is_document_cut: document.chars().count() > MAX_TEXT,
            document: cut(&document, MAX_TEXT),
        }
    }
}
