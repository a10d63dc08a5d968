//! Sends events from quarantine again, once what was wrong with them or with the destination is put right.

use std::sync::Arc;

use event::{
    Checkpoint, Dataset, DeliverError, Destination, Normalizer, RawBatch, RawEvent, Receipt, Settlement,
    Source, Unanswered,
};
use ledger::quarantine::Fate;
use ledger::{Access, Held, Ledger, LedgerError, QuarantineId};

/// Why an event stays in quarantine without a new answer.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// There is no such event.
    #[error("there is no event {0} in quarantine")]
    Missing(QuarantineId),
    /// It is what a collector could not read.
    #[error(
        "{number} is no event but {place}, which could not be read: mend it and have it read again, then \
         `trailcar quarantine drop {number}`"
    )]
    NoEvent {
        /// Its number.
        number: QuarantineId,
        /// The object or message.
        place: String,
    },
    /// The destination gives no answer.
    #[error("event {number} stays in quarantine: {error}")]
    Deliver {
        /// The event.
        number: QuarantineId,
        /// Why.
        error: DeliverError,
    },
    /// The row names a dataset that is none.
    #[error(transparent)]
    Dataset(#[from] event::raw::StreamNameError),
    /// A fault of the program.
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
    /// The ledger can not be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Normalizes one event of the quarantine anew and delivers it. `source` is the configuration of its source
/// ([`Held::source`]); the event keeps the dataset that it came with.
///
/// Gives [`Fate::Sent`] when it has left the quarantine, [`Fate::Refused`] when it was refused again. Whenever this
/// breaks off, the event is in quarantine or delivered, and the balance holds.
///
/// # Errors
/// [`RetryError`].
pub async fn retry_quarantined(
    access: &Access,
    ledger: &Ledger,
    normalizer: &dyn Normalizer,
    destination: &dyn Destination,
    source: &Source,
    number: QuarantineId,
) -> Result<Fate, RetryError> {
    let access = access.clone();
    let held = blocking(ledger, move |ledger| ledger.held(&access, number)).await?;
    let held = held.ok_or(RetryError::Missing(number))?;
    if held.event.document.is_empty() {
        let place = held.event.location.unwrap_or_else(|| "something".to_owned());
        return Err(RetryError::NoEvent { number, place });
    }
    let (stream, id) = (held.event.stream.clone(), held.event.id.clone());
    let source = Source { id: held.source.clone(), dataset: Dataset::new(&held.dataset)?, ..source.clone() };
    let batch = normalizer.normalize(Arc::new(raw(Arc::new(source), held))).await;
    let Receipt { verdicts, settled } = if batch.documents.is_empty() {
        Receipt { verdicts: Vec::new(), settled: None }
    } else {
        destination.deliver(&batch).await.map_err(|error| RetryError::Deliver { number, error })?
    };
    let settlement = Settlement::of(&batch, &verdicts, destination.created())?;
    let again = settlement.quarantined.iter().any(|refused| refused.stream == stream && refused.id == id);
    let fate = if again { Fate::Refused } else { Fate::Sent };
    let settlement = settled.is_none().then_some(settlement);
    blocking(ledger, move |ledger| ledger.resolve(number, fate, settlement.as_ref())).await?;
    Ok(fate)
}

/// The event as it was collected; no checkpoint, since its source is long past it.
fn raw(source: Arc<Source>, held: Held) -> RawBatch {
    let event = held.event;
    RawBatch {
        source,
        sequence: 0,
        location: event.location.map(Into::into),
        events: vec![RawEvent { span: 0..event.raw.len(), offset: event.offset }],
        buffer: event.raw.into(),
        collected: event.collected,
        checkpoint: Checkpoint::default(),
        notices: Vec::new(),
        set_aside: Vec::new(),
        settled: None,
    }
}

async fn blocking<T: Send + 'static>(
    ledger: &Ledger,
    work: impl FnOnce(Ledger) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    let ledger = ledger.clone();
    match tokio::task::spawn_blocking(move || work(ledger)).await {
        Ok(done) => done,
        Err(fault) => std::panic::resume_unwind(fault.into_panic()),
    }
}
