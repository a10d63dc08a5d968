//! The sources: whether each can be read, how far it is, how far delivery lags behind it, and what to do when it fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use deliver::{Health, SourceSnapshot};
use event::SourceId;
use jiff::{SignedDuration, Timestamp};
use ledger::LedgerError;
use store::{Access, Filter, Store, Values};

use super::facets::grouped;
use super::json::indented;
use super::line::Time;
use super::visible::cut;
use crate::App;
use crate::access::Caller;
use crate::health::failing;
use crate::page::{PageError, render};

/// A longer checkpoint is cut, in characters.
const MAX_CHECKPOINT: usize = 4_000;
/// A longer reason is cut, in characters.
const MAX_REASON: usize = 1_000;

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    destination: &'static str,
    has_store: bool,
    /// Whether a delivery runs at all.
    is_running: bool,
    failing: Vec<String>,
    sources: Vec<SourceLine>,
}

struct SourceLine {
    name: String,
    dataset: String,
    /// A word for how it is, and a name for how it is drawn.
    state: &'static str,
    mood: &'static str,
    /// Why it fails now, with the cure.
    trouble: Option<(Time, String)>,
    /// Its last failure, when it is over.
    past: Option<(Time, String)>,
    events: String,
    notices: String,
    pending: String,
    /// How long the oldest event under way has waited.
    lag: String,
    last_read: Option<(Time, String)>,
    last_settled: Option<(Time, String)>,
    /// The time of the newest event of its dataset.
    newest: Option<(Time, String)>,
    checkpoint: Option<String>,
}

/// Answers `GET /sources`.
pub(crate) async fn show(State(app): State<Arc<App>>, caller: Caller) -> Result<Response, PageError> {
    caller.access().check()?;
    let access = caller.access().clone();
    let snapshot = app.status.as_ref().map(|status| status.snapshot());
    let (is_running, sources) = (snapshot.is_some(), snapshot.map(|own| own.sources).unwrap_or_default());
    let (ledger, store) = (app.ledger.clone(), app.store.clone());
    let looked = move || -> Result<_, PageError> {
        let checkpoint = |source: &SourceSnapshot| checkpoint(&ledger, &source.source.id);
        let checkpoints = sources.iter().map(checkpoint).collect::<Result<Vec<_>, _>>()?;
        let newest = store.map(|store| newest(&store, &access, &sources)).transpose()?.unwrap_or_default();
        Ok((sources, checkpoints, newest))
    };
    let (sources, checkpoints, newest) = tokio::task::spawn_blocking(looked).await??;
    let now = Timestamp::now();
    let line = |(source, checkpoint): (&SourceSnapshot, Option<String>)| {
        let newest = newest.get(source.source.dataset.as_str()).copied();
        SourceLine::new(source, checkpoint, newest, now)
    };
    render(&SourcesPage {
        destination: app.destination,
        has_store: app.store.is_some(),
        is_running,
        failing: failing(&app),
        sources: sources.iter().zip(checkpoints).map(line).collect(),
    })
}

fn checkpoint(ledger: &ledger::Ledger, source: &SourceId) -> Result<Option<String>, LedgerError> {
    let found = ledger.checkpoint(source)?;
    Ok(found.map(|own| cut(&indented(&own.0.to_string()), MAX_CHECKPOINT)))
}

/// When the newest event of each source's dataset was.
fn newest(
    store: &Store,
    access: &Access,
    sources: &[SourceSnapshot],
) -> Result<BTreeMap<String, Timestamp>, PageError> {
    let mut newest = BTreeMap::new();
    for source in sources {
        let dataset = source.source.dataset.to_string();
        if newest.contains_key(&dataset) {
            continue;
        }
        let filter = Filter::from(Values { datasets: vec![dataset.clone()], ..Values::default() });
        let first = store.page(access, &filter, None, 1)?.rows.into_iter().next();
        newest.extend(first.map(|row| (dataset, row.time)));
    }
    Ok(newest)
}

impl SourceLine {
    fn new(
        source: &SourceSnapshot,
        checkpoint: Option<String>,
        newest: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        let told = |at: Timestamp| (Time::new(at), format!("{} ago", span(now.duration_since(at))));
        let trouble = match &source.health {
            Health::Healthy => None,
            Health::Retrying { since, reason } | Health::Unhealthy { since, reason } => {
                Some((Time::new(*since), cut(reason, MAX_REASON)))
            }
        };
        let (state, mood) = match (&source.health, source.ended) {
            (Health::Unhealthy { .. }, _) => ("needs you", "failure"),
            (Health::Retrying { .. }, _) => ("trying again", "failure"),
            (Health::Healthy, true) => ("read to its end", ""),
            (Health::Healthy, false) => ("running", "success"),
        };
        let past = source.last_failure.as_ref().filter(|_| trouble.is_none());
        Self {
            name: source.source.id.to_string(),
            dataset: source.source.dataset.to_string(),
            state,
            mood,
            past: past.map(|own| (Time::new(own.at), cut(&own.reason, MAX_REASON))),
            trouble,
            events: grouped(source.events),
            notices: grouped(source.notices),
            pending: grouped(source.pending),
            lag: source.oldest_pending.map_or_else(|| "none".to_owned(), |at| span(now.duration_since(at))),
            last_read: source.last_collected.map(told),
            last_settled: source.last_settled.map(told),
            newest: newest.map(told),
            checkpoint,
        }
    }
}

/// A length of time in its two greatest units.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(units.len() - 1);
    let mut left = seconds;
    let parts = units[first..].iter().take(2).filter_map(|(unit, name)| {
        let many = left / unit;
        left %= unit;
        (many > 0 || seconds == 0).then(|| format!("{many} {name}"))
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_short() {
        for (seconds, text) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (61, "1 min 1 s"),
            (3_600, "1 h"),
            (90_061, "1 d 1 h"),
        ] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), text);
        }
    }
}
