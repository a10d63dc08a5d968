//! Why the ledger can not be used, each with its cure.

use std::path::PathBuf;

use crate::Forbidden;

/// A failure of the ledger. Writing again later may cure [`Io`](Self::Io), [`DiskFull`](Self::DiskFull) and
/// [`Database`](Self::Database); the others need somebody to act.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file or directory can not be read, made or written.
    #[error("{}: {error}{}", path.display(), cure(error))]
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
    /// The disk has no room for what is to be written.
    #[error(
        "the disk that has data_dir is full: make room there, what waits is then written without a restart"
    )]
    DiskFull,
    /// SQLite can not do it just now.
    #[error("the database can not be read or written: {0}")]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Database(error),
        }
    }
}

/// What the system does not say of an error.
fn cure(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::StorageFull => ": make room on that disk",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_its_cure() {
        let database = rusqlite::Connection::open_in_memory().unwrap();
        database.execute_batch("PRAGMA max_page_count = 2; CREATE TABLE t (x)").unwrap();
        let error = database.execute("INSERT INTO t VALUES (zeroblob(100000))", []).unwrap_err();
        assert!(LedgerError::from(error).to_string().contains("full: make room"));
        let (path, error) = ("ledger.db".into(), std::io::ErrorKind::StorageFull.into());
        assert!(LedgerError::Io { path, error }.to_string().ends_with(": make room on that disk"));
        let (path, error) = ("ledger.db".into(), std::io::ErrorKind::NotFound.into());
        assert_eq!(LedgerError::Io { path, error }.to_string(), "ledger.db: entity not found");
    }
}
