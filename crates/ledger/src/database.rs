//! Opening SQLite files the way durable state wants it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::{LedgerError, data_dir};

/// How long another process that reads may hold up a write.
const BUSY: Duration = Duration::from_secs(10);

/// Opens a file for reading and writing, made with mode 0600 when it is not there: write-ahead log, synced at each
/// commit.
///
/// # Errors
/// [`LedgerError::Broken`] for a file that is no database; [`LedgerError::Io`] when it can not be made.
pub fn open(path: &Path) -> Result<Connection, LedgerError> {
    // SQLite gives the log and its index the mode of the database: it has to be there before.
    data_dir::open_private(path).map_err(|error| LedgerError::Io { path: path.to_owned(), error })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| broken(path, error))?;
    set_up(&connection).map_err(|error| broken(path, error))?;
    if let Some(directory) = path.parent() {
        data_dir::sync_directory(directory);
    }
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", "on")?;
    connection.pragma_update(None, "trusted_schema", "off")
}

/// Opens a file for reading only, beside the process that writes it.
///
/// # Errors
/// [`LedgerError::Io`] when it is not there; [`LedgerError::Broken`] when it is no database.
pub fn open_read_only(path: &Path) -> Result<Connection, LedgerError> {
    // Not opened to look: closing any descriptor of the file would drop the locks that this process has on it.
    path.metadata().map_err(|error| LedgerError::Io { path: path.to_owned(), error })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| broken(path, error))?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Reads the whole file and looks for damage. Takes time in proportion to its size.
///
/// # Errors
/// [`LedgerError::Broken`] with the first damage found.
pub fn check(connection: &Connection) -> Result<(), LedgerError> {
    let path = Path::new(connection.path().unwrap_or_default());
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| broken(path, error))?;
    if found == "ok" { Ok(()) } else { Err(LedgerError::Broken { path: path.to_owned(), reason: found }) }
}

/// Tells a file that is broken from one that can not be used just now.
pub(crate) fn broken(path: &Path, error: rusqlite::Error) -> LedgerError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            LedgerError::Broken { path: path.to_owned(), reason: error.to_string() }
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_something_else_is_named() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("ledger.db");
        std::fs::write(&path, "this is not a database, it only has the name of one\n".repeat(40)).unwrap();
        let message = open(&path).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{} is damaged or no database", path.display())), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn the_write_ahead_log_is_for_the_owner_alone_too() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let connection = open(&temporary.path().join("a.db")).unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        for name in ["a.db", "a.db-wal", "a.db-shm"] {
            let mode = temporary.path().join(name).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let synchronous: u8 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        assert_eq!(synchronous, 2);
    }
}
