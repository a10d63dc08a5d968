//! `users.db` in the data directory: users that the command line adds, and when each user came in last.
//!
//! Any process may write while another reads; each change is a transaction.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use ledger::schema::Schema;
use ledger::{LedgerError, data_dir, database};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use store::Role;

use crate::{Hash, Name, Token};

/// Its name in the data directory.
const FILE: &str = "users.db";
/// More users than anybody has at a sidecar: all are looked through for each token.
const MOST: i64 = 1_000;

const SCHEMA: Schema = Schema {
    part: "users",
    steps: &["
        CREATE TABLE user (
            name TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
            hash BLOB NOT NULL CHECK (length(hash) = 32), active INTEGER NOT NULL CHECK (active IN (0, 1)),
            created INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE used (name TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    "],
};

/// The users of a data directory, shared by cloning.
#[derive(Clone, Debug)]
pub struct Registry {
    connection: Arc<Mutex<Connection>>,
}

/// Writes a change down, right before it counts; with an error it is not made.
pub type Tell<'t> = &'t dyn Fn() -> Result<(), String>;

/// Whether a user may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// With their token.
    Active,
    /// Not any more.
    Disabled,
}

/// A user who was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// By which they log in.
    pub name: Name,
    /// What they may.
    pub role: Role,
    /// Of their token.
    pub hash: Hash,
    /// Whether they may come in.
    pub state: State,
    /// When they were added.
    pub created: Timestamp,
}

/// Why users can not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The file or the system says no.
    #[error(transparent)]
    File(#[from] LedgerError),
    /// A name that is taken.
    #[error("there is a user {0} already: name another, or see `trailcar user list`")]
    Taken(Name),
    /// Nobody has that name.
    #[error("there is no user {0}: `trailcar user list` names those that there are")]
    Unknown(Name),
    /// They are what they should become.
    #[error("{0} is disabled already")]
    Disabled(Name),
    /// They can come in as it is.
    #[error("{0} is active: `trailcar user rotate {0}` gives a new token")]
    Active(Name),
    /// They can not come in, whatever token they have.
    #[error("{0} is disabled: `trailcar user enable {0}` lets them in again, with a new token")]
    NeedsEnabling(Name),
    /// Nobody would be left who sees events and decides.
    #[error(
        "{0} is the last active owner: add another first (`trailcar user add NAME --role owner`), or end a token that others know \
             with `trailcar user rotate {0}`"
    )]
    LastOwner(Name),
    /// Too many.
    #[error("there are {MOST} users, more can not be added")]
    Full,
    /// No token can be made.
    #[error("the system gives no random numbers: {0}")]
    Random(std::io::Error),
    /// Nothing was changed, since it could not be written down who does.
    #[error("{0}; nothing was changed")]
    Untold(String),
    /// A row that nobody wrote so.
    #[error("users.db is damaged: {0}")]
    Damaged(String),
}

impl From<rusqlite::Error> for RegistryError {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error.into())
    }
}

