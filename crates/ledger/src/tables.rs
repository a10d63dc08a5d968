//! The ledger's tables, in whichever file: checkpoints, balance, quarantine. See the crate's essay for their rules.

use event::{Checkpoint, Quarantined, Settlement, SourceId, Tally};
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::LedgerError;
use crate::schema::Schema;

/// The tables and their versions.
pub const SCHEMA: Schema =
    Schema { part: "ledger", steps: &[include_str!("schema/1.sql"), include_str!("schema/2.sql")] };

/// Makes the tables in a file that has none, or brings older ones up to date.
///
/// # Errors
/// See [`Schema::install`].
pub fn install(connection: &Connection) -> Result<(), LedgerError> {
    SCHEMA.install(connection)
}

/// Writes down what a batch came to: checkpoint (unless it is `null`), counts and refused events. The caller commits.
///
/// Gives the counts as they were written: an event that is in quarantine already counts as `duplicate`.
///
/// # Errors
/// [`LedgerError::Database`]; the table refuses counts that do not balance.
pub fn settle(transaction: &Transaction<'_>, settlement: &Settlement) -> Result<Tally, LedgerError> {
    if !settlement.checkpoint.0.is_null() {
        let position = settlement.checkpoint.0.to_string();
        transaction
            .prepare_cached(
                "INSERT INTO checkpoint (source, position) VALUES (?1, ?2)
                 ON CONFLICT (source) DO UPDATE SET position = excluded.position",
            )?
            .execute((settlement.source.as_str(), position))?;
    }
    let mut tally = settlement.tally;
    for refused in &settlement.quarantined {
        if !hold(transaction, settlement, refused)? {
            tally.quarantined = tally.quarantined.saturating_sub(1);
            tally.duplicate += 1;
        }
    }
    if tally != Tally::default() {
        count(transaction, settlement, &tally)?;
    }
    Ok(tally)
}

/// Puts an event into quarantine, or renews the reason of one that is there; says whether it is new.
fn hold(connection: &Connection, settlement: &Settlement, refused: &Quarantined) -> rusqlite::Result<bool> {
    let now = Timestamp::now().as_millisecond();
    let renewed = connection
        .prepare_cached(
            "UPDATE quarantine SET held = ?3, status = ?4, reason = ?5, document = ?6
             WHERE stream = ?1 AND id = ?2",
        )?
        .execute((&refused.stream, &refused.id, now, refused.status, &refused.reason, &refused.document))?;
    if renewed > 0 {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "INSERT INTO quarantine (source, dataset, stream, id, held, status, reason, location, offset,
                                     collected, raw, document)
             VALUES (:source, :dataset, :stream, :id, :held, :status, :reason, :location, :offset,
                     :collected, :raw, :document)",
        )?
        .execute(named_params! {
            ":source": settlement.source.as_str(),
            ":dataset": settlement.dataset.as_str(),
            ":stream": refused.stream,
            ":id": refused.id,
            ":held": now,
            ":status": refused.status,
            ":reason": refused.reason,
            ":location": refused.location,
            ":offset": refused.offset,
            ":collected": refused.collected.as_nanosecond() as i64,
            ":raw": refused.raw,
            ":document": refused.document,
        })?;
    Ok(true)
}

fn count(connection: &Connection, settlement: &Settlement, tally: &Tally) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO balance (source, dataset, accepted, indexed, stored, diverted, duplicate, quarantined,
                                  dropped, failed)
             VALUES (:source, :dataset, :accepted, :indexed, :stored, :diverted, :duplicate, :quarantined,
                     :dropped, :failed)
             ON CONFLICT (source, dataset) DO UPDATE SET
                 accepted = accepted + excluded.accepted,
                 indexed = indexed + excluded.indexed,
                 stored = stored + excluded.stored,
                 diverted = diverted + excluded.diverted,
                 duplicate = duplicate + excluded.duplicate,
                 quarantined = quarantined + excluded.quarantined,
                 dropped = dropped + excluded.dropped,
                 failed = failed + excluded.failed",
        )?
        .execute(named_params! {
            ":source": settlement.source.as_str(),
            ":dataset": settlement.dataset.as_str(),
            ":accepted": tally.accepted,
            ":indexed": tally.indexed,
            ":stored": tally.stored,
            ":diverted": tally.diverted,
            ":duplicate": tally.duplicate,
            ":quarantined": tally.quarantined,
            ":dropped": tally.dropped,
            ":failed": tally.failed,
        })?;
    Ok(())
}

/// How far a source is; `None` when nothing of it has been settled yet.
///
/// # Errors
/// [`LedgerError::Database`].
pub fn checkpoint(connection: &Connection, source: &SourceId) -> Result<Option<Checkpoint>, LedgerError> {
    let found = connection
        .prepare_cached("SELECT position FROM checkpoint WHERE source = ?1")?
        .query_row([source.as_str()], |row| {
            let text: String = row.get(0)?;
            serde_json::from_str(&text)
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
        })
        .optional()?;
    Ok(found.map(Checkpoint))
}

/// One line of the balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The source that the events came from.
    pub source: SourceId,
    /// Their dataset.
    pub dataset: String,
    /// What became of them, since the ledger was begun.
    pub tally: Tally,
}

/// The balance: what became of all events, by source and dataset.
///
/// # Errors
/// [`LedgerError::Database`].
pub fn balance(connection: &Connection) -> Result<Vec<Line>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT source, dataset, accepted, indexed, stored, diverted, duplicate, quarantined, dropped, failed
         FROM balance ORDER BY source, dataset",
    )?;
    let lines = statement.query_map([], line)?.collect::<rusqlite::Result<_>>()?;
    Ok(lines)
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        source: SourceId::new(row.get_ref(0)?.as_str()?),
        dataset: row.get(1)?,
        tally: Tally {
            accepted: row.get(2)?,
            indexed: row.get(3)?,
            stored: row.get(4)?,
            diverted: row.get(5)?,
            duplicate: row.get(6)?,
            quarantined: row.get(7)?,
            dropped: row.get(8)?,
            failed: row.get(9)?,
        },
    })
}
