//! A run over all sources.

use std::sync::Arc;
use std::time::Duration;

use event::{Collector, Destination, Normalizer, Source};
use ledger::Ledger;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::lane::Lane;
use crate::report::{Outcome, Report};
use crate::status::Status;

/// Bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of raw and normalized events in memory, in equal shares for the sources. Each source may exceed its share
    /// by one batch.
    pub bytes: usize,
    /// How long what is under way may go on once the run is told to stop.
    pub drain: Duration,
    /// How long failures are waited out before a source is given up, and a failure that somebody has to act on ends
    /// it at once. `None`: for ever, as a service does.
    pub patience: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 8 << 20, drain: Duration::from_secs(25), patience: None }
    }
}

/// All that takes part in a run.
pub struct Delivery {
    sources: Vec<(Arc<Source>, Box<dyn Collector>)>,
    shared: Arc<Shared>,
}

/// What the lanes share.
pub(crate) struct Shared {
    pub(crate) normalizer: Arc<dyn Normalizer>,
    pub(crate) destination: Arc<dyn Destination>,
    pub(crate) ledger: Ledger,
    pub(crate) limits: Limits,
    /// Room for batches at the destination.
    pub(crate) slots: Semaphore,
    pub(crate) status: Arc<Status>,
    /// The drain has taken too long: leave what is under way.
    pub(crate) abandon: CancellationToken,
}

impl Shared {
    /// Whether the batches of a source have to be delivered in order.
    pub(crate) fn ordered(&self) -> bool {
        self.destination.in_flight() <= 1
    }
}

impl Delivery {
    /// Puts a run together. The collectors stand where the ledger's checkpoints say.
    pub fn new(
        sources: Vec<(Arc<Source>, Box<dyn Collector>)>,
        normalizer: Arc<dyn Normalizer>,
        destination: Arc<dyn Destination>,
        ledger: Ledger,
        limits: Limits,
    ) -> Self {
        let status = Status::new(destination.name(), sources.iter().map(|(source, _)| source));
        let shared = Shared {
            slots: Semaphore::new(destination.in_flight().max(1)),
            normalizer,
            destination,
            ledger,
            limits,
            status: Arc::new(status),
            abandon: CancellationToken::new(),
        };
        Self { sources, shared: Arc::new(shared) }
    }

    /// What goes on, to be looked at while [`run`](Self::run) runs.
    pub fn status(&self) -> Arc<Status> {
        Arc::clone(&self.shared.status)
    }

    /// Runs until all collectors have come to their end and all their events are settled, or until `stop` is
    /// cancelled and what was under way is settled or its time is over.
    pub async fn run(self, stop: CancellationToken) -> Report {
        let Self { sources, shared } = self;
        let share = shared.limits.bytes / sources.len().max(1);
        let lanes: Vec<_> = sources
            .into_iter()
            .enumerate()
            .map(|(index, (_, collector))| {
                let lane = Lane::new(Arc::clone(&shared), index, share, stop.child_token());
                AbortOnDropHandle::new(tokio::spawn(lane.run(collector)))
            })
            .collect();
        let deadline = async {
            stop.cancelled().await;
            tokio::time::sleep(shared.limits.drain).await;
            shared.abandon.cancel();
            std::future::pending().await
        };
        tokio::select! {
            report = report(lanes, &shared.status) => report,
            never = deadline => never,
        }
    }
}

async fn report(lanes: Vec<AbortOnDropHandle<Result<(), String>>>, status: &Status) -> Report {
    let mut sources = Vec::with_capacity(lanes.len());
    for (lane, status) in lanes.into_iter().zip(&status.sources) {
        let ended = lane.await.unwrap_or_else(|error| Err(format!("its task ended: {error}")));
        status.ended();
        let seen = status.snapshot();
        if let Err(error) = &ended {
            tracing::error!("source {} was given up: {error}", seen.source.id);
        }
        sources.push(Outcome {
            source: seen.source,
            tally: seen.tally,
            pending: seen.pending,
            notices: seen.notices,
            error: ended.err(),
        });
    }
    Report { sources }
}
