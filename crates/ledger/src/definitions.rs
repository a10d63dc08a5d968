//! Pipelines and stored scripts that were put over HTTP: kept as they were written.

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Transaction};

use crate::LedgerError;

/// What a definition is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An ingest pipeline.
    Pipeline,
    /// A stored script.
    Script,
}

impl Kind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pipeline => "pipeline",
            Self::Script => "script",
        }
    }
}

/// A definition that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it says, in JSON.
    pub body: String,
    /// When one of this id was first put.
    pub created: Timestamp,
    /// When it was last put.
    pub modified: Timestamp,
}

/// What becomes of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is kept, in place of one of the same id.
    Keep(Kept),
    /// It is removed.
    Remove(String),
}

/// All of a kind, by id.
///
/// # Errors
/// [`LedgerError::Database`].
pub(crate) fn list(connection: &Connection, kind: Kind) -> Result<Vec<Kept>, LedgerError> {
    let mut statement = connection
        .prepare_cached("SELECT id, body, created, modified FROM definition WHERE kind = ?1 ORDER BY id")?;
    let time = |column: usize, milliseconds: i64| {
        Timestamp::from_millisecond(milliseconds)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into()))
    };
    let rows = statement.query_map([kind.as_str()], |row| {
        let (created, modified) = (time(2, row.get(2)?)?, time(3, row.get(3)?)?);
        Ok(Kept { id: row.get(0)?, body: row.get(1)?, created, modified })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes a change. The caller commits.
///
/// # Errors
/// [`LedgerError::Database`].
pub(crate) fn change(transaction: &Transaction<'_>, kind: Kind, change: &Change) -> Result<(), LedgerError> {
    match change {
        Change::Keep(kept) => transaction
            .prepare_cached(
                "INSERT INTO definition VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (kind, id) DO UPDATE
                 SET body = excluded.body, created = excluded.created, modified = excluded.modified",
            )?
            .execute((
                kind.as_str(),
                &kept.id,
                &kept.body,
                kept.created.as_millisecond(),
                kept.modified.as_millisecond(),
            ))?,
        Change::Remove(id) => transaction
            .prepare_cached("DELETE FROM definition WHERE kind = ?1 AND id = ?2")?
            .execute((kind.as_str(), id))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DataDir, Ledger};

    fn kept(id: &str, body: &str) -> Kept {
        let time = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        Kept { id: id.to_owned(), body: body.to_owned(), created: time, modified: time }
    }

    #[test]
    fn what_is_kept_is_there_the_next_time_and_kinds_are_apart() {
        let temporary = tempfile::tempdir().unwrap();
        let open = || Ledger::open(&DataDir::lock(temporary.path()).unwrap()).unwrap();
        let ledger = open();
        let told = || Ok::<_, LedgerError>(());
        let put = |kind, id: &str, body: &str| {
            ledger.change_definitions(kind, &[Change::Keep(kept(id, body))], told).unwrap();
        };
        put(Kind::Pipeline, "b", "{}");
        put(Kind::Pipeline, "a", r#"{"processors":[]}"#);
        put(Kind::Pipeline, "b", r#"{"version":2}"#);
        put(Kind::Script, "b", "other");
        drop(ledger);
        let ledger = open();
        let pipelines = ledger.definitions(Kind::Pipeline).unwrap();
        assert_eq!(pipelines, [kept("a", r#"{"processors":[]}"#), kept("b", r#"{"version":2}"#)]);
        let removed = [Change::Remove("b".to_owned()), Change::Remove("nothing".to_owned())];
        ledger.change_definitions(Kind::Pipeline, &removed, told).unwrap();
        assert_eq!(ledger.definitions(Kind::Pipeline).unwrap().len(), 1);
        assert_eq!(ledger.definitions(Kind::Script).unwrap(), [kept("b", "other")]);
    }

    #[test]
    fn what_can_not_be_told_of_is_not_done() {
        let temporary = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&DataDir::lock(temporary.path()).unwrap()).unwrap();
        let untold = || Err(LedgerError::Outdated { path: "journal".into() });
        ledger.change_definitions(Kind::Script, &[Change::Keep(kept("a", "x"))], untold).unwrap_err();
        assert_eq!(ledger.definitions(Kind::Script).unwrap(), []);
    }
}
