//! The tables, and the settings of the connections.
//!
//! - `event`: one small row an event, numbered in the order of arrival: what the columns in memory are read from.
//! - `body`: the document, compressed, under the same number.
//! - `term`: the dictionaries ([`crate::terms`]); `dictionary`: what the bodies are compressed with.
//! - `words_0`, `words_1`, …: the full-text index ([`crate::index`]), a table for every million rows, so that old
//!   ones can be dropped whole.
//! - `store`: version and settings that belong to the file.
//!
//! There are no indices: they would cost more than half of the writing speed, and the columns in memory answer
//! faster. The ledger has its own tables in the same file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::StoreError;

/// The version that this release writes.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE store (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
        row INTEGER PRIMARY KEY,
        time INTEGER NOT NULL,
        dataset INTEGER NOT NULL,
        action INTEGER NOT NULL,
        category INTEGER NOT NULL,
        outcome INTEGER NOT NULL,
        user INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        id TEXT NOT NULL
    ) STRICT;
    CREATE TABLE body (row INTEGER PRIMARY KEY, dictionary INTEGER NOT NULL, source BLOB NOT NULL) STRICT;
    CREATE TABLE term (
        dimension INTEGER NOT NULL,
        code INTEGER NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (dimension, code)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE dictionary (id INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;
";

/// Makes the file, for its owner alone, and takes the lock that keeps a second writer away.
pub(crate) fn claim(path: &Path) -> Result<File, StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StoreError::File { path, source }
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    private(path).map_err(failed(path))?;
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let lock = private(&name).map_err(failed(&name))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(&name)(source)),
    }
}

/// Opens or makes a file that only its owner reads.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600);
        let file = options.open(path)?;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

/// The connection that writes.
pub(crate) fn writer(path: &Path) -> Result<Connection, StoreError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA page_size = 8192;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;
         PRAGMA cache_size = -32768;
         PRAGMA temp_store = MEMORY;",
    )?;
    install(&mut connection)?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch("PRAGMA query_only = 1; PRAGMA cache_size = -8192;")?;
    Ok(connection)
}

fn install(connection: &mut Connection) -> Result<(), StoreError> {
    let tx = connection.transaction()?;
    if !tx.table_exists(None, "store")? {
        tx.execute_batch(TABLES)?;
        set(&tx, "version", VERSION)?;
    }
    match get(&tx, "version")? {
        Some(VERSION) => {}
        Some(found) if found > VERSION => return Err(StoreError::Newer { found, known: VERSION }),
        other => return Err(StoreError::Damaged(format!("its version is {other:?}"))),
    }
    tx.commit()?;
    Ok(())
}

/// A setting of the file.
pub(crate) fn get(connection: &Connection, name: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM store WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Changes a setting of the file.
pub(crate) fn set(connection: &Connection, name: &str, value: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO store VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2")?
        .execute((name, value))?;
    Ok(())
}
