//! The tables, and the settings of the connections.
//!
//! - `event`: one small row an event, numbered in the order of arrival: what the columns in memory are read from.
//! - `body`: the document, compressed, under the same number.
//! - `term`: the dictionaries of [`crate::terms`]; `dictionary`: what bodies are compressed with.
//! - `words_0`, `words_1`, …: the full-text index, see [`crate::index`]; `block`, `frequent`: words that many rows have, and
//!   which pairs of them follow each other, see [`crate::frequent`]; `indexed`: the first row that the index lacks.
//!
//! There are no indices: they would cost more than half of the writing speed, and the columns in memory answer
//! faster. The ledger has its own tables in the same file.

use std::path::Path;

use ledger::schema::Schema;
use ledger::{LedgerError, data_dir, database};
use rusqlite::Connection;

use crate::columns::Geometry;
use crate::{StoreError, upgrade};

/// The store's file in the data directory.
pub(crate) const FILE: &str = "store.db";

/// The tables and their versions.
pub(crate) const SCHEMA: Schema = Schema {
    part: "store",
    steps: &[
        include_str!("schema/1.sql"),
        include_str!("schema/2.sql"),
        include_str!("schema/3.sql"),
        include_str!("schema/4.sql"),
    ],
};

/// Opens the file for writing; makes it when it is not there.
pub(crate) fn writer(path: &Path, geometry: Geometry) -> Result<Connection, StoreError> {
    lay_out(path)?;
    let mut connection = database::open(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch(
        "PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 33554432;
         PRAGMA cache_size = -12288; PRAGMA temp_store = MEMORY;",
    )?;
    SCHEMA.install(&connection)?;
    upgrade::upgrade(&mut connection, geometry)?;
    Ok(connection)
}

/// Gives a new file pages of 8 KiB, which suit bodies and full-text index; later it can not be changed.
fn lay_out(path: &Path) -> Result<(), StoreError> {
    let failed = |error| LedgerError::Io { path: path.to_owned(), error };
    let empty = data_dir::open_private(path).and_then(|file| file.metadata()).map_err(failed)?.len() == 0;
    if empty {
        Connection::open(path)?.execute_batch("PRAGMA page_size = 8192; VACUUM;")?;
    }
    Ok(())
}

/// Opens the file for reading, beside the writer.
pub(crate) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = database::open_read_only(path)?;
    if !SCHEMA.outstanding(&connection)?.is_empty() || upgrade::is_outstanding(&connection)? {
        return Err(LedgerError::Outdated { path: path.to_owned() }.into());
    }
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("PRAGMA cache_size = -4096;")?;
    Ok(connection)
}
