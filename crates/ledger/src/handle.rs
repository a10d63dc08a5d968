//! The handle that the rooms hold.

use std::path::Path;
use std::sync::Arc;

use event::{Checkpoint, Settlement, SourceId, Tally};
use parking_lot::Mutex;
use rusqlite::{Connection, TransactionBehavior};

use crate::definitions::{self, Change, Kept, Kind};
use crate::quarantine::{self, Entry, Fate, Filter, Held, QuarantineId};
use crate::tables::{self, Line};
use crate::{Access, DataDir, LedgerError, database};

/// The ledger's own file in the data directory.
const FILE: &str = "ledger.db";

/// Durable state, shared by cloning. Calls block while the disk works: from asynchronous code, call from
/// `spawn_blocking`.
#[derive(Clone, Debug)]
pub struct Ledger {
    connection: Arc<Mutex<Connection>>,
}

impl Ledger {
    /// Opens the ledger in a data directory that this process holds, and looks for damage.
    ///
    /// # Errors
    /// [`LedgerError::Broken`] and [`LedgerError::Newer`] for a file that can not be used.
    pub fn open(directory: &DataDir) -> Result<Self, LedgerError> {
        let connection = database::open(&directory.path().join(FILE))?;
        database::check(&connection)?;
        Self::on(Arc::new(Mutex::new(connection)))
    }

    /// A ledger in a database that somebody else has opened (with [`database::open`]) and shares.
    ///
    /// # Errors
    /// As [`tables::install`].
    pub fn on(connection: Arc<Mutex<Connection>>) -> Result<Self, LedgerError> {
        tables::install(&connection.lock())?;
        Ok(Self { connection })
    }

    /// Opens the ledger in a data directory for reading, whoever holds it.
    ///
    /// # Errors
    /// [`LedgerError::Io`] when there is none; [`LedgerError::Outdated`] when it has to be migrated first.
    pub fn view(directory: &Path) -> Result<Self, LedgerError> {
        Self::view_file(&directory.join(FILE))
    }

    /// As [`view`](Self::view), for a ledger that somebody else has in a file of theirs ([`on`](Self::on)).
    ///
    /// # Errors
    /// As [`view`](Self::view).
    pub fn view_file(path: &Path) -> Result<Self, LedgerError> {
        let connection = database::open_read_only(path)?;
        if !tables::SCHEMA.outstanding(&connection)?.is_empty() {
            return Err(LedgerError::Outdated { path: path.to_owned() });
        }
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// How far a source is; `None` when it is new.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub fn checkpoint(&self, source: &SourceId) -> Result<Option<Checkpoint>, LedgerError> {
        tables::checkpoint(&self.connection.lock(), source)
    }

    /// Writes settlements down, all or none, and syncs them. Gives the counts as they were written: see
    /// [`tables::settle`].
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub fn settle(&self, settlements: &[Settlement]) -> Result<Vec<Tally>, LedgerError> {
        self.write(|transaction| settlements.iter().map(|one| tables::settle(transaction, one)).collect())
    }

    /// What became of all events.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub fn balance(&self) -> Result<Vec<Line>, LedgerError> {
        tables::balance(&self.connection.lock())
    }

    /// At most `limit` events in quarantine, oldest first.
    ///
    /// # Errors
    /// [`LedgerError::Forbidden`] and [`LedgerError::Database`].
    pub fn quarantine(
        &self,
        access: &Access,
        filter: &Filter,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        access.check()?;
        quarantine::list(&self.connection.lock(), filter, limit)
    }

    /// One event in quarantine, whole.
    ///
    /// # Errors
    /// [`LedgerError::Forbidden`] and [`LedgerError::Database`].
    pub fn held(&self, access: &Access, number: QuarantineId) -> Result<Option<Held>, LedgerError> {
        access.check()?;
        quarantine::held(&self.connection.lock(), number)
    }

    /// Writes down what became of an event in quarantine, together with the settlement of its new delivery unless the
    /// destination has written that. Says whether the event was there.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub fn resolve(
        &self,
        number: QuarantineId,
        fate: Fate,
        settlement: Option<&Settlement>,
    ) -> Result<bool, LedgerError> {
        self.write(|transaction| {
            if let Some(settlement) = settlement {
                tables::settle(transaction, settlement)?;
            }
            quarantine::resolve(transaction, number, fate)
        })
    }

    /// The definitions of a kind that were put over HTTP, by id.
    ///
    /// # Errors
    /// [`LedgerError::Database`].
    pub fn definitions(&self, kind: Kind) -> Result<Vec<Kept>, LedgerError> {
        definitions::list(&self.connection.lock(), kind)
    }

    /// Changes definitions, all or none. `tell` writes down that it is done, right before it counts.
    ///
    /// # Errors
    /// [`LedgerError::Database`], or that of `tell`; nothing is changed then.
    pub fn change_definitions<E: From<LedgerError>>(
        &self,
        kind: Kind,
        changes: &[Change],
        tell: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        self.write(|transaction| {
            changes.iter().try_for_each(|change| definitions::change(transaction, kind, change))?;
            tell()
        })
    }

    fn write<T, E: From<LedgerError>>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection.lock();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(LedgerError::Database)?;
        let done = work(&transaction)?;
        transaction.commit().map_err(LedgerError::Database)?;
        Ok(done)
    }
}
