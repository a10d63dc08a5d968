//! Versions of the tables in a file: each part (the ledger, the store) has its own number and its own steps.
//!
//! A part's version is the number of its steps done. SQLite's one `user_version` would tie parts that share a file
//! together, so the numbers are in a table.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::{LedgerError, database};

/// Tables of one part, by the steps that made them. Steps are only ever added.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The part's name.
    pub part: &'static str,
    /// SQL that takes version n to n + 1; the first makes the tables.
    pub steps: &'static [&'static str],
}

impl Schema {
    /// Brings a file's tables to the newest version, in one transaction.
    ///
    /// # Errors
    /// [`LedgerError::Newer`] when the file is ahead of this program; [`LedgerError::Broken`] when it is damaged.
    pub fn install(&self, connection: &Connection) -> Result<(), LedgerError> {
        let path = Path::new(connection.path().unwrap_or_default());
        let failed = |error| database::broken(path, error);
        if self.outstanding(connection)?.is_empty() {
            return Ok(());
        }
        let transaction =
            Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(VERSIONS).map_err(failed)?;
        for step in self.outstanding(&transaction)? {
            transaction.execute_batch(step).map_err(failed)?;
        }
        transaction.execute(SET_VERSION, (self.part, self.steps.len())).map_err(failed)?;
        transaction.commit().map_err(failed)
    }

    /// The steps that a file has not had yet.
    ///
    /// # Errors
    /// As [`install`](Self::install).
    pub fn outstanding(&self, connection: &Connection) -> Result<&'static [&'static str], LedgerError> {
        let path = Path::new(connection.path().unwrap_or_default());
        let found = self.version(connection).map_err(|error| database::broken(path, error))?;
        self.steps.get(found as usize..).ok_or_else(|| LedgerError::Newer {
            path: path.to_owned(),
            part: self.part,
            found,
            known: self.steps.len() as u32,
        })
    }

    fn version(&self, connection: &Connection) -> rusqlite::Result<u32> {
        if !connection.table_exists(None, "schema_version")? {
            return Ok(0);
        }
        let version = connection.query_row(GET_VERSION, [self.part], |row| row.get(0)).optional()?;
        Ok(version.unwrap_or(0))
    }
}

const VERSIONS: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT;";
const GET_VERSION: &str = "SELECT version FROM schema_version WHERE part = ?1";
const SET_VERSION: &str = "INSERT INTO schema_version VALUES (?1, ?2)
    ON CONFLICT (part) DO UPDATE SET version = excluded.version";

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Schema = Schema { part: "tests", steps: &["CREATE TABLE t (a INTEGER) STRICT"] };
    const NEW: Schema = Schema {
        part: "tests",
        steps: &[OLD.steps[0], "ALTER TABLE t ADD COLUMN b TEXT; UPDATE t SET b = 'was ' || a"],
    };
    const OTHER: Schema = Schema { part: "other", steps: &["CREATE TABLE u (a)"] };

    #[test]
    fn an_older_file_is_migrated_and_a_newer_one_refused() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("a.db");
        let connection = database::open(&path).unwrap();
        OLD.install(&connection).unwrap();
        connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
        OTHER.install(&connection).unwrap();
        for _ in 0..2 {
            NEW.install(&connection).unwrap();
            let b: String = connection.query_row("SELECT b FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!(b, "was 1");
        }
        let message = OLD.install(&connection).unwrap_err().to_string();
        assert!(message.contains("(tests has version 2, this one knows up to 1)"), "{message}");
        assert!(message.contains("a.db was written by a newer version"), "{message}");
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        const WRONG: Schema =
            Schema { part: "tests", steps: &[NEW.steps[0], NEW.steps[1], "SELECT nothing FROM nowhere"] };
        let connection = Connection::open_in_memory().unwrap();
        OLD.install(&connection).unwrap();
        assert!(WRONG.install(&connection).is_err());
        assert_eq!(OLD.version(&connection).unwrap(), 1);
        NEW.install(&connection).unwrap();
    }
}
