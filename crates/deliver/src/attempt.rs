//! One batch: normalized once, handed to the destination until it is answered for.

use std::sync::Arc;

use event::{DeliverError, DocumentBatch, RawBatch, Receipt, Settled, Settlement, Tally};
use tokio::sync::oneshot;

use crate::backoff::{Backoff, Severity};
use crate::delivery::Shared;
use crate::memory::Held;

/// A batch that is answered for.
pub(crate) struct Answer {
    pub(crate) books: Books,
    /// Its memory: refused events are still in the settlement.
    pub(crate) memory: Held,
    /// Whom to tell when it is settled.
    pub(crate) settled: Option<Settled>,
}

/// Whether a settlement is in the ledger.
pub(crate) enum Books {
    /// The destination has written it.
    Written(Tally),
    /// It has to be written.
    Open(Settlement),
}

/// Takes a batch through. `turn` comes when the batch before it is settled, for destinations that need the order.
///
/// Fails when patience has ended, with the last reason.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    raw: Arc<RawBatch>,
    mut memory: Held,
    turn: Option<oneshot::Receiver<()>>,
) -> Result<Answer, String> {
    let batch =
        if raw.events.is_empty() { DocumentBatch::new(raw) } else { shared.normalizer.normalize(raw).await };
    memory.adjust(&batch.raw, batch.bulk().len());
    if let Some(turn) = turn {
        turn.await.map_err(|_| "the batch before it was given up".to_owned())?;
    }
    let mut backoff = Backoff::new(shared.limits.patience);
    let mut trouble = shared.status.destination.user();
    loop {
        let (severity, reason) = match attempt(&shared, &batch).await {
            Ok(books) => {
                trouble.over();
                return Ok(Answer { books, memory, settled: batch.raw.settled.clone() });
            }
            Err(DeliverError::Retry(reason)) => (Severity::Passing, reason),
            Err(DeliverError::Fatal(reason)) => (Severity::Lasting, reason),
        };
        trouble.failed(severity, &reason);
        match backoff.pause(severity) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(reason),
        }
    }
}

/// One attempt; it holds a slot of the destination no longer than it takes.
async fn attempt(shared: &Shared, batch: &DocumentBatch) -> Result<Books, DeliverError> {
    let Receipt { verdicts, settled } = if batch.documents.is_empty() {
        Receipt { verdicts: Vec::new(), settled: None }
    } else {
        let _slot = shared.slots.acquire().await.map_err(|error| DeliverError::Retry(error.to_string()))?;
        shared.destination.deliver(batch).await?
    };
    match settled {
        Some(tally) => Ok(Books::Written(tally)),
        None => Settlement::of(batch, &verdicts, shared.destination.created())
            .map(Books::Open)
            .map_err(|error| DeliverError::Fatal(error.to_string())),
    }
}
