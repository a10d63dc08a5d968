//! Refused events: reading them in bounded portions, and what becomes of them. Who reads them shows an
//! [`Access`](crate::Access) to the [`Ledger`](crate::Ledger).
//!
//! An event in quarantine is counted as `accepted` and `quarantined`. Sending it again goes the way of any event, so
//! it is accepted and counted once more; [`Ledger::resolve`](crate::Ledger::resolve) then takes back what was counted too much.

use event::{Quarantined, SourceId};
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use crate::LedgerError;

/// The number of an event in quarantine. It is never given twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuarantineId(pub i64);

impl std::fmt::Display for QuarantineId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Which events of the quarantine.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of one source.
    pub source: Option<SourceId>,
    /// Those of one dataset.
    pub dataset: Option<String>,
    /// Those that came after this one: the last of the portion before.
    pub after: QuarantineId,
}

/// An event in quarantine, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub number: QuarantineId,
    /// Where it came from.
    pub source: SourceId,
    /// The dataset of its source.
    pub dataset: String,
    /// The data stream that it was meant for.
    pub stream: String,
    /// `_id` of its document.
    pub id: String,
    /// When it was last refused.
    pub held: Timestamp,
    /// The destination's status.
    pub status: u16,
    /// The destination's reason.
    pub reason: String,
    /// Bytes of the raw event.
    pub size: u64,
}

/// An event in quarantine, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub number: QuarantineId,
    /// Where it came from.
    pub source: SourceId,
    /// The dataset of its source.
    pub dataset: String,
    /// When it was last refused.
    pub held: Timestamp,
    /// The event, its document and the reason.
    pub event: Quarantined,
}

/// What became of an event in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was sent again, and its new settlement is written: it leaves, and its first acceptance is undone.
    Sent,
    /// It was sent again and refused again, which its new settlement has as `duplicate`: it stays, and that second
    /// acceptance is undone.
    Refused,
    /// Somebody decided against it: it leaves and counts as `dropped`.
    Removed,
}

/// At most `limit` entries, oldest first.
///
/// # Errors
/// [`LedgerError::Database`].
pub(crate) fn list(connection: &Connection, filter: &Filter, limit: u32) -> Result<Vec<Entry>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, source, dataset, held, stream, id, status, reason, length(raw) FROM quarantine
         WHERE number > ?1 AND (?2 IS NULL OR source = ?2) AND (?3 IS NULL OR dataset = ?3)
         ORDER BY number LIMIT ?4",
    )?;
    let source = filter.source.as_ref().map(SourceId::as_str);
    let entries = statement
        .query_map((filter.after.0, source, &filter.dataset, limit), entry)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(entries)
}

/// One event, whole.
///
/// # Errors
/// [`LedgerError::Database`].
pub(crate) fn held(connection: &Connection, number: QuarantineId) -> Result<Option<Held>, LedgerError> {
    let found = connection
        .prepare_cached(
            "SELECT number, source, dataset, held, stream, id, status, reason, location, offset, collected, raw,
                    document
             FROM quarantine WHERE number = ?1",
        )?
        .query_row([number.0], whole)
        .optional()?;
    Ok(found)
}

/// Writes down what became of an event, and puts the balance right. Says whether it was there. The caller commits.
///
/// # Errors
/// [`LedgerError::Database`].
pub(crate) fn resolve(
    transaction: &Transaction<'_>,
    number: QuarantineId,
    fate: Fate,
) -> Result<bool, LedgerError> {
    let changes = match fate {
        Fate::Sent => "accepted = accepted - 1, quarantined = quarantined - 1",
        Fate::Refused => "accepted = accepted - 1, duplicate = duplicate - 1",
        Fate::Removed => "quarantined = quarantined - 1, dropped = dropped + 1",
    };
    let counted = transaction.execute(
        &format!(
            "UPDATE balance SET {changes}
             WHERE (source, dataset) = (SELECT source, dataset FROM quarantine WHERE number = ?1)"
        ),
        [number.0],
    )?;
    if fate != Fate::Refused {
        transaction.execute("DELETE FROM quarantine WHERE number = ?1", [number.0])?;
    }
    Ok(counted > 0)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        number: QuarantineId(row.get(0)?),
        source: SourceId::new(row.get_ref(1)?.as_str()?),
        dataset: row.get(2)?,
        held: time(row, 3, Timestamp::from_millisecond)?,
        stream: row.get(4)?,
        id: row.get(5)?,
        status: row.get(6)?,
        reason: row.get(7)?,
        size: row.get(8)?,
    })
}

fn whole(row: &Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        number: QuarantineId(row.get(0)?),
        source: SourceId::new(row.get_ref(1)?.as_str()?),
        dataset: row.get(2)?,
        held: time(row, 3, Timestamp::from_millisecond)?,
        event: Quarantined {
            stream: row.get(4)?,
            id: row.get(5)?,
            status: row.get(6)?,
            reason: row.get(7)?,
            location: row.get(8)?,
            offset: row.get(9)?,
            collected: time(row, 10, |nanoseconds| Timestamp::from_nanosecond(nanoseconds.into()))?,
            raw: row.get(11)?,
            document: row.get(12)?,
        },
    })
}

fn time(
    row: &Row<'_>,
    column: usize,
    read: impl FnOnce(i64) -> Result<Timestamp, jiff::Error>,
) -> rusqlite::Result<Timestamp> {
    read(row.get(column)?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into()))
}
