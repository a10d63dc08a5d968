//! What goes on, for health checks, metrics and progress. Updated once a batch; reading it holds nothing up.

use std::collections::VecDeque;
use std::sync::Arc;

use event::{RawBatch, Source, Tally};
use jiff::Timestamp;
use parking_lot::Mutex;

use crate::vital::{Failure, Health, Vital};

/// Shared by the delivery and those who look on.
#[derive(Debug)]
pub struct Status {
    pub(crate) destination: Vital,
    pub(crate) ledger: Vital,
    pub(crate) sources: Vec<SourceStatus>,
}

/// What goes on, all at one time.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Whether the destination takes documents.
    pub destination: Health,
    /// Whether settlements can be written.
    pub ledger: Health,
    /// In the order in which the sources were given.
    pub sources: Vec<SourceSnapshot>,
}

/// What goes on with one source.
#[derive(Clone, Debug)]
pub struct SourceSnapshot {
    /// The source.
    pub source: Arc<Source>,
    /// Whether it can be read.
    pub health: Health,
    /// Whether it has come to its end, or was given up.
    pub ended: bool,
    /// Events collected in this run.
    pub events: u64,
    /// Their bytes, raw.
    pub bytes: u64,
    /// What its collector met that is no event.
    pub notices: u64,
    /// Events collected and not settled yet.
    pub pending: u64,
    /// When the oldest of those was collected: how far delivery lags.
    pub oldest_pending: Option<Timestamp>,
    /// What became of the events that were settled in this run.
    pub tally: Tally,
    /// When the source was last read without a failure.
    pub last_collected: Option<Timestamp>,
    /// When a batch of it was last settled.
    pub last_settled: Option<Timestamp>,
    /// The last failure of this run, also when it is over.
    pub last_failure: Option<Failure>,
}

impl Status {
    pub(crate) fn new<'a>(destination: &str, sources: impl Iterator<Item = &'a Arc<Source>>) -> Self {
        Self {
            destination: Vital::new(format!("delivery to {destination}")),
            ledger: Vital::new("the ledger".to_owned()),
            sources: sources.map(SourceStatus::new).collect(),
        }
    }

    /// What goes on now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            destination: self.destination.health(),
            ledger: self.ledger.health(),
            sources: self.sources.iter().map(SourceStatus::snapshot).collect(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct SourceStatus {
    pub(crate) source: Arc<Source>,
    pub(crate) vital: Vital,
    numbers: Mutex<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers {
    ended: bool,
    events: u64,
    bytes: u64,
    notices: u64,
    /// Batches under way, in order: events and when they were collected.
    under_way: VecDeque<(u64, Timestamp)>,
    tally: Tally,
    last_collected: Option<Timestamp>,
    last_settled: Option<Timestamp>,
}

impl SourceStatus {
    fn new(source: &Arc<Source>) -> Self {
        Self {
            source: Arc::clone(source),
            vital: Vital::new(format!("source {}", source.id)),
            numbers: Mutex::default(),
        }
    }

    pub(crate) fn collected(&self, raw: &RawBatch) {
        let numbers = &mut *self.numbers.lock();
        numbers.events += raw.events.len() as u64;
        numbers.bytes += raw.events.iter().map(|event| event.span.len() as u64).sum::<u64>();
        numbers.notices += raw.notices.len() as u64;
        numbers.under_way.push_back((raw.accepted(), raw.collected));
        numbers.last_collected = Some(Timestamp::now());
    }

    /// The oldest batch under way is settled.
    pub(crate) fn settled(&self, tally: &Tally) {
        let numbers = &mut *self.numbers.lock();
        numbers.under_way.pop_front();
        numbers.tally.add(tally);
        numbers.last_settled = Some(Timestamp::now());
    }

    pub(crate) fn ended(&self) {
        self.numbers.lock().ended = true;
    }

    pub(crate) fn snapshot(&self) -> SourceSnapshot {
        let numbers = self.numbers.lock();
        SourceSnapshot {
            source: Arc::clone(&self.source),
            health: self.vital.health(),
            ended: numbers.ended,
            events: numbers.events,
            bytes: numbers.bytes,
            notices: numbers.notices,
            pending: numbers.under_way.iter().map(|(events, _)| events).sum(),
            oldest_pending: numbers.under_way.front().map(|(_, collected)| *collected),
            tally: numbers.tally,
            last_collected: numbers.last_collected,
            last_settled: numbers.last_settled,
            last_failure: self.vital.last_failure(),
        }
    }
}
