//! The contract of a destination.

use async_trait::async_trait;

use crate::{Created, DocumentBatch, Tally};

/// What a destination says of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is there now and was not before.
    Created,
    /// It was there before. What an unclear attempt of the destination's own may have created is [`Self::Created`].
    AlreadyThere,
    /// The data stream's failure store has taken it.
    Diverted,
    /// It will never be taken as it is.
    Rejected {
        /// The destination's status, 400 for instance.
        status: u16,
        /// The destination's reason.
        reason: String,
    },
}

/// A destination's answer: one verdict for each document of the batch, in the batch's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The verdicts.
    pub verdicts: Vec<Verdict>,
    /// The settlement that the destination wrote itself, in the same transaction as the documents. `None`: it is
    /// the caller's to write. Only for a destination that takes one batch at a time, so that a source's
    /// checkpoints are written in order.
    pub settled: Option<Tally>,
}

/// Why a batch has no receipt. The same batch is handed over again later, as often as it takes.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// It may work later; nothing is known to be lost.
    #[error("{0}")]
    Retry(String),
    /// It will not work before somebody acts (credentials, a missing template): delivery pauses and says so.
    #[error("{0}")]
    Fatal(String),
}

/// Takes documents over.
///
/// A receipt is only given when every document is known to be safe or refused for good; retries of single documents
/// are the destination's own business.
#[async_trait]
pub trait Destination: Send + Sync {
    /// Delivers a batch.
    ///
    /// # Errors
    /// [`DeliverError`]; the caller tries the same batch again.
    async fn deliver(&self, batch: &DocumentBatch) -> Result<Receipt, DeliverError>;

    /// How many batches may be under way at once; 1 for a destination that wants those of a source in order.
    fn in_flight(&self) -> usize {
        1
    }

    /// What the balance calls the documents that it creates.
    fn created(&self) -> Created {
        Created::Indexed
    }

    /// What the destination is called in logs and metrics: `elasticsearch`, `store`, `file`.
    fn name(&self) -> &'static str;
}
