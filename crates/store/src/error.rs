//! What can go wrong, and whether trying again helps.

use event::DeliverError;
use ledger::LedgerError;

use crate::Forbidden;

/// Why the store can not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Its file can not be made, opened, read or written; it says which and what to do.
    #[error(transparent)]
    File(#[from] LedgerError),
    /// What is in the file does not fit together.
    #[error("the store is damaged ({0}): restore it from a backup, or move it away and collect again")]
    Damaged(String),
    /// There are as many events as row numbers.
    #[error("the store holds all the events that it can number (4,294,967,295): use a new data_dir")]
    Full,
    /// A document can not be compressed.
    #[error("a document can not be compressed: {0}")]
    Compress(std::io::Error),
    /// The batch does not fit together.
    #[error(transparent)]
    Unanswered(#[from] event::Unanswered),
    /// It was opened for reading only, or its writer is gone.
    #[error("the store is open for reading only")]
    ReadOnly,
}

impl StoreError {
    /// The document of a row is no JSON.
    pub(crate) fn no_json(row: u32, error: &event::JsonError) -> Self {
        Self::Damaged(format!("the document of row {row} is no JSON: {error}"))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error.into())
    }
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The asker may not: 403.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The question can not be asked so, and the text says what to change: 400.
    #[error("{0}")]
    Invalid(String),
    /// The store could not be read: 500.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<StoreError> for DeliverError {
    /// A full disk, a lock or a failing device may pass; a file that is broken or of another version will not.
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::File(LedgerError::Io { .. } | LedgerError::DiskFull | LedgerError::Database(_)) => {
                Self::Retry(error.to_string())
            }
            _ => Self::Fatal(error.to_string()),
        }
    }
}
