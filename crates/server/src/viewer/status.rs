//! What is under way, and the balance: that every event accepted ended in exactly one way.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use event::Tally;

use super::facets::grouped;
use crate::App;
use crate::health::{failing, failure};
use crate::page::{PageError, render};

/// What the columns of the balance are called.
const BALANCE: [&str; 8] =
    ["Accepted", "Indexed", "Stored", "Diverted", "Duplicate", "Quarantined", "Dropped", "Pending"];

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    destination: &'static str,
    has_store: bool,
    failing: Vec<String>,
    sources: Vec<SourceLine>,
    balance: Vec<BalanceLine>,
}

struct SourceLine {
    name: String,
    dataset: String,
    state: &'static str,
    events: String,
    pending: String,
    settled: String,
}

struct BalanceLine {
    name: String,
    dataset: String,
    numbers: [String; 8],
}

impl BalanceLine {
    /// Accepted, and all that it is the sum of; what is pending is of this run.
    fn new(name: String, dataset: String, tally: &Tally, pending: u64) -> Self {
        let numbers = [
            tally.accepted + pending,
            tally.indexed,
            tally.stored,
            tally.diverted,
            tally.duplicate,
            tally.quarantined,
            tally.dropped,
            pending,
        ];
        Self { name, dataset, numbers: numbers.map(grouped) }
    }
}

/// Answers `GET /status`; and `GET /` where no event is stored here.
pub(crate) async fn show(State(app): State<Arc<App>>) -> Result<Response, PageError> {
    let ledger = app.ledger.clone();
    let lines = tokio::task::spawn_blocking(move || ledger.balance()).await?;
    let lines = lines.map_err(|error| PageError::Internal(error.to_string()))?;
    let snapshot = app.status.as_ref().map(|status| status.snapshot());
    let sources = snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.sources);
    let pending = |name: &str, dataset: &str| {
        let mut own = sources
            .iter()
            .filter(|own| own.source.id.as_str() == name && own.source.dataset.as_str() == dataset);
        own.next().map_or(0, |own| own.pending)
    };
    let balance = lines.iter().map(|line| {
        let (name, dataset) = (line.source.to_string(), line.dataset.clone());
        let pending = pending(&name, &dataset);
        BalanceLine::new(name, dataset, &line.tally, pending)
    });
    render(&StatusPage {
        destination: app.destination,
        has_store: app.store.is_some(),
        failing: failing(&app),
        sources: sources
            .iter()
            .map(|source| SourceLine {
                name: source.source.id.to_string(),
                dataset: source.source.dataset.to_string(),
                state: match (failure(&source.health), source.ended) {
                    (Some(_), _) => "failing",
                    (None, true) => "read to its end",
                    (None, false) => "running",
                },
                events: grouped(source.events),
                pending: grouped(source.pending),
                settled: source.last_settled.map(|time| format!("{time:.0}")).unwrap_or_default(),
            })
            .collect(),
        balance: balance.collect(),
    })
}
