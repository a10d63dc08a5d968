//! The balance: every event that was taken over ended in exactly one way, and the page shows that the sum is right.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use event::Tally;

use super::facets::grouped;
use crate::App;
use crate::access::Caller;
use crate::page::{PageError, render};

/// What the columns are called; the first is the sum of the others.
const COLUMNS: [&str; 8] =
    ["Accepted", "Indexed", "Stored", "Diverted", "Duplicate", "Quarantined", "Dropped", "Pending"];

#[derive(Template)]
#[template(path = "balance.html")]
struct BalancePage {
    lines: Vec<Line>,
    total: Option<Line>,
}

struct Line {
    name: String,
    dataset: String,
    numbers: [String; 8],
    /// Of those that got through, how many as a failed document.
    failed: String,
    /// Whether the first number is the sum of the others.
    is_even: bool,
}

/// The numbers of a line.
#[derive(Clone, Copy, Default)]
struct Numbers {
    tally: Tally,
    pending: u64,
}

impl Line {
    fn new(name: String, dataset: String, Numbers { tally, pending }: Numbers) -> Self {
        let ways = [
            tally.indexed,
            tally.stored,
            tally.diverted,
            tally.duplicate,
            tally.quarantined,
            tally.dropped,
            pending,
        ];
        let accepted = tally.accepted + pending;
        let mut numbers = std::iter::once(accepted).chain(ways).map(grouped);
        Self {
            name,
            dataset,
            numbers: std::array::from_fn(|_| numbers.next().unwrap_or_default()),
            failed: grouped(tally.failed),
            is_even: accepted == ways.iter().sum::<u64>(),
        }
    }
}

/// Answers `GET /balance`.
pub(crate) async fn show(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, PageError> {
    caller.access().check()?;
    let ledger = app.ledger.clone();
    let balance = tokio::task::spawn_blocking(move || ledger.balance()).await??;
    let sources = app.status.as_ref().map(|status| status.snapshot().sources).unwrap_or_default();
    let mut total = Numbers::default();
    let mut lines = Vec::new();
    for line in &balance {
        // What is pending is of this run and in no ledger yet.
        let own = sources
            .iter()
            .filter(|own| own.source.id == line.source && own.source.dataset.as_str() == line.dataset);
        let numbers = Numbers { tally: line.tally, pending: own.map(|own| own.pending).sum() };
        total.tally.add(&numbers.tally);
        total.pending += numbers.pending;
        lines.push(Line::new(line.source.to_string(), line.dataset.clone(), numbers));
    }
    let total = (lines.len() > 1).then(|| Line::new("All".to_owned(), String::new(), total));
    render(&BalancePage { lines, total })
}
