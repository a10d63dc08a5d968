//! What can go wrong, and whether trying again helps.

use std::path::PathBuf;

use event::DeliverError;

use crate::Forbidden;

/// Why the store can not be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file can not be made or read.
    #[error("the store {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("the store {path} is in use by another process: stop that one, or give this one a data_dir of its own")]
    InUse {
        /// Which file.
        path: PathBuf,
    },
    /// The file was written by a newer release.
    #[error("the store has version {found} and this release knows versions up to {known}: install a newer release")]
    Newer {
        /// The version in the file.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// What is in the file does not fit together.
    #[error("the store is damaged: {0}; restore it from a backup, or move it away and collect again")]
    Damaged(String),
    /// There are as many events as row numbers.
    #[error("the store holds all the events that it can number (4 billion)")]
    Full,
    /// SQLite says no.
    #[error("the store: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A document could not be compressed.
    #[error("the store can not compress a document: {0}")]
    Compress(std::io::Error),
    /// The batch does not fit together.
    #[error(transparent)]
    Unanswered(#[from] event::Unanswered),
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
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, SystemIoFailure,
        };
        let passes = match &error {
            StoreError::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(CannotOpen | DatabaseBusy | DatabaseLocked | DiskFull | OutOfMemory | SystemIoFailure)
            ),
            StoreError::File { .. } => true,
            _ => false,
        };
        if passes { Self::Retry(error.to_string()) } else { Self::Fatal(error.to_string()) }
    }
}
