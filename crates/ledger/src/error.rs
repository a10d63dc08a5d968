//! Why the ledger can not be used, each with its cure.

use std::path::PathBuf;

use crate::Forbidden;

/// A failure of the ledger. Writing again later may cure [`Io`](Self::Io) and [`Database`](Self::Database) (a full
/// disk, say); the others need somebody to act.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file or directory can not be read, made or written.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said, which the message repeats.
        error: std::io::Error,
    },
    /// Another process has the data directory.
    #[error(
        "the data directory {} is in use by {holder} (lock file {}): stop that process, or give this one its own \
         data_dir", directory.display(), lock.display()
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
        /// The file that is locked.
        lock: PathBuf,
        /// Its holder: `process 4711`, or `another process`.
        holder: String,
    },
    /// A newer version of the program has written the file.
    #[error(
        "{} was written by a newer version of trailcar ({part} has version {found}, this one knows up to {known}): \
         use that version, or another data_dir", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Which part of it.
        part: &'static str,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file is of an older version, and was opened for reading only.
    #[error("{} was not yet used by this version of trailcar: start `trailcar run` once", path.display())]
    Outdated {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged, or something else.
    #[error(
        "{} is damaged or no database of trailcar ({reason}): restore it from a backup, or move it away to begin \
         anew; events are then collected again from the beginning, and a destination that has them says so",
        path.display()
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// The role does not let somebody see it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// SQLite can not do it just now.
    #[error("the database can not be read or written: {0}")]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