impl Registry {
    /// Opens the file, which is made when it is not there, in a directory that is there.
    ///
    /// # Errors
    /// [`LedgerError`]: it can not be made, or is no such file.
    pub fn open(directory: &Path) -> Result<Self, RegistryError> {
        let path = directory.join(FILE);
        data_dir::create_for_owner_of(directory, &path)
            .map_err(|error| LedgerError::Io { path: path.clone(), error })?;
        let connection = database::open(&path)?;
        SCHEMA.install(&connection)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Opens the file if there is one, without making it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn find(directory: &Path) -> Result<Option<Self>, RegistryError> {
        let path: PathBuf = directory.join(FILE);
        if path.exists() { Self::open(directory).map(Some) } else { Ok(None) }
    }

    /// All users, by name.
    ///
    /// # Errors
    /// [`RegistryError::File`].
    pub fn list(&self) -> Result<Vec<Registered>, RegistryError> {
        list(&self.connection.lock())
    }

    /// When users came in last, by name; of the configuration's users as well.
    ///
    /// # Errors
    /// [`RegistryError::File`].
    pub fn last_used(&self) -> Result<Vec<(String, Timestamp)>, RegistryError> {
        let connection = self.connection.lock();
        let mut statement = connection.prepare_cached("SELECT name, last FROM used ORDER BY name")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let rows = rows.map(|row| {
            let (name, last) = row?;
            Ok((name, time(last)?))
        });
        rows.collect()
    }

    /// Notes that a user came in.
    ///
    /// # Errors
    /// [`RegistryError::File`].
    pub fn used(&self, name: &Name, now: Timestamp) -> Result<(), RegistryError> {
        let sql = "INSERT INTO used VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)";
        self.connection.lock().prepare_cached(sql)?.execute((name.as_str(), now.as_millisecond()))?;
        Ok(())
    }

    /// Adds a user, and gives their token.
    ///
    /// # Errors
    /// [`RegistryError::Taken`], [`RegistryError::Full`], [`RegistryError::Untold`].
    pub fn add(
        &self,
        name: &Name,
        role: Role,
        now: Timestamp,
        tell: Tell<'_>,
    ) -> Result<Token, RegistryError> {
        let token = Token::random().map_err(RegistryError::Random)?;
        self.change(tell, |transaction| {
            if find(transaction, name)?.is_some() {
                return Err(RegistryError::Taken(name.clone()));
            }
            let count: i64 = transaction.query_row("SELECT count(*) FROM user", [], |row| row.get(0))?;
            if count >= MOST {
                return Err(RegistryError::Full);
            }
            let sql = "INSERT INTO user VALUES (?1, ?2, ?3, 1, ?4)";
            let hash = token.hash();
            let row = (name.as_str(), role.as_str(), hash.bytes().as_slice(), now.as_millisecond());
            transaction.execute(sql, row)?;
            Ok(())
        })?;
        Ok(token)
    }

    /// Lets a user in no more. `others_own`: there are active owners besides those here.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], [`RegistryError::Disabled`], [`RegistryError::LastOwner`].
    pub fn disable(&self, name: &Name, others_own: bool, tell: Tell<'_>) -> Result<(), RegistryError> {
        self.change(tell, |transaction| {
            let user = known(transaction, name)?;
            if user.state == State::Disabled {
                return Err(RegistryError::Disabled(name.clone()));
            }
            let others = list(transaction)?;
            let owns = |other: &Registered| {
                other.role == Role::Owner && other.state == State::Active && other.name != *name
            };
            if user.role == Role::Owner && !others_own && !others.iter().any(owns) {
                return Err(RegistryError::LastOwner(name.clone()));
            }
            transaction.execute("UPDATE user SET active = 0 WHERE name = ?1", [name.as_str()])?;
            Ok(())
        })
    }

    /// Lets a user in again, with a new token.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], [`RegistryError::Active`].
    pub fn enable(&self, name: &Name, tell: Tell<'_>) -> Result<Token, RegistryError> {
        self.renew(name, State::Disabled, RegistryError::Active, tell)
    }

    /// Gives a user a new token; the old one ends.
    ///
    /// # Errors
    /// [`RegistryError::Unknown`], [`RegistryError::NeedsEnabling`].
    pub fn rotate(&self, name: &Name, tell: Tell<'_>) -> Result<Token, RegistryError> {
        self.renew(name, State::Active, RegistryError::NeedsEnabling, tell)
    }

    fn renew(
        &self,
        name: &Name,
        expected: State,
        otherwise: fn(Name) -> RegistryError,
        tell: Tell<'_>,
    ) -> Result<Token, RegistryError> {
        let token = Token::random().map_err(RegistryError::Random)?;
        self.change(tell, |transaction| {
            if known(transaction, name)?.state != expected {
                return Err(otherwise(name.clone()));
            }
            let sql = "UPDATE user SET active = 1, hash = ?2 WHERE name = ?1";
            transaction.execute(sql, (name.as_str(), token.hash().bytes().as_slice()))?;
            Ok(())
        })?;
        Ok(token)
    }

    fn change(
        &self,
        tell: Tell<'_>,
        work: impl FnOnce(&Transaction<'_>) -> Result<(), RegistryError>,
    ) -> Result<(), RegistryError> {
        let mut connection = self.connection.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        work(&transaction)?;
        tell().map_err(RegistryError::Untold)?;
        Ok(transaction.commit()?)
    }
}

const COLUMNS: &str = "SELECT name, role, hash, active, created FROM user";

fn list(connection: &Connection) -> Result<Vec<Registered>, RegistryError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} ORDER BY name"))?;
    let mut rows = statement.query([])?;
    let mut users = Vec::new();
    while let Some(row) = rows.next()? {
        users.push(registered(row)?);
    }
    Ok(users)
}

fn find(connection: &Connection, name: &Name) -> Result<Option<Registered>, RegistryError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE name = ?1"))?;
    let found = statement.query_row([name.as_str()], |row| Ok(registered(row))).optional()?;
    found.transpose()
}

fn known(connection: &Connection, name: &Name) -> Result<Registered, RegistryError> {
    find(connection, name)?.ok_or_else(|| RegistryError::Unknown(name.clone()))
}

fn registered(row: &rusqlite::Row<'_>) -> Result<Registered, RegistryError> {
    let (name, role): (String, String) = (row.get(0)?, row.get(1)?);
    let damaged = || RegistryError::Damaged(format!("the row of {name:?} can not be read"));
    Ok(Registered {
        role: Role::parse(&role).ok_or_else(damaged)?,
        hash: Hash::from_bytes(row.get(2)?),
        state: if row.get(3)? { State::Active } else { State::Disabled },
        created: time(row.get(4)?)?,
        name: Name::new(&name).map_err(|error| RegistryError::Damaged(error.to_string()))?,
    })
}

fn time(milliseconds: i64) -> Result<Timestamp, RegistryError> {
    Timestamp::from_millisecond(milliseconds).map_err(|error| RegistryError::Damaged(error.to_string()))
}
