//! `/metrics` in the OpenMetrics text format, made of the balance and the delivery's status at the moment of asking.

use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use deliver::Health;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use crate::App;

/// Answers a scrape.
pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let text = tokio::task::spawn_blocking(move || {
        let mut registry = Registry::with_prefix("trailcar");
        registry.register_collector(Box::new(Reading::take(&app)?));
        let mut text = String::new();
        encode(&mut text, &registry).map_err(|error| error.to_string())?;
        Ok::<_, String>(text)
    });
    match text.await {
        Ok(Ok(text)) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Ok(Err(reason)) => (StatusCode::INTERNAL_SERVER_ERROR, reason + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Everything that is told, read at one time.
#[derive(Debug)]
struct Reading {
    events: Vec<([(&'static str, String); 3], u64)>,
    accepted: Vec<([(&'static str, String); 2], u64)>,
    failed: Vec<([(&'static str, String); 2], u64)>,
    pending: Vec<([(&'static str, String); 1], u64)>,
    bytes: Vec<([(&'static str, String); 1], u64)>,
    notices: Vec<([(&'static str, String); 1], u64)>,
    up: Vec<([(&'static str, String); 2], u64)>,
    stored: Option<u64>,
}

impl Reading {
    fn take(app: &App) -> Result<Self, String> {
        let (mut events, mut accepted, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for line in app.ledger.balance().map_err(|error| error.to_string())? {
            let source = || ("source", line.source.to_string());
            let dataset = || ("dataset", line.dataset.clone());
            let tally = line.tally;
            for (result, count) in [
                ("indexed", tally.indexed),
                ("stored", tally.stored),
                ("diverted", tally.diverted),
                ("duplicate", tally.duplicate),
                ("quarantined", tally.quarantined),
                ("dropped", tally.dropped),
            ] {
                events.push(([source(), dataset(), ("result", result.to_owned())], count));
            }
            accepted.push(([source(), dataset()], tally.accepted));
            failed.push(([source(), dataset()], tally.failed));
        }
        let mut reading = Self {
            events,
            accepted,
            failed,
            pending: Vec::new(),
            bytes: Vec::new(),
            notices: Vec::new(),
            up: Vec::new(),
            stored: app.store.as_ref().map(|store| store.len() as u64),
        };
        reading.look(app);
        Ok(reading)
    }

    /// What goes on in this run.
    fn look(&mut self, app: &App) {
        let Some(status) = &app.status else { return };
        let snapshot = status.snapshot();
        let up = |health: &Health| u64::from(*health == Health::Healthy);
        let label =
            |component: &str, name: &str| [("component", component.to_owned()), ("name", name.to_owned())];
        self.up.push((label("destination", app.destination), up(&snapshot.destination)));
        self.up.push((label("ledger", "ledger"), up(&snapshot.ledger)));
        for source in &snapshot.sources {
            let name = || [("source", source.source.id.to_string())];
            self.pending.push((name(), source.pending));
            self.bytes.push((name(), source.bytes));
            self.notices.push((name(), source.notices));
            self.up.push((label("source", source.source.id.as_str()), up(&source.health)));
        }
    }
}

impl Collector for Reading {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        counters(&mut encoder, "events", "Events by what became of them.", &self.events)?;
        counters(&mut encoder, "accepted_events", "Events taken over from sources.", &self.accepted)?;
        let help = "Events whose pipeline failed, delivered as event.kind pipeline_error.";
        counters(&mut encoder, "failed_events", help, &self.failed)?;
        gauges(&mut encoder, "pending_events", "Events under way.", &self.pending)?;
        counters(&mut encoder, "collected_bytes", "Bytes of raw events collected since start.", &self.bytes)?;
        let help = "Things met in sources since start that are no event, such as unreadable files.";
        counters(&mut encoder, "notices", help, &self.notices)?;
        gauges(&mut encoder, "up", "1 while a part works, 0 while it fails.", &self.up)?;
        let help = "The version that runs.";
        let version = [([("version", env!("CARGO_PKG_VERSION").to_owned())], 1)];
        gauges(&mut encoder, "build_info", help, &version)?;
        let Some(events) = self.stored else { return Ok(()) };
        let gauge = ConstGauge::new(i64::try_from(events).unwrap_or(i64::MAX));
        gauge.encode(encoder.encode_descriptor(
            "store_events",
            "Events in the embedded store.",
            None,
            gauge.metric_type(),
        )?)
    }
}

fn counters<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &[([(&'static str, String); N], u64)],
) -> Result<(), fmt::Error> {
    family(encoder, name, help, MetricType::Counter, values, ConstCounter::new)
}

fn gauges<const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &[([(&'static str, String); N], u64)],
) -> Result<(), fmt::Error> {
    family(encoder, name, help, MetricType::Gauge, values, |value| {
        ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX))
    })
}

fn family<M: EncodeMetric, const N: usize>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    kind: MetricType,
    values: &[([(&'static str, String); N], u64)],
    metric: impl Fn(u64) -> M,
) -> Result<(), fmt::Error>
where
    [(&'static str, String); N]: EncodeLabelSet,
{
    if values.is_empty() {
        return Ok(());
    }
    let mut family = encoder.encode_descriptor(name, help, None, kind)?;
    for (labels, value) in values {
        metric(*value).encode(family.encode_family(labels)?)?;
    }
    Ok(())
}
