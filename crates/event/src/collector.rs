//! The contract of a collector.

use async_trait::async_trait;

use crate::RawBatch;

/// Why a collector can not go on just now.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// It may work later: ask again after a while.
    #[error("{0}")]
    Retry(String),
    /// It will not work before somebody acts: the source pauses alone.
    #[error("{0}")]
    Fatal(String),
}

/// Reads one source. It finds where events begin and end, and does not look into them further.
#[async_trait]
pub trait Collector: Send {
    /// The next batch, in the source's order; `None` when there is nothing more and never will be.
    ///
    /// A source that is followed waits here. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`CollectError`] says whether to ask again.
    async fn next(&mut self) -> Result<Option<RawBatch>, CollectError>;

    /// Nothing more is asked for, and what was handed out is settled as far as it will be: time to tell the source
    /// what it has not been told yet.
    async fn close(&mut self) {}
}
